use std::time::Duration;

use corspec_protocol::{Answer, PermittedNames, PermittedOrigin, Policy, PolicyError};
use warp::filters::cors::Builder;

/// The policy, said as <https://docs.rs/warp/latest/warp/filters/cors/> shows.
pub(crate) fn filter(policy: &Policy) -> Result<Builder, Answer> {
    let permitted = policy.permitted_origins().map_err(Answer::failed)?;
    if permitted.iter().any(|origin| matches!(origin, PermittedOrigin::Subdomains { .. })) {
        return Err(Answer::unsupported(
            "origins are compared as a whole, there is no pattern and no function",
        ));
    }
    let cors = if policy.any_origin() {
        warp::cors().allow_any_origin()
    } else {
        warp::cors().allow_origins(policy.origins.iter().map(String::as_str))
    };
    let cors = cors
        .allow_methods(listed(policy.permitted_methods(), "methods")?)
        .allow_headers(listed(policy.permitted_headers(), "request headers")?)
        .expose_headers(listed(policy.exposed_headers(), "exposed headers")?)
        .allow_credentials(policy.credentials);
    Ok(match policy.max_age {
        Some(seconds) => cors.max_age(Duration::from_secs(seconds)),
        None => cors,
    })
}

fn listed<'a>(
    names: Result<PermittedNames<'a>, PolicyError>,
    what: &str,
) -> Result<impl Iterator<Item = &'a str>, Answer> {
    match names.map_err(Answer::failed)? {
        PermittedNames::Any => {
            Err(Answer::unsupported(format!("{what} are listed by name, there is no \"any\"")))
        }
        PermittedNames::Listed(names) => Ok(names.iter().map(String::as_str)),
    }
}
