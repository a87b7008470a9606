//! Where a fetch meets the cookie jar.

use std::time::Duration;

use super::{Browser, Context};
use crate::cookies::{CookieFate, CookieNote, Setting};
use crate::deviation::Deviation;
use crate::http::{Bytes, HeaderList, HttpResponse};
use crate::initiator::Initiator;
use crate::origin::site_of;
use crate::request::{RedirectTaint, Request};
use crate::rule::Rule;

impl Context<'_> {
    /// "Append a request `Cookie` header". <https://fetch.spec.whatwg.org/#append-a-request-cookie-header>
    pub(super) fn append_cookie(&mut self, headers: &mut HeaderList, include: bool) -> Vec<CookieNote> {
        if self.browser.cookies.is_empty() {
            return Vec::new();
        }
        let top_level_site = self.third_party_of();
        let cross_site = self.is_cross_site();
        let setting = setting(self.request, self.browser, self.now, top_level_site.as_deref(), cross_site);
        let (cookie, notes) = self.browser.cookies.retrieve(setting, include);
        for note in &notes {
            self.decide(Rule::CookieIsSent, &note.name, note.travelled);
        }
        if let Some(cookie) = cookie {
            headers.append(&b"Cookie"[..], cookie);
        }
        notes
    }

    /// "Parse and store response `Set-Cookie` headers", before anything is known of the response's fate.
    ///
    /// <https://fetch.spec.whatwg.org/#parse-and-store-response-set-cookie-headers>
    pub(super) fn store_cookies(&mut self, response: &HttpResponse) -> Vec<CookieNote> {
        if !response.headers.contains(b"Set-Cookie") {
            return Vec::new();
        }
        let top_level_site = self.third_party_of();
        let cross_site = self.is_cross_site();
        let mut notes = Vec::new();
        for line in response.headers.lines(b"Set-Cookie") {
            let note = if self.request.include_credentials {
                let setting =
                    setting(self.request, self.browser, self.now, top_level_site.as_deref(), cross_site);
                self.browser.cookies.store(setting, line)
            } else {
                CookieNote::not_included(line)
            };
            self.decide(Rule::CookieIsStored, &note.name, note.travelled);
            notes.push(note);
        }
        notes
    }

    /// "Determine the same-site mode", of which cross-site fetches and others are what subresources know.
    ///
    /// The standard's steps look at ancestors and redirects alone; that the request itself leaves the page's site is in
    /// no step, though every browser goes by it, and RFC 6265bis too.
    ///
    /// <https://fetch.spec.whatwg.org/#determine-the-same-site-mode>
    fn is_cross_site(&mut self) -> bool {
        let request = &self.request;
        let ancestor = request.top_level.as_ref().is_some_and(|top| !top.is_same_site_as(&request.origin));
        let cross_site = ancestor
            || request.taint == RedirectTaint::CrossSite
            || !request.origin.is_same_site_with(&request.url);
        self.decide(Rule::SameSiteModeIsCrossSite, &[], cross_site)
    }

    /// The top-level page's site, where the URL is of another.
    fn third_party_of(&self) -> Option<String> {
        let top = self.request.top_level.as_ref().unwrap_or(&self.request.origin);
        (!top.is_same_site_with(&self.request.url)).then(|| site_of(top))
    }
}

fn setting<'a>(
    request: &'a Request,
    browser: &Browser,
    now: Duration,
    third_party_of: Option<&'a str>,
    cross_site: bool,
) -> Setting<'a> {
    Setting {
        url: &request.url,
        third_party_of,
        cross_site,
        lax_navigation: request.initiator == Initiator::Form && *request.method == *b"GET",
        unset_is_none: browser.profile.has(Deviation::UnsetSameSiteIsNone),
        now: browser.epoch.saturating_add(now).as_secs(),
    }
}

impl CookieNote {
    fn not_included(line: &[u8]) -> Self {
        let name = line.split(|byte| matches!(byte, b'=' | b';')).next().unwrap_or_default();
        Self {
            name: Bytes::Owned(name.to_vec()),
            travelled: false,
            because: CookieFate::CredentialsNotIncluded,
        }
    }
}
