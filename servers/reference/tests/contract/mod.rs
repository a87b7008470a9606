//! The resource as the server protocol has it, asked for over HTTP.

#![expect(clippy::unwrap_used, reason = "only tests use this, outside of functions marked as such")]

use corspec_protocol::{Answer, Instance, Policy, Server};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode};

pub const PAGE: &str = "https://app.example";

/// Permits what [`PAGE`] needs.
pub fn policy() -> Policy {
    let strings = |entries: &[&str]| entries.iter().map(|&entry| entry.to_owned()).collect();
    Policy {
        origins: strings(&[PAGE]),
        methods: strings(&["GET", "PUT"]),
        headers: strings(&["X-Token"]),
        expose: strings(&["X-Request-Id"]),
        credentials: true,
        max_age: Some(600),
    }
}

pub async fn start(server: &impl Server, policy: Policy) -> Instance {
    match server.serve(Some(policy)).await {
        Answer::Ready(instance) => instance,
        other => panic!("{other:?}"),
    }
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    /// The value of a header that is there once at most.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines: Vec<_> = self.headers.get_all(name).iter().collect();
        assert!(lines.len() <= 1, "{name}: {lines:?}");
        lines.first().map(|line| line.to_str().unwrap())
    }

    /// The elements of `Vary`, in lower case.
    pub fn vary(&self) -> Vec<String> {
        let lines = self.headers.get_all("vary").iter().map(|line| line.to_str().unwrap());
        lines.flat_map(|line| line.split(',')).map(|element| element.trim().to_ascii_lowercase()).collect()
    }
}

pub async fn send(base: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    let headers = headers
        .iter()
        .map(|(name, value)| (HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap()));
    let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = client.request(method, format!("{base}{path}")).build().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(name, value);
    }
    let response = client.execute(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Reply { status, headers, body: response.text().await.unwrap() }
}

struct Route {
    method: &'static str,
    path: &'static str,
    send: &'static [(&'static str, &'static str)],
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: Option<&'static str>,
}

impl Route {
    const fn new(method: &'static str, path: &'static str, status: u16) -> Self {
        Self { method, path, send: &[], status, headers: &[], body: None }
    }
}

