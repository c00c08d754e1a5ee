//! When a request may be sent again: what failed, whose turn, how long to wait, whether the group can afford it. Pure.

use hyper::Method;
use platform::Rng;
use std::time::Duration;
use wire::balancer::Resilience;

/// Why an attempt ended without an answer to hand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No connection: nothing was sent.
    Connect,
    /// A kept connection was closed before the request was written: nothing was sent.
    Stale,
    /// The connection broke, or what came was no HTTP.
    Broken,
    /// No answer in time.
    Timeout,
    /// 502, 503 or 504 from the target itself.
    Status,
}

/// RFC 9110 9.2.2
pub fn idempotent(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE | Method::OPTIONS | Method::TRACE)
}

/// What was tried so far for one request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tries {
    connects: u32,
    responses: u32,
    timeouts: u32,
}

impl Tries {
    /// How long to wait before the next try; `None`: no next try. `replayable`: idempotent, and its body is at hand.
    pub fn next(&mut self, failure: Failure, replayable: bool, spec: &Resilience, rng: &mut dyn Rng) -> Option<Duration> {
        match failure {
            // A connection that was kept for this group told nothing about its target: try at once, but not for ever.
            Failure::Connect | Failure::Stale => {
                self.connects += 1;
                (self.connects <= spec.connect_retries).then_some(Duration::ZERO)
            }
            Failure::Broken | Failure::Status => {
                self.responses += 1;
                (replayable && self.responses <= spec.response_retries).then(|| backoff(self.responses - 1, spec, rng))
            }
            Failure::Timeout => {
                self.timeouts += 1;
                (replayable && self.timeouts <= spec.timeout_retries).then_some(Duration::ZERO)
            }
        }
    }

    /// The last try after a timeout has half as much time again.
    pub fn patience(&self, base: Duration) -> Duration {
        if self.timeouts > 0 { base + base / 2 } else { base }
    }
}

/// min(base * 2^attempt, max) and up to a tenth more.
pub fn backoff(attempt: u32, spec: &Resilience, rng: &mut dyn Rng) -> Duration {
    let delay = u64::from(spec.backoff_base_ms).saturating_mul(1 << attempt.min(20)).min(u64::from(spec.backoff_max_ms));
    Duration::from_micros(delay * 1000 + rng.below(delay * 100 + 1))
}

/// A group's retries: so many for each hundred requests, and ten a second for a quiet group. Held in hundredths.
#[derive(Debug, Clone)]
pub struct Budget {
    hundredths: u64,
    filled_us: u64,
}

const QUIET_PER_SECOND: u64 = 10;
/// Saved up at most.
const SAVED_MAX: u64 = 100 * 100;

impl Default for Budget {
    fn default() -> Self {
        Self { hundredths: QUIET_PER_SECOND * 100, filled_us: 0 }
    }
}

impl Budget {
    pub fn request(&mut self, spec: &Resilience) {
        self.hundredths = (self.hundredths + u64::from(spec.retry_budget_percent)).min(SAVED_MAX);
    }

    /// Takes one retry, if there is one.
    pub fn take(&mut self, now_us: u64) -> bool {
        let quiet = now_us.saturating_sub(self.filled_us) * QUIET_PER_SECOND / 10_000;
        if quiet > 0 {
            // The quiet allowance fills up to one second's worth and never on top of what requests have earned.
            self.hundredths = self.hundredths.max((self.hundredths + quiet).min(QUIET_PER_SECOND * 100));
            self.filled_us = now_us;
        }
        let enough = self.hundredths >= 100;
        if enough {
            self.hundredths -= 100;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::SeededRng;
    use proptest::prelude::*;

    #[test]
    fn who_may_try_again() {
        let (spec, rng) = (Resilience::default(), &mut SeededRng::new(1));
        let count = |failure, replayable| {
            let mut tries = Tries::default();
            (0..10).take_while(|_| tries.next(failure, replayable, &spec, &mut SeededRng::new(1)).is_some()).count()
        };
        assert_eq!([count(Failure::Connect, false), count(Failure::Stale, false)], [3, 3]);
        assert_eq!([count(Failure::Broken, true), count(Failure::Status, true), count(Failure::Timeout, true)], [2, 2, 1]);
        assert_eq!([count(Failure::Broken, false), count(Failure::Status, false), count(Failure::Timeout, false)], [0, 0, 0]);
        assert!(!idempotent(&Method::POST) && !idempotent(&Method::PATCH) && idempotent(&Method::PUT));
        for (attempt, base_ms) in [(0, 100), (1, 200), (5, 3200), (6, 5000), (60, 5000)] {
            let d = backoff(attempt, &spec, rng).as_micros();
            assert!((base_ms * 1000..=base_ms * 1100).contains(&d), "{attempt}: {d}");
        }
    }

    proptest! {
        /// However requests and retries come, retries stay within the share and the quiet allowance.
        #[test]
        fn the_budget_holds(steps in proptest::collection::vec((any::<bool>(), 0u64..50_000), 1..2000)) {
            let (spec, mut b, mut now) = (Resilience::default(), Budget::default(), 0u64);
            let (mut requests, mut retries) = (0u64, 0u64);
            for (retry, step) in steps {
                now += step;
                if retry { retries += u64::from(b.take(now)); } else { requests += 1; b.request(&spec); }
                prop_assert!(retries * 100 <= 1000 + requests * 20 + now * QUIET_PER_SECOND / 10_000);
            }
        }
    }
}
