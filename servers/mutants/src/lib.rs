//! What measures the suite: CORS servers that are wrong in one known way each, and servers that are
//! right and yet as unlike as right servers are.
//!
//! A suite that is worth anything finds fault with every [mutant](mutants) and with none of the
//! [right servers](right_servers). All of them are one CORS layer in front of the reference server's
//! resource, over real HTTP; a mutant's fault takes the place of one decision of that layer.

mod fault;
mod faults;
mod in_process;
mod layer;
mod listen;
mod mutant;
mod names;
mod policy;
mod reply;
mod right;
mod server;
mod site;
mod style;
mod turn;

#[cfg(test)]
mod battery;

pub use in_process::{Answered, InProcess};
pub use mutant::{Class, Mutant, mutants, server};
pub use right::{RightServer, right_servers};
