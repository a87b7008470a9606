//! One page that holds everything: the matrix, every case, every byte that went over the wire. It asks the network for
//! nothing, and reads without script.

use std::borrow::Cow;
use std::collections::HashSet;

use askama::Template;
use corspec_browser::Rule;
use corspec_protocol::Policy;

use super::explain::{self, Key};
use super::printable::{abridged, printable, wire};
use super::summary::{Column, Counts, Row, Summary, cases, counted, thousands};
use super::terminal::CUT_OFF;
use super::{civil, reproduce};
use crate::record::{CaseResult, DecisionRecord, ExchangeRecord, Lines, Record, StepRecord};

/// The record as a page.
///
/// # Errors
///
/// If the template cannot be filled in, which no record leads to.
pub fn render(record: &Record) -> Result<String, askama::Error> {
    Page::of(record).render()
}

type Text<'a> = Cow<'a, str>;

/// Text of which some is code.
type Prose = Vec<Piece>;

struct Piece {
    text: String,
    code: bool,
}

/// How many characters of a header's value are shown.
const VALUE: usize = 240;

/// How many characters of a body are shown.
const BODY: usize = 120;

/// How many characters of what a rule looked at are shown.
const INPUT: usize = 80;

#[derive(Template)]
#[template(path = "report.html", whitespace = "minimize")]
struct Page<'a> {
    sentence: String,
    state: &'static str,
    cut_off: Option<&'static str>,
    facts: String,
    date: Option<String>,
    corspec: Text<'a>,
    standard: Text<'a>,
    standard_link: Option<String>,
    command: String,
    total: String,
    attention: Option<String>,
    chips: Vec<Chip>,
    worst: Vec<Worst>,
    further: Option<String>,
    heads: Vec<Head<'a>>,
    crowded: bool,
    /// In two halves that stand side by side, where there is room for that.
    matrix: Vec<Vec<MatrixRow<'a>>>,
    servers: Vec<Server<'a>>,
    algorithms: Vec<Algorithm>,
}

/// A kind of result: its place in the legend, in a filter, in a bar.
struct Chip {
    title: &'static str,
    sign: &'static str,
    meaning: &'static str,
    count: String,
    /// Of a bar, in per cent.
    share: String,
}

/// A failure, in the list at the top.
struct Worst {
    id: String,
    column: Column,
    name: String,
    headline: String,
}

/// A column of the matrix.
struct Head<'a> {
    id: String,
    name: Text<'a>,
}

struct MatrixRow<'a> {
    suite: Text<'a>,
    cells: Vec<Option<Cell>>,
}

struct Cell {
    id: String,
    state: &'static str,
    sign: &'static str,
    passed: usize,
    total: usize,
    title: String,
}

struct Server<'a> {
    id: String,
    name: Text<'a>,
    versions: String,
    homepage: Option<&'a str>,
    lacks: String,
    problem: Option<Text<'a>>,
    classes: String,
    bar: Vec<Chip>,
    suites: Vec<Suite<'a>>,
}

struct Suite<'a> {
    id: String,
    name: Text<'a>,
    classes: String,
    open: bool,
    counts: Vec<Chip>,
    spec: Option<&'a str>,
    policy: Vec<(&'static str, String)>,
    cases: Vec<Case<'a>>,
}

/// What the heading of a suite says once for its cases.
struct Shared<'a> {
    policy: bool,
    spec: &'a str,
}

struct Case<'a> {
    id: String,
    name: Text<'a>,
    column: Column,
    note: Vec<Text<'a>>,
    outcome: Text<'a>,
    why: Prose,
    headline: Option<Prose>,
    message: Vec<Text<'a>>,
    expected: String,
    happened: Option<String>,
    differences: Vec<(Text<'a>, Text<'a>, Text<'a>)>,
    known: Option<(Text<'a>, Text<'a>, Option<&'a str>)>,
    policy: Vec<(&'static str, String)>,
    sees: Option<String>,
    spec: Option<&'a str>,
    place: String,
    steps: Vec<Step<'a>>,
    rerun: String,
}

struct Step<'a> {
    heading: Option<String>,
    cookies: Vec<String>,
    console: Vec<Text<'a>>,
    script: String,
    exchanges: Vec<Exchange<'a>>,
    key: Option<Decided<'a>>,
    trace: Vec<Group<'a>>,
    routine: usize,
    curl: Option<String>,
}

struct Exchange<'a> {
    what: &'static str,
    request: String,
    sent: Vec<Line<'a>>,
    status: Option<u16>,
    source: Option<Text<'a>>,
    received: Vec<Line<'a>>,
    body: Text<'a>,
    failure: Option<Text<'a>>,
}

