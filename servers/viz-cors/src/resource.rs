use corspec_server_support::resource::{self, Hits, Target};
use viz::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, HeaderName,
    HeaderValue, WWW_AUTHENTICATE,
};
use viz::types::State;
use viz::{
    Error, HandlerExt, IntoResponse, Request, RequestExt, Response, ResponseExt, Result, Router, StatusCode,
    get, options,
};

/// The resource, without CORS. The middleware sees only requests of a route, so that each one that is to be preflighted has
/// a handler of OPTIONS, as in viz's own example.
pub(crate) fn router() -> Router {
    let counted = get(counted).head(counted).post(counted).put(counted).patch(counted).delete(counted);
    Router::new()
        .route("/resource", counted.options(no_content))
        .route("/cacheable", get(cacheable).options(no_content))
        .route("/status/:code", get(with_status).post(with_status).options(no_content))
        .route("/error", get(fail).post(fail).options(no_content))
        .route("/protected", get(protected.before(require_token)).options(no_content))
        .route("/session", get(session).options(no_content))
        .route("/redirect", get(redirect).post(redirect).put(redirect).options(no_content))
        .route("/own-options", options(own_options))
        .route("/own-cors", get(own_cors).options(no_content))
        .route("/hits", get(read_hits))
        .with(State::new(Hits::default()))
}

async fn no_content(_: Request) -> Result<StatusCode> {
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the body, since a body that nobody reads would cost the connection.
async fn counted(mut request: Request) -> Result<Response> {
    request.bytes().await?;
    hits(&request).count();
    Ok(answer())
}

fn hits(request: &Request) -> Hits {
    request.state().expect("the router has this state")
}

fn answer() -> Response {
    resource::HEADERS.into_iter().fold(json(resource::BODY), |response, (name, value)| {
        with_header(response, HeaderName::from_bytes(name.as_bytes()).expect("a header name"), value)
    })
}

fn json(body: impl Into<String>) -> Response {
    with_header(body.into().into_response(), CONTENT_TYPE, resource::JSON)
}

fn with_header(mut response: Response, name: HeaderName, value: &'static str) -> Response {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

async fn cacheable(_: Request) -> Result<Response> {
    Ok(with_header(answer(), CACHE_CONTROL, resource::CACHE_CONTROL))
}

async fn with_status(mut request: Request) -> Result<Response> {
    request.bytes().await?;
    let (code, body) = resource::status(request.param("code")?);
    let mut response = body.map_or_else(|| ().into_response(), json);
    *response.status_mut() = status_code(code)?;
    Ok(response)
}

fn status_code(code: u16) -> Result<StatusCode> {
    StatusCode::from_u16(code).map_err(|error| (error, StatusCode::BAD_REQUEST).into())
}

async fn fail(mut request: Request) -> Result<()> {
    request.bytes().await?;
    Err(Error::boxed(resource::FAILURE))
}

async fn protected(_: Request) -> Result<Response> {
    Ok(answer())
}

/// Runs before the handler, and ends the request with an error in its place.
async fn require_token(request: Request) -> Result<Request> {
    let token = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
    if resource::is_authorized(token) {
        return Ok(request);
    }
    let challenge =
        with_header(StatusCode::UNAUTHORIZED.into_response(), WWW_AUTHENTICATE, resource::CHALLENGE);
    Err(challenge.into_error())
}

async fn session(request: Request) -> Result<Response> {
    let cookies = request.headers().get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    Ok(json(resource::session(cookies)))
}

async fn redirect(mut request: Request) -> Result<Response> {
    request.bytes().await?;
    let target: Target = request.query()?;
    Ok(Response::redirect_with_status(target.to, status_code(target.status)?))
}

async fn own_options(_: Request) -> Result<Response> {
    Ok(with_header(resource::OWN_BODY.into_response(), ALLOW, resource::OWN_ALLOW))
}

async fn own_cors(_: Request) -> Result<Response> {
    Ok(with_header(answer(), ACCESS_CONTROL_ALLOW_ORIGIN, resource::LEGACY_ORIGIN))
}

async fn read_hits(request: Request) -> Result<Response> {
    Ok(json(hits(&request).body()))
}
