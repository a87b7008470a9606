use std::fmt;

use corspec_protocol::Hello;

/// What came of holding a server against the contract.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckReport {
    /// The command that was run.
    pub command: String,
    /// Who was under test, if that came to be known.
    pub hello: Option<Hello>,
    /// How many questions were put to the server.
    pub checked: usize,
    /// What is against the contract.
    pub findings: Vec<Finding>,
    /// What could not be looked at, and what is allowed but worth knowing.
    pub notes: Vec<String>,
}

impl CheckReport {
    /// Whether the server keeps the contract, as far as it was looked at.
    pub fn passed(&self) -> bool {
        self.findings.is_empty() && self.hello.is_some() && self.checked > 0
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.hello.as_ref().map_or(self.command.as_str(), |hello| hello.name.as_str());
        writeln!(f, "{}", crate::printable::printable(name, 80))?;
        for finding in &self.findings {
            writeln!(f, "\n{finding}")?;
        }
        for note in &self.notes {
            writeln!(f, "\nnote: {note}")?;
        }
        let findings = self.findings.len();
        match findings {
            0 if self.passed() => write!(f, "\nkeeps the contract in all {} points", self.checked),
            1 => write!(f, "\nbreaks the contract in 1 of {} points", self.checked),
            _ => write!(f, "\nbreaks the contract in {findings} of {} points", self.checked),
        }
    }
}

/// One thing that a server does against the contract. All text is fit for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The part of the contract, in a word that stays.
    pub part: &'static str,
    /// What was wrong.
    pub problem: String,
    /// What the contract says.
    pub contract: String,
    /// What came.
    pub came: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What came may be a fault, which has lines of its own.
        let came = self.came.replace('\n', "\n  ");
        write!(f, "{}: {}\n  the contract: {}\n  came: {came}", self.part, self.problem, self.contract)
    }
}
