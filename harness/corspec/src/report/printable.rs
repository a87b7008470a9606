//! Text that a server or a case wrote, made fit to be seen: it moves no cursor, hides nothing and has an end.

use std::borrow::Cow;
use std::fmt::Write as _;

/// How many characters of a value a reader is shown at most, where nothing else limits it.
pub const LIMIT: usize = 400;

/// Prose of at most [`LIMIT`] characters: control characters, and those that turn or hide text, become escapes.
pub fn printable(text: &str) -> Cow<'_, str> {
    abridged(text, LIMIT)
}

/// As [`printable`], of at most `limit` characters: what is longer loses its middle and says how much.
pub fn abridged(text: &str, limit: usize) -> Cow<'_, str> {
    render(text, limit, is_unfit)
}

/// Bytes of at most `limit` characters: as [`abridged`], and whatever is not ASCII becomes an escape too, because the
/// code points of header lines and bodies are bytes.
pub fn wire(text: &str, limit: usize) -> Cow<'_, str> {
    render(text, limit, |c| !c.is_ascii() || is_unfit(c))
}

/// What was written on several lines, such as the output of a server, line by line; of many the first ones.
pub fn paragraphs(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.lines().filter(|line| !line.trim().is_empty()).take(20).map(printable)
}

fn render(text: &str, limit: usize, unfit: impl Fn(char) -> bool + Copy) -> Cow<'_, str> {
    let width = |c: char| if unfit(c) { escape_width(c) } else { 1 };
    let fits =
        text.chars().try_fold(0_usize, |sum, c| Some(sum + width(c)).filter(|&sum| sum <= limit)).is_some();
    if fits && !text.chars().any(unfit) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().min(limit.saturating_mul(2)));
    if fits {
        push_all(&mut out, text, unfit);
        return Cow::Owned(out);
    }
    let room = limit.saturating_sub("…[1234567 more]…".chars().count()).max(2);
    let head = text.len() - after(text, room - room / 3, width).len();
    let tail = before(&text[head..], room / 3, width);
    let hidden = &text[head..text.len() - tail.len()];
    push_all(&mut out, &text[..head], unfit);
    let _ = write!(out, "…[{} more]…", hidden.chars().count());
    push_all(&mut out, tail, unfit);
    Cow::Owned(out)
}

/// What follows the first characters that fit into `room`.
fn after(text: &str, room: usize, width: impl Fn(char) -> usize) -> &str {
    let mut sum = 0;
    let cut = text.char_indices().find(|&(_, c)| {
        sum += width(c);
        sum > room
    });
    cut.map_or("", |(index, _)| &text[index..])
}

/// The last characters that fit into `room`.
fn before(text: &str, room: usize, width: impl Fn(char) -> usize) -> &str {
    let mut sum = 0;
    let cut = text.char_indices().rev().find(|&(_, c)| {
        sum += width(c);
        sum > room
    });
    cut.map_or(text, |(index, c)| &text[index + c.len_utf8()..])
}

fn push_all(out: &mut String, text: &str, unfit: impl Fn(char) -> bool) {
    for c in text.chars() {
        if unfit(c) {
            push_escape(out, c);
        } else {
            out.push(c);
        }
    }
}

fn push_escape(out: &mut String, c: char) {
    let _ = match c {
        '\t' => write!(out, "\\t"),
        '\n' => write!(out, "\\n"),
        '\r' => write!(out, "\\r"),
        '\0' => write!(out, "\\0"),
        '\u{1}'..='\u{ff}' => write!(out, "\\x{:02X}", u32::from(c)),
        _ => write!(out, "\\u{{{:X}}}", u32::from(c)),
    };
}

fn escape_width(c: char) -> usize {
    match c {
        '\t' | '\n' | '\r' | '\0' => 2,
        '\u{1}'..='\u{ff}' => 4,
        '\u{100}'..='\u{fff}' => 7,
        '\u{1000}'..='\u{ffff}' => 8,
        '\u{10000}'..='\u{fffff}' => 9,
        _ => 10,
    }
}

/// Whether a character acts on what is around it, or cannot be seen, or is in no XML document.
fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://app.example", "https://app.example")]
    #[case("naïve — 日本", "naïve — 日本")]
    #[case("a\u{1b}[31mred", "a\\x1B[31mred")]
    #[case("a\r\n\t\0", "a\\r\\n\\t\\0")]
    #[case("\u{202e}txt.exe", "\\u{202E}txt.exe")]
    #[case("\u{9b}2J", "\\x9B2J")]
    #[case("\u{ffff}", "\\u{FFFF}")]
    fn prose(#[case] text: &str, #[case] seen: &str) {
        assert_eq!(printable(text), seen);
    }

    #[test]
    fn bytes_are_told_apart_from_characters() {
        assert_eq!(wire("caf\u{c3}\u{a9}", 40), "caf\\xC3\\xA9");
    }

    #[test]
    fn what_is_long_loses_its_middle() {
        let text = format!("begin{}end", "x".repeat(100_000));
        assert_eq!(abridged(&text, 40), "beginxxxxxxxxxxx…[99984 more]…xxxxxend");
    }

    proptest! {
        #[test]
        fn stays_within_its_limit(text in ".{0,200}", limit in 30_usize..120) {
            let seen = abridged(&text, limit);
            prop_assert!(seen.chars().count() <= limit, "{}", seen);
            prop_assert!(!seen.chars().any(is_unfit));
        }
    }
}
