//! The runner's pages: a document that holds frames of any origin, and the frame in which a case's request is made.
//!
//! Each case has an outer document on a site of its own. Browsers keep what they remember of the network (the preflight
//! cache, the HTTP cache, connections) apart by the outermost site, so cases share nothing although their URLs are
//! alike, and every URL is asked for exactly as the case writes it.

use corspec::case::{Body, PageOrigin, Request, Target};
use serde::Serialize;

/// The path at which every origin serves [`document`]s.
const RESERVED: &str = "/--corspec--/";

/// The script that an outer document runs, through `execute/async`, for one step.
pub const PERFORM: &str = "const done = arguments[1]; window.perform(arguments[0]).then(done, error => done({failed: String(error)}));";

/// The document that a path stands for, if it is one of the runner's.
pub(crate) fn document(path: &str) -> Option<&'static str> {
    match path.strip_prefix(RESERVED)? {
        "outer" => Some(include_str!("outer.html")),
        "frame" => Some(include_str!("frame.html")),
        _ => None,
    }
}

/// Where the outer document of a case is, for a page of that origin.
pub fn outer_url(number: usize, origin: &str) -> String {
    // Frames of http pages are kept out of https documents.
    let scheme = if origin.starts_with("http:") { "http" } else { "https" };
    format!("{scheme}://corspec-{number}.test{RESERVED}outer")
}

/// What the page is told to do. Strings whose code points are bytes become JavaScript's byte strings as they are.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Instruction<'a> {
    /// Where the page comes from; nothing for an opaque origin.
    frame: Option<String>,
    url: &'a str,
    method: &'a str,
    headers: Vec<(String, String)>,
    credentials: &'static str,
    mode: &'static str,
    redirect: &'static str,
    initiator: &'static str,
    body: Option<&'static str>,
    body_type: Option<&'a str>,
    /// After how many milliseconds the page gives up.
    patience: u64,
}

impl<'a> Instruction<'a> {
    /// What a case's request means to the page.
    pub fn new(request: &'a Request, patience: std::time::Duration) -> Self {
        let frame = match &request.origin {
            PageOrigin::Serialized(origin) if origin != "null" => Some(format!("{origin}{RESERVED}frame")),
            _ => None,
        };
        let text = |bytes: &[u8]| corspec::record::text(bytes);
        Self {
            frame,
            url: match &request.target {
                Target::Url(url) | Target::Path(url) => url,
            },
            method: &request.method,
            headers: request.headers.iter().map(|(name, value)| (text(name), text(value))).collect(),
            credentials: request.credentials.as_str(),
            mode: request.mode.as_str(),
            redirect: request.redirect.as_str(),
            initiator: request.initiator.as_str(),
            body: request.body.as_ref().map(|Body { kind, .. }| kind.as_str()),
            body_type: request.body.as_ref().and_then(|body| body.content_type.as_deref()),
            patience: u64::try_from(patience.as_millis()).unwrap_or(u64::MAX),
        }
    }
}
