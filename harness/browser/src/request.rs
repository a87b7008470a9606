//! What script asks for, and the request that the standard makes of it.

use std::sync::OnceLock;

use url::Url;

use crate::headers;
use crate::http::{Bytes, HeaderList};
use crate::initiator::Initiator;
use crate::method;
use crate::mime;
use crate::origin::{Origin, is_same_origin};
use crate::reason::{Reason, Stage};
use crate::rule::Rule;
use crate::trace::Trace;

/// The page that script runs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The page's origin.
    pub origin: Origin,
    /// The origin of the top-level page, where this one is a frame in it; none where it is the top level itself.
    pub top_level: Option<Origin>,
}

impl Page {
    /// A top-level page.
    pub const fn new(origin: Origin) -> Self {
        Self { origin, top_level: None }
    }

    /// A frame in a page of another origin.
    pub const fn framed(origin: Origin, top_level: Origin) -> Self {
        Self { origin, top_level: Some(top_level) }
    }
}

/// <https://fetch.spec.whatwg.org/#concept-request-credentials-mode>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CredentialsMode {
    /// Never send or store credentials.
    Omit,
    /// Only where no cross-origin response is involved.
    #[default]
    SameOrigin,
    /// Always.
    Include,
}

/// <https://fetch.spec.whatwg.org/#concept-request-mode>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// Other origins may be read if they permit it.
    #[default]
    Cors,
    /// Other origins are not read.
    NoCors,
    /// Other origins are not asked.
    SameOrigin,
}

/// <https://fetch.spec.whatwg.org/#concept-request-redirect-mode>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RedirectMode {
    /// Redirects are followed.
    #[default]
    Follow,
    /// A redirect fails the fetch.
    Error,
    /// A redirect is handed to script, unreadable.
    Manual,
}

/// What kind of value script gave as body, which decides the Content-Type that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BodyKind {
    /// A string.
    Text,
    /// `URLSearchParams`
    Urlencoded,
    /// `FormData`
    FormData,
    /// `Blob`
    Blob,
    /// `ArrayBuffer` or a view of one.
    Bytes,
    /// `ReadableStream`
    Stream,
}

/// A body as script gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The kind of value.
    pub kind: BodyKind,
    /// The type that the value itself names (a blob's `type`), in place of the kind's own.
    pub content_type: Option<Bytes>,
    /// What is sent.
    pub bytes: Bytes,
}

/// The boundary of the `multipart/form-data` bodies that this model sends.
pub const FORM_DATA_BOUNDARY: &str = "----corspec";

impl BodyKind {
    /// The Content-Type that a body of this kind brings along. <https://fetch.spec.whatwg.org/#concept-bodyinit-extract>
    pub const fn content_type(self) -> Option<&'static [u8]> {
        match self {
            Self::Text => Some(b"text/plain;charset=UTF-8"),
            Self::Urlencoded => Some(b"application/x-www-form-urlencoded;charset=UTF-8"),
            Self::FormData => Some(b"multipart/form-data; boundary=----corspec"),
            Self::Blob | Self::Bytes | Self::Stream => None,
        }
    }

    /// A small body of this kind.
    pub const fn sample(self) -> &'static [u8] {
        match self {
            Self::Urlencoded => b"corspec=1",
            Self::FormData => b"------corspec\r\nContent-Disposition: form-data; name=\"corspec\"\r\n\r\n1\r\n------corspec--\r\n",
            Self::Text | Self::Blob | Self::Bytes | Self::Stream => b"corspec",
        }
    }
}

impl Body {
    /// A small body of that kind.
    pub const fn sample(kind: BodyKind) -> Self {
        Self { kind, content_type: None, bytes: Bytes::Borrowed(kind.sample()) }
    }

    /// Whether the body's source is null, so that it cannot be sent twice.
    pub(crate) fn is_stream(&self) -> bool {
        self.kind == BodyKind::Stream
    }
}