const RESOURCE: Route = Route {
    headers: &[("content-type", "application/json"), ("x-request-id", "r-1"), ("x-secret", "s-1")],
    body: Some(r#"{"resource":"ok"}"#),
    ..Route::new("GET", "/resource", 200)
};

const CACHED: &[(&str, &str)] = &[("cache-control", "public, max-age=600"), ("x-request-id", "r-1")];

const LOCATION: &[(&str, &str)] = &[("location", "https://b.example/?a=1&b=2")];

const ROUTES: &[Route] = &[
    RESOURCE,
    Route { method: "HEAD", body: Some(""), ..RESOURCE },
    Route { method: "POST", ..RESOURCE },
    Route { method: "PUT", ..RESOURCE },
    Route { method: "PATCH", ..RESOURCE },
    Route { method: "DELETE", ..RESOURCE },
    Route { path: "/cacheable", headers: CACHED, ..RESOURCE },
    Route { body: Some(r#"{"status":418}"#), ..Route::new("GET", "/status/418", 418) },
    Route { body: Some(r#"{"status":503}"#), ..Route::new("POST", "/status/503", 503) },
    Route { body: Some(""), ..Route::new("GET", "/status/204", 204) },
    Route { body: Some(""), ..Route::new("GET", "/status/205", 205) },
    Route::new("GET", "/status/100", 404),
    Route::new("GET", "/error", 500),
    Route::new("POST", "/error", 500),
    Route { headers: &[("www-authenticate", "Bearer")], ..Route::new("GET", "/protected", 401) },
    Route { send: &[("authorization", "Bearer other")], ..Route::new("GET", "/protected", 401) },
    Route { path: "/protected", send: &[("authorization", "Bearer letmein")], ..RESOURCE },
    Route { body: Some(r#"{"cookie":null}"#), ..Route::new("GET", "/session", 200) },
    Route {
        send: &[("cookie", "a=1; b=\"2\"")],
        body: Some(r#"{"cookie":"a=1; b=\"2\""}"#),
        ..Route::new("GET", "/session", 200)
    },
    Route {
        headers: LOCATION,
        ..Route::new("GET", "/redirect?to=https%3A%2F%2Fb.example%2F%3Fa%3D1%26b%3D2&status=302", 302)
    },
    Route {
        headers: LOCATION,
        ..Route::new("POST", "/redirect?status=307&to=https%3A%2F%2Fb.example%2F%3Fa%3D1%26b%3D2", 307)
    },
    Route {
        headers: LOCATION,
        ..Route::new("PUT", "/redirect?status=308&to=https%3A%2F%2Fb.example%2F%3Fa%3D1%26b%3D2", 308)
    },
    Route {
        headers: &[("allow", "GET, OPTIONS")],
        body: Some("own"),
        ..Route::new("OPTIONS", "/own-options", 200)
    },
    Route { path: "/own-cors", ..RESOURCE },
    Route { body: Some(r#"{"hits":0}"#), ..Route::new("GET", "/hits", 200) },
    Route::new("GET", "/nowhere", 404),
    Route::new("GET", "/", 404),
];

/// Asks for every route, with the `Origin` of a page that is permitted, of one that is not, and without.
/// `except` names the paths at which the middleware is known to stand in the way.
pub async fn check_routes(server: &impl Server, except: &[&str]) {
    let mut mistakes = Vec::new();
    for route in ROUTES.iter().filter(|route| !except.contains(&route.path)) {
        for origin in [Some(PAGE), Some("https://evil.test"), None] {
            let instance = start(server, policy()).await;
            let origin_line = origin.map(|origin| ("origin", origin));
            let headers: Vec<_> = route.send.iter().copied().chain(origin_line).collect();
            let reply = send(&instance.url, route.method, route.path, &headers).await;
            let mut wrong = |what: String| mistakes.push(format!("{} {} {what}", route.method, route.path));
            if reply.status != route.status {
                wrong(format!("has status {}", reply.status));
            }
            for (name, value) in route.headers {
                if reply.headers.get(*name).is_none_or(|found| found != value) {
                    wrong(format!("has {name}: {:?}", reply.headers.get(*name)));
                }
            }
            if route.body.is_some_and(|body| body != reply.body) {
                wrong(format!("has the body {:?}", reply.body));
            }
            if route.headers.contains(&("x-request-id", "r-1"))
                && !reply.vary().iter().any(|element| element == "accept-language")
            {
                wrong("has lost its own Vary".to_owned());
            }
            let readable = reply.headers.get_all("access-control-allow-origin").iter().collect::<Vec<_>>();
            if origin == Some(PAGE) && readable != [PAGE] {
                wrong(format!("has Access-Control-Allow-Origin {readable:?} for a permitted page"));
            }
            if origin != Some(PAGE) && route.path != "/own-cors" && !readable.is_empty() {
                wrong(format!("has Access-Control-Allow-Origin {readable:?} for {origin:?}"));
            }
        }
    }
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

/// Checks that `/hits` counts what reached the handler of `/resource`, under one policy alone.
pub async fn check_hits(server: &impl Server) {
    let (one, other) = (start(server, policy()).await, start(server, policy()).await);
    let preflight = [("origin", PAGE), ("access-control-request-method", "PUT")];
    assert!(send(&one.url, "OPTIONS", "/resource", &preflight).await.status.is_success());
    for method in ["GET", "HEAD", "PUT"] {
        send(&one.url, method, "/resource", &[("origin", PAGE)]).await;
    }
    send(&one.url, "GET", "/cacheable", &[]).await;
    assert_eq!(send(&one.url, "GET", "/hits", &[]).await.body, r#"{"hits":3}"#);
    assert_eq!(send(&other.url, "GET", "/hits", &[]).await.body, r#"{"hits":0}"#);
}

/// Checks that a dropped server refuses connections soon, while another goes on.
pub async fn check_drop(server: &impl Server) {
    let (dropped, other) = (start(server, policy()).await, start(server, policy()).await);
    let address = dropped.url.strip_prefix("http://").unwrap().to_owned();
    let mut idle = tokio::net::TcpStream::connect(&address).await.unwrap();
    send(&dropped.url, "GET", "/resource", &[]).await;
    // A thread of its own knows no runtime.
    std::thread::spawn(move || drop(dropped)).join().unwrap();
    let closed = async {
        while tokio::net::TcpStream::connect(&address).await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let read = tokio::io::AsyncReadExt::read(&mut idle, &mut [0; 1]).await;
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), closed).await.unwrap();
    assert_eq!(send(&other.url, "GET", "/resource", &[]).await.status, 200);
}
