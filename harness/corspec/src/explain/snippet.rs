//! A call of `fetch()` as a person writes it, and as "Copy as fetch" of a browser's developer tools does.
//!
//! No script is run: literals are read, and any other expression counts as one of unknown value.

use corspec_browser::{Body, BodyKind, Bytes, CredentialsMode, Mode, RedirectMode};

use super::curl::header_list;
use super::headers::authors;
use super::mistake::{Mistake, quoted};
use super::question::{Call, origin_of_headers};

/// Reads the first call of `fetch()` in a text.
///
/// # Errors
/// Where there is none, or one that is not closed, or whose URL or options cannot be known.
pub fn parse(text: &str) -> Result<Call, Mistake> {
    let way_out = "paste the call as fetch(\"https://…\", {…})";
    let start =
        find_call(text).ok_or_else(|| Mistake::new("there is no call of fetch() in this", way_out))?;
    let mut parser = Parser { text, at: start, depth: 0 };
    let url_at = parser.skip_space();
    let url = match parser.value()? {
        Value::String(url) => url,
        other => {
            let what = format!("the URL is {}, and what that is only the page knows", other.describe());
            return Err(Mistake::at(text, url_at, what, "put the URL itself in its place, as a string"));
        }
    };
    let mut call = Call { url: Some(url), ..Call::default() };
    if parser.eat(',') && parser.peek() != Some(')') {
        let options_at = parser.skip_space();
        match parser.value()? {
            Value::Object(members) => apply(&mut call, members, text, options_at)?,
            Value::Nothing => {}
            other => {
                let what =
                    format!("the options are {}, and what that is only the page knows", other.describe());
                return Err(Mistake::at(
                    text,
                    options_at,
                    what,
                    "put the object itself in its place: {method: …, headers: …}",
                ));
            }
        }
        parser.eat(',');
    }
    if !parser.eat(')') {
        return Err(Mistake::at(
            text,
            parser.at,
            "the call is not closed here",
            "paste the call up to its closing parenthesis",
        ));
    }
    Ok(call)
}

fn apply(call: &mut Call, members: Vec<(String, Value)>, text: &str, at: usize) -> Result<(), Mistake> {
    let mut referrer = None;
    let mut headers = Vec::new();
    for (key, value) in members {
        let unfit = |allowed: &str, value: &Value| {
            let what = format!("`{key}` is {}", value.describe());
            Mistake::at(text, at, what, format!("write one of {allowed}"))
        };
        match (&*key, value) {
            (_, Value::Nothing) => {}
            ("method", Value::String(method)) => call.method = Some(method),
            ("method", value) => return Err(unfit("the methods, as a string", &value)),
            ("mode", value) => {
                call.mode = Some(match value.as_str() {
                    Some("cors") => Mode::Cors,
                    Some("no-cors") => Mode::NoCors,
                    Some("same-origin") => Mode::SameOrigin,
                    _ => return Err(unfit("\"cors\", \"no-cors\", \"same-origin\"", &value)),
                });
            }
            ("credentials", value) => {
                call.credentials = Some(match value.as_str() {
                    Some("omit") => CredentialsMode::Omit,
                    Some("same-origin") => CredentialsMode::SameOrigin,
                    Some("include") => CredentialsMode::Include,
                    _ => return Err(unfit("\"omit\", \"same-origin\", \"include\"", &value)),
                });
            }
            ("redirect", value) => {
                call.redirect = Some(match value.as_str() {
                    Some("follow") => RedirectMode::Follow,
                    Some("error") => RedirectMode::Error,
                    Some("manual") => RedirectMode::Manual,
                    _ => return Err(unfit("\"follow\", \"error\", \"manual\"", &value)),
                });
            }
            ("headers", value) => {
                headers = header_pairs(value).ok_or_else(|| {
                    let what = "`headers` holds what only the page knows";
                    Mistake::at(
                        text,
                        at,
                        what,
                        "write them as {\"Name\": \"value\"} or [[\"Name\", \"value\"]]",
                    )
                })?
            }
            ("body", value) => call.body = Some(body(value)),
            ("referrer", Value::String(url)) if url.contains("://") => referrer = Some(url),
            _ => {}
        }
    }
    let list = header_list(headers.iter().map(|(name, value)| (&**name, &**value)));
    let (own, note) = authors(&list, None);
    call.headers = own;
    call.notes.extend(note);
    call.origin = origin_of_headers(&list).or(referrer);
    Ok(())
}

