//! Performs the cases of `cases/browser` in a real browser, and tells where it and the model differ.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use corspec::select::Selection;
use corspec_engines::engine::Engine;
use corspec_engines::known;
use corspec_engines::report::Report;
use corspec_engines::run::{self, CaseResult, Verdict};
use futures_util::StreamExt as _;

/// Performs the cases of cases/browser in a real browser, and tells where it and the model differ.
///
/// Exit codes: 0 the browser agrees, 1 it differs or broke, 2 the cases or arguments are wrong, 3 it cannot run here.
#[derive(Debug, Parser)]
#[command(name = "corspec-engines", version)]
struct Arguments {
    /// Which browser.
    #[arg(long, value_enum)]
    browser: Engine,
    /// Only the cases that match, as `suite`, `suite/id` or a glob of it; may be repeated.
    #[arg(long, value_name = "GLOB")]
    case: Vec<String>,
    /// How many browsers to run at once.
    #[arg(long, value_name = "N", default_value_t = 2)]
    jobs: usize,
    /// Stop after so many seconds; what was not reached by then is counted, and fails the run.
    #[arg(long, value_name = "SECONDS")]
    at_most: Option<u64>,
    /// Write every result with all that was observed.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page of Markdown.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match perform(&arguments).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

async fn perform(arguments: &Arguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let selection = Selection::new(&arguments.case, None)?;
    let suites = corspec::builtin::suites()?;
    let tasks = run::tasks(&suites, |suite, id| selection.selects("", suite, id));
    if tasks.is_empty() {
        return Err("no case matches".into());
    }
    let planned = tasks.len();
    let started = Instant::now();
    let (version, results) = match run::run(arguments.browser, tasks, arguments.jobs).await {
        Ok(running) => running,
        Err(unavailable) => {
            eprintln!("{unavailable}");
            return Ok(ExitCode::from(3));
        }
    };
    let limit = arguments.at_most.map_or(Duration::MAX, Duration::from_secs);
    let mut results: Vec<CaseResult> = results.take_until(tokio::time::sleep(limit)).collect().await;
    let missed = planned - results.len();
    results.sort_by_key(|result| result.index);
    let stale = known::mark(arguments.browser, &mut results)?;
    // What was not performed cannot be missed.
    let stale = if selection.is_everything() && missed == 0 { stale } else { Vec::new() };
    let report = Report { engine: arguments.browser, version: &version, results: &results };
    print!("{}", report.terminal());
    let took = started.elapsed();
    let rate = results.len() as f64 / took.as_secs_f64();
    println!("{} cases in {:.1} s, {rate:.0} a second", results.len(), took.as_secs_f64());
    if let Some(file) = &arguments.report {
        std::fs::write(file, report.markdown())?;
    }
    if let Some(file) = &arguments.json {
        std::fs::write(file, serde_json::to_string_pretty(&results)?)?;
    }
    let differs = results.iter().any(|result| matches!(result.verdict, Verdict::Disagree | Verdict::Error));
    let performed = results.iter().any(|result| result.verdict != Verdict::NotPerformable);
    for pattern in &stale {
        println!("`{pattern}` is listed as known, and nothing differs there any more: take it off the list");
    }
    if missed > 0 {
        println!("{missed} cases were not reached");
    }
    Ok(if differs || !performed || missed > 0 || !stale.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
