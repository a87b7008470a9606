//! Servers that are nobody's friend: each is told as what it is, in bounded time, and disturbs no other.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use corspec::builtin;
use corspec::case::Kind;
use corspec::record::{Record, Verdict};
use corspec::report::{badge, html, junit, markdown, snapshot, terminal};
use corspec::run::Plan;
use corspec::select::Selection;
use corspec::service::Service;
use corspec::subject::Subject;
use corspec_protocol::{Answer, BoxFuture, Hello, Policy, Server};
use rstest::rstest;
use support::{PATIENCE, Serving, accept, fine, impatient, of, read_request, record, result, service, suite};
use tokio::io::AsyncWriteExt as _;

const GROUP: &str = "exact-origin-without-credentials";

/// The cases that hostile servers meet: a group of the built-in ones.
fn group() -> Plan {
    impatient(builtin::suites_named(GROUP).unwrap())
}

/// A server that does whatever it likes with a connection.
fn raw<F>(
    name: &str,
    connection: impl Fn(tokio::net::TcpStream) -> F + Clone + Send + Sync + 'static,
) -> Service<impl Fn(tokio::net::TcpListener) -> Serving + Send + Sync + 'static>
where
    F: Future<Output = ()> + Send + 'static,
{
    Service::new(name, move |listener| -> Serving { Box::pin(accept(listener, connection.clone())) })
}

/// What a server does with a connection, on a thread of its own.
type Manners = fn(TcpStream);

/// A server that does that with every connection, for as long as the process lives.
fn listening(manners: Manners) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = accepted.clone();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            count.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || manners(stream));
        }
    });
    (address, accepted)
}

/// An address at which nobody listens.
fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn read_head(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return false,
        }
    }
    true
}

fn closes(stream: TcpStream) {
    drop(stream);
}

fn answers_garbage(mut stream: TcpStream) {
    if read_head(&mut stream) {
        let _ = stream.write_all(b"\x00\x1b[31m<script>alert(1)</script>\r\n\r\n");
    }
}

fn has_an_endless_head(mut stream: TcpStream) {
    if read_head(&mut stream) && stream.write_all(b"HTTP/1.1 200 OK\r\n").is_ok() {
        let lines = b"X-More: more\r\n".repeat(500);
        while stream.write_all(&lines).is_ok() {}
    }
}

fn has_an_endless_body(mut stream: TcpStream) {
    if read_head(&mut stream) && stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").is_ok() {
        let part = [b'x'; 64 << 10];
        while stream.write_all(&part).is_ok() {}
    }
}

fn never_answers(mut stream: TcpStream) {
    while read_head(&mut stream) {}
    let _ = stream.shutdown(Shutdown::Both);
}

fn hello_of_another_protocol(mut stream: TcpStream) {
    let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n");
    while read_head(&mut stream) {}
}

/// Runs the command against a server that is there, and returns its exit code, its output and its record.
fn run_url(address: SocketAddr) -> (Option<i32>, String, Record) {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .args([
            "run",
            "--url",
            &format!("http://{address}"),
            "--case",
            &format!("{GROUP}/*"),
            "--record",
            "r.jsonl",
        ])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let file = std::fs::File::open(dir.path().join("r.jsonl")).unwrap();
    (output.status.code(), text, Record::read(std::io::BufReader::new(file)).unwrap())
}

#[rstest]
#[case::nobody_listens(nobody(), "no connection to 127.0.0.1:")]
#[case::closes_at_once(listening(closes).0, "before a complete response head (got nothing)")]
#[case::garbage(listening(answers_garbage).0, "the answer is not HTTP/1.0 or HTTP/1.1 (got ")]
#[case::another_protocol(listening(hello_of_another_protocol).0, "the answer is not HTTP/1.0 or HTTP/1.1 (got ")]
#[case::endless_head(listening(has_an_endless_head).0, "the response head is larger than 262144 bytes")]
#[case::endless_body(listening(has_an_endless_body).0, "the response body is larger than 8388608 bytes")]
fn a_server_at_a_url(#[case] address: SocketAddr, #[case] message: &str) {
    let (code, output, record) = run_url(address);
    assert_eq!(code, Some(3), "{output}");
    assert!(record.complete);
    assert!(!record.results.is_empty());
    for result in &record.results {
        assert_eq!(result.verdict, Verdict::Error);
        let told = result.message.as_deref().unwrap();
        assert!(told.starts_with("no answer came to the controls") && told.contains(message), "{told}");
    }
    assert!(!output.contains(['\u{1b}', '\0']), "{output:?}");
}

