//! `policy`: what a server's owner wants to permit.

use corspec_protocol::Policy;
use serde_yaml::Value;

use super::decoder::{Decoder, Node};
use super::syntax::{check_origin_pattern, is_token};
use crate::case::problems::quote;

pub(super) fn policy(d: &mut Decoder, node: &Node<'_>) -> Option<Policy> {
    let before = d.count();
    let fields = d.fields(node, "a policy", &Policy::FIELDS, &[])?;
    d.require(&fields, &Policy::FIELDS);
    let origins = fields.get("origins").and_then(|node| names(d, &node, "origins", origin));
    let methods = fields.get("methods").and_then(|node| names(d, &node, "methods", token));
    let headers = fields.get("headers").and_then(|node| names(d, &node, "header names", token));
    let expose = fields.get("expose").and_then(|node| names(d, &node, "header names", token));
    let credentials = fields.get("credentials").and_then(|node| d.boolean(&node));
    let max_age = fields.get("max_age").and_then(|node| match node.value {
        Value::Null => Some(None),
        _ => d.integer(&node, 0, u64::MAX).map(Some),
    });
    let policy = Policy {
        origins: origins?,
        methods: methods?,
        headers: headers?,
        expose: expose?,
        credentials: credentials?,
        max_age: max_age?,
    };
    // What servers read has the last word, as far as nothing better was said before.
    if d.count() == before {
        let refused = [
            policy.permitted_origins().err(),
            policy.permitted_methods().err(),
            policy.permitted_headers().err(),
            policy.exposed_headers().err(),
        ];
        for error in refused.into_iter().flatten() {
            let entry = Node { value: node.value, path: node.path.key(error.field()) };
            d.wrong(&entry, error.to_string(), None);
        }
    }
    Some(policy)
}

/// A list of names, or of nothing but a wildcard.
fn names(
    d: &mut Decoder,
    node: &Node<'_>,
    of: &str,
    check: fn(&mut Decoder, &Node<'_>, &str),
) -> Option<Vec<String>> {
    let items = d.list(node, of)?;
    let mut names: Vec<String> = Vec::new();
    for item in &items {
        let Some(name) = d.string(item) else { continue };
        if name == "*" {
            if items.len() > 1 {
                let message = format!("`*` in {} covers everything beside it", node.label());
                d.wrong(item, message, "write [\"*\"] alone, or only the names");
            }
        } else {
            check(d, item, name);
        }
        if names.iter().any(|known| known == name) {
            d.wrong(item, format!("{} stands in {} twice", quote(name), node.label()), None);
        }
        names.push(name.to_owned());
    }
    Some(names)
}

fn origin(d: &mut Decoder, node: &Node<'_>, text: &str) {
    if let Err(wrong) = check_origin_pattern(text) {
        d.wrong(node, wrong.message, wrong.help);
    }
}

fn token(d: &mut Decoder, node: &Node<'_>, text: &str) {
    if !is_token(text) {
        d.token(node, "token");
    }
}
