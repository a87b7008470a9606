/// Text from a program, fit for a terminal: whatever could move the cursor or turn the direction of
/// writing is escaped, and what is longer than `max` characters is cut.
pub(crate) fn printable(text: &str, max: usize) -> String {
    let mut safe = String::with_capacity(text.len().min(max));
    for (count, char) in text.chars().enumerate() {
        if count == max {
            safe.push_str(" [cut]");
            break;
        }
        match char {
            '\t' => safe.push(char),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                safe.extend(char.escape_unicode());
            }
            _ if char.is_control() => safe.extend(char.escape_debug()),
            _ => safe.push(char),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain("ready: \"x\" é", "ready: \"x\" é")]
    #[case::terminal("\u{1b}[2Jgone\u{9b}1m", "\\u{1b}[2Jgone\\u{9b}1m")]
    #[case::direction("\u{202e}drawkcab", "\\u{202e}drawkcab")]
    #[case::long("0123456789abcdef", "0123456789ab [cut]")]
    fn is_fit_for_a_terminal(#[case] text: &str, #[case] printed: &str) {
        assert_eq!(printable(text, if text.starts_with('0') { 12 } else { 80 }), printed);
    }
}
