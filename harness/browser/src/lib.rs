//! A browser's side of CORS: the Fetch standard's algorithms as a pure state machine.
//!
//! The crate does no I/O and reads no clock. [`Fetch`] yields the requests that a browser would send and takes the
//! responses that came; what it ends in is an [`Outcome`] with the deciding [`Rule`], the [`Reason`] and every step of
//! the way. One function stands for each algorithm of the standard, under its name there; the steps carry their numbers
//! in the commit that [`STANDARD`] names.

mod console;
mod cookies;
pub mod date;
mod deviation;
mod fetch;
pub mod headers;
pub mod http;
mod http_cache;
mod initiator;
mod local_network;
pub mod method;
pub mod mime;
mod origin;
mod outcome;
mod preflight_cache;
mod profile;
pub mod range;
mod reason;
mod request;
mod rule;
pub mod syntax;
mod trace;
mod wire;

pub use console::console;
pub use cookies::{Cookie, CookieFate, CookieJar, CookieNote, SameSite, ThirdPartyCookies};
pub use deviation::Deviation;
pub use fetch::{Browser, Fetch, Next};
pub use http::{Bytes, Header, HeaderList, HttpRequest, HttpResponse, Purpose};
pub use http_cache::{Forward, HttpCache, SharedCache};
pub use initiator::{CrossOrigin, Destination, Initiator};
pub use local_network::{AddressSpace, LocalNetwork};
pub use origin::{Origin, TupleOrigin};
pub use outcome::{Ending, Exchange, Outcome, PreflightUse, ResponseKind, ScriptResponse, Source};
pub use preflight_cache::PreflightCache;
pub use profile::Profile;
pub use reason::{Reason, Stage};
pub use request::{
    Body, BodyKind, CredentialsMode, FORM_DATA_BOUNDARY, Mode, Page, RedirectMode, ReferrerPolicy,
    RequestInit,
};
pub use rule::{Rule, STANDARD};
pub use trace::{Decision, Trace};
pub use wire::{WireSetting, wire_bytes, wire_request};
