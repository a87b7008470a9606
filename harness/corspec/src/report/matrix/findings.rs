//! What was found, server by server: each deviation with its reason, and one case with what went over the wire.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Finding, Mark, Matrix, Sample, Server};
use crate::report::markup::{code, prose, push_fenced};
use crate::report::summary::{cases, counted};

/// The findings as Markdown.
pub fn render(matrix: &Matrix) -> String {
    let mut out = String::from("# What was found\n\n");
    let _ = writeln!(
        out,
        "Every way in which a server of [the matrix](MATRIX.md) does otherwise than its policy says: what it is to whoever uses it, why it is so, \
         one case with its requests and responses, and what each engine's rules make of that case. Measured on {} with {}.\n",
        prose(&matrix.date),
        code(&matrix.command)
    );
    push_overview(&mut out, matrix);
    for server in matrix.servers.iter().filter(|server| server.state == super::State::Tested) {
        push_server(&mut out, server);
    }
    out
}

/// How the reasons stand to the documentation, in plain words.
const STANDINGS: [(Option<&str>, &str); 4] = [
    (None, "not explained yet"),
    (Some("bug"), "a bug"),
    (Some("by-design"), "a declared choice"),
    (Some("cannot-express"), "the policy has no exact words there"),
];

fn standing(finding: &Finding) -> &str {
    let known = STANDINGS.iter().find(|(class, _)| *class == finding.class.as_deref());
    known.map_or("known", |(_, words)| words)
}

fn push_overview(out: &mut String, matrix: &Matrix) {
    let mut counts: BTreeMap<(Mark, &str), (usize, usize)> = BTreeMap::new();
    for finding in matrix.servers.iter().flat_map(|server| &server.findings) {
        let (findings, cases) = counts.entry((finding.mark, standing(finding))).or_default();
        *findings += 1;
        *cases += finding.cases.len();
    }
    if counts.is_empty() {
        out.push_str("Nothing was found.\n");
        return;
    }
    out.push_str("| | |\n|:--|:--|\n");
    for ((mark, standing), (findings, count)) in counts {
        let _ = writeln!(
            out,
            "| {} {}, {standing} | {} in {} |",
            mark.sign(),
            mark.title(),
            counted(findings, "finding"),
            cases(count)
        );
    }
    out.push('\n');
}

fn push_server(out: &mut String, server: &Server) {
    let _ = writeln!(out, "## {}\n", prose(&server.name));
    let said = [&server.middleware, &server.framework, &server.runtime];
    let mut about: Vec<_> = said.into_iter().flatten().map(|text| code(text)).collect();
    about.extend(server.homepage.as_deref().and_then(web).map(|url| format!("[documentation]({url})")));
    let _ = writeln!(out, "{}\n", about.join(", "));
    for problem in &server.problems {
        let _ = writeln!(out, "**{}** {}\n", Mark::Error.sign(), code(&problem.replace('\n', "; ")));
    }
    if server.findings.is_empty() {
        out.push_str("It does what every policy says that it can say.\n\n");
    }
    for finding in &server.findings {
        push_finding(out, finding);
    }
}

fn push_finding(out: &mut String, finding: &Finding) {
    let _ = writeln!(
        out,
        "### {} {}: {}\n",
        finding.mark.sign(),
        finding.mark.meaning().split(':').next().unwrap_or_default(),
        standing(finding)
    );
    if let Some(reason) = &finding.reason {
        let _ = write!(out, "{}", sentence(reason));
        if let Some(url) = finding.link.as_deref().and_then(web) {
            let _ = write!(out, " [Why]({url})");
        }
        out.push_str("\n\n");
    }
    push_cases(out, finding);
    push_sample(out, &finding.sample);
}

/// How many cases are named in a line.
const NAMED: usize = 4;

fn push_cases(out: &mut String, finding: &Finding) {
    let names: Vec<_> = finding.cases.iter().map(|case| code(case)).collect();
    if names.len() <= NAMED {
        let _ = writeln!(out, "{}: {}\n", cases(names.len()), names.join(", "));
    } else {
        let _ = writeln!(
            out,
            "<details><summary>{}</summary>\n\n{}\n\n</details>\n",
            cases(names.len()),
            names.join(", ")
        );
    }
}

fn push_sample(out: &mut String, sample: &Sample) {
    let _ = writeln!(out, "{}: {} ({})\n", code(&sample.case), prose(&sample.headline), prose(&sample.why));
    let _ = writeln!(
        out,
        "Expected {}, came to {}. {}\n",
        prose(&sample.expected),
        prose(&sample.outcome),
        engines(sample)
    );
    if !sample.exchanges.is_empty() {
        push_fenced(out, &sample.exchanges);
        out.push('\n');
    }
}

/// `The same in chromium and firefox; webkit: allow.`
fn engines(sample: &Sample) -> String {
    let (same, others): (Vec<_>, Vec<_>) =
        sample.engines.iter().partition(|(_, outcome)| **outcome == sample.outcome);
    let mut parts = Vec::new();
    if !same.is_empty() {
        let names: Vec<_> = same.iter().map(|(engine, _)| prose(engine)).collect();
        parts.push(format!("The same by the rules of {}", names.join(", ")));
    }
    parts.extend(others.iter().map(|(engine, outcome)| format!("{}: {}", prose(engine), prose(outcome))));
    if parts.is_empty() { String::new() } else { format!("{}.", parts.join("; ")) }
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{}.", prose(&format!("{first}{}", chars.as_str())).trim_end_matches('.'))
}

/// A link that leads to a page, and out of no parenthesis.
fn web(url: &str) -> Option<String> {
    crate::report::explain::link(url).map(|url| url.replace('(', "%28").replace(')', "%29"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{described, record};
    use super::*;

    #[test]
    fn every_deviation_with_its_reason() {
        let matrix = Matrix::of(&record(), &described(), "corspec matrix");
        insta::assert_snapshot!("matrix-findings", render(&matrix));
    }
}
