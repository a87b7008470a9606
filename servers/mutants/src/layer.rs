use corspec_protocol::PermittedOrigin;
use hyper::header::{CONTENT_TYPE, SET_COOKIE};

use crate::names::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, CORS_RESPONSE, EXPOSE_HEADERS, HeaderName,
    MAX_AGE, ORIGIN, REQUEST_HEADERS, REQUEST_METHOD, VARY,
};
use crate::policy::{lists_header, lists_method};
use crate::reply::{Edit, Reply, bare};
use crate::style::{AnyWithCredentials, Lists, Refused, Style, Vary};
use crate::turn::Turn;

/// The answer to a preflight.
pub(crate) fn preflight(style: &Style, turn: &Turn, permitted: bool) -> Reply {
    let permitted = permitted && (!style.all_or_nothing || turn.asks_for_listed());
    let mut reply = bare(match style.refused {
        Refused::Forbidden if !permitted => 403,
        Refused::BadPreflight if !permitted => 400,
        _ => style.preflight_status,
    });
    if !style.preflight_body.is_empty() {
        reply.put(CONTENT_TYPE, "text/plain");
        style.preflight_body.clone_into(reply.body_mut());
    }
    vary(style, turn, &mut reply);
    if allow(style, turn, &mut reply, permitted) || style.wordy {
        list(style, &mut reply, ALLOW_METHODS, methods(style, turn));
        list(style, &mut reply, ALLOW_HEADERS, style.spell(headers(style, turn)));
        if let Some(seconds) = turn.policy.max_age.or(style.default_max_age) {
            reply.put(MAX_AGE, seconds.to_string());
        }
    }
    if style.wordy {
        let exposed = exposed(style, turn, &reply);
        list(style, &mut reply, EXPOSE_HEADERS, exposed);
    }
    reply
}

/// Completes the resource's answer to any other request.
pub(crate) fn finish(style: &Style, turn: &Turn, reply: &mut Reply, permitted: bool) {
    // What the resource says on its own account must not widen the policy, nor stand beside it.
    reply.cut_cors();
    let permitted = permitted && (!style.strict_methods || lists_method(turn.policy, turn.method()));
    if style.refused == Refused::Forbidden && !permitted && turn.origin().is_some() && !turn.own_page() {
        *reply = bare(403);
    }
    vary(style, turn, reply);
    if allow(style, turn, reply, permitted) || style.wordy {
        let exposed = exposed(style, turn, reply);
        list(style, reply, EXPOSE_HEADERS, exposed);
    }
    if style.wordy {
        list(style, reply, ALLOW_METHODS, methods(style, turn));
    }
}

/// Whether the list holds the origin.
pub(crate) fn listed(turn: &Turn, matches: fn(&PermittedOrigin, &str) -> bool) -> bool {
    let matches = |entry| turn.origin().is_some_and(|origin| matches(entry, origin));
    turn.policy.any_origin() || turn.entries.iter().any(matches)
}

/// Adds what all answers have in common, and tells whether the origin is permitted.
fn allow(style: &Style, turn: &Turn, reply: &mut Reply, permitted: bool) -> bool {
    let forbidden = turn.policy.any_origin() && turn.policy.credentials;
    let permitted = permitted && !(forbidden && style.any_with_credentials == AnyWithCredentials::Nobody);
    let origin = match turn.origin() {
        _ if permitted && turn.policy.any_origin() && (!style.echo_any_origin || forbidden) => Some("*"),
        _ if style.fixed_origin && fixed(turn).is_some() => fixed(turn),
        Some(origin) if permitted => Some(origin),
        Some(_) if style.refused == Refused::OtherOrigin => {
            turn.entries.iter().find_map(|entry| match entry {
                PermittedOrigin::Exact(exact) => Some(exact.as_str()),
                _ => None,
            })
        }
        _ => None,
    };
    if let Some(origin) = origin {
        reply.put(ALLOW_ORIGIN, origin);
    }
    let credentials = turn.policy.credentials
        && !(forbidden && style.any_with_credentials == AnyWithCredentials::WithoutCredentials);
    if credentials && (origin.is_some() || style.wordy) {
        reply.put(ALLOW_CREDENTIALS, "true");
    }
    origin.is_some()
}

