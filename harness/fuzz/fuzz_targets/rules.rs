//! The parsers of the model, which read what servers say.
#![no_main]

use std::time::Duration;

use corspec_browser::{
    Browser, CookieJar, Fetch, Header, HeaderList, HttpResponse, Next, Origin, Page, Profile, Purpose,
    RequestInit, date, headers, mime, range, syntax,
};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    parsers(data);
    whole_fetches(data);
});

fn parsers(data: &[u8]) {
    if let Some(parsed) = mime::parse(data) {
        let serialized = parsed.serialize();
        let again = mime::parse(&serialized).expect("what a MIME type serializes to is one");
        assert_eq!(again.serialize(), serialized);
    }
    let _ = range::parse_single(data, false);
    let _ = range::parse_single(data, true);
    if let Some(seconds) = date::parse(data) {
        assert_eq!(date::parse(date::imf_fixdate(seconds).as_bytes()), Some(seconds));
    }
    if let Some(tokens) = syntax::tokens(data) {
        assert!(tokens.into_iter().all(syntax::is_token));
    }
    let _ = syntax::decode_and_split(data);
    let _ = headers::normalize_value(data);
    let _ = headers::is_cors_safelisted_request_header(b"Content-Type", data);
    let _ = headers::is_no_cors_safelisted_request_header(b"Accept", data);
    if let Ok(text) = std::str::from_utf8(data)
        && let Some(origin) = Origin::parse(text)
    {
        assert_eq!(origin.serialization(), text, "an origin parses from its serialization alone");
    }
    let mut jar = CookieJar::new();
    let url = Url::parse("https://api.example/a").expect("a URL");
    let _ = jar.set(&url, data, 0);
}

/// Every profile performs a request to its end, with the input for the answers to all that it asks.
fn whole_fetches(data: &[u8]) {
    let mut lines = data.split(|&byte| byte == b'\n');
    let method = lines.next().unwrap_or_default();
    let answer = HttpResponse {
        status: u16::from(data.first().copied().unwrap_or_default()) + 200,
        headers: lines
            .map(|line| {
                let colon = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
                let value = line.get(colon + 1..).unwrap_or_default();
                Header::new(line[..colon].to_vec(), headers::normalize_value(value).to_vec())
            })
            .collect::<HeaderList>(),
        body: Vec::new(),
    };
    let origin = Origin::parse("https://app.example").expect("an origin");
    for profile in Profile::ALL {
        let mut browser = Browser::new(profile);
        let init = RequestInit {
            method: method.to_vec().into(),
            headers: answer
                .headers
                .iter()
                .map(|header| (header.name.clone(), header.value.clone()))
                .collect(),
            ..RequestInit::new("https://api.example/resource")
        };
        let mut fetch = Fetch::new(&Page::new(origin.clone()), init);
        let mut sent = 0;
        while let Next::Send(request) = fetch.next(&mut browser, Duration::ZERO) {
            assert!(matches!(request.purpose, Purpose::Preflight | Purpose::Actual));
            sent += 1;
            // Twenty redirects, each with a preflight.
            assert!(sent <= 42, "a fetch that comes to no end");
            fetch.receive(&mut browser, Duration::ZERO, Some(answer.clone()));
        }
        let _ = fetch.into_outcome();
    }
}
