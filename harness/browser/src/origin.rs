//! Origins: <https://html.spec.whatwg.org/multipage/browsers.html#concept-origin>

use std::fmt;
use std::sync::Arc;

use url::{Host, Url};

/// Where a page comes from. An opaque origin is the same as no other, so this model never needs to tell two apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The origin of a sandboxed frame, a `data:` document and the like; serializes to `null`.
    Opaque,
    /// Scheme, host and port.
    Tuple(TupleOrigin),
}

/// A tuple origin, kept as its serialization.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TupleOrigin {
    serialization: Arc<str>,
    scheme_len: usize,
    host_len: usize,
    port: Option<u16>,
}

impl TupleOrigin {
    /// The scheme.
    pub fn scheme(&self) -> &str {
        &self.serialization[..self.scheme_len]
    }

    /// The host, serialized: an IPv6 address stands in brackets.
    pub fn host(&self) -> &str {
        &self.serialization[self.scheme_len + 3..][..self.host_len]
    }

    /// The port, where it is not the scheme's default.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    fn new(scheme: &str, host: &str, port: Option<u16>) -> Self {
        let serialization = match port {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Self { serialization: serialization.into(), scheme_len: scheme.len(), host_len: host.len(), port }
    }
}

impl Origin {
    /// A URL's origin: opaque but for schemes that have a host.
    ///
    /// <https://url.spec.whatwg.org/#concept-url-origin>
    pub fn of(url: &Url) -> Self {
        match (url.scheme(), url.host_str()) {
            ("http" | "https" | "ws" | "wss" | "ftp", Some(host)) => {
                Self::Tuple(TupleOrigin::new(url.scheme(), host, url.port()))
            }
            _ => Self::Opaque,
        }
    }

    /// Reads what "serialize an origin" writes, and nothing else: `null` or `scheme://host[:port]` in its one spelling.
    pub fn parse(serialization: &str) -> Option<Self> {
        if serialization == "null" {
            return Some(Self::Opaque);
        }
        let url = Url::parse(serialization).ok()?;
        let host = url.host_str().filter(|host| !host.is_empty())?;
        let origin = TupleOrigin::new(url.scheme(), host, url.port());
        (*origin.serialization == *serialization).then_some(Self::Tuple(origin))
    }

    /// "Serialize an origin". <https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin>
    pub fn serialization(&self) -> &str {
        match self {
            Self::Opaque => "null",
            Self::Tuple(tuple) => &tuple.serialization,
        }
    }

    /// The scheme of a tuple origin.
    pub fn scheme(&self) -> Option<&str> {
        match self {
            Self::Opaque => None,
            Self::Tuple(tuple) => Some(tuple.scheme()),
        }
    }

    /// Whether this origin is same origin with that of `url`.
    ///
    /// <https://html.spec.whatwg.org/multipage/browsers.html#same-origin>
    pub fn is_same_origin_with(&self, url: &Url) -> bool {
        match self {
            Self::Opaque => false,
            Self::Tuple(tuple) => {
                url.scheme() == tuple.scheme()
                    && url.host_str() == Some(tuple.host())
                    && url.port() == tuple.port
            }
        }
    }

    /// Whether this origin is same site with that of `url`: the same scheme and the same registrable domain.
    ///
    /// <https://html.spec.whatwg.org/multipage/browsers.html#same-site>
    pub fn is_same_site_with(&self, url: &Url) -> bool {
        match self {
            Self::Opaque => false,
            Self::Tuple(tuple) => tuple.scheme() == url.scheme() && self.is_schemelessly_same_site_with(url),
        }
    }

    /// Whether two origins are same site.
    pub fn is_same_site_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tuple(a), Self::Tuple(b)) => {
                a.scheme() == b.scheme()
                    && (a.host() == b.host()
                        || registrable_domain(a.host())
                            .is_some_and(|domain| registrable_domain(b.host()) == Some(domain)))
            }
            _ => false,
        }
    }

    /// <https://html.spec.whatwg.org/multipage/browsers.html#schemelessly-same-site>
    pub fn is_schemelessly_same_site_with(&self, url: &Url) -> bool {
        match (self, url.host_str()) {
            (Self::Tuple(tuple), Some(host)) => {
                tuple.host() == host
                    || registrable_domain(tuple.host())
                        .is_some_and(|domain| registrable_domain(host) == Some(domain))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.serialization())
    }
}

/// Whether two URLs' origins are the same; opaque ones never are.
pub(crate) fn is_same_origin(a: &Url, b: &Url) -> bool {
    matches!(a.scheme(), "http" | "https" | "ws" | "wss" | "ftp")
        && a.scheme() == b.scheme()
        && a.host_str() == b.host_str()
        && a.port() == b.port()
}

/// The site of an origin, serialized: its scheme and registrable domain, or host where it has none.
///
/// <https://html.spec.whatwg.org/multipage/browsers.html#obtain-a-site>
pub(crate) fn site_of(origin: &Origin) -> String {
    match origin {
        Origin::Opaque => "null".to_owned(),
        Origin::Tuple(tuple) => {
            format!("{}://{}", tuple.scheme(), registrable_domain(tuple.host()).unwrap_or(tuple.host()))
        }
    }
}

