//! Which rules of the model the cases reach, and which way each went.

use std::collections::BTreeMap;

use corspec_browser::Rule;

use crate::record::CaseResult;

/// The ways in which no case can take a rule, each with its reason.
const OUT_OF_REACH: &[(Rule, bool, &str)] = &[
    (Rule::MaxAgeIsLimited, true, "the standard imposes no limit on max-age, and only engines do"),
    (Rule::KeepaliveBodyIsTooLarge, true, "the bodies that a case can have are small"),
    (Rule::ModeIsNavigateOrWebSocket, false, "it is asked of forms and web sockets alone"),
    (Rule::TargetIsNearer, true, LOCAL_NETWORK),
    (Rule::TargetIsNearer, false, LOCAL_NETWORK),
    (Rule::LocalNetworkIsPermitted, true, LOCAL_NETWORK),
    (Rule::LocalNetworkIsPermitted, false, LOCAL_NETWORK),
    (Rule::ScriptSetsConditions, true, HTTP_CACHE),
    (Rule::ScriptSetsConditions, false, HTTP_CACHE),
    (Rule::ResponseIsStored, true, HTTP_CACHE),
    (Rule::ResponseIsStored, false, HTTP_CACHE),
    (Rule::StoredResponseIsStale, true, HTTP_CACHE),
    (Rule::StoredResponseIsStale, false, HTTP_CACHE),
    (Rule::StoredResponseIsGood, true, HTTP_CACHE),
    (Rule::StoredResponseIsGood, false, HTTP_CACHE),
    (Rule::CookieIsSent, true, COOKIES),
    (Rule::CookieIsSent, false, COOKIES),
];

const LOCAL_NETWORK: &str = "local network access is an option that a case cannot switch on";
const HTTP_CACHE: &str = "a case cannot put an HTTP cache in between; the model's own tests do";
const COOKIES: &str = "a case cannot hold cookies; the model's own tests do";

/// The cases that took a rule each way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The rule.
    pub rule: Rule,
    /// How many cases found that its clause holds, and the first of them.
    pub holds: Way,
    /// How many cases found that it does not, and the first of them.
    pub fails: Way,
}

/// One way of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// How many cases took it.
    pub cases: usize,
    /// The first of them.
    pub first: Option<String>,
    /// Why none can.
    pub out_of_reach: Option<&'static str>,
}

impl Way {
    /// Whether a case is missing.
    pub const fn is_missing(&self) -> bool {
        self.cases == 0 && self.out_of_reach.is_none()
    }

    /// Whether a case took what is said to be out of reach.
    pub const fn is_stale(&self) -> bool {
        self.cases > 0 && self.out_of_reach.is_some()
    }
}

/// Every rule of the model, in the order of the standard, with the cases that took it.
pub fn coverage(results: &[CaseResult]) -> Vec<Reached> {
    let mut ways: BTreeMap<(&str, bool), Way> = BTreeMap::new();
    for result in results {
        let mut taken: Vec<(&str, bool)> = result
            .steps
            .iter()
            .flat_map(|step| &step.trace)
            .map(|decision| (&*decision.rule, decision.holds))
            .collect();
        taken.sort_unstable();
        taken.dedup();
        for way in taken {
            let way = ways.entry(way).or_default();
            way.cases += 1;
            way.first.get_or_insert_with(|| result.case.clone());
        }
    }
    let way = |rule: Rule, holds: bool| {
        let reason = OUT_OF_REACH.iter().find(|(known, way, _)| *known == rule && *way == holds);
        let out_of_reach = reason.map(|(_, _, reason)| *reason);
        Way { out_of_reach, ..ways.get(&(rule.code(), holds)).cloned().unwrap_or_default() }
    };
    Rule::ALL.iter().map(|&rule| Reached { rule, holds: way(rule, true), fails: way(rule, false) }).collect()
}
