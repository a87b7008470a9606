//! Programs that speak the server protocol, as subjects.

use std::sync::Arc;
use std::time::Duration;

use corspec::subject::{Program, Running, Started, Subject};
use corspec_process::{CommandLine, Options, Process, Readiness, ServerFolder, StartError, detect};
use corspec_protocol::{Answer, BoxFuture, Hello, Policy, Server};

/// How long a toolchain may take to say that it is there.
pub(super) const DETECT: Duration = Duration::from_secs(20);

/// How long a program may take to answer: beside others it gets a part of the machine only.
const ANSWER: Duration = Duration::from_secs(45);

/// What a program of no folder is counted with, in MiB.
const MEMORY: u32 = 150;

/// The server of a folder.
pub(super) fn of_folder(folder: ServerFolder) -> Subject {
    let (name, memory) = (folder.name.clone(), folder.memory);
    Subject::program(name, Folder(folder), memory)
}

/// The program that a shell runs for this command line.
pub(super) fn of_command(name: &str, line: &str) -> Subject {
    Subject::program(name, Command(CommandLine::shell(line)), MEMORY)
}

/// Why a server is not ready, and what to do about it.
pub(super) fn not_ready(folder: &ServerFolder, readiness: &Readiness) -> Option<String> {
    match readiness {
        Readiness::Ready => None,
        Readiness::NotSetUp => {
            Some(format!("it is not set up; `corspec servers setup {}` does that", folder.name))
        }
        Readiness::Missing { problem, install } => Some(format!("{problem}; to get it: {install}")),
    }
}

struct Folder(ServerFolder);

impl Program for Folder {
    fn start(&self) -> BoxFuture<'_, Started> {
        Box::pin(async {
            let Self(folder) = self;
            // What is set up had its toolchain, and asking for that again takes some of them a second.
            let is_known = !folder.setup.is_empty() && folder.is_set_up();
            if !is_known && let Some(reason) = not_ready(folder, &detect(folder, DETECT, |_| ()).await) {
                return Started::Unavailable(reason);
            }
            let started = start(&folder.run).await;
            if is_known
                && matches!(started, Started::Broken(_))
                && let readiness @ Readiness::Missing { .. } = detect(folder, DETECT, |_| ()).await
            {
                return Started::Unavailable(not_ready(folder, &readiness).unwrap_or_default());
            }
            started
        })
    }
}

struct Command(CommandLine);

impl Program for Command {
    fn start(&self) -> BoxFuture<'_, Started> {
        Box::pin(start(&self.0))
    }
}

async fn start(command: &CommandLine) -> Started {
    let options = Options { request_limit: ANSWER, ..Options::default() };
    match Process::start(command, &options).await {
        Ok(process) => Started::Running(Arc::new(Held(process))),
        Err(error @ StartError::Spawn { .. }) => Started::Unavailable(error.to_string()),
        Err(error) => Started::Broken(error.to_string()),
    }
}

/// A process that runs.
struct Held(Process);

impl Server for Held {
    fn hello(&self) -> Hello {
        self.0.hello()
    }

    fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        self.0.serve(policy)
    }
}

impl Running for Held {
    fn stop(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(async { self.0.stop().await.iter().map(ToString::to_string).collect() })
    }
}
