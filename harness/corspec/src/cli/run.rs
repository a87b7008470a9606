//! `corspec run`

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use corspec::battery::{Extent, Site, battery};
use corspec::builtin;
use corspec::case::Suite;
use corspec::engine::Settings;
use corspec::record::{CaseResult, Line, Record, Verdict};
use corspec::run::{Bench, Plan, run};
use corspec::select::{Selection, Shard};
use corspec::subject::{PROGRAM, Subject};
use corspec_browser::Profile;
use corspec_protocol::Policy;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use url::Url;

use super::report::{self, Written};
use super::{Ending, Failure, browsers, cases, machine, program, subjects};

#[derive(Args, Default)]
pub(super) struct Run {
    /// Run against this server only: an embedded one (`scripted`: the model itself) or a folder with a server.yaml, by its name, a glob or its path; may be repeated
    #[arg(long, value_name = "NAME|DIR")]
    server: Vec<String>,
    /// Run against the program that this command line starts; it speaks the server protocol
    #[arg(long, value_name = "CMD")]
    exec: Option<String>,
    /// Run against the server that listens there; it is taken to enforce the policy of the cases that --case selects
    #[arg(long, value_name = "URL", conflicts_with_all = ["server", "exec"])]
    url: Option<Url>,
    /// Run only cases that match this glob over server/suite/id; may be repeated
    #[arg(long = "case", value_name = "GLOB")]
    case: Vec<String>,
    /// Take the cases from this folder instead of the built-in ones
    #[arg(long = "cases", value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Take the cases that follow from the policy in this file instead of the built-in ones
    #[arg(long, value_name = "FILE", conflicts_with = "dir")]
    policy: Option<PathBuf>,
    /// Of what follows from the policy, run the cases that tell nearly as much in a tenth of the requests
    #[arg(long, requires = "policy")]
    quick: bool,
    /// Run part I of N parts
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Judge by this engine's rules instead of the standard's: chromium, firefox, webkit; `all`: by the four in turn
    #[arg(long, value_name = "NAME", value_parser = profiles)]
    profile: Option<Profiles>,
    /// Perform the cases in this real browser instead of the model: chromium, firefox, webkit; `all`: in the three in turn
    #[arg(long, value_name = "NAME", value_parser = browsers::engines, conflicts_with = "profile")]
    browser: Option<browsers::Engines>,
    /// With --browser, the longest that a case may wait for time to pass
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "browser")]
    longest_wait: u64,
    /// How many cases are under way at once; with --browser, in how many browsers
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// How many MiB the servers may take together; without it, three quarters of what is free
    #[arg(long, value_name = "MIB")]
    memory: Option<u32>,
    /// Stop at the first failure
    #[arg(long)]
    fail_fast: bool,
    /// Write the record there as JSON Lines (`-`: to stdout, and the table to stderr)
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Write the reports into this folder
    #[arg(long, value_name = "DIR", default_value = DEFAULT_OUT)]
    out: PathBuf,
}

const DEFAULT_OUT: &str = "reports/latest";

impl Run {
    pub(super) fn new() -> Self {
        Self { out: DEFAULT_OUT.into(), longest_wait: 10, ..Self::default() }
    }

    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let suites = match &self.policy {
            Some(file) => derived(file, self.quick)?,
            None => cases::load(self.dir.clone())?,
        };
        let mut plan = Plan::new(suites);
        plan.all_suites = self.policy.is_none() && self.dir.is_none();
        plan.selection = Selection::new(&self.case, self.shard).map_err(Failure::usage)?;
        plan.fail_fast = self.fail_fast;
        if let Some(Profiles(profiles)) = &self.profile {
            plan.profiles.clone_from(profiles);
        }
        if let Some(jobs) = self.jobs {
            plan.jobs = usize::from(jobs);
        }
        plan.memory = self.memory.unwrap_or_else(machine::memory_for_servers);
        let subjects = self.subjects(&plan)?;
        require_cases(&plan, &subjects)?;
        // A run may take long: where its reports cannot go is found out before.
        report::make(&self.out)?;

