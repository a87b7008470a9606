use std::sync::atomic::{AtomicU64, Ordering};

use hyper::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, COOKIE, HeaderName,
    HeaderValue, LOCATION, VARY, WWW_AUTHENTICATE,
};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde_json::json;

/// The resource that every server under test serves. It knows nothing of CORS.
#[derive(Debug, Default)]
pub struct Resource {
    hits: AtomicU64,
}

impl Resource {
    /// Answers one request.
    ///
    /// # Panics
    ///
    /// On `/error`, as a handler with a bug does.
    pub fn handle(&self, request: &Parts) -> Response<String> {
        let path = request.uri.path();
        let methods = match path {
            "/resource" => &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"][..],
            "/cacheable" | "/protected" | "/session" | "/own-cors" | "/hits" => &["GET", "HEAD"],
            "/error" => &["GET", "HEAD", "POST"],
            "/redirect" => &["GET", "HEAD", "POST", "PUT"],
            "/own-options" => &["OPTIONS"],
            _ if status(path).is_some() => &["GET", "HEAD", "POST"],
            _ => return response(StatusCode::NOT_FOUND, "not found"),
        };
        if !methods.contains(&request.method.as_str()) {
            let mut response = response(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
            let allowed = methods.join(", ").parse().expect("method names are header values");
            response.headers_mut().insert(ALLOW, allowed);
            return response;
        }
        match path {
            "/resource" => {
                self.hits.fetch_add(1, Ordering::Relaxed);
                resource()
            }
            "/cacheable" => with(resource(), CACHE_CONTROL, "public, max-age=600"),
            "/protected" => protected(request),
            "/session" => session(request),
            "/own-cors" => with(resource(), ACCESS_CONTROL_ALLOW_ORIGIN, "https://legacy.example"),
            "/hits" => json_response(StatusCode::OK, &json!({"hits": self.hits.load(Ordering::Relaxed)})),
            "/error" => fail(),
            "/redirect" => redirect(request),
            "/own-options" => with(response(StatusCode::OK, "own"), ALLOW, "GET, OPTIONS"),
            _ => status(path).map_or_else(|| response(StatusCode::NOT_FOUND, "not found"), with_status),
        }
    }
}

/// What a panic of the resource becomes.
pub fn internal_server_error() -> Response<String> {
    response(StatusCode::INTERNAL_SERVER_ERROR, "internal server error")
}

fn resource() -> Response<String> {
    let response = json_response(StatusCode::OK, &json!({"resource": "ok"}));
    let response = with(response, HeaderName::from_static("x-request-id"), "r-1");
    let response = with(response, HeaderName::from_static("x-secret"), "s-1");
    with(response, VARY, "Accept-Language")
}

/// `/status/CODE`. A status of 1xx is no final answer, so a handler cannot give it.
fn status(path: &str) -> Option<StatusCode> {
    let code = path.strip_prefix("/status/")?.parse().ok()?;
    StatusCode::from_u16(code).ok().filter(|status| !status.is_informational())
}

fn with_status(status: StatusCode) -> Response<String> {
    match status.as_u16() {
        // These have no body, and one that is sent nevertheless is read as the next response.
        204 | 205 | 304 => response(status, ""),
        code => json_response(status, &json!({"status": code})),
    }
}

/// Unwinds as `panic!` does, but past the panic hook: the server also runs within other programs, whose
/// terminal is theirs.
fn fail() -> ! {
    std::panic::resume_unwind(Box::new("the handler fails"))
}

fn protected(request: &Parts) -> Response<String> {
    match request.headers.get(AUTHORIZATION) {
        Some(token) if token == "Bearer letmein" => resource(),
        _ => with(response(StatusCode::UNAUTHORIZED, "unauthorized"), WWW_AUTHENTICATE, "Bearer"),
    }
}

fn session(request: &Parts) -> Response<String> {
    let lines = request.headers.get_all(COOKIE).iter();
    let lines: Vec<_> = lines.map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    let cookie = (!lines.is_empty()).then(|| lines.join("; "));
    json_response(StatusCode::OK, &json!({"cookie": cookie}))
}

fn redirect(request: &Parts) -> Response<String> {
    let query = request.uri.query().unwrap_or_default();
    let value = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    };
    let status = value("status").and_then(|code| code.parse().ok());
    let status = status.and_then(|code| StatusCode::from_u16(code).ok()).filter(StatusCode::is_redirection);
    let to = value("to").and_then(|to| HeaderValue::try_from(to).ok());
    match (status, to) {
        (Some(status), Some(to)) => {
            let mut response = response(status, "");
            response.headers_mut().insert(LOCATION, to);
            response
        }
        _ => response(StatusCode::BAD_REQUEST, "a redirect needs `to` and a `status` of 3xx"),
    }
}

fn json_response(status: StatusCode, body: &serde_json::Value) -> Response<String> {
    with(response(status, &body.to_string()), CONTENT_TYPE, "application/json")
}

fn response(status: StatusCode, body: &str) -> Response<String> {
    let mut response = Response::new(body.to_owned());
    *response.status_mut() = status;
    response
}

fn with(mut response: Response<String>, name: HeaderName, value: &'static str) -> Response<String> {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}
