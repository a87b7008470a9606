//! Cases as tests: one libtest-mimic trial a server and case, or one assertion in a test of your own.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::future::Future;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use corspec_browser::Profile;
use futures_util::StreamExt;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use url::Url;

use crate::battery::{Extent, battery};
use crate::browser::Browser;
use crate::case::{Kind, Problems, Suite, load_config, load_dir_as};
use crate::record::{CaseResult, Line, Record, Verdict};
use crate::report::terminal;
use crate::run::{Bench, Plan, run, run_subject};
use crate::select::Selection;
use crate::service::Service;
use crate::subject::Subject;

/// Holds a service against the server suites of a folder, inside a test of your own.
///
/// ```no_run
/// # async fn my_api(listener: tokio::net::TcpListener) {}
/// # async fn test() {
/// corspec::check("tests/cors", my_api).await.unwrap();
/// # }
/// ```
///
/// # Errors
/// Where a case fell short, or the case files are wrong; printed, the error explains each.
pub async fn check<S, F>(dir: impl AsRef<Path>, serve: S) -> Result<Record, CheckError>
where
    S: Fn(TcpListener) -> F + Send + Sync + 'static,
    F: Future<Output: Send> + Send + 'static,
{
    hold(load_dir_as(dir, Kind::Server)?, serve).await
}

/// Holds a service against everything that follows from the policy in a `corspec.yaml`, inside a test of your own. `${NAME}` is
/// sent as it stands: a test asks a service of its own, which needs no secret.
///
/// ```no_run
/// # async fn my_api(listener: tokio::net::TcpListener) {}
/// # async fn test() {
/// corspec::check_policy("corspec.yaml", my_api).await.unwrap();
/// # }
/// ```
///
/// # Errors
/// Where a case fell short, or the file is wrong; printed, the error explains each.
pub async fn check_policy<S, F>(file: impl AsRef<Path>, serve: S) -> Result<Record, CheckError>
where
    S: Fn(TcpListener) -> F + Send + Sync + 'static,
    F: Future<Output: Send> + Send + 'static,
{
    hold(load_policy(file.as_ref())?, serve).await
}

/// The suites that follow from the policy in a `corspec.yaml`.
fn load_policy(file: &Path) -> Result<Vec<Suite>, Problems> {
    let config = load_config(file)?;
    // What a policy can be wrong in, its loader has told.
    Ok(battery("", &config.policy, &config.site(&[]), Extent::Whole).unwrap_or_default())
}

async fn hold<S, F>(suites: Vec<Suite>, serve: S) -> Result<Record, CheckError>
where
    S: Fn(TcpListener) -> F + Send + Sync + 'static,
    F: Future<Output: Send> + Send + 'static,
{
    let plan = Arc::new(Plan::new(suites));
    let bench = Arc::new(Bench::start(plan.options.clone()).await?);
    let mut record = Record::default();
    let subject = Subject::server("service", Service::new("service", serve));
    run(&bench, &plan, &[subject], Vec::new(), |line| {
        record.push(line.clone());
        true
    })
    .await;
    if record.results.iter().any(CaseResult::fails) {
        Err(CheckError::FellShort(Box::new(record)))
    } else {
        Ok(record)
    }
}

/// Why a check did not pass.
pub enum CheckError {
    /// The case files are wrong.
    Cases(Problems),
    /// No port can be bound on loopback.
    Io(std::io::Error),
    /// A case fell short.
    FellShort(Box<Record>),
}

impl From<Problems> for CheckError {
    fn from(problems: Problems) -> Self {
        Self::Cases(problems)
    }
}

impl From<std::io::Error> for CheckError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cases(problems) => problems.fmt(f),
            Self::Io(error) => write!(f, "cannot listen on 127.0.0.1: {error}"),
            Self::FellShort(record) => {
                f.write_str(&terminal::failures(record, &terminal::Options::default()))
            }
        }
    }
}

// A test that unwraps shows the debug format, and a person reads it.
impl fmt::Debug for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for CheckError {}

