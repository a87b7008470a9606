//! A run: cases against servers, concurrently, over kept connections to servers that are started once.
//!
//! Servers run side by side, as many as have room, each on a course of its own: one that is slow, or hangs, or breaks, holds
//! up no other. What they come to is told in the order in which they were given, whichever ends first.

pub mod as_it_comes;
mod course;
mod group;
mod patience;
mod result;
mod seats;

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use corspec_browser::{Profile, STANDARD};
use corspec_protocol::{Answer, Instance, Policy};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

use crate::browser::Browser;
use crate::case::{Case, Suite};
use crate::perform::ModelBrowser;
use crate::record::{CaseResult, Line, RunInfo, Tally};
use crate::select::Selection;
use crate::subject::Subject;
use crate::wire::{Client, InProcess, Options, Scripted, Transport};

#[cfg(test)]
pub(crate) use result::without_outcome;

use course::Course;
use group::{AT_ONCE, Group};
use patience::Patience;
use seats::Seats;

/// What to run, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The suites to choose from.
    pub suites: Arc<[Suite]>,
    /// Which of their cases.
    pub selection: Selection,
    /// Whose rules decide, each in turn.
    pub profiles: Vec<Profile>,
    /// How many cases of a server are under way at once.
    pub jobs: usize,
    /// How many servers run side by side.
    pub servers: usize,
    /// How many MiB they may take together.
    pub memory: u32,
    /// Whether middlewares are also looked at as they come, without any option.
    pub as_it_comes: bool,
    /// By whose rules else one case of each cause is looked at that fell short.
    pub views: Vec<Profile>,
    /// Whether the first failure ends the run.
    pub fail_fast: bool,
    /// Whether the suites are all that a server's known deviations are about, so that one which does not happen is stale.
    pub all_suites: bool,
    /// Whether results that pass say step by step what happened, too; it takes more time than performing them.
    pub tell_passes: bool,
    /// The limits on every exchange.
    pub options: Options,
}

impl Plan {
    /// Every case of the suites under the standard's own rules.
    pub fn new(suites: impl Into<Arc<[Suite]>>) -> Self {
        Self {
            suites: suites.into(),
            selection: Selection::default(),
            profiles: vec![Profile::Fetch],
            jobs: cores() * 8,
            servers: cores() * 3,
            memory: 4096,
            as_it_comes: false,
            views: Vec::new(),
            fail_fast: false,
            all_suites: true,
            tell_passes: true,
            options: Options::default(),
        }
    }

    /// The cases that this subject is to be run against, suite by suite.
    pub fn cases<'a>(&'a self, subject: &'a Subject) -> impl Iterator<Item = (&'a Suite, Vec<&'a Case>)> {
        let kind = subject.suites();
        self.suites.iter().filter(move |suite| suite.kind == kind).filter_map(|suite| {
            let selected = |case: &&Case| self.selection.selects(&subject.name, &suite.name, &case.id);
            let cases: Vec<_> = suite.cases.iter().filter(selected).collect();
            (!cases.is_empty()).then_some((suite, cases))
        })
    }

    /// How many results the run will have by each of the plan's profiles.
    pub fn count(&self, subjects: &[Subject]) -> usize {
        let cases: usize =
            subjects.iter().flat_map(|subject| self.cases(subject)).map(|(_, cases)| cases.len()).sum();
        cases * self.profiles.len()
    }
}

/// What a run needs that outlives its subjects: the connections, the scripted server, and the browsers, if they are real.
pub struct Bench {
    client: Client,
    scripted: Scripted,
    engines: Vec<Arc<dyn Browser>>,
}

impl Bench {
    /// Starts the scripted server.
    ///
    /// # Errors
    /// Where no port can be bound on loopback.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        Ok(Self { client: Client::new(options), scripted: Scripted::start().await?, engines: Vec::new() })
    }

    /// The same with real browsers, which perform the cases in place of the model.
    #[must_use]
    pub fn with_engines(mut self, engines: Vec<Arc<dyn Browser>>) -> Self {
        self.engines = engines;
        self
    }

    /// What performs the cases of a plan, each in turn.
    pub fn browsers(&self, plan: &Plan) -> Vec<Arc<dyn Browser>> {
        if !self.engines.is_empty() {
            return self.engines.clone();
        }
        let model = |&profile| Arc::new(self.model(profile)) as Arc<dyn Browser>;
        plan.profiles.iter().map(model).collect()
    }

    /// The model by that profile's rules.
    pub fn model(&self, profile: Profile) -> ModelBrowser {
        ModelBrowser { client: self.client.clone(), profile }
    }

    /// What answers with the bytes that cases state.
    pub fn scripted(&self) -> &Scripted {
        &self.scripted
    }

    /// The same, with servers in this process that are asked before the network is.
    #[must_use]
    pub fn with_in_process(mut self, servers: Arc<dyn InProcess>) -> Self {
        self.client = self.client.with_in_process(servers);
        self
    }

    /// The same, with another way to the servers than HTTP/1.1 in the clear.
    #[must_use]
    pub fn over(mut self, transport: Arc<dyn Transport>) -> Self {
        self.client = self.client.over(transport);
        self
    }
}

