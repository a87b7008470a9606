//! Requests as a browser writes them, and answers as a case states them: bytes, in order, nothing normalized.

use std::io;

use corspec_browser::{Header, HeaderList, HttpResponse, Purpose, syntax};
use httparse::Status;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::case::Scripted;

/// More than any case asks for, and little enough to refuse whatever is none.
const MAX_BYTES: usize = 1 << 20;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Seen {
    /// The method.
    pub(in crate::engine) method: String,
    /// Where it goes: `scheme://host[:port]/path`, put together from the tunnel or from the absolute form.
    pub(in crate::engine) url: String,
    /// The header lines in their order.
    pub(in crate::engine) headers: HeaderList,
    /// The body, transfer coding undone.
    pub(in crate::engine) body: Vec<u8>,
}

impl Seen {
    /// What the request is for.
    pub(in crate::engine) fn purpose(&self) -> Purpose {
        if self.method == "OPTIONS" && self.headers.contains("Access-Control-Request-Method") {
            Purpose::Preflight
        } else {
            Purpose::Actual
        }
    }

    /// Whether the other one is the same request, sent once more.
    pub(super) fn is_repeated_by(&self, other: &Self) -> bool {
        self == other
    }
}

/// A request's head and body, its target as written.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: HeaderList,
    pub(super) body: Vec<u8>,
}

/// What was read of a connection and not yet used.
#[derive(Debug, Default)]
pub(super) struct Reader {
    bytes: Vec<u8>,
}

