//! What came of a check or an audit, for a person, a build server, a review.
//!
//! Pure functions: whatever a server wrote passes through [`printable`](mod@crate::report::printable) and then through the
//! escaping of the format.

mod github;
mod human;
mod json;
mod junit;
mod markdown;
mod sarif;

pub use github::github;
pub use human::{Look, audited, human};
pub use json::{audit_json, json};
pub use junit::junit;
pub use markdown::markdown;
pub use sarif::sarif;

use super::cause::Cause;
use super::check::Checked;
use super::finding::{Class, Finding};
use crate::record::Verdict;

/// The file that findings are told of.
#[derive(Clone, Copy, Debug)]
pub struct PolicyFile<'a> {
    /// Its path.
    pub path: &'a str,
    /// What stands in it.
    pub text: &'a str,
}

impl PolicyFile<'_> {
    /// The line, from 1, of what the server does not do as it says.
    fn line(&self, finding: &Finding) -> usize {
        let key = match finding.cause {
            Cause::UnlistedMethod | Cause::MethodNotPermitted => "methods:",
            Cause::UnlistedHeader | Cause::HeaderNotPermitted | Cause::WildcardWithoutAuthorization => {
                "headers:"
            }
            Cause::ExposesMore | Cause::NotExposed => "expose:",
            Cause::CredentialsAllowed | Cause::CredentialsNotPermitted | Cause::CredentialsNotTrue => {
                "credentials:"
            }
            Cause::MaxAge => "max_age:",
            _ => "origins:",
        };
        let find = |key: &str| {
            self.text.lines().position(|line| !line.trim_start().starts_with('#') && line.contains(key))
        };
        find(key).or_else(|| find("policy:")).map_or(1, |index| index + 1)
    }
}

/// The sentence that sums a check up.
pub fn sentence(checked: &Checked) -> String {
    let count = |test: fn(&Finding) -> bool| checked.findings.iter().filter(|finding| test(finding)).count();
    let bad = count(|finding| finding.class != Class::Untidy);
    let untidy = count(|finding| finding.class == Class::Untidy);
    let compared = checked
        .record
        .results
        .iter()
        .filter(|result| result.verdict == Verdict::Pass || result.verdict.fell_short())
        .count();
    let without = checked.record.results.len() - compared;
    let mut sentence = if !checked.ran() {
        "Nothing could be checked".to_owned()
    } else if bad == 0 {
        format!("The server does what the policy says, in {compared} cases")
    } else {
        format!("{bad} {} in {compared} cases", if bad == 1 { "finding" } else { "findings" })
    };
    if untidy > 0 {
        sentence += &format!(", {untidy} merely untidy");
    }
    if without > 0 {
        sentence += &format!(", {without} without a verdict");
    }
    sentence + &format!(". {} requests.", checked.requests)
}

/// What was not sent, since nobody said that it may be.
fn untested(checked: &Checked) -> Option<String> {
    let routes: Vec<String> =
        checked.untested.iter().map(|(path, methods)| format!("{} {path}", methods.join(", "))).collect();
    (!routes.is_empty()).then(|| {
        format!(
            "Only asked with OPTIONS, never sent: {}. With may_write: true at the route they are sent, too.",
            routes.join("; ")
        )
    })
}
