//! Programs that end with us, however we end.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempDir;

/// Waits for its standard input to end, which happens when we end, killed or not; then ends the group and what it left.
///
/// The group gets a moment to tidy up. Its dead may stay listed where nobody reaps them, so the wait has an end.
const WATCH: &str = r#"
read -r _
kill -TERM "-$1"
n=0
while kill -0 "-$1" && [ "$n" -lt 25 ]; do sleep 0.02; n=$((n + 1)); done
kill -KILL "-$1"
rm -rf -- "$2" || { sleep 0.2; rm -rf -- "$2"; }
"#;

/// A program in a process group and with a folder of its own. Dropping it ends the group and removes the folder.
#[derive(Debug)]
pub(super) struct Guarded {
    program: Child,
    watch: Child,
    /// What the watch waits for the end of.
    leash: Option<ChildStdin>,
    _folder: TempDir,
}

impl Guarded {
    /// Starts the program. `HOME` and the folder for temporary files are its own folder.
    pub(super) fn start<A: AsRef<OsStr>>(
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = A>,
        environment: &[(&str, String)],
        folder: TempDir,
    ) -> io::Result<Self> {
        let mut program = Command::new(program)
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .env("XDG_RUNTIME_DIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let watching = Command::new("/bin/sh")
            .args(["-c", WATCH, "corspec-watch", &program.id().to_string()])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let mut watch = match watching {
            Ok(watch) => watch,
            Err(error) => {
                // Without its watch the program has nothing below it yet; it alone is to be ended.
                let _ = program.kill();
                let _ = program.wait();
                return Err(error);
            }
        };
        let leash = watch.stdin.take();
        Ok(Self { program, watch, leash, _folder: folder })
    }

    /// How the program ended, if it has.
    pub(super) fn ended(&mut self) -> Option<String> {
        match self.program.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(status.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.leash.take());
        // Reaped first, or the watch would wait for a group that lives on as a dead child of ours.
        let _ = self.program.wait();
        let _ = self.watch.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_group_and_the_folder_go_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        // The shell's child outlives a shell that is killed alone.
        let script = r#"sleep 600 & echo "$!" >"$HOME/pid"; wait"#;
        let guarded = Guarded::start("/bin/sh", ["-c", script], &[], folder).unwrap();
        let pid = loop {
            let text = std::fs::read_to_string(path.join("pid")).unwrap_or_default();
            if let Ok(pid) = text.trim().parse::<u32>() {
                break pid;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        };
        drop(guarded);
        // A dead process that nobody has waited for yet still has an entry, but no command line.
        let command = std::fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline"));
        assert!(
            command.is_ok_and(|command| command.is_empty())
                || !Path::new("/proc").join(pid.to_string()).exists()
        );
        assert!(!path.exists());
    }
}
