//! The parts that all decoders are made of: values that know their place, and the list of mistakes.

use std::rc::Rc;

use serde_yaml::{Mapping, Value};
use similar::get_close_matches;

use crate::case::model::{Kind, Word};
use crate::case::positions::{Half, KeyPath, Segment};
use crate::case::problems::quote;

/// Nobody reads on after so many mistakes in one file, and a hostile file has a million.
const ENOUGH: usize = 500;
/// How alike two words are, from 0 to 1, for one to be taken for a slip of the other.
const ALIKE: f32 = 0.6;

/// A mistake at a place that is a path yet.
#[derive(Debug, PartialEq)]
pub(in crate::case) struct Mistake {
    pub(in crate::case) path: KeyPath,
    pub(in crate::case) half: Half,
    pub(in crate::case) message: String,
    pub(in crate::case) help: Option<String>,
    /// The value that it contradicts, with what to say of its line.
    pub(in crate::case) other: Option<(&'static str, KeyPath)>,
}

/// The mistakes of one file.
pub(in crate::case) struct Decoder {
    pub(in crate::case) kind: Kind,
    /// What a matrix made the case at hand of.
    pub(in crate::case) matrix: Option<FromMatrix>,
    mistakes: Vec<Mistake>,
    left_out: usize,
    noted: usize,
}

impl Decoder {
    pub(in crate::case) fn new(kind: Kind) -> Self {
        Self { kind, matrix: None, mistakes: Vec::new(), left_out: 0, noted: 0 }
    }

    /// Notes what is wrong with a value, and how to put it right.
    pub(in crate::case) fn wrong(
        &mut self,
        node: &Node<'_>,
        message: impl Into<String>,
        help: impl Into<Help>,
    ) {
        self.note(node.path.to_key_path(), Half::Value, message.into(), help.into().0, None);
    }

    /// As [`Self::wrong`], where it is the key that is wrong or that best stands for what is.
    pub(in crate::case) fn wrong_key(
        &mut self,
        node: &Node<'_>,
        message: impl Into<String>,
        help: impl Into<Help>,
    ) {
        self.note(node.path.to_key_path(), Half::Key, message.into(), help.into().0, None);
    }

    /// As [`Self::wrong`], for a value that contradicts another.
    pub(in crate::case) fn contradicts(
        &mut self,
        node: &Node<'_>,
        message: impl Into<String>,
        help: impl Into<Help>,
        other: (&'static str, KeyPath),
    ) {
        self.note(node.path.to_key_path(), Half::Value, message.into(), help.into().0, Some(other));
    }

    fn note(
        &mut self,
        path: KeyPath,
        half: Half,
        message: String,
        help: Option<String>,
        other: Option<(&'static str, KeyPath)>,
    ) {
        self.noted += 1;
        if self.mistakes.len() == ENOUGH {
            self.left_out += 1;
            return;
        }
        // The cases that a matrix expands into share their places; most of their mistakes are one.
        if self.mistakes.iter().any(|known| known.path == path && known.message == message) {
            return;
        }
        let help = match (help, self.matrix.as_ref().filter(|matrix| matrix.gave(&path))) {
            (Some(help), Some(matrix)) => Some(format!("{help} (the matrix gives {})", matrix.values)),
            (None, Some(matrix)) => Some(format!("the matrix gives {}", matrix.values)),
            (help, None) => help,
        };
        self.mistakes.push(Mistake { path, half, message, help, other });
    }

    /// How often a mistake was noted by now, for finding out whether a part has any.
    pub(in crate::case) fn count(&self) -> usize {
        self.noted
    }

    /// The mistakes, and how many more there are.
    pub(in crate::case) fn finish(self) -> (Vec<Mistake>, usize) {
        (self.mistakes, self.left_out)
    }

    /// The entries of a mapping that knows only those keys. `elsewhere` explains keys that have their place
    /// in another context.
    pub(in crate::case) fn fields<'v>(
        &mut self,
        node: &Node<'v>,
        what: &'static str,
        keys: &[&str],
        elsewhere: &[(&str, &str)],
    ) -> Option<Fields<'v>> {
        let Value::Mapping(map) = node.value else {
            self.wrong_type(node, "a mapping", format!("{what} has the keys {}", listing(keys)));
            return None;
        };
        for (key, value) in map {
            let Value::String(name) = key else {
                let path = match key {
                    Value::Number(number) => node.path.key(&number.to_string()),
                    Value::Bool(value) => node.path.key(&value.to_string()),
                    _ => node.path.clone(),
                };
                let message = format!("a key of {what} must be a string, found {}", describe(key));
                self.wrong_key(&Node { value, path }, message, None);
                continue;
            };
            if keys.contains(&name.as_str()) {
                continue;
            }
            let entry = Node { value, path: node.path.key(name) };
            let message = format!("unknown key {} in {what}", quote(name));
            let help = match elsewhere.iter().find(|(known, _)| known == name) {
                Some((_, explanation)) => (*explanation).to_owned(),
                None if name == "<<" => "mappings are not merged here; write the keys out".to_owned(),
                None => self.suggest(name, keys),
            };
            self.wrong_key(&entry, message, help);
        }
        Some(Fields { map, path: node.path.clone(), what })
    }

