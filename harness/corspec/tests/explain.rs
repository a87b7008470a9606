//! `corspec explain`: whole explanations, and the command line.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::io::Write;
use std::process::{Command, Stdio};

use corspec::explain::{Answer, Call, Change, Explanation, Question, codes, har, message, snippet, terminal};
use corspec_browser::{CredentialsMode, Profile, Purpose, Reason};
use proptest::prelude::*;
use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a call of `fetch()` on a page at `https://app.example` leads to with these answers.
fn question(call: &str, preflight: Option<&str>, response: Option<&str>) -> Question {
    let answers = [(Purpose::Preflight, preflight), (Purpose::Actual, response)];
    let flags = Call {
        origin: Some("https://app.example".to_owned()),
        answers: answers
            .into_iter()
            .filter_map(|(purpose, text)| {
                Some(Answer { purpose, response: Some(message::response(text?, 200).unwrap()) })
            })
            .collect(),
        ..Call::default()
    };
    snippet::parse(call).unwrap().overridden_by(flags).into_question().unwrap()
}

fn explain(question: &Question) -> Explanation {
    Explanation::of(question, Profile::Fetch)
}

const GET: &str = "fetch('https://api.example/x')";
const GET_WITH_COOKIES: &str = "fetch('https://api.example/x', {credentials: 'include'})";
const PUT: &str = "fetch('https://api.example/x', {method: 'PUT', headers: {'X-Token': '1'}})";
const AUTHORIZED: &str =
    "fetch('https://api.example/x', {headers: {Authorization: 'Bearer 1', 'X-Token': '1'}})";

#[rstest]
#[case("allow-origin-missing", GET, None, Some("200\nContent-Type: application/json"))]
#[case(
    "allow-origin-mismatch",
    GET,
    None,
    Some("200\nAccess-Control-Allow-Origin: http://app.example\nVary: Accept")
)]
#[case("allow-origin-invalid", GET, None, Some("200\nAccess-Control-Allow-Origin: https://app.example/"))]
#[case(
    "allow-origin-multiple",
    GET,
    None,
    Some("200\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Origin: *")
)]
#[case(
    "allow-origin-wildcard-with-credentials",
    GET_WITH_COOKIES,
    None,
    Some("200\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Credentials: true")
)]
#[case(
    "allow-credentials-not-true",
    GET_WITH_COOKIES,
    None,
    Some("200\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: True")
)]
#[case("preflight-status", PUT, Some("401\nAccess-Control-Allow-Origin: *"), None)]
#[case("preflight-redirect", PUT, Some("308\nAccess-Control-Allow-Origin: *\nLocation: /x/"), None)]
#[case(
    "method-not-allowed",
    PUT,
    Some(
        "204\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: GET, POST\nAccess-Control-Allow-Headers: x-token"
    ),
    None
)]
#[case(
    "header-not-allowed",
    PUT,
    Some(
        "204\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Allow-Headers: Content-Type"
    ),
    None
)]
#[case(
    "wildcard-excludes-authorization",
    AUTHORIZED,
    Some("204\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Headers: *"),
    None
)]
fn explanations(
    #[case] reason: &str,
    #[case] call: &str,
    #[case] preflight: Option<&str>,
    #[case] response: Option<&str>,
) {
    let explanation = explain(&question(call, preflight, response));
    assert_eq!(explanation.reason, Some(reason));
    insta::assert_snapshot!(reason, terminal::render(&explanation, &terminal::Styles::default()));
}

#[rstest]
#[case("works", GET, Some("200\nAccess-Control-Allow-Origin: *\nX-Request-Id: 7"))]
#[case("what-would-be-sent", PUT, None)]
#[case("nothing-sent", "fetch('https://api.example/x', {body: 'a'})", None)]
fn other_endings(#[case] name: &str, #[case] call: &str, #[case] response: Option<&str>) {
    let explanation = explain(&question(call, None, response));
    insta::assert_snapshot!(name, terminal::render(&explanation, &terminal::Styles::default()));
}

#[test]
fn a_har_file() {
    let call = har::parse(include_bytes!("explain/blocked.har"), &har::Choice::default()).unwrap();
    let explanation = explain(&call.into_question().unwrap());
    assert_eq!(explanation.reason, Some("wildcard-excludes-authorization"));
    insta::assert_snapshot!("har", terminal::render(&explanation, &terminal::Styles::default()));
}

