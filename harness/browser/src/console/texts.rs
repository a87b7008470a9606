//! What the engines' consoles say, as data: a template for each reason, empty where the engine says nothing of its own.
//!
//! Placeholders: `{url}` the URL that was being loaded, `{location}` where a redirect led, `{origin}` the page's,
//! `{value}` the header value at fault, `{token}` the first element of it that is no token, `{method}`, `{name}` the
//! header name in lower case, `{Name}` as script wrote it, `{space}` the server's address space, `{status}`.

use crate::profile::Profile;
use crate::reason::Reason;

/// How Chromium's lines begin; `{at}` holds the URL, and where a redirect led there the first one too.
pub(super) const CHROMIUM_PREFIX: &str =
    "Access to {kind} at {at} from origin '{origin}' has been blocked by CORS policy: ";

/// Said before the reason when it was a preflight's answer that failed the access check.
pub(super) const CHROMIUM_PREFLIGHT: &str =
    "Response to preflight request doesn't pass access control check: ";

/// What follows a wrong Access-Control-Allow-Origin for fetch().
pub(super) const CHROMIUM_FETCH_WRONG: &str = " Have the server send the header with a valid value.";

/// What follows a credentials failure for XMLHttpRequest.
pub(super) const CHROMIUM_XHR_CREDENTIALS: &str = " The credentials mode of requests initiated by the XMLHttpRequest is controlled by the withCredentials attribute.";

/// What Chromium says to a page that is no secure context and so cannot even ask for the permission.
pub(super) const CHROMIUM_INSECURE_LOCAL: &str =
    "The request client is not a secure context and the resource is in more-private address space `{space}`.";

/// The line that Chromium writes for every load that failed.
pub(super) const CHROMIUM_FAILED: &str = "Failed to load resource: net::{error}";

/// The line that Chromium writes for every load that ended in a status of 400 or more, readable or not.
pub(super) const CHROMIUM_STATUS: &str =
    "Failed to load resource: the server responded with a status of {status} ({phrase})";

/// How Firefox's lines begin.
pub(super) const FIREFOX_PREFIX: &str = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {url}. (Reason: ";

/// The same, where Firefox sets the URL in quotes.
pub(super) const FIREFOX_PREFIX_QUOTED: &str = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at ‘{url}’. (Reason: ";

/// What Firefox adds after every preflight that failed.
pub(super) const FIREFOX_DID_NOT_SUCCEED: &str = "CORS request did not succeed). Status code: (null).";

/// Firefox's warning where `*` has covered Authorization; the request goes on.
pub(super) const FIREFOX_WILDCARD_WARNING: &str = "Cross-Origin Request Warning: The Same Origin Policy will disallow reading the remote resource at {url} soon. (Reason: When the `Access-Control-Allow-Headers` is `*`, the `Authorization` header is not covered. To include the `Authorization` header, it must be explicitly listed in CORS header `Access-Control-Allow-Headers`).";

/// WebKit's second line for fetch().
pub(super) const WEBKIT_FETCH: &str = "Fetch API cannot load {url} due to access control checks.";

/// WebKit's second line for XMLHttpRequest.
pub(super) const WEBKIT_XHR: &str = "XMLHttpRequest cannot load {url} due to access control checks.";

/// WebKit's second line for EventSource.
pub(super) const WEBKIT_EVENT_SOURCE: &str = "EventSource cannot load {url} due to access control checks.";

/// What WebKit says before the reason where it was a redirect that failed the check.
pub(super) const WEBKIT_REDIRECT: &str =
    "Cross-origin redirection to {location} denied by Cross-Origin Resource Sharing policy: ";

/// The text for a reason, without what every line of the engine has around it.
pub(super) const fn template(profile: Profile, reason: Reason) -> &'static str {
    match profile {
        Profile::Fetch => "",
        Profile::Chromium => chromium(reason),
        Profile::Firefox => firefox(reason),
        Profile::WebKit => webkit(reason),
    }
}

const fn chromium(reason: Reason) -> &'static str {
    match reason {
        Reason::SameOriginMode => "Cross origin requests are not allowed by request mode.",
        Reason::LocalNetworkAccess => {
            "Permission was denied for this request to access the `{space}` address space."
        }
        Reason::SchemeNotHttp => {
            "Cross origin requests are only supported for protocol schemes: chrome, chrome-extension, chrome-untrusted, data, http, https, isolated-app."
        }
        Reason::AllowOriginWildcardWithCredentials => {
            "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'."
        }
        Reason::AllowOriginMissing => {
            "No 'Access-Control-Allow-Origin' header is present on the requested resource."
        }
        Reason::AllowOriginMultiple => {
            "The 'Access-Control-Allow-Origin' header contains multiple values '{value}', but only one is allowed."
        }
        Reason::AllowOriginInvalid => {
            "The 'Access-Control-Allow-Origin' header contains the invalid value '{value}'."
        }
        Reason::AllowOriginMismatch => {
            "The 'Access-Control-Allow-Origin' header has a value '{value}' that is not equal to the supplied origin."
        }
        Reason::AllowCredentialsNotTrue => {
            "The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}' which must be 'true' when the request's credentials mode is 'include'."
        }
        Reason::PreflightStatus => "It does not have HTTP ok status.",
        Reason::PreflightRedirect => "Redirect is not allowed for a preflight request.",
        Reason::AllowMethodsInvalid => {
            "Cannot parse Access-Control-Allow-Methods response header field in preflight response."
        }
        Reason::AllowHeadersInvalid => {
            "Cannot parse Access-Control-Allow-Headers response header field in preflight response."
        }
        Reason::MethodNotAllowed => {
            "Method {method} is not allowed by Access-Control-Allow-Methods in preflight response."
        }
        Reason::HeaderNotAllowed | Reason::WildcardExcludesAuthorization => {
            "Request header field {name} is not allowed by Access-Control-Allow-Headers in preflight response."
        }
        Reason::RedirectHasCredentials => {
            "Redirect location '{location}' contains a username and password, which is disallowed for cross-origin requests."
        }
        _ => "",
    }
}

