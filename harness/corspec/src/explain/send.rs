//! Asking the real server, as the browser would.

use std::time::Duration;

use corspec_browser::{Browser, Fetch, HttpRequest, HttpResponse, Next, Profile, Purpose};
use url::Url;

use super::question::Question;
use super::transcript::Answer;
use crate::own::{Config, OwnRoute, OwnTransport, Secrets, Tls, is_loopback, plain_policy};
use crate::record::text;
use crate::report::printable::{abridged, wire};
use crate::wire::{Client, Destination, Transport};

/// Why a request was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent(pub String);

/// Performs the request against its server and gives the answers. Only the host of the question's own URL and loopback are
/// talked to; a method with effects is sent only where `effects` permits it.
///
/// # Errors
/// Where not even the first request can be sent.
pub async fn send(question: &mut Question, profile: Profile, effects: bool, tls: &Tls) -> Result<(), Unsent> {
    let mut browser = Browser::new(profile);
    let mut fetch = Fetch::new(&question.page, question.init.clone());
    let named = Url::parse(&question.init.url).ok();
    let mut answers = Vec::new();
    while let Next::Send(request) = fetch.next(&mut browser, Duration::ZERO) {
        match may_be_sent(request, named.as_ref(), effects) {
            Ok(()) => {}
            Err(refusal) if answers.is_empty() => return Err(Unsent(refusal)),
            Err(refusal) => {
                question.notes.push(refusal);
                break;
            }
        }
        let purpose = request.purpose;
        let response = match exchange(request, tls).await {
            Ok(response) => Some(response),
            Err(problem) => {
                let shown = abridged(request.url.as_str(), 200);
                question.notes.push(format!("{shown} gave no usable answer: {problem}"));
                None
            }
        };
        answers.push(Answer { purpose, response: response.clone() });
        fetch.receive(&mut browser, Duration::ZERO, response);
    }
    question.answers = answers;
    Ok(())
}

/// In the clear byte for byte as a browser sends it; over TLS as `check` does.
async fn exchange(request: &HttpRequest, tls: &Tls) -> Result<HttpResponse, String> {
    if request.url.scheme() == "http" {
        let to = Destination::of(&request.url).ok_or("it names no host")?;
        let received = Client::default().exchange(&to, request).await.map_err(|error| error.to_string())?;
        return Ok(received.response);
    }
    let mut config = Config::new(request.url.clone(), plain_policy(Vec::new()));
    config.tls = tls.clone();
    // Whether a method with effects may be sent was decided before.
    config.server.set_path("/");
    config.server.set_query(None);
    config.routes = vec![OwnRoute { may_write: true, ..OwnRoute::read(request.url.path()) }];
    let transport = OwnTransport::new(&config, Secrets::default()).map_err(|error| error.to_string())?;
    transport.exchange(request).await.map_err(|error| {
        let error = error.to_string();
        if error.contains("certificate") {
            format!(
                "{error}. --ca FILE names the authority that signed it, --insecure trusts any certificate."
            )
        } else {
            error
        }
    })
}

fn may_be_sent(request: &HttpRequest, named: Option<&Url>, effects: bool) -> Result<(), String> {
    let shown = abridged(request.url.as_str(), 200).into_owned();
    if !matches!(request.url.scheme(), "http" | "https") {
        return Err(format!("{shown} was not asked: only http and https are spoken here."));
    }
    if !is_loopback(&request.url) && named.is_none_or(|named| named.host() != request.url.host()) {
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
    Ok(())
}
