//! What a run makes of what happened: verdicts, known deviations, and what has no verdict.

mod support;

use std::collections::BTreeSet;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use corspec::case::{Expect, Kind, Level, Outcome, Suite};
use corspec::deviation::Deviations;
use corspec::record::{CaseResult, Line, Record, Verdict};
use corspec::run::{Bench, Plan, run};
use corspec::select::Selection;
use corspec::subject::Subject;
use corspec::{Conformance, builtin, derive};
use corspec_browser::Reason;
use corspec_protocol::{Answer, BoxFuture, Hello, Policy, Server};
use corspec_server_reference::Reference;
use rstest::rstest;
use support::{Answered, Asked, fine, impatient, of, record, result, service, suite};

const POLICY: &str = r#"suite: policy
spec: https://fetch.spec.whatwg.org/#http-cors-protocol
policy: {origins: ["https://app.example"], methods: [GET, PUT], headers: [X-Token], expose: [X-Request-Id], credentials: true, max_age: 600}
cases:
  - {id: own-page-reads, why: permitted, request: {origin: "https://app.example"}, expect: allow}
  - {id: own-page-reads-with-cookies, why: permitted, request: {origin: "https://app.example", credentials: include}, expect: allow}
  - {id: own-page-puts, why: permitted, request: {origin: "https://app.example", method: PUT}, expect: {outcome: allow, preflight: sent}}
  - {id: stranger-reads, why: kept out, request: {origin: "https://evil.test"}, expect: block}
  - {id: stranger-reads-with-cookies, why: kept out, request: {origin: "https://evil.test", credentials: include}, expect: block}
  - {id: stranger-puts, why: kept out, request: {origin: "https://evil.test", method: PUT}, expect: {outcome: block, stage: preflight}}
  - {id: own-page-deletes, why: not listed, request: {origin: "https://app.example", method: DELETE}, expect: {block: method-not-allowed}}
  - {id: open-question, level: may, why: both are fine, request: {origin: "https://app.example", method: HEAD}, expect: block}
"#;

fn reflecting(asked: &Asked) -> Answered {
    let mut lines = vec![
        format!("Access-Control-Allow-Origin: {}", asked.origin()),
        "Access-Control-Allow-Credentials: true".to_owned(),
    ];
    lines.extend(
        asked
            .header("access-control-request-method")
            .map(|name| format!("Access-Control-Allow-Methods: {name}")),
    );
    (200, lines)
}

fn without_cors(_: &Asked) -> Answered {
    fine(["Content-Type: text/plain"])
}

/// Does what [`POLICY`] says.
fn correct(asked: &Asked) -> Answered {
    if asked.origin() != "https://app.example" {
        return fine(["Vary: Origin"]);
    }
    fine([
        "Access-Control-Allow-Origin: https://app.example",
        "Access-Control-Allow-Credentials: true",
        "Access-Control-Allow-Methods: GET, PUT",
        "Access-Control-Allow-Headers: X-Token",
        "Access-Control-Expose-Headers: X-Request-Id",
        "Vary: Origin",
    ])
}

/// Correct but for the own page's `PUT`.
fn without_put(asked: &Asked) -> Answered {
    let (status, mut lines) = correct(asked);
    lines.retain(|line| !line.starts_with("Access-Control-Allow-Methods"));
    (status, lines)
}

async fn run_policy(answer: fn(&Asked) -> Answered) -> Record {
    record(impatient(vec![suite(POLICY)]), &[Subject::server("service", service("service", answer))]).await
}

fn verdicts(record: &Record) -> Vec<(&str, Verdict)> {
    record.results.iter().map(|result| (result.case.trim_start_matches("policy/"), result.verdict)).collect()
}

#[tokio::test]
async fn a_correct_server_passes() {
    let record = run_policy(correct).await;
    for result in &record.results {
        let expected = if result.level == "may" { Verdict::OverExposes } else { Verdict::Pass };
        assert_eq!(result.verdict, expected, "{}", result.case);
        // What is open may end otherwise, and is noted.
        assert!(!result.fails());
    }
    assert!(record.complete);
    assert_eq!(record.tally(), [("over-exposes".to_owned(), 1), ("pass".to_owned(), 7)].into());
}

