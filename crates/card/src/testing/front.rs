//! A vhost-user front end: what QEMU's vhost-user-net does, in the order QEMU 7.2 does it, in the test's own process.

use super::driver::{DriverRing, GUEST_BASE, Layout, Memory};
use crate::vhost_user::message::feature;
use platform::descriptors;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use vmm_sys_util::eventfd::{EFD_NONBLOCK, EventFd};

#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    #[error("the card's socket")]
    Io(#[from] io::Error),
    #[error("the card offers {0:#x}, which lacks what is needed")]
    Features(u64),
    #[error("the card answered request {request} with {got}")]
    Reply { request: u32, got: u32 },
    #[error("the card refused request {0}")]
    Refused(u32),
}

#[derive(Debug, Clone)]
pub struct FrontOptions {
    pub queue_size: u16,
    pub mergeable: bool,
    pub event_idx: bool,
    pub tx_layout: Layout,
    pub rx_buffer_bytes: usize,
    /// Seal the memory file against shrinking, as QEMU does.
    pub sealed: bool,
}

impl Default for FrontOptions {
    fn default() -> Self {
        Self {
            queue_size: 256,
            mergeable: true,
            event_idx: true,
            tx_layout: Layout::Chained,
            rx_buffer_bytes: 1536,
            sealed: true,
        }
    }
}

const TX_BUFFER_BYTES: usize = 9216;
const RX: usize = 0;
const TX: usize = 1;

#[derive(Debug)]
pub struct Front {
    path: PathBuf,
    stream: UnixStream,
    options: FrontOptions,
    pub memory: Memory,
    pub rx: DriverRing,
    pub tx: DriverRing,
    kick: [EventFd; 2],
    call: [EventFd; 2],
    memory_bytes: u64,
}

impl Front {
    pub fn connect(path: &Path, options: FrontOptions) -> Result<Self, FrontError> {
        let (rx, end) = DriverRing::new(0, options.queue_size, options.rx_buffer_bytes, options.event_idx);
        let (tx, end) = DriverRing::new(end, options.queue_size, TX_BUFFER_BYTES, options.event_idx);
        let memory = Memory::new(end, options.sealed)?;
        let eventfds = || Ok::<_, io::Error>([EventFd::new(EFD_NONBLOCK)?, EventFd::new(EFD_NONBLOCK)?]);
        let mut front = Self {
            path: path.to_owned(),
            stream: UnixStream::connect(path)?,
            options,
            memory,
            rx,
            tx,
            kick: eventfds()?,
            call: eventfds()?,
            memory_bytes: end as u64,
        };
        front.rx.refill(&front.memory);
        front.negotiate()?;
        Ok(front)
    }

    /// Connects again, as QEMU's `reconnect=1` does when the card was restarted: same memory, same rings.
    pub fn reconnect(&mut self) -> Result<(), FrontError> {
        self.stream = UnixStream::connect(&self.path)?;
        self.negotiate()
    }

    fn negotiate(&mut self) -> Result<(), FrontError> {
        self.stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let offered = self.ask(1, &[])?;
        let mut wanted = feature::VERSION_1 | feature::PROTOCOL_FEATURES | feature::INDIRECT_DESC;
        wanted |= if self.options.mergeable { feature::MRG_RXBUF } else { 0 };
        wanted |= if self.options.event_idx { feature::EVENT_IDX } else { 0 };
        if offered & wanted != wanted {
            return Err(FrontError::Features(offered));
        }
        let protocol = self.ask(15, &[])?;
        self.send_message(16, &protocol.to_le_bytes(), &[])?;
        self.send_message(3, &[], &[])?;
        for ring in [RX, TX] {
            self.send_message(13, &(ring as u64).to_le_bytes(), &[self.call[ring].as_raw_fd()])?;
        }
        // QEMU enables the rings before it sets the features.
        for ring in [RX, TX] {
            self.send_message(18, &pair(ring as u32, 1), &[])?;
        }
        self.command(2, &wanted.to_le_bytes(), &[])?;
        let table: Vec<u8> =
            [1u64, GUEST_BASE, self.memory_bytes, self.memory.user_addr(0), 0].iter().flat_map(|v| v.to_le_bytes()).collect();
        self.command(5, &table, &[self.memory.file.as_raw_fd()])?;
        for ring in [RX, TX] {
            let r = if ring == RX { &self.rx } else { &self.tx };
            self.send_message(8, &pair(ring as u32, u32::from(r.size)), &[])?;
            self.send_message(10, &pair(ring as u32, u32::from(r.base(&self.memory))), &[])?;
            let mut addrs = pair(ring as u32, 0);
            for at in [r.descriptors, r.used, r.available, 0] {
                addrs.extend_from_slice(&self.memory.user_addr(at).to_le_bytes());
            }
            self.send_message(9, &addrs, &[])?;
            self.command(12, &(ring as u64).to_le_bytes(), &[self.kick[ring].as_raw_fd()])?;
        }
        Ok(())
    }

