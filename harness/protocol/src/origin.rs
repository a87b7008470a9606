use std::net::{Ipv4Addr, Ipv6Addr};

/// One entry of a policy's `origins`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PermittedOrigin {
    /// `*`: every origin, the opaque one included.
    Any,
    /// `null`: the opaque origin.
    Null,
    /// One origin, serialized.
    Exact(String),
    /// `https://*.apps.example`: every host of one or more labels below the domain, with that scheme
    /// and its default port.
    Subdomains {
        /// The scheme, without `://`.
        scheme: String,
        /// The domain below which the hosts lie. It is not itself permitted.
        domain: String,
    },
}

impl PermittedOrigin {
    /// Whether the value of an `Origin` header is permitted, compared byte for byte.
    pub fn permits(&self, origin: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Null => origin == b"null",
            Self::Exact(exact) => origin == exact.as_bytes(),
            Self::Subdomains { scheme, domain } => {
                let host = origin.strip_prefix(scheme.as_bytes()).and_then(|rest| rest.strip_prefix(b"://"));
                let below = host
                    .and_then(|host| host.strip_suffix(domain.as_bytes()))
                    .and_then(|below| below.strip_suffix(b"."));
                below.is_some_and(|below| {
                    below.len() + 1 + domain.len() <= MAX_HOST
                        && below.split(|&byte| byte == b'.').all(is_label)
                })
            }
        }
    }

    pub(crate) fn parse(entry: &str) -> Result<Self, &'static str> {
        match entry {
            "*" => return Ok(Self::Any),
            "null" => return Ok(Self::Null),
            _ => {}
        }
        let (scheme, authority) = entry.split_once("://").ok_or(
            "an origin is `*`, `null`, a scheme and a host such as `https://app.example`, \
             or a pattern such as `https://*.apps.example`",
        )?;
        if !is_scheme(scheme) {
            return Err("the scheme of a serialized origin is lower-case letters, digits, `+`, `-` and `.`");
        }
        if let Some(domain) = authority.strip_prefix("*.") {
            if !is_domain(domain) {
                return Err("a subdomain pattern ends in a domain in lower case, without port or path");
            }
            return Ok(Self::Subdomains { scheme: scheme.to_owned(), domain: domain.to_owned() });
        }
        let (host, port) = split_port(authority);
        if !is_domain(host) && !is_ipv4(host) && !is_ipv6(host) {
            return Err(
                "a serialized origin ends in a host in lower case and at most a port: no path, no slash",
            );
        }
        match port {
            Some(port) if !is_port(port) => {
                Err("the port of a serialized origin is a number up to 65535, without leading zeros")
            }
            Some(port) if default_port(scheme) == Some(port) => {
                Err("a serialized origin leaves the default port out")
            }
            _ => Ok(Self::Exact(entry.to_owned())),
        }
    }
}

/// The longest name that DNS knows.
const MAX_HOST: usize = 253;

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.')
        })
}

fn is_domain(host: &str) -> bool {
    let labels = || host.split('.');
    // A host whose last label is a number is an IPv4 address to a URL parser, and has no subdomains.
    let is_number = |label: &str| match label.strip_prefix("0x") {
        Some(hexadecimal) => hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    };
    host.len() <= MAX_HOST
        && labels().all(|label| is_label(label.as_bytes()))
        && !labels().next_back().is_some_and(is_number)
}

fn is_ipv4(host: &str) -> bool {
    host.parse::<Ipv4Addr>().is_ok_and(|address| address.to_string() == host)
}

fn is_ipv6(host: &str) -> bool {
    let Some(text) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else { return false };
    text.parse::<Ipv6Addr>().is_ok_and(|address| match address.to_ipv4_mapped() {
        // A URL writes these in hexadecimal pieces, Rust with dots.
        Some(_) => text.strip_prefix("::ffff:").is_some_and(|rest| !rest.contains('.')),
        None => address.to_string() == text,
    })
}

/// Whether these bytes are one label of a host as a URL serializes it. An underscore is no hostname
/// in DNS, but browsers serve pages from such hosts.
fn is_label(label: &[u8]) -> bool {
    (1..=63).contains(&label.len())
        && label
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'))
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        // The last colon of an IPv6 address stands within its brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn is_port(port: &str) -> bool {
    port.parse::<u16>().is_ok_and(|number| number.to_string() == port)
}

