//! HTTP messages as the browser sees them: header lists are bytes, in order, repeats kept.

use std::borrow::Cow;
use std::fmt;

use url::Url;

/// The bytes of a header name or value; those that the standard itself spells out are not copied.
pub type Bytes = Cow<'static, [u8]>;

/// One line of a header list. The name keeps its spelling and compares without regard to case.
///
/// <https://fetch.spec.whatwg.org/#concept-header>
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// The name as it was written.
    pub name: Bytes,
    /// The value, without the white space around it.
    pub value: Bytes,
}

impl Header {
    /// A header line of a name and a value.
    pub fn new(name: impl Into<Bytes>, value: impl Into<Bytes>) -> Self {
        Self { name: name.into(), value: value.into() }
    }

    /// Whether this line's name is `name`, whatever the case of either.
    pub fn is(&self, name: impl AsRef<[u8]>) -> bool {
        self.name.eq_ignore_ascii_case(name.as_ref())
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name.escape_ascii(), self.value.escape_ascii())
    }
}

/// A header list: lines in the order in which they were added or received.
///
/// <https://fetch.spec.whatwg.org/#concept-header-list>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderList(Vec<Header>);

impl HeaderList {
    /// A list without any line.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn with_capacity(lines: usize) -> Self {
        Self(Vec::with_capacity(lines))
    }

    /// This list with room for further lines.
    pub(crate) fn clone_with_room_for(&self, lines: usize) -> Self {
        let mut copy = Vec::with_capacity(self.0.len() + lines);
        copy.extend_from_slice(&self.0);
        Self(copy)
    }

    /// The lines in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.0.iter()
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no line at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a line at the end. <https://fetch.spec.whatwg.org/#concept-header-list-append>
    pub fn append(&mut self, name: impl Into<Bytes>, value: impl Into<Bytes>) {
        self.0.push(Header::new(name, value));
    }

    /// Keeps the lines for which `keep` holds.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&Header) -> bool) {
        self.0.retain(keep);
    }

    /// Removes every line of that name. <https://fetch.spec.whatwg.org/#concept-header-list-delete>
    pub fn delete(&mut self, name: impl AsRef<[u8]>) {
        self.0.retain(|header| !header.is(&name));
    }

    /// Whether a line of that name is there. <https://fetch.spec.whatwg.org/#header-list-contains>
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        self.0.iter().any(|header| header.is(&name))
    }

    /// The values of that name, line by line.
    pub fn lines<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().filter(move |header| header.is(name)).map(|header| &*header.value)
    }

    /// "Get": the values of that name joined with `, `, or nothing where no line has it.
    ///
    /// <https://fetch.spec.whatwg.org/#concept-header-list-get>
    pub fn get<'a>(&'a self, name: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let mut lines = self.lines(name);
        let first = lines.next()?;
        let Some(second) = lines.next() else { return Some(Cow::Borrowed(first)) };
        let mut joined = first.to_vec();
        for value in std::iter::once(second).chain(lines) {
            joined.extend_from_slice(b", ");
            joined.extend_from_slice(value);
        }
        Some(Cow::Owned(joined))
    }

    /// "Combine": appends the value to the first line of that name, or adds a line.
    ///
    /// <https://fetch.spec.whatwg.org/#concept-header-list-combine>
    pub fn combine(&mut self, name: impl Into<Bytes>, value: impl Into<Bytes>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|header| header.is(&name)) {
            Some(header) => {
                let joined = header.value.to_mut();
                joined.extend_from_slice(b", ");
                joined.extend_from_slice(&value);
            }
            None => self.append(name, value),
        }
    }
}

impl FromIterator<Header> for HeaderList {
    fn from_iter<I: IntoIterator<Item = Header>>(lines: I) -> Self {
        Self(lines.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a HeaderList {
    type Item = &'a Header;
    type IntoIter = std::slice::Iter<'a, Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What a request is for, in a fetch that may need several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// A CORS-preflight request, which asks whether the actual one may be sent.
    Preflight,
    /// The request that script asked for, or a hop of its redirects.
    Actual,
}

/// A request that the browser puts on the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// Which of a fetch's requests this is.
    pub purpose: Purpose,
    /// The method, in the bytes that go on the wire.
    pub method: Bytes,
    /// Where it goes; the fragment stays behind.
    pub url: Url,
    /// The headers that the Fetch standard puts on it, in the order in which it does.
    pub headers: HeaderList,
    /// The body's bytes, if it has one.
    pub body: Option<Bytes>,
}

/// A response as it came from the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The header lines as they came.
    pub headers: HeaderList,
    /// The body's bytes, transfer coding undone.
    pub body: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn list(lines: &[(&'static str, &'static str)]) -> HeaderList {
        lines.iter().map(|(name, value)| Header::new(name.as_bytes(), value.as_bytes())).collect()
    }

    #[rstest]
    #[case::absent(&[("b", "1")], None)]
    #[case::empty_is_not_absent(&[("a", "")], Some(""))]
    #[case::name_in_any_case(&[("A", "1")], Some("1"))]
    #[case::several_lines_joined(&[("a", "1"), ("b", "2"), ("A", "")], Some("1, "))]
    fn get(#[case] lines: &[(&'static str, &'static str)], #[case] value: Option<&str>) {
        assert_eq!(list(lines).get(b"a").as_deref(), value.map(str::as_bytes));
    }

    #[test]
    fn lines_are_counted_kept_and_shown() {
        let mut headers = list(&[("a", "1"), ("b", "\u{1}"), ("A", "2")]);
        assert_eq!((headers.len(), headers.is_empty()), (3, false));
        assert_eq!(format!("{:?}", headers.iter().nth(1).unwrap()), "b: \\x01");
        headers.retain(|header| !header.is("a"));
        assert_eq!(headers, list(&[("b", "\u{1}")]));
        headers.delete("B");
        assert_eq!((headers.len(), headers.is_empty()), (0, true));
    }

    #[test]
    fn combine_extends_the_first_line_of_that_name() {
        let mut headers = list(&[("X-A", "1"), ("x-a", "2")]);
        headers.combine(&b"x-A"[..], &b"3"[..]);
        headers.combine(&b"x-b"[..], &b"4"[..]);
        assert_eq!(headers, list(&[("X-A", "1, 3"), ("x-a", "2"), ("x-b", "4")]));
    }
}
