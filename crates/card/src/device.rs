//! virtio-net between a guest's rings and frame buffers: one copy each way.
//!
//! Offered: VERSION_1, MRG_RXBUF, EVENT_IDX, INDIRECT_DESC. No checksum or segmentation offload: every frame in a ring
//! is complete and no longer than the MTU, so the switch may forward it as it is. A frame for a guest whose receive ring
//! is empty is dropped and counted; the ring is never waited for.

use crate::frames::FrameSocket;
use crate::share::Share;
use crate::vhost_user::backend::{Backend, RX, TX};
use crate::vhost_user::memory::GuestMem;
use crate::vhost_user::ring::{Ring, RingError, Segment};
use vswitch::FrameBuf;

/// virtio 1.2 section 5.1.6; `num_buffers` at offset 10.
const HEADER_BYTES: usize = 12;
const GSO_TYPE_AT: usize = 1;
/// What a guest says a frame has beyond this is not copied.
const FRAME_BYTES_COUNTED_MAX: u64 = 65_536;
/// Receive buffers that one frame may take: a 9 KiB frame in buffers of 1,536 bytes takes 6.
const CHAINS_PER_FRAME_MAX: usize = 64;

/// What happened at the rings; the switch counts what happens behind them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DeviceCounters {
    /// To the guest, into its ring.
    pub delivered_frames: u64,
    pub delivered_bytes: u64,
    /// No VMM attached, or its driver has not started the rings.
    pub drop_link_down: u64,
    /// The guest offers no receive buffer.
    pub drop_rx_ring_full: u64,
    /// Longer than the receive buffers the guest offers.
    pub drop_rx_too_long: u64,
    /// From the guest: longer than a frame buffer, shorter than the header, or with an offload that was not offered.
    pub drop_tx_malformed: u64,
    /// Rings stopped because the driver broke the rules.
    pub ring_errors: u64,
}

impl DeviceCounters {
    pub fn drops(&self) -> [(&'static str, u64); 5] {
        [
            ("link-down", self.drop_link_down),
            ("rx-ring-full", self.drop_rx_ring_full),
            ("rx-too-long", self.drop_rx_too_long),
            ("tx-malformed", self.drop_tx_malformed),
            ("ring-error", self.ring_errors),
        ]
    }
}

/// The result of one visit to the transmit ring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Buffers that were filled.
    pub frames: usize,
    /// The ring was not emptied: no kick will come.
    pub more: bool,
    /// The next frame has so many bytes, which is more than the rate lets through.
    pub waits: Option<usize>,
}

/// What bounds one visit to the transmit ring, beside the buffers.
#[derive(Debug)]
pub struct Limits<'a> {
    pub share: &'a mut Share,
    /// Frames, and their bytes in all. `None`: as many as there are.
    pub rate: Option<(u64, u64)>,
}

#[derive(Debug, Default)]
pub struct NetDevice {
    pub backend: Backend,
    /// Instead of rings.
    pub frames: Option<FrameSocket>,
    pub counters: DeviceCounters,
    rx_unsignalled: bool,
    segments: Vec<Segment>,
    chains: Vec<(u16, u32)>,
}

impl NetDevice {
    /// Frames can go through it.
    pub fn usable(&self) -> bool {
        self.frames.is_some() || self.backend.usable()
    }

    /// Moves frames from the guest into `frames`, at most as many as there are and as the limits let through. When the ring is
    /// empty afterwards it has asked for a kick; else (`more`) the caller must come again by itself.
    pub fn take_frames(&mut self, frames: &mut [FrameBuf], limits: Limits<'_>) -> Taken {
        if let Some(socket) = &mut self.frames {
            return socket.take(frames, limits, &mut self.counters);
        }
        let Some((ring, memory)) = self.backend.ring_and_memory(TX) else { return Taken::default() };
        let outcome = ring.and_then(|mut ring| take(&mut ring, memory, frames, limits, &mut self.segments, &mut self.counters));
        match outcome {
            Ok((taken, signal)) => {
                if signal {
                    self.backend.signal(TX);
                }
                taken
            }
            Err(e) => {
                self.ring_failed(TX, e);
                Taken::default()
            }
        }
    }

    /// Copies `frame` (given in pieces) into the guest's receive buffers. True: an interrupt is owed ([`Self::flush`]).
    pub fn deliver(&mut self, frame: &[&[u8]]) -> bool {
        if let Some(socket) = &mut self.frames {
            socket.put(frame, &mut self.counters);
            return false;
        }
        let mergeable = self.backend.mergeable();
        let Some((ring, memory)) = self.backend.ring_and_memory(RX) else {
            self.counters.drop_link_down += 1;
            return false;
        };
        let outcome = ring.and_then(|mut ring| put(&mut ring, memory, frame, mergeable, &mut self.segments, &mut self.chains));
        match outcome {
            Ok(Put::Delivered) => {
                self.counters.delivered_frames += 1;
                self.counters.delivered_bytes += frame.iter().map(|p| p.len() as u64).sum::<u64>();
                self.rx_unsignalled = true;
                return true;
            }
            Ok(Put::RingFull) => self.counters.drop_rx_ring_full += 1,
            Ok(Put::TooLong) => self.counters.drop_rx_too_long += 1,
            Err(e) => self.ring_failed(RX, e),
        }
        false
    }

    /// One interrupt for the frames delivered since the last call, if the driver wants one.
    pub fn flush(&mut self) {
        if !std::mem::take(&mut self.rx_unsignalled) {
            return;
        }
        match self.backend.ring(RX).map(|ring| ring.and_then(|mut r| r.should_signal())) {
            Some(Ok(true)) => self.backend.signal(RX),
            Some(Err(e)) => self.ring_failed(RX, e),
            Some(Ok(false)) | None => {}
        }
    }

