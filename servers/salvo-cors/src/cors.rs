use std::time::Duration;

use corspec_protocol::{PermittedNames, PermittedOrigin, Policy, PolicyError};
use salvo::cors::{AllowHeaders, AllowMethods, AllowOrigin, Any, Cors, ExposeHeaders};
use salvo::http::{HeaderValue, Method};

/// The policy, said as <https://docs.rs/salvo-cors> shows.
pub(crate) fn cors(policy: &Policy) -> Result<Cors, PolicyError> {
    let cors = Cors::new()
        .allow_origin(origins(policy)?)
        .allow_methods(methods(policy)?)
        .allow_headers(headers(policy)?)
        .expose_headers(expose(policy)?)
        .allow_credentials(policy.credentials);
    Ok(match policy.max_age {
        Some(seconds) => cors.max_age(Duration::from_secs(seconds)),
        None => cors,
    })
}

fn origins(policy: &Policy) -> Result<AllowOrigin, PolicyError> {
    let permitted = policy.permitted_origins()?;
    if permitted == [PermittedOrigin::Any] {
        return Ok(Any.into());
    }
    let listed: Vec<&str> = policy.origins.iter().map(String::as_str).collect();
    let has_pattern = permitted.iter().any(|origin| matches!(origin, PermittedOrigin::Subdomains { .. }));
    Ok(match listed[..] {
        _ if has_pattern => AllowOrigin::dynamic(move |origin, _request, _depot| {
            origin.filter(|origin| permitted.iter().any(|entry| is_permitted(entry, origin))).cloned()
        }),
        [origin] => origin.into(),
        _ => listed.into(),
    })
}

/// Subdomains as the documentation's own closure tells them, by the end of the origin alone.
fn is_permitted(entry: &PermittedOrigin, origin: &HeaderValue) -> bool {
    match entry {
        PermittedOrigin::Subdomains { domain, .. } => {
            origin.as_bytes().ends_with(format!(".{domain}").as_bytes())
        }
        whole => whole.permits(origin.as_bytes()),
    }
}

/// The middleware rejects `Any` with credentials; what it offers for any method is then to mirror the request.
fn methods(policy: &Policy) -> Result<AllowMethods, PolicyError> {
    Ok(match policy.permitted_methods()? {
        PermittedNames::Any if policy.credentials => AllowMethods::mirror_request(),
        PermittedNames::Any => Any.into(),
        PermittedNames::Listed(names) => {
            let method = |name: &String| Method::from_bytes(name.as_bytes()).expect("a token is a method");
            names.iter().map(method).collect::<Vec<_>>().into()
        }
    })
}

/// As for the methods.
fn headers(policy: &Policy) -> Result<AllowHeaders, PolicyError> {
    Ok(match policy.permitted_headers()? {
        PermittedNames::Any if policy.credentials => AllowHeaders::mirror_request(),
        PermittedNames::Any => Any.into(),
        PermittedNames::Listed(names) => names.iter().map(String::as_str).collect::<Vec<_>>().into(),
    })
}

/// There is nothing to mirror here: with credentials the middleware rejects `Any`, and so be it.
fn expose(policy: &Policy) -> Result<ExposeHeaders, PolicyError> {
    Ok(match policy.exposed_headers()? {
        PermittedNames::Any => Any.into(),
        PermittedNames::Listed(names) => names.iter().map(String::as_str).collect::<Vec<_>>().into(),
    })
}
