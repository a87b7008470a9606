//! The network that a browser under test sees: a proxy that is every host there is.
//!
//! It serves the runner's pages at a reserved path of every origin, and answers what a case asks for with the case's own
//! bytes, or with what the server under test says. Nothing is resolved, so no request leaves the machine.
//!
//! Whose a request is tells the mark at the end of its URL, which is taken off before anybody looks at the URL. A request
//! without one belongs to the case that has the network to itself, if any has.

mod dress;
mod mark;
mod message;
mod task;
mod tls;

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use corspec_browser::{Header, HttpResponse, Purpose};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::page;
use crate::case::Scripted;
use dress::dress;
use message::{Incoming, Reader, write_own, write_response, write_scripted};
use task::Reply;
use tls::Certificates;

pub(super) use mark::{mark, marks, unmark};
pub(super) use message::Seen;
pub(super) use task::{Answers, Carried, StepScript, Task, Transcript};

/// The status of the answer to a request that no entry of a script answers.
const UNANSWERED: u16 = 599;

/// The first byte of a connection that begins with TLS.
const TLS_HANDSHAKE: [u8; 1] = [0x16];

/// A proxy on a loopback port. It stops when it is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy in the current runtime, on a port that the operating system chooses.
    ///
    /// # Errors
    /// Where no port can be bound on loopback.
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let certificates = Certificates::new().map_err(io::Error::other)?;
        let shared = Arc::new(Shared { network: Mutex::default(), certificates });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, accepting })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The fingerprint of the key of its certificates.
    pub(super) fn fingerprint(&self) -> String {
        self.shared.certificates.fingerprint()
    }

    /// From now on requests marked with the number are the task's.
    pub(super) fn admit(&self, number: u64, task: Arc<Task>) {
        self.shared.network().tasks.insert(number, task);
    }

    /// From now on requests without a mark are those of that number, or nobody's.
    pub(super) fn clear_for(&self, number: Option<u64>) {
        self.shared.network().alone = number;
    }

    /// From now on the line goes with the answer to the next request for that host, wherever it goes.
    pub(super) fn set_cookie(&self, host: &str, line: &[u8]) {
        self.shared.network().cookies.insert(host.to_owned(), line.to_vec());
    }

    /// What the browser last sent as `Cookie` to the runner's own document there, if it asked for it.
    pub(super) fn cookie_at(&self, host: &str) -> Option<Vec<u8>> {
        self.shared.network().shown.remove(host)
    }

    /// Ends a task.
    pub(super) fn dismiss(&self, number: u64) {
        let mut network = self.shared.network();
        network.tasks.remove(&number);
        if network.alone == Some(number) {
            network.alone = None;
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // The connections' tasks are in a set that the accepting task owns.
        self.accepting.abort();
    }
}

struct Shared {
    network: Mutex<Network>,
    certificates: Certificates,
}

/// Whose a request is.
#[derive(Debug, Default)]
struct Network {
    tasks: HashMap<u64, Arc<Task>>,
    alone: Option<u64>,
    /// What a visit to a host leaves there.
    cookies: HashMap<String, Vec<u8>>,
    /// What came along when the runner's own document was asked for.
    shown: HashMap<String, Vec<u8>>,
}

impl Network {
    fn task_of(&self, number: Option<u64>, host: &str) -> Option<Arc<Task>> {
        let task = self.tasks.get(&number.or(self.alone)?)?;
        task.is_about(host).then(|| Arc::clone(task))
    }

    /// A page tells that a step begins, and whether it has the network to itself.
    fn turn(&mut self, query: &str) {
        let mut numbers = query.split('.').map(|number| number.parse::<u64>().ok());
        let (Some(Some(number)), Some(Some(step)), Some(Some(alone))) =
            (numbers.next(), numbers.next(), numbers.next())
        else {
            return;
        };
        if let (Some(task), Ok(step)) = (self.tasks.get(&number), usize::try_from(step)) {
            task.turn_to(step);
        }
        self.alone = (alone == 1).then_some(number);
    }
}

impl Shared {
    fn network(&self) -> MutexGuard<'_, Network> {
        self.network.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("network", &self.network).finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let shared = Arc::clone(&shared);
                // A connection that breaks is the browser's affair; what it asked for is in the transcript.
                connections.spawn(async move { serve_connection(stream, &shared).await.unwrap_or_default() });
            }
            // Out of file descriptors, most likely: others will close theirs.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// What a cache made of a case's answer, as an answer.
fn as_scripted(response: HttpResponse) -> Scripted {
    let line = |header: &Header| [&*header.name, b": ", &*header.value].concat();
    Scripted {
        purpose: Purpose::Actual,
        status: response.status,
        header_lines: response.headers.iter().map(line).collect(),
        body: response.body,
        close: false,
    }
}

/// Plain HTTP in absolute form, until a tunnel is asked for; in a tunnel TLS, in TLS requests for one origin.
async fn serve_connection(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = Reader::default();
    while let Some(request) = reader.request(&mut stream).await? {
        if request.method != "CONNECT" {
            let Some((origin, path)) = split_absolute(&request.target) else { return Ok(()) };
            let (origin, path) = (origin.to_owned(), path.to_owned());
            if !serve_request(request, &origin, &path, &mut stream, shared).await? {
                return stream.shutdown().await;
            }
            continue;
        }
        stream.write_all(b"HTTP/1.1 200 \r\n\r\n").await?;
        let authority = request.target;
        // Web sockets without TLS go through a tunnel too.
        let mut first = [0];
        stream.peek(&mut first).await?;
        if first != TLS_HANDSHAKE {
            let origin = format!("http://{}", authority.strip_suffix(":80").unwrap_or(&authority));
            return serve_origin(&origin, &mut stream, shared).await;
        }
        let acceptor = shared.certificates.acceptor(host_of(&authority)).map_err(io::Error::other)?;
        let mut stream = acceptor.accept(stream).await?;
        let origin = format!("https://{}", authority.strip_suffix(":443").unwrap_or(&authority));
        return serve_origin(&origin, &mut stream, shared).await;
    }
    Ok(())
}

