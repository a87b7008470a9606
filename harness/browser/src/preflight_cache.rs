//! The CORS-preflight cache: <https://fetch.spec.whatwg.org/#cors-preflight-cache>

use std::time::Duration;

use crate::headers::CORS_NON_WILDCARD_REQUEST_HEADER_NAME;

/// What earlier preflights granted. The caller owns it and says what time it is.
#[derive(Clone, Debug, Default)]
pub struct PreflightCache {
    places: Vec<Place>,
}

/// What a cache entry must match of a request. <https://fetch.spec.whatwg.org/#concept-cache-match>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key<'a> {
    pub(crate) partition: &'a str,
    pub(crate) origin: &'a str,
    pub(crate) url: &'a str,
    pub(crate) credentials: bool,
}

/// The entries that agree in all of the key but the credentials.
#[derive(Clone, Debug)]
struct Place {
    partition: Box<str>,
    origin: Box<str>,
    url: Box<str>,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    credentials: bool,
    granted: Granted,
    expires: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Granted {
    Method(Box<[u8]>),
    HeaderName(Box<[u8]>),
}

impl PreflightCache {
    /// A cache that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing is remembered, expired entries included.
    pub fn is_empty(&self) -> bool {
        self.places.iter().all(|place| place.entries.is_empty())
    }

    /// <https://fetch.spec.whatwg.org/#concept-cache-match-method>
    pub(crate) fn has_method(&self, key: Key<'_>, now: Duration, method: &[u8]) -> bool {
        self.matching(key, now).any(|granted| grants_method(granted, method))
    }

    /// <https://fetch.spec.whatwg.org/#concept-cache-match-header>
    pub(crate) fn has_header_name(&self, key: Key<'_>, now: Duration, name: &[u8]) -> bool {
        self.matching(key, now).any(|granted| grants_header_name(granted, name))
    }

    /// Refreshes the entries that grant what was granted, or creates them. The standard counts an entry's time from when
    /// it was stored; a refreshed entry counts as stored anew, as every engine has it.
    pub(crate) fn store(
        &mut self,
        key: Key<'_>,
        now: Duration,
        max_age: Duration,
        methods: &[&[u8]],
        header_names: &[&[u8]],
    ) {
        let expires = now.saturating_add(max_age);
        let place = self.place_mut(key);
        place.entries.retain(|entry| entry.expires > now);
        for &method in methods {
            place.store(
                key,
                now,
                expires,
                |granted| grants_method(granted, method),
                || Granted::Method(method.into()),
            );
        }
        for &name in header_names {
            place.store(
                key,
                now,
                expires,
                |granted| grants_header_name(granted, name),
                || Granted::HeaderName(name.into()),
            );
        }
    }

    /// <https://fetch.spec.whatwg.org/#concept-cache-clear>
    pub(crate) fn clear(&mut self, key: Key<'_>) {
        self.places.retain(|place| !place.is(key));
    }

    fn matching(&self, key: Key<'_>, now: Duration) -> impl Iterator<Item = &Granted> {
        self.places
            .iter()
            .filter(move |place| place.is(key))
            .flat_map(|place| &place.entries)
            .filter(move |entry| entry.matches(key, now))
            .map(|entry| &entry.granted)
    }

    fn place_mut(&mut self, key: Key<'_>) -> &mut Place {
        let index = self.places.iter().position(|place| place.is(key)).unwrap_or_else(|| {
            self.places.push(Place {
                partition: key.partition.into(),
                origin: key.origin.into(),
                url: key.url.into(),
                entries: Vec::new(),
            });
            self.places.len() - 1
        });
        &mut self.places[index]
    }
}

impl Place {
    fn is(&self, key: Key<'_>) -> bool {
        *self.url == *key.url && *self.origin == *key.origin && *self.partition == *key.partition
    }

