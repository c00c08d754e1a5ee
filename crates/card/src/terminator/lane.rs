//! Frames from one thread to another, bounded, with an eventfd for who waits for them.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use vmm_sys_util::eventfd::{EFD_CLOEXEC, EFD_NONBLOCK, EventFd};

pub const FRAMES_MAX: usize = 1024;

/// Wakes a thread. Many calls before it looks cost one system call.
#[derive(Debug)]
pub struct Bell {
    fd: EventFd,
    rung: AtomicBool,
}

impl Bell {
    pub fn new() -> io::Result<Self> {
        Ok(Self { fd: EventFd::new(EFD_NONBLOCK | EFD_CLOEXEC)?, rung: AtomicBool::new(false) })
    }

    pub fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            // A full counter is a wake-up that is pending already.
            let _ = self.fd.write(1);
        }
    }

    /// Before looking at what it was rung for.
    pub fn heard(&self) {
        let _ = self.fd.read();
        self.rung.store(false, Ordering::Release);
    }

    pub fn fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

#[derive(Debug, Default)]
pub struct Lane {
    frames: Mutex<VecDeque<Vec<u8>>>,
    /// Frames that found no room.
    pub dropped: AtomicU64,
    /// Who fills it waits for room.
    waiting: AtomicBool,
}

impl Lane {
    fn frames(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A frame that finds no room is dropped and counted, as by a network card.
    pub fn push(&self, frame: &[u8]) {
        let mut frames = self.frames();
        if frames.len() < FRAMES_MAX {
            frames.push_back(frame.to_vec());
        } else {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Moves as many as there is room for; the rest stays, and who empties the lane will say that there is room.
    pub fn fill(&self, from: &mut VecDeque<Vec<u8>>) {
        if from.is_empty() {
            return;
        }
        let mut frames = self.frames();
        let n = from.len().min(FRAMES_MAX - frames.len().min(FRAMES_MAX));
        frames.extend(from.drain(..n));
        self.waiting.store(!from.is_empty(), Ordering::Release);
    }

    /// Takes up to `most` of them. (There are more; who fills it waits for room, and must be told.)
    pub fn take(&self, into: &mut Vec<Vec<u8>>, most: usize) -> (bool, bool) {
        let mut frames = self.frames();
        let n = frames.len().min(most);
        into.extend(frames.drain(..n));
        let more = !frames.is_empty();
        (more, n > 0 && self.waiting.swap(false, Ordering::AcqRel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_lane_keeps_its_length_and_says_when_there_is_room() {
        let lane = Lane::default();
        for n in 0..FRAMES_MAX + 3 {
            lane.push(&[n as u8]);
        }
        assert_eq!(lane.dropped.load(Ordering::Relaxed), 3);
        let mut more: VecDeque<Vec<u8>> = (0..5).map(|n| vec![n]).collect();
        lane.fill(&mut more);
        assert_eq!(more.len(), 5);
        let mut taken = Vec::new();
        assert_eq!(lane.take(&mut taken, 4), (true, true));
        lane.fill(&mut more);
        assert_eq!((taken.len(), more.len()), (4, 1));
        let (mut rest, mut waits) = (true, 0);
        while rest {
            let told;
            (rest, told) = lane.take(&mut taken, 100);
            waits += usize::from(told);
        }
        assert_eq!((taken.len(), waits), (FRAMES_MAX + 4, 1));
        assert_eq!(taken[FRAMES_MAX..], [vec![0], vec![1], vec![2], vec![3]]);
    }
}
