use std::io::{BufRead, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use corspec_process::Process;
use corspec_protocol::{Answer, Server};
use rstest::rstest;

use crate::support::{assert_none_left, assert_number, hurried, liar, mark};

#[rstest]
#[case("honest")]
#[case("ignores-end")]
#[case("grandchild")]
#[tokio::test]
async fn none_is_left_by_a_drop(#[case] lie: &str) {
    let mark = mark(&format!("drop-{lie}"));
    let process = Process::start(&liar(lie).args([&mark]), &hurried()).await.unwrap();
    let answer = process.serve(None).await;
    assert!(matches!(answer, Answer::Ready(_)));
    // The program and its keeper at least.
    assert_number(&mark, 2);
    let begun = Instant::now();
    drop(process);
    assert!(begun.elapsed() < Duration::from_secs(4));
    assert_none_left(&mark, Duration::ZERO);
    drop(answer);
}

#[tokio::test]
async fn none_is_left_by_a_stop() {
    let mark = mark("stop");
    let process = Process::start(&liar("grandchild").args([&mark]), &hurried()).await.unwrap();
    assert!(process.stop().await.is_empty());
    assert_none_left(&mark, Duration::ZERO);
}

#[tokio::test]
async fn none_is_left_by_a_panic() {
    let mark = mark("panic");
    let process = Process::start(&liar("ignores-end").args([&mark]), &hurried()).await.unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(move || {
        let _process = process;
        std::panic::resume_unwind(Box::new("as asked"));
    }));
    panicked.unwrap_err();
    assert_none_left(&mark, Duration::ZERO);
}

#[tokio::test]
async fn none_is_left_by_a_start_that_nobody_waits_for() {
    let mark = mark("cancelled");
    let command = liar("hangs-at-hello").args([&mark]);
    let options = hurried();
    let start = Process::start(&command, &options);
    tokio::time::timeout(Duration::from_millis(300), start).await.unwrap_err();
    assert_none_left(&mark, Duration::from_secs(1));
}

#[test]
fn none_is_left_by_the_end_of_a_runtime() {
    let mark = mark("runtime");
    let process = {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let process = runtime.block_on(Process::start(&liar("honest").args([&mark]), &hurried())).unwrap();
        drop(runtime.block_on(process.serve(None)));
        process
    };
    drop(process);
    assert_none_left(&mark, Duration::ZERO);
}

/// Each is how a harness ends without a destructor: Ctrl-C at the terminal, a polite end, and no mercy.
#[rstest]
#[case("INT")]
#[case("TERM")]
#[case("KILL")]
fn none_is_left_by_a_harness_that_is_killed(#[case] signal: &str) {
    let mark = mark(&format!("killed-{signal}"));
    // What a shell starts in the background inherits that Ctrl-C is ignored; `env` undoes it and becomes the harness.
    let mut harness = Command::new("env")
        .args(["--default-signal=INT", env!("CARGO_BIN_EXE_corspec-liar"), "harness", &mark])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(harness.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "started\n");
    // The harness, the server, its stubborn child and the keeper.
    let were_there = catch_unwind(|| assert_number(&mark, 4));
    let pid = harness.id().to_string();
    assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
    harness.wait().unwrap();
    were_there.unwrap();
    assert_none_left(&mark, Duration::from_secs(10));
}
