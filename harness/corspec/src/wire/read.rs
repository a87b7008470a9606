//! Reading messages: where a head ends, what it says, and how long the body is that follows.

use std::io;
use std::mem::{self, MaybeUninit};
use std::ops::Range;
use std::time::Duration;

use corspec_browser::http::{Header, HeaderList, HttpResponse};
use httparse::{ParserConfig, Status};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::client::{Limits, Options};
use super::error::{Excerpt, PartialBody, WireError};

/// A response in full.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) response: HttpResponse,
    /// The head as it came.
    pub(super) head: Vec<u8>,
    /// Whether the connection may serve another exchange, as far as the response goes.
    pub(super) reusable: bool,
}

/// Reads the messages of one connection, with a buffer that outlives them.
#[derive(Debug, Default)]
pub(super) struct Reader {
    buffer: Vec<u8>,
    /// How much of the buffer has been made use of.
    used: usize,
    body: Vec<u8>,
    /// Known once the final head is.
    framing: Option<Framing>,
    received: bool,
}

impl Reader {
    const USUAL: usize = 8 << 10;
    /// Less room than this is not worth a system call.
    const WORTHWHILE: usize = 1 << 10;
    const MOST_INTERIM: usize = 16;

    /// Forgets the last message, and whatever came after it.
    pub(super) fn reset(&mut self) {
        self.buffer.clear();
        self.used = 0;
        self.next();
    }

    /// Forgets the last message, but not what came after it.
    pub(super) fn next(&mut self) {
        self.body.clear();
        self.framing = None;
        self.received = !self.unread().is_empty();
    }

    /// Gives back what an unusual message took.
    pub(super) fn trim(&mut self) {
        if self.unread().is_empty() && self.buffer.capacity() > 8 * Self::USUAL {
            self.buffer.clear();
            self.used = 0;
            self.buffer.shrink_to(Self::USUAL);
        }
    }

    /// Whether not a byte of the message has come.
    pub(super) fn has_nothing(&self) -> bool {
        !self.received
    }

    /// What has come and was not made use of.
    pub(super) fn unread(&self) -> &[u8] {
        &self.buffer[self.used..]
    }

    /// Makes use of so many unread bytes.
    pub(super) fn consume(&mut self, length: usize) {
        self.used += length;
    }

    /// The body that was read.
    pub(super) fn take_body(&mut self) -> Vec<u8> {
        mem::take(&mut self.body)
    }

    /// Reads a final response to a request of that method.
    pub(super) async fn response(
        &mut self,
        io: &mut (impl AsyncRead + Unpin),
        method: &[u8],
        options: &Options,
    ) -> Result<Message, WireError> {
        let limits = &options.limits;
        let head = self.final_head(io, options).await?;
        let raw = self.unread()[..head.length].to_vec();
        self.consume(head.length);
        let framing = Framing::of_response(&head, method)?;
        self.framing = Some(framing);
        match framing {
            Framing::None => {}
            Framing::Length(length) => self.announced(io, length, limits).await?,
            Framing::Chunked => self.chunked(io, limits).await?,
            Framing::UntilClose => self.until_close(io, limits).await?,
        }
        let reusable = framing != Framing::UntilClose
            && head.status != 101
            && head.keeps_alive()
            && self.unread().is_empty();
        let response = HttpResponse { status: head.status, headers: head.headers, body: self.take_body() };
        Ok(Message { response, head: raw, reusable })
    }

    /// The first head that is not that of an interim response, which are of no interest to a browser.
    ///
    /// <https://fetch.spec.whatwg.org/#http-network-fetch> ignores 100 to 199, except for 101.
    async fn final_head(
        &mut self,
        io: &mut (impl AsyncRead + Unpin),
        options: &Options,
    ) -> Result<Head, WireError> {
        for _ in 0..=Self::MOST_INTERIM {
            let head = self.head(io, options.limits.head_bytes, |bytes| Head::parse(bytes, options)).await?;
            if !matches!(head.status, 100 | 102..=199) {
                return Ok(head);
            }
            self.consume(head.length);
        }
        Err(WireError::TooManyInterim { limit: Self::MOST_INTERIM })
    }

    /// A head that `parse` finds at the start of what is unread.
    pub(super) async fn head<T>(
        &mut self,
        io: &mut (impl AsyncRead + Unpin),
        limit: usize,
        parse: impl Fn(&[u8]) -> Result<Option<T>, WireError>,
    ) -> Result<T, WireError> {
        let mut attempts = Attempts::default();
        loop {
            let unread = self.unread();
            if attempts.is_due(unread)
                && let Some(head) = parse(unread)?
            {
                return Ok(head);
            }
            if unread.len() > limit {
                return Err(WireError::HeadTooLarge { limit, got: Excerpt::new(unread) });
            }
            self.fill(io).await?;
        }
    }

