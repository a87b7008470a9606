//! A person's own server: real servers in this process, asked over HTTP/1.1, HTTP/2 and TLS.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[cfg(unix)]
#[path = "own/init.rs"]
mod init;
#[path = "own/server.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::http::{HeaderName, HeaderValue, Method};
use corspec::battery::Extent;
use corspec::own::report::{Look, PolicyFile, audited, github, human, json, junit, markdown, sarif};
use corspec::own::{
    Cause, Checked, Class, Config, Framework, OwnRoute, OwnTransport, Secrets, Severity, audit, check,
    observed, schema, server_url, yaml,
};
use corspec::wire::Transport as _;
use corspec_browser::{HeaderList, HttpRequest, Purpose};
use corspec_protocol::Policy;
use rstest::rstest;
use server::{Api, Layer, raw};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower_http::cors::CorsLayer;

fn policy() -> Policy {
    Policy {
        origins: vec!["https://app.example".to_owned()],
        methods: vec!["GET".to_owned(), "PUT".to_owned()],
        headers: vec!["Authorization".to_owned(), "X-Token".to_owned()],
        expose: vec!["X-Request-Id".to_owned()],
        credentials: true,
        max_age: Some(600),
    }
}

fn config(url: &str) -> Config {
    let mut config = Config::new(server_url(url).unwrap(), policy());
    config.routes = vec![OwnRoute {
        methods: vec!["GET".to_owned(), "PUT".to_owned(), "DELETE".to_owned()],
        ..OwnRoute::read("/items")
    }];
    config.limits.timeout = Duration::from_secs(5);
    config
}

/// The policy as the hint for tower-http says it.
fn right() -> Layer {
    let cors = CorsLayer::new()
        .allow_origin([HeaderValue::from_static("https://app.example")])
        .allow_methods([Method::from_bytes(b"GET").unwrap(), Method::from_bytes(b"PUT").unwrap()])
        .allow_headers([
            HeaderName::from_bytes(b"Authorization").unwrap(),
            HeaderName::from_bytes(b"X-Token").unwrap(),
        ])
        .expose_headers([HeaderName::from_bytes(b"X-Request-Id").unwrap()])
        .max_age(Duration::from_secs(600))
        .allow_credentials(true);
    Layer::Cors(Box::new(cors))
}

async fn checked(config: &Config) -> Checked {
    check(config, Secrets::default(), Extent::Quick).await.unwrap()
}

fn codes(checked: &Checked, class: Class) -> Vec<&'static str> {
    checked
        .findings
        .iter()
        .filter(|finding| finding.class == class)
        .map(|finding| finding.cause.code())
        .collect()
}

#[test]
fn the_hint_for_tower_http_is_what_is_tested_here() {
    let bare = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("//") && !line.starts_with("let app"));
        lines.flat_map(str::split_whitespace).collect::<String>().replace(",]", "]")
    };
    let hint = bare(&Framework::named("tower-http").unwrap().hint(&policy()));
    assert!(bare(include_str!("own.rs")).contains(&hint), "{hint}");
}

