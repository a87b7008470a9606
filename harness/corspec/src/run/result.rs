//! From what happened to a line of the record.

use corspec_browser::{CookieNote, Decision, Exchange, Profile};

use crate::browser::{Browser, Observed, Performed};
use crate::case::{Case, Expect, ResponseSource, Suite, locate};
use crate::record::{
    About, CaseResult, CookieRecord, DecisionRecord, ExchangeRecord, ResponseRecord, StepRecord, Verdict,
    lines, purpose, text,
};

/// How much of a body the record keeps.
const BODY_KEPT: usize = 512;

/// A result that has no outcome.
pub(crate) fn without_outcome(server: &str, case: &str, profile: Profile, verdict: Verdict) -> CaseResult {
    CaseResult {
        server: server.to_owned(),
        case: case.to_owned(),
        profile: profile.name().to_owned(),
        browser: None,
        level: String::new(),
        verdict,
        expected: String::new(),
        expected_reasons: Vec::new(),
        outcome: None,
        reason: None,
        stage: None,
        differences: Vec::new(),
        message: None,
        deviation: None,
        about: About::default(),
        steps: Vec::new(),
        micros: 0,
    }
}

/// A result of a case that says what the case says, and nothing yet of what happened.
pub(super) fn blank(
    server: &str,
    suite: &Suite,
    case: &Case,
    browser: &dyn Browser,
    verdict: Verdict,
) -> CaseResult {
    let profile = browser.profile();
    let expect = case.expect_under(profile.name(), case.steps.len() - 1);
    CaseResult {
        browser: browser.engine(),
        level: case.level.to_string(),
        expected: expect.map_or_else(String::new, |expect| expect.outcome.to_string()),
        expected_reasons: expect.map_or_else(Vec::new, |expect| expect.reasons.clone()),
        about: About {
            why: case.why.clone(),
            spec: case.spec.clone().unwrap_or_else(|| suite.spec.clone()),
            file: suite.source.path.clone(),
            // Finding a line means reading the file again, which is worth it for those alone that need explaining.
            line: if matches!(verdict, Verdict::Error | Verdict::Inconclusive) {
                line_of(suite, case)
            } else {
                0
            },
            policy: suite.policy.clone(),
        },
        ..without_outcome(server, &format!("{}/{}", suite.name, case.id), profile, verdict)
    }
}

/// Fills in what happened, step by step if they are to be told; the outcome is that of the step that `telling` names.
pub(super) fn fill(
    result: &mut CaseResult,
    performed: &[Performed],
    telling: usize,
    expect: &Expect,
    tells_steps: bool,
) {
    if tells_steps {
        result.steps = performed.iter().map(step).collect();
    }
    if let Some(told) = performed.get(telling) {
        result.outcome = Some(told.outcome.name().to_owned());
        result.reason = told.outcome.reason().map(|reason| reason.code().to_owned());
        result.stage = told.outcome.stage().map(|stage| stage.code().to_owned());
        result.expected = expect.outcome.to_string();
        result.expected_reasons.clone_from(&expect.reasons);
    }
}

pub(super) fn line_of(suite: &Suite, case: &Case) -> usize {
    locate(suite, &case.id, "expect").map_or(0, |location| location.line)
}

fn step(performed: &Performed) -> StepRecord {
    let trace = &performed.outcome.trace;
    let deciding = trace.deciding().map(|(index, _)| index);
    let decision = |(index, decision): (usize, Decision<'_>)| DecisionRecord {
        rule: decision.rule.code().into(),
        input: text(decision.input),
        holds: decision.holds,
        sent: decision.sent,
        deciding: deciding == Some(index),
    };
    StepRecord { trace: trace.iter().enumerate().map(decision).collect(), ..step_without_trace(performed) }
}

/// What happened, without the decisions that led to it.
pub(super) fn step_without_trace(performed: &Performed) -> StepRecord {
    let outcome = &performed.outcome;
    let response = outcome.response.as_ref();
    StepRecord {
        at: performed.at,
        visitor: performed.visitor.clone(),
        request: performed.asked.clone(),
        outcome: outcome.name().to_owned(),
        reason: outcome.reason().map(|reason| reason.code().to_owned()),
        stage: outcome.stage().map(|stage| stage.code().to_owned()),
        preflight: outcome.preflight.map_or("not sent", |preflight| preflight.code()).to_owned(),
        status: response.and_then(|response| response.status),
        response_type: response.and_then(|response| Some(response.kind?.to_string())),
        visible: response.and_then(|response| response.headers.as_ref()).map(lines).unwrap_or_default(),
        exchanges: exchanges(performed),
        cookies: cookies(outcome),
        console: performed.console.clone(),
        trace: Vec::new(),
    }
}

fn exchanges(performed: &Performed) -> Vec<ExchangeRecord> {
    let mut sent = performed.sent.iter();
    let exchange = |(exchange, source): (&Exchange, ResponseSource)| {
        let sent = if source == ResponseSource::HttpCache { None } else { sent.next() };
        let written = sent.and_then(|sent| sent.lines.as_ref()).unwrap_or(&exchange.request.headers);
        ExchangeRecord {
            purpose: purpose(exchange.request.purpose).to_owned(),
            method: text(&exchange.request.method),
            url: exchange.request.url.to_string(),
            headers: lines(written),
            response: exchange.response.as_ref().map(|response| ResponseRecord {
                status: response.status,
                headers: lines(&response.headers),
                body: text(&response.body[..response.body.len().min(BODY_KEPT)]),
            }),
            failure: sent.and_then(|sent| sent.failure.clone()),
            source: (source != ResponseSource::Network).then(|| source.to_string()),
        }
    };
    performed.outcome.exchanges.iter().zip(performed.sources()).map(exchange).collect()
}

fn cookies(outcome: &Observed) -> Vec<CookieRecord> {
    let noted = |exchange: usize, set: bool, notes: &[CookieNote]| -> Vec<CookieRecord> {
        let record = |note: &CookieNote| CookieRecord {
            exchange,
            name: text(&note.name),
            set,
            fate: note.because.code().to_owned(),
        };
        notes.iter().map(record).collect()
    };
    let each = outcome.exchanges.iter().enumerate().flat_map(|(index, exchange)| {
        [noted(index, false, &exchange.cookies_sent), noted(index, true, &exchange.cookies_set)].concat()
    });
    each.collect()
}
