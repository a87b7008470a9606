//! The server's own pages.

use super::draft::Battery;
use crate::case::{Initiator, PreflightUse};

pub(super) fn cases(battery: &mut Battery<'_>) {
    let route = battery.route();
    let ask = battery.ask_at_home();
    battery
        .draft("reads", "the server's own page reads, and nobody is asked")
        .preflight(0, PreflightUse::None)
        .one(ask);
    let ask = battery.ask_at_home().header("X-Other", "1");
    battery.draft("header", "it may send any header").preflight(0, PreflightUse::None).one(ask);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        if route.answers(method) && route.may_be_asked(method) {
            let ask = battery.ask_at_home().method(method);
            let ask = if method == "POST" { ask.text() } else { ask };
            battery
                .draft(
                    &format!("sends-{}", method.to_ascii_lowercase()),
                    format!("it may {method}, with an Origin that nobody lists"),
                )
                .preflight(0, PreflightUse::None)
                .one(ask);
        }
    }
    let names: Vec<String> = route.response_headers.clone();
    let ask = battery.ask_at_home();
    battery.draft("sees", "it sees every header, exposed or not").visible(0, names).one(ask);
    if let Some(outsider) = battery.outsider() {
        // What CORS does not govern: whoever asks without asking to read.
        battery.case(
            "image",
            "an image of a stranger's page loads, as it always could",
            [battery.ask(&outsider).by(Initiator::Image)],
        );
    }
}
