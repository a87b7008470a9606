use corspec_protocol::{Answer, PermittedNames, PermittedOrigin, Policy};
use viz::middleware::cors::Config;

/// The policy, said as <https://docs.rs/viz/latest/viz/middleware/cors/struct.Config.html> shows.
pub(crate) fn config(policy: &Policy) -> Result<Config, Answer> {
    let permitted = policy.permitted_origins().map_err(Answer::failed)?;
    if permitted.iter().any(|origin| matches!(origin, PermittedOrigin::Subdomains { .. })) {
        return Err(Answer::unsupported(
            "origins are listed as a whole, and origin_verify only narrows the list",
        ));
    }
    if let PermittedNames::Any = policy.exposed_headers().map_err(Answer::failed)? {
        return Err(Answer::unsupported("exposed headers are listed by name, there is no \"any\""));
    }
    // Any origin is what the default stands for, and says as this list of a star.
    let config = Config::new()
        .allow_origins(policy.origins.iter().map(String::as_str))
        .expose_headers(policy.expose.iter().map(String::as_str))
        .credentials(policy.credentials);
    let config = match policy.permitted_methods().map_err(Answer::failed)? {
        PermittedNames::Any => {
            return Err(Answer::unsupported("methods are listed by name, there is no \"any\""));
        }
        PermittedNames::Listed(names) => config.allow_methods(names.iter().map(String::as_str)),
    };
    let config = match policy.permitted_headers().map_err(Answer::failed)? {
        PermittedNames::Any => {
            return Err(Answer::unsupported("headers are listed by name, there is no \"any\""));
        }
        PermittedNames::Listed(names) => config.allow_headers(names.iter().map(String::as_str)),
    };
    Ok(match policy.max_age {
        Some(seconds) => config.max_age(usize::try_from(seconds).unwrap_or(usize::MAX)),
        None => config,
    })
}
