//! Annotations of a GitHub workflow.

use std::fmt::Write as _;

use super::{PolicyFile, sentence};
use crate::own::check::Checked;
use crate::own::finding::Class;
use crate::report::printable::abridged;

/// A check as commands that a workflow's log turns into annotations.
pub fn github(checked: &Checked, file: PolicyFile<'_>) -> String {
    let mut out = String::new();
    for trouble in &checked.troubles {
        let level = if trouble.fatal { "error" } else { "warning" };
        let message = format!("{}\n{}", trouble.seen, trouble.help);
        let _ = writeln!(out, "::{level} file={},title=CORS::{}", property(file.path), data(&message));
    }
    for finding in &checked.findings {
        let level = match finding.class {
            Class::Open | Class::Blocked => "error",
            Class::Caches => "warning",
            Class::Untidy => "notice",
        };
        let message =
            format!("{} {}\nMend: {}\n{}", finding.title, finding.why, finding.way_out(), finding.anchor);
        let _ = writeln!(
            out,
            "::{level} file={},line={},title={}::{}",
            property(file.path),
            file.line(finding),
            property(&format!("CORS, {}: {}", finding.class.code(), finding.cause)),
            data(&message)
        );
    }
    let _ = writeln!(out, "{}", sentence(checked));
    out
}

fn data(text: &str) -> String {
    // Each line is made printable by itself: the breaks between them are ours.
    let lines: Vec<_> = text.lines().map(|line| abridged(line, 600).replace('%', "%25")).collect();
    lines.join("%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
