//! Why a result is what it is: the sentence, the decision, and what it looked at.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use corspec_browser::{CookieFate, Reason, Rule};

use super::printable::{abridged, paragraphs, printable, wire};
use super::summary::Column;
use crate::record::{
    CaseResult, CookieRecord, DecisionRecord, Difference, ExchangeRecord, StepRecord, Verdict,
};

/// What a result means, in a sentence. It is fit to be seen, and not escaped for any format.
pub fn headline(result: &CaseResult) -> String {
    let reason = || result.reason.as_deref().and_then(Reason::from_code).map_or("", Reason::summary);
    let same_outcome = result.outcome.as_deref() == Some(&*result.expected);
    let message = |otherwise: &str| {
        let first = result.message.as_deref().and_then(|text| paragraphs(text).next());
        first.map_or_else(|| otherwise.to_owned(), Cow::into_owned)
    };
    match result.verdict {
        Verdict::Pass => "As expected.".to_owned(),
        Verdict::OverExposes if same_outcome => format!("{} sees or does more than it may.", page(result)),
        Verdict::OverExposes if result.outcome.as_deref() == Some("opaque") => {
            format!("{} sends what it must be kept from sending.", page(result))
        }
        Verdict::OverExposes => format!("{} reads what it must be kept from.", page(result)),
        Verdict::OverBlocks if same_outcome => format!("{} gets less than it may have.", page(result)),
        Verdict::OverBlocks => {
            format!("{} is kept from what it may have. {}", page(result), reason()).trim_end().to_owned()
        }
        Verdict::WrongReason if differs_in(result, "reason") => {
            format!("Blocked as it should be, but not for a reason that the case accepts. {}", reason())
                .trim_end()
                .to_owned()
        }
        Verdict::WrongReason => "The outcome is right, and its details are not.".to_owned(),
        verdict => message(sentence_of(verdict)),
    }
}

/// What there is to say beyond the headline, line by line.
pub(super) fn message(result: &CaseResult) -> impl Iterator<Item = Cow<'_, str>> {
    let said = usize::from(result.verdict != Verdict::Pass && !result.verdict.fell_short());
    result.message.as_deref().into_iter().flat_map(paragraphs).skip(said)
}

/// Whose page it is.
fn page(result: &CaseResult) -> String {
    match key_step(result).map(|(_, step)| &*step.request.origin) {
        None | Some("") => "The page".to_owned(),
        Some("null") => "A page whose origin is opaque".to_owned(),
        Some(origin) => format!("A page at {}", abridged(origin, 80)),
    }
}

/// Inconclusive results by their cause: the first of each group, and how many there are.
pub(super) fn by_cause<'a>(
    results: impl IntoIterator<Item = &'a CaseResult>,
) -> Vec<(&'a CaseResult, usize)> {
    let mut groups: Vec<(&CaseResult, usize)> = Vec::new();
    for result in results {
        let cause =
            |result: &'a CaseResult| (&result.server, result.suite(), &result.profile, &result.message);
        match groups.iter_mut().find(|(first, _)| cause(first) == cause(result)) {
            Some((_, count)) => *count += 1,
            None => groups.push((result, 1)),
        }
    }
    groups
}

/// What must be reached.
pub(super) fn expected(result: &CaseResult) -> String {
    let mut out = printable(&result.expected).into_owned();
    if !result.expected_reasons.is_empty() {
        let reasons: Vec<_> = result.expected_reasons.iter().map(|reason| printable(reason)).collect();
        out = format!("{out} ({})", reasons.join(" or "));
    }
    out
}