/// <https://w3c.github.io/webappsec-referrer-policy/#referrer-policies>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the policies are named as the standard names them")]
pub enum ReferrerPolicy {
    NoReferrer,
    NoReferrerWhenDowngrade,
    SameOrigin,
    Origin,
    StrictOrigin,
    OriginWhenCrossOrigin,
    #[default]
    StrictOriginWhenCrossOrigin,
    UnsafeUrl,
}

/// What script asks for: the arguments of fetch(), or what was set on an XMLHttpRequest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestInit {
    /// The URL as script gives it, absolute.
    pub url: String,
    /// The method as script writes it.
    pub method: Bytes,
    /// The headers that script sets, in order.
    pub headers: Vec<(Bytes, Bytes)>,
    /// Whether credentials go along.
    pub credentials: CredentialsMode,
    /// What may be read of which origins.
    pub mode: Mode,
    /// What becomes of redirects.
    pub redirect: RedirectMode,
    /// What is sent along.
    pub body: Option<Body>,
    /// Which API or element asks. A form and a web socket have a mode of their own.
    pub initiator: Initiator,
    /// Whether the request may outlive its page.
    pub keepalive: bool,
    /// The page's referrer policy.
    pub referrer_policy: ReferrerPolicy,
}

impl RequestInit {
    /// `fetch(url)`
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            method: Bytes::Borrowed(b"GET"),
            headers: Vec::new(),
            credentials: CredentialsMode::default(),
            mode: Mode::default(),
            redirect: RedirectMode::default(),
            body: None,
            initiator: Initiator::default(),
            keepalive: false,
            referrer_policy: ReferrerPolicy::default(),
        }
    }
}

/// <https://fetch.spec.whatwg.org/#concept-request-response-tainting>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tainting {
    Basic,
    Cors,
    Opaque,
}

/// <https://fetch.spec.whatwg.org/#concept-request-tainted-origin>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RedirectTaint {
    SameOrigin,
    SameSite,
    CrossSite,
}

/// A request in the standard's sense: <https://fetch.spec.whatwg.org/#concept-request>
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) initiator: Initiator,
    pub(crate) method: Bytes,
    pub(crate) url: Url,
    pub(crate) headers: HeaderList,
    pub(crate) body: Option<Body>,
    pub(crate) origin: Origin,
    pub(crate) top_level: Option<Origin>,
    /// The top-level site, where it was needed.
    pub(crate) partition: OnceLock<String>,
    pub(crate) credentials: CredentialsMode,
    pub(crate) mode: Mode,
    pub(crate) redirect: RedirectMode,
    pub(crate) redirect_count: u8,
    pub(crate) taint: RedirectTaint,
    pub(crate) tainting: Tainting,
    pub(crate) use_cors_preflight: bool,
    /// An event listener is registered on the upload object.
    pub(crate) upload_listener: bool,
    /// The header list before any redirect took something away, for the engines that go on to look at it.
    pub(crate) first_headers: Option<HeaderList>,
    /// The Content-Type that script gave a string which XMLHttpRequest sends.
    pub(crate) type_of_string: Option<Vec<u8>>,
    /// An earlier hop took the path with a preflight.
    pub(crate) took_preflight_path: bool,
    /// The last actual request asks whether a stored response is still good.
    pub(crate) revalidating: bool,
    /// The HTTP cache has no part in the request at hand.
    pub(crate) bypasses_cache: bool,
    /// A hop's response has hidden the timing.
    pub(crate) timing_allow_failed: bool,
    /// What the last actual request said of credentials.
    pub(crate) include_credentials: bool,
    /// What the actual request before that said of them.
    pub(crate) included_credentials_before: bool,
    /// A redirect was refused, which is heeded before the next actual request goes out.
    pub(crate) refused: Option<(Reason, Stage)>,
    /// A redirect led from the page's own origin to another.
    pub(crate) left_own_origin: bool,
    /// An earlier hop had an Origin header.
    pub(crate) had_origin: bool,
    pub(crate) referrer_policy: ReferrerPolicy,
}

