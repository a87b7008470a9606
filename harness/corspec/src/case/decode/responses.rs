//! `responses`: what the network answers in a browser case.

use corspec_browser::http::Purpose;
use serde_yaml::Value;

use super::decoder::{Decoder, Node};
use super::request::name_and_value;
use crate::case::model::Scripted;
use crate::case::problems::quote;

pub(super) fn responses(d: &mut Decoder, node: &Node<'_>) -> Option<Vec<Scripted>> {
    let items = d.list(node, "responses")?;
    let responses: Vec<_> = items.iter().filter_map(|item| response(d, item)).collect();
    (responses.len() == items.len()).then_some(responses)
}

fn response(d: &mut Decoder, node: &Node<'_>) -> Option<Scripted> {
    let fields = d.fields(node, "a response", &["for", "status", "headers", "body", "close"], &[])?;
    let purpose = match fields.get("for") {
        Some(node) => purpose(d, &node),
        None => Some(Purpose::Actual),
    };
    let status = match fields.get("status") {
        Some(node) => d.integer(&node, 100, 999).and_then(|status| u16::try_from(status).ok()),
        None => Some(200),
    };
    let header_lines = match fields.get("headers") {
        Some(node) => header_lines(d, &node),
        None => Some(Vec::new()),
    };
    let body = match fields.get("body") {
        Some(node) => d.bytes(&node),
        None => Some(Vec::new()),
    };
    let close = match fields.get("close") {
        Some(node) => d.boolean(&node),
        None => Some(false),
    };
    if close == Some(true) {
        for key in ["status", "headers", "body"] {
            if let Some(node) = fields.get(key) {
                let help = "`close: true` stands in place of an answer; leave out one of them";
                d.wrong_key(&node, format!("`{key}` together with `close`"), help);
            }
        }
    }
    Some(Scripted {
        purpose: purpose?,
        status: status?,
        header_lines: header_lines?,
        body: body?,
        close: close?,
    })
}

pub(super) fn purpose(d: &mut Decoder, node: &Node<'_>) -> Option<Purpose> {
    match d.string(node)? {
        "preflight" => Some(Purpose::Preflight),
        "actual" => Some(Purpose::Actual),
        other => {
            let help = d.suggest(other, &["preflight", "actual"]);
            d.wrong(node, format!("`for` cannot be {}", quote(other)), help);
            None
        }
    }
}

fn header_lines(d: &mut Decoder, node: &Node<'_>) -> Option<Vec<Vec<u8>>> {
    let items = d.list(node, "header lines")?;
    let lines: Vec<_> = items.iter().filter_map(|item| header_line(d, item)).collect();
    (lines.len() == items.len()).then_some(lines)
}

fn header_line(d: &mut Decoder, node: &Node<'_>) -> Option<Vec<u8>> {
    let (name, value) = name_and_value(d, node)?;
    let line = match node.value {
        Value::Sequence(_) => [name, b": ".to_vec(), value].concat(),
        _ => d.bytes(node)?,
    };
    // A line may be folded on purpose; any other line feed is the end of it.
    let is_end = |place: usize| line[place] == b'\n' && !matches!(line.get(place + 1), Some(b' ' | b'\t'));
    if (0..line.len()).any(is_end) || line.ends_with(b"\r") {
        d.wrong(
            node,
            "a header line with a line end in it",
            "write each line as an entry of its own, without \\r\\n",
        );
        return None;
    }
    Some(line)
}