    fn store(
        &mut self,
        key: Key<'_>,
        now: Duration,
        expires: Duration,
        grants: impl Fn(&Granted) -> bool,
        granted: impl FnOnce() -> Granted,
    ) {
        let mut refreshed = false;
        for entry in self.entries.iter_mut().filter(|entry| entry.matches(key, now) && grants(&entry.granted))
        {
            entry.expires = expires;
            refreshed = true;
        }
        if !refreshed {
            self.entries.push(Entry { credentials: key.credentials, granted: granted(), expires });
        }
    }
}

impl Entry {
    fn matches(&self, key: Key<'_>, now: Duration) -> bool {
        self.expires > now && (self.credentials || !key.credentials)
    }
}

fn grants_method(granted: &Granted, method: &[u8]) -> bool {
    matches!(granted, Granted::Method(known) if **known == *method || **known == *b"*")
}

fn grants_header_name(granted: &Granted, name: &[u8]) -> bool {
    match granted {
        Granted::HeaderName(known) if **known == *b"*" => {
            !name.eq_ignore_ascii_case(CORS_NON_WILDCARD_REQUEST_HEADER_NAME)
        }
        Granted::HeaderName(known) => known.eq_ignore_ascii_case(name),
        Granted::Method(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: Duration = Duration::from_secs(1_000);

    fn key(origin: &'static str, url: &'static str, credentials: bool) -> Key<'static> {
        Key { partition: "", origin, url, credentials }
    }

    fn cache(credentials: bool, method: &str, max_age: u64) -> PreflightCache {
        let mut cache = PreflightCache::new();
        cache.store(key("a", "u", credentials), NOW, Duration::from_secs(max_age), &[method.as_bytes()], &[]);
        cache
    }

    #[rstest]
    #[case::at_once("PUT", 5, 0, true)]
    #[case::just_before("PUT", 5, 4, true)]
    #[case::when_it_expires("PUT", 5, 5, false)]
    #[case::zero_is_never_used("PUT", 0, 0, false)]
    #[case::another_method("DELETE", 5, 0, false)]
    #[case::any_method("*", 5, 0, true)]
    fn methods_match_until_they_expire(
        #[case] stored: &str,
        #[case] max_age: u64,
        #[case] later: u64,
        #[case] hit: bool,
    ) {
        let now = NOW + Duration::from_secs(later);
        assert_eq!(cache(false, stored, max_age).has_method(key("a", "u", false), now, b"PUT"), hit);
    }

    #[rstest]
    #[case::same(key("a", "u", false), true)]
    #[case::other_origin(key("b", "u", false), false)]
    #[case::other_url(key("a", "u?q", false), false)]
    #[case::credentialed(key("a", "u", true), false)]
    fn an_entry_without_credentials_serves_requests_without(#[case] key: Key<'static>, #[case] hit: bool) {
        assert_eq!(cache(false, "PUT", 5).has_method(key, NOW, b"PUT"), hit);
    }

    #[test]
    fn an_entry_with_credentials_serves_both() {
        let cache = cache(true, "PUT", 5);
        assert!(cache.has_method(key("a", "u", true), NOW, b"PUT"));
        assert!(cache.has_method(key("a", "u", false), NOW, b"PUT"));
    }

    #[rstest]
    #[case("x-a", "X-A", true)]
    #[case("*", "x-a", true)]
    #[case("*", "authorization", false)]
    #[case("Authorization", "authorization", true)]
    #[case("x-a", "x-b", false)]
    fn header_names(#[case] stored: &str, #[case] asked: &str, #[case] hit: bool) {
        let mut cache = PreflightCache::new();
        let key = key("a", "u", false);
        cache.store(key, NOW, Duration::from_secs(5), &[], &[stored.as_bytes()]);
        assert_eq!(cache.has_header_name(key, NOW, asked.as_bytes()), hit);
        assert!(!cache.has_method(key, NOW, stored.as_bytes()));
    }

    #[test]
    fn a_new_grant_renews_the_old_one() {
        let mut cache = cache(false, "PUT", 5);
        let (key, later) = (key("a", "u", false), NOW + Duration::from_secs(4));
        cache.store(key, later, Duration::from_secs(5), &[b"PUT"], &[]);
        assert!(cache.has_method(key, later + Duration::from_secs(4), b"PUT"));
        assert_eq!(cache.places[0].entries.len(), 1);
    }

    #[test]
    fn clearing_forgets_one_place_whatever_the_credentials() {
        let mut cache = cache(true, "PUT", 5);
        cache.store(key("a", "v", false), NOW, Duration::from_secs(5), &[b"PUT"], &[]);
        cache.clear(key("a", "u", false));
        assert!(!cache.has_method(key("a", "u", false), NOW, b"PUT"));
        assert!(cache.has_method(key("a", "v", false), NOW, b"PUT"));
    }
}
