//! Origins that look like a permitted one and are not.

use corspec_browser::Origin;
use corspec_protocol::PermittedOrigin;

/// An origin that some page can have, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// A part of an id.
    pub(super) slug: String,
    /// The origin, serialized.
    pub(super) origin: String,
    /// In what it differs, to be read after "the page".
    pub(super) how: &'static str,
}

/// An origin in its parts.
struct Parts<'a> {
    scheme: &'a str,
    host: &'a str,
    port: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(origin: &'a str) -> Option<Self> {
        let (scheme, authority) = origin.split_once("://")?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        Some(Self { scheme, host, port })
    }

    fn with_host(&self, host: &str) -> String {
        match self.port {
            Some(port) => format!("{}://{host}:{port}", self.scheme),
            None => format!("{}://{host}", self.scheme),
        }
    }

    /// A name, which has labels and can be longer; an address has not.
    fn is_name(&self) -> bool {
        !self.host.starts_with('[') && !self.host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    }
}

/// The origins that a careless comparison takes for an entry of the policy. Some may be permitted by another entry.
pub(super) fn look_alikes(entry: &PermittedOrigin) -> Vec<Candidate> {
    let candidates = match entry {
        PermittedOrigin::Any => Vec::new(),
        PermittedOrigin::Null => vec![
            ("null-host".to_owned(), "https://null".to_owned(), "at a host that is called null"),
            ("null-scheme".to_owned(), "http://null".to_owned(), "at a host that is called null, over http"),
        ],
        PermittedOrigin::Exact(origin) => like_an_origin(origin),
        PermittedOrigin::Subdomains { scheme, domain } => like_a_pattern(scheme, domain),
    };
    candidates
        .into_iter()
        .filter(|(_, origin, _)| Origin::parse(origin).is_some())
        .map(|(slug, origin, how)| Candidate { slug, origin, how })
        .collect()
}

