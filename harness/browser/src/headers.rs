//! Which headers script may set, which need a preflight, and which it may see.

use crate::deviation::Deviation;
use crate::http::{Bytes, HeaderList};
use crate::method;
use crate::mime;
use crate::profile::Profile;
use crate::range;
use crate::rule::Rule;
use crate::syntax::{decode_and_split, is_token, is_whitespace, tokens, trim};
use crate::trace::digits;

/// `Authorization`, which no `*` covers. <https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name>
pub const CORS_NON_WILDCARD_REQUEST_HEADER_NAME: &[u8] = b"Authorization";

/// Removed when a redirect turns the request into a GET. <https://fetch.spec.whatwg.org/#request-body-header-name>
pub const REQUEST_BODY_HEADER_NAMES: [&[u8]; 4] =
    [b"Content-Encoding", b"Content-Language", b"Content-Location", b"Content-Type"];

const FORBIDDEN_REQUEST_HEADERS: [&[u8]; 21] = [
    b"Accept-Charset",
    b"Accept-Encoding",
    b"Access-Control-Request-Headers",
    b"Access-Control-Request-Method",
    b"Connection",
    b"Content-Length",
    b"Cookie",
    b"Cookie2",
    b"Date",
    b"DNT",
    b"Expect",
    b"Host",
    b"Keep-Alive",
    b"Origin",
    b"Referer",
    b"Set-Cookie",
    b"TE",
    b"Trailer",
    b"Transfer-Encoding",
    b"Upgrade",
    b"Via",
];

const METHOD_OVERRIDES: [&[u8]; 3] = [b"X-HTTP-Method", b"X-HTTP-Method-Override", b"X-Method-Override"];

const NO_CORS_SAFELISTED_REQUEST_HEADER_NAMES: [&[u8]; 4] =
    [b"Accept", b"Accept-Language", b"Content-Language", b"Content-Type"];

const CORS_SAFELISTED_RESPONSE_HEADER_NAMES: [&[u8]; 7] = [
    b"Cache-Control",
    b"Content-Language",
    b"Content-Length",
    b"Content-Type",
    b"Expires",
    b"Last-Modified",
    b"Pragma",
];

/// Whether the bytes are a header name. <https://fetch.spec.whatwg.org/#header-name>
pub fn is_header_name(name: &[u8]) -> bool {
    is_token(name)
}

/// "Normalize": without HTTP whitespace at either end. <https://fetch.spec.whatwg.org/#concept-header-value-normalize>
pub fn normalize_value(value: &[u8]) -> &[u8] {
    trim(value, is_whitespace)
}

/// Whether a normalized value is a header value. <https://fetch.spec.whatwg.org/#header-value>
pub fn is_header_value(value: &[u8]) -> bool {
    !value.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n'))
}

/// Whether script may not set it. <https://fetch.spec.whatwg.org/#forbidden-request-header>
pub fn is_forbidden_request_header(name: &[u8], value: &[u8]) -> bool {
    among(&FORBIDDEN_REQUEST_HEADERS, name)
        || starts_with_ignore_case(name, b"proxy-")
        || starts_with_ignore_case(name, b"sec-")
        || (among(&METHOD_OVERRIDES, name) && decode_and_split(value).into_iter().any(method::is_forbidden))
}

/// Whether no script ever sees it. <https://fetch.spec.whatwg.org/#forbidden-response-header-name>
pub fn is_forbidden_response_header_name(name: &[u8]) -> bool {
    among(&[b"Set-Cookie", b"Set-Cookie2"], name)
}

/// Whether a cross-origin request may carry it without asking.
///
/// <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>
pub fn is_cors_safelisted_request_header(name: &[u8], value: &[u8]) -> bool {
    is_cors_safelisted_request_header_with(name, value, Profile::Fetch, &mut |_, _, holds| holds)
}

/// Hears each decision on the way: the rule, what it looked at, and whether it holds, which it returns.
type Decide<'a> = dyn FnMut(Rule, &[u8], bool) -> bool + 'a;

