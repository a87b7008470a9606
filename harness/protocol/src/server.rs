use std::any::Any;
use std::fmt;
use std::pin::Pin;

use crate::message::Hello;
use crate::policy::Policy;

/// A future in a box, as [`Server::serve`] returns it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Something that can put its CORS middleware in front of the resource, under any policy.
///
/// Many policies are live at once, each on a port of its own.
pub trait Server: Send + Sync + 'static {
    /// Who is under test.
    fn hello(&self) -> Hello;

    /// Starts to listen under a policy; `None` is the middleware switched on without any option.
    ///
    /// The future is polled within a Tokio runtime.
    fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer>;
}

/// What became of a policy.
#[derive(Debug)]
pub enum Answer {
    /// A server that enforces it listens.
    Ready(Instance),
    /// The middleware has no way to say it.
    Unsupported {
        /// What cannot be said.
        reason: String,
        /// Where that is known.
        issue: Option<String>,
    },
    /// The middleware itself rejects it.
    Refused {
        /// The middleware's own words.
        reason: String,
    },
    /// Something broke while setting it up.
    Failed {
        /// What broke.
        message: String,
    },
}

impl Answer {
    /// The middleware has no way to say the policy.
    pub fn unsupported(reason: impl Into<String>) -> Self {
        Self::Unsupported { reason: reason.into(), issue: None }
    }

    /// The middleware itself rejects the policy.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into() }
    }

    /// Something broke while setting the server up.
    pub fn failed(message: impl ToString) -> Self {
        Self::Failed { message: message.to_string() }
    }
}

/// A server that listens until it is dropped.
#[must_use = "a server stops listening when it is dropped"]
pub struct Instance {
    /// Where it listens: without path, without trailing slash.
    pub url: String,
    guard: Box<dyn Any + Send + Sync>,
    stopped: Option<Pin<Box<dyn Future<Output = ()> + Send + Sync>>>,
}

impl Instance {
    /// A server that stops when `guard` is dropped, on whatever thread that happens, within a runtime
    /// or not.
    pub fn new(url: impl Into<String>, guard: impl Any + Send + Sync) -> Self {
        Self { url: url.into(), guard: Box::new(guard), stopped: None }
    }

    /// The same with a future that is ready as soon as nothing listens any more: where dropping the guard only
    /// asks another task to stop.
    pub fn until(mut self, stopped: impl Future<Output = ()> + Send + Sync + 'static) -> Self {
        self.stopped = Some(Box::pin(stopped));
        self
    }

    /// Stops, and waits until nothing listens any more.
    pub async fn stop(self) {
        drop(self.guard);
        if let Some(stopped) = self.stopped {
            stopped.await;
        }
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("url", &self.url).finish_non_exhaustive()
    }
}