/// A header line: one that CORS turns on, the one that decided, or neither.
struct Line<'a> {
    tag: &'static str,
    name: Text<'a>,
    value: Text<'a>,
}

/// The decision to see first.
struct Decided<'a> {
    place: Text<'a>,
    clause: Text<'a>,
    holds: bool,
    link: Option<&'static str>,
    input: Text<'a>,
}

/// Decisions that one algorithm took in a row.
struct Group<'a> {
    algorithm: Text<'a>,
    anchor: Option<usize>,
    decisions: Vec<Decision<'a>>,
}

struct Decision<'a> {
    code: Text<'a>,
    holds: bool,
    key: bool,
    input: Text<'a>,
}

/// An algorithm of the standard, with those of its rules that a trace names.
struct Algorithm {
    index: usize,
    name: &'static str,
    link: &'static str,
    rules: Vec<Rule>,
}

impl<'a> Page<'a> {
    fn of(record: &'a Record) -> Self {
        let summary = Summary::of(record);
        let mut ids = Ids::default();
        let mut algorithms = Algorithms::default();
        let servers: Vec<_> =
            summary.rows.iter().map(|row| Server::of(row, &mut ids, &mut algorithms)).collect();
        let mut matrix: Vec<_> =
            summary.suites.iter().map(|suite| matrix_row(suite, &summary.rows, &servers)).collect();
        let half = if summary.rows.len() <= 4 && matrix.len() > 12 {
            matrix.len().div_ceil(2)
        } else {
            matrix.len()
        };
        let second = matrix.split_off(half);
        let mut worst = worst(&servers);
        let further = worst.len().saturating_sub(MAX_WORST);
        worst.truncate(MAX_WORST);
        let run = &record.run;
        let words = run.arguments.iter().map(|argument| reproduce::shell_word(argument));
        let command: Vec<_> = std::iter::once("corspec".to_owned()).chain(words).collect();
        Self {
            sentence: summary.sentence(),
            state: match summary.counts.worst() {
                Some(worst) if record.complete && worst.fails() => worst.title(),
                Some(_) if record.complete && summary.counts.get(Column::Passed) > 0 => {
                    Column::Passed.title()
                }
                _ => Column::Error.title(),
            },
            cut_off: (!record.complete).then_some(CUT_OFF),
            facts: format!(
                "{} in {} against {}",
                cases(summary.counts.total()),
                counted(summary.suites.len(), "suite"),
                counted(summary.rows.len(), "server")
            ),
            date: (run.started > 0).then(|| civil::utc(run.started)),
            corspec: printable(&run.corspec),
            standard: printable(&run.standard),
            standard_link: standard_link(&run.standard),
            command: abridged(&command.join(" "), 600).into_owned(),
            total: thousands(summary.counts.total()),
            attention: (summary.counts.failing() > 0).then(|| thousands(summary.counts.failing())),
            chips: chips(&summary.counts),
            crowded: summary.rows.len() > 6,
            heads: servers
                .iter()
                .map(|server| Head { id: server.id.clone(), name: server.name.clone() })
                .collect(),
            matrix: [matrix, second].into_iter().filter(|half| !half.is_empty()).collect(),
            further: (further > 0).then(|| thousands(further)),
            worst,
            servers,
            algorithms: algorithms.used(),
        }
    }
}

