//! Finding case files, reading them within limits, and putting places to what is wrong.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::decode::{Decoder, Mistake, config, suite};
use super::model::{Kind, Source, Suite};
use super::positions::{Half, Location, Positions, lines};
use super::problems::{Problem, Problems, quote};
use super::yaml;
use crate::own::Config;

/// The size of the largest file that is read.
const LARGEST: u64 = 1 << 20;
/// How deep folders are searched, in case one of them leads back to itself.
const DEEPEST: usize = 16;

/// Loads every case file in a folder and below; or one file. What a file tests is told by the nearest folder
/// that is named `browser` or `server`.
///
/// # Errors
/// Everything that is wrong in any of the files, or that there is none.
pub fn load_dir(path: impl AsRef<Path>) -> Result<Vec<Suite>, Problems> {
    load_folder(path.as_ref(), None)
}

/// As [`load_dir`], with the caller saying what the files test.
///
/// # Errors
/// As those of [`load_dir`].
pub fn load_dir_as(path: impl AsRef<Path>, kind: Kind) -> Result<Vec<Suite>, Problems> {
    load_folder(path.as_ref(), Some(kind))
}

/// Loads case files whose texts are at hand. What a file tests is told by the nearest folder in its path that
/// is named `browser` or `server`.
///
/// # Errors
/// Everything that is wrong in any of the files, or that there is none.
pub fn load_files<P, T>(files: impl IntoIterator<Item = (P, T)>) -> Result<Vec<Suite>, Problems>
where
    P: AsRef<Path>,
    T: AsRef<[u8]>,
{
    load_texts(files, None)
}

/// As [`load_files`], with the caller saying what the files test.
///
/// # Errors
/// As those of [`load_files`].
pub fn load_files_as<P, T>(
    kind: Kind,
    files: impl IntoIterator<Item = (P, T)>,
) -> Result<Vec<Suite>, Problems>
where
    P: AsRef<Path>,
    T: AsRef<[u8]>,
{
    load_texts(files, Some(kind))
}

/// Reads a `corspec.yaml`.
///
/// # Errors
/// Everything that is wrong in it.
pub fn load_config(path: impl AsRef<Path>) -> Result<Config, Problems> {
    let bytes = read(path.as_ref()).map_err(|problem| Problems::new(vec![problem]))?;
    parse_config(path, &bytes)
}

/// As [`load_config`], with the text at hand; the path is what its mistakes are told under.
///
/// # Errors
/// Everything that is wrong in it.
pub fn parse_config(path: impl AsRef<Path>, bytes: &[u8]) -> Result<Config, Problems> {
    config_of(shown(path.as_ref()), bytes).map_err(Problems::new)
}

fn config_of(path: String, bytes: &[u8]) -> Result<Config, Vec<Problem>> {
    let text = text(&path, bytes).map_err(|problem| vec![problem])?;
    let document = yaml::parse(text).map_err(|invalid| vec![unparsed(&path, text, invalid)])?;
    let source = Source::new(path, text);
    let mut decoder = Decoder::new(Kind::Server);
    let decoded = config(&mut decoder, &document.value);
    let (mistakes, left_out) = decoder.finish();
    match decoded {
        Some(config) if mistakes.is_empty() && !document.has_duplicates => Ok(config),
        _ => Err(place(&source, &mistakes, left_out, document.has_duplicates)),
    }
}

fn unparsed(path: &str, text: &str, invalid: yaml::Invalid) -> Problem {
    let location = invalid.at.map(|(line, column)| Location { line, column, length: 1 });
    Problem::whole(path, invalid.message, invalid.help.as_deref()).at(location, &lines(text))
}

/// Where a part of a case stands: `key` is a path such as `expect` or `steps.1.request.origin`, empty for the
/// case itself. What the file leaves out is found in what it would stand in.
pub fn locate(suite: &Suite, case_id: &str, key: &str) -> Option<Location> {
    let path = suite.case(case_id)?.location.clone().dotted(key);
    suite.source.positions().find(&path, Half::Key)
}

impl Source {
    /// The file's name without its ending.
    pub(super) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }
}

/// The suites and problems of the files seen so far.
#[derive(Default)]
struct Loading {
    suites: Vec<Suite>,
    problems: Vec<Problem>,
    files: usize,
}