fn is_cors_safelisted_request_header_with(
    name: &[u8],
    value: &[u8],
    profile: Profile,
    decide: &mut Decide<'_>,
) -> bool {
    if !decide(Rule::SafelistedLength, value, value.len() <= 128) {
        return false;
    }
    let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
    let hint = profile.has(Deviation::ClientHintsSafelisted) && is_safelisted_client_hint(name, value);
    if !decide(
        Rule::SafelistedName,
        name,
        is(b"range") || among(&NO_CORS_SAFELISTED_REQUEST_HEADER_NAMES, name) || hint,
    ) {
        false
    } else if hint {
        true
    } else if is(b"accept") {
        let unsafe_beyond_ascii = profile.has(Deviation::NonAsciiAcceptUnsafe) && !value.is_ascii();
        decide(Rule::SafelistedAccept, value, !has_cors_unsafe_byte(value) && !unsafe_beyond_ascii)
    } else if is(b"content-type") {
        decide(Rule::SafelistedContentTypeBytes, value, !has_cors_unsafe_byte(value)) && {
            let strictly = profile.has(Deviation::ContentTypeReadStrictly);
            let form = mime::parse(value).is_some_and(|mime| is_form_essence(&mime.essence))
                && !(strictly && has_odd_parameters(value));
            decide(Rule::SafelistedContentTypeEssence, value, form)
        }
    } else if is(b"range") {
        let bounded = profile.has(Deviation::RangeIntegers64Bit);
        let loosely = profile.has(Deviation::RangeReadLoosely).then(|| range::tidied(value));
        let has_start = range::parse_single(loosely.as_deref().unwrap_or(value), false)
            .is_some_and(|range| range.start.is_some() && (!bounded || range.fits_64_bits()));
        decide(Rule::SafelistedRange, value, has_start)
    } else {
        decide(Rule::SafelistedLanguage, value, value.iter().copied().all(is_language_byte))
    }
}

/// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte>
pub const fn is_cors_unsafe_request_header_byte(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t')
        || matches!(
            byte,
            b'"' | b'(' | b')' | b':' | b'<' | b'>' | b'?' | b'@' | b'[' | b'\\' | b']' | b'{' | b'}' | 0x7F
        )
}

/// The names that a preflight must ask for: lower case, sorted, each once.
///
/// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>
pub fn cors_unsafe_request_header_names(headers: &HeaderList) -> Vec<Bytes> {
    cors_unsafe_request_header_names_with(headers, Profile::Fetch, &mut |_, _, holds| holds)
}

pub(crate) fn cors_unsafe_request_header_names_with(
    headers: &HeaderList,
    profile: Profile,
    decide: &mut Decide<'_>,
) -> Vec<Bytes> {
    let together = profile.has(Deviation::SameNameJudgedTogether);
    let mut unsafe_names = Vec::new();
    let mut safelist_value_size = 0;
    for (index, header) in headers.iter().enumerate() {
        let combined = if together {
            if headers.iter().take(index).any(|earlier| earlier.is(&header.name)) {
                continue;
            }
            headers.get(&header.name)
        } else {
            None
        };
        let value = combined.as_deref().unwrap_or(&header.value);
        if is_cors_safelisted_request_header_with(&header.name, value, profile, decide) {
            safelist_value_size += value.len();
        } else {
            unsafe_names.push(lowercase(&header.name));
        }
    }
    let size = &mut [b'0'; 20];
    let too_many = safelist_value_size > 1024 && !profile.has(Deviation::NoSafelistSizeLimit);
    if decide(Rule::SafelistValueSize, digits(safelist_value_size, size), too_many) {
        // Every header is either unsafe by itself or potentially unsafe.
        unsafe_names = headers.iter().map(|header| lowercase(&header.name)).collect();
    }
    // <https://fetch.spec.whatwg.org/#convert-header-names-to-a-sorted-lowercase-set>
    unsafe_names.sort_unstable();
    if !profile.has(Deviation::RepeatedNamesKept) {
        unsafe_names.dedup();
    }
    unsafe_names
}

/// Whether a request in mode `no-cors` may carry it.
///
/// <https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header>
pub fn is_no_cors_safelisted_request_header(name: &[u8], value: &[u8]) -> bool {
    among(&NO_CORS_SAFELISTED_REQUEST_HEADER_NAMES, name) && is_cors_safelisted_request_header(name, value)
}

/// Whether script sees it in every response that it may read.
///
/// <https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name>
pub fn is_cors_safelisted_response_header_name(name: &[u8]) -> bool {
    among(&CORS_SAFELISTED_RESPONSE_HEADER_NAMES, name)
}

/// What "extract header list values" returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extracted<T> {
    /// No line has that name: null.
    Absent,
    /// A line does not parse, or there are several where the grammar permits one.
    Failure,
    /// What the lines hold.
    Values(T),
}

