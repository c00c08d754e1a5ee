//! The form of a sealed chunk, and the key that seals it. Pure; called by `write`, `fetch` and `read`.
//!
//! ```text
//!  chunk:  frame 0 | tag | frame 1 | tag | … | frame n | tag        frames of FRAME_BYTES, the last may be shorter
//!  nonce:  chunk index u32 | frame index in the chunk u32 | 0 u32   (big endian; unique as every blob has its own key)
//!  aad:    FORMAT u8 | blob id (12 bytes) | 1 if it is the blob's last frame, else 0
//! ```
//!
//! So a frame cannot be read in another's place, and a blob cannot be cut at a frame's end unnoticed.

use super::plain::Buffers;
use super::{CHUNK_BYTES, FRAME_BYTES};
use crate::id::{BlobId, ChunkId};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use bytes::{Bytes, BytesMut};
use std::fmt;
use std::ops::Range;
use zeroize::Zeroize;

pub(super) const TAG_BYTES: usize = 16;
/// A frame with its tag.
pub(super) const SEALED_FRAME_BYTES: usize = FRAME_BYTES + TAG_BYTES;
/// The first byte of what is authenticated beside the bytes. Another form gets another number.
const FORMAT: u8 = 1;

/// A blob's own key: 32 random bytes, used for this blob only.
#[derive(Clone)]
pub struct DataKey([u8; 32]);

impl DataKey {
    pub const BYTES: usize = 32;

    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For sealing it by another key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for DataKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(hidden)")
    }
}

/// Bytes did not pass their authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadTag;

/// How many chunks a blob of `bytes` has.
pub(super) fn chunks(bytes: u64) -> u64 {
    bytes.div_ceil(CHUNK_BYTES as u64)
}

/// Plain bytes of chunk `index` of a blob of `bytes`.
pub(super) fn plain_bytes(bytes: u64, index: u32) -> usize {
    bytes.saturating_sub(u64::from(index) * CHUNK_BYTES as u64).min(CHUNK_BYTES as u64) as usize
}

pub(super) fn frames(plain: usize) -> usize {
    plain.div_ceil(FRAME_BYTES)
}

pub(super) fn sealed_bytes(plain: usize) -> usize {
    plain + frames(plain) * TAG_BYTES
}

/// Where some frames of a chunk of `plain` bytes are in the sealed chunk.
pub(super) fn sealed_range(plain: usize, frames: &Range<usize>) -> Range<usize> {
    let total = sealed_bytes(plain);
    (frames.start * SEALED_FRAME_BYTES).min(total)..(frames.end * SEALED_FRAME_BYTES).min(total)
}

/// Seals and opens the frames of one blob.
pub(super) struct Sealer {
    key: LessSafeKey,
    blob: BlobId,
}

