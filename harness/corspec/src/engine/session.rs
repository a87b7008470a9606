//! A running browser with its own network.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use super::guarded::Guarded;
use super::kind::{Engine, Unavailable};
use super::page::{Batch, PERFORM};
use super::proxy::Proxy;
use super::told::{Told, ToldBatch};
use super::webdriver::{DriverError, WebDriver};
use crate::case::ThirdPartyCookies;

/// How long a driver and its browser may take to be there.
const START: Duration = Duration::from_secs(60);

/// How long a small command may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a step may take. All of it is on this machine.
pub(super) const STEP_PATIENCE: Duration = Duration::from_secs(8);

/// A browser that has never run before, its driver, and the network of both. Dropping it ends all of it, and removes the profile.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) engine: Engine,
    pub(super) proxy: Proxy,
    /// The browser's version, as it tells.
    pub(super) version: String,
    driver: WebDriver,
    /// Where the outermost document is.
    at: String,
    _driver: Guarded,
    _display: Option<Guarded>,
}

impl Session {
    /// Starts a browser.
    ///
    /// # Errors
    /// Where the browser or its driver is not there or does not come up.
    pub(super) async fn start(engine: Engine, third_party: ThirdPartyCookies) -> Result<Self, Unavailable> {
        let unavailable = |reason: String| Unavailable { engine, reason };
        let proxy = Proxy::start().await.map_err(|error| unavailable(format!("a proxy: {error}")))?;
        let (program, variable) = engine.driver();
        let program = std::env::var_os(variable).unwrap_or_else(|| program.into());
        let told = program.to_string_lossy().into_owned();
        let folder = || tempfile::Builder::new().prefix("corspec-").tempdir();
        let io = |what: &str, error: std::io::Error| unavailable(format!("{what}: {error}"));
        let mut environment = Vec::new();
        if engine == Engine::Firefox {
            // Without it Firefox does not let go of its maker's settings.
            environment.push(("MOZ_REMOTE_SETTINGS_DEVTOOLS", "1".to_owned()));
        }
        let display = if engine == Engine::Webkit {
            let (display, name) = start_display(folder().map_err(|error| io("a folder", error))?)
                .await
                .map_err(|error| io("Xvfb", error))?;
            environment.push(("DISPLAY", name));
            // Without an accessibility bus it waits for one at every start.
            environment.push(("NO_AT_BRIDGE", "1".to_owned()));
            environment.push(("GTK_A11Y", "none".to_owned()));
            Some(display)
        } else {
            None
        };
        let port = free_port().map_err(|error| io("a port", error))?;
        let folder = folder().map_err(|error| io("a folder", error))?;
        let capabilities =
            engine.capabilities(folder.path(), proxy.address(), &proxy.fingerprint(), third_party)?;
        let mut guarded = Guarded::start(&program, engine.driver_arguments(port), &environment, folder)
            .map_err(|error| io(&told, error))?;
        let begun = Instant::now();
        while tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            if let Some(ended) = guarded.ended() {
                return Err(unavailable(format!("{told} ended at once: {ended}")));
            }
            if begun.elapsed() > START {
                return Err(unavailable(format!("{told} does not listen")));
            }
            sleep(Duration::from_millis(10)).await;
        }
        let driver = WebDriver::connect(port, &capabilities, START)
            .await
            .map_err(|error| unavailable(format!("no session: {error}")))?;
        // What a script may take is watched over here, and no driver needs to.
        let limits = json!({"script": 24 * 60 * 60 * 1000, "pageLoad": PATIENCE.as_millis() as u64});
        driver
            .post("timeouts", &limits, PATIENCE)
            .await
            .map_err(|error| unavailable(format!("a session that takes no commands: {error}")))?;
        let version = driver.capabilities["browserVersion"].as_str().unwrap_or_default().to_owned();
        Ok(Self { engine, proxy, version, driver, at: String::new(), _driver: guarded, _display: display })
    }

    /// Loads a document as the outermost one, if it is not there already.
    pub(super) async fn go(&mut self, url: &str) -> Result<(), DriverError> {
        if self.at != url {
            self.visit(url).await?;
        }
        Ok(())
    }

    /// Loads a document as the outermost one.
    pub(super) async fn visit(&mut self, url: &str) -> Result<(), DriverError> {
        self.at.clear();
        self.driver.post("url", &json!({"url": url}), PATIENCE).await?;
        url.clone_into(&mut self.at);
        Ok(())
    }

    /// The outermost document has gone elsewhere by itself.
    pub(super) fn is_elsewhere(&mut self) {
        self.at.clear();
    }

    /// Has the outermost document perform cases, and tells what it says of each step of each.
    pub(super) async fn perform(
        &self,
        batch: &Batch,
        patience: Duration,
    ) -> Result<Vec<Option<Vec<Told>>>, DriverError> {
        let body = json!({"script": PERFORM, "args": [batch]});
        let told = self.driver.post("execute/async", &body, patience).await?;
        let nonsense = |got: String| DriverError::Nonsense { command: "the page".to_owned(), got };
        let told: ToldBatch = serde_json::from_value(told).map_err(|error| nonsense(error.to_string()))?;
        match told.failed {
            Some(failed) => Err(nonsense(failed)),
            None => Ok(told.told),
        }
    }

    /// The lines that the console has got since the last call. WebKit's is not within reach.
    pub(super) async fn console(&self) -> Result<Vec<String>, DriverError> {
        let lines = match self.engine {
            Engine::Chromium => self.driver.post("se/log", &json!({"type": "browser"}), PATIENCE).await?,
            Engine::Firefox => {
                let script = "const lines = Services.console.getMessageArray().filter(line => line instanceof Ci.nsIScriptError\
                    && line.category.startsWith('CORS')).map(line => ({message: `${line.category}: ${line.errorMessage}`}));\
                    Services.console.reset(); return lines;";
                self.execute_in_chrome("execute/sync", script).await?
            }
            Engine::Webkit => Value::Null,
        };
        let text = |line: &Value| line.get("message")?.as_str().map(str::to_owned);
        Ok(lines.as_array().into_iter().flatten().filter_map(text).collect())
    }

    /// Forgets cookies and caches, or says that it cannot: then another browser is to be started.
    pub(super) async fn forget(&mut self) -> Result<bool, DriverError> {
        match self.engine {
            Engine::Chromium => {
                for command in ["Network.clearBrowserCookies", "Network.clearBrowserCache"] {
                    let body = json!({"cmd": command, "params": {}});
                    self.driver.post("goog/cdp/execute", &body, PATIENCE).await?;
                }
                Ok(true)
            }
            Engine::Firefox => {
                let script = "const done = arguments[arguments.length - 1];\
                    Services.clearData.deleteData(Ci.nsIClearDataService.CLEAR_ALL, {onDataDeleted: () => done(true)});";
                self.execute_in_chrome("execute/async", script).await?;
                Ok(true)
            }
            Engine::Webkit => Ok(false),
        }
    }

    /// Firefox's own scope, in which all of it is within reach.
    async fn execute_in_chrome(&self, command: &str, script: &str) -> Result<Value, DriverError> {
        self.driver.post("moz/context", &json!({"context": "chrome"}), PATIENCE).await?;
        let told = self.driver.post(command, &json!({"script": script, "args": []}), PATIENCE).await;
        self.driver.post("moz/context", &json!({"context": "content"}), PATIENCE).await?;
        told
    }

    /// Ends the browser in its own way, which leaves less to be ended by force.
    pub(super) async fn quit(self) {
        // It is ended in any case.
        let _ = self.driver.quit(Duration::from_secs(5)).await;
    }
}

