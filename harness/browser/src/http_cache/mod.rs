//! HTTP caches: the browser's own, and one that stands between it and the server.
//!
//! <https://httpwg.org/specs/rfc9111.html>. Written here rather than taken from `http-cache-semantics`, which reads the
//! clock and brings header maps that lose the order and the bytes of lines; what is needed is small.

mod freshness;

use std::time::Duration;

use crate::http::{Bytes, HeaderList, HttpRequest, HttpResponse};
use freshness::{Directives, initial_age, lifetime, may_store, vary};

/// The browser's own HTTP cache, one part for each top-level site.
#[derive(Clone, Debug, Default)]
pub struct HttpCache {
    store: Store,
}

/// A cache between browsers and a server, as a CDN is: whoever asks, the same response is given.
///
/// ```
/// use std::time::Duration;
/// use corspec_browser::{Forward, HttpRequest, HttpResponse, SharedCache};
///
/// fn exchange(cache: &mut SharedCache, request: &HttpRequest, now: Duration) -> HttpResponse {
///     match cache.forward(request, now) {
///         Forward::Answer(response) => response,
///         Forward::Send(forwarded) => {
///             let response = HttpResponse::default(); // what the server says to `forwarded`
///             cache.receive(&forwarded, response, now)
///         }
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct SharedCache {
    /// Whether `Vary` counts; several CDNs do not look at it.
    pub heeds_vary: bool,
    store: Store,
}

/// What a [`SharedCache`] makes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forward {
    /// It answers by itself.
    Answer(HttpResponse),
    /// It asks the server this; the answer goes to [`SharedCache::receive`].
    Send(HttpRequest),
}

/// What the browser's cache has for a request.
#[derive(Debug)]
pub(crate) enum Stored {
    Nothing,
    Fresh(HttpResponse),
    /// These headers ask the server whether it is still good.
    Stale(HeaderList),
}

#[derive(Clone, Debug, Default)]
struct Store {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    partition: String,
    url: String,
    /// The request that it answered.
    request: HeaderList,
    response: HttpResponse,
    /// When it came, or was last found to be good.
    since: Duration,
}

impl HttpCache {
    /// A cache that holds nothing.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn select(&self, partition: &str, request: &HttpRequest, now: Duration) -> Stored {
        let Some(entry) = self.store.find(partition, request, true) else { return Stored::Nothing };
        let asked = Directives::of(&request.headers);
        let revalidate = asked.no_cache || asked.max_age == Some(0);
        if !revalidate && entry.is_fresh(now, false) {
            return Stored::Fresh(entry.response.clone());
        }
        Stored::Stale(entry.validators())
    }

    /// Takes what the network said. What the fetch goes on with, and whether that is a stored response found good.
    pub(crate) fn receive(
        &mut self,
        partition: &str,
        request: &HttpRequest,
        response: HttpResponse,
        revalidating: bool,
        now: Duration,
    ) -> (HttpResponse, bool) {
        self.store.invalidate(partition, request, &response);
        if revalidating
            && response.status == 304
            && let Some(entry) = self.store.find_mut(partition, request, true)
        {
            entry.freshen(&response, now);
            return (entry.response.clone(), true);
        }
        if may_store(request, &response, false) {
            self.store.put(partition, request, &response, now, true);
        }
        (response, false)
    }
}

impl Default for SharedCache {
    fn default() -> Self {
        Self { heeds_vary: true, store: Store::default() }
    }
}

impl SharedCache {
    /// A cache that holds nothing and heeds `Vary`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers a request, or says what to ask the server.
    pub fn forward(&mut self, request: &HttpRequest, now: Duration) -> Forward {
        let mut forwarded = request.clone();
        let Some(entry) = self.store.find("", request, self.heeds_vary) else {
            return Forward::Send(forwarded);
        };
        if !entry.is_fresh(now, true) {
            for validator in &entry.validators() {
                if !forwarded.headers.contains(&validator.name) {
                    forwarded.headers.append(validator.name.clone(), validator.value.clone());
                }
            }
            return Forward::Send(forwarded);
        }
        Forward::Answer(entry.answer(request, now))
    }

    /// Takes the server's answer to what was forwarded, and says what the browser gets.
    pub fn receive(
        &mut self,
        forwarded: &HttpRequest,
        response: HttpResponse,
        now: Duration,
    ) -> HttpResponse {
        self.store.invalidate("", forwarded, &response);
        if response.status == 304
            && let Some(entry) = self.store.find_mut("", forwarded, self.heeds_vary)
        {
            entry.freshen(&response, now);
            return entry.response.clone();
        }
        if may_store(forwarded, &response, true) {
            self.store.put("", forwarded, &response, now, self.heeds_vary);
        }
        response
    }
}

