//! The command line: what it says, what it writes, and how it exits.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// A call in a folder of its own, where it leaves nothing behind for anybody else.
fn corspec_in(dir: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_corspec"));
    Ran::of(command.args(arguments).current_dir(dir).stdin(Stdio::null()).output().unwrap())
}

fn corspec(arguments: &[&str]) -> Ran {
    corspec_in(tempfile::tempdir().unwrap().path(), arguments)
}

/// A folder with these files, each a path and its bytes.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The key that names each line of a record.
fn keys(record: &[Value]) -> Vec<&str> {
    record
        .iter()
        .map(|line| match line.as_object().unwrap().keys().collect::<Vec<_>>()[..] {
            [key] => &**key,
            ref keys => panic!("{keys:?}"),
        })
        .collect()
}

fn cases_of(record: &[Value]) -> Vec<String> {
    let name = |result: &Value| {
        format!("{}/{}", result["server"].as_str().unwrap(), result["case"].as_str().unwrap())
    };
    record.iter().filter_map(|line| line.get("result")).map(name).collect()
}

#[rstest]
#[case::help("help", &["--help"])]
#[case::help_of_run("help-run", &["run", "--help"])]
#[case::help_of_report("help-report", &["report", "--help"])]
#[case::help_of_cases("help-cases", &["cases", "--help"])]
fn help(#[case] name: &str, #[case] arguments: &[&str]) {
    let ran = corspec(arguments);
    assert_eq!(ran.code, Some(0));
    insta::assert_snapshot!(name, ran.stdout);
}

#[test]
fn version() {
    let ran = corspec(&["--version"]);
    assert_eq!(ran.stdout, format!("corspec {}\n", env!("CARGO_PKG_VERSION")));
}

#[rstest]
#[case::unknown_server("unknown-server", &["run", "--server", "nginx"])]
#[case::unknown_command("unknown-command", &["rnu"])]
#[case::nothing_matches("no-case-matches", &["run", "--case", "any-orign/*", "--case", "any-origin/*"])]
#[case::cases_of_another_kind("no-case-of-that-kind", &["run", "--server", "scripted", "--case", "any-origin/*"])]
#[case::no_pattern("no-pattern", &["run", "--case", "any-origin/{a"])]
#[case::bad_shard("bad-shard", &["run", "--shard", "4/3"])]
#[case::no_jobs("no-jobs", &["run", "--jobs", "0"])]
#[case::url_with_a_path("url-with-a-path", &["run", "--url", "http://127.0.0.1:9/api", "--case", "any-origin/*"])]
#[case::url_with_tls("url-with-tls", &["run", "--url", "https://127.0.0.1:9", "--case", "any-origin/*"])]
#[case::several_policies(
    "several-policies",
    &["run", "--url", "http://127.0.0.1:9", "--case", "any-origin/*", "--case", "any-method/*"]
)]
#[case::url_and_server("url-and-server", &["run", "--url", "http://127.0.0.1:9", "--server", "reference"])]
#[case::no_such_record("no-such-record", &["report", "nowhere.jsonl"])]
#[case::record_into_nowhere(
    "record-into-nowhere",
    &["run", "--case", "any-origin/*", "--record", "nowhere/record.jsonl"]
)]
#[case::no_such_folder("no-such-folder", &["cases", "check", "nowhere"])]
#[case::run_without_folder("run-no-such-folder", &["run", "--cases", "nowhere"])]
fn mistaken_arguments(#[case] name: &str, #[case] arguments: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let ran = corspec_in(dir.path(), arguments);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    insta::assert_snapshot!(name, ran.stderr);
}

/// Found out before anything runs.
#[test]
fn reports_into_a_file() {
    let dir = folder(&[("taken", b"")]);
    let ran = corspec_in(dir.path(), &["run", "--case", "any-origin/*", "--out", "taken", "--record", "-"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(2), ""));
    assert!(ran.stderr.starts_with("error: cannot make taken: "), "{}", ran.stderr);
}

