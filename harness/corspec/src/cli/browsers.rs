//! `corspec browsers`, and the browsers that other commands name.

use std::sync::Arc;

use clap::Subcommand;
use corspec::browser::Browser;
use corspec::engine::{AbsentBrowser, Engine, Installed, RealBrowser, Settings, installed};
use tokio::process::Command;

use super::{Ending, Failure};

#[derive(Subcommand)]
pub(super) enum Browsers {
    /// List the browsers: which are there, in which version, and what gets those that are not
    List,
    /// Tell the command that gets a browser, and whether it is needed
    Setup {
        /// chromium, firefox or webkit
        name: Engine,
        /// Run the command
        #[arg(long)]
        install: bool,
    },
}

impl Browsers {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::broken)?;
        runtime.block_on(async {
            match self {
                Self::List => {
                    for engine in Engine::ALL {
                        anstream::println!("{}", line(&installed(engine).await));
                    }
                    Ok(Ending::AsExpected)
                }
                Self::Setup { name, install } => set_up(name, install).await,
            }
        })
    }
}

async fn set_up(engine: Engine, install: bool) -> Result<Ending, Failure> {
    let found = installed(engine).await;
    if found.is_ready() {
        anstream::println!("{}", line(&found));
        return Ok(Ending::AsExpected);
    }
    if !install {
        anstream::println!("{}", line(&found));
        anstream::println!("`corspec browsers setup {engine} --install` runs that command");
        return Ok(Ending::CouldNotRun);
    }
    anstream::eprintln!("{}", engine.install());
    let status =
        Command::new("/bin/sh").args(["-c", engine.install()]).status().await.map_err(Failure::broken)?;
    let found = installed(engine).await;
    anstream::println!("{}", line(&found));
    match (status.success(), found.is_ready()) {
        (true, true) => Ok(Ending::AsExpected),
        (false, _) => Err(Failure::Broken(format!("`{}` ended with {status}", engine.install()))),
        (true, false) => Err(Failure::Broken(format!("`{}` left something missing", engine.install()))),
    }
}

fn line(found: &Installed) -> String {
    let Installed { engine, browser, driver, .. } = found;
    if found.is_ready() {
        let told = |version: &Option<String>| version.clone().unwrap_or_default();
        return format!("{engine:<10} {}, driver {}", told(browser), told(driver));
    }
    let missing = browser.is_none().then_some("the browser").into_iter();
    let missing =
        missing.chain(driver.is_none().then_some("its driver")).chain(found.missing.iter().copied());
    let missing: Vec<_> = missing.collect();
    format!("{engine:<10} missing: {}; `{}` gets it", missing.join(", "), engine.install())
}

/// The browsers that an argument names.
#[derive(Clone)]
pub(super) struct Engines(pub(super) Vec<Engine>);

pub(super) fn engines(name: &str) -> Result<Engines, String> {
    if name == "all" {
        return Ok(Engines(Engine::ALL.to_vec()));
    }
    name.parse().map(|engine| Engines(vec![engine]))
}

/// Starts them. One that does not come up says so in every case.
pub(super) async fn start(Engines(named): &Engines, settings: Settings) -> Vec<Arc<dyn Browser>> {
    let mut started: Vec<Arc<dyn Browser>> = Vec::new();
    for &engine in named {
        started.push(match RealBrowser::start(engine, settings).await {
            Ok(browser) => Arc::new(browser),
            Err(problem) => Arc::new(AbsentBrowser::new(problem)),
        });
    }
    started
}
