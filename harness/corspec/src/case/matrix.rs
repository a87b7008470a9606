//! `matrix`: one entry of a file that stands for several cases.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_yaml::{Mapping, Value};

use super::decode::{Decoder, FromMatrix, Node, is_kebab_case, kebab_case};
use super::problems::quote;

/// Names in braces that are left as they are, for whoever runs the case.
const RESERVED: [&str; 2] = ["server", "twin"];
/// How many cases one entry may expand into.
const MOST: usize = 500;

/// What the expanded cases of a file may weigh together, in bytes and [`NODE`] for each value.
pub(super) struct Budget(usize);

const NODE: usize = 16;

impl Default for Budget {
    fn default() -> Self {
        Self(32 << 20)
    }
}

/// One of the cases of an entry.
pub(super) struct Expanded {
    /// What its id has behind that of the entry.
    pub(super) suffix: Option<String>,
    /// What it was made of.
    pub(super) matrix: Option<FromMatrix>,
    /// The case without placeholders.
    pub(super) case: Value,
}

struct Axis<'v> {
    name: &'v str,
    points: Vec<(String, &'v Value)>,
}

/// Expands an entry of `cases`; one without a matrix is a single case.
pub(super) fn expand(d: &mut Decoder, node: &Node<'_>, budget: &mut Budget) -> Vec<Expanded> {
    let whole = |case: &Value| vec![Expanded { suffix: None, matrix: None, case: case.clone() }];
    let Value::Mapping(entry) = node.value else { return whole(node.value) };
    let Some(matrix) = entry.get("matrix").map(|value| Node { value, path: node.path.key("matrix") }) else {
        check_plain(d, node, entry);
        return whole(node.value);
    };
    let Some(axes) = axes(d, &matrix) else { return Vec::new() };
    let is_used = check_placeholders(d, node, entry, &axes);
    for (axis, is_used) in axes.iter().zip(is_used) {
        if !is_used {
            let value = matrix.value;
            let axis_node = Node { value, path: matrix.path.key(axis.name) };
            let help =
                format!("write {{{}}} where its values belong; in `why` alone it changes nothing", axis.name);
            d.wrong_key(&axis_node, format!("`{}` is an axis that nothing uses", axis.name), help);
        }
    }
    let count = axes.iter().fold(1_usize, |count, axis| count.saturating_mul(axis.points.len()));
    if count > MOST {
        let message = format!("the matrix expands into {count} cases");
        d.wrong_key(
            &matrix,
            message,
            format!("at most {MOST} are taken; each should teach something of its own"),
        );
        return Vec::new();
    }
    let whole = Rc::new(node.value.clone());
    let depth = node.path.to_key_path().0.len();
    let mut expanded = Vec::with_capacity(count);
    for number in 0..count {
        let Some((suffix, values, case)) = expand_one(entry, &axes, number, budget) else {
            d.wrong_key(&matrix, "the matrix blows the file up too far", None);
            return Vec::new();
        };
        let matrix = FromMatrix { values, entry: Rc::clone(&whole), depth };
        expanded.push(Expanded { suffix: Some(suffix), matrix: Some(matrix), case });
    }
    expanded
}

fn axes<'v>(d: &mut Decoder, matrix: &Node<'v>) -> Option<Vec<Axis<'v>>> {
    let before = d.count();
    let Value::Mapping(map) = matrix.value else {
        d.wrong_type(matrix, "a mapping", "write the axes with their values: {method: [PUT, DELETE]}");
        return None;
    };
    if map.is_empty() {
        d.wrong_key(matrix, "a matrix without any axis", None);
    }
    let mut axes = Vec::new();
    for (name, value) in map {
        let Value::String(name) = name else {
            d.wrong(matrix, "the name of an axis must be a string", None);
            continue;
        };
        let node = Node { value, path: matrix.path.key(name) };
        if RESERVED.contains(&name.as_str()) {
            d.wrong_key(
                &node,
                format!("`{{{name}}}` stands for a URL of the run"),
                "give the axis another name",
            );
        } else if !is_name(name) {
            let help = "an axis has letters, digits, `-` and `_` in its name, a letter first";
            d.wrong_key(&node, format!("{} is no name for an axis", quote(name)), help);
        }
        let points = points(d, &node);
        if points.is_empty() && d.count() == before {
            d.wrong_key(&node, format!("the axis {} has no value", quote(name)), None);
        }
        axes.push(Axis { name, points });
    }
    (d.count() == before).then_some(axes)
}