#[tokio::test]
async fn whoever_reflects_every_origin_over_exposes_and_passes_nowhere() {
    let record = run_policy(reflecting).await;
    assert_eq!(
        verdicts(&record),
        [
            ("own-page-reads", Verdict::Inconclusive),
            ("own-page-reads-with-cookies", Verdict::Inconclusive),
            ("own-page-puts", Verdict::Inconclusive),
            ("stranger-reads", Verdict::OverExposes),
            ("stranger-reads-with-cookies", Verdict::OverExposes),
            ("stranger-puts", Verdict::OverExposes),
            ("own-page-deletes", Verdict::OverExposes),
            ("open-question", Verdict::OverExposes),
        ]
    );
    let told = result(&record, "own-page-reads").message.as_deref();
    assert_eq!(
        told,
        Some(
            "the controls `own-page-reads` and `stranger-reads` both end in allow: whether this server enforces the \
             policy cannot be told"
        )
    );
}

#[tokio::test]
async fn whoever_knows_no_cors_over_blocks_and_passes_nowhere() {
    let record = run_policy(without_cors).await;
    assert_eq!(
        verdicts(&record),
        [
            ("own-page-reads", Verdict::OverBlocks),
            ("own-page-reads-with-cookies", Verdict::OverBlocks),
            ("own-page-puts", Verdict::OverBlocks),
            ("stranger-reads", Verdict::Inconclusive),
            ("stranger-reads-with-cookies", Verdict::Inconclusive),
            ("stranger-puts", Verdict::Inconclusive),
            ("own-page-deletes", Verdict::WrongReason),
            ("open-question", Verdict::Inconclusive),
        ]
    );
}

/// A snapshot shows what is no pass, and must not depend on whether passes are told.
#[rstest]
#[case(true)]
#[case(false)]
#[tokio::test]
async fn what_proves_nothing_is_told_step_by_step(#[case] tell_passes: bool) {
    let plan = Plan { tell_passes, ..impatient(vec![suite(POLICY)]) };
    let record = record(plan, &[Subject::server("service", service("service", without_cors))]).await;
    assert!(record.results.iter().any(|result| result.verdict == Verdict::Inconclusive));
    assert!(record.results.iter().all(|result| !result.steps.is_empty()));
}

/// Controls run whatever is selected: a single case that should be blocked proves nothing on a server without CORS.
#[tokio::test]
async fn controls_are_not_subject_to_selection() {
    let mut plan = impatient(vec![suite(POLICY)]);
    plan.selection = Selection::new(["policy/stranger-reads"], None).expect("a pattern");
    let record = record(plan, &[Subject::server("service", service("service", without_cors))]).await;
    assert_eq!(verdicts(&record), [("stranger-reads", Verdict::Inconclusive)]);
}

#[tokio::test]
async fn a_block_for_another_reason_is_told() {
    let record = run_policy(|asked| {
        let (status, mut lines) = correct(asked);
        // A method that is not listed is answered as if the page were a stranger's.
        if asked.header("access-control-request-method") == Some("DELETE") {
            lines.clear();
        }
        (status, lines)
    })
    .await;
    let deletes = result(&record, "own-page-deletes");
    assert_eq!(
        (deletes.verdict, deletes.reason.as_deref()),
        (Verdict::WrongReason, Some("allow-origin-missing"))
    );
    let difference = &deletes.differences[0];
    assert_eq!(
        (&*difference.what, &*difference.expected, &*difference.actual),
        ("reason", "method-not-allowed", "block: allow-origin-missing (preflight)")
    );
    assert!(deletes.fails());
    assert_eq!(deletes.about.line, 11);
}

fn known(text: &str) -> Deviations {
    Deviations::parse("deviations.yaml", text).expect("a list of deviations")
}

const NO_PUT: &str = "- case: policy/own-page-puts
  observed: {verdict: over-blocks, reason: method-not-allowed}
  class: bug
  reason: PUT is forgotten
  seen: service 1
";

fn subject(answer: fn(&Asked) -> Answered, deviations: &str) -> Subject {
    Subject::server("service", service("service", answer)).with_deviations(known(deviations))
}

#[tokio::test]
async fn a_known_deviation_is_explained_and_fails_nothing() {
    let record = record(impatient(vec![suite(POLICY)]), &[subject(without_put, NO_PUT)]).await;
    let puts = result(&record, "own-page-puts");
    assert_eq!(puts.verdict, Verdict::OverBlocks);
    let note = puts.deviation.as_ref().expect("an explanation");
    assert_eq!((&*note.class, &*note.reason), ("bug", "PUT is forgotten (seen in service 1)"));
    assert!(!record.results.iter().any(CaseResult::fails));
}

