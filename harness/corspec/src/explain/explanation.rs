//! The explanation: what the browser did, step by step, and what would have to change.

use corspec_browser::{
    CredentialsMode, Decision, Ending, HeaderList, HttpRequest, HttpResponse, Mode, Origin, Profile, Purpose,
    Reason, ResponseKind, Rule, STANDARD, Stage,
};
use serde::Serialize;

use super::question::Question;
use super::remedy::{Remedy, remedy};
use super::transcript::play;
use super::{console, plain};
use crate::record::{lines, purpose, text};
use crate::report::printable::{abridged, wire};

pub use crate::record::Lines;

/// What a browser did with a request, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// How it ended.
    pub verdict: Verdict,
    /// The same in a sentence.
    pub sentence: String,
    /// The code of the reason, where it was blocked.
    pub reason: Option<&'static str>,
    /// Where it was blocked.
    pub stage: Option<&'static str>,
    /// What the browser did, in order.
    pub steps: Vec<Step>,
    /// The status that script sees.
    pub status: Option<u16>,
    /// The names of the response's headers that script can read, in lower case.
    pub readable: Vec<String>,
    /// Those that it cannot.
    pub hidden: Vec<String>,
    /// What each engine's console says.
    pub console: Vec<Console>,
    /// What the server would have to send.
    pub remedy: Remedy,
    /// What a reader should know of how the input was read.
    pub notes: Vec<String>,
    /// The commit of the standard that this follows.
    pub standard: &'static str,
}

/// How a request ended, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Script may read the response.
    Allow,
    /// It was sent, and script sees nothing of the response.
    Opaque,
    /// `fetch()` rejects.
    Block,
    /// It hangs on an answer that is not known.
    Open,
}

/// One thing that the browser did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What it did, in a sentence.
    pub did: String,
    /// What it decided before a request.
    pub before: Vec<Decided>,
    /// The request that it sent.
    pub sent: Option<Sent>,
    /// What it decided when the answer came.
    pub after: Vec<Decided>,
}

/// A request, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// `preflight` or `actual`
    #[serde(rename = "for")]
    pub purpose: &'static str,
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The headers that the Fetch standard and script put on it.
    pub headers: Lines,
    /// Whether it is known what came back.
    pub known: bool,
    /// The status of the answer, where one came.
    pub status: Option<u16>,
    /// The headers of the answer.
    pub answer: Lines,
}

/// A decision, in plain words and in the standard's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// What it means.
    pub said: String,
    /// The rule's stable code.
    pub rule: &'static str,
    /// What the rule asks.
    pub clause: &'static str,
    /// Whether that is so.
    pub holds: bool,
    /// The standard's algorithm and step.
    pub place: String,
    /// Where the standard says it.
    pub anchor: &'static str,
    /// The header that it looked at.
    pub header: Option<&'static str>,
    /// What it looked at.
    pub input: String,
    /// Whether it is the one that blocked.
    pub deciding: bool,
}

/// What an engine's console says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Console {
    /// The engine.
    pub engine: &'static str,
    /// Its lines.
    pub lines: Vec<String>,
}

impl Explanation {
    /// Explains what a browser does under a profile's rules.
    pub fn of(question: &Question, profile: Profile) -> Self {
        let played = play(&question.page, question.init.clone(), profile, &question.answers);
        let outcome = &played.outcome;
        let pending = played.pending.as_ref();
        let verdict = match &outcome.ending {
            _ if pending.is_some() => Verdict::Open,
            Ending::Allow(_) => Verdict::Allow,
            Ending::Opaque(_) => Verdict::Opaque,
            Ending::Block { .. } => Verdict::Block,
        };
        let blocked = match outcome.ending {
            Ending::Block { reason, stage } if pending.is_none() => Some((reason, stage)),
            _ => None,
        };
        let last = outcome.exchanges.last();
        let came = last.and_then(|exchange| exchange.response.as_ref());
        let seen = outcome.response().filter(|_| verdict == Verdict::Allow);
        let readable = seen.map(|response| names(&response.headers)).unwrap_or_default();
        let all =
            came.filter(|_| seen.is_some()).map(|response| names(&response.headers)).unwrap_or_default();
        // Cookies no server can make script see, and what permits reading says nothing to it.
        let hidden = all.into_iter().filter(|name| !readable.contains(name) && !is_of_no_use(name)).collect();
        let mut notes = question.notes.clone();
        if played.unasked > 0 {
            notes.push(
                "This request needs no preflight, so the browser makes none, and the answer to one was not looked at."
                    .to_owned(),
            );
        }
        Self {
            verdict,
            sentence: sentence(question, &outcome.ending, pending, outcome.exchanges.len()),
            reason: blocked.map(|(reason, _)| reason.code()),
            stage: blocked.map(|(_, stage)| stage.code()),
            steps: steps(question, &played.outcome, pending),
            status: seen.map(|response| response.status),
            readable,
            hidden,
            console: if blocked.is_some() { console::consoles(question) } else { Vec::new() },
            remedy: match verdict {
                Verdict::Allow | Verdict::Opaque => Remedy::default(),
                Verdict::Block | Verdict::Open => remedy(question, profile, &played),
            },
            notes,
            standard: STANDARD,
        }
    }
}

