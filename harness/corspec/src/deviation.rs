//! Known deviations of a server: listed with what was observed, why, and since when; one that no longer happens is told.

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;

use crate::record::{CaseResult, DeviationNote, Verdict};

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
    class: Class,
    reason: String,
    link: Option<String>,
    /// The version that it was seen in.
    seen: String,
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

/// Why a list of deviations cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DeviationsError {
    /// It is no such list.
    #[error(
        "{path}: {error}\n  help: an entry is {{case: 'suite/id', observed: {{verdict: over-blocks, reason: CODE}}, class: bug|by-design|cannot-express, reason: TEXT, link: URL, seen: VERSION}}"
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

    /// What is known of a result that fell short; a different wrong answer than the observed one is not known.
    pub fn explain(&self, result: &CaseResult) -> Option<DeviationNote> {
        let deviation = self.0.iter().find(|deviation| deviation.is_seen_in(result))?;
        let entry = &deviation.entry;
        Some(DeviationNote {
            class: entry.class.code().to_owned(),
            reason: format!("{} (seen in {})", entry.reason, entry.seen),
            link: entry.link.clone(),
        })
    }

    /// Why a case is expected to fall short, if it is.
    pub fn reason_for(&self, case: &str) -> Option<&str> {
        let entry = self.0.iter().find(|deviation| deviation.glob.is_match(case))?;
        Some(&entry.entry.reason)
    }

    /// The entries that no result is an instance of, each with what became of the cases that it names. Where none of these
    /// came to be compared, nothing is known of the entry.
    pub fn stale<'a>(&'a self, results: &'a [CaseResult]) -> impl Iterator<Item = (&'a str, String)> {
        self.0.iter().filter_map(|deviation| {
            let named = || results.iter().filter(|result| deviation.glob.is_match(&result.case));
            let compared = named().filter(|result| result.outcome.is_some()).count();
            let what = match compared {
                _ if named().any(|result| deviation.is_seen_in(result)) => return None,
                0 if named().next().is_some() => return None,
                0 => "it names no case".to_owned(),
                1 => "the case that it names no longer ends that way".to_owned(),
                compared => format!("none of the {compared} cases that it names ends that way any more"),
            };
            Some((&*deviation.entry.case, what))
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

impl Class {
    const fn code(self) -> &'static str {
        match self {
            Self::Bug => "bug",
            Self::ByDesign => "by-design",
            Self::CannotExpress => "cannot-express",
        }
    }
}
