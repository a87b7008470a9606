//! From text to a YAML value, within limits.

use std::cell::Cell;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde_yaml::value::{Tag, TaggedValue};
use serde_yaml::{Mapping, Value};

use super::positions::lines;

/// What aliases may blow a file up to, in bytes with [`NODE`] for each value.
const BUDGET: usize = 16 << 20;
/// What a value costs beside its text.
const NODE: usize = 16;

/// How many brackets may be open, which is as deep as values are built.
const DEPTH: usize = 128;
const TOO_LARGE: &str = "its aliases blow the file up too far";
const TOO_LARGE_HELP: &str = "write out what the aliases stand for, or split the file";
const TOO_DEEP: &str = "lists and mappings nest too deep";

/// A file's one document.
pub(super) struct Document {
    pub(super) value: Value,
    /// Some mapping has the same key twice; only the first stands in the value.
    pub(super) has_duplicates: bool,
}

/// Why a text is no document.
#[derive(Debug)]
pub(super) struct Invalid {
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// Line and column, from 1.
    pub(super) at: Option<(usize, usize)>,
}

/// Reads a text of exactly one document.
pub(super) fn parse(text: &str) -> Result<Document, Invalid> {
    if let Some(invalid) = refuse(text) {
        return Err(invalid);
    }
    let limits = Limits { left: Cell::new(BUDGET), exceeded: Cell::new(false), duplicates: Cell::new(false) };
    match Seed(&limits).deserialize(serde_yaml::Deserializer::from_str(text)) {
        Ok(value) => Ok(Document { value, has_duplicates: limits.duplicates.get() }),
        Err(_) if limits.exceeded.get() => {
            Err(Invalid { message: TOO_LARGE.to_owned(), help: Some(TOO_LARGE_HELP.to_owned()), at: None })
        }
        Err(error) => Err(invalid(&error, text)),
    }
}

fn invalid(error: &serde_yaml::Error, text: &str) -> Invalid {
    let reported = without_positions(&error.to_string());
    let mut at = error.location().map(|place| (place.line(), place.column()));
    let character = |(line, column): (usize, usize)| {
        lines(text).get(line.checked_sub(1)?)?.chars().nth(column.checked_sub(1)?)
    };
    let (message, help) = if reported.contains("alias") || reported.contains("unknown anchor") {
        // A lone asterisk is reported one column late.
        at = at.map(|(line, column)| match character((line, column)) {
            Some('*') => (line, column),
            _ => (line, column.max(2) - 1),
        });
        ("`*` without quotes refers to an anchor, and there is none", Some("quote the asterisk: \"*\""))
    } else if reported.contains("more than one document") {
        ("a file is one document, here are several", Some("remove the line `---`, or write two files"))
    } else if reported.contains("recursion limit") {
        (TOO_DEEP, None)
    } else if reported.contains("repetition limit") {
        (TOO_LARGE, Some(TOO_LARGE_HELP))
    } else if reported.contains("mapping values are not allowed") {
        ("a second `:` in one line", Some("put a text that has `: ` in it in quotes"))
    } else if reported.contains("unknown escape character") {
        let help = "in double quotes a backslash is written \\\\, and a byte \\xE9; \
                    in single quotes it is just itself";
        ("no such escape", Some(help))
    } else if reported.contains("cannot start any token") && at.and_then(character) == Some('\t') {
        ("a tab where spaces are needed", Some("indent with spaces"))
    } else if reported.contains("cannot start any token") {
        ("this character cannot begin a text", Some("put the text in quotes"))
    } else {
        let help = "close what is open, and put in quotes what begins with one of `{[]}*&!|>%@`\"'` \
                    or has `: ` or ` #` in it";
        return Invalid { message: format!("not valid YAML: {reported}"), help: Some(help.to_owned()), at };
    };
    Invalid { message: message.to_owned(), help: help.map(str::to_owned), at }
}

/// The parser's own words. The place of an error stands elsewhere in a report, but not where its context
/// begins.
fn without_positions(message: &str) -> String {
    let (error, context) = message.split_once(", while ").unwrap_or((message, ""));
    let error = error.split(" at line ").next().unwrap_or_default();
    match context.split_once(" at line ") {
        Some((context, place)) => format!("{error}, while {context} that begins in line {}", line_of(place)),
        None if context.is_empty() => error.to_owned(),
        None => format!("{error}, while {context}"),
    }
}

fn line_of(place: &str) -> &str {
    place.split(' ').next().unwrap_or_default()
}

/// What is refused before it is read, for the YAML readers say it less well or take minutes for a megabyte of
/// it: they go through all open brackets at each token, and through all directives at each directive.
/// Brackets within quotes are counted too; nobody writes so many.
fn refuse(text: &str) -> Option<Invalid> {
    let mut depth = 0_usize;
    let mut before = '\n';
    for (at, character) in text.char_indices() {
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let (message, help) = if depth > DEPTH {
            (TOO_DEEP.to_owned(), None)
        } else if character == '%' && matches!(before, '\n' | '\r') {
            (
                "a line that begins with `%`".to_owned(),
                Some("directives have no use here: remove it".to_owned()),
            )
        } else if character.is_control() && !matches!(character, '\t' | '\n' | '\r') {
            let code = u32::from(character);
            let help = format!("in double quotes write \"\\x{code:02X}\"");
            (format!("a raw control character, U+{code:04X}"), Some(help))
        } else {
            before = character;
            continue;
        };
        let line_start = text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let line = lines(&text[..at]).len();
        return Some(Invalid { message, help, at: Some((line, text[line_start..at].chars().count() + 1)) });
    }
    None
}

struct Limits {
    left: Cell<usize>,
    exceeded: Cell<bool>,
    duplicates: Cell<bool>,
}

impl Limits {
    fn spend<E: Error>(&self, cost: usize) -> Result<(), E> {
        match self.left.get().checked_sub(cost) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => {
                self.exceeded.set(true);
                Err(E::custom("too large"))
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Seed<'l>(&'l Limits);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.spend(NODE)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Number((value as f64).into()))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        Ok(Value::Number((value as f64).into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.0.spend(value.len())?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Mapping::new();
        while let Some(key) = access.next_key_seed(self)? {
            let value = access.next_value_seed(self)?;
            if entries.contains_key(&key) {
                self.0.duplicates.set(true);
            } else {
                entries.insert(key, value);
            }
        }
        Ok(Value::Mapping(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        let (tag, content) = access.variant::<String>()?;
        let value = content.newtype_variant_seed(self)?;
        Ok(Value::Tagged(Box::new(TaggedValue { tag: Tag::new(tag), value })))
    }
}
