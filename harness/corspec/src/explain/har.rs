//! A HAR file, as developer tools save it: the request that was blocked, its preflight, and its redirects.
//!
//! A browser writes status 0 and `_error` for what it blocked, whether or not a response came. What script set is not
//! told apart from what the browser added; the preflight's `Access-Control-Request-Headers` tells.

use corspec_browser::{
    Body, BodyKind, Bytes, CredentialsMode, Header, HeaderList, HttpResponse, Initiator, Mode, Origin,
    Profile, Purpose,
};
use serde::Deserialize;
use serde::de::{self, Deserializer};
use url::Url;

use super::headers::authors;
use super::mistake::{Mistake, quoted};
use super::question::{Call, origin_of_headers};
use super::transcript::{Answer, play};
use crate::report::printable::abridged;

/// Which of a file's requests is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The number of its entry, from 1.
    pub entry: Option<usize>,
    /// A part of its URL.
    pub url_contains: Option<String>,
}

/// Reads a HAR file and takes the request that is meant: the first one that a browser blocks, unless `choice` says which.
///
/// # Errors
/// Where it is no HAR file, or has no such request.
pub fn parse(text: &[u8], choice: &Choice) -> Result<Call, Mistake> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let file: File = serde_json::from_slice(text).map_err(|error| {
        let way_out = "save it in the developer tools' Network panel: \"Export HAR\" or \"Save all as HAR\"";
        let what = if error.is_data() {
            "this is JSON and no HAR file"
        } else {
            "this is no HAR file: it is not JSON"
        };
        Mistake::new(format!("{what}: {}", abridged(&error.to_string(), 200)), way_out)
    })?;
    let entries = &file.log.entries;
    if entries.is_empty() {
        return Err(Mistake::new(
            "the HAR file has no entry",
            "open the Network panel first, reload the page, and save when the request has failed",
        ));
    }
    let found = find(&file.log, choice)?;
    let mut call = call_of(&file.log, found.index, found.origin);
    if found.others > 0 {
        call.notes.push(format!(
            "This is entry {} of the file; {} of its {} cross-origin requests failed. --entry N or --url-contains TEXT takes another.",
            found.index + 1,
            found.failed,
            found.others + 1
        ));
    }
    Ok(call)
}

struct Found {
    index: usize,
    origin: String,
    /// How many other cross-origin requests there are.
    others: usize,
    failed: usize,
}

fn find(log: &Log, choice: &Choice) -> Result<Found, Mistake> {
    let count = log.entries.len();
    if let Some(number) = choice.entry {
        let Some(index) = number.checked_sub(1).filter(|&index| index < count) else {
            return Err(Mistake::new(
                format!("there is no entry {number}: the file has {count}"),
                format!("--entry takes a number from 1 to {count}"),
            ));
        };
        // Whoever names a preflight means what it asked for.
        let index =
            if log.entries[index].is_preflight() { actual_of(log, index).unwrap_or(index) } else { index };
        let origin = origin(log, index).unwrap_or_default();
        if origin.is_empty() {
            return Err(Mistake::new(
                format!(
                    "entry {number} does not tell whose page it belongs to: it has neither Origin nor Referer"
                ),
                "give the page's origin with --origin and the request with --url, or take another entry",
            ));
        }
        return Ok(Found { index, origin, others: 0, failed: 0 });
    }
    let named =
        |entry: &Entry| choice.url_contains.as_ref().is_none_or(|part| entry.request.url.contains(&**part));
    if let Some(part) = &choice.url_contains
        && !log.entries.iter().any(named)
    {
        return Err(Mistake::new(
            format!("none of the {count} URLs in the file contains {}", quoted(part)),
            format!("the first is {}", quoted(&log.entries[0].request.url)),
        ));
    }
    let mut candidates = Vec::new();
    for (index, entry) in log.entries.iter().enumerate() {
        if entry.is_preflight() || !named(entry) {
            continue;
        }
        if let Some(origin) = origin(log, index).filter(|origin| is_cross_origin(origin, &entry.request.url))
        {
            let blocked = is_blocked(log, index, &origin);
            candidates.push((index, origin, blocked, blocked || entry.failed()));
        }
    }
    let others = candidates.len().saturating_sub(1);
    let failed = candidates.iter().filter(|(.., failed)| *failed).count();
    let best = candidates
        .iter()
        .position(|(_, _, blocked, _)| *blocked)
        .or_else(|| candidates.iter().position(|(.., failed)| *failed));
    if candidates.is_empty() {
        let what = match &choice.url_contains {
            Some(part) => format!("no request to a URL with {} goes to another origin", quoted(part)),
            None => format!("there is no cross-origin request among the {count} entries of the file"),
        };
        return Err(Mistake::new(
            what,
            "CORS is for requests to another origin; record the page that fails, with \"Preserve log\" on",
        ));
    }
    let (index, origin, ..) = candidates.swap_remove(best.unwrap_or(0));
    Ok(Found { index, origin, others, failed })
}

