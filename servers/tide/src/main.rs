//! tide's `CorsMiddleware`, as a program that speaks the server protocol. Nobody maintains tide any more.

mod cors;
mod resource;

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use async_std::task::{self, JoinHandle};
use corspec_protocol::{Answer, Instance, Policy};
use corspec_server_support::{Identity, Subject};
use tide::listener::Listener;
use tide::security::CorsMiddleware;
use tokio::sync::oneshot;

struct Tide;

impl Subject for Tide {
    const IDENTITY: Identity = Identity {
        name: "tide",
        framework: "tide",
        middleware: "tide",
        runtime: "async-std",
        homepage: "https://docs.rs/tide/0.16.0/tide/security/struct.CorsMiddleware.html",
        issues: "https://github.com/http-rs/tide/issues",
        lock: include_str!("../Cargo.lock"),
    };

    type Cors = CorsMiddleware;

    fn cors(policy: Option<Policy>) -> Result<CorsMiddleware, Answer> {
        policy.map_or_else(|| Ok(CorsMiddleware::new()), |policy| cors::middleware(&policy))
    }

    /// tide has no way to stop but to end the task that accepts connections.
    async fn start(cors: CorsMiddleware) -> io::Result<Instance> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = format!("http://{}", listener.local_addr()?);
        let mut app = resource::app();
        app.with(cors);
        let mut listener = app.bind(listener).await?;
        let (running, stopped) = oneshot::channel::<()>();
        let accepting = task::spawn(async move {
            let _running = running;
            listener.accept().await
        });
        Ok(Instance::new(url, Accepting(Some(accepting))).until(async { drop(stopped.await) }))
    }
}

struct Accepting(Option<JoinHandle<io::Result<()>>>);

impl Drop for Accepting {
    fn drop(&mut self) {
        if let Some(accepting) = self.0.take() {
            task::spawn(accepting.cancel());
        }
    }
}

#[tokio::main]
async fn main() {
    corspec_server_support::run::<Tide>().await;
}
