use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use corspec_protocol::{Answer, BoxFuture, Hello, Instance, Policy, Server};
use hyper::Request;
use hyper::header::{HOST, HeaderValue};

use crate::mutant::Mutant;
use crate::server::Specimen;
use crate::site::Site;

/// Mutants that answer in this process, without a network: many times as fast, for the whole kill matrix.
#[derive(Clone, Debug, Default)]
pub struct InProcess(Arc<Mutex<Sites>>);

#[derive(Debug, Default)]
struct Sites {
    by_port: HashMap<u16, Arc<Site>>,
    last: u16,
}

/// What a mutant answers.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The header lines, in order.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body; empty where the request was a HEAD.
    pub body: Vec<u8>,
}

impl InProcess {
    /// The mutant as a server whose instances are asked with [`ask`](Self::ask).
    pub fn server(&self, mutant: &Mutant) -> impl Server + use<> {
        Unheard { sites: self.clone(), specimen: mutant.specimen() }
    }

    /// Asks the instance at that port of 127.0.0.1; nothing where there is none, or where HTTP could not say the request.
    pub fn ask<'h>(
        &self,
        port: u16,
        method: &[u8],
        target: &str,
        headers: impl IntoIterator<Item = (&'h [u8], &'h [u8])>,
    ) -> Option<Answered> {
        let site = self.sites().by_port.get(&port).cloned()?;
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut parts = request.body(()).ok()?.into_parts().0;
        if !parts.headers.contains_key(HOST) {
            parts.headers.insert(HOST, HeaderValue::from_str(&format!("127.0.0.1:{port}")).ok()?);
        }
        let reply = site.respond(&parts);
        let body = if parts.method == "HEAD" { Vec::new() } else { reply.body().clone().into_bytes() };
        let line = |(name, value): (&hyper::header::HeaderName, &HeaderValue)| {
            (name.as_str().as_bytes().to_vec(), value.as_bytes().to_vec())
        };
        Some(Answered {
            status: reply.status().as_u16(),
            headers: reply.headers().iter().map(line).collect(),
            body,
        })
    }

    fn sites(&self) -> MutexGuard<'_, Sites> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, site: Site) -> u16 {
        let mut sites = self.sites();
        loop {
            sites.last = sites.last.checked_add(1).unwrap_or(1);
            let port = sites.last;
            if port > 1024 && !sites.by_port.contains_key(&port) {
                sites.by_port.insert(port, Arc::new(site));
                return port;
            }
        }
    }
}

/// A mutant that listens nowhere.
struct Unheard {
    sites: InProcess,
    specimen: Specimen,
}

impl Server for Unheard {
    fn hello(&self) -> Hello {
        self.specimen.hello()
    }

    fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        let answer = match policy.map(|policy| self.specimen.site(policy)) {
            None => Specimen::without_policy(),
            Some(Err(rejected)) => Specimen::rejected(rejected),
            Some(Ok(site)) => {
                let port = self.sites.put(site);
                let removed = Removed { sites: self.sites.clone(), port };
                Answer::Ready(Instance::new(format!("http://127.0.0.1:{port}"), removed))
            }
        };
        Box::pin(async { answer })
    }
}

/// Takes the site away when it is dropped.
struct Removed {
    sites: InProcess,
    port: u16,
}

impl Drop for Removed {
    fn drop(&mut self) {
        self.sites.sites().by_port.remove(&self.port);
    }
}