/// Whether the model blocks it, by what the file has of its responses.
fn is_blocked(log: &Log, index: usize, origin: &str) -> bool {
    let Ok(question) = call_of(log, index, origin.to_owned()).into_question() else { return false };
    let played = play(&question.page, question.init, Profile::default(), &question.answers);
    played.pending.is_none() && played.outcome.reason().is_some()
}

fn call_of(log: &Log, index: usize, origin: String) -> Call {
    let entry = &log.entries[index];
    let preflight = preflight_of(log, index);
    let headers = list(&entry.request.headers);
    let asked: Option<Vec<String>> = preflight.map(|preflight| {
        let asked = list(&log.entries[preflight].request.headers);
        let names = asked.get(b"Access-Control-Request-Headers").unwrap_or_default();
        String::from_utf8_lossy(&names).split(',').map(|name| name.trim().to_owned()).collect()
    });
    let (mut own, note) = authors(&headers, asked.as_deref());
    // A request that was never sent can be written down without the headers that it would have had.
    for name in asked.iter().flatten().filter(|name| !name.is_empty()) {
        if !own.iter().any(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes())) {
            let value: &[u8] =
                if name.eq_ignore_ascii_case("content-type") { b"application/json" } else { b"x" };
            own.push((name.as_bytes().to_vec(), value.to_vec()));
        }
    }
    let mut notes: Vec<String> = note.into_iter().collect();
    let cookies = !entry.request.cookies.is_empty() || headers.contains("Cookie");
    let refused = !cookies && preflight.is_none() && entry.is_refused_although_anybody_may();
    if refused {
        notes.push(
            "The browser kept back an answer with Access-Control-Allow-Origin: *, which it does for a request \
             with credentials alone, so it is taken for one."
                .to_owned(),
        );
    } else if !cookies {
        notes.push(
            "The file shows no cookie on the request, so it is taken for one without credentials; \
             --credentials says that it had them."
                .to_owned(),
        );
    }
    let method = entry.request.method.clone();
    let sends = !matches!(&*method, "GET" | "HEAD");
    let mode = match headers.get(b"Sec-Fetch-Mode").as_deref() {
        Some(b"no-cors") => Some(Mode::NoCors),
        _ => None,
    };
    let body = entry.request.post_data.as_ref().filter(|_| sends).map(|data| Body {
        kind: BodyKind::Bytes,
        content_type: None,
        bytes: Bytes::Owned(data.text.clone().unwrap_or_default().into_bytes()),
    });
    let answers = answers(log, index, preflight, &mut notes);
    Call {
        origin: Some(origin),
        url: Some(entry.request.url.clone()),
        method: Some(method),
        headers: own,
        credentials: (cookies || refused).then_some(CredentialsMode::Include),
        mode,
        body,
        initiator: entry.is_xhr().then_some(Initiator::Xhr),
        answers,
        notes,
        ..Call::default()
    }
}

