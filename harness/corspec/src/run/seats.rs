//! How many servers run side by side.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What takes so many MiB is a virtual machine or a bundle of tools, which is busy with itself for as long as it starts.
const HEAVY: u32 = 200;

/// As many servers as there are places, and as much memory as they may take together; of those that are heavy only a few at
/// once, since together they would be too slow to answer in time.
pub(super) struct Seats {
    heavy: Arc<Semaphore>,
    places: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    total: u32,
}

/// One server's place and memory, free again when it is dropped.
pub(super) struct Seat {
    _heavy: Option<OwnedSemaphorePermit>,
    _place: OwnedSemaphorePermit,
    _memory: OwnedSemaphorePermit,
}

impl Seats {
    pub(super) fn new(places: usize, memory: u32) -> Self {
        // A semaphore has a limit of its own, which no machine's memory reaches.
        let total = memory.clamp(1, u32::MAX >> 4);
        Self {
            heavy: Arc::new(Semaphore::new(places.div_ceil(4).max(1))),
            places: Arc::new(Semaphore::new(places.max(1))),
            memory: Arc::new(Semaphore::new(total as usize)),
            total,
        }
    }

    /// Waits until there is room. Whoever needs more than there is gets all of it, and runs alone.
    pub(super) async fn take(&self, memory: u32) -> Seat {
        // Who waits for this holds no place meanwhile.
        let heavy = match memory >= HEAVY {
            true => Some(self.heavy.clone().acquire_owned().await),
            false => None,
        };
        let place = self.places.clone().acquire_owned().await;
        let memory = self.memory.clone().acquire_many_owned(memory.min(self.total)).await;
        match (heavy.transpose(), place, memory) {
            (Ok(heavy), Ok(place), Ok(memory)) => Seat { _heavy: heavy, _place: place, _memory: memory },
            _ => unreachable!("nobody closes them"),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn there_is_room_for_so_many() {
        let seats = Seats::new(2, 100);
        let first = seats.take(0).await;
        let _second = seats.take(0).await;
        assert!(seats.take(0).now_or_never().is_none());
        drop(first);
        assert!(seats.take(0).now_or_never().is_some());
    }

    #[tokio::test]
    async fn few_are_heavy_at_once() {
        let seats = Seats::new(3, 10_000);
        let first = seats.take(HEAVY).await;
        assert!(seats.take(HEAVY).now_or_never().is_none());
        let _beside = seats.take(HEAVY - 1).now_or_never().expect("there is a place for what is light");
        drop(first);
        assert!(seats.take(HEAVY).now_or_never().is_some());
    }

    #[tokio::test]
    async fn and_so_much() {
        let seats = Seats::new(9, 100);
        let large = seats.take(5_000).await;
        assert!(seats.take(1).now_or_never().is_none(), "whoever takes all runs alone");
        drop(large);
        let _some = seats.take(60).await;
        assert!(seats.take(60).now_or_never().is_none());
        assert!(seats.take(40).now_or_never().is_some());
    }
}
