//! All servers, measured: how each does in each suite, what was found, and what each grants as it comes.
//!
//! [`Matrix`] is made from a record and is what `reports/matrix.json` holds; the pages are made from it.

mod findings;
mod mark;
mod page;

use std::collections::BTreeMap;

use corspec_protocol::Hello;
use serde::{Deserialize, Serialize};

use super::as_it_comes::{Grants, grants};
use super::printable::printable;
use super::{civil, explain, snapshot};
use crate::record::{CaseResult, Cause, DeviationNote, Record, Verdict};

pub use findings::render as findings;
pub use mark::Mark;
pub use page::render as page;

/// All servers, measured. Every text in it is fit to be seen, and not escaped for any format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matrix {
    /// The version of corspec.
    pub corspec: String,
    /// The commit of the Fetch standard that the model follows.
    pub standard: String,
    /// The command that measured.
    pub command: String,
    /// The day.
    pub date: String,
    /// The suites, in their order.
    pub suites: Vec<String>,
    /// The servers, by name.
    pub servers: Vec<Server>,
}

/// One server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// The language it is written in.
    pub language: Option<String>,
    /// The middleware and its version.
    pub middleware: Option<String>,
    /// The framework and its version.
    pub framework: Option<String>,
    /// What runs it, and its version.
    pub runtime: Option<String>,
    /// Where the middleware is documented.
    pub homepage: Option<String>,
    /// The day on which it was measured.
    pub date: String,
    /// The command that measured it, where that is not the whole matrix's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Whether it could run.
    pub state: State,
    /// What went wrong with it as a whole.
    pub problems: Vec<String>,
    /// How many results there are of each mark, by suite.
    pub suites: BTreeMap<String, Marks>,
    /// How many results no known deviation explains, by suite; `deviations` stands for the list itself, and `protocol` for how
    /// the server is driven.
    pub unexplained: BTreeMap<String, usize>,
    /// What its middleware grants without any option; what the server says where it has no such thing.
    pub as_it_comes: Option<AsFound>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// What became of a middleware that was switched on without any option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AsFound {
    /// It grants this.
    Grants(Grants),
    /// It has no such thing, or said no.
    Says(String),
}

/// How many results there are of each mark.
pub type Marks = BTreeMap<Mark, usize>;

/// Whether a server could run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its cases ran.
    Tested,
    /// It cannot run here.
    #[default]
    Unavailable,
    /// It never came so far as to be tested.
    Broken,
}

/// One way in which a server falls short, and all cases that show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is to whoever uses the server: the worst of its cases.
    pub mark: Mark,
    /// `bug`, `by-design`, `cannot-express`; nothing where nobody has explained it.
    pub class: Option<String>,
    /// Why the server does so.
    pub reason: Option<String>,
    /// Where that is to be read.
    pub link: Option<String>,
    /// The cases.
    pub cases: Vec<String>,
    /// One of them.
    pub sample: Sample,
}

/// A case with what went over the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// `suite/id`
    pub case: String,
    /// What happened, in a sentence.
    pub headline: String,
    /// What the case teaches.
    pub why: String,
    /// The outcome that must be reached.
    pub expected: String,
    /// The outcome that was reached, with its reason.
    pub outcome: String,
    /// The requests and the responses, with the header lines that decide.
    pub exchanges: String,
    /// What the rules of each engine make of it: the outcome, with its reason.
    pub engines: BTreeMap<String, String>,
}

/// What is known of a server apart from what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// The language it is written in.
    pub language: String,
    /// Where its middleware is documented.
    pub homepage: Option<String>,
}

impl Matrix {
    /// What a record says of its servers; `command` is what was called.
    pub fn of(record: &Record, described: &[Described], command: &str) -> Self {
        let date = civil::utc(record.run.started).split(',').next().unwrap_or_default().to_owned();
        let mut suites: Vec<String> = Vec::new();
        for result in record.results.iter().filter(|result| is_case(result)) {
            if !suites.iter().any(|known| known == result.suite()) {
                suites.push(result.suite().to_owned());
            }
        }
        let mut servers: Vec<_> = record
            .servers
            .iter()
            .map(|info| {
                let about = described.iter().find(|known| known.name == info.name);
                let server = Server::of(record, &info.name, info.hello.as_ref(), info.problem.as_deref());
                Server {
                    language: server.language.or_else(|| about.map(|about| about.language.clone())),
                    homepage: server.homepage.or_else(|| about?.homepage.clone()),
                    date: date.clone(),
                    ..server
                }
            })
            .collect();
        servers.sort_by(|one, other| one.name.cmp(&other.name));
        Self {
            corspec: printable(&record.run.corspec).into_owned(),
            standard: printable(&record.run.standard).into_owned(),
            command: printable(command).into_owned(),
            date,
            suites,
            servers,
        }
    }

