use std::error::Error;
use std::fmt;

use corspec_protocol::{PermittedNames, PermittedOrigin, Policy, PolicyError};
use hyper::Method;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, HeaderValue,
    ORIGIN, SET_COOKIE, VARY,
};
use hyper::http::request::Parts;

/// A policy, ready to be enforced.
///
/// Every decision is a method of its own over the headers of one request: no I/O, no state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    origins: Vec<PermittedOrigin>,
    methods: Names,
    headers: Names,
    expose: Names,
    credentials: bool,
    max_age: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Names {
    Any,
    Listed(Vec<String>),
}

impl Cors {
    /// Makes a policy ready.
    ///
    /// # Errors
    ///
    /// If the policy is one that the standard forbids, or one that makes no sense.
    pub fn new(policy: &Policy) -> Result<Self, Rejected> {
        if policy.any_origin() && policy.credentials {
            return Err(Rejected::AnyOriginWithCredentials);
        }
        Ok(Self {
            origins: policy.permitted_origins()?,
            methods: policy.permitted_methods()?.into(),
            headers: policy.permitted_headers()?.into(),
            expose: policy.exposed_headers()?.into(),
            credentials: policy.credentials,
            max_age: policy.max_age,
        })
    }

    /// The headers of the answer to a preflight; `None` where the request is none, and goes to the resource.
    pub fn preflight(&self, request: &Parts) -> Option<HeaderMap> {
        if !is_preflight(request) {
            return None;
        }
        let mut response = HeaderMap::new();
        self.vary_preflight(&mut response);
        // What remains is told whenever the origin is permitted, even if the method or a header is not:
        // then the console of the browser names the true cause.
        if self.allow(request, &mut response) {
            let granted = [
                (ACCESS_CONTROL_ALLOW_METHODS, self.allow_methods(&request.headers)),
                (ACCESS_CONTROL_ALLOW_HEADERS, self.allow_headers(&request.headers)),
                (ACCESS_CONTROL_MAX_AGE, self.max_age.map(HeaderValue::from)),
            ];
            let granted = granted.into_iter().filter_map(|(name, value)| Some((name, value?)));
            response.extend(granted);
        }
        Some(response)
    }

    /// Completes the response that the resource gave, whatever its status.
    pub fn finish(&self, request: &Parts, response: &mut HeaderMap) {
        // What the resource says on its own account must not widen the policy, nor stand beside it.
        for name in RESPONSE_HEADERS {
            response.remove(name);
        }
        if self.depends_on_origin() {
            vary(response, &[ORIGIN]);
        }
        if self.allow(request, response)
            && let Some(exposed) = self.expose_headers(response)
        {
            response.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }

    /// Adds what preflights and other requests have in common, and tells whether the origin is permitted.
    fn allow(&self, request: &Parts, response: &mut HeaderMap) -> bool {
        let Some(origin) = self.allow_origin(&request.headers) else { return false };
        response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.credentials {
            response.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        true
    }

    fn allow_origin(&self, request: &HeaderMap) -> Option<HeaderValue> {
        if self.origins == [PermittedOrigin::Any] {
            return Some(HeaderValue::from_static("*"));
        }
        let origin = only_line(request, &ORIGIN)?;
        self.permits(origin.as_bytes()).then(|| origin.clone())
    }

    fn permits(&self, origin: &[u8]) -> bool {
        self.origins.iter().any(|permitted| permitted.permits(origin))
    }

    fn depends_on_origin(&self) -> bool {
        !matches!(self.origins[..], [] | [PermittedOrigin::Any])
    }

    fn allow_methods(&self, request: &HeaderMap) -> Option<HeaderValue> {
        match &self.methods {
            Names::Listed(names) => join(names),
            // A request with credentials takes `*` for a method of that name.
            Names::Any if self.credentials => {
                let method = only_line(request, &ACCESS_CONTROL_REQUEST_METHOD)?;
                Method::from_bytes(method.as_bytes()).is_ok().then(|| method.clone())
            }
            Names::Any => Some(HeaderValue::from_static("*")),
        }
    }

    fn allow_headers(&self, request: &HeaderMap) -> Option<HeaderValue> {
        match &self.headers {
            Names::Listed(names) => join(names),
            // `*` covers neither `Authorization` nor any header of a request with credentials.
            Names::Any => join(requested_headers(request)),
        }
    }

    fn expose_headers(&self, response: &HeaderMap) -> Option<HeaderValue> {
        match &self.expose {
            Names::Listed(names) => join(names),
            // A request with credentials takes `*` for a header of that name.
            Names::Any if self.credentials => {
                let ours = |name: &HeaderName| *name == SET_COOKIE || RESPONSE_HEADERS.contains(name);
                join(response.keys().filter(|name| !ours(name)).map(HeaderName::as_str))
            }
            Names::Any => Some(HeaderValue::from_static("*")),
        }
    }

    fn vary_preflight(&self, response: &mut HeaderMap) {
        if self.depends_on_origin() {
            vary(response, &[ORIGIN]);
        }
        if self.methods == Names::Any && self.credentials {
            vary(response, &[ACCESS_CONTROL_REQUEST_METHOD]);
        }
        if self.headers == Names::Any {
            vary(response, &[ACCESS_CONTROL_REQUEST_HEADERS]);
        }
    }
}

/// Why there is no [`Cors`] for a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// The standard has no way to say this, and to reflect every origin would be a hole.
    AnyOriginWithCredentials,
    /// The policy makes no sense.
    Invalid(PolicyError),
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyOriginWithCredentials => f.write_str(
                "credentials cannot be permitted to any origin: list the origins that may use them",
            ),
            Self::Invalid(error) => error.fmt(f),
        }
    }
}

