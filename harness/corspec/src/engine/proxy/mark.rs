//! The mark that tells whose a request is: the last part of a URL's query.

/// What stands before the number.
const MARK: &str = "--corspec--=";

/// The URL with the mark of that number, or as it is where it has no place for one. A URL is marked as text, since what an
/// engine makes of an odd one is for the engine to say.
pub(in crate::engine) fn mark(url: &str, number: u64) -> String {
    let scheme = url.split(':').next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(&*scheme, "http" | "https" | "ws" | "wss") {
        return url.to_owned();
    }
    let (before, fragment) = url.find('#').map_or((url, ""), |at| url.split_at(at));
    let sign = if before.contains('?') { '&' } else { '?' };
    format!("{before}{sign}{MARK}{number}{fragment}")
}

/// A target without its mark, and the number that it had.
pub(in crate::engine) fn unmark(target: &str) -> (Option<u64>, String) {
    let Some(at) = target.rfind(MARK) else { return (None, target.to_owned()) };
    let (before, after) = (&target[..at], &target[at + MARK.len()..]);
    let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    let (Some(before), Ok(number)) = (before.strip_suffix(['?', '&']), after[..digits].parse()) else {
        return (None, target.to_owned());
    };
    (Some(number), format!("{before}{}", &after[digits..]))
}

/// The numbers of all marks in a text.
pub(in crate::engine) fn marks(text: &str) -> impl Iterator<Item = u64> {
    text.split(MARK).skip(1).filter_map(|after| {
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        after[..digits].parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://api.example/x", "https://api.example/x?--corspec--=7")]
    #[case("https://api.example/x?y#z", "https://api.example/x?y&--corspec--=7#z")]
    #[case("HTTPS://api.example", "HTTPS://api.example?--corspec--=7")]
    #[case("ftp://api.example/", "ftp://api.example/")]
    #[case("/relative", "/relative")]
    fn puts_on(#[case] url: &str, #[case] expected: &str) {
        assert_eq!(mark(url, 7), expected);
    }

    #[rstest]
    #[case("/x?--corspec--=7", Some(7), "/x")]
    #[case("/x?y&--corspec--=7", Some(7), "/x?y")]
    #[case("/x?--corspec--=", None, "/x?--corspec--=")]
    #[case("/x--corspec--=7", None, "/x--corspec--=7")]
    #[case("/x", None, "/x")]
    fn takes_off(#[case] target: &str, #[case] number: Option<u64>, #[case] rest: &str) {
        assert_eq!(unmark(target), (number, rest.to_owned()));
    }

    #[test]
    fn a_text_has_any_number_of_them() {
        let text = "at 'https://a/?--corspec--=1' (redirected from 'https://a/?x&--corspec--=23')";
        assert_eq!(marks(text).collect::<Vec<_>>(), [1, 23]);
    }

    proptest! {
        #[test]
        fn comes_off_as_it_was_put_on(path in "/[ -~]{0,20}", number: u64) {
            prop_assume!(!path.contains('#'));
            let url = format!("https://a{path}");
            let (found, rest) = unmark(&mark(&url, number));
            prop_assert_eq!((found, rest), (Some(number), url));
        }
    }
}
