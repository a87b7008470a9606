//! What a checked case file says.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use corspec_browser::CookieFate;
use corspec_browser::http::Purpose;
use corspec_protocol::Policy;

use super::positions::{KeyPath, Positions};

/// One file of cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// The file's name without `.yaml`.
    pub name: String,
    /// What its cases test: a browser, or a server.
    pub kind: Kind,
    /// The part of a standard that the suite is about.
    pub spec: String,
    /// A paragraph for the reader.
    pub about: Option<String>,
    /// What the suite is there for beside the wrong servers that no other finds. In [`Kind::Server`] suites.
    pub guards: Option<String>,
    /// What the server's owner wants to permit. Always there in a [`Kind::Server`] suite, never in another.
    pub policy: Option<Policy>,
    /// The origin under which pages know the server, where that is not the loopback address. In [`Kind::Server`] suites.
    pub server: Option<String>,
    /// The cases in the order of the file, every matrix expanded. Never empty.
    pub cases: Vec<Case>,
    /// The file itself.
    pub source: Source,
}

impl Suite {
    /// The case of that id.
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id)
    }
}

/// A case file as it was read.
#[derive(Clone)]
pub struct Source {
    /// Its path, relative where the caller's was, with `/` between its parts.
    pub path: String,
    /// Its text, without a byte order mark.
    pub text: Arc<str>,
    /// Where everything in it stands, once somebody has asked.
    positions: Arc<OnceLock<Positions>>,
}

impl Source {
    /// A file of that path and text. Both are empty where there is no file.
    pub fn new(path: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), text: text.into(), positions: Arc::default() }
    }

    pub(super) fn positions(&self) -> &Positions {
        self.positions.get_or_init(|| Positions::of(&self.text))
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.text == other.text
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("path", &self.path).finish_non_exhaustive()
    }
}

/// One case: a page's request, or several in the same browser, and what must come of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Kebab-case, unique in its suite.
    pub id: String,
    /// What it teaches, in a sentence.
    pub why: String,
    /// An anchor of its own, where the suite's is too wide.
    pub spec: Option<String>,
    /// How binding its expectation is.
    pub level: Level,
    /// What the browser brings along.
    pub browser: BrowserSetup,
    /// The cache between the browser and the servers, if there is one.
    pub shared_cache: Option<SharedCache>,
    /// What else the server enforces meanwhile, elsewhere. In [`Kind::Server`] suites.
    pub beside: Beside,
    /// What happens, in order of time. Never empty; a case without `steps` has one, at 0.
    pub steps: Vec<Step>,
    /// Where in the file it stands. [`locate`](super::locate) tells the line.
    pub location: KeyPath,
}

impl Case {
    /// What a step must lead to under a profile's rules; the number of the step counts from 0.
    pub fn expect_under(&self, profile: &str, step: usize) -> Option<&Expect> {
        let step = self.steps.get(step)?;
        Some(step.profiles.get(profile).map_or(&step.expect, |departure| &departure.expect))
    }

    /// The answers of a step under a profile's rules.
    pub fn responses_under(&self, profile: &str, step: usize) -> &[Scripted] {
        let Some(step) = self.steps.get(step) else { return &[] };
        let own = step.profiles.get(profile).and_then(|departure| departure.responses.as_deref());
        own.unwrap_or(&step.responses)
    }
}

impl Case {
    /// Whether an HTTP cache has a part in it.
    pub const fn has_cache(&self) -> bool {
        self.browser.http_cache || self.shared_cache.is_some()
    }
}

/// What a browser brings along, before the first step and for every visitor.
#[derive(Clone, Debug, PartialEq)]
pub struct BrowserSetup {
    /// The cookies that it holds.
    pub cookies: Vec<HeldCookie>,
    /// What it does about cookies of other sites.
    pub third_party_cookies: ThirdPartyCookies,
    /// Whether it has an HTTP cache.
    pub http_cache: bool,
    /// Local Network Access, if it heeds it.
    pub local_network: Option<LocalNetwork>,
}

impl Default for BrowserSetup {
    fn default() -> Self {
        Self {
            cookies: Vec::new(),
            third_party_cookies: ThirdPartyCookies::Allow,
            http_cache: false,
            local_network: None,
        }
    }
}

/// Policies that the same server has to enforce at other places, while a case is performed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// One that it was given before the suite's own.
    pub before: Option<Policy>,
    /// One that it was given after it.
    pub after: Option<Policy>,
}

