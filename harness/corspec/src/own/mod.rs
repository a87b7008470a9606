//! A person's own server: they know what they want to permit, and nothing of Fetch.
//!
//! [`Config`] is what a `corspec.yaml` says, [`check`] derives every case that follows from its policy and holds the server
//! against them, and a [`Finding`] is one cause of what went wrong, however many cases it shows in. [`audit`] asks a server
//! of which no policy is known what it grants.

mod audit;
mod cause;
mod check;
mod config;
mod consoles;
mod finding;
mod hint;
mod init;
mod probe;
pub mod report;
mod schema;
mod secrets;
mod transport;
mod words;

pub use audit::{Audit, Grant, Severity, audit};
pub use cause::Cause;
pub use check::{CheckError, Checked, check, check_on};
pub use config::{Config, Limits, OwnRoute, Tls, plain_policy, server_url};
pub use finding::{Class, Console, Finding, Wanted};
pub use hint::Framework;
pub use init::{SCHEMA_URL, observed, yaml};
pub use probe::{Probe, Trouble, probe};
pub use schema::schema;
pub use secrets::{Secrets, Unset, variables};
pub use transport::{OwnTransport, TransportError, is_loopback};
