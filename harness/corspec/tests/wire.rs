//! The wire against servers that are well-behaved, hostile or scripted, all on loopback.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use corspec::wire::{
    Answer, Client, Destination, Limits, Options, Received, Scripted, Transcript, UNANSWERED, WireError,
};
use corspec_browser::http::{Header, HttpRequest, Purpose};
use proptest::prelude::*;
use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const SHORT: Duration = Duration::from_millis(200);

fn request(method: &'static str, headers: &[(&'static str, &'static str)]) -> HttpRequest {
    HttpRequest {
        purpose: Purpose::Actual,
        method: method.as_bytes().into(),
        url: "https://api.example/resource?a".parse().unwrap(),
        headers: headers.iter().map(|(n, v)| Header::new(n.as_bytes(), v.as_bytes())).collect(),
        body: None,
    }
}

fn impatient() -> Client {
    let limits = Limits { connect: SHORT, exchange: SHORT, head_bytes: 64 << 10, body_bytes: 1 << 20 };
    Client::new(Options { limits, ..Options::default() })
}

/// What a server does with a connection, in order; at the end it closes.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Reads the head of a request.
    Read,
    /// Reads whatever comes for as long as it comes.
    ReadAll,
    Send(&'static [u8]),
    /// Sends byte by byte, slower than anyone wants to wait.
    Drip(&'static [u8]),
    Endless(&'static [u8]),
    Pause,
    Hang,
}

/// A server whose nth connection goes through the nth list of acts, then the last one again and again.
async fn server(connections: &[&'static [Act]]) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    let connections = connections.to_vec();
    tokio::spawn(async move {
        let mut open = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let nth = count.fetch_add(1, Ordering::SeqCst).min(connections.len() - 1);
            open.spawn(act(stream, connections[nth]));
        }
    });
    (address, accepted)
}

async fn act(mut stream: TcpStream, acts: &[Act]) {
    for &act in acts {
        let done = match act {
            Act::Read => {
                let mut head = Vec::new();
                loop {
                    match stream.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(error) => break Err(error),
                    }
                    if head.ends_with(b"\r\n\r\n") {
                        break Ok(());
                    }
                }
            }
            Act::ReadAll => tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.map(drop),
            Act::Send(bytes) => stream.write_all(bytes).await,
            Act::Drip(bytes) => {
                for byte in bytes {
                    tokio::time::sleep(SHORT / 20).await;
                    if stream.write_u8(*byte).await.is_err() {
                        return;
                    }
                }
                Ok(())
            }
            Act::Endless(bytes) => {
                let many = bytes.repeat(4096 / bytes.len());
                while stream.write_all(&many).await.is_ok() {}
                return;
            }
            Act::Pause => {
                tokio::time::sleep(SHORT / 10).await;
                Ok(())
            }
            Act::Hang => std::future::pending().await,
        };
        if done.is_err() {
            return;
        }
    }
}

const OK: Act = Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

#[rstest]
#[case::never_answers(&[Act::Read, Act::Hang], "no complete response head within 200ms (got nothing)")]
#[case::stops_in_head(
    &[Act::Read, Act::Send(b"HTTP/1.1 200"), Act::Hang],
    r#"no complete response head within 200ms (got 12 bytes: "HTTP/1.1 200")"#
)]
#[case::drips(
    &[Act::Read, Act::Drip(b"HTTP/1.1 200 OK\r\nA: abcdefghijklmnopqrstuvwxyz")],
    "no complete response head within 200ms (got "
)]
#[case::stops_in_body(
    &[Act::Read, Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), Act::Hang],
    "no complete response body within 200ms (got 3 of 9 bytes)"
)]
#[case::stops_in_chunk(
    &[Act::Read, Act::Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab"), Act::Hang],
    "no complete response body within 200ms (got 2 bytes of a chunked body)"
)]
#[case::never_closes(
    &[Act::Read, Act::Send(b"HTTP/1.1 200 OK\r\n\r\nabc"), Act::Hang],
    "no complete response body within 200ms (got 3 bytes of a body that ends with the connection)"
)]
#[case::closes_at_once(
    &[Act::Read],
    "the server closed the connection before a complete response head (got nothing)"
)]
#[case::closes_in_head(
    &[Act::Read, Act::Send(b"HTTP/1.1 20\n")],
    r#"malformed response: the status line does not parse (11 bytes: "HTTP/1.1 20")"#
)]
#[case::closes_in_lines(
    &[Act::Read, Act::Send(b"HTTP/1.1 200\n")],
    r#"the server closed the connection before a complete response head (got 13 bytes: "HTTP/1.1 200\n")"#
)]
#[case::closes_in_body(
    &[Act::Read, Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")],
    "the server closed the connection before the end of the response body (got 3 of 9 bytes)"
)]
#[case::endless_head(
    &[Act::Read, Act::Send(b"HTTP/1.1 200 OK\r\n"), Act::Endless(b"A: b\r\n")],
    "the response head is larger than 65536 bytes"
)]
#[case::endless_line(
    &[Act::Read, Act::Send(b"HTTP/1.1 200 OK\r\nA: "), Act::Endless(b"a")],
    "the response head is larger than 65536 bytes"
)]
#[case::endless_interim(
    &[Act::Read, Act::Endless(b"HTTP/1.1 103 Early Hints\r\n\r\n")],
    "more than 16 interim responses"
)]
#[case::endless_body(
    &[Act::Read, Act::Send(b"HTTP/1.1 200 OK\r\n\r\n"), Act::Endless(b"a")],
    "the response body is larger than 1048576 bytes"
)]
#[case::endless_chunk_extension(
    &[Act::Read, Act::Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a="), Act::Endless(b"a")],
    "the chunk extensions and trailers of the response are larger than 65536 bytes"
)]
#[case::endless_trailers(
    &[
        Act::Read,
        Act::Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"),
        Act::Endless(b"Name-Of-A-Trailer: 1\r\n"),
    ],
    "the chunk extensions and trailers of the response are larger than 65536 bytes"
)]
#[case::garbage(
    &[Act::Read, Act::Endless(b"\x00\x1b[2J")],
    r"the answer is not HTTP/1.0 or HTTP/1.1 (got "
)]
#[tokio::test]
async fn hostile(#[case] acts: &'static [Act], #[case] message: &str) {
    let (address, accepted) = server(&[acts]).await;
    let started = Instant::now();
    let client = impatient();
    let error = client.exchange(&address.into(), &request("GET", &[])).await.unwrap_err();
    assert!(error.to_string().starts_with(message), "{error}");
    assert!(!error.is_before_sending());
    assert_eq!(error.is_timeout(), message.contains("within"));
    assert!(started.elapsed() < 20 * SHORT);
    assert_eq!((accepted.load(Ordering::SeqCst), client.idle()), (1, 0), "no retry, nothing kept");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = Destination::from(listener.local_addr().unwrap());
    drop(listener);
    let error = impatient().exchange(&to, &request("GET", &[])).await.unwrap_err();
    assert!(matches!(error, WireError::Connect { .. }) && error.is_before_sending());
    assert!(error.to_string().starts_with(&format!("no connection to {to}: ")), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nobody_accepts() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = JoinSet::new();
    for _ in 0..8 {
        queue.spawn(TcpStream::connect(address));
    }
    tokio::time::sleep(SHORT).await;
    let error = impatient().exchange(&address.into(), &request("GET", &[])).await.unwrap_err();
    assert_eq!(error.to_string(), format!("no connection to {address} within 200ms"));
}

#[tokio::test]
async fn a_url_without_a_host() {
    let (address, accepted) = server(&[&[Act::Hang]]).await;
    let mut request = request("GET", &[]);
    request.url = "data:,a".parse().unwrap();
    let error = impatient().exchange(&address.into(), &request).await.unwrap_err();
    assert!(matches!(error, WireError::NoHost { .. }) && accepted.load(Ordering::SeqCst) == 0);
}

#[rstest]
#[case::before_the_request(&[OK, Act::ReadAll])]
#[case::before_its_body(&[Act::Read, OK, Act::ReadAll])]
#[case::and_never_reads_it(&[Act::Read, OK, Act::Hang])]
#[case::and_closes(&[Act::Read, OK])]
#[tokio::test]
async fn an_answer_before_the_request_was_read(#[case] acts: &'static [Act]) {
    let (address, _) = server(&[acts]).await;
    let mut request = request("POST", &[]);
    request.body = Some(vec![b'a'; 16 << 20].into());
    let received = Client::default().exchange(&address.into(), &request).await.unwrap();
    assert_eq!((received.response.status, &*received.response.body), (200, &b"ok"[..]));
}

#[tokio::test]
async fn a_large_body_arrives() {
    let scripted = Scripted::start().await.unwrap();
    let script = scripted.register(vec![answer(Purpose::Actual, 200, &[])]);
    let mut request = request("POST", &[]);
    request.body = Some((0..5 << 20).map(|n| n as u8).collect::<Vec<_>>().into());
    let client = Client::default();
    follow(&client, &scripted, &request, &script.line()).await.unwrap();
    let transcript = script.finish();
    assert!(transcript.requests[0].body == *request.body.unwrap());
    assert_eq!(transcript.requests[0].header_lines, [&b"Host: api.example"[..], b"Content-Length: 5242880"]);
    assert_eq!(client.idle(), 1);
}

#[tokio::test]
async fn connections_are_kept() {
    let (address, accepted) = server(&[&[Act::Read, OK, Act::Read, OK, Act::Read, OK, Act::Hang]]).await;
    let client = Client::default();
    for nth in 0..3 {
        let received = client.exchange(&address.into(), &request("GET", &[])).await.unwrap();
        assert_eq!((received.response.status, received.reused), (200, nth > 0));
    }
    assert_eq!((accepted.load(Ordering::SeqCst), client.idle()), (1, 1));
}

#[rstest]
#[case::surplus(&[Act::Read, Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!"), Act::Hang])]
#[case::late_surplus(&[Act::Read, OK, Act::Pause, Act::Send(b"HTTP/1.1 500 No\r\n\r\n"), Act::Hang])]
#[case::told_to_close(
    &[Act::Read, Act::Send(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"), Act::Hang]
)]
#[case::closed(&[Act::Read, OK])]
#[tokio::test]
async fn connections_that_are_not_kept(#[case] acts: &'static [Act]) {
    let (address, accepted) = server(&[acts]).await;
    let client = Client::default();
    for _ in 0..2 {
        let received = client.exchange(&address.into(), &request("GET", &[])).await.unwrap();
        assert_eq!((&*received.response.body, received.reused), (&b"ok"[..], false));
        tokio::time::sleep(SHORT / 4).await;
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn the_request_may_ask_to_close() {
    let (address, _) = server(&[&[Act::Read, OK, Act::Hang]]).await;
    let client = Client::default();
    client.exchange(&address.into(), &request("GET", &[("Connection", "Close")])).await.unwrap();
    assert_eq!(client.idle(), 0);
}

#[rstest]
#[case::replaced(&[Act::Read, OK, Act::Read], &[Act::Read, OK], 2, None)]
#[case::replaced_once(&[Act::Read, OK, Act::Read], &[Act::Read], 2, Some("closed the connection"))]
#[case::not_after_a_byte(&[Act::Read, OK, Act::Read, Act::Send(b"H")], &[OK], 1, Some("1 byte: \"H\""))]
#[case::not_after_silence(&[Act::Read, OK, Act::Read, Act::Hang], &[OK], 1, Some("no complete"))]
#[tokio::test]
async fn stale_connections(
    #[case] first: &'static [Act],
    #[case] second: &'static [Act],
    #[case] accepted: usize,
    #[case] message: Option<&str>,
) {
    let (address, count) = server(&[first, second]).await;
    let client = impatient();
    client.exchange(&address.into(), &request("GET", &[])).await.unwrap();
    let second = client.exchange(&address.into(), &request("POST", &[])).await;
    match (second, message) {
        (Ok(received), None) => assert!(!received.reused),
        (Err(error), Some(message)) => assert!(error.to_string().contains(message), "{error}"),
        (second, _) => panic!("{second:?}"),
    }
    assert_eq!(count.load(Ordering::SeqCst), accepted);
}

#[tokio::test]
async fn idle_connections_are_bounded() {
    let scripted = Scripted::start().await.unwrap();
    let client = Client::new(Options { idle: 3, ..Options::default() });
    let script = scripted.register(vec![answer(Purpose::Actual, 200, &[]); 8]);
    // Bodies of a size that takes a while, so that no exchange is done before the others have begun.
    let mut request = request("POST", &[]);
    request.body = Some(vec![b'a'; 1 << 20].into());
    let mut running = JoinSet::new();
    for _ in 0..8 {
        let (client, request, line) = (client.clone(), request.clone(), script.line());
        let to = scripted.address().into();
        running.spawn(async move { client.exchange_with_line(&to, &request, &line).await.unwrap() });
    }
    running.join_all().await;
    assert!(scripted.accepted() > 3);
    assert_eq!(client.idle(), 3);
}

#[tokio::test]
async fn the_connection_used_last_is_used_first() {
    const SLOW: Act = Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow");
    const FAST: Act = Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfast");
    let slow = &[Act::Read, Act::Pause, SLOW, Act::Read, SLOW, Act::Hang];
    let (address, _) = server(&[slow, &[Act::Read, FAST, Act::Read, FAST, Act::Hang]]).await;
    let (client, request, to) = (Client::default(), request("GET", &[]), address.into());
    let (first, second) = tokio::join!(client.exchange(&to, &request), client.exchange(&to, &request));
    assert!(!first.unwrap().reused && !second.unwrap().reused);
    let third = client.exchange(&to, &request).await.unwrap();
    assert_eq!((third.reused, &*third.response.body), (true, &b"slow"[..]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_exchanges_at_once() {
    let scripted = Arc::new(Scripted::start().await.unwrap());
    let client = Client::default();
    let mut running = JoinSet::new();
    for nth in 0..100 {
        let (scripted, client) = (Arc::clone(&scripted), client.clone());
        running.spawn(async move {
            for round in 0..5 {
                let line = format!("X-Nth: {nth}/{round}");
                let script = scripted.register(vec![answer(Purpose::Actual, 200, &[line.as_bytes()])]);
                let received =
                    follow(&client, &scripted, &request("GET", &[]), &script.line()).await.unwrap();
                let echoed = received.response.headers.get(b"x-nth").unwrap();
                assert_eq!(echoed, format!("{nth}/{round}").as_bytes());
                assert_eq!((script.finish().requests.len(), received.response.status), (1, 200));
            }
        });
    }
    running.join_all().await;
    assert!(scripted.accepted() <= 100 && client.idle() == scripted.accepted());
}

#[tokio::test]
async fn names_and_both_families() {
    let client = Client::default();
    for host in ["127.0.0.1:0", "[::1]:0"] {
        // Not every machine has IPv6.
        let Ok(listener) = TcpListener::bind(host).await else { continue };
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            act(stream, &[Act::Read, OK, Act::Hang]).await;
        });
        let named = format!("http://localhost:{}", address.port()).parse().unwrap();
        let to = if address.is_ipv4() { Destination::of(&named).unwrap() } else { address.into() };
        assert_eq!(client.exchange(&to, &request("GET", &[])).await.unwrap().response.status, 200);
    }
}

fn answer(purpose: Purpose, status: u16, lines: &[&[u8]]) -> Answer {
    let header_lines = lines.iter().map(|line| line.to_vec()).collect();
    Answer { purpose, status, header_lines, body: Vec::new(), close: false }
}

fn closing(purpose: Purpose) -> Answer {
    Answer { close: true, ..answer(purpose, 0, &[]) }
}

async fn follow(
    client: &Client,
    scripted: &Scripted,
    request: &HttpRequest,
    line: &[u8],
) -> Result<Received, WireError> {
    client.exchange_with_line(&scripted.address().into(), request, line).await
}

/// Follows a script with those requests on one client, and tells what came of each.
async fn play(
    script: Vec<Answer>,
    requests: &[HttpRequest],
) -> (Vec<Result<Received, WireError>>, Transcript) {
    let scripted = Scripted::start().await.unwrap();
    let client = Client::default();
    let script = scripted.register(script);
    let mut results = Vec::new();
    for request in requests {
        results.push(follow(&client, &scripted, request, &script.line()).await);
    }
    (results, script.finish())
}

fn escaped(text: &str) -> String {
    text.as_bytes().escape_ascii().to_string()
}

#[tokio::test]
async fn scripted_bytes_go_both_ways_as_they_are() {
    let lines: &[&[u8]] = &[b"vARY:a", b"X:  \xe9\xff ", b"vary: b", b"Empty:", b"Control: \x0b*\x7f"];
    let mut sent = answer(Purpose::Actual, 299, lines);
    sent.body = b"\x00body".to_vec();
    let asked = request("pATCH", &[("oRIGIN", "null"), ("x", "\u{1}é"), ("X", "")]);
    let (results, transcript) = play(vec![sent], &[asked]).await;

    let received = results.into_iter().next().unwrap().unwrap();
    let head = [b"HTTP/1.1 299 ", &lines.join(&b"\r\n"[..])[..], b"Content-Length: 5", b""];
    let head = [head[0], b"\r\n", head[1], b"\r\n", head[2], b"\r\n\r\n"].concat();
    assert_eq!(received.response_head.escape_ascii().to_string(), head.escape_ascii().to_string());
    assert_eq!(received.response.body, b"\x00body");
    assert_eq!(received.response.headers.get(b"x").as_deref(), Some(&b"\xe9\xff"[..]));
    assert_eq!(received.response.headers.get(b"control").as_deref(), Some(&b"\x0b*\x7f"[..]));

    let seen = &transcript.requests[0];
    let lines: [&[u8]; 4] = [b"Host: api.example", b"oRIGIN: null", b"x: \x01\xc3\xa9", b"X: "];
    assert_eq!((seen.to_string(), seen.answered_by), ("pATCH /resource?a".to_owned(), Some(0)));
    assert_eq!(seen.header_lines, lines);
    let head = [b"pATCH /resource?a HTTP/1.1\r\n", &lines.join(&b"\r\n"[..])[..], b"\r\n\r\n"].concat();
    assert_eq!(received.request_head, head);
    assert_eq!((transcript.unused, transcript.unanswered().count()), (0, 0));
}

#[rstest]
#[case::no_name(b": 1", "a header line without a name")]
#[case::no_colon(b"Access-Control-Allow-Origin", "a header line without a colon")]
#[case::space_before_colon(b"Vary : 1", "white space between a header's name and its colon")]
#[case::nul(b"Vary: \0", "a header line with a NUL")]
#[case::carriage_return(b"Vary: 1\r2", "a header line with a lone carriage return")]
#[tokio::test]
async fn scripted_malformed_lines(#[case] line: &[u8], #[case] message: &str) {
    let malformed = answer(Purpose::Actual, 200, &[b"A: 1", line]);
    let fine = answer(Purpose::Actual, 200, &[]);
    let (results, transcript) =
        play(vec![malformed, fine], &[request("GET", &[]), request("GET", &[])]).await;
    assert!(results[0].as_ref().unwrap_err().to_string().contains(message), "{results:?}");
    assert!(results[1].is_ok());
    assert_eq!((transcript.requests.len(), transcript.unused), (2, 0));
}

#[rstest]
#[case::own_length("Content-Length: 3", "abc", Some("abc"))]
#[case::own_length_short("Content-Length: 2", "abc", Some("ab"))]
#[case::own_length_long("content-length: 4", "abc", None)]
#[case::own_lengths("Content-Length: 2|Content-Length: 3", "abc", None)]
#[case::own_length_odd("Content-Length: three", "abc", Some("abc"))]
#[case::own_coding("Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", Some("abc"))]
#[case::own_coding_short("Transfer-Encoding: chunked", "3\r\na", None)]
#[case::line_that_ends_the_head("A: 1||B: 2", "", Some("B: 2\r\nContent-Length: 0\r\n\r\n"))]
#[case::line_in_a_line("A: 1\r\nB: 2", "abc", Some("abc"))]
#[tokio::test]
async fn scripted_framing(#[case] lines: &str, #[case] body: &str, #[case] received: Option<&str>) {
    let lines: Vec<_> = lines.split('|').map(str::as_bytes).collect();
    let odd = Answer { body: body.into(), ..answer(Purpose::Actual, 200, &lines) };
    let fine = answer(Purpose::Actual, 200, &[]);
    let (results, transcript) = play(vec![odd, fine], &[request("GET", &[]), request("GET", &[])]).await;
    match &results[0] {
        Ok(got) => assert_eq!(Some(got.response.body.escape_ascii().to_string()), received.map(escaped)),
        Err(error) => assert!(received.is_none() && !error.is_timeout(), "{error}"),
    }
    assert!(results[1].is_ok());
    assert_eq!((transcript.requests.len(), transcript.unused), (2, 0));
}

#[rstest]
#[case::head("HEAD", 200)]
#[case::no_content("GET", 204)]
#[case::not_modified("GET", 304)]
#[tokio::test]
async fn scripted_without_body(#[case] method: &'static str, #[case] status: u16) {
    let bodiless = Answer { body: b"abc".to_vec(), ..answer(Purpose::Actual, status, &[]) };
    let fine = answer(Purpose::Actual, 200, &[]);
    let (results, _) = play(vec![bodiless, fine], &[request(method, &[]), request("GET", &[])]).await;
    let first = results[0].as_ref().unwrap();
    assert!(first.response.headers.is_empty() && first.response.body.is_empty());
    assert!(results[1].as_ref().unwrap().reused);
}

#[tokio::test]
async fn scripted_order_purpose_and_leftovers() {
    let preflight = request("OPTIONS", &[("access-control-request-method", "PUT")]);
    let script = vec![
        answer(Purpose::Preflight, 204, &[]),
        answer(Purpose::Actual, 201, &[]),
        answer(Purpose::Actual, 202, &[]),
        answer(Purpose::Preflight, 205, &[]),
        answer(Purpose::Actual, 203, &[]),
    ];
    let requests = [
        preflight.clone(),
        preflight.clone(),
        request("PUT", &[]),
        request("OPTIONS", &[]),
        preflight,
        request("OPTIONS", &[("Access-Control-Request-Headers", "x")]),
    ];
    let (results, transcript) = play(script, &requests).await;
    let statuses: Vec<_> = results.iter().map(|result| result.as_ref().unwrap().response.status).collect();
    assert_eq!(statuses, [204, 205, 201, 202, UNANSWERED, 203]);
    let answered: Vec<_> = transcript.requests.iter().map(|seen| seen.answered_by).collect();
    assert_eq!(answered, [Some(0), Some(3), None, None, None, Some(4)]);
    assert_eq!(
        transcript.unanswered().map(ToString::to_string).collect::<Vec<_>>(),
        ["PUT /resource?a", "OPTIONS /resource?a", "OPTIONS /resource?a"]
    );
    assert_eq!(transcript.unused, 0);
}

#[tokio::test]
async fn scripted_close() {
    // The second is closed on a connection that was used before, so the client tries again: once for the
    // network, but it is one request, and one entry.
    let fine = || answer(Purpose::Actual, 200, &[]);
    let script = vec![closing(Purpose::Actual), fine(), closing(Purpose::Actual), fine(), fine()];
    let (results, transcript) = play(script, &vec![request("GET", &[]); 5]).await;
    let closed: Vec<_> = results.iter().map(Result::is_err).collect();
    assert_eq!(closed, [true, false, true, false, false]);
    assert!(matches!(results[2], Err(WireError::ClosedInHead { .. })));
    assert_eq!((transcript.requests.len(), transcript.unused), (5, 0));
    assert_eq!(transcript.unanswered().count(), 0);
}

#[tokio::test]
async fn scripted_strays_are_answered_and_counted() {
    let scripted = Scripted::start().await.unwrap();
    let client = Client::default();
    let ended = scripted.register(vec![answer(Purpose::Actual, 200, &[])]);
    let line = ended.line();
    drop(ended);
    for line in [&line[..], b"", b"corspec-script: \xff"] {
        let received = follow(&client, &scripted, &request("GET", &[]), line).await.unwrap();
        assert_eq!(received.response.status, UNANSWERED);
    }
    assert_eq!(scripted.strays(), 3);
}

#[tokio::test]
async fn scripted_stops_when_it_is_dropped() {
    let scripted = Scripted::start().await.unwrap();
    let to = scripted.address().into();
    let client = impatient();
    client.exchange(&to, &request("GET", &[])).await.unwrap();
    drop(scripted);
    tokio::time::sleep(SHORT / 4).await;
    let error = client.exchange(&to, &request("GET", &[])).await.unwrap_err();
    assert!(error.is_before_sending(), "{error}");
}

#[rstest]
#[case(b"\0\r\n\r\n")]
#[case(b"GET / HTTP/9\r\n\r\n")]
#[case(b"GET / HTTP/1.1\r\n: a\r\n\r\n")]
#[case(b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]
#[case(b"POST / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n")]
#[case(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n")]
#[tokio::test]
async fn scripted_refuses_garbage(#[case] garbage: &[u8]) {
    let scripted = Scripted::start().await.unwrap();
    let mut stream = TcpStream::connect(scripted.address()).await.unwrap();
    stream.write_all(garbage).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test]
async fn scripted_takes_pipelined_and_chunked_requests() {
    let scripted = Scripted::start().await.unwrap();
    let script = scripted.register(vec![answer(Purpose::Actual, 200, &[]); 2]);
    let mut stream = TcpStream::connect(scripted.address()).await.unwrap();
    let requests = "POST /1 HTTP/1.1\r\nCORSPEC-Script:1\r\nTransfer-Encoding: chunked\r\n\r\n\
                    2\r\nhi\r\n0\r\n\r\n\
                    GET /2 HTTP/1.1\r\nA: 1\r\ncorspec-script: 1\r\nConnection: close\r\n\r\n";
    stream.write_all(requests.as_bytes()).await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    assert_eq!(answers, "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n".repeat(2));
    let transcript = script.finish();
    assert_eq!(transcript.requests[0].body, b"hi");
    assert_eq!(transcript.requests[1].header_lines, [&b"A: 1"[..], b"Connection: close"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_lines_end_in_time_and_harm_nobody(
        lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..4),
        status in 0u16..1000,
        body: Vec<u8>,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let odd = Answer { purpose: Purpose::Actual, status, header_lines: lines, body, close: false };
            let fine = answer(Purpose::Actual, 200, &[]);
            let requests = [request("GET", &[]), request("GET", &[])];
            let (results, transcript) = play(vec![odd, fine], &requests).await;
            assert!(results[0].as_ref().err().is_none_or(|error| !error.is_timeout()), "{results:?}");
            assert_eq!(results[1].as_ref().unwrap().response.status, 200);
            assert_eq!(transcript.requests.len(), 2);
        });
    }
}
