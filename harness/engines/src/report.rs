//! What a run found, for the terminal and as a page of Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::compare::From;
use crate::engine::Engine;
use crate::run::{CaseResult, Verdict};

/// A finished run, its results in the order of the cases.
#[derive(Debug)]
pub struct Report<'a> {
    /// The engine.
    pub engine: Engine,
    /// Its version, as it tells.
    pub version: &'a str,
    /// What became of each case.
    pub results: &'a [CaseResult],
}

impl Report<'_> {
    /// The lines that a terminal shows: every difference, then each suite, then the sums.
    pub fn terminal(&self) -> String {
        let mut out = String::new();
        for result in self.results.iter().filter(|result| is_told(result.verdict)) {
            line(&mut out, format_args!("{} {}", result.verdict.code(), result.case));
            for told in told(result) {
                line(&mut out, format_args!("    {told}"));
            }
        }
        let width = self.suites().keys().map(|suite| suite.len()).max().unwrap_or_default();
        for (suite, results) in self.suites() {
            line(&mut out, format_args!("{suite:width$}  {}", sums(results)));
        }
        let all = sums(self.results.iter());
        line(&mut out, format_args!("{} {}: {all}", self.engine.name(), self.version));
        out
    }

    /// A page that says where the engine and the model agree, and every case in which they do not.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        let name = self.engine.name();
        line(&mut out, format_args!("## {name} {}\n", self.version));
        line(&mut out, format_args!("{}\n", sums(self.results.iter())));
        let titles: Vec<_> = Verdict::ALL.iter().map(|verdict| verdict.code()).collect();
        line(&mut out, format_args!("| suite | {} |", titles.join(" | ")));
        line(&mut out, format_args!("|---|{}", "--:|".repeat(titles.len())));
        for (suite, results) in self.suites() {
            let counts = Verdict::ALL.map(|verdict| count(&results, verdict).to_string());
            line(&mut out, format_args!("| {suite} | {} |", counts.join(" | ")));
        }
        let differing: Vec<_> = self.results.iter().filter(|result| is_told(result.verdict)).collect();
        if !differing.is_empty() {
            line(&mut out, format_args!("\n### Where {name} differs\n"));
        }
        for result in differing {
            line(&mut out, format_args!("- {} `{}`", result.verdict.code(), result.case));
            for told in told(result) {
                line(&mut out, format_args!("  - {}", told.replace('\n', " ")));
            }
        }
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for result in self.results.iter().filter(|result| result.verdict == Verdict::NotPerformable) {
            reasons.entry(result.message.as_deref().unwrap_or_default()).or_default().push(&result.case);
        }
        if !reasons.is_empty() {
            line(&mut out, format_args!("\n### What {name} cannot perform\n"));
        }
        for (reason, cases) in reasons {
            line(&mut out, format_args!("- {reason}: `{}`", cases.join("`, `")));
        }
        out
    }

    fn suites(&self) -> BTreeMap<&str, Vec<&CaseResult>> {
        let mut suites: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
        for result in self.results {
            let suite = result.case.split('/').next().unwrap_or_default();
            suites.entry(suite).or_default().push(result);
        }
        suites
    }
}

const fn is_told(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Disagree | Verdict::Noted | Verdict::Known | Verdict::Error)
}

/// Why a result is what it is, a line each. Where the case and the model are differed from alike, once.
fn told(result: &CaseResult) -> Vec<String> {
    let mut lines: Vec<String> = result.message.iter().cloned().collect();
    let mut known = BTreeSet::new();
    for difference in &result.differences {
        let (step, what) = (difference.step, &difference.what);
        if !known.insert((step, what, &difference.expected, &difference.actual)) {
            continue;
        }
        let who = match difference.from {
            From::Case => "the case",
            From::Model => "the model",
        };
        let (expected, actual) = (difference.expected.escape_debug(), difference.actual.escape_debug());
        lines.push(format!("step {step}, {what}: `{actual}`; {who} says `{expected}`"));
    }
    lines
}

fn sums<'a>(results: impl IntoIterator<Item = &'a CaseResult>) -> String {
    let results: Vec<_> = results.into_iter().collect();
    let counts = Verdict::ALL.map(|verdict| (count(&results, verdict), verdict.code()));
    let told: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, code)| format!("{count} {code}"))
        .collect();
    told.join(", ")
}

fn count(results: &[&CaseResult], verdict: Verdict) -> usize {
    results.iter().filter(|result| result.verdict == verdict).count()
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{text}");
}
