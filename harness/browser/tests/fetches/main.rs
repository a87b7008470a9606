//! Whole fetches, from script's call to the outcome.

mod caches;
mod console;
mod cookies;
mod hostile;
mod initiators;
mod neighbours;
mod profiles;
mod support;