fn sentence(question: &Question, ending: &Ending, pending: Option<&HttpRequest>, sent: usize) -> String {
    let call = call(question);
    match (pending, ending) {
        (Some(request), _) if request.purpose == Purpose::Preflight => format!(
            "Before {call}, the browser asks the server with a preflight; what the server answers decides."
        ),
        (Some(_), _) if sent == 0 => {
            format!(
                "The browser sends {call} at once; what the server answers decides whether the page may read it."
            )
        }
        (Some(request), _) => format!(
            "So far nothing is wrong: the browser goes on to send {} {}, and what the server answers to that decides.",
            wire(&text(&request.method), 40),
            abridged(request.url.as_str(), 200)
        ),
        (None, Ending::Allow(response)) if response.kind == ResponseKind::Basic => {
            format!(
                "The page reads the answer to {call}: it is of the page's own origin, and CORS has no say."
            )
        }
        (None, Ending::Allow(response)) => {
            format!(
                "It works: the browser lets the page read the answer to {call}, with status {}.",
                response.status
            )
        }
        (None, Ending::Opaque(response)) if response.kind == ResponseKind::OpaqueRedirect => format!(
            "The browser sent {call}, was redirected, and gave the page the redirect unread, as redirect: \"manual\" asks."
        ),
        (None, Ending::Opaque(_)) => format!(
            "The browser sent {call}, and lets the page read nothing of the answer, as mode \"no-cors\" asks."
        ),
        (None, Ending::Block { reason, stage }) => {
            let summary = reason.summary();
            match (stage, reason) {
                (Stage::Request, _) => format!("The browser sent nothing at all: {}", uncapped(summary)),
                (Stage::Preflight, Reason::NetworkError) => {
                    format!(
                        "The browser sent the preflight and got no usable answer, so it never sent {call}."
                    )
                }
                (Stage::Preflight, _) => format!(
                    "The browser sent the preflight and then stopped, so it never sent {call}: {}",
                    uncapped(summary)
                ),
                (Stage::Actual, Reason::NetworkError) => {
                    format!("The browser sent {call} and got no usable answer. That is not CORS's doing.")
                }
                (Stage::Actual, _) => format!(
                    "The browser sent {call}, the server {}, and the browser keeps the answer from the page: {}",
                    if has_effects(question) { "acted on it and answered" } else { "answered" },
                    uncapped(summary)
                ),
                (Stage::Redirect, _) => {
                    format!(
                        "The browser sent {call}, was redirected, and stopped there: {}",
                        uncapped(summary)
                    )
                }
            }
        }
    }
}

/// A summary behind a colon: names of headers and acronyms keep their capital.
fn uncapped(summary: &str) -> String {
    let first = summary.split(' ').next().unwrap_or_default();
    if !["The", "No", "A", "Script", "Browsers", "Only", "Mode", "Across"].contains(&first) {
        return summary.to_owned();
    }
    let mut characters = summary.chars();
    characters.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(characters).collect()
}

fn has_effects(question: &Question) -> bool {
    let method = corspec_browser::method::normalize(&question.init.method);
    !matches!(&*method, b"GET" | b"HEAD" | b"OPTIONS")
}

/// `PUT https://api.example/x`
fn call(question: &Question) -> String {
    let method = corspec_browser::method::normalize(&question.init.method);
    format!("{} {}", wire(&text(&method), 40), abridged(&question.init.url, 200))
}

