use corspec_protocol::PermittedOrigin;

use super::{exact, fits, parts, pattern};
use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::names::ALLOW_ORIGIN;
use crate::reply::Edit;

/// How an origin is compared to a subdomain pattern.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_exposes(
        "pattern-covers-the-apex",
        "A subdomain pattern lets the domain itself in.",
        "O21, O48: fiber",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |scheme, domain| {
                origin == format!("{scheme}://{domain}") || entry.permits(origin.as_bytes())
            })
        }),
    ),
    Mutant::over_exposes(
        "pattern-without-its-dot",
        "A pattern is matched by the end of the host without the dot before it.",
        "O20, O22: suffix tests",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |scheme, domain| {
                let (asking, host, port) = parts(origin);
                asking == scheme && port.is_empty() && host.ends_with(domain) && host != domain
            })
        }),
    ),
    Mutant::over_exposes(
        "pattern-without-an-end",
        "A pattern is matched by what an origin holds, whatever follows.",
        "O04, O07, O12, O13: unanchored patterns",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |scheme, domain| {
                parts(origin).0 == scheme && origin.contains(&format!(".{domain}"))
            })
        }),
    ),
    Mutant::over_exposes(
        "pattern-without-a-start",
        "A pattern is matched by the end of the origin alone, whatever the scheme.",
        "O22: suffix tests on the whole origin",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |_, domain| origin.ends_with(&format!(".{domain}")))
        }),
    ),
    Mutant::over_exposes(
        "pattern-dot-unescaped",
        "The dots of a pattern stand for any character.",
        "O01, O10: patterns turned into regular expressions",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |scheme, domain| {
                let (asking, host, port) = parts(origin);
                let dotted = format!(".{domain}");
                let end = host.len().checked_sub(dotted.len()).and_then(|start| host.get(start..));
                asking == scheme && port.is_empty() && end.is_some_and(|end| fits(&dotted, end))
            })
        }),
    ),
    Mutant::over_exposes(
        "pattern-port-ignored",
        "A pattern lets every port of a matching host in.",
        "O11, O49: `*` crosses the port",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |_, _| {
                let (scheme, host, _) = parts(origin);
                entry.permits(format!("{scheme}://{host}").as_bytes())
            })
        }),
    ),
    Mutant::over_exposes(
        "pattern-insecure-twin",
        "A pattern for secure hosts lets insecure ones in as well.",
        "O23, O25: schemes that are filled in",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |_, _| {
                entry.permits(origin.as_bytes())
                    || entry.permits(origin.replacen("http:", "https:", 1).as_bytes())
            })
        }),
    ),
    Mutant::over_exposes(
        "pattern-scheme-ignored",
        "A pattern is compared by host alone.",
        "O23, O24: rack-cors, Kong",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |scheme, _| {
                let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
                entry.permits(format!("{scheme}://{authority}").as_bytes())
            })
        }),
    ),
    Mutant::over_exposes(
        "pattern-by-last-label",
        "Of a pattern only the part after its last dot is compared.",
        "hand-written look-ups from the right",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |scheme, domain| {
                let (asking, host, port) = parts(origin);
                let last = domain.rsplit('.').next();
                asking == scheme && port.is_empty() && host.contains('.') && host.rsplit('.').next() == last
            })
        }),
    ),
    Mutant::over_exposes(
        "pattern-trailing-dot-dropped",
        "A trailing dot of the host is dropped before it is matched.",
        "O05: origins compared by parsed parts",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |_, _| {
                entry.permits(origin.strip_suffix('.').unwrap_or(origin).as_bytes())
            })
        }),
    ),
    Mutant::over_exposes(
        "pattern-star-is-any",
        "A list with a star in any entry permits any origin.",
        "O14, W26, W28: gin, rs/cors",
        Fault::Match(|entry, origin| pattern(entry, origin, |_, _| origin.contains("://"))),
    ),
    Mutant::over_exposes(
        "pattern-endings-run-together",
        "The endings of several patterns are kept in one tree, in which one may follow another.",
        "O20: jub0bs/fcors and jub0bs/cors",
        Fault::Permit(|turn| {
            let domains = |entry: &PermittedOrigin| match entry {
                PermittedOrigin::Subdomains { domain, .. } => domain.split('.').next().map(str::to_owned),
                _ => None,
            };
            let firsts: Vec<_> = turn.entries.iter().filter_map(domains).collect();
            let (scheme, host, port) = parts(turn.page());
            let run_together = host.split('.').any(|label| {
                firsts.iter().any(|first| {
                    label
                        .strip_prefix(first.as_str())
                        .is_some_and(|rest| firsts.iter().any(|next| next == rest))
                })
            });
            turn.listed || (scheme == "https" && port.is_empty() && run_together)
        }),
    ),
    Mutant::over_blocks(
        "pattern-taken-literally",
        "A pattern is compared like an origin, and no origin has a star in it.",
        "O02: middlewares without patterns",
        Fault::Match(|entry, origin| pattern(entry, origin, |_, _| false)),
    ),
    Mutant::over_blocks(
        "pattern-means-www",
        "Of all subdomains only `www` is let in.",
        "normalisation in configuration panels",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |scheme, domain| origin == format!("{scheme}://www.{domain}"))
        }),
    ),
    Mutant::over_blocks(
        "pattern-letters-only",
        "The star stands for letters, not for digits and hyphens.",
        "O47: readings of `*`",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |_, _| {
                let first = parts(origin).1.split('.').next().unwrap_or_default();
                entry.permits(origin.as_bytes()) && first.bytes().all(|byte| byte.is_ascii_lowercase())
            })
        }),
    ),
    Mutant::over_blocks(
        "pattern-without-hyphens",
        "The star stands for a word in the sense of regular expressions, which has no hyphen.",
        "O47: `\\w+`",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |_, _| {
                let first = parts(origin).1.split('.').next().unwrap_or_default();
                entry.permits(origin.as_bytes()) && !first.contains('-')
            })
        }),
    ),
    Mutant::over_blocks(
        "pattern-short-labels-only",
        "Labels are cut at 32 characters, though DNS has room for 63.",
        "fixed buffers in proxies",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |_, _| {
                let first = parts(origin).1.split('.').next().unwrap_or_default();
                entry.permits(origin.as_bytes()) && first.len() <= 32
            })
        }),
    ),
    Mutant::over_blocks(
        "pattern-not-below-its-own-name",
        "A host whose label repeats the domain's first one is not matched: the search stops at the first.",
        "hand-written matching without going back",
        Fault::Match(|entry, origin| {
            pattern(entry, origin, |scheme, domain| {
                let first = domain.split('.').next().unwrap_or_default();
                let repeated = origin.starts_with(&format!("{scheme}://{first}."));
                entry.permits(origin.as_bytes()) && !repeated
            })
        }),
    ),
    Mutant::over_blocks(
        "pattern-itself-is-sent",
        "The answer names the pattern in place of the origin that matched it.",
        "O29 in the place of patterns: the configured spelling is returned",
        Fault::Answer(|turn, reply| {
            let matched = turn.entries.iter().find(|entry| entry.permits(turn.page().as_bytes()));
            if let Some(PermittedOrigin::Subdomains { scheme, domain }) = matched {
                reply.reword(ALLOW_ORIGIN, |_| format!("{scheme}://*.{domain}"));
            }
        }),
    ),
    Mutant::over_blocks(
        "pattern-hides-exact-entries",
        "As soon as there is a pattern, entries without a star are forgotten.",
        "O51: jub0bs/cors 0.12.0",
        Fault::Permit(|turn| {
            let is_pattern = |entry: &PermittedOrigin| matches!(entry, PermittedOrigin::Subdomains { .. });
            let matched =
                |entry: &PermittedOrigin| is_pattern(entry) && entry.permits(turn.page().as_bytes());
            turn.listed && (!turn.entries.iter().any(is_pattern) || turn.entries.iter().any(matched))
        }),
    ),
    Mutant::over_blocks(
        "pattern-hidden-by-exact-entries",
        "As soon as there is an exact entry, patterns are forgotten.",
        "options that override one another",
        Fault::Permit(|turn| {
            let is_exact = |entry: &PermittedOrigin| matches!(entry, PermittedOrigin::Exact(_));
            let matched = |entry: &PermittedOrigin| exact(entry, "", |listed| turn.page() == listed);
            turn.listed && (!turn.entries.iter().any(is_exact) || turn.entries.iter().any(matched))
        }),
    ),
    Mutant::over_blocks(
        "pattern-first-alone",
        "Of several patterns only the first one is looked at.",
        "O51: several patterns",
        Fault::Permit(|turn| {
            let mut patterns = 0;
            turn.policy.any_origin()
                || turn.entries.iter().any(|entry| {
                    patterns += usize::from(matches!(entry, PermittedOrigin::Subdomains { .. }));
                    let later = matches!(entry, PermittedOrigin::Subdomains { .. }) && patterns > 1;
                    !later && entry.permits(turn.page().as_bytes())
                })
        }),
    ),
    Mutant::over_blocks(
        "pattern-nested-one-hidden",
        "A pattern that lies below another one hides it: the longest ending must match, and is asked alone.",
        "O51: patterns that share an ending",
        Fault::Permit(|turn| {
            let nested = |entry: &PermittedOrigin| match entry {
                PermittedOrigin::Subdomains { domain, .. } => turn.entries.iter().any(|other| match other {
                    PermittedOrigin::Subdomains { domain: longer, .. } => {
                        longer.ends_with(&format!(".{domain}"))
                    }
                    _ => false,
                }),
                _ => false,
            };
            let page = turn.page().as_bytes();
            turn.policy.any_origin() || turn.entries.iter().any(|entry| !nested(entry) && entry.permits(page))
        }),
    ),
    Mutant::over_exposes(
        "pattern-without-an-end-on-preflights",
        "Preflights are answered by other code, which looks for the domain anywhere.",
        "Z07: gateways that answer preflights themselves",
        Fault::Permit(|turn| {
            let within = |entry: &PermittedOrigin| match entry {
                PermittedOrigin::Subdomains { domain, .. } => turn.page().contains(domain.as_str()),
                _ => false,
            };
            turn.listed || (turn.preflight && turn.entries.iter().any(within))
        }),
    ),
];
