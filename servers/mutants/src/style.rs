/// How a layer says what it has to say. Every combination is right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// To a policy that permits any origin: `*`, or the origin that asks.
    pub(crate) echo_any_origin: bool,
    pub(crate) any_with_credentials: AnyWithCredentials,
    pub(crate) refused: Refused,
    /// A single listed origin is named to everybody, so the answer never varies.
    pub(crate) fixed_origin: bool,
    pub(crate) preflight_status: u16,
    pub(crate) preflight_body: &'static str,
    /// Preflights are granted what they ask for, as far as it is listed, and not the whole list.
    pub(crate) grant_asked: bool,
    /// Where any method is permitted, the usual ones are written out.
    pub(crate) usual_methods: bool,
    /// Where any header is exposed, those of the answer are written out.
    pub(crate) expose_by_name: bool,
    /// A preflight that asks for too much is told nothing at all.
    pub(crate) all_or_nothing: bool,
    /// Methods that are not listed are refused even where they need no grant.
    pub(crate) strict_methods: bool,
    /// Headers are sent even where no browser looks at them.
    pub(crate) wordy: bool,
    pub(crate) spelling: Spelling,
    pub(crate) lists: Lists,
    pub(crate) vary: Vary,
    /// `Access-Control-Max-Age` where the policy leaves it to the middleware.
    pub(crate) default_max_age: Option<u64>,
    pub(crate) wire: Wire,
}

/// What becomes of the policy that the standard forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnyWithCredentials {
    Refused,
    /// `*` alone.
    WithoutCredentials,
    /// `*` with a permission for credentials, which no browser accepts together.
    Literal,
    /// Nobody is permitted.
    Nobody,
}

/// How a refused origin is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Answered as ever, without a permission.
    Silent,
    /// Answered as ever, with a permission for the first origin of the list.
    OtherOrigin,
    /// 403, to preflights and to all other requests.
    Forbidden,
    /// 400, to preflights alone.
    BadPreflight,
}

/// How the names of headers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    AsListed,
    Lower,
    Upper,
}

/// How lists are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lists {
    Joined(&'static str),
    /// A line for each element.
    Lines,
}

/// Which `Vary` there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vary {
    /// Merged into one line, where the answer depends on the origin.
    Merged,
    /// A line of its own, where the answer depends on the origin.
    OwnLine,
    /// A line of its own on every answer, of all that CORS could depend on.
    Always,
}

/// How responses are put on the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire {
    pub(crate) keep_alive: bool,
    pub(crate) chunked: bool,
    pub(crate) title_case: bool,
}

impl Style {
    /// The reference server's.
    pub(crate) const PLAIN: Self = Self {
        echo_any_origin: false,
        any_with_credentials: AnyWithCredentials::Refused,
        refused: Refused::Silent,
        fixed_origin: false,
        preflight_status: 204,
        preflight_body: "",
        grant_asked: false,
        usual_methods: false,
        expose_by_name: false,
        all_or_nothing: false,
        strict_methods: false,
        wordy: false,
        spelling: Spelling::AsListed,
        lists: Lists::Joined(", "),
        vary: Vary::Merged,
        default_max_age: None,
        wire: Wire { keep_alive: true, chunked: false, title_case: false },
    };

    /// Header names, written in this style.
    pub(crate) fn spell(&self, names: Vec<String>) -> Vec<String> {
        match self.spelling {
            Spelling::AsListed => names,
            Spelling::Lower => names.iter().map(|name| name.to_ascii_lowercase()).collect(),
            Spelling::Upper => names.iter().map(|name| name.to_ascii_uppercase()).collect(),
        }
    }
}