fn load_folder(path: &Path, kind: Option<Kind>) -> Result<Vec<Suite>, Problems> {
    let mut loading = Loading::default();
    let mut found = Vec::new();
    loading.search(path, 0, &mut found);
    // Only the folders from the given one down can say what kind the files are of; those above are anybody's.
    let own = fs::canonicalize(path).ok();
    let own = own
        .as_deref()
        .and_then(|path| kind_of(&if path.is_file() { path.to_owned() } else { path.join("x") }));
    for file in found {
        let kind = kind.or_else(|| kind_of(file.strip_prefix(path).unwrap_or(&file))).or(own);
        match read(&file) {
            Ok(bytes) => loading.add(shown(&file), kind, &bytes),
            Err(problem) => {
                loading.files += 1;
                loading.problems.push(problem);
            }
        }
    }
    loading.finish(&shown(path))
}

fn load_texts<P, T>(
    files: impl IntoIterator<Item = (P, T)>,
    kind: Option<Kind>,
) -> Result<Vec<Suite>, Problems>
where
    P: AsRef<Path>,
    T: AsRef<[u8]>,
{
    let mut loading = Loading::default();
    for (path, bytes) in files {
        let (path, bytes) = (path.as_ref(), bytes.as_ref());
        let kind = kind.or_else(|| kind_of(path));
        if bytes.len() as u64 > LARGEST {
            loading.files += 1;
            loading.problems.push(too_large(path));
        } else {
            loading.add(shown(path), kind, bytes);
        }
    }
    loading.finish("what was given")
}

impl Loading {
    /// Collects the case files below a folder, in the order of their names.
    fn search(&mut self, path: &Path, depth: usize, found: &mut Vec<PathBuf>) {
        let failed = |error: io::Error| Problem::whole(shown(path), format!("cannot be read: {error}"), None);
        let kind = match fs::metadata(path) {
            Ok(metadata) => metadata.file_type(),
            Err(error) => return self.problems.push(failed(error)),
        };
        if !kind.is_dir() {
            return match path.extension().and_then(|ending| ending.to_str()) {
                Some("yaml") => found.push(path.to_owned()),
                Some("yml") => {
                    let help = "rename it: case files end in .yaml";
                    self.problems.push(Problem::whole(shown(path), "a case file ends in .yaml", Some(help)));
                }
                _ if depth == 0 => {
                    self.problems.push(Problem::whole(
                        shown(path),
                        "is neither a folder nor a .yaml file",
                        None,
                    ));
                }
                _ => {}
            };
        }
        if depth > DEEPEST {
            return self.problems.push(Problem::whole(shown(path), "folders nest too deep", None));
        }
        match fs::read_dir(path).and_then(|entries| entries.collect::<io::Result<Vec<_>>>()) {
            Ok(entries) => {
                let mut paths: Vec<PathBuf> = entries.iter().map(|entry| entry.path()).collect();
                paths.sort();
                for path in paths {
                    self.search(&path, depth + 1, found);
                }
            }
            Err(error) => self.problems.push(failed(error)),
        }
    }

    fn add(&mut self, path: String, kind: Option<Kind>, bytes: &[u8]) {
        self.files += 1;
        match load_file(path, kind, bytes) {
            Ok(suite) => self.suites.push(suite),
            Err(mut problems) => self.problems.append(&mut problems),
        }
    }

    fn finish(mut self, place: &str) -> Result<Vec<Suite>, Problems> {
        if self.files == 0 && self.problems.is_empty() {
            let help = "case files are named browser/NAME.yaml or server/NAME.yaml";
            self.problems.push(Problem::whole(place, "no case file in it", Some(help)));
        }
        let mut first: HashMap<(Kind, &str), &str> = HashMap::new();
        for suite in &self.suites {
            if let Some(path) = first.insert((suite.kind, &suite.name), &suite.source.path) {
                let message = format!("a second suite named {}", quote(&suite.name));
                let help = format!("the first one is {path}");
                self.problems.push(Problem::whole(&suite.source.path, message, Some(&help)));
            }
        }
        if self.problems.is_empty() { Ok(self.suites) } else { Err(Problems::new(self.problems)) }
    }
}

