//! What blobs, chunks and shards are called.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A time during which one gateway writes. Given out by the index, durably; a blob whose session is closed and which no
/// row of the index names is garbage: that is the intent record of every write, one for many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u64);

/// The bytes of one object, or of one part of a multipart upload. Never written twice, so a chunk never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlobId {
    pub session: SessionId,
    /// Counted by the session's owner.
    pub number: u32,
}

/// The `index`th piece of [`crate::data::CHUNK_BYTES`] of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChunkId {
    pub blob: BlobId,
    pub index: u32,
}

/// What one node stores: a replica of a chunk, or a shard of an erasure-coded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ShardId {
    pub chunk: ChunkId,
    /// Which replica (0, 1, 2), or which shard: data first, then parity.
    pub shard: u8,
    /// How the chunk is laid out, so that a node can tell by itself where the others belong.
    pub layout: crate::Layout,
}

impl BlobId {
    pub const BYTES: usize = 12;

    /// Ordered as the ids are.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        out[..8].copy_from_slice(&self.session.0.to_be_bytes());
        out[8..].copy_from_slice(&self.number.to_be_bytes());
        out
    }

    pub fn from_bytes(b: [u8; Self::BYTES]) -> Self {
        let [s0, s1, s2, s3, s4, s5, s6, s7, n0, n1, n2, n3] = b;
        Self {
            session: SessionId(u64::from_be_bytes([s0, s1, s2, s3, s4, s5, s6, s7])),
            number: u32::from_be_bytes([n0, n1, n2, n3]),
        }
    }
}

impl ShardId {
    pub const BYTES: usize = BlobId::BYTES + 4 + 3;

    /// blob, chunk index, shard, layout (data, parity): ordered by blob, then chunk, then shard.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        out[..12].copy_from_slice(&self.chunk.blob.to_bytes());
        out[12..16].copy_from_slice(&self.chunk.index.to_be_bytes());
        out[16] = self.shard;
        out[17] = self.layout.data;
        out[18] = self.layout.parity;
        out
    }

    pub fn from_bytes(b: [u8; Self::BYTES]) -> Self {
        let mut blob = [0; BlobId::BYTES];
        blob.copy_from_slice(&b[..12]);
        Self {
            chunk: ChunkId { blob: BlobId::from_bytes(blob), index: u32::from_be_bytes([b[12], b[13], b[14], b[15]]) },
            shard: b[16],
            layout: crate::Layout { data: b[17], parity: b[18] },
        }
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{:x}", self.session.0, self.number)
    }
}

impl fmt::Display for ChunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.blob, self.index)
    }
}

impl fmt::Display for ShardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.chunk, self.shard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;

    #[test]
    fn bytes_keep_the_order_and_come_back() {
        let id = |session, number, index, shard| ShardId {
            chunk: ChunkId { blob: BlobId { session: SessionId(session), number }, index },
            shard,
            layout: Layout::REPLICATED,
        };
        let sorted = [id(1, 0, 0, 0), id(1, 0, 0, 2), id(1, 0, 1, 0), id(1, 1, 0, 0), id(2, 0, 0, 0), id(1 << 40, 0, 0, 0)];
        assert!(sorted.iter().map(|s| s.to_bytes()).is_sorted());
        assert!(sorted.iter().all(|s| ShardId::from_bytes(s.to_bytes()) == *s));
        assert_eq!(sorted[3].to_string(), "1.1.0/0");
    }
}
