use std::any::Any;
use std::io;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use corspec_protocol::{Answer, BoxFuture, Hello, Instance, Policy, Server};

use crate::identity::Identity;

/// A middleware under test.
pub trait Subject: 'static {
    /// Who it is.
    const IDENTITY: Identity;

    /// The middleware, set up.
    type Cors: Send;

    /// Sets the middleware up; `None` is without any option. A panic is the middleware's way to refuse a policy.
    ///
    /// # Errors
    ///
    /// If the middleware cannot be set up like that.
    fn cors(policy: Option<Policy>) -> Result<Self::Cors, Answer>;

    /// Puts it in front of the resource, and listens.
    fn start(cors: Self::Cors) -> impl Future<Output = io::Result<Instance>> + Send;
}

/// Speaks the server protocol over stdin and stdout, until stdin ends.
pub async fn run<S: Subject>() {
    corspec_protocol::run(Of::<S>(PhantomData)).await;
}

struct Of<S>(PhantomData<fn() -> S>);

impl<S: Subject> Server for Of<S> {
    fn hello(&self) -> Hello {
        S::IDENTITY.hello()
    }

    fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        Box::pin(async move {
            match catch_unwind(AssertUnwindSafe(|| S::cors(policy))) {
                Ok(Ok(cors)) => S::start(cors).await.map_or_else(Answer::failed, Answer::Ready),
                Ok(Err(answer)) => answer,
                Err(panic) => Answer::refused(message(&*panic)),
            }
        })
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}
