//! For a review: Markdown, of which a server writes nothing but the text of code blocks.

use std::fmt::Write as _;

use super::{sentence, untested};
use crate::own::check::Checked;
use crate::own::finding::Class;
use crate::report::printable::{abridged, wire};

/// A check as Markdown.
pub fn markdown(checked: &Checked) -> String {
    let mut out = format!("# CORS of {}\n\n{}\n", code(&checked.server), sentence(checked));
    for trouble in &checked.troubles {
        let _ = writeln!(out, "\n> **First of all:** {}\n> {}", plain(&trouble.seen), plain(&trouble.help));
    }
    for class in Class::ALL {
        let findings: Vec<_> = checked.findings.iter().filter(|finding| finding.class == class).collect();
        if findings.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n## {}", class.heading());
        for finding in findings {
            let _ = writeln!(out, "\n### {}\n\n{}\n", plain(&finding.title), plain(finding.why));
            let _ = writeln!(out, "**Mend:** {}\n", plain(&finding.mend));
            if let Some(usually) = &finding.usually {
                let _ = writeln!(out, "**Usually:** {}\n", plain(usually));
            }
            let _ = writeln!(out, "<details><summary>{} cases, an example</summary>\n", finding.cases.len());
            out.push_str("```http\n");
            for exchange in finding.exchanges.iter().take(4) {
                let _ = writeln!(out, "{} {}", wire(&exchange.method, 40), fenced(&exchange.url));
                for (name, value) in &exchange.headers {
                    let _ = writeln!(out, "{}: {}", fenced(name), fenced(value));
                }
                if let Some(response) = &exchange.response {
                    let _ = writeln!(out, "\n{}", response.status);
                    for (name, value) in response.headers.iter().take(30) {
                        let _ = writeln!(out, "{}: {}", fenced(name), fenced(value));
                    }
                }
                out.push('\n');
            }
            out.push_str("```\n");
            for console in &finding.consoles {
                for line in console.lines.iter().take(2) {
                    let _ = writeln!(out, "\n{}: {}", console.engine, code(line));
                }
            }
            let _ = writeln!(out, "\n{} · <{}>\n\n</details>", code(finding.cause.code()), finding.anchor);
        }
    }
    if let (Some(framework), Some(hint)) = (checked.framework, &checked.hint)
        && checked.findings.iter().any(|finding| finding.class != Class::Untidy)
    {
        let _ = writeln!(
            out,
            "\n## The whole policy in {}\n\n```\n{}```",
            framework.title(),
            hint.replace("```", "` ` `")
        );
    }
    if let Some(untested) = untested(checked) {
        let _ = writeln!(out, "\n{}", plain(&untested));
    }
    out
}

fn fenced(text: &str) -> String {
    wire(text, 300).replace("```", "` ` `")
}

fn code(text: &str) -> String {
    format!("`{}`", abridged(text, 600).replace('`', "'"))
}

/// Prose in which nothing is markup.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in abridged(text, 600).chars() {
        if matches!(letter, '<' | '>' | '*' | '_' | '`' | '[' | ']' | '\\' | '|' | '#' | '!' | '&' | '$') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
