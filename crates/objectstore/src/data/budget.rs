//! The memory of all readers and writers of one process, in bytes.
//!
//! ```text
//!  room        chunks that writers fill or that wait for their nodes; first come, first served. A chunk's first frame is
//!              taken by itself, so that small objects do not wait for large ones
//!  lane        a few slots of a whole chunk: a writer that finds no room takes one and can finish its chunk, so that
//!              writers which all hold a first frame do not wait for each other
//!  background  acknowledged chunks whose last shards are still under way; never waited for
//!  fetch       what a reader is about to be given; held while nodes answer, not while clients read
//!  ahead       what is read before it is asked for; never waited for
//! ```
//!
//! No holder of one kind waits for a kind that waits for it, so there is no deadlock, also not for a copy that reads and
//! writes. A client that sends slowly holds what it has sent, so room / 1 MiB of them are served at once. Beyond the budget a reader's caller holds the piece it was given: one chunk at most.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

/// The least that makes sense: a slot of each kind.
pub const BUFFER_BYTES_MIN: usize = 32 << 20;
pub const BUFFER_BYTES_DEFAULT: usize = 64 << 20;
/// One slot of the lane: a chunk with the parity of any code that [`crate::Layout::erasure`] gives.
pub(super) const LANE_BYTES: usize = 4 << 20;

#[derive(Clone)]
pub(super) struct Budget {
    room: Pool,
    lane: Pool,
    background: Pool,
    fetch: Pool,
    ahead: Pool,
}

#[derive(Clone)]
struct Pool {
    semaphore: Arc<Semaphore>,
    bytes: usize,
}

/// Memory of one chunk under way. Given back when dropped.
#[derive(Default)]
pub(super) struct Held {
    room: Option<OwnedSemaphorePermit>,
    lane: Option<OwnedSemaphorePermit>,
}

impl Pool {
    fn new(bytes: usize) -> Self {
        Self { semaphore: Arc::new(Semaphore::new(bytes)), bytes }
    }

    fn clamp(&self, bytes: usize) -> u32 {
        bytes.min(self.bytes) as u32
    }

    async fn take(&self, bytes: usize) -> OwnedSemaphorePermit {
        self.semaphore.clone().acquire_many_owned(self.clamp(bytes)).await.expect("never closed")
    }

    fn try_take(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        match self.semaphore.clone().try_acquire_many_owned(self.clamp(bytes)) {
            Ok(permit) => Some(permit),
            Err(TryAcquireError::NoPermits) => None,
            Err(TryAcquireError::Closed) => unreachable!("never closed"),
        }
    }

    fn used(&self) -> usize {
        self.bytes - self.semaphore.available_permits()
    }
}

impl Budget {
    pub(super) fn new(bytes_max: usize) -> Self {
        let total = bytes_max.clamp(BUFFER_BYTES_MIN, u32::MAX as usize);
        let eighth = total / 8;
        let lane = (eighth / LANE_BYTES).max(1) * LANE_BYTES;
        Self {
            room: Pool::new(total - lane - 4 * eighth),
            lane: Pool::new(lane),
            background: Pool::new(eighth),
            fetch: Pool::new(2 * eighth),
            ahead: Pool::new(eighth),
        }
    }

    /// `bytes` more for a chunk. Waits for room, in turn.
    pub(super) async fn grow(&self, held: &mut Held, bytes: usize) {
        if held.lane.is_some() {
            return;
        }
        let more = match self.room.try_take(bytes) {
            Some(more) => more,
            None => tokio::select! {
                biased;
                more = self.room.take(bytes) => more,
                slot = self.lane.take(LANE_BYTES) => {
                    held.lane = Some(slot);
                    return;
                }
            },
        };
        match &mut held.room {
            Some(room) => room.merge(more),
            none => *none = Some(more),
        }
    }

    /// For what is left of an acknowledged chunk.
    pub(super) fn background(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        self.background.try_take(bytes)
    }

    /// Waits until nothing is left in the background.
    pub(super) async fn settled(&self) {
        drop(self.background.take(self.background.bytes).await);
    }

    pub(super) async fn fetch(&self, bytes: usize) -> OwnedSemaphorePermit {
        self.fetch.take(bytes).await
    }

    pub(super) fn ahead(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        self.ahead.try_take(bytes)
    }

    /// Bytes taken now.
    pub(super) fn used(&self) -> usize {
        [&self.room, &self.lane, &self.background, &self.fetch, &self.ahead].iter().map(|p| p.used()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn half_filled_chunks_do_not_wait_for_each_other() {
        let budget = Budget::new(BUFFER_BYTES_MIN);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let budget = budget.clone();
            tasks.spawn(async move {
                let mut held = Held::default();
                for _ in 0..16 {
                    budget.grow(&mut held, 64 << 10).await;
                    assert!(budget.used() <= BUFFER_BYTES_MIN);
                    tokio::task::yield_now().await;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            });
        }
        assert_eq!(tasks.join_all().await.len(), 100);
        assert_eq!(budget.used(), 0);
    }
}
