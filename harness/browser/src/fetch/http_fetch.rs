//! HTTP fetch: preflight if one is needed, the response's checks, redirects.
//!
//! <https://fetch.spec.whatwg.org/#concept-http-fetch>

use super::{Blocked, Context};
use crate::deviation::Deviation;
use crate::headers::is_conditional;
use crate::http::{Bytes, HttpResponse, Purpose};
use crate::initiator::Initiator;
use crate::method;
use crate::outcome::{Ending, ResponseKind, ScriptResponse};
use crate::preflight_cache::Lookup;
use crate::reason::{Reason, Stage};
use crate::request::{RedirectMode, Tainting};
use crate::rule::Rule;

/// What a response to an actual request leads to.
#[derive(Debug)]
pub(super) enum Received {
    /// Another hop of main fetch.
    Redirect,
    /// The end.
    Final(Ending),
}

impl Context<'_> {
    /// Step 4.1: whether the preflight cache leaves anything to ask.
    ///
    /// Out of scope: service workers (3), which answer in the server's place.
    pub(super) fn needs_preflight_fetch(&mut self, unsafe_names: &[Bytes]) -> bool {
        if self.asks_again() {
            return true;
        }
        let profile = self.browser.profile;
        let key = self.request.preflight_cache_key(profile);
        let lookup = Lookup { key, now: self.now, profile };
        let cached = self.browser.preflight_cache.has_method(lookup, &self.request.method);
        let cached = self.trace.decide(Rule::MethodCacheMatch, self.sent, &self.request.method, cached);
        let asks_method = !method::is_cors_safelisted(&self.request.method)
            || (self.request.use_cors_preflight && !profile.has(Deviation::CachedAnswerCoversUpload))
            || (*self.request.method == *b"HEAD" && profile.has(Deviation::CachedHeadNeedsListing));
        let mut needed = !cached && asks_method;
        for name in unsafe_names {
            let cached = self.browser.preflight_cache.has_header_name(lookup, name);
            needed |= !self.trace.decide(Rule::HeaderCacheMatch, self.sent, name, cached);
        }
        // The engines that go by more than the method and the names at hand ask for an answer, whatever it grants.
        let whole = profile.has(Deviation::WholeAnswersCached);
        if whole || profile.has(Deviation::UnsafeNamesOfFirstHeaders) {
            needed |= !self.browser.preflight_cache.has_answer(lookup);
        }
        if whole && needed {
            self.browser.preflight_cache.clear(key);
        }
        needed
    }

    /// Whether an engine leaves the preflight cache out of it.
    fn asks_again(&self) -> bool {
        let again = self.has(Deviation::ConditionalAsksAgain)
            || (self.request.initiator == Initiator::Fetch && self.has(Deviation::ConditionalFetchAsksAgain));
        again && self.request.headers.iter().any(|header| is_conditional(&header.name))
    }

    /// Steps 4.4 to 6: what follows the network's response.
    pub(super) fn receive_actual(&mut self, response: Option<&HttpResponse>) -> Result<Received, Blocked> {
        let response = self.network_response(response, Stage::Actual)?;
        // 4.4. The CORS check, before anyone looks at the status.
        if self.request.tainting == Tainting::Cors {
            match self.cors_check(response, Purpose::Actual) {
                Err(reason) if self.is_checked_as_before(response) && reason.is_about_credentials() => {
                    self.request.refused = Some((reason, Stage::Actual));
                }
                checked => checked.map_err(|reason| (reason, Stage::Actual))?,
            }
        }
        // 4.5. The TAO check.
        self.check_timing(response);
        // 5. The cross-origin resource policy check.
        if self.request.tainting == Tainting::Opaque && !self.cross_origin_resource_policy_check(response) {
            return Err((Reason::CrossOriginResourcePolicy, Stage::Actual));
        }
        let status = response.status;
        if self.request.initiator == Initiator::WebSocket
            && !self.decide_number(Rule::HandshakeSucceeds, status, status == 101)
        {
            return Err((Reason::WebSocketRefused, Stage::Actual));
        }
        // 6. Redirects.
        if !self.decide_number(Rule::IsRedirectStatus, status, is_redirect_status(status)) {
            return Ok(Received::Final(self.filter(response)));
        }
        let location = response.headers.get(b"Location");
        let leads_nowhere = location.is_none_or(|location| location.is_empty())
            && self.has(Deviation::RedirectErrorNeedsLocation);
        let error = self.request.redirect == RedirectMode::Error;
        if error && leads_nowhere {
            return Ok(Received::Final(self.filter(response)));
        }
        if error && self.has(Deviation::UserinfoBeforeRedirectMode) {
            self.require_no_userinfo(response)?;
        }
        if self.decide(Rule::RedirectModeIsError, &[], error) {
            return Err((Reason::RedirectModeError, Stage::Redirect));
        }
        if self.decide(Rule::RedirectModeIsManual, &[], self.request.redirect == RedirectMode::Manual) {
            self.look_at_location(response)?;
            let mut hidden = ScriptResponse::hidden(ResponseKind::OpaqueRedirect);
            hidden.url = Some(self.request.url.clone());
            return Ok(Received::Final(Ending::Opaque(hidden)));
        }
        if self.http_redirect_fetch(response)? {
            Ok(Received::Redirect)
        } else {
            Ok(Received::Final(self.filter(response)))
        }
    }

    /// "Cross-origin resource policy check" for a page without an embedder policy of its own.
    ///
    /// <https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check>
    fn cross_origin_resource_policy_check(&mut self, response: &HttpResponse) -> bool {
        let policy = response.headers.get(b"Cross-Origin-Resource-Policy").unwrap_or_default();
        let (origin, url) = (&self.request.origin, &self.request.url);
        let permits = match &*policy {
            b"same-origin" => origin.is_same_origin_with(url),
            b"same-site" => {
                origin.is_schemelessly_same_site_with(url)
                    && (origin.scheme() == Some("https") || url.scheme() != "https")
            }
            // cross-origin, and whatever the standard does not know.
            _ => true,
        };
        self.decide(Rule::CorpPermits, &policy, permits)
    }
}

/// <https://fetch.spec.whatwg.org/#redirect-status>
pub(super) const fn is_redirect_status(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}