impl<T: Default> Extracted<T> {
    /// The values; none where the header is absent or does not parse.
    pub fn unwrap_or_default(self) -> T {
        match self {
            Self::Values(values) => values,
            Self::Absent | Self::Failure => T::default(),
        }
    }
}

/// "Extract header list values" for a header whose grammar is `#token`: one bad element spoils the whole list.
///
/// <https://fetch.spec.whatwg.org/#extract-header-list-values>
pub fn extract_tokens<'a>(name: &'a [u8], headers: &'a HeaderList) -> Extracted<Vec<&'a [u8]>> {
    let mut values: Option<Vec<_>> = None;
    for line in headers.lines(name) {
        let Some(mut parsed) = tokens(line) else { return Extracted::Failure };
        match &mut values {
            Some(values) => values.append(&mut parsed),
            None => values = Some(parsed),
        }
    }
    values.map_or(Extracted::Absent, Extracted::Values)
}

/// "Extract header list values" for `Access-Control-Max-Age`, whose grammar is `delta-seconds`.
/// A number that no `u64` holds is the largest one.
pub fn extract_delta_seconds(name: &[u8], headers: &HeaderList) -> Extracted<u64> {
    let mut lines = headers.lines(name);
    let Some(line) = lines.next() else { return Extracted::Absent };
    if lines.next().is_some() || line.is_empty() || !line.iter().all(u8::is_ascii_digit) {
        return Extracted::Failure;
    }
    Extracted::Values(
        line.iter()
            .fold(0_u64, |seconds, digit| seconds.saturating_mul(10).saturating_add(u64::from(digit - b'0'))),
    )
}

fn lowercase(name: &Bytes) -> Bytes {
    if name.iter().any(u8::is_ascii_uppercase) {
        Bytes::Owned(name.to_ascii_lowercase())
    } else {
        name.clone()
    }
}

const FRACTIONS: [&[u8]; 3] = [b"Device-Memory", b"Downlink", b"DPR"];
const INTEGERS: [&[u8]; 3] = [b"RTT", b"Viewport-Width", b"Width"];

/// Whether it is a client hint that tells of the device or its network.
pub(crate) fn is_client_hint(name: &[u8]) -> bool {
    among(&FRACTIONS, name) || among(&INTEGERS, name) || name.eq_ignore_ascii_case(b"ECT")
}

/// Whether it makes a request conditional. <https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch>
pub(crate) fn is_conditional(name: &[u8]) -> bool {
    const CONDITIONS: [&[u8]; 5] =
        [b"If-Modified-Since", b"If-None-Match", b"If-Unmodified-Since", b"If-Match", b"If-Range"];
    among(&CONDITIONS, name)
}

/// The client hints that the standard once safelisted, with values as each is defined.
fn is_safelisted_client_hint(name: &[u8], value: &[u8]) -> bool {
    let is_integer = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    match () {
        () if among(&FRACTIONS, name) => value.splitn(2, |&byte| byte == b'.').all(is_integer),
        () if among(&INTEGERS, name) => is_integer(value),
        () if name.eq_ignore_ascii_case(b"ECT") => matches!(value, b"slow-2g" | b"2g" | b"3g" | b"4g"),
        () if name.eq_ignore_ascii_case(b"Save-Data") => value.eq_ignore_ascii_case(b"on"),
        () => name.eq_ignore_ascii_case(b"Intervention"),
    }
}

/// What a strict reader of media types does not take.
pub(crate) fn has_odd_parameters(value: &[u8]) -> bool {
    let mut parameters = value.split(|&byte| byte == b';');
    // In front stands the essence, and a semicolon at the end is fine.
    parameters.next();
    parameters.next_back();
    parameters.any(|parameter| parameter.trim_ascii().is_empty())
        || value.contains(&b',')
        || !value.is_ascii()
}

/// Whether a method override names a forbidden method to a reader who splits at every comma.
pub(crate) fn overrides_in_quotes(name: &[u8], value: &[u8]) -> bool {
    let mut parts = value.split(|&byte| byte == b',');
    among(&METHOD_OVERRIDES, name) && parts.any(|part| method::is_forbidden(trim(part, is_whitespace)))
}

fn has_cors_unsafe_byte(value: &[u8]) -> bool {
    value.iter().copied().any(is_cors_unsafe_request_header_byte)
}

const fn is_language_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'*' | b',' | b'-' | b'.' | b';' | b'=')
}

