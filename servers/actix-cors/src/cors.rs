use actix_cors::Cors;
use corspec_protocol::{PermittedNames, PermittedOrigin, Policy, PolicyError};

/// The policy, said as <https://docs.rs/actix-cors> shows.
pub(crate) fn middleware(policy: &Policy) -> Result<Cors, PolicyError> {
    let cors = policy.permitted_origins()?.into_iter().fold(Cors::default(), |cors, origin| match origin {
        PermittedOrigin::Any => cors.allow_any_origin(),
        PermittedOrigin::Null => cors.allowed_origin("null"),
        PermittedOrigin::Exact(origin) => cors.allowed_origin(&origin),
        pattern @ PermittedOrigin::Subdomains { .. } => {
            cors.allowed_origin_fn(move |origin, _request| pattern.permits(origin.as_bytes()))
        }
    });
    let cors = match policy.permitted_methods()? {
        PermittedNames::Any => cors.allow_any_method(),
        PermittedNames::Listed(names) => cors.allowed_methods(names.iter().map(String::as_str)),
    };
    let cors = match policy.permitted_headers()? {
        PermittedNames::Any => cors.allow_any_header(),
        PermittedNames::Listed(names) => cors.allowed_headers(names),
    };
    let cors = match policy.exposed_headers()? {
        PermittedNames::Any => cors.expose_any_header(),
        PermittedNames::Listed(names) => cors.expose_headers(names),
    };
    let cors = if policy.credentials { cors.supports_credentials() } else { cors };
    Ok(match policy.max_age {
        // Browsers cap it far below what a `usize` holds anywhere.
        Some(seconds) => cors.max_age(usize::try_from(seconds).unwrap_or(usize::MAX)),
        None => cors,
    })
}
