//! What a server grants, where nobody has written down what it should.

use std::collections::BTreeSet;
use std::time::Duration;

use corspec_browser::{
    Browser, Bytes, CredentialsMode, Fetch, HttpResponse, Next, Origin, Page, Profile, Purpose, RequestInit,
};
use serde::Serialize;
use url::{Host, Url};

use super::config::Config;
use super::hint::Framework;
use super::probe::{Trouble, probe};
use super::transport::OwnTransport;
use crate::explain::{Answer, Explanation, Question, Verdict};
use crate::record::{ExchangeRecord, ResponseRecord, lines, purpose, text};
use crate::wire::Transport;

/// What a server grants, and how dangerous that is.
#[derive(Clone, Debug, Serialize)]
pub struct Audit {
    /// The URL that was asked for.
    pub server: String,
    /// What stood in the way.
    pub troubles: Vec<Trouble>,
    /// What each kind of page gets, the worst first.
    pub grants: Vec<Grant>,
    /// How many requests were sent.
    pub requests: usize,
    /// In what the server seems to be written.
    #[serde(serialize_with = "by_name")]
    pub framework: Option<Framework>,
}

/// What one kind of page gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// How dangerous that is.
    pub severity: Severity,
    /// The stable name of who asks.
    pub code: &'static str,
    /// Who asks, in words.
    pub who: String,
    /// The origin that asked.
    pub origin: String,
    /// The browsers that let the page read without cookies.
    pub reads: BTreeSet<&'static str>,
    /// The browsers that let it read with the visitor's cookies.
    pub reads_with_cookies: BTreeSet<&'static str>,
    /// The methods that a preflight granted it, of those that change something.
    pub methods: BTreeSet<String>,
    /// Whether it may send a header that nobody has heard of.
    pub any_header: bool,
    /// What that means.
    pub means: String,
    /// What to do about it.
    pub mend: &'static str,
    /// What was sent, and what came back.
    pub exchanges: Vec<ExchangeRecord>,
}

/// How dangerous a grant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is granted, or nothing that anybody could not have by themselves.
    Harmless,
    /// It takes an accident elsewhere to do harm.
    Low,
    /// It does harm in some places.
    Medium,
    /// Any page can act as the visitor.
    High,
}