    /// Notes which keys of a mapping are missing.
    pub(in crate::case) fn require(&mut self, fields: &Fields<'_>, keys: &[&str]) {
        let missing: Vec<&str> = keys.iter().copied().filter(|key| fields.get(key).is_none()).collect();
        if !missing.is_empty() {
            let message = format!("{} without {}", fields.what, listing(&missing));
            self.note(fields.path.to_key_path(), Half::Value, message, None, None);
        }
    }

    /// The items of a list.
    pub(in crate::case) fn list<'v>(&mut self, node: &Node<'v>, of: &str) -> Option<Vec<Node<'v>>> {
        let Value::Sequence(items) = node.value else {
            self.wrong_type(node, &format!("a list of {of}"), "write it as [ … ]");
            return None;
        };
        let node_at = |(index, value)| Node { value, path: node.path.index(index) };
        Some(items.iter().enumerate().map(node_at).collect())
    }

    /// A string. Whatever YAML makes of text without quotes is none.
    pub(in crate::case) fn string<'v>(&mut self, node: &Node<'v>) -> Option<&'v str> {
        let help = match node.value {
            Value::String(text) => return Some(text),
            Value::Null => "write a text, in quotes if it is \"null\" or \"~\"".to_owned(),
            Value::Bool(value) => format!("quote it: \"{value}\""),
            Value::Number(number) if !number.is_f64() => format!("quote it: \"{number}\""),
            Value::Number(_) => "quote it".to_owned(),
            Value::Mapping(_) => "a text that begins with `{` needs quotes".to_owned(),
            Value::Sequence(_) => "a text that begins with `[` needs quotes".to_owned(),
            Value::Tagged(_) => "a text that begins with `!` needs quotes".to_owned(),
        };
        self.wrong_type(node, "a string", help);
        None
    }

    /// A string that says something.
    pub(in crate::case) fn text<'v>(&mut self, node: &Node<'v>) -> Option<&'v str> {
        let text = self.string(node)?;
        if text.trim().is_empty() {
            self.wrong(node, format!("{} is empty", node.label()), None);
            return None;
        }
        Some(text)
    }

    /// A string whose characters stand for bytes.
    pub(in crate::case) fn bytes(&mut self, node: &Node<'_>) -> Option<Vec<u8>> {
        let text = self.string(node)?;
        let wide = text.chars().find(|&character| u32::from(character) > 0xFF);
        if let Some(wide) = wide {
            let message = format!(
                "{} is bytes, and {} (U+{:04X}) is no byte",
                node.label(),
                quote(&wide.to_string()),
                u32::from(wide)
            );
            let mut encoded = String::new();
            for byte in wide.to_string().bytes() {
                encoded.push_str(&format!("\\x{byte:02X}"));
            }
            self.wrong(node, message, format!("for its UTF-8 encoding write \"{encoded}\" in double quotes"));
            return None;
        }
        // What is above 0xFF was refused before.
        Some(text.chars().filter_map(|character| u8::try_from(u32::from(character)).ok()).collect())
    }

    /// A whole number within bounds.
    pub(in crate::case) fn integer(&mut self, node: &Node<'_>, least: u64, most: u64) -> Option<u64> {
        let number = match node.value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.wrong_type(node, "a whole number", "remove the quotes");
                return None;
            }
            _ => {
                self.wrong_type(node, "a whole number", None);
                return None;
            }
        };
        if !number.is_some_and(|number| (least..=most).contains(&number)) {
            let wanted = match most {
                u64::MAX if least == 0 => "a whole number, not below 0".to_owned(),
                _ => format!("a whole number from {least} to {most}"),
            };
            self.wrong_type(node, &wanted, None);
            return None;
        }
        number
    }

    pub(in crate::case) fn boolean(&mut self, node: &Node<'_>) -> Option<bool> {
        if let Value::Bool(value) = node.value {
            return Some(*value);
        }
        self.wrong_type(node, "true or false", None);
        None
    }

    /// One of an enum's words.
    pub(in crate::case) fn word<W: Word>(&mut self, node: &Node<'_>) -> Option<W> {
        let text = self.string(node)?;
        let found = W::ALL.iter().copied().find(|word| word.word() == text);
        if found.is_none() {
            let words: Vec<&str> = W::ALL.iter().map(|word| word.word()).collect();
            let help = self.suggest(text, &words);
            self.wrong(node, format!("{} cannot be {}", node.label(), quote(text)), help);
        }
        found
    }

    /// Help for a word that is none of those known: the one it was meant to be, and all of them.
    pub(in crate::case) fn suggest(&self, word: &str, known: &[&str]) -> String {
        if self.mistakes.len() == ENOUGH {
            // Nobody will see it, and it takes time.
            return String::new();
        }
        let word: String = word.chars().take(60).flat_map(char::to_lowercase).collect();
        match get_close_matches(word.as_str(), known, 1, ALIKE).first() {
            // All of a long list would bury the one that was meant.
            Some(close) if known.len() == 1 || known.len() > 20 => format!("did you mean `{close}`?"),
            Some(close) => format!("did you mean `{close}`? Known are {}", listing(known)),
            None => format!("known are {}", listing(known)),
        }
    }

    pub(in crate::case) fn wrong_type(&mut self, node: &Node<'_>, wanted: &str, help: impl Into<Help>) {
        let message = format!("{} must be {wanted}, found {}", node.label(), describe(node.value));
        self.wrong(node, message, help);
    }
}

