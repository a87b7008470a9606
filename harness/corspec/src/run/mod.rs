//! A run: cases against servers, concurrently, over kept connections to servers that are started once.

mod group;
mod result;

use std::sync::Arc;

use corspec_browser::{Profile, STANDARD};
use futures_util::{Stream, StreamExt, stream};

use crate::case::{Case, Level, Suite};
use crate::record::{CaseResult, Line, RunInfo, ServerInfo, Tally, Verdict};
use crate::select::Selection;
use crate::subject::{Subject, SubjectKind};
use crate::wire::{Client, InProcess, Options, Scripted, Transport};

use group::{AT_ONCE, Group};

/// What to run, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The suites to choose from.
    pub suites: Arc<[Suite]>,
    /// Which of their cases.
    pub selection: Selection,
    /// Whose rules decide, each in turn.
    pub profiles: Vec<Profile>,
    /// How many cases are under way at once.
    pub jobs: usize,
    /// Whether the first failure ends the run.
    pub fail_fast: bool,
    /// Whether the suites are all that a server's known deviations are about, so that one which does not happen is stale.
    pub all_suites: bool,
    /// Whether results that pass say what happened, too; it takes more time than performing them.
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
            jobs: default_jobs(),
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

    /// How many results the run will have.
    pub fn count(&self, subjects: &[Subject]) -> usize {
        let cases: usize =
            subjects.iter().flat_map(|subject| self.cases(subject)).map(|(_, cases)| cases.len()).sum();
        cases * self.profiles.len()
    }
}

/// What a run needs that outlives its subjects: the connections, and the scripted server.
#[derive(Debug)]
pub struct Bench {
    client: Client,
    scripted: Scripted,
}

impl Bench {
    /// Starts the scripted server.
    ///
    /// # Errors
    /// Where no port can be bound on loopback.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        Ok(Self { client: Client::new(options), scripted: Scripted::start().await? })
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
    for subject in subjects {
        if !going {
            break;
        }
        let problem = match &subject.kind {
            SubjectKind::Unavailable(reason) => Some(reason.clone()),
            _ => None,
        };
        going &=
            sink(&Line::Server(ServerInfo { name: subject.name.clone(), hello: subject.hello(), problem }));
        let mut results = Vec::new();
        for &profile in &plan.profiles {
            let mut incoming = std::pin::pin!(run_subject(bench, plan, subject, profile));
            while going && let Some(result) = incoming.next().await {
                *tally.entry(result.verdict.code().to_owned()).or_default() += 1;
                let failed = result.fails();
                let line = Line::Result(Box::new(result));
                going &= sink(&line) && !(failed && plan.fail_fast);
                if let Line::Result(result) = line
                    && !subject.deviations.is_empty()
                {
                    results.push(*result);
                }
            }
        }
        if going {
            let whole = plan.all_suites && plan.selection.is_everything();
            let stale = whole.then(|| stale_deviations(plan, subject, &results));
            for result in stale.into_iter().flatten().chain(faults(plan, subject)) {
                *tally.entry(result.verdict.code().to_owned()).or_default() += 1;
                going &= sink(&Line::Result(Box::new(result)));
            }
        }
    }
    sink(&Line::End(tally.clone()));
    tally
}

/// The results of one subject under one profile, in the order of its suites and cases.
pub fn run_subject<'a>(
    bench: &'a Arc<Bench>,
    plan: &'a Arc<Plan>,
    subject: &'a Subject,
    profile: Profile,
) -> impl Stream<Item = CaseResult> + 'a {
    // Asked once: a server may have to look up what it says of itself.
    let lacks: Arc<[String]> = subject.hello().map_or_else(Vec::new, |hello| hello.lacks).into();
    // A group is a task of its own, so that groups spread over the cores; within a group cases are concurrent.
    let groups_at_once = plan.jobs.max(1).div_ceil(AT_ONCE);
    let groups = plan.cases(subject).map(move |(suite, cases)| {
        let ids = cases.iter().map(|case| case.id.clone()).collect();
        let group = Group::new(bench, plan, subject, suite, profile, ids, lacks.clone());
        async move { tokio::spawn(group.run()).await }
    });
    stream::iter(groups).buffered(groups_at_once).flat_map(|joined| match joined {
        Ok(results) => stream::iter(results),
        // A panic is a defect of ours, and told as one.
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    })
}

/// A deviation that no longer happens, or matches nothing, is an error of the list.
fn stale_deviations(plan: &Plan, subject: &Subject, results: &[CaseResult]) -> Vec<CaseResult> {
    let stale = subject.deviations.stale(results);
    let result = |(pattern, what): (&str, String)| CaseResult {
        message: Some(format!(
            "the known deviation `{pattern}` is stale: {what}; take it off the server's list"
        )),
        level: Level::Must.to_string(),
        ..result::without_outcome(
            &subject.name,
            &format!("deviations/{pattern}"),
            plan.profiles.first().copied().unwrap_or_default(),
            Verdict::Error,
        )
    };
    stale.map(result).collect()
}

/// What a server did against the protocol is an error of its run, whatever its cases say.
fn faults(plan: &Plan, subject: &Subject) -> Vec<CaseResult> {
    let profile = plan.profiles.first().copied().unwrap_or_default();
    let result = |fault: String| CaseResult {
        message: Some(fault),
        level: Level::Must.to_string(),
        ..result::without_outcome(&subject.name, "protocol/fault", profile, Verdict::Error)
    };
    subject.faults().into_iter().map(result).collect()
}

fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(4, std::num::NonZero::get) * 8
}
