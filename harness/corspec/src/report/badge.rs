//! A badge: <https://shields.io/badges/endpoint-badge>

use serde::Serialize;

use super::summary::{Column, Summary, thousands};
use crate::record::Record;

/// The endpoint's JSON for one server of the record.
pub fn render(record: &Record, server: &str) -> String {
    let summary = Summary::of(record);
    let counts = summary.rows.iter().find(|row| row.name == server).map(|row| row.counts).unwrap_or_default();
    let passed = counts.get(Column::Passed);
    let compared = passed + counts.failing() + counts.get(Column::Known) + counts.get(Column::Noted);
    let (message, color) = if !record.complete || compared == 0 {
        ("not tested".to_owned(), "lightgrey")
    } else {
        let message = format!("{}/{}", thousands(passed), thousands(compared));
        let color = match counts.worst().unwrap_or(Column::Passed) {
            Column::OverExposes | Column::Error => "red",
            worst if worst.fails() => "orange",
            Column::Known => "yellowgreen",
            _ => "brightgreen",
        };
        (message, color)
    };
    let badge = Badge { schema_version: 1, label: "CORS", message, color };
    serde_json::to_string(&badge).unwrap_or_default()
}

#[derive(Serialize)]
struct Badge {
    #[serde(rename = "schemaVersion")]
    schema_version: u8,
    label: &'static str,
    message: String,
    color: &'static str,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::record::Verdict;
    use crate::report::sample;

    #[rstest]
    #[case("express-cors", r#"{"schemaVersion":1,"label":"CORS","message":"2/10","color":"red"}"#)]
    #[case("nginx", r#"{"schemaVersion":1,"label":"CORS","message":"not tested","color":"lightgrey"}"#)]
    #[case("nobody", r#"{"schemaVersion":1,"label":"CORS","message":"not tested","color":"lightgrey"}"#)]
    fn tells_how_many_passed(#[case] server: &str, #[case] json: &str) {
        assert_eq!(render(&sample::record(), server), json);
    }

    #[test]
    fn is_green_where_all_is_well_and_the_record_whole() {
        let mut record = sample::record();
        record.results.retain(|result| result.verdict == Verdict::Pass);
        assert!(render(&record, "express-cors").contains("brightgreen"));
        record.complete = false;
        assert!(render(&record, "express-cors").contains("lightgrey"));
    }
}
