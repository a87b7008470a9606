//! The scripted server: answers with the bytes that a case states.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::io;
use std::mem;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use corspec_browser::http::Purpose;
use httparse::Status;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::client::{Limits, write_number};
use super::error::{Excerpt, WireError};
use super::read::{Reader, content_length, has_token, is_chunked, offset, parse_lines};

/// The name of the header line with which a request says which script it follows.
pub const SCRIPT_HEADER: &str = "corspec-script";

/// The status of the answer to a request that no entry of a script answers.
pub const UNANSWERED: u16 = 599;

/// A server on a loopback port that follows any number of scripts at once.
///
/// It stops when it is dropped.
#[derive(Debug)]
pub struct Scripted {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// An entry of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What kind of request it answers.
    pub purpose: Purpose,
    /// The status code, of three digits at most.
    pub status: u16,
    /// The header lines, without their ends, written as they are.
    ///
    /// The server adds a `Content-Length` unless one of them is that or a `Transfer-Encoding`, or there can
    /// be no body. Where their own framing, or a line that is none, leaves open where the answer ends, it
    /// ends with the connection.
    pub header_lines: Vec<Vec<u8>>,
    /// The bytes after the head; not written where there can be no body.
    pub body: Vec<u8>,
    /// To close the connection in place of answering.
    pub close: bool,
}

/// A script that the server follows until this is dropped.
#[derive(Debug)]
pub struct ScriptHandle {
    id: u64,
    shared: Arc<Shared>,
}

/// What became of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The requests in the order in which they came.
    pub requests: Vec<Seen>,
    /// How many entries answered nothing.
    pub unused: usize,
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The method.
    pub method: Vec<u8>,
    /// The request's target, as a rule path and query.
    pub target: Vec<u8>,
    /// The header lines, without their ends and without the one that names the script.
    pub header_lines: Vec<Vec<u8>>,
    /// The body, transfer coding undone.
    pub body: Vec<u8>,
    /// Which entry of the script answered it; none if none did, or one whose turn was over.
    pub answered_by: Option<usize>,
}

impl Scripted {
    /// Starts a server in the current runtime, on a port that the operating system chooses.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds a script.
    pub fn register(&self, script: Vec<Answer>) -> ScriptHandle {
        let id = self.shared.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let script = Script { left: script.into_iter().enumerate().collect(), ..Script::default() };
        self.shared.scripts().insert(id, script);
        ScriptHandle { id, shared: Arc::clone(&self.shared) }
    }

    /// How many connections it has accepted.
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::Relaxed)
    }

    /// How many requests named no script that it follows.
    pub fn strays(&self) -> usize {
        self.shared.strays.load(Ordering::Relaxed)
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        // The connections' tasks are in a set that the accepting task owns.
        self.accepting.abort();
    }
}

impl ScriptHandle {
    /// The script's number.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The header line that makes a request follow this script.
    pub fn line(&self) -> Vec<u8> {
        format!("{SCRIPT_HEADER}: {}", self.id).into_bytes()
    }

    /// Ends the script, and tells what became of it.
    pub fn finish(self) -> Transcript {
        let script = self.shared.scripts().remove(&self.id).unwrap_or_default();
        Transcript { requests: script.seen, unused: script.left.len() }
    }
}

impl Drop for ScriptHandle {
    fn drop(&mut self) {
        self.shared.scripts().remove(&self.id);
    }
}

impl Transcript {
    /// The requests that no entry answers in its turn.
    pub fn unanswered(&self) -> impl Iterator<Item = &Seen> {
        self.requests.iter().filter(|seen| seen.answered_by.is_none())
    }
}

impl fmt::Display for Seen {
    /// Method and target, which is enough to recognize it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.escape_ascii(), self.target.escape_ascii())
    }
}

#[derive(Debug, Default)]
struct Shared {
    scripts: Mutex<HashMap<u64, Script>>,
    last_id: AtomicU64,
    accepted: AtomicUsize,
    strays: AtomicUsize,
}

