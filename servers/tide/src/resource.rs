use std::pin::Pin;

use corspec_server_support::resource::{self, Hits, Target};
use tide::http::headers::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, AUTHORIZATION, CACHE_CONTROL, COOKIE, LOCATION, WWW_AUTHENTICATE,
};
use tide::{Next, Request, Response, ResponseBuilder, Result, Server, StatusCode};

/// The application around the resource, without CORS.
pub(crate) fn app() -> Server<Hits> {
    let mut app = tide::with_state(Hits::default());
    app.at("/resource").get(counted).head(counted).post(counted).put(counted).patch(counted).delete(counted);
    app.at("/cacheable").get(cacheable);
    app.at("/status/:code").get(with_status).post(with_status);
    app.at("/error").get(fail).post(fail);
    app.at("/protected").with(require_token).get(protected);
    app.at("/session").get(session);
    app.at("/redirect").get(redirect).post(redirect).put(redirect);
    app.at("/own-options").options(own_options);
    app.at("/own-cors").get(own_cors);
    app.at("/hits").get(read_hits);
    app
}

/// Takes the body, since a body that nobody reads would cost the connection.
async fn counted(mut request: Request<Hits>) -> Result {
    request.body_bytes().await?;
    request.state().count();
    Ok(answer(Response::builder(200)))
}

fn answer(response: ResponseBuilder) -> Response {
    let headers = resource::HEADERS.into_iter();
    json(headers.fold(response, |response, (name, value)| response.header(name, value)), resource::BODY)
}

fn json(response: ResponseBuilder, body: impl Into<String>) -> Response {
    response.body(body.into()).content_type(resource::JSON).build()
}

async fn cacheable(_: Request<Hits>) -> Result {
    Ok(answer(Response::builder(200).header(CACHE_CONTROL, resource::CACHE_CONTROL)))
}

async fn with_status(mut request: Request<Hits>) -> Result {
    request.body_bytes().await?;
    let (code, body) = resource::status(request.param("code")?.parse()?);
    let response = Response::builder(status_code(code)?);
    Ok(match body {
        Some(body) => json(response, body),
        None => response.build(),
    })
}

fn status_code(code: u16) -> Result<StatusCode> {
    StatusCode::try_from(code).map_err(|_| tide::Error::from_str(StatusCode::BadRequest, "no such status"))
}

/// tide makes a response of its own from an error, and none from a panic: that closes the connection.
async fn fail(mut request: Request<Hits>) -> Result {
    request.body_bytes().await?;
    Err(tide::Error::from_str(StatusCode::InternalServerError, resource::FAILURE))
}

async fn protected(_: Request<Hits>) -> Result {
    Ok(answer(Response::builder(200)))
}

fn require_token<'a>(
    request: Request<Hits>,
    next: Next<'a, Hits>,
) -> Pin<Box<dyn Future<Output = Result> + Send + 'a>> {
    Box::pin(async {
        let token = request.header(AUTHORIZATION).map(|token| token.as_str().as_bytes());
        if resource::is_authorized(token) {
            return Ok(next.run(request).await);
        }
        Ok(Response::builder(401).header(WWW_AUTHENTICATE, resource::CHALLENGE).build())
    })
}

async fn session(request: Request<Hits>) -> Result {
    let cookies = request.header(COOKIE).into_iter().flatten().map(|cookie| cookie.as_str().as_bytes());
    Ok(json(Response::builder(200), resource::session(cookies)))
}

async fn redirect(mut request: Request<Hits>) -> Result {
    request.body_bytes().await?;
    let target: Target = request.query()?;
    Ok(Response::builder(status_code(target.status)?).header(LOCATION, target.to).build())
}

async fn own_options(_: Request<Hits>) -> Result {
    Ok(Response::builder(200).header(ALLOW, resource::OWN_ALLOW).body(resource::OWN_BODY).build())
}

async fn own_cors(_: Request<Hits>) -> Result {
    Ok(answer(Response::builder(200).header(ACCESS_CONTROL_ALLOW_ORIGIN, resource::LEGACY_ORIGIN)))
}

async fn read_hits(request: Request<Hits>) -> Result {
    Ok(json(Response::builder(200), request.state().body()))
}
