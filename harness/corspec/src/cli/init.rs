//! `corspec init`: a policy is written down.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use corspec::own::{Config, Framework, OwnRoute, OwnTransport, Secrets, observed, plain_policy, yaml};
use url::Url;

use super::own::{FILE, framework, print, server, write_file};
use super::{Ending, Failure};

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
        let mut config = Config::new(server, plain_policy(self.origins.clone()));
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
