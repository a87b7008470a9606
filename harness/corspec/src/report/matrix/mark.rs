//! What a result is to whoever uses the server, whether it is known or not.

use serde::{Deserialize, Serialize};

use crate::record::{CaseResult, Verdict};

/// What a result is to whoever uses the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// A page may read, send or see what it should not.
    Hole,
    /// The harness or the server broke.
    Error,
    /// A page is kept out by an answer that a cache holds for another.
    CacheFault,
    /// A page is kept from what it should have.
    BrokenClient,
    /// The right outcome with other details.
    Detail,
    /// A pass would prove nothing.
    Undecided,
    /// Another way than the case's, and both are fine.
    Noted,
    /// The middleware rejects the policy.
    Refused,
    /// The server cannot say the policy.
    Unsupported,
    /// As expected.
    Passed,
}

impl Mark {
    /// Every mark, from the worst.
    pub const ALL: [Self; 10] = [
        Self::Hole,
        Self::Error,
        Self::CacheFault,
        Self::BrokenClient,
        Self::Detail,
        Self::Undecided,
        Self::Noted,
        Self::Refused,
        Self::Unsupported,
        Self::Passed,
    ];

    /// The mark of a result; nothing where it could not run here.
    pub fn of(result: &CaseResult) -> Option<Self> {
        Some(match result.verdict {
            Verdict::Pass => Self::Passed,
            verdict if verdict.fell_short() && result.level == "may" => Self::Noted,
            Verdict::OverExposes => Self::Hole,
            Verdict::OverBlocks if came_from_a_cache(result) => Self::CacheFault,
            Verdict::OverBlocks => Self::BrokenClient,
            Verdict::WrongReason => Self::Detail,
            Verdict::Inconclusive => Self::Undecided,
            Verdict::Refused => Self::Refused,
            Verdict::Unsupported => Self::Unsupported,
            Verdict::Error => Self::Error,
            Verdict::Unavailable | Verdict::NotPerformable => return None,
        })
    }

    /// Its sign, so that colour is never all that tells it apart.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Hole => "▲",
            Self::Error => "✕",
            Self::CacheFault => "◆",
            Self::BrokenClient => "▼",
            Self::Detail => "≠",
            Self::Undecided => "?",
            Self::Noted => "·",
            Self::Refused => "⊘",
            Self::Unsupported => "–",
            Self::Passed => "✓",
        }
    }

    /// What stands above it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Hole => "holes",
            Self::Error => "errors",
            Self::CacheFault => "cache faults",
            Self::BrokenClient => "broken clients",
            Self::Detail => "details",
            Self::Undecided => "undecided",
            Self::Noted => "noted",
            Self::Refused => "refused",
            Self::Unsupported => "unsupported",
            Self::Passed => "passed",
        }
    }

    /// What it means, in few words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Hole => "a hole: a page reads, sends or sees what it should be kept from",
            Self::Error => "the server or the harness broke",
            Self::CacheFault => {
                "a cache fault: a page is kept out because a cache holds an answer that was made for another"
            }
            Self::BrokenClient => "a broken client: a page is kept from what it should have",
            Self::Detail => "the right outcome, with other details than it should have",
            Self::Undecided => {
                "pages that should differ are treated alike, so that a pass would prove nothing"
            }
            Self::Noted => "an open question, answered the other way",
            Self::Refused => {
                "the middleware rejects the policy, which for a dangerous one is the best answer"
            }
            Self::Unsupported => "the middleware has no way to say the policy",
            Self::Passed => "as expected",
        }
    }
}

/// Whether what the page was kept from was answered by a cache.
fn came_from_a_cache(result: &CaseResult) -> bool {
    let blocked = result.steps.iter().filter(|step| step.outcome == "block");
    let mut last = blocked.filter_map(|step| step.exchanges.last());
    last.any(|exchange| {
        matches!(exchange.source.as_deref(), Some("shared-cache" | "http-cache" | "validated"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_result_that_ran_has_one() {
        for result in &sample::record().results {
            assert_eq!(Mark::of(result).is_none(), result.verdict == Verdict::Unavailable, "{}", result.case);
        }
    }

    #[test]
    fn an_answer_from_a_cache_is_told_apart() {
        let mut record = sample::record();
        let blocked = record.results.iter_mut().find(|result| result.verdict == Verdict::OverBlocks).unwrap();
        assert_eq!(Mark::of(blocked), Some(Mark::BrokenClient));
        blocked.steps[0].exchanges[0].source = Some("shared-cache".to_owned());
        assert_eq!(Mark::of(blocked), Some(Mark::CacheFault));
    }
}