const MISTAKEN: &[u8] = br#"suite: bat
spec: https://fetch.spec.whatwg.org/#http-cors-protocol
policy: {origins: ["https://app.example"], methods: [GET], headers: [], expose: [], credentials: false, max_age: null}
cases:
  - id: One
    why: an id is in kebab-case
    request: {origin: "https://app.example/", metod: GET}
    expect: alow
"#;

fn alias_bomb() -> Vec<u8> {
    let mut text = "suite: bomb\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 9].join(", ");
        text += &format!("a{level}: &a{level} [{below}]\n");
    }
    text.into_bytes()
}

#[rstest]
#[case::mistakes(
    "check-mistakes",
    &[("server/bad.yaml", MISTAKEN), ("server/worse.yaml", b"suite: worse\ncases: []\n")]
)]
#[case::nothing("check-empty-folder", &[])]
#[case::empty_file("check-empty-file", &[("browser/empty.yaml", &b"# nothing yet\n"[..])])]
#[case::no_kind("check-no-kind", &[("misplaced.yaml", &b"suite: misplaced\n"[..])])]
#[case::no_text("check-not-utf-8", &[("server/latin.yaml", &b"suite: latin\nspec: caf\xe9\n"[..])])]
#[case::no_yaml("check-no-yaml", &[("server/broken.yaml", &b"suite: [broken\n"[..])])]
fn check_reports_every_mistake(#[case] name: &str, #[case] files: &[(&str, &[u8])]) {
    let dir = folder(files);
    let ran = corspec_in(dir.path(), &["cases", "check", "."]);
    assert_eq!((ran.code, &*ran.stdout), (Some(2), ""));
    insta::assert_snapshot!(name, ran.stderr);
    // A run with the same files is no more successful.
    let run = corspec_in(dir.path(), &["run", "--cases", "."]);
    assert_eq!((run.code, run.stderr), (Some(2), ran.stderr));
}

#[rstest]
#[case::huge("check-huge-file", "server/huge.yaml", vec![b' '; 50 << 20])]
#[case::bomb("check-alias-bomb", "server/bomb.yaml", alias_bomb())]
#[case::deep("check-deep", "server/deep.yaml", vec![b'['; 500_000])]
fn check_survives(#[case] name: &str, #[case] path: &str, #[case] bytes: Vec<u8>) {
    let dir = folder(&[(path, &bytes)]);
    let ran = corspec_in(dir.path(), &["cases", "check", "."]);
    assert_eq!((ran.code, &*ran.stdout), (Some(2), ""));
    insta::assert_snapshot!(name, ran.stderr);
}

