//! For a terminal: what fell short, worst first, and the table.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::explain::{self, Key};
use super::printable::{abridged, printable, wire};
use super::reproduce;
use super::summary::{Column, Row, Summary, cases, counted, thousands};
use crate::record::{About, CaseResult, Record};

/// How a report is written to a terminal.
pub struct Options<'a> {
    /// Its colours.
    pub styles: Styles,
    /// How many characters go on a line; commands to paste may be longer.
    pub width: usize,
    /// The text of a case file, where there is one.
    pub source: &'a dyn Fn(&str) -> Option<String>,
    /// How many failures are explained whole; of the others the names are given.
    pub explained: usize,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { styles: Styles::plain(), width: 100, source: &|_| None, explained: 10 }
    }
}

/// The styles of a report. Without them it says the same.
#[derive(Clone, Copy, Debug)]
pub struct Styles {
    strong: Style,
    quiet: Style,
    good: Style,
    hole: Style,
    bad: Style,
    odd: Style,
    known: Style,
    link: Style,
}

impl Styles {
    /// No escape sequence at all.
    pub const fn plain() -> Self {
        let none = Style::new();
        Self {
            strong: none,
            quiet: none,
            good: none,
            hole: none,
            bad: none,
            odd: none,
            known: none,
            link: none,
        }
    }

    /// Colours that a light and a dark terminal can both show.
    pub const fn coloured() -> Self {
        Self {
            strong: Style::new().bold(),
            quiet: AnsiColor::BrightBlack.on_default(),
            good: AnsiColor::Green.on_default(),
            hole: AnsiColor::Red.on_default().bold(),
            bad: AnsiColor::Yellow.on_default().bold(),
            odd: AnsiColor::Magenta.on_default().bold(),
            known: AnsiColor::Blue.on_default(),
            link: AnsiColor::Cyan.on_default(),
        }
    }

    /// The style of a column's results.
    const fn of(&self, column: Column) -> Style {
        match column {
            Column::Passed => self.good,
            Column::OverExposes | Column::Error => self.hole,
            Column::OverBlocks | Column::Inconclusive => self.bad,
            Column::WrongReason => self.odd,
            Column::Known | Column::Noted => self.known,
            Column::Unsupported | Column::Refused | Column::NotPerformable | Column::Unavailable => {
                self.quiet
            }
        }
    }
}

/// Everything: what fell short, what is known, and the table, so that the end of the output has the answer.
pub fn render(record: &Record, options: &Options<'_>) -> String {
    let parts = [failures(record, options), known(record, options), table(record, options)];
    let parts: Vec<_> = parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect();
    parts.join("\n")
}

/// The table: a server a row, and how many of its cases ended how.
pub fn table(record: &Record, options: &Options<'_>) -> String {
    let styles = &options.styles;
    let summary = Summary::of(record);
    let mut out = String::new();
    let unavailable = |row: &Row<'_>| row.is_unavailable() && row.problem().is_some();
    let columns: Vec<Column> = summary.counts.present().collect();
    if !summary.rows.is_empty() {
        let names: Vec<_> = summary.rows.iter().map(|row| abridged(row.name, 40)).collect();
        let first = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("server".len());
        let widths: Vec<usize> = columns.iter().map(|column| column.title().len().max(7)).collect();
        let _ = write!(out, "{}", paint(styles.strong, &format!("{:first$}", "server")));
        for (column, width) in columns.iter().zip(&widths) {
            let _ = write!(out, "  {}", paint(styles.strong, &format!("{:>width$}", column.title())));
        }
        out.push('\n');
        for (row, name) in summary.rows.iter().zip(&names) {
            if unavailable(row) {
                let _ = writeln!(
                    out,
                    "{}",
                    paint(styles.quiet, &unavailable_row(row, name, first, &columns, &widths))
                );
                continue;
            }
            let _ = write!(out, "{name:first$}");
            push_counts(&mut out, &columns, &widths, styles, |column| row.counts.get(column));
        }
        if summary.rows.len() > 1 {
            let _ = write!(out, "{}", paint(styles.strong, &format!("{:first$}", "total")));
            push_counts(&mut out, &columns, &widths, styles, |column| summary.counts.get(column));
        }
        out.push('\n');
    }
    for row in &summary.rows {
        if let Some(problem) = row.problem() {
            let text = format!("{}: {}", printable(row.name), printable(problem));
            let style = if row.is_unavailable() { styles.quiet } else { styles.hole };
            push_wrapped(&mut out, &text, "", "  ", options.width, style);
        }
    }
    let style = match summary.counts.worst() {
        _ if !record.complete => styles.hole,
        Some(Column::Passed) => styles.good,
        Some(worst) if worst.fails() => styles.of(worst),
        Some(_) => styles.strong,
        None => styles.hole,
    };
    let _ = writeln!(
        out,
        "{} {}",
        paint(style, &summary.sentence()),
        paint(
            styles.quiet,
            &format!("{}, {}", counted(summary.suites.len(), "suite"), counted(summary.rows.len(), "server"))
        )
    );
    if !record.complete {
        let _ = writeln!(out, "{}", paint(styles.hole, CUT_OFF));
    }
    let versions =
        format!("corspec {}, standard {}", printable(&record.run.corspec), printable(&record.run.standard));
    let _ = writeln!(out, "{}", paint(styles.quiet, &versions));
    out
}

