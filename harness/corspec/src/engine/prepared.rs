//! A case made ready for a real browser: where its pages are, what they ask for, and what has to be kept apart from others.

use std::collections::BTreeSet;
use std::time::Duration;

use corspec_browser::{Origin, Purpose, SharedCache};
use url::Url;

use super::browser::Settings;
use super::dates;
use super::kind::Engine;
use super::proxy::{Answers, StepScript, Task};
use crate::browser::{NotPerformed, Performed};
use crate::case::{self, Case, Initiator, ThirdPartyCookies};
use crate::perform::{ModelBrowser, Place, asked};
use crate::record::Asked;
use crate::wire::Client;

/// The longest URL that gets a mark: engines treat long ones in their own ways.
const LONGEST_MARKED: usize = 900;

/// A case as it is given to a browser.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) case: Case,
    pub(super) steps: Vec<Step>,
    pub(super) manner: Manner,
    /// The public name and the place of each server that it talks to; none where its script answers.
    servers: Option<Vec<(Url, Url)>>,
    hosts: BTreeSet<String>,
}

/// One step of it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) asked: Asked,
    /// When it begins, counted from the beginning of the case.
    pub(super) at: Duration,
    /// Whether a request can go where no mark tells whose it is.
    pub(super) alone: bool,
    responses: Vec<case::Scripted>,
}

/// How a case is performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// In a frame, beside others: nothing of it outlasts it but what is kept by its marked URL.
    Beside {
        /// Whether pages are https.
        secure: bool,
        /// Whether time has to pass.
        waits: bool,
    },
    /// In a browser that has forgotten everything, on a page that is the outermost where the case says no other.
    Apart {
        /// What the browser does about cookies of other sites.
        third_party: ThirdPartyCookies,
    },
}

impl Prepared {
    /// Makes a case ready, or says why this engine cannot perform it.
    ///
    /// Real time cannot be wound forward. Where the model decides alike if no time passes between the steps, none has to.
    pub(super) async fn new(
        engine: Engine,
        case: &Case,
        place: Place<'_>,
        settings: Settings,
    ) -> Result<Self, NotPerformed> {
        require_possible(engine, case)?;
        let model = ModelBrowser { client: Client::default(), profile: engine.profile() };
        let (times, performed) = match place {
            Place::Scripted(_) => {
                let performed = model.steps(case, place).await;
                (times(&model, case, place, &performed).await, performed)
            }
            // Steps that are a second or two apart stand one after the other; nothing there is that short-lived.
            Place::Server { .. } => (real_times(case, 2), Vec::new()),
        };
        let last = times.last().copied().unwrap_or_default();
        if last > settings.longest_wait {
            let seconds = last.as_secs();
            return Err(NotPerformed::Cannot(format!(
                "it needs {seconds} seconds to pass; --longest-wait {seconds} grants them"
            )));
        }
        let mut steps = Vec::new();
        let mut hosts = BTreeSet::new();
        for (index, (step, at)) in case.steps.iter().zip(times).enumerate() {
            let (page, init) = place.ask(&step.request);
            let asked = asked(&page, &init, step.request.body.as_ref());
            let mut responses = case.responses_under(engine.name(), index).to_vec();
            if case.has_cache() {
                let lines = responses.iter_mut().flat_map(|answer| &mut answer.header_lines);
                lines.for_each(|line| *line = dates::shifted(line));
            }
            hosts.extend(hosts_of(&asked.url, &responses));
            hosts.extend(performed.get(index).into_iter().flat_map(sent_to));
            let alone = may_leave_mark(&asked.url, &step.request.target, &responses)
                || step.request.initiator == Initiator::Beacon
                // Firefox opens one socket to a host at a time, and lets others wait when one has failed.
                || step.request.initiator == Initiator::WebSocket
                // All requests under way that may outlive their page share one allowance.
                || step.request.keepalive;
            steps.push(Step { asked, at, alone, responses });
        }
        let servers = match place {
            Place::Scripted(_) => None,
            Place::Server { url, twin, public } => {
                let own = (public.unwrap_or(url).clone(), url.clone());
                Some(
                    std::iter::once(own)
                        .chain(twin.map(|twin| (twin.clone(), twin.clone())))
                        .collect::<Vec<_>>(),
                )
            }
        };
        hosts.extend(servers.iter().flatten().filter_map(|(public, _)| public.host_str().map(str::to_owned)));
        let manner = manner(case, &steps, settings.strangers);
        Ok(Self { case: case.clone(), steps, manner, servers, hosts })
    }

