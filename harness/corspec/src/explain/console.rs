//! What the engines' consoles say, each about what that engine did.

use corspec_browser::{Outcome, Profile};

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
        let lines = lines(&played.outcome, profile, question);
        (!lines.is_empty()).then(|| Console { engine: profile.name(), lines })
    });
    said.collect()
}

/// The one place where the texts come in: they are the engine profiles' to tell, and these do not tell any yet.
const fn lines(_outcome: &Outcome, _profile: Profile, _question: &Question) -> Vec<String> {
    Vec::new()
}