impl Request {
    /// `new Request(url, init)`, or `open()` to `send()`: what script hears at once if it asks for the impossible.
    ///
    /// <https://fetch.spec.whatwg.org/#dom-request>
    pub(crate) fn new(page: &Page, init: RequestInit, trace: &mut Trace) -> Result<Self, Reason> {
        let initiator = init.initiator;
        let xhr = initiator.is_xhr();
        // 5. Parse the URL; fetch() refuses one that includes credentials, nothing else does.
        let url = Url::parse(&init.url);
        trace.decide(Rule::UrlParses, 0, init.url.as_bytes(), url.is_ok());
        let Ok(mut url) = url else { return Err(Reason::UrlInvalid) };
        if initiator == Initiator::Fetch
            && trace.decide(Rule::UrlIncludesCredentials, 0, init.url.as_bytes(), includes_credentials(&url))
        {
            return Err(Reason::UrlHasCredentials);
        }
        // A fragment never leaves the browser.
        url.set_fragment(None);
        if initiator == Initiator::WebSocket {
            url = handshake_url(url).ok_or(Reason::UrlInvalid)?;
        }

        // 25. The method.
        if !trace.decide(Rule::MethodIsToken, 0, &init.method, crate::syntax::is_token(&init.method)) {
            return Err(Reason::MethodInvalid);
        }
        if trace.decide(Rule::MethodIsForbidden, 0, &init.method, method::is_forbidden(&init.method)) {
            return Err(Reason::MethodForbidden);
        }
        let method = method::normalize(&init.method);

        // XMLHttpRequest has no such choice: its mode is cors, it follows redirects, and it never omits credentials.
        let (mut mode, redirect) = match initiator {
            Initiator::Xhr | Initiator::XhrUploadListener => (Mode::Cors, RedirectMode::Follow),
            Initiator::WebSocket => (Mode::Cors, RedirectMode::Error),
            // The mode is navigate; where main fetch does not tell them apart, it is as little cors as no-cors is.
            Initiator::Form => (Mode::NoCors, RedirectMode::Follow),
            _ => (init.mode, init.redirect),
        };
        if initiator == Initiator::Beacon {
            mode = beacon_mode(init.body.as_ref());
        }
        let credentials = match init.credentials {
            CredentialsMode::Omit if xhr => CredentialsMode::SameOrigin,
            mode => mode,
        };

        // 32. Mode no-cors restricts the method and the headers.
        if mode == Mode::NoCors
            && !trace.decide(Rule::NoCorsMethodIsSafelisted, 0, &method, method::is_cors_safelisted(&method))
        {
            return Err(Reason::MethodNotSafelisted);
        }
        let mut headers = HeaderList::with_capacity(init.headers.len() + 2);
        for (name, value) in init.headers {
            append_author_header(&mut headers, name, value, mode, xhr, trace)?;
        }

        // 36. Fetch refuses a body with GET and HEAD; XMLHttpRequest ignores it.
        let mut body = init.body;
        if body.is_some() && matches!(&*method, b"GET" | b"HEAD") {
            if xhr {
                body = None;
            } else {
                trace.decide(Rule::BodyWithGetOrHead, 0, &method, true);
                return Err(Reason::BodyNotPermitted);
            }
        }
        if init.keepalive {
            let length = body.as_ref().map_or(0, |body| body.bytes.len());
            let stream = body.as_ref().is_some_and(Body::is_stream);
            if trace.decide(Rule::KeepaliveBodyIsStream, 0, &[], stream) {
                return Err(Reason::KeepaliveStream);
            }
            if trace.decide(Rule::KeepaliveBodyIsTooLarge, 0, &[], length > KEEPALIVE_LIMIT) {
                return Err(Reason::KeepaliveTooLarge);
            }
        }
        let mut use_cors_preflight = false;
        let mut type_of_string = None;
        if let Some(body) = &body {
            if !xhr {
                trace.decide(Rule::BodyWithGetOrHead, 0, &method, false);
            }
            type_of_string = append_content_type(&mut headers, body, mode, xhr, trace);
            // 40. A stream asks for a mode that can preflight it.
            if trace.decide(Rule::BodyNeedsPreflight, 0, &[], body.is_stream()) {
                if !trace.decide(Rule::StreamModeIsCorsOrSameOrigin, 0, &[], mode != Mode::NoCors) {
                    return Err(Reason::StreamBodyMode);
                }
                use_cors_preflight = true;
            }
        }
        if xhr {
            let listener = init.initiator == Initiator::XhrUploadListener;
            use_cors_preflight |= trace.decide(Rule::UploadListener, 0, &[], listener);
        }

        // Of fetch's own steps: Accept is there before anything asks about headers. Accept-Language is optional for
        // user agents and left out, as fetch() has it.
        if !headers.contains(b"Accept") {
            headers.append(&b"Accept"[..], initiator.destination().accept());
        }
        if initiator == Initiator::WebSocket {
            append_handshake(&mut headers);
        }
        Ok(Self {
            initiator,
            method,
            url,
            headers,
            body,
            origin: page.origin.clone(),
            top_level: page.top_level.clone(),
            partition: OnceLock::new(),
            credentials,
            mode,
            redirect,
            redirect_count: 0,
            taint: RedirectTaint::SameOrigin,
            tainting: Tainting::Basic,
            use_cors_preflight,
            upload_listener: init.initiator == Initiator::XhrUploadListener,
            type_of_string,
            first_headers: None,
            took_preflight_path: false,
            revalidating: false,
            bypasses_cache: false,
            timing_allow_failed: false,
            include_credentials: false,
            left_own_origin: false,
            included_credentials_before: false,
            refused: None,
            had_origin: false,
            referrer_policy: init.referrer_policy,
        })
    }

