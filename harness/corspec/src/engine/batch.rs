//! Many cases in one document, side by side: each marks its URLs, so that nothing is shared and every request finds its case.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::observe::{Witness, observe};
use super::page::{Batch, Instruction, Scene, outer_url};
use super::prepared::Prepared;
use super::proxy::{Task, marks};
use super::session::{STEP_PATIENCE, Session};
use super::told::Told;
use super::webdriver::DriverError;
use crate::browser::{NotPerformed, Performed};
use crate::case::Outcome;
use crate::wire::Client;

/// How many cases a document has under way at once.
const AT_ONCE: usize = 16;

/// What came of each case of a batch.
pub(super) type Results = Vec<Result<Vec<Performed>, NotPerformed>>;

impl Session {
    /// Performs cases side by side. `first` is a number that no mark has had yet, nor any of the numbers after it.
    pub(super) async fn perform_beside(
        &mut self,
        secure: bool,
        cases: &[&Prepared],
        client: &Client,
        first: u64,
    ) -> Result<Results, DriverError> {
        self.go(&outer_url(if secure { "https" } else { "http" }, 1)).await?;
        let mut tasks = Vec::with_capacity(cases.len());
        let mut scenes = Vec::with_capacity(cases.len());
        for (number, prepared) in (first..).zip(cases) {
            let task = Arc::new(prepared.task(client));
            self.proxy.admit(number, Arc::clone(&task));
            tasks.push(task);
            scenes.push(Scene { number, steps: instructions(prepared, number) });
        }
        let last = cases.iter().filter_map(|prepared| prepared.steps.last()).map(|step| step.at).max();
        let longest = cases.iter().map(|prepared| prepared.steps.len() as u32).max().unwrap_or_default();
        let patience = STEP_PATIENCE * 3 * longest
            + last.unwrap_or_default()
            + Duration::from_millis(250) * cases.len() as u32;
        let patience_of_page = STEP_PATIENCE.as_millis() as u64;
        let batch = Batch { cases: scenes, at_once: AT_ONCE, patience: patience_of_page };
        let told = self.perform(&batch, patience).await;
        for number in (first..).take(cases.len()) {
            self.proxy.dismiss(number);
        }
        let told = told?;
        let blocked = told.iter().flatten().flatten().any(|told| told.outcome.as_deref() == Some("block"));
        // What the console says of a request that went well gives no reason, and asking for it costs time.
        let console = if blocked { self.console().await? } else { Vec::new() };
        let mut lines = assign(console);
        let mut told = told.into_iter();
        let results = (first..).zip(cases).zip(&tasks).map(|((number, prepared), task)| {
            let told = told.next().flatten().unwrap_or_default();
            self.witness(prepared, task, &told, lines.remove(&number).unwrap_or_default())
        });
        Ok(results.collect())
    }

    fn witness(
        &self,
        prepared: &Prepared,
        task: &Task,
        told: &[Told],
        console: Vec<String>,
    ) -> Result<Vec<Performed>, NotPerformed> {
        let transcripts = task.transcripts();
        let blocked: Vec<usize> = (0..told.len())
            .filter(|&index| told[index].outcome.as_deref() == Some(Outcome::Block.as_str()))
            .collect();
        let missing = Told { failed: Some("the page says nothing of it".to_owned()), ..Told::default() };
        let mut performed = Vec::with_capacity(prepared.steps.len());
        for (index, transcript) in transcripts.iter().enumerate() {
            // Of several blocked steps the console does not tell which it speaks of.
            let console = if blocked == [index] { console.clone() } else { Vec::new() };
            let told = told.get(index).unwrap_or(&missing);
            performed.push(observe(
                self.engine,
                prepared,
                index,
                Witness { told, transcript, console, jar: None },
            )?);
        }
        Ok(performed)
    }
}

fn instructions(prepared: &Prepared, number: u64) -> Vec<Instruction> {
    let several = prepared.steps.len() > 1;
    let steps = prepared.case.steps.iter().zip(&prepared.steps);
    steps
        .map(|(step, ready)| {
            let mut instruction =
                Instruction::new(&step.request, &ready.asked.origin, &ready.asked.url, Some(number))
                    .begins(ready.at);
            instruction.alone = ready.alone;
            instruction.fresh = several && !step.request.initiator.is_scripted();
            instruction.announce = several || ready.alone;
            instruction.timed = step.expect.timing.is_some();
            instruction
        })
        .collect()
}

/// The console's lines by the number of the case: those that name a marked URL, and those that stand where a case has the
/// network to itself. The marks are taken out.
fn assign(console: Vec<String>) -> HashMap<u64, Vec<String>> {
    let mut lines: HashMap<u64, Vec<String>> = HashMap::new();
    let mut alone = None;
    for line in console {
        let number = marks(&line).next();
        if line.ends_with("begins\"") {
            alone = number;
        } else if line.ends_with("ends\"") {
            alone = None;
        } else if let Some(number) = number.or(alone) {
            lines.entry(number).or_default().push(without_marks(&line, number));
        }
    }
    lines
}

fn without_marks(line: &str, number: u64) -> String {
    line.replace(&format!("?--corspec--={number}"), "").replace(&format!("&--corspec--={number}"), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_find_their_case() {
        let lines = [
            "Access to fetch at 'https://a/?--corspec--=4' from origin",
            "https://corspec-1.test/ 1:1 \"--corspec--=5 begins\"",
            "Access to fetch at 'https://b/' from origin",
            "https://corspec-1.test/ 1:1 \"--corspec--=5 ends\"",
            "of nobody",
        ];
        let assigned = assign(lines.map(str::to_owned).into());
        assert_eq!(assigned[&4], ["Access to fetch at 'https://a/' from origin"]);
        assert_eq!(assigned[&5], ["Access to fetch at 'https://b/' from origin"]);
        assert_eq!(assigned.len(), 2);
    }
}
