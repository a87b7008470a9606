//! How a policy is written down in a framework: one text with placeholders a framework, in `harness/corspec/hints`.
//!
//! `{origins}` is a list in double quotes, `{origins'}` in single ones, `{origins,}` without quotes, `{origins|}` an alternative
//! of regular expressions, `{origins/}` regular expressions between slashes; so are `methods`, `headers` and `expose`. A line
//! that begins with `?max_age`, `?credentials`, `?headers`, `?expose` or `?patterns` stands only where the policy has such; one
//! that begins with `@origins`, `@methods`, `@headers` or `@expose` stands once for each entry. Above the text stand its title, the
//! response headers that give the framework away, how the text was tried, and by their cause's code the mistakes that are usual
//! in this framework.

use std::fmt;

use corspec_protocol::Policy;
use include_dir::{Dir, include_dir};

use super::cause::Cause;

static HINTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/hints");

/// A framework, a middleware or a server that writes CORS headers.
#[derive(Clone, Copy)]
pub struct Framework {
    name: &'static str,
    text: &'static str,
}

impl Framework {
    /// Every framework for which there is a hint, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        let mut all: Vec<Self> = HINTS
            .files()
            .filter_map(|file| {
                let name = file.path().file_stem()?.to_str()?;
                Some(Self { name, text: file.contents_utf8()? })
            })
            .collect();
        all.sort_by_key(|framework| framework.name);
        all.into_iter()
    }

    /// The framework of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|framework| framework.name == name)
    }

    /// The framework that response headers give away. Where several do, the one that is nearest to the handlers: a proxy in
    /// front of them says its name in `Server`, they say theirs in `X-Powered-By`.
    pub fn recognised(headers: &[(String, String)]) -> Option<Self> {
        let is_there = |line: &str| {
            line.split_once(": ").is_some_and(|(name, start)| {
                headers.iter().any(|(known, value)| {
                    known.eq_ignore_ascii_case(name)
                        && value.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
                })
            })
        };
        let says = |framework: &Self| {
            let lines = framework.field("header");
            lines.split("; ").all(is_there).then(|| usize::from(lines.starts_with("server: ")))
        };
        let found = Self::all().filter_map(|framework| Some((says(&framework)?, framework)));
        found.min_by_key(|(rank, _)| *rank).map(|(_, framework)| framework)
    }

    /// Its name in a command line.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Its name for a reader.
    pub fn title(self) -> &'static str {
        self.field("title")
    }

    /// Where the hint is from: a test that applies it, the server of this project that says the same in a program, or the
    /// framework's documentation.
    pub fn evidence(self) -> &'static str {
        self.field("evidence")
    }

    /// Whether a test applies the hint to the real thing.
    pub fn is_measured(self) -> bool {
        self.evidence().starts_with("tests/") || self.evidence().starts_with("examples/")
    }

    /// How the policy is written down in it.
    pub fn hint(self, policy: &Policy) -> String {
        let body = self.text.split_once("\n\n").map_or("", |(_, body)| body);
        let mut out = String::new();
        for line in body.lines() {
            write_line(&mut out, line, policy);
        }
        out
    }

    /// The mistake that usually leads to such a finding in it, where one is known.
    pub fn usual_mistake(self, cause: Cause, policy: &Policy) -> Option<String> {
        let text = self.field(cause.code());
        (!text.is_empty()).then(|| fill(text, policy))
    }

    fn field(self, name: &str) -> &'static str {
        let head = self.text.split_once("\n\n").map_or("", |(head, _)| head);
        let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_default().strip_prefix(' ').unwrap_or_default()
    }
}