    /// One message without waiting; for malformed ones too.
    pub fn send_message(&self, request: u32, body: &[u8], fds: &[RawFd]) -> Result<(), FrontError> {
        self.send_raw(request, 1, body.len() as u32, body, fds)
    }

    pub fn send_raw(&self, request: u32, flags: u32, size: u32, body: &[u8], fds: &[RawFd]) -> Result<(), FrontError> {
        let mut m = Vec::with_capacity(12 + body.len());
        for w in [request, flags, size] {
            m.extend_from_slice(&w.to_le_bytes());
        }
        m.extend_from_slice(body);
        Ok(descriptors::send(self.stream.as_raw_fd(), &m, fds)?)
    }

    /// One message with an acknowledgement.
    pub fn command(&mut self, request: u32, body: &[u8], fds: &[RawFd]) -> Result<(), FrontError> {
        self.send_raw(request, 1 | 8, body.len() as u32, body, fds)?;
        match self.read_reply(request)? {
            0 => Ok(()),
            _ => Err(FrontError::Refused(request)),
        }
    }

    /// One message that has a reply of eight bytes.
    pub fn ask(&mut self, request: u32, body: &[u8]) -> Result<u64, FrontError> {
        self.send_message(request, body, &[])?;
        self.read_reply(request)
    }

    fn read_reply(&mut self, request: u32) -> Result<u64, FrontError> {
        let mut b = [0u8; 20];
        self.stream.read_exact(&mut b)?;
        let word = |i: usize| u32::from_le_bytes([b[i], b[i + 1], b[i + 2], b[i + 3]]);
        if word(0) != request || word(4) & 0x7 != 5 || word(8) != 8 {
            return Err(FrontError::Reply { request, got: word(0) });
        }
        Ok(u64::from(word(12)) | u64::from(word(16)) << 32)
    }

    /// Whether the card closed the connection within `timeout`.
    pub fn is_closed(&mut self, timeout: Duration) -> bool {
        let _ = self.stream.set_read_timeout(Some(timeout));
        let mut b = [0u8; 64];
        loop {
            match self.stream.read(&mut b) {
                Ok(0) => return true,
                Ok(_) => continue,
                Err(e) => return !matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut),
            }
        }
    }

    /// Puts a frame into the transmit ring without a kick; false when it is full.
    pub fn queue(&mut self, frame: &[u8]) -> bool {
        self.tx.send(&self.memory, [0; 12], frame, self.options.tx_layout)
    }

    /// Kicks the card if it wants that.
    pub fn kick(&mut self) {
        if self.tx.should_kick(&self.memory) {
            let _ = self.kick[TX].write(1);
        }
    }

    pub fn kick_always(&mut self) {
        let _ = self.kick[TX].write(1);
    }

    /// Sends one frame; false when the ring stayed full for a second.
    pub fn send(&mut self, frame: &[u8]) -> bool {
        let end = Instant::now() + Duration::from_secs(1);
        while !self.queue(frame) {
            if Instant::now() > end {
                return false;
            }
            std::thread::yield_now();
        }
        self.kick();
        true
    }

    /// A frame that is there now.
    pub fn try_receive(&mut self) -> Option<Vec<u8>> {
        let frame = self.rx.receive(&self.memory)?;
        self.rx.refill(&self.memory);
        Some(frame)
    }

    /// The next frame, woken by the card's interrupt.
    pub fn receive(&mut self, timeout: Duration) -> Option<Vec<u8>> {
        let end = Instant::now() + timeout;
        loop {
            if let Some(frame) = self.try_receive() {
                return Some(frame);
            }
            if self.rx.ask_for_interrupt(&self.memory) {
                continue;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let mut p = libc::pollfd { fd: self.call[RX].as_raw_fd(), events: libc::POLLIN, revents: 0 };
            // SAFETY: one pollfd that lives across the call.
            unsafe { libc::poll(&mut p, 1, left.as_millis().max(1) as i32) };
            let _ = self.call[RX].read();
        }
    }

    /// The next frame for which `wanted` is true; others are dropped.
    pub fn receive_where(&mut self, timeout: Duration, wanted: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
        let end = Instant::now() + timeout;
        loop {
            let frame = self.receive(end.saturating_duration_since(Instant::now()))?;
            if wanted(&frame) {
                return Some(frame);
            }
        }
    }

    /// Stops a ring as a driver's reset does; returns the index where it stopped.
    pub fn stop_ring(&mut self, ring: usize) -> Result<u16, FrontError> {
        Ok((self.ask(11, &pair(ring as u32, 0))? >> 32) as u16)
    }
}

pub fn pair(a: u32, b: u32) -> Vec<u8> {
    [a.to_le_bytes(), b.to_le_bytes()].concat()
}
