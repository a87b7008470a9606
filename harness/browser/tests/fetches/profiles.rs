//! Where the engines part from the standard, in whole fetches.

use crate::support::{self, API, APP, fetch, page, perform, request, response, story};
use corspec_browser::{
    Body, BodyKind, Browser, CredentialsMode, Ending, Initiator, Mode, Profile, Purpose, RedirectMode,
    RequestInit,
};
use rstest::rstest;

use Profile::{Chromium, Fetch, Firefox, WebKit};

const OPEN: &str =
    "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: *\nAccess-Control-Allow-Headers: *";

#[rstest]
#[case(Fetch, "preflight GET [authorization]; wildcard-excludes-authorization")]
#[case(Chromium, "preflight GET [authorization]; GET; allow")]
#[case(Firefox, "preflight GET [authorization]; GET; allow")]
#[case(WebKit, "preflight GET [authorization]; GET; allow")]
fn a_wildcard_and_authorization(#[case] profile: Profile, #[case] expected: &str) {
    let init = request("GET", API, &[("Authorization", "x")]);
    assert_eq!(story(&fetch(profile, init, &[response(204, OPEN), response(200, OPEN)])), expected);
}

#[rstest]
#[case("DPR", "2", Chromium, "GET; allow")]
#[case("DPR", "2", Firefox, "preflight GET [dpr]; network-error")]
#[case("Save-Data", "on", Chromium, "GET; allow")]
#[case("Save-Data", "off", Chromium, "preflight GET [save-data]; network-error")]
#[case("User-Agent", "x", Chromium, "GET; allow")]
#[case("User-Agent", "x", WebKit, "preflight GET [user-agent]; network-error")]
#[case("Accept", "\u{e9}", Firefox, "preflight GET [accept]; network-error")]
#[case("Accept", "\u{e9}", Chromium, "GET; allow")]
#[case("Range", "bytes=18446744073709551615-", WebKit, "GET; allow")]
#[case("Range", "bytes=18446744073709551616-", Fetch, "GET; allow")]
#[case("Range", "bytes=18446744073709551616-", WebKit, "preflight GET [range]; network-error")]
fn headers_that_need_permission(
    #[case] name: &'static str,
    #[case] value: &'static str,
    #[case] profile: Profile,
    #[case] expected: &str,
) {
    let answers = if expected.starts_with("GET") { vec![response(200, OPEN)] } else { Vec::new() };
    assert_eq!(story(&fetch(profile, request("GET", API, &[(name, value)]), &answers)), expected);
}

#[rstest]
#[case(Fetch, "preflight GET [x-a]; network-error")]
#[case(Firefox, "preflight GET [x-a,x-a]; network-error")]
fn a_header_set_twice(#[case] profile: Profile, #[case] expected: &str) {
    let init = request("GET", API, &[("X-A", "1"), ("x-a", "2")]);
    assert_eq!(story(&fetch(profile, init, &[])), expected);
}

#[rstest]
#[case(Fetch, "GET; network-error")]
#[case(Chromium, "preflight GET [accept-language]; network-error")]
#[case(Firefox, "GET; network-error")]
#[case(WebKit, "preflight GET [accept-language]; network-error")]
fn lines_of_one_safelisted_header(#[case] profile: Profile, #[case] expected: &str) {
    let mut init = request("GET", API, &[]);
    let line = ("Accept-Language".as_bytes().into(), vec![b'a'; 70].into());
    init.headers = vec![line.clone(), line];
    assert_eq!(story(&fetch(profile, init, &[])), expected);
}

#[rstest]
#[case(Fetch, 9, "preflight POST [accept,accept-language]; network-error")]
#[case(Firefox, 9, "POST; network-error")]
fn many_safelisted_bytes(#[case] profile: Profile, #[case] lines: usize, #[case] expected: &str) {
    let mut init = request("POST", API, &[]);
    init.headers = vec![("Accept-Language".as_bytes().into(), vec![b'a'; 128].into()); lines];
    assert_eq!(story(&fetch(profile, init, &[])), expected);
}

