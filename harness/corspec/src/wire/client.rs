//! The client: one exchange at a time on a connection, bytes as given.

use std::fmt;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use corspec_browser::http::{Header, HttpRequest, HttpResponse};
use futures_util::future::BoxFuture;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

use super::error::WireError;
use super::pool::{Connection, Pool};
use super::read::{Message, has_token};

/// Performs exchanges over HTTP/1.1, any number at once, and keeps connections alive between them.
///
/// Clones share the connections. These belong to the runtime they were made in, so a client must not be used
/// from a second one.
#[derive(Clone, Debug)]
pub struct Client {
    options: Options,
    pool: Arc<Pool>,
    in_process: Option<Arc<dyn InProcess>>,
    transport: Option<Arc<dyn Transport>>,
}

/// Another way of bringing a request to its server than HTTP/1.1 in the clear. What it gives up is that bytes arrive as they
/// were written: it may spell and order header lines as its protocol wants it.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends the request and reads the response.
    fn exchange<'a>(&'a self, request: &'a HttpRequest) -> BoxFuture<'a, Result<HttpResponse, WireError>>;
}

/// Servers in this process that answer without a network: for runs of which the point is not HTTP.
pub trait InProcess: fmt::Debug + Send + Sync {
    /// The answer of the server at that place; nothing where none is there, and the network is asked.
    fn answer(&self, to: &Destination, request: &HttpRequest) -> Option<HttpResponse>;
}

impl Default for Client {
    fn default() -> Self {
        Self::new(Options::default())
    }
}

/// What a [`Client`] does where there is a choice.
#[derive(Clone, Debug)]
pub struct Options {
    /// How much and how long it bears with a server.
    pub limits: Limits,
    /// Whether `Name : value` is read as `Name: value`. Engines differ; if not, such a response is malformed.
    pub space_before_colon: bool,
    /// How many idle connections it keeps, to all destinations together.
    pub idle: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { limits: Limits::default(), space_before_colon: false, idle: 128 }
    }
}

/// How much and how long a [`Client`] bears with a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time for making a connection.
    pub connect: Duration,
    /// The time for an exchange as a whole, connection included.
    pub exchange: Duration,
    /// The size of a response's head; also what a chunked body's extensions and trailers may add up to.
    pub head_bytes: usize,
    /// The size of a response's body.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            exchange: Duration::from_secs(10),
            head_bytes: 256 << 10,
            body_bytes: 8 << 20,
        }
    }
}

/// What came of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The final response.
    pub response: HttpResponse,
    /// The head of the request as it was sent: request line, header lines and the empty line, without the
    /// unrecorded line.
    pub request_head: Vec<u8>,
    /// The head of the final response as it came.
    pub response_head: Vec<u8>,
    /// The time from the first thought of a connection to the last byte.
    pub duration: Duration,
    /// Whether the connection had served an exchange before.
    pub reused: bool,
}

impl Client {
    /// A client without any connection yet.
    pub fn new(options: Options) -> Self {
        Self { pool: Arc::new(Pool::new(options.idle)), options, in_process: None, transport: None }
    }

    /// The same, but for servers in this process.
    #[must_use]
    pub fn with_in_process(mut self, servers: Arc<dyn InProcess>) -> Self {
        self.in_process = Some(servers);
        self
    }

