//! A browser performs a case: the model decides, the network answers.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use corspec_browser::{
    self as model, Body, Bytes, Fetch, Forward, HeaderList, HttpCache, HttpRequest, HttpResponse, Next,
    Origin, Page, Profile, Purpose, RequestInit, SharedCache, WireSetting, console, wire_request,
};
use url::Url;

use crate::browser::{Browser, Performed, Performing, ScriptMismatch, Sent};
use crate::case::{self, BrowserSetup, Case, PageOrigin, Step, Target};
use crate::record::{Asked, text};
use crate::wire::{Answer, Client, Destination, Scripted};

/// Where the requests of a case go.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// To the server under test, and to a second one of its kind.
    Server {
        /// Where the server listens.
        url: &'a Url,
        /// Where its twin does, if the case needs one.
        twin: Option<&'a Url>,
        /// Under which origin pages know it, where that is not where it listens.
        public: Option<&'a Url>,
    },
    /// To the scripted server, whatever host a URL names.
    Scripted(&'a Scripted),
}

/// The model under one profile, over the network.
#[derive(Clone, Debug)]
pub struct ModelBrowser {
    /// Sends the requests.
    pub client: Client,
    /// Whose rules decide.
    pub profile: Profile,
}

impl Browser for ModelBrowser {
    fn profile(&self) -> Profile {
        self.profile
    }

    fn engine(&self) -> Option<String> {
        None
    }

    fn perform<'a>(&'a self, case: &'a Case, place: Place<'a>) -> Performing<'a> {
        Box::pin(async move { Ok(self.steps(case, place).await) })
    }
}

impl ModelBrowser {
    /// Performs the steps of a case in one browser that remembers nothing yet.
    pub async fn steps(&self, case: &Case, place: Place<'_>) -> Vec<Performed> {
        let mut browsers: Vec<(&str, model::Browser)> = Vec::with_capacity(1);
        let mut between = case.shared_cache.map(shared_cache);
        let mut performed = Vec::with_capacity(case.steps.len());
        for (index, step) in case.steps.iter().enumerate() {
            let script = case.responses_under(self.profile.name(), index);
            let known = browsers.iter().position(|(visitor, _)| *visitor == step.visitor);
            let known = known.unwrap_or_else(|| {
                browsers.push((&step.visitor, place.browser(self.profile, &case.browser)));
                browsers.len() - 1
            });
            let browser = &mut browsers[known].1;
            performed.push(self.step(browser, between.as_mut(), step, script, place).await);
        }
        performed
    }

    async fn step(
        &self,
        browser: &mut model::Browser,
        mut between: Option<&mut SharedCache>,
        step: &Step,
        answers: &[case::Scripted],
        place: Place<'_>,
    ) -> Performed {
        let (page, init) = place.ask(&step.request);
        let asked = asked(&page, &init, step.request.body.as_ref());
        let now = Duration::from_secs(step.at);
        let script = match place {
            Place::Scripted(server) => Some((server, server.register(answers.iter().map(answer).collect()))),
            Place::Server { .. } => None,
        };
        let as_script = script.as_ref().map(|(server, handle)| (server.address(), handle.line()));
        let mut fetch = Fetch::new(&page, init.clone());
        let mut earlier = Vec::new();
        let mut sent = Vec::new();
        while let Next::Send(request) = fetch.next(browser, now) {
            let lines = (self.profile != Profile::Fetch).then(|| {
                let third_party = browser.cookies.third_party;
                let setting = WireSetting { page: &page, asked: &init, earlier: &earlier, third_party };
                wire_request(request, self.profile, &setting)
            });
            let written = match &lines {
                Some(lines) => Cow::Owned(HttpRequest { headers: lines.clone(), ..request.clone() }),
                None => Cow::Borrowed(request),
            };
            if request.purpose == Purpose::Actual && lines.is_some() {
                earlier.push(request.clone());
            }
            if step.request.preflight_only && request.purpose == Purpose::Actual {
                sent.push(Sent { lines, from_shared_cache: false, withheld: true, failure: None });
                let permitted = permitted(request);
                fetch.receive(browser, now, Some(permitted));
                continue;
            }
            let forward = between.as_mut().map(|cache| cache.forward(&written, now));
            let (response, failure, from_shared_cache) = match forward {
                Some(Forward::Answer(response)) => (Some(response), None, true),
                Some(Forward::Send(forwarded)) => {
                    match (self.exchange(&forwarded, as_script.as_ref(), place).await, &mut between) {
                        (Ok(response), Some(cache)) => {
                            (Some(cache.receive(&forwarded, response, now)), None, false)
                        }
                        (Ok(response), None) => (Some(response), None, false),
                        (Err(failure), _) => (None, Some(failure), false),
                    }
                }
                None => match self.exchange(&written, as_script.as_ref(), place).await {
                    Ok(response) => (Some(response), None, false),
                    Err(failure) => (None, Some(failure), false),
                },
            };
            sent.push(Sent { lines, from_shared_cache, withheld: false, failure });
            fetch.receive(browser, now, response);
        }
        let script = script.map(|(_, handle)| {
            let transcript = handle.finish();
            ScriptMismatch {
                unanswered: transcript
                    .unanswered()
                    .map(|seen| format!("{} {}", text(&seen.method), text(&seen.target)))
                    .collect(),
                unused: transcript.unused,
            }
        });
        let script = script.filter(|mismatch| *mismatch != ScriptMismatch::default());
        let outcome = fetch.into_outcome();
        let console = console(&outcome, self.profile, &page, &init);
        let outcome = outcome.into();
        Performed { at: step.at, visitor: step.visitor.clone(), asked, outcome, sent, console, script }
    }

