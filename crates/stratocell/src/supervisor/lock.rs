//! One supervisor a data directory: a lock on the directory itself, which dies with its holder and leaves no file.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

#[derive(Debug)]
pub struct DirLock(#[expect(dead_code, reason = "held, not used")] File);

impl DirLock {
    /// `None`: another process holds it.
    pub fn try_take(dir: &Path) -> io::Result<Option<Self>> {
        let file = File::open(dir)?;
        // SAFETY: the descriptor is open; flock touches no memory.
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0 {
            return Ok(Some(Self(file)));
        }
        let e = io::Error::last_os_error();
        if e.kind() == io::ErrorKind::WouldBlock { Ok(None) } else { Err(e) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_holder() {
        let dir = tempfile::tempdir().unwrap();
        let held = DirLock::try_take(dir.path()).unwrap();
        assert!(held.is_some() && DirLock::try_take(dir.path()).unwrap().is_none());
        drop(held);
        assert!(DirLock::try_take(dir.path()).unwrap().is_some());
        assert!(DirLock::try_take(&dir.path().join("none")).is_err());
    }
}
