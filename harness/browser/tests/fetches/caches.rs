//! HTTP caches in whole fetches.

use std::time::Duration;

use corspec_browser::{
    Browser, Fetch, Forward, HttpCache, HttpRequest, HttpResponse, Mode, Next, Outcome, Profile, RequestInit,
    SharedCache, Source,
};
use rstest::rstest;

use crate::support::{API, APP, header, page, perform, request, response};

fn browser() -> Browser {
    let mut browser = Browser::new(Profile::Fetch);
    browser.http_cache = Some(HttpCache::new());
    browser
}

fn get() -> RequestInit {
    request("GET", API, &[])
}

fn summary(outcome: &Outcome) -> (&'static str, &'static str) {
    let source = outcome.exchanges.last().map_or(Source::Network, |exchange| exchange.source);
    (source.code(), outcome.reason().map_or(outcome.name(), |reason| reason.code()))
}

#[rstest]
#[case(59, ("http-cache", "allow"))]
#[case(60, ("network", "network-error"))]
fn a_response_is_used_again_while_it_is_fresh(#[case] later: u64, #[case] expected: (&str, &str)) {
    let mut browser = browser();
    let answer = response(200, "Access-Control-Allow-Origin: *\nCache-Control: max-age=60");
    perform(&mut browser, &page(APP), get(), 0, &[answer]);
    assert_eq!(summary(&perform(&mut browser, &page(APP), get(), later, &[])), expected);
}

#[rstest]
#[case(&[("If-None-Match", "\"a\"")], ("network", "network-error"))]
#[case(&[], ("http-cache", "allow"))]
fn what_goes_past_the_cache_is_not_kept(
    #[case] set: &[(&'static str, &'static str)],
    #[case] expected: (&str, &str),
) {
    let mut browser = browser();
    let lines = "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Headers: if-none-match\nCache-Control: max-age=60";
    let answers = [response(204, lines), response(200, lines)];
    let answers = if set.is_empty() { &answers[1..] } else { &answers[..] };
    perform(&mut browser, &page(APP), request("GET", API, set), 0, answers);
    assert_eq!(summary(&perform(&mut browser, &page(APP), get(), 1, &[])), expected);
}

#[test]
fn without_a_cache_every_request_is_sent() {
    let mut browser = Browser::new(Profile::Fetch);
    let answer = response(200, "Access-Control-Allow-Origin: *\nCache-Control: max-age=60");
    perform(&mut browser, &page(APP), get(), 0, std::slice::from_ref(&answer));
    let again = perform(&mut browser, &page(APP), get(), 1, &[answer]);
    assert_eq!(summary(&again), ("network", "allow"));
}

/// An image is loaded first, then script fetches the same URL: the server writes CORS headers only where it sees Origin.
#[rstest]
#[case::vary_missing("", ("http-cache", "allow-origin-missing"))]
#[case::vary_there("Vary: Origin", ("network", "allow"))]
#[case::vary_overwritten("Vary: Accept-Encoding", ("http-cache", "allow-origin-missing"))]
fn a_no_cors_response_poisons_the_cache(#[case] vary: &str, #[case] expected: (&str, &str)) {
    let mut browser = browser();
    let mut image = get();
    image.mode = Mode::NoCors;
    let plain = response(200, &format!("Cache-Control: max-age=60\n{vary}"));
    perform(&mut browser, &page(APP), image, 0, &[plain]);
    let granted =
        response(200, &format!("Cache-Control: max-age=60\nAccess-Control-Allow-Origin: {APP}\n{vary}"));
    assert_eq!(summary(&perform(&mut browser, &page(APP), get(), 1, &[granted])), expected);
}

