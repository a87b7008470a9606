//! What a browser did with one request and why, for someone who has just read "blocked by CORS policy".
//!
//! [`Question`] is what is known: the page, the call, and what the server answered as far as anybody saw it. It comes
//! from flags, from a [`curl`] command, from a [`snippet`] of script or from a [`har`] file. [`Explanation`] is what
//! follows from it, and [`terminal`] writes it down for a person.

pub mod codes;
mod console;
pub mod curl;
mod explanation;
pub mod har;
mod headers;
pub mod message;
mod mistake;
mod plain;
mod question;
mod remedy;
mod send;
mod shell;
pub mod snippet;
pub mod terminal;
mod transcript;

pub use explanation::{Decided, Explanation, Lines, Sent, Step, Verdict};
pub use headers::Line;
pub use mistake::Mistake;
pub use question::{Call, Question};
pub use remedy::{Change, Remedy, Response, Setting};
pub use send::{Unsent, send};
pub use transcript::Answer;
