//! `corspec fuzz`: experiments that nobody wrote, in the model and in a real browser.

use std::collections::BTreeMap;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use corspec::agreement::{Disagreement, Held, disagreements, hold};
use corspec::browser::Browser;
use corspec::case::Case;
use corspec::engine::{RealBrowser, Settings};
use corspec::fuzz::{draw, simpler, yaml};
use corspec::perform::Place;
use corspec::run::Bench;
use corspec::wire::Options;
use corspec_browser::Profile;
use futures_util::{StreamExt, stream};

use super::browsers::Engines;
use super::{Ending, Failure, browsers};

/// How many experiments are drawn before the next are.
const AT_ONCE: u64 = 2_048;

#[derive(Args)]
pub(super) struct Fuzz {
    /// The real browser: chromium, firefox, webkit; `all`: the three in turn; `none`: the model's profiles among themselves
    #[arg(long, value_name = "NAME", value_parser = named, default_value = "none")]
    browser: Named,
    /// How many experiments
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    count: u64,
    /// Where the lot starts; another one each time where it is left out
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// How many kinds of disagreement are made small and printed for each browser
    #[arg(long, value_name = "N", default_value_t = 20)]
    shrink: usize,
    /// How many disagreements are taken for what is known of a browser already, in a thousand experiments
    #[arg(long, value_name = "N", default_value_t = 0)]
    permit: u64,
    /// In how many browsers at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
}

#[derive(Clone)]
struct Named(Option<Engines>);

fn named(name: &str) -> Result<Named, String> {
    if name == "none" { Ok(Named(None)) } else { browsers::engines(name).map(|named| Named(Some(named))) }
}