type Draft = (String, String, &'static str);

fn like_an_origin(origin: &str) -> Vec<Draft> {
    let Some(parts) = Parts::of(origin) else { return Vec::new() };
    let mut found: Vec<Draft> = Vec::new();
    let mut add = |slug: &str, origin: String, how| found.push((slug.to_owned(), origin, how));
    let host = parts.host;
    if parts.is_name() {
        add("suffix", parts.with_host(&format!("{host}.evil.test")), "whose host begins like a listed one");
        add(
            "suffix-without-dot",
            parts.with_host(&format!("{host}evil.test")),
            "whose host begins like a listed one",
        );
        add(
            "suffix-with-dash",
            parts.with_host(&format!("{host}-evil.test")),
            "whose host begins like a listed one",
        );
        add(
            "suffix-with-mark",
            parts.with_host(&format!("{host}!.evil.test")),
            "whose host begins like a listed one, with a mark that URLs allow",
        );
        add(
            "suffix-with-comma",
            parts.with_host(&format!("{host},evil.test")),
            "whose host begins like a listed one, with a comma",
        );
        add(
            "suffix-with-underscore",
            parts.with_host(&format!("{host}_.evil.test")),
            "whose host begins like a listed one, with an underscore",
        );
        add("prefix", parts.with_host(&format!("evil{host}")), "whose host ends like a listed one");
        add(
            "prefix-with-dash",
            parts.with_host(&format!("evil-{host}")),
            "whose host ends like a listed one",
        );
        add("subdomain", parts.with_host(&format!("evil.{host}")), "on a subdomain of a listed host");
        add("www", parts.with_host(&format!("www.{host}")), "on the www of a listed host");
        add(
            "within",
            parts.with_host(&format!("www.{host}.evil.test")),
            "whose host has a listed one within",
        );
        add(
            "trailing-dot",
            parts.with_host(&format!("{host}.")),
            "at a listed host with a dot behind it, which is another host",
        );
        add("cut-short", parts.with_host(&host[..host.len() - 1]), "whose host is a listed one cut short");
        add(
            "cut-in-front",
            parts.with_host(host.get(1..).unwrap_or_default()),
            "whose host is the end of a listed one",
        );
        if let Some((first, parent)) = host.split_once('.') {
            add("parent", parts.with_host(parent), "at the parent of a listed host");
            add("first-label", parts.with_host(first), "whose host is the first label of a listed one");
            add("sibling", parts.with_host(&format!("evil.{parent}")), "beside a listed host");
        }
        if let Some((_, last)) = host.rsplit_once('.') {
            add("last-label", parts.with_host(last), "whose host is the last label of a listed one");
        }
        for (number, (at, _)) in host.match_indices('.').take(3).enumerate() {
            let other = format!("{}x{}", &host[..at], &host[at + 1..]);
            add(
                &format!("dot-{}", number + 1),
                parts.with_host(&other),
                "that has a letter where a listed host has a dot",
            );
        }
        if host.contains('.') {
            add(
                "all-dots",
                parts.with_host(&host.replace('.', "-")),
                "that has dashes where a listed host has dots",
            );
        }
        if let Some(rest) = host.strip_prefix("xn--") {
            add("ascii", parts.with_host(rest), "whose host lacks the mark of an international name");
        }
    } else if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        add(
            "next-address",
            parts.with_host(&format!("[{address}1]")),
            "at another address that begins like a listed one",
        );
        if let Some(shorter) = address.get(..address.len() - 1) {
            add(
                "shorter-address",
                parts.with_host(&format!("[{shorter}]")),
                "at another address that a listed one begins with",
            );
        }
        add("loopback-address", parts.with_host("[::1]"), "on the user's own machine");
        add(
            "name-of-address",
            parts.with_host(&address.replace(':', "-")),
            "whose host is written like a listed address",
        );
    } else {
        add(
            "next-address",
            parts.with_host(&format!("{host}1")),
            "at another address that begins like a listed one",
        );
        if let Some((start, _)) = host.rsplit_once('.') {
            add("neighbour", parts.with_host(&format!("{start}.254")), "at an address of the same network");
        }
        add(
            "name-of-address",
            parts.with_host(&format!("{host}.evil.test")),
            "whose host begins like a listed address",
        );
        add(
            "all-dots",
            parts.with_host(&host.replace('.', "-")),
            "whose host is written like a listed address",
        );
    }
    let other_scheme = if parts.scheme == "http" { "https" } else { "http" };
    let authority = &origin[parts.scheme.len() + 3..];
    add("other-scheme", format!("{other_scheme}://{authority}"), "at a listed host, over another scheme");
    add(
        "extension",
        format!("chrome-extension://{host}"),
        "of a browser extension that is called like a listed host",
    );
    match parts.port {
        None => {
            add("other-port", format!("{origin}:8443"), "at a listed host, on another port");
            let other_default = if parts.scheme == "http" { "443" } else { "80" };
            add(
                "other-default-port",
                format!("{origin}:{other_default}"),
                "at a listed host, on the default port of another scheme",
            );
        }
        Some(port) => {
            add(
                "default-port",
                format!("{}://{host}", parts.scheme),
                "at a listed host, on the default port",
            );
            add(
                "longer-port",
                format!("{origin}0"),
                "at a listed host, on a port that begins like the listed one",
            );
            let shorter = &port[..port.len() - 1];
            add(
                "shorter-port",
                format!("{}://{host}:{shorter}", parts.scheme),
                "at a listed host, on a port that the listed one begins with",
            );
            let next = port.parse::<u16>().map_or(1, |port| port.wrapping_add(1).max(1));
            add(
                "next-port",
                format!("{}://{host}:{next}", parts.scheme),
                "at a listed host, on the next port",
            );
            add(
                "port-and-suffix",
                format!("{}://{host}.evil.test:{port}", parts.scheme),
                "whose host begins like a listed one, on its port",
            );
            add(
                "port-in-host",
                format!("{}://{host}{port}.evil.test", parts.scheme),
                "whose host is a listed one and its port run together",
            );
        }
    }
    found
}

fn like_a_pattern(scheme: &str, domain: &str) -> Vec<Draft> {
    let mut found: Vec<Draft> = Vec::new();
    let mut add = |slug: &str, origin: String, how| found.push((slug.to_owned(), origin, how));
    let other_scheme = if scheme == "http" { "https" } else { "http" };
    add("apex", format!("{scheme}://{domain}"), "at the name below which the pattern begins");
    add("no-dot", format!("{scheme}://evil{domain}"), "whose host ends like the pattern, without the dot");
    add(
        "dash",
        format!("{scheme}://evil-{domain}"),
        "whose host ends like the pattern, with a dash for the dot",
    );
    add(
        "suffix",
        format!("{scheme}://a.{domain}.evil.test"),
        "whose host only begins like one that the pattern covers",
    );
    add(
        "suffix-without-dot",
        format!("{scheme}://a.{domain}evil.test"),
        "whose host only begins like one that the pattern covers",
    );
    add(
        "suffix-with-mark",
        format!("{scheme}://a.{domain}!.evil.test"),
        "whose host only begins like one that the pattern covers",
    );
    add(
        "trailing-dot",
        format!("{scheme}://a.{domain}."),
        "at a host with a dot behind it, which is another host",
    );
    add(
        "other-scheme",
        format!("{other_scheme}://a.{domain}"),
        "below the pattern's name, over another scheme",
    );
    add("other-port", format!("{scheme}://a.{domain}:8443"), "below the pattern's name, on another port");
    add(
        "cut-short",
        format!("{scheme}://a.{}", &domain[..domain.len() - 1]),
        "whose host is cut short of the pattern's end",
    );
    add(
        "extension",
        format!("chrome-extension://a.{domain}"),
        "of a browser extension that is called like a covered host",
    );
    add("asterisk", format!("{scheme}://*.{domain}"), "at a host that is written like the pattern itself");
    for (number, (at, _)) in domain.match_indices('.').take(2).enumerate() {
        let other = format!("{}x{}", &domain[..at], &domain[at + 1..]);
        add(
            &format!("dot-{}", number + 1),
            format!("{scheme}://a.{other}"),
            "that has a letter where the pattern has a dot",
        );
    }
    add(
        "dot-in-front",
        format!("{scheme}://ax{domain}"),
        "that has a letter where the pattern has its first dot",
    );
    if let Some((first, parent)) = domain.split_once('.') {
        add("parent", format!("{scheme}://{parent}"), "at the parent of the pattern's name");
        add("sibling", format!("{scheme}://a.evil.{parent}"), "beside the pattern's name");
        add(
            "cut-name",
            format!("{scheme}://a.{}.{parent}", &first[1..]),
            "whose host leaves out a letter of the pattern's name",
        );
    }
    found
}

