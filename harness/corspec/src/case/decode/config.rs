//! `corspec.yaml`: a person's own server.

use std::path::PathBuf;
use std::time::Duration;

use corspec_browser::headers::is_forbidden_request_header;
use corspec_protocol::Policy;
use serde_yaml::{Mapping, Value};
use url::Url;

use super::decoder::{Decoder, Node};
use super::policy::policy;
use super::syntax::{check_origin, is_token};
use crate::case::problems::quote;
use crate::own::{Config, Framework, Limits, OwnRoute, Tls, server_url, variables};

const KEYS: [&str; 8] = ["server", "public", "policy", "routes", "cookie", "limits", "tls", "framework"];

pub(in crate::case) fn config(d: &mut Decoder, top: &Value) -> Option<Config> {
    let elsewhere = [
        ("origins", "origins stand in `policy`"),
        ("url", "the server's URL is `server`"),
        ("methods", "methods stand in `policy`, and in each of `routes`"),
        ("headers", "headers stand in `policy`, and in each of `routes`"),
        ("insecure", "insecure stands in `tls`"),
    ];
    let fields = d.fields(&Node::top(top), "corspec.yaml", &KEYS, &elsewhere)?;
    d.require(&fields, &["server", "policy"]);
    let server = fields.get("server").and_then(|node| server(d, &node));
    let public = fields.get("public").and_then(|node| public(d, &node));
    let policy = fields.get("policy").and_then(|node| own_policy(d, &node));
    let routes = match fields.get("routes") {
        Some(node) => routes(d, &node, policy.as_ref()),
        None => Some(vec![OwnRoute::read("/")]),
    };
    let cookie = fields.get("cookie").and_then(|node| cookie(d, &node, policy.as_ref()));
    let limits = fields.get("limits").map_or_else(|| Some(Limits::default()), |node| limits(d, &node));
    let tls = fields.get("tls").map_or_else(|| Some(Tls::default()), |node| tls(d, &node));
    let framework = fields.get("framework").and_then(|node| framework(d, &node));
    Some(Config {
        server: server?,
        public,
        policy: policy?,
        routes: routes?,
        cookie,
        limits: limits?,
        tls: tls?,
        framework,
    })
}

fn server(d: &mut Decoder, node: &Node<'_>) -> Option<Url> {
    let text = d.text(node)?;
    match server_url(text) {
        Ok(url) => Some(url),
        Err(message) => {
            d.wrong(node, message, "write it as http://localhost:8080 or https://api.example/v1");
            None
        }
    }
}

fn public(d: &mut Decoder, node: &Node<'_>) -> Option<String> {
    let text = d.text(node)?;
    if let Err(wrong) = check_origin(text) {
        d.wrong(node, wrong.message, wrong.help);
        return None;
    }
    Some(text.to_owned())
}

/// The policy, of which only the origins have to be said.
fn own_policy(d: &mut Decoder, node: &Node<'_>) -> Option<Policy> {
    let Value::Mapping(written) = node.value else {
        d.wrong_type(
            node,
            "a mapping",
            "write what you want to permit: policy: {origins: [\"https://app.example\"]}",
        );
        return None;
    };
    if written.get("origins").is_none() {
        d.wrong(
            node,
            "`policy` does not say whose pages may read",
            "add origins: [\"https://app.example\"], or [\"*\"] for everybody's",
        );
        return None;
    }
    let strings = |words: &[&str]| Value::Sequence(words.iter().map(|&word| Value::from(word)).collect());
    let mut whole: Mapping = written.clone();
    for (key, value) in [
        ("methods", strings(&["GET", "HEAD", "POST"])),
        ("headers", strings(&[])),
        ("expose", strings(&[])),
        ("credentials", Value::Bool(false)),
        ("max_age", Value::Null),
    ] {
        if !whole.contains_key(key) {
            whole.insert(key.into(), value);
        }
    }
    let whole = Value::Mapping(whole);
    let policy = policy(d, &node.with(&whole))?;
    if policy.any_origin() && policy.credentials {
        d.wrong(
            node,
            "any origin with credentials would let every page act as your users, and browsers refuse it",
            "list the origins that may use cookies, or set credentials: false",
        );
    }
    Some(policy)
}

fn routes(d: &mut Decoder, node: &Node<'_>, policy: Option<&Policy>) -> Option<Vec<OwnRoute>> {
    let items = d.list(node, "routes")?;
    if items.is_empty() {
        d.wrong(node, "no route: there is nothing to ask for", "write [{path: /}], or leave `routes` out");
    }
    Some(items.iter().filter_map(|item| route(d, item, policy)).collect())
}

