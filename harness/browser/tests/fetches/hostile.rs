//! Whatever a server sends and script asks, a fetch ends, and says the same thing again.

use corspec_browser::{
    Browser, Bytes, CookieJar, CredentialsMode, HttpCache, HttpResponse, Initiator, Mode, Profile,
    RequestInit, ThirdPartyCookies, WireSetting, console, wire_bytes, wire_request,
};
use proptest::prelude::*;

use crate::support::{APP, page, perform};

fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::sample::select(vec![
            "Access-Control-Allow-Origin",
            "Access-Control-Allow-Credentials",
            "Access-Control-Allow-Methods",
            "Access-Control-Allow-Headers",
            "Access-Control-Max-Age",
            "Access-Control-Expose-Headers",
            "Cache-Control",
            "ETag",
            "Location",
            "Set-Cookie",
            "Vary",
            "Timing-Allow-Origin",
        ])
        .prop_map(|name| name.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..12),
    ]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::sample::select(vec![
            "*",
            APP,
            "null",
            "true",
            "PUT, *",
            "x-a,authorization",
            "600",
            "-1",
            "max-age=60",
            "Origin",
            "\"1\"",
            "/y",
            "https://third.example/",
            "//u:p@app.example/",
            "a=b; SameSite=None; Secure",
            "a=b; Max-Age=9",
        ])
        .prop_map(|value| value.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..20),
    ]
}

fn answer() -> impl Strategy<Value = HttpResponse> {
    let status =
        prop::sample::select(vec![0_u16, 101, 200, 204, 301, 302, 303, 304, 307, 401, 404, 407, 500, 999]);
    (status, prop::collection::vec((name(), value()), 0..8)).prop_map(|(status, lines)| {
        let mut response = HttpResponse { status, ..HttpResponse::default() };
        for (name, value) in lines {
            response.headers.append(name, value);
        }
        response
    })
}

fn init() -> impl Strategy<Value = RequestInit> {
    (
        prop::sample::select(Initiator::ALL.to_vec()),
        prop::sample::select(vec![
            "https://api.example/x",
            "https://app.example/x",
            "http://127.0.0.1:81/",
            "wss://a.example/",
            "x:y",
        ]),
        prop::sample::select(vec!["GET", "POST", "PUT", "patch"]),
        prop::collection::vec((name(), value()), 0..3),
        prop::sample::select(vec![Mode::Cors, Mode::NoCors, Mode::SameOrigin]),
        any::<bool>(),
    )
        .prop_map(|(initiator, url, method, headers, mode, include)| {
            let mut init = RequestInit::new(url);
            (init.initiator, init.mode) = (initiator, mode);
            init.method = Bytes::Owned(method.as_bytes().to_vec());
            init.headers = headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
            init.headers.push((b"X-A"[..].into(), b"1"[..].into()));
            if include {
                init.credentials = CredentialsMode::Include;
            }
            init
        })
}

proptest! {
    #[test]
    fn every_fetch_ends(init in init(), answers in prop::collection::vec(answer(), 0..6), which in 0_usize..4) {
        let profile = Profile::ALL[which];
        let run = || {
            let mut browser = Browser::new(profile);
            browser.http_cache = Some(HttpCache::new());
            browser.cookies = CookieJar::new();
            let first = perform(&mut browser, &page(APP), init.clone(), 0, &answers);
            let again = perform(&mut browser, &page(APP), init.clone(), 9, &answers);
            (first, again)
        };
        let (first, again) = run();
        prop_assert_eq!(first.ending, run().0.ending);
        for exchange in &again.exchanges {
            let page = page(APP);
            let setting = WireSetting { page: &page, asked: &init, earlier: &[], third_party: ThirdPartyCookies::Allow };
            let lines = wire_request(&exchange.request, profile, &setting);
            prop_assert!(!wire_bytes(&exchange.request, &lines).is_empty());
        }
        console(&again, profile, &page(APP), &init);
    }
}
