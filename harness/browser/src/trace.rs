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

    /// Records a decision that looked at a number.
    pub(crate) fn decide_number(&mut self, rule: Rule, sent: usize, input: u16, holds: bool) -> bool {
        self.decide(rule, sent, digits(usize::from(input), &mut [b'0'; 20]), holds)
    }

    /// Marks the last decision as the one that blocked the fetch.
    pub(crate) fn mark_deciding(&mut self) {
        self.deciding = self.decisions.len().checked_sub(1);
    }

    pub(crate) fn with_capacity() -> Self {
        Self { decisions: Vec::with_capacity(56), inputs: Vec::with_capacity(512), deciding: None }
    }
}

/// A number in decimal, without an allocation. The buffer holds zeros.
pub(crate) fn digits(mut number: usize, buffer: &mut [u8; 20]) -> &[u8] {
    let mut start = buffer.len();
    while start == buffer.len() || number > 0 {
        start -= 1;
        buffer[start] += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
    &buffer[start..]
}

/// A server may send a header of any length; what a person can read is shorter.
const MAX_INPUT: usize = 1024;

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, "0")]
    #[case(7, "7")]
    #[case(204, "204")]
    #[case(u16::MAX, "65535")]
    fn numbers_are_recorded_in_decimal(#[case] number: u16, #[case] digits: &str) {
        let mut trace = Trace::default();
        assert!(trace.decide_number(Rule::IsRedirectStatus, 0, number, true));
        assert_eq!(trace.iter().next().unwrap().input, digits.as_bytes());
    }
}
