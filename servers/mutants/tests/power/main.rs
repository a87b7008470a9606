//! The power of the suite: every wrong server is caught, and no right one is accused.

mod matrix;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    let matrix = Matrix::of(matrix::suites()).await;
    assert!(matrix.kills.len() >= 180);
    assert_eq!(matrix.survivors(), BTreeSet::new());
    assert_eq!(matrix.misjudged(), BTreeMap::new());
}