#[tokio::test]
async fn a_server_that_does_as_the_policy_says_has_no_finding() {
    let api = Api::plain(right()).await;
    let checked = checked(&config(&api.url)).await;
    assert!(checked.ran());
    let bad: Vec<_> = checked.findings.iter().filter(|finding| finding.class != Class::Untidy).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[tokio::test]
async fn what_may_not_be_written_is_never_sent() {
    for layer in [right(), Layer::Reflect, Layer::None] {
        let api = Api::plain(layer).await;
        check(&config(&api.url), Secrets::default(), Extent::Whole).await.unwrap();
        let methods = api.methods();
        assert!(
            methods.iter().all(|method| matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS")),
            "{methods:?}"
        );
        assert!(methods.iter().any(|method| method == "OPTIONS"));
    }
}

#[tokio::test]
async fn what_may_be_written_is() {
    let api = Api::plain(right()).await;
    let mut config = config(&api.url);
    config.routes[0].may_write = true;
    let checked = checked(&config).await;
    assert!(api.methods().iter().any(|method| method == "PUT"));
    assert!(checked.untested.is_empty());
}

#[tokio::test]
async fn a_server_that_reflects_has_one_finding_for_it() {
    let api = Api::plain(Layer::Reflect).await;
    let checked = checked(&config(&api.url)).await;
    let open = codes(&checked, Class::Open);
    assert!(open.contains(&"any-origin-reflected"), "{open:?}");
    assert!(!open.contains(&"look-alike-origin") && !open.contains(&"null-origin"), "{open:?}");
    insta::assert_snapshot!(human(&checked, &Look::default()).replace(&api.authority(), "127.0.0.1:8080"));
}

#[tokio::test]
async fn a_server_without_cors_is_told_as_such() {
    let api = Api::plain(Layer::None).await;
    let checked = checked(&config(&api.url)).await;
    assert!(codes(&checked, Class::Open).is_empty());
    let blocked = codes(&checked, Class::Blocked);
    assert!(blocked.contains(&"permitted-origin-refused"), "{blocked:?}");
    insta::assert_snapshot!(human(&checked, &Look::default()).replace(&api.authority(), "127.0.0.1:8080"));
}

#[rstest]
#[case::insecure(true)]
#[case::trusted(false)]
#[tokio::test]
async fn tls_and_http2(#[case] insecure: bool) {
    let api = Api::tls(right()).await;
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, &api.certificate).unwrap();
    let mut config = config(&api.url);
    config.tls.insecure = insecure;
    config.tls.ca = (!insecure).then_some(ca);
    let checked = checked(&config).await;
    assert!(checked.ran(), "{:?}", checked.troubles);
    assert!(checked.over_http2 > 20, "{}", checked.over_http2);
    assert!(checked.findings.iter().all(|finding| finding.class == Class::Untidy), "{:#?}", checked.findings);
}

#[tokio::test]
async fn an_unknown_certificate_is_said_first() {
    let api = Api::tls(right()).await;
    let checked = checked(&config(&api.url)).await;
    assert!(!checked.ran());
    assert_eq!(checked.troubles[0].code, "certificate", "{:?}", checked.troubles);
}

#[tokio::test]
async fn routes_stand_below_the_servers_path() {
    let api = Api::plain(right()).await;
    let mut config = config(&format!("{}/v1/", api.url));
    config.routes[0].path = "/items?page=2".to_owned();
    let checked = checked(&config).await;
    assert!(checked.ran());
    assert!(checked.troubles.is_empty(), "{:?}", checked.troubles);
    assert!(api.paths().iter().any(|path| path == "/v1/items?page=2"), "{:?}", api.paths());
}

const SECRET: &str = "S3CR3T-0451";

#[tokio::test]
async fn secrets_reach_the_server_and_nothing_else() {
    let api = Api::plain(Layer::Echo).await;
    let mut config = config(&api.url);
    config.routes[0].headers = vec![("Authorization".to_owned(), "Bearer ${TOKEN}".to_owned())];
    config.cookie = Some("session=${TOKEN}".to_owned());
    let lookup = |name: &str| (name == "TOKEN").then(|| SECRET.to_owned());
    let checked = check(&config, Secrets::of(&config, lookup).unwrap(), Extent::Quick).await.unwrap();
    assert!(api.saw(&format!("Bearer {SECRET}")), "the header");
    assert!(api.saw(&format!("session={SECRET}")), "the cookie");
    assert!(checked.findings.iter().any(|finding| finding.class == Class::Open));
    let file = PolicyFile { path: "corspec.yaml", text: "policy:" };
    let mut all = human(&checked, &Look::default())
        + &json(&checked).to_string()
        + &markdown(&checked)
        + &sarif(&checked, file).to_string()
        + &github(&checked, file)
        + &format!("{checked:?}")
        + &junit(&checked).unwrap()
        + &corspec::report::junit::render(&checked.record).unwrap()
        + &corspec::report::html::render(&checked.record).unwrap();
    for result in &checked.record.results {
        all += &serde_json::to_string(result).unwrap();
    }
    assert!(!all.contains(SECRET));
    assert!(all.contains("${TOKEN}"));
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let mut config = config("http://localhost");
    config.cookie = Some("session=${SESSION}".to_owned());
    let error = Secrets::of(&config, |_| None).unwrap_err().to_string();
    assert!(error.contains("SESSION"), "{error}");
}

#[tokio::test]
async fn no_faster_than_agreed() {
    let api = Api::plain(right()).await;
    let mut config = config(&api.url);
    config.limits.per_second = Some(50);
    let transport = OwnTransport::new(&config, Secrets::default()).unwrap();
    let started = Instant::now();
    let audit = audit(&config, &transport, &[]).await;
    let least = Duration::from_secs(1).mul_f64((audit.requests as f64 - 1.0) / 50.0);
    assert!(started.elapsed() >= least.mul_f64(0.95), "{:?} for {}", started.elapsed(), audit.requests);
}

#[rstest]
#[case::login(Layer::Status(302), "login")]
#[case::nothing(Layer::Status(404), "not-found")]
#[case::refused(Layer::Status(401), "unauthorized")]
#[case::broken(Layer::Status(503), "fails")]
#[case::asked_too_often(Layer::Status(429), "rate-limited")]
#[tokio::test]
async fn what_stands_in_the_way_is_said_first(#[case] layer: Layer, #[case] code: &str) {
    let api = Api::plain(layer).await;
    let checked = checked(&config(&api.url)).await;
    assert_eq!(checked.troubles.first().map(|trouble| trouble.code), Some(code));
    assert!(human(&checked, &Look::default()).starts_with("First of all: "));
}

#[tokio::test]
async fn the_other_scheme_is_said_to_be_it() {
    let plain = Api::plain(right()).await;
    let asked_tls = checked(&config(&plain.url.replace("http://", "https://"))).await;
    assert_eq!(asked_tls.troubles[0].code, "wrong-scheme", "{:?}", asked_tls.troubles);
    let tls = Api::tls(right()).await;
    let asked_plain = checked(&config(&tls.url.replace("https://", "http://"))).await;
    assert!(asked_plain.troubles[0].help.contains("write https://"), "{:?}", asked_plain.troubles);
}

#[tokio::test]
async fn nobody_there() {
    let checked = checked(&config("http://127.0.0.1:9")).await;
    assert!(!checked.ran() && checked.findings.is_empty());
    assert_eq!(checked.troubles[0].code, "unreachable");
}

#[rstest]
#[case::endless_body(raw::ENDLESS_BODY)]
#[case::endless_head(raw::ENDLESS_HEAD)]
#[case::silent(raw::SILENT)]
#[case::reset(raw::RESET)]
#[case::redirects(raw::REDIRECTS)]
#[case::escapes(raw::ESCAPES)]
#[tokio::test]
async fn a_hostile_server_harms_nobody(#[case] kind: &'static str) {
    let url = raw::serve(kind).await;
    let mut config = config(&url);
    config.limits.timeout = Duration::from_millis(200);
    config.limits.retries = 0;
    config.limits.at_once = 64;
    let ended = tokio::time::timeout(Duration::from_secs(60), checked(&config)).await;
    let checked = ended.expect("it ends");
    let text = human(&checked, &Look::default()) + &markdown(&checked);
    assert!(!text.contains('\x1b') && !text.contains("<script>"), "{text}");
    let commands = github(&checked, PolicyFile { path: "corspec.yaml", text: "" });
    assert!(
        commands.lines().all(|line| line.starts_with("::") == line.contains("file=corspec.yaml")),
        "{commands}"
    );
}

/// Closes the first connections without an answer, and counts what it was asked.
async fn stumbling(closes: usize) -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            if counted.fetch_add(1, Ordering::Relaxed) >= closes {
                let _ = stream
                    .write_all(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .await;
            }
        }
    });
    (url, asked)
}

