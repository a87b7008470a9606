//! One entry of `cases`, its matrix expanded.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::browser::browser;
use super::decoder::{Decoder, Fields, Node};
use super::expect::expect;
use super::policy::policy;
use super::request::request;
use super::responses::responses;
use super::syntax::{is_kebab_case, kebab_case};
use crate::case::matrix::{self, Budget};
use crate::case::model::{Beside, BrowserSetup, Case, Departure, Kind, Level, PreflightUse, Step};
use crate::case::problems::quote;

/// The engines whose outcomes can be told apart from the standard's.
const PROFILES: [&str; 3] = ["chromium", "firefox", "webkit"];

const NO_RESPONSES: (&str, &str) =
    ("responses", "`responses` is for `browser/` files; here the server answers");

/// Decodes an entry into as many cases as its matrix makes of it.
pub(super) fn cases(d: &mut Decoder, node: &Node<'_>, budget: &mut Budget) -> Vec<Case> {
    let expanded = matrix::expand(d, node, budget);
    let mut cases = Vec::with_capacity(expanded.len());
    for one in expanded {
        d.matrix = one.matrix;
        cases.extend(case(d, &node.with(&one.case), one.suffix.as_deref()));
        d.matrix = None;
    }
    cases
}

fn case(d: &mut Decoder, node: &Node<'_>, suffix: Option<&str>) -> Option<Case> {
    const COMMON: [&str; 10] =
        ["id", "why", "spec", "level", "browser", "shared_cache", "request", "expect", "steps", "matrix"];
    let (keys, elsewhere): (Vec<&str>, &[_]) = match d.kind {
        Kind::Browser => ([&COMMON[..], &["responses", "profiles"]].concat(), &[]),
        Kind::Server => {
            let profiles = ("profiles", "engines are told apart in `browser/` files only");
            ([&COMMON[..], &["beside"]].concat(), &[NO_RESPONSES, profiles])
        }
    };
    let fields = d.fields(node, "a case", &keys, elsewhere)?;
    match fields.get("steps") {
        Some(_) => d.require(&fields, &["id", "why"]),
        None => d.require(&fields, &["id", "why", "request", "expect"]),
    }
    let id = fields.get("id").and_then(|node| id(d, &node));
    let why = fields.get("why").and_then(|node| d.text(&node));
    let spec = match fields.get("spec") {
        Some(node) => d.spec(&node).map(Some),
        None => Some(None),
    };
    let level = match fields.get("level") {
        Some(node) => d.word(&node),
        None => Some(Level::Must),
    };
    let browser = match fields.get("browser") {
        Some(node) => browser(d, &node),
        None => Some(BrowserSetup::default()),
    };
    let shared_cache = match fields.get("shared_cache") {
        Some(node) => d.word(&node).map(Some),
        None => Some(None),
    };
    let beside = match fields.get("beside").filter(|_| d.kind == Kind::Server) {
        Some(node) => beside(d, &node),
        None => Some(Beside::default()),
    };
    let steps = match fields.get("steps") {
        Some(node) => steps(d, &fields, &node),
        None => step(d, &fields, 0).map(|step| vec![step]),
    };
    // Beside `steps` they are those of the last one.
    let profiles = match fields.get("steps").and_then(|_| fields.get("profiles")) {
        Some(node) if d.kind == Kind::Browser => profiles(d, &node),
        _ => Some(BTreeMap::new()),
    };
    let id = id?;
    Some(Case {
        id: suffix.map_or_else(|| id.clone(), |suffix| format!("{id}-{suffix}")),
        why: why?.to_owned(),
        spec: spec?,
        level: level?,
        browser: browser?,
        shared_cache: shared_cache?,
        beside: beside?,
        steps: with_profiles(steps?, profiles?),
        location: node.path.to_key_path(),
    })
}

fn beside(d: &mut Decoder, node: &Node<'_>) -> Option<Beside> {
    let fields = d.fields(node, "`beside`", &["before", "after"], &[])?;
    let mut read = |key| match fields.get(key) {
        Some(node) => policy(d, &node).map(Some),
        None => Some(None),
    };
    let (before, after) = (read("before"), read("after"));
    let beside = Beside { before: before?, after: after? };
    if beside.is_nothing() {
        d.wrong_key(node, "`beside` without any policy", "write `before: {…}` or `after: {…}`");
    }
    Some(beside)
}

fn with_profiles(mut steps: Vec<Step>, profiles: BTreeMap<String, Departure>) -> Vec<Step> {
    if let Some(last) = steps.last_mut() {
        last.profiles.extend(profiles);
    }
    steps
}

