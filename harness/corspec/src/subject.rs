//! What a run tests: servers, and the model itself against the scripted server.

use std::sync::Arc;

use corspec_protocol::{Answer, BoxFuture, Hello, Instance, Policy, Server};
use url::Url;

use crate::case::Kind;
use crate::deviation::Deviations;

/// The name under which the cases of `cases/browser` run: scripted answers in place of a server.
pub const SCRIPTED: &str = "scripted";

/// The name of a program that a command line starts.
pub const PROGRAM: &str = "exec";

/// The name of a server that listens already.
pub const ADDRESS: &str = "url";

/// Something that cases run against.
#[derive(Clone)]
pub struct Subject {
    /// The name in selections and reports.
    pub name: String,
    /// How it is reached.
    pub kind: SubjectKind,
    /// What is known to go wrong with it.
    pub deviations: Deviations,
    faults: Option<Faults>,
}

/// Tells what a server did against the protocol by which it is driven.
type Faults = Arc<dyn Fn() -> Vec<String> + Send + Sync>;

/// How a subject is reached.
#[derive(Clone)]
pub enum SubjectKind {
    /// The model itself, against answers that the cases script.
    Scripted,
    /// A server that can serve any policy.
    Server(Arc<dyn Server>),
    /// A server that is there already and enforces one policy.
    Url(Url),
    /// A server that cannot run here, and why.
    Unavailable(String),
}

impl Subject {
    /// The model itself.
    pub fn scripted() -> Self {
        Self::new(SCRIPTED, SubjectKind::Scripted)
    }

    /// A server that can serve any policy.
    pub fn server(name: impl Into<String>, server: impl Server) -> Self {
        Self::shared(name, Arc::new(server))
    }

    /// A server that can serve any policy, and that somebody else holds too.
    pub fn shared(name: impl Into<String>, server: Arc<dyn Server>) -> Self {
        Self::new(name, SubjectKind::Server(server))
    }

    /// A server that is there already.
    pub fn url(url: Url) -> Self {
        Self::new(ADDRESS, SubjectKind::Url(url))
    }

    /// A server that cannot run here, and why.
    pub fn unavailable(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(name, SubjectKind::Unavailable(reason.into()))
    }

    /// A server that never came so far as to serve anything, and what it did instead.
    pub fn broken(name: impl Into<String>, message: impl Into<String>) -> Self {
        let name = name.into();
        let server = Broken { name: name.clone(), message: message.into() };
        Self::server(name, server)
    }

    fn new(name: impl Into<String>, kind: SubjectKind) -> Self {
        Self { name: name.into(), kind, deviations: Deviations::default(), faults: None }
    }

    /// The same with somebody who tells, when its cases have run, what it did against the protocol.
    #[must_use]
    pub fn watched(mut self, faults: impl Fn() -> Vec<String> + Send + Sync + 'static) -> Self {
        self.faults = Some(Arc::new(faults));
        self
    }

    /// What the server has done against the protocol by now.
    pub fn faults(&self) -> Vec<String> {
        self.faults.as_ref().map(|faults| faults()).unwrap_or_default()
    }

    /// The kind of suites that run against it.
    pub const fn suites(&self) -> Kind {
        match self.kind {
            SubjectKind::Scripted => Kind::Browser,
            _ => Kind::Server,
        }
    }

    /// The same with what is known to go wrong with it.
    #[must_use]
    pub fn with_deviations(mut self, deviations: Deviations) -> Self {
        self.deviations = deviations;
        self
    }

    /// What the subject says of itself.
    pub fn hello(&self) -> Option<Hello> {
        match &self.kind {
            SubjectKind::Scripted => Some(Hello::new("the model, against scripted answers")),
            SubjectKind::Server(server) => Some(server.hello()),
            SubjectKind::Url(url) => Some(Hello::new(url.as_str())),
            SubjectKind::Unavailable(_) => None,
        }
    }

    /// Starts to listen under a policy.
    pub async fn serve(&self, policy: &Policy) -> Answer {
        match &self.kind {
            SubjectKind::Server(server) => server.serve(Some(policy.clone())).await,
            SubjectKind::Url(url) => Answer::Ready(Instance::new(url.as_str().trim_end_matches('/'), ())),
            SubjectKind::Unavailable(reason) => Answer::Failed { message: reason.clone() },
            SubjectKind::Scripted => {
                Answer::Failed { message: "no policy is served to the model".to_owned() }
            }
        }
    }
}

/// Stands in for a server that broke before it could serve.
struct Broken {
    name: String,
    message: String,
}

impl Server for Broken {
    fn hello(&self) -> Hello {
        Hello::new(&self.name)
    }

    fn serve(&self, _policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        let answer = Answer::failed(&self.message);
        Box::pin(async { answer })
    }
}
