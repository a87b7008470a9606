//! tower-http's `CorsLayer` over HTTP.

#[path = "../../reference/tests/contract/mod.rs"]
mod contract;

use contract::{PAGE, check_drop, check_hits, check_routes, policy, send, start};
use corspec_protocol::{Answer, Policy, Server};
use corspec_server_tower_http::TowerHttp;
use rstest::rstest;

/// The layer answers every OPTIONS by itself.
const HIDDEN: &[&str] = &["/own-options"];

#[tokio::test]
async fn serves_every_route() {
    check_routes(&TowerHttp, HIDDEN).await;
}

#[tokio::test]
async fn counts_hits() {
    check_hits(&TowerHttp).await;
}

#[tokio::test]
async fn stops_when_dropped() {
    check_drop(&TowerHttp).await;
}

fn strings(entries: &[&str]) -> Vec<String> {
    entries.iter().map(|&entry| entry.to_owned()).collect()
}

#[rstest]
#[case::listed(&[PAGE], PAGE, Some(PAGE))]
#[case::listed_second(&["https://b.example", PAGE], PAGE, Some(PAGE))]
#[case::not_listed(&[PAGE], "https://evil.test", None)]
#[case::none(&[], PAGE, None)]
#[case::null(&["null", PAGE], "null", Some("null"))]
#[case::pattern(&["https://*.apps.example"], "https://a.apps.example", Some("https://a.apps.example"))]
#[case::pattern_and_null(&["https://*.apps.example", "null"], "null", Some("null"))]
#[case::pattern_and_listed(&["https://*.apps.example", PAGE], PAGE, Some(PAGE))]
#[case::not_in_the_pattern(&["https://*.apps.example"], "https://evil.apps.example.test", None)]
#[tokio::test]
async fn says_origins(#[case] origins: &[&str], #[case] origin: &str, #[case] allowed: Option<&str>) {
    let instance = start(&TowerHttp, Policy { origins: strings(origins), ..policy() }).await;
    let reply = send(&instance.url, "GET", "/resource", &[("origin", origin)]).await;
    assert_eq!(reply.header("access-control-allow-origin"), allowed);
}

#[tokio::test]
async fn says_a_whole_policy() {
    let instance = start(&TowerHttp, policy()).await;
    let request = [
        ("origin", PAGE),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "x-token"),
    ];
    let reply = send(&instance.url, "OPTIONS", "/resource", &request).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-methods"), Some("GET,PUT"));
    assert_eq!(reply.header("access-control-allow-headers"), Some("x-token"));
    assert_eq!(reply.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(reply.header("access-control-max-age"), Some("600"));
    let reply = send(&instance.url, "GET", "/resource", &[("origin", PAGE)]).await;
    assert_eq!(reply.header("access-control-expose-headers"), Some("x-request-id"));
}

#[rstest]
#[case::without_credentials(false, "*", "*")]
#[case::with_credentials(true, "PURGE", "x-a,x-b")]
#[tokio::test]
async fn says_any_method_and_header(#[case] credentials: bool, #[case] methods: &str, #[case] headers: &str) {
    let any = Policy { methods: strings(&["*"]), headers: strings(&["*"]), credentials, ..policy() };
    let instance = start(&TowerHttp, any).await;
    let request = [
        ("origin", PAGE),
        ("access-control-request-method", "PURGE"),
        ("access-control-request-headers", "x-a,x-b"),
    ];
    let reply = send(&instance.url, "OPTIONS", "/resource", &request).await;
    assert_eq!(reply.header("access-control-allow-methods"), Some(methods));
    assert_eq!(reply.header("access-control-allow-headers"), Some(headers));
}

#[rstest]
#[case::any_origin(Policy { origins: strings(&["*"]), ..policy() }, "Access-Control-Allow-Origin: *")]
#[case::any_exposed(Policy { expose: strings(&["*"]), ..policy() }, "Access-Control-Expose-Headers: *")]
#[tokio::test]
async fn refuses_wildcards_with_credentials(#[case] policy: Policy, #[case] message: &str) {
    match TowerHttp.serve(Some(policy)).await {
        Answer::Refused { reason } => assert!(reason.contains(message), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn permits_nothing_without_options() {
    let Answer::Ready(instance) = TowerHttp.serve(None).await else { panic!("it has a default") };
    let reply = send(&instance.url, "GET", "/resource", &[("origin", PAGE)]).await;
    assert_eq!((reply.status.as_u16(), reply.header("access-control-allow-origin")), (200, None));
}

#[test]
fn says_who_it_is() {
    let hello = TowerHttp.hello();
    assert_eq!(hello.name, "tower-http");
    assert!(hello.framework.unwrap().starts_with("axum 0.8."));
    // axum has a tower-http of its own in the lock file.
    assert!(hello.middleware.unwrap().starts_with("tower-http 0.7."));
}
