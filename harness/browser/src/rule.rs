//! The rules of the standard that this model decides by: each with its algorithm, step, clause and anchor.

use std::fmt;

/// The commit of the Fetch standard that this model follows.
pub const STANDARD: &str = "whatwg/fetch@586cd2a44c2a865b37c166dc0740f3fb8bb220d6 (2 July 2026)";

macro_rules! rules {
    ($($algorithm:literal $page:literal $anchor:literal { $($variant:ident $code:literal $step:literal $clause:literal),* $(,)? })*) => {
        /// A clause of the standard that is either so or not so for a given fetch. The codes are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[doc = $clause] $variant,)*)*
        }

        impl Rule {
            /// Every rule, in the order of the standard's algorithms.
            pub const ALL: &[Self] = &[$($(Self::$variant),*),*];

            /// The stable kebab-case code.
            pub const fn code(self) -> &'static str {
                match self { $($(Self::$variant => $code),*),* }
            }

            /// The question that the rule answers with yes or no, in few words.
            pub const fn clause(self) -> &'static str {
                match self { $($(Self::$variant => $clause),*),* }
            }

            /// The number of the step in its algorithm.
            pub const fn step(self) -> &'static str {
                match self { $($(Self::$variant => $step),*),* }
            }

            /// The name of the algorithm in the standard.
            pub const fn algorithm(self) -> &'static str {
                match self { $($(Self::$variant => $algorithm),*),* }
            }

            /// Where the algorithm stands.
            pub const fn anchor(self) -> &'static str {
                match self { $($(Self::$variant => concat!($page, "#", $anchor)),*),* }
            }
        }
    };
}