fn route(d: &mut Decoder, node: &Node<'_>, policy: Option<&Policy>) -> Option<OwnRoute> {
    if let Value::String(path) = node.value {
        return path_of(d, node, path).then(|| OwnRoute::read(path));
    }
    let keys = ["path", "methods", "headers", "body", "may_write"];
    let fields = d.fields(node, "a route", &keys, &[])?;
    d.require(&fields, &["path"]);
    let path_node = fields.get("path")?;
    let path = d.text(&path_node)?;
    let mut route = OwnRoute::read(path);
    let mut right = path_of(d, &path_node, path);
    if let Some(methods) = fields.get("methods") {
        route.methods.clear();
        for item in d.list(&methods, "methods")? {
            match d.token(&item, "method") {
                Some(method) => route.methods.push(method),
                None => right = false,
            }
        }
        if route.methods.is_empty() {
            d.wrong(&methods, "a route without any method", "write the methods that it answers: [GET]");
        }
    }
    if let Some(headers) = fields.get("headers") {
        let Value::Mapping(entries) = headers.value else {
            d.wrong_type(&headers, "a mapping", "write headers: {X-Api-Version: \"2\"}");
            return None;
        };
        for (name, value) in entries {
            let Value::String(name) = name else { continue };
            let entry = Node { value, path: headers.path.key(name) };
            let Some(value) = d.string(&entry) else { continue };
            if name.eq_ignore_ascii_case("cookie") {
                d.wrong_key(
                    &entry,
                    "no page can set Cookie: the browser does",
                    "write it as `cookie` beside `server`",
                );
            } else if is_forbidden_request_header(name.as_bytes(), value.as_bytes()) {
                d.wrong_key(
                    &entry,
                    format!("no page can set {}: the browser does", quote(name)),
                    "remove it",
                );
            } else if !is_token(name) {
                d.wrong_key(&entry, format!("{} is no name of a header", quote(name)), None);
            } else if policy.is_some_and(|policy| is_not_granted(policy, name)) {
                d.wrong_key(
                    &entry,
                    format!("pages have to send {}, and the policy does not permit it", quote(name)),
                    format!("add {name} to policy.headers"),
                );
            } else {
                route.headers.push((name.clone(), value.to_owned()));
            }
        }
    }
    route.body = fields.get("body").and_then(|node| d.string(&node).map(str::to_owned));
    if let Some(may_write) = fields.get("may_write") {
        route.may_write = d.boolean(&may_write)?;
    }
    right.then_some(route)
}

/// Whether no preflight would grant that header, though it needs it: every page would be kept out.
fn is_not_granted(policy: &Policy, name: &str) -> bool {
    let safelisted = ["accept", "accept-language", "content-language", "content-type"];
    let listed = policy.headers.iter().any(|listed| listed.eq_ignore_ascii_case(name));
    let any = policy.any_header() && !name.eq_ignore_ascii_case("authorization");
    !listed && !any && !safelisted.contains(&&*name.to_ascii_lowercase())
}

fn path_of(d: &mut Decoder, node: &Node<'_>, path: &str) -> bool {
    if path.starts_with('/') && !path.contains('#') {
        return true;
    }
    d.wrong(
        node,
        format!("{} is no path", quote(path)),
        "a path begins with `/` and stands below the server's URL",
    );
    false
}

fn cookie(d: &mut Decoder, node: &Node<'_>, policy: Option<&Policy>) -> Option<String> {
    let text = d.text(node)?;
    if !text.contains('=') || text.contains(';') {
        d.wrong(
            node,
            "a cookie is name=value",
            "write it as \"session=${SESSION}\", with SESSION in the environment",
        );
        return None;
    }
    if policy.is_some_and(|policy| !policy.credentials) {
        d.wrong(
            node,
            "the policy permits no cookies, so no page's request would carry this one",
            "set policy.credentials: true, or remove the cookie",
        );
    }
    if variables(text).next().is_none() {
        d.wrong(
            node,
            "a cookie's value does not belong into a file",
            "write \"session=${SESSION}\", and set SESSION in the environment",
        );
    }
    Some(text.to_owned())
}

fn limits(d: &mut Decoder, node: &Node<'_>) -> Option<Limits> {
    let fields = d.fields(node, "limits", &["per_second", "at_once", "timeout", "retries"], &[])?;
    let default = Limits::default();
    let mut number = |key: &str, least, most| match fields.get(key) {
        Some(node) => d.integer(&node, least, most).map(Some),
        None => Some(None),
    };
    let per_second = number("per_second", 1, 10_000)?;
    let at_once = number("at_once", 1, 256)?;
    let timeout = number("timeout", 1, 600)?;
    let retries = number("retries", 0, 10)?;
    Some(Limits {
        per_second: per_second.and_then(|number| u32::try_from(number).ok()),
        at_once: at_once.and_then(|number| usize::try_from(number).ok()).unwrap_or(default.at_once),
        timeout: timeout.map_or(default.timeout, Duration::from_secs),
        retries: retries.and_then(|number| u32::try_from(number).ok()).unwrap_or(default.retries),
    })
}

fn tls(d: &mut Decoder, node: &Node<'_>) -> Option<Tls> {
    let fields = d.fields(node, "tls", &["ca", "insecure"], &[])?;
    let ca = fields.get("ca").and_then(|node| d.text(&node).map(PathBuf::from));
    let insecure = fields.get("insecure").map_or(Some(false), |node| d.boolean(&node))?;
    Some(Tls { ca, insecure })
}

fn framework(d: &mut Decoder, node: &Node<'_>) -> Option<Framework> {
    let text = d.text(node)?;
    let found = Framework::named(text);
    if found.is_none() {
        let names: Vec<&str> = Framework::all().map(Framework::name).collect();
        let help = d.suggest(text, &names);
        d.wrong(node, format!("no framework is known as {}", quote(text)), help);
    }
    found
}
