//! A real browser as a [`Browser`].

use std::sync::Arc;
use std::time::Duration;

use corspec_browser::Profile;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::kind::{Engine, Unavailable};
use super::pool::{Job, Pool};
use super::prepared::Prepared;
use super::session::Session;
use crate::browser::{Browser, NotPerformed, Performing};
use crate::case::{Case, ThirdPartyCookies};
use crate::deviation::Deviations;
use crate::perform::Place;

/// How real browsers are run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How many browsers at once.
    pub browsers: usize,
    /// The longest that a case may wait for time to pass.
    pub longest_wait: Duration,
    /// Whether cases are known to lead nowhere that another leads, so that nothing need be forgotten between them.
    pub strangers: bool,
    /// How many cases are handed over at once.
    pub appetite: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let browsers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).clamp(1, 4);
        Self { browsers, longest_wait: Duration::from_secs(10), strangers: false, appetite: 512 }
    }
}

/// Browsers of one engine, which perform cases as they come.
pub struct RealBrowser {
    engine: Engine,
    version: String,
    settings: Settings,
    known: Deviations,
    pool: Arc<Pool>,
    working: Vec<JoinHandle<()>>,
}

impl RealBrowser {
    /// Starts a browser; others follow when there is work for them.
    ///
    /// # Errors
    /// Where it is not there or does not come up.
    pub async fn start(engine: Engine, settings: Settings) -> Result<Self, Unavailable> {
        let first = Session::start(engine, ThirdPartyCookies::Allow).await?;
        let version = first.version.clone();
        let (pool, working) = Pool::start(engine, first, settings.browsers);
        Ok(Self { engine, version, settings, known: engine.known(), pool, working })
    }

    /// Which engine it is.
    pub const fn kind(&self) -> Engine {
        self.engine
    }

    /// The version, as the browser tells.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Ends the browsers, and returns when none of them is left.
    pub async fn stop(mut self) {
        for working in std::mem::take(&mut self.working) {
            working.abort();
            // Either it was aborted, or it had ended.
            let _ = working.await;
        }
    }
}

impl Drop for RealBrowser {
    fn drop(&mut self) {
        for working in &self.working {
            working.abort();
        }
    }
}

impl Browser for RealBrowser {
    fn profile(&self) -> Profile {
        self.engine.profile()
    }

    fn engine(&self) -> Option<String> {
        Some(format!("{} {}", self.engine.title(), self.version))
    }

    fn known(&self) -> Option<&Deviations> {
        Some(&self.known)
    }

    fn appetite(&self) -> Option<usize> {
        Some(self.settings.appetite)
    }

    fn perform<'a>(&'a self, case: &'a Case, place: Place<'a>) -> Performing<'a> {
        Box::pin(async move {
            let prepared = Prepared::new(self.engine, case, place, self.settings).await?;
            let (reply, answer) = oneshot::channel();
            self.pool.put(Job { prepared, reply });
            answer.await.unwrap_or_else(|_| Err(NotPerformed::Broke(format!("{} was ended", self.engine))))
        })
    }
}

/// A browser that cannot run here: every case says so, and why.
pub struct AbsentBrowser(Unavailable);

impl AbsentBrowser {
    /// Stands in for a browser that could not be had.
    pub const fn new(why: Unavailable) -> Self {
        Self(why)
    }
}

impl Browser for AbsentBrowser {
    fn profile(&self) -> Profile {
        self.0.engine.profile()
    }

    fn engine(&self) -> Option<String> {
        Some(self.0.engine.title().to_owned())
    }

    fn perform<'a>(&'a self, _case: &'a Case, _place: Place<'a>) -> Performing<'a> {
        let problem = NotPerformed::Unavailable(self.0.to_string());
        Box::pin(async { Err(problem) })
    }
}
