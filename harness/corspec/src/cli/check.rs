//! `corspec check`: a person's own server against their policy.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::{Args, ValueEnum};
use corspec::battery::Extent;
use corspec::case::load_config;
use corspec::own::report::{Look, PolicyFile, github, human, json, junit, markdown, sarif};
use corspec::own::{
    CheckError, Checked, Class, Config, Framework, OwnTransport, Secrets, check, is_loopback, observed,
};
use url::Url;

use super::own::{FILE, framework, print, server, write_file};
use super::{Ending, Failure};

#[derive(Args)]
#[command(
    after_help = "Exit codes: 0 as the policy says, 1 something is open, blocked or spoilt by caches, 2 corspec.yaml or the arguments are wrong, 3 the server could not be asked."
)]
pub(super) struct Check {
    /// What you want to permit, and where; `corspec init` writes one
    #[arg(default_value = FILE)]
    file: PathBuf,
    /// Ask this server instead of the one that the file names
    #[arg(long, value_name = "URL", value_parser = server)]
    server: Option<Url>,
    /// Say how to mend it in this framework
    #[arg(long, value_name = "NAME", value_parser = framework)]
    framework: Option<Framework>,
    /// Trust any certificate
    #[arg(long)]
    insecure: bool,
    /// Trust the certificates in this file, too
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Ask for all that follows from the policy; the default on this machine
    #[arg(long, conflicts_with = "quick")]
    whole: bool,
    /// Ask for what tells nearly as much in a tenth of the requests; the default elsewhere
    #[arg(long)]
    quick: bool,
    /// How the findings are written
    #[arg(long, default_value = "human")]
    format: Format,
    /// Write them there instead of to stdout
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the record there as JSON Lines, for `corspec report`
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Check again whenever the file or the server's answer changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Junit,
    Markdown,
    Sarif,
    Github,
}

impl Check {
    pub(super) fn execute(self) -> Result<Ending, Failure> {
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::broken)?;
        if self.watch {
            return runtime.block_on(self.keep_watch());
        }
        let config = self.config()?;
        let checked = runtime.block_on(async {
            tokio::select! {
                checked = self.check(&config) => checked,
                _ = tokio::signal::ctrl_c() => Err(Failure::Broken("interrupted".to_owned())),
            }
        })?;
        self.tell(&checked)?;
        Ok(ending(&checked))
    }

    fn config(&self) -> Result<Config, Failure> {
        if !self.file.exists() {
            return Err(Failure::Usage(format!(
                "there is no {}\n  help: `corspec init` writes one, `corspec audit URL` needs none",
                self.file.display()
            )));
        }
        let mut config = load_config(&self.file).map_err(Failure::usage)?;
        if let Some(server) = &self.server {
            config.server = server.clone();
        }
        config.framework = self.framework.or(config.framework);
        config.tls.insecure |= self.insecure;
        // A path in the file is relative to the file.
        if let (Some(ca), Some(folder)) = (&mut config.tls.ca, self.file.parent()) {
            *ca = folder.join(&*ca);
        }
        config.tls.ca = self.ca.clone().or(config.tls.ca);
        Ok(config)
    }

    async fn check(&self, config: &Config) -> Result<Checked, Failure> {
        let secrets = Secrets::of(config, |name| std::env::var(name).ok()).map_err(Failure::usage)?;
        let extent = match (self.whole, self.quick) {
            (true, _) => Extent::Whole,
            (_, true) => Extent::Quick,
            _ if is_loopback(&config.server) && config.limits.per_second.is_none() => Extent::Whole,
            _ => Extent::Quick,
        };
        check(config, secrets, extent).await.map_err(|error| match error {
            CheckError::Io(_) => Failure::broken(error),
            _ => Failure::usage(error),
        })
    }

    fn tell(&self, checked: &Checked) -> Result<(), Failure> {
        if let Some(path) = &self.record {
            let text = checked.record.to_lines().map_err(Failure::broken)?;
            write_file(path, &text)?;
        }
        let path = self.file.display().to_string();
        let source = fs::read_to_string(&self.file).unwrap_or_default();
        let file = PolicyFile { path: &path, text: &source };
        let pretty = |value: serde_json::Value| format!("{value:#}\n");
        let text = match self.format {
            Format::Human if self.output.is_none() => human(checked, &Look::coloured()),
            Format::Human => human(checked, &Look::default()),
            Format::Json => pretty(json(checked)),
            Format::Junit => junit(checked).map_err(Failure::broken)?,
            Format::Markdown => markdown(checked),
            Format::Sarif => pretty(sarif(checked, file)),
            Format::Github => github(checked, file),
        };
        match &self.output {
            Some(path) => write_file(path, &text),
            None => print(&text),
        }
    }

    /// Looks every second whether there is something new to check.
    async fn keep_watch(&self) -> Result<Ending, Failure> {
        let mut last: Option<(Option<SystemTime>, String)> = None;
        loop {
            let changed = fs::metadata(&self.file).and_then(|file| file.modified()).ok();
            let config = self.config();
            let answer = match &config {
                Ok(config) => fingerprint(config).await,
                Err(_) => String::new(),
            };
            let now = (changed, answer);
            if last.as_ref() != Some(&now) {
                last = Some(now);
                if io::stdout().is_terminal() {
                    print("\x1b[2J\x1b[H")?;
                }
                let told = match config {
                    Ok(config) => tokio::select! {
                        checked = self.check(&config) => checked.and_then(|checked| self.tell(&checked)),
                        _ = tokio::signal::ctrl_c() => return Ok(Ending::AsExpected),
                    },
                    Err(failure) => Err(failure),
                };
                if let Err(Failure::Usage(message) | Failure::Broken(message)) = told {
                    anstream::eprintln!("error: {message}");
                }
                print("\nWatching the file and the server; Ctrl-C ends it.\n")?;
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                _ = tokio::signal::ctrl_c() => return Ok(Ending::AsExpected),
            }
        }
    }
}

/// What the server answers a page and its preflight now, as far as CORS goes.
async fn fingerprint(config: &Config) -> String {
    let Ok(secrets) = Secrets::of(config, |name| std::env::var(name).ok()) else { return String::new() };
    let Ok(transport) = OwnTransport::new(config, secrets) else { return String::new() };
    match observed(config, &transport, &config.policy.origins).await {
        Ok((policy, notes)) => format!("{policy:?} {notes:?}"),
        Err(error) => error.to_string(),
    }
}

fn ending(checked: &Checked) -> Ending {
    if !checked.ran() {
        Ending::CouldNotRun
    } else if checked.findings.iter().any(|finding| finding.class != Class::Untidy) {
        Ending::FellShort
    } else {
        Ending::AsExpected
    }
}
