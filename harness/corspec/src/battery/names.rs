//! Which request headers are granted.

use super::draft::{Battery, ENTRIES, slug};
use super::who::{named, said};

/// Headers that frameworks like to grant unasked, or that look like a pattern.
const OTHERS: [&str; 14] = [
    "X-Other",
    "X-Requested-With",
    "Authorization",
    "Cache-Control",
    "If-None-Match",
    "X-Auth-Token",
    "X-Api-Key",
    "Content-Encoding",
    "X",
    "*",
    ".*",
    "X-Forwarded-For",
    "Access-Control-Allow-Origin",
    "X-Http-Method-Override",
];

pub(super) fn cases(battery: &mut Battery<'_>) {
    let credentials: &[bool] = if battery.policy.credentials { &[true, false] } else { &[false, true] };
    if let Some(insider) = battery.insider() {
        listed(battery, &insider, credentials);
        unlisted(battery, &insider, credentials);
        content_type(battery, &insider);
    }
    let Some(outsider) = battery.outsider() else { return };
    let names: Vec<String> = battery.policy.headers.iter().take(3).cloned().collect();
    for name in names.iter().map(String::as_str).filter(|name| *name != "*").chain(["X-Other"]) {
        battery.case(
            &format!("stranger-{}", slug(name)),
            format!("a stranger may not send {name}, listed or not"),
            [battery.ask(&outsider).header(name, "1").with_credentials(battery.policy.credentials)],
        );
    }
}

fn listed(battery: &mut Battery<'_>, insider: &str, credentials: &[bool]) {
    let names: Vec<String> = match battery.policy.any_header() {
        true => {
            let long = "X-A-Name-Of-More-Than-Forty-Characters-To-Remember";
            ["X-Token", "X-Requested-With", "x-lower", "X_Under", "X.Dot", "1st", "A", long, "~odd~|'"]
                .map(str::to_owned)
                .to_vec()
        }
        false => battery.policy.headers.iter().filter(|name| value_of(name).is_some()).cloned().collect(),
    };
    for name in names.iter().take(ENTRIES) {
        let value = value_of(name).unwrap_or("1");
        for &include in credentials {
            battery.case(
                &format!("listed-{}-{}", slug(name), named(include)),
                format!("a permitted page may send {name} as far as the policy goes, {}", said(include)),
                [battery.ask(insider).header(name, value).with_credentials(include)],
            );
        }
        battery.case(
            &format!("listed-{}-in-upper-case", slug(name)),
            format!("{name} is the same header in any case"),
            [battery.ask(insider).header(&name.to_ascii_uppercase(), value)],
        );
    }
    let together = || {
        let ask = battery.ask(insider).with_credentials(battery.policy.credentials);
        names.iter().fold(ask, |ask, name| ask.header(name, value_of(name).unwrap_or("1")))
    };
    if names.len() > 1 {
        let ask = together();
        battery.case(
            "listed-all-together",
            "all the headers that the policy lists may be sent at once",
            [ask],
        );
        let ask = battery.ask(insider);
        let ask = names.iter().rev().fold(ask, |ask, name| ask.header(name, value_of(name).unwrap_or("1")));
        battery.case("listed-all-backwards", "the order in which script sets them does not matter", [ask]);
    }
    if battery.policy.any_header() {
        let many = (1..=30)
            .fold(battery.ask(insider), |ask, number| ask.header(&format!("X-Header-{number:02}"), "1"));
        battery.case("listed-many", "any header may be sent, thirty at once as well as one", [many]);
    }
    if let Some(preflighted) = battery.preflighted(battery.ask(insider)) {
        let ask = names
            .iter()
            .take(2)
            .fold(preflighted, |ask, name| ask.header(name, value_of(name).unwrap_or("1")));
        battery.case(
            "listed-with-a-listed-method",
            "a listed method and listed headers may be used together",
            [ask],
        );
    }
}

