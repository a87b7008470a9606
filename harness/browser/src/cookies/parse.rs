//! `Set-Cookie`, read as browsers read it: <https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html>

use crate::date;
use crate::syntax::{is_tab_or_space, trim};

/// A `Set-Cookie` line, parsed and not yet judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SetCookie {
    pub(super) name: Vec<u8>,
    pub(super) value: Vec<u8>,
    pub(super) domain: Option<String>,
    pub(super) path: Option<Vec<u8>>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) partitioned: bool,
    pub(super) same_site: SameSite,
    pub(super) lifetime: Lifetime,
}

/// The `SameSite` attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SameSite {
    /// None is given, or one that is not known.
    #[default]
    Unset,
    /// Sent across sites.
    None,
    /// Sent across sites with top-level navigations alone.
    Lax,
    /// Never sent across sites.
    Strict,
}

/// How long a cookie is to live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Lifetime {
    /// As long as the browser runs.
    #[default]
    Session,
    /// So many seconds from now; 0 ends it.
    MaxAge(u64),
    /// Until this second since 1970.
    Expires(u64),
}

/// Reads a line. Nothing where it has control characters, neither name nor value, or more than 4096 bytes of both.
pub(super) fn parse(line: &[u8]) -> Option<SetCookie> {
    if line.iter().any(|&byte| (byte < 0x20 && byte != b'\t') || byte == 0x7F) {
        return None;
    }
    let mut parts = line.split(|&byte| byte == b';');
    let pair = parts.next().unwrap_or_default();
    let (name, value) = match pair.iter().position(|&byte| byte == b'=') {
        Some(equals) => (&pair[..equals], &pair[equals + 1..]),
        None => (&b""[..], pair),
    };
    let (name, value) = (trim(name, is_tab_or_space), trim(value, is_tab_or_space));
    if (name.is_empty() && value.is_empty()) || name.len() + value.len() > 4096 {
        return None;
    }
    let mut cookie = SetCookie { name: name.to_vec(), value: value.to_vec(), ..SetCookie::default() };
    for attribute in parts {
        let (name, value) = match attribute.iter().position(|&byte| byte == b'=') {
            Some(equals) => (&attribute[..equals], &attribute[equals + 1..]),
            None => (attribute, &b""[..]),
        };
        let (name, value) = (trim(name, is_tab_or_space), trim(value, is_tab_or_space));
        if value.len() <= 1024 {
            cookie.set(&name.to_ascii_lowercase(), value);
        }
    }
    Some(cookie)
}

impl SetCookie {
    /// Later attributes win over earlier ones, and `Max-Age` over `Expires`.
    fn set(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"expires" => {
                if let (Some(date), false) =
                    (date::parse(value), matches!(self.lifetime, Lifetime::MaxAge(_)))
                {
                    self.lifetime = Lifetime::Expires(date);
                }
            }
            b"max-age" => {
                if let Some(seconds) = max_age(value) {
                    self.lifetime = Lifetime::MaxAge(seconds);
                }
            }
            b"domain" => {
                let domain = value.strip_prefix(b".").unwrap_or(value);
                self.domain = Some(String::from_utf8_lossy(domain).to_ascii_lowercase());
            }
            b"path" => self.path = value.starts_with(b"/").then(|| value.to_vec()),
            b"secure" => self.secure = true,
            b"httponly" => self.http_only = true,
            b"partitioned" => self.partitioned = true,
            b"samesite" => {
                self.same_site = match &*value.to_ascii_lowercase() {
                    b"none" => SameSite::None,
                    b"lax" => SameSite::Lax,
                    b"strict" => SameSite::Strict,
                    _ => SameSite::Unset,
                }
            }
            _ => {}
        }
    }
}

/// No cookie lives for more than 400 days.
const LONGEST: u64 = 400 * 86_400;

fn max_age(value: &[u8]) -> Option<u64> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if digits.len() < value.len() {
        return Some(0);
    }
    let seconds = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    Some(seconds.unwrap_or(u64::MAX).min(LONGEST))
}

impl Lifetime {
    /// The second since 1970 at which the cookie ends, if it does.
    pub(super) fn end(self, now: u64) -> Option<u64> {
        match self {
            Self::Session => None,
            Self::MaxAge(seconds) => Some(now.saturating_add(seconds)),
            Self::Expires(end) => Some(end.min(now.saturating_add(LONGEST))),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("a=b", "a", "b")]
    #[case(" a = b ; Secure", "a", "b")]
    #[case("a=b=c", "a", "b=c")]
    #[case("a=", "a", "")]
    #[case("b", "", "b")]
    #[case("=b", "", "b")]
    #[case("a=\"b\"", "a", "\"b\"")]
    fn names_and_values(#[case] line: &str, #[case] name: &str, #[case] value: &str) {
        let cookie = parse(line.as_bytes()).unwrap();
        assert_eq!((&*cookie.name, &*cookie.value), (name.as_bytes(), value.as_bytes()));
    }

    #[rstest]
    #[case("")]
    #[case(" ; Secure")]
    #[case("=")]
    #[case("a\u{1}=b")]
    fn no_cookies(#[case] line: &str) {
        assert_eq!(parse(line.as_bytes()), None);
    }

    #[rstest]
    #[case("a; Max-Age=60", Lifetime::MaxAge(60))]
    #[case("a; max-age=-1", Lifetime::MaxAge(0))]
    #[case("a; max-age=x", Lifetime::Session)]
    #[case("a; max-age=99999999999999999999999", Lifetime::MaxAge(LONGEST))]
    #[case("a; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", Lifetime::MaxAge(60))]
    #[case("a; Expires=Thu, 01 Jan 1970 00:00:09 GMT", Lifetime::Expires(9))]
    #[case("a; Expires=never", Lifetime::Session)]
    fn lifetimes(#[case] line: &str, #[case] lifetime: Lifetime) {
        assert_eq!(parse(line.as_bytes()).unwrap().lifetime, lifetime);
    }

    #[rstest]
    #[case("a; SameSite=strict", SameSite::Strict)]
    #[case("a; samesite=None", SameSite::None)]
    #[case("a; SameSite=Lax; SameSite=odd", SameSite::Unset)]
    #[case("a", SameSite::Unset)]
    fn same_site_attributes(#[case] line: &str, #[case] expected: SameSite) {
        assert_eq!(parse(line.as_bytes()).unwrap().same_site, expected);
    }

    proptest! {
        #[test]
        fn never_panics(line in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse(&line);
        }
    }
}
