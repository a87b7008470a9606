//! What another tool finds on the same servers: [CORScanner], shown each of them as if it were `http://www.example.org`.
//!
//! [CORScanner]: https://pypi.org/project/corscanner/

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use corspec_protocol::{Answer, Policy, Server};
use corspec_server_mutants::{mutants, right_servers};
use serde::{Deserialize, Serialize};

/// Where the findings are kept, for few have CORScanner at hand.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/power/corscanner.json");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/power/corscanner.py");

/// What CORScanner found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Scanned {
    pub(crate) version: String,
    /// The kinds of findings on the plainest right server, by policy.
    pub(crate) plain: BTreeMap<String, Vec<String>>,
    /// On every right server with findings.
    pub(crate) right: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// On every mutant whose findings are others than those on the plainest right server.
    pub(crate) mutants: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Scanned {
    /// What is kept; where `CORSPEC_PYTHON` names a Python that has CORScanner, what it finds now, which is then kept.
    pub(crate) async fn current() -> Self {
        let Ok(python) = std::env::var("CORSPEC_PYTHON") else { return Self::kept() };
        let scanned = Self::by(&python).await;
        scanned.keep();
        scanned
    }

    fn kept() -> Self {
        let text = std::fs::read_to_string(KEPT).expect("what CORScanner found is kept beside this file");
        serde_json::from_str(&text).expect("what is kept was written by this program")
    }

    fn keep(&self) {
        let text = serde_json::to_string_pretty(self).expect("plain data") + "\n";
        std::fs::write(KEPT, text).expect("this folder can be written to");
    }

    /// Asks the CORScanner that this Python has.
    async fn by(python: &str) -> Self {
        let mut scanner = Scanner::start(python);
        let mut scanned = Self { version: version(python), ..Self::default() };
        for (name, policy) in policies() {
            let mut plain = Vec::new();
            for (number, right) in right_servers().iter().enumerate() {
                let found = scanner.scan(&right.server(), policy.clone()).await;
                if number == 0 {
                    plain.clone_from(&found);
                }
                if !found.is_empty() {
                    let by_policy = scanned.right.entry(right.id.to_owned()).or_default();
                    by_policy.insert(name.to_owned(), found);
                }
            }
            for mutant in mutants() {
                let found = scanner.scan(&mutant.server(), policy.clone()).await;
                if found != plain {
                    let by_policy = scanned.mutants.entry(mutant.id.to_owned()).or_default();
                    by_policy.insert(name.to_owned(), found);
                }
            }
            scanned.plain.insert(name.to_owned(), plain);
        }
        scanned
    }
}

/// The three policies of the matrix, as they are where the server is `www.example.org` and its site permits itself.
fn policies() -> [(&'static str, Policy); 3] {
    let [(one, mut listed), (patterns, mut several), anybody] = crate::matrix::policies();
    listed.origins = vec!["http://www.example.org".to_owned()];
    several.origins = vec!["http://*.www.example.org".to_owned(), "http://www.example.org".to_owned()];
    [(one, listed), (patterns, several), anybody]
}

struct Scanner {
    child: Child,
    ask: ChildStdin,
    told: BufReader<ChildStdout>,
}

impl Scanner {
    fn start(python: &str) -> Self {
        let mut command = Command::new(python);
        command.arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a Python that has CORScanner");
        let ask = child.stdin.take().expect("it is piped");
        let told = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, ask, told }
    }

    async fn scan(&mut self, server: &impl Server, policy: Policy) -> Vec<String> {
        let Answer::Ready(instance) = server.serve(Some(policy)).await else { return Vec::new() };
        let port = instance.url.rsplit(':').next().unwrap_or_default().trim_end_matches('/').to_owned();
        writeln!(self.ask, "{port}").expect("CORScanner listens");
        let mut line = String::new();
        let told = tokio::task::block_in_place(|| self.told.read_line(&mut line));
        told.expect("CORScanner answers");
        instance.stop().await;
        serde_json::from_str(&line).expect("a list of findings")
    }
}

impl Drop for Scanner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn version(python: &str) -> String {
    let program = "import importlib.metadata as m; print(m.version('corscanner'))";
    let told = Command::new(python).args(["-c", program]).output().expect("a Python that has CORScanner");
    String::from_utf8_lossy(&told.stdout).trim().to_owned()
}