/// A display in memory, which WebKitGTK needs even where nobody looks.
async fn start_display(folder: tempfile::TempDir) -> std::io::Result<(Guarded, String)> {
    // Its own choice of a free number could only be read from a descriptor that Rust does not let a child inherit.
    let mut folder = Some(folder);
    for number in 90 + std::process::id() % 400.. {
        let socket = format!("/tmp/.X11-unix/X{number}");
        let lock = format!("/tmp/.X{number}-lock");
        if std::path::Path::new(&socket).exists() || std::path::Path::new(&lock).exists() {
            continue;
        }
        let Some(own) = folder.take() else { break };
        let arguments = [&*format!(":{number}"), "-nolisten", "tcp", "-screen", "0", "640x480x24"];
        let mut display = Guarded::start("Xvfb", arguments, &[], own)?;
        let begun = Instant::now();
        while !std::path::Path::new(&socket).exists() {
            if display.ended().is_some() {
                // Another one was faster.
                folder = Some(tempfile::Builder::new().prefix("corspec-").tempdir()?);
                break;
            }
            if begun.elapsed() > START {
                return Err(std::io::ErrorKind::TimedOut.into());
            }
            sleep(Duration::from_millis(10)).await;
        }
        if folder.is_none() {
            return Ok((display, format!(":{number}")));
        }
        if begun.elapsed() > START || number > 1000 {
            break;
        }
    }
    Err(std::io::ErrorKind::AddrInUse.into())
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?.local_addr()?.port())
}