/// `PUT` is refused as listed, but for another reason.
fn without_put_otherwise(asked: &Asked) -> Answered {
    if asked.is_preflight() { (404, correct(asked).1) } else { correct(asked) }
}

#[tokio::test]
async fn a_different_wrong_answer_is_not_explained() {
    let record = record(impatient(vec![suite(POLICY)]), &[subject(without_put_otherwise, NO_PUT)]).await;
    let puts = result(&record, "own-page-puts");
    assert_eq!((puts.verdict, puts.reason.as_deref()), (Verdict::OverBlocks, Some("preflight-status")));
    assert!(puts.deviation.is_none());
    assert!(puts.fails());
}

#[rstest]
#[case::no_longer_happens(NO_PUT, "the case that it names no longer ends that way")]
#[case::names_no_case(
    "- {case: policy/own-page-gets, observed: {verdict: over-blocks}, class: bug, reason: none, seen: service 1}\n",
    "it names no case"
)]
#[tokio::test]
async fn a_stale_deviation_fails(#[case] deviations: &str, #[case] why: &str) {
    let plan = impatient(vec![suite(POLICY)]);
    let record = record(plan.clone(), &[subject(correct, deviations)]).await;
    let stale: Vec<_> = record.results.iter().filter(|result| result.fails()).collect();
    assert_eq!(stale.len(), 1);
    assert_eq!(stale[0].verdict, Verdict::Error);
    assert!(stale[0].case.starts_with("deviations/policy/"));
    assert!(stale[0].message.as_deref().is_some_and(|told| told.contains(why)), "{:?}", stale[0].message);

    // Where only some of the cases run, nothing is known of the others.
    let mut part = plan;
    part.selection = Selection::new(["policy/stranger-*"], None).expect("a pattern");
    let record = support::record(part, &[subject(correct, deviations)]).await;
    assert!(!record.results.iter().any(CaseResult::fails));
}

/// What follows from a known deviation of a control is known as well.
#[tokio::test]
async fn a_deviation_of_a_control_explains_its_group() {
    let text = "- {case: policy/*, observed: {verdict: over-exposes}, class: by-design, reason: reflects, seen: service 1}\n";
    let record = record(impatient(vec![suite(POLICY)]), &[subject(reflecting, text)]).await;
    assert!(!record.results.iter().any(CaseResult::fails));
    let alike = result(&record, "own-page-reads");
    assert_eq!(alike.verdict, Verdict::Inconclusive);
    assert_eq!(alike.deviation.as_ref().map(|note| &*note.class), Some("by-design"));
}

#[rstest]
#[case::no_list("case: x")]
#[case::no_observation("- {case: x, class: bug, reason: r, seen: s}")]
#[case::unknown_class("- {case: x, observed: {verdict: over-blocks}, class: odd, reason: r, seen: s}")]
#[case::unknown_verdict("- {case: x, observed: {verdict: bad}, class: bug, reason: r, seen: s}")]
#[case::unknown_key(
    "- {case: x, observed: {verdict: over-blocks}, class: bug, reason: r, seen: s, sinse: 1}"
)]
#[case::no_pattern("- {case: 'x{', observed: {verdict: over-blocks}, class: bug, reason: r, seen: s}")]
fn no_list_of_deviations(#[case] text: &str) {
    let error = Deviations::parse("servers/x/deviations.yaml", text).expect_err("a mistake").to_string();
    assert!(error.starts_with("servers/x/deviations.yaml: "), "{error}");
}

/// A server that says no more than this of any policy.
struct Says(fn() -> Answer, Vec<String>);

impl Server for Says {
    fn hello(&self) -> Hello {
        Hello { lacks: self.1.clone(), ..Hello::new("says") }
    }

    fn serve(&self, _policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        let answer = self.0();
        Box::pin(async { answer })
    }
}

