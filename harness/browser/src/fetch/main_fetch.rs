//! Main fetch: which path a request takes, and what script may see of its response.
//!
//! <https://fetch.spec.whatwg.org/#concept-main-fetch>

use super::{Blocked, Context};
use crate::deviation::Deviation;
use crate::headers::{
    Extracted, extract_tokens, is_cors_safelisted_response_header_name, is_forbidden_response_header_name,
};
use crate::http::{Bytes, HeaderList, HttpResponse};
use crate::initiator::Initiator;
use crate::method;
use crate::outcome::{Ending, ResponseKind, ScriptResponse};
use crate::reason::{Reason, Stage};
use crate::request::{Mode, RedirectMode, Tainting};
use crate::rule::Rule;

/// What step 12 chose.
#[derive(Debug)]
pub(super) enum Path {
    WithoutPreflight,
    WithPreflight { unsafe_names: Vec<Bytes>, list: Vec<u8> },
}

/// <https://fetch.spec.whatwg.org/#port-blocking>
const BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
    2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

impl Context<'_> {
    /// Steps 7 and 12, for the first URL and again for each redirect's.
    ///
    /// Out of scope: Content Security Policy, its upgrades to https and Integrity Policy (3 to 7), which pages opt into and
    /// no server's CORS answer changes; `data:` URLs (12), which no server answers.
    pub(super) fn main_fetch(&mut self) -> Result<Path, Blocked> {
        let stage = self.before_sending();
        // 7. A bad port is blocked.
        if let Some(port) = self.request.url.port()
            && self.decide_number(Rule::BadPort, port, BAD_PORTS.contains(&port))
        {
            return Err((Reason::BadPort, stage));
        }

        self.check_mixed_content(stage)?;
        self.check_local_network(stage)?;

        // 12. The current URL is same origin with the request, and the tainting is still basic.
        let same_origin = self.request.origin.is_same_origin_with(&self.request.url);
        let basic = same_origin && self.request.tainting == Tainting::Basic;
        if self.trace.decide(Rule::SameOriginAndBasic, self.sent, self.request.url.as_str().as_bytes(), basic)
        {
            return Ok(Path::WithoutPreflight);
        }
        // 12. The mode is navigate or websocket.
        let apart = matches!(self.request.initiator, Initiator::Form | Initiator::WebSocket);
        if apart && self.decide(Rule::ModeIsNavigateOrWebSocket, &[], apart) {
            return self.require_http(stage).map(|()| Path::WithoutPreflight);
        }
        // 12. The mode is same-origin.
        if self.decide(Rule::ModeIsSameOrigin, &[], self.request.mode == Mode::SameOrigin) {
            return Err((Reason::SameOriginMode, stage));
        }
        // 12. The mode is no-cors.
        if self.decide(Rule::ModeIsNoCors, &[], self.request.mode == Mode::NoCors) {
            let follow = self.request.redirect == RedirectMode::Follow;
            if !self.decide(Rule::NoCorsRedirectModeIsFollow, &[], follow) {
                return Err((Reason::NoCorsRedirectMode, stage));
            }
            self.request.tainting = Tainting::Opaque;
            // Scheme fetch ends in a network error for every scheme that this model does not fetch.
            return self.require_http(stage).map(|()| Path::WithoutPreflight);
        }
        // 12. The scheme is not an HTTP(S) scheme.
        self.require_http(stage)?;

        // 12. The use-CORS-preflight flag is set, or script uses what needs permission.
        self.request.tainting = Tainting::Cors;
        if !self.decide(Rule::UnsafeRequestFlag, &[], self.request.initiator.sets_unsafe_request()) {
            return Ok(Path::WithoutPreflight);
        }
        let mut unsafe_names = self.cors_unsafe_request_header_names();
        let flag = self.decide(Rule::UseCorsPreflightFlag, &[], self.request.use_cors_preflight);
        let safelisted = method::is_cors_safelisted(&self.request.method);
        let safelisted =
            self.trace.decide(Rule::MethodIsCorsSafelisted, self.sent, &self.request.method, safelisted);
        let list = unsafe_names.join(&b","[..]);
        let harmless = self.decide(Rule::NoCorsUnsafeHeaders, &list, unsafe_names.is_empty());
        let again = self.request.took_preflight_path && self.has(Deviation::PreflightEveryLaterHop);
        if flag || !safelisted || !harmless || again {
            self.request.took_preflight_path = true;
            if self.request.first_headers.is_some() && self.has(Deviation::RemovedHeadersUnnamed) {
                unsafe_names.retain(|name| self.request.headers.contains(name));
                return Ok(Path::WithPreflight { list: unsafe_names.join(&b","[..]), unsafe_names });
            }
            return Ok(Path::WithPreflight { unsafe_names, list });
        }
        Ok(Path::WithoutPreflight)
    }

    /// Step 14: the filtered response that script gets.
    pub(super) fn filter(&mut self, response: &HttpResponse) -> Ending {
        // What a navigation brings is for the page that comes next.
        if self.request.initiator == Initiator::Form {
            return Ending::Opaque(ScriptResponse::hidden(ResponseKind::Opaque));
        }
        let (kind, headers) = match self.request.tainting {
            // <https://fetch.spec.whatwg.org/#concept-filtered-response-basic>
            Tainting::Basic => {
                (ResponseKind::Basic, visible(response, |name| !is_forbidden_response_header_name(name)))
            }
            // <https://fetch.spec.whatwg.org/#concept-filtered-response-cors>
            Tainting::Cors => (ResponseKind::Cors, self.cors_exposed_headers(response)),
            // <https://fetch.spec.whatwg.org/#concept-filtered-response-opaque>
            Tainting::Opaque => return Ending::Opaque(ScriptResponse::hidden(ResponseKind::Opaque)),
        };
        Ending::Allow(ScriptResponse {
            kind,
            status: response.status,
            url: Some(self.request.url.clone()),
            redirected: self.request.redirect_count > 0,
            headers,
        })
    }

    /// Steps 14.1.1 to 14.1.3, and what a CORS filtered response keeps.
    fn cors_exposed_headers(&mut self, response: &HttpResponse) -> HeaderList {
        const NAME: &[u8] = b"Access-Control-Expose-Headers";
        let header_names = extract_tokens(NAME, &response.headers);
        let value = response.headers.get(NAME).unwrap_or_default();
        // A list that does not parse exposes nothing.
        self.decide(Rule::ExposeHeadersParse, &value, header_names != Extracted::Failure);
        let header_names = header_names.unwrap_or_default();
        let saved = self.has(Deviation::WildcardSavesExposeHeaders)
            && value.split(|&byte| byte == b',').any(|part| part.trim_ascii() == b"*");
        let all = (header_names.contains(&&b"*"[..]) || saved) && !self.request.includes_credentials_mode();
        let all = self.decide(Rule::ExposeAllHeaders, &value, all);
        visible(response, |name| {
            is_cors_safelisted_response_header_name(name)
                || (!is_forbidden_response_header_name(name)
                    && (all || header_names.iter().any(|exposed| exposed.eq_ignore_ascii_case(name))))
        })
    }

    fn require_http(&mut self, stage: Stage) -> Result<(), Blocked> {
        let http = matches!(self.request.url.scheme(), "http" | "https");
        if self.trace.decide(Rule::SchemeIsHttp, self.sent, self.request.url.scheme().as_bytes(), http) {
            Ok(())
        } else {
            Err((Reason::SchemeNotHttp, stage))
        }
    }

    /// What is refused before a hop's request is sent is refused to script, or to the redirect that led there.
    fn before_sending(&self) -> Stage {
        if self.request.redirect_count == 0 { Stage::Request } else { Stage::Redirect }
    }
}

impl ScriptResponse {
    pub(super) const fn hidden(kind: ResponseKind) -> Self {
        Self { kind, status: 0, url: None, redirected: false, headers: HeaderList::new() }
    }
}

fn visible(response: &HttpResponse, see: impl Fn(&[u8]) -> bool) -> HeaderList {
    response.headers.iter().filter(|header| see(&header.name)).cloned().collect()
}
