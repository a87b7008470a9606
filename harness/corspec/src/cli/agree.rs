//! `corspec agree`: the model and real browsers, held against each other.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use corspec::agreement::{Both, Disagreement, Held, hold};
use corspec::browser::Browser;
use corspec::case::{Case, Kind, Suite};
use corspec::engine::{RealBrowser, Settings};
use corspec::perform::Place;
use corspec::record::text;
use corspec::run::Bench;
use corspec::wire::Options;
use corspec_browser::STANDARD;
use futures_util::{StreamExt, stream};
use serde::Serialize;

use super::browsers::Engines;
use super::{Ending, Failure, browsers, cases};

#[derive(Args)]
pub(super) struct Agree {
    /// The real browser: chromium, firefox, webkit; `all`: the three in turn
    #[arg(long, value_name = "NAME", value_parser = browsers::engines, default_value = "all")]
    browser: Engines,
    /// In how many browsers at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Write AGREEMENT.md and agreement.json into this folder
    #[arg(long, value_name = "DIR", default_value = "reports")]
    out: PathBuf,
}

/// What the report knows of an engine.
#[derive(Serialize)]
struct Engine {
    name: String,
    version: String,
    agreed: usize,
    disagreed: usize,
    unexplained: usize,
    not_performable: BTreeMap<String, usize>,
    broken: usize,
    /// Cases a second, controls and waiting included.
    cases_a_second: f64,
    cases: Vec<Entry>,
}

/// A case with both answers.
#[derive(Serialize)]
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
#[derive(Serialize)]
struct Answer {
    outcome: &'static str,
    reasons: Vec<&'static str>,
    visible: Option<Vec<(String, String)>>,
    requests: Vec<String>,
    console: Vec<String>,
}

impl Agree {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let suites = cases::load(None)?;
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::broken)?;
        let engines = runtime.block_on(self.hold_all(&suites))?;
        let json = serde_json::to_string(&engines).map_err(Failure::broken)?;
        write(&self.out, "agreement.json", &json)?;
        write(&self.out, "AGREEMENT.md", &markdown(&engines))?;
        for engine in &engines {
            anstream::println!(
                "{:<10} {}: {} agreed, {} disagreed, {} of them unexplained, {} not performable, {} broken; {:.0} cases a second",
                engine.name,
                engine.version,
                engine.agreed,
                engine.disagreed,
                engine.unexplained,
                engine.not_performable.values().sum::<usize>(),
                engine.broken,
                engine.cases_a_second,
            );
        }
        let short = engines.iter().any(|engine| engine.unexplained + engine.broken > 0);
        Ok(if short { Ending::FellShort } else { Ending::AsExpected })
    }

    async fn hold_all(&self, suites: &[Suite]) -> Result<Vec<Engine>, Failure> {
        let bench = Bench::start(Options::default()).await.map_err(Failure::broken)?;
        let mut settings = Settings::default();
        if let Some(jobs) = self.jobs {
            settings.browsers = usize::from(jobs);
        }
        let mut engines = Vec::new();
        for &kind in &self.browser.0 {
            let browser = RealBrowser::start(kind, settings).await.map_err(Failure::broken)?;
            engines.push(hold_one(&bench, suites, &browser, settings.appetite).await);
            browser.stop().await;
        }
        Ok(engines)
    }
}

async fn hold_one(bench: &Bench, suites: &[Suite], browser: &RealBrowser, at_once: usize) -> Engine {
    let begun = Instant::now();
    let model = bench.model(browser.profile());
    let place = Place::Scripted(bench.scripted());
    let all: Vec<(String, &Case)> = suites
        .iter()
        .filter(|suite| suite.kind == Kind::Browser)
        .flat_map(|suite| suite.cases.iter().map(|case| (format!("{}/{}", suite.name, case.id), case)))
        .collect();
    let holding: Vec<_> = all.iter().map(|(_, case)| hold(case, &model, browser, place)).collect();
    let held: Vec<Held> = stream::iter(holding).buffered(at_once).collect().await;
    let mut engine = Engine {
        name: browser.kind().to_string(),
        version: browser.engine().unwrap_or_default(),
        agreed: 0,
        disagreed: 0,
        unexplained: 0,
        not_performable: BTreeMap::new(),
        broken: 0,
        cases_a_second: all.len() as f64 / begun.elapsed().as_secs_f64(),
        cases: Vec::new(),
    };
    for ((case, _), held) in all.into_iter().zip(held) {
        let explained = browser.known().and_then(|known| known.reason_for(&case)).map(str::to_owned);
        engine.take(case, held, explained);
    }
    engine
}

impl Engine {
    fn take(&mut self, case: String, held: Held, explained: Option<String>) {
        let (disagreements, both) = match held {
            Held::Agreed(both) => (Vec::new(), both),
            Held::Disagreed(found, both) => (found, both),
            Held::NotPerformed(problem) => {
                if let corspec::browser::NotPerformed::Cannot(why) = &problem {
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
        let explained = explained.filter(|_| !disagreements.is_empty());
        if disagreements.is_empty() {
            self.agreed += 1;
        } else {
            self.disagreed += 1;
            self.unexplained += usize::from(explained.is_none());
        }
        let Both { model, engine } = &both;
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

fn answer(performed: &corspec::browser::Performed) -> Answer {
    let outcome = &performed.outcome;
    let line = |exchange: &corspec_browser::Exchange| {
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

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(Failure::broken)?;
    let path = folder.join(name);
    std::fs::write(&path, text)
        .map_err(|error| Failure::Broken(format!("cannot write {}: {error}", path.display())))
}

fn markdown(engines: &[Engine]) -> String {
    let mut written = format!(
        "# The model and real browsers\n\n`corspec agree` performs every case of `cases/browser` in each engine and by the model under that engine's profile, and\ncompares outcome, reason, what script sees, and the requests on the wire. The standard: {STANDARD}.\n\n| engine | agreed | disagreed | unexplained | not performable | broken | cases a second |\n|---|---|---|---|---|---|---|\n"
    );
    for engine in engines {
        let _ = writeln!(
            written,
            "| {} | {} | {} | {} | {} | {} | {:.0} |",
            engine.version,
            engine.agreed,
            engine.disagreed,
            engine.unexplained,
            engine.not_performable.values().sum::<usize>(),
            engine.broken,
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
            let why = entry.explained.as_deref().unwrap_or("**unexplained**");
            if let Some(problem) = entry.not_performed.as_deref()
                && !engine.not_performable.contains_key(problem)
            {
                let _ =
                    writeln!(written, "| {} | broken | | {} | {} |", entry.case, cell(problem), cell(why));
            }
            if let Some(found) = entry.disagreements.first() {
                let (model, theirs) = (cell(&found.model), cell(&found.engine));
                let _ = writeln!(
                    written,
                    "| {} | {} | {model} | {theirs} | {} |",
                    entry.case,
                    found.what,
                    cell(why)
                );
            }
        }
    }
    written
}

/// What stands in a table: one line, with nothing that Markdown takes for its own.
fn cell(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(160).collect();
    line.replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('*', "\\*")
        .replace('`', "\\`")
}
