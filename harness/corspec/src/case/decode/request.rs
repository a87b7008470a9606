//! `request`: what a page asks for.

use serde_yaml::Value;

use super::decoder::{Decoder, Node};
use super::syntax::{check_origin, is_token};
use crate::case::model::{
    Body, BodyKind, Credentials, CrossOrigin, Initiator, Kind, Mode, PageOrigin, Redirect, ReferrerPolicy,
    Request, Target, Word,
};
use crate::case::problems::{count, latin1, quote};

const URL: &str = "https://api.example/resource";
const PATH: &str = "/resource";

/// The largest body that a case can have, in bytes.
const LARGEST_BODY: u64 = 1 << 20;

pub(super) fn request(d: &mut Decoder, node: &Node<'_>) -> Option<Request> {
    const COMMON: [&str; 13] = [
        "top_level",
        "referrer_policy",
        "method",
        "headers",
        "credentials",
        "mode",
        "redirect",
        "body",
        "initiator",
        "crossorigin",
        "keepalive",
        "preflight_only",
        "origin",
    ];
    let mut keys = COMMON.to_vec();
    let elsewhere = match d.kind {
        Kind::Browser => {
            keys.insert(0, "url");
            ("path", "`path` is for `server/` files; in `browser/` write the whole `url`")
        }
        Kind::Server => {
            keys.insert(0, "path");
            (
                "url",
                "`url` is for `browser/` files; here the server is given, and `path` names what to ask for",
            )
        }
    };
    keys.rotate_right(1);
    let fields = d.fields(node, "a request", &keys, &[elsewhere])?;
    let before = d.count();
    d.require(&fields, &["origin"]);
    let origin = fields.get("origin").and_then(|node| origin(d, &node));
    let target = match d.kind {
        Kind::Browser => match fields.get("url") {
            Some(node) => d.string(&node).map(str::to_owned),
            None => Some(URL.to_owned()),
        }
        .map(Target::Url),
        Kind::Server => match fields.get("path") {
            Some(node) => path(d, &node),
            None => Some(PATH.to_owned()),
        }
        .map(Target::Path),
    };
    let top_level = match fields.get("top_level") {
        Some(node) => serialized_origin(d, &node).map(Some),
        None => Some(None),
    };
    let referrer_policy =
        word_or(d, fields.get("referrer_policy"), ReferrerPolicy::StrictOriginWhenCrossOrigin);
    let method = match fields.get("method") {
        Some(node) => method(d, &node),
        None => Some("GET".to_owned()),
    };
    let headers = match fields.get("headers") {
        Some(node) => headers(d, &node),
        None => Some(Vec::new()),
    };
    let credentials = word_or(d, fields.get("credentials"), Credentials::SameOrigin);
    let mode = word_or(d, fields.get("mode"), Mode::Cors);
    let redirect = word_or(d, fields.get("redirect"), Redirect::Follow);
    let body = match fields.get("body") {
        Some(node) => body(d, &node).map(Some),
        None => Some(None),
    };
    let initiator = word_or(d, fields.get("initiator"), Initiator::Fetch);
    let crossorigin = word_or(d, fields.get("crossorigin"), CrossOrigin::Absent);
    let keepalive = match fields.get("keepalive") {
        Some(node) => d.boolean(&node),
        None => Some(false),
    };
    let preflight_only = match fields.get("preflight_only") {
        Some(node) => d.boolean(&node),
        None => Some(false),
    };
    if d.count() > before {
        return None;
    }
    let initiator = initiator?;
    let method = match fields.get("method") {
        None if initiator == Initiator::Form => "POST".to_owned(),
        _ => method?,
    };
    let request = Request {
        origin: origin?,
        top_level: top_level?,
        referrer_policy: referrer_policy?,
        target: target?,
        method,
        headers: headers?,
        credentials: credentials?,
        mode: mode?,
        redirect: redirect?,
        body: body?,
        initiator,
        crossorigin: crossorigin?,
        keepalive: keepalive?,
        preflight_only: preflight_only?,
    };
    if !request.initiator.is_scripted() {
        let is_form = request.initiator == Initiator::Form;
        if let Some(node) = fields.get("method").filter(|_| is_form && !is_method_of_form(&request.method)) {
            d.wrong(
                &node,
                format!("a form cannot have the method {}", quote(&request.method)),
                "write GET or POST",
            );
        }
        for key in ["method", "headers", "credentials", "mode", "redirect", "keepalive", "preflight_only"] {
            if let Some(node) = fields.get(key).filter(|_| !(is_form && key == "method")) {
                let help = "only fetch and XMLHttpRequest let script choose it; write `crossorigin` where HTML has it";
                d.wrong(&node, format!("`initiator: {}` cannot have a `{key}`", request.initiator), help);
            }
        }
    } else if let Some(node) = fields.get("crossorigin") {
        let help = "it is an attribute of elements; write `credentials`";
        d.wrong(&node, format!("`initiator: {}` has no `crossorigin`", request.initiator), help);
    }
    if matches!(request.initiator, Initiator::Xhr | Initiator::XhrUploadListener) {
        let impossible = [
            ("credentials", request.credentials == Credentials::Omit),
            ("mode", request.mode != Mode::Cors),
            ("redirect", request.redirect != Redirect::Follow),
            ("body", request.body.as_ref().is_some_and(|body| body.kind == BodyKind::Stream)),
        ];
        for (key, is_impossible) in impossible {
            if let Some(node) = fields.get(key).filter(|_| is_impossible) {
                let help = "XMLHttpRequest has the credentials `same-origin` and `include`, the mode `cors`, \
                            follows redirects, and takes no stream";
                let message = format!("`initiator: {}` cannot have this `{key}`", request.initiator);
                d.wrong(&node, message, help);
            }
        }
    }
    Some(request)
}

