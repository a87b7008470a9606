//! A browser under WebDriver.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tokio::time::{sleep, timeout};
use url::{ParseError, Url};

use crate::engine::{Engine, Unavailable};
use crate::process::Guarded;

/// How long a driver and its browser may take to be there.
const START: Duration = Duration::from_secs(60);

/// A running browser. Dropping it ends the browser and its driver, and removes their profile.
#[derive(Debug)]
pub(crate) struct Driver {
    client: Client,
    engine: Engine,
    /// What the browser says of itself.
    pub(crate) version: String,
    _driver: Guarded,
    _display: Option<Guarded>,
}

impl Driver {
    /// Starts a driver and a browser that has never run before.
    pub(crate) async fn start(engine: Engine, proxy: SocketAddr) -> Result<Self, Unavailable> {
        let unavailable = |reason: String| Unavailable { engine, reason };
        let (program, variable) = engine.driver();
        let program = std::env::var_os(variable).unwrap_or_else(|| program.into());
        let told = program.to_string_lossy().into_owned();
        let folder = || tempfile::Builder::new().prefix("corspec-").tempdir();
        let io = |what: &str, error: std::io::Error| unavailable(format!("{what}: {error}"));
        let mut environment = Vec::new();
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
        let mut driver = Guarded::start(&program, engine.driver_arguments(port), &environment, folder)
            .map_err(|error| io(&told, error))?;
        let capabilities = engine.capabilities(driver.folder(), proxy)?;
        let begun = Instant::now();
        while tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            if let Some(ended) = driver.ended() {
                return Err(unavailable(format!("{told} ended at once: {ended}")));
            }
            if begun.elapsed() > START {
                return Err(unavailable(format!("{told} does not listen")));
            }
            sleep(Duration::from_millis(10)).await;
        }
        let Value::Object(capabilities) = capabilities else { unreachable!("capabilities are an object") };
        let connecting = connect(port, capabilities);
        let client = timeout(START, connecting)
            .await
            .map_err(|_| unavailable("the browser does not come up".to_owned()))?
            .map_err(|error| unavailable(format!("no session: {error}")))?;
        let version = client
            .capabilities()
            .and_then(|capabilities| capabilities.get("browserVersion")?.as_str().map(str::to_owned))
            .unwrap_or_default();
        let driver = Self { client, engine, version, _driver: driver, _display: display };
        Ok(driver)
    }

    /// Loads a document as the outermost one.
    pub(crate) async fn navigate(&self, url: &str) -> Result<(), CmdError> {
        self.post("url", json!({"url": url})).await.map(drop)
    }

    /// Runs a script in the outermost document until it calls back.
    pub(crate) async fn execute(&self, script: &str, argument: Value) -> Result<Value, CmdError> {
        self.post("execute/async", json!({"script": script, "args": [argument]})).await
    }

    /// Sets how long scripts and documents may take.
    pub(crate) async fn set_patience(&self, patience: Duration) -> Result<(), CmdError> {
        let millis = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        self.post("timeouts", json!({"script": millis, "pageLoad": millis})).await.map(drop)
    }

    /// The lines that the console has got since the last call. WebKit's is not within reach.
    pub(crate) async fn console(&self) -> Result<Vec<String>, CmdError> {
        let lines = match self.engine {
            Engine::Chromium => self.post("se/log", json!({"type": "browser"})).await?,
            Engine::Firefox => {
                self.post("moz/context", json!({"context": "chrome"})).await?;
                let script = "const lines = Services.console.getMessageArray().filter(line => line instanceof Ci.nsIScriptError\
                    && line.category.startsWith('CORS')).map(line => ({message: `${line.category}: ${line.errorMessage}`}));\
                    Services.console.reset(); return lines;";
                let lines = self.post("execute/sync", json!({"script": script, "args": []})).await;
                self.post("moz/context", json!({"context": "content"})).await?;
                lines?
            }
            Engine::Webkit => Value::Null,
        };
        let text = |line: &Value| line.get("message")?.as_str().map(str::to_owned);
        Ok(lines.as_array().into_iter().flatten().filter_map(text).collect())
    }

    async fn post(&self, path: &'static str, body: Value) -> Result<Value, CmdError> {
        self.client.issue_cmd(Post { path, body: body.to_string() }).await
    }
}

/// A command by its path in the session.
#[derive(Debug)]
struct Post {
    path: &'static str,
    body: String,
}

impl WebDriverCompatibleCommand for Post {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.clone()))
    }
}

async fn connect(
    port: u16,
    capabilities: Map<String, Value>,
) -> Result<Client, fantoccini::error::NewSessionError> {
    let url = format!("http://127.0.0.1:{port}/");
    ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&url).await
}

/// A display in memory, which WebKitGTK needs even where nobody looks.
async fn start_display(folder: tempfile::TempDir) -> std::io::Result<(Guarded, String)> {
    // Its own choice of a free number could only be read from a descriptor that Rust does not let a child inherit.
    for number in 90 + std::process::id() % 400.. {
        let socket = format!("/tmp/.X11-unix/X{number}");
        let lock = format!("/tmp/.X{number}-lock");
        if std::path::Path::new(&socket).exists() || std::path::Path::new(&lock).exists() {
            continue;
        }
        let arguments = [&*format!(":{number}"), "-nolisten", "tcp", "-screen", "0", "640x480x24"];
        let mut display = Guarded::start("Xvfb", arguments, &[], folder)?;
        let begun = Instant::now();
        while !std::path::Path::new(&socket).exists() {
            if let Some(ended) = display.ended() {
                return Err(std::io::Error::other(format!("ended at once: {ended}")));
            }
            if begun.elapsed() > START {
                return Err(std::io::ErrorKind::TimedOut.into());
            }
            sleep(Duration::from_millis(10)).await;
        }
        return Ok((display, format!(":{number}")));
    }
    Err(std::io::ErrorKind::AddrInUse.into())
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
