//! Real programs, most of which lie.

#![cfg(unix)]

mod check;
mod faults;
mod orphans;
mod restarts;
// Clippy takes only what is marked so for tests.
#[cfg(test)]
mod support;
