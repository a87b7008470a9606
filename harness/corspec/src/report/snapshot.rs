//! A stable text of what became of one server's cases, to be reviewed when it changes.
//!
//! Two runs on two machines give the same text: ports, dates and durations are replaced, and header lines and the names
//! that they list are sorted, since some servers keep them in a hash map. The version of what runs the server is left out, for it differs between
//! machines; those of the middleware and its framework are pinned.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use corspec_browser::syntax::is_token;

use super::explain;
use super::printable::{paragraphs, printable, wire};
use super::summary::{Column, Summary, cases};
use super::terminal::CUT_OFF;
use crate::record::{CaseResult, ExchangeRecord, Record};

/// The text for one server of the record.
pub fn render(record: &Record, server: &str) -> String {
    let summary = Summary::of(record);
    let mut out = String::new();
    let Some(row) = summary.rows.iter().find(|row| row.name == server) else {
        return format!("{}: not in the record\n", explain::whole_name(server));
    };
    out.push_str(&explain::whole_name(row.name));
    if let Some(hello) = row.info.and_then(|info| info.hello.as_ref()) {
        for part in [&hello.middleware, &hello.framework].into_iter().flatten() {
            let _ = write!(out, ", {}", printable(part));
        }
    }
    out.push('\n');
    let counts: Vec<_> =
        row.counts.present().map(|column| format!("{} {}", row.counts.get(column), column.title())).collect();
    let _ = writeln!(out, "{}", if counts.is_empty() { "nothing ran".to_owned() } else { counts.join(", ") });
    if let Some(problem) = row.problem() {
        let _ = writeln!(out, "{}", stable_text(&printable(problem)));
    }
    if !record.complete {
        let _ = writeln!(out, "{CUT_OFF}");
    }
    for (suite, results) in &row.suites {
        let _ = writeln!(out, "\n{}", explain::whole_name(suite));
        if let Some(line) = one_cause(results) {
            let _ = writeln!(out, "  {line}");
            continue;
        }
        for result in results {
            push_result(&mut out, result);
        }
    }
    out
}

/// What a whole suite shares where none of its cases could be tested.
fn one_cause(results: &[&CaseResult]) -> Option<String> {
    let first = results.first()?;
    let untested = matches!(
        Column::of(first),
        Column::Unsupported | Column::Refused | Column::Unavailable | Column::Inconclusive
    );
    let alike = |result: &&CaseResult| (result.verdict, &result.message) == (first.verdict, &first.message);
    (untested && results.len() > 1 && results.iter().all(alike)).then(|| {
        format!("{}, {}: {}", first.verdict, cases(results.len()), stable_text(&explain::headline(first)))
    })
}

fn push_result(out: &mut String, result: &CaseResult) {
    let column = Column::of(result);
    let case = result.case.split_once('/').map_or(&*result.case, |(_, id)| id);
    let profile = if matches!(&*result.profile, "fetch" | "") {
        String::new()
    } else {
        format!(" [{}]", printable(&result.profile))
    };
    let outcome = explain::outcome(result).unwrap_or_else(|| "-".into());
    let _ = writeln!(out, "  {:<12}  {}{profile}: {outcome}", column.title(), explain::whole_name(case));
    if column == Column::Passed {
        return;
    }
    if result.verdict.fell_short() {
        let _ = writeln!(out, "    expected {}", explain::expected(result));
    }
    let mut ports = Ports::of(result);
    for line in result.message.as_deref().into_iter().flat_map(paragraphs) {
        let _ = writeln!(out, "    {}", stable_text(&ports.replaced(&line)));
    }
    for difference in explain::further_differences(result) {
        let _ = writeln!(out, "    {}", stable_text(&ports.replaced(&explain::difference(difference, 200))));
    }
    if let Some(note) = &result.deviation {
        let _ = writeln!(out, "    {}: {}", printable(&note.class), printable(&note.reason));
    }
    for (number, step) in result.steps.iter().enumerate() {
        if result.steps.len() > 1 {
            let _ = writeln!(out, "    step {}, at {} s", number + 1, step.at);
        }
        for exchange in &step.exchanges {
            push_exchange(out, exchange, &mut ports);
        }
    }
}

