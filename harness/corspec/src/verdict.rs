//! Outcome against expectation.

use corspec_browser::{CookieFate, CookieNote, Exchange, Reason};

use crate::browser::{Observed, Performed};
use crate::case::{self, Expect, Kind, PreflightUse, ResponseSource, SentExpect};
use crate::record::{Difference, Verdict, purpose, text};

/// Compares what became of a step with what must become of it. `hits`: how often the handler ran, where that was asked.
pub fn compare(
    kind: Kind,
    step: usize,
    expect: &Expect,
    performed: &Performed,
    hits: Option<u64>,
) -> (Verdict, Vec<Difference>) {
    let mut found = Comparison { step, verdict: Verdict::Pass, differences: Vec::new() };
    let outcome = &performed.outcome;
    let expected = expect.outcome;
    if outcome.name() != expected.as_str() {
        let verdict = if openness(outcome.name()) > openness(expected.as_str()) {
            Verdict::OverExposes
        } else {
            Verdict::OverBlocks
        };
        found.differ(verdict, "outcome", expected, describe(outcome, performed));
        return (found.verdict, found.differences);
    }
    if !outcome.reasons.is_empty() {
        compare_block(kind, expect, performed, &mut found);
    }
    if let Some(stage) = expect.stage
        && let Some(actual) = outcome.stages.first()
        && !outcome.stages.iter().any(|possible| possible.code() == stage.as_str())
    {
        found.differ(Verdict::WrongReason, "stage", stage, actual);
    }
    if let Some(preflight) = expect.preflight {
        let actual = match outcome.preflight {
            Some(actual) => actual.code(),
            // What is not sent may have been cached or not needed.
            None if preflight == PreflightUse::Sent => "not sent",
            None => preflight.as_str(),
        };
        if preflight.as_str() != actual {
            found.differ(Verdict::WrongReason, "preflight", preflight, actual);
        }
    }
    compare_response(expect, outcome, &mut found);
    compare_state(expect, performed, &mut found);
    if let Some(sent) = &expect.sent {
        compare_sent(sent, &outcome.exchanges, &mut found);
    }
    if let Some(mismatch) = &performed.script {
        for request in &mismatch.unanswered {
            found.differ(
                Verdict::WrongReason,
                "responses",
                "an entry for every request",
                format!("none for {request}"),
            );
        }
        if mismatch.unused > 0 {
            let left = format!("{} never asked for", mismatch.unused);
            found.differ(Verdict::WrongReason, "responses", "every entry asked for", left);
        }
    }
    if let (Some(expected), Some(actual)) = (expect.hits, hits)
        && expected != actual
    {
        let verdict = if actual > expected { Verdict::OverExposes } else { Verdict::OverBlocks };
        found.differ(verdict, "hits", expected, actual);
    }
    (found.verdict, found.differences)
}

struct Comparison {
    step: usize,
    verdict: Verdict,
    differences: Vec<Difference>,
}

impl Comparison {
    fn differ(&mut self, verdict: Verdict, what: &str, expected: impl ToString, actual: impl ToString) {
        self.differences.push(Difference {
            step: self.step,
            what: what.to_owned(),
            expected: expected.to_string(),
            actual: actual.to_string(),
        });
        if severity(verdict) > severity(self.verdict) {
            self.verdict = verdict;
        }
    }
}

fn compare_block(kind: Kind, expect: &Expect, performed: &Performed, found: &mut Comparison) {
    let reasons = &performed.outcome.reasons;
    let named = |reason: &Reason| expect.reasons.iter().any(|code| code == reason.code());
    if reasons.iter().any(named) {
        return;
    }
    // A broken connection proves nothing about a server's policy.
    if reasons[..] == [Reason::NetworkError] && kind == Kind::Server {
        let failure = performed.last_failure().unwrap_or("no response came");
        found.differ(Verdict::Error, "outcome", "a response that the browser blocks", failure);
    } else if !expect.reasons.is_empty() {
        found.differ(
            Verdict::WrongReason,
            "reason",
            expect.reasons.join(" or "),
            describe(&performed.outcome, performed),
        );
    }
}

fn compare_response(expect: &Expect, outcome: &Observed, found: &mut Comparison) {
    let Some(response) = &outcome.response else { return };
    if let (Some(status), Some(actual)) = (expect.status, response.status)
        && status != actual
    {
        found.differ(Verdict::WrongReason, "status", status, actual);
    }
    if let (Some(kind), Some(actual)) = (expect.response_type, response.kind)
        && kind != actual
    {
        found.differ(Verdict::WrongReason, "type", kind, actual);
    }
    let Some(headers) = &response.headers else { return };
    for visible in &expect.visible {
        match (headers.get(visible.name.as_bytes()), &visible.value) {
            (None, _) => found.differ(Verdict::OverBlocks, "visible", &visible.name, "not visible to script"),
            (Some(actual), Some(value)) if *actual != **value => {
                let expected = format!("{}: {}", visible.name, text(value));
                found.differ(
                    Verdict::WrongReason,
                    "visible",
                    expected,
                    format!("{}: {}", visible.name, text(&actual)),
                );
            }
            _ => {}
        }
    }
    for name in &expect.hidden {
        if headers.contains(name.as_bytes()) {
            found.differ(Verdict::OverExposes, "hidden", format!("no {name}"), "visible to script");
        }
    }
}

