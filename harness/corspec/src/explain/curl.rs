//! A curl command, as a person writes it and as "Copy as cURL" of a browser's developer tools does.

use corspec_browser::{Body, BodyKind, Bytes, CredentialsMode, Header, HeaderList, Mode};

use super::headers::authors;
use super::mistake::{Mistake, quoted};
use super::question::{Call, origin_of_headers};
use super::shell::{Word, words};

/// Reads a curl command.
///
/// # Errors
/// Where it is none, or has an option whose meaning for a browser is unknown.
pub fn parse(text: &str) -> Result<Call, Mistake> {
    if is_windows(text) {
        return Err(Mistake::new(
            "this was copied for the command prompt of Windows, whose ^ quoting is not read here",
            "choose \"Copy as cURL (bash)\" or \"Copy as cURL (POSIX)\"",
        ));
    }
    let words = words(text)?;
    let mut words = words.into_iter();
    match words.next() {
        Some(first) if first.text == "curl" || first.text.ends_with("/curl") => {}
        Some(first) => {
            return Err(Mistake::at(
                text,
                first.offset,
                format!("this is no curl command: it begins with {}", quoted(&first.text)),
                "paste the command from the word curl on",
            ));
        }
        None => {
            return Err(Mistake::new("the curl command is empty", "paste the command from the word curl on"));
        }
    }
    let mut command = Command::default();
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        if let Some(long) = word.text.strip_prefix("--").filter(|name| !name.is_empty()) {
            let (name, inline) =
                long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            let option = LONG.iter().find(|(known, _)| *known == name).map(|&(_, option)| option);
            let option = option.or_else(|| name.starts_with("no-").then_some(Opt::Ignored));
            let option = option.ok_or_else(|| unknown(text, &word))?;
            let value = match (option.takes_value(), inline) {
                (true, Some(value)) => value.to_owned(),
                (true, None) => words.next().ok_or_else(|| valueless(text, &word))?.text,
                (false, _) => String::new(),
            };
            command.take(option, value, text, &word)?;
        } else if word.text.len() > 1 && word.text.starts_with('-') {
            // Several short options can share a dash, and the last one can have its value right behind it.
            for (index, letter) in word.text[1..].char_indices() {
                let option = SHORT.iter().find(|(known, _)| *known == letter).map(|&(_, option)| option);
                let option = option.ok_or_else(|| unknown(text, &word))?;
                if !option.takes_value() {
                    command.take(option, String::new(), text, &word)?;
                    continue;
                }
                let rest = &word.text[1 + index + letter.len_utf8()..];
                let value = if rest.is_empty() {
                    words.next().ok_or_else(|| valueless(text, &word))?.text
                } else {
                    rest.to_owned()
                };
                command.take(option, value, text, &word)?;
                break;
            }
        } else if word.text != "--" && word.text != "-" {
            command.url(word.text.clone(), text, &word)?;
        }
    }
    Ok(command.into_call())
}

/// What an option of curl means for what a browser does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opt {
    Method,
    Header,
    Data,
    DataRaw,
    DataUrlencode,
    Json,
    Form,
    User,
    Cookie,
    Referer,
    Head,
    Get,
    Url,
    UploadFile,
    Bearer,
    /// Without a value, and without a meaning.
    Ignored,
    /// With a value, and without a meaning.
    IgnoredValue,
}

impl Opt {
    const fn takes_value(self) -> bool {
        !matches!(self, Self::Head | Self::Get | Self::Ignored)
    }
}

