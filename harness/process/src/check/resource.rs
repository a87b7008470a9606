use hyper::Method;
use serde_json::{Value, json};

use super::http::Response;

/// The names that `lacks` may hold: the routes, without slash and parameters.
pub(super) const ROUTES: [&str; 9] = [
    "resource",
    "cacheable",
    "status",
    "error",
    "protected",
    "session",
    "redirect",
    "own-options",
    "own-cors",
];

/// `/hits` counts, and so it is asked apart from the others.
pub(super) const HITS: &str = "hits";

/// One request to the resource, and what the contract says of the answer.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) route: &'static str,
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) headers: &'static [(&'static str, &'static str)],
    status: u16,
    body: Body,
    expected: &'static [(&'static str, Header)],
    /// Whether the middleware may answer in the place of the resource. What it does then is for the cases
    /// to judge; here it matters only that the route is there.
    may_be_taken_over: bool,
}

#[derive(Debug)]
enum Body {
    Any,
    Text(&'static str),
    Json(Value),
}

#[derive(Clone, Copy, Debug)]
enum Header {
    /// Byte for byte.
    Is(&'static str),
    /// A media type, whatever its parameters.
    MediaType(&'static str),
    /// A list with at least this member: others may add theirs.
    Lists(&'static str),
}

const OF_THE_RESOURCE: &[(&str, Header)] = &[
    ("content-type", Header::MediaType("application/json")),
    ("x-request-id", Header::Is("r-1")),
    ("x-secret", Header::Is("s-1")),
    ("vary", Header::Lists("accept-language")),
];

const OF_CACHEABLE: &[(&str, Header)] = &[
    ("content-type", Header::MediaType("application/json")),
    ("x-request-id", Header::Is("r-1")),
    ("x-secret", Header::Is("s-1")),
    ("vary", Header::Lists("accept-language")),
    ("cache-control", Header::Is("public, max-age=600")),
];

/// Every request, in the order of the contract.
pub(super) fn probes() -> Vec<Probe> {
    let get = |route, path, status, body| Probe {
        route,
        method: Method::GET,
        path,
        headers: &[],
        status,
        body,
        expected: &[],
        may_be_taken_over: false,
    };
    let ok = || Body::Json(json!({"resource": "ok"}));
    let resource = |route, path| Probe { expected: OF_THE_RESOURCE, ..get(route, path, 200, ok()) };
    let status = |method, path, code: u16| Probe {
        method,
        ..get("status", path, code, Body::Json(json!({"status": code})))
    };
    let session = |headers, cookie: Value| Probe {
        headers,
        ..get("session", "/session", 200, Body::Json(json!({"cookie": cookie})))
    };
    let redirect = |method, path, code| Probe {
        method,
        expected: &[("location", Header::Is("https://elsewhere.example/a?b=c"))],
        ..get("redirect", path, code, Body::Any)
    };

    let mut probes: Vec<_> = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE]
        .map(|method| Probe { method, ..resource("resource", "/resource") })
        .into();
    probes.extend([
        Probe { method: Method::HEAD, body: Body::Text(""), ..resource("resource", "/resource") },
        Probe { expected: OF_CACHEABLE, ..resource("cacheable", "/cacheable") },
        status(Method::GET, "/status/201", 201),
        status(Method::GET, "/status/404", 404),
        status(Method::POST, "/status/503", 503),
        Probe { body: Body::Text(""), ..status(Method::GET, "/status/204", 204) },
        get("error", "/error", 500, Body::Any),
        Probe { method: Method::POST, ..get("error", "/error", 500, Body::Any) },
        Probe {
            expected: &[("www-authenticate", Header::Is("Bearer"))],
            ..get("protected", "/protected", 401, Body::Any)
        },
        Probe { headers: &[("authorization", "Bearer letmein")], ..resource("protected", "/protected") },
        session(&[], Value::Null),
        session(&[("cookie", "a=1; b=2")], json!("a=1; b=2")),
    ]);
    let to = "/redirect?to=https%3A%2F%2Felsewhere.example%2Fa%3Fb%3Dc&status=302";
    let keep = "/redirect?to=https%3A%2F%2Felsewhere.example%2Fa%3Fb%3Dc&status=307";
    probes.extend([
        redirect(Method::GET, to, 302),
        redirect(Method::POST, keep, 307),
        redirect(Method::PUT, keep, 307),
        Probe {
            method: Method::OPTIONS,
            expected: &[("allow", Header::Is("GET, OPTIONS"))],
            may_be_taken_over: true,
            ..get("own-options", "/own-options", 200, Body::Text("own"))
        },
        resource("own-cors", "/own-cors"),
        get("anything else", "/no-such-route", 404, Body::Any),
    ]);
    probes
}

impl Probe {
    /// What the contract says of the answer, in words.
    pub(super) fn contract(&self) -> String {
        let mut words = self.status.to_string();
        match &self.body {
            Body::Any => {}
            Body::Text("") => words.push_str(", no body"),
            Body::Text(text) => words.push_str(&format!(", body `{text}`")),
            Body::Json(json) => words.push_str(&format!(", body `{json}`")),
        }
        for (name, header) in self.expected {
            let (Header::Is(value) | Header::MediaType(value) | Header::Lists(value)) = header;
            words.push_str(&format!(", `{name}: {value}`"));
        }
        words
    }

    /// What of the answer is not as the contract says: what is wrong, and what came.
    pub(super) fn problems(&self, response: &Response) -> Vec<(String, String)> {
        if self.may_be_taken_over && response.status != self.status {
            let is_missing = matches!(response.status, 404 | 405 | 500..);
            return is_missing.then(|| self.wrong_status(response)).into_iter().collect();
        }
        let mut problems = Vec::new();
        if response.status != self.status {
            problems.push(self.wrong_status(response));
        }
        if !self.body.fits(&response.body) {
            problems.push(("the body is another".to_owned(), response.text()));
        }
        for (name, expected) in self.expected {
            match response.header(name) {
                Some(value) if expected.fits(&value) => {}
                Some(value) => {
                    let came = crate::printable::printable(&format!("{name}: {value}"), 200);
                    problems.push((format!("the header `{name}` is another"), came));
                }
                None => {
                    problems.push((format!("the header `{name}` is missing"), "no such header".to_owned()))
                }
            }
        }
        problems
    }

    fn wrong_status(&self, response: &Response) -> (String, String) {
        ("the status is another".to_owned(), format!("{}, {}", response.status, response.text()))
    }
}

impl Body {
    fn fits(&self, body: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Text(text) => text.as_bytes() == body,
            Self::Json(json) => serde_json::from_slice::<Value>(body).is_ok_and(|value| value == *json),
        }
    }
}

impl Header {
    fn fits(self, value: &str) -> bool {
        match self {
            Self::Is(expected) => value == expected,
            Self::MediaType(expected) => {
                value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(expected)
            }
            Self::Lists(expected) => {
                value.split(',').any(|member| member.trim().eq_ignore_ascii_case(expected))
            }
        }
    }
}
