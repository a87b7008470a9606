//! What RFC 9111 makes of a response's headers: whether it may be stored, and for how long it is fresh.

use std::time::Duration;

use crate::date;
use crate::http::{HeaderList, HttpRequest, HttpResponse};
use crate::syntax::{decode_and_split, is_tab_or_space, trim};

/// The directives of `Cache-Control` that matter here. <https://httpwg.org/specs/rfc9111.html#field.cache-control>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Directives {
    pub(super) no_store: bool,
    pub(super) no_cache: bool,
    pub(super) private: bool,
    pub(super) public: bool,
    pub(super) must_revalidate: bool,
    pub(super) max_age: Option<u64>,
    pub(super) s_maxage: Option<u64>,
}

impl Directives {
    pub(super) fn of(headers: &HeaderList) -> Self {
        let mut found = Self::default();
        let value = headers.get(b"Cache-Control").unwrap_or_default();
        for element in decode_and_split(&value) {
            let (name, argument) = match element.iter().position(|&byte| byte == b'=') {
                Some(equals) => (&element[..equals], trim(&element[equals + 1..], |byte| byte == b'"')),
                None => (element, &b""[..]),
            };
            match &*trim(name, is_tab_or_space).to_ascii_lowercase() {
                b"no-store" => found.no_store = true,
                b"no-cache" => found.no_cache = true,
                b"private" => found.private = true,
                b"public" => found.public = true,
                b"must-revalidate" | b"proxy-revalidate" => found.must_revalidate = true,
                // A number that does not parse makes the response stale.
                b"max-age" => found.max_age = Some(seconds(argument).unwrap_or(0)),
                b"s-maxage" => found.s_maxage = Some(seconds(argument).unwrap_or(0)),
                _ => {}
            }
        }
        found
    }
}

/// Whether a cache may store the response. <https://httpwg.org/specs/rfc9111.html#response.cacheability>
pub(super) fn may_store(request: &HttpRequest, response: &HttpResponse, shared: bool) -> bool {
    let directives = Directives::of(&response.headers);
    if *request.method != *b"GET"
        || response.status == 206
        || directives.no_store
        || Directives::of(&request.headers).no_store
        || (shared && directives.private)
        || vary(&response.headers).iter().any(|name| name == b"*")
    {
        return false;
    }
    let explicit = directives.public
        || directives.max_age.is_some()
        || (!shared && directives.private)
        || (shared && directives.s_maxage.is_some())
        || response.headers.contains(b"Expires");
    let authorized = !shared
        || !request.headers.contains(b"Authorization")
        || directives.public
        || directives.must_revalidate
        || directives.s_maxage.is_some();
    authorized && (explicit || is_heuristically_cacheable(response.status))
}

/// For how long a stored response is fresh. <https://httpwg.org/specs/rfc9111.html#calculating.freshness.lifetime>
pub(super) fn lifetime(response: &HttpResponse, shared: bool) -> Duration {
    let directives = Directives::of(&response.headers);
    let dated = |name: &[u8]| response.headers.get(name).and_then(|value| date::parse(&value));
    let seconds = if directives.no_cache {
        0
    } else if let (true, Some(seconds)) = (shared, directives.s_maxage) {
        seconds
    } else if let Some(seconds) = directives.max_age {
        seconds
    } else if response.headers.contains(b"Expires") {
        let expires = dated(b"Expires").unwrap_or(0);
        expires.saturating_sub(dated(b"Date").unwrap_or(expires))
    } else {
        // A tenth of the time since the last change, as RFC 9111 suggests.
        match (dated(b"Date"), dated(b"Last-Modified")) {
            (Some(date), Some(modified)) => date.saturating_sub(modified) / 10,
            _ => 0,
        }
    };
    Duration::from_secs(seconds)
}

/// How old a response was when it came.
pub(super) fn initial_age(response: &HttpResponse) -> Duration {
    let age = response.headers.get(b"Age").and_then(|age| seconds(&age));
    Duration::from_secs(age.unwrap_or(0))
}

/// The request headers that the response was selected by, in lower case.
pub(super) fn vary(headers: &HeaderList) -> Vec<Vec<u8>> {
    let value = headers.get(b"Vary").unwrap_or_default();
    let names =
        value.split(|&byte| byte == b',').map(|name| trim(name, is_tab_or_space).to_ascii_lowercase());
    names.filter(|name| !name.is_empty()).collect()
}