impl Shared {
    fn scripts(&self) -> MutexGuard<'_, HashMap<u64, Script>> {
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct Script {
    /// Those that are left, each with its place in the script.
    left: VecDeque<(usize, Answer)>,
    /// How far the script has been answered from.
    reached: usize,
    seen: Vec<Seen>,
    /// Whether the last request may come again because of how it was answered.
    may_repeat: bool,
}

impl Script {
    /// The answer to a request, where the script has one.
    fn answer(&mut self, mut request: Request) -> Option<Answer> {
        let purpose = request.purpose();
        let may_repeat = mem::take(&mut self.may_repeat);
        // A client takes a kept connection that is closed under it for a stale one, and tries again on a new
        // one. That is the same request, and the same answer.
        if may_repeat
            && request.is_first
            && self.seen.last().is_some_and(|last| last.is_repeated_by(&request.seen))
        {
            let header_lines = Vec::new();
            return Some(Answer { purpose, status: 0, header_lines, body: Vec::new(), close: true });
        }
        // A browser that leaves out a request gets the answer to the one that it makes, and the entry left over tells.
        let next = self.left.iter().position(|(_, answer)| answer.purpose == purpose);
        let answer = next.and_then(|next| self.left.remove(next)).map(|(place, answer)| {
            // What comes out of its turn is answered, so that the browser can go on, and told.
            request.seen.answered_by = (place >= self.reached).then_some(place);
            self.reached = self.reached.max(place);
            answer
        });
        if let Some(answer) = &answer {
            self.may_repeat = answer.close && !request.is_first;
        }
        self.seen.push(request.seen);
        answer
    }
}

impl Seen {
    fn is_repeated_by(&self, other: &Self) -> bool {
        self.method == other.method
            && self.target == other.target
            && self.header_lines == other.header_lines
            && self.body == other.body
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                shared.accepted.fetch_add(1, Ordering::Relaxed);
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
            // Out of file descriptors, most likely: others will close theirs.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Answers the requests of one connection.
async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    // Without it an answer is late, but right.
    let _ = stream.set_nodelay(true);
    let limits = Limits::default();
    let mut reader = Reader::default();
    let mut out = Vec::with_capacity(1024);
    let mut is_first = true;
    loop {
        out.clear();
        let mut keep = false;
        match read_request(&mut reader, &mut stream, is_first, &limits).await {
            Ok(Some(request)) => {
                let is_head = request.seen.method == b"HEAD";
                let wants_close = request.close;
                let followed = request
                    .script
                    .and_then(|id| shared.scripts().get_mut(&id).map(|script| script.answer(request)));
                keep = !wants_close;
                match followed {
                    Some(Some(answer)) if answer.close => return,
                    Some(Some(answer)) => keep &= write_answer(&answer, is_head, &mut out),
                    Some(None) => write_own(
                        UNANSWERED,
                        "no entry of the script answers this request",
                        is_head,
                        &mut out,
                    ),
                    None => {
                        shared.strays.fetch_add(1, Ordering::Relaxed);
                        write_own(
                            UNANSWERED,
                            "this request names no script that is followed",
                            is_head,
                            &mut out,
                        );
                    }
                }
            }
            Ok(None) => return,
            Err(_) => write_own(400, "this is no request that can be read", false, &mut out),
        }
        if send(&mut stream, &out, &limits).await.is_err() {
            return;
        }
        if !keep {
            let _ = stream.shutdown().await;
            return;
        }
        is_first = false;
        reader.trim();
    }
}

async fn send(stream: &mut TcpStream, out: &[u8], limits: &Limits) -> io::Result<()> {
    match stream.try_write(out) {
        Ok(written) if written == out.len() => Ok(()),
        Ok(written) => timeout(limits.exchange, stream.write_all(&out[written..])).await?,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            timeout(limits.exchange, stream.write_all(out)).await?
        }
        Err(error) => Err(error),
    }
}

/// Writes an answer, and says whether the connection can be kept after it.
fn write_answer(answer: &Answer, is_head: bool, out: &mut Vec<u8>) -> bool {
    let has_body = !is_head && !matches!(answer.status, 100..=199 | 204 | 304);
    write_status(answer.status, out);
    for line in &answer.header_lines {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    let values = |name: &'static str| answer.header_lines.iter().filter_map(move |line| value_of(line, name));
    let has_length = values("content-length").next().is_some();
    let has_coding = values("transfer-encoding").next().is_some();
    if has_body && !has_length && !has_coding {
        write_number(out, "Content-Length: ", answer.body.len());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    if has_body {
        out.extend_from_slice(&answer.body);
    }
    let length_is_right = || {
        let length = content_length(values("content-length"));
        length.is_ok_and(|length| length == Some(answer.body.len()))
    };
    let framed = !has_body || (!has_coding && (!has_length || length_is_right()));
    // A line may be malformed enough for the head to end elsewhere than meant.
    let lines_are_lines =
        answer.header_lines.iter().all(|line| !matches!(&**line, b"" | b"\r") && !line.contains(&b'\n'));
    framed && lines_are_lines && answer.status >= 200 && !has_token(values("connection"), b"close")
}

/// Writes an answer that is no script's.
fn write_own(status: u16, text: &str, is_head: bool, out: &mut Vec<u8>) {
    write_status(status, out);
    write_number(out, "Content-Type: text/plain\r\nContent-Length: ", text.len());
    out.extend_from_slice(b"\r\n\r\n");
    if !is_head {
        out.extend_from_slice(text.as_bytes());
    }
}

fn write_status(status: u16, out: &mut Vec<u8>) {
    let digits = [100, 10, 1].map(|unit| b'0' + (status / unit % 10) as u8);
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(&digits);
    out.extend_from_slice(b" \r\n");
}

/// The value of a header line, if it has that name.
fn value_of<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    line[..colon].trim_ascii().eq_ignore_ascii_case(name.as_bytes()).then(|| &line[colon + 1..])
}

/// A request with what matters for answering it.
#[derive(Debug)]
struct Request {
    seen: Seen,
    script: Option<u64>,
    asks_for_method: bool,
    /// Whether it is the first one on its connection.
    is_first: bool,
    close: bool,
}

impl Request {
    fn purpose(&self) -> Purpose {
        if self.seen.method == b"OPTIONS" && self.asks_for_method {
            Purpose::Preflight
        } else {
            Purpose::Actual
        }
    }
}

/// The next request, or nothing where the connection ends in between.
async fn read_request(
    reader: &mut Reader,
    stream: &mut TcpStream,
    is_first: bool,
    limits: &Limits,
) -> Result<Option<Request>, WireError> {
    reader.next();
    // An idle connection may wait as long as it likes; only a request that has begun must end in time.
    if reader.has_nothing() && reader.fill(stream).await.is_err() {
        return Ok(None);
    }
    let reading = async {
        let head = reader.head(stream, limits.head_bytes, RequestHead::parse).await?;
        reader.consume(head.length);
        if head.chunked {
            reader.chunked(stream, limits).await?;
        } else {
            reader.announced(stream, head.body_length, limits).await?;
        }
        Ok(head)
    };
    let head = match timeout(limits.exchange, reading).await {
        Ok(read) => read?,
        Err(_) => return Err(reader.timed_out(limits.exchange)),
    };
    let mut request = head.request;
    request.is_first = is_first;
    request.seen.body = reader.take_body();
    Ok(Some(request))
}

#[derive(Debug)]
struct RequestHead {
    length: usize,
    body_length: usize,
    chunked: bool,
    request: Request,
}

impl RequestHead {
    fn parse(bytes: &[u8]) -> Result<Option<Self>, WireError> {
        let head = parse_lines(bytes, |masked, room| {
            let mut parsed = httparse::Request::new(&mut []);
            let length = match parsed.parse_with_uninit_headers(masked, room)? {
                Status::Complete(length) => length,
                Status::Partial => return Ok(None),
            };
            Ok(Some(Self::new(length, &parsed, masked, bytes)))
        });
        head.map_err(|_| WireError::NotHttp { got: Excerpt::new(bytes) })?.transpose()
    }

    /// What a parsed head says, its lines taken out of `original`.
    fn new(
        length: usize,
        parsed: &httparse::Request<'_, '_>,
        masked: &[u8],
        original: &[u8],
    ) -> Result<Self, WireError> {
        let values = |name: &'static str| {
            parsed
                .headers
                .iter()
                .filter(move |line| line.name.eq_ignore_ascii_case(name))
                .map(|line| line.value)
        };
        let whole_line = |line: &httparse::Header<'_>| {
            let rest = &original[offset(line.name.as_bytes(), masked)..];
            let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
            line.strip_suffix(b"\r").unwrap_or(line).to_vec()
        };
        let is_script = |line: &httparse::Header<'_>| line.name.eq_ignore_ascii_case(SCRIPT_HEADER);
        let keep = if parsed.version == Some(0) {
            has_token(values("connection"), b"keep-alive")
        } else {
            !has_token(values("connection"), b"close")
        };
        let seen = Seen {
            method: parsed.method.unwrap_or_default().into(),
            target: parsed.path.unwrap_or_default().into(),
            header_lines: parsed.headers.iter().filter(|line| !is_script(line)).map(whole_line).collect(),
            body: Vec::new(),
            answered_by: None,
        };
        Ok(Self {
            length,
            body_length: content_length(values("content-length"))?.unwrap_or_default(),
            chunked: is_chunked(values("transfer-encoding")),
            request: Request {
                seen,
                script: values(SCRIPT_HEADER).next().and_then(|id| str::from_utf8(id).ok()?.parse().ok()),
                asks_for_method: values("access-control-request-method").next().is_some(),
                is_first: false,
                close: !keep,
            },
        })
    }
}