impl<'a> Server<'a> {
    fn of(row: &Row<'a>, ids: &mut Ids, algorithms: &mut Algorithms) -> Self {
        let hello = row.info.and_then(|info| info.hello.as_ref());
        let mut versions: Vec<_> = row.versions().map(printable).collect();
        versions.extend(hello.and_then(|hello| hello.language.as_deref()).map(printable));
        let lacks: Vec<_> =
            hello.iter().flat_map(|hello| &hello.lacks).map(|route| printable(route)).collect();
        Self {
            id: ids.unique(&[row.name]),
            name: abridged(row.name, 60),
            versions: versions.join(" · "),
            homepage: hello.and_then(|hello| explain::link(hello.homepage.as_deref()?)),
            lacks: lacks.join(", "),
            problem: row.problem().map(printable),
            classes: classes(&row.counts),
            bar: chips(&row.counts),
            suites: row
                .suites
                .iter()
                .map(|(name, results)| Suite::of(row, name, results, ids, algorithms))
                .collect(),
        }
    }
}

impl<'a> Suite<'a> {
    fn of(
        row: &Row<'a>,
        name: &'a str,
        results: &[&'a CaseResult],
        ids: &mut Ids,
        algorithms: &mut Algorithms,
    ) -> Self {
        let counts = Counts::of(results.iter().copied());
        let policy = results.first().and_then(|result| result.about.policy.as_ref());
        let spec = results.first().map(|result| &*result.about.spec);
        let shared = Shared {
            policy: results.iter().all(|result| result.about.policy.as_ref() == policy),
            spec: spec.unwrap_or_default(),
        };
        let worst = counts.worst().unwrap_or(Column::Unavailable);
        Self {
            id: ids.unique(&[row.name, name]),
            name: abridged(name, 80),
            classes: classes(&counts),
            open: worst.fails() || worst == Column::Known,
            counts: chips(&counts),
            spec: spec.and_then(explain::link),
            policy: policy.filter(|_| shared.policy).map(policy_words).unwrap_or_default(),
            cases: results.iter().map(|result| Case::of(result, &shared, ids, algorithms)).collect(),
        }
    }
}

impl<'a> Case<'a> {
    fn of(result: &'a CaseResult, shared: &Shared<'_>, ids: &mut Ids, algorithms: &mut Algorithms) -> Self {
        let column = Column::of(result);
        let about = &result.about;
        let profile = (!matches!(&*result.profile, "fetch" | "")).then_some(&*result.profile);
        let level = (result.level != "must").then_some(&*result.level);
        let case = result.case.split_once('/').map_or(&*result.case, |(_, id)| id);
        let last = result.steps.last();
        Self {
            id: ids.unique(
                &[result.server.as_str(), &result.case].into_iter().chain(profile).collect::<Vec<_>>(),
            ),
            name: abridged(case, 100),
            column,
            note: level.into_iter().chain(profile).map(printable).collect(),
            outcome: explain::outcome(result).unwrap_or_default(),
            why: prose(&about.why),
            headline: (column != Column::Passed).then(|| prose(&explain::headline(result))),
            message: explain::message(result).collect(),
            expected: explain::expected(result),
            happened: explain::happened(result),
            differences: explain::further_differences(result)
                .map(|difference| {
                    (
                        printable(&difference.what),
                        wire(&difference.expected, VALUE),
                        wire(&difference.actual, VALUE),
                    )
                })
                .collect(),
            known: result.deviation.as_ref().map(|note| {
                (
                    printable(&note.class),
                    printable(&note.reason),
                    note.link.as_deref().and_then(explain::link),
                )
            }),
            policy: about.policy.as_ref().filter(|_| !shared.policy).map(policy_words).unwrap_or_default(),
            sees: last.filter(|step| step.outcome == "allow").map(|step| visible_names(&step.visible)),
            spec: explain::link(&about.spec).filter(|&spec| spec != shared.spec),
            place: match (&*about.file, about.line) {
                ("", _) => String::new(),
                (file, 0) => abridged(file, 200).into_owned(),
                (file, line) => format!("{}:{line}", abridged(file, 200)),
            },
            steps: (0..result.steps.len()).map(|number| Step::of(result, number, algorithms)).collect(),
            rerun: reproduce::rerun_command(&result.server, &result.case, &result.profile),
        }
    }
}

impl<'a> Step<'a> {
    fn of(result: &'a CaseResult, number: usize, algorithms: &mut Algorithms) -> Self {
        let step = &result.steps[number];
        let key = Key::in_step(result, number);
        let index = key.map(|key| key.index);
        // What passed is read for what it turned on; what did not, step by step.
        let brief = Column::of(result) == Column::Passed;
        let shown: Vec<_> = step
            .trace
            .iter()
            .enumerate()
            .filter(|&(place, decision)| !brief || index == Some(place) || !explain::is_routine(decision))
            .collect();
        Self {
            heading: (result.steps.len() > 1).then(|| step_heading(step, number)),
            cookies: explain::cookies(step),
            console: step.console.iter().map(|line| abridged(line, 600)).collect(),
            script: reproduce::script(&step.request),
            exchanges: step
                .exchanges
                .iter()
                .enumerate()
                .map(|(index, exchange)| {
                    let deciding = key.filter(|key| key.decision.sent == index + 1).and_then(|key| key.rule);
                    Exchange::of(exchange, deciding)
                })
                .collect(),
            key: key.map(|key| Decided {
                place: explain::place(key.decision),
                clause: explain::clause(key.decision),
                holds: key.decision.holds,
                link: key.rule.map(Rule::anchor),
                input: wire(&key.decision.input, VALUE),
            }),
            routine: step.trace.len() - shown.len(),
            trace: groups(&shown, index, algorithms),
            curl: reproduce::curl(step),
        }
    }
}

impl<'a> Exchange<'a> {
    fn of(exchange: &'a ExchangeRecord, deciding: Option<Rule>) -> Self {
        let (asked, answered) = deciding.map_or((&[] as &[_], &[] as &[_]), explain::looks_at);
        let response = exchange.response.as_ref();
        Self {
            what: if exchange.purpose == "preflight" { "Preflight" } else { "Request" },
            request: format!("{} {}", wire(&exchange.method, 40), wire(&exchange.url, 600)),
            sent: header_lines(&exchange.headers, asked),
            status: response.map(|response| response.status),
            source: explain::source(exchange),
            received: response.map(|response| header_lines(&response.headers, answered)).unwrap_or_default(),
            body: response.map(|response| wire(&response.body, BODY)).unwrap_or_default(),
            failure: exchange.failure.as_deref().map(printable),
        }
    }
}

/// How many header lines of a message are shown.
const MAX_LINES: usize = 60;

fn header_lines<'a>(lines: &'a Lines, deciding: &[&str]) -> Vec<Line<'a>> {
    let among = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let shown = lines.iter().take(MAX_LINES).map(|(name, value)| Line {
        tag: if among(deciding, name) {
            "mark"
        } else if tells(name) {
            "b"
        } else {
            ""
        },
        name: wire(name, 80),
        value: wire(value, VALUE),
    });
    let more = lines.len().saturating_sub(MAX_LINES);
    let rest =
        (more > 0).then(|| Line { tag: "", name: "…".into(), value: format!("{more} more lines").into() });
    shown.chain(rest).collect()
}

