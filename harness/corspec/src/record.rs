//! The record of a run: JSON Lines, one object a line, one key that names it. Every report is made from it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead};

use corspec_browser::{HeaderList, Purpose};
use corspec_protocol::{Hello, Policy};
use serde::{Deserialize, Serialize};

/// One line of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// First: what ran.
    Run(RunInfo),
    /// Before its results: a server under test.
    Server(ServerInfo),
    /// One case against one server under one profile.
    Result(Box<CaseResult>),
    /// What an engine's rules make of a result that fell short.
    View(View),
    /// What a middleware does that is switched on without any option.
    #[serde(rename = "as-it-comes")]
    AsItComes(Box<AsItComes>),
    /// Last: how many results there are of each verdict. A record without it was cut off.
    End(Tally),
}

/// What ran.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The version of corspec.
    pub corspec: String,
    /// The commit of the Fetch standard that the model follows.
    pub standard: String,
    /// Seconds since 1970.
    pub started: u64,
    /// The arguments that it was called with.
    pub arguments: Vec<String>,
}

/// A server under test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// The name that results refer to.
    pub name: String,
    /// What it says of itself; nothing where it never came so far.
    pub hello: Option<Hello>,
    /// What went wrong with it as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What became of one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// The server's name.
    pub server: String,
    /// `suite/id`
    pub case: String,
    /// Whose rules decided.
    pub profile: String,
    /// The real browser that performed it, with its version; nothing where the model did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// `must`, `should` or `may`
    pub level: String,
    /// Outcome against expectation.
    pub verdict: Verdict,
    /// The outcome that must be reached: `allow`, `opaque`, `block`.
    pub expected: String,
    /// The reasons that are good; empty where all are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected_reasons: Vec<String>,
    /// The outcome that was reached, of the last step or of the first that fell short.
    pub outcome: Option<String>,
    /// The code of the reason, where the outcome is `block`.
    pub reason: Option<String>,
    /// Where it was blocked.
    pub stage: Option<String>,
    /// What was not as expected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// Why there is no verdict, or what else a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The known deviation that this result is an instance of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<DeviationNote>,
    /// The case's own words.
    pub about: About,
    /// What happened, step by step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepRecord>,
    /// How long it took, in microseconds.
    pub micros: u64,
}

/// What an engine's rules make of a result that fell short: whether users of that engine are concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The server's name.
    pub server: String,
    /// `suite/id`
    pub case: String,
    /// Whose rules decided.
    pub profile: String,
    /// Outcome against expectation.
    pub verdict: Verdict,
    /// The outcome that was reached.
    pub outcome: Option<String>,
    /// The code of the reason, where the outcome is `block`.
    pub reason: Option<String>,
}

/// What a middleware does that is switched on without any option, as its quick start shows. There is no verdict on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsItComes {
    /// The server's name.
    pub server: String,
    /// What the server said to it.
    pub answer: ServerAnswer,
    /// Why it is not served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What pages elsewhere came to, question by question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed: Vec<Observation>,
}

/// What a server says to a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerAnswer {
    /// It listens.
    Ready,
    /// It has no way to say it.
    Unsupported,
    /// Its middleware rejects it.
    Refused,
    /// It broke.
    Failed,
}

/// One question to a middleware as it comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The question's name.
    pub asked: String,
    /// What happened, without the decisions.
    pub step: StepRecord,
}

/// What the case file says of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What it teaches.
    pub why: String,
    /// The part of the standard that it is about.
    pub spec: String,
    /// The file that it stands in.
    pub file: String,
    /// The line of its expectation, from 1; 0 where unknown.
    pub line: usize,
    /// The policy that the server enforces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
}

/// Outcome against expectation, or why there is no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As expected.
    Pass,
    /// A hole: the page may read, send or see what it should not.
    OverExposes,
    /// A broken client: the page may not what it should.
    OverBlocks,
    /// Blocked as it should be, but not for a reason that the case accepts, or with details that differ.
    WrongReason,
    /// The server has no way to say this policy, or lacks this route.
    Unsupported,
    /// The server's middleware rejects this policy.
    Refused,
    /// The browser has no way to do what the case asks for.
    NotPerformable,
    /// The server or the browser cannot run here.
    Unavailable,
    /// The group's controls ended alike, so a pass would prove nothing.
    Inconclusive,
    /// The harness or the server broke.
    Error,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 10] = [
        Self::Pass,
        Self::OverExposes,
        Self::OverBlocks,
        Self::WrongReason,
        Self::Unsupported,
        Self::Refused,
        Self::NotPerformable,
        Self::Unavailable,
        Self::Inconclusive,
        Self::Error,
    ];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::OverExposes => "over-exposes",
            Self::OverBlocks => "over-blocks",
            Self::WrongReason => "wrong-reason",
            Self::Unsupported => "unsupported",
            Self::Refused => "refused",
            Self::NotPerformable => "not-performable",
            Self::Unavailable => "unavailable",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
        }
    }

    /// Whether the outcome was compared and fell short.
    pub const fn fell_short(self) -> bool {
        matches!(self, Self::OverExposes | Self::OverBlocks | Self::WrongReason)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// One thing that was not as expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The step, from 0.
    pub step: usize,
    /// The key of `expect` that it is about.
    pub what: String,
    /// What the case says.
    pub expected: String,
    /// What happened.
    pub actual: String,
}