impl Beside {
    /// Whether there is none.
    pub const fn is_nothing(&self) -> bool {
        self.before.is_none() && self.after.is_none()
    }
}

/// A cookie as an earlier visit left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCookie {
    /// The URL that set it; in a [`Kind::Server`] suite the server under test.
    pub url: Option<String>,
    /// The value of the `Set-Cookie` line.
    pub line: Vec<u8>,
}

/// What Local Network Access asks of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalNetwork {
    /// Where the page comes from.
    pub page: AddressSpace,
    /// Whether the user has permitted it.
    pub granted: bool,
    /// What names resolve to.
    pub hosts: Vec<(String, AddressSpace)>,
}

/// What an engine makes of a step, where that is not what the standard says.
#[derive(Clone, Debug, PartialEq)]
pub struct Departure {
    /// What must come of it.
    pub expect: Expect,
    /// What the network answers, where the engine makes other requests than the standard.
    pub responses: Option<Vec<Scripted>>,
}

/// One request of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Seconds since the case began. Never less than the step before.
    pub at: u64,
    /// Whose browser it happens in; each visitor has one.
    pub visitor: String,
    /// What the page asks for.
    pub request: Request,
    /// What the network answers, in the order of the requests. Empty in a [`Kind::Server`] suite.
    pub responses: Vec<Scripted>,
    /// What must come of it.
    pub expect: Expect,
    /// By engine, what stands in for the expectation, and perhaps for the answers.
    pub profiles: BTreeMap<String, Departure>,
}

/// What a page asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Whose page it is.
    pub origin: PageOrigin,
    /// The origin of the top-level page, where the page is a frame in another.
    pub top_level: Option<String>,
    /// The page's referrer policy.
    pub referrer_policy: ReferrerPolicy,
    /// Where the request goes.
    pub target: Target,
    /// The method as script writes it; its characters are bytes, and not always those of a token.
    pub method: String,
    /// The headers that script sets, as name and value, in order, repeats kept.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether cookies and the like go along.
    pub credentials: Credentials,
    /// The request's mode.
    pub mode: Mode,
    /// What becomes of redirects.
    pub redirect: Redirect,
    /// The body, if there is one.
    pub body: Option<Body>,
    /// What in the page makes the request.
    pub initiator: Initiator,
    /// The `crossorigin` attribute of the element that does.
    pub crossorigin: CrossOrigin,
    /// Whether the request may outlive its page.
    pub keepalive: bool,
    /// Whether the preflight alone is sent: what would follow is taken to be readable, and stays at home.
    pub preflight_only: bool,
}

impl Request {
    /// `fetch(target)` on a page of that origin, with nothing else said.
    pub fn new(origin: PageOrigin, target: Target) -> Self {
        Self {
            origin,
            top_level: None,
            referrer_policy: ReferrerPolicy::StrictOriginWhenCrossOrigin,
            target,
            method: "GET".to_owned(),
            headers: Vec::new(),
            credentials: Credentials::SameOrigin,
            mode: Mode::Cors,
            redirect: Redirect::Follow,
            body: None,
            initiator: Initiator::Fetch,
            crossorigin: CrossOrigin::Absent,
            keepalive: false,
            preflight_only: false,
        }
    }
}

impl Initiator {
    /// Whether script chooses the request's method, mode, credentials and headers, as only fetch() and XMLHttpRequest let it.
    pub const fn is_scripted(self) -> bool {
        matches!(self, Self::Fetch | Self::Xhr | Self::XhrUploadListener)
    }
}

/// The origin of the page that makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageOrigin {
    /// The serialization of an origin; `null` is an opaque one.
    Serialized(String),
    /// The origin of the server under test, known only once it listens.
    ServerItself,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A URL as script writes it, not necessarily one that parses. In [`Kind::Browser`] suites.
    Url(String),
    /// A path on the server under test, `{server}` and `{twin}` still in it. In [`Kind::Server`] suites.
    Path(String),
}

/// A request's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// What script hands over.
    pub kind: BodyKind,
    /// The type that a blob says it has.
    pub content_type: Option<String>,
    /// How many bytes it has, where that matters.
    pub size: Option<usize>,
}

