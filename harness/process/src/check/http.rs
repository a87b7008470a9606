use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::client::conn::http1::SendRequest;
use hyper::header::{HOST, HeaderMap};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::time::{Sleep, sleep, timeout};

use crate::loopback::LoopbackUrl;
use crate::printable::printable;

/// Far more than any route of the resource answers with.
const MAX_BODY: usize = 1 << 20;

/// A request to the resource.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    /// The parts of the body, sent one after the other.
    pub(super) body: Vec<Bytes>,
    /// How long to wait between them.
    pub(super) pause: Duration,
}

impl Asked {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
            pause: Duration::ZERO,
        }
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A response, read to its end.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) took: Duration,
}

impl Response {
    /// A header's value; several lines are joined as HTTP joins them.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let lines: Vec<_> = self.headers.get_all(name).iter().collect();
        let lines: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    /// The status and the body, fit for a terminal.
    pub(super) fn text(&self) -> String {
        if self.body.is_empty() {
            return format!("{}, an empty body", self.status);
        }
        let start = String::from_utf8_lossy(&self.body[..self.body.len().min(1000)]);
        format!("{}, {}", self.status, printable(&start, 200))
    }
}

/// A connection to a server under test, for one request after the other.
pub(super) struct Connection {
    sender: SendRequest<Outgoing>,
    authority: String,
}

impl Connection {
    /// # Errors
    ///
    /// Why there is none, in words.
    pub(super) async fn open(url: &LoopbackUrl) -> Result<Self, String> {
        let stream = url.connect().await.map_err(|error| format!("no connection: {error}"))?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (sender, connection) = handshake.map_err(|error| in_words(&error))?;
        // What it ends with is told to whoever waits for a response.
        tokio::spawn(connection);
        Ok(Self { sender, authority: url.authority() })
    }

    /// Whether the server still takes requests on it.
    pub(super) async fn is_open(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    /// # Errors
    ///
    /// What went wrong, in words: whatever a server sends, it is bounded in time and size.
    pub(super) async fn send(&mut self, asked: &Asked, limit: Duration) -> Result<Response, String> {
        let exchange = self.exchange(asked);
        timeout(limit, exchange).await.unwrap_or_else(|_| Err(format!("no whole response within {limit:?}")))
    }

    async fn exchange(&mut self, asked: &Asked) -> Result<Response, String> {
        let begun = Instant::now();
        let mut request =
            Request::builder().method(&asked.method).uri(&asked.path).header(HOST, &self.authority);
        for (name, value) in &asked.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Outgoing::of(asked)).map_err(|error| error.to_string())?;
        let response = self.sender.send_request(request).await.map_err(|error| in_words(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<http_body_util::LengthLimitError>() {
            Some(_) => format!("a body of more than {MAX_BODY} bytes"),
            None => format!("a body that ends early: {error}"),
        })?;
        Ok(Response {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.to_bytes().into(),
            took: begun.elapsed(),
        })
    }
}

/// Sends one request on a connection of its own.
///
/// # Errors
///
/// What went wrong, in words.
pub(super) async fn fetch(url: &LoopbackUrl, asked: &Asked, limit: Duration) -> Result<Response, String> {
    let open = timeout(limit, Connection::open(url)).await;
    let mut connection = open.map_err(|_| format!("no connection within {limit:?}"))??;
    connection.send(asked, limit).await
}

/// Hyper tells the cause only on asking.
fn in_words(error: &hyper::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// A body that takes its time.
struct Outgoing {
    parts: VecDeque<Bytes>,
    length: u64,
    pause: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Outgoing {
    fn of(asked: &Asked) -> Self {
        let length = asked.body.iter().map(|part| part.len() as u64).sum();
        Self { parts: asked.body.clone().into(), length, pause: asked.pause, waiting: None }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(waiting) = &mut self.waiting {
            if waiting.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.waiting = None;
        }
        let part = self.parts.pop_front();
        if !self.parts.is_empty() {
            self.waiting = Some(Box::pin(sleep(self.pause)));
        }
        Poll::Ready(part.map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
