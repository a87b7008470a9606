//! The engines: what drives them, how they are told to use our network, and how to get them.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use corspec_browser::Profile;
use serde_json::{Value, json};

use crate::case::ThirdPartyCookies;
use crate::deviation::Deviations;

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

    /// The profile of the model that stands for it.
    pub const fn profile(self) -> Profile {
        match self {
            Self::Chromium => Profile::Chromium,
            Self::Firefox => Profile::Firefox,
            Self::Webkit => Profile::WebKit,
        }
    }

    /// What it calls itself.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::Webkit => "WebKitGTK",
        }
    }

    /// The command that gets it.
    pub const fn install(self) -> &'static str {
        match self {
            Self::Chromium => "apt-get install --no-install-recommends chromium chromium-driver",
            Self::Firefox => {
                "apt-get install --no-install-recommends firefox-esr && cargo install geckodriver --locked"
            }
            Self::Webkit => "apt-get install --no-install-recommends webkit2gtk-driver xvfb glib-networking",
        }
    }

    /// In which of the built-in cases it differs from what these say, and why, where neither its profile nor the case says so.
    pub(super) fn known(self) -> Deviations {
        let (path, text) = match self {
            Self::Chromium => ("known/chromium.yaml", include_str!("known/chromium.yaml")),
            Self::Firefox => ("known/firefox.yaml", include_str!("known/firefox.yaml")),
            Self::Webkit => ("known/webkit.yaml", include_str!("known/webkit.yaml")),
        };
        // A test reads them all.
        Deviations::parse(path, text).unwrap_or_default()
    }

    /// The WebDriver program, and the variable that names another.
    pub(super) const fn driver(self) -> (&'static str, &'static str) {
        match self {
            Self::Chromium => ("chromedriver", "CORSPEC_CHROMEDRIVER"),
            Self::Firefox => ("geckodriver", "CORSPEC_GECKODRIVER"),
            Self::Webkit => ("WebKitWebDriver", "CORSPEC_WEBKITWEBDRIVER"),
        }
    }

    /// The browser itself, where the driver does not know it.
    pub(super) fn browser(self) -> Option<PathBuf> {
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
    pub(super) fn driver_arguments(self, port: u16) -> Vec<String> {
        let mut arguments = vec![format!("--port={port}")];
        if self == Self::Firefox {
            // The console is read through the browser's own scope.
            arguments.push("--allow-system-access".to_owned());
        }
        arguments
    }

    /// What a new session asks for: a fresh profile, our proxy, and nothing between the page and the rules of CORS.
    pub(super) fn capabilities(
        self,
        profile: &Path,
        proxy: SocketAddr,
        fingerprint: &str,
        third_party: ThirdPartyCookies,
    ) -> Result<Value, Unavailable> {
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
                    // 0: as SameSite permits; 1: none of other sites.
                    "prefs": {
                        "profile.cookie_controls_mode": u8::from(third_party != ThirdPartyCookies::Allow),
                        // A form of an https page that goes to http would wait for a person.
                        "profile.mixed_forms_warnings": false,
                    },
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
                        "--disable-features=LocalNetworkAccessChecks,BackForwardCache,IsolateSandboxedIframes,NetworkTimeServiceQuerying",
                        "--proxy-bypass-list=<-loopback>",
                        format!("--ignore-certificate-errors-spki-list={fingerprint}"),
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
                        "network.cookie.cookieBehavior": match third_party {
                            ThirdPartyCookies::Allow => 0,
                            ThirdPartyCookies::Block => 1,
                            ThirdPartyCookies::Partition => 5,
                        },
                        "network.websocket.delay-failed-reconnects": false,
                        "security.warn_submit_secure_to_insecure": false,
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
                    "args": [
                        "--automation",
                        format!("--proxy=http://{proxy}"),
                        match third_party {
                            ThirdPartyCookies::Allow => "--cookies-policy=always",
                            _ => "--cookies-policy=no-third-party",
                        },
                    ],
                },
            }),
        })
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Engine {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|engine| engine.name() == name)
            .ok_or_else(|| format!("there is no browser `{name}`: there is {}", known()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_can_be_read() {
        for text in [
            include_str!("known/chromium.yaml"),
            include_str!("known/firefox.yaml"),
            include_str!("known/webkit.yaml"),
        ] {
            assert!(!Deviations::parse("known", text).unwrap().is_empty());
        }
    }
}
