//! A target's circuit breaker (seed 002). Pure: the time is told.
//!
//! ```text
//!          enough requests, share of errors reached
//!  Closed ──────────────────────────────────────────► Open ◄─────────┐
//!    ▲                                                  │ open_us    │ a probe failed
//!    │  so many probes in a row went well               ▼            │
//!    └────────────────────────────────────────────── HalfOpen ───────┘
//! ```
//! Errors are failed connects, timeouts, broken answers and 502, 503, 504: signs that the target cannot serve. A 500 is the
//! application's own and does not open it.

use wire::balancer::{BreakerState, Resilience};

/// Outcomes are counted over this time ...
const WINDOW_SECONDS: u64 = 10;
/// ... in as many buckets.
const BUCKETS: usize = WINDOW_SECONDS as usize;
/// A probe that told nothing back for so long does not keep its place.
const PROBE_US: u64 = 60_000_000;

#[derive(Debug, Clone, Copy)]
enum State {
    Closed,
    Open {
        until_us: u64,
    },
    /// `out`: probes on their way; `passed`: those that went well; `since_us`: when the last one left.
    HalfOpen {
        out: u32,
        passed: u32,
        since_us: u64,
    },
}

#[derive(Debug, Clone)]
pub struct Breaker {
    state: State,
    /// (second, requests, errors)
    buckets: [(u64, u32, u32); BUCKETS],
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: State::Closed, buckets: [(0, 0, 0); BUCKETS] }
    }
}

impl Breaker {
    pub fn state(&self, now_us: u64) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open { until_us } if now_us < until_us => BreakerState::Open,
            State::Open { .. } | State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// May a request be sent now? Changes nothing.
    pub fn allows(&self, spec: &Resilience, now_us: u64) -> bool {
        match self.state {
            State::Closed => true,
            State::Open { until_us } => now_us >= until_us,
            State::HalfOpen { out, passed, since_us } => {
                out + passed < spec.breaker_probes || now_us.saturating_sub(since_us) > PROBE_US
            }
        }
    }

    /// A request leaves, after [`Breaker::allows`].
    pub fn sent(&mut self, now_us: u64) {
        match &mut self.state {
            State::Closed => {}
            State::Open { .. } => self.state = State::HalfOpen { out: 1, passed: 0, since_us: now_us },
            State::HalfOpen { out, since_us, .. } => {
                if now_us.saturating_sub(*since_us) > PROBE_US {
                    *out = 0;
                }
                *out += 1;
                *since_us = now_us;
            }
        }
    }

    /// How a request ended; `None`: it told nothing about the target (the client went away).
    pub fn done(&mut self, error: Option<bool>, spec: &Resilience, now_us: u64) {
        match (&mut self.state, error) {
            (State::Closed, Some(error)) => {
                let second = now_us / 1_000_000;
                let bucket = &mut self.buckets[(second % WINDOW_SECONDS) as usize];
                if bucket.0 != second {
                    *bucket = (second, 0, 0);
                }
                bucket.1 += 1;
                if error {
                    bucket.2 += 1;
                    self.trip(spec, second, now_us);
                }
            }
            (State::HalfOpen { .. }, Some(true)) => self.open(spec, now_us),
            (State::HalfOpen { out, passed, .. }, Some(false)) => {
                *out = out.saturating_sub(1);
                *passed += 1;
                if *passed >= spec.breaker_probes {
                    *self = Self::default();
                }
            }
            (State::HalfOpen { out, .. }, None) => *out = out.saturating_sub(1),
            // Answers to what was sent before it opened.
            (State::Open { .. }, _) | (State::Closed, None) => {}
        }
    }

    fn trip(&mut self, spec: &Resilience, second: u64, now_us: u64) {
        let fresh = self.buckets.iter().filter(|b| second - b.0.min(second) < WINDOW_SECONDS);
        let (requests, errors) = fresh.fold((0u64, 0u64), |(r, e), b| (r + u64::from(b.1), e + u64::from(b.2)));
        if requests >= u64::from(spec.breaker_requests_min) && errors * 100 >= requests * u64::from(spec.breaker_error_percent) {
            self.open(spec, now_us);
        }
    }

    fn open(&mut self, spec: &Resilience, now_us: u64) {
        let until_us = now_us + u64::from(spec.breaker_open_ms) * 1000;
        *self = Self { state: State::Open { until_us }, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn feed(b: &mut Breaker, error: bool, now: u64) {
        let spec = Resilience::default();
        if b.allows(&spec, now) {
            b.sent(now);
            b.done(Some(error), &spec, now);
        }
    }

    #[test]
    fn opens_at_half_of_twenty_and_closes_after_five_probes() {
        let spec = Resilience::default();
        let mut b = Breaker::default();
        (0..19).for_each(|_| feed(&mut b, true, 1));
        assert_eq!(b.state(1), BreakerState::Closed, "19 requests are too few");
        feed(&mut b, true, 1);
        assert_eq!(b.state(1), BreakerState::Open);
        assert!(!b.allows(&spec, 30_000_000) && b.allows(&spec, 30_000_001));
        let now = 30_000_001;
        for _ in 0..5 {
            assert!(b.allows(&spec, now));
            b.sent(now);
        }
        assert!(!b.allows(&spec, now), "five probes at once, no more");
        (0..4).for_each(|_| b.done(Some(false), &spec, now));
        assert_eq!(b.state(now), BreakerState::HalfOpen);
        b.done(Some(false), &spec, now);
        assert_eq!(b.state(now), BreakerState::Closed);
    }

    #[test]
    fn a_failed_probe_opens_again_and_a_lost_one_does_not_block_for_ever() {
        let spec = Resilience::default();
        let mut b = Breaker::default();
        (0..20).for_each(|_| feed(&mut b, true, 0));
        feed(&mut b, true, 30_000_000);
        assert_eq!(b.state(59_999_999), BreakerState::Open);
        (0..5).for_each(|_| b.sent(60_000_000));
        assert!(!b.allows(&spec, 60_000_001) && b.allows(&spec, 60_000_001 + PROBE_US));
    }

    #[test]
    fn old_errors_are_forgotten() {
        let mut b = Breaker::default();
        (0..19).for_each(|_| feed(&mut b, true, 0));
        (0..19).for_each(|_| feed(&mut b, false, 11_000_000));
        feed(&mut b, true, 11_000_000);
        assert_eq!(b.state(11_000_000), BreakerState::Closed);
    }

    proptest! {
        #[test]
        fn fewer_errors_than_half_never_open(outcomes in proptest::collection::vec((0u8..4, 0u64..200_000), 0..400)) {
            let (mut b, mut now) = (Breaker::default(), 0);
            for (kind, step) in outcomes {
                now += step;
                // An error in each group of four, after three good ones.
                (0..3).for_each(|_| feed(&mut b, false, now));
                if kind == 0 { feed(&mut b, true, now); }
                prop_assert_eq!(b.state(now), BreakerState::Closed);
            }
        }
    }
}
