//! The device's side of a split virtqueue (virtio 1.2 section 2.7) in guest memory.
//!
//! [`RingState`] is what lasts; [`Ring`] borrows it with the guest's memory for one batch, so that the three tables are
//! looked up once a batch. Used entries are written first and published together: a frame that spans several receive
//! buffers becomes visible to the driver at once. Everything read from the guest is an index or address to be checked;
//! a ring that breaks the rules gives a [`RingError`] and is not used again until the driver resets it.

use super::memory::GuestMem;
use std::sync::atomic::{Ordering, fence};
use vm_memory::{Bytes, VolatileSlice};

const DESC_BYTES: usize = 16;
const F_NEXT: u16 = 1;
const F_WRITE: u16 = 2;
const F_INDIRECT: u16 = 4;
const AVAIL_NO_INTERRUPT: u16 = 1;
const USED_NO_NOTIFY: u16 = 1;
/// Descriptors in one chain; QEMU's own bound (VIRTQUEUE_MAX_SIZE).
const CHAIN_MAX: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    #[error("the ring's tables are not in guest memory or not aligned")]
    Tables,
    #[error("the driver offers more buffers than the ring holds")]
    AvailableIndex,
    #[error("a descriptor index is outside its table")]
    DescriptorIndex,
    #[error("a descriptor chain is longer than 1024 or loops")]
    ChainLength,
    #[error("an indirect table is misshapen or nested")]
    Indirect,
    #[error("a buffer lies outside guest memory")]
    Buffer,
}

/// A piece of guest memory that a descriptor names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    pub addr: u64,
    pub bytes: u32,
    pub writable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingState {
    pub size: u16,
    pub event_idx: bool,
    /// Guest-physical addresses of the three tables.
    pub descriptors: u64,
    pub available: u64,
    pub used: u64,
    pub next_avail: u16,
    pub next_used: u16,
    /// The used index of the last decision about an interrupt.
    pub signalled_used: u16,
}

#[derive(Debug)]
pub struct Ring<'a> {
    mem: &'a GuestMem,
    state: &'a mut RingState,
    descriptors: VolatileSlice<'a>,
    available: VolatileSlice<'a>,
    used: VolatileSlice<'a>,
    avail_idx: u16,
}

impl<'a> Ring<'a> {
    pub fn open(mem: &'a GuestMem, state: &'a mut RingState) -> Result<Self, RingError> {
        let n = usize::from(state.size);
        let table = |addr: u64, bytes: usize, align: u64| {
            if addr.is_multiple_of(align) { mem.slice(addr, bytes).ok_or(RingError::Tables) } else { Err(RingError::Tables) }
        };
        let descriptors = table(state.descriptors, n * DESC_BYTES, 16)?;
        let available = table(state.available, 6 + 2 * n, 2)?;
        let used = table(state.used, 6 + 8 * n, 4)?;
        let mut ring = Self { mem, state, descriptors, available, used, avail_idx: 0 };
        ring.refresh()?;
        Ok(ring)
    }

    /// Looks again how far the driver has got; returns how many chains are waiting.
    pub fn refresh(&mut self) -> Result<u16, RingError> {
        self.avail_idx = load(&self.available, 2, Ordering::Acquire)?;
        let waiting = self.avail_idx.wrapping_sub(self.state.next_avail);
        if waiting > self.state.size { Err(RingError::AvailableIndex) } else { Ok(waiting) }
    }

    /// Takes the next chain: appends its segments and returns its head; `None` when there is none.
    pub fn pop(&mut self, segments: &mut Vec<Segment>) -> Result<Option<u16>, RingError> {
        if self.avail_idx == self.state.next_avail && self.refresh()? == 0 {
            return Ok(None);
        }
        let slot = usize::from(self.state.next_avail & (self.state.size - 1));
        let head: u16 = load(&self.available, 4 + 2 * slot, Ordering::Relaxed)?;
        self.state.next_avail = self.state.next_avail.wrapping_add(1);
        self.walk(head, segments)?;
        Ok(Some(head))
    }

    /// Gives back the last `n` chains taken: they will be popped again.
    pub fn rewind(&mut self, n: u16) {
        self.state.next_avail = self.state.next_avail.wrapping_sub(n);
    }

