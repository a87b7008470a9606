//! The command line: thin, over the library.

mod agree;
mod audit;
mod browsers;
mod cases;
mod check;
mod deviations;
mod embedded;
mod explain;
mod folders;
mod fuzz;
mod init;
mod judge;
mod machine;
mod matrix;
mod own;
mod program;
mod report;
mod run;
mod servers;
mod subjects;

use std::fmt;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What browsers do with a server's cross-origin answers, and proof of it.
#[derive(Parser)]
#[command(name = "corspec", version, max_term_width = 100)]
#[command(
    after_help = "Without a command, corspec runs the built-in suite against the embedded servers.\n\n\
    Exit codes: 0 all as expected, 1 a verdict fell short, 2 the cases or arguments are wrong, 3 the harness or a server could not run."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run cases against servers (the default)
    Run(Box<run::Run>),
    /// Write a corspec.yaml: a server of your own, and what you want to permit
    Init(Box<init::Init>),
    /// Hold a server of your own against its corspec.yaml
    Check(Box<check::Check>),
    /// Tell what a server grants to whom, and how dangerous that is, without any policy
    Audit(Box<audit::Audit>),
    /// Explain what a browser did with one request, step by step, and what the server would have to send
    Explain(Box<explain::Explain>),
    /// Judge recorded exchanges: JSON Lines on stdin, outcomes on stdout
    Judge,
    /// List servers, set them up, hold one against the protocol
    #[command(subcommand)]
    Servers(servers::Servers),
    /// List the real browsers that are there, and install one
    #[command(subcommand)]
    Browsers(browsers::Browsers),
    /// Hold the model against real browsers in every case of cases/browser, and write down where they disagree
    Agree(agree::Agree),
    /// Hold the model against a real browser in experiments drawn by lot
    Fuzz(fuzz::Fuzz),
    /// Run every server that is ready, and write the matrix, the findings and a snapshot of each
    Matrix(matrix::Matrix),
    /// Bring the lists of known deviations up to date
    #[command(subcommand)]
    Deviations(deviations::Deviations),
    /// Make a report from a record
    Report(report::Report),
    /// List and check case files
    #[command(subcommand)]
    Cases(cases::Cases),
}

/// Why a command did not do its work.
enum Failure {
    /// The cases or the arguments are wrong.
    Usage(String),
    /// The harness or a server could not run.
    Broken(String),
}

impl Failure {
    fn usage(error: impl fmt::Display) -> Self {
        Self::Usage(error.to_string())
    }

    fn broken(error: impl fmt::Display) -> Self {
        Self::Broken(error.to_string())
    }
}

/// How a command that did its work ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    AsExpected,
    FellShort,
    WrongInput,
    CouldNotRun,
}

pub(crate) fn main() -> ExitCode {
    corspec_server_tower_http::hush_rejections();
    let ending = match Cli::parse().command.unwrap_or_else(|| Command::Run(Box::new(run::Run::new()))) {
        Command::Run(command) => command.execute(),
        Command::Init(command) => command.execute(),
        Command::Check(command) => command.execute(),
        Command::Audit(command) => command.execute(),
        Command::Explain(command) => command.execute(),
        Command::Judge => judge::execute(),
        Command::Servers(command) => command.execute(),
        Command::Browsers(command) => command.execute(),
        Command::Agree(command) => command.execute(),
        Command::Fuzz(command) => command.execute(),
        Command::Matrix(command) => command.execute(),
        Command::Deviations(command) => command.execute(),
        Command::Report(command) => command.execute(),
        Command::Cases(command) => command.execute(),
    };
    match ending {
        Ok(Ending::AsExpected) => ExitCode::SUCCESS,
        Ok(Ending::FellShort) => ExitCode::from(1),
        Ok(Ending::WrongInput) => ExitCode::from(2),
        Ok(Ending::CouldNotRun) => ExitCode::from(3),
        Err(Failure::Usage(message)) => {
            anstream::eprintln!("error: {message}");
            ExitCode::from(2)
        }
        Err(Failure::Broken(message)) => {
            anstream::eprintln!("error: {message}");
            ExitCode::from(3)
        }
    }
}
