//! Reading and writing blobs over storage nodes: chunks, encryption, quorums, hedged reads, erasure coding.
//!
//! ```text
//!  BlobWriter   bytes ─► frames of 64 KiB sealed in place ─► chunk of 16 frames ─► shards ─► one Put each, all at once
//!                                                                 acknowledged when Topology::is_safe; the rest goes on
//!  BlobReader   range ─► frames needed of each chunk ─► Get from the quickest replica (hedged) or from the data shards
//!                                                                 ─► opened ─► plain bytes in order
//! ```
//!
//! What a sealed chunk looks like is in `seal`; where its shards go in `place` (pure) and `write`; how they are found
//! in `fetch` (copies) and `coded`; how quick and how well nodes are in `health` (pure); what is held in memory in
//! [`budget`]; the code itself in [`erasure`]. Nothing here knows objects, buckets or the index; the gateway and the index's
//! collector call it. Every call here is idempotent at the node.

pub mod budget;
mod client;
mod coded;
mod collect;
mod counters;
pub mod erasure;
mod fetch;
mod health;
mod nodes;
mod place;
mod plain;
mod read;
mod seal;
mod write;

#[cfg(test)]
mod tests;

pub use client::{DataClient, DataOptions, DeleteError};
pub use counters::{DataCounters, DataCounts};
pub use fetch::{ReadError, Tried};
pub use nodes::{BulkNodes, Nodes, Trouble};
pub use read::BlobReader;
pub use seal::DataKey;
pub use write::{BlobWriter, WriteError, Written};

/// Plain bytes of one chunk; the last of a blob may be shorter.
pub const CHUNK_BYTES: usize = 1 << 20;
/// Plain bytes sealed together (AES-256-GCM): the unit of a ranged read.
pub const FRAME_BYTES: usize = 64 << 10;
