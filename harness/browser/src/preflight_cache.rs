//! The CORS-preflight cache: <https://fetch.spec.whatwg.org/#cors-preflight-cache>

use std::time::Duration;

use crate::deviation::Deviation;
use crate::headers::CORS_NON_WILDCARD_REQUEST_HEADER_NAME;
use crate::http::Bytes;
use crate::method;
use crate::profile::Profile;

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

/// Who asks the cache, when, and by whose rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lookup<'a> {
    pub(crate) key: Key<'a>,
    pub(crate) now: Duration,
    pub(crate) profile: Profile,
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
    Method(Bytes),
    HeaderName(Box<[u8]>),
    /// An answer as such, for the engines that keep it whole.
    Answer,
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
    pub(crate) fn has_method(&self, lookup: Lookup<'_>, method: &[u8]) -> bool {
        self.matching(lookup).any(|entry| entry.grants_method(lookup, method))
    }

    /// <https://fetch.spec.whatwg.org/#concept-cache-match-header>
    pub(crate) fn has_header_name(&self, lookup: Lookup<'_>, name: &[u8]) -> bool {
        self.matching(lookup).any(|entry| entry.grants_header_name(lookup, name))
    }

    /// Whether an answer is remembered at all, whatever it grants.
    pub(crate) fn has_answer(&self, lookup: Lookup<'_>) -> bool {
        self.matching(lookup).next().is_some()
    }

    /// Refreshes the entries that grant what was granted, or creates them. The standard counts an entry's time from when
    /// it was stored; a refreshed entry counts as stored anew, as every engine has it.
    pub(crate) fn store(
        &mut self,
        lookup: Lookup<'_>,
        max_age: Duration,
        methods: &[&[u8]],
        header_names: &[&[u8]],
    ) {
        let expires = lookup.now.saturating_add(max_age);
        let place = self.place_mut(lookup.key);
        if lookup.profile.has(Deviation::WholeAnswersCached) {
            place.entries.clear();
            place.entries.push(Entry {
                credentials: lookup.key.credentials,
                granted: Granted::Answer,
                expires,
            });
        }
        if lookup.profile.has(Deviation::AnswersOutliveGrants) && !max_age.is_zero() {
            place.store(lookup, Duration::MAX, |entry| entry.granted == Granted::Answer, || Granted::Answer);
        }
        place.entries.retain(|entry| entry.expires > lookup.now);
        place.entries.reserve(methods.len() + header_names.len());
        for &method in methods {
            place.store(
                lookup,
                expires,
                |entry| entry.grants_method(lookup, method),
                || Granted::Method(method::interned(method)),
            );
        }
        for &name in header_names {
            place.store(
                lookup,
                expires,
                |entry| entry.grants_header_name(lookup, name),
                || Granted::HeaderName(name.into()),
            );
        }
    }

    /// <https://fetch.spec.whatwg.org/#concept-cache-clear>
    pub(crate) fn clear(&mut self, key: Key<'_>) {
        self.places.retain(|place| !place.is(key));
    }

    fn matching(&self, lookup: Lookup<'_>) -> impl Iterator<Item = &Entry> {
        self.places
            .iter()
            .filter(move |place| place.is(lookup.key))
            .flat_map(|place| &place.entries)
            .filter(move |entry| entry.matches(lookup))
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
        lookup: Lookup<'_>,
        expires: Duration,
        grants: impl Fn(&Entry) -> bool,
        granted: impl FnOnce() -> Granted,
    ) {
        let mut refreshed = false;
        for entry in self.entries.iter_mut().filter(|entry| entry.matches(lookup) && grants(entry)) {
            entry.expires = expires;
            refreshed = true;
        }
        if !refreshed {
            self.entries.push(Entry { credentials: lookup.key.credentials, granted: granted(), expires });
        }
    }
}

impl Entry {
    fn matches(&self, lookup: Lookup<'_>) -> bool {
        let apart = lookup.profile.has(Deviation::CredentialedAnswersApart);
        let asked = lookup.key.credentials;
        self.expires > lookup.now && (self.credentials == asked || (self.credentials && !apart))
    }

