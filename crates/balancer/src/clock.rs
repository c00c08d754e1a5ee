//! Two clocks: exact ones for requests, and a coarse one that streams can read for nothing.

use platform::{Clock, SystemClock};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How long a tick is.
pub const TICK: Duration = Duration::from_millis(250);

/// Whole ticks that cover so many milliseconds.
pub fn ticks(ms: u64) -> u32 {
    ms.div_ceil(TICK.as_millis() as u64).min(u64::from(u32::MAX)) as u32
}

/// Ticks since the start, from 1; somebody advances them.
#[derive(Debug, Clone)]
pub struct Ticks(Arc<AtomicU32>);

impl Default for Ticks {
    fn default() -> Self {
        Self(Arc::new(AtomicU32::new(1)))
    }
}

impl Ticks {
    pub fn now(&self) -> u32 {
        self.0.load(Relaxed)
    }

    pub fn advance(&self, by: u32) {
        self.0.fetch_add(by, Relaxed);
    }
}

/// A moment: for intervals and for what users read.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    pub us: u64,
    pub unix_ms: u64,
}

/// The wall clock as a distance from the monotonic one, so that a moment costs one reading.
#[derive(Debug)]
pub struct Wall {
    clock: SystemClock,
    /// Unix milliseconds when the monotonic clock stood at 0.
    zero_unix_ms: AtomicU64,
}

impl Wall {
    pub fn new() -> Self {
        let wall = Self { clock: SystemClock::new(), zero_unix_ms: AtomicU64::new(0) };
        wall.adjust();
        wall
    }

    /// Follows the wall clock; every tick.
    pub fn adjust(&self) {
        self.zero_unix_ms.store(self.clock.wall().0.saturating_sub(self.clock.monotonic_us() / 1000), Relaxed);
    }

    pub fn now(&self) -> Now {
        let us = self.clock.monotonic_us();
        Now { us, unix_ms: self.zero_unix_ms.load(Relaxed) + us / 1000 }
    }
}