fn unlisted(battery: &mut Battery<'_>, insider: &str, credentials: &[bool]) {
    let listed: Vec<String> = battery.policy.headers.iter().take(ENTRIES).cloned().collect();
    let first = listed.first().cloned().unwrap_or_default();
    let alike = listed.iter().filter(|name| *name != "*").flat_map(|name| {
        let no_digits = name.replace(|character: char| character.is_ascii_digit(), "");
        let alike = [
            ("longer", format!("{name}-Extra")),
            ("prefixed", format!("Pre-{name}")),
            ("cut", name.get(..name.len() - 1).unwrap_or_default().to_owned()),
            ("beheaded", name.get(2..).unwrap_or_default().to_owned()),
            ("underscored", name.replace('-', "_")),
            ("dotted", name.replace('-', ".")),
            ("joined", name.replace('-', "")),
            ("joined-at-underscores", name.replace('_', "")),
            ("dot-as-letter", name.replace('.', "x")),
            ("without-digits", no_digits),
            ("numbered", format!("{name}1")),
            ("run-together", if first == *name { String::new() } else { format!("{first}{name}") }),
        ];
        alike.map(|(how, alike)| (format!("alike-{how}-{}", slug(name)), alike))
    });
    let others = OTHERS.iter().map(|&name| (format!("unlisted-{}", slug(name)), name.to_owned()));
    let mut seen: Vec<String> = Vec::new();
    for (id, name) in others.chain(alike.collect::<Vec<_>>()) {
        let same = |other: &String| other.eq_ignore_ascii_case(&name);
        if name.is_empty() || name == "-" || seen.iter().any(same) || battery.policy.headers.iter().any(same)
        {
            continue;
        }
        seen.push(name.clone());
        for &include in &credentials[..if seen.len() > 6 { 1 } else { 2 }] {
            battery.case(
                &format!("{id}-{}", named(include)),
                format!("{name} is not listed, so not even a permitted page may send it, {}", said(include)),
                [battery.ask(insider).header(&name, "1").with_credentials(include)],
            );
        }
    }
    if battery.policy.any_header() {
        return;
    }
    // A check that stops at the first name, or at the last, finds one of two.
    if let Some(listed) = battery.a_listed_header() {
        for (position, other) in [("before", "A-Other"), ("behind", "Z-Other")] {
            battery.case(
                &format!("unlisted-{position}-a-listed-one"),
                format!(
                    "{other} is not listed, and stands {position} {listed} in what the preflight asks for"
                ),
                [battery
                    .ask(insider)
                    .header(listed, "1")
                    .header(other, "1")
                    .with_credentials(battery.policy.credentials)],
            );
        }
    }
    let many =
        (1..=30).fold(battery.ask(insider), |ask, number| ask.header(&format!("X-Header-{number:02}"), "1"));
    battery.case("unlisted-many", "thirty headers that are not listed are no more welcome than one", [many]);
    let long = "X-Long-".to_owned() + &"a".repeat(250);
    battery.case(
        "unlisted-long",
        "a name of more than 250 letters is a name like any other",
        [battery.ask(insider).header(&long, "1").header("X-Other", "1")],
    );
    if let Some(preflighted) =
        battery.preflighted(battery.ask(insider).with_credentials(battery.policy.credentials))
    {
        battery.case(
            "unlisted-with-a-listed-method",
            "a listed method does not make a header listed",
            [preflighted.header("X-Other", "1")],
        );
    }
}

/// The header that is listed or not by the value that it has.
fn content_type(battery: &mut Battery<'_>, insider: &str) {
    let route = battery.route();
    if !(route.answers("POST") && route.may_be_asked("POST")) {
        return;
    }
    for (id, value, why) in [
        ("json", "application/json", "JSON needs a grant for Content-Type, which no form could send so"),
        ("text", "text/plain", "plain text needs none"),
        ("form", "application/x-www-form-urlencoded", "neither does what a form sends"),
        ("text-with-charset", "text/plain;charset=UTF-8", "a parameter changes nothing about that"),
        ("merge-patch", "application/merge-patch+json", "every other type needs the grant as well"),
    ] {
        let ask = battery.ask(insider).method("POST").header("Content-Type", value).text();
        battery.case(&format!("content-type-{id}"), why, [ask.with_credentials(battery.policy.credentials)]);
    }
}

/// A value with which a listed header needs its grant; nothing for names that script cannot set, or whose value decides.
fn value_of(name: &str) -> Option<&'static str> {
    use corspec_browser::headers::is_forbidden_request_header;
    if name == "*" || is_forbidden_request_header(name.as_bytes(), b"1") {
        return None;
    }
    Some(match &*name.to_ascii_lowercase() {
        "content-type" => "application/json",
        "authorization" => "Bearer letmein",
        "accept" | "accept-language" | "content-language" => "\"1\"",
        "range" => "items=0-1",
        _ => "1",
    })
}
