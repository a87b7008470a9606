use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use corspec_protocol::Instance;
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::site::Site;
use crate::style::Wire;

/// Serves the site on a free port until the instance is dropped.
pub(crate) async fn listen(site: Site, wire: Wire) -> io::Result<Instance> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let (running, stop) = oneshot::channel::<()>();
    let (listening, stopped) = oneshot::channel::<()>();
    tokio::spawn(accept(listener, Arc::new(site), wire, stop, listening));
    Ok(Instance::new(url, running).until(async { drop(stopped.await) }))
}

/// How long requests that are under way may take once the server is to stop.
const GRACE: Duration = Duration::from_secs(1);

/// A pause after a failed `accept`: out of file descriptors, the next one fails as well.
const BACKOFF: Duration = Duration::from_millis(10);

async fn accept(
    listener: TcpListener,
    site: Arc<Site>,
    wire: Wire,
    mut stop: oneshot::Receiver<()>,
    listening: oneshot::Sender<()>,
) {
    let mut http = http1::Builder::new();
    http.keep_alive(wire.keep_alive).title_case_headers(wire.title_case);
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
                    async move { Ok::<_, Infallible>(respond(&site, wire, request).await) }
                });
                let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
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

type Sent = Either<Full<Bytes>, Chunked>;

async fn respond(site: &Site, wire: Wire, request: Request<Incoming>) -> Response<Sent> {
    let (request, mut body) = request.into_parts();
    // A body that nobody reads would cost the connection.
    while let Some(Ok(_)) = body.frame().await {}
    site.respond(&request).map(|body| match wire.chunked && !body.is_empty() {
        true => Either::Right(Chunked(Some(body.into()))),
        false => Either::Left(body.into()),
    })
}

/// A body of a length that is not told.
struct Chunked(Option<Bytes>);

impl Body for Chunked {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}
