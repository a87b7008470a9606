//! The case files of this repository are well-formed.

use std::collections::BTreeSet;
use std::path::Path;

use corspec::case::{Kind, load_dir, locate};

#[test]
fn every_case_file_is_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases");
    let suites = load_dir(&folder).unwrap_or_else(|problems| panic!("\n{problems}"));
    let kinds: BTreeSet<Kind> = suites.iter().map(|suite| suite.kind).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), Kind::ALL);
    for suite in &suites {
        // Each look reads the whole file again; one a file is enough.
        if let Some(case) = suite.cases.last() {
            let at = locate(suite, &case.id, "").unwrap();
            let line = suite.source.text.lines().nth(at.line - 1).unwrap();
            assert!(line.trim_start().starts_with("- "), "{} is not at {at:?}: {line}", case.id);
        }
    }
}
