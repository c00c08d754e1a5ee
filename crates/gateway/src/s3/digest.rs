//! Every digest of a body in one pass: MD5 for the ETag, the checksum, SHA-256 where the signature has it.
//!
//! MD5 is the slowest thing that happens to a byte here (0.85 GB/s), so large bodies are hashed beside the thread that moves
//! them: while one batch is hashed, the next is read and the same is written. A body of one piece is hashed when it is on
//! its way to the nodes. Of many bodies, batches are hashed side by
//! side ([`super::md5`]).

use super::md5::{self, Md5};
use aws_protocol::s3::checksum::{Algorithm, Checksum, Hasher};
use hyper::body::Bytes;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::oneshot;

/// Bytes that are hashed in one go beside the main thread.
const BATCH_BYTES: usize = 512 << 10;
/// More are not hashed before whatever else is ready has had its turn.
const AT_ONCE_BYTES_MAX: usize = 8 << 10;
/// Smaller pieces are copied together: each is a slice of the connection's read buffer and would keep all of that, so that
/// a client who sends byte by byte had thousands of them kept.
const LOOSE_BYTES_MAX: usize = 16 << 10;
/// Bodies up to this size are hashed where they are.
const INLINE_BYTES_MAX: usize = 64 << 10;
/// So are, while many bodies are under way that can be hashed side by side, only those up to this one.
const BUSY_INLINE_BYTES_MAX: usize = 8 << 10;
const BUSY_BODIES_MIN: usize = 8;

/// Where the bodies of one process are hashed: by a few threads, each of which takes what waits, up to what it can hash side
/// by side. With one body at a time that is a thread for it; with many it takes a fraction of the time. Cheap to clone.
#[derive(Clone, Default)]
pub struct Hashing {
    queue: Arc<Mutex<Queue>>,
}

/// As long as the bodies under way: each has one batch here at most.
#[derive(Default)]
struct Queue {
    batches: VecDeque<Batch>,
    threads: usize,
}

struct Batch {
    hashers: Hashers,
    pieces: Vec<Bytes>,
    done: oneshot::Sender<Hashers>,
}

struct Hashers {
    md5: Option<Md5>,
    others: Vec<Hasher>,
}

impl Hashing {
    fn locked(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Are many bodies under way? Each of them, and the process, has a clone.
    fn is_busy(&self) -> bool {
        Arc::strong_count(&self.queue) > BUSY_BODIES_MIN
    }

    fn start(&self, hashers: Hashers, pieces: Vec<Bytes>) -> oneshot::Receiver<Hashers> {
        let (done, hashed) = oneshot::channel();
        let mut queue = self.locked();
        queue.batches.push_back(Batch { hashers, pieces, done });
        let threads_max = std::thread::available_parallelism().map_or(1, usize::from);
        if queue.threads < threads_max {
            queue.threads += 1;
            let hashing = self.clone();
            tokio::task::spawn_blocking(move || hashing.run());
        }
        hashed
    }

    /// Until nothing waits.
    fn run(&self) {
        loop {
            let mut batches: Vec<Batch> = {
                let mut queue = self.locked();
                let n = queue.batches.len().min(md5::LANES);
                if n == 0 {
                    queue.threads -= 1;
                    return;
                }
                queue.batches.drain(..n).collect()
            };
            let mut jobs = Vec::with_capacity(batches.len());
            for Batch { hashers, pieces, .. } in &mut batches {
                for hasher in &mut hashers.others {
                    pieces.iter().for_each(|piece| hasher.update(piece));
                }
                if let Some(md5) = &mut hashers.md5 {
                    jobs.push(md5::Job { md5, pieces: pieces.iter().map(|p| &p[..]).collect() });
                }
            }
            md5::update(&mut jobs);
            for Batch { hashers, pieces, done } in batches {
                drop(pieces);
                // Whoever went away does not ask.
                let _ = done.send(hashers);
            }
        }
    }
}

pub struct Digests {
    hashing: Hashing,
    /// None while a batch is being hashed.
    hashers: Option<Hashers>,
    running: Option<oneshot::Receiver<Hashers>>,
    batch: Vec<Bytes>,
    /// Behind the batch, not yet in it.
    loose: Vec<u8>,
    /// Of both.
    batch_bytes: usize,
    pub bytes: u64,
}

impl Digests {
    pub fn new(hashing: &Hashing, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        let mut wanted: Vec<Algorithm> = algorithms.into_iter().collect();
        wanted.sort();
        wanted.dedup();
        let md5 = wanted.contains(&Algorithm::Md5).then(Md5::default);
        let others = wanted.into_iter().filter(|a| *a != Algorithm::Md5).map(Hasher::new).collect();
        Self {
            hashing: hashing.clone(),
            hashers: Some(Hashers { md5, others }),
            running: None,
            batch: Vec::new(),
            loose: Vec::new(),
            batch_bytes: 0,
            bytes: 0,
        }
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
        let hashers = self.settle().await;
        self.gather();
        self.batch_bytes = 0;
        self.running = Some(self.hashing.start(hashers, std::mem::take(&mut self.batch)));
    }

