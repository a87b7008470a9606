use super::parts;
use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::names::{ALLOW_CREDENTIALS, ALLOW_ORIGIN, HOST};
use crate::reply::{Edit, Reply};
use crate::turn::Turn;

/// What `Access-Control-Allow-Origin` says.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_exposes(
        "everybody-echoed",
        "Every origin is answered in its own name.",
        "D02, W06, W15, W17: reflection",
        Fault::Permit(|_| true),
    ),
    Mutant::over_exposes(
        "everybody-starred",
        "Every answer says `*`, whatever the list.",
        "hand-written proxy configurations",
        Fault::Answer(|_, reply| reply.put(ALLOW_ORIGIN, "*")),
    ),
    Mutant::over_exposes(
        "star-without-credentials",
        "Every answer says `*` where no credentials are permitted, whatever the list.",
        "W24, W29: `*` where it seems harmless",
        Fault::Answer(|turn, reply| {
            if !turn.policy.credentials {
                reply.put(ALLOW_ORIGIN, "*");
            }
        }),
    ),
    Mutant::over_exposes(
        "refused-told-star",
        "A refused origin is answered with `*`.",
        "D02: h3 before 2",
        Fault::Answer(|turn, reply| {
            if !turn.listed {
                reply.put(ALLOW_ORIGIN, "*");
            }
        }),
    ),
    Mutant::over_exposes(
        "refused-told-null",
        "A refused origin is answered with `null`, which every sandboxed frame matches.",
        "O36: nelmio, silex cors, CVE-2019-9580",
        Fault::Answer(|turn, reply| {
            if !turn.listed {
                reply.put(ALLOW_ORIGIN, "null");
                if turn.policy.credentials {
                    reply.put(ALLOW_CREDENTIALS, "true");
                }
            }
        }),
    ),
    Mutant::over_exposes(
        "refused-told-null-without-credentials",
        "A refused origin is answered with `null`, and without a permission for credentials.",
        "O36: nelmio, silex cors",
        Fault::Answer(|turn, reply| {
            if !turn.listed {
                reply.put(ALLOW_ORIGIN, "null");
            }
        }),
    ),
    Mutant::over_blocks(
        "any-told-null",
        "Where any origin is permitted, the answer says `null`.",
        "O36: `null` read as no restriction",
        Fault::Answer(|turn, reply| {
            if turn.policy.any_origin() {
                reply.put(ALLOW_ORIGIN, "null");
            }
        }),
    ),
    Mutant::over_blocks(
        "any-told-a-pattern",
        "Where any origin is permitted, the answer says `https://*`.",
        "W26: `https://*`",
        Fault::Answer(|turn, reply| {
            if turn.policy.any_origin() {
                reply.put(ALLOW_ORIGIN, "https://*");
            }
        }),
    ),
    Mutant::over_blocks(
        "null-told-star",
        "The opaque origin, where it is listed, is answered with `*`, which does not go with credentials.",
        "O38: `null` without an origin to echo",
        Fault::Answer(|turn, reply| {
            if turn.page() == "null" {
                reply.reword(ALLOW_ORIGIN, |_| "*".into());
            }
        }),
    ),
    Mutant::over_blocks(
        "null-told-first",
        "The opaque origin, where it is listed, is answered with the first origin that is none.",
        "O55: falls back to another origin",
        Fault::Answer(|turn, reply| {
            let other = turn.policy.origins.iter().find(|entry| entry.contains("://"));
            if let Some(other) = other.filter(|_| turn.page() == "null") {
                reply.reword(ALLOW_ORIGIN, |_| other.clone());
            }
        }),
    ),
    Mutant::over_blocks(
        "whole-list-in-one-line",
        "A permitted origin is answered with the whole list, joined by commas.",
        "D03, M01: flask-cors before 1, tower-http before 0.3.1",
        Fault::Answer(|turn, reply| of_list(turn, reply, |list| list.join(", "))),
    ),
    Mutant::over_blocks(
        "whole-list-with-spaces",
        "A permitted origin is answered with the whole list, joined by spaces.",
        "the grammar of older drafts",
        Fault::Answer(|turn, reply| of_list(turn, reply, |list| list.join(" "))),
    ),
    Mutant::over_blocks(
        "whole-list-line-by-line",
        "A permitted origin is answered with the whole list, a line for each.",
        "M04: flask-cors with always_send",
        Fault::Answer(|turn, reply| {
            if reply.headers().contains_key(ALLOW_ORIGIN) && !turn.policy.any_origin() {
                reply.cut(ALLOW_ORIGIN);
                turn.policy.origins.iter().for_each(|origin| reply.add(ALLOW_ORIGIN, origin));
            }
        }),
    ),
    Mutant::over_blocks(
        "always-the-first",
        "Whoever asks, the answer names the first origin of the list.",
        "D01 with a list: one fixed answer",
        Fault::Answer(|turn, reply| of_list(turn, reply, |list| list[0].clone())),
    ),
    Mutant::over_blocks(
        "always-the-last",
        "Whoever asks, the answer names the last origin of the list.",
        "D01 with a list: each entry overwrites the one before",
        Fault::Answer(|turn, reply| of_list(turn, reply, |list| list[list.len() - 1].clone())),
    ),
    Mutant::over_blocks(
        "preflights-told-the-first",
        "Preflights are answered with the first origin of the list, all other requests rightly.",
        "Z07: preflights answered by a gateway",
        Fault::OnPreflight(|turn, reply| of_list(turn, reply, |list| list[0].clone())),
    ),
    Mutant::over_blocks(
        "actual-requests-told-the-first",
        "Preflights are answered rightly, all other requests with the first origin of the list.",
        "Z07: preflights answered by a gateway",
        Fault::OnActual(|turn, reply| of_list(turn, reply, |list| list[0].clone())),
    ),
    Mutant::over_blocks(
        "told-twice",
        "The header is sent twice, with the same value.",
        "M02: two layers on top of one another",
        Fault::Answer(again),
    ),
    Mutant::over_blocks(
        "told-twice-on-preflights",
        "The answers to preflights have the header twice.",
        "M02, M03: a proxy and the application both answer",
        Fault::OnPreflight(again),
    ),
    Mutant::over_blocks(
        "told-twice-on-actual-requests",
        "All answers but those to preflights have the header twice.",
        "M03: nginx adds, the application adds",
        Fault::OnActual(again),
    ),
    Mutant::over_blocks(
        "told-twice-on-errors",
        "Errors have the header twice, for the error page adds its own.",
        "M02: error handlers that add headers themselves",
        Fault::OnActual(|turn, reply| {
            if turn.status >= 400 {
                again(turn, reply);
            }
        }),
    ),
    Mutant::over_blocks(
        "star-beside-the-origin",
        "`*` is sent in a line of its own beside the origin.",
        "M03: a proxy adds `*`",
        Fault::Answer(|_, reply| {
            if reply.headers().contains_key(ALLOW_ORIGIN) {
                reply.add(ALLOW_ORIGIN, "*");
            }
        }),
    ),
    Mutant::over_blocks(
        "star-after-the-origin",
        "`*` is sent in the same line as the origin.",
        "M01, M03: combined by a proxy",
        Fault::Answer(|_, reply| reply.reword(ALLOW_ORIGIN, |origin| format!("{origin}, *"))),
    ),
    Mutant::over_blocks(
        "told-with-a-slash",
        "The origin is answered with a slash at its end.",
        "O32: URLs where origins are meant",
        Fault::Answer(|_, reply| of_origin(reply, |origin| format!("{origin}/"))),
    ),
    Mutant::over_blocks(
        "told-in-capitals",
        "The host is answered in capitals.",
        "O29: echo v5 returns the configured spelling",
        Fault::Answer(|_, reply| {
            of_origin(reply, |origin| {
                origin.split_once("://").map_or_else(
                    || origin.to_owned(),
                    |(scheme, host)| format!("{scheme}://{}", host.to_ascii_uppercase()),
                )
            });
        }),
    ),
    Mutant::over_blocks(
        "told-with-a-scheme-in-capitals",
        "The scheme is answered in capitals.",
        "O28, O29: schemes without case",
        Fault::Answer(|_, reply| {
            of_origin(reply, |origin| origin.replacen("https", "HTTPS", 1).replacen("http:", "HTTP:", 1));
        }),
    ),
    Mutant::over_blocks(
        "told-by-host",
        "The origin is answered without its scheme.",
        "O33: host names where origins are meant",
        Fault::Answer(|_, reply| {
            of_origin(reply, |origin| origin.split_once("://").map_or(origin, |(_, host)| host).to_owned());
        }),
    ),
    Mutant::over_blocks(
        "told-with-the-default-port",
        "The default port is added to the origin that is answered.",
        "O26, O27: Kong answers its own spelling",
        Fault::Answer(|_, reply| {
            of_origin(reply, |origin| match parts(origin) {
                ("https", _, "") => format!("{origin}:443"),
                ("http", _, "") => format!("{origin}:80"),
                _ => origin.to_owned(),
            });
        }),
    ),
    Mutant::over_blocks(
        "told-without-the-port",
        "The port is left out of the origin that is answered.",
        "hosts without ports in proxies' variables",
        Fault::Answer(|_, reply| {
            of_origin(reply, |origin| match parts(origin) {
                (scheme, host, port) if !port.is_empty() => format!("{scheme}://{host}"),
                _ => origin.to_owned(),
            });
        }),
    ),
    Mutant::over_blocks(
        "told-as-secure",
        "The origin is answered with https, whatever its scheme.",
        "O46: schemes guessed behind a proxy",
        Fault::Answer(|_, reply| of_origin(reply, |origin| origin.replacen("http:", "https:", 1))),
    ),
    Mutant::over_blocks(
        "told-in-unicode",
        "A name in punycode is answered in Unicode.",
        "O31: one-sided conversion",
        Fault::Answer(|_, reply| of_origin(reply, |origin| origin.replace("xn--bcher-kva", "bücher"))),
    ),
    Mutant::over_blocks(
        "told-in-quotes",
        "The origin is answered in quotation marks.",
        "quoting in configuration files",
        Fault::Answer(|_, reply| reply.reword(ALLOW_ORIGIN, |origin| format!("\"{origin}\""))),
    ),
    Mutant::over_blocks(
        "told-nothing",
        "The header is sent without a value.",
        "H24: empty headers; variables that were never set",
        Fault::Answer(|_, reply| reply.reword(ALLOW_ORIGIN, |_| String::new())),
    ),
    Mutant::over_blocks(
        "told-the-servers-own-origin",
        "The answer names the server's own origin.",
        "mistakes in proxies' variables",
        Fault::Answer(|turn, reply| {
            let own = format!("http://{}", turn.header(HOST).unwrap_or_default());
            reply.reword(ALLOW_ORIGIN, |_| own);
        }),
    ),
    Mutant::over_blocks(
        "told-under-a-wrong-name",
        "The header's name is misspelt.",
        "hand-written proxy configurations",
        Fault::Answer(|_, reply| reply.rename(ALLOW_ORIGIN, "access-control-allow-origins")),
    ),
    Mutant::over_blocks(
        "told-to-nobody",
        "No answer has the header.",
        "a layer that was never switched on",
        Fault::Permit(|_| false),
    ),
    Mutant::over_blocks(
        "resources-header-beside-the-layers",
        "Where the resource sends the header itself, it is sent twice.",
        "M03, M05: the application adds, the layer adds",
        Fault::OnActual(|turn, reply| {
            if let Some(own) = turn.own.says(ALLOW_ORIGIN) {
                reply.add(ALLOW_ORIGIN, own);
            }
        }),
    ),
    Mutant::over_exposes(
        "resources-header-wins",
        "Where the resource sends the header itself, the layer keeps it.",
        "M05, M06: layers that yield to the handler",
        Fault::OnActual(|turn, reply| {
            if let Some(own) = turn.own.says(ALLOW_ORIGIN) {
                reply.put(ALLOW_ORIGIN, own);
                if turn.policy.credentials {
                    reply.put(ALLOW_CREDENTIALS, "true");
                }
            }
        }),
    ),
    Mutant::over_exposes(
        "resources-header-survives-a-refusal",
        "Where the layer refuses, the header that the resource sent itself is left standing.",
        "M05: headers that are only ever added",
        Fault::OnActual(|turn, reply| {
            if let Some(own) = turn.own.says(ALLOW_ORIGIN).filter(|_| !turn.listed) {
                reply.put(ALLOW_ORIGIN, own);
            }
        }),
    ),
    Mutant::over_blocks(
        "resources-header-shuts-the-layer-up",
        "Where the resource sends the header itself, the layer adds nothing at all.",
        "M06: aiohttp-cors; layers that yield to the handler",
        Fault::OnActual(|turn, reply| {
            if turn.own.contains_key(ALLOW_ORIGIN) {
                reply.cut_cors();
            }
        }),
    ),
];

/// Says something made of the list in place of the origin that asks.
fn of_list(turn: &Turn, reply: &mut Reply, say: impl Fn(&[String]) -> String) {
    if turn.listed && !turn.policy.any_origin() {
        reply.reword(ALLOW_ORIGIN, |_| say(&turn.policy.origins));
    }
}

/// Respells the origin where one is named.
fn of_origin(reply: &mut Reply, spell: impl Fn(&str) -> String) {
    reply.reword(ALLOW_ORIGIN, |origin| match origin {
        "*" | "null" => origin.to_owned(),
        origin => spell(origin),
    });
}

fn again(_: &Turn, reply: &mut Reply) {
    if let Some(origin) = reply.says(ALLOW_ORIGIN) {
        reply.add(ALLOW_ORIGIN, origin);
    }
}