/// Recorded in Chromium 156 through the DevTools protocol, each with the line that its console had.
#[rstest]
#[case("missing", "allow-origin-missing")]
#[case("mismatch", "allow-origin-mismatch")]
#[case("wildcard-with-credentials", "allow-origin-wildcard-with-credentials")]
#[case("method", "method-not-allowed")]
#[case("preflight-status", "preflight-status")]
#[case("header", "header-not-allowed")]
fn a_page_that_was_blocked(#[case] name: &str, #[case] reason: &str) {
    let recorded = |ending: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/explain/recorded");
        std::fs::read(format!("{folder}/{name}.{ending}")).unwrap()
    };
    let call = har::parse(&recorded("har"), &har::Choice::default()).unwrap();
    let explanation = explain(&call.into_question().unwrap());
    assert_eq!(explanation.reason, Some(reason));
    let said = explanation.console.iter().find(|console| console.engine == "chromium").unwrap();
    assert_eq!(said.lines[0], String::from_utf8(recorded("txt")).unwrap().trim_end());
}

#[test]
fn the_origin_null_gets_no_credentials_without_a_warning() {
    let mut question = question(GET_WITH_COOKIES, None, Some("200"));
    question.page.origin = corspec_browser::Origin::Opaque;
    let remedy = explain(&question).remedy;
    assert!(remedy.warnings[0].starts_with("Any page on the web can have the origin null"), "{remedy:?}");
}

