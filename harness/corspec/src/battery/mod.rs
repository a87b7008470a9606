//! The battery: every case that follows from a policy, for a server about which no more is known than that.
//!
//! A case file says what its author thought of. The battery walks the edges of any policy: each origin that it lists and
//! whatever looks like one, listed and unlisted methods and headers in several spellings and numbers, credentials on and off,
//! what is exposed and what is not, every kind of response, orders and repetitions, caches in between, and the times around
//! max-age. What must come of each follows from the policy's meaning alone, by [`derive`](crate::derive).

mod answers;
mod caches;
mod draft;
mod exposed;
mod home;
mod look_alikes;
mod methods;
mod names;
mod order;
mod quick;
mod site;
mod time;
mod who;

use corspec_protocol::{Policy, PolicyError};

use crate::case::{Kind, Source, Suite};
use draft::Battery;

pub use site::{Route, Site};

/// How much of the battery is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// The cases that tell nearly as much in a tenth of the requests.
    Quick,
}

/// A part of the battery: what it is about, and the cases that it comes to.
type Theme = (&'static str, &'static str, &'static str, fn(&mut Battery<'_>));

const THEMES: [Theme; 9] = [
    (
        "who",
        "https://fetch.spec.whatwg.org/#cors-check",
        "Every page that the policy lists gets in, and no page that looks like one.",
        who::cases,
    ),
    (
        "methods",
        "https://fetch.spec.whatwg.org/#http-access-control-allow-methods",
        "Each method that the policy lists is granted, and no other, however alike it is.",
        methods::cases,
    ),
    (
        "request-headers",
        "https://fetch.spec.whatwg.org/#http-access-control-allow-headers",
        "Each request header that the policy lists is granted, alone and with others, and no other is.",
        names::cases,
    ),
    (
        "exposed-headers",
        "https://fetch.spec.whatwg.org/#http-access-control-expose-headers",
        "Script sees the response headers that the policy exposes, and no others.",
        exposed::cases,
    ),
    (
        "answers",
        "https://fetch.spec.whatwg.org/#http-responses",
        "Whatever the server answers, an error or a redirect, is as readable as the policy says.",
        answers::cases,
    ),
    (
        "home",
        "https://fetch.spec.whatwg.org/#concept-main-fetch",
        "The server's own pages need nobody's permission.",
        home::cases,
    ),
    (
        "order",
        "https://fetch.spec.whatwg.org/#http-cors-protocol",
        "No answer depends on who asked before.",
        order::cases,
    ),
    (
        "caches",
        "https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches",
        "No cache hands a page what was made for another.",
        caches::cases,
    ),
    (
        "time",
        "https://fetch.spec.whatwg.org/#http-access-control-max-age",
        "A permission is remembered for as long as the policy says.",
        time::cases,
    ),
];

/// The suites that a policy comes to on a site, theme by theme; one without any case is left out. Their names begin with
/// `prefix`, if it is not empty.
///
/// # Errors
/// Where the policy says nothing that a server could enforce.
pub fn battery(
    prefix: &str,
    policy: &Policy,
    site: &Site,
    extent: Extent,
) -> Result<Vec<Suite>, PolicyError> {
    policy.permitted_methods()?;
    policy.permitted_headers()?;
    policy.exposed_headers()?;
    let permitted = policy.permitted_origins()?;
    let mut suites = Vec::new();
    for (theme, spec, about, cases) in THEMES {
        let mut battery = Battery::new(policy, &permitted, site);
        cases(&mut battery);
        let mut cases = battery.finish();
        if extent == Extent::Quick {
            cases = quick::keep(theme, &permitted, cases);
        }
        if cases.is_empty() {
            continue;
        }
        let name = if prefix.is_empty() { theme.to_owned() } else { format!("{prefix}-{theme}") };
        suites.push(Suite {
            name,
            kind: Kind::Server,
            spec: spec.to_owned(),
            about: Some(about.to_owned()),
            guards: None,
            policy: Some(policy.clone()),
            server: site.public.clone(),
            cases,
            source: Source::new("", ""),
        });
    }
    Ok(suites)
}

#[cfg(test)]
mod tests;
