//! A rate that is never exceeded for long: units are taken, and whoever is too fast waits.

use std::cell::Cell;
use std::time::Duration;
use tokio::time::Instant;

/// What may be saved up while nothing is taken.
const BURST: Duration = Duration::from_millis(500);

pub struct Pace {
    per_second: u32,
    /// When everything that was taken so far is paid for.
    paid: Cell<Option<Instant>>,
}

impl Pace {
    pub fn new(per_second: u32) -> Self {
        Self { per_second: per_second.max(1), paid: Cell::new(None) }
    }

    /// Waits until `units` more are within the rate.
    pub async fn take(&self, units: u64) {
        if let Some(wait) = self.owe(units, Instant::now()) {
            tokio::time::sleep(wait).await;
        }
    }

    fn owe(&self, units: u64, now: Instant) -> Option<Duration> {
        let cost = Duration::from_secs_f64(units as f64 / f64::from(self.per_second));
        let begin = self.paid.get().map_or(now, |p| p.max(now));
        self.paid.set(Some(begin + cost));
        (begin + cost).checked_duration_since(now).filter(|debt| *debt > BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_burst_is_free_and_then_the_rate_holds() {
        let pace = Pace::new(100);
        let now = Instant::now();
        assert_eq!(pace.owe(50, now), None);
        let wait = pace.owe(50, now).unwrap();
        assert_eq!(wait, Duration::from_secs(1));
        assert_eq!(pace.owe(10, now + Duration::from_secs(5)), None);
    }
}
