//! The cookie jar: which cookies a response sets, and which go along with a request.
//!
//! <https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html>

mod parse;

use std::fmt;

use url::{Host, Url};

pub use parse::SameSite;

use crate::http::Bytes;
use crate::origin::is_public_suffix;

/// What a browser does about cookies of another site than the top-level page's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ThirdPartyCookies {
    /// They are sent and stored as `SameSite` permits.
    #[default]
    Allow,
    /// Each top-level site has its own jar for them.
    Partition,
    /// They are neither sent nor stored, but for `Partitioned` ones.
    Block,
}

/// The cookies of one browser.
#[derive(Clone, Debug, Default)]
pub struct CookieJar {
    /// What becomes of cookies of another site than the top-level page's.
    pub third_party: ThirdPartyCookies,
    cookies: Vec<Cookie>,
}

/// One cookie, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// The name; empty where the server gave none.
    pub name: Bytes,
    /// The value.
    pub value: Bytes,
    /// The host that it belongs to.
    pub domain: String,
    /// Whether it stays off that host's subdomains.
    pub host_only: bool,
    /// The path below which it is sent.
    pub path: Bytes,
    /// Whether it is sent over https alone.
    pub secure: bool,
    /// Whether script is kept from it.
    pub http_only: bool,
    /// Its `SameSite` attribute.
    pub same_site: SameSite,
    /// The top-level site that has it for itself.
    pub partition: Option<String>,
    /// The second since 1970 at which it ends; none for the browser's session.
    pub expires: Option<u64>,
}

/// What became of one cookie in one exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieNote {
    /// The cookie's name.
    pub name: Bytes,
    /// Whether it was sent with the request, or stored of the response.
    pub travelled: bool,
    /// Why.
    pub because: CookieFate,
}

macro_rules! fates {
    ($($variant:ident $code:literal $summary:literal),* $(,)?) => {
        /// Why a cookie was sent, stored, or neither. The codes are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum CookieFate {
            $(#[doc = $summary] $variant,)*
        }

        impl CookieFate {
            /// Every fate.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable kebab-case code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// One plain sentence.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary),* }
            }
        }
    };
}

fates! {
    Sent "sent" "It belongs to the URL and went along.",
    Stored "stored" "The response set it.",
    Deleted "deleted" "The response ended it.",
    CredentialsNotIncluded "credentials-not-included" "The request includes no credentials, so cookies are neither sent nor stored.",
    OtherPath "other-path" "It is for another path.",
    NotSecure "not-secure" "It is for https alone, and the URL is http.",
    CrossSite "cross-site" "Its SameSite attribute, given or by default, keeps it from cross-site requests.",
    ThirdPartyBlocked "third-party-blocked" "The browser blocks cookies of other sites than the top-level page's.",
    OtherPartition "other-partition" "It is kept for another top-level site.",
    Invalid "invalid" "The Set-Cookie line is no cookie.",
    DomainMismatch "domain-mismatch" "Its Domain attribute is not the host's own or a parent's, or is a public suffix.",
    SameSiteNoneNotSecure "same-site-none-not-secure" "SameSite=None needs Secure.",
    PrefixBroken "prefix-broken" "Its name begins with __Secure- or __Host-, and it does not keep what that promises.",
    SecureNotOverwritten "secure-not-overwritten" "An http response may not replace a cookie that is for https alone.",
    PartitionedNotSecure "partitioned-not-secure" "Partitioned needs Secure.",
}

impl CookieFate {
    /// Whether the cookie went along, or was taken in.
    pub const fn travels(self) -> bool {
        matches!(self, Self::Sent | Self::Stored | Self::Deleted)
    }
}

impl fmt::Display for CookieFate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Where a request stands, as far as cookies care.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) url: &'a Url,
    /// The top-level site where the URL is of another one.
    pub(crate) third_party_of: Option<&'a str>,
    pub(crate) cross_site: bool,
    /// A navigation of the top-level page with a safe method, which Lax cookies go with.
    pub(crate) lax_navigation: bool,
    pub(crate) unset_is_none: bool,
    pub(crate) now: u64,
}

