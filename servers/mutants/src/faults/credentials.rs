use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::names::{ALLOW_CREDENTIALS, ALLOW_ORIGIN};
use crate::reply::{Edit, Reply};
use crate::turn::Turn;

/// Who may use credentials.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_exposes(
        "any-with-credentials-echoed",
        "Any origin with credentials becomes an echo of every origin.",
        "W01 to W05, W07, W08, W10 to W16: rs/cors, fiber, echo, hono and many others",
        Fault::AnyWithCredentials(echo),
    ),
    Mutant::over_exposes(
        "any-with-credentials-echoed-on-preflights",
        "Any origin with credentials becomes an echo on preflights.",
        "W01, Z07: preflights answered by other code",
        Fault::AnyWithCredentials(|turn, reply| echo_if(turn, reply, turn.preflight)),
    ),
    Mutant::over_exposes(
        "any-with-credentials-echoed-on-actual-requests",
        "Any origin with credentials becomes an echo on all requests but preflights.",
        "W29: Starlette's echo of requests with cookies",
        Fault::AnyWithCredentials(|turn, reply| echo_if(turn, reply, !turn.preflight)),
    ),
    Mutant::over_exposes(
        "any-with-credentials-echoed-to-null",
        "Any origin with credentials becomes `null` for the opaque origin.",
        "O37, O39: `null` with credentials",
        Fault::AnyWithCredentials(|turn, reply| echo_if(turn, reply, turn.page() == "null")),
    ),
    Mutant::over_exposes(
        "any-with-credentials-echoed-to-secure-pages",
        "Any origin with credentials becomes an echo of secure origins.",
        "W26: `https://*` with credentials",
        Fault::AnyWithCredentials(|turn, reply| echo_if(turn, reply, turn.page().starts_with("https:"))),
    ),
    Mutant::over_exposes(
        "any-with-credentials-echoed-to-insecure-pages",
        "Any origin with credentials becomes an echo of insecure origins.",
        "checks turned round",
        Fault::AnyWithCredentials(|turn, reply| echo_if(turn, reply, turn.page().starts_with("http:"))),
    ),
    Mutant::over_exposes(
        "any-with-credentials-echoed-to-localhost",
        "Any origin with credentials becomes an echo of pages on localhost.",
        "D10: exceptions made for development",
        Fault::AnyWithCredentials(|turn, reply| {
            echo_if(turn, reply, turn.page().starts_with("http://localhost"));
        }),
    ),
    Mutant::over_exposes(
        "any-with-credentials-echoed-on-errors",
        "Any origin with credentials becomes an echo where the answer is an error.",
        "error pages with headers of their own",
        Fault::AnyWithCredentials(|turn, reply| echo_if(turn, reply, turn.status >= 400)),
    ),
    Mutant::over_exposes(
        "any-with-credentials-echoed-on-head",
        "Any origin with credentials becomes an echo on HEAD.",
        "methods handled by other code",
        Fault::AnyWithCredentials(|turn, reply| echo_if(turn, reply, turn.method() == "HEAD")),
    ),
    Mutant::over_exposes(
        "any-with-credentials-echoed-on-post",
        "Any origin with credentials becomes an echo on POST.",
        "methods handled by other code",
        Fault::AnyWithCredentials(|turn, reply| echo_if(turn, reply, turn.method() == "POST")),
    ),
    Mutant::over_exposes(
        "any-with-credentials-echoed-on-the-session",
        "Any origin with credentials becomes an echo on the one route that shows the cookie.",
        "S01: rules for single routes",
        Fault::AnyWithCredentials(|turn, reply| echo_if(turn, reply, turn.path() == "/session")),
    ),
    Mutant::over_blocks(
        "credentials-never-permitted",
        "The permission for credentials is never sent.",
        "a forgotten header",
        Fault::Answer(|_, reply| reply.cut(ALLOW_CREDENTIALS)),
    ),
    Mutant::over_blocks(
        "credentials-not-on-preflights",
        "The permission for credentials is missing on preflights.",
        "preflights are without cookies, so the header seems needless",
        Fault::OnPreflight(|_, reply| reply.cut(ALLOW_CREDENTIALS)),
    ),
    Mutant::over_blocks(
        "credentials-on-preflights-alone",
        "The permission for credentials is sent on preflights alone.",
        "Z07: preflights answered by a gateway",
        Fault::OnActual(|_, reply| reply.cut(ALLOW_CREDENTIALS)),
    ),
    Mutant::over_blocks(
        "credentials-not-on-errors",
        "The permission for credentials is missing on errors.",
        "E07, E08: error handlers that add headers themselves",
        Fault::OnActual(|turn, reply| {
            if turn.status >= 400 {
                reply.cut(ALLOW_CREDENTIALS);
            }
        }),
    ),
    Mutant::over_blocks(
        "credentials-not-on-redirects",
        "The permission for credentials is missing on redirects.",
        "E07: redirects written by other code",
        Fault::OnActual(|turn, reply| {
            if (300..400).contains(&turn.status) {
                reply.cut(ALLOW_CREDENTIALS);
            }
        }),
    ),
    Mutant::over_blocks(
        "credentials-not-on-post",
        "The permission for credentials is missing on answers to POST.",
        "headers for reads alone",
        Fault::OnActual(|turn, reply| {
            if turn.method() == "POST" {
                reply.cut(ALLOW_CREDENTIALS);
            }
        }),
    ),
    Mutant::over_blocks(
        "credentials-not-on-head",
        "The permission for credentials is missing on answers to HEAD.",
        "methods handled by other code",
        Fault::OnActual(|turn, reply| {
            if turn.method() == "HEAD" {
                reply.cut(ALLOW_CREDENTIALS);
            }
        }),
    ),
    Mutant::over_blocks(
        "credentials-for-the-first-entry",
        "Only the first listed origin is permitted credentials.",
        "W18: permissions by entry",
        Fault::Answer(|turn, reply| {
            if turn.policy.origins.first().is_some_and(|first| first != turn.page()) {
                reply.cut(ALLOW_CREDENTIALS);
            }
        }),
    ),
    Mutant::over_blocks(
        "credentials-not-for-patterns",
        "Origins that match a pattern are not permitted credentials.",
        "W26: precautions against loose patterns",
        Fault::Answer(|turn, reply| {
            if !turn.policy.origins.iter().any(|entry| entry == turn.page()) {
                reply.cut(ALLOW_CREDENTIALS);
            }
        }),
    ),
    Mutant::over_blocks(
        "credentials-not-for-null",
        "The opaque origin, where it is listed, is not permitted credentials.",
        "O37: precautions against `null`",
        Fault::Answer(|turn, reply| {
            if turn.page() == "null" {
                reply.cut(ALLOW_CREDENTIALS);
            }
        }),
    ),
    Mutant::over_blocks(
        "credentials-not-for-insecure-pages",
        "Insecure origins are not permitted credentials, though they are listed.",
        "precautions that nobody asked for",
        Fault::Answer(|turn, reply| {
            if turn.page().starts_with("http:") {
                reply.cut(ALLOW_CREDENTIALS);
            }
        }),
    ),
    Mutant::over_blocks(
        "credentials-in-title-case",
        "The permission for credentials is `True`.",
        "W31 in reverse: a language's own spelling of true",
        Fault::Answer(|_, reply| reply.reword(ALLOW_CREDENTIALS, |_| "True".into())),
    ),
    Mutant::over_blocks(
        "credentials-in-capitals",
        "The permission for credentials is `TRUE`.",
        "W31 in reverse: a language's own spelling of true",
        Fault::Answer(|_, reply| reply.reword(ALLOW_CREDENTIALS, |_| "TRUE".into())),
    ),
    Mutant::over_blocks(
        "credentials-as-a-number",
        "The permission for credentials is `1`.",
        "W31 in reverse: a language's own spelling of true",
        Fault::Answer(|_, reply| reply.reword(ALLOW_CREDENTIALS, |_| "1".into())),
    ),
    Mutant::over_blocks(
        "credentials-in-words",
        "The permission for credentials is `yes`.",
        "W31 in reverse: configuration handed through",
        Fault::Answer(|_, reply| reply.reword(ALLOW_CREDENTIALS, |_| "yes".into())),
    ),
    Mutant::over_blocks(
        "credentials-in-quotes",
        "The permission for credentials is `\"true\"`.",
        "quoting in configuration files",
        Fault::Answer(|_, reply| reply.reword(ALLOW_CREDENTIALS, |_| "\"true\"".into())),
    ),
    Mutant::over_blocks(
        "credentials-twice",
        "The permission for credentials is sent twice.",
        "M02, M03: two layers on top of one another",
        Fault::Answer(|_, reply| {
            if reply.headers().contains_key(ALLOW_CREDENTIALS) {
                reply.add(ALLOW_CREDENTIALS, "true");
            }
        }),
    ),
    Mutant::over_blocks(
        "credentials-guessed-from-cookies",
        "Credentials are permitted to requests that carry a cookie, which preflights never do.",
        "W29, H14: Starlette, sanic-ext",
        Fault::Answer(|turn, reply| {
            if !turn.has_cookie() {
                reply.cut(ALLOW_CREDENTIALS);
            }
        }),
    ),
    Mutant::over_blocks(
        "star-without-a-cookie",
        "Where credentials are permitted, a listed page that sends no cookie is told `*`.",
        "W29: Starlette before 2026, litestar",
        Fault::Answer(|turn, reply| {
            if turn.policy.credentials && !turn.has_cookie() {
                reply.reword(ALLOW_ORIGIN, |_| "*".into());
            }
        }),
    ),
    Mutant::over_blocks(
        "star-with-credentials",
        "Where credentials are permitted, listed pages are told `*` along with it.",
        "W24, W25: expressjs/cors, gin, gorilla, tower-http before 0.3",
        Fault::Answer(|turn, reply| {
            if turn.policy.credentials {
                reply.reword(ALLOW_ORIGIN, |_| "*".into());
            }
        }),
    ),
    Mutant::over_blocks(
        "star-with-credentials-on-preflights",
        "Preflights of listed pages are told `*` along with the permission for credentials.",
        "W29: static answers to preflights",
        Fault::OnPreflight(|turn, reply| {
            if turn.policy.credentials {
                reply.reword(ALLOW_ORIGIN, |_| "*".into());
            }
        }),
    ),
    Mutant::over_blocks(
        "credentials-demanded",
        "Where credentials are permitted, only requests with a cookie are answered with CORS headers.",
        "credentials taken for a duty",
        Fault::Permit(|turn| turn.listed && (!turn.policy.credentials || turn.has_cookie())),
    ),
    Mutant::over_exposes(
        "credentials-always",
        "Credentials are permitted to listed origins though the policy does not permit them.",
        "W20, W21: Jetty, Tomcat",
        Fault::Policy(|policy| policy.credentials = policy.credentials || !policy.any_origin()),
    ),
    Mutant::over_exposes(
        "any-echoed-with-credentials",
        "Any origin without credentials becomes an echo of every origin with credentials.",
        "W20, W21: defaults of Jetty and Tomcat",
        Fault::Answer(|turn, reply| echo_if(turn, reply, turn.policy.any_origin())),
    ),
    Mutant::over_exposes(
        "credentials-on-preflights-always",
        "Preflights of listed origins are permitted credentials though the policy does not permit them.",
        "Z07: preflights answered by a gateway",
        Fault::OnPreflight(|turn, reply| echo_if(turn, reply, turn.listed)),
    ),
    Mutant::over_exposes(
        "credentials-on-actual-requests-always",
        "All requests of listed origins but preflights are permitted credentials.",
        "Z07: answers that disagree with their preflights",
        Fault::OnActual(|turn, reply| echo_if(turn, reply, turn.listed)),
    ),
    Mutant::over_exposes(
        "credentials-on-errors-always",
        "Errors are readable with credentials though the policy does not permit them.",
        "error pages with headers of their own",
        Fault::OnActual(|turn, reply| echo_if(turn, reply, turn.listed && turn.status >= 400)),
    ),
    Mutant::over_exposes(
        "credentials-on-head-always",
        "Answers to HEAD are readable with credentials though the policy does not permit them.",
        "methods handled by other code",
        Fault::OnActual(|turn, reply| echo_if(turn, reply, turn.listed && turn.method() == "HEAD")),
    ),
    Mutant::over_exposes(
        "credentials-on-post-always",
        "Answers to POST are readable with credentials though the policy does not permit them.",
        "methods handled by other code",
        Fault::OnActual(|turn, reply| echo_if(turn, reply, turn.listed && turn.method() == "POST")),
    ),
    Mutant::over_exposes(
        "credentials-on-the-session-always",
        "The route that shows the cookie is readable with credentials, permitted or not.",
        "S01: rules for single routes",
        Fault::OnActual(|turn, reply| echo_if(turn, reply, turn.listed && turn.path() == "/session")),
    ),
    Mutant::over_exposes(
        "credentials-with-authorization",
        "Where a preflight asks for Authorization, credentials are permitted.",
        "tokens taken for credentials",
        Fault::Answer(|turn, reply| {
            let asked = turn.asked_headers().iter().any(|name| name.eq_ignore_ascii_case("authorization"));
            echo_if(
                turn,
                reply,
                turn.listed && (asked || turn.request.headers.contains_key("authorization")),
            );
        }),
    ),
    Mutant::over_exposes(
        "credentials-for-null-always",
        "The opaque origin, where it is listed, may use credentials, permitted or not.",
        "O37: `null` with credentials",
        Fault::Answer(|turn, reply| echo_if(turn, reply, turn.listed && turn.page() == "null")),
    ),
    Mutant::over_exposes(
        "credentials-for-patterns-always",
        "Origins that match a pattern may use credentials though the policy does not permit them.",
        "W26: loose patterns with credentials",
        Fault::Answer(|turn, reply| {
            let exact =
                turn.policy.any_origin() || turn.policy.origins.iter().any(|entry| entry == turn.page());
            echo_if(turn, reply, turn.listed && !exact);
        }),
    ),
];

/// Answers a page in its own name, with credentials.
fn echo(turn: &Turn, reply: &mut Reply) {
    echo_if(turn, reply, true);
}

fn echo_if(turn: &Turn, reply: &mut Reply, condition: bool) {
    if let Some(origin) = turn.origin().filter(|_| condition) {
        reply.put(ALLOW_ORIGIN, origin);
        reply.put(ALLOW_CREDENTIALS, "true");
    }
}
