//! What the server would have to send so that it works: the answers are mended one fault at a time until the model lets
//! the page in, and then reduced to what that hangs on.

use corspec_browser::{
    Bytes, CredentialsMode, HeaderList, HttpRequest, HttpResponse, Origin, Outcome, Profile, Purpose, Reason,
    Stage, syntax,
};
use serde::Serialize;

use super::codes;
use super::question::Question;
use super::transcript::{Answer, Played, play};
use crate::record::{purpose, text};

/// What would have to change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// The answers that the browser needs, in the order of its requests; empty where headers cannot help.
    pub responses: Vec<Response>,
    /// What to do in place of sending other headers, or besides.
    pub advice: Vec<String>,
    /// Why sending these headers to anyone who asks would be unsafe.
    pub warnings: Vec<String>,
}

/// An answer that the browser needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Response {
    /// `preflight` or `actual`
    #[serde(rename = "for")]
    pub purpose: &'static str,
    /// The method of the request.
    pub method: String,
    /// Its URL.
    pub url: String,
    /// Whether it is known what the server answers now.
    pub known: bool,
    /// The status that it needs.
    pub status: u16,
    /// The status that it has, where that will not do.
    pub status_now: Option<u16>,
    /// The headers that it needs, and no others.
    pub headers: Vec<Setting>,
}

/// A header that an answer needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value; nothing where it must not be there.
    pub value: Option<String>,
    /// What has to be done.
    pub change: Change,
    /// The value that it has now, lines joined.
    pub now: Option<String>,
}

/// What has to be done to a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Nothing: it is right.
    Keep,
    /// It is missing.
    Add,
    /// It is there with another value.
    Replace,
    /// It does harm.
    Remove,
}

/// The remedy for a fetch that got as far as `played`.
pub(super) fn remedy(question: &Question, profile: Profile, played: &Played) -> Remedy {
    let before: Vec<Answer> = played.used.iter().chain(&played.rest).cloned().collect();
    let mut remedy = Remedy::default();
    let mended = match mend(question, profile, before.clone(), &mut remedy) {
        Some(mended) => mended,
        None => return remedy,
    };
    let last = play(&question.page, question.init.clone(), profile, &mended.answers);
    for (index, exchange) in last.outcome.exchanges.iter().enumerate() {
        let Some(after) = mended.answers.get(index).and_then(|answer| answer.response.as_ref()) else {
            break;
        };
        let origin = mended.origins.get(index).copied().flatten().and_then(|index| before.get(index));
        let known = origin.and_then(|answer| answer.response.as_ref());
        let needed = needed(question, profile, &mended.answers, index);
        let response = describe(&exchange.request, known, after, &needed);
        if exchange.request.purpose == Purpose::Preflight
            || !response.headers.is_empty()
            || response.status_now.is_some()
        {
            remedy.responses.push(response);
        }
    }
    caution(question, &last.outcome, &mut remedy);
    remedy
}

struct Mended {
    answers: Vec<Answer>,
    /// For each answer the place that it had before, unless it is made up.
    origins: Vec<Option<usize>>,
}

/// Mends fault by fault. Nothing where a fault is none of the headers'.
fn mend(
    question: &Question,
    profile: Profile,
    mut answers: Vec<Answer>,
    remedy: &mut Remedy,
) -> Option<Mended> {
    let mut origins: Vec<Option<usize>> = (0..answers.len()).map(Some).collect();
    for _ in 0..MAX_FAULTS {
        let played = play(&question.page, question.init.clone(), profile, &answers);
        if let Some(request) = &played.pending {
            let at = played.used.len();
            answers.insert(at, Answer::empty(request.purpose));
            origins.insert(at, None);
            continue;
        }
        let (Some(reason), Some(stage)) = (played.outcome.reason(), played.outcome.stage()) else {
            return Some(Mended { answers, origins });
        };
        let advice = codes::advice(reason);
        let last = played.used.len().checked_sub(1);
        let (Some(index), true) = (last, stage != Stage::Request) else {
            remedy.advice.push(advice.to_owned());
            return None;
        };
        let request = played.outcome.exchanges[index].request.clone();
        // Where the server lets any page in already, an answer that is not known may as well.
        let wildcard = origins[index].is_none()
            && answers[..index]
                .iter()
                .filter_map(|answer| answer.response.as_ref())
                .any(|response| response.headers.get(ALLOW_ORIGIN.as_bytes()).as_deref() == Some(b"*"));
        let mended = answers[index]
            .response
            .as_mut()
            .is_some_and(|response| mend_one(question, &request, response, (reason, wildcard), remedy));
        if !mended {
            remedy.advice.push(advice.to_owned());
            return None;
        }
    }
    remedy.advice.push("There is more wrong with these answers than can be told at once.".to_owned());
    None
}

