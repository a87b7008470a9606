//! A server that breaks the protocol in the way that its first argument names.
//!
//! The arguments after it are marks, by which a test finds this process, and what it started, among all
//! others.

use std::collections::HashMap;
use std::io::{BufRead, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio, exit};
use std::time::Duration;
use std::{env, thread};

use corspec_process::{CommandLine, Options, Process};
use corspec_protocol::{FromServer, Hello, ToServer};

fn main() {
    let mut args = env::args().skip(1);
    let lie = args.next().unwrap_or_default();
    let marks: Vec<_> = args.collect();
    match lie.as_str() {
        "harness" => return harness(&marks),
        "dies-at-start" => die("no such module: cors"),
        "floods-stderr" => flood_stderr(),
        "grandchild" => spawn_stubborn(&marks),
        _ => {}
    }
    let mut liar = Liar { lie, lives: HashMap::new(), held: Vec::new() };
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        match serde_json::from_str(&line) {
            Ok(message) => liar.hear(message),
            Err(error) => die(&format!("not a message: {error}: {line}")),
        }
    }
    match liar.lie.as_str() {
        "ignores-end" => sleep(),
        "exits-badly" => die("could not save the cache"),
        _ => {}
    }
}

struct Liar {
    lie: String,
    lives: HashMap<u64, Option<TcpListener>>,
    held: Vec<u64>,
}

impl Liar {
    fn hear(&mut self, message: ToServer) {
        match message {
            ToServer::Hello { .. } => self.say_hello(),
            ToServer::Serve { seq, .. } => self.serve(seq),
            ToServer::Drop { seq } => self.stop(seq),
        }
    }

