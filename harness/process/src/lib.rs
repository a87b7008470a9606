//! The harness's side of corspec's server protocol: starts servers under test, talks to them, and
//! leaves none behind.
//!
//! [`Process`] is a running server as a [`corspec_protocol::Server`]. It trusts nothing that the
//! program says: whatever is against the protocol becomes a [`Fault`] that tells what was sent, what
//! came and how stderr ended, and no fault hangs the harness. [`check()`] holds a server against the
//! whole contract, for those who write one. [`ServerFolder`] reads what `server.yaml` says of it.
//!
//! # No orphans
//!
//! A program runs in a process group of its own, and all of the group ends with it: stdin is closed,
//! then comes SIGTERM, then SIGKILL. That happens when a [`Process`] is stopped or dropped. For the
//! ways out on which no destructor runs (Ctrl-C, `abort`, SIGKILL) a small shell beside each group
//! waits on a pipe that the kernel closes with the harness, and then ends the group. A process that
//! leaves its group on purpose (`setsid`) is beyond reach.

mod check;
mod child;
mod command;
mod fault;
mod folder;
mod input;
#[cfg(unix)]
mod keeper;
mod line;
mod link;
mod loopback;
mod options;
mod pins;
mod printable;
mod process;
mod tail;
mod toolchain;

pub use check::{CheckOptions, CheckReport, Finding, check};
pub use command::CommandLine;
pub use fault::{Breach, Fault, StartError};
pub use folder::{FolderError, ServerFolder};
pub use options::Options;
pub use process::{Process, Restart};
pub use toolchain::{Readiness, ToolError, detect, set_up};
