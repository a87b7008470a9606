//! What the cases cost: how many requests reach a server that is right.

use std::collections::BTreeMap;
use std::sync::Arc;

use corspec::case::Suite;
use corspec::run::{Bench, Plan};
use corspec::subject::Subject;
use corspec_server_mutants::right_servers;

use crate::matrix;

/// The requests that each case, as `suite/id`, sends to a right server.
pub(crate) async fn exchanges(suites: Vec<Suite>) -> BTreeMap<String, usize> {
    let plan = Arc::new(Plan::new(suites));
    let bench = Arc::new(Bench::start(plan.options.clone()).await.expect("a port on loopback"));
    let right = right_servers().first().expect("there are right servers");
    let results = matrix::results(&bench, &plan, Subject::server(right.id, right.server())).await;
    let cost = results.into_iter().map(|result| {
        let exchanges = result.steps.iter().flat_map(|step| &step.exchanges);
        (result.case, exchanges.filter(|exchange| exchange.source.is_none()).count())
    });
    cost.collect()
}
