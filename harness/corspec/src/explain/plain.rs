//! The model's decisions in words for someone who does not know the standard.

use corspec_browser::{Decision, Rule};

use crate::record::text;
use crate::report::printable::wire;

/// What a decision means, or nothing where it went as it nearly always does and explains nothing.
pub(super) fn decided(decision: Decision<'_>) -> Option<String> {
    let holds = decision.holds;
    let raw = text(decision.input);
    let seen = wire(&raw, 120);
    let said = match (decision.rule, holds) {
        (Rule::HeaderIsForbidden, true) => {
            format!("{seen} is a header that only the browser sets, so it is silently left out.")
        }
        (Rule::HeaderIsNoCorsSafelisted, false) => {
            format!("Mode no-cors sends no {seen}, so it is silently left out.")
        }
        (Rule::SameOriginAndBasic, true) => {
            "The URL is of the page's own origin, so CORS has no say.".to_owned()
        }
        (Rule::SameOriginAndBasic, false) => {
            "The URL is of another origin, so the server must consent.".to_owned()
        }
        (Rule::ModeIsNoCors, true) => {
            "Mode no-cors asks for no consent, and gives script nothing to read.".to_owned()
        }
        (Rule::UseCorsPreflightFlag, true) => {
            "A stream as body, or a listener to the upload, has to be permitted first: a preflight is due."
                .to_owned()
        }
        (Rule::MethodIsCorsSafelisted, false) => {
            format!(
                "{seen} is not one of GET, HEAD and POST, so it has to be permitted first: a preflight is due."
            )
        }
        (Rule::MethodIsCorsSafelisted, true) => format!("{seen} is a method that needs no permission."),
        (Rule::NoCorsUnsafeHeaders, false) => {
            format!(
                "These headers have to be permitted first, so a preflight is due: {}.",
                seen.replace(',', ", ")
            )
        }
        (Rule::NoCorsUnsafeHeaders, true) => "No header needs permission.".to_owned(),
        (Rule::OriginIsTainted, true) => {
            "A redirect went through a third origin, so Origin says null from here on.".to_owned()
        }
        (Rule::ResponseArrived, false) => "No usable answer came.".to_owned(),
        (Rule::StatusIsProxyAuthentication, true) => {
            "Status 407 is for proxies; the browser drops the answer.".to_owned()
        }
        (Rule::AllowOriginIsNull, true) => "The answer has no Access-Control-Allow-Origin.".to_owned(),
        (Rule::AllowOriginWildcard, true) => "Access-Control-Allow-Origin is *: any page may.".to_owned(),
        (Rule::AllowOriginMatches, true) => {
            format!("Access-Control-Allow-Origin names the page's origin, {seen}.")
        }
        (Rule::AllowOriginMatches, false) if decision.input == b"*" => {
            "Access-Control-Allow-Origin is *, which does not count for a request with credentials."
                .to_owned()
        }
        (Rule::AllowOriginMatches, false) if decision.input.contains(&b',') => {
            format!("Access-Control-Allow-Origin has several values, {seen}, where exactly one is allowed.")
        }
        (Rule::AllowOriginMatches, false) => {
            format!(
                "Access-Control-Allow-Origin is {}, which is not the page's origin, letter for letter.",
                or_empty(&seen)
            )
        }
        (Rule::AllowCredentialsIsTrue, true) => {
            "Access-Control-Allow-Credentials is true, as credentials need.".to_owned()
        }
        (Rule::AllowCredentialsIsTrue, false) if raw.is_empty() => {
            "The request has credentials, and the answer has no Access-Control-Allow-Credentials.".to_owned()
        }
        (Rule::AllowCredentialsIsTrue, false) => {
            format!("Access-Control-Allow-Credentials is {seen}, and only the exact word true counts.")
        }
        (Rule::PreflightStatusIsOk, true) => format!("Status {seen} is a success."),
        (Rule::PreflightStatusIsOk, false)
            if matches!(decision.input, b"301" | b"302" | b"303" | b"307" | b"308") =>
        {
            format!("Status {seen} is a redirect, and a preflight is never redirected.")
        }
        (Rule::PreflightStatusIsOk, false) => {
            format!("Status {seen} is no success; a preflight needs one from 200 to 299.")
        }
        (Rule::AllowMethodsParse, false) => {
            format!("Access-Control-Allow-Methods is {seen}, which is no list of methods.")
        }
        (Rule::AllowHeadersParse, false) => {
            format!("Access-Control-Allow-Headers is {seen}, which is no list of header names.")
        }
        (Rule::MethodIsListed, true) => format!("Access-Control-Allow-Methods names the method: {seen}."),
        (Rule::MethodNeedsNoListing, true) => format!("{seen} need not be in Access-Control-Allow-Methods."),
        (Rule::MethodWildcard, true) => {
            "Access-Control-Allow-Methods has *, which stands for any method.".to_owned()
        }
        (Rule::MethodWildcard, false) if raw.is_empty() => {
            "There is no Access-Control-Allow-Methods, and the method needs to be in it.".to_owned()
        }
        (Rule::MethodWildcard, false) => {
            format!("Access-Control-Allow-Methods is {seen}, which does not name the method.")
        }
        (Rule::NonWildcardNameIsListed, true) => {
            "Authorization is in Access-Control-Allow-Headers by name.".to_owned()
        }
        (Rule::NonWildcardNameIsListed, false) => {
            format!(
                "Authorization has to be in Access-Control-Allow-Headers by name, and that is {}.",
                or_empty(&seen)
            )
        }
        (Rule::HeaderIsListed, true) => format!("{seen} is in Access-Control-Allow-Headers."),
        (Rule::HeaderIsListed, false) => format!("{seen} is not in Access-Control-Allow-Headers."),
        (Rule::HeaderWildcard, true) => "Access-Control-Allow-Headers has *, which stands for it.".to_owned(),
        (Rule::HeaderWildcard, false) if raw.is_empty() => {
            "There is no Access-Control-Allow-Headers.".to_owned()
        }
        (Rule::HeaderWildcard, false) if raw.contains('*') => {
            "Its * is only a name where the request has credentials, and stands for nothing.".to_owned()
        }
        (Rule::HeaderWildcard, false) => {
            format!("Its value is {seen}, with no * that would stand for the header.")
        }
        (Rule::MethodCacheMatch | Rule::HeaderCacheMatch, true) => {
            format!("The browser remembers that {seen} was permitted.")
        }
        (Rule::IsRedirectStatus, true) => format!("Status {seen} is a redirect."),
        (Rule::MethodBecomesGet, true) => {
            format!("A redirect of status {seen} turns the request into a GET without a body.")
        }
        (Rule::AuthorizationIsDropped, true) => {
            "The redirect leaves an origin, which drops Authorization.".to_owned()
        }
        (Rule::CorpPermits, false) => {
            format!("Cross-Origin-Resource-Policy is {seen}, which keeps the answer from this page.")
        }
        (Rule::ExposeHeadersParse, false) => {
            format!(
                "Access-Control-Expose-Headers is {seen}, which is no list of header names, so it exposes none."
            )
        }
        (Rule::ExposeAllHeaders, true) => {
            "Access-Control-Expose-Headers has *, so script sees every header.".to_owned()
        }
        _ => return None,
    };
    Some(said)
}

