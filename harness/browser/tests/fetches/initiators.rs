//! Elements and APIs beyond fetch() and XMLHttpRequest, in whole fetches.

use corspec_browser::{Body, BodyKind, CrossOrigin, Initiator, Origin, Profile, RequestInit};
use rstest::rstest;
use url::Url;

use crate::support::{API, APP, fetch, header, response, story};

const STAR: &str = "Access-Control-Allow-Origin: *";

fn by(initiator: Initiator, crossorigin: CrossOrigin) -> RequestInit {
    RequestInit::by(initiator, API, crossorigin)
}

#[rstest]
#[case::image(Initiator::Image, CrossOrigin::Absent, "", "GET; opaque")]
#[case::image(Initiator::Image, CrossOrigin::Anonymous, "", "GET; allow-origin-missing")]
#[case::image(Initiator::Image, CrossOrigin::Anonymous, STAR, "GET; allow")]
#[case::image(
    Initiator::Image,
    CrossOrigin::UseCredentials,
    STAR,
    "GET; allow-origin-wildcard-with-credentials"
)]
#[case::script(Initiator::Script, CrossOrigin::Absent, "", "GET; opaque")]
#[case::module(Initiator::ModuleScript, CrossOrigin::Absent, "", "GET; allow-origin-missing")]
#[case::stylesheet(Initiator::Stylesheet, CrossOrigin::Absent, "", "GET; opaque")]
#[case::font(Initiator::Font, CrossOrigin::Absent, "", "GET; allow-origin-missing")]
#[case::font(Initiator::Font, CrossOrigin::Absent, STAR, "GET; allow")]
#[case::video(Initiator::Video, CrossOrigin::Anonymous, STAR, "GET; allow")]
#[case::track(Initiator::Track, CrossOrigin::Absent, STAR, "same-origin-mode")]
#[case::events(Initiator::EventSource, CrossOrigin::Absent, STAR, "GET; allow")]
#[case::form(Initiator::Form, CrossOrigin::Absent, "", "POST; opaque")]
fn elements(
    #[case] initiator: Initiator,
    #[case] crossorigin: CrossOrigin,
    #[case] lines: &str,
    #[case] expected: &str,
) {
    let outcome = fetch(Profile::Fetch, by(initiator, crossorigin), &[response(200, lines)]);
    assert_eq!(story(&outcome), expected);
}

#[rstest]
#[case(Initiator::Image, Some("image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"), None)]
#[case(Initiator::Font, Some("*/*"), Some(APP))]
#[case(Initiator::EventSource, Some("text/event-stream"), Some(APP))]
#[case(Initiator::Form, Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Some(APP))]
fn what_elements_send(
    #[case] initiator: Initiator,
    #[case] accept: Option<&str>,
    #[case] origin: Option<&str>,
) {
    let outcome = fetch(Profile::Fetch, by(initiator, CrossOrigin::Absent), &[response(200, "")]);
    let request = &outcome.exchanges[0].request;
    assert_eq!(header(request, "Accept").as_deref(), accept);
    assert_eq!(header(request, "Origin").as_deref(), origin);
}

#[rstest]
#[case(BodyKind::Text, None, "POST; opaque")]
#[case(BodyKind::Blob, Some("application/json"), "preflight POST [content-type]; allow-origin-missing")]
fn beacons(#[case] kind: BodyKind, #[case] content_type: Option<&'static str>, #[case] expected: &str) {
    let mut init = by(Initiator::Beacon, CrossOrigin::Absent);
    let content_type = content_type.map(|value| value.as_bytes().into());
    init.body = Some(Body { content_type, ..Body::sample(kind) });
    assert_eq!(story(&fetch(Profile::Fetch, init, &[response(200, "")])), expected);
}

#[rstest]
#[case(64 * 1024, None)]
#[case(64 * 1024 + 1, Some("keepalive-too-large"))]
fn what_outlives_its_page_is_small(#[case] length: usize, #[case] reason: Option<&str>) {
    let mut init = by(Initiator::Beacon, CrossOrigin::Absent);
    init.body = Some(Body { bytes: vec![b'a'; length].into(), ..Body::sample(BodyKind::Text) });
    let outcome = fetch(Profile::Fetch, init, &[response(200, "")]);
    assert_eq!(outcome.reason().map(|reason| reason.code()), reason);
}

#[test]
fn a_stream_does_not_outlive_its_page() {
    let mut init = RequestInit::new(API);
    init.method = b"POST"[..].into();
    init.keepalive = true;
    init.body = Some(Body::sample(BodyKind::Stream));
    assert_eq!(story(&fetch(Profile::Fetch, init, &[])), "keepalive-stream");
}

#[rstest]
#[case(101, "GET; allow")]
#[case(200, "GET; web-socket-refused")]
#[case(302, "GET; web-socket-refused")]
fn web_sockets_ask_no_permission(#[case] status: u16, #[case] expected: &str) {
    let init = RequestInit::by(Initiator::WebSocket, "wss://api.example/socket", CrossOrigin::Absent);
    let outcome = fetch(Profile::Fetch, init, &[response(status, "Location: /")]);
    let request = &outcome.exchanges[0].request;
    assert_eq!(story(&outcome), expected);
    assert_eq!(header(request, "Origin").as_deref(), Some(APP));
    assert_eq!(header(request, "Upgrade").as_deref(), Some("websocket"));
    assert!(Origin::parse("https://api.example").unwrap().is_same_origin_with(&request.url));
    assert_eq!(request.url, Url::parse("https://api.example/socket").unwrap());
}

#[test]
fn a_form_follows_a_redirect_anywhere() {
    let init = by(Initiator::Form, CrossOrigin::Absent);
    let answers = [response(302, "Location: https://u:p@third.example/"), response(200, "")];
    assert_eq!(story(&fetch(Profile::Fetch, init, &answers)), "POST; GET; opaque");
}
