//! JUnit XML, which build servers read.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::explain;
use super::printable::printable;
use super::summary::{Column, Row, Summary};
use super::terminal::{self, CUT_OFF};
use crate::record::{CaseResult, Record};

/// The record as JUnit XML: a test suite a server, a test case a case.
///
/// # Errors
///
/// If the XML cannot be written, which no record leads to.
pub fn render(record: &Record) -> Result<String, SerializeError> {
    let mut report = Report::new("corspec");
    for row in &Summary::of(record).rows {
        report.add_test_suite(suite(row));
    }
    if !record.complete {
        let mut suite = TestSuite::new("corspec");
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("cut-off").set_message(CUT_OFF);
        suite.add_test_case(TestCase::new("the record is complete", status));
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn suite(row: &Row<'_>) -> TestSuite {
    let mut suite = TestSuite::new(&*explain::whole_name(row.name));
    let hello = row.info.and_then(|info| info.hello.as_ref());
    if let Some(hello) = hello {
        for (name, value) in [
            ("language", &hello.language),
            ("framework", &hello.framework),
            ("middleware", &hello.middleware),
            ("runtime", &hello.runtime),
        ] {
            suite.add_properties(value.as_deref().map(|value| Property::new(name, &*printable(value))));
        }
    }
    for result in row.results() {
        suite.add_test_case(case(result));
    }
    if row.counts.total() == 0 {
        // A suite without cases would be green.
        let mut status = TestCaseStatus::skipped();
        status.set_message(&*row.problem().map_or("nothing ran".into(), printable));
        let mut case = TestCase::new("available", status);
        case.set_classname(&*explain::whole_name(row.name));
        suite.add_test_case(case);
    }
    suite
}

fn case(result: &CaseResult) -> TestCase {
    let column = Column::of(result);
    let mut status = match column {
        Column::Passed | Column::Noted => TestCaseStatus::success(),
        Column::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
        column if column.fails() => TestCaseStatus::non_success(NonSuccessKind::Failure),
        _ => TestCaseStatus::skipped(),
    };
    let message = match &result.deviation {
        Some(note) if column == Column::Known => {
            format!("{}, known ({}): {}", result.verdict, printable(&note.class), printable(&note.reason))
        }
        _ if column.fails() => explain::headline(result),
        _ => format!("{}: {}", column.title(), explain::headline(result)),
    };
    if !matches!(column, Column::Passed | Column::Noted) {
        status.set_message(message.as_str());
    }
    if column.fails() {
        status.set_type(result.verdict.code());
        status.set_description(terminal::block(result, &terminal::Options::default()));
    }
    let mut case = TestCase::new(explain::name(result), status);
    case.set_classname(&*explain::whole_name(&result.server));
    case.set_time(Duration::from_micros(result.micros));
    case.add_property(Property::new("level", &*printable(&result.level)));
    case.add_property(Property::new("profile", &*printable(&result.profile)));
    if column == Column::Noted {
        case.set_system_out(message);
    }
    case
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_suite_a_server() {
        insta::assert_snapshot!("junit", render(&sample::record()).unwrap());
    }

    #[test]
    fn reads_back_with_every_result() {
        let record = sample::record();
        let report = Report::deserialize_from_str(&render(&record).unwrap()).unwrap();
        assert_eq!(report.tests, record.results.len());
        assert_eq!((report.failures, report.errors), (5, 1));
    }

    #[test]
    fn a_record_that_was_cut_off_is_an_error() {
        let report = Report::deserialize_from_str(&render(&Record::default()).unwrap()).unwrap();
        assert_eq!(report.errors, 1);
    }
}
