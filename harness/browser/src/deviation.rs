//! How the engines depart from the standard: each way named once, with its evidence.

use std::fmt;

use crate::profile::Profile;

macro_rules! deviations {
    ($($(#[doc = $doc:literal])+ $variant:ident $code:literal [$($engine:ident)+] $evidence:literal),* $(,)?) => {
        /// One way in which one engine or several depart from the standard. The codes are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Deviation {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl Deviation {
            /// Every deviation, in the order of the algorithms that they touch.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable kebab-case code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// What the engines do, in few words.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii()),* }
            }

            /// The engines that do so, as they were in [`Profile::engine_version`].
            pub const fn engines(self) -> &'static [Profile] {
                match self { $(Self::$variant => &[$(Profile::$engine),+]),* }
            }

            /// How it is known: read in the engine's source, seen in experiments, or listed in web-platform-tests.
            pub const fn evidence(self) -> &'static str {
                match self { $(Self::$variant => $evidence),* }
            }
        }
    };
}

deviations! {
    /// A User-Agent that script sets is ignored.
    UserAgentIgnored "user-agent-ignored" [Chromium]
        "experiments: no preflight and the browser's own User-Agent, where the others ask for user-agent",
    /// XMLHttpRequest replaces the value of every charset parameter of a string's type, and leaves the rest of it as it is, quotes included.
    CharsetReplacedInPlace "charset-replaced-in-place" [Chromium]
        "experiments: 10 values, utf-8 in lower case among them",
    /// What needs a preflight is decided before XMLHttpRequest corrects a charset.
    JudgedBeforeCharset "judged-before-charset" [Firefox]
        "experiments: a charset in quotes leads to a preflight and goes out without them",
    /// An upload listener asks for a preflight only where there is a body to upload.
    UploadListenerNeedsBody "upload-listener-needs-body" [Chromium]
        "experiments: 58 of 58 requests of XMLHttpRequest with a listener and no body went without preflight",
    /// Lines of one safelisted header are judged by their combined value, not one by one.
    SameNameJudgedTogether "same-name-judged-together" [Chromium WebKit]
        "experiments: several lines that are each safelisted and together are not lead to a preflight",
    /// The bound of 1024 bytes on all safelisted values together is not known.
    NoSafelistSizeLimit "no-safelist-size-limit" [Firefox WebKit]
        "source: only Chromium sums the values up",
    /// Client hints such as DPR and Save-Data need no permission where their values are what they should be.
    ClientHintsSafelisted "client-hints-safelisted" [Chromium]
        "source: header_util.cc; experiments: 30 values of 9 names",
    /// Accept with a byte of 0x80 or more is not safelisted.
    NonAsciiAcceptUnsafe "non-ascii-accept-unsafe" [Firefox]
        "experiments: 29 requests were preflighted, 21 of them blocked",
    /// A Range whose integers do not fit into 64 bits is not safelisted.
    RangeIntegers64Bit "range-integers-64-bit" [Chromium Firefox WebKit]
        "source: Gecko parses unsigned 64-bit integers, Chromium treats saturated ones as unsafe; experiments in all three",
    /// Range is read without regard to case, and with a plus sign before its numbers.
    RangeReadLoosely "range-read-loosely" [WebKit]
        "experiments: BYTES=0-, Bytes=0-, bytes=+0- and bytes=0-+1 go without preflight",
    /// A Content-Type with an empty parameter before another, a comma or a byte of 0x80 or more is not safelisted.
    ContentTypeReadStrictly "content-type-read-strictly" [Firefox]
        "experiments: text/plain with such parameters is preflighted (a semicolon at the end is not enough), where the standard's MIME parser is lenient",
    /// A method override is split at every comma, in quotes too, and is dropped where a part is a forbidden method.
    OverrideSplitInQuotes "override-split-in-quotes" [Firefox WebKit]
        "experiments: a quoted list with TRACE in it goes without preflight and without the header",
    /// What needs a preflight is decided by the headers that script set, whatever a redirect has removed since.
    UnsafeNamesOfFirstHeaders "unsafe-names-of-first-headers" [Firefox WebKit]
        "source: CorsUnsafeHeaders() of Gecko's load info, m_originalRequestHeaders of WebKit's NetworkLoadChecker; experiments: 25 preflights after a rewrite to GET, 5 after a dropped Authorization",
    /// A header that a redirect removed still leads to a preflight, which does not name it.
    RemovedHeadersUnnamed "removed-headers-unnamed" [Firefox]
        "source: bug 1874132 for Authorization; experiments: a second preflight without the Content-Type of the first",
    /// Once a fetch has taken the path with a preflight, every later hop takes it.
    PreflightEveryLaterHop "preflight-every-later-hop" [Firefox WebKit]
        "source: m_isSimpleRequest of NetworkLoadChecker is never set again; experiments in Firefox: the GET that a 303 makes of a PUT is preflighted",
    /// A header that is set twice is named twice in Access-Control-Request-Headers.
    RepeatedNamesKept "repeated-names-kept" [Firefox]
        "experiments: 85 requests, 7 verdicts",
    /// The preflight after a tainting redirect has the page's own origin, and its answer is held against that.
    PreflightOriginUntainted "preflight-origin-untainted" [Firefox]
        "experiments: 92 requests, 43 verdicts; the actual request says null all the same",
    /// A preflight that is made for an upload's sake grants no method by its mere success.
    SuccessGrantsNoMethod "success-grants-no-method" [Chromium Firefox WebKit]
        "experiments: an upload with PUT and no Access-Control-Allow-Methods is blocked in all three",
    /// A remembered answer covers a safelisted method of a request that is preflighted for an upload's sake.
    CachedAnswerCoversUpload "cached-answer-covers-upload" [Chromium Firefox WebKit]
        "experiments: the second POST with an upload listener goes without preflight in all three, whatever was listed",
    /// The status of a preflight's answer is looked at before Access-Control-Allow-Origin.
    StatusBeforeCorsCheck "status-before-cors-check" [WebKit]
        "source: CrossOriginAccessControl.cpp, validatePreflightResponse",
    /// A redirect in answer to a preflight is refused before anything else is looked at.
    PreflightRedirectFirst "preflight-redirect-first" [Chromium]
        "source: preflight_controller.cc",
    /// A redirect status without a Location in answer to a preflight is an answer like any other.
    PreflightRedirectNeedsLocation "preflight-redirect-needs-location" [Chromium Firefox]
        "experiments: 195 redirect statuses without a Location in Chromium; the console of both names the status",
    /// Whether the method is permitted is decided before Access-Control-Allow-Headers is read.
    MethodBeforeHeaderList "method-before-header-list" [Firefox]
        "experiments: 15 of 15 answers with a list of headers that does not parse and without the method are refused for the method",
    /// A space in Access-Control-Allow-Origin makes it several values.
    SpaceSeparatesOrigins "space-separates-origins" [Chromium]
        "source: cors.cc looks for spaces and commas; experiments: the console says that the header contains multiple values",
    /// An empty line of Access-Control-Allow-Origin or -Credentials is ignored, but two lines of the former that both write their name so are two values.
    EmptyLineIgnored "empty-line-ignored" [Firefox]
        "experiments: 25 answers, with the names in upper case, lower case and as here",
    /// White space between a response header's name and the colon is ignored.
    SpaceBeforeColonIgnored "space-before-colon-ignored" [Chromium]
        "experiments: Access-Control-Allow-Origin and -Credentials with a space before the colon count",
    /// `*` in Access-Control-Allow-Headers covers Authorization.
    WildcardCoversAuthorization "wildcard-covers-authorization" [Chromium Firefox WebKit]
        "source and experiments in all three; whatwg/fetch#1278 and #1919",
    /// What a preflight granted is remembered for a limited time, whatever the server says.
    MaxAgeCapped "max-age-capped" [Chromium Firefox WebKit]
        "source: 7200, 86400 and 600 seconds",
    /// A request with a header such as If-None-Match is preflighted whatever is remembered.
    ConditionalAsksAgain "conditional-asks-again" [Chromium]
        "experiments: fetch() and XMLHttpRequest with If-None-Match and If-Modified-Since; what the preflight grants is remembered for others",
    /// A fetch() with a header such as If-None-Match is preflighted whatever is remembered.
    ConditionalFetchAsksAgain "conditional-fetch-asks-again" [Firefox]
        "experiments: as in Chromium, but not XMLHttpRequest",
    /// A negative Access-Control-Max-Age counts as 0, not as no number.
    NegativeMaxAgeIsZero "negative-max-age-is-zero" [Chromium Firefox WebKit]
        "source and experiments in all three; web-platform-tests agree with them against the standard's letter",
    /// An Access-Control-Max-Age that is no number keeps the answer from being remembered, where the standard says 5 seconds.
    MalformedMaxAgeIsZero "malformed-max-age-is-zero" [Firefox]
        "source; experiments: abc, 1.5, a list, two lines and a quoted number",
    /// An Access-Control-Max-Age that does not fit into a signed 64-bit integer is no number.
    MaxAge64Bit "max-age-64-bit" [Chromium WebKit]
        "source: preflight_result.cc and CrossOriginAccessControl.cpp parse signed 64-bit integers",
    /// A plus sign may stand before Access-Control-Max-Age.
    MaxAgeMayHavePlus "max-age-may-have-plus" [Chromium WebKit]
        "source: CrossOriginAccessControl.cpp notes it as a fault to be mended; experiments in both",
    /// The preflight cache holds one answer a place and replaces it as a whole, where the standard merges.
    WholeAnswersCached "whole-answers-cached" [Chromium WebKit]
        "source: preflight_cache.cc, CrossOriginPreflightResultCache.cpp",
    /// A preflight's answer is remembered before it is known whether it permits the request.
    CachedBeforeValidation "cached-before-validation" [WebKit]
        "source: CrossOriginAccessControl.cpp stores once the lists parse",
    /// What was granted to a request with credentials is not used for one without.
    CredentialedAnswersApart "credentialed-answers-apart" [Firefox]
        "source: the cache key starts with cred or nocred",
    /// A remembered `*` is never used.
    CachedWildcardUnused "cached-wildcard-unused" [Firefox]
        "source: * is stored as a token of that name; experiments: 12 of 12",
    /// A remembered `*` counts as in a fresh answer: by the credentials mode of the request at hand, and for Authorization.
    CachedWildcardAsFresh "cached-wildcard-as-fresh" [WebKit]
        "source: * in a cached item is evaluated against the current request's credentials policy",
    /// An answer whose grants have all expired still serves a request that is preflighted for an upload's sake.
    AnswersOutliveGrants "answers-outlive-grants" [Firefox]
        "source: entries expire method by method and name by name (nsPreflightCache); experiments: no preflight 4 seconds after one with Access-Control-Max-Age: 2",
    /// HEAD must have been listed for a remembered answer to cover it.
    CachedHeadNeedsListing "cached-head-needs-listing" [Firefox]
        "source: the cache exempts GET and POST alone",
    /// The preflight cache goes by the page's origin where a redirect has made the request's origin null.
    CacheKeyUntainted "cache-key-untainted" [Firefox]
        "source: Gecko keys by the loading principal (inferred); experiments: either kind of request finds what the other was granted",
    /// What was granted to a request whose origin a redirect has made null is not remembered.
    TaintedAnswersNotCached "tainted-answers-not-cached" [Chromium WebKit]
        "experiments: the same redirected request is preflighted again",
    /// No preflight of an opaque origin is remembered.
    OpaqueOriginsNotCached "opaque-origins-not-cached" [Chromium]
        "experiments: 6 second requests were preflighted again",
    /// No preflight of a URL of 1024 characters or more is remembered.
    LongUrlsNotCached "long-urls-not-cached" [Chromium]
        "source: preflight_cache.cc",
    /// A network error leaves the preflight cache as it is.
    FailureKeepsCache "failure-keeps-cache" [Chromium WebKit]
        "source: nothing but expiry and insufficiency removes an entry; whatwg/fetch#1101",
    /// A request without preflight whose response fails the CORS check clears the preflight cache too.
    SimpleFailureClearsCache "simple-failure-clears-cache" [Firefox]
        "source: RemoveFromCorsPreflightCache() is called from the CORS check's listener",
    /// Of several Location lines the joined value is followed.
    LocationLinesJoined "location-lines-joined" [WebKit]
        "experiments: two lines are followed (9 requests); that they are joined is WebKit's way with every header",
    /// Several Location lines that agree are one.
    EqualLocationLinesAreOne "equal-location-lines-are-one" [Chromium Firefox]
        "experiments: two equal lines are followed; http_util.cc and nsHttpHeaderArray say so for other headers of one value",
    /// The CORS check of a redirect goes by whether the request before it had credentials, and is heeded after the preflight that follows.
    RedirectCheckedAsBefore "redirect-checked-as-before" [WebKit]
        "experiments: a request that begins at home is refused at the second redirect, unless that permits credentials or the mode is omit",
    /// A redirect from home to a URL with a user name or a password is refused only after the preflight that it leads to.
    UserinfoRefusedAfterPreflight "userinfo-refused-after-preflight" [WebKit]
        "experiments: 7 preflights, permitted or not, and nothing after them",
    /// A redirect to another origin turns DELETE into GET, whatever its status; a Content-Type stays.
    DeleteBecomesGetElsewhere "delete-becomes-get-elsewhere" [WebKit]
        "experiments: 301, 302 and 307; a redirect within the origin keeps DELETE",
    /// A script that is redirected to a data: URL is run.
    DataScriptRun "data-script-run" [WebKit]
        "experiments: 6 scripts without crossorigin",
    /// An image that is redirected to a scheme which the browser does not know is what the redirect itself brings.
    ImageOfUnknownScheme "image-of-unknown-scheme" [Firefox]
        "experiments: ftp, mailto and foo, without crossorigin; 307 with an image as its body",
    /// An empty Location is refused, where the standard has it stand for the URL itself.
    EmptyLocationRefused "empty-location-refused" [WebKit]
        "experiments: blocked with no further request",
    /// A Location with a user name or a password is refused as such before the redirect mode error is heeded.
    UserinfoBeforeRedirectMode "userinfo-before-redirect-mode" [Chromium]
        "experiments: the console names the user name; nothing but the reason differs",
    /// In redirect mode error a redirect status without a Location, or with an empty one, is an answer like any other.
    RedirectErrorNeedsLocation "redirect-error-needs-location" [Chromium WebKit]
        "experiments: script sees the 302",
    /// In redirect mode manual a Location that does not parse is an error all the same.
    ManualRedirectParses "manual-redirect-parses" [Chromium]
        "experiments: net::ERR_INVALID_REDIRECT",
    /// In redirect mode manual a Location of another scheme than http, https and data is an error all the same.
    ManualRedirectChecksScheme "manual-redirect-checks-scheme" [WebKit]
        "experiments: blocked with no further request",
    /// A redirect with an empty Location is not followed.
    EmptyLocationIsFinal "empty-location-is-final" [Chromium]
        "experiments",
    /// A redirect to a URL with a user name or a password is refused in same-origin and no-cors requests too.
    RedirectUserinfoRefused "redirect-userinfo-refused" [Chromium]
        "experiments: 5 of 5 blocked, without a console message",
    /// A request that had an Origin header keeps it when a redirect within an origin turns it into a GET.
    OriginKeptAfterRewrite "origin-kept-after-rewrite" [WebKit]
        "web-platform-tests: 5 subtests of redirect-origin fail; experiments: 16 requests",
    /// A no-cors request with a body that a redirect leads away from its own origin says `Origin: null`.
    NoCorsRedirectHidesOrigin "no-cors-redirect-hides-origin" [Chromium]
        "experiments: a no-cors POST that leaves its own origin",
    /// The referrer policies no-referrer and same-origin, and a way down to the machine itself, leave the Origin of a no-cors request as it is, but not that of a navigation.
    ReferrerPolicyKeepsOrigin "referrer-policy-keeps-origin" [Chromium]
        "experiments: a no-cors POST names the page, where the standard says null",
    /// A way down from https to http leaves the Origin of a no-cors request as it is.
    DowngradeKeepsOrigin "downgrade-keeps-origin" [WebKit]
        "experiments: a no-cors POST names the page, where the standard says null",
    /// An image, script, stylesheet or track with crossorigin names its page in Origin at home too.
    ElementsNameOriginAtHome "elements-name-origin-at-home" [Chromium WebKit]
        "experiments: 48 requests to the page's own origin",
    /// A font names its page in Origin at home too.
    FontsNameOriginAtHome "fonts-name-origin-at-home" [Chromium]
        "experiments: FontFace",
    /// Video and audio with crossorigin name their page in Origin at home too.
    MediaNameOriginAtHome "media-name-origin-at-home" [WebKit]
        "experiments: both",
    /// Of several lines of a header that holds one value the last goes out; of Content-Type the first, where there is a body.
    SingleValuedHeaders "single-valued-headers" [Firefox]
        "experiments: two lines of 17 headers, 8 of which are such",
    /// Client hints that script set are left behind by a redirect.
    ClientHintsLeftBehind "client-hints-left-behind" [Chromium]
        "experiments: DPR and Width with values that need a preflight lead to none after a redirect; Save-Data does",
    /// An Authorization that a redirect to another origin removed goes out again after a redirect within that origin.
    AuthorizationReturns "authorization-returns" [Firefox]
        "experiments: from home to another origin and on within it, if the preflight permits authorization; not after a redirect back",
    /// A Content-Type or Content-Language that a redirect to GET removed goes out again after a later 307 or 308.
    BodyHeadersReturnAfter307 "body-headers-return-after-307" [Firefox]
        "experiments: 6 of 8 requests of three hops; where a body had no type there is nothing to return, nor after 302",
    /// A Content-Type that a redirect to GET removed goes out again after any later redirect.
    ContentTypeReturns "content-type-returns" [WebKit]
        "experiments: 7 requests of three hops and more",
    /// Bytes of 0x80 and more in a header that script sets go out as the UTF-8 of the code points that they stand for.
    HeaderValuesAsUtf8 "header-values-as-utf-8" [WebKit]
        "experiments: Content-Type and Last-Event-ID with 0x80 arrive with 0xC2 0x80",
    /// `*` in Access-Control-Expose-Headers counts even where the list does not parse.
    WildcardSavesExposeHeaders "wildcard-saves-expose-headers" [Firefox]
        "experiments: every header is visible",
    /// An http URL of the machine itself is mixed content in an https page.
    LoopbackIsMixedContent "loopback-is-mixed-content" [WebKit]
        "third-party reports: Safari blocks http://127.0.0.1 from https pages, Chromium and Firefox do not",
    /// A Range of one range of bytes goes out with GET as it was understood, not as script wrote it.
    RangeRewritten "range-rewritten" [Chromium]
        "experiments: 15 values; blanks, plus signs, leading zeros, empty elements and capitals are gone on the wire",
    /// Where script sets a condition such as If-None-Match, caches on the way are asked to validate and not to stand aside.
    ConditionsAskToValidate "conditions-ask-to-validate" [Chromium]
        "experiments: Cache-Control: max-age=0 and no Pragma, on the preflight too",
    /// A cookie without SameSite counts as SameSite=None, where the standard's cookies default to Lax.
    UnsetSameSiteIsNone "unset-same-site-is-none" [Firefox WebKit]
        "experiments in WebKit: sent across sites; Firefox: the preference for Lax by default is off, and partitioning hides it",
}

