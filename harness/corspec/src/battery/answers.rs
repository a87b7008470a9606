//! Every kind of answer.

use super::draft::{Ask, Battery};
use super::who::{named, said};

pub(super) fn cases(battery: &mut Battery<'_>) {
    if battery.site.serves_resource {
        statuses(battery);
        failures(battery);
        redirects(battery);
        routes(battery);
        handlers(battery);
        hits(battery);
    } else {
        nowhere(battery, "/corspec-knows-no-such-path");
        every_route(battery);
    }
}

/// The paths of a server of one's own, beside the one that all else uses.
fn every_route(battery: &mut Battery<'_>) {
    let (insider, outsider) = (battery.insider(), battery.outsider());
    let include = battery.policy.credentials;
    for (number, route) in battery.site.routes.iter().enumerate().skip(1) {
        let readable = route.answers("GET") || route.answers("HEAD");
        for page in insider.iter().filter(|_| readable) {
            let ask = battery.ask_for(route, page).with_credentials(include);
            battery.case(
                &format!("route-{}", number + 1),
                format!("a permitted page reads {}", route.path),
                [ask],
            );
        }
        for page in outsider.iter().filter(|_| readable) {
            let ask = battery.ask_for(route, page).with_credentials(include);
            battery.case(
                &format!("route-{}-stranger", number + 1),
                format!("a stranger does not read {}", route.path),
                [ask],
            );
        }
        for method in
            route.methods.iter().filter(|method| !matches!(&***method, "GET" | "HEAD" | "POST" | "OPTIONS"))
        {
            for (page, who) in insider
                .iter()
                .map(|page| (page, "a permitted page"))
                .chain(outsider.iter().map(|page| (page, "a stranger")))
            {
                let ask = battery.ask_for(route, page).method(method).with_credentials(include);
                let ask = ask.preflight_only(!route.may_be_asked(method));
                let id = format!(
                    "route-{}-{}-{}",
                    number + 1,
                    super::draft::slug(method),
                    if who == "a stranger" { "stranger" } else { "permitted" }
                );
                battery.case(&id, format!("{who} asks for {method} {}", route.path), [ask]);
            }
        }
    }
}

fn statuses(battery: &mut Battery<'_>) {
    let (insider, outsider) = (battery.insider(), battery.outsider());
    let include = battery.policy.credentials;
    for status in [201, 400, 401, 403, 404, 422, 429, 500, 503] {
        let path = format!("/status/{status}");
        if let Some(page) = &insider {
            let ask = battery.ask(page).path(&path).with_credentials(include);
            battery.case(
                &format!("status-{status}"),
                format!("a permitted page must be able to read the {status}, {}", said(include)),
                [ask],
            );
            let ask = battery.ask(page).path(&path).method("POST").text();
            battery.case(
                &format!("status-{status}-post"),
                format!("and the {status} that answers a POST"),
                [ask],
            );
        }
        if let Some(page) = &outsider {
            let ask = battery.ask(page).path(&path).with_credentials(include);
            battery.case(
                &format!("status-{status}-stranger"),
                format!("a stranger must not read the {status}"),
                [ask],
            );
        }
    }
    nowhere(battery, "/nowhere");
}

fn nowhere(battery: &mut Battery<'_>, path: &str) {
    let include = battery.policy.credentials;
    if let Some(page) = battery.insider() {
        let ask = battery.ask(&page).path(path).with_credentials(include);
        battery
            .draft("nowhere", "a permitted page must be able to read that there is nothing there")
            .should()
            .one(ask);
    }
    if let Some(page) = battery.outsider() {
        let ask = battery.ask(&page).path(path).with_credentials(include);
        battery.case("nowhere-stranger", "a stranger must not read that there is nothing there", [ask]);
    }
}

fn failures(battery: &mut Battery<'_>) {
    let include = battery.policy.credentials;
    if let Some(page) = battery.insider() {
        let ask = battery.ask(&page).path("/error").with_credentials(include);
        battery
            .draft("handler-fails", "a permitted page must be able to read that the handler failed")
            .should()
            .one(ask);
    }
    if let Some(page) = battery.outsider() {
        let ask = battery.ask(&page).path("/error").with_credentials(include);
        battery.case("handler-fails-stranger", "a stranger must not read that the handler failed", [ask]);
        if let Some(ask) = battery.preflighted(battery.ask(&page).path("/nowhere")) {
            battery.case(
                "nowhere-stranger-preflighted",
                "a stranger's preflight is refused where there is nothing, too",
                [ask],
            );
        }
    }
}

fn redirects(battery: &mut Battery<'_>) {
    let include = battery.policy.credentials;
    for status in [301, 302, 303, 307, 308] {
        let home = format!("/redirect?to={{server}}%2Fresource&status={status}");
        let away = format!("/redirect?to={{twin}}%2Fresource&status={status}");
        if let Some(page) = battery.insider() {
            let ask = battery.ask(&page).path(&home).with_credentials(include);
            battery.case(
                &format!("redirect-{status}"),
                format!("the {status} and what it leads to are both readable"),
                [ask],
            );
            let ask = battery.ask(&page).path(&away).with_credentials(include);
            battery.case(
                &format!("redirect-{status}-away"),
                format!("a {status} to another server is followed in the name of `null`"),
                [ask],
            );
        }
        if let Some(page) = battery.outsider() {
            let ask = battery.ask(&page).path(&home).with_credentials(include);
            battery.case(
                &format!("redirect-{status}-stranger"),
                format!("a stranger is not led anywhere by a {status}"),
                [ask.clone()],
            );
            battery.case(
                &format!("redirect-{status}-stranger-unled"),
                format!("nor does it learn that there is a {status}"),
                [ask.unled()],
            );
        }
    }
}

