//! Cases in the making.

use std::collections::BTreeMap;

use std::collections::HashSet;

use corspec_browser::{Origin, method};
use corspec_protocol::{PermittedOrigin, Policy};

use super::look_alikes::{Candidate, look_alikes, members, mixtures, strangers};
use super::site::{Route, Site};
use crate::case::{
    Beside, Body, BodyKind, BrowserSetup, Case, Credentials, Expect, Initiator, KeyPath, Level, Outcome,
    PageOrigin, PreflightUse, Redirect, Request, ResponseSource, SharedCache, Step, Target, Visible,
};
use crate::derive;

/// Of how many entries of a list that can be long each is looked at.
pub(super) const ENTRIES: usize = 12;

/// The cases of one theme, while they are written.
pub(super) struct Battery<'a> {
    pub(super) policy: &'a Policy,
    pub(super) permitted: &'a [PermittedOrigin],
    pub(super) site: &'a Site,
    ids: HashSet<String>,
    cases: Vec<Case>,
}

/// A page's request, and what it is like.
#[derive(Clone)]
pub(super) struct Ask(Request);

impl Ask {
    pub(super) fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.0.method);
        self
    }

    /// Sets a header. Where the route is asked with one of that name, its value stays: a made-up token would open nothing.
    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        let is_a_preference = ["accept", "accept-language", "content-language", "content-type", "range"]
            .contains(&&*name.to_ascii_lowercase());
        let known = self.0.headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()));
        let (name, value) = (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        match known {
            Some(known) if is_a_preference => *known = (name, value),
            Some(known) => known.0 = name,
            None => self.0.headers.push((name, value)),
        }
        self
    }

    pub(super) fn with_credentials(mut self, include: bool) -> Self {
        self.0.credentials = if include { Credentials::Include } else { Credentials::Omit };
        self
    }

    pub(super) fn path(mut self, path: &str) -> Self {
        self.0.target = Target::Path(path.to_owned());
        self
    }

    /// A redirect is itself the answer.
    pub(super) fn unled(mut self) -> Self {
        self.0.redirect = Redirect::Manual;
        self
    }

    pub(super) fn by(mut self, initiator: Initiator) -> Self {
        self.0.initiator = initiator;
        if initiator == Initiator::Form {
            "POST".clone_into(&mut self.0.method);
        }
        self
    }

    pub(super) fn text(mut self) -> Self {
        self.0.body = Some(Body { kind: BodyKind::Text, content_type: None, size: None });
        self
    }

    /// Whether the request itself is sent, not its preflight alone.
    pub(super) fn is_sent(&self) -> bool {
        !self.0.preflight_only
    }

    /// Sends the preflight alone if `only`, or if it did already.
    pub(super) fn preflight_only(mut self, only: bool) -> Self {
        self.0.preflight_only |= only;
        self
    }
}

impl<'a> Battery<'a> {
    pub(super) fn new(policy: &'a Policy, permitted: &'a [PermittedOrigin], site: &'a Site) -> Self {
        Self { policy, permitted, site, ids: HashSet::new(), cases: Vec::new() }
    }

    pub(super) fn finish(self) -> Vec<Case> {
        self.cases
    }

