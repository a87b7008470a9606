//! A fetch as a state machine that is fed: it yields the requests to send and takes the responses.

mod cache;
mod cookies;
mod cors_check;
mod http_fetch;
mod main_fetch;
mod neighbours;
mod network;
mod preflight;
mod redirect;

use std::time::Duration;

use crate::cookies::{CookieJar, CookieNote};
use crate::deviation::Deviation;
use crate::headers::{has_odd_parameters, overrides_in_quotes};
use crate::http::{Bytes, Header, HttpRequest, HttpResponse};
use crate::http_cache::HttpCache;
use crate::local_network::LocalNetwork;
use crate::mime;
use crate::outcome::{Ending, Exchange, Outcome, PreflightUse, Source};
use crate::preflight_cache::PreflightCache;
use crate::profile::Profile;
use crate::reason::{Reason, Stage};
use crate::request::{Mode, Page, Request, RequestInit};
use crate::rule::Rule;
use crate::syntax::{is_tab_or_space, trim};
use crate::trace::Trace;

/// A browser: whose rules it follows, and what it remembers between fetches.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// Whose rules it follows.
    pub profile: Profile,
    /// What preflights have granted.
    pub preflight_cache: PreflightCache,
    /// The HTTP cache; none unless the caller gives one.
    pub http_cache: Option<HttpCache>,
    /// The cookies.
    pub cookies: CookieJar,
    /// Whether an https page may load what is http; browsers block it.
    pub permits_mixed_content: bool,
    /// Local Network Access; none unless the caller asks for it.
    pub local_network: Option<LocalNetwork>,
    /// The time since 1970 at which the caller's time begins: cookies and caches meet dates.
    pub epoch: Duration,
}

impl Browser {
    /// A browser that remembers nothing yet.
    pub fn new(profile: Profile) -> Self {
        Self { profile, ..Self::default() }
    }
}

/// What a fetch wants next.
#[derive(Debug)]
pub enum Next<'a> {
    /// Send this request and give [`Fetch::receive`] what comes back.
    Send(&'a HttpRequest),
    /// Nothing: it has ended, see [`Fetch::into_outcome`].
    Done,
}

/// One fetch under way. It does no I/O and knows no clock: call [`next`](Self::next), send what it yields, give the
/// response to [`receive`](Self::receive), and so on until it is done. Time counts from any moment that the caller likes.
///
/// ```
/// use std::time::Duration;
/// use corspec_browser::{Browser, Fetch, HttpResponse, Next, Origin, Page, Profile, RequestInit};
///
/// let mut browser = Browser::new(Profile::Fetch);
/// let page = Page::new(Origin::parse("https://app.example").unwrap());
/// let mut fetch = Fetch::new(&page, RequestInit::new("https://api.example/x"));
/// while let Next::Send(request) = fetch.next(&mut browser, Duration::ZERO) {
///     assert_eq!(request.url.as_str(), "https://api.example/x");
///     fetch.receive(&mut browser, Duration::ZERO, Some(HttpResponse { status: 200, ..HttpResponse::default() }));
/// }
/// assert_eq!(fetch.into_outcome().reason().unwrap().code(), "allow-origin-missing");
/// ```
#[derive(Debug)]
pub struct Fetch {
    state: State,
    pending: Option<HttpRequest>,
    cookies_sent: Vec<CookieNote>,
    timing_allowed: bool,
    preflight: PreflightUse,
    exchanges: Vec<Exchange>,
    trace: Trace,
    /// What the browser's profile does to script's request is done.
    profiled: bool,
}

#[derive(Debug)]
enum State {
    Running { request: Box<Request>, at: At },
    Done(Ending),
}

/// Where a running fetch stands between two calls.
#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    MainFetch,
    AwaitPreflight { unsafe_names: Vec<Bytes> },
    SendActual,
    AwaitActual,
}

/// What the algorithms of one fetch share.
struct Context<'a> {
    request: &'a mut Request,
    trace: &'a mut Trace,
    browser: &'a mut Browser,
    now: Duration,
    sent: usize,
}

/// A fetch that goes no further: a network error in the standard, with the reason that the standard does not tell script.
type Blocked = (Reason, Stage);

