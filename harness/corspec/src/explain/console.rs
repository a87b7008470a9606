//! What the engines' consoles say, each about what that engine did.

use corspec_browser::{Profile, console};

use super::explanation::Console;
use super::question::Question;
use super::transcript::play;

/// The lines of each engine's console; an engine that says nothing is left out.
pub(super) fn consoles(question: &Question) -> Vec<Console> {
    let engines = Profile::ALL.into_iter().filter(|profile| *profile != Profile::Fetch);
    let said = engines.filter_map(|profile| {
        let played = play(&question.page, question.init.clone(), profile, &question.answers);
        if played.pending.is_some() {
            return None;
        }
        let lines = console(&played.outcome, profile, &question.page, &question.init);
        (!lines.is_empty()).then(|| Console { engine: profile.name(), lines })
    });
    said.collect()
}
