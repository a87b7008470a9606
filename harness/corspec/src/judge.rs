//! `corspec judge`: recorded exchanges in, outcomes out, one JSON object a line.

use std::io::{self, BufRead, Write};
use std::time::Duration;

use corspec_browser::{
    Body, BodyKind, Browser, Bytes, CredentialsMode, Fetch, Header, HeaderList, HttpRequest, HttpResponse,
    Initiator, Mode, Next, Origin, Outcome, Page, Profile, Purpose, RedirectMode, RequestInit, console,
};
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::{Lines, purpose, text};

/// The longest line that is read; a longer one is answered with an error and passed over.
const MAX_LINE: usize = 8 << 20;

/// Judges every line of `input`. Returns whether every line was one.
///
/// # Errors
/// Where reading or writing fails.
pub fn judge(mut input: impl BufRead, mut output: impl Write) -> io::Result<bool> {
    let mut all = true;
    let mut line = Vec::new();
    while read_line(&mut input, &mut line)? {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = if line.len() > MAX_LINE {
            Err((Value::Null, format!("the line is longer than {MAX_LINE} bytes")))
        } else {
            judge_line(&line)
        };
        match answer {
            Ok(answer) => serde_json::to_writer(&mut output, &answer)?,
            Err((id, error)) => {
                all = false;
                serde_json::to_writer(&mut output, &Rejected { id, error })?;
            }
        }
        output.write_all(b"\n")?;
        // Whoever feeds us line by line waits for each answer.
        output.flush()?;
    }
    Ok(all)
}

/// Reads a line, keeping no more of it than it takes to see that it is too long.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        let room = (MAX_LINE + 1).saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let consumed = end.map_or(buffer.len(), |end| end + 1);
        input.consume(consumed);
        if end.is_some() {
            return Ok(true);
        }
    }
}

fn judge_line(line: &[u8]) -> Result<Answer, (Value, String)> {
    let value: Value =
        serde_json::from_slice(line).map_err(|error| (Value::Null, format!("not JSON: {error}")))?;
    let id = value.get("id").cloned().unwrap_or(Value::Null);
    let fail = |error: String| (id.clone(), error);
    if !value.is_object() {
        return Err(fail("not a JSON object".to_owned()));
    }
    let question: Question = serde_json::from_value(value).map_err(|error| fail(error.to_string()))?;
    let profile = Profile::from_name(&question.profile).ok_or_else(|| {
        let known: Vec<_> = Profile::ALL.iter().map(|profile| profile.name()).collect();
        fail(format!("unknown profile `{}`: there is {}", question.profile, known.join(", ")))
    })?;
    let origin = Origin::parse(&question.origin).ok_or_else(|| {
        fail(format!(
            "`origin` is `{}`, which is no serialized origin: write scheme://host[:port] in lower case, or \"null\"",
            question.origin
        ))
    })?;
    let page = Page::new(origin);
    let mut browser = Browser::new(profile);
    let answered = match (question.steps, question.request) {
        (Some(steps), None) => {
            if question.responses.is_some() {
                return Err(fail("`responses` belong into each of the `steps`".to_owned()));
            }
            if steps.is_empty() {
                return Err(fail("`steps` is empty".to_owned()));
            }
            if steps.windows(2).any(|pair| pair[1].at < pair[0].at) {
                return Err(fail("`steps`: `at` goes back in time".to_owned()));
            }
            let answers = steps
                .into_iter()
                .map(|step| perform(&page, &mut browser, step.at, step.request, &step.responses))
                .collect();
            Answered::Steps { steps: answers }
        }
        (None, Some(request)) => {
            let responses = question.responses.unwrap_or_default();
            Answered::One(Box::new(perform(&page, &mut browser, Seconds::default(), request, &responses)))
        }
        (Some(_), Some(_)) => return Err(fail("either `request` or `steps`, not both".to_owned())),
        (None, None) => return Err(fail("`request` is missing".to_owned())),
    };
    Ok(Answer { id, profile: profile.name(), answered })
}

