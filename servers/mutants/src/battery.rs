//! Policies and requests that tell every mutant from the reference, and a browser in miniature that
//! holds the right servers to their policies.

use corspec_protocol::Policy;
use corspec_server_reference::{Cors, Resource};
use hyper::Request;
use hyper::header::HeaderMap;
use hyper::http::request::Parts;

use crate::fault::Fault;
use crate::names::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, EXPOSE_HEADERS, MAX_AGE, VARY,
};
use crate::reply::{Edit, Reply};
use crate::server::Specimen;
use crate::site::Site;
use crate::style::Style;
use crate::turn::handle;
use crate::{mutants, right_servers};

/// A policy, and who is in and out by it, written down by hand.
struct Ground {
    policy: Policy,
    permitted: &'static [&'static str],
    refused: &'static [&'static str],
}

const APP: &str = "https://app.example";
const HOST: &str = "127.0.0.1:40123";
const OWN: &str = "http://127.0.0.1:40123";

/// Strangers that try everything.
const FULLY: [&str; 2] = ["https://evil.test", "null"];

/// Origins that are nobody's.
const STRANGERS: &[&str] = &[
    "https://evil.test",
    "http://evil.test",
    "null",
    "https://null",
    "https://app.example.evil.test",
    "https://app.exampleevil.test",
    "https://app.example-evil.test",
    "https://app.example!.evil.test",
    "https://app.example,evil.test",
    "https://app.example.",
    "https://evil.app.example",
    "https://www.app.example",
    "https://evilapp.example",
    "https://www.app.example.evil.test",
    "https://appxexample",
    "https://app-example",
    "https://app",
    "https://app.exampl",
    "https://app.test",
    "https://example",
    "http://app.example",
    "https://app.example:80",
    "https://app.example:8",
    "https://app.example:8444",
    "https://app.exampleadmin.example:8443",
    "https://legacy.example",
    "https://admin.example",
    "http://admin.example:8443",
    "chrome-extension://app.example",
    "http://localhost",
    "http://localhost:300",
    "http://localhost.evil.test:3000",
    "http://127.0.0.1:3000",
    "http://[::1]:3000",
    "https://127.0.0.1",
    "https://apps.example",
    "https://evilapps.example",
    "https://a.apps.example.evil.test",
    "https://axapps.example",
    "https://a.appsxexample",
    "https://a.apps.example.",
    "https://a.apps.example:8443",
    "http://a.apps.example",
    "https://a.other.example",
    "https://barfoo.example",
    "https://foo.example",
    "http://a.bar.example",
    "http://192.0.2.11:8080",
    "https://[2001:db8::22]",
    "https://d",
    "https://bcher-kva.example",
];

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn policy(origins: &[&str]) -> Policy {
    Policy {
        origins: strings(origins),
        methods: strings(&["GET", "HEAD", "POST", "PUT", "PATCH"]),
        headers: strings(&["X-Token", "X-Trace-Id", "Content-Type"]),
        expose: strings(&["X-Request-Id"]),
        credentials: true,
        max_age: Some(600),
    }
}