/// What was reached; nothing where the case was not performed.
pub(super) fn happened(result: &CaseResult) -> Option<String> {
    let outcome = result.outcome.as_deref()?;
    let mut parts = Vec::new();
    if let Some(stage) = result.stage.as_deref() {
        parts.push(match stage {
            "request" => "before anything was sent".into(),
            "preflight" => "on the answer to the preflight".into(),
            "actual" => "on the answer".into(),
            "redirect" => "while following a redirect".into(),
            other => printable(other),
        });
    }
    if let Some((_, step)) = key_step(result) {
        parts.extend(step.status.map(|status| format!("status {status}").into()));
        parts.extend(step.response_type.as_deref().map(|kind| format!("type {}", printable(kind)).into()));
        match &*step.preflight {
            "sent" if result.stage.as_deref() != Some("preflight") => parts.push("after a preflight".into()),
            "cached" => parts.push("preflight answered from the cache".into()),
            _ => {}
        }
        parts.extend(step.exchanges.last().and_then(source));
    }
    let mut out = printable(outcome).into_owned();
    if let Some(reason) = result.reason.as_deref() {
        out = format!("{out} ({})", printable(reason));
    }
    Some(if parts.is_empty() { out } else { format!("{out}, {}", parts.join(", ")) })
}

/// What became of the cookies of a step: `session did not travel (cross-site): Its SameSite attribute …`
pub(super) fn cookies(step: &StepRecord) -> Vec<String> {
    let told = |note: &CookieRecord| {
        let fate = CookieFate::ALL.iter().find(|fate| fate.code() == note.fate);
        let name = abridged(if note.name.is_empty() { "(no name)" } else { &note.name }, 60);
        let did = match fate {
            Some(CookieFate::Sent) => "went along",
            Some(CookieFate::Stored) => "was stored",
            Some(CookieFate::Deleted) => "was ended",
            _ if note.set => "was not stored",
            _ => "did not travel",
        };
        match fate {
            Some(CookieFate::Sent | CookieFate::Stored | CookieFate::Deleted) => format!("{name} {did}"),
            Some(fate) => format!("{name} {did} ({fate}): {}", fate.summary()),
            None => format!("{name} {did} ({})", printable(&note.fate)),
        }
    };
    step.cookies.iter().map(told).collect()
}

/// Where a response came from that no server sent just now.
pub(super) fn source(exchange: &ExchangeRecord) -> Option<Cow<'_, str>> {
    Some(match exchange.source.as_deref()? {
        "shared-cache" => "from the cache in between".into(),
        "http-cache" => "from the browser's cache".into(),
        "withheld" => "not sent: the preflight alone is asked for".into(),
        "validated" => "from the browser's cache, found good".into(),
        other => printable(other),
    })
}

/// The outcome and reason alone: `block allow-origin-missing`.
pub(super) fn outcome(result: &CaseResult) -> Option<Cow<'_, str>> {
    let outcome = printable(result.outcome.as_deref()?);
    Some(match result.reason.as_deref() {
        Some(reason) => format!("{outcome} {}", printable(reason)).into(),
        None => outcome,
    })
}

/// What a difference says: `preflight: none expected, sent seen`.
pub(super) fn difference(difference: &Difference, limit: usize) -> String {
    format!(
        "{}: expected {}, got {}",
        printable(&difference.what),
        wire_or_nothing(&difference.expected, limit),
        wire_or_nothing(&difference.actual, limit)
    )
}

/// The differences that say more than expected and happened do.
pub(super) fn further_differences(result: &CaseResult) -> impl Iterator<Item = &Difference> {
    result.differences.iter().filter(|difference| !matches!(&*difference.what, "outcome" | "reason"))
}

/// The decision that a reader should see first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    pub(super) step: &'a StepRecord,
    /// Its place in the step's trace.
    pub(super) index: usize,
    pub(super) decision: &'a DecisionRecord,
    /// What stands behind it; nothing where the record's rule is unknown here.
    pub(super) rule: Option<Rule>,
}

impl<'a> Key<'a> {
    /// The decision that blocked, or the one that let the page in, or the one that a difference hangs on.
    pub(super) fn of(result: &'a CaseResult) -> Option<Self> {
        let (number, _) = key_step(result)?;
        Self::in_step(result, number)
    }

