//! A first look at the server, before any case: whether it answers at all, and what its answers give away.

use corspec_browser::{Bytes, Header, HeaderList, HttpRequest, Purpose};
use serde::Serialize;
use url::Url;

use super::config::Config;
use super::hint::Framework;
use super::transport::is_loopback;
use crate::record::{Record, text};
use crate::report::printable::abridged;
use crate::wire::Transport;

/// What a first look tells.
#[derive(Clone, Debug, Default)]
pub struct Probe {
    /// The names of the headers of each route's answer.
    pub headers: Vec<Vec<String>>,
    /// What stands in the way of testing anything of interest.
    pub troubles: Vec<Trouble>,
    /// In what the server seems to be written.
    pub framework: Option<Framework>,
}

/// What stands in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// The stable name.
    pub code: &'static str,
    /// What was seen.
    pub seen: String,
    /// The way out.
    pub help: String,
    /// Whether nothing can be tested at all.
    pub fatal: bool,
}

/// Asks for every route once, as a program would that is no browser.
pub async fn probe(config: &Config, transport: &dyn Transport) -> Probe {
    let mut probe = Probe::default();
    let mut seen = Vec::new();
    for route in &config.routes {
        let path = config.path(route);
        let Ok(url) = config.origin().join(&path) else { continue };
        let method = if route.methods.iter().any(|method| method == "GET") || route.methods.is_empty() {
            "GET"
        } else if route.methods.iter().any(|method| method == "HEAD") {
            "HEAD"
        } else {
            // What is only written to is not asked for on trial.
            probe.headers.push(Vec::new());
            continue;
        };
        let mut headers: HeaderList = route
            .headers
            .iter()
            .map(|(name, value)| Header::new(name.clone().into_bytes(), value.clone().into_bytes()))
            .collect();
        if let Some(cookie) = &config.cookie {
            headers.append(&b"Cookie"[..], cookie.clone().into_bytes());
        }
        let request = HttpRequest {
            purpose: Purpose::Actual,
            method: Bytes::Borrowed(method.as_bytes()),
            url,
            headers,
            body: None,
        };
        match transport.exchange(&request).await {
            Ok(response) => {
                let headers: Vec<(String, String)> =
                    response.headers.iter().map(|line| (text(&line.name), text(&line.value))).collect();
                probe.framework = probe.framework.or_else(|| Framework::recognised(&headers));
                let location = response.headers.get(b"Location").map(|value| text(&value));
                seen.push((path, Ok((response.status, location))));
                let mut names: Vec<String> = headers.into_iter().map(|(name, _)| name).collect();
                names.retain(|name| is_the_handlers(name));
                names.dedup();
                probe.headers.push(names);
            }
            Err(error) => {
                seen.push((path, Err(error.to_string())));
                probe.headers.push(Vec::new());
            }
        }
    }
    probe.framework = config.framework.or(probe.framework);
    probe.troubles = troubles(config, &seen);
    probe
}

type Seen = (String, Result<(u16, Option<String>), String>);