    /// The route that most cases use.
    pub(super) fn route(&self) -> &'a Route {
        &self.site.routes[0]
    }

    /// The route whose answers a cache may keep, where one is known.
    pub(super) fn cacheable(&self) -> &'a Route {
        let named = self.site.routes.iter().find(|route| route.path == "/cacheable");
        named.filter(|_| self.site.serves_resource).unwrap_or(self.route())
    }

    /// A page's GET for the route that most cases use, with the headers that it needs.
    pub(super) fn ask(&self, origin: &str) -> Ask {
        self.ask_for(self.route(), origin)
    }

    pub(super) fn ask_for(&self, route: &Route, origin: &str) -> Ask {
        let mut request =
            Request::new(PageOrigin::Serialized(origin.to_owned()), Target::Path(route.path.clone()));
        request.credentials = Credentials::Omit;
        let method = ["GET", "HEAD"].into_iter().find(|method| route.answers(method)).unwrap_or("GET");
        let ask = Ask(request).method(method);
        route.headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value))
    }

    /// A request of the server's own page.
    pub(super) fn ask_at_home(&self) -> Ask {
        let mut ask = self.ask("null");
        ask.0.origin = PageOrigin::ServerItself;
        ask
    }

    /// The same request, such that it needs a preflight which the policy grants: a listed method that changes something, or a
    /// listed header. Nothing where the policy grants neither.
    pub(super) fn preflighted(&self, ask: Ask) -> Option<Ask> {
        let route = self.route();
        let unsafe_methods = ["PUT", "PATCH", "DELETE"];
        let listed = unsafe_methods.into_iter().find(|method| {
            (self.policy.any_method() || self.policy.methods.iter().any(|listed| listed == method))
                && (!self.site.serves_resource || route.answers(method))
        });
        if let Some(method) = listed {
            let sendable = route.answers(method) && route.may_be_asked(method);
            return Some(ask.method(method).preflight_only(!sendable));
        }
        let header = if self.policy.any_header() { Some("X-Corspec") } else { self.a_listed_header() };
        header.map(|name| ask.header(name, "1"))
    }

    /// A listed header that is no special one.
    pub(super) fn a_listed_header(&self) -> Option<&'a str> {
        let plain = |name: &&String| {
            !["content-type", "accept", "accept-language", "content-language", "range", "authorization"]
                .contains(&&*name.to_ascii_lowercase())
        };
        self.policy.headers.iter().find(plain).map(String::as_str).filter(|name| *name != "*")
    }

    /// Pages that the policy lets in: each origin that it lists, and some of those that a pattern covers.
    pub(super) fn insiders(&self) -> Vec<Candidate> {
        let mut all = Vec::new();
        for entry in self.permitted.iter().take(ENTRIES) {
            match entry {
                PermittedOrigin::Any => all.extend(anybody()),
                PermittedOrigin::Null => all.push(Candidate {
                    slug: "null".to_owned(),
                    origin: "null".to_owned(),
                    how: "whose origin is opaque",
                }),
                PermittedOrigin::Exact(origin) => all.push(Candidate {
                    slug: slug(origin),
                    origin: origin.clone(),
                    how: "that the policy lists",
                }),
                PermittedOrigin::Subdomains { scheme, domain } => {
                    all.extend(members(scheme, domain).into_iter().map(|member| Candidate {
                        slug: format!("{}-{}", slug(domain), member.slug),
                        ..member
                    }));
                }
            }
        }
        all
    }

    /// The page that most cases use, if the policy lets anybody in.
    pub(super) fn insider(&self) -> Option<String> {
        self.insiders().into_iter().next().map(|page| page.origin)
    }

    /// Pages that the policy keeps out, those that look most like permitted ones first.
    pub(super) fn outsiders(&self) -> Vec<Candidate> {
        let mut all = Vec::new();
        let entries = self.permitted.iter().take(ENTRIES / 2);
        for (number, entry) in entries.enumerate() {
            let of = |candidate: Candidate| match number {
                0 => candidate,
                _ => Candidate { slug: format!("{}-of-{}", candidate.slug, number + 1), ..candidate },
            };
            all.extend(look_alikes(entry).into_iter().map(of));
        }
        all.extend(mixtures(self.permitted));
        all.extend(strangers());
        let mut seen = HashSet::new();
        all.retain(|it| !self.permits(&it.origin) && seen.insert(it.origin.clone()));
        all
    }

    /// A page that the policy keeps out, if it keeps anybody out.
    pub(super) fn outsider(&self) -> Option<String> {
        let stranger = strangers().into_iter().find(|page| !self.permits(&page.origin));
        stranger.or_else(|| self.outsiders().into_iter().next()).map(|page| page.origin)
    }

    pub(super) fn permits(&self, origin: &str) -> bool {
        self.permitted.iter().any(|entry| entry.permits(origin.as_bytes()))
    }

    /// Writes a case down if the policy says what must come of each of its requests.
    pub(super) fn case(&mut self, id: &str, why: impl Into<String>, asks: impl IntoIterator<Item = Ask>) {
        self.draft(id, why).steps(asks.into_iter().enumerate().map(|(at, ask)| (at as u64, ask)));
    }

    /// A case that has more to it.
    pub(super) fn draft(&mut self, id: &str, why: impl Into<String>) -> Draft<'_, 'a> {
        Draft {
            battery: self,
            id: id.to_owned(),
            why: why.into(),
            level: Level::Must,
            browser: BrowserSetup::default(),
            shared_cache: None,
            visitors: false,
            dress: Vec::new(),
            statuses: Vec::new(),
            hits: Vec::new(),
        }
    }

    /// What must come of a request, and how binding that is; nothing where the policy leaves it open.
    fn expectation(&self, request: &Request) -> Option<(Expect, Level)> {
        let outcome = derive::outcome(self.policy, request)?;
        let mut expect = Expect::outcome(outcome);
        if request.preflight_only {
            expect.preflight = Some(PreflightUse::Sent);
        }
        Some((expect, if self.is_open(request) { Level::May } else { Level::Must }))
    }

    /// The protocol leaves open whether methods that need no grant are refused where they are not listed, and whether a pattern
    /// covers more than one label.
    fn is_open(&self, request: &Request) -> bool {
        let PageOrigin::Serialized(origin) = &request.origin else { return false };
        let method = method::normalize(request.method.as_bytes());
        let unlisted = method::is_cors_safelisted(&method)
            && !self.policy.any_method()
            && !self.policy.methods.iter().any(|listed| listed.as_bytes() == &*method);
        let deep = |entry: &PermittedOrigin| match entry {
            PermittedOrigin::Subdomains { scheme, domain } => origin
                .strip_prefix(&**scheme)
                .and_then(|rest| rest.strip_prefix("://")?.strip_suffix(&**domain)?.strip_suffix('.'))
                .is_some_and(|below| below.contains('.')),
            _ => false,
        };
        let permitted_by = || self.permitted.iter().filter(|entry| entry.permits(origin.as_bytes()));
        unlisted || (permitted_by().next().is_some() && permitted_by().all(deep))
    }
}

