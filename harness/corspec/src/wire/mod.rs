//! HTTP/1.1 on the wire, as bytes.
//!
//! What a browser decides can hang on the order of header lines, their spelling, a repeated line or one
//! odd byte, so nothing here normalizes: [`Client`] sends what it is given and keeps what came back, and
//! [`Scripted`] answers with the very bytes that a case states. Plain HTTP only.
//!
//! A peer is never trusted: whatever it sends, and however slowly, an exchange ends within its [`Limits`]
//! with a response or with a [`WireError`] that says what happened.

mod client;
mod error;
mod pool;
mod read;
mod scripted;

pub use client::{Client, Destination, InProcess, Limits, Options, Received, Transport};
pub use error::{Excerpt, PartialBody, WireError};
pub use scripted::{Answer, SCRIPT_HEADER, ScriptHandle, Scripted, Seen, Transcript, UNANSWERED};
