//! Dates in headers, as seconds since 1970.

/// Reads a date as cookies have it, which takes in the three forms of HTTP.
///
/// <https://www.rfc-editor.org/rfc/rfc6265#section-5.1.1>
pub fn parse(date: &[u8]) -> Option<u64> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in date.split(|&byte| is_delimiter(byte)).filter(|token| !token.is_empty()) {
        if time.is_none()
            && let Some(found) = parse_time(token)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = number(token, 1, 2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = parse_month(token)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = number(token, 2, 4)
        {
            year = Some(found);
        }
    }
    let (seconds, day, month) = (time?, day?, month?);
    let year = match year? {
        short @ 70..=99 => short + 1900,
        short @ 0..=69 => short + 2000,
        full => full,
    };
    if !(1..=days_in(month, year)).contains(&day) || year < 1601 {
        return None;
    }
    // What lies before 1970 is past all the same.
    Some(u64::try_from(days_since_epoch(year, month, day) * 86_400 + seconds).unwrap_or(0))
}

/// Writes a date as HTTP prefers it.
///
/// <https://httpwg.org/specs/rfc9110.html#http.date>
pub fn imf_fixdate(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (days, time) = (i64::try_from(seconds / 86_400).unwrap_or(i64::MAX), seconds % 86_400);
    // Of the years there are few, so they are counted through.
    let mut year = 1970 + days / 366;
    while days_since_epoch(year + 1, 1, 1) <= days {
        year += 1;
    }
    let month = (1..=12).rev().find(|&month| days_since_epoch(year, month, 1) <= days).unwrap_or(1);
    let day = days - days_since_epoch(year, month, 1) + 1;
    let (weekday, month) = (DAYS[(days % 7) as usize], MONTHS[(month - 1) as usize]);
    format!(
        "{weekday}, {day:02} {month} {year:04} {:02}:{:02}:{:02} GMT",
        time / 3600,
        time / 60 % 60,
        time % 60
    )
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2F | 0x3B..=0x40 | 0x5B..=0x60 | 0x7B..=0x7E)
}

/// `hh:mm:ss`, in seconds.
fn parse_time(token: &[u8]) -> Option<i64> {
    let mut parts = token.splitn(3, |&byte| byte == b':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let exactly = |part: &[u8]| number(part, 1, 2).filter(|_| part.len() <= 2);
    let (hour, minute, second) = (exactly(hour)?, exactly(minute)?, number(second, 1, 2)?);
    (hour <= 23 && minute <= 59 && second <= 59).then_some((hour * 60 + minute) * 60 + second)
}

/// The number that a token begins with, if it has between `min` and `max` digits.
fn number(token: &[u8], min: usize, max: usize) -> Option<i64> {
    let digits = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(min..=max).contains(&digits) {
        return None;
    }
    std::str::from_utf8(&token[..digits]).ok()?.parse().ok()
}

fn parse_month(token: &[u8]) -> Option<i64> {
    const MONTHS: [&[u8; 3]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let start = token.get(..3)?;
    let index = MONTHS.iter().position(|month| start.eq_ignore_ascii_case(*month))?;
    i64::try_from(index + 1).ok()
}

const fn days_in(month: i64, year: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days of the Gregorian calendar, the year taken to begin in March.
const fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777))]
    #[case("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777))]
    #[case("Sun Nov  6 08:49:37 1994", Some(784_111_777))]
    #[case("Thu, 01 Jan 1970 00:00:00 GMT", Some(0))]
    #[case("Fri, 31 Dec 1999 23:59:59 GMT", Some(946_684_799))]
    #[case("Thu, 29 Feb 2024 00:00:00 GMT", Some(1_709_164_800))]
    #[case("Thu, 29 Feb 2023 00:00:00 GMT", None)]
    #[case("Mon, 01 Jan 1900 00:00:00 GMT", Some(0))]
    #[case("Mon, 29 Feb 2100 00:00:00 GMT", None)]
    #[case("Tue, 29 Feb 2000 00:00:00 GMT", Some(951_782_400))]
    #[case("Fri, 31 Apr 2020 00:00:00 GMT", None)]
    #[case("Tue, 31 Mar 2020 00:00:00 GMT", Some(1_585_612_800))]
    #[case("Fri, 01-Jan-70 00:00:01 GMT", Some(1))]
    #[case("Tue, 01-Jan-69 00:00:00 GMT", Some(3_124_224_000))]
    #[case("Mon, 01-Jan-01 00:00:00 GMT", Some(978_307_200))]
    #[case("Mon, 01 Jan 1601 00:00:00 GMT", Some(0))]
    #[case("Sun, 31 Dec 1600 00:00:00 GMT", None)]
    #[case("0", None)]
    #[case("", None)]
    #[case("Sun, 06 Nov 1994 24:00:00 GMT", None)]
    fn dates(#[case] text: &str, #[case] seconds: Option<u64>) {
        assert_eq!(parse(text.as_bytes()), seconds);
    }

    #[test]
    fn as_http_prefers_it() {
        assert_eq!(imf_fixdate(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(imf_fixdate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(imf_fixdate(4_102_444_799), "Thu, 31 Dec 2099 23:59:59 GMT");
    }

    proptest! {
        #[test]
        fn days_count_up(year in 1970_i64..2400, month in 1_i64..=12, day in 1_i64..28) {
            prop_assert_eq!(days_since_epoch(year, month, day) + 1, days_since_epoch(year, month, day + 1));
        }

        #[test]
        fn what_is_written_reads_back(seconds in 0_u64..20_000_000_000) {
            prop_assert_eq!(parse(imf_fixdate(seconds).as_bytes()), Some(seconds));
        }

        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse(&bytes);
        }
    }
}
