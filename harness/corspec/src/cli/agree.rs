//! `corspec agree`: the model and real browsers, held against each other.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use corspec::agreement::{Held, hold};
use corspec::browser::Browser;
use corspec::case::{Case, Kind, Suite};
use corspec::engine::{RealBrowser, Settings};
use corspec::perform::Place;
use corspec::report::agreement::{self, Engine};
use corspec::run::Bench;
use corspec::wire::Options;
use futures_util::{StreamExt, stream};

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

impl Agree {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let suites = cases::load(None)?;
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::broken)?;
        let engines = runtime.block_on(self.hold_all(&suites))?;
        let json = serde_json::to_string(&engines).map_err(Failure::broken)?;
        write(&self.out, "agreement.json", &json)?;
        write(&self.out, "AGREEMENT.md", &agreement::page(&engines))?;
        for engine in &engines {
            anstream::println!("{}", engine.summary());
        }
        let fine = engines.iter().all(Engine::is_as_expected);
        Ok(if fine { Ending::AsExpected } else { Ending::FellShort })
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
    let mut engine = Engine::new(browser.kind().to_string(), browser.engine().unwrap_or_default());
    engine.cases_a_second = all.len() as f64 / begun.elapsed().as_secs_f64();
    for ((case, _), held) in all.into_iter().zip(held) {
        let explained = browser.known().and_then(|known| known.reason_for(&case)).map(str::to_owned);
        engine.take(case, held, explained);
    }
    engine
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(Failure::broken)?;
    let path = folder.join(name);
    std::fs::write(&path, text)
        .map_err(|error| Failure::Broken(format!("cannot write {}: {error}", path.display())))
}
