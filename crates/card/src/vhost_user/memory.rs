//! The guest's memory, mapped into the card.
//!
//! A front end may describe anything; what is mapped is checked: whole pages, no overlap (in guest or front-end
//! addresses), inside the file, and the file sealed against shrinking: a file that its owner could truncate would kill
//! the card with SIGBUS at the next access. QEMU's `memory-backend-memfd` is sealed by default.

use super::message::RegionSpec;
use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use vm_memory::mmap::MmapRegionError;
use vm_memory::{
    FileOffset, GuestAddress, GuestMemoryBackend, GuestMemoryMmap, GuestMemoryRegion, GuestRegionCollectionError,
    GuestRegionMmap, MmapRegion, VolatileSlice,
};

const PAGE_BYTES: u64 = 4096;

#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    #[error("memory region at {0:#x} is empty, not of whole pages, or ends beyond the address space")]
    Bounds(u64),
    #[error("the memory region at {0:#x} ends beyond its file")]
    BeyondFile(u64),
    #[error("cannot look at the memory's file")]
    Stat(#[source] std::io::Error),
    #[error("memory regions overlap in the front end's address space")]
    UserOverlap,
    #[error("the memory's file is not sealed against shrinking (use memory-backend-memfd)")]
    NotSealed,
    #[error("cannot map the memory region at {guest_addr:#x}")]
    Map { guest_addr: u64, source: MmapRegionError },
    #[error("memory regions overlap in the guest's address space")]
    GuestOverlap(#[source] GuestRegionCollectionError),
}

#[derive(Debug)]
pub struct GuestMem {
    map: GuestMemoryMmap,
    regions: Vec<RegionSpec>,
}

impl GuestMem {
    /// Maps one file a region.
    pub fn map(regions: Vec<RegionSpec>, fds: Vec<OwnedFd>) -> Result<Self, MemoryError> {
        for r in &regions {
            let whole_pages = [r.guest_addr, r.size_bytes, r.file_offset].iter().all(|v| v % PAGE_BYTES == 0);
            let ends = [r.guest_addr, r.user_addr, r.file_offset].iter().all(|v| v.checked_add(r.size_bytes).is_some());
            if r.size_bytes == 0 || !whole_pages || !ends || r.size_bytes > isize::MAX as u64 {
                return Err(MemoryError::Bounds(r.guest_addr));
            }
        }
        let mut by_user: Vec<_> = regions.iter().map(|r| (r.user_addr, r.user_addr + r.size_bytes)).collect();
        by_user.sort_unstable();
        if by_user.windows(2).any(|w| w[0].1 > w[1].0) {
            return Err(MemoryError::UserOverlap);
        }
        let mut mapped = Vec::with_capacity(regions.len());
        for (r, fd) in regions.iter().zip(fds) {
            if !sealed_against_shrinking(&fd) {
                return Err(MemoryError::NotSealed);
            }
            let file = File::from(fd);
            // Sealed, so what holds now holds for ever.
            if file.metadata().map_err(MemoryError::Stat)?.len() < r.file_offset + r.size_bytes {
                return Err(MemoryError::BeyondFile(r.guest_addr));
            }
            let error = |source| MemoryError::Map { guest_addr: r.guest_addr, source };
            let region = MmapRegion::from_file(FileOffset::new(file, r.file_offset), r.size_bytes as usize).map_err(error)?;
            mapped.push(GuestRegionMmap::new(region, GuestAddress(r.guest_addr)).ok_or(MemoryError::Bounds(r.guest_addr))?);
        }
        mapped.sort_by_key(|r| vm_memory::GuestMemoryRegion::start_addr(r).0);
        let map = GuestMemoryMmap::from_regions(mapped).map_err(MemoryError::GuestOverlap)?;
        Ok(Self { map, regions })
    }

    /// `bytes` of guest memory at a guest-physical address; `None` outside the guest or across a region's end.
    pub fn slice(&self, addr: u64, bytes: usize) -> Option<VolatileSlice<'_>> {
        self.map.get_slice(GuestAddress(addr), bytes).ok()
    }

    /// As the front end gave them: regions and their files.
    pub fn parts(&self) -> std::io::Result<(&[RegionSpec], Vec<OwnedFd>)> {
        let file_of = |r: &RegionSpec| {
            let region = self.map.find_region(GuestAddress(r.guest_addr));
            let file = region.and_then(|m| m.file_offset()).ok_or(std::io::ErrorKind::NotFound)?;
            Ok(file.file().try_clone()?.into())
        };
        let files = self.regions.iter().map(file_of).collect::<std::io::Result<_>>()?;
        Ok((&self.regions, files))
    }

    /// The guest-physical address of a front-end address, if `bytes` from there lie in one region.
    pub fn guest_addr(&self, user_addr: u64, bytes: u64) -> Option<u64> {
        let r = self.regions.iter().find(|r| user_addr >= r.user_addr && user_addr - r.user_addr < r.size_bytes)?;
        let offset = user_addr - r.user_addr;
        (bytes <= r.size_bytes - offset).then(|| r.guest_addr + offset)
    }
}

fn sealed_against_shrinking(fd: &OwnedFd) -> bool {
    // SAFETY: F_GET_SEALS takes no pointer; a file that cannot be sealed makes it fail.
    let seals = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GET_SEALS) };
    seals >= 0 && seals & libc::F_SEAL_SHRINK != 0
}
