//! A record made by hand, with one result of every kind, and larger ones.

use std::time::Duration;

use corspec_browser::{
    Browser, Bytes, CredentialsMode, Fetch, Header, HttpResponse, Next, Origin, Page, Profile, RequestInit,
};
use corspec_protocol::{Hello, Policy};

use crate::record::{
    About, Asked, CaseResult, DecisionRecord, DeviationNote, Difference, ExchangeRecord, Record,
    ResponseRecord, RunInfo, ServerInfo, StepRecord, Verdict, lines, purpose, text,
};

pub(super) const SERVER: &str = "http://127.0.0.1:40123";

/// What stands on line 9 of every file.
pub(super) fn source(file: &str) -> Option<String> {
    let line = "    expect: {block: allow-origin-mismatch, any_of: [allow-origin-missing]}";
    file.ends_with(".yaml").then(|| format!("{}{line}\n", "\n".repeat(8)))
}

pub(crate) fn record() -> Record {
    let express = ServerInfo {
        name: "express-cors".to_owned(),
        hello: Some(Hello {
            language: Some("javascript".into()),
            framework: Some("express 5.3.0".into()),
            middleware: Some("cors 2.8.6".into()),
            runtime: Some("node 20.20.2".into()),
            homepage: Some("https://github.com/expressjs/cors".into()),
            lacks: vec!["hits".into()],
            ..Hello::new("express-cors")
        }),
        problem: None,
    };
    let nginx = ServerInfo {
        name: "nginx".to_owned(),
        hello: None,
        problem: Some("nginx is not installed".to_owned()),
    };
    Record {
        run: RunInfo {
            corspec: "0.1.0".to_owned(),
            standard: corspec_browser::STANDARD.to_owned(),
            started: 1_784_901_780,
            arguments: vec!["run".to_owned(), "--server".to_owned(), "express-cors".to_owned()],
        },
        servers: vec![express, nginx],
        results: results(),
        views: Vec::new(),
        as_it_comes: Vec::new(),
        complete: true,
    }
}

/// As many results as asked for, over five servers: most pass, with all the bytes that a real run has.
pub(super) fn many(count: usize) -> Record {
    let mut record = record();
    let kinds = record.results.clone();
    let servers = ["express-cors", "tower-http", "actix-cors", "django-cors-headers", "rs-cors"];
    record.servers = servers
        .map(|name| ServerInfo { name: name.to_owned(), hello: Some(Hello::new(name)), problem: None })
        .to_vec();
    record.results = (0..count)
        .map(|index| {
            let mut result =
                kinds[if index % 25 == 7 { index / 25 % kinds.len() } else { index % 2 }].clone();
            result.server = servers[index * servers.len() / count].to_owned();
            let number = index % (count / servers.len()).max(1);
            result.case = format!("suite-{:02}/a-page-that-is-listed-reads-{:03}", number / 8, number % 8);
            result
        })
        .collect();
    record
}

