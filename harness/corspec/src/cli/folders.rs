//! The folders under `servers/`, and those that are named by their paths.

use std::path::{Path, PathBuf};

use corspec::deviation::Deviations;
use corspec_process::{FolderError, ServerFolder};
use globset::GlobBuilder;

use super::{Failure, subjects};

/// Where servers are looked for.
pub(super) const SERVERS: &str = "servers";

/// Every folder under `servers/` that has a `server.yaml`, by name.
pub(super) fn all() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(SERVERS).map(|entries| entries.flatten().map(|entry| entry.path()));
    let mut folders: Vec<_> = entries.into_iter().flatten().filter(|dir| is_one(dir)).collect();
    folders.sort();
    folders
}

/// The folder of that name or path.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    [Path::new(SERVERS).join(name), PathBuf::from(name)].into_iter().find(|dir| is_one(dir))
}

/// The folders that the names stand for: each a name, a glob over names, or a path.
pub(super) fn named(names: &[String]) -> Result<Vec<ServerFolder>, Failure> {
    let mut found: Vec<PathBuf> = Vec::new();
    for name in names {
        let these = match find(name) {
            Some(dir) => vec![dir],
            None => matching(name, all())?,
        };
        if these.is_empty() {
            return Err(unknown(name));
        }
        for dir in these {
            if !found.contains(&dir) {
                found.push(dir);
            }
        }
    }
    found.iter().map(read).collect()
}

/// Those whose names a glob matches.
fn matching(pattern: &str, folders: Vec<PathBuf>) -> Result<Vec<PathBuf>, Failure> {
    let glob = GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|error| Failure::Usage(format!("`{pattern}` is neither a folder nor a pattern: {error}")))?;
    let glob = glob.compile_matcher();
    Ok(folders.into_iter().filter(|dir| dir.file_name().is_some_and(|name| glob.is_match(name))).collect())
}

/// What to say to a name that no folder has.
pub(super) fn unknown(name: &str) -> Failure {
    let close = |known: &str| {
        known.contains(name) || name.contains(known) || known.split('-').any(|part| part == name)
    };
    let names: Vec<_> = all().iter().filter_map(|dir| Some(dir.file_name()?.to_str()?.to_owned())).collect();
    let close: Vec<_> = names.iter().filter(|known| close(known)).map(|known| format!("`{known}`")).collect();
    let help = match (names.is_empty(), close.is_empty()) {
        (true, _) => format!(
            "embedded are {}; others are looked for in {SERVERS}/, which has none here: run corspec in the project's folder, or name a folder with a server.yaml by its path",
            embedded_names().join(", ")
        ),
        (_, true) => {
            "`corspec servers list` lists them; any folder with a server.yaml can be named by its path"
                .to_owned()
        }
        _ => format!("is it {}?", close.join(" or ")),
    };
    Failure::Usage(format!("there is no server `{name}`\n  help: {help}"))
}

fn embedded_names() -> Vec<String> {
    let embedded = subjects::embedded().unwrap_or_default();
    embedded.into_iter().map(|subject| subject.name).collect()
}

pub(super) fn read(dir: &PathBuf) -> Result<ServerFolder, Failure> {
    ServerFolder::read(dir).map_err(|error: FolderError| Failure::usage(error))
}

/// Where a server's known deviations are listed.
pub(super) fn deviations_path(dir: &Path) -> PathBuf {
    dir.join("deviations.yaml")
}

/// The list as it is written; none is an empty one.
pub(super) fn deviations_text(dir: &Path) -> Result<String, Failure> {
    let path = deviations_path(dir);
    match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| Failure::Usage(format!("cannot read {}: {error}", path.display()))),
    }
}

pub(super) fn deviations(dir: &Path) -> Result<Deviations, Failure> {
    let path = deviations_path(dir);
    Deviations::parse(&path.display().to_string(), &deviations_text(dir)?).map_err(Failure::usage)
}

fn is_one(dir: &Path) -> bool {
    dir.join("server.yaml").is_file()
}