/// Changes what a step expects.
type Dress = (usize, fn(&mut Expect, &[String]), Vec<String>);

/// A case that has more to it than requests.
pub(super) struct Draft<'b, 'a> {
    battery: &'b mut Battery<'a>,
    id: String,
    why: String,
    level: Level,
    browser: BrowserSetup,
    shared_cache: Option<SharedCache>,
    visitors: bool,
    dress: Vec<Dress>,
    statuses: Vec<(usize, u16)>,
    hits: Vec<(usize, u64)>,
}

impl Draft<'_, '_> {
    pub(super) fn should(mut self) -> Self {
        self.level = Level::Should;
        self
    }

    pub(super) fn may(mut self) -> Self {
        self.level = Level::May;
        self
    }

    /// The browser keeps answers.
    pub(super) fn http_cache(mut self) -> Self {
        self.browser.http_cache = true;
        self
    }

    /// A cache in between keeps answers, and every step is another visitor's.
    pub(super) fn shared_cache(mut self) -> Self {
        self.shared_cache = Some(SharedCache::HeedsVary);
        self.visitors = true;
        self
    }

    /// The status that script sees where the step is allowed.
    pub(super) fn status(mut self, step: usize, status: Option<u16>) -> Self {
        self.statuses.extend(status.map(|status| (step, status)));
        self
    }

    /// No cache answers.
    pub(super) fn past_caches(mut self, step: usize) -> Self {
        self.dress.push((step, |expect, _| expect.source = Some(ResponseSource::Network), Vec::new()));
        self
    }

    /// The handler must have run so often.
    pub(super) fn hits(mut self, step: usize, hits: u64) -> Self {
        self.hits.push((step, hits));
        self
    }

