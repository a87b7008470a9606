//! HTTP-redirect fetch: <https://fetch.spec.whatwg.org/#concept-http-redirect-fetch>

use url::Url;

use super::{Blocked, Context};
use crate::deviation::Deviation;
use crate::headers::{CORS_NON_WILDCARD_REQUEST_HEADER_NAME, REQUEST_BODY_HEADER_NAMES, is_client_hint};
use crate::http::{Bytes, HeaderList, HttpResponse};
use crate::initiator::Initiator;
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

/// The schemes besides http and https that a browser knows itself.
const KNOWN_SCHEMES: [&str; 13] = [
    "about",
    "blob",
    "chrome",
    "data",
    "file",
    "jar",
    "javascript",
    "moz-extension",
    "moz-icon",
    "resource",
    "view-source",
    "ws",
    "wss",
];

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
            if self.shows_something_else(&location) {
                return Ok(false);
            }
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
            let later =
                self.request.tainting != Tainting::Cors && self.has(Deviation::UserinfoRefusedAfterPreflight);
            if later {
                self.request.refused = Some((Reason::RedirectHasCredentials, Stage::Redirect));
            }
        }
        if refused && self.request.refused.is_none() {
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
        let leaves = !is_same_origin(&self.request.url, &location);
        // 12. Some redirects turn the request into a GET.
        let rewritten = match status {
            301 | 302 => *self.request.method == *b"POST",
            303 => !matches!(&*self.request.method, b"GET" | b"HEAD"),
            _ => false,
        };
        let deleted =
            leaves && *self.request.method == *b"DELETE" && self.has(Deviation::DeleteBecomesGetElsewhere);
        if self.decide_number(Rule::MethodBecomesGet, status, rewritten || deleted) {
            self.keep_first_headers();
            self.request.method = Bytes::Borrowed(b"GET");
            self.request.body = None;
            for name in REQUEST_BODY_HEADER_NAMES.iter().filter(|_| rewritten) {
                self.request.headers.delete(name);
            }
        } else {
            self.return_body_headers(status);
        }
        if self.has(Deviation::ClientHintsLeftBehind) {
            self.request.headers.retain(|header| !is_client_hint(&header.name));
        }
        // 13. Authorization stays with the origin that it was meant for.
        if self.trace.decide(Rule::AuthorizationIsDropped, self.sent, location.as_str().as_bytes(), leaves) {
            self.keep_first_headers();
            self.request.had_origin = false;
            self.request.headers.delete(CORS_NON_WILDCARD_REQUEST_HEADER_NAME);
        } else if self.has(Deviation::AuthorizationReturns) {
            self.return_header(b"Authorization");
        }
        // 18. The URL list grows, and with it perhaps the redirect-taint. 19, the referrer policy that a redirect can
        // set, bears on no CORS decision but that of a no-cors POST and is left out.
        self.request.append_url(location);
        Ok(true)
    }

    /// What an engine makes of a user name or a password in a Location that nobody follows.
    pub(super) fn require_no_userinfo(&self, response: &HttpResponse) -> Result<(), Blocked> {
        match location_url(&self.request.url, &response.headers, self.browser.profile) {
            Location::Url(url) if includes_credentials(&url) && self.is_refused_userinfo(&url) => {
                blocked(Reason::RedirectHasCredentials)
            }
            _ => Ok(()),
        }
    }

    fn is_refused_userinfo(&self, location: &Url) -> bool {
        let cross_origin = !self.request.origin.is_same_origin_with(location);
        (cross_origin && self.request.mode == Mode::Cors) || self.request.tainting == Tainting::Cors
    }

    /// What engines make of a Location that nobody follows.
    pub(super) fn look_at_location(&self, response: &HttpResponse) -> Result<(), Blocked> {
        match location_url(&self.request.url, &response.headers, self.browser.profile) {
            Location::Failure if self.has(Deviation::ManualRedirectParses) => {
                blocked(Reason::RedirectLocationInvalid)
            }
            Location::Url(url)
                if self.has(Deviation::ManualRedirectChecksScheme)
                    && !matches!(url.scheme(), "http" | "https" | "data") =>
            {
                blocked(Reason::SchemeNotHttp)
            }
            _ => Ok(()),
        }
    }

    /// Whether an element loads all the same, from the URL itself or from the redirect's own body.
    fn shows_something_else(&self, location: &Url) -> bool {
        self.request.mode == Mode::NoCors
            && match self.request.initiator {
                Initiator::Image => {
                    self.has(Deviation::ImageOfUnknownScheme) && !KNOWN_SCHEMES.contains(&location.scheme())
                }
                Initiator::Script => self.has(Deviation::DataScriptRun) && location.scheme() == "data",
                _ => false,
            }
    }

    /// What an earlier redirect took away comes back where an engine builds each request from the first.
    fn return_body_headers(&mut self, status: u16) {
        if self.has(Deviation::ContentTypeReturns) {
            self.return_header(b"Content-Type");
        }
        if self.request.first_headers.is_some() && self.has(Deviation::BodyHeadersReturnAfter307) {
            for name in REQUEST_BODY_HEADER_NAMES {
                match status {
                    307 | 308 => self.return_header(name),
                    _ => self.request.headers.delete(name),
                }
            }
        }
    }

    fn return_header(&mut self, name: &'static [u8]) {
        if self.request.headers.contains(name) {
            return;
        }
        let first = self.request.first_headers.as_ref().and_then(|first| first.get(name));
        if let Some(value) = first.map(std::borrow::Cow::into_owned) {
            self.request.headers.append(name, value);
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