    /// A body of that length.
    pub(super) async fn announced(
        &mut self,
        io: &mut (impl AsyncRead + Unpin),
        length: usize,
        limits: &Limits,
    ) -> Result<(), WireError> {
        if length > limits.body_bytes {
            return Err(WireError::BodyTooLarge { limit: limits.body_bytes });
        }
        self.take_to_body(io, length).await
    }

    /// A body in chunks. <https://www.rfc-editor.org/rfc/rfc9112#section-7.1>
    pub(super) async fn chunked(
        &mut self,
        io: &mut (impl AsyncRead + Unpin),
        limits: &Limits,
    ) -> Result<(), WireError> {
        let mut extras = limits.head_bytes;
        loop {
            let line = self.line(io, &mut extras, limits).await?;
            let line = &self.buffer[line];
            let size =
                chunk_size(line).ok_or_else(|| WireError::MalformedChunk { line: Excerpt::new(line) })?;
            if size == 0 {
                break;
            }
            if size > (limits.body_bytes - self.body.len()) as u64 {
                return Err(WireError::BodyTooLarge { limit: limits.body_bytes });
            }
            self.take_to_body(io, size as usize).await?;
            let line = self.line(io, &mut extras, limits).await?;
            if !line.is_empty() {
                return Err(WireError::MalformedChunk { line: Excerpt::new(&self.buffer[line]) });
            }
        }
        while !self.line(io, &mut extras, limits).await?.is_empty() {}
        Ok(())
    }

    /// A body that is all there is to come.
    async fn until_close(
        &mut self,
        io: &mut (impl AsyncRead + Unpin),
        limits: &Limits,
    ) -> Result<(), WireError> {
        self.body.extend_from_slice(&self.buffer[self.used..]);
        self.used = self.buffer.len();
        loop {
            if self.body.len() > limits.body_bytes {
                return Err(WireError::BodyTooLarge { limit: limits.body_bytes });
            }
            make_room(&mut self.body);
            match io.read_buf(&mut self.body).await {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(cause) => return Err(self.broken(cause)),
            }
        }
    }

    /// Adds so many bytes to the body.
    async fn take_to_body(
        &mut self,
        io: &mut (impl AsyncRead + Unpin),
        length: usize,
    ) -> Result<(), WireError> {
        let buffered = length.min(self.unread().len());
        self.body.extend_from_slice(&self.buffer[self.used..self.used + buffered]);
        self.used += buffered;
        let mut missing = length - buffered;
        while missing > 0 {
            // No more than comes: an announced length costs its sender nothing.
            self.body.reserve(missing.min(64 << 10));
            match (&mut *io).take(missing as u64).read_buf(&mut self.body).await {
                Ok(0) => return Err(self.closed()),
                Ok(got) => missing -= got,
                Err(cause) => return Err(self.broken(cause)),
            }
        }
        Ok(())
    }

    /// Where a line of the chunked coding is in the buffer, without its end. What is longer than a size needs
    /// is taken off `extras`.
    async fn line(
        &mut self,
        io: &mut (impl AsyncRead + Unpin),
        extras: &mut usize,
        limits: &Limits,
    ) -> Result<Range<usize>, WireError> {
        let mut searched = 0;
        loop {
            let unread = self.unread();
            let found = unread[searched..].iter().position(|&byte| byte == b'\n').map(|at| searched + at);
            searched = unread.len();
            let length = found.unwrap_or(searched);
            let Some(left) = extras.checked_sub(length.saturating_sub(MOST_DIGITS + 1)) else {
                return Err(WireError::ChunkExtrasTooLarge { limit: limits.head_bytes });
            };
            if found.is_some() {
                *extras = left;
                let start = self.used;
                self.used += length + 1;
                let line = &self.buffer[start..start + length];
                return Ok(start..start + line.strip_suffix(b"\r").unwrap_or(line).len());
            }
            self.fill(io).await?;
        }
    }

    /// Reads some more into the buffer.
    pub(super) async fn fill(&mut self, io: &mut (impl AsyncRead + Unpin)) -> Result<(), WireError> {
        if self.used == self.buffer.len() {
            self.buffer.clear();
            self.used = 0;
        } else if self.used > 0 && self.buffer.capacity() - self.buffer.len() < Self::WORTHWHILE {
            self.buffer.drain(..self.used);
            self.used = 0;
        }
        make_room(&mut self.buffer);
        match io.read_buf(&mut self.buffer).await {
            Ok(0) => Err(self.closed()),
            Ok(_) => {
                self.received = true;
                Ok(())
            }
            Err(cause) => Err(self.broken(cause)),
        }
    }

