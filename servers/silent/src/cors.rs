use corspec_protocol::{Answer, PermittedNames, PermittedOrigin, Policy, PolicyError};
use silent::middlewares::{Cors, CorsType};

/// The policy, said as <https://docs.rs/silent/latest/silent/middlewares/struct.Cors.html> shows.
pub(crate) fn middleware(policy: &Policy) -> Result<Cors, Answer> {
    let permitted = policy.permitted_origins().map_err(Answer::failed)?;
    if permitted.iter().any(|origin| matches!(origin, PermittedOrigin::Subdomains { .. })) {
        return Err(Answer::unsupported(
            "origins are compared as a whole, there is no pattern and no function",
        ));
    }
    let origins =
        if policy.any_origin() { CorsType::Any } else { CorsType::AllowSome(policy.origins.clone()) };
    let cors = Cors::new()
        .origin(origins)
        .methods(names(policy.permitted_methods())?)
        .headers(names(policy.permitted_headers())?)
        .expose(names(policy.exposed_headers())?)
        .credentials(policy.credentials);
    Ok(match policy.max_age {
        Some(seconds) => cors.max_age(u32::try_from(seconds).unwrap_or(u32::MAX)),
        None => cors,
    })
}

fn names(permitted: Result<PermittedNames<'_>, PolicyError>) -> Result<CorsType, Answer> {
    Ok(match permitted.map_err(Answer::failed)? {
        PermittedNames::Any => CorsType::Any,
        PermittedNames::Listed(names) => CorsType::AllowSome(names.to_vec()),
    })
}