impl Fuzz {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let seed = self.seed.unwrap_or(now);
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::broken)?;
        runtime.block_on(async {
            let bench = Bench::start(Options::default()).await.map_err(Failure::broken)?;
            let Some(engines) = &self.browser.0 else { return self.among_profiles(&bench, seed).await };
            let mut ending = Ending::AsExpected;
            for &engine in &engines.0 {
                let mut settings = Settings { strangers: true, ..Settings::default() };
                if let Some(jobs) = self.jobs {
                    settings.browsers = usize::from(jobs);
                }
                let browser = RealBrowser::start(engine, settings).await.map_err(Failure::broken)?;
                if !self.against(&bench, &browser, settings, seed).await {
                    ending = Ending::FellShort;
                }
                browser.stop().await;
            }
            Ok(ending)
        })
    }

    /// Whether no more disagreed than is permitted.
    async fn against(&self, bench: &Bench, browser: &RealBrowser, settings: Settings, seed: u64) -> bool {
        let begun = Instant::now();
        let model = bench.model(browser.profile());
        let place = Place::Scripted(bench.scripted());
        let (mut performed, mut not_performable, mut broken, mut disagreed) = (0_u64, 0_u64, 0_u64, 0_u64);
        let mut kinds: BTreeMap<String, (u64, Case, Disagreement)> = BTreeMap::new();
        for from in (0..self.count).step_by(AT_ONCE as usize) {
            let drawn: Vec<Case> =
                (from..self.count.min(from + AT_ONCE)).map(|index| draw(seed, index)).collect();
            let holding: Vec<_> = drawn.iter().map(|case| hold(case, &model, browser, place)).collect();
            let held: Vec<Held> = stream::iter(holding).buffered(settings.appetite).collect().await;
            for (case, held) in drawn.into_iter().zip(held) {
                performed += 1;
                match held {
                    Held::Agreed(_) => {}
                    Held::NotPerformed(corspec::browser::NotPerformed::Cannot(_)) => not_performable += 1,
                    Held::NotPerformed(problem) => {
                        broken += 1;
                        anstream::eprintln!("{}: {problem}", case.id);
                    }
                    Held::Disagreed(found, _) => {
                        disagreed += 1;
                        let Some(first) = found.into_iter().next() else { continue };
                        kinds.entry(kind(&first)).or_insert((0, case, first)).0 += 1;
                    }
                }
            }
        }
        let rate = performed as f64 / begun.elapsed().as_secs_f64();
        anstream::println!(
            "{}: seed {seed}, {performed} experiments, {disagreed} disagreed in {} ways, {not_performable} not performable, {broken} broken; {rate:.0} a second",
            browser.engine().unwrap_or_default(),
            kinds.len(),
        );
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|(_, (count, _, _))| std::cmp::Reverse(*count));
        for (kind, (count, case, _)) in &kinds {
            anstream::println!("# {count} of {kind}, the first in {}", case.id);
        }
        for (kind, (count, case, _)) in kinds.iter().take(self.shrink) {
            let small = shrink(case.clone(), kind, &model, browser, place, settings.appetite).await;
            let standard = bench.model(Profile::Fetch).steps(&small, place).await;
            let Held::Disagreed(found, both) = hold(&small, &model, browser, place).await else {
                anstream::println!("# {count} of {kind}: {} disagrees no more when it is alone", case.id);
                continue;
            };
            anstream::println!("# {count} of {kind}");
            for found in &found {
                anstream::println!(
                    "#   {}: the model says {}, the engine {}",
                    found.what,
                    found.model,
                    found.engine
                );
            }
            let endings = [(None, &standard[..]), (Some(browser.profile().name()), &both.engine[..])];
            anstream::print!("{}", yaml(&small, &endings));
        }
        broken == 0 && disagreed * 1_000 <= self.permit * performed
    }

    /// The four profiles of the model: nothing is wrong where they differ, and each tells the same twice.
    async fn among_profiles(&self, bench: &Bench, seed: u64) -> Result<Ending, Failure> {
        let begun = Instant::now();
        let place = Place::Scripted(bench.scripted());
        let mut differ: BTreeMap<&str, u64> = BTreeMap::new();
        let mut unsteady = 0_u64;
        for index in 0..self.count {
            let case = draw(seed, index);
            let standard = bench.model(Profile::Fetch).steps(&case, place).await;
            for profile in Profile::ALL {
                let model = bench.model(profile);
                let (once, again) = (model.steps(&case, place).await, model.steps(&case, place).await);
                unsteady += u64::from(!disagreements(&case, &once, &again).is_empty());
                *differ.entry(profile.name()).or_default() +=
                    u64::from(!disagreements(&case, &standard, &once).is_empty());
            }
        }
        let rate = self.count as f64 / begun.elapsed().as_secs_f64();
        anstream::println!("the model: seed {seed}, {} experiments, {rate:.0} a second", self.count);
        for (profile, count) in differ {
            anstream::println!("  {profile}: {count} differ from the standard");
        }
        anstream::println!("  {unsteady} did not tell the same twice");
        Ok(if unsteady == 0 { Ending::AsExpected } else { Ending::FellShort })
    }
}

/// What tells one way of disagreeing from another, without the particulars of an experiment.
fn kind(found: &Disagreement) -> String {
    let plain = |text: &str| {
        let words = text.split([' ', ',']).filter(|word| !word.contains("://") && !word.is_empty());
        words.take(12).collect::<Vec<_>>().join(" ")
    };
    let (model, engine) = match &*found.what {
        "requests" | "outcome" | "reason" | "type" => (plain(&found.model), plain(&found.engine)),
        _ => (String::new(), String::new()),
    };
    format!("{} [{model}] [{engine}]", found.what)
}

/// The smallest case that still disagrees in the same way.
async fn shrink(
    mut case: Case,
    wanted: &str,
    model: &corspec::perform::ModelBrowser,
    browser: &RealBrowser,
    place: Place<'_>,
    at_once: usize,
) -> Case {
    for _ in 0..60 {
        let candidates = simpler(&case);
        let holding: Vec<_> = candidates.iter().map(|case| hold(case, model, browser, place)).collect();
        let held: Vec<Held> = stream::iter(holding).buffered(at_once).collect().await;
        let same = |held: &Held| match held {
            Held::Disagreed(found, _) => found.first().is_some_and(|found| kind(found) == wanted),
            _ => false,
        };
        let Some(next) = held.iter().position(same) else { break };
        case = candidates.into_iter().nth(next).unwrap_or(case);
    }
    case
}