rules! {
    "Request constructor" "https://fetch.spec.whatwg.org/" "dom-request" {
        UrlParses "url-parses" "5.2" "the URL parses",
        UrlIncludesCredentials "url-includes-credentials" "5.3" "the URL includes credentials",
        MethodIsToken "method-is-token" "25.2" "the method is a token",
        MethodIsForbidden "method-is-forbidden" "25.2" "the method is a forbidden method",
        NoCorsMethodIsSafelisted "no-cors-method-is-safelisted" "32.1" "the method is a CORS-safelisted method, as mode no-cors asks",
        BodyWithGetOrHead "body-with-get-or-head" "36" "there is a body although the method is GET or HEAD",
        BodyNeedsPreflight "body-needs-preflight" "40" "the body's source is null: it is a stream",
        KeepaliveBodyIsStream "keepalive-body-is-stream" "40" "keepalive is asked for, and the body is a stream",
        KeepaliveBodyIsTooLarge "keepalive-body-is-too-large" "8.10" "keepalive is asked for, and the body has more than 64 kibibytes",
        StreamModeIsCorsOrSameOrigin "stream-mode" "40.2" "the mode is cors or same-origin, as a stream asks",
    }
    "append a header to Headers" "https://fetch.spec.whatwg.org/" "concept-headers-append" {
        HeaderIsValid "header-is-valid" "2" "the name is a header name and the value is a header value",
        HeaderIsForbidden "header-is-forbidden" "2" "the header is a forbidden request-header, which is silently dropped",
        HeaderIsNoCorsSafelisted "header-is-no-cors-safelisted" "3.3" "the header is a no-CORS-safelisted request-header; any other is silently dropped",
    }
    "XMLHttpRequest send()" "https://xhr.spec.whatwg.org/" "the-send()-method" {
        UploadListener "upload-listener" "8" "an event listener is registered on the upload object",
    }
    "CORS-safelisted request-header" "https://fetch.spec.whatwg.org/" "cors-safelisted-request-header" {
        SafelistedLength "safelisted-length" "1" "the value has at most 128 bytes",
        SafelistedName "safelisted-name" "2" "the name is Accept, Accept-Language, Content-Language, Content-Type or Range",
        SafelistedAccept "safelisted-accept" "2" "Accept has no CORS-unsafe request-header byte",
        SafelistedLanguage "safelisted-language" "2" "the language header has letters, digits and SP * , - . ; = only",
        SafelistedContentTypeBytes "safelisted-content-type-bytes" "2" "Content-Type has no CORS-unsafe request-header byte",
        SafelistedContentTypeEssence "safelisted-content-type-essence" "2" "Content-Type is one that a form can send",
        SafelistedRange "safelisted-range" "2" "Range is a single range with a start",
    }
    "CORS-unsafe request-header names" "https://fetch.spec.whatwg.org/" "cors-unsafe-request-header-names" {
        SafelistValueSize "safelist-value-size" "5" "the safelisted values have more than 1024 bytes together",
    }
    "main fetch" "https://fetch.spec.whatwg.org/" "concept-main-fetch" {
        BadPort "bad-port" "7" "the port is a bad port",
        SameOriginAndBasic "same-origin-and-basic" "12" "the URL is same origin with the request, and no redirect has left that origin",
        ModeIsNavigateOrWebSocket "mode-is-navigate-or-websocket" "12" "the mode is navigate or websocket, which never asks for permission",
        ModeIsSameOrigin "mode-is-same-origin" "12" "the mode is same-origin",
        ModeIsNoCors "mode-is-no-cors" "12" "the mode is no-cors",
        NoCorsRedirectModeIsFollow "no-cors-redirect-mode-is-follow" "12" "the redirect mode is follow, as mode no-cors asks",
        SchemeIsHttp "scheme-is-http" "12" "the URL's scheme is an HTTP(S) scheme",
        UseCorsPreflightFlag "use-cors-preflight-flag" "12" "the use-CORS-preflight flag is set",
        UnsafeRequestFlag "unsafe-request-flag" "12" "the unsafe-request flag is set, as script's requests have it and elements' have not",
        MethodIsCorsSafelisted "method-is-cors-safelisted" "12" "the method is a CORS-safelisted method",
        NoCorsUnsafeHeaders "no-cors-unsafe-headers" "12" "the CORS-unsafe request-header names are empty",
        ClearPreflightCache "clear-preflight-cache" "12" "a fetch that needed a preflight ends in a network error, which clears its cache entries",
        ExposeHeadersParse "expose-headers-parse" "14.1.1" "Access-Control-Expose-Headers is absent or parses",
        ExposeAllHeaders "expose-all-headers" "14.1.2" "the list holds *, and the credentials mode is not include",
    }
    "should fetching request be blocked as mixed content?" "https://w3c.github.io/webappsec-mixed-content/" "should-block-fetch" {
        ContentIsMixed "content-is-mixed" "1" "the page is https, and the URL is not potentially trustworthy",
    }
    "upgrade a mixed content request" "https://w3c.github.io/webappsec-mixed-content/" "upgrade-algorithm" {
        MixedContentIsUpgraded "mixed-content-is-upgraded" "1" "the request is for an image, audio or video of a named host, so it is sent to https",
    }
    "local network access check" "https://wicg.github.io/local-network-access/" "local-network-access-check" {
        TargetIsNearer "target-is-nearer" "1" "the server is in a less public address space than the page",
        LocalNetworkIsPermitted "local-network-is-permitted" "2" "the page is a secure context, and the user has granted the permission",
    }
    "TAO check" "https://fetch.spec.whatwg.org/" "concept-tao-check" {
        TimingIsAllowed "timing-is-allowed" "4 to 7" "Timing-Allow-Origin lists the origin or *, or the response tainting is basic",
    }
    "HTTP fetch" "https://fetch.spec.whatwg.org/" "concept-http-fetch" {
        MethodCacheMatch "method-cache-match" "4.1" "the preflight cache has an entry for the method",
        HeaderCacheMatch "header-cache-match" "4.1" "the preflight cache has an entry for the header name",
        IsRedirectStatus "is-redirect-status" "6" "the status is a redirect status",
        RedirectModeIsError "redirect-mode-is-error" "6.3" "the redirect mode is error",
        RedirectModeIsManual "redirect-mode-is-manual" "6.3" "the redirect mode is manual",
    }
    "cross-origin resource policy check" "https://fetch.spec.whatwg.org/" "cross-origin-resource-policy-check" {
        CorpPermits "corp-permits" "5" "Cross-Origin-Resource-Policy permits the request's origin",
    }
    "HTTP-redirect fetch" "https://fetch.spec.whatwg.org/" "concept-http-redirect-fetch" {
        LocationIsAbsent "location-is-absent" "4" "the response has no Location",
        LocationParses "location-parses" "5" "Location is one URL",
        LocationSchemeIsHttp "location-scheme-is-http" "6" "Location's scheme is an HTTP(S) scheme",
        RedirectCountIsTwenty "redirect-count-is-twenty" "7" "twenty redirects have been followed",
        LocationCredentialsCrossOrigin "location-credentials-cross-origin" "9" "Location includes credentials and is not same origin with the request",
        LocationCredentialsTainted "location-credentials-tainted" "10" "Location includes credentials and the response tainting is cors",
        StreamCannotBeResent "stream-cannot-be-resent" "11" "the status is not 303 and the body is a stream",
        MethodBecomesGet "method-becomes-get" "12" "the redirect turns the request into a GET without a body",
        AuthorizationIsDropped "authorization-is-dropped" "13" "the redirect leaves an origin, which removes Authorization",
    }
    "append a request Origin header" "https://fetch.spec.whatwg.org/" "append-a-request-origin-header" {
        OriginForCors "origin-for-cors" "3" "the response tainting is cors, or the mode is websocket",
        OriginForUnsafeMethod "origin-for-unsafe-method" "4" "the method is neither GET nor HEAD",
        OriginHiddenByReferrerPolicy "origin-hidden-by-referrer-policy" "4.1" "the mode is not cors and the referrer policy hides the origin",
    }
    "redirect-taint" "https://fetch.spec.whatwg.org/" "concept-request-tainted-origin" {
        OriginIsTainted "origin-is-tainted" "2" "a redirect left a third origin behind, so the origin serializes to null",
    }
    "HTTP-network-or-cache fetch" "https://fetch.spec.whatwg.org/" "concept-http-network-or-cache-fetch" {
        IncludeCredentials "include-credentials" "8.3" "credentials are included",
        ScriptSetsConditions "script-sets-conditions" "8.16" "script sets a condition such as If-None-Match, which turns the HTTP cache off",
        ResponseIsStored "response-is-stored" "8.25.1" "the HTTP cache has a response that Vary lets it select",
        StoredResponseIsStale "stored-response-is-stale" "8.25.2" "the stored response is stale, so the server is asked",
        ResponseArrived "response-arrived" "10.2" "an HTTP response arrived",
        StoredResponseIsGood "stored-response-is-good" "10.4" "the server says 304, so the stored response is used",
        StatusIsProxyAuthentication "status-is-407" "15" "the status is 407",
    }
    "append a request Cookie header" "https://fetch.spec.whatwg.org/" "append-a-request-cookie-header" {
        CookieIsSent "cookie-is-sent" "5" "a cookie of the host goes along",
    }
    "parse and store response Set-Cookie headers" "https://fetch.spec.whatwg.org/" "parse-and-store-response-set-cookie-headers" {
        CookieIsStored "cookie-is-stored" "5.2" "a cookie that the response sets is stored or ended",
    }
    "determine the same-site mode" "https://fetch.spec.whatwg.org/" "determine-the-same-site-mode" {
        SameSiteModeIsCrossSite "same-site-mode-is-cross-site" "4 to 6" "the request is cross-site, by a frame above, by its URL or by a redirect",
    }
    "CORS-preflight fetch" "https://fetch.spec.whatwg.org/" "cors-preflight-fetch-0" {
        PreflightStatusIsOk "preflight-status-is-ok" "7" "the status is an ok status",
        AllowMethodsParse "allow-methods-parse" "7.3" "Access-Control-Allow-Methods is absent or parses",
        AllowHeadersParse "allow-headers-parse" "7.3" "Access-Control-Allow-Headers is absent or parses",
        MethodsDefaultToRequested "methods-default-to-requested" "7.4" "Access-Control-Allow-Methods is absent and the use-CORS-preflight flag is set",
        MethodIsListed "method-is-listed" "7.5" "the method is listed",
        MethodNeedsNoListing "method-needs-no-listing" "7.5" "the method is a CORS-safelisted method",
        MethodWildcard "method-wildcard" "7.5" "the list holds *, and the credentials mode is not include",
        NonWildcardNameIsListed "non-wildcard-name-is-listed" "7.6" "Authorization is listed by name",
        HeaderIsListed "header-is-listed" "7.7" "the header is listed",
        HeaderWildcard "header-wildcard" "7.7" "the list holds *, and the credentials mode is not include",
        MaxAgeParses "max-age-parses" "7.9" "Access-Control-Max-Age is a number of seconds; else it counts as 5",
        MaxAgeIsLimited "max-age-is-limited" "7.10" "max-age is greater than the browser's limit",
    }
    "establish a WebSocket connection" "https://websockets.spec.whatwg.org/" "concept-websocket-establish" {
        HandshakeSucceeds "handshake-succeeds" "11" "the status is 101",
    }
    "CORS check" "https://fetch.spec.whatwg.org/" "concept-cors-check" {
        AllowOriginIsNull "allow-origin-is-null" "2" "the response has no Access-Control-Allow-Origin",
        AllowOriginWildcard "allow-origin-wildcard" "3" "the credentials mode is not include and the value is *",
        AllowOriginMatches "allow-origin-matches" "4" "the value is the request's origin, byte for byte",
        CredentialsNotIncluded "credentials-not-included" "5" "the credentials mode is not include",
        AllowCredentialsIsTrue "allow-credentials-is-true" "7" "Access-Control-Allow-Credentials is true",
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_rule_is_shown_by_its_code() {
        assert_eq!(Rule::BadPort.to_string(), "bad-port");
    }

    #[test]
    fn codes_are_unique_and_stable() {
        let codes: HashSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), Rule::ALL.len());
        let list: String = Rule::ALL
            .iter()
            .map(|rule| format!("{}: {} {}: {}\n", rule.code(), rule.algorithm(), rule.step(), rule.clause()))
            .collect();
        insta::assert_snapshot!("rules", list);
    }
}