/// A test target without libtest's harness: one trial a server and case.
///
/// Put this into `tests/cors.rs`, with `harness = false` for that target in Cargo.toml:
///
/// ```no_run
/// # async fn my_api(listener: tokio::net::TcpListener) {}
/// fn main() -> std::process::ExitCode {
///     corspec::Conformance::of_dir("tests/cors").service("my-api", my_api).main()
/// }
/// ```
#[must_use = "nothing runs before `main` is called"]
pub struct Conformance {
    load: Load,
    subjects: Vec<Subject>,
    extra: Vec<Trial>,
}

type Load = Box<dyn FnOnce(Option<&str>) -> Result<Vec<Suite>, Problems>>;

impl Conformance {
    /// The trials of the suites that `load` reads. Where one trial alone is asked for, as nextest does, `load` hears the name of
    /// its suite and may leave out every other.
    pub fn new(load: impl FnOnce(Option<&str>) -> Result<Vec<Suite>, Problems> + 'static) -> Self {
        Self { load: Box::new(load), subjects: Vec::new(), extra: Vec::new() }
    }

    /// The trials of the server suites in a folder.
    pub fn of_dir(dir: impl AsRef<Path>) -> Self {
        let dir = dir.as_ref().to_owned();
        Self::new(move |_| load_dir_as(dir, Kind::Server))
    }

    /// The trials that follow from the policy in a `corspec.yaml`.
    pub fn of_policy(file: impl AsRef<Path>) -> Self {
        let file = file.as_ref().to_owned();
        Self::new(move |_| load_policy(&file))
    }

    /// Tests a server that listens already, over plain http.
    pub fn url(self, url: Url) -> Self {
        self.subject(Subject::url(url))
    }

    /// Tests a service of your own.
    pub fn service<S, F>(self, name: &str, serve: S) -> Self
    where
        S: Fn(TcpListener) -> F + Send + Sync + 'static,
        F: Future<Output: Send> + Send + 'static,
    {
        self.subject(Subject::server(name, Service::new(name, serve)))
    }

    /// Tests this server, or the model itself.
    pub fn subject(mut self, subject: Subject) -> Self {
        self.subjects.push(subject);
        self
    }

    /// Runs a test of another kind beside the cases.
    pub fn trial(mut self, trial: Trial) -> Self {
        self.extra.push(trial);
        self
    }

    /// Runs what the command line asks for, as any test target of `cargo test` does.
    ///
    /// What has no verdict, and every known deviation, is shown as ignored with its reason, never as passed.
    pub fn main(self) -> ExitCode {
        let arguments = Arguments::from_args();
        let exact = arguments.filter.as_deref().filter(|_| arguments.exact);
        if exact.is_some_and(|name| self.extra.iter().any(|trial| trial.name() == name)) {
            return libtest_mimic::run(&arguments, self.extra).exit_code();
        }
        let suites = match (self.load)(exact.and_then(|name| name.split('/').nth(1))) {
            Ok(suites) => suites,
            Err(problems) => {
                eprintln!("{problems}");
                return ExitCode::from(2);
            }
        };
        let plan = Plan::new(suites);
        let mut named = Vec::new();
        for subject in &self.subjects {
            for (suite, cases) in plan.cases(subject) {
                for case in cases {
                    named.push(Named {
                        subject: subject.name.clone(),
                        suite: suite.name.clone(),
                        id: case.id.clone(),
                    });
                }
            }
        }
        if named.is_empty() {
            eprintln!("no case is there to run: a test target that tests nothing does not pass");
            return ExitCode::from(2);
        }
        let wanted = named.iter().filter(|case| !arguments.is_filtered_out(&case.dummy())).cloned().collect();
        let session = match Session::new(plan, self.subjects, wanted) {
            Ok(session) => Arc::new(session),
            Err(error) => {
                eprintln!("cannot listen on 127.0.0.1: {error}");
                return ExitCode::from(3);
            }
        };
        let mut trials: Vec<Trial> = named
            .into_iter()
            .map(|case| {
                let session = session.clone();
                Trial::ignorable_test(case.name(), move || session.complete(&case))
            })
            .collect();
        trials.extend(self.extra);
        libtest_mimic::run(&arguments, trials).exit_code()
    }
}