fn grounds() -> Vec<Ground> {
    let ground = |policy, permitted| Ground { policy, permitted, refused: STRANGERS };
    let any = strings(&["*"]);
    let alone: &[&str] = &[APP];
    let odd = ["Authorization", "Cache-Control", "x.y", "x_y", "x!y", "1st", "x", "X-2024-Id"];
    let many: Vec<_> = (1..=20).map(|number| format!("X-H-{number:02}")).collect();
    let long = ["X-Long-A-abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij".to_owned()];
    vec![
        ground(policy(alone), alone),
        ground(Policy { credentials: false, max_age: Some(0), ..policy(alone) }, alone),
        ground(
            Policy {
                methods: strings(&["GET", "DELETE", "OPTIONS"]),
                expose: strings(&["X-Secret", "X-Request-Id", "WWW-Authenticate"]),
                max_age: None,
                ..policy(&[APP, "https://admin.example:8443", "http://legacy.example"])
            },
            &[APP, "https://admin.example:8443", "http://legacy.example"],
        ),
        ground(
            Policy { max_age: Some(60), ..policy(&[APP, "https://m.app.example"]) },
            &[APP, "https://m.app.example"],
        ),
        ground(
            Policy { credentials: false, ..policy(&["https://*.apps.example"]) },
            &[
                "https://a.apps.example",
                "https://my-shop.apps.example",
                "https://apps.apps.example",
                "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.apps.example",
            ],
        ),
        ground(policy(&["https://*.apps.example", APP]), &["https://a.apps.example", APP]),
        ground(
            policy(&[
                "https://*.foo.example",
                "https://*.bar.example",
                "https://*.more.bar.example",
                "https://bar.example",
            ]),
            &[
                "https://a.foo.example",
                "https://a.bar.example",
                "https://a.more.bar.example",
                "https://bar.example",
            ],
        ),
        ground(policy(&["http://localhost:3000"]), &["http://localhost:3000"]),
        ground(policy(&["http://192.0.2.10:8080"]), &["http://192.0.2.10:8080"]),
        ground(
            policy(&["http://[2001:db8::1]:8080", "https://[2001:db8::2]"]),
            &["http://[2001:db8::1]:8080", "https://[2001:db8::2]"],
        ),
        ground(policy(&["https://xn--bcher-kva.example"]), &["https://xn--bcher-kva.example"]),
        ground(policy(&["http://legacy.example"]), &["http://legacy.example"]),
        Ground {
            policy: Policy { credentials: false, ..policy(&[APP, "null"]) },
            permitted: &[APP, "null"],
            refused: &["https://null", "https://evil.test"],
        },
        Ground { policy: policy(&["null"]), permitted: &["null"], refused: &["https://null", APP] },
        ground(Policy { credentials: false, ..policy(&[]) }, &[]),
        Ground {
            policy: Policy { credentials: false, ..policy(&["*"]) },
            permitted: &[
                APP,
                "http://app.example:8080",
                "null",
                "chrome-extension://abc",
                "http://[2001:db8::1]:8080",
            ],
            refused: &[],
        },
        ground(Policy { methods: vec![], headers: vec![], expose: vec![], ..policy(alone) }, alone),
        ground(
            Policy { methods: any.clone(), headers: any.clone(), expose: any.clone(), ..policy(alone) },
            alone,
        ),
        ground(
            Policy {
                methods: any.clone(),
                headers: any.clone(),
                expose: any,
                credentials: false,
                ..policy(alone)
            },
            alone,
        ),
        ground(Policy { headers: strings(&odd), ..policy(alone) }, alone),
        ground(Policy { headers: [&many[..], &long[..]].concat(), ..policy(alone) }, alone),
    ]
}

