//! The driver's side of the two rings, in a memory file that stands for the guest's memory.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{Ordering, fence};
use vm_memory::{Bytes, FileOffset, MmapRegion, VolatileMemory, VolatileSlice};

pub const GUEST_BASE: u64 = 0x10_0000;
const F_NEXT: u16 = 1;
const F_WRITE: u16 = 2;
const F_INDIRECT: u16 = 4;
const HEADER_BYTES: usize = 12;

/// Guest memory: a sealed memory file, mapped.
#[derive(Debug)]
pub struct Memory {
    pub file: File,
    pub region: MmapRegion,
}

impl Memory {
    pub fn new(bytes: usize, sealed: bool) -> io::Result<Self> {
        // SAFETY: a static name and integer flags; the result is checked and owned by nobody else.
        let file = unsafe {
            let fd = libc::memfd_create(c"test-guest".as_ptr(), libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING);
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            File::from(OwnedFd::from_raw_fd(fd))
        };
        file.set_len(bytes as u64)?;
        if sealed {
            // SAFETY: fcntl with integer arguments on an owned descriptor.
            let r = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, libc::F_SEAL_SHRINK | libc::F_SEAL_GROW) };
            if r < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        let region = MmapRegion::from_file(FileOffset::new(file.try_clone()?, 0), bytes).map_err(io::Error::other)?;
        Ok(Self { file, region })
    }

    pub fn user_addr(&self, offset: usize) -> u64 {
        self.region.as_ptr() as u64 + offset as u64
    }

    fn slice(&self) -> VolatileSlice<'_> {
        self.region.as_volatile_slice()
    }

    pub fn write(&self, offset: usize, bytes: &[u8]) {
        self.slice().write_slice(bytes, offset).expect("inside the test's memory");
    }

    pub fn read(&self, offset: usize, bytes: &mut [u8]) {
        self.slice().read_slice(bytes, offset).expect("inside the test's memory");
    }

    fn load(&self, offset: usize) -> u16 {
        self.slice().load(offset, Ordering::Acquire).expect("inside the test's memory")
    }

    fn store(&self, offset: usize, v: u16) {
        self.slice().store(v, offset, Ordering::Release).expect("inside the test's memory");
    }
}

/// How a frame is laid out in descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Header and frame in one buffer.
    Single,
    /// Two chained descriptors.
    Chained,
    /// One indirect descriptor with a table of two.
    Indirect,
}

/// A ring and its buffers: slot `i` uses descriptors `2i` and `2i + 1` (so half the ring's size in slots).
#[derive(Debug)]
pub struct DriverRing {
    pub size: u16,
    pub descriptors: usize,
    pub available: usize,
    pub used: usize,
    indirect: usize,
    buffers: usize,
    buffer_bytes: usize,
    event_idx: bool,
    next_avail: u16,
    kicked_avail: u16,
    seen_used: u16,
    free: Vec<u16>,
}

impl DriverRing {
    /// Lays the ring out from `at`; returns it and the first byte after it.
    pub fn new(at: usize, size: u16, buffer_bytes: usize, event_idx: bool) -> (Self, usize) {
        let n = usize::from(size);
        let align = |v: usize| v.next_multiple_of(4096);
        let descriptors = align(at);
        let available = descriptors + 16 * n;
        let used = align(available + 6 + 2 * n);
        let indirect = align(used + 6 + 8 * n);
        let buffers = align(indirect + 32 * n);
        let end = align(buffers + n / 2 * buffer_bytes);
        let ring = Self {
            size,
            descriptors,
            available,
            used,
            indirect,
            buffers,
            buffer_bytes,
            event_idx,
            next_avail: 0,
            kicked_avail: 0,
            seen_used: 0,
            free: (0..size / 2).rev().collect(),
        };
        (ring, end)
    }

    fn buffer(&self, slot: u16) -> usize {
        self.buffers + usize::from(slot) * self.buffer_bytes
    }

    pub fn write_descriptor(&self, m: &Memory, index: u16, addr: u64, bytes: u32, flags: u16, next: u16) {
        let raw = u128::from(addr) | u128::from(bytes) << 64 | u128::from(flags) << 96 | u128::from(next) << 112;
        m.write(self.descriptors + 16 * usize::from(index), &raw.to_le_bytes());
    }

    /// Makes a chain available that begins at `head`.
    pub fn offer(&mut self, m: &Memory, head: u16) {
        let slot = usize::from(self.next_avail % self.size);
        m.write(self.available + 4 + 2 * slot, &head.to_le_bytes());
        self.next_avail = self.next_avail.wrapping_add(1);
        m.store(self.available + 2, self.next_avail);
    }

