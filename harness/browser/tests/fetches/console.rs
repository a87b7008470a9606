//! What the consoles say of whole fetches.

use corspec_browser::{
    Browser, CredentialsMode, CrossOrigin, HttpResponse, Initiator, LocalNetwork, Mode, Profile,
    RedirectMode, RequestInit, console,
};

use rstest::rstest;

use crate::support::{API, APP, fetch, page, perform, request, response};

fn lines(init: &RequestInit, answers: &[HttpResponse]) -> String {
    let mut text = String::new();
    for profile in Profile::ALL {
        let outcome = fetch(profile, init.clone(), answers);
        for line in console(&outcome, profile, &page(APP), init) {
            text += &format!("  {}: {line}\n", profile.name());
        }
    }
    text
}

#[test]
fn what_the_consoles_say() {
    let get = || request("GET", API, &[]);
    let put = || request("PUT", API, &[("X-Token", "1")]);
    let include = |mut init: RequestInit| {
        init.credentials = CredentialsMode::Include;
        init
    };
    let star = "Access-Control-Allow-Origin: *";
    let own = "Access-Control-Allow-Origin: https://app.example";
    let mut xhr = include(get());
    xhr.initiator = Initiator::Xhr;
    let mut same_origin = get();
    same_origin.mode = Mode::SameOrigin;
    let mut no_redirect = get();
    no_redirect.redirect = RedirectMode::Error;
    let authorization = request("GET", API, &[("Authorization", "x")]);
    let scenes: Vec<(&str, RequestInit, Vec<HttpResponse>)> = vec![
        ("allowed", get(), vec![response(200, star)]),
        ("allowed, 404", get(), vec![response(404, star)]),
        ("missing", get(), vec![response(200, "")]),
        ("two lines", get(), vec![response(200, &format!("{star}\n{star}"))]),
        (
            "a list",
            get(),
            vec![response(200, "Access-Control-Allow-Origin: https://a.example, https://b.example")],
        ),
        ("another origin", get(), vec![response(200, "Access-Control-Allow-Origin: https://a.example")]),
        ("no origin", get(), vec![response(200, "Access-Control-Allow-Origin: a.example")]),
        ("wildcard with credentials", xhr.clone(), vec![response(200, star)]),
        (
            "credentials not true",
            xhr,
            vec![response(200, &format!("{own}\nAccess-Control-Allow-Credentials: TRUE"))],
        ),
        ("preflight: missing", put(), vec![response(404, "")]),
        ("preflight: status", put(), vec![response(500, star)]),
        ("preflight: redirect", put(), vec![response(302, star)]),
        (
            "preflight: methods",
            put(),
            vec![response(204, &format!("{star}\nAccess-Control-Allow-Methods: GET, x y"))],
        ),
        (
            "preflight: headers",
            put(),
            vec![response(
                204,
                &format!("{star}\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Allow-Headers: a/b"),
            )],
        ),
        ("preflight: method", put(), vec![response(204, star)]),
        (
            "preflight: header",
            put(),
            vec![response(204, &format!("{star}\nAccess-Control-Allow-Methods: PUT"))],
        ),
        (
            "authorization",
            authorization,
            vec![response(204, &format!("{star}\nAccess-Control-Allow-Headers: *")), response(200, star)],
        ),
        ("redirect without permission", get(), vec![response(302, "Location: https://b.example/y")]),
        (
            "after a redirect",
            get(),
            vec![response(302, &format!("{star}\nLocation: https://b.example/y")), response(200, "")],
        ),
        (
            "redirect with userinfo",
            get(),
            vec![response(302, &format!("{star}\nLocation: https://u:p@b.example/y"))],
        ),
        ("redirect elsewhere", get(), vec![response(302, &format!("{star}\nLocation: ftp://b.example/y"))]),
        ("redirect mode error", no_redirect, vec![response(302, &format!("{star}\nLocation: /y"))]),
        ("mode same-origin", same_origin, vec![]),
        ("no response", get(), vec![]),
    ];
    let mut text = String::new();
    for (name, init, answers) in scenes {
        text += &format!("{name}\n{}", lines(&init, &answers));
    }
    insta::assert_snapshot!(text);
}

#[rstest]
#[case(APP, "Permission was denied for this request to access the `local` address space.")]
#[case(
    "http://app.example",
    "The request client is not a secure context and the resource is in more-private address space `local`."
)]
fn the_local_network(#[case] origin: &str, #[case] expected: &str) {
    let mut browser = Browser::new(Profile::Chromium);
    browser.local_network = Some(LocalNetwork::default());
    let init = request("GET", "https://192.168.1.1/", &[]);
    let outcome = perform(&mut browser, &page(origin), init.clone(), 0, &[]);
    let line = &console(&outcome, Profile::Chromium, &page(origin), &init)[0];
    assert!(line.ends_with(expected), "{line}");
}

