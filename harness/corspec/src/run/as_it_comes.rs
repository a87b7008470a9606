//! What a middleware does that is switched on without any option: the questions that are put to it.

use std::sync::Arc;

use corspec_browser::{Profile, Reason};
use corspec_protocol::Answer;
use url::Url;

use super::result::step_without_trace;
use super::{Bench, listening};
use crate::browser::Performed;
use crate::case::{
    BrowserSetup, Case, Credentials, Expect, KeyPath, Level, Outcome, PageOrigin, Request, Step, Target,
};
use crate::perform::{ModelBrowser, Place};
use crate::record::{AsItComes, Observation, ServerAnswer};
use crate::subject::Subject;

/// The pages that ask: somebody's, the same without encryption, a developer's own, and one in a sandbox.
pub const ORIGINS: [&str; 4] = ["https://app.example", "http://app.example", "http://localhost:3000", "null"];

/// The methods that need a preflight, the last of which nobody lists.
pub const METHODS: [&str; 4] = ["PUT", "PATCH", "DELETE", "QUERY"];

/// The headers that need one, the last of which nobody lists.
pub const HEADERS: [(&str, &str); 3] =
    [("Content-Type", "application/json"), ("Authorization", "Bearer letmein"), ("X-Token", "t")];

/// How many questions in a row may go without an answer. Each costs the time that an exchange may take.
const LIMIT: usize = 3;

/// Puts every question, unless nobody answers.
pub(super) async fn ask(bench: &Arc<Bench>, subject: &Subject) -> AsItComes {
    let found =
        |answer, message| AsItComes { server: subject.name.clone(), answer, message, observed: Vec::new() };
    let (url, _instance) = match listening(subject, None).await {
        Ok(listening) => listening,
        Err(Answer::Unsupported { reason, .. }) => return found(ServerAnswer::Unsupported, Some(reason)),
        Err(Answer::Refused { reason }) => return found(ServerAnswer::Refused, Some(reason)),
        Err(Answer::Failed { message }) => return found(ServerAnswer::Failed, Some(message)),
        Err(Answer::Ready(_)) => unreachable!("what is ready listens"),
    };
    let model = bench.model(Profile::Fetch);
    let mut desk = Desk { model, url: &url, observed: Vec::new(), unanswered: 0, silence: None };
    let mut reader = None;
    for origin in ORIGINS {
        let reads = desk.ask(format!("reads {origin}"), get(origin, Credentials::Omit)).await;
        desk.ask(format!("reads-with-cookies {origin}"), get(origin, Credentials::Include)).await;
        if reads && reader.is_none() {
            reader = Some(origin);
        }
    }
    let origin = reader.unwrap_or(ORIGINS[0]);
    for method in METHODS {
        let request = Request { method: method.to_owned(), ..get(origin, Credentials::Omit) };
        desk.ask(format!("method {method}"), request).await;
    }
    for (name, value) in HEADERS {
        let headers = vec![(name.as_bytes().to_vec(), value.as_bytes().to_vec())];
        desk.ask(format!("header {name}"), Request { headers, ..get(origin, Credentials::Omit) }).await;
    }
    let put = Request { method: "PUT".to_owned(), ..get(origin, Credentials::Include) };
    desk.ask("method-with-cookies PUT".to_owned(), put).await;
    let own = Request { origin: PageOrigin::ServerItself, ..get(origin, Credentials::SameOrigin) };
    desk.ask("own-page".to_owned(), own).await;
    match desk.silence {
        Some(failure) => found(
            ServerAnswer::Failed,
            Some(format!("no answer came to {LIMIT} questions in a row, and no more were put: {failure}")),
        ),
        None => AsItComes { observed: desk.observed, ..found(ServerAnswer::Ready, None) },
    }
}

struct Desk<'a> {
    model: ModelBrowser,
    url: &'a Url,
    observed: Vec<Observation>,
    /// How many have had no answer, the last ones.
    unanswered: usize,
    /// What became of the last of too many.
    silence: Option<String>,
}

impl Desk<'_> {
    /// Each in a browser of its own, which remembers nothing of another. Returns whether script reads the answer.
    async fn ask(&mut self, asked: String, request: Request) -> bool {
        if self.silence.is_some() {
            return false;
        }
        let place = Place::Server { url: self.url, twin: None, public: None };
        let case = case(request);
        let performed = self.model.steps(&case, place).await;
        self.listen_for(&performed);
        let steps = performed.iter().map(step_without_trace);
        self.observed.extend(steps.map(|step| Observation { asked: asked.clone(), step }));
        self.observed.last().is_some_and(|last| last.step.outcome == "allow")
    }

    /// Gives up on a server that takes connections and never answers.
    fn listen_for(&mut self, performed: &[Performed]) {
        let last = performed.last().filter(|last| last.outcome.reason() == Some(Reason::NetworkError));
        match last.and_then(Performed::last_failure) {
            None => self.unanswered = 0,
            Some(failure) => {
                self.unanswered += 1;
                self.silence = (self.unanswered >= LIMIT).then(|| failure.to_owned());
            }
        }
    }
}

fn get(origin: &str, credentials: Credentials) -> Request {
    let page = PageOrigin::Serialized(origin.to_owned());
    Request { credentials, ..Request::new(page, Target::Path("/resource".to_owned())) }
}

/// A case that expects nothing in particular.
fn case(request: Request) -> Case {
    let expect = Expect::outcome(Outcome::Allow);
    Case {
        id: String::new(),
        why: String::new(),
        spec: None,
        level: Level::May,
        browser: BrowserSetup::default(),
        beside: Default::default(),
        shared_cache: None,
        steps: vec![Step {
            at: 0,
            visitor: String::new(),
            request,
            responses: Vec::new(),
            expect,
            profiles: Default::default(),
        }],
        location: KeyPath::default(),
    }
}
