use std::collections::HashMap;
use std::io::BufReader;
use std::process::ChildStdout;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use corspec_protocol::{FromServer, Hello, PROTOCOL, Policy, ToServer};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::child::{Child, Ending, Handle};
use crate::command::CommandLine;
use crate::fault::{Breach, Fault, StartError};
use crate::line::{Line, read_line};
use crate::loopback::LoopbackUrl;
use crate::options::Options;
use crate::printable::printable;
use crate::tail::Tail;

/// How much of a line a message shows.
const SHOWN: usize = 300;

/// How long what a program wrote may still be on its way when the program has ended.
const SETTLE: Duration = Duration::from_millis(500);

/// One life of a program: from its start to its end or its first breach of the protocol, after which
/// nothing that it says counts.
#[derive(Debug)]
pub(crate) struct Link {
    shared: Arc<Shared>,
    request_limit: Duration,
    // Dropped last: what is waiting hears of the end first.
    child: Child,
}

/// What the threads that hear the program know.
#[derive(Debug)]
struct Shared {
    tail: Tail,
    child: Handle,
    state: Mutex<State>,
    ear: Option<Ear>,
}

/// Hears every line that a program writes to stdout.
pub(crate) type Ear = std::sync::mpsc::Sender<Vec<u8>>;

#[derive(Debug, Default)]
struct State {
    last_seq: u64,
    last_sent: String,
    hello: Option<oneshot::Sender<Hello>>,
    asked: HashMap<u64, Asked>,
    live: HashMap<u64, String>,
    /// What did not end this life, but is an error of the run nevertheless.
    faults: Vec<Fault>,
    over: Option<Fault>,
}

/// A question without an answer so far.
#[derive(Debug)]
enum Asked {
    Serve {
        sent: String,
        answer: oneshot::Sender<FromServer>,
    },
    /// A `serve` that nobody waits for any more.
    Abandoned {
        sent: String,
    },
    Drop {
        sent: String,
        since: Instant,
        answer: Option<oneshot::Sender<()>>,
    },
}

impl Asked {
    /// What was asked and what could answer it, if this message does not.
    fn unanswered_by(&self, message: &FromServer) -> Option<(&str, &'static str)> {
        match self {
            Self::Serve { sent, .. } | Self::Abandoned { sent } => {
                matches!(message, FromServer::Dropped { .. })
                    .then_some((sent.as_str(), "ready, unsupported, refused or failed"))
            }
            Self::Drop { sent, .. } => {
                let answers = matches!(message, FromServer::Dropped { .. } | FromServer::Failed { .. });
                (!answers).then_some((sent.as_str(), "dropped or failed"))
            }
        }
    }
}

/// What became of a `serve`.
#[derive(Debug)]
pub(crate) enum Served {
    Ready { seq: u64, url: LoopbackUrl, text: String },
    Unsupported { reason: String, issue: Option<String> },
    Refused { reason: String },
    Failed { message: String },
}

impl Link {
    pub(crate) async fn start(command: &CommandLine, options: &Options) -> Result<(Self, Hello), StartError> {
        Self::start_heard(command, options, None).await
    }

