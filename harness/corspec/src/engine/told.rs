//! What the runner's page says of a step.

use corspec_browser::{Header, HeaderList};
use serde::Deserialize;

/// What the page says of all the cases that it was told to perform.
#[derive(Debug, Deserialize)]
pub(super) struct ToldBatch {
    /// A list for each case, an entry for each step.
    #[serde(default)]
    pub(super) told: Vec<Option<Vec<Told>>>,
    /// Why there is none.
    pub(super) failed: Option<String>,
}

/// What the page says of a step.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Told {
    /// `allow`, `opaque`, `block`; `loaded` by an element, `sent` by what tells no more.
    pub(super) outcome: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) url: Option<String>,
    pub(super) headers: Option<Vec<(String, String)>>,
    pub(super) timing: Option<bool>,
    /// Why this browser cannot make the request.
    pub(super) cannot: Option<String>,
    /// Why the page came to no end.
    pub(super) failed: Option<String>,
}

impl Told {
    /// The headers that script sees, as bytes.
    pub(super) fn header_list(&self) -> Option<HeaderList> {
        let header = |(name, value): &(String, String)| Header::new(bytes(name), bytes(value));
        self.headers.as_ref().map(|headers| headers.iter().map(header).collect())
    }
}

/// The bytes that a byte string's code points stand for.
fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}
