//! The CORS check: <https://fetch.spec.whatwg.org/#concept-cors-check>

use std::borrow::Cow;

use super::Context;
use super::http_fetch::is_redirect_status;
use crate::deviation::Deviation;
use crate::http::{HttpResponse, Purpose};
use crate::origin::Origin;
use crate::reason::Reason;
use crate::rule::Rule;

const ALLOW_ORIGIN: &[u8] = b"Access-Control-Allow-Origin";

impl Context<'_> {
    /// Whether the response permits the request's origin to read it. The standard says success or failure; which kind of
    /// failure it is, we say.
    pub(super) fn cors_check(&mut self, response: &HttpResponse, purpose: Purpose) -> Result<(), Reason> {
        let include = self.request.includes_credentials_mode()
            || (purpose == Purpose::Actual && self.is_checked_as_before(response));
        // 1, 2. Access-Control-Allow-Origin must be there.
        let origin = self.single_header(response, ALLOW_ORIGIN);
        if self.decide(Rule::AllowOriginIsNull, origin.as_deref().unwrap_or_default(), origin.is_none()) {
            return Err(Reason::AllowOriginMissing);
        }
        let origin = origin.unwrap_or_default();
        // 3. A request without credentials may be let in by *.
        if self.decide(Rule::AllowOriginWildcard, &origin, !include && *origin == *b"*") {
            return Ok(());
        }
        // 4. Every other value must be the origin itself, byte for byte.
        let untainted = purpose == Purpose::Preflight && self.has(Deviation::PreflightOriginUntainted);
        let own =
            if untainted { self.request.origin.serialization() } else { self.request.serialized_origin() };
        let matches = own.as_bytes() == &*origin;
        if !self.decide(Rule::AllowOriginMatches, &origin, matches) {
            return Err(classify(&origin, self.has(Deviation::SpaceSeparatesOrigins)));
        }
        // 5. Without credentials, that is all.
        if self.decide(Rule::CredentialsNotIncluded, &[], !include) {
            return Ok(());
        }
        // 6 to 8. With credentials, the server must say so.
        let credentials =
            self.single_header(response, b"Access-Control-Allow-Credentials").unwrap_or_default();
        if self.decide(Rule::AllowCredentialsIsTrue, &credentials, *credentials == *b"true") {
            return Ok(());
        }
        Err(Reason::AllowCredentialsNotTrue)
    }

    /// Whether the response is a redirect that an engine holds against the credentials of the request before.
    pub(super) fn is_checked_as_before(&self, response: &HttpResponse) -> bool {
        self.request.included_credentials_before
            && !self.request.includes_credentials_mode()
            && self.has(Deviation::RedirectCheckedAsBefore)
            && is_redirect_status(response.status)
            && response.headers.contains("Location")
    }

    /// "Get", for a header that holds one value.
    fn single_header<'r>(&self, response: &'r HttpResponse, name: &'r [u8]) -> Option<Cow<'r, [u8]>> {
        let value = response.headers.get(name)?;
        if matches!(value, Cow::Owned(_)) && self.has(Deviation::EmptyLineIgnored) {
            // Lines of Access-Control-Allow-Origin are counted by their exact name before they are joined.
            let counted = response.headers.iter().filter(|header| *header.name == *ALLOW_ORIGIN).count();
            let mut filled = response.headers.lines(name).filter(|line| !line.is_empty());
            if name == ALLOW_ORIGIN && counted > 1 {
                return Some(value);
            }
            if let (Some(line), None) = (filled.next(), filled.next()) {
                return Some(Cow::Borrowed(line));
            }
        }
        Some(value)
    }
}

/// What is wrong with a value that is not the request's origin.
fn classify(value: &[u8], space_separates: bool) -> Reason {
    if value == b"*" {
        return Reason::AllowOriginWildcardWithCredentials;
    }
    if value.contains(&b',') || (space_separates && value.contains(&b' ')) {
        return Reason::AllowOriginMultiple;
    }
    match std::str::from_utf8(value).ok().and_then(Origin::parse) {
        Some(_) => Reason::AllowOriginMismatch,
        None => Reason::AllowOriginInvalid,
    }
}