impl Store {
    fn find(&self, partition: &str, request: &HttpRequest, heed_vary: bool) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.answers(partition, request, heed_vary))
    }

    fn find_mut(&mut self, partition: &str, request: &HttpRequest, heed_vary: bool) -> Option<&mut Entry> {
        self.entries.iter_mut().rev().find(|entry| entry.answers(partition, request, heed_vary))
    }

    fn put(
        &mut self,
        partition: &str,
        request: &HttpRequest,
        response: &HttpResponse,
        now: Duration,
        heed_vary: bool,
    ) {
        self.entries.retain(|entry| !entry.answers(partition, request, heed_vary));
        self.entries.push(Entry {
            partition: partition.to_owned(),
            url: request.url.as_str().to_owned(),
            request: request.headers.clone(),
            response: response.clone(),
            since: now,
        });
    }

    /// <https://httpwg.org/specs/rfc9111.html#invalidation>
    fn invalidate(&mut self, partition: &str, request: &HttpRequest, response: &HttpResponse) {
        let safe = matches!(&*request.method, b"GET" | b"HEAD" | b"OPTIONS" | b"TRACE");
        if !safe && matches!(response.status, 200..=399) {
            self.entries.retain(|entry| entry.partition != partition || entry.url != request.url.as_str());
        }
    }
}

impl Entry {
    fn answers(&self, partition: &str, request: &HttpRequest, heed_vary: bool) -> bool {
        *request.method == *b"GET"
            && self.partition == partition
            && self.url == request.url.as_str()
            && !request.headers.contains(b"Range")
            && (!heed_vary
                || vary(&self.response.headers)
                    .iter()
                    .all(|name| self.request.get(name) == request.headers.get(name)))
    }

    fn age(&self, now: Duration) -> Duration {
        initial_age(&self.response).saturating_add(now.saturating_sub(self.since))
    }

    fn is_fresh(&self, now: Duration, shared: bool) -> bool {
        lifetime(&self.response, shared) > self.age(now)
    }

