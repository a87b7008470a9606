//! What every battery must be like.

use std::collections::HashSet;

use corspec_browser::Origin;
use rstest::rstest;

use super::*;
use crate::case::{Case, Level, Outcome, PageOrigin};

fn policy(origins: &[&str], credentials: bool) -> Policy {
    let strings = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Policy {
        origins: strings(origins),
        methods: strings(&["GET", "HEAD", "POST", "PUT"]),
        headers: strings(&["X-Token", "Content-Type"]),
        expose: strings(&["X-Request-Id"]),
        credentials,
        max_age: Some(600),
    }
}

fn cases(policy: &Policy, extent: Extent) -> Vec<(String, Case)> {
    let suites = battery("", policy, &Site::of_the_protocol(), extent).unwrap();
    suites
        .into_iter()
        .flat_map(|suite| suite.cases.into_iter().map(move |case| (suite.name.clone(), case)))
        .collect()
}

#[rstest]
#[case::exact(&["https://app.example"], true)]
#[case::port(&["http://localhost:3000", "https://app.example"], true)]
#[case::patterns(&["https://*.apps.example", "https://*.shops.example"], false)]
#[case::addresses(&["http://192.0.2.10:8080", "https://[2001:db8::2]"], true)]
#[case::null(&["null"], false)]
#[case::none(&[], false)]
#[case::any(&["*"], false)]
#[case::forbidden(&["*"], true)]
#[case::many(&["https://a.example", "https://b.example", "https://c.example", "https://d.example"], true)]
fn a_battery_is_made_of_sound_cases(#[case] origins: &[&str], #[case] credentials: bool) {
    let policy = policy(origins, credentials);
    let mut ids = HashSet::new();
    for (suite, case) in cases(&policy, Extent::Whole) {
        let kebab = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(
            case.id.bytes().all(kebab) && !case.id.starts_with('-') && !case.id.ends_with('-'),
            "{}",
            case.id
        );
        assert!(!case.why.is_empty() && !case.steps.is_empty(), "{}", case.id);
        for step in &case.steps {
            if let PageOrigin::Serialized(origin) = &step.request.origin {
                assert!(Origin::parse(origin).is_some(), "{origin}");
            }
        }
        assert!(ids.insert((suite, case.id.clone())), "{}", case.id);
    }
    let quick = cases(&policy, Extent::Quick).len();
    assert!(quick <= ids.len(), "{quick} of {}", ids.len());
}

#[rstest]
#[case(&["https://app.example"], true)]
#[case(&["https://*.apps.example"], false)]
#[case(&["*"], false)]
fn both_ends_of_a_policy_are_asked_for(#[case] origins: &[&str], #[case] credentials: bool) {
    for extent in [Extent::Whole, Extent::Quick] {
        let cases = cases(&policy(origins, credentials), extent);
        for outcome in [Outcome::Allow, Outcome::Block] {
            let binding = |(_, case): &&(String, Case)| {
                case.level == Level::Must && case.steps.iter().any(|step| step.expect.outcome == outcome)
            };
            assert!(cases.iter().filter(binding).count() > 3, "{outcome} {extent:?}");
        }
    }
}

#[test]
fn what_looks_like_a_listed_origin_is_kept_out() {
    let cases = cases(&policy(&["https://app.example"], true), Extent::Whole);
    for origin in [
        "https://app.example.evil.test",
        "https://evilapp.example",
        "https://evil.app.example",
        "https://appxexample",
        "http://app.example",
        "https://app.example:8443",
        "null",
    ] {
        let asked = |(_, case): &&(String, Case)| {
            case.steps.len() == 1
                && case.steps[0].request.origin == PageOrigin::Serialized(origin.to_owned())
                && case.steps[0].expect.outcome == Outcome::Block
        };
        assert!(cases.iter().filter(asked).count() >= 2, "{origin}");
    }
}

#[test]
fn what_another_entry_permits_is_not_kept_out() {
    let cases = cases(&policy(&["https://app.example", "https://evil.app.example"], false), Extent::Whole);
    let wrong = |(_, case): &&(String, Case)| {
        let first = &case.steps[0];
        first.request.origin == PageOrigin::Serialized("https://evil.app.example".to_owned())
            && case.id.starts_with("out-")
    };
    assert_eq!(cases.iter().filter(wrong).count(), 0);
}

#[test]
fn nothing_is_written_where_nothing_may_be() {
    let mut site = Site::of_the_protocol();
    site.serves_resource = false;
    site.routes.truncate(1);
    site.routes[0].may_write = false;
    let suites = battery("", &policy(&["https://app.example"], true), &site, Extent::Whole).unwrap();
    for case in suites.iter().flat_map(|suite| &suite.cases) {
        for step in &case.steps {
            let request = &step.request;
            let safe = matches!(&*request.method, "GET" | "HEAD" | "OPTIONS");
            assert!(safe || request.preflight_only, "{}: {}", case.id, request.method);
        }
    }
}

#[test]
fn a_policy_that_says_nothing_is_an_error() {
    let policy = policy(&["app.example"], false);
    assert_eq!(battery("", &policy, &Site::of_the_protocol(), Extent::Whole).unwrap_err().field(), "origins");
}
