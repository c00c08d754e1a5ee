//! Every digest of a body in one pass: MD5 for the ETag, the checksum, SHA-256 where the signature has it.
//!
//! MD5 is the slowest thing that happens to a byte here (0.7 GB/s), so large bodies are hashed beside the thread that moves
//! them: while one batch is hashed, the next is read and the same is written.

use aws_protocol::s3::checksum::{Algorithm, Checksum, Hasher};
use hyper::body::Bytes;
use tokio::task::JoinHandle;

/// Bytes that are hashed in one go beside the main thread.
const BATCH_BYTES: usize = 512 << 10;
/// Smaller pieces are copied together: each is a slice of the connection's read buffer and would keep all of that, so that
/// a client who sends byte by byte had thousands of them kept.
const LOOSE_BYTES_MAX: usize = 16 << 10;
/// Bodies up to this size are hashed where they are.
const INLINE_BYTES_MAX: usize = 64 << 10;

pub struct Digests {
    /// None while a batch is being hashed.
    hashers: Option<Vec<Hasher>>,
    running: Option<JoinHandle<Vec<Hasher>>>,
    batch: Vec<Bytes>,
    /// Behind the batch, not yet in it.
    loose: Vec<u8>,
    /// Of both.
    batch_bytes: usize,
    pub bytes: u64,
}

impl Digests {
    pub fn new(algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        let mut wanted: Vec<Algorithm> = algorithms.into_iter().collect();
        wanted.sort();
        wanted.dedup();
        let hashers = wanted.into_iter().map(Hasher::new).collect();
        Self { hashers: Some(hashers), running: None, batch: Vec::new(), loose: Vec::new(), batch_bytes: 0, bytes: 0 }
    }

    pub async fn update(&mut self, piece: Bytes) {
        self.bytes += piece.len() as u64;
        self.batch_bytes += piece.len();
        if piece.len() < LOOSE_BYTES_MAX {
            self.loose.extend_from_slice(&piece);
        } else {
            self.gather();
            self.batch.push(piece);
        }
        if self.batch_bytes >= BATCH_BYTES {
            self.start_batch().await;
        }
    }

    fn gather(&mut self) {
        if !self.loose.is_empty() {
            self.batch.push(std::mem::take(&mut self.loose).into());
        }
    }

    async fn start_batch(&mut self) {
        let mut hashers = self.settle().await;
        self.gather();
        let batch = std::mem::take(&mut self.batch);
        self.batch_bytes = 0;
        self.running = Some(tokio::task::spawn_blocking(move || {
            for hasher in &mut hashers {
                batch.iter().for_each(|piece| hasher.update(piece));
            }
            hashers
        }));
    }

    /// The hashers, with everything up to the last batch in them.
    async fn settle(&mut self) -> Vec<Hasher> {
        match self.running.take() {
            // Hashing does not panic; if it did, this request must not go on with half a digest.
            Some(running) => running.await.expect("hashing ended"),
            None => self.hashers.take().expect("settled or running"),
        }
    }

    pub async fn finish(mut self) -> Vec<Checksum> {
        if self.batch_bytes > INLINE_BYTES_MAX {
            self.start_batch().await;
        }
        let mut hashers = self.settle().await;
        self.gather();
        for hasher in &mut hashers {
            self.batch.iter().for_each(|piece| hasher.update(piece));
        }
        hashers.into_iter().map(Hasher::finish).collect()
    }
}

/// One of the digests that were asked for.
pub fn of(all: &[Checksum], algorithm: Algorithm) -> Option<Checksum> {
    all.iter().find(|c| c.algorithm == algorithm).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn any_split_gives_the_same_digests() {
        let data: Vec<u8> = (0..3_000_000u32).map(|i| (i * 7 % 251) as u8).collect();
        let all = [Algorithm::Md5, Algorithm::Crc64Nvme, Algorithm::Sha256];
        let whole: Vec<Checksum> = {
            let mut sorted = all.to_vec();
            sorted.sort();
            sorted.into_iter().map(|a| Checksum::of(a, &data)).collect()
        };
        for size in [1000, 65_536, 600_000, 3_000_000] {
            let mut digests = Digests::new(all);
            for piece in data.chunks(size) {
                digests.update(Bytes::copy_from_slice(piece)).await;
            }
            assert_eq!(digests.bytes, 3_000_000);
            assert_eq!(digests.finish().await, whole, "{size}");
        }
        let mut mixed = Digests::new(all);
        let mut left = Bytes::from(data);
        for size in [1, 20_000, 3, 3, 500_000, 16_384, 16_383, 1_000_000, usize::MAX] {
            mixed.update(left.split_to(size.min(left.len()))).await;
        }
        assert_eq!(mixed.finish().await, whole, "small and large pieces in turn");
        let nothing = Digests::new([Algorithm::Md5]).finish().await;
        assert_eq!(nothing[0].to_hex(), "d41d8cd98f00b204e9800998ecf8427e");
    }
}
