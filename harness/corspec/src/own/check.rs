//! A server against its owner's policy.

use std::sync::Arc;

use corspec_protocol::PolicyError;

use super::config::Config;
use super::finding::{Finding, findings};
use super::hint::Framework;
use super::probe::{Probe, Trouble, probe, rate_limited};
use super::secrets::Secrets;
use super::transport::{OwnTransport, TransportError};
use crate::battery::{Extent, battery};
use crate::case::{HeldCookie, Suite};
use crate::record::{Record, Verdict};
use crate::run::{Bench, Plan, run};
use crate::subject::Subject;

/// What came of a check.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The server's URL.
    pub server: String,
    /// What stood in the way.
    pub troubles: Vec<Trouble>,
    /// What is wrong, the worst first, one cause each.
    pub findings: Vec<Finding>,
    /// Everything that was performed.
    pub record: Record,
    /// The methods of each route that were not sent.
    pub untested: Vec<(String, Vec<String>)>,
    /// How many requests were sent.
    pub requests: usize,
    /// How many answers came over HTTP/2.
    pub over_http2: usize,
    /// How much of what follows from the policy was performed.
    pub extent: Extent,
    /// In what the server is written, as far as it is known.
    pub framework: Option<Framework>,
    /// How the whole policy is written down in it.
    pub hint: Option<String>,
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// No request can be made.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The policy says nothing that a server could enforce.
    #[error("policy.{0}")]
    Policy(#[from] PolicyError),
    /// No port can be bound on loopback.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Io(#[from] std::io::Error),
}

impl Checked {
    /// Whether the server could be asked, and enough was compared for this to mean anything.
    pub fn ran(&self) -> bool {
        let compared = |verdict: Verdict| verdict == Verdict::Pass || verdict.fell_short();
        let broken = self.record.results.iter().filter(|result| result.verdict == Verdict::Error).count();
        self.record.results.iter().any(|result| compared(result.verdict))
            && broken * 2 < self.record.results.len()
    }
}

/// Holds the server against everything that follows from its policy.
///
/// # Errors
/// Where not even a first request can be made.
pub async fn check(config: &Config, secrets: Secrets, extent: Extent) -> Result<Checked, CheckError> {
    check_on(config, Arc::new(OwnTransport::new(config, secrets)?), extent).await
}

/// As [`check`], over a transport that is there already.
///
/// # Errors
/// As those of [`check`].
pub async fn check_on(
    config: &Config,
    transport: Arc<OwnTransport>,
    extent: Extent,
) -> Result<Checked, CheckError> {
    let Probe { headers, troubles, framework } = probe(config, &*transport).await;
    let mut checked = Checked {
        server: config.server.to_string(),
        hint: framework.map(|framework| framework.hint(&config.policy)),
        framework,
        troubles,
        findings: Vec::new(),
        record: Record::default(),
        untested: config.untested(),
        requests: 0,
        over_http2: 0,
        extent,
    };
    if !checked.troubles.iter().any(|trouble| trouble.fatal) {
        let suites = suites(config, &headers, extent)?;
        let mut plan = Plan::new(suites);
        plan.jobs = config.limits.at_once;
        let plan = Arc::new(plan);
        let bench = Arc::new(Bench::start(plan.options.clone()).await?.over(transport.clone()));
        run(&bench, &plan, &[Subject::url(config.origin())], Vec::new(), |line| {
            checked.record.push(line.clone());
            true
        })
        .await;
        checked.troubles.extend(rate_limited(&checked.record));
        checked.findings = findings(config, &checked.record, framework);
    }
    checked.requests = transport.sent();
    checked.over_http2 = transport.over_http2();
    Ok(checked)
}

/// The cases that follow from the policy, in a browser that holds the visitor's cookie.
pub(super) fn suites(
    config: &Config,
    seen: &[Vec<String>],
    extent: Extent,
) -> Result<Vec<Suite>, PolicyError> {
    let mut suites = battery("", &config.policy, &config.site(seen), extent)?;
    if let Some(cookie) = &config.cookie {
        // A cookie that goes to other sites at all has to say so.
        let line = format!("{cookie}; Path=/; SameSite=None; Secure").into_bytes();
        for case in suites.iter_mut().flat_map(|suite| &mut suite.cases) {
            case.browser.cookies.push(HeldCookie { url: None, line: line.clone() });
        }
    }
    Ok(suites)
}