    fn closed(&self) -> WireError {
        match self.partial_body() {
            Some(got) => WireError::ClosedInBody { got },
            None => WireError::ClosedInHead { got: Excerpt::new(self.unread()) },
        }
    }

    fn broken(&self, cause: io::Error) -> WireError {
        match self.partial_body() {
            Some(got) => WireError::BrokenInBody { got, cause },
            None => WireError::BrokenInHead { got: Excerpt::new(self.unread()), cause },
        }
    }

    /// The error for a message that was given up.
    pub(super) fn timed_out(&self, after: Duration) -> WireError {
        match self.partial_body() {
            Some(got) => WireError::TimeoutInBody { after, got },
            None => WireError::TimeoutInHead { after, got: Excerpt::new(self.unread()) },
        }
    }

    fn partial_body(&self) -> Option<PartialBody> {
        let got = self.body.len();
        Some(match self.framing? {
            Framing::None => PartialBody::Length { got, of: 0 },
            Framing::Length(of) => PartialBody::Length { got, of },
            Framing::Chunked => PartialBody::Chunked { got },
            Framing::UntilClose => PartialBody::UntilClose { got },
        })
    }
}

fn make_room(bytes: &mut Vec<u8>) {
    if bytes.capacity() - bytes.len() < Reader::WORTHWHILE {
        bytes.reserve(bytes.len().max(Reader::USUAL));
    }
}

/// Says when parsing a head that is still coming in is worth it: at first, so that garbage is found out; when
/// an empty line came; and when there is twice as much as the last time, so that a head that comes byte by
/// byte is not parsed as often as it has bytes.
#[derive(Default)]
struct Attempts {
    searched: usize,
    again_at: usize,
}

impl Attempts {
    fn is_due(&mut self, head: &[u8]) -> bool {
        let new = &head[self.searched.saturating_sub(2)..];
        self.searched = head.len();
        let due = !head.is_empty() && (head.len() >= self.again_at || has_empty_line(new));
        if due {
            self.again_at = 2 * head.len();
        }
        due
    }
}

fn has_empty_line(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\n\n") || bytes.windows(3).any(|three| three == b"\n\r\n")
}

/// The head of a response, parsed.
#[derive(Debug)]
struct Head {
    length: usize,
    minor_version: u8,
    status: u16,
    headers: HeaderList,
}

impl Head {
    /// The head that those bytes begin with, or nothing where they end before it does.
    fn parse(bytes: &[u8], options: &Options) -> Result<Option<Self>, WireError> {
        let mut config = ParserConfig::default();
        config
            .allow_multiple_spaces_in_response_status_delimiters(true)
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(options.space_before_colon);
        let head = parse_lines(bytes, |masked, room| {
            let mut parsed = httparse::Response::new(&mut []);
            let length = match config.parse_response_with_uninit_headers(&mut parsed, masked, room)? {
                Status::Complete(length) => length,
                Status::Partial => return Ok(None),
            };
            let line = |line: &httparse::Header<'_>| {
                let start = offset(line.value, masked);
                let value = &bytes[start..start + line.value.len()];
                Header::new(line.name.as_bytes().to_vec(), unfold(value))
            };
            Ok(Some(Self {
                length,
                minor_version: parsed.version.unwrap_or_default(),
                status: parsed.code.unwrap_or_default(),
                headers: parsed.headers.iter().map(line).collect(),
            }))
        });
        match head.map_err(|error| malformed(bytes, error, options))? {
            Some(head) if head.length > options.limits.head_bytes => {
                Err(WireError::HeadTooLarge { limit: options.limits.head_bytes, got: Excerpt::new(bytes) })
            }
            head => Ok(head),
        }
    }

    fn keeps_alive(&self) -> bool {
        let has = |token| has_token(self.headers.lines(b"connection"), token);
        if self.minor_version == 0 { has(b"keep-alive") } else { !has(b"close") }
    }
}

