use corspec_server_support::resource::{self, Hits, Target};
use poem::error::{BadRequest, InternalServerError};
use poem::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, AUTHORIZATION, CACHE_CONTROL, COOKIE, HeaderMap, LOCATION,
    WWW_AUTHENTICATE,
};
use poem::http::{HeaderValue, StatusCode};
use poem::web::{Data, Path, Query};
use poem::{Endpoint, EndpointExt, Request, Response, ResponseBuilder, Result, Route, get, handler, options};

/// The resource, without CORS.
pub(crate) fn routes() -> impl Endpoint {
    Route::new()
        .at("/resource", get(counted).post(counted).put(counted).patch(counted).delete(counted))
        .at("/cacheable", get(cacheable))
        .at("/status/:code", get(with_status).post(with_status))
        .at("/error", get(fail).post(fail))
        .at("/protected", get(protected.around(require_token)))
        .at("/session", get(session))
        .at("/redirect", get(redirect).post(redirect).put(redirect))
        .at("/own-options", options(own_options))
        .at("/own-cors", get(own_cors))
        .at("/hits", get(read_hits))
        .data(Hits::default())
}

/// Takes the body, since a body that nobody reads would cost the connection.
#[handler]
fn counted(hits: Data<&Hits>, _body: Vec<u8>) -> Response {
    hits.count();
    answer(Response::builder())
}

fn answer(response: ResponseBuilder) -> Response {
    let headers = resource::HEADERS.into_iter();
    json(headers.fold(response, |response, (name, value)| response.header(name, value)), resource::BODY)
}

fn json(response: ResponseBuilder, body: impl Into<String>) -> Response {
    response.content_type(resource::JSON).body(body.into())
}

#[handler]
fn cacheable() -> Response {
    answer(Response::builder().header(CACHE_CONTROL, resource::CACHE_CONTROL))
}

#[handler]
fn with_status(Path(code): Path<u16>, _body: Vec<u8>) -> Result<Response> {
    let (code, body) = resource::status(code);
    let response = Response::builder().status(StatusCode::from_u16(code).map_err(BadRequest)?);
    Ok(match body {
        Some(body) => json(response, body),
        None => response.finish(),
    })
}

/// poem makes a response of its own from an error, and none from a panic unless a middleware catches it.
#[handler]
fn fail(_body: Vec<u8>) -> Result<Response> {
    Err(InternalServerError(std::io::Error::other(resource::FAILURE)))
}

#[handler]
fn protected() -> Response {
    answer(Response::builder())
}

async fn require_token<E: Endpoint<Output = Response>>(
    next: std::sync::Arc<E>,
    request: Request,
) -> Result<Response> {
    let token = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
    if resource::is_authorized(token) {
        return next.call(request).await;
    }
    let challenge = Response::builder().status(StatusCode::UNAUTHORIZED);
    Ok(challenge.header(WWW_AUTHENTICATE, resource::CHALLENGE).finish())
}

#[handler]
fn session(headers: &HeaderMap) -> Response {
    let cookies = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    json(Response::builder(), resource::session(cookies))
}

#[handler]
fn redirect(Query(target): Query<Target>, _body: Vec<u8>) -> Result<Response> {
    let status = StatusCode::from_u16(target.status).map_err(BadRequest)?;
    let to = HeaderValue::try_from(target.to).map_err(BadRequest)?;
    Ok(Response::builder().status(status).header(LOCATION, to).finish())
}

#[handler]
fn own_options() -> Response {
    Response::builder().header(ALLOW, resource::OWN_ALLOW).body(resource::OWN_BODY)
}

#[handler]
fn own_cors() -> Response {
    answer(Response::builder().header(ACCESS_CONTROL_ALLOW_ORIGIN, resource::LEGACY_ORIGIN))
}

#[handler]
fn read_hits(hits: Data<&Hits>) -> Response {
    json(Response::builder(), hits.body())
}
