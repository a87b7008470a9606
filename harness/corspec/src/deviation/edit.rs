//! Bringing a list of deviations up to date with a run, line by line: what somebody wrote stays as it was written.

use std::fmt::Write as _;
use std::ops::Range;

use super::{Deviations, DeviationsError};
use crate::record::{CaseResult, Verdict};

/// A list after it was brought up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The whole text.
    pub text: String,
    /// The patterns of the entries that are new, each with the line that its entry begins at.
    pub added: Vec<(String, usize)>,
    /// The patterns of those that were taken off.
    pub removed: Vec<String>,
    /// How many entries say no reason yet.
    pub unwritten: usize,
}

/// Why a list cannot be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] DeviationsError),
    /// Its entries cannot be told apart by their lines.
    #[error(
        "{path}: its entries are not told apart by their lines\n  help: begin each with `- case:` at the margin, and write it in block style"
    )]
    Shape {
        /// Where it stands.
        path: String,
    },
}

/// Brings a list up to date with what a server came to: entries that no result is an instance of are taken off (where the
/// results are of every case), and entries for what nobody has explained are written to its end, with the reason left to be filled in.
/// `path` is what errors call it, and `seen` what the server says of its middleware.
///
/// # Errors
/// If it is no such list, or one that cannot be edited line by line.
pub fn update(
    path: &str,
    text: &str,
    results: &[CaseResult],
    is_whole: bool,
    seen: &str,
) -> Result<Edited, EditError> {
    let known = Deviations::parse(path, text)?;
    let blocks = blocks(text);
    if blocks.len() != known.0.len() {
        return Err(EditError::Shape { path: path.to_owned() });
    }
    let stale: Vec<usize> =
        if is_whole { known.stale_entries(results).map(|(index, _)| index).collect() } else { Vec::new() };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_kept = |number: &usize| !stale.iter().any(|&index| blocks[index].contains(number));
    let mut out: String =
        lines.iter().enumerate().filter(|(number, _)| is_kept(number)).map(|(_, line)| *line).collect();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    let mut added = Vec::new();
    for group in unexplained(&known, results) {
        added.push((group.pattern.clone(), out.lines().count() + 1));
        group.write(&mut out, seen);
    }
    let unwritten = Deviations::parse(path, &out)?.unwritten().count();
    let removed = stale.iter().map(|&index| known.0[index].entry.case.clone()).collect();
    Ok(Edited { text: out, added, removed, unwritten })
}

/// The lines of each entry, without the comments and blank lines that follow at the margin: these belong to what comes next.
fn blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("- ") || line == "-" {
            blocks.push(number..number + 1);
        } else if line.starts_with([' ', '\t'])
            && !line.trim().is_empty()
            && let Some(block) = blocks.last_mut()
        {
            block.end = number + 1;
        }
    }
    blocks
}

/// Results of one suite that ended alike and that nobody has explained.
struct Group<'a> {
    pattern: String,
    verdict: Verdict,
    reason: Option<&'a str>,
}

fn unexplained<'a>(known: &Deviations, results: &'a [CaseResult]) -> Vec<Group<'a>> {
    let is_listed = |result: &CaseResult| known.0.iter().any(|deviation| deviation.is_seen_in(result));
    let falls_short =
        |result: &&CaseResult| result.verdict.fell_short() && result.level != "may" && !is_listed(result);
    let mut groups: Vec<(&str, Verdict, Option<&str>, Vec<&str>)> = Vec::new();
    for result in results.iter().filter(falls_short) {
        let Some((suite, id)) = result.case.split_once('/') else { continue };
        let key = (suite, result.verdict, result.reason.as_deref());
        match groups.iter_mut().find(|(suite, verdict, reason, _)| (*suite, *verdict, *reason) == key) {
            Some((.., ids)) => ids.push(id),
            None => groups.push((key.0, key.1, key.2, vec![id])),
        }
    }
    let size = |suite: &str| results.iter().filter(|result| result.suite() == suite).count();
    let group = |(suite, verdict, reason, ids): (&str, Verdict, Option<&'a str>, Vec<&str>)| Group {
        pattern: match &*ids {
            [only] => format!("{suite}/{only}"),
            ids if ids.len() == size(suite) => format!("{suite}/*"),
            ids => format!("{suite}/{{{}}}", ids.join(",")),
        },
        verdict,
        reason,
    };
    groups.into_iter().map(group).collect()
}

