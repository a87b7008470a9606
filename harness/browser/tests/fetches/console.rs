//! What the consoles say of whole fetches.

use corspec_browser::{
    Browser, CredentialsMode, HttpResponse, Initiator, LocalNetwork, Mode, Profile, RedirectMode,
    RequestInit, console,
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
