//! The way to a person's own server: HTTP/1.1 or HTTP/2, with or without TLS, no faster and no more than was agreed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use corspec_browser::{HeaderList, HttpRequest, HttpResponse};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Method, Version, redirect};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until};
use url::Url;

use super::config::Config;
use super::secrets::Secrets;
use crate::record::text;
use crate::wire::{Transport, WireError};

/// How much of a body is read: what a browser decides never hangs on more.
const BODY: usize = 256 << 10;

/// Talks to one server and to no other.
#[derive(Debug)]
pub struct OwnTransport {
    client: reqwest::Client,
    server: Url,
    writable: Vec<String>,
    bodies: Vec<(String, String)>,
    secrets: Secrets,
    retries: u32,
    /// The time from the beginning of one request to that of the next.
    pace: Option<Duration>,
    next: Mutex<Instant>,
    at_once: Semaphore,
    sent: AtomicUsize,
    over_http2: AtomicUsize,
}

/// Why no request can be made at all.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The file of certificates is of no use.
    #[error(
        "{path}: {problem}\n  help: tls.ca names a file of certificates in PEM, -----BEGIN CERTIFICATE-----"
    )]
    Certificates {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The client cannot be made.
    #[error("TLS cannot be set up: {0}")]
    Client(reqwest::Error),
}

impl OwnTransport {
    /// A transport to the server that is described.
    ///
    /// # Errors
    /// Where its certificates cannot be read.
    pub fn new(config: &Config, secrets: Secrets) -> Result<Self, TransportError> {
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(config.limits.timeout)
            .connect_timeout(config.limits.timeout.min(Duration::from_secs(5)))
            .http1_title_case_headers()
            .danger_accept_invalid_certs(config.tls.insecure);
        if is_loopback(&config.server) {
            builder = builder.no_proxy();
        }
        if let Some(path) = &config.tls.ca {
            let failed =
                |problem: String| TransportError::Certificates { path: path.display().to_string(), problem };
            let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
            let certificates =
                Certificate::from_pem_bundle(&pem).map_err(|error| failed(error.to_string()))?;
            if certificates.is_empty() {
                return Err(failed("there is no certificate in it".to_owned()));
            }
            builder = certificates.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
        }
        let writable = config.routes.iter().filter(|route| route.may_write).map(|route| config.path(route));
        let bodies = config.routes.iter().filter_map(|route| Some((config.path(route), route.body.clone()?)));
        Ok(Self {
            client: builder.build().map_err(TransportError::Client)?,
            server: config.origin(),
            writable: writable.collect(),
            bodies: bodies.collect(),
            secrets,
            retries: config.limits.retries,
            pace: config.limits.per_second.map(|number| Duration::from_secs(1) / number.max(1)),
            next: Mutex::new(Instant::now()),
            at_once: Semaphore::new(config.limits.at_once.max(1)),
            sent: AtomicUsize::new(0),
            over_http2: AtomicUsize::new(0),
        })
    }

    /// How many requests were sent.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// How many answers came over HTTP/2.
    pub fn over_http2(&self) -> usize {
        self.over_http2.load(Ordering::Relaxed)
    }

    async fn perform(&self, request: &HttpRequest) -> Result<HttpResponse, WireError> {
        let method = text(&request.method);
        let safe = matches!(&*method, "GET" | "HEAD" | "OPTIONS");
        if !safe && !self.writable.iter().any(|path| path_of(path) == request.url.path()) {
            return Err(failure(
                format!("{method} was not sent: the route does not say may_write: true"),
                true,
                false,
            ));
        }
        let _one_of_them =
            self.at_once.acquire().await.map_err(|error| failure(error.to_string(), true, false))?;
        let mut attempt = 0;
        loop {
            self.wait_for_its_turn().await;
            self.sent.fetch_add(1, Ordering::Relaxed);
            match self.attempt(request, &method).await {
                // What may have arrived is sent again only where twice is as good as once.
                Err(error)
                    if attempt < self.retries
                        && (safe || error.is_before_sending())
                        && !error.is_timeout() =>
                {
                    attempt += 1;
                    sleep(Duration::from_millis(100 << attempt.min(4))).await;
                }
                result => return result,
            }
        }
    }

