//! The model by an engine's profile and the engine itself, held against each other.

mod heads;

use corspec_browser::{Exchange, Source};
use serde::Serialize;
use url::Url;

use crate::browser::{Browser, NotPerformed, Performed};
use crate::case::{Case, Outcome};
use crate::perform::{ModelBrowser, Place};
use crate::record::text;

pub use heads::{Heads, KnownHeads};

/// The request headers that CORS and its neighbours are about, and that every version writes alike.
const COMPARED: [&str; 8] = [
    "Origin",
    "Access-Control-Request-Method",
    "Access-Control-Request-Headers",
    "Authorization",
    "Cookie",
    "Content-Type",
    "If-None-Match",
    "Last-Event-ID",
];

/// One thing that the two tell differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// In which step, counted from 0.
    pub step: usize,
    /// What it is: `outcome`, `reason`, `requests`, `status`, `type`, `visible`, or the name of a request header.
    pub what: String,
    /// What the model tells.
    pub model: String,
    /// What the engine tells.
    pub engine: String,
}

/// What holding a case against an engine led to.
#[derive(Clone, Debug)]
pub enum Held {
    /// The two tell the same.
    Agreed(Both),
    /// They do not.
    Disagreed(Vec<Disagreement>, Both),
    /// The engine performed nothing.
    NotPerformed(NotPerformed),
}

/// What each of the two did.
#[derive(Clone, Debug)]
pub struct Both {
    /// The model's steps.
    pub model: Vec<Performed>,
    /// The engine's.
    pub engine: Vec<Performed>,
    /// How the two wrote the same requests.
    pub heads: Heads,
}

/// Has both perform a case.
pub async fn hold(case: &Case, model: &ModelBrowser, engine: &dyn Browser, place: Place<'_>) -> Held {
    let mut performed = engine.perform(case, place).await;
    if let Err(NotPerformed::Broke(_)) = &performed {
        // On a busy machine a browser comes to no end now and then; one that does so twice does it for a reason.
        performed = engine.perform(case, place).await;
    }
    let performed = match performed {
        Ok(performed) => performed,
        Err(problem) => return Held::NotPerformed(problem),
    };
    let steps = model.steps(case, place).await;
    let heads = heads::heads(case, engine.profile(), &steps, &performed);
    let both = Both { model: steps, engine: performed, heads };
    let found = disagreements(case, &both.model, &both.engine);
    if found.is_empty() { Held::Agreed(both) } else { Held::Disagreed(found, both) }
}

/// What the two tell differently. What the engine keeps to itself is not compared.
pub fn disagreements(case: &Case, model: &[Performed], engine: &[Performed]) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for (step, (model, engine)) in model.iter().zip(engine).enumerate() {
        let set = case.steps.get(step).map(|step| &*step.request.headers).unwrap_or_default();
        compare(step, &compared(set), model, engine, &mut found);
        // What follows goes by what was remembered, and is no disagreement of its own.
        if !found.is_empty() {
            break;
        }
    }
    found
}

/// The headers that are compared in each request: those of CORS, and what script set.
fn compared(set: &[(Vec<u8>, Vec<u8>)]) -> Vec<String> {
    let mut names: Vec<String> = COMPARED.iter().map(|&name| name.to_owned()).collect();
    for name in set.iter().map(|(name, _)| text(name)) {
        let is_known = names.iter().any(|known| known.eq_ignore_ascii_case(&name));
        if !is_known && !name.eq_ignore_ascii_case("User-Agent") {
            names.push(name);
        }
    }
    names
}

fn compare(
    step: usize,
    names: &[String],
    model: &Performed,
    engine: &Performed,
    found: &mut Vec<Disagreement>,
) {
    let mut differ = |what: &str, model: String, engine: String| {
        if model != engine {
            found.push(Disagreement { step, what: what.to_owned(), model, engine });
        }
    };
    let (ours, theirs) = (&model.outcome, &engine.outcome);
    differ("requests", requests(model), requests(engine));
    differ("outcome", ours.name().to_owned(), theirs.name().to_owned());
    if ours.outcome != theirs.outcome {
        return;
    }
    if theirs.outcome == Outcome::Block && !theirs.reasons.is_empty() {
        let codes = |reasons: &[corspec_browser::Reason]| {
            reasons.iter().map(|reason| reason.code()).collect::<Vec<_>>().join(" or ")
        };
        if !ours.reasons.iter().any(|reason| theirs.reasons.contains(reason)) {
            differ("reason", codes(&ours.reasons), codes(&theirs.reasons));
        }
    }
    let asked = ours.exchanges.iter().zip(&theirs.exchanges);
    // What a browser's own cache answers is never on the wire, and only the model knows what would have been asked.
    for (ours, theirs) in asked.filter(|(_, theirs)| theirs.source != Source::HttpCache) {
        for name in names {
            let is_ours = ours.request.headers.contains(name.as_bytes());
            if !is_ours && may_be_the_browsers_own(name) {
                continue;
            }
            let (ours, theirs) = (header(ours, name), header(theirs, name));
            // The boundary is drawn by lot.
            if !theirs.starts_with("multipart/form-data") {
                differ(name, ours, theirs);
            }
        }
    }
    if let (Some(ours), Some(theirs_visible)) = (&ours.response, &theirs.response) {
        if let (Some(our_status), Some(their_status)) = (ours.status, theirs_visible.status) {
            differ("status", our_status.to_string(), their_status.to_string());
        }
        if let (Some(our_kind), Some(their_kind)) = (ours.kind, theirs_visible.kind) {
            differ("type", our_kind.to_string(), their_kind.to_string());
        }
        let sent = theirs.exchanges.last().and_then(|exchange| exchange.response.as_ref());
        if let (Some(our_headers), Some(their_headers), Some(sent)) =
            (&ours.headers, &theirs_visible.headers, sent)
        {
            let seen = |headers: &corspec_browser::HeaderList| {
                let mut names: Vec<String> =
                    sent.headers.iter().map(|header| text(&header.name).to_ascii_lowercase()).collect();
                names.sort_unstable();
                names.dedup();
                names.retain(|name| headers.contains(name.as_bytes()));
                names.join(", ")
            };
            differ("visible", seen(our_headers), seen(their_headers));
        }
    }
}