/// Runs the plan and hands every line of the record to `sink` as soon as its turn has come: subjects and cases are told in
/// the order in which they were given, whichever ends first. `sink` returns whether to go on.
pub async fn run(
    bench: &Arc<Bench>,
    plan: &Arc<Plan>,
    subjects: &[Subject],
    arguments: Vec<String>,
    mut sink: impl FnMut(&Line) -> bool,
) -> Tally {
    let started =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let info = RunInfo {
        corspec: env!("CARGO_PKG_VERSION").to_owned(),
        standard: STANDARD.to_owned(),
        started,
        arguments,
    };
    let mut going = sink(&Line::Run(info));
    let mut tally = Tally::new();
    let (courses, mut lines): (Vec<_>, Vec<_>) = subjects
        .iter()
        .map(|subject| {
            let (sender, receiver) = unbounded_channel();
            let course =
                Course { bench: bench.clone(), plan: plan.clone(), subject: subject.clone(), lines: sender };
            (course, receiver)
        })
        .unzip();
    let telling = async {
        for lines in &mut lines {
            while going && let Some(line) = lines.recv().await {
                let failed = match &line {
                    Line::Result(result) => {
                        *tally.entry(result.verdict.code().to_owned()).or_default() += 1;
                        result.fails()
                    }
                    _ => false,
                };
                going &= sink(&line) && !(failed && plan.fail_fast);
            }
        }
    };
    // What is dropped here ends every course that is still under way.
    tokio::select! {
        biased;
        never = perform(plan, courses) => match never {},
        () = telling => {}
    }
    sink(&Line::End(tally.clone()));
    tally
}

/// Follows all courses to their ends, and then waits for whoever tells of them.
async fn perform(plan: &Plan, mut courses: Vec<Course>) -> std::convert::Infallible {
    // What takes most starts first: it is what takes longest to start as a rule, and would be waited for in the end.
    courses.sort_by_key(|course| std::cmp::Reverse(course.subject.memory));
    let seats = Arc::new(Seats::new(plan.servers, plan.memory));
    let mut under_way = JoinSet::new();
    for course in courses {
        let seats = seats.clone();
        under_way.spawn(async move {
            let seat = seats.take(course.subject.memory).await;
            course.run().await;
            drop(seat);
        });
    }
    while let Some(ended) = under_way.join_next().await {
        rethrow(ended);
    }
    std::future::pending().await
}

/// A panic is a defect of ours, and told as one.
fn rethrow<T>(joined: Result<T, tokio::task::JoinError>) -> T {
    joined.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// A task that ends when nobody waits for it any more.
struct Task<T>(JoinHandle<T>);

impl<T: Send + 'static> Task<T> {
    fn spawn(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    async fn join(mut self) -> T {
        rethrow((&mut self.0).await)
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The results of one subject in one browser, in the order of its suites and cases.
pub fn run_subject<'a>(
    bench: &'a Arc<Bench>,
    plan: &'a Arc<Plan>,
    subject: &'a Subject,
    browser: &'a Arc<dyn Browser>,
) -> impl Stream<Item = CaseResult> + 'a {
    // Asked once: a server may have to look up what it says of itself.
    let lacks: Arc<[String]> = subject.hello().map_or_else(Vec::new, |hello| hello.lacks).into();
    let patience = Arc::new(Patience::default());
    // A group is a task of its own, so that groups spread over the cores; within a group cases are concurrent.
    let groups_at_once = browser.appetite().unwrap_or(plan.jobs).max(1).div_ceil(AT_ONCE);
    let groups = plan.cases(subject).map(move |(suite, cases)| {
        let ids = cases.iter().map(|case| case.id.clone()).collect();
        let group = Group::new(bench, plan, subject, suite, browser, ids, lacks.clone(), patience.clone());
        async move { Task::spawn(group.run()).join().await }
    });
    stream::iter(groups).buffered(groups_at_once).flat_map(stream::iter)
}

/// What listens under a policy, or what the server says instead.
async fn listening(subject: &Subject, policy: Option<&Policy>) -> Result<(Url, Instance), Answer> {
    // A server in process may panic; that is its own error, and not the run's.
    let serving = AssertUnwindSafe(subject.serve(policy));
    match serving.catch_unwind().await.unwrap_or_else(|panic| Answer::failed(told(&*panic))) {
        Answer::Ready(instance) => match Url::parse(&instance.url) {
            Ok(url) if url.has_host() => Ok((url, instance)),
            _ => Err(Answer::failed(format!(
                "the server says that it listens at `{}`, which is no URL",
                instance.url
            ))),
        },
        otherwise => Err(otherwise),
    }
}

/// What a panic says.
fn told(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("the server panicked as it was started: {}", text.unwrap_or("without a word"))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
