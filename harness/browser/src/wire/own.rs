//! What the engines say in the lines of their own: data, as it was seen on the wire of Chromium 156, Firefox 153 and
//! WebKitGTK 2.50. Names and versions are those of Linux builds; only their places are evidence.

use url::Url;

use super::Head;
use crate::cookies::ThirdPartyCookies;
use crate::headers::is_conditional;
use crate::http::Purpose;
use crate::initiator::{Destination, Initiator};
use crate::local_network::is_potentially_trustworthy;
use crate::origin::Origin;
use crate::profile::Profile;
use crate::request::{CredentialsMode, Mode, ReferrerPolicy};

/// What an engine writes in a line that neither the standard nor script has a value for; empty where it leaves it out.
pub(super) fn own_value(head: &Head<'_>, name: &str) -> String {
    let preflight = head.request.purpose == Purpose::Preflight;
    let initiator = head.setting.asked.initiator;
    let trustworthy = is_potentially_trustworthy(&head.request.url, true);
    match name {
        // Client hints are decided on before the first request.
        _ if name.starts_with("sec-ch-ua")
            && !head.urls().all(|url| is_potentially_trustworthy(url, true)) =>
        {
            String::new()
        }
        "Host" => host(&head.request.url).unwrap_or_default(),
        "Content-Length" => match &head.request.body {
            Some(body) => body.len().to_string(),
            None if matches!(&*head.request.method, b"POST" | b"PUT") => "0".to_owned(),
            None => String::new(),
        },
        "Referer" => referrer(head).unwrap_or_default(),
        _ if name.starts_with("Sec-Fetch-")
            && head.profile == Profile::WebKit
            && !preflight
            && head.is_begun_anew() =>
        {
            String::new()
        }
        // Fetch Metadata goes where nobody can tamper with it; Chromium's preflights let one line slip.
        "Sec-Fetch-Mode" if trustworthy || (preflight && head.profile == Profile::Chromium) => {
            fetch_mode(head, preflight).to_owned()
        }
        "Sec-Fetch-Dest" if trustworthy => fetch_destination(head).to_owned(),
        "Sec-Fetch-Site" if trustworthy => fetch_site(head).to_owned(),
        "Sec-Fetch-Storage-Access" if trustworthy => storage_access(head).to_owned(),
        "Pragma" | "Cache-Control" => cache_control(head, name, preflight).to_owned(),
        "Priority" if head.profile == Profile::Firefox => priority(head).to_owned(),
        "Connection" => connection(head.profile, initiator).to_owned(),
        "Range" if is_media(initiator) && head.profile != Profile::WebKit => "bytes=0-".to_owned(),
        "Accept-Encoding" => codings(head, trustworthy).to_owned(),
        "Upgrade-Insecure-Requests" if initiator == Initiator::Form => {
            let known_to_upgrade = head.profile == Profile::WebKit && trustworthy;
            if known_to_upgrade { String::new() } else { "1".to_owned() }
        }
        "Icy-Metadata" => "1".to_owned(),
        _ => fixed(head.profile, name).to_owned(),
    }
}

/// The Accept of each engine where neither script nor an API sets one.
pub(super) const fn accept(profile: Profile, destination: Destination) -> Option<&'static str> {
    Some(match (profile, destination) {
        (Profile::Chromium, Destination::Image) => {
            "image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
        }
        (Profile::Chromium, Destination::Document) => {
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
        }
        (Profile::Firefox, Destination::Image) => {
            "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
        }
        (Profile::Firefox, Destination::Font) => {
            "application/font-woff2;q=1.0,application/font-woff;q=0.9,*/*;q=0.8"
        }
        (Profile::Firefox, Destination::Audio) => {
            "audio/webm,audio/ogg,audio/wav,audio/*;q=0.9,application/ogg;q=0.7,video/*;q=0.6,*/*;q=0.5"
        }
        (Profile::Firefox, Destination::Video) => {
            "video/webm,video/ogg,video/*;q=0.9,application/ogg;q=0.7,audio/*;q=0.6,*/*;q=0.5"
        }
        (Profile::WebKit, Destination::Image) => {
            "image/webp,image/avif,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
        }
        _ => return None,
    })
}

fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

const fn is_media(initiator: Initiator) -> bool {
    matches!(initiator, Initiator::Audio | Initiator::Video)
}

