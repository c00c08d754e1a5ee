//! A frame in a buffer with room in front, so that encapsulation writes a header instead of moving the payload.

/// Owns one buffer that the card fills again and again. The frame is `buffer[start..end]`.
#[derive(Debug, Clone)]
pub struct FrameBuf {
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

impl FrameBuf {
    /// Room kept in front of a frame. VXLAN needs 8; the rest leaves the Ethernet payload aligned for the card's own headers.
    pub const HEADROOM: usize = 64;

    /// A buffer for frames (or datagrams) of up to `frame_bytes_max`.
    pub fn new(frame_bytes_max: usize) -> Self {
        Self { buffer: vec![0; Self::HEADROOM + frame_bytes_max].into_boxed_slice(), start: Self::HEADROOM, end: Self::HEADROOM }
    }

    /// A buffer that holds a copy of `frame`.
    pub fn from_slice(frame: &[u8]) -> Self {
        let mut b = Self::new(frame.len());
        b.set(frame);
        b
    }

    pub fn capacity(&self) -> usize {
        self.buffer.len() - Self::HEADROOM
    }

    /// The whole space for a frame; follow with [`FrameBuf::set_len`].
    pub fn space(&mut self) -> &mut [u8] {
        self.start = Self::HEADROOM;
        self.end = Self::HEADROOM;
        &mut self.buffer[Self::HEADROOM..]
    }

    /// Declares the first `len` bytes of [`FrameBuf::space`] to be the frame (cut at the capacity).
    pub fn set_len(&mut self, len: usize) {
        self.start = Self::HEADROOM;
        self.end = Self::HEADROOM + len.min(self.capacity());
    }

    /// Copies a frame in; `false` (and an empty frame) when it does not fit.
    pub fn set(&mut self, frame: &[u8]) -> bool {
        let fits = frame.len() <= self.capacity();
        self.set_len(if fits { frame.len() } else { 0 });
        if fits {
            self.buffer[self.start..self.end].copy_from_slice(frame);
        }
        fits
    }

    pub fn as_slice(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.buffer[self.start..self.end]
    }

    pub fn len(&self) -> usize {
        self.end - self.start
    }

    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Takes `N` bytes of the headroom in front of the frame; `None` when there is not that much.
    pub(crate) fn prepend<const N: usize>(&mut self) -> Option<&mut [u8; N]> {
        self.start = self.start.checked_sub(N)?;
        self.buffer[self.start..].first_chunk_mut()
    }

    /// Cuts `n` bytes off the front (all of the frame when it is shorter).
    pub(crate) fn trim_front(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
    }

    /// Cuts the frame to `len` when it is longer: padding of short Ethernet frames.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.end = self.end.min(self.start + len);
    }
}
