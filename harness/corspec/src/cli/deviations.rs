//! `corspec deviations`

use std::fs::{self, File};
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;
use corspec::builtin;
use corspec::deviation;
use corspec::record::{CaseResult, Record};
use corspec::run::Plan;
use corspec_process::ServerFolder;

use super::run::{Finished, Sink, perform};
use super::{Ending, Failure, folders, machine, subjects};

#[derive(Subcommand)]
pub(super) enum Deviations {
    /// Write what nobody has explained into each server's list, with the reason left to be filled in, and take off what no longer happens
    Update {
        /// Only these servers: names, globs over names, or folders
        #[arg(long, value_name = "GLOB")]
        server: Vec<String>,
        /// Take the results of this record instead of running the servers
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
}

impl Deviations {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let Self::Update { server, from } = self;
        let named = !server.is_empty();
        let known = match named {
            true => folders::named(&server)?,
            false => folders::all().iter().map(folders::read).collect::<Result<_, _>>()?,
        };
        let record = match from {
            Some(path) => read(&path)?,
            None => run(&known)?,
        };
        let mut unwritten = 0;
        let mut seen = 0;
        for folder in &known {
            let results: Vec<CaseResult> = of(&record, &folder.name);
            if results.iter().all(|result| result.outcome.is_none()) {
                if named {
                    anstream::println!("{}: nothing is known of it", folder.name);
                }
                continue;
            }
            seen += 1;
            unwritten += update(folder, &record, &results)?;
        }
        if seen == 0 {
            return Err(Failure::Broken("no server was tested, so that nothing is known".to_owned()));
        }
        Ok(if unwritten == 0 { Ending::AsExpected } else { Ending::FellShort })
    }
}

fn read(path: &PathBuf) -> Result<Record, Failure> {
    let file = File::open(path)
        .map_err(|error| Failure::Usage(format!("cannot read {}: {error}", path.display())))?;
    let record = Record::read(BufReader::new(file)).map_err(Failure::usage)?;
    if !record.complete {
        return Err(Failure::Usage(format!(
            "{} was cut off: of the cases that it does not tell of nothing is known",
            path.display()
        )));
    }
    Ok(record)
}

fn run(known: &[ServerFolder]) -> Result<Record, Failure> {
    let embedded = subjects::embedded()?;
    let subject = |folder: &ServerFolder| match embedded.iter().find(|subject| subject.name == folder.name) {
        Some(subject) => Ok(subject.clone()),
        None => subjects::of_folder(folder.clone()),
    };
    let subjects = known.iter().map(subject).collect::<Result<Vec<_>, _>>()?;
    let mut plan = Plan::new(builtin::suites().map_err(Failure::usage)?);
    plan.memory = machine::memory_for_servers();
    plan.tell_passes = false;
    let sink = Sink::new(None, plan.count(&subjects))?;
    match perform(Arc::new(plan), subjects, None, sink)? {
        Finished { record, is_whole: true } => Ok(record),
        _ => Err(Failure::Broken("interrupted: nothing was written".to_owned())),
    }
}

/// The results of a server's cases by the standard's own rules.
fn of(record: &Record, server: &str) -> Vec<CaseResult> {
    let is_case = |result: &&CaseResult| {
        result.server == server
            && result.profile == "fetch"
            && !result.case.starts_with("deviations/")
            && !result.case.starts_with("protocol/")
    };
    record.results.iter().filter(is_case).map(CaseResult::without_steps).collect()
}

/// Returns how many entries say no reason.
fn update(folder: &ServerFolder, record: &Record, results: &[CaseResult]) -> Result<usize, Failure> {
    let path = folders::deviations_path(&folder.dir);
    let text = folders::deviations_text(&folder.dir)?;
    let hello =
        record.servers.iter().find(|info| info.name == folder.name).and_then(|info| info.hello.as_ref());
    let seen = hello.and_then(|hello| hello.middleware.as_deref().or(hello.framework.as_deref()));
    let name = path.display().to_string();
    let edited = deviation::update(
        &name,
        &text,
        results,
        is_whole(results)?,
        seen.unwrap_or("a version that it does not tell"),
    )
    .map_err(Failure::usage)?;
    for pattern in &edited.removed {
        anstream::println!("{name}: took off `{pattern}`, which no longer happens");
    }
    let head = if text.is_empty() && !edited.text.is_empty() {
        format!("# What {} is known to do otherwise than the policy says.\n", folder.name)
    } else {
        String::new()
    };
    for (pattern, line) in &edited.added {
        let line = line + head.lines().count();
        anstream::println!(
            "{name}:{line}: wrote `{pattern}`; its class, reason and link are yours to fill in"
        );
    }
    if edited.text != text {
        fs::write(&path, format!("{head}{}", edited.text))
            .map_err(|error| Failure::Broken(format!("cannot write {name}: {error}")))?;
    }
    if edited.unwritten > edited.added.len() {
        let left = edited.unwritten - edited.added.len();
        anstream::println!("{name}: {left} entries were there already that say no reason");
    }
    Ok(edited.unwritten)
}

/// Whether the results are of every built-in case; else a stale entry may merely be one whose cases did not run.
fn is_whole(results: &[CaseResult]) -> Result<bool, Failure> {
    let suites = builtin::suites().map_err(Failure::usage)?;
    let expected: usize = suites
        .iter()
        .filter(|suite| suite.kind == corspec::case::Kind::Server)
        .map(|suite| suite.cases.len())
        .sum();
    Ok(results.len() == expected)
}
