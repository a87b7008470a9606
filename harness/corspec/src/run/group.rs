//! One suite against one subject: the controls first, then the rest.

use std::sync::Arc;
use std::time::Instant;

use corspec_browser::Reason;
use corspec_protocol::{Answer, Instance, Policy};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use url::Url;

use super::result::{blank, fill, line_of};
use super::{Bench, Patience, Plan, listening};
use crate::browser::{Browser, NotPerformed, Performed};
use crate::case::{Case, Kind, Level, Outcome, Suite, Target};
use crate::perform::Place;
use crate::record::{CaseResult, DeviationNote, Verdict};
use crate::subject::{Subject, SubjectKind};
use crate::verdict::compare;
use crate::wire::Destination;

/// How many cases of one group are under way at once.
pub(super) const AT_ONCE: usize = 4;

/// The selected cases of one suite, to be run against one subject.
pub(super) struct Group {
    bench: Arc<Bench>,
    plan: Arc<Plan>,
    subject: Subject,
    suite: usize,
    browser: Arc<dyn Browser>,
    ids: Vec<String>,
    /// The routes that the server says it lacks.
    lacks: Arc<[String]>,
    patience: Arc<Patience>,
}

/// What is listening for a group.
struct Listening {
    url: Url,
    _instance: Instance,
}

/// Why a group, or a case with a server of its own, cannot run.
struct Declined {
    verdict: Verdict,
    message: String,
}

impl Group {
    #[expect(clippy::too_many_arguments, reason = "they are its fields")]
    pub(super) fn new(
        bench: &Arc<Bench>,
        plan: &Arc<Plan>,
        subject: &Subject,
        suite: &Suite,
        browser: &Arc<dyn Browser>,
        ids: Vec<String>,
        lacks: Arc<[String]>,
        patience: Arc<Patience>,
    ) -> Self {
        let suite = plan.suites.iter().position(|known| std::ptr::eq(known, suite)).unwrap_or_default();
        Self {
            bench: bench.clone(),
            plan: plan.clone(),
            subject: subject.clone(),
            suite,
            browser: browser.clone(),
            ids,
            lacks,
            patience,
        }
    }

    /// The results in the order of the cases.
    pub(super) async fn run(self) -> Vec<CaseResult> {
        let suite = &self.plan.suites[self.suite];
        let cases: Vec<&Case> = suite.cases.iter().filter(|case| self.ids.contains(&case.id)).collect();
        let verdict = match &self.subject.kind {
            SubjectKind::Unavailable(_) => Verdict::Unavailable,
            _ => Verdict::Error,
        };
        if let Some(problem) = self.subject.problem().map(str::to_owned).or_else(|| self.patience.spent()) {
            return self.decline(suite, &cases, &Declined { verdict, message: problem });
        }
        let Some(policy) = suite.policy.as_ref().filter(|_| suite.kind == Kind::Server) else {
            let place = Place::Scripted(&self.bench.scripted);
            return self.perform_all(suite, &cases, place, self.plan.tell_passes).await;
        };
        let listening = match self.listen(policy).await {
            Ok(listening) => listening,
            Err(declined) => return self.decline(suite, &cases, &declined),
        };
        let controls = self.controls(suite, &listening).await;
        match controls.broken {
            Some(Broken::Unanswered(failure)) => {
                let broken = self.patience.unanswered(&failure);
                return self.decline(suite, &cases, &Declined { verdict: Verdict::Error, message: broken });
            }
            Some(Broken::NotPerformed(declined)) => return self.decline(suite, &cases, &declined),
            None => {}
        }
        self.patience.answered();
        let judged = |case: &Case| controls.results.iter().any(|result| is_of(result, case));
        let others: Vec<&Case> = cases.iter().copied().filter(|case| !judged(case)).collect();
        let public = public(suite);
        let place = Place::Server { url: &listening.url, twin: None, public: public.as_ref() };
        // What passed where both controls ended alike is no pass in the end.
        let tell_passes = self.plan.tell_passes || controls.alike.is_some();
        let mut results = self.perform_all(suite, &others, place, tell_passes).await;
        // The controls are cases like any other, where they are selected, and nothing is performed twice.
        for (position, case) in cases.iter().enumerate() {
            if let Some(result) = controls.results.iter().find(|result| is_of(result, case)) {
                results.insert(position.min(results.len()), result.clone());
            }
        }
        if let Some(alike) = controls.alike {
            // What was found is found; what passed may have passed because the server does one thing to everyone.
            for result in results.iter_mut().filter(|result| result.verdict == Verdict::Pass) {
                result.verdict = Verdict::Inconclusive;
                result.message = Some(alike.message.clone());
                result.deviation = alike.deviation.clone();
            }
        }
        results
    }

