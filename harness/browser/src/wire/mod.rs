//! Requests as an engine writes them: the lines that the Fetch standard puts on them, those that the engine adds, in its
//! order and spelling.

mod order;

use url::Url;

use crate::http::{Bytes, Header, HeaderList, HttpRequest, Purpose};
use crate::initiator::{Destination, Initiator};
use crate::local_network::is_potentially_trustworthy;
use crate::origin::Origin;
use crate::profile::Profile;
use crate::request::{Mode, Page, ReferrerPolicy, RequestInit};
use order::{Slot, order, own_value};

/// Where a request stands, as far as the lines that engines add depend on it.
#[derive(Clone, Debug)]
pub struct WireSetting<'a> {
    /// The page that asks.
    pub page: &'a Page,
    /// What script or an element asked for.
    pub asked: &'a RequestInit,
    /// The URLs of earlier hops, which `Sec-Fetch-Site` remembers.
    pub earlier: &'a [Url],
}

/// The header lines of a request as the profile's engine writes them over HTTP/1.1, `Host` and `Content-Length` included.
/// Profile `fetch` adds nothing: what it returns is the standard's header list.
pub fn wire_request(request: &HttpRequest, profile: Profile, setting: &WireSetting<'_>) -> HeaderList {
    let slots = order(profile, request.purpose);
    if slots.is_empty() {
        return request.headers.clone();
    }
    let named = |name: &[u8]| {
        slots
            .iter()
            .any(|slot| matches!(slot, Slot::Line(known) if known.as_bytes().eq_ignore_ascii_case(name)))
    };
    // Lines of one name are joined before they are sent.
    let mut rest = HeaderList::new();
    for header in request.headers.iter().filter(|header| !named(&header.name)) {
        rest.combine(header.name.clone(), header.value.clone());
    }
    let mut lines = HeaderList::new();
    for slot in slots {
        match slot {
            Slot::Line(name) => {
                if let Some(value) = value_of(name, request, profile, setting) {
                    lines.append(spelling(name, &request.headers), value);
                }
            }
            Slot::Rest => rest.iter().for_each(|header| append(&mut lines, header)),
            Slot::RestSorted => {
                let mut sorted: Vec<_> = rest.iter().collect();
                sorted.sort_by(|a, b| a.name.cmp(&b.name));
                sorted.into_iter().for_each(|header| append(&mut lines, header));
            }
        }
    }
    if !slots.iter().any(|slot| matches!(slot, Slot::Rest | Slot::RestSorted)) {
        rest.iter().for_each(|header| append(&mut lines, header));
    }
    lines
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

fn append(lines: &mut HeaderList, header: &Header) {
    lines.append(header.name.clone(), header.value.clone());
}

/// Script's own spelling of a name, where it set that header.
fn spelling(name: &'static str, headers: &HeaderList) -> Bytes {
    let own = headers.iter().find(|header| header.is(name));
    own.map_or(Bytes::Borrowed(name.as_bytes()), |header| header.name.clone())
}

fn value_of(
    name: &str,
    request: &HttpRequest,
    profile: Profile,
    setting: &WireSetting<'_>,
) -> Option<Vec<u8>> {
    if let Some(value) = request.headers.get(name.as_bytes()) {
        return Some(value.into_owned());
    }
    let preflight = request.purpose == Purpose::Preflight;
    let trustworthy = is_potentially_trustworthy(&request.url, true);
    let text = match name {
        "Host" => host(&request.url)?,
        "Content-Length" => match &request.body {
            Some(body) => body.len().to_string(),
            None => matches!(&*request.method, b"POST" | b"PUT").then(|| "0".to_owned())?,
        },
        "Referer" => referrer(setting.page, setting.asked.referrer_policy, &request.url)?,
        // Fetch Metadata goes where nobody can tamper with it; Chromium's preflights let one line slip.
        "Sec-Fetch-Mode" if trustworthy || (preflight && profile == Profile::Chromium) => {
            fetch_mode(setting.asked, preflight).to_owned()
        }
        "Sec-Fetch-Dest" if trustworthy => setting.asked.initiator.destination().name().to_owned(),
        "Sec-Fetch-Site" if trustworthy => fetch_site(setting, &request.url).to_owned(),
        _ => own_value(profile, name, request.url.scheme() == "https").to_owned(),
    };
    (!text.is_empty()).then(|| text.into_bytes())
}

fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// <https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-mode-header>
fn fetch_mode(asked: &RequestInit, preflight: bool) -> &'static str {
    match (asked.initiator, asked.mode) {
        _ if preflight => "cors",
        (Initiator::Form, _) => "navigate",
        (initiator, _) if initiator.destination() == Destination::WebSocket => "websocket",
        (_, Mode::Cors) => "cors",
        (_, Mode::NoCors) => "no-cors",
        (_, Mode::SameOrigin) => "same-origin",
    }
}

