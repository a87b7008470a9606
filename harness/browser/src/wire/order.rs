//! In which order the engines write header lines: data, as it was seen on the wire of Chromium 156, Firefox 153 and
//! WebKitGTK 2.50.

use super::Head;
use crate::http::Purpose;
use crate::initiator::{Destination, Initiator};
use crate::profile::Profile;
use crate::range::rewritten;
use crate::request::Mode;

/// A place in a request's head. A line stands in the first place that it has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot {
    /// The line of that name.
    Line(&'static str),
    /// The line of that name, where the condition holds.
    When(Condition, &'static str),
    /// The lines that no other place takes, as script set them.
    Rest,
    /// Those of them whose names WebKit knows; it spells them its own way.
    RestKnownToWebKit,
}

/// What decides where a line stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Condition {
    /// Script, or the API by itself, set the header of that name.
    Set,
    /// It did not.
    NotSet,
    /// The request has a body.
    Body,
    /// It is the first request.
    First,
    /// Every request so far had this method and an Origin.
    OriginKept,
    /// The first request asked another origin for permission, and a beacon is none.
    CorsFromTheFirst,
    /// The request follows a redirect and asks another origin for permission.
    RedirectedCors,
    /// See [`Head::is_begun_anew`].
    BegunAnew,
    /// An element asks which loads through the cache of images, scripts and style sheets.
    Element,
    /// `fetch()` asks.
    Fetch,
    /// `EventSource` asks.
    EventSource,
    /// `Range` is written anew.
    RewrittenRange,
}

use Condition::{
    BegunAnew, Body, CorsFromTheFirst, Element, EventSource, First, NotSet, OriginKept, RedirectedCors,
    RewrittenRange, Set,
};
use Slot::{Line, Rest, RestKnownToWebKit, When};

/// What script can set and WebKit has a name of its own for.
const KNOWN_TO_WEBKIT: [&str; 18] = [
    "Accept",
    "Accept-Language",
    "Access-Control-Allow-Origin",
    "Authorization",
    "Cache-Control",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Location",
    "Content-Type",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Pragma",
    "Range",
    "User-Agent",
];

/// How WebKit writes a name that it knows.
pub(super) fn known_to_webkit(name: &[u8]) -> Option<&'static str> {
    KNOWN_TO_WEBKIT.into_iter().find(|known| known.as_bytes().eq_ignore_ascii_case(name))
}

