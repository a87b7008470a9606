//! Experiments that nobody wrote: cases drawn by lot near the edges of the rules, made small where two browsers disagree.

mod draw;
mod random;
mod shrink;
mod yaml;

pub use draw::draw;
pub use shrink::simpler;
pub use yaml::{Ending, yaml};
