//! A first `corspec.yaml`.

use std::fmt::Write as _;

use corspec_browser::{Bytes, Header, HeaderList, HttpRequest, HttpResponse, Purpose};
use corspec_protocol::Policy;

use super::config::Config;
use crate::record::text;
use crate::wire::{Transport, WireError};

/// Where an editor finds what a `corspec.yaml` may say.
pub const SCHEMA_URL: &str =
    "https://raw.githubusercontent.com/corspec/corspec/main/harness/corspec/schema/corspec.json";

/// Writes a `corspec.yaml`; `notes` stand above the policy, as comments.
pub fn yaml(config: &Config, notes: &[String]) -> String {
    let mut out = format!("# yaml-language-server: $schema={SCHEMA_URL}\n");
    let _ = writeln!(out, "\n# Where your server listens, with the path that all routes are below.");
    let _ = writeln!(out, "server: {}", quoted(config.server.as_str().trim_end_matches('/')));
    if let Some(public) = &config.public {
        let _ = writeln!(out, "# The origin under which pages know it.\npublic: {}", quoted(public));
    }
    out.push_str("\n# What you want to permit; nothing else should be.\n");
    for note in notes {
        let _ = writeln!(out, "# {}", note.replace(['\n', '\r'], " "));
    }
    let policy = &config.policy;
    let _ = writeln!(out, "policy:");
    let _ = writeln!(
        out,
        "  # Whose pages may read: origins, as the address bar shows them; \"https://*.example.com\" for subdomains, [\"*\"] for all."
    );
    let _ = writeln!(out, "  origins: {}", list(&policy.origins));
    let _ = writeln!(out, "  # Which methods they may use.\n  methods: {}", list(&policy.methods));
    let _ = writeln!(
        out,
        "  # Which request headers their scripts may set, such as Authorization or Content-Type for JSON.\n  headers: {}",
        list(&policy.headers)
    );
    let _ = writeln!(
        out,
        "  # Which response headers their scripts may read, beside the usual ones.\n  expose: {}",
        list(&policy.expose)
    );
    let _ = writeln!(out, "  # Whether cookies go along.\n  credentials: {}", policy.credentials);
    let age = policy.max_age.map_or_else(|| "null".to_owned(), |seconds| seconds.to_string());
    let _ = writeln!(
        out,
        "  # For how many seconds a browser may remember that; null: whatever the server says.\n  max_age: {age}"
    );
    let _ = writeln!(
        out,
        "\n# What can be asked for. Methods other than GET, HEAD and OPTIONS are sent only where may_write is true."
    );
    let _ = writeln!(out, "# What stands in the environment is written ${{NAME}} and never shown.\nroutes:");
    for route in &config.routes {
        let _ = writeln!(out, "  - path: {}\n    methods: {}", quoted(&route.path), list(&route.methods));
        if !route.headers.is_empty() {
            let _ = writeln!(out, "    headers:");
            for (name, value) in &route.headers {
                let _ = writeln!(out, "      {}: {}", quoted(name), quoted(value));
            }
        }
        let _ = writeln!(out, "    may_write: {}", route.may_write);
    }
    match &config.cookie {
        Some(cookie) => {
            let _ = writeln!(out, "\ncookie: {}", quoted(cookie));
        }
        None => out.push_str("\n# cookie: \"session=${SESSION}\"\n"),
    }
    match config.framework {
        Some(framework) => {
            let _ = writeln!(
                out,
                "\n# In what it is written, so that corspec can say how to mend it there.\nframework: {}",
                framework.name()
            );
        }
        None => out.push_str("\n# framework: express\n"),
    }
    out.push_str("\n# limits: {per_second: 20, at_once: 8, timeout: 10, retries: 2}\n# tls: {ca: ca.pem, insecure: false}\n");
    out
}

