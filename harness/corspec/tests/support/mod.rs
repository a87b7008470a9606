//! What several of these tests need: small servers of any manners, suites from text, and runs that end soon.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use corspec::case::{Kind, Suite, load_files_as};
use corspec::record::{CaseResult, Line, Record};
use corspec::run::{Bench, Plan, run};
use corspec::service::Service;
use corspec::subject::Subject;
use corspec::wire::{Limits, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Longer than any exchange of these tests takes, and short enough to wait for.
pub const PATIENCE: Duration = Duration::from_millis(500);

/// A request as a server sees it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    #[allow(dead_code, reason = "only servers that are nobody's friend look at it")]
    pub target: String,
    pub headers: Vec<(String, String)>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    pub fn origin(&self) -> &str {
        self.header("origin").unwrap_or_default()
    }

    pub fn is_preflight(&self) -> bool {
        self.method == "OPTIONS" && self.header("access-control-request-method").is_some()
    }
}

/// What a server answers: a status, and header lines.
pub type Answered = (u16, Vec<String>);

/// 200 with these header lines.
pub fn fine<const N: usize>(lines: [&str; N]) -> Answered {
    (200, lines.map(str::to_owned).to_vec())
}

/// A server that runs.
pub type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A server that answers every request by that function, over kept connections.
pub fn service(
    name: &str,
    answer: impl Fn(&Asked) -> Answered + Clone + Send + Sync + 'static,
) -> Service<impl Fn(TcpListener) -> Serving + Send + Sync + 'static> {
    Service::new(name, move |listener| -> Serving { Box::pin(serve(listener, answer.clone())) })
}

/// Answers every request by that function, for as long as it is polled.
pub async fn serve(
    listener: TcpListener,
    answer: impl Fn(&Asked) -> Answered + Clone + Send + Sync + 'static,
) {
    let talk = move |mut stream| {
        let answer = answer.clone();
        async move {
            while let Some(asked) = read_request(&mut stream).await {
                let (status, lines) = answer(&asked);
                let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
                let head = format!("HTTP/1.1 {status} Told\r\n{lines}Content-Length: 0\r\n\r\n");
                if stream.write_all(head.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    };
    accept(listener, talk).await;
}

/// Gives every connection to that function, for as long as it is polled.
pub async fn accept<F>(listener: TcpListener, connection: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        open.spawn(connection(stream));
    }
}

/// The next request of a connection; its body is read and forgotten.
pub async fn read_request(stream: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let asked = Asked { method, target, headers };
    let length = asked.header("content-length").map_or(0, |value| value.parse().unwrap_or(0));
    stream.read_exact(&mut vec![0; length]).await.ok()?;
    Some(asked)
}

/// The server suite in that text.
pub fn suite(text: &str) -> Suite {
    let name = text.lines().find_map(|line| line.strip_prefix("suite: ")).expect("a suite has a name");
    let loaded = load_files_as(Kind::Server, [(format!("{name}.yaml"), text)]);
    loaded.unwrap_or_else(|problems| panic!("\n{problems}")).remove(0)
}

/// A plan that gives up soon on whoever does not answer.
pub fn impatient(suites: Vec<Suite>) -> Plan {
    let limits = Limits { connect: PATIENCE, exchange: PATIENCE, head_bytes: 64 << 10, body_bytes: 1 << 20 };
    Plan { options: Options { limits, ..Options::default() }, ..Plan::new(suites) }
}

/// The record of a run.
pub async fn record(plan: Plan, subjects: &[Subject]) -> Record {
    let bench = Arc::new(Bench::start(plan.options.clone()).await.expect("a port on loopback"));
    let mut record = Record::default();
    run(&bench, &Arc::new(plan), subjects, Vec::new(), |line: &Line| {
        record.push(line.clone());
        true
    })
    .await;
    record
}

/// The result of a case, by its id alone.
pub fn result<'a>(record: &'a Record, id: &str) -> &'a CaseResult {
    let named = |result: &&CaseResult| result.case.split_once('/').is_some_and(|(_, known)| known == id);
    record.results.iter().find(named).unwrap_or_else(|| panic!("no result of {id}"))
}

/// The results of one server.
pub fn of<'a>(record: &'a Record, server: &'a str) -> impl Iterator<Item = &'a CaseResult> {
    record.results.iter().filter(move |result| result.server == server)
}