impl Group<'_> {
    fn write(&self, out: &mut String, seen: &str) {
        let reason = self.reason.map(|code| format!(", reason: {code}")).unwrap_or_default();
        let _ = write!(
            out,
            "- case: {}\n  observed: {{verdict: {}{reason}}}\n  class: '' # bug, by-design or cannot-express\n  \
             reason: '' # what the middleware does, in a sentence\n  \
             link: '' # the documentation, line of source or issue that bears on it\n  seen: {}\n",
            quoted(&self.pattern),
            self.verdict,
            quoted(seen)
        );
    }
}

/// A YAML scalar in single quotes, which escape nothing but themselves.
fn quoted(text: &str) -> String {
    // What a server says of itself may hold anything, and a line must stay a line.
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use corspec_browser::Profile;

    use super::*;
    use crate::run::without_outcome;

    fn result(case: &str, verdict: Verdict, reason: Option<&str>) -> CaseResult {
        CaseResult {
            level: "must".to_owned(),
            outcome: Some(if reason.is_some() { "block" } else { "allow" }.to_owned()),
            reason: reason.map(str::to_owned),
            ..without_outcome("mine", case, Profile::Fetch, verdict)
        }
    }

    fn results() -> Vec<CaseResult> {
        vec![
            result("methods/get", Verdict::Pass, None),
            result("methods/put", Verdict::OverBlocks, Some("method-not-allowed")),
            result("methods/delete", Verdict::OverBlocks, Some("method-not-allowed")),
            result("methods/head", Verdict::OverBlocks, Some("preflight-status")),
            result("permit-none/one", Verdict::OverExposes, None),
            result("permit-none/two", Verdict::OverExposes, None),
            result("own-cors/listed", Verdict::OverBlocks, Some("allow-origin-mismatch")),
            CaseResult { level: "may".to_owned(), ..result("open/question", Verdict::OverBlocks, None) },
        ]
    }

    const LIST: &str = "# What mine is known to do otherwise.\n\n\
        # The handler's own headers win.\n\
        - case: own-cors/*   # all of them\n\
        \x20 observed: {verdict: over-blocks,   reason: allow-origin-mismatch}\n\
        \x20 class: by-design\n\
        \x20 reason: >\n\
        \x20   what the handler sets\n\
        \n\
        \x20   stays\n\
        \x20 seen: mine 1\n\
        \n\
        # Once upon a time.\n\
        - case: methods/get\n\
        \x20 observed: {verdict: over-blocks}\n\
        \x20 class: bug\n\
        \x20 reason: GET was forgotten\n\
        \x20 seen: mine 0.9\n\
        # The end.\n";

    #[test]
    fn a_new_list() {
        let edited = update("d.yaml", "", &results(), true, "mine 1\n'x").unwrap();
        insta::assert_snapshot!("deviations-new", edited.text);
        let lines: Vec<_> = edited.added.iter().map(|(pattern, line)| (&**pattern, *line)).collect();
        assert_eq!(
            lines,
            [
                ("methods/{put,delete}", 1),
                ("methods/head", 7),
                ("permit-none/*", 13),
                ("own-cors/listed", 19)
            ]
        );
        assert_eq!((edited.unwritten, edited.removed.len()), (4, 0));
    }

    #[test]
    fn comments_and_order_stay() {
        let edited = update("d.yaml", LIST, &results(), true, "mine 1").unwrap();
        insta::assert_snapshot!("deviations-updated", edited.text);
        assert_eq!(edited.removed, ["methods/get"]);
    }

    #[test]
    fn what_is_up_to_date_stays_as_it_is() {
        let once = update("d.yaml", LIST, &results(), true, "mine 1").unwrap();
        let twice = update("d.yaml", &once.text, &results(), true, "mine 2").unwrap();
        assert_eq!(twice.text, once.text);
        assert!(twice.added.is_empty() && twice.removed.is_empty());
        assert_eq!(twice.unwritten, once.unwritten);
    }

    /// Of the cases that did not run nothing is known.
    #[test]
    fn a_part_of_the_results_takes_nothing_off() {
        let edited = update("d.yaml", LIST, &results()[..1], false, "mine 1").unwrap();
        assert_eq!(edited.text, LIST);
    }

    #[test]
    fn a_list_in_one_line_is_left_alone() {
        let text = "[{case: a/b, observed: {verdict: over-blocks}, class: bug, reason: r, seen: s}]\n";
        let error = update("d.yaml", text, &results(), true, "mine 1").unwrap_err().to_string();
        assert!(error.starts_with("d.yaml: its entries are not told apart"), "{error}");
    }
}