#[rstest]
#[case(Fetch, None, "preflight POST; network-error")]
#[case(Chromium, None, "POST; network-error")]
#[case(Chromium, Some(BodyKind::Text), "preflight POST; network-error")]
#[case(Firefox, None, "preflight POST; network-error")]
fn an_upload_listener(#[case] profile: Profile, #[case] body: Option<BodyKind>, #[case] expected: &str) {
    let mut init = request("POST", API, &[]);
    init.initiator = Initiator::XhrUploadListener;
    init.body = body.map(Body::sample);
    assert_eq!(story(&fetch(profile, init, &[])), expected);
}

#[rstest]
#[case(Fetch, "preflight PUT; PUT; preflight PUT as null; PUT as null; allow")]
#[case(Chromium, "preflight PUT; PUT; preflight PUT as null; PUT as null; allow")]
#[case(Firefox, "preflight PUT; PUT; preflight PUT; allow-origin-mismatch")]
#[case(WebKit, "preflight PUT; PUT; preflight PUT as null; PUT as null; allow")]
fn the_preflight_after_a_tainting_redirect(#[case] profile: Profile, #[case] expected: &str) {
    let null = "Access-Control-Allow-Origin: null\nAccess-Control-Allow-Methods: PUT";
    let to = format!("{OPEN}\nLocation: https://third.example/");
    let answers = [response(204, OPEN), response(307, &to), response(204, null), response(200, null)];
    assert_eq!(story(&fetch(profile, request("PUT", API, &[]), &answers)), expected);
}

#[rstest]
#[case(Fetch, "preflight GET [authorization]; GET; GET as null; allow")]
#[case(Chromium, "preflight GET [authorization]; GET; GET as null; allow")]
#[case(Firefox, "preflight GET [authorization]; GET; preflight GET; GET as null; allow")]
#[case(
    WebKit,
    "preflight GET [authorization]; GET; preflight GET [authorization] as null; GET as null; allow"
)]
fn a_dropped_authorization(#[case] profile: Profile, #[case] expected: &str) {
    let named = "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Headers: Authorization";
    let to = format!("{OPEN}\nLocation: https://third.example/");
    let mut answers = vec![response(204, named), response(307, &to)];
    answers.extend([response(200, named), response(200, OPEN)]);
    let init = request("GET", API, &[("Authorization", "x")]);
    assert_eq!(story(&fetch(profile, init, &answers)), expected);
}

#[rstest]
#[case(Fetch, "preflight POST [content-type]; POST; GET; allow")]
#[case(Chromium, "preflight POST [content-type]; POST; GET; allow")]
#[case(Firefox, "preflight POST [content-type]; POST; preflight GET; GET; allow")]
#[case(WebKit, "preflight POST [content-type]; POST; preflight GET [content-type]; GET; allow")]
fn a_rewrite_to_get(#[case] profile: Profile, #[case] expected: &str) {
    let mut init = request("POST", API, &[("Content-Type", "application/json")]);
    init.body = Some(Body::sample(BodyKind::Text));
    let to = format!("{OPEN}\nLocation: /y");
    let answers = [response(204, OPEN), response(303, &to), response(200, OPEN), response(200, OPEN)];
    assert_eq!(story(&fetch(profile, init, &answers)), expected);
}

#[rstest]
#[case(Chromium, "preflight PUT; PUT; GET; allow")]
#[case(Firefox, "preflight PUT; PUT; preflight GET; GET; allow")]
#[case(WebKit, "preflight PUT; PUT; preflight GET; GET; allow")]
fn a_put_that_becomes_a_get(#[case] profile: Profile, #[case] expected: &str) {
    let to = format!("{OPEN}\nLocation: /y");
    let answers = [response(204, OPEN), response(303, &to), response(200, OPEN), response(200, OPEN)];
    assert_eq!(story(&fetch(profile, request("PUT", API, &[]), &answers)), expected);
}

