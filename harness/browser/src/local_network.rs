//! Local Network Access: <https://wicg.github.io/local-network-access/>, a draft beside the Fetch standard.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// How near a server is; the nearer, the more it is to be kept from pages that come from farther off.
///
/// <https://wicg.github.io/local-network-access/#ip-address-space-section>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressSpace {
    /// This machine.
    Loopback,
    /// The network at hand.
    Local,
    /// Anything else.
    #[default]
    Public,
}

/// Where the page comes from and what the user has permitted. A [`Browser`](crate::Browser) that has none of these asks
/// nothing of the kind, as the Fetch standard has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalNetwork {
    /// The address space that the page came from.
    pub page: AddressSpace,
    /// Whether the user has granted the permission.
    pub granted: bool,
    /// What names resolve to. Addresses, `localhost` and `.local` names need no entry, and other names are public.
    pub hosts: Vec<(String, AddressSpace)>,
}

impl LocalNetwork {
    pub(crate) fn space_of(&self, url: &Url) -> AddressSpace {
        match url.host() {
            Some(Host::Ipv4(address)) => AddressSpace::of(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => AddressSpace::of(IpAddr::V6(address)),
            Some(Host::Domain(name)) => {
                let known = self.hosts.iter().find(|(known, _)| known == name).map(|&(_, space)| space);
                known.unwrap_or(if is_localhost(name) {
                    AddressSpace::Loopback
                } else if name.ends_with(".local") {
                    AddressSpace::Local
                } else {
                    AddressSpace::Public
                })
            }
            None => AddressSpace::Public,
        }
    }
}

impl AddressSpace {
    /// The space that an address is in.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(address) => Self::of_v4(address),
                None => Self::of_v6(address),
            },
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        match address.octets() {
            [127, ..] | [198, 18 | 19, ..] | [0, 0, 0, 0] => Self::Loopback,
            [0 | 10, ..] | [100, 64..=127, ..] | [172, 16..=31, ..] | [192, 168, ..] | [169, 254, ..] => {
                Self::Local
            }
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        match address.segments() {
            [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Self::Loopback,
            // fc00::/7, fe80::/10 and fec0::/10, 2001:db8::/32, 3fff::/20
            [0xFC00..=0xFDFF | 0xFE80..=0xFEFF, ..] | [0x2001, 0xDB8, ..] | [0x3FFF, 0..=0x0FFF, ..] => {
                Self::Local
            }
            _ => Self::Public,
        }
    }

    /// The name in the draft.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Local => "local",
            Self::Public => "public",
        }
    }
}

/// Whether a URL is one that nobody on the way can tamper with.
///
/// <https://w3c.github.io/webappsec-secure-contexts/#is-url-trustworthy>
pub(crate) fn is_potentially_trustworthy(url: &Url, trusts_loopback: bool) -> bool {
    match url.scheme() {
        "https" | "wss" | "data" => true,
        _ if !trusts_loopback => false,
        _ => match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => is_localhost(name),
            None => false,
        },
    }
}

fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("127.1.2.3", AddressSpace::Loopback)]
    #[case("198.19.0.1", AddressSpace::Loopback)]
    #[case("0.0.0.0", AddressSpace::Loopback)]
    #[case("0.0.0.1", AddressSpace::Local)]
    #[case("10.0.0.1", AddressSpace::Local)]
    #[case("172.31.0.1", AddressSpace::Local)]
    #[case("172.32.0.1", AddressSpace::Public)]
    #[case("100.64.0.1", AddressSpace::Local)]
    #[case("192.168.1.1", AddressSpace::Local)]
    #[case("8.8.8.8", AddressSpace::Public)]
    #[case("::1", AddressSpace::Loopback)]
    #[case("::ffff:10.0.0.1", AddressSpace::Local)]
    #[case("fd00::1", AddressSpace::Local)]
    #[case("fe80::1", AddressSpace::Local)]
    #[case("2001:db8::1", AddressSpace::Local)]
    #[case("2606:4700::1", AddressSpace::Public)]
    fn addresses(#[case] address: &str, #[case] space: AddressSpace) {
        assert_eq!(AddressSpace::of(address.parse().unwrap()), space);
    }

    #[rstest]
    #[case("https://a.example/", true)]
    #[case("http://a.example/", false)]
    #[case("http://127.0.0.1:8080/", true)]
    #[case("http://[::1]/", true)]
    #[case("http://a.localhost/", true)]
    #[case("http://192.168.1.1/", false)]
    fn trustworthy(#[case] url: &str, #[case] expected: bool) {
        let url = Url::parse(url).unwrap();
        assert_eq!(is_potentially_trustworthy(&url, true), expected);
        assert_eq!(is_potentially_trustworthy(&url, false), url.scheme() == "https");
    }
}
