//! HTTP-network-or-cache fetch: the requests as they go out.
//!
//! <https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch>

use super::{Blocked, Context};
use crate::cookies::CookieNote;
use crate::deviation::Deviation;
use crate::http::{Bytes, Header, HeaderList, HttpRequest, HttpResponse, Purpose};
use crate::initiator::Initiator;
use crate::local_network::is_potentially_trustworthy;
use crate::origin::Origin;
use crate::range::rewritten;
use crate::reason::{Reason, Stage};
use crate::request::{CredentialsMode, Mode, RedirectTaint, ReferrerPolicy, Tainting};
use crate::rule::Rule;

/// The headers that script may set and that Gecko takes for such as hold one value.
const SINGLE_VALUED: [&[u8]; 8] = [
    b"Content-Type",
    b"User-Agent",
    b"Authorization",
    b"If-Modified-Since",
    b"If-Unmodified-Since",
    b"From",
    b"Location",
    b"Max-Forwards",
];

impl Context<'_> {
    /// The request that script asked for, or a later hop of it.
    pub(super) fn actual_request(&mut self) -> (HttpRequest, Vec<CookieNote>) {
        let mut headers = self.headers_as_sent();
        // 8.3. Whether credentials are included.
        let include = match self.request.credentials {
            CredentialsMode::Include => true,
            CredentialsMode::SameOrigin => self.request.tainting == Tainting::Basic,
            CredentialsMode::Omit => false,
        };
        self.request.included_credentials_before = self.request.include_credentials;
        self.request.include_credentials = self.decide(Rule::IncludeCredentials, &[], include);
        // 8.5 to 8.9. Content-Length belongs to the framing of the message and is added there.
        // 8.12. The Origin header.
        self.append_origin(&mut headers);
        // 8.19. A range is asked for without a content coding.
        if headers.contains(b"Range") {
            headers.append(&b"Accept-Encoding"[..], &b"identity"[..]);
        }
        // 8.21. Cookies.
        let cookies = self.append_cookie(&mut headers, include);
        let request = HttpRequest {
            purpose: Purpose::Actual,
            method: self.request.method.clone(),
            url: self.request.url.clone(),
            headers,
            body: self.request.body.as_ref().map(|body| body.bytes.clone()),
        };
        (request, cookies)
    }

    /// What becomes of the headers that script set.
    fn headers_as_sent(&self) -> HeaderList {
        let mut headers = self.request.headers.clone_with_room_for(2);
        if self.has(Deviation::SingleValuedHeaders) {
            for name in SINGLE_VALUED {
                let mut lines = headers.lines(name);
                let (Some(first), Some(last)) = (lines.next(), lines.last()) else { continue };
                let describes_body = name == b"Content-Type" && self.request.body.is_some();
                let kept = if describes_body { first } else { last }.to_vec();
                headers.delete(name);
                headers.append(name, kept);
            }
        }
        if self.has(Deviation::RangeRewritten)
            && *self.request.method == *b"GET"
            && let Some(range) = headers.get(b"Range").and_then(|value| rewritten(&value))
        {
            headers.delete("Range");
            headers.append(&b"Range"[..], range);
        }
        if self.has(Deviation::HeaderValuesAsUtf8) && headers.iter().any(|header| !header.value.is_ascii()) {
            let utf8 = |value: &[u8]| value.iter().copied().map(char::from).collect::<String>().into_bytes();
            return headers
                .iter()
                .map(|header| Header::new(header.name.clone(), utf8(&header.value)))
                .collect();
        }
        headers
    }

    /// A response came, and it is not the proxy's.
    pub(super) fn network_response<'r>(
        &mut self,
        response: Option<&'r HttpResponse>,
        stage: Stage,
    ) -> Result<&'r HttpResponse, Blocked> {
        self.decide(Rule::ResponseArrived, &[], response.is_some());
        let Some(response) = response else { return Err((Reason::NetworkError, stage)) };
        // 15. Without a user who could be prompted, 407 is a network error.
        if self.decide(Rule::StatusIsProxyAuthentication, &[], response.status == 407) {
            return Err((Reason::ProxyAuthenticationRequired, stage));
        }
        Ok(response)
    }

    /// "Append a request `Origin` header". <https://fetch.spec.whatwg.org/#append-a-request-origin-header>
    fn append_origin(&mut self, headers: &mut HeaderList) {
        // 3. The response tainting is cors.
        let socket = self.request.initiator == Initiator::WebSocket;
        if self.decide(Rule::OriginForCors, &[], self.request.tainting == Tainting::Cors || socket) {
            let origin = self.serialized_origin();
            headers.append(&b"Origin"[..], origin);
            self.request.had_origin = true;
            return;
        }
        // 4. The method is neither GET nor HEAD.
        let kept = self.request.had_origin && self.has(Deviation::OriginKeptAfterRewrite);
        let has_effects =
            !matches!(&*self.request.method, b"GET" | b"HEAD") || kept || self.names_origin_at_home();
        if !self.trace.decide(Rule::OriginForUnsafeMethod, self.sent, &self.request.method, has_effects) {
            return;
        }
        let mut origin = self.serialized_origin();
        let cors = self.request.mode == Mode::Cors && self.request.initiator != Initiator::Form;
        if !cors && self.is_origin_hidden() {
            origin = Bytes::Borrowed(b"null");
        }
        self.request.had_origin = true;
        headers.append(&b"Origin"[..], origin);
    }

    /// Whether an element asks for permission where none is needed.
    fn names_origin_at_home(&self) -> bool {
        self.request.mode == Mode::Cors
            && match self.request.initiator {
                Initiator::Image
                | Initiator::Script
                | Initiator::ModuleScript
                | Initiator::Stylesheet
                | Initiator::Track => self.has(Deviation::ElementsNameOriginAtHome),
                Initiator::Font => self.has(Deviation::FontsNameOriginAtHome),
                Initiator::Video | Initiator::Audio => self.has(Deviation::MediaNameOriginAtHome),
                _ => false,
            }
    }

    /// Step 4.1 of the same algorithm.
    fn is_origin_hidden(&mut self) -> bool {
        let kept =
            self.request.initiator != Initiator::Form && self.has(Deviation::ReferrerPolicyKeepsOrigin);
        let hidden = match self.request.referrer_policy {
            ReferrerPolicy::NoReferrer => !kept,
            ReferrerPolicy::NoReferrerWhenDowngrade
            | ReferrerPolicy::StrictOrigin
            | ReferrerPolicy::StrictOriginWhenCrossOrigin => {
                matches!(&self.request.origin, Origin::Tuple(tuple) if tuple.scheme() == "https")
                    && self.request.url.scheme() != "https"
                    && !self.has(Deviation::DowngradeKeepsOrigin)
                    && !(kept && is_potentially_trustworthy(&self.request.url, true))
            }
            ReferrerPolicy::SameOrigin => {
                !kept && !self.request.origin.is_same_origin_with(&self.request.url)
            }
            ReferrerPolicy::Origin | ReferrerPolicy::OriginWhenCrossOrigin | ReferrerPolicy::UnsafeUrl => {
                false
            }
        };
        let left = self.request.left_own_origin && self.has(Deviation::NoCorsRedirectHidesOrigin);
        self.decide(Rule::OriginHiddenByReferrerPolicy, &[], hidden || left)
    }

    /// "Byte-serializing a request origin". <https://fetch.spec.whatwg.org/#byte-serializing-a-request-origin>
    pub(super) fn serialized_origin(&mut self) -> Bytes {
        let tainted = self.request.taint != RedirectTaint::SameOrigin;
        self.decide(Rule::OriginIsTainted, &[], tainted);
        Bytes::Owned(self.request.serialized_origin().as_bytes().to_vec())
    }
}
