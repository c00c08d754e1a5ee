//! Token buckets: what a port may send and receive.

use wire::net::RateLimit;

/// Tokens are kept in thousandths, so that a millisecond of a low rate is not lost.
const SCALE: u64 = 1000;

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

    /// Takes a packet's tokens; false, and none taken, when there are too few.
    #[inline]
    pub fn take(&mut self, bytes: usize, now_ms: u64) -> bool {
        let elapsed = now_ms.saturating_sub(self.filled_ms);
        if elapsed > 0 {
            let fill = |has: u64, rate: u64, burst: u64| {
                has.saturating_add(rate.saturating_mul(elapsed)).min(burst.saturating_mul(SCALE))
            };
            self.bytes = fill(self.bytes, self.limit.bytes_per_second, self.limit.burst_bytes);
            self.packets = fill(self.packets, self.limit.packets_per_second, self.limit.burst_packets);
            self.filled_ms = now_ms;
        }
        let cost = bytes as u64 * SCALE;
        if self.bytes < cost || self.packets < SCALE {
            return false;
        }
        self.bytes -= cost;
        self.packets -= SCALE;
        true
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