    /// One exchange with whatever answers here: a script by its line, or a server.
    async fn exchange(
        &self,
        request: &HttpRequest,
        script: Option<&(SocketAddr, Vec<u8>)>,
        place: Place<'_>,
    ) -> Result<HttpResponse, String> {
        let received = match script {
            Some((address, line)) => {
                self.client.exchange_with_line(&Destination::from(*address), request, line).await
            }
            None => self.client.exchange(&place.destination(request)?, request).await,
        };
        received.map(|received| received.response).map_err(|error| error.to_string())
    }
}

/// The moment at which the time of a case with scripted answers begins: the day of the standard that the model follows.
pub(crate) const SCRIPTED_EPOCH: Duration = Duration::from_secs(1_782_950_400);

impl Place<'_> {
    /// A browser that has what a case says it brings along.
    fn browser(&self, profile: Profile, setup: &BrowserSetup) -> model::Browser {
        let mut browser = model::Browser::new(profile);
        // Where the server listens, over http or not, is a circumstance of the test and no fault of the server.
        browser.permits_mixed_content = matches!(self, Place::Server { .. });
        browser.epoch = match self {
            Self::Scripted(_) => SCRIPTED_EPOCH,
            Self::Server { .. } => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        };
        browser.http_cache = setup.http_cache.then(HttpCache::new);
        browser.cookies.third_party = match setup.third_party_cookies {
            case::ThirdPartyCookies::Allow => model::ThirdPartyCookies::Allow,
            case::ThirdPartyCookies::Partition => model::ThirdPartyCookies::Partition,
            case::ThirdPartyCookies::Block => model::ThirdPartyCookies::Block,
        };
        for cookie in &setup.cookies {
            let url = match (&cookie.url, self) {
                (Some(url), _) => Url::parse(url).ok(),
                (None, Self::Server { url, public, .. }) => Some(public.unwrap_or(url).clone()),
                (None, Self::Scripted(_)) => None,
            };
            if let Some(url) = url {
                browser.cookies.set(&url, &cookie.line, browser.epoch.as_secs());
            }
        }
        browser.local_network = setup.local_network.as_ref().map(|local| model::LocalNetwork {
            page: address_space(local.page),
            granted: local.granted,
            hosts: local.hosts.iter().map(|(name, space)| (name.clone(), address_space(*space))).collect(),
        });
        browser
    }

    /// The page and the call that a case's request stands for here.
    pub(crate) fn ask(&self, request: &case::Request) -> (Page, RequestInit) {
        let origin = match (&request.origin, self) {
            (PageOrigin::ServerItself, Self::Server { url, public, .. }) => Origin::of(public.unwrap_or(url)),
            (PageOrigin::Serialized(origin), _) => Origin::parse(origin).unwrap_or(Origin::Opaque),
            (PageOrigin::ServerItself, Self::Scripted(_)) => Origin::Opaque,
        };
        let url = match &request.target {
            Target::Url(url) => url.clone(),
            Target::Path(path) => self.url_of(path),
        };
        let page = match request.top_level.as_deref().and_then(Origin::parse) {
            Some(top_level) => Page::framed(origin, top_level),
            None => Page::new(origin),
        };
        (page, request_init(url, request))
    }

    fn url_of(&self, path: &str) -> String {
        match self {
            Self::Server { url, twin, public } => {
                let url = public.unwrap_or(url);
                let path = path.replace("{server}", &encoded_origin(url));
                let path = path.replace("{twin}", &twin.map(encoded_origin).unwrap_or_default());
                format!("{}{path}", url.as_str().trim_end_matches('/'))
            }
            Self::Scripted(_) => path.to_owned(),
        }
    }

    /// Only the server under test is ever talked to, wherever it redirects.
    fn destination(&self, request: &HttpRequest) -> Result<Destination, String> {
        let Self::Server { url, twin, public } = self else {
            return Err("the script answers every request".to_owned());
        };
        if public.is_some_and(|public| Origin::of(public).is_same_origin_with(&request.url)) {
            return Destination::of(url).ok_or_else(|| format!("{url} names no host"));
        }
        let known = |server: &Url| Origin::of(server).is_same_origin_with(&request.url);
        if !known(url) && !twin.is_some_and(known) {
            return Err(format!(
                "{} is not the server under test, and nothing else is talked to",
                request.url
            ));
        }
        Destination::of(&request.url).ok_or_else(|| format!("{} names no host", request.url))
    }
}

