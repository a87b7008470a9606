use std::fmt::Write as _;
use std::time::Duration;

/// What became of one server.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) name: String,
    pub(super) fate: Fate,
}

#[derive(Debug)]
pub(super) enum Fate {
    SetUp {
        took: Duration,
    },
    /// It was before, or there is nothing to do.
    Already,
    /// Its toolchain is not there.
    Missing {
        problem: String,
        install: String,
    },
    Failed {
        problem: String,
    },
}

/// What was done, and what was not and why; the failures come last, where they are seen.
pub(super) fn render(outcomes: &[Outcome]) -> String {
    let mut out = String::new();
    let missing = outcomes.iter().filter_map(|outcome| match &outcome.fate {
        Fate::Missing { problem, install } => Some((&outcome.name, problem, install)),
        _ => None,
    });
    for (name, problem, install) in missing {
        let problem = problem.lines().next().unwrap_or_default();
        let _ = writeln!(out, "no toolchain  {name}: {problem}\n              {install}");
    }
    let failed = outcomes.iter().filter_map(|outcome| match &outcome.fate {
        Fate::Failed { problem } => Some((&outcome.name, problem)),
        _ => None,
    });
    for (name, problem) in failed {
        let _ = writeln!(out, "\nfailed  {name}: {problem}\n  again: corspec servers setup {name}");
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let count = |is: fn(&Fate) -> bool| outcomes.iter().filter(|outcome| is(&outcome.fate)).count();
    let counts = [
        (count(|fate| matches!(fate, Fate::SetUp { .. })), "set up"),
        (count(|fate| matches!(fate, Fate::Already)), "already set up"),
        (count(|fate| matches!(fate, Fate::Missing { .. })), "without their toolchain"),
        (count(|fate| matches!(fate, Fate::Failed { .. })), "failed"),
    ];
    let told: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let slowest = outcomes.iter().filter_map(|outcome| match outcome.fate {
        Fate::SetUp { took } => Some((took, &outcome.name)),
        _ => None,
    });
    let _ = write!(out, "{}", told.join(", "));
    if let Some((took, name)) = slowest.max().filter(|_| outcomes.len() > 1) {
        let _ = write!(out, "; {name} took longest, {}", seconds(took));
    }
    out.push('\n');
    out
}

/// `0.4 s`, `12 s`, `3 min 5 s`
pub(super) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(name: &str, fate: Fate) -> Outcome {
        Outcome { name: name.to_owned(), fate }
    }

    #[test]
    fn says_what_failed_and_how_to_go_on() {
        let outcomes = [
            outcome("express-cors", Fate::SetUp { took: Duration::from_millis(3400) }),
            outcome("rs-cors", Fate::SetUp { took: Duration::from_secs(75) }),
            outcome("flask-cors", Fate::Already),
            outcome(
                "wai-cors",
                Fate::Missing {
                    problem: "cannot run `ghc`: No such file or directory\n  more".to_owned(),
                    install: "apt-get install ghc".to_owned(),
                },
            ),
            outcome(
                "quarkus",
                Fate::Failed { problem: "`./setup` failed (exit status: 1)\n    BUILD FAILURE".to_owned() },
            ),
        ];
        insta::assert_snapshot!("servers-setup", render(&outcomes));
    }

    #[test]
    fn of_one_it_says_little() {
        assert_eq!(render(&[outcome("x", Fate::SetUp { took: Duration::from_secs(12) })]), "1 set up\n");
    }
}
