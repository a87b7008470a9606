//! One experiment: a request and the answers to it, drawn from what lies on either side of each rule.

use corspec_browser::Purpose;

use super::random::Random;
use crate::case::{
    Beside, Body, BodyKind, BrowserSetup, Case, Credentials, CrossOrigin, Expect, Initiator, KeyPath, Level,
    Mode, Outcome, PageOrigin, Redirect, Request, Scripted, Step, Target,
};

const METHODS: &[&str] = &[
    "GET", "GET", "GET", "POST", "POST", "PUT", "PUT", "HEAD", "DELETE", "PATCH", "patch", "put", "get",
    "OPTIONS", "QUERY", "X",
];
const HEADERS: &[(&str, &[&str])] = &[
    ("X-Token", &["1", ""]),
    ("x-other", &["2"]),
    ("Authorization", &["Bearer x"]),
    ("Accept", &["text/html", "a:b", "a\u{e9}", "a\"b"]),
    ("Accept-Language", &["de", "de_DE", "de;q=0.5", ""]),
    ("Content-Language", &["de", "de_DE"]),
    (
        "Content-Type",
        &[
            "text/plain",
            "application/json",
            "Text/Plain; charset=utf-8",
            "text/plain;",
            "text/plain; a=\"b\"",
            "multipart/form-data",
            "text/plain, text/plain",
            "text/plain;a=b,c",
        ],
    ),
    (
        "Range",
        &[
            "bytes=0-",
            "bytes=-5",
            "Bytes=0-",
            "bytes=+0-",
            "bytes=5-2",
            "bytes=0-99999999999999999999",
            "bytes=0-1,3-4",
        ],
    ),
    ("DPR", &["1"]),
    ("Save-Data", &["on", "off"]),
    ("User-Agent", &["corspec"]),
    ("Cache-Control", &["no-cache"]),
    ("If-None-Match", &["\"1\""]),
    ("X-HTTP-Method-Override", &["TRACE", "PUT", "\"a,TRACE\""]),
    ("Last-Event-ID", &["1"]),
];
const ALLOW_ORIGIN: &[&str] = &[
    "*",
    "*",
    "*",
    "{origin}",
    "{origin}",
    "{origin}",
    "{origin}",
    "null",
    " {origin} ",
    "{origin}/",
    "{origin}, {origin}",
    "{origin},",
    "",
    "* ",
    "*, *",
    "https://other.example",
    "app.example",
    "{origin}:443",
    "HTTPS://APP.EXAMPLE",
    "\u{e9}",
];
const ALLOW_CREDENTIALS: &[&str] =
    &["true", "true", "true", "True", "TRUE", " true ", "true, true", "1", "", "false"];
const ALLOW_METHODS: &[&str] = &[
    "PUT",
    "PUT, DELETE, PATCH",
    "*",
    "put",
    "PUT,,DELETE",
    "PUT DELETE",
    "\"PUT\"",
    "",
    ",",
    "PATCH",
    "GET, HEAD",
    "*, PUT",
    "PUT;q=1",
    "X, QUERY, OPTIONS",
    "patch",
];
const ALLOW_HEADERS: &[&str] = &[
    "x-token",
    "X-Token, X-Other, Authorization, Content-Type",
    "*",
    "*, authorization",
    "x-token x-other",
    "x-token,,x-other",
    "",
    "X-TOKEN\t,x-other",
    "x-token, \u{e9}",
    "accept, range, content-type, x-token",
    "authorization",
    "content-type,accept,accept-language,content-language,range,dpr,save-data,user-agent,cache-control,if-none-match,x-http-method-override,last-event-id,x-token,x-other,authorization",
];
const MAX_AGE: &[&str] = &[
    "600",
    "600",
    "0",
    "-1",
    "abc",
    "",
    "+600",
    "600, 600",
    "1.5",
    "99999999999999999999",
    "\"600\"",
    " 600 ",
];
const EXPOSE: &[&str] =
    &["X-A", "*", "x-a, X-B", "X-A X-B", "*, X-A", "", "X-A,,X-B", "Set-Cookie", "X-A;", "\u{e9}"];
