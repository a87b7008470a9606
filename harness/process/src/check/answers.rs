use std::time::Duration;

use hyper::Method;
use hyper::body::Bytes;
use serde_json::{Value, json};

use super::conversation::{PERMITTED, drop_policy};
use super::http::{Asked, Connection, Response, fetch};
use super::resource::{HITS, Remark, probes};
use super::{Check, Live, policy};
use crate::fault::Fault;
use crate::link::Link;
use crate::printable::printable;

/// An answer that takes longer makes everybody wait who runs many servers.
const SLOW: Duration = Duration::from_secs(1);

/// More than one packet and one buffer hold, and less than any framework refuses without being told to.
const LARGE_BODY: usize = 256 << 10;

/// More than most cookies, and less than the headers that any framework takes.
const LARGE_COOKIE: usize = 4000;

/// How requests reach the resource under a policy.
enum Footing {
    /// As they are.
    Plain,
    /// As those of a page that is permitted, since its middleware refuses all others.
    AsPermitted,
    /// Not at all, and that is its middleware's choice.
    Refused,
}

impl Footing {
    fn prepare(&self, asked: Asked) -> Asked {
        match self {
            Self::AsPermitted => asked.header("origin", PERMITTED),
            Self::Plain | Self::Refused => asked,
        }
    }
}

impl Check {
    /// Every route under one policy. Without an `Origin` the middleware has nothing to say, and so that is how they are asked.
    pub(super) async fn resource(&mut self, live: &Live, under: &str, permitted: Option<&'static str>) {
        let footing = self.footing(live, under, permitted).await;
        if matches!(footing, Footing::Refused) {
            return;
        }
        for probe in probes() {
            if self.lacks(probe.route) {
                continue;
            }
            self.report.checked += 1;
            match fetch(&live.url, &footing.prepare(probe.asked()), self.limit).await {
                Ok(response) => {
                    self.note_slow(&probe.name(), &response);
                    for remark in probe.remarks(&response) {
                        self.remark(remark, &probe.contract(), under);
                    }
                }
                Err(came) => self.no_answer(&probe.name(), &probe.contract(), &came, under),
            }
        }
        if !self.lacks("resource") {
            self.large_request(live, &footing).await;
            self.slow_request(live, &footing).await;
        }
        if !self.lacks("session") {
            self.large_answer(live, &footing).await;
        }
    }

    async fn footing(&mut self, live: &Live, under: &str, permitted: Option<&'static str>) -> Footing {
        let get = Asked::get("/resource");
        let plain = fetch(&live.url, &get, self.limit).await;
        let Ok(Response { status: status @ 400..=499, .. }) = plain else { return Footing::Plain };
        if self.lacks("resource") {
            return Footing::Plain;
        }
        if permitted.is_none() {
            self.note(format!("{under}, a request without Origin is refused ({status})"));
            return Footing::Refused;
        }
        match fetch(&live.url, &Footing::AsPermitted.prepare(get), self.limit).await {
            Ok(response) if response.status == 200 => {
                self.note(format!(
                    "{under}, a request without Origin is refused ({status}): every route was asked as a page at {PERMITTED} would"
                ));
                Footing::AsPermitted
            }
            // Then it is no matter of the origin, and what is wrong shows with the first route.
            _ => Footing::Plain,
        }
    }

    /// `/hits` counts the runs of one handler under one policy.
    pub(super) async fn hits(&mut self, link: &Link) -> Result<(), Fault> {
        if self.lacks(HITS) || self.lacks("resource") {
            return Ok(());
        }
        let Some(live) = self.serve_quietly(link, policy(&[PERMITTED])).await? else {
            return Ok(());
        };
        self.report.checked += 1;
        let footing = self.footing(&live, "under the policy that permits one origin", Some(PERMITTED)).await;
        // Looking for a footing has run the handler, or has not.
        let mut counted = None;
        for more in [0, 2] {
            let contract = format!(
                "200, body {}: the runs of the handler of /resource under this policy",
                json!({"hits": counted.map_or_else(|| json!("N"), |before: u64| json!(before + more))})
            );
            match fetch(&live.url, &footing.prepare(Asked::get("/hits")), self.limit).await {
                Ok(response) => {
                    let body = serde_json::from_slice::<Value>(&response.body).unwrap_or_default();
                    let now = body.get("hits").and_then(Value::as_u64).filter(|_| response.status == 200);
                    let expected = counted.map(|before| before + more);
                    if now.is_none() || expected.is_some_and(|expected| now != Some(expected)) {
                        self.find("resource", "GET /hits counts wrong", &contract, response.text());
                        break;
                    }
                    counted = now;
                }
                Err(came) => {
                    self.find("resource", "GET /hits: no answer", &contract, printable(&came, 300));
                    break;
                }
            }
            for _ in 0..2 {
                // Whether this works is asked for elsewhere.
                drop(fetch(&live.url, &footing.prepare(Asked::get("/resource")), self.limit).await);
            }
        }
        drop_policy(link, live.seq).await
    }

