use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{HOST, HeaderMap};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use crate::loopback::LoopbackUrl;
use crate::printable::printable;

/// Far more than any route of the resource answers with.
const MAX_BODY: usize = 1 << 20;

/// A response, read to its end.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Response {
    /// A header's value; several lines are joined as HTTP joins them.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let lines: Vec<_> = self.headers.get_all(name).iter().collect();
        let lines: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    /// The body, fit for a terminal.
    pub(super) fn text(&self) -> String {
        if self.body.is_empty() {
            return "an empty body".to_owned();
        }
        printable(&String::from_utf8_lossy(&self.body[..self.body.len().min(1000)]), 200)
    }
}

/// Sends one request on a connection of its own.
///
/// # Errors
///
/// What went wrong, in words: whatever a server sends, it is bounded in time and size.
pub(super) async fn fetch(
    url: &LoopbackUrl,
    method: &Method,
    path: &str,
    headers: &[(&'static str, &'static str)],
    limit: Duration,
) -> Result<Response, String> {
    let exchange = exchange(url, method, path, headers);
    timeout(limit, exchange).await.unwrap_or_else(|_| Err(format!("no whole response within {limit:?}")))
}

async fn exchange(
    url: &LoopbackUrl,
    method: &Method,
    path: &str,
    headers: &[(&'static str, &'static str)],
) -> Result<Response, String> {
    let stream = url.connect().await.map_err(|error| format!("no connection: {error}"))?;
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| in_words(&error))?;
    let mut request = Request::builder().method(method).uri(path).header(HOST, url.authority());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|error| error.to_string())?;
    let response = async {
        let response = sender.send_request(request).await.map_err(|error| in_words(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<http_body_util::LengthLimitError>() {
            Some(_) => format!("a body of more than {MAX_BODY} bytes"),
            None => format!("a body that ends early: {error}"),
        })?;
        Ok(Response { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes().into() })
    };
    // The connection moves only as long as it is polled; it may end before the response is taken.
    tokio::pin!(response);
    tokio::select! {
        response = &mut response => response,
        _ = connection => response.await,
    }
}

/// Hyper tells the cause only on asking.
fn in_words(error: &hyper::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
