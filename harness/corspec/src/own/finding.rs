//! Findings: what went wrong, by cause. One cause can show in hundreds of cases.

use std::collections::BTreeMap;

use corspec_browser::{Origin, method};
use corspec_protocol::PermittedOrigin;
use serde::Serialize;

use super::cause::Cause;
use super::config::Config;
use super::consoles::browsers;
use super::hint::Framework;
use super::words::Words;
use crate::record::{CaseResult, ExchangeRecord, Record, StepRecord, Verdict};

/// One cause, with every case that it shows in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is, and for whom.
    pub class: Class,
    /// The cause.
    #[serde(rename = "code")]
    pub cause: Cause,
    /// What is wrong, in plain words.
    pub title: String,
    /// Why that matters.
    pub why: &'static str,
    /// What to change.
    pub mend: String,
    /// The mistake that usually leads to it in the server's framework, where both are known.
    pub usually: Option<String>,
    /// Where the standard says it.
    pub anchor: &'static str,
    /// The code of the reason for which browsers block, where they do.
    pub reason: Option<String>,
    /// The cases that it shows in.
    pub cases: Vec<String>,
    /// What the page of the example asked for.
    pub asked: String,
    /// The exchanges of the example.
    pub exchanges: Vec<ExchangeRecord>,
    /// What each browser does and says.
    pub consoles: Vec<Console>,
    /// What the answers would have to have.
    pub wanted: Vec<Wanted>,
}

impl Finding {
    /// What to change, and where that usually is.
    pub fn way_out(&self) -> String {
        match &self.usually {
            Some(usually) => format!("{} Usually: {usually}", self.mend),
            None => self.mend.clone(),
        }
    }
}

/// How bad a finding is, and for whom. The worst is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Open, and should be closed.
    Open,
    /// Blocked, and should work.
    Blocked,
    /// What caches will spoil.
    Caches,
    /// Untidy, and does no harm yet.
    Untidy,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Open, Self::Blocked, Self::Caches, Self::Untidy];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Blocked => "blocked",
            Self::Caches => "caches",
            Self::Untidy => "untidy",
        }
    }

    /// The heading above such findings.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Open => "Open, and should be closed",
            Self::Blocked => "Blocked, and should work",
            Self::Caches => "What caches will spoil",
            Self::Untidy => "Merely untidy",
        }
    }
}

/// What one browser does and says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Console {
    /// The engine.
    pub engine: &'static str,
    /// Whether it lets the page read.
    pub allows: bool,
    /// What it writes to its console.
    pub lines: Vec<String>,
}

/// A header that an answer would have to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// `preflight` or `actual`
    #[serde(rename = "for")]
    pub purpose: &'static str,
    /// The header line, or the status.
    pub line: String,
    /// What there is now.
    pub now: String,
}

/// What fell short, by cause.
type Found<'r> = BTreeMap<Cause, Vec<(&'r CaseResult, &'r StepRecord)>>;

/// What is wrong, the worst first.
pub(super) fn findings(config: &Config, record: &Record, framework: Option<Framework>) -> Vec<Finding> {
    let permitted = config.policy.permitted_origins().unwrap_or_default();
    let scene = Scene { config, permitted: &permitted, framework };
    let mut found = Found::new();
    for result in &record.results {
        let Some(step) = telling(result) else { continue };
        if !result.verdict.fell_short() {
            continue;
        }
        let cause = scene.cause(result, step);
        let cause = if result.level == "may" { Cause::OpenQuestion } else { cause };
        found.entry(cause).or_default().push((result, step));
    }
    answered_before_cors(record, &mut found);
    // Whoever lets everybody in lets in who looks like a permitted page, too.
    let everybody = [Cause::AnyOriginReflected, Cause::AnyOriginWildcard];
    if let Some(cause) = everybody.into_iter().find(|cause| found.contains_key(cause)) {
        for narrower in [Cause::LookAlikeOrigin, Cause::InsecureOrigin, Cause::NullOrigin] {
            let cases = found.remove(&narrower).unwrap_or_default();
            found.entry(cause).or_default().extend(cases);
        }
    }
    // What fails without any cache is none of the caches' doing.
    let direct = |class| {
        found.keys().any(|cause| {
            cause.class() == class
                && matches!(
                    *cause,
                    Cause::PermittedOriginRefused | Cause::AnyOriginReflected | Cause::AnyOriginWildcard
                )
        })
    };
    let (refused, open) = (direct(Class::Blocked), direct(Class::Open));
    if let Some(cases) = found.get_mut(&Cause::VaryMissing) {
        cases.retain(|(result, _)| match result.verdict {
            Verdict::OverBlocks => !refused,
            _ => !open,
        });
    }
    found.retain(|_, cases| !cases.is_empty());
    let mut findings: Vec<Finding> =
        found.into_iter().map(|(cause, cases)| scene.finding(cause, &cases)).collect();
    findings.extend(scene.untidy(record, &findings));
    findings.sort_by_key(|finding| (finding.class, std::cmp::Reverse(finding.cases.len())));
    findings
}

