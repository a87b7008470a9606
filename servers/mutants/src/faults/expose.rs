use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::names::{EXPOSE_HEADERS, HeaderName};
use crate::reply::{Edit, Reply};
use crate::turn::Turn;

/// Which response headers scripts may read.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_blocks(
        "exposed-missing",
        "No header is exposed.",
        "A02: micronaut-security",
        Fault::OnActual(|_, reply| reply.cut(EXPOSE_HEADERS)),
    ),
    Mutant::over_blocks(
        "exposed-on-preflights-alone",
        "Headers are exposed on preflights, where no browser looks.",
        "A01: express, hono, hapi and others, where the other half is missing",
        Fault::Answer(|turn, reply| {
            reply.cut(EXPOSE_HEADERS);
            if turn.preflight && turn.listed && !turn.policy.expose.is_empty() {
                reply.put(EXPOSE_HEADERS, turn.policy.expose.join(", "));
            }
        }),
    ),
    Mutant::over_blocks(
        "exposed-not-on-errors",
        "No header is exposed on errors.",
        "A02, E07: errors written by other code",
        Fault::OnActual(|turn, reply| cut_if(reply, turn.status >= 400)),
    ),
    Mutant::over_blocks(
        "exposed-not-on-head",
        "No header is exposed on answers to HEAD.",
        "A02: methods handled by other code",
        Fault::OnActual(|turn, reply| cut_if(reply, turn.method() == "HEAD")),
    ),
    Mutant::over_blocks(
        "exposed-on-get-alone",
        "Headers are exposed on answers to GET alone.",
        "A02: methods handled by other code",
        Fault::OnActual(|turn, reply| cut_if(reply, !matches!(turn.method(), "GET" | "HEAD"))),
    ),
    Mutant::over_blocks(
        "exposed-not-with-credentials",
        "Where credentials are permitted, no header is exposed.",
        "A04: precautions against `*`",
        Fault::OnActual(|turn, reply| cut_if(reply, turn.policy.credentials)),
    ),
    Mutant::over_blocks(
        "exposed-to-the-first-entry",
        "Only the first listed origin sees exposed headers.",
        "W18: permissions by entry",
        Fault::OnActual(|turn, reply| {
            let first = turn.policy.origins.first().is_some_and(|first| first == turn.page());
            cut_if(reply, !first && turn.policy.origins.len() > 1);
        }),
    ),
    Mutant::over_blocks(
        "exposed-not-to-null",
        "The opaque origin, where it is permitted, sees no exposed header.",
        "O38: `null` handled apart",
        Fault::OnActual(|turn, reply| cut_if(reply, turn.page() == "null")),
    ),
    Mutant::over_blocks(
        "exposed-first-alone",
        "Only the first of the listed headers is exposed.",
        "O53 for exposed headers",
        Fault::Policy(|policy| policy.expose.truncate(1)),
    ),
    Mutant::over_blocks(
        "exposed-last-alone",
        "Only the last of the listed headers is exposed, for each line overwrites the one before.",
        "M05: headers that are set where they should be added",
        Fault::Policy(|policy| {
            let others = policy.expose.len().saturating_sub(1);
            policy.expose.drain(..others);
        }),
    ),
    Mutant::over_blocks(
        "exposed-with-spaces",
        "Exposed names are joined by spaces.",
        "lists written by hand",
        Fault::OnActual(|_, reply| reply.reword(EXPOSE_HEADERS, |names| names.replace(", ", " "))),
    ),
    Mutant::over_blocks(
        "exposed-with-semicolons",
        "Exposed names are joined by semicolons.",
        "lists written by hand",
        Fault::OnActual(|_, reply| reply.reword(EXPOSE_HEADERS, |names| names.replace(", ", "; "))),
    ),
    Mutant::over_blocks(
        "exposed-in-brackets",
        "The list of exposed headers is written as the language prints lists.",
        "serialised lists",
        Fault::OnActual(|_, reply| reply.reword(EXPOSE_HEADERS, |names| format!("[{names}]"))),
    ),
    Mutant::over_blocks(
        "exposed-with-a-stray-element",
        "One element of the exposed names is no name, which hides them all.",
        "H24: templates that were not filled in",
        Fault::OnActual(|_, reply| reply.reword(EXPOSE_HEADERS, |names| format!("{names}, X Other:"))),
    ),
    Mutant::over_blocks(
        "exposed-with-underscores",
        "Exposed names have underscores for hyphens.",
        "CGI and its successors",
        Fault::OnActual(|_, reply| reply.reword(EXPOSE_HEADERS, |names| names.replace('-', "_"))),
    ),
    Mutant::over_blocks(
        "exposed-under-a-wrong-name",
        "Exposed headers are told under a misspelt name.",
        "hand-written proxy configurations",
        Fault::OnActual(|_, reply| reply.rename(EXPOSE_HEADERS, "access-control-exposed-headers")),
    ),
    Mutant::over_blocks(
        "exposed-headers-stripped",
        "The headers that are to be exposed are lost on the way, for the layer makes a new response.",
        "A02: lost in a filter",
        Fault::OnActual(|turn, reply| {
            let own: Vec<HeaderName> =
                turn.own.keys().filter(|name| name.as_str().starts_with("x-")).cloned().collect();
            own.into_iter().for_each(|name| reply.cut(name));
        }),
    ),
    Mutant::over_blocks(
        "exposed-any-taken-literally",
        "`*` is exposed to requests with credentials too, which take it for a header of that name.",
        "A04: most middlewares",
        Fault::OnActual(|turn, reply| {
            if turn.policy.exposes_any() {
                reply.reword(EXPOSE_HEADERS, |_| "*".into());
            }
        }),
    ),
    Mutant::over_blocks(
        "exposed-any-is-none",
        "`*` in the list of exposed headers is dropped, for it is no header.",
        "lists without a wildcard",
        Fault::Policy(|policy| policy.expose.retain(|name| name != "*")),
    ),
    Mutant::over_exposes(
        "exposed-all",
        "Every header of the answer is exposed, whatever the list.",
        "A01, A02: expose_any",
        Fault::OnActual(|turn, reply| {
            if turn.listed {
                expose_all(turn, reply);
            }
        }),
    ),
    Mutant::over_exposes(
        "exposed-star-always",
        "`*` is exposed, whatever the list.",
        "A04: hand-written proxy configurations",
        Fault::OnActual(|turn, reply| {
            if turn.listed {
                reply.put(EXPOSE_HEADERS, "*");
            }
        }),
    ),
    Mutant::over_exposes(
        "exposed-empty-is-star",
        "An empty list of exposed headers is taken for `*`.",
        "H24: empty lists",
        Fault::OnActual(|turn, reply| {
            if turn.listed && turn.policy.expose.is_empty() {
                reply.put(EXPOSE_HEADERS, "*");
            }
        }),
    ),
    Mutant::over_exposes(
        "exposed-empty-is-all",
        "With an empty list every header of the answer is exposed.",
        "H24: empty lists",
        Fault::OnActual(|turn, reply| {
            if turn.listed && turn.policy.expose.is_empty() {
                expose_all(turn, reply);
            }
        }),
    ),
    Mutant::over_exposes(
        "exposed-request-id-always",
        "X-Request-Id is exposed whatever the list.",
        "defaults that are added to the list",
        Fault::OnActual(|turn, reply| {
            if turn.listed && !turn.policy.exposes_any() {
                reply.add(EXPOSE_HEADERS, "X-Request-Id");
            }
        }),
    ),
    Mutant::over_exposes(
        "exposed-by-prefix",
        "Where one X- header is listed, all of them are exposed.",
        "prefixes in the place of names",
        Fault::OnActual(|turn, reply| {
            let custom = |name: &String| name.to_ascii_lowercase().starts_with("x-");
            if turn.listed && turn.policy.expose.iter().any(custom) {
                reply.add(EXPOSE_HEADERS, "X-Request-Id, X-Secret");
            }
        }),
    ),
    Mutant::over_exposes(
        "exposed-all-after-a-preflight",
        "Answers to requests that had to ask expose every header.",
        "asking taken for a permission",
        Fault::OnActual(|turn, reply| {
            if turn.listed && !matches!(turn.method(), "GET" | "HEAD" | "POST") {
                expose_all(turn, reply);
            }
        }),
    ),
    Mutant::over_exposes(
        "exposed-all-on-head",
        "Answers to HEAD expose every header, for headers are what was asked for.",
        "methods handled by other code",
        Fault::OnActual(|turn, reply| {
            if turn.listed && turn.method() == "HEAD" {
                expose_all(turn, reply);
            }
        }),
    ),
    Mutant::over_exposes(
        "exposed-vary",
        "Vary is exposed along with the listed headers.",
        "the layer's own headers among the exposed",
        Fault::OnActual(|turn, reply| {
            if turn.listed && !turn.policy.exposes_any() {
                reply.add(EXPOSE_HEADERS, "Vary");
            }
        }),
    ),
];

fn cut_if(reply: &mut Reply, condition: bool) {
    if condition {
        reply.cut(EXPOSE_HEADERS);
    }
}

fn expose_all(turn: &Turn, reply: &mut Reply) {
    let names: Vec<_> = turn.own.keys().map(HeaderName::as_str).collect();
    reply.put(EXPOSE_HEADERS, names.join(", "));
}
