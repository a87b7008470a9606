//! The servers that the command line names: embedded ones, folders, programs.

use corspec::subject::Subject;

use super::{Failure, embedded, folders, program};

/// Everything that is embedded, the model itself first.
pub(super) fn embedded() -> Result<Vec<Subject>, Failure> {
    let mut all = vec![Subject::scripted()];
    all.extend(embedded::servers().map_err(Failure::usage)?);
    Ok(all)
}

/// Embedded servers by their names; folders with a `server.yaml` by their names under `servers/`, a glob over these, or a path.
pub(super) fn named(names: &[String]) -> Result<Vec<Subject>, Failure> {
    let embedded = embedded()?;
    let mut subjects: Vec<Subject> = Vec::new();
    let mut push = |subject: Subject| {
        if !subjects.iter().any(|known| known.name == subject.name) {
            subjects.push(subject);
        }
    };
    for name in names {
        if let Some(subject) = embedded.iter().find(|subject| subject.name == *name) {
            push(subject.clone());
            continue;
        }
        for folder in folders::named(std::slice::from_ref(name))? {
            push(match embedded.iter().find(|subject| subject.name == folder.name) {
                Some(subject) => subject.clone(),
                None => of_folder(folder)?,
            });
        }
    }
    Ok(subjects)
}

/// The server of a folder, with what is known to go wrong with it.
pub(super) fn of_folder(folder: corspec_process::ServerFolder) -> Result<Subject, Failure> {
    let deviations = folders::deviations(&folder.dir)?;
    Ok(program::of_folder(folder).with_deviations(deviations))
}
