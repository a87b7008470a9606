use corspec_protocol::Server;

use crate::server::Specimen;
use crate::style::{AnyWithCredentials, Lists, Refused, Spelling, Style, Vary, Wire};

/// A server without a fault, in a style of its own.
#[derive(Clone, Copy, Debug)]
pub struct RightServer {
    /// Its name, in kebab-case; unique, among mutants too.
    pub id: &'static str,
    /// What is its own about it, in one sentence.
    pub about: &'static str,
    style: Style,
}

impl RightServer {
    /// The server itself.
    pub fn server(&self) -> impl Server + use<> {
        self.specimen()
    }

    pub(crate) fn specimen(&self) -> Specimen {
        Specimen::new(self.id, self.about, self.style, None)
    }
}

/// Servers that are right, and as unlike as right servers are.
pub fn right_servers() -> &'static [RightServer] {
    RIGHT
}

const PLAIN: Style = Style::PLAIN;
const WIRE: Wire = PLAIN.wire;

const RIGHT: &[RightServer] = &[
    RightServer { id: "right-plain", about: "As plain as the reference.", style: PLAIN },
    RightServer {
        id: "right-echo",
        about: "Any origin is echoed, and preflights are granted what they ask for and no more.",
        style: Style { echo_any_origin: true, grant_asked: true, vary: Vary::OwnLine, ..PLAIN },
    },
    RightServer {
        id: "right-forbids",
        about: "Refused origins get 403, whatever they ask for, but for the server's own pages.",
        style: Style {
            refused: Refused::Forbidden,
            any_with_credentials: AnyWithCredentials::Nobody,
            preflight_status: 200,
            ..PLAIN
        },
    },
    RightServer {
        id: "right-bad-preflight",
        about: "Preflights of refused origins, or that ask for too much, get 400 with a text that says so.",
        style: Style {
            refused: Refused::BadPreflight,
            all_or_nothing: true,
            preflight_status: 200,
            preflight_body: "OK",
            default_max_age: Some(600),
            ..PLAIN
        },
    },
    RightServer {
        id: "right-other-origin",
        about: "Refused origins are told the first one that is permitted.",
        style: Style {
            refused: Refused::OtherOrigin,
            any_with_credentials: AnyWithCredentials::Literal,
            lists: Lists::Joined(","),
            ..PLAIN
        },
    },
    RightServer {
        id: "right-fixed-origin",
        about: "A single listed origin is named to everybody, so that answer depends on nothing.",
        style: Style {
            fixed_origin: true,
            any_with_credentials: AnyWithCredentials::Literal,
            default_max_age: Some(5),
            ..PLAIN
        },
    },
    RightServer {
        id: "right-wordy",
        about: "Every answer has every header, wherever browsers look for it or not.",
        style: Style {
            wordy: true,
            any_with_credentials: AnyWithCredentials::Literal,
            vary: Vary::Always,
            usual_methods: true,
            default_max_age: Some(86400),
            ..PLAIN
        },
    },
    RightServer {
        id: "right-terse",
        about: "A preflight that asks for too much is told nothing, any other what it asked for.",
        style: Style {
            all_or_nothing: true,
            grant_asked: true,
            expose_by_name: true,
            lists: Lists::Joined(","),
            spelling: Spelling::Lower,
            ..PLAIN
        },
    },
    RightServer {
        id: "right-lines",
        about: "Every element of a list has a line of its own.",
        style: Style {
            lists: Lists::Lines,
            vary: Vary::OwnLine,
            any_with_credentials: AnyWithCredentials::WithoutCredentials,
            ..PLAIN
        },
    },
    RightServer {
        id: "right-in-capitals",
        about: "Names of headers are in capitals, the headers' own in title case.",
        style: Style {
            spelling: Spelling::Upper,
            echo_any_origin: true,
            wire: Wire { title_case: true, ..WIRE },
            preflight_status: 200,
            ..PLAIN
        },
    },
    RightServer {
        id: "right-white-space",
        about: "Lists have as much white space as the grammar permits.",
        style: Style {
            lists: Lists::Joined(" ,\t "),
            spelling: Spelling::Lower,
            vary: Vary::Always,
            ..PLAIN
        },
    },
    RightServer {
        id: "right-one-request-a-connection",
        about: "Connections are closed after each answer.",
        style: Style {
            wire: Wire { keep_alive: false, ..WIRE },
            preflight_status: 200,
            refused: Refused::OtherOrigin,
            ..PLAIN
        },
    },
    RightServer {
        id: "right-chunked",
        about: "Bodies are sent in chunks, the preflight's as well.",
        style: Style {
            wire: Wire { chunked: true, ..WIRE },
            preflight_status: 200,
            preflight_body: "{\"preflight\":\"ok\"}",
            default_max_age: Some(0),
            ..PLAIN
        },
    },
    RightServer {
        id: "right-usual-methods",
        about: "Any method means the usual ones, any exposed header means those of the answer.",
        style: Style {
            usual_methods: true,
            expose_by_name: true,
            preflight_status: 202,
            echo_any_origin: true,
            ..PLAIN
        },
    },
    RightServer {
        id: "right-strict-methods",
        about: "Methods that are not listed are refused even where they need no grant.",
        style: Style {
            strict_methods: true,
            any_with_credentials: AnyWithCredentials::WithoutCredentials,
            vary: Vary::Always,
            ..PLAIN
        },
    },
    RightServer {
        id: "right-everything-at-once",
        about: "An echo that forbids, in chunks, in capitals, on lines of its own, one answer a connection.",
        style: Style {
            echo_any_origin: true,
            any_with_credentials: AnyWithCredentials::Nobody,
            refused: Refused::Forbidden,
            grant_asked: true,
            expose_by_name: true,
            all_or_nothing: true,
            preflight_status: 200,
            preflight_body: "granted",
            spelling: Spelling::Upper,
            lists: Lists::Lines,
            vary: Vary::Always,
            default_max_age: Some(7200),
            wire: Wire { keep_alive: false, chunked: true, title_case: true },
            ..PLAIN
        },
    },
];