    /// The same, but whatever no script answers goes over that transport.
    #[must_use]
    pub fn over(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Sends the request to that destination, whatever host its URL names, and reads the response.
    ///
    /// On the wire the request has the header lines of its list in their order and spelling, after a `Host`
    /// and before a `Content-Length` where these are due and missing, and nothing else.
    ///
    /// A kept connection that turns out to be closed before any byte of a response is replaced by a new one,
    /// once, and the request is sent again, as browsers do. A new connection is never replaced.
    pub async fn exchange(&self, to: &Destination, request: &HttpRequest) -> Result<Received, WireError> {
        self.exchange_with_line(to, request, b"").await
    }

    /// [`exchange`](Self::exchange) with one more header line (without its end) that goes last and is no part
    /// of the record; empty for none.
    pub async fn exchange_with_line(
        &self,
        to: &Destination,
        request: &HttpRequest,
        unrecorded: &[u8],
    ) -> Result<Received, WireError> {
        let started = Instant::now();
        let deadline = started + self.options.limits.exchange;
        if !request.url.has_host() {
            return Err(WireError::NoHost { url: request.url.to_string() });
        }
        if let Some(response) = self.in_process.as_ref().and_then(|servers| servers.answer(to, request)) {
            return Ok(Received {
                response,
                request_head: Vec::new(),
                response_head: Vec::new(),
                duration: started.elapsed(),
                reused: false,
            });
        }
        if let Some(transport) = self.transport.as_ref().filter(|_| unrecorded.is_empty()) {
            return Ok(Received {
                response: transport.exchange(request).await?,
                request_head: Vec::new(),
                response_head: Vec::new(),
                duration: started.elapsed(),
                reused: false,
            });
        }
        let mut kept = self.pool.take(to);
        loop {
            let reused = kept.is_some();
            let mut connection = match kept.take() {
                Some(connection) => connection,
                None => self.connect(to, deadline).await?,
            };
            let request_head = encode(request, unrecorded, &mut connection.outgoing);
            let attempt = perform(&mut connection, &request.method, &self.options);
            let (message, sent_whole) = match timeout_at(deadline, attempt).await {
                Ok(Ok(done)) => done,
                Ok(Err(_)) if reused && connection.reader.has_nothing() => continue,
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(connection.reader.timed_out(self.options.limits.exchange)),
            };
            let Message { response, head, reusable } = message;
            if reusable && sent_whole && !has_token(request.headers.lines(b"connection"), b"close") {
                connection.reader.trim();
                self.pool.put(connection);
            }
            return Ok(Received {
                response,
                request_head,
                response_head: head,
                duration: started.elapsed(),
                reused,
            });
        }
    }

    /// How many connections wait for a next exchange.
    pub fn idle(&self) -> usize {
        self.pool.len()
    }

    async fn connect(&self, to: &Destination, deadline: Instant) -> Result<Connection, WireError> {
        let after = self.options.limits.connect;
        let connecting = async {
            let stream = match to {
                Destination::Address(address) => TcpStream::connect(address).await?,
                Destination::Name { host, port } => TcpStream::connect((&**host, *port)).await?,
            };
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        match timeout_at(deadline.min(Instant::now() + after), connecting).await {
            Ok(Ok(stream)) => Ok(Connection::new(to.clone(), stream)),
            Ok(Err(cause)) => Err(WireError::Connect { to: to.clone(), cause }),
            Err(_) => Err(WireError::ConnectTimeout { to: to.clone(), after }),
        }
    }
}

/// Sends what is encoded and reads the response; also whether all of the request went out.
async fn perform(
    connection: &mut Connection,
    method: &[u8],
    options: &Options,
) -> Result<(Message, bool), WireError> {
    let Connection { stream, reader, outgoing, .. } = connection;
    reader.reset();
    let written = match stream.try_write(outgoing) {
        Ok(written) if written == outgoing.len() => {
            return Ok((reader.response(stream, method, options).await?, true));
        }
        Ok(written) => written,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
        // A server may answer and close without reading; what it said is still there to be read.
        Err(_) => return Ok((reader.response(stream, method, options).await?, false)),
    };
    // The rest goes out while the answer may already come in: a server that answers first and reads later
    // must not have both sides wait for each other.
    let (mut incoming, mut outgoing_half) = stream.split();
    let writing = outgoing_half.write_all(&outgoing[written..]);
    let mut reading = std::pin::pin!(reader.response(&mut incoming, method, options));
    tokio::select! {
        message = &mut reading => Ok((message?, false)),
        written = writing => Ok((reading.await?, written.is_ok())),
    }
}

/// Puts the request into the buffer, and returns its head as it is to be recorded.
fn encode(request: &HttpRequest, unrecorded: &[u8], out: &mut Vec<u8>) -> Vec<u8> {
    out.clear();
    out.extend_from_slice(&request.method);
    out.push(b' ');
    out.extend_from_slice(request.url.path().as_bytes());
    if let Some(query) = request.url.query() {
        out.push(b'?');
        out.extend_from_slice(query.as_bytes());
    }
    out.extend_from_slice(b" HTTP/1.1\r\n");
    if !request.headers.contains("host") {
        out.extend_from_slice(b"Host: ");
        out.extend_from_slice(request.url.host_str().unwrap_or_default().as_bytes());
        if let Some(port) = request.url.port() {
            write_number(out, ":", port.into());
        }
        out.extend_from_slice(b"\r\n");
    }
    for Header { name, value } in &request.headers {
        out.extend_from_slice(name);
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    }
    let length = match &request.body {
        Some(body) => Some(body.len()),
        None => matches!(&*request.method, b"POST" | b"PUT").then_some(0),
    };
    if let Some(length) = length
        && !request.headers.contains("content-length")
        && !request.headers.contains("transfer-encoding")
    {
        write_number(out, "Content-Length: ", length);
        out.extend_from_slice(b"\r\n");
    }
    let mut head = Vec::with_capacity(out.len() + 2);
    head.extend_from_slice(out);
    head.extend_from_slice(b"\r\n");
    if !unrecorded.is_empty() {
        out.extend_from_slice(unrecorded);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(request.body.as_deref().unwrap_or_default());
    head
}

/// Appends a number after some text.
pub(super) fn write_number(out: &mut Vec<u8>, text: &str, number: usize) {
    // A vector takes whatever is written to it.
    let _ = write!(out, "{text}{number}");
}

/// Where a connection goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// An address, IPv4 or IPv6.
    Address(SocketAddr),
    /// A name that the operating system resolves; its addresses are tried in order.
    Name {
        /// The host's name.
        host: Box<str>,
        /// The port.
        port: u16,
    },
}

impl Destination {
    /// The host and port that a URL names, where it does.
    pub fn of(url: &Url) -> Option<Self> {
        let port = url.port_or_known_default()?;
        Some(match url.host()? {
            Host::Domain(host) => Self::Name { host: host.into(), port },
            Host::Ipv4(address) => Self::Address((IpAddr::V4(address), port).into()),
            Host::Ipv6(address) => Self::Address((IpAddr::V6(address), port).into()),
        })
    }
}

impl From<SocketAddr> for Destination {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use corspec_browser::http::{HeaderList, Purpose};
    use rstest::rstest;

    use super::*;

    fn request(method: &'static str, url: &str, headers: &[(&'static str, &'static str)]) -> HttpRequest {
        HttpRequest {
            purpose: Purpose::Actual,
            method: method.as_bytes().into(),
            url: url.parse().unwrap(),
            headers: headers.iter().map(|(n, v)| Header::new(n.as_bytes(), v.as_bytes())).collect(),
            body: None,
        }
    }

    #[rstest]
    #[case::host_without_default_port(
        request("GET", "https://api.example:443/a?b#c", &[]),
        "GET /a?b HTTP/1.1\r\nHost: api.example\r\n\r\n"
    )]
    #[case::host_with_port(
        request("GET", "http://u:p@[::1]:8080?", &[]),
        "GET /? HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"
    )]
    #[case::lines_as_given(
        request("get", "http://a/", &[("oRIGIN", "null"), ("hOST", "b"), ("x", ""), ("X", "1")]),
        "get / HTTP/1.1\r\noRIGIN: null\r\nhOST: b\r\nx: \r\nX: 1\r\n\r\n"
    )]
    #[case::post_without_body(
        request("POST", "http://a/", &[("A", "1")]),
        "POST / HTTP/1.1\r\nHost: a\r\nA: 1\r\nContent-Length: 0\r\n\r\n"
    )]
    #[case::length_as_given(
        request("PUT", "http://a/", &[("content-length", "0")]),
        "PUT / HTTP/1.1\r\nHost: a\r\ncontent-length: 0\r\n\r\n"
    )]
    fn encoded(#[case] request: HttpRequest, #[case] bytes: &str) {
        let mut out = b"left over".to_vec();
        let head = encode(&request, b"", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), bytes);
        assert_eq!(String::from_utf8(head).unwrap(), bytes);
    }

    #[test]
    fn the_unrecorded_line_is_sent_last_and_not_recorded() {
        let mut request = request("PATCH", "http://a/", &[]);
        request.headers = HeaderList::from_iter([Header::new(&b"X"[..], &b"\xff\x01"[..])]);
        request.body = Some((&b"body"[..]).into());
        let mut out = Vec::new();
        let head = encode(&request, b"corspec-script: 7", &mut out);
        let recorded = b"PATCH / HTTP/1.1\r\nHost: a\r\nX: \xff\x01\r\nContent-Length: 4\r\n";
        assert_eq!(head, [&recorded[..], b"\r\n"].concat());
        assert_eq!(out, [&recorded[..], b"corspec-script: 7\r\n\r\nbody"].concat());
    }

    #[rstest]
    #[case("http://127.0.0.1:80/x", "127.0.0.1:80")]
    #[case("http://[::1]:8080", "[::1]:8080")]
    #[case("http://localhost", "localhost:80")]
    fn destination(#[case] url: Url, #[case] shown: &str) {
        assert_eq!(Destination::of(&url).unwrap().to_string(), shown);
    }
}
