use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::cli::machine;

/// What has to be free before one more is begun, in MiB: a compiler takes more than a package manager.
const COMPILING: u32 = 1200;
const INSTALLING: u32 = 400;

/// Lets so many set-ups through at once that install, beside them one that compiles, and none while memory is short.
///
/// The two kinds have lanes of their own: what compiles takes longest, and is not to begin when all else is done.
pub(super) struct Gate {
    installing: Semaphore,
    compiling: Semaphore,
    inside: AtomicUsize,
    memory: fn() -> Option<u32>,
}

/// One that was let through, until it is dropped.
pub(super) struct Pass<'a> {
    _place: Option<SemaphorePermit<'a>>,
    inside: &'a AtomicUsize,
}

impl Gate {
    pub(super) fn new(jobs: usize) -> Self {
        Self {
            installing: Semaphore::new(jobs.max(1)),
            compiling: Semaphore::new(1),
            inside: AtomicUsize::new(0),
            memory: machine::available_memory,
        }
    }

    pub(super) async fn enter(&self, compiles: bool) -> Pass<'_> {
        let lane = if compiles { &self.compiling } else { &self.installing };
        // Nobody closes it.
        let place = lane.acquire().await.ok();
        let needed = if compiles { COMPILING } else { INSTALLING };
        // Alone it may try with whatever there is.
        while self.inside.load(Ordering::SeqCst) > 0 && (self.memory)().is_some_and(|free| free < needed) {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        self.inside.fetch_add(1, Ordering::SeqCst);
        Pass { _place: place, inside: &self.inside }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.inside.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn gate(jobs: usize, memory: fn() -> Option<u32>) -> Gate {
        Gate { memory, ..Gate::new(jobs) }
    }

    #[tokio::test]
    async fn lets_so_many_through() {
        let gate = gate(2, || None);
        let first = gate.enter(false).await;
        let _second = gate.enter(false).await;
        assert!(gate.enter(false).now_or_never().is_none());
        drop(first);
        assert!(gate.enter(false).now_or_never().is_some());
    }

    #[tokio::test]
    async fn never_two_that_compile() {
        let gate = gate(9, || None);
        let first = gate.enter(true).await;
        assert!(gate.enter(true).now_or_never().is_none());
        assert!(gate.enter(false).now_or_never().is_some(), "others go on");
        drop(first);
        assert!(gate.enter(true).now_or_never().is_some());
    }

    #[tokio::test]
    async fn waits_for_memory_unless_it_is_alone() {
        let gate = gate(9, || Some(500));
        let first = gate.enter(true).now_or_never();
        assert!(first.is_some(), "nothing is freed by waiting");
        assert!(gate.enter(false).now_or_never().is_some());
        drop(first);
        let _small = gate.enter(false).await;
        assert!(gate.enter(true).now_or_never().is_none());
    }
}
