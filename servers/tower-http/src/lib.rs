//! tower-http's `CorsLayer` under test, on an axum router.

mod cors;
mod resource;

use std::any::Any;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::Router;
use axum::serve::Listener;
use corspec_protocol::{Answer, BoxFuture, Hello, Instance, Policy, Server, locked_version};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tower_http::cors::CorsLayer;

/// tower-http's `CorsLayer` on axum.
#[derive(Clone, Copy, Debug, Default)]
pub struct TowerHttp;

impl Server for TowerHttp {
    fn hello(&self) -> Hello {
        let lock = include_str!("../../../Cargo.lock");
        let locked = |name| {
            locked_version(lock, env!("CARGO_PKG_NAME"), name).map(|version| format!("{name} {version}"))
        };
        Hello {
            language: Some("rust".into()),
            framework: locked("axum"),
            middleware: locked("tower-http"),
            runtime: locked("tokio"),
            homepage: Some("https://docs.rs/tower-http/latest/tower_http/cors/".into()),
            issues: Some("https://github.com/tower-rs/tower-http/issues".into()),
            ..Hello::new("tower-http")
        }
    }

    fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        Box::pin(async move {
            let layer = match policy {
                // The quick start of the documentation begins with `new()` and goes on with options;
                // `permissive()` is four of them.
                None => CorsLayer::new(),
                Some(policy) => match cors::layer(&policy) {
                    Ok(layer) => layer,
                    Err(error) => return Answer::failed(error),
                },
            };
            // The layer rejects what the standard forbids by a panic, once it meets a service.
            match catch_unwind(AssertUnwindSafe(|| resource::router().layer(layer))) {
                Ok(router) => listen(router).await.map_or_else(Answer::failed, Answer::Ready),
                Err(panic) => Answer::refused(message(&*panic)),
            }
        })
    }
}

/// Keeps the layer's rejections, which are panics that [`TowerHttp`] answers as `refused`, from the terminal of the whole
/// program.
pub fn hush_rejections() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.location().is_some_and(|location| location.file().contains("tower-http-")) {
            report(panic);
        }
    }));
}

async fn listen(router: Router) -> std::io::Result<Instance> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let (running, stop) = oneshot::channel::<()>();
    let stop = async { drop(stop.await) };
    let (listening, stopped) = oneshot::channel::<()>();
    let listener = Announced { listener, _listening: listening };
    tokio::spawn(async { axum::serve(listener, router).with_graceful_shutdown(stop).await });
    Ok(Instance::new(url, running).until(async { drop(stopped.await) }))
}

/// A listener of which another task learns when it is no more.
struct Announced {
    listener: TcpListener,
    _listening: oneshot::Sender<()>,
}

impl Listener for Announced {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        Listener::accept(&mut self.listener).await
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}
