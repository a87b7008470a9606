//! The matrix as a page: servers by suites, the worst first, and what each grants as it comes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{AsFound, Mark, Marks, Matrix, Server, State};
use crate::report::markup::{cell, code, prose};
use crate::report::summary::{counted, thousands};

/// The matrix as Markdown.
pub fn render(matrix: &Matrix) -> String {
    let tested = matrix.tested();
    let mut out = String::from("# The servers of the world, measured\n\n");
    push_sentence(&mut out, matrix, &tested);
    push_legend(&mut out);
    push_servers(&mut out, &tested);
    push_worst(&mut out, &tested);
    push_cells(&mut out, matrix, &tested);
    push_as_it_comes(&mut out, &tested);
    push_untested(&mut out, matrix);
    out
}

fn push_sentence(out: &mut String, matrix: &Matrix, tested: &[&Server]) {
    let mut languages: Vec<_> = tested.iter().filter_map(|server| server.language.as_deref()).collect();
    languages.sort_unstable();
    languages.dedup();
    let results: usize =
        tested.iter().flat_map(|server| server.suites.values()).flat_map(BTreeMap::values).sum();
    let _ = writeln!(
        out,
        "{} in {}, {} in {}, on {} with {} (corspec {}, standard {}).",
        counted(tested.len(), "server"),
        counted(languages.len(), "language"),
        counted(results, "result"),
        counted(matrix.suites.len(), "suite"),
        prose(&matrix.date),
        code(&matrix.command),
        code(&matrix.corspec),
        code(&matrix.standard),
    );
    for (server, command) in
        matrix.servers.iter().filter_map(|server| Some((server, server.command.as_ref()?)))
    {
        let _ = writeln!(
            out,
            "Measured apart: {}, on {} with {}.",
            code(&server.name),
            prose(&server.date),
            code(command)
        );
    }
    let unexplained: Vec<_> = tested.iter().filter(|server| server.count_unexplained() > 0).collect();
    if unexplained.is_empty() {
        out.push_str("Every deviation is explained, with its reason, in [FINDINGS.md](FINDINGS.md).\n");
    } else {
        let names: Vec<_> = unexplained.iter().map(|server| code(&server.name)).collect();
        let _ = writeln!(out, "**Not explained yet**: {}.", names.join(", "));
    }
    let others: Vec<_> = tested
        .iter()
        .filter(|server| server.date != matrix.date)
        .map(|server| format!("{} ({})", code(&server.name), prose(&server.date)))
        .collect();
    if !others.is_empty() {
        let _ = writeln!(out, "Measured on another day: {}.", others.join(", "));
    }
    out.push('\n');
}

fn push_legend(out: &mut String) {
    for mark in Mark::ALL {
        let _ = writeln!(out, "- {} {}", mark.sign(), mark.meaning());
    }
    out.push_str("- **bold!** is what no listed deviation explains\n\n");
}

/// What is counted of a server beside its passes.
const COUNTED: [Mark; 9] = [
    Mark::Passed,
    Mark::Hole,
    Mark::CacheFault,
    Mark::BrokenClient,
    Mark::Detail,
    Mark::Undecided,
    Mark::Error,
    Mark::Refused,
    Mark::Unsupported,
];

fn push_servers(out: &mut String, tested: &[&Server]) {
    out.push_str("## Servers\n\nThe worst first.\n\n| server | middleware | framework | language |");
    let shown: Vec<_> =
        COUNTED.into_iter().filter(|&mark| tested.iter().any(|server| server.count(mark) > 0)).collect();
    shown.iter().for_each(|mark| out.push_str(&format!(" {} {} |", mark.sign(), mark.title())));
    out.push_str("\n|:--|:--|:--|:--|");
    shown.iter().for_each(|_| out.push_str("--:|"));
    out.push('\n');
    for server in tested {
        let said = |text: &Option<String>| text.as_deref().map_or(String::new(), |text| cell(&code(text)));
        let bang = if server.count_unexplained() > 0 { "**!**" } else { "" };
        let _ = write!(
            out,
            "| [{}](FINDINGS.md#{}){bang} | {} | {} | {} |",
            prose(&server.name),
            anchor(&server.name),
            said(&server.middleware),
            said(&server.framework),
            server.language.as_deref().map_or(String::new(), prose),
        );
        for &mark in &shown {
            match server.count(mark) {
                0 => out.push_str("  |"),
                count => out.push_str(&format!(" {} |", thousands(count))),
            }
        }
        out.push('\n');
    }
    out.push('\n');
}

