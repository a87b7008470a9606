//! `corspec init`, `corspec check` and `corspec audit`

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::{Args, ValueEnum};
use corspec::battery::Extent;
use corspec::case::load_config;
use corspec::own::report::{Look, PolicyFile, audit_json, audited, github, human, json, markdown, sarif};
use corspec::own::{
    CheckError, Checked, Class, Config, Framework, OwnRoute, OwnTransport, Secrets, Severity, audit, check,
    is_loopback, observed, yaml,
};
use corspec::record::Line;
use corspec::report::junit;
use corspec_protocol::Policy;
use url::Url;

use super::{Ending, Failure};

const FILE: &str = "corspec.yaml";

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
            let mut text = String::new();
            let record = &checked.record;
            let lines = std::iter::once(Line::Run(record.run.clone()))
                .chain(record.servers.iter().cloned().map(Line::Server))
                .chain(record.results.iter().map(|result| Line::Result(Box::new(result.clone()))))
                .chain(std::iter::once(Line::End(record.tally())));
            for line in lines {
                text += &serde_json::to_string(&line).map_err(Failure::broken)?;
                text.push('\n');
            }
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
            Format::Junit => junit::render(&checked.record).map_err(Failure::broken)?,
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
        let mut config = Config::new(origin_of(&self.url), policy(Vec::new()));
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

#[derive(Args)]
#[command(
    after_help = "Without a terminal nothing is asked, and --server is needed.\n\nExit codes: 0 written, 2 the arguments are wrong or the file is there already, 3 the server could not be asked."
)]
pub(super) struct Init {
    /// Where it is written (`-`: to stdout)
    #[arg(default_value = FILE)]
    file: PathBuf,
    /// Where the server listens
    #[arg(long, value_name = "URL", value_parser = server)]
    server: Option<Url>,
    /// Whose pages may read; may be given again
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Whether cookies go along
    #[arg(long)]
    credentials: bool,
    /// A method that pages may use; may be given again
    #[arg(long = "method", value_name = "NAME")]
    methods: Vec<String>,
    /// A request header that pages may set; may be given again
    #[arg(long = "header", value_name = "NAME")]
    headers: Vec<String>,
    /// A path that pages ask for; may be given again
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<String>,
    /// In what the server is written
    #[arg(long, value_name = "NAME", value_parser = framework)]
    framework: Option<Framework>,
    /// Write down what the server grants now, to be reviewed
    #[arg(long)]
    from_server: bool,
    /// With --from-server: trust any certificate
    #[arg(long)]
    insecure: bool,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

impl Init {
    pub(super) fn execute(mut self) -> Result<Ending, Failure> {
        let to_stdout = self.file == Path::new("-");
        if !to_stdout && !self.force && self.file.exists() {
            return Err(Failure::Usage(format!(
                "{} is there already\n  help: --force overwrites it, or name another file",
                self.file.display()
            )));
        }
        if self.server.is_none() && io::stdin().is_terminal() {
            self.ask()?;
        }
        let Some(server) = self.server.clone() else {
            return Err(Failure::Usage(
                "where does the server listen?\n  help: --server http://localhost:8080".to_owned(),
            ));
        };
        let mut config = Config::new(server, policy(self.origins.clone()));
        config.policy.credentials = self.credentials;
        if !self.methods.is_empty() {
            config.policy.methods.clone_from(&self.methods);
        }
        config.policy.headers.clone_from(&self.headers);
        config.framework = self.framework;
        config.tls.insecure = self.insecure;
        if !self.paths.is_empty() {
            config.routes = self.paths.iter().map(|path| OwnRoute::read(path)).collect();
        }
        let mut notes = Vec::new();
        if self.from_server {
            let transport = OwnTransport::new(&config, Secrets::default()).map_err(Failure::usage)?;
            let runtime = tokio::runtime::Runtime::new().map_err(Failure::broken)?;
            let seen = runtime.block_on(observed(&config, &transport, &self.origins));
            (config.policy, notes) = seen.map_err(|error| {
                Failure::Broken(format!(
                    "{} cannot be asked: {error}\n  help: start it, or leave --from-server out",
                    config.server
                ))
            })?;
        } else if config.policy.origins.is_empty() {
            notes.push("Nobody is let in yet: write down whose pages may read.".to_owned());
        }
        if config.policy.credentials && config.policy.any_origin() {
            return Err(Failure::Usage(
                "any origin with cookies would let every page act as your users, and browsers refuse it\n  help: name the origins, or leave --credentials out".to_owned(),
            ));
        }
        // What the options say is what will be read back: a mistake in them is told here.
        let methods: Vec<String> = config
            .policy
            .methods
            .iter()
            .filter(|method| !matches!(method.as_str(), "*" | "OPTIONS"))
            .cloned()
            .collect();
        for route in &mut config.routes {
            route.methods.clone_from(&methods);
            if route.methods.is_empty() {
                route.methods = vec!["GET".to_owned()];
            }
        }
        let policy = &config.policy;
        let wrong = [
            policy.permitted_origins().err(),
            policy.permitted_methods().err(),
            policy.permitted_headers().err(),
        ];
        if let Some(error) = wrong.into_iter().flatten().next() {
            return Err(Failure::Usage(error.to_string()));
        }
        let text = yaml(&config, &notes);
        if to_stdout {
            print(&text)?;
        } else {
            write_file(&self.file, &text)?;
            let path = self.file.display();
            print(&format!("Wrote {path}. Look through it, then run: corspec check {path}\n"))?;
        }
        Ok(Ending::AsExpected)
    }