#[rstest]
#[case::nothing_to_retry("GET", 0, 2, Some(503), 1)]
#[case::often_enough("GET", 2, 2, Some(503), 3)]
#[case::not_often_enough("GET", 3, 2, None, 3)]
#[case::never("GET", 1, 0, None, 1)]
#[case::what_may_have_been_done_is_not_done_twice("PUT", 1, 2, None, 1)]
#[tokio::test]
async fn only_what_brought_no_answer_is_sent_again(
    #[case] method: &'static str,
    #[case] closes: usize,
    #[case] retries: u32,
    #[case] status: Option<u16>,
    #[case] asked: usize,
) {
    let (url, counted) = stumbling(closes).await;
    let mut config = config(&url);
    config.routes[0].may_write = true;
    config.limits.retries = retries;
    let transport = OwnTransport::new(&config, Secrets::default()).unwrap();
    let request = HttpRequest {
        purpose: Purpose::Actual,
        method: method.as_bytes().into(),
        url: config.origin().join("/items").unwrap(),
        headers: HeaderList::new(),
        body: None,
    };
    let answer = transport.exchange(&request).await.ok().map(|response| response.status);
    assert_eq!((answer, counted.load(Ordering::Relaxed)), (status, asked));
    assert_eq!(transport.sent(), asked);
}