/// Each exchange would take its whole time, so it is the two controls alone that are waited for.
#[tokio::test]
async fn a_server_that_never_answers_costs_no_more_than_its_controls() {
    let (address, accepted) = listening(never_answers);
    let subject = Subject::url(format!("http://{address}").parse().unwrap());
    let started = Instant::now();
    let record = record(group(), &[subject]).await;
    assert!(started.elapsed() < PATIENCE * 6, "{:?}", started.elapsed());
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
    assert!(record.results.len() > 10);
    for result in &record.results {
        assert_eq!(result.verdict, Verdict::Error);
        assert!(
            result
                .message
                .as_deref()
                .unwrap()
                .contains("no complete response head within 500ms (got nothing)")
        );
    }
}

/// Time is up for each exchange as a whole, however many bytes still trickle in.
#[tokio::test]
async fn a_server_that_drips_is_not_waited_for() {
    let dripping = raw("dripping", |mut stream| async move {
        if read_request(&mut stream).await.is_some() {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ").await;
            let mut pace = tokio::time::interval(PATIENCE / 20);
            while stream.write_all(b"x").await.is_ok() {
                pace.tick().await;
            }
        }
    });
    let started = Instant::now();
    let record = record(group(), &[Subject::server("dripping", dripping)]).await;
    assert!(started.elapsed() < PATIENCE * 6, "{:?}", started.elapsed());
    assert!(record.results.iter().all(|result| result.verdict == Verdict::Error));
}

/// Reflects whoever asks, and leads every request away.
fn redirecting(to: SocketAddr) -> Subject {
    Subject::server(
        "redirecting",
        service("redirecting", move |asked| {
            let origin = asked.origin();
            let lines = vec![
                format!("Location: http://{to}/stolen"),
                format!("Access-Control-Allow-Origin: {origin}"),
                "Access-Control-Allow-Credentials: true".to_owned(),
            ];
            (if asked.is_preflight() { 204 } else { 302 }, lines)
        }),
    )
}

#[tokio::test]
async fn nobody_but_the_server_under_test_is_contacted() {
    let (elsewhere, contacted) = listening(closes);
    let record = record(group(), &[redirecting(elsewhere)]).await;
    for result in &record.results {
        assert_eq!(result.verdict, Verdict::Error, "{}", result.case);
        let told = result.message.as_deref().unwrap();
        let expected =
            format!("http://{elsewhere}/stolen is not the server under test, and nothing else is talked to");
        assert!(told.ends_with(&expected), "{told}");
    }
    assert_eq!(contacted.load(Ordering::SeqCst), 0);
}

/// Where the controls get their answers, each case is on its own.
const DETOUR: &str = r#"suite: detour
spec: https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
policy: {origins: ["https://app.example"], methods: [GET, DELETE], headers: [], expose: [], credentials: false, max_age: null}
cases:
  - {id: reads, why: control, request: {origin: "https://app.example"}, expect: allow}
  - {id: stranger, why: control, request: {origin: "https://evil.test"}, expect: block}
  - {id: led-away, why: the test, request: {origin: "https://app.example", path: /away}, expect: block}
  - {id: led-away-unread, why: the test, request: {origin: "https://app.example", path: /away, mode: no-cors}, expect: opaque}
  - {id: hung-up-on, why: the test, request: {origin: "https://app.example", path: /hang-up}, expect: block}
"#;