        let to_stdout = self.record.as_deref() == Some(Path::new("-"));
        let browsers = self.browser.as_ref().map_or(1, |named| named.0.len());
        let sink = Sink::new(self.record.as_deref(), plan.count(&subjects) * browsers)?;
        let engines = self.browser.as_ref().map(|named| (named, self.settings()));
        let Finished { record, is_whole } = perform(Arc::new(plan), subjects, engines, sink)?;
        let written = report::write_all(&record, &self.out)?;
        self.tell(&record, &written, to_stdout)?;
        if !is_whole {
            return Err(Failure::Broken("interrupted: the record is cut off".to_owned()));
        }
        Ok(ending(&record))
    }

    fn settings(&self) -> Settings {
        let mut settings =
            Settings { longest_wait: Duration::from_secs(self.longest_wait), ..Settings::default() };
        if let Some(jobs) = self.jobs {
            settings.browsers = usize::from(jobs);
        }
        settings
    }

    fn subjects(&self, plan: &Plan) -> Result<Vec<Subject>, Failure> {
        if let Some(url) = &self.url {
            return self.remote(plan, url);
        }
        if self.server.is_empty() && self.exec.is_none() {
            // Cases of one kind alone concern the servers of that kind alone.
            let mut all = subjects::embedded()?;
            all.retain(|subject| plan.cases(subject).next().is_some());
            return Ok(all);
        }
        let mut named = subjects::named(&self.server)?;
        if let Some(line) = &self.exec {
            named.push(program::of_command(PROGRAM, line));
        }
        Ok(named)
    }

    /// A server whose policy cannot be set: the selected cases must agree on one.
    fn remote(&self, plan: &Plan, url: &Url) -> Result<Vec<Subject>, Failure> {
        if url.scheme() != "http" || !url.has_host() || url.path() != "/" || url.query().is_some() {
            return Err(Failure::Usage(format!(
                "`{url}` is no server: write http://host:port without a path"
            )));
        }
        let subject = Subject::url(url.clone());
        let policies: Vec<_> =
            plan.cases(&subject).map(|(suite, _)| (suite.name.as_str(), &suite.policy)).collect();
        if policies.windows(2).any(|pair| pair[0].1 != pair[1].1) {
            let suites: Vec<_> = policies.iter().map(|(name, _)| *name).collect();
            return Err(Failure::Usage(format!(
                "the selected suites have different policies, and the server at {url} enforces one\n  help: choose one with --case: {}",
                suites.join(", ")
            )));
        }
        Ok(vec![subject])
    }

    fn tell(&self, record: &Record, written: &Written, to_stderr: bool) -> Result<(), Failure> {
        let dir = self.dir.clone();
        let source = move |file: &str| source_of(dir.as_deref(), file);
        let text = report::terminal(record, &source);
        let pointer = format!("\nreport: {}\n", written.html.display());
        let result = if to_stderr {
            write!(anstream::stderr(), "{text}{pointer}")
        } else {
            write!(anstream::stdout(), "{text}{pointer}")
        };
        match result {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::broken(error)),
            _ => Ok(()),
        }
    }
}

/// The profiles that `--profile` names.
#[derive(Clone)]
struct Profiles(Vec<Profile>);

fn profiles(name: &str) -> Result<Profiles, String> {
    if name == "all" {
        return Ok(Profiles(Profile::ALL.to_vec()));
    }
    let known = || Profile::ALL.map(Profile::name).join(", ");
    Profile::from_name(name)
        .map(|profile| Profiles(vec![profile]))
        .ok_or_else(|| format!("there is {}, and all", known()))
}

/// What came of a run.
pub(super) struct Finished {
    pub(super) record: Record,
    /// Whether it came to its end.
    pub(super) is_whole: bool,
}

/// Runs the plan until it ends, or somebody interrupts it, in real browsers if any are named. No program under test is left
/// when this returns.
pub(super) fn perform(
    plan: Arc<Plan>,
    subjects: Vec<Subject>,
    engines: Option<(&browsers::Engines, Settings)>,
    mut sink: Sink,
) -> Result<Finished, Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::broken)?;
    let is_whole = runtime.block_on(async {
        let bench = Bench::start(plan.options.clone()).await.map_err(Failure::broken)?;
        let bench = Arc::new(match engines {
            Some((named, settings)) => bench.with_engines(browsers::start(named, settings).await),
            None => bench,
        });
        let arguments = std::env::args().skip(1).collect();
        tokio::select! {
            _ = run(&bench, &plan, &subjects, arguments, |line| sink.take(line)) => Ok(true),
            _ = tokio::signal::ctrl_c() => Ok(false),
        }
    })?;
    // What was cut off lets go of its programs with the runtime.
    drop((runtime, subjects));
    sink.progress.finish_and_clear();
    match sink.broken {
        Some(error) => Err(Failure::Broken(format!("cannot write the record: {error}"))),
        None => Ok(Finished { record: sink.record, is_whole }),
    }
}