impl Error for Rejected {}

impl From<PolicyError> for Rejected {
    fn from(error: PolicyError) -> Self {
        Self::Invalid(error)
    }
}

impl From<PermittedNames<'_>> for Names {
    fn from(names: PermittedNames<'_>) -> Self {
        match names {
            PermittedNames::Any => Self::Any,
            PermittedNames::Listed(names) => Self::Listed(names.to_vec()),
        }
    }
}

/// The response headers of the CORS protocol.
const RESPONSE_HEADERS: [HeaderName; 6] = [
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
];

/// An OPTIONS that lacks one of the two headers is a request like any other.
fn is_preflight(request: &Parts) -> bool {
    request.method == Method::OPTIONS
        && request.headers.contains_key(ORIGIN)
        && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The value of a header that a browser sends once; sent several times, it is no browser's, and says nothing.
fn only_line<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    let line = lines.next()?;
    lines.next().is_none().then_some(line)
}

/// The names in `Access-Control-Request-Headers`. Proxies may have split the list into several lines, and
/// may have put white space and empty elements into it.
fn requested_headers(request: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = request.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter();
    lines
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|name| HeaderName::from_bytes(name).is_ok())
        .filter_map(|name| str::from_utf8(name).ok())
}

/// Adds names to `Vary`, keeping what the resource says there.
fn vary(response: &mut HeaderMap, names: &[HeaderName]) {
    let mut elements: Vec<String> = response
        .get_all(VARY)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&byte| byte == b','))
        .map(|element| String::from_utf8_lossy(element.trim_ascii()).into_owned())
        .filter(|element| !element.is_empty())
        .collect();
    for name in names {
        let covered = |element: &String| element == "*" || element.eq_ignore_ascii_case(name.as_str());
        if !elements.iter().any(covered) {
            elements.push(name.to_string());
        }
    }
    if let Some(value) = join(elements) {
        response.insert(VARY, value);
    }
}