fn is_method_of_form(method: &str) -> bool {
    matches!(method, "GET" | "POST")
}

fn word_or<W: Word>(d: &mut Decoder, node: Option<Node<'_>>, default: W) -> Option<W> {
    match node {
        Some(node) => d.word(&node),
        None => Some(default),
    }
}

fn origin(d: &mut Decoder, node: &Node<'_>) -> Option<PageOrigin> {
    if *node.value == Value::Null {
        let help = "write \"null\" in quotes for the opaque origin";
        d.wrong_type(node, "a string", help);
        return None;
    }
    let text = d.string(node)?;
    match (text, d.kind) {
        ("self", Kind::Server) => return Some(PageOrigin::ServerItself),
        ("self", Kind::Browser) => {
            let help = "write the origin of the request's `url`";
            d.wrong(node, "`origin: self` is for `server/` files", help);
            return None;
        }
        _ => {}
    }
    serialized_origin(d, node).map(PageOrigin::Serialized)
}

/// What the origin of some page serializes to.
pub(super) fn serialized_origin(d: &mut Decoder, node: &Node<'_>) -> Option<String> {
    let text = d.string(node)?;
    match check_origin(text) {
        Ok(()) => Some(text.to_owned()),
        Err(wrong) => {
            d.wrong(node, wrong.message, wrong.help);
            None
        }
    }
}

fn path(d: &mut Decoder, node: &Node<'_>) -> Option<String> {
    let text = d.string(node)?;
    if !text.starts_with('/') {
        d.wrong(
            node,
            format!("`path` does not begin with a slash: {}", quote(text)),
            "write what stands behind the server's origin, such as /resource",
        );
        return None;
    }
    if let Some(odd) = text.chars().find(|c| !c.is_ascii_graphic() || *c == '#') {
        d.wrong(
            node,
            format!("`path` has {} in it", quote(&odd.to_string())),
            "percent-encode what does not go on the wire as it is",
        );
        return None;
    }
    Some(text.to_owned())
}

fn method(d: &mut Decoder, node: &Node<'_>) -> Option<String> {
    match d.kind {
        // Whether a browser takes it can be what the case tests.
        Kind::Browser => {
            d.bytes(node)?;
            d.string(node).map(str::to_owned)
        }
        Kind::Server => d.token(node, "method"),
    }
}

fn headers(d: &mut Decoder, node: &Node<'_>) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let items = d.list(node, "header lines")?;
    let headers: Vec<_> = items.iter().filter_map(|item| header(d, item)).collect();
    (headers.len() == items.len()).then_some(headers)
}

fn header(d: &mut Decoder, node: &Node<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let (name, value) = name_and_value(d, node)?;
    if d.kind == Kind::Server {
        if !is_token(&name) {
            d.wrong(node, format!("{} is no header name", quote(&latin1(&name))), None);
            return None;
        }
        if value.iter().any(|byte| matches!(byte, b'\0' | b'\r' | b'\n')) {
            d.wrong(node, "no header can have that value: it holds NUL, CR or LF", None);
            return None;
        }
    }
    Some((name, value))
}

/// A header as `"Name: value"` or `[name, value]`. Of the line, one space after the colon is not the value's.
pub(super) fn name_and_value(d: &mut Decoder, node: &Node<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    if let Value::Sequence(items) = node.value {
        let [name, value] = items.as_slice() else {
            d.wrong(
                node,
                format!("a header is a pair of name and value, found {}", count(items.len(), "item")),
                "write [name, value] or \"Name: value\"",
            );
            return None;
        };
        let name = d.bytes(&Node { value: name, path: node.path.index(0) });
        let value = d.bytes(&Node { value, path: node.path.index(1) });
        return Some((name?, value?));
    }
    if let Value::Mapping(_) = node.value {
        d.wrong_type(node, "a header line", "put the line in quotes: \"Name: value\"");
        return None;
    }
    let line = d.bytes(node)?;
    let colon = line.iter().position(|&byte| byte == b':').filter(|&colon| colon > 0);
    let Some(colon) = colon else {
        let what = if line.first() == Some(&b':') { "name" } else { "colon" };
        d.wrong(
            node,
            format!("a header line without a {what}: {}", quote(&latin1(&line))),
            "write \"Name: value\", or [name, value] where one of them is odd on purpose",
        );
        return None;
    };
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    Some((name.to_vec(), value.strip_prefix(b" ").unwrap_or(value).to_vec()))
}

fn body(d: &mut Decoder, node: &Node<'_>) -> Option<Body> {
    if !matches!(node.value, Value::Mapping(_)) {
        return d.word(node).map(|kind| Body { kind, content_type: None, size: None });
    }
    let fields = d.fields(node, "a body", &["type", "content_type", "size"], &[])?;
    d.require(&fields, &["type"]);
    let kind = fields.get("type").and_then(|node| d.word(&node))?;
    let content_type = match fields.get("content_type") {
        Some(node) if kind != BodyKind::Blob => {
            let help = "only a blob says its type; for others set the header Content-Type";
            d.wrong_key(&node, format!("a body of type `{kind}` with `content_type`"), help);
            return None;
        }
        Some(node) => Some(d.string(&node)?.to_owned()),
        None => None,
    };
    let size = match fields.get("size") {
        Some(node) if matches!(kind, BodyKind::Urlencoded | BodyKind::Formdata | BodyKind::Stream) => {
            let help = "a text, a blob and bytes can have any size";
            d.wrong_key(&node, format!("a body of type `{kind}` with `size`"), help);
            return None;
        }
        Some(node) => Some(usize::try_from(d.integer(&node, 0, LARGEST_BODY)?).ok()?),
        None => None,
    };
    Some(Body { kind, content_type, size })
}
