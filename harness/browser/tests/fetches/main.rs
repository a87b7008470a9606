//! Whole fetches, from script's call to the outcome.

mod caches;
mod console;
mod cookies;
mod initiators;
mod neighbours;
mod profiles;
mod support;
