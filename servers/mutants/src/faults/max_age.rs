use crate::fault::Fault;
use crate::mutant::Mutant;
use crate::names::MAX_AGE;
use crate::reply::Edit;

/// How long a preflight may be remembered.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_blocks(
        "max-age-missing",
        "The time is never told, so browsers forget after five seconds.",
        "a forgotten header",
        Fault::OnPreflight(|_, reply| reply.cut(MAX_AGE)),
    ),
    Mutant::over_exposes(
        "max-age-zero-ignored",
        "Zero is taken for not set, so browsers remember for five seconds.",
        "A05: rs/cors, echo, fiber, gin, gorilla, koa, django, flask and others",
        Fault::Policy(|policy| policy.max_age = policy.max_age.filter(|&seconds| seconds != 0)),
    ),
    Mutant::over_exposes(
        "max-age-zero-is-the-default",
        "Zero is replaced by a default of ten minutes.",
        "A05, A08: zero as default",
        Fault::Policy(|policy| {
            if policy.max_age == Some(0) {
                policy.max_age = Some(600);
            }
        }),
    ),
    Mutant::over_blocks(
        "max-age-zero-always",
        "Nothing may be remembered, whatever the policy says.",
        "A06: php-cors",
        Fault::Policy(|policy| policy.max_age = policy.max_age.map(|_| 0)),
    ),
    Mutant::over_blocks(
        "max-age-negative",
        "The time is told as -1, which forbids remembering.",
        "A08: rs/cors, jub0bs/cors",
        Fault::OnPreflight(|_, reply| reply.reword(MAX_AGE, |_| "-1".into())),
    ),
    Mutant::over_exposes(
        "max-age-in-milliseconds",
        "The time is told in milliseconds.",
        "A10: units of time",
        Fault::Policy(|policy| policy.max_age = policy.max_age.map(|seconds| seconds * 1000)),
    ),
    Mutant::over_blocks(
        "max-age-in-minutes",
        "The time is told in minutes.",
        "A10: units of time",
        Fault::Policy(|policy| policy.max_age = policy.max_age.map(|seconds| seconds / 60)),
    ),
    Mutant::over_exposes(
        "max-age-a-day-always",
        "The time is a day, whatever the policy says.",
        "A05, A12: fixed times",
        Fault::Policy(|policy| policy.max_age = policy.max_age.map(|_| 86400)),
    ),
    Mutant::over_exposes(
        "max-age-ten-minutes-at-least",
        "Short times are raised to ten minutes.",
        "A07 in reverse: silent limits",
        Fault::Policy(|policy| policy.max_age = policy.max_age.map(|seconds| seconds.max(600))),
    ),
    Mutant::over_blocks(
        "max-age-ten-seconds-at-most",
        "Long times are cut to ten seconds.",
        "A07: gorilla caps silently",
        Fault::Policy(|policy| policy.max_age = policy.max_age.map(|seconds| seconds.min(10))),
    ),
    Mutant::over_exposes(
        "max-age-doubled",
        "The time is told twice as long, for two layers add theirs up.",
        "M07: two layers on top of one another",
        Fault::Policy(|policy| policy.max_age = policy.max_age.map(|seconds| seconds * 2)),
    ),
    Mutant::over_blocks(
        "max-age-with-a-unit",
        "The time is told with its unit, which is no number.",
        "A10: durations printed by the language",
        Fault::OnPreflight(|_, reply| reply.reword(MAX_AGE, |seconds| format!("{seconds}s"))),
    ),
    Mutant::over_blocks(
        "max-age-in-quotes",
        "The time is told in quotation marks.",
        "quoting in configuration files",
        Fault::OnPreflight(|_, reply| reply.reword(MAX_AGE, |seconds| format!("\"{seconds}\""))),
    ),
    Mutant::over_blocks(
        "max-age-on-actual-requests",
        "The time is told on all answers but the preflight's.",
        "A11: h3",
        Fault::Answer(|turn, reply| {
            reply.cut(MAX_AGE);
            if let Some(seconds) = turn.policy.max_age.filter(|_| turn.listed && !turn.preflight) {
                reply.put(MAX_AGE, seconds.to_string());
            }
        }),
    ),
];
