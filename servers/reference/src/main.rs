//! Corspec's reference server, as a program that speaks the server protocol.

use corspec_server_reference::Reference;

#[tokio::main]
async fn main() {
    corspec_protocol::run(Reference).await;
}
