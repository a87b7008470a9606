use corspec_protocol::{PermittedOrigin, Policy};

/// What a misread policy may have made of its entries is no longer checked: an entry that makes no
/// sense is one that nothing equals.
pub(crate) fn entries(policy: &Policy) -> Vec<PermittedOrigin> {
    let parse = |entry: &String| {
        let alone = Policy { origins: vec![entry.clone()], ..policy.clone() };
        let parsed = alone.permitted_origins().ok().and_then(|mut entries| entries.pop());
        parsed.unwrap_or_else(|| PermittedOrigin::Exact(entry.clone()))
    };
    policy.origins.iter().map(parse).collect()
}

/// Whether a list holds a method, letter by letter.
pub(crate) fn lists_method(policy: &Policy, method: &str) -> bool {
    policy.any_method() || policy.methods.iter().any(|listed| listed == method)
}

/// Whether a list holds a request header.
pub(crate) fn lists_header(policy: &Policy, name: &str) -> bool {
    policy.any_header() || policy.headers.iter().any(|listed| listed.eq_ignore_ascii_case(name))
}
