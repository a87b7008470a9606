//! `corspec.yaml`: a server, its routes, and what its owner wants to permit.

use std::path::PathBuf;
use std::time::Duration;

use corspec_protocol::Policy;
use url::Url;

use super::hint::Framework;
use crate::battery::{Route, Site};
use crate::report::printable::printable;

/// What a `corspec.yaml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the server is asked, with the path that all routes are below.
    pub server: Url,
    /// The origin under which pages know it, where that is another.
    pub public: Option<String>,
    /// What its owner wants to permit.
    pub policy: Policy,
    /// What can be asked for.
    pub routes: Vec<OwnRoute>,
    /// A cookie that the visitor's browser holds, as `name=value`; may name variables of the environment as `${NAME}`.
    pub cookie: Option<String>,
    /// How much the server is asked for.
    pub limits: Limits,
    /// Which certificates are trusted.
    pub tls: Tls,
    /// In what the server is written.
    pub framework: Option<Framework>,
}

/// One path, and how to ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnRoute {
    /// The path below the server's URL, with its query if it has one.
    pub path: String,
    /// The methods that it answers.
    pub methods: Vec<String>,
    /// Headers that every page sends; values may name variables of the environment as `${NAME}`.
    pub headers: Vec<(String, String)>,
    /// What is sent as the body of methods that have one, in place of a sample.
    pub body: Option<String>,
    /// Whether methods other than GET, HEAD and OPTIONS are sent.
    pub may_write: bool,
}

/// How much a server is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many requests begin within a second; nothing: as many as it takes.
    pub per_second: Option<u32>,
    /// How many are under way at once.
    pub at_once: usize,
    /// The time for one of them.
    pub timeout: Duration,
    /// How often a request is sent again that brought no answer.
    pub retries: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_second: None, at_once: 8, timeout: Duration::from_secs(10), retries: 2 }
    }
}

/// Which certificates are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// A file of certificates, as PEM, that are trusted beside those of the system.
    pub ca: Option<PathBuf>,
    /// Whether any certificate will do.
    pub insecure: bool,
}

impl Config {
    /// A server that answers GET on its root, under a policy.
    pub fn new(server: Url, policy: Policy) -> Self {
        Self {
            server,
            public: None,
            policy,
            routes: vec![OwnRoute::read("/")],
            cookie: None,
            limits: Limits::default(),
            tls: Tls::default(),
            framework: None,
        }
    }

    /// The server's URL without any path.
    pub fn origin(&self) -> Url {
        let mut origin = self.server.clone();
        origin.set_path("/");
        origin.set_query(None);
        origin
    }

    /// The path of a route on its server, which may serve it below another path.
    pub fn path(&self, route: &OwnRoute) -> String {
        let base = self.server.path().trim_end_matches('/');
        let path = route.path.strip_prefix('/').unwrap_or(&route.path);
        format!("{base}/{path}")
    }

    /// What the battery has to know. `seen`: the names of the headers that each route's answers have.
    pub fn site(&self, seen: &[Vec<String>]) -> Site {
        let routes = self.routes.iter().enumerate().map(|(index, route)| Route {
            path: self.path(route),
            methods: route.methods.clone(),
            may_write: route.may_write,
            headers: route.headers.clone(),
            response_headers: seen.get(index).cloned().unwrap_or_default(),
        });
        Site { routes: routes.collect(), public: self.public.clone(), serves_resource: false }
    }

    /// The methods that no request was sent with, because nothing says that they may change what the server holds.
    pub fn untested(&self) -> Vec<(String, Vec<String>)> {
        let is_safe = |method: &String| matches!(&**method, "GET" | "HEAD" | "OPTIONS");
        self.routes
            .iter()
            .filter(|route| !route.may_write)
            .map(|route| {
                let left =
                    route.methods.iter().filter(|method| !is_safe(method)).cloned().collect::<Vec<_>>();
                (route.path.clone(), left)
            })
            .filter(|(_, methods)| !methods.is_empty())
            .collect()
    }
}

/// A policy that lets these origins read, and use what needs no permission.
pub fn plain_policy(origins: Vec<String>) -> Policy {
    Policy {
        origins,
        methods: ["GET", "HEAD", "POST"].map(str::to_owned).to_vec(),
        headers: Vec::new(),
        expose: Vec::new(),
        credentials: false,
        max_age: None,
    }
}

/// The URL of a server, as a person writes it.
///
/// # Errors
/// Where it is none, or has a password in it.
pub fn server_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{} is no URL: {error}", printable(text)))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(format!("{} is no URL of a server", printable(text)));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a password in the URL would end up in reports".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{} has more than a path behind its host", printable(text)));
    }
    Ok(url)
}

impl OwnRoute {
    /// A path that is read and never written to.
    pub fn read(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            methods: vec!["GET".to_owned()],
            headers: Vec::new(),
            body: None,
            may_write: false,
        }
    }
}