/// The suites that follow from a policy, written down as YAML.
fn derived(file: &Path, quick: bool) -> Result<Vec<Suite>, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Usage(format!("cannot read {}: {error}", file.display())))?;
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::Usage(format!(
            "{}: {error}\n  help: a policy is {{origins: […], methods: […], headers: […], expose: […], credentials: BOOL, max_age: SECONDS|null}}",
            file.display()
        ))
    };
    let policy: Policy = serde_yaml::from_str(&text).map_err(|error| wrong(&error))?;
    let extent = if quick { Extent::Quick } else { Extent::Whole };
    battery("", &policy, &Site::of_the_protocol(), extent).map_err(|error| wrong(&error))
}

/// Where each line of the record goes as soon as it is there.
pub(super) struct Sink {
    record: Record,
    file: Option<Box<dyn Write>>,
    progress: ProgressBar,
    broken: Option<io::Error>,
}

impl Sink {
    /// With that many results to come; the record also goes into the file, if there is one.
    pub(super) fn new(file: Option<&Path>, count: usize) -> Result<Self, Failure> {
        let file = file.map(create).transpose()?;
        Ok(Self { record: Record::default(), file, progress: progress(count), broken: None })
    }

    /// Whether to go on.
    fn take(&mut self, line: &Line) -> bool {
        if let Some(file) = &mut self.file {
            let written = serde_json::to_writer(&mut *file, line).map_err(io::Error::from);
            let last = matches!(line, Line::End(_));
            let written = written.and_then(|()| file.write_all(b"\n"));
            if let Err(error) = written.and_then(|()| if last { file.flush() } else { Ok(()) }) {
                self.broken = Some(error);
                return false;
            }
        }
        match line {
            Line::Server(server) => self.progress.set_message(server.name.clone()),
            Line::Result(_) => self.progress.inc(1),
            Line::Run(_) | Line::View(_) | Line::AsItComes(_) | Line::End(_) => {}
        }
        self.record.push(line.clone());
        true
    }
}

fn create(path: &Path) -> Result<Box<dyn Write>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(BufWriter::new(io::stdout())));
    }
    let file = File::create(path)
        .map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))?;
    Ok(Box::new(BufWriter::new(file)))
}

fn progress(count: usize) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(count as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// A pattern that matches nothing, or a run without any case, is a mistake and not a success.
fn require_cases(plan: &Plan, subjects: &[Subject]) -> Result<(), Failure> {
    let names: Vec<(&str, &str, &str)> = subjects
        .iter()
        .flat_map(|subject| {
            let kind = subject.suites();
            plan.suites.iter().filter(move |suite| suite.kind == kind).flat_map(move |suite| {
                suite.cases.iter().map(move |case| (&*subject.name, &*suite.name, &*case.id))
            })
        })
        .collect();
    let unmatched = plan.selection.unmatched(names.iter().copied());
    if !unmatched.is_empty() {
        return Err(Failure::Usage(format!(
            "no case matches `{}`\n  help: a pattern is held against server/suite/id, suite/id, suite and server; `corspec cases list` lists the cases",
            unmatched.join("`, `")
        )));
    }
    if plan.count(subjects) == 0 {
        return Err(Failure::Usage(
            "no case is selected: a run that executes nothing does not pass".to_owned(),
        ));
    }
    Ok(())
}

fn source_of(dir: Option<&Path>, file: &str) -> Option<String> {
    match dir {
        Some(_) => std::fs::read_to_string(file).ok(),
        None => builtin::source(file),
    }
}

/// How a run ends that came to this.
pub(super) fn ending(record: &Record) -> Ending {
    let failing = || record.results.iter().filter(|result| result.fails());
    let fell_short =
        |result: &CaseResult| result.verdict.fell_short() || result.case.starts_with("deviations/");
    let nothing_ran = record.results.iter().all(|result| {
        matches!(
            result.verdict,
            Verdict::Unavailable
                | Verdict::NotPerformable
                | Verdict::Error
                | Verdict::Unsupported
                | Verdict::Refused
        )
    });
    if failing().any(fell_short) {
        Ending::FellShort
    } else if failing().next().is_some() || nothing_ran {
        Ending::CouldNotRun
    } else {
        Ending::AsExpected
    }
}