    /// The same with what an earlier matrix says of servers that this one does not name.
    #[must_use]
    pub fn with_others_of(mut self, earlier: Self) -> Self {
        for server in &mut self.servers {
            server.command = Some(self.command.clone());
        }
        self.command = earlier.command;
        self.date = earlier.date;
        self.suites = earlier.suites;
        let is_new = |server: &Server| !self.servers.iter().any(|known| known.name == server.name);
        let others: Vec<_> = earlier.servers.into_iter().filter(is_new).collect();
        self.servers.extend(others);
        self.servers.sort_by(|one, other| one.name.cmp(&other.name));
        self
    }

    /// The servers that were tested, the worst first.
    fn tested(&self) -> Vec<&Server> {
        let mut tested: Vec<_> = self.servers.iter().filter(|server| server.state == State::Tested).collect();
        tested.sort_by_key(|server| {
            let worst = Mark::ALL.map(|mark| match mark {
                Mark::Noted | Mark::Refused | Mark::Unsupported | Mark::Passed => 0,
                mark => server.count(mark),
            });
            (std::cmp::Reverse((server.count_unexplained(), worst)), server.name.clone())
        });
        tested
    }
}

impl Server {
    fn of(record: &Record, name: &str, hello: Option<&Hello>, problem: Option<&str>) -> Self {
        let said = |text: Option<&String>| text.map(|text| printable(text).into_owned());
        let results: Vec<_> = record
            .results
            .iter()
            .filter(|result| result.server == name && matches!(&*result.profile, "fetch" | ""))
            .collect();
        let state = match results.iter().all(|result| result.verdict == Verdict::Unavailable) {
            true => State::Unavailable,
            false if problem.is_some() => State::Broken,
            false => State::Tested,
        };
        let mut suites: BTreeMap<String, Marks> = BTreeMap::new();
        if state == State::Tested {
            for result in results.iter().filter(|result| is_case(result)) {
                let Some(mark) = Mark::of(result) else { continue };
                *suites.entry(result.suite().to_owned()).or_default().entry(mark).or_default() += 1;
            }
        }
        let mut unexplained = BTreeMap::new();
        for result in results.iter().filter(|result| result.fails()) {
            *unexplained.entry(printable(result.suite()).into_owned()).or_default() += 1;
        }
        let told =
            results.iter().filter(|result| !is_case(result)).filter_map(|result| result.message.as_deref());
        Self {
            name: printable(name).into_owned(),
            language: said(hello.and_then(|hello| hello.language.as_ref())),
            middleware: said(hello.and_then(|hello| hello.middleware.as_ref())),
            framework: said(hello.and_then(|hello| hello.framework.as_ref())),
            runtime: said(hello.and_then(|hello| hello.runtime.as_ref())),
            homepage: said(hello.and_then(|hello| hello.homepage.as_ref())),
            date: String::new(),
            command: None,
            state,
            problems: problem.into_iter().chain(told).map(snapshot::stable).collect(),
            suites,
            unexplained,
            as_it_comes: record
                .as_it_comes
                .iter()
                .find(|found| found.server == name)
                .map(|found| grants(found).map_or_else(AsFound::Says, AsFound::Grants)),
            findings: if state == State::Tested { findings_of(record, &results) } else { Vec::new() },
        }
    }

    /// How many results no known deviation explains.
    pub fn count_unexplained(&self) -> usize {
        self.unexplained.values().sum()
    }

    /// How many results there are of a mark.
    pub fn count(&self, mark: Mark) -> usize {
        self.suites.values().filter_map(|marks| marks.get(&mark)).sum()
    }
}

/// Whether a result is of a case, and not of the list of deviations or of the protocol.
fn is_case(result: &CaseResult) -> bool {
    !result.case.starts_with("deviations/") && !result.case.starts_with("protocol/")
}

