use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use corspec_protocol::{PermittedOrigin, Policy};
use corspec_server_reference::{Resource, internal_server_error};
use hyper::Method;
use hyper::header::HeaderMap;
use hyper::http::request::Parts;

use crate::names::{COOKIE, HOST, HeaderName, ORIGIN, REQUEST_HEADERS, REQUEST_METHOD};
use crate::policy::{lists_header, lists_method};
use crate::reply::Reply;

/// One request, and what is known about it when a decision falls.
pub(crate) struct Turn<'a> {
    /// What is enforced.
    pub(crate) policy: &'a Policy,
    /// Its origins, parsed.
    pub(crate) entries: &'a [PermittedOrigin],
    /// The request, as the layer sees it.
    pub(crate) request: &'a Parts,
    /// Whether the layer takes it for a preflight.
    pub(crate) preflight: bool,
    /// What the resource answered; 0 for a preflight.
    pub(crate) status: u16,
    /// The headers that the resource sent on its own account; none for a preflight.
    pub(crate) own: HeaderMap,
    /// Whether the list holds the origin.
    pub(crate) listed: bool,
    pub(crate) resource: &'a Resource,
    pub(crate) memory: &'a Mutex<Memory>,
}

/// What a layer that should remember nothing remembers, for as long as the server lives.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) count: u64,
    pub(crate) flag: bool,
    pub(crate) names: Vec<String>,
    pub(crate) answers: HashMap<String, HeaderMap>,
}

impl Turn<'_> {
    /// A request header that was sent once.
    pub(crate) fn header(&self, name: HeaderName) -> Option<&str> {
        let mut lines = self.request.headers.get_all(name).iter();
        let line = lines.next()?;
        if lines.next().is_some() {
            return None;
        }
        str::from_utf8(line.as_bytes()).ok()
    }

    pub(crate) fn origin(&self) -> Option<&str> {
        self.header(ORIGIN)
    }

    /// The origin, or nothing.
    pub(crate) fn page(&self) -> &str {
        self.origin().unwrap_or_default()
    }

    /// Whether the page is one of the server's own, as far as a request shows it.
    pub(crate) fn own_page(&self) -> bool {
        let own = self.header(HOST).map(|host| format!("http://{host}"));
        own.is_some() && own.as_deref() == self.origin()
    }

    pub(crate) fn method(&self) -> &str {
        self.request.method.as_str()
    }

    pub(crate) fn path(&self) -> &str {
        self.request.uri.path()
    }

    pub(crate) fn has_cookie(&self) -> bool {
        self.request.headers.contains_key(COOKIE)
    }

    pub(crate) fn asked_method(&self) -> &str {
        self.header(REQUEST_METHOD).unwrap_or_default()
    }

    /// The names in `Access-Control-Request-Headers`, in however many lines.
    pub(crate) fn asked_headers(&self) -> Vec<&str> {
        let lines = self.request.headers.get_all(REQUEST_HEADERS).iter();
        lines
            .filter_map(|line| str::from_utf8(line.as_bytes()).ok())
            .flat_map(|line| line.split(','))
            .map(str::trim)
            .filter(|name| HeaderName::from_bytes(name.as_bytes()).is_ok())
            .collect()
    }

    /// Whether the preflight asks for nothing that the policy lacks.
    pub(crate) fn asks_for_listed(&self) -> bool {
        let method = self.asked_method();
        let simple = matches!(method, "GET" | "HEAD" | "POST");
        (simple || lists_method(self.policy, method))
            && self.asked_headers().iter().all(|name| lists_header(self.policy, name))
    }

    /// What a comparison of beginnings would say.
    pub(crate) fn begins_like_a_listed_one(&self) -> bool {
        self.policy
            .origins
            .iter()
            .any(|entry| entry.contains("://") && self.page().starts_with(entry.as_str()))
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the resource answer the request that a preflight asks for.
    pub(crate) fn handle_asked(&self) -> Reply {
        let mut request = self.request.clone();
        request.method = Method::from_bytes(self.asked_method().as_bytes()).unwrap_or(Method::OPTIONS);
        handle(self.resource, &request)
    }
}

/// Lets the resource answer, as a framework does: a panic becomes a 500.
pub(crate) fn handle(resource: &Resource, request: &Parts) -> Reply {
    // The resource counts its hits, and a panic leaves that count as good as it was.
    let handled = catch_unwind(AssertUnwindSafe(|| resource.handle(request)));
    handled.unwrap_or_else(|_| internal_server_error())
}

/// What the standard calls a preflight: an OPTIONS that lacks one of the two headers is none.
pub(crate) fn is_preflight(request: &Parts) -> bool {
    request.method == Method::OPTIONS
        && request.headers.contains_key(ORIGIN)
        && request.headers.contains_key(REQUEST_METHOD)
}
