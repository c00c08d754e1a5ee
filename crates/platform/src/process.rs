//! Other processes, named so that a reused pid is never mistaken for them: pid and start time.

use crate::disk;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// A process's identity on this machine until the next boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    pub pid: u32,
    /// Field 22 of /proc/PID/stat: clock ticks since boot.
    pub start_ticks: u64,
}

impl ProcessId {
    /// The identity of a live process; `None` when there is none (a zombie is none).
    pub fn of(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The command name is in parentheses and may hold anything, so count from the last one.
        let mut fields = stat.rsplit_once(") ")?.1.split(' ');
        if fields.next()? == "Z" {
            return None;
        }
        Some(Self { pid, start_ticks: fields.nth(18)?.parse().ok()? })
    }

    pub fn own() -> Option<Self> {
        Self::of(std::process::id())
    }

    pub fn is_alive(self) -> bool {
        Self::of(self.pid) == Some(self)
    }

    /// Sends a signal; `Ok(false)` when the process is gone. A pidfd is held across the identity check, so that the
    /// signal cannot reach a successor of the same pid.
    pub fn signal(self, signal: i32) -> io::Result<bool> {
        // SAFETY: pidfd_open takes two integers and returns a new descriptor or -1.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, self.pid as libc::pid_t, 0) } as i32;
        if fd < 0 {
            let e = io::Error::last_os_error();
            return if e.raw_os_error() == Some(libc::ESRCH) { Ok(false) } else { Err(e) };
        }
        // SAFETY: fd was returned by the kernel just now and is owned by nobody else.
        let fd = unsafe { <std::os::fd::OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(fd) };
        if !self.is_alive() {
            return Ok(false);
        }
        use std::os::fd::AsRawFd;
        // SAFETY: the descriptor is open; a null siginfo is allowed.
        let r = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd.as_raw_fd(), signal, std::ptr::null::<u8>(), 0) };
        if r == 0 {
            return Ok(true);
        }
        let e = io::Error::last_os_error();
        if e.raw_os_error() == Some(libc::ESRCH) { Ok(false) } else { Err(e) }
    }

    /// Resident memory in KiB.
    pub fn rss_kib(self) -> u64 {
        std::fs::read_to_string(format!("/proc/{}/statm", self.pid))
            .ok()
            .and_then(|s| s.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()))
            .map_or(0, |pages| pages * 4)
    }

    pub fn write_file(self, path: &Path) -> io::Result<()> {
        disk::write_atomic(path, &serde_json::to_vec(&self)?)
    }

    /// What a pid file names, whether or not it still lives.
    pub fn read_file(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_of_self_and_of_the_dead() {
        let me = ProcessId::own().unwrap();
        assert!(me.is_alive() && me.rss_kib() > 100);
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let id = ProcessId::of(child.id()).unwrap();
        assert!(id.signal(libc::SIGKILL).unwrap());
        child.wait().unwrap();
        assert!(!id.is_alive() && !id.signal(0).unwrap());
        assert!(!ProcessId { start_ticks: me.start_ticks + 1, ..me }.is_alive());
    }
}
