//! viz's cors middleware, as a program that speaks the server protocol.

mod cors;
mod resource;

use std::io;

use corspec_protocol::{Answer, Instance, Policy};
use corspec_server_support::{Identity, Subject, listening};
use viz::middleware::cors::Config;

struct VizCors;

impl Subject for VizCors {
    const IDENTITY: Identity = Identity {
        name: "viz-cors",
        framework: "viz",
        middleware: "viz",
        runtime: "tokio",
        homepage: "https://docs.rs/viz/latest/viz/middleware/cors/",
        issues: "https://github.com/viz-rs/viz/issues",
        lock: include_str!("../Cargo.lock"),
    };

    type Cors = Config;

    fn cors(policy: Option<Policy>) -> Result<Config, Answer> {
        policy.map_or_else(|| Ok(Config::default()), |policy| cors::config(&policy))
    }

    async fn start(cors: Config) -> io::Result<Instance> {
        let (listener, url) = listening::bind().await?;
        let server = viz::serve(listener, resource::router().with(cors));
        Ok(listening::spawn(url, |stop| server.signal(stop).into_future()))
    }
}

#[tokio::main]
async fn main() {
    corspec_server_support::run::<VizCors>().await;
}
