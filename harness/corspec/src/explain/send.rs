//! Asking the real server, as the browser would.

use std::time::Duration;

use corspec_browser::{Browser, Fetch, HttpRequest, Next, Profile, Purpose};
use url::Url;

use super::question::Question;
use super::transcript::Answer;
use crate::record::text;
use crate::report::printable::{abridged, wire};
use crate::wire::{Client, Destination};

/// Why a request was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent(pub String);

/// Performs the request against its server and gives the answers. Only the host of the question's own URL and loopback are
/// talked to, over plain http; a method with effects is sent only where `effects` permits it.
///
/// # Errors
/// Where not even the first request can be sent.
pub async fn send(question: &mut Question, profile: Profile, effects: bool) -> Result<(), Unsent> {
    let client = Client::default();
    let mut browser = Browser::new(profile);
    let mut fetch = Fetch::new(&question.page, question.init.clone());
    let named = Url::parse(&question.init.url).ok();
    let mut answers = Vec::new();
    while let Next::Send(request) = fetch.next(&mut browser, Duration::ZERO) {
        let to = match destination(request, named.as_ref(), effects) {
            Ok(to) => to,
            Err(refusal) if answers.is_empty() => return Err(Unsent(refusal)),
            Err(refusal) => {
                question.notes.push(refusal);
                break;
            }
        };
        let purpose = request.purpose;
        let response = match client.exchange(&to, request).await {
            Ok(received) => Some(received.response),
            Err(error) => {
                question.notes.push(format!("{to} gave no usable answer: {error}"));
                None
            }
        };
        answers.push(Answer { purpose, response: response.clone() });
        fetch.receive(&mut browser, Duration::ZERO, response);
    }
    question.answers = answers;
    Ok(())
}

fn destination(request: &HttpRequest, named: Option<&Url>, effects: bool) -> Result<Destination, String> {
    let shown = abridged(request.url.as_str(), 200).into_owned();
    if request.url.scheme() != "http" {
        return Err(format!(
            "{shown} was not asked: only plain http is spoken here. Record a HAR file in the browser, or give the \
             answers with --preflight and --response."
        ));
    }
    let loopback = match request.url.host() {
        Some(url::Host::Domain(host)) => host == "localhost" || host.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if !loopback && named.is_none_or(|named| named.host() != request.url.host()) {
        return Err(format!(
            "{shown} was not asked: a redirect leads there, and only the host that you named is talked to."
        ));
    }
    let safe =
        request.purpose == Purpose::Preflight || matches!(&*request.method, b"GET" | b"HEAD" | b"OPTIONS");
    if !safe && !effects {
        return Err(format!(
            "{} {shown} was not sent, because it can change something there; --unsafe sends it.",
            wire(&text(&request.method), 40)
        ));
    }
    Destination::of(&request.url).ok_or_else(|| format!("{shown} names no host"))
}