#[tokio::test]
async fn a_broken_answer_is_no_block() {
    let (elsewhere, contacted) = listening(closes);
    let server = raw("detour", move |mut stream| async move {
        while let Some(asked) = read_request(&mut stream).await {
            let answer = match &*asked.target {
                "/hang-up" => return,
                "/away" => format!("HTTP/1.1 302 F\r\nLocation: http://{elsewhere}/"),
                _ => "HTTP/1.1 200 OK".to_owned(),
            };
            let answer = format!(
                "{answer}\r\nAccess-Control-Allow-Origin: https://app.example\r\nContent-Length: 0\r\n\r\n"
            );
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    });
    let record = record(impatient(vec![suite(DETOUR)]), &[Subject::server("detour", server)]).await;
    let verdicts: Vec<_> = record.results.iter().map(|result| result.verdict).collect();
    assert_eq!(verdicts[..2], [Verdict::Pass; 2]);
    for id in ["led-away", "hung-up-on"] {
        let result = result(&record, id);
        assert_eq!(result.verdict, Verdict::Error, "{id}: a broken connection says nothing of a policy");
        assert!(result.fails());
    }
    assert_ne!(result(&record, "led-away-unread").verdict, Verdict::Pass);
    assert_eq!(contacted.load(Ordering::SeqCst), 0);
}

/// What a server writes reaches neither a terminal nor a page as more than text.
#[tokio::test]
async fn what_a_server_writes_is_shown_and_never_obeyed() {
    let spiteful = service("spiteful", |asked| {
        let mut lines = vec![
            "X-Request-Id: \u{1b}]0;owned\u{7}\u{1b}[2J<script>alert(1)</script>]]>\u{202e}".to_owned(),
            "Access-Control-Allow-Headers: <img src=x onerror=alert(1)>".to_owned(),
        ];
        // A control that is let in, so that the others are told one by one.
        if asked.origin() == "https://app.example"
            && asked.header("cookie").is_none()
            && asked.target == "/resource"
        {
            lines.push("Access-Control-Allow-Origin: https://app.example".to_owned());
        } else {
            lines.push("Access-Control-Allow-Origin: \u{1b}[31m<script>alert(2)</script>".to_owned());
        }
        (200, lines)
    });
    let name = "<script>alert(3)</script>\u{1b}[31m";
    let record = record(group(), &[Subject::server(name, spiteful)]).await;
    let fell_short = record.results.iter().filter(|result| result.fails()).count();
    assert!(fell_short > 0, "a report without failures shows little of what the server wrote");
    let plain = terminal::Options::default();
    let reports = [
        ("terminal", terminal::render(&record, &plain)),
        ("html", html::render(&record).unwrap()),
        ("junit", junit::render(&record).unwrap()),
        ("markdown", markdown::render(&record, &markdown::Options::default())),
        ("snapshot", snapshot::render(&record, name)),
        ("badge", badge::render(&record, name)),
    ];
    for (format, text) in &reports {
        let unfit = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || c == '\u{202e}';
        assert!(!text.contains(unfit), "{format}: {:?}", text.chars().find(|&c| unfit(c)));
    }
    for (format, text) in &reports[1..4] {
        // Markdown shows a code span as it stands; none of what was written has a backtick to end one.
        let shown: String = match *format {
            "markdown" => text.split('`').step_by(2).collect(),
            _ => text.clone(),
        };
        for raw in ["<script>alert", "<img src=x"] {
            assert!(!shown.contains(raw), "{format} has {raw}");
        }
    }
    assert!(reports[0].1.contains("\\x1B"), "{}", reports[0].1);
}

/// Panics where it is told to.
struct Panicking {
    when_started: bool,
}

impl Server for Panicking {
    fn hello(&self) -> Hello {
        Hello::new("panicking")
    }

    fn serve(&self, _policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        assert!(!self.when_started, "no server today");
        raw("panicking", |mut stream| async move {
            read_request(&mut stream).await;
            panic!("no answer today");
        })
        .serve(None)
    }
}

#[rstest]
#[case::as_it_starts(true, "the server panicked as it was started: no server today")]
#[case::as_it_answers(false, "before a complete response head (got nothing)")]
#[tokio::test]
async fn a_panic_is_the_servers_own(#[case] when_started: bool, #[case] message: &str) {
    let subjects = [
        Subject::server("panicking", Panicking { when_started }),
        Subject::server("reference", corspec_server_reference::Reference),
    ];
    let record = record(group(), &subjects).await;
    for result in of(&record, "panicking") {
        assert_eq!(result.verdict, Verdict::Error);
        assert!(result.message.as_deref().unwrap().ends_with(message), "{:?}", result.message);
    }
    assert!(of(&record, "reference").all(|result| result.verdict == Verdict::Pass));
}

/// A whole service may end by itself; nobody listens there any more.
#[tokio::test]
async fn a_service_that_ends_is_told_as_one_that_is_gone() {
    let gone = Service::new("gone", |listener: tokio::net::TcpListener| async move { drop(listener) });
    let record = record(group(), &[Subject::server("gone", gone)]).await;
    for result in &record.results {
        assert_eq!(result.verdict, Verdict::Error);
        let told = result.message.as_deref().unwrap();
        assert!(told.contains("connection"), "{told}");
    }
}

#[tokio::test]
async fn a_hostile_server_disturbs_no_other() {
    let (elsewhere, _) = listening(closes);
    let at = |manners| Subject::url(format!("http://{}", listening(manners).0).parse().unwrap());
    let named = |name: &str, mut subject: Subject| {
        subject.name = name.to_owned();
        subject
    };
    let subjects = [
        named("silent", at(never_answers)),
        redirecting(elsewhere),
        Subject::server("reference", corspec_server_reference::Reference),
        named("endless", at(has_an_endless_body)),
        named("gone", Subject::url(format!("http://{}", nobody()).parse().unwrap())),
    ];
    let mut plan = group();
    plan.selection = Selection::default();
    let count = plan.count(&subjects);
    let record = record(plan, &subjects).await;
    assert_eq!(record.results.len(), count);
    for result in &record.results {
        let expected = if result.server == "reference" { Verdict::Pass } else { Verdict::Error };
        assert_eq!(result.verdict, expected, "{} {}", result.server, result.case);
    }
}

/// A server that says it listens where nothing can.
#[rstest]
#[case("not a url")]
#[case("http://")]
#[case("data:,hello")]
#[tokio::test]
async fn a_server_that_lies_about_its_url(#[case] url: &'static str) {
    struct Liar(&'static str);
    impl Server for Liar {
        fn hello(&self) -> Hello {
            Hello::new("liar")
        }
        fn serve(&self, _policy: Option<Policy>) -> BoxFuture<'static, Answer> {
            let answer = Answer::Ready(corspec_protocol::Instance::new(self.0, ()));
            Box::pin(async { answer })
        }
    }
    let record = record(group(), &[Subject::server("liar", Liar(url))]).await;
    for result in &record.results {
        assert_eq!(result.verdict, Verdict::Error);
        let told = result.message.as_deref().unwrap();
        assert_eq!(told, format!("the server says that it listens at `{url}`, which is no URL"));
    }
}

/// Redirects to itself end with the twentieth, in a browser as here.
#[tokio::test]
async fn a_redirect_loop_ends() {
    let looping = service("looping", |asked| {
        let origin = format!("Access-Control-Allow-Origin: {}", asked.origin());
        (if asked.is_preflight() { 204 } else { 302 }, vec!["Location: /resource".to_owned(), origin])
    });
    let record = record(group(), &[Subject::server("looping", looping)]).await;
    let read = result(&record, "listed-origin-reads");
    assert_eq!((read.verdict, read.reason.as_deref()), (Verdict::OverBlocks, Some("redirect-limit")));
    assert_eq!(read.steps[0].exchanges.len(), 21);
}

#[tokio::test]
async fn thousands_of_header_lines_are_no_trouble() {
    let talkative = service("talkative", |_| {
        let (status, mut lines) = fine(["Access-Control-Allow-Origin: https://app.example"]);
        lines.extend((0..2_000).map(|line| format!("X-{line}: {line}")));
        (status, lines)
    });
    let started = Instant::now();
    let record = record(group(), &[Subject::server("talkative", talkative)]).await;
    assert_eq!(result(&record, "listed-origin-reads-by-default").verdict, Verdict::Pass);
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(record.results.iter().all(|result| result.about.policy.is_some()));
    assert_eq!(builtin::suites_named(GROUP).unwrap()[0].kind, Kind::Server);
}
