use std::convert::Infallible;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use corspec_protocol::Instance;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::cors::Cors;
use crate::resource::{self, Resource};

/// Puts the policy in front of a resource of its own, on a free port.
pub(crate) async fn listen(cors: Cors) -> io::Result<Instance> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let (running, stop) = oneshot::channel::<()>();
    let (listening, stopped) = oneshot::channel::<()>();
    tokio::spawn(accept(listener, Arc::new(Site { cors, resource: Resource::default() }), stop, listening));
    Ok(Instance::new(url, running).until(async { drop(stopped.await) }))
}

/// How long requests that are under way may take once the server is to stop.
const GRACE: Duration = Duration::from_secs(1);

/// A pause after a failed `accept`: out of file descriptors, the next one fails as well.
const BACKOFF: Duration = Duration::from_millis(10);

struct Site {
    cors: Cors,
    resource: Resource,
}

async fn accept(
    listener: TcpListener,
    site: Arc<Site>,
    mut stop: oneshot::Receiver<()>,
    listening: oneshot::Sender<()>,
) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stop => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let site = Arc::clone(&site);
                let service = service_fn(move |request| {
                    let site = Arc::clone(&site);
                    async move { Ok::<_, Infallible>(site.respond(request).await) }
                });
                let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                let connection = graceful.watch(connection);
                // An error is one of the connection, and its client has seen it.
                connections.spawn(async { drop(connection.await) });
            }
            Err(_) => tokio::time::sleep(BACKOFF).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    drop(listening);
    // What is still open after that ends with `connections`.
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

impl Site {
    async fn respond(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (request, mut body) = request.into_parts();
        // A body that nobody reads would cost the connection.
        while let Some(Ok(_)) = body.frame().await {}
        if let Some(headers) = self.cors.preflight(&request) {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::NO_CONTENT;
            *response.headers_mut() = headers;
            return response;
        }
        // The resource counts its hits, and a panic leaves that count as good as it was.
        let handled = catch_unwind(AssertUnwindSafe(|| self.resource.handle(&request)));
        let mut response = handled.unwrap_or_else(|_| resource::internal_server_error());
        self.cors.finish(&request, response.headers_mut());
        response.map(Full::from)
    }
}