fn forbidden() -> Policy {
    Policy { origins: strings(&["*"]), ..policy(&[]) }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Parts {
    let request = Request::builder().method(method).uri(path).header("host", HOST);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(()).unwrap().into_parts().0
}

fn preflight(origin: &str, path: &str, method: &str, headers: &str) -> Parts {
    let mut lines = vec![("origin", origin), ("access-control-request-method", method)];
    if !headers.is_empty() {
        lines.push(("access-control-request-headers", headers));
    }
    request("OPTIONS", path, &lines)
}

const PATHS: &[&str] = &[
    "/resource",
    "/resource?page=2",
    "/cacheable",
    "/session",
    "/protected",
    "/own-cors",
    "/error",
    "/nowhere",
    "/status/201",
    "/status/400",
    "/status/401",
    "/status/403",
    "/status/404",
    "/status/422",
    "/status/429",
    "/status/500",
    "/status/503",
    "/redirect?to=%2Fresource&status=302",
    "/redirect?to=%2Fresource&status=303",
    "/redirect?to=%2Fresource&status=308",
];

const METHODS: &[&str] = &[
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "patch",
    "PU",
    "UT",
    "TP",
    "PUTS",
    "X-PUT",
    "*",
    ".*",
    "PUT|DELETE",
    "PROPFIND",
];

const HEADERS: &[&str] = &[
    "x-token",
    "x-token,x-trace-id",
    "content-type,x-token",
    "x-other",
    "x-other,x-token",
    "x-token,z-other",
    "x-tok",
    "token",
    "x-token-extra",
    "x-tokenx-trace-id",
    "x_token",
    "x.token",
    "*",
    ".*",
    "authorization",
    "cache-control",
    "x-requested-with",
    "x.y",
    "x_y",
    "x!y",
    "xy",
    "xzy",
    "x-y",
    "1st",
    "x",
    "x-2025-id",
    "x-long-a-abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijk",
    "x-h-01,x-h-02,x-h-03,x-h-04,x-h-05,x-h-06,x-h-07,x-h-08,x-h-09,x-h-10,x-h-11,x-h-12,\
     x-h-13,x-h-14,x-h-15,x-h-16,x-h-17,x-h-18,x-h-19,x-h-20,x-long-a-abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij,\
     z-other,z-other-long-enough,\
     z-other-that-makes-the-list-longer-than-two-hundred-and-fifty-six-bytes",
];

/// Every request that is worth making under a policy, to be made in this order.
fn probes(ground: &Ground) -> Vec<Parts> {
    let mut probes = Vec::new();
    let origins: Vec<_> = ground.permitted.iter().chain(ground.refused).copied().collect();
    for &origin in &origins {
        probes.push(request("GET", "/resource", &[("origin", origin)]));
        probes.push(preflight(origin, "/resource", "PUT", "x-token"));
    }
    for &origin in ground.permitted.iter().take(1).chain(&[FULLY[0], FULLY[1], OWN, "https://legacy.example"])
    {
        for path in PATHS {
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE"] {
                probes.push(request(method, path, &[("origin", origin)]));
            }
            probes.push(preflight(origin, path, "GET", "x-token"));
            probes.push(preflight(origin, path, "DELETE", ""));
        }
        probes.push(request("GET", "/resource", &[("origin", origin), ("cookie", "session=1")]));
        probes.push(request("OPTIONS", "/own-options", &[("origin", origin)]));
        if ["https://legacy.example", OWN].contains(&origin) {
            probes.push(request("POST", "/resource", &[("origin", origin), ("x-other", "o")]));
            continue;
        }
        for method in METHODS {
            probes.push(preflight(origin, "/resource", method, ""));
            probes.push(preflight(origin, "/resource", method, "x-token"));
        }
        for headers in HEADERS {
            probes.push(preflight(origin, "/resource", "GET", headers));
            probes.push(preflight(origin, "/resource", "PUT", headers));
        }
        probes.push(request("PATCH", "/resource", &[("origin", origin)]));
        probes.push(request("GET", "/resource", &[("origin", origin), ("x-token", "t")]));
        probes.push(request("GET", "/protected", &[("origin", origin), ("authorization", "Bearer letmein")]));
        probes.push(request("POST", "/resource", &[("origin", origin), ("content-type", "text/plain")]));
        probes.push(preflight(origin, "/own-options", "OPTIONS", ""));
    }
    probes.extend(PATHS.iter().map(|path| request("GET", path, &[])));
    probes.push(request("GET", "/hits", &[]));
    // And the beginning once more in the other direction, for what depends on the order.
    let backwards: Vec<_> = probes.iter().take(2 * origins.len()).rev().cloned().collect();
    probes.extend(backwards);
    probes
}

/// What can be seen of an answer.
fn seen(reply: &Reply) -> (u16, &HeaderMap, &str) {
    (reply.status().as_u16(), reply.headers(), reply.body())
}

fn sites(specimen: &Specimen, grounds: &[Ground]) -> Vec<Site> {
    grounds.iter().map(|ground| specimen.site(ground.policy.clone()).unwrap()).collect()
}

/// The requests under each policy, and the reference's answers.
struct Battery(Vec<(Ground, Vec<(Parts, Reply)>)>);

impl Battery {
    fn new() -> Self {
        let right = Specimen::new("right", "", Style::PLAIN, None);
        let answered = grounds().into_iter().map(|ground| {
            let site = right.site(ground.policy.clone()).unwrap();
            let answers = probes(&ground).into_iter().map(|request| {
                let reply = site.respond(&request);
                (request, reply)
            });
            let answers = answers.collect();
            (ground, answers)
        });
        Self(answered.collect())
    }

    /// The first request to which a server answers otherwise than the reference.
    fn difference(&self, specimen: &Specimen) -> Option<String> {
        // All policies are in force before the first request is made, as in a run.
        let site = |(ground, _): &(Ground, _)| specimen.site(ground.policy.clone()).unwrap();
        let sites: Vec<_> = self.0.iter().map(site).collect();
        sites.iter().zip(&self.0).find_map(|(site, (ground, answers))| {
            let differs = |(request, reply): &&(Parts, Reply)| seen(&site.respond(request)) != seen(reply);
            let (request, _) = answers.iter().find(differs)?;
            Some(format!("{:?}: {request:?}", ground.policy))
        })
    }
}

