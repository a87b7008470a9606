use async_trait::async_trait;
use corspec_server_support::resource::{self, Hits, Target};
use silent::prelude::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, HeaderName,
    HeaderValue, LOCATION, WWW_AUTHENTICATE,
};
use silent::prelude::{
    Handler, MiddleWareHandler, Next, Request, Response, Result, Route, SilentError, StatusCode, full,
};

/// The resource, without CORS. silent itself answers HEAD where there is a GET.
pub(crate) fn routes() -> Route {
    let counted =
        Route::new("resource").get(counted).post(counted).put(counted).patch(counted).delete(counted);
    Route::new("")
        .append(counted)
        .append(Route::new("cacheable").get(cacheable))
        .append(Route::new("status").append(Route::new("<code:str>").get(with_status).post(with_status)))
        .append(Route::new("error").get(fail).post(fail))
        .append(Route::new("protected").hook(RequireToken).get(protected))
        .append(Route::new("session").get(session))
        .append(Route::new("redirect").get(redirect).post(redirect).put(redirect))
        .append(Route::new("own-options").options(own_options))
        .append(Route::new("own-cors").get(own_cors))
        .append(Route::new("hits").get(read_hits))
        .with_state(Hits::default())
}

async fn counted(request: Request) -> Result<Response> {
    request.get_state::<Hits>()?.count();
    Ok(answer())
}

fn answer() -> Response {
    resource::HEADERS.into_iter().fold(json(resource::BODY), |response, (name, value)| {
        with_header(response, HeaderName::from_bytes(name.as_bytes()).expect("a header name"), value)
    })
}

fn json(body: impl Into<String>) -> Response {
    with_header(Response::empty().with_body(full(body.into())), CONTENT_TYPE, resource::JSON)
}

fn with_header(response: Response, name: HeaderName, value: &'static str) -> Response {
    response.with_header(name, HeaderValue::from_static(value))
}

async fn cacheable(_request: Request) -> Result<Response> {
    Ok(with_header(answer(), CACHE_CONTROL, resource::CACHE_CONTROL))
}

async fn with_status(request: Request) -> Result<Response> {
    let code: String = request.get_path_params("code")?;
    let (code, body) = resource::status(code.parse().unwrap_or_default());
    Ok(body.map_or_else(Response::empty, json).with_status(status_code(code)?))
}

fn status_code(code: u16) -> Result<StatusCode> {
    StatusCode::from_u16(code).map_err(bad_request)
}

fn bad_request(error: impl ToString) -> SilentError {
    SilentError::business_error(StatusCode::BAD_REQUEST, error.to_string())
}

/// silent makes a response of its own from an error, and none from a panic: that closes the connection.
async fn fail(_request: Request) -> Result<Response> {
    Err(SilentError::business_error(StatusCode::INTERNAL_SERVER_ERROR, resource::FAILURE))
}

struct RequireToken;

#[async_trait]
impl MiddleWareHandler for RequireToken {
    async fn handle(&self, request: Request, next: &Next) -> Result<Response> {
        let token = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
        if resource::is_authorized(token) {
            return next.call(request).await;
        }
        let unauthorized = Response::empty().with_status(StatusCode::UNAUTHORIZED);
        Ok(with_header(unauthorized, WWW_AUTHENTICATE, resource::CHALLENGE))
    }
}

async fn protected(_request: Request) -> Result<Response> {
    Ok(answer())
}

async fn session(request: Request) -> Result<Response> {
    let cookies = request.headers().get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    Ok(json(resource::session(cookies)))
}

async fn redirect(mut request: Request) -> Result<Response> {
    let target: Target = request.params_parse()?;
    let to = HeaderValue::try_from(target.to).map_err(bad_request)?;
    Ok(Response::empty().with_status(status_code(target.status)?).with_header(LOCATION, to))
}

async fn own_options(_request: Request) -> Result<Response> {
    Ok(with_header(Response::text(resource::OWN_BODY), ALLOW, resource::OWN_ALLOW))
}

async fn own_cors(_request: Request) -> Result<Response> {
    Ok(with_header(answer(), ACCESS_CONTROL_ALLOW_ORIGIN, resource::LEGACY_ORIGIN))
}

async fn read_hits(request: Request) -> Result<Response> {
    Ok(json(request.get_state::<Hits>()?.body()))
}
