use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use corspec_process::{CommandLine, Options};
use corspec_protocol::Policy;

pub(crate) fn liar(lie: &str) -> CommandLine {
    CommandLine::new(env!("CARGO_BIN_EXE_corspec-liar")).args([lie])
}

/// The reference server, built if need be: Cargo builds no binaries of other packages for a test.
pub(crate) fn reference() -> CommandLine {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let program = BUILT.get_or_init(|| {
        let profile = Path::new(env!("CARGO_BIN_EXE_corspec-liar")).parent().unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "-p", "corspec-server-reference", "--target-dir"]);
        cargo.arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success());
        profile.join("corspec-server-reference")
    });
    CommandLine::new(program.to_str().unwrap())
}

/// Limits that a test can wait for.
pub(crate) fn hurried() -> Options {
    Options {
        start_limit: Duration::from_secs(2),
        request_limit: Duration::from_secs(1),
        stop_grace: Duration::from_millis(300),
        max_restarts: 3,
    }
}

pub(crate) fn policy(origin: &str) -> Option<Policy> {
    Some(Policy {
        origins: vec![origin.into()],
        methods: vec![],
        headers: vec![],
        expose: vec![],
        credentials: false,
        max_age: None,
    })
}

/// A mark that no other process bears.
pub(crate) fn mark(name: &str) -> String {
    format!("mark-{name}-{}", std::process::id())
}

/// Waits until no process bears a mark. The one that looks bears none.
pub(crate) fn assert_none_left(mark: &str, limit: Duration) {
    let deadline = Instant::now() + limit;
    while !marked(mark).is_empty() {
        assert!(Instant::now() < deadline, "still there: {:?}", marked(mark));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until so many processes bear a mark: one that has just begun has no command line yet.
pub(crate) fn assert_number(mark: &str, number: usize) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while marked(mark).len() < number {
        assert!(Instant::now() < deadline, "only these: {:?}", marked(mark));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The command lines that bear a mark, those of keepers included.
fn marked(mark: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(mark)).collect()
}

/// What differs from run to run, replaced.
pub(crate) fn redacted(text: &str) -> String {
    let mut redacted = String::new();
    let mut rest = text.replace(env!("CARGO_BIN_EXE_corspec-liar"), "corspec-liar");
    while let Some(at) = rest.find("http://127.0.0.1:") {
        let (before, after) = rest.split_at(at + "http://127.0.0.1:".len());
        redacted.push_str(before);
        let after_port = after.trim_start_matches(|char: char| char.is_ascii_digit());
        if after_port.len() < after.len() {
            redacted.push_str("PORT");
        }
        rest = after_port.to_owned();
    }
    redacted + &rest
}

macro_rules! assert_snapshot {
    ($name:expr, $text:expr) => {
        insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots"}, {
            insta::assert_snapshot!($name, crate::support::redacted(&$text));
        })
    };
}
pub(crate) use assert_snapshot;