impl Fetch {
    /// What script asks for on that page. Whether it can be asked at all is known at once.
    pub fn new(page: &Page, init: RequestInit) -> Self {
        let mut trace = Trace::with_capacity();
        let state = match Request::new(page, init, &mut trace) {
            Ok(request) => State::Running { request: Box::new(request), at: At::MainFetch },
            Err(reason) => {
                trace.mark_deciding();
                State::Done(Ending::Block { reason, stage: Stage::Request })
            }
        };
        Self {
            state,
            pending: None,
            cookies_sent: Vec::new(),
            timing_allowed: false,
            preflight: PreflightUse::None,
            exchanges: Vec::with_capacity(2),
            trace,
            profiled: false,
        }
    }

    /// The request to send, or that the fetch is done. Asked twice without a response in between, it yields the same request.
    pub fn next(&mut self, browser: &mut Browser, now: Duration) -> Next<'_> {
        while self.pending.is_none() {
            let State::Running { request, at } = &mut self.state else { return Next::Done };
            let mut context =
                Context { request, trace: &mut self.trace, browser, now, sent: self.exchanges.len() };
            match at {
                At::MainFetch if !self.profiled => {
                    self.profiled = true;
                    context.heed_profile();
                }
                At::MainFetch => match context.main_fetch() {
                    Ok(main_fetch::Path::WithoutPreflight) => *at = At::SendActual,
                    Ok(main_fetch::Path::WithPreflight { unsafe_names, list }) => {
                        if context.needs_preflight_fetch(&unsafe_names) {
                            self.pending = Some(context.preflight_request(list));
                            self.preflight = PreflightUse::Sent;
                            *at = At::AwaitPreflight { unsafe_names };
                        } else {
                            self.preflight = self.preflight.max(PreflightUse::Cached);
                            *at = At::SendActual;
                        }
                    }
                    Err(blocked) => self.block(browser, blocked),
                },
                At::SendActual => {
                    if let Some(refused) = context.request.refused.take() {
                        self.block(browser, refused);
                        continue;
                    }
                    let (mut request, cookies) = context.actual_request();
                    let stored = context.select_stored(&mut request);
                    self.cookies_sent = cookies;
                    *at = At::AwaitActual;
                    match stored {
                        Some(response) => self.take(browser, now, request, Some(response), Source::HttpCache),
                        None => self.pending = Some(request),
                    }
                }
                At::AwaitPreflight { .. } | At::AwaitActual => return Next::Done,
            }
        }
        match &self.pending {
            Some(request) => Next::Send(request),
            None => Next::Done,
        }
    }

    /// Takes what came back for the request that [`next`](Self::next) yielded: a response, or nothing where the network
    /// failed. Does nothing where no request is under way.
    pub fn receive(&mut self, browser: &mut Browser, now: Duration, response: Option<HttpResponse>) {
        let Some(sent) = self.pending.take() else { return };
        self.take(browser, now, sent, response, Source::Network);
    }

    fn take(
        &mut self,
        browser: &mut Browser,
        now: Duration,
        sent: HttpRequest,
        mut response: Option<HttpResponse>,
        mut source: Source,
    ) {
        let State::Running { request, at } = &mut self.state else { return };
        let mut context =
            Context { request, trace: &mut self.trace, browser, now, sent: self.exchanges.len() + 1 };
        let mut cookies_set = Vec::new();
        if *at == At::AwaitActual && source == Source::Network {
            // Cookies are stored as soon as the response's head is there, whatever becomes of it.
            if let Some(response) = &response {
                cookies_set = context.store_cookies(response);
            }
            if let Some(received) = response.take() {
                let (passed, from) = context.pass_cache(&sent, received);
                (response, source) = (Some(passed), from);
            }
        }
        let cookies_sent = std::mem::take(&mut self.cookies_sent);
        self.exchanges.push(Exchange { request: sent, response, source, cookies_sent, cookies_set });
        let response = self.exchanges.last().and_then(|exchange| exchange.response.as_ref());
        let respelled = response.and_then(|response| context.respelled(response));
        let response = respelled.as_ref().or(response);
        match at {
            At::AwaitPreflight { unsafe_names } => {
                let unsafe_names = std::mem::take(unsafe_names);
                match context.receive_preflight(response, &unsafe_names) {
                    Ok(()) => *at = At::SendActual,
                    Err(blocked) => self.block(browser, blocked),
                }
            }
            At::AwaitActual => match context.receive_actual(response) {
                Ok(http_fetch::Received::Redirect) => *at = At::MainFetch,
                Ok(http_fetch::Received::Final(ending)) => self.end(browser, ending),
                Err(blocked) => self.block(browser, blocked),
            },
            At::MainFetch | At::SendActual => {}
        }
    }

    /// How the fetch ended. One that was given up on the way counts as a network error.
    pub fn into_outcome(self) -> Outcome {
        let ending = match self.state {
            State::Done(ending) => ending,
            State::Running { .. } => Ending::Block { reason: Reason::NetworkError, stage: Stage::Actual },
        };
        Outcome {
            ending,
            preflight: self.preflight,
            exchanges: self.exchanges,
            timing_allowed: self.timing_allowed,
            trace: self.trace,
        }
    }

    fn block(&mut self, browser: &mut Browser, (reason, stage): Blocked) {
        self.trace.mark_deciding();
        self.end(browser, Ending::Block { reason, stage });
    }

    fn end(&mut self, browser: &mut Browser, ending: Ending) {
        if let State::Running { request, .. } = &self.state {
            self.timing_allowed = !request.timing_allow_failed && !matches!(ending, Ending::Block { .. });
        }
        if let State::Running { request, .. } = &self.state
            && (self.preflight != PreflightUse::None
                || browser.profile.has(Deviation::SimpleFailureClearsCache))
        {
            // Main fetch, 12: a hop that took the path with a preflight clears what is remembered of where it ended.
            let key = request.preflight_cache_key(browser.profile);
            let clears = match ending {
                Ending::Block { .. } if browser.profile.has(Deviation::FailureKeepsCache) => false,
                Ending::Block { reason, stage } if self.preflight == PreflightUse::None => {
                    stage == Stage::Actual && reason.is_cors_check()
                }
                Ending::Block { .. } => true,
                Ending::Allow(_) | Ending::Opaque(_) => false,
            };
            if self.trace.decide(Rule::ClearPreflightCache, self.exchanges.len(), key.url.as_bytes(), clears)
            {
                browser.preflight_cache.clear(key);
            }
        }
        self.state = State::Done(ending);
    }
}