/// Whether CORS turns on a header of that name.
fn tells(name: &str) -> bool {
    const PREFIX: &str = "access-control-";
    let names = ["origin", "vary", "location", "cookie", "set-cookie", "cross-origin-resource-policy"];
    name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
        || names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn groups<'a>(
    trace: &[(usize, &'a DecisionRecord)],
    key: Option<usize>,
    algorithms: &mut Algorithms,
) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut before = "";
    let mut last = None;
    for &(index, decision) in trace {
        let rule = explain::rule(&decision.rule);
        let place = (decision.sent, rule.map(Rule::algorithm));
        if last != Some(place) {
            groups.push(Group {
                algorithm: rule.map_or("unknown rule".into(), |rule| rule.algorithm().into()),
                anchor: rule.map(Algorithms::index),
                decisions: Vec::new(),
            });
            last = Some(place);
        }
        algorithms.note(rule);
        // The rules of one check look at the same value one after the other; once is enough.
        let input = if decision.input == before { "".into() } else { wire(&decision.input, INPUT) };
        before = &decision.input;
        if let Some(group) = groups.last_mut() {
            let code = abridged(&decision.rule, 60);
            group.decisions.push(Decision { code, holds: decision.holds, key: key == Some(index), input });
        }
    }
    groups
}

/// How many failures are listed at the top.
const MAX_WORST: usize = 20;

/// The failures, worst first; inconclusive cases share a cause, so each suite of them is one.
fn worst(servers: &[Server<'_>]) -> Vec<Worst> {
    let mut worst: Vec<Worst> = Vec::new();
    for server in servers {
        for suite in &server.suites {
            let mut undecided = 0;
            for case in suite.cases.iter().filter(|case| case.column.fails()) {
                let inconclusive = case.column == Column::Inconclusive;
                undecided += usize::from(inconclusive);
                if undecided > 1 && inconclusive {
                    continue;
                }
                let (id, name) = if inconclusive {
                    (&suite.id, format!("{} {}", server.name, suite.name))
                } else {
                    (&case.id, format!("{} {}/{}", server.name, suite.name, case.name))
                };
                let headline = case.headline.iter().flatten().map(|piece| &*piece.text).collect();
                worst.push(Worst { id: id.clone(), column: case.column, name, headline });
            }
        }
    }
    worst.sort_by_key(|worst| worst.column.rank());
    worst
}

fn matrix_row<'a>(suite: &'a str, rows: &[Row<'a>], servers: &[Server<'a>]) -> MatrixRow<'a> {
    let cells = rows.iter().zip(servers).map(|(row, server)| {
        let index = row.suites.iter().position(|(name, _)| *name == suite)?;
        let counts = Counts::of(row.suites[index].1.iter().copied());
        let worst = counts.worst()?;
        let title: Vec<_> =
            counts.present().map(|column| format!("{} {}", counts.get(column), column.title())).collect();
        Some(Cell {
            id: server.suites[index].id.clone(),
            state: worst.title(),
            sign: if worst == Column::Passed { "" } else { worst.sign() },
            passed: counts.get(Column::Passed),
            total: counts.total(),
            title: title.join(", "),
        })
    });
    MatrixRow { suite: abridged(suite, 80), cells: cells.collect() }
}