/// What a server grants a page now, as a policy to be reviewed, and what to look at.
///
/// # Errors
/// Where it cannot be asked.
pub async fn observed(
    config: &Config,
    transport: &dyn Transport,
    known: &[String],
) -> Result<(Policy, Vec<String>), WireError> {
    let mut notes =
        vec!["Observed, not decided: this is what the server grants now. Review every line.".to_owned()];
    let mut policy = Policy {
        origins: Vec::new(),
        methods: vec!["GET".to_owned(), "HEAD".to_owned(), "POST".to_owned()],
        headers: Vec::new(),
        expose: Vec::new(),
        credentials: false,
        max_age: None,
    };
    let stranger = "https://corspec-audit.test".to_owned();
    let own = "http://localhost:3000".to_owned();
    let mut answers = Vec::new();
    for origin in known.iter().chain([&stranger, &own]) {
        let answer = ask(config, transport, origin, "GET").await?;
        let preflight = ask(config, transport, origin, "OPTIONS").await?;
        let names = |response: &HttpResponse| {
            field(response, "Access-Control-Allow-Origin")
                .is_some_and(|value| value == "*" || value == *origin)
        };
        if !(names(&answer) || names(&preflight)) {
            continue;
        }
        if *origin == stranger {
            notes.push("Any page is let in now. Is that what you want? If not, list origins.".to_owned());
            policy.origins = vec!["*".to_owned()];
        } else if policy.origins != ["*"] {
            policy.origins.push(origin.clone());
        }
        answers.push((answer, preflight));
    }
    if policy.origins.is_empty() {
        notes.push("None of the origins that were tried is let in: write yours down.".to_owned());
    }
    if let Some((answer, preflight)) = answers.first() {
        let list = |response: &HttpResponse, name: &str| -> Vec<String> {
            let value = field(response, name).unwrap_or_default();
            let mut names: Vec<String> = value
                .split(',')
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()))
                .collect();
            names.sort();
            names.dedup();
            if names.iter().any(|name| name == "*") { vec!["*".to_owned()] } else { names }
        };
        let methods = list(preflight, "Access-Control-Allow-Methods");
        if !methods.is_empty() {
            policy.methods = methods;
        }
        policy.headers = list(preflight, "Access-Control-Allow-Headers");
        if policy.headers.iter().any(|name| name.eq_ignore_ascii_case("x-corspec-audit")) {
            notes.push("Any request header is granted now: list those that your pages send.".to_owned());
            policy.headers = vec!["*".to_owned()];
        }
        policy.expose = list(answer, "Access-Control-Expose-Headers");
        policy.max_age =
            field(preflight, "Access-Control-Max-Age").and_then(|value| value.trim().parse().ok());
        let credentials = |response: &HttpResponse| {
            field(response, "Access-Control-Allow-Credentials").is_some_and(|value| value == "true")
        };
        policy.credentials = credentials(answer) || credentials(preflight);
        if policy.credentials && policy.origins == ["*"] {
            notes.push("It permits cookies to any page, which is a hole: nothing that a policy could say. List origins.".to_owned());
            policy.credentials = false;
        }
    }
    Ok((policy, notes))
}

async fn ask(
    config: &Config,
    transport: &dyn Transport,
    origin: &str,
    method: &'static str,
) -> Result<HttpResponse, WireError> {
    let route = config.routes.first();
    let path = route.map_or_else(|| config.server.path().to_owned(), |route| config.path(route));
    let mut url = config.origin();
    if let Ok(joined) = url.join(&path) {
        url = joined;
    }
    let mut headers = HeaderList::new();
    let mut add =
        |name: &'static str, value: &str| headers.append(name.as_bytes(), value.as_bytes().to_vec());
    add("Origin", origin);
    let purpose = if method == "OPTIONS" {
        add("Access-Control-Request-Method", "PUT");
        add("Access-Control-Request-Headers", "x-corspec-audit");
        Purpose::Preflight
    } else {
        for (name, value) in route.iter().flat_map(|route| &route.headers) {
            headers.append(name.clone().into_bytes(), value.clone().into_bytes());
        }
        Purpose::Actual
    };
    let request =
        HttpRequest { purpose, method: Bytes::Borrowed(method.as_bytes()), url, headers, body: None };
    transport.exchange(&request).await
}

fn field(response: &HttpResponse, name: &str) -> Option<String> {
    let is_it = |header: &&Header| header.is(name);
    response.headers.iter().find(is_it).map(|header| text(&header.value))
}

fn list(entries: &[String]) -> String {
    format!("[{}]", entries.iter().map(|entry| quoted(entry)).collect::<Vec<_>>().join(", "))
}

/// A text in double quotes, which JSON and YAML write alike.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