/// Has a head parsed with room for its lines, which is on the stack unless there are unusually many.
///
/// Where the parser objects to a value, it gets another chance with a masked head of the same length: what it
/// finds has to be looked up in the original.
pub(super) fn parse_lines<T>(
    bytes: &[u8],
    parse: impl for<'b> Fn(&'b [u8], &mut [MaybeUninit<httparse::Header<'b>>]) -> Result<T, httparse::Error>,
) -> Result<T, httparse::Error> {
    let with_room = |bytes| match parse(bytes, &mut [const { MaybeUninit::uninit() }; 64]) {
        Err(httparse::Error::TooManyHeaders) => {
            let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
            parse(bytes, &mut vec![MaybeUninit::uninit(); lines])
        }
        parsed => parsed,
    };
    match with_room(bytes) {
        Err(httparse::Error::HeaderValue) => match mask_controls(bytes) {
            Some(masked) => with_room(&masked),
            None => Err(httparse::Error::HeaderValue),
        },
        parsed => parsed,
    }
}

/// Where a part of `whole` begins in it; an empty part may stand anywhere.
pub(super) fn offset(part: &[u8], whole: &[u8]) -> usize {
    if part.is_empty() { 0 } else { part.as_ptr() as usize - whole.as_ptr() as usize }
}

/// The head with the control characters in its values replaced, if it has any.
///
/// The parser refuses a head for them; browsers refuse it for NUL and lone carriage returns only.
fn mask_controls(head: &[u8]) -> Option<Vec<u8>> {
    let mut masked = head.to_vec();
    let mut found = false;
    let lines = masked.split_mut(|&byte| byte == b'\n').skip_while(|line| line.trim_ascii().is_empty());
    for line in lines.skip(1) {
        let folded = matches!(line.first(), Some(b' ' | b'\t'));
        let value = if folded { 0 } else { line.iter().position(|&byte| byte == b':').unwrap_or(line.len()) };
        for byte in &mut line[value..] {
            if matches!(*byte, 0x01..=0x1f | 0x7f) && !matches!(*byte, b'\t' | b'\r') {
                *byte = b'x';
                found = true;
            }
        }
    }
    found.then_some(masked)
}

/// A value with every line folding in it replaced by one space.
/// <https://www.rfc-editor.org/rfc/rfc9112#section-5.2>
fn unfold(value: &[u8]) -> Vec<u8> {
    if !value.contains(&b'\n') {
        return value.to_vec();
    }
    let mut unfolded = Vec::with_capacity(value.len());
    for part in value.split(|&byte| byte == b'\n').map(trim).filter(|part| !part.is_empty()) {
        if !unfolded.is_empty() {
            unfolded.push(b' ');
        }
        unfolded.extend_from_slice(part);
    }
    unfolded
}

/// Without HTTP whitespace at either end.
fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] | [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Names what is wrong with a head that the parser refused.
fn malformed(bytes: &[u8], error: httparse::Error, options: &Options) -> WireError {
    let mut lines = bytes
        .split(|&byte| byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .skip_while(|line| line.is_empty());
    let status_line = lines.next().unwrap_or_default();
    match error {
        httparse::Error::Version => WireError::NotHttp { got: Excerpt::new(bytes) },
        httparse::Error::Status => WireError::MalformedStatusLine { line: Excerpt::new(status_line) },
        _ => {
            let mut first = true;
            let problem = lines.find_map(|line| {
                let folded = !mem::take(&mut first) && matches!(line.first(), Some(b' ' | b'\t'));
                problem_of_line(line, folded, options).map(|problem| (problem, line))
            });
            let (problem, line) = problem.unwrap_or(("a lone carriage return", bytes));
            WireError::MalformedHeaderLine { problem, line: Excerpt::new(line) }
        }
    }
}

fn problem_of_line(line: &[u8], folded: bool, options: &Options) -> Option<&'static str> {
    if line.contains(&0) {
        return Some("a header line with a NUL");
    }
    if line.contains(&b'\r') {
        return Some("a header line with a lone carriage return");
    }
    if folded || line.is_empty() {
        return None;
    }
    let Some(colon) = line.iter().position(|&byte| byte == b':') else {
        return Some("a header line without a colon");
    };
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let name = &line[..colon];
    let bare = match name.iter().rposition(|byte| !is_blank(byte)) {
        Some(last) => &name[..=last],
        None => b"",
    };
    if bare.is_empty() {
        Some("a header line without a name")
    } else if is_blank(&name[0]) {
        Some("a first header line that begins with white space")
    } else if !bare.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)) {
        Some("a header name with a forbidden byte")
    } else if bare.len() < name.len() && !options.space_before_colon {
        Some("white space between a header's name and its colon")
    } else {
        None
    }
}

/// What ends a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    None,
    Length(usize),
    Chunked,
    UntilClose,
}