/// A value that script hands over as headers: an object, an array of pairs, or `new Headers()` of one.
fn header_pairs(value: Value) -> Option<Vec<(String, String)>> {
    match value {
        Value::Object(members) => {
            Some(members.into_iter().map(|(name, value)| (name, value.into_text())).collect())
        }
        Value::Array(lines) => lines
            .into_iter()
            .map(|line| match line {
                Value::Array(pair) => {
                    let [name, value] = <[Value; 2]>::try_from(pair).ok()?;
                    Some((name.into_text(), value.into_text()))
                }
                _ => None,
            })
            .collect(),
        Value::New(class, arguments) if class == "Headers" => match arguments.into_iter().next() {
            Some(argument) => header_pairs(argument),
            None => Some(Vec::new()),
        },
        _ => None,
    }
}

fn body(value: Value) -> Body {
    let kind = match &value {
        Value::New(class, _) => match &**class {
            "URLSearchParams" => BodyKind::Urlencoded,
            "FormData" => BodyKind::FormData,
            "Blob" | "File" => BodyKind::Blob,
            "ReadableStream" => BodyKind::Stream,
            name if name.ends_with("Array") || matches!(name, "ArrayBuffer" | "DataView") => BodyKind::Bytes,
            _ => BodyKind::Text,
        },
        Value::Code(code) => match code.to_ascii_lowercase() {
            code if code.contains("formdata") => BodyKind::FormData,
            code if code.ends_with(".stream()") => BodyKind::Stream,
            _ => BodyKind::Text,
        },
        _ => BodyKind::Text,
    };
    let content_type = match (&value, kind) {
        (Value::New(_, arguments), BodyKind::Blob) => arguments.iter().find_map(|argument| match argument {
            Value::Object(members) => {
                let (_, value) = members.iter().find(|(key, _)| key == "type")?;
                value.as_str().map(|value| Bytes::Owned(value.as_bytes().to_vec()))
            }
            _ => None,
        }),
        _ => None,
    };
    match value {
        Value::String(text) => Body { kind, content_type, bytes: Bytes::Owned(text.into_bytes()) },
        _ => Body { content_type, ..Body::sample(kind) },
    }
}

/// Where the arguments of the first `fetch(` begin.
fn find_call(text: &str) -> Option<usize> {
    text.match_indices("fetch").find_map(|(index, name)| {
        let before = text[..index].chars().next_back();
        let part_of_a_name = before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
        let rest = &text[index + name.len()..];
        let open = rest.trim_start();
        (!part_of_a_name && open.starts_with('(')).then(|| text.len() - open.len() + 1)
    })
}

/// A value as far as it can be known without running anything.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    String(String),
    /// `null` and `undefined`.
    Nothing,
    Object(Vec<(String, Value)>),
    Array(Vec<Value>),
    /// `new Class(…)`
    New(String, Vec<Value>),
    /// Anything else, numbers and booleans included.
    Code(String),
}

impl Value {
    fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The string that script makes of it; code stands for itself.
    fn into_text(self) -> String {
        match self {
            Self::String(text) | Self::Code(text) => text,
            Self::Nothing => "null".to_owned(),
            Self::Object(_) => "[object Object]".to_owned(),
            Self::Array(values) => values.into_iter().map(Self::into_text).collect::<Vec<_>>().join(","),
            Self::New(class, _) => class,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::String(text) | Self::Code(text) => quoted(text),
            Self::Nothing => "nothing".to_owned(),
            Self::Object(_) => "an object".to_owned(),
            Self::Array(_) => "an array".to_owned(),
            Self::New(class, _) => quoted(&format!("new {class}(…)")),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

/// How deep values may lie in each other.
const MAX_DEPTH: usize = 32;

impl Parser<'_> {
    fn value(&mut self) -> Result<Value, Mistake> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(
                self.wrong("this is nested too deeply to be read", "put a simpler value in its place")
            );
        }
        let start = self.skip_space();
        let value = self.literal()?;
        self.depth -= 1;
        // `a + b`, `x ? y : z`, `f(x).y`: the literal was a part of something.
        match self.peek() {
            None | Some(',' | ')' | ']' | '}') => Ok(value),
            Some(_) => {
                self.at = start;
                self.code()
            }
        }
    }

