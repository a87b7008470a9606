//! HTTP-redirect fetch: <https://fetch.spec.whatwg.org/#concept-http-redirect-fetch>

use url::Url;

use super::{Blocked, Context};
use crate::deviation::Deviation;
use crate::headers::{CORS_NON_WILDCARD_REQUEST_HEADER_NAME, REQUEST_BODY_HEADER_NAMES};
use crate::http::{Bytes, HeaderList, HttpResponse};
use crate::origin::is_same_origin;
use crate::profile::Profile;
use crate::reason::{Reason, Stage};
use crate::request::{Mode, Tainting, includes_credentials};
use crate::rule::Rule;

/// A response's location URL: <https://fetch.spec.whatwg.org/#concept-response-location-url>
enum Location {
    Null,
    Failure,
    Url(Url),
}

impl Context<'_> {
    /// Turns the request into that of the next hop. `false`: the response is no redirect after all.
    pub(super) fn http_redirect_fetch(&mut self, response: &HttpResponse) -> Result<bool, Blocked> {
        let value = response.headers.get(b"Location").unwrap_or_default();
        // 3 to 5. The location URL.
        let location = location_url(&self.request.url, &response.headers, self.browser.profile);
        if self.decide(Rule::LocationIsAbsent, &value, matches!(location, Location::Null)) {
            return Ok(false);
        }
        self.decide(Rule::LocationParses, &value, matches!(location, Location::Url(_)));
        let Location::Url(location) = location else { return blocked(Reason::RedirectLocationInvalid) };
        // 6. Its scheme.
        let http = matches!(location.scheme(), "http" | "https");
        if !self.decide(Rule::LocationSchemeIsHttp, location.scheme().as_bytes(), http) {
            return blocked(Reason::SchemeNotHttp);
        }
        // 7, 8. The redirect count.
        if self.decide(Rule::RedirectCountIsTwenty, &[], self.request.redirect_count == 20) {
            return blocked(Reason::RedirectLimit);
        }
        self.request.redirect_count += 1;
        // 9, 10. Userinfo in the location.
        let userinfo = includes_credentials(&location);
        let cross_origin = !self.request.origin.is_same_origin_with(&location);
        let refused = userinfo && cross_origin && self.request.mode == Mode::Cors;
        if self.decide(Rule::LocationCredentialsCrossOrigin, &value, refused) {
            return blocked(Reason::RedirectHasCredentials);
        }
        let tainted = self.request.tainting == Tainting::Cors || self.has(Deviation::RedirectUserinfoRefused);
        let refused = userinfo && tainted;
        if self.decide(Rule::LocationCredentialsTainted, &value, refused) {
            return blocked(Reason::RedirectHasCredentials);
        }
        // 11. A stream is spent.
        let status = response.status;
        let stream = self.request.body.as_ref().is_some_and(|body| body.is_stream());
        if self.decide(Rule::StreamCannotBeResent, &[], status != 303 && stream) {
            return blocked(Reason::RedirectStreamBody);
        }
        // 12. Some redirects turn the request into a GET.
        let becomes_get = match status {
            301 | 302 => *self.request.method == *b"POST",
            303 => !matches!(&*self.request.method, b"GET" | b"HEAD"),
            _ => false,
        };
        if self.decide_number(Rule::MethodBecomesGet, status, becomes_get) {
            self.keep_first_headers();
            self.request.method = Bytes::Borrowed(b"GET");
            self.request.body = None;
            for name in REQUEST_BODY_HEADER_NAMES {
                self.request.headers.delete(name);
            }
        }
        // 13. Authorization stays with the origin that it was meant for.
        let leaves = !is_same_origin(&self.request.url, &location);
        if self.trace.decide(Rule::AuthorizationIsDropped, self.sent, location.as_str().as_bytes(), leaves) {
            self.keep_first_headers();
            self.request.authorization_dropped |=
                self.request.headers.contains(CORS_NON_WILDCARD_REQUEST_HEADER_NAME);
            self.request.headers.delete(CORS_NON_WILDCARD_REQUEST_HEADER_NAME);
        }
        // 18. The URL list grows, and with it perhaps the redirect-taint. 19, the referrer policy that a redirect can
        // set, bears on no CORS decision but that of a no-cors POST and is left out.
        self.request.append_url(location);
        Ok(true)
    }

    /// What engines make of a Location that nobody follows.
    pub(super) fn look_at_location(&self, response: &HttpResponse) -> Result<(), Blocked> {
        match location_url(&self.request.url, &response.headers, self.browser.profile) {
            Location::Failure if self.has(Deviation::ManualRedirectParses) => {
                blocked(Reason::RedirectLocationInvalid)
            }
            Location::Url(url)
                if self.has(Deviation::ManualRedirectChecksScheme)
                    && !matches!(url.scheme(), "http" | "https") =>
            {
                blocked(Reason::SchemeNotHttp)
            }
            _ => Ok(()),
        }
    }

    fn keep_first_headers(&mut self) {
        if self.request.first_headers.is_none() && self.has(Deviation::UnsafeNamesOfFirstHeaders) {
            self.request.first_headers = Some(self.request.headers.clone());
        }
    }
}

fn location_url(current: &Url, headers: &HeaderList, profile: Profile) -> Location {
    let mut lines = headers.lines(b"Location");
    let Some(line) = lines.next() else { return Location::Null };
    let agree = profile.has(Deviation::EqualLocationLinesAreOne);
    let several = lines.any(|other| !agree || other != line);
    if several && !profile.has(Deviation::LocationLinesJoined) {
        return Location::Failure;
    }
    let joined = if several { headers.get(b"Location") } else { None };
    let line = joined.as_deref().unwrap_or(line);
    if line.is_empty() && profile.has(Deviation::EmptyLocationIsFinal) {
        return Location::Null;
    }
    if line.is_empty() && profile.has(Deviation::EmptyLocationRefused) {
        return Location::Failure;
    }
    // Bytes beyond ASCII are read as UTF-8 where they are UTF-8.
    match current.join(&String::from_utf8_lossy(line)) {
        Ok(mut url) => {
            // The fragment is inherited, and never leaves the browser.
            url.set_fragment(None);
            Location::Url(url)
        }
        Err(_) => Location::Failure,
    }
}

fn blocked<T>(reason: Reason) -> Result<T, Blocked> {
    Err((reason, Stage::Redirect))
}