impl Framing {
    /// <https://www.rfc-editor.org/rfc/rfc9112#section-6.3>, but as in browsers, a transfer coding that is
    /// not chunked, or of HTTP/1.0, is as good as none.
    fn of_response(head: &Head, method: &[u8]) -> Result<Self, WireError> {
        if method == b"HEAD" || matches!(head.status, 100..=199 | 204 | 304) {
            return Ok(Self::None);
        }
        if head.minor_version > 0 && is_chunked(head.headers.lines(b"transfer-encoding")) {
            return Ok(Self::Chunked);
        }
        Ok(match content_length(head.headers.lines(b"content-length"))? {
            Some(length) => Self::Length(length),
            None => Self::UntilClose,
        })
    }
}

/// Whether the last of the transfer codings is chunked.
pub(super) fn is_chunked<'a>(values: impl Iterator<Item = &'a [u8]>) -> bool {
    values
        .last()
        .and_then(|value| value.rsplit(|&byte| byte == b',').next())
        .is_some_and(|coding| trim(coding).eq_ignore_ascii_case(b"chunked"))
}

/// The length that all values agree on; none where that is not a number, as the standard has it.
///
/// <https://fetch.spec.whatwg.org/#header-list-extract-a-length>
pub(super) fn content_length<'a>(values: impl Iterator<Item = &'a [u8]>) -> Result<Option<usize>, WireError> {
    let mut candidates = values.flat_map(|value| value.split(|&byte| byte == b',')).map(trim);
    let Some(candidate) = candidates.next() else { return Ok(None) };
    if let Some(other) = candidates.find(|other| *other != candidate) {
        return Err(WireError::ContentLengths { values: Excerpt::new(&[candidate, other].join(&b", "[..])) });
    }
    if candidate.is_empty() || !candidate.iter().all(u8::is_ascii_digit) {
        return Ok(None);
    }
    let digit =
        |number: usize, digit: &u8| number.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
    Ok(Some(candidate.iter().fold(0, digit)))
}

/// Whether one of the values, which are comma-separated lists, has that token.
pub(super) fn has_token<'a>(mut values: impl Iterator<Item = &'a [u8]>, token: &[u8]) -> bool {
    values.any(|value| value.split(|&byte| byte == b',').any(|item| trim(item).eq_ignore_ascii_case(token)))
}

/// The digits of the largest size of a chunk that there can be.
const MOST_DIGITS: usize = 16;