impl CookieJar {
    /// A jar without cookies.
    pub fn new() -> Self {
        Self::default()
    }

    /// The cookies, in the order in which they were first set.
    pub fn iter(&self) -> std::slice::Iter<'_, Cookie> {
        self.cookies.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cookies.is_empty()
    }

    /// Puts a cookie in as a visit to `url` itself would have it: the value of a `Set-Cookie` line. `now` counts seconds
    /// since 1970.
    pub fn set(&mut self, url: &Url, line: &[u8], now: u64) -> CookieNote {
        let setting = Setting {
            url,
            third_party_of: None,
            cross_site: false,
            lax_navigation: false,
            unset_is_none: false,
            now,
        };
        self.store(setting, line)
    }

    /// The `Cookie` header for a request, where there is anything to say in it, and what became of each cookie of the host.
    pub(crate) fn retrieve(&self, setting: Setting<'_>, include: bool) -> (Option<Vec<u8>>, Vec<CookieNote>) {
        let mut sent: Vec<&Cookie> = Vec::new();
        let mut notes = Vec::new();
        let host = setting.url.host_str().unwrap_or_default();
        for cookie in &self.cookies {
            if cookie.expires.is_some_and(|end| end <= setting.now) || !cookie.is_for_host(host) {
                continue;
            }
            let because =
                if include { self.fate_of(cookie, setting) } else { CookieFate::CredentialsNotIncluded };
            let travelled = because == CookieFate::Sent;
            if travelled {
                sent.push(cookie);
            }
            notes.push(CookieNote { name: cookie.name.clone(), travelled, because });
        }
        if sent.is_empty() {
            return (None, notes);
        }
        // Longer paths come first; among equals, the one that was set first.
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let mut header = Vec::new();
        for cookie in sent {
            if !header.is_empty() {
                header.extend_from_slice(b"; ");
            }
            if !cookie.name.is_empty() {
                header.extend_from_slice(&cookie.name);
                header.push(b'=');
            }
            header.extend_from_slice(&cookie.value);
        }
        (Some(header), notes)
    }

    /// "Parse and store a cookie."
    pub(crate) fn store(&mut self, setting: Setting<'_>, line: &[u8]) -> CookieNote {
        let Some(set) = parse::parse(line) else {
            let name = line.split(|&byte| byte == b'=').next().unwrap_or_default();
            return CookieNote {
                name: Bytes::Owned(name.to_vec()),
                travelled: false,
                because: CookieFate::Invalid,
            };
        };
        let name = Bytes::Owned(set.name.clone());
        match self.admit(setting, set) {
            Ok(because) => CookieNote { name, travelled: true, because },
            Err(because) => CookieNote { name, travelled: false, because },
        }
    }

    fn fate_of(&self, cookie: &Cookie, setting: Setting<'_>) -> CookieFate {
        if !path_matches(setting.url.path().as_bytes(), &cookie.path) {
            CookieFate::OtherPath
        } else if cookie.secure && !is_secure(setting.url) {
            CookieFate::NotSecure
        } else if let Some(partition) = &cookie.partition {
            match setting.third_party_of {
                Some(site) if site == partition => self.same_site_fate(cookie, setting),
                _ => CookieFate::OtherPartition,
            }
        } else if setting.third_party_of.is_some() && self.third_party == ThirdPartyCookies::Block {
            CookieFate::ThirdPartyBlocked
        } else if setting.third_party_of.is_some() && self.third_party == ThirdPartyCookies::Partition {
            CookieFate::OtherPartition
        } else {
            self.same_site_fate(cookie, setting)
        }
    }

    fn same_site_fate(&self, cookie: &Cookie, setting: Setting<'_>) -> CookieFate {
        let permitted = !setting.cross_site
            || match cookie.same_site {
                SameSite::None => true,
                SameSite::Unset => setting.unset_is_none || setting.lax_navigation,
                SameSite::Lax => setting.lax_navigation,
                SameSite::Strict => false,
            };
        if permitted { CookieFate::Sent } else { CookieFate::CrossSite }
    }

    fn admit(&mut self, setting: Setting<'_>, set: parse::SetCookie) -> Result<CookieFate, CookieFate> {
        let host = setting.url.host_str().unwrap_or_default();
        let secure_url = is_secure(setting.url);
        let (domain, host_only) = domain_for(host, set.domain.as_deref())?;
        if set.secure && !secure_url {
            return Err(CookieFate::NotSecure);
        }
        let needs_same_site = match set.same_site {
            SameSite::None => false,
            SameSite::Unset => !setting.unset_is_none,
            SameSite::Lax | SameSite::Strict => true,
        };
        if setting.cross_site && needs_same_site && !setting.lax_navigation {
            return Err(CookieFate::CrossSite);
        }
        if set.same_site == SameSite::None && !set.secure {
            return Err(CookieFate::SameSiteNoneNotSecure);
        }
        if set.partitioned && !set.secure {
            return Err(CookieFate::PartitionedNotSecure);
        }
        let partition = match (setting.third_party_of, self.third_party) {
            (Some(site), _) if set.partitioned => Some(site.to_owned()),
            (Some(_), ThirdPartyCookies::Block) => return Err(CookieFate::ThirdPartyBlocked),
            (Some(site), ThirdPartyCookies::Partition) => Some(site.to_owned()),
            (Some(_), ThirdPartyCookies::Allow) | (None, _) => None,
        };
        if !keeps_prefix(&set, host_only) {
            return Err(CookieFate::PrefixBroken);
        }
        let path = set.path.unwrap_or_else(|| default_path(setting.url.path().as_bytes()));
        if !set.secure
            && !secure_url
            && self.cookies.iter().any(|known| {
                known.secure
                    && *known.name == *set.name
                    && (domain_matches(&known.domain, &domain) || domain_matches(&domain, &known.domain))
                    && path_matches(&path, &known.path)
            })
        {
            return Err(CookieFate::SecureNotOverwritten);
        }
        let cookie = Cookie {
            name: Bytes::Owned(set.name),
            value: Bytes::Owned(set.value),
            domain,
            host_only,
            path: Bytes::Owned(path),
            secure: set.secure,
            http_only: set.http_only,
            same_site: set.same_site,
            partition,
            expires: set.lifetime.end(setting.now),
        };
        let known = self.cookies.iter().position(|known| known.is_same_as(&cookie));
        let ended = cookie.expires.is_some_and(|end| end <= setting.now);
        match known {
            Some(index) if ended => drop(self.cookies.remove(index)),
            // A cookie that is set again keeps its place.
            Some(index) => self.cookies[index] = cookie,
            None if ended => {}
            None => self.cookies.push(cookie),
        }
        Ok(if ended { CookieFate::Deleted } else { CookieFate::Stored })
    }
}

