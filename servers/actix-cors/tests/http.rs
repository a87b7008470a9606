//! actix-cors over HTTP.

#[path = "../../reference/tests/contract/mod.rs"]
mod contract;

use contract::{PAGE, check_drop, check_hits, check_routes, policy, send, start};
use corspec_protocol::{Answer, Policy, Server};
use corspec_server_actix_cors::ActixCors;
use rstest::rstest;

#[tokio::test]
async fn serves_every_route() {
    check_routes(&ActixCors, &[]).await;
}

#[tokio::test]
async fn counts_hits() {
    check_hits(&ActixCors).await;
}

#[tokio::test]
async fn stops_when_dropped() {
    check_drop(&ActixCors).await;
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
    let instance = start(&ActixCors, Policy { origins: strings(origins), ..policy() }).await;
    let reply = send(&instance.url, "GET", "/resource", &[("origin", origin)]).await;
    assert_eq!(reply.header("access-control-allow-origin"), allowed);
}

#[tokio::test]
async fn says_a_whole_policy() {
    let instance = start(&ActixCors, policy()).await;
    let request = [
        ("origin", PAGE),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "x-token"),
    ];
    let reply = send(&instance.url, "OPTIONS", "/resource", &request).await;
    assert_eq!(reply.status, 200);
    let mut methods: Vec<_> = reply.header("access-control-allow-methods").unwrap().split(", ").collect();
    methods.sort_unstable();
    assert_eq!(methods, ["GET", "PUT"]);
    assert_eq!(reply.header("access-control-allow-headers"), Some("x-token"));
    assert_eq!(reply.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(reply.header("access-control-max-age"), Some("600"));
    let reply = send(&instance.url, "GET", "/resource", &[("origin", PAGE)]).await;
    assert_eq!(reply.header("access-control-expose-headers"), Some("x-request-id"));
}

#[rstest]
#[case::origin("https://evil.test", "PUT", "x-token")]
#[case::method(PAGE, "DELETE", "x-token")]
#[case::header(PAGE, "PUT", "x-other")]
#[tokio::test]
async fn refuses_a_preflight(#[case] origin: &str, #[case] method: &str, #[case] header: &str) {
    let instance = start(&ActixCors, policy()).await;
    let request = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", header),
    ];
    let reply = send(&instance.url, "OPTIONS", "/resource", &request).await;
    assert_eq!((reply.status.as_u16(), reply.header("access-control-allow-origin")), (400, None));
}

#[tokio::test]
async fn says_any_of_all() {
    let any = || strings(&["*"]);
    let any = Policy { methods: any(), headers: any(), expose: any(), ..policy() };
    let instance = start(&ActixCors, any).await;
    let request = [
        ("origin", PAGE),
        ("access-control-request-method", "DELETE"),
        ("access-control-request-headers", "x-a,x-b"),
    ];
    let reply = send(&instance.url, "OPTIONS", "/resource", &request).await;
    assert!(reply.header("access-control-allow-methods").unwrap().contains("DELETE"));
    assert_eq!(reply.header("access-control-allow-headers"), Some("x-a,x-b"));
    let reply = send(&instance.url, "GET", "/resource", &[("origin", PAGE)]).await;
    assert!(reply.header("access-control-expose-headers").unwrap().contains("x-secret"));
}

/// The documentation does not say that it would refuse this, and it does not.
#[tokio::test]
async fn takes_any_origin_with_credentials() {
    let instance = start(&ActixCors, Policy { origins: strings(&["*"]), ..policy() }).await;
    let reply = send(&instance.url, "GET", "/resource", &[("origin", "https://evil.test")]).await;
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://evil.test"));
    assert_eq!(reply.header("access-control-allow-credentials"), Some("true"));
}

#[tokio::test]
async fn permits_nothing_without_options() {
    let Answer::Ready(instance) = ActixCors.serve(None).await else { panic!("it has a default") };
    let reply = send(&instance.url, "GET", "/resource", &[("origin", PAGE)]).await;
    assert_eq!((reply.status.as_u16(), reply.header("access-control-allow-origin")), (200, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_policies_are_live_at_once() {
    let mut instances = Vec::new();
    for number in 0..30 {
        let origin = format!("https://app{number}.example");
        instances
            .push((start(&ActixCors, Policy { origins: vec![origin.clone()], ..policy() }).await, origin));
    }
    for (instance, origin) in &instances {
        let reply = send(&instance.url, "GET", "/resource", &[("origin", origin)]).await;
        assert_eq!(reply.header("access-control-allow-origin"), Some(origin.as_str()));
    }
}

#[test]
fn says_who_it_is() {
    let hello = ActixCors.hello();
    assert_eq!(hello.name, "actix-cors");
    assert!(hello.framework.unwrap().starts_with("actix-web 4."));
    assert!(hello.middleware.unwrap().starts_with("actix-cors 0.7."));
}
