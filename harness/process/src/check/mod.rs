//! Holds a server against the contract.

mod answers;
mod conversation;
mod http;
mod report;
mod resource;
mod schema;

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use corspec_protocol::{Hello, Policy};

use crate::child::Ending;
use crate::command::CommandLine;
use crate::fault::{Breach, Fault};
use crate::link::Link;
use crate::loopback::LoopbackUrl;
use crate::options::Options;

use schema::{Departure, Messages};

pub use report::{CheckReport, Finding};

/// How long a server may take while it is held against the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOptions {
    /// From the start of the program to its `hello`.
    pub start_limit: Duration,
    /// From a message, or an HTTP request, to its answer.
    pub request_limit: Duration,
    /// From the end of stdin to the end of the program.
    pub stop_limit: Duration,
}

impl Default for CheckOptions {
    fn default() -> Self {
        let options = Options::default();
        Self {
            start_limit: options.start_limit,
            request_limit: options.request_limit,
            stop_limit: Duration::from_secs(5),
        }
    }
}

/// Holds a server against the whole contract.
///
/// It judges what every server must do, whatever its middleware is like: how it talks, and the resource.
/// Whether the middleware enforces a policy as it should is what the suite is for. What the contract leaves to the
/// framework or its middleware is noted where it is unusual.
pub async fn check(command: &CommandLine, options: &CheckOptions) -> CheckReport {
    let mut check = Check {
        limit: options.request_limit,
        report: CheckReport {
            command: command.to_string(),
            hello: None,
            checked: 0,
            findings: Vec::new(),
            notes: Vec::new(),
        },
    };
    let (ear, heard) = channel();
    check.talk(command, options, ear).await;
    check.messages(&heard);
    check.report
}

struct Check {
    limit: Duration,
    report: CheckReport,
}

/// A policy that is live.
struct Live {
    seq: u64,
    url: LoopbackUrl,
    text: String,
}

impl Check {
    async fn talk(&mut self, command: &CommandLine, options: &CheckOptions, ear: crate::link::Ear) {
        let link_options = Options {
            start_limit: options.start_limit,
            request_limit: options.request_limit,
            stop_grace: options.stop_limit,
            max_restarts: 0,
        };
        self.report.checked += 1;
        let link = match Link::start_heard(command, &link_options, Some(ear)).await {
            Ok((link, hello)) => {
                self.report.hello = Some(hello);
                link
            }
            Err(error) => {
                let contract = "the program answers {\"hello\": {\"protocol\": 1}} with its own hello";
                self.find("hello", "there is no hello", contract, error);
                return;
            }
        };
        // What breaks the link ends the check: nothing that comes afterwards would say anything.
        if let Err(fault) = self.conversation(&link).await {
            let contract = "stdout carries one answer to each message, and the program runs until stdin ends";
            self.find("conversation", "the server broke the protocol", contract, fault);
            link.end().await;
            return;
        }
        self.end(&link, options.stop_limit).await;
    }

    /// Every message that came, by its schema; the same mistake once.
    fn messages(&mut self, heard: &Receiver<Vec<u8>>) {
        let messages = Messages::new();
        let mut seen = Vec::new();
        for line in heard.try_iter() {
            self.report.checked += 1;
            for departure in messages.departures(&line) {
                // Of these two the link tells, and of a wrong number under it the program's own words say more.
                let is_told = matches!(&*departure.place, "/ready/url" | "/hello/protocol");
                let kind = (departure.place.clone(), departure.contract.clone());
                if is_told || seen.contains(&kind) {
                    continue;
                }
                seen.push(kind);
                self.departure(departure);
            }
        }
    }

    fn departure(&mut self, Departure { place, contract, came, is_addition }: Departure) {
        let message = place.split('/').nth(1).unwrap_or_default();
        if is_addition {
            let note = format!("`{message}` has {came} at {place}: {contract}");
            self.report.notes.push(note);
            return;
        }
        let problem = format!("`{message}` is not as schema/from-server/{message}.json says, at {place}");
        self.find("schema", &problem, &contract, came);
    }

    /// The end of stdin is the end of the program.
    async fn end(&mut self, link: &Link, limit: Duration) {
        self.report.checked += 1;
        // Every other fault that does not end the link has been found where its answer came.
        let mut faults = link.faults().into_iter();
        if let Some(fault) = faults.find(|fault| matches!(fault.breach, Breach::DropFailed { .. })) {
            self.find("drop", "a policy could not be dropped", "`drop` is answered with `dropped`", fault);
        }
        let contract = "at the end of stdin the process exits with 0";
        match link.end().await {
            Ending::Exited(status) if status.success() => {}
            Ending::Exited(status) => {
                link.tail().settle(Duration::from_millis(500));
                let fault = Fault::new(Breach::BadExit { status }, link.tail());
                self.find("end", "the server does not exit well", contract, fault);
            }
            Ending::Killed => {
                let problem = format!("the server still ran {limit:?} after the end of stdin");
                self.find("end", &problem, contract, "no exit; it was killed");
            }
        }
    }

    fn lacks(&self, route: &str) -> bool {
        self.report
            .hello
            .as_ref()
            .is_some_and(|hello: &Hello| hello.lacks.iter().any(|lacking| lacking == route))
    }

    /// Finds the same once: under another policy it tells an author nothing new.
    fn find(&mut self, part: &'static str, problem: &str, contract: &str, came: impl ToString) {
        if self.report.findings.iter().any(|known| (known.part, &*known.problem) == (part, problem)) {
            return;
        }
        self.report.findings.push(Finding {
            part,
            problem: problem.to_owned(),
            contract: contract.to_owned(),
            came: came.to_string(),
        });
    }

    /// Notes the same once.
    fn note(&mut self, note: String) {
        if !self.report.notes.contains(&note) {
            self.report.notes.push(note);
        }
    }
}

/// These origins, with the methods and headers that most middlewares can say.
fn policy(origins: &[&str]) -> Policy {
    Policy {
        origins: origins.iter().map(ToString::to_string).collect(),
        methods: ["GET", "POST", "PUT", "PATCH", "DELETE"].map(Into::into).into(),
        headers: vec!["X-Token".into()],
        expose: vec![],
        credentials: false,
        max_age: None,
    }
}