const SHORT: &[(char, Opt)] = &[
    ('X', Opt::Method),
    ('H', Opt::Header),
    ('d', Opt::Data),
    ('F', Opt::Form),
    ('u', Opt::User),
    ('b', Opt::Cookie),
    ('e', Opt::Referer),
    ('I', Opt::Head),
    ('G', Opt::Get),
    ('T', Opt::UploadFile),
    ('s', Opt::Ignored),
    ('S', Opt::Ignored),
    ('v', Opt::Ignored),
    ('i', Opt::Ignored),
    ('k', Opt::Ignored),
    ('L', Opt::Ignored),
    ('f', Opt::Ignored),
    ('g', Opt::Ignored),
    ('N', Opt::Ignored),
    ('O', Opt::Ignored),
    ('J', Opt::Ignored),
    ('#', Opt::Ignored),
    ('4', Opt::Ignored),
    ('6', Opt::Ignored),
    ('0', Opt::Ignored),
    ('1', Opt::Ignored),
    ('A', Opt::IgnoredValue),
    ('o', Opt::IgnoredValue),
    ('w', Opt::IgnoredValue),
    ('m', Opt::IgnoredValue),
    ('x', Opt::IgnoredValue),
    ('c', Opt::IgnoredValue),
    ('D', Opt::IgnoredValue),
    ('E', Opt::IgnoredValue),
    ('r', Opt::IgnoredValue),
];

const LONG: &[(&str, Opt)] = &[
    ("request", Opt::Method),
    ("header", Opt::Header),
    ("data", Opt::Data),
    ("data-ascii", Opt::Data),
    ("data-binary", Opt::Data),
    ("data-raw", Opt::DataRaw),
    ("data-urlencode", Opt::DataUrlencode),
    ("json", Opt::Json),
    ("form", Opt::Form),
    ("form-string", Opt::Form),
    ("user", Opt::User),
    ("oauth2-bearer", Opt::Bearer),
    ("cookie", Opt::Cookie),
    ("referer", Opt::Referer),
    ("head", Opt::Head),
    ("get", Opt::Get),
    ("url", Opt::Url),
    ("upload-file", Opt::UploadFile),
    ("compressed", Opt::Ignored),
    ("silent", Opt::Ignored),
    ("show-error", Opt::Ignored),
    ("verbose", Opt::Ignored),
    ("include", Opt::Ignored),
    ("show-headers", Opt::Ignored),
    ("insecure", Opt::Ignored),
    ("location", Opt::Ignored),
    ("fail", Opt::Ignored),
    ("fail-with-body", Opt::Ignored),
    ("globoff", Opt::Ignored),
    ("no-buffer", Opt::Ignored),
    ("path-as-is", Opt::Ignored),
    ("http1.0", Opt::Ignored),
    ("http1.1", Opt::Ignored),
    ("http2", Opt::Ignored),
    ("http3", Opt::Ignored),
    ("ipv4", Opt::Ignored),
    ("ipv6", Opt::Ignored),
    ("basic", Opt::Ignored),
    ("progress-bar", Opt::Ignored),
    ("user-agent", Opt::IgnoredValue),
    ("output", Opt::IgnoredValue),
    ("write-out", Opt::IgnoredValue),
    ("max-time", Opt::IgnoredValue),
    ("connect-timeout", Opt::IgnoredValue),
    ("retry", Opt::IgnoredValue),
    ("resolve", Opt::IgnoredValue),
    ("connect-to", Opt::IgnoredValue),
    ("cacert", Opt::IgnoredValue),
    ("cert", Opt::IgnoredValue),
    ("key", Opt::IgnoredValue),
    ("proxy", Opt::IgnoredValue),
    ("cookie-jar", Opt::IgnoredValue),
    ("dump-header", Opt::IgnoredValue),
    ("range", Opt::IgnoredValue),
    ("max-redirs", Opt::IgnoredValue),
];

#[derive(Default)]
struct Command {
    url: Option<String>,
    method: Option<String>,
    headers: HeaderList,
    data: Vec<String>,
    json: bool,
    form: bool,
    head: bool,
    get: bool,
    upload: bool,
    cookies: bool,
    notes: Vec<String>,
}

