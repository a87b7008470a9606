//! The words of the resource.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use serde_json::json;

/// The content type of its bodies.
pub const JSON: &str = "application/json";
/// The body of `/resource`.
pub const BODY: &str = r#"{"resource":"ok"}"#;
/// The headers of `/resource`, beside its content type.
pub const HEADERS: [(&str, &str); 3] =
    [("X-Request-Id", "r-1"), ("X-Secret", "s-1"), ("Vary", "Accept-Language")];
/// The `Cache-Control` of `/cacheable`.
pub const CACHE_CONTROL: &str = "public, max-age=600";
/// The `WWW-Authenticate` of `/protected`.
pub const CHALLENGE: &str = "Bearer";
/// The `Access-Control-Allow-Origin` of `/own-cors`.
pub const LEGACY_ORIGIN: &str = "https://legacy.example";
/// The `Allow` of `/own-options`.
pub const OWN_ALLOW: &str = "GET, OPTIONS";
/// The body of `/own-options`.
pub const OWN_BODY: &str = "own";
/// What comes of `/error`.
pub const FAILURE: &str = "the handler fails";

/// Whether an `Authorization` opens `/protected`.
pub fn is_authorized(authorization: Option<&[u8]>) -> bool {
    authorization == Some(b"Bearer letmein")
}

/// The body of `/session`, from the `Cookie` lines as they came.
pub fn session<'a>(cookies: impl IntoIterator<Item = &'a [u8]>) -> String {
    let lines: Vec<_> = cookies.into_iter().map(String::from_utf8_lossy).collect();
    json!({"cookie": (!lines.is_empty()).then(|| lines.join("; "))}).to_string()
}

/// What `/status/CODE` answers. A status of 1xx is no final answer, so a handler cannot give it; and some have no body.
pub fn status(code: u16) -> (u16, Option<String>) {
    match code {
        204 | 205 | 304 => (code, None),
        200..=599 => (code, Some(json!({"status": code}).to_string())),
        _ => (404, None),
    }
}

/// The query of `/redirect`.
#[derive(Clone, Debug, Deserialize)]
pub struct Target {
    /// Where to.
    pub to: String,
    /// With what status.
    pub status: u16,
}

/// How often the handler of `/resource` has run.
#[derive(Clone, Debug, Default)]
pub struct Hits(Arc<AtomicU64>);

impl Hits {
    /// Once more.
    pub fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The body of `/hits`.
    pub fn body(&self) -> String {
        json!({"hits": self.0.load(Ordering::Relaxed)}).to_string()
    }
}
