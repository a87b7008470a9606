//! Reports: what a record says, for a terminal, a build server, a page, a review and a badge.
//!
//! Each is a pure function of a [`Record`](crate::record::Record): it runs nothing, reads nothing, and gives the same
//! text for the same record. Whatever a server or a case wrote passes through [`printable`](mod@printable) and then
//! through the escaping of the format.

pub mod agreement;
pub mod as_it_comes;
pub mod badge;
mod civil;
mod explain;
pub mod html;
pub mod junit;
pub mod markdown;
mod markup;
pub mod matrix;
pub mod printable;
pub mod reproduce;
pub mod snapshot;
mod summary;
pub mod terminal;

#[cfg(test)]
mod hostile;
#[cfg(test)]
pub(crate) mod sample;

pub use explain::headline;
pub use reproduce::rerun_command;
pub use summary::{Column, Row, Summary};
