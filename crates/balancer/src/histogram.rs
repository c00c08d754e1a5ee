//! Times of a target's last requests: eight buckets for each doubling (values within 7 %), the last one to two minutes.

const STEPS: u32 = 8;
const BUCKETS: usize = (40 * STEPS) as usize;
/// How long a half is filled before it becomes the old one.
const HALF_US: u64 = 60_000_000;

#[derive(Debug)]
pub struct Histogram {
    halves: [Box<[u32; BUCKETS]>; 2],
    turned_us: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { halves: [Box::new([0; BUCKETS]), Box::new([0; BUCKETS])], turned_us: 0 }
    }
}

fn bucket(us: u64) -> usize {
    let us = us.max(u64::from(STEPS));
    let octave = us.ilog2();
    let step = (us >> (octave - 3)) as u32 & (STEPS - 1);
    (((octave - 3) * STEPS + step) as usize).min(BUCKETS - 1)
}

/// The middle of a bucket.
fn value(bucket: usize) -> u64 {
    let (octave, step) = (bucket as u32 / STEPS, bucket as u64 % u64::from(STEPS));
    let low = (u64::from(STEPS) + step) << octave;
    low + (1u64 << octave) / 2
}

impl Histogram {
    pub fn record(&mut self, us: u64, now_us: u64) {
        if now_us.saturating_sub(self.turned_us) > HALF_US {
            self.halves.swap(0, 1);
            self.halves[0].fill(0);
            self.turned_us = now_us;
        }
        let count = &mut self.halves[0][bucket(us)];
        *count = count.saturating_add(1);
    }

    /// The time below which `percent` of the requests were, in microseconds; 0 without requests.
    pub fn percentile(&self, percent: u64) -> u64 {
        let at = |i: usize| u64::from(self.halves[0][i]) + u64::from(self.halves[1][i]);
        let total: u64 = (0..BUCKETS).map(at).sum();
        let rank = (total * percent).div_ceil(100).max(1);
        let mut seen = 0;
        (0..BUCKETS)
            .find(|&i| {
                seen += at(i);
                seen >= rank
            })
            .map_or(0, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_are_within_seven_percent(us in 8u64..1 << 38) {
            let told = value(bucket(us));
            prop_assert!(told.abs_diff(us) * 100 <= us * 7, "{} told as {}", us, told);
        }
    }

    #[test]
    fn percentiles() {
        let mut h = Histogram::default();
        assert_eq!(h.percentile(99), 0);
        (1..=1000).for_each(|i| h.record(i * 100, 0));
        assert!(h.percentile(50).abs_diff(50_000) < 4_000 && h.percentile(99).abs_diff(99_000) < 7_500);
        h.record(1, HALF_US + 1);
        assert!(h.percentile(50) > 40_000, "the half before still counts");
        h.record(1, 2 * HALF_US + 2);
        assert!(h.percentile(99) < 20);
    }
}
