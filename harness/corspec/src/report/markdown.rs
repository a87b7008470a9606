//! Markdown, for the summary of a job and the comment on a pull request.

use std::fmt::Write as _;

use super::explain;
use super::markup::{cell, code, html, push_fenced};
use super::printable::printable;
use super::summary::{Column, Summary, cases, counted, thousands};
use super::terminal::{self, CUT_OFF};
use crate::record::{CaseResult, Record};

/// How a record is written as Markdown.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many bytes it has at most. A comment on GitHub holds 65,536 characters, a job's summary 1 MiB.
    pub limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { limit: 60_000 }
    }
}

/// The record as Markdown: a sentence, the table, and each failure folded.
pub fn render(record: &Record, options: &Options) -> String {
    let summary = Summary::of(record);
    let failures = summary.failures();
    let mut out = String::from("### corspec\n\n");
    let sign = match (summary.counts.worst(), failures.is_empty() && record.complete) {
        (Some(_), true) => Column::Passed.sign(),
        _ => Column::Error.sign(),
    };
    let _ = writeln!(out, "**{sign} {}**\n", summary.sentence());
    if !record.complete {
        let _ = writeln!(out, "> {CUT_OFF}\n");
    }
    push_table(&mut out, &summary);
    for row in &summary.rows {
        if let Some(problem) = row.problem() {
            let _ =
                writeln!(out, "- {}: {}", code(&explain::whole_name(row.name)), code(&printable(problem)));
        }
    }
    let _ = writeln!(
        out,
        "\n<sub>{}, standard {}, corspec {}</sub>",
        counted(summary.suites.len(), "suite"),
        code(&printable(&record.run.standard)),
        code(&printable(&record.run.corspec))
    );
    let (inconclusive, failures): (Vec<_>, Vec<_>) =
        failures.into_iter().partition(|result| Column::of(result) == Column::Inconclusive);
    let groups = explain::by_cause(inconclusive);
    let blocks =
        failures.iter().map(|result| failure(result)).chain(groups.iter().map(|&group| undecided(group)));
    let count = failures.len() + groups.len();
    let ending = "\n…and 1,000,000 more.\n".len();
    for (index, block) in blocks.enumerate() {
        if out.len() + block.len() + ending > options.limit {
            let _ = writeln!(out, "\n…and {} more.", thousands(count - index));
            break;
        }
        out.push_str(&block);
    }
    out
}

/// Inconclusive results of one cause.
fn undecided((first, count): (&CaseResult, usize)) -> String {
    format!(
        "\n{} **{}** {} {}, {}\n",
        Column::Inconclusive.sign(),
        Column::Inconclusive.title(),
        code(&format!("{} {}", explain::whole_name(&first.server), explain::whole_name(first.suite()))),
        cases(count),
        code(&explain::headline(first))
    )
}

fn push_table(out: &mut String, summary: &Summary<'_>) {
    if summary.rows.is_empty() {
        return;
    }
    let columns: Vec<_> = summary.counts.present().collect();
    out.push_str("| server |");
    columns.iter().for_each(|column| out.push_str(&format!(" {} |", column.title())));
    out.push_str("\n|:--|");
    columns.iter().for_each(|_| out.push_str("--:|"));
    out.push('\n');
    for row in &summary.rows {
        let _ = write!(out, "| {} |", cell(&code(&explain::whole_name(row.name))));
        for &column in &columns {
            match row.counts.get(column) {
                0 => out.push_str("  |"),
                count if column.fails() => out.push_str(&format!(" **{}** |", thousands(count))),
                count => out.push_str(&format!(" {} |", thousands(count))),
            }
        }
        out.push('\n');
    }
    out.push('\n');
}

fn failure(result: &CaseResult) -> String {
    let column = Column::of(result);
    let mut out = format!(
        "\n<details><summary>{} <b>{}</b> <code>{} {}</code></summary>\n\n",
        column.sign(),
        column.title(),
        html(&explain::whole_name(&result.server)),
        html(&explain::name(result))
    );
    let text = terminal::block(result, &terminal::Options::default());
    // The first line is the summary's.
    let text = text.split_once('\n').map_or("", |(_, rest)| rest);
    push_fenced(&mut out, text);
    out.push_str("\n</details>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_table_and_the_failures() {
        insta::assert_snapshot!("markdown", render(&sample::record(), &Options::default()));
    }

    #[test]
    fn stays_within_its_limit() {
        let record = sample::record();
        for limit in [1_500, 4_000, 6_000] {
            let text = render(&record, &Options { limit });
            assert!(text.len() <= limit && text.ends_with(" more.\n"), "{limit}: {}", text.len());
        }
    }
}