    fn ring_failed(&mut self, ring: usize, error: RingError) {
        tracing::warn!(ring, %error, "the guest's driver broke the rules of the ring; it rests until a reset");
        self.counters.ring_errors += 1;
        self.backend.stop_ring(ring);
    }
}

fn take(
    ring: &mut Ring<'_>,
    memory: &GuestMem,
    frames: &mut [FrameBuf],
    mut limits: Limits<'_>,
    segments: &mut Vec<Segment>,
    counters: &mut DeviceCounters,
) -> Result<(Taken, bool), RingError> {
    let mut taken = Taken { frames: 0, more: true, waits: None };
    ring.refuse_kicks()?;
    // Malformed chains take no buffer, so it is the chains that are bounded.
    for _ in 0..frames.len() {
        if !limits.share.has_some() {
            break;
        }
        segments.clear();
        let head = match ring.pop(segments)? {
            Some(head) => head,
            None if ring.ask_for_kick()? => continue,
            None => {
                taken.more = false;
                break;
            }
        };
        let readable = segments.iter().filter(|s| !s.writable).map(|s| u64::from(s.bytes)).sum::<u64>();
        let bytes = readable.saturating_sub(HEADER_BYTES as u64).min(FRAME_BYTES_COUNTED_MAX);
        if let Some((packets_left, bytes_left)) = &mut limits.rate {
            if *packets_left == 0 || *bytes_left < bytes {
                ring.rewind(1);
                taken.waits = Some(bytes as usize);
                break;
            }
            (*packets_left, *bytes_left) = (*packets_left - 1, *bytes_left - bytes);
        }
        limits.share.took(bytes as usize);
        let frame = &mut frames[taken.frames];
        match copy_in(memory, segments, frame.space())? {
            Some(len) => {
                frame.set_len(len);
                taken.frames += 1;
            }
            None => counters.drop_tx_malformed += 1,
        }
        ring.push_used(head, 0)?;
    }
    ring.publish()?;
    Ok((taken, ring.should_signal()?))
}

/// The frame behind the 12-byte header; `None` when it is not one that was agreed on.
fn copy_in(memory: &GuestMem, segments: &[Segment], space: &mut [u8]) -> Result<Option<usize>, RingError> {
    let mut header = [0u8; HEADER_BYTES];
    let (mut at, mut ok) = (0usize, true);
    for s in segments.iter().filter(|s| !s.writable) {
        let bytes = s.bytes as usize;
        let slice = memory.slice(s.addr, bytes).ok_or(RingError::Buffer)?;
        let header_part = HEADER_BYTES.saturating_sub(at).min(bytes);
        if header_part > 0 {
            slice.copy_to(&mut header[at..at + header_part]);
        }
        let body = slice.offset(header_part).map_err(|_| RingError::Buffer)?;
        let start = (at + header_part).saturating_sub(HEADER_BYTES);
        match space.get_mut(start..start + body.len()) {
            Some(target) => {
                body.copy_to(target);
            }
            None => ok = false,
        }
        at += bytes;
    }
    ok &= at > HEADER_BYTES && header[0] & 1 == 0 && header[GSO_TYPE_AT] == 0;
    Ok(ok.then(|| at - HEADER_BYTES))
}

enum Put {
    Delivered,
    RingFull,
    TooLong,
}

fn put(
    ring: &mut Ring<'_>,
    memory: &GuestMem,
    frame: &[&[u8]],
    mergeable: bool,
    segments: &mut Vec<Segment>,
    chains: &mut Vec<(u16, u32)>,
) -> Result<Put, RingError> {
    let frame_bytes: usize = frame.iter().map(|p| p.len()).sum();
    let mut wanted = HEADER_BYTES + frame_bytes;
    segments.clear();
    chains.clear();
    while wanted > 0 {
        if chains.len() == CHAINS_PER_FRAME_MAX || (!mergeable && chains.len() == 1) {
            ring.rewind(chains.len() as u16);
            return Ok(Put::TooLong);
        }
        let first = segments.len();
        let Some(head) = ring.pop(segments)? else {
            ring.rewind(chains.len() as u16);
            return Ok(Put::RingFull);
        };
        let room: usize = segments[first..].iter().filter(|s| s.writable).map(|s| s.bytes as usize).sum();
        // A first buffer that cannot hold the header, or one without room, would never carry anything.
        if room == 0 || (chains.is_empty() && room < HEADER_BYTES) {
            return Err(RingError::Buffer);
        }
        let written = room.min(wanted);
        chains.push((head, written as u32));
        wanted -= written;
    }
    let mut header = [0u8; HEADER_BYTES];
    header[10..12].copy_from_slice(&(chains.len() as u16).to_le_bytes());
    let mut pieces = std::iter::once(&header[..]).chain(frame.iter().copied());
    let mut piece: &[u8] = pieces.next().unwrap_or_default();
    'segments: for s in segments.iter().filter(|s| s.writable) {
        let mut target = memory.slice(s.addr, s.bytes as usize).ok_or(RingError::Buffer)?;
        while !target.is_empty() {
            while piece.is_empty() {
                match pieces.next() {
                    Some(p) => piece = p,
                    None => break 'segments,
                }
            }
            let n = piece.len().min(target.len());
            let (now, later) = piece.split_at(n);
            target.subslice(0, n).map_err(|_| RingError::Buffer)?.copy_from(now);
            target = target.offset(n).map_err(|_| RingError::Buffer)?;
            piece = later;
        }
    }
    for &(head, written) in chains.iter() {
        ring.push_used(head, written)?;
    }
    ring.publish()?;
    Ok(Put::Delivered)
}