/// More than a fetch of twenty redirects with preflights can have.
const MAX_FAULTS: usize = 400;

/// Mends the one fault that the browser named; `false` where no header does. `wildcard`: * will do here.
fn mend_one(
    question: &Question,
    request: &HttpRequest,
    response: &mut HttpResponse,
    (reason, wildcard): (Reason, bool),
    remedy: &mut Remedy,
) -> bool {
    let credentials = question.init.credentials == CredentialsMode::Include;
    let headers = &mut response.headers;
    match reason {
        Reason::AllowOriginMissing
        | Reason::AllowOriginMultiple
        | Reason::AllowOriginWildcardWithCredentials
        | Reason::AllowOriginInvalid
        | Reason::AllowOriginMismatch => {
            let origin = text(&request.headers.get(b"Origin").unwrap_or_default());
            if (origin == "null" || wildcard) && !credentials {
                // Every sandboxed frame says null: * lets in hardly more pages, and does not pretend to keep any out.
                set(headers, ALLOW_ORIGIN, "*");
                return true;
            }
            set(headers, ALLOW_ORIGIN, &origin);
            let vary = text(&headers.get(b"Vary").unwrap_or_default());
            let varies =
                vary.split(',').any(|name| matches!(&*name.trim().to_ascii_lowercase(), "origin" | "*"));
            if !varies {
                set(
                    headers,
                    VARY,
                    &if vary.is_empty() { "Origin".to_owned() } else { format!("{vary}, Origin") },
                );
            }
            true
        }
        Reason::AllowCredentialsNotTrue => {
            set(headers, ALLOW_CREDENTIALS, "true");
            true
        }
        Reason::PreflightRedirect | Reason::PreflightStatus => {
            if matches!(response.status, 401 | 403) {
                remedy.advice.push(
                    "Answer OPTIONS before anything asks for a login: a preflight never has cookies or Authorization."
                        .to_owned(),
                );
            }
            headers.delete("Location");
            response.status = 204;
            true
        }
        Reason::AllowMethodsInvalid => {
            set(headers, ALLOW_METHODS, &asked(request, "Access-Control-Request-Method"));
            true
        }
        Reason::MethodNotAllowed => {
            let method = asked(request, "Access-Control-Request-Method");
            let listed = listed(headers, ALLOW_METHODS);
            if listed.iter().any(|known| known.eq_ignore_ascii_case(&method)) {
                remedy.advice.push(format!(
                    "Methods are compared letter for letter, and browsers do not correct {method}: \
                     better have the page write {}.",
                    method.to_ascii_uppercase()
                ));
            }
            extend(headers, ALLOW_METHODS, listed, [method]);
            true
        }
        Reason::AllowHeadersInvalid => {
            set(headers, ALLOW_HEADERS, &asked(request, "Access-Control-Request-Headers").replace(',', ", "));
            true
        }
        Reason::HeaderNotAllowed | Reason::WildcardExcludesAuthorization => {
            let listed = listed(headers, ALLOW_HEADERS);
            let names = asked(request, "Access-Control-Request-Headers");
            let has = |name: &str| listed.iter().any(|known| known.eq_ignore_ascii_case(name));
            let missing: Vec<String> =
                names.split(',').filter(|name| !has(name)).map(str::to_owned).collect();
            extend(headers, ALLOW_HEADERS, listed, missing);
            true
        }
        Reason::CrossOriginResourcePolicy => {
            set(headers, "Cross-Origin-Resource-Policy", "cross-origin");
            true
        }
        _ => false,
    }
}

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";
const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers";
const VARY: &str = "Vary";

/// Every header that mending touches, in the order in which they are told.
const TOUCHED: [&str; 7] = [
    ALLOW_ORIGIN,
    ALLOW_CREDENTIALS,
    ALLOW_METHODS,
    ALLOW_HEADERS,
    "Cross-Origin-Resource-Policy",
    VARY,
    "Location",
];

fn set(headers: &mut HeaderList, name: &'static str, value: &str) {
    headers.delete(name);
    headers.append(name.as_bytes(), latin1(value));
}

fn extend(
    headers: &mut HeaderList,
    name: &'static str,
    listed: Vec<String>,
    missing: impl IntoIterator<Item = String>,
) {
    let list: Vec<String> = listed.into_iter().chain(missing).collect();
    set(headers, name, &list.join(", "));
}

/// What a list has already; * is no help where something is missing in spite of it.
fn listed(headers: &HeaderList, name: &str) -> Vec<String> {
    let value = headers.get(name.as_bytes()).unwrap_or_default();
    let tokens = syntax::tokens(&value).unwrap_or_default();
    tokens.into_iter().filter(|token| *token != b"*").map(text).collect()
}

fn asked(request: &HttpRequest, name: &str) -> String {
    text(&request.headers.get(name.as_bytes()).unwrap_or_default())
}

