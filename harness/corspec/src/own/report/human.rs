//! For a person.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{sentence, untested};
use crate::own::audit::{Audit, Severity};
use crate::own::check::Checked;
use crate::own::finding::{Class, Finding};
use crate::own::probe::Trouble;
use crate::record::ExchangeRecord;
use crate::report::printable::{abridged, printable, wire};

/// The styles of a report. Without them it says the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    strong: Style,
    quiet: Style,
    bad: Style,
    good: Style,
    odd: Style,
}

impl Look {
    /// Colours that a light and a dark terminal can both show; the default has none.
    pub const fn coloured() -> Self {
        Self {
            strong: Style::new().bold(),
            quiet: AnsiColor::BrightBlack.on_default(),
            bad: AnsiColor::Red.on_default().bold(),
            good: AnsiColor::Green.on_default().bold(),
            odd: AnsiColor::Yellow.on_default().bold(),
        }
    }

    const fn of(&self, class: Class) -> Style {
        match class {
            Class::Open | Class::Blocked => self.bad,
            Class::Caches => self.odd,
            Class::Untidy => self.strong,
        }
    }
}

/// How many cases of a finding are named.
const NAMED: usize = 3;

/// A check, the worst first.
pub fn human(checked: &Checked, look: &Look) -> String {
    let mut out = Writer { out: String::new(), look: *look };
    out.troubles(&checked.troubles);
    for class in Class::ALL {
        let findings: Vec<&Finding> =
            checked.findings.iter().filter(|finding| finding.class == class).collect();
        if findings.is_empty() {
            continue;
        }
        out.line(look.of(class), class.heading());
        out.blank();
        for finding in findings {
            out.finding(finding);
        }
    }
    let bad = checked.findings.iter().any(|finding| finding.class != Class::Untidy);
    if let (Some(framework), Some(hint), true) = (checked.framework, &checked.hint, bad) {
        let tried = if framework.is_measured() { "" } else { ", by its documentation and not tried" };
        out.line(look.strong, &format!("The whole policy in {}{tried}", framework.title()));
        out.blank();
        for line in hint.lines() {
            let _ = writeln!(out.out, "    {}", abridged(line, 500));
        }
        out.blank();
    } else if bad {
        out.wrapped("", "How this is written down in your framework, corspec shows with --framework NAME (express, fastapi, gin, spring, nginx, …).", Style::new());
        out.blank();
    }
    if let Some(untested) = untested(checked).filter(|_| checked.ran()) {
        out.wrapped("", &printable(&untested), look.quiet);
    }
    let style = if !checked.ran() || bad { look.bad } else { look.good };
    out.wrapped("", &sentence(checked), style);
    out.out
}

/// An audit, the worst first.
pub fn audited(audit: &Audit, look: &Look) -> String {
    let mut out = Writer { out: String::new(), look: *look };
    out.troubles(&audit.troubles);
    for grant in &audit.grants {
        let style = match grant.severity {
            Severity::High | Severity::Medium => look.bad,
            Severity::Low => look.odd,
            Severity::Harmless => look.good,
        };
        let severity = grant.severity.code();
        if grant.reads.is_empty() && grant.reads_with_cookies.is_empty() {
            let gets = if grant.methods.is_empty() { "nothing" } else { "no answer to read" };
            out.wrapped(
                &format!("{severity:9} "),
                &format!("{} ({}): {gets}", grant.who, printable(&grant.origin)),
                style,
            );
            continue;
        }
        out.wrapped(
            &format!("{severity:9} "),
            &format!("{} ({})", grant.who, printable(&grant.origin)),
            style,
        );
        out.wrapped("          ", &grant.means, Style::new());
        let browsers = |names: &std::collections::BTreeSet<&str>| {
            let names: Vec<&str> = names.iter().copied().filter(|name| *name != "fetch").collect();
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        };
        out.wrapped(
            "          ",
            &format!(
                "Browsers that let it read: without cookies {}; with cookies {}.",
                browsers(&grant.reads),
                browsers(&grant.reads_with_cookies)
            ),
            look.quiet,
        );
        if !grant.methods.is_empty() {
            let methods: Vec<&str> = grant.methods.iter().map(String::as_str).collect();
            out.wrapped("          ", &format!("It may also use {}.", methods.join(", ")), Style::new());
        }
        if grant.any_header {
            out.wrapped("          ", "It may set any request header.", Style::new());
        }
        out.wrapped("          ", &format!("Mend: {}", grant.mend), Style::new());
        if grant.severity > Severity::Harmless
            && let Some(exchange) = grant.exchanges.iter().rev().find(|exchange| exchange.purpose == "actual")
        {
            out.exchange(exchange);
        }
        out.blank();
    }
    let worst = audit.grants.iter().map(|grant| grant.severity).max();
    let (said, style) = match worst {
        None => ("Nothing could be asked.", look.bad),
        Some(Severity::Harmless) => ("Nothing dangerous is granted to any page that was tried.", look.good),
        Some(Severity::Low) => ("Something is granted that an accident elsewhere turns into harm.", look.odd),
        Some(_) => ("Something dangerous is granted.", look.bad),
    };
    out.blank();
    out.wrapped("", &format!("{said} {} requests, all of them GET, HEAD or OPTIONS.", audit.requests), style);
    out.out
}

