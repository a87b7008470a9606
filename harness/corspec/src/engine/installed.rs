//! What is there of an engine on this machine.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::kind::Engine;

/// How long a program may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(20);

/// An engine, and what it takes to run it here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Which one.
    pub engine: Engine,
    /// The browser's version, as it tells; nothing where it is not there.
    pub browser: Option<String>,
    /// The driver's version, as it tells; nothing where it is not there.
    pub driver: Option<String>,
    /// What else it needs and is not there.
    pub missing: Vec<&'static str>,
}

impl Installed {
    /// Whether all of it is there.
    pub fn is_ready(&self) -> bool {
        self.browser.is_some() && self.driver.is_some() && self.missing.is_empty()
    }
}

/// Looks for an engine. Nothing is started but the programs that are asked for their version.
pub async fn installed(engine: Engine) -> Installed {
    let (driver, variable) = engine.driver();
    let driver = std::env::var_os(variable).map_or_else(|| PathBuf::from(driver), PathBuf::from);
    let browser = match engine.browser() {
        // Neither of the two tells its version without a session.
        Some(path) if engine == Engine::Webkit => {
            path.is_file().then(|| "WebKitGTK's MiniBrowser".to_owned())
        }
        Some(path) => version(&path).await,
        None => None,
    };
    let missing = match engine {
        Engine::Webkit if find("Xvfb").is_none() => vec!["Xvfb"],
        _ => Vec::new(),
    };
    let driver = match engine {
        Engine::Webkit => (driver.is_file() || find(&driver.to_string_lossy()).is_some())
            .then(|| driver.display().to_string()),
        _ => version(&driver).await,
    };
    Installed { engine, browser, driver, missing }
}

/// Whether the search path leads to a program of that name.
fn find(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// The first line that a program tells of its version.
async fn version(program: &Path) -> Option<String> {
    // A browser that is asked for its version may still write into its home.
    let home = tempfile::tempdir().ok()?;
    let asking = Command::new(program)
        .arg("--version")
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(PATIENCE, asking).await.ok()?.ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    Some(line.trim().chars().take(120).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_that_is_not_there_has_no_version() {
        assert_eq!(version(Path::new("/nowhere/chromedriver")).await, None);
        assert!(version(Path::new("cargo")).await.is_some_and(|line| line.starts_with("cargo ")));
    }
}
