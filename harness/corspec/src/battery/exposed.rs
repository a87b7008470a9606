//! Which response headers script sees.

use super::draft::{Ask, Battery};
use super::who::{named, said};

/// What is always visible tells nothing.
const ALWAYS_VISIBLE: [&str; 7] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
];

pub(super) fn cases(battery: &mut Battery<'_>) {
    let credentials: &[bool] = if battery.policy.credentials { &[true, false] } else { &[false] };
    for page in battery.insiders().iter().take(if battery.is_quick() { 1 } else { 3 }) {
        for &include in credentials {
            let ask = battery.ask(&page.origin).with_credentials(include);
            let why = "a permitted page sees what the policy exposes and nothing else";
            see(battery, &format!("simple-{}-{}", page.slug, named(include)), why, include, Some(ask));
            let ask = battery.preflighted(battery.ask(&page.origin).with_credentials(include));
            let why = "it sees the same on an answer that a preflight came before";
            let id = format!("preflighted-{}-{}", page.slug, named(include));
            see(battery, &id, why, include, ask.filter(Ask::is_sent));
        }
    }
}

fn see(battery: &mut Battery<'_>, id: &str, why: &str, include: bool, ask: Option<Ask>) {
    let Some(ask) = ask else { return };
    let tells = |name: &&String| {
        let lower = name.to_ascii_lowercase();
        !ALWAYS_VISIBLE.contains(&&*lower) && !matches!(&*lower, "set-cookie" | "set-cookie2")
    };
    let (visible, hidden): (Vec<String>, Vec<String>) =
        battery.route().response_headers.iter().filter(tells).cloned().partition(|name| {
            battery.policy.exposes_any()
                || battery.policy.expose.iter().any(|listed| listed.eq_ignore_ascii_case(name))
        });
    let why = format!("{why}, {}", said(include));
    battery.draft(id, why).visible(0, visible).hidden(0, hidden).one(ask);
}
