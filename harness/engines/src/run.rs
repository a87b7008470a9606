//! A run: cases over several browsers of one engine.

use std::sync::Arc;
use std::time::Duration;

use corspec::case::{Case, Suite};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use tokio::sync::{Mutex, mpsc};

use crate::compare::{self, Difference};
use crate::engine::{Engine, Unavailable};
use crate::model::{Model, Prepared};
use crate::observed::ObservedRecord;
use crate::session::{Failure, Session};

/// A case, by its place in the suites.
#[derive(Clone, Debug)]
pub struct Task {
    /// Where it stands among the others.
    pub index: usize,
    /// Its suite's name.
    pub suite: String,
    /// The case.
    pub case: Case,
}

/// What became of one case.
#[derive(Clone, Debug, Serialize)]
pub struct CaseResult {
    /// `suite/id`
    pub case: String,
    /// `must`, `should` or `may`
    pub level: String,
    /// The browser against the case and the model.
    pub verdict: Verdict,
    /// Why there is no outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// In what it differs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// What the browser did, step by step.
    pub steps: Vec<ObservedRecord>,
    /// Where it stands among the others.
    #[serde(skip)]
    pub index: usize,
}

/// A browser against a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It did what the case and the model say.
    Agree,
    /// It did something else.
    Disagree,
    /// It did something else in an open case.
    Noted,
    /// It did something else, as is known of it.
    Known,
    /// The case cannot be performed in it.
    NotPerformable,
    /// It broke, or came to no end.
    Error,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 6] =
        [Self::Agree, Self::Disagree, Self::Noted, Self::Known, Self::NotPerformable, Self::Error];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Disagree => "disagree",
            Self::Noted => "noted",
            Self::Known => "known",
            Self::NotPerformable => "not-performable",
            Self::Error => "error",
        }
    }
}

/// The tasks of the suites that `selects` picks by suite and id.
pub fn tasks(suites: &[Suite], selects: impl Fn(&str, &str) -> bool) -> Vec<Task> {
    let all = suites.iter().filter(|suite| suite.kind == corspec::case::Kind::Browser);
    all.flat_map(|suite| suite.cases.iter().map(|case| (suite.name.clone(), case.clone())))
        .filter(|(suite, case)| selects(suite, &case.id))
        .enumerate()
        .map(|(index, (suite, case))| Task { index, suite, case })
        .collect()
}

/// Performs the tasks in so many browsers at once, and tells the engine's version and the results in whatever order they end.
///
/// # Errors
/// Where not even one browser comes up.
pub async fn run(
    engine: Engine,
    tasks: Vec<Task>,
    jobs: usize,
) -> Result<(String, impl Stream<Item = CaseResult>), Unavailable> {
    let first = Session::start(engine).await?;
    let version = first.version().to_owned();
    let model = Model::start()
        .await
        .map_err(|error| Unavailable { engine, reason: format!("the model's network: {error}") })?;
    let model = Arc::new(model);
    // Cases that wait go first, so that the others fill the time.
    let mut prepared = Vec::with_capacity(tasks.len());
    for task in tasks {
        let ready = model.prepare(&task.case, engine).await;
        let waits = ready.as_ref().map_or(Duration::ZERO, |ready| ready.waits.iter().sum());
        prepared.push((waits, task, ready));
    }
    prepared.sort_by_key(|(waits, task, _)| (*waits, std::cmp::Reverse(task.index)));
    let queue = Arc::new(Mutex::new(prepared));
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut first = Some(first);
    for _ in 0..jobs.max(1) {
        let (queue, sender, session) = (Arc::clone(&queue), sender.clone(), first.take());
        tokio::spawn(work(engine, queue, session, sender));
    }
    drop(sender);
    let results = stream::unfold(receiver, async |mut receiver: mpsc::UnboundedReceiver<_>| {
        receiver.recv().await.map(|result| (result, receiver))
    });
    Ok((version, results.boxed()))
}

type Queue = Vec<(Duration, Task, Result<Prepared, String>)>;

/// One browser after another takes cases from the queue until it is empty; a broken one is replaced.
async fn work(
    engine: Engine,
    queue: Arc<Mutex<Queue>>,
    mut session: Option<Session>,
    results: mpsc::UnboundedSender<CaseResult>,
) {
    loop {
        let Some((_, task, prepared)) = queue.lock().await.pop() else { return };
        let result = match prepared {
            Err(reason) => without_outcome(&task, Verdict::NotPerformable, reason),
            Ok(prepared) => {
                if session.is_none() {
                    session = match Session::start(engine).await {
                        Ok(session) => Some(session),
                        Err(unavailable) => {
                            let _ =
                                results.send(without_outcome(&task, Verdict::Error, unavailable.to_string()));
                            continue;
                        }
                    };
                }
                let Some(running) = &mut session else { continue };
                match running.perform(&task.case, &prepared).await {
                    Ok(observed) => judge(engine, &task, &prepared, &observed),
                    Err(Failure::Cannot(reason)) => without_outcome(&task, Verdict::NotPerformable, reason),
                    Err(failure) => {
                        session = None;
                        without_outcome(&task, Verdict::Error, failure.to_string())
                    }
                }
            }
        };
        // Nobody listens any more where the run was given up.
        if results.send(result).is_err() {
            return;
        }
    }
}

fn judge(
    engine: Engine,
    task: &Task,
    prepared: &Prepared,
    observed: &[crate::observed::Observed],
) -> CaseResult {
    let case = &task.case;
    let last = case.steps.len() - 1;
    let own = case.profiles.get(engine.name());
    // A model of the standard says nothing of what the case says is different in this engine.
    let comparable = own.is_none() || prepared.profile.name() == engine.name();
    let mut differences = Vec::new();
    for (index, (step, observed)) in case.steps.iter().zip(observed).enumerate() {
        let expect = own.filter(|_| index == last).map_or(&step.expect, |departure| &departure.expect);
        differences.extend(compare::with_case(engine, index, expect, observed, case.profiles.is_empty()));
        if comparable {
            differences.extend(compare::with_model(index, &prepared.model[index].outcome, observed));
        }
    }
    let verdict = match (differences.is_empty(), case.level) {
        (true, _) => Verdict::Agree,
        (false, corspec::case::Level::May) => Verdict::Noted,
        (false, _) => Verdict::Disagree,
    };
    CaseResult {
        differences,
        steps: observed.iter().map(|step| step.told()).collect(),
        ..without(task, verdict)
    }
}

fn without_outcome(task: &Task, verdict: Verdict, message: String) -> CaseResult {
    CaseResult { message: Some(message), ..without(task, verdict) }
}

fn without(task: &Task, verdict: Verdict) -> CaseResult {
    CaseResult {
        case: format!("{}/{}", task.suite, task.case.id),
        level: task.case.level.to_string(),
        verdict,
        message: None,
        differences: Vec::new(),
        steps: Vec::new(),
        index: task.index,
    }
}
