//! Mixed content, local network access and timing, in whole fetches.

use corspec_browser::{AddressSpace, Browser, CrossOrigin, Initiator, LocalNetwork, Profile, RequestInit};
use rstest::rstest;

use crate::support::{API, APP, fetch, page, perform, request, response, story};

const STAR: &str = "Access-Control-Allow-Origin: *";

#[rstest]
#[case(Profile::Fetch, "http://api.example/", "mixed-content")]
#[case(Profile::Fetch, "http://127.0.0.1:8080/", "GET; allow")]
#[case(Profile::Fetch, "http://localhost/", "GET; allow")]
#[case(Profile::WebKit, "http://127.0.0.1:8080/", "mixed-content")]
#[case(Profile::Fetch, "http://192.168.1.1/", "mixed-content")]
fn http_in_an_https_page(#[case] profile: Profile, #[case] url: &str, #[case] expected: &str) {
    assert_eq!(story(&fetch(profile, request("GET", url, &[]), &[response(200, STAR)])), expected);
}

#[test]
fn a_redirect_to_http_is_blocked_there() {
    let to = format!("{STAR}\nLocation: http://api.example/");
    let outcome = fetch(Profile::Fetch, request("GET", API, &[]), &[response(302, &to)]);
    assert_eq!((&*story(&outcome), outcome.stage().unwrap().code()), ("GET; mixed-content", "redirect"));
}

#[test]
fn an_http_page_may_load_http_and_so_may_a_browser_that_permits_it() {
    let get = || request("GET", "http://api.example/", &[]);
    let mut browser = Browser::new(Profile::Fetch);
    let answers = [response(200, STAR)];
    let http = perform(&mut browser, &page("http://app.example"), get(), 0, &answers);
    assert_eq!(http.name(), "allow");
    browser.permits_mixed_content = true;
    assert_eq!(perform(&mut browser, &page(APP), get(), 0, &answers).name(), "allow");
}

#[rstest]
#[case(Initiator::Image, "http://api.example/", "https")]
#[case(Initiator::Video, "http://api.example/", "https")]
fn images_are_upgraded(#[case] initiator: Initiator, #[case] url: &str, #[case] scheme: &str) {
    let init = RequestInit::by(initiator, url, CrossOrigin::Absent);
    let outcome = fetch(Profile::Fetch, init, &[response(200, "")]);
    assert_eq!(outcome.exchanges[0].request.url.scheme(), scheme);
}

#[rstest]
#[case(AddressSpace::Public, false, "https://192.168.1.1/", "local-network-access")]
#[case(AddressSpace::Public, true, "https://192.168.1.1/", "GET; allow")]
#[case(AddressSpace::Local, false, "https://192.168.1.1/", "GET; allow")]
#[case(AddressSpace::Local, false, "http://localhost/", "local-network-access")]
#[case(AddressSpace::Public, false, "https://printer.example/", "local-network-access")]
#[case(AddressSpace::Public, false, API, "GET; allow")]
fn nearer_servers(
    #[case] from: AddressSpace,
    #[case] granted: bool,
    #[case] url: &str,
    #[case] expected: &str,
) {
    let mut browser = Browser::new(Profile::Fetch);
    let hosts = vec![("printer.example".to_owned(), AddressSpace::Local)];
    browser.local_network = Some(LocalNetwork { page: from, granted, hosts });
    let outcome = perform(&mut browser, &page(APP), request("GET", url, &[]), 0, &[response(200, STAR)]);
    assert_eq!(story(&outcome), expected);
}

#[rstest]
#[case(API, "", false)]
#[case(API, "Timing-Allow-Origin: *", true)]
#[case(API, "Timing-Allow-Origin: https://a.example, https://app.example", true)]
#[case(API, "Timing-Allow-Origin: https://a.example", false)]
#[case("https://app.example/", "", true)]
fn timing(#[case] url: &str, #[case] lines: &str, #[case] visible: bool) {
    let answer = response(200, &format!("{STAR}\n{lines}"));
    assert_eq!(fetch(Profile::Fetch, request("GET", url, &[]), &[answer]).timing_allowed, visible);
}

#[test]
fn timing_stays_hidden_once_a_hop_has_hidden_it() {
    let answers = [
        response(302, &format!("{STAR}\nLocation: /y")),
        response(200, &format!("{STAR}\nTiming-Allow-Origin: *")),
    ];
    assert!(!fetch(Profile::Fetch, request("GET", API, &[]), &answers).timing_allowed);
}