/// What went over the wire of a result, as this text has it.
pub(super) fn exchanges(result: &CaseResult) -> String {
    let mut ports = Ports::of(result);
    let mut out = String::new();
    for (number, step) in result.steps.iter().enumerate() {
        if result.steps.len() > 1 {
            let visitor = if step.visitor.is_empty() {
                String::new()
            } else {
                format!(", {}", printable(&step.visitor))
            };
            let _ = writeln!(out, "    step {}, at {} s{visitor}", number + 1, step.at);
        }
        for exchange in &step.exchanges {
            if let Some(source) = explain::source(exchange) {
                let _ = writeln!(out, "    ({source})");
            }
            push_exchange(&mut out, exchange, &mut ports);
        }
    }
    out.lines().map(|line| format!("{}\n", line.trim_start())).collect()
}

fn push_exchange(out: &mut String, exchange: &ExchangeRecord, ports: &mut Ports) {
    let _ =
        writeln!(out, "    > {} {}", wire(&exchange.method, 40), ports.replaced(&wire(&exchange.url, 300)));
    for line in telling_lines(&exchange.headers) {
        let _ = writeln!(out, "    > {}", stable_text(&ports.replaced(&line)));
    }
    match &exchange.response {
        Some(response) => {
            let _ = writeln!(out, "    < {}", response.status);
            for line in telling_lines(&response.headers) {
                let _ = writeln!(out, "    < {}", stable_text(&ports.replaced(&line)));
            }
        }
        None => {
            let failure = exchange.failure.as_deref().unwrap_or("no response");
            let _ = writeln!(out, "    < {}", stable_text(&ports.replaced(&printable(failure))));
        }
    }
}

/// The header lines that decide, by name.
fn telling_lines(headers: &[(String, String)]) -> Vec<String> {
    let tells = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("access-control-")
            || matches!(&*name, "vary" | "origin" | "location" | "cookie" | "cross-origin-resource-policy")
    };
    let told = headers.iter().filter(|(name, _)| tells(name));
    let mut lines: Vec<_> = told
        .map(|(name, value)| {
            let name = wire(name, 80);
            (name.to_ascii_lowercase(), name, sorted_list(value))
        })
        .collect();
    lines.sort();
    lines.iter().map(|(_, name, value)| format!("{name}: {}", wire(value, 300))).collect()
}

/// A list of names in alphabetical order; any other value as it is.
fn sorted_list(value: &str) -> Cow<'_, str> {
    let mut names: Vec<_> = value.split(',').map(|name| name.trim_matches([' ', '\t'])).collect();
    if names.len() < 2 || !names.iter().all(|name| is_token(name.as_bytes())) {
        return value.into();
    }
    names.sort_by_key(|name| name.to_ascii_lowercase());
    names.join(", ").into()
}

/// The ports of a case's servers: the first that it talks to is the server, the next its twin.
struct Ports(HashMap<String, String>);

impl Ports {
    fn of(result: &CaseResult) -> Self {
        let mut ports = Self(HashMap::new());
        for step in &result.steps {
            for url in
                std::iter::once(&step.request.url).chain(step.exchanges.iter().map(|exchange| &exchange.url))
            {
                // The path can name the twin, which has to come second.
                let host = url.split_inclusive('/').take(3).collect::<String>();
                ports.replaced(&host);
            }
        }
        ports
    }

    /// The text with `127.0.0.1:PORT` and the like, percent-encoded or not, as a name.
    fn replaced(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((start, host)) =
            LOOPBACK.iter().filter_map(|host| Some((rest.find(host)?, *host))).min()
        {
            let after = &rest[start + host.len()..];
            let port = after.strip_prefix(':').or_else(|| strip_prefix_ignore_case(after, "%3a"));
            let (port, following) = port.map_or(("", after), |port| port.split_at(digits(port).len()));
            if port.is_empty() {
                out.push_str(&rest[..start + host.len()]);
                rest = after;
                continue;
            }
            out.push_str(&rest[..start]);
            let count = self.0.len();
            out.push_str(self.0.entry(port.to_owned()).or_insert_with(|| match count {
                0 => "server".to_owned(),
                1 => "twin".to_owned(),
                more => format!("server-{}", more + 1),
            }));
            rest = following;
        }
        out.push_str(rest);
        out
    }
}

const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn digits(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())]
}

/// Prose that may tell of a server's ports and of time, without either.
pub(super) fn stable(text: &str) -> String {
    let lines: Vec<_> = paragraphs(text).collect();
    let mut ports = Ports(HashMap::new());
    stable_text(&ports.replaced(&lines.join("\n")))
}