/// <https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header>
fn fetch_site(setting: &WireSetting<'_>, url: &Url) -> &'static str {
    let origin = &setting.page.origin;
    let mut site = "same-origin";
    for url in setting.earlier.iter().chain([url]) {
        if !origin.is_same_site_with(url) {
            return "cross-site";
        }
        if !origin.is_same_origin_with(url) {
            site = "same-site";
        }
    }
    site
}

/// The page's URL as its policy lets it out; this model knows the page's origin alone, so that is what stands for it.
///
/// <https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer>
fn referrer(page: &Page, policy: ReferrerPolicy, url: &Url) -> Option<String> {
    let Origin::Tuple(origin) = &page.origin else { return None };
    let same_origin = page.origin.is_same_origin_with(url);
    let downgrade = origin.scheme() == "https" && !is_potentially_trustworthy(url, true);
    let sent = match policy {
        ReferrerPolicy::NoReferrer => false,
        ReferrerPolicy::SameOrigin => same_origin,
        ReferrerPolicy::NoReferrerWhenDowngrade
        | ReferrerPolicy::StrictOrigin
        | ReferrerPolicy::StrictOriginWhenCrossOrigin => !downgrade,
        ReferrerPolicy::Origin | ReferrerPolicy::OriginWhenCrossOrigin | ReferrerPolicy::UnsafeUrl => true,
    };
    sent.then(|| format!("{}/", page.origin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::{Browser, Fetch, Next};
    use crate::http::HttpResponse;
    use crate::request::{Body, BodyKind};
    use std::time::Duration;

    /// Both requests of a preflighted POST, as the profile's engine writes them.
    fn requests(profile: Profile, url: &str) -> String {
        let page = Page::new(Origin::parse("https://app.example").unwrap());
        let mut asked = RequestInit::new(url);
        asked.method = Bytes::Borrowed(b"POST");
        asked.headers = ["x-zed", "Authorization", "X-Alpha", "X-Mid"]
            .map(|name| (Bytes::Borrowed(name.as_bytes()), Bytes::Borrowed(&b"1"[..])))
            .to_vec();
        asked.body = Some(Body::sample(BodyKind::Text));
        let mut browser = Browser::new(profile);
        browser.permits_mixed_content = true;
        let mut fetch = Fetch::new(&page, asked.clone());
        let mut text = String::new();
        while let Next::Send(request) = fetch.next(&mut browser, Duration::ZERO) {
            let setting = WireSetting { page: &page, asked: &asked, earlier: &[] };
            let lines = wire_request(request, profile, &setting);
            text += &String::from_utf8(wire_bytes(request, &lines)).unwrap().replace('\r', "");
            text += "\n";
            let mut headers = HeaderList::new();
            headers.append(&b"Access-Control-Allow-Origin"[..], &b"*"[..]);
            headers.append(&b"Access-Control-Allow-Headers"[..], &b"authorization,x-alpha,x-mid,x-zed"[..]);
            let response = HttpResponse { status: 200, headers, body: Vec::new() };
            fetch.receive(&mut browser, Duration::ZERO, Some(response));
        }
        text
    }

    #[test]
    fn what_goes_on_the_wire() {
        let mut text = String::new();
        for profile in Profile::ALL {
            text += &format!("--- {}\n{}", profile.name(), requests(profile, "https://api.example/x?y"));
        }
        text += &format!("--- chromium over http\n{}", requests(Profile::Chromium, "http://api.example/x"));
        insta::assert_snapshot!("requests", text);
    }
}
