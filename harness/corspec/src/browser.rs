//! A browser: what performs a case as a page would. The model over the network is one, a real engine another.

use std::future::Future;
use std::pin::Pin;

use corspec_browser::{
    Ending, Exchange, HeaderList, HttpResponse, Outcome, PreflightUse, Profile, Reason, Stage, Trace,
};

use crate::case::{self, Case, ResponseSource};
use crate::deviation::Deviations;
use crate::perform::Place;
use crate::record::Asked;

/// A future that lives no longer than what it borrows.
pub type Performing<'a> = Pin<Box<dyn Future<Output = Result<Vec<Performed>, NotPerformed>> + Send + 'a>>;

/// Performs cases as a page would.
pub trait Browser: Send + Sync {
    /// Whose expectations hold.
    fn profile(&self) -> Profile;

    /// The engine and its version, where it is a real one.
    fn engine(&self) -> Option<String>;

    /// How many cases it is worth having under way at once, where that is not for the caller to choose.
    fn appetite(&self) -> Option<usize> {
        None
    }

    /// What is known of it beyond what the model tells: in which of the built-in cases it differs.
    fn known(&self) -> Option<&Deviations> {
        None
    }

    /// Performs the steps of a case in a browser that remembers nothing yet.
    fn perform<'a>(&'a self, case: &'a Case, place: Place<'a>) -> Performing<'a>;
}

/// Why a case came to no outcome in a browser.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPerformed {
    /// This browser has no way to do what the case asks for.
    #[error("{0}")]
    Cannot(String),
    /// The browser is not there, or does not come up.
    #[error("{0}")]
    Unavailable(String),
    /// The browser broke, or came to no end.
    #[error("{0}")]
    Broke(String),
}

/// What became of one step of a case.
#[derive(Clone, Debug)]
pub struct Performed {
    /// Seconds since the case began.
    pub at: u64,
    /// Whose browser it happened in.
    pub visitor: String,
    /// What the page asked for, placeholders filled in.
    pub asked: Asked,
    /// How it ended.
    pub outcome: Observed,
    /// What went over the network, for each request that left the browser.
    pub sent: Vec<Sent>,
    /// What the engine writes to its console.
    pub console: Vec<String>,
    /// What the script and the browser disagreed on.
    pub script: Option<ScriptMismatch>,
}

/// How a step ended, as far as the browser tells. The model tells everything; a real engine keeps most reasons to itself.
#[derive(Clone, Debug)]
pub struct Observed {
    /// How it ended.
    pub outcome: case::Outcome,
    /// The reasons that are possible, where it was blocked; none where the browser tells nothing of them.
    pub reasons: Vec<Reason>,
    /// Where it can have been blocked.
    pub stages: Vec<Stage>,
    /// What became of the preflight; nothing where none was sent and it is not told whether one was needed.
    pub preflight: Option<PreflightUse>,
    /// What script sees of the response.
    pub response: Option<Visible>,
    /// Whether script sees the timing in detail.
    pub timing_allowed: Option<bool>,
    /// Every request that was made, with its response.
    pub exchanges: Vec<Exchange>,
    /// Whether the notes on cookies tell why one did not travel.
    pub explains_cookies: bool,
    /// Every decision; a real engine tells none.
    pub trace: Trace,
}

/// What script sees of a response. What the API at hand does not show is left open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visible {
    /// The response's type.
    pub kind: Option<case::ResponseType>,
    /// The status.
    pub status: Option<u16>,
    /// The URL that the response came from; empty where it is hidden.
    pub url: Option<String>,
    /// The headers.
    pub headers: Option<HeaderList>,
}

/// A request that left the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The header lines as that browser writes them, where they are more than the standard's.
    pub lines: Option<HeaderList>,
    /// Whether a cache in between answered.
    pub from_shared_cache: bool,
    /// Whether it was not sent after all, as the preflight alone was asked for.
    pub withheld: bool,
    /// Why no response came.
    pub failure: Option<String>,
}

/// The browser asked for what no entry answers, or left entries over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptMismatch {
    /// The requests that no entry answers, as `METHOD target`.
    pub unanswered: Vec<String>,
    /// How many entries the browser never asked for.
    pub unused: usize,
}

impl Performed {
    /// The response that the last request got, if one came.
    pub fn last_response(&self) -> Option<&HttpResponse> {
        self.outcome.exchanges.last().and_then(|exchange| exchange.response.as_ref())
    }

    /// Why the last exchange brought no response, if it brought none.
    pub fn last_failure(&self) -> Option<&str> {
        self.sent.last().and_then(|sent| sent.failure.as_deref())
    }

    /// Where the response of the last exchange came from.
    pub fn source(&self) -> Option<ResponseSource> {
        self.sources().last()
    }

    /// Where the response of each exchange came from. What the browser's cache answers by itself was never sent.
    pub fn sources(&self) -> impl Iterator<Item = ResponseSource> {
        use corspec_browser::Source;

        let mut sent = self.sent.iter();
        self.outcome.exchanges.iter().map(move |exchange| match exchange.source {
            Source::HttpCache => ResponseSource::HttpCache,
            Source::Validated => {
                sent.next();
                ResponseSource::Validated
            }
            Source::Network => match sent.next() {
                Some(sent) if sent.from_shared_cache => ResponseSource::SharedCache,
                Some(sent) if sent.withheld => ResponseSource::Withheld,
                _ => ResponseSource::Network,
            },
        })
    }
}

impl Observed {
    /// `allow`, `opaque` or `block`.
    pub const fn name(&self) -> &'static str {
        self.outcome.as_str()
    }

    /// Why it was blocked, where that is certain.
    pub fn reason(&self) -> Option<Reason> {
        match self.reasons[..] {
            [reason] => Some(reason),
            _ => None,
        }
    }

    /// Where it was blocked, where that is certain.
    pub fn stage(&self) -> Option<Stage> {
        match self.stages[..] {
            [stage] => Some(stage),
            _ => None,
        }
    }
}

impl From<Outcome> for Observed {
    fn from(outcome: Outcome) -> Self {
        let visible = |response: corspec_browser::ScriptResponse| Visible {
            kind: case::ResponseType::ALL.iter().copied().find(|kind| kind.as_str() == response.kind.name()),
            status: Some(response.status),
            url: Some(response.url.map_or_else(String::new, String::from)),
            headers: Some(response.headers),
        };
        let (reached, response, blocked) = match outcome.ending {
            Ending::Allow(response) => (case::Outcome::Allow, Some(response), None),
            Ending::Opaque(response) => (case::Outcome::Opaque, Some(response), None),
            Ending::Block { reason, stage } => (case::Outcome::Block, None, Some((reason, stage))),
        };
        let (reasons, stages) = blocked.into_iter().unzip();
        Self {
            outcome: reached,
            reasons,
            stages,
            preflight: Some(outcome.preflight),
            response: response.map(visible),
            timing_allowed: Some(outcome.timing_allowed),
            exchanges: outcome.exchanges,
            explains_cookies: true,
            trace: outcome.trace,
        }
    }
}