fn points<'v>(d: &mut Decoder, axis: &Node<'v>) -> Vec<(String, &'v Value)> {
    let mut points = Vec::new();
    match axis.value {
        Value::Sequence(values) => {
            for (index, value) in values.iter().enumerate() {
                let node = Node { value, path: axis.path.index(index) };
                let Some(text) = scalar(d, &node) else { continue };
                match kebab_case(&text)
                    .filter(|kebab| is_kebab_case(kebab) && text.eq_ignore_ascii_case(kebab))
                {
                    Some(part) => points.push((part, value)),
                    None => {
                        let part = kebab_case(&text).unwrap_or_else(|| "part-of-the-id".to_owned());
                        let help = format!("write the axis as a mapping: {{{part}: …}}");
                        d.wrong(&node, format!("{} makes no good id", quote(&text)), help);
                    }
                }
            }
        }
        Value::Mapping(values) => {
            for (part, value) in values {
                let Value::String(part) = part else {
                    d.wrong(axis, "a part of an id must be a string", "quote it");
                    continue;
                };
                let node = Node { value, path: axis.path.key(part) };
                if !is_kebab_case(part) {
                    let help = kebab_case(part).map(|kebab| format!("write {kebab}"));
                    d.wrong_key(&node, format!("{} is not in kebab-case", quote(part)), help);
                }
                if scalar(d, &node).is_some() {
                    points.push((part.clone(), value));
                }
            }
        }
        _ => d.wrong_type(axis, "a list of values, or a mapping from parts of an id to values", None),
    }
    points
}

/// A value as it stands within a text.
fn scalar(d: &mut Decoder, node: &Node<'_>) -> Option<String> {
    if let Value::Number(_) | Value::Bool(_) = node.value {
        return Some(written(node.value));
    }
    d.string(node).map(str::to_owned)
}

fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        _ => String::new(),
    }
}

/// Notes every placeholder that is no axis, and tells which axes something beside `why` uses.
fn check_placeholders(d: &mut Decoder, node: &Node<'_>, entry: &Mapping, axes: &[Axis<'_>]) -> Vec<bool> {
    let mut used = BTreeSet::new();
    for (key, value) in entry {
        let Value::String(key) = key else { continue };
        if key == "id" || key == "matrix" {
            continue;
        }
        each_string(&Node { value, path: node.path.key(key) }, &mut |node, text| {
            for name in placeholders(text) {
                if axes.iter().any(|axis| axis.name == name) {
                    if key != "why" {
                        used.insert(name.to_owned());
                    }
                } else if !RESERVED.contains(&name) {
                    let names: Vec<&str> = axes.iter().map(|axis| axis.name).collect();
                    d.wrong(node, format!("`{{{name}}}` is no axis of the matrix"), d.suggest(name, &names));
                }
            }
        });
    }
    axes.iter().map(|axis| used.contains(axis.name)).collect()
}

/// Without a matrix braces are just text, but where no text has them for their own sake they were meant to be
/// placeholders.
fn check_plain(d: &mut Decoder, node: &Node<'_>, entry: &Mapping) {
    let Some(value) = entry.get("why") else { return };
    each_string(&Node { value, path: node.path.key("why") }, &mut |node, text| {
        for name in placeholders(text) {
            if !RESERVED.contains(&name) {
                let help = format!("add `matrix: {{{name}: [ … ]}}`, or write it without braces");
                d.wrong(node, format!("`{{{name}}}` without a matrix"), help);
            }
        }
    });
}

