//! CORS-preflight fetch: <https://fetch.spec.whatwg.org/#cors-preflight-fetch>

use std::time::Duration;

use super::http_fetch::is_redirect_status;
use super::{Blocked, Context};
use crate::deviation::Deviation;
use crate::headers::{
    CORS_NON_WILDCARD_REQUEST_HEADER_NAME, Extracted, cors_unsafe_request_header_names_with,
    extract_delta_seconds, extract_tokens,
};
use crate::http::{Bytes, HeaderList, HttpRequest, HttpResponse, Purpose};
use crate::method;
use crate::origin::{Origin, site_of};
use crate::preflight_cache::{Key, Lookup};
use crate::profile::Profile;
use crate::reason::{Reason, Stage};
use crate::request::{RedirectTaint, Request};
use crate::rule::Rule;

const ALLOW_METHODS: &[u8] = b"Access-Control-Allow-Methods";
const ALLOW_HEADERS: &[u8] = b"Access-Control-Allow-Headers";
const MAX_AGE: &[u8] = b"Access-Control-Max-Age";

/// How long a preflight is remembered where the server does not say: 7.9.
const DEFAULT_MAX_AGE: u64 = 5;

impl Context<'_> {
    /// Steps 1 to 5: the request that asks. It has the URL and the origin of the request, and nothing of its credentials.
    /// `list` joins the names that need permission.
    pub(super) fn preflight_request(&mut self, list: Vec<u8>) -> HttpRequest {
        let mut headers = HeaderList::with_capacity(4);
        headers.append(&b"Accept"[..], &b"*/*"[..]);
        headers.append(&b"Access-Control-Request-Method"[..], self.request.method.clone());
        if !list.is_empty() {
            headers.append(&b"Access-Control-Request-Headers"[..], list);
        }
        let origin = if self.has(Deviation::PreflightOriginUntainted) {
            Bytes::Owned(self.request.origin.serialization().as_bytes().to_vec())
        } else {
            self.serialized_origin()
        };
        headers.append(&b"Origin"[..], origin);
        HttpRequest {
            purpose: Purpose::Preflight,
            method: Bytes::Borrowed(b"OPTIONS"),
            url: self.request.url.clone(),
            headers,
            body: None,
        }
    }

    /// Steps 7 and 8: whether the answer permits the actual request, and what is remembered of it.
    pub(super) fn receive_preflight(
        &mut self,
        response: Option<&HttpResponse>,
        unsafe_names: &[Bytes],
    ) -> Result<(), Blocked> {
        let response = self.network_response(response, Stage::Preflight)?;
        // 7. The CORS check, with the credentials mode of the request, and an ok status.
        let status = response.status;
        let status_first = self.has(Deviation::StatusBeforeCorsCheck)
            || (is_redirect_status(status)
                && !self.leads_nowhere(response)
                && self.has(Deviation::PreflightRedirectFirst));
        if status_first {
            self.check_status(response)?;
        }
        self.cors_check(response, Purpose::Preflight).map_err(blocked)?;
        if !status_first {
            self.check_status(response)?;
        }
        // 7.1 to 7.3. Both lists must parse, needed or not.
        let headers = &response.headers;
        let allow_methods = headers.get(ALLOW_METHODS).unwrap_or_default();
        let allow_headers = headers.get(ALLOW_HEADERS).unwrap_or_default();
        let methods = extract_tokens(ALLOW_METHODS, headers);
        let header_names = extract_tokens(ALLOW_HEADERS, headers);
        if !self.decide(Rule::AllowMethodsParse, &allow_methods, methods != Extracted::Failure) {
            return Err(blocked(Reason::AllowMethodsInvalid));
        }
        let method_first = self.has(Deviation::MethodBeforeHeaderList);
        if method_first {
            let method = self.request.method.clone();
            self.check_method(&method, &methods.clone().unwrap_or_default(), &allow_methods)?;
        }
        if !self.decide(Rule::AllowHeadersParse, &allow_headers, header_names != Extracted::Failure) {
            return Err(blocked(Reason::AllowHeadersInvalid));
        }
        // 7.4. A preflight that was made for the flag's sake grants the method by its mere success.
        let method = self.request.method.clone();
        let by_flag = methods == Extracted::Absent
            && self.request.use_cors_preflight
            && !self.has(Deviation::SuccessGrantsNoMethod);
        let by_flag = self.decide(Rule::MethodsDefaultToRequested, &allow_methods, by_flag);
        let methods = if by_flag { vec![&*method] } else { methods.unwrap_or_default() };
        let header_names = header_names.unwrap_or_default();

        let early = self.has(Deviation::CachedBeforeValidation);
        if early {
            self.remember(&methods, &header_names, headers);
        }
        if !method_first {
            self.check_method(&method, &methods, &allow_methods)?;
        }
        self.check_header_names(unsafe_names, &header_names, &allow_headers)?;
        if !early {
            self.remember(&methods, &header_names, headers);
        }
        Ok(())
    }

    fn check_status(&mut self, response: &HttpResponse) -> Result<(), Blocked> {
        let status = response.status;
        let ok = matches!(status, 200..=299);
        if self.decide_number(Rule::PreflightStatusIsOk, status, ok) {
            return Ok(());
        }
        let redirect = is_redirect_status(status) && !self.leads_nowhere(response);
        Err(blocked(if redirect { Reason::PreflightRedirect } else { Reason::PreflightStatus }))
    }

    /// A redirect status that an engine takes for one like any other.
    fn leads_nowhere(&self, response: &HttpResponse) -> bool {
        self.has(Deviation::PreflightRedirectNeedsLocation) && !response.headers.contains("Location")
    }

    /// Step 7.5.
    fn check_method(
        &mut self,
        method: &[u8],
        methods: &[&[u8]],
        allow_methods: &[u8],
    ) -> Result<(), Blocked> {
        if self.decide(Rule::MethodIsListed, allow_methods, methods.contains(&method))
            || self.decide(Rule::MethodNeedsNoListing, method, method::is_cors_safelisted(method))
        {
            return Ok(());
        }
        let wildcard = methods.contains(&&b"*"[..]) && !self.request.includes_credentials_mode();
        if self.decide(Rule::MethodWildcard, allow_methods, wildcard) {
            return Ok(());
        }
        Err(blocked(Reason::MethodNotAllowed))
    }

    /// Steps 7.6 and 7.7.
    fn check_header_names(
        &mut self,
        unsafe_names: &[Bytes],
        header_names: &[&[u8]],
        allow_headers: &[u8],
    ) -> Result<(), Blocked> {
        let lists = |name: &[u8]| header_names.iter().any(|listed| listed.eq_ignore_ascii_case(name));
        let has_wildcard = header_names.contains(&&b"*"[..]);
        // 7.6. No wildcard covers Authorization.
        if !self.has(Deviation::WildcardCoversAuthorization)
            && self.request.headers.contains(CORS_NON_WILDCARD_REQUEST_HEADER_NAME)
        {
            let listed = lists(CORS_NON_WILDCARD_REQUEST_HEADER_NAME);
            if !self.decide(Rule::NonWildcardNameIsListed, allow_headers, listed) {
                let covered = has_wildcard && !self.request.includes_credentials_mode();
                let reason =
                    if covered { Reason::WildcardExcludesAuthorization } else { Reason::HeaderNotAllowed };
                return Err(blocked(reason));
            }
        }
        // 7.7. Every other one must be listed, or covered.
        let wildcard = has_wildcard && !self.request.includes_credentials_mode();
        for name in unsafe_names {
            if !self.decide(Rule::HeaderIsListed, name, lists(name))
                && !self.decide(Rule::HeaderWildcard, allow_headers, wildcard)
            {
                return Err(blocked(Reason::HeaderNotAllowed));
            }
        }
        Ok(())
    }

    /// Steps 7.8 to 7.15.
    fn remember(&mut self, methods: &[&[u8]], header_names: &[&[u8]], headers: &HeaderList) {
        let value = headers.get(MAX_AGE).unwrap_or_default();
        let profile = self.browser.profile;
        let max_age = extract_max_age(headers, profile);
        self.decide(Rule::MaxAgeParses, &value, matches!(max_age, Extracted::Values(_)));
        let max_age = match max_age {
            Extracted::Values(seconds) => Duration::from_secs(seconds),
            Extracted::Absent | Extracted::Failure => Duration::from_secs(DEFAULT_MAX_AGE),
        };
        let limit = profile.max_age_limit();
        let limited = self.decide(Rule::MaxAgeIsLimited, &value, max_age > limit);
        let max_age = if limited { limit } else { max_age };
        let opaque = self.request.origin == Origin::Opaque;
        let tainted = self.request.taint != RedirectTaint::SameOrigin;
        if (profile.has(Deviation::OpaqueOriginsNotCached) && opaque)
            || (profile.has(Deviation::TaintedAnswersNotCached) && tainted)
            || (profile.has(Deviation::LongUrlsNotCached) && self.request.url.as_str().len() >= 1024)
        {
            return;
        }
        let lookup = Lookup { key: self.request.preflight_cache_key(profile), now: self.now, profile };
        self.browser.preflight_cache.store(lookup, max_age, methods, header_names);
    }

    /// The CORS-unsafe request-header names of the request, with each decision on the way.
    pub(super) fn cors_unsafe_request_header_names(&mut self) -> Vec<Bytes> {
        let (trace, sent) = (&mut *self.trace, self.sent);
        let headers = self.request.first_headers.as_ref().unwrap_or(&self.request.headers);
        cors_unsafe_request_header_names_with(headers, self.browser.profile, &mut |rule, input, holds| {
            trace.decide(rule, sent, input, holds)
        })
    }
}

