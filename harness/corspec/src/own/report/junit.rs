//! JUnit XML, which build servers read.

use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::sentence;
use crate::own::cause::Cause;
use crate::own::check::Checked;
use crate::own::finding::{Class, Finding};
use crate::report::printable::{abridged, printable, wire};

/// A check as JUnit XML: a test suite a class of findings, a test a cause.
///
/// Build servers follow tests by their names from run to run, and warn of reports without any. A test a finding would come and go
/// with its finding; a test a case would be a hundred failures for one mistake. So each cause is a test, whether it was found or
/// not. What is merely untidy passes, as it does for the exit code, and is told beside its test.
///
/// # Errors
/// If the XML cannot be written, which no check leads to.
pub fn junit(checked: &Checked) -> Result<String, SerializeError> {
    let mut report = Report::new("corspec check");
    report.add_test_suite(server(checked));
    for class in Class::ALL {
        let mut suite = TestSuite::new(class.heading());
        for cause in Cause::ALL.iter().copied().filter(|cause| cause.class() == class) {
            let finding = checked.findings.iter().find(|finding| finding.cause == cause);
            suite.add_test_case(test(checked, cause, finding));
        }
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn server(checked: &Checked) -> TestSuite {
    let mut suite = TestSuite::new("The server");
    let told = checked.troubles.iter().fold(String::new(), |mut told, trouble| {
        let _ = writeln!(told, "{}; {}", abridged(&trouble.seen, 600), trouble.help);
        told
    });
    let status = if checked.ran() {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("could-not-run").set_message(&*printable(&sentence(checked))).set_description(&*told);
        status
    };
    let mut case = TestCase::new("can be asked", status);
    case.set_classname(&*printable(&checked.server));
    if !told.is_empty() {
        case.set_system_out(told);
    }
    suite.add_test_case(case);
    suite
}

fn test(checked: &Checked, cause: Cause, finding: Option<&Finding>) -> TestCase {
    let status = match finding {
        _ if !checked.ran() => TestCaseStatus::skipped(),
        Some(finding) if cause.class() != Class::Untidy => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(cause.code()).set_message(&*abridged(&finding.title, 600));
            status.set_description(description(finding));
            status
        }
        _ => TestCaseStatus::success(),
    };
    let mut case = TestCase::new(cause.code(), status);
    case.set_classname(format!("cors.{}", cause.class().code()));
    if let Some(finding) = finding.filter(|_| cause.class() == Class::Untidy) {
        case.set_system_out(description(finding));
    }
    case
}

fn description(finding: &Finding) -> String {
    let mut out = format!("{}\n{}\n", abridged(&finding.title, 600), finding.why);
    let _ = writeln!(out, "For example {}", abridged(&finding.asked, 300));
    for exchange in finding.exchanges.iter().take(4) {
        let _ = writeln!(out, "> {} {}", wire(&exchange.method, 40), abridged(&exchange.url, 200));
        if let Some(response) = &exchange.response {
            let _ = writeln!(out, "< {}", response.status);
            for (name, value) in response.headers.iter().take(30) {
                let _ = writeln!(out, "< {}: {}", wire(name, 80), wire(value, 160));
            }
        }
    }
    let _ = writeln!(out, "Mend: {}\n{}", abridged(&finding.way_out(), 1000), finding.anchor);
    let _ = writeln!(out, "{} cases: {}", finding.cases.len(), abridged(&finding.cases.join(", "), 2000));
    out
}
