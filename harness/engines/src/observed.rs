//! What a real browser did with one step of a case.

use corspec::case::{Outcome, ResponseType};
use corspec::record::{self, Lines};
use corspec_browser::{Header, HeaderList, Purpose};
use serde::{Deserialize, Serialize};

use crate::proxy::{Seen, Transcript};

/// What script saw, what went over the wire, and what the console said.
#[derive(Clone, Debug)]
pub struct Observed {
    /// How it ended.
    pub outcome: Outcome,
    /// The response's type; XMLHttpRequest does not tell.
    pub response_type: Option<ResponseType>,
    /// The status that script sees.
    pub status: Option<u16>,
    /// The URL that script sees.
    pub url: Option<String>,
    /// The headers that script sees.
    pub visible: HeaderList,
    /// The exception's text.
    pub error: Option<String>,
    /// The requests, and what the script of the answers left open.
    pub transcript: Transcript,
    /// The console's lines, where the engine shows them.
    pub console: Vec<String>,
}

/// What the runner's page says of a step.
#[derive(Debug, Deserialize)]
pub(crate) struct Told {
    outcome: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    status: Option<u16>,
    url: Option<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    error: Option<String>,
    /// Why this browser cannot make the request.
    pub(crate) cannot: Option<String>,
    /// Why the page came to no end.
    pub(crate) failed: Option<String>,
}

impl Observed {
    /// Puts together what the page and the proxy say. Nothing where the page says no outcome.
    pub(crate) fn new(told: Told, transcript: Transcript) -> Option<Self> {
        let outcome = Outcome::ALL.iter().find(|known| told.outcome.as_deref() == Some(known.as_str()))?;
        let kind = ResponseType::ALL.iter().find(|known| told.kind.as_deref() == Some(known.as_str()));
        let visible = told.headers.iter().map(|(name, value)| Header::new(bytes(name), bytes(value)));
        Some(Self {
            outcome: *outcome,
            response_type: kind.copied(),
            status: told.status,
            url: told.url,
            visible: visible.collect(),
            error: told.error,
            transcript,
            console: Vec::new(),
        })
    }

    /// Whether a preflight went out.
    pub fn sent_preflight(&self) -> bool {
        self.transcript.requests.iter().any(|request| request.purpose() == Purpose::Preflight)
    }

    /// What is written down of it.
    pub fn told(&self) -> ObservedRecord {
        let request = |seen: &Seen| SentRecord {
            purpose: record::purpose(seen.purpose()).to_owned(),
            method: seen.method.clone(),
            url: seen.url.clone(),
            headers: record::lines(&seen.headers),
            body: record::text(&seen.body),
        };
        ObservedRecord {
            outcome: self.outcome.to_string(),
            response_type: self.response_type.map(|kind| kind.to_string()),
            status: self.status,
            url: self.url.clone(),
            visible: record::lines(&self.visible),
            error: self.error.clone(),
            sent: self.transcript.requests.iter().map(request).collect(),
            console: self.console.clone(),
        }
    }
}

/// A step in the file that `--json` writes.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of `Observed`")]
pub struct ObservedRecord {
    pub outcome: String,
    #[serde(rename = "type")]
    pub response_type: Option<String>,
    pub status: Option<u16>,
    pub url: Option<String>,
    pub visible: Lines,
    pub error: Option<String>,
    pub sent: Vec<SentRecord>,
    pub console: Vec<String>,
}

/// A request in the file that `--json` writes.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of `Seen`")]
pub struct SentRecord {
    #[serde(rename = "for")]
    pub purpose: String,
    pub method: String,
    pub url: String,
    pub headers: Lines,
    pub body: String,
}

/// The bytes that a byte string's code points stand for.
fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}