impl Cookie {
    fn is_for_host(&self, host: &str) -> bool {
        if self.host_only { self.domain == host } else { domain_matches(host, &self.domain) }
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.name == other.name
            && self.domain == other.domain
            && self.host_only == other.host_only
            && self.path == other.path
            && self.partition == other.partition
    }
}

/// The domain of a new cookie, and whether it is for that host alone.
fn domain_for(host: &str, attribute: Option<&str>) -> Result<(String, bool), CookieFate> {
    match attribute {
        None | Some("") => Ok((host.to_owned(), true)),
        Some(domain) if is_public_suffix(domain) => {
            if domain == host {
                Ok((host.to_owned(), true))
            } else {
                Err(CookieFate::DomainMismatch)
            }
        }
        Some(domain) if domain_matches(host, domain) => Ok((domain.to_owned(), false)),
        Some(_) => Err(CookieFate::DomainMismatch),
    }
}

/// "Domain-match": the same, or a subdomain; an address has none.
fn domain_matches(host: &str, domain: &str) -> bool {
    host == domain
        || (host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
            && matches!(Host::parse(host), Ok(Host::Domain(_))))
}

/// "Path-match."
fn path_matches(path: &[u8], cookie_path: &[u8]) -> bool {
    path == cookie_path
        || (path.starts_with(cookie_path)
            && (cookie_path.ends_with(b"/") || path.get(cookie_path.len()) == Some(&b'/')))
}