    /// The same with somebody who hears every line.
    pub(crate) async fn start_heard(
        command: &CommandLine,
        options: &Options,
        ear: Option<Ear>,
    ) -> Result<(Self, Hello), StartError> {
        let started = Child::spawn(command, options.stop_grace);
        let (child, stdout, stderr) = started.map_err(|source| StartError::Spawn {
            command: command.to_string(),
            dir: command.working_dir().map(Into::into),
            source,
        })?;
        let tail = Tail::default();
        let shared = Arc::new(Shared {
            tail: tail.clone(),
            child: child.handle().clone(),
            state: Mutex::default(),
            ear,
        });
        let link = Self { shared: Arc::clone(&shared), request_limit: options.request_limit, child };
        let hello = shared.say_hello();
        thread::spawn(move || tail.read(stderr));
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.listen(stdout)
        });
        let fault = match timeout(options.start_limit, hello).await {
            Ok(Ok(hello)) => return Ok((link, hello)),
            Ok(Err(_over)) => shared.over_or_stopped(),
            Err(_elapsed) => {
                let sent = shared.state().last_sent.clone();
                shared.fail_silent(sent, options.start_limit)
            }
        };
        link.end().await;
        Err(StartError::Hello { command: command.to_string(), fault })
    }

    /// Asks for a policy and waits for the answer. A url is looked at and tried before it is passed on.
    pub(crate) async fn serve(&self, policy: Option<Policy>) -> Result<Served, Fault> {
        let (waiting, answer) = self.shared.ask_serve(policy)?;
        let (seq, sent) = (waiting.seq, waiting.sent.clone());
        let reply = match timeout(self.request_limit, answer).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(_over)) => return Err(self.shared.over_or_stopped()),
            Err(_elapsed) => return Err(self.shared.fail_silent(sent, self.request_limit)),
        };
        let (url, text) = match reply {
            FromServer::Ready { url, .. } => match LoopbackUrl::parse(&url) {
                Ok(parsed) => (parsed, url),
                Err(problem) => {
                    let url = printable(&url, SHOWN);
                    return Err(self.shared.record(Breach::Url { sent, url, problem }));
                }
            },
            FromServer::Unsupported { reason, issue, .. } => {
                return Ok(Served::Unsupported { reason, issue });
            }
            FromServer::Refused { reason, .. } => return Ok(Served::Refused { reason }),
            FromServer::Failed { message, .. } => {
                return Ok(Served::Failed { message: self.with_stderr(message) });
            }
            FromServer::Hello(_) | FromServer::Dropped { .. } => {
                unreachable!("`hear` lets no such answer pass")
            }
        };
        if self.shared.is_shared(seq, &text) {
            return Err(self.shared.record(Breach::SharedUrl { sent, url: text }));
        }
        let problem = match timeout(self.request_limit, url.connect()).await {
            Ok(Ok(_stream)) => {
                waiting.keep();
                return Ok(Served::Ready { seq, url, text });
            }
            Ok(Err(error)) => error.to_string(),
            Err(_elapsed) => format!("no connection within {:?}", self.request_limit),
        };
        // A program that crashed right after its answer does not listen either, and that says more.
        let handle = self.child.handle().clone();
        let exit = tokio::task::spawn_blocking(move || handle.wait(Duration::from_millis(50)));
        if let Ok(Some(status)) = exit.await {
            return Err(self.shared.fail_after_settling(Breach::Ended { sent, status }));
        }
        Err(self.shared.record(Breach::NotListening { sent, url: text, problem }))
    }

    /// Asks to stop listening, and does not wait for it.
    pub(crate) fn let_go(&self, seq: u64) {
        self.shared.ask_drop(&mut self.shared.state(), seq, None);
    }

    /// Asks to stop listening, and waits until the program says that it did.
    pub(crate) async fn drop_policy(&self, seq: u64) -> Result<(), Fault> {
        let (sender, answer) = oneshot::channel();
        self.shared.ask_drop(&mut self.shared.state(), seq, Some(sender));
        match timeout(self.request_limit, answer).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_over)) => Err(self.shared.last_fault()),
            Err(_elapsed) => {
                let sent = to_line(&ToServer::Drop { seq });
                Err(self.shared.fail_silent(sent, self.request_limit))
            }
        }
    }

    /// Ends the program, as [`Handle::end`] does, without blocking the runtime.
    pub(crate) async fn end(&self) -> Ending {
        self.shared.fail(Breach::Stopped);
        let handle = self.child.handle().clone();
        tokio::task::spawn_blocking(move || handle.end()).await.unwrap_or(Ending::Killed)
    }

    /// As [`Link::end`], from wherever.
    pub(crate) fn end_blocking(&self) -> Ending {
        self.shared.fail(Breach::Stopped);
        self.child.handle().end()
    }

    /// What ended this life, if something did.
    pub(crate) fn over(&self) -> Option<Fault> {
        self.shared.state().over.clone()
    }

    /// Where policies are live, or were when this life ended.
    pub(crate) fn live(&self) -> Vec<String> {
        let mut urls: Vec<_> = self.shared.state().live.values().cloned().collect();
        urls.sort_unstable();
        urls
    }

    /// Everything that it did against the protocol.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        let state = self.shared.state();
        let silent = state.asked.values().filter_map(|asked| match asked {
            Asked::Drop { sent, since, .. } if since.elapsed() > self.request_limit => {
                let silence = Breach::Silence { sent: sent.clone(), limit: self.request_limit };
                Some(Fault::new(silence, &self.shared.tail))
            }
            _ => None,
        });
        let over = state.over.iter().filter(|fault| !matches!(fault.breach, Breach::Stopped));
        state.faults.iter().chain(over).cloned().chain(silent).collect()
    }

    pub(crate) fn tail(&self) -> &Tail {
        &self.shared.tail
    }

    fn with_stderr(&self, mut message: String) -> String {
        // Writing to a string cannot fail.
        let _ = crate::fault::write_stderr(&mut message, &self.shared.tail.text());
        message
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.shared.fail(Breach::Stopped);
    }
}