impl Sealer {
    pub(super) fn new(blob: BlobId, key: &DataKey) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &key.0).expect("a key of 32 bytes");
        Self { key: LessSafeKey::new(key), blob }
    }

    fn nonce(chunk: u32, frame: usize) -> Nonce {
        let mut nonce = [0; 12];
        nonce[..4].copy_from_slice(&chunk.to_be_bytes());
        nonce[4..8].copy_from_slice(&(frame as u32).to_be_bytes());
        Nonce::assume_unique_for_key(nonce)
    }

    fn aad(&self, last: bool) -> Aad<[u8; BlobId::BYTES + 2]> {
        let mut aad = [FORMAT; BlobId::BYTES + 2];
        aad[1..=BlobId::BYTES].copy_from_slice(&self.blob.to_bytes());
        aad[BlobId::BYTES + 1] = u8::from(last);
        Aad::from(aad)
    }

    /// Seals in place. `chunk` has every frame followed by room for its tag. `last`: it is the blob's last chunk.
    pub(super) fn seal(&self, index: u32, chunk: &mut [u8], last: bool) {
        let count = chunk.len().div_ceil(SEALED_FRAME_BYTES);
        for (frame, sealed) in chunk.chunks_mut(SEALED_FRAME_BYTES).enumerate() {
            let (plain, tag) = sealed.split_at_mut(sealed.len() - TAG_BYTES);
            let made = self
                .key
                .seal_in_place_separate_tag(Self::nonce(index, frame), self.aad(last && frame + 1 == count), plain)
                .expect("a frame is far below the cipher's limit");
            tag.copy_from_slice(made.as_ref());
        }
    }

    /// Opens consecutive frames from `first` on; `end`: the last of them is the blob's last frame. Gives a frame a piece, in
    /// place if nobody else holds `sealed`, else in memory of `buffers`.
    pub(super) fn open(
        &self,
        chunk: ChunkId,
        first: usize,
        sealed: Bytes,
        end: bool,
        buffers: &Buffers,
    ) -> Result<Vec<Bytes>, BadTag> {
        let count = sealed.len().div_ceil(SEALED_FRAME_BYTES);
        let mut rest = match sealed.try_into_mut() {
            Ok(own) => own,
            Err(shared) => return self.open_elsewhere(chunk, first, &shared, end, buffers),
        };
        let mut frames = Vec::with_capacity(count);
        for frame in 0..count {
            let length = rest.len().min(SEALED_FRAME_BYTES);
            let mut piece = rest.split_to(length);
            let text = length.checked_sub(TAG_BYTES).ok_or(BadTag)?;
            let (nonce, aad) = (Self::nonce(chunk.index, first + frame), self.aad(end && frame + 1 == count));
            self.key.open_in_place(nonce, aad, &mut piece).map_err(|_| BadTag)?;
            piece.truncate(text);
            frames.push(piece.freeze());
        }
        Ok(frames)
    }

    /// What lies in memory that others can see must not be opened there.
    fn open_elsewhere(
        &self,
        chunk: ChunkId,
        first: usize,
        sealed: &[u8],
        end: bool,
        buffers: &Buffers,
    ) -> Result<Vec<Bytes>, BadTag> {
        let count = sealed.len().div_ceil(SEALED_FRAME_BYTES);
        let mut plain = buffers.take(sealed.len().checked_sub(count * TAG_BYTES).ok_or(BadTag)?);
        let pieces = sealed.chunks(SEALED_FRAME_BYTES).zip(plain.as_mut().chunks_mut(FRAME_BYTES));
        for (frame, (sealed, plain)) in pieces.enumerate() {
            let (text, tag) = sealed.split_at(sealed.len().checked_sub(TAG_BYTES).ok_or(BadTag)?);
            let (nonce, aad) = (Self::nonce(chunk.index, first + frame), self.aad(end && frame + 1 == count));
            self.key.open_separate_gather(nonce, aad, text, tag, plain).map_err(|_| BadTag)?;
        }
        let plain = Bytes::from_owner(plain);
        Ok((0..count).map(|n| plain.slice(n * FRAME_BYTES..((n + 1) * FRAME_BYTES).min(plain.len()))).collect())
    }
}

/// The plain bytes of one chunk as they come in, laid out so that sealing needs no other buffer.
#[derive(Default)]
pub(super) struct ChunkBuffer {
    sealed: BytesMut,
    plain: usize,
}

impl ChunkBuffer {
    pub(super) fn plain(&self) -> usize {
        self.plain
    }

    pub(super) fn is_full(&self) -> bool {
        self.plain == CHUNK_BYTES
    }

    /// Takes what fits into the current frame. The chunk must not be full.
    pub(super) fn take(&mut self, bytes: &mut Bytes) {
        let room = FRAME_BYTES - self.plain % FRAME_BYTES;
        let piece = bytes.split_to(room.min(bytes.len()));
        // Small objects take what they need; from the second frame on it is a whole chunk's, so that nothing is copied again.
        let capacity = match self.plain {
            0 if bytes.is_empty() => piece.len() + TAG_BYTES,
            plain if plain < FRAME_BYTES => SEALED_FRAME_BYTES,
            _ => sealed_bytes(CHUNK_BYTES),
        };
        self.sealed.reserve(capacity.saturating_sub(self.sealed.len()));
        self.sealed.extend_from_slice(&piece);
        self.plain += piece.len();
        if self.plain.is_multiple_of(FRAME_BYTES) {
            self.sealed.extend_from_slice(&[0; TAG_BYTES]);
        }
    }

