//! A whole file.

use std::collections::HashMap;

use serde_yaml::Value;

use super::case::cases;
use super::decoder::{Decoder, Node};
use super::policy::policy;
use super::request::serialized_origin;
use super::syntax::{is_kebab_case, kebab_case};
use crate::case::matrix::Budget;
use crate::case::model::{Case, Kind, Level, Outcome, Source, Suite};
use crate::case::positions::KeyPath;
use crate::case::problems::quote;

/// Decodes a file. What comes back is whole only if the decoder has no mistake noted.
pub(in crate::case) fn suite(d: &mut Decoder, top: &Value, source: &Source) -> Option<Suite> {
    let node = Node::top(top);
    let (keys, elsewhere): (&[&str], &[_]) = match d.kind {
        Kind::Browser => (
            &["suite", "spec", "about", "cases"],
            &[
                ("guards", "only `server/` files say what they guard"),
                ("server", "here each request names its own `url`"),
                ("policy", "a policy is for `server/` files; here `responses` say what the network answers"),
            ],
        ),
        Kind::Server => (&["suite", "spec", "about", "guards", "policy", "server", "cases"], &[]),
    };
    let fields = d.fields(&node, "a case file", keys, elsewhere)?;
    let required: Vec<&str> =
        keys.iter().copied().filter(|key| !matches!(*key, "about" | "guards" | "server")).collect();
    d.require(&fields, &required);
    let name = fields.get("suite").and_then(|node| name(d, &node, source));
    let spec = fields.get("spec").and_then(|node| d.spec(&node));
    let about = fields.get("about").and_then(|node| d.text(&node)).map(str::to_owned);
    let guards = fields.get("guards").filter(|_| d.kind == Kind::Server);
    let guards = guards.and_then(|node| d.text(&node)).map(str::to_owned);
    let policy = match d.kind {
        Kind::Browser => None,
        Kind::Server => fields.get("policy").and_then(|node| policy(d, &node)),
    };
    let server = match fields.get("server").filter(|_| d.kind == Kind::Server) {
        Some(node) => serialized_origin(d, &node).map(Some),
        None => Some(None),
    };
    let list = fields.get("cases")?;
    let items = d.list(&list, "cases")?;
    if items.is_empty() {
        d.wrong_key(&list, "a suite without any case", None);
    }
    let before = d.count();
    let mut found: Vec<Case> = Vec::new();
    let mut seen: HashMap<String, KeyPath> = HashMap::new();
    let mut budget = Budget::default();
    for item in &items {
        for case in cases(d, item, &mut budget) {
            note_duplicate(d, item, &case, &mut seen);
            found.push(case);
        }
    }
    if d.kind == Kind::Server && d.count() == before && !items.is_empty() {
        check_controls(d, &list, &found);
    }
    Some(Suite {
        name: name?,
        kind: d.kind,
        spec: spec?,
        about,
        guards,
        policy,
        server: server?,
        cases: found,
        source: source.clone(),
    })
}

fn name(d: &mut Decoder, node: &Node<'_>, source: &Source) -> Option<String> {
    let text = d.string(node)?;
    let stem = source.stem();
    if !is_kebab_case(text) {
        let help = kebab_case(text).map(|kebab| format!("write {kebab}, and name the file so"));
        d.wrong(node, format!("`suite` is not in kebab-case: {}", quote(text)), help);
        return None;
    }
    if text != stem {
        let help = format!("write `suite: {stem}`, or rename the file to {text}.yaml");
        d.wrong(node, format!("`suite` is {}, and the file {}", quote(text), quote(stem)), help);
        return None;
    }
    Some(text.to_owned())
}

fn note_duplicate(d: &mut Decoder, item: &Node<'_>, case: &Case, seen: &mut HashMap<String, KeyPath>) {
    let Some(first) = seen.get(&case.id) else {
        seen.insert(case.id.clone(), case.location.clone());
        return;
    };
    let id = Node { value: item.value, path: item.path.key("id") };
    if *first == case.location {
        let message = format!("the matrix gives the id {} twice", quote(&case.id));
        let help = "write the axis as a mapping from a part of the id to the value";
        d.wrong(&id, message, help);
    } else {
        let message = format!("a second case with the id {}", quote(&case.id));
        d.contradicts(&id, message, None, ("the first one", first.clone().key("id")));
    }
}

/// A server that answers everything alike must not pass, so both ends of a policy are needed.
fn check_controls(d: &mut Decoder, list: &Node<'_>, cases: &[Case]) {
    for outcome in [Outcome::Allow, Outcome::Block] {
        let is_control = |case: &Case| {
            case.level == Level::Must && case.steps.iter().any(|step| step.expect.outcome == outcome)
        };
        if !cases.iter().any(is_control) {
            let help = "without one of each, a server that answers everything alike would pass";
            let message = format!("no case of level `must` expects `{outcome}`");
            d.wrong_key(list, message, help);
        }
    }
}
