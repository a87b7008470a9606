//! `expect`: what must come of a request.

use corspec_browser::CookieFate;
use serde_yaml::Value;

use super::browser::entries;
use super::decoder::{Decoder, Fields, Node, listing};
use super::request::name_and_value;
use super::responses::purpose;
use super::syntax::is_token;
use crate::case::model::{
    Expect, Kind, Outcome, PreflightUse, ResponseSource, ResponseType, SentExpect, Stage, Visible, Word,
};
use crate::case::problems::quote;
use crate::case::reasons;

pub(super) fn expect(d: &mut Decoder, node: &Node<'_>) -> Option<Expect> {
    if !matches!(node.value, Value::Mapping(_)) {
        let outcome = d.word(node)?;
        if outcome == Outcome::Block && d.kind == Kind::Browser {
            d.wrong(node, NO_REASON, REASON_HELP.to_owned());
        }
        return Some(Expect::outcome(outcome));
    }
    const COMMON: [&str; 13] = [
        "outcome",
        "block",
        "any_of",
        "stage",
        "preflight",
        "status",
        "type",
        "visible",
        "hidden",
        "sent",
        "cookies",
        "set_cookies",
        "source",
    ];
    let (keys, elsewhere): (Vec<&str>, &[_]) = match d.kind {
        Kind::Browser => (
            [&COMMON[..], &["timing"]].concat(),
            &[("hits", "`hits` counts in a server, so it is for `server/` files")],
        ),
        Kind::Server => ([&COMMON[..], &["hits"]].concat(), &[]),
    };
    let fields = d.fields(node, "an expectation", &keys, elsewhere)?;
    let before = d.count();
    let outcome = outcome(d, node, &fields);
    let reasons = reasons(d, &fields);
    let stage = optional_word::<Stage>(d, &fields, "stage");
    let preflight = optional_word::<PreflightUse>(d, &fields, "preflight");
    let response_type = optional_word::<ResponseType>(d, &fields, "type");
    let status = match fields.get("status") {
        // A response that is not to be looked into has the status 0.
        Some(node) if node.value.as_u64() == Some(0) => Some(0),
        Some(node) => d.integer(&node, 100, 999).and_then(|status| u16::try_from(status).ok()),
        None => None,
    };
    let visible = list(d, &fields, "visible", "response headers", visible);
    let hidden = list(d, &fields, "hidden", "header names", |d, node| d.token(node, "header name"));
    let sent = fields.get("sent").map(|_| list(d, &fields, "sent", "requests", sent));
    let hits = fields.get("hits").and_then(|node| d.integer(&node, 0, u64::MAX));
    let cookies = fates(d, &fields, "cookies");
    let set_cookies = fates(d, &fields, "set_cookies");
    let source = optional_word::<ResponseSource>(d, &fields, "source");
    let timing = fields.get("timing").and_then(|node| d.boolean(&node));
    if d.count() > before {
        return None;
    }
    let expect = Expect {
        outcome: outcome?,
        reasons,
        stage,
        preflight,
        status,
        response_type,
        visible,
        hidden,
        sent,
        hits,
        cookies,
        set_cookies,
        source,
        timing,
    };
    check(d, node, &fields, &expect);
    Some(expect)
}

const NO_REASON: &str = "a block in a `browser/` file names its reason";
const REASON_HELP: &str = "write {block: REASON}, with a code of the table in cases/README.md";

fn outcome(d: &mut Decoder, node: &Node<'_>, fields: &Fields<'_>) -> Option<Outcome> {
    let block = fields.get("block");
    let Some(stated) = fields.get("outcome") else {
        if block.is_none() {
            let message = "an expectation without `outcome`";
            d.wrong(node, message, "write `outcome: allow`, or `block: REASON`");
        }
        return block.map(|_| Outcome::Block);
    };
    let outcome = d.word(&stated)?;
    match block {
        Some(block) if outcome != Outcome::Block => {
            let message = format!("`block` together with `outcome: {outcome}`");
            d.contradicts(
                &block,
                message,
                "leave out one of them",
                ("the outcome", stated.path.to_key_path()),
            );
            None
        }
        _ => Some(outcome),
    }
}