impl Command {
    fn take(&mut self, option: Opt, value: String, text: &str, word: &Word) -> Result<(), Mistake> {
        match option {
            Opt::Method => self.method = Some(value),
            Opt::Header => self.header(&value, text, word)?,
            Opt::Data => {
                if value.starts_with('@') {
                    self.notes.push(
                        "What the body's file holds does not matter to CORS; it was not read.".to_owned(),
                    );
                }
                self.data.push(value);
            }
            Opt::DataRaw => self.data.push(value),
            Opt::DataUrlencode => {
                let (name, value) = value.split_once('=').unwrap_or(("", &value));
                let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                self.data.push(if name.is_empty() { encoded } else { format!("{name}={encoded}") });
            }
            Opt::Json => {
                self.json = true;
                self.data.push(value);
            }
            Opt::Form => self.form = true,
            Opt::User => self.authorization(format!("Basic {}", base64(value.as_bytes()))),
            Opt::Bearer => self.authorization(format!("Bearer {value}")),
            Opt::Cookie => self.cookies = true,
            Opt::Referer => self.headers.append(&b"Referer"[..], value.into_bytes()),
            Opt::Head => self.head = true,
            Opt::Get => self.get = true,
            Opt::Url => self.url(value, text, word)?,
            Opt::UploadFile => self.upload = true,
            Opt::Ignored | Opt::IgnoredValue => {}
        }
        Ok(())
    }

    fn header(&mut self, line: &str, text: &str, word: &Word) -> Result<(), Mistake> {
        // `Name;` is a header without a value, `Name:` one that curl leaves out.
        let (name, value) = match (line.split_once(':'), line.strip_suffix(';')) {
            // HTTP/2's own fields, which some tools copy.
            _ if line.starts_with(':') => return Ok(()),
            (Some((_, value)), _) if value.trim().is_empty() => return Ok(()),
            (Some(line), _) => line,
            (None, Some(name)) => (name, ""),
            (None, None) => {
                let way_out = "write -H 'Name: value'";
                return Err(Mistake::at(
                    text,
                    word.offset,
                    format!("{} is no header line", quoted(line)),
                    way_out,
                ));
            }
        };
        let (name, value) = (name.trim(), value.trim());
        if !corspec_browser::headers::is_header_name(name.as_bytes()) {
            let what = format!("{} is no name of a header", quoted(name));
            return Err(Mistake::at(text, word.offset, what, "write -H 'Name: value'"));
        }
        self.headers.append(name.as_bytes().to_vec(), value.as_bytes().to_vec());
        Ok(())
    }

    fn authorization(&mut self, value: String) {
        self.headers.delete(b"Authorization");
        self.headers.append(&b"Authorization"[..], value.into_bytes());
    }

    fn url(&mut self, url: String, text: &str, word: &Word) -> Result<(), Mistake> {
        if let Some(first) = &self.url {
            let what = format!("a second URL: {} came before {}", quoted(first), quoted(&url));
            let way_out = "one request is explained at a time; if this was meant as a value, quote it together with its option";
            return Err(Mistake::at(text, word.offset, what, way_out));
        }
        // curl guesses the scheme.
        self.url = Some(if url.contains("://") { url } else { format!("http://{url}") });
        Ok(())
    }

    fn into_call(mut self) -> Call {
        let mut url = self.url;
        if self.get && !self.data.is_empty() {
            let query = self.data.join("&");
            url = url.map(|url| format!("{url}{}{query}", if url.contains('?') { "&" } else { "?" }));
            self.data.clear();
        }
        let has_body = !self.data.is_empty() || self.form || self.upload;
        let method = self.method.unwrap_or_else(|| {
            let method = match () {
                () if self.head => "HEAD",
                () if self.upload => "PUT",
                () if has_body => "POST",
                () => "GET",
            };
            method.to_owned()
        });
        if self.json {
            for (name, value) in [("Content-Type", "application/json"), ("Accept", "application/json")] {
                if !self.headers.contains(name) {
                    self.headers.append(name.as_bytes(), value.as_bytes());
                }
            }
        }
        let kind = match () {
            () if self.form => BodyKind::FormData,
            () if self.upload || self.headers.contains("Content-Type") => BodyKind::Bytes,
            () => BodyKind::Urlencoded,
        };
        let sends = has_body && !matches!(&*method, "GET" | "HEAD");
        if has_body && !sends {
            self.notes
                .push(format!("curl sends a body with {method}; a browser refuses to, so it is left out."));
        }
        let body = sends.then(|| Body {
            kind,
            // curl names no charset, where URLSearchParams does.
            content_type: (kind == BodyKind::Urlencoded)
                .then_some(Bytes::Borrowed(b"application/x-www-form-urlencoded")),
            bytes: Bytes::Owned(self.data.join("&").into_bytes()),
        });
        let cookies = self.cookies || self.headers.contains("Cookie");
        let mode = match self.headers.get(b"Sec-Fetch-Mode").as_deref() {
            Some(b"no-cors") => Some(Mode::NoCors),
            Some(b"same-origin") => Some(Mode::SameOrigin),
            _ => None,
        };
        let (headers, note) = authors(&self.headers, None);
        self.notes.extend(note);
        Call {
            origin: origin_of_headers(&self.headers),
            url,
            method: Some(method),
            headers,
            credentials: cookies.then_some(CredentialsMode::Include),
            mode,
            body,
            notes: self.notes,
            ..Call::default()
        }
    }
}