/// Requests for one origin, until one ends the connection.
async fn serve_origin(
    origin: &str,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    shared: &Shared,
) -> io::Result<()> {
    let mut reader = Reader::default();
    while let Some(request) = reader.request(stream).await? {
        let path = request.target.clone();
        if !serve_request(request, origin, &path, stream, shared).await? {
            return stream.shutdown().await;
        }
    }
    Ok(())
}

/// Answers one request, and says whether the connection is kept.
async fn serve_request(
    request: Incoming,
    origin: &str,
    path: &str,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    shared: &Shared,
) -> io::Result<bool> {
    let mut out = Vec::with_capacity(1024);
    let host = host_of(origin.split_once("//").map_or(origin, |(_, authority)| authority));
    let keep = match page::reserved(path) {
        Some(reserved) => {
            serve_reserved(&reserved, &request, host, shared, &mut out);
            true
        }
        None => serve_case(request, origin, path, host, shared, &mut out).await,
    };
    if out.is_empty() {
        return Ok(false);
    }
    stream.write_all(&out).await?;
    stream.flush().await?;
    Ok(keep)
}

/// The runner's own pages, and what they tell.
fn serve_reserved(
    reserved: &page::Reserved,
    request: &Incoming,
    host: &str,
    shared: &Shared,
    out: &mut Vec<u8>,
) {
    match reserved {
        page::Reserved::Document { body, lines } => write_own(200, lines, body, out),
        page::Reserved::Turn(query) => {
            shared.network().turn(query);
            write_own(204, "", "", out);
        }
        page::Reserved::Visit => {
            let cookie = shared.network().cookies.remove(host);
            let mut line = Vec::new();
            if let Some(cookie) = cookie {
                line = [b"Set-Cookie: ".as_slice(), &cookie, b"\r\n"].concat();
            }
            if let Some(cookies) = request.headers.get(b"Cookie") {
                shared.network().shown.insert(host.to_owned(), cookies.into_owned());
            }
            // Without an icon of its own the browser would ask for one, at a path of the case's.
            const BODY: &[u8] = b"<link rel=icon href=data:,>";
            out.extend_from_slice(b"HTTP/1.1 200 \r\nContent-Type: text/html\r\nCache-Control: no-store\r\n");
            out.extend_from_slice(&line);
            out.extend_from_slice(format!("Content-Length: {}\r\n\r\n", BODY.len()).as_bytes());
            out.extend_from_slice(BODY);
        }
    }
}

/// What a case asks for. Nothing in `out` closes the connection.
async fn serve_case(
    request: Incoming,
    origin: &str,
    path: &str,
    host: &str,
    shared: &Shared,
    out: &mut Vec<u8>,
) -> bool {
    let (number, path) = unmark(path);
    // What a navigation leads to has an icon that browsers ask for by themselves.
    let is_icon = path == "/favicon.ico";
    let Some(task) = shared.network().task_of(number, host).filter(|_| !is_icon) else {
        write_own(404, "Content-Type: text/plain\r\n", "", out);
        return true;
    };
    let is_head = request.method == "HEAD";
    let key = request.headers.get(b"Sec-WebSocket-Key").map(std::borrow::Cow::into_owned);
    let seen = Seen {
        method: request.method,
        url: format!("{origin}{path}"),
        headers: request.headers,
        body: request.body,
    };
    match task.answer(seen).await {
        Reply::Scripted(answer, initiator) => {
            let dress = dress(&answer, initiator, key.as_deref());
            write_scripted(&answer, &dress, is_head, out)
        }
        Reply::Response(response, None) => {
            write_response(&response, is_head, out);
            true
        }
        Reply::Response(response, Some(initiator)) => {
            let answer = as_scripted(response);
            write_scripted(&answer, &dress(&answer, initiator, key.as_deref()), is_head, out)
        }
        Reply::Close => false,
        Reply::Unanswered => {
            write_own(UNANSWERED, "Content-Type: text/plain\r\n", "", out);
            true
        }
    }
}

/// The origin and the rest of an absolute URL.
fn split_absolute(target: &str) -> Option<(&str, &str)> {
    let authority = target.find("://")? + 3;
    let path = target[authority..].find('/').map_or(target.len(), |path| authority + path);
    Some((&target[..path], &target[path..]))
}

/// The host of an authority, an IPv6 address in its brackets.
fn host_of(authority: &str) -> &str {
    let end = authority.rfind(']').unwrap_or_default();
    authority[end..].find(':').map_or(authority, |port| &authority[..end + port])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://a.example:8080/x?y", Some(("http://a.example:8080", "/x?y")))]
    #[case("http://[::1]/", Some(("http://[::1]", "/")))]
    #[case("/x", None)]
    fn absolute_form(#[case] target: &str, #[case] parts: Option<(&str, &str)>) {
        assert_eq!(split_absolute(target), parts);
    }

    #[rstest]
    #[case("a.example", "a.example")]
    #[case("a.example:443", "a.example")]
    #[case("[::1]:443", "[::1]")]
    #[case("[::1]", "[::1]")]
    fn hosts(#[case] authority: &str, #[case] host: &str) {
        assert_eq!(host_of(authority), host);
    }
}
