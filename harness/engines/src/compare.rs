//! A browser against the case's expectation, and against the model.

use std::borrow::Cow;
use std::fmt::Display;

use corspec::case::{Expect, PreflightUse, Stage};
use corspec::record::{purpose, text};
use corspec_browser::{self as browser, HeaderList, Purpose};
use serde::Serialize;
use url::Url;

use crate::console;
use crate::engine::Engine;
use crate::observed::Observed;
use crate::proxy::Seen;

/// One thing in which a browser differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The step, from 0.
    pub step: usize,
    /// From what: the case's expectation, or the model.
    pub from: From,
    /// What it is about.
    pub what: String,
    /// What the case or the model says.
    pub expected: String,
    /// What the browser did.
    pub actual: String,
}

/// What a browser is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum From {
    /// What the case expects of this engine.
    Case,
    /// What the model did.
    Model,
}

/// Collects the differences of one step.
struct Comparison {
    step: usize,
    from: From,
    differences: Vec<Difference>,
}

impl Comparison {
    fn equal(&mut self, what: &str, expected: impl Display, actual: impl Display) {
        let (expected, actual) = (expected.to_string(), actual.to_string());
        if expected != actual {
            let (step, from, what) = (self.step, self.from, what.to_owned());
            self.differences.push(Difference { step, from, what, expected, actual });
        }
    }
}

/// Holds a step against what the case expects of the engine. `scripted`: whether the answers are for what this engine asks.
pub fn with_case(
    engine: Engine,
    step: usize,
    expect: &Expect,
    observed: &Observed,
    scripted: bool,
) -> Vec<Difference> {
    let mut found = Comparison { step, from: From::Case, differences: Vec::new() };
    found.equal("outcome", expect.outcome, observed.outcome);
    let requests = &observed.transcript.requests;
    if observed.outcome == corspec::case::Outcome::Block && expect.outcome == observed.outcome {
        let named = console::reasons(engine, &observed.console);
        let good =
            |codes: &&[&str]| codes.iter().any(|code| expect.reasons.iter().any(|reason| reason == code));
        if !expect.reasons.is_empty() && !named.is_empty() && !named.iter().any(good) {
            let named: Vec<_> = named.iter().map(|codes| codes.join("/")).collect();
            found.equal("reason", expect.reasons.join(" or "), named.join(", "));
        }
        if let Some(stage) = expect.stage {
            let reached = match requests.last().map(Seen::purpose) {
                None => Stage::Request,
                Some(Purpose::Preflight) => Stage::Preflight,
                // A redirect that cannot be followed is the answer to an actual request too.
                Some(Purpose::Actual) if stage == Stage::Redirect => Stage::Redirect,
                Some(Purpose::Actual) => Stage::Actual,
            };
            found.equal("stage", stage, reached);
        }
    }
    if let Some(preflight) = expect.preflight {
        let sent = |sent: bool| if sent { "sent" } else { "not sent" };
        found.equal("preflight", sent(preflight == PreflightUse::Sent), sent(observed.sent_preflight()));
    }
    response(expect, observed, &mut found);
    if let Some(sent) = &expect.sent {
        let methods = || requests.iter().map(|request| &*request.method);
        let expected = sent.iter().zip(methods().map(Some).chain(std::iter::repeat(None)));
        let expected: Vec<_> =
            expected.map(|(sent, seen)| sent.method.as_deref().or(seen).unwrap_or("any")).collect();
        found.equal("sent", expected.join(" "), methods().collect::<Vec<_>>().join(" "));
        for (index, (sent, seen)) in sent.iter().zip(requests).enumerate() {
            request(index, sent, seen, &mut found);
        }
    }
    if scripted {
        found.equal("unanswered", "", observed.transcript.unanswered.join(", "));
        found.equal("answers left over", 0, observed.transcript.unused);
    }
    found.differences
}