fn perform(
    page: &Page,
    browser: &mut Browser,
    at: Seconds,
    request: Request,
    responses: &[Response],
) -> Judged {
    let now = Duration::from_secs_f64(at.0);
    let init = request.into_init();
    let mut fetch = Fetch::new(page, init.clone());
    let mut responses = responses.iter();
    while let Next::Send(wanted) = fetch.next(browser, now) {
        match responses.next() {
            Some(response) if response.purpose.is_for(wanted.purpose) => {
                fetch.receive(browser, now, Some(response.to_http()));
            }
            next => {
                let found = match next {
                    Some(response) => format!("the next entry is for {}", response.purpose.name()),
                    None => "there is no further entry".to_owned(),
                };
                let request = sent(wanted);
                let error = "unscripted";
                let message =
                    format!("the browser makes a request that no entry of `responses` answers: {found}");
                let outcome = JudgedOutcome::Unscripted { error, message, request };
                return Judged { outcome, sent: all_sent(&fetch.into_outcome()), ..Judged::default() };
            }
        }
    }
    let outcome = fetch.into_outcome();
    Judged { console: console(&outcome, browser.profile, page, &init), ..Judged::new(&outcome) }
}

/// A line of the input. What else it holds, the `id` included, is its author's own: an expectation, a note.
#[derive(Deserialize)]
struct Question {
    #[serde(default = "default_profile")]
    profile: String,
    origin: String,
    request: Option<Request>,
    responses: Option<Vec<Response>>,
    steps: Option<Vec<Step>>,
}

fn default_profile() -> String {
    Profile::default().name().to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(default)]
    at: Seconds,
    request: Request,
    #[serde(default)]
    responses: Vec<Response>,
}

/// Seconds since the first step: a number that a clock can show.
#[derive(Clone, Copy, Default, PartialEq, PartialOrd)]
struct Seconds(f64);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if (0.0..=1e12).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(de::Error::custom(format!("`at` is {seconds}: it counts seconds from the first step")))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    url: String,
    #[serde(default = "default_method")]
    method: Octets,
    #[serde(default)]
    headers: Vec<(Octets, Octets)>,
    #[serde(default)]
    credentials: Credentials,
    #[serde(default)]
    mode: RequestMode,
    #[serde(default)]
    redirect: Redirect,
    #[serde(default)]
    body: Option<RequestBody>,
    #[serde(default)]
    initiator: RequestInitiator,
}

fn default_method() -> Octets {
    Octets(b"GET".to_vec())
}