const LOCATIONS: &[&str] = &[
    "https://cdn.example/{id}",
    "https://api.example/{id}",
    "https://app.example/{id}",
    "/{id}",
    "//cdn.example/{id}",
    "https://u:p@cdn.example/{id}",
    "https://u@api.example/{id}",
    "",
    "https://",
    "ftp://cdn.example/",
    "data:,x",
    "https://cdn.example/{id}#f",
    " https://cdn.example/{id} ",
];
const STATUS: &[u16] = &[200, 200, 200, 200, 204, 201, 404, 500, 403, 206, 299, 300, 304, 401];
const PREFLIGHT_STATUS: &[u16] = &[204, 204, 200, 200, 200, 201, 299, 300, 302, 304, 401, 404, 500];

/// The experiment of that number.
pub fn draw(seed: u64, index: u64) -> Case {
    let mut random = Random::new(seed, index);
    let id = format!("fuzz-{seed}-{index}");
    let origin = if random.percent(5) { "null" } else { "https://app.example" };
    let count = if random.percent(15) { 2 + random.below(2) } else { 1 };
    let mut first: Option<Request> = None;
    let mut steps = Vec::new();
    for step in 0..count {
        let request = match &first {
            // What is remembered shows where the next request is much like the one before.
            Some(first) if random.percent(60) => first.clone(),
            Some(first) => Request { target: first.target.clone(), ..request(&mut random, origin) },
            None => request(&mut random, origin),
        };
        first.get_or_insert_with(|| request.clone());
        let mut responses = responses(&mut random, origin, &format!("{id}-{step}"));
        for answer in responses.iter_mut().filter(|answer| answer.purpose == Purpose::Actual) {
            // An HTTP cache keeps these without being told to, or takes them for news of what it has kept.
            if count > 1 {
                answer.status = match answer.status {
                    300 | 304 => 200,
                    301 | 308 => 307,
                    status => status,
                };
            }
            // An element tells of an error status, and of a redirect that is none, as it tells of a failed check.
            let leads_on = matches!(answer.status, 301..=303 | 307 | 308)
                && answer.header_lines.iter().all(|line| line != b"Location: ");
            if !request.initiator.is_scripted() && !leads_on {
                answer.status = 200;
            }
        }
        steps.push(Step {
            at: 0,
            visitor: String::new(),
            request,
            responses,
            expect: Expect::outcome(Outcome::Allow),
            profiles: Default::default(),
        });
    }
    Case {
        id,
        why: "drawn by lot".to_owned(),
        spec: None,
        level: Level::Must,
        browser: BrowserSetup::default(),
        shared_cache: None,
        beside: Beside::default(),
        steps,
        location: KeyPath::default(),
    }
}

fn request(random: &mut Random, origin: &str) -> Request {
    let url =
        if random.percent(10) { "https://app.example/resource" } else { "https://api.example/resource" };
    let mut request = Request::new(PageOrigin::Serialized(origin.to_owned()), Target::Url(url.to_owned()));
    request.initiator = match random.below(100) {
        0..78 => Initiator::Fetch,
        78..87 => Initiator::Xhr,
        87..91 => Initiator::XhrUploadListener,
        _ => random.pick(&[Initiator::Image, Initiator::Script, Initiator::ModuleScript]),
    };
    if !request.initiator.is_scripted() {
        request.crossorigin =
            random.pick(&[CrossOrigin::Absent, CrossOrigin::Anonymous, CrossOrigin::UseCredentials]);
        return request;
    }
    request.method = random.pick(METHODS).to_owned();
    for _ in 0..random.pick(&[0, 0, 0, 1, 1, 1, 2, 3]) {
        let (name, values) = random.pick(HEADERS);
        request.headers.push((name.as_bytes().to_vec(), bytes(random.pick(values))));
    }
    let fetch = request.initiator == Initiator::Fetch;
    if random.percent(35) {
        request.credentials = Credentials::Include;
    } else if fetch && random.percent(15) {
        request.credentials = Credentials::Omit;
    }
    if fetch {
        if random.percent(14) {
            request.mode = random.pick(&[Mode::NoCors, Mode::NoCors, Mode::SameOrigin]);
        }
        if random.percent(10) {
            request.redirect = random.pick(&[Redirect::Error, Redirect::Manual]);
        }
    }
    if !matches!(&*request.method.to_ascii_uppercase(), "GET" | "HEAD") && random.percent(50) {
        let kind = random.pick(&[BodyKind::Text, BodyKind::Urlencoded, BodyKind::Bytes, BodyKind::Formdata]);
        request.body = Some(Body { kind, content_type: None, size: None });
    }
    request
}

