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
    /// About how many MiB it takes while it runs; nothing for what runs in this process or elsewhere.
    pub memory: u32,
}

/// How a subject is reached.
#[derive(Clone)]
pub enum SubjectKind {
    /// The model itself, against answers that the cases script.
    Scripted,
    /// A server that can serve any policy.
    Server(Arc<dyn Server>),
    /// Such a server that is started when its turn comes, and stopped when its cases have run.
    Program(Arc<dyn Program>),
    /// A server that is there already and enforces one policy.
    Url(Url),
    /// A server that cannot run here, and why.
    Unavailable(String),
    /// A server that never came so far as to serve anything, and what it did instead.
    Broken(String),
}

/// A server that can be started.
pub trait Program: Send + Sync {
    /// Starts it.
    fn start(&self) -> BoxFuture<'_, Started>;
}

/// What came of starting a server.
pub enum Started {
    /// It runs.
    Running(Arc<dyn Running>),
    /// It cannot run here, and why.
    Unavailable(String),
    /// It never came so far as to serve anything, and what it did instead.
    Broken(String),
}

/// A server that runs until it is stopped.
pub trait Running: Server {
    /// Stops it. Returns what it did against the protocol by which it is driven, its end included.
    fn stop(&self) -> BoxFuture<'_, Vec<String>>;
}

impl Subject {
    /// The model itself.
    pub fn scripted() -> Self {
        Self::new(SCRIPTED, SubjectKind::Scripted)
    }

    /// A server that can serve any policy.
    pub fn server(name: impl Into<String>, server: impl Server) -> Self {
        Self::new(name, SubjectKind::Server(Arc::new(server)))
    }

    /// A server that is started when its turn comes, and about how many MiB it takes then.
    pub fn program(name: impl Into<String>, program: impl Program + 'static, memory: u32) -> Self {
        Self { memory, ..Self::new(name, SubjectKind::Program(Arc::new(program))) }
    }

    /// A server that is there already.
    pub fn url(url: Url) -> Self {
        Self::new(ADDRESS, SubjectKind::Url(url))
    }

    /// A server that cannot run here, and why.
    pub fn unavailable(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(name, SubjectKind::Unavailable(reason.into()))
    }

    fn new(name: impl Into<String>, kind: SubjectKind) -> Self {
        Self { name: name.into(), kind, deviations: Deviations::default(), memory: 0 }
    }

    /// The same, started if it is a program. The second is what has to be stopped then.
    pub async fn started(&self) -> (Self, Option<Arc<dyn Running>>) {
        let SubjectKind::Program(program) = &self.kind else { return (self.clone(), None) };
        let (kind, running) = match program.start().await {
            Started::Running(running) => (SubjectKind::Server(running.clone()), Some(running)),
            Started::Unavailable(reason) => (SubjectKind::Unavailable(reason), None),
            Started::Broken(message) => (SubjectKind::Broken(message), None),
        };
        (Self { kind, ..self.clone() }, running)
    }

    /// Why nothing can be tested, where that is known before anything is.
    pub fn problem(&self) -> Option<&str> {
        match &self.kind {
            SubjectKind::Unavailable(problem) | SubjectKind::Broken(problem) => Some(problem),
            _ => None,
        }
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
            SubjectKind::Program(_) | SubjectKind::Unavailable(_) | SubjectKind::Broken(_) => None,
        }
    }

    /// Starts to listen under a policy, or without any option where there is none.
    pub async fn serve(&self, policy: Option<&Policy>) -> Answer {
        match &self.kind {
            SubjectKind::Server(server) => server.serve(policy.cloned()).await,
            SubjectKind::Url(url) => Answer::Ready(Instance::new(url.as_str().trim_end_matches('/'), ())),
            SubjectKind::Unavailable(reason) | SubjectKind::Broken(reason) => Answer::failed(reason),
            SubjectKind::Program(_) => Answer::failed("the program has not been started"),
            SubjectKind::Scripted => {
                Answer::Failed { message: "no policy is served to the model".to_owned() }
            }
        }
    }
}