impl Context<'_> {
    fn has(&self, deviation: Deviation) -> bool {
        self.browser.profile.has(deviation)
    }

    /// What an engine makes of script's request before the algorithms see it.
    fn heed_profile(&mut self) {
        if self.has(Deviation::UserAgentIgnored) {
            self.request.headers.delete(b"User-Agent");
        }
        if let Some(author) = self.request.type_of_string.take() {
            self.heed_type_of_string(author);
        }
        if self.request.mode == Mode::NoCors && self.has(Deviation::ContentTypeReadStrictly) {
            let is_type = |header: &Header| header.is(b"Content-Type");
            self.request.headers.retain(|header| !is_type(header) || !has_odd_parameters(&header.value));
        }
        if self.has(Deviation::OverrideSplitInQuotes) {
            self.request.headers.retain(|header| !overrides_in_quotes(&header.name, &header.value));
        }
        if self.has(Deviation::UploadListenerNeedsBody)
            && self.request.upload_listener
            && self.request.body.is_none()
        {
            self.request.use_cors_preflight = false;
        }
    }

    /// What becomes of the type that script gave a string which XMLHttpRequest sends.
    fn heed_type_of_string(&mut self, author: Vec<u8>) {
        let corrected = self.request.headers.get(b"Content-Type").is_some_and(|value| *value != *author);
        if corrected && self.has(Deviation::JudgedBeforeCharset) {
            let mut first = self.request.headers.clone();
            first.delete(b"Content-Type");
            first.append(&b"Content-Type"[..], author.clone());
            self.request.first_headers = Some(first);
        }
        if self.has(Deviation::CharsetReplacedInPlace) {
            self.request.headers.delete(b"Content-Type");
            self.request.headers.append(&b"Content-Type"[..], mime::with_charsets_replaced(&author));
        }
    }

    /// The response as an engine's HTTP parser hands it on, where that is not how it came.
    fn respelled(&self, response: &HttpResponse) -> Option<HttpResponse> {
        let spaced = |name: &[u8]| name.last().copied().is_some_and(is_tab_or_space);
        if !self.has(Deviation::SpaceBeforeColonIgnored)
            || !response.headers.iter().any(|header| spaced(&header.name))
        {
            return None;
        }
        let headers = response
            .headers
            .iter()
            .map(|header| Header::new(trim(&header.name, is_tab_or_space).to_vec(), header.value.clone()))
            .collect();
        Some(HttpResponse { status: response.status, headers, body: response.body.clone() })
    }

    fn decide(&mut self, rule: Rule, input: &[u8], holds: bool) -> bool {
        self.trace.decide(rule, self.sent, input, holds)
    }

    fn decide_number(&mut self, rule: Rule, input: u16, holds: bool) -> bool {
        self.trace.decide_number(rule, self.sent, input, holds)
    }
}