impl PartialEq for Framework {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Framework {}

impl fmt::Debug for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

fn write_line(out: &mut String, line: &str, policy: &Policy) {
    let (condition, rest) = match line.split_once(' ') {
        Some((word, rest)) if word.starts_with(['?', '@']) => (word, rest),
        _ => ("", line),
    };
    let (mark, subject) = condition.split_at(condition.len().min(1));
    match (mark, subject) {
        // `@cors` and `@preflight` are words of Caddy's own.
        ("@", "origins" | "methods" | "headers" | "expose") => {
            for (number, entry) in entries(policy, subject).iter().enumerate() {
                let line = rest
                    .replace("{origin_regex}", &regex(entry))
                    .replace("{origin}", entry)
                    .replace("{method}", entry)
                    .replace("{header}", entry)
                    .replace("{number}", &(number + 1).to_string());
                push(out, &fill(&line, policy));
            }
        }
        ("?", subject) => {
            let stands = match subject {
                "max_age" => policy.max_age.is_some(),
                "credentials" => policy.credentials,
                "patterns" => policy.origins.iter().any(|origin| origin.contains("*.")),
                list => !entries(policy, list).is_empty(),
            };
            if stands {
                push(out, &fill(rest, policy));
            }
        }
        _ => push(out, &fill(line, policy)),
    }
}

fn push(out: &mut String, line: &str) {
    out.push_str(line.trim_end());
    out.push('\n');
}

fn fill(line: &str, policy: &Policy) -> String {
    let mut line = line.to_owned();
    for subject in ["origins", "methods", "headers", "expose"] {
        let entries = entries(policy, subject);
        let quoted = |quote: &str| {
            entries.iter().map(|entry| format!("{quote}{entry}{quote}")).collect::<Vec<_>>().join(", ")
        };
        let regexes: Vec<String> = entries.iter().map(|entry| regex(entry)).collect();
        let between_slashes =
            regexes.iter().map(|regex| format!("/^{}$/", regex.replace('/', "\\/"))).collect::<Vec<_>>();
        line = line
            .replace(&format!("{{{subject}}}"), &quoted("\""))
            .replace(&format!("{{{subject}'}}"), &quoted("'"))
            .replace(&format!("{{{subject},}}"), &entries.join(", "))
            .replace(&format!("{{{subject}/}}"), &between_slashes.join(", "))
            .replace(&format!("{{{subject}|}}"), &alternative(&regexes));
    }
    let lower: Vec<String> = policy.methods.iter().map(|method| method.to_ascii_lowercase()).collect();
    line.replace("{methods_lower}", &lower.join(" "))
        .replace("{credentials}", if policy.credentials { "true" } else { "false" })
        .replace("{Credentials}", if policy.credentials { "True" } else { "False" })
        .replace("{max_age}", &policy.max_age.unwrap_or_default().to_string())
}

fn alternative(regexes: &[String]) -> String {
    match regexes {
        [one] => one.clone(),
        several => format!("({})", several.join("|")),
    }
}

fn entries<'p>(policy: &'p Policy, subject: &str) -> &'p [String] {
    match subject {
        "origins" => &policy.origins,
        "methods" => &policy.methods,
        "headers" => &policy.headers,
        _ => &policy.expose,
    }
}

/// A regular expression, without anchors, for an entry of a policy's origins.
fn regex(entry: &str) -> String {
    if entry == "*" {
        return ".*".to_owned();
    }
    entry.replace('.', "\\.").replace('[', "\\[").replace(']', "\\]").replace("*\\.", "([a-z0-9-]+\\.)+")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy {
            origins: vec!["https://app.example".to_owned(), "https://*.apps.example".to_owned()],
            methods: vec!["GET".to_owned(), "PUT".to_owned()],
            headers: vec!["X-Token".to_owned()],
            expose: vec!["X-Request-Id".to_owned()],
            credentials: true,
            max_age: Some(600),
        }
    }

    #[test]
    fn hints() {
        let mut all = String::new();
        for framework in Framework::all() {
            all += &format!("==== {} ({}; {})\n", framework.name(), framework.title(), framework.evidence());
            all += &framework.hint(&policy());
        }
        insta::assert_snapshot!(all);
    }

    #[test]
    fn every_placeholder_is_filled() {
        let empty = Policy {
            origins: vec!["https://app.example".to_owned()],
            methods: Vec::new(),
            headers: Vec::new(),
            expose: Vec::new(),
            credentials: false,
            max_age: None,
        };
        for framework in Framework::all() {
            assert!(!framework.title().is_empty(), "{framework:?}");
            for policy in [policy(), empty.clone()] {
                let hint = framework.hint(&policy);
                let left =
                    ["{origin", "{method", "{headers", "{expose", "{credentials}", "{max_age}", "{number}"];
                for placeholder in left {
                    assert!(!hint.contains(placeholder), "{framework:?}: {placeholder} in\n{hint}");
                }
                assert!(hint.lines().all(|line| !line.starts_with('?')), "{hint}");
            }
        }
    }

    #[test]
    fn what_stands_above_a_hint_is_known() {
        for framework in Framework::all() {
            let head = framework.text.split_once("\n\n").map_or("", |(head, _)| head);
            for (name, _) in head.lines().map(|line| line.split_once(": ").unwrap()) {
                let known = ["title", "header", "evidence"].contains(&name) || Cause::named(name).is_some();
                assert!(known, "{framework:?}: {name}");
            }
        }
    }

    #[test]
    fn what_a_server_says_gives_it_away() {
        let says = |headers: &[(&str, &str)]| {
            let headers: Vec<_> =
                headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
            Framework::recognised(&headers).map(Framework::name)
        };
        assert_eq!(says(&[("server", "nginx/1.24.0"), ("x-powered-by", "Express")]), Some("express"));
        assert_eq!(says(&[("Server", "uvicorn")]), Some("fastapi"));
        assert_eq!(says(&[("server", "something")]), None);
        let secured =
            [("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"), ("X-XSS-Protection", "0")];
        assert_eq!(says(&secured), None);
        assert_eq!(says(&[secured[0], secured[1], ("Expires", "0")]), Some("spring-security"));
    }
}