/// What was found, the worst first.
fn findings_of(record: &Record, results: &[&CaseResult]) -> Vec<Finding> {
    let mut causes: Vec<(Cause<'_>, Vec<&CaseResult>)> = Vec::new();
    for result in results.iter().copied().filter(|result| is_case(result) && is_found(result)) {
        match causes.iter_mut().find(|(cause, _)| *cause == result.cause()) {
            Some((_, results)) => results.push(result),
            None => causes.push((result.cause(), vec![result])),
        }
    }
    let mut findings: Vec<_> =
        causes.iter().filter_map(|(cause, results)| finding(record, cause, results)).collect();
    findings.sort_by_key(|finding| (finding.class.is_some(), finding.mark));
    findings
}

/// What fell short, and what broke. What is undecided follows from that.
fn is_found(result: &CaseResult) -> bool {
    (result.verdict.fell_short() && (result.level != "may" || result.deviation.is_some()))
        || result.verdict == Verdict::Error
}

fn finding(record: &Record, cause: &Cause<'_>, results: &[&CaseResult]) -> Option<Finding> {
    let note: Option<&DeviationNote> = match cause {
        Cause::Known(note) => Some(note),
        Cause::Unknown(..) => None,
    };
    // The one of which the engines' view was taken is the first that fell short.
    let sample = results.iter().find(|result| result.verdict.fell_short()).or(results.first())?;
    let said = |text: &String| printable(text).into_owned();
    Some(Finding {
        mark: results.iter().filter_map(|result| Mark::of(result)).min()?,
        class: note.map(|note| said(&note.class)),
        reason: note.map(|note| said(&note.reason)),
        link: note.and_then(|note| note.link.as_deref()).and_then(explain::link).map(str::to_owned),
        cases: results.iter().map(|result| printable(&result.case).into_owned()).collect(),
        sample: sample_of(record, sample),
    })
}

fn sample_of(record: &Record, result: &CaseResult) -> Sample {
    let views = record.views.iter().filter(|view| view.server == result.server && view.case == result.case);
    let seen = |outcome: Option<&str>, reason: Option<&str>| match (outcome, reason) {
        (Some(outcome), Some(reason)) => format!("{} ({})", printable(outcome), printable(reason)),
        (Some(outcome), None) => printable(outcome).into_owned(),
        (None, _) => "–".to_owned(),
    };
    Sample {
        case: printable(&result.case).into_owned(),
        headline: snapshot::stable(&explain::headline(result)),
        why: printable(&result.about.why).into_owned(),
        expected: explain::expected(result),
        outcome: seen(result.outcome.as_deref(), result.reason.as_deref()),
        exchanges: snapshot::exchanges(result),
        engines: views
            .map(|view| {
                let outcome = seen(view.outcome.as_deref(), view.reason.as_deref());
                (printable(&view.profile).into_owned(), outcome)
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{AsItComes, ServerAnswer, View};
    use crate::report::sample;

    /// The sample, with what only a matrix has.
    pub(super) fn record() -> Record {
        let mut record = sample::record();
        for (profile, verdict, outcome, reason) in [
            ("chromium", Verdict::OverBlocks, "block", Some("method-not-allowed")),
            ("firefox", Verdict::OverBlocks, "block", Some("method-not-allowed")),
            ("webkit", Verdict::Pass, "allow", None),
        ] {
            record.views.push(View {
                server: "express-cors".to_owned(),
                case: "methods/put-with-a-token".to_owned(),
                profile: profile.to_owned(),
                verdict,
                outcome: Some(outcome.to_owned()),
                reason: reason.map(str::to_owned),
            });
        }
        record.as_it_comes.push(AsItComes {
            server: "express-cors".to_owned(),
            answer: ServerAnswer::Unsupported,
            message: Some("there is no default".to_owned()),
            observed: Vec::new(),
        });
        record
    }

    pub(super) fn described() -> Vec<Described> {
        let nginx = Described {
            name: "nginx".to_owned(),
            language: "configuration".to_owned(),
            homepage: Some("https://nginx.org".to_owned()),
        };
        vec![nginx]
    }

    #[test]
    fn is_read_as_it_was_written() {
        let matrix = Matrix::of(&record(), &described(), "corspec matrix");
        let json = serde_json::to_string_pretty(&matrix).unwrap();
        assert_eq!(serde_json::from_str::<Matrix>(&json).unwrap(), matrix);
    }

    #[test]
    fn what_cannot_run_is_no_pass() {
        let matrix = Matrix::of(&record(), &described(), "corspec matrix");
        let nginx = matrix.servers.iter().find(|server| server.name == "nginx").unwrap();
        assert_eq!((nginx.state, nginx.language.as_deref()), (State::Unavailable, Some("configuration")));
        assert!(nginx.suites.is_empty());
        assert_eq!(nginx.problems, ["nginx is not installed"]);
    }

    #[test]
    fn a_part_keeps_the_others() {
        let whole = Matrix::of(&record(), &described(), "corspec matrix");
        let mut part = whole.clone();
        part.servers.retain(|server| server.name == "nginx");
        part.servers[0].problems = vec!["it is still not installed".to_owned()];
        let both = part.with_others_of(whole.clone());
        let names: Vec<_> = both.servers.iter().map(|server| &*server.name).collect();
        assert_eq!(names, ["express-cors", "nginx"]);
        assert_eq!(both.servers[1].problems, ["it is still not installed"]);
        assert_eq!(both.servers[0], whole.servers[0]);
    }

    /// The first finding is what nobody has explained, however small.
    #[test]
    fn findings_are_by_cause() {
        let matrix = Matrix::of(&record(), &described(), "corspec matrix");
        let findings = &matrix.servers[0].findings;
        let told: Vec<_> = findings
            .iter()
            .map(|finding| (finding.mark, finding.class.as_deref(), finding.cases.len()))
            .collect();
        assert_eq!(
            told,
            [
                (Mark::Hole, None, 1),
                (Mark::Error, None, 1),
                (Mark::BrokenClient, None, 1),
                (Mark::Detail, None, 1),
                (Mark::BrokenClient, Some("bug"), 1),
            ]
        );
        assert_eq!(findings[4].sample.engines.len(), 3);
    }
}
