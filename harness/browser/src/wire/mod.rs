//! Requests as an engine writes them: the lines that the Fetch standard puts on them, those that the engine adds, in its
//! order and spelling.

mod order;
mod own;

use url::Url;

use crate::cookies::ThirdPartyCookies;
use crate::http::{Bytes, HeaderList, HttpRequest, Purpose};
use crate::profile::Profile;
use crate::request::{Mode, Page, RequestInit};
use order::{Slot, known_to_webkit, order};
use own::{accept, own_value};

/// Where a request stands, as far as the lines that engines add depend on it.
#[derive(Clone, Debug)]
pub struct WireSetting<'a> {
    /// The page that asks.
    pub page: &'a Page,
    /// What script or an element asked for.
    pub asked: &'a RequestInit,
    /// The requests of earlier hops, preflights left out: `Sec-Fetch-Site` remembers them, and the order of lines tells.
    pub earlier: &'a [HttpRequest],
    /// What becomes of the cookies of third parties, which `Sec-Fetch-Storage-Access` tells.
    pub third_party: ThirdPartyCookies,
}

/// The header lines of a request as the profile's engine writes them over HTTP/1.1, `Host` and `Content-Length` included.
/// Profile `fetch` adds nothing: what it returns is the standard's header list.
///
/// What depends on a user is as it comes: `User-Agent`, `Accept-Language`, the client hints. `Referer` is the page's origin,
/// and `Sec-WebSocket-Key` always the same.
pub fn wire_request(request: &HttpRequest, profile: Profile, setting: &WireSetting<'_>) -> HeaderList {
    let head = Head { request, profile, setting };
    let slots = order(&head);
    if slots.is_empty() {
        return request.headers.clone();
    }
    let placed = |name: &[u8]| {
        slots.iter().any(|slot| match slot {
            Slot::Line(known) => known.as_bytes().eq_ignore_ascii_case(name),
            Slot::When(condition, known) => {
                known.as_bytes().eq_ignore_ascii_case(name) && condition.holds(&head, known)
            }
            Slot::Rest | Slot::RestKnownToWebKit => false,
        })
    };
    // Lines of one name are joined before they are sent.
    let mut rest = HeaderList::new();
    for header in request.headers.iter().filter(|header| !placed(&header.name)) {
        rest.combine(header.name.clone(), header.value.clone());
    }
    let mut lines = HeaderList::new();
    for slot in slots {
        match slot {
            Slot::Line(name) => head.write(name, &mut lines),
            Slot::When(condition, name) if condition.holds(&head, name) => head.write(name, &mut lines),
            Slot::When(..) => {}
            Slot::Rest => {
                for header in &rest {
                    if !lines.contains(&*header.name) {
                        lines.append(header.name.clone(), header.value.clone());
                    }
                }
            }
            Slot::RestKnownToWebKit => {
                for header in &rest {
                    if let Some(known) = known_to_webkit(&header.name) {
                        lines.append(known.as_bytes(), header.value.clone());
                    }
                }
            }
        }
    }
    lines
}

/// A request with all that its head depends on.
struct Head<'a> {
    request: &'a HttpRequest,
    profile: Profile,
    setting: &'a WireSetting<'a>,
}

impl Head<'_> {
    /// Writes the line of that name, unless it has been written or there is none.
    fn write(&self, name: &'static str, lines: &mut HeaderList) {
        if lines.contains(name) {
            return;
        }
        let destination = self.setting.asked.initiator.destination();
        let own_accept = (name == "Accept" && self.request.purpose == Purpose::Actual && !self.is_set(name))
            .then(|| accept(self.profile, destination))
            .flatten();
        let value = match (own_accept, self.request.headers.get(name.as_bytes())) {
            (Some(accept), _) => accept.as_bytes().to_vec(),
            (None, Some(value)) => value.into_owned(),
            (None, None) => own_value(self, name).into_bytes(),
        };
        if !value.is_empty() || self.request.headers.contains(name) {
            lines.append(self.spelling(name), value);
        }
    }

    /// Script's own spelling of a name, where it set that header and the engine keeps it.
    fn spelling(&self, name: &'static str) -> Bytes {
        let is_replaced = self.profile == Profile::Firefox && name == "Accept-Language";
        let own = self.request.headers.iter().find(|header| header.is(name) && !is_replaced);
        own.map_or(Bytes::Borrowed(name.as_bytes()), |header| header.name.clone())
    }

    /// Whether script, or an API by itself, set the header of that name, and was let.
    fn is_set(&self, name: &str) -> bool {
        let Some(sent) = self.request.headers.get(name.as_bytes()) else { return false };
        let asked = self.setting.asked;
        asked.headers.iter().any(|(set, value)| {
            let was_let = asked.mode != Mode::NoCors || sent.starts_with(value.trim_ascii());
            set.eq_ignore_ascii_case(name.as_bytes()) && was_let
        })
    }

    fn is_at_home(&self, url: &Url) -> bool {
        self.setting.page.origin.is_same_origin_with(url)
    }

    /// WebKit begins a request for CORS anew that is redirected from one origin to another: what it had added before is
    /// forgotten.
    fn is_begun_anew(&self) -> bool {
        let before = self.setting.earlier.last();
        self.setting.asked.mode == Mode::Cors
            && before.is_some_and(|before| before.url.origin() != self.request.url.origin())
    }

    /// The URLs that were asked, this one the last.
    fn urls(&self) -> impl Iterator<Item = &Url> {
        self.setting.earlier.iter().chain([self.request]).map(|request| &request.url)
    }
}