const CHROMIUM_PREFLIGHT: &[Slot] = &[
    Line("Host"),
    Line("Connection"),
    Line("Cache-Control"),
    Line("Accept"),
    Line("Access-Control-Request-Method"),
    Line("Access-Control-Request-Headers"),
    Line("Origin"),
    Line("User-Agent"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Site"),
    Line("Sec-Fetch-Dest"),
    Line("Referer"),
    Line("Accept-Encoding"),
    Line("Accept-Language"),
];

/// What the page sets is kept in a hash table, from `sec-ch-ua-platform` to `Accept`. The order of each name's hash is not
/// modelled: what is not named here stands where most do.
const CHROMIUM_LOAD: &[Slot] = &[
    Line("Host"),
    Line("Connection"),
    Line("Content-Length"),
    When(NotSet, "Pragma"),
    When(NotSet, "Cache-Control"),
    When(Element, "Origin"),
    Line("sec-ch-ua-platform"),
    Line("Authorization"),
    When(Set, "Accept-Language"),
    Line("User-Agent"),
    When(Set, "Accept"),
    Line("sec-ch-ua"),
    Rest,
    Line("Content-Type"),
    Line("sec-ch-ua-mobile"),
    Line("Accept"),
    When(OriginKept, "Origin"),
    Line("Sec-Fetch-Site"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Dest"),
    Line("Sec-Fetch-Storage-Access"),
    Line("Origin"),
    Line("Referer"),
    Line("Accept-Encoding"),
    Line("Accept-Language"),
    When(RewrittenRange, "Range"),
    Line("Cookie"),
    When(NotSet, "If-None-Match"),
    When(NotSet, "If-Modified-Since"),
];

const CHROMIUM_FORM: &[Slot] = &[
    Line("Host"),
    Line("Connection"),
    Line("Content-Length"),
    Line("Cache-Control"),
    Line("sec-ch-ua"),
    Line("sec-ch-ua-mobile"),
    Line("sec-ch-ua-platform"),
    Line("Upgrade-Insecure-Requests"),
    Line("Content-Type"),
    Line("User-Agent"),
    Line("Origin"),
    Line("Accept"),
    Line("Sec-Fetch-Site"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Dest"),
    Line("Referer"),
    Line("Accept-Encoding"),
    Line("Accept-Language"),
    Line("Cookie"),
];

const CHROMIUM_WEB_SOCKET: &[Slot] = &[
    Line("Host"),
    Line("Connection"),
    Line("Pragma"),
    Line("Cache-Control"),
    Line("User-Agent"),
    Line("Upgrade"),
    Line("Origin"),
    Line("Sec-WebSocket-Version"),
    Line("Accept-Encoding"),
    Line("Accept-Language"),
    Line("Cookie"),
    Line("Sec-WebSocket-Key"),
    Line("Sec-WebSocket-Extensions"),
];

const FIREFOX_PREFLIGHT: &[Slot] = &[
    Line("Host"),
    Line("User-Agent"),
    Line("Accept"),
    Line("Accept-Language"),
    Line("Accept-Encoding"),
    Line("Access-Control-Request-Method"),
    Line("Access-Control-Request-Headers"),
    Line("Referer"),
    Line("Origin"),
    Line("Connection"),
    Line("Sec-Fetch-Dest"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Site"),
    Line("Priority"),
    Line("Pragma"),
    Line("Cache-Control"),
];

const FIREFOX_LOAD: &[Slot] = &[
    Line("Host"),
    Line("User-Agent"),
    Line("Accept"),
    Line("Accept-Language"),
    Line("Accept-Encoding"),
    When(First, "Referer"),
    When(RedirectedCors, "Origin"),
    Rest,
    When(Body, "Content-Length"),
    Line("Referer"),
    Line("Origin"),
    Line("Sec-Fetch-Storage-Access"),
    Line("Connection"),
    Line("Cookie"),
    Line("Upgrade-Insecure-Requests"),
    Line("Sec-Fetch-Dest"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Site"),
    When(NotSet, "If-None-Match"),
    When(NotSet, "If-Modified-Since"),
    When(NotSet, "Priority"),
    Line("Content-Length"),
    When(NotSet, "Pragma"),
    When(NotSet, "Cache-Control"),
];

const FIREFOX_MEDIA: &[Slot] = &[
    Line("Host"),
    Line("User-Agent"),
    Line("Accept"),
    Line("Accept-Language"),
    Line("Referer"),
    Line("Range"),
    Line("Origin"),
    Line("Connection"),
    Line("Cookie"),
    Line("Sec-Fetch-Dest"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Site"),
    Line("Accept-Encoding"),
    Line("Priority"),
];

const FIREFOX_WEB_SOCKET: &[Slot] = &[
    Line("Host"),
    Line("User-Agent"),
    Line("Accept"),
    Line("Accept-Language"),
    Line("Accept-Encoding"),
    Line("Sec-WebSocket-Version"),
    Line("Origin"),
    Line("Sec-WebSocket-Extensions"),
    Line("Sec-WebSocket-Key"),
    Line("Connection"),
    Line("Cookie"),
    Line("Sec-Fetch-Dest"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Site"),
    Line("Pragma"),
    Line("Cache-Control"),
    Line("Upgrade"),
];

const WEBKIT_PREFLIGHT: &[Slot] = &[
    Line("Origin"),
    Line("Access-Control-Request-Method"),
    Line("Referer"),
    Line("Access-Control-Request-Headers"),
    Line("User-Agent"),
    Line("Accept"),
    Line("Accept-Encoding"),
    Line("Accept-Language"),
    Line("Connection"),
    Line("Host"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Dest"),
    Line("Sec-Fetch-Site"),
];

const WEBKIT_LOAD: &[Slot] = &[
    RestKnownToWebKit,
    When(BegunAnew, "Accept"),
    When(BegunAnew, "Origin"),
    When(EventSource, "Cache-Control"),
    When(Element, "Origin"),
    When(CorsFromTheFirst, "Origin"),
    When(Condition::Fetch, "Referer"),
    When(NotSet, "Accept"),
    Line("Referer"),
    Line("Origin"),
    When(NotSet, "User-Agent"),
    When(NotSet, "Pragma"),
    When(NotSet, "Cache-Control"),
    When(Body, "Content-Length"),
    Line("Accept-Encoding"),
    When(NotSet, "Accept-Language"),
    Line("Connection"),
    Line("Host"),
    Line("Content-Length"),
    Line("Cookie"),
    Line("Sec-Fetch-Dest"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Site"),
    Rest,
];

const WEBKIT_FORM: &[Slot] = &[
    Line("Referer"),
    Line("Origin"),
    Line("Content-Type"),
    Line("Accept"),
    Line("Upgrade-Insecure-Requests"),
    Line("User-Agent"),
    Line("Content-Length"),
    Line("Accept-Encoding"),
    Line("Accept-Language"),
    Line("Connection"),
    Line("Host"),
    Line("Cookie"),
    Line("Sec-Fetch-Dest"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Site"),
];

const WEBKIT_MEDIA: &[Slot] = &[
    Line("Referer"),
    Line("Connection"),
    Line("Origin"),
    Line("Accept"),
    Line("User-Agent"),
    Line("Accept-Language"),
    Line("Host"),
    Line("Cookie"),
    Line("Icy-Metadata"),
    Line("Sec-Fetch-Dest"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Site"),
];

const WEBKIT_WEB_SOCKET: &[Slot] = &[
    Line("User-Agent"),
    Line("Origin"),
    Line("Pragma"),
    Line("Cache-Control"),
    Line("Upgrade"),
    Line("Connection"),
    Line("Sec-WebSocket-Key"),
    Line("Sec-WebSocket-Version"),
    Line("Sec-WebSocket-Extensions"),
    Line("Accept-Encoding"),
    Line("Accept-Language"),
    Line("Host"),
    Line("Cookie"),
    Line("Sec-Fetch-Dest"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Site"),
];

/// The places of a request's head, from first to last; none where the profile adds nothing.
pub(super) fn order(head: &Head<'_>) -> &'static [Slot] {
    let preflight = head.request.purpose == Purpose::Preflight;
    match (head.profile, head.setting.asked.initiator.destination()) {
        (Profile::Fetch, _) => &[],
        (Profile::Chromium, _) if preflight => CHROMIUM_PREFLIGHT,
        (Profile::Chromium, Destination::Document) => CHROMIUM_FORM,
        (Profile::Chromium, Destination::WebSocket) => CHROMIUM_WEB_SOCKET,
        (Profile::Chromium, _) => CHROMIUM_LOAD,
        (Profile::Firefox, _) if preflight => FIREFOX_PREFLIGHT,
        (Profile::Firefox, Destination::Audio | Destination::Video) => FIREFOX_MEDIA,
        (Profile::Firefox, Destination::WebSocket) => FIREFOX_WEB_SOCKET,
        (Profile::Firefox, _) => FIREFOX_LOAD,
        (Profile::WebKit, _) if preflight => WEBKIT_PREFLIGHT,
        (Profile::WebKit, Destination::Document) => WEBKIT_FORM,
        (Profile::WebKit, Destination::Audio | Destination::Video) => WEBKIT_MEDIA,
        (Profile::WebKit, Destination::WebSocket) => WEBKIT_WEB_SOCKET,
        (Profile::WebKit, _) => WEBKIT_LOAD,
    }
}

impl Condition {
    /// Whether it holds for the line of that name.
    pub(super) fn holds(self, head: &Head<'_>, name: &str) -> bool {
        let earlier = head.setting.earlier;
        let asked = head.setting.asked;
        match self {
            Self::Set => head.is_set(name),
            Self::NotSet => !head.is_set(name),
            Self::Body => head.request.body.is_some(),
            Self::First => earlier.is_empty(),
            Self::OriginKept => earlier
                .iter()
                .all(|request| request.headers.contains(b"Origin") && request.method == head.request.method),
            Self::CorsFromTheFirst => {
                let asks = asked.mode == Mode::Cors && asked.initiator != Initiator::Beacon;
                asks && head.urls().next().is_some_and(|url| !head.is_at_home(url))
            }
            Self::RedirectedCors => {
                let asks = asked.mode == Mode::Cors && !head.urls().all(|url| head.is_at_home(url));
                asks && !earlier.is_empty()
            }
            Self::BegunAnew => head.is_begun_anew(),
            Self::Element => matches!(
                asked.initiator.destination(),
                Destination::Image
                    | Destination::Script
                    | Destination::Style
                    | Destination::Font
                    | Destination::Track
            ),
            Self::Fetch => asked.initiator == Initiator::Fetch,
            Self::EventSource => asked.initiator == Initiator::EventSource,
            Self::RewrittenRange => {
                *head.request.method == *b"GET"
                    && head.request.headers.get(b"Range").is_none_or(|value| rewritten(&value).is_some())
            }
        }
    }
}
