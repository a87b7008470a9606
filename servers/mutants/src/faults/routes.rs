use hyper::header::{CACHE_CONTROL, HeaderName, WWW_AUTHENTICATE};

use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::reply::{Edit, bare};
use crate::turn::Turn;

/// On which answers the layer does its work: by status, by method, by route.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_blocks(
        "headers-on-success-alone",
        "Only answers of 2xx get CORS headers.",
        "E02, E04, E05: warp, nginx without `always`",
        Fault::Permit(|turn| turn.listed && (turn.preflight || (200..300).contains(&turn.status))),
    ),
    Mutant::over_blocks(
        "headers-on-200-alone",
        "Only answers of 200 get CORS headers.",
        "E04: lists of statuses",
        Fault::Permit(|turn| {
            turn.listed && (turn.preflight || matches!(turn.status, 200 | 301..=308 | 400..))
        }),
    ),
    Mutant::over_blocks(
        "headers-not-on-400",
        "Answers of 400 get no CORS headers.",
        "E02: bodies that do not parse",
        Fault::Permit(|turn| turn.listed && turn.status != 400),
    ),
    Mutant::over_blocks(
        "headers-not-on-401",
        "Answers of 401 get no CORS headers.",
        "E05, P09: AWS API Gateway",
        Fault::Permit(|turn| turn.listed && turn.status != 401),
    ),
    Mutant::over_blocks(
        "headers-not-on-403",
        "Answers of 403 get no CORS headers.",
        "E05: AWS API Gateway",
        Fault::Permit(|turn| turn.listed && turn.status != 403),
    ),
    Mutant::over_blocks(
        "headers-not-on-404",
        "Answers of 404 get no CORS headers.",
        "E02, E03, E04: warp, Traefik, ingress-nginx",
        Fault::Permit(|turn| turn.listed && turn.status != 404),
    ),
    Mutant::over_blocks(
        "headers-not-on-unknown-paths",
        "The framework's own 404 gets no CORS headers.",
        "E03, E13: routes alone have the layer",
        Fault::Permit(|turn| turn.listed && (turn.status != 404 || turn.path().starts_with("/status/"))),
    ),
    Mutant::over_blocks(
        "headers-not-on-422",
        "Answers of 422 get no CORS headers.",
        "E02: rejections by validation",
        Fault::Permit(|turn| turn.listed && turn.status != 422),
    ),
    Mutant::over_blocks(
        "headers-not-on-429",
        "Answers of 429 get no CORS headers.",
        "E05: throttling by gateways",
        Fault::Permit(|turn| turn.listed && turn.status != 429),
    ),
    Mutant::over_blocks(
        "headers-not-on-500",
        "Answers of 500 get no CORS headers.",
        "E01, E04, E06: Starlette, nginx, Laravel",
        Fault::Permit(|turn| turn.listed && turn.status != 500),
    ),
    Mutant::over_blocks(
        "headers-not-on-failures",
        "When the handler fails, what comes out has no CORS headers.",
        "E01, E06, E07, E08, E10: Starlette, nelmio, koa, ASP.NET Core",
        Fault::Permit(|turn| turn.listed && turn.path() != "/error"),
    ),
    Mutant::over_blocks(
        "headers-not-on-503",
        "Answers of 503 get no CORS headers.",
        "E03, E04: Traefik, ingress-nginx",
        Fault::Permit(|turn| turn.listed && turn.status != 503),
    ),
    Mutant::over_blocks(
        "headers-not-on-redirects",
        "Redirects get no CORS headers.",
        "E07: responses that are thrown",
        Fault::Permit(|turn| turn.listed && !(300..400).contains(&turn.status)),
    ),
    Mutant::over_blocks(
        "headers-not-on-303",
        "Redirects of 303 get no CORS headers.",
        "E04: lists of statuses",
        Fault::Permit(|turn| turn.listed && turn.status != 303),
    ),
    Mutant::over_blocks(
        "headers-not-on-307-and-308",
        "The younger redirects, 307 and 308, get no CORS headers.",
        "E04: nginx's list of statuses lacked 308",
        Fault::Permit(|turn| turn.listed && !matches!(turn.status, 307 | 308)),
    ),
    Mutant::over_blocks(
        "headers-not-on-get",
        "Answers to GET get no CORS headers.",
        "methods handled by other code",
        Fault::Permit(|turn| turn.listed && turn.method() != "GET"),
    ),
    Mutant::over_blocks(
        "headers-not-on-head",
        "Answers to HEAD get no CORS headers.",
        "X04: HEAD forgotten",
        Fault::Permit(|turn| turn.listed && turn.method() != "HEAD"),
    ),
    Mutant::over_blocks(
        "headers-not-on-post",
        "Answers to POST get no CORS headers.",
        "X05: methods of simple requests",
        Fault::Permit(|turn| turn.listed && turn.method() != "POST"),
    ),
    Mutant::over_blocks(
        "headers-not-on-put",
        "Answers to PUT get no CORS headers, for its preflight was granted.",
        "Z07: preflight granted, answer without headers",
        Fault::Permit(|turn| turn.listed && turn.method() != "PUT"),
    ),
    Mutant::over_blocks(
        "headers-not-on-delete",
        "Answers to DELETE get no CORS headers, for its preflight was granted.",
        "Z07: preflight granted, answer without headers",
        Fault::Permit(|turn| turn.listed && turn.method() != "DELETE"),
    ),
    Mutant::over_blocks(
        "headers-not-on-patch",
        "Answers to PATCH get no CORS headers, for its preflight was granted.",
        "Z07: preflight granted, answer without headers",
        Fault::Permit(|turn| turn.listed && turn.method() != "PATCH"),
    ),
    Mutant::over_blocks(
        "headers-not-after-preflights-for-headers",
        "Answers to requests with a custom header get no CORS headers.",
        "Z07: preflight granted, answer without headers",
        Fault::Permit(|turn| {
            turn.listed && (turn.preflight || !turn.request.headers.contains_key("x-token"))
        }),
    ),
    Mutant::over_blocks(
        "headers-not-with-authorization",
        "Answers to requests with Authorization get no CORS headers.",
        "requests with a token handled by other code",
        Fault::Permit(|turn| turn.listed && !turn.request.headers.contains_key("authorization")),
    ),
    Mutant::over_blocks(
        "headers-not-with-a-query",
        "Answers to requests with a query get no CORS headers.",
        "S02: routes by string",
        Fault::Permit(|turn| turn.listed && turn.request.uri.query().is_none()),
    ),
    Mutant::over_blocks(
        "headers-on-resource-alone",
        "Only /resource gets CORS headers.",
        "E12, S06: a layer on single routes",
        Fault::Permit(|turn| turn.listed && turn.path() == "/resource"),
    ),
    Mutant::over_blocks(
        "headers-not-on-the-session",
        "The route that shows the cookie gets no CORS headers.",
        "S06: a layer that misses routes",
        Fault::Permit(|turn| turn.listed && turn.path() != "/session"),
    ),
    Mutant::over_blocks(
        "headers-not-where-protected",
        "The protected route gets no CORS headers.",
        "P09, S06: authentication outside the layer",
        Fault::Permit(|turn| turn.listed && turn.path() != "/protected"),
    ),
    Mutant::over_blocks(
        "headers-not-on-cacheable-answers",
        "Answers that may be cached get no CORS headers.",
        "V24: answers for everybody",
        Fault::Permit(|turn| turn.listed && !turn.own.contains_key(CACHE_CONTROL)),
    ),
    Mutant::over_blocks(
        "own-page-without-origin-forbidden",
        "A request without an origin is answered with 403.",
        "D11: actix-web's early cors",
        Fault::Instead(|turn| turn.origin().is_none().then(|| bare(403))),
    ),
    Mutant::over_blocks(
        "own-page-forbidden",
        "A request of the server's own pages that carries an origin is answered with 403.",
        "D07, D08: gin, Tomcat, Spring, Vert.x and others",
        Fault::Instead(|turn| forbidden_at_home(turn, true)),
    ),
    Mutant::over_blocks(
        "own-page-held-to-the-list-of-methods",
        "The server's own pages may use only the listed methods.",
        "X05, D07: Tomcat, Spring",
        Fault::Instead(|turn| {
            let listed =
                turn.policy.any_method() || turn.policy.methods.iter().any(|listed| listed == turn.method());
            forbidden_at_home(turn, !listed)
        }),
    ),
    Mutant::over_blocks(
        "own-page-held-to-the-list-of-headers",
        "The server's own pages may send only the listed headers.",
        "D07 for headers",
        Fault::Instead(|turn| {
            let custom = |name: &HeaderName| name.as_str().starts_with("x-");
            let listed = |name: &HeaderName| crate::policy::lists_header(turn.policy, name.as_str());
            let unlisted = turn.request.headers.keys().any(|name| custom(name) && !listed(name));
            forbidden_at_home(turn, unlisted)
        }),
    ),
    Mutant::over_exposes(
        "open-on-404",
        "Answers of 404 are readable for everybody.",
        "error pages with headers of their own",
        Fault::Permit(|turn| turn.listed || turn.status == 404),
    ),
    Mutant::over_exposes(
        "open-on-unknown-paths",
        "The framework's own 404 is readable for everybody.",
        "default back ends with headers of their own",
        Fault::Permit(|turn| turn.listed || (turn.status == 404 && !turn.path().starts_with("/status/"))),
    ),
    Mutant::over_exposes(
        "open-on-401",
        "Answers of 401 are readable for everybody.",
        "gateways' own answers with headers of their own",
        Fault::Permit(|turn| turn.listed || turn.status == 401),
    ),
    Mutant::over_exposes(
        "open-on-500",
        "Answers of 500 are readable for everybody.",
        "error pages with headers of their own",
        Fault::Permit(|turn| turn.listed || turn.status == 500),
    ),
    Mutant::over_exposes(
        "open-on-failures",
        "When the handler fails, what comes out is readable for everybody.",
        "error pages with headers of their own",
        Fault::Permit(|turn| turn.listed || (!turn.preflight && turn.path() == "/error")),
    ),
    Mutant::over_exposes(
        "open-on-head",
        "Answers to HEAD are readable for everybody.",
        "methods handled by other code",
        Fault::Permit(|turn| turn.listed || turn.method() == "HEAD"),
    ),
    Mutant::over_exposes(
        "open-on-post",
        "Answers to POST are readable for everybody: the list is looked at for reads.",
        "per-method rules that miss POST",
        Fault::Permit(|turn| turn.listed || turn.method() == "POST"),
    ),
    Mutant::over_exposes(
        "open-on-get",
        "Answers to GET are readable for everybody: the list is looked at for writes.",
        "per-method rules that miss GET",
        Fault::Permit(|turn| turn.listed || turn.method() == "GET"),
    ),
    Mutant::over_exposes(
        "open-on-the-session",
        "The route that shows the cookie is readable for everybody.",
        "S01, S03: rules for single routes",
        Fault::Permit(|turn| turn.listed || turn.path() == "/session"),
    ),
    Mutant::over_exposes(
        "open-where-protected",
        "The protected route is readable for everybody: the token is taken to be protection enough.",
        "S01: rules for single routes",
        Fault::Permit(|turn| turn.listed || turn.path() == "/protected"),
    ),
    Mutant::over_exposes(
        "open-on-redirects",
        "Redirects are readable for everybody.",
        "E07 in reverse: redirects written by other code",
        Fault::Permit(|turn| turn.listed || (300..400).contains(&turn.status)),
    ),
    Mutant::over_exposes(
        "open-to-forms",
        "Requests with a content type of forms are readable for everybody, as forms are sent by everybody.",
        "simple requests taken for harmless ones",
        Fault::Permit(|turn| {
            turn.listed || (turn.method() == "POST" && turn.request.headers.contains_key("content-type"))
        }),
    ),
    Mutant::over_blocks(
        "challenge-lost",
        "The challenge of a 401 is lost on the way.",
        "A02: lost in a filter",
        Fault::OnActual(|_, reply| reply.cut(WWW_AUTHENTICATE)),
    ),
    Mutant::over_blocks(
        "no-cors-forbidden",
        "`Cross-Origin-Resource-Policy: same-origin` is added, which blocks even what needs no permission.",
        "headers of hardening guides",
        Fault::OnActual(|_, reply| {
            reply.put(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
        }),
    ),
];

fn forbidden_at_home(turn: &Turn, condition: bool) -> Option<crate::reply::Reply> {
    (condition && turn.origin().is_some() && turn.own_page()).then(|| bare(403))
}
