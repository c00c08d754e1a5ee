//! What is known of the nodes from their answers: how quick they are, who is silent, how long to wait before asking another.
//!
//! Pure: times come from the caller. One for a client, behind a mutex that is held for microseconds.

use std::time::Duration;
use tokio::time::Instant;

/// Latencies that the percentile is taken from.
const SAMPLES: usize = 128;
/// Before there are so many, hedging waits for [`HEDGE_DELAY_FIRST`].
const SAMPLES_MIN: usize = 16;
/// How often the percentile is computed anew, in samples.
const PERCENTILE_EVERY: u32 = 16;
const HEDGE_DELAY_FIRST: Duration = Duration::from_millis(50);
/// Beyond the 95th percentile, for nodes that all take the same time.
const HEDGE_MARGIN: f64 = 1.25;
const HEDGE_DELAY_MIN: Duration = Duration::from_millis(1);
const HEDGE_DELAY_MAX: Duration = Duration::from_secs(1);
/// Hedges that may be saved up.
const HEDGE_BURST: f64 = 10.0;
/// A new latency counts this much against what was known.
const EWMA_WEIGHT: f64 = 0.2;
/// A node that was never read from counts as this quick, so that it is tried.
const LATENCY_UNKNOWN: Duration = Duration::from_micros(100);
/// Every so many reads, the node that was not read from for longest is asked first.
const PROBE_EVERY: u32 = 64;
/// The least and the most a put may take before a stand-in gets the shard too.
pub(super) const PATIENCE_MIN: Duration = Duration::from_millis(500);
pub(super) const PATIENCE_MAX: Duration = Duration::from_secs(2);
/// So many times what a put takes usually.
const PATIENCE_FACTOR: u32 = 10;
/// How long a silent node is passed over: doubled with every silence after an answerless probe.
const SILENCE_MIN: Duration = Duration::from_secs(1);
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Reads of small and of large pieces differ by what the bytes take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Small,
    Large,
}

impl Size {
    pub(super) fn of(bytes: usize) -> Self {
        if bytes <= 2 * super::FRAME_BYTES { Self::Small } else { Self::Large }
    }
}

pub(super) struct Health {
    nodes: Vec<Node>,
    reads: [Window; 2],
    put_seconds: Option<f64>,
    hedges: f64,
    hedge_share: f64,
    picks: u32,
}

#[derive(Clone, Default)]
struct Node {
    /// Per [`Size`].
    seconds: [Option<f64>; 2],
    reading: u32,
    last_read: Option<Instant>,
    passed_over_until: Option<Instant>,
    silences: u32,
}

#[derive(Default)]
struct Window {
    samples: Vec<f64>,
    next: usize,
    since: u32,
    p95: Option<f64>,
}

impl Window {
    fn add(&mut self, seconds: f64) {
        if self.samples.len() < SAMPLES {
            self.samples.push(seconds);
        } else {
            self.samples[self.next] = seconds;
        }
        self.next = (self.next + 1) % SAMPLES;
        self.since += 1;
        if self.samples.len() >= SAMPLES_MIN && (self.p95.is_none() || self.since >= PERCENTILE_EVERY) {
            self.since = 0;
            let mut sorted = self.samples.clone();
            let at = (sorted.len() * 95 / 100).min(sorted.len() - 1);
            let (_, p95, _) = sorted.select_nth_unstable_by(at, f64::total_cmp);
            self.p95 = Some(*p95);
        }
    }
}

impl Health {
    /// `hedge_share`: of reads, how many may be asked twice.
    pub(super) fn new(nodes: usize, hedge_share: f64) -> Self {
        Self {
            nodes: vec![Node::default(); nodes],
            reads: Default::default(),
            put_seconds: None,
            hedges: HEDGE_BURST,
            hedge_share,
            picks: 0,
        }
    }

    // ------------------------------------------------------------------------------------------------------ reads

    /// Puts the best nodes first: those that answer, by what they take and how much they have to do; now and then the one
    /// that was left alone for longest.
    pub(super) fn rank<T>(&mut self, sources: &mut [T], node_of: impl Fn(&T) -> usize, size: Size, now: Instant) {
        let cost = |n: &usize| {
            let node = &self.nodes[*n];
            let seconds = node.seconds[size as usize].unwrap_or(LATENCY_UNKNOWN.as_secs_f64());
            (self.is_passed_over(*n, now), seconds * f64::from(node.reading + 1))
        };
        sources.sort_by(|a, b| {
            let ((pass_a, cost_a), (pass_b, cost_b)) = (cost(&node_of(a)), cost(&node_of(b)));
            pass_a.cmp(&pass_b).then(cost_a.total_cmp(&cost_b))
        });
        self.picks = self.picks.wrapping_add(1);
        if self.picks.is_multiple_of(PROBE_EVERY) {
            let alone = |s: &T| (self.is_passed_over(node_of(s), now), self.nodes[node_of(s)].last_read);
            if let Some(at) = (0..sources.len()).min_by_key(|i| alone(&sources[*i])) {
                sources[..=at].rotate_right(1);
            }
        }
    }

    /// A read is sent. `first`: it is not a second one for the same bytes.
    pub(super) fn reading(&mut self, node: usize, first: bool, now: Instant) {
        self.nodes[node].reading += 1;
        self.nodes[node].last_read = Some(now);
        if first {
            self.hedges = (self.hedges + self.hedge_share).min(HEDGE_BURST);
        }
    }