/// A list as one line; an empty list has none.
fn join(names: impl IntoIterator<Item = impl AsRef<str>>) -> Option<HeaderValue> {
    let mut joined = String::new();
    for name in names {
        if !joined.is_empty() {
            joined.push_str(", ");
        }
        joined.push_str(name.as_ref());
    }
    if joined.is_empty() { None } else { HeaderValue::try_from(joined).ok() }
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use rstest::rstest;

    use super::*;

    fn strings(entries: &[&str]) -> Vec<String> {
        entries.iter().map(|&entry| entry.to_owned()).collect()
    }

    fn policy(origins: &[&str]) -> Policy {
        Policy {
            origins: strings(origins),
            methods: vec![],
            headers: vec![],
            expose: vec![],
            credentials: false,
            max_age: None,
        }
    }

    fn parts(method: &str, headers: &[(&str, &str)]) -> Parts {
        let request = headers
            .iter()
            .fold(Request::builder().method(method), |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    fn finish(policy: &Policy, headers: &[(&str, &str)], response: &[(&str, &str)]) -> HeaderMap {
        let mut headers_out = HeaderMap::new();
        for (name, value) in response {
            headers_out.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        Cors::new(policy).unwrap().finish(&parts("GET", headers), &mut headers_out);
        headers_out
    }

    fn preflight(policy: &Policy, headers: &[(&str, &str)]) -> HeaderMap {
        let headers: Vec<_> = [("origin", "https://app.example")].iter().chain(headers).copied().collect();
        Cors::new(policy).unwrap().preflight(&parts("OPTIONS", &headers)).unwrap()
    }

    fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        only_line(headers, &HeaderName::try_from(name).unwrap()).map(|value| value.to_str().unwrap())
    }

    const LIST: &[&str] = &["https://app.example", "http://localhost:3000"];
    const PATTERN: &[&str] = &["https://*.apps.example", "https://apps.example:8443"];
    const NULL: &[&str] = &["null", "https://app.example"];

    #[rstest]
    #[case::listed(LIST, "https://app.example", true)]
    #[case::listed_with_port(LIST, "http://localhost:3000", true)]
    #[case::other_scheme(LIST, "http://app.example", false)]
    #[case::other_port(LIST, "https://app.example:8443", false)]
    #[case::default_port(LIST, "https://app.example:443", false)]
    #[case::no_port(LIST, "http://localhost", false)]
    #[case::prefix(LIST, "https://app.exampl", false)]
    #[case::suffix_appended(LIST, "https://app.example.evil.test", false)]
    #[case::prefix_added(LIST, "https://evilapp.example", false)]
    #[case::subdomain_of_listed(LIST, "https://a.app.example", false)]
    #[case::dot_for_any(LIST, "https://appxexample", false)]
    #[case::upper_case(LIST, "https://APP.example", false)]
    #[case::upper_case_scheme(LIST, "HTTPS://app.example", false)]
    #[case::slash(LIST, "https://app.example/", false)]
    #[case::two_in_one(LIST, "https://app.example https://evil.test", false)]
    #[case::comma(LIST, "https://app.example, http://localhost:3000", false)]
    #[case::null_not_listed(LIST, "null", false)]
    #[case::star(LIST, "*", false)]
    #[case::empty(LIST, "", false)]
    #[case::loopback(LIST, "http://127.0.0.1:3000", false)]
    #[case::subdomain(PATTERN, "https://a.apps.example", true)]
    #[case::deep_subdomain(PATTERN, "https://a.b.c.apps.example", true)]
    #[case::beside_a_pattern(PATTERN, "https://apps.example:8443", true)]
    #[case::apex(PATTERN, "https://apps.example", false)]
    #[case::subdomain_other_scheme(PATTERN, "http://a.apps.example", false)]
    #[case::subdomain_with_port(PATTERN, "https://a.apps.example:8443", false)]
    #[case::no_dot(PATTERN, "https://evilapps.example", false)]
    #[case::no_label(PATTERN, "https://.apps.example", false)]
    #[case::suffix_of_pattern(PATTERN, "https://a.apps.example.evil.test", false)]
    #[case::hidden_host(PATTERN, "https://evil.test/.apps.example", false)]
    #[case::hidden_user(PATTERN, "https://evil.test#@a.apps.example", false)]
    #[case::pattern_itself(PATTERN, "https://*.apps.example", false)]
    #[case::null_beside_a_pattern(PATTERN, "null", false)]
    #[case::null_listed(NULL, "null", true)]
    #[case::beside_null(NULL, "https://app.example", true)]
    #[case::null_upper_case(NULL, "NULL", false)]
    #[case::null_as_host(NULL, "https://null", false)]
    #[case::none(&[], "https://app.example", false)]
    #[case::none_null(&[], "null", false)]
    fn origin_by_policy(#[case] origins: &[&str], #[case] origin: &str, #[case] permitted: bool) {
        for credentials in [false, true] {
            let policy = Policy { credentials, ..policy(origins) };
            let responses = [finish(&policy, &[("origin", origin)], &[]), {
                let request =
                    parts("OPTIONS", &[("origin", origin), ("access-control-request-method", "PUT")]);
                Cors::new(&policy).unwrap().preflight(&request).unwrap()
            }];
            for response in responses {
                assert_eq!(value(&response, "access-control-allow-origin"), permitted.then_some(origin));
                let allowed = (permitted && credentials).then_some("true");
                assert_eq!(value(&response, "access-control-allow-credentials"), allowed);
                assert_eq!(value(&response, "vary"), (!origins.is_empty()).then_some("origin"));
            }
        }
    }

    #[rstest]
    #[case::any(&["*"], None)]
    #[case::listed(LIST, Some("origin"))]
    #[case::pattern(PATTERN, Some("origin"))]
    fn without_origin(#[case] origins: &[&str], #[case] vary: Option<&str>) {
        let response = finish(&policy(origins), &[], &[]);
        assert_eq!(value(&response, "access-control-allow-origin"), vary.is_none().then_some("*"));
        assert_eq!(value(&response, "vary"), vary);
    }

    #[rstest]
    #[case("https://app.example")]
    #[case("null")]
    fn any_origin_is_a_literal_asterisk(#[case] origin: &str) {
        let response = finish(&policy(&["*"]), &[("origin", origin)], &[]);
        assert_eq!(value(&response, "access-control-allow-origin"), Some("*"));
    }

    #[test]
    fn several_origin_lines_are_no_origin() {
        let lines = [("origin", "https://app.example"), ("origin", "https://app.example")];
        assert_eq!(value(&finish(&policy(LIST), &lines, &[]), "access-control-allow-origin"), None);
    }

    #[test]
    fn any_origin_with_credentials_is_rejected() {
        let policy = Policy { credentials: true, ..policy(&["*"]) };
        assert_eq!(Cors::new(&policy), Err(Rejected::AnyOriginWithCredentials));
    }

    #[rstest]
    #[case::get("GET", &["origin", "access-control-request-method"], false)]
    #[case::no_method("OPTIONS", &["origin"], false)]
    #[case::no_origin("OPTIONS", &["access-control-request-method"], false)]
    #[case::headers_alone("OPTIONS", &["origin", "access-control-request-headers"], false)]
    #[case::lower_case("options", &["origin", "access-control-request-method"], false)]
    #[case::preflight("OPTIONS", &["origin", "access-control-request-method"], true)]
    fn what_is_a_preflight(#[case] method: &str, #[case] headers: &[&str], #[case] preflight: bool) {
        let headers: Vec<_> = headers.iter().map(|name| (*name, "x")).collect();
        let answer = Cors::new(&policy(LIST)).unwrap().preflight(&parts(method, &headers));
        assert_eq!(answer.is_some(), preflight);
    }

    #[rstest]
    #[case::listed(&["PUT", "patch"], false, "PUT", Some("PUT, patch"))]
    #[case::listed_but_not_asked(&["PUT"], true, "DELETE", Some("PUT"))]
    #[case::none(&[], false, "PUT", None)]
    #[case::any(&["*"], false, "PUT", Some("*"))]
    #[case::any_with_credentials(&["*"], true, "PURGE", Some("PURGE"))]
    #[case::any_as_written(&["*"], true, "patch", Some("patch"))]
    #[case::any_but_no_token(&["*"], true, "PUT, DELETE", None)]
    fn allow_methods(
        #[case] methods: &[&str],
        #[case] credentials: bool,
        #[case] asked: &str,
        #[case] granted: Option<&str>,
    ) {
        let policy = Policy { methods: strings(methods), credentials, ..policy(LIST) };
        let response = preflight(&policy, &[("access-control-request-method", asked)]);
        assert_eq!(value(&response, "access-control-allow-methods"), granted);
        let varies = value(&response, "vary").unwrap().contains("access-control-request-method");
        assert_eq!(varies, methods == ["*"] && credentials);
    }

    #[rstest]
    #[case::listed(&["X-Token", "X-Other"], &["x-token"], Some("X-Token, X-Other"))]
    #[case::listed_but_nothing_asked(&["X-Token"], &[], Some("X-Token"))]
    #[case::none(&[], &["x-token"], None)]
    #[case::any(&["*"], &["authorization,x-token"], Some("authorization, x-token"))]
    #[case::any_nothing_asked(&["*"], &[], None)]
    #[case::any_white_space(&["*"], &["\tx-a , \t x-b\t"], Some("x-a, x-b"))]
    #[case::any_empty_elements(&["*"], &[",x-a,,x-b,"], Some("x-a, x-b"))]
    #[case::any_several_lines(&["*"], &["x-a", "x-b, x-c"], Some("x-a, x-b, x-c"))]
    #[case::any_but_no_token(&["*"], &["x-a, x b, x-c: d, x-e"], Some("x-a, x-e"))]
    fn allow_headers(
        #[case] headers: &[&str],
        #[case] asked: &[&str],
        #[case] granted: Option<&str>,
        #[values(false, true)] credentials: bool,
    ) {
        let policy = Policy { headers: strings(headers), credentials, ..policy(LIST) };
        let mut request = vec![("access-control-request-method", "PUT")];
        request.extend(asked.iter().map(|line| ("access-control-request-headers", *line)));
        let response = preflight(&policy, &request);
        assert_eq!(value(&response, "access-control-allow-headers"), granted);
        let varies = value(&response, "vary").unwrap().contains("access-control-request-headers");
        assert_eq!(varies, headers == ["*"]);
    }

    #[rstest]
    #[case(None, None)]
    #[case(Some(0), Some("0"))]
    #[case(Some(86400), Some("86400"))]
    fn sends_max_age(#[case] max_age: Option<u64>, #[case] sent: Option<&str>) {
        let policy = Policy { max_age, ..policy(LIST) };
        let response = preflight(&policy, &[("access-control-request-method", "PUT")]);
        assert_eq!(value(&response, "access-control-max-age"), sent);
    }

    #[test]
    fn a_refused_preflight_is_told_nothing() {
        let policy = Policy {
            methods: strings(&["PUT"]),
            headers: strings(&["*"]),
            credentials: true,
            max_age: Some(1),
            ..policy(&["https://other.example"])
        };
        let request =
            [("access-control-request-method", "PUT"), ("access-control-request-headers", "x-token")];
        let response = preflight(&policy, &request);
        assert_eq!(response.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["vary"]);
    }

    #[rstest]
    #[case::listed(&["X-Request-Id", "ETag"], false, Some("X-Request-Id, ETag"))]
    #[case::none(&[], false, None)]
    #[case::any(&["*"], false, Some("*"))]
    #[case::any_with_credentials(&["*"], true, Some("x-request-id, vary"))]
    fn expose_headers(#[case] expose: &[&str], #[case] credentials: bool, #[case] sent: Option<&str>) {
        let policy = Policy { expose: strings(expose), credentials, ..policy(LIST) };
        let resource = [("x-request-id", "r-1"), ("set-cookie", "a=1")];
        let permitted = finish(&policy, &[("origin", "https://app.example")], &resource);
        assert_eq!(value(&permitted, "access-control-expose-headers"), sent);
        let refused = finish(&policy, &[("origin", "https://evil.test")], &resource);
        assert_eq!(value(&refused, "access-control-expose-headers"), None);
        let asked = preflight(&policy, &[("access-control-request-method", "PUT")]);
        assert_eq!(value(&asked, "access-control-expose-headers"), None);
    }

    #[rstest]
    #[case::kept(&["Accept-Language"], "Accept-Language, origin")]
    #[case::several_lines(&["Accept-Language", "Cookie, Accept"], "Accept-Language, Cookie, Accept, origin")]
    #[case::there_already(&["accept, ORIGIN"], "accept, ORIGIN")]
    #[case::asterisk(&["*"], "*")]
    #[case::empty(&[""], "origin")]
    fn vary_is_merged(#[case] resource: &[&str], #[case] merged: &str) {
        let resource: Vec<_> = resource.iter().map(|line| ("vary", *line)).collect();
        let response = finish(&policy(LIST), &[], &resource);
        assert_eq!(value(&response, "vary"), Some(merged));
    }

    #[rstest]
    #[case::permitted("https://app.example", Some("https://app.example"))]
    #[case::refused("https://legacy.example", None)]
    fn the_resources_own_cors_headers_go(#[case] origin: &str, #[case] allowed: Option<&str>) {
        let resource = [
            ("access-control-allow-origin", "https://legacy.example"),
            ("access-control-allow-credentials", "true"),
            ("access-control-expose-headers", "X-Secret"),
        ];
        let response = finish(&policy(LIST), &[("origin", origin)], &resource);
        assert_eq!(value(&response, "access-control-allow-origin"), allowed);
        assert!(!response.contains_key("access-control-allow-credentials"));
        assert!(!response.contains_key("access-control-expose-headers"));
    }
}