/// <https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-mode-header>
fn fetch_mode(head: &Head<'_>, preflight: bool) -> &'static str {
    let asked = head.setting.asked;
    match (asked.initiator, asked.mode) {
        _ if preflight => "cors",
        (Initiator::Form, _) => "navigate",
        (Initiator::WebSocket, _) => "websocket",
        // What a beacon may send unasked is no matter of CORS. <https://w3c.github.io/beacon/#sec-processing-model>
        (Initiator::Beacon, _) => "no-cors",
        (Initiator::Font, _) if head.profile == Profile::WebKit => "no-cors",
        (_, Mode::Cors) => "cors",
        (_, Mode::NoCors) => "no-cors",
        (_, Mode::SameOrigin) => "same-origin",
    }
}

/// <https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-dest-header>
fn fetch_destination(head: &Head<'_>) -> &'static str {
    match head.setting.asked.initiator.destination() {
        Destination::WebSocket if head.profile == Profile::Firefox => "empty",
        destination => destination.name(),
    }
}

/// <https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header>
fn fetch_site(head: &Head<'_>) -> &'static str {
    let origin = &head.setting.page.origin;
    let mut site = "same-origin";
    for url in head.urls() {
        if !origin.is_same_site_with(url) {
            return "cross-site";
        }
        if !origin.is_same_origin_with(url) {
            site = "same-site";
        }
    }
    site
}

/// <https://privacycg.github.io/storage-access-headers/#sec-fetch-storage-access-header>
fn storage_access(head: &Head<'_>) -> &'static str {
    let page = head.setting.page;
    let top = page.top_level.as_ref().unwrap_or(&page.origin);
    let third_party = !top.is_same_site_with(&head.request.url);
    let credentialed = head.setting.asked.credentials == CredentialsMode::Include;
    if !third_party || !credentialed {
        return "";
    }
    match (head.profile, head.setting.third_party) {
        (Profile::Chromium, ThirdPartyCookies::Allow) => "active",
        (Profile::Chromium, _) | (Profile::Firefox, ThirdPartyCookies::Partition) => "none",
        _ => "",
    }
}

/// What stands for the request's cache mode where the standard says nothing of it.
fn cache_control(head: &Head<'_>, name: &str, preflight: bool) -> &'static str {
    let asked = head.setting.asked;
    let conditional = preflight && asked.headers.iter().any(|(name, _)| is_conditional(name));
    match (head.profile, asked.initiator) {
        (Profile::Firefox, _) if conditional => "no-cache",
        _ if name == "Pragma" => "",
        (Profile::Chromium, _) if conditional => "max-age=0",
        (Profile::Chromium, Initiator::Form) if *head.request.method == *b"POST" => "max-age=0",
        (Profile::WebKit, Initiator::Beacon) if !preflight => "max-age=0",
        _ => "",
    }
}

/// <https://datatracker.ietf.org/doc/html/rfc9218#section-4>
fn priority(head: &Head<'_>) -> &'static str {
    let asked = head.setting.asked;
    match asked.initiator {
        _ if head.request.purpose == Purpose::Preflight => "u=4",
        Initiator::Xhr | Initiator::XhrUploadListener => "",
        Initiator::Script | Initiator::ModuleScript | Initiator::Font | Initiator::WebSocket => "",
        Initiator::Form => "u=0, i",
        Initiator::Stylesheet => "u=2",
        Initiator::Image => "u=4, i",
        Initiator::Beacon => "u=6",
        _ => "u=4",
    }
}

const fn connection(profile: Profile, initiator: Initiator) -> &'static str {
    match (profile, initiator) {
        (Profile::WebKit, Initiator::Audio | Initiator::Video) => "close",
        (Profile::WebKit, _) => "Keep-Alive",
        _ => "keep-alive",
    }
}

fn codings(head: &Head<'_>, trustworthy: bool) -> &'static str {
    let initiator = head.setting.asked.initiator;
    match head.profile {
        Profile::Chromium | Profile::Firefox if is_media(initiator) => "identity",
        Profile::Chromium | Profile::Firefox if trustworthy => "gzip, deflate, br, zstd",
        Profile::WebKit if head.request.url.scheme() == "https" => "gzip, deflate, br",
        _ => "gzip, deflate",
    }
}

/// The page's URL as its policy lets it out; this model knows the page's origin alone, so that is what stands for it.
///
/// <https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer>
fn referrer(head: &Head<'_>) -> Option<String> {
    let Origin::Tuple(origin) = &head.setting.page.origin else { return None };
    if head.profile == Profile::Firefox && head.setting.asked.initiator == Initiator::Track {
        return None;
    }
    let url = &head.request.url;
    let same_origin = head.setting.page.origin.is_same_origin_with(url);
    // The standard asks whether the URL is trustworthy, the engines for its scheme.
    let downgrade = origin.scheme() == "https" && !is_potentially_trustworthy(url, false);
    let sent = match head.setting.asked.referrer_policy {
        ReferrerPolicy::NoReferrer => false,
        ReferrerPolicy::SameOrigin => same_origin,
        ReferrerPolicy::NoReferrerWhenDowngrade
        | ReferrerPolicy::StrictOrigin
        | ReferrerPolicy::StrictOriginWhenCrossOrigin => !downgrade,
        ReferrerPolicy::Origin | ReferrerPolicy::OriginWhenCrossOrigin | ReferrerPolicy::UnsafeUrl => true,
    };
    sent.then(|| format!("{}/", head.setting.page.origin))
}

const fn fixed(profile: Profile, name: &str) -> &'static str {
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
        (_, b"Accept-Language") => "en-US,en;q=0.9",
        (Profile::Chromium, b"sec-ch-ua") => "\"Chromium\";v=\"156\", \"Not=A?Brand\";v=\"24\"",
        (Profile::Chromium, b"sec-ch-ua-mobile") => "?0",
        (Profile::Chromium, b"sec-ch-ua-platform") => "\"Linux\"",
        (Profile::Firefox, b"Sec-WebSocket-Extensions") => "permessage-deflate",
        (_, b"Sec-WebSocket-Extensions") => "permessage-deflate; client_max_window_bits",
        _ => "",
    }
}
