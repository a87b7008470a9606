use std::collections::VecDeque;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::thread;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::child::Child;
use crate::command::CommandLine;
use crate::folder::ServerFolder;
use crate::line::{Line, read_line};
use crate::pins;
use crate::printable::printable;

const KEPT_LINES: usize = 20;
const LINE_WIDTH: usize = 400;
const SETTLE: Duration = Duration::from_millis(500);

/// Whether a server can run here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It can.
    Ready,
    /// Its toolchain is there, and what it needs is not installed yet.
    NotSetUp,
    /// Its toolchain is not there, and so the server is unavailable.
    Missing {
        /// What came of looking for it.
        problem: String,
        /// How to get it.
        install: String,
    },
}

/// Why a command of a server's folder did not succeed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ToolError {
    /// It cannot be run.
    #[error("cannot run `{command}`: {source}")]
    Spawn {
        /// The program and its arguments.
        command: String,
        /// Why not.
        source: io::Error,
    },

    /// Whether it succeeded cannot be written down.
    #[error("cannot write down whether the server is set up: {0}")]
    Mark(#[source] io::Error),

    /// What pins the set-up is not there.
    #[error("`lock` of {} names {}, which is not there; name what pins the set-up, relative to the folder", .folder.display(), .pin.display())]
    Pin {
        /// The folder.
        folder: PathBuf,
        /// The entry of `lock`.
        pin: PathBuf,
    },

    /// It failed.
    #[error("`{command}` failed ({status}){}", after(.output))]
    Failed {
        /// The program and its arguments.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines that it printed, fit for a terminal.
        output: String,
    },

    /// It took too long, and was ended.
    #[error("`{command}` did not end within {limit:?} and was stopped{}", after(.output))]
    TooLong {
        /// The program and its arguments.
        command: String,
        /// How long it had.
        limit: Duration,
        /// The last lines that it printed, fit for a terminal.
        output: String,
    },
}

fn after(output: &str) -> String {
    output.lines().map(|line| format!("\n    {line}")).collect()
}

/// Looks whether a server can run here. Lines that the command prints go to `on_line` as they
/// come, fit for a terminal.
pub async fn detect(folder: &ServerFolder, limit: Duration, on_line: impl FnMut(&str)) -> Readiness {
    match run(&folder.detect, limit, on_line).await {
        Ok(()) if folder.is_set_up() => Readiness::Ready,
        Ok(()) => Readiness::NotSetUp,
        Err(error) => Readiness::Missing { problem: error.to_string(), install: how_to_install(folder) },
    }
}

/// Makes a server ready to run: its `setup` commands, one after the other, `limit` for each. Lines that
/// they print go to `on_line` as they come, fit for a terminal.
///
/// # Errors
///
/// If one of them does not succeed; those after it are not run.
pub async fn set_up(
    folder: &ServerFolder,
    limit: Duration,
    mut on_line: impl FnMut(&str),
) -> Result<(), ToolError> {
    if let Some(pin) = pins::missing(&folder.dir, &folder.lock).next() {
        return Err(ToolError::Pin { folder: folder.dir.clone(), pin: pin.to_owned() });
    }
    folder.mark_not_set_up().map_err(ToolError::Mark)?;
    for command in &folder.setup {
        run(command, limit, &mut on_line).await?;
    }
    folder.mark_set_up().map_err(ToolError::Mark)
}

async fn run(command: &CommandLine, limit: Duration, mut on_line: impl FnMut(&str)) -> Result<(), ToolError> {
    let shown = command.to_string();
    let (child, stdout, stderr) = match Child::spawn_deaf(command) {
        Ok(started) => started,
        Err(source) => return Err(ToolError::Spawn { command: shown, source }),
    };
    // Bounded, so that a flood waits for whoever shows it.
    let (sender, mut lines) = mpsc::channel(64);
    read_lines(stdout, sender.clone());
    read_lines(stderr, sender);

    let handle = child.handle().clone();
    let mut exit = tokio::task::spawn_blocking(move || handle.wait(limit));
    let mut last = VecDeque::new();
    let mut take = |line: String| {
        on_line(&line);
        last.truncate(KEPT_LINES - 1);
        last.push_front(line);
    };
    let status = loop {
        tokio::select! {
            Some(line) = lines.recv() => take(line),
            status = &mut exit => break status.ok().flatten(),
        }
    };
    if status.is_none() {
        let handle = child.handle().clone();
        drop(tokio::task::spawn_blocking(move || handle.end()).await);
    }
    // A process that left the group may hold the pipes for ever.
    let rest = async {
        while let Some(line) = lines.recv().await {
            take(line);
        }
    };
    drop(timeout(SETTLE, rest).await);
    let output = last.into_iter().rev().collect::<Vec<_>>().join("\n");
    match status {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(ToolError::Failed { command: shown, status, output }),
        None => Err(ToolError::TooLong { command: shown, limit, output }),
    }
}

fn read_lines(from: impl Read + Send + 'static, to: mpsc::Sender<String>) {
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        while let Ok(Line::Whole(line) | Line::TooLong(line)) = read_line(&mut from) {
            let line = String::from_utf8_lossy(&line);
            // Progress bars write over their own line; what is seen is what came last.
            let line = line.trim_end().rsplit('\r').next().unwrap_or_default();
            if to.blocking_send(printable(line, LINE_WIDTH)).is_err() {
                return;
            }
        }
    });
}

