use corspec_protocol::{Answer, BoxFuture, Hello, Policy, Server};
use corspec_server_reference::{Cors, Rejected};

use crate::fault::Fault;
use crate::listen::listen;
use crate::site::{Policies, Site};
use crate::style::{AnyWithCredentials, Style};

/// A server of this family.
#[derive(Debug)]
pub(crate) struct Specimen {
    name: &'static str,
    about: &'static str,
    style: Style,
    fault: Option<Fault>,
    policies: Policies,
}

impl Specimen {
    pub(crate) fn new(name: &'static str, about: &'static str, style: Style, fault: Option<Fault>) -> Self {
        Self { name, about, style, fault, policies: Policies::default() }
    }

    /// Puts the policy in force, short of listening.
    pub(crate) fn site(&self, policy: Policy) -> Result<Site, Rejected> {
        match Cors::new(&policy) {
            Err(Rejected::AnyOriginWithCredentials) if self.accepts_any_with_credentials() => {}
            Err(rejected) => return Err(rejected),
            Ok(_) => {}
        }
        Ok(Site::new(self.style, self.fault, policy, &self.policies))
    }

    pub(crate) fn without_policy() -> Answer {
        Answer::unsupported("its owner says what is permitted")
    }

    pub(crate) fn rejected(rejected: Rejected) -> Answer {
        match rejected {
            Rejected::AnyOriginWithCredentials => Answer::refused(rejected.to_string()),
            Rejected::Invalid(error) => Answer::failed(error),
        }
    }

    fn accepts_any_with_credentials(&self) -> bool {
        matches!(self.fault, Some(Fault::AnyWithCredentials(_)))
            || self.style.any_with_credentials != AnyWithCredentials::Refused
    }
}

impl Server for Specimen {
    fn hello(&self) -> Hello {
        Hello {
            language: Some("rust".into()),
            middleware: Some(self.about.into()),
            homepage: Some(env!("CARGO_PKG_REPOSITORY").into()),
            ..Hello::new(self.name)
        }
    }

    fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        let wire = self.style.wire;
        let site = policy.map(|policy| self.site(policy));
        Box::pin(async move {
            match site {
                None => Self::without_policy(),
                Some(Ok(site)) => listen(site, wire).await.map_or_else(Answer::failed, Answer::Ready),
                Some(Err(rejected)) => Self::rejected(rejected),
            }
        })
    }
}
