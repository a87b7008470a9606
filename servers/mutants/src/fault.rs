use corspec_protocol::{PermittedOrigin, Policy};
use hyper::http::request::Parts;

use crate::reply::Reply;
use crate::turn::Turn;

/// The one decision of the layer that a mutant takes wrongly.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// The policy is misread when the server starts.
    Policy(fn(&mut Policy)),
    /// Of all policies that this server was given so far, the wrong one is enforced.
    Elsewhere(fn(&[Policy]) -> Option<&Policy>),
    /// Any origin with credentials is accepted in place of being refused, and answered like this.
    AnyWithCredentials(fn(&Turn, &mut Reply)),
    /// Something that stands before the layer answers in its place.
    Instead(fn(&Turn) -> Option<Reply>),
    /// The layer misreads the request; the resource sees the true one.
    Request(fn(&mut Parts)),
    /// What is a preflight, and what is not.
    Recognise(fn(&Turn) -> bool),
    /// How an origin is compared to an entry of the list.
    Match(fn(&PermittedOrigin, &str) -> bool),
    /// Whether this answer may be read at all; [`Turn::listed`] is what the list says.
    Permit(fn(&Turn) -> bool),
    /// The answer to a preflight, made right so far, is spoilt.
    OnPreflight(fn(&Turn, &mut Reply)),
    /// The answer to any other request, made right so far, is spoilt.
    OnActual(fn(&Turn, &mut Reply)),
    /// Every answer, made right so far, is spoilt.
    Answer(fn(&Turn, &mut Reply)),
}
