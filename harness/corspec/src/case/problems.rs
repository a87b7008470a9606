//! What is wrong with case files, told so that it can be put right.

use std::error::Error;
use std::fmt::{self, Write as _};

use super::positions::Location;

/// How many characters of a line are shown at most.
const EXCERPT: usize = 160;
/// How many characters are shown in front of the marked ones where a line is too long.
const LEAD: usize = 60;
/// Where help is broken into lines.
const WIDTH: usize = 100;

/// Everything that is wrong in a set of case files, by file and position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file or folder.
    pub path: String,
    /// Where in the file.
    pub location: Option<Location>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    excerpt: Option<Box<Excerpt>>,
}

/// The line that a problem is in, or as much of it as fits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Excerpt {
    before: String,
    marked: String,
    after: String,
}

impl Problems {
    /// Sorts what was found. `found` is not empty.
    pub(super) fn new(mut found: Vec<Problem>) -> Self {
        found.sort();
        Self(found)
    }

    /// The problems, by file and position.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Problem {
    /// A problem with a file or folder as a whole.
    pub(super) fn whole(path: impl Into<String>, message: impl Into<String>, help: Option<&str>) -> Self {
        Self {
            path: path.into(),
            location: None,
            message: message.into(),
            help: help.map(str::to_owned),
            excerpt: None,
        }
    }

    /// Says where in the file it is, and shows that line.
    pub(super) fn at(mut self, location: Option<Location>, lines: &[&str]) -> Self {
        self.location = location;
        self.excerpt =
            location.and_then(|at| Excerpt::new(lines.get(at.line.checked_sub(1)?)?, at)).map(Box::new);
        self
    }
}

impl Excerpt {
    fn new(line: &str, at: Location) -> Option<Self> {
        let column = at.column.checked_sub(1)?;
        let skip = if column + at.length <= EXCERPT { 0 } else { column.saturating_sub(LEAD) };
        let shown = window(line, skip, EXCERPT);
        let more = window(line, skip + EXCERPT, 1).next().is_some();
        let mut excerpt = Self { before: String::new(), marked: String::new(), after: String::new() };
        if skip > 0 {
            excerpt.before.push('…');
        }
        for (place, character) in shown.enumerate() {
            let place = place + skip;
            let part = if place < column {
                &mut excerpt.before
            } else if place < column + at.length {
                &mut excerpt.marked
            } else {
                &mut excerpt.after
            };
            // A tab would move what follows away from the caret below.
            push_plain(part, if character == '\t' { ' ' } else { character });
        }
        if more {
            let part = if excerpt.after.is_empty() { &mut excerpt.marked } else { &mut excerpt.after };
            part.push('…');
        }
        Some(excerpt)
    }
}

/// Some characters of a line that can be a megabyte long.
fn window(line: &str, skip: usize, take: usize) -> impl Iterator<Item = char> {
    let (line, skip) = if line.is_ascii() { (line.get(skip..).unwrap_or_default(), 0) } else { (line, skip) };
    line.chars().skip(skip).take(take)
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self {
            writeln!(f, "{problem}")?;
        }
        let files = self.0.chunk_by(|a, b| a.path == b.path).count();
        write!(f, "{} in {}", count(self.0.len(), "problem"), count(files, "file"))
    }
}

impl Error for Problems {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", plain(&self.path))?;
        if let Some(at) = self.location {
            write!(f, "{}:{}:", at.line, at.column)?;
        }
        writeln!(f, " {}", plain(&self.message))?;
        let margin = self.location.map_or(0, |at| at.line.to_string().len());
        if let (Some(at), Some(excerpt)) = (self.location, &self.excerpt) {
            let Excerpt { before, marked, after } = &**excerpt;
            let indent = " ".repeat(before.chars().count());
            let carets = "^".repeat(marked.chars().count().max(1));
            writeln!(f, " {:margin$} |", "")?;
            writeln!(f, " {} | {before}{marked}{after}", at.line)?;
            writeln!(f, " {:margin$} | {indent}{carets}", "")?;
        }
        if let Some(help) = &self.help {
            let mut lead = "= help:";
            for line in wrap(&plain(help)) {
                writeln!(f, " {:margin$} {lead} {line}", "")?;
                lead = "       ";
            }
        }
        Ok(())
    }
}

/// A text of which nothing moves a terminal's cursor, colours, or reorders what is read.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        push_plain(&mut plain, character);
    }
    plain
}

/// A text of a file as it is quoted in a message: not too long.
pub(super) fn quote(text: &str) -> String {
    const LONG: usize = 60;
    if text.is_empty() {
        return "the empty text".to_owned();
    }
    let mut quoted: String = text.chars().take(LONG).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    format!("`{quoted}`")
}

/// Bytes as the characters that stand for them in a case file.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// `1 case`, `2 cases`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn push_plain(text: &mut String, character: char) {
    let is_unsafe = character.is_control()
        || matches!(character,
            // Soft hyphen, marks of direction, separators, joiners, byte order mark, tags: seen by no reader.
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}');
    if is_unsafe {
        // Writing to a string does not fail.
        let _ = write!(text, "{}", character.escape_unicode());
    } else {
        text.push(character);
    }
}

fn wrap(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split(' ') {
        let long = word.chars().count();
        match lines.last_mut() {
            Some(line) if length > 0 && length + 1 + long <= WIDTH => {
                line.push(' ');
                line.push_str(word);
                length += 1 + long;
            }
            Some(line) if length == 0 => {
                line.push_str(word);
                length = long;
            }
            _ => {
                lines.push(word.to_owned());
                length = long;
            }
        }
    }
    lines
}
