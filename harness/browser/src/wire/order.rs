//! In which order the engines write header lines, and what they say in those of their own: data, as it was seen on the
//! wire of Chromium 156, Firefox 153 and WebKitGTK 2.50.

use crate::http::Purpose;
use crate::profile::Profile;

/// A place in a request's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// The line of that name.
    Line(&'static str),
    /// The lines that no other place takes, as script set them.
    Rest,
    /// The same, sorted by the bytes of their names.
    RestSorted,
}

use Slot::{Line, Rest, RestSorted};

const CHROMIUM_PREFLIGHT: &[Slot] = &[
    Line("Host"),
    Line("Connection"),
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

const CHROMIUM_ACTUAL: &[Slot] = &[
    Line("Host"),
    Line("Connection"),
    Line("Content-Length"),
    Line("sec-ch-ua-platform"),
    Rest,
    Line("sec-ch-ua"),
    Line("sec-ch-ua-mobile"),
    Line("User-Agent"),
    Line("Content-Type"),
    Line("Accept"),
    Line("Origin"),
    Line("Sec-Fetch-Site"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Dest"),
    Line("Referer"),
    Line("Accept-Encoding"),
    Line("Accept-Language"),
    Line("Cookie"),
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
];

const FIREFOX_ACTUAL: &[Slot] = &[
    Line("Host"),
    Line("User-Agent"),
    Line("Accept"),
    Line("Accept-Language"),
    Line("Accept-Encoding"),
    Line("Referer"),
    RestSorted,
    Line("Content-Length"),
    Line("Origin"),
    Line("Connection"),
    Line("Cookie"),
    Line("Sec-Fetch-Dest"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Site"),
    Line("Priority"),
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

const WEBKIT_ACTUAL: &[Slot] = &[
    Line("Authorization"),
    Line("Content-Type"),
    Line("Origin"),
    Line("Referer"),
    Line("Accept"),
    Line("User-Agent"),
    Line("Content-Length"),
    Line("Accept-Encoding"),
    Line("Accept-Language"),
    Line("Connection"),
    Line("Host"),
    Line("Sec-Fetch-Dest"),
    Line("Sec-Fetch-Mode"),
    Line("Sec-Fetch-Site"),
    Rest,
    Line("Cookie"),
];

/// The places of a request's head, from first to last; none where the profile adds nothing.
pub(super) const fn order(profile: Profile, purpose: Purpose) -> &'static [Slot] {
    match (profile, purpose) {
        (Profile::Fetch, _) => &[],
        (Profile::Chromium, Purpose::Preflight) => CHROMIUM_PREFLIGHT,
        (Profile::Chromium, Purpose::Actual) => CHROMIUM_ACTUAL,
        (Profile::Firefox, Purpose::Preflight) => FIREFOX_PREFLIGHT,
        (Profile::Firefox, Purpose::Actual) => FIREFOX_ACTUAL,
        (Profile::WebKit, Purpose::Preflight) => WEBKIT_PREFLIGHT,
        (Profile::WebKit, Purpose::Actual) => WEBKIT_ACTUAL,
    }
}

/// What an engine says of itself. The names and versions are those of Linux builds; only their places are evidence.
pub(super) const fn own_value(profile: Profile, name: &str, secure: bool) -> &'static str {
    match (profile, name.as_bytes()) {
        (Profile::Chromium, b"User-Agent") => {
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
        }
        (Profile::Firefox, b"User-Agent") => {
            "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
        }
        (Profile::WebKit, b"User-Agent") => {
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15"
        }
        (Profile::Firefox, b"Accept-Language") => "en-US,en;q=0.5",
        (Profile::Chromium | Profile::WebKit, b"Accept-Language") => "en-US,en;q=0.9",
        (Profile::Chromium | Profile::Firefox, b"Accept-Encoding") if secure => "gzip, deflate, br, zstd",
        (Profile::Chromium | Profile::Firefox, b"Accept-Encoding") => "gzip, deflate",
        (Profile::WebKit, b"Accept-Encoding") => "gzip, deflate, br",
        (Profile::Chromium | Profile::Firefox, b"Connection") => "keep-alive",
        (Profile::WebKit, b"Connection") => "Keep-Alive",
        (Profile::Firefox, b"Priority") => "u=4",
        (Profile::Chromium, b"sec-ch-ua") if secure => "\"Chromium\";v=\"156\", \"Not=A?Brand\";v=\"24\"",
        (Profile::Chromium, b"sec-ch-ua-mobile") if secure => "?0",
        (Profile::Chromium, b"sec-ch-ua-platform") if secure => "\"Linux\"",
        _ => "",
    }
}