/// A request's bytes over HTTP/1.1 with these header lines, its body included.
pub fn wire_bytes(request: &HttpRequest, lines: &HeaderList) -> Vec<u8> {
    let mut bytes = request.method.to_vec();
    bytes.push(b' ');
    bytes.extend_from_slice(request.url[url::Position::BeforePath..url::Position::AfterQuery].as_bytes());
    bytes.extend_from_slice(b" HTTP/1.1\r\n");
    for line in lines {
        bytes.extend_from_slice(&line.name);
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(&line.value);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(request.body.as_deref().unwrap_or_default());
    bytes
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::*;
    use crate::fetch::{Browser, Fetch, Next};
    use crate::http::HttpResponse;
    use crate::initiator::{CrossOrigin, Initiator};
    use crate::origin::Origin;
    use crate::request::{Body, BodyKind, CredentialsMode, ReferrerPolicy};

    const APP: &str = "https://app.example";
    const API: &str = "https://api.example/x?y";

    /// What goes out and how, for what is asked with `redirects` before it is answered.
    struct Scene {
        page: Page,
        asked: RequestInit,
        redirects: Vec<(u16, &'static str)>,
        third_party: ThirdPartyCookies,
    }

    impl Scene {
        fn new(asked: RequestInit) -> Self {
            let page = Page::new(Origin::parse(APP).unwrap());
            Self { page, asked, redirects: Vec::new(), third_party: ThirdPartyCookies::Allow }
        }

        fn fetch(url: &str, set: &[(&'static str, &'static str)]) -> Self {
            let mut asked = RequestInit::new(url);
            let bytes = |text: &'static str| Bytes::Borrowed(text.as_bytes());
            asked.headers = set.iter().map(|&(name, value)| (bytes(name), bytes(value))).collect();
            Self::new(asked)
        }

        /// Every request's head, preflights included, and its body.
        fn requests(&self, profile: Profile) -> Vec<String> {
            let Self { page, asked, third_party, .. } = self;
            let mut browser = Browser::new(profile);
            browser.permits_mixed_content = true;
            browser.cookies.third_party = *third_party;
            let mut redirects = self.redirects.iter();
            let mut fetch = Fetch::new(page, asked.clone());
            let mut earlier = Vec::new();
            let mut requests = Vec::new();
            while let Next::Send(request) = fetch.next(&mut browser, Duration::ZERO) {
                let setting = WireSetting { page, asked, earlier: &earlier, third_party: *third_party };
                let lines = wire_request(request, profile, &setting);
                requests.push(String::from_utf8(wire_bytes(request, &lines)).unwrap().replace('\r', ""));
                let mut headers = HeaderList::new();
                let origin = request.headers.get(b"Origin").unwrap_or_default().into_owned();
                let permits: [(&[u8], Vec<u8>); 4] = [
                    (b"Access-Control-Allow-Origin", origin),
                    (b"Access-Control-Allow-Credentials", b"true".to_vec()),
                    (b"Access-Control-Allow-Methods", b"PUT".to_vec()),
                    (
                        b"Access-Control-Allow-Headers",
                        b"accept, authorization,if-none-match,x-alpha,x-mid,x-zed".to_vec(),
                    ),
                ];
                permits.into_iter().for_each(|(name, value)| headers.append(name, value));
                let mut status = 200;
                if request.purpose == Purpose::Actual {
                    earlier.push(request.clone());
                    if let Some((redirect, url)) = redirects.next() {
                        status = *redirect;
                        headers.append(&b"Location"[..], url.as_bytes());
                    }
                }
                fetch.receive(
                    &mut browser,
                    Duration::ZERO,
                    Some(HttpResponse { status, headers, body: Vec::new() }),
                );
            }
            requests
        }

        fn head(&self, profile: Profile) -> String {
            self.requests(profile).pop().unwrap()
        }
    }

    fn preflighted(url: &str) -> Scene {
        let set = [("x-zed", "1"), ("Authorization", "1"), ("X-Alpha", "1"), ("X-Mid", "1")];
        let mut scene = Scene::fetch(url, &set);
        scene.asked.method = Bytes::Borrowed(b"POST");
        scene.asked.body = Some(Body::sample(BodyKind::Text));
        scene
    }

    #[test]
    fn what_goes_on_the_wire() {
        let mut text = String::new();
        for profile in Profile::ALL {
            text += &format!("--- {}\n{}\n", profile.name(), preflighted(API).requests(profile).join("\n"));
        }
        let over_http = preflighted("http://api.example/x").requests(Profile::Chromium);
        text += &format!("--- chromium over http\n{}\n", over_http.join("\n"));
        insta::assert_snapshot!("requests", text);
    }

    #[test]
    fn what_each_initiator_sends() {
        let mut text = String::new();
        for &initiator in Initiator::ALL {
            // A track of another origin is not asked for without the attribute.
            let is_track = initiator == Initiator::Track;
            let crossorigin = if is_track { CrossOrigin::Anonymous } else { CrossOrigin::Absent };
            let asked = RequestInit::by(initiator, API, crossorigin);
            for profile in [Profile::Chromium, Profile::Firefox, Profile::WebKit] {
                text += &format!(
                    "--- {} by {}\n{}\n",
                    initiator.name(),
                    profile.name(),
                    Scene::new(asked.clone()).head(profile)
                );
            }
        }
        insta::assert_snapshot!("initiators", text);
    }

    /// The names of the lines, in order.
    fn names(head: &str) -> String {
        let lines = head.lines().skip(1).take_while(|line| !line.is_empty());
        lines.map(|line| line.split(':').next().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[rstest]
    #[case("from-home-to-elsewhere", "https://app.example/", &[(302, API)])]
    #[case("within-an-origin", API, &[(302, "https://api.example/z")])]
    #[case("to-a-third-origin", API, &[(302, "https://third.example/")])]
    #[case("that-makes-a-get-of-it", API, &[(303, "https://api.example/z"), (302, "https://api.example/")])]
    fn a_redirect_shows_in_the_order(
        #[case] name: &str,
        #[case] url: &str,
        #[case] redirects: &[(u16, &'static str)],
    ) {
        let mut scene = Scene::fetch(url, &[]);
        scene.redirects = redirects.to_vec();
        if redirects[0].0 == 303 {
            scene.asked.method = Bytes::Borrowed(b"POST");
            scene.asked.body = Some(Body::sample(BodyKind::Text));
        }
        let profiles = [Profile::Chromium, Profile::Firefox, Profile::WebKit];
        let text =
            profiles.map(|profile| format!("{}: {}", profile.name(), names(&scene.head(profile)))).join("\n");
        insta::assert_snapshot!(format!("redirect-{name}"), text);
    }

    fn line(head: &str, name: &str) -> Option<String> {
        let found = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.map(str::to_owned)
    }

    #[rstest]
    #[case::set_by_script(Profile::Chromium, "Accept", Some("text/x"))]
    #[case::forgotten_by_nobody(Profile::WebKit, "Accept", Some("text/x"))]
    #[case::spelled_by_script(Profile::Firefox, "x-zed", Some("1"))]
    #[case::spelled_by_the_engine(Profile::WebKit, "Authorization", Some("b"))]
    #[case::validates(Profile::Chromium, "Cache-Control", Some("max-age=0"))]
    #[case::validates_and_no_more(Profile::Chromium, "Pragma", None)]
    #[case::turns_caches_off(Profile::WebKit, "Pragma", Some("no-cache"))]
    #[case::turns_caches_off_too(Profile::Firefox, "Cache-Control", Some("no-cache"))]
    fn what_script_sets(#[case] profile: Profile, #[case] name: &str, #[case] value: Option<&str>) {
        let set = [("Accept", "text/x"), ("x-zed", "1"), ("authorization", "b"), ("If-None-Match", "e")];
        let head = Scene::fetch(API, &set).head(profile);
        assert_eq!(line(&head, name).as_deref(), value, "{head}");
    }

    #[rstest]
    #[case(Profile::Chromium, "accept-language", "accept-language")]
    #[case(Profile::Firefox, "accept-language", "Accept-Language")]
    #[case(Profile::Firefox, "accept", "accept")]
    #[case(Profile::WebKit, "accept", "Accept")]
    #[case(Profile::WebKit, "x-mid", "x-mid")]
    fn how_names_are_spelled(#[case] profile: Profile, #[case] set: &'static str, #[case] written: &str) {
        let head = Scene::fetch(API, &[(set, "a")]).head(profile);
        assert!(names(&head).split(' ').any(|name| name == written), "{head}");
    }

    #[rstest]
    #[case("https://app.example/", "text/x", Mode::NoCors, "Accept Referer User-Agent")]
    #[case("https://app.example/", "(", Mode::NoCors, "Referer Accept User-Agent")]
    #[case("https://app.example/", "(", Mode::Cors, "Accept Referer User-Agent")]
    fn what_script_may_not_set_stands_where_webkit_puts_its_own(
        #[case] url: &str,
        #[case] accept: &'static str,
        #[case] mode: Mode,
        #[case] order: &str,
    ) {
        let mut scene = Scene::fetch(url, &[("Accept", accept)]);
        scene.asked.mode = mode;
        let names = names(&scene.head(Profile::WebKit));
        assert!(names.starts_with(order), "{names}");
    }

    #[rstest]
    #[case("https://app.example/", "Referer Accept Origin ")]
    #[case(API, "Origin Referer Accept ")]
    fn the_origin_comes_first_where_it_is_asked_for(#[case] url: &str, #[case] order: &str) {
        let mut scene = Scene::fetch(url, &[]);
        scene.asked.method = Bytes::Borrowed(b"POST");
        let names = names(&scene.head(Profile::WebKit));
        assert!(names.starts_with(order), "{names}");
    }

    #[test]
    fn a_web_socket_without_tls_is_opened_over_http() {
        let mut scene =
            Scene::new(RequestInit::by(Initiator::WebSocket, "ws://api.example/s", CrossOrigin::Absent));
        scene.page = Page::new(Origin::parse("http://app.example").unwrap());
        let head = scene.head(Profile::Chromium);
        assert!(head.starts_with("GET /s HTTP/1.1\nHost: api.example\nConnection: Upgrade\n"), "{head}");
    }

    #[rstest]
    #[case(Profile::Chromium, Some("max-age=0"), None)]
    #[case(Profile::Firefox, Some("no-cache"), Some("no-cache"))]
    #[case(Profile::WebKit, None, None)]
    fn a_condition_shows_on_the_preflight(
        #[case] profile: Profile,
        #[case] cache_control: Option<&str>,
        #[case] pragma: Option<&str>,
    ) {
        let preflight = &Scene::fetch(API, &[("If-None-Match", "e")]).requests(profile)[0];
        assert!(preflight.starts_with("OPTIONS "));
        assert_eq!(line(preflight, "Cache-Control").as_deref(), cache_control);
        assert_eq!(line(preflight, "Pragma").as_deref(), pragma);
        let without = &Scene::fetch(API, &[("X-Mid", "1")]).requests(profile)[0];
        assert_eq!(line(without, "Cache-Control"), None);
    }

    #[rstest]
    #[case(Profile::Chromium, ThirdPartyCookies::Allow, Some("active"))]
    #[case(Profile::Chromium, ThirdPartyCookies::Block, Some("none"))]
    #[case(Profile::Chromium, ThirdPartyCookies::Partition, Some("none"))]
    #[case(Profile::Firefox, ThirdPartyCookies::Allow, None)]
    #[case(Profile::Firefox, ThirdPartyCookies::Block, None)]
    #[case(Profile::Firefox, ThirdPartyCookies::Partition, Some("none"))]
    #[case(Profile::WebKit, ThirdPartyCookies::Allow, None)]
    fn storage_access(
        #[case] profile: Profile,
        #[case] third_party: ThirdPartyCookies,
        #[case] value: Option<&str>,
    ) {
        let told = |url: &str, credentials| {
            let mut scene = Scene::fetch(url, &[]);
            scene.asked.credentials = credentials;
            scene.third_party = third_party;
            line(&scene.head(profile), "Sec-Fetch-Storage-Access")
        };
        assert_eq!(told(API, CredentialsMode::Include).as_deref(), value);
        assert_eq!(told(API, CredentialsMode::SameOrigin), None);
        assert_eq!(told("https://cdn.app.example/", CredentialsMode::Include), None);
        let mut framed = Scene::fetch("https://app.example/", &[]);
        framed.page =
            Page::framed(Origin::parse(APP).unwrap(), Origin::parse("https://top.example").unwrap());
        framed.asked.credentials = CredentialsMode::Include;
        framed.third_party = third_party;
        assert_eq!(line(&framed.head(profile), "Sec-Fetch-Storage-Access").as_deref(), value);
    }

    #[rstest]
    #[case("https://app.example/", "same-origin")]
    #[case("https://cdn.app.example/", "same-site")]
    #[case(API, "cross-site")]
    fn the_site_is_that_of_the_farthest_hop(#[case] url: &str, #[case] site: &str) {
        let mut scene = Scene::fetch(url, &[]);
        let told = |scene: &Scene| line(&scene.head(Profile::Firefox), "Sec-Fetch-Site");
        assert_eq!(told(&scene).as_deref(), Some(site));
        scene.redirects = vec![(302, "https://app.example/back")];
        assert_eq!(told(&scene).as_deref(), Some(site));
    }

    #[rstest]
    #[case("http://localhost:8080/", Profile::Chromium, Some("gzip, deflate, br, zstd"), Some("cors"))]
    #[case("http://localhost:8080/", Profile::WebKit, Some("gzip, deflate"), Some("cors"))]
    #[case("http://api.example/", Profile::Firefox, Some("gzip, deflate"), None)]
    fn what_nobody_may_overhear(
        #[case] url: &str,
        #[case] profile: Profile,
        #[case] codings: Option<&str>,
        #[case] mode: Option<&str>,
    ) {
        let mut scene = Scene::fetch(url, &[]);
        scene.page = Page::new(Origin::parse("http://app.example").unwrap());
        let head = scene.head(profile);
        assert_eq!(line(&head, "Accept-Encoding").as_deref(), codings);
        assert_eq!(line(&head, "Sec-Fetch-Mode").as_deref(), mode);
        assert_eq!(line(&head, "sec-ch-ua").is_some(), profile == Profile::Chromium && mode.is_some());
    }

    #[rstest]
    #[case(ReferrerPolicy::NoReferrer, API, None)]
    #[case(ReferrerPolicy::SameOrigin, API, None)]
    #[case(ReferrerPolicy::SameOrigin, "https://app.example/", Some("https://app.example/"))]
    #[case(ReferrerPolicy::StrictOriginWhenCrossOrigin, API, Some("https://app.example/"))]
    #[case(ReferrerPolicy::StrictOrigin, "http://api.example/", None)]
    #[case(ReferrerPolicy::StrictOrigin, "http://localhost/", None)]
    #[case(ReferrerPolicy::UnsafeUrl, "http://api.example/", Some("https://app.example/"))]
    fn what_the_page_tells_of_itself(
        #[case] policy: ReferrerPolicy,
        #[case] url: &str,
        #[case] referrer: Option<&str>,
    ) {
        let mut scene = Scene::fetch(url, &[]);
        scene.asked.referrer_policy = policy;
        assert_eq!(line(&scene.head(Profile::Chromium), "Referer").as_deref(), referrer);
    }

    #[test]
    fn a_range_of_bytes_is_written_anew_by_chromium() {
        let scene = Scene::fetch("https://app.example/", &[("Range", "Bytes=0 - 05,")]);
        assert!(scene.head(Profile::Chromium).ends_with("Range: bytes=0-5\n\n"));
        assert_eq!(line(&scene.head(Profile::Firefox), "Range").as_deref(), Some("Bytes=0 - 05,"));
        let several = Scene::fetch("https://app.example/", &[("Range", "bytes=0-5,7-9")]);
        assert_eq!(line(&several.head(Profile::Chromium), "Range").as_deref(), Some("bytes=0-5,7-9"));
    }
}
