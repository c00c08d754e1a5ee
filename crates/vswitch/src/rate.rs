//! Token buckets: what an instance or a port may send and receive.

use wire::net::{Direction, RateLimit};

/// Tokens are kept in thousandths, so that a millisecond of a low rate is not lost.
const SCALE: u64 = 1000;

/// Of an instance, whose ports share it, or of a port.
#[derive(Debug, Clone)]
pub(crate) struct Rate {
    /// An id.
    pub owner: Box<str>,
    /// Towards the guest.
    pub inward: Bucket,
    pub outward: Bucket,
}

impl Rate {
    pub fn new(owner: Box<str>, limit: RateLimit) -> Self {
        Self { owner, inward: Bucket::new(limit), outward: Bucket::new(limit) }
    }

    /// Goes on as it was under the limit that holds.
    pub fn follow(&mut self, old: &Self) {
        if old.owner == self.owner && old.inward.limit == self.inward.limit {
            (self.inward, self.outward) = (old.inward.clone(), old.outward.clone());
        }
    }
}

/// Takes a packet's tokens of a port's rate; false, and none taken: the packet exceeds it.
#[inline]
pub(crate) fn take(rates: &mut [Rate], rate: Option<usize>, direction: Direction, bytes: usize, now_ms: u64) -> bool {
    match (rate.and_then(|at| rates.get_mut(at)), direction) {
        (None, _) => true,
        (Some(rate), Direction::Ingress) => rate.inward.take(bytes, now_ms),
        (Some(rate), Direction::Egress) => rate.outward.take(bytes, now_ms),
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    limit: RateLimit,
    bytes: u64,
    packets: u64,
    filled_ms: u64,
}

impl Bucket {
    /// Begins full.
    pub fn new(limit: RateLimit) -> Self {
        let full = |n: u64| n.saturating_mul(SCALE);
        Self { limit, bytes: full(limit.burst_bytes), packets: full(limit.burst_packets), filled_ms: 0 }
    }

    /// As [`Self::level`] was.
    pub fn at_level(limit: RateLimit, (bytes, packets, filled_ms): (u64, u64, u64)) -> Self {
        Self { limit, bytes, packets, filled_ms }
    }

    /// Thousandths of bytes and of packets, and when it was filled last.
    pub fn level(&self) -> (u64, u64, u64) {
        (self.bytes, self.packets, self.filled_ms)
    }

    pub fn limit(&self) -> &RateLimit {
        &self.limit
    }

    /// How many packets, and of how many bytes in all, may pass now.
    pub fn holds(&mut self, now_ms: u64) -> (u64, u64) {
        self.fill(now_ms);
        (self.packets / SCALE, self.bytes / SCALE)
    }

    /// When a packet of so many bytes may pass. One that is longer than the bucket never may.
    pub fn due_ms(&self, bytes: usize, now_ms: u64) -> Option<u64> {
        let wait = |has: u64, wanted: u64, rate: u64, burst: u64| match (wanted * SCALE).saturating_sub(has) {
            0 => Some(0),
            _ if rate == 0 || wanted > burst => None,
            missing => Some(missing.div_ceil(rate)),
        };
        let limit = &self.limit;
        let bytes_ms = wait(self.bytes, bytes as u64, limit.bytes_per_second, limit.burst_bytes)?;
        let packets_ms = wait(self.packets, 1, limit.packets_per_second, limit.burst_packets)?;
        Some(now_ms + bytes_ms.max(packets_ms))
    }

    /// Takes a packet's tokens; false, and none taken, when there are too few.
    #[inline]
    pub fn take(&mut self, bytes: usize, now_ms: u64) -> bool {
        self.fill(now_ms);
        let cost = bytes as u64 * SCALE;
        if self.bytes < cost || self.packets < SCALE {
            return false;
        }
        self.bytes -= cost;
        self.packets -= SCALE;
        true
    }

    #[inline]
    fn fill(&mut self, now_ms: u64) {
        let elapsed = now_ms.saturating_sub(self.filled_ms);
        if elapsed > 0 {
            let fill = |has: u64, rate: u64, burst: u64| {
                has.saturating_add(rate.saturating_mul(elapsed)).min(burst.saturating_mul(SCALE))
            };
            self.bytes = fill(self.bytes, self.limit.bytes_per_second, self.limit.burst_bytes);
            self.packets = fill(self.packets, self.limit.packets_per_second, self.limit.burst_packets);
            self.filled_ms = now_ms;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Over any time no more passes than the burst and the rate together; and once the bucket is empty, the rate does.
        #[test]
        fn the_rate_holds(
            rate in 1_000u64..1_000_000, burst in 1_500u64..20_000,
            steps in prop::collection::vec((0u64..50, 64usize..1500), 1..400),
        ) {
            let limit = RateLimit { bytes_per_second: rate, burst_bytes: burst, packets_per_second: 1_000_000, burst_packets: 1_000_000 };
            let mut bucket = Bucket::new(limit);
            let (mut now, mut passed) = (1u64, 0u64);
            for (pause, bytes) in steps {
                now += pause;
                if bucket.take(bytes, now) {
                    passed += bytes as u64;
                }
                prop_assert!(passed <= burst + rate * now / 1000 + 1);
            }
            // Far under the rate nothing is dropped.
            for _ in 0..10 {
                now += 2_000_000;
                prop_assert!(bucket.take(1500, now));
            }
        }

        #[test]
        fn so_do_packets(rate in 1u64..10_000, burst in 1u64..100, gaps in prop::collection::vec(0u64..20, 1..400)) {
            let limit = RateLimit { bytes_per_second: u64::MAX, burst_bytes: u64::MAX, packets_per_second: rate, burst_packets: burst };
            let mut bucket = Bucket::new(limit);
            let (mut now, mut passed) = (1u64, 0u64);
            for gap in gaps {
                now += gap;
                passed += u64::from(bucket.take(64, now));
                prop_assert!(passed <= burst + rate * now / 1000 + 1);
            }
        }
    }
}