    /// Puts a frame into the ring; false when it is full.
    pub fn send(&mut self, m: &Memory, header: [u8; HEADER_BYTES], frame: &[u8], layout: Layout) -> bool {
        assert!(frame.len() + HEADER_BYTES <= self.buffer_bytes);
        if self.free.is_empty() {
            self.reap(m, |_, _| {});
        }
        let Some(slot) = self.free.pop() else { return false };
        let at = self.buffer(slot);
        m.write(at, &header);
        m.write(at + HEADER_BYTES, frame);
        let (addr, head) = (GUEST_BASE + at as u64, slot * 2);
        let (first, rest) = (HEADER_BYTES as u32, frame.len() as u32);
        match layout {
            Layout::Single => self.write_descriptor(m, head, addr, first + rest, 0, 0),
            Layout::Chained => {
                self.write_descriptor(m, head, addr, first, F_NEXT, head + 1);
                self.write_descriptor(m, head + 1, addr + u64::from(first), rest, 0, 0);
            }
            Layout::Indirect => {
                let table = self.indirect + 32 * usize::from(slot);
                let entry = |a: u64, n: u32, flags: u16, next: u16| {
                    (u128::from(a) | u128::from(n) << 64 | u128::from(flags) << 96 | u128::from(next) << 112).to_le_bytes()
                };
                m.write(table, &entry(addr, first, F_NEXT, 1));
                m.write(table + 16, &entry(addr + u64::from(first), rest, 0, 0));
                self.write_descriptor(m, head, GUEST_BASE + table as u64, 32, F_INDIRECT, 0);
            }
        }
        self.offer(m, head);
        true
    }

    /// Offers every free slot as a receive buffer.
    pub fn refill(&mut self, m: &Memory) {
        while let Some(slot) = self.free.pop() {
            self.write_descriptor(m, slot * 2, GUEST_BASE + self.buffer(slot) as u64, self.buffer_bytes as u32, F_WRITE, 0);
            self.offer(m, slot * 2);
        }
    }

    /// Takes what the device returned: the slot is free again after `each` saw it and the bytes written.
    pub fn reap(&mut self, m: &Memory, mut each: impl FnMut(usize, usize)) {
        let used = m.load(self.used + 2);
        while self.seen_used != used {
            let slot = usize::from(self.seen_used % self.size);
            let mut e = [0u8; 8];
            m.read(self.used + 4 + 8 * slot, &mut e);
            let e = u64::from_le_bytes(e);
            let slot = (e as u32 / 2) as u16;
            each(self.buffer(slot), (e >> 32) as usize);
            self.free.push(slot);
            self.seen_used = self.seen_used.wrapping_add(1);
        }
    }

    /// One received frame: as many buffers as its header says, put together.
    pub fn receive(&mut self, m: &Memory) -> Option<Vec<u8>> {
        let used = m.load(self.used + 2);
        if self.seen_used == used {
            return None;
        }
        let mut frame = Vec::new();
        let mut buffers = 1;
        while buffers > 0 {
            assert_ne!(self.seen_used, used, "a frame's buffers are published together");
            let mut e = [0u8; 8];
            m.read(self.used + 4 + 8 * usize::from(self.seen_used % self.size), &mut e);
            let e = u64::from_le_bytes(e);
            let (slot, written) = ((e as u32 / 2) as u16, (e >> 32) as usize);
            let mut piece = vec![0; written];
            m.read(self.buffer(slot), &mut piece);
            if frame.is_empty() {
                buffers = u16::from_le_bytes([piece[10], piece[11]]);
                piece.drain(..HEADER_BYTES);
            }
            frame.append(&mut piece);
            buffers -= 1;
            self.free.push(slot);
            self.seen_used = self.seen_used.wrapping_add(1);
        }
        Some(frame)
    }

    pub fn has_received(&self, m: &Memory) -> bool {
        m.load(self.used + 2) != self.seen_used
    }

    /// Chains that the device has not returned yet.
    pub fn in_flight(&self, m: &Memory) -> u16 {
        self.next_avail.wrapping_sub(m.load(self.used + 2))
    }

    /// Asks for an interrupt at the next returned buffer; true when one was returned meanwhile.
    pub fn ask_for_interrupt(&self, m: &Memory) -> bool {
        if self.event_idx {
            m.store(self.available + 4 + 2 * usize::from(self.size), self.seen_used);
        }
        fence(Ordering::SeqCst);
        m.load(self.used + 2) != self.seen_used
    }

    /// Whether the device wants a kick for what was offered since the last call.
    pub fn should_kick(&mut self, m: &Memory) -> bool {
        fence(Ordering::SeqCst);
        let (old, new) = (self.kicked_avail, self.next_avail);
        self.kicked_avail = new;
        if old == new {
            return false;
        }
        if !self.event_idx {
            return m.load(self.used) & 1 == 0;
        }
        let event = m.load(self.used + 4 + 8 * usize::from(self.size));
        new.wrapping_sub(event).wrapping_sub(1) < new.wrapping_sub(old)
    }

    /// Where a new device must go on, as QEMU does after a device died: everything returned counts as taken.
    pub fn base(&self, m: &Memory) -> u16 {
        m.load(self.used + 2)
    }
}
