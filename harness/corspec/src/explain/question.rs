//! What is known of a request: the page, the call, and the answers.

use corspec_browser::{
    Body, Bytes, CredentialsMode, HeaderList, Initiator, Mode, Origin, Page, RedirectMode, RequestInit,
};
use url::Url;

use super::headers::Line;
use super::mistake::{Mistake, quoted};
use super::transcript::Answer;

/// What is to be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The page that script runs in.
    pub page: Page,
    /// What script asks for.
    pub init: RequestInit,
    /// What the server answered, in the order of the browser's requests, as far as it is known.
    pub answers: Vec<Answer>,
    /// What a reader should know of how this was read.
    pub notes: Vec<String>,
}

/// A call as an input tells it: what it leaves open is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The page's origin, or a URL of the page.
    pub origin: Option<String>,
    /// The URL.
    pub url: Option<String>,
    /// The method.
    pub method: Option<String>,
    /// The headers that script sets, in order.
    pub headers: Vec<Line>,
    /// The credentials mode.
    pub credentials: Option<CredentialsMode>,
    /// The mode.
    pub mode: Option<Mode>,
    /// The redirect mode.
    pub redirect: Option<RedirectMode>,
    /// The body.
    pub body: Option<Body>,
    /// Which API asks.
    pub initiator: Option<Initiator>,
    /// The answers.
    pub answers: Vec<Answer>,
    /// What a reader should know of how this was read.
    pub notes: Vec<String>,
}

impl Call {
    /// What `over` says, and what this says where `over` is silent.
    #[must_use]
    pub fn overridden_by(self, over: Self) -> Self {
        let join = |mut first: Vec<String>, second| {
            first.extend::<Vec<String>>(second);
            first
        };
        let mut headers = self.headers;
        headers.retain(|(name, _)| !over.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
        headers.extend(over.headers);
        Self {
            origin: over.origin.or(self.origin),
            url: over.url.or(self.url),
            method: over.method.or(self.method),
            headers,
            credentials: over.credentials.or(self.credentials),
            mode: over.mode.or(self.mode),
            redirect: over.redirect.or(self.redirect),
            body: over.body.or(self.body),
            initiator: over.initiator.or(self.initiator),
            answers: if over.answers.is_empty() { self.answers } else { over.answers },
            notes: join(self.notes, over.notes),
        }
    }

    /// The question that this call asks, if it says enough.
    ///
    /// # Errors
    /// Where the URL or the page's origin is missing, or the origin is none.
    pub fn into_question(self) -> Result<Question, Mistake> {
        let url = self.url.ok_or_else(|| {
            Mistake::new(
                "no URL: what did the page ask for?",
                "give it with --url https://api.example/x, or a whole request with --curl, --fetch or --har",
            )
        })?;
        let origin = self.origin.ok_or_else(|| {
            Mistake::new(
                "whose page made this request? A browser decides by the page's origin",
                "give it with --origin https://app.example, as the page's address shows it",
            )
        })?;
        let page = page(page_origin(&origin)?);
        let mut init = RequestInit::new(url);
        if let Some(method) = self.method {
            init.method = Bytes::Owned(method.into_bytes());
        }
        init.headers = self.headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        init.credentials = self.credentials.unwrap_or_default();
        init.mode = self.mode.unwrap_or_default();
        init.redirect = self.redirect.unwrap_or_default();
        init.initiator = self.initiator.unwrap_or_default();
        init.body = self.body;
        Ok(Question { page, init, answers: self.answers, notes: self.notes })
    }
}

/// A page at the top level of its tab.
pub(super) fn page(origin: Origin) -> Page {
    Page::new(origin)
}

/// The origin that a person means: its serialization, or the URL of a page.
fn page_origin(text: &str) -> Result<Origin, Mistake> {
    let text = text.trim();
    if let Some(origin) = Origin::parse(text) {
        return Ok(origin);
    }
    match Url::parse(text).map(|url| Origin::of(&url)) {
        Ok(origin) if origin != Origin::Opaque => Ok(origin),
        // A page from a file has an origin that is nothing but null.
        Ok(_) if text.starts_with("file:") => Ok(Origin::Opaque),
        _ => Err(Mistake::new(
            format!("the page's origin is {}, which is none", quoted(text)),
            "write scheme://host or scheme://host:port, such as https://app.example; null for a sandboxed frame",
        )),
    }
}

/// The origin that the `Origin` line of a header list names, or the page that its `Referer` does.
pub(super) fn origin_of_headers(headers: &HeaderList) -> Option<String> {
    let named = headers.lines(b"Origin").chain(headers.lines(b"Referer")).next()?;
    Some(String::from_utf8_lossy(named).into_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://app.example", Some("https://app.example"))]
    #[case("https://app.example/", Some("https://app.example"))]
    #[case("HTTP://App.example:80/a?b", Some("http://app.example"))]
    #[case(" null ", Some("null"))]
    #[case("file:///home/me/x.html", Some("null"))]
    #[case("app.example", None)]
    #[case("", None)]
    fn origins(#[case] text: &str, #[case] origin: Option<&str>) {
        assert_eq!(page_origin(text).ok().as_ref().map(Origin::serialization), origin);
    }
}