    /// Appends to the URL list and brings the redirect-taint up to date.
    ///
    /// <https://fetch.spec.whatwg.org/#concept-request-tainted-origin>
    pub(crate) fn append_url(&mut self, url: Url) {
        let last = std::mem::replace(&mut self.url, url);
        let url_origin = Origin::of(&self.url);
        self.left_own_origin |=
            self.origin.is_same_origin_with(&last) && !self.origin.is_same_origin_with(&self.url);
        if !url_origin.is_same_site_with(&last) && !self.origin.is_same_site_with(&last) {
            self.taint = RedirectTaint::CrossSite;
        } else if !is_same_origin(&self.url, &last) && !self.origin.is_same_origin_with(&last) {
            self.taint = self.taint.max(RedirectTaint::SameSite);
        }
    }

    /// "Byte-serializing a request origin". <https://fetch.spec.whatwg.org/#byte-serializing-a-request-origin>
    pub(crate) fn serialized_origin(&self) -> &str {
        if self.taint == RedirectTaint::SameOrigin { self.origin.serialization() } else { "null" }
    }

    pub(crate) fn includes_credentials_mode(&self) -> bool {
        self.credentials == CredentialsMode::Include
    }
}

/// How many bytes a request that outlives its page may carry.
const KEEPALIVE_LIMIT: usize = 64 * 1024;

/// A beacon with a body of a type that needs permission asks for it.
fn beacon_mode(body: Option<&Body>) -> Mode {
    let content_type = body.and_then(|body| body.content_type.as_deref().or(body.kind.content_type()));
    match content_type {
        Some(value) if !headers::is_cors_safelisted_request_header(b"Content-Type", value) => Mode::Cors,
        _ => Mode::NoCors,
    }
}