#[rstest]
#[case::unsupported(|| Answer::unsupported("no such word"), Verdict::Unsupported, "no such word", false)]
#[case::refused(|| Answer::refused("not this one"), Verdict::Refused, "not this one", false)]
#[case::failed(|| Answer::failed("no disk"), Verdict::Error, "no disk", true)]
#[tokio::test]
async fn a_policy_that_is_not_served(
    #[case] answer: fn() -> Answer,
    #[case] verdict: Verdict,
    #[case] message: &str,
    #[case] fails: bool,
) {
    let subjects =
        [Subject::server("says", Says(answer, Vec::new())), Subject::server("reference", Reference)];
    let record = record(impatient(vec![suite(POLICY)]), &subjects).await;
    for result in of(&record, "says") {
        assert_eq!((result.verdict, result.message.as_deref()), (verdict, Some(message)));
        assert_eq!((result.fails(), result.outcome.as_deref()), (fails, None));
    }
    assert!(
        of(&record, "reference")
            .filter(|result| result.level != "may")
            .all(|result| result.verdict == Verdict::Pass)
    );
}

#[tokio::test]
async fn what_cannot_run_here_is_unavailable() {
    let subject =
        Subject::unavailable("laravel", "php is not installed".to_owned()).with_deviations(known(NO_PUT));
    let record = record(impatient(vec![suite(POLICY)]), &[subject]).await;
    assert_eq!(record.servers[0].problem.as_deref(), Some("php is not installed"));
    // Nothing is known of what did not run, its deviations included.
    assert_eq!(record.results.len(), 8);
    for result in &record.results {
        assert_eq!(
            (result.verdict, result.message.as_deref()),
            (Verdict::Unavailable, Some("php is not installed"))
        );
        assert!(!result.fails());
    }
}

const ROUTES: &str = r#"suite: routes
spec: https://fetch.spec.whatwg.org/#http-cors-protocol
policy: {origins: ["https://app.example"], methods: [GET, PUT], headers: [], expose: [], credentials: false, max_age: 600}
cases:
  - {id: reads, why: control, request: {origin: "https://app.example"}, expect: allow}
  - {id: stranger, why: control, request: {origin: "https://evil.test"}, expect: block}
  - {id: error, why: a route, request: {origin: "https://app.example", path: /status/404}, expect: {outcome: allow, status: 404}}
  - {id: counted, why: runs once, request: {origin: "https://app.example"}, expect: {outcome: allow, hits: 1}}
  - {id: counted-put, why: not run for a stranger, request: {origin: "https://evil.test", method: PUT}, expect: {outcome: block, hits: 0}}
  - {id: counted-wrongly, why: wrong on purpose, request: {origin: "https://app.example"}, expect: {outcome: allow, hits: 0}}
  - {id: counted-too-high, why: wrong on purpose, request: {origin: "https://app.example"}, expect: {outcome: allow, hits: 2}}
  - id: twin
    why: another origin on the way
    request: {origin: "https://app.example", path: "/redirect?to={twin}%2Fresource&status=302"}
    expect: {outcome: block, sent: [GET, GET], stage: actual}
  - id: itself
    why: the same origin on the way
    request: {origin: "https://app.example", path: "/redirect?to={server}%2Fresource&status=302"}
    expect: {outcome: allow, sent: [GET, GET]}
  - id: own-page
    why: the server's own page needs no permission
    request: {origin: self, method: DELETE}
    expect: {outcome: allow, type: basic, preflight: none}
  - id: remembered
    why: one preflight is enough for a while
    steps:
      - {at: 0, request: {origin: "https://app.example", method: PUT}, expect: {outcome: allow, preflight: sent}}
      - {at: 599, request: {origin: "https://app.example", method: PUT}, expect: {outcome: allow, preflight: cached}}
      - {at: 600, request: {origin: "https://app.example", method: PUT}, expect: {outcome: allow, preflight: sent}}
  - id: remembered-too-long
    why: wrong on purpose in its second step
    steps:
      - {at: 0, request: {origin: "https://app.example", method: PUT}, expect: {outcome: allow, preflight: sent}}
      - {at: 601, request: {origin: "https://app.example", method: PUT}, expect: {outcome: allow, preflight: cached}}
      - {at: 602, request: {origin: "https://evil.test", method: PUT}, expect: {outcome: block}}
"#;

/// The reference, lacking some of its routes.
struct Lacking(Vec<String>);

impl Server for Lacking {
    fn hello(&self) -> Hello {
        Hello { lacks: self.0.clone(), ..Reference.hello() }
    }

    fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        Reference.serve(policy)
    }
}

