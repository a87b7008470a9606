//! Real browsers as judges of the model: the cases of `cases/browser`, performed in Chromium, Firefox and WebKit.
//!
//! A [`Session`](session::Session) is one headless browser under WebDriver whose whole network is a proxy of ours: it is
//! every host, and answers with the bytes that a case states. What script saw, what went over the wire and what the
//! console said is compared with what the case expects of that engine, and with what the model did.

pub mod compare;
pub mod console;
mod driver;
pub mod engine;
pub mod known;
pub mod model;
pub mod observed;
mod page;
mod process;
pub mod proxy;
pub mod report;
pub mod run;
pub mod session;
