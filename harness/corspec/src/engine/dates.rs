//! Dates in answers: a case's time began on a certain day, and a real browser's clock says another.

use std::time::{SystemTime, UNIX_EPOCH};

use corspec_browser::date::{imf_fixdate, parse};

use crate::perform::SCRIPTED_EPOCH;

/// The header line with its date as far from now as it is from the day on which the case's time begins.
pub(super) fn shifted(line: &[u8]) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    shifted_by(line, now.saturating_sub(SCRIPTED_EPOCH).as_secs())
}

fn shifted_by(line: &[u8], seconds: u64) -> Vec<u8> {
    const DATED: [&[u8]; 3] = [b"date", b"expires", b"last-modified"];
    let dated = line
        .iter()
        .position(|&byte| byte == b':')
        .filter(|&colon| DATED.iter().any(|name| line[..colon].trim_ascii().eq_ignore_ascii_case(name)));
    let Some((colon, date)) = dated.and_then(|colon| Some((colon, parse(&line[colon + 1..])?))) else {
        return line.to_vec();
    };
    let date = imf_fixdate(date.saturating_add(seconds));
    [&line[..colon], b": ", date.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Date: Thu, 02 Jul 2026 00:00:00 GMT", "Date: Thu, 02 Jul 2026 00:01:01 GMT")]
    #[case("expires:Thu, 02 Jul 2026 00:00:00 GMT", "expires: Thu, 02 Jul 2026 00:01:01 GMT")]
    #[case("Expires: 0", "Expires: 0")]
    #[case("X-Date: Thu, 02 Jul 2026 00:00:00 GMT", "X-Date: Thu, 02 Jul 2026 00:00:00 GMT")]
    #[case("no line", "no line")]
    fn lines(#[case] line: &str, #[case] expected: &str) {
        assert_eq!(String::from_utf8(shifted_by(line.as_bytes(), 61)).unwrap(), expected);
    }
}