/// Where some answers permit a page and those of a route do not, the CORS layer is there, and the route answers before its turn
/// comes.
fn answered_before_cors(record: &Record, found: &mut Found<'_>) {
    let permitted = |origin: &str| {
        let steps = record.results.iter().flat_map(|result| &result.steps);
        steps
            .filter(|step| step.request.origin == origin)
            .flat_map(|step| &step.exchanges)
            .any(|exchange| header(exchange, "access-control-allow-origin") == Some(origin))
    };
    let before = Cause::AnsweredBeforeCors;
    // A preflight alone is one of these only together with the answer itself: else the layer leaves OPTIONS to the routes.
    for cause in [Cause::PermittedOriginRefused, Cause::PreflightWithoutOrigin] {
        if cause == Cause::PreflightWithoutOrigin && !found.contains_key(&before) {
            return;
        }
        let cases = found.remove(&cause).unwrap_or_default();
        let (moved, left): (Vec<_>, Vec<_>) =
            cases.into_iter().partition(|(_, step)| permitted(&step.request.origin));
        for (cause, cases) in [(before, moved), (cause, left)] {
            if !cases.is_empty() {
                found.entry(cause).or_default().extend(cases);
            }
        }
    }
}

/// The step that fell short, or the last one.
fn telling(result: &CaseResult) -> Option<&StepRecord> {
    let index = result.differences.first().map(|difference| difference.step);
    index.and_then(|index| result.steps.get(index)).or(result.steps.last())
}

struct Scene<'a> {
    config: &'a Config,
    permitted: &'a [PermittedOrigin],
    framework: Option<Framework>,
}

