//! MIME types: <https://mimesniff.spec.whatwg.org/#parsing-a-mime-type>, over bytes, which stand for their isomorphic decoding.

use crate::syntax::{is_token, is_whitespace, trim};

/// A parsed MIME type. Parameters keep the order in which they were first named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MimeType {
    /// `type/subtype`, in lower case. <https://mimesniff.spec.whatwg.org/#mime-type-essence>
    pub essence: Vec<u8>,
    /// Names in lower case, with their values.
    pub parameters: Vec<(Vec<u8>, Vec<u8>)>,
}

/// "Parse a MIME type"; nothing where the standard returns failure.
pub fn parse(input: &[u8]) -> Option<MimeType> {
    let input = trim(input, is_whitespace);
    let slash = input.iter().position(|&byte| byte == b'/')?;
    let (kind, rest) = (&input[..slash], &input[slash + 1..]);
    let end = rest.iter().position(|&byte| byte == b';').unwrap_or(rest.len());
    let subtype = trim_end(&rest[..end]);
    if !is_token(kind) || !is_token(subtype) {
        return None;
    }
    let mut essence = input[..slash + 1 + subtype.len()].to_vec();
    essence.make_ascii_lowercase();
    Some(MimeType { essence, parameters: parameters(&rest[end..]) })
}

impl MimeType {
    /// The value of the parameter `name` (lower case).
    pub fn parameter(&self, name: &[u8]) -> Option<&[u8]> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// "Serialize a MIME type". <https://mimesniff.spec.whatwg.org/#serializing-a-mime-type>
    pub fn serialize(&self) -> Vec<u8> {
        let mut bytes = self.essence.clone();
        for (name, value) in &self.parameters {
            bytes.push(b';');
            bytes.extend_from_slice(name);
            bytes.push(b'=');
            if is_token(value) {
                bytes.extend_from_slice(value);
                continue;
            }
            bytes.push(b'"');
            for &byte in value {
                if matches!(byte, b'"' | b'\\') {
                    bytes.push(b'\\');
                }
                bytes.push(byte);
            }
            bytes.push(b'"');
        }
        bytes
    }
}

fn parameters(mut rest: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    while let Some((b';', after)) = rest.split_first() {
        rest = trim_start(after);
        let end = rest.iter().position(|byte| matches!(byte, b';' | b'=')).unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        rest = &rest[end..];
        let Some((b'=', after)) = rest.split_first() else { continue };
        rest = after;
        let value = if rest.first() == Some(&b'"') {
            let (value, after) = quoted_string(rest);
            let end = after.iter().position(|&byte| byte == b';').unwrap_or(after.len());
            rest = &after[end..];
            value
        } else {
            let end = rest.iter().position(|&byte| byte == b';').unwrap_or(rest.len());
            let value = trim_end(&rest[..end]).to_vec();
            rest = &rest[end..];
            if value.is_empty() {
                continue;
            }
            value
        };
        let legal = is_token(&name) && value.iter().all(|&byte| is_quoted_string_byte(byte));
        if legal && !found.iter().any(|(known, _)| *known == name) {
            found.push((name, value));
        }
    }
    found
}

/// "Collect an HTTP quoted string" with extract-value; `input` starts with the quote.
/// <https://fetch.spec.whatwg.org/#collect-an-http-quoted-string>
fn quoted_string(input: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut value = Vec::new();
    let mut rest = &input[1..];
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => break,
            b'\\' => match rest.split_first() {
                Some((&escaped, after)) => {
                    value.push(escaped);
                    rest = after;
                }
                None => value.push(b'\\'),
            },
            _ => value.push(byte),
        }
    }
    (value, rest)
}

/// <https://mimesniff.spec.whatwg.org/#http-quoted-string-token-code-point>
const fn is_quoted_string_byte(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x20..=0x7E | 0x80..=0xFF)
}

fn trim_start(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|&byte| !is_whitespace(byte)).unwrap_or(bytes.len());
    &bytes[start..]
}