    fn walk(&self, head: u16, segments: &mut Vec<Segment>) -> Result<(), RingError> {
        let (mut table, mut entries, mut index, mut indirect) = (self.descriptors, usize::from(self.state.size), head, false);
        for _ in 0..CHAIN_MAX {
            if usize::from(index) >= entries {
                return Err(RingError::DescriptorIndex);
            }
            let raw: u128 = table.read_obj(usize::from(index) * DESC_BYTES).map_err(|_| RingError::Tables)?;
            let raw = u128::from_le(raw);
            let (addr, bytes, flags, next) = (raw as u64, (raw >> 64) as u32, (raw >> 96) as u16, (raw >> 112) as u16);
            if flags & F_INDIRECT != 0 {
                let len = bytes as usize;
                if indirect || flags & F_NEXT != 0 || len == 0 || !len.is_multiple_of(DESC_BYTES) || len / DESC_BYTES > CHAIN_MAX
                {
                    return Err(RingError::Indirect);
                }
                table = self.mem.slice(addr, len).ok_or(RingError::Buffer)?;
                (entries, index, indirect) = (len / DESC_BYTES, 0, true);
                continue;
            }
            segments.push(Segment { addr, bytes, writable: flags & F_WRITE != 0 });
            if flags & F_NEXT == 0 {
                return Ok(());
            }
            index = next;
        }
        Err(RingError::ChainLength)
    }

    /// Returns a chain to the driver, with the bytes written into it; visible after [`Self::publish`].
    pub fn push_used(&mut self, head: u16, written: u32) -> Result<(), RingError> {
        let slot = usize::from(self.state.next_used & (self.state.size - 1));
        let element = u64::from(head) | u64::from(written) << 32;
        self.used.write_obj(element.to_le(), 4 + 8 * slot).map_err(|_| RingError::Tables)?;
        self.state.next_used = self.state.next_used.wrapping_add(1);
        Ok(())
    }

    pub fn publish(&mut self) -> Result<(), RingError> {
        store(&self.used, 2, self.state.next_used, Ordering::Release)
    }

    /// Whether the driver wants an interrupt for what was published since the last call.
    pub fn should_signal(&mut self) -> Result<bool, RingError> {
        let (old, new) = (self.state.signalled_used, self.state.next_used);
        if old == new {
            return Ok(false);
        }
        self.state.signalled_used = new;
        // The published index must be seen before the driver's wish is read.
        fence(Ordering::SeqCst);
        if !self.state.event_idx {
            return Ok(load(&self.available, 0, Ordering::Relaxed)? & AVAIL_NO_INTERRUPT == 0);
        }
        let used_event = load(&self.available, 4 + 2 * usize::from(self.state.size), Ordering::Relaxed)?;
        Ok(new.wrapping_sub(used_event).wrapping_sub(1) < new.wrapping_sub(old))
    }

    /// Asks for a kick at the next buffer. True when one came meanwhile, for which no kick may come.
    pub fn ask_for_kick(&mut self) -> Result<bool, RingError> {
        if self.state.event_idx {
            store(&self.used, 4 + 8 * usize::from(self.state.size), self.state.next_avail, Ordering::Relaxed)?;
        } else {
            store(&self.used, 0, 0, Ordering::Relaxed)?;
        }
        fence(Ordering::SeqCst);
        Ok(self.refresh()? != 0)
    }

    /// Asks for no kicks (only a hint, and with EVENT_IDX there is nothing to say).
    pub fn refuse_kicks(&mut self) -> Result<(), RingError> {
        if self.state.event_idx { Ok(()) } else { store(&self.used, 0, USED_NO_NOTIFY, Ordering::Relaxed) }
    }
}

impl RingState {
    /// The used index as it stands in memory: where a ring goes on after its device was replaced.
    pub fn published(&self, mem: &GuestMem) -> Result<u16, RingError> {
        load(&mem.slice(self.used, 4).ok_or(RingError::Tables)?, 2, Ordering::Relaxed)
    }
}

fn load(s: &VolatileSlice<'_>, at: usize, order: Ordering) -> Result<u16, RingError> {
    s.load::<u16>(at, order).map(u16::from_le).map_err(|_| RingError::Tables)
}

fn store(s: &VolatileSlice<'_>, at: usize, v: u16, order: Ordering) -> Result<(), RingError> {
    s.store(v.to_le(), at, order).map_err(|_| RingError::Tables)
}
