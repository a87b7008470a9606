//! A service of your own as a server under test.

use std::future::Future;

use corspec_protocol::{Answer, BoxFuture, Hello, Instance, Policy, Server};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A service that is given a listener on loopback and serves on it until it is dropped.
///
/// It enforces one policy, which is whatever the suites that run against it say: `policy` in a case file states what its
/// owner wants, and the run tells whether that is so.
pub struct Service<S> {
    name: String,
    serve: S,
}

impl<S, F> Service<S>
where
    S: Fn(TcpListener) -> F + Send + Sync + 'static,
    F: Future<Output: Send> + Send + 'static,
{
    /// A service of that name.
    pub fn new(name: impl Into<String>, serve: S) -> Self {
        Self { name: name.into(), serve }
    }
}

impl<S, F> Server for Service<S>
where
    S: Fn(TcpListener) -> F + Send + Sync + 'static,
    F: Future<Output: Send> + Send + 'static,
{
    fn hello(&self) -> Hello {
        Hello::new(&self.name)
    }

    fn serve(&self, _policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        // Bound by the standard library, so that the service itself is made before the future is polled.
        let bound = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| {
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((TcpListener::from_std(listener)?, address))
        });
        let answer = match bound {
            Ok((listener, address)) => {
                let task = Aborting(tokio::spawn((self.serve)(listener)));
                Answer::Ready(Instance::new(format!("http://{address}"), task))
            }
            Err(error) => Answer::failed(format!("cannot listen on 127.0.0.1: {error}")),
        };
        Box::pin(async { answer })
    }
}

/// Ends the task when it is dropped.
struct Aborting<T>(JoinHandle<T>);

impl<T> Drop for Aborting<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
