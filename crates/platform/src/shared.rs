//! Memory that a client lends to a server, so that payloads need not go through their socket: calls' payloads are laid down
//! once and read where they lie, by one server or by several; answers' payloads are laid down by the server where the client
//! reads them.
//!
//! ```text
//!  Lender ─► Arena (a sealed memfd, mapped) ─► Slot: filled, then frozen ─► Bytes, lent with a call ─► dropped: free again
//!              └── its descriptor goes along when a connection is made ─► View (mapped read-only) ─► Bytes
//!  another ─► Arena ─► Slot, lent empty with a call ───────────── answered ─► Bytes ─► dropped: free again
//!              └─────────────────────────────────────────► View (mapped to be written) ─► Room, filled
//! ```
//! What is lent is not changed until the server has answered, and what is lent to be filled is not looked at. If the answer
//! will never be known, as the connection is lost, the arena is *retired*: none of its slots is used again, a new arena takes
//! its place, and the old one goes when the last of its slots does. A server keeps nothing of what is lent beyond its answer.
//! Each trusts its peer (the same user) to keep to that, and nothing else: it checks that the memory cannot shrink under it,
//! and every range. Servers that share an arena could write into each other's answers, so what is laid down there must prove
//! itself (the storage nodes' bytes are sealed); what travels to them lies in an arena that they cannot write to.

use bytes::Bytes;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard};

/// What a server maps for one connection, at most.
const VIEW_BYTES_MAX: u64 = 256 << 20;
const PAGE_BYTES: usize = 4096;
const SEALS: libc::c_int = libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_SEAL;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

/// A mapping of a whole file; unmapped when dropped.
struct Mapping {
    base: NonNull<u8>,
    bytes: usize,
}

// SAFETY: it is an address range that lives as long as the value; who may touch which part is its owners' affair.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    fn new(file: &impl AsRawFd, bytes: usize, protection: libc::c_int) -> io::Result<Self> {
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory that is in use.
        let at = unsafe { libc::mmap(std::ptr::null_mut(), bytes, protection, libc::MAP_SHARED, file.as_raw_fd(), 0) };
        match NonNull::new(at.cast::<u8>()) {
            Some(base) if at != libc::MAP_FAILED => Ok(Self { base, bytes }),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn offset_of(&self, bytes: &[u8]) -> Option<u64> {
        let offset = (bytes.as_ptr() as usize).checked_sub(self.base.as_ptr() as usize)?;
        (offset.checked_add(bytes.len())? <= self.bytes).then_some(offset as u64)
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: made by mmap with this length, and nothing refers to it any more.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.bytes) };
    }
}

// ---------------------------------------------------------------------------------------------------------- client

/// Lends memory, always of the arena that is not retired. Cheap to clone.
#[derive(Clone)]
pub struct Lender {
    shape: Shape,
    current: Arc<Mutex<Option<Arc<Arena>>>>,
}

#[derive(Clone, Copy)]
struct Shape {
    slot_bytes: usize,
    slots: usize,
}

pub struct Arena {
    file: File,
    mapping: Mapping,
    slot_bytes: usize,
    state: Mutex<ArenaState>,
}

struct ArenaState {
    /// The one used last is used next: its pages are there, and in the processor's cache.
    free: Vec<usize>,
    retired: bool,
}

/// Memory that nobody else has now.
pub struct Slot {
    arena: Arc<Arena>,
    number: usize,
    bytes: usize,
}

impl std::fmt::Debug for Lender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lender({} x {} bytes)", self.shape.slots, self.shape.slot_bytes)
    }
}

impl Lender {
    /// `slots` payloads of at most `slot_bytes` at a time. Takes memory only as it is used.
    pub fn new(slot_bytes: usize, slots: usize) -> Self {
        let shape = Shape { slot_bytes: slot_bytes.next_multiple_of(PAGE_BYTES), slots };
        assert!((shape.slot_bytes * slots) as u64 <= VIEW_BYTES_MAX, "more than a server maps");
        Self { shape, current: Arc::default() }
    }

