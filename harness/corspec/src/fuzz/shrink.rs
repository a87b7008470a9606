//! What is left of an experiment when something is left out.

use crate::case::{Case, Credentials, Initiator, Mode, Redirect, Step};

/// Every case that is simpler by one thing, the largest things first.
pub fn simpler(case: &Case) -> Vec<Case> {
    let mut cases = Vec::new();
    for index in 0..case.steps.len() {
        if case.steps.len() > 1 {
            let mut fewer = case.clone();
            fewer.steps.remove(index);
            cases.push(fewer);
        }
    }
    for (index, step) in case.steps.iter().enumerate() {
        cases.extend(simpler_steps(step).into_iter().map(|simpler| {
            let mut case = case.clone();
            case.steps[index] = simpler;
            case
        }));
    }
    cases
}

fn simpler_steps(step: &Step) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut change = |change: &dyn Fn(&mut Step)| {
        let mut changed = step.clone();
        change(&mut changed);
        if changed != *step {
            steps.push(changed);
        }
    };
    for index in 0..step.responses.len() {
        change(&|step| drop(step.responses.remove(index)));
    }
    for index in 0..step.request.headers.len() {
        change(&|step| drop(step.request.headers.remove(index)));
    }
    for (index, response) in step.responses.iter().enumerate() {
        for line in 0..response.header_lines.len() {
            change(&|step| drop(step.responses[index].header_lines.remove(line)));
        }
    }
    change(&|step| step.request.body = None);
    change(&|step| step.request.credentials = Credentials::SameOrigin);
    change(&|step| step.request.mode = Mode::Cors);
    change(&|step| step.request.redirect = Redirect::Follow);
    change(&|step| {
        if step.request.initiator.is_scripted() {
            step.request.initiator = Initiator::Fetch;
        }
    });
    for method in ["GET", "POST", "PUT"] {
        let simpler = ["GET", "POST", "PUT"].iter().position(|known| *known == step.request.method);
        let rank = ["GET", "POST", "PUT"].iter().position(|known| *known == method);
        if simpler.is_none_or(|now| rank.is_some_and(|rank| rank < now)) {
            change(&|step| step.request.method = method.to_owned());
        }
    }
    for (index, response) in step.responses.iter().enumerate() {
        if !(300..400).contains(&response.status) {
            change(&|step| step.responses[index].status = 200);
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::draw;

    /// Follows the first simpler case for as long as there is one.
    #[test]
    fn shrinking_comes_to_an_end() {
        for index in 0..50 {
            let mut case = draw(3, index);
            let mut steps = 0;
            while let Some(next) = simpler(&case).into_iter().next() {
                case = next;
                steps += 1;
                assert!(steps < 500, "{case:?}");
            }
            assert_eq!(case.steps.len(), 1);
            assert!(case.steps[0].request.headers.is_empty() && case.steps[0].responses.is_empty());
        }
    }
}