struct Writer {
    out: String,
    look: Look,
}

impl Writer {
    fn troubles(&mut self, troubles: &[Trouble]) {
        for trouble in troubles {
            self.wrapped("First of all: ", &printable(&trouble.seen), self.look.bad);
            self.wrapped("  help: ", &trouble.help, Style::new());
            self.blank();
        }
    }

    fn finding(&mut self, finding: &Finding) {
        self.wrapped("* ", &printable(&finding.title), self.look.strong);
        self.wrapped("  ", finding.why, Style::new());
        self.blank();
        self.wrapped("  For example ", &abridged(&finding.asked, 300), self.look.quiet);
        for exchange in finding.exchanges.iter().take(4) {
            self.exchange(exchange);
        }
        let allowing: Vec<&str> =
            finding.consoles.iter().filter(|console| console.allows).map(|console| console.engine).collect();
        if finding.class == Class::Open && !allowing.is_empty() {
            self.wrapped("  ", &format!("Let in by: {}.", allowing.join(", ")), self.look.quiet);
        }
        for console in finding
            .consoles
            .iter()
            .filter(|console| finding.class != Class::Open && !console.lines.is_empty())
        {
            for line in console.lines.iter().take(1) {
                self.wrapped(&format!("  {} says: ", console.engine), &abridged(line, 600), self.look.quiet);
            }
        }
        for wanted in finding.wanted.iter().take(8) {
            let what = if wanted.purpose == "preflight" {
                "The answer to OPTIONS needs"
            } else {
                "The answer needs"
            };
            let line = format!("{what} {} (now: {})", wire(&wanted.line, 200), wire(&wanted.now, 120));
            self.wrapped("  ", &line, Style::new());
        }
        self.wrapped("  Mend: ", &printable(&finding.mend), Style::new());
        if let Some(usually) = &finding.usually {
            self.wrapped("  Usually: ", &printable(usually), Style::new());
        }
        let more = finding.cases.len().saturating_sub(NAMED);
        let mut cases: Vec<String> = finding.cases.iter().take(NAMED).cloned().collect();
        if more > 0 {
            cases.push(format!("{more} more"));
        }
        let reason =
            finding.reason.as_ref().map(|code| format!("; corspec explain {code}")).unwrap_or_default();
        self.wrapped(
            "  ",
            &format!("[{}] {}{reason}; {}", finding.cause, cases.join(", "), finding.anchor),
            self.look.quiet,
        );
        self.blank();
    }

    fn exchange(&mut self, exchange: &ExchangeRecord) {
        let _ = writeln!(self.out, "    > {} {}", wire(&exchange.method, 40), abridged(&exchange.url, 200));
        let telling = |name: &str| {
            let name = name.to_ascii_lowercase();
            name == "origin" || name.starts_with("access-control-") || name == "vary" || name == "location"
        };
        for (name, value) in exchange.headers.iter().filter(|(name, _)| telling(name)) {
            let _ = writeln!(self.out, "    > {}: {}", wire(name, 80), wire(value, 160));
        }
        let Some(response) = &exchange.response else {
            let failure = exchange.failure.as_deref().unwrap_or("nothing usable came back");
            let _ = writeln!(self.out, "    < {}", abridged(failure, 200));
            return;
        };
        let from = exchange
            .source
            .as_deref()
            .map(|source| format!("  (from a cache: {source})"))
            .unwrap_or_default();
        let _ = writeln!(self.out, "    < {}{from}", response.status);
        for (name, value) in response.headers.iter().filter(|(name, _)| telling(name)).take(12) {
            let _ = writeln!(self.out, "    < {}: {}", wire(name, 80), wire(value, 160));
        }
    }

    fn line(&mut self, style: Style, text: &str) {
        let _ = writeln!(self.out, "{style}{text}{style:#}");
    }

    fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Prose of at most 100 characters a line, each below the first indented like its text.
    fn wrapped(&mut self, lead: &str, text: &str, style: Style) {
        let indent = " ".repeat(lead.chars().count().min(11));
        let mut line = lead.to_owned();
        let mut empty = true;
        let mut lines = Vec::new();
        for word in text.split(' ') {
            if !empty && line.chars().count() + 1 + word.chars().count() > 100 {
                lines.push(std::mem::replace(&mut line, indent.clone()));
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        lines.push(line);
        for line in lines {
            self.line(style, &line);
        }
    }
}
