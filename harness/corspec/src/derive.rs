//! What a policy and a request must lead to, derived without any server: the second opinion on what a case's author says.

use corspec_browser::{CredentialsMode, Mode, RequestInit, headers, method};
use corspec_protocol::{PermittedOrigin, Policy};

use crate::case::{Initiator, Kind, Level, Outcome, PageOrigin, Redirect, Request, Suite, Target, locate};
use crate::perform::request_init;

/// Where what a case says and what its policy means part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: `{case}` expects {stated}, but its policy leads to {derived}")]
pub struct Contradiction {
    /// The case file.
    pub file: String,
    /// The line of the case.
    pub line: usize,
    /// The case's id.
    pub case: String,
    /// What the author says.
    pub stated: Outcome,
    /// What the policy means.
    pub derived: Outcome,
}

/// Every case of the server suites whose expectation does not follow from its policy and request.
pub fn contradictions(suites: &[Suite]) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for suite in suites.iter().filter(|suite| suite.kind == Kind::Server) {
        let Some(policy) = &suite.policy else { continue };
        for case in suite.cases.iter().filter(|case| case.level != Level::May) {
            for step in &case.steps {
                let Some(derived) = outcome(policy, &step.request) else { continue };
                if derived != step.expect.outcome {
                    let line = locate(suite, &case.id, "expect").map_or(0, |location| location.line);
                    let file = suite.source.path.clone();
                    found.push(Contradiction {
                        file,
                        line,
                        case: case.id.clone(),
                        stated: step.expect.outcome,
                        derived,
                    });
                }
            }
        }
    }
    found
}

/// What every correct server under this policy leads this request to; nothing where the policy leaves it open.
pub fn outcome(policy: &Policy, request: &Request) -> Option<Outcome> {
    let Target::Path(path) = &request.target else { return None };
    if method::is_forbidden(request.method.as_bytes()) {
        return Some(Outcome::Block);
    }
    let PageOrigin::Serialized(origin) = &request.origin else {
        // The server's own page is no matter of CORS until a redirect leads it away.
        return (!path.contains("{twin}") && request.redirect == Redirect::Follow).then_some(Outcome::Allow);
    };
    match request.initiator {
        Initiator::Form => return Some(Outcome::Opaque),
        // Whether the server speaks the protocol at all is no matter of its policy.
        Initiator::WebSocket => return None,
        _ => {}
    }
    // Elements have a mode and a method of their own.
    let init = request_init(String::new(), request);
    match init.mode {
        Mode::SameOrigin => return Some(Outcome::Block),
        Mode::NoCors => {
            let sendable = method::is_cors_safelisted(&method::normalize(&init.method));
            let sendable = sendable && request.redirect == Redirect::Follow;
            return Some(if sendable { Outcome::Opaque } else { Outcome::Block });
        }
        Mode::Cors => {}
    }
    let first_hop = cross_origin(policy, origin, request)?;
    if first_hop == Outcome::Block || !path.starts_with("/redirect?") {
        return Some(first_hop);
    }
    match request.redirect {
        Redirect::Error => Some(Outcome::Block),
        Redirect::Manual => Some(Outcome::Opaque),
        // On the way to a third origin the page's own turns into null.
        Redirect::Follow if path.contains("{twin}") => cross_origin(policy, "null", request),
        Redirect::Follow if path.contains("{server}") => Some(Outcome::Allow),
        Redirect::Follow => None,
    }
}

fn cross_origin(policy: &Policy, origin: &str, request: &Request) -> Option<Outcome> {
    let permitted = policy.permitted_origins().ok()?;
    let any = permitted.contains(&PermittedOrigin::Any);
    let init = request_init(String::new(), request);
    let credentialed = init.credentials == CredentialsMode::Include;
    if any && policy.credentials {
        // A policy that the standard forbids: with credentials nothing may be read, without them it is open.
        return credentialed.then_some(Outcome::Block);
    }
    if credentialed && !policy.credentials || !permitted.iter().any(|entry| entry.permits(origin.as_bytes()))
    {
        return Some(Outcome::Block);
    }
    let granted = method_granted(policy, &init) && headers_granted(policy, init)?;
    Some(if granted { Outcome::Allow } else { Outcome::Block })
}

fn method_granted(policy: &Policy, init: &RequestInit) -> bool {
    let method = method::normalize(&init.method);
    method::is_cors_safelisted(&method)
        || policy.any_method()
        || policy.methods.iter().any(|listed| listed.as_bytes() == &*method)
}

fn headers_granted(policy: &Policy, init: RequestInit) -> Option<bool> {
    let mut list = corspec_browser::HeaderList::new();
    for (name, value) in init.headers {
        if !headers::is_forbidden_request_header(&name, &value) {
            list.append(name, value);
        }
    }
    if let Some(body) = init.body
        && !list.contains(b"Content-Type")
        && let Some(value) = body.content_type.or(body.kind.content_type().map(Into::into))
    {
        list.append(&b"Content-Type"[..], value);
    }
    for name in headers::cors_unsafe_request_header_names(&list) {
        let listed = policy.headers.iter().any(|listed| listed.as_bytes().eq_ignore_ascii_case(&name));
        if !listed && policy.any_header() && *name == *b"authorization" {
            return None;
        }
        if !listed && !policy.any_header() {
            return Some(false);
        }
    }
    Some(true)
}