/// What a reader of a record without its end is told.
pub(super) const CUT_OFF: &str = "The record was cut off: the run did not come to its end.";

/// Every result that makes the run fail, worst first, each explained.
pub fn failures(record: &Record, options: &Options<'_>) -> String {
    let summary = Summary::of(record);
    let mut out = String::new();
    let (inconclusive, failures): (Vec<_>, Vec<_>) =
        summary.failures().into_iter().partition(|result| Column::of(result) == Column::Inconclusive);
    for result in failures.iter().take(options.explained) {
        if !out.is_empty() {
            out.push('\n');
        }
        push_block(&mut out, result, options);
    }
    let others = &failures[failures.len().min(options.explained)..];
    if !others.is_empty() {
        let _ = writeln!(
            out,
            "\n{}",
            paint(options.styles.strong, &format!("and {} more", thousands(others.len())))
        );
        for result in others {
            push_line(&mut out, result, options);
        }
    }
    if !out.is_empty() && !inconclusive.is_empty() {
        out.push('\n');
    }
    push_inconclusive(&mut out, &inconclusive, options);
    out
}

/// The known deviations, each once with the cases that show it, and the differences in open cases.
pub fn known(record: &Record, options: &Options<'_>) -> String {
    let styles = &options.styles;
    let summary = Summary::of(record);
    let mut out = String::new();
    for row in &summary.rows {
        let mut groups: Vec<(&crate::record::DeviationNote, Vec<&CaseResult>)> = Vec::new();
        for result in row.results().filter(|result| Column::of(result) == Column::Known) {
            let Some(note) = &result.deviation else { continue };
            match groups.iter_mut().find(|(known, _)| *known == note) {
                Some((_, results)) => results.push(result),
                None => groups.push((note, vec![result])),
            }
        }
        for (note, results) in groups {
            let head = format!("known {}", printable(&note.class));
            let text = format!("{}: {}", printable(row.name), printable(&note.reason));
            let _ = write!(out, "{} ", paint(styles.known, &format!("{} {head}", Column::Known.sign())));
            push_wrapped(&mut out, &text, "", "  ", options.width, Style::new());
            let mut names: Vec<_> = results.iter().take(3).map(|result| explain::name(result)).collect();
            if results.len() > names.len() {
                names.push(format!("and {} more", thousands(results.len() - names.len())));
            }
            push_wrapped(&mut out, &names.join(", "), "  ", "  ", options.width, styles.quiet);
            if let Some(link) = &note.link {
                let _ = writeln!(out, "  {}", paint(styles.link, &printable(link)));
            }
        }
    }
    for result in summary.results().filter(|result| Column::of(result) == Column::Noted) {
        push_line(&mut out, result, options);
    }
    out
}

/// One failure, explained.
pub fn block(result: &CaseResult, options: &Options<'_>) -> String {
    let mut out = String::new();
    push_block(&mut out, result, options);
    out
}