    /// A body that the handler has no use for must not be left on the connection, where it would be read as the next request.
    async fn large_request(&mut self, live: &Live, footing: &Footing) {
        self.report.checked += 1;
        let what = "POST /resource with a body of 256 KiB, and GET /resource on the same connection";
        let contract = "200 to both, or the connection is closed between the two";
        let mut connection = match Connection::open(&live.url).await {
            Ok(connection) => connection,
            Err(came) => return self.no_answer(what, contract, &came, ""),
        };
        let body = vec![Bytes::from(vec![b'x'; LARGE_BODY])];
        let post = Asked { method: Method::POST, body, ..footing.prepare(Asked::get("/resource")) };
        let post = post.header("content-type", "application/octet-stream");
        match connection.send(&post, self.limit).await {
            Ok(response) if response.status == 200 => self.note_slow(what, &response),
            Ok(response) if matches!(response.status, 413 | 415) => {
                return self.note(format!("{what}: refused ({})", response.status));
            }
            Ok(response) => return self.find("resource", what, contract, response.text()),
            Err(came) => return self.no_answer(what, contract, &came, ""),
        }
        if !connection.is_open().await {
            return;
        }
        match connection.send(&footing.prepare(Asked::get("/resource")), self.limit).await {
            Ok(response) if response.status == 200 => {}
            Ok(response) => self.find("resource", what, contract, response.text()),
            // The server may have closed it in the very moment.
            Err(_) if !connection.is_open().await => {}
            Err(came) => self.no_answer(what, contract, &came, ""),
        }
    }

    /// A client may take its time.
    async fn slow_request(&mut self, live: &Live, footing: &Footing) {
        self.report.checked += 1;
        let body = vec![Bytes::from_static(b"first"), Bytes::from_static(b"second")];
        let post = Asked {
            method: Method::POST,
            body,
            pause: Duration::from_millis(300),
            ..footing.prepare(Asked::get("/resource")).header("content-type", "application/octet-stream")
        };
        let what = "POST /resource with a body in two parts, 300 ms apart";
        match fetch(&live.url, &post, self.limit).await {
            Ok(response) if response.status == 200 => {}
            Ok(response) if response.status == 415 => self.note(format!("{what}: refused (415)")),
            Ok(response) => self.find("resource", what, "200", response.text()),
            Err(came) => self.no_answer(what, "200", &came, ""),
        }
    }

    /// What came is told whole.
    async fn large_answer(&mut self, live: &Live, footing: &Footing) {
        self.report.checked += 1;
        let cookie = format!("large={}", "x".repeat(LARGE_COOKIE));
        let get = footing.prepare(Asked::get("/session")).header("cookie", cookie.clone());
        let what = "GET /session with a cookie of 4,000 bytes";
        let contract = "200, and the cookie as it came";
        match fetch(&live.url, &get, self.limit).await {
            Ok(response) if matches!(response.status, 400 | 413 | 431) => {
                self.note(format!("{what}: refused ({})", response.status));
            }
            Ok(response) => {
                let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
                if response.status != 200 || body != json!({"cookie": cookie}) {
                    self.find("resource", what, contract, response.text());
                }
            }
            Err(came) => self.no_answer(what, contract, &came, ""),
        }
    }

    /// The same breach under several policies is one.
    fn remark(&mut self, remark: Remark, contract: &str, under: &str) {
        match remark {
            Remark::Note(note) => self.note(note),
            Remark::Breach { problem, came } => {
                if !self.is_found(&problem) {
                    self.find("resource", &format!("{problem}, {under}"), contract, came);
                }
            }
        }
    }

    fn no_answer(&mut self, what: &str, contract: &str, came: &str, under: &str) {
        let problem = format!("{what}: no answer");
        if self.is_found(&problem) {
            return;
        }
        let problem = if under.is_empty() { problem } else { format!("{problem}, {under}") };
        self.find("resource", &problem, contract, printable(came, 300));
    }

    fn is_found(&self, problem: &str) -> bool {
        self.report.findings.iter().any(|known| known.problem.starts_with(problem))
    }

    fn note_slow(&mut self, what: &str, response: &Response) {
        if response.took > SLOW {
            self.note(format!("{what} took {:.1} s to be answered", response.took.as_secs_f64()));
        }
    }
}