/// The header that a rule looks at: the request's or the response's.
pub(super) const fn looks_at(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::AllowOriginIsNull | Rule::AllowOriginWildcard | Rule::AllowOriginMatches => {
            "Access-Control-Allow-Origin"
        }
        Rule::AllowCredentialsIsTrue => "Access-Control-Allow-Credentials",
        Rule::AllowMethodsParse
        | Rule::MethodsDefaultToRequested
        | Rule::MethodIsListed
        | Rule::MethodNeedsNoListing
        | Rule::MethodWildcard => "Access-Control-Allow-Methods",
        Rule::AllowHeadersParse
        | Rule::NonWildcardNameIsListed
        | Rule::HeaderIsListed
        | Rule::HeaderWildcard => "Access-Control-Allow-Headers",
        Rule::MaxAgeParses | Rule::MaxAgeIsLimited => "Access-Control-Max-Age",
        Rule::ExposeHeadersParse | Rule::ExposeAllHeaders => "Access-Control-Expose-Headers",
        Rule::CorpPermits => "Cross-Origin-Resource-Policy",
        Rule::LocationIsAbsent
        | Rule::LocationParses
        | Rule::LocationSchemeIsHttp
        | Rule::LocationCredentialsCrossOrigin
        | Rule::LocationCredentialsTainted => "Location",
        _ => return None,
    })
}

fn or_empty(seen: &str) -> &str {
    if seen.is_empty() { "empty" } else { seen }
}
