//! The `Range` header that browsers send: <https://fetch.spec.whatwg.org/#simple-range-header-value>

use crate::syntax::{is_tab_or_space, trim};

/// A single range: decimal digits as they were written, since the standard puts no bound on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange<'a> {
    /// The first byte's position.
    pub start: Option<&'a [u8]>,
    /// The last byte's position.
    pub end: Option<&'a [u8]>,
}

impl ByteRange<'_> {
    /// Whether both positions fit into 64 bits.
    pub(crate) fn fits_64_bits(&self) -> bool {
        [self.start, self.end]
            .into_iter()
            .flatten()
            .all(|digits| std::str::from_utf8(digits).is_ok_and(|digits| digits.parse::<u64>().is_ok()))
    }
}

/// "Parse a single range header value"; nothing where the standard returns failure.
///
/// <https://fetch.spec.whatwg.org/#simple-range-header-value>
pub fn parse_single(value: &[u8], allow_whitespace: bool) -> Option<ByteRange<'_>> {
    let skip = |bytes| if allow_whitespace { trim(bytes, is_tab_or_space) } else { bytes };
    let rest = skip(value.strip_prefix(b"bytes")?).strip_prefix(b"=")?;
    let (start, rest) = digits(skip(rest));
    let (end, rest) = digits(skip(skip(rest).strip_prefix(b"-")?));
    if !skip(rest).is_empty() || (start.is_none() && end.is_none()) {
        return None;
    }
    if let (Some(start), Some(end)) = (start, end)
        && magnitude(start) > magnitude(end)
    {
        return None;
    }
    Some(ByteRange { start, end })
}

/// The value as a reader takes it who minds neither case nor plus signs before numbers.
pub(crate) fn tidied(value: &[u8]) -> Vec<u8> {
    let mut tidied = value.to_ascii_lowercase();
    let mut before = 0;
    tidied.retain(|&byte| {
        let sign = byte == b'+' && matches!(before, b'=' | b'-');
        before = byte;
        !sign
    });
    tidied
}

/// The value that a reader writes who has understood one range of bytes and keeps nothing of how it was written; nothing
/// where it has not.
pub(crate) fn rewritten(value: &[u8]) -> Option<Vec<u8>> {
    let tidied = tidied(value);
    let mut ranges = tidied.split(|&byte| byte == b',').filter(|range| !range.trim_ascii().is_empty());
    let (Some(range), None) = (ranges.next(), ranges.next()) else { return None };
    let range = parse_single(range, true)?;
    let number = |digits: Option<&[u8]>| match digits {
        None => Some(String::new()),
        Some(digits) => Some(std::str::from_utf8(digits).ok()?.parse::<i64>().ok()?.to_string()),
    };
    Some(format!("bytes={}-{}", number(range.start)?, number(range.end)?).into_bytes())
}

fn digits(bytes: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    let (digits, rest) = bytes.split_at(end);
    ((!digits.is_empty()).then_some(digits), rest)
}

/// Orders digit strings as the integers that they stand for.
fn magnitude(digits: &[u8]) -> (usize, &[u8]) {
    let significant = trim_leading_zeros(digits);
    (significant.len(), significant)
}

fn trim_leading_zeros(digits: &[u8]) -> &[u8] {
    let start = digits.iter().position(|&digit| digit != b'0').unwrap_or(digits.len());
    &digits[start..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("bytes=0-", Some((Some("0"), None)))]
    #[case("bytes=0-0", Some((Some("0"), Some("0"))))]
    #[case("bytes=007-8", Some((Some("007"), Some("8"))))]
    #[case("bytes=-500", Some((None, Some("500"))))]
    #[case("bytes=9-10", Some((Some("9"), Some("10"))))]
    #[case("bytes=99999999999999999999999-99999999999999999999999", Some((Some("99999999999999999999999"), Some("99999999999999999999999"))))]
    #[case("bytes=2-1", None)]
    #[case("bytes=-", None)]
    #[case("bytes=", None)]
    #[case("BYTES=0-", None)]
    #[case("bytes= 0-", None)]
    #[case("bytes=0- ", None)]
    #[case("bytes=+1-", None)]
    #[case("bytes=0-1,3-4", None)]
    #[case("bytes:0-1", None)]
    fn parses(#[case] value: &str, #[case] expected: Option<(Option<&str>, Option<&str>)>) {
        let parsed = parse_single(value.as_bytes(), false);
        let expected = expected
            .map(|(start, end)| ByteRange { start: start.map(str::as_bytes), end: end.map(str::as_bytes) });
        assert_eq!(parsed, expected);
    }

    #[test]
    fn white_space_is_skipped_where_it_is_allowed() {
        let parsed = parse_single(b"bytes \t= 1 - 2 ", true);
        assert_eq!(parsed, Some(ByteRange { start: Some(b"1"), end: Some(b"2") }));
        assert_eq!(parse_single(b"bytes = 1 - 2", false), None);
    }

    proptest! {
        #[test]
        fn order_is_that_of_integers(start: u64, end: u64, zeros in 0usize..3) {
            let value = format!("bytes={}{start}-{end}", "0".repeat(zeros));
            prop_assert_eq!(parse_single(value.as_bytes(), false).is_some(), start <= end);
        }

        #[test]
        fn never_panics(value in prop::collection::vec(any::<u8>(), 0..40), allow: bool) {
            let _ = parse_single(&value, allow);
        }
    }
}
