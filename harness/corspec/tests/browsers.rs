//! Real browsers that end before their time, and a corspec that does: a clear error, a whole record, and nothing left behind.
//!
//! Where there is no Chromium, what needs one is ignored with its reason, never passed.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::Value;
use tempfile::TempDir;

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(90);

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let has_chromium = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .args(["browsers", "setup", "chromium"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let needing = |name: &str, body: fn() -> Result<(), Failed>| {
        Trial::ignorable_test(name, move || {
            if has_chromium {
                return body().map(|()| Completion::Completed);
            }
            Ok(Completion::ignored_with("there is no Chromium: corspec browsers setup chromium"))
        })
    };
    let trials = vec![
        Trial::test("a_driver_that_ends_at_once_is_unavailable", a_driver_that_ends_at_once_is_unavailable),
        needing(
            "a_browser_killed_in_mid_run_is_an_error_in_a_whole_record",
            a_browser_killed_in_mid_run_is_an_error_in_a_whole_record,
        ),
        needing("a_killed_corspec_leaves_nothing_behind", a_killed_corspec_leaves_nothing_behind),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn a_driver_that_ends_at_once_is_unavailable() -> Result<(), Failed> {
    let run = Run::start(&["--case", "cors-check/wildcard"], Some("/bin/false"));
    let (code, record) = run.ended();
    assert_eq!(code, Some(3), "{record:?}");
    let verdicts = verdicts(&record);
    assert_eq!(verdicts, ["unavailable"]);
    assert_eq!(record.last().unwrap()["end"]["unavailable"], 1);
    Ok(())
}

fn a_browser_killed_in_mid_run_is_an_error_in_a_whole_record() -> Result<(), Failed> {
    let suites = ["cors-check/**", "redirects/**", "safelisted-headers/**", "credentials/**"];
    let cases: Vec<&str> = suites.iter().flat_map(|suite| ["--case", suite]).collect();
    let run = Run::start(&[&["--jobs", "1"], &*cases].concat(), None);
    run.until(|run| !run.browsers().is_empty());
    // Results are told in the order of the cases: when the first is, most may be there.
    std::thread::sleep(Duration::from_secs(1));
    run.browsers().into_iter().for_each(kill);
    let (code, record) = run.ended();
    assert_eq!(code, Some(3), "a run with an error in it");
    let verdicts = verdicts(&record);
    assert!(verdicts.contains(&"error"), "nobody noticed");
    assert!(
        verdicts.iter().filter(|&verdict| *verdict == "pass").count() > 200,
        "no other browser took over"
    );
    assert!(record.last().unwrap()["end"].is_object(), "the record has no end");
    let told = record.iter().filter_map(|line| line["result"]["message"].as_str());
    assert!(told.into_iter().any(|message| message.starts_with("chromium")));
    Ok(())
}

fn a_killed_corspec_leaves_nothing_behind() -> Result<(), Failed> {
    let mut run = Run::start(&["--case", "cors-check/**", "--case", "redirects/**"], None);
    run.until(|run| run.results() > 0);
    assert!(!run.descendants().is_empty());
    run.child.kill()?;
    run.child.wait()?;
    run.until(|run| run.descendants().is_empty());
    run.until(|run| run.folders() == 0);
    Ok(())
}

/// A run with a temporary folder of its own, which tells its processes from those of others.
struct Run {
    child: Child,
    folder: TempDir,
}

impl Run {
    fn start(arguments: &[&str], driver: Option<&str>) -> Self {
        let folder = tempfile::Builder::new().prefix("corspec-test-").tempdir().unwrap();
        let temporary = folder.path().join("tmp");
        std::fs::create_dir(&temporary).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_corspec"));
        command
            .args(["run", "--browser", "chromium", "--server", "scripted"])
            .args(arguments)
            .arg("--out")
            .arg(folder.path().join("out"))
            .arg("--record")
            .arg(folder.path().join("record.jsonl"))
            .env("TMPDIR", &temporary)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(driver) = driver {
            command.env("CORSPEC_CHROMEDRIVER", driver);
        }
        Self { child: command.spawn().unwrap(), folder }
    }

    fn record(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("record.jsonl")).unwrap_or_default()
    }

    fn results(&self) -> usize {
        self.record().lines().filter(|line| line.starts_with("{\"result\"")).count()
    }

    fn until(&self, holds: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(begun.elapsed() < PATIENCE, "it never came to that: {}", self.record());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn ended(mut self) -> (Option<i32>, Vec<Value>) {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < PATIENCE, "it comes to no end");
            std::thread::sleep(Duration::from_millis(20));
        };
        let lines = self.record();
        (status.code(), lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    /// Its processes, by the temporary folder that they were started with.
    fn descendants(&self) -> Vec<PathBuf> {
        let mark = self.folder.path().join("tmp").to_string_lossy().into_owned();
        let own = self.child.id().to_string();
        let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
        processes
            .filter(|process| process.file_name().is_some_and(|name| *name != *own))
            .filter(|process| {
                let environment = std::fs::read(process.join("environ")).unwrap_or_default();
                String::from_utf8_lossy(&environment).contains(&mark)
            })
            .collect()
    }

    /// Chromium's first processes, which the others name as theirs by `--type`.
    fn browsers(&self) -> Vec<u32> {
        let is_browser = |process: &PathBuf| {
            let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            line.contains("--user-data-dir=") && !line.contains("--type=")
        };
        let number = |process: PathBuf| process.file_name()?.to_string_lossy().parse().ok();
        self.descendants().into_iter().filter(is_browser).filter_map(number).collect()
    }

    /// The profiles and other folders that are still there.
    fn folders(&self) -> usize {
        std::fs::read_dir::<&Path>(&self.folder.path().join("tmp")).unwrap().count()
    }
}

fn verdicts(record: &[Value]) -> Vec<&str> {
    record.iter().filter_map(|line| line["result"]["verdict"].as_str()).collect()
}

fn kill(process: u32) {
    let killed = Command::new("kill").args(["-KILL", &process.to_string()]).status().unwrap();
    assert!(killed.success());
}
