//! The ways in which an exchange can fail.

use std::fmt;
use std::io;
use std::time::Duration;

use super::client::Destination;

/// Why an exchange came to no response.
///
/// An operating system's error is part of the message and therefore no `source()`: it would be told twice.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The request's URL names no host, so there is nothing to put into `Host`.
    #[error("{url} has no host that a request could be sent to")]
    NoHost {
        /// The URL.
        url: String,
    },
    /// No connection was made: no such name, nobody listens, no route.
    #[error("no connection to {to}: {cause}")]
    Connect {
        /// Who was called.
        to: Destination,
        /// What the operating system said.
        cause: io::Error,
    },
    /// No connection was made in time.
    #[error("no connection to {to} within {after:?}")]
    ConnectTimeout {
        /// Who was called.
        to: Destination,
        /// How long it was tried.
        after: Duration,
    },
    /// The connection ended in good order where a response was due.
    #[error("the server closed the connection before a complete response head (got {got})")]
    ClosedInHead {
        /// What had come by then.
        got: Excerpt,
    },
    /// The connection failed where a response was due.
    #[error("the connection broke before a complete response head (got {got}): {cause}")]
    BrokenInHead {
        /// What had come by then.
        got: Excerpt,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The head of the response was not complete in time.
    #[error("no complete response head within {after:?} (got {got})")]
    TimeoutInHead {
        /// The limit.
        after: Duration,
        /// What had come by then.
        got: Excerpt,
    },
    /// The head of the response does not end.
    #[error("the response head is larger than {limit} bytes (got {got})")]
    HeadTooLarge {
        /// The limit.
        limit: usize,
        /// What had come by then.
        got: Excerpt,
    },
    /// What came does not begin as a response of HTTP/1.0 or HTTP/1.1 does.
    #[error("the answer is not HTTP/1.0 or HTTP/1.1 (got {got})")]
    NotHttp {
        /// What had come by then.
        got: Excerpt,
    },
    /// The status line does not parse.
    #[error("malformed response: the status line does not parse ({line})")]
    MalformedStatusLine {
        /// The line.
        line: Excerpt,
    },
    /// A header line does not parse.
    #[error("malformed response: {problem} ({line})")]
    MalformedHeaderLine {
        /// What is wrong with it.
        problem: &'static str,
        /// The line.
        line: Excerpt,
    },
    /// Values of `Content-Length` contradict each other.
    #[error("malformed response: several different values of Content-Length ({values})")]
    ContentLengths {
        /// The first two of them.
        values: Excerpt,
    },
    /// One interim response after the other, and no end of it.
    #[error("more than {limit} interim responses (1xx) and no final one")]
    TooManyInterim {
        /// The limit.
        limit: usize,
    },
    /// The connection ended in good order in the middle of the body.
    #[error("the server closed the connection before the end of the response body (got {got})")]
    ClosedInBody {
        /// How much of it had come.
        got: PartialBody,
    },
    /// The connection failed in the middle of the body.
    #[error("the connection broke before the end of the response body (got {got}): {cause}")]
    BrokenInBody {
        /// How much of it had come.
        got: PartialBody,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The body was not complete in time.
    #[error("no complete response body within {after:?} (got {got})")]
    TimeoutInBody {
        /// The limit.
        after: Duration,
        /// How much of it had come.
        got: PartialBody,
    },
    /// The body is larger than is read, or says that it will be.
    #[error("the response body is larger than {limit} bytes")]
    BodyTooLarge {
        /// The limit.
        limit: usize,
    },
    /// A line of the chunked coding does not parse.
    #[error("malformed response: the chunked coding of the body does not parse ({line})")]
    MalformedChunk {
        /// What stands where a chunk's size, or the end of its line, should.
        line: Excerpt,
    },
    /// What the chunked coding says beside the body does not end.
    #[error("the chunk extensions and trailers of the response are larger than {limit} bytes")]
    ChunkExtrasTooLarge {
        /// The limit.
        limit: usize,
    },
    /// A [`Transport`](super::Transport) brought no response.
    #[error("{message}")]
    Transport {
        /// What it says.
        message: String,
        /// Whether not a byte was sent.
        before_sending: bool,
        /// Whether time ran out.
        timeout: bool,
    },
}

impl WireError {
    /// Whether not a byte was sent, since there was nothing to send it on.
    pub fn is_before_sending(&self) -> bool {
        matches!(
            self,
            Self::NoHost { .. }
                | Self::Connect { .. }
                | Self::ConnectTimeout { .. }
                | Self::Transport { before_sending: true, .. }
        )
    }

    /// Whether time ran out.
    pub fn is_timeout(&self) -> bool {
        matches!(
            self,
            Self::ConnectTimeout { .. }
                | Self::TimeoutInHead { .. }
                | Self::TimeoutInBody { .. }
                | Self::Transport { timeout: true, .. }
        )
    }
}

/// Bytes from a peer, fit to be shown: how many, and the first of them, escaped.
#[derive(Clone, PartialEq, Eq)]
pub struct Excerpt {
    start: Box<[u8]>,
    length: usize,
}

impl Excerpt {
    const SHOWN: usize = 64;

    pub(super) fn new(bytes: &[u8]) -> Self {
        Self { start: bytes[..bytes.len().min(Self::SHOWN)].into(), length: bytes.len() }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = if self.start.len() < self.length { "…" } else { "" };
        match self.length {
            0 => f.write_str("nothing"),
            1 => write!(f, "1 byte: \"{}\"", self.start.escape_ascii()),
            length => write!(f, "{length} bytes: \"{}{cut}\"", self.start.escape_ascii()),
        }
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How much of a body came, of how much that was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartialBody {
    /// Of a body whose length was announced.
    Length {
        /// The bytes that came.
        got: usize,
        /// The bytes that were announced.
        of: usize,
    },
    /// Of a body in chunks.
    Chunked {
        /// The bytes that came, coding undone.
        got: usize,
    },
    /// Of a body that ends with the connection.
    UntilClose {
        /// The bytes that came.
        got: usize,
    },
}

impl fmt::Display for PartialBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { got, of } => write!(f, "{got} of {of} bytes"),
            Self::Chunked { got } => write!(f, "{got} bytes of a chunked body"),
            Self::UntilClose { got } => write!(f, "{got} bytes of a body that ends with the connection"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing(b"", "nothing")]
    #[case::one(b"H", r#"1 byte: "H""#)]
    #[case::escaped(b"\x1b[2J\"\r\n\xff", r#"8 bytes: "\x1b[2J\"\r\n\xff""#)]
    fn excerpt(#[case] bytes: &[u8], #[case] shown: &str) {
        assert_eq!(Excerpt::new(bytes).to_string(), shown);
    }

    #[test]
    fn a_long_excerpt_is_cut() {
        let shown = Excerpt::new(&[b'a'; 5000]).to_string();
        assert_eq!(shown, format!("5000 bytes: \"{}…\"", "a".repeat(Excerpt::SHOWN)));
    }

    #[test]
    fn messages_are_whole_sentences() {
        let got = Excerpt::new(b"HTTP/1.1 200");
        assert_eq!(
            WireError::ClosedInHead { got }.to_string(),
            "the server closed the connection before a complete response head \
             (got 12 bytes: \"HTTP/1.1 200\")"
        );
        let got = PartialBody::Length { got: 3, of: 10 };
        assert_eq!(
            WireError::TimeoutInBody { after: Duration::from_secs(10), got }.to_string(),
            "no complete response body within 10s (got 3 of 10 bytes)"
        );
    }
}