#[tokio::test]
async fn an_audit_tells_danger_from_none() {
    for (layer, worst) in [
        (Layer::Reflect, Severity::High),
        (Layer::Wildcard, Severity::Harmless),
        (Layer::None, Severity::Harmless),
        (Layer::Suffix, Severity::High),
    ] {
        let api = Api::plain(layer).await;
        let config = config(&api.url);
        let transport = OwnTransport::new(&config, Secrets::default()).unwrap();
        let audit = audit(&config, &transport, &["https://app.example".to_owned()]).await;
        let found = audit.grants.iter().map(|grant| grant.severity).max();
        assert_eq!(found, Some(worst), "{}", audited(&audit, &Look::default()));
        assert!(api.methods().iter().all(|method| matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS")));
    }
}

#[tokio::test]
async fn what_a_server_grants_is_written_down() {
    let api = Api::plain(right()).await;
    let config = config(&api.url);
    let transport = OwnTransport::new(&config, Secrets::default()).unwrap();
    let (seen, _) = observed(&config, &transport, &policy().origins).await.unwrap();
    assert_eq!((&seen.origins, seen.credentials, seen.max_age), (&policy().origins, true, Some(600)));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corspec.yaml");
    let written = Config { policy: seen.clone(), ..config };
    std::fs::write(&path, yaml(&written, &[])).unwrap();
    let read = corspec::case::load_config(&path).unwrap();
    assert_eq!(read.policy, seen);
    assert_eq!(read.server, written.server);
}

#[test]
fn a_wrong_file_is_told_with_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corspec.yaml");
    let text = "server: ftp://x\npolicy:\n  origins: [\"https://app.example/\"]\n  credentials: yes please\nroute: [/]\nroutes:\n  - {path: items, method: [GET]}\n  - {path: /x, headers: {Cookie: a, X-Other: 1}}\ncookie: plain=text\nframework: expres\nlimits: {timeout: 0}\n";
    std::fs::write(&path, text).unwrap();
    let problems = corspec::case::load_config(&path).unwrap_err().to_string();
    let folder = folder.path().to_string_lossy().into_owned();
    insta::assert_snapshot!(problems.replace(&folder, "FOLDER"));
}

#[test]
fn the_schema_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/corspec.json");
    let now = format!("{:#}\n", schema());
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(path, &now).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, now, "INSTA_UPDATE=always cargo test -p corspec --test own writes it anew");
}

#[tokio::test]
async fn sarif_is_as_the_standard_wants_it() {
    let api = Api::plain(Layer::Reflect).await;
    let checked = checked(&config(&api.url)).await;
    let log = sarif(
        &checked,
        PolicyFile { path: "./my corspec.yaml", text: "server: x\npolicy:\n  origins: []\n" },
    );
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().is_some_and(|schema| schema.contains("sarif-2.1.0")));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "corspec");
    let rules = driver["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note", "none"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20corspec.yaml");
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
    }
    assert!(run["invocations"][0]["executionSuccessful"].as_bool().unwrap());
}