    /// A copy that can be lent. None: all slots are in use, or it is too long, or the kernel gives no such memory.
    pub fn copy(&self, bytes: &[u8]) -> Option<Bytes> {
        let slot = (bytes.len() <= self.shape.slot_bytes).then(|| self.arena())??.take(bytes.len())?;
        let at = slot.arena.at(slot.number);
        // SAFETY: the slot is ours alone, in this process by the list of free ones and in others by the lending rule, and
        // has room for so many bytes; `bytes` is no part of it, as nobody has a reference to it.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), at.as_ptr(), bytes.len()) };
        Some(Bytes::from_owner(slot))
    }

    /// A slot to be filled by whom it is lent to. None: all are in use, or the kernel gives no such memory.
    pub fn room(&self) -> Option<Slot> {
        self.arena()?.take(self.shape.slot_bytes)
    }

    /// Are these bytes lent, by what is not retired?
    pub fn has(&self, bytes: &[u8]) -> bool {
        locked(&self.current).as_ref().is_some_and(|a| !a.is_retired() && a.offset_of(bytes).is_some())
    }

    /// The arena to be lent from now on. None: the kernel gives no such memory.
    pub fn arena(&self) -> Option<Arc<Arena>> {
        let mut current = locked(&self.current);
        if current.as_ref().is_none_or(|a| a.is_retired()) {
            *current = match Arena::new(self.shape) {
                Ok(arena) => Some(Arc::new(arena)),
                Err(e) => {
                    tracing::warn!(error = %e, "no memory can be shared: payloads go through the sockets");
                    None
                }
            };
        }
        current.clone()
    }
}

impl Arena {
    fn new(shape: Shape) -> io::Result<Self> {
        let bytes = shape.slot_bytes * shape.slots;
        // SAFETY: the name is a string with an end; the call touches nothing else.
        let fd = unsafe { libc::memfd_create(c"payloads".as_ptr(), libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: a new descriptor that nobody else owns.
        let file = unsafe { File::from_raw_fd(fd) };
        file.set_len(bytes as u64)?;
        // SAFETY: takes a descriptor and integers.
        if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, SEALS) } != 0 {
            return Err(io::Error::last_os_error());
        }
        let mapping = Mapping::new(&file, bytes, libc::PROT_READ | libc::PROT_WRITE)?;
        let state = ArenaState { free: (0..shape.slots).rev().collect(), retired: false };
        Ok(Self { file, mapping, slot_bytes: shape.slot_bytes, state: Mutex::new(state) })
    }

    fn take(self: &Arc<Self>, bytes: usize) -> Option<Slot> {
        let mut state = locked(&self.state);
        let number = if state.retired { None } else { state.free.pop() }?;
        drop(state);
        Some(Slot { arena: self.clone(), number, bytes })
    }

    fn at(&self, number: usize) -> NonNull<u8> {
        // SAFETY: `number` is one of the slots that the mapping was made for.
        unsafe { self.mapping.base.add(number * self.slot_bytes) }
    }

    /// Where in the arena these bytes lie; none: they lie elsewhere.
    pub fn offset_of(&self, bytes: &[u8]) -> Option<u64> {
        self.mapping.offset_of(bytes)
    }

    /// Nobody knows any more who reads it, so nothing is written to it again.
    pub fn retire(&self) {
        locked(&self.state).retired = true;
    }

    pub fn is_retired(&self) -> bool {
        locked(&self.state).retired
    }
}

impl AsRawFd for Arena {
    fn as_raw_fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }
}

impl Slot {
    /// Where in its arena it is, and its length.
    pub fn place(&self) -> (u64, u32) {
        ((self.number * self.arena.slot_bytes) as u64, self.bytes as u32)
    }

    pub fn is_of(&self, arena: &Arc<Arena>) -> bool {
        Arc::ptr_eq(&self.arena, arena)
    }

    /// What was laid down there, once it was answered. None: that is no part of the slot.
    pub fn filled(self, offset: u64, bytes: u32) -> Option<Bytes> {
        let from = usize::try_from(offset.checked_sub(self.place().0)?).ok()?;
        let to = from.checked_add(bytes as usize).filter(|to| *to <= self.bytes)?;
        Some(Bytes::from_owner(self).slice(from..to))
    }
}

