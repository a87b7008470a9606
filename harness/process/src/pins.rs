use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// Folders that hold what was made, and not what it was made from.
const MADE: [&str; 5] = ["node_modules", "target", "__pycache__", "dist-newstyle", "obj"];

/// The files that stand behind a list of files and folders, each folder with all that is in it but what was made there:
/// `node_modules`, `target` and the like, and whatever begins with a dot, such as `.build` and `.venv`.
///
/// They are told with the path under which they were found, in an order that is the same on every machine.
fn files(dir: &Path, pins: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for pin in pins {
        let path = dir.join(pin);
        if fs::metadata(&path)?.is_dir() {
            let start = files.len();
            walk(&path, &mut files)?;
            files[start..].sort();
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || MADE.contains(&&*name) {
            continue;
        }
        // A link is followed to a file, and not into a folder that may hold the link itself.
        match entry.file_type()? {
            kind if kind.is_dir() => walk(&entry.path(), files)?,
            kind if kind.is_file() || fs::metadata(entry.path()).is_ok_and(|to| to.is_file()) => {
                files.push(entry.path());
            }
            _ => {}
        }
    }
    Ok(())
}

/// The pins that name nothing, which is a mistake of whoever wrote them.
pub(crate) fn missing<'a>(dir: &Path, pins: &'a [PathBuf]) -> impl Iterator<Item = &'a Path> {
    pins.iter().map(PathBuf::as_path).filter(move |pin| !dir.join(pin).exists())
}

/// A number that changes with the name or the content of any file behind the pins.
///
/// Where one cannot be read, that is part of it.
pub(crate) fn hash(dir: &Path, pins: &[PathBuf], hasher: &mut DefaultHasher) {
    let Ok(files) = files(dir, pins) else {
        return "unreadable".hash(hasher);
    };
    for file in files {
        file.strip_prefix(dir).unwrap_or(&file).hash(hasher);
        fs::read(&file).ok().hash(hasher);
    }
    hasher.write_usize(pins.len());
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for path in [
            "mine/main.go",
            "mine/go.sum",
            "mine/sub/b.go",
            "mine/.build/server",
            "mine/node_modules/x/index.js",
            "mine/sub/target/debug",
            "support/go/run.go",
            "support/go/.hidden",
        ] {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "one").unwrap();
        }
        dir
    }

    fn pins() -> [PathBuf; 3] {
        ["go.sum", ".", "../support/go"].map(PathBuf::from)
    }

    fn fingerprint(dir: &Path) -> u64 {
        let mut hasher = DefaultHasher::new();
        hash(&dir.join("mine"), &pins(), &mut hasher);
        hasher.finish()
    }

    #[test]
    fn a_folder_stands_for_what_was_written_in_it() {
        let dir = tree();
        let mine = dir.path().join("mine");
        let found = files(&mine, &pins()).unwrap();
        let found: Vec<_> = found.iter().map(|file| file.strip_prefix(&mine).unwrap()).collect();
        let written = ["go.sum", "go.sum", "main.go", "sub/b.go", "../support/go/run.go"];
        assert_eq!(found, written.map(Path::new));
    }

    #[rstest]
    #[case::source("mine/main.go", true)]
    #[case::source_below("mine/sub/b.go", true)]
    #[case::shared("support/go/run.go", true)]
    #[case::new_file("mine/new.go", true)]
    #[case::built("mine/.build/server", false)]
    #[case::installed("mine/node_modules/x/index.js", false)]
    #[case::built_below("mine/sub/target/debug", false)]
    fn changes_with_what_was_written(#[case] path: &str, #[case] changes: bool) {
        let dir = tree();
        let before = fingerprint(dir.path());
        assert_eq!(fingerprint(dir.path()), before);
        fs::write(dir.path().join(path), "two").unwrap();
        assert_eq!(fingerprint(dir.path()) != before, changes);
    }

    #[test]
    fn a_renamed_file_is_another() {
        let dir = tree();
        let before = fingerprint(dir.path());
        fs::rename(dir.path().join("mine/main.go"), dir.path().join("mine/other.go")).unwrap();
        assert_ne!(fingerprint(dir.path()), before);
    }

    #[test]
    fn what_names_nothing_is_told() {
        let dir = tree();
        let pins = [PathBuf::from("go.sum"), PathBuf::from("go.lock")];
        let missing: Vec<_> = missing(&dir.path().join("mine"), &pins).collect();
        assert_eq!(missing, [Path::new("go.lock")]);
    }
}
