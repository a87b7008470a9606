//! From YAML values to a suite, collecting every mistake on the way.

mod browser;
mod case;
mod config;
mod decoder;
mod expect;
mod policy;
mod request;
mod responses;
mod suite;
mod syntax;

pub(super) use config::config;
pub(super) use decoder::{Decoder, FromMatrix, Mistake, Node};
pub(super) use suite::suite;
pub(super) use syntax::{is_kebab_case, kebab_case};
