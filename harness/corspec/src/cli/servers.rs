//! `corspec servers`

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;
use corspec_process::{CheckOptions, CommandLine, Readiness, ServerFolder, check, detect, set_up};

use super::{Ending, Failure, subjects};

/// How long a server's set-up may take: it may compile a framework.
const SET_UP: Duration = Duration::from_secs(30 * 60);

#[derive(Subcommand)]
pub(super) enum Servers {
    /// List the servers: embedded ones, and the folders under servers/ with what they need
    List,
    /// Hold a server against the protocol: every message, every route
    Check {
        /// A folder with a server.yaml
        #[arg(required_unless_present = "exec")]
        dir: Option<PathBuf>,
        /// A command line in its place
        #[arg(long, value_name = "CMD", conflicts_with = "dir")]
        exec: Option<String>,
    },
    /// Set up a server: what its server.yaml says under `setup`
    Setup {
        /// A folder with a server.yaml
        dir: PathBuf,
    },
}

impl Servers {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::broken)?;
        runtime.block_on(async {
            match self {
                Self::List => list().await,
                Self::Check { dir, exec } => {
                    let command = match (dir, exec) {
                        (Some(dir), _) => read(&dir)?.run,
                        (None, line) => CommandLine::shell(line.unwrap_or_default()),
                    };
                    let report = check(&command, &CheckOptions::default()).await;
                    anstream::println!("{report}");
                    Ok(if report.passed() { Ending::AsExpected } else { Ending::FellShort })
                }
                Self::Setup { dir } => {
                    let folder = read(&dir)?;
                    let set_up = set_up(&folder, SET_UP, |line| anstream::eprintln!("{line}")).await;
                    set_up.map_err(Failure::broken)?;
                    anstream::println!("{} is set up", folder.name);
                    Ok(Ending::AsExpected)
                }
            }
        })
    }
}

async fn list() -> Result<Ending, Failure> {
    let embedded = subjects::embedded()?;
    for subject in &embedded {
        anstream::println!("{:<16} embedded", subject.name);
    }
    let mut folders: Vec<PathBuf> = match std::fs::read_dir("servers") {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
        Err(_) => Vec::new(),
    };
    folders.retain(|dir| dir.join("server.yaml").is_file());
    folders.sort();
    for dir in folders {
        let folder = match ServerFolder::read(&dir) {
            Ok(folder) => folder,
            Err(error) => {
                anstream::println!("{}: {error}", dir.display());
                continue;
            }
        };
        if embedded.iter().any(|subject| subject.name == folder.name) {
            continue;
        }
        match detect(&folder, Duration::from_secs(20), |_| ()).await {
            Readiness::Ready => anstream::println!("{:<16} {} ready", folder.name, folder.language),
            Readiness::NotSetUp => anstream::println!(
                "{:<16} {} not set up: `corspec servers setup {}`",
                folder.name,
                folder.language,
                folder.name
            ),
            Readiness::Missing { problem, install } => {
                anstream::println!(
                    "{:<16} {} missing: {problem}; `{install}` may help",
                    folder.name,
                    folder.language
                );
            }
        }
    }
    Ok(Ending::AsExpected)
}

fn read(dir: &Path) -> Result<ServerFolder, Failure> {
    let under = Path::new("servers").join(dir);
    let dir = if dir.join("server.yaml").is_file() { dir } else { &under };
    ServerFolder::read(dir).map_err(Failure::usage)
}
