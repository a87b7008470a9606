//! Real browsers perform cases: Chromium, Firefox and WebKit under WebDriver, on a network that is ours.
//!
//! A [`RealBrowser`] has headless browsers whose whole network is a proxy that is every host there is. It serves the pages
//! that make requests, and answers these with the bytes that a case states or with what a server under test says. What
//! script saw, what went over the wire and what the console said is what a case is judged by.

mod apart;
mod batch;
mod browser;
mod console;
mod dates;
mod guarded;
mod installed;
mod kind;
mod observe;
mod page;
mod pool;
mod prepared;
mod proxy;
mod session;
mod told;
mod webdriver;

pub use browser::{AbsentBrowser, RealBrowser, Settings};
pub use installed::{Installed, installed};
pub use kind::{Engine, Unavailable};
