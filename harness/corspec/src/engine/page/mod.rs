//! The runner's pages: a document that holds frames of any origin, and the page in which a case's request is made.

use std::time::Duration;

use serde::Serialize;
use url::Url;

use super::proxy::mark;
use crate::case::{Body, BodyKind, Initiator, ReferrerPolicy, Request};
use crate::record::text;

/// The path at which every origin serves the runner's pages.
const RESERVED: &str = "/--corspec--/";

/// The last part of the path of a visit.
const VISIT: &str = "--corspec--visit";

/// The script that an outer document runs, through `execute/async`, for cases.
pub(super) const PERFORM: &str = "const done = arguments[1]; window.perform(arguments[0]).then(done, error => done({failed: String(error)}));";

/// What the runner keeps for itself of a host's paths.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reserved {
    /// A document with the header lines that go with it.
    Document { body: &'static str, lines: String },
    /// A page tells that a step begins.
    Turn(String),
    /// A visit that leaves a cookie, or shows which are there.
    Visit,
}

/// What a path stands for, if it is the runner's.
pub(super) fn reserved(path: &str) -> Option<Reserved> {
    if path.ends_with(VISIT) {
        return Some(Reserved::Visit);
    }
    let rest = path.strip_prefix(RESERVED)?;
    let (name, query) = rest.split_once('?').unwrap_or((rest, ""));
    let document = |body, policy: &str| {
        let policy = ReferrerPolicy::ALL.iter().find(|known| known.as_str() == policy);
        let policy = policy.map_or_else(String::new, |policy| format!("Referrer-Policy: {policy}\r\n"));
        Reserved::Document { body, lines: format!("Content-Type: text/html; charset=utf-8\r\n{policy}") }
    };
    Some(match name {
        "outer" => document(include_str!("outer.html"), ""),
        "page" => document(include_str!("page.html"), query),
        "turn" => Reserved::Turn(query.to_owned()),
        _ => return None,
    })
}

/// Where an outer document is, of a site that no other number has.
pub(super) fn outer_url(scheme: &str, number: u64) -> String {
    format!("{scheme}://corspec-{number}.test{RESERVED}outer")
}

/// Where the outer document of a site is.
pub(super) fn outer_of(origin: &str) -> String {
    format!("{origin}{RESERVED}outer")
}

/// Where a page of an origin is.
pub(super) fn page_url(origin: &str, policy: ReferrerPolicy) -> String {
    format!("{origin}{RESERVED}page?{policy}")
}

/// Where a visit in place of one to that URL leads: beside it, so that cookies are for the same path.
pub(super) fn visit_url(url: &Url) -> String {
    let directory = url.path().rfind('/').map_or("/", |end| &url.path()[..=end]);
    format!("{}{directory}{VISIT}", url.origin().ascii_serialization())
}

/// What an outer document, or a page, is told to do.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Batch {
    pub(super) cases: Vec<Scene>,
    /// How many are under way at once.
    pub(super) at_once: usize,
    /// After how many milliseconds a step is given up.
    pub(super) patience: u64,
}

/// A case as the page performs it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Scene {
    pub(super) number: u64,
    pub(super) steps: Vec<Instruction>,
}

/// What the page is told to do. Strings whose code points are bytes become JavaScript's byte strings as they are.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Instruction {
    /// Where the page comes from; nothing for an opaque origin.
    frame: Option<String>,
    /// The page's policy, which goes with an opaque origin's frame too.
    policy: &'static str,
    /// Whether the document that is told is itself the page.
    pub(super) here: bool,
    /// When it begins, in milliseconds since the case began.
    pub(super) at: u64,
    /// Whether a document of its own is needed: one document loads an element's URL once.
    pub(super) fresh: bool,
    /// Whether nothing else may be under way.
    pub(super) alone: bool,
    /// Whether the proxy has to be told that the step begins.
    pub(super) announce: bool,
    url: String,
    method: String,
    headers: Vec<(String, String)>,
    credentials: &'static str,
    mode: &'static str,
    redirect: &'static str,
    initiator: &'static str,
    crossorigin: Option<&'static str>,
    keepalive: bool,
    body: Option<&'static str>,
    body_type: Option<String>,
    body_size: Option<usize>,
    /// Whether the timing is asked for.
    pub(super) timed: bool,
}

impl Instruction {
    /// What a case's request means to a page of that origin; `number` marks the URL.
    pub(super) fn new(request: &Request, origin: &str, url: &str, number: Option<u64>) -> Self {
        let body = request.body.as_ref();
        let form_body =
            (request.initiator == Initiator::Form && request.method != "GET").then_some(BodyKind::Urlencoded);
        Self {
            frame: (origin != "null").then(|| page_url(origin, request.referrer_policy)),
            policy: request.referrer_policy.as_str(),
            here: false,
            at: 0,
            fresh: false,
            alone: false,
            announce: false,
            url: number.map_or_else(|| url.to_owned(), |number| mark(url, number)),
            method: request.method.clone(),
            headers: request.headers.iter().map(|(name, value)| (text(name), text(value))).collect(),
            credentials: request.credentials.as_str(),
            mode: request.mode.as_str(),
            redirect: request.redirect.as_str(),
            initiator: request.initiator.as_str(),
            crossorigin: match request.crossorigin {
                crate::case::CrossOrigin::Absent => None,
                crate::case::CrossOrigin::Anonymous => Some("anonymous"),
                crate::case::CrossOrigin::UseCredentials => Some("use-credentials"),
            },
            keepalive: request.keepalive,
            body: body.map(|Body { kind, .. }| *kind).or(form_body).map(BodyKind::as_str),
            body_type: body.and_then(|body| body.content_type.clone()),
            body_size: body.and_then(|body| body.size),
            timed: false,
        }
    }

    pub(super) fn begins(mut self, time: Duration) -> Self {
        self.at = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_runner() {
        assert_eq!(reserved("/--corspec--/turn?1.0.1"), Some(Reserved::Turn("1.0.1".to_owned())));
        assert_eq!(reserved("/--corspec--/other"), None);
        let visit = visit_url(&Url::parse("https://a.example:8443/deep/er?x").unwrap());
        assert_eq!(visit, "https://a.example:8443/deep/--corspec--visit");
        assert_eq!(reserved("/deep/--corspec--visit"), Some(Reserved::Visit));
        assert_eq!(reserved("/resource"), None);
        let Some(Reserved::Document { lines, .. }) = reserved("/--corspec--/page?no-referrer") else {
            panic!()
        };
        assert!(lines.contains("Referrer-Policy: no-referrer\r\n"));
        let Some(Reserved::Document { lines, .. }) = reserved("/--corspec--/page?x%0D%0A") else { panic!() };
        assert!(!lines.contains("Referrer-Policy"));
    }
}
