//! The system calls that the standard library has no words for. The only unsafe code of the node.

use std::fs::File;
use std::io::{self, IoSlice};
use std::os::fd::AsRawFd;

/// Slices in one pwritev(2), at most (IOV_MAX of Linux).
const PIECES_MAX: usize = 1024;
/// cachestat(2), by the one number that it has everywhere (`asm-generic/unistd.h` of Linux 6.5); libc has no name for it yet.
const SYS_CACHESTAT: libc::c_long = 451;

pub fn write_all_at(file: &File, mut offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<()> {
    let mut pieces = pieces.to_vec();
    let mut left = &mut pieces[..];
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        let count = left.len().min(PIECES_MAX);
        let at = i64::try_from(offset).map_err(io::Error::other)?;
        // SAFETY: IoSlice is guaranteed to have iovec's layout; the slices live through the call, and `count` of them are there.
        let n = unsafe { libc::pwritev(file.as_raw_fd(), left.as_ptr().cast(), count as libc::c_int, at) };
        match n {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            1.. => {
                offset += n as u64;
                IoSlice::advance_slices(&mut left, n as usize);
            }
            _ => {
                let e = io::Error::last_os_error();
                if e.kind() != io::ErrorKind::Interrupted {
                    return Err(e);
                }
            }
        }
    }
    Ok(())
}

pub fn punch_hole(file: &File, offset: u64, bytes: u64) -> io::Result<()> {
    let (offset, bytes) = (i64::try_from(offset).map_err(io::Error::other)?, i64::try_from(bytes).map_err(io::Error::other)?);
    let mode = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    // SAFETY: takes an open descriptor and integers.
    match unsafe { libc::fallocate(file.as_raw_fd(), mode, offset, bytes) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

pub fn drop_cache(file: &File) -> io::Result<()> {
    // SAFETY: takes an open descriptor and integers.
    match unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) } {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}

/// How many of the range's pages are in the page cache. `Unsupported` (ENOSYS): Linux says it since 6.5. Source: cachestat(2).
pub fn cached_pages(file: &File, offset: u64, bytes: u64) -> io::Result<u64> {
    let range = [offset, bytes];
    // cached, dirty, under writeback, evicted, evicted recently
    let mut counts = [0_u64; 5];
    // SAFETY: takes an open descriptor; both structures are arrays of u64 of these lengths, and live through the call.
    match unsafe { libc::syscall(SYS_CACHESTAT, file.as_raw_fd(), range.as_ptr(), counts.as_mut_ptr(), 0) } {
        0 => Ok(counts[0]),
        _ => Err(io::Error::last_os_error()),
    }
}

pub struct Space {
    /// For a user without privileges.
    pub free_bytes: u64,
    pub total_bytes: u64,
}

/// Of the file system that holds `file`.
pub fn space(file: &File) -> io::Result<Space> {
    let mut out = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: `out` has room for what the call writes.
    if unsafe { libc::fstatvfs(file.as_raw_fd(), out.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so it filled `out`.
    let stat = unsafe { out.assume_init() };
    Ok(Space { free_bytes: stat.f_bavail * stat.f_frsize, total_bytes: stat.f_blocks * stat.f_frsize })
}