/// Whether a domain is a public suffix; a last label that the list does not know counts as one.
pub(crate) fn is_public_suffix(domain: &str) -> bool {
    psl::suffix_str(domain) == Some(domain)
}

/// A host's registrable domain by the public suffix list; addresses and bare suffixes have none.
///
/// <https://url.spec.whatwg.org/#host-registrable-domain>
fn registrable_domain(host: &str) -> Option<&str> {
    match Host::parse(host) {
        Ok(Host::Domain(_)) => psl::domain_str(host),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("null", true)]
    #[case("https://app.example", true)]
    #[case("https://app.example:8443", true)]
    #[case("http://[::1]:3000", true)]
    #[case("http://127.0.0.1", true)]
    #[case("https://xn--bcher-kva.example", true)]
    #[case("chrome-extension://abcdefgh", true)]
    #[case("https://app.example:443", false)]
    #[case("https://app.example/", false)]
    #[case("https://App.example", false)]
    #[case("HTTPS://app.example", false)]
    #[case("https://bücher.example", false)]
    #[case("https://user@app.example", false)]
    #[case("http://[0:0::1]", false)]
    #[case("app.example", false)]
    #[case("https://", false)]
    #[case("file://", false)]
    #[case("*", false)]
    #[case("", false)]
    fn parses_serializations_alone(#[case] text: &str, #[case] valid: bool) {
        let parsed = Origin::parse(text);
        assert_eq!(parsed.is_some(), valid);
        if let Some(origin) = parsed {
            assert_eq!(origin.serialization(), text);
        }
    }

    #[rstest]
    #[case("https://app.example", "https://app.example/a?b#c", true)]
    #[case("https://app.example", "https://app.example:443/", true)]
    #[case("https://app.example", "https://APP.example/", true)]
    #[case("https://app.example", "http://app.example/", false)]
    #[case("https://app.example", "https://app.example:444/", false)]
    #[case("https://app.example", "https://app.example./", false)]
    #[case("https://app.example", "https://a.app.example/", false)]
    #[case("http://[::1]", "http://[0:0:0:0:0:0:0:1]/", true)]
    #[case("http://127.0.0.1", "http://localhost/", false)]
    #[case("null", "https://app.example/", false)]
    fn same_origin(#[case] origin: &str, #[case] url: &str, #[case] same: bool) {
        let url = Url::parse(url).unwrap();
        assert_eq!(Origin::parse(origin).unwrap().is_same_origin_with(&url), same);
    }

    #[rstest]
    #[case("https://app.site.example", "https://api.site.example:8443/", true)]
    #[case("https://app.site.example", "http://api.site.example/", false)]
    #[case("https://app.example", "https://api.example/", false)]
    #[case("https://a.github.io", "https://b.github.io/", false)]
    #[case("http://127.0.0.1:1", "http://127.0.0.1:2/", true)]
    #[case("http://127.0.0.1", "http://126.0.0.1/", false)]
    #[case("http://localhost:1", "http://localhost:2/", true)]
    #[case("null", "https://app.example/", false)]
    fn same_site(#[case] origin: &str, #[case] url: &str, #[case] same: bool) {
        assert_eq!(Origin::parse(origin).unwrap().is_same_site_with(&Url::parse(url).unwrap()), same);
    }

    #[rstest]
    #[case("https://a.example", "https://b.example", false)]
    #[case("https://x.shop.example", "https://y.shop.example", true)]
    #[case("https://x.shop.example", "http://x.shop.example", false)]
    #[case("https://x.shop.example:1", "https://x.shop.example:2", true)]
    #[case("https://127.0.0.1", "https://127.0.0.1:2", true)]
    #[case("https://127.0.0.1", "https://127.0.0.2", false)]
    #[case("null", "null", false)]
    #[case("null", "https://a.example", false)]
    fn same_site_origins(#[case] one: &str, #[case] other: &str, #[case] same: bool) {
        let (one, other) = (Origin::parse(one).unwrap(), Origin::parse(other).unwrap());
        assert_eq!((one.is_same_site_as(&other), other.is_same_site_as(&one)), (same, same));
    }

    #[rstest]
    #[case("https://a.example", None)]
    #[case("https://a.example:8443", Some(8443))]
    fn ports(#[case] origin: &str, #[case] port: Option<u16>) {
        let Origin::Tuple(tuple) = Origin::parse(origin).unwrap() else { panic!("no tuple origin") };
        assert_eq!(tuple.port(), port);
    }

    proptest! {
        #[test]
        fn an_origin_of_a_url_reads_back(scheme in "http|https|ws|ftp", host in "[a-z][a-z0-9]{0,5}(\\.[a-z]{1,4}){0,2}", port: Option<u16>) {
            let port = port.map_or(String::new(), |port| format!(":{port}"));
            let url = Url::parse(&format!("{scheme}://{host}{port}/p")).unwrap();
            let origin = Origin::of(&url);
            prop_assert!(origin.is_same_origin_with(&url));
            prop_assert_eq!(Origin::parse(origin.serialization()), Some(origin));
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = Origin::parse(&text);
        }
    }
}
