//! The few cases of a battery that tell most.
//!
//! Which they are was measured, on servers that are wrong in one way each: `servers/mutants` holds the figures, and
//! `reports/POWER.md` shows them. What a case kills depends on what kind of policy it is made from, so each kind has its own.

use corspec_protocol::PermittedOrigin;
use globset::Glob;

use crate::case::Case;

/// Of one theme, patterns of ids, and how many of the cases that each matches are taken, in their order.
type Picks = (&'static str, &'static [(&'static str, usize)]);

/// Keeps the cases of a theme that tell most.
pub(super) fn keep(theme: &str, permitted: &[PermittedOrigin], cases: Vec<Case>) -> Vec<Case> {
    let of_the_kind = if permitted.iter().any(|entry| matches!(entry, PermittedOrigin::Any)) {
        ANYBODY
    } else if permitted.iter().any(|entry| matches!(entry, PermittedOrigin::Subdomains { .. })) {
        PATTERNS
    } else {
        LISTED
    };
    let picks = ALWAYS.iter().chain(of_the_kind).filter(|(of, _)| *of == theme).flat_map(|(_, picks)| *picks);
    let mut kept = vec![false; cases.len()];
    for &(pattern, count) in picks {
        let glob = Glob::new(pattern).expect("the patterns below are globs").compile_matcher();
        let matching = cases.iter().enumerate().filter(|(_, case)| glob.is_match(&case.id));
        matching.take(count).for_each(|(number, _)| kept[number] = true);
    }
    cases.into_iter().zip(kept).filter_map(|(case, kept)| kept.then_some(case)).collect()
}

/// What is asked of every server, also of one that serves nothing of the protocol's resource.
const ALWAYS: &[Picks] = &[
    ("who", &[("in-*-without", 1), ("in-*-with-credentials", 1), ("out-opaque", 1)]),
    ("answers", &[("route-*", 4)]),
    ("home", &[("reads", 1)]),
];

const LISTED: &[Picks] = &[
    (
        "who",
        &[
            ("out-cut-short-preflighted", 1),
            ("out-extension", 1),
            ("out-localhost", 1),
            ("out-loopback", 1),
            ("out-opaque-preflighted", 1),
            ("out-other-default-port", 1),
            ("out-other-scheme", 1),
            ("out-suffix-with-comma-preflighted", 1),
            ("out-trailing-dot", 1),
            ("out-www-with-credentials", 1),
        ],
    ),
    (
        "methods",
        &[
            ("listed-post-*", 1),
            ("listed-put-*", 1),
            ("unlisted-delete-*", 1),
            ("unlisted-odd-*", 1),
            ("unlisted-options-*", 1),
            ("unlisted-pu-with-a-listed-header", 1),
            ("unlisted-put-delete-*", 1),
        ],
    ),
    (
        "request-headers",
        &[
            ("alike-beheaded-*", 1),
            ("alike-dotted-*", 1),
            ("alike-underscored-*", 1),
            ("listed-with-a-listed-method", 1),
            ("unlisted-authorization-*", 1),
            ("unlisted-before-a-listed-one", 1),
            ("unlisted-cache-control-*", 1),
            ("unlisted-odd-*", 1),
            ("unlisted-with-a-listed-method", 1),
            ("unlisted-x-requested-with-*", 1),
        ],
    ),
    ("exposed-headers", &[("error-*-with-credentials", 1), ("head-*-with-credentials", 1)]),
    (
        "answers",
        &[
            ("handler-fails", 1),
            ("handler-fails-stranger", 1),
            ("head-stranger-without", 1),
            ("login-stranger", 1),
            ("nowhere", 1),
            ("own-cors-legacy-without", 1),
            ("post-form-stranger", 1),
            ("preflight-less-stranger", 1),
            ("preflight-nowhere-permitted", 1),
            ("redirect-301-stranger-unled", 1),
            ("redirect-303", 1),
            ("runs-nothing-stranger", 1),
            ("status-422", 1),
            ("status-429", 1),
            ("status-503", 1),
        ],
    ),
    ("home", &[("options", 1), ("sends-header", 1)]),
    ("caches", &[("without-origin-first", 1)]),
    ("time", &[("remembered", 1)]),
];

const PATTERNS: &[Picks] = &[
    (
        "who",
        &[
            ("in-*-with-credentials-preflighted", 1),
            ("out-all-dots-of-*", 1),
            ("out-apex", 1),
            ("out-asterisk-preflighted", 1),
            ("out-longer-port-of-*", 1),
            ("out-loopback", 1),
            ("out-other-port", 1),
            ("out-other-scheme", 1),
            ("out-run-together", 1),
            ("out-short", 1),
            ("out-trailing-dot", 1),
            ("out-www-of-*", 1),
        ],
    ),
    (
        "methods",
        &[
            ("listed-delete-*", 1),
            ("listed-options-*", 1),
            ("listed-patch-*", 1),
            ("listed-post-*", 2),
            ("unlisted-patch-*", 1),
            ("unlisted-pu-*", 1),
            ("unlisted-put-delete-with-a-listed-header", 1),
        ],
    ),
    (
        "request-headers",
        &[
            ("alike-cut-*", 1),
            ("alike-dot-as-letter-*", 1),
            ("alike-dotted-*", 1),
            ("alike-joined-at-underscores-*", 1),
            ("listed-all-together", 1),
            ("unlisted-behind-a-listed-one", 1),
            ("unlisted-x-auth-token-*", 1),
        ],
    ),
    ("exposed-headers", &[("error-*-without", 1), ("preflighted-*-without", 1)]),
    (
        "answers",
        &[
            ("error-permitted-with-credentials", 1),
            ("nowhere", 1),
            ("nowhere-stranger", 1),
            ("own-cors-insider", 1),
            ("preflight-query-permitted", 1),
            ("runs-nothing-unlisted", 1),
            ("status-403-post", 1),
        ],
    ),
    ("home", &[("options", 1)]),
    ("caches", &[("stranger-first", 1), ("two-visitors-*", 1)]),
    ("time", &[("not-remembered", 1)]),
];

const ANYBODY: &[Picks] = &[
    ("methods", &[("listed-patch-*", 1)]),
    (
        "request-headers",
        &[("listed-many", 1), ("unlisted-authorization-*", 1), ("unlisted-cache-control-*", 1)],
    ),
    ("exposed-headers", &[("error-*-without", 1), ("head-*-without", 3)]),
    (
        "answers",
        &[
            ("head-permitted-with-credentials", 1),
            ("nowhere", 1),
            ("own-cors-insider", 1),
            ("own-options", 1),
            ("preflight-less-permitted", 1),
            ("redirect-307", 1),
            ("runs-once", 1),
            ("status-400-post", 1),
        ],
    ),
    ("home", &[("options", 1)]),
    ("caches", &[("two-visitors-reversed-*", 2), ("without-origin-first", 1)]),
];
