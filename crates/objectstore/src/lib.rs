//! Object data and its index: what S3 stands on. Nothing here knows HTTP, XML, signatures or policies.
//!
//! ```text
//!  gateway ── data::DataClient ──► storage nodes (a process each, several a zone): encrypted, checksummed shards
//!     │                                 ▲   ▲ repair among themselves
//!     └────── index::IndexClient ──► index (shards, each with a leader and standbys): buckets, versions, uploads
//!                                       └── data: collects garbage
//! ```
//!
//! A write puts a *blob* (an object's or a part's bytes, cut into chunks) on the nodes, then makes it visible by one commit
//! in the index. Before that commit it is garbage, found by its session ([`id::BlobId`]). No node knows objects, and the
//! index knows no locations: where a shard belongs is a pure function ([`layout`]).
//!
//! * [`id`], [`record`], [`layout`]: the shared vocabulary. [`rows`]: versions as they are kept and listed. [`message`]: what travels.
//! * [`node`]: a storage node. [`index`]: the index. [`data`]: reading and writing blobs, quorums, erasure coding.
//! * [`durability`]: how likely a chunk is lost.

pub mod data;
pub mod durability;
pub mod id;
pub mod index;
pub mod layout;
pub mod message;
pub mod node;
pub mod offload;
pub mod permits;
pub mod record;
pub mod rows;

pub use id::{BlobId, ChunkId, SessionId, ShardId};
pub use layout::{Layout, Topology};
