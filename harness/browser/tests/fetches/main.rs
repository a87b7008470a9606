//! Whole fetches, from script's call to the outcome.

mod console;
mod profiles;
mod support;
