//! The suites that corspec brings along.

use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::case::{Problems, Suite, load_files};

static CASES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../cases");

/// Every suite of `cases/`.
///
/// # Errors
/// Never in a released binary; while cases are being written, whatever is wrong with them.
pub fn suites() -> Result<Vec<Suite>, Problems> {
    load_files(files(|_| true))
}

/// The suites of that name alone, for a run that needs no other.
///
/// # Errors
/// As [`suites`].
pub fn suites_named(name: &str) -> Result<Vec<Suite>, Problems> {
    load_files(files(|path| path.file_stem().is_some_and(|stem| stem == name)))
}

/// The text of a built-in case file, by the path that [`Source`](crate::case::Source) has.
pub fn source(path: &str) -> Option<String> {
    let file = CASES.get_file(path.strip_prefix("cases/")?)?;
    file.contents_utf8().map(str::to_owned)
}

fn files(wanted: impl Fn(&Path) -> bool) -> Vec<(String, &'static str)> {
    let mut found: Vec<_> = ["browser", "server"]
        .iter()
        .filter_map(|folder| CASES.get_dir(folder))
        .flat_map(Dir::files)
        .filter(|file| wanted(file.path()))
        .filter_map(|file| Some((format!("cases/{}", file.path().to_str()?), file.contents_utf8()?)))
        .collect();
    found.sort_unstable();
    found
}
