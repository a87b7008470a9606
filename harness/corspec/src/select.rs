//! Which cases run: globs over `server/suite/id`, and shards.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use globset::{Glob, GlobMatcher};

/// The cases that a run is about. Empty: all of them.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    globs: Vec<(String, GlobMatcher)>,
    shard: Option<Shard>,
    exactly: Option<HashSet<String>>,
}

/// A pattern that is no glob.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{pattern}` is not a pattern: {error}\n  help: `*` stands for any characters but `/`, `**` for any at all, as in 'actix-cors/**' or '*/any-origin/*'"
)]
pub struct SelectionError {
    pattern: String,
    error: globset::Error,
}

impl Selection {
    /// The cases that any of the patterns matches. A pattern is held against `server/suite/id`, and for brevity also
    /// against `suite/id`, `suite` and `server`.
    pub fn new<S: AsRef<str>>(
        patterns: impl IntoIterator<Item = S>,
        shard: Option<Shard>,
    ) -> Result<Self, SelectionError> {
        let mut globs = Vec::new();
        for pattern in patterns {
            let pattern = pattern.as_ref();
            let glob = globset::GlobBuilder::new(pattern).literal_separator(true).build();
            let glob: Glob = glob.map_err(|error| SelectionError { pattern: pattern.to_owned(), error })?;
            globs.push((pattern.to_owned(), glob.compile_matcher()));
        }
        Ok(Self { globs, shard, exactly: None })
    }

    /// The cases of exactly these names, each `server/suite/id`.
    pub fn exactly(names: impl IntoIterator<Item = String>) -> Self {
        Self { exactly: Some(names.into_iter().collect()), ..Self::default() }
    }

    /// Whether a case of a server is selected.
    pub fn selects(&self, server: &str, suite: &str, id: &str) -> bool {
        if let Some(names) = &self.exactly {
            return names.contains(&format!("{server}/{suite}/{id}"));
        }
        self.matches(server, suite, id) && self.shard.is_none_or(|shard| shard.holds(server, suite, id))
    }

    /// Whether everything is selected.
    pub fn is_everything(&self) -> bool {
        self.globs.is_empty() && self.shard.is_none() && self.exactly.is_none()
    }

    /// The patterns that match none of these cases.
    pub fn unmatched<'a>(
        &self,
        cases: impl Iterator<Item = (&'a str, &'a str, &'a str)> + Clone,
    ) -> Vec<&str> {
        let misses =
            |glob: &GlobMatcher| !cases.clone().any(|(server, suite, id)| matches(glob, server, suite, id));
        self.globs.iter().filter(|(_, glob)| misses(glob)).map(|(pattern, _)| &**pattern).collect()
    }

    fn matches(&self, server: &str, suite: &str, id: &str) -> bool {
        self.globs.is_empty() || self.globs.iter().any(|(_, glob)| matches(glob, server, suite, id))
    }
}

fn matches(glob: &GlobMatcher, server: &str, suite: &str, id: &str) -> bool {
    glob.is_match(format!("{server}/{suite}/{id}"))
        || glob.is_match(format!("{suite}/{id}"))
        || glob.is_match(suite)
        || glob.is_match(server)
}

/// One of several equal parts of a run, written `I/N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    count: u64,
}

impl Shard {
    fn holds(self, server: &str, suite: &str, id: &str) -> bool {
        // FNV-1a: the same on every machine and in every version, as shards of one run on several machines must be.
        let hash =
            [server, "/", suite, "/", id].concat().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        hash % self.count == self.index - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no shard: write I/N with I from 1 to N, as in 2/3");
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        let (index, count) = (index.parse().map_err(|_| wrong())?, count.parse().map_err(|_| wrong())?);
        if index == 0 || index > count { Err(wrong()) } else { Ok(Self { index, count }) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("reference/any-origin/simple", true)]
    #[case("any-origin/simple", true)]
    #[case("any-origin", true)]
    #[case("any-origin/*", true)]
    #[case("reference", true)]
    #[case("reference/**", true)]
    #[case("*/any-origin/sim*", true)]
    #[case("reference/*", false)]
    #[case("simple", false)]
    #[case("actix-cors/**", false)]
    fn globs(#[case] pattern: &str, #[case] selected: bool) {
        let selection = Selection::new([pattern], None).unwrap();
        assert_eq!(selection.selects("reference", "any-origin", "simple"), selected);
    }

    #[test]
    fn a_pattern_without_any_match_is_named() {
        let selection = Selection::new(["a/*", "nothing/*"], None).unwrap();
        assert_eq!(selection.unmatched([("s", "a", "b")].into_iter()), ["nothing/*"]);
    }

    #[test]
    fn shards_hold_every_case_once() {
        let shards: Vec<Shard> = (1..=3).map(|index| format!("{index}/3").parse().unwrap()).collect();
        for id in 0..100 {
            let holding = shards.iter().filter(|shard| shard.holds("s", "suite", &id.to_string())).count();
            assert_eq!(holding, 1);
        }
    }

    #[rstest]
    #[case("0/2")]
    #[case("3/2")]
    #[case("1")]
    #[case("a/b")]
    #[case("1/0")]
    fn no_shards(#[case] text: &str) {
        assert!(text.parse::<Shard>().is_err());
    }
}
