//! Automatic target weights: a target whose requests fail much more often than the others' gets fewer of them until it is better.
//! Pure: a group's counts come in once a second, shares go out.
//!
//! ```text
//!  share of errors over 10 % and three times the middle target's ──► anomalous: its share is halved each second, down to 1/16
//!  else                                                          ──► its share grows by half each second, up to the whole
//! ```
//! As AWS's it needs three targets at least, counts 5xx answers and failed connections, and never takes a target out (that is
//! the checks' and the breaker's): a sixteenth shows whether it is better.
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/automatic-target-weights.html>

/// Of a target that has nothing against it.
pub const WHOLE: u32 = 1000;
const LEAST: u32 = WHOLE / 16;
const TARGETS_MIN: usize = 3;
/// A target with fewer requests in the window says nothing.
const REQUESTS_MIN: u32 = 10;
const ERRORS_PERCENT_MIN: u64 = 10;
const TIMES_THE_MIDDLE: u64 = 3;

/// What one target's requests came to, old ones fading: half of them count after three seconds.
#[derive(Debug, Clone, Copy)]
pub struct Record {
    /// In thousandths of a request.
    requests: u64,
    errors: u64,
    share: u32,
    anomalous: bool,
}

impl Default for Record {
    fn default() -> Self {
        Self { requests: 0, errors: 0, share: WHOLE, anomalous: false }
    }
}

impl Record {
    pub fn tell(&mut self, failed: bool) {
        self.requests += 1000;
        self.errors += if failed { 1000 } else { 0 };
    }

    /// Of its weight, in thousandths.
    pub fn share(&self) -> u32 {
        self.share
    }

    pub fn is_anomalous(&self) -> bool {
        self.anomalous
    }

    /// Hundredths of its requests; None: too few to say.
    fn percent(&self) -> Option<u64> {
        (self.requests >= u64::from(REQUESTS_MIN) * 1000).then(|| self.errors * 100 / self.requests)
    }
}

/// Once a second: judges the targets of a group against each other.
pub fn judge(records: &mut [Record]) {
    let mut known: Vec<u64> = records.iter().filter_map(Record::percent).collect();
    known.sort_unstable();
    // The lower middle: with two bad ones of four the good ones are the measure.
    let middle = known.get(known.len().saturating_sub(1) / 2).copied().unwrap_or(0);
    let enough = records.len() >= TARGETS_MIN && known.len() >= TARGETS_MIN;
    for r in records {
        let stands_out = |p: u64| p > ERRORS_PERCENT_MIN && p > middle * TIMES_THE_MIDDLE;
        // One with too few requests keeps what was thought of it, or it would never be seen to be better.
        r.anomalous = match r.percent() {
            Some(p) => enough && stands_out(p),
            None => r.anomalous && enough,
        };
        r.share = if r.anomalous { (r.share / 2).max(LEAST) } else { (r.share + r.share / 2 + 1).min(WHOLE) };
        // 0.794^3 = 0.5
        r.requests = r.requests * 794 / 1000;
        r.errors = r.errors * 794 / 1000;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(records: &mut [Record], errors_percent: &[u32]) {
        for (r, percent) in records.iter_mut().zip(errors_percent) {
            (0..100).for_each(|n| r.tell(n < *percent));
        }
        judge(records);
    }

    #[test]
    fn one_that_fails_more_than_the_others() {
        let mut r = [Record::default(); 4];
        (0..20).for_each(|_| second(&mut r, &[0, 1, 0, 60]));
        assert_eq!(r.map(|r| r.share()), [WHOLE, WHOLE, WHOLE, LEAST]);
        assert_eq!(r.map(|r| r.is_anomalous()), [false, false, false, true]);
        (0..120).for_each(|_| second(&mut r, &[0, 1, 0, 0]));
        assert_eq!(r.map(|r| r.share()), [WHOLE; 4], "it is better");
        (0..20).for_each(|_| second(&mut r, &[40, 45, 50, 55]));
        assert_eq!(r.map(|r| r.share()), [WHOLE; 4], "all fail: nobody stands out");
        let mut r = [Record::default(); 4];
        (0..20).for_each(|_| second(&mut r, &[0, 50, 50, 0]));
        assert_eq!(r.map(|r| r.is_anomalous()), [false, true, true, false]);
        let mut two = [Record::default(); 2];
        (0..20).for_each(|_| second(&mut two, &[0, 90]));
        assert_eq!(two.map(|r| r.share()), [WHOLE; 2], "two cannot be told apart");
        let mut few = [Record::default(); 3];
        few[2].tell(true);
        judge(&mut few);
        assert!(!few[2].is_anomalous(), "one request says nothing");
    }
}
