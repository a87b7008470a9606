use hyper::header::REFERER;

use super::parts;
use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::names::{HOST, ORIGIN};
use crate::reply::Edit;

/// Origins that get a rule of their own.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_exposes(
        "null-let-in",
        "The opaque origin is let in though nobody listed it.",
        "O34, O37: rack-cors before 1.0.0",
        Fault::Permit(|turn| turn.listed || turn.page() == "null"),
    ),
    Mutant::over_exposes(
        "null-let-in-on-errors",
        "The opaque origin is let in where the answer is an error.",
        "O36: error pages with `null`",
        Fault::Permit(|turn| turn.listed || (turn.page() == "null" && turn.status >= 400)),
    ),
    Mutant::over_exposes(
        "null-let-in-on-preflights",
        "Preflights of the opaque origin are granted.",
        "O39: checks that skip `null`",
        Fault::Permit(|turn| turn.listed || (turn.page() == "null" && turn.preflight)),
    ),
    Mutant::over_blocks(
        "null-shut-out-where-listed",
        "The opaque origin is refused though it is listed.",
        "O38: akka-http-cors, Quarkus, Vert.x",
        Fault::Permit(|turn| turn.listed && (turn.page() != "null" || turn.policy.any_origin())),
    ),
    Mutant::over_blocks(
        "null-shut-out-of-any",
        "The opaque origin is refused though any origin is permitted.",
        "O38: akka-http-cors, Quarkus, Vert.x",
        Fault::Permit(|turn| turn.listed && (turn.page() != "null" || !turn.policy.any_origin())),
    ),
    Mutant::over_blocks(
        "null-shut-out-of-preflights",
        "The opaque origin may read, but its preflights are refused.",
        "O38, O39: checks in one of two places",
        Fault::Permit(|turn| turn.listed && !(turn.page() == "null" && turn.preflight)),
    ),
    Mutant::over_exposes(
        "null-is-a-host-too",
        "Where the opaque origin is listed, a host that is called null is let in.",
        "O39: origins compared by their last part",
        Fault::Permit(|turn| {
            turn.listed
                || (parts(turn.page()).1 == "null" && turn.policy.origins.iter().any(|entry| entry == "null"))
        }),
    ),
    Mutant::over_exposes(
        "null-in-the-list-is-any",
        "Where the opaque origin is listed, every origin is let in.",
        "O37: `null` read as no restriction",
        Fault::Permit(|turn| turn.listed || turn.policy.origins.iter().any(|entry| entry == "null")),
    ),
    Mutant::over_exposes(
        "localhost-let-in",
        "Pages on localhost are let in, on whatever port: an exception made for development.",
        "D10: drive-by localhost",
        Fault::Permit(|turn| turn.listed || parts(turn.page()).1 == "localhost"),
    ),
    Mutant::over_exposes(
        "loopback-let-in",
        "Pages on a loopback address are let in.",
        "D10: drive-by localhost",
        Fault::Permit(|turn| turn.listed || matches!(parts(turn.page()).1, "127.0.0.1" | "[::1]")),
    ),
    Mutant::over_exposes(
        "localhost-means-loopback",
        "Where localhost is listed, the loopback addresses on that port are let in along with it.",
        "aliases of development servers",
        Fault::Permit(|turn| {
            let (scheme, host, port) = parts(turn.page());
            let alias = format!("{scheme}://localhost:{port}");
            turn.listed || (matches!(host, "127.0.0.1" | "[::1]") && turn.policy.origins.contains(&alias))
        }),
    ),
    Mutant::over_exposes(
        "localhost-below-and-beside",
        "Every origin with localhost in it is let in.",
        "O03: substring tests for development",
        Fault::Permit(|turn| turn.listed || turn.page().contains("localhost")),
    ),
    Mutant::over_exposes(
        "extensions-let-in",
        "Pages of browser extensions are let in.",
        "gin-contrib/cors AllowBrowserExtensions",
        Fault::Permit(|turn| turn.listed || parts(turn.page()).0.ends_with("-extension")),
    ),
    Mutant::over_blocks(
        "extensions-shut-out-of-any",
        "Pages of browser extensions are refused though any origin is permitted.",
        "checks for http and https",
        Fault::Permit(|turn| turn.listed && !parts(turn.page()).0.ends_with("-extension")),
    ),
    Mutant::over_blocks(
        "insecure-origins-shut-out",
        "Insecure origins are refused though they are listed.",
        "checks that only know https",
        Fault::Permit(|turn| turn.listed && !turn.page().starts_with("http:")),
    ),
    Mutant::over_blocks(
        "any-means-secure",
        "Where any origin is permitted, insecure ones are refused.",
        "W26: `https://*` in the place of `*`",
        Fault::Permit(|turn| turn.listed && !(turn.policy.any_origin() && turn.page().starts_with("http:"))),
    ),
    Mutant::over_blocks(
        "any-means-without-a-port",
        "Where any origin is permitted, one with a port is refused.",
        "validation of origins by a pattern",
        Fault::Permit(|turn| turn.listed && (!turn.policy.any_origin() || parts(turn.page()).2.is_empty())),
    ),
    Mutant::over_exposes(
        "own-host-on-any-port",
        "A page on the server's machine is let in, on whatever port.",
        "O45, O46: same-origin guesses from Host",
        Fault::Permit(|turn| {
            let own = turn.header(HOST).map(|host| parts(host).1.to_owned());
            turn.listed || own.is_some_and(|own| parts(turn.page()).1 == own)
        }),
    ),
    Mutant::over_blocks(
        "referer-in-place-of-origin",
        "The origin is taken from Referer, which pages may leave out.",
        "O54: hono in 2022",
        Fault::Request(|request| {
            let referer = request.headers.says(REFERER).unwrap_or_default();
            match referer.match_indices('/').nth(2) {
                Some((end, _)) => request.headers.put(ORIGIN, &referer[..end]),
                None => request.headers.cut(ORIGIN),
            }
        }),
    ),
    Mutant::over_blocks(
        "host-in-place-of-origin",
        "The origin that is compared and answered is the server's own.",
        "mistakes in proxies' variables",
        Fault::Request(|request| {
            if let Some(host) = request.headers.says(HOST).filter(|_| request.headers.contains_key(ORIGIN)) {
                request.headers.put(ORIGIN, format!("http://{host}"));
            }
        }),
    ),
];