    fn literal(&mut self) -> Result<Value, Mistake> {
        match self.peek() {
            Some(quote @ ('"' | '\'' | '`')) => self.string(quote),
            Some('{') => self.object(),
            Some('[') => {
                self.at += 1;
                Ok(Value::Array(self.list(']')?))
            }
            Some(')' | ']' | '}' | ',') | None => {
                Err(self.wrong("a value is missing here", "paste the whole call"))
            }
            Some(_) => {
                let start = self.at;
                match self.name() {
                    "null" | "undefined" => Ok(Value::Nothing),
                    "new" => {
                        self.skip_space();
                        let class = self.name().to_owned();
                        if class.is_empty() {
                            self.at = start;
                            return self.code();
                        }
                        let arguments = if self.eat('(') { self.list(')')? } else { Vec::new() };
                        Ok(Value::New(class, arguments))
                    }
                    _ => {
                        self.at = start;
                        self.code()
                    }
                }
            }
        }
    }

    /// The values up to the closing bracket.
    fn list(&mut self, close: char) -> Result<Vec<Value>, Mistake> {
        let mut values = Vec::new();
        loop {
            if self.eat(close) {
                return Ok(values);
            }
            values.push(self.value()?);
            if !self.eat(',') && self.peek() != Some(close) {
                return Err(self.wrong("a comma or a bracket is missing here", "paste the whole call"));
            }
        }
    }

