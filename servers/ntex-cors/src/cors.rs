use corspec_protocol::{Answer, PermittedNames, PermittedOrigin, Policy};
use ntex::web::DefaultError;
use ntex_cors::{Cors, CorsFactory};

/// The policy, said as <https://docs.rs/ntex-cors/3.2.1/ntex_cors/struct.Cors.html> shows.
pub(crate) fn middleware(policy: &Policy) -> Result<CorsFactory<DefaultError>, Answer> {
    let permitted = policy.permitted_origins().map_err(Answer::failed)?;
    if permitted.iter().any(|origin| matches!(origin, PermittedOrigin::Subdomains { .. })) {
        return Err(Answer::unsupported(
            "origins are compared as a whole, there is no pattern and no function",
        ));
    }
    let cors = policy.origins.iter().fold(Cors::new(), |cors, origin| cors.allowed_origin(origin));
    let cors = match policy.permitted_methods().map_err(Answer::failed)? {
        PermittedNames::Any => {
            return Err(Answer::unsupported("methods are listed by name, there is no \"any\""));
        }
        PermittedNames::Listed(names) => cors.allowed_methods(names.iter().map(String::as_str)),
    };
    let cors = match policy.permitted_headers().map_err(Answer::failed)? {
        // "Defaults to `All`."
        PermittedNames::Any => cors,
        PermittedNames::Listed(names) => cors.allowed_headers(names.iter().map(String::as_str)),
    };
    let cors = match policy.exposed_headers().map_err(Answer::failed)? {
        PermittedNames::Any => {
            return Err(Answer::unsupported("exposed headers are listed by name, there is no \"any\""));
        }
        PermittedNames::Listed(names) => cors.expose_headers(names.iter().map(String::as_str)),
    };
    let cors = if policy.credentials { cors.supports_credentials() } else { cors };
    let cors = match policy.max_age {
        Some(seconds) => cors.max_age(usize::try_from(seconds).unwrap_or(usize::MAX)),
        None => cors,
    };
    Ok(cors.finish())
}
