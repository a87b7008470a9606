//! The engines: what drives them, how they are told to use our network, and how to get them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, clap::ValueEnum)]
pub enum Engine {
    /// Blink, in Chromium.
    Chromium,
    /// Gecko, in Firefox.
    Firefox,
    /// WebKit, in WebKitGTK's own small browser. It is not Safari: the rules are the same code, the network below is not.
    Webkit,
}

/// An engine that cannot run here. Nothing was learned about any case.
#[derive(Debug, thiserror::Error)]
#[error("{engine} cannot run here: {reason}\n  help: {help}", engine = engine.name(), help = engine.install())]
pub struct Unavailable {
    /// Which one.
    pub engine: Engine,
    /// Why.
    pub reason: String,
}

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::Webkit];

    /// The name on the command line, and of its profile in the cases.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::Webkit => "webkit",
        }
    }

    /// How to get it.
    pub const fn install(self) -> &'static str {
        match self {
            Self::Chromium => "apt-get install --no-install-recommends chromium chromium-driver",
            Self::Firefox => {
                "apt-get install --no-install-recommends firefox-esr && cargo install geckodriver --locked"
            }
            Self::Webkit => "apt-get install --no-install-recommends webkit2gtk-driver xvfb glib-networking",
        }
    }

    /// The WebDriver program, and the variable that names another.
    pub(crate) const fn driver(self) -> (&'static str, &'static str) {
        match self {
            Self::Chromium => ("chromedriver", "CORSPEC_CHROMEDRIVER"),
            Self::Firefox => ("geckodriver", "CORSPEC_GECKODRIVER"),
            Self::Webkit => ("WebKitWebDriver", "CORSPEC_WEBKITWEBDRIVER"),
        }
    }

    /// The browser itself, where the driver does not know it.
    fn browser(self) -> Option<PathBuf> {
        let candidates: &[&str] = match self {
            Self::Chromium => &["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
            Self::Firefox => &["/usr/bin/firefox-esr", "/usr/bin/firefox"],
            Self::Webkit => &[
                "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
                "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
            ],
        };
        candidates.iter().map(PathBuf::from).find(|path| path.exists())
    }

    /// The driver's arguments.
    pub(crate) fn driver_arguments(self, port: u16) -> Vec<String> {
        let mut arguments = vec![format!("--port={port}")];
        if self == Self::Firefox {
            // The console is read through the browser's own scope.
            arguments.push("--allow-system-access".to_owned());
        }
        arguments
    }

    /// What a new session asks for: a fresh profile, our proxy, and nothing between the page and the rules of CORS.
    pub(crate) fn capabilities(self, profile: &Path, proxy: SocketAddr) -> Result<Value, Unavailable> {
        let unavailable = |reason: &str| Unavailable { engine: self, reason: reason.to_owned() };
        let browser = self.browser().ok_or_else(|| unavailable("the browser is not installed"))?;
        let manual =
            json!({"proxyType": "manual", "httpProxy": proxy.to_string(), "sslProxy": proxy.to_string()});
        Ok(match self {
            Self::Chromium => json!({
                "acceptInsecureCerts": true,
                "proxy": manual,
                "goog:loggingPrefs": {"browser": "ALL"},
                "goog:chromeOptions": {
                    "binary": browser,
                    "args": [
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-breakpad",
                        "--disable-component-update",
                        "--disable-sync",
                        "--disable-default-apps",
                        "--disable-extensions",
                        "--disable-dev-shm-usage",
                        // Every case has a site of its own; a process for each would be most of the time that a run takes.
                        "--disable-site-isolation-trials",
                        "--renderer-process-limit=1",
                        "--disable-features=LocalNetworkAccessChecks,BackForwardCache,IsolateSandboxedIframes",
                        "--allow-running-insecure-content",
                        "--proxy-bypass-list=<-loopback>",
                        format!("--user-data-dir={}", profile.join("chromium").display()),
                    ],
                },
            }),
            Self::Firefox => json!({
                "acceptInsecureCerts": true,
                "proxy": manual,
                "moz:firefoxOptions": {
                    "binary": browser,
                    "args": ["-headless"],
                    "prefs": {
                        "app.normandy.enabled": false,
                        "app.update.enabled": false,
                        "browser.region.network.url": "",
                        "browser.safebrowsing.downloads.enabled": false,
                        "browser.safebrowsing.malware.enabled": false,
                        "browser.safebrowsing.phishing.enabled": false,
                        "browser.search.update": false,
                        "datareporting.healthreport.uploadEnabled": false,
                        "dom.ipc.processPrelaunch.enabled": false,
                        "dom.security.https_first": false,
                        "dom.security.https_first_pbm": false,
                        "fission.webContentIsolationStrategy": 0,
                        "network.captive-portal-service.enabled": false,
                        "network.connectivity-service.enabled": false,
                        "network.proxy.allow_hijacking_localhost": true,
                        "security.mixed_content.block_active_content": false,
                        "services.settings.server": "data:,",
                        "toolkit.telemetry.enabled": false,
                    },
                },
            }),
            // A proxy capability makes WebKitGTK speak TLS to the proxy itself; its own argument does not.
            Self::Webkit => json!({
                "acceptInsecureCerts": true,
                "webkitgtk:browserOptions": {
                    "binary": browser,
                    "args": ["--automation", format!("--proxy=http://{proxy}")],
                },
            }),
        })
    }
}
