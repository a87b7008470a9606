//! Findings: what went wrong, by cause. One cause can show in hundreds of cases.

use std::collections::BTreeMap;

use corspec_browser::{Origin, method};
use corspec_protocol::PermittedOrigin;
use serde::Serialize;

use super::config::Config;
use super::consoles::browsers;
use super::words::Words;
use crate::record::{CaseResult, ExchangeRecord, Record, StepRecord, Verdict};

/// One cause, with every case that it shows in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is, and for whom.
    pub class: Class,
    /// The stable name of the cause.
    pub code: &'static str,
    /// What is wrong, in plain words.
    pub title: String,
    /// Why that matters.
    pub why: &'static str,
    /// What to change.
    pub mend: String,
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

/// What is wrong, the worst first.
pub(super) fn findings(config: &Config, record: &Record) -> Vec<Finding> {
    let permitted = config.policy.permitted_origins().unwrap_or_default();
    let scene = Scene { config, permitted: &permitted };
    let mut found: BTreeMap<(Class, &'static str), Vec<(&CaseResult, &StepRecord)>> = BTreeMap::new();
    for result in &record.results {
        let Some(step) = telling(result) else { continue };
        if !result.verdict.fell_short() {
            continue;
        }
        let (class, code) = scene.cause(result, step);
        let (class, code) =
            if result.level == "may" { (Class::Untidy, "open-question") } else { (class, code) };
        found.entry((class, code)).or_default().push((result, step));
    }
    // Whoever lets everybody in lets in who looks like a permitted page, too.
    let everybody = [(Class::Open, "any-origin-reflected"), (Class::Open, "any-origin-wildcard")];
    if let Some(cause) = everybody.into_iter().find(|cause| found.contains_key(cause)) {
        for narrower in ["look-alike-origin", "insecure-origin", "null-origin"] {
            let cases = found.remove(&(Class::Open, narrower)).unwrap_or_default();
            found.entry(cause).or_default().extend(cases);
        }
    }
    // What fails without any cache is none of the caches' doing.
    let direct = |class| {
        found.keys().any(|(known, code)| {
            *known == class
                && matches!(
                    *code,
                    "permitted-origin-refused" | "any-origin-reflected" | "any-origin-wildcard"
                )
        })
    };
    let (refused, open) = (direct(Class::Blocked), direct(Class::Open));
    if let Some(cases) = found.get_mut(&(Class::Caches, "vary-missing")) {
        cases.retain(|(result, _)| match result.verdict {
            Verdict::OverBlocks => !refused,
            _ => !open,
        });
    }
    found.retain(|_, cases| !cases.is_empty());
    let mut findings: Vec<Finding> =
        found.into_iter().map(|((class, code), cases)| scene.finding(class, code, &cases)).collect();
    findings.extend(scene.untidy(record, &findings));
    findings.sort_by_key(|finding| (finding.class, std::cmp::Reverse(finding.cases.len())));
    findings
}

/// The step that fell short, or the last one.
fn telling(result: &CaseResult) -> Option<&StepRecord> {
    let index = result.differences.first().map(|difference| difference.step);
    index.and_then(|index| result.steps.get(index)).or(result.steps.last())
}

struct Scene<'a> {
    config: &'a Config,
    permitted: &'a [PermittedOrigin],
}

