//! The frequency of the processor's time stamp counter, which guests on `microvm` are told: they have no timer to find it out
//! with, and hang early on a busy host when they try. It also stays the guest's clock, so it is measured well.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// In kHz. Measured once a process, against the monotonic clock, in 50 ms.
pub fn khz() -> u64 {
    static KHZ: OnceLock<u64> = OnceLock::new();
    *KHZ.get_or_init(|| {
        let (start_ticks, start) = reading();
        std::thread::sleep(Duration::from_millis(50));
        let (end_ticks, end) = reading();
        let ns = end.duration_since(start).as_nanos().max(1);
        (u128::from(end_ticks.wrapping_sub(start_ticks)) * 1_000_000 / ns) as u64
    })
}

/// Both clocks at one moment: the tightest of several tries, so that being preempted between them does not count.
fn reading() -> (u64, Instant) {
    let mut best = (u64::MAX, 0, Instant::now());
    for _ in 0..16 {
        let before = ticks();
        let now = Instant::now();
        let after = ticks();
        if after.wrapping_sub(before) < best.0 {
            best = (after.wrapping_sub(before), before + (after.wrapping_sub(before)) / 2, now);
        }
    }
    (best.1, best.2)
}

#[cfg(target_arch = "x86_64")]
fn ticks() -> u64 {
    // SAFETY: rdtsc exists on every x86-64 processor and touches no memory.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Under emulation on another architecture QEMU's guests see a counter of 1 GHz.
#[cfg(not(target_arch = "x86_64"))]
fn ticks() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_the_frequency_of_a_processor() {
        let khz = super::khz();
        assert!((500_000..8_000_000).contains(&khz), "{khz}");
    }
}
