use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use corspec_protocol::PROTOCOL;
use thiserror::Error;

use crate::line::MAX_LINE;
use crate::tail::Tail;

/// What a server under test did against the protocol, with the end of its stderr.
///
/// It is an error of that server's run, and of no other's.
#[derive(Clone, Debug, Error)]
pub struct Fault {
    /// What it did.
    pub breach: Breach,
    /// The last lines that it wrote to stderr until then, fit for a terminal; often empty.
    pub stderr: String,
}

impl Fault {
    pub(crate) fn new(breach: Breach, tail: &Tail) -> Self {
        Self { breach, stderr: tail.text() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.breach)?;
        write_stderr(f, &self.stderr)
    }
}

pub(crate) fn write_stderr(f: &mut impl fmt::Write, stderr: &str) -> fmt::Result {
    if stderr.is_empty() {
        return Ok(());
    }
    f.write_str("\n  on stderr:")?;
    stderr.lines().try_for_each(|line| write!(f, "\n    {line}"))
}

/// One way to break the protocol. Lines are fit for a terminal, and cut where they are long.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum Breach {
    /// It wrote something to stdout that is no message.
    #[error(
        "the server wrote a line to stdout that is no message of the protocol ({problem})\n  \
         came: {line}\n  \
         stdout carries nothing but the protocol: write anything else to stderr"
    )]
    Junk {
        /// What it wrote.
        line: String,
        /// Why that is no message.
        problem: String,
    },

    /// It wrote something to stdout that is no text.
    #[error(
        "the server wrote a line to stdout that is not UTF-8\n  \
         came: {line}\n  \
         the protocol is JSON Lines in UTF-8"
    )]
    NotUtf8 {
        /// What it wrote, with replacement characters.
        line: String,
    },

    /// It wrote without end.
    #[error(
        "the server wrote more than {MAX_LINE} bytes to stdout without a newline\n  \
         came: {line}\n  \
         every message of the protocol is one line"
    )]
    LongLine {
        /// How that begins.
        line: String,
    },

    /// It speaks another version of the protocol.
    #[error(
        "the server speaks version {version} of the protocol, the harness speaks {PROTOCOL}\n  \
         came: {line}\n  \
         take a server and a corspec that fit each other"
    )]
    Version {
        /// What it said.
        line: String,
        /// The version it speaks.
        version: u64,
    },

    /// It answered something that was never asked.
    #[error(
        "the server answered a `seq` that it was never given\n  \
         came: {line}\n  \
         an answer repeats the `seq` of its question"
    )]
    UnknownSeq {
        /// What it said.
        line: String,
    },

    /// It answered something twice.
    #[error(
        "the server answered the same `seq` twice\n  \
         came: {line}\n  \
         every message has one answer"
    )]
    RepeatedSeq {
        /// What it said the second time.
        line: String,
    },

    /// It answered with a message that is no answer to that question.
    #[error(
        "the server answered with something else than was asked for\n  \
         sent: {sent}\n  \
         came: {line}\n  \
         expected: {expected}"
    )]
    WrongAnswer {
        /// What it was asked.
        sent: String,
        /// What it said.
        line: String,
        /// The answers that the protocol has for that.
        expected: &'static str,
    },

    /// It says hello although it was not asked, or was asked once before.
    #[error("the server said hello again\n  came: {line}\n  hello is answered once")]
    RepeatedHello {
        /// What it said.
        line: String,
    },

    /// It did not answer in time.
    #[error(
        "the server did not answer within {limit:?}\n  \
         sent: {sent}\n  \
         flush stdout after every line; if the server needs longer, raise the limit"
    )]
    Silence {
        /// What it was asked.
        sent: String,
        /// How long it had.
        limit: Duration,
    },

    /// It ended although its stdin was open.
    #[error(
        "the server ended by itself ({status})\n  \
         last sent: {sent}\n  \
         a server runs until its stdin ends"
    )]
    Ended {
        /// The last thing it was asked.
        sent: String,
        /// How it ended.
        status: ExitStatus,
    },

    /// It runs on, and nobody can hear it.
    #[error(
        "the server closed its stdout and runs on\n  \
         last sent: {sent}\n  \
         a server keeps stdout open until its stdin ends"
    )]
    ClosedStdout {
        /// The last thing it was asked.
        sent: String,
    },

    /// It listens where the harness does not go.
    #[error(
        "the server is ready at a url that {problem}\n  \
         sent: {sent}\n  \
         came: {url}\n  \
         expected: http://127.0.0.1:PORT, without path and trailing slash"
    )]
    Url {
        /// What it was asked.
        sent: String,
        /// Where it says that it listens.
        url: String,
        /// What is wrong with that, as the end of a sentence.
        problem: &'static str,
    },

    /// It serves two policies in one place.
    #[error(
        "the server is ready at a url where another policy is live\n  \
         sent: {sent}\n  \
         came: {url}\n  \
         every policy has a url of its own"
    )]
    SharedUrl {
        /// What it was asked.
        sent: String,
        /// Where it says that it listens.
        url: String,
    },

    /// It says that it listens, and does not.
    #[error(
        "the server says that it is ready, and nothing listens there ({problem})\n  \
         sent: {sent}\n  \
         came: {url}\n  \
         answer `ready` once the socket listens"
    )]
    NotListening {
        /// What it was asked.
        sent: String,
        /// Where it says that it listens.
        url: String,
        /// What came of connecting.
        problem: String,
    },

    /// It could not stop listening.
    #[error("the server could not drop a policy\n  sent: {sent}\n  came: {line}\n  expected: dropped")]
    DropFailed {
        /// What it was asked.
        sent: String,
        /// What it said.
        line: String,
    },

    /// It could not be started again.
    #[error("the server could not be started again: {problem}")]
    Restart {
        /// Why.
        problem: String,
    },

    /// It crashed more often than it may.
    #[error("the server has been started again {restarts} times, and is not started once more: {last}")]
    RestartsSpent {
        /// How often it was started again.
        restarts: usize,
        /// What it did last.
        last: Box<Breach>,
    },

    /// It ended in time and not well.
    #[error("the server ended with its stdin, as it must, but with {status}\n  expected: exit status 0")]
    BadExit {
        /// How it ended.
        status: ExitStatus,
    },

    /// The harness has ended it: no fault of the server.
    #[error("the harness has stopped the server")]
    Stopped,
}