impl Request {
    fn into_init(self) -> RequestInit {
        let mut init = RequestInit::new(self.url);
        init.method = self.method.0.into();
        init.headers =
            self.headers.into_iter().map(|(name, value)| (name.0.into(), value.0.into())).collect();
        init.credentials = match self.credentials {
            Credentials::Omit => CredentialsMode::Omit,
            Credentials::SameOrigin => CredentialsMode::SameOrigin,
            Credentials::Include => CredentialsMode::Include,
        };
        init.mode = match self.mode {
            RequestMode::Cors => Mode::Cors,
            RequestMode::NoCors => Mode::NoCors,
            RequestMode::SameOrigin => Mode::SameOrigin,
        };
        init.redirect = match self.redirect {
            Redirect::Follow => RedirectMode::Follow,
            Redirect::Error => RedirectMode::Error,
            Redirect::Manual => RedirectMode::Manual,
        };
        init.initiator = match self.initiator {
            RequestInitiator::Fetch => Initiator::Fetch,
            RequestInitiator::Xhr => Initiator::Xhr,
            RequestInitiator::XhrUploadListener => Initiator::XhrUploadListener,
        };
        init.body = self.body.map(|body| Body {
            content_type: body.content_type.map(|value| value.0.into()),
            ..Body::sample(match body.kind {
                RequestBodyKind::Text => BodyKind::Text,
                RequestBodyKind::Urlencoded => BodyKind::Urlencoded,
                RequestBodyKind::Formdata => BodyKind::FormData,
                RequestBodyKind::Blob => BodyKind::Blob,
                RequestBodyKind::Bytes => BodyKind::Bytes,
                RequestBodyKind::Stream => BodyKind::Stream,
            })
        });
        init
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Credentials {
    Omit,
    #[default]
    SameOrigin,
    Include,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RequestMode {
    #[default]
    Cors,
    NoCors,
    SameOrigin,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Redirect {
    #[default]
    Follow,
    Error,
    Manual,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RequestInitiator {
    #[default]
    Fetch,
    Xhr,
    XhrUploadListener,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestBody {
    #[serde(rename = "type")]
    kind: RequestBodyKind,
    #[serde(default)]
    content_type: Option<Octets>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum RequestBodyKind {
    Text,
    Urlencoded,
    Formdata,
    Blob,
    Bytes,
    Stream,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    #[serde(rename = "for", default)]
    purpose: For,
    #[serde(default = "default_status")]
    status: u16,
    #[serde(default)]
    headers: Vec<(Octets, Octets)>,
    /// No rule looks at a response's body.
    #[serde(default, rename = "body")]
    _body: de::IgnoredAny,
}

const fn default_status() -> u16 {
    200
}

impl Response {
    fn to_http(&self) -> HttpResponse {
        // Around a value the HTTP parser takes tabs and spaces away.
        let value = |value: &Octets| {
            Bytes::Owned(
                corspec_browser::syntax::trim(&value.0, corspec_browser::syntax::is_tab_or_space).to_vec(),
            )
        };
        let headers: HeaderList =
            self.headers.iter().map(|(name, line)| Header::new(name.0.clone(), value(line))).collect();
        HttpResponse { status: self.status, headers, body: Vec::new() }
    }
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum For {
    Preflight,
    #[default]
    Actual,
}

impl For {
    const fn is_for(self, purpose: Purpose) -> bool {
        matches!((self, purpose), (Self::Preflight, Purpose::Preflight) | (Self::Actual, Purpose::Actual))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Preflight => "a preflight",
            Self::Actual => "an actual request",
        }
    }
}

/// A string whose code points are bytes.
struct Octets(Vec<u8>);

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes: Result<Vec<u8>, _> = text.chars().map(|c| u8::try_from(u32::from(c))).collect();
        bytes.map(Self).map_err(|_| {
            de::Error::custom(format!(
                "`{}` has a character beyond U+00FF: code points stand for bytes",
                text.escape_debug()
            ))
        })
    }
}

/// The answer to a line that is no question.
#[derive(Serialize)]
struct Rejected {
    id: Value,
    error: String,
}

#[derive(Serialize)]
struct Answer {
    id: Value,
    profile: &'static str,
    #[serde(flatten)]
    answered: Answered,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answered {
    One(Box<Judged>),
    Steps { steps: Vec<Judged> },
}

#[derive(Default, Serialize)]
struct Judged {
    outcome: JudgedOutcome,
    reason: Option<&'static str>,
    stage: Option<&'static str>,
    status: Option<u16>,
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    visible_headers: Vec<String>,
    sent: Vec<Sent>,
    console: Vec<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum JudgedOutcome {
    Ended(&'static str),
    Unscripted { error: &'static str, message: String, request: Sent },
}

impl Default for JudgedOutcome {
    fn default() -> Self {
        Self::Ended("block")
    }
}

#[derive(Serialize)]
struct Sent {
    #[serde(rename = "for")]
    purpose: &'static str,
    method: String,
    url: String,
    headers: Lines,
}

impl Judged {
    fn new(outcome: &Outcome) -> Self {
        let response = outcome.response();
        let mut visible_headers: Vec<String> = response
            .map(|response| {
                response.headers.iter().map(|header| text(&header.name).to_ascii_lowercase()).collect()
            })
            .unwrap_or_default();
        visible_headers.sort_unstable();
        visible_headers.dedup();
        Self {
            outcome: JudgedOutcome::Ended(outcome.name()),
            reason: outcome.reason().map(|reason| reason.code()),
            stage: outcome.stage().map(|stage| stage.code()),
            status: response.map(|response| response.status),
            kind: response.map(|response| response.kind.name()),
            visible_headers,
            sent: all_sent(outcome),
            console: Vec::new(),
        }
    }
}

fn all_sent(outcome: &Outcome) -> Vec<Sent> {
    outcome.exchanges.iter().map(|exchange| sent(&exchange.request)).collect()
}

/// A request as the format shows it: `Origin` first, then what CORS and script put on it. `Accept: */*`, which is on every
/// request unless script says otherwise, is left out.
fn sent(request: &HttpRequest) -> Sent {
    let line = |header: &Header| (text(&header.name), text(&header.value));
    let (origin, others): (Vec<_>, Vec<_>) = request.headers.iter().partition(|header| header.is("Origin"));
    let default_accept = |header: &&Header| header.is("Accept") && *header.value == *b"*/*";
    Sent {
        purpose: purpose(request.purpose),
        method: text(&request.method),
        url: request.url.to_string(),
        headers: origin
            .into_iter()
            .chain(others.into_iter().filter(|header| !default_accept(header)))
            .map(line)
            .collect(),
    }
}