#[tokio::test]
async fn hits_steps_and_twins() {
    let record = record(impatient(vec![suite(ROUTES)]), &[Subject::server("reference", Reference)]).await;
    for result in &record.results {
        let expected = match result.case.trim_start_matches("routes/") {
            "counted-wrongly" => Verdict::OverExposes,
            "counted-too-high" => Verdict::OverBlocks,
            "remembered-too-long" => Verdict::WrongReason,
            _ => Verdict::Pass,
        };
        assert_eq!(result.verdict, expected, "{}: {:?}", result.case, result.message);
    }
    let twin = &result(&record, "twin").steps[0];
    let port = |index: usize| twin.exchanges[index].url.split('/').nth(2);
    assert_ne!(port(0), port(1), "a twin is another origin");
    assert_eq!(
        twin.exchanges[1].headers.iter().find(|(name, _)| name == "Origin").map(|(_, value)| &**value),
        Some("null")
    );

    let late = result(&record, "remembered-too-long");
    assert_eq!(late.steps.len(), 3, "a step that falls short does not keep the others from being told");
    assert_eq!(
        late.differences.iter().map(|difference| (difference.step, &*difference.what)).collect::<Vec<_>>(),
        [(1, "preflight")]
    );
    assert_eq!(
        (&*late.expected, late.outcome.as_deref()),
        ("allow", Some("allow")),
        "those of the step that fell short"
    );
}

#[rstest]
#[case::hits(&["hits"], &["counted", "counted-put", "counted-wrongly", "counted-too-high"])]
#[case::status(&["/status"], &["error"])]
#[case::several(&["redirect", "status/"], &["error", "twin", "itself"])]
#[case::unknown(&["websocket"], &[])]
#[tokio::test]
async fn a_route_that_is_lacking_is_unsupported(#[case] lacks: &[&str], #[case] unsupported: &[&str]) {
    let server = Lacking(lacks.iter().map(|&route| route.to_owned()).collect());
    let record = record(impatient(vec![suite(ROUTES)]), &[Subject::server("lacking", server)]).await;
    let found: Vec<_> = record
        .results
        .iter()
        .filter(|result| result.verdict == Verdict::Unsupported)
        .map(|result| result.case.trim_start_matches("routes/"))
        .collect();
    assert_eq!(found, unsupported);
    for id in unsupported {
        let told = result(&record, id).message.as_deref();
        assert!(told.is_some_and(|told| told.starts_with("the server says that it lacks /")), "{told:?}");
    }
}

/// At a URL there is one server, which others may use too: neither a twin nor a count can be had there.
#[tokio::test]
async fn a_url_has_no_twin_and_counts_nothing() {
    let suites = vec![suite(ROUTES)];
    let policy = suites[0].policy.clone();
    let Answer::Ready(instance) = Reference.serve(policy).await else {
        panic!("the reference serves every policy")
    };
    let subject = Subject::url(instance.url.parse().expect("a URL"));
    let record = record(impatient(suites), &[subject]).await;
    for result in &record.results {
        let expected = match result.case.trim_start_matches("routes/") {
            "twin" | "counted" | "counted-put" | "counted-wrongly" | "counted-too-high" => {
                Verdict::Unsupported
            }
            "remembered-too-long" => Verdict::WrongReason,
            _ => Verdict::Pass,
        };
        assert_eq!(result.verdict, expected, "{}: {:?}", result.case, result.message);
    }
}

/// A case that counts, or takes several steps, gets a server that nobody else has used.
#[tokio::test]
async fn servers_are_started_once_a_group_and_once_for_whoever_needs_its_own() {
    struct Counting(Arc<AtomicUsize>);
    impl Server for Counting {
        fn hello(&self) -> Hello {
            Reference.hello()
        }
        fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Reference.serve(policy)
        }
    }
    let started = Arc::new(AtomicUsize::new(0));
    record(impatient(vec![suite(ROUTES)]), &[Subject::server("counting", Counting(started.clone()))]).await;
    // One for the group; four that count, one with a twin, two with steps.
    assert_eq!(started.load(Ordering::SeqCst), 1 + 4 + 1 + 2);
}

