//! Records, which reports are written from.
#![no_main]

use corspec::record::Record;
use corspec::report;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(record) = Record::read(data) else { return };
    let lines = record.to_lines().expect("what was read can be written");
    let again = Record::read(lines.as_bytes()).expect("what was written can be read");
    assert_eq!(again.to_lines().ok(), Some(lines));
    let page = report::html::render(&record).expect("a page");
    assert!(!page.to_ascii_lowercase().contains("<script>alert"), "nothing of a record becomes script");
});