#[test]
fn the_plain_style_is_the_references() {
    let plain = Specimen::new("plain", "", Style::PLAIN, None);
    for ground in grounds() {
        let cors = Cors::new(&ground.policy).unwrap();
        let resource = Resource::default();
        let site = plain.site(ground.policy.clone()).unwrap();
        for request in probes(&ground) {
            let expected = match cors.preflight(&request) {
                Some(headers) => {
                    let mut reply = crate::reply::bare(204);
                    *reply.headers_mut() = headers;
                    reply
                }
                None => {
                    let mut reply = handle(&resource, &request);
                    cors.finish(&request, reply.headers_mut());
                    reply
                }
            };
            assert_eq!(seen(&site.respond(&request)), seen(&expected), "{:?} {request:?}", ground.policy);
        }
    }
}

#[test]
fn every_mutant_can_be_told_from_the_reference() {
    let battery = Battery::new();
    let same: Vec<_> = mutants()
        .iter()
        .filter(|mutant| !matches!(mutant.fault, Fault::AnyWithCredentials(_)))
        .filter(|mutant| battery.difference(&mutant.specimen()).is_none())
        .map(|mutant| mutant.id)
        .collect();
    assert_eq!(same, [""; 0]);
}

#[test]
fn mutants_that_accept_any_origin_with_credentials_let_some_page_use_them() {
    let battery = Battery::new();
    let accepting = mutants().iter().filter(|mutant| matches!(mutant.fault, Fault::AnyWithCredentials(_)));
    for mutant in accepting {
        let ground = Ground {
            policy: forbidden(),
            permitted: &[APP, "null", "http://localhost:3000"],
            refused: STRANGERS,
        };
        let site = mutant.specimen().site(forbidden()).unwrap();
        let opens = |request: &Parts| {
            let reply = site.respond(request);
            let origin = request.headers.says(crate::names::ORIGIN);
            origin.is_some()
                && reply.says(ALLOW_ORIGIN) == origin
                && reply.says(ALLOW_CREDENTIALS).as_deref() == Some("true")
        };
        assert!(probes(&ground).iter().any(opens), "{}", mutant.id);
        // It is right about everything else.
        assert_eq!(battery.difference(&mutant.specimen()), None, "{}", mutant.id);
    }
}

/// What a page wants.
#[derive(Clone, Copy, Debug)]
struct Wish<'a> {
    origin: &'a str,
    method: &'a str,
    path: &'a str,
    header: Option<&'a str>,
    credentials: bool,
}

/// The check that decides whether an answer may be read.
fn readable(wish: &Wish, headers: &HeaderMap) -> bool {
    let origin = headers.says(ALLOW_ORIGIN);
    match origin.as_deref() {
        Some("*") if !wish.credentials => true,
        Some(origin) if origin == wish.origin => {
            !wish.credentials || headers.says(ALLOW_CREDENTIALS).as_deref() == Some("true")
        }
        _ => false,
    }
}

fn holds(list: Option<String>, wanted: &str, credentials: bool, same: fn(&str, &str) -> bool) -> bool {
    let list = list.unwrap_or_default();
    list.split(',').map(str::trim).any(|name| same(name, wanted) || (name == "*" && !credentials))
}

/// The answer that a page gets to read, as far as it gets one.
fn fetch(site: &Site, wish: &Wish) -> Option<Reply> {
    let simple = matches!(wish.method, "GET" | "HEAD" | "POST");
    if !simple || wish.header.is_some() {
        let asked = preflight(
            wish.origin,
            wish.path,
            wish.method,
            &wish.header.unwrap_or_default().to_ascii_lowercase(),
        );
        let answer = site.respond(&asked);
        let method = simple
            || holds(answer.says(ALLOW_METHODS), wish.method, wish.credentials, |granted, wanted| {
                granted == wanted
            });
        let header = wish.header.is_none_or(|header| {
            holds(answer.says(ALLOW_HEADERS), header, wish.credentials, |granted, wanted| {
                granted.eq_ignore_ascii_case(wanted)
            })
        });
        let granted = readable(wish, answer.headers()) && answer.status().is_success() && method && header;
        if !granted {
            return None;
        }
    }
    let mut headers = vec![("origin", wish.origin)];
    headers.extend(wish.header.map(|header| (header, "v")));
    let reply = site.respond(&request(wish.method, wish.path, &headers));
    readable(wish, reply.headers()).then_some(reply)
}

