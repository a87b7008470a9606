//! The servers that the command line names: embedded ones, folders, programs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use corspec::deviation::Deviations;
use corspec::subject::{PROGRAM, Subject};
use corspec_process::{CommandLine, Options, Process, Readiness, ServerFolder, StartError, detect};

use super::{Failure, embedded};

/// How long a toolchain may take to say that it is there.
const DETECT: Duration = Duration::from_secs(20);

/// Everything that is embedded, the model itself first.
pub(super) fn embedded() -> Result<Vec<Subject>, Failure> {
    let mut all = vec![Subject::scripted()];
    all.extend(embedded::servers().map_err(Failure::usage)?);
    Ok(all)
}

/// An embedded server by its name, or a folder with a `server.yaml` by its name under `servers/` or by its path.
pub(super) async fn named(name: &str) -> Result<Subject, Failure> {
    let embedded = embedded()?;
    if let Some(subject) = embedded.iter().find(|subject| subject.name == name) {
        return Ok(subject.clone());
    }
    let Some(dir) = folder(name) else {
        let known: Vec<_> = embedded.iter().map(|subject| &*subject.name).collect();
        return Err(Failure::Usage(format!(
            "there is no server `{name}`\n  help: there is {}, and any folder with a server.yaml in it",
            known.join(", ")
        )));
    };
    let folder = ServerFolder::read(&dir).map_err(Failure::usage)?;
    let deviations = deviations(&dir)?;
    let subject = match detect(&folder, DETECT, |_| ()).await {
        Readiness::Ready => started(&folder.name, &folder.run).await,
        Readiness::NotSetUp => Subject::unavailable(
            &folder.name,
            format!("it is not set up; `corspec servers setup {}` does that", folder.name),
        ),
        Readiness::Missing { problem, install } => {
            Subject::unavailable(&folder.name, format!("{problem}; `{install}` may help"))
        }
    };
    Ok(subject.with_deviations(deviations))
}

/// The program that a shell runs for this command line.
pub(super) async fn program(line: &str) -> Subject {
    started(PROGRAM, &CommandLine::shell(line)).await
}

async fn started(name: &str, command: &CommandLine) -> Subject {
    match Process::start(command, &Options::default()).await {
        Ok(process) => {
            let process = Arc::new(process);
            let faults = process.clone();
            Subject::shared(name, process)
                .watched(move || faults.faults().iter().map(ToString::to_string).collect())
        }
        Err(error @ StartError::Spawn { .. }) => Subject::unavailable(name, error.to_string()),
        Err(error) => Subject::broken(name, error.to_string()),
    }
}

fn folder(name: &str) -> Option<PathBuf> {
    [PathBuf::from(name), Path::new("servers").join(name)]
        .into_iter()
        .find(|dir| dir.join("server.yaml").is_file())
}

fn deviations(dir: &Path) -> Result<Deviations, Failure> {
    let path = dir.join("deviations.yaml");
    match std::fs::read_to_string(&path) {
        Ok(text) => Deviations::parse(&path.display().to_string(), &text).map_err(Failure::usage),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Deviations::default()),
        Err(error) => Err(Failure::Usage(format!("cannot read {}: {error}", path.display()))),
    }
}