    /// <https://httpwg.org/specs/rfc9111.html#validation.sent>
    fn validators(&self) -> HeaderList {
        let mut headers = HeaderList::new();
        let pairs: [(&[u8], &'static [u8]); 2] =
            [(b"ETag", b"If-None-Match"), (b"Last-Modified", b"If-Modified-Since")];
        for (stored, asked) in pairs {
            if let Some(value) = self.response.headers.get(stored) {
                headers.append(asked, value.into_owned());
            }
        }
        headers
    }

    /// <https://httpwg.org/specs/rfc9111.html#freshening.responses>
    fn freshen(&mut self, response: &HttpResponse, now: Duration) {
        const KEPT: [&[u8]; 4] = [b"Content-Encoding", b"Content-Length", b"Content-Range", b"Content-Type"];
        let renews = |name: &Bytes| !KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(name));
        for header in response.headers.iter().filter(|header| renews(&header.name)) {
            self.response.headers.delete(&header.name);
        }
        for header in response.headers.iter().filter(|header| renews(&header.name)) {
            self.response.headers.append(header.name.clone(), header.value.clone());
        }
        self.since = now;
    }

    /// What a shared cache says by itself: the stored response, or that the one the browser holds is still good.
    fn answer(&self, request: &HttpRequest, now: Duration) -> HttpResponse {
        let mut response = self.response.clone();
        let tag = response.headers.get(b"ETag");
        let holds = match request.headers.get(b"If-None-Match") {
            Some(asked) => tag.as_deref().is_some_and(|tag| same_tag(tag, &asked)),
            None => request
                .headers
                .get(b"If-Modified-Since")
                .is_some_and(|asked| response.headers.get(b"Last-Modified") == Some(asked)),
        };
        if holds {
            response.status = 304;
            response.body = Vec::new();
        }
        response.headers.delete(b"Age");
        response.headers.append(&b"Age"[..], self.age(now).as_secs().to_string().into_bytes());
        response
    }
}

/// Weak comparison. <https://httpwg.org/specs/rfc9110.html#entity.tag.comparison>
fn same_tag(tag: &[u8], asked: &[u8]) -> bool {
    let opaque = |tag| <[u8]>::strip_prefix(tag, b"W/").unwrap_or(tag).to_vec();
    asked == b"*"
        || crate::syntax::decode_and_split(asked).into_iter().any(|element| opaque(element) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::http::{Header, Purpose};

    #[rstest]
    #[case("\"a\"", "*", true)]
    #[case("\"a\"", "\"a\"", true)]
    #[case("\"a\"", "\"b\"", false)]
    #[case("\"a\"", "\"b\", W/\"a\"", true)]
    #[case("W/\"a\"", "\"a\"", true)]
    fn tags_are_compared_weakly(#[case] tag: &str, #[case] asked: &str, #[case] same: bool) {
        assert_eq!(same_tag(tag.as_bytes(), asked.as_bytes()), same);
    }

    fn request(method: &'static str, lines: &[(&'static str, &'static str)]) -> HttpRequest {
        HttpRequest {
            purpose: Purpose::Actual,
            method: method.as_bytes().into(),
            url: url::Url::parse("https://api.example/").unwrap(),
            headers: headers(lines),
            body: None,
        }
    }

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderList {
        lines.iter().map(|(name, value)| Header::new(name.as_bytes(), value.as_bytes())).collect()
    }

    fn response(status: u16, lines: &[(&'static str, &'static str)]) -> HttpResponse {
        HttpResponse { status, headers: headers(lines), body: b"x".to_vec() }
    }

    const STORED: [(&str, &str); 3] = [
        ("Cache-Control", "max-age=60"),
        ("ETag", "\"a\""),
        ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ];

    #[rstest]
    #[case::nothing(&[], 200)]
    #[case::tag(&[("If-None-Match", "\"a\"")], 304)]
    #[case::other_tag(&[("If-None-Match", "\"b\"")], 200)]
    #[case::date(&[("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")], 304)]
    #[case::other_date(&[("If-Modified-Since", "Sun, 06 Nov 1994 08:49:38 GMT")], 200)]
    #[case::tag_before_date(&[("If-None-Match", "\"b\""), ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")], 200)]
    fn a_shared_cache_answers_conditions(
        #[case] asked: &[(&'static str, &'static str)],
        #[case] status: u16,
    ) {
        let mut cache = SharedCache::new();
        cache.receive(&request("GET", &[]), response(200, &STORED), Duration::ZERO);
        let Forward::Answer(answer) = cache.forward(&request("GET", asked), Duration::from_secs(1)) else {
            panic!("it has a fresh response");
        };
        assert_eq!((answer.status, answer.body.is_empty()), (status, status == 304));
    }

    #[rstest]
    #[case("POST", 200, true)]
    #[case("POST", 302, true)]
    #[case("POST", 500, false)]
    #[case("OPTIONS", 200, false)]
    fn what_may_have_changed_is_forgotten(
        #[case] method: &'static str,
        #[case] status: u16,
        #[case] gone: bool,
    ) {
        let mut cache = SharedCache::new();
        cache.receive(&request("GET", &[]), response(200, &STORED), Duration::ZERO);
        cache.receive(&request(method, &[]), response(status, &[]), Duration::ZERO);
        let forward = cache.forward(&request("GET", &[]), Duration::ZERO);
        assert_eq!(matches!(forward, Forward::Send(_)), gone);
    }

    #[test]
    fn what_changed_elsewhere_forgets_nothing_here() {
        let mut cache = SharedCache::new();
        cache.receive(&request("GET", &[]), response(200, &STORED), Duration::ZERO);
        let mut elsewhere = request("POST", &[]);
        elsewhere.url.set_path("/elsewhere");
        cache.receive(&elsewhere, response(200, &[]), Duration::ZERO);
        assert!(matches!(cache.forward(&request("GET", &[]), Duration::ZERO), Forward::Answer(_)));
    }

    #[rstest]
    #[case(&[], true)]
    #[case(&[("Cache-Control", "no-cache")], false)]
    #[case(&[("Cache-Control", "max-age=0")], false)]
    #[case(&[("Cache-Control", "max-age=1")], true)]
    fn a_request_may_want_nothing_stored(
        #[case] asked: &[(&'static str, &'static str)],
        #[case] fresh: bool,
    ) {
        let mut cache = HttpCache::new();
        cache.receive("", &request("GET", &[]), response(200, &STORED), false, Duration::ZERO);
        let selected = cache.select("", &request("GET", asked), Duration::ZERO);
        assert_eq!(matches!(selected, Stored::Fresh(_)), fresh);
    }

    #[test]
    fn a_condition_of_the_browser_is_not_replaced_by_the_cache_s_own() {
        let mut cache = SharedCache::new();
        cache.receive(&request("GET", &[]), response(200, &STORED), Duration::ZERO);
        let asked = request("GET", &[("If-None-Match", "\"b\"")]);
        let Forward::Send(forwarded) = cache.forward(&asked, Duration::from_secs(61)) else {
            panic!("what it has is stale");
        };
        assert_eq!(forwarded.headers.get(b"If-None-Match").as_deref(), Some(&b"\"b\""[..]));
        assert!(forwarded.headers.contains("If-Modified-Since"));
    }
}
