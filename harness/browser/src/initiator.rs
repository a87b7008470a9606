//! What asks: each of the platform's ways to load something, and the request that it makes.

use std::fmt;

use crate::http::Bytes;
use crate::request::{Body, BodyKind, CredentialsMode, Mode, RequestInit};

macro_rules! initiators {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $destination:ident $anchor:literal),* $(,)?) => {
        /// Which API, element or style rule asks.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Initiator {
            #[default]
            $($(#[doc = $doc])+ $variant,)*
        }

        impl Initiator {
            /// Every initiator.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in case files and reports.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it loads.
            pub const fn destination(self) -> Destination {
                match self { $(Self::$variant => Destination::$destination),* }
            }

            /// Where the platform says what it asks.
            pub const fn anchor(self) -> &'static str {
                match self { $(Self::$variant => $anchor),* }
            }
        }
    };
}

initiators! {
    /// `fetch()`
    Fetch "fetch" Empty "https://fetch.spec.whatwg.org/#dom-global-fetch",
    /// `XMLHttpRequest`; credentials mode include stands for `withCredentials`.
    Xhr "xhr" Empty "https://xhr.spec.whatwg.org/#the-send()-method",
    /// `XMLHttpRequest` with an event listener on `upload`.
    XhrUploadListener "xhr-upload-listener" Empty "https://xhr.spec.whatwg.org/#the-send()-method",
    /// `<img>`
    Image "img" Image "https://html.spec.whatwg.org/multipage/images.html#updating-the-image-data",
    /// `<script>`
    Script "script" Script "https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-classic-script",
    /// `<script type=module>`
    ModuleScript "module-script" Script "https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-single-module-script",
    /// `<link rel=stylesheet>`
    Stylesheet "stylesheet" Style "https://html.spec.whatwg.org/multipage/links.html#link-type-stylesheet",
    /// `@font-face`
    Font "font" Font "https://drafts.csswg.org/css-fonts-4/#font-fetching-requirements",
    /// `<video>`
    Video "video" Video "https://html.spec.whatwg.org/multipage/media.html#concept-media-load-resource",
    /// `<audio>`
    Audio "audio" Audio "https://html.spec.whatwg.org/multipage/media.html#concept-media-load-resource",
    /// `<track>`; the `crossorigin` attribute is that of its media element.
    Track "track" Track "https://html.spec.whatwg.org/multipage/media.html#start-the-track-processing-model",
    /// `navigator.sendBeacon()`
    Beacon "beacon" Empty "https://w3c.github.io/beacon/#sec-processing-model",
    /// `EventSource`; `withCredentials` stands as `crossorigin=use-credentials`.
    EventSource "event-source" Empty "https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface",
    /// A form that is submitted, which navigates the page: never a matter of CORS, and nothing that script reads.
    Form "form" Document "https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#form-submission-algorithm",
    /// `WebSocket`: never a matter of CORS; the server sees Origin and must look at it itself.
    WebSocket "web-socket" WebSocket "https://websockets.spec.whatwg.org/#opening-handshake",
}

/// <https://fetch.spec.whatwg.org/#concept-request-destination>, and `websocket` as Fetch Metadata has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the destinations are named as the standard names them")]
#[non_exhaustive]
pub enum Destination {
    Empty,
    Audio,
    Document,
    Font,
    Image,
    Script,
    Style,
    Track,
    Video,
    WebSocket,
}

/// The `crossorigin` attribute.
///
/// <https://html.spec.whatwg.org/multipage/urls-and-fetching.html#cors-settings-attribute>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CrossOrigin {
    /// It is not there.
    #[default]
    Absent,
    /// `anonymous`, which any unknown value means too.
    Anonymous,
    /// `use-credentials`
    UseCredentials,
}

impl Initiator {
    /// The initiator of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|initiator| initiator.name() == name)
    }

    /// Whether it is `XMLHttpRequest`.
    pub const fn is_xhr(self) -> bool {
        matches!(self, Self::Xhr | Self::XhrUploadListener)
    }

    /// Whether a method or a header that is not safelisted asks for a preflight. Beacon's text does not set the flag,
    /// though every browser goes by it.
    ///
    /// <https://fetch.spec.whatwg.org/#unsafe-request-flag>
    pub(crate) const fn sets_unsafe_request(self) -> bool {
        matches!(self, Self::Fetch | Self::Xhr | Self::XhrUploadListener | Self::Beacon)
    }

    /// What Chromium's console calls a load of this kind.
    pub(crate) const fn chromium_kind(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Xhr | Self::XhrUploadListener => "XMLHttpRequest",
            Self::Image => "image",
            Self::Script | Self::ModuleScript => "script",
            Self::Stylesheet => "CSS stylesheet",
            Self::Font => "font",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Track => "text track",
            Self::Beacon | Self::EventSource | Self::Form | Self::WebSocket => "resource",
        }
    }
}