/// The directory of the URL that set the cookie.
fn default_path(path: &[u8]) -> Vec<u8> {
    match path.iter().rposition(|&byte| byte == b'/') {
        None | Some(0) => b"/".to_vec(),
        Some(end) => path[..end].to_vec(),
    }
}

fn is_secure(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "wss")
}

fn keeps_prefix(set: &parse::SetCookie, host_only: bool) -> bool {
    let starts = |bytes: &[u8], prefix: &[u8]| {
        bytes.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    // A value without a name must not look like a name that promises something.
    if set.name.is_empty() {
        return !starts(&set.value, b"__Secure-") && !starts(&set.value, b"__Host-");
    }
    if starts(&set.name, b"__Secure-") {
        return set.secure;
    }
    if starts(&set.name, b"__Host-") {
        return set.secure && host_only && set.domain.is_none() && set.path.as_deref() == Some(b"/");
    }
    true
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: u64 = 1_000_000;

    fn setting(url: &Url) -> Setting<'_> {
        Setting {
            url,
            third_party_of: None,
            cross_site: false,
            lax_navigation: false,
            unset_is_none: false,
            now: NOW,
        }
    }

    fn set(url: &str, line: &str) -> CookieFate {
        CookieJar::new().set(&Url::parse(url).unwrap(), line.as_bytes(), NOW).because
    }

    #[rstest]
    #[case::other_name("b=2", "http://a.example/", CookieFate::Stored)]
    #[case::same_place("a=2", "http://a.example/", CookieFate::SecureNotOverwritten)]
    #[case::longer_path("a=2; Path=/x/y", "http://a.example/", CookieFate::SecureNotOverwritten)]
    #[case::other_path("a=2; Path=/z", "http://a.example/", CookieFate::Stored)]
    #[case::wider_domain("a=2; Domain=a.example", "http://b.a.example/", CookieFate::SecureNotOverwritten)]
    #[case::deeper_host("a=2", "http://b.a.example/", CookieFate::SecureNotOverwritten)]
    #[case::other_host("a=2", "http://c.example/", CookieFate::Stored)]
    #[case::over_https("a=2", "https://a.example/", CookieFate::Stored)]
    fn a_secure_cookie_is_not_overwritten(#[case] line: &str, #[case] url: &str, #[case] fate: CookieFate) {
        let mut jar = CookieJar::new();
        let first = Url::parse("https://a.example/").unwrap();
        assert_eq!(jar.set(&first, b"a=1; Secure; Path=/x", NOW).because, CookieFate::Stored);
        let path = if line.contains("Path") { "" } else { "; Path=/x" };
        let line = format!("{line}{path}");
        assert_eq!(jar.set(&Url::parse(url).unwrap(), line.as_bytes(), NOW).because, fate);
    }

    #[test]
    fn a_cookie_that_has_ended_is_gone_and_one_set_again_keeps_its_place() {
        let url = Url::parse("https://a.example/").unwrap();
        let mut jar = CookieJar::new();
        let mut set = |line: &str| jar.set(&url, line.as_bytes(), NOW);
        let (a, _, again) = (set("a=1"), set("b=1"), set("a=2"));
        assert!(a.travelled && again.travelled);
        assert!(set("c=1; Max-Age=0").travelled);
        assert!(!set("d\u{7f}=1").travelled);
        assert_eq!(jar.retrieve(setting(&url), true).0.as_deref(), Some(&b"a=2; b=1"[..]));
        assert!(jar.set(&url, b"a=2; Max-Age=0", NOW).travelled);
        assert_eq!(jar.retrieve(setting(&url), true).0.as_deref(), Some(&b"b=1"[..]));
        assert_eq!(jar.iter().count(), 1);
    }

    #[rstest]
    #[case(false, CookieFate::CrossSite)]
    #[case(true, CookieFate::Stored)]
    fn a_cookie_that_says_nothing_of_sites(#[case] unset_is_none: bool, #[case] fate: CookieFate) {
        let url = Url::parse("https://a.example/").unwrap();
        let setting = Setting { cross_site: true, unset_is_none, ..setting(&url) };
        assert_eq!(CookieJar::new().store(setting, b"a=1").because, fate);
    }

    #[test]
    fn no_cookie_lives_for_more_than_400_days_and_what_script_may_not_read_is_noted() {
        let mut jar = CookieJar::new();
        let url = Url::parse("https://a.example/").unwrap();
        jar.set(&url, b"a=1; Max-Age=99999999999; HttpOnly", NOW);
        let cookie = jar.iter().next().unwrap();
        assert_eq!((cookie.expires, cookie.http_only), (Some(NOW + 400 * 24 * 3600), true));
    }

    #[rstest]
    #[case(CookieFate::Sent, true)]
    #[case(CookieFate::Stored, true)]
    #[case(CookieFate::Deleted, true)]
    #[case(CookieFate::CrossSite, false)]
    #[case(CookieFate::Invalid, false)]
    fn what_travels(#[case] fate: CookieFate, #[case] travels: bool) {
        assert_eq!(fate.travels(), travels);
    }

    #[test]
    fn a_line_without_a_usable_pair_names_what_stands_before_the_equals_sign() {
        let url = Url::parse("https://a.example/").unwrap();
        assert_eq!(*CookieJar::new().set(&url, b"a\x7f=b=c", NOW).name, *b"a\x7f");
    }

    #[rstest]
    #[case(4096, CookieFate::Stored)]
    #[case(4097, CookieFate::Invalid)]
    fn name_and_value_have_a_greatest_length(#[case] length: usize, #[case] fate: CookieFate) {
        assert_eq!(set("https://a.example/", &format!("ab={}", "x".repeat(length - 2))), fate);
    }

    #[rstest]
    #[case("/", "/")]
    #[case("/x", "/")]
    #[case("/x/y", "/x")]
    #[case("/x/", "/x")]
    #[case("", "/")]
    fn the_directory_of_a_url(#[case] path: &str, #[case] expected: &str) {
        assert_eq!(default_path(path.as_bytes()), expected.as_bytes());
    }

    #[rstest]
    #[case("https://a.site.example/", "a=b", CookieFate::Stored)]
    #[case("https://a.site.example/", "a=b; Domain=site.example", CookieFate::Stored)]
    #[case("https://a.site.example/", "a=b; Domain=.SITE.example", CookieFate::Stored)]
    #[case("https://a.site.example/", "a=b; Domain=other.example", CookieFate::DomainMismatch)]
    #[case("https://a.site.example/", "a=b; Domain=b.a.site.example", CookieFate::DomainMismatch)]
    #[case("https://a.github.io/", "a=b; Domain=github.io", CookieFate::DomainMismatch)]
    #[case("https://a.example/", "a=b; Domain=example", CookieFate::DomainMismatch)]
    #[case("http://localhost/", "a=b; Domain=localhost", CookieFate::Stored)]
    #[case("https://127.0.0.1/", "a=b; Domain=0.0.1", CookieFate::DomainMismatch)]
    #[case("http://a.example/", "a=b; Secure", CookieFate::NotSecure)]
    #[case("https://a.example/", "a=b; SameSite=None", CookieFate::SameSiteNoneNotSecure)]
    #[case("https://a.example/", "a=b; Partitioned", CookieFate::PartitionedNotSecure)]
    #[case("https://a.example/", "__Secure-a=b", CookieFate::PrefixBroken)]
    #[case("https://a.example/", "__Secure-a=b; Secure", CookieFate::Stored)]
    #[case("https://a.example/", "__host-a=b; Secure; Path=/", CookieFate::Stored)]
    #[case("https://a.example/", "__Host-a=b; Secure; Path=/; Domain=a.example", CookieFate::PrefixBroken)]
    #[case("https://a.example/", "__Host-a=b; Secure; Path=/x", CookieFate::PrefixBroken)]
    #[case("https://a.example/", "=__Host-a", CookieFate::PrefixBroken)]
    #[case("https://a.example/", "a=b; Max-Age=0", CookieFate::Deleted)]
    #[case("https://a.example/", "a\u{7f}=b", CookieFate::Invalid)]
    fn setting_cookies(#[case] url: &str, #[case] line: &str, #[case] fate: CookieFate) {
        assert_eq!(set(url, line), fate);
    }

    #[rstest]
    #[case("https://a.example/x/y", "a=b", "https://a.example/x/z", Some("a=b"))]
    #[case("https://a.example/x/y", "a=b", "https://a.example/z", None)]
    #[case("https://a.example/x/y", "a=b; Path=/", "https://a.example:8443/z", Some("a=b"))]
    #[case("https://a.example/", "a=b; Path=/x", "https://a.example/xy", None)]
    #[case("https://a.example/", "a=b", "https://b.a.example/", None)]
    #[case("https://a.example/", "a=b; Domain=a.example", "https://b.a.example/", Some("a=b"))]
    #[case("https://a.example/", "a=b; Domain=a.example", "https://ba.example/", None)]
    #[case("https://a.example/", "a=b; Secure", "http://a.example/", None)]
    #[case("https://a.example/", "a=b; Max-Age=9", "https://a.example/", Some("a=b"))]
    #[case("https://a.example/", "b", "https://a.example/", Some("b"))]
    fn sending_cookies(#[case] at: &str, #[case] line: &str, #[case] to: &str, #[case] header: Option<&str>) {
        let mut jar = CookieJar::new();
        jar.set(&Url::parse(at).unwrap(), line.as_bytes(), NOW);
        let url = Url::parse(to).unwrap();
        assert_eq!(jar.retrieve(setting(&url), true).0.as_deref(), header.map(str::as_bytes));
    }

    #[test]
    fn cookies_end() {
        let mut jar = CookieJar::new();
        let url = Url::parse("https://a.example/").unwrap();
        jar.set(&url, b"a=b; Max-Age=9", NOW);
        let at = |now| jar.retrieve(Setting { now, ..setting(&url) }, true).0.is_some();
        assert!(at(NOW + 8));
        assert!(!at(NOW + 9));
    }

    #[test]
    fn longer_paths_come_first_and_a_new_value_keeps_its_place() {
        let mut jar = CookieJar::new();
        let url = Url::parse("https://a.example/x/y").unwrap();
        for line in ["a=1; Path=/", "b=2; Path=/", "c=3", "a=4; Path=/"] {
            jar.set(&url, line.as_bytes(), NOW);
        }
        assert_eq!(jar.retrieve(setting(&url), true).0.as_deref(), Some(&b"c=3; a=4; b=2"[..]));
    }

    #[test]
    fn http_does_not_replace_what_is_for_https() {
        let mut jar = CookieJar::new();
        jar.set(&Url::parse("https://a.example/").unwrap(), b"a=1; Secure", NOW);
        let note = jar.set(&Url::parse("http://a.example/").unwrap(), b"a=2", NOW);
        assert_eq!(note.because, CookieFate::SecureNotOverwritten);
    }

    #[test]
    fn codes_are_stable() {
        let list: String =
            CookieFate::ALL.iter().map(|fate| format!("{}: {}\n", fate.code(), fate.summary())).collect();
        insta::assert_snapshot!("fates", list);
    }
}