#[rstest]
#[case::the_answer_brings_the_header("Access-Control-Allow-Origin: *", ("validated", "allow"))]
#[case::the_answer_takes_it_back("Access-Control-Allow-Origin: https://b.example", ("validated", "allow-origin-mismatch"))]
#[case::the_stored_one_remains("X: y", ("validated", "allow"))]
fn a_304_renews_the_stored_headers(#[case] lines: &str, #[case] expected: (&str, &str)) {
    let mut browser = browser();
    let stored = response(200, "Access-Control-Allow-Origin: *\nETag: \"1\"\nLast-Modified: x");
    perform(&mut browser, &page(APP), get(), 0, &[stored]);
    let outcome = perform(&mut browser, &page(APP), get(), 1, &[response(304, lines)]);
    assert_eq!(summary(&outcome), expected);
    let sent = &outcome.exchanges[0].request;
    assert_eq!(header(sent, "If-None-Match").as_deref(), Some("\"1\""));
    assert_eq!(header(sent, "If-Modified-Since").as_deref(), Some("x"));
}

#[test]
fn a_condition_of_scripts_own_turns_the_cache_off() {
    let mut browser = browser();
    let answer = response(200, "Cache-Control: max-age=60");
    let own = || request("GET", "https://app.example/x", &[("If-None-Match", "\"1\"")]);
    perform(&mut browser, &page(APP), own(), 0, &[answer]);
    let outcome = perform(&mut browser, &page(APP), own(), 1, &[response(304, "")]);
    assert_eq!((summary(&outcome), outcome.response().unwrap().status), (("network", "allow"), 304));
    assert_eq!(header(&outcome.exchanges[0].request, "Cache-Control").as_deref(), Some("no-cache"));
}

#[test]
fn top_level_sites_have_their_own_parts() {
    let mut browser = browser();
    let answer = response(200, "Access-Control-Allow-Origin: *\nCache-Control: max-age=60");
    perform(&mut browser, &page(APP), get(), 0, &[answer]);
    let elsewhere = perform(&mut browser, &page("https://other.example"), get(), 1, &[]);
    assert_eq!(summary(&elsewhere), ("network", "network-error"));
}

#[test]
fn a_successful_post_forgets_the_stored_response() {
    let mut browser = browser();
    let answer = response(200, "Access-Control-Allow-Origin: *\nCache-Control: max-age=60");
    perform(&mut browser, &page(APP), get(), 0, std::slice::from_ref(&answer));
    perform(&mut browser, &page(APP), request("POST", API, &[]), 1, &[answer]);
    assert_eq!(summary(&perform(&mut browser, &page(APP), get(), 2, &[])), ("network", "network-error"));
}

/// A fetch through a shared cache, in front of a server that echoes Origin.
fn through(cache: &mut SharedCache, origin: &str, now: u64, vary: &str) -> Outcome {
    let server = |request: &HttpRequest| -> HttpResponse {
        let origin = header(request, "Origin")
            .map_or_else(String::new, |origin| format!("Access-Control-Allow-Origin: {origin}\n"));
        response(200, &format!("{origin}Cache-Control: max-age=60\n{vary}"))
    };
    let mut browser = Browser::new(Profile::Fetch);
    let now = Duration::from_secs(now);
    let mut fetch = Fetch::new(&page(origin), get());
    while let Next::Send(request) = fetch.next(&mut browser, now) {
        let response = match cache.forward(request, now) {
            Forward::Answer(response) => response,
            Forward::Send(forwarded) => {
                let response = server(&forwarded);
                cache.receive(&forwarded, response, now)
            }
        };
        fetch.receive(&mut browser, now, Some(response));
    }
    fetch.into_outcome()
}

#[rstest]
#[case::vary_missing("", true, "allow-origin-mismatch")]
#[case::vary_there("Vary: Origin", true, "allow")]
#[case::vary_unheeded("Vary: Origin", false, "allow-origin-mismatch")]
fn a_shared_cache_gives_one_page_what_another_was_granted(
    #[case] vary: &str,
    #[case] heeds_vary: bool,
    #[case] expected: &str,
) {
    let mut cache = SharedCache::new();
    cache.heeds_vary = heeds_vary;
    assert_eq!(through(&mut cache, APP, 0, vary).name(), "allow");
    let second = through(&mut cache, "https://other.example", 1, vary);
    assert_eq!(summary(&second).1, expected);
    assert_eq!(summary(&through(&mut cache, "https://other.example", 61, vary)).1, "allow");
}