fn push_block(out: &mut String, result: &CaseResult, options: &Options<'_>) {
    let styles = &options.styles;
    let column = Column::of(result);
    let _ = writeln!(
        out,
        "{}  {} {}",
        paint(styles.of(column), &format!("{} {}", column.sign(), column.title().to_uppercase())),
        paint(styles.strong, &explain::whole_name(&result.server)),
        paint(styles.strong, &explain::name(result)),
    );
    push_wrapped(out, &explain::headline(result), "  ", "  ", options.width, Style::new());
    for line in explain::message(result) {
        push_wrapped(out, &line, "  ", "  ", options.width, Style::new());
    }
    if !result.about.why.is_empty() {
        push_wrapped(
            out,
            &format!("Why: {}", abridged(&result.about.why, 1_000)),
            "  ",
            "  ",
            options.width,
            styles.quiet,
        );
    }
    push_deviation(out, result, options);
    out.push('\n');
    push_source(out, result, options);
    push_comparison(out, result, options);
    push_trace(out, result, options);
    push_next(out, result, options);
}

fn push_deviation(out: &mut String, result: &CaseResult, options: &Options<'_>) {
    let Some(note) = &result.deviation else { return };
    let text = format!("Known ({}): {}", printable(&note.class), printable(&note.reason));
    push_wrapped(out, &text, "  ", "  ", options.width, options.styles.known);
    if let Some(link) = &note.link {
        let _ = writeln!(out, "  {}", paint(options.styles.link, &printable(link)));
    }
}

/// The line of the case file, with a caret under what was expected.
fn push_source(out: &mut String, result: &CaseResult, options: &Options<'_>) {
    let About { file, line, .. } = &result.about;
    if file.is_empty() {
        return;
    }
    let styles = &options.styles;
    let file_name = abridged(file, 200);
    let place = if *line == 0 { file_name.into_owned() } else { format!("{file_name}:{line}") };
    let text = (options.source)(file);
    let text = line.checked_sub(1).and_then(|index| text.as_deref()?.lines().nth(index));
    let Some(text) = text else {
        let _ = writeln!(out, "  {}\n", paint(styles.link, &place));
        return;
    };
    let (before, marked) = split_at_expectation(text);
    let gutter = line.to_string().len();
    let room = options.width.saturating_sub(gutter + 7).max(40);
    let mut before = abridged(before, usize::MAX).into_owned();
    if before.chars().count() > room / 2 {
        let kept = before.chars().rev().take(room / 2 - 1).collect::<Vec<_>>();
        before = std::iter::once('…').chain(kept.into_iter().rev()).collect();
    }
    let column = before.chars().count();
    let marked = abridged(marked, room - column);
    let carets = "^".repeat(marked.chars().count().max(1));
    let _ =
        writeln!(out, "  {}{} {}", " ".repeat(gutter), paint(styles.quiet, "┌"), paint(styles.link, &place));
    let _ = writeln!(out, "  {} {before}{marked}", paint(styles.quiet, &format!("{line}│")));
    let _ = writeln!(
        out,
        "  {}{} {}{}\n",
        " ".repeat(gutter),
        paint(styles.quiet, "│"),
        " ".repeat(column),
        paint(styles.of(Column::of(result)), &carets)
    );
}

/// A line of a case file up to its expectation, and from there.
fn split_at_expectation(line: &str) -> (&str, &str) {
    let line = line.trim_end();
    let key = line.find("expect:").or_else(|| line.find("block:")).or_else(|| line.find("outcome:"));
    let start = key.unwrap_or_else(|| line.len() - line.trim_start().len());
    line.split_at(start)
}

