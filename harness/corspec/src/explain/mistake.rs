//! Why an input explains nothing: what came, where it is wrong, and a way out.

use std::fmt;

use crate::report::printable::{abridged, printable};

/// What is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong.
    pub what: String,
    /// The line that it is in, with a caret below; empty where there is no such place.
    pub place: String,
    /// What to do about it.
    pub way_out: String,
}

impl Mistake {
    /// A mistake of the input as a whole.
    pub(super) fn new(what: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { what: what.into(), place: String::new(), way_out: way_out.into() }
    }

    /// A mistake at that byte of a text.
    pub(super) fn at(text: &str, offset: usize, what: impl Into<String>, way_out: impl Into<String>) -> Self {
        let offset = floor_char_boundary(text, offset);
        let (before, after) = text.split_at(offset);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let number = before.matches('\n').count() + 1;
        let column = before[start..].chars().count() + 1;
        let tail: String =
            before[start..].chars().rev().take(MARGIN).collect::<Vec<_>>().into_iter().rev().collect();
        let (shown, rest) = (printable(&tail), after.lines().next().unwrap_or_default());
        let rest: String = rest.chars().take(MARGIN).collect();
        let place = format!(
            "  line {number}, column {column}:\n    {shown}{}\n    {}^",
            printable(&rest),
            " ".repeat(shown.chars().count())
        );
        Self { place, ..Self::new(what, way_out) }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if !self.place.is_empty() {
            write!(f, "\n{}", self.place)?;
        }
        write!(f, "\n  = {}", self.way_out)
    }
}

impl std::error::Error for Mistake {}

/// An excerpt of an input, in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", abridged(text, 80))
}

/// How much of the line around a mistake is shown on either side.
const MARGIN: usize = 50;

fn floor_char_boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|&index| text.is_char_boundary(index)).unwrap_or(0)
}