/// A known deviation, as a result shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviationNote {
    /// `bug`, `by-design` or `cannot-express`
    pub class: String,
    /// Why the server does so.
    pub reason: String,
    /// Where that is discussed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// One step of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Seconds since the case began.
    pub at: u64,
    /// Whose browser it happened in, where there are several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub visitor: String,
    /// What the page asked for.
    pub request: Asked,
    /// `allow`, `opaque`, `block`
    pub outcome: String,
    /// The reason's code.
    pub reason: Option<String>,
    /// Where it was blocked.
    pub stage: Option<String>,
    /// What became of the preflight: `none`, `cached`, `sent`.
    pub preflight: String,
    /// The status that script sees.
    pub status: Option<u16>,
    /// The response's type.
    #[serde(rename = "type")]
    pub response_type: Option<String>,
    /// The headers that script sees.
    pub visible: Lines,
    /// What went over the wire.
    pub exchanges: Vec<ExchangeRecord>,
    /// What became of the cookies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cookies: Vec<CookieRecord>,
    /// What the engine whose rules decided writes to its console.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub console: Vec<String>,
    /// Every decision.
    pub trace: Vec<DecisionRecord>,
}

/// What became of one cookie in one exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookieRecord {
    /// The exchange, from 0.
    pub exchange: usize,
    /// The cookie's name.
    pub name: String,
    /// Whether a response set it; else it is one that the browser held.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub set: bool,
    /// The code of its fate; see [`corspec_browser::CookieFate`].
    pub fate: String,
}

/// Header lines in order; the code points of each string are bytes.
pub type Lines = Vec<(String, String)>;

/// What the page asked for: enough to write the call down again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of a case's request")]
pub struct Asked {
    pub origin: String,
    pub url: String,
    pub method: String,
    pub headers: Lines,
    pub credentials: String,
    pub mode: String,
    pub redirect: String,
    /// The kind of body; its content type follows after a blank, where the page names one.
    pub body: Option<String>,
    pub initiator: String,
}

/// One request and its response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeRecord {
    /// `preflight` or `actual`
    #[serde(rename = "for")]
    pub purpose: String,
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The request's header lines.
    pub headers: Lines,
    /// The response; nothing where none came.
    pub response: Option<ResponseRecord>,
    /// Why none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Where the response came from, if not from a server: `shared-cache`, `http-cache`, `validated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A response as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseRecord {
    /// The status.
    pub status: u16,
    /// The header lines.
    pub headers: Lines,
    /// The beginning of the body.
    pub body: String,
}

/// One decision of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// The rule's code; see [`corspec_browser::Rule`].
    pub rule: Cow<'static, str>,
    /// What it looked at.
    pub input: String,
    /// Whether its clause holds.
    pub holds: bool,
    /// How many requests had been sent.
    pub sent: usize,
    /// Whether this is the decision that blocked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deciding: bool,
}

/// How many results there are of each verdict.
pub type Tally = BTreeMap<String, usize>;

/// A whole record, read back.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// What ran.
    pub run: RunInfo,
    /// The servers, in the order in which they were run.
    pub servers: Vec<ServerInfo>,
    /// The results, by server and case in the order of the suites.
    pub results: Vec<CaseResult>,
    /// What engines' rules make of some of them.
    pub views: Vec<View>,
    /// What middlewares do as they come.
    pub as_it_comes: Vec<AsItComes>,
    /// Whether its end is there.
    pub complete: bool,
}

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file cannot be read.
    #[error("cannot read the record: {0}")]
    Io(#[from] io::Error),
    /// A line is no line of a record.
    #[error("line {line} of the record is not one: {error}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        error: serde_json::Error,
    },
}

