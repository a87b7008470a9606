//! The power of the suite: every wrong server is caught, and no right one is accused.

mod cost;
mod matrix;
mod report;
mod scanners;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use corspec::battery::Extent;
use corspec::run::{Bench, Plan};
use corspec::subject::Subject;
use corspec_server_mutants::right_servers;

use matrix::Matrix;

#[tokio::test(flavor = "multi_thread")]
async fn no_right_server_is_accused() {
    let plan = Arc::new(Plan::new(matrix::suites()));
    let bench = Arc::new(Bench::start(plan.options.clone()).await.unwrap());
    let mut accused = Vec::new();
    for right in right_servers() {
        let results = matrix::results(&bench, &plan, Subject::server(right.id, right.server())).await;
        let failures = results.iter().filter(|result| result.fails());
        accused.extend(failures.map(|result| format!("{}: {} {}", right.id, result.case, result.verdict)));
    }
    assert!(right_servers().len() >= 12);
    assert!(accused.is_empty(), "{}", accused.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_server_is_caught() {
    let suites = matrix::suites();
    let matrix = Matrix::of(suites.clone()).await;
    assert!(matrix.kills.len() >= 180);
    assert_eq!(matrix.survivors(), BTreeSet::new());
    assert_eq!(matrix.misjudged(), BTreeMap::new());
    assert_eq!(matrix.idle(&suites), Vec::<String>::new());

    let alone = matrix.alone();
    for suite in suites.iter().filter(|suite| !matrix::is_derived(&suite.name)) {
        let is_needed = alone.contains_key(&*suite.name);
        assert!(
            is_needed || suite.guards.is_some(),
            "without {} nothing survives, and it does not say what it guards",
            suite.name
        );
    }

    let quick = matrix::derived(Extent::Quick);
    let names =
        quick.iter().flat_map(|suite| suite.cases.iter().map(|case| format!("{}/{}", suite.name, case.id)));
    let quick: BTreeSet<String> = names.collect();
    let exchanges = cost::exchanges(suites.clone()).await;
    let whole = matrix.tally(&exchanges, matrix::is_derived);
    let few = matrix.tally(&exchanges, |case| quick.contains(case));
    assert!(few.kills.len() * 100 >= whole.kills.len() * 95, "{} of {}", few.kills.len(), whole.kills.len());
    assert!(few.exchanges * 10 <= whole.exchanges, "{} of {}", few.exchanges, whole.exchanges);
    for (prefix, _) in matrix::policies() {
        let of = matrix.tally(&exchanges, |case| case.starts_with(prefix));
        assert!(of.exchanges < 2000, "{prefix}: {}", of.exchanges);
    }
    let scanned = scanners::Scanned::current().await;
    let (suites, matrix, quick, exchanges) = (&suites, &matrix, &quick, &exchanges);
    report::assert_current(&report::Power { suites, matrix, quick, exchanges, scanned: &scanned });
}
