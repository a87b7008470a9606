//! `AGREEMENT.md`: the model and real browsers, case by case.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use corspec_browser::{Exchange, STANDARD};
use serde::Serialize;

use super::markup::prose;
use crate::agreement::{Both, Disagreement, Held, KnownHeads};
use crate::browser::{NotPerformed, Performed};
use crate::record::text;

/// How many characters of what the two tell stand in a table.
const SHOWN: usize = 160;

/// What the report knows of an engine.
#[derive(Debug, Default, Serialize)]
pub struct Engine {
    name: String,
    version: String,
    /// Cases a second, controls and waiting included.
    pub cases_a_second: f64,
    agreed: usize,
    disagreed: usize,
    unexplained: usize,
    not_performable: BTreeMap<String, usize>,
    broken: usize,
    /// Requests that both sent.
    heads: usize,
    heads_alike: usize,
    heads_unexplained: usize,
    head_differences: Vec<HeadDifference>,
    cases: Vec<Entry>,
}

/// One way in which the engine writes heads otherwise.
#[derive(Debug, Serialize)]
struct HeadDifference {
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    explained: Option<String>,
    /// How many requests.
    count: usize,
    /// One of the cases.
    case: String,
}

/// A case with both answers.
#[derive(Debug, Serialize)]
struct Entry {
    case: String,
    model: Vec<Answer>,
    engine: Vec<Answer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disagreements: Vec<Disagreement>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explained: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_performed: Option<String>,
}

/// One step as one of the two tells it.
#[derive(Debug, Serialize)]
struct Answer {
    outcome: &'static str,
    reasons: Vec<&'static str>,
    visible: Option<Vec<(String, String)>>,
    requests: Vec<String>,
    console: Vec<String>,
}

impl Engine {
    /// Nothing is known of it yet.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { name: name.into(), version: version.into(), ..Self::default() }
    }

    /// Whether there is nothing that nobody has explained.
    pub fn is_as_expected(&self) -> bool {
        self.unexplained + self.broken + self.heads_unexplained == 0
    }

    /// The figures, in a line.
    pub fn summary(&self) -> String {
        format!(
            "{:<10} {}: {} agreed, {} disagreed, {} of them unexplained, {} not performable, {} broken; {} of {} requests written alike, {} otherwise for no known reason; {:.0} cases a second",
            self.name,
            self.version,
            self.agreed,
            self.disagreed,
            self.unexplained,
            self.not_performable.values().sum::<usize>(),
            self.broken,
            self.heads_alike,
            self.heads,
            self.heads_unexplained,
            self.cases_a_second,
        )
    }

    /// Counts a case; `explained` is the reason that is known for where the engine departs from the model, and `heads` what
    /// is known of how it writes requests.
    pub fn take(&mut self, case: String, held: Held, explained: Option<String>, heads: &KnownHeads) {
        let (disagreements, both) = match held {
            Held::Agreed(both) => (Vec::new(), both),
            Held::Disagreed(found, both) => (found, both),
            Held::NotPerformed(problem) => {
                if let NotPerformed::Cannot(why) = &problem {
                    *self.not_performable.entry(why.clone()).or_default() += 1;
                } else if explained.is_none() {
                    self.broken += 1;
                }
                self.cases.push(Entry {
                    case,
                    model: Vec::new(),
                    engine: Vec::new(),
                    disagreements: Vec::new(),
                    explained,
                    not_performed: Some(problem.to_string()),
                });
                return;
            }
        };
        if disagreements.is_empty() {
            self.agreed += 1;
        } else {
            self.disagreed += 1;
            self.unexplained += usize::from(explained.is_none());
        }
        let Both { model, engine, heads: written } = &both;
        self.heads += written.compared;
        self.heads_alike += written.compared - written.differences.len();
        let known = heads.reason_for(&case).or(explained.as_deref());
        for what in &written.differences {
            self.heads_unexplained += usize::from(known.is_none());
            let same = |seen: &&mut HeadDifference| seen.what == *what && seen.explained.as_deref() == known;
            match self.head_differences.iter_mut().find(same) {
                Some(seen) => seen.count += 1,
                None => self.head_differences.push(HeadDifference {
                    what: what.clone(),
                    explained: known.map(str::to_owned),
                    count: 1,
                    case: case.clone(),
                }),
            }
        }
        let explained = explained.filter(|_| !disagreements.is_empty());
        self.cases.push(Entry {
            case,
            model: model.iter().map(answer).collect(),
            engine: engine.iter().map(answer).collect(),
            disagreements,
            explained,
            not_performed: None,
        });
    }
}

fn answer(performed: &Performed) -> Answer {
    let outcome = &performed.outcome;
    let line = |exchange: &Exchange| {
        let request = &exchange.request;
        let mut line = format!("{} {}", text(&request.method), request.url);
        for header in &request.headers {
            let name = text(&header.name);
            if name.eq_ignore_ascii_case("origin") || name.to_ascii_lowercase().starts_with("access-control-")
            {
                let _ = write!(line, "; {name}: {}", text(&header.value));
            }
        }
        line
    };
    let visible = outcome.response.as_ref().and_then(|response| response.headers.as_ref());
    Answer {
        outcome: outcome.name(),
        reasons: outcome.reasons.iter().map(|reason| reason.code()).collect(),
        visible: visible
            .map(|headers| headers.iter().map(|header| (text(&header.name), text(&header.value))).collect()),
        requests: outcome.exchanges.iter().map(line).collect(),
        console: performed.console.clone(),
    }
}