fn trim_end(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|&byte| !is_whitespace(byte)).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// The text with UTF-8 for the value of every charset parameter, quotes and white space left where they are.
pub(crate) fn with_charsets_replaced(text: &[u8]) -> Vec<u8> {
    const PARAMETER: &[u8] = b"charset";
    let mut replaced = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.windows(PARAMETER.len()).position(|word| word.eq_ignore_ascii_case(PARAMETER)) {
        let (before, after) = rest.split_at(at + PARAMETER.len());
        replaced.extend_from_slice(before);
        rest = after;
        let equals = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if rest.get(equals) != Some(&b'=') {
            continue;
        }
        let is_outside = |byte: &&u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'');
        let begin = equals + 1 + rest[equals + 1..].iter().take_while(is_outside).count();
        let ends = |byte: &&u8| !is_outside(byte) && **byte != b';';
        let length = rest[begin..].iter().take_while(ends).count();
        replaced.extend_from_slice(&rest[..begin]);
        if length > 0 {
            replaced.extend_from_slice(b"UTF-8");
        }
        rest = &rest[begin + length..];
    }
    replaced.extend_from_slice(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Text/Plain; charset=iso-8859-1", "Text/Plain; charset=UTF-8")]
    #[case("text/plain; a=b; charset=\"x\"; c=d", "text/plain; a=b; charset=\"UTF-8\"; c=d")]
    #[case("text/plain;charset=utf-8;charset=x", "text/plain;charset=UTF-8;charset=UTF-8")]
    #[case("text/plain; CHARSET= x y", "text/plain; CHARSET= UTF-8 y")]
    #[case("text/plain; charset='x';", "text/plain; charset='UTF-8';")]
    #[case("text/plain; charset", "text/plain; charset")]
    #[case("text/plain; charset=", "text/plain; charset=")]
    fn charsets_are_replaced_in_place(#[case] text: &str, #[case] replaced: &str) {
        assert_eq!(with_charsets_replaced(text.as_bytes()), replaced.as_bytes());
    }

    #[test]
    fn a_parameter_has_its_first_value() {
        let parsed = parse(b"text/plain;charset=a;b=\"c\\\"d\";charset=e;f=\"\x80\"").unwrap();
        assert_eq!(parsed.parameter(b"charset"), Some(&b"a"[..]));
        assert_eq!(parsed.parameter(b"b"), Some(&b"c\"d"[..]));
        assert_eq!(parsed.parameter(b"f"), Some(&b"\x80"[..]));
        assert_eq!(parsed.parameter(b"g"), None);
        assert_eq!(parse(b"text/plain;a=\"\x7f\"").unwrap().parameter(b"a"), None);
    }

    #[rstest]
    #[case("text/plain", Some("text/plain"))]
    #[case(" Text/PLAIN\t", Some("text/plain"))]
    #[case("text/plain;charset=UTF-8", Some("text/plain;charset=UTF-8"))]
    #[case("text/plain ; Charset=\"a\\\"b\"x;charset=c", Some("text/plain;charset=\"a\\\"b\""))]
    #[case("text/plain;", Some("text/plain"))]
    #[case("text/plain;garbage", Some("text/plain"))]
    #[case("text/plain;a=;b=\"\"", Some("text/plain;b=\"\""))]
    #[case("text/plain,x/x", None)]
    #[case("text /plain", None)]
    #[case("text/", None)]
    #[case("/plain", None)]
    #[case("text", None)]
    #[case("", None)]
    fn parses(#[case] input: &str, #[case] serialized: Option<&str>) {
        let parsed = parse(input.as_bytes()).map(|mime| String::from_utf8(mime.serialize()).unwrap());
        assert_eq!(parsed.as_deref(), serialized);
    }

    proptest! {
        /// An implementation by others of the same standard, held to the standard's own test data.
        #[test]
        fn agrees_with_data_url(input in "[ \t]?[a-z!/A-Z ]{0,6}/?[a-z+ ]{0,5}[ ]?(;[ ]?[a-z=]{0,4}=?\"?[a-z\\\\; ]{0,4}\"?){0,3}[ \u{e9}]?") {
            let bytes: Vec<u8> = input.chars().map(|c| c as u8).collect();
            let ours = parse(&bytes).map(|mime| mime.serialize().iter().map(|&b| char::from(b)).collect::<String>());
            let theirs = input.parse::<data_url::mime::Mime>().ok().map(|mime| mime.to_string());
            prop_assert_eq!(ours, theirs);
        }
    }
}