fn requests(performed: &Performed) -> String {
    let line = |(exchange, source): (&Exchange, crate::case::ResponseSource)| {
        let request = &exchange.request;
        let preflight =
            if request.purpose == corspec_browser::Purpose::Preflight { "preflight " } else { "" };
        let source = match source {
            crate::case::ResponseSource::Network => String::new(),
            other => format!(" ({other})"),
        };
        format!("{preflight}{} {}{source}", text(&request.method), on_the_wire(&request.url))
    };
    performed.outcome.exchanges.iter().zip(performed.sources()).map(line).collect::<Vec<_>>().join(", ")
}

/// A URL without its user name and password, which no request line has.
fn on_the_wire(url: &Url) -> Url {
    let mut url = url.clone();
    // Where there is no host there is neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// Whether a browser can have a value of its own where script's is not sent.
fn may_be_the_browsers_own(name: &str) -> bool {
    let is_custom = name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-"));
    !is_custom && !COMPARED.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn header(exchange: &Exchange, name: &str) -> String {
    exchange
        .request
        .headers
        .get(name.as_bytes())
        .map_or_else(|| "absent".to_owned(), |value| text(value.trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::load_files;
    use crate::run::Bench;
    use crate::wire::Options;

    fn case(answer: &str) -> Case {
        let text = format!(
            "suite: a\nspec: https://fetch.spec.whatwg.org/#cors-check\ncases:\n  - id: a\n    why: a\n    request: {{origin: 'https://app.example', url: 'https://u:p@api.example/', initiator: xhr, headers: ['Accept: a']}}\n    responses: [{{headers: [{answer}]}}]\n    expect: allow\n"
        );
        load_files([("cases/browser/a.yaml", text)]).unwrap()[0].cases[0].clone()
    }

    async fn performed(answer: &str) -> Vec<Performed> {
        let bench = Bench::start(Options::default()).await.unwrap();
        let place = Place::Scripted(bench.scripted());
        bench.model(corspec_browser::Profile::Fetch).steps(&case(answer), place).await
    }

    fn compared(model: &[Performed], engine: &[Performed]) -> Vec<Disagreement> {
        disagreements(&case(""), model, engine)
    }

    #[tokio::test]
    async fn the_same_agrees_with_itself_and_another_outcome_does_not() {
        let allowed = performed("'Access-Control-Allow-Origin: *'").await;
        let blocked = performed("'Access-Control-Allow-Origin: null'").await;
        assert_eq!(compared(&allowed, &allowed), []);
        let found = compared(&allowed, &blocked);
        assert_eq!(found.len(), 1);
        assert_eq!((&*found[0].what, &*found[0].model, &*found[0].engine), ("outcome", "allow", "block"));
    }

    #[tokio::test]
    async fn a_reason_that_the_engine_does_not_tell_is_not_compared() {
        let model = performed("'Access-Control-Allow-Origin: null'").await;
        let mut engine = model.clone();
        engine[0].outcome.reasons.clear();
        assert_eq!(compared(&model, &engine), []);
        engine[0].outcome.reasons = vec![corspec_browser::Reason::AllowOriginMissing];
        assert_eq!(compared(&model, &engine)[0].what, "reason");
    }

    #[tokio::test]
    async fn a_header_that_script_set_is_compared_and_a_user_name_is_not() {
        let model = performed("'Access-Control-Allow-Origin: *'").await;
        let mut engine = model.clone();
        let request = &mut engine[0].outcome.exchanges[0].request;
        request.url = Url::parse("https://api.example/").unwrap();
        assert_eq!(compared(&model, &engine), []);
        engine[0].outcome.exchanges[0].request.headers.delete("Accept");
        let found = compared(&model, &engine);
        assert_eq!((&*found[0].what, &*found[0].engine), ("Accept", "absent"));
        // What the browser's own cache answered never went out.
        engine[0].outcome.exchanges[0].source = Source::HttpCache;
        assert!(compared(&model, &engine).iter().all(|found| found.what != "Accept"));
    }
}