fn routes(battery: &mut Battery<'_>) {
    let include = battery.policy.credentials;
    let pages = battery
        .insider()
        .map(|page| (page, "permitted"))
        .into_iter()
        .chain(battery.outsider().map(|page| (page, "stranger")));
    for (page, who) in pages.collect::<Vec<_>>() {
        for (id, path, why) in [
            ("session", "/session", "what a session shows is as readable as the policy says"),
            ("own-cors", "/own-cors", "what an old handler says of CORS itself permits nobody"),
            ("query", "/resource?page=2", "a query changes nothing about who may read"),
        ] {
            if id == "own-cors" && who == "permitted" {
                continue;
            }
            for include in [false, true] {
                battery.case(
                    &format!("{id}-{who}-{}", named(include)),
                    format!("{why}, {}", said(include)),
                    [battery.ask(&page).path(path).with_credentials(include)],
                );
            }
        }
        let ask = battery.ask(&page).path("/protected").with_credentials(include);
        let draft =
            battery.draft(&format!("login-{who}"), "the 401 that asks for a login is an answer like others");
        draft.status(0, Some(401)).one(ask);
        for (id, path, why) in [
            ("query", "/resource?page=2", "nor does a query change what a preflight is answered"),
            ("less", "/session", "a preflight for a method that a route lacks is answered like any other"),
        ] {
            if let Some(ask) = battery.preflighted(battery.ask(&page).path(path).with_credentials(include)) {
                let ask = ask.preflight_only(true);
                battery.draft(&format!("preflight-{id}-{who}"), why).should().one(ask);
            }
        }
        for (id, content_type) in [("form", "application/x-www-form-urlencoded"), ("text", "text/plain")] {
            let ask = battery.ask(&page).method("POST").header("Content-Type", content_type).text();
            battery.case(
                &format!("post-{id}-{who}"),
                "whatever a form could send as well goes out unasked; who reads the answer is another matter",
                [ask.with_credentials(include)],
            );
        }
        let ask = battery
            .ask(&page)
            .path("/protected")
            .header("Authorization", "Bearer letmein")
            .with_credentials(include);
        battery.case(
            &format!("token-{who}"),
            "a token is a header like others, and has to be granted",
            [ask],
        );
        for include in [false, true] {
            let ask = battery.ask(&page).method("HEAD").with_credentials(include);
            let why = format!("HEAD is answered like GET, {}", said(include));
            battery.case(&format!("head-{who}-{}", named(include)), why, [ask]);
            let ask = battery.ask(&page).path("/status/404").with_credentials(include);
            let why = format!("an error is as readable as an answer, {}", said(include));
            battery.case(&format!("error-{who}-{}", named(include)), why, [ask]);
        }
        if let Some(ask) = battery.preflighted(battery.ask(&page).path("/nowhere").with_credentials(include))
        {
            battery
                .draft(
                    &format!("preflight-nowhere-{who}"),
                    "a preflight is answered before anybody knows that there is nothing there",
                )
                .should()
                .one(ask.preflight_only(true));
        }
    }
}

/// Handlers that say something of CORS, or answer OPTIONS, themselves.
fn handlers(battery: &mut Battery<'_>) {
    let include = battery.policy.credentials;
    let legacy = "https://legacy.example";
    if !battery.permits(legacy) {
        for include in [false, true] {
            let ask = battery.ask(legacy).path("/own-cors").with_credentials(include);
            battery
                .draft(
                    &format!("own-cors-legacy-{}", named(include)),
                    format!(
                        "the page that an old handler names is a stranger all the same, {}",
                        said(include)
                    ),
                )
                .should()
                .one(ask);
        }
    }
    let Some(insider) = battery.insider() else { return };
    let ask = battery.ask(&insider).path("/own-cors").with_credentials(include);
    battery
        .draft(
            "own-cors-insider",
            "a permitted page reads what an old handler answers with headers of its own",
        )
        .should()
        .one(ask);
    let ask = battery.ask(&insider).path("/own-options").method("OPTIONS").with_credentials(include);
    battery
        .draft(
            "own-options",
            "OPTIONS is granted where the policy lists it, and then the application answers it",
        )
        .should()
        .status(0, Some(200))
        .one(ask);
}

fn hits(battery: &mut Battery<'_>) {
    let include = battery.policy.credentials;
    let granted = battery
        .insider()
        .and_then(|page| battery.preflighted(battery.ask(&page).with_credentials(include)))
        .filter(Ask::is_sent);
    if let Some(ask) = granted {
        battery
            .draft("runs-once", "the handler runs for the request, and not for its preflight")
            .should()
            .hits(0, 1)
            .one(ask);
    }
    let refused =
        battery.outsider().and_then(|page| battery.preflighted(battery.ask(&page).with_credentials(include)));
    if let Some(ask) = refused {
        battery
            .draft("runs-nothing-stranger", "a refused preflight runs no handler")
            .should()
            .hits(0, 0)
            .one(ask);
    }
    if let Some(page) = battery.insider().filter(|_| !battery.policy.any_header()) {
        let ask = battery.ask(&page).header("X-Other", "1").with_credentials(include);
        battery
            .draft("runs-nothing-unlisted", "a preflight that asks for too much runs no handler")
            .should()
            .hits(0, 0)
            .one(ask);
    }
}
