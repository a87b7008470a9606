//! warp's cors filter, as a program that speaks the server protocol.

mod cors;
mod resource;

use std::io;

use corspec_protocol::{Answer, Instance, Policy};
use corspec_server_support::{Identity, Subject, listening};
use warp::Filter;

struct Warp;

impl Subject for Warp {
    const IDENTITY: Identity = Identity {
        name: "warp",
        framework: "warp",
        middleware: "warp",
        runtime: "tokio",
        homepage: "https://docs.rs/warp/latest/warp/filters/cors/",
        issues: "https://github.com/seanmonstar/warp/issues",
        lock: include_str!("../Cargo.lock"),
    };

    type Cors = warp::filters::cors::Builder;

    fn cors(policy: Option<Policy>) -> Result<Self::Cors, Answer> {
        policy.map_or_else(|| Ok(warp::cors()), |policy| cors::filter(&policy))
    }

    async fn start(cors: Self::Cors) -> io::Result<Instance> {
        let (listener, url) = listening::bind().await?;
        let server = warp::serve(resource::routes().with(cors)).incoming(listener);
        Ok(listening::spawn(url, |stop| server.graceful(stop).run()))
    }
}

#[tokio::main]
async fn main() {
    corspec_server_support::run::<Warp>().await;
}
