//! The times around max-age.

use super::draft::Battery;
use crate::case::PreflightUse;

pub(super) fn cases(battery: &mut Battery<'_>) {
    let (Some(insider), Some(seconds)) = (battery.insider(), battery.policy.max_age) else { return };
    let ask = battery.ask(&insider).with_credentials(battery.policy.credentials);
    let Some(ask) = battery.preflighted(ask) else { return };
    if seconds == 0 {
        battery
            .draft("not-remembered", "a max-age of 0 has every request asked for anew")
            .preflight(0, PreflightUse::Sent)
            .preflight(1, PreflightUse::Sent)
            .steps([(0, ask.clone()), (1, ask)]);
        return;
    }
    battery
        .draft("remembered", "within max-age the permission is remembered, and behind it asked for again")
        .preflight(0, PreflightUse::Sent)
        .preflight(1, PreflightUse::Cached)
        .preflight(2, PreflightUse::Sent)
        .steps([
            (0, ask.clone()),
            (seconds.saturating_sub(1), ask.clone()),
            (seconds.saturating_add(1), ask.clone()),
        ]);
    if let Some(name) = battery.policy.headers.iter().find(|name| *name != "*") {
        let more = ask.clone().header(name, "1");
        battery
            .draft("one-header-more", "a listed header that was not asked for before does not hinder")
            .steps([(0, ask), (0, more)]);
    }
}
