//! Cookies in whole fetches.

use corspec_browser::{
    Browser, CookieNote, CredentialsMode, HttpResponse, Mode, Origin, Page, Profile, RequestInit,
    ThirdPartyCookies,
};
use rstest::rstest;
use url::Url;

use crate::support::{header, perform, request, response};

const APP: &str = "https://app.site.example";
const API: &str = "https://api.site.example/x";
const OTHER: &str = "https://api.other.example/x";

fn include(method: &'static str, url: &str) -> RequestInit {
    let mut init = request(method, url, &[]);
    init.credentials = CredentialsMode::Include;
    init
}

fn page() -> Page {
    Page::new(Origin::parse(APP).expect("an origin"))
}

fn notes(notes: &[CookieNote]) -> String {
    let notes: Vec<_> = notes
        .iter()
        .map(|note| format!("{} {}", String::from_utf8_lossy(&note.name), note.because))
        .collect();
    notes.join(", ")
}

fn with_cookies(profile: Profile, url: &str, lines: &[&str]) -> Browser {
    let mut browser = Browser::new(profile);
    for line in lines {
        browser.cookies.set(&Url::parse(url).expect("a URL"), line.as_bytes(), 0);
    }
    browser
}

fn permit(lines: &str) -> HttpResponse {
    let base = format!("Access-Control-Allow-Origin: {APP}\nAccess-Control-Allow-Credentials: true");
    response(200, &format!("{base}\nAccess-Control-Allow-Methods: PUT\n{lines}"))
}

const ALL: [&str; 4] =
    ["unset=1", "none=1; SameSite=None; Secure", "lax=1; SameSite=Lax", "strict=1; SameSite=Strict"];

#[rstest]
#[case::same_site(Profile::Fetch, API, "unset=1; none=1; lax=1; strict=1")]
#[case::cross_site(Profile::Fetch, OTHER, "none=1")]
#[case::cross_site(Profile::Chromium, OTHER, "none=1")]
#[case::cross_site(Profile::Firefox, OTHER, "unset=1; none=1")]
#[case::cross_site(Profile::WebKit, OTHER, "unset=1; none=1")]
fn same_site_cookies(#[case] profile: Profile, #[case] url: &str, #[case] expected: &str) {
    let mut browser = with_cookies(profile, url, &ALL);
    let outcome = perform(&mut browser, &page(), include("GET", url), 0, &[permit("")]);
    assert_eq!(header(&outcome.exchanges[0].request, "Cookie").as_deref(), Some(expected));
}

#[rstest]
#[case(CredentialsMode::Omit, false)]
#[case(CredentialsMode::SameOrigin, false)]
#[case(CredentialsMode::Include, true)]
fn cookies_go_where_credentials_do(#[case] credentials: CredentialsMode, #[case] travels: bool) {
    let mut browser = with_cookies(Profile::Fetch, API, &["a=1"]);
    let mut init = request("PUT", API, &[]);
    init.credentials = credentials;
    let outcome = perform(&mut browser, &page(), init, 0, &[permit(""), permit("Set-Cookie: b=2")]);
    assert!(header(&outcome.exchanges[0].request, "Cookie").is_none(), "a preflight never has cookies");
    assert!(outcome.exchanges[0].cookies_sent.is_empty());
    assert_eq!(header(&outcome.exchanges[1].request, "Cookie").is_some(), travels);
    assert_eq!(browser.cookies.iter().count(), 1 + usize::from(travels));
    let because = if travels {
        ("a sent", "b stored")
    } else {
        ("a credentials-not-included", "b credentials-not-included")
    };
    let last = &outcome.exchanges[1];
    assert_eq!((&*notes(&last.cookies_sent), &*notes(&last.cookies_set)), because);
}

#[test]
fn a_response_that_may_not_be_read_sets_cookies_all_the_same() {
    let mut browser = Browser::new(Profile::Fetch);
    let outcome =
        perform(&mut browser, &page(), include("GET", API), 0, &[response(200, "Set-Cookie: a=1; Path=/")]);
    assert_eq!(outcome.reason().unwrap().code(), "allow-origin-missing");
    assert_eq!(browser.cookies.iter().count(), 1);
}

#[test]
fn a_preflight_sets_none() {
    let mut browser = Browser::new(Profile::Fetch);
    perform(&mut browser, &page(), include("PUT", API), 0, &[permit("Set-Cookie: a=1"), permit("")]);
    assert!(browser.cookies.is_empty());
}

#[test]
fn a_redirect_sets_cookies_that_the_next_hop_sends() {
    let mut browser = Browser::new(Profile::Fetch);
    let redirect = response(302, "Set-Cookie: a=1; Path=/\nLocation: /y");
    let mut init = include("GET", API);
    init.mode = Mode::NoCors;
    let outcome = perform(&mut browser, &page(), init, 0, &[redirect, permit("")]);
    assert_eq!(header(&outcome.exchanges[1].request, "Cookie").as_deref(), Some("a=1"));
}

#[rstest]
#[case(ThirdPartyCookies::Allow, Some("none=1"), "unset cross-site, none sent")]
#[case(ThirdPartyCookies::Partition, None, "unset other-partition, none other-partition")]
#[case(ThirdPartyCookies::Block, None, "unset third-party-blocked, none third-party-blocked")]
fn third_party_cookies(
    #[case] setting: ThirdPartyCookies,
    #[case] expected: Option<&str>,
    #[case] because: &str,
) {
    let mut browser = with_cookies(Profile::Fetch, OTHER, &ALL[..2]);
    browser.cookies.third_party = setting;
    let outcome = perform(&mut browser, &page(), include("GET", OTHER), 0, &[permit("")]);
    assert_eq!(header(&outcome.exchanges[0].request, "Cookie").as_deref(), expected);
    assert_eq!(notes(&outcome.exchanges[0].cookies_sent), because);
}

#[test]
fn partitions_keep_top_level_sites_apart() {
    let mut browser = Browser::new(Profile::Fetch);
    browser.cookies.third_party = ThirdPartyCookies::Partition;
    let set = permit("Set-Cookie: a=1; SameSite=None; Secure");
    perform(&mut browser, &page(), include("GET", OTHER), 0, &[set]);
    let mut cookie = |page: &Page| {
        let outcome = perform(&mut browser, page, include("GET", OTHER), 0, &[permit("")]);
        header(&outcome.exchanges[0].request, "Cookie")
    };
    assert_eq!(cookie(&page()).as_deref(), Some("a=1"));
    assert_eq!(cookie(&Page::new(Origin::parse("https://third.example").unwrap())), None);
    let framed = Page::framed(Origin::parse("https://third.example").unwrap(), Origin::parse(APP).unwrap());
    assert_eq!(cookie(&framed).as_deref(), Some("a=1"));
}

#[test]
fn a_frame_of_another_site_above_makes_every_request_cross_site() {
    let mut browser = with_cookies(Profile::Fetch, API, &ALL);
    let framed =
        Page::framed(Origin::parse(APP).unwrap(), Origin::parse("https://top.other.example").unwrap());
    let outcome = perform(&mut browser, &framed, include("GET", API), 0, &[permit("")]);
    assert_eq!(header(&outcome.exchanges[0].request, "Cookie").as_deref(), Some("none=1"));
}
