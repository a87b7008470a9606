//! Why something is open, blocked or spoilt. Codes are stable: never renamed, never used again.

use std::fmt;

use serde::{Serialize, Serializer};

use super::finding::Class;

macro_rules! causes {
    ($($(#[$doc:meta])+ $name:ident = $code:literal,)+) => {
        /// The cause of a finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Cause {
            $($(#[$doc])+ $name,)+
        }

        impl Cause {
            /// Every cause.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The stable name.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

causes! {
    /// Every page is permitted by the name of its own origin.
    AnyOriginReflected = "any-origin-reflected",
    /// Every page is permitted by `*`.
    AnyOriginWildcard = "any-origin-wildcard",
    /// Pages without an origin are permitted.
    NullOrigin = "null-origin",
    /// The http twin of a permitted https origin is permitted.
    InsecureOrigin = "insecure-origin",
    /// An origin that resembles a permitted one is permitted.
    LookAlikeOrigin = "look-alike-origin",
    /// Cookies are permitted that should not be.
    CredentialsAllowed = "credentials-allowed",
    /// A method is granted that the policy does not list.
    UnlistedMethod = "unlisted-method",
    /// OPTIONS is granted, which the policy does not list.
    OptionsGranted = "options-granted",
    /// A request header is granted that the policy does not list.
    UnlistedHeader = "unlisted-header",
    /// A response header is exposed that the policy does not list.
    ExposesMore = "exposes-more",
    /// There is no usable answer.
    NoAnswer = "no-answer",
    /// The preflight is answered with a redirect.
    PreflightRedirected = "preflight-redirected",
    /// The preflight is asked for a login.
    PreflightNeedsLogin = "preflight-needs-login",
    /// The CORS layer itself answers the preflight with 403.
    PreflightRefused = "preflight-refused",
    /// The preflight is answered with an error.
    PreflightNotAnswered = "preflight-not-answered",
    /// The preflight for a path that does not exist is answered with an error.
    PreflightNowhere = "preflight-nowhere",
    /// The preflight's answer permits nobody.
    PreflightWithoutOrigin = "preflight-without-origin",
    /// Some answers permit the page, and those of the route do not: the CORS layer never sees them.
    AnsweredBeforeCors = "answered-before-cors",
    /// Errors permit nobody.
    ErrorsWithoutOrigin = "errors-without-origin",
    /// Nothing permits a page that the policy permits.
    PermittedOriginRefused = "permitted-origin-refused",
    /// The origin is named twice.
    OriginTwice = "origin-twice",
    /// `*` answers a request with cookies.
    WildcardWithCredentials = "wildcard-with-credentials",
    /// Another origin is named than the page's.
    WrongOriginNamed = "wrong-origin-named",
    /// Cookies are not permitted that should be.
    CredentialsNotPermitted = "credentials-not-permitted",
    /// A method is not granted that the policy lists.
    MethodNotPermitted = "method-not-permitted",
    /// `*` was meant to stand for `Authorization`.
    WildcardWithoutAuthorization = "wildcard-without-authorization",
    /// A request header is not granted that the policy lists.
    HeaderNotPermitted = "header-not-permitted",
    /// A response header is not exposed that the policy lists.
    NotExposed = "not-exposed",
    /// A permitted page is blocked for a reason that is none of the above.
    BlockedOtherwise = "blocked-otherwise",
    /// A cache hands out what was made for another page.
    VaryMissing = "vary-missing",
    /// Answers depend on the origin and do not say so.
    VaryAbsent = "vary-absent",
    /// The credentials header has a value that means nothing.
    CredentialsNotTrue = "credentials-not-true",
    /// Preflights are remembered for another time than the policy says.
    MaxAge = "max-age",
    /// What the protocol leaves open is answered the other way.
    OpenQuestion = "open-question",
    /// It is blocked as it should be, but for another reason.
    WrongReason = "wrong-reason",
}

impl Cause {
    /// How bad it is, and for whom.
    pub const fn class(self) -> Class {
        match self {
            Self::AnyOriginReflected
            | Self::AnyOriginWildcard
            | Self::NullOrigin
            | Self::InsecureOrigin
            | Self::LookAlikeOrigin
            | Self::CredentialsAllowed
            | Self::UnlistedMethod
            | Self::UnlistedHeader
            | Self::ExposesMore => Class::Open,
            Self::NoAnswer
            | Self::PreflightRedirected
            | Self::PreflightNeedsLogin
            | Self::PreflightRefused
            | Self::PreflightNotAnswered
            | Self::PreflightWithoutOrigin
            | Self::AnsweredBeforeCors
            | Self::ErrorsWithoutOrigin
            | Self::PermittedOriginRefused
            | Self::OriginTwice
            | Self::WildcardWithCredentials
            | Self::WrongOriginNamed
            | Self::CredentialsNotPermitted
            | Self::MethodNotPermitted
            | Self::WildcardWithoutAuthorization
            | Self::HeaderNotPermitted
            | Self::NotExposed
            | Self::BlockedOtherwise => Class::Blocked,
            Self::VaryMissing => Class::Caches,
            Self::OptionsGranted
            | Self::PreflightNowhere
            | Self::VaryAbsent
            | Self::CredentialsNotTrue
            | Self::MaxAge
            | Self::OpenQuestion
            | Self::WrongReason => Class::Untidy,
        }
    }

    /// The cause of that code.
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|cause| cause.code() == code)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_stable() {
        let codes: Vec<&str> = Cause::ALL.iter().map(|cause| cause.code()).collect();
        insta::assert_snapshot!(codes.join("\n"));
    }

    #[test]
    fn every_code_names_its_cause() {
        assert!(Cause::ALL.iter().all(|cause| Cause::named(cause.code()) == Some(*cause)));
    }
}