fn reasons(d: &mut Decoder, fields: &Fields<'_>) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    let mut add = |d: &mut Decoder, node: &Node<'_>| {
        let Some(code) = d.string(node) else { return };
        if reasons::stages(code).is_none() {
            let codes: Vec<&str> = reasons::codes().collect();
            d.wrong(node, format!("{} is no reason", quote(code)), d.suggest(code, &codes));
        } else if reasons.iter().any(|known| known == code) {
            d.wrong(node, format!("{} is named twice", quote(code)), None);
        } else {
            reasons.push(code.to_owned());
        }
    };
    if let Some(node) = fields.get("block") {
        if let Value::Sequence(_) = node.value {
            let help = "name the first as `block` and the others as `any_of: [ … ]`";
            d.wrong_type(&node, "one reason", help);
        } else {
            add(d, &node);
        }
    }
    if let Some(node) = fields.get("any_of") {
        for item in d.list(&node, "reasons").unwrap_or_default() {
            add(d, &item);
        }
    }
    reasons
}

/// What becomes of cookies, by name.
fn fates(d: &mut Decoder, fields: &Fields<'_>, key: &str) -> Vec<(String, CookieFate)> {
    let Some(node) = fields.get(key) else { return Vec::new() };
    let what = "a mapping from cookies to what becomes of them";
    entries(d, &node, what, |d, node| {
        let code = d.string(node)?;
        let found = CookieFate::ALL.iter().copied().find(|fate| fate.code() == code);
        if found.is_none() {
            let codes: Vec<&str> = CookieFate::ALL.iter().map(|fate| fate.code()).collect();
            d.wrong(
                node,
                format!("{} is nothing that becomes of a cookie", quote(code)),
                d.suggest(code, &codes),
            );
        }
        found
    })
    .unwrap_or_default()
}

fn optional_word<W: Word>(d: &mut Decoder, fields: &Fields<'_>, key: &str) -> Option<W> {
    fields.get(key).and_then(|node| d.word(&node))
}

fn list<T>(
    d: &mut Decoder,
    fields: &Fields<'_>,
    key: &str,
    of: &str,
    item: impl Fn(&mut Decoder, &Node<'_>) -> Option<T>,
) -> Vec<T> {
    let Some(node) = fields.get(key) else { return Vec::new() };
    let items = d.list(&node, of).unwrap_or_default();
    items.iter().filter_map(|node| item(d, node)).collect()
}

fn visible(d: &mut Decoder, node: &Node<'_>) -> Option<Visible> {
    match node.value {
        Value::String(text) if !text.contains(':') => {
            d.token(node, "header name").map(|name| Visible { name, value: None })
        }
        _ => named(d, node).map(|(name, value)| Visible { name, value: Some(value) }),
    }
}

fn named(d: &mut Decoder, node: &Node<'_>) -> Option<(String, Vec<u8>)> {
    let (name, value) = name_and_value(d, node)?;
    match String::from_utf8(name) {
        Ok(name) if is_token(&name) => Some((name, value)),
        Ok(name) => {
            d.wrong(node, format!("{} is no header name", quote(&name)), None);
            None
        }
        Err(_) => {
            d.wrong(node, "a header name has only ASCII in it", None);
            None
        }
    }
}

fn sent(d: &mut Decoder, node: &Node<'_>) -> Option<SentExpect> {
    if !matches!(node.value, Value::Mapping(_)) {
        let method = d.token(node, "method")?;
        return Some(SentExpect {
            method: Some(method),
            url: None,
            headers: Vec::new(),
            without: Vec::new(),
            purpose: None,
        });
    }
    let fields = d.fields(node, "a sent request", &["method", "url", "headers", "without", "for"], &[])?;
    let before = d.count();
    let sent = SentExpect {
        method: fields.get("method").and_then(|node| d.token(&node, "method")),
        url: fields.get("url").and_then(|node| d.text(&node).map(str::to_owned)),
        headers: list(d, &fields, "headers", "header lines", named),
        without: list(d, &fields, "without", "header names", |d, node| d.token(node, "header name")),
        purpose: fields.get("for").and_then(|node| purpose(d, &node)),
    };
    for (name, _) in &sent.headers {
        if sent.without.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            d.wrong(node, format!("{} stands in `headers` and in `without`", quote(name)), None);
        }
    }
    (d.count() == before).then_some(sent)
}

