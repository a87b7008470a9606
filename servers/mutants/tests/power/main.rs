//! The power of the suite: every wrong server is caught, and no right one is accused.

use std::collections::BTreeSet;
use std::sync::Arc;

use corspec::builtin;
use corspec::record::{CaseResult, Line};
use corspec::run::{Bench, Plan, run};
use corspec::subject::Subject;
use corspec_server_mutants::{Class, mutants, right_servers};

/// How many of the mutants that poison caches nothing catches: one shows only in a cache that keeps answers to OPTIONS, which
/// RFC 9110 forbids. Fewer is news as much as more.
const POISONERS_THAT_SURVIVE: usize = 1;

/// The results that make a run of the server suites fail, up to the first where `fail_fast`.
async fn failures(bench: &Arc<Bench>, plan: &Arc<Plan>, subject: Subject) -> Vec<CaseResult> {
    let mut failures = Vec::new();
    run(bench, plan, &[subject], Vec::new(), |line| {
        if let Line::Result(result) = line
            && result.fails()
        {
            failures.push((**result).clone());
        }
        true
    })
    .await;
    failures
}

fn plan(fail_fast: bool) -> Arc<Plan> {
    let mut plan = Plan::new(builtin::suites().expect("the built-in cases load"));
    plan.fail_fast = fail_fast;
    Arc::new(plan)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_right_server_is_accused() {
    let plan = plan(false);
    let bench = Arc::new(Bench::start(plan.options.clone()).await.unwrap());
    let mut accused = Vec::new();
    for right in right_servers() {
        let failures = failures(&bench, &plan, Subject::server(right.id, right.server())).await;
        accused.extend(
            failures.iter().map(|result| format!("{}: {} {}", right.id, result.case, result.verdict)),
        );
    }
    assert!(right_servers().len() >= 12);
    assert!(accused.is_empty(), "{}", accused.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_server_is_caught() {
    let plan = plan(true);
    let bench = Arc::new(Bench::start(plan.options.clone()).await.unwrap());
    let mut survivors = BTreeSet::new();
    let (mut caught, mut poisoners) = (0, 0);
    for mutant in mutants() {
        if failures(&bench, &plan, Subject::server(mutant.id, mutant.server())).await.is_empty() {
            match mutant.class {
                Class::CachePoisoning => poisoners += 1,
                _ => _ = survivors.insert(mutant.id),
            }
        } else {
            caught += 1;
        }
    }
    println!("{caught} of {} mutants are caught", mutants().len());
    assert!(mutants().len() >= 180);
    assert_eq!(survivors, BTreeSet::new());
    assert_eq!(poisoners, POISONERS_THAT_SURVIVE);
}
