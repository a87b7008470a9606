//! `browser`: what the browser of a case brings along.

use serde_yaml::Value;
use url::Url;

use super::decoder::{Decoder, Node};
use crate::case::model::{AddressSpace, BrowserSetup, HeldCookie, Kind, LocalNetwork, ThirdPartyCookies};
use crate::case::problems::quote;

pub(super) fn browser(d: &mut Decoder, node: &Node<'_>) -> Option<BrowserSetup> {
    const COMMON: [&str; 3] = ["cookies", "third_party_cookies", "http_cache"];
    let (keys, elsewhere): (Vec<&str>, &[_]) = match d.kind {
        Kind::Browser => ([&COMMON[..], &["local_network"]].concat(), &[]),
        Kind::Server => (
            COMMON.to_vec(),
            &[(
                "local_network",
                "where the server under test is says nothing of it; write it in `browser/` files",
            )],
        ),
    };
    let fields = d.fields(node, "a browser", &keys, elsewhere)?;
    let cookies = match fields.get("cookies") {
        Some(node) => cookies(d, &node),
        None => Some(Vec::new()),
    };
    let third_party_cookies = match fields.get("third_party_cookies") {
        Some(node) => d.word(&node),
        None => Some(ThirdPartyCookies::Allow),
    };
    let http_cache = match fields.get("http_cache") {
        Some(node) => d.boolean(&node),
        None => Some(false),
    };
    let local_network = match fields.get("local_network").filter(|_| d.kind == Kind::Browser) {
        Some(node) => local_network(d, &node).map(Some),
        None => Some(None),
    };
    Some(BrowserSetup {
        cookies: cookies?,
        third_party_cookies: third_party_cookies?,
        http_cache: http_cache?,
        local_network: local_network?,
    })
}

fn cookies(d: &mut Decoder, node: &Node<'_>) -> Option<Vec<HeldCookie>> {
    let items = d.list(node, "cookies")?;
    let cookies: Vec<_> = items.iter().filter_map(|item| cookie(d, item)).collect();
    (cookies.len() == items.len()).then_some(cookies)
}

/// In a `server/` file the server under test has set it, so that its line is all there is to say.
fn cookie(d: &mut Decoder, node: &Node<'_>) -> Option<HeldCookie> {
    if d.kind == Kind::Server {
        return d.bytes(node).map(|line| HeldCookie { url: None, line });
    }
    if !matches!(node.value, Value::Mapping(_)) {
        let help = "write {url: \"https://api.example/\", set: \"session=1; Secure; SameSite=None\"}";
        d.wrong_type(node, "a cookie with its URL", help);
        return None;
    }
    let fields = d.fields(node, "a cookie", &["url", "set"], &[])?;
    d.require(&fields, &["url", "set"]);
    let url = fields.get("url").and_then(|node| {
        let text = d.string(&node)?;
        if Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Some(text.to_owned());
        }
        d.wrong(
            &node,
            format!("{} is no URL that sets cookies", quote(text)),
            "write it as https://host/path".to_owned(),
        );
        None
    });
    let line = fields.get("set").and_then(|node| d.bytes(&node));
    Some(HeldCookie { url: Some(url?), line: line? })
}

fn local_network(d: &mut Decoder, node: &Node<'_>) -> Option<LocalNetwork> {
    let fields = d.fields(node, "`local_network`", &["page", "granted", "hosts"], &[])?;
    let page = match fields.get("page") {
        Some(node) => d.word(&node),
        None => Some(AddressSpace::Public),
    };
    let granted = match fields.get("granted") {
        Some(node) => d.boolean(&node),
        None => Some(false),
    };
    let hosts = match fields.get("hosts") {
        Some(node) => hosts(d, &node),
        None => Some(Vec::new()),
    };
    Some(LocalNetwork { page: page?, granted: granted?, hosts: hosts? })
}

fn hosts(d: &mut Decoder, node: &Node<'_>) -> Option<Vec<(String, AddressSpace)>> {
    entries(d, node, "a mapping from host names to address spaces", |d, node| d.word(node))
}

/// A mapping whose keys are free, in its order.
pub(super) fn entries<T>(
    d: &mut Decoder,
    node: &Node<'_>,
    what: &str,
    mut item: impl FnMut(&mut Decoder, &Node<'_>) -> Option<T>,
) -> Option<Vec<(String, T)>> {
    let Value::Mapping(map) = node.value else {
        d.wrong_type(node, what, "write it as {name: …}");
        return None;
    };
    let mut entries = Vec::with_capacity(map.len());
    for (key, value) in map {
        let Value::String(name) = key else {
            d.wrong(node, format!("{} has a key that is no string", node.label()), None);
            continue;
        };
        let value = item(d, &Node { value, path: node.path.key(name) });
        entries.extend(value.map(|value| (name.clone(), value)));
    }
    (entries.len() == map.len()).then_some(entries)
}
