//! Findings: what went wrong, by cause. One cause can show in hundreds of cases.

use std::collections::BTreeMap;

use corspec_browser::{
    CredentialsMode, HeaderList, HttpResponse, Initiator, Mode, Origin, Profile, Purpose, RedirectMode,
    method,
};
use corspec_protocol::PermittedOrigin;
use serde::Serialize;

use super::config::Config;
use crate::explain::{Answer, Call, Change, Explanation, Verdict as Decided};
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
        let class = if result.level == "may" { Class::Untidy } else { class };
        let code = if result.level == "may" { "open-question" } else { code };
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
fn answered(step: &StepRecord) -> Option<&ExchangeRecord> {
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

/// What each browser makes of the same answers, and what they would have to be.
fn browsers(step: &StepRecord) -> (Vec<Console>, Vec<Wanted>) {
    let Some(question) = question(step) else { return Default::default() };
    let asked_tls = step.request.url.starts_with("https://");
    let bare = step.request.url.split_once("://").map(|(_, rest)| rest);
    let engines = Profile::ALL.into_iter().filter(|profile| *profile != Profile::Fetch);
    let consoles = engines.map(|profile| {
        let explanation = Explanation::of(&question, profile);
        let said = explanation.console.into_iter().find(|console| console.engine == profile.name());
        Console {
            engine: profile.name(),
            allows: explanation.verdict == Decided::Allow,
            lines: said
                .map(|console| console.lines)
                .unwrap_or_default()
                .into_iter()
                .map(|line| match (asked_tls, bare) {
                    (false, Some(bare)) => {
                        line.replace(&format!("https://{bare}"), &format!("http://{bare}"))
                    }
                    _ => line,
                })
                .collect(),
        }
    });
    let consoles = consoles.collect();
    let remedy = Explanation::of(&question, Profile::Fetch).remedy;
    let mut wanted = Vec::new();
    for response in remedy.responses.into_iter().filter(|response| response.known) {
        if let Some(now) = response.status_now {
            let line = format!("status {}", response.status);
            wanted.push(Wanted { purpose: response.purpose, line, now: now.to_string() });
        }
        for setting in response.headers.into_iter().filter(|setting| setting.change != Change::Keep) {
            let line = match &setting.value {
                Some(value) => format!("{}: {value}", setting.name),
                None => format!("no {}", setting.name),
            };
            wanted.push(Wanted {
                purpose: response.purpose,
                line,
                now: setting.now.unwrap_or_else(|| "missing".to_owned()),
            });
        }
    }
    (consoles, wanted)
}

/// The recorded step as a question that every profile can be asked.
fn question(step: &StepRecord) -> Option<crate::explain::Question> {
    let asked = &step.request;
    // That a server under test is asked without TLS is a circumstance: mixed content is not what is looked for.
    let url = match asked.url.strip_prefix("http://") {
        Some(rest) if asked.origin.starts_with("https://") => format!("https://{rest}"),
        _ => asked.url.clone(),
    };
    let bytes = |text: &str| -> Vec<u8> {
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
    };
    let answers = step.exchanges.iter().map(|exchange| Answer {
        purpose: if exchange.purpose == "preflight" { Purpose::Preflight } else { Purpose::Actual },
        response: exchange.response.as_ref().map(|response| HttpResponse {
            status: response.status,
            headers: response.headers.iter().fold(HeaderList::new(), |mut list, (name, value)| {
                list.append(bytes(name), bytes(value));
                list
            }),
            body: Vec::new(),
        }),
    });
    let call = Call {
        origin: Some(asked.origin.clone()),
        url: Some(url),
        method: Some(asked.method.clone()),
        headers: asked.headers.iter().map(|(name, value)| (bytes(name), bytes(value))).collect(),
        credentials: Some(match &*asked.credentials {
            "omit" => CredentialsMode::Omit,
            "include" => CredentialsMode::Include,
            _ => CredentialsMode::SameOrigin,
        }),
        mode: Some(match &*asked.mode {
            "no-cors" => Mode::NoCors,
            "same-origin" => Mode::SameOrigin,
            _ => Mode::Cors,
        }),
        redirect: Some(match &*asked.redirect {
            "error" => RedirectMode::Error,
            "manual" => RedirectMode::Manual,
            _ => RedirectMode::Follow,
        }),
        body: None,
        initiator: Initiator::from_name(&asked.initiator),
        answers: answers.collect(),
        notes: Vec::new(),
    };
    call.into_question().ok()
}

/// A finding's words.
struct Words {
    title: String,
    why: &'static str,
    mend: String,
    anchor: &'static str,
}

const CHECK: &str = "https://fetch.spec.whatwg.org/#cors-check";
const PREFLIGHT: &str = "https://fetch.spec.whatwg.org/#cors-preflight-fetch";
const VARY: &str = "https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches";
const CREDENTIALS: &str = "https://fetch.spec.whatwg.org/#cors-protocol-and-credentials";

impl Words {
    fn of(code: &'static str, policy: &corspec_protocol::Policy, step: Option<&StepRecord>) -> Self {
        let origin = step.map_or("", |step| &*step.request.origin);
        let method = step.map_or("", |step| &*step.request.method);
        let status = step
            .and_then(answered)
            .and_then(|exchange| exchange.response.as_ref())
            .map_or(0, |response| response.status);
        let with_cookies = if step.is_some_and(|step| step.request.credentials == "include") {
            ", with the visitor's cookies"
        } else {
            ""
        };
        let listed = if policy.origins.is_empty() { "nobody".to_owned() } else { policy.origins.join(", ") };
        let asked = || {
            let names: Vec<&str> =
                step.iter().flat_map(|step| &step.request.headers).map(|(name, _)| &**name).collect();
            names.join(", ")
        };
        let (title, why, mend, anchor) = match code {
            "any-origin-reflected" => (
                format!("Any page on the web may read the answers{with_cookies}."),
                "The server sends back whatever Origin it is asked with, so every page there is gets permitted by name.",
                format!("Compare Origin with a list, and send Access-Control-Allow-Origin only for {listed}."),
                CHECK,
            ),
            "any-origin-wildcard" => (
                "Any page on the web may read what is answered without cookies.".to_owned(),
                "Access-Control-Allow-Origin is *, which permits every page.",
                format!("Send the page's origin in place of *, and only for {listed}; with Vary: Origin."),
                CHECK,
            ),
            "null-origin" => (
                "Pages without an origin may read, and every page can make itself one.".to_owned(),
                "A sandboxed frame, which any page can open, has the origin null: to permit null is to permit everybody.",
                "Take null off the list of origins.".to_owned(),
                CHECK,
            ),
            "insecure-origin" => (
                format!("{origin} may read, though only its https twin is permitted{with_cookies}."),
                "Whoever sits in a cafe's network can make up a page of an http origin.",
                "Compare the scheme too: list origins whole, as https://host.".to_owned(),
                CHECK,
            ),
            "look-alike-origin" => (
                format!("A page that only looks permitted may read: {origin}{with_cookies}."),
                "Origins are compared by a part of them or by a loose pattern, and anybody can register a name that fits.",
                format!("Compare the whole origin letter for letter with {listed}; anchor regular expressions with ^ and $ and escape dots."),
                CHECK,
            ),
            "credentials-allowed" => (
                "Permitted pages may act with the visitor's cookies, which the policy does not permit.".to_owned(),
                "Access-Control-Allow-Credentials: true lets script read what the visitor alone should see.",
                "Do not send Access-Control-Allow-Credentials.".to_owned(),
                CREDENTIALS,
            ),
            "unlisted-method" => (
                format!("Permitted pages may use methods that the policy does not list, such as {method}."),
                "The answer to OPTIONS, which browsers send ahead as a preflight, grants more methods than you want pages to use.",
                format!("List exactly {} in Access-Control-Allow-Methods.", named(&policy.methods)),
                "https://fetch.spec.whatwg.org/#http-access-control-allow-methods",
            ),
            "unlisted-header" => (
                format!("Permitted pages may send headers that the policy does not list, such as {}.", asked()),
                "The answer to OPTIONS, which browsers send ahead as a preflight, grants headers that you do not want pages to send.",
                format!("List exactly {} in Access-Control-Allow-Headers.", named(&policy.headers)),
                "https://fetch.spec.whatwg.org/#http-access-control-allow-headers",
            ),
            "exposes-more" => (
                "Script may read response headers that the policy does not expose.".to_owned(),
                "Access-Control-Expose-Headers names more than you want, or is *.",
                format!("Expose exactly {}.", named(&policy.expose)),
                "https://fetch.spec.whatwg.org/#http-access-control-expose-headers",
            ),
            "no-answer" => (
                "The server gives no usable answer to what a permitted page asks.".to_owned(),
                "Without an answer there is nothing that a browser could let a page read.",
                "See the server's log for this request.".to_owned(),
                "https://fetch.spec.whatwg.org/#concept-network-error",
            ),
            "preflight-redirected" => (
                format!("OPTIONS is answered with a redirect ({status}), and browsers follow none there."),
                "Before a request that needs permission the browser asks with OPTIONS, a preflight, and takes no redirect for an answer.",
                "Answer OPTIONS itself with 204: a redirect to https or to another path has to come later.".to_owned(),
                PREFLIGHT,
            ),
            "preflight-needs-login" => (
                format!("OPTIONS is answered with {status}: the login comes before CORS."),
                "A preflight never carries cookies or Authorization, so whoever asks it for a login locks every page out.",
                "Put the CORS layer in front of whatever asks for a login, so that OPTIONS is answered first.".to_owned(),
                PREFLIGHT,
            ),
            "preflight-not-answered" => (
                format!("OPTIONS is answered with {status}, which no browser takes for a permission."),
                "Before a request that needs permission the browser asks with OPTIONS, a preflight, and wants a status of 200 to 299.",
                "Have the CORS layer answer OPTIONS on every route, with 204.".to_owned(),
                PREFLIGHT,
            ),
            "preflight-without-origin" => (
                "OPTIONS is answered, but says nothing of who may.".to_owned(),
                "The answer to the preflight needs Access-Control-Allow-Origin just as the answer itself does.",
                format!("Send Access-Control-Allow-Origin for {listed} on OPTIONS, too."),
                CHECK,
            ),
            "errors-without-origin" => (
                format!("Errors ({status}) lack the headers, so a permitted page cannot even tell what went wrong."),
                "The console says \"blocked by CORS policy\" where the real problem is another one.",
                "Have the CORS layer outermost, so that errors pass through it (nginx: add_header … always).".to_owned(),
                CHECK,
            ),
            "permitted-origin-refused" => (
                format!("Pages of {origin} are kept out: the policy permits them, and the server does not."),
                "Without Access-Control-Allow-Origin no browser lets a page of another origin read.",
                format!("Send Access-Control-Allow-Origin: {origin} when Origin says so."),
                CHECK,
            ),
            "origin-twice" => (
                "Access-Control-Allow-Origin is sent twice.".to_owned(),
                "Two layers write it, a proxy and the application perhaps; browsers take neither.",
                "Let only one of them write CORS headers.".to_owned(),
                CHECK,
            ),
            "wildcard-with-credentials" => (
                "Access-Control-Allow-Origin is *, which counts for nothing where cookies go along.".to_owned(),
                "With cookies the browser wants the page's origin by name.",
                format!("Send Access-Control-Allow-Origin: {origin} in place of *, with Vary: Origin."),
                CREDENTIALS,
            ),
            "wrong-origin-named" => (
                format!("The answer permits another page than {origin}."),
                "Access-Control-Allow-Origin holds one origin, letter for letter that of the page: no list, no slash at its end.",
                "Send the Origin that the request has, where it is on your list.".to_owned(),
                CHECK,
            ),
            "credentials-not-permitted" => (
                "Cookies are permitted by the policy, and the server does not say so.".to_owned(),
                "Where cookies go along the browser wants Access-Control-Allow-Credentials: true, in just these letters.",
                "Send Access-Control-Allow-Credentials: true to permitted origins, on OPTIONS too.".to_owned(),
                CREDENTIALS,
            ),
            "method-not-permitted" => (
                format!("Permitted pages cannot use {method}: the policy permits it, and the answer to OPTIONS does not."),
                "The browser asks before it sends this method, and wants to find it in Access-Control-Allow-Methods.",
                format!("List {} in Access-Control-Allow-Methods.", named(&policy.methods)),
                "https://fetch.spec.whatwg.org/#http-access-control-allow-methods",
            ),
            "wildcard-without-authorization" => (
                "Authorization has to be permitted by name.".to_owned(),
                "* in Access-Control-Allow-Headers stands for every header but this one.",
                "List Authorization in Access-Control-Allow-Headers.".to_owned(),
                "https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name",
            ),
            "header-not-permitted" => (
                format!("Permitted pages cannot send {}: the policy permits it, and the answer to OPTIONS does not.", asked()),
                "The browser asks before it sends such headers, and wants to find them in Access-Control-Allow-Headers.",
                format!("List {} in Access-Control-Allow-Headers.", named(&policy.headers)),
                "https://fetch.spec.whatwg.org/#http-access-control-allow-headers",
            ),
            "not-exposed" => (
                "Script cannot read response headers that the policy exposes.".to_owned(),
                "Script sees a handful of headers, and of the others what Access-Control-Expose-Headers names; * does not count with cookies.",
                format!("Send Access-Control-Expose-Headers: {}.", policy.expose.join(", ")),
                "https://fetch.spec.whatwg.org/#http-access-control-expose-headers",
            ),
            "blocked-otherwise" => (
                format!("What {origin} asks for is blocked."),
                "The policy permits it, and browsers do not let it through.",
                "corspec explain tells what this reason means.".to_owned(),
                "https://fetch.spec.whatwg.org/#http-cors-protocol",
            ),
            "vary-missing" => (
                "A cache hands one page the answer that was made for another.".to_owned(),
                "The answer depends on Origin and does not say so, so a CDN or the browser's own cache keeps one page's answer for all.",
                "Send Vary: Origin on every answer, also on those to requests without Origin.".to_owned(),
                VARY,
            ),
            "vary-absent" => (
                "The answer depends on Origin and does not say so.".to_owned(),
                "Nothing keeps these answers now; the day something does, pages are handed each other's.",
                "Send Vary: Origin on every answer.".to_owned(),
                VARY,
            ),
            "credentials-not-true" => (
                "Access-Control-Allow-Credentials is sent with another value than true.".to_owned(),
                "Only true means anything to a browser.",
                "Leave the header out where credentials are not permitted.".to_owned(),
                CREDENTIALS,
            ),
            "max-age" => (
                "The preflight is not remembered for as long as the policy says.".to_owned(),
                "Access-Control-Max-Age is missing or another, so pages ask more often, or hear of changes later.",
                policy.max_age.map_or_else(
                    || "Send Access-Control-Max-Age.".to_owned(),
                    |seconds| format!("Send Access-Control-Max-Age: {seconds}."),
                ),
                "https://fetch.spec.whatwg.org/#http-access-control-max-age",
            ),
            "open-question" => (
                "The protocol leaves it open, and this server answers it the other way.".to_owned(),
                "Whether methods that need no permission are refused, and whether *.example covers a.b.example, is the server's to say.",
                "Nothing, if you meant it so.".to_owned(),
                "https://fetch.spec.whatwg.org/#http-cors-protocol",
            ),
            _ => (
                "It is blocked as it should be, but in another way than expected.".to_owned(),
                "No page gains or loses anything by it.",
                "Nothing has to be done.".to_owned(),
                "https://fetch.spec.whatwg.org/#http-cors-protocol",
            ),
        };
        Self { title, why, mend, anchor }
    }
}

fn named(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