fn results() -> Vec<CaseResult> {
    let get = || RequestInit::new(format!("{SERVER}/resource"));
    let put = || RequestInit {
        method: Bytes::Borrowed(b"PUT"),
        headers: vec![(Bytes::Borrowed(b"X-Token"), Bytes::Borrowed(b"t"))],
        credentials: CredentialsMode::Include,
        ..get()
    };
    let app = "https://app.example";
    let evil = "https://app.example.evil.test";
    let reads = step(app, get(), &[answer(200, &[("Access-Control-Allow-Origin", app)])]);
    let writes = step(
        app,
        put(),
        &[
            answer(
                204,
                &[
                    ("Access-Control-Allow-Origin", app),
                    ("Access-Control-Allow-Credentials", "true"),
                    ("Access-Control-Allow-Methods", "GET,PUT"),
                    ("Access-Control-Allow-Headers", "X-Token"),
                ],
            ),
            answer(
                200,
                &[("Access-Control-Allow-Origin", app), ("Access-Control-Allow-Credentials", "true")],
            ),
        ],
    );
    let hole =
        step(evil, get(), &[answer(200, &[("Access-Control-Allow-Origin", evil), ("Vary", "Origin")])]);
    let locked = step(
        app,
        put(),
        &[answer(
            204,
            &[
                ("Access-Control-Allow-Origin", app),
                ("Access-Control-Allow-Credentials", "true"),
                ("Access-Control-Allow-Methods", "GET,HEAD"),
            ],
        )],
    );
    let silent = step(evil, get(), &[answer(200, &[])]);
    let broken = step(app, get(), &[]);

    let mut over_exposes =
        result("look-alike-origins/suffix-is-kept-out", Verdict::OverExposes, "block", vec![hole.clone()]);
    over_exposes.expected_reasons =
        vec!["allow-origin-mismatch".to_owned(), "allow-origin-missing".to_owned()];
    over_exposes.differences = vec![differs("outcome", "block", "allow")];
    over_exposes.about.why =
        "anybody can register app.example.evil.test, so a name that begins like the listed one \
                              is as strange as any other"
            .to_owned();
    let mut over_blocks =
        result("methods/put-is-granted", Verdict::OverBlocks, "allow", vec![locked.clone()]);
    over_blocks.differences = vec![differs("outcome", "allow", "block: method-not-allowed (preflight)")];
    let mut wrong_reason =
        result("look-alike-origins/is-told-apart", Verdict::WrongReason, "block", vec![silent]);
    wrong_reason.expected_reasons = vec!["allow-origin-mismatch".to_owned()];
    wrong_reason.differences = vec![
        differs("reason", "allow-origin-mismatch", "block: allow-origin-missing (actual)"),
        differs("hits", "0", "1"),
    ];
    let mut known = result("methods/put-with-a-token", Verdict::OverBlocks, "allow", vec![locked.clone()]);
    known.differences = over_blocks.differences.clone();
    known.deviation = Some(DeviationNote {
        class: "bug".to_owned(),
        reason: "methods are matched before they are trimmed (seen in 2.8.6)".to_owned(),
        link: Some("https://github.com/expressjs/cors/issues/1".to_owned()),
    });
    let mut noted = result("methods/head-unlisted", Verdict::OverBlocks, "allow", vec![locked]);
    noted.differences = over_blocks.differences.clone();
    noted.level = "may".to_owned();
    let mut unsupported = result("subdomain-pattern/one-label", Verdict::Unsupported, "allow", vec![]);
    unsupported.message = Some("no patterns".to_owned());
    let mut refused = result("any-origin-with-credentials/reads", Verdict::Refused, "block", vec![]);
    refused.message = Some("Cannot allow credentials for wildcard origins".to_owned());
    let mut first = result("null-permitted/null-reads", Verdict::Inconclusive, "allow", vec![]);
    first.message = Some("both controls ended in block".to_owned());
    let mut second = first.clone();
    second.case = "null-permitted/other-is-kept-out".to_owned();
    let mut error = result("error-responses/panic-is-readable", Verdict::Error, "allow", vec![broken]);
    error.message = Some("no answer within 5.0 s\nstderr: thread panicked at src/main.rs:4".to_owned());
    error.differences =
        vec![differs("outcome", "a response", "connection closed before the head was complete")];
    let mut unavailable = result("methods/put-is-granted", Verdict::Unavailable, "allow", vec![]);
    unavailable.server = "nginx".to_owned();
    unavailable.message = Some("nginx is not installed".to_owned());
    vec![
        result("exact-origin/listed-origin-reads", Verdict::Pass, "allow", vec![reads]),
        result("exact-origin/listed-origin-writes", Verdict::Pass, "allow", vec![writes]),
        over_exposes,
        wrong_reason,
        over_blocks,
        known,
        noted,
        unsupported,
        refused,
        first,
        second,
        error,
        unavailable,
    ]
}

