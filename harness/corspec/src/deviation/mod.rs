//! Known deviations of a server: listed with what was observed, why, and since when; one that no longer happens is told.

mod edit;
mod version;

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Deserializer};

use crate::record::{CaseResult, DeviationNote, Verdict};
use version::Version;

pub use edit::{EditError, Edited, update};

/// The known deviations of one server.
#[derive(Clone, Debug, Default)]
pub struct Deviations(Vec<Deviation>);

#[derive(Clone, Debug)]
struct Deviation {
    entry: Entry,
    glob: GlobMatcher,
}

/// One entry of `deviations.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// A glob over `suite/id`.
    case: String,
    observed: Observed,
    /// Nothing where nobody has written it yet.
    #[serde(default, deserialize_with = "class")]
    class: Option<Class>,
    /// Empty where nobody has written it yet.
    #[serde(default)]
    reason: String,
    #[serde(default, deserialize_with = "filled")]
    link: Option<String>,
    /// The version that it was seen in.
    seen: String,
    /// The first version of the middleware that does so, where that is known.
    #[serde(default, deserialize_with = "bound")]
    since: Option<Version>,
    /// The first version that does so no more.
    #[serde(default, deserialize_with = "bound")]
    until: Option<Version>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Observed {
    verdict: Verdict,
    /// The reason's code, where it was blocked.
    reason: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Class {
    Bug,
    ByDesign,
    CannotExpress,
}

/// What has not been written yet is an empty text, for a reader to fill in.
fn class<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Class>, D::Error> {
    match filled(deserializer)? {
        Some(text) => Class::deserialize(serde::de::value::StringDeserializer::new(text)).map(Some),
        None => Ok(None),
    }
}

fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.trim().is_empty()))
}

fn bound<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Version>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let version = Version::parse(&text).ok_or_else(|| {
        serde::de::Error::custom(format!("`{text}` is no version: write numbers, as in '2.8.6'"))
    })?;
    Ok(Some(version))
}

/// Why a list of deviations cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DeviationsError {
    /// It is no such list.
    #[error(
        "{path}: {error}\n  help: an entry is {{case: 'suite/id', observed: {{verdict: over-blocks, reason: CODE}}, class: bug|by-design|cannot-express, reason: TEXT, link: URL, seen: VERSION}}, and perhaps since: VERSION, until: VERSION"
    )]
    Yaml {
        /// Where it stands.
        path: String,
        /// What is wrong.
        error: serde_yaml::Error,
    },
    /// An entry's `case` is no glob.
    #[error("{path}: `{pattern}` is not a pattern: {error}")]
    Glob {
        /// Where it stands.
        path: String,
        /// The pattern.
        pattern: String,
        /// What is wrong.
        error: globset::Error,
    },
}

impl Deviations {
    /// Reads `deviations.yaml`; `path` is what errors call it. An empty file lists none.
    pub fn parse(path: &str, text: &str) -> Result<Self, DeviationsError> {
        let entries: Option<Vec<Entry>> = serde_yaml::from_str(text)
            .map_err(|error| DeviationsError::Yaml { path: path.to_owned(), error })?;
        let compile = |entry: Entry| {
            let glob = GlobBuilder::new(&entry.case).literal_separator(true).build().map_err(|error| {
                DeviationsError::Glob { path: path.to_owned(), pattern: entry.case.clone(), error }
            })?;
            Ok(Deviation { glob: glob.compile_matcher(), entry })
        };
        Ok(Self(entries.unwrap_or_default().into_iter().map(compile).collect::<Result<_, _>>()?))
    }

    /// Whether none is known.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of a middleware of that version: what a server says of its middleware. Where it says nothing, all of them.
    #[must_use]
    pub fn of_version(mut self, middleware: Option<&str>) -> Self {
        if let Some(version) = middleware.and_then(Version::last_of) {
            self.0.retain(|Deviation { entry, .. }| {
                entry.since.as_ref().is_none_or(|since| *since <= version)
                    && entry.until.as_ref().is_none_or(|until| version < *until)
            });
        }
        self
    }

    /// What is known of a result that fell short; a different wrong answer than the observed one is not known, and an entry
    /// that gives no reason explains nothing.
    pub fn explain(&self, result: &CaseResult) -> Option<DeviationNote> {
        let explains = |deviation: &&Deviation| deviation.entry.is_written() && deviation.is_seen_in(result);
        let entry = &self.0.iter().find(explains)?.entry;
        Some(DeviationNote {
            class: entry.class?.code().to_owned(),
            reason: format!("{} (seen in {})", entry.reason, entry.seen),
            link: entry.link.clone(),
        })
    }

