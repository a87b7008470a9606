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
    let sent = battery.route().response_headers.clone();
    for page in battery.insiders().iter().take(3) {
        for &include in credentials {
            let ask = battery.ask(&page.origin).with_credentials(include);
            let why = "a permitted page sees what the policy exposes and nothing else";
            see(battery, &sent, &format!("simple-{}-{}", page.slug, named(include)), why, include, Some(ask));
            let may_head =
                battery.policy.any_method() || battery.policy.methods.iter().any(|it| it == "HEAD");
            if may_head && battery.route().answers("HEAD") {
                let ask = battery.ask(&page.origin).with_credentials(include).method("HEAD");
                let why = "it sees the same on an answer to HEAD";
                let id = format!("head-{}-{}", page.slug, named(include));
                see(battery, &sent, &id, why, include, Some(ask));
            }
            if battery.site.serves_resource {
                let ask = battery.ask(&page.origin).with_credentials(include).path("/protected");
                let why = "it sees the same on an error, which has a challenge to show";
                let id = format!("error-{}-{}", page.slug, named(include));
                see(battery, &["WWW-Authenticate".to_owned()], &id, why, include, Some(ask));
            }
            let ask = battery.preflighted(battery.ask(&page.origin).with_credentials(include));
            let why = "it sees the same on an answer that a preflight came before";
            let id = format!("preflighted-{}-{}", page.slug, named(include));
            see(battery, &sent, &id, why, include, ask.filter(Ask::is_sent));
        }
    }
}

fn see(battery: &mut Battery<'_>, sent: &[String], id: &str, why: &str, include: bool, ask: Option<Ask>) {
    let Some(ask) = ask else { return };
    let tells = |name: &&String| {
        let lower = name.to_ascii_lowercase();
        !ALWAYS_VISIBLE.contains(&&*lower) && !matches!(&*lower, "set-cookie" | "set-cookie2")
    };
    let (visible, hidden): (Vec<String>, Vec<String>) =
        sent.iter().filter(tells).cloned().partition(|name| {
            battery.policy.exposes_any()
                || battery.policy.expose.iter().any(|listed| listed.eq_ignore_ascii_case(name))
        });
    let why = format!("{why}, {}", said(include));
    battery.draft(id, why).visible(0, visible).hidden(0, hidden).one(ask);
}