/// The size that a line of the chunked coding states.
///
/// Not the parser's own: that takes a line without digits for a zero, and no bare line feeds.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let size = trim(line.split(|&byte| byte == b';').next()?);
    if size.is_empty() || size.len() > MOST_DIGITS || !line[0].is_ascii_hexdigit() {
        return None;
    }
    if !size.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(str::from_utf8(size).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const NO_LIMITS: Limits = Limits {
        connect: Duration::MAX,
        exchange: Duration::MAX,
        head_bytes: usize::MAX,
        body_bytes: usize::MAX,
    };

    fn options() -> Options {
        Options { limits: Limits { head_bytes: 4096, body_bytes: 100, ..NO_LIMITS }, ..Options::default() }
    }

    /// Reads a response that comes in pieces of that size at most.
    fn read_in(pieces: usize, bytes: &[u8], method: &str, options: &Options) -> Result<Message, WireError> {
        let mut reader = Reader::default();
        let mut io = Pieces { bytes, pieces };
        reader.response(&mut io, method.as_bytes(), options).now_or_never().expect("the bytes are all there")
    }

    fn read(bytes: &[u8]) -> Result<Message, WireError> {
        read_in(usize::MAX, bytes, "GET", &options())
    }

    struct Pieces<'a> {
        bytes: &'a [u8],
        pieces: usize,
    }

    impl AsyncRead for Pieces<'_> {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            out: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            let (piece, rest) = self.bytes.split_at(self.bytes.len().min(self.pieces).min(out.remaining()));
            out.put_slice(piece);
            self.bytes = rest;
            std::task::Poll::Ready(Ok(()))
        }
    }

    #[rstest]
    #[case::nothing_else(b"HTTP/1.1 200 OK\r\n\r\n", 200, "")]
    #[case::no_reason(b"HTTP/1.1 599\r\nA: 1\r\n\r\n", 599, "A: 1")]
    #[case::spaces_in_status_line(b"HTTP/1.1  200   OK\r\n\r\n", 200, "")]
    #[case::odd_reason(b"HTTP/1.0 200 \xe9\t!\r\n\r\n", 200, "")]
    #[case::bare_line_feeds(b"HTTP/1.1 200 OK\nA: 1\nB: 2\n\n", 200, "A: 1|B: 2")]
    #[case::empty_lines_first(b"\r\n\nHTTP/1.1 200 OK\r\nA: 1\r\n\r\n", 200, "A: 1")]
    #[case::spelling_order_repeats(
        b"HTTP/1.1 200 OK\r\nvARY:a\r\nB:\r\nVary: \t b \t\r\nvARY: a\r\n\r\n",
        200,
        "vARY: a|B: |Vary: b|vARY: a"
    )]
    #[case::odd_bytes(b"HTTP/1.1 200 OK\r\nA: \xe9\xff'\t,\r\n\r\n", 200, r"A: \xe9\xff\'\t,")]
    #[case::control_characters(
        b"HTTP/1.1 200 OK\r\nA:\x0b*\r\nB: \x01\r\n \x7f\r\nC: 1\r\n\r\n",
        200,
        r"A: \x0b*|B: \x01 \x7f|C: 1"
    )]
    #[case::folded(
        b"HTTP/1.1 200 OK\r\nA: 1 \r\n\t 2\n 3\r\nB:\r\n 4\r\nC: \r\n \r\n\r\n",
        200,
        "A: 1 2 3|B: 4|C: "
    )]
    #[case::interim(
        b"HTTP/1.1 100 Continue\r\nA: 1\r\n\r\nHTTP/1.1 103 X\n\nHTTP/1.1 404 No\r\n\r\n",
        404,
        ""
    )]
    #[case::switching_is_final(b"HTTP/1.1 101 X\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 101, "")]
    fn heads(#[case] bytes: &[u8], #[case] status: u16, #[case] lines: &str) {
        for pieces in [1, 2, 7, usize::MAX] {
            let response = read_in(pieces, bytes, "GET", &options()).unwrap().response;
            let got: Vec<_> = response.headers.iter().map(|line| format!("{line:?}")).collect();
            assert_eq!((response.status, &*got.join("|")), (status, lines));
        }
    }

    #[test]
    fn the_head_is_kept_as_it_came() {
        let head = b"HTTP/1.1  200 \xe9\nA:  1\r\n 2 \r\nContent-Length: 2\r\n\n";
        let bytes = [b"HTTP/1.1 102 X\r\n\r\n", &head[..], b"hi"].concat();
        let message = read(&bytes).unwrap();
        assert_eq!(message.head, head);
        assert_eq!(message.response.body, b"hi");
    }

    #[test]
    fn many_lines() {
        let lines: String = (0..300).map(|n| format!("A: {n}\n")).collect();
        let response = read(format!("HTTP/1.1 200 OK\n{lines}\n").as_bytes()).unwrap().response;
        assert_eq!(response.headers.len(), 300);
        assert_eq!(response.headers.lines(b"a").last(), Some(&b"299"[..]));
    }

    #[rstest]
    #[case::length("Content-Length: 3", b"abc", true)]
    #[case::length_zero("Content-Length: 0", b"", true)]
    #[case::same_lengths("Content-Length: 3, 3\r\ncontent-length: 3", b"abc", true)]
    #[case::until_close("A: b", b"abc", false)]
    #[case::length_is_no_number("Content-Length: +3", b"abc", false)]
    #[case::chunked("Transfer-Encoding: Chunked", b"1\r\na\r\n02 ;x=\"y\"\r\nbc\r\n0\r\n\r\n", true)]
    #[case::chunked_bare_line_feeds("Transfer-Encoding: chunked", b"3\nabc\n0\n\n", true)]
    #[case::chunked_with_trailers("Transfer-Encoding: chunked", b"3\r\nabc\r\n0\r\nA: 1\r\nB\r\n\r\n", true)]
    #[case::chunked_wins(
        "Content-Length: 1\r\nTransfer-Encoding: gzip, chunked",
        b"3\r\nabc\r\n0\r\n\r\n",
        true
    )]
    #[case::chunked_wins_over_two("Content-Length: 1, 2\nTransfer-Encoding: chunked", b"3\nabc\n0\n\n", true)]
    #[case::other_coding_is_none("Content-Length: 3\r\nTransfer-Encoding: identity", b"abc", true)]
    #[case::close("Content-Length: 3\r\nConnection: x, Close", b"abc", false)]
    #[case::surplus("Content-Length: 3", b"abcHTTP/1.1 200 OK\r\n\r\n", false)]
    #[case::surplus_after_chunks("Transfer-Encoding: chunked", b"3\r\nabc\r\n0\r\n\r\n\r\n", false)]
    fn bodies(#[case] lines: &str, #[case] body: &[u8], #[case] reusable: bool) {
        let bytes = [b"HTTP/1.1 200 OK\r\n", lines.as_bytes(), b"\r\n\r\n", body].concat();
        let whole = read(&bytes).unwrap();
        let expected: &[u8] = if lines.ends_with(": 0") { b"" } else { b"abc" };
        assert_eq!((&*whole.response.body, whole.reusable), (expected, reusable));
        assert_eq!(read_in(1, &bytes, "GET", &options()).unwrap().response, whole.response);
    }

    #[rstest]
    #[case::head("HEAD", "200", true)]
    #[case::no_content("GET", "204", true)]
    #[case::not_modified("GET", "304", true)]
    #[case::reset_content_may_have_one("GET", "205", false)]
    fn no_body(#[case] method: &str, #[case] status: &str, #[case] none: bool) {
        let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
        let read = read_in(usize::MAX, head.as_bytes(), method, &options());
        assert_eq!(read.is_ok_and(|message| message.reusable), none);
    }

    #[rstest]
    #[case::closes(b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", false)]
    #[case::keeps(b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\na", true)]
    #[case::has_no_chunks(
        b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na",
        false
    )]
    fn http_1_0(#[case] bytes: &[u8], #[case] reusable: bool) {
        let message = read(bytes).unwrap();
        assert_eq!((&*message.response.body, message.reusable), (&b"a"[..], reusable));
    }

    #[rstest]
    #[case::nothing(b"", "closed the connection before a complete response head (got nothing)")]
    #[case::half_a_head(b"HTTP/1.1 200\r", r#"response head (got 13 bytes: "HTTP/1.1 200\r")"#)]
    #[case::garbage(b"\x16\x03\x01\x00", r#"not HTTP/1.0 or HTTP/1.1 (got 4 bytes: "\x16\x03\x01\x00")"#)]
    #[case::http_0_9(b"<html>", "not HTTP/1.0 or HTTP/1.1")]
    #[case::http_2(b"HTTP/2.0 200 OK\r\n\r\n", "not HTTP/1.0 or HTTP/1.1")]
    #[case::no_status(
        b"HTTP/1.1 OK\r\nA: 1\r\n\r\n",
        r#"status line does not parse (11 bytes: "HTTP/1.1 OK")"#
    )]
    #[case::no_name(b"HTTP/1.1 200 OK\r\nA: 1\r\n: 2\r\n\r\n", r#"without a name (3 bytes: ": 2")"#)]
    #[case::blank_name(b"HTTP/1.1 200 OK\r\n : 2\r\n\r\n", r#"without a name (4 bytes: " : 2")"#)]
    #[case::no_colon(
        b"HTTP/1.1 200 OK\r\nA: 1\r\n 2\r\nnone\r\n\r\n",
        r#"without a colon (4 bytes: "none")"#
    )]
    #[case::odd_name(b"HTTP/1.1 200 OK\r\nA\xe9: 1\r\n\r\n", "name with a forbidden byte")]
    #[case::control_in_name(b"HTTP/1.1 200 OK\r\nA\x01: \x01\r\n\r\n", "name with a forbidden byte")]
    #[case::space_before_colon(b"HTTP/1.1 200 OK\r\nA : 1\r\n\r\n", r#"and its colon (5 bytes: "A : 1")"#)]
    #[case::space_before_name(b"HTTP/1.1 200 OK\r\n A: 1\r\n\r\n", "begins with white space")]
    #[case::nul(b"HTTP/1.1 200 OK\r\nB: \x01\r\nA: \0\r\n\r\n", r#"with a NUL (4 bytes: "A: \x00")"#)]
    #[case::lone_carriage_return(b"HTTP/1.1 200 OK\r\nA: 1\r2\r\n\r\n", "with a lone carriage return")]
    #[case::lone_carriage_return_first(b"\rHTTP/1.1 200 OK\r\n\r\n", "a lone carriage return")]
    #[case::lengths(
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\n",
        r#"(4 bytes: "1, 2")"#
    )]
    #[case::short_body(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "(got 3 of 9 bytes)")]
    #[case::long_length(b"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", "body is larger than 100 bytes")]
    #[case::huge_length(
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "body is larger than 100 bytes"
    )]
    #[case::chunk_without_size(b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n\n", "(nothing)")]
    #[case::chunk_size(b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n-1\n", r#"parse (2 bytes: "-1")"#)]
    #[case::chunk_end(b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nab\n", r#"parse (1 byte: "b")"#)]
    #[case::chunk_cut(
        b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nab",
        "got 2 bytes of a chunked body"
    )]
    #[case::chunk_huge(
        b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\na\nffffffffffffffff\n",
        "body is larger than 100 bytes"
    )]
    #[case::chunks_without_end(
        b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\na\n0\n",
        "got 1 bytes of a chunked"
    )]
    fn refused(#[case] bytes: &[u8], #[case] message: &str) {
        for pieces in [1, usize::MAX] {
            // Garbage is refused as soon as it is known for such, so only the whole is quoted whole.
            let message = if pieces == 1 { message.split(" (").next().unwrap() } else { message };
            let error = read_in(pieces, bytes, "GET", &options()).unwrap_err().to_string();
            assert!(error.contains(message), "{error} lacks {message}");
        }
    }

    #[test]
    fn a_space_before_the_colon_where_that_is_wanted() {
        let options = Options { space_before_colon: true, ..options() };
        let bytes = b"HTTP/1.1 200 OK\r\nA \t: 1\r\n\r\n";
        let response = read_in(usize::MAX, bytes, "GET", &options).unwrap().response;
        assert_eq!(response.headers.lines(b"A").collect::<Vec<_>>(), [b"1"]);
    }

    #[rstest]
    #[case::one_line("HTTP/1.1 200 OK\nA: ", "a", "head is larger than 4096 bytes")]
    #[case::many_lines("HTTP/1.1 200 OK\n", "A: b\n", "head is larger than 4096 bytes")]
    #[case::empty_lines("", "\r\n", "head is larger than 4096 bytes")]
    #[case::reason("HTTP/1.1 200 ", "a", "head is larger than 4096 bytes")]
    #[case::interim("", "HTTP/1.1 103 X\n\n", "more than 16 interim responses")]
    #[case::until_close("HTTP/1.1 200 OK\n\n", "a", "body is larger than 100 bytes")]
    #[case::chunks(
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n",
        "1\na\n",
        "body is larger than 100 bytes"
    )]
    #[case::extension("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1;", "a", "larger than 4096 bytes")]
    #[case::extensions(
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n",
        "1;extension=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\na\n",
        "chunk extensions and trailers of the response are larger than 4096 bytes"
    )]
    #[case::trailers(
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n0\n",
        "A: 0123456789abcdef\n",
        "chunk extensions and trailers of the response are larger than 4096 bytes"
    )]
    fn endless(#[case] start: &str, #[case] again: &str, #[case] message: &str) {
        let bytes = [start, &again.repeat(100_000 / again.len())].concat();
        for pieces in [1, 100, usize::MAX] {
            let error = read_in(pieces, bytes.as_bytes(), "GET", &options()).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_end(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }

        #[test]
        fn near_responses_end_alike_however_they_come(bytes in near_response(), pieces in 1usize..40) {
            let whole = read(&bytes);
            let in_pieces = read_in(pieces, &bytes, "GET", &options());
            match (whole, in_pieces) {
                (Ok(whole), Ok(in_pieces)) => {
                    prop_assert_eq!(whole.response, in_pieces.response);
                    prop_assert_eq!(whole.head, in_pieces.head);
                }
                (Err(_), Err(_)) => {}
                (whole, in_pieces) => prop_assert!(false, "{:?} but {:?}", whole, in_pieces),
            }
        }
    }

    /// What a server could come up with: mostly what has a meaning, and noise.
    fn near_response() -> impl Strategy<Value = Vec<u8>> {
        let noise = ["\n", "\r", "\0", " ", "\t", ":", ",", "\x01", "é", "0", "HTTP/1.0 200 OK\r\n"];
        let starts = ["HTTP/1.1 200 OK\r\n", "HTTP/1.0 200\n", "HTTP/1.1 103 X\n\nHTTP/1.1 404 \r\n", ""];
        let lines = [
            "A: b\r\n",
            "A:b\n\tc\n",
            "Content-Length: 5\r\n",
            "Content-Length: 6\n",
            "Content-Length: x\n",
            "Transfer-Encoding: chunked\r\n",
            "Connection: close\r\n",
        ];
        let bodies = ["1\r\na\r\n", "5;x\nabcde\n", "0\r\n", "A: b\r\n", "\r\n", "ff", "a"];
        let some = |parts: &[&'static str], most: usize| {
            let part = prop_oneof![
                60 => prop::sample::select(parts.to_vec()),
                1 => prop::sample::select(noise.to_vec()),
            ];
            prop::collection::vec(part, 0..most).prop_map(|parts| parts.concat())
        };
        (prop::sample::select(starts.to_vec()), some(&lines, 5), some(&["\r\n"], 2), some(&bodies, 12))
            .prop_map(|(start, lines, end, body)| [start, &lines, &end, &body].concat().into_bytes())
    }
}
