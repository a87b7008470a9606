use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use corspec_protocol::{Answer, BoxFuture, Hello, Instance, Policy, Server};

use crate::child::Ending;
use crate::command::CommandLine;
use crate::fault::{Breach, Fault, StartError};
use crate::link::{Link, Served};
use crate::options::Options;

/// A running program that speaks the server protocol.
///
/// A program that ends by itself, or does not answer in time, is started again when the next policy is
/// asked for, a bounded number of times. One that *says* something against the protocol is ended for
/// good. Either way every policy that waits for an answer gets [`Answer::Failed`] with the [`Fault`] in
/// words, and the run of this server is in error: see [`Process::faults`].
///
/// Dropping it ends the program and all that it started. This blocks for as long as the program takes to
/// end, which is no time for one that keeps the contract, and at most [`Options::stop_grace`] and two
/// seconds for any other; [`Process::stop`] waits without blocking.
#[derive(Debug)]
pub struct Process(Arc<Core>);

/// One new start of a program, and why.
#[derive(Clone, Debug)]
pub struct Restart {
    /// What the program did.
    pub reason: Fault,
    /// The urls of the policies that were live then and went down with it.
    pub lost: Vec<String>,
}

struct Core {
    command: CommandLine,
    options: Options,
    hello: Hello,
    /// Held while the program is started again.
    gate: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

struct State {
    link: Arc<Link>,
    restarts: Vec<Restart>,
    /// The faults of earlier lives, and of starts that failed.
    faults: Vec<Fault>,
    stopped: bool,
}

impl Process {
    /// Starts a program, and waits until it has said hello.
    ///
    /// # Errors
    ///
    /// If it cannot be run, or if it does not say hello as the protocol wants it. Nothing of it is left
    /// running then.
    pub async fn start(command: &CommandLine, options: &Options) -> Result<Self, StartError> {
        let (link, hello) = Link::start(command, options).await?;
        let state = State { link: Arc::new(link), restarts: Vec::new(), faults: Vec::new(), stopped: false };
        Ok(Self(Arc::new(Core {
            command: command.clone(),
            options: options.clone(),
            hello,
            gate: tokio::sync::Mutex::default(),
            state: Mutex::new(state),
        })))
    }

    /// How often it was started again so far, and why each time.
    pub fn restarts(&self) -> Vec<Restart> {
        self.0.state().restarts.clone()
    }

    /// Everything that it did against the protocol so far. A run with any is in error.
    pub fn faults(&self) -> Vec<Fault> {
        let state = self.0.state();
        state.faults.iter().cloned().chain(state.link.faults()).collect()
    }

    /// Why nothing listens any more at a url that an [`Instance`] had, if the program went down under it.
    pub fn lost(&self, url: &str) -> Option<Fault> {
        let state = self.0.state();
        if state.link.live().iter().any(|live| live == url) {
            return state.link.over();
        }
        let lost = state.restarts.iter().rev().find(|restart| restart.lost.iter().any(|lost| lost == url));
        lost.map(|restart| restart.reason.clone())
    }

    /// The last lines on stderr, fit for a terminal.
    pub fn stderr(&self) -> String {
        self.0.state().link.tail().text()
    }

    /// Ends the program and all that it started. Returns everything that it did against the protocol,
    /// its end included.
    pub async fn stop(&self) -> Vec<Fault> {
        let link = self.0.stop();
        let was_over = link.over().is_some();
        let ending = link.end().await;
        let mut faults = self.faults();
        if let Ending::Exited(status) = ending
            && !was_over
            && !status.success()
        {
            link.tail().settle(std::time::Duration::from_millis(500));
            faults.push(Fault::new(Breach::BadExit { status }, link.tail()));
        }
        faults
    }
}

impl Server for Process {
    fn hello(&self) -> Hello {
        self.0.hello.clone()
    }

    fn serve(&self, policy: Option<Policy>) -> BoxFuture<'static, Answer> {
        let core = Arc::clone(&self.0);
        Box::pin(async move {
            let served = match core.link().await {
                Ok(link) => link.serve(policy).await.map(|served| (link, served)),
                Err(fault) => Err(fault),
            };
            match served {
                Ok((link, Served::Ready { seq, text, .. })) => {
                    Answer::Ready(Instance::new(text, Live { link, seq }))
                }
                Ok((_, Served::Unsupported { reason, issue })) => Answer::Unsupported { reason, issue },
                Ok((_, Served::Refused { reason })) => Answer::Refused { reason },
                Ok((_, Served::Failed { message })) => Answer::Failed { message },
                Err(fault) => Answer::failed(fault),
            }
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.stop().end_blocking();
    }
}

/// A live policy, which is dropped with it.
struct Live {
    link: Arc<Link>,
    seq: u64,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.link.let_go(self.seq);
    }
}

impl Core {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) -> Arc<Link> {
        let mut state = self.state();
        state.stopped = true;
        Arc::clone(&state.link)
    }

    /// The program, started again if it crashed.
    async fn link(&self) -> Result<Arc<Link>, Fault> {
        let _gate = self.gate.lock().await;
        let (link, reason) = {
            let mut state = self.state();
            let Some(reason) = state.link.over() else { return Ok(Arc::clone(&state.link)) };
            if state.stopped || !reason.breach.is_crash() {
                return Err(reason);
            }
            // A start that failed since then says more.
            let failed_start =
                state.faults.last().filter(|last| matches!(last.breach, Breach::Restart { .. }));
            let reason = failed_start.cloned().unwrap_or(reason);
            let restarts = state.restarts.len();
            if restarts >= self.options.max_restarts {
                let breach = Breach::RestartsSpent { restarts, last: Box::new(reason.breach) };
                return Err(Fault { breach, stderr: reason.stderr });
            }
            let lost = state.link.live();
            state.restarts.push(Restart { reason: reason.clone(), lost });
            (Arc::clone(&state.link), reason)
        };
        // Two lives at once could be after the same files or ports.
        link.end().await;
        let (fresh, _hello) = match Link::start(&self.command, &self.options).await {
            Ok(started) => started,
            Err(error) => {
                let fault = could_not_restart(&error);
                self.state().faults.push(fault.clone());
                return Err(fault);
            }
        };
        let fresh = Arc::new(fresh);
        let earlier = link.faults();
        let mut state = self.state();
        if state.stopped {
            // The lock goes before `fresh` does, which takes its time.
            drop(state);
            return Err(Fault { breach: Breach::Stopped, ..reason });
        }
        state.faults.extend(earlier);
        state.link = Arc::clone(&fresh);
        Ok(fresh)
    }
}

fn could_not_restart(error: &StartError) -> Fault {
    let (problem, stderr) = match error {
        StartError::Hello { fault, .. } => (fault.breach.to_string(), fault.stderr.clone()),
        StartError::Spawn { .. } => (error.to_string(), String::new()),
    };
    Fault { breach: Breach::Restart { problem }, stderr }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("command", &self.command).finish_non_exhaustive()
    }
}
