//! `corspec agree`: the model and real browsers, held against each other.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use corspec::agreement::{Held, KnownHeads, hold};
use corspec::browser::Browser;
use corspec::case::{Case, Kind, Suite};
use corspec::engine::{RealBrowser, Settings};
use corspec::perform::Place;
use corspec::report::agreement::{self, Engine};
use corspec::run::Bench;
use corspec::select::Selection;
use corspec::wire::Options;
use futures_util::{StreamExt, stream};

use super::browsers::Engines;
use super::{Ending, Failure, browsers, cases};

/// The server that cases for browsers are performed against.
const SERVER: &str = "scripted";

#[derive(Args)]
pub(super) struct Agree {
    /// The real browser: chromium, firefox, webkit; `all`: the three in turn
    #[arg(long, value_name = "NAME", value_parser = browsers::engines, default_value = "all")]
    browser: Engines,
    /// Hold only cases that match this glob over suite/id; may be repeated
    #[arg(long, value_name = "GLOB")]
    case: Vec<String>,
    /// Take the cases from this folder instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// In how many browsers at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Write AGREEMENT.md and agreement.json into this folder
    #[arg(long, value_name = "DIR", default_value = "reports")]
    out: PathBuf,
}

impl Agree {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let suites = cases::load(self.cases.clone())?;
        let selection = Selection::new(&self.case, None).map_err(Failure::usage)?;
        let all = selected(&suites, &selection)?;
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::broken)?;
        let engines = runtime.block_on(self.hold_all(&all))?;
        let json = serde_json::to_string(&engines).map_err(Failure::broken)?;
        write(&self.out, "agreement.json", &json)?;
        write(&self.out, "AGREEMENT.md", &agreement::page(&engines))?;
        for engine in &engines {
            anstream::println!("{}", engine.summary());
        }
        let fine = engines.iter().all(Engine::is_as_expected);
        Ok(if fine { Ending::AsExpected } else { Ending::FellShort })
    }

    async fn hold_all(&self, all: &[(String, &Case)]) -> Result<Vec<Engine>, Failure> {
        let bench = Bench::start(Options::default()).await.map_err(Failure::broken)?;
        let mut settings = Settings::default();
        if let Some(jobs) = self.jobs {
            settings.browsers = usize::from(jobs);
        }
        let mut engines = Vec::new();
        for &kind in &self.browser.0 {
            let browser = RealBrowser::start(kind, settings).await.map_err(Failure::broken)?;
            engines.push(hold_one(&bench, all, &browser, settings.appetite).await);
            browser.stop().await;
        }
        Ok(engines)
    }
}

/// The cases to be held, each with its name.
fn selected<'a>(suites: &'a [Suite], selection: &Selection) -> Result<Vec<(String, &'a Case)>, Failure> {
    let cases = || {
        let suites = suites.iter().filter(|suite| suite.kind == Kind::Browser);
        suites.flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)))
    };
    let unmatched = selection.unmatched(cases().map(|(suite, case)| (SERVER, &*suite.name, &*case.id)));
    if !unmatched.is_empty() {
        return Err(Failure::Usage(format!(
            "no case for browsers matches `{}`\n  help: a pattern is held against suite/id and suite; `corspec cases list` lists the cases",
            unmatched.join("`, `")
        )));
    }
    let chosen: Vec<_> = cases()
        .filter(|(suite, case)| selection.selects(SERVER, &suite.name, &case.id))
        .map(|(suite, case)| (format!("{}/{}", suite.name, case.id), case))
        .collect();
    if chosen.is_empty() {
        return Err(Failure::Usage("there is no case for browsers to hold".to_owned()));
    }
    Ok(chosen)
}

async fn hold_one(bench: &Bench, all: &[(String, &Case)], browser: &RealBrowser, at_once: usize) -> Engine {
    let begun = Instant::now();
    let model = bench.model(browser.profile());
    let place = Place::Scripted(bench.scripted());
    let holding: Vec<_> = all.iter().map(|(_, case)| hold(case, &model, browser, place)).collect();
    let held: Vec<Held> = stream::iter(holding).buffered(at_once).collect().await;
    let mut engine = Engine::new(browser.kind().to_string(), browser.engine().unwrap_or_default());
    engine.cases_a_second = all.len() as f64 / begun.elapsed().as_secs_f64();
    let heads = KnownHeads::of(browser.profile());
    for ((case, _), held) in all.iter().zip(held) {
        let explained = browser.known().and_then(|known| known.reason_for(case)).map(str::to_owned);
        engine.take(case.clone(), held, explained, &heads);
    }
    engine
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(Failure::broken)?;
    let path = folder.join(name);
    std::fs::write(&path, text)
        .map_err(|error| Failure::Broken(format!("cannot write {}: {error}", path.display())))
}