    fn say_hello(&self) {
        match self.lie.as_str() {
            "hangs-at-hello" => sleep(),
            "dies-at-hello" => die("cannot bind"),
            "banner" => print("Server started on port 3000"),
            "blank-line" => print(""),
            "escapes" => print("\u{1b}[2J\u{202e}gone"),
            "version-2" => print(r#"{"hello": {"protocol": 2, "name": "liar"}}"#),
            "version-2-in-other-words" => print(r#"{"hello": {"protocol": 2, "who": {}}}"#),
            "nameless" => print(r#"{"hello": {"protocol": 1}}"#),
            "not-utf8" => write(b"{\"hello\": {\"protocol\": 1, \"name\": \"\xff\"}}\n"),
            "huge-line" => {
                write(format!("{{\"hello\": \"{}\"}}\n", "x".repeat(2 << 20)).as_bytes());
            }
            "endless-line" => loop {
                write(&[b'x'; 4096]);
            },
            "floods-stdout" => loop {
                print(r#"{"hello": {"protocol": 1, "name": "liar"}}"#);
            },
            "ready-before-hello" => print(r#"{"ready": {"seq": 1, "url": "http://127.0.0.1:1"}}"#),
            "says-more" => {
                print(r#"{"hello": {"protocol": 1, "name": "liar", "lacks": [], "mood": "good"}}"#);
                return;
            }
            "lacks-nonsense" => {
                say(&FromServer::Hello(Hello { lacks: vec!["/teapot".into()], ..Hello::new(" ") }));
                return;
            }
            _ => {}
        }
        say(&FromServer::Hello(Hello::new("liar")));
    }

    fn serve(&mut self, seq: u64) {
        let elsewhere = |url: &str| say(&FromServer::Ready { seq, url: url.into() });
        match self.lie.as_str() {
            "hangs-at-serve" => sleep(),
            "dies-at-serve" => die("out of memory"),
            "dies-at-second-serve" if seq == 2 => die("out of memory"),
            "slow" => thread::sleep(Duration::from_millis(300)),
            "not-listening" => {
                let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
                return elsewhere(&format!("http://{}", closed.expect("loopback is there")));
            }
            "listens-elsewhere" => return elsewhere("http://192.0.2.1:80"),
            "misspells" => {
                return print(&format!(
                    r#"{{"unsupported": {{"seq": {seq}, "reason": "no", "isue": "x"}}}}"#
                ));
            }
            "has-a-path" => return elsewhere("http://127.0.0.1:80/api/"),
            "unknown-seq" => return say(&FromServer::Refused { seq: seq + 100, reason: "no".into() }),
            "wrong-answer" => return say(&FromServer::Dropped { seq }),
            "answers-twice" => {
                say(&FromServer::Refused { seq, reason: "no".into() });
                return say(&FromServer::Refused { seq, reason: "no, I said".into() });
            }
            "says-no" => {
                eprintln!("\u{1b}[31mwarning\u{1b}[m");
                return match seq % 3 {
                    0 => say(&FromServer::Failed { seq, message: "broke".into() }),
                    1 => say(&FromServer::Refused { seq, reason: "insecure".into() }),
                    _ => say(&FromServer::Unsupported { seq, reason: "cannot".into(), issue: None }),
                };
            }
            "backwards" => {
                self.held.push(seq);
                if self.held.len() < 2 {
                    return;
                }
                for seq in std::mem::take(&mut self.held).into_iter().rev() {
                    self.listen(seq);
                }
                return;
            }
            "shares-a-url" => {
                if let Some(url) = self.lives.values().flatten().next().map(url_of) {
                    return elsewhere(&url);
                }
            }
            _ => {}
        }
        self.listen(seq);
        match self.lie.as_str() {
            "logs-later" => print("GET /resource 200"),
            "dies-later" => {
                thread::sleep(Duration::from_millis(100));
                die("segmentation fault, say");
            }
            _ => {}
        }
    }

    fn listen(&mut self, seq: u64) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
        let accepting = listener.try_clone().expect("a socket can be cloned");
        let lie = self.lie.clone();
        // Runs on after a drop, as the clone keeps the socket: right for the server that lies about it.
        if lie != "honest" {
            thread::spawn(move || accepting.incoming().flatten().for_each(|stream| answer(&lie, stream)));
        }
        say(&FromServer::Ready { seq, url: url_of(&listener) });
        self.lives.insert(seq, Some(listener));
    }

    fn stop(&mut self, seq: u64) {
        self.lives.remove(&seq);
        match self.lie.as_str() {
            "cannot-drop" => say(&FromServer::Failed { seq, message: "busy".into() }),
            _ => say(&FromServer::Dropped { seq }),
        }
    }
}

/// What comes over HTTP, which is a lie as well.
fn answer(lie: &str, mut stream: std::net::TcpStream) {
    let mut request = [0; 1024];
    let length = stream.read(&mut request).unwrap_or(0);
    let request = String::from_utf8_lossy(&request[..length]).to_ascii_lowercase();
    // The harness may hang up at any time.
    drop(match lie {
        "endless-body" => {
            let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            while sent.is_ok() {
                sent = stream.write_all(&[b'x'; 4096]);
            }
            sent
        }
        "never-answers" => sleep(),
        "needs-origin" if !request.contains("\r\norigin: ") => {
            stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        }
        "slow-answer" if request.starts_with("get /cacheable") => {
            thread::sleep(Duration::from_millis(1200));
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        }
        "no-http" => stream.write_all(b"220 smtp.example ready\r\n"),
        _ => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
    });
}

/// A harness that is killed before it could clean up.
fn harness(marks: &[String]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be built").block_on(async {
        let liar = env::current_exe().expect("it runs");
        let command = CommandLine::new(liar.to_string_lossy()).args(["grandchild"]).args(marks);
        let _process = Process::start(&command, &Options::default()).await.expect("it starts");
        print("started");
        sleep();
    });
}

/// A process that ignores whatever can be ignored.
#[expect(clippy::zombie_processes, reason = "to leave it behind is the point")]
fn spawn_stubborn(marks: &[String]) {
    Command::new("sh")
        .args(["-c", "trap '' TERM INT HUP; while :; do sleep 1; done", "stubborn"])
        .args(marks)
        .stdin(Stdio::null())
        .spawn()
        .expect("there is a shell");
}

fn flood_stderr() {
    let chunk = "all work and no play\n".repeat(5000);
    for _ in 0..1000 {
        std::io::stderr().write_all(chunk.as_bytes()).expect("somebody reads");
    }
}

fn url_of(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().expect("it is bound"))
}

fn say(message: &FromServer) {
    print(&serde_json::to_string(message).expect("it is JSON"));
}

fn print(line: &str) {
    write(line.as_bytes());
    write(b"\n");
}

/// Ends when nobody listens any more.
fn write(bytes: &[u8]) {
    let mut stdout = std::io::stdout();
    if stdout.write_all(bytes).and_then(|()| stdout.flush()).is_err() {
        exit(0);
    }
}

fn die(words: &str) -> ! {
    eprintln!("{words}");
    exit(3)
}

fn sleep() -> ! {
    loop {
        thread::sleep(Duration::from_secs(3600));
    }
}
