//! What an engine writes to the console when a fetch has ended: for people who search for the line that they saw.

mod texts;

use crate::http::{HeaderList, HttpRequest, HttpResponse, Purpose};
use crate::initiator::Initiator;
use crate::origin::Origin;
use crate::outcome::{Ending, Outcome};
use crate::profile::Profile;
use crate::reason::{Reason, Stage};
use crate::request::{Mode, Page, RequestInit};
use crate::rule::Rule;
use crate::syntax::{is_tab_or_space, is_token, trim};

/// The lines that the profile's engine writes for this outcome, in order. The standard writes none.
pub fn console(outcome: &Outcome, profile: Profile, page: &Page, asked: &RequestInit) -> Vec<String> {
    let scene = Scene { outcome, page, asked };
    match profile {
        Profile::Fetch => Vec::new(),
        Profile::Chromium => scene.chromium(),
        Profile::Firefox => scene.firefox(),
        Profile::WebKit => scene.webkit(),
    }
}

/// What the templates are filled from.
struct Scene<'a> {
    outcome: &'a Outcome,
    page: &'a Page,
    asked: &'a RequestInit,
}

impl Scene<'_> {
    fn chromium(&self) -> Vec<String> {
        let Ending::Block { reason, stage } = self.outcome.ending else {
            return self.status_line().into_iter().collect();
        };
        let reason = self.chromium_reason(reason);
        let mut lines = Vec::new();
        // Script's own mistakes are exceptions, and the engine's network stack tells a code alone.
        let own_origin = reason == Reason::RedirectHasCredentials && !self.is_cors();
        let insecure = self.page.origin.scheme() != Some("https");
        let template = match texts::template(Profile::Chromium, reason) {
            _ if insecure && reason == Reason::LocalNetworkAccess => texts::CHROMIUM_INSECURE_LOCAL,
            template => template,
        };
        let unsafe_redirect = reason == Reason::SchemeNotHttp && stage == Stage::Redirect;
        if !(template.is_empty() || own_origin || unsafe_redirect) {
            let mut line = self.fill(texts::CHROMIUM_PREFIX);
            let checked = reason.is_cors_check()
                || matches!(reason, Reason::PreflightStatus | Reason::PreflightRedirect);
            if checked && stage == Stage::Preflight {
                line += texts::CHROMIUM_PREFLIGHT;
            }
            line += &self.fill(template);
            line += self.chromium_suffix(reason);
            lines.push(line);
        }
        if self.reached_network() && !own_origin {
            lines.push(texts::CHROMIUM_FAILED.replace("{error}", texts::chromium_error(reason)));
        }
        lines
    }

    fn firefox(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(url) = self.wildcard_covered_authorization() {
            lines.push(texts::FIREFOX_WILDCARD_WARNING.replace("{url}", &url));
        }
        let Ending::Block { reason, stage } = self.outcome.ending else { return lines };
        let reason = self.firefox_reason(reason);
        let template = texts::template(Profile::Firefox, reason);
        if template.is_empty() || !self.is_cors() {
            return lines;
        }
        let quoted = reason == Reason::AllowOriginWildcardWithCredentials;
        let prefix = if quoted { texts::FIREFOX_PREFIX_QUOTED } else { texts::FIREFOX_PREFIX };
        lines.push(self.fill(prefix) + &self.fill(template));
        if stage == Stage::Preflight && reason != Reason::NetworkError {
            lines.push(self.fill(texts::FIREFOX_PREFIX) + texts::FIREFOX_DID_NOT_SUCCEED);
        }
        lines
    }

    fn webkit(&self) -> Vec<String> {
        let Ending::Block { reason, stage } = self.outcome.ending else { return Vec::new() };
        let reason = self.webkit_reason(reason);
        let template = texts::template(Profile::WebKit, reason);
        if template.is_empty() || (reason == Reason::SchemeNotHttp && stage != Stage::Redirect) {
            return Vec::new();
        }
        let redirect = matches!(reason, Reason::RedirectHasCredentials | Reason::SchemeNotHttp)
            || (reason.is_cors_check() && stage == Stage::Actual && self.location().is_some());
        let reason_line = if redirect {
            self.fill(texts::WEBKIT_REDIRECT) + &self.fill(template)
        } else {
            self.fill(template)
        };
        let second = match self.asked.initiator {
            Initiator::Fetch => texts::WEBKIT_FETCH,
            Initiator::Xhr | Initiator::XhrUploadListener => texts::WEBKIT_XHR,
            Initiator::EventSource => texts::WEBKIT_EVENT_SOURCE,
            _ => return vec![reason_line],
        };
        vec![reason_line, self.fill(second)]
    }

    /// Chromium's classes of a wrong Access-Control-Allow-Origin.
    fn chromium_reason(&self, reason: Reason) -> Reason {
        if !is_wrong_origin(reason) {
            return reason;
        }
        let value = self.value("Access-Control-Allow-Origin");
        if value.contains([' ', ',']) {
            Reason::AllowOriginMultiple
        } else if value == "null" || url::Url::parse(&value).is_ok() {
            Reason::AllowOriginMismatch
        } else {
            Reason::AllowOriginInvalid
        }
    }

    /// Firefox calls several what came in several lines.
    fn firefox_reason(&self, reason: Reason) -> Reason {
        if !is_wrong_origin(reason) {
            return reason;
        }
        let lines = self
            .response()
            .map_or(0, |response| response.headers.lines(b"Access-Control-Allow-Origin").count());
        if lines > 1 { Reason::AllowOriginMultiple } else { Reason::AllowOriginMismatch }
    }

    /// WebKit calls several what has a comma.
    fn webkit_reason(&self, reason: Reason) -> Reason {
        if !is_wrong_origin(reason) {
            return reason;
        }
        let several = self.value("Access-Control-Allow-Origin").contains(',');
        if several { Reason::AllowOriginMultiple } else { Reason::AllowOriginMismatch }
    }

    fn chromium_suffix(&self, reason: Reason) -> &'static str {
        match (self.asked.initiator, reason) {
            (
                Initiator::Fetch,
                Reason::AllowOriginMultiple | Reason::AllowOriginInvalid | Reason::AllowOriginMismatch,
            ) => texts::CHROMIUM_FETCH_WRONG,
            (
                Initiator::Xhr | Initiator::XhrUploadListener,
                Reason::AllowOriginWildcardWithCredentials | Reason::AllowCredentialsNotTrue,
            ) => texts::CHROMIUM_XHR_CREDENTIALS,
            _ => "",
        }
    }

    /// Chromium reports errors of the server also to pages that may read them.
    fn status_line(&self) -> Option<String> {
        let status = self.response().map(|response| response.status).filter(|&status| status >= 400)?;
        let line = texts::CHROMIUM_STATUS.replace("{status}", &status.to_string());
        Some(line.replace("{phrase}", reason_phrase(status)))
    }

    /// The URL of a preflight's answer whose `*` has covered Authorization.
    fn wildcard_covered_authorization(&self) -> Option<String> {
        let refused = self.outcome.stage() == Some(Stage::Preflight);
        let granted =
            self.outcome.exchanges.len() - usize::from(refused && !self.outcome.exchanges.is_empty());
        self.outcome.exchanges[..granted].iter().find_map(|exchange| {
            let response = exchange.response.as_ref()?;
            let asked = elements(&exchange.request.headers, "Access-Control-Request-Headers");
            let listed = elements(&response.headers, "Access-Control-Allow-Headers");
            let covered = exchange.request.purpose == Purpose::Preflight
                && asked.iter().any(|name| name == "authorization")
                && listed.iter().any(|name| name == "*")
                && !listed.iter().any(|name| name.eq_ignore_ascii_case("authorization"));
            covered.then(|| exchange.request.url.to_string())
        })
    }

    fn fill(&self, template: &str) -> String {
        let mut filled = String::with_capacity(template.len() + 64);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (placeholder, after) = after.split_once('}').unwrap_or((after, ""));
            filled += before;
            filled += &self.placeholder(placeholder);
            rest = after;
        }
        filled + rest
    }

    fn placeholder(&self, name: &str) -> String {
        match name {
            "at" => {
                let first = self.outcome.exchanges.first().map(|exchange| exchange.request.url.to_string());
                match first.filter(|first| *first != self.url()) {
                    Some(first) => format!("'{}' (redirected from '{first}')", self.url()),
                    None => format!("'{}'", self.url()),
                }
            }
            "kind" => self.asked.initiator.chromium_kind().to_owned(),
            "location" => self.location().unwrap_or_default(),
            "method" => self.asked_method(),
            "name" => self.refused_name().to_ascii_lowercase(),
            "Name" => self.refused_name(),
            "origin" => self.page.origin.serialization().to_owned(),
            "space" => {
                let target =
                    self.outcome.trace.iter().rev().find(|decision| decision.rule == Rule::TargetIsNearer);
                target.map_or_else(String::new, |target| String::from_utf8_lossy(target.input).into_owned())
            }
            "status" => self.response().map_or(0, |response| response.status).to_string(),
            "token" => {
                let value = self.value(self.header_at_fault());
                let bad = value.split(',').map(|element| trim(element.as_bytes(), is_tab_or_space));
                let bad = bad.into_iter().find(|element| !element.is_empty() && !is_token(element));
                String::from_utf8_lossy(bad.unwrap_or_default()).into_owned()
            }
            "url" => self.url(),
            "value" => self.value(self.header_at_fault()),
            _ => String::new(),
        }
    }

    fn header_at_fault(&self) -> &'static str {
        match self.outcome.reason() {
            Some(Reason::AllowCredentialsNotTrue) => "Access-Control-Allow-Credentials",
            Some(Reason::AllowMethodsInvalid) => "Access-Control-Allow-Methods",
            Some(Reason::AllowHeadersInvalid) => "Access-Control-Allow-Headers",
            _ => "Access-Control-Allow-Origin",
        }
    }

    fn value(&self, name: &str) -> String {
        let value = self.response().and_then(|response| response.headers.get(name.as_bytes()));
        value.map_or_else(String::new, |value| String::from_utf8_lossy(&value).into_owned())
    }

    fn request(&self) -> Option<&HttpRequest> {
        self.outcome.exchanges.last().map(|exchange| &exchange.request)
    }

    fn response(&self) -> Option<&HttpResponse> {
        self.outcome.exchanges.last().and_then(|exchange| exchange.response.as_ref())
    }

    /// The URL that was being loaded.
    fn url(&self) -> String {
        match (self.request(), url::Url::parse(&self.asked.url)) {
            (Some(request), _) => request.url.to_string(),
            (None, Ok(mut url)) => {
                url.set_fragment(None);
                url.to_string()
            }
            (None, Err(_)) => self.asked.url.clone(),
        }
    }

    /// Where the last response redirects to.
    fn location(&self) -> Option<String> {
        let response = self.response().filter(|response| matches!(response.status, 301..=303 | 307 | 308))?;
        let value = response.headers.get(b"Location")?;
        let url = self.request()?.url.join(&String::from_utf8_lossy(&value)).ok()?;
        Some(url.into())
    }

    fn asked_method(&self) -> String {
        let method = self.request().and_then(|request| request.headers.get(b"Access-Control-Request-Method"));
        method.map_or_else(String::new, |method| String::from_utf8_lossy(&method).into_owned())
    }

    /// The header name that the preflight's answer leaves out, as script wrote it.
    fn refused_name(&self) -> String {
        let refused = self.outcome.trace.iter().rev().find(|decision| {
            matches!(decision.rule, Rule::HeaderIsListed | Rule::NonWildcardNameIsListed) && !decision.holds
        });
        let name = match refused {
            Some(decision) if decision.rule == Rule::HeaderIsListed => decision.input,
            _ => b"authorization",
        };
        let written = self.asked.headers.iter().find(|(written, _)| written.eq_ignore_ascii_case(name));
        String::from_utf8_lossy(written.map_or(name, |(written, _)| written)).into_owned()
    }

    /// Whether anything was asked of another origin in mode cors.
    fn is_cors(&self) -> bool {
        let elsewhere = |url: &url::Url| !self.page.origin.is_same_origin_with(url);
        let apart = matches!(self.asked.initiator, Initiator::Form | Initiator::WebSocket);
        self.asked.mode == Mode::Cors
            && !apart
            && (self.page.origin == Origin::Opaque
                || self.outcome.exchanges.iter().any(|exchange| elsewhere(&exchange.request.url))
                || url::Url::parse(&self.asked.url).is_ok_and(|url| elsewhere(&url)))
    }

    /// Whether the request got as far as the engine's network stack: what script may not ask for is an exception.
    fn reached_network(&self) -> bool {
        !self.outcome.exchanges.is_empty()
            || matches!(
                self.outcome.reason(),
                Some(
                    Reason::BadPort
                        | Reason::LocalNetworkAccess
                        | Reason::SchemeNotHttp
                        | Reason::SameOriginMode
                )
            )
    }
}

const fn is_wrong_origin(reason: Reason) -> bool {
    matches!(reason, Reason::AllowOriginMultiple | Reason::AllowOriginInvalid | Reason::AllowOriginMismatch)
}

fn elements(headers: &HeaderList, name: &str) -> Vec<String> {
    let value = headers.get(name.as_bytes()).unwrap_or_default();
    String::from_utf8_lossy(&value).split(',').map(|element| element.trim().to_owned()).collect()
}

/// What servers usually write behind the status; the model does not see what this one wrote.
const fn reason_phrase(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_in_every_console() {
        let mut list = String::new();
        for &reason in Reason::ALL {
            list += reason.code();
            list.push('\n');
            for profile in Profile::ALL {
                let template = texts::template(profile, reason);
                if !template.is_empty() {
                    list += &format!("  {}: {template}\n", profile.name());
                }
            }
        }
        insta::assert_snapshot!("texts", list);
    }
}