fn troubles(config: &Config, seen: &[Seen]) -> Vec<Trouble> {
    let all = |test: &dyn Fn(&Seen) -> bool| !seen.is_empty() && seen.iter().all(test);
    let status = |seen: &Seen| seen.1.as_ref().map(|(status, _)| *status).unwrap_or_default();
    let trouble =
        |code, seen: String, help: &str, fatal| Trouble { code, seen, help: help.to_owned(), fatal };
    let mut found = Vec::new();
    let https_pages = config.policy.origins.iter().any(|origin| origin.starts_with("https://"));
    let known_by_https = config.public.as_ref().is_some_and(|public| public.starts_with("https://"));
    if config.server.scheme() == "http" && !is_loopback(&config.server) && https_pages && !known_by_https {
        found.push(trouble(
            "mixed-content",
            format!("{} is not https, and browsers let no https page ask it, whatever it answers", config.server),
            "serve it over https; if a proxy does so already, say under which origin: public: https://api.example",
            false,
        ));
    }
    for route in &config.routes {
        let asks_get = route.methods.is_empty() || route.methods.iter().any(|method| method == "GET");
        let typed = route.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if asks_get && typed {
            found.push(trouble(
                "content-type-on-get",
                format!("{} is asked with Content-Type by GET, too, which has no body", abridged(&route.path, 200)),
                "leave it out, or write a second route with the same path for the methods that have a body: with it browsers send a preflight ahead of every GET",
                false,
            ));
        }
    }
    if let (Some((_, Err(error))), true) = (seen.first(), all(&|seen| seen.1.is_err())) {
        let error = abridged(error, 300);
        let (code, help) = unreachable(config.server.scheme(), &error);
        let server = &config.server;
        return vec![trouble(code, format!("{server} cannot be reached: {error}"), help, true)];
    }
    let refused = |seen: &Seen| matches!(status(seen), 401 | 403);
    let login = |seen: &Seen| {
        (300..400).contains(&status(seen)) && matches!(&seen.1, Ok((_, Some(to))) if is_login(to))
    };
    if all(&refused) {
        found.push(trouble(
            "unauthorized",
            format!("every route answers {} to a request that is made as corspec.yaml says", status(&seen[0])),
            "add what your pages send: headers: {Authorization: \"Bearer ${API_TOKEN}\"} at the route, or cookie: \"session=${SESSION}\"",
            false,
        ));
    } else if all(&login) {
        let to = seen.iter().find_map(|seen| seen.1.as_ref().ok()?.1.clone()).unwrap_or_default();
        found.push(trouble(
            "login",
            format!("every route redirects to {}, which looks like a login", abridged(&to, 120)),
            "add cookie: \"session=${SESSION}\" with a session of yours, and policy.credentials: true",
            false,
        ));
    } else if all(&|seen| status(seen) == 404) {
        let base = config.server.path().trim_end_matches('/');
        let twice = config.routes.iter().any(|route| !base.is_empty() && route.path.starts_with(base));
        let help = if twice {
            "routes are below the path that `server` has, which they repeat: take it out of one of them"
        } else {
            "name a path under `routes` that your pages read, such as {path: /api/items}"
        };
        let asked = seen.first().map_or("", |(path, _)| path);
        found.push(trouble(
            "not-found",
            format!(
                "every route answers 404, such as {}: nothing of interest is asked for",
                abridged(asked, 200)
            ),
            help,
            false,
        ));
    } else if all(&|seen| status(seen) >= 500) {
        found.push(trouble(
            "fails",
            format!("every route answers {}", status(&seen[0])),
            "see the server's log; until it works, only its errors are tested",
            false,
        ));
    } else {
        for one in seen.iter().filter(|seen| refused(seen) || status(seen) == 404 || login(seen)) {
            found.push(trouble(
                "route",
                format!("{} answers {}", one.0, status(one)),
                "if pages get more than that, say in corspec.yaml what they send",
                false,
            ));
        }
    }
    found
}

/// The way out of what kept every request from being answered. What went wrong is known by the words of the libraries alone.
fn unreachable(scheme: &str, error: &str) -> (&'static str, &'static str) {
    let says = |words: &[&str]| words.iter().any(|word| error.contains(word));
    if says(&["InvalidContentType", "InvalidMessage", "wrong version number"]) {
        ("wrong-scheme", "something listens there and speaks no TLS: write http:// in `server`")
    } else if says(&["certificate", "Certificate"]) {
        (
            "certificate",
            "give the file of the authority that signed its certificate as tls.ca (--ca FILE), or trust any with --insecure",
        )
    } else if says(&["dns error"]) {
        ("unreachable", "there is no host of that name: correct `server` in corspec.yaml")
    } else if says(&["refused"]) {
        ("unreachable", "nothing listens there: start your server, or correct `server` in corspec.yaml")
    } else if scheme == "http" && says(&["connection closed", "reset", "invalid HTTP"]) {
        (
            "unreachable",
            "something listens there and does not answer: if it speaks TLS, write https:// in `server`; if not, see its log",
        )
    } else {
        ("unreachable", "start it, or correct `server` in corspec.yaml")
    }
}

/// What a server's answers tell only while it is asked often.
pub(super) fn rate_limited(record: &Record) -> Option<Trouble> {
    let steps = record.results.iter().flat_map(|result| &result.steps);
    let responses = steps.flat_map(|step| &step.exchanges).filter_map(|exchange| exchange.response.as_ref());
    let number = responses.filter(|response| response.status == 429).count();
    (number > 0).then(|| Trouble {
        code: "rate-limited",
        seen: format!(
            "the server answers 429: it is asked too often, and {number} answers tell nothing else"
        ),
        help: "set limits: {per_second: 5} in corspec.yaml".to_owned(),
        fatal: false,
    })
}