impl Breach {
    /// Whether a fresh start may help. What a server *says* against the protocol, it will say again.
    pub(crate) fn is_crash(&self) -> bool {
        matches!(
            self,
            Self::Ended { .. } | Self::Silence { .. } | Self::ClosedStdout { .. } | Self::Restart { .. }
        )
    }
}

/// Why there is no [`Process`](crate::Process).
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The program cannot be run.
    #[error("cannot run `{command}`{}: {source}; {}", in_dir(.dir.as_ref()), advice(.dir.as_ref(), .source))]
    Spawn {
        /// The program and its arguments.
        command: String,
        /// Where it was to run.
        dir: Option<PathBuf>,
        /// Why not.
        source: io::Error,
    },

    /// The program runs, and does not say hello as the protocol wants it.
    #[error("`{command}` did not start: {fault}")]
    Hello {
        /// The program and its arguments.
        command: String,
        /// What it did instead.
        #[source]
        fault: Fault,
    },
}

fn in_dir(dir: Option<&PathBuf>) -> String {
    dir.map(|dir| format!(" in {}", dir.display())).unwrap_or_default()
}

fn advice(dir: Option<&PathBuf>, error: &io::Error) -> &'static str {
    match error.kind() {
        _ if dir.is_some_and(|dir| !dir.is_dir()) => "that directory does not exist",
        io::ErrorKind::NotFound => "install the program, or name it by its path",
        io::ErrorKind::PermissionDenied => "make it executable",
        _ => "see whether it runs in a shell",
    }
}
