//! The reference server over HTTP.

mod contract;

use std::io::{Read, Write};

use contract::{PAGE, check_drop, check_hits, check_routes, policy, send, start};
use corspec_protocol::{Answer, Policy, Server};
use corspec_server_reference::Reference;
use rstest::rstest;

#[tokio::test]
async fn serves_every_route() {
    check_routes(&Reference, &[]).await;
}

#[tokio::test]
async fn counts_hits() {
    check_hits(&Reference).await;
}

#[tokio::test]
async fn stops_when_dropped() {
    check_drop(&Reference).await;
}

#[tokio::test]
async fn a_preflight_is_answered_for_any_path() {
    let instance = start(&Reference, policy()).await;
    for path in ["/resource", "/own-options", "/error", "/protected", "/nowhere"] {
        let preflight = [("origin", PAGE), ("access-control-request-method", "PUT")];
        let reply = send(&instance.url, "OPTIONS", path, &preflight).await;
        assert_eq!(reply.status, 204, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some(PAGE));
        assert_eq!(reply.header("access-control-allow-methods"), Some("GET, PUT"));
        assert_eq!(reply.header("access-control-max-age"), Some("600"));
        assert_eq!(reply.header("content-type"), None);
    }
}

#[rstest]
#[case::neither(&[])]
#[case::no_method(&[("origin", PAGE)])]
#[case::no_origin(&[("access-control-request-method", "PUT")])]
#[tokio::test]
async fn other_options_reach_the_resource(#[case] headers: &[(&str, &str)]) {
    let instance = start(&Reference, policy()).await;
    let reply = send(&instance.url, "OPTIONS", "/own-options", headers).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "own"));
    assert_eq!(reply.vary(), ["origin"]);
    let reply = send(&instance.url, "OPTIONS", "/resource", headers).await;
    assert_eq!(reply.status, 405);
}

#[tokio::test]
async fn the_layer_wins_over_the_resource() {
    let instance = start(&Reference, policy()).await;
    for origin in ["https://legacy.example", "https://evil.test"] {
        let reply = send(&instance.url, "GET", "/own-cors", &[("origin", origin)]).await;
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn exposes_the_resources_headers_by_name_to_requests_with_credentials() {
    let instance = start(&Reference, Policy { expose: vec!["*".into()], ..policy() }).await;
    let reply = send(&instance.url, "GET", "/resource", &[("origin", PAGE)]).await;
    let exposed = reply.header("access-control-expose-headers").unwrap();
    let mut exposed: Vec<_> = exposed.split(", ").collect();
    exposed.sort_unstable();
    assert_eq!(exposed, ["content-type", "vary", "x-request-id", "x-secret"]);
}

#[tokio::test]
async fn keeps_the_connection() {
    let instance = start(&Reference, policy()).await;
    let address = instance.url.strip_prefix("http://").unwrap().to_owned();
    let exchange = move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let mut seen = String::new();
        for path in ["/resource", "/error", "/nowhere"] {
            // The body comes later than the head, and nobody is interested in it.
            let head = format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20));
            stream.write_all(b"12345").unwrap();
        }
        stream.write_all(b"GET /hits HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
        stream.read_to_string(&mut seen).unwrap();
        seen
    };
    let seen = tokio::task::spawn_blocking(exchange).await.unwrap();
    let statuses: Vec<_> = seen.split("HTTP/1.1 ").skip(1).map(|response| &response[..3]).collect();
    assert_eq!(statuses, ["200", "500", "404", "200"]);
}

#[tokio::test]
async fn many_policies_are_live_at_once() {
    let mut instances = Vec::new();
    for number in 0..100 {
        let origin = format!("https://app{number}.example");
        instances
            .push((start(&Reference, Policy { origins: vec![origin.clone()], ..policy() }).await, origin));
    }
    for (instance, origin) in &instances {
        let reply = send(&instance.url, "GET", "/resource", &[("origin", origin)]).await;
        assert_eq!(reply.header("access-control-allow-origin"), Some(origin.as_str()));
    }
}

#[tokio::test]
async fn says_what_it_does_not_serve() {
    let any = Policy { origins: vec!["*".into()], ..policy() };
    assert!(matches!(Reference.serve(Some(any)).await, Answer::Refused { .. }));
    assert!(matches!(Reference.serve(None).await, Answer::Unsupported { .. }));
    let wrong = Policy { origins: vec!["https://app.example/".into()], ..policy() };
    assert!(matches!(Reference.serve(Some(wrong)).await, Answer::Failed { .. }));
}

#[test]
fn says_who_it_is() {
    let hello = Reference.hello();
    assert_eq!(hello.name, "reference");
    assert!(hello.framework.unwrap().starts_with("hyper 1."));
    assert!(hello.runtime.unwrap().starts_with("tokio 1."));
}