fn latin1(value: &str) -> Bytes {
    value.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect::<Vec<u8>>().into()
}

/// The headers of an answer without which the page is kept out.
fn needed(question: &Question, profile: Profile, answers: &[Answer], index: usize) -> Vec<&'static str> {
    let is_needed = |name: &&str| {
        let mut answers = answers.to_vec();
        let Some(response) = answers[index].response.as_mut() else { return false };
        if !response.headers.contains(*name) {
            return false;
        }
        response.headers.delete(*name);
        let played = play(&question.page, question.init.clone(), profile, &answers);
        played.pending.is_none() && played.outcome.reason().is_some()
    };
    TOUCHED[..4].iter().copied().filter(|name| is_needed(name)).collect()
}

fn describe(
    request: &HttpRequest,
    before: Option<&HttpResponse>,
    after: &HttpResponse,
    needed: &[&'static str],
) -> Response {
    let value =
        |response: &HttpResponse, name: &str| response.headers.get(name.as_bytes()).map(|value| text(&value));
    let headers = TOUCHED.iter().filter_map(|&name| {
        let now = before.and_then(|response| value(response, name));
        let then = value(after, name);
        let change = match (&now, &then) {
            (Some(now), Some(then)) if now == then => Change::Keep,
            (Some(_), Some(_)) => Change::Replace,
            (None, Some(_)) => Change::Add,
            (Some(_), None) => Change::Remove,
            (None, None) => return None,
        };
        (change != Change::Keep || needed.contains(&name)).then(|| Setting {
            name: name.to_owned(),
            value: then,
            change,
            now: now.filter(|_| change != Change::Keep),
        })
    });
    Response {
        purpose: purpose(request.purpose),
        method: text(&request.method),
        url: request.url.to_string(),
        known: before.is_some(),
        status: after.status,
        status_now: before.map(|response| response.status).filter(|&status| status != after.status),
        headers: headers.collect(),
    }
}

/// What the headers would do if they were sent to anyone.
fn caution(question: &Question, outcome: &Outcome, remedy: &mut Remedy) {
    let credentials = question.init.credentials == CredentialsMode::Include;
    let changed: Vec<&str> = remedy
        .responses
        .iter()
        .flat_map(|response| &response.headers)
        .filter(|setting| setting.name == ALLOW_ORIGIN && setting.change != Change::Keep)
        .filter_map(|setting| setting.value.as_deref())
        .collect();
    let changed: Vec<String> = changed.into_iter().map(str::to_owned).collect();
    let mut warn = |text: &str| remedy.warnings.push(text.to_owned());
    if changed.iter().any(|origin| origin == "null") {
        warn(
            "Any page on the web can have the origin null, in a sandboxed frame: with credentials, null lets all of \
             them act as the user. Give the page a real origin in place of sending this.",
        );
    } else if !changed.is_empty() && credentials {
        warn(
            "With Access-Control-Allow-Credentials, that page reads and does whatever the signed-in user can. Name \
             only origins from a list of your own, compared whole; a server that repeats whatever Origin says hands \
             every user's data to every page.",
        );
    } else if changed.iter().any(|origin| origin != "*") {
        warn(
            "Name only origins from a list of your own, compared whole; a server that repeats whatever Origin says \
             lets every page in.",
        );
    }
    if changed.iter().any(|origin| origin == "*") {
        warn("* lets any page read this. That is right for public data, and for nothing else.");
    }
    let page = &question.page.origin;
    if let Origin::Tuple(tuple) = page
        && !changed.is_empty()
    {
        let local = matches!(tuple.host(), "localhost" | "127.0.0.1" | "[::1]")
            || tuple.host().ends_with(".localhost");
        let secure = outcome.exchanges.iter().any(|exchange| exchange.request.url.scheme() == "https");
        if local {
            warn(
                "This origin is of the reader's own machine: permit it while developing, and never in production.",
            );
        } else if credentials && secure && tuple.scheme() == "http" {
            warn(
                "The page came over plain http, so anyone on the network path can change it and use what it may. \
                 Serve the page over https.",
            );
        }
    }
    let tainted = outcome.exchanges.iter().any(|exchange| {
        *page != Origin::Opaque && exchange.request.headers.get(b"Origin").as_deref() == Some(b"null")
    });
    if tainted {
        remedy.advice.push(
            "Better than permitting null: let the page ask the last URL directly, so that no redirect leads through a \
             third origin."
                .to_owned(),
        );
    }
    if remedy.responses.iter().any(|response| {
        response.headers.iter().any(|s| s.name == "Cross-Origin-Resource-Policy" && s.change != Change::Keep)
    }) {
        remedy
            .warnings
            .push("Cross-Origin-Resource-Policy: cross-origin lets every page embed this.".to_owned());
    }
}
