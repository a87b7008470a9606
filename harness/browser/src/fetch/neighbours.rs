//! What stands beside CORS and has a word in the same fetch: mixed content, local network access, timing.
//!
//! `X-Content-Type-Options: nosniff` is left out: it decides by destination and type whether a script or style sheet is
//! run, and neither an allowed nor a blocked run tells anything of what the server's CORS answer permits.

use super::{Blocked, Context};
use crate::deviation::Deviation;
use crate::http::HttpResponse;
use crate::initiator::{Destination, Initiator};
use crate::local_network::is_potentially_trustworthy;
use crate::reason::{Reason, Stage};
use crate::request::Tainting;
use crate::rule::Rule;
use crate::syntax::decode_and_split;

impl Context<'_> {
    /// Steps 6 and 7 of main fetch: an http URL in an https page is upgraded or blocked.
    ///
    /// <https://w3c.github.io/webappsec-mixed-content/>
    pub(super) fn check_mixed_content(&mut self, stage: Stage) -> Result<(), Blocked> {
        let request = &mut *self.request;
        let secure = |origin: &crate::Origin| origin.scheme() == Some("https");
        let prohibits = secure(&request.origin) || request.top_level.as_ref().is_some_and(secure);
        let navigation = request.initiator == Initiator::Form;
        if !prohibits || navigation || request.url.scheme() == "https" || self.browser.permits_mixed_content {
            return Ok(());
        }
        let trusts_loopback = !self.browser.profile.has(Deviation::LoopbackIsMixedContent);
        let trustworthy = is_potentially_trustworthy(&request.url, trusts_loopback);
        let http = request.url.scheme() == "http";
        let mixed = http && !trustworthy;
        self.trace.decide(Rule::ContentIsMixed, self.sent, request.url.as_str().as_bytes(), mixed);
        if !mixed {
            return Ok(());
        }
        let media = matches!(
            request.initiator.destination(),
            Destination::Image | Destination::Audio | Destination::Video
        );
        let upgrades = media && request.url.domain().is_some();
        if self.trace.decide(Rule::MixedContentIsUpgraded, self.sent, &[], upgrades)
            && request.url.set_scheme("https").is_ok()
        {
            return Ok(());
        }
        Err((Reason::MixedContent, stage))
    }

    /// A page may not reach what is nearer than where it comes from unless the user has said so.
    ///
    /// <https://wicg.github.io/local-network-access/>
    pub(super) fn check_local_network(&mut self, stage: Stage) -> Result<(), Blocked> {
        let Some(local) = &self.browser.local_network else { return Ok(()) };
        let (url, origin) = (&self.request.url, &self.request.origin);
        let space = local.space_of(url);
        let own = origin.is_same_origin_with(url) && is_potentially_trustworthy(url, true);
        let nearer = space < local.page && !own;
        let granted = local.granted;
        if !self.decide(Rule::TargetIsNearer, space.name().as_bytes(), nearer) {
            return Ok(());
        }
        // The permission is asked for in secure contexts alone.
        let secure = self.request.origin.scheme() == Some("https");
        if self.decide(Rule::LocalNetworkIsPermitted, &[], granted && secure) {
            return Ok(());
        }
        Err((Reason::LocalNetworkAccess, stage))
    }

    /// HTTP fetch, 4.5: the TAO check, whose failure sticks.
    ///
    /// <https://fetch.spec.whatwg.org/#concept-tao-check>
    pub(super) fn check_timing(&mut self, response: &HttpResponse) {
        if self.request.timing_allow_failed {
            return;
        }
        let value = response.headers.get(b"Timing-Allow-Origin").unwrap_or_default();
        let own = self.request.serialized_origin().as_bytes();
        let listed = !value.is_empty()
            && decode_and_split(&value).into_iter().any(|element| element == b"*" || element == own);
        let allowed = listed || self.request.tainting == Tainting::Basic;
        self.request.timing_allow_failed = !self.decide(Rule::TimingIsAllowed, &value, allowed);
    }
}
