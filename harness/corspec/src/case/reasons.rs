//! The codes of the reasons that a case can name, with the stages at which each can decide.

use super::model::Stage::{self, Actual, Preflight, Redirect, Request};

/// The table of `cases/README.md`.
const REASONS: &[(&str, &[Stage])] = &[
    ("url-invalid", &[Request]),
    ("url-has-credentials", &[Request]),
    ("method-invalid", &[Request]),
    ("method-forbidden", &[Request]),
    ("method-not-safelisted", &[Request]),
    ("header-invalid", &[Request]),
    ("body-not-permitted", &[Request]),
    ("stream-body-mode", &[Request]),
    ("no-cors-redirect-mode", &[Request]),
    ("same-origin-mode", &[Request, Redirect]),
    ("scheme-not-http", &[Request, Redirect]),
    ("bad-port", &[Request, Redirect]),
    ("network-error", &[Preflight, Actual]),
    ("proxy-authentication-required", &[Preflight, Actual]),
    ("allow-origin-missing", &[Preflight, Actual]),
    ("allow-origin-multiple", &[Preflight, Actual]),
    ("allow-origin-wildcard-with-credentials", &[Preflight, Actual]),
    ("allow-origin-invalid", &[Preflight, Actual]),
    ("allow-origin-mismatch", &[Preflight, Actual]),
    ("allow-credentials-not-true", &[Preflight, Actual]),
    ("preflight-redirect", &[Preflight]),
    ("preflight-status", &[Preflight]),
    ("allow-methods-invalid", &[Preflight]),
    ("allow-headers-invalid", &[Preflight]),
    ("method-not-allowed", &[Preflight]),
    ("header-not-allowed", &[Preflight]),
    ("wildcard-excludes-authorization", &[Preflight]),
    ("redirect-mode-error", &[Redirect]),
    ("redirect-location-invalid", &[Redirect]),
    ("redirect-limit", &[Redirect]),
    ("redirect-has-credentials", &[Redirect]),
    ("redirect-stream-body", &[Redirect]),
    ("cross-origin-resource-policy", &[Actual]),
    ("keepalive-stream", &[Request]),
    ("keepalive-too-large", &[Request]),
    ("mixed-content", &[Request, Redirect]),
    ("local-network-access", &[Request, Redirect]),
    ("web-socket-refused", &[Actual]),
];

/// Every code, in the order of the table.
pub(super) fn codes() -> impl Iterator<Item = &'static str> {
    REASONS.iter().map(|(code, _)| *code)
}

/// The stages at which a reason can decide; nothing for what is no reason's code.
pub(super) fn stages(code: &str) -> Option<&'static [Stage]> {
    REASONS.iter().find(|(known, _)| *known == code).map(|(_, stages)| *stages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_one_that_case_authors_read() {
        let readme = include_str!("../../../../cases/README.md");
        let (_, table) = readme.split_once("| code | stages | when |").unwrap();
        let described: Vec<(String, String)> = table
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'))
            .map(|line| {
                let mut cells = line.split('|').skip(1).map(|cell| cell.trim().trim_matches('`').to_owned());
                (cells.next().unwrap(), cells.next().unwrap())
            })
            .collect();
        let known: Vec<(String, String)> = REASONS
            .iter()
            .map(|(code, stages)| {
                let stages: Vec<&str> = stages.iter().map(|stage| stage.as_str()).collect();
                ((*code).to_owned(), stages.join(", "))
            })
            .collect();
        assert_eq!(known, described);
    }
}