fn chips(counts: &Counts) -> Vec<Chip> {
    let total = counts.total().max(1);
    let chip = |column: Column| Chip {
        title: column.title(),
        sign: column.sign(),
        meaning: column.meaning(),
        count: thousands(counts.get(column)),
        share: {
            // Hundredths of a per cent, so that no float decides what is written.
            let share = counts.get(column) * 10_000 / total;
            format!("{}.{:02}", share / 100, share % 100)
        },
    };
    counts.present().map(chip).collect()
}

/// What a filter finds in a server or a suite.
fn classes(counts: &Counts) -> String {
    let mut classes: Vec<_> = counts.present().map(|column| format!("h-{}", column.title())).collect();
    if counts.failing() > 0 {
        classes.push("h-attention".to_owned());
    }
    classes.join(" ")
}

fn policy_words(policy: &Policy) -> Vec<(&'static str, String)> {
    let list = |names: &[String]| match names {
        [] => "none".to_owned(),
        names => abridged(&names.join(", "), VALUE).into_owned(),
    };
    vec![
        ("origins", list(&policy.origins)),
        ("methods", list(&policy.methods)),
        ("headers", list(&policy.headers)),
        ("exposes", list(&policy.expose)),
        ("credentials", if policy.credentials { "yes" } else { "no" }.to_owned()),
        ("max-age", policy.max_age.map_or("unset".to_owned(), |seconds| format!("{seconds} s"))),
    ]
}

/// Text in which backticks enclose code.
fn prose(text: &str) -> Prose {
    let text = abridged(text, 1_000);
    let pieces = text.split('`').enumerate().filter(|(_, piece)| !piece.is_empty());
    pieces.map(|(index, piece)| Piece { text: piece.to_owned(), code: index % 2 == 1 }).collect()
}