/// What the server answered, hop by hop.
fn answers(log: &Log, index: usize, preflight: Option<usize>, notes: &mut Vec<String>) -> Vec<Answer> {
    let mut answers = Vec::new();
    let (mut hop, mut preflight) = (index, preflight);
    // A browser follows no more, and a file can lead in a circle.
    for _ in 0..=20 {
        if let Some(preflight) = preflight {
            let Some(response) = log.entries[preflight].response() else { break };
            answers.push(Answer { purpose: Purpose::Preflight, response: Some(response) });
        }
        let entry = &log.entries[hop];
        let Some(response) = entry.response() else {
            let error = entry.error().map(|error| format!(" ({})", abridged(error, 80))).unwrap_or_default();
            notes.push(format!(
                "The file has no answer to {} {}{error}: browsers leave out what they blocked and what never came.",
                abridged(&entry.request.method, 40),
                abridged(&entry.request.url, 200)
            ));
            break;
        };
        let redirect = matches!(response.status, 301 | 302 | 303 | 307 | 308);
        let location =
            response.headers.get(b"Location").map(|value| String::from_utf8_lossy(&value).into_owned());
        let target = Url::parse(&entry.request.url).ok().and_then(|base| base.join(&location?).ok());
        answers.push(Answer { purpose: Purpose::Actual, response: Some(response) });
        let Some(target) = target.filter(|_| redirect) else { break };
        let is_next = |&next: &usize| {
            let entry = &log.entries[next];
            !entry.is_preflight()
                && Url::parse(&entry.request.url).is_ok_and(|url| same_but_fragment(url, &target))
        };
        let Some(next) = (hop + 1..log.entries.len()).find(is_next) else { break };
        hop = next;
        preflight = preflight_of(log, next);
    }
    answers
}

fn same_but_fragment(mut one: Url, other: &Url) -> bool {
    let mut other = other.clone();
    one.set_fragment(None);
    other.set_fragment(None);
    one == other
}

/// The preflight that asked for a request: the nearest entry that has its URL and its method, on either side.
fn preflight_of(log: &Log, index: usize) -> Option<usize> {
    nearest(log, index, |entry| {
        entry.asks_for(&log.entries[index].request.method)
            && entry.request.url == log.entries[index].request.url
    })
}

/// The request that a preflight asked for.
fn actual_of(log: &Log, index: usize) -> Option<usize> {
    let preflight = &log.entries[index];
    nearest(log, index, |entry| {
        !entry.is_preflight()
            && preflight.asks_for(&entry.request.method)
            && entry.request.url == preflight.request.url
    })
}

fn nearest(log: &Log, index: usize, fits: impl Fn(&Entry) -> bool) -> Option<usize> {
    let candidates = log.entries.iter().enumerate().filter(|(_, entry)| fits(entry));
    candidates.map(|(candidate, _)| candidate).min_by_key(|candidate| candidate.abs_diff(index))
}

/// Whose page made a request: its `Origin`, its preflight's, its `Referer`, or the page that the file names.
fn origin(log: &Log, index: usize) -> Option<String> {
    let entry = &log.entries[index];
    let named = origin_of_headers(&list(&entry.request.headers));
    let preflights = || origin_of_headers(&list(&log.entries[preflight_of(log, index)?].request.headers));
    let page = || {
        let of_entry = log.pages.iter().find(|page| Some(&page.id) == entry.pageref.as_ref());
        let title = &of_entry.or(log.pages.first())?.title;
        title.contains("://").then(|| title.clone())
    };
    named.or_else(preflights).or_else(page)
}

fn is_cross_origin(origin: &str, url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let page = Origin::parse(origin).or_else(|| Url::parse(origin).ok().map(|page| Origin::of(&page)));
    matches!(url.scheme(), "http" | "https") && page.is_some_and(|page| !page.is_same_origin_with(&url))
}

fn list(headers: &[Pair]) -> HeaderList {
    headers
        .iter()
        // Lines of one name can be joined by a line end.
        .flat_map(|pair| pair.value.split('\n').map(|value| (&pair.name, value.trim())))
        .filter(|(name, _)| !name.is_empty() && !name.starts_with(':'))
        .map(|(name, value)| Header::new(name.as_bytes().to_vec(), value.as_bytes().to_vec()))
        .collect()
}