    /// The buffer, every frame with room for its tag; begins anew.
    pub(super) fn close(&mut self) -> BytesMut {
        if !self.plain.is_multiple_of(FRAME_BYTES) {
            self.sealed.extend_from_slice(&[0; TAG_BYTES]);
        }
        self.plain = 0;
        std::mem::take(&mut self.sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SessionId;

    const BLOB: BlobId = BlobId { session: SessionId(0x0102_0304), number: 7 };

    fn sealed(plain: &[u8], index: u32, last: bool) -> Bytes {
        let mut buffer = ChunkBuffer::default();
        let mut bytes = Bytes::copy_from_slice(plain);
        while !bytes.is_empty() {
            buffer.take(&mut bytes);
        }
        assert_eq!(buffer.plain(), plain.len());
        let mut chunk = buffer.close();
        assert_eq!(chunk.len(), sealed_bytes(plain.len()));
        Sealer::new(BLOB, &DataKey::new([9; 32])).seal(index, &mut chunk, last);
        chunk.freeze()
    }

    fn open(index: u32, first: usize, bytes: &[u8], end: bool) -> Result<Vec<u8>, BadTag> {
        let sealer = Sealer::new(BLOB, &DataKey::new([9; 32]));
        let open = |sealed| {
            let opened = sealer.open(ChunkId { blob: BLOB, index }, first, sealed, end, &Buffers::default())?;
            assert!(opened.iter().rev().skip(1).all(|f| f.len() == FRAME_BYTES));
            Ok(opened.concat())
        };
        // Bytes of our own, and bytes that others have too.
        let own = open(Bytes::copy_from_slice(bytes));
        let shared = Bytes::from_owner(bytes.to_vec());
        assert_eq!(own, open(shared.clone()), "in both ways");
        assert_eq!(shared, bytes, "not opened where it lies");
        own
    }

    #[test]
    fn what_was_sealed_is_opened_and_nothing_else() {
        for length in [1, 15, 16, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES + 5, CHUNK_BYTES] {
            let plain: Vec<u8> = (0..length).map(|i| ((i * 31) >> 3) as u8).collect();
            let chunk = sealed(&plain, 3, true);
            assert_eq!(open(3, 0, &chunk, true).as_deref(), Ok(&plain[..]), "{length}");
            assert_eq!(open(3, 0, &chunk, false), Err(BadTag), "{length}: it is the last");
            assert_eq!(open(4, 0, &chunk, true), Err(BadTag), "{length}: another chunk");
            let frames = frames(length);
            for first in 0..frames {
                let piece = &chunk[sealed_range(length, &(first..frames))];
                assert_eq!(open(3, first, piece, true).as_deref(), Ok(&plain[first * FRAME_BYTES..]));
            }
            if frames > 1 {
                // Cut at a frame's end: what is left claims to be the end.
                let cut = &chunk[..(frames - 1) * SEALED_FRAME_BYTES];
                assert_eq!(open(3, 0, cut, true), Err(BadTag), "{length}");
                assert!(open(3, 0, cut, false).is_ok(), "{length}");
            }
            for at in [0, chunk.len() / 2, chunk.len() - 1] {
                let mut changed = chunk.to_vec();
                changed[at] ^= 1;
                assert_eq!(open(3, 0, &changed, true), Err(BadTag), "{length} at {at}");
            }
        }
        assert_eq!(open(0, 0, &[1; TAG_BYTES - 1], true), Err(BadTag));
    }

    #[test]
    fn swapped_frames_are_found() {
        let chunk = sealed(&vec![5; 2 * FRAME_BYTES], 0, false);
        let (a, b) = chunk.split_at(SEALED_FRAME_BYTES);
        assert!(open(0, 0, &chunk, false).is_ok());
        assert_eq!(open(0, 0, &[b, a].concat(), false), Err(BadTag));
    }

    #[test]
    fn opening_is_in_place_when_it_can_be() {
        let chunk = BytesMut::from(&sealed(b"abc", 0, true)[..]);
        let at = chunk.as_ptr();
        let sealer = Sealer::new(BLOB, &DataKey::new([9; 32]));
        let opened = sealer.open(ChunkId { blob: BLOB, index: 0 }, 0, chunk.freeze(), true, &Buffers::default()).unwrap();
        assert_eq!((&opened[0][..], opened[0].as_ptr()), (&b"abc"[..], at));
    }

    /// The form on the nodes' disks. It may be added to (another FORMAT), never changed.
    #[test]
    fn the_form_is_fixed() {
        let chunk = sealed(b"stratocell", 2, true);
        let hex: String = chunk.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "acd96db84316e7cd731d004a5bdf15bd28829e259ccdc9205115");
    }

    #[test]
    fn keys_are_not_printed() {
        assert_eq!(format!("{:?}", DataKey::new([7; 32])), "DataKey(hidden)");
    }
}