    async fn perform_all(
        &self,
        suite: &Suite,
        cases: &[&Case],
        place: Place<'_>,
        tell_passes: bool,
    ) -> Vec<CaseResult> {
        let performing: Vec<_> =
            cases.iter().map(|case| self.perform(suite, case, place, tell_passes)).collect();
        let at_once = self.browser.appetite().unwrap_or(self.plan.jobs.clamp(1, AT_ONCE));
        stream::iter(performing).buffered(at_once).collect().await
    }

    async fn perform(&self, suite: &Suite, case: &Case, place: Place<'_>, tell_passes: bool) -> CaseResult {
        let started = Instant::now();
        let mut result = match self.try_perform(suite, case, place, tell_passes).await {
            Ok(result) => result,
            Err(declined) => {
                CaseResult { message: Some(declined.message), ..self.blank(suite, case, declined.verdict) }
            }
        };
        result.micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        result
    }

    async fn try_perform(
        &self,
        suite: &Suite,
        case: &Case,
        place: Place<'_>,
        tell_passes: bool,
    ) -> Result<CaseResult, Declined> {
        self.require_routes(case)?;
        let _before = self.listen_beside(case.beside.before.as_ref()).await?;
        // A case that counts hits or lives on a server's memory gets a server of its own.
        let own = match &suite.policy {
            Some(policy) if needs_own_server(case) => Some(self.listen(policy).await?),
            _ => None,
        };
        let _after = self.listen_beside(case.beside.after.as_ref()).await?;
        let twin = match &suite.policy {
            Some(policy) if needs_twin(case) => Some(self.listen(policy).await?),
            _ => None,
        };
        let twin = twin.as_ref().map(|twin| &twin.url);
        let place = match (place, &own) {
            (Place::Server { public, .. }, Some(own)) => Place::Server { url: &own.url, twin, public },
            (Place::Server { url, public, .. }, None) => Place::Server { url, twin, public },
            (scripted, _) => scripted,
        };
        let performed = self.browser.perform(case, place).await?;
        let hits = match place {
            Place::Server { url, .. } if counts_hits(case) => Some(self.hits(url).await?),
            _ => None,
        };
        Ok(self.judge(suite, case, &performed, hits, tell_passes))
    }

    /// What the server has to enforce elsewhere meanwhile.
    async fn listen_beside(&self, policy: Option<&Policy>) -> Result<Option<Listening>, Declined> {
        match policy {
            Some(policy) => self.listen(policy).await.map(Some),
            None => Ok(None),
        }
    }

    fn judge(
        &self,
        suite: &Suite,
        case: &Case,
        performed: &[Performed],
        hits: Option<u64>,
        tell_passes: bool,
    ) -> CaseResult {
        let profile = self.browser.profile();
        let last = case.steps.len() - 1;
        let mut verdict = Verdict::Pass;
        let mut telling = last;
        let mut differences = Vec::new();
        for (index, (step, performed)) in case.steps.iter().zip(performed).enumerate() {
            let expect = case.expect_under(profile.name(), index).unwrap_or(&step.expect);
            let (found, mut details) = compare(suite.kind, index, expect, performed, hits);
            // Where an engine goes on and the standard does not, the script may hold what the engine asks for.
            if step.profiles.values().any(|departure| departure.responses.is_none()) {
                details.retain(|difference| difference.what != "responses");
            }
            let found = if details.is_empty() { Verdict::Pass } else { found };
            if verdict == Verdict::Pass && found != Verdict::Pass {
                (verdict, telling) = (found, index);
            }
            differences.append(&mut details);
        }
        let mut result = self.blank(suite, case, verdict);
        let expect = case.expect_under(profile.name(), telling);
        let tells = verdict != Verdict::Pass || tell_passes;
        fill(&mut result, performed, telling, expect.unwrap_or(&case.steps[telling].expect), tells);
        result.differences = differences;
        if verdict != Verdict::Pass {
            result.about.line = line_of(suite, case);
            let of_browser =
                || self.browser.known().filter(|_| suite.kind == Kind::Browser)?.explain(&result);
            result.deviation = self.subject.deviations.explain(&result).or_else(of_browser);
        }
        result
    }

