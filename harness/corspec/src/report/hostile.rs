//! Nothing that a server or a case says gets out of its place in any report.

use proptest::prelude::*;

use super::{badge, html, junit, markdown, sample, snapshot, terminal};
use crate::record::{CaseResult, Record};

/// What servers have been seen to send, and what they could.
fn attacks() -> Vec<String> {
    let mut attacks: Vec<String> = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "]]>",
        "</style><script>alert(1)</script>",
        "</pre></details></summary>",
        "<!--",
        "{{ sentence }}{% raw %}",
        "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m",
        "a\0b\r\nc\u{8}\u{7f}",
        "\u{c3}\u{28}\u{ff}\u{fe}\u{80}",
        "\u{202e}gnp.exe\u{2066}\u{feff}\u{ffff}",
        "| a | b |\n|--|--|\n```\n~~~\n[x](javascript:alert(1)) @someone #1 &lt;",
        "javascript:alert(1)",
        "'; rm -rf / #`id`$(id)",
        "&#60;b&#62;",
    ]
    .map(str::to_owned)
    .to_vec();
    attacks.push("x".repeat(100_000));
    attacks.push("<".repeat(100_000));
    attacks
}

/// The sample with that text in every place that can hold text.
fn poisoned(text: &str) -> Record {
    let mut record = sample::record();
    let old = [record.servers[0].name.clone(), record.servers[1].name.clone()];
    let poison = |place: &mut String| *place = text.to_owned();
    poison(&mut record.run.corspec);
    poison(&mut record.run.standard);
    record.run.arguments.iter_mut().for_each(poison);
    for (index, server) in record.servers.iter_mut().enumerate() {
        server.name = format!("{text}{index}");
        server.problem.iter_mut().for_each(poison);
        if let Some(hello) = &mut server.hello {
            poison(&mut hello.name);
            let told = [
                &mut hello.language,
                &mut hello.framework,
                &mut hello.middleware,
                &mut hello.runtime,
                &mut hello.homepage,
            ];
            told.into_iter().flatten().for_each(poison);
            hello.lacks.iter_mut().for_each(poison);
        }
    }
    for result in &mut record.results {
        let server = old.iter().position(|name| *name == result.server).unwrap_or_default();
        result.server = format!("{text}{server}");
        poison_result(result, text);
    }
    record
}

fn poison_result(result: &mut CaseResult, text: &str) {
    let poison = |place: &mut String| *place = text.to_owned();
    result.case = format!("{text}/{text}");
    poison(&mut result.profile);
    poison(&mut result.expected);
    result.expected_reasons.iter_mut().for_each(poison);
    [&mut result.outcome, &mut result.reason, &mut result.stage, &mut result.message]
        .into_iter()
        .flatten()
        .for_each(poison);
    for difference in &mut result.differences {
        poison(&mut difference.expected);
        poison(&mut difference.actual);
    }
    if let Some(note) = &mut result.deviation {
        poison(&mut note.class);
        poison(&mut note.reason);
        note.link.iter_mut().for_each(poison);
    }
    let about = &mut result.about;
    [&mut about.why, &mut about.spec, &mut about.file].into_iter().for_each(poison);
    if let Some(policy) = &mut about.policy {
        [&mut policy.origins, &mut policy.methods, &mut policy.headers]
            .into_iter()
            .flatten()
            .for_each(poison);
    }
    for step in &mut result.steps {
        poison(&mut step.outcome);
        [&mut step.reason, &mut step.stage, &mut step.response_type].into_iter().flatten().for_each(poison);
        let asked = &mut step.request;
        [&mut asked.origin, &mut asked.url, &mut asked.method, &mut asked.credentials]
            .into_iter()
            .for_each(poison);
        poison(asked.body.get_or_insert_default());
        asked.headers.push((text.to_owned(), text.to_owned()));
        step.visible.push((text.to_owned(), text.to_owned()));
        for exchange in &mut step.exchanges {
            poison(&mut exchange.url);
            poison(&mut exchange.method);
            exchange.headers.push((text.to_owned(), text.to_owned()));
            exchange.failure.iter_mut().for_each(poison);
            if let Some(response) = &mut exchange.response {
                poison(&mut response.body);
                response.headers.iter_mut().for_each(|(_, value)| poison(value));
                response.headers.push((text.to_owned(), text.to_owned()));
            }
        }
        let last = step.trace.len() - 1;
        for (index, decision) in step.trace.iter_mut().enumerate() {
            poison(&mut decision.input);
            if index % 7 == 3 && index != last {
                poison(decision.rule.to_mut());
            }
        }
    }
}

