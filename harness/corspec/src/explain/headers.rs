//! Which headers of a recorded request are the page's own: the rest the browser writes, whatever script does.

use corspec_browser::headers::{is_cors_safelisted_request_header, is_forbidden_request_header};
use corspec_browser::{Header, HeaderList};

use crate::record::text;
use crate::report::printable::wire;

/// The name and the value of a header that script sets.
pub type Line = (Vec<u8>, Vec<u8>);

/// Header names that browsers write on any request.
const BROWSERS_OWN: [&str; 12] = [
    "accept",
    "accept-language",
    "user-agent",
    "cache-control",
    "pragma",
    "priority",
    "downlink",
    "dpr",
    "ect",
    "rtt",
    "if-none-match",
    "if-modified-since",
];

/// The lines that script set, and a note on those left out.
///
/// `asked` are the names of the preflight's `Access-Control-Request-Headers`, where there was one: they leave no doubt.
pub(super) fn authors(headers: &HeaderList, asked: Option<&[String]>) -> (Vec<Line>, Option<String>) {
    let recorded = is_recorded(headers);
    let mut left_out = Vec::new();
    let mut own = Vec::new();
    for header in headers {
        let keeps = match asked {
            Some(asked) => asked.iter().any(|name| header.is(name)) || is_safelisted_type(header),
            None => !recorded || !is_browsers_own(header),
        };
        if header.name.starts_with(b":") || is_forbidden_request_header(&header.name, &header.value) {
            // Neither HTTP/2's own fields nor what script cannot set bears on anything.
        } else if keeps {
            own.push((header.name.to_vec(), header.value.to_vec()));
        } else {
            left_out.push(text(&header.name).to_ascii_lowercase());
        }
    }
    left_out.dedup();
    let doubtful =
        |name: &String| !matches!(&**name, "accept" | "accept-language" | "user-agent" | "priority");
    left_out.retain(|name| asked.is_none() && doubtful(name) && !name.starts_with("sec-"));
    let note = (!left_out.is_empty()).then(|| {
        let names = wire(&left_out.join(", "), 200).into_owned();
        format!(
            "Taken for the browser's own and left out: {names}. If script sets one, add it with --header."
        )
    });
    (own, note)
}

/// Whether a browser wrote this list down, rather than a person.
fn is_recorded(headers: &HeaderList) -> bool {
    headers.iter().any(|header| {
        let name = header.name.to_ascii_lowercase();
        name.starts_with(b"sec-fetch-") || name.starts_with(b"sec-ch-") || name == b"user-agent"
    })
}

fn is_browsers_own(header: &Header) -> bool {
    BROWSERS_OWN.iter().any(|name| header.is(name)) || header.name.to_ascii_lowercase().starts_with(b"sec-")
}

fn is_safelisted_type(header: &Header) -> bool {
    header.is("Content-Type") && is_cors_safelisted_request_header(&header.name, &header.value)
}
