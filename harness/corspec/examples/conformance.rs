//! One trial a case: `cargo test --example conformance`, or `cargo run --example conformance -- --list`.

use std::process::ExitCode;

#[path = "service.rs"]
#[expect(dead_code, reason = "the service has a `main` of its own")]
mod service;

fn main() -> ExitCode {
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/cors");
    corspec::Conformance::of_dir(cases).service("notes", service::notes).main()
}