    /// One request that must be allowed and one that must be blocked, whatever was selected.
    async fn controls(&self, suite: &Suite, listening: &Listening) -> Controls {
        let find = |outcome| {
            let is_control = |case: &&Case| {
                case.level == Level::Must
                    && !needs_own_server(case)
                    && !needs_twin(case)
                    && self.require_routes(case).is_ok()
                    && case.steps[0].expect.outcome == outcome
            };
            suite.cases.iter().find(is_control)
        };
        let (Some(allow), Some(block)) = (find(Outcome::Allow), find(Outcome::Block)) else {
            return Controls::default();
        };
        let public = public(suite);
        let place = Place::Server { url: &listening.url, twin: None, public: public.as_ref() };
        let started = Instant::now();
        let performing = (self.browser.perform(allow, place), self.browser.perform(block, place));
        let (allowed, blocked) = match tokio::join!(performing.0, performing.1) {
            (Ok(allowed), Ok(blocked)) => (allowed, blocked),
            (Err(problem), _) | (_, Err(problem)) => {
                let Declined { verdict, message } = problem.into();
                return Controls {
                    broken: Some(Broken::NotPerformed(Declined {
                        verdict,
                        message: format!("of the controls: {message}"),
                    })),
                    ..Controls::default()
                };
            }
        };
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let results: Vec<CaseResult> = [(allow, &allowed), (block, &blocked)]
            .map(|(case, performed)| CaseResult { micros, ..self.judge(suite, case, performed, None, true) })
            .into();
        let (Some(allowed), Some(blocked)) = (allowed.first(), blocked.first()) else {
            return Controls::default();
        };
        let broken = |performed: &Performed| performed.outcome.reason() == Some(Reason::NetworkError);
        if broken(allowed) && broken(blocked) {
            let failure = allowed.last_failure().unwrap_or("no response came");
            let broken = Some(Broken::Unanswered(failure.to_owned()));
            return Controls { broken, ..Controls::default() };
        }
        if allowed.outcome.name() != blocked.outcome.name() {
            return Controls { results, ..Controls::default() };
        }
        let message = format!(
            "the controls `{}` and `{}` both end in {}: whether this server enforces the policy cannot be told",
            allow.id,
            block.id,
            allowed.outcome.name()
        );
        // One of the two fell short; if that is known of this server, so is what follows from it.
        let deviation = results.iter().find_map(|result| result.deviation.clone());
        Controls { broken: None, alike: Some(Alike { message, deviation }), results }
    }

    async fn listen(&self, policy: &Policy) -> Result<Listening, Declined> {
        let (verdict, message) = match listening(&self.subject, Some(policy)).await {
            Ok((url, instance)) => return Ok(Listening { url, _instance: instance }),
            Err(Answer::Unsupported { reason, .. }) => (Verdict::Unsupported, reason),
            Err(Answer::Refused { reason }) => (Verdict::Refused, reason),
            Err(Answer::Failed { message }) => (Verdict::Error, message),
            Err(Answer::Ready(_)) => unreachable!("what is ready listens"),
        };
        Err(Declined { verdict, message })
    }

    fn decline(&self, suite: &Suite, cases: &[&Case], declined: &Declined) -> Vec<CaseResult> {
        cases
            .iter()
            .map(|case| CaseResult {
                message: Some(declined.message.clone()),
                ..self.blank(suite, case, declined.verdict)
            })
            .collect()
    }

