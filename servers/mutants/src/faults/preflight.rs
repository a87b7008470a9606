use hyper::Method;
use hyper::header::{CONTENT_TYPE, LOCATION};

use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::names::{ALLOW_CREDENTIALS, ALLOW_ORIGIN, HOST, ORIGIN, REQUEST_HEADERS, REQUEST_METHOD};
use crate::reply::{Edit, Reply, bare};
use crate::turn::{Turn, is_preflight};

/// How preflights are recognised and answered.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_blocks(
        "preflight-moved",
        "Preflights are answered with 301 to the same path with a slash, and perfect headers.",
        "P12: redirects that add a slash",
        Fault::OnPreflight(|turn, reply| redirect(reply, 301, &format!("{}/", turn.path()))),
    ),
    Mutant::over_blocks(
        "preflight-sent-to-log-in",
        "Preflights are sent to a login page, without CORS headers.",
        "P09, P12: authentication before CORS",
        Fault::OnPreflight(|_, reply| {
            *reply = bare(302);
            reply.put(LOCATION, "/login");
        }),
    ),
    Mutant::over_blocks(
        "preflight-sent-to-https",
        "Preflights are sent to https, with perfect headers.",
        "P12: ASP.NET's HttpsRedirection",
        Fault::OnPreflight(|turn, reply| {
            let host = turn.header(HOST).unwrap_or_default();
            redirect(reply, 307, &format!("https://{host}{}", turn.path()));
        }),
    ),
    Mutant::over_blocks(
        "preflight-not-modified",
        "Preflights are answered with 304 and perfect headers.",
        "V26: answers by tag",
        Fault::OnPreflight(|_, reply| status(reply, 304)),
    ),
    Mutant::over_blocks(
        "preflight-bad-request",
        "Preflights are answered with 400 and perfect headers.",
        "P13: any status may be configured",
        Fault::OnPreflight(|_, reply| status(reply, 400)),
    ),
    Mutant::over_blocks(
        "preflight-forbidden",
        "Preflights are answered with 403 and perfect headers.",
        "P13: any status may be configured",
        Fault::OnPreflight(|_, reply| status(reply, 403)),
    ),
    Mutant::over_blocks(
        "preflight-forbidden-without-headers",
        "Preflights are answered with a bare 403.",
        "P09, P10: Spring Security",
        Fault::OnPreflight(|_, reply| *reply = bare(403)),
    ),
    Mutant::over_blocks(
        "preflight-not-found",
        "Preflights are answered with a bare 404, for no route has the method.",
        "E11: fastify, hapi, Laravel, nest",
        Fault::OnPreflight(|_, reply| *reply = bare(404)),
    ),
    Mutant::over_blocks(
        "preflight-not-routed",
        "Preflights reach the resource, whose 405 gets the CORS headers of any answer.",
        "E12: axum, nitro, Ktor",
        Fault::Recognise(|_| false),
    ),
    Mutant::over_blocks(
        "preflight-server-error",
        "Preflights are answered with 500 and perfect headers.",
        "P15: nelmio #195",
        Fault::OnPreflight(|_, reply| status(reply, 500)),
    ),
    Mutant::over_blocks(
        "preflight-server-error-without-headers",
        "Preflights are answered with a bare 500.",
        "O38, O41: Vert.x, poem",
        Fault::OnPreflight(|_, reply| *reply = bare(500)),
    ),
    Mutant::over_blocks(
        "preflight-proxy-authentication",
        "Preflights are answered with 407 and perfect headers.",
        "P09: proxies that ask first",
        Fault::OnPreflight(|_, reply| status(reply, 407)),
    ),
    Mutant::over_blocks(
        "preflight-multiple-choices",
        "Preflights are answered with 300 and perfect headers, which is no redirect and no success.",
        "P13: rs/cors accepts any status",
        Fault::OnPreflight(|_, reply| status(reply, 300)),
    ),
    Mutant::over_blocks(
        "preflight-unauthorized",
        "A token is asked for before CORS is looked at, and preflights never carry one.",
        "P09: fastify before 5.0.0, Spring Security, aiohttp",
        Fault::Instead(|turn| turn.preflight.then(|| bare(401))),
    ),
    Mutant::over_blocks(
        "preflight-unauthorized-where-protected",
        "On the protected route a token is asked for before CORS is looked at.",
        "P09: express-oauth2-jwt-bearer, syncthing",
        Fault::Instead(|turn| (turn.path() == "/protected" && !has_token(turn)).then(|| bare(401))),
    ),
    Mutant::over_blocks(
        "preflight-without-a-cookie-unauthorized",
        "A session is asked for before CORS is looked at, and preflights never carry a cookie.",
        "P09: sessions before CORS",
        Fault::Instead(|turn| {
            (turn.preflight && !turn.has_cookie() && turn.policy.credentials).then(|| bare(401))
        }),
    ),
    Mutant::over_blocks(
        "preflight-of-unknown-paths-not-found",
        "A preflight for a path that does not exist is answered with a bare 404.",
        "E11, E13: fastify, hapi, Micronaut, aiohttp-cors",
        Fault::OnPreflight(|turn, reply| {
            if probe(turn).status() == 404 {
                *reply = bare(404);
            }
        }),
    ),
    Mutant::over_blocks(
        "preflight-of-unknown-methods-refused",
        "A preflight for a method that the route lacks is answered with a bare 405.",
        "E12, X09: hapi, axum",
        Fault::OnPreflight(|turn, reply| {
            if probe(turn).status() == 405 {
                *reply = bare(405);
            }
        }),
    ),
    Mutant::over_blocks(
        "preflight-with-a-query-not-found",
        "A preflight for a URL with a query is answered with a bare 404: routes are compared with all of it.",
        "E11: routes by string",
        Fault::OnPreflight(|turn, reply| {
            if turn.request.uri.query().is_some() {
                *reply = bare(404);
            }
        }),
    ),
    Mutant::over_blocks(
        "preflight-needs-headers",
        "A preflight that asks for no header is not recognised.",
        "P06, H12: Traefik, Micronaut",
        Fault::Recognise(|turn| turn.preflight && turn.request.headers.contains_key(REQUEST_HEADERS)),
    ),
    Mutant::over_blocks(
        "preflight-needs-an-unsafe-method",
        "A preflight for a method that needs no grant is not recognised, whatever it is for.",
        "preflights taken to be about methods",
        Fault::Recognise(|turn| {
            let simple = matches!(turn.header(REQUEST_METHOD), Some("GET" | "HEAD" | "POST"));
            turn.preflight && !simple
        }),
    ),
    Mutant::over_blocks(
        "preflight-for-options-not-recognised",
        "A preflight that asks for OPTIONS is taken for the request itself.",
        "P01 in reverse: two OPTIONS in a row",
        Fault::Recognise(|turn| turn.preflight && turn.header(REQUEST_METHOD) != Some("OPTIONS")),
    ),
    Mutant::over_blocks(
        "options-swallowed",
        "Every OPTIONS is answered as a preflight, so the application's own never gets an answer.",
        "P01: express, gin, tower-http, salvo, hono and others",
        Fault::Recognise(|turn| turn.request.method == Method::OPTIONS),
    ),
    Mutant::over_blocks(
        "options-with-origin-swallowed",
        "Every OPTIONS with an origin is answered as a preflight.",
        "P01, P04: fiber and echo until fixed",
        Fault::Recognise(|turn| {
            turn.request.method == Method::OPTIONS && turn.request.headers.contains_key(ORIGIN)
        }),
    ),
    Mutant::over_blocks(
        "options-swallowed-at-home",
        "An OPTIONS of the server's own pages is answered as a preflight.",
        "P08: Ktor, gin",
        Fault::Recognise(|turn| {
            turn.preflight || (turn.request.method == Method::OPTIONS && turn.own_page())
        }),
    ),
    Mutant::over_blocks(
        "options-bad-request",
        "An OPTIONS that is no preflight is answered with a bare 400.",
        "P02: fastify, gorilla, rocket_cors",
        Fault::Instead(|turn| other_options(turn).then(|| bare(400))),
    ),
    Mutant::over_blocks(
        "options-forbidden",
        "An OPTIONS with an origin that is no preflight is answered with a bare 403.",
        "P02: poem, Ktor",
        Fault::Instead(|turn| (other_options(turn) && turn.origin().is_some()).then(|| bare(403))),
    ),
    Mutant::over_blocks(
        "options-without-headers",
        "An OPTIONS that is no preflight reaches the application, but its answer gets no CORS headers.",
        "P03: koa #63",
        Fault::Permit(|turn| turn.listed && (turn.preflight || turn.method() != "OPTIONS")),
    ),
    Mutant::over_exposes(
        "preflight-for-everybody",
        "Preflights are granted to every origin; the list is looked at afterwards.",
        "D13, Z07: preflights answered by a gateway",
        Fault::Permit(|turn| turn.listed || turn.preflight),
    ),
    Mutant::over_exposes(
        "preflight-starred",
        "Preflights are granted to `*`; the list is looked at afterwards.",
        "D13, Z07: static answers to preflights",
        Fault::OnPreflight(|turn, reply| {
            if !turn.listed {
                reply.put(ALLOW_ORIGIN, "*");
                reply.put(crate::names::ALLOW_METHODS, turn.policy.methods.join(", "));
                reply.put(crate::names::ALLOW_HEADERS, turn.policy.headers.join(", "));
            }
        }),
    ),
    Mutant::over_exposes(
        "preflight-unlisted-granted-on-other-routes",
        "Preflights are checked on /resource alone.",
        "S01: rules for single routes",
        Fault::Permit(|turn| turn.listed || (turn.preflight && turn.path() != "/resource")),
    ),
    Mutant::over_exposes(
        "preflight-runs-the-handler",
        "The handler runs on a preflight as it does on the request.",
        "P11: salvo-cors",
        Fault::OnPreflight(|turn, _| drop(turn.handle_asked())),
    ),
    Mutant::over_exposes(
        "preflight-runs-the-handler-if-refused",
        "A preflight of an origin that is not listed is handed on, and the handler runs.",
        "D13: Envoy, Jetty",
        Fault::OnPreflight(|turn, reply| {
            if !turn.listed {
                *reply = turn.handle_asked();
            }
        }),
    ),
    Mutant::over_exposes(
        "preflight-runs-the-handler-if-unlisted",
        "A preflight that asks for too much is handed on, and the handler runs.",
        "D13, P11: Envoy, salvo-cors",
        Fault::OnPreflight(|turn, _| {
            if turn.listed && !turn.asks_for_listed() {
                drop(turn.handle_asked());
            }
        }),
    ),
    Mutant::over_exposes(
        "preflight-runs-the-handler-if-granted",
        "The handler runs on a preflight that is granted.",
        "P11: salvo-cors with call-next",
        Fault::OnPreflight(|turn, _| {
            if turn.listed && turn.asks_for_listed() {
                drop(turn.handle_asked());
            }
        }),
    ),
    Mutant::over_blocks(
        "preflight-alone-is-answered",
        "Only preflights get CORS headers.",
        "Z07: gateways that answer preflights themselves",
        Fault::Permit(|turn| turn.listed && turn.preflight),
    ),
    Mutant::over_blocks(
        "preflight-without-headers",
        "Preflights are answered with success, and without a CORS header.",
        "E12: OPTIONS answered by the framework",
        Fault::Permit(|turn| turn.listed && !turn.preflight),
    ),
    Mutant::over_blocks(
        "preflight-without-origin",
        "The answer to a preflight grants methods and headers and names no origin.",
        "P17: half an answer",
        Fault::OnPreflight(|_, reply| {
            reply.cut(ALLOW_ORIGIN);
            reply.cut(ALLOW_CREDENTIALS);
        }),
    ),
    Mutant::over_blocks(
        "preflight-answered-with-a-page",
        "Preflights are answered with a page and success, as a single-page application answers everything.",
        "catch-all routes",
        Fault::Instead(|turn| {
            is_preflight(turn.request).then(|| {
                let mut reply = bare(200);
                reply.put(CONTENT_TYPE, "text/html");
                *reply.body_mut() = "<!doctype html><title>app</title>".into();
                reply
            })
        }),
    ),
];

fn status(reply: &mut Reply, status: u16) {
    *reply.status_mut() = bare(status).status();
}

fn redirect(reply: &mut Reply, code: u16, location: &str) {
    status(reply, code);
    reply.put(LOCATION, location);
}

fn has_token(turn: &Turn) -> bool {
    turn.request.headers.contains_key("authorization")
}

fn other_options(turn: &Turn) -> bool {
    turn.request.method == Method::OPTIONS && !turn.preflight
}

/// What the route would say to the method, asked for on a resource of its own so that nothing runs here.
fn probe(turn: &Turn) -> Reply {
    Turn { resource: &corspec_server_reference::Resource::default(), own: turn.own.clone(), ..*turn }
        .handle_asked()
}
