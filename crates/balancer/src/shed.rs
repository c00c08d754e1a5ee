//! Shedding by queue delay, as CoDel does it (RFC 8289): not the peak counts, but a delay that stays above the target for a
//! whole interval. Pure. Requests that are shed are answered 503 with Retry-After.

use wire::balancer::Shedding;

#[derive(Debug, Clone, Default)]
pub struct CoDel {
    /// When the delay has been above the target for an interval; 0: it is below.
    above_until_us: u64,
    dropping: Option<Dropping>,
}

#[derive(Debug, Clone, Copy)]
struct Dropping {
    next_us: u64,
    count: u32,
}

impl CoDel {
    /// A request has waited `waited_us` and gets its place now: is it shed instead?
    pub fn shed(&mut self, waited_us: u64, now_us: u64, spec: &Shedding) -> bool {
        let (target, interval) = (u64::from(spec.delay_target_ms) * 1000, u64::from(spec.interval_ms) * 1000);
        if waited_us < target {
            *self = Self::default();
            return false;
        }
        if self.above_until_us == 0 {
            self.above_until_us = now_us + interval;
            return false;
        }
        if now_us < self.above_until_us {
            return false;
        }
        let due = self.dropping.get_or_insert(Dropping { next_us: now_us, count: 0 });
        if now_us < due.next_us {
            return false;
        }
        due.count += 1;
        // The control law: interval / sqrt(count).
        due.next_us = now_us + (interval as f64 / f64::from(due.count).sqrt()) as u64;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_is_borne_and_a_standing_queue_is_not() {
        let spec = Shedding::default();
        let mut c = CoDel::default();
        // 400 ms of a long delay, then a short one: nothing is shed.
        assert!((0..400).all(|ms| !c.shed(200_000, 1 + ms * 1000, &spec)));
        assert!(!c.shed(1_000, 401_000, &spec));
        // A delay that stays: nothing for one interval, then more and more.
        let times: Vec<u64> = (0..5000).filter(|ms| c.shed(200_000, 1_000_000 + ms * 1000, &spec)).collect();
        assert!(times[0] >= 500, "{times:?}");
        let gaps: Vec<u64> = times.windows(2).map(|w| w[1] - w[0]).collect();
        assert!(gaps.len() > 10 && gaps.windows(2).all(|w| w[1] <= w[0] + 1), "{gaps:?}");
    }
}