const fn firefox(reason: Reason) -> &'static str {
    match reason {
        Reason::NetworkError => FIREFOX_DID_NOT_SUCCEED,
        Reason::PreflightRedirect => "CORS request external redirect not allowed).",
        Reason::SchemeNotHttp => "CORS request not http).",
        Reason::AllowOriginMissing => {
            "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: {status}."
        }
        Reason::AllowOriginMultiple => "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed).",
        Reason::AllowOriginMismatch | Reason::AllowOriginInvalid => {
            "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’)."
        }
        Reason::AllowOriginWildcardWithCredentials => {
            "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’)."
        }
        Reason::AllowCredentialsNotTrue => {
            "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’)."
        }
        Reason::PreflightStatus => "CORS preflight response did not succeed). Status code: {status}.",
        Reason::AllowMethodsInvalid => {
            "invalid token ‘{token}’ in CORS header ‘Access-Control-Allow-Methods’)."
        }
        Reason::AllowHeadersInvalid => {
            "invalid token ‘{token}’ in CORS header ‘Access-Control-Allow-Headers’)."
        }
        Reason::MethodNotAllowed => "Did not find method in CORS header ‘Access-Control-Allow-Methods’).",
        Reason::HeaderNotAllowed | Reason::WildcardExcludesAuthorization => {
            "header ‘{name}’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response)."
        }
        _ => "",
    }
}

const fn webkit(reason: Reason) -> &'static str {
    match reason {
        Reason::AllowOriginMissing | Reason::AllowOriginMismatch | Reason::AllowOriginInvalid => {
            "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"
        }
        Reason::AllowOriginWildcardWithCredentials => {
            "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true."
        }
        Reason::AllowOriginMultiple => "Access-Control-Allow-Origin cannot contain more than one origin.",
        Reason::AllowCredentialsNotTrue => {
            "Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\"."
        }
        Reason::PreflightStatus | Reason::PreflightRedirect => {
            "Preflight response is not successful. Status code: {status}"
        }
        Reason::AllowMethodsInvalid => "Header Access-Control-Allow-Methods has an invalid value: {value}",
        Reason::AllowHeadersInvalid => "Header Access-Control-Allow-Headers has an invalid value: {value}",
        Reason::MethodNotAllowed => "Method {method} is not allowed by Access-Control-Allow-Methods.",
        Reason::HeaderNotAllowed | Reason::WildcardExcludesAuthorization => {
            "Request header field {Name} is not allowed by Access-Control-Allow-Headers."
        }
        Reason::RedirectHasCredentials => "redirection URL {location} has credentials",
        Reason::SchemeNotHttp => "not allowed to follow a cross-origin CORS redirection with non CORS scheme",
        Reason::RedirectModeError => "Not allowed to follow a redirection while loading {url}",
        Reason::RedirectLimit => "Load cannot follow more than 20 redirections",
        Reason::SameOriginMode => {
            "Unsafe attempt to load URL {url} from origin {origin}. Domains, protocols and ports must match."
        }
        Reason::CrossOriginResourcePolicy => {
            "Cancelled load to {url} because it violates the resource's Cross-Origin-Resource-Policy response header."
        }
        _ => "",
    }
}

/// The error code in the second line of Chromium.
pub(super) const fn chromium_error(reason: Reason) -> &'static str {
    match reason {
        Reason::BadPort => "ERR_UNSAFE_PORT",
        Reason::RedirectLimit => "ERR_TOO_MANY_REDIRECTS",
        Reason::CrossOriginResourcePolicy => "ERR_BLOCKED_BY_RESPONSE.NotSameOrigin",
        _ => "ERR_FAILED",
    }
}
