//! silent's `Cors` middleware, as a program that speaks the server protocol.

mod cors;
mod resource;

use std::io;

use corspec_protocol::{Answer, Instance, Policy};
use corspec_server_support::{Identity, Subject, listening};
use silent::middlewares::Cors;
use silent::prelude::{Listener, Server};

struct Silent;

impl Subject for Silent {
    const IDENTITY: Identity = Identity {
        name: "silent",
        framework: "silent",
        middleware: "silent",
        runtime: "tokio",
        homepage: "https://docs.rs/silent/latest/silent/middlewares/struct.Cors.html",
        issues: "https://github.com/silent-rs/silent/issues",
        lock: include_str!("../Cargo.lock"),
    };

    type Cors = Cors;

    fn cors(policy: Option<Policy>) -> Result<Cors, Answer> {
        policy.map_or_else(|| Ok(Cors::new()), |policy| cors::middleware(&policy))
    }

    async fn start(cors: Cors) -> io::Result<Instance> {
        let (listener, url) = listening::bind().await?;
        let listener = listener.into_std()?;
        let routes = resource::routes().hook(cors);
        listening::spawn_apart(url, async {
            match Listener::try_from(listener) {
                Ok(listener) => Server::new().listen(listener).serve(routes).await,
                Err(error) => eprintln!("{error}"),
            }
        })
    }
}

#[tokio::main]
async fn main() {
    corspec_server_support::run::<Silent>().await;
}