/// The one origin that there is.
fn fixed<'a>(turn: &'a Turn) -> Option<&'a str> {
    match turn.entries {
        [PermittedOrigin::Exact(only)] => Some(only),
        _ => None,
    }
}

fn methods(style: &Style, turn: &Turn) -> Vec<String> {
    let policy = turn.policy;
    let asked = turn.asked_method();
    if policy.any_method() && style.usual_methods {
        return ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].map(str::to_owned).to_vec();
    }
    match (policy.any_method(), style.grant_asked || policy.credentials) {
        (true, false) => vec!["*".to_owned()],
        // A request with credentials takes `*` for a method of that name.
        (true, true) => {
            Some(asked).filter(|asked| !asked.is_empty()).map(str::to_owned).into_iter().collect()
        }
        (false, _) if style.grant_asked => {
            policy.methods.iter().filter(|listed| *listed == asked).cloned().collect()
        }
        (false, _) => policy.methods.clone(),
    }
}

fn headers(style: &Style, turn: &Turn) -> Vec<String> {
    if turn.policy.any_header() || style.grant_asked {
        let asked = turn.asked_headers().into_iter().filter(|name| lists_header(turn.policy, name));
        return asked.map(str::to_owned).collect();
    }
    turn.policy.headers.clone()
}

fn exposed(style: &Style, turn: &Turn, reply: &Reply) -> Vec<String> {
    let policy = turn.policy;
    let names = match policy.exposes_any() && (policy.credentials || style.expose_by_name) {
        true => {
            let ours = |name: &HeaderName| *name == SET_COOKIE || CORS_RESPONSE.contains(name);
            let names = reply.headers().keys().filter(|name| !ours(name));
            names.map(|name| name.as_str().to_owned()).collect()
        }
        false => policy.expose.clone(),
    };
    style.spell(names)
}

/// Adds what the answer depends on, keeping what the resource says there.
fn vary(style: &Style, turn: &Turn, reply: &mut Reply) {
    let policy = turn.policy;
    let fixed = match turn.entries {
        [] => true,
        [PermittedOrigin::Any] => !style.echo_any_origin,
        [PermittedOrigin::Exact(_)] => style.fixed_origin,
        _ => false,
    };
    let mut names = Vec::new();
    if !fixed || style.refused == Refused::Forbidden || style.vary == Vary::Always {
        names.push(ORIGIN);
    }
    let asked = style.grant_asked || style.all_or_nothing;
    if turn.preflight && (asked || policy.any_method() && policy.credentials) {
        names.push(REQUEST_METHOD);
    }
    if turn.preflight && (asked || policy.any_header()) {
        names.push(REQUEST_HEADERS);
    }
    if style.vary == Vary::Always {
        names = vec![ORIGIN, REQUEST_METHOD, REQUEST_HEADERS];
    }
    if names.is_empty() {
        return;
    }
    let names = style.spell(names.iter().map(|name| name.as_str().to_owned()).collect()).join(", ");
    match reply.says(VARY) {
        Some(own) if style.vary == Vary::Merged => reply.put(VARY, format!("{own}, {names}")),
        _ => reply.add(VARY, names),
    }
}

/// A list, written in this style; an empty one is left out.
fn list(style: &Style, reply: &mut Reply, name: HeaderName, names: Vec<String>) {
    reply.cut(name.clone());
    match style.lists {
        _ if names.is_empty() => {}
        Lists::Joined(separator) => reply.put(name, names.join(separator)),
        Lists::Lines => names.iter().for_each(|element| reply.add(name.clone(), element)),
    }
}