#[rstest]
#[case(Fetch, 404, "preflight PUT; allow-origin-missing")]
#[case(WebKit, 404, "preflight PUT; preflight-status")]
#[case(Fetch, 302, "preflight PUT; allow-origin-missing")]
#[case(Chromium, 302, "preflight PUT; preflight-redirect")]
#[case(Firefox, 404, "preflight PUT; allow-origin-missing")]
#[case(WebKit, 302, "preflight PUT; preflight-redirect")]
fn what_a_preflight_is_asked_first(#[case] profile: Profile, #[case] status: u16, #[case] expected: &str) {
    assert_eq!(
        story(&fetch(profile, request("PUT", API, &[]), &[response(status, "Location: /y")])),
        expected
    );
}

#[rstest]
#[case(Fetch, "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Origin:", "GET; allow-origin-multiple")]
#[case(Firefox, "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Origin:", "GET; allow-origin-multiple")]
#[case(Firefox, "Access-Control-Allow-Origin:\nAccess-Control-Allow-Origin: *", "GET; allow-origin-multiple")]
#[case(Firefox, "access-control-allow-origin:\nAccess-Control-Allow-Origin: *", "GET; allow")]
#[case(
    Firefox,
    "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Origin: *",
    "GET; allow-origin-multiple"
)]
#[case(Fetch, "Access-Control-Allow-Origin : *", "GET; allow-origin-missing")]
#[case(Chromium, "Access-Control-Allow-Origin : *", "GET; allow")]
fn odd_lines(#[case] profile: Profile, #[case] lines: &str, #[case] expected: &str) {
    let (name, value) = lines.split_once(" : ").unwrap_or_default();
    let mut answer = if name.is_empty() { response(200, lines) } else { response(200, "") };
    if !name.is_empty() {
        answer.headers.append(format!("{name} ").into_bytes(), value.as_bytes().to_vec());
    }
    assert_eq!(story(&fetch(profile, request("GET", API, &[]), &[answer])), expected);
}