    /// Script must see these headers where the step is allowed.
    pub(super) fn visible(mut self, step: usize, names: Vec<String>) -> Self {
        let dress = |expect: &mut Expect, names: &[String]| {
            expect.visible = names.iter().map(|name| Visible { name: name.clone(), value: None }).collect();
        };
        self.dress.push((step, dress, names));
        self
    }

    /// Script must not see these headers where the step is allowed.
    pub(super) fn hidden(mut self, step: usize, names: Vec<String>) -> Self {
        self.dress.push((step, |expect, names| expect.hidden = names.to_vec(), names));
        self
    }

    /// What becomes of the preflight.
    pub(super) fn preflight(mut self, step: usize, preflight: PreflightUse) -> Self {
        let dress: fn(&mut Expect, &[String]) = match preflight {
            PreflightUse::None => |expect, _| expect.preflight = Some(PreflightUse::None),
            PreflightUse::Sent => |expect, _| expect.preflight = Some(PreflightUse::Sent),
            PreflightUse::Cached => |expect, _| expect.preflight = Some(PreflightUse::Cached),
        };
        self.dress.push((step, dress, Vec::new()));
        self
    }

    pub(super) fn one(self, ask: Ask) {
        self.steps([(0, ask)]);
    }

    pub(super) fn steps(self, asks: impl IntoIterator<Item = (u64, Ask)>) {
        let mut level = self.level;
        let mut steps = Vec::new();
        for (number, (at, Ask(request))) in asks.into_iter().enumerate() {
            let Some((mut expect, open)) = self.battery.expectation(&request) else { return };
            if open == Level::May {
                level = Level::May;
            }
            // What the first one was granted the browser remembers.
            if number > 0 {
                expect.preflight = None;
            }
            for (_, dress, names) in self.dress.iter().filter(|(step, ..)| *step == number) {
                dress(&mut expect, names);
            }
            let of_step = |(step, _): &&(usize, u64)| *step == number;
            expect.hits = self.hits.iter().find(of_step).map(|(_, hits)| *hits);
            if expect.outcome == Outcome::Allow {
                expect.status =
                    self.statuses.iter().find(|(step, _)| *step == number).map(|(_, status)| *status);
            } else {
                expect.visible.clear();
                expect.hidden.clear();
            }
            let visitor = if self.visitors { format!("visitor {}", number + 1) } else { String::new() };
            steps.push(Step {
                at,
                visitor,
                request,
                responses: Vec::new(),
                expect,
                profiles: BTreeMap::new(),
            });
        }
        if steps.is_empty() {
            return;
        }
        let mut id = self.id.clone();
        for number in 2.. {
            if self.battery.ids.insert(id.clone()) {
                break;
            }
            id = format!("{}-{number}", self.id);
        }
        self.battery.cases.push(Case {
            id,
            why: self.why,
            spec: None,
            level,
            browser: self.browser,
            shared_cache: self.shared_cache,
            beside: Beside::default(),
            steps,
            location: KeyPath::default(),
        });
    }
}

/// Pages as unlike as pages are.
fn anybody() -> Vec<Candidate> {
    let all = [
        ("https", "https://app.example"),
        ("http-with-port", "http://app.example:8080"),
        ("opaque", "null"),
        ("localhost", "http://localhost:3000"),
        ("address", "http://[2001:db8::1]:8080"),
        ("extension", "chrome-extension://abcdefghijklmnopabcdefghijklmnop"),
        ("evil", "https://evil.test"),
    ];
    all.map(|(slug, origin)| Candidate {
        slug: slug.to_owned(),
        origin: origin.to_owned(),
        how: "like any other",
    })
    .to_vec()
}

/// A part of an id that a text makes.
pub(super) fn slug(text: &str) -> String {
    let text = Origin::parse(text).map_or(text, |_| text.split_once("://").map_or(text, |(_, rest)| rest));
    let mut slug = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => slug.push(char::from(byte)),
            b'A'..=b'Z' => slug.push(char::from(byte.to_ascii_lowercase())),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    slug.truncate(40);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "odd".to_owned() } else { slug.to_owned() }
}