/// The call that a case's request stands for.
pub fn request_init(url: String, request: &case::Request) -> RequestInit {
    let initiator = model::Initiator::from_name(request.initiator.as_str()).unwrap_or_default();
    let crossorigin = match request.crossorigin {
        case::CrossOrigin::Absent => model::CrossOrigin::Absent,
        case::CrossOrigin::Anonymous => model::CrossOrigin::Anonymous,
        case::CrossOrigin::UseCredentials => model::CrossOrigin::UseCredentials,
    };
    let mut init = RequestInit::by(initiator, url, crossorigin);
    init.referrer_policy = referrer_policy(request.referrer_policy);
    let is_form = request.initiator == case::Initiator::Form;
    // A form names its encoding without a charset, so that one of this kind has its body already.
    let has_body =
        is_form && request.body.as_ref().is_some_and(|body| body.kind == case::BodyKind::Urlencoded);
    if let Some(body) = body(request).filter(|_| !has_body) {
        init.body = Some(body);
    }
    if is_form && request.method == "GET" {
        init.method = Bytes::Borrowed(b"GET");
        init.body = None;
        // The form's fields take the place of the query, also where it has none:
        // <https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#submit-mutate-action>
        let without_query = init.url.find('?').unwrap_or(init.url.len());
        init.url.replace_range(without_query.., "?");
    }
    if !request.initiator.is_scripted() {
        return init;
    }
    init.keepalive = request.keepalive;
    init.method = Bytes::Owned(bytes(&request.method));
    init.headers =
        request.headers.iter().map(|(name, value)| (name.clone().into(), value.clone().into())).collect();
    init.credentials = match request.credentials {
        case::Credentials::Omit => model::CredentialsMode::Omit,
        case::Credentials::SameOrigin => model::CredentialsMode::SameOrigin,
        case::Credentials::Include => model::CredentialsMode::Include,
    };
    init.mode = match request.mode {
        case::Mode::Cors => model::Mode::Cors,
        case::Mode::NoCors => model::Mode::NoCors,
        case::Mode::SameOrigin => model::Mode::SameOrigin,
    };
    init.redirect = match request.redirect {
        case::Redirect::Follow => model::RedirectMode::Follow,
        case::Redirect::Error => model::RedirectMode::Error,
        case::Redirect::Manual => model::RedirectMode::Manual,
    };
    init
}

/// What stands in for the answer to a request that is not sent: it permits the page to read.
fn permitted(request: &HttpRequest) -> HttpResponse {
    let mut headers = HeaderList::new();
    let origin = request.headers.get(b"Origin").unwrap_or_default().into_owned();
    headers.append(&b"Access-Control-Allow-Origin"[..], origin);
    headers.append(&b"Access-Control-Allow-Credentials"[..], &b"true"[..]);
    HttpResponse { status: 200, headers, body: Vec::new() }
}

