//! What the model says of a case, to hold a browser against.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use corspec::case::{Case, Step, Target};
use corspec::perform::{ModelBrowser, Performed, Place};
use corspec::wire::{Client, Options, Scripted};
use corspec_browser::{Outcome, Profile};
use url::Url;

use crate::engine::Engine;

/// The longest that a run waits between two steps of a case.
const LONGEST_WAIT: u64 = 10;

/// The model, with a network of its own.
#[derive(Debug)]
pub struct Model {
    client: Client,
    scripted: Scripted,
}

/// A case as it is given to a browser.
#[derive(Debug)]
pub struct Prepared {
    /// What the model made of each step.
    pub model: Vec<Performed>,
    /// The rules that the model followed.
    pub profile: Profile,
    /// How long to wait before each step.
    pub waits: Vec<Duration>,
    /// The hosts that each step is about.
    pub hosts: Vec<BTreeSet<String>>,
}

impl Model {
    /// # Errors
    /// Where no port can be bound on loopback.
    pub async fn start() -> io::Result<Self> {
        Ok(Self { client: Client::new(Options::default()), scripted: Scripted::start().await? })
    }

    /// Performs a case, and works out what a browser needs to do the same; or says why it cannot.
    ///
    /// Real time cannot be wound forward. Where the model decides alike if no time passes between the steps, none has
    /// to; where it does not, a few seconds are waited for.
    pub async fn prepare(&self, case: &Case, engine: Engine) -> Result<Prepared, String> {
        let profile = Profile::from_name(engine.name()).unwrap_or_default();
        let browser = ModelBrowser { client: &self.client, profile };
        let place = Place::Scripted(&self.scripted);
        let model = browser.perform(case, place).await;
        let mut waits = vec![Duration::ZERO; case.steps.len()];
        if case.steps.iter().any(|step| step.at > 0) {
            let mut at_once = case.clone();
            at_once.steps.iter_mut().for_each(|step| step.at = 0);
            let compressed = browser.perform(&at_once, place).await;
            if !model.iter().zip(&compressed).all(|(one, other)| decide_alike(&one.outcome, &other.outcome)) {
                for (wait, pair) in waits.iter_mut().skip(1).zip(case.steps.windows(2)) {
                    let seconds = pair[1].at - pair[0].at;
                    if seconds > LONGEST_WAIT {
                        return Err(format!("it needs {seconds} seconds to pass"));
                    }
                    *wait = Duration::from_secs(seconds);
                }
            }
        }
        let hosts = case.steps.iter().zip(&model).map(|(step, performed)| hosts(step, performed)).collect();
        Ok(Prepared { model, profile, waits, hosts })
    }
}

fn decide_alike(one: &Outcome, other: &Outcome) -> bool {
    let requests = |outcome: &Outcome| {
        let request = |exchange: &corspec_browser::Exchange| exchange.request.clone();
        outcome.exchanges.iter().map(request).collect::<Vec<_>>()
    };
    one.name() == other.name()
        && one.reason() == other.reason()
        && one.preflight == other.preflight
        && requests(one) == requests(other)
}

/// Wherever a browser may turn in a step: the URL itself, where the model went, and what is named in a `Location`.
fn hosts(step: &Step, performed: &Performed) -> BTreeSet<String> {
    let (Target::Url(url) | Target::Path(url)) = &step.request.target;
    let locations = step.responses.iter().flat_map(|answer| &answer.header_lines).filter_map(|line| {
        let line = String::from_utf8_lossy(line);
        let (name, value) = line.split_once(':')?;
        if !name.trim().eq_ignore_ascii_case("location") {
            return None;
        }
        // Of a relative one the host is known already; of `//host` it is all there is.
        Url::parse("https://corspec.test/").ok()?.join(value.trim()).ok()
    });
    let sent = performed.outcome.exchanges.iter().map(|exchange| exchange.request.url.clone());
    let urls = Url::parse(url).into_iter().chain(sent).chain(locations);
    urls.filter_map(|url| url.host_str().map(str::to_owned)).collect()
}