impl Reader {
    /// The next request, or nothing where the connection ends before one begins.
    pub(super) async fn request(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> io::Result<Option<Incoming>> {
        let mut incoming = loop {
            if let Some((length, incoming)) = parse_head(&self.bytes)? {
                self.bytes.drain(..length);
                break incoming;
            }
            if !self.fill(stream).await? {
                return if self.bytes.is_empty() {
                    Ok(None)
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
        };
        let is_chunked = incoming
            .headers
            .get(b"Transfer-Encoding")
            .is_some_and(|coding| coding.to_ascii_lowercase().ends_with(b"chunked"));
        if is_chunked {
            incoming.body = self.chunked(stream).await?;
        } else if let Some(length) = incoming.headers.get(b"Content-Length") {
            let length = str::from_utf8(&length).ok().and_then(|length| length.parse().ok());
            incoming.body = self.exactly(length.ok_or(io::ErrorKind::InvalidData)?, stream).await?;
        }
        Ok(Some(incoming))
    }

    async fn chunked(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let (start, size) = match httparse::parse_chunk_size(&self.bytes) {
                Ok(Status::Complete((start, size))) => (start, usize::try_from(size).unwrap_or(usize::MAX)),
                Ok(Status::Partial) => {
                    self.fill_or_fail(stream).await?;
                    continue;
                }
                Err(_) => return Err(io::ErrorKind::InvalidData.into()),
            };
            self.bytes.drain(..start);
            // Browsers send no trailers, so the line after the last chunk is empty as after every other.
            body.extend(self.exactly(size, stream).await?);
            self.exactly(2, stream).await?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn exactly(&mut self, length: usize, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
        while self.bytes.len() < length {
            self.fill_or_fail(stream).await?;
        }
        Ok(self.bytes.drain(..length).collect())
    }

    async fn fill_or_fail(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
        if self.fill(stream).await? { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    async fn fill(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<bool> {
        if self.bytes.len() > MAX_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(stream.read_buf(&mut self.bytes).await? > 0)
    }
}

/// Splits a head into its lines. A value may hold any byte but a line's end: script can set control bytes, which parsers
/// of HTTP refuse.
fn parse_head(bytes: &[u8]) -> io::Result<Option<(usize, Incoming)>> {
    const END: &[u8] = b"\r\n\r\n";
    let Some(end) = bytes.windows(END.len()).position(|window| window == END) else { return Ok(None) };
    let mut lines =
        bytes[..end].split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let header = |line: &[u8]| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let value = syntax::trim(&line[colon + 1..], syntax::is_tab_or_space);
        Some(Header::new(line[..colon].to_vec(), value.to_vec()))
    };
    let headers = lines.map(header).collect::<Option<_>>().ok_or(io::ErrorKind::InvalidData)?;
    let incoming =
        Incoming { method: method.to_owned(), target: target.to_owned(), headers, body: Vec::new() };
    Ok(Some((end + END.len(), incoming)))
}

/// What goes with a case's answer where the case says nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dress {
    /// Further header lines.
    pub(super) lines: Vec<String>,
    /// The body, where the case's is empty.
    pub(super) body: &'static [u8],
}

/// Writes a case's answer, and says whether the connection can be kept after it.
pub(super) fn write_scripted(answer: &Scripted, dress: &Dress, is_head: bool, out: &mut Vec<u8>) -> bool {
    let has_body = !is_head && !matches!(answer.status, 100..=199 | 204 | 304);
    let body = if answer.body.is_empty() { dress.body } else { &answer.body };
    out.extend_from_slice(format!("HTTP/1.1 {:03} \r\n", answer.status).as_bytes());
    for line in answer.header_lines.iter().map(Vec::as_slice).chain(dress.lines.iter().map(String::as_bytes))
    {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    let names = |name: &str| {
        let is_named = |line: &&Vec<u8>| {
            line.split(|&byte| byte == b':').next().is_some_and(|start| {
                start.len() < line.len() && start.trim_ascii().eq_ignore_ascii_case(name.as_bytes())
            })
        };
        answer.header_lines.iter().any(|line| is_named(&line))
    };
    let own_framing = names("content-length") || names("transfer-encoding") || names("connection");
    if has_body && !names("content-length") && !names("transfer-encoding") {
        out.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    if has_body {
        out.extend_from_slice(body);
    }
    // A line may be malformed enough for the head to end elsewhere than meant.
    let lines_are_lines =
        answer.header_lines.iter().all(|line| !matches!(&**line, b"" | b"\r") && !line.contains(&b'\n'));
    lines_are_lines && !own_framing && answer.status >= 200
}

/// Writes the answer of a server or a cache, framed anew.
pub(super) fn write_response(response: &HttpResponse, is_head: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("HTTP/1.1 {:03} \r\n", response.status).as_bytes());
    let has_body = !is_head && !matches!(response.status, 100..=199 | 204 | 304);
    for header in &response.headers {
        let framing = ["Transfer-Encoding", "Connection", "Keep-Alive"].iter().any(|name| header.is(name));
        if framing || (has_body && header.is("Content-Length")) {
            continue;
        }
        out.extend_from_slice(&header.name);
        out.extend_from_slice(b": ");
        out.extend_from_slice(&header.value);
        out.extend_from_slice(b"\r\n");
    }
    if has_body {
        out.extend_from_slice(format!("Content-Length: {}\r\n", response.body.len()).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    if has_body {
        out.extend_from_slice(&response.body);
    }
}

/// Writes an answer that is no case's.
pub(super) fn write_own(status: u16, lines: &str, body: &str, out: &mut Vec<u8>) {
    let length = body.len();
    out.extend_from_slice(
        format!(
            "HTTP/1.1 {status} \r\n{lines}Content-Length: {length}\r\nCache-Control: no-store\r\n\r\n{body}"
        )
        .as_bytes(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn reads_requests_one_after_another() {
        let mut wire: &[u8] =
            b"POST http://a.example/x HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n\
            3\r\nabc\r\n0\r\n\r\nPUT /y HTTP/1.1\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 2\r\n\r\nhi";
        let mut reader = Reader::default();
        let first = reader.request(&mut wire).await.unwrap().unwrap();
        assert_eq!(
            (&*first.method, &*first.target, &*first.body),
            ("POST", "http://a.example/x", &b"abc"[..])
        );
        let second = reader.request(&mut wire).await.unwrap().unwrap();
        assert_eq!((&*second.method, &*second.target, &*second.body), ("PUT", "/y", &b"hi"[..]));
        assert_eq!(second.headers.get(b"X-A").as_deref(), Some(&b"1, 2"[..]));
        assert!(reader.request(&mut wire).await.unwrap().is_none());

        let mut wire: &[u8] = b"GET / HTTP/1.1\r\nAccept:  \x01\x7f:\t\r\n\r\n";
        let third = Reader::default().request(&mut wire).await.unwrap().unwrap();
        assert_eq!(third.headers.get(b"Accept").as_deref(), Some(&b"\x01\x7f:"[..]));
    }

    #[test]
    fn writes_the_lines_as_they_stand() {
        let answer = Scripted {
            purpose: Purpose::Actual,
            status: 200,
            header_lines: vec![b"X-A : 1".to_vec(), b"x-a:\xE9".to_vec()],
            body: b"hi".to_vec(),
            close: false,
        };
        let mut out = Vec::new();
        assert!(write_scripted(&answer, &Dress::default(), false, &mut out));
        assert_eq!(out, b"HTTP/1.1 200 \r\nX-A : 1\r\nx-a:\xE9\r\nContent-Length: 2\r\n\r\nhi");
    }
}
