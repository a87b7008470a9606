//! Who gets in.

use super::draft::Battery;
use super::look_alikes::Candidate;

pub(super) fn cases(battery: &mut Battery<'_>) {
    let credentials: &[bool] = if battery.policy.credentials { &[true, false] } else { &[false, true] };
    for page in battery.insiders() {
        for &include in credentials {
            let name = named(include);
            battery.case(
                &format!("in-{}-{name}", page.slug),
                format!("a page {} reads as far as the policy goes, {}", page.how, said(include)),
                [battery.ask(&page.origin).with_credentials(include)],
            );
            let ask = battery.preflighted(battery.ask(&page.origin).with_credentials(include));
            // A preflight that grants too much has the request sent, whoever may read its answer.
            let ask = ask.map(|ask| ask.preflight_only(include && !battery.policy.credentials));
            battery.case(
                &format!("in-{}-{name}-preflighted", page.slug),
                format!(
                    "a page {} does what needs a preflight as far as the policy goes, {}",
                    page.how,
                    said(include)
                ),
                ask,
            );
        }
    }
    for page in battery.outsiders() {
        kept_out(battery, &page);
    }
}

fn kept_out(battery: &mut Battery<'_>, page: &Candidate) {
    let Candidate { slug, origin, how } = page;
    let include = battery.policy.credentials;
    battery.case(
        &format!("out-{slug}"),
        format!("a page {how} ({origin}) must not read"),
        [battery.ask(origin)],
    );
    // The answer to a preflight is often written by other code than the answer itself.
    let ask = battery.preflighted(battery.ask(origin).with_credentials(include));
    let ask = ask.map(|ask| ask.preflight_only(true));
    battery.case(
        &format!("out-{slug}-preflighted"),
        format!("a page {how} ({origin}) must not do what needs a preflight, {}", said(include)),
        ask,
    );
    if include {
        battery.case(
            &format!("out-{slug}-with-credentials"),
            format!("a page {how} ({origin}) must not read with the user's credentials"),
            [battery.ask(origin).with_credentials(true)],
        );
    }
}

/// A part of an id.
pub(super) const fn named(include: bool) -> &'static str {
    if include { "with-credentials" } else { "without" }
}

pub(super) const fn said(include: bool) -> &'static str {
    if include { "with credentials" } else { "without credentials" }
}
