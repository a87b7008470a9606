//! How corspec drives a server under test: the policy, the messages, and the loop that a server
//! written in Rust runs.
//!
//! A server puts a CORS middleware in front of a small fixed resource, under a [`Policy`] that the
//! harness hands it. In Rust that is one trait, [`Server`]; [`run`] turns it into a program that
//! speaks the protocol over stdin and stdout:
//!
//! ```no_run
//! use corspec_protocol::{Answer, BoxFuture, Hello, Policy, Server};
//!
//! struct Mine;
//!
//! impl Server for Mine {
//!     fn hello(&self) -> Hello {
//!         Hello { language: Some("rust".into()), ..Hello::new("mine") }
//!     }
//!
//!     fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
//!         Box::pin(async move {
//!             match policy {
//!                 None => Answer::unsupported("there is no default"),
//!                 Some(policy) => Answer::refused(format!("{policy:?} is not to my liking")),
//!             }
//!         })
//!     }
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() {
//!     corspec_protocol::run(Mine).await;
//! }
//! ```

mod lock;
mod message;
mod origin;
mod policy;
mod run;
pub mod schema;
mod server;

pub use lock::locked_version;
pub use message::{FromServer, Hello, PROTOCOL, ToServer};
pub use origin::PermittedOrigin;
pub use policy::{PermittedNames, Policy, PolicyError};
pub use run::run;
pub use server::{Answer, BoxFuture, Instance, Server};