    fn object(&mut self) -> Result<Value, Mistake> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            if self.eat('}') {
                return Ok(Value::Object(members));
            }
            let start = self.skip_space();
            let key = match self.peek() {
                Some(quote @ ('"' | '\'' | '`')) => self.string(quote)?.into_text(),
                _ => self.name().to_owned(),
            };
            if key.is_empty() {
                if self.text[self.at..].starts_with("...") {
                    // What is spread cannot be known; what stands beside it can.
                    self.code()?;
                    if self.eat(',') || self.peek() == Some('}') {
                        continue;
                    }
                }
                self.at = start;
                return Err(self.wrong("the name of a member is missing here", "paste the whole call"));
            }
            let value = if self.eat(':') { self.value()? } else { Value::Code(key.clone()) };
            members.push((key, value));
            if !self.eat(',') && self.peek() != Some('}') {
                return Err(self.wrong("a comma or a brace is missing here", "paste the whole call"));
            }
        }
    }

    fn string(&mut self, quote: char) -> Result<Value, Mistake> {
        let start = self.at;
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let Some(c) = self.bump() else {
                self.at = start;
                return Err(self.wrong("this string is never closed", "paste the whole call"));
            };
            match c {
                c if c == quote => break,
                '$' if quote == '`' && self.text[self.at..].starts_with('{') => {
                    self.at = start;
                    return Err(self.wrong(
                        "this string has a part in ${…} that only the page knows",
                        "put its value in its place",
                    ));
                }
                '\\' => self.escape(&mut out),
                c => out.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            }
        }
        Ok(Value::String(String::from_utf16_lossy(&out)))
    }

    /// What stands behind a backslash; `\u` in pairs make one character.
    fn escape(&mut self, out: &mut Vec<u16>) {
        let hexadecimal = |parser: &mut Self, digits: usize| {
            let text: String = parser.text[parser.at..].chars().take(digits).collect();
            let number = u16::from_str_radix(&text, 16).ok().filter(|_| text.len() == digits)?;
            parser.at += digits;
            Some(number)
        };
        match self.bump() {
            Some('n') => out.push(10),
            Some('r') => out.push(13),
            Some('t') => out.push(9),
            Some('b') => out.push(8),
            Some('f') => out.push(12),
            Some('v') => out.push(11),
            Some('0') => out.push(0),
            Some('x') => out.extend(hexadecimal(self, 2)),
            Some('u') => out.extend(hexadecimal(self, 4)),
            // The line goes on below.
            Some('\n') | None => {}
            Some(c) => out.extend_from_slice(c.encode_utf16(&mut [0; 2])),
        }
    }

    /// An expression up to the comma or bracket that ends it.
    fn code(&mut self) -> Result<Value, Mistake> {
        let start = self.at;
        let mut open = Vec::new();
        while let Some(c) = self.text[self.at..].chars().next() {
            match c {
                '"' | '\'' | '`' => {
                    self.pass_string(c);
                    continue;
                }
                '(' => open.push(')'),
                '[' => open.push(']'),
                '{' => open.push('}'),
                ')' | ']' | '}' if open.is_empty() => break,
                ')' | ']' | '}' if open.pop() != Some(c) => {
                    return Err(self.wrong("this bracket closes none", "paste the whole call"));
                }
                ',' if open.is_empty() => break,
                _ => {}
            }
            self.at += c.len_utf8();
        }
        let code = self.text[start..self.at].trim();
        if code.is_empty() {
            return Err(self.wrong("a value is missing here", "paste the whole call"));
        }
        Ok(Value::Code(code.to_owned()))
    }

    fn pass_string(&mut self, quote: char) {
        self.at += 1;
        while let Some(c) = self.bump() {
            if c == '\\' {
                self.bump();
            } else if c == quote {
                return;
            }
        }
    }

    fn name(&mut self) -> &str {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn eat(&mut self, wanted: char) -> bool {
        let is = self.peek() == Some(wanted);
        if is {
            self.at += wanted.len_utf8();
        }
        is
    }

    /// The next character that is neither white space nor comment.
    fn peek(&mut self) -> Option<char> {
        self.skip_space();
        self.text[self.at..].chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.text[self.at..].chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn skip_space(&mut self) -> usize {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            let comment = if trimmed.starts_with("//") {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("/*") {
                trimmed.find("*/").map_or(trimmed.len(), |end| end + 2)
            } else {
                return self.at;
            };
            self.at += comment;
        }
    }

    fn wrong(&self, what: &str, way_out: &str) -> Mistake {
        Mistake::at(self.text, self.at, what, way_out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::record::text;

    fn line(call: &Call) -> String {
        let headers: Vec<_> =
            call.headers.iter().map(|(name, value)| format!("{}: {}", text(name), text(value))).collect();
        let body = call
            .body
            .as_ref()
            .map(|body| (body.kind, text(&body.bytes), body.content_type.as_deref().map(text)));
        format!(
            "{:?} {:?} {headers:?} {:?} {:?} {:?} {body:?} {:?}",
            call.method, call.url, call.mode, call.credentials, call.redirect, call.origin
        )
        .replace("Some(", "(")
        .replace("None", "-")
    }

    #[rstest]
    #[case::bare("fetch('https://a.test/')", r#"- ("https://a.test/") [] - - - - -"#)]
    #[case::awaited("const r = await fetch(`https://a.test/`);", r#"- ("https://a.test/") [] - - - - -"#)]
    #[case::prefetch_is_another(
        "prefetch('x'); window.fetch ( 'https://a.test/' , )",
        r#"- ("https://a.test/") [] - - - - -"#
    )]
    #[case::options(
        "fetch('https://a.test/', {method: 'put', mode: 'cors', credentials: 'include', redirect: 'error'})",
        r#"("put") ("https://a.test/") [] (Cors) (Include) (Error) - -"#
    )]
    #[case::headers_as_pairs(
        "fetch('/', {headers: [['X-A', '1'], ['X-A', 2]],})",
        r#"- ("/") ["X-A: 1", "X-A: 2"] - - - - -"#
    )]
    #[case::headers_object(
        "fetch('/', {headers: new Headers({'X-A': token, b: 'c' + d})})",
        r#"- ("/") ["X-A: token", "b: 'c' + d"] - - - - -"#
    )]
    #[case::stringified(
        "fetch('/', {body: JSON.stringify({a: [1, ')']}), method: 'POST'})",
        r#"("POST") ("/") [] - - - ((Text, "corspec", -)) -"#
    )]
    #[case::params(
        "fetch('/', {body: new URLSearchParams('a=1')})",
        r#"- ("/") [] - - - ((Urlencoded, "corspec=1", -)) -"#
    )]
    #[case::blob(
        "fetch('/', {body: new Blob([x], {type: 'application/json'})})",
        r#"- ("/") [] - - - ((Blob, "corspec", ("application/json"))) -"#
    )]
    #[case::comments("fetch(/* where */ '/', { // how\n method: 'PUT' })", r#"("PUT") ("/") [] - - - - -"#)]
    #[case::spread(
        "fetch('/', {...base, method: 'PUT', signal, body: null})",
        r#"("PUT") ("/") [] - - - - -"#
    )]
    #[case::escapes(r#"fetch("\u00e9\ud83d\ude00\x41\n\'")"#, r#"- ("é😀A\n'") [] - - - - -"#)]
    #[case::then("fetch('/').then(r => r.json())", r#"- ("/") [] - - - - -"#)]
    fn reads(#[case] snippet: &str, #[case] expected: &str) {
        let read = line(&parse(snippet).unwrap());
        let squash = |text: &str| text.replace(" -", "").replace("- ", "");
        assert_eq!(squash(&read), squash(expected));
    }

    #[test]
    fn as_chrome_copies_it() {
        let snippet = r#"fetch("https://api.example/items", {
  "headers": {
    "accept": "*/*",
    "accept-language": "en-GB,en;q=0.9",
    "content-type": "application/json",
    "sec-ch-ua": "\"Chromium\";v=\"156\"",
    "sec-fetch-mode": "cors",
    "x-token": "abc"
  },
  "referrer": "https://app.example/list",
  "body": "{\"a\":1}",
  "method": "PUT",
  "mode": "cors",
  "credentials": "include"
});"#;
        insta::assert_snapshot!(
            line(&parse(snippet).unwrap()),
            @r#"("PUT") ("https://api.example/items") ["content-type: application/json", "x-token: abc"] (Cors) (Include) - ((Text, "{\"a\":1}", -)) ("https://app.example/list")"#
        );
    }

    #[rstest]
    #[case("nothing here", "there is no call of fetch() in this")]
    #[case("fetch(", "a value is missing here")]
    #[case("fetch(url)", "the URL is `url`, and what that is only the page knows")]
    #[case("fetch('a' + b)", "the URL is `'a' + b`, and what that is only the page knows")]
    #[case("fetch(`/${id}`)", "this string has a part in ${…} that only the page knows")]
    #[case("fetch('/', options)", "the options are `options`, and what that is only the page knows")]
    #[case("fetch('/', {method: 'PUT'", "a comma or a brace is missing here")]
    #[case("fetch('/', {: 1})", "the name of a member is missing here")]
    #[case("fetch('/", "this string is never closed")]
    #[case("fetch('/', {mode: 'navigate'})", "`mode` is `navigate`")]
    #[case("fetch('/', {headers: h})", "`headers` holds what only the page knows")]
    #[case("fetch('/' 1)", "the URL is `'/' 1`, and what that is only the page knows")]
    fn complains(#[case] snippet: &str, #[case] expected: &str) {
        assert_eq!(parse(snippet).unwrap_err().what, expected);
    }

    proptest! {
        #[test]
        fn never_panics(rest in r#"(fetch\(|new |[{}\[\](),:'"`\\$.é/*\n ]|null|[a-z0-9]{1,3}|\\u[0-9a-f]{0,4}){0,40}"#) {
            let _ = parse(&format!("fetch({rest}")).map(Call::into_question);
        }

        #[test]
        fn depth_has_an_end(depth in 0_usize..5_000) {
            let _ = parse(&format!("fetch('/', {}", "[{a:".repeat(depth)));
        }
    }
}
