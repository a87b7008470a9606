//! What to run next: the same case again, the same requests with curl, the same call in a browser's console.

use std::fmt::Write as _;

use corspec_browser::{BodyKind, method};

use super::printable::printable;
use crate::record::{Asked, ExchangeRecord, StepRecord};
use crate::subject::{ADDRESS, PROGRAM};

/// The command that runs one case again.
pub fn rerun_command(server: &str, case: &str, profile: &str) -> String {
    if server.len() + case.len() + profile.len() > MAX_LENGTH {
        return "# the name is too long to paste; the record has it".to_owned();
    }
    // What was started or reached by an argument has no name of its own; the reader has the argument.
    let subject = match server {
        PROGRAM => "--exec \"$COMMAND\"".to_owned(),
        ADDRESS => "--url \"$URL\"".to_owned(),
        server => format!("--server {}", shell_word(server)),
    };
    let mut command = format!("corspec run {subject} --case {}", shell_quoted(case, utf8));
    if profile != "fetch" {
        let _ = write!(command, " --profile {}", shell_word(profile));
    }
    command
}

/// curl commands, each below a comment that says what it stands for: one for each request that was sent, and one for the
/// actual request where the browser did not come so far. `None` where the browser sends nothing at all.
pub fn curl(step: &StepRecord) -> Option<String> {
    let mut out = String::new();
    for exchange in step.exchanges.iter().take(MAX_COMMANDS) {
        let what = if exchange.purpose == "preflight" { "the preflight" } else { "the actual request" };
        push_command(&mut out, what, &Command::sent(exchange, &step.request));
    }
    if step.exchanges.len() > MAX_COMMANDS {
        let _ = writeln!(out, "# {} more", step.exchanges.len() - MAX_COMMANDS);
    } else if step.exchanges.last().is_some_and(|last| last.purpose == "preflight") {
        push_command(
            &mut out,
            "the actual request, which a browser does not send",
            &Command::unsent(&step.request),
        );
    }
    (!out.is_empty()).then(|| out.trim_end().to_owned())
}

/// The call that a page makes, to paste into a browser's console.
pub fn script(asked: &Asked) -> String {
    let mut out = String::from("// in the console of ");
    if asked.origin == "null" {
        out.push_str("a sandboxed frame, whose origin is null\n");
    } else {
        let _ = writeln!(out, "a page at {}", printable(&asked.origin));
    }
    if asked.initiator.starts_with("xhr") {
        xhr(&mut out, asked)
    } else {
        fetch(&mut out, asked)
    }
    if out.len() > MAX_LENGTH {
        "// the call is too long to paste; the record has it".to_owned()
    } else {
        out
    }
}

const MAX_COMMANDS: usize = 6;

/// What is longer is pasted by nobody.
const MAX_LENGTH: usize = 6_000;

struct Command<'a> {
    method: String,
    url: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: Option<BodyKind>,
}

impl<'a> Command<'a> {
    fn sent(exchange: &'a ExchangeRecord, asked: &Asked) -> Self {
        // A redirect can turn the request into a GET, which leaves the body behind.
        let carries_body = exchange.purpose != "preflight" && !matches!(&*exchange.method, "GET" | "HEAD");
        Self {
            method: exchange.method.clone(),
            url: &exchange.url,
            headers: exchange
                .headers
                .iter()
                .map(|(name, value)| (&**name, &**value))
                .filter(|&line| !is_curls_own(line))
                .collect(),
            body: body(asked).filter(|_| carries_body).map(|(kind, _)| kind),
        }
    }

    fn unsent(asked: &'a Asked) -> Self {
        let bytes: Vec<u8> =
            asked.method.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
        let mut headers = vec![("Origin", &*asked.origin)];
        headers.extend(asked.headers.iter().map(|(name, value)| (&**name, &**value)));
        let body = body(asked);
        if let Some((kind, named)) = body
            && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        {
            let own = || kind.content_type().and_then(|value| std::str::from_utf8(value).ok());
            headers.extend(named.or_else(own).map(|value| ("Content-Type", value)));
        }
        Self {
            method: crate::record::text(&method::normalize(&bytes)),
            url: &asked.url,
            headers,
            body: body.map(|(kind, _)| kind),
        }
    }
}

/// Whether curl writes that line itself.
fn is_curls_own((name, value): (&str, &str)) -> bool {
    let framing = ["host", "connection", "content-length", "transfer-encoding"];
    framing.iter().any(|own| name.eq_ignore_ascii_case(own))
        || (name.eq_ignore_ascii_case("accept") && value == "*/*")
}

