//! A matrix of servers of which some lie: each is told for what it did, and the rows of the others are what they are without it.
//!
//! The servers are this program itself, called again with a lie to tell. And what is left of a matrix that is killed: nothing, with
//! real servers, as far as they have been set up; `CORSPEC_SERVERS` names another folder with servers.

#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio, exit};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use corspec_protocol::{Answer, BoxFuture, FromServer, Hello, Instance, Policy, Server, ToServer};
use corspec_server_reference::Reference;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

/// What a server is called with that is to lie.
const LIE: &str = "--lie";

/// A lie, and what must be told of whoever tells it.
struct Liar {
    lie: &'static str,
    told: Told,
}

enum Told {
    /// What any other server is told for.
    Nothing,
    /// These words, among its problems or with its results.
    Words(&'static str),
    /// So many holes at least.
    Holes(u64),
}

const HONEST: [&str; 2] = ["a-first", "z-last"];

const LIARS: [Liar; 9] = [
    Liar { lie: "listens-nowhere", told: Told::Words("Connection refused") },
    Liar { lie: "prints", told: Told::Words("GET /resource 200") },
    Liar { lie: "answers-another", told: Told::Words("seq") },
    Liar { lie: "hangs", told: Told::Words("no answer came to the controls") },
    Liar { lie: "dies", told: Told::Words("out of memory") },
    Liar { lie: "dies-at-once", told: Told::Words("no such module") },
    Liar { lie: "floods", told: Told::Nothing },
    Liar { lie: "ignores-the-policy", told: Told::Holes(100) },
    Liar { lie: "is-slow", told: Told::Nothing },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, lie] = &*arguments
        && flag == LIE
    {
        speak(lie);
        return ExitCode::SUCCESS;
    }
    let killed = |signal| {
        let trial = Trial::test(format!("nothing_is_left::{signal}"), move || nothing_is_left(signal));
        trial.with_ignored_flag(real_servers().is_none())
    };
    let mut trials = vec![Trial::test("liars_spoil_no_other_row", liars_spoil_no_other_row)];
    trials.extend(["KILL", "INT"].map(killed));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn liars_spoil_no_other_row() -> Result<(), Failed> {
    let alone = Measured::of(&HONEST);
    let names: Vec<&str> = HONEST.into_iter().chain(LIARS.iter().map(|liar| liar.lie)).collect();
    let beside = Measured::of(&names);
    for name in HONEST {
        assert_eq!(beside.snapshots[name], alone.snapshots[name], "{name}");
        let (with, without) = (beside.row(name), alone.row(name));
        assert_eq!(with, without, "{name}");
        assert_eq!((&with["state"], &with["problems"]), (&"tested".into(), &Value::Array(Vec::new())));
    }
    for Liar { lie, told } in &LIARS {
        match told {
            Told::Nothing => {
                let shown = beside.snapshots[*lie].replace(lie, HONEST[0]);
                assert_eq!(shown, alone.snapshots[HONEST[0]], "{lie}");
            }
            Told::Words(words) => assert!(beside.says(lie, words), "{lie}: {}", beside.row(lie)),
            Told::Holes(least) => assert!(beside.holes(lie) >= *least, "{lie}: {}", beside.holes(lie)),
        }
    }
    // Whoever is silent is not asked to the end.
    assert_eq!(beside.row("hangs")["as_it_comes"]["says"], "failed");
    Ok(())
}

/// One of each runtime, and proxies, which start programs of their own.
const REAL: [&str; 12] = [
    "envoy",
    "express-cors",
    "flask-cors",
    "haproxy",
    "hono-bun",
    "hono-deno",
    "hono-workerd",
    "jetty",
    "nginx",
    "rs-cors",
    "spring-mvc",
    "varnish",
];

/// The folder in which most of them have been set up.
fn real_servers() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../servers");
    let dir = std::env::var_os("CORSPEC_SERVERS").map_or(beside, PathBuf::from);
    let ready = REAL.iter().filter(|name| dir.join(name).join(".set-up").exists()).count();
    (ready >= 8).then_some(dir)
}

fn nothing_is_left(signal: &str) -> Result<(), Failed> {
    let servers = real_servers().unwrap();
    let out = tempfile::tempdir().unwrap();
    // What is started inherits it, however many shells stand between.
    let mark = format!("CORSPEC_MARK={}", out.path().display());
    let mut command = Command::new("env");
    // What a shell starts in the background inherits that Ctrl-C is ignored; `env` undoes it.
    command.args(["--default-signal=INT", &mark, env!("CARGO_BIN_EXE_corspec"), "matrix", "--out"]);
    command.arg(out.path()).args(["--at-once", "12"]);
    command.args(REAL.iter().flat_map(|name| ["--server", name]));
    let mut matrix = command
        .current_dir(servers.parent().unwrap())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    // Most of them, each with its keeper, and in the middle of it.
    while marked(&mark).len() < 2 * REAL.len() && begun.elapsed() < Duration::from_secs(20) {
        sleep(Duration::from_millis(200));
    }
    sleep(Duration::from_secs(2));
    let under_way = marked(&mark).len();
    let is_running = matrix.try_wait().unwrap().is_none();
    Command::new("kill").args(["-s", signal, &matrix.id().to_string()]).status().unwrap();
    matrix.wait().unwrap();
    let killed = Instant::now();
    while !marked(&mark).is_empty() && killed.elapsed() < Duration::from_secs(5) {
        sleep(Duration::from_millis(100));
    }
    assert_eq!(marked(&mark), Vec::<String>::new());
    assert!(is_running && under_way >= REAL.len(), "{under_way} processes were there to be left");
    Ok(())
}