/// What one engine's console says, a line each.
fn said(profile: Profile, init: &RequestInit, answers: &[HttpResponse]) -> Vec<String> {
    console(&fetch(profile, init.clone(), answers), profile, &page(APP), init)
}

#[rstest]
#[case(400, "Bad Request")]
#[case(401, "Unauthorized")]
#[case(403, "Forbidden")]
#[case(404, "Not Found")]
#[case(405, "Method Not Allowed")]
#[case(409, "Conflict")]
#[case(410, "Gone")]
#[case(415, "Unsupported Media Type")]
#[case(422, "Unprocessable Entity")]
#[case(429, "Too Many Requests")]
#[case(500, "Internal Server Error")]
#[case(501, "Not Implemented")]
#[case(502, "Bad Gateway")]
#[case(503, "Service Unavailable")]
#[case(504, "Gateway Timeout")]
#[case(418, "")]
fn chromium_tells_an_error_that_the_page_may_read(#[case] status: u16, #[case] phrase: &str) {
    let answer = response(status, "Access-Control-Allow-Origin: *");
    let said = said(Profile::Chromium, &request("GET", API, &[]), &[answer]);
    assert_eq!(
        said,
        [format!("Failed to load resource: the server responded with a status of {status} ({phrase})")]
    );
}

#[rstest]
#[case::covered("X-A, Authorization", "*", "*", true)]
#[case::listed_too("X-A, Authorization", "*, authorization", "*", false)]
#[case::listed_in_capitals("X-A, Authorization", "AUTHORIZATION, *", "*", false)]
#[case::not_asked_for("X-A", "*", "*", false)]
#[case::no_wildcard("X-A, Authorization", "x-a, authorization", "*", false)]
#[case::refused("X-A, Authorization", "*", "null", false)]
fn firefox_warns_of_a_wildcard_that_covered_authorization(
    #[case] set: &str,
    #[case] allowed: &str,
    #[case] origin: &str,
    #[case] warns: bool,
) {
    let mut init = request("GET", API, &[]);
    init.headers =
        set.split(", ").map(|name| (name.as_bytes().to_vec().into(), b"1".to_vec().into())).collect();
    let lines = format!("Access-Control-Allow-Origin: {origin}\nAccess-Control-Allow-Headers: {allowed}");
    // Of the answer itself the header says nothing.
    let said = said(Profile::Firefox, &init, &[response(204, &lines), response(200, &lines)]);
    assert_eq!(said.iter().any(|line| line.contains("Authorization")), warns, "{said:?}");
}

#[rstest]
#[case(Initiator::Fetch, "https://app.example/", 0)]
#[case(Initiator::Fetch, "https://api.example/", 1)]
#[case(Initiator::Form, "https://api.example/", 0)]
#[case(Initiator::WebSocket, "wss://api.example/", 0)]
fn firefox_tells_what_another_origin_refused(
    #[case] initiator: Initiator,
    #[case] url: &str,
    #[case] lines: usize,
) {
    let init = RequestInit::by(initiator, url, CrossOrigin::Absent);
    assert_eq!(said(Profile::Firefox, &init, &[]).len(), lines);
}

#[rstest]
#[case("https://api.example:6000/", "ERR_UNSAFE_PORT")]
#[case("https://api.example/", "ERR_FAILED")]
fn chromium_ends_with_the_code_of_its_network_stack(#[case] url: &str, #[case] code: &str) {
    let said = said(Profile::Chromium, &request("GET", url, &[]), &[]);
    assert!(said.last().unwrap().contains(&format!("net::{code}")), "{said:?}");
}

#[test]
fn chromium_follows_so_many_redirects_and_says_it() {
    let moved = response(302, "Access-Control-Allow-Origin: *\nLocation: /x");
    let said = said(Profile::Chromium, &request("GET", API, &[]), &vec![moved; 30]);
    assert!(said.last().unwrap().contains("net::ERR_TOO_MANY_REDIRECTS"), "{said:?}");
}

#[test]
fn what_never_came_to_the_network_has_no_code() {
    let said = said(Profile::Chromium, &request("GET", "https://u:p@api.example/", &[]), &[]);
    assert!(said.iter().all(|line| !line.contains("net::")), "{said:?}");
}

#[test]
fn an_event_source_of_webkit_says_what_it_is() {
    let init = RequestInit::by(Initiator::EventSource, API, CrossOrigin::Absent);
    let said = said(Profile::WebKit, &init, &[response(200, "Content-Type: text/event-stream")]);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[1].starts_with("EventSource cannot load "), "{said:?}");
}