impl AsRef<[u8]> for Slot {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: within the mapping. Written by `Lender::copy`, or by a server that has answered since; nothing writes to it
        // while it is taken, but for a peer that breaks the lending rule: then the bytes are wrong as if it had sent wrong
        // ones, and all that is done with them is to copy, to sum and to open them.
        unsafe { std::slice::from_raw_parts(self.arena.at(self.number).as_ptr(), self.bytes) }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        locked(&self.arena.state).free.push(self.number);
    }
}

// ---------------------------------------------------------------------------------------------------------- server

/// Memory that a peer lends.
pub struct View {
    mapping: Mapping,
    writable: bool,
}

/// Memory of a peer's, to be filled for it.
pub struct Room {
    view: Arc<View>,
    offset: usize,
    bytes: usize,
}

/// Keeps the memory mapped.
struct Lent {
    view: Arc<View>,
    offset: usize,
    bytes: usize,
}

impl View {
    /// Of a descriptor that came with a connection; to be read, or to be written too.
    pub fn open(fd: OwnedFd, writable: bool) -> io::Result<Arc<Self>> {
        // SAFETY: takes a descriptor and integers.
        let seals = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GET_SEALS) };
        if seals < 0 || seals & SEALS != SEALS {
            return Err(io::Error::other("lent memory that could shrink"));
        }
        let file = File::from(fd);
        let bytes = file.metadata()?.len();
        if bytes == 0 || bytes > VIEW_BYTES_MAX {
            return Err(io::Error::other(format!("{bytes} bytes of lent memory")));
        }
        let protection = if writable { libc::PROT_READ | libc::PROT_WRITE } else { libc::PROT_READ };
        Ok(Arc::new(Self { mapping: Mapping::new(&file, bytes as usize, protection)?, writable }))
    }

    /// None: there is no such range, or it is not to be written.
    pub fn room(self: &Arc<Self>, offset: u64, bytes: u32) -> Option<Room> {
        let (offset, bytes) = (usize::try_from(offset).ok()?, bytes as usize);
        (self.writable && offset.checked_add(bytes)? <= self.mapping.bytes).then(|| Room { view: self.clone(), offset, bytes })
    }

    /// Where in it these bytes lie; none: they lie elsewhere.
    pub fn offset_of(&self, bytes: &[u8]) -> Option<u64> {
        self.mapping.offset_of(bytes)
    }

    /// None: there is no such range.
    pub fn bytes(self: &Arc<Self>, offset: u64, bytes: u32) -> Option<Bytes> {
        let (offset, bytes) = (usize::try_from(offset).ok()?, bytes as usize);
        (offset.checked_add(bytes)? <= self.mapping.bytes).then(|| Bytes::from_owner(Lent { view: self.clone(), offset, bytes }))
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: within the mapping, which cannot shrink. The peer does not write to it until it was answered; if it did,
        // the bytes would be wrong as if it had sent wrong ones, and all that is done with them is to copy and to sum them.
        unsafe { std::slice::from_raw_parts(self.view.mapping.base.as_ptr().add(self.offset), self.bytes) }
    }
}

impl Room {
    /// Its memory, which begins at a page if the peer laid it out so.
    pub fn memory(&mut self) -> &mut [u8] {
        // SAFETY: within the mapping, which cannot shrink and is mapped to be written. The peer leaves it alone and lends it to
        // nobody else until it was answered; if it did not, the bytes would be wrong, which whoever reads them has to check.
        unsafe { std::slice::from_raw_parts_mut(self.view.mapping.base.as_ptr().add(self.offset), self.bytes) }
    }