#[test]
fn check_finds_what_does_not_follow_from_the_policy() {
    let text = "suite: upside-down
spec: https://fetch.spec.whatwg.org/#http-cors-protocol
policy: {origins: [\"https://app.example\"], methods: [GET], headers: [], expose: [], credentials: false, max_age: null}
cases:
  - id: stranger-reads
    why: it must not
    request: {origin: \"https://evil.test\"}
    expect: allow
  - id: own-page-is-kept-out
    why: it must not be
    request: {origin: \"https://app.example\"}
    expect: block
";
    let dir = folder(&[("server/upside-down.yaml", text.as_bytes())]);
    let ran = corspec_in(dir.path(), &["cases", "check", "."]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!("check-contradictions", ran.stderr);
}

#[test]
fn check_of_the_built_in_cases() {
    let ran = corspec(&["cases", "check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.ends_with(" suites, no mistake found\n"), "{}", ran.stdout);
}

#[test]
fn list_tells_every_case_in_a_line() {
    let ran = corspec(&["cases", "list"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    let names: Vec<&str> = ran.stdout.lines().map(|line| line.split("  ").next().unwrap()).collect();
    let suites = corspec::builtin::suites().unwrap();
    let expected: Vec<String> = suites
        .iter()
        .flat_map(|suite| {
            suite.cases.iter().map(move |case| format!("{}/{}/{}", suite.kind, suite.name, case.id))
        })
        .collect();
    assert_eq!(names, expected);
}

/// `corspec cases list | head -1` is no failure.
#[test]
fn list_into_a_closed_pipe() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_corspec"))
        .args(["cases", "list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
}

#[test]
fn a_run_writes_its_reports() {
    let dir = tempfile::tempdir().unwrap();
    let ran = corspec_in(
        dir.path(),
        &["run", "--server", "reference", "--case", "any-origin/*", "--out", "deep/out"],
    );
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{}", ran.stdout);
    let out = dir.path().join("deep/out");
    for (name, part) in
        [("report.html", "<!doctype html>"), ("junit.xml", "<testsuites"), ("summary.md", "reference")]
    {
        let text = fs::read_to_string(out.join(name)).unwrap();
        assert!(text.to_lowercase().contains(part), "{name} has no {part}");
    }
    assert!(ran.stdout.ends_with("report: deep/out/report.html\n"), "{}", ran.stdout);
    assert!(!dir.path().join("reports").exists());
}

#[test]
fn without_a_command_everything_runs() {
    let dir = tempfile::tempdir().unwrap();
    let ran = corspec_in(dir.path(), &[]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{}", ran.stdout);
    for server in ["scripted", "reference", "tower-http", "actix-cors"] {
        assert!(ran.stdout.lines().any(|line| line.starts_with(server)), "{}", ran.stdout);
    }
    assert!(dir.path().join("reports/latest/report.html").exists());
}

#[test]
fn a_record_is_json_lines() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = [
        "run",
        "--server",
        "scripted",
        "--server",
        "reference",
        "--case",
        "any-*/*",
        "--case",
        "cors-check/*",
    ];
    let to_file = corspec_in(dir.path(), &[&arguments[..], &["--record", "record.jsonl"]].concat());
    let to_stdout = corspec_in(dir.path(), &[&arguments[..], &["--record", "-"]].concat());
    assert_eq!((to_file.code, to_stdout.code), (Some(0), Some(0)));
    let record = lines(&fs::read_to_string(dir.path().join("record.jsonl")).unwrap());
    let keys = keys(&record);
    assert_eq!((keys[0], keys[1], keys[keys.len() - 1]), ("run", "server", "end"));
    assert!(keys[2..keys.len() - 1].iter().all(|key| ["server", "result"].contains(key)));
    let tally: u64 = record.last().unwrap()["end"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(tally, keys.iter().filter(|key| **key == "result").count() as u64);
    assert_eq!(cases_of(&record), cases_of(&lines(&to_stdout.stdout)));
    // What people read goes where the record does not.
    assert!(to_stdout.stderr.ends_with("report: reports/latest/report.html\n"), "{}", to_stdout.stderr);
    assert_eq!(to_file.stderr, "");
}

/// Takes out what no two runs have in common: times, dates, and the ports that servers get.
fn settled(mut value: Value, key: &str) -> Value {
    match &mut value {
        Value::Array(items) => items.iter_mut().for_each(|item| *item = settled(item.take(), "")),
        Value::Object(fields) => {
            fields.iter_mut().for_each(|(key, field)| *field = settled(field.take(), key))
        }
        Value::Number(_) if ["started", "micros"].contains(&key) => value = Value::Null,
        Value::String(text) if text.ends_with(" GMT") => value = Value::Null,
        // The rule that looks at a port tells it bare.
        Value::String(text) if key == "input" && text.parse::<u16>().is_ok() => value = Value::Null,
        Value::String(text) => {
            for mark in ["http://127.0.0.1:", "http%3A%2F%2F127.0.0.1%3A"] {
                let parts: Vec<_> = text.split(mark).map(str::to_owned).collect();
                let rest =
                    parts[1..].iter().map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()));
                *text = std::iter::once(&*parts[0]).chain(rest).collect::<Vec<_>>().join(mark);
            }
        }
        _ => {}
    }
    value
}

#[test]
fn two_runs_tell_the_same() {
    // actix-cors is left out: it answers with a hash set's order.
    let servers = ["--server", "scripted", "--server", "reference", "--server", "tower-http"];
    let run = |jobs: &str| {
        let ran = corspec(&[&["run", "--record", "-", "--jobs", jobs], &servers[..]].concat());
        assert_eq!(ran.code, Some(0));
        let mut record = lines(&ran.stdout);
        record[0]["run"]["arguments"] = Value::Null;
        record.into_iter().map(|line| settled(line, "").to_string()).collect::<Vec<_>>()
    };
    let (one, other) = (run("64"), run("3"));
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(&other) {
        // The whole of it would drown what differs.
        if one != other {
            let at = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count().saturating_sub(150);
            let part = |text: &str| {
                String::from_utf8_lossy(&text.as_bytes()[at..][..400.min(text.len() - at)]).into_owned()
            };
            panic!("\n{}\n{}", part(one), part(other));
        }
    }
}

#[test]
fn shards_hold_every_case_once() {
    let run = |more: &[&str]| {
        let arguments = ["run", "--server", "reference", "--server", "tower-http", "--record", "-"];
        let ran = corspec(&[&arguments[..], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        cases_of(&lines(&ran.stdout))
    };
    let whole = run(&[]);
    let shards: Vec<Vec<String>> =
        ["1/3", "2/3", "3/3"].iter().map(|shard| run(&["--shard", shard])).collect();
    let together: BTreeSet<&String> = shards.iter().flatten().collect();
    assert_eq!(shards.iter().map(Vec::len).sum::<usize>(), whole.len());
    assert_eq!(together, whole.iter().collect());
    for shard in &shards {
        assert!(shard.len() > whole.len() / 4, "{} of {}", shard.len(), whole.len());
    }
}

/// Expects of the reference that it lets a stranger read.
const WRONG: &str = "suite: wrong
spec: https://fetch.spec.whatwg.org/#http-cors-protocol
policy: {origins: [\"https://app.example\"], methods: [GET], headers: [], expose: [], credentials: false, max_age: null}
cases:
  - {id: own-page-reads, why: control, request: {origin: \"https://app.example\"}, expect: allow}
  - {id: stranger-one, why: wrong on purpose, request: {origin: \"https://one.test\"}, expect: allow}
  - {id: stranger-two, why: wrong on purpose, request: {origin: \"https://two.test\"}, expect: allow}
  - {id: stranger-three, why: control, request: {origin: \"https://three.test\"}, expect: block}
";

#[rstest]
#[case::to_the_end(&[], 4)]
#[case::to_the_first_failure(&["--fail-fast"], 2)]
fn a_failure_exits_with_1(#[case] more: &[&str], #[case] results: usize) {
    let dir = folder(&[("cases/server/wrong.yaml", WRONG.as_bytes())]);
    let arguments = ["run", "--cases", "cases", "--server", "reference", "--record", "-"];
    let ran = corspec_in(dir.path(), &[&arguments[..], more].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let record = lines(&ran.stdout);
    assert_eq!(cases_of(&record).len(), results);
    assert_eq!(keys(&record).last(), Some(&"end"));
    for part in ["wrong/stranger-one", "cases/server/wrong.yaml:6", "corspec run"] {
        assert!(ran.stderr.contains(part), "no {part} in\n{}", ran.stderr);
    }
}

#[rstest]
#[case::terminal("terminal", "reference")]
#[case::html("html", "<!doctype html>")]
#[case::junit("junit", "<?xml")]
#[case::markdown("markdown", "reference")]
#[case::snapshot("snapshot", "any-origin")]
#[case::badge("badge", "\"schemaVersion\":1")]
fn reports_of_a_record(#[case] format: &str, #[case] part: &str) {
    let dir = tempfile::tempdir().unwrap();
    let ran = corspec_in(
        dir.path(),
        &["run", "--server", "reference", "--case", "any-origin/*", "--record", "r.jsonl"],
    );
    assert_eq!(ran.code, Some(0));
    let report = corspec_in(dir.path(), &["report", "r.jsonl", "--format", format]);
    assert_eq!((report.code, &*report.stderr), (Some(0), ""));
    assert!(report.stdout.to_lowercase().contains(&part.to_lowercase()), "{}", report.stdout);
    // A report is made of the record alone, so it is the same whenever it is made.
    let again = corspec_in(dir.path(), &["report", "r.jsonl", "--format", format]);
    assert_eq!(report.stdout, again.stdout);
    if let Some(name) = [("html", "report.html"), ("junit", "junit.xml"), ("markdown", "summary.md")]
        .iter()
        .find_map(|(known, name)| (*known == format).then_some(name))
    {
        let written = fs::read_to_string(dir.path().join("reports/latest").join(name)).unwrap();
        assert_eq!(report.stdout, written);
    }
}

#[test]
fn a_report_about_one_of_several_servers() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = ["run", "--server", "reference", "--server", "tower-http", "--case", "any-origin/*"];
    corspec_in(dir.path(), &[&arguments[..], &["--record", "r.jsonl"]].concat());
    let asked = corspec_in(dir.path(), &["report", "r.jsonl", "--format", "badge"]);
    assert_eq!(asked.code, Some(2));
    assert_eq!(asked.stderr, "error: which server? --server takes one of reference, tower-http\n");
    let named = corspec_in(dir.path(), &["report", "r.jsonl", "--format", "badge", "--server", "tower-http"]);
    assert_eq!(named.code, Some(0));
}

#[test]
fn a_record_that_was_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    corspec_in(
        dir.path(),
        &["run", "--server", "reference", "--case", "any-origin/*", "--record", "r.jsonl"],
    );
    let text = fs::read_to_string(dir.path().join("r.jsonl")).unwrap();
    let whole: Vec<&str> = text.lines().collect();
    fs::write(dir.path().join("cut.jsonl"), whole[..5].join("\n")).unwrap();
    let report = corspec_in(dir.path(), &["report", "cut.jsonl"]);
    assert_eq!(report.code, Some(2));
    assert!(report.stdout.contains("reference"), "what is there is told: {}", report.stdout);
    assert_eq!(report.stderr, "error: the record was cut off: its last line is missing\n");
    let badge = corspec_in(dir.path(), &["report", "cut.jsonl", "--format", "badge"]);
    assert!(badge.stdout.contains("not tested"), "{}", badge.stdout);

    let mut middle = text.clone();
    middle.truncate(text.len() / 2);
    fs::write(dir.path().join("middle.jsonl"), &middle).unwrap();
    let report = corspec_in(dir.path(), &["report", "middle.jsonl"]);
    assert_eq!(report.code, Some(2));
    assert!(report.stdout.contains("reference"), "{}", report.stdout);
    assert_eq!(report.stderr, "error: the record was cut off: its last line is missing\n");
}

#[rstest]
#[case::garbage(b"garbage")]
#[case::another_object(br#"{"verdict": "pass"}"#)]
#[case::no_text(b"\xff\xfe")]
fn a_record_with_a_line_that_is_none(#[case] line: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    corspec_in(
        dir.path(),
        &["run", "--server", "reference", "--case", "any-origin/*", "--record", "r.jsonl"],
    );
    let text = fs::read(dir.path().join("r.jsonl")).unwrap();
    let first = text.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let spoilt = [&text[..first], line, b"\n", &text[first..]].concat();
    fs::write(dir.path().join("r.jsonl"), spoilt).unwrap();
    let report = corspec_in(dir.path(), &["report", "r.jsonl"]);
    assert_eq!((report.code, &*report.stdout), (Some(2), ""));
    assert!(report.stderr.starts_with("error: "), "{}", report.stderr);
    assert!(report.stderr.contains("line 2 of the record"), "{}", report.stderr);
}

/// Neither a pipe nor somebody who asked for no colour gets escape sequences.
#[test]
fn no_escape_sequences_where_none_are_wanted() {
    let dir = folder(&[("cases/server/wrong.yaml", WRONG.as_bytes())]);
    for variable in [None, Some("NO_COLOR")] {
        for arguments in [
            &["run", "--cases", "cases", "--server", "reference"][..],
            &["--help"],
            &["run", "--server", "x"],
        ] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_corspec"));
            command.args(arguments).current_dir(dir.path()).envs(variable.map(|name| (name, "1")));
            let ran = Ran::of(command.output().unwrap());
            assert!(
                !ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'),
                "{arguments:?}: {}",
                ran.stdout
            );
        }
    }
}
