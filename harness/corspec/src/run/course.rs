//! One subject from its start to its end, told line by line.

use std::sync::Arc;

use corspec_browser::Profile;
use futures_util::StreamExt;
use tokio::sync::mpsc::UnboundedSender;

use super::{Bench, Plan, as_it_comes, result, run_subject};
use crate::browser::Browser;
use crate::case::Level;
use crate::deviation::Deviations;
use crate::record::{CaseResult, Line, ServerInfo, Verdict, View};
use crate::select::Selection;
use crate::subject::{Subject, SubjectKind};

/// What happens to one subject, whatever happens to any other.
pub(super) struct Course {
    pub(super) bench: Arc<Bench>,
    pub(super) plan: Arc<Plan>,
    pub(super) subject: Subject,
    pub(super) lines: UnboundedSender<Line>,
}

/// Nobody listens any more.
struct Unheard;

impl Course {
    pub(super) async fn run(mut self) {
        let (mut subject, running) = self.subject.started().await;
        let version = subject.hello().and_then(|hello| hello.middleware);
        subject.deviations = subject.deviations.of_version(version.as_deref());
        self.subject = subject;
        // Whoever does not listen any more has no use for how it ends either.
        if self.cases().await.is_ok()
            && let Some(running) = running
        {
            let faults = running.stop().await;
            let _ = faults.into_iter().try_for_each(|fault| self.fault(fault));
        }
    }

    async fn cases(&self) -> Result<(), Unheard> {
        let subject = &self.subject;
        self.tell(Line::Server(ServerInfo {
            name: subject.name.clone(),
            hello: subject.hello(),
            problem: subject.problem().map(str::to_owned),
        }))?;
        let mut results = Vec::new();
        let is_whole = self.plan.all_suites && self.plan.selection.is_everything();
        for browser in &self.bench.browsers(&self.plan) {
            let known = browser.known().filter(|_| matches!(subject.kind, SubjectKind::Scripted));
            let before = results.len();
            let mut incoming = std::pin::pin!(run_subject(&self.bench, &self.plan, subject, browser));
            while let Some(result) = incoming.next().await {
                // What a deviation names may have passed.
                let is_named = known.is_some() || !subject.deviations.is_empty();
                if is_named || result.verdict != Verdict::Pass {
                    results.push(result.without_steps());
                }
                self.tell(Line::Result(Box::new(result)))?;
            }
            if let Some(known) = known.filter(|_| is_whole) {
                let whose = browser.engine().unwrap_or_default();
                self.stale(known, &results[before..], &whose)?;
            }
        }
        self.views(&results).await?;
        if self.plan.as_it_comes && matches!(subject.kind, SubjectKind::Server(_)) {
            let found = as_it_comes::ask(&self.bench, subject).await;
            self.tell(Line::AsItComes(Box::new(found)))?;
        }
        if is_whole {
            self.stale(&subject.deviations, &results, "the server")?;
        }
        Ok(())
    }

    /// One case of each cause by which results fell short, under the rules of the engines.
    async fn views(&self, results: &[CaseResult]) -> Result<(), Unheard> {
        let mut told: Vec<&CaseResult> = Vec::new();
        for result in results.iter().filter(|result| result.verdict.fell_short()) {
            if !told.iter().any(|known| known.cause() == result.cause()) {
                told.push(result);
            }
        }
        for &profile in self.plan.views.iter().filter(|_| !told.is_empty()) {
            let names = told.iter().map(|result| format!("{}/{}", result.server, result.case));
            let plan = Arc::new(Plan { selection: Selection::exactly(names), ..Plan::clone(&self.plan) });
            // What is known of a case under the standard's rules is not held against an engine's.
            let subject = self.subject.clone().with_deviations(Deviations::default());
            let model: Arc<dyn Browser> = Arc::new(self.bench.model(profile));
            let mut incoming = std::pin::pin!(run_subject(&self.bench, &plan, &subject, &model));
            while let Some(result) = incoming.next().await {
                self.tell(Line::View(view(result, profile)))?;
            }
        }
        Ok(())
    }

    /// A deviation that no longer happens, or matches nothing, or that nobody has explained, is an error of the list.
    fn stale(&self, known: &Deviations, results: &[CaseResult], whose: &str) -> Result<(), Unheard> {
        for (pattern, what) in known.stale(results) {
            let case = format!("deviations/{pattern}");
            let what =
                format!("the known deviation `{pattern}` is stale: {what}; take it off {whose}'s list");
            self.tell_error(&case, what)?;
        }
        for pattern in known.unwritten() {
            let case = format!("deviations/{pattern}");
            let what = format!(
                "the deviation `{pattern}` is listed without a class or a reason; say why {whose} does so"
            );
            self.tell_error(&case, what)?;
        }
        Ok(())
    }

    /// What a server did against the protocol is an error of its run, whatever its cases say.
    fn fault(&self, fault: String) -> Result<(), Unheard> {
        self.tell_error("protocol/fault", fault)
    }

    fn tell_error(&self, case: &str, message: String) -> Result<(), Unheard> {
        let profile = self.plan.profiles.first().copied().unwrap_or_default();
        self.tell(Line::Result(Box::new(CaseResult {
            message: Some(message),
            level: Level::Must.to_string(),
            ..result::without_outcome(&self.subject.name, case, profile, Verdict::Error)
        })))
    }

    fn tell(&self, line: Line) -> Result<(), Unheard> {
        self.lines.send(line).map_err(|_| Unheard)
    }
}

fn view(result: CaseResult, profile: Profile) -> View {
    View {
        server: result.server,
        case: result.case,
        profile: profile.name().to_owned(),
        verdict: result.verdict,
        outcome: result.outcome,
        reason: result.reason,
    }
}
