//! A CORS server that is right: the yardstick of the suite.
//!
//! It permits what a policy permits and nothing else, and it does so in the plainest way that every
//! browser understands. [`Cors`] decides, and knows neither sockets nor routes.

mod cors;
mod resource;
mod server;

use corspec_protocol::{Answer, BoxFuture, Hello, Policy, Server, locked_version};

pub use cors::{Cors, Rejected};
pub use resource::{Resource, internal_server_error};

/// The reference server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Server for Reference {
    fn hello(&self) -> Hello {
        let lock = include_str!("../../../Cargo.lock");
        let locked = |name| {
            locked_version(lock, env!("CARGO_PKG_NAME"), name).map(|version| format!("{name} {version}"))
        };
        Hello {
            language: Some("rust".into()),
            framework: locked("hyper"),
            middleware: Some(concat!("corspec reference ", env!("CARGO_PKG_VERSION")).into()),
            runtime: locked("tokio"),
            homepage: Some(env!("CARGO_PKG_REPOSITORY").into()),
            issues: Some(concat!(env!("CARGO_PKG_REPOSITORY"), "/issues").into()),
            ..Hello::new("reference")
        }
    }

    fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        Box::pin(async move {
            let Some(policy) = policy else {
                return Answer::unsupported(
                    "the reference has no defaults: its owner says what is permitted",
                );
            };
            match Cors::new(&policy) {
                Ok(cors) => server::listen(cors).await.map_or_else(Answer::failed, Answer::Ready),
                Err(Rejected::AnyOriginWithCredentials) => {
                    Answer::refused(Rejected::AnyOriginWithCredentials.to_string())
                }
                Err(Rejected::Invalid(error)) => Answer::failed(error),
            }
        })
    }
}
