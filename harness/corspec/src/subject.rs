//! What a run tests: servers, and the model itself against the scripted server.

use std::sync::Arc;

use corspec_protocol::{Answer, Hello, Instance, Policy, Server};
use url::Url;

use crate::case::Kind;
use crate::deviation::Deviations;

/// The name under which the cases of `cases/browser` run: scripted answers in place of a server.
pub const SCRIPTED: &str = "scripted";

/// Something that cases run against.
#[derive(Clone)]
pub struct Subject {
    /// The name in selections and reports.
    pub name: String,
    /// How it is reached.
    pub kind: SubjectKind,
    /// What is known to go wrong with it.
    pub deviations: Deviations,
}

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
        Self { name: SCRIPTED.to_owned(), kind: SubjectKind::Scripted, deviations: Deviations::default() }
    }

    /// A server that can serve any policy.
    pub fn server(name: impl Into<String>, server: impl Server) -> Self {
        let kind = SubjectKind::Server(Arc::new(server));
        Self { name: name.into(), kind, deviations: Deviations::default() }
    }

    /// A server that is there already.
    pub fn url(url: Url) -> Self {
        Self { name: "url".to_owned(), kind: SubjectKind::Url(url), deviations: Deviations::default() }
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
