use super::{exact, fits, parts};
use crate::fault::Fault;
use crate::mutant::Mutant;

/// How an origin is compared to one that is listed in full.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::over_exposes(
        "origin-prefix",
        "An origin that only begins like a listed one is let in.",
        "O04, O07, O08, O15, O17: patterns without an end",
        Fault::Match(|entry, origin| exact(entry, origin, |listed| origin.starts_with(listed))),
    ),
    Mutant::over_exposes(
        "origin-suffix",
        "An origin whose host only ends like a listed one is let in.",
        "O22: the samples in several READMEs",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| {
                let ((scheme, host, port), (listed_scheme, listed_host, listed_port)) =
                    (parts(origin), parts(listed));
                scheme == listed_scheme && port == listed_port && host.ends_with(listed_host)
            })
        }),
    ),
    Mutant::over_exposes(
        "origin-substring",
        "An origin that holds a listed host anywhere is let in.",
        "O03: flask-cors before 3.0.0",
        Fault::Match(|entry, origin| exact(entry, origin, |listed| origin.contains(parts(listed).1))),
    ),
    Mutant::over_exposes(
        "origin-within-listed",
        "An origin that is found inside a listed one is let in: the search goes the wrong way round.",
        "X02 in the place of origins: `in` on a string",
        Fault::Match(|entry, origin| exact(entry, origin, |listed| listed.contains(origin))),
    ),
    Mutant::over_exposes(
        "origin-cut-to-the-shorter",
        "Listed and asking origin are compared over the length of the shorter one.",
        "strncmp in hand-written checks",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| listed.starts_with(origin) || origin.starts_with(listed))
        }),
    ),
    Mutant::over_exposes(
        "origin-begins-listed",
        "An origin that is the beginning of a listed one is let in.",
        "hand-written checks with their arguments swapped",
        Fault::Match(|entry, origin| exact(entry, origin, |listed| listed.starts_with(origin))),
    ),
    Mutant::over_exposes(
        "origin-dot-unescaped",
        "A listed origin is used as a regular expression, so its dots stand for any character.",
        "O01, O10: flask-cors, litestar",
        Fault::Match(|entry, origin| exact(entry, origin, |listed| fits(listed, origin))),
    ),
    Mutant::over_exposes(
        "origin-word-boundary",
        "A pattern ends at a word boundary in place of the end, which a dot or a hyphen is too.",
        "O12, O13, O19: patterns without an end",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| {
                origin.strip_prefix(listed).is_some_and(|rest| {
                    !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
                })
            })
        }),
    ),
    Mutant::over_exposes(
        "origin-ends-at-odd-characters",
        "An origin is read up to the first character that host names seldom hold.",
        "hand-written URL parsers",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| {
                let usual = |next: char| next.is_ascii_alphanumeric() || ":/.-[]".contains(next);
                origin.split(|next: char| !usual(next)).next() == Some(listed)
            })
        }),
    ),
    Mutant::over_exposes(
        "origin-split-at-commas",
        "An origin is taken for a list, of which one element is enough.",
        "O43: Jetty splits at spaces",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| origin.split([',', ' ']).any(|part| part == listed))
        }),
    ),
    Mutant::over_exposes(
        "origin-subdomains-included",
        "Every subdomain of a listed origin is let in along with it.",
        "O21, O48: lenient suffixes",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| {
                let ((scheme, host, port), (listed_scheme, listed_host, listed_port)) =
                    (parts(origin), parts(listed));
                let below =
                    host.strip_suffix(listed_host).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
                scheme == listed_scheme && port == listed_port && below
            })
        }),
    ),
    Mutant::over_exposes(
        "origin-www-included",
        "The host with `www.` before it is taken for the listed one.",
        "normalisation in configuration panels",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| origin.replacen("://www.", "://", 1) == listed)
        }),
    ),
    Mutant::over_exposes(
        "origin-trailing-dot-dropped",
        "A trailing dot of the host is dropped before it is compared.",
        "O05: origins compared by parsed parts",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| origin.strip_suffix('.').unwrap_or(origin) == listed)
        }),
    ),
    Mutant::over_exposes(
        "origin-other-top-level-domain",
        "Only the host's name before its last label is compared.",
        "O11: `https://example.*`",
        Fault::Match(|entry, origin| {
            let stem = |origin: &str| {
                let (scheme, host, port) = parts(origin);
                let stem = host.rsplit_once('.').map_or(host, |(stem, _)| stem);
                (scheme.to_owned(), stem.to_owned(), port.to_owned())
            };
            exact(entry, origin, |listed| stem(origin) == stem(listed))
        }),
    ),
    Mutant::over_exposes(
        "origin-port-ignored",
        "Scheme and host are compared, the port is not.",
        "O24, O49: Kong, port wildcards",
        Fault::Match(|entry, origin| {
            let site = |origin: &str| (parts(origin).0.to_owned(), parts(origin).1.to_owned());
            exact(entry, origin, |listed| site(origin) == site(listed))
        }),
    ),
    Mutant::over_exposes(
        "origin-scheme-ignored",
        "Host and port are compared, the scheme is not.",
        "O06, O23, O25: django-cors-headers before 3.0.0, rack-cors, Ktor",
        Fault::Match(|entry, origin| {
            let authority = |origin: &str| origin.split_once("://").map(|(_, rest)| rest.to_owned());
            exact(entry, origin, |listed| authority(origin) == authority(listed))
        }),
    ),
    Mutant::over_exposes(
        "origin-host-alone",
        "Hosts are compared, scheme and port are not.",
        "O24: Kong's entries without a scheme",
        Fault::Match(|entry, origin| exact(entry, origin, |listed| parts(origin).1 == parts(listed).1)),
    ),
    Mutant::over_exposes(
        "origin-insecure-twin",
        "Where a secure page is listed, the insecure one is let in as well.",
        "O06, O25: schemes that are filled in",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| {
                origin == listed
                    || listed.strip_prefix("https").is_some_and(|rest| origin == format!("http{rest}"))
            })
        }),
    ),
    Mutant::over_exposes(
        "origin-secure-twin",
        "Where an insecure page is listed, the secure one is let in as well.",
        "O25: Ktor adds http and https",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| {
                origin == listed
                    || (listed.starts_with("http:") && origin == listed.replacen("http:", "https:", 1))
            })
        }),
    ),
    Mutant::over_exposes(
        "origin-default-ports-of-both-schemes",
        "Ports 80 and 443 are dropped before origins are compared, whichever the scheme.",
        "O26: Ktor's normalisation, taken too far",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| {
                let origin = origin.strip_suffix(":443").or(origin.strip_suffix(":80")).unwrap_or(origin);
                origin == listed
            })
        }),
    ),
    Mutant::over_exposes(
        "origin-port-prefix",
        "A port that only begins like the listed one, or that the listed one begins with, is let in.",
        "O15, O49: prefix tests on origins with a port",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| {
                let ((scheme, host, port), (listed_scheme, listed_host, listed_port)) =
                    (parts(origin), parts(listed));
                (scheme, host) == (listed_scheme, listed_host)
                    && port.is_empty() == listed_port.is_empty()
                    && (port.starts_with(listed_port) || listed_port.starts_with(port))
            })
        }),
    ),
    Mutant::over_blocks(
        "origin-port-dropped-from-the-list",
        "The port of a listed origin is dropped, so the page on that port is not recognised.",
        "O32: ports in configured origins",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| {
                let (scheme, host, _) = parts(listed);
                parts(listed).2.is_empty() && origin == format!("{scheme}://{host}")
            })
        }),
    ),
    Mutant::over_blocks(
        "origin-default-port-added",
        "The default port is added to listed origins, which no browser writes.",
        "O26, O32: origins with a default port never match",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| match parts(listed) {
                ("https", _, "") => origin == format!("{listed}:443"),
                ("http", _, "") => origin == format!("{listed}:80"),
                _ => origin == listed,
            })
        }),
    ),
    Mutant::over_blocks(
        "origin-slash-added",
        "A slash is added to listed origins, as to the URL of a page.",
        "O32: Fiber, ASP.NET, Keycloak and others",
        Fault::Match(|entry, origin| exact(entry, origin, |listed| origin == format!("{listed}/"))),
    ),
    Mutant::over_blocks(
        "origin-host-only-in-the-list",
        "Listed origins are kept as bare host names, which no origin equals.",
        "O33: mailcow",
        Fault::Match(|entry, origin| exact(entry, origin, |listed| origin == parts(listed).1)),
    ),
    Mutant::over_exposes(
        "origin-ipv4-neighbours",
        "Of an IPv4 address the last number is not compared.",
        "allow-lists by network",
        Fault::Match(|entry, origin| {
            let network = |origin: &str| {
                let (scheme, host, port) = parts(origin);
                let numeric = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                let network = host.rsplit_once('.').filter(|_| numeric).map_or(host, |(network, _)| network);
                (scheme.to_owned(), network.to_owned(), port.to_owned())
            };
            exact(entry, origin, |listed| network(origin) == network(listed))
        }),
    ),
    Mutant::over_blocks(
        "origin-ipv4-not-recognised",
        "A host must end in letters, so a listed IPv4 address is not recognised.",
        "validators for host names",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| {
                let host = parts(listed).1;
                origin == listed && !host.ends_with(|last: char| last.is_ascii_digit())
            })
        }),
    ),
    Mutant::over_blocks(
        "origin-ipv6-not-recognised",
        "The first colon of a host is taken for the port's, so a listed IPv6 address is not recognised.",
        "O40: Ktor, WildFly",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| origin == listed && !listed.contains('['))
        }),
    ),
    Mutant::over_exposes(
        "origin-ipv6-cut-at-a-colon",
        "An IPv6 address is read up to its first colon and compared by that.",
        "O40: ports looked for from the left",
        Fault::Match(|entry, origin| {
            let cut = |origin: &str| {
                let (scheme, authority) = origin.split_once("://")?;
                let (start, _) = authority.strip_prefix('[')?.split_once(':')?;
                Some((scheme.to_owned(), start.to_owned()))
            };
            exact(entry, origin, |listed| {
                origin == listed || cut(listed).is_some_and(|start| cut(origin) == Some(start))
            })
        }),
    ),
    Mutant::over_exposes(
        "origin-ipv6-brackets-as-a-class",
        "The brackets of a listed IPv6 address are read as a regular expression: one of these characters.",
        "O01: flask-cors takes `[` for the sign of a pattern",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| {
                let class = listed.split_once('[').and_then(|(before, rest)| {
                    let (class, after) = rest.split_once(']')?;
                    let one = origin.strip_prefix(before)?.strip_suffix(after)?;
                    Some(one.len() == 1 && class.contains(one))
                });
                class.unwrap_or(origin == listed) || origin == listed
            })
        }),
    ),
    Mutant::over_blocks(
        "origin-punycode-decoded",
        "A listed name in punycode is kept in Unicode, while origins arrive in punycode.",
        "O31: middy",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| origin == listed && !listed.contains("xn--"))
        }),
    ),
    Mutant::over_exposes(
        "origin-punycode-prefix-dropped",
        "`xn--` is dropped before names are compared.",
        "O31: one-sided normalisation",
        Fault::Match(|entry, origin| {
            exact(entry, origin, |listed| origin.replace("xn--", "") == listed.replace("xn--", ""))
        }),
    ),
    Mutant::over_exposes(
        "origin-hyphens-dropped",
        "Everything but letters and digits is dropped before hosts are compared.",
        "canonical keys in hand-written look-ups",
        Fault::Match(|entry, origin| {
            let key = |origin: &str| {
                let (scheme, host, port) = parts(origin);
                let host: String = host.chars().filter(char::is_ascii_alphanumeric).collect();
                (scheme.to_owned(), host, port.to_owned())
            };
            let separated = origin.replace('-', ".");
            exact(entry, origin, |listed| key(origin) == key(listed) || separated == listed)
        }),
    ),
    Mutant::over_exposes(
        "origin-prefix-on-preflights",
        "Preflights are answered by other code, which compares only the beginning.",
        "Z07: gateways that answer preflights themselves",
        Fault::Permit(|turn| turn.listed || (turn.preflight && turn.begins_like_a_listed_one())),
    ),
    Mutant::over_exposes(
        "origin-prefix-on-actual-requests",
        "Preflights are checked well, all other requests only by the beginning of the origin.",
        "Z07: gateways whose preflights and answers disagree",
        Fault::Permit(|turn| turn.listed || (!turn.preflight && turn.begins_like_a_listed_one())),
    ),
];