/// All that a page may wish for, and something that it may not.
fn wishes<'a>(ground: &'a Ground, origin: &'a str, credentials: bool) -> Vec<(Wish<'a>, bool)> {
    let plain = Wish { origin, method: "GET", path: "/resource", header: None, credentials };
    let mut wishes: Vec<_> = PATHS.iter().map(|path| (Wish { path, ..plain }, true)).collect();
    let strict = |method: &str| {
        ground.policy.any_method() || ground.policy.methods.iter().any(|listed| listed == method)
    };
    wishes.extend(["HEAD", "POST"].map(|method| (Wish { method, ..plain }, true)));
    wishes.extend(["PUT", "PATCH", "DELETE"].map(|method| (Wish { method, ..plain }, strict(method))));
    wishes.extend(["patch", "PU", ".*"].map(|method| (Wish { method, ..plain }, strict(method))));
    for header in ["X-Token", "x-trace-id", "Content-Type", "X-Other", "x!y", "xy", "X-H-20"] {
        let listed = |listed: &String| listed.eq_ignore_ascii_case(header);
        let granted = ground.policy.any_header() || ground.policy.headers.iter().any(listed);
        wishes.push((Wish { header: Some(header), ..plain }, granted));
    }
    // Servers are free to hold simple requests to the list of methods.
    wishes.retain(|(wish, _)| strict(wish.method) || !matches!(wish.method, "GET" | "HEAD" | "POST"));
    // What any method means beyond the usual ones is open.
    wishes.retain(|(wish, _)| !ground.policy.any_method() || !matches!(wish.method, "patch" | "PU" | ".*"));
    wishes
}

#[test]
fn right_servers_do_what_the_policy_says() {
    for right in right_servers() {
        for ground in grounds() {
            let site = right.specimen().site(ground.policy.clone()).unwrap();
            let policy = &ground.policy;
            for origin in ground.permitted {
                for (wish, granted) in wishes(&ground, origin, false) {
                    assert_eq!(fetch(&site, &wish).is_some(), granted, "{} {policy:?} {wish:?}", right.id);
                    let wish = Wish { credentials: true, ..wish };
                    let granted = granted && policy.credentials;
                    assert_eq!(fetch(&site, &wish).is_some(), granted, "{} {policy:?} {wish:?}", right.id);
                }
            }
            for origin in ground.refused.iter().filter(|origin| !ground.permitted.contains(origin)) {
                for credentials in [false, true] {
                    let wishes = wishes(&ground, origin, credentials);
                    // A few of the refused wish for everything, the others for the first thing.
                    let number = if FULLY.contains(origin) { wishes.len() } else { 1 };
                    for (wish, _) in &wishes[..number.min(wishes.len())] {
                        assert!(fetch(&site, wish).is_none(), "{} {policy:?} {wish:?}", right.id);
                        let asked =
                            preflight(origin, wish.path, wish.method, wish.header.unwrap_or_default());
                        let answer = site.respond(&asked);
                        assert!(!readable(wish, answer.headers()), "{} {policy:?} {wish:?}", right.id);
                    }
                }
            }
        }
    }
}

#[test]
fn right_servers_let_nobody_use_credentials_from_any_origin() {
    for right in right_servers() {
        let Ok(site) = right.specimen().site(forbidden()) else { continue };
        let ground = Ground { policy: forbidden(), permitted: &[], refused: &[] };
        for origin in STRANGERS {
            for (wish, _) in wishes(&ground, origin, true) {
                assert!(fetch(&site, &wish).is_none(), "{} {wish:?}", right.id);
            }
        }
    }
}

#[test]
fn right_servers_expose_what_is_listed() {
    for right in right_servers() {
        for ground in grounds() {
            let site = right.specimen().site(ground.policy.clone()).unwrap();
            for origin in ground.permitted {
                let wish = Wish {
                    origin,
                    method: if ground.policy.methods.is_empty() { continue } else { "GET" },
                    path: "/resource",
                    header: None,
                    credentials: ground.policy.credentials,
                };
                let reply = fetch(&site, &wish).unwrap();
                for name in ["X-Request-Id", "X-Secret"] {
                    let exposed =
                        holds(reply.says(EXPOSE_HEADERS), name, wish.credentials, |exposed, wanted| {
                            exposed.eq_ignore_ascii_case(wanted)
                        });
                    let listed = ground.policy.exposes_any()
                        || ground.policy.expose.iter().any(|listed| listed == name);
                    assert_eq!(exposed, listed, "{} {:?} {name}", right.id, ground.policy);
                }
            }
        }
    }
}

