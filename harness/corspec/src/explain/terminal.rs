//! An explanation for a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::explanation::{Decided, Explanation, Sent, Step, Verdict};
use super::remedy::{Change, Remedy, Response, Setting};
use crate::report::printable::{abridged, printable, wire};

/// How an explanation is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Styles {
    pub(super) strong: Style,
    quiet: Style,
    good: Style,
    bad: Style,
}

impl Styles {
    /// Colours that a light and a dark terminal can both show; the default has none.
    pub const fn coloured() -> Self {
        Self {
            strong: Style::new().bold(),
            quiet: AnsiColor::BrightBlack.on_default(),
            good: AnsiColor::Green.on_default().bold(),
            bad: AnsiColor::Red.on_default().bold(),
        }
    }
}

/// Writes an explanation down: the verdict first, then how it came about, then what to do.
pub fn render(explanation: &Explanation, styles: &Styles) -> String {
    let mut out = Writer { out: String::new(), styles };
    let style = match explanation.verdict {
        Verdict::Allow => styles.good,
        Verdict::Block => styles.bad,
        Verdict::Opaque | Verdict::Open => styles.strong,
    };
    out.wrapped(&explanation.sentence, "", style);
    if let Some(code) = explanation.reason {
        out.wrapped(&format!("Reason: {code} (corspec explain {code} says more)"), "", styles.quiet);
    }
    out.heading("What the browser did");
    for (index, step) in explanation.steps.iter().enumerate() {
        out.step(index + 1, step);
    }
    out.readable(explanation);
    if !explanation.console.is_empty() {
        out.heading("What the console says");
        for console in &explanation.console {
            out.wrapped(&format!("{}:", console.engine), "  ", styles.strong);
            for line in &console.lines {
                out.wrapped(&printable(line), "    ", Style::new());
            }
        }
    }
    out.remedy(&explanation.remedy, explanation.verdict);
    if !explanation.notes.is_empty() {
        out.heading("How this was read");
        for note in &explanation.notes {
            out.item(&printable(note), Style::new());
        }
    }
    let _ = write!(out.out, "\n{}\n", paint(styles.quiet, &format!("By {}", explanation.standard)));
    out.out
}

pub(super) struct Writer<'a> {
    pub(super) out: String,
    pub(super) styles: &'a Styles,
}

