//! Reading and writing blobs: chunks, encryption, quorums, erasure coding.

/// Plain bytes of one chunk; the last of a blob may be shorter.
pub const CHUNK_BYTES: usize = 1 << 20;
/// Plain bytes sealed together (AES-256-GCM): the unit of a ranged read.
pub const FRAME_BYTES: usize = 64 << 10;