#[test]
fn right_servers_say_how_long() {
    for right in right_servers() {
        for ground in grounds() {
            let site = right.specimen().site(ground.policy.clone()).unwrap();
            for origin in ground.permitted.iter().filter(|_| ground.policy.max_age.is_some()) {
                let reply = site.respond(&preflight(origin, "/resource", "GET", ""));
                let said = reply.says(MAX_AGE).and_then(|seconds| seconds.parse().ok());
                assert_eq!(said, ground.policy.max_age, "{}", right.id);
            }
        }
    }
}

/// Where an answer does not say that it depends on the origin, it must be the same for every origin.
#[test]
fn right_servers_poison_no_cache() {
    for right in right_servers() {
        for ground in grounds() {
            let site = right.specimen().site(ground.policy.clone()).unwrap();
            for path in PATHS {
                let origins = ground.permitted.iter().chain(ground.refused);
                let mut replies: Vec<_> = origins
                    .map(|origin| site.respond(&request("GET", path, &[("origin", origin)])))
                    .collect();
                replies.push(site.respond(&request("GET", path, &[])));
                let says = |reply: &Reply| holds(reply.says(VARY), "origin", true, str::eq_ignore_ascii_case);
                let told =
                    |reply: &Reply| (reply.status(), reply.says(ALLOW_ORIGIN), reply.says(ALLOW_CREDENTIALS));
                let silent: Vec<_> = replies.iter().filter(|reply| !says(reply)).collect();
                let differ =
                    silent.iter().any(|reply| replies.iter().any(|other| told(other) != told(reply)));
                assert!(!differ, "{} {:?} {path}", right.id, ground.policy);
                let own = replies.iter().filter(|reply| reply.status() == 200 && *path == "/resource");
                for reply in own {
                    assert!(holds(reply.says(VARY), "Accept-Language", true, str::eq_ignore_ascii_case));
                }
            }
        }
    }
}

#[test]
fn right_servers_leave_own_pages_and_options_alone() {
    for right in right_servers() {
        for ground in grounds() {
            let site = right.specimen().site(ground.policy.clone()).unwrap();
            for method in ["POST", "PUT", "DELETE"] {
                let reply = site.respond(&request(method, "/resource", &[("origin", OWN), ("x-other", "o")]));
                assert_eq!(
                    (reply.status().as_u16(), reply.body().as_str()),
                    (200, "{\"resource\":\"ok\"}"),
                    "{}",
                    right.id
                );
            }
            assert_eq!(site.respond(&request("GET", "/resource", &[])).status(), 200, "{}", right.id);
            let reply = site.respond(&request("OPTIONS", "/own-options", &[("origin", OWN)]));
            assert_eq!(reply.body(), "own", "{}", right.id);
            for asked in probes(&ground).iter().filter(|asked| asked.method == "OPTIONS") {
                site.respond(asked);
            }
            let hits = site.respond(&request("GET", "/hits", &[]));
            assert_eq!(hits.body(), "{\"hits\":4}", "{}: a preflight runs no handler", right.id);
        }
    }
}

#[test]
fn right_servers_differ_in_style() {
    let grounds = grounds();
    // These differ in how they are put on the wire.
    let on_the_wire = ["right-one-request-a-connection", "right-chunked"];
    let rights: Vec<_> = right_servers().iter().filter(|right| !on_the_wire.contains(&right.id)).collect();
    let answers = |right: &&crate::RightServer| -> Vec<Reply> {
        let sites = sites(&right.specimen(), &grounds);
        let answers = sites.iter().zip(&grounds).flat_map(|(site, ground)| {
            probes(ground).iter().map(|request| site.respond(request)).collect::<Vec<_>>()
        });
        answers.collect()
    };
    let answers: Vec<_> = rights.iter().map(answers).collect();
    for (at, right) in rights.iter().enumerate() {
        for other in 0..at {
            let same = answers[at].iter().zip(&answers[other]).all(|(one, two)| seen(one) == seen(two));
            assert!(!same, "{} is {}", right.id, rights[other].id);
        }
    }
    let refusing = right_servers().iter().filter(|right| right.specimen().site(forbidden()).is_err()).count();
    assert!(refusing > 0 && refusing < right_servers().len());
}