    /// The case on the network.
    pub(super) fn task(&self, client: &Client) -> Task {
        let answers = match &self.servers {
            Some(known) => Answers::Servers { client: client.clone(), known: known.clone() },
            None => Answers::Script,
        };
        let between = self.case.shared_cache.map(|kind| {
            let mut cache = SharedCache::new();
            cache.heeds_vary = kind == case::SharedCache::HeedsVary;
            cache
        });
        // What one step leaves in a cache has to do for an element that asks in a later one.
        let element = self
            .case
            .steps
            .iter()
            .map(|step| step.request.initiator)
            .find(|initiator| !initiator.is_scripted());
        let steps = self.case.steps.iter().zip(&self.steps).map(|(step, prepared)| StepScript {
            at: step.at,
            responses: prepared.responses.clone(),
            initiator: element.filter(|_| self.case.has_cache()).unwrap_or(step.request.initiator),
        });
        Task::new(self.hosts.clone(), answers, between, steps.collect())
    }

    /// Where cookies that a case's browser brings along come from, and their lines.
    pub(super) fn held(&self) -> Vec<(Url, Vec<u8>)> {
        let server =
            self.servers.as_ref().and_then(|servers| servers.first()).map(|(public, _)| public.as_str());
        let held = self.case.browser.cookies.iter();
        held.filter_map(|cookie| {
            let url = Url::parse(cookie.url.as_deref().or(server)?).ok()?;
            Some((url, cookie.line.clone()))
        })
        .collect()
    }
}

fn require_possible(engine: Engine, case: &Case) -> Result<(), NotPerformed> {
    let cannot = |reason: String| Err(NotPerformed::Cannot(reason));
    let dotted = |url: &str| {
        let url = Url::parse(url).ok();
        url.as_ref().and_then(Url::host_str).is_some_and(|host| host.ends_with('.'))
    };
    for step in &case.steps {
        let asks_dotted = matches!(&step.request.target, case::Target::Url(url) if dotted(url));
        let is_dotted =
            matches!(&step.request.origin, case::PageOrigin::Serialized(origin) if dotted(origin));
        if engine == Engine::Firefox && (asks_dotted || is_dotted) {
            return cannot("it takes no certificate for a host with a dot at its end".to_owned());
        }
        if step.request.preflight_only {
            return cannot("no page can send a preflight and keep what follows to itself".to_owned());
        }
        let case::PageOrigin::Serialized(origin) = &step.request.origin else { continue };
        let scheme = Url::parse(origin).ok().map(|url| url.scheme().to_owned());
        if origin != "null" && !matches!(scheme.as_deref(), Some("http" | "https")) {
            return cannot(format!("no page can be served from {origin}"));
        }
    }
    if engine == Engine::Webkit && case.browser.http_cache {
        return cannot("its automated sessions keep no answers".to_owned());
    }
    if case.browser.local_network.is_some() {
        return cannot("its network is a proxy, so no host is nearer than another".to_owned());
    }
    if case.browser.third_party_cookies == ThirdPartyCookies::Partition && engine != Engine::Firefox {
        return cannot("it has no jar of its own for each site".to_owned());
    }
    Ok(())
}

/// When each step begins: all at once, where the model would decide alike.
async fn times(
    model: &ModelBrowser,
    case: &Case,
    place: Place<'_>,
    performed: &[Performed],
) -> Vec<Duration> {
    let times = real_times(case, 0);
    if times.iter().all(Duration::is_zero) {
        return times;
    }
    // What a cache in between makes of time is for the proxy to say, whose clock is the case's.
    let mut at_once = case.clone();
    at_once.steps.iter_mut().for_each(|step| step.at = 0);
    let compressed = model.steps(&at_once, place).await;
    let alike = performed.iter().zip(&compressed).all(|(one, other)| decide_alike(one, other));
    if alike || (case.shared_cache.is_some() && !case.browser.http_cache) {
        return vec![Duration::ZERO; times.len()];
    }
    times
}

