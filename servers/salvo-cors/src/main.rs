//! salvo-cors, as a program that speaks the server protocol.

mod cors;
mod resource;

use std::io;

use corspec_protocol::{Answer, Instance, Policy};
use corspec_server_support::{Identity, Subject, listening};
use salvo::conn::tcp::TcpAcceptor;
use salvo::cors::{Cors, CorsHandler};
use salvo::{Server, Service};

struct SalvoCors;

impl Subject for SalvoCors {
    const IDENTITY: Identity = Identity {
        name: "salvo-cors",
        framework: "salvo",
        middleware: "salvo-cors",
        runtime: "tokio",
        homepage: "https://docs.rs/salvo-cors",
        issues: "https://github.com/salvo-rs/salvo/issues",
        lock: include_str!("../Cargo.lock"),
    };

    type Cors = CorsHandler;

    fn cors(policy: Option<Policy>) -> Result<CorsHandler, Answer> {
        let cors =
            policy.map_or_else(|| Ok(Cors::new()), |policy| cors::cors(&policy)).map_err(Answer::failed)?;
        Ok(cors.into_handler())
    }

    async fn start(cors: CorsHandler) -> io::Result<Instance> {
        let (listener, url) = listening::bind().await?;
        let server = Server::new(TcpAcceptor::try_from(listener)?);
        let handle = server.handle();
        let service = Service::new(resource::router()).hoop(cors);
        Ok(listening::spawn(url, |stop| async move {
            tokio::spawn(async move {
                stop.await;
                handle.stop_forceful();
            });
            server.serve(service).await;
        }))
    }
}

#[tokio::main]
async fn main() {
    corspec_server_support::run::<SalvoCors>().await;
}
