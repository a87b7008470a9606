//! Dates without a clock.

/// Seconds since 1970 as `24 July 2026, 14:03 UTC`.
pub(super) fn utc(seconds: u64) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let (year, month, day) = date(seconds / 86_400);
    let minutes = seconds % 86_400 / 60;
    format!("{day} {} {year}, {:02}:{:02} UTC", MONTHS[month - 1], minutes / 60, minutes % 60)
}

/// Year, month and day of a day counted from 1970. In a year that begins in March the leap day comes last, which leaves
/// no exception: <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>
fn date(days: u64) -> (u64, usize, u64) {
    let days = days + 719_468;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = days / 146_097 * 400 + year_of_era + u64::from(month <= 2);
    (year, usize::try_from(month).unwrap_or(1), day)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, "1 January 1970, 00:00 UTC")]
    #[case(951_782_400, "29 February 2000, 00:00 UTC")]
    #[case(1_784_901_780, "24 July 2026, 14:03 UTC")]
    #[case(4_107_542_399, "28 February 2100, 23:59 UTC")]
    #[case(4_107_542_400, "1 March 2100, 00:00 UTC")]
    fn dates(#[case] seconds: u64, #[case] expected: &str) {
        assert_eq!(utc(seconds), expected);
    }

    #[test]
    fn any_number_is_a_date() {
        utc(u64::MAX);
    }
}
