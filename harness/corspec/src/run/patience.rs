//! When to give up on a server that takes connections and never answers.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many policies in a row may go without an answer.
const LIMIT: usize = 3;

/// Counts the policies under which no control got an answer. Each costs the time that an exchange may take, and with a
/// server that hangs there would be no end of it.
#[derive(Debug, Default)]
pub(super) struct Patience(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    in_a_row: usize,
    spent: Option<String>,
}

impl Patience {
    /// There was an answer under one more policy.
    pub(super) fn answered(&self) {
        self.state().in_a_row = 0;
    }

    /// There was none, and why. Returns what to say of it; it is the same of the policies that are not asked for any more,
    /// since which those are depends on who came first.
    pub(super) fn unanswered(&self, failure: &str) -> String {
        let message = format!(
            "no answer came to the controls (after {LIMIT} policies in a row the server is not asked any more): {failure}"
        );
        let mut state = self.state();
        state.in_a_row += 1;
        if state.in_a_row >= LIMIT {
            state.spent.get_or_insert_with(|| message.clone());
        }
        message
    }

    /// What to say in place of asking again.
    pub(super) fn spent(&self) -> Option<String> {
        self.state().spent.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_spent_for_good() {
        let patience = Patience::default();
        patience.unanswered("timeout");
        patience.unanswered("timeout");
        patience.answered();
        for _ in 0..2 {
            patience.unanswered("timeout");
            assert_eq!(patience.spent(), None);
        }
        let message = patience.unanswered("timeout");
        patience.answered();
        assert_eq!(patience.spent(), Some(message));
    }
}