/// How many of the worst cells are told apart.
const WORST: usize = 12;

/// The cells with most holes, and after them those with most of what is less bad.
fn push_worst(out: &mut String, tested: &[&Server]) {
    let mut cells: Vec<_> = tested
        .iter()
        .flat_map(|server| server.suites.iter().map(move |(suite, marks)| (*server, suite, marks)))
        .filter_map(|(server, suite, marks)| Some((server, suite, marks, worst(marks)?)))
        .filter(|(.., (mark, _))| *mark < Mark::Undecided)
        .collect();
    cells.sort_by_key(|(server, suite, _, (mark, count))| {
        (*mark, std::cmp::Reverse(*count), server.name.clone(), (*suite).clone())
    });
    if cells.is_empty() {
        return;
    }
    out.push_str("## The worst cells\n\n| server | suite | |\n|:--|:--|:--|\n");
    for (server, suite, marks, (mark, count)) in cells.into_iter().take(WORST) {
        let total: usize = marks.values().sum();
        let what = mark.title();
        let what = if count == 1 { what.trim_end_matches('s') } else { what };
        let _ = writeln!(
            out,
            "| {} | {} | {} {} {what} in {} |",
            prose(&server.name),
            suite_link(suite),
            mark.sign(),
            thousands(count),
            counted(total, "case")
        );
    }
    out.push('\n');
}

/// What is worst in a cell, and how often; nothing where all is as it should be.
fn worst(marks: &Marks) -> Option<(Mark, usize)> {
    marks.iter().find(|(mark, _)| **mark < Mark::Noted).map(|(mark, count)| (*mark, *count))
}

fn push_cells(out: &mut String, matrix: &Matrix, tested: &[&Server]) {
    let ranked = |suite: &String| {
        let mut servers = BTreeMap::<Mark, usize>::new();
        for server in tested {
            if let Some((mark, _)) = server.suites.get(suite).and_then(worst) {
                *servers.entry(mark).or_default() += 1;
            }
        }
        servers
    };
    let mut suites: Vec<_> = matrix.suites.iter().map(|suite| (suite, ranked(suite))).collect();
    let (mut shown, clean): (Vec<_>, Vec<_>) = suites.drain(..).partition(|(_, servers)| !servers.is_empty());
    shown.sort_by_key(|(_, servers)| {
        std::cmp::Reverse(Mark::ALL.map(|mark| servers.get(&mark).copied().unwrap_or(0)))
    });
    out.push_str("## Servers by suites\n\nServers and suites both begin with the worst; a column is a suite of the list below.\n\n");
    out.push_str("| server |");
    (1..=shown.len()).for_each(|number| out.push_str(&format!(" {number} |")));
    out.push_str("\n|:--|");
    shown.iter().for_each(|_| out.push_str(":-:|"));
    out.push('\n');
    for server in tested {
        let _ = write!(out, "| {} |", prose(&server.name));
        for (suite, _) in &shown {
            let cell = server.suites.get(*suite).map_or(String::new(), mark_of_a_cell);
            let bold = if server.unexplained.contains_key(*suite) { format!("**{cell}!**") } else { cell };
            let _ = write!(out, " {bold} |");
        }
        out.push('\n');
    }
    out.push('\n');
    for (number, (suite, servers)) in shown.iter().enumerate() {
        let counts: Vec<_> = servers
            .iter()
            .map(|(mark, count)| format!("{} {}", mark.sign(), counted(*count, "server")))
            .collect();
        let _ = writeln!(out, "{}. {}: {}", number + 1, suite_link(suite), counts.join(", "));
    }
    if !clean.is_empty() {
        let names: Vec<_> = clean.iter().map(|(suite, _)| suite_link(suite)).collect();
        let _ = writeln!(out, "\nNo server falls short in {}.", names.join(", "));
    }
    out.push('\n');
}