/// What one of the cases of a matrix was made of.
pub(in crate::case) struct FromMatrix {
    /// The values, for a reader.
    pub(in crate::case) values: String,
    /// The entry with its placeholders.
    pub(in crate::case) entry: Rc<Value>,
    /// How many segments lead to the entry.
    pub(in crate::case) depth: usize,
}

impl FromMatrix {
    /// Whether a value has something of the matrix in it.
    fn gave(&self, path: &KeyPath) -> bool {
        let way = path.0.iter().skip(self.depth);
        let found = way.into_iter().try_fold(&*self.entry, |value, segment| match segment {
            Segment::Key(key) => value.get(key.as_str()),
            Segment::Index(index) => value.get(index),
        });
        matches!(found, Some(Value::String(text)) if text.contains('{'))
    }
}

/// Help that may be absent, from whatever text is at hand.
pub(in crate::case) struct Help(Option<String>);

impl From<&str> for Help {
    fn from(help: &str) -> Self {
        Self(Some(help.to_owned()))
    }
}

impl From<String> for Help {
    fn from(help: String) -> Self {
        Self(Some(help))
    }
}

impl From<Option<String>> for Help {
    fn from(help: Option<String>) -> Self {
        Self(help)
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(in crate::case) struct Node<'v> {
    pub(in crate::case) value: &'v Value,
    pub(in crate::case) path: Path,
}

impl<'v> Node<'v> {
    /// The whole of a file.
    pub(in crate::case) fn top(value: &'v Value) -> Self {
        Self { value, path: Path(None) }
    }

    /// The same place with another value in it.
    pub(in crate::case) fn with<'w>(&self, value: &'w Value) -> Node<'w> {
        Node { value, path: self.path.clone() }
    }

    /// What a message calls it.
    pub(in crate::case) fn label(&self) -> String {
        let Some(last) = self.path.0.as_deref() else { return "the file".to_owned() };
        if let Segment::Key(key) = &last.segment {
            return quote(key);
        }
        let above = std::iter::successors(Some(last), |node| node.parent.0.as_deref());
        let list = above.map(|node| &node.segment).find_map(|segment| match segment {
            Segment::Key(key) => Some(key),
            Segment::Index(_) => None,
        });
        list.map_or_else(|| "an entry".to_owned(), |list| format!("an entry of {}", quote(list)))
    }
}

/// The way to a value. Copies share what they have in common.
#[derive(Clone, Debug)]
pub(in crate::case) struct Path(Option<Rc<PathNode>>);

#[derive(Debug)]
struct PathNode {
    parent: Path,
    segment: Segment,
}

impl Path {
    pub(in crate::case) fn key(&self, key: &str) -> Self {
        self.child(Segment::Key(key.to_owned()))
    }

    pub(in crate::case) fn index(&self, index: usize) -> Self {
        self.child(Segment::Index(index))
    }

    fn child(&self, segment: Segment) -> Self {
        Self(Some(Rc::new(PathNode { parent: self.clone(), segment })))
    }

    pub(in crate::case) fn to_key_path(&self) -> KeyPath {
        let mut segments = Vec::new();
        let mut at = self;
        while let Some(node) = &at.0 {
            segments.push(node.segment.clone());
            at = &node.parent;
        }
        segments.reverse();
        KeyPath(segments)
    }
}

/// The entries of a mapping.
pub(in crate::case) struct Fields<'v> {
    map: &'v Mapping,
    pub(in crate::case) path: Path,
    what: &'static str,
}

impl<'v> Fields<'v> {
    pub(in crate::case) fn get(&self, key: &str) -> Option<Node<'v>> {
        self.map.get(key).map(|value| Node { value, path: self.path.key(key) })
    }
}

/// `a`, `b` and `c`, each in backticks.
pub(in crate::case) fn listing(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.join(""),
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("the boolean {value}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) if text.is_empty() => quote(text),
        Value::String(text) => format!("the text {}", quote(text)),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "a mapping".to_owned(),
        Value::Tagged(tagged) => format!("the tag {}", quote(&tagged.tag.to_string())),
    }
}