#[test]
fn every_reason_has_an_entry_and_an_example() {
    let suites = corspec::builtin::suites().unwrap();
    let without: Vec<&str> = Reason::ALL
        .iter()
        .filter(|reason| codes::entry(reason.code(), &suites).unwrap().example.is_none())
        .map(|reason| reason.code())
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

prop_compose! {
    fn any_answer()(
        status in prop::sample::select(vec![200_u16, 204, 302, 404]),
        lines in prop::collection::vec(
            (
                prop::sample::select(vec!["Origin", "Credentials", "Methods", "Headers"]),
                prop::sample::select(vec!["*", "https://app.example", "null", "true", "PUT, GET", "x-token", "a b", ""]),
            ),
            0..5,
        ),
    ) -> String {
        let lines: String = lines.iter().map(|(name, value)| format!("\nAccess-Control-Allow-{name}: {value}")).collect();
        format!("{status}{lines}")
    }
}

proptest! {
    /// Whatever came: what the remedy says does let the page in, and never names * for a request with credentials.
    #[test]
    fn the_remedy_works(
        call in prop::sample::select(vec![GET, GET_WITH_COOKIES, PUT, AUTHORIZED]),
        credentials in any::<bool>(),
        preflight in prop::option::of(any_answer()),
        response in prop::option::of(any_answer()),
    ) {
        let mut question = question(call, preflight.as_deref(), response.as_deref());
        if credentials {
            question.init.credentials = CredentialsMode::Include;
        }
        let explanation = explain(&question);
        let responses = &explanation.remedy.responses;
        let changed = responses.iter().flat_map(|response| &response.headers).filter(|set| set.change != Change::Keep);
        if question.init.credentials == CredentialsMode::Include {
            for setting in changed {
                prop_assert!(!setting.value.as_deref().unwrap_or_default().contains('*'), "{setting:?}");
            }
        }
        if !responses.is_empty() {
            // Nothing but what it names, and it works.
            question.answers = responses
                .iter()
                .map(|response| {
                    let lines = response.headers.iter().filter_map(|set| Some(format!("\n{}: {}", set.name, set.value.as_ref()?)));
                    let text = format!("{}{}", response.status, lines.collect::<String>());
                    let purpose = if response.purpose == "preflight" { Purpose::Preflight } else { Purpose::Actual };
                    Answer { purpose, response: Some(message::response(&text, 200).unwrap()) }
                })
                .collect();
            let again = explain(&question);
            prop_assert_eq!(again.reason, None, "{:?}", again);
        }
    }
}

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn corspec(arguments: &[&str], stdin: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .arg("explain")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever reads no stdin may have ended already.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/explain/blocked.har");
const CURL: &str = "curl -X PUT https://api.example/x \\\n  -H 'Origin: https://app.example'";

#[rstest]
#[case::flags(&["--origin", "https://app.example", "--url", "https://api.example/x", "--status", "200"], "", "Reason: allow-origin-missing")]
#[case::curl(&["--curl", CURL, "--preflight-status", "404", "--preflight-header", "Access-Control-Allow-Origin: *"], "", "Reason: preflight-status")]
#[case::curl_on_stdin(&[], CURL, "Before PUT https://api.example/x")]
#[case::snippet_on_stdin(&["--origin", "https://app.example"], "await fetch('https://api.example/x')", "The browser sends GET")]
#[case::har(&["--har", FIXTURE], "", "Reason: wildcard-excludes-authorization")]
#[case::code(&["allow-origin-missing"], "", "allow-origin-missing: ")]
#[case::credentials_alone(&["--url", "https://api.example/x", "--origin", "null", "--credentials"], "", "The browser sends GET")]
fn explains(#[case] arguments: &[&str], #[case] stdin: &str, #[case] says: &str) {
    let ran = corspec(arguments, stdin);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains(says), "{}", ran.stdout);
}

#[rstest]
#[case::nothing("nothing", &[], "")]
#[case::no_origin("no-origin", &["--url", "https://api.example/x"], "")]
#[case::bad_origin("bad-origin", &["--url", "https://api.example/x", "--origin", "app\u{1b}[31m"], "")]
#[case::bad_header("bad-header", &["--url", "https://api.example/x", "--header", "X-Token"], "")]
#[case::bad_curl("bad-curl", &["--curl", "curl --frobnicate https://api.example/x"], "")]
#[case::bad_snippet("bad-snippet", &[], "fetch('https://api.example/x', {method: 'PUT'")]
#[case::bad_har("bad-har", &[], "{\"log\": 1}")]
#[case::no_such_entry("no-such-entry", &["--har", FIXTURE, "--entry", "9"], "")]
#[case::unknown_code("unknown-code", &["allow-orign-missing"], "")]
#[case::unknown_flag("unknown-flag", &["--orign", "x"], "")]
#[case::code_and_request("code-and-request", &["allow-origin-missing", "--url", "x"], "")]
fn complains(#[case] name: &str, #[case] arguments: &[&str], #[case] stdin: &str) {
    let ran = corspec(arguments, stdin);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert_eq!(ran.stdout, "");
    insta::assert_snapshot!(name, ran.stderr);
}

#[test]
fn json() {
    let ran = corspec(&["--har", FIXTURE, "--json"], "");
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(value["verdict"], "block");
    assert_eq!(value["reason"], "wildcard-excludes-authorization");
    assert_eq!(value["remedy"]["responses"][0]["headers"][2]["value"], "authorization, content-type");
}

#[test]
fn what_a_server_says_moves_no_cursor() {
    let arguments = ["--origin", "https://app.example", "--url", "https://api.example/x"];
    let hostile = ["--response-header", "Access-Control-Allow-Origin: https://x\u{1b}[2J"];
    let ran = corspec(&[&arguments[..], &hostile[..]].concat(), "");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("https://x\\x1B[2J") && !ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
    let ran = corspec(
        &[&arguments[..], &["--json", "--response-header", "X-A: \u{9b}2J\u{1f600}\u{7f}"]].concat(),
        "",
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')), "{}", ran.stdout);
}

/// The head of the next request; none of these has a body.
async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn asks_the_server() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            while let Some(head) = read_head(&mut stream).await {
                let methods =
                    if head.starts_with("OPTIONS") { "Access-Control-Allow-Methods: PUT\r\n" } else { "" };
                let head = format!(
                    "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n{methods}Content-Length: 0\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).await.unwrap();
            }
        }
    });
    let ask = |method: &'static str, further: &'static [&'static str]| {
        let url = url.clone();
        tokio::task::spawn_blocking(move || {
            let arguments = ["--origin", "https://app.example", "--url", &*url, "--send", "--method", method];
            corspec(&[&arguments[..], further].concat(), "")
        })
    };
    let read = ask("GET", &[]).await.unwrap();
    assert!(read.stdout.starts_with("It works: "), "{}{}", read.stdout, read.stderr);
    let kept = ask("PUT", &[]).await.unwrap();
    assert!(
        kept.stdout.contains("was not sent, because it can change something"),
        "{}{}",
        kept.stdout,
        kept.stderr
    );
    let sent = ask("PUT", &["--unsafe"]).await.unwrap();
    assert!(sent.stdout.starts_with("It works: "), "{}{}", sent.stdout, sent.stderr);
    serving.abort();
}

#[test]
fn the_page_of_reasons_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../browser/REASONS.md");
    let now = codes::document(&corspec::builtin::suites().unwrap());
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(path, &now).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == now, "INSTA_UPDATE=always cargo test -p corspec --test explain writes {path} anew");
}
