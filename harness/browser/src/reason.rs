//! Why a browser blocked a request: stable codes, each with a sentence for people.

use std::fmt;

/// Where in a fetch the decision fell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Before anything was sent.
    Request,
    /// When the answer to a CORS-preflight request came.
    Preflight,
    /// When the answer to the actual request came.
    Actual,
    /// While a redirect was being followed.
    Redirect,
}

impl Stage {
    /// Every stage, in the order of a fetch.
    pub const ALL: [Self; 4] = [Self::Request, Self::Preflight, Self::Actual, Self::Redirect];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Preflight => "preflight",
            Self::Actual => "actual",
            Self::Redirect => "redirect",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

macro_rules! reasons {
    ($($variant:ident $code:literal $summary:literal),* $(,)?) => {
        /// Why a browser blocked a request. The codes are stable: they are never renamed and never used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Reason {
            $(#[doc = $summary] $variant,)*
        }

        impl Reason {
            /// Every reason, in the order in which a fetch can meet them.
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

reasons! {
    UrlInvalid "url-invalid" "The URL does not parse.",
    UrlHasCredentials "url-has-credentials" "fetch() was given a URL with a user name or a password.",
    MethodInvalid "method-invalid" "The method is not a token.",
    MethodForbidden "method-forbidden" "Script may not use CONNECT, TRACE or TRACK.",
    MethodNotSafelisted "method-not-safelisted" "Mode no-cors permits GET, HEAD and POST only.",
    HeaderInvalid "header-invalid" "A header's name is not a token, or its value holds NUL, CR or LF.",
    BodyNotPermitted "body-not-permitted" "A GET or HEAD request has no body.",
    StreamBodyMode "stream-body-mode" "A stream can be sent in the modes cors and same-origin only.",
    NoCorsRedirectMode "no-cors-redirect-mode" "Across origins, mode no-cors always follows redirects.",
    SameOriginMode "same-origin-mode" "Mode same-origin does not leave the page's own origin.",
    SchemeNotHttp "scheme-not-http" "Only http and https URLs can be fetched across origins.",
    BadPort "bad-port" "Browsers refuse to talk to this port.",
    KeepaliveStream "keepalive-stream" "A stream cannot outlive its page, which keepalive asks for.",
    KeepaliveTooLarge "keepalive-too-large" "A request that may outlive its page carries at most 64 KiB.",
    MixedContent "mixed-content" "The page is https, and the URL is http.",
    LocalNetworkAccess "local-network-access"
        "The server is on the local network or the same machine, and the user has not permitted this page to reach it.",
    NetworkError "network-error" "No usable HTTP response came.",
    ProxyAuthenticationRequired "proxy-authentication-required" "A 407 is for the proxy layer and never reaches script.",
    AllowOriginMissing "allow-origin-missing" "The response has no Access-Control-Allow-Origin header.",
    AllowOriginMultiple "allow-origin-multiple" "Access-Control-Allow-Origin holds several values; exactly one is allowed.",
    AllowOriginWildcardWithCredentials "allow-origin-wildcard-with-credentials"
        "Access-Control-Allow-Origin is *, which never covers a request with credentials.",
    AllowOriginInvalid "allow-origin-invalid"
        "Access-Control-Allow-Origin is neither *, nor null, nor an origin as browsers write it.",
    AllowOriginMismatch "allow-origin-mismatch" "Access-Control-Allow-Origin names another origin than the request's.",
    AllowCredentialsNotTrue "allow-credentials-not-true"
        "The request has credentials, and Access-Control-Allow-Credentials is not exactly true.",
    PreflightRedirect "preflight-redirect" "The preflight was answered with a redirect, which is never followed.",
    PreflightStatus "preflight-status" "The preflight's status is not in the range 200 to 299.",
    AllowMethodsInvalid "allow-methods-invalid" "Access-Control-Allow-Methods is not a list of methods.",
    AllowHeadersInvalid "allow-headers-invalid" "Access-Control-Allow-Headers is not a list of header names.",
    MethodNotAllowed "method-not-allowed" "The method is not in Access-Control-Allow-Methods.",
    HeaderNotAllowed "header-not-allowed" "A request header is not in Access-Control-Allow-Headers.",
    WildcardExcludesAuthorization "wildcard-excludes-authorization"
        "Authorization must be listed by name: * in Access-Control-Allow-Headers does not cover it.",
    RedirectModeError "redirect-mode-error" "The response is a redirect, and the request's redirect mode is error.",
    RedirectLocationInvalid "redirect-location-invalid" "The redirect's Location is no URL, or there are several.",
    RedirectLimit "redirect-limit" "A browser follows twenty redirects and no more.",
    RedirectHasCredentials "redirect-has-credentials"
        "The redirect's Location has a user name or a password, which is refused across origins.",
    RedirectStreamBody "redirect-stream-body" "A stream cannot be sent a second time after a redirect.",
    CrossOriginResourcePolicy "cross-origin-resource-policy"
        "The response's Cross-Origin-Resource-Policy keeps it from this page.",
    WebSocketRefused "web-socket-refused" "The server did not answer the web socket's handshake with 101.",
}

impl Reason {
    /// Whether it is the CORS check that fails.
    pub const fn is_cors_check(self) -> bool {
        matches!(
            self,
            Self::AllowOriginMissing
                | Self::AllowOriginMultiple
                | Self::AllowOriginWildcardWithCredentials
                | Self::AllowOriginInvalid
                | Self::AllowOriginMismatch
                | Self::AllowCredentialsNotTrue
        )
    }

    /// The reason that has this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.code() == code)
    }
}

impl Reason {
    /// Whether a response that fails for it would do for a request without credentials.
    pub(crate) const fn is_about_credentials(self) -> bool {
        matches!(self, Self::AllowOriginWildcardWithCredentials | Self::AllowCredentialsNotTrue)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_stable() {
        let list: String =
            Reason::ALL.iter().map(|reason| format!("{}: {}\n", reason.code(), reason.summary())).collect();
        insta::assert_snapshot!("reasons", list);
    }

    #[test]
    fn they_are_shown_by_their_codes() {
        assert_eq!(Reason::BadPort.to_string(), Reason::BadPort.code());
        assert_eq!(Stage::Redirect.to_string(), "redirect");
    }

    #[test]
    fn every_code_reads_back() {
        for &reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(reason));
        }
    }
}
