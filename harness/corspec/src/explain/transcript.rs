//! What the network answered, and a fetch that is fed with it.

use std::time::Duration;

use corspec_browser::{
    Browser, Fetch, HttpRequest, HttpResponse, Next, Outcome, Page, Profile, Purpose, RequestInit,
};

/// One answer of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it answers: a preflight or an actual request.
    pub purpose: Purpose,
    /// The response; nothing where the connection broke.
    pub response: Option<HttpResponse>,
}

impl Answer {
    /// An answer without any header.
    pub(super) fn empty(purpose: Purpose) -> Self {
        let status = match purpose {
            Purpose::Preflight => 204,
            Purpose::Actual => 200,
        };
        Self { purpose, response: Some(HttpResponse { status, ..HttpResponse::default() }) }
    }
}

/// A fetch as far as the answers went.
#[derive(Debug)]
pub(super) struct Played {
    /// Where it ended; a network error of no meaning where a request is pending.
    pub(super) outcome: Outcome,
    /// The request that nothing answers.
    pub(super) pending: Option<HttpRequest>,
    /// The answers that the browser asked for.
    pub(super) used: Vec<Answer>,
    /// The answers that it did not come to.
    pub(super) rest: Vec<Answer>,
    /// How many answers there are to a preflight that the browser does not make.
    pub(super) unasked: usize,
}

/// Performs the fetch. An answer to a preflight that is not made is passed over.
pub(super) fn play(page: &Page, init: RequestInit, profile: Profile, answers: &[Answer]) -> Played {
    let mut browser = Browser::new(profile);
    let mut fetch = Fetch::new(page, init);
    let mut answers = answers.iter().peekable();
    let (mut used, mut unasked) = (Vec::new(), 0);
    let mut pending = None;
    while let Next::Send(request) = fetch.next(&mut browser, Duration::ZERO) {
        let purpose = request.purpose;
        while purpose == Purpose::Actual
            && answers.next_if(|next| next.purpose == Purpose::Preflight).is_some()
        {
            unasked += 1;
        }
        let Some(answer) = answers.next_if(|next| next.purpose == purpose) else {
            pending = Some(request.clone());
            break;
        };
        used.push(answer.clone());
        fetch.receive(&mut browser, Duration::ZERO, answer.response.clone());
    }
    let rest = answers.cloned().collect();
    Played { outcome: fetch.into_outcome(), pending, used, rest, unasked }
}
