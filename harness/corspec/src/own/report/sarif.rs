//! SARIF 2.1.0, which code scanning reads.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::PolicyFile;
use crate::own::check::Checked;
use crate::own::finding::{Class, Finding};
use crate::report::printable::abridged;

/// A check as a SARIF log: one result a finding, in the file that says what was wanted.
pub fn sarif(checked: &Checked, file: PolicyFile<'_>) -> Value {
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    for finding in &checked.findings {
        rules.entry(finding.cause.code()).or_insert_with(|| rule(finding));
    }
    let index: Vec<&str> = rules.keys().copied().collect();
    let results: Vec<Value> = checked.findings.iter().map(|finding| result(finding, file, &index)).collect();
    let notifications: Vec<Value> = checked
        .troubles
        .iter()
        .map(|trouble| {
            let text = format!("{} {}", abridged(&trouble.seen, 600), trouble.help);
            json!({"level": if trouble.fatal { "error" } else { "warning" }, "message": {"text": text}})
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "corspec",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://github.com/corspec/corspec",
                "rules": rules.into_values().collect::<Vec<_>>(),
            }},
            "invocations": [{"executionSuccessful": checked.ran(), "toolExecutionNotifications": notifications}],
            "results": results,
        }],
    })
}

fn rule(finding: &Finding) -> Value {
    json!({
        "id": finding.cause,
        "shortDescription": {"text": finding.class.heading()},
        "fullDescription": {"text": finding.why},
        "helpUri": finding.anchor,
        "defaultConfiguration": {"level": level(finding.class)},
    })
}

fn result(finding: &Finding, file: PolicyFile<'_>, rules: &[&str]) -> Value {
    let text = format!("{} {} Mend: {}", finding.title, finding.why, finding.way_out());
    json!({
        "ruleId": finding.cause,
        "ruleIndex": rules.iter().position(|rule| *rule == finding.cause.code()),
        "level": level(finding.class),
        "message": {"text": abridged(&text, 1000)},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(file.path)},
            "region": {"startLine": file.line(finding)},
        }}],
        "partialFingerprints": {"cause/v1": finding.cause},
        "properties": {"class": finding.class.code(), "cases": finding.cases.len()},
    })
}

const fn level(class: Class) -> &'static str {
    match class {
        Class::Open | Class::Blocked => "error",
        Class::Caches => "warning",
        Class::Untidy => "note",
    }
}

/// A path as a relative reference.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            b'\\' => out.push('/'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