/// Origins that a pattern covers.
pub(super) fn members(scheme: &str, domain: &str) -> Vec<Candidate> {
    let longest = "a".repeat(63);
    let hosts = [
        ("one-letter", "a".to_owned()),
        ("usual", "shop".to_owned()),
        ("dash", "my-shop".to_owned()),
        ("digits", "2024".to_owned()),
        ("international", "xn--bcher-kva".to_owned()),
        ("its-own-name", domain.split('.').next().unwrap_or_default().to_owned()),
        ("longest", longest),
    ];
    let candidate = |(slug, label): (&str, String)| Candidate {
        slug: slug.to_owned(),
        origin: format!("{scheme}://{label}.{domain}"),
        how: "that the pattern covers",
    };
    hosts.into_iter().map(candidate).filter(|it| Origin::parse(&it.origin).is_some()).collect()
}

/// Origins made of the parts of two entries, which a matcher that mixes its entries up takes for one of them.
pub(super) fn mixtures(permitted: &[PermittedOrigin]) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut add = |slug: &str, origin: String, how| {
        if Origin::parse(&origin).is_some() {
            found.push(Candidate { slug: slug.to_owned(), origin, how });
        }
    };
    for pair in permitted.windows(2).take(4) {
        match pair {
            [PermittedOrigin::Exact(one), PermittedOrigin::Exact(other)] => {
                let (Some(one), Some(other)) = (Parts::of(one), Parts::of(other)) else { continue };
                let port = |parts: &Parts<'_>| parts.port.map(|port| format!(":{port}")).unwrap_or_default();
                add(
                    "scheme-of-another",
                    format!("{}://{}{}", other.scheme, one.host, port(&one)),
                    "with the host of one entry and the scheme of another",
                );
                add(
                    "port-of-another",
                    format!("{}://{}{}", one.scheme, one.host, port(&other)),
                    "with the host of one entry and the port of another",
                );
                add(
                    "run-together",
                    format!("{}://{}{}{}", one.scheme, one.host, other.host, port(&other)),
                    "whose host is two entries run together",
                );
            }
            [
                PermittedOrigin::Subdomains { scheme, domain },
                PermittedOrigin::Subdomains { domain: other, .. },
            ] => {
                let first = |domain: &str| domain.split('.').next().unwrap_or_default().to_owned();
                add(
                    "run-together",
                    format!("{scheme}://{}{other}", first(domain)),
                    "whose host is the names of two patterns run together",
                );
                add(
                    "run-together-reversed",
                    format!("{scheme}://{}{domain}", first(other)),
                    "whose host is the names of two patterns run together",
                );
            }
            _ => {}
        }
    }
    found
}

/// Pages that have nothing to do with the policy.
pub(super) fn strangers() -> Vec<Candidate> {
    let all = [
        ("stranger", "https://evil.test", "at an origin that nobody lists"),
        ("stranger-over-http", "http://evil.test", "at an origin that nobody lists, over http"),
        ("opaque", "null", "whose origin is opaque, as in a sandboxed frame"),
        ("localhost", "http://localhost", "on the user's own machine"),
        ("localhost-with-port", "http://localhost:3000", "on the user's own machine, on a port"),
        ("loopback", "http://127.0.0.1:8080", "on the user's own machine, by its address"),
        ("legacy", "https://legacy.example", "that an old handler names for itself"),
        ("short", "https://a", "at a host of one letter"),
        ("extension", "chrome-extension://abcdefghijklmnopabcdefghijklmnop", "of a browser extension"),
    ];
    all.map(|(slug, origin, how)| Candidate { slug: slug.to_owned(), origin: origin.to_owned(), how })
        .to_vec()
}