fn push_comparison(out: &mut String, result: &CaseResult, options: &Options<'_>) {
    let styles = &options.styles;
    let mut row = |label: &str, text: &str, style: Style| {
        let _ = write!(out, "  {}  ", paint(styles.strong, &format!("{label:8}")));
        push_wrapped(out, text, "", &" ".repeat(12), options.width, style);
    };
    row("expected", &explain::expected(result), styles.good);
    if let Some(happened) = explain::happened(result) {
        row("happened", &happened, styles.of(Column::of(result)));
    }
    if let Some((_, step)) = explain::key_step(result) {
        for line in explain::cookies(step) {
            row("cookie", &line, Style::new());
        }
        for line in &step.console {
            row("console", &abridged(line, 600), styles.quiet);
        }
    }
    let limit = options.width.saturating_sub(30).clamp(40, 200);
    for difference in explain::further_differences(result) {
        row("differs", &explain::difference(difference, limit), Style::new());
    }
    out.push('\n');
}

/// How many decisions before the deciding one are shown.
const BEFORE: usize = 4;

fn push_trace(out: &mut String, result: &CaseResult, options: &Options<'_>) {
    let Some(key) = Key::of(result) else { return };
    let styles = &options.styles;
    let trace = &key.step.trace;
    let telling = (0..key.index).rev().filter(|&index| !explain::is_routine(&trace[index]));
    let mut shown: Vec<usize> = std::iter::once(key.index).chain(telling.take(BEFORE)).collect();
    shown.reverse();
    let places: Vec<_> = shown.iter().map(|&index| explain::place(&trace[index])).collect();
    let label = places.iter().map(|place| place.chars().count()).max().unwrap_or(0).min(36);
    let indent = " ".repeat(6 + label + 2);
    let left_out = key.index + 1 - shown.len();
    if left_out > 0 {
        let text =
            format!("decided after {}, of which these matter:", counted(left_out + shown.len() - 1, "step"));
        let _ = writeln!(out, "  {}", paint(styles.quiet, &text));
    }
    for (&index, place) in shown.iter().zip(&places) {
        let (decision, deciding) = (&trace[index], index == key.index);
        let answer = if decision.holds { "yes" } else { "no" };
        let text = format!("{}: {answer}", explain::clause(decision));
        let style = if deciding { styles.strong } else { styles.quiet };
        let mark = if deciding { paint(styles.of(Column::of(result)), "▸") } else { " ".to_owned() };
        let _ = write!(out, "    {mark} {}  ", paint(style, &format!("{place:label$}")));
        push_wrapped(out, &text, "", &indent, options.width, style);
        if deciding && !decision.input.is_empty() {
            let room = options.width.saturating_sub(indent.len() + 10).max(40);
            let _ =
                writeln!(out, "{indent}{} {}", paint(styles.quiet, "looked at"), wire(&decision.input, room));
        }
    }
    if let Some(rule) = key.rule {
        let _ = writeln!(out, "{indent}{}", paint(styles.link, rule.anchor()));
    }
    out.push('\n');
    let evidence = key.evidence(options.width.saturating_sub(50).max(60));
    for (side, line) in &evidence {
        let _ = writeln!(out, "  {}  {line}", paint(styles.strong, &format!("{side:8}")));
    }
    if !evidence.is_empty() {
        out.push('\n');
    }
}

fn push_next(out: &mut String, result: &CaseResult, options: &Options<'_>) {
    let styles = &options.styles;
    let _ = writeln!(out, "  {}", paint(styles.strong, "next"));
    let _ = writeln!(out, "    {}", reproduce::rerun_command(&result.server, &result.case, &result.profile));
    let Some((_, step)) = explain::key_step(result) else { return };
    for text in reproduce::curl(step).into_iter().chain([reproduce::script(&step.request)]) {
        out.push('\n');
        for line in text.lines() {
            let comment = line.starts_with("# ") || line.starts_with("// ");
            let _ = writeln!(out, "    {}", paint(if comment { styles.quiet } else { Style::new() }, line));
        }
    }
}

/// One result on one line.
fn push_line(out: &mut String, result: &CaseResult, options: &Options<'_>) {
    let column = Column::of(result);
    let text = match (explain::outcome(result), &result.message) {
        (Some(outcome), _) => format!("{}, expected {}", outcome, explain::expected(result)),
        (None, Some(message)) => abridged(message, 80).into_owned(),
        (None, None) => String::new(),
    };
    let _ = writeln!(
        out,
        "{}  {} {}  {}",
        paint(options.styles.of(column), &format!("{} {}", column.sign(), column.title())),
        explain::whole_name(&result.server),
        explain::name(result),
        paint(options.styles.quiet, &text)
    );
}