fn push_command(out: &mut String, what: &str, command: &Command<'_>) {
    let mut text = String::from("curl -i");
    match &*command.method {
        "GET" if command.body.is_none() => {}
        "HEAD" => text = "curl --head".to_owned(),
        method => {
            let _ = write!(text, " -X {}", shell_word(method));
        }
    }
    // curl reads brackets and braces in a URL as a pattern.
    if command.url.contains(['[', ']', '{', '}']) {
        text.push_str(" --globoff");
    }
    if !command.url.starts_with("http") {
        text.push_str(" --url");
    }
    let _ = write!(text, " {}", shell_quoted(command.url, utf8));
    for (name, value) in &command.headers {
        // curl takes `Name:` for a header to leave out, and `Name;` for an empty one.
        let line = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        let _ = write!(text, " \\\n  -H {}", shell_quoted(&line, latin1));
    }
    if let Some(kind) = command.body {
        let named = command.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if !named {
            // Else curl claims a form.
            text.push_str(" \\\n  -H 'Content-Type:'");
        }
        let sample = crate::record::text(kind.sample());
        let _ = write!(text, " \\\n  --data-raw {}", shell_quoted(&sample, latin1));
    }
    if text.len() > MAX_LENGTH {
        let _ = writeln!(out, "# {what} is too long to paste; the record has it");
    } else {
        let _ = writeln!(out, "# {what}\n{text}");
    }
}

/// For header lines and bodies, whose code points are bytes.
fn latin1(c: char, out: &mut Vec<u8>) {
    match u8::try_from(u32::from(c)) {
        Ok(byte) => out.push(byte),
        Err(_) => utf8(c, out),
    }
}

fn utf8(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// A word of a command.
pub(super) fn shell_word(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    shell_quoted(text, utf8)
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b':' | b',' | b'+' | b'@')
}

/// One word for a POSIX shell; for bash where a byte has to be escaped.
fn shell_quoted(text: &str, encode: impl Fn(char, &mut Vec<u8>)) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut bytes = Vec::with_capacity(text.len());
    text.chars().for_each(|c| encode(c, &mut bytes));
    let mut out = String::from("$'");
    for byte in bytes {
        let _ = match byte {
            b'\'' | b'\\' => write!(out, "\\{}", char::from(byte)),
            b' '..=b'~' => write!(out, "{}", char::from(byte)),
            // Three octal digits always: a hexadecimal escape would swallow a digit that follows in some shells.
            _ => write!(out, "\\{byte:03o}"),
        };
    }
    out.push('\'');
    out
}

fn fetch(out: &mut String, asked: &Asked) {
    let mut options = String::new();
    let mut option = |name: &str, value: &str| {
        let _ = writeln!(options, "  {name}: {value},");
    };
    if asked.method != "GET" {
        option("method", &js_string(&asked.method));
    }
    if !asked.headers.is_empty() {
        option("headers", &js_headers(asked));
    }
    for (name, value, default) in [
        ("mode", &asked.mode, "cors"),
        ("credentials", &asked.credentials, "same-origin"),
        ("redirect", &asked.redirect, "follow"),
    ] {
        if value != default && !value.is_empty() {
            option(name, &js_string(value));
        }
    }
    if let Some((kind, named)) = body(asked) {
        option("body", &js_body(kind, named));
        if kind == BodyKind::Stream {
            option("duplex", "\"half\"");
        }
    }
    let _ = write!(out, "fetch({}", js_string(&asked.url));
    if !options.is_empty() {
        let _ = write!(out, ", {{\n{options}}}");
    }
    out.push_str(").then(r => console.log(r.type, r.status, [...r.headers]))");
}

fn xhr(out: &mut String, asked: &Asked) {
    out.push_str("const xhr = new XMLHttpRequest();\n");
    let _ = writeln!(out, "xhr.open({}, {});", js_string(&asked.method), js_string(&asked.url));
    if asked.credentials == "include" {
        out.push_str("xhr.withCredentials = true;\n");
    }
    for (name, value) in &asked.headers {
        let _ = writeln!(out, "xhr.setRequestHeader({}, {});", js_string(name), js_string(value));
    }
    if asked.initiator == "xhr-upload-listener" {
        out.push_str("xhr.upload.onprogress = () => {};\n");
    }
    out.push_str("xhr.onloadend = () => console.log(xhr.status, xhr.getAllResponseHeaders());\n");
    let body = body(asked).map(|(kind, named)| js_body(kind, named)).unwrap_or_default();
    let _ = write!(out, "xhr.send({body});");
}