fn default_port(scheme: &str) -> Option<&'static str> {
    match scheme {
        "http" | "ws" => Some("80"),
        "https" | "wss" => Some("443"),
        "ftp" => Some("21"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("*", PermittedOrigin::Any)]
    #[case("null", PermittedOrigin::Null)]
    #[case("https://app.example", PermittedOrigin::Exact("https://app.example".into()))]
    #[case("http://localhost:3000", PermittedOrigin::Exact("http://localhost:3000".into()))]
    #[case("http://127.0.0.1:8080", PermittedOrigin::Exact("http://127.0.0.1:8080".into()))]
    #[case("http://[::1]", PermittedOrigin::Exact("http://[::1]".into()))]
    #[case("http://[::1]:8080", PermittedOrigin::Exact("http://[::1]:8080".into()))]
    #[case("http://[::ffff:7f00:1]", PermittedOrigin::Exact("http://[::ffff:7f00:1]".into()))]
    #[case("https://app.example:80", PermittedOrigin::Exact("https://app.example:80".into()))]
    #[case("https://xn--mnchen-3ya.example", PermittedOrigin::Exact("https://xn--mnchen-3ya.example".into()))]
    #[case("chrome-extension://abcdef", PermittedOrigin::Exact("chrome-extension://abcdef".into()))]
    #[case("https://*.apps.example", PermittedOrigin::Subdomains { scheme: "https".into(), domain: "apps.example".into() })]
    fn parses(#[case] entry: &str, #[case] expected: PermittedOrigin) {
        assert_eq!(PermittedOrigin::parse(entry), Ok(expected));
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_scheme("app.example")]
    #[case::null_in_capitals("NULL")]
    #[case::space(" https://app.example")]
    #[case::slash("https://app.example/")]
    #[case::path("https://app.example/app")]
    #[case::query("https://app.example?a")]
    #[case::user("https://user@app.example")]
    #[case::upper_case_scheme("HTTPS://app.example")]
    #[case::upper_case_host("https://App.example")]
    #[case::unicode("https://münchen.example")]
    #[case::default_port("https://app.example:443")]
    #[case::default_port_http("http://app.example:80")]
    #[case::empty_port("https://app.example:")]
    #[case::port_too_large("https://app.example:65536")]
    #[case::port_with_zeros("https://app.example:0443")]
    #[case::trailing_dot("https://app.example.")]
    #[case::no_host("https://")]
    #[case::ipv4_with_zeros("http://127.0.0.01")]
    #[case::ipv4_short("http://127.1")]
    #[case::ipv4_hexadecimal("http://0x7f")]
    #[case::ipv6_upper_case("http://[::A]")]
    #[case::ipv6_long("http://[0:0:0:0:0:0:0:1]")]
    #[case::ipv6_with_dots("http://[::ffff:127.0.0.1]")]
    #[case::wildcard_within("https://app*.example")]
    #[case::wildcard_label_within("https://app.*.example")]
    #[case::two_wildcards("https://*.*.example")]
    #[case::bare_wildcard("https://*")]
    #[case::wildcard_without_domain("https://*.")]
    #[case::pattern_with_port("https://*.apps.example:8443")]
    #[case::pattern_with_slash("https://*.apps.example/")]
    #[case::pattern_without_scheme("*.apps.example")]
    #[case::pattern_on_an_address("https://*.127.0.0.1")]
    #[case::list("https://a.example, https://b.example")]
    fn rejects(#[case] entry: &str) {
        PermittedOrigin::parse(entry).unwrap_err();
    }

    #[rstest]
    #[case::one_label("https://a.apps.example", true)]
    #[case::two_labels("https://a.b.apps.example", true)]
    #[case::underscore("https://a_b.apps.example", true)]
    #[case::apex("https://apps.example", false)]
    #[case::no_label("https://.apps.example", false)]
    #[case::empty_label("https://a..apps.example", false)]
    #[case::other_scheme("http://a.apps.example", false)]
    #[case::port("https://a.apps.example:8443", false)]
    #[case::default_port("https://a.apps.example:443", false)]
    #[case::no_dot("https://evilapps.example", false)]
    #[case::suffix("https://a.apps.example.evil.test", false)]
    #[case::trailing_dot("https://a.apps.example.", false)]
    #[case::slash_within("https://evil.test/.apps.example", false)]
    #[case::user_within("https://evil.test@a.apps.example", false)]
    #[case::hash_within("https://evil.test#.apps.example", false)]
    #[case::wildcard_itself("https://*.apps.example", false)]
    #[case::upper_case("https://A.apps.example", false)]
    #[case::null("null", false)]
    #[case::empty("", false)]
    fn subdomains(#[case] origin: &str, #[case] permitted: bool) {
        let pattern = PermittedOrigin::parse("https://*.apps.example").unwrap();
        assert_eq!(pattern.permits(origin.as_bytes()), permitted);
    }

    #[test]
    fn a_host_longer_than_any_is_no_subdomain() {
        let pattern = PermittedOrigin::parse("https://*.apps.example").unwrap();
        let label = "a".repeat(63);
        assert!(pattern.permits(format!("https://{label}.apps.example").as_bytes()));
        assert!(!pattern.permits(format!("https://a{label}.apps.example").as_bytes()));
        assert!(!pattern.permits(format!("https://{label}.{label}.{label}.{label}.apps.example").as_bytes()));
    }
}
