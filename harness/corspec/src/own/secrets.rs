//! What stands in the environment and nowhere else: put into a request when it leaves, taken out of whatever comes back.

use std::collections::BTreeMap;
use std::fmt;

use super::config::Config;

/// The variables that a `corspec.yaml` names, with their values. Nothing else knows the values: requests are recorded with
/// `${NAME}` in them.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, String>);

/// Variables that the environment does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment has no {}\n  help: corspec.yaml names it as ${{{}}}; set it, as in `export {}=…`", .0.join(", "), .0[0], .0[0])]
pub struct Unset(Vec<String>);

impl Secrets {
    /// The values of every variable that is named, from wherever `lookup` finds them.
    ///
    /// # Errors
    /// Where some have none.
    pub fn of(config: &Config, lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Unset> {
        let headers = config.routes.iter().flat_map(|route| route.headers.iter().map(|(_, value)| value));
        let bodies = config.routes.iter().filter_map(|route| route.body.as_ref());
        let texts = headers.chain(bodies).chain(&config.cookie);
        let (mut found, mut unset) = (BTreeMap::new(), Vec::new());
        for name in texts.flat_map(|text| variables(text)) {
            match lookup(name).filter(|value| !value.is_empty()) {
                Some(value) => {
                    found.insert(name.to_owned(), value);
                }
                None if unset.iter().any(|known| known == name) => {}
                None => unset.push(name.to_owned()),
            }
        }
        if unset.is_empty() { Ok(Self(found)) } else { Err(Unset(unset)) }
    }

    /// The text with the values in place of their names.
    pub(super) fn reveal(&self, text: &[u8]) -> Vec<u8> {
        self.0.iter().fold(text.to_vec(), |text, (name, value)| {
            replace(&text, format!("${{{name}}}").as_bytes(), value.as_bytes())
        })
    }

    /// The text with the names in place of the values.
    pub(super) fn hide(&self, text: &[u8]) -> Vec<u8> {
        let mut all: Vec<_> = self.0.iter().collect();
        // A value that is part of another must not break it up.
        all.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        all.into_iter().fold(text.to_vec(), |text, (name, value)| {
            replace(&text, value.as_bytes(), format!("${{{name}}}").as_bytes())
        })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The variables that a text names, as `${NAME}`.
pub fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).filter(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if rest.starts_with(from) {
            out.extend_from_slice(to);
            rest = &rest[from.len()..];
        } else {
            out.push(rest[0]);
            rest = &rest[1..];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secrets(of: &[(&str, &str)]) -> Secrets {
        Secrets(of.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn what_is_revealed_is_hidden_again() {
        let secrets = secrets(&[("A", "abc"), ("LONG", "abcdef")]);
        let sent = secrets.reveal(b"Bearer ${LONG}, ${A}");
        assert_eq!(sent, b"Bearer abcdef, abc");
        assert_eq!(secrets.hide(&sent), b"Bearer ${LONG}, ${A}");
    }

    #[test]
    fn debugging_shows_names_alone() {
        assert_eq!(format!("{:?}", secrets(&[("TOKEN", "s3cr3t")])), "{\"TOKEN\"}");
    }

    proptest! {
        #[test]
        fn no_text_keeps_a_secret(before in "[a-z ]{0,20}", after in "\\PC{0,20}") {
            let hidden = secrets(&[("T", "S3CR3T-42")]).hide(format!("{before}S3CR3T-42{after}").as_bytes());
            prop_assert!(!String::from_utf8_lossy(&hidden).contains("S3CR3T-42"));
        }
    }
}