/// The inconclusive results, a group on a line: they have one cause.
fn push_inconclusive(out: &mut String, results: &[&CaseResult], options: &Options<'_>) {
    for (first, count) in explain::by_cause(results.iter().copied()) {
        let styles = &options.styles;
        let _ = writeln!(
            out,
            "{}  {} {}  {}",
            paint(styles.of(Column::Inconclusive), &format!("{} INCONCLUSIVE", Column::Inconclusive.sign())),
            paint(styles.strong, &explain::whole_name(&first.server)),
            paint(styles.strong, &explain::whole_name(first.suite())),
            paint(styles.quiet, &cases(count))
        );
        push_wrapped(out, &explain::headline(first), "  ", "  ", options.width, Style::new());
        let all = format!("{}/*", first.suite());
        let _ = writeln!(out, "    {}", reproduce::rerun_command(&first.server, &all, &first.profile));
    }
}

fn push_counts(
    out: &mut String,
    columns: &[Column],
    widths: &[usize],
    styles: &Styles,
    count: impl Fn(Column) -> usize,
) {
    for (&column, width) in columns.iter().zip(widths) {
        let (text, style) = match count(column) {
            0 => ("·".to_owned(), styles.quiet),
            count => (thousands(count), styles.of(column)),
        };
        let _ = write!(out, "  {}", paint(style, &format!("{text:>width$}")));
    }
    out.push('\n');
}

/// A row without a verdict: its count stands in the last column, which is there because of it.
fn unavailable_row(row: &Row<'_>, name: &str, first: usize, columns: &[Column], widths: &[usize]) -> String {
    let mut line = format!("{name:first$}");
    for (&column, width) in columns.iter().zip(widths) {
        let text = match row.counts.get(column) {
            0 => "–".to_owned(),
            count => thousands(count),
        };
        let _ = write!(line, "  {text:>width$}");
    }
    line
}

/// Text in a style. Each piece closes what it opens, so a line that is cut leaves nothing open but itself.
fn paint(style: Style, text: &str) -> String {
    format!("{}{text}{}", style.render(), style.render_reset())
}

/// Text broken at blanks; a word that is longer than a line, such as a URL, stays whole.
fn push_wrapped(out: &mut String, text: &str, first: &str, rest: &str, width: usize, style: Style) {
    let room = width.saturating_sub(rest.len()).max(20);
    let mut line = String::new();
    let mut lines = Vec::new();
    for word in text.split(' ') {
        let length = line.chars().count();
        if length > 0 && length + 1 + word.chars().count() > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    for (index, line) in lines.iter().enumerate() {
        let _ = writeln!(out, "{}{}", if index == 0 { first } else { rest }, paint(style, line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn options() -> Options<'static> {
        Options { source: &sample::source, ..Options::default() }
    }

    #[test]
    fn explains_what_fell_short() {
        insta::assert_snapshot!("terminal", render(&sample::record(), &options()));
    }

    #[test]
    fn a_style_changes_no_word() {
        let record = sample::record();
        let coloured = render(&record, &Options { styles: Styles::coloured(), ..options() });
        assert!(coloured.contains('\u{1b}'));
        let mut plain = String::new();
        for part in coloured.split('\u{1b}') {
            let text =
                part.strip_prefix('[').and_then(|part| part.split_once('m')).map_or(part, |(_, text)| text);
            plain.push_str(text);
        }
        assert_eq!(plain, render(&record, &options()));
    }

    #[test]
    fn names_what_it_does_not_explain() {
        let text = failures(&sample::record(), &Options { explained: 1, ..options() });
        assert_eq!(text.matches("  next\n").count(), 1);
        assert!(
            text.contains("and 3 more\n✕ error  express-cors error-responses/panic-is-readable"),
            "{text}"
        );
    }

    #[test]
    fn a_record_that_was_cut_off_or_empty_says_so() {
        let text = table(&Record::default(), &options());
        assert!(text.contains("Nothing ran.") && text.contains(CUT_OFF), "{text}");
    }
}