const fn is_heuristically_cacheable(status: u16) -> bool {
    matches!(status, 200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501)
}

fn seconds(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(std::str::from_utf8(digits).ok()?.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use url::Url;

    use super::*;
    use crate::http::{Bytes, Header, Purpose};

    fn headers(lines: &str) -> HeaderList {
        let lines = lines.lines().filter_map(|line| line.split_once(": "));
        lines.map(|(name, value)| Header::new(name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
    }

    fn request(lines: &str) -> HttpRequest {
        HttpRequest {
            purpose: Purpose::Actual,
            method: Bytes::Borrowed(b"GET"),
            url: Url::parse("https://api.example/").unwrap(),
            headers: headers(lines),
            body: None,
        }
    }

    fn response(status: u16, lines: &str) -> HttpResponse {
        HttpResponse { status, headers: headers(lines), body: Vec::new() }
    }

    #[rstest]
    #[case("", 200, "", true, true)]
    #[case("", 302, "", false, false)]
    #[case("", 302, "Cache-Control: max-age=60", true, true)]
    #[case("", 200, "Cache-Control: no-store", false, false)]
    #[case("", 200, "Cache-Control: private", true, false)]
    #[case("", 302, "Cache-Control: s-maxage=60", false, true)]
    #[case("", 200, "Vary: Accept, *", false, false)]
    #[case("Authorization: x", 200, "Cache-Control: max-age=60", true, false)]
    #[case("Authorization: x", 200, "Cache-Control: public", true, true)]
    #[case("Cache-Control: no-store", 200, "", false, false)]
    fn what_is_stored(
        #[case] asked: &str,
        #[case] status: u16,
        #[case] lines: &str,
        #[case] own: bool,
        #[case] shared: bool,
    ) {
        let (asked, response) = (request(asked), response(status, lines));
        assert_eq!((may_store(&asked, &response, false), may_store(&asked, &response, true)), (own, shared));
    }

    #[rstest]
    #[case("Cache-Control: max-age=60, s-maxage=9", 60, 9)]
    #[case("Cache-Control: max-age=60, no-cache", 0, 0)]
    #[case("Cache-Control: max-age=\"60\"", 60, 60)]
    #[case("Cache-Control: max-age=soon", 0, 0)]
    #[case("Date: Sun, 06 Nov 1994 08:49:37 GMT\nExpires: Sun, 06 Nov 1994 08:50:37 GMT", 60, 60)]
    #[case("Expires: 0", 0, 0)]
    #[case("Date: Sun, 06 Nov 1994 08:49:37 GMT\nLast-Modified: Sun, 06 Nov 1994 08:48:37 GMT", 6, 6)]
    #[case("", 0, 0)]
    fn how_long_it_is_fresh(#[case] lines: &str, #[case] own: u64, #[case] shared: u64) {
        let response = response(200, lines);
        assert_eq!(
            (lifetime(&response, false).as_secs(), lifetime(&response, true).as_secs()),
            (own, shared)
        );
    }

    proptest! {
        #[test]
        fn never_panics(value in "\\PC{0,60}") {
            let mut list = HeaderList::new();
            list.append(&b"Cache-Control"[..], value.clone().into_bytes());
            list.append(&b"Vary"[..], value.into_bytes());
            let response = HttpResponse { status: 200, headers: list, body: Vec::new() };
            lifetime(&response, true);
            may_store(&request(""), &response, true);
        }
    }

    #[rstest]
    #[case("Cache-Control: max-age=60", [true, true, false])]
    #[case("Cache-Control: max-age=60, must-revalidate", [true, true, true])]
    #[case("Cache-Control: max-age=60, proxy-revalidate", [true, true, true])]
    #[case("Cache-Control: public", [true, true, true])]
    #[case("Cache-Control: s-maxage=60", [true, true, true])]
    #[case("Cache-Control: private", [true, false, false])]
    fn what_is_kept_of_an_authorized_request(#[case] lines: &str, #[case] kept: [bool; 3]) {
        let response = response(200, lines);
        let own = may_store(&request("Authorization: a"), &response, false);
        let shared = |asked| may_store(&request(asked), &response, true);
        assert_eq!([own, shared(""), shared("Authorization: a")], kept);
    }

    #[test]
    fn an_age_that_came_along_counts() {
        let aged = |lines| initial_age(&response(200, lines));
        assert_eq!(aged("Age: 30"), Duration::from_secs(30));
        assert_eq!(aged("Age: x"), Duration::ZERO);
    }
}
