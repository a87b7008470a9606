//! Whose rules the model follows.

use std::time::Duration;

/// The standard, or an engine: the standard with that engine's deviations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Profile {
    /// The Fetch standard to the letter.
    #[default]
    Fetch,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 1] = [Self::Fetch];

    /// The name on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
        }
    }

    /// The profile of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    /// The longest time for which a preflight is remembered: the standard imposes none.
    pub(crate) const fn max_age_limit(self) -> Duration {
        match self {
            Self::Fetch => Duration::MAX,
        }
    }
}
