//! A browser performs a case.

use std::time::Duration;

use corspec::case::{Case, Outcome, PageOrigin, Step};
use fantoccini::error::CmdError;
use tokio::time::{sleep, timeout};
use url::Url;

use crate::driver::Driver;
use crate::engine::{Engine, Unavailable};
use crate::model::Prepared;
use crate::observed::{Observed, Told};
use crate::page::{Instruction, PERFORM, outer_url};
use crate::proxy::Proxy;

/// How long a request may take. All of it is on this machine.
const PATIENCE: Duration = Duration::from_secs(8);

/// A running browser with its own network.
#[derive(Debug)]
pub struct Session {
    engine: Engine,
    driver: Driver,
    proxy: Proxy,
    /// How many outer documents there have been.
    documents: usize,
    /// Whether the outer document is one of plain HTTP, where it can serve for the next case too.
    outer_is_http: Option<bool>,
}

/// Why a case came to no outcome.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The request cannot be made in this browser, or not over this network.
    #[error("{0}")]
    Cannot(String),
    /// The page came to no end.
    #[error("{0}")]
    Hang(String),
    /// The browser or its driver broke.
    #[error("the browser broke: {0}")]
    Broke(#[from] Box<CmdError>),
}

impl From<CmdError> for Failure {
    fn from(error: CmdError) -> Self {
        Self::Broke(Box::new(error))
    }
}

impl Session {
    /// Starts a browser that has never run before.
    ///
    /// # Errors
    /// Where the browser or its driver is not there or does not come up.
    pub async fn start(engine: Engine) -> Result<Self, Unavailable> {
        let unavailable = |reason: String| Unavailable { engine, reason };
        let proxy = Proxy::start().await.map_err(|error| unavailable(format!("a proxy: {error}")))?;
        let driver = Driver::start(engine, proxy.address()).await?;
        driver
            .set_patience(PATIENCE * 3)
            .await
            .map_err(|error| unavailable(format!("a session that takes no commands: {error}")))?;
        Ok(Self { engine, driver, proxy, documents: 0, outer_is_http: None })
    }

    /// The browser's version, as it tells.
    pub fn version(&self) -> &str {
        &self.driver.version
    }

    /// Performs the steps of a case in a document whose site has never been visited, or on which nothing has happened yet
    /// that a browser remembers.
    ///
    /// # Errors
    /// Where the case came to no outcome.
    pub async fn perform(&mut self, case: &Case, prepared: &Prepared) -> Result<Vec<Observed>, Failure> {
        for step in &case.steps {
            self.require_possible(step)?;
        }
        let origin = match &case.steps[0].request.origin {
            PageOrigin::Serialized(origin) => origin,
            PageOrigin::ServerItself => "",
        };
        let limit = PATIENCE * 4;
        let hang = |_| Failure::Hang("the driver does not answer".to_owned());
        let is_http = origin.starts_with("http:");
        // Nor may a case that leaves something behind find anything: a 304 would bring up what another one got.
        if self.outer_is_http.take() != Some(is_http) || case.steps.iter().any(may_be_stored) {
            self.documents += 1;
            timeout(limit, self.driver.navigate(&outer_url(self.documents, origin)))
                .await
                .map_err(hang)??;
        }
        let mut observed = Vec::new();
        for (index, step) in case.steps.iter().enumerate() {
            sleep(prepared.waits[index]).await;
            self.proxy.follow(&step.responses, prepared.hosts[index].clone());
            let instruction = serde_json::to_value(Instruction::new(&step.request, PATIENCE))
                .map_err(|error| Failure::Cannot(error.to_string()))?;
            let told = timeout(limit, self.driver.execute(PERFORM, instruction)).await.map_err(hang)?;
            let transcript = self.proxy.finish();
            let told: Told =
                serde_json::from_value(told?).map_err(|error| Failure::Hang(format!("the page: {error}")))?;
            if let Some(cannot) = told.cannot {
                return Err(Failure::Cannot(cannot));
            }
            if let Some(failed) = told.failed {
                return Err(Failure::Hang(failed));
            }
            let mut seen = Observed::new(told, transcript)
                .ok_or_else(|| Failure::Hang("the page says no outcome".to_owned()))?;
            // What the console says of a request that went well gives no reason, and asking for it costs time.
            if seen.outcome == Outcome::Block {
                seen.console = timeout(limit, self.driver.console()).await.map_err(hang)??;
            }
            self.require_not_cut_short(step, &seen)?;
            observed.push(seen);
        }
        let forgotten = case.steps.iter().zip(&observed).all(|(step, seen)| leaves_nothing(step, seen));
        self.outer_is_http = forgotten.then_some(is_http);
        Ok(observed)
    }

    fn require_possible(&self, step: &Step) -> Result<(), Failure> {
        let PageOrigin::Serialized(origin) = &step.request.origin else {
            return Err(Failure::Cannot("the page's origin is the server's own".to_owned()));
        };
        let scheme = Url::parse(origin).ok().map(|url| url.scheme().to_owned());
        if origin != "null" && !matches!(scheme.as_deref(), Some("http" | "https")) {
            return Err(Failure::Cannot(format!("no page can be served from {origin}")));
        }
        if !step.request.initiator.is_scripted() {
            return Err(Failure::Cannot(format!(
                "the page that runs the cases has no {}",
                step.request.initiator
            )));
        }
        Ok(())
    }

    /// Chromium uploads streams over HTTP/2 and later only, so over our network the upload itself fails.
    fn require_not_cut_short(&self, step: &Step, observed: &Observed) -> Result<(), Failure> {
        let streams =
            step.request.body.as_ref().is_some_and(|body| body.kind == corspec::case::BodyKind::Stream);
        let refusals = ["ERR_H2_OR_QUIC_REQUIRED", "ERR_ALPN_NEGOTIATION_FAILED"];
        let refused =
            observed.console.iter().any(|line| refusals.iter().any(|refusal| line.contains(refusal)));
        if self.engine == Engine::Chromium && streams && refused && observed.outcome == Outcome::Block {
            return Err(Failure::Cannot("it uploads streams over HTTP/2 only".to_owned()));
        }
        Ok(())
    }
}

/// Whether a browser remembers nothing of a step: no preflight (WebKit keeps the answer to one that failed too), no redirect,
/// no stored response.
fn leaves_nothing(step: &Step, observed: &Observed) -> bool {
    !observed.sent_preflight() && !may_be_stored(step)
}

/// Whether a browser may keep an answer of the step, or use one that it kept.
fn may_be_stored(step: &Step) -> bool {
    step.responses.iter().any(|answer| {
        let redirects = (300..400).contains(&answer.status);
        let names = |name: &str| {
            answer.header_lines.iter().any(|line| line.to_ascii_lowercase().starts_with(name.as_bytes()))
        };
        let kept = ["cache-control", "expires", "last-modified", "etag", "set-cookie", "age"];
        redirects || answer.close || kept.into_iter().any(names)
    })
}
