//! How many results there are of each kind, server by server and suite by suite.

use std::collections::HashMap;

use crate::record::{CaseResult, Record, ServerInfo, Verdict};

/// What a result counts as: its verdict, except that a shortfall that is known or in an open case is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    /// As expected.
    Passed,
    /// A hole.
    OverExposes,
    /// A broken client.
    OverBlocks,
    /// The right outcome, wrongly reached.
    WrongReason,
    /// Fell short, and is a known deviation.
    Known,
    /// Fell short in a case that is open.
    Noted,
    /// The server cannot say the policy.
    Unsupported,
    /// The middleware rejects the policy.
    Refused,
    /// A pass would prove nothing.
    Inconclusive,
    /// The harness or the server broke.
    Error,
    /// The browser cannot do what the case asks for.
    NotPerformable,
    /// The server or the browser cannot run here.
    Unavailable,
}

impl Column {
    /// Every column, in the order of the tables.
    pub const ALL: [Self; 12] = [
        Self::Passed,
        Self::OverExposes,
        Self::OverBlocks,
        Self::WrongReason,
        Self::Known,
        Self::Noted,
        Self::Unsupported,
        Self::Refused,
        Self::Inconclusive,
        Self::Error,
        Self::NotPerformable,
        Self::Unavailable,
    ];

    /// The column that a result counts in.
    pub fn of(result: &CaseResult) -> Self {
        match result.verdict {
            Verdict::Inconclusive if result.deviation.is_some() => Self::Known,
            verdict if verdict.fell_short() && result.deviation.is_some() => Self::Known,
            verdict if verdict.fell_short() && result.level == "may" => Self::Noted,
            Verdict::Pass => Self::Passed,
            Verdict::OverExposes => Self::OverExposes,
            Verdict::OverBlocks => Self::OverBlocks,
            Verdict::WrongReason => Self::WrongReason,
            Verdict::Unsupported => Self::Unsupported,
            Verdict::Refused => Self::Refused,
            Verdict::NotPerformable => Self::NotPerformable,
            Verdict::Unavailable => Self::Unavailable,
            Verdict::Inconclusive => Self::Inconclusive,
            Verdict::Error => Self::Error,
        }
    }

    /// What stands above it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::OverExposes => "over-exposes",
            Self::OverBlocks => "over-blocks",
            Self::WrongReason => "wrong-reason",
            Self::Known => "known",
            Self::Noted => "noted",
            Self::Unsupported => "unsupported",
            Self::Refused => "refused",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
            Self::NotPerformable => "not-performable",
            Self::Unavailable => "unavailable",
        }
    }

    /// What it means, in few words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Passed => "as expected",
            Self::OverExposes => "a hole: the page may read, send or see what it should not",
            Self::OverBlocks => "a broken client: the page may not what it should",
            Self::WrongReason => "the right outcome, wrongly reached",
            Self::Known => "a known deviation",
            Self::Noted => "another way than the case's, and both are fine",
            Self::Unsupported => "the server has no way to say this policy",
            Self::Refused => "the server's middleware rejects this policy",
            Self::Inconclusive => "the group's controls ended alike, so a pass would prove nothing",
            Self::Error => "the harness or the server broke",
            Self::NotPerformable => "the browser has no way to do what the case asks for",
            Self::Unavailable => "the server or the browser cannot run here",
        }
    }

    /// Its sign, so that colour is never all that tells it apart.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Passed => "✓",
            Self::OverExposes => "▲",
            Self::OverBlocks => "▼",
            Self::WrongReason => "≠",
            Self::Known => "≈",
            Self::Noted => "·",
            Self::Unsupported => "–",
            Self::Refused => "⊘",
            Self::Inconclusive => "?",
            Self::Error => "✕",
            Self::NotPerformable => "∅",
            Self::Unavailable => "○",
        }
    }

    /// From the worst, 0, to a pass.
    pub const fn rank(self) -> usize {
        match self {
            Self::OverExposes => 0,
            Self::Error => 1,
            Self::OverBlocks => 2,
            Self::WrongReason => 3,
            Self::Inconclusive => 4,
            Self::Known => 5,
            Self::Noted => 6,
            Self::Refused => 7,
            Self::Unsupported => 8,
            Self::NotPerformable => 9,
            Self::Unavailable => 10,
            Self::Passed => 11,
        }
    }

    /// Whether it makes a run fail.
    pub const fn fails(self) -> bool {
        matches!(
            self,
            Self::OverExposes | Self::OverBlocks | Self::WrongReason | Self::Inconclusive | Self::Error
        )
    }
}

/// How many results there are in each column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; Column::ALL.len()]);

impl Counts {
    /// Counts results.
    pub fn of<'a>(results: impl IntoIterator<Item = &'a CaseResult>) -> Self {
        let mut counts = Self::default();
        for result in results {
            counts.0[Column::of(result) as usize] += 1;
        }
        counts
    }

    /// How many there are of one.
    pub const fn get(&self, column: Column) -> usize {
        self.0[column as usize]
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// How many make a run fail.
    pub fn failing(&self) -> usize {
        Column::ALL.into_iter().filter(|column| column.fails()).map(|column| self.get(column)).sum()
    }

    /// The worst column that holds any.
    pub fn worst(&self) -> Option<Column> {
        self.present().min_by_key(|column| column.rank())
    }

    /// The columns that hold any, in the order of the tables.
    pub fn present(&self) -> impl Iterator<Item = Column> {
        Column::ALL.into_iter().filter(|&column| self.get(column) > 0)
    }
}

