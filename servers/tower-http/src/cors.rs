use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method};
use corspec_protocol::{PermittedNames, PermittedOrigin, Policy, PolicyError};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, Any, CorsLayer, ExposeHeaders};

/// The policy, said as <https://docs.rs/tower-http/latest/tower_http/cors/> shows.
pub(crate) fn layer(policy: &Policy) -> Result<CorsLayer, PolicyError> {
    let layer = CorsLayer::new()
        .allow_origin(origins(policy)?)
        .allow_methods(methods(policy)?)
        .allow_headers(headers(policy)?)
        .expose_headers(expose(policy)?)
        .allow_credentials(policy.credentials);
    Ok(match policy.max_age {
        Some(seconds) => layer.max_age(Duration::from_secs(seconds)),
        None => layer,
    })
}

fn origins(policy: &Policy) -> Result<AllowOrigin, PolicyError> {
    let permitted = policy.permitted_origins()?;
    if permitted == [PermittedOrigin::Any] {
        return Ok(Any.into());
    }
    let has_pattern = permitted.iter().any(|origin| matches!(origin, PermittedOrigin::Subdomains { .. }));
    Ok(if has_pattern {
        AllowOrigin::predicate(move |origin: &HeaderValue, _parts| {
            permitted.iter().any(|entry| is_permitted(entry, origin))
        })
    } else {
        let origin = |entry| HeaderValue::from_str(entry).expect("a serialized origin is a header value");
        AllowOrigin::list(policy.origins.iter().map(|entry| origin(entry)))
    })
}

/// Subdomains as the example of [`AllowOrigin::predicate`] tells them, by the end of the origin alone.
fn is_permitted(entry: &PermittedOrigin, origin: &HeaderValue) -> bool {
    match entry {
        PermittedOrigin::Subdomains { domain, .. } => {
            origin.as_bytes().ends_with(format!(".{domain}").as_bytes())
        }
        whole => whole.permits(origin.as_bytes()),
    }
}

/// The layer rejects `Any` with credentials; what its documentation offers for any method is then to
/// mirror the request.
fn methods(policy: &Policy) -> Result<AllowMethods, PolicyError> {
    Ok(match policy.permitted_methods()? {
        PermittedNames::Any if policy.credentials => AllowMethods::mirror_request(),
        PermittedNames::Any => Any.into(),
        PermittedNames::Listed(names) => {
            let method = |name: &String| Method::from_bytes(name.as_bytes()).expect("a token is a method");
            AllowMethods::list(names.iter().map(method))
        }
    })
}

/// As for the methods.
fn headers(policy: &Policy) -> Result<AllowHeaders, PolicyError> {
    Ok(match policy.permitted_headers()? {
        PermittedNames::Any if policy.credentials => AllowHeaders::mirror_request(),
        PermittedNames::Any => Any.into(),
        PermittedNames::Listed(names) => AllowHeaders::list(names.iter().map(header_name)),
    })
}

/// There is nothing to mirror here: with credentials the layer rejects `Any`, and so be it.
fn expose(policy: &Policy) -> Result<ExposeHeaders, PolicyError> {
    Ok(match policy.exposed_headers()? {
        PermittedNames::Any => Any.into(),
        PermittedNames::Listed(names) => ExposeHeaders::list(names.iter().map(header_name)),
    })
}

fn header_name(name: &String) -> HeaderName {
    HeaderName::from_bytes(name.as_bytes()).expect("a token is a header name")
}
