//! `corspec audit`: what a server grants, without any policy.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use corspec::own::report::{Look, audit_json, audited};
use corspec::own::{Config, OwnRoute, OwnTransport, Secrets, Severity, audit, plain_policy};
use url::Url;

use super::own::{print, server};
use super::{Ending, Failure};

#[derive(Args)]
#[command(
    after_help = "Only GET, HEAD and OPTIONS are sent.\n\nExit codes: 0 nothing as bad as --fail-on, 1 something is, 2 the arguments are wrong, 3 the server could not be asked."
)]
pub(super) struct Audit {
    /// What is asked for
    #[arg(value_parser = resource)]
    url: Url,
    /// An origin that may well be permitted, so that what looks like it is tried; may be given again
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// A header that pages send, as 'Name: value', of which ${NAME} comes from the environment; may be given again
    #[arg(long = "header", value_name = "LINE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// From which severity on the exit code is 1
    #[arg(long, default_value = "medium")]
    fail_on: FailOn,
    /// Trust any certificate
    #[arg(long)]
    insecure: bool,
    /// Trust the certificates in this file, too
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Low,
    Medium,
    High,
    Never,
}

impl Audit {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let path = match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        };
        let mut config = Config::new(origin_of(&self.url), plain_policy(Vec::new()));
        config.routes = vec![OwnRoute { headers: self.headers, ..OwnRoute::read(&path) }];
        config.tls.insecure = self.insecure;
        config.tls.ca = self.ca;
        let secrets = Secrets::of(&config, |name| std::env::var(name).ok()).map_err(Failure::usage)?;
        let transport = OwnTransport::new(&config, secrets).map_err(Failure::usage)?;
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::broken)?;
        let audit = runtime.block_on(audit(&config, &transport, &self.origins));
        if self.json {
            print(&format!("{:#}\n", audit_json(&audit)))?;
        } else {
            print(&audited(&audit, &Look::coloured()))?;
        }
        let least = match self.fail_on {
            FailOn::Low => Some(Severity::Low),
            FailOn::Medium => Some(Severity::Medium),
            FailOn::High => Some(Severity::High),
            FailOn::Never => None,
        };
        if audit.grants.is_empty() {
            return Ok(Ending::CouldNotRun);
        }
        let dangerous = least.is_some_and(|least| audit.grants.iter().any(|grant| grant.severity >= least));
        Ok(if dangerous { Ending::FellShort } else { Ending::AsExpected })
    }
}

/// The URL of whatever a server serves, with a query if it has one.
fn resource(text: &str) -> Result<Url, String> {
    let (place, query) = text.split_once('?').map_or((text, None), |(place, query)| (place, Some(query)));
    let mut url = server(place)?;
    url.set_query(query);
    Ok(url)
}

fn origin_of(url: &Url) -> Url {
    let mut origin = url.clone();
    origin.set_path("/");
    origin.set_query(None);
    origin
}

fn header(line: &str) -> Result<(String, String), String> {
    let (name, value) = line.split_once(':').ok_or("a header is 'Name: value'")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