    /// Asks on the terminal for what no option says.
    fn ask(&mut self) -> Result<(), Failure> {
        self.server = Some(loop {
            let line = answer("Where does the server listen? [http://localhost:8080] ")?;
            let line = if line.is_empty() { "http://localhost:8080".to_owned() } else { line };
            match server(&line) {
                Ok(url) => break url,
                Err(problem) => anstream::eprintln!("{problem}"),
            }
        });
        if self.origins.is_empty() && !self.from_server {
            let line =
                answer("Whose pages may read it? Origins, such as https://app.example, or * for all. ")?;
            self.origins = line
                .split([',', ' '])
                .filter(|origin| !origin.is_empty())
                .map(|origin| origin.trim_end_matches('/').to_owned())
                .collect();
        }
        if !self.credentials && !self.from_server && self.origins != ["*"] {
            self.credentials =
                answer("With the visitor's cookies? [y/N] ")?.to_ascii_lowercase().starts_with('y');
        }
        if self.paths.is_empty() {
            let line = answer("Which paths do they ask for? [/] ")?;
            self.paths = line.split([',', ' ']).filter(|path| !path.is_empty()).map(str::to_owned).collect();
        }
        Ok(())
    }
}

fn answer(question: &str) -> Result<String, Failure> {
    print(question)?;
    io::stdout().flush().map_err(Failure::broken)?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(Failure::broken)?;
    Ok(line.trim().to_owned())
}

fn policy(origins: Vec<String>) -> Policy {
    Policy {
        origins,
        methods: ["GET", "HEAD", "POST"].map(str::to_owned).to_vec(),
        headers: Vec::new(),
        expose: Vec::new(),
        credentials: false,
        max_age: None,
    }
}

fn server(text: &str) -> Result<Url, String> {
    corspec::own::server_url(text)
}

fn framework(name: &str) -> Result<Framework, String> {
    let known = || Framework::all().map(Framework::name).collect::<Vec<_>>().join(", ");
    Framework::named(name).ok_or_else(|| format!("there is {}", known()))
}

fn header(line: &str) -> Result<(String, String), String> {
    let (name, value) = line.split_once(':').ok_or("a header is 'Name: value'")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| Failure::Usage(format!("cannot write {}: {error}", path.display())))
}

fn print(text: &str) -> Result<(), Failure> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::broken(error)),
        _ => Ok(()),
    }
}
