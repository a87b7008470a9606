use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::{ErrorBadRequest, ErrorInternalServerError, InternalError};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, AUTHORIZATION, COOKIE, CacheControl, CacheDirective, HeaderValue,
    LOCATION, VARY, WWW_AUTHENTICATE,
};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Bytes, Data, Path, Query, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpResponse, HttpResponseBuilder, get, route};
use serde::Deserialize;
use serde_json::json;

/// How often the handler of `/resource` has run.
#[derive(Default)]
pub(crate) struct Hits(AtomicU64);

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource)
        .service(cacheable)
        .service(with_status)
        .service(fail)
        .service(protected)
        .service(session)
        .service(redirect)
        .service(own_options)
        .service(own_cors)
        .service(read_hits);
}

/// Takes the body, since a body that nobody reads would cost the connection.
#[route(
    "/resource",
    method = "GET",
    method = "HEAD",
    method = "POST",
    method = "PUT",
    method = "PATCH",
    method = "DELETE"
)]
async fn resource(hits: Data<Hits>, _body: Bytes) -> HttpResponse {
    hits.0.fetch_add(1, Ordering::Relaxed);
    answer(&mut HttpResponse::Ok())
}

fn answer(response: &mut HttpResponseBuilder) -> HttpResponse {
    response
        .insert_header(("X-Request-Id", "r-1"))
        .insert_header(("X-Secret", "s-1"))
        .insert_header((VARY, "Accept-Language"))
        .json(json!({"resource": "ok"}))
}

#[get("/cacheable")]
async fn cacheable() -> HttpResponse {
    let cacheable = CacheControl(vec![CacheDirective::Public, CacheDirective::MaxAge(600)]);
    answer(HttpResponse::Ok().insert_header(cacheable))
}

/// A status of 1xx is no final answer, so a handler cannot give it; and some have no body.
#[route("/status/{code}", method = "GET", method = "POST")]
async fn with_status(code: Path<u16>, _body: Bytes) -> HttpResponse {
    match (*code, StatusCode::from_u16(*code)) {
        (204 | 205 | 304, Ok(status)) => HttpResponse::new(status),
        (200.., Ok(status)) => HttpResponse::build(status).json(json!({"status": *code})),
        _ => HttpResponse::NotFound().finish(),
    }
}

/// actix-web makes a response of its own from an error, and none from a panic: that closes the connection.
#[route("/error", method = "GET", method = "POST")]
async fn fail(_body: Bytes) -> Result<HttpResponse, Error> {
    Err(ErrorInternalServerError("the handler fails"))
}

#[get("/protected", wrap = "from_fn(require_token)")]
async fn protected() -> HttpResponse {
    answer(&mut HttpResponse::Ok())
}

async fn require_token(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    match request.headers().get(AUTHORIZATION) {
        Some(token) if token == "Bearer letmein" => next.call(request).await,
        _ => {
            let challenge = HttpResponse::Unauthorized().insert_header((WWW_AUTHENTICATE, "Bearer")).finish();
            Err(InternalError::from_response("no token", challenge).into())
        }
    }
}

#[get("/session")]
async fn session(request: HttpRequest) -> HttpResponse {
    let lines: Vec<_> =
        request.headers().get_all(COOKIE).map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    HttpResponse::Ok().json(json!({"cookie": (!lines.is_empty()).then(|| lines.join("; "))}))
}

#[derive(Deserialize)]
struct Target {
    to: String,
    status: u16,
}

#[route("/redirect", method = "GET", method = "POST", method = "PUT")]
async fn redirect(target: Query<Target>, _body: Bytes) -> Result<HttpResponse, Error> {
    let status = StatusCode::from_u16(target.status).map_err(ErrorBadRequest)?;
    let to = HeaderValue::from_str(&target.to).map_err(ErrorBadRequest)?;
    Ok(HttpResponse::build(status).insert_header((LOCATION, to)).finish())
}

#[route("/own-options", method = "OPTIONS")]
async fn own_options() -> HttpResponse {
    HttpResponse::Ok().insert_header((ALLOW, "GET, OPTIONS")).body("own")
}

#[get("/own-cors")]
async fn own_cors() -> HttpResponse {
    answer(HttpResponse::Ok().insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "https://legacy.example")))
}

#[get("/hits")]
async fn read_hits(hits: Data<Hits>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"hits": hits.0.load(Ordering::Relaxed)}))
}