/// A case of a suite against a subject, by name.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Named {
    subject: String,
    suite: String,
    id: String,
}

impl Named {
    fn name(&self) -> String {
        format!("{}/{}/{}", self.subject, self.suite, self.id)
    }

    /// A trial that stands for the case where only its name matters.
    fn dummy(&self) -> Trial {
        Trial::test(self.name(), || Ok(()))
    }
}

/// The servers of a test run, each suite run when the first of its trials asks, and once.
struct Session {
    plan: Arc<Plan>,
    subjects: Vec<Subject>,
    wanted: HashSet<Named>,
    groups: HashMap<(String, String), OnceLock<HashMap<String, CaseResult>>>,
    bench: Arc<Bench>,
    runtime: Runtime,
}

impl Session {
    fn new(plan: Plan, subjects: Vec<Subject>, wanted: HashSet<Named>) -> std::io::Result<Self> {
        let runtime = Runtime::new()?;
        let bench = Arc::new(runtime.block_on(Bench::start(plan.options.clone()))?);
        let groups =
            wanted.iter().map(|case| ((case.subject.clone(), case.suite.clone()), OnceLock::new())).collect();
        Ok(Self { plan: Arc::new(plan), subjects, wanted, groups, bench, runtime })
    }

    fn complete(&self, case: &Named) -> Result<Completion, Failed> {
        let group = self.groups.get(&(case.subject.clone(), case.suite.clone()));
        let results = group.map(|group| group.get_or_init(|| self.run_group(case)));
        let Some(result) = results.and_then(|results| results.get(&case.id)) else {
            return Err(Failed::from("the case did not run"));
        };
        if result.fails() {
            return Err(Failed::from(terminal::block(result, &terminal::Options::default())));
        }
        let because = |what: &str| Ok(Completion::ignored_with(what.to_owned()));
        match (&result.deviation, result.verdict) {
            (_, Verdict::Pass) => Ok(Completion::Completed),
            (Some(deviation), _) => because(&format!("known deviation: {}", deviation.reason)),
            (None, verdict) if verdict.fell_short() => because("an open question, answered the other way"),
            (None, verdict) => {
                because(&format!("{verdict}: {}", result.message.as_deref().unwrap_or_default()))
            }
        }
    }

    /// Every wanted case of the suite that `case` is in.
    fn run_group(&self, case: &Named) -> HashMap<String, CaseResult> {
        let Some(subject) = self.subjects.iter().find(|subject| subject.name == case.subject) else {
            return HashMap::new();
        };
        let siblings =
            self.wanted.iter().filter(|other| other.subject == case.subject && other.suite == case.suite);
        let mut plan = Plan::clone(&self.plan);
        plan.selection = Selection::exactly(siblings.map(|sibling| sibling.name()));
        let plan = Arc::new(plan);
        let browser: Arc<dyn Browser> = Arc::new(self.bench.model(Profile::Fetch));
        self.runtime.block_on(
            run_subject(&self.bench, &plan, subject, &browser)
                .map(|result| {
                    (result.case.split_once('/').map_or_else(String::new, |(_, id)| id.to_owned()), result)
                })
                .collect(),
        )
    }
}

/// The whole record of a run of these suites, for a report or a snapshot.
///
/// # Errors
/// Where no port can be bound on loopback.
pub fn record_of(suites: Vec<Suite>, subjects: &[Subject]) -> std::io::Result<Record> {
    record_of_plan(Plan::new(suites), subjects)
}

/// As [`record_of`], with a plan of one's own.
///
/// # Errors
/// Where no port can be bound on loopback.
pub fn record_of_plan(plan: Plan, subjects: &[Subject]) -> std::io::Result<Record> {
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let plan = Arc::new(plan);
        let bench = Arc::new(Bench::start(plan.options.clone()).await?);
        let mut record = Record::default();
        run(&bench, &plan, subjects, Vec::new(), |line: &Line| {
            record.push(line.clone());
            true
        })
        .await;
        Ok(record)
    })
}