/// A web socket is opened over HTTP. <https://websockets.spec.whatwg.org/#concept-websocket-establish>
fn handshake_url(mut url: Url) -> Option<Url> {
    let scheme = match url.scheme() {
        "ws" | "http" => "http",
        "wss" | "https" => "https",
        _ => return None,
    };
    url.set_scheme(scheme).ok()?;
    Some(url)
}

/// The key is a nonce, which this model has no use for.
fn append_handshake(headers: &mut HeaderList) {
    headers.append(&b"Upgrade"[..], &b"websocket"[..]);
    headers.append(&b"Connection"[..], &b"Upgrade"[..]);
    headers.append(&b"Sec-WebSocket-Key"[..], &b"Y29yc3BlY2NvcnNwZWMxMg=="[..]);
    headers.append(&b"Sec-WebSocket-Version"[..], &b"13"[..]);
}

/// <https://url.spec.whatwg.org/#include-credentials>
pub(crate) fn includes_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some_and(|password| !password.is_empty())
}

/// `Headers.append()` under the request's guard, or `setRequestHeader()`.
///
/// <https://fetch.spec.whatwg.org/#concept-headers-append>
fn append_author_header(
    headers: &mut HeaderList,
    name: Bytes,
    value: Bytes,
    mode: Mode,
    xhr: bool,
    trace: &mut Trace,
) -> Result<(), Reason> {
    let normalized = headers::normalize_value(&value);
    let valid = headers::is_header_name(&name) && headers::is_header_value(normalized);
    if !trace.decide(Rule::HeaderIsValid, 0, &name, valid) {
        return Err(Reason::HeaderInvalid);
    }
    let value = if normalized.len() == value.len() { value } else { Bytes::Owned(normalized.to_vec()) };
    if mode == Mode::NoCors {
        // Under the guard request-no-cors the values of one name are judged together.
        let mut combined = headers.get(&name).map_or_else(Vec::new, |earlier| [&*earlier, b", "].concat());
        combined.extend_from_slice(&value);
        let safelisted = headers::is_no_cors_safelisted_request_header(&name, &combined);
        if trace.decide(Rule::HeaderIsNoCorsSafelisted, 0, &name, safelisted) {
            headers.append(name, value);
        }
        return Ok(());
    }
    if trace.decide(Rule::HeaderIsForbidden, 0, &name, headers::is_forbidden_request_header(&name, &value)) {
        return Ok(());
    }
    if xhr {
        headers.combine(name, value);
    } else {
        headers.append(name, value);
    }
    Ok(())
}

/// The Content-Type that the body brings along, where script named none. Returns the one that script gave a string.
fn append_content_type(
    headers: &mut HeaderList,
    body: &Body,
    mode: Mode,
    xhr: bool,
    trace: &mut Trace,
) -> Option<Vec<u8>> {
    if let Some(author) = headers.get(b"Content-Type").map(std::borrow::Cow::into_owned) {
        // XMLHttpRequest corrects the charset of a string.
        if xhr
            && body.kind == BodyKind::Text
            && let Some(mut mime) = mime::parse(&author)
            && mime.parameter(b"charset").is_some_and(|charset| !charset.eq_ignore_ascii_case(b"utf-8"))
        {
            for (name, value) in &mut mime.parameters {
                if name == b"charset" {
                    *value = b"UTF-8".to_vec();
                }
            }
            headers.delete(b"Content-Type");
            headers.append(&b"Content-Type"[..], mime.serialize());
        }
        let is_string = matches!(body.kind, BodyKind::Text | BodyKind::Urlencoded);
        return (xhr && is_string).then_some(author);
    }
    let value = body.content_type.clone().or(body.kind.content_type().map(Bytes::Borrowed))?;
    if mode == Mode::NoCors {
        let safelisted = headers::is_no_cors_safelisted_request_header(b"Content-Type", &value);
        if !trace.decide(Rule::HeaderIsNoCorsSafelisted, 0, b"Content-Type", safelisted) {
            return None;
        }
    }
    headers.append(&b"Content-Type"[..], value);
    None
}