    fn grants_method(&self, lookup: Lookup<'_>, method: &[u8]) -> bool {
        match &self.granted {
            Granted::Method(known) => {
                **known == *method || (**known == *b"*" && self.wildcard_counts(lookup))
            }
            _ => false,
        }
    }

    fn grants_header_name(&self, lookup: Lookup<'_>, name: &[u8]) -> bool {
        match &self.granted {
            Granted::HeaderName(known) if known.eq_ignore_ascii_case(name) => true,
            Granted::HeaderName(known) if **known == *b"*" => {
                let covered = !name.eq_ignore_ascii_case(CORS_NON_WILDCARD_REQUEST_HEADER_NAME)
                    || lookup.profile.has(Deviation::CachedWildcardAsFresh);
                covered && self.wildcard_counts(lookup)
            }
            _ => false,
        }
    }

    /// The standard lets a remembered `*` count in any case, one from a request with credentials included.
    fn wildcard_counts(&self, lookup: Lookup<'_>) -> bool {
        if lookup.profile.has(Deviation::CachedWildcardAsFresh) {
            !lookup.key.credentials
        } else if lookup.profile.has(Deviation::WholeAnswersCached) {
            !self.credentials
        } else {
            !lookup.profile.has(Deviation::CachedWildcardUnused)
        }
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

    fn at(key: Key<'static>, now: Duration) -> Lookup<'static> {
        Lookup { key, now, profile: Profile::Fetch }
    }

    fn cache(credentials: bool, method: &str, max_age: u64) -> PreflightCache {
        let mut cache = PreflightCache::new();
        cache.store(
            at(key("a", "u", credentials), NOW),
            Duration::from_secs(max_age),
            &[method.as_bytes()],
            &[],
        );
        cache
    }

    #[test]
    fn it_is_empty_until_something_is_stored() {
        assert!(PreflightCache::new().is_empty());
        assert!(!cache(false, "PUT", 60).is_empty());
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
        assert_eq!(cache(false, stored, max_age).has_method(at(key("a", "u", false), now), b"PUT"), hit);
    }

    #[rstest]
    #[case::same(key("a", "u", false), true)]
    #[case::other_origin(key("b", "u", false), false)]
    #[case::other_url(key("a", "u?q", false), false)]
    #[case::credentialed(key("a", "u", true), false)]
    fn an_entry_without_credentials_serves_requests_without(#[case] key: Key<'static>, #[case] hit: bool) {
        assert_eq!(cache(false, "PUT", 5).has_method(at(key, NOW), b"PUT"), hit);
    }

    #[test]
    fn an_entry_with_credentials_serves_both() {
        let cache = cache(true, "PUT", 5);
        assert!(cache.has_method(at(key("a", "u", true), NOW), b"PUT"));
        assert!(cache.has_method(at(key("a", "u", false), NOW), b"PUT"));
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
        cache.store(at(key, NOW), Duration::from_secs(5), &[], &[stored.as_bytes()]);
        assert_eq!(cache.has_header_name(at(key, NOW), asked.as_bytes()), hit);
        assert!(!cache.has_method(at(key, NOW), stored.as_bytes()));
    }

    #[test]
    fn a_new_grant_renews_the_old_one() {
        let mut cache = cache(false, "PUT", 5);
        let (key, later) = (key("a", "u", false), NOW + Duration::from_secs(4));
        cache.store(at(key, later), Duration::from_secs(5), &[b"PUT"], &[]);
        assert!(cache.has_method(at(key, later + Duration::from_secs(4)), b"PUT"));
        assert_eq!(cache.places[0].entries.len(), 1);
    }

    #[test]
    fn clearing_forgets_one_place_whatever_the_credentials() {
        let mut cache = cache(true, "PUT", 5);
        cache.store(at(key("a", "v", false), NOW), Duration::from_secs(5), &[b"PUT"], &[]);
        cache.clear(key("a", "u", false));
        assert!(!cache.has_method(at(key("a", "u", false), NOW), b"PUT"));
        assert!(cache.has_method(at(key("a", "v", false), NOW), b"PUT"));
    }
}
