//! Cases: what a page asks for, and what a browser must make of the answer.
//!
//! A file of `cases/` is one [`Suite`]; [`load_dir`] reads a folder of them. Every file is checked whole, and
//! whatever is wrong in any of them comes back at once as [`Problems`], each with its place in the file and a
//! way out. The format is described in `cases/README.md`.

mod decode;
mod load;
mod matrix;
mod model;
mod positions;
mod problems;
mod reasons;
mod yaml;

pub use load::{load_config, load_dir, load_dir_as, load_files, load_files_as, locate, parse_config};
pub use model::{
    AddressSpace, Beside, Body, BodyKind, BrowserSetup, Case, Credentials, CrossOrigin, Departure, Expect,
    HeldCookie, Initiator, Kind, Level, LocalNetwork, Mode, Outcome, PageOrigin, PreflightUse, Redirect,
    ReferrerPolicy, Request, ResponseSource, ResponseType, Scripted, SentExpect, SharedCache, Source, Stage,
    Step, Suite, Target, ThirdPartyCookies, Visible,
};
pub use positions::{KeyPath, Location, Segment};
pub use problems::{Problem, Problems};

#[cfg(test)]
mod tests;
