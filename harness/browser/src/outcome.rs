//! How a fetch ends.

use url::Url;

use crate::cookies::CookieNote;
use crate::http::{HeaderList, HttpRequest, HttpResponse};
use crate::reason::{Reason, Stage};
use crate::trace::Trace;

/// What became of a fetch, and everything that led to it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// Whether a preflight was needed, and where its answer came from.
    pub preflight: PreflightUse,
    /// Every request that was sent, with its response unless none came.
    pub exchanges: Vec<Exchange>,
    /// Whether script sees the timing in detail, as Timing-Allow-Origin permits.
    pub timing_allowed: bool,
    /// Every decision.
    pub trace: Trace,
}

/// How a fetch ended, as script sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Script may read the response.
    Allow(ScriptResponse),
    /// The request was sent, and script sees nothing of the response.
    Opaque(ScriptResponse),
    /// `fetch()` rejects; script does not learn why.
    Block {
        /// Why.
        reason: Reason,
        /// Where.
        stage: Stage,
    },
}

/// What script sees of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptResponse {
    /// The response's type.
    pub kind: ResponseKind,
    /// The status; 0 where it is hidden.
    pub status: u16,
    /// The URL that the response came from; none where it is hidden.
    pub url: Option<Url>,
    /// Whether a redirect led there.
    pub redirected: bool,
    /// The headers that script can read.
    pub headers: HeaderList,
}

/// <https://fetch.spec.whatwg.org/#concept-response-type>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResponseKind {
    /// Same-origin: everything but cookies is visible.
    Basic,
    /// Cross-origin, permitted.
    Cors,
    /// Cross-origin in mode `no-cors`.
    Opaque,
    /// A redirect that script asked not to follow.
    OpaqueRedirect,
}

impl ResponseKind {
    /// The value of `Response.type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Cors => "cors",
            Self::Opaque => "opaque",
            Self::OpaqueRedirect => "opaqueredirect",
        }
    }
}

/// Whether a preflight was needed, over all hops of a fetch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PreflightUse {
    /// None was needed.
    #[default]
    None,
    /// One was needed, and the preflight cache knew the answer.
    Cached,
    /// One was sent.
    Sent,
}

impl PreflightUse {
    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Cached => "cached",
            Self::Sent => "sent",
        }
    }
}

/// One request on the network, and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What was sent.
    pub request: HttpRequest,
    /// What came; nothing where no usable response did.
    pub response: Option<HttpResponse>,
    /// Where the response came from.
    pub source: Source,
    /// The cookies of the host, and which of them went along.
    pub cookies_sent: Vec<CookieNote>,
    /// The cookies that the response set, and which of them were stored.
    pub cookies_set: Vec<CookieNote>,
}

/// Where a response came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The network, which a cache in between may be part of.
    #[default]
    Network,
    /// The browser's HTTP cache; nothing was sent.
    HttpCache,
    /// The browser's HTTP cache, after the server said 304: the stored response with the headers of that answer.
    Validated,
}

impl Source {
    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::HttpCache => "http-cache",
            Self::Validated => "validated",
        }
    }
}

impl Outcome {
    /// `allow`, `opaque` or `block`.
    pub const fn name(&self) -> &'static str {
        match self.ending {
            Ending::Allow(_) => "allow",
            Ending::Opaque(_) => "opaque",
            Ending::Block { .. } => "block",
        }
    }

    /// Why it was blocked, if it was.
    pub const fn reason(&self) -> Option<Reason> {
        match self.ending {
            Ending::Block { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// Where it was blocked, if it was.
    pub const fn stage(&self) -> Option<Stage> {
        match self.ending {
            Ending::Block { stage, .. } => Some(stage),
            _ => None,
        }
    }

    /// What script sees, unless the fetch was blocked.
    pub const fn response(&self) -> Option<&ScriptResponse> {
        match &self.ending {
            Ending::Allow(response) | Ending::Opaque(response) => Some(response),
            Ending::Block { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_response_type_and_of_case_files() {
        use ResponseKind::{Basic, Cors, Opaque, OpaqueRedirect};
        assert_eq!(
            [Basic, Cors, Opaque, OpaqueRedirect].map(ResponseKind::name),
            ["basic", "cors", "opaque", "opaqueredirect"]
        );
        assert_eq!(
            [PreflightUse::None, PreflightUse::Cached, PreflightUse::Sent].map(PreflightUse::code),
            ["none", "cached", "sent"]
        );
    }
}
