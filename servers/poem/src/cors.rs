use corspec_protocol::{Answer, PermittedNames, PermittedOrigin, Policy};
use poem::middleware::Cors;

/// The policy, said as <https://docs.rs/poem/latest/poem/middleware/struct.Cors.html> shows.
pub(crate) fn middleware(policy: &Policy) -> Result<Cors, Answer> {
    let permitted = policy.permitted_origins().map_err(Answer::failed)?;
    let cors = permitted.into_iter().fold(Cors::new(), |cors, origin| match origin {
        // "The default is to allow any", it says of origins, methods and headers.
        PermittedOrigin::Any => cors,
        PermittedOrigin::Null => cors.allow_origin("null"),
        PermittedOrigin::Exact(origin) => cors.allow_origin(origin),
        // Its name notwithstanding, it takes stars: "Example: `https://*.domain.url`".
        PermittedOrigin::Subdomains { scheme, domain } => {
            cors.allow_origin_regex(format!("{scheme}://*.{domain}"))
        }
    });
    let cors = match policy.permitted_methods().map_err(Answer::failed)? {
        PermittedNames::Any => cors,
        PermittedNames::Listed(names) => cors.allow_methods(names.iter().map(String::as_str)),
    };
    let cors = match policy.permitted_headers().map_err(Answer::failed)? {
        PermittedNames::Any => cors,
        PermittedNames::Listed(names) => cors.allow_headers(names.iter().map(String::as_str)),
    };
    let cors = match policy.exposed_headers().map_err(Answer::failed)? {
        PermittedNames::Any => {
            return Err(Answer::unsupported("exposed headers are listed by name, there is no \"any\""));
        }
        PermittedNames::Listed(names) => cors.expose_headers(names.iter().map(String::as_str)),
    };
    let cors = cors.allow_credentials(policy.credentials);
    Ok(match policy.max_age {
        Some(seconds) => cors.max_age(i32::try_from(seconds).unwrap_or(i32::MAX)),
        None => cors,
    })
}