impl Scene<'_> {
    fn permits(&self, origin: &str) -> bool {
        self.permitted.iter().any(|entry| entry.permits(origin.as_bytes()))
    }

    fn cause(&self, result: &CaseResult, step: &StepRecord) -> Cause {
        let from_cache = step.exchanges.iter().any(|exchange| {
            matches!(exchange.source.as_deref(), Some("shared-cache" | "http-cache" | "validated"))
        });
        if from_cache {
            return Cause::VaryMissing;
        }
        let differs = |what: &str| result.differences.iter().any(|difference| difference.what == what);
        match result.verdict {
            Verdict::OverExposes if differs("hidden") => Cause::ExposesMore,
            Verdict::OverExposes => match self.hole(step) {
                Cause::UnlistedMethod if step.request.method == "OPTIONS" => Cause::OptionsGranted,
                cause => cause,
            },
            Verdict::OverBlocks if step.outcome == "allow" && differs("visible") => Cause::NotExposed,
            Verdict::OverBlocks if step.outcome == "allow" => Cause::MaxAge,
            Verdict::OverBlocks => match obstacle(step) {
                Cause::PreflightNotAnswered | Cause::PreflightNeedsLogin
                    if result.case == "answers/nowhere" =>
                {
                    Cause::PreflightNowhere
                }
                cause => cause,
            },
            _ if differs("preflight") && result.suite() == "time" => Cause::MaxAge,
            _ => Cause::WrongReason,
        }
    }

    fn hole(&self, step: &StepRecord) -> Cause {
        let origin = &step.request.origin;
        let policy = &self.config.policy;
        if !self.permits(origin) {
            let granted = answered(step).and_then(|exchange| header(exchange, "access-control-allow-origin"));
            return match granted {
                Some("*") => Cause::AnyOriginWildcard,
                _ if origin == "null" => Cause::NullOrigin,
                _ if self.is_insecure_twin(origin) => Cause::InsecureOrigin,
                _ if self.looks_permitted(origin) => Cause::LookAlikeOrigin,
                _ => Cause::AnyOriginReflected,
            };
        }
        let asked = method::normalize(step.request.method.as_bytes());
        let listed = policy.methods.iter().any(|listed| listed.as_bytes() == &*asked);
        if step.request.credentials == "include" && !policy.credentials {
            Cause::CredentialsAllowed
        } else if !method::is_cors_safelisted(&asked) && !listed && !policy.any_method() {
            Cause::UnlistedMethod
        } else {
            Cause::UnlistedHeader
        }
    }

    /// Whether it is a permitted https origin but for its scheme.
    fn is_insecure_twin(&self, origin: &str) -> bool {
        let Some(host) = origin.strip_prefix("http://") else { return false };
        self.permits(&format!("https://{host}"))
    }

    /// Whether a careless comparison would take it for a permitted origin.
    fn looks_permitted(&self, origin: &str) -> bool {
        let host = |origin: &str| {
            Origin::parse(origin)
                .and_then(|origin| Some(origin.serialization().split_once("://")?.1.to_owned()))
        };
        let wanted = host(origin).unwrap_or_else(|| origin.to_owned());
        self.permitted.iter().any(|entry| {
            let name = match entry {
                PermittedOrigin::Exact(origin) => host(origin).unwrap_or_default(),
                PermittedOrigin::Subdomains { domain, .. } => domain.clone(),
                PermittedOrigin::Any | PermittedOrigin::Null => return false,
            };
            let bare = name.split(':').next().unwrap_or_default().to_owned();
            let parts: Vec<&str> = bare.split('.').collect();
            // The name itself somewhere in it, or one label exchanged.
            wanted.contains(&bare)
                || parts.windows(2).any(|pair| wanted.contains(&pair.join(".")))
                || wanted.replace(['x', '-'], ".").contains(&bare.replace(['x', '-'], "."))
        })
    }

    fn finding(&self, cause: Cause, cases: &[(&CaseResult, &StepRecord)]) -> Finding {
        let class = cause.class();
        // The plainest example: one step, few exchanges, cookies where they make it worse, no strange origin.
        let example = cases.iter().min_by_key(|(result, step)| {
            let harmless = class == Class::Open && step.request.credentials != "include";
            // That everybody gets in shows best with somebody who has nothing in common with a permitted page.
            let everybody = matches!(cause, Cause::AnyOriginReflected | Cause::AnyOriginWildcard);
            let alike = everybody && !result.case.contains("stranger");
            let opaque = step.request.origin == "null";
            let size = (step.exchanges.len(), step.request.headers.len(), step.request.origin.len());
            (result.steps.len(), harmless, opaque, alike, size)
        });
        let (asked, mut exchanges, consoles, wanted, reason) = match example {
            Some((_, step)) => {
                let (consoles, wanted) = browsers(step);
                (call(step), step.exchanges.clone(), consoles, wanted, step.reason.clone())
            }
            None => Default::default(),
        };
        exchanges.retain(|exchange| exchange.source.as_deref() != Some("withheld"));
        let said = Words::of(cause, &self.config.policy, example.map(|(_, step)| *step));
        Finding {
            class,
            cause,
            title: said.title,
            why: said.why,
            mend: said.mend,
            usually: self.framework.and_then(|framework| framework.usual_mistake(cause, &self.config.policy)),
            anchor: said.anchor,
            reason,
            cases: cases.iter().map(|(result, _)| result.case.clone()).collect(),
            asked,
            exchanges,
            consoles,
            wanted: if class == Class::Blocked { wanted } else { Vec::new() },
        }
    }

    /// What no case fails for, and is wrong all the same.
    fn untidy(&self, record: &Record, known: &[Finding]) -> Vec<Finding> {
        let all = || {
            record.results.iter().flat_map(|result| {
                result.steps.iter().flat_map(move |step| {
                    step.exchanges
                        .iter()
                        .filter(|exchange| exchange.source.is_none() && exchange.response.is_some())
                        .map(move |exchange| (result, step, exchange))
                })
            })
        };
        let mut found = Vec::new();
        let mut add = |cause, cases: Vec<(&CaseResult, &StepRecord)>| {
            if !cases.is_empty() {
                found.push(self.finding(cause, &cases));
            }
        };
        let unvaried = all().filter(|(_, step, exchange)| {
            let names = header(exchange, "access-control-allow-origin") == Some(&*step.request.origin);
            names
                && !varies(exchange, &["origin", "*"])
                && self.permits(&step.request.origin)
                && exchange.purpose == "actual"
        });
        if !known.iter().any(|finding| finding.cause == Cause::VaryMissing) {
            add(Cause::VaryAbsent, unvaried.map(|(result, step, _)| (result, step)).take(1).collect());
        }
        let odd = all().filter(|(_, _, exchange)| {
            header(exchange, "access-control-allow-credentials").is_some_and(|value| value != "true")
        });
        if !known.iter().any(|finding| finding.reason.as_deref() == Some("allow-credentials-not-true")) {
            add(Cause::CredentialsNotTrue, odd.map(|(result, step, _)| (result, step)).take(1).collect());
        }
        found
    }
}

