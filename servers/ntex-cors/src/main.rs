//! ntex-cors, as a program that speaks the server protocol.

mod cors;
mod resource;

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use corspec_protocol::{Answer, Instance, Policy};
use corspec_server_support::{Identity, Subject};
use ntex::rt::{DefaultRuntime, System};
use ntex::server::Server;
use ntex::web::{App, DefaultError, HttpServer};
use ntex_cors::CorsFactory;
use tokio::sync::oneshot;

struct NtexCors;

impl Subject for NtexCors {
    const IDENTITY: Identity = Identity {
        name: "ntex-cors",
        framework: "ntex",
        middleware: "ntex-cors",
        runtime: "tokio",
        homepage: "https://docs.rs/ntex-cors/3.2.1/ntex_cors/",
        issues: "https://github.com/ntex-rs/ntex-extras/issues",
        lock: include_str!("../Cargo.lock"),
    };

    type Cors = Option<Policy>;

    /// Each worker builds a middleware of its own; this one is to see whether that can be done.
    fn cors(policy: Option<Policy>) -> Result<Self::Cors, Answer> {
        middleware(policy.as_ref())?;
        Ok(policy)
    }

    /// ntex is a runtime of its own, and wants a thread for that.
    async fn start(policy: Self::Cors) -> io::Result<Instance> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = format!("http://{}", listener.local_addr()?);
        let (started, listening) = oneshot::channel();
        let (running, stop) = oneshot::channel::<()>();
        let (ending, ended) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            let _ending = ending;
            System::new("corspec", DefaultRuntime).block_on(async move {
                match listen(policy, listener) {
                    Ok(server) => {
                        drop(started.send(Ok(())));
                        drop(stop.await);
                        server.stop(false).await;
                    }
                    Err(error) => drop(started.send(Err(error))),
                }
            });
        });
        listening.await.map_err(io::Error::other)??;
        Ok(Instance::new(url, running).until(async { drop(ended.await) }))
    }
}

fn middleware(policy: Option<&Policy>) -> Result<CorsFactory<DefaultError>, Answer> {
    policy.map_or_else(|| Ok(ntex_cors::Cors::default()), cors::middleware)
}

fn listen(policy: Option<Policy>, listener: TcpListener) -> io::Result<Server> {
    let hits = resource::Hits::default();
    let app = async move || {
        let cors = middleware(policy.as_ref()).expect("the policy was checked before");
        App::new().middleware(cors).state(hits.clone()).configure(resource::configure)
    };
    Ok(HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run())
}

#[tokio::main]
async fn main() {
    corspec_server_support::run::<NtexCors>().await;
}