/// Cookies, caches, and what else the browser keeps.
fn compare_state(expect: &Expect, performed: &Performed, found: &mut Comparison) {
    let exchanges = &performed.outcome.exchanges;
    let held = exchanges.iter().rev().flat_map(|exchange| &exchange.cookies_sent);
    let explained = performed.outcome.explains_cookies;
    compare_cookies("cookies", &expect.cookies, &held.collect::<Vec<_>>(), explained, found);
    let set = exchanges.iter().rev().flat_map(|exchange| &exchange.cookies_set);
    compare_cookies("set_cookies", &expect.set_cookies, &set.collect::<Vec<_>>(), explained, found);
    if let Some(expected) = expect.source {
        let actual = performed.source();
        if actual != Some(expected) {
            let actual = actual.map_or("no response", ResponseSource::as_str);
            found.differ(Verdict::WrongReason, "source", expected, actual);
        }
    }
    if let (Some(expected), Some(actual)) = (expect.timing, performed.outcome.timing_allowed)
        && expected != actual
    {
        found.differ(Verdict::WrongReason, "timing", expected, actual);
    }
}

/// The fate of each cookie that is expected, in the last exchange that knows of it.
fn compare_cookies(
    key: &str,
    expected: &[(String, CookieFate)],
    notes: &[&CookieNote],
    explained: bool,
    found: &mut Comparison,
) {
    for (name, fate) in expected {
        let note = notes.iter().find(|note| *note.name == *name.as_bytes());
        let travelled = note.is_some_and(|note| note.travelled);
        let untold = key == "set_cookies" && note.is_none();
        if !explained && (untold || travelled == fate.travels()) {
            continue;
        }
        let actual =
            note.map_or_else(|| format!("no cookie {name}"), |note| format!("{name}: {}", note.because));
        let expected = format!("{name}: {fate}");
        if actual != expected {
            found.differ(Verdict::WrongReason, key, expected, actual);
        }
    }
}

fn compare_sent(expected: &[SentExpect], exchanges: &[Exchange], found: &mut Comparison) {
    let methods = |exchanges: &[Exchange]| {
        exchanges.iter().map(|exchange| text(&exchange.request.method)).collect::<Vec<_>>().join(", ")
    };
    if expected.len() != exchanges.len() {
        let expected: Vec<_> = expected.iter().map(|sent| sent.method.as_deref().unwrap_or("any")).collect();
        found.differ(
            Verdict::WrongReason,
            "sent",
            format!("[{}]", expected.join(", ")),
            format!("[{}]", methods(exchanges)),
        );
        return;
    }
    for (index, (sent, exchange)) in expected.iter().zip(exchanges).enumerate() {
        let request = &exchange.request;
        let at = |key: &str| format!("sent[{index}].{key}");
        if let Some(method) = &sent.method
            && *method != text(&request.method)
        {
            found.differ(Verdict::WrongReason, &at("method"), method, text(&request.method));
        }
        if let Some(url) = &sent.url
            && *url != request.url.as_str()
        {
            found.differ(Verdict::WrongReason, &at("url"), url, request.url.as_str());
        }
        if let Some(expected) = sent.purpose
            && expected != request.purpose
        {
            found.differ(Verdict::WrongReason, &at("for"), purpose(expected), purpose(request.purpose));
        }
        for (name, value) in &sent.headers {
            let actual = request.headers.get(name.as_bytes());
            if actual.as_deref() != Some(value) {
                let actual =
                    actual.map_or_else(|| "absent".to_owned(), |actual| format!("{name}: {}", text(&actual)));
                found.differ(
                    Verdict::WrongReason,
                    &at("headers"),
                    format!("{name}: {}", text(value)),
                    actual,
                );
            }
        }
        for name in &sent.without {
            if let Some(actual) = request.headers.get(name.as_bytes()) {
                let actual = format!("{name}: {}", text(&actual));
                found.differ(Verdict::WrongReason, &at("without"), format!("no {name}"), actual);
            }
        }
    }
}

/// An outcome in a few words.
fn describe(outcome: &Observed, performed: &Performed) -> String {
    match (outcome.reason(), outcome.stage()) {
        (None, _) if !outcome.reasons.is_empty() => {
            let codes: Vec<_> = outcome.reasons.iter().map(|reason| reason.code()).collect();
            format!("block: {}", codes.join(" or "))
        }
        (Some(Reason::NetworkError), Some(stage)) => {
            let failure = performed.last_failure().unwrap_or("no response came");
            format!("block: network-error ({stage}): {failure}")
        }
        (Some(reason), Some(stage)) => format!("block: {reason} ({stage})"),
        _ => outcome.name().to_owned(),
    }
}

/// How much an outcome lets a page have.
fn openness(outcome: &str) -> u8 {
    [case::Outcome::Block, case::Outcome::Opaque, case::Outcome::Allow]
        .iter()
        .position(|known| known.as_str() == outcome)
        .map_or(0, |rank| rank as u8)
}

fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::WrongReason => 1,
        Verdict::OverBlocks => 2,
        Verdict::Error => 3,
        _ => 4,
    }
}