impl Severity {
    /// Every severity, the least first.
    pub const ALL: [Self; 4] = [Self::Harmless, Self::Low, Self::Medium, Self::High];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Somebody who asks.
struct Visitor {
    code: &'static str,
    who: String,
    origin: String,
}

/// Asks for the first route as pages of many kinds would. Only GET, HEAD and OPTIONS are sent. `known`: origins that may
/// well be permitted, so that what looks like them is tried.
pub async fn audit(config: &Config, transport: &OwnTransport, known: &[String]) -> Audit {
    let seen = probe(config, transport).await;
    let mut audit = Audit {
        server: config.server.to_string(),
        troubles: seen.troubles,
        grants: Vec::new(),
        requests: 0,
        framework: seen.framework,
    };
    if !audit.troubles.iter().any(|trouble| trouble.fatal) {
        for visitor in visitors(&config.server, known) {
            audit.grants.push(grant(config, transport, visitor).await);
        }
        // Where everybody gets in, each of the others gets in for the same cause.
        let everybody = audit.grants.iter().find(|grant| grant.code == "anybody").cloned();
        audit.grants.retain(|grant| {
            grant.code == "anybody"
                || everybody.as_ref().is_none_or(|everybody| {
                    grant.severity > everybody.severity
                        || !grant.reads.is_subset(&everybody.reads)
                        || !grant.reads_with_cookies.is_subset(&everybody.reads_with_cookies)
                })
        });
        audit.grants.sort_by_key(|grant| std::cmp::Reverse(grant.severity));
    }
    audit.requests = transport.sent();
    audit
}

fn visitors(server: &Url, known: &[String]) -> Vec<Visitor> {
    let mut all = vec![
        visitor("anybody", "any page on the web", "https://corspec-audit.test"),
        visitor("null", "any page that opens a sandboxed frame", "null"),
        visitor("localhost", "a page that is developed on the visitor's machine", "http://localhost:3000"),
    ];
    let own = Origin::of(server).serialization().to_owned();
    let named = |text: &String| Origin::parse(text).is_some() && *text != own;
    for origin in known.iter().filter(|origin| named(origin)).chain(std::iter::once(&own)) {
        let Some((scheme, host)) = origin.split_once("://") else { continue };
        let name = host.split(':').next().unwrap_or_default();
        if origin != &own {
            all.push(visitor("named", "the page that was named", origin));
        }
        if name.is_empty() || !name.contains('.') || name.parse::<std::net::Ipv4Addr>().is_ok() {
            continue;
        }
        let mut like = |who: &str, origin: String| all.push(visitor("look-alike", who, &origin));
        like(&format!("a page whose name ends like {name}"), format!("{scheme}://corspec{name}"));
        like(
            &format!("a page whose name begins like {name}"),
            format!("{scheme}://{name}.corspec-audit.test"),
        );
        if let Some(dot) = name.rfind('.') {
            let loose = format!("{}x{}", &name[..dot], &name[dot + 1..]);
            like(
                &format!("a page whose name is {name} with its dot taken for any letter"),
                format!("{scheme}://{loose}.test"),
            );
        }
        if scheme == "https" {
            let who =
                format!("the page of {name} without TLS, which anybody on the visitor's network can make up");
            all.push(visitor("insecure", &who, &format!("http://{host}")));
        }
        all.push(visitor(
            "subdomain",
            &format!("any subdomain of {name}"),
            &format!("{scheme}://corspec-audit.{name}"),
        ));
    }
    let mut seen = BTreeSet::new();
    all.retain(|visitor| seen.insert(visitor.origin.clone()));
    all
}

fn visitor(code: &'static str, who: &str, origin: &str) -> Visitor {
    Visitor { code, who: who.to_owned(), origin: origin.to_owned() }
}

/// Methods that change something. A preflight alone is sent for them.
const METHODS: [&str; 3] = ["PUT", "PATCH", "DELETE"];

async fn grant(config: &Config, transport: &OwnTransport, visitor: Visitor) -> Grant {
    let url = config.routes.first().map_or_else(
        || config.server.to_string(),
        |route| {
            config.origin().join(&config.path(route)).map_or_else(|_| config.server.to_string(), Into::into)
        },
    );
    let headers: Vec<(String, String)> =
        config.routes.first().map(|route| route.headers.clone()).unwrap_or_default();
    let ask = |method: &'static str, credentials, extra: Option<&'static str>| {
        let mut init = RequestInit::new(url.clone());
        init.method = Bytes::Borrowed(method.as_bytes());
        init.credentials = credentials;
        let own = headers.iter().map(|(name, value)| (name.clone(), value.clone()));
        let extra = extra.map(|name| (name.to_owned(), "1".to_owned()));
        init.headers = own
            .chain(extra)
            .map(|(name, value)| (name.into_bytes().into(), value.into_bytes().into()))
            .collect();
        init
    };
    let page = Page::new(Origin::parse(&visitor.origin).unwrap_or(Origin::Opaque));
    let mut exchanges = Vec::new();
    let mut reads = |mut performed: Performed| {
        // Mixed content is not what is looked for: whoever means harm puts his page on http, too.
        if let (Some(rest), Some("https")) =
            (performed.init.url.strip_prefix("http://"), page.origin.scheme())
        {
            performed.init.url = format!("https://{rest}");
        }
        let question = Question {
            page: page.clone(),
            init: performed.init,
            answers: performed.answers,
            notes: Vec::new(),
        };
        let engines = Profile::ALL
            .into_iter()
            .filter(|profile| Explanation::of(&question, *profile).verdict == Verdict::Allow);
        let engines: BTreeSet<_> = engines.map(Profile::name).collect();
        exchanges.extend(performed.exchanges);
        engines
    };
    let plain = perform(transport, &page, ask("GET", CredentialsMode::Omit, None)).await;
    let plain = reads(plain);
    let with_cookies = perform(transport, &page, ask("GET", CredentialsMode::Include, None)).await;
    let with_cookies = reads(with_cookies);
    let credentials = if with_cookies.is_empty() { CredentialsMode::Omit } else { CredentialsMode::Include };
    let mut methods = BTreeSet::new();
    for method in METHODS {
        let performed = perform(transport, &page, ask(method, credentials, None)).await;
        if performed.withheld {
            methods.insert(method.to_owned());
        }
    }
    let any_header = perform(transport, &page, ask("GET", credentials, Some("X-Corspec-Audit"))).await;
    let any_header = any_header.allowed_after_preflight;
    let (severity, means, mend) =
        judged(config, &visitor, !plain.is_empty(), !with_cookies.is_empty(), &exchanges);
    Grant {
        severity,
        code: visitor.code,
        who: visitor.who,
        origin: visitor.origin,
        reads: plain,
        reads_with_cookies: with_cookies,
        methods,
        any_header,
        means,
        mend,
        exchanges,
    }
}

fn judged(
    config: &Config,
    visitor: &Visitor,
    plain: bool,
    with_cookies: bool,
    exchanges: &[ExchangeRecord],
) -> (Severity, String, &'static str) {
    let who = &visitor.who;
    if with_cookies {
        let means = format!(
            "{} may read with the visitor's cookies: whatever the visitor sees there, that page sees.",
            capital(who)
        );
        return match visitor.code {
            "named" => (Severity::Harmless, means, "Nothing, if it is yours."),
            "subdomain" => (
                Severity::Low,
                format!("{means} One forgotten subdomain with somebody else's script is enough."),
                "List the subdomains that need it.",
            ),
            "insecure" => (Severity::Medium, means, "Permit https origins alone."),
            "localhost" => (Severity::Medium, means, "Permit localhost in development alone."),
            _ => (
                Severity::High,
                means,
                "Compare Origin letter for letter with a list of origins, and permit credentials to those alone.",
            ),
        };
    }
    let wildcard_with_credentials = exchanges.iter().any(|exchange| {
        let says = |name: &str, value: &str| {
            exchange
                .response
                .iter()
                .flat_map(|response| &response.headers)
                .any(|(known, said)| known.eq_ignore_ascii_case(name) && said == value)
        };
        says("access-control-allow-origin", "*") && says("access-control-allow-credentials", "true")
    });
    if !plain {
        return (Severity::Harmless, format!("{} gets nothing.", capital(who)), "Nothing has to be done.");
    }
    if is_private(&config.server) && visitor.code != "named" && visitor.code != "subdomain" {
        return (
            Severity::Medium,
            format!(
                "{} may read, and this server is on a private network, where a visitor's browser gets in and that page's author does not.",
                capital(who)
            ),
            "Permit the origins that need it by name.",
        );
    }
    let needs_login = config.routes.iter().any(|route| !route.headers.is_empty());
    let because = if needs_login {
        "without cookies, and only with headers whose values it would have to know"
    } else {
        "without cookies, which is what anybody gets with curl"
    };
    let note = if wildcard_with_credentials {
        " Access-Control-Allow-Credentials: true beside * means nothing to a browser."
    } else {
        ""
    };
    (
        Severity::Harmless,
        format!("{} may read {because}.{note}", capital(who)),
        "Nothing has to be done, as long as no cookie or address lets one in.",
    )
}

/// A fetch as far as it was sent.
struct Performed {
    init: RequestInit,
    answers: Vec<Answer>,
    exchanges: Vec<ExchangeRecord>,
    /// The preflight was passed, and the request itself not sent.
    withheld: bool,
    /// The preflight was passed.
    allowed_after_preflight: bool,
}

async fn perform(transport: &OwnTransport, page: &Page, init: RequestInit) -> Performed {
    let mut performed = Performed {
        init: init.clone(),
        answers: Vec::new(),
        exchanges: Vec::new(),
        withheld: false,
        allowed_after_preflight: false,
    };
    let mut browser = Browser::new(Profile::Fetch);
    browser.permits_mixed_content = true;
    let mut fetch = Fetch::new(page, init);
    let server = page_free_origin(&performed.init.url);
    while let Next::Send(request) = fetch.next(&mut browser, Duration::ZERO) {
        performed.allowed_after_preflight |=
            request.purpose == Purpose::Actual && !performed.exchanges.is_empty();
        let safe = request.purpose == Purpose::Preflight
            || matches!(&*request.method, b"GET" | b"HEAD" | b"OPTIONS");
        if !safe {
            performed.withheld = true;
            break;
        }
        let elsewhere = server.as_ref().is_some_and(|server| !server.is_same_origin_with(&request.url));
        let response = match elsewhere {
            true => Err("a redirect leads elsewhere, and only the server that was named is asked".to_owned()),
            false => transport.exchange(request).await.map_err(|error| error.to_string()),
        };
        performed.exchanges.push(ExchangeRecord {
            purpose: purpose(request.purpose).to_owned(),
            method: text(&request.method),
            url: request.url.to_string(),
            headers: lines(&request.headers),
            response: response.as_ref().ok().map(recorded),
            failure: response.as_ref().err().cloned(),
            source: None,
        });
        let response = response.ok();
        performed.answers.push(Answer { purpose: request.purpose, response: response.clone() });
        fetch.receive(&mut browser, Duration::ZERO, response);
    }
    performed
}

fn page_free_origin(url: &str) -> Option<Origin> {
    Url::parse(url).ok().map(|url| Origin::of(&url))
}

fn recorded(response: &HttpResponse) -> ResponseRecord {
    ResponseRecord { status: response.status, headers: lines(&response.headers), body: String::new() }
}

/// Whether the server can be reached from some networks alone.
fn is_private(server: &Url) -> bool {
    match server.host() {
        Some(Host::Ipv4(address)) => address.is_private() || address.is_link_local(),
        Some(Host::Ipv6(address)) => address.is_unique_local(),
        Some(Host::Domain(host)) => !host.contains('.') && host != "localhost",
        None => false,
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn by_name<S: serde::Serializer>(framework: &Option<Framework>, serializer: S) -> Result<S::Ok, S::Error> {
    framework.map(Framework::name).serialize(serializer)
}
