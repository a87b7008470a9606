use hyper::header::{HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};

use crate::names::{CORS_RESPONSE, HeaderName, VARY};

/// A response on its way out.
pub(crate) type Reply = Response<String>;

/// A response that has nothing but a status.
pub(crate) fn bare(status: u16) -> Reply {
    let mut reply = Reply::default();
    *reply.status_mut() = StatusCode::from_u16(status).expect("a status that was written by hand");
    reply
}

/// What is done to the headers of a [`Reply`].
pub(crate) trait Edit {
    /// All lines of a header, combined.
    fn says(&self, name: HeaderName) -> Option<String>;

    /// Sets a header, in place of all its lines. What no header can hold is not sent.
    fn put(&mut self, name: HeaderName, value: impl AsRef<[u8]>);

    /// Adds a line to a header.
    fn add(&mut self, name: HeaderName, value: impl AsRef<[u8]>);

    /// Leaves a header out.
    fn cut(&mut self, name: HeaderName);

    /// Changes a header where there is one.
    fn reword(&mut self, name: HeaderName, change: impl FnOnce(&str) -> String) {
        if let Some(value) = self.says(name.clone()) {
            self.put(name, change(&value));
        }
    }

    /// Moves a header's value to another name.
    fn rename(&mut self, from: HeaderName, to: &'static str) {
        if let Some(value) = self.says(from.clone()) {
            self.cut(from);
            self.put(HeaderName::from_static(to), value);
        }
    }

    /// Leaves all headers of CORS out.
    fn cut_cors(&mut self) {
        CORS_RESPONSE.into_iter().for_each(|name| self.cut(name));
    }

    /// Takes one name out of `Vary`.
    fn cut_vary(&mut self, name: &str) {
        let Some(value) = self.says(VARY) else { return };
        let mut elements: Vec<_> = value.split(',').map(str::trim).collect();
        elements.retain(|element| !element.eq_ignore_ascii_case(name));
        if elements.is_empty() { self.cut(VARY) } else { self.put(VARY, elements.join(", ")) }
    }
}

impl Edit for HeaderMap {
    fn says(&self, name: HeaderName) -> Option<String> {
        let lines: Vec<_> =
            self.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    fn put(&mut self, name: HeaderName, value: impl AsRef<[u8]>) {
        if let Ok(value) = HeaderValue::from_bytes(value.as_ref()) {
            self.insert(name, value);
        }
    }

    fn add(&mut self, name: HeaderName, value: impl AsRef<[u8]>) {
        if let Ok(value) = HeaderValue::from_bytes(value.as_ref()) {
            self.append(name, value);
        }
    }

    fn cut(&mut self, name: HeaderName) {
        self.remove(name);
    }
}

impl Edit for Reply {
    fn says(&self, name: HeaderName) -> Option<String> {
        self.headers().says(name)
    }

    fn put(&mut self, name: HeaderName, value: impl AsRef<[u8]>) {
        self.headers_mut().put(name, value);
    }

    fn add(&mut self, name: HeaderName, value: impl AsRef<[u8]>) {
        self.headers_mut().add(name, value);
    }

    fn cut(&mut self, name: HeaderName) {
        self.headers_mut().cut(name);
    }
}