/// What keeps a permitted page out.
fn obstacle(step: &StepRecord) -> Cause {
    let last = answered(step);
    let status = last.and_then(|exchange| exchange.response.as_ref()).map_or(0, |response| response.status);
    let at_preflight = step.stage.as_deref() == Some("preflight");
    match step.reason.as_deref() {
        Some("network-error") => Cause::NoAnswer,
        Some("preflight-redirect") => Cause::PreflightRedirected,
        // Browsers look for the origin first, and name that as the reason; the status is what tells the mistake.
        Some("allow-origin-missing" | "preflight-status") if at_preflight && status >= 400 => {
            let by_cors =
                last.is_some_and(|exchange| varies(exchange, &["origin", "access-control-request-method"]));
            match status {
                403 if by_cors => Cause::PreflightRefused,
                401 | 403 => Cause::PreflightNeedsLogin,
                _ => Cause::PreflightNotAnswered,
            }
        }
        Some("preflight-status") => Cause::PreflightNotAnswered,
        Some("allow-origin-missing") if at_preflight => Cause::PreflightWithoutOrigin,
        Some("allow-origin-missing") if status >= 400 => Cause::ErrorsWithoutOrigin,
        Some("allow-origin-missing") => Cause::PermittedOriginRefused,
        Some("allow-origin-multiple") => Cause::OriginTwice,
        Some("allow-origin-wildcard-with-credentials") => Cause::WildcardWithCredentials,
        Some("allow-origin-mismatch" | "allow-origin-invalid") => Cause::WrongOriginNamed,
        Some("allow-credentials-not-true") => Cause::CredentialsNotPermitted,
        Some("method-not-allowed" | "allow-methods-invalid") => Cause::MethodNotPermitted,
        Some("wildcard-excludes-authorization") => Cause::WildcardWithoutAuthorization,
        Some("header-not-allowed" | "allow-headers-invalid") => Cause::HeaderNotPermitted,
        _ => Cause::BlockedOtherwise,
    }
}

/// The last exchange to which an answer came over the network.
pub(super) fn answered(step: &StepRecord) -> Option<&ExchangeRecord> {
    step.exchanges
        .iter()
        .rev()
        .find(|exchange| exchange.response.is_some() && exchange.source.as_deref() != Some("withheld"))
}

/// Whether the answer says that it depends on one of these request headers.
fn varies(exchange: &ExchangeRecord, on: &[&str]) -> bool {
    exchange.response.iter().flat_map(|response| &response.headers).any(|(name, value)| {
        name.eq_ignore_ascii_case("vary")
            && value.split(',').any(|name| on.contains(&&*name.trim().to_ascii_lowercase()))
    })
}

fn header<'e>(exchange: &'e ExchangeRecord, name: &str) -> Option<&'e str> {
    let headers = &exchange.response.as_ref()?.headers;
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
}

/// The call in a few words.
fn call(step: &StepRecord) -> String {
    let asked = &step.request;
    let cookies = if asked.credentials == "include" { ", with cookies" } else { "" };
    format!("a page at {} asks for {} {}{cookies}", asked.origin, asked.method, asked.url)
}
