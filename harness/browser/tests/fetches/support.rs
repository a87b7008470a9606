//! What the tests of whole fetches share.

use std::time::Duration;

use corspec_browser::{
    Browser, Bytes, Fetch, HeaderList, HttpRequest, HttpResponse, Next, Origin, Outcome, Page, Profile,
    Purpose, RequestInit,
};

pub const APP: &str = "https://app.example";
pub const API: &str = "https://api.example/x";

/// A response of that status whose header lines are written one a line, `Name: value`.
pub fn response(status: u16, lines: &str) -> HttpResponse {
    let mut headers = HeaderList::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').expect("a header line");
        headers.append(name.as_bytes().to_vec(), value.trim().as_bytes().to_vec());
    }
    HttpResponse { status, headers, body: Vec::new() }
}

pub fn request(method: &'static str, url: &str, headers: &[(&'static str, &'static str)]) -> RequestInit {
    let mut init = RequestInit::new(url);
    init.method = Bytes::Borrowed(method.as_bytes());
    init.headers =
        headers.iter().map(|(name, value)| (name.as_bytes().into(), value.as_bytes().into())).collect();
    init
}

pub fn page(origin: &str) -> Page {
    Page::new(Origin::parse(origin).expect("an origin"))
}

pub fn perform(
    browser: &mut Browser,
    page: &Page,
    init: RequestInit,
    now: u64,
    responses: &[HttpResponse],
) -> Outcome {
    let now = Duration::from_secs(now);
    let mut responses = responses.iter();
    let mut fetch = Fetch::new(page, init);
    while let Next::Send(_) = fetch.next(browser, now) {
        fetch.receive(browser, now, responses.next().cloned());
    }
    fetch.into_outcome()
}

/// One fetch of a page at [`APP`] in a new browser.
pub fn fetch(profile: Profile, init: RequestInit, responses: &[HttpResponse]) -> Outcome {
    perform(&mut Browser::new(profile), &page(APP), init, 0, responses)
}

/// The value of a header, as text.
pub fn header(request: &HttpRequest, name: &str) -> Option<String> {
    request.headers.get(name.as_bytes()).map(|value| String::from_utf8_lossy(&value).into_owned())
}

/// What went out, in short: `preflight PUT [x-a] as https://app.example; PUT; allow`.
pub fn story(outcome: &Outcome) -> String {
    let mut story = String::new();
    for exchange in &outcome.exchanges {
        let request = &exchange.request;
        if request.purpose == Purpose::Preflight {
            story += "preflight ";
            story += &header(request, "Access-Control-Request-Method").unwrap_or_default();
            if let Some(names) = header(request, "Access-Control-Request-Headers") {
                story += &format!(" [{names}]");
            }
        } else {
            story += &String::from_utf8_lossy(&request.method);
        }
        if let Some(origin) = header(request, "Origin").filter(|origin| origin != APP) {
            story += &format!(" as {origin}");
        }
        story += "; ";
    }
    story + outcome.reason().map_or(outcome.name(), |reason| reason.code())
}
