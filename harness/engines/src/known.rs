//! In what each engine is known to differ from the standard where no profile of the case says so yet.

use corspec::select::Selection;
use serde::Deserialize;

use crate::engine::Engine;
use crate::run::{CaseResult, Verdict};

/// The list that comes along.
const LIST: &str = include_str!("../known.yaml");

/// A way in which an engine differs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    engine: String,
    cases: Vec<String>,
    why: String,
}

/// Marks what is known, and tells the patterns that match no difference any more.
///
/// # Errors
/// Where the list cannot be read.
pub fn mark(engine: Engine, results: &mut [CaseResult]) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let entries: Vec<Entry> = serde_yaml::from_str(LIST)?;
    let mut stale = Vec::new();
    for entry in entries.iter().filter(|entry| entry.engine == engine.name()) {
        for pattern in &entry.cases {
            let selection = Selection::new([pattern], None)?;
            let mut matched = false;
            for result in results.iter_mut() {
                let Some((suite, id)) = result.case.split_once('/') else { continue };
                let differs = matches!(result.verdict, Verdict::Disagree | Verdict::Noted | Verdict::Known);
                if differs && selection.selects("", suite, id) {
                    matched = true;
                    result.verdict = Verdict::Known;
                    result.message = Some(entry.why.clone());
                }
            }
            if !matched {
                stale.push(pattern.clone());
            }
        }
    }
    Ok(stale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_read() {
        let entries: Vec<Entry> = serde_yaml::from_str(LIST).unwrap();
        for entry in entries {
            assert!(Engine::ALL.iter().any(|engine| engine.name() == entry.engine), "{}", entry.engine);
            assert!(!entry.cases.is_empty() && !entry.why.is_empty());
        }
    }
}
