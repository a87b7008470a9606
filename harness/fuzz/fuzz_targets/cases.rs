//! Case files: suites, or a list of what is wrong that can be shown.
#![no_main]

use corspec::case::{Kind, load_files_as};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for kind in [Kind::Browser, Kind::Server] {
        match load_files_as(kind, [("cases/fuzzed.yaml", data)]) {
            Ok(suites) => assert!(suites.iter().all(|suite| !suite.cases.is_empty())),
            Err(problems) => {
                assert!(!problems.to_string().contains('\u{1b}'), "no escape reaches a terminal")
            }
        }
    }
});
