//! Anonymous files: memory that goes from process to process as a descriptor, and stays while any has it.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;

const SEALS: libc::c_int = libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_SEAL;

/// An empty one.
pub fn create() -> io::Result<File> {
    // SAFETY: the name is a string with an end; the call touches nothing else.
    let fd = unsafe { libc::memfd_create(c"stratocell".as_ptr(), libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a new descriptor that nobody else owns.
    Ok(unsafe { File::from_raw_fd(fd) })
}

/// One of zeroes that keeps its size for ever. Takes memory only as it is used.
pub fn sized(bytes: usize) -> io::Result<File> {
    let file = create()?;
    file.set_len(bytes as u64)?;
    // SAFETY: takes a descriptor and integers.
    if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, SEALS) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(file)
}

/// What standard input is, if it is one of [`sized`]: a parent can give its child one descriptor that outlives it.
pub fn of_stdin() -> Option<File> {
    let fd = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned().ok()?;
    sealed(&fd).then(|| File::from(fd))
}

fn sealed(fd: &impl AsRawFd) -> bool {
    // SAFETY: F_GET_SEALS takes no pointer; a file that cannot be sealed makes it fail.
    let seals = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GET_SEALS) };
    seals >= 0 && seals & SEALS == SEALS
}

/// A file of [`sized`], mapped as words that other processes see.
pub struct Words {
    base: NonNull<AtomicU64>,
    count: usize,
}

// SAFETY: atomics may be used from any thread; the mapping lives as long as the value.
unsafe impl Send for Words {}
// SAFETY: as above.
unsafe impl Sync for Words {}

impl Words {
    /// # Errors
    /// It could shrink, which would end whoever looks at it; or it cannot be mapped.
    pub fn map(file: &File) -> io::Result<Self> {
        let bytes = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        if !sealed(file) || bytes < 8 {
            return Err(io::Error::other("not memory of a size that stays"));
        }
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory that is in use.
        let at = unsafe {
            libc::mmap(std::ptr::null_mut(), bytes, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED, file.as_raw_fd(), 0)
        };
        match NonNull::new(at.cast::<AtomicU64>()) {
            Some(base) if at != libc::MAP_FAILED => Ok(Self { base, count: bytes / 8 }),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

impl AsRef<[AtomicU64]> for Words {
    fn as_ref(&self) -> &[AtomicU64] {
        // SAFETY: mapped for so many words at a page's beginning, of a file that cannot shrink; all bit patterns are words.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr(), self.count) }
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        // SAFETY: made by mmap with at least this length, which rounds up to the same pages; nothing refers to it any more.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.count * 8) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;

    #[test]
    fn words_are_shared_and_a_file_that_could_shrink_is_refused() {
        let file = sized(4096 * 3).unwrap();
        let (a, b) = (Words::map(&file).unwrap(), Words::map(&file.try_clone().unwrap()).unwrap());
        assert_eq!(a.as_ref().len(), 1536);
        a.as_ref()[1535].store(7, Ordering::SeqCst);
        drop((a, file));
        assert_eq!(b.as_ref()[1535].load(Ordering::SeqCst), 7);
        let loose = create().unwrap();
        loose.set_len(4096).unwrap();
        assert!(Words::map(&loose).is_err() && Words::map(&File::open("/dev/null").unwrap()).is_err());
    }
}
