//! The pieces of grammar that HTTP and Fetch share: tokens, white space, lists.

/// Whether `byte` may stand in a token. <https://httpwg.org/specs/rfc9110.html#rule.token.separators>
pub const fn is_token_byte(byte: u8) -> bool {
    matches!(
        byte,
        b'!' | b'#'
            | b'$'
            | b'%'
            | b'&'
            | b'\''
            | b'*'
            | b'+'
            | b'-'
            | b'.'
            | b'^'
            | b'_'
            | b'`'
            | b'|'
            | b'~'
    ) || byte.is_ascii_alphanumeric()
}

/// Whether `bytes` is a token: one token byte or more.
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().copied().all(is_token_byte)
}

/// Whether `byte` is an HTTP tab or space byte. <https://fetch.spec.whatwg.org/#http-tab-or-space-byte>
pub const fn is_tab_or_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b' ')
}

/// Whether `byte` is an HTTP whitespace byte. <https://fetch.spec.whatwg.org/#http-whitespace-byte>
pub const fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' ')
}

/// `bytes` without the bytes at either end for which `strip` holds.
pub fn trim(bytes: &[u8], strip: impl Fn(u8) -> bool) -> &[u8] {
    let Some(start) = bytes.iter().position(|&byte| !strip(byte)) else { return &[] };
    let end = bytes.iter().rposition(|&byte| !strip(byte)).map_or(start, |last| last + 1);
    &bytes[start..end]
}

/// The elements of `#token`: separated by commas with optional white space around them, empty ones left out.
/// Nothing where an element is no token.
///
/// <https://httpwg.org/specs/rfc9110.html#abnf.extension>
pub fn tokens(value: &[u8]) -> Option<Vec<&[u8]>> {
    let mut list = Vec::new();
    for element in value.split(|&byte| byte == b',') {
        let element = trim(element, is_tab_or_space);
        if element.is_empty() {
            continue;
        }
        if !is_token(element) {
            return None;
        }
        list.push(element);
    }
    Some(list)
}

/// "Get, decode, and split" for one value: at the commas that stand outside of quoted strings, tabs and spaces trimmed.
///
/// <https://fetch.spec.whatwg.org/#header-value-get-decode-and-split>
pub fn decode_and_split(value: &[u8]) -> Vec<&[u8]> {
    let mut elements = Vec::new();
    let (mut start, mut position, mut quoted) = (0, 0, false);
    while position < value.len() {
        match value[position] {
            b'\\' if quoted => position += 1,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                elements.push(trim(&value[start..position], is_tab_or_space));
                start = position + 1;
            }
            _ => {}
        }
        position += 1;
    }
    elements.push(trim(&value[start..], is_tab_or_space));
    elements
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", Some(vec![]))]
    #[case(" ,\t, ,", Some(vec![]))]
    #[case("PUT", Some(vec!["PUT"]))]
    #[case(",a ,, b\t,", Some(vec!["a", "b"]))]
    #[case("*", Some(vec!["*"]))]
    #[case("a b", None)]
    #[case("\"a\"", None)]
    #[case("a;q=1", None)]
    #[case("a,\u{b}b", None)]
    #[case("a/b", None)]
    fn token_lists(#[case] value: &str, #[case] list: Option<Vec<&str>>) {
        assert_eq!(tokens(value.as_bytes()), list.map(|list| list.into_iter().map(str::as_bytes).collect()));
    }

    #[rstest]
    #[case("a", &["a"])]
    #[case(" a ,\tb", &["a", "b"])]
    #[case("", &[""])]
    #[case(",", &["", ""])]
    #[case("\",TRACE\",", &["\",TRACE\"", ""])]
    #[case("\"a\\\",b\",c", &["\"a\\\",b\"", "c"])]
    #[case("\"unclosed,a", &["\"unclosed,a"])]
    fn splits(#[case] value: &str, #[case] elements: &[&str]) {
        let expected: Vec<_> = elements.iter().map(|element| element.as_bytes()).collect();
        assert_eq!(decode_and_split(value.as_bytes()), expected);
    }

    proptest! {
        #[test]
        fn a_list_of_tokens_survives_any_legal_layout(
            names in prop::collection::vec("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8}", 0..6),
            padding in prop::collection::vec("[ \t]{0,2},?[ \t]{0,2}", 7),
        ) {
            let mut value = padding[0].clone();
            for (name, space) in names.iter().zip(&padding[1..]) {
                value.push_str(&format!(" {name}\t,{space}"));
            }
            let expected: Vec<_> = names.iter().map(|name| name.as_bytes()).collect();
            prop_assert_eq!(tokens(value.as_bytes()), Some(expected));
        }

        #[test]
        fn trimming_leaves_nothing_to_trim(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let trimmed = trim(&bytes, is_whitespace);
            prop_assert!(!trimmed.first().copied().is_some_and(is_whitespace));
            prop_assert!(!trimmed.last().copied().is_some_and(is_whitespace));
        }
    }
}
