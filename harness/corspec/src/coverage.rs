//! Which rules of the model the cases reach, and which way each went.

use std::collections::{BTreeMap, HashSet};

use corspec_browser::{Profile, Rule};

use crate::case::Suite;
use crate::conformance::record_of_plan;
use crate::record::CaseResult;
use crate::run::Plan;
use crate::subject::Subject;

/// The ways in which no case can take a rule, each with its reason.
const OUT_OF_REACH: &[(Rule, bool, &str)] =
    &[(Rule::ModeIsNavigateOrWebSocket, false, "it is asked of forms and web sockets alone")];

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

/// The results that rules are looked for in: the cases of `cases/browser` by the rules of the standard and of every engine,
/// since some ways are an engine's alone.
///
/// # Errors
/// Where no port can be bound on loopback.
pub fn results(suites: Vec<Suite>) -> std::io::Result<Vec<CaseResult>> {
    let plan = Plan { profiles: Profile::ALL.to_vec(), ..Plan::new(suites) };
    Ok(record_of_plan(plan, &[Subject::scripted()])?.results)
}

/// Every rule of the model, in the order of the standard, with the cases that took it.
pub fn coverage(results: &[CaseResult]) -> Vec<Reached> {
    let mut ways: BTreeMap<(&str, bool), Way> = BTreeMap::new();
    let mut counted: HashSet<(&str, &str, bool)> = HashSet::new();
    for result in results {
        let mut taken: Vec<(&str, bool)> = result
            .steps
            .iter()
            .flat_map(|step| &step.trace)
            .map(|decision| (&*decision.rule, decision.holds))
            .collect();
        taken.sort_unstable();
        taken.dedup();
        for (rule, holds) in taken {
            let way = ways.entry((rule, holds)).or_default();
            way.cases += usize::from(counted.insert((&result.case, rule, holds)));
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