impl Deviation {
    pub(crate) const fn set_of(profile: Profile) -> u128 {
        let mut set = 0;
        let mut index = 0;
        while index < Self::ALL.len() {
            let engines = Self::ALL[index].engines();
            let mut engine = 0;
            while engine < engines.len() {
                if engines[engine] as u8 == profile as u8 {
                    set |= 1 << index;
                }
                engine += 1;
            }
            index += 1;
        }
        set
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deviation_is_shown_by_its_code() {
        assert_eq!(Deviation::RangeRewritten.to_string(), "range-rewritten");
    }

    #[test]
    fn codes_are_stable() {
        let list: String = Deviation::ALL
            .iter()
            .map(|deviation| {
                let engines: Vec<_> = deviation.engines().iter().map(|engine| engine.name()).collect();
                format!("{}: {}: {}\n", deviation.code(), engines.join(" "), deviation.summary())
            })
            .collect();
        insta::assert_snapshot!("deviations", list);
    }

    #[test]
    fn every_deviation_is_some_engines_and_has_evidence() {
        for &deviation in Deviation::ALL {
            assert!(deviation.engines().iter().all(|engine| engine.has(deviation)));
            assert!(!deviation.engines().contains(&Profile::Fetch));
            assert!(!deviation.evidence().is_empty());
        }
    }
}