fn steps(
    question: &Question,
    outcome: &corspec_browser::Outcome,
    pending: Option<&HttpRequest>,
) -> Vec<Step> {
    let deciding = outcome.trace.deciding().filter(|_| pending.is_none()).map(|(index, _)| index);
    let reason = outcome.reason();
    let authorized =
        question.init.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"authorization"));
    let told = |sent: usize, answers: bool| -> Vec<Decided> {
        outcome
            .trace
            .iter()
            .enumerate()
            .filter(|(_, decision)| decision.sent == sent && is_about_an_answer(decision.rule) == answers)
            .filter(|(_, decision)| decision.rule != Rule::AuthorizationIsDropped || authorized)
            .filter_map(|(index, decision)| {
                let decides = deciding == Some(index);
                let said = plain::decided(decision)
                    .or_else(|| decides.then(|| reason.map_or("", Reason::summary).to_owned()))?;
                Some(decided(decision, said, decides))
            })
            .collect()
    };
    let mut steps = vec![Step { did: asks(question), before: told(0, false), sent: None, after: Vec::new() }];
    let exchanges = outcome.exchanges.iter().map(|exchange| (&exchange.request, exchange.response.as_ref()));
    for (index, (request, response)) in exchanges.chain(pending.map(|request| (request, None))).enumerate() {
        let known = index < outcome.exchanges.len();
        let first_hop = index == 0 || outcome.exchanges[index - 1].request.purpose == Purpose::Preflight;
        let did = match request.purpose {
            Purpose::Preflight => "The browser asks for permission. This request is the preflight:",
            Purpose::Actual if first_hop => "The browser sends the request itself:",
            Purpose::Actual => "The browser follows the redirect:",
        };
        steps.push(Step {
            did: did.to_owned(),
            before: if index == 0 { Vec::new() } else { told(index, false) },
            sent: Some(sent(request, response, known)),
            after: if known { told(index + 1, true) } else { Vec::new() },
        });
    }
    // A redirect can lead to where nothing is sent any more.
    let trailing = outcome.exchanges.len();
    if pending.is_none() && trailing > 0 {
        let before = told(trailing, false);
        if before.iter().any(|decided| decided.deciding) {
            let did = "The browser looks at where the redirect leads, and stops.".to_owned();
            steps.push(Step { did, before, sent: None, after: Vec::new() });
        }
    }
    steps
}

/// What the page asks for, in a sentence.
fn asks(question: &Question) -> String {
    let page = match &question.page.origin {
        Origin::Opaque => "A page whose origin is null (a sandboxed frame, a file)".to_owned(),
        origin => format!("A page at {}", abridged(origin.serialization(), 80)),
    };
    let mut out = format!("{page} asks for {}", call(question));
    let names: Vec<_> =
        question.init.headers.iter().map(|(name, _)| wire(&text(name), 60).into_owned()).collect();
    if !names.is_empty() {
        let noun = if names.len() == 1 { "header" } else { "headers" };
        out.push_str(&format!(", with the {noun} {}", names.join(", ")));
    }
    match question.init.credentials {
        CredentialsMode::Include => out.push_str(", with credentials (cookies)"),
        CredentialsMode::Omit | CredentialsMode::SameOrigin => {}
    }
    match question.init.mode {
        Mode::Cors => {}
        Mode::NoCors => out.push_str(", in mode no-cors"),
        Mode::SameOrigin => out.push_str(", in mode same-origin"),
    }
    out.push('.');
    out
}

/// Whether a rule is asked when an answer came, rather than before a request.
fn is_about_an_answer(rule: Rule) -> bool {
    matches!(
        rule.algorithm(),
        "CORS check" | "CORS-preflight fetch" | "cross-origin resource policy check" | "HTTP-redirect fetch"
    ) || matches!(
        rule,
        Rule::ResponseArrived
            | Rule::StatusIsProxyAuthentication
            | Rule::IsRedirectStatus
            | Rule::RedirectModeIsError
            | Rule::RedirectModeIsManual
            | Rule::ExposeHeadersParse
            | Rule::ExposeAllHeaders
            | Rule::ClearPreflightCache
    )
}

fn decided(decision: Decision<'_>, said: String, deciding: bool) -> Decided {
    let rule = decision.rule;
    Decided {
        said,
        rule: rule.code(),
        clause: rule.clause(),
        holds: decision.holds,
        place: format!("{}, step {}", rule.algorithm(), rule.step()),
        anchor: rule.anchor(),
        header: plain::looks_at(rule),
        input: text(decision.input),
        deciding,
    }
}

fn sent(request: &HttpRequest, response: Option<&HttpResponse>, known: bool) -> Sent {
    let mut headers = lines(&request.headers);
    headers.retain(|(name, value)| !(name.eq_ignore_ascii_case("accept") && value == "*/*"));
    Sent {
        purpose: purpose(request.purpose),
        method: text(&request.method),
        url: request.url.to_string(),
        headers,
        known,
        status: response.map(|response| response.status),
        answer: response.map(|response| lines(&response.headers)).unwrap_or_default(),
    }
}

fn names(headers: &HeaderList) -> Vec<String> {
    let mut names: Vec<_> = headers.iter().map(|header| text(&header.name).to_ascii_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn is_of_no_use(name: &str) -> bool {
    name.starts_with("set-cookie") || name.starts_with("access-control-")
}