    async fn wait_for_its_turn(&self) {
        let Some(pace) = self.pace else { return };
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let turn = (*next).max(Instant::now());
            *next = turn + pace;
            turn
        };
        sleep_until(turn).await;
    }

    async fn attempt(&self, request: &HttpRequest, method: &str) -> Result<HttpResponse, WireError> {
        let mut url = request.url.clone();
        let host = authority(&url);
        // Pages may know the server under another name than the one under which it is reached.
        let renamed = url.origin() != self.server.origin();
        let moved = url.set_scheme(self.server.scheme()).is_ok()
            && url.set_host(self.server.host_str()).is_ok()
            && url.set_port(self.server.port()).is_ok();
        let method = Method::from_bytes(method.as_bytes());
        let (Ok(method), true) = (method, moved) else {
            return Err(failure(format!("{} cannot be sent", text(&request.method)), true, false));
        };
        let mut headers = HeaderMap::new();
        for header in &request.headers {
            let value = self.secrets.reveal(&header.value);
            match (HeaderName::from_bytes(&header.name), HeaderValue::from_bytes(&value)) {
                (Ok(name), Ok(value)) => {
                    headers.append(name, value);
                }
                _ => {
                    return Err(failure(
                        format!("{} cannot be sent as a header", text(&header.name)),
                        true,
                        false,
                    ));
                }
            }
        }
        if renamed && let Ok(value) = HeaderValue::from_str(&host) {
            headers.insert(HOST, value);
        }
        let body = self.body(request, &method);
        let mut sending = self.client.request(method, url).headers(headers);
        if let Some(body) = body {
            sending = sending.body(body);
        }
        let mut response = sending.send().await.map_err(|error| self.told(&error))?;
        if response.version() == Version::HTTP_2 {
            self.over_http2.fetch_add(1, Ordering::Relaxed);
        }
        let status = response.status().as_u16();
        let mut list = HeaderList::new();
        for (name, value) in response.headers() {
            list.append(name.as_str().as_bytes().to_vec(), self.secrets.hide(value.as_bytes()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.told(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > BODY {
                break;
            }
        }
        Ok(HttpResponse { status, headers: list, body: self.secrets.hide(&body) })
    }

    fn body(&self, request: &HttpRequest, method: &Method) -> Option<Vec<u8>> {
        let sample = request.body.as_ref().map(|body| body.to_vec());
        if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return sample;
        }
        let own = self.bodies.iter().find(|(path, _)| path_of(path) == request.url.path());
        own.map(|(_, body)| self.secrets.reveal(body.as_bytes())).or(sample)
    }

    /// What went wrong, with every cause, and without what is secret.
    fn told(&self, error: &reqwest::Error) -> WireError {
        let mut message = if error.is_timeout() { "no answer in time".to_owned() } else { String::new() };
        let mut source: Option<&dyn std::error::Error> = std::error::Error::source(error);
        while let Some(cause) = source {
            let said = cause.to_string();
            if !message.contains(&said) {
                message = if message.is_empty() { said } else { format!("{message}: {said}") };
            }
            source = cause.source();
        }
        if message.is_empty() {
            message = error.to_string();
        }
        failure(text(&self.secrets.hide(message.as_bytes())), error.is_connect(), error.is_timeout())
    }
}

impl Transport for OwnTransport {
    fn exchange<'a>(&'a self, request: &'a HttpRequest) -> BoxFuture<'a, Result<HttpResponse, WireError>> {
        self.perform(request).boxed()
    }
}

/// Whether the server is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(host)) => host == "localhost" || host.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn path_of(target: &str) -> &str {
    target.split('?').next().unwrap_or_default()
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn failure(message: String, before_sending: bool, timeout: bool) -> WireError {
    WireError::Transport { message, before_sending, timeout }
}
