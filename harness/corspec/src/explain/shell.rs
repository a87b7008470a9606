//! The words of a command line, as a POSIX shell takes it apart, with the `$'…'` of bash.

use super::mistake::Mistake;

/// A word, and where in the text it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) offset: usize,
}

/// The words of the first command in the text. Nothing is expanded.
pub(super) fn words(text: &str) -> Result<Vec<Word>, Mistake> {
    let mut words: Vec<Word> = Vec::new();
    let mut open: Option<Word> = None;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let start = at;
        at += c.len_utf8();
        let word = |open: &mut Option<Word>, part: &str| {
            open.get_or_insert_with(|| Word { text: String::new(), offset: start }).text.push_str(part);
        };
        match c {
            '\n' | ';' | '|' | '&' if open.is_some() || !words.is_empty() => break,
            c if c.is_whitespace() => words.extend(open.take()),
            '#' if open.is_none() => at += text[at..].find('\n').unwrap_or(text.len() - at),
            '\\' => match text[at..].chars().next() {
                // The line goes on below.
                Some('\n') => at += 1,
                Some('\r') if text[at + 1..].starts_with('\n') => at += 2,
                Some(next) => {
                    at += next.len_utf8();
                    word(&mut open, next.encode_utf8(&mut [0; 4]));
                }
                None => {}
            },
            '\'' => {
                let end = text[at..].find('\'').ok_or_else(|| unclosed(text, start))?;
                word(&mut open, &text[at..at + end]);
                at += end + 1;
            }
            '"' => {
                let (part, end) = double_quoted(text, at).ok_or_else(|| unclosed(text, start))?;
                word(&mut open, &part);
                at = end;
            }
            '$' if text[at..].starts_with('\'') => {
                let (part, end) = ansi_quoted(text, at + 1).ok_or_else(|| unclosed(text, start))?;
                word(&mut open, &part);
                at = end;
            }
            _ => word(&mut open, c.encode_utf8(&mut [0; 4])),
        }
    }
    words.extend(open);
    Ok(words)
}

fn unclosed(text: &str, offset: usize) -> Mistake {
    Mistake::at(text, offset, "this quote is never closed", "paste the whole command")
}

fn double_quoted(text: &str, mut at: usize) -> Option<(String, usize)> {
    let mut out = String::new();
    loop {
        let c = text[at..].chars().next()?;
        at += c.len_utf8();
        match c {
            '"' => return Some((out, at)),
            '\\' => {
                let next = text[at..].chars().next()?;
                at += next.len_utf8();
                match next {
                    '"' | '\\' | '$' | '`' => out.push(next),
                    '\n' => {}
                    _ => out.extend(['\\', next]),
                }
            }
            _ => out.push(c),
        }
    }
}

/// `$'…'`; its escapes for bytes come out as the characters of that number.
fn ansi_quoted(text: &str, mut at: usize) -> Option<(String, usize)> {
    let mut out = String::new();
    loop {
        let c = text[at..].chars().next()?;
        at += c.len_utf8();
        match c {
            '\'' => return Some((out, at)),
            '\\' => {
                let next = text[at..].chars().next()?;
                at += next.len_utf8();
                let number = |at: &mut usize, radix, most| {
                    let digits: String =
                        text[*at..].chars().take_while(|c| c.is_digit(radix)).take(most).collect();
                    *at += digits.len();
                    u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32)
                };
                match next {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    'a' => out.push('\u{7}'),
                    'b' => out.push('\u{8}'),
                    'e' | 'E' => out.push('\u{1b}'),
                    'f' => out.push('\u{c}'),
                    'v' => out.push('\u{b}'),
                    'x' => out.extend(number(&mut at, 16, 2)),
                    'u' => out.extend(number(&mut at, 16, 4)),
                    'U' => out.extend(number(&mut at, 16, 8)),
                    '0'..='7' => {
                        at -= 1;
                        out.extend(number(&mut at, 8, 3));
                    }
                    '\\' | '\'' | '"' | '?' => out.push(next),
                    _ => out.extend(['\\', next]),
                }
            }
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("curl  a 'b c' \"d\\\"e\\$ \\x\" f\\ g", &["curl", "a", "b c", "d\"e$ \\x", "f g"])]
    #[case("curl \\\n  -H 'a: b' \\\r\n  x", &["curl", "-H", "a: b", "x"])]
    #[case(r"curl $'it\'s\n\u0021\x41\101'", &["curl", "it's\n!AA"])]
    #[case("curl 'it'\\''s' ''", &["curl", "it's", ""])]
    #[case("# a comment\ncurl a # more", &["curl", "a"])]
    #[case("curl a | jq .", &["curl", "a"])]
    #[case("curl a;\ncurl b", &["curl", "a"])]
    #[case("", &[])]
    fn splits(#[case] text: &str, #[case] expected: &[&str]) {
        let words = words(text).unwrap();
        assert_eq!(words.iter().map(|word| &*word.text).collect::<Vec<_>>(), expected);
    }

    #[rstest]
    #[case("curl 'a")]
    #[case("curl \"a\\\"")]
    #[case("curl $'a\\'")]
    fn a_quote_has_an_end(#[case] text: &str) {
        assert_eq!(words(text).unwrap_err().what, "this quote is never closed");
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"[\\'"$ a-c\nxu0-9é]{0,60}"#) {
            let _ = words(&text);
        }
    }
}
