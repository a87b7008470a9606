use corspec_protocol::PermittedOrigin;

use super::{exact, parts};
use crate::fault::Fault;
use crate::mutant::Mutant;

/// How the list of origins is read.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_exposes(
        "empty-list-is-any",
        "An empty list of origins permits any.",
        "D14: rs/cors, go-chi/cors, gorilla/handlers, fiber and others",
        Fault::Policy(|policy| {
            if policy.origins.is_empty() {
                policy.origins = vec!["*".into()];
            }
        }),
    ),
    Mutant::over_exposes(
        "empty-list-is-an-echo",
        "With an empty list of origins every page is answered in its own name, with credentials.",
        "W06, W17, D14: defaults that reflect",
        Fault::Permit(|turn| turn.listed || turn.entries.is_empty()),
    ),
    Mutant::over_blocks(
        "star-taken-literally",
        "`*` is compared like an origin, and no page is called that.",
        "W28: `*` in a list",
        Fault::Permit(|turn| turn.listed && !turn.policy.any_origin()),
    ),
    Mutant::over_blocks(
        "first-entry-alone",
        "Only the first listed origin is compared.",
        "O53: one value where a list is meant",
        Fault::Policy(|policy| policy.origins.truncate(1)),
    ),
    Mutant::over_blocks(
        "last-entry-alone",
        "Only the last listed origin is compared, for each one overwrites the one before.",
        "configuration by repeated keys",
        Fault::Policy(|policy| {
            let others = policy.origins.len().saturating_sub(1);
            policy.origins.drain(..others);
        }),
    ),
    Mutant::over_blocks(
        "two-entries-at-most",
        "Of a list only the first two origins are kept.",
        "fixed tables",
        Fault::Policy(|policy| policy.origins.truncate(2)),
    ),
    Mutant::over_blocks(
        "first-entry-lost",
        "The first listed origin is lost, as in a loop that starts at one.",
        "off by one",
        Fault::Policy(|policy| {
            if policy.origins.len() > 1 {
                policy.origins.remove(0);
            }
        }),
    ),
    Mutant::over_blocks(
        "list-joined",
        "The list is joined by commas and compared as one string.",
        "O53: Spring, django-cors-headers",
        Fault::Policy(|policy| policy.origins = vec![policy.origins.join(",")]),
    ),
    Mutant::over_blocks(
        "list-searched-as-if-sorted",
        "The list is searched by halves though nobody sorted it.",
        "binary search",
        Fault::Permit(|turn| {
            let patterns =
                turn.entries.iter().any(|entry| matches!(entry, PermittedOrigin::Subdomains { .. }));
            let found = turn.policy.origins.binary_search_by(|entry| entry.as_str().cmp(turn.page())).is_ok();
            turn.listed && (patterns || turn.policy.any_origin() || found)
        }),
    ),
    Mutant::over_exposes(
        "parts-of-different-entries",
        "Schemes, hosts and ports are looked up each in a list of its own.",
        "O24, O25: hosts and schemes configured apart",
        Fault::Permit(|turn| {
            let (scheme, host, port) = parts(turn.page());
            let any = |wanted: fn(&str) -> &str, asked: &str| {
                turn.policy.origins.iter().any(|entry| entry.contains("://") && wanted(entry) == asked)
            };
            turn.listed
                || (any(|entry| parts(entry).0, scheme)
                    && any(|entry| parts(entry).1, host)
                    && any(|entry| parts(entry).2, port))
        }),
    ),
    Mutant::over_exposes(
        "ports-of-other-entries",
        "A listed host is let in on the port of any entry.",
        "ports configured apart",
        Fault::Permit(|turn| {
            let (scheme, host, port) = parts(turn.page());
            let same_host = |entry: &String| (parts(entry).0, parts(entry).1) == (scheme, host);
            let same_port = |entry: &String| entry.contains("://") && parts(entry).2 == port;
            let origins = &turn.policy.origins;
            turn.listed || (origins.iter().any(same_host) && origins.iter().any(same_port))
        }),
    ),
    Mutant::over_exposes(
        "schemes-of-other-entries",
        "A listed host and port is let in with the scheme of any entry.",
        "O25: schemes configured apart",
        Fault::Permit(|turn| {
            let (scheme, host, port) = parts(turn.page());
            let same_place = |entry: &String| (parts(entry).1, parts(entry).2) == (host, port);
            let same_scheme = |entry: &String| parts(entry).0 == scheme;
            let origins = &turn.policy.origins;
            turn.listed || (origins.iter().any(same_place) && origins.iter().any(same_scheme))
        }),
    ),
    Mutant::over_exposes(
        "entries-run-together",
        "An origin that is two listed hosts in one is let in.",
        "O20: a tree in which one entry may follow another",
        Fault::Permit(|turn| {
            let joined = |first: &String| {
                let rest = turn.page().strip_prefix(first.as_str());
                rest.is_some_and(|rest| {
                    turn.policy
                        .origins
                        .iter()
                        .any(|second| second.split_once("://").is_some_and(|(_, host)| rest == host))
                })
            };
            turn.listed || turn.policy.origins.iter().any(joined)
        }),
    ),
    Mutant::over_blocks(
        "listed-spelling-in-capitals",
        "Listed origins are kept in capitals, and compared letter by letter.",
        "O30: actix-cors, express",
        Fault::Match(|entry, origin| exact(entry, origin, |listed| listed.to_ascii_uppercase() == origin)),
    ),
];
