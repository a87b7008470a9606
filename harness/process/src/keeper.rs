use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// Ends a process group when the harness is gone without having done so itself.
///
/// It waits on a pipe that only the harness holds. A line means that the group is gone; the end without
/// one means that the harness is. The group then has two seconds: whoever ends the harness so wants everything to be gone, and
/// on a busy machine each look at what is left takes long itself.
#[derive(Debug)]
pub(crate) struct Keeper(Child);

const SCRIPT: &str = r#"
trap '' HUP INT QUIT TERM
read -r told && exit 0
for signal in TERM KILL; do
    waited=0
    while [ "$waited" -lt 4 ]; do
        kill -s 0 -- "-$1" 2>/dev/null || exit 0
        sleep 0.25
        waited=$((waited + 1))
    done
    kill -s "$signal" -- "-$1"
done
"#;

impl Keeper {
    /// `label` is what `ps` shows.
    pub(crate) fn watch(group: i32, label: &str) -> io::Result<Self> {
        let keeper = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "corspec-keeper", &group.to_string(), label])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/")
            // A group of its own, or else Ctrl-C would end it together with the harness.
            .process_group(0)
            .spawn()?;
        Ok(Self(keeper))
    }

    /// The group is gone.
    pub(crate) fn release(mut self) {
        use std::io::Write;

        if let Some(mut pipe) = self.0.stdin.take() {
            drop(pipe.write_all(b"\n"));
        }
        drop(self.0.wait());
    }
}
