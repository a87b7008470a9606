//! What a real browser did with a step, from what the page, the proxy and the console tell.

use corspec_browser::{
    Bytes, CookieFate, CookieNote, Exchange, HeaderList, HttpRequest, HttpResponse, Origin, PreflightUse,
    Purpose, Reason, Source, Stage, Trace,
};
use url::Url;

use super::console;
use super::kind::Engine;
use super::prepared::Prepared;
use super::proxy::{Carried, Transcript};
use super::told::Told;
use crate::browser::{NotPerformed, Observed, Performed, ScriptMismatch, Sent, Visible};
use crate::case::{CrossOrigin, Initiator, Outcome, Request, ResponseType};

/// What a step's three witnesses tell.
pub(super) struct Witness<'a> {
    pub(super) told: &'a Told,
    pub(super) transcript: &'a Transcript,
    pub(super) console: Vec<String>,
    /// The names of the cookies that the hosts have now, where that was looked up.
    pub(super) jar: Option<Vec<String>>,
}

/// What became of a step of a case.
pub(super) fn observe(
    engine: Engine,
    prepared: &Prepared,
    index: usize,
    witness: Witness<'_>,
) -> Result<Performed, NotPerformed> {
    let Witness { told, transcript, console, jar } = witness;
    if let Some(cannot) = &told.cannot {
        return Err(NotPerformed::Cannot(cannot.clone()));
    }
    if let Some(failed) = &told.failed {
        return Err(NotPerformed::Broke(format!("{engine}: {failed}")));
    }
    let step = &prepared.case.steps[index];
    let asked = prepared.steps[index].asked.clone();
    let carried = &transcript.carried;
    let outcome = outcome(told, &step.request, &asked.origin, carried)
        .ok_or_else(|| NotPerformed::Broke(format!("{engine}: the page says no outcome")))?;
    require_not_cut_short(engine, &asked, outcome, &console)?;
    let mut exchanges: Vec<Exchange> = carried.iter().filter_map(exchange).collect();
    let mut sent: Vec<Sent> = carried
        .iter()
        .map(|carried| Sent {
            lines: None,
            from_shared_cache: carried.from_shared_cache,
            withheld: false,
            failure: carried.failure.clone(),
        })
        .collect();
    // Each request has both, or neither.
    sent.truncate(exchanges.len());
    if let Some(jar) = jar {
        note_stored(&mut exchanges, &jar);
    }
    let actual = exchanges.iter().any(|exchange| exchange.request.purpose == Purpose::Actual);
    if prepared.case.browser.http_cache {
        heed_cache(told, outcome, &asked.url, actual, &mut exchanges);
    }
    let preflighted = exchanges.iter().any(|exchange| exchange.request.purpose == Purpose::Preflight);
    let blocked = outcome == Outcome::Block;
    let (reasons, stages) = if blocked { why(engine, &console, carried) } else { Default::default() };
    let kind = ResponseType::ALL.iter().copied().find(|known| told.kind.as_deref() == Some(known.as_str()));
    let kind = kind.or_else(|| kind_of_element(&step.request, outcome, &asked.origin, carried));
    let mismatch = ScriptMismatch { unanswered: transcript.unanswered.clone(), unused: transcript.unused };
    Ok(Performed {
        at: step.at,
        visitor: step.visitor.clone(),
        asked,
        outcome: Observed {
            outcome,
            reasons,
            stages,
            preflight: preflighted.then_some(PreflightUse::Sent),
            response: (!blocked).then(|| Visible {
                kind,
                status: told.status,
                url: told.url.as_deref().map(|url| super::proxy::unmark(url).1),
                headers: told.header_list(),
            }),
            timing_allowed: told.timing,
            exchanges,
            explains_cookies: false,
            trace: Trace::default(),
        },
        sent,
        console,
        script: (mismatch != ScriptMismatch::default()).then_some(mismatch),
    })
}

/// How it ended. An element that has loaded may be read where the page's origin was the only one asked, or where it asked for
/// permission; what is sent and tells no more is judged by how far it came.
fn outcome(told: &Told, request: &Request, origin: &str, carried: &[Carried]) -> Option<Outcome> {
    match told.outcome.as_deref()? {
        "loaded" => Some(match kind_of_element(request, Outcome::Allow, origin, carried) {
            Some(ResponseType::Opaque) => Outcome::Opaque,
            _ => Outcome::Allow,
        }),
        "sent" => {
            let last = carried.last().map(|carried| carried.seen.purpose());
            let cors = carried.iter().any(|carried| carried.seen.purpose() == Purpose::Preflight);
            Some(match last {
                None | Some(Purpose::Preflight) => Outcome::Block,
                Some(Purpose::Actual) if cors => Outcome::Allow,
                Some(Purpose::Actual) => Outcome::Opaque,
            })
        }
        told => Outcome::ALL.iter().copied().find(|known| known.as_str() == told),
    }
}

