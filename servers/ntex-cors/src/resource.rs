pub(crate) use corspec_server_support::resource::Hits;

use corspec_server_support::resource::{self, Target};
use ntex::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, AUTHORIZATION, CACHE_CONTROL, COOKIE, HeaderValue, LOCATION,
    WWW_AUTHENTICATE,
};
use ntex::http::{Payload, StatusCode};
use ntex::util::Bytes;
use ntex::web::error::{ErrorBadRequest, ErrorInternalServerError, InternalError};
use ntex::web::types::{Path, Query, State};
use ntex::web::{
    self, DefaultError, FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, ServiceConfig,
};

pub(crate) fn configure(config: &mut ServiceConfig) {
    let counted = web::resource("/resource")
        .route(web::get().to(counted))
        .route(web::head().to(self::counted))
        .route(web::post().to(self::counted))
        .route(web::put().to(self::counted))
        .route(web::patch().to(self::counted))
        .route(web::delete().to(self::counted));
    let redirect = web::resource("/redirect")
        .route(web::get().to(redirect))
        .route(web::post().to(self::redirect))
        .route(web::put().to(self::redirect));
    config
        .service(counted)
        .service(redirect)
        .service(
            web::resource("/status/{code}")
                .route(web::get().to(with_status))
                .route(web::post().to(with_status)),
        )
        .service(web::resource("/error").route(web::get().to(fail)).route(web::post().to(fail)))
        .service((cacheable, protected, session, own_options, own_cors, read_hits));
}

/// Takes the body, since a body that nobody reads would cost the connection.
async fn counted(hits: State<Hits>, _body: Bytes) -> HttpResponse {
    hits.count();
    answer(&mut HttpResponse::Ok())
}

fn answer(response: &mut HttpResponseBuilder) -> HttpResponse {
    for (name, value) in resource::HEADERS {
        response.header(name, value);
    }
    json(response, resource::BODY)
}

fn json(response: &mut HttpResponseBuilder, body: impl Into<String>) -> HttpResponse {
    response.content_type(resource::JSON).body(body.into())
}

#[web::get("/cacheable")]
async fn cacheable() -> HttpResponse {
    answer(HttpResponse::Ok().header(CACHE_CONTROL, resource::CACHE_CONTROL))
}

async fn with_status(code: Path<u16>, _body: Bytes) -> Result<HttpResponse, InternalError<String>> {
    let (code, body) = resource::status(*code);
    let mut response = HttpResponse::build(status_code(code)?);
    Ok(match body {
        Some(body) => json(&mut response, body),
        None => response.finish(),
    })
}

fn status_code(code: u16) -> Result<StatusCode, InternalError<String>> {
    StatusCode::from_u16(code).map_err(|error| ErrorBadRequest(error.to_string()))
}

/// ntex makes a response of its own from an error, and none from a panic: that closes the connection.
async fn fail(_body: Bytes) -> Result<HttpResponse, InternalError<&'static str>> {
    Err(ErrorInternalServerError(resource::FAILURE))
}

struct Token;

impl FromRequest<DefaultError> for Token {
    type Error = InternalError<&'static str>;

    async fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Result<Self, Self::Error> {
        let token = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
        if resource::is_authorized(token) {
            return Ok(Self);
        }
        let challenge = HttpResponse::Unauthorized().header(WWW_AUTHENTICATE, resource::CHALLENGE).finish();
        Err(InternalError::from_response("no token", challenge))
    }
}

#[web::get("/protected")]
async fn protected(_token: Token) -> HttpResponse {
    answer(&mut HttpResponse::Ok())
}

#[web::get("/session")]
async fn session(request: HttpRequest) -> HttpResponse {
    let cookies = request.headers().get_all(COOKIE).map(HeaderValue::as_bytes);
    json(&mut HttpResponse::Ok(), resource::session(cookies))
}

async fn redirect(target: Query<Target>, _body: Bytes) -> Result<HttpResponse, InternalError<String>> {
    let status = status_code(target.status)?;
    Ok(HttpResponse::build(status).header(LOCATION, target.to.as_str()).finish())
}

#[web::options("/own-options")]
async fn own_options() -> HttpResponse {
    HttpResponse::Ok().header(ALLOW, resource::OWN_ALLOW).body(resource::OWN_BODY)
}

#[web::get("/own-cors")]
async fn own_cors() -> HttpResponse {
    answer(HttpResponse::Ok().header(ACCESS_CONTROL_ALLOW_ORIGIN, resource::LEGACY_ORIGIN))
}

#[web::get("/hits")]
async fn read_hits(hits: State<Hits>) -> HttpResponse {
    json(&mut HttpResponse::Ok(), hits.body())
}
