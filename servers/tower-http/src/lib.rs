//! tower-http's `CorsLayer` under test, on an axum router.

mod cors;
mod resource;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::Router;
use corspec_protocol::{Answer, BoxFuture, Hello, Instance, Policy, Server, locked_version};
use tokio::net::TcpListener;
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

async fn listen(router: Router) -> std::io::Result<Instance> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let (running, stopped) = oneshot::channel::<()>();
    let stopped = async { drop(stopped.await) };
    tokio::spawn(async { axum::serve(listener, router).with_graceful_shutdown(stopped).await });
    Ok(Instance::new(url, running))
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}
