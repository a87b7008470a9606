//! Every kind of answer.

use super::draft::Battery;
use super::who::said;

pub(super) fn cases(battery: &mut Battery<'_>) {
    if battery.site.serves_resource {
        statuses(battery);
        failures(battery);
        redirects(battery);
        routes(battery);
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
    let all = [201, 400, 401, 403, 404, 422, 429, 500, 503];
    let some: &[u16] = if battery.is_quick() { &[404, 500] } else { &all };
    for status in some {
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
    let some: &[u16] = if battery.is_quick() { &[302] } else { &[301, 302, 303, 307, 308] };
    for status in some {
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
                [ask],
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
            ("login", "/protected", "the 401 that asks for a login is an answer like others"),
            ("session", "/session", "what a session shows is as readable as the policy says"),
            ("own-cors", "/own-cors", "what an old handler says of CORS itself permits nobody"),
            ("query", "/resource?page=2", "a query changes nothing about who may read"),
        ] {
            if id == "own-cors" && who == "permitted" {
                continue;
            }
            battery.case(
                &format!("{id}-{who}"),
                why,
                [battery.ask(&page).path(path).with_credentials(include)],
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
        let ask = battery.ask(&page).method("HEAD").with_credentials(include);
        battery.case(&format!("head-{who}"), "HEAD is answered like GET", [ask]);
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

fn hits(battery: &mut Battery<'_>) {
    let include = battery.policy.credentials;
    let refused =
        battery.outsider().and_then(|page| battery.preflighted(battery.ask(&page).with_credentials(include)));
    if let Some(ask) = refused {
        battery
            .draft("runs-nothing-stranger", "a refused preflight runs no handler")
            .should()
            .no_hits(0)
            .one(ask);
    }
    if let Some(page) = battery.insider().filter(|_| !battery.policy.any_header()) {
        let ask = battery.ask(&page).header("X-Other", "1").with_credentials(include);
        battery
            .draft("runs-nothing-unlisted", "a preflight that asks for too much runs no handler")
            .should()
            .no_hits(0)
            .one(ask);
    }
}