impl fmt::Display for Initiator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Destination {
    /// The value of `Sec-Fetch-Dest`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Font => "font",
            Self::Image => "image",
            Self::Script => "script",
            Self::Style => "style",
            Self::Track => "track",
            Self::Video => "video",
            Self::WebSocket => "websocket",
        }
    }

    /// The Accept header where script sets none. <https://fetch.spec.whatwg.org/#concept-fetch>
    pub(crate) const fn accept(self) -> &'static [u8] {
        match self {
            Self::Document => b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            Self::Image => b"image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
            Self::Style => b"text/css,*/*;q=0.1",
            _ => b"*/*",
        }
    }
}

impl RequestInit {
    /// What an initiator asks of a URL: its mode, credentials, method and headers. `crossorigin` counts where the
    /// platform has such an attribute.
    pub fn by(initiator: Initiator, url: impl Into<String>, crossorigin: CrossOrigin) -> Self {
        let mut init = Self { initiator, ..Self::new(url) };
        match initiator {
            Initiator::Fetch | Initiator::Xhr | Initiator::XhrUploadListener => {}
            // "Create a potential-CORS request".
            Initiator::Image
            | Initiator::Script
            | Initiator::Stylesheet
            | Initiator::Video
            | Initiator::Audio => init.set_potential_cors(crossorigin, Mode::NoCors),
            // The same, with the same-origin fallback flag.
            Initiator::Track => init.set_potential_cors(crossorigin, Mode::SameOrigin),
            Initiator::EventSource => {
                let anonymous = crossorigin != CrossOrigin::UseCredentials;
                init.credentials =
                    if anonymous { CredentialsMode::SameOrigin } else { CredentialsMode::Include };
                init.headers = vec![(Bytes::Borrowed(b"Accept"), Bytes::Borrowed(b"text/event-stream"))];
            }
            // Modules and fonts are always a matter of CORS.
            Initiator::ModuleScript => init.set_potential_cors(crossorigin, Mode::Cors),
            Initiator::Font => {}
            Initiator::Beacon => {
                init.method = Bytes::Borrowed(b"POST");
                init.credentials = CredentialsMode::Include;
                init.keepalive = true;
            }
            Initiator::Form => {
                init.method = Bytes::Borrowed(b"POST");
                init.credentials = CredentialsMode::Include;
                let content_type = Some(Bytes::Borrowed(&b"application/x-www-form-urlencoded"[..]));
                init.body = Some(Body { content_type, ..Body::sample(BodyKind::Urlencoded) });
            }
            Initiator::WebSocket => init.credentials = CredentialsMode::Include,
        }
        init
    }

    /// <https://html.spec.whatwg.org/multipage/urls-and-fetching.html#create-a-potential-cors-request>
    fn set_potential_cors(&mut self, crossorigin: CrossOrigin, without: Mode) {
        self.mode = if crossorigin == CrossOrigin::Absent { without } else { Mode::Cors };
        self.credentials = match crossorigin {
            CrossOrigin::Absent if without == Mode::Cors => CredentialsMode::SameOrigin,
            CrossOrigin::Anonymous => CredentialsMode::SameOrigin,
            CrossOrigin::Absent | CrossOrigin::UseCredentials => CredentialsMode::Include,
        };
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    use CredentialsMode::{Include, SameOrigin};

    #[rstest]
    #[case(Initiator::Image, CrossOrigin::Absent, Mode::NoCors, Include)]
    #[case(Initiator::Image, CrossOrigin::Anonymous, Mode::Cors, SameOrigin)]
    #[case(Initiator::Image, CrossOrigin::UseCredentials, Mode::Cors, Include)]
    #[case(Initiator::ModuleScript, CrossOrigin::Absent, Mode::Cors, SameOrigin)]
    #[case(Initiator::ModuleScript, CrossOrigin::UseCredentials, Mode::Cors, Include)]
    #[case(Initiator::Font, CrossOrigin::UseCredentials, Mode::Cors, SameOrigin)]
    #[case(Initiator::Track, CrossOrigin::Absent, Mode::SameOrigin, Include)]
    #[case(Initiator::Track, CrossOrigin::Anonymous, Mode::Cors, SameOrigin)]
    #[case(Initiator::EventSource, CrossOrigin::Absent, Mode::Cors, SameOrigin)]
    #[case(Initiator::EventSource, CrossOrigin::UseCredentials, Mode::Cors, Include)]
    fn what_an_attribute_makes_of_a_request(
        #[case] initiator: Initiator,
        #[case] crossorigin: CrossOrigin,
        #[case] mode: Mode,
        #[case] credentials: CredentialsMode,
    ) {
        let init = RequestInit::by(initiator, "https://api.example/", crossorigin);
        assert_eq!((init.mode, init.credentials), (mode, credentials));
    }

    #[test]
    fn names_read_back() {
        for &initiator in Initiator::ALL {
            assert_eq!(Initiator::from_name(initiator.name()), Some(initiator));
            assert!(initiator.anchor().starts_with("https://"));
            assert_eq!(initiator.to_string(), initiator.name());
        }
    }
}