fn is_control(c: char) -> bool {
    c != '\n'
        && (c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ffff}'))
}

fn check(text: &str, clean: &[usize; 2]) -> Result<(), TestCaseError> {
    let record = poisoned(text);
    let options = terminal::Options { source: &|_| Some(text.repeat(9)), ..terminal::Options::default() };
    let terminal = terminal::render(&record, &options);
    prop_assert!(!terminal.contains(is_control), "{terminal:?}");

    let page = html::render(&record).unwrap();
    prop_assert!(!page.contains(is_control));
    let [tags, quotes] = markup(&page);
    prop_assert_eq!(tags, clean[0], "tags");
    prop_assert_eq!(quotes, clean[1], "quotes");
    prop_assert!(!page.contains("href=\"javascript:"));

    let xml = junit::render(&record).unwrap();
    prop_assert!(!xml.contains(is_control));
    let report = quick_junit::Report::deserialize_from_str(&xml);
    prop_assert_eq!(report.map(|report| report.tests).ok(), Some(record.results.len()));

    let markdown = markdown::render(&record, &markdown::Options::default());
    prop_assert!(!markdown.contains(is_control));
    let bars: Vec<_> = markdown
        .lines()
        .skip_while(|line| !line.starts_with("| server"))
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.replace("\\|", "").matches('|').count())
        .collect();
    prop_assert!(bars.len() == 4 && bars.iter().all(|&count| count == bars[0]), "{markdown}");

    for server in &record.servers {
        prop_assert!(!snapshot::render(&record, &server.name).contains(is_control));
        prop_assert!(
            serde_json::from_str::<serde_json::Value>(&badge::render(&record, &server.name)).is_ok()
        );
    }
    Ok(())
}

/// How many tags and double quotes a page has; text that is data adds to neither.
fn markup(page: &str) -> [usize; 2] {
    let body = page.split_once("</style>").unwrap().1;
    // Backticks and line ends of the data become these.
    let body = ["<code>", "</code>", "<br>", "<p class=say>"]
        .iter()
        .fold(body.to_owned(), |body, tag| body.replace(tag, ""));
    ['<', '"'].map(|c| body.matches(c).count())
}

/// What the page holds where every place is filled with an innocent word.
fn clean() -> [usize; 2] {
    markup(&html::render(&poisoned("word")).unwrap())
}

#[test]
fn no_attack_gets_out() {
    let clean = clean();
    for attack in attacks() {
        check(&attack, &clean).unwrap_or_else(|error| panic!("{}: {error}", &attack[..attack.len().min(60)]));
    }
}

#[test]
fn a_long_header_makes_no_long_report() {
    let record = poisoned(&"x".repeat(100_000));
    assert!(html::render(&record).unwrap().len() < 400_000);
    assert!(terminal::render(&record, &terminal::Options::default()).len() < 100_000);
    assert!(junit::render(&record).unwrap().len() < 200_000);
}

#[test]
fn the_same_record_gives_the_same_reports() {
    let record = sample::many(120);
    let all = || {
        [
            terminal::render(&record, &terminal::Options::default()),
            html::render(&record).unwrap(),
            junit::render(&record).unwrap(),
            markdown::render(&record, &markdown::Options::default()),
            snapshot::render(&record, "tower-http"),
            badge::render(&record, "tower-http"),
        ]
    };
    assert_eq!(all(), all());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_text_gets_out(text in prop_oneof![".{1,40}", "[\\x00-\\xff<>\"'&|`\\\\]{1,40}"]) {
        // A blank text would leave out what an innocent word shows.
        check(&format!("w{text}"), &clean())?;
    }
}