    /// As [`of`](Self::of), for any of its steps.
    pub(super) fn in_step(result: &'a CaseResult, number: usize) -> Option<Self> {
        let step = result.steps.get(number)?;
        let index = key_index(result, number, step)?;
        let decision = step.trace.get(index)?;
        Some(Self { step, index, decision, rule: rule(&decision.rule) })
    }

    /// The exchange that it is about.
    pub(super) fn exchange(&self) -> Option<&'a ExchangeRecord> {
        self.step.exchanges.get(self.decision.sent.checked_sub(1)?)
    }

    /// The lines that it looked at, or that they are not there, each with the message that they stand in.
    pub(super) fn evidence(&self, limit: usize) -> Vec<(&'static str, String)> {
        let (Some(rule), Some(exchange)) = (self.rule, self.exchange()) else { return Vec::new() };
        let (asked, answered) = looks_at(rule);
        let mut lines = Vec::new();
        for name in asked {
            lines.extend(lines_of(&exchange.headers, name, limit).map(|line| ("request", line)));
        }
        let Some(response) = &exchange.response else {
            lines.push((
                "response",
                exchange.failure.as_deref().map_or("none".to_owned(), |text| printable(text).into_owned()),
            ));
            return lines;
        };
        if matches!(
            rule,
            Rule::PreflightStatusIsOk | Rule::IsRedirectStatus | Rule::StatusIsProxyAuthentication
        ) {
            lines.push(("response", format!("status {}", response.status)));
        }
        for name in answered {
            let before = lines.len();
            lines.extend(lines_of(&response.headers, name, limit).map(|line| ("response", line)));
            if lines.len() == before {
                lines.push(("response", format!("no {name}")));
            }
        }
        lines
    }
}

/// Where a rule stands, in a word: `CORS check 4`.
pub(super) fn place(decision: &DecisionRecord) -> Cow<'_, str> {
    match rule(&decision.rule) {
        Some(rule) => format!("{} {}", rule.algorithm(), rule.step()).into(),
        None => printable(&decision.rule),
    }
}

/// What a rule asks.
pub(super) fn clause(decision: &DecisionRecord) -> Cow<'_, str> {
    rule(&decision.rule).map_or_else(|| printable(&decision.rule), |rule| rule.clause().into())
}

/// Whether a decision went as it nearly always does, so that it explains nothing.
pub(super) fn is_routine(decision: &DecisionRecord) -> bool {
    let Some(rule) = rule(&decision.rule) else { return false };
    match rule {
        Rule::UrlParses
        | Rule::MethodIsToken
        | Rule::HeaderIsValid
        | Rule::SafelistedLength
        | Rule::SafelistedName
        | Rule::SafelistedAccept
        | Rule::SchemeIsHttp
        | Rule::OriginForCors
        | Rule::ResponseArrived
        | Rule::AllowMethodsParse
        | Rule::AllowHeadersParse
        | Rule::ExposeHeadersParse => decision.holds,
        Rule::UrlIncludesCredentials
        | Rule::MethodIsForbidden
        | Rule::BodyWithGetOrHead
        | Rule::BodyNeedsPreflight
        | Rule::HeaderIsForbidden
        | Rule::SafelistValueSize
        | Rule::BadPort
        | Rule::SameOriginAndBasic
        | Rule::ModeIsSameOrigin
        | Rule::ModeIsNoCors
        | Rule::UseCorsPreflightFlag
        | Rule::ClearPreflightCache
        | Rule::MethodCacheMatch
        | Rule::HeaderCacheMatch
        | Rule::IsRedirectStatus
        | Rule::OriginIsTainted
        | Rule::StatusIsProxyAuthentication
        | Rule::MethodsDefaultToRequested
        | Rule::MaxAgeIsLimited => !decision.holds,
        _ => false,
    }
}

/// The rule of that code.
pub(super) fn rule(code: &str) -> Option<Rule> {
    static RULES: LazyLock<HashMap<&'static str, Rule>> =
        LazyLock::new(|| Rule::ALL.iter().map(|&rule| (rule.code(), rule)).collect());
    RULES.get(code).copied()
}