impl Writer<'_> {
    fn step(&mut self, number: usize, step: &Step) {
        self.wrapped_with(&format!("{number}. "), "   ", &step.did, Style::new());
        self.decisions(&step.before);
        if let Some(sent) = &step.sent {
            self.exchange(sent);
        }
        self.decisions(&step.after);
    }

    fn exchange(&mut self, sent: &Sent) {
        let _ = writeln!(self.out, "     > {} {}", wire(&sent.method, 40), abridged(&sent.url, 200));
        for (name, value) in &sent.headers {
            let _ = writeln!(self.out, "     > {}: {}", wire(name, 80), wire(value, 200));
        }
        let Some(status) = sent.status else {
            let what = if sent.known { "nothing usable came back" } else { "what comes back is not known" };
            let _ = writeln!(self.out, "     < {}", paint(self.styles.quiet, what));
            return;
        };
        let _ = writeln!(self.out, "     < {status}");
        let mut others = 0;
        for (name, value) in &sent.answer {
            if is_telling(name) {
                let _ = writeln!(self.out, "     < {}: {}", wire(name, 80), wire(value, 200));
            } else {
                others += 1;
            }
        }
        if others > 0 {
            let lines = if others == 1 { "1 other header" } else { &format!("{others} other headers") };
            let _ = writeln!(self.out, "     < {}", paint(self.styles.quiet, &format!("({lines})")));
        }
    }

    fn decisions(&mut self, decisions: &[Decided]) {
        for decided in decisions {
            let (mark, style) =
                if decided.deciding { ("=> ", self.styles.bad) } else { ("-  ", Style::new()) };
            let said = if decided.deciding {
                format!("{} It stops here.", decided.said)
            } else {
                decided.said.clone()
            };
            self.wrapped_with(&format!("   {mark}"), "      ", &said, style);
            // The standard is for who wants to look it up: the decision that blocks, whole; the others, in a word.
            if decided.deciding {
                let place = format!("{}: whether {}", decided.place, decided.clause);
                self.wrapped(&place, "      ", self.styles.quiet);
                let _ = writeln!(self.out, "      {}", paint(self.styles.quiet, decided.anchor));
            } else {
                let _ =
                    writeln!(self.out, "      {}", paint(self.styles.quiet, &format!("({})", decided.place)));
            }
        }
    }

    fn readable(&mut self, explanation: &Explanation) {
        if explanation.verdict != Verdict::Allow {
            return;
        }
        self.heading("What the page can read");
        let list = |names: &[String]| {
            let names: Vec<_> = names.iter().map(|name| wire(name, 80)).collect();
            names.join(", ")
        };
        let status = explanation.status.unwrap_or_default();
        let headers = if explanation.readable.is_empty() {
            "and no header".to_owned()
        } else {
            format!("and the headers {}", list(&explanation.readable))
        };
        self.wrapped(&format!("The body, the status {status}, {headers}."), "  ", Style::new());
        if !explanation.hidden.is_empty() {
            let hidden = list(&explanation.hidden);
            let text = format!(
                "It cannot read these headers; to show one, name it in Access-Control-Expose-Headers: {hidden}."
            );
            self.wrapped(&text, "  ", Style::new());
        }
    }

    fn remedy(&mut self, remedy: &Remedy, verdict: Verdict) {
        if !remedy.responses.is_empty() {
            self.heading(match verdict {
                Verdict::Open => "What the server has to answer so that it works",
                _ => "What the server has to send so that it works",
            });
            for response in &remedy.responses {
                self.response(response);
            }
        }
        if !remedy.advice.is_empty() {
            self.heading("What to do");
            for advice in &remedy.advice {
                self.item(&printable(advice), Style::new());
            }
        }
        if !remedy.warnings.is_empty() {
            self.heading("Before you send that");
            for warning in &remedy.warnings {
                self.item(warning, Style::new());
            }
        }
    }

    fn response(&mut self, response: &Response) {
        let what = if response.purpose == "preflight" { "To the preflight" } else { "To the request itself" };
        let _ =
            writeln!(self.out, "  {what}, {} {}:", wire(&response.method, 40), abridged(&response.url, 200));
        let is_preflight = response.purpose == "preflight";
        if is_preflight || response.status_now.is_some() {
            let now =
                response.status_now.map(|status| format!("  (in place of {status})")).unwrap_or_default();
            let any = if is_preflight && !response.known { "  (or any from 200 to 299)" } else { "" };
            let _ = writeln!(
                self.out,
                "    status {}{}",
                response.status,
                paint(self.styles.quiet, &format!("{now}{any}"))
            );
        }
        for setting in &response.headers {
            self.setting(setting, response.known);
        }
    }

    fn setting(&mut self, setting: &Setting, known: bool) {
        let now = wire(setting.now.as_deref().unwrap_or_default(), 120);
        let note = match setting.change {
            Change::Keep => "  (as it is)".to_owned(),
            Change::Add if known => "  (add)".to_owned(),
            Change::Add => String::new(),
            Change::Replace => format!("  (in place of {now})"),
            Change::Remove => format!("  (remove: {now})"),
        };
        let line = match &setting.value {
            Some(value) => format!("{}: {}", setting.name, wire(value, 400)),
            None => format!("no {}", setting.name),
        };
        let style = if setting.change == Change::Keep { Style::new() } else { self.styles.strong };
        let _ = writeln!(self.out, "    {}{}", paint(style, &line), paint(self.styles.quiet, &note));
    }

    pub(super) fn heading(&mut self, text: &str) {
        let _ = write!(self.out, "\n{}\n", paint(self.styles.strong, text));
    }

    pub(super) fn item(&mut self, text: &str, style: Style) {
        self.wrapped_with("  - ", "    ", text, style);
    }

    pub(super) fn wrapped(&mut self, text: &str, indent: &str, style: Style) {
        self.wrapped_with(indent, indent, text, style);
    }

    fn wrapped_with(&mut self, first: &str, rest: &str, text: &str, style: Style) {
        let room = WIDTH - rest.chars().count();
        let mut line = String::new();
        let mut indent = first;
        for word in text.split(' ') {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
                let _ = writeln!(self.out, "{indent}{}", paint(style, &line));
                line.clear();
                indent = rest;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        let _ = writeln!(self.out, "{indent}{}", paint(style, &line));
    }
}

const WIDTH: usize = 100;

/// Whether a response's header has a part in what is explained.
fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("access-control-")
        || matches!(
            &*name,
            "vary" | "location" | "cross-origin-resource-policy" | "www-authenticate" | "allow"
        )
}

fn paint(style: Style, text: &str) -> String {
    if style == Style::new() || text.is_empty() { text.to_owned() } else { format!("{style}{text}{style:#}") }
}
