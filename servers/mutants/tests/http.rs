//! The family over HTTP.

use corspec_protocol::{Answer, Instance, Policy, Server};
use corspec_server_mutants::{mutants, right_servers, server};
use reqwest::Method;

const PAGE: &str = "https://app.example";

fn policy() -> Policy {
    let strings = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Policy {
        origins: strings(&[PAGE]),
        methods: strings(&["GET", "PUT"]),
        headers: strings(&["X-Token"]),
        expose: strings(&["X-Request-Id"]),
        credentials: true,
        max_age: Some(600),
    }
}

async fn start(server: &impl Server, policy: Policy) -> Instance {
    match server.serve(Some(policy)).await {
        Answer::Ready(instance) => instance,
        answer => panic!("{} answers {answer:?}", server.hello().name),
    }
}

async fn send(url: &str, method: Method, headers: &[(&str, &str)]) -> reqwest::Response {
    let request = reqwest::Client::new().request(method, format!("{url}/resource"));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("the server answers")
}

#[tokio::test]
async fn right_servers_answer() {
    for right in right_servers() {
        let instance = start(&right.server(), policy()).await;
        let read = send(&instance.url, Method::GET, &[("origin", PAGE)]).await;
        assert_eq!(read.status(), 200, "{}", right.id);
        assert_eq!(read.headers()["access-control-allow-origin"], PAGE, "{}", right.id);
        assert_eq!(read.text().await.unwrap(), "{\"resource\":\"ok\"}", "{}", right.id);
        let asked = [("origin", PAGE), ("access-control-request-method", "PUT")];
        let preflight = send(&instance.url, Method::OPTIONS, &asked).await;
        assert!(preflight.status().is_success(), "{}", right.id);
        let head = send(&instance.url, Method::HEAD, &[("origin", PAGE)]).await;
        assert_eq!(head.status(), 200, "{}", right.id);
    }
}

#[tokio::test]
async fn some_right_servers_differ_on_the_wire() {
    let answer = async |id: &str| {
        let right = right_servers().iter().find(|right| right.id == id).unwrap();
        let instance = start(&right.server(), policy()).await;
        let answer = send(&instance.url, Method::GET, &[]).await;
        let header = |name| {
            answer
                .headers()
                .get(name)
                .map(|value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned())
        };
        (header("connection"), header("transfer-encoding"), header("content-length"))
    };
    assert_eq!(answer("right-plain").await, (None, None, Some("17".into())));
    assert_eq!(answer("right-chunked").await, (None, Some("chunked".into()), None));
    let closing = answer("right-one-request-a-connection").await;
    assert_eq!(closing, (Some("close".into()), None, Some("17".into())));
}

#[tokio::test]
async fn all_mutants_are_live_at_once() {
    let mut instances = Vec::new();
    for mutant in mutants() {
        instances.push(start(&mutant.server(), policy()).await);
    }
    for (mutant, instance) in mutants().iter().zip(&instances) {
        // Whatever is wrong with it, it answers.
        let answer = send(&instance.url, Method::GET, &[("origin", PAGE)]).await;
        assert!(answer.status().as_u16() >= 200, "{}", mutant.id);
    }
}

#[tokio::test]
async fn a_mutant_is_wrong_over_http() {
    let instance = start(&server("origin-prefix").unwrap(), policy()).await;
    let page = "https://app.example.evil.test";
    let answer = send(&instance.url, Method::GET, &[("origin", page)]).await;
    assert_eq!(answer.headers()["access-control-allow-origin"], page);
    assert_eq!(answer.headers()["access-control-allow-credentials"], "true");
}

#[tokio::test]
async fn the_forbidden_policy_is_refused_or_disarmed() {
    let any = Policy { origins: vec!["*".into()], ..policy() };
    let right = right_servers().iter().find(|right| right.id == "right-plain").unwrap();
    assert!(matches!(right.server().serve(Some(any.clone())).await, Answer::Refused { .. }));
    assert!(matches!(right.server().serve(None).await, Answer::Unsupported { .. }));
    let wrong = Policy { origins: vec!["https://app.example/".into()], ..policy() };
    assert!(matches!(right.server().serve(Some(wrong)).await, Answer::Failed { .. }));
    let instance = start(&server("any-with-credentials-echoed").unwrap(), any).await;
    let answer = send(&instance.url, Method::GET, &[("origin", "https://evil.test")]).await;
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://evil.test");
}

#[tokio::test]
async fn stops_when_dropped() {
    let instance = start(&mutants()[0].server(), policy()).await;
    let url = instance.url.clone();
    drop(instance);
    for _ in 0..100 {
        if reqwest::get(format!("{url}/resource")).await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it still listens");
}
