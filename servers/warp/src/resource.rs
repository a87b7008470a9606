use std::fmt::Display;

use corspec_server_support::resource::{self, Hits, Target};
use warp::filters::BoxedFilter;
use warp::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION,
    WWW_AUTHENTICATE,
};
use warp::http::response::Builder;
use warp::http::{HeaderMap, HeaderValue, Response};
use warp::reject::Reject;
use warp::{Filter, Rejection, Reply};

/// The resource, without CORS.
pub(crate) fn routes() -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    let hits = Hits::default();
    counted(hits.clone())
        .or(cacheable())
        .or(with_status())
        .or(fail())
        .or(protected())
        .or(session())
        .or(redirect())
        .or(own_options())
        .or(own_cors())
        .or(read_hits(hits))
}

type Route = BoxedFilter<(Response<String>,)>;

/// Takes the body, since a body that nobody reads would cost the connection.
fn counted(hits: Hits) -> Route {
    let methods = warp::head().or(get_or_post()).unify().or(warp::put()).unify();
    let methods = methods.or(warp::patch()).unify().or(warp::delete()).unify();
    let count = move |_body| {
        hits.count();
        answer(Response::builder())
    };
    warp::path!("resource").and(methods).and(warp::body::bytes()).map(count).boxed()
}

fn answer(response: Builder) -> Response<String> {
    let headers = resource::HEADERS.into_iter();
    json(headers.fold(response, |response, (name, value)| response.header(name, value)), resource::BODY)
}

fn json(response: Builder, body: impl Into<String>) -> Response<String> {
    body_of(response.header(CONTENT_TYPE, resource::JSON), body)
}

fn body_of(response: Builder, body: impl Into<String>) -> Response<String> {
    response.body(body.into()).expect("the parts of the response are valid")
}

fn get_or_post() -> BoxedFilter<()> {
    warp::get().or(warp::post()).unify().boxed()
}

fn cacheable() -> Route {
    let answer = || answer(Response::builder().header(CACHE_CONTROL, resource::CACHE_CONTROL));
    warp::path!("cacheable").and(warp::get()).map(answer).boxed()
}

fn with_status() -> Route {
    let answer = |code, _body| match resource::status(code) {
        (code, Some(body)) => json(Response::builder().status(code), body),
        (code, None) => body_of(Response::builder().status(code), ""),
    };
    warp::path!("status" / u16).and(get_or_post()).and(warp::body::bytes()).map(answer).boxed()
}

#[derive(Debug)]
struct Failure;

impl Reject for Failure {}

/// warp makes a response of its own from a rejection, and none from a panic: that closes the connection.
fn fail() -> Route {
    let reject = |_body| async { Err(warp::reject::custom(Failure)) };
    warp::path!("error").and(get_or_post()).and(warp::body::bytes()).and_then(reject).boxed()
}

#[derive(Debug)]
struct NoToken;

impl Reject for NoToken {}

/// A filter rejects, and a handler of rejections answers in its place.
fn protected() -> Route {
    let require_token = |token: Option<HeaderValue>| async move {
        let authorized = resource::is_authorized(token.as_ref().map(HeaderValue::as_bytes));
        if authorized { Ok(()) } else { Err(warp::reject::custom(NoToken)) }
    };
    let token = warp::header::headers_cloned()
        .map(|headers: HeaderMap| headers.get(AUTHORIZATION).cloned())
        .and_then(require_token)
        .untuple_one();
    let challenge = |rejection: Rejection| async move {
        let challenged = Response::builder().status(401).header(WWW_AUTHENTICATE, resource::CHALLENGE);
        rejection.find::<NoToken>().map(|_| body_of(challenged, "")).ok_or(rejection)
    };
    let guarded = token.map(|| answer(Response::builder())).recover(challenge).unify();
    warp::path!("protected").and(warp::get()).and(guarded).boxed()
}

fn session() -> Route {
    let answer = |headers: HeaderMap| {
        let cookies = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        json(Response::builder(), resource::session(cookies))
    };
    warp::path!("session").and(warp::get()).and(warp::header::headers_cloned()).map(answer).boxed()
}

fn redirect() -> Route {
    let answer = |target: Target, _body| {
        let response = Response::builder().status(target.status).header(LOCATION, target.to);
        response.body(String::new()).unwrap_or_else(|error| bad_request(&error))
    };
    let methods = get_or_post().or(warp::put()).unify();
    warp::path!("redirect").and(methods).and(warp::query()).and(warp::body::bytes()).map(answer).boxed()
}

fn bad_request(error: &impl Display) -> Response<String> {
    body_of(Response::builder().status(400), error.to_string())
}

fn own_options() -> Route {
    let answer = || body_of(Response::builder().header(ALLOW, resource::OWN_ALLOW), resource::OWN_BODY);
    warp::path!("own-options").and(warp::options()).map(answer).boxed()
}

fn own_cors() -> Route {
    let answer = || answer(Response::builder().header(ACCESS_CONTROL_ALLOW_ORIGIN, resource::LEGACY_ORIGIN));
    warp::path!("own-cors").and(warp::get()).map(answer).boxed()
}

fn read_hits(hits: Hits) -> Route {
    warp::path!("hits").and(warp::get()).map(move || json(Response::builder(), hits.body())).boxed()
}
