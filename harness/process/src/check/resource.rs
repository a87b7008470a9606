use hyper::Method;
use serde_json::{Value, json};

use super::http::{Asked, Response};

/// The route that counts, and so is asked apart from the others.
pub(super) const HITS: &str = "hits";

/// One request to the resource, and what the contract says of the answer.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) route: &'static str,
    method: Method,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    status: Status,
    body: Body,
    expected: &'static [(&'static str, Header)],
    /// Whether the middleware may answer in the place of the resource. What it does then is for the cases
    /// to judge; here it matters only that the route is there.
    may_be_taken_over: bool,
}

/// What is to be said of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Remark {
    /// It is not as the contract says: what is wrong, and what came.
    Breach { problem: String, came: String },
    /// It is another than most give, and the contract leaves that to the framework or its middleware.
    Note(String),
}

#[derive(Clone, Copy, Debug)]
enum Status {
    /// That one, which the handler sets.
    Is(u16),
    /// Usually that one; any of its hundred is the framework's own choice.
    Like(u16),
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
    let get = |route, path, status: u16, body| Probe {
        route,
        method: Method::GET,
        path,
        headers: &[],
        status: Status::Is(status),
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
    let error =
        |method| Probe { method, status: Status::Like(500), ..get("error", "/error", 500, Body::Any) };

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
        error(Method::GET),
        error(Method::POST),
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
        Probe { status: Status::Like(404), ..get("anything else", "/no-such-route", 404, Body::Any) },
    ]);
    probes
}

impl Probe {
    pub(super) fn asked(&self) -> Asked {
        let headers = self.headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Asked { method: self.method.clone(), headers, ..Asked::get(self.path) }
    }

    /// The request, in words.
    pub(super) fn name(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }

    /// What the contract says of the answer, in words.
    pub(super) fn contract(&self) -> String {
        let (Status::Is(status) | Status::Like(status)) = self.status;
        let mut words = status.to_string();
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

    /// What of the answer is not as the contract says, or not as most answer.
    pub(super) fn remarks(&self, response: &Response) -> Vec<Remark> {
        if self.may_be_taken_over && self.is_taken_over(response) {
            return vec![Remark::Note(format!(
                "{} is answered in the application's place: {}",
                self.name(),
                response.text()
            ))];
        }
        let mut remarks = Vec::new();
        match self.status {
            Status::Is(status) if response.status == status => {}
            Status::Like(status) if response.status == status => {}
            Status::Like(status) if response.status / 100 == status / 100 => {
                remarks.push(Remark::Note(format!(
                    "{} is answered with {} where most frameworks have {status}",
                    self.name(),
                    response.status
                )));
            }
            _ => remarks.push(Remark::Breach {
                problem: format!("{}: the status is another", self.name()),
                came: response.text(),
            }),
        }
        let mut breach = |problem: String, came: String| {
            remarks.push(Remark::Breach { problem: format!("{}: {problem}", self.name()), came });
        };
        if !self.body.fits(&response.body) {
            breach("the body is another".to_owned(), response.text());
        }
        for (name, expected) in self.expected {
            match response.header(name) {
                Some(value) if expected.fits(&value) => {}
                Some(value) => {
                    let came = crate::printable::printable(&format!("{name}: {value}"), 200);
                    breach(format!("the header `{name}` is another"), came);
                }
                None => breach(format!("the header `{name}` is missing"), "no such header".to_owned()),
            }
        }
        remarks
    }

    /// A layer that answers OPTIONS itself says anything but that the route is not there, and not what the application says.
    fn is_taken_over(&self, response: &Response) -> bool {
        let is_missing = matches!(response.status, 404 | 405 | 500..);
        let is_own = self.body.fits(&response.body)
            && matches!(self.status, Status::Is(status) if status == response.status);
        !is_missing && !is_own
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hyper::header::{HeaderMap, HeaderName};
    use rstest::rstest;

    use super::*;

    fn response(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Response {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        Response { status, headers, body: body.into(), took: Duration::ZERO }
    }

    fn remarks(probe: &str, response: &Response) -> Vec<String> {
        let probe = probes().into_iter().find(|known| known.name() == probe).unwrap();
        let told = probe.remarks(response).into_iter().map(|remark| match remark {
            Remark::Breach { problem, came } => format!("breach: {problem} ({came})"),
            Remark::Note(note) => format!("note: {note}"),
        });
        told.collect()
    }

    #[rstest]
    #[case::own(200, &[("allow", "GET, OPTIONS")], "own", &[])]
    #[case::own_without_allow(
        200,
        &[],
        "own",
        &["breach: OPTIONS /own-options: the header `allow` is missing (no such header)"]
    )]
    #[case::empty_200(
        200,
        &[],
        "",
        &["note: OPTIONS /own-options is answered in the application's place: 200, an empty body"]
    )]
    #[case::empty_204(
        204,
        &[],
        "",
        &["note: OPTIONS /own-options is answered in the application's place: 204, an empty body"]
    )]
    #[case::forbidden(
        403,
        &[],
        "Invalid CORS request",
        &["note: OPTIONS /own-options is answered in the application's place: 403, Invalid CORS request"]
    )]
    #[case::no_route(
        405,
        &[("allow", "GET, OPTIONS")],
        "own",
        &["breach: OPTIONS /own-options: the status is another (405, own)"]
    )]
    fn options_may_be_taken_over(
        #[case] status: u16,
        #[case] headers: &[(&'static str, &'static str)],
        #[case] body: &str,
        #[case] expected: &[&str],
    ) {
        assert_eq!(remarks("OPTIONS /own-options", &response(status, headers, body)), expected);
    }

    #[rstest]
    #[case::usual("GET /error", 500, &[])]
    #[case::own("GET /error", 502, &["note: GET /error is answered with 502 where most frameworks have 500"])]
    #[case::no_error("GET /error", 200, &["breach: GET /error: the status is another (200, x)"])]
    #[case::not_found("GET /no-such-route", 404, &[])]
    #[case::refused(
        "GET /no-such-route",
        405,
        &["note: GET /no-such-route is answered with 405 where most frameworks have 404"]
    )]
    #[case::found("GET /no-such-route", 200, &["breach: GET /no-such-route: the status is another (200, x)"])]
    fn what_is_the_frameworks_own(#[case] probe: &str, #[case] status: u16, #[case] expected: &[&str]) {
        assert_eq!(remarks(probe, &response(status, &[], "x")), expected);
    }

    #[test]
    fn the_handlers_own_status_is_exact() {
        let told = remarks("GET /status/201", &response(200, &[], r#"{"status":201}"#));
        assert_eq!(told, [r#"breach: GET /status/201: the status is another (200, {"status":201})"#]);
    }

    #[test]
    fn every_route_of_the_contract_is_asked() {
        let schema = corspec_protocol::schema::FILES
            .iter()
            .find(|file| file.path == "from-server/hello.json")
            .unwrap();
        let schema: Value = serde_json::from_str(schema.text).unwrap();
        let routes = schema.pointer("/properties/hello/properties/lacks/items/enum").unwrap();
        for route in routes.as_array().unwrap() {
            let route = route.as_str().unwrap();
            assert!(route == HITS || probes().iter().any(|probe| probe.route == route), "{route}");
        }
    }
}
