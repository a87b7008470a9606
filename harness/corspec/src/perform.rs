//! A browser performs a case: the model decides, the network answers.

use std::time::Duration;

use corspec_browser::{
    self as model, Body, Browser, Bytes, Fetch, HttpRequest, HttpResponse, Next, Origin, Page, Profile,
    RequestInit,
};
use url::Url;

use crate::case::{self, Case, PageOrigin, Step, Target};
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
    },
    /// To the scripted server, whatever host a URL names.
    Scripted(&'a Scripted),
}

/// What became of one step of a case.
#[derive(Debug)]
pub struct Performed {
    /// Seconds since the case began.
    pub at: u64,
    /// What the page asked for, placeholders filled in.
    pub asked: Asked,
    /// How it ended.
    pub outcome: model::Outcome,
    /// Why no response came, for each exchange without one.
    pub failures: Vec<Option<String>>,
    /// What the script and the browser disagreed on.
    pub script: Option<ScriptMismatch>,
}

/// The browser asked for what no entry answers, or left entries over.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ScriptMismatch {
    /// The requests that no entry answers, as `METHOD target`.
    pub unanswered: Vec<String>,
    /// How many entries the browser never asked for.
    pub unused: usize,
}

/// The model under one profile, over the network.
#[derive(Debug)]
pub struct ModelBrowser<'a> {
    /// Sends the requests.
    pub client: &'a Client,
    /// Whose rules decide.
    pub profile: Profile,
}

impl ModelBrowser<'_> {
    /// Performs the steps of a case in one browser that remembers nothing yet.
    pub async fn perform(&self, case: &Case, place: Place<'_>) -> Vec<Performed> {
        let mut browser = Browser::new(self.profile);
        // Where the server listens, over http or not, is a circumstance of the test and no fault of the server.
        browser.permits_mixed_content = matches!(place, Place::Server { .. });
        let mut performed = Vec::with_capacity(case.steps.len());
        for (index, step) in case.steps.iter().enumerate() {
            let script = case.responses_under(self.profile.name(), index);
            performed.push(self.step(&mut browser, step, script, place).await);
        }
        performed
    }

    async fn step(
        &self,
        browser: &mut Browser,
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
        let mut fetch = Fetch::new(&page, init);
        let mut failures = Vec::new();
        while let Next::Send(request) = fetch.next(browser, now) {
            let response = match &script {
                Some((server, handle)) => {
                    let to = Destination::from(server.address());
                    self.client
                        .exchange_with_line(&to, request, &handle.line())
                        .await
                        .map_err(|error| error.to_string())
                }
                None => match place.destination(request) {
                    Ok(to) => self.client.exchange(&to, request).await.map_err(|error| error.to_string()),
                    Err(refusal) => Err(refusal),
                },
            };
            let (response, failure) = match response {
                Ok(received) => (Some(received.response), None),
                Err(failure) => (None, Some(failure)),
            };
            failures.push(failure);
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
        Performed { at: step.at, asked, outcome: fetch.into_outcome(), failures, script }
    }
}

impl Performed {
    /// The response that the last request got, if one came.
    pub fn last_response(&self) -> Option<&HttpResponse> {
        self.outcome.exchanges.last().and_then(|exchange| exchange.response.as_ref())
    }

    /// Why the last exchange brought no response, if it brought none.
    pub fn last_failure(&self) -> Option<&str> {
        self.failures.last().and_then(Option::as_deref)
    }
}

impl Place<'_> {
    /// The page and the call that a case's request stands for here.
    fn ask(&self, request: &case::Request) -> (Page, RequestInit) {
        let origin = match (&request.origin, self) {
            (PageOrigin::ServerItself, Self::Server { url, .. }) => Origin::of(url),
            (PageOrigin::Serialized(origin), _) => Origin::parse(origin).unwrap_or(Origin::Opaque),
            (PageOrigin::ServerItself, Self::Scripted(_)) => Origin::Opaque,
        };
        let url = match &request.target {
            Target::Url(url) => url.clone(),
            Target::Path(path) => self.url_of(path),
        };
        (Page::new(origin), request_init(url, request))
    }

    fn url_of(&self, path: &str) -> String {
        match self {
            Self::Server { url, twin } => {
                let path = path.replace("{server}", &encoded_origin(url));
                let path = path.replace("{twin}", &twin.map(encoded_origin).unwrap_or_default());
                format!("{}{path}", url.as_str().trim_end_matches('/'))
            }
            Self::Scripted(_) => path.to_owned(),
        }
    }

    /// Only the server under test is ever talked to, wherever it redirects.
    fn destination(&self, request: &HttpRequest) -> Result<Destination, String> {
        let Self::Server { url, twin } = self else {
            return Err("the script answers every request".to_owned());
        };
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
    if let Some(body) = body(request) {
        init.body = Some(body);
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

fn asked(page: &Page, init: &RequestInit, body: Option<&case::Body>) -> Asked {
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