/// What the network tells of an element's response.
fn kind_of_element(
    request: &Request,
    outcome: Outcome,
    origin: &str,
    carried: &[Carried],
) -> Option<ResponseType> {
    let has_no_type = request.initiator.is_scripted() || request.initiator == Initiator::WebSocket;
    if has_no_type || outcome == Outcome::Block {
        return None;
    }
    let crossorigin = request.crossorigin != CrossOrigin::Absent;
    let page = Origin::parse(origin)?;
    let at_home =
        |carried: &Carried| Url::parse(&carried.seen.url).is_ok_and(|url| page.is_same_origin_with(&url));
    let asked = carried.iter().any(|carried| {
        let mode = carried.seen.headers.get(b"Sec-Fetch-Mode");
        carried.seen.headers.contains("Origin") && mode.as_deref() != Some(b"no-cors")
    });
    if carried.is_empty() {
        return Some(if crossorigin { ResponseType::Cors } else { ResponseType::Opaque });
    }
    Some(match () {
        () if carried.iter().all(at_home) => ResponseType::Basic,
        () if asked && carried.iter().all(|carried| carried.seen.method != "POST") => ResponseType::Cors,
        () => ResponseType::Opaque,
    })
}

/// Why it was blocked, and where, as far as that can be told.
fn why(engine: Engine, console: &[String], carried: &[Carried]) -> (Vec<Reason>, Vec<Stage>) {
    let Some(last) = carried.last() else { return (console::reasons(engine, console), vec![Stage::Request]) };
    let stages = match last.seen.purpose() {
        Purpose::Preflight => vec![Stage::Preflight],
        Purpose::Actual => match &last.response {
            Some(response) if matches!(response.status, 301..=303 | 307 | 308) => {
                vec![Stage::Actual, Stage::Redirect]
            }
            _ => vec![Stage::Actual],
        },
    };
    if last.response.is_none() && last.failure.is_some() {
        return (vec![Reason::NetworkError], stages);
    }
    (console::reasons(engine, console), stages)
}

/// What the browser's own cache had to do with it: it answered where nothing was asked, and it was asked about where the server
/// said 304 and script heard another status.
fn heed_cache(told: &Told, outcome: Outcome, url: &str, actual: bool, exchanges: &mut Vec<Exchange>) {
    let preflight_failed = outcome == Outcome::Block && !exchanges.is_empty();
    if !actual
        && !preflight_failed
        && let Ok(url) = Url::parse(url)
    {
        exchanges.push(Exchange {
            request: HttpRequest {
                purpose: Purpose::Actual,
                method: Bytes::Borrowed(b"GET"),
                url,
                headers: HeaderList::new(),
                body: None,
            },
            response: Some(HttpResponse {
                status: told.status.unwrap_or_default(),
                ..HttpResponse::default()
            }),
            source: Source::HttpCache,
            cookies_sent: Vec::new(),
            cookies_set: Vec::new(),
        });
    } else if let Some(last) = exchanges.last_mut()
        && last.response.as_ref().is_some_and(|response| response.status == 304)
        && told.status != Some(304)
    {
        last.source = Source::Validated;
    }
}

fn exchange(carried: &Carried) -> Option<Exchange> {
    let seen = &carried.seen;
    let cookies = seen.headers.get(b"Cookie").unwrap_or_default();
    let names = cookies.split(|&byte| byte == b';').filter(|pair| !pair.trim_ascii().is_empty());
    let sent = names.map(|pair| {
        let name = pair.trim_ascii().split(|&byte| byte == b'=').next().unwrap_or_default();
        CookieNote { name: name.to_vec().into(), travelled: true, because: CookieFate::Sent }
    });
    Some(Exchange {
        request: HttpRequest {
            purpose: seen.purpose(),
            method: seen.method.clone().into_bytes().into(),
            url: Url::parse(&seen.url).ok()?,
            headers: seen.headers.clone(),
            body: (!seen.body.is_empty()).then(|| seen.body.clone().into()),
        },
        response: carried.response.clone(),
        source: Source::Network,
        cookies_sent: sent.collect(),
        cookies_set: Vec::new(),
    })
}

/// The cookies that the responses set, and whether the jar has them now.
fn note_stored(exchanges: &mut [Exchange], jar: &[String]) {
    for exchange in exchanges {
        let Some(response) = &exchange.response else { continue };
        for line in response.headers.lines(b"Set-Cookie") {
            let name = line.split(|byte| matches!(byte, b'=' | b';')).next().unwrap_or_default().trim_ascii();
            // A cookie that is kept for one top-level site shows on no visit elsewhere.
            if line.to_ascii_lowercase().windows(12).any(|word| word == b" partitioned") {
                continue;
            }
            let stored = jar.iter().any(|held| held.as_bytes() == name);
            let was_held = exchange.cookies_sent.iter().any(|note| *note.name == *name);
            let (travelled, because) = match (stored, was_held) {
                (true, _) => (true, CookieFate::Stored),
                (false, true) => (true, CookieFate::Deleted),
                (false, false) => (false, CookieFate::Invalid),
            };
            exchange.cookies_set.push(CookieNote { name: name.to_vec().into(), travelled, because });
        }
    }
}

/// Chromium uploads streams over HTTP/2 and later only, so over our network the upload itself fails.
fn require_not_cut_short(
    engine: Engine,
    asked: &crate::record::Asked,
    outcome: Outcome,
    console: &[String],
) -> Result<(), NotPerformed> {
    let refusals = ["ERR_H2_OR_QUIC_REQUIRED", "ERR_ALPN_NEGOTIATION_FAILED"];
    let refused = console.iter().any(|line| refusals.iter().any(|refusal| line.contains(refusal)));
    let streams = asked.body.as_deref() == Some("stream");
    if engine == Engine::Chromium && streams && refused && outcome == Outcome::Block {
        return Err(NotPerformed::Cannot("it uploads streams over HTTP/2 only".to_owned()));
    }
    Ok(())
}
