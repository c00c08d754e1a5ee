//! What happened, counted: for metrics, and for tests that want to know why.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// Counted since the client was made.
        #[derive(Debug, Default)]
        pub struct DataCounters { $($(#[$doc])* pub(super) $name: AtomicU64,)+ }

        /// The counters at one moment.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct DataCounts { $($(#[$doc])* pub $name: u64,)+ }

        impl DataCounters {
            pub fn read(&self) -> DataCounts {
                DataCounts { $($name: self.$name.load(Ordering::Relaxed),)+ }
            }
        }

        impl DataCounts {
            /// With their names, for a status page.
            pub fn named(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name),)+]
            }
        }
    };
}

counters! {
    chunks_written,
    /// Of these, those that went to the nodes in shared memory instead of their sockets.
    chunks_lent,
    chunks_read,
    /// Puts sent to a node where the shard does not belong.
    stand_in_puts,
    /// Puts that did not succeed.
    failed_puts,
    /// Nodes that let a put wait for too long and were passed over for a while.
    silent_nodes,
    /// All candidates were tried in vain and tried again.
    write_rounds,
    /// Chunks that were acknowledged and completed afterwards.
    background_chunks,
    /// Chunks whose last shards were left to the nodes' repair: no room, or no node took them.
    background_dropped,
    /// Second calls because the first was slow.
    hedges,
    /// Slow first calls without a second one, as there were too many.
    hedges_refused,
    /// Gets that did not succeed.
    failed_gets,
    /// Bytes from a node that did not pass their authentication.
    corrupt_tags,
    /// Chunks whose shards had to be looked for on all nodes.
    searches,
    /// Ranges of coded chunks that were computed from other shards.
    degraded_reads,
    /// Pieces that were not read ahead because there was no room.
    read_ahead_refused,
}

impl DataCounters {
    pub(super) fn add(&self, counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
