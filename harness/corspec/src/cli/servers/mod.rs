//! `corspec servers`

mod list;
mod setup;

use clap::Subcommand;
use corspec_process::{CheckOptions, CommandLine, check};

use super::{Ending, Failure, folders};

#[derive(Subcommand)]
pub(super) enum Servers {
    /// List the servers: what each is, whether it is ready, and what to do where it is not
    List(list::List),
    /// Set servers up: what their server.yaml says under `setup`
    Setup(setup::Setup),
    /// Hold a server against the protocol: every message, every route
    Check {
        /// A server's name, or a folder with a server.yaml
        #[arg(value_name = "NAME|DIR", required_unless_present = "exec")]
        server: Option<String>,
        /// A command line in its place
        #[arg(long, value_name = "CMD", conflicts_with = "server")]
        exec: Option<String>,
    },
}

impl Servers {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::broken)?;
        runtime.block_on(async {
            match self {
                Self::List(list) => list.execute().await,
                Self::Setup(setup) => setup.execute().await,
                Self::Check { server, exec } => {
                    let command = match (server, exec) {
                        (Some(name), _) => {
                            let dir = folders::find(&name).ok_or_else(|| folders::unknown(&name))?;
                            folders::read(&dir)?.run
                        }
                        (None, line) => CommandLine::shell(line.unwrap_or_default()),
                    };
                    let report = check(&command, &CheckOptions::default()).await;
                    anstream::println!("{report}");
                    Ok(if report.passed() { Ending::AsExpected } else { Ending::FellShort })
                }
            }
        })
    }
}
