//! Console texts, and the reasons that each can stand for.
//!
//! The texts are those of Chromium 156, the categories those of Firefox 153; a line that none of them is part of tells
//! nothing. WebKit's console is out of reach.

use corspec_browser::Reason;

use super::kind::Engine;

/// A part of a console line, and the codes of the reasons with which it may appear.
type Text = (&'static str, &'static [&'static str]);

const CHROMIUM: &[Text] = &[
    ("must not be the wildcard '*' when", &["allow-origin-wildcard-with-credentials"]),
    ("No 'Access-Control-Allow-Origin' header is present", &["allow-origin-missing"]),
    ("header contains multiple values", &["allow-origin-multiple"]),
    ("header contains the invalid value", &["allow-origin-invalid"]),
    // Whatever parses as a URL is compared, so a value that no origin serializes to can fail either way.
    ("that is not equal to the supplied origin", &["allow-origin-mismatch", "allow-origin-invalid"]),
    ("'Access-Control-Allow-Credentials' header in the response is", &["allow-credentials-not-true"]),
    ("It does not have HTTP ok status", &["preflight-status"]),
    ("Redirect is not allowed for a preflight request", &["preflight-redirect"]),
    ("Cannot parse Access-Control-Allow-Methods", &["allow-methods-invalid"]),
    ("Cannot parse Access-Control-Allow-Headers", &["allow-headers-invalid"]),
    ("is not allowed by Access-Control-Allow-Methods", &["method-not-allowed"]),
    (
        "is not allowed by Access-Control-Allow-Headers",
        &["header-not-allowed", "wildcard-excludes-authorization"],
    ),
    ("contains a username and password", &["redirect-has-credentials"]),
    ("only supported for protocol schemes", &["scheme-not-http"]),
    ("net::ERR_UNSAFE_PORT", &["bad-port"]),
    ("net::ERR_TOO_MANY_REDIRECTS", &["redirect-limit"]),
    ("net::ERR_BLOCKED_BY_RESPONSE.NotSame", &["cross-origin-resource-policy"]),
];

/// By the category with which Firefox files a line.
const FIREFOX: &[Text] = &[
    ("CORSMissingAllowOrigin2:", &["allow-origin-missing"]),
    ("CORSMultipleAllowOriginNotAllowed:", &["allow-origin-multiple"]),
    (
        "CORSAllowOriginNotMatchingOrigin:",
        &["allow-origin-mismatch", "allow-origin-invalid", "allow-origin-multiple"],
    ),
    ("CORSNotSupportingCredentials:", &["allow-origin-wildcard-with-credentials"]),
    ("CORSMissingAllowCredentials:", &["allow-credentials-not-true"]),
    ("CORSPreflightDidNotSucceed3:", &["preflight-status"]),
    ("CORSExternalRedirectNotAllowed:", &["preflight-redirect"]),
    ("CORSInvalidAllowMethod:", &["allow-methods-invalid"]),
    ("CORSMethodNotFound:", &["method-not-allowed"]),
    ("CORSInvalidAllowHeader:", &["allow-headers-invalid"]),
    ("CORSMissingAllowHeaderFromPreflight2:", &["header-not-allowed", "wildcard-excludes-authorization"]),
    ("CORSRequestNotHttp:", &["scheme-not-http"]),
];

/// The reasons that the console of an engine leaves possible: those of the first line that names any.
pub(super) fn reasons(engine: Engine, console: &[String]) -> Vec<Reason> {
    let texts = match engine {
        Engine::Chromium => CHROMIUM,
        Engine::Firefox => FIREFOX,
        Engine::Webkit => &[],
    };
    let named = |line: &String| texts.iter().find(|(text, _)| line.contains(text)).map(|(_, codes)| *codes);
    let codes = console.iter().find_map(named).unwrap_or_default();
    codes.iter().filter_map(|code| Reason::from_code(code)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_one() {
        for (text, codes) in CHROMIUM.iter().chain(FIREFOX) {
            for code in *codes {
                assert!(Reason::from_code(code).is_some(), "{text}: {code}");
            }
        }
    }

    #[test]
    fn a_line_that_is_not_known_tells_nothing() {
        let lines = [
            "net::ERR_FAILED".to_owned(),
            "No 'Access-Control-Allow-Origin' header is present on".to_owned(),
        ];
        assert_eq!(reasons(Engine::Chromium, &lines), [Reason::AllowOriginMissing]);
        assert!(reasons(Engine::Webkit, &lines).is_empty());
    }
}