fn responses(random: &mut Random, origin: &str, id: &str) -> Vec<Scripted> {
    let hops = if random.percent(18) { 1 + random.below(3) } else { 0 };
    let mut responses = Vec::new();
    for hop in 0..=hops {
        let mut lines = common(random, origin);
        for (name, chance, values) in [
            ("Access-Control-Allow-Methods", 80, ALLOW_METHODS),
            ("Access-Control-Allow-Headers", 80, ALLOW_HEADERS),
            ("Access-Control-Max-Age", 45, MAX_AGE),
        ] {
            if random.percent(chance) {
                lines.push(line(name, random.pick(values)));
            }
            if random.percent(2) {
                lines.push(line(name, random.pick(values)));
            }
        }
        responses.push(answer(Purpose::Preflight, random.pick(PREFLIGHT_STATUS), lines));
        let mut lines = common(random, origin);
        if hop < hops {
            let location = random.pick(LOCATIONS).replace("{id}", &format!("{id}-{hop}"));
            lines.push(line("Location", &location));
            if random.percent(3) {
                lines.push(line("Location", &location));
            }
            responses.push(answer(Purpose::Actual, random.pick(&[301, 302, 303, 307, 308]), lines));
        } else {
            if random.percent(35) {
                lines.push(line("Access-Control-Expose-Headers", random.pick(EXPOSE)));
            }
            lines.push(line("X-A", "a"));
            lines.push(line("X-B", "b"));
            responses.push(answer(Purpose::Actual, random.pick(STATUS), lines));
        }
    }
    responses
}

/// What both kinds of answers have.
fn common(random: &mut Random, origin: &str) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    // Most answers are near to what lets in, or no rule behind this one would be reached.
    let exact = random.percent(55);
    let value = if exact { "{origin}" } else { random.pick(ALLOW_ORIGIN) };
    if random.percent(95) {
        lines.push(line("Access-Control-Allow-Origin", &value.replace("{origin}", origin)));
    }
    if random.percent(3) {
        lines.push(line(
            "access-control-allow-origin",
            &random.pick(ALLOW_ORIGIN).replace("{origin}", origin),
        ));
    }
    if random.percent(60) {
        let value = if exact { "true" } else { random.pick(ALLOW_CREDENTIALS) };
        lines.push(line("Access-Control-Allow-Credentials", value));
    }
    lines
}

fn answer(purpose: Purpose, status: u16, header_lines: Vec<Vec<u8>>) -> Scripted {
    Scripted { purpose, status, header_lines, body: Vec::new(), close: false }
}

fn line(name: &str, value: &str) -> Vec<u8> {
    bytes(&format!("{name}: {value}"))
}

/// The bytes that code points stand for.
fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_seed_draws_the_same_again(seed: u64, index: u64) {
            prop_assert_eq!(draw(seed, index), draw(seed, index));
        }
    }

    #[test]
    fn experiments_differ() {
        let mut drawn: Vec<String> = (0..200).map(|index| format!("{:?}", draw(1, index).steps)).collect();
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), 200);
    }
}
