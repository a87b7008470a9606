//! Methods: <https://fetch.spec.whatwg.org/#methods>

use crate::http::Bytes;

const NORMALIZED: [&[u8]; 6] = [b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"POST", b"PUT"];

/// Whether script may not use it. <https://fetch.spec.whatwg.org/#forbidden-method>
pub fn is_forbidden(method: &[u8]) -> bool {
    [&b"CONNECT"[..], b"TRACE", b"TRACK"].iter().any(|forbidden| forbidden.eq_ignore_ascii_case(method))
}

/// Whether a cross-origin request may use it without asking. <https://fetch.spec.whatwg.org/#cors-safelisted-method>
pub fn is_cors_safelisted(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"HEAD" | b"POST")
}

/// Upper-cases six methods and leaves every other as it is. <https://fetch.spec.whatwg.org/#concept-method-normalize>
pub fn normalize(method: &[u8]) -> Bytes {
    match NORMALIZED.iter().find(|known| known.eq_ignore_ascii_case(method)) {
        Some(known) => Bytes::Borrowed(known),
        None => Bytes::Owned(method.to_vec()),
    }
}

/// The same bytes, without a copy where the standard itself spells them out.
pub(crate) fn interned(method: &[u8]) -> Bytes {
    match NORMALIZED.iter().find(|&&known| known == method) {
        Some(known) => Bytes::Borrowed(known),
        None => Bytes::Owned(method.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("get", "GET")]
    #[case("dElEtE", "DELETE")]
    #[case("patch", "patch")]
    #[case("PATCH", "PATCH")]
    #[case("head1", "head1")]
    fn normalizes(#[case] method: &str, #[case] normalized: &str) {
        assert_eq!(&*normalize(method.as_bytes()), normalized.as_bytes());
    }

    #[rstest]
    #[case("connect", true)]
    #[case("TRACE", true)]
    #[case("Track", true)]
    #[case("TRACK1", false)]
    #[case("PUT", false)]
    fn forbidden(#[case] method: &str, #[case] expected: bool) {
        assert_eq!(is_forbidden(method.as_bytes()), expected);
    }

    #[rstest]
    #[case("GET", true)]
    #[case("HEAD", true)]
    #[case("POST", true)]
    #[case("get", false)]
    #[case("OPTIONS", false)]
    fn safelisted(#[case] method: &str, #[case] expected: bool) {
        assert_eq!(is_cors_safelisted(method.as_bytes()), expected);
    }
}
