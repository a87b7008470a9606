use corspec_server_support::resource::{self, Hits, Target};
use salvo::affix_state;
use salvo::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, HeaderName,
    HeaderValue, LOCATION, WWW_AUTHENTICATE,
};
use salvo::http::{ParseError, StatusCode, StatusError};
use salvo::prelude::*;

/// The resource, without CORS.
pub(crate) fn router() -> Router {
    let resource = Router::with_path("resource").get(counted).head(counted).post(counted);
    let resource = resource.put(counted).patch(counted).delete(counted);
    Router::new()
        .hoop(affix_state::inject(Hits::default()))
        .push(resource)
        .push(Router::with_path("cacheable").get(cacheable))
        .push(Router::with_path("status/{code}").get(with_status).post(with_status))
        .push(Router::with_path("error").get(fail).post(fail))
        .push(Router::with_path("protected").hoop(require_token).get(protected))
        .push(Router::with_path("session").get(session))
        .push(Router::with_path("redirect").get(redirect).post(redirect).put(redirect))
        .push(Router::with_path("own-options").options(own_options))
        .push(Router::with_path("own-cors").get(own_cors))
        .push(Router::with_path("hits").get(read_hits))
}

/// Takes the body, since a body that nobody reads would cost the connection.
#[handler]
async fn counted(request: &mut Request, depot: &Depot, response: &mut Response) -> Result<(), ParseError> {
    request.payload().await?;
    hits(depot).count();
    answer(response);
    Ok(())
}

fn hits(depot: &Depot) -> &Hits {
    depot.get_typed().expect("the router has this state")
}

fn answer(response: &mut Response) {
    for (name, value) in resource::HEADERS {
        set(response, HeaderName::from_bytes(name.as_bytes()).expect("a header name"), value);
    }
    json(response, resource::BODY);
}

fn json(response: &mut Response, body: impl Into<String>) {
    set(response, CONTENT_TYPE, resource::JSON);
    response.body(body.into());
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}

#[handler]
async fn cacheable(response: &mut Response) {
    set(response, CACHE_CONTROL, resource::CACHE_CONTROL);
    answer(response);
}

#[handler]
async fn with_status(request: &mut Request, response: &mut Response) -> Result<(), ParseError> {
    request.payload().await?;
    let (code, body) = resource::status(request.try_param("code")?);
    response.status_code(StatusCode::from_u16(code).map_err(ParseError::other)?);
    if let Some(body) = body {
        json(response, body);
    }
    Ok(())
}

/// salvo makes a response of its own from an error, and none from a panic unless a middleware catches it.
#[handler]
async fn fail(request: &mut Request) -> Result<(), salvo::Error> {
    request.payload().await?;
    Err(salvo::Error::other(resource::FAILURE))
}

#[handler]
async fn protected(response: &mut Response) {
    answer(response);
}

#[handler]
async fn require_token(request: &Request, response: &mut Response, control: &mut FlowCtrl) {
    let token = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
    if !resource::is_authorized(token) {
        set(response, WWW_AUTHENTICATE, resource::CHALLENGE);
        response.status_code(StatusCode::UNAUTHORIZED);
        control.skip_rest();
    }
}

#[handler]
async fn session(request: &Request, response: &mut Response) {
    let cookies = request.headers().get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    json(response, resource::session(cookies));
}

#[handler]
async fn redirect(request: &mut Request, response: &mut Response) -> Result<(), StatusError> {
    let bad = |error: &dyn std::error::Error| StatusError::bad_request().brief(error.to_string());
    request.payload().await.map_err(|error| bad(&error))?;
    let target: Target = request.parse_queries().map_err(|error| bad(&error))?;
    let to = HeaderValue::try_from(target.to).map_err(|error| bad(&error))?;
    response.status_code(StatusCode::from_u16(target.status).map_err(|error| bad(&error))?);
    response.headers_mut().insert(LOCATION, to);
    Ok(())
}

#[handler]
async fn own_options(response: &mut Response) {
    set(response, ALLOW, resource::OWN_ALLOW);
    response.render(resource::OWN_BODY);
}

#[handler]
async fn own_cors(response: &mut Response) {
    set(response, ACCESS_CONTROL_ALLOW_ORIGIN, resource::LEGACY_ORIGIN);
    answer(response);
}

#[handler]
async fn read_hits(depot: &Depot, response: &mut Response) {
    json(response, hits(depot).body());
}
