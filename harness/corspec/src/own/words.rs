//! A finding in plain words: what is wrong, why that matters, and what to change.

use corspec_protocol::Policy;

use super::cause::Cause;
use super::finding::answered;
use crate::record::StepRecord;

/// A finding's words.
pub(super) struct Words {
    pub(super) title: String,
    pub(super) why: &'static str,
    pub(super) mend: String,
    pub(super) anchor: &'static str,
}

const CHECK: &str = "https://fetch.spec.whatwg.org/#cors-check";
const PREFLIGHT: &str = "https://fetch.spec.whatwg.org/#cors-preflight-fetch";
const VARY: &str = "https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches";
const CREDENTIALS: &str = "https://fetch.spec.whatwg.org/#cors-protocol-and-credentials";

impl Words {
    pub(super) fn of(cause: Cause, policy: &Policy, step: Option<&StepRecord>) -> Self {
        let origin = step.map_or("", |step| &*step.request.origin);
        let method = step.map_or("", |step| &*step.request.method);
        let status = step
            .and_then(answered)
            .and_then(|exchange| exchange.response.as_ref())
            .map_or(0, |response| response.status);
        let with_cookies = if step.is_some_and(|step| step.request.credentials == "include") {
            ", with the visitor's cookies"
        } else {
            ""
        };
        let listed = if policy.origins.is_empty() { "nobody".to_owned() } else { policy.origins.join(", ") };
        let asked = || {
            let names: Vec<&str> =
                step.iter().flat_map(|step| &step.request.headers).map(|(name, _)| &**name).collect();
            names.join(", ")
        };
        let (title, why, mend, anchor) = match cause {
            Cause::AnyOriginReflected => (
                format!("Any page on the web may read the answers{with_cookies}."),
                "The server sends back whatever Origin it is asked with, so every page there is gets permitted by name. Many middlewares do so where they are told \"any origin\" (*) and credentials at once.",
                format!("Compare Origin with a list, and send Access-Control-Allow-Origin only for {listed}."),
                CHECK,
            ),
            Cause::AnyOriginWildcard => (
                "Any page on the web may read what is answered without cookies.".to_owned(),
                "Access-Control-Allow-Origin is *, which permits every page.",
                format!("Send the page's origin in place of *, and only for {listed}; with Vary: Origin."),
                CHECK,
            ),
            Cause::NullOrigin => (
                "Pages without an origin may read, and every page can make itself one.".to_owned(),
                "A sandboxed frame, which any page can open, has the origin null: to permit null is to permit everybody.",
                "Take null off the list of origins.".to_owned(),
                CHECK,
            ),
            Cause::InsecureOrigin => (
                format!("{origin} may read, though only its https twin is permitted{with_cookies}."),
                "Whoever sits in a cafe's network can make up a page of an http origin.",
                "Compare the scheme too: list origins whole, as https://host.".to_owned(),
                CHECK,
            ),
            Cause::LookAlikeOrigin => (
                format!("A page that only looks permitted may read: {origin}{with_cookies}."),
                "Origins are compared by a part of them or by a loose pattern, and anybody can register a name that fits.",
                format!("Compare the whole origin letter for letter with {listed}; anchor regular expressions with ^ and $ and escape dots."),
                CHECK,
            ),
            Cause::CredentialsAllowed => (
                "Permitted pages may act with the visitor's cookies, which the policy does not permit.".to_owned(),
                "Access-Control-Allow-Credentials: true lets script read what the visitor alone should see.",
                "Do not send Access-Control-Allow-Credentials.".to_owned(),
                CREDENTIALS,
            ),
            Cause::UnlistedMethod => (
                format!("Permitted pages may use methods that the policy does not list, such as {method}."),
                "The answer to OPTIONS, which browsers send ahead as a preflight, grants more methods than you want pages to use.",
                format!("List exactly {} in Access-Control-Allow-Methods.", named(&policy.methods)),
                "https://fetch.spec.whatwg.org/#http-access-control-allow-methods",
            ),
            Cause::OptionsGranted => (
                "Permitted pages may use OPTIONS, which the policy does not list.".to_owned(),
                "Some layers, rs/cors and those made after it, grant it whatever they are told. It changes nothing on a server that follows HTTP.",
                "Nothing, unless your server does something on OPTIONS.".to_owned(),
                "https://fetch.spec.whatwg.org/#http-access-control-allow-methods",
            ),
            Cause::UnlistedHeader => (
                format!("Permitted pages may send headers that the policy does not list, such as {}.", asked()),
                "The answer to OPTIONS, which browsers send ahead as a preflight, grants headers that you do not want pages to send.",
                format!("List exactly {} in Access-Control-Allow-Headers.", named(&policy.headers)),
                "https://fetch.spec.whatwg.org/#http-access-control-allow-headers",
            ),
            Cause::ExposesMore => (
                "Script may read response headers that the policy does not expose.".to_owned(),
                "Access-Control-Expose-Headers names more than you want, or is *.",
                format!("Expose exactly {}.", named(&policy.expose)),
                "https://fetch.spec.whatwg.org/#http-access-control-expose-headers",
            ),
            Cause::NoAnswer => (
                "The server gives no usable answer to what a permitted page asks.".to_owned(),
                "Without an answer there is nothing that a browser could let a page read.",
                "See the server's log for this request.".to_owned(),
                "https://fetch.spec.whatwg.org/#concept-network-error",
            ),
            Cause::PreflightRedirected => (
                format!("OPTIONS is answered with a redirect ({status}), and browsers follow none there."),
                "Before a request that needs permission the browser asks with OPTIONS, a preflight, and takes no redirect for an answer.",
                "Answer OPTIONS itself with 204: a redirect to https or to another path has to come later.".to_owned(),
                PREFLIGHT,
            ),
            Cause::PreflightNeedsLogin => (
                format!("OPTIONS is answered with {status}: the login comes before CORS."),
                "A preflight never carries cookies or Authorization, so whoever asks it for a login locks every page out.",
                "Put the CORS layer in front of whatever asks for a login, so that OPTIONS is answered first.".to_owned(),
                PREFLIGHT,
            ),
            Cause::PreflightRefused => (
                format!("OPTIONS is answered with {status} by the CORS layer itself: it does not permit what {origin} asks for."),
                "The layer is there and has rules; this page, its method or one of its headers is not among what they permit.",
                format!(
                    "Let the rules permit {listed}, with the methods {} and the headers {}, letter for letter.",
                    named(&policy.methods),
                    named(&policy.headers)
                ),
                PREFLIGHT,
            ),
            Cause::PreflightNotAnswered => (
                format!("OPTIONS is answered with {status}, which no browser takes for a permission."),
                "Before a request that needs permission the browser asks with OPTIONS, a preflight, and wants a status of 200 to 299.",
                "Have the CORS layer answer OPTIONS on every route, with 204.".to_owned(),
                PREFLIGHT,
            ),
            Cause::PreflightNowhere => (
                format!("For a path that does not exist OPTIONS is answered with {status}, so a page with a mistyped path hears of CORS."),
                "The console says \"blocked by CORS policy\" where the real problem is the path.",
                "Have the CORS layer answer OPTIONS before a route is looked for, if it can.".to_owned(),
                PREFLIGHT,
            ),
            Cause::PreflightWithoutOrigin => (
                "OPTIONS is answered, but says nothing of who may.".to_owned(),
                "The answer to the preflight needs Access-Control-Allow-Origin just as the answer itself does.",
                format!("Send Access-Control-Allow-Origin for {listed} on OPTIONS, too."),
                CHECK,
            ),
            Cause::AnsweredBeforeCors => (
                format!("Some answers permit {origin}, and that of the route itself does not: it answers before the CORS layer has its turn."),
                "The layer is there, since the answer to OPTIONS or to a path that does not exist has its headers. What a route has answered it never sees.",
                "Mount the CORS layer before the routes, and around all of them.".to_owned(),
                CHECK,
            ),
            Cause::ErrorsWithoutOrigin => (
                format!("Errors ({status}) lack the headers, so a permitted page cannot even tell what went wrong."),
                "The console says \"blocked by CORS policy\" where the real problem is another one.",
                "Have the CORS layer outermost, so that errors pass through it (nginx: add_header … always; Apache: Header always set …).".to_owned(),
                CHECK,
            ),
            Cause::PermittedOriginRefused => (
                format!("Pages of {origin} are kept out: the policy permits them, and the server does not."),
                "Without Access-Control-Allow-Origin no browser lets a page of another origin read.",
                format!("Send Access-Control-Allow-Origin: {origin} when Origin says so."),
                CHECK,
            ),
            Cause::OriginTwice => (
                "Access-Control-Allow-Origin is sent twice.".to_owned(),
                "Two layers write it, a proxy and the application perhaps; browsers take neither.",
                "Let only one of them write CORS headers.".to_owned(),
                CHECK,
            ),
            Cause::WildcardWithCredentials => (
                "Access-Control-Allow-Origin is *, which counts for nothing where cookies go along.".to_owned(),
                "With cookies the browser wants the page's origin by name.",
                format!("Send Access-Control-Allow-Origin: {origin} in place of *, with Vary: Origin."),
                CREDENTIALS,
            ),
            Cause::WrongOriginNamed => (
                format!("The answer permits another page than {origin}."),
                "Access-Control-Allow-Origin holds one origin, letter for letter that of the page: no list, no slash at its end.",
                "Send the Origin that the request has, where it is on your list.".to_owned(),
                CHECK,
            ),
            Cause::CredentialsNotPermitted => (
                "Cookies are permitted by the policy, and the server does not say so.".to_owned(),
                "Where cookies go along the browser wants Access-Control-Allow-Credentials: true, in just these letters.",
                "Send Access-Control-Allow-Credentials: true to permitted origins, on OPTIONS too.".to_owned(),
                CREDENTIALS,
            ),
            Cause::MethodNotPermitted => (
                format!("Permitted pages cannot use {method}: the policy permits it, and the answer to OPTIONS does not."),
                "The browser asks before it sends this method, and wants to find it in Access-Control-Allow-Methods.",
                format!("List {} in Access-Control-Allow-Methods.", named(&policy.methods)),
                "https://fetch.spec.whatwg.org/#http-access-control-allow-methods",
            ),
            Cause::WildcardWithoutAuthorization => (
                "Authorization has to be permitted by name.".to_owned(),
                "* in Access-Control-Allow-Headers stands for every header but this one.",
                "List Authorization in Access-Control-Allow-Headers.".to_owned(),
                "https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name",
            ),
            Cause::HeaderNotPermitted => (
                format!("Permitted pages cannot send {}: the policy permits it, and the answer to OPTIONS does not.", asked()),
                "The browser asks before it sends such headers, and wants to find them in Access-Control-Allow-Headers.",
                format!("List {} in Access-Control-Allow-Headers.", named(&policy.headers)),
                "https://fetch.spec.whatwg.org/#http-access-control-allow-headers",
            ),
            Cause::NotExposed => (
                "Script cannot read response headers that the policy exposes.".to_owned(),
                "Script sees a handful of headers, and of the others what Access-Control-Expose-Headers names; * does not count with cookies.",
                format!("Send Access-Control-Expose-Headers: {}.", policy.expose.join(", ")),
                "https://fetch.spec.whatwg.org/#http-access-control-expose-headers",
            ),
            Cause::BlockedOtherwise => (
                format!("What {origin} asks for is blocked."),
                "The policy permits it, and browsers do not let it through.",
                "corspec explain tells what this reason means.".to_owned(),
                "https://fetch.spec.whatwg.org/#http-cors-protocol",
            ),
            Cause::VaryMissing => (
                "A cache hands one page the answer that was made for another.".to_owned(),
                "The answer depends on Origin and does not say so, so a CDN or the browser's own cache keeps one page's answer for all.",
                "Send Vary: Origin on every answer, also on those to requests without Origin.".to_owned(),
                VARY,
            ),
            Cause::VaryAbsent => (
                "The answer depends on Origin and does not say so.".to_owned(),
                "Nothing keeps these answers now; the day something does, pages are handed each other's.",
                "Send Vary: Origin on every answer.".to_owned(),
                VARY,
            ),
            Cause::CredentialsNotTrue => (
                "Access-Control-Allow-Credentials is sent with another value than true.".to_owned(),
                "Only true means anything to a browser.",
                "Leave the header out where credentials are not permitted.".to_owned(),
                CREDENTIALS,
            ),
            Cause::MaxAge => (
                "The preflight is not remembered for as long as the policy says.".to_owned(),
                "Access-Control-Max-Age is missing or another, so pages ask more often, or hear of changes later.",
                policy.max_age.map_or_else(
                    || "Send Access-Control-Max-Age.".to_owned(),
                    |seconds| format!("Send Access-Control-Max-Age: {seconds}."),
                ),
                "https://fetch.spec.whatwg.org/#http-access-control-max-age",
            ),
            Cause::OpenQuestion => (
                "The protocol leaves it open, and this server answers it the other way.".to_owned(),
                "Whether methods that need no permission are refused, and whether *.example covers a.b.example, is the server's to say.",
                "Nothing, if you meant it so.".to_owned(),
                "https://fetch.spec.whatwg.org/#http-cors-protocol",
            ),
            Cause::WrongReason => (
                "It is blocked as it should be, but in another way than expected.".to_owned(),
                "No page gains or loses anything by it.",
                "Nothing has to be done.".to_owned(),
                "https://fetch.spec.whatwg.org/#http-cors-protocol",
            ),
        };
        Self { title, why, mend, anchor }
    }
}

fn named(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
