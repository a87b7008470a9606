use corspec_protocol::{Answer, PermittedNames, PermittedOrigin, Policy};
use tide::http::headers::HeaderValue;
use tide::security::{CorsMiddleware, Origin};

/// The policy, said as <https://docs.rs/tide/0.16.0/tide/security/struct.CorsMiddleware.html> shows.
pub(crate) fn middleware(policy: &Policy) -> Result<CorsMiddleware, Answer> {
    let permitted = policy.permitted_origins().map_err(Answer::failed)?;
    if permitted.iter().any(|origin| matches!(origin, PermittedOrigin::Subdomains { .. })) {
        return Err(Answer::unsupported(
            "origins are compared as a whole, there is no pattern and no function",
        ));
    }
    let cors = CorsMiddleware::new()
        .allow_origin(Origin::from(policy.origins.clone()))
        .allow_credentials(policy.credentials);
    let cors = match policy.permitted_methods().map_err(Answer::failed)? {
        PermittedNames::Any => {
            return Err(Answer::unsupported("methods are listed by name, there is no \"any\""));
        }
        PermittedNames::Listed(names) => cors.allow_methods(list(names)?),
    };
    let cors = match policy.permitted_headers().map_err(Answer::failed)? {
        // A star is the default.
        PermittedNames::Any => cors,
        PermittedNames::Listed(names) => cors.allow_headers(list(names)?),
    };
    let cors = match policy.exposed_headers().map_err(Answer::failed)? {
        PermittedNames::Any => {
            return Err(Answer::unsupported("exposed headers are listed by name, there is no \"any\""));
        }
        PermittedNames::Listed(names) => cors.expose_headers(list(names)?),
    };
    Ok(match policy.max_age {
        Some(seconds) => cors.max_age(header_value(&seconds.to_string())?),
        None => cors,
    })
}

/// Lists are header values, written as in the documentation's example, `GET, POST, OPTIONS`.
fn list(names: &[String]) -> Result<HeaderValue, Answer> {
    header_value(&names.join(", "))
}

fn header_value(text: &str) -> Result<HeaderValue, Answer> {
    text.parse().map_err(|error: tide::Error| Answer::failed(error))
}
