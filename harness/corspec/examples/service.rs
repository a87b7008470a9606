//! The service that the other two examples test: a few routes behind tower-http's CORS layer.

use axum::Router;
use axum::http::{HeaderValue, Method, header};
use axum::routing::get;
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;

/// Serves the notes until it is dropped.
pub async fn notes(listener: TcpListener) -> std::io::Result<()> {
    let cors = CorsLayer::new()
        .allow_origin(HeaderValue::from_static("https://notes.example"))
        .allow_methods([Method::GET, Method::PUT])
        .allow_headers([header::CONTENT_TYPE])
        .allow_credentials(true);
    let routes = Router::new().route("/notes", get(|| async { "[]" }).put(|| async { "saved" }));
    axum::serve(listener, routes.layer(cors)).await
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/notes", listener.local_addr()?);
    notes(listener).await
}
