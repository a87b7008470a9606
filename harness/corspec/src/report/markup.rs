//! Text in Markdown: what a server or a case wrote stays text.

use std::fmt::Write as _;

/// A block of text as it stands.
pub(super) fn push_fenced(out: &mut String, text: &str) {
    let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
    let _ = writeln!(out, "{fence}text\n{}\n{fence}", text.trim_end());
}

/// A code span: nothing in it is markup, a link or a mention.
pub(super) fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text, '`') + 1);
    // A blank at either end is taken off again; it keeps a backtick of the text apart, and blanks of its own.
    match text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty() {
        true => format!("{fence} {} {fence}", if text.is_empty() { " " } else { text }),
        false => format!("{fence}{text}{fence}"),
    }
}

/// A cell of a table ends at a bar, even inside of a code span.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// For text within HTML.
pub(super) fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0)
}

/// Prose of which nothing is markup.
pub(super) fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_breaks_neither_table_nor_markup() {
        assert_eq!(cell(&code("a|`b`<i>@me")), "``a\\|`b`<i>@me``");
        assert_eq!(code("`"), "`` ` ``");
    }

    #[test]
    fn prose_is_no_markup() {
        assert_eq!(prose("*a* <b> [x](y) `c` | & \\"), "\\*a\\* &lt;b&gt; \\[x\\](y) \\`c\\` \\| &amp; \\\\");
    }
}
