//! Memory for opened chunks, used again: the pages of fresh memory cost more than opening a chunk into it does.

use super::{CHUNK_BYTES, FRAME_BYTES};
use std::sync::{Arc, Mutex, MutexGuard};

/// Buffers kept for later. More may be in use, within the readers' budget.
const KEPT_MAX: usize = 16;
/// Less is not worth keeping, nor a chunk's buffer.
const KEPT_FROM_BYTES: usize = 4 * FRAME_BYTES;

/// Cheap to clone; clones share what is kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffers {
    kept: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// Goes back when dropped.
pub(super) struct Buffer {
    memory: Vec<u8>,
    bytes: usize,
    home: Buffers,
}

impl Buffers {
    /// At most a chunk. What it holds is to be overwritten.
    pub(super) fn take(&self, bytes: usize) -> Buffer {
        let kept = if bytes < KEPT_FROM_BYTES { None } else { self.kept().pop() };
        let memory = kept.unwrap_or_else(|| vec![0; if bytes < KEPT_FROM_BYTES { bytes } else { CHUNK_BYTES }]);
        Buffer { memory, bytes, home: self.clone() }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.kept.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.memory[..self.bytes]
    }
}

impl AsMut<[u8]> for Buffer {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.memory[..self.bytes]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.memory.len() == CHUNK_BYTES {
            let mut kept = self.home.kept();
            if kept.len() < KEPT_MAX {
                kept.push(std::mem::take(&mut self.memory));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunks_memory_is_used_again_and_no_more_is_kept_than_said() {
        let buffers = Buffers::default();
        let (mut first, small) = (buffers.take(CHUNK_BYTES), buffers.take(10));
        let at = first.as_mut().as_ptr();
        assert_eq!((first.as_ref().len(), small.as_ref().len()), (CHUNK_BYTES, 10));
        drop((first, small));
        let mut again = buffers.take(KEPT_FROM_BYTES);
        assert_eq!((again.as_mut().as_ptr(), again.as_ref().len()), (at, KEPT_FROM_BYTES));
        let many: Vec<Buffer> = (0..2 * KEPT_MAX).map(|_| buffers.take(CHUNK_BYTES)).collect();
        drop(many);
        assert_eq!(buffers.kept().len(), KEPT_MAX);
    }
}