    /// A route that the server says it lacks cannot be tested on it, nor can what needs another server than the one that
    /// listens already.
    fn require_routes(&self, case: &Case) -> Result<(), Declined> {
        let unsupported = |message: String| Err(Declined { verdict: Verdict::Unsupported, message });
        if let SubjectKind::Url(url) = &self.subject.kind {
            if !case.beside.is_nothing() {
                return unsupported(format!("the server at {url} enforces one policy alone"));
            }
            if needs_twin(case) {
                return unsupported(format!("there is no second server beside {url} to redirect to"));
            }
            if counts_hits(case) {
                return unsupported(format!(
                    "others may send requests to {url}, so its handler's runs cannot be counted"
                ));
            }
        }
        let route =
            |route: &str| route.trim_matches('/').split(['/', '?']).next().unwrap_or_default().to_owned();
        let lacking = |wanted: &str| self.lacks.iter().any(|lacked| route(lacked) == route(wanted));
        let mut wanted = case.steps.iter().filter_map(|step| match &step.request.target {
            Target::Path(path) => Some(&**path),
            Target::Url(_) => None,
        });
        let missing = wanted
            .find(|path| lacking(path))
            .or_else(|| (counts_hits(case) && lacking("/hits")).then_some("/hits"));
        match missing {
            Some(path) => unsupported(format!("the server says that it lacks /{}", route(path))),
            None => Ok(()),
        }
    }

    /// How often the handler of `/resource` has run.
    async fn hits(&self, url: &Url) -> Result<u64, Declined> {
        #[derive(Deserialize)]
        struct Hits {
            hits: u64,
        }
        let failed =
            |what: String| Declined { verdict: Verdict::Error, message: format!("GET /hits: {what}") };
        let url = url.join("/hits").map_err(|error| failed(error.to_string()))?;
        let to = Destination::of(&url).ok_or_else(|| failed("no host".to_owned()))?;
        let request = corspec_browser::HttpRequest {
            purpose: corspec_browser::Purpose::Actual,
            method: corspec_browser::Bytes::Borrowed(b"GET"),
            url,
            headers: corspec_browser::HeaderList::new(),
            body: None,
        };
        let received =
            self.bench.client.exchange(&to, &request).await.map_err(|error| failed(error.to_string()))?;
        let hits: Hits = serde_json::from_slice(&received.response.body)
            .map_err(|error| failed(format!("the body is not {{\"hits\": N}}: {error}")))?;
        Ok(hits.hits)
    }

    fn blank(&self, suite: &Suite, case: &Case, verdict: Verdict) -> CaseResult {
        blank(&self.subject.name, suite, case, &*self.browser, verdict)
    }
}

impl From<NotPerformed> for Declined {
    fn from(problem: NotPerformed) -> Self {
        let verdict = match problem {
            NotPerformed::Cannot(_) => Verdict::NotPerformable,
            NotPerformed::Unavailable(_) => Verdict::Unavailable,
            NotPerformed::Broke(_) => Verdict::Error,
        };
        Self { verdict, message: problem.to_string() }
    }
}

/// What the controls of a group tell.
#[derive(Default)]
struct Controls {
    broken: Option<Broken>,
    alike: Option<Alike>,
    /// What became of the two as cases.
    results: Vec<CaseResult>,
}

/// Why the controls tell nothing.
enum Broken {
    /// Neither got an answer, and why.
    Unanswered(String),
    /// The browser did not perform them.
    NotPerformed(Declined),
}

/// Both controls ended the same way.
struct Alike {
    message: String,
    deviation: Option<DeviationNote>,
}

/// The origin under which a suite's pages know the server; the loader has parsed it before.
fn public(suite: &Suite) -> Option<Url> {
    suite.server.as_deref().and_then(|origin| Url::parse(origin).ok())
}

fn is_of(result: &CaseResult, case: &Case) -> bool {
    result.case.split_once('/').is_some_and(|(_, id)| id == case.id)
}

fn needs_own_server(case: &Case) -> bool {
    case.steps.len() > 1 || counts_hits(case) || !case.beside.is_nothing()
}

fn counts_hits(case: &Case) -> bool {
    case.steps.iter().any(|step| step.expect.hits.is_some())
}

fn needs_twin(case: &Case) -> bool {
    case.steps
        .iter()
        .any(|step| matches!(&step.request.target, Target::Path(path) if path.contains("{twin}")))
}
