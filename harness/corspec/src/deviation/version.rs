//! Versions, as servers say them.

use std::cmp::Ordering;

/// The numbers of a version. What follows them, such as `-rc.1`, is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version(Vec<u64>);

impl Version {
    /// Reads `2.8.6` or `v1.11`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('v').unwrap_or(text);
        let numbers = digits.split('.').map_while(|part| {
            let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part[..end].parse().ok().map(|number| (number, end == part.len()))
        });
        let mut version = Vec::new();
        for (number, is_whole) in numbers {
            version.push(number);
            if !is_whole {
                break;
            }
        }
        (!version.is_empty()).then_some(Self(version))
    }

    /// The last version in what a server says of its middleware, such as `@nestjs/core 12.5.1, cors 2.8.6`.
    pub(super) fn last_of(middleware: &str) -> Option<Self> {
        middleware.split([' ', ',']).rev().find_map(Self::parse)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.0.len().max(other.0.len());
        let padded = |version: &Self| {
            let mut numbers = version.0.clone();
            numbers.resize(length, 0);
            numbers
        };
        padded(self).cmp(&padded(other))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("cors 2.8.6", &[2, 8, 6])]
    #[case("@nestjs/core 12.5.1, cors 2.8.6", &[2, 8, 6])]
    #[case("github.com/rs/cors v1.11.1", &[1, 11, 1])]
    #[case("Flask-Cors 6.0.0rc1", &[6, 0, 0])]
    #[case("hono 5-beta.2", &[5])]
    #[case("vite", &[])]
    fn reads_what_servers_say(#[case] middleware: &str, #[case] version: &[u64]) {
        assert_eq!(Version::last_of(middleware).map_or_else(Vec::new, |version| version.0), version);
    }

    #[rstest]
    #[case("2.8.6", "2.10", Ordering::Less)]
    #[case("2.0", "2", Ordering::Equal)]
    #[case("v1.11.1", "1.11", Ordering::Greater)]
    fn compares(#[case] one: &str, #[case] other: &str, #[case] expected: Ordering) {
        assert_eq!(Version::parse(one).cmp(&Version::parse(other)), expected);
    }
}
