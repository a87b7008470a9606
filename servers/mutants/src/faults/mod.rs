//! The faults, a file for each group of decisions.

mod allow_origin;
mod credentials;
mod entries;
mod expose;
mod headers;
mod max_age;
mod methods;
mod origins;
mod patterns;
mod preflight;
mod routes;
mod special_origins;
mod state;
mod vary;

use corspec_protocol::PermittedOrigin;

use crate::mutant::Mutant;

pub(crate) const GROUPS: [&[Mutant]; 14] = [
    origins::MUTANTS,
    patterns::MUTANTS,
    special_origins::MUTANTS,
    entries::MUTANTS,
    allow_origin::MUTANTS,
    credentials::MUTANTS,
    methods::MUTANTS,
    headers::MUTANTS,
    expose::MUTANTS,
    max_age::MUTANTS,
    preflight::MUTANTS,
    routes::MUTANTS,
    vary::MUTANTS,
    state::MUTANTS,
];

/// Compares an origin that is listed in full in a way of its own, and all other entries rightly.
fn exact(entry: &PermittedOrigin, origin: &str, matches: impl Fn(&str) -> bool) -> bool {
    match entry {
        PermittedOrigin::Exact(listed) => matches(listed),
        other => other.permits(origin.as_bytes()),
    }
}

/// Compares a pattern, scheme and domain, in a way of its own, and all other entries rightly.
fn pattern(entry: &PermittedOrigin, origin: &str, matches: impl Fn(&str, &str) -> bool) -> bool {
    match entry {
        PermittedOrigin::Subdomains { scheme, domain } => matches(scheme, domain),
        other => other.permits(origin.as_bytes()),
    }
}

/// Scheme, host and port of an origin; what is missing is empty.
fn parts(origin: &str) -> (&str, &str, &str) {
    let (scheme, authority) = origin.split_once("://").unwrap_or(("", origin));
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (scheme, host, port),
        _ => (scheme, authority, ""),
    }
}

/// Whether a text fits a template in which a dot stands for any one character.
fn fits(template: &str, text: &str) -> bool {
    template.len() == text.len()
        && template.bytes().zip(text.bytes()).all(|(wanted, got)| wanted == b'.' || wanted == got)
}