/// How long, in seconds, a PUT goes without another preflight; up to a week.
fn remembered(profile: Profile, lines: &str) -> u64 {
    let answer = format!("Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: PUT\n{lines}");
    let cached_at = |later: u64| {
        let mut browser = Browser::new(profile);
        let answers = [response(204, &answer), response(200, OPEN)];
        perform(&mut browser, &page(APP), request("PUT", API, &[]), 0, &answers);
        perform(&mut browser, &page(APP), request("PUT", API, &[]), later, &answers[1..]).exchanges.len() == 1
    };
    let (mut low, mut high) = (0, 604_800);
    while low < high {
        let middle = (low + high) / 2;
        if cached_at(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[rstest]
#[case("", [5, 5, 5, 5])]
#[case("Access-Control-Max-Age: 60", [60, 60, 60, 60])]
#[case("Access-Control-Max-Age: 100000", [100_000, 7_200, 86_400, 600])]
#[case("Access-Control-Max-Age: 0", [0, 0, 0, 0])]
#[case("Access-Control-Max-Age: -1", [5, 0, 0, 0])]
#[case("Access-Control-Max-Age: -", [5, 5, 0, 5])]
#[case("Access-Control-Max-Age: -x", [5, 5, 0, 5])]
#[case("Access-Control-Max-Age: abc", [5, 5, 0, 5])]
#[case("Access-Control-Max-Age: 600\nAccess-Control-Max-Age: 600", [5, 5, 0, 5])]
#[case("Access-Control-Max-Age:", [5, 5, 5, 5])]
#[case("Access-Control-Max-Age: +60", [5, 60, 0, 60])]
#[case("Access-Control-Max-Age: 99999999999999999999", [604_800, 5, 86_400, 5])]
fn how_long_a_preflight_is_remembered(#[case] lines: &str, #[case] seconds: [u64; 4]) {
    assert_eq!(Profile::ALL.map(|profile| remembered(profile, lines)), seconds);
}

/// What the second of two fetches sends.
fn second(profile: Profile, answer: &str, first: RequestInit, second: RequestInit) -> String {
    let mut browser = Browser::new(profile);
    let actual = "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true";
    let answers =
        [response(204, &format!("{actual}\nAccess-Control-Max-Age: 60\n{answer}")), response(200, actual)];
    perform(&mut browser, &page(APP), first, 0, &answers);
    let outcome = perform(&mut browser, &page(APP), second, 1, &[]);
    story(&outcome).split(';').next().unwrap_or_default().to_owned()
}

fn with_credentials(mut init: RequestInit) -> RequestInit {
    init.credentials = CredentialsMode::Include;
    init
}

#[rstest]
#[case::answers_merge(Fetch, "PUT")]
#[case::answers_replace_each_other(Chromium, "preflight PUT [x-a]")]
#[case(WebKit, "preflight PUT [x-a]")]
#[case(Firefox, "PUT")]
fn two_answers(#[case] profile: Profile, #[case] expected: &str) {
    let mut browser = Browser::new(profile);
    let base = "Access-Control-Allow-Origin: *\nAccess-Control-Max-Age: 60\n";
    let put = [response(204, &format!("{base}Access-Control-Allow-Methods: PUT")), response(200, base)];
    let token = [response(204, &format!("{base}Access-Control-Allow-Headers: X-A")), response(200, base)];
    perform(&mut browser, &page(APP), request("PUT", API, &[]), 0, &put);
    perform(&mut browser, &page(APP), request("GET", API, &[("X-A", "1")]), 0, &token);
    let outcome = perform(&mut browser, &page(APP), request("PUT", API, &[("X-A", "1")]), 1, &[]);
    assert_eq!(story(&outcome).split(';').next(), Some(expected));
}

#[rstest]
#[case(Fetch, "PUT")]
#[case(Chromium, "PUT")]
#[case(Firefox, "preflight PUT")]
#[case(WebKit, "PUT")]
fn a_remembered_wildcard(#[case] profile: Profile, #[case] expected: &str) {
    let put = || request("PUT", API, &[]);
    assert_eq!(second(profile, "Access-Control-Allow-Methods: *", put(), put()), expected);
}

#[rstest]
#[case(Fetch, "PUT")]
#[case(Chromium, "PUT")]
#[case(Firefox, "preflight PUT")]
#[case(WebKit, "PUT")]
fn an_answer_with_credentials_for_a_request_without(#[case] profile: Profile, #[case] expected: &str) {
    let put = || request("PUT", API, &[]);
    assert_eq!(
        second(profile, "Access-Control-Allow-Methods: PUT", with_credentials(put()), put()),
        expected
    );
}

#[rstest]
#[case(Fetch, "HEAD")]
#[case(Firefox, "preflight HEAD [x-a]")]
fn head_and_the_cache(#[case] profile: Profile, #[case] expected: &str) {
    let head = || request("HEAD", API, &[("X-A", "1")]);
    assert_eq!(second(profile, "Access-Control-Allow-Headers: X-A", head(), head()), expected);
}

#[rstest]
#[case(Fetch, "preflight PUT")]
#[case(WebKit, "PUT")]
fn an_answer_that_did_not_permit_its_own_request(#[case] profile: Profile, #[case] expected: &str) {
    let refused = request("PUT", API, &[("X-A", "1")]);
    assert_eq!(
        second(profile, "Access-Control-Allow-Methods: PUT", refused, request("PUT", API, &[])),
        expected
    );
}

#[rstest]
#[case(Fetch, "preflight PUT; network-error")]
#[case(Chromium, "PUT; network-error")]
#[case(Firefox, "preflight PUT; network-error")]
#[case(WebKit, "PUT; network-error")]
fn the_cache_after_a_failed_check(#[case] profile: Profile, #[case] expected: &str) {
    let mut browser = Browser::new(profile);
    let answer =
        response(204, &format!("{OPEN}\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Max-Age: 60"));
    perform(&mut browser, &page(APP), request("PUT", API, &[]), 0, &[answer, response(200, "")]);
    assert_eq!(story(&perform(&mut browser, &page(APP), request("PUT", API, &[]), 1, &[])), expected);
}

/// Simple requests that failed the check clear the cache in an engine; what never arrived has failed no check.
#[rstest]
#[case(Firefox, Some(""), "preflight PUT; network-error")]
#[case(Firefox, None, "PUT; network-error")]
#[case(Fetch, Some(""), "PUT; network-error")]
fn the_cache_after_a_simple_request(
    #[case] profile: Profile,
    #[case] answer: Option<&str>,
    #[case] expected: &str,
) {
    let mut browser = Browser::new(profile);
    let granted =
        response(204, &format!("{OPEN}\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Max-Age: 60"));
    perform(&mut browser, &page(APP), request("PUT", API, &[]), 0, &[granted, response(200, OPEN)]);
    let answers: Vec<_> = answer.map(|lines| response(200, lines)).into_iter().collect();
    perform(&mut browser, &page(APP), request("GET", API, &[]), 1, &answers);
    assert_eq!(story(&perform(&mut browser, &page(APP), request("PUT", API, &[]), 2, &[])), expected);
}

#[test]
fn what_is_remembered_of_a_tainted_origin_is_of_its_site() {
    let mut browser = Browser::new(Fetch);
    let moved = response(307, &format!("{OPEN}\nLocation: https://third.example/y"));
    let granted = response(
        204,
        "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Max-Age: 60",
    );
    let answers = [granted.clone(), moved, granted, response(200, OPEN)];
    let mut preflights = |origin: &str, now| {
        let outcome = perform(&mut browser, &page(origin), request("PUT", API, &[]), now, &answers);
        outcome.exchanges.iter().filter(|exchange| exchange.request.purpose == Purpose::Preflight).count()
    };
    assert_eq!(preflights(APP, 0), 2);
    assert_eq!(preflights("https://other.test", 1), 2);
}

#[rstest]
#[case(WebKit, b"text/x;a=\xC3\xA9")]
#[case(Chromium, b"text/x;a=\xE9")]
fn bytes_beyond_ascii_on_the_wire(#[case] profile: Profile, #[case] sent: &[u8]) {
    let mut init = request("GET", "https://app.example/", &[]);
    init.headers = vec![(b"X-A".into(), b"text/x;a=\xE9".into())];
    let outcome = fetch(profile, init, &[response(200, "")]);
    assert_eq!(outcome.exchanges[0].request.headers.get(b"X-A").as_deref(), Some(sent));
}

#[rstest]
#[case(Firefox, "*, x y", true)]
#[case(Firefox, "x-b, x y", false)]
#[case(Fetch, "*, x y", false)]
fn a_wildcard_in_a_list_that_does_not_parse(
    #[case] profile: Profile,
    #[case] list: &str,
    #[case] visible: bool,
) {
    let lines = format!("{OPEN}\nX-A: 1\nAccess-Control-Expose-Headers: {list}");
    let outcome = fetch(profile, request("GET", API, &[]), &[response(200, &lines)]);
    let Ending::Allow(seen) = outcome.ending else { panic!("it was permitted") };
    assert_eq!(seen.headers.contains("X-A"), visible);
}

#[rstest]
#[case(Fetch, "text/plain;charset=UTF-8")]
#[case(Chromium, "text/plain;  charset=UTF-8; a=b")]
fn the_charset_of_a_string(#[case] profile: Profile, #[case] sent: &str) {
    let mut init =
        request("POST", "https://app.example/", &[("Content-Type", "text/plain;  charset=x; a=b")]);
    init.initiator = Initiator::Xhr;
    init.body = Some(Body::sample(BodyKind::Text));
    let outcome = fetch(profile, init, &[response(200, "")]);
    let value = support::header(&outcome.exchanges[0].request, "Content-Type").unwrap();
    assert!(value.starts_with(sent), "{value}");
}

#[rstest]
#[case(&[], false)]
#[case(&[302], true)]
fn a_response_tells_that_it_was_redirected(#[case] before: &[u16], #[case] redirected: bool) {
    let lines = format!("{OPEN}\nLocation: {API}");
    let answers: Vec<_> = before.iter().chain(&[200]).map(|&status| response(status, &lines)).collect();
    let outcome = fetch(Fetch, request("GET", API, &[]), &answers);
    let Ending::Allow(seen) = outcome.ending else { panic!("it was permitted") };
    assert_eq!(seen.redirected, redirected);
}

#[rstest]
#[case("null", API.to_owned(), Fetch, true)]
#[case("null", API.to_owned(), Chromium, false)]
#[case(APP, format!("{API}?{}", "q".repeat(1024)), Fetch, true)]
#[case(APP, format!("{API}?{}", "q".repeat(1024)), Chromium, false)]
fn what_chromium_does_not_remember(
    #[case] origin: &str,
    #[case] url: String,
    #[case] profile: Profile,
    #[case] cached: bool,
) {
    let mut browser = Browser::new(profile);
    let answers = [response(204, OPEN), response(200, OPEN)];
    perform(&mut browser, &page(origin), request("PUT", &url, &[]), 0, &answers);
    let again = perform(&mut browser, &page(origin), request("PUT", &url, &[]), 1, &answers[1..]);
    assert_eq!(again.exchanges.len() == 1, cached);
}

#[rstest]
#[case(Fetch, "Location: /a\nLocation: /b", "GET; redirect-location-invalid")]
#[case(WebKit, "Location: /a\nLocation: /b", "GET; GET; network-error")]
#[case(Chromium, "Location:", "GET; allow")]
#[case(Fetch, "Location:", "GET; GET; network-error")]
#[case(Fetch, "Location: https://u:p@app.example/", "GET; GET; network-error")]
#[case(Chromium, "Location: https://u:p@app.example/", "GET; redirect-has-credentials")]
fn locations(#[case] profile: Profile, #[case] lines: &str, #[case] expected: &str) {
    let init = request("GET", "https://app.example/x", &[]);
    assert_eq!(story(&fetch(profile, init, &[response(302, lines)])), expected);
}

#[rstest]
#[case::elsewhere(API, "https://u:p@api.example/", Mode::Cors, "redirect-has-credentials")]
#[case::from_elsewhere_to_home(API, "https://u:p@app.example/", Mode::Cors, "redirect-has-credentials")]
#[case::from_home_to_elsewhere(
    "https://app.example/",
    "https://u:p@api.example/",
    Mode::Cors,
    "redirect-has-credentials"
)]
#[case::at_home("https://app.example/", "https://u:p@app.example/", Mode::Cors, "redirect-mode-error")]
#[case::apart_from_cors(
    "https://app.example/",
    "https://u:p@api.example/",
    Mode::SameOrigin,
    "redirect-mode-error"
)]
#[case::without_user_name(API, "https://api.example/", Mode::Cors, "redirect-mode-error")]
fn a_user_name_where_redirects_are_errors(
    #[case] url: &str,
    #[case] location: &str,
    #[case] mode: Mode,
    #[case] reason: &str,
) {
    let mut init = request("GET", url, &[]);
    init.mode = mode;
    init.redirect = RedirectMode::Error;
    let answer = response(302, &format!("Access-Control-Allow-Origin: *\nLocation: {location}"));
    assert_eq!(
        story(&fetch(Chromium, init.clone(), std::slice::from_ref(&answer))),
        format!("GET; {reason}")
    );
    assert_eq!(story(&fetch(Fetch, init, &[answer])), "GET; redirect-mode-error");
}

#[rstest]
#[case(Fetch, Mode::Cors, "https://app.example/y", None)]
#[case(WebKit, Mode::Cors, "https://app.example/y", Some(APP))]
fn the_origin_after_a_rewrite(
    #[case] profile: Profile,
    #[case] mode: Mode,
    #[case] to: &str,
    #[case] expected: Option<&str>,
) {
    let mut init = request("POST", "https://app.example/x", &[]);
    init.mode = mode;
    let outcome = fetch(profile, init, &[response(303, &format!("Location: {to}")), response(200, "")]);
    assert_eq!(support::header(&outcome.exchanges[1].request, "Origin").as_deref(), expected);
}

#[rstest]
#[case(Fetch, Some(APP))]
#[case(Chromium, Some("null"))]
fn the_origin_of_a_no_cors_post_that_is_led_away(#[case] profile: Profile, #[case] expected: Option<&str>) {
    let mut init = request("POST", "https://app.example/x", &[]);
    init.mode = Mode::NoCors;
    let outcome = fetch(profile, init, &[response(307, &format!("Location: {API}")), response(200, "")]);
    assert_eq!(support::header(&outcome.exchanges[1].request, "Origin").as_deref(), expected);
}