fn is_windows(text: &str) -> bool {
    text.trim_start().starts_with("curl")
        && (text.contains("^\"") || text.contains("^\n") || text.contains("^\r\n"))
}

fn unknown(text: &str, word: &Word) -> Mistake {
    Mistake::at(
        text,
        word.offset,
        format!("{} is an option of curl that is not known here", quoted(&word.text)),
        "leave it out, and its value if it has one: what a browser does hangs on the method, the headers, the body, the cookies and the URL",
    )
}

fn valueless(text: &str, word: &Word) -> Mistake {
    Mistake::at(
        text,
        word.offset,
        format!("{} asks for a value, and the command ends", quoted(&word.text)),
        "paste the whole command; a line that goes on below ends in a backslash",
    )
}

/// For `-u`, whose value a page would have to encode itself.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0, |group, &byte| group << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let digit = (group >> (18 - 6 * index)) & 63;
            out.push(if index > chunk.len() { '=' } else { char::from(ALPHABET[digit as usize]) });
        }
    }
    out
}

/// The header list of pairs.
pub(super) fn header_list<'a>(lines: impl IntoIterator<Item = (&'a str, &'a str)>) -> HeaderList {
    lines
        .into_iter()
        .map(|(name, value)| Header::new(name.trim().as_bytes().to_vec(), value.trim().as_bytes().to_vec()))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::record::text;

    /// A call in a line: method, URL, headers, credentials, body, origin.
    pub(in super::super) fn line(call: &Call) -> String {
        let mut out =
            format!("{} {}", call.method.as_deref().unwrap_or("-"), call.url.as_deref().unwrap_or("-"));
        for (name, value) in &call.headers {
            out.push_str(&format!(" [{}: {}]", text(name), text(value)));
        }
        if let Some(credentials) = call.credentials {
            out.push_str(&format!(" {credentials:?}"));
        }
        if let Some(mode) = call.mode {
            out.push_str(&format!(" {mode:?}"));
        }
        if let Some(body) = &call.body {
            out.push_str(&format!(" {:?}({})", body.kind, text(&body.bytes)));
        }
        if let Some(origin) = &call.origin {
            out.push_str(&format!(" from {origin}"));
        }
        out
    }

    #[rstest]
    #[case::bare("curl https://api.example/x", "GET https://api.example/x")]
    #[case::scheme_is_guessed("curl localhost:3000", "GET http://localhost:3000")]
    #[case::put("curl -X PUT -H 'X-Token: 1' https://a.test/", "PUT https://a.test/ [X-Token: 1]")]
    #[case::glued("curl -XDELETE -sSLHX-A:1 https://a.test/", "DELETE https://a.test/ [X-A: 1]")]
    #[case::long_with_equals("curl --request=PATCH --url=https://a.test/", "PATCH https://a.test/")]
    #[case::data("curl -d a=1 -d b=2 https://a.test/", "POST https://a.test/ Urlencoded(a=1&b=2)")]
    #[case::json(
        "curl --json '{}' https://a.test/",
        "POST https://a.test/ [Content-Type: application/json] [Accept: application/json] Bytes({})"
    )]
    #[case::get(
        "curl -G -d a=1 --data-urlencode 'b=c d' https://a.test/?q",
        "GET https://a.test/?q&a=1&b=c+d"
    )]
    #[case::head("curl -I https://a.test/", "HEAD https://a.test/")]
    #[case::form("curl -F a=@b https://a.test/", "POST https://a.test/ FormData()")]
    #[case::user(
        "curl -u me:secret https://a.test/",
        "GET https://a.test/ [Authorization: Basic bWU6c2VjcmV0]"
    )]
    #[case::cookie("curl -b a=1 https://a.test/", "GET https://a.test/ Include")]
    #[case::cookie_header("curl -H 'Cookie: a=1' https://a.test/", "GET https://a.test/ Include")]
    #[case::origin(
        "curl -H 'Origin: https://app.example' https://a.test/",
        "GET https://a.test/ from https://app.example"
    )]
    #[case::empty_and_absent_headers(
        "curl -H 'X-A;' -H 'Accept:' https://a.test/",
        "GET https://a.test/ [X-A: ]"
    )]
    #[case::by_hand_keeps_cache_control(
        "curl -H 'Cache-Control: no-cache' https://a.test/",
        "GET https://a.test/ [Cache-Control: no-cache]"
    )]
    #[case::post_without_body("curl -X POST https://a.test/", "POST https://a.test/")]
    #[case::body_with_get("curl -X GET -d a https://a.test/", "GET https://a.test/")]
    #[case::ansi(r"curl --data-raw $'it\'s\u0021' https://a.test/", "POST https://a.test/ Urlencoded(it's!)")]
    fn reads(#[case] command: &str, #[case] expected: &str) {
        assert_eq!(line(&parse(command).unwrap()), expected);
    }

    #[test]
    fn as_chrome_copies_it() {
        let command = r#"curl 'https://api.example/items?page=2' \
  -X 'PUT' \
  -H 'accept: */*' \
  -H 'accept-language: en-GB,en;q=0.9' \
  -H 'cache-control: no-cache' \
  -H 'content-type: application/json' \
  -b 'session=1' \
  -H 'origin: https://app.example' \
  -H 'priority: u=1, i' \
  -H 'referer: https://app.example/list' \
  -H 'sec-ch-ua: "Chromium";v="156"' \
  -H 'sec-fetch-mode: cors' \
  -H 'user-agent: Mozilla/5.0' \
  -H 'x-token: abc' \
  --data-raw '{"name":"it'\''s"}'"#;
        let call = parse(command).unwrap();
        insta::assert_snapshot!(line(&call), @r#"PUT https://api.example/items?page=2 [content-type: application/json] [x-token: abc] Include Bytes({"name":"it's"}) from https://app.example"#);
        insta::assert_snapshot!(call.notes.join("\n"), @"Taken for the browser's own and left out: cache-control. If script sets one, add it with --header.");
    }

    #[rstest]
    #[case("wget x", "this is no curl command: it begins with `wget`")]
    #[case(" ", "the curl command is empty")]
    #[case("curl --frobnicate x", "`--frobnicate` is an option of curl that is not known here")]
    #[case("curl -H", "`-H` asks for a value, and the command ends")]
    #[case("curl -H nonsense x", "`nonsense` is no header line")]
    #[case("curl a b", "a second URL: `http://a` came before `b`")]
    #[case(
        "curl ^\"https://a.test/^\"",
        "this was copied for the command prompt of Windows, whose ^ quoting is not read here"
    )]
    #[case("curl 'a", "this quote is never closed")]
    fn complains(#[case] command: &str, #[case] expected: &str) {
        assert_eq!(parse(command).unwrap_err().what, expected);
    }

    #[rstest]
    #[case("", "")]
    #[case("f", "Zg==")]
    #[case("fo", "Zm8=")]
    #[case("foo", "Zm9v")]
    fn encodes(#[case] text: &str, #[case] encoded: &str) {
        assert_eq!(base64(text.as_bytes()), encoded);
    }

    proptest! {
        #[test]
        fn never_panics(rest in r#"( |-[XHdbuIGFé]|--[a-z=-]{1,8}|['"$\\:;@é\n]|[a-z]{1,3}){0,20}"#) {
            let _ = parse(&format!("curl {rest}")).map(Call::into_question);
        }
    }
}
