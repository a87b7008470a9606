//! For servers that are handed a listener, and a signal on which they stop.

use std::io;

use corspec_protocol::{BoxFuture, Instance};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// A listener on a port of the system's choice, and its URL.
///
/// # Errors
///
/// If there is none to be had.
pub async fn bind() -> io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

/// Runs a server, which is over when the last of its connections is, from the signal on.
pub fn spawn<F>(url: String, serve: impl FnOnce(BoxFuture<'static, ()>) -> F) -> Instance
where
    F: Future<Output: Send> + Send + 'static,
{
    let (running, stop) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(Box::pin(async { drop(stop.await) })));
    Instance::new(url, running).until(async { drop(server.await) })
}

/// Runs a server that has no way to stop: within a runtime of its own, which ends it and all of its connections.
///
/// # Errors
///
/// If there is no thread to be had for it.
pub fn spawn_apart<F>(url: String, serve: F) -> io::Result<Instance>
where
    F: Future<Output: Send> + Send + 'static,
{
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (running, stopped) = oneshot::channel::<()>();
    runtime.spawn(async move {
        let _running = running;
        serve.await
    });
    Ok(Instance::new(url, Apart(Some(runtime))).until(async { drop(stopped.await) }))
}

struct Apart(Option<Runtime>);

impl Drop for Apart {
    fn drop(&mut self) {
        // It may be dropped within another runtime, where waiting is not allowed.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
