//! poem's `Cors` middleware, as a program that speaks the server protocol.

mod cors;
mod resource;

use std::io;

use corspec_protocol::{Answer, Instance, Policy};
use corspec_server_support::{Identity, Subject, listening};
use poem::listener::TcpAcceptor;
use poem::middleware::Cors;
use poem::{EndpointExt, Server};

struct Poem;

impl Subject for Poem {
    const IDENTITY: Identity = Identity {
        name: "poem",
        framework: "poem",
        middleware: "poem",
        runtime: "tokio",
        homepage: "https://docs.rs/poem/latest/poem/middleware/struct.Cors.html",
        issues: "https://github.com/poem-web/poem/issues",
        lock: include_str!("../Cargo.lock"),
    };

    type Cors = Cors;

    fn cors(policy: Option<Policy>) -> Result<Cors, Answer> {
        policy.map_or_else(|| Ok(Cors::new()), |policy| cors::middleware(&policy))
    }

    async fn start(cors: Cors) -> io::Result<Instance> {
        let (listener, url) = listening::bind().await?;
        let server = Server::new_with_acceptor(TcpAcceptor::from_tokio(listener)?);
        let app = resource::routes().with(cors);
        Ok(listening::spawn(url, |stop| server.run_with_graceful_shutdown(app, stop, None)))
    }
}

#[tokio::main]
async fn main() {
    corspec_server_support::run::<Poem>().await;
}