fn response(expect: &Expect, observed: &Observed, found: &mut Comparison) {
    if expect.outcome != observed.outcome {
        return;
    }
    if let (Some(expected), Some(actual)) = (expect.status, observed.status) {
        found.equal("status", expected, actual);
    }
    if let (Some(expected), Some(actual)) = (expect.response_type, observed.response_type) {
        found.equal("type", expected, actual);
    }
    for visible in &expect.visible {
        let actual = observed.visible.get(visible.name.as_bytes());
        let value = visible.value.as_deref().or(actual.as_deref()).unwrap_or(b"any value");
        found.equal(&format!("visible {}", visible.name), text(value), shown(actual.as_ref()));
    }
    for name in &expect.hidden {
        found.equal(
            &format!("hidden {name}"),
            "absent",
            shown(observed.visible.get(name.as_bytes()).as_ref()),
        );
    }
}

fn request(index: usize, expect: &corspec::case::SentExpect, seen: &Seen, found: &mut Comparison) {
    let at = |key: &str| format!("sent[{index}] {key}");
    if let Some(url) = &expect.url {
        found.equal(&at("url"), url, &seen.url);
    }
    if let Some(expected) = expect.purpose {
        found.equal(&at("for"), purpose(expected), purpose(seen.purpose()));
    }
    for (name, value) in &expect.headers {
        let actual = seen.headers.get(name.as_bytes());
        found.equal(&at(name), masked(value), shown(actual.as_ref()));
    }
    for name in &expect.without {
        found.equal(&at(name), "absent", shown(seen.headers.get(name.as_bytes()).as_ref()));
    }
}

/// Holds a step against what the model did: how it ended, all that script sees, and every request with what CORS puts on it.
pub fn with_model(step: usize, model: &browser::Outcome, observed: &Observed) -> Vec<Difference> {
    let mut found = Comparison { step, from: From::Model, differences: Vec::new() };
    found.equal("outcome", model.name(), observed.outcome);
    if let Some(response) = model.response()
        && model.name() == observed.outcome.as_str()
    {
        if let Some(status) = observed.status {
            found.equal("status", response.status, status);
        }
        if let Some(kind) = observed.response_type {
            found.equal("type", response.kind.name(), kind);
        }
        let url = response.url.clone().map_or_else(String::new, |mut url| {
            url.set_fragment(None);
            url.into()
        });
        found.equal("url", url, observed.url.as_deref().unwrap_or_default());
        found.equal("visible", listed(&response.headers), listed(&observed.visible));
    }
    let requests = &observed.transcript.requests;
    let modelled: Vec<_> = model
        .exchanges
        .iter()
        .map(|exchange| line(&exchange.request.method, exchange.request.url.as_str()))
        .collect();
    let seen: Vec<_> = requests.iter().map(|seen| line(seen.method.as_bytes(), &seen.url)).collect();
    let alike = modelled == seen;
    found.equal("sent", modelled.join(", "), seen.join(", "));
    if !alike {
        return found.differences;
    }
    for (index, (exchange, seen)) in model.exchanges.iter().zip(requests).enumerate() {
        for name in [
            "Origin",
            "Access-Control-Request-Method",
            "Access-Control-Request-Headers",
            "Authorization",
            "Content-Type",
        ] {
            let expected = exchange.request.headers.get(name.as_bytes());
            let actual = seen.headers.get(name.as_bytes());
            found.equal(&format!("sent[{index}] {name}"), shown(expected.as_ref()), shown(actual.as_ref()));
        }
    }
    found.differences
}

/// A request without what never goes over the wire: the fragment, and user name and password.
fn line(method: &[u8], url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return format!("{} {url}", text(method)) };
    url.set_fragment(None);
    // Both fail only for URLs that have no host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    format!("{} {url}", text(method))
}

fn shown(value: Option<&Cow<'_, [u8]>>) -> String {
    value.map_or_else(|| "absent".to_owned(), |value| masked(value))
}

/// Every browser has its own boundary, and a new one each time.
fn masked(value: &[u8]) -> String {
    let value = text(value);
    match value.split_once("boundary=") {
        Some((start, _)) if value.starts_with("multipart/form-data") => format!("{start}boundary=…"),
        _ => value,
    }
}

fn listed(headers: &HeaderList) -> String {
    let mut names: Vec<_> = headers.iter().map(|header| text(&header.name).to_ascii_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    let line = |name: &String| {
        format!("{name}: {}", headers.get(name.as_bytes()).map_or_else(String::new, |v| text(&v)))
    };
    names.iter().map(line).collect::<Vec<_>>().join(" | ")
}
