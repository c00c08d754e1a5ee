//! Synthetic load: which hosts there are, which shapes are asked for, how long they live.
//!
//! Modelled on what clouds publish, not a trace: sizes and memory ratios are those of EC2's c, m, r and g families; most
//! instances are small (about 80 % have one or two cores in Azure's 2017 data: Cortez et al., SOSP'17); most end within a
//! day while the few that stay hold most of the room (same source). Traces: [`trace`].

pub mod shapes;
pub mod trace;

use crate::rng::Rng;
use shapes::{Mix, Shape};
use std::collections::BTreeMap;

const MINUTE_MS: f64 = 60_000.0;

/// Of a thousand instances, how many have an exponential lifetime of which mean.
const LIFETIMES: [(u32, f64); 4] =
    [(450, 20.0 * MINUTE_MS), (350, 5.0 * 60.0 * MINUTE_MS), (150, 36.0 * 60.0 * MINUTE_MS), (50, 40.0 * 1440.0 * MINUTE_MS)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    pub at_ms: u64,
    pub lifetime_ms: u64,
    pub shape: Shape,
}

/// Arrivals of a mix with exponential gaps.
#[derive(Debug, Clone)]
pub struct Arrivals {
    rng: Rng,
    mix: Mix,
    gap_ms: f64,
    now: f64,
}

impl Arrivals {
    /// `a_second`: the mean rate.
    pub fn new(mix: Mix, a_second: f64, seed: u64) -> Self {
        Self { rng: Rng::new(seed), mix, gap_ms: 1000.0 / a_second, now: 0.0 }
    }

    pub fn set_rate(&mut self, a_second: f64) {
        self.gap_ms = 1000.0 / a_second;
    }
}

impl Iterator for Arrivals {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        self.now += self.rng.exponential(self.gap_ms);
        let shape = self.mix.draw(&mut self.rng);
        let lifetime = lifetime_ms(&mut self.rng);
        Some(Arrival { at_ms: self.now as u64, lifetime_ms: lifetime, shape })
    }
}

pub fn lifetime_ms(rng: &mut Rng) -> u64 {
    let mut pick = rng.below(1000) as u32;
    for (share, mean) in LIFETIMES {
        if pick < share {
            return rng.exponential(mean) as u64 + 1;
        }
        pick -= share;
    }
    1
}

/// Who ends when: a calendar of departures.
#[derive(Debug, Clone)]
pub struct Departures<T> {
    by_time: BTreeMap<(u64, u64), T>,
    count: u64,
}

impl<T> Default for Departures<T> {
    fn default() -> Self {
        Self { by_time: BTreeMap::new(), count: 0 }
    }
}

impl<T> Departures<T> {
    pub fn add(&mut self, at_ms: u64, what: T) {
        self.count += 1;
        self.by_time.insert((at_ms, self.count), what);
    }

    /// The next that leaves, at any time.
    pub fn pop(&mut self) -> Option<T> {
        self.by_time.pop_first().map(|(_, what)| what)
    }

    pub fn pop_until(&mut self, now_ms: u64) -> Option<T> {
        let first = self.by_time.first_entry()?;
        (first.key().0 <= now_ms).then(|| first.remove())
    }

    pub fn len(&self) -> usize {
        self.by_time.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_time.is_empty()
    }
}
