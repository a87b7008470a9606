//! tower-http's `CorsLayer` on axum, as a program that speaks the server protocol.

use corspec_server_tower_http::TowerHttp;

#[tokio::main]
async fn main() {
    corspec_protocol::run(TowerHttp).await;
}