#[tokio::test]
async fn junit_has_a_test_for_every_cause() {
    let attributes = |xml: &str, name: &str| -> usize {
        let (_, value) = xml.split_once(&format!(" {name}=\"")).unwrap();
        value.split('"').next().unwrap().parse().unwrap()
    };
    let good = junit(&checked(&config(&Api::plain(right()).await.url)).await).unwrap();
    assert_eq!(attributes(&good, "tests"), Cause::ALL.len() + 1);
    assert_eq!((attributes(&good, "failures"), attributes(&good, "errors")), (0, 0));
    let wrong = checked(&config(&Api::plain(Layer::Reflect).await.url)).await;
    let bad = junit(&wrong).unwrap();
    let found = wrong.findings.iter().filter(|finding| finding.class != Class::Untidy).count();
    assert_eq!((attributes(&bad, "tests"), attributes(&bad, "failures")), (Cause::ALL.len() + 1, found));
    assert!(bad.contains("type=\"any-origin-reflected\""), "{bad}");
    let nobody = junit(&checked(&config("http://127.0.0.1:9")).await).unwrap();
    assert_eq!((attributes(&nobody, "failures"), attributes(&nobody, "errors")), (0, 1), "{nobody}");
}

#[tokio::test]
async fn the_same_file_in_cargo_test() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corspec.yaml");
    std::fs::write(&path, yaml(&config("http://localhost"), &[])).unwrap();
    let good = Arc::new(right().router());
    let served = move |listener: tokio::net::TcpListener| {
        let app = good.clone();
        async move { axum::serve(listener, (*app).clone()).await }
    };
    let record = corspec::check_policy(&path, served).await.unwrap();
    assert!(record.results.len() > 100);
    let reflecting = |listener| async { axum::serve(listener, Layer::Reflect.router()).await };
    let error = corspec::check_policy(&path, reflecting).await.unwrap_err().to_string();
    assert!(error.contains("over-exposes"), "{error}");
}