/// Whatever can never be true together.
fn check(d: &mut Decoder, node: &Node<'_>, fields: &Fields<'_>, expect: &Expect) {
    let outcome = expect.outcome;
    let is_block = outcome == Outcome::Block;
    if is_block && expect.reasons.is_empty() && d.kind == Kind::Browser {
        d.wrong(node, NO_REASON, REASON_HELP.to_owned());
    }
    for (key, is_wrong, why) in [
        ("any_of", !is_block, "reasons are those of a block"),
        ("stage", !is_block, "the stage is that of a block"),
        ("status", is_block, "script sees no status when fetch() rejects"),
        ("type", is_block, "script gets no response when fetch() rejects"),
        ("visible", outcome != Outcome::Allow, "script sees headers only of a response that it may read"),
        ("hidden", is_block, "script sees no header at all when fetch() rejects"),
    ] {
        if let Some(node) = fields.get(key).filter(|_| is_wrong) {
            d.wrong_key(&node, format!("`{key}` together with the outcome `{outcome}`"), why.to_owned());
        }
    }
    check_status_and_type(d, fields, expect);
    check_stage(d, fields, expect);
    for visible in &expect.visible {
        if expect.hidden.iter().any(|hidden| hidden.eq_ignore_ascii_case(&visible.name)) {
            d.wrong(node, format!("{} stands in `visible` and in `hidden`", quote(&visible.name)), None);
        }
    }
}

fn check_status_and_type(d: &mut Decoder, fields: &Fields<'_>, expect: &Expect) {
    let is_opaque_type = match (expect.response_type, expect.outcome) {
        (Some(ResponseType::Opaque | ResponseType::OpaqueRedirect), _) | (None, Outcome::Opaque) => true,
        (Some(_), _) | (None, _) => false,
    };
    if let (Some(kind), Some(node)) = (expect.response_type, fields.get("type")) {
        let wanted = if is_opaque_type { Outcome::Opaque } else { Outcome::Allow };
        if expect.outcome != wanted && expect.outcome != Outcome::Block {
            let help = format!("of a response of type `{kind}` the outcome is `{wanted}`");
            d.wrong(&node, format!("`type: {kind}` together with the outcome `{}`", expect.outcome), help);
            return;
        }
    }
    if let (Some(status), Some(node)) = (expect.status, fields.get("status"))
        && expect.outcome != Outcome::Block
        && is_opaque_type != (status == 0)
    {
        let help =
            "script sees 0 as the status of a response that it may not look into, and never of another";
        d.wrong(&node, format!("`status: {status}` together with the outcome `{}`", expect.outcome), help);
    }
}

fn check_stage(d: &mut Decoder, fields: &Fields<'_>, expect: &Expect) {
    if expect.outcome != Outcome::Block {
        return;
    }
    if let (Some(stage), Some(node)) = (expect.stage, fields.get("stage")) {
        for reason in &expect.reasons {
            let stages = reasons::stages(reason).unwrap_or_default();
            if !stages.contains(&stage) {
                let stages: Vec<&str> = stages.iter().map(|stage| stage.as_str()).collect();
                let help = format!("it decides at the stage {}", listing(&stages).replace(" and ", " or "));
                d.wrong(&node, format!("{} never decides at the stage `{stage}`", quote(reason)), help);
            }
        }
    }
    if let (Some(preflight), Some(node)) = (expect.preflight, fields.get("preflight")) {
        let only_preflight = |reason: &String| reasons::stages(reason) == Some(&[Stage::Preflight]);
        let needs_answer = expect.stage == Some(Stage::Preflight)
            || !expect.reasons.is_empty() && expect.reasons.iter().all(only_preflight);
        if needs_answer && preflight != PreflightUse::Sent {
            let help = "what is decided on the answer to a preflight needs one: `preflight: sent`";
            d.wrong(&node, format!("a block at the preflight with `preflight: {preflight}`"), help);
        }
        if expect.stage == Some(Stage::Request) && preflight != PreflightUse::None {
            let help = "at the stage `request` nothing was sent: `preflight: none`, or leave it out";
            d.wrong(&node, format!("a block before anything is sent with `preflight: {preflight}`"), help);
        }
    }
    if let (Some(sent), Some(node)) = (&expect.sent, fields.get("sent"))
        && expect.stage == Some(Stage::Request)
        && !sent.is_empty()
    {
        let help = "at the stage `request` nothing is sent: write `sent: []`";
        d.wrong(&node, "a block before anything is sent, and requests in `sent`", help);
    }
}