fn visible_names(visible: &Lines) -> String {
    let names: Vec<_> = visible.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    if names.is_empty() { "no header".to_owned() } else { wire(&names.join(", "), VALUE).into_owned() }
}

fn step_heading(step: &StepRecord, number: usize) -> String {
    let outcome = printable(&step.outcome);
    let reason = step.reason.as_deref().map(|reason| format!(" ({})", printable(reason))).unwrap_or_default();
    let visitor = match &*step.visitor {
        "" => String::new(),
        visitor => format!(", {}", printable(visitor)),
    };
    format!("Step {}, after {} s{visitor}: {outcome}{reason}", number + 1, step.at)
}

/// `whatwg/fetch@COMMIT …` as a link to that commit.
fn standard_link(standard: &str) -> Option<String> {
    let (repository, rest) = standard.split_once('@')?;
    let commit = rest.split(' ').next()?;
    let named = !commit.is_empty() && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let repository_is_one =
        repository.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    (named && repository_is_one).then(|| format!("https://github.com/{repository}/commit/{commit}"))
}

/// The ids of a page: readable, and each once.
#[derive(Default)]
struct Ids(HashSet<String>);

impl Ids {
    fn unique(&mut self, parts: &[&str]) -> String {
        let fit = |c: char| if c.is_ascii_alphanumeric() || "-._/".contains(c) { c } else { '-' };
        let base: String = parts.join("/").chars().take(160).map(fit).collect();
        let mut id = base.clone();
        let mut number = 1;
        while !self.0.insert(id.clone()) {
            number += 1;
            id = format!("{base}-{number}");
        }
        id
    }
}

/// Which rules the traces name.
#[derive(Default)]
struct Algorithms(HashSet<Rule>);

impl Algorithms {
    /// The place of a rule's algorithm among those of the standard.
    fn index(rule: Rule) -> usize {
        Rule::ALL.iter().position(|other| other.algorithm() == rule.algorithm()).unwrap_or_default()
    }

    fn note(&mut self, rule: Option<Rule>) {
        self.0.extend(rule);
    }

    fn used(&self) -> Vec<Algorithm> {
        let mut algorithms: Vec<Algorithm> = Vec::new();
        for &rule in Rule::ALL.iter().filter(|rule| self.0.contains(rule)) {
            match algorithms.last_mut().filter(|last| last.name == rule.algorithm()) {
                Some(last) => last.rules.push(rule),
                None => algorithms.push(Algorithm {
                    index: Self::index(rule),
                    name: rule.algorithm(),
                    link: rule.anchor(),
                    rules: vec![rule],
                }),
            }
        }
        algorithms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_page() {
        let page = render(&sample::record()).unwrap();
        let body = page.split_once("</style>").unwrap().1.split_once("<script>").unwrap().0;
        insta::assert_snapshot!("html", body);
    }

    #[test]
    fn is_whole_and_asks_for_nothing() {
        let page = render(&sample::record()).unwrap();
        for tag in ["<link", "<img", "<iframe", "<script src", "@import", "url(", "<base", "<form", "<object"]
        {
            assert!(!page.contains(tag), "{tag}");
        }
        assert!(page.contains(
            "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\""
        ));
    }

    #[test]
    fn every_reference_within_the_page_has_its_target_and_every_id_is_unique() {
        let page = render(&sample::many(200)).unwrap();
        let after = |mark: &str| -> Vec<String> {
            page.split(mark)
                .skip(1)
                .map(|rest| rest.split(['"', ' ', '>']).next().unwrap().to_owned())
                .collect()
        };
        let ids = [after(" id=\""), after(" id=")].concat();
        let mut ids: Vec<_> = ids.into_iter().filter(|id| !id.is_empty()).collect();
        ids.sort();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for target in [after("href=\"#"), after("href=#")].concat() {
            assert!(ids.binary_search(&target).is_ok(), "{target}");
        }
    }

    #[test]
    fn two_thousand_results_are_a_page_that_opens() {
        let page = render(&sample::many(2_000)).unwrap();
        assert!(page.len() < 6_000_000, "{} bytes", page.len());
    }
}
