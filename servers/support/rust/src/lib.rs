//! What corspec's servers in Rust share beside the protocol: who is under test, how a middleware is set up, how a server
//! runs, and the words of the resource.

mod identity;
pub mod listening;
pub mod resource;
mod subject;

pub use identity::Identity;
pub use subject::{Subject, run};