impl Record {
    /// Reads a record. One that was cut off is read as far as it goes, and `complete` says so. Lines of a kind that is not
    /// known here are passed over: a later version may write more than this one understands.
    pub fn read(mut reader: impl BufRead) -> Result<Self, RecordError> {
        let mut record = Self::default();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice(&line) {
                Ok(line) => record.push(line),
                // The writer ended in the middle of it.
                Err(error) if error.is_eof() && !line.ends_with(b"\n") => break,
                Err(_) if is_of_another_kind(&line) => {}
                Err(error) => return Err(RecordError::Line { line: number, error }),
            }
        }
        Ok(record)
    }

    /// The lines that a reader makes the same record of.
    ///
    /// # Errors
    /// Where a value cannot be said in JSON.
    pub fn to_lines(&self) -> serde_json::Result<String> {
        let results = self.results.iter().cloned().map(|result| Line::Result(Box::new(result)));
        let found = self.as_it_comes.iter().cloned().map(|found| Line::AsItComes(Box::new(found)));
        let lines = std::iter::once(Line::Run(self.run.clone()))
            .chain(self.servers.iter().cloned().map(Line::Server))
            .chain(results)
            .chain(self.views.iter().cloned().map(Line::View))
            .chain(found)
            .chain(self.complete.then(|| Line::End(self.tally())));
        let mut text = String::new();
        for line in lines {
            text += &serde_json::to_string(&line)?;
            text.push('\n');
        }
        Ok(text)
    }

    /// Takes the next line.
    pub fn push(&mut self, line: Line) {
        match line {
            Line::Run(run) => self.run = run,
            Line::Server(server) => self.servers.push(server),
            Line::Result(result) => self.results.push(*result),
            Line::View(view) => self.views.push(view),
            Line::AsItComes(found) => self.as_it_comes.push(*found),
            Line::End(_) => self.complete = true,
        }
    }

    /// How many results there are of each verdict; those without any are left out.
    pub fn tally(&self) -> Tally {
        tally(&self.results)
    }
}

/// Whether a line has the shape of every line, an object under one key, and the key is none of ours.
fn is_of_another_kind(line: &[u8]) -> bool {
    const KINDS: [&str; 6] = ["run", "server", "result", "view", "as-it-comes", "end"];
    let Ok(serde_json::Value::Object(line)) = serde_json::from_slice(line) else { return false };
    line.len() == 1 && line.iter().all(|(kind, value)| value.is_object() && !KINDS.contains(&&**kind))
}

/// How many results there are of each verdict.
pub fn tally<'a>(results: impl IntoIterator<Item = &'a CaseResult>) -> Tally {
    let mut tally = Tally::new();
    for result in results {
        *tally.entry(result.verdict.code().to_owned()).or_default() += 1;
    }
    tally
}

impl CaseResult {
    /// The same without what happened step by step, which is most of it.
    #[must_use]
    pub fn without_steps(&self) -> Self {
        Self {
            steps: Vec::new(),
            server: self.server.clone(),
            case: self.case.clone(),
            profile: self.profile.clone(),
            browser: self.browser.clone(),
            level: self.level.clone(),
            verdict: self.verdict,
            expected: self.expected.clone(),
            expected_reasons: self.expected_reasons.clone(),
            outcome: self.outcome.clone(),
            reason: self.reason.clone(),
            stage: self.stage.clone(),
            differences: self.differences.clone(),
            message: self.message.clone(),
            deviation: self.deviation.clone(),
            about: self.about.clone(),
            micros: self.micros,
        }
    }

    /// What tells its cause from others: a known deviation, or how it fell short in its suite.
    pub fn cause(&self) -> Cause<'_> {
        match &self.deviation {
            Some(note) => Cause::Known(note),
            None => Cause::Unknown(self.suite(), self.verdict, self.reason.as_deref()),
        }
    }

    /// The suite's part of `case`.
    pub fn suite(&self) -> &str {
        self.case.split_once('/').map_or(&*self.case, |(suite, _)| suite)
    }

    /// Whether this result makes a run fail: it fell short or broke, it is no known deviation, and the case is not open.
    pub fn fails(&self) -> bool {
        match self.verdict {
            Verdict::Error => true,
            Verdict::Inconclusive => self.deviation.is_none(),
            verdict => verdict.fell_short() && self.level != "may" && self.deviation.is_none(),
        }
    }
}

/// Why a result fell short, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause<'a> {
    /// It is an instance of this deviation.
    Known(&'a DeviationNote),
    /// Nobody has said why yet: the suite, the verdict and the reason's code are all that tells it from others.
    Unknown(&'a str, Verdict, Option<&'a str>),
}

/// Bytes as a string of which each code point is a byte.
pub fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        // Nearly all of them, and a copy is cheaper than one character after the other.
        Ok(text) if text.is_ascii() => text.to_owned(),
        _ => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// Header lines as a record holds them.
pub fn lines(headers: &HeaderList) -> Lines {
    headers.iter().map(|header| (text(&header.name), text(&header.value))).collect()
}

/// The name of a purpose.
pub const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Preflight => "preflight",
        Purpose::Actual => "actual",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn what_is_written_is_read_back() {
        let record = sample::record();
        let lines = record.to_lines().unwrap();
        let read = Record::read(lines.as_bytes()).unwrap();
        assert_eq!(read.results, record.results);
        assert_eq!(read.complete, record.complete);
        assert_eq!(read.to_lines().unwrap(), lines);
    }
}