    /// The hashers, with everything up to the last batch in them.
    async fn settle(&mut self) -> Hashers {
        match self.running.take() {
            // Hashing does not panic; if it did, this request must not go on with half a digest.
            Some(running) => running.await.expect("hashing ended"),
            None => self.hashers.take().expect("settled or running"),
        }
    }

    pub async fn finish(mut self) -> Vec<Checksum> {
        let inline_max = if self.hashing.is_busy() { BUSY_INLINE_BYTES_MAX } else { INLINE_BYTES_MAX };
        if self.batch_bytes > inline_max {
            self.start_batch().await;
        }
        let Hashers { mut md5, mut others } = self.settle().await;
        self.gather();
        if self.batch.iter().map(Bytes::len).sum::<usize>() > AT_ONCE_BYTES_MAX {
            tokio::task::yield_now().await;
        }
        for piece in &self.batch {
            md5.iter_mut().for_each(|h| h.update(piece));
            others.iter_mut().for_each(|h| h.update(piece));
        }
        let md5 = md5.and_then(|h| Checksum::new(Algorithm::Md5, &h.finish()));
        md5.into_iter().chain(others.into_iter().map(Hasher::finish)).collect()
    }
}

/// One of the digests that were asked for.
pub fn of(all: &[Checksum], algorithm: Algorithm) -> Option<Checksum> {
    all.iter().find(|c| c.algorithm == algorithm).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut all: Vec<Checksum>) -> Vec<Checksum> {
        all.sort_by_key(|c| c.algorithm);
        all
    }

    #[tokio::test]
    async fn many_bodies_at_once_are_each_their_own() {
        let hashing = Hashing::default();
        let body = |n: usize| Bytes::from((0..n * 100_000 + 17).map(|i| (i / 5 + n) as u8).collect::<Vec<u8>>());
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..40 {
            let hashing = hashing.clone();
            tasks.spawn(async move {
                let mut digests = Digests::new(&hashing, [Algorithm::Md5, Algorithm::Crc32c]);
                let mut left = body(n);
                while !left.is_empty() {
                    digests.update(left.split_to(left.len().min(60_000 + 7 * n))).await;
                    tokio::task::yield_now().await;
                }
                (n, digests.finish().await)
            });
        }
        while let Some(done) = tasks.join_next().await {
            let (n, all) = done.unwrap();
            for algorithm in [Algorithm::Md5, Algorithm::Crc32c] {
                assert_eq!(of(&all, algorithm), Some(Checksum::of(algorithm, &body(n))), "{n}");
            }
        }
        let queue = hashing.locked();
        assert!(queue.batches.is_empty());
    }

    #[tokio::test]
    async fn any_split_gives_the_same_digests() {
        let data: Vec<u8> = (0..3_000_000u32).map(|i| (i * 7 % 251) as u8).collect();
        let all = [Algorithm::Md5, Algorithm::Crc64Nvme, Algorithm::Sha256];
        let hashing = Hashing::default();
        let whole: Vec<Checksum> = {
            let mut sorted = all.to_vec();
            sorted.sort();
            sorted.into_iter().map(|a| Checksum::of(a, &data)).collect()
        };
        for size in [1000, 65_536, 600_000, 3_000_000] {
            let mut digests = Digests::new(&hashing, all);
            for piece in data.chunks(size) {
                digests.update(Bytes::copy_from_slice(piece)).await;
            }
            assert_eq!(digests.bytes, 3_000_000);
            assert_eq!(sorted(digests.finish().await), whole, "{size}");
        }
        let mut mixed = Digests::new(&hashing, all);
        let mut left = Bytes::from(data);
        for size in [1, 20_000, 3, 3, 500_000, 16_384, 16_383, 1_000_000, usize::MAX] {
            mixed.update(left.split_to(size.min(left.len()))).await;
        }
        assert_eq!(sorted(mixed.finish().await), whole, "small and large pieces in turn");
        let nothing = Digests::new(&hashing, [Algorithm::Md5]).finish().await;
        assert_eq!(nothing[0].to_hex(), "d41d8cd98f00b204e9800998ecf8427e");
    }
}