/// The page.
pub fn page(engines: &[Engine]) -> String {
    let mut written = format!(
        "# The model and real browsers\n\n`corspec agree` performs every case of `cases/browser` in each engine and by the model under that engine's profile, and\ncompares outcome, reason, what script sees, and the requests on the wire. The standard: {STANDARD}.\n\nHeads are compared line by line, in order and spelling: `User-Agent`, client hints and `Accept-Language` by name and place\nalone, `Referer` up to the path, and what Chromium keeps in a hash table without its order.\n\n| engine | agreed | disagreed | unexplained | not performable | broken | heads alike | unexplained | cases a second |\n|---|---|---|---|---|---|---|---|---|\n"
    );
    for engine in engines {
        let _ = writeln!(
            written,
            "| {} | {} | {} | {} | {} | {} | {} of {} | {} | {:.0} |",
            engine.version,
            engine.agreed,
            engine.disagreed,
            engine.unexplained,
            engine.not_performable.values().sum::<usize>(),
            engine.broken,
            engine.heads_alike,
            engine.heads,
            engine.heads_unexplained,
            engine.cases_a_second,
        );
    }
    for engine in engines {
        let _ = write!(written, "\n## {}\n\n", engine.version);
        for (why, count) in &engine.not_performable {
            let _ = writeln!(written, "- not performable, {count}: {why}");
        }
        written.push_str("\n| case | what | model | engine | why |\n|---|---|---|---|---|\n");
        for entry in &engine.cases {
            let why = entry.explained.as_deref().map_or("**unexplained**".to_owned(), cell);
            if let Some(problem) = entry.not_performed.as_deref()
                && !engine.not_performable.contains_key(problem)
            {
                let _ = writeln!(written, "| {} | broken | | {} | {} |", entry.case, cell(problem), why);
            }
            if let Some(found) = entry.disagreements.first() {
                let (model, theirs) = (cell(&found.model), cell(&found.engine));
                let _ =
                    writeln!(written, "| {} | {} | {model} | {theirs} | {} |", entry.case, found.what, why);
            }
        }
        if !engine.head_differences.is_empty() {
            written.push_str("\n| heads | written otherwise | for example | why |\n|---|---|---|---|\n");
        }
        for seen in &engine.head_differences {
            let why = seen.explained.as_deref().map_or("**unexplained**".to_owned(), cell);
            let _ = writeln!(written, "| {} | {} | {} | {why} |", seen.count, cell(&seen.what), seen.case);
        }
    }
    written
}

/// What stands in a table: one line, of which nothing is markup.
fn cell(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    prose(&line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::Heads;

    fn disagreed(explained: Option<&str>) -> Engine {
        let found = Disagreement {
            step: 0,
            what: "outcome".to_owned(),
            model: "allow | <b>".to_owned(),
            engine: "block\n*".to_owned(),
        };
        let both = Both { model: Vec::new(), engine: Vec::new(), heads: Heads::default() };
        let mut engine = Engine::new("engine", "Engine 1");
        engine.take(
            "suite/case".to_owned(),
            Held::Disagreed(vec![found], both),
            explained.map(str::to_owned),
            &KnownHeads::default(),
        );
        engine
    }

    #[test]
    fn what_nobody_has_explained_is_not_as_expected() {
        assert!(!disagreed(None).is_as_expected());
        assert!(disagreed(Some("a reason")).is_as_expected());
        let mut broken = Engine::default();
        broken.take(
            "suite/case".to_owned(),
            Held::NotPerformed(NotPerformed::Cannot("it cannot".to_owned())),
            None,
            &KnownHeads::default(),
        );
        assert!(broken.is_as_expected(), "what an engine cannot do is counted apart");
    }

    #[test]
    fn a_head_that_is_written_otherwise_is_not_as_expected() {
        let mut engine = Engine::new("engine", "Engine 1");
        for case in ["suite/a", "suite/b"] {
            let heads = Heads { compared: 2, differences: vec!["the engine alone writes DNT: 1".to_owned()] };
            let both = Both { model: Vec::new(), engine: Vec::new(), heads };
            engine.take(case.to_owned(), Held::Agreed(both), None, &KnownHeads::default());
        }
        assert!(!engine.is_as_expected());
        assert!(engine.summary().contains("2 of 4 requests written alike, 2 otherwise for no known reason"));
        let page = page(&[engine]);
        assert!(
            page.contains("| 2 | the engine alone writes DNT: 1 | suite/a | **unexplained** |"),
            "{page}"
        );
    }

    #[test]
    fn what_a_server_wrote_stays_in_its_cell() {
        let page = page(&[disagreed(None)]);
        assert!(
            page.contains("| suite/case | outcome | allow \\| &lt;b&gt; | block \\* | **unexplained** |"),
            "{page}"
        );
    }
}
