//! Which methods are granted.

use corspec_browser::method;

use super::draft::{Ask, Battery, ENTRIES, slug};
use super::who::{named, said};

/// Methods that a careless comparison takes for listed ones, or that nobody expects.
const OTHERS: [&str; 14] = [
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "patch",
    "Patch",
    "PROPFIND",
    "QUERY",
    "PU",
    "PUTS",
    "X-PUT",
    "*",
    ".*",
    "PUT|DELETE",
];

pub(super) fn cases(battery: &mut Battery<'_>) {
    let credentials: &[bool] = if battery.policy.credentials { &[true, false] } else { &[false, true] };
    let Some(insider) = battery.insider() else { return stranger(battery) };
    let listed: Vec<String> = match battery.policy.any_method() {
        true => ["GET", "POST", "PUT", "DELETE", "PATCH", "PURGE"].map(str::to_owned).to_vec(),
        false => battery.policy.methods.iter().take(ENTRIES).cloned().collect(),
    };
    for method in &listed {
        for &include in credentials {
            let Some(ask) = ask(battery, &insider, method, include) else { continue };
            let why = format!("a permitted page may {method} as far as the policy goes, {}", said(include));
            let draft = battery.draft(&format!("listed-{}-{}", slug(method), named(include)), why);
            // Which methods there are beside the usual ones, nobody can list.
            if method == "PURGE" { draft.may() } else { draft }.one(ask);
        }
    }
    let others = OTHERS.iter().map(|&method| (format!("unlisted-{}", slug(method)), method.to_owned()));
    let alike = listed.iter().filter(|_| !battery.policy.any_method()).flat_map(|method| {
        let alike = [
            ("lower-case", method.to_ascii_lowercase()),
            ("longer", format!("{method}X")),
            ("cut", method[..method.len() - 1].to_owned()),
        ];
        alike.map(|(how, alike)| (format!("alike-{how}-{}", slug(method)), alike))
    });
    let mut seen = Vec::new();
    for (id, method) in others.chain(alike.collect::<Vec<_>>()).filter(|(_, method)| !method.is_empty()) {
        let sent = method::normalize(method.as_bytes());
        let listed = battery.policy.methods.iter().any(|listed| listed.as_bytes() == &*sent);
        let known = seen.contains(&method) || listed || method::is_cors_safelisted(&sent);
        if known || battery.policy.any_method() {
            continue;
        }
        seen.push(method.clone());
        for &include in credentials {
            battery.case(
                &format!("{id}-{}", named(include)),
                format!("{method} is not listed, so not even a permitted page may use it, {}", said(include)),
                ask(battery, &insider, &method, include),
            );
        }
        if let Some(header) = battery.a_listed_header() {
            let asked = ask(battery, &insider, &method, battery.policy.credentials);
            battery.case(
                &format!("{id}-with-a-listed-header"),
                format!("a listed header does not make {method} listed"),
                asked.map(|ask| ask.header(header, "1")),
            );
        }
    }
    stranger(battery);
}

fn stranger(battery: &mut Battery<'_>) {
    let Some(outsider) = battery.outsider() else { return };
    for method in ["PUT", "DELETE", "PATCH", "PURGE"] {
        battery.case(
            &format!("stranger-{}", slug(method)),
            format!("a stranger may not {method}, listed or not"),
            ask(battery, &outsider, method, battery.policy.credentials),
        );
    }
}

/// A request with that method that may be sent, or of which the preflight may be. What a simple POST does cannot be found out
/// where nothing may be written.
fn ask(battery: &Battery<'_>, origin: &str, method: &str, include: bool) -> Option<Ask> {
    let route = battery.route();
    let ask = battery.ask(origin).method(method).with_credentials(include);
    match method {
        "GET" | "HEAD" => route.answers(method).then_some(ask),
        "POST" => (route.answers(method) && route.may_be_asked(method)).then(|| ask.text()),
        _ => Some(ask.preflight_only(!(route.answers(method) && route.may_be_asked(method)))),
    }
}