/// The step that a result is about: the first that differs, else the last.
pub(super) fn key_step(result: &CaseResult) -> Option<(usize, &StepRecord)> {
    let last = result.steps.len().checked_sub(1)?;
    let number = result.differences.first().map_or(last, |difference| difference.step.min(last));
    Some((number, &result.steps[number]))
}

/// `server suite/id`, with the profile where it is not the standard's.
pub(super) fn name(result: &CaseResult) -> String {
    match &*result.profile {
        "fetch" | "" => whole_name(&result.case).into_owned(),
        profile => format!("{} [{}]", whole_name(&result.case), printable(profile)),
    }
}

/// A name of a server or a case, of a length that a table stands.
pub(super) fn whole_name(name: &str) -> Cow<'_, str> {
    abridged(name, 160)
}

/// A link that leads to a page and nowhere else; a record can hold any text in its place.
pub(super) fn link(url: &str) -> Option<&str> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    (web && url.len() < 2048
        && url.bytes().all(|byte| matches!(byte, b'!'..=b'~') && !b"\"'<>`\\".contains(&byte)))
    .then_some(url)
}

/// What a verdict without a message says.
const fn sentence_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => Column::Passed.meaning(),
        Verdict::OverExposes => Column::OverExposes.meaning(),
        Verdict::OverBlocks => Column::OverBlocks.meaning(),
        Verdict::WrongReason => Column::WrongReason.meaning(),
        Verdict::Unsupported => Column::Unsupported.meaning(),
        Verdict::Refused => Column::Refused.meaning(),
        Verdict::NotPerformable => Column::NotPerformable.meaning(),
        Verdict::Unavailable => Column::Unavailable.meaning(),
        Verdict::Inconclusive => Column::Inconclusive.meaning(),
        Verdict::Error => Column::Error.meaning(),
    }
}

fn differs_in(result: &CaseResult, what: &str) -> bool {
    result.differences.iter().any(|difference| difference.what == what)
}

fn wire_or_nothing(text: &str, limit: usize) -> Cow<'_, str> {
    if text.is_empty() { "nothing".into() } else { wire(text, limit) }
}

fn lines_of(headers: &[(String, String)], name: &str, limit: usize) -> impl Iterator<Item = String> {
    let lines = headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name));
    lines.take(5).map(move |(own, value)| format!("{}: {}", wire(own, 80), wire(value, limit)))
}

fn key_index(result: &CaseResult, number: usize, step: &StepRecord) -> Option<usize> {
    if let Some(deciding) = step.trace.iter().position(|decision| decision.deciding) {
        return Some(deciding);
    }
    let last = |is: &dyn Fn(Rule) -> bool| {
        step.trace.iter().rposition(|decision| rule(&decision.rule).is_some_and(is))
    };
    let mut differences = result.differences.iter().filter(|difference| difference.step == number);
    let telling = differences.find_map(|difference| rules_behind(result, difference));
    telling
        .and_then(|rules| last(&|rule| rules.contains(&rule)))
        // The step that ends the CORS check without credentials looks at nothing; the one before let the page in.
        .or_else(|| last(&|rule| rule.algorithm() == "CORS check" && rule != Rule::CredentialsNotIncluded))
        .or_else(|| last(&|rule| rule == Rule::CorpPermits))
        .or_else(|| last(&|rule| matches!(rule, Rule::ModeIsNoCors | Rule::SameOriginAndBasic)))
        .or_else(|| step.trace.len().checked_sub(1))
}

