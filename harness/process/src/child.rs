use std::io;
use std::process::{ChildStderr, ChildStdout, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::command::CommandLine;
use crate::input::Input;

/// How long a group may take to end after SIGTERM, and to vanish after SIGKILL.
const SIGNAL_GRACE: Duration = Duration::from_secs(1);

/// How long what was killed may take to be gone. It ends in any case; where nobody reaps it, its number stays.
#[cfg(unix)]
const SETTLE: Duration = Duration::from_millis(200);

/// A program and everything that it started; all of it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Child(Handle);

/// A way to a [`Child`] for those that do not own it.
#[derive(Clone, Debug)]
pub(crate) struct Handle(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    input: Input,
    grace: Duration,
    group: Group,
    state: Mutex<State>,
    exited: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whether the group's number may belong to somebody else by now.
    #[cfg(unix)]
    reaped: bool,
    status: Option<ExitStatus>,
    // Elsewhere than on Unix a program is ended through this.
    #[cfg(not(unix))]
    child: Option<std::process::Child>,
}

/// How a program came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By itself, in time.
    Exited(ExitStatus),
    /// By a signal, because the end of stdin did not move it.
    Killed,
}

impl Child {
    /// Starts a program that is told things over stdin.
    pub(crate) fn spawn(
        command: &CommandLine,
        grace: Duration,
    ) -> io::Result<(Self, ChildStdout, ChildStderr)> {
        Self::spawn_with(command, Stdio::piped(), grace)
    }

    /// Starts a program with nothing on stdin.
    pub(crate) fn spawn_deaf(command: &CommandLine) -> io::Result<(Self, ChildStdout, ChildStderr)> {
        Self::spawn_with(command, Stdio::null(), Duration::ZERO)
    }

    fn spawn_with(
        command: &CommandLine,
        stdin: Stdio,
        grace: Duration,
    ) -> io::Result<(Self, ChildStdout, ChildStderr)> {
        let mut std = command.to_std();
        std.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut std, 0);
        let mut child = std.spawn()?;
        let pipes = (child.stdout.take(), child.stderr.take());
        let (Some(stdout), Some(stderr)) = pipes else { unreachable!("both are piped") };
        let stdin = child.stdin.take();
        let group = Group::of(&child);
        // From here on the program runs, so whatever fails must take it along.
        let setup = (|| {
            let input = stdin.map(Input::new).transpose()?.unwrap_or_default();
            #[cfg(unix)]
            let keeper = crate::keeper::Keeper::watch(group.id(), &command.to_string())?;
            #[cfg(not(unix))]
            let keeper = ();
            Ok((input, keeper))
        })();
        let (input, keeper) = match setup {
            Ok(setup) => setup,
            Err(error) => {
                group.kill();
                drop(child.kill());
                drop(child.wait());
                return Err(error);
            }
        };
        let inner = Inner { input, grace, group, state: Mutex::default(), exited: Condvar::new() };
        let handle = Handle(Arc::new(inner));
        let waiter = handle.clone();
        thread::spawn(move || waiter.0.wait_for(child, keeper));
        Ok((Self(handle), stdout, stderr))
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.0
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Handle {
    pub(crate) fn input(&self) -> &Input {
        &self.0.input
    }

    /// Waits for the program to end by itself.
    pub(crate) fn wait(&self, limit: Duration) -> Option<ExitStatus> {
        let waited = self.0.exited.wait_timeout_while(self.0.state(), limit, |state| state.status.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.status
    }

    /// Ends the program and its group: the end of stdin, then SIGTERM, then SIGKILL.
    ///
    /// It blocks until all is over, which takes a server that keeps the contract no time.
    pub(crate) fn end(&self) -> Ending {
        self.0.input.close();
        if let Some(status) = self.wait(self.0.grace) {
            return Ending::Exited(status);
        }
        for signal in [Group::terminate, Group::kill] {
            self.0.signal(signal);
            if self.wait(SIGNAL_GRACE).is_some() {
                break;
            }
        }
        Ending::Killed
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
impl Inner {
    fn wait_for(&self, mut child: std::process::Child, keeper: crate::keeper::Keeper) {
        self.group.wait_for_leader();
        let status = {
            // As long as its leader is not reaped, the group's number belongs to nobody else. `signal` relies
            // on the lock for the same reason.
            let mut state = self.state();
            self.group.kill();
            state.reaped = true;
            child.wait().unwrap_or_default()
        };
        self.group.wait_until_empty(SETTLE);
        keeper.release();
        self.state().status = Some(status);
        self.exited.notify_all();
    }

    fn signal(&self, signal: fn(&Group)) {
        let state = self.state();
        if !state.reaped {
            signal(&self.group);
        }
    }
}

#[cfg(not(unix))]
impl Inner {
    fn wait_for(&self, child: std::process::Child, _keeper: ()) {
        self.state().child = Some(child);
        loop {
            let mut state = self.state();
            if let Some(Ok(Some(status))) = state.child.as_mut().map(std::process::Child::try_wait) {
                state.status = Some(status);
                drop(state);
                self.exited.notify_all();
                return;
            }
            drop(state);
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn signal(&self, _signal: fn(&Group)) {
        if let Some(child) = &mut self.state().child {
            drop(child.kill());
        }
    }
}

/// A process group, by the process that leads it.
#[cfg(unix)]
#[derive(Debug)]
struct Group(rustix::process::Pid);

#[cfg(unix)]
impl Group {
    fn of(child: &std::process::Child) -> Self {
        Self(rustix::process::Pid::from_child(child))
    }

    fn id(&self) -> i32 {
        self.0.as_raw_nonzero().get()
    }

    /// Returns when the leader has ended, and leaves it unreaped.
    fn wait_for_leader(&self) {
        use rustix::io::Errno;
        use rustix::process::{WaitId, WaitIdOptions, waitid};

        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(self.0), options), Err(Errno::INTR)) {}
    }

    /// Asks without sending anything, as the number may belong to somebody else by now.
    fn wait_until_empty(&self, limit: Duration) {
        let deadline = std::time::Instant::now() + limit;
        while rustix::process::test_kill_process_group(self.0).is_ok() && std::time::Instant::now() < deadline
        {
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn terminate(&self) {
        let _ = rustix::process::kill_process_group(self.0, rustix::process::Signal::TERM);
    }

    fn kill(&self) {
        let _ = rustix::process::kill_process_group(self.0, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
#[derive(Debug)]
struct Group;

#[cfg(not(unix))]
impl Group {
    fn of(_child: &std::process::Child) -> Self {
        Self
    }

    fn terminate(&self) {}

    fn kill(&self) {}
}
