//! Whole fetches, from script's call to the outcome.

mod profiles;
mod support;
