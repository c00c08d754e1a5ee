//! Reading a blob in order: its range cut into pieces of one chunk, a few of them ahead of the caller.
//!
//! A reader holds the piece it gives out (one chunk at most, the caller's memory) and what it read ahead (within the
//! budget, and only while there is room).

use super::client::Shared;
use super::coded;
use super::fetch::{self, ReadError, Wanted};
use super::nodes::{BulkNodes, Nodes};
use super::seal::{self, DataKey, Sealer};
use super::{CHUNK_BYTES, FRAME_BYTES};
use crate::id::{BlobId, ChunkId};
use crate::layout::Layout;
use crate::record::BlobRef;
use bytes::Bytes;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use tokio::task::JoinHandle;

pub struct BlobReader<N: Nodes = BulkNodes> {
    shared: Arc<Shared<N>>,
    sealer: Arc<Sealer>,
    blob: BlobId,
    layout: Layout,
    /// Plain bytes of the whole blob.
    bytes: u64,
    /// Not yet fetched nor under way.
    range: Range<u64>,
    ahead: VecDeque<Ahead>,
    ready: VecDeque<Bytes>,
    failed: bool,
}

/// A piece under way. Dropping it gives it up.
struct Ahead {
    piece: Piece,
    task: JoinHandle<Result<Vec<Bytes>, ReadError>>,
    _room: tokio::sync::OwnedSemaphorePermit,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Piece {
    wanted: Wanted,
    /// Plain bytes of the first frame that nobody asked for.
    skip: usize,
    bytes: usize,
}

impl<N: Nodes> BlobReader<N> {
    pub(super) fn new(shared: Arc<Shared<N>>, blob: &BlobRef, key: &DataKey, range: Range<u64>) -> Self {
        let end = range.end.min(blob.bytes);
        Self {
            shared,
            sealer: Arc::new(Sealer::new(blob.id, key)),
            blob: blob.id,
            layout: blob.layout,
            bytes: blob.bytes,
            range: range.start.min(end)..end,
            ahead: VecDeque::new(),
            ready: VecDeque::new(),
            failed: false,
        }
    }

    /// The next bytes, a frame at most; none at the end of the range, or after an error.
    pub async fn next(&mut self) -> Option<Result<Bytes, ReadError>> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return Some(Ok(bytes));
            }
            if self.failed {
                return None;
            }
            let here = match self.ahead.is_empty() {
                true => Some(self.cut()?),
                false => None,
            };
            self.read_ahead();
            let (piece, outcome) = match here {
                Some(piece) => {
                    let _room = self.shared.budget.fetch(cost(&piece.wanted)).await;
                    let outcome = fetch_piece(&self.shared, &self.sealer, &piece.wanted).await;
                    (piece, outcome)
                }
                None => {
                    let ahead = self.ahead.front_mut()?;
                    let outcome = (&mut ahead.task).await.unwrap_or_else(|e| std::panic::resume_unwind(e.into_panic()));
                    let ahead = self.ahead.pop_front()?;
                    (ahead.piece.copy(), outcome)
                }
            };
            match outcome {
                Ok(frames) => self.ready = piece.trim(frames),
                Err(e) => {
                    self.failed = true;
                    self.ahead.clear();
                    return Some(Err(e));
                }
            }
        }
    }

    /// The next piece of the range.
    fn cut(&mut self) -> Option<Piece> {
        if self.range.is_empty() {
            return None;
        }
        let index = (self.range.start / CHUNK_BYTES as u64) as u32;
        let base = u64::from(index) * CHUNK_BYTES as u64;
        let plain = seal::plain_bytes(self.bytes, index);
        let (from, to) = ((self.range.start - base) as usize, (self.range.end - base).min(plain as u64) as usize);
        self.range.start = base + to as u64;
        let frames = from / FRAME_BYTES..seal::frames(to);
        let wanted = Wanted {
            chunk: ChunkId { blob: self.blob, index },
            layout: self.layout,
            plain,
            last: base + plain as u64 == self.bytes,
            frames,
        };
        Some(Piece { skip: from % FRAME_BYTES, bytes: to - from, wanted })
    }

    fn read_ahead(&mut self) {
        while self.ahead.len() < self.shared.options.read_ahead_chunks_max && !self.range.is_empty() {
            let Some(_room) = self.shared.budget.ahead((self.range.end - self.range.start).min(CHUNK_BYTES as u64) as usize)
            else {
                self.shared.counters.add(&self.shared.counters.read_ahead_refused);
                return;
            };
            let Some(piece) = self.cut() else { return };
            let (shared, sealer, wanted) = (self.shared.clone(), self.sealer.clone(), piece.wanted.clone());
            let task = tokio::spawn(async move { fetch_piece(&shared, &sealer, &wanted).await });
            self.ahead.push_back(Ahead { piece, task, _room });
        }
    }
}

impl Piece {
    fn copy(&self) -> Self {
        Self { wanted: self.wanted.clone(), skip: self.skip, bytes: self.bytes }
    }

    /// What was asked for of the frames.
    fn trim(&self, frames: Vec<Bytes>) -> VecDeque<Bytes> {
        let (mut skip, mut left) = (self.skip, self.bytes);
        let cut = |mut frame: Bytes| {
            drop(frame.split_to(skip.min(frame.len())));
            skip = 0;
            frame.truncate(left);
            left -= frame.len();
            frame
        };
        frames.into_iter().map(cut).filter(|f| !f.is_empty()).collect()
    }
}

/// What a piece takes while it is fetched. Columns of a coded chunk are held beside what is computed from them.
fn cost(wanted: &Wanted) -> usize {
    if wanted.layout.is_replicated() { wanted.range().len() } else { 2 * wanted.sealed_bytes() }
}

async fn fetch_piece<N: Nodes>(shared: &Arc<Shared<N>>, sealer: &Arc<Sealer>, wanted: &Wanted) -> Result<Vec<Bytes>, ReadError> {
    let frames = match wanted.layout.is_replicated() {
        true => fetch::replicated(shared, sealer, wanted).await?,
        false => coded::coded(shared, sealer, wanted).await?,
    };
    shared.counters.add(&shared.counters.chunks_read);
    Ok(frames)
}