#[derive(Deserialize)]
struct File {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    #[serde(default)]
    pages: Vec<PageEntry>,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct PageEntry {
    #[serde(default)]
    id: String,
    /// In Chrome the page's URL, elsewhere its title.
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
struct Entry {
    request: Request,
    #[serde(default)]
    response: Response,
    pageref: Option<String>,
    #[serde(rename = "_resourceType")]
    resource_type: Option<String>,
    #[serde(default, rename = "_initiator")]
    initiator: Cause,
}

impl Entry {
    fn is_preflight(&self) -> bool {
        let says_so = self.initiator.kind.as_deref() == Some("preflight");
        self.request.method == "OPTIONS" && (says_so || self.asked_method().is_some())
    }

    fn asks_for(&self, method: &str) -> bool {
        self.is_preflight() && self.asked_method().is_none_or(|asked| asked == method)
    }

    fn asked_method(&self) -> Option<&str> {
        let named = |pair: &&Pair| pair.name.eq_ignore_ascii_case("access-control-request-method");
        self.request.headers.iter().find(named).map(|pair| pair.value.trim())
    }

    fn is_xhr(&self) -> bool {
        self.resource_type.as_deref() == Some("xhr")
    }

    fn error(&self) -> Option<&str> {
        self.response.error.as_deref().filter(|error| !error.is_empty())
    }

    /// Whether it failed although its answer permits every page that sends no credentials.
    fn is_refused_although_anybody_may(&self) -> bool {
        let permitted =
            list(&self.response.headers).get(b"Access-Control-Allow-Origin").as_deref() == Some(b"*");
        let is_redirect = matches!(self.response.status, 301..=303 | 307 | 308);
        self.failed() && self.response.status != 0 && permitted && !is_redirect
    }

    fn failed(&self) -> bool {
        self.response.status == 0 || self.error().is_some()
    }

    fn response(&self) -> Option<HttpResponse> {
        let headers = list(&self.response.headers);
        match self.response.status {
            // Some versions keep the headers of what they blocked, and not its status.
            0 if headers.is_empty() => None,
            0 => Some(HttpResponse { status: 200, headers, body: Vec::new() }),
            status => Some(HttpResponse { status, headers, body: Vec::new() }),
        }
    }
}

#[derive(Default, Deserialize)]
struct Cause {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Pair>,
    #[serde(default)]
    cookies: Vec<de::IgnoredAny>,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct PostData {
    text: Option<String>,
}

#[derive(Default, Deserialize)]
struct Response {
    #[serde(default, deserialize_with = "status")]
    status: u16,
    #[serde(default)]
    headers: Vec<Pair>,
    #[serde(rename = "_error")]
    error: Option<String>,
}

#[derive(Deserialize)]
struct Pair {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: String,
}

/// Some tools write -1, and some null, where no response came.
fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let status = Option::<i64>::deserialize(deserializer)?;
    Ok(status.and_then(|status| u16::try_from(status).ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn headers(lines: &[(&str, &str)]) -> Value {
        lines.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
    }

    fn entry(
        method: &str,
        url: &str,
        asked: &[(&str, &str)],
        status: i64,
        answered: &[(&str, &str)],
    ) -> Value {
        json!({
            "_initiator": {"type": "script"},
            "_resourceType": "fetch",
            "request": {"method": method, "url": url, "headers": headers(asked), "cookies": []},
            "response": {"status": status, "headers": headers(answered)},
        })
    }

    fn file(entries: Vec<Value>) -> Vec<u8> {
        let pages = json!([{"id": "page_1", "title": "https://app.example/list"}]);
        json!({"log": {"version": "1.2", "pages": pages, "entries": entries}}).to_string().into_bytes()
    }

    fn preflighted() -> Vec<Value> {
        let asked = [
            ("origin", "https://app.example"),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "content-type,x-token"),
        ];
        let actual = [
            ("content-type", "application/json"),
            ("x-token", "1"),
            ("user-agent", "Mozilla/5.0"),
            ("cache-control", "no-cache"),
        ];
        vec![
            entry("GET", "https://app.example/list", &[], 200, &[]),
            entry("GET", "https://api.example/fine", &[], 200, &[("access-control-allow-origin", "*")]),
            entry("PUT", "https://api.example/x", &actual, 0, &[]),
            entry("OPTIONS", "https://api.example/x", &asked, 204, &[("access-control-allow-origin", "*")]),
        ]
    }

    fn summary(call: &Call) -> String {
        let answers: Vec<_> = call
            .answers
            .iter()
            .map(|answer| (answer.purpose, answer.response.as_ref().map(|response| response.status)))
            .collect();
        let names: Vec<_> = call.headers.iter().map(|(name, _)| String::from_utf8_lossy(name)).collect();
        format!(
            "{} {} {names:?} from {} answers {answers:?}",
            call.method.as_deref().unwrap_or_default(),
            call.url.as_deref().unwrap_or_default(),
            call.origin.as_deref().unwrap_or_default()
        )
    }

    const BLOCKED: &str = r#"PUT https://api.example/x ["content-type", "x-token"] from https://app.example answers [(Preflight, Some(204))]"#;
    const FINE: &str =
        r#"GET https://api.example/fine [] from https://app.example/list answers [(Actual, Some(200))]"#;

    #[rstest]
    #[case::the_blocked_one(Choice::default(), BLOCKED)]
    #[case::by_number(Choice { entry: Some(2), ..Choice::default() }, FINE)]
    #[case::by_the_number_of_its_preflight(Choice { entry: Some(4), ..Choice::default() }, BLOCKED)]
    #[case::by_url(Choice { url_contains: Some("fine".to_owned()), ..Choice::default() }, FINE)]
    fn finds(#[case] choice: Choice, #[case] expected: &str) {
        assert_eq!(summary(&parse(&file(preflighted()), &choice).unwrap()), expected);
    }

    #[test]
    fn follows_redirects() {
        let origin = [("origin", "https://app.example")];
        let allow = ("access-control-allow-origin", "*");
        let entries = vec![
            entry("GET", "https://api.example/a", &origin, 302, &[allow, ("location", "/b#x")]),
            entry("GET", "https://api.example/b", &origin, 200, &[]),
        ];
        let call = parse(&file(entries), &Choice::default()).unwrap();
        insta::assert_snapshot!(summary(&call), @"GET https://api.example/a [] from https://app.example answers [(Actual, Some(302)), (Actual, Some(200))]");
    }

    #[rstest]
    #[case::not_json(b"nonsense".to_vec(), Choice::default(), "this is no HAR file: it is not JSON: expected ident at line 1 column 2")]
    #[case::no_har(b"{}".to_vec(), Choice::default(), "this is JSON and no HAR file: missing field `log` at line 1 column 2")]
    #[case::empty(file(Vec::new()), Choice::default(), "the HAR file has no entry")]
    #[case::out_of_range(file(preflighted()), Choice { entry: Some(5), ..Choice::default() }, "there is no entry 5: the file has 4")]
    #[case::zero(file(preflighted()), Choice { entry: Some(0), ..Choice::default() }, "there is no entry 0: the file has 4")]
    #[case::no_such_url(file(preflighted()), Choice { url_contains: Some("zzz".to_owned()), ..Choice::default() }, "none of the 4 URLs in the file contains `zzz`")]
    #[case::no_cors(file(preflighted()[..1].to_vec()), Choice::default(), "there is no cross-origin request among the 1 entries of the file")]
    fn complains(#[case] text: Vec<u8>, #[case] choice: Choice, #[case] expected: &str) {
        assert_eq!(parse(&text, &choice).unwrap_err().what, expected);
    }

    fn any_entry() -> impl Strategy<Value = Value> {
        let urls = prop::sample::select(vec!["https://a.test/", "https://b.test/x", "no url", ""]);
        let names = prop::sample::select(vec![
            "origin",
            "location",
            "access-control-request-method",
            "access-control-request-headers",
            "access-control-allow-origin",
            ":path",
            "",
        ]);
        let line = (names, "[ -~é\n]{0,12}");
        let lines = prop::collection::vec(line, 0..4);
        let methods = prop::sample::select(vec!["GET", "OPTIONS", "PUT", "", "é"]);
        let statuses = prop::sample::select(vec![-1_i64, 0, 200, 204, 302, 307, 70_000]);
        (methods, urls, lines.clone(), statuses, lines).prop_map(|(method, url, asked, status, answered)| {
            let pairs = |lines: Vec<(&'static str, String)>| -> Value {
                lines.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
            };
            json!({
                "request": {"method": method, "url": url, "headers": pairs(asked)},
                "response": {"status": status, "headers": pairs(answered)},
            })
        })
    }

    proptest! {
        #[test]
        fn never_panics(entries in prop::collection::vec(any_entry(), 0..6), entry in prop::option::of(0_usize..8)) {
            let choice = Choice { entry, url_contains: None };
            let _ = parse(&file(entries), &choice).map(Call::into_question);
        }

        #[test]
        fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&bytes, &Choice::default());
        }
    }
}
