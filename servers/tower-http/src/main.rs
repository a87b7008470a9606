//! tower-http's `CorsLayer` on axum, as a program that speaks the server protocol.

use corspec_server_tower_http::{TowerHttp, hush_rejections};

#[tokio::main]
async fn main() {
    hush_rejections();
    corspec_protocol::run(TowerHttp).await;
}