fn js_headers(asked: &Asked) -> String {
    let lines: Vec<_> = asked
        .headers
        .iter()
        .map(|(name, value)| format!("[{}, {}]", js_string(name), js_string(value)))
        .collect();
    format!("[{}]", lines.join(", "))
}

fn js_body(kind: BodyKind, named: Option<&str>) -> String {
    match kind {
        BodyKind::Text => "\"corspec\"".to_owned(),
        BodyKind::Urlencoded => "new URLSearchParams(\"corspec=1\")".to_owned(),
        BodyKind::FormData => "(form => (form.append(\"corspec\", \"1\"), form))(new FormData())".to_owned(),
        BodyKind::Blob => match named {
            Some(named) => format!("new Blob([\"corspec\"], {{type: {}}})", js_string(named)),
            None => "new Blob([\"corspec\"])".to_owned(),
        },
        BodyKind::Bytes => "new TextEncoder().encode(\"corspec\")".to_owned(),
        BodyKind::Stream => "new Blob([\"corspec\"]).stream()".to_owned(),
    }
}

/// A string literal that is ASCII throughout and ends no element of a page.
fn js_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    out
}

/// The body's kind, and the content type that a blob names.
fn body(asked: &Asked) -> Option<(BodyKind, Option<&str>)> {
    let text = asked.body.as_deref()?;
    let (kind, named) = text.split_once(' ').map_or((text, None), |(kind, named)| (kind, Some(named)));
    let kind = match kind {
        "urlencoded" => BodyKind::Urlencoded,
        "formdata" => BodyKind::FormData,
        "blob" => BodyKind::Blob,
        "bytes" => BodyKind::Bytes,
        "stream" => BodyKind::Stream,
        _ => BodyKind::Text,
    };
    Some((kind, named))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn asked() -> Asked {
        Asked {
            origin: "https://app.example".to_owned(),
            url: "http://127.0.0.1:4000/resource".to_owned(),
            method: "PUT".to_owned(),
            headers: vec![("X-Token".to_owned(), "it's".to_owned())],
            credentials: "include".to_owned(),
            mode: "cors".to_owned(),
            redirect: "follow".to_owned(),
            body: Some("blob application/json".to_owned()),
            initiator: "fetch".to_owned(),
        }
    }

    fn preflighted() -> StepRecord {
        let lines = [
            ("Origin", "https://app.example"),
            ("Access-Control-Request-Method", "PUT"),
            ("Access-Control-Request-Headers", "content-type,x-token"),
        ];
        let preflight = ExchangeRecord {
            purpose: "preflight".to_owned(),
            method: "OPTIONS".to_owned(),
            url: "http://127.0.0.1:4000/resource".to_owned(),
            headers: lines.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            ..ExchangeRecord::default()
        };
        StepRecord { request: asked(), exchanges: vec![preflight], ..StepRecord::default() }
    }

    #[test]
    fn a_curl_pair_and_a_snippet() {
        let step = preflighted();
        let text = format!("{}\n\n{}", curl(&step).unwrap(), script(&step.request));
        insta::assert_snapshot!("reproduce", text);
    }

    #[test]
    fn an_xhr_is_written_as_one() {
        let asked = Asked { initiator: "xhr-upload-listener".to_owned(), ..asked() };
        insta::assert_snapshot!("reproduce_xhr", script(&asked));
    }

    #[rstest]
    #[case("express", "a/b", "fetch", "corspec run --server express --case 'a/b'")]
    #[case(
        "my server",
        "a/it's",
        "chromium",
        r"corspec run --server 'my server' --case 'a/it'\''s' --profile chromium"
    )]
    fn rerun(#[case] server: &str, #[case] case: &str, #[case] profile: &str, #[case] command: &str) {
        assert_eq!(rerun_command(server, case, profile), command);
    }

    #[rstest]
    #[case("a'b", r"'a'\''b'")]
    #[case("\u{e9}'\u{1b}1", r"$'\351\'\0331'")]
    fn header_lines_are_quoted_byte_by_byte(#[case] text: &str, #[case] quoted: &str) {
        assert_eq!(shell_quoted(text, latin1), quoted);
    }

    #[rstest]
    #[case("\"\\\u{1b}\u{1f600}", r#""\"\\\u001b\ud83d\ude00""#)]
    fn strings_of_script(#[case] text: &str, #[case] literal: &str) {
        assert_eq!(js_string(text), literal);
    }
}