impl Scene<'_> {
    fn permits(&self, origin: &str) -> bool {
        self.permitted.iter().any(|entry| entry.permits(origin.as_bytes()))
    }

    fn cause(&self, result: &CaseResult, step: &StepRecord) -> (Class, &'static str) {
        let from_cache = step.exchanges.iter().any(|exchange| {
            matches!(exchange.source.as_deref(), Some("shared-cache" | "http-cache" | "validated"))
        });
        if from_cache {
            return (Class::Caches, "vary-missing");
        }
        let differs = |what: &str| result.differences.iter().any(|difference| difference.what == what);
        match result.verdict {
            Verdict::OverExposes if differs("hidden") => (Class::Open, "exposes-more"),
            Verdict::OverExposes => (Class::Open, self.hole(step)),
            Verdict::OverBlocks if step.outcome == "allow" && differs("visible") => {
                (Class::Blocked, "not-exposed")
            }
            Verdict::OverBlocks if step.outcome == "allow" => (Class::Untidy, "max-age"),
            Verdict::OverBlocks => (Class::Blocked, obstacle(step)),
            _ if differs("preflight") && result.suite() == "time" => (Class::Untidy, "max-age"),
            _ => (Class::Untidy, "wrong-reason"),
        }
    }

    fn hole(&self, step: &StepRecord) -> &'static str {
        let origin = &step.request.origin;
        let policy = &self.config.policy;
        if !self.permits(origin) {
            let granted = answered(step).and_then(|exchange| header(exchange, "access-control-allow-origin"));
            return match granted {
                Some("*") => "any-origin-wildcard",
                _ if origin == "null" => "null-origin",
                _ if self.is_insecure_twin(origin) => "insecure-origin",
                _ if self.looks_permitted(origin) => "look-alike-origin",
                _ => "any-origin-reflected",
            };
        }
        let asked = method::normalize(step.request.method.as_bytes());
        let listed = policy.methods.iter().any(|listed| listed.as_bytes() == &*asked);
        if step.request.credentials == "include" && !policy.credentials {
            "credentials-allowed"
        } else if !method::is_cors_safelisted(&asked) && !listed && !policy.any_method() {
            "unlisted-method"
        } else {
            "unlisted-header"
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

    fn finding(&self, class: Class, code: &'static str, cases: &[(&CaseResult, &StepRecord)]) -> Finding {
        // The plainest example: one step, few exchanges, cookies where they make it worse, no strange origin.
        let example = cases.iter().min_by_key(|(result, step)| {
            let harmless = class == Class::Open && step.request.credentials != "include";
            let opaque = step.request.origin == "null";
            let size = (step.exchanges.len(), step.request.headers.len(), step.request.origin.len());
            (result.steps.len(), harmless, opaque, size)
        });
        let (asked, mut exchanges, consoles, wanted, reason) = match example {
            Some((_, step)) => {
                let (consoles, wanted) = browsers(step);
                (call(step), step.exchanges.clone(), consoles, wanted, step.reason.clone())
            }
            None => Default::default(),
        };
        exchanges.retain(|exchange| exchange.source.as_deref() != Some("withheld"));
        let said = Words::of(code, &self.config.policy, example.map(|(_, step)| *step));
        Finding {
            class,
            code,
            title: said.title,
            why: said.why,
            mend: said.mend,
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
        let mut add = |code, cases: Vec<(&CaseResult, &StepRecord)>| {
            if !cases.is_empty() {
                found.push(self.finding(Class::Untidy, code, &cases));
            }
        };
        let unvaried = all().filter(|(_, step, exchange)| {
            let names = header(exchange, "access-control-allow-origin") == Some(&*step.request.origin);
            let varies =
                exchange.response.iter().flat_map(|response| &response.headers).any(|(name, value)| {
                    name.eq_ignore_ascii_case("vary")
                        && value
                            .split(',')
                            .any(|name| matches!(&*name.trim().to_ascii_lowercase(), "origin" | "*"))
                });
            names && !varies && self.permits(&step.request.origin) && exchange.purpose == "actual"
        });
        if !known.iter().any(|finding| finding.code == "vary-missing") {
            add("vary-absent", unvaried.map(|(result, step, _)| (result, step)).take(1).collect());
        }
        let odd = all().filter(|(_, _, exchange)| {
            header(exchange, "access-control-allow-credentials").is_some_and(|value| value != "true")
        });
        if !known.iter().any(|finding| finding.reason.as_deref() == Some("allow-credentials-not-true")) {
            add("credentials-not-true", odd.map(|(result, step, _)| (result, step)).take(1).collect());
        }
        found
    }
}

/// What keeps a permitted page out.
fn obstacle(step: &StepRecord) -> &'static str {
    let last = answered(step);
    let status = last.and_then(|exchange| exchange.response.as_ref()).map_or(0, |response| response.status);
    let at_preflight = step.stage.as_deref() == Some("preflight");
    match step.reason.as_deref() {
        Some("network-error") => "no-answer",
        Some("preflight-redirect") => "preflight-redirected",
        Some("preflight-status") if matches!(status, 401 | 403) => "preflight-needs-login",
        Some("preflight-status") => "preflight-not-answered",
        Some("allow-origin-missing") if at_preflight => "preflight-without-origin",
        Some("allow-origin-missing") if status >= 400 => "errors-without-origin",
        Some("allow-origin-missing") => "permitted-origin-refused",
        Some("allow-origin-multiple") => "origin-twice",
        Some("allow-origin-wildcard-with-credentials") => "wildcard-with-credentials",
        Some("allow-origin-mismatch" | "allow-origin-invalid") => "wrong-origin-named",
        Some("allow-credentials-not-true") => "credentials-not-permitted",
        Some("method-not-allowed" | "allow-methods-invalid") => "method-not-permitted",
        Some("wildcard-excludes-authorization") => "wildcard-without-authorization",
        Some("header-not-allowed" | "allow-headers-invalid") => "header-not-permitted",
        _ => "blocked-otherwise",
    }
}

/// The last exchange to which an answer came over the network.
pub(super) fn answered(step: &StepRecord) -> Option<&ExchangeRecord> {
    step.exchanges
        .iter()
        .rev()
        .find(|exchange| exchange.response.is_some() && exchange.source.as_deref() != Some("withheld"))
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
