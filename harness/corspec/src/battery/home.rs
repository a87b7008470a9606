//! The server's own pages.

use super::draft::Battery;
use crate::case::{Initiator, PreflightUse};

pub(super) fn cases(battery: &mut Battery<'_>) {
    let route = battery.route();
    // What an application answers is known of the protocol's servers alone.
    let fine = battery.site.serves_resource.then_some(200);
    let ask = battery.ask_at_home();
    battery
        .draft("reads", "the server's own page reads, and nobody is asked")
        .preflight(0, PreflightUse::None)
        .status(0, fine)
        .one(ask);
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
                .status(0, fine)
                .one(ask);
        }
    }
    if route.answers("POST") && route.may_be_asked("POST") {
        let ask = battery.ask_at_home().method("POST").header("X-Other", "1").text();
        battery
            .draft("sends-header", "it may send any header, with an Origin that nobody lists")
            .preflight(0, PreflightUse::None)
            .status(0, fine)
            .one(ask);
    } else {
        let ask = battery.ask_at_home().header("X-Other", "1");
        battery.draft("header", "it may send any header").preflight(0, PreflightUse::None).one(ask);
    }
    if battery.site.serves_resource {
        let ask = battery.ask_at_home().method("OPTIONS").path("/own-options");
        battery
            .draft("options", "its OPTIONS is no preflight, and the application answers it")
            .should()
            .preflight(0, PreflightUse::None)
            .visible(0, vec!["Allow".to_owned()])
            .one(ask);
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