/// The processes that were started with this in their environment.
fn marked(mark: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let is_marked = |path: &PathBuf| {
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        environment.split(|&byte| byte == 0).any(|variable| variable == mark.as_bytes())
    };
    let command = |path: PathBuf| {
        let command = fs::read(path.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).replace('\0', " ")
    };
    entries.filter(is_marked).map(command).collect()
}

/// What `corspec matrix` has written of some servers.
struct Measured {
    snapshots: BTreeMap<String, String>,
    matrix: Value,
    record: String,
}

impl Measured {
    fn of(names: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in names {
            add(dir.path(), name);
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_corspec"));
        command.args(["matrix", "--record", "record.jsonl", "--out", "reports"]);
        let output = command.current_dir(dir.path()).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(dir.path().join("reports/matrix.json").exists(), "{said}");
        let read = |path: &str| fs::read_to_string(dir.path().join(path)).unwrap();
        let snapshots = fs::read_dir(dir.path().join("reports/servers")).unwrap().map(|entry| {
            let path = entry.unwrap().path();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap())
        });
        Self {
            snapshots: snapshots.collect(),
            matrix: serde_json::from_str(&read("reports/matrix.json")).unwrap(),
            record: read("record.jsonl"),
        }
    }

    fn row(&self, name: &str) -> &Value {
        let rows = self.matrix["servers"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == name).unwrap()
    }

    /// Whether a line of the record, of this server, has these words in what it tells.
    fn says(&self, name: &str, words: &str) -> bool {
        let lines = self.record.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let told = lines.filter_map(|line| {
            let of = |kind: &str, who: &str, what: &str| {
                (line[kind][who] == name).then(|| line[kind][what].as_str().map(str::to_owned)).flatten()
            };
            of("server", "name", "problem").or_else(|| of("result", "server", "message"))
        });
        told.into_iter().any(|told| told.contains(words))
    }

    fn holes(&self, name: &str) -> u64 {
        let suites = self.row(name)["suites"].as_object().unwrap();
        suites.values().filter_map(|suite| suite["hole"].as_u64()).sum()
    }
}

/// A folder of a server that is this program.
fn add(dir: &Path, name: &str) {
    let program = std::env::current_exe().unwrap();
    let run = serde_json::to_string(&[&*program.to_string_lossy(), LIE, name]).unwrap();
    let folder = dir.join("servers").join(name);
    fs::create_dir_all(&folder).unwrap();
    let yaml = format!(
        "name: {name}\nlanguage: rust\nhomepage: https://example.com\ndetect: [\"true\"]\nrun: {run}\nmemory: 20\n"
    );
    fs::write(folder.join("server.yaml"), yaml).unwrap();
}

fn speak(lie: &str) {
    match lie {
        "answers-another" => return answer_another(),
        "dies-at-once" => die("no such module: cors"),
        "floods" => flood(),
        "is-slow" => sleep(Duration::from_secs(3)),
        _ => {}
    }
    let server = Lying { lie: lie.to_owned(), served: AtomicUsize::new(0) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(corspec_protocol::run(server));
}

/// The reference, but for one thing.
struct Lying {
    lie: String,
    served: AtomicUsize,
}

impl Server for Lying {
    fn hello(&self) -> Hello {
        Reference.hello()
    }

    fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        let served = self.served.fetch_add(1, Ordering::Relaxed);
        let at = |url: String| -> BoxFuture<'static, Answer> {
            Box::pin(async { Answer::Ready(Instance::new(url, ())) })
        };
        match &*self.lie {
            "listens-nowhere" => return at(url_of(&TcpListener::bind("127.0.0.1:0").unwrap())),
            "hangs" => return at(url_of(Box::leak(Box::new(TcpListener::bind("127.0.0.1:0").unwrap())))),
            "prints" => println!("GET /resource 200"),
            "dies" if served == 5 => die("out of memory"),
            "ignores-the-policy" => {
                let any = || vec!["*".to_owned()];
                return Reference.serve(policy.map(|policy| Policy {
                    origins: any(),
                    methods: any(),
                    headers: any(),
                    expose: Vec::new(),
                    credentials: false,
                    ..policy
                }));
            }
            _ => {}
        }
        Reference.serve(policy)
    }
}

/// Refuses what nobody has asked for.
fn answer_another() {
    for line in std::io::stdin().lock().lines() {
        let message = match serde_json::from_str(&line.unwrap()).unwrap() {
            ToServer::Hello { .. } => FromServer::Hello(Reference.hello()),
            ToServer::Serve { seq, .. } => FromServer::Refused { seq: seq + 1000, reason: "no".to_owned() },
            ToServer::Drop { seq } => FromServer::Dropped { seq },
        };
        println!("{}", serde_json::to_string(&message).unwrap());
    }
}

fn flood() {
    let chunk = "all work and no play\n".repeat(5000);
    for _ in 0..100 {
        std::io::stderr().write_all(chunk.as_bytes()).unwrap();
    }
}

fn url_of(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().unwrap())
}

fn die(words: &str) -> ! {
    eprintln!("{words}");
    exit(3)
}