    /// Why a case is expected to fall short, if it is.
    pub fn reason_for(&self, case: &str) -> Option<&str> {
        let entry = self.0.iter().find(|deviation| deviation.glob.is_match(case))?;
        Some(&entry.entry.reason)
    }

    /// The entries that do not say why.
    pub fn unwritten(&self) -> impl Iterator<Item = &str> {
        let unwritten = self.0.iter().filter(|deviation| !deviation.entry.is_written());
        unwritten.map(|deviation| &*deviation.entry.case)
    }

    /// The entries that no result is an instance of, each with what became of the cases that it names. Where none of these
    /// came to be compared, nothing is known of the entry.
    pub fn stale<'a>(&'a self, results: &'a [CaseResult]) -> impl Iterator<Item = (&'a str, String)> {
        self.stale_entries(results).map(|(index, what)| (&*self.0[index].entry.case, what))
    }

    fn stale_entries<'a>(&'a self, results: &'a [CaseResult]) -> impl Iterator<Item = (usize, String)> + 'a {
        self.0.iter().enumerate().filter_map(|(index, deviation)| {
            let named = || results.iter().filter(|result| deviation.glob.is_match(&result.case));
            let compared = named().filter(|result| result.outcome.is_some()).count();
            let what = match compared {
                _ if named().any(|result| deviation.is_seen_in(result)) => return None,
                0 if named().next().is_some() => return None,
                0 => "it names no case".to_owned(),
                1 => "the case that it names no longer ends that way".to_owned(),
                compared => format!("none of the {compared} cases that it names ends that way any more"),
            };
            Some((index, what))
        })
    }
}

impl Deviation {
    fn is_seen_in(&self, result: &CaseResult) -> bool {
        let observed = &self.entry.observed;
        result.verdict == observed.verdict
            && (observed.reason.is_none() || observed.reason == result.reason)
            && self.glob.is_match(&result.case)
    }
}

impl Entry {
    /// Whether somebody has said why.
    fn is_written(&self) -> bool {
        self.class.is_some() && !self.reason.trim().is_empty()
    }
}

impl Class {
    const fn code(self) -> &'static str {
        match self {
            Self::Bug => "bug",
            Self::ByDesign => "by-design",
            Self::CannotExpress => "cannot-express",
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn listed(more: &str) -> Deviations {
        let text = format!("- {{case: a/b, observed: {{verdict: over-blocks}}, seen: x 1, {more}}}\n");
        Deviations::parse("deviations.yaml", &text).unwrap()
    }

    #[rstest]
    #[case::written("class: bug, reason: it forgets", 0)]
    #[case::nothing("", 1)]
    #[case::empty("class: '', reason: '', link: ''", 1)]
    #[case::no_reason("class: bug, reason: ' '", 1)]
    #[case::no_class("reason: it forgets", 1)]
    fn what_says_no_reason_is_told(#[case] more: &str, #[case] unwritten: usize) {
        assert_eq!(listed(more).unwritten().count(), unwritten);
    }

    #[rstest]
    #[case::always("", "cors 2.8.6", true)]
    #[case::since("since: '2.8'", "cors 2.8.6", true)]
    #[case::not_yet("since: '2.9'", "cors 2.8.6", false)]
    #[case::until("until: '2.9'", "cors 2.8.6", true)]
    #[case::no_more("until: '2.8.6'", "cors 2.8.6", false)]
    #[case::between("since: v1.0, until: v3", "cors v2.8.6", true)]
    #[case::unknown("until: '1'", "a middleware of our own", true)]
    fn an_entry_is_of_some_versions(#[case] bounds: &str, #[case] middleware: &str, #[case] kept: bool) {
        let deviations = listed(&format!("class: bug, reason: r, {bounds}"));
        assert_eq!(!deviations.of_version(Some(middleware)).is_empty(), kept);
    }

    #[test]
    fn a_bound_is_a_version() {
        let text = "- {case: a/b, observed: {verdict: over-blocks}, seen: x 1, until: soon}\n";
        let error = Deviations::parse("deviations.yaml", text).unwrap_err().to_string();
        assert!(error.contains("`soon` is no version"), "{error}");
    }
}