fn each_string(node: &Node<'_>, found: &mut impl FnMut(&Node<'_>, &str)) {
    match node.value {
        Value::String(text) => found(node, text),
        Value::Sequence(items) => {
            for (index, value) in items.iter().enumerate() {
                each_string(&Node { value, path: node.path.index(index) }, found);
            }
        }
        Value::Mapping(map) => {
            for (key, value) in map {
                if let Value::String(key) = key {
                    each_string(&Node { value, path: node.path.key(key) }, found);
                }
            }
        }
        _ => {}
    }
}

/// Part of the id, values for a reader, and the case.
fn expand_one(
    entry: &Mapping,
    axes: &[Axis<'_>],
    number: usize,
    budget: &mut Budget,
) -> Option<(String, String, Value)> {
    // The last axis turns fastest.
    let mut rest = number;
    let mut chosen: Vec<(&str, &str, &Value)> = Vec::with_capacity(axes.len());
    for axis in axes.iter().rev() {
        let (part, value) = &axis.points[rest % axis.points.len()];
        rest /= axis.points.len();
        chosen.push((axis.name, part, value));
    }
    chosen.reverse();
    let suffix = chosen.iter().map(|(_, part, _)| *part).collect::<Vec<_>>().join("-");
    let values: Vec<String> = chosen.iter().map(|(name, _, value)| shown(name, value)).collect();
    let mut case = Mapping::new();
    for (key, value) in entry {
        let value = match key.as_str() {
            Some("matrix") => continue,
            Some("id") => value.clone(),
            _ => replace(value, &chosen, budget)?,
        };
        case.insert(key.clone(), value);
    }
    Some((suffix, values.join(", "), Value::Mapping(case)))
}

fn shown(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => format!("{name} = {}", quote(text)),
        _ => format!("{name} = {}", written(value)),
    }
}

/// A copy of a value with every placeholder replaced; nothing if that would weigh too much.
fn replace(value: &Value, chosen: &[(&str, &str, &Value)], budget: &mut Budget) -> Option<Value> {
    budget.0 = budget.0.checked_sub(NODE)?;
    Some(match value {
        Value::String(text) => return replace_in(text, chosen, budget),
        Value::Sequence(items) => {
            Value::Sequence(items.iter().map(|item| replace(item, chosen, budget)).collect::<Option<_>>()?)
        }
        Value::Mapping(map) => {
            let mut copy = Mapping::new();
            for (key, value) in map {
                budget.0 = budget.0.checked_sub(key.as_str().map_or(NODE, str::len))?;
                copy.insert(key.clone(), replace(value, chosen, budget)?);
            }
            Value::Mapping(copy)
        }
        other => other.clone(),
    })
}

fn replace_in(text: &str, chosen: &[(&str, &str, &Value)], budget: &mut Budget) -> Option<Value> {
    let value_of = |name: &str| chosen.iter().find(|(axis, ..)| *axis == name).map(|(.., value)| *value);
    // A number that stands alone stays a number: `status: "{status}"`.
    let alone = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    if let Some(value @ (Value::Number(_) | Value::Bool(_))) = alone.and_then(value_of) {
        return Some(value.clone());
    }
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        let name = placeholder(from);
        let (piece, after) = match name.and_then(value_of) {
            Some(value) => (written(value), &from[name.map_or(0, str::len) + 2..]),
            None => ("{".to_owned(), &from[1..]),
        };
        budget.0 = budget.0.checked_sub(before.len() + piece.len())?;
        replaced.push_str(before);
        replaced.push_str(&piece);
        rest = after;
    }
    budget.0 = budget.0.checked_sub(rest.len())?;
    replaced.push_str(rest);
    Some(Value::String(replaced))
}

/// The names in braces in a text.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('{').filter_map(|(open, _)| placeholder(&text[open..]))
}

/// The name in the braces that a text begins with.
fn placeholder(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    is_name(name).then_some(name)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