#[tokio::test]
async fn results_come_in_the_order_of_the_cases() {
    let suites = vec![suite(ROUTES), suite(POLICY)];
    let expected: Vec<String> = suites
        .iter()
        .flat_map(|suite| suite.cases.iter().map(move |case| format!("{}/{}", suite.name, case.id)))
        .collect();
    for jobs in [1, 2, 64] {
        let record =
            record(Plan { jobs, ..impatient(suites.clone()) }, &[Subject::server("reference", Reference)])
                .await;
        let cases: Vec<_> = record.results.iter().map(|result| result.case.clone()).collect();
        assert_eq!(cases, expected);
    }
}

#[rstest]
#[case::at_the_first_failure(true, 3)]
#[case::never(false, 8)]
#[tokio::test]
async fn a_run_that_fails_fast_ends(#[case] fail_fast: bool, #[case] results: usize) {
    let plan = Plan { fail_fast, ..impatient(vec![suite(POLICY)]) };
    let record = record(plan, &[Subject::server("service", service("service", without_put))]).await;
    assert_eq!((record.results.len(), record.complete), (results, true));
}

#[tokio::test]
async fn a_sink_that_has_had_enough_ends_the_run() {
    let plan = impatient(vec![suite(POLICY)]);
    let bench = Arc::new(Bench::start(plan.options.clone()).await.expect("a port on loopback"));
    let mut lines = 0;
    run(&bench, &Arc::new(plan), &[Subject::server("reference", Reference)], Vec::new(), |line| {
        lines += 1;
        !matches!(line, Line::Result(_))
    })
    .await;
    assert_eq!(lines, 4, "run, server, one result, end");
}

/// Whatever fell short in `cases/browser` would be a defect of the model.
#[tokio::test]
async fn every_reason_is_reached_by_some_case() {
    let suites = builtin::suites().expect("cases without mistakes");
    let stated: BTreeSet<&str> = suites
        .iter()
        .filter(|suite| suite.kind == Kind::Browser)
        .flat_map(|suite| &suite.cases)
        .flat_map(|case| {
            case.steps.iter().flat_map(|step| {
                [&step.expect].into_iter().chain(step.profiles.values().map(|own| &own.expect))
            })
        })
        .filter(|expect| expect.outcome == Outcome::Block)
        .filter_map(|expect: &Expect| expect.reasons.first().map(String::as_str))
        .collect();
    let all: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(all.difference(&stated).collect::<Vec<_>>(), Vec::<&&str>::new());

    let record = record(Plan::new(suites), &[Subject::scripted()]).await;
    let reached: BTreeSet<&str> = record
        .results
        .iter()
        .flat_map(|result| &result.steps)
        .filter_map(|step| step.reason.as_deref())
        .collect();
    assert_eq!(reached, all);
    let fell_short: Vec<_> =
        record.results.iter().filter(|result| result.fails()).map(|result| &result.case).collect();
    assert_eq!(fell_short, Vec::<&String>::new());
}

#[test]
fn every_expectation_follows_from_its_policy() {
    let suites = builtin::suites().expect("cases without mistakes");
    assert_eq!(derive::contradictions(&suites), []);
}

/// Turned around, each expectation that the policy decides is found.
#[test]
fn a_wrong_expectation_is_found() {
    let mut turned: Vec<Suite> = builtin::suites().expect("cases without mistakes");
    turned.retain(|suite| suite.kind == Kind::Server);
    let mut decided = 0;
    for suite in &mut turned {
        let policy = suite.policy.clone().expect("a server suite has a policy");
        for case in suite.cases.iter_mut().filter(|case| case.level != Level::May) {
            for step in &mut case.steps {
                decided += usize::from(derive::outcome(&policy, &step.request).is_some());
                step.expect.outcome = match step.expect.outcome {
                    Outcome::Block => Outcome::Allow,
                    Outcome::Allow | Outcome::Opaque => Outcome::Block,
                };
            }
        }
    }
    assert!(decided > 500, "{decided} expectations are derived a second time");
    assert_eq!(derive::contradictions(&turned).len(), decided);

    let found = derive::contradictions(&[suite(&POLICY.replace(
        "\"https://evil.test\", method: PUT}, expect: {outcome: block",
        "\"https://app.example\", method: PUT}, expect: {outcome: block",
    ))]);
    let told: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["policy.yaml:10: `stranger-puts` expects block, but its policy leads to allow"]);
}

