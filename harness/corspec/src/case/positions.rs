//! Where in a file a value stands.
//!
//! The YAML that is decoded carries no positions, so the text is read a second time when one is asked for,
//! and only then: to report a problem, or to point at a case.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use saphyr_parser::{Event, Parser, Span};

/// The way from a file's top to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeyPath(pub Vec<Segment>);

/// One step of a [`KeyPath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// Into a mapping.
    Key(String),
    /// Into a list, counted from 0.
    Index(usize),
}

impl KeyPath {
    /// The way to an entry of the mapping that this is the way to.
    pub(super) fn key(mut self, key: &str) -> Self {
        self.0.push(Segment::Key(key.to_owned()));
        self
    }

    /// The way on from here by keys and numbers with dots between them.
    pub(super) fn dotted(mut self, parts: &str) -> Self {
        let parts = parts.split('.').filter(|part| !part.is_empty());
        self.0.extend(
            parts.map(|part| part.parse().map_or_else(|_| Segment::Key(part.to_owned()), Segment::Index)),
        );
        self
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if depth == 0 => write!(f, "{key}")?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A stretch of one line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// How many characters of the line it covers, at least 1.
    pub length: usize,
}

/// Which half of an entry is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Half {
    Key,
    Value,
}

/// The positions of everything in a file.
pub(super) struct Positions {
    /// The file's top comes first.
    nodes: Vec<Node>,
    children: HashMap<(usize, Segment), usize>,
    duplicates: Vec<Duplicate>,
}

/// A mapping's entry under a key that the mapping has already.
pub(super) struct Duplicate {
    pub(super) key: String,
    pub(super) location: Location,
    pub(super) first: Location,
}

struct Node {
    key: Option<Location>,
    value: Location,
}

impl Node {
    fn location(&self, half: Half) -> Location {
        match (half, self.key) {
            (Half::Key, Some(key)) => key,
            // A value that is not written at all is shown by its key.
            (Half::Value, Some(key)) if self.value.length == 0 => key,
            _ => Location { length: self.value.length.max(1), ..self.value },
        }
    }
}

/// A list or mapping that is being read.
struct Open {
    node: usize,
    next: Next,
}

enum Next {
    Item(usize),
    Key,
    Value(String, Location),
}

impl Positions {
    /// Reads a text as far as it is YAML.
    pub(super) fn of(text: &str) -> Self {
        let mut positions = Self { nodes: Vec::new(), children: HashMap::new(), duplicates: Vec::new() };
        positions.read(text);
        positions
    }

    /// Where a value or its key stands, or if that is not known, what it stands in.
    pub(super) fn find(&self, path: &KeyPath, half: Half) -> Option<Location> {
        let mut node = 0;
        for segment in &path.0 {
            match self.children.get(&(node, segment.clone())) {
                Some(&child) => node = child,
                None => return Some(self.nodes.get(node)?.location(Half::Key)),
            }
        }
        Some(self.nodes.get(node)?.location(half))
    }

    /// Every key that a mapping has a second time.
    pub(super) fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    fn read(&mut self, text: &str) {
        let mut open: Vec<Open> = Vec::new();
        // What the two YAML readers disagree about ends the reading; what was found until then stays good.
        for (event, span) in Parser::new_from_str(text).map_while(Result::ok) {
            let place = location(span);
            let is_scalar = matches!(event, Event::Scalar(..));
            let next = match event {
                Event::Scalar(text, ..) => {
                    if let Some(Open { next: next @ Next::Key, .. }) = open.last_mut() {
                        let place = Location { length: place.length.max(1), ..place };
                        *next = Next::Value(text.into_owned(), place);
                        continue;
                    }
                    None
                }
                Event::Alias(_) => None,
                Event::SequenceStart(..) => Some(Next::Item(0)),
                Event::MappingStart(..) => Some(Next::Key),
                Event::SequenceEnd | Event::MappingEnd => {
                    let Some(Open { node, .. }) = open.pop() else { return };
                    let start = &mut self.nodes[node].value;
                    if place.line == start.line {
                        start.length = place.column + place.length - start.column;
                    }
                    continue;
                }
                Event::DocumentEnd => return,
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => continue,
            };
            let place = if is_scalar { place } else { Location { length: place.length.max(1), ..place } };
            let Some(node) = self.add(&mut open, place) else { return };
            if let Some(next) = next {
                open.push(Open { node, next });
            }
        }
    }

    /// Adds a value to what is open. Nothing comes back for a key that is no scalar, as no path leads through
    /// it.
    fn add(&mut self, open: &mut [Open], value: Location) -> Option<usize> {
        let node = self.nodes.len();
        let Some(parent) = open.last_mut() else {
            self.nodes.push(Node { key: None, value });
            return Some(node);
        };
        let (segment, key) = match std::mem::replace(&mut parent.next, Next::Key) {
            Next::Key => return None,
            Next::Item(index) => {
                parent.next = Next::Item(index + 1);
                (Segment::Index(index), None)
            }
            Next::Value(key, place) => (Segment::Key(key), Some(place)),
        };
        self.nodes.push(Node { key, value });
        match self.children.entry((parent.node, segment)) {
            Entry::Vacant(free) => {
                free.insert(node);
            }
            // The value that is decoded is the first one too.
            Entry::Occupied(taken) => {
                let first = self.nodes[*taken.get()].location(Half::Key);
                if let (Segment::Key(key), Some(location)) = (&taken.key().1, key) {
                    self.duplicates.push(Duplicate { key: key.clone(), location, first });
                }
            }
        }
        Some(node)
    }
}

/// The lines as a YAML reader counts them.
pub(super) fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.find(['\n', '\r']) {
        lines.push(&rest[..end]);
        let length = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = &rest[end + length..];
    }
    lines.push(rest);
    lines
}

/// The part of a span that is on its first line; of a span over several lines that is one character.
fn location(span: Span) -> Location {
    let (start, end) = (span.start, span.end);
    let length = if start.line() == end.line() { end.col().saturating_sub(start.col()) } else { 1 };
    Location { line: start.line(), column: start.col() + 1, length }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const TEXT: &str = r#"suite: &e demo
cases:
  - id: a
    request: {origin: "x", é: [1, two]}
  - id: b
    why:
    expect: *e
"#;

    #[rstest]
    #[case::top("", Half::Value, (1, 1, 1))]
    #[case::plain("suite", Half::Value, (1, 8, 7))]
    #[case::key("suite", Half::Key, (1, 1, 5))]
    #[case::block_mapping_in_list("cases.0", Half::Value, (3, 5, 1))]
    #[case::flow_mapping("cases.0.request", Half::Value, (4, 14, 26))]
    #[case::quoted("cases.0.request.origin", Half::Value, (4, 23, 3))]
    #[case::columns_are_characters("cases.0.request.é.1", Half::Value, (4, 35, 3))]
    #[case::absent_is_what_it_would_stand_in("cases.0.request.method.x", Half::Value, (4, 5, 7))]
    #[case::empty_is_its_key("cases.1.why", Half::Value, (6, 5, 3))]
    #[case::alias("cases.1.expect", Half::Value, (7, 13, 2))]
    #[case::inside_an_alias("cases.1.expect.block", Half::Value, (7, 5, 6))]
    fn find(#[case] dotted: &str, #[case] half: Half, #[case] expected: (usize, usize, usize)) {
        let found = Positions::of(TEXT).find(&KeyPath::default().dotted(dotted), half).unwrap();
        assert_eq!((found.line, found.column, found.length), expected);
    }
}
