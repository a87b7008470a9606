//! What is known of a server beside its policy.

/// A server's routes, and under which origin its pages know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// What can be asked for. The first route is the one that most cases use.
    pub routes: Vec<Route>,
    /// The origin under which pages know the server, where that is not where it listens.
    pub public: Option<String>,
    /// Whether the server serves the whole resource of the server protocol: errors, redirects, a count of its hits.
    pub serves_resource: bool,
}

/// One path, and how to ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The path, with its query if it has one.
    pub path: String,
    /// The methods that it answers, beside OPTIONS.
    pub methods: Vec<String>,
    /// Whether methods other than GET and HEAD may be sent: they can change what the server holds.
    pub may_write: bool,
    /// The request headers without which it answers nothing of interest. They are part of what a page has to be granted.
    pub headers: Vec<(String, String)>,
    /// The names of the headers that its responses are known to have.
    pub response_headers: Vec<String>,
}

impl Site {
    /// What every server of the server protocol serves.
    pub fn of_the_protocol() -> Self {
        let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].map(str::to_owned).to_vec();
        let response_headers =
            ["X-Request-Id", "X-Secret", "Vary", "Content-Type"].map(str::to_owned).to_vec();
        let resource = Route {
            path: "/resource".to_owned(),
            methods,
            may_write: true,
            headers: Vec::new(),
            response_headers: response_headers.clone(),
        };
        let cacheable = Route {
            path: "/cacheable".to_owned(),
            methods: vec!["GET".to_owned()],
            may_write: false,
            headers: Vec::new(),
            response_headers,
        };
        Self { routes: vec![resource, cacheable], public: None, serves_resource: true }
    }
}

impl Route {
    /// Whether it answers that method, as the browser writes it.
    pub fn answers(&self, method: &str) -> bool {
        self.methods.iter().any(|known| known == method)
    }

    /// Whether a request with that method may be sent to it.
    pub fn may_be_asked(&self, method: &str) -> bool {
        matches!(method, "GET" | "HEAD") || self.may_write
    }
}