/// The text without dates and durations.
fn stable_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = http_date(rest).or_else(|| iso_date(rest)) {
            out.push_str("DATE");
            rest = after;
            continue;
        }
        let inside_a_word = out.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if !inside_a_word && let Some(after) = duration(rest) {
            out.push_str("TIME");
            rest = after;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// What follows an IMF-fixdate: `Fri, 24 Jul 2026 14:03:00 GMT`
fn http_date(text: &str) -> Option<&str> {
    const SHAPE: &[u8] = b"Aaa, 00 Aaa 0000 00:00:00 GMT";
    matches_shape(text, SHAPE)
}

/// What follows `2026-07-24T14:03:00`, with or without fraction and zone.
fn iso_date(text: &str) -> Option<&str> {
    let after = matches_shape(text, b"0000-00-00T00:00:00")
        .or_else(|| matches_shape(text, b"0000-00-00 00:00:00"))?;
    let after = after.strip_prefix('.').map_or(after, |fraction| &fraction[digits(fraction).len()..]);
    Some(after.strip_prefix('Z').or_else(|| matches_shape(after, b"+00:00")).unwrap_or(after))
}

/// What follows text of that shape: `0` is a digit, `A` a capital, `a` a small letter, all else itself.
fn matches_shape<'a>(text: &'a str, shape: &[u8]) -> Option<&'a str> {
    let start = text.as_bytes().get(..shape.len())?;
    let fits = |(&byte, &want): (&u8, &u8)| match want {
        b'0' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_uppercase(),
        b'a' => byte.is_ascii_lowercase(),
        _ => byte == want,
    };
    start.iter().zip(shape).all(fits).then(|| &text[shape.len()..])
}

/// What follows a number and a unit of time.
fn duration(text: &str) -> Option<&str> {
    let after = &text[digits(text).len()..];
    if after.len() == text.len() {
        return None;
    }
    let after = match after.strip_prefix('.') {
        Some(fraction) if !digits(fraction).is_empty() => &fraction[digits(fraction).len()..],
        _ => after,
    };
    let after = after.strip_prefix(' ').unwrap_or(after);
    let units = ["milliseconds", "microseconds", "seconds", "second", "minutes", "ms", "µs", "ns", "s"];
    let rest = units.iter().find_map(|unit| after.strip_prefix(unit))?;
    (!rest.starts_with(|c: char| c.is_alphanumeric())).then_some(rest)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::report::sample;

    #[test]
    fn a_line_a_case() {
        insta::assert_snapshot!("snapshot", render(&sample::record(), "express-cors"));
    }

    #[test]
    fn a_server_that_does_not_run() {
        insta::assert_snapshot!("snapshot_unavailable", render(&sample::record(), "nginx"));
    }

    #[test]
    fn another_port_and_another_day_give_the_same_text() {
        let record = sample::record();
        let json = serde_json::to_string(&record.results).unwrap();
        let json =
            json.replace("40123", "5").replace("24 Jul 2026", "25 Aug 2027").replace("5.0 s", "5.021 s");
        let mut other = record.clone();
        other.results = serde_json::from_str(&json).unwrap();
        assert_ne!(other.results, record.results);
        assert_eq!(render(&other, "express-cors"), render(&record, "express-cors"));
    }

    #[rstest]
    #[case(
        "http://127.0.0.1:40123/redirect?to=http%3A%2F%2F127.0.0.1%3A40124%2F",
        "http://server/redirect?to=http%3A%2F%2Ftwin%2F"
    )]
    #[case("http://localhost:40124/ 127.0.0.1 127.0.0.1:x", "http://twin/ 127.0.0.1 127.0.0.1:x")]
    #[case("http://[::1]:7", "http://server-3")]
    fn ports_become_names(#[case] text: &str, #[case] expected: &str) {
        let mut ports = Ports(HashMap::from([
            ("40123".to_owned(), "server".to_owned()),
            ("40124".to_owned(), "twin".to_owned()),
        ]));
        assert_eq!(ports.replaced(text), expected);
    }

    #[rstest]
    #[case("PUT,GET ,\tX-a", "GET, PUT, X-a")]
    #[case("b, a b", "b, a b")]
    #[case("b,, a", "b,, a")]
    #[case("https://b.example, https://a.example", "https://b.example, https://a.example")]
    fn names_are_listed_in_order(#[case] value: &str, #[case] expected: &str) {
        assert_eq!(sorted_list(value), expected);
    }

    #[rstest]
    #[case("after 5.003 s, 12ms and 3 seconds", "after TIME, TIME and TIME")]
    #[case("cors 2.8.6, 3 sheep, sha256s, 600", "cors 2.8.6, 3 sheep, sha256s, 600")]
    #[case("on Fri, 24 Jul 2026 14:03:00 GMT or 2026-07-24T14:03:00.1Z!", "on DATE or DATE!")]
    fn time_is_left_out(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(stable_text(text), expected);
    }
}
