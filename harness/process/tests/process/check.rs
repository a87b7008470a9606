use std::time::Duration;

use corspec_process::{CheckOptions, check};
use rstest::rstest;

use crate::support::{assert_none_left, assert_snapshot, liar, mark, reference};

fn hurried() -> CheckOptions {
    CheckOptions {
        start_limit: Duration::from_secs(2),
        request_limit: Duration::from_secs(1),
        stop_limit: Duration::from_secs(1),
    }
}

#[tokio::test]
async fn the_reference_keeps_the_contract() {
    let report = check(&reference(), &CheckOptions::default()).await;
    assert!(report.passed(), "{report}");
    assert_snapshot!("check-reference", report.to_string());
}

#[rstest]
#[case("banner")]
#[case("dies-at-serve")]
#[case("not-listening")]
#[case("cannot-drop")]
#[case("lacks-nonsense")]
#[case("ignores-end")]
#[case("exits-badly")]
#[case("says-no")]
#[tokio::test]
async fn a_liar_is_found_out(#[case] lie: &str) {
    let mark = mark(&format!("check-{lie}"));
    let report = check(&liar(lie).args([&mark]), &hurried()).await;
    assert!(!report.passed());
    assert_none_left(&mark, Duration::ZERO);
    let text: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    // Every liar's resource is wrong in the same way; one of its findings is enough to read.
    let mut seen = false;
    let text: Vec<_> = text
        .into_iter()
        .filter(|it| !it.starts_with("resource") || !std::mem::replace(&mut seen, true))
        .collect();
    assert_snapshot!(format!("check-{lie}"), text.join("\n\n").replace(&format!(" {mark}"), ""));
}

#[rstest]
#[case("endless-body", "a body of more than 1048576 bytes")]
#[case("no-http", "invalid HTTP version parsed")]
#[case("honest", "no whole response within 100ms")]
#[tokio::test]
async fn what_comes_over_http_is_bounded(#[case] lie: &str, #[case] came: &str) {
    let options = CheckOptions {
        request_limit: Duration::from_millis(if lie == "honest" { 100 } else { 1000 }),
        ..hurried()
    };
    let report = check(&liar(lie), &options).await;
    let resource = report.findings.iter().find(|finding| finding.part == "resource").unwrap();
    assert!(resource.came.contains(came), "{resource}");
}

/// What is allowed, and worth knowing.
#[rstest]
#[case("needs-origin", "under the policy that permits none, a request without Origin is refused (403)")]
#[case("needs-origin", "every route was asked as a page at https://app.example would")]
#[case("slow-answer", "GET /cacheable took 1.")]
#[case("misspells", "`unsupported` has `isue` at /unsupported: the protocol knows no such key")]
#[tokio::test]
async fn what_is_allowed_is_noted(#[case] lie: &str, #[case] noted: &str) {
    let options = CheckOptions { request_limit: Duration::from_secs(2), ..hurried() };
    let report = check(&liar(lie), &options).await;
    assert!(report.notes.iter().any(|note| note.contains(noted)), "{:#?}", report.notes);
}

#[tokio::test]
async fn a_hello_may_say_more() {
    let report = check(&liar("says-more"), &hurried()).await;
    assert!(!report.findings.iter().any(|finding| finding.part == "schema"), "{report}");
}