fn load_file(path: String, kind: Option<Kind>, bytes: &[u8]) -> Result<Suite, Vec<Problem>> {
    let text = text(&path, bytes).map_err(|problem| vec![problem])?;
    let Some(kind) = kind else {
        let help = "put it into a folder named browser or server";
        return Err(vec![Problem::whole(
            path,
            "it is not said whether it tests browsers or servers",
            Some(help),
        )]);
    };
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#') || line == "---";
    if text.lines().all(is_blank) {
        let help = "write `suite`, `spec` and `cases`, as cases/README.md describes";
        return Err(vec![Problem::whole(path, "the file is empty", Some(help))]);
    }
    let document = yaml::parse(text).map_err(|invalid| vec![unparsed(&path, text, invalid)])?;
    let source = Source::new(path, text);
    let mut decoder = Decoder::new(kind);
    let decoded = suite(&mut decoder, &document.value, &source);
    let (mistakes, left_out) = decoder.finish();
    match decoded {
        Some(suite) if mistakes.is_empty() && !document.has_duplicates => Ok(suite),
        _ => Err(place(&source, &mistakes, left_out, document.has_duplicates)),
    }
}

/// Puts lines and columns to the mistakes of a file.
fn place(source: &Source, mistakes: &[Mistake], left_out: usize, has_duplicates: bool) -> Vec<Problem> {
    let positions = Positions::of(&source.text);
    let lines = lines(&source.text);
    let mut problems = Vec::with_capacity(mistakes.len() + 1);
    for mistake in mistakes {
        let mut help = mistake.help.clone();
        if let Some((what, path)) = &mistake.other
            && let Some(other) = positions.find(path, Half::Value)
        {
            let line = format!("{what} is in line {}", other.line);
            help = Some(help.map_or_else(|| line.clone(), |help| format!("{help}; {line}")));
        }
        let location = positions.find(&mistake.path, mistake.half);
        problems.push(Problem::whole(&*source.path, &*mistake.message, help.as_deref()).at(location, &lines));
    }
    for duplicate in positions.duplicates().iter().take(if has_duplicates { 100 } else { 0 }) {
        let message = format!("the key {} stands twice in one mapping", quote(&duplicate.key));
        let help = format!("the first is in line {}", duplicate.first.line);
        let problem = Problem::whole(&*source.path, message, Some(&help));
        problems.push(problem.at(Some(duplicate.location), &lines));
    }
    if has_duplicates && positions.duplicates().is_empty() {
        problems.push(Problem::whole(&*source.path, "some mapping has a key twice", None));
    }
    if left_out > 0 {
        let message = format!("{left_out} more problems in this file are not shown");
        problems.push(Problem::whole(&*source.path, message, None));
    }
    problems
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let failed = |error: io::Error| Problem::whole(shown(path), format!("cannot be read: {error}"), None);
    let file = File::open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(Problem::whole(shown(path), "is no regular file", None));
    }
    let mut bytes = Vec::new();
    // One byte more than permitted tells a file that has grown since.
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST { Err(too_large(path)) } else { Ok(bytes) }
}

fn too_large(path: &Path) -> Problem {
    Problem::whole(shown(path), "the file is larger than 1 MiB", Some("split it into several suites"))
}

/// The text of a file without a byte order mark.
fn text<'b>(path: &str, bytes: &'b [u8]) -> Result<&'b str, Problem> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text)),
        Err(error) => {
            let valid = &bytes[..error.valid_up_to()];
            let line = valid.iter().filter(|&&byte| byte == b'\n').count() + 1;
            let message =
                format!("the file is not UTF-8: line {line} has the byte 0x{:02X}", bytes[valid.len()]);
            let help = "save it as UTF-8; for a raw byte in a header write \"\\xE9\" in double quotes";
            Err(Problem::whole(path, message, Some(help)))
        }
    }
}

fn kind_of(path: &Path) -> Option<Kind> {
    let folders = path.parent()?.components().rev();
    folders
        .filter_map(|part| part.as_os_str().to_str())
        .find_map(|name| Kind::ALL.iter().copied().find(|kind| kind.as_str() == name))
}

/// A path as it is shown: as given, relative to the working directory where it is below that.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let path = here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    let parts = path.components().map(|part| match part {
        Component::RootDir => String::new(),
        part => part.as_os_str().to_string_lossy().into_owned(),
    });
    let shown = parts.filter(|part| part != ".").collect::<Vec<_>>().join("/");
    if shown.is_empty() { ".".to_owned() } else { shown }
}
