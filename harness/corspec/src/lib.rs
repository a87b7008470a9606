//! A browser-enforcement conformance test suite for CORS.

pub mod agreement;
pub mod battery;
pub mod browser;
pub mod builtin;
pub mod case;
mod conformance;
pub mod coverage;
pub mod derive;
pub mod deviation;
#[cfg(feature = "engines")]
pub mod engine;
pub mod explain;
pub mod fuzz;
pub mod judge;
pub mod own;
pub mod perform;
pub mod record;
pub mod report;
pub mod run;
pub mod select;
pub mod service;
pub mod subject;
pub mod verdict;
pub mod wire;

pub use conformance::{CheckError, Conformance, check, check_policy, record_of, record_of_plan};