impl Request {
    /// What a cache entry for this request is found by. Pages have no network partition key in this model: a cache
    /// belongs to one top-level site.
    pub(crate) fn preflight_cache_key(&self, profile: Profile) -> Key<'_> {
        let untainted = profile.has(Deviation::CacheKeyUntainted);
        Key {
            partition: self.network_partition(untainted),
            origin: if untainted { self.origin.serialization() } else { self.serialized_origin() },
            url: self.url.as_str(),
            credentials: self.includes_credentials_mode(),
        }
    }

    /// "Determine the network partition key": the top-level site. Where the origin in the key tells it already, nothing is
    /// added to it.
    ///
    /// <https://fetch.spec.whatwg.org/#determine-the-network-partition-key>
    fn network_partition(&self, untainted: bool) -> &str {
        let tainted = self.taint != RedirectTaint::SameOrigin && !untainted;
        let foreign = self.top_level.as_ref().filter(|top| !top.is_same_site_as(&self.origin));
        if foreign.is_none() && !tainted {
            return "";
        }
        self.partition.get_or_init(|| site_of(self.top_level.as_ref().unwrap_or(&self.origin)))
    }
}

/// Step 7.8 as the profile reads it.
fn extract_max_age(headers: &HeaderList, profile: Profile) -> Extracted<u64> {
    match extract_delta_seconds(MAX_AGE, headers) {
        Extracted::Values(seconds)
            if profile.has(Deviation::MaxAge64Bit) && i64::try_from(seconds).is_err() =>
        {
            Extracted::Failure
        }
        Extracted::Failure => {
            let value = headers.get(MAX_AGE).unwrap_or_default();
            let digits = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            match value.split_first() {
                Some(_) if profile.has(Deviation::MalformedMaxAgeIsZero) => Extracted::Values(0),
                Some((b'-', rest)) if profile.has(Deviation::NegativeMaxAgeIsZero) && digits(rest) => {
                    Extracted::Values(0)
                }
                Some((b'+', rest)) if profile.has(Deviation::MaxAgeMayHavePlus) && digits(rest) => {
                    let seconds = std::str::from_utf8(rest).ok().and_then(|rest| rest.parse().ok());
                    seconds.map_or(Extracted::Failure, Extracted::Values)
                }
                _ => Extracted::Failure,
            }
        }
        extracted => extracted,
    }
}

const fn blocked(reason: Reason) -> Blocked {
    (reason, Stage::Preflight)
}