    /// It was answered (the time it took), failed or was given up (none).
    pub(super) fn read(&mut self, node: usize, size: Size, took: Option<Duration>) {
        let n = &mut self.nodes[node];
        n.reading = n.reading.saturating_sub(1);
        if let Some(took) = took {
            let seconds = took.as_secs_f64();
            ewma(&mut n.seconds[size as usize], seconds);
            self.reads[size as usize].add(seconds);
            self.answered(node);
        }
    }

    /// A read that was given up after `waited`: it would have taken at least that long.
    pub(super) fn abandoned(&mut self, node: usize, size: Size, waited: Duration) {
        let n = &mut self.nodes[node];
        n.reading = n.reading.saturating_sub(1);
        let waited = waited.as_secs_f64();
        if n.seconds[size as usize].is_none_or(|s| s < waited) {
            ewma(&mut n.seconds[size as usize], waited);
        }
    }

    /// How long to wait for a read before another node is asked too.
    pub(super) fn hedge_delay(&self, size: Size) -> Duration {
        match self.reads[size as usize].p95 {
            Some(p95) => Duration::from_secs_f64(p95 * HEDGE_MARGIN).clamp(HEDGE_DELAY_MIN, HEDGE_DELAY_MAX),
            None => HEDGE_DELAY_FIRST,
        }
    }

    /// May a second call be made?
    pub(super) fn take_hedge(&mut self) -> bool {
        let may = self.hedges >= 1.0;
        if may {
            self.hedges -= 1.0;
        }
        may
    }

    // ----------------------------------------------------------------------------------------------------- writes

    pub(super) fn put(&mut self, node: usize, took: Duration) {
        ewma(&mut self.put_seconds, took.as_secs_f64());
        self.answered(node);
    }

    /// How long a put may take before a stand-in gets the shard too.
    pub(super) fn patience(&self) -> Duration {
        let usual = Duration::from_secs_f64(self.put_seconds.unwrap_or(0.0).min(PATIENCE_MAX.as_secs_f64()));
        (usual * PATIENCE_FACTOR).clamp(PATIENCE_MIN, PATIENCE_MAX)
    }

    // ---------------------------------------------------------------------------------------------------- silence

    /// It left a call unanswered for too long. True: news.
    pub(super) fn silent(&mut self, node: usize, now: Instant) -> bool {
        if self.is_passed_over(node, now) {
            return false;
        }
        let n = &mut self.nodes[node];
        n.passed_over_until = Some(now + (SILENCE_MIN * 2_u32.pow(n.silences.min(10))).min(SILENCE_MAX));
        n.silences += 1;
        true
    }

    pub(super) fn is_passed_over(&self, node: usize, now: Instant) -> bool {
        self.nodes[node].passed_over_until.is_some_and(|until| now < until)
    }

    fn answered(&mut self, node: usize) {
        self.nodes[node].passed_over_until = None;
        self.nodes[node].silences = 0;
    }
}

fn ewma(known: &mut Option<f64>, new: f64) {
    *known = Some(known.map_or(new, |old| old + EWMA_WEIGHT * (new - old)));
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn the_quickest_first_and_the_others_now_and_then() {
        let mut h = Health::new(3, 0.1);
        let now = Instant::now();
        for (node, ms) in [(0, 20), (1, 5), (2, 10)] {
            h.reading(node, true, now);
            h.read(node, Size::Small, Some(MS * ms));
        }
        let mut firsts = [0; 3];
        for i in 0..6 * PROBE_EVERY {
            let mut order = [0, 1, 2];
            h.rank(&mut order, |n| *n, Size::Small, now);
            firsts[order[0]] += 1;
            h.reading(order[0], true, now + MS * i);
            h.read(order[0], Size::Small, None);
        }
        assert_eq!(firsts, [3, 6 * PROBE_EVERY - 6, 3]);
        // Five calls under way make the quickest one slow.
        (0..5).for_each(|_| h.reading(1, true, now));
        let mut order = [0, 1, 2];
        h.rank(&mut order, |n| *n, Size::Small, now);
        assert_eq!(order, [2, 0, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn hedges_are_a_bounded_share() {
        let mut h = Health::new(1, 0.1);
        assert_eq!(h.hedge_delay(Size::Large), HEDGE_DELAY_FIRST);
        let mut hedged = 0;
        for i in 1..=1000_u32 {
            h.reading(0, true, Instant::now());
            h.read(0, Size::Large, Some(MS * (i % 100)));
            hedged += u32::from(h.take_hedge());
        }
        assert!((100..=110).contains(&hedged), "{hedged}");
        assert!((MS * 112..MS * 124).contains(&h.hedge_delay(Size::Large)), "{:?}", h.hedge_delay(Size::Large));
        assert_eq!(h.hedge_delay(Size::Small), HEDGE_DELAY_FIRST);
    }

    #[tokio::test(start_paused = true)]
    async fn silent_nodes_are_passed_over_for_longer_each_time() {
        let mut h = Health::new(2, 0.1);
        let mut now = Instant::now();
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            assert!(h.silent(1, now) && !h.silent(1, now));
            assert!(h.is_passed_over(1, now + Duration::from_secs(seconds) - MS));
            now += Duration::from_secs(seconds);
            assert!(!h.is_passed_over(1, now));
        }
        h.silent(1, now);
        let mut order = [1, 0];
        h.rank(&mut order, |n| *n, Size::Small, now);
        assert_eq!(order, [0, 1]);
        h.put(1, MS);
        assert!(!h.is_passed_over(1, now));
        assert_eq!(h.patience(), PATIENCE_MIN);
        (0..50).for_each(|_| h.put(0, MS * 120));
        assert!((MS * 1100..MS * 1200).contains(&h.patience()));
    }
}
