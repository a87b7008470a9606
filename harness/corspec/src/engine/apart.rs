//! One case in browsers that have forgotten everything: where cookies, caches or several visitors play a part.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, sleep_until};
use url::Url;

use super::kind::{Engine, Unavailable};
use super::observe::{Witness, observe};
use super::page::{Batch, Instruction, Scene, outer_of, outer_url, page_url, visit_url};
use super::prepared::{Prepared, is_outermost};
use super::proxy::Task;
use super::session::{STEP_PATIENCE, Session};
use super::told::Told;
use super::webdriver::DriverError;
use crate::browser::{NotPerformed, Performed};
use crate::case::{Initiator, ThirdPartyCookies};
use crate::wire::Client;

/// How long a request that tells no end of itself may take to come.
const SETTLE: Duration = Duration::from_millis(1_500);

/// The browsers of the visitors of one case after the other.
#[derive(Debug)]
pub(super) struct Visitors {
    engine: Engine,
    third_party: ThirdPartyCookies,
    sessions: Vec<Session>,
}

/// Why a case came to no outcome.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error(transparent)]
    Driver(#[from] DriverError),
    #[error(transparent)]
    NotPerformed(#[from] NotPerformed),
}

impl Visitors {
    pub(super) fn new(engine: Engine, third_party: ThirdPartyCookies) -> Self {
        Self { engine, third_party, sessions: Vec::new() }
    }

    /// Performs a case. Where it fails, the browsers are not to be used again.
    pub(super) async fn perform(
        &mut self,
        prepared: &Prepared,
        client: &Client,
        number: u64,
    ) -> Result<Vec<Performed>, Failure> {
        let task = Arc::new(prepared.task(client));
        let mut names: Vec<&str> = Vec::new();
        let mut performed = Vec::new();
        // The time begins when the first browser has what it brings along.
        let mut begun = None;
        for (index, step) in prepared.case.steps.iter().enumerate() {
            let visitor = names.iter().position(|name| *name == step.visitor).unwrap_or(names.len());
            if visitor == names.len() {
                names.push(&step.visitor);
                self.welcome(visitor, prepared).await?;
            }
            // Behind a shared cache the browser's own has no part, unless the case says so.
            if index > 0 && prepared.case.shared_cache.is_some() && !prepared.case.browser.http_cache {
                self.welcome(visitor, prepared).await?;
            }
            let session = &mut self.sessions[visitor];
            let begun = *begun.get_or_insert_with(Instant::now);
            sleep_until((begun + prepared.steps[index].at).into()).await;
            task.turn_to(index);
            session.proxy.admit(number, Arc::clone(&task));
            session.proxy.clear_for(Some(number));
            let told = session.perform_apart(prepared, index, &task, number).await;
            session.proxy.dismiss(number);
            let told = told?;
            let blocked = told.outcome.as_deref() == Some("block");
            let console = if blocked { session.console().await? } else { Vec::new() };
            let jar = if step.expect.set_cookies.is_empty() {
                None
            } else {
                Some(session.jar(prepared, index).await?)
            };
            let transcript = &task.transcripts()[index];
            let witness = Witness { told: &told, transcript, console, jar };
            performed.push(observe(self.engine, prepared, index, witness)?);
        }
        Ok(performed)
    }

    /// Has a browser ready that remembers nothing but what the case says it brings along.
    async fn welcome(&mut self, visitor: usize, prepared: &Prepared) -> Result<(), Failure> {
        match self.sessions.get_mut(visitor) {
            Some(session) => {
                if !session.forget().await? {
                    *session = Session::start(self.engine, self.third_party).await?;
                }
            }
            None => self.sessions.push(Session::start(self.engine, self.third_party).await?),
        }
        let session = &mut self.sessions[visitor];
        for (url, line) in prepared.held() {
            session.proxy.set_cookie(url.host_str().unwrap_or_default(), &line);
            session.visit(&visit_url(&url)).await?;
        }
        Ok(())
    }

    pub(super) async fn quit(self) {
        for session in self.sessions {
            session.quit().await;
        }
    }
}

impl Session {
    async fn perform_apart(
        &mut self,
        prepared: &Prepared,
        index: usize,
        task: &Task,
        number: u64,
    ) -> Result<Told, DriverError> {
        let step = &prepared.case.steps[index];
        let asked = &prepared.steps[index].asked;
        let mut instruction = Instruction::new(&step.request, &asked.origin, &asked.url, None);
        instruction.timed = step.expect.timing.is_some();
        let top_level = step.request.top_level.as_deref();
        if is_outermost(asked, top_level) {
            instruction.here = true;
            self.go(&page_url(&asked.origin, step.request.referrer_policy)).await?;
        } else {
            let outer = top_level.map_or_else(|| outer_url("https", 2), outer_of);
            self.go(&outer).await?;
        }
        let batch = Batch {
            cases: vec![Scene { number, steps: vec![instruction] }],
            at_once: 1,
            patience: STEP_PATIENCE.as_millis() as u64,
        };
        let mut told = self.perform(&batch, STEP_PATIENCE * 4).await?;
        if step.request.initiator == Initiator::Form {
            self.is_elsewhere();
        }
        if matches!(step.request.initiator, Initiator::Form | Initiator::Beacon) {
            settle(task).await;
        }
        let told = told.pop().flatten().and_then(|mut steps| steps.pop());
        Ok(told.unwrap_or_else(|| Told {
            failed: Some("the page says nothing of it".to_owned()),
            ..Told::default()
        }))
    }

    /// The names of the cookies that the host of a step's URL has, as a visit there shows them.
    async fn jar(&mut self, prepared: &Prepared, index: usize) -> Result<Vec<String>, DriverError> {
        let Ok(url) = Url::parse(&prepared.steps[index].asked.url) else { return Ok(Vec::new()) };
        self.visit(&visit_url(&url)).await?;
        let shown = self.proxy.cookie_at(url.host_str().unwrap_or_default()).unwrap_or_default();
        let name = |pair: &str| pair.split('=').next().unwrap_or_default().trim().to_owned();
        Ok(String::from_utf8_lossy(&shown).split(';').map(name).collect())
    }
}

/// Waits until what was sent has come, or nothing more is to be expected.
async fn settle(task: &Task) {
    let begun = Instant::now();
    while begun.elapsed() < SETTLE {
        let (seen, waits_for_more) = task.progress();
        if seen > 0 && !waits_for_more {
            // What else comes, comes at once.
            sleep(Duration::from_millis(50)).await;
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
}
