//! A case as it is written down in `cases/browser`.

use std::fmt::Write;

use crate::browser::Performed;
use crate::case::{Body, Case, CrossOrigin, PageOrigin, Request, Scripted, Step, Target};
use crate::record::text;

/// What a step came to, and by whose rules: nothing stands for the standard's.
pub type Ending<'a> = (Option<&'a str>, &'a [Performed]);

/// The case with what came of it.
pub fn yaml(case: &Case, endings: &[Ending<'_>]) -> String {
    let mut written = format!("  - id: {}\n    why: {}\n", case.id, quoted(&case.why));
    if let [step] = &case.steps[..] {
        write_step(&mut written, "    ", step, 0, endings);
    } else {
        written.push_str("    steps:\n");
        for (index, step) in case.steps.iter().enumerate() {
            let _ = writeln!(written, "      - at: {}", step.at);
            write_step(&mut written, "        ", step, index, endings);
        }
    }
    written
}

fn write_step(written: &mut String, indent: &str, step: &Step, index: usize, endings: &[Ending<'_>]) {
    let _ = writeln!(written, "{indent}request: {}", request(&step.request));
    if !step.responses.is_empty() {
        let _ = writeln!(written, "{indent}responses:");
        for response in &step.responses {
            let _ = writeln!(written, "{indent}  - {}", answer(response));
        }
    }
    let mut profiles = Vec::new();
    for (profile, performed) in endings {
        let Some(performed) = performed.get(index) else { continue };
        match profile {
            None => {
                let _ = writeln!(written, "{indent}expect: {}", ending(performed));
            }
            Some(profile) => profiles.push(format!("{indent}  {profile}: {}\n", ending(performed))),
        }
    }
    if !profiles.is_empty() {
        let _ = write!(written, "{indent}profiles:\n{}", profiles.concat());
    }
}

fn ending(performed: &Performed) -> String {
    let outcome = &performed.outcome;
    let methods: Vec<_> =
        outcome.exchanges.iter().map(|exchange| quoted_if_needed(&text(&exchange.request.method))).collect();
    let sent = methods.join(", ");
    match outcome.reason() {
        Some(reason) => format!("{{block: {reason}, sent: [{sent}]}}"),
        None => format!("{{outcome: {}, sent: [{sent}]}}", outcome.name()),
    }
}

fn request(request: &Request) -> String {
    let mut parts = Vec::new();
    if let PageOrigin::Serialized(origin) = &request.origin {
        parts.push(format!("origin: {}", quoted(origin)));
    }
    if let Target::Url(url) = &request.target
        && url != "https://api.example/resource"
    {
        parts.push(format!("url: {}", quoted(url)));
    }
    if request.method != "GET" {
        parts.push(format!("method: {}", quoted_if_needed(&request.method)));
    }
    if !request.headers.is_empty() {
        let lines = request.headers.iter();
        let lines: Vec<_> = lines
            .map(|(name, value)| format!("[{}, {}]", quoted(&text(name)), quoted(&text(value))))
            .collect();
        parts.push(format!("headers: [{}]", lines.join(", ")));
    }
    let plain = Request::new(request.origin.clone(), request.target.clone());
    let mut word = |key: &str, value: &str, default: &str| {
        if value != default {
            parts.push(format!("{key}: {value}"));
        }
    };
    word("credentials", request.credentials.as_str(), plain.credentials.as_str());
    word("mode", request.mode.as_str(), plain.mode.as_str());
    word("redirect", request.redirect.as_str(), plain.redirect.as_str());
    word("initiator", request.initiator.as_str(), plain.initiator.as_str());
    word("crossorigin", request.crossorigin.as_str(), CrossOrigin::Absent.as_str());
    if let Some(Body { kind, .. }) = &request.body {
        word("body", kind.as_str(), "");
    }
    format!("{{{}}}", parts.join(", "))
}

fn answer(response: &Scripted) -> String {
    let lines: Vec<_> = response.header_lines.iter().map(|line| quoted(&text(line))).collect();
    let purpose =
        if response.purpose == corspec_browser::Purpose::Preflight { "for: preflight, " } else { "" };
    format!("{{{purpose}status: {}, headers: [{}]}}", response.status, lines.join(", "))
}

fn quoted_if_needed(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            ' '..='~' => quoted.push(c),
            _ => {
                let _ = write!(quoted, "\\x{:02X}", u32::from(c) & 0xFF);
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::load_files;
    use crate::fuzz::draw;

    #[test]
    fn what_is_written_reads_back() {
        for index in 0..300 {
            let mut case = draw(5, index);
            case.id = "a".to_owned();
            let expected = "expect: allow";
            let mut written = yaml(&case, &[]);
            // Without anybody who performs it there is no expectation.
            let indent = if case.steps.len() == 1 { "    " } else { "        " };
            written = written
                .replace(&format!("{indent}request:"), &format!("{indent}{expected}\n{indent}request:"));
            let text =
                format!("suite: a\nspec: https://fetch.spec.whatwg.org/#cors-check\ncases:\n{written}");
            let suites = load_files([("cases/browser/a.yaml", text.clone())]);
            let suites = suites.unwrap_or_else(|problems| panic!("{problems}\n{text}"));
            let read = &suites[0].cases[0];
            for (read, drawn) in read.steps.iter().zip(&case.steps) {
                assert_eq!((&read.request, &read.responses), (&drawn.request, &drawn.responses), "{text}");
            }
        }
    }
}