/// A record, counted.
#[derive(Clone, Debug)]
pub struct Summary<'a> {
    /// The servers in the order of the record.
    pub rows: Vec<Row<'a>>,
    /// Over all servers.
    pub counts: Counts,
    /// The names of the suites, in the order of the record.
    pub suites: Vec<&'a str>,
}

/// A server and its results.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Its name.
    pub name: &'a str,
    /// What the record says of it.
    pub info: Option<&'a ServerInfo>,
    /// Its results by suite, both in the order of the record.
    pub suites: Vec<(&'a str, Vec<&'a CaseResult>)>,
    /// How many there are of each.
    pub counts: Counts,
}

impl<'a> Summary<'a> {
    /// Counts a record.
    pub fn of(record: &'a Record) -> Self {
        let mut rows: Vec<Row<'a>> = Vec::new();
        let mut row_of = HashMap::new();
        let mut suite_of = HashMap::new();
        let mut suites = Vec::new();
        for info in &record.servers {
            let row = *row_of.entry(&*info.name).or_insert_with(|| {
                rows.push(Row::new(&info.name));
                rows.len() - 1
            });
            rows[row].info = Some(info);
        }
        for result in &record.results {
            let row = *row_of.entry(&*result.server).or_insert_with(|| {
                rows.push(Row::new(&result.server));
                rows.len() - 1
            });
            let suite = *suite_of.entry((row, result.suite())).or_insert_with(|| {
                if !suites.contains(&result.suite()) {
                    suites.push(result.suite());
                }
                rows[row].suites.push((result.suite(), Vec::new()));
                rows[row].suites.len() - 1
            });
            rows[row].suites[suite].1.push(result);
        }
        for row in &mut rows {
            row.counts = Counts::of(row.suites.iter().flat_map(|(_, results)| results.iter().copied()));
        }
        Self { rows, counts: Counts::of(&record.results), suites }
    }

    /// The failing results, worst first, else in the order of the record.
    pub fn failures(&self) -> Vec<&'a CaseResult> {
        let mut failures: Vec<_> = self.results().filter(|result| Column::of(result).fails()).collect();
        failures.sort_by_key(|result| Column::of(result).rank());
        failures
    }

    /// The results, server by server and suite by suite.
    pub fn results(&self) -> impl Iterator<Item = &'a CaseResult> {
        self.rows.iter().flat_map(Row::results)
    }

    /// One sentence: what became of it all.
    pub fn sentence(&self) -> String {
        let (total, failing) = (self.counts.total(), self.counts.failing());
        let compared = total - self.untested();
        match (total, failing) {
            (0, _) => "Nothing ran.".to_owned(),
            _ if compared == 0 => "Nothing could be tested.".to_owned(),
            (_, 0) => match self.counts.get(Column::Known) {
                0 => format!("All {} as expected.", cases(compared)),
                known => {
                    format!("All {} as expected, {} by a known deviation.", cases(compared), thousands(known))
                }
            },
            _ => format!("{} of {} fell short.", thousands(failing), cases(compared)),
        }
    }

    fn untested(&self) -> usize {
        [Column::Unsupported, Column::Refused, Column::NotPerformable, Column::Unavailable]
            .map(|column| self.counts.get(column))
            .iter()
            .sum()
    }
}

impl<'a> Row<'a> {
    fn new(name: &'a str) -> Self {
        Self { name, info: None, suites: Vec::new(), counts: Counts::default() }
    }

    /// Its results, suite by suite.
    pub fn results(&self) -> impl Iterator<Item = &'a CaseResult> {
        self.suites.iter().flat_map(|(_, results)| results.iter().copied())
    }

    /// Whether nothing of it could be tested because it does not run here.
    pub fn is_unavailable(&self) -> bool {
        self.counts.get(Column::Unavailable) == self.counts.total()
    }

    /// What went wrong with it as a whole.
    pub fn problem(&self) -> Option<&'a str> {
        let told = self.info.and_then(|info| info.problem.as_deref());
        told.or_else(|| {
            self.results().find(|_| self.is_unavailable()).and_then(|result| result.message.as_deref())
        })
    }

    /// What it says of itself: middleware, framework, runtime.
    pub fn versions(&self) -> impl Iterator<Item = &'a str> {
        let hello = self.info.and_then(|info| info.hello.as_ref());
        hello.into_iter().flat_map(|hello| {
            [&hello.middleware, &hello.framework, &hello.runtime]
                .into_iter()
                .filter_map(|part| part.as_deref())
        })
    }
}

/// `1 case`, `1,204 cases`
pub(super) fn cases(count: usize) -> String {
    counted(count, "case")
}

/// A number and what it counts.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{} {what}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// `1,204`
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::report::sample;

    #[rstest]
    #[case(0, "0")]
    #[case(999, "999")]
    #[case(1204, "1,204")]
    #[case(1_000_000, "1,000,000")]
    fn numbers(#[case] number: usize, #[case] expected: &str) {
        assert_eq!(thousands(number), expected);
    }

    #[test]
    fn a_column_fails_where_its_results_do() {
        for result in &sample::record().results {
            assert_eq!(Column::of(result).fails(), result.fails(), "{}", result.case);
        }
    }

    #[test]
    fn every_result_is_counted_once() {
        let record = sample::record();
        let summary = Summary::of(&record);
        assert_eq!(summary.counts.total(), record.results.len());
        assert_eq!(summary.rows.iter().map(|row| row.counts.total()).sum::<usize>(), record.results.len());
        // The sample is of the model, which performs everything.
        let others = Column::ALL.iter().filter(|&&column| column != Column::NotPerformable);
        assert_eq!(summary.counts.present().count(), others.count());
    }

    #[test]
    fn nothing_is_never_a_pass() {
        assert_eq!(Summary::of(&Record::default()).sentence(), "Nothing ran.");
    }
}