const fn referrer_policy(policy: case::ReferrerPolicy) -> model::ReferrerPolicy {
    match policy {
        case::ReferrerPolicy::StrictOriginWhenCrossOrigin => {
            model::ReferrerPolicy::StrictOriginWhenCrossOrigin
        }
        case::ReferrerPolicy::NoReferrer => model::ReferrerPolicy::NoReferrer,
        case::ReferrerPolicy::NoReferrerWhenDowngrade => model::ReferrerPolicy::NoReferrerWhenDowngrade,
        case::ReferrerPolicy::SameOrigin => model::ReferrerPolicy::SameOrigin,
        case::ReferrerPolicy::Origin => model::ReferrerPolicy::Origin,
        case::ReferrerPolicy::StrictOrigin => model::ReferrerPolicy::StrictOrigin,
        case::ReferrerPolicy::OriginWhenCrossOrigin => model::ReferrerPolicy::OriginWhenCrossOrigin,
        case::ReferrerPolicy::UnsafeUrl => model::ReferrerPolicy::UnsafeUrl,
    }
}

const fn address_space(space: case::AddressSpace) -> model::AddressSpace {
    match space {
        case::AddressSpace::Loopback => model::AddressSpace::Loopback,
        case::AddressSpace::Local => model::AddressSpace::Local,
        case::AddressSpace::Public => model::AddressSpace::Public,
    }
}

fn shared_cache(kind: case::SharedCache) -> SharedCache {
    let mut cache = SharedCache::new();
    cache.heeds_vary = kind == case::SharedCache::HeedsVary;
    cache
}

fn body(request: &case::Request) -> Option<Body> {
    let body = request.body.as_ref()?;
    let mut sample = Body::sample(match body.kind {
        case::BodyKind::Text => model::BodyKind::Text,
        case::BodyKind::Urlencoded => model::BodyKind::Urlencoded,
        case::BodyKind::Formdata => model::BodyKind::FormData,
        case::BodyKind::Blob => model::BodyKind::Blob,
        case::BodyKind::Bytes => model::BodyKind::Bytes,
        case::BodyKind::Stream => model::BodyKind::Stream,
    });
    sample.content_type = body.content_type.as_deref().map(|value| Bytes::Owned(bytes(value)));
    if let Some(size) = body.size {
        sample.bytes = Bytes::Owned(vec![b'x'; size]);
    }
    Some(sample)
}

fn answer(entry: &case::Scripted) -> Answer {
    Answer {
        purpose: entry.purpose,
        status: entry.status,
        header_lines: entry.header_lines.clone(),
        body: entry.body.clone(),
        close: entry.close,
    }
}

pub(crate) fn asked(page: &Page, init: &RequestInit, body: Option<&case::Body>) -> Asked {
    Asked {
        origin: page.origin.serialization().to_owned(),
        url: init.url.clone(),
        method: text(&init.method),
        headers: init.headers.iter().map(|(name, value)| (text(name), text(value))).collect(),
        credentials: match init.credentials {
            model::CredentialsMode::Omit => "omit",
            model::CredentialsMode::SameOrigin => "same-origin",
            model::CredentialsMode::Include => "include",
        }
        .to_owned(),
        mode: match init.mode {
            model::Mode::Cors => "cors",
            model::Mode::NoCors => "no-cors",
            model::Mode::SameOrigin => "same-origin",
        }
        .to_owned(),
        redirect: match init.redirect {
            model::RedirectMode::Follow => "follow",
            model::RedirectMode::Error => "error",
            model::RedirectMode::Manual => "manual",
        }
        .to_owned(),
        body: body.map(|body| match &body.content_type {
            Some(content_type) => format!("{} {content_type}", body.kind),
            None => body.kind.to_string(),
        }),
        initiator: init.initiator.name().to_owned(),
    }
}

/// The bytes that a string's code points stand for; the loader lets no other through.
fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

fn encoded_origin(url: &Url) -> String {
    url::form_urlencoded::byte_serialize(url.as_str().trim_end_matches('/').as_bytes()).collect()
}