fn result(case: &str, verdict: Verdict, expected: &str, steps: Vec<StepRecord>) -> CaseResult {
    let last = steps.last().cloned().unwrap_or_default();
    CaseResult {
        server: "express-cors".to_owned(),
        case: case.to_owned(),
        profile: "fetch".to_owned(),
        browser: None,
        level: "must".to_owned(),
        verdict,
        expected: expected.to_owned(),
        expected_reasons: Vec::new(),
        outcome: (!steps.is_empty()).then_some(last.outcome),
        reason: last.reason,
        stage: last.stage,
        differences: Vec::new(),
        message: None,
        deviation: None,
        about: About {
            why: "the owner permits this page".to_owned(),
            spec: "https://fetch.spec.whatwg.org/#cors-protocol".to_owned(),
            file: format!("cases/server/{}.yaml", case.split('/').next().unwrap_or_default()),
            line: 9,
            policy: Some(Policy {
                origins: vec!["https://app.example".to_owned()],
                methods: vec!["GET".to_owned(), "PUT".to_owned()],
                headers: vec!["X-Token".to_owned()],
                expose: vec![],
                credentials: true,
                max_age: Some(600),
            }),
        },
        steps,
        micros: 1250,
    }
}

fn differs(what: &str, expected: &str, actual: &str) -> Difference {
    Difference { step: 0, what: what.to_owned(), expected: expected.to_owned(), actual: actual.to_owned() }
}

fn answer(status: u16, headers: &[(&'static str, &'static str)]) -> HttpResponse {
    let own = [
        ("Content-Type", "application/json"),
        ("Date", "Fri, 24 Jul 2026 14:03:00 GMT"),
        ("X-Request-Id", "r-1"),
    ];
    HttpResponse {
        status,
        headers: own
            .iter()
            .chain(headers)
            .map(|&(name, value)| Header::new(name.as_bytes(), value.as_bytes()))
            .collect(),
        body: br#"{"resource":"ok"}"#.to_vec(),
    }
}

/// What the model makes of it.
fn step(origin: &str, init: RequestInit, answers: &[HttpResponse]) -> StepRecord {
    let mut browser = Browser::new(Profile::Fetch);
    let page = Page::new(Origin::parse(origin).unwrap());
    let request = Asked {
        origin: origin.to_owned(),
        url: init.url.clone(),
        method: text(&init.method),
        headers: init.headers.iter().map(|(name, value)| (text(name), text(value))).collect(),
        credentials: if init.credentials == CredentialsMode::Include { "include" } else { "same-origin" }
            .to_owned(),
        mode: "cors".to_owned(),
        redirect: "follow".to_owned(),
        body: None,
        initiator: "fetch".to_owned(),
    };
    let mut fetch = Fetch::new(&page, init);
    let mut answers = answers.iter();
    while let Next::Send(_) = fetch.next(&mut browser, Duration::ZERO) {
        fetch.receive(&mut browser, Duration::ZERO, answers.next().cloned());
    }
    let outcome = fetch.into_outcome();
    let deciding = outcome.trace.deciding().map(|(index, _)| index);
    StepRecord {
        at: 0,
        request,
        outcome: outcome.name().to_owned(),
        reason: outcome.reason().map(|reason| reason.code().to_owned()),
        stage: outcome.stage().map(|stage| stage.code().to_owned()),
        preflight: outcome.preflight.code().to_owned(),
        status: outcome.response().map(|response| response.status),
        response_type: outcome.response().map(|response| response.kind.name().to_owned()),
        visible: outcome.response().map(|response| lines(&response.headers)).unwrap_or_default(),
        exchanges: outcome
            .exchanges
            .iter()
            .map(|exchange| ExchangeRecord {
                purpose: purpose(exchange.request.purpose).to_owned(),
                method: text(&exchange.request.method),
                url: exchange.request.url.to_string(),
                headers: lines(&exchange.request.headers),
                response: exchange.response.as_ref().map(|response| ResponseRecord {
                    status: response.status,
                    headers: lines(&response.headers),
                    body: text(&response.body),
                }),
                failure: exchange
                    .response
                    .is_none()
                    .then(|| "connection closed before the head was complete".to_owned()),
                source: None,
            })
            .collect(),
        visitor: String::new(),
        cookies: Vec::new(),
        console: Vec::new(),
        trace: outcome
            .trace
            .iter()
            .enumerate()
            .map(|(index, decision)| DecisionRecord {
                rule: decision.rule.code().into(),
                input: text(decision.input),
                holds: decision.holds,
                sent: decision.sent,
                deciding: deciding == Some(index),
            })
            .collect(),
    }
}