/// What the network answers to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scripted {
    /// The request that it answers.
    pub purpose: Purpose,
    /// The status code.
    pub status: u16,
    /// Header lines without their line ends, to be written byte for byte.
    pub header_lines: Vec<Vec<u8>>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// Close the connection in place of answering.
    pub close: bool,
}

/// What must come of a request. What is absent or empty is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expect {
    /// How it ends.
    pub outcome: Outcome,
    /// The reasons of which one must have decided a [`Outcome::Block`]; if none is named, all are good.
    pub reasons: Vec<String>,
    /// Where a [`Outcome::Block`] is decided.
    pub stage: Option<Stage>,
    /// What becomes of the preflight.
    pub preflight: Option<PreflightUse>,
    /// The status that script sees.
    pub status: Option<u16>,
    /// The response's type.
    pub response_type: Option<ResponseType>,
    /// Response headers that script must see.
    pub visible: Vec<Visible>,
    /// Names of response headers that script must not see.
    pub hidden: Vec<String>,
    /// Every request that goes out, in order.
    pub sent: Option<Vec<SentExpect>>,
    /// How often the handler must have run. In [`Kind::Server`] suites.
    pub hits: Option<u64>,
    /// What becomes of cookies that the host has, by name, as the code of their fate.
    pub cookies: Vec<(String, CookieFate)>,
    /// What becomes of cookies that a response sets.
    pub set_cookies: Vec<(String, CookieFate)>,
    /// Where the last response comes from.
    pub source: Option<ResponseSource>,
    /// Whether script sees the timing in detail.
    pub timing: Option<bool>,
}

impl Expect {
    /// An expectation of nothing but that outcome.
    pub const fn outcome(outcome: Outcome) -> Self {
        Self {
            outcome,
            reasons: Vec::new(),
            stage: None,
            preflight: None,
            status: None,
            response_type: None,
            visible: Vec::new(),
            hidden: Vec::new(),
            sent: None,
            hits: None,
            cookies: Vec::new(),
            set_cookies: Vec::new(),
            source: None,
            timing: None,
        }
    }
}

/// A response header that script must see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visible {
    /// Its name.
    pub name: String,
    /// The value that it must have, if that matters.
    pub value: Option<Vec<u8>>,
}

/// A request that must go out. What is absent or empty is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentExpect {
    /// Its method.
    pub method: Option<String>,
    /// Its URL.
    pub url: Option<String>,
    /// Headers that it must carry with exactly that combined value.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Names of headers that it must not carry.
    pub without: Vec<String>,
    /// What it is for.
    pub purpose: Option<Purpose>,
}

/// An enum whose variants are single words of the format.
pub(super) trait Word: Copy + 'static {
    const ALL: &'static [Self];

    fn word(self) -> &'static str;
}

macro_rules! words {
    ($($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ })+) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every one, in the order of the format's description.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for it in a case file.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl Word for $name {
            const ALL: &'static [Self] = Self::ALL;

            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    )+};
}

