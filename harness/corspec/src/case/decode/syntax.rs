//! The grammars that strings in a case must follow.

use url::{Origin, Url};

use super::decoder::{Decoder, Node};
use crate::case::problems::quote;

/// Lower-case letters and digits in groups, a hyphen between them.
pub(in crate::case) fn is_kebab_case(text: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').all(is_part)
}

/// The nearest kebab-case to a text, if anything of it is left.
pub(in crate::case) fn kebab_case(text: &str) -> Option<String> {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let joined = parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    (!joined.is_empty()).then_some(joined)
}

/// `token` of HTTP, which methods and header names are.
///
/// <https://httpwg.org/specs/rfc9110.html#tokens>
pub(in crate::case) fn is_token(text: impl AsRef<[u8]>) -> bool {
    let text = text.as_ref();
    !text.is_empty() && text.iter().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b))
}

impl Decoder {
    /// A string that is a token, such as a header's name.
    pub(super) fn token(&mut self, node: &Node<'_>, what: &str) -> Option<String> {
        let text = self.string(node)?;
        if !is_token(text) {
            self.wrong(
                node,
                format!("{} is no {what}", quote(text)),
                "it may have letters, digits and !#$%&'*+-.^_`|~ in it",
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// The address of a paragraph in a standard.
    pub(super) fn spec(&mut self, node: &Node<'_>) -> Option<String> {
        let text = self.string(node)?;
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "https" && url.has_host());
        let wrong = match url {
            None => "is no https URL",
            Some(url) if url.fragment().is_none_or(str::is_empty) => "points at a whole document",
            Some(_) => return Some(text.to_owned()),
        };
        let help = "write the https URL of the paragraph, with its anchor: \
                    https://fetch.spec.whatwg.org/#cors-check";
        self.wrong(node, format!("{} {wrong}: {}", node.label(), quote(text)), help);
        None
    }
}

/// What is wrong with the serialization of an origin, and what to write.
pub(super) struct WrongOrigin {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl WrongOrigin {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: Some(help.into()) }
    }
}

/// Checks that a text is what the origin of some page serializes to.
///
/// <https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin>
pub(super) fn check_origin(text: &str) -> Result<(), WrongOrigin> {
    if text == "null" {
        return Ok(());
    }
    let shown = quote(text);
    if text.contains('*') {
        let message = format!("{shown} is no origin: it has a `*` in it");
        return Err(WrongOrigin::new(message, "a page has one origin; patterns stand in a policy"));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        let guess = Url::parse(&format!("https://{text}")).ok().filter(|_| !text.is_empty());
        let help = match guess.as_ref().map(Url::origin) {
            Some(origin @ Origin::Tuple(..)) => format!("write \"{}\"", origin.ascii_serialization()),
            _ => "write \"https://app.example\", or \"null\" for the opaque origin".to_owned(),
        };
        return Err(WrongOrigin::new(format!("{shown} is no origin: it has no scheme"), help));
    };
    let url = match Url::parse(text) {
        Ok(url) if url.has_host() => url,
        Ok(_) if scheme.eq_ignore_ascii_case("file") => {
            let message = format!("{shown} is no origin: that of a file is opaque");
            return Err(WrongOrigin::new(message, "write \"null\""));
        }
        Ok(_) => {
            return Err(WrongOrigin { message: format!("{shown} is no origin: it has no host"), help: None });
        }
        Err(error) => {
            return Err(WrongOrigin { message: format!("{shown} is no origin: {error}"), help: None });
        }
    };
    let serialized = match url.origin() {
        origin @ Origin::Tuple(..) => origin.ascii_serialization(),
        // Schemes of browser extensions and of apps, which browsers serialize in the same form.
        Origin::Opaque(_) => {
            let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}://{host}{port}", url.scheme())
        }
    };
    if text == serialized {
        return Ok(());
    }
    let authority_end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    let wrong = if authority.contains('@') {
        "it has a user name"
    } else if path == "/" {
        "it ends with a slash"
    } else if !path.is_empty() {
        "it has a path"
    } else if text.eq_ignore_ascii_case(&serialized) {
        "it is not in lower case"
    } else if url.port().is_none() && port.is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit())) {
        "it names the default port"
    } else {
        "a browser writes it in another way"
    };
    Err(WrongOrigin::new(
        format!("{shown} is no serialized origin: {wrong}"),
        format!("write \"{serialized}\""),
    ))
}

/// Checks an entry of a policy's `origins`: an origin, or a pattern of its subdomains.
pub(super) fn check_origin_pattern(text: &str) -> Result<(), WrongOrigin> {
    let Some((scheme, domain)) = text.split_once("://*.") else {
        return check_origin(text).map_err(|wrong| match wrong {
            WrongOrigin { message, .. } if text.contains('*') => {
                WrongOrigin::new(message, "a pattern is \"https://*.apps.example\", or \"*\" for any origin")
            }
            wrong => wrong,
        });
    };
    check_origin(&format!("{scheme}://{domain}")).map_err(|wrong| WrongOrigin {
        message: format!("{} is no pattern of origins: {}", quote(text), wrong.message),
        help: wrong.help.map(|help| help.replacen("://", "://*.", 1)),
    })
}