fn mark_of_a_cell(marks: &Marks) -> String {
    if let Some((mark, count)) = worst(marks) {
        return format!("{}{}", mark.sign(), if count > 1 { thousands(count) } else { String::new() });
    }
    // Beside passes, what could not be asked says nothing new.
    let told = [Mark::Passed, Mark::Refused, Mark::Unsupported, Mark::Noted];
    told.into_iter()
        .find(|mark| marks.contains_key(mark))
        .map_or(String::new(), |mark| mark.sign().to_owned())
}

fn suite_link(suite: &str) -> String {
    let is_plain =
        suite.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    match is_plain {
        true => format!("[{suite}](../cases/server/{suite}.yaml)"),
        false => prose(suite),
    }
}

/// As GitHub makes one of a heading.
fn anchor(name: &str) -> String {
    let kept = name.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

fn push_as_it_comes(out: &mut String, tested: &[&Server]) {
    let asked: Vec<_> =
        tested.iter().filter_map(|server| Some((*server, server.as_it_comes.as_ref()?))).collect();
    if asked.is_empty() {
        return;
    }
    let mut asked = asked;
    asked.sort_by_key(|(server, _)| server.name.clone());
    out.push_str(
        "## As it comes\n\nWhat each middleware grants to pages elsewhere once it is switched on without any option, as its quick start \
         shows. There is no verdict on it.\n\n\
         | server | who reads | with the user's cookies | methods after a preflight | request headers | exposed response headers | \
         max-age | `Vary: Origin` |\n|:--|:--|:--|:--|:--|:--|:--|:--|\n",
    );
    for (server, found) in asked {
        let name = prose(&server.name);
        match found {
            AsFound::Says(what) => {
                let _ = writeln!(out, "| {name} | {} | | | | | | |", prose(what));
            }
            AsFound::Grants(grants) => {
                let words = [
                    &grants.reads,
                    &grants.cookies,
                    &grants.methods,
                    &grants.headers,
                    &grants.exposes,
                    &grants.max_age,
                    &grants.vary,
                ];
                let words: Vec<_> = words.iter().map(|words| cell(words)).collect();
                let _ = writeln!(out, "| {name} | {} |", words.join(" | "));
            }
        }
    }
    out.push('\n');
}

fn push_untested(out: &mut String, matrix: &Matrix) {
    let of = |state: State| matrix.servers.iter().filter(move |server| server.state == state);
    for (state, title, about) in [
        (State::Broken, "Broken", "These never came so far as to be tested."),
        (State::Unavailable, "Not available here", "Nothing is known of these; it is no pass."),
    ] {
        if of(state).next().is_none() {
            continue;
        }
        let _ = writeln!(out, "## {title}\n\n{about}\n");
        for server in of(state) {
            let why = server.problems.join("; ").replace('\n', "; ");
            let _ = writeln!(out, "- {}: {}", prose(&server.name), code(&why));
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{described, record};
    use super::*;

    #[test]
    fn the_worst_first() {
        let matrix = Matrix::of(&record(), &described(), "corspec matrix");
        insta::assert_snapshot!("matrix-page", render(&matrix));
    }

    #[test]
    fn nothing_is_no_matrix() {
        let text = render(&Matrix::default());
        assert!(text.contains("0 servers in 0 languages, 0 results in 0 suites"), "{text}");
    }
}