fn is_form_essence(essence: &[u8]) -> bool {
    matches!(essence, b"application/x-www-form-urlencoded" | b"multipart/form-data" | b"text/plain")
}

fn among(names: &[&[u8]], name: &[u8]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn starts_with_ignore_case(name: &[u8], prefix: &[u8]) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::http::Header;

    fn list(lines: &[(&'static str, &'static str)]) -> HeaderList {
        lines.iter().map(|(name, value)| Header::new(name.as_bytes(), value.as_bytes())).collect()
    }

    #[rstest]
    #[case(is_header_name, "X-Token", true)]
    #[case(is_header_name, "X Token", false)]
    #[case(is_header_value, "a\tb", true)]
    #[case(is_header_value, "a\0b", false)]
    #[case(is_forbidden_response_header_name, "set-cookie", true)]
    #[case(is_forbidden_response_header_name, "Cookie", false)]
    #[case(is_cors_safelisted_response_header_name, "content-type", true)]
    #[case(is_cors_safelisted_response_header_name, "ETag", false)]
    #[case(is_client_hint, "dpr", true)]
    #[case(is_client_hint, "RTT", true)]
    #[case(is_client_hint, "ect", true)]
    #[case(is_client_hint, "Save-Data", false)]
    #[case(is_conditional, "if-range", true)]
    #[case(is_conditional, "Range", false)]
    #[case(has_odd_parameters, "text/plain;charset=utf-8", false)]
    #[case(has_odd_parameters, "text/plain;;charset=utf-8", true)]
    #[case(has_odd_parameters, "text/plain;", false)]
    #[case(has_odd_parameters, "text/plain,text/html", true)]
    #[case(has_odd_parameters, "text/\u{e9}", true)]
    fn what_bytes_are(#[case] is: fn(&[u8]) -> bool, #[case] bytes: &str, #[case] expected: bool) {
        assert_eq!(is(bytes.as_bytes()), expected, "{bytes}");
    }

    #[rstest]
    #[case(is_no_cors_safelisted_request_header, "Accept", "text/html", true)]
    #[case(is_no_cors_safelisted_request_header, "Accept", "(", false)]
    #[case(is_no_cors_safelisted_request_header, "Range", "bytes=0-", false)]
    #[case(is_safelisted_client_hint, "DPR", "1.5", true)]
    #[case(is_safelisted_client_hint, "DPR", "1.5.", false)]
    #[case(is_safelisted_client_hint, "RTT", "50", true)]
    #[case(is_safelisted_client_hint, "RTT", "", false)]
    #[case(is_safelisted_client_hint, "RTT", "5x", false)]
    #[case(is_safelisted_client_hint, "ECT", "3g", true)]
    #[case(is_safelisted_client_hint, "ECT", "5g", false)]
    #[case(is_safelisted_client_hint, "Save-Data", "ON", true)]
    #[case(is_safelisted_client_hint, "Save-Data", "off", false)]
    #[case(is_safelisted_client_hint, "Intervention", "x", true)]
    #[case(is_safelisted_client_hint, "X-Token", "on", false)]
    #[case(overrides_in_quotes, "X-HTTP-Method", "\",TRACE,\"", true)]
    #[case(overrides_in_quotes, "X-HTTP-Method", "PUT", false)]
    #[case(overrides_in_quotes, "X-Token", "TRACE", false)]
    fn what_a_line_is(
        #[case] is: fn(&[u8], &[u8]) -> bool,
        #[case] name: &str,
        #[case] value: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(is(name.as_bytes(), value.as_bytes()), expected, "{name}: {value}");
    }

    #[rstest]
    #[case("Cookie", "", true)]
    #[case("ORIGIN", "", true)]
    #[case("Sec-", "", true)]
    #[case("proxy-x", "", true)]
    #[case("Security", "", false)]
    #[case("User-Agent", "", false)]
    #[case("Authorization", "", false)]
    #[case("X-HTTP-Method-Override", "GET,track ", true)]
    #[case("x-method-override", "trace,", true)]
    #[case("X-HTTP-Method", "\",TRACE\",", false)]
    #[case("X-HTTP-Method", "PUT", false)]
    #[case("X-Other", "TRACE", false)]
    fn forbidden_request_headers(#[case] name: &str, #[case] value: &str, #[case] forbidden: bool) {
        assert_eq!(is_forbidden_request_header(name.as_bytes(), value.as_bytes()), forbidden);
    }

    #[rstest]
    #[case("Accept", "*/*", true)]
    #[case("Accept", "a\tb", true)]
    #[case("Accept", "a\u{b}b", false)]
    #[case("Accept", "a:b", false)]
    #[case("Accept-Language", "en, de;q=0.5", true)]
    #[case("Accept-Language", "", true)]
    #[case("Content-Language", "en\tde", false)]
    #[case("Content-Language", "en_US", false)]
    #[case("Content-Type", "Text/Plain; charset=utf-8", true)]
    #[case("Content-Type", "text/plain; a=\"b\"", false)]
    #[case("Content-Type", "application/json", false)]
    #[case("Content-Type", "text/plain,text/plain", false)]
    #[case("Range", "bytes=5-", true)]
    #[case("Range", "bytes=-5", false)]
    #[case("X-Token", "1", false)]
    fn safelisted(#[case] name: &str, #[case] value: &str, #[case] expected: bool) {
        assert_eq!(is_cors_safelisted_request_header(name.as_bytes(), value.as_bytes()), expected);
    }

    #[rstest]
    #[case(128, true)]
    #[case(129, false)]
    fn a_value_of_more_than_128_bytes_is_unsafe(#[case] length: usize, #[case] safelisted: bool) {
        assert_eq!(is_cors_safelisted_request_header(b"Accept", "a".repeat(length).as_bytes()), safelisted);
    }

    #[rstest]
    #[case(8, &[])]
    #[case(9, &["accept-language"])]
    fn safelisted_values_of_more_than_1024_bytes_together_are_unsafe(
        #[case] lines: usize,
        #[case] names: &[&str],
    ) {
        let headers: HeaderList =
            (0..lines).map(|_| Header::new(&b"Accept-Language"[..], "a".repeat(128).into_bytes())).collect();
        let expected: Vec<Bytes> = names.iter().map(|name| Bytes::Owned(name.as_bytes().to_vec())).collect();
        assert_eq!(cors_unsafe_request_header_names(&headers), expected);
    }

    #[test]
    fn unsafe_names_are_lower_case_sorted_and_each_once() {
        let headers =
            list(&[("X-B", ""), ("x-a", ""), ("Accept", "*/*"), ("X-b", ""), ("Authorization", "x")]);
        let names = cors_unsafe_request_header_names(&headers);
        assert_eq!(
            names.iter().map(|name| &**name).collect::<Vec<_>>(),
            [&b"authorization"[..], b"x-a", b"x-b"]
        );
    }

    #[rstest]
    #[case(&[], Extracted::Absent)]
    #[case(&[("m", "")], Extracted::Values(vec![]))]
    #[case(&[("m", "a"), ("M", "b, c")], Extracted::Values(vec!["a", "b", "c"]))]
    #[case(&[("m", "a"), ("m", "b c")], Extracted::Failure)]
    fn extracts_tokens(
        #[case] lines: &[(&'static str, &'static str)],
        #[case] expected: Extracted<Vec<&str>>,
    ) {
        let headers = list(lines);
        let expected = match expected {
            Extracted::Values(values) => Extracted::Values(values.into_iter().map(str::as_bytes).collect()),
            Extracted::Absent => Extracted::Absent,
            Extracted::Failure => Extracted::Failure,
        };
        assert_eq!(extract_tokens(b"m", &headers), expected);
    }

    #[rstest]
    #[case(&[], Extracted::Absent)]
    #[case(&[("a", "600")], Extracted::Values(600))]
    #[case(&[("a", "99999999999999999999999999")], Extracted::Values(u64::MAX))]
    #[case(&[("a", "")], Extracted::Failure)]
    #[case(&[("a", "-1")], Extracted::Failure)]
    #[case(&[("a", "1.5")], Extracted::Failure)]
    #[case(&[("a", "600"), ("a", "600")], Extracted::Failure)]
    fn extracts_seconds(#[case] lines: &[(&'static str, &'static str)], #[case] expected: Extracted<u64>) {
        assert_eq!(extract_delta_seconds(b"a", &list(lines)), expected);
    }

    proptest! {
        #[test]
        fn no_value_makes_a_predicate_panic(name in "[A-Za-z-]{0,20}", value in prop::collection::vec(any::<u8>(), 0..200)) {
            is_cors_safelisted_request_header(name.as_bytes(), &value);
            is_forbidden_request_header(name.as_bytes(), &value);
            is_no_cors_safelisted_request_header(name.as_bytes(), &value);
        }
    }
}
