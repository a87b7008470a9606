//! Orders and repetitions.

use super::draft::{Ask, Battery};

pub(super) fn cases(battery: &mut Battery<'_>) {
    let include = battery.policy.credentials;
    let insiders: Vec<String> = battery.insiders().into_iter().map(|page| page.origin).collect();
    let outsiders: Vec<String> = battery.outsiders().into_iter().map(|page| page.origin).take(3).collect();
    let reads = |battery: &Battery<'_>, origin: &String| battery.ask(origin).with_credentials(include);
    if let (Some(insider), Some(outsider)) = (insiders.first(), battery.outsider()) {
        let (inside, outside) = (reads(battery, insider), reads(battery, &outsider));
        battery.case(
            "in-out-in",
            "a stranger between two visits changes nothing",
            [inside.clone(), outside.clone(), inside.clone(), outside.clone(), inside.clone()],
        );
        battery.case(
            "out-in-out",
            "nor does a permitted page between two strangers",
            [
                outside.clone(),
                inside.clone(),
                outside.clone(),
                outside.clone(),
                inside.clone(),
                outside.clone(),
            ],
        );
        if let (Some(asked), Some(refused)) =
            (battery.preflighted(inside.clone()), battery.preflighted(outside.clone()))
        {
            battery.case(
                "preflights-in-turn",
                "preflights are answered each for itself",
                [
                    refused.clone(),
                    asked.clone(),
                    refused.clone(),
                    inside.clone(),
                    refused,
                    outside.clone(),
                    asked,
                ],
            );
        }
        let alone = battery.ask(insider).with_credentials(false);
        battery.case(
            "credentials-in-turn",
            "what was answered with credentials does not decide what is answered without, or the other way round",
            [alone.clone(), inside.clone(), alone.clone(), inside.clone()],
        );
        if !battery.policy.any_header() {
            let listed = battery.a_listed_header().map(|name| battery.ask(insider).header(name, "1"));
            let other = battery.ask(insider).header("X-Other", "1");
            let asks: Vec<Ask> =
                [Some(other.clone()), listed.clone(), Some(other.clone()), listed, Some(other)]
                    .into_iter()
                    .flatten()
                    .collect();
            battery.case("headers-in-turn", "a grant for one header is none for the next", asks);
        }
        repeat(battery, "many-times-in", "the tenth time is like the first", &inside);
        repeat(battery, "many-times-out", "a stranger who insists stays out", &outside);
    }
    if let [first, second, ..] = &insiders[..] {
        let (one, two) = (reads(battery, first), reads(battery, second));
        battery.case(
            "two-permitted-in-turn",
            "each permitted page is answered for itself, whoever came first",
            [two.clone(), one.clone(), two.clone(), one.clone()],
        );
        if let (Some(one), Some(two)) = (battery.preflighted(one), battery.preflighted(two)) {
            battery.case(
                "two-permitted-preflights",
                "so are their preflights",
                [one.clone(), two.clone(), one, two],
            );
        }
    }
    if let [first, second, third] = &outsiders[..] {
        let asks = [first, second, third, first].map(|origin| reads(battery, origin));
        battery.case("strangers-in-turn", "none of several strangers gets in because of another", asks);
    }
}

fn repeat(battery: &mut Battery<'_>, id: &str, why: &str, ask: &Ask) {
    let times = 10;
    battery.case(id, why, std::iter::repeat_n(ask.clone(), times));
}
