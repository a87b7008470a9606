use hyper::header::CACHE_CONTROL;

use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::names::{ALLOW_ORIGIN, ORIGIN, VARY};
use crate::reply::{Edit, Reply};
use crate::turn::Turn;

/// What caches are told.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::poisons_caches(
        "vary-missing",
        "No answer says that it depends on the origin.",
        "V06, V08, V12, V14: warp, aiohttp-cors, rocket_cors",
        Fault::Answer(|_, reply| reply.cut_vary("origin")),
    ),
    Mutant::poisons_caches(
        "vary-missing-on-refusals",
        "The answer to a refused origin does not say that it depends on it.",
        "V01, V03, V05, V10: expressjs/cors, gin, gorilla, Tomcat",
        Fault::Answer(|turn, reply| cut_if(reply, turn.origin().is_some() && !turn.listed)),
    ),
    Mutant::poisons_caches(
        "vary-missing-without-origin",
        "The answer to a request without an origin does not say that it depends on it.",
        "V03, V11, V24, V25: gin, litestar, ASP.NET Core, ROR API",
        Fault::Answer(|turn, reply| cut_if(reply, turn.origin().is_none())),
    ),
    Mutant::poisons_caches(
        "vary-missing-where-permitted",
        "The answer to a permitted origin does not say that it depends on it.",
        "V07, V08: poem, rocket_cors",
        Fault::Answer(|turn, reply| cut_if(reply, turn.listed)),
    ),
    Mutant::poisons_caches(
        "vary-on-preflights-alone",
        "Only answers to preflights say that they depend on the origin.",
        "V14: NelmioCorsBundle",
        Fault::OnActual(|_, reply| reply.cut_vary("origin")),
    ),
    Mutant::poisons_caches(
        "vary-missing-with-credentials",
        "Where credentials are permitted, no answer says that it depends on the origin.",
        "V23: private answers taken for uncacheable",
        Fault::Answer(|turn, reply| cut_if(reply, turn.policy.credentials)),
    ),
    Mutant::poisons_caches(
        "vary-missing-on-cacheable-answers",
        "Answers that may be cached do not say that they depend on the origin.",
        "V21: better hit rates",
        Fault::OnActual(|turn, reply| cut_if(reply, turn.own.contains_key(CACHE_CONTROL))),
    ),
    Mutant::poisons_caches(
        "vary-missing-for-two-entries",
        "A short list is taken for a fixed answer, which needs no Vary.",
        "V05, V12: Vary by number of entries",
        Fault::Answer(|turn, reply| cut_if(reply, turn.entries.len() <= 2)),
    ),
    Mutant::poisons_caches(
        "vary-yields-to-the-resources",
        "Where the resource has a Vary of its own, the layer adds nothing.",
        "V20: h3's merging",
        Fault::OnActual(|turn, reply| {
            if let Some(own) = turn.own.says(VARY) {
                reply.put(VARY, own);
            }
        }),
    ),
    Mutant::poisons_caches(
        "vary-overwrites-the-resources",
        "The layer's Vary takes the place of the resource's.",
        "V04, V16, V17, V19: gin, gorilla, poem, salvo, tower-http before 0.5.2",
        Fault::OnActual(|_, reply| reply.reword(VARY, |_| "Origin".into())),
    ),
    Mutant::poisons_caches(
        "vary-dropped-altogether",
        "Vary is removed from all answers, the resource's as well.",
        "V20: caches made to hit more often",
        Fault::Answer(|_, reply| reply.cut(VARY)),
    ),
    Mutant::poisons_caches(
        "vary-misspelt",
        "Vary names a header that does not exist.",
        "hand-written proxy configurations",
        Fault::Answer(|_, reply| reply.reword(VARY, |names| names.replace("origin", "Origins"))),
    ),
    Mutant::poisons_caches(
        "vary-names-the-answer",
        "Vary names the response header in place of the request header.",
        "hand-written proxy configurations",
        Fault::Answer(|_, reply| {
            reply.reword(VARY, |names| names.replace("origin", "Access-Control-Allow-Origin"))
        }),
    ),
    Mutant::poisons_caches(
        "vary-with-spaces",
        "Vary joins its names by spaces, which makes them one.",
        "V20: merging by hand",
        Fault::OnActual(|_, reply| reply.reword(VARY, |names| names.replace(", ", " "))),
    ),
    Mutant::poisons_caches(
        "any-echoed-without-vary",
        "Any origin is answered by an echo, and Vary does not say so.",
        "V08, V11: rocket_cors, flask-cors",
        Fault::Answer(|turn, reply| {
            if let Some(origin) = turn.origin().filter(|_| turn.policy.any_origin()) {
                reply.reword(ALLOW_ORIGIN, |_| origin.to_owned());
            }
        }),
    ),
    Mutant::poisons_caches(
        "any-starred-with-an-origin-alone",
        "`*` is sent only where there is an origin, and Vary does not say so.",
        "V24: images first",
        Fault::Answer(|turn, reply| {
            if turn.policy.any_origin() && !turn.request.headers.contains_key(ORIGIN) {
                reply.cut(ALLOW_ORIGIN);
            }
        }),
    ),
    Mutant::poisons_caches(
        "without-origin-told-the-first",
        "A request without an origin is answered with the first of the list, and without Vary.",
        "M04: flask-cors with always_send",
        Fault::OnActual(|turn, reply| {
            let first = turn.policy.origins.iter().find(|entry| entry.contains("://"));
            if let Some(first) = first.filter(|_| turn.origin().is_none()) {
                reply.put(ALLOW_ORIGIN, first);
                reply.cut_vary("origin");
            }
        }),
    ),
    Mutant::poisons_caches(
        "cache-keeps-the-layers-headers",
        "A cache inside the server keeps cacheable answers with their CORS headers, for whoever comes next.",
        "V24, V26: caches outside the layer",
        Fault::OnActual(keep),
    ),
];

fn cut_if(reply: &mut Reply, condition: bool) {
    if condition {
        reply.cut_vary("origin");
    }
}

fn keep(turn: &Turn, reply: &mut Reply) {
    if turn.own.contains_key(CACHE_CONTROL) {
        let key = format!("{} {}", turn.method(), turn.request.uri);
        let mut memory = turn.memory();
        let kept = memory.answers.entry(key).or_insert_with(|| reply.headers().clone());
        reply.headers_mut().clone_from(kept);
    }
}
