//! actix-cors, as a program that speaks the server protocol.

use corspec_server_actix_cors::ActixCors;

#[tokio::main]
async fn main() {
    corspec_protocol::run(ActixCors).await;
}