fn id(d: &mut Decoder, node: &Node<'_>) -> Option<String> {
    let text = d.string(node)?;
    if !is_kebab_case(text) {
        let help = kebab_case(text).map(|kebab| format!("write {kebab}"));
        d.wrong(node, format!("`id` is not in kebab-case: {}", quote(text)), help);
        return None;
    }
    Some(text.to_owned())
}

fn steps(d: &mut Decoder, case: &Fields<'_>, node: &Node<'_>) -> Option<Vec<Step>> {
    for key in ["request", "responses", "expect"] {
        if let Some(node) = case.get(key) {
            let help = "move it into a step, or leave out `steps`";
            d.wrong_key(&node, format!("`{key}` beside `steps`"), help);
        }
    }
    let items = d.list(node, "steps")?;
    if items.is_empty() {
        d.wrong_key(node, "a case without any step", None);
        return None;
    }
    let mut steps = Vec::with_capacity(items.len());
    let mut latest = 0;
    for item in &items {
        let (keys, elsewhere): (&[&str], &[_]) = match d.kind {
            Kind::Browser => (&["at", "visitor", "request", "responses", "expect", "profiles"], &[]),
            Kind::Server => (&["at", "visitor", "request", "expect"], &[NO_RESPONSES]),
        };
        let Some(fields) = d.fields(item, "a step", keys, elsewhere) else { continue };
        d.require(&fields, &["at", "request", "expect"]);
        let at = fields.get("at").and_then(|node| at(d, &node, latest));
        latest = at.unwrap_or(latest);
        steps.extend(step(d, &fields, latest).filter(|_| at.is_some()));
    }
    (steps.len() == items.len()).then_some(steps)
}

fn at(d: &mut Decoder, node: &Node<'_>, latest: u64) -> Option<u64> {
    let at = d.integer(node, 0, u64::MAX)?;
    if at < latest {
        let help = "`at` counts the seconds from the start of the case; put the steps in order of time";
        d.wrong(node, format!("a step at {at} after one at {latest}"), help);
        return None;
    }
    Some(at)
}

fn step(d: &mut Decoder, fields: &Fields<'_>, at: u64) -> Option<Step> {
    let request = fields.get("request").and_then(|node| request(d, &node));
    let responses = match fields.get("responses").filter(|_| d.kind == Kind::Browser) {
        Some(node) => responses(d, &node),
        None => Some(Vec::new()),
    };
    let expect = fields.get("expect").and_then(|node| expect(d, &node));
    let visitor = match fields.get("visitor") {
        Some(node) => d.text(&node).map(str::to_owned),
        None => Some(String::new()),
    };
    let (request, mut expect) = (request?, expect?);
    // What is not sent proves nothing unless it was asked for.
    if request.preflight_only && expect.preflight.is_none() {
        expect.preflight = Some(PreflightUse::Sent);
    }
    let profiles = match fields.get("profiles").filter(|_| d.kind == Kind::Browser) {
        Some(node) => profiles(d, &node),
        None => Some(BTreeMap::new()),
    };
    Some(Step { at, visitor: visitor?, request, responses: responses?, expect, profiles: profiles? })
}

fn profiles(d: &mut Decoder, node: &Node<'_>) -> Option<BTreeMap<String, Departure>> {
    let fields =
        d.fields(node, "`profiles`", &PROFILES, &[("fetch", "what the standard says stands in `expect`")])?;
    if let Value::Mapping(map) = node.value
        && map.is_empty()
    {
        d.wrong_key(node, "`profiles` without any", d.suggest("", &PROFILES));
    }
    let mut profiles = BTreeMap::new();
    for name in PROFILES {
        if let Some(node) = fields.get(name) {
            profiles.insert(name.to_owned(), departure(d, &node)?);
        }
    }
    Some(profiles)
}

/// An expectation, or `{expect: …, responses: …}` where the engine asks for something else.
fn departure(d: &mut Decoder, node: &Node<'_>) -> Option<Departure> {
    let is_pair = matches!(node.value, Value::Mapping(map) if map.contains_key("expect"));
    if !is_pair {
        return Some(Departure { expect: expect(d, node)?, responses: None });
    }
    let fields = d.fields(node, "an engine's departure", &["expect", "responses"], &[])?;
    d.require(&fields, &["expect", "responses"]);
    let expect = fields.get("expect").and_then(|node| expect(d, &node));
    let responses = fields.get("responses").and_then(|node| responses(d, &node));
    Some(Departure { expect: expect?, responses: Some(responses?) })
}
