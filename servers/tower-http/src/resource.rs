use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, AUTHORIZATION, CACHE_CONTROL, COOKIE, HeaderMap, HeaderName,
    LOCATION, VARY, WWW_AUTHENTICATE,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, options};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tower_http::catch_panic::CatchPanicLayer;

/// The resource, without CORS.
///
/// axum lets a panic close the connection. [`CatchPanicLayer`] is how its users get a response instead,
/// and stands where all of the application stands: inside the CORS layer.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/resource", get(counted).post(counted).put(counted).patch(counted).delete(counted))
        .route("/cacheable", get(([(CACHE_CONTROL, "public, max-age=600")], resource())))
        .route("/status/{code}", get(status).post(status))
        .route("/error", get(fail).post(fail))
        .route("/protected", get(resource()).route_layer(from_fn(require_token)))
        .route("/session", get(session))
        .route("/redirect", get(redirect).post(redirect).put(redirect))
        .route("/own-options", options(([(ALLOW, "GET, OPTIONS")], "own")))
        .route("/own-cors", get(([(ACCESS_CONTROL_ALLOW_ORIGIN, "https://legacy.example")], resource())))
        .route("/hits", get(hits))
        .with_state(Arc::default())
        .layer(CatchPanicLayer::new())
}

type Hits = Arc<AtomicU64>;

/// Takes the body, since a body that nobody reads would cost the connection.
async fn counted(State(hits): State<Hits>, _body: Bytes) -> impl IntoResponse {
    hits.fetch_add(1, Ordering::Relaxed);
    resource()
}

fn resource() -> ([(HeaderName, &'static str); 3], Json<Value>) {
    let headers = [
        (HeaderName::from_static("x-request-id"), "r-1"),
        (HeaderName::from_static("x-secret"), "s-1"),
        (VARY, "Accept-Language"),
    ];
    (headers, Json(json!({"resource": "ok"})))
}

/// A status of 1xx is no final answer, so a handler cannot give it; and some have no body.
async fn status(Path(code): Path<u16>, _body: Bytes) -> Response {
    match (code, StatusCode::from_u16(code)) {
        (204 | 205 | 304, Ok(status)) => status.into_response(),
        (200.., Ok(status)) => (status, Json(json!({"status": code}))).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Unwinds as `panic!` does, but past the panic hook: the server also runs within other programs, whose
/// terminal is theirs.
async fn fail(_body: Bytes) -> StatusCode {
    std::panic::resume_unwind(Box::new("the handler fails"))
}

async fn require_token(request: Request, next: Next) -> Response {
    match request.headers().get(AUTHORIZATION) {
        Some(token) if token == "Bearer letmein" => next.run(request).await,
        _ => (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")]).into_response(),
    }
}

async fn session(headers: HeaderMap) -> Json<Value> {
    let lines: Vec<_> =
        headers.get_all(COOKIE).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    Json(json!({"cookie": (!lines.is_empty()).then(|| lines.join("; "))}))
}

#[derive(Deserialize)]
struct Target {
    to: String,
    status: u16,
}

async fn redirect(Query(target): Query<Target>, _body: Bytes) -> Result<impl IntoResponse, StatusCode> {
    let status = StatusCode::from_u16(target.status).map_err(|_| StatusCode::BAD_REQUEST)?;
    let to = HeaderValue::try_from(target.to).map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok((status, [(LOCATION, to)]))
}

async fn hits(State(hits): State<Hits>) -> Json<Value> {
    Json(json!({"hits": hits.load(Ordering::Relaxed)}))
}
