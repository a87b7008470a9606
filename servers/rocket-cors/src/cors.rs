use std::collections::HashSet;

use corspec_protocol::{Answer, PermittedNames, PermittedOrigin, Policy};
use rocket_cors::{AllOrSome, AllowedHeaders, AllowedMethods, AllowedOrigins, CorsOptions, Origins};

/// The policy, said as <https://docs.rs/rocket_cors> shows.
pub(crate) fn options(policy: &Policy) -> Result<CorsOptions, Answer> {
    Ok(CorsOptions {
        allowed_origins: origins(policy.permitted_origins().map_err(Answer::failed)?),
        allowed_methods: methods(policy.permitted_methods().map_err(Answer::failed)?)?,
        allowed_headers: match policy.permitted_headers().map_err(Answer::failed)? {
            PermittedNames::Any => AllowedHeaders::all(),
            PermittedNames::Listed(names) => {
                AllowedHeaders::some(&names.iter().map(String::as_str).collect::<Vec<_>>())
            }
        },
        expose_headers: match policy.exposed_headers().map_err(Answer::failed)? {
            PermittedNames::Any => return Err(no_any("exposed headers")),
            PermittedNames::Listed(names) => names.iter().cloned().collect(),
        },
        allow_credentials: policy.credentials,
        max_age: policy.max_age.map(|seconds| usize::try_from(seconds).unwrap_or(usize::MAX)),
        ..CorsOptions::default()
    })
}

fn origins(permitted: Vec<PermittedOrigin>) -> AllowedOrigins {
    let (mut exact, mut regex) = (HashSet::new(), HashSet::new());
    let mut allow_null = false;
    for origin in permitted {
        match origin {
            PermittedOrigin::Any => return AllowedOrigins::all(),
            PermittedOrigin::Null => allow_null = true,
            PermittedOrigin::Exact(origin) => drop(exact.insert(origin)),
            // As in the documentation's own example, `^https://(.+).acme.com$`, whose dots fit any character.
            PermittedOrigin::Subdomains { scheme, domain } => {
                drop(regex.insert(format!("^{scheme}://(.+).{domain}$")))
            }
        }
    }
    AllOrSome::Some(Origins { allow_null, exact: Some(exact), regex: (!regex.is_empty()).then_some(regex) })
}

fn methods(permitted: PermittedNames<'_>) -> Result<AllowedMethods, Answer> {
    let PermittedNames::Listed(names) = permitted else { return Err(no_any("methods")) };
    let unknown =
        |name| Answer::unsupported(format!("Rocket knows a fixed set of methods, and {name} is not in it"));
    names.iter().map(|name| name.parse().map_err(|()| unknown(name))).collect()
}

fn no_any(what: &str) -> Answer {
    Answer::unsupported(format!("{what} are listed by name, there is no \"any\""))
}