/// Takes a question back unless its answer is kept.
#[derive(Debug)]
struct Waiting {
    shared: Arc<Shared>,
    seq: u64,
    sent: String,
    kept: bool,
}

impl Waiting {
    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let mut state = self.shared.state();
        match state.asked.get_mut(&self.seq) {
            Some(asked) => *asked = Asked::Abandoned { sent: self.sent.clone() },
            None => self.shared.ask_drop(&mut state, self.seq, None),
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say_hello(&self) -> oneshot::Receiver<Hello> {
        let (sender, hello) = oneshot::channel();
        let mut state = self.state();
        state.hello = Some(sender);
        self.send(&mut state, &ToServer::Hello { protocol: PROTOCOL });
        hello
    }

    fn ask_serve(
        self: &Arc<Self>,
        policy: Option<Policy>,
    ) -> Result<(Waiting, oneshot::Receiver<FromServer>), Fault> {
        let mut state = self.state();
        if let Some(over) = &state.over {
            return Err(over.clone());
        }
        state.last_seq += 1;
        let seq = state.last_seq;
        let sent = self.send(&mut state, &ToServer::Serve { seq, policy });
        let (sender, answer) = oneshot::channel();
        state.asked.insert(seq, Asked::Serve { sent: sent.clone(), answer: sender });
        Ok((Waiting { shared: Arc::clone(self), seq, sent, kept: false }, answer))
    }

    /// Nothing happens where nothing is live under that number.
    fn ask_drop(&self, state: &mut State, seq: u64, answer: Option<oneshot::Sender<()>>) {
        if state.over.is_none() && state.live.remove(&seq).is_some() {
            let sent = self.send(state, &ToServer::Drop { seq });
            state.asked.insert(seq, Asked::Drop { sent, since: Instant::now(), answer });
        }
    }

    fn send(&self, state: &mut State, message: &ToServer) -> String {
        let line = to_line(message);
        self.child.input().send(&line);
        state.last_sent = printable(&line, SHOWN);
        state.last_sent.clone()
    }

    fn is_shared(&self, seq: u64, url: &str) -> bool {
        self.state().live.iter().any(|(other, live)| *other != seq && live == url)
    }

    /// Hears the program out, until it ends or breaks the protocol.
    fn listen(&self, stdout: ChildStdout) {
        let mut stdout = BufReader::with_capacity(64 << 10, stdout);
        loop {
            let heard = match read_line(&mut stdout) {
                Ok(Line::Whole(line)) => self.hear(&line),
                Ok(Line::TooLong(line)) => Err(Breach::LongLine { line: shown(&line) }),
                Ok(Line::End) | Err(_) => break,
            };
            if let Err(breach) = heard {
                self.fail(breach);
            }
            if self.state().over.is_some() {
                // A program that has things to say while it ends must not find its stdout closed and die of that.
                let _ = std::io::copy(&mut stdout, &mut std::io::sink());
                return;
            }
        }
        let sent = self.state().last_sent.clone();
        match self.child.wait(SETTLE) {
            Some(status) => self.fail_after_settling(Breach::Ended { sent, status }),
            // It is still there to be sent more.
            None => {
                let sent = self.state().last_sent.clone();
                self.fail(Breach::ClosedStdout { sent })
            }
        };
    }

    fn hear(&self, line: &[u8]) -> Result<(), Breach> {
        if let Some(ear) = &self.ear {
            let _ = ear.send(line.to_vec());
        }
        let text = str::from_utf8(line).map_err(|_| Breach::NotUtf8 { line: shown(line) })?;
        let line = shown(line);
        let message =
            serde_json::from_str(text).map_err(|error| not_a_message(text, line.clone(), &error))?;
        let mut state = self.state();
        let seq = match &message {
            FromServer::Hello(hello) if u64::from(hello.protocol) != u64::from(PROTOCOL) => {
                return Err(Breach::Version { line, version: hello.protocol.into() });
            }
            FromServer::Hello(hello) => {
                let waiting = state.hello.take().ok_or(Breach::RepeatedHello { line })?;
                drop(waiting.send(hello.clone()));
                return Ok(());
            }
            FromServer::Ready { seq, .. }
            | FromServer::Unsupported { seq, .. }
            | FromServer::Refused { seq, .. }
            | FromServer::Failed { seq, .. }
            | FromServer::Dropped { seq } => *seq,
        };
        // What is asked stays so until its breach is noted: whoever waits must not hear of an end without a reason.
        let Some(asked) = state.asked.get(&seq) else {
            let was_given = (1..=state.last_seq).contains(&seq);
            return Err(if was_given { Breach::RepeatedSeq { line } } else { Breach::UnknownSeq { line } });
        };
        if let Some((sent, expected)) = asked.unanswered_by(&message) {
            return Err(Breach::WrongAnswer { sent: sent.to_owned(), line, expected });
        }
        let Some(asked) = state.asked.remove(&seq) else { unreachable!("it was there") };
        match (asked, message) {
            (Asked::Serve { answer, .. }, message) => {
                if let FromServer::Ready { url, .. } = &message {
                    state.live.insert(seq, url.clone());
                }
                // Whoever does not wait any more has a `Waiting` that drops what is live.
                drop(answer.send(message));
            }
            (Asked::Abandoned { .. }, FromServer::Ready { url, .. }) => {
                state.live.insert(seq, url);
                self.ask_drop(&mut state, seq, None);
            }
            (Asked::Abandoned { .. }, _) => {}
            (Asked::Drop { sent, .. }, FromServer::Failed { .. }) => {
                let fault = Fault::new(Breach::DropFailed { sent, line }, &self.tail);
                state.faults.push(fault);
            }
            (Asked::Drop { answer, .. }, _) => {
                if let Some(answer) = answer {
                    let _ = answer.send(());
                }
            }
        }
        Ok(())
    }

    /// Notes what is wrong with one answer only.
    fn record(&self, breach: Breach) -> Fault {
        let fault = Fault::new(breach, &self.tail);
        self.state().faults.push(fault.clone());
        fault
    }

    /// Ends this life, unless it has ended before. Returns what ended it.
    fn fail(&self, breach: Breach) -> Fault {
        let mut state = self.state();
        if let Some(over) = &state.over {
            return over.clone();
        }
        let fault = Fault::new(breach, &self.tail);
        state.over = Some(fault.clone());
        // The senders go, and so all who wait hear that there will be no answer.
        state.asked.clear();
        state.hello = None;
        drop(state);
        if !matches!(fault.breach, Breach::Stopped) {
            let child = self.child.clone();
            thread::spawn(move || child.end());
        }
        fault
    }

    /// Ends this life because no answer came.
    fn fail_silent(&self, sent: String, limit: Duration) -> Fault {
        // A process that left the group can keep the stdout of a dead program open.
        match self.child.wait(Duration::ZERO) {
            Some(status) => self.fail(Breach::Ended { sent, status }),
            None => self.fail(Breach::Silence { sent, limit }),
        }
    }

    /// As [`Shared::fail`], once the program's last words are read.
    fn fail_after_settling(&self, breach: Breach) -> Fault {
        self.tail.settle(SETTLE);
        self.fail(breach)
    }

    fn over_or_stopped(&self) -> Fault {
        self.state().over.clone().unwrap_or_else(|| Fault::new(Breach::Stopped, &self.tail))
    }

    fn last_fault(&self) -> Fault {
        let state = self.state();
        let fault = state.over.as_ref().or(state.faults.last()).cloned();
        fault.unwrap_or_else(|| Fault::new(Breach::Stopped, &self.tail))
    }
}

fn to_line(message: &ToServer) -> String {
    serde_json::to_string(message).expect("a message has no keys but strings, and no floats")
}

fn shown(line: &[u8]) -> String {
    if line.trim_ascii().is_empty() {
        return "an empty line".to_owned();
    }
    // A character has at most four bytes.
    printable(&String::from_utf8_lossy(&line[..line.len().min(4 * SHOWN + 4)]), SHOWN)
}

/// Another version of the protocol may say hello in other words, so its number is looked for first.
fn not_a_message(text: &str, line: String, error: &serde_json::Error) -> Breach {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    match value.pointer("/hello/protocol").and_then(Value::as_u64) {
        Some(version) if version != u64::from(PROTOCOL) => Breach::Version { line, version },
        _ => Breach::Junk { line, problem: error.to_string() },
    }
}