words! {
    /// What a suite tests; the name of the folder that it stands in.
    Kind {
        /// Scripted answers: what a browser does with them.
        Browser = "browser",
        /// A policy: what a correct server leads to.
        Server = "server",
    }

    /// How binding a case is.
    Level {
        /// A difference is a failure.
        Must = "must",
        /// A difference is a failure that a server can have reasons for.
        Should = "should",
        /// Both ways are fine; a difference is noted.
        May = "may",
    }

    /// A request's credentials mode.
    Credentials {
        /// Never.
        Omit = "omit",
        /// To the page's own origin only.
        SameOrigin = "same-origin",
        /// Always.
        Include = "include",
    }

    /// A request's mode.
    Mode {
        /// Readable with the server's consent.
        Cors = "cors",
        /// Sent without asking, never readable.
        NoCors = "no-cors",
        /// To the page's own origin only.
        SameOrigin = "same-origin",
    }

    /// A request's redirect mode.
    Redirect {
        /// Follow it.
        Follow = "follow",
        /// Fail.
        Error = "error",
        /// Hand script an opaque-redirect filtered response.
        Manual = "manual",
    }

    /// What script hands over as a body.
    BodyKind {
        /// A string.
        Text = "text",
        /// A `URLSearchParams`.
        Urlencoded = "urlencoded",
        /// A `FormData`.
        Formdata = "formdata",
        /// A `Blob`.
        Blob = "blob",
        /// A `Uint8Array`.
        Bytes = "bytes",
        /// A `ReadableStream`.
        Stream = "stream",
    }

    /// What a browser does about cookies of other sites than the top-level page's.
    ThirdPartyCookies {
        /// They go by `SameSite` alone.
        Allow = "allow",
        /// Each top-level site has its own.
        Partition = "partition",
        /// They are neither sent nor stored.
        Block = "block",
    }

    /// A cache between browsers and servers.
    SharedCache {
        /// As RFC 9111 has it.
        HeedsVary = "heeds-vary",
        /// As several are in practice.
        IgnoresVary = "ignores-vary",
    }

    /// Where a host is, seen from the user.
    AddressSpace {
        /// On the same machine.
        Loopback = "loopback",
        /// In the network at hand.
        Local = "local",
        /// Anywhere else.
        Public = "public",
    }

    /// A page's referrer policy.
    ReferrerPolicy {
        /// The default.
        StrictOriginWhenCrossOrigin = "strict-origin-when-cross-origin",
        /// Nothing.
        NoReferrer = "no-referrer",
        /// Nothing from https to http.
        NoReferrerWhenDowngrade = "no-referrer-when-downgrade",
        /// Nothing to other origins.
        SameOrigin = "same-origin",
        /// The origin alone.
        Origin = "origin",
        /// The origin alone, and nothing from https to http.
        StrictOrigin = "strict-origin",
        /// The origin alone to other origins.
        OriginWhenCrossOrigin = "origin-when-cross-origin",
        /// Everything to everybody.
        UnsafeUrl = "unsafe-url",
    }

    /// Where a response comes from.
    ResponseSource {
        /// A server.
        Network = "network",
        /// The cache between browser and server.
        SharedCache = "shared-cache",
        /// The browser's own cache.
        HttpCache = "http-cache",
        /// The browser's own cache, after the server said that it is still good.
        Validated = "validated",
        /// Nowhere: the request was not sent, since the preflight alone is asked for.
        Withheld = "withheld",
    }

    /// What in the page makes a request.
    Initiator {
        /// `fetch()`.
        Fetch = "fetch",
        /// `XMLHttpRequest`.
        Xhr = "xhr",
        /// `XMLHttpRequest` with a listener for the progress of the upload.
        XhrUploadListener = "xhr-upload-listener",
        /// `<img>`.
        Image = "img",
        /// `<script>`.
        Script = "script",
        /// `<script type=module>`.
        ModuleScript = "module-script",
        /// `<link rel=stylesheet>`.
        Stylesheet = "stylesheet",
        /// `@font-face`.
        Font = "font",
        /// `<video>`.
        Video = "video",
        /// `<audio>`.
        Audio = "audio",
        /// `<track>`.
        Track = "track",
        /// `navigator.sendBeacon()`.
        Beacon = "beacon",
        /// `EventSource`.
        EventSource = "event-source",
        /// A form that is submitted.
        Form = "form",
        /// `WebSocket`.
        WebSocket = "web-socket",
    }

    /// An element's `crossorigin` attribute.
    CrossOrigin {
        /// It is not there.
        Absent = "absent",
        /// Without credentials.
        Anonymous = "anonymous",
        /// With credentials.
        UseCredentials = "use-credentials",
    }

    /// How a request ends for the page.
    Outcome {
        /// Script may read the response.
        Allow = "allow",
        /// It was sent, and script sees nothing of the response.
        Opaque = "opaque",
        /// `fetch()` rejects.
        Block = "block",
    }

    /// Where a block is decided.
    Stage {
        /// Before anything is sent.
        Request = "request",
        /// On the answer to the preflight.
        Preflight = "preflight",
        /// On the answer itself.
        Actual = "actual",
        /// On following a redirect.
        Redirect = "redirect",
    }

    /// What becomes of a preflight.
    PreflightUse {
        /// It is not needed.
        None = "none",
        /// It is sent.
        Sent = "sent",
        /// It is needed, and the preflight cache answers it.
        Cached = "cached",
    }

    /// The type of the response that script gets.
    ResponseType {
        /// Of the page's own origin.
        Basic = "basic",
        /// Of another origin that consents.
        Cors = "cors",
        /// Of another origin that was not asked.
        Opaque = "opaque",
        /// A redirect that is not followed.
        OpaqueRedirect = "opaqueredirect",
    }
}