/// The time of each step; what follows another by no more than `trifle` seconds follows at once.
fn real_times(case: &Case, trifle: u64) -> Vec<Duration> {
    let (mut before, mut time) = (0, 0);
    let mut times = Vec::with_capacity(case.steps.len());
    for step in &case.steps {
        let gap = step.at - before;
        before = step.at;
        time += if gap <= trifle { 0 } else { gap };
        times.push(Duration::from_secs(time));
    }
    times
}

fn decide_alike(one: &Performed, other: &Performed) -> bool {
    let requests = |performed: &Performed| {
        let request = |exchange: &corspec_browser::Exchange| (exchange.request.clone(), exchange.source);
        performed.outcome.exchanges.iter().map(request).collect::<Vec<_>>()
    };
    one.outcome.outcome == other.outcome.outcome
        && one.outcome.reasons == other.outcome.reasons
        && one.outcome.preflight == other.outcome.preflight
        && requests(one) == requests(other)
}

/// The hosts that a URL and the `Location` lines of answers name.
fn hosts_of(url: &str, responses: &[case::Scripted]) -> Vec<String> {
    let locations = responses.iter().flat_map(|answer| &answer.header_lines).filter_map(|line| {
        let line = String::from_utf8_lossy(line);
        let (name, value) = line.split_once(':')?;
        if !name.trim().eq_ignore_ascii_case("location") {
            return None;
        }
        // Of a relative one the host is known already; of `//host` it is all there is.
        Url::parse("https://corspec.test/").ok()?.join(value.trim()).ok()
    });
    let urls = Url::parse(url).into_iter().chain(locations);
    urls.filter_map(|url| url.host_str().map(str::to_owned)).collect()
}

fn sent_to(performed: &Performed) -> Vec<String> {
    let sent = performed.outcome.exchanges.iter();
    sent.filter_map(|exchange| exchange.request.url.host_str().map(str::to_owned)).collect()
}

/// Whether a request of the step can go where no mark tells whose it is: after a redirect, or for a URL that has no place
/// for one.
fn may_leave_mark(url: &str, target: &case::Target, responses: &[case::Scripted]) -> bool {
    let redirects = match target {
        case::Target::Path(path) => path.starts_with("/redirect"),
        case::Target::Url(_) => responses.iter().any(|answer| (300..400).contains(&answer.status)),
    };
    redirects || super::proxy::mark(url, 0) == *url
}

fn manner(case: &Case, steps: &[Step], strangers: bool) -> Manner {
    let browser = &case.browser;
    let sets_cookies = |step: &Step| {
        let mut lines = step.responses.iter().flat_map(|answer| &answer.header_lines);
        lines.any(|line| line.get(..11).is_some_and(|start| start.eq_ignore_ascii_case(b"set-cookie:")))
    };
    let visitor = &case.steps[0].visitor;
    let keeps = |step: &case::Step| {
        let expect = &step.expect;
        step.request.top_level.is_some()
            || step.visitor != *visitor
            || step.request.initiator == Initiator::Form
            || !expect.cookies.is_empty()
            || !expect.set_cookies.is_empty()
            || expect.source.is_some()
    };
    let long = |step: &Step| step.asked.url.len() > LONGEST_MARKED;
    let insecure = |step: &Step| step.asked.origin.starts_with("http:");
    // What a redirect leads to has no mark, and what is remembered of it would meet another case.
    let permission_is_kept = |step: &Step| {
        !strangers && step.alone && step.responses.iter().any(|answer| answer.purpose == Purpose::Preflight)
    };
    let apart = !browser.cookies.is_empty()
        || steps.iter().any(permission_is_kept)
        || browser.http_cache
        || browser.third_party_cookies != ThirdPartyCookies::Allow
        || case.shared_cache.is_some()
        || case.steps.iter().any(keeps)
        || steps.iter().any(|step| sets_cookies(step) || long(step))
        || (steps.iter().any(insecure) && !steps.iter().all(insecure));
    if apart {
        Manner::Apart { third_party: browser.third_party_cookies }
    } else {
        Manner::Beside {
            secure: !steps.iter().any(insecure),
            waits: steps.iter().any(|step| !step.at.is_zero()),
        }
    }
}

/// Whether both are pages of one site, so that neither is a stranger in a frame of the other.
pub(super) fn is_outermost(asked: &Asked, top_level: Option<&str>) -> bool {
    top_level.is_none() && Origin::parse(&asked.origin).is_some_and(|origin| origin != Origin::Opaque)
}
