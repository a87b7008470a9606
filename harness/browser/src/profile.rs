//! Whose rules the model follows.

use std::time::Duration;

use crate::deviation::Deviation;

/// The standard, or an engine: the standard with that engine's [`Deviation`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Profile {
    /// The Fetch standard to the letter.
    #[default]
    Fetch,
    /// Blink, as Chromium has it.
    Chromium,
    /// Gecko, as Firefox has it.
    Firefox,
    /// WebKit, as WebKitGTK has it.
    WebKit,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 4] = [Self::Fetch, Self::Chromium, Self::Firefox, Self::WebKit];

    /// The name on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// The profile of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    /// The version of the engine that the profile was held against; none for the standard.
    pub const fn engine_version(self) -> Option<&'static str> {
        match self {
            Self::Fetch => None,
            Self::Chromium => Some("Chromium 156.0.8078.108"),
            Self::Firefox => Some("Firefox 153.7.0esr"),
            Self::WebKit => Some("WebKitGTK 2.50.6"),
        }
    }

    /// Whether the profile departs from the standard in this way.
    pub const fn has(self, deviation: Deviation) -> bool {
        const SETS: [u128; 4] = [
            Deviation::set_of(Profile::Fetch),
            Deviation::set_of(Profile::Chromium),
            Deviation::set_of(Profile::Firefox),
            Deviation::set_of(Profile::WebKit),
        ];
        SETS[self as usize] & (1 << deviation as u128) != 0
    }

    /// The ways in which the profile departs from the standard.
    pub fn deviations(self) -> impl Iterator<Item = Deviation> {
        Deviation::ALL.iter().copied().filter(move |&deviation| self.has(deviation))
    }

    /// The longest time for which a preflight is remembered: the standard imposes none.
    pub const fn max_age_limit(self) -> Duration {
        match self {
            Self::Fetch => Duration::MAX,
            Self::Chromium => Duration::from_secs(7_200),
            Self::Firefox => Duration::from_secs(86_400),
            Self::WebKit => Duration::from_secs(600),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for profile in Profile::ALL {
            assert_eq!(Profile::from_name(profile.name()), Some(profile));
        }
        assert_eq!(Profile::from_name("safari"), None);
    }

    #[test]
    fn an_engine_has_a_version_and_departs_in_something() {
        for profile in Profile::ALL {
            let is_engine = profile != Profile::Fetch;
            let version = profile.engine_version();
            assert_eq!(
                version.is_some_and(|version| version.contains(|c: char| c.is_ascii_digit())),
                is_engine
            );
            assert_eq!(profile.deviations().next().is_some(), is_engine);
        }
    }

    #[test]
    fn the_standard_departs_from_itself_in_nothing() {
        assert_eq!(Profile::Fetch.deviations().count(), 0);
    }
}