    /// A part of what was laid down there; the server knows by where it lies that it need not be sent.
    pub fn freeze(self, range: std::ops::Range<usize>) -> Bytes {
        let Self { view, offset, bytes } = self;
        Bytes::from_owner(Lent { view, offset, bytes }).slice(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptors::{receive_byte, send_byte};
    use std::os::unix::net::UnixStream;

    fn handed_over(fd: RawFd) -> OwnedFd {
        let (a, b) = UnixStream::pair().unwrap();
        send_byte(a.as_raw_fd(), 7, Some(fd)).unwrap();
        let (byte, fd) = receive_byte(b.as_raw_fd()).unwrap().unwrap();
        assert_eq!(byte, 7);
        drop(a);
        assert!(receive_byte(b.as_raw_fd()).unwrap().is_none());
        fd.unwrap()
    }

    #[test]
    fn what_is_lent_is_seen_and_used_again_when_dropped() {
        let lender = Lender::new(10_000, 2);
        let arena = lender.arena().unwrap();
        let view = View::open(handed_over(arena.as_raw_fd()), false).unwrap();
        let (first, second) = (lender.copy(b"hello").unwrap(), lender.copy(&[9; 10_000]).unwrap());
        assert_eq!(lender.copy(b"no slot is left"), None);
        assert_eq!(lender.copy(&[0; 20_000]), None, "too long");
        let at = |bytes: &[u8]| arena.offset_of(bytes).unwrap();
        assert_eq!(at(&first) % 4096, 0);
        let seen = view.bytes(at(&first), 5).unwrap();
        drop(view.clone());
        assert_eq!(&seen[..], b"hello");
        assert_eq!(view.bytes(at(&second[5..]), 9_995).unwrap(), second[5..]);
        assert_eq!(arena.offset_of(b"elsewhere"), None);
        let place = at(&first);
        drop(first);
        assert_eq!(at(&lender.copy(b"again").unwrap()), place);
        for (offset, bytes) in [(0, u32::MAX), (u64::MAX, 1), (2 * 12_288, 1), (2 * 12_288 - 1, 2)] {
            assert!(view.bytes(offset, bytes).is_none(), "{offset} {bytes}");
        }
        assert!(view.bytes(2 * 12_288 - 1, 1).is_some());
    }

    #[test]
    fn a_retired_arena_is_not_written_to_again() {
        let lender = Lender::new(100, 1);
        let held = lender.copy(b"first").unwrap();
        let old = lender.arena().unwrap();
        old.retire();
        let other = lender.copy(b"other").unwrap();
        assert!(old.offset_of(&held).is_some() && old.offset_of(&other).is_none());
        drop(other);
        assert!(lender.arena().unwrap().offset_of(&lender.copy(b"third").unwrap()).is_some());
        assert_eq!(&held[..], b"first");
    }

    #[test]
    fn a_slot_is_filled_by_whom_it_is_lent_to() {
        let lender = Lender::new(10_000, 1);
        let arena = lender.arena().unwrap();
        let slot = lender.room().unwrap();
        assert!(lender.room().is_none() && slot.is_of(&arena));
        let (offset, bytes) = slot.place();
        assert_eq!((offset % 4096, bytes), (0, 12_288));
        let reading = View::open(handed_over(arena.as_raw_fd()), false).unwrap();
        assert!(reading.room(offset, bytes).is_none(), "only to be read");
        let view = View::open(handed_over(arena.as_raw_fd()), true).unwrap();
        assert!(view.room(offset + 1, bytes).is_none(), "longer than the memory");
        let mut room = view.room(offset, bytes).unwrap();
        room.memory()[5..10].copy_from_slice(b"hello");
        let laid = room.freeze(5..10);
        assert_eq!((view.offset_of(&laid), view.offset_of(b"elsewhere")), (Some(offset + 5), None));
        let seen = slot.filled(offset + 5, 5).unwrap();
        assert_eq!(&seen[..], b"hello");
        assert!(lender.room().is_none(), "in use until it is dropped");
        drop(seen);
        for (at, bytes) in [(1, 12_288), (u64::MAX, 1), (0, u32::MAX)] {
            assert!(lender.room().unwrap().filled(at, bytes).is_none(), "{at} {bytes}");
        }
    }

    #[test]
    fn memory_that_could_shrink_is_refused() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(4096).unwrap();
        assert!(View::open(handed_over(file.as_raw_fd()), true).is_err());
    }
}
