//! `corspec servers setup`

mod gate;
mod progress;
mod summary;

use std::time::{Duration, Instant};

use clap::Args;
use corspec_process::{Readiness, ServerFolder, detect, set_up};
use futures_util::{StreamExt, stream};

use crate::cli::{Ending, Failure, folders, machine, program, subjects};
use gate::Gate;
use progress::Progress;
use summary::{Fate, Outcome};

/// How long each command of a server's set-up may take: it may compile a framework.
const LIMIT: Duration = Duration::from_secs(30 * 60);

#[derive(Args)]
pub(crate) struct Setup {
    /// A server's name, a glob over names, or a folder with a server.yaml
    #[arg(value_name = "NAME|DIR", required_unless_present = "all")]
    servers: Vec<String>,
    /// Every server whose toolchain is there
    #[arg(long, conflicts_with = "servers")]
    all: bool,
    /// Also what is set up already
    #[arg(long)]
    force: bool,
    /// How many that install packages are set up at once; beside them at most one that compiles
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
}

impl Setup {
    pub(super) async fn execute(self) -> Result<Ending, Failure> {
        let folders = self.folders()?;
        let readiness = stream::iter(folders.iter().map(|folder| detect(folder, program::DETECT, |_| ())));
        let readiness: Vec<Readiness> = readiness.buffered(8).collect().await;
        let is_due = |folder: &ServerFolder, readiness: &Readiness| match readiness {
            Readiness::NotSetUp => true,
            Readiness::Ready => self.force && !folder.setup.is_empty(),
            Readiness::Missing { .. } => false,
        };
        let due =
            folders.iter().zip(&readiness).filter(|(folder, readiness)| is_due(folder, readiness)).count();
        let gate = Gate::new(self.jobs.map_or(machine::cores(), usize::from));
        let progress = Progress::new(due);
        let works = folders.iter().zip(&readiness).map(|(folder, readiness)| {
            let (gate, progress) = (&gate, &progress);
            async move {
                let fate = match readiness {
                    _ if is_due(folder, readiness) => work(folder, gate, progress).await,
                    Readiness::Missing { problem, install } => {
                        Fate::Missing { problem: problem.clone(), install: install.clone() }
                    }
                    _ => Fate::Already,
                };
                Outcome { name: folder.name.clone(), fate }
            }
        });
        // All of them at once, as the gate lets them through.
        let outcomes: Vec<Outcome> = futures_util::future::join_all(works).await;
        progress.close();
        anstream::print!("{}", summary::render(&outcomes));
        let failed = outcomes.iter().any(|outcome| matches!(outcome.fate, Fate::Failed { .. }));
        // What was asked for by name and cannot be had is no success.
        let missing =
            !self.all && outcomes.iter().any(|outcome| matches!(outcome.fate, Fate::Missing { .. }));
        Ok(if failed || missing { Ending::CouldNotRun } else { Ending::AsExpected })
    }

    fn folders(&self) -> Result<Vec<ServerFolder>, Failure> {
        if !self.all {
            return folders::named(&self.servers);
        }
        let mut all = folders::all().iter().map(folders::read).collect::<Result<Vec<_>, _>>()?;
        // What is embedded is built with corspec.
        let embedded = subjects::embedded()?;
        all.retain(|folder| !embedded.iter().any(|subject| subject.name == folder.name));
        if all.is_empty() {
            return Err(folders::unknown("*"));
        }
        Ok(all)
    }
}

async fn work(folder: &ServerFolder, gate: &Gate, progress: &Progress) -> Fate {
    let _pass = gate.enter(folder.compiles()).await;
    let begun = Instant::now();
    let task = progress.begin(folder);
    let result = set_up(folder, LIMIT, |line| task.line(line)).await;
    let took = begun.elapsed();
    progress.end(&task, result.is_ok(), took);
    match result {
        Ok(()) => Fate::SetUp { took },
        Err(error) => Fate::Failed { problem: error.to_string() },
    }
}
