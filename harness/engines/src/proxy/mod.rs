//! The network that a browser under test sees: a proxy that is every host there is.
//!
//! It serves the runner's pages at a reserved path of every origin, and answers what a case asks for with the case's own
//! bytes. Nothing is resolved and nothing is forwarded, so no request leaves the machine.
//!
//! A browser has a proxy of its own and performs one step at a time, so every request for a host of the step is the
//! step's; what else a browser talks to is told apart by its host.

mod message;
mod script;
mod tls;

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use corspec::case::Scripted;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::page;
use message::{Incoming, Reader, write_own, write_scripted};
use script::{Reply, Script};
use tls::Certificates;

pub use message::Seen;
pub use script::Transcript;

/// The status of the answer to a request that no entry of a script answers.
const UNANSWERED: u16 = 599;

/// A proxy on a loopback port. It stops when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy in the current runtime, on a port that the operating system chooses.
    ///
    /// # Errors
    /// Where no port can be bound on loopback.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on answers what is asked of `hosts` with the responses, in their order.
    pub fn follow(&self, responses: &[Scripted], hosts: BTreeSet<String>) {
        *self.shared.script() = Some(Script::new(responses, hosts));
    }

    /// Ends the script, and tells what became of it.
    pub fn finish(&self) -> Transcript {
        self.shared.script().take().map(Script::finish).unwrap_or_default()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // The connections' tasks are in a set that the accepting task owns.
        self.accepting.abort();
    }
}

#[derive(Default)]
struct Shared {
    script: Mutex<Option<Script>>,
    certificates: Certificates,
}

impl Shared {
    fn script(&self) -> MutexGuard<'_, Option<Script>> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("script", &self.script).finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let shared = Arc::clone(&shared);
                // A connection that breaks is the browser's affair; what it asked for is in the transcript.
                connections.spawn(async move { serve_connection(stream, &shared).await.unwrap_or_default() });
            }
            // Out of file descriptors, most likely: others will close theirs.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Plain HTTP in absolute form, until a tunnel is asked for; in a tunnel TLS, in TLS requests for one origin.
async fn serve_connection(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = Reader::default();
    while let Some(request) = reader.request(&mut stream).await? {
        if request.method != "CONNECT" {
            let Some((origin, path)) = split_absolute(&request.target) else { return Ok(()) };
            let (origin, path) = (origin.to_owned(), path.to_owned());
            if !serve_request(request, &origin, &path, &mut stream, shared).await? {
                return stream.shutdown().await;
            }
            continue;
        }
        stream.write_all(b"HTTP/1.1 200 \r\n\r\n").await?;
        let authority = request.target;
        let acceptor = shared.certificates.acceptor(host_of(&authority)).map_err(io::Error::other)?;
        let mut stream = acceptor.accept(stream).await?;
        let origin = format!("https://{}", authority.strip_suffix(":443").unwrap_or(&authority));
        let mut reader = Reader::default();
        while let Some(request) = reader.request(&mut stream).await? {
            let path = request.target.clone();
            if !serve_request(request, &origin, &path, &mut stream, shared).await? {
                return stream.shutdown().await;
            }
        }
        return Ok(());
    }
    Ok(())
}

/// Answers one request, and says whether the connection is kept.
async fn serve_request(
    request: Incoming,
    origin: &str,
    path: &str,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    shared: &Shared,
) -> io::Result<bool> {
    let mut out = Vec::with_capacity(1024);
    let mut keep = true;
    if let Some(document) = page::document(path) {
        write_own(200, "text/html; charset=utf-8", document, &mut out);
    } else {
        let is_head = request.method == "HEAD";
        let seen = Seen {
            method: request.method,
            url: format!("{origin}{path}"),
            headers: request.headers,
            body: request.body,
        };
        let host = host_of(origin.split_once("//").map_or(origin, |(_, authority)| authority));
        let reply = shared.script().as_mut().map_or(Reply::Stray, |script| script.answer(host, seen));
        match reply {
            Reply::Scripted(answer) if answer.close => return Ok(false),
            Reply::Scripted(answer) => keep = write_scripted(&answer, is_head, &mut out),
            Reply::Unanswered => write_own(UNANSWERED, "text/plain", "", &mut out),
            Reply::Stray => write_own(404, "text/plain", "", &mut out),
        }
    }
    stream.write_all(&out).await?;
    stream.flush().await?;
    Ok(keep)
}

/// The origin and the rest of an absolute URL.
fn split_absolute(target: &str) -> Option<(&str, &str)> {
    let authority = target.find("://")? + 3;
    let path = target[authority..].find('/').map_or(target.len(), |path| authority + path);
    Some((&target[..path], &target[path..]))
}

/// The host of an authority, an IPv6 address in its brackets.
fn host_of(authority: &str) -> &str {
    let end = authority.rfind(']').unwrap_or_default();
    authority[end..].find(':').map_or(authority, |port| &authority[..end + port])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://a.example:8080/x?y", Some(("http://a.example:8080", "/x?y")))]
    #[case("http://[::1]/", Some(("http://[::1]", "/")))]
    #[case("/x", None)]
    fn absolute_form(#[case] target: &str, #[case] parts: Option<(&str, &str)>) {
        assert_eq!(split_absolute(target), parts);
    }

    #[rstest]
    #[case("a.example", "a.example")]
    #[case("a.example:443", "a.example")]
    #[case("[::1]:443", "[::1]")]
    #[case("[::1]", "[::1]")]
    fn hosts(#[case] authority: &str, #[case] host: &str) {
        assert_eq!(host_of(authority), host);
    }
}
