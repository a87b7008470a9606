//! Caches in between.

use super::draft::{Ask, Battery};
use crate::case::Initiator;

pub(super) fn cases(battery: &mut Battery<'_>) {
    let include = battery.policy.credentials;
    let insiders: Vec<String> = battery.insiders().into_iter().map(|page| page.origin).collect();
    let Some(insider) = insiders.first() else { return };
    let route = battery.cacheable();
    let read = |battery: &Battery<'_>, origin: &str| battery.ask_for(route, origin).with_credentials(include);
    let inside = read(battery, insider);
    let image = battery.ask_for(route, insider).by(Initiator::Image);
    shared(
        battery,
        "without-origin-first",
        "whoever asks without Origin must not spoil the answer for the page that comes next",
        [&image, &inside],
    );
    browsers(battery, "image-first", "nor may an image of the page itself", [&image, &inside]);
    let alone = battery.ask_for(route, insider).with_credentials(false);
    shared(
        battery,
        "without-credentials-first",
        "an answer without credentials may be kept for one with them only if it suits it",
        [&alone, &inside, &alone],
    );
    for (number, other) in insiders.iter().enumerate().skip(1).take(3) {
        let second = read(battery, other);
        shared(
            battery,
            &format!("two-visitors-{number}"),
            "two permitted pages behind one CDN are each answered for themselves",
            [&inside, &second, &inside],
        );
        shared(
            battery,
            &format!("two-visitors-reversed-{number}"),
            "in either order",
            [&second, &inside, &second],
        );
        browsers(
            battery,
            &format!("two-pages-{number}"),
            "two permitted pages in one browser are each answered for themselves",
            [&inside, &second, &inside],
        );
    }
    if battery.site.serves_resource {
        let other = inside.clone().header("Accept-Language", "de");
        battery
            .draft("own-vary", "what the resource itself varies by is still told")
            .shared_cache()
            .past_caches(1)
            .steps([(0, inside.clone().header("Accept-Language", "en")), (1, other)]);
    }
    let Some(outsider) = battery.outsider() else { return };
    let outside = read(battery, &outsider);
    shared(
        battery,
        "stranger-first",
        "a stranger must not have the refusal kept for everybody",
        [&outside, &inside],
    );
    shared(
        battery,
        "stranger-second",
        "a stranger must not be handed what was kept for a permitted page",
        [&inside, &outside],
    );
    shared(
        battery,
        "in-turn",
        "permitted, stranger, permitted, again and again",
        [&inside, &outside, &inside, &outside, &image, &inside],
    );
    if !battery.permits("null") {
        let opaque = read(battery, "null");
        shared(
            battery,
            "opaque-first",
            "a sandboxed page must not have its refusal kept for everybody",
            [&opaque, &inside],
        );
    }
}

/// Behind a cache that all visitors share.
fn shared<const N: usize>(battery: &mut Battery<'_>, id: &str, why: &str, asks: [&Ask; N]) {
    battery.draft(id, why).shared_cache().steps(in_turn(asks));
}

/// In one browser that keeps answers.
fn browsers<const N: usize>(battery: &mut Battery<'_>, id: &str, why: &str, asks: [&Ask; N]) {
    battery.draft(&format!("browser-{id}"), why).http_cache().steps(in_turn(asks));
}

fn in_turn<const N: usize>(asks: [&Ask; N]) -> impl Iterator<Item = (u64, Ask)> {
    asks.into_iter()
        .cloned()
        .enumerate()
        .map(|(number, ask)| (number as u64, ask))
        .collect::<Vec<_>>()
        .into_iter()
}
