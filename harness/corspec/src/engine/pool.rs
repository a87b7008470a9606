//! The browsers of one engine: cases wait in a queue, and each browser takes as many at once as go together.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::time::sleep;

use super::apart::{Failure, Visitors};
use super::kind::{Engine, Unavailable};
use super::prepared::{Manner, Prepared};
use super::session::Session;
use crate::browser::{NotPerformed, Performed};
use crate::case::ThirdPartyCookies;
use crate::wire::Client;

/// How many cases a browser takes at once.
const BATCH: usize = 128;

/// How many cases wait for time to pass in one browser: Firefox remembers a hundred permissions and no more.
const WAITING: usize = 40;

/// How often in a row a browser may fail to come up before nothing more is expected of it.
const ATTEMPTS: usize = 3;

type Outcome = Result<Vec<Performed>, NotPerformed>;

/// A case that waits for a browser.
pub(super) struct Job {
    pub(super) prepared: Prepared,
    pub(super) reply: oneshot::Sender<Outcome>,
}

/// What the browsers of an engine share.
pub(super) struct Pool {
    engine: Engine,
    queue: Mutex<VecDeque<Job>>,
    changed: Notify,
    client: Client,
    numbers: AtomicU64,
    /// How many attempts in a row to have a browser have failed.
    failed: AtomicUsize,
}

impl Pool {
    /// Sets so many browsers to work, the first of which is there already.
    pub(super) fn start(
        engine: Engine,
        first: Session,
        jobs: usize,
    ) -> (Arc<Self>, Vec<tokio::task::JoinHandle<()>>) {
        let pool = Arc::new(Self {
            engine,
            queue: Mutex::default(),
            changed: Notify::new(),
            client: Client::default(),
            numbers: AtomicU64::new(1),
            failed: AtomicUsize::new(0),
        });
        let mut first = Some(first);
        let working = (0..jobs.max(1)).map(|_| tokio::spawn(Arc::clone(&pool).work(first.take()))).collect();
        (pool, working)
    }

    pub(super) fn put(&self, job: Job) {
        self.queue().push_back(job);
        self.changed.notify_one();
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, VecDeque<Job>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next jobs that go together.
    async fn take(&self) -> Vec<Job> {
        loop {
            let changed = self.changed.notified();
            if !self.queue().is_empty() {
                break;
            }
            changed.await;
        }
        // Those that are on their way may come along.
        sleep(Duration::from_millis(3)).await;
        let mut queue = self.queue();
        let Some(first) = queue.pop_front() else { return Vec::new() };
        let manner = first.prepared.manner;
        let mut jobs = vec![first];
        if let Manner::Beside { waits, .. } = manner {
            let mut rest = VecDeque::with_capacity(queue.len());
            while let Some(job) = queue.pop_front() {
                let room = if waits { WAITING } else { BATCH };
                if job.prepared.manner == manner && jobs.len() < room {
                    jobs.push(job);
                } else {
                    rest.push_back(job);
                }
            }
            *queue = rest;
        }
        if !queue.is_empty() {
            self.changed.notify_one();
        }
        jobs
    }

    async fn work(self: Arc<Self>, mut session: Option<Session>) {
        let mut apart: Vec<(ThirdPartyCookies, Visitors)> = Vec::new();
        loop {
            let jobs = self.take().await;
            let Some(job) = jobs.first() else { continue };
            match job.prepared.manner {
                // Those that wait do so in a browser of their own, and hold up nobody.
                Manner::Beside { secure, waits: true } => {
                    let pool = Arc::clone(&self);
                    tokio::spawn(async move { pool.beside(&mut None, secure, jobs).await });
                }
                Manner::Beside { secure, waits: false } => self.beside(&mut session, secure, jobs).await,
                Manner::Apart { third_party } => {
                    let known = apart.iter().position(|(kind, _)| *kind == third_party);
                    let visitors = match known {
                        Some(index) => apart.swap_remove(index).1,
                        None => Visitors::new(self.engine, third_party),
                    };
                    if let Some(visitors) = self.apart(visitors, jobs).await {
                        apart.push((third_party, visitors));
                    }
                }
            }
        }
    }

    async fn beside(&self, session: &mut Option<Session>, secure: bool, jobs: Vec<Job>) {
        if session.is_none() {
            match self.have(Session::start(self.engine, ThirdPartyCookies::Allow).await) {
                Ok(started) => *session = Some(started),
                Err(problem) => return answer_all(jobs, &problem),
            }
        }
        let Some(running) = session else { return };
        let prepared: Vec<&Prepared> = jobs.iter().map(|job| &job.prepared).collect();
        let first = self.numbers.fetch_add(jobs.len() as u64, Ordering::Relaxed);
        match running.perform_beside(secure, &prepared, &self.client, first).await {
            Ok(results) => {
                for (job, result) in jobs.into_iter().zip(results) {
                    // Nobody listens any more where the run was given up.
                    let _ = job.reply.send(result);
                }
            }
            Err(error) => {
                *session = None;
                answer_all(jobs, &self.broke(&error));
            }
        }
    }

    /// The visitors' browsers, if they can be used again.
    async fn apart(&self, mut visitors: Visitors, jobs: Vec<Job>) -> Option<Visitors> {
        for job in jobs {
            let number = self.numbers.fetch_add(1, Ordering::Relaxed);
            let result = visitors.perform(&job.prepared, &self.client, number).await;
            let (result, usable) = match result {
                Ok(performed) => (Ok(performed), true),
                Err(Failure::NotPerformed(problem)) => (Err(problem), true),
                Err(Failure::Driver(error)) => (Err(self.broke(&error)), false),
                Err(Failure::Unavailable(problem)) => (self.have(Err(problem)), false),
            };
            let _ = job.reply.send(result);
            if !usable {
                visitors.quit().await;
                return None;
            }
        }
        Some(visitors)
    }

    /// What a browser's failure to come up means: once for a case, and after several for all that follow.
    fn have<T>(&self, started: Result<T, Unavailable>) -> Result<T, NotPerformed> {
        match started {
            Ok(session) => {
                self.failed.store(0, Ordering::Relaxed);
                Ok(session)
            }
            Err(problem) if self.failed.fetch_add(1, Ordering::Relaxed) < ATTEMPTS => {
                Err(NotPerformed::Broke(problem.to_string()))
            }
            Err(problem) => Err(NotPerformed::Unavailable(problem.to_string())),
        }
    }

    fn broke(&self, error: &impl std::fmt::Display) -> NotPerformed {
        NotPerformed::Broke(format!(
            "{} broke or came to no end: {error}\n  help: if it does so again, `{}` brings another one",
            self.engine,
            self.engine.install()
        ))
    }
}

fn answer_all(jobs: Vec<Job>, problem: &NotPerformed) {
    for job in jobs {
        let _ = job.reply.send(Err(problem.clone()));
    }
}