/// The command, in a folder of its own.
fn corspec(folder: &std::path::Path, arguments: &[&str]) -> (i32, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_corspec"))
        .args(arguments)
        .current_dir(folder)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_over_tls_is_explained() {
    let api = Api::tls(right()).await;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("ca.pem"), &api.certificate).unwrap();
    let url = format!("{}/items", api.url);
    let ask = |method: &str, more: &[&str]| {
        let arguments =
            ["explain", "--send", "--origin", "https://app.example", "--url", &url, "--method", method];
        corspec(folder, &[&arguments[..], more].concat())
    };
    for trusting in [&["--ca", "ca.pem"][..], &["--insecure"]] {
        let (code, text) = ask("GET", trusting);
        assert!(code == 0 && text.starts_with("It works: "), "{text}");
    }
    let (_, text) = ask("GET", &[]);
    let said = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("--ca FILE") && said.contains("--insecure trusts any certificate"), "{text}");
    assert!(!ask("PUT", &["--insecure"]).1.starts_with("It works: "));
    assert!(!api.methods().contains(&"PUT".to_owned()), "{:?}", api.methods());
    let (_, text) = ask("PUT", &["--insecure", "--unsafe"]);
    assert!(text.starts_with("It works: "), "{text}");
    assert!(api.methods().contains(&"PUT".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_to_rely_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (good, bad) = (Api::plain(right()).await, Api::plain(Layer::Reflect).await);
    let (code, text) = corspec(folder, &["check"]);
    assert!(code == 2 && text.contains("corspec init"), "{text}");
    let written = yaml(&config(&good.url), &[]);
    std::fs::write(folder.join("corspec.yaml"), &written).unwrap();
    for format in ["human", "json", "junit", "markdown", "sarif", "github"] {
        let (code, text) = corspec(folder, &["check", "--quick", "--format", format]);
        assert_eq!(code, 0, "{text}");
        let (code, text) = corspec(folder, &["check", "--quick", "--format", format, "--server", &bad.url]);
        assert_eq!(code, 1, "{text}");
    }
    assert_eq!(corspec(folder, &["check", "--server", "http://127.0.0.1:9"]).0, 3);
    assert_eq!(corspec(folder, &["audit", &good.url]).0, 0);
    assert_eq!(corspec(folder, &["audit", &bad.url]).0, 1);
    assert_eq!(corspec(folder, &["audit", &bad.url, "--fail-on", "never"]).0, 0);
    assert_eq!(corspec(folder, &["audit", "http://127.0.0.1:9"]).0, 3);
    assert_eq!(corspec(folder, &["audit", "http://user:secret@localhost"]).0, 2);
    let (code, text) = corspec(folder, &["init", "--server", &good.url]);
    assert!(code == 2 && text.contains("--force"), "{text}");
    assert_eq!(std::fs::read_to_string(folder.join("corspec.yaml")).unwrap(), written);
    let (code, text) = corspec(
        folder,
        &["init", "-", "--from-server", "--server", &good.url, "--origin", "https://app.example"],
    );
    assert!(
        code == 0 && text.contains("https://app.example") && text.contains("credentials: true"),
        "{text}"
    );
    let (code, text) = corspec(folder, &["init", "-"]);
    assert!(code == 2 && text.contains("--server"), "{text}");
    let (code, text) = corspec(folder, &["check", "--record", "record.jsonl", "--output", "out.txt"]);
    assert!(code == 0 && text.is_empty(), "{text}");
    let (code, text) = corspec(folder, &["report", "record.jsonl", "--format", "markdown"]);
    assert!(code == 0 && text.contains("url"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_pipelines_work() {
    let folder = tempfile::tempdir().unwrap();
    let api = Api::plain(right()).await;
    std::fs::write(folder.path().join("corspec.yaml"), yaml(&config(&api.url), &[])).unwrap();
    let mut commands = 0;
    for text in [include_str!("../ci/github-workflow.yaml"), include_str!("../ci/pre-commit-config.yaml")] {
        serde_yaml::from_str::<serde_yaml::Value>(text).unwrap();
        for line in text.lines() {
            let Some((_, command)) = line.split_once(": corspec ") else { continue };
            let words: Vec<&str> = command.split_whitespace().take_while(|word| *word != "||").collect();
            let (code, text) = corspec(folder.path(), &words);
            assert_eq!(code, 0, "{command}: {text}");
            commands += 1;
        }
    }
    assert_eq!(commands, 3);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_sees_the_file_change() {
    let folder = tempfile::tempdir().unwrap();
    let api = Api::plain(right()).await;
    let path = folder.path().join("corspec.yaml");
    std::fs::write(&path, yaml(&config(&api.url), &[])).unwrap();
    let seen = std::fs::File::create(folder.path().join("seen")).unwrap();
    let mut watching = std::process::Command::new(env!("CARGO_BIN_EXE_corspec"))
        .args(["check", "--watch", "--quick"])
        .current_dir(folder.path())
        .stdout(seen.try_clone().unwrap())
        .stderr(seen)
        .spawn()
        .unwrap();
    let times = |wanted: usize| {
        let started = Instant::now();
        let count =
            || std::fs::read_to_string(folder.path().join("seen")).unwrap().matches("Watching").count();
        while count() < wanted && started.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(50));
        }
        count()
    };
    assert_eq!(times(1), 1);
    let mut changed = config(&api.url);
    changed.policy.origins = vec!["https://other.example".to_owned()];
    std::fs::write(&path, yaml(&changed, &[])).unwrap();
    assert_eq!(times(2), 2);
    let said = std::fs::read_to_string(folder.path().join("seen")).unwrap();
    assert!(said.contains("Pages of https://other.example are kept out"), "{said}");
    std::process::Command::new("kill").args(["-INT", &watching.id().to_string()]).status().unwrap();
    assert_eq!(watching.wait().unwrap().code(), Some(0));
}