/// Not a test of its own, and a passing one if it is asked for: what libtest-mimic makes of a `Conformance` shows only in a
/// process of its own. [`trials`] runs this executable again with this name as its filter, which libtest and
/// libtest-mimic both obey.
#[test]
#[ignore = "`trials` runs it in a process of its own"]
fn trials_of_a_child() {
    let subject = |name: &str, answer: fn(&Asked) -> Answered| {
        Subject::server(format!("trials_of_a_child-{name}"), service(name, answer))
            .with_deviations(known(NO_PUT))
    };
    let refusing = Says(|| Answer::refused("not this one"), Vec::new());
    let conformance = Conformance::new(|_| Ok(vec![suite(POLICY)]))
        .subject(subject("known", without_put))
        .subject(Subject::server("trials_of_a_child-refusing", refusing));
    let conformance = if std::env::var_os("FAILING").is_some() {
        conformance.subject(subject("reflecting", reflecting))
    } else {
        conformance
    };
    assert_eq!(conformance.main(), ExitCode::SUCCESS);
}

/// The lines that libtest-mimic prints of each trial, by name, and whether all is well.
fn trials(failing: bool, arguments: &[&str]) -> (Vec<(String, String)>, bool, String) {
    let mut command = Command::new(std::env::current_exe().expect("a test is an executable"));
    command
        .args(["trials_of_a_child", "--include-ignored", "--nocapture", "--test-threads=2"])
        .args(arguments);
    if failing {
        command.env("FAILING", "1");
    }
    let output = command.output().expect("a child");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| line.strip_prefix("test trials_of_a_child-"))
        .filter_map(|line| line.split_once(" ... "))
        .map(|(name, end)| (name.trim().to_owned(), end.to_owned()))
        .collect();
    lines.sort();
    (lines, output.status.success(), text)
}

#[test]
fn a_trial_a_server_and_case() {
    let (lines, success, text) = trials(false, &[]);
    assert!(success, "{text}");
    let ids: BTreeSet<_> = lines.iter().map(|(name, _)| &**name).collect();
    let cases = suite(POLICY).cases;
    assert_eq!(ids.len(), 2 * cases.len());
    for (name, end) in &lines {
        let expected = match &**name {
            "known/policy/own-page-puts" => "ignored (known deviation: PUT is forgotten (seen in service 1))",
            "known/policy/open-question" => "ignored (an open question, answered the other way)",
            name if name.starts_with("refusing/") => "ignored (refused: not this one)",
            _ => "ok",
        };
        assert_eq!(end, expected, "{name}");
    }
}

#[test]
fn a_failing_trial_explains_itself() {
    let (lines, success, text) = trials(true, &[]);
    assert!(!success);
    let ended = |name: &str| lines.iter().find(|(known, _)| known == name).map(|(_, end)| &**end);
    assert_eq!(ended("reflecting/policy/stranger-reads"), Some("FAILED"));
    assert_eq!(ended("reflecting/policy/own-page-reads"), Some("FAILED"), "what is inconclusive is no pass");
    assert_eq!(ended("known/policy/own-page-reads"), Some("ok"));
    assert!(text.contains("kept out"), "{text}");
}

/// The cases of several servers that run at once don't wait for each other for ever.
#[test]
fn trials_run_the_wanted_cases_alone() {
    let (lines, success, text) = trials(false, &["--skip", "stranger"]);
    assert!(success, "{text}");
    assert!(!lines.is_empty() && lines.iter().all(|(name, _)| !name.contains("stranger")), "{lines:?}");
}

#[test]
fn a_test_in_a_test_of_your_own() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("policy.yaml"), POLICY).expect("a file");
    let checked = |answer: fn(&Asked) -> Answered| {
        let folder = folder.path().to_owned();
        runtime.block_on(corspec::check(folder, move |listener: tokio::net::TcpListener| async move {
            support::serve(listener, answer).await;
        }))
    };
    let record = checked(correct).expect("a correct server passes");
    assert_eq!(record.results.len(), 8);
    let error = checked(reflecting).expect_err("a reflecting server does not");
    assert!(error.to_string().contains("policy/stranger-reads"), "{error}");
    // What `unwrap` shows is the same.
    assert_eq!(format!("{error:?}"), format!("\n{error}"));

    std::fs::write(folder.path().join("policy.yaml"), "suite: policy\n").expect("a file");
    let error = checked(correct).expect_err("a mistake in a case file");
    assert!(error.to_string().contains("policy.yaml:1:1"), "{error}");
}
