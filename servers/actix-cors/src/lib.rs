//! actix-cors under test, on actix-web.

mod cors;
mod resource;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use corspec_protocol::{Answer, BoxFuture, Hello, Instance, Policy, Server, locked_version};

/// actix-cors on actix-web.
#[derive(Clone, Copy, Debug, Default)]
pub struct ActixCors;

impl Server for ActixCors {
    fn hello(&self) -> Hello {
        let lock = include_str!("../../../Cargo.lock");
        let locked = |name| {
            locked_version(lock, env!("CARGO_PKG_NAME"), name).map(|version| format!("{name} {version}"))
        };
        Hello {
            language: Some("rust".into()),
            framework: locked("actix-web"),
            middleware: locked("actix-cors"),
            runtime: locked("tokio"),
            homepage: Some("https://docs.rs/actix-cors".into()),
            issues: Some("https://github.com/actix/actix-extras/issues".into()),
            ..Hello::new("actix-cors")
        }
    }

    fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        Box::pin(async move {
            // Each worker builds its own, and none has a way to tell what is wrong with it.
            if let Some(Err(error)) = policy.as_ref().map(cors::middleware) {
                return Answer::failed(error);
            }
            let (mut server, address) = match bind(policy) {
                Ok(bound) => bound,
                Err(error) => return Answer::failed(error),
            };
            // The first poll starts the worker, and with it the middleware: that is where it rejects a policy.
            if let Poll::Ready(ended) =
                poll_fn(|context| Poll::Ready(Pin::new(&mut server).poll(context))).await
            {
                return match ended {
                    Ok(()) => Answer::failed("the server ended as soon as it had started"),
                    Err(error) => Answer::refused(error.to_string()),
                };
            }
            let running = Running(server.handle());
            let handle = server.handle();
            tokio::spawn(server);
            let stopped = async move { handle.stop(false).await };
            Answer::Ready(Instance::new(format!("http://{address}"), running).until(stopped))
        })
    }
}

fn bind(policy: Option<Policy>) -> io::Result<(actix_web::dev::Server, std::net::SocketAddr)> {
    let hits = web::Data::new(resource::Hits::default());
    let server = HttpServer::new(move || {
        let cors = match &policy {
            Some(policy) => cors::middleware(policy).expect("the policy was checked before"),
            // "Call `Cors::default()` to create a blank, restrictive builder", say the docs, and of
            // `permissive()` that it is for local development only.
            None => actix_cors::Cors::default(),
        };
        App::new().wrap(cors).app_data(hits.clone()).configure(resource::configure)
    });
    let server = server.workers(1).worker_max_blocking_threads(1).disable_signals().bind(("127.0.0.1", 0))?;
    let address = *server.addrs().first().ok_or(io::ErrorKind::AddrNotAvailable)?;
    Ok((server.run(), address))
}

struct Running(ServerHandle);

impl Drop for Running {
    fn drop(&mut self) {
        // The command is on its way when this returns; the future only tells when it has been obeyed.
        drop(self.0.stop(false));
    }
}
