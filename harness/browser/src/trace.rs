//! What a fetch decided, step by step.

use crate::rule::Rule;

/// The decisions of one fetch, in order. The bytes that they looked at share one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    decisions: Vec<Recorded>,
    inputs: Vec<u8>,
    deciding: Option<usize>,
}

/// One decision: what the rule looked at, and whether its clause holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// The rule.
    pub rule: Rule,
    /// The bytes that it looked at; empty where there was nothing to look at.
    pub input: &'a [u8],
    /// Whether the rule's clause is so.
    pub holds: bool,
    /// How many requests had been sent when it was taken.
    pub sent: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Recorded {
    rule: Rule,
    holds: bool,
    sent: u16,
    end: u32,
}

impl Trace {
    /// The decision that blocked the fetch, and its place in [`iter`](Self::iter).
    pub fn deciding(&self) -> Option<(usize, Decision<'_>)> {
        self.deciding.and_then(|index| Some((index, self.iter().nth(index)?)))
    }

    /// The decisions in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Decision<'_>> {
        self.decisions.iter().enumerate().map(|(index, recorded)| {
            let start = index.checked_sub(1).map_or(0, |before| self.decisions[before].end as usize);
            Decision {
                rule: recorded.rule,
                input: &self.inputs[start..recorded.end as usize],
                holds: recorded.holds,
                sent: usize::from(recorded.sent),
            }
        })
    }

    /// Records a decision and returns it.
    pub(crate) fn decide(&mut self, rule: Rule, sent: usize, input: &[u8], holds: bool) -> bool {
        self.inputs.extend_from_slice(&input[..input.len().min(MAX_INPUT)]);
        let end = u32::try_from(self.inputs.len()).unwrap_or(u32::MAX);
        self.decisions.push(Recorded { rule, holds, sent: u16::try_from(sent).unwrap_or(u16::MAX), end });
        holds
    }

    /// Marks the last decision as the one that blocked the fetch.
    pub(crate) fn mark_deciding(&mut self) {
        self.deciding = self.decisions.len().checked_sub(1);
    }

    pub(crate) fn with_capacity() -> Self {
        Self { decisions: Vec::with_capacity(32), inputs: Vec::with_capacity(256), deciding: None }
    }
}

/// A server may send a header of any length; what a person can read is shorter.
const MAX_INPUT: usize = 1024;
