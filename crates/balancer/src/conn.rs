//! A client's connection as the sweeper sees it: when something last moved, whether a request is under way, what to do with it.
//!
//! There is no timer a connection: its stream notes the coarse time (a quarter of a second), and one task looks at all of
//! them once in that time and leaves a verdict, which wakes the connection's task. State is atomic only because hyper wants
//! streams that could move to another thread; everything runs on one.

use crate::clock::{Ticks, ticks};
use atomic_waker::AtomicWaker;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wire::balancer::Attributes;

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    Stay = 0,
    /// The next answer is the last: `Connection: close`, or GOAWAY at once. A client's next request is never lost.
    Retire = 1,
    /// Close when nothing is under way.
    Leave = 2,
    Abort = 3,
}

#[derive(Debug)]
pub struct ConnState {
    clock: Ticks,
    opened: u32,
    last: AtomicU32,
    /// When the first byte of a request's head came; 0: none is awaited to be whole.
    head_since: AtomicU32,
    /// HTTP/2 frames are not heads.
    h2: AtomicBool,
    requests: AtomicU32,
    /// Requests that wait for their target: its silence has its own limit.
    waiting: AtomicU32,
    verdict: AtomicU8,
    waker: AtomicWaker,
}

impl ConnState {
    pub fn new(clock: Ticks) -> Self {
        let now = clock.now();
        Self {
            clock,
            opened: now,
            last: AtomicU32::new(now),
            // The first head is awaited from the start.
            head_since: AtomicU32::new(now),
            h2: AtomicBool::new(false),
            requests: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            verdict: AtomicU8::new(Verdict::Stay as u8),
            waker: AtomicWaker::new(),
        }
    }

    pub fn speaks_h2(&self) {
        self.h2.store(true, Relaxed);
        self.head_since.store(0, Relaxed);
    }

    pub fn begin(&self) {
        self.head_since.store(0, Relaxed);
        self.requests.fetch_add(1, Relaxed);
    }

    pub fn end(&self) {
        self.requests.fetch_sub(1, Relaxed);
        self.last.store(self.clock.now(), Relaxed);
    }

    pub fn wait_begins(&self) {
        self.waiting.fetch_add(1, Relaxed);
    }

    pub fn wait_ends(&self) {
        self.waiting.fetch_sub(1, Relaxed);
        self.last.store(self.clock.now(), Relaxed);
    }

    /// The verdict so far; wakes `cx` when it changes.
    pub fn verdict(&self, cx: &Context<'_>) -> Verdict {
        self.waker.register(cx.waker());
        match self.verdict.load(Relaxed) {
            0 => Verdict::Stay,
            1 => Verdict::Retire,
            2 => Verdict::Leave,
            _ => Verdict::Abort,
        }
    }

    /// The answer that is made now is the last one.
    pub fn is_leaving(&self) -> bool {
        self.verdict.load(Relaxed) != Verdict::Stay as u8
    }

    /// True: it is a harder one than before.
    pub fn judge(&self, verdict: Verdict) -> bool {
        let harder = self.verdict.fetch_max(verdict as u8, Relaxed) < verdict as u8;
        if harder {
            self.waker.wake();
        }
        harder
    }

    /// What the sweeper thinks now, and why.
    pub fn due(&self, a: &Attributes) -> Option<(Verdict, &'static str)> {
        let now = self.clock.now();
        let since = |then: u32| now.saturating_sub(then);
        let idle = since(self.last.load(Relaxed)) > ticks(u64::from(a.idle_timeout_seconds) * 1000);
        if self.requests.load(Relaxed) > 0 {
            let stuck = self.waiting.load(Relaxed) == 0 && idle;
            return if stuck { Some((Verdict::Abort, "idle-timeout-in-request")) } else { self.too_old(now, a) };
        }
        let head = self.head_since.load(Relaxed);
        if head != 0 && since(head) > ticks(u64::from(a.head_timeout_ms)) {
            return Some((Verdict::Abort, "head-timeout"));
        }
        if idle {
            return Some((Verdict::Leave, "idle-timeout"));
        }
        self.too_old(now, a)
    }

    fn too_old(&self, now: u32, a: &Attributes) -> Option<(Verdict, &'static str)> {
        let old = now.saturating_sub(self.opened) > ticks(u64::from(a.client_keep_alive_seconds) * 1000);
        (old && self.verdict.load(Relaxed) == 0).then_some((Verdict::Retire, "keep-alive-over"))
    }

    fn read(&self) {
        let now = self.clock.now();
        self.last.store(now, Relaxed);
        if self.requests.load(Relaxed) == 0 && self.head_since.load(Relaxed) == 0 && !self.h2.load(Relaxed) {
            self.head_since.store(now, Relaxed);
        }
    }

    fn wrote(&self) {
        self.last.store(self.clock.now(), Relaxed);
    }
}

/// A client's stream that notes what moves.
#[derive(Debug)]
pub struct Watched<S> {
    stream: S,
    state: Arc<ConnState>,
}

impl<S> Watched<S> {
    pub fn new(stream: S, state: Arc<ConnState>) -> Self {
        Self { stream, state }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let n = buf.filled().len() - before;
        if n > 0 {
            self.state.read();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        if let Poll::Ready(Ok(_)) = polled {
            self.state.wrote();
        }
        polled
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        if let Poll::Ready(Ok(_)) = polled {
            self.state.wrote();
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        let a = Attributes::default();
        let clock = Ticks::default();
        let state = || ConnState::new(clock.clone());
        let (silent, idle, waiting, stuck, h2) = (state(), state(), state(), state(), state());
        for s in [&idle, &waiting, &stuck] {
            s.begin();
        }
        idle.end();
        waiting.wait_begins();
        h2.speaks_h2();
        h2.read();
        clock.advance(ticks(15_000) + 1);
        assert_eq!(silent.due(&a), Some((Verdict::Abort, "head-timeout")));
        assert_eq!([idle.due(&a), waiting.due(&a), stuck.due(&a), h2.due(&a)], [None; 4]);
        clock.advance(ticks(46_000));
        assert_eq!(idle.due(&a), Some((Verdict::Leave, "idle-timeout")));
        assert_eq!(h2.due(&a), Some((Verdict::Leave, "idle-timeout")));
        assert_eq!((waiting.due(&a), stuck.due(&a)), (None, Some((Verdict::Abort, "idle-timeout-in-request"))));
        clock.advance(ticks(3_600_000));
        assert_eq!(waiting.due(&a), Some((Verdict::Retire, "keep-alive-over")));
    }
}
