//! `corspec cases`

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Subcommand;
use corspec::case::{Suite, load_dir};
use corspec::coverage::{self, Reached, Way, coverage};
use corspec::{builtin, derive};

use super::{Ending, Failure};

#[derive(Subcommand)]
pub(super) enum Cases {
    /// List every case: its name, its level, what it teaches
    List {
        /// A folder with `browser/` or `server/` in it; without it, the built-in cases
        dir: Option<PathBuf>,
    },
    /// Check case files, and report every mistake at once
    Check {
        /// A folder with `browser/` or `server/` in it; without it, the built-in cases
        dir: Option<PathBuf>,
    },
    /// List every rule of the model with the cases that took it each way
    Coverage {
        /// A folder with `browser/` in it; without it, the built-in cases
        dir: Option<PathBuf>,
    },
}

impl Cases {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        match self {
            Self::List { dir } => list(&load(dir)?).map_err(Failure::broken),
            Self::Check { dir } => check(&load(dir)?),
            Self::Coverage { dir } => rules(load(dir)?),
        }
    }
}

/// The suites of a folder, or those that corspec brings along.
pub(super) fn load(dir: Option<PathBuf>) -> Result<Vec<Suite>, Failure> {
    match dir {
        Some(dir) => load_dir(dir).map_err(Failure::usage),
        None => builtin::suites().map_err(Failure::usage),
    }
}

fn list(suites: &[Suite]) -> io::Result<Ending> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for suite in suites {
        for case in &suite.cases {
            let written =
                writeln!(out, "{}/{}/{}  {}  {}", suite.kind, suite.name, case.id, case.level, case.why);
            match written {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Ending::AsExpected),
                other => other?,
            }
        }
    }
    out.flush()?;
    Ok(Ending::AsExpected)
}

fn check(suites: &[Suite]) -> Result<Ending, Failure> {
    let contradictions = derive::contradictions(suites);
    if contradictions.is_empty() {
        let cases: usize = suites.iter().map(|suite| suite.cases.len()).sum();
        anstream::println!("{cases} cases in {} suites, no mistake found", suites.len());
        return Ok(Ending::AsExpected);
    }
    for contradiction in &contradictions {
        anstream::eprintln!("{contradiction}");
    }
    Err(Failure::usage(format!("{} expectations do not follow from their policy", contradictions.len())))
}

fn rules(suites: Vec<Suite>) -> Result<Ending, Failure> {
    let results = coverage::results(suites).map_err(Failure::broken)?;
    if results.is_empty() {
        return Err(Failure::Usage(
            "there is no case of a browser: only those reach the rules of the model".to_owned(),
        ));
    }
    let reached = coverage(&results);
    let describe = |way: &Way| match (&way.first, way.out_of_reach) {
        (Some(first), _) => format!("{:>5}  {first}", way.cases),
        (None, Some(reason)) => format!("    -  out of reach: {reason}"),
        (None, None) => "    0  UNREACHED".to_owned(),
    };
    let mut missing = 0;
    for Reached { rule, holds, fails } in &reached {
        missing += usize::from(holds.is_missing()) + usize::from(fails.is_missing());
        anstream::println!("{}  {} {}: {}", rule.code(), rule.algorithm(), rule.step(), rule.clause());
        anstream::println!("    yes {}", describe(holds));
        anstream::println!("    no  {}", describe(fails));
    }
    anstream::println!("\n{} rules, {missing} ways unreached", reached.len());
    Ok(if missing == 0 { Ending::AsExpected } else { Ending::FellShort })
}