/// The rules that a difference hangs on, where it is not the CORS check.
fn rules_behind(result: &CaseResult, difference: &Difference) -> Option<&'static [Rule]> {
    match difference.what.split('[').next().unwrap_or_default() {
        // What should have blocked did not.
        "outcome" => result.expected_reasons.iter().find_map(|reason| {
            Some(match Reason::from_code(reason)? {
                Reason::MethodNotAllowed | Reason::AllowMethodsInvalid => &[
                    Rule::MethodsDefaultToRequested,
                    Rule::MethodIsListed,
                    Rule::MethodNeedsNoListing,
                    Rule::MethodWildcard,
                ],
                Reason::HeaderNotAllowed
                | Reason::AllowHeadersInvalid
                | Reason::WildcardExcludesAuthorization => {
                    &[Rule::NonWildcardNameIsListed, Rule::HeaderIsListed, Rule::HeaderWildcard] as &[_]
                }
                Reason::PreflightStatus | Reason::PreflightRedirect => &[Rule::PreflightStatusIsOk],
                _ => return None,
            })
        }),
        "visible" | "hidden" => Some(&[Rule::ExposeHeadersParse, Rule::ExposeAllHeaders]),
        "preflight" | "sent" => Some(&[
            Rule::SameOriginAndBasic,
            Rule::UseCorsPreflightFlag,
            Rule::MethodIsCorsSafelisted,
            Rule::NoCorsUnsafeHeaders,
            Rule::MethodCacheMatch,
            Rule::HeaderCacheMatch,
        ]),
        _ => None,
    }
}

/// The request's and the response's headers that a rule looks at.
pub(super) fn looks_at(rule: Rule) -> (&'static [&'static str], &'static [&'static str]) {
    const ORIGIN: &str = "Origin";
    const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
    const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";
    match rule {
        Rule::AllowOriginIsNull | Rule::AllowOriginWildcard | Rule::AllowOriginMatches => {
            (&[ORIGIN], &[ALLOW_ORIGIN])
        }
        Rule::CredentialsNotIncluded | Rule::AllowCredentialsIsTrue => {
            (&[ORIGIN], &[ALLOW_ORIGIN, ALLOW_CREDENTIALS])
        }
        Rule::AllowMethodsParse
        | Rule::MethodsDefaultToRequested
        | Rule::MethodIsListed
        | Rule::MethodNeedsNoListing
        | Rule::MethodWildcard => (&["Access-Control-Request-Method"], &["Access-Control-Allow-Methods"]),
        Rule::AllowHeadersParse
        | Rule::NonWildcardNameIsListed
        | Rule::HeaderIsListed
        | Rule::HeaderWildcard => (&["Access-Control-Request-Headers"], &["Access-Control-Allow-Headers"]),
        Rule::MaxAgeParses | Rule::MaxAgeIsLimited => (&[], &["Access-Control-Max-Age"]),
        Rule::ExposeHeadersParse | Rule::ExposeAllHeaders => (&[], &["Access-Control-Expose-Headers"]),
        Rule::CorpPermits => (&[], &["Cross-Origin-Resource-Policy"]),
        Rule::LocationIsAbsent
        | Rule::LocationParses
        | Rule::LocationSchemeIsHttp
        | Rule::LocationCredentialsCrossOrigin
        | Rule::LocationCredentialsTainted => (&[], &["Location"]),
        _ => (&[], &[]),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::report::sample;

    #[rstest]
    #[case("https://fetch.spec.whatwg.org/#x", true)]
    #[case("javascript:alert(1)", false)]
    #[case("https://x/\"><img>", false)]
    #[case("//x", false)]
    fn links_lead_to_the_web(#[case] url: &str, #[case] good: bool) {
        assert_eq!(link(url).is_some(), good);
    }

    #[test]
    fn what_let_the_page_in_is_the_key() {
        let record = sample::record();
        let result = record.results.iter().find(|result| result.verdict == Verdict::OverExposes).unwrap();
        let key = Key::of(result).unwrap();
        assert_eq!(key.rule, Some(Rule::AllowOriginMatches));
        assert_eq!(
            key.evidence(80),
            [
                ("request", "Origin: https://app.example.evil.test".to_owned()),
                ("response", "Access-Control-Allow-Origin: https://app.example.evil.test".to_owned()),
            ]
        );
    }
}