fn how_to_install(folder: &ServerFolder) -> String {
    if let Some(install) = &folder.install {
        return install.clone();
    }
    let program = folder.detect.program();
    match INSTALL.iter().find(|(programs, _)| programs.contains(&program)) {
        Some((_, url)) => format!("install {program}: {url}"),
        None => match &folder.homepage {
            Some(homepage) => format!("install what runs {} ({program}); see {homepage}", folder.language),
            None => format!("install what runs {} ({program})", folder.language),
        },
    }
}

/// Where toolchains come from, by the program that shows their presence.
const INSTALL: [(&[&str], &str); 14] = [
    (&["bun"], "https://bun.sh"),
    (&["cargo", "rustc"], "https://rustup.rs"),
    (&["caddy"], "https://caddyserver.com/docs/install"),
    (&["deno"], "https://deno.com"),
    (&["dotnet"], "https://dotnet.microsoft.com/download"),
    (&["elixir", "mix"], "https://elixir-lang.org/install.html"),
    (&["go"], "https://go.dev/dl/"),
    (&["java", "javac"], "https://adoptium.net"),
    (&["mvn"], "https://maven.apache.org/install.html"),
    (&["nginx"], "https://nginx.org/en/download.html"),
    (&["node", "npm"], "https://nodejs.org"),
    (&["php", "composer"], "https://www.php.net/downloads"),
    (&["python3", "python", "uv"], "https://www.python.org/downloads/"),
    (&["ruby", "bundle", "bundler"], "https://www.ruby-lang.org/en/downloads/"),
];

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn folder(detect: &str, setup: &str) -> (tempfile::TempDir, ServerFolder) {
        let dir = tempfile::tempdir().unwrap();
        let yaml = format!("name: mine\nlanguage: cobol\ndetect: {detect}\nsetup: {setup}\nrun: [true]\n");
        std::fs::write(dir.path().join("server.yaml"), yaml).unwrap();
        let folder = ServerFolder::read(dir.path()).unwrap();
        (dir, folder)
    }

    const LIMIT: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn streams_what_a_command_prints() {
        let (dir, folder) = folder("[pwd]", "[]");
        let mut lines = Vec::new();
        let readiness = detect(&folder, LIMIT, |line| lines.push(line.to_owned())).await;
        assert_eq!(readiness, Readiness::Ready);
        assert_eq!(lines, [dir.path().canonicalize().unwrap().to_str().unwrap()]);
    }

    #[tokio::test]
    async fn says_how_to_get_what_is_missing() {
        let (_dir, nowhere) = folder("[corspec-no-such-program]", "[]");
        let Readiness::Missing { problem, install } = detect(&nowhere, LIMIT, |_| {}).await else {
            panic!("it is there")
        };
        assert!(problem.starts_with("cannot run `corspec-no-such-program`: "), "{problem}");
        assert_eq!(install, "install what runs cobol (corspec-no-such-program)");

        let (_dir, broken) = folder("printf 'too\\rold\\033[1m\\n' >&2; exit 3", "[]");
        let missing = detect(&broken, LIMIT, |_| {}).await;
        let Readiness::Missing { problem, .. } = missing else { panic!("it is there") };
        assert!(problem.ends_with("failed (exit status: 3)\n    old\\u{1b}[1m"), "{problem}");
    }

    #[tokio::test]
    async fn sets_up_step_by_step() {
        let (dir, folder) = folder("[true]", "[[touch, one], [false], [touch, two]]");
        let error = set_up(&folder, LIMIT, |_| {}).await.unwrap_err();
        assert_eq!(error.to_string(), "`false` failed (exit status: 1)");
        assert!(dir.path().join("one").exists() && !dir.path().join("two").exists());
        assert_eq!(detect(&folder, LIMIT, |_| {}).await, Readiness::NotSetUp);
    }

    #[tokio::test]
    async fn what_is_set_up_again_and_fails_is_not_set_up() {
        let (dir, folder) = folder("[true]", "[[test, -e, good]]");
        std::fs::write(dir.path().join("good"), "").unwrap();
        set_up(&folder, LIMIT, |_| {}).await.unwrap();
        assert!(folder.is_set_up());
        std::fs::remove_file(dir.path().join("good")).unwrap();
        set_up(&folder, LIMIT, |_| {}).await.unwrap_err();
        assert!(!folder.is_set_up());
    }

    #[tokio::test]
    async fn nothing_is_set_up_by_halves() {
        let (_dir, mut folder) = folder("[true]", "[[true]]");
        folder.lock = vec!["go.sum".into()];
        let error = set_up(&folder, LIMIT, |_| {}).await.unwrap_err().to_string();
        assert!(error.contains("names go.sum, which is not there"), "{error}");
    }

    #[tokio::test]
    async fn stops_what_takes_too_long() {
        let (_dir, folder) = folder("[true]", "trap '' TERM; echo begun; sleep 60; sleep 60");
        let begun = std::time::Instant::now();
        let error = set_up(&folder, Duration::from_millis(300), |_| {}).await.unwrap_err();
        assert!(
            error.to_string().ends_with("did not end within 300ms and was stopped\n    begun"),
            "{error}"
        );
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
