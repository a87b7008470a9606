//! Holds a server against the contract.

mod http;
mod report;
mod resource;

use std::time::Duration;

use corspec_protocol::{Hello, Policy};
use hyper::Method;
use serde_json::{Value, json};

use crate::child::Ending;
use crate::command::CommandLine;
use crate::fault::{Breach, Fault};
use crate::link::{Link, Served};
use crate::loopback::LoopbackUrl;
use crate::options::Options;
use crate::printable::printable;

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
/// Whether the middleware enforces a policy as it should is what the suite is for.
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
    let link_options = Options {
        start_limit: options.start_limit,
        request_limit: options.request_limit,
        stop_grace: options.stop_limit,
        max_restarts: 0,
    };
    check.report.checked += 1;
    let link = match Link::start(command, &link_options).await {
        Ok((link, hello)) => {
            check.hello(&hello);
            check.report.hello = Some(hello);
            link
        }
        Err(error) => {
            let contract = "the program answers {\"hello\": {\"protocol\": 1}} with its own hello";
            check.find("hello", "there is no hello", contract, error);
            return check.report;
        }
    };
    // What breaks the link ends the check: nothing that comes afterwards would say anything.
    if let Err(fault) = check.conversation(&link).await {
        let contract = "stdout carries one answer to each message, and the program runs until stdin ends";
        check.find("conversation", "the server broke the protocol", contract, fault);
        link.end().await;
        return check.report;
    }
    check.end(&link, options.stop_limit).await;
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
    fn hello(&mut self, hello: &Hello) {
        let contract = "a hello has a `name`, and `lacks` names routes of the resource";
        if hello.name.trim().is_empty() || hello.name.chars().any(char::is_control) {
            self.find("hello", "the name is empty or no single line", contract, format!("{:?}", hello.name));
        }
        let is_route = |name: &str| name == resource::HITS || resource::ROUTES.contains(&name);
        for unknown in hello.lacks.iter().filter(|name| !is_route(name)) {
            let routes = format!("{contract}: {}, {}", resource::ROUTES.join(", "), resource::HITS);
            self.find("hello", "`lacks` names no route of the resource", &routes, printable(unknown, 80));
        }
    }

    /// Everything between hello and the end of stdin. An error is a breach that ended the link.
    async fn conversation(&mut self, link: &Link) -> Result<(), Fault> {
        let none = self.serve(link, "a policy that permits none", Some(policy(&[]))).await?;
        let any = self.serve(link, "a policy that permits any origin", Some(policy(&["*"]))).await?;
        let cookies = Policy { credentials: true, ..policy(&["https://app.example"]) };
        let cookies = self.serve(link, "a policy with credentials", Some(cookies)).await?;
        let default = self.serve(link, "no policy", None).await?;

        let lives = [&none, &any, &cookies, &default];
        let Some(first) = [&any, &cookies, &none, &default].into_iter().flatten().next() else {
            let contract = "a server maps the policies that its middleware can say";
            self.find("serve", "no policy at all can be served", contract, "never ready");
            return Ok(());
        };
        self.resource(first).await;
        for live in lives.into_iter().flatten().filter(|live| live.seq != first.seq) {
            self.answers_under_every_policy(live).await;
        }
        self.hits(link).await?;
        self.two_at_once(link).await?;
        self.many_origins(link).await?;
        self.drop(link, first, lives.into_iter().flatten().find(|live| live.seq != first.seq)).await?;
        // Soft faults are found where they come up; this is for what came up between.
        match link.over() {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }

    async fn serve(
        &mut self,
        link: &Link,
        what: &str,
        policy: Option<Policy>,
    ) -> Result<Option<Live>, Fault> {
        self.report.checked += 1;
        let asked = serde_json::to_string(&policy).unwrap_or_default();
        match link.serve(policy).await {
            Ok(Served::Ready { seq, url, text }) => return Ok(Some(Live { seq, url, text })),
            Ok(Served::Unsupported { reason, .. }) => self.note(what, "unsupported", &reason),
            Ok(Served::Refused { reason }) => self.note(what, "refused", &reason),
            Ok(Served::Failed { message }) => {
                let contract = format!(
                    "ready, or unsupported where the middleware cannot say {}, or refused where it rejects it",
                    printable(&asked, 300)
                );
                self.find(
                    "serve",
                    &format!("{what} made the server fail"),
                    &contract,
                    printable_lines(&message),
                );
            }
            Err(fault) if link.over().is_some() => return Err(fault),
            Err(fault) => {
                let contract = "`ready` names http://127.0.0.1:PORT, one for each policy, where it listens";
                self.find("serve", &format!("{what} is not served"), contract, fault);
            }
        }
        Ok(None)
    }

    fn note(&mut self, what: &str, answer: &str, reason: &str) {
        self.report.notes.push(format!("{what} is {answer}: {}", printable(reason, 300)));
    }

    /// Every route, asked without an `Origin`, so that the middleware has nothing to say.
    async fn resource(&mut self, live: &Live) {
        for probe in resource::probes() {
            if self.lacks(probe.route) {
                continue;
            }
            self.report.checked += 1;
            let what = format!("{} {}", probe.method, probe.path);
            match http::fetch(&live.url, &probe.method, probe.path, probe.headers, self.limit).await {
                Ok(response) => {
                    for (problem, came) in probe.problems(&response) {
                        self.find("resource", &format!("{what}: {problem}"), &probe.contract(), came);
                    }
                }
                Err(came) => {
                    self.find(
                        "resource",
                        &format!("{what}: no answer"),
                        &probe.contract(),
                        printable(&came, 300),
                    );
                }
            }
        }
    }

    async fn answers_under_every_policy(&mut self, live: &Live) {
        if self.lacks("resource") {
            return;
        }
        self.report.checked += 1;
        let contract = "every server serves the same routes under every policy";
        match http::fetch(&live.url, &Method::GET, "/resource", &[], self.limit).await {
            Ok(response) if response.status == 200 => {}
            Ok(response) => {
                let came = format!("{}, {}", response.status, response.text());
                self.find("resource", "GET /resource is refused without an origin", contract, came);
            }
            Err(came) => self.find("resource", "GET /resource: no answer", contract, printable(&came, 300)),
        }
    }

    /// `/hits` counts the runs of one handler under one policy.
    async fn hits(&mut self, link: &Link) -> Result<(), Fault> {
        if self.lacks(resource::HITS) || self.lacks("resource") {
            return Ok(());
        }
        let Some(live) = self.serve_quietly(link, policy(&["https://hits.example"])).await? else {
            return Ok(());
        };
        self.report.checked += 1;
        for expected in [0, 2] {
            let contract = format!("200, body `{}` after {expected} requests", json!({"hits": expected}));
            match http::fetch(&live.url, &Method::GET, "/hits", &[], self.limit).await {
                Ok(response) => {
                    let body = serde_json::from_slice::<Value>(&response.body).unwrap_or_default();
                    if response.status != 200 || body != json!({"hits": expected}) {
                        let came = format!("{}, {}", response.status, response.text());
                        self.find("resource", "GET /hits counts wrong", &contract, came);
                    }
                }
                Err(came) => {
                    self.find("resource", "GET /hits: no answer", &contract, printable(&came, 300));
                }
            }
            for _ in 0..2 {
                // Whether this works is asked for elsewhere.
                drop(http::fetch(&live.url, &Method::GET, "/resource", &[], self.limit).await);
            }
        }
        drop_policy(link, live.seq).await
    }

    /// Two policies asked for before the first answer: each answer belongs to its own question.
    async fn two_at_once(&mut self, link: &Link) -> Result<(), Fault> {
        let [one, two] = ["https://one.example", "https://two.example"];
        self.report.checked += 1;
        let (first, second) =
            tokio::join!(link.serve(Some(policy(&[one]))), link.serve(Some(policy(&[two]))),);
        let mut ready = Vec::new();
        for served in [first, second] {
            match served {
                Ok(Served::Ready { seq, url, text }) => ready.push(Live { seq, url, text }),
                Ok(_) => {}
                Err(fault) if link.over().is_some() => return Err(fault),
                Err(fault) => {
                    let contract = "many policies are live at once, each on its own url";
                    self.find("serve", "two policies at once are not both served", contract, fault);
                }
            }
        }
        let [first, second] = &ready[..] else { return Ok(()) };
        // A middleware that permits too much or too little is not judged here, but one policy that permits
        // exactly what the other one asked for is an answer under the wrong number.
        let permits = [
            self.permits(first, one).await && !self.permits(first, two).await,
            self.permits(first, two).await && !self.permits(first, one).await,
            self.permits(second, one).await && !self.permits(second, two).await,
        ];
        if permits == [false, true, true] {
            let came = format!(
                "the policy for {one} is at {}, and was announced at {}",
                printable(&second.text, 80),
                printable(&first.text, 80)
            );
            let contract = "answers are matched by `seq`, in whatever order they come";
            self.find("seq", "two answers bear each other's `seq`", contract, came);
        }
        for live in &ready {
            drop_policy(link, live.seq).await?;
        }
        Ok(())
    }

    async fn permits(&self, live: &Live, origin: &'static str) -> bool {
        let headers = &[("origin", origin)];
        let response = http::fetch(&live.url, &Method::GET, "/resource", headers, self.limit).await;
        response.is_ok_and(|response| {
            response.header("access-control-allow-origin").is_some_and(|permitted| permitted == origin)
        })
    }

    /// A line that is longer than what a pipe or a careless reader holds at once.
    async fn many_origins(&mut self, link: &Link) -> Result<(), Fault> {
        let origins: Vec<_> = (0..4000).map(|number| format!("https://app{number}.example")).collect();
        let long = Policy { origins, ..policy(&[]) };
        match self.serve(link, "a policy with 4000 origins", Some(long)).await? {
            Some(live) => drop_policy(link, live.seq).await,
            None => Ok(()),
        }
    }

    async fn drop(&mut self, link: &Link, first: &Live, other: Option<&Live>) -> Result<(), Fault> {
        self.report.checked += 1;
        let contract = "after `dropped` nothing listens at that url, and every other policy stays live";
        drop_policy(link, first.seq).await?;
        if first.url.connect().await.is_ok() {
            self.find(
                "drop",
                "the server still listens where it stopped",
                contract,
                printable(&first.text, 80),
            );
        }
        if let Some(other) = other
            && let Err(error) = other.url.connect().await
        {
            let came = format!("{}: {error}", printable(&other.text, 80));
            self.find("drop", "another policy went with the one that was dropped", contract, came);
        }
        Ok(())
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

    async fn serve_quietly(&mut self, link: &Link, policy: Policy) -> Result<Option<Live>, Fault> {
        match link.serve(Some(policy)).await {
            Ok(Served::Ready { seq, url, text }) => Ok(Some(Live { seq, url, text })),
            Err(fault) if link.over().is_some() => Err(fault),
            _ => Ok(None),
        }
    }

    fn lacks(&self, route: &str) -> bool {
        self.report.hello.as_ref().is_some_and(|hello| hello.lacks.iter().any(|lacking| lacking == route))
    }

    fn find(&mut self, part: &'static str, problem: &str, contract: &str, came: impl ToString) {
        self.report.findings.push(Finding {
            part,
            problem: problem.to_owned(),
            contract: contract.to_owned(),
            came: came.to_string(),
        });
    }
}

/// A policy that could not be dropped is found once, at the end.
async fn drop_policy(link: &Link, seq: u64) -> Result<(), Fault> {
    match link.drop_policy(seq).await {
        Err(fault) if !matches!(fault.breach, Breach::DropFailed { .. }) => Err(fault),
        _ => Ok(()),
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

fn printable_lines(text: &str) -> String {
    text.lines().map(|line| printable(line, 300)).collect::<Vec<_>>().join("\n")
}