fn is_login(location: &str) -> bool {
    let place = Url::parse(location).map_or_else(|_| location.to_owned(), |url| url.to_string());
    let place = place.to_ascii_lowercase();
    ["login", "signin", "sign-in", "auth", "sso", "oauth", "session"].iter().any(|word| place.contains(word))
}

/// Whether a header is on every answer of that route, for whoever asks.
fn is_the_handlers(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.starts_with("access-control-")
        && !matches!(
            &*name,
            "connection"
                | "keep-alive"
                | "transfer-encoding"
                | "date"
                | "age"
                | "set-cookie"
                | "vary"
                | "alt-svc"
                | "content-length"
                | "etag"
                | "retry-after"
                | "upgrade"
                | "trailer"
        )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::own::{plain_policy, server_url};

    #[rstest]
    #[case::tls_asked_of_none(
        "https",
        "client error (Connect): received corrupt message of type InvalidContentType",
        "write http://"
    )]
    #[case::none_asked_of_tls(
        "http",
        "client error (SendRequest): connection closed before message completed",
        "write https://"
    )]
    #[case::certificate("https", "invalid peer certificate: UnknownIssuer", "--ca FILE")]
    #[case::name("https", "client error (Connect): dns error: failed to lookup", "no host of that name")]
    #[case::nobody("http", "tcp connect error: Connection refused (os error 111)", "nothing listens there")]
    #[case::else_("https", "no answer in time", "start it")]
    fn the_way_out_of_no_answer(#[case] scheme: &str, #[case] error: &str, #[case] help: &str) {
        assert!(unreachable(scheme, error).1.contains(help));
    }

    #[rstest]
    #[case::twice("http://localhost/api", "/api/items", "take it out of one of them")]
    #[case::once("http://localhost/api", "/items", "name a path")]
    #[case::none("http://localhost", "/items", "name a path")]
    fn a_path_that_stands_twice(#[case] server: &str, #[case] path: &str, #[case] help: &str) {
        let mut config = Config::new(server_url(server).unwrap(), plain_policy(Vec::new()));
        config.routes = vec![super::super::config::OwnRoute::read(path)];
        let seen = [(config.path(&config.routes[0]), Ok((404, None)))];
        let found = troubles(&config, &seen);
        assert!(found[0].help.contains(help), "{found:?}");
    }

    #[rstest]
    #[case::get("GET", "content-type", true)]
    #[case::post("POST", "Content-Type", false)]
    #[case::another("GET", "X-Token", false)]
    fn a_content_type_without_a_body(#[case] method: &str, #[case] header: &str, #[case] told: bool) {
        let mut config = Config::new(server_url("http://localhost").unwrap(), plain_policy(Vec::new()));
        config.routes[0].methods = vec![method.to_owned()];
        config.routes[0].headers = vec![(header.to_owned(), "application/json".to_owned())];
        let codes: Vec<_> = troubles(&config, &[]).iter().map(|trouble| trouble.code).collect();
        assert_eq!(codes, if told { vec!["content-type-on-get"] } else { vec![] });
    }

    #[rstest]
    #[case::a_name("http://api.internal/", None, "https://app.example", true)]
    #[case::behind_a_proxy("http://api.internal/", Some("https://api.example"), "https://app.example", false)]
    #[case::this_machine("http://127.0.0.1:8080/", None, "https://app.example", false)]
    #[case::https("https://api.example/", None, "https://app.example", false)]
    #[case::a_page_on_http("http://api.internal/", None, "http://intranet", false)]
    fn mixed_content(
        #[case] server: &str,
        #[case] public: Option<&str>,
        #[case] page: &str,
        #[case] told: bool,
    ) {
        let mut config = Config::new(server_url(server).unwrap(), plain_policy(vec![page.to_owned()]));
        config.public = public.map(str::to_owned);
        let seen = [("/".to_owned(), Ok((200, None)))];
        let codes: Vec<_> = troubles(&config, &seen).iter().map(|trouble| trouble.code).collect();
        assert_eq!(codes, if told { vec!["mixed-content"] } else { vec![] });
    }
}
