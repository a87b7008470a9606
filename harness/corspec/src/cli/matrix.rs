//! `corspec matrix`

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use corspec::builtin;
use corspec::record::Record;
use corspec::report::matrix::{self, Described, State};
use corspec::report::snapshot;
use corspec::run::Plan;
use corspec::subject::Subject;
use corspec_browser::Profile;
use corspec_process::ServerFolder;

use super::run::{Finished, Sink, ending, perform};
use super::{Ending, Failure, folders, machine, report, subjects};

/// Where the reports of all servers are kept.
pub(super) const REPORTS: &str = "reports";

/// The data that the pages are made from.
const DATA: &str = "matrix.json";

#[derive(Args)]
pub(super) struct Matrix {
    /// Only these servers: names, globs over names, or folders; what is known of all others stays as it is
    #[arg(long, value_name = "GLOB")]
    server: Vec<String>,
    /// Only servers in this language; may be repeated
    #[arg(long, value_name = "NAME")]
    language: Vec<String>,
    /// How many MiB the servers may take together; without it, three quarters of what is free
    #[arg(long, value_name = "MIB")]
    memory: Option<u32>,
    /// How many servers run side by side
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    at_once: Option<u16>,
    /// Write nothing, and fail where a snapshot would change
    #[arg(long)]
    check: bool,
    /// Write the record there as JSON Lines
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// The folder that the reports go into
    #[arg(long, value_name = "DIR", default_value = REPORTS)]
    out: PathBuf,
}

impl Matrix {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let (subjects, described) = self.subjects()?;
        let mut plan = Plan::new(builtin::suites().map_err(Failure::usage)?);
        plan.memory = self.memory.unwrap_or_else(machine::memory_for_servers);
        if let Some(at_once) = self.at_once {
            plan.servers = usize::from(at_once);
        }
        plan.as_it_comes = true;
        plan.views = vec![Profile::Chromium, Profile::Firefox, Profile::WebKit];
        plan.tell_passes = self.record.is_some();
        if !self.check {
            report::make(&self.snapshots())?;
        }
        let sink = Sink::new(self.record.as_deref(), plan.count(&subjects))?;
        let Finished { record, is_whole } = perform(Arc::new(plan), subjects, None, sink)?;
        if !is_whole {
            return Err(Failure::Broken("interrupted: nothing was written".to_owned()));
        }
        let changed = self.write(&record, &described)?;
        anstream::print!("{}", report::terminal(&record, &builtin::source));
        self.tell(&changed);
        Ok(match ending(&record) {
            Ending::AsExpected if self.check && !changed.is_empty() => Ending::FellShort,
            ending => ending,
        })
    }

    /// The servers, and what their folders say of them.
    fn subjects(&self) -> Result<(Vec<Subject>, Vec<Described>), Failure> {
        let embedded = subjects::embedded()?;
        let mut known: Vec<ServerFolder> = match &*self.server {
            [] => folders::all().iter().map(folders::read).collect::<Result<_, _>>()?,
            names => folders::named(names)?,
        };
        let speaks = |folder: &ServerFolder| {
            self.language.is_empty()
                || self.language.iter().any(|name| name.eq_ignore_ascii_case(&folder.language))
        };
        known.retain(speaks);
        if known.is_empty() {
            return Err(Failure::Usage(
                "no server is selected\n  help: `corspec servers list` lists them with their languages"
                    .to_owned(),
            ));
        }
        known.sort_by(|one, other| one.name.cmp(&other.name));
        let described = known
            .iter()
            .map(|folder| Described {
                name: folder.name.clone(),
                language: folder.language.clone(),
                homepage: folder.homepage.clone(),
            })
            .collect();
        let subject = |folder: ServerFolder| match embedded.iter().find(|subject| subject.name == folder.name)
        {
            Some(subject) => Ok(subject.clone()),
            None => subjects::of_folder(folder),
        };
        Ok((known.into_iter().map(subject).collect::<Result<_, _>>()?, described))
    }

    fn snapshots(&self) -> PathBuf {
        self.out.join("servers")
    }

    /// Writes everything. Returns the servers whose snapshots are not as they were.
    fn write(&self, record: &Record, described: &[Described]) -> Result<Vec<String>, Failure> {
        let mut measured = matrix::Matrix::of(record, described, &command());
        let mut changed = Vec::new();
        // Of what did not run there is nothing new to keep.
        for server in measured.servers.iter().filter(|server| server.state == State::Tested) {
            let path = self.snapshots().join(format!("{}.snap", server.name));
            let text = snapshot::render(record, &server.name);
            let kept = fs::read_to_string(&path).unwrap_or_default();
            if content(&kept) == text.trim_end() {
                continue;
            }
            changed.push(server.name.clone());
            if !self.check {
                write(&path, &format!("---\nsource: corspec matrix\n---\n{text}"))?;
            }
        }
        if self.check {
            return Ok(changed);
        }
        if !(self.server.is_empty() && self.language.is_empty())
            && let Some(earlier) = read(&self.out)
        {
            measured = measured.with_others_of(earlier);
        }
        let json = serde_json::to_string_pretty(&measured).map_err(Failure::broken)?;
        write(&self.out.join(DATA), &(json + "\n"))?;
        write(&self.out.join("MATRIX.md"), &matrix::page(&measured))?;
        write(&self.out.join("FINDINGS.md"), &matrix::findings(&measured))?;
        Ok(changed)
    }

    fn tell(&self, changed: &[String]) {
        let names = changed.join(", ");
        match (self.check, changed.is_empty()) {
            (true, true) => anstream::println!("\nevery snapshot is as it was"),
            (true, false) => anstream::println!(
                "\nnot as their snapshots say: {names}\n  `corspec matrix` without --check writes them anew, to be reviewed"
            ),
            (false, true) => anstream::println!("\nmatrix: {}", self.out.join("MATRIX.md").display()),
            (false, false) => anstream::println!(
                "\nmatrix: {}\nsnapshots that changed, to be reviewed: {names}",
                self.out.join("MATRIX.md").display()
            ),
        }
    }
}

/// What the last run has kept.
pub(super) fn read(dir: &Path) -> Option<matrix::Matrix> {
    serde_json::from_str(&fs::read_to_string(dir.join(DATA)).ok()?).ok()
}

/// A snapshot without the lines in which insta says where it comes from.
fn content(kept: &str) -> &str {
    let after = kept.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    after.map_or(kept, |(_, content)| content).trim_end()
}

fn command() -> String {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    format!("corspec {}", arguments.join(" "))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text)
        .map_err(|error| Failure::Broken(format!("cannot write {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("---\nsource: a.rs\n---\nmine\n  passed\n", "mine\n  passed")]
    #[case("mine\n", "mine")]
    #[case("", "")]
    fn where_a_snapshot_comes_from_is_no_part_of_it(#[case] kept: &str, #[case] expected: &str) {
        assert_eq!(content(kept), expected);
    }
}
