//! Which target gets the next request. Pure: what is known of the targets comes in by functions, an index goes out.

use platform::Rng;
use wire::balancer::Algorithm;

/// A group's targets as a choice sees them, by index.
pub trait Field {
    fn len(&self) -> usize;
    /// May it get this request?
    fn eligible(&self, i: usize) -> bool;
    /// Its share, slow start included; 0 only where `eligible` is false.
    fn weight(&self, i: usize) -> u32;
    /// Requests in flight.
    fn load(&self, i: usize) -> u32;
    /// All weights are equal.
    fn uniform(&self) -> bool;
    /// The target's own number: the same on every node, whatever its neighbours are.
    fn id(&self, i: usize) -> u64;
}

/// A number for what a client is known by; the same on every node.
pub fn key(of: &impl std::hash::Hash) -> u64 {
    // SipHash with fixed keys.
    let mut hasher = std::hash::DefaultHasher::new();
    of.hash(&mut hasher);
    std::hash::Hasher::finish(&hasher)
}

/// What a choice remembers: one a group, kept while its targets are the same.
#[derive(Debug, Clone, Default)]
pub struct Picker {
    cursor: usize,
    /// Smooth weighted round robin (nginx): who has most credit is next and pays the total.
    credit: Vec<i64>,
}

impl Picker {
    /// The index of the chosen one; `None`: none is eligible. `client`: [`key`] of its address.
    pub fn pick(&mut self, algorithm: Algorithm, field: &impl Field, client: u64, rng: &mut dyn Rng) -> Option<usize> {
        let n = field.len();
        if n == 0 {
            return None;
        }
        match algorithm {
            Algorithm::RoundRobin if field.uniform() => self.in_turn(n, |i| field.eligible(i)),
            Algorithm::RoundRobin => self.smooth(n, field),
            // Ties go in turn, or an idle group's first target would get everything. Load is a share of the weight.
            Algorithm::LeastOutstandingRequests => {
                let least = (0..n).filter(|&i| field.eligible(i)).map(|i| cost(field, i)).min()?;
                self.in_turn(n, |i| field.eligible(i) && cost(field, i) == least)
            }
            Algorithm::WeightedRandom => {
                let weight = |i: usize| if field.eligible(i) { u64::from(field.weight(i)) } else { 0 };
                let total: u64 = (0..n).map(weight).sum();
                if total == 0 {
                    return None;
                }
                let mut ticket = rng.below(total);
                (0..n).find(|&i| match ticket.checked_sub(weight(i)) {
                    Some(rest) => {
                        ticket = rest;
                        false
                    }
                    None => true,
                })
            }
            Algorithm::PowerOfTwo => power_of_two(field, rng),
            Algorithm::ConsistentHash => consistent(field, client),
        }
    }

    fn in_turn(&mut self, n: usize, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let found = (0..n).map(|step| (self.cursor + step) % n).find(|&i| wanted(i))?;
        self.cursor = (found + 1) % n;
        Some(found)
    }

    fn smooth(&mut self, n: usize, field: &impl Field) -> Option<usize> {
        if self.credit.len() != n {
            self.credit = vec![0; n];
        }
        let mut total = 0;
        let mut best: Option<usize> = None;
        for i in (0..n).filter(|&i| field.eligible(i)) {
            let weight = i64::from(field.weight(i));
            self.credit[i] += weight;
            total += weight;
            if best.is_none_or(|b| self.credit[i] > self.credit[b]) {
                best = Some(i);
            }
        }
        if let Some(best) = best {
            self.credit[best] -= total;
        }
        best
    }
}

/// Load as a share of the weight, were it to get this request as well.
fn cost(field: &impl Field, i: usize) -> u64 {
    (u64::from(field.load(i)) + 1) * 1_000_000 / u64::from(field.weight(i).max(1))
}

/// Mitzenmacher, 2001: two different ones are drawn, the less loaded one wins.
fn power_of_two(field: &impl Field, rng: &mut dyn Rng) -> Option<usize> {
    let eligible = || (0..field.len()).filter(|&i| field.eligible(i));
    let count = eligible().count() as u64;
    if count < 2 {
        return eligible().next();
    }
    let first = rng.below(count);
    let second = (first + 1 + rng.below(count - 1)) % count;
    [first, second].into_iter().filter_map(|n| eligible().nth(n as usize)).min_by_key(|&i| cost(field, i))
}

/// Weighted rendezvous hashing: who joins or leaves moves its own clients only. Bounded loads: Mirrokni, Thorup, Zadimoghaddam
/// 2018, with 1.25.
fn consistent(field: &impl Field, client: u64) -> Option<usize> {
    let eligible = || (0..field.len()).filter(|&i| field.eligible(i));
    let weights: u64 = eligible().map(|i| u64::from(field.weight(i))).sum();
    let loads: u64 = eligible().map(|i| u64::from(field.load(i))).sum();
    let room = |i: &usize| {
        let fair = ((loads + 1) * u64::from(field.weight(*i)) * 5).div_ceil(weights.max(1) * 4);
        u64::from(field.load(*i)) < fair.max(1)
    };
    let score = |i: usize| {
        // In (0, 1], never 0.
        let unit = ((key(&(client, field.id(i))) >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        f64::from(field.weight(i)) / -unit.ln().min(-f64::MIN_POSITIVE)
    };
    let best = |among: &mut dyn Iterator<Item = usize>| among.max_by(|a, b| score(*a).total_cmp(&score(*b)));
    best(&mut eligible().filter(room)).or_else(|| best(&mut eligible()))
}

/// A weight during the slow start: from a thousandth of `weight_milli` at the start to all of it at the end.
pub fn warmed(weight_milli: u32, healthy_for_us: u64, slow_start_seconds: u32) -> u32 {
    let whole = u64::from(slow_start_seconds) * 1_000_000;
    if healthy_for_us >= whole {
        return weight_milli;
    }
    ((u64::from(weight_milli) * healthy_for_us / whole) as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::SeededRng;
    use proptest::prelude::*;

    struct Table(Vec<(bool, u32, u32)>);

    impl Field for Table {
        fn len(&self) -> usize {
            self.0.len()
        }
        fn eligible(&self, i: usize) -> bool {
            self.0[i].0
        }
        fn weight(&self, i: usize) -> u32 {
            self.0[i].1
        }
        fn load(&self, i: usize) -> u32 {
            self.0[i].2
        }
        fn uniform(&self) -> bool {
            self.0.windows(2).all(|w| w[0].1 == w[1].1)
        }
        fn id(&self, i: usize) -> u64 {
            i as u64
        }
    }

    #[test]
    fn of_two_the_less_loaded() {
        let loads = Table(vec![(true, 1, 9), (false, 1, 0), (true, 1, 3), (true, 1, 0)]);
        let got = counts(Algorithm::PowerOfTwo, &loads, 9000);
        // Of three the most loaded one never wins, the least loaded one whenever it is drawn.
        assert!(got[0] == 0 && got[1] == 0 && (2700..3300).contains(&got[2]), "{got:?}");
        let one = Table(vec![(false, 1, 0), (true, 1, 7)]);
        assert_eq!(counts(Algorithm::PowerOfTwo, &one, 5), [0, 5]);
    }

    /// Where each of these clients goes.
    fn homes(table: &Table) -> Vec<Option<usize>> {
        let (mut picker, mut rng) = (Picker::default(), SeededRng::new(1));
        (0..4000_u64).map(|c| picker.pick(Algorithm::ConsistentHash, table, key(&c), &mut rng)).collect()
    }

    #[test]
    fn clients_keep_their_target() {
        let all = Table(vec![(true, 1, 0), (true, 2, 0), (true, 1, 0), (true, 1, 0)]);
        let before = homes(&all);
        let share = |i: usize| before.iter().filter(|h| **h == Some(i)).count();
        assert!((700..900).contains(&share(0)) && (1450..1750).contains(&share(1)), "{} {}", share(0), share(1));
        let without = Table(vec![(true, 1, 0), (true, 2, 0), (false, 1, 0), (true, 1, 0)]);
        let after = homes(&without);
        assert!(before.iter().zip(&after).all(|(b, a)| b == a || *b == Some(2)), "only its own clients move");
        // One that has far more than its share is passed over.
        let loaded = Table(vec![(true, 1, 50), (true, 2, 0), (true, 1, 0), (true, 1, 0)]);
        assert!(homes(&loaded).iter().all(|h| *h != Some(0)));
        assert_eq!(homes(&Table(vec![(false, 1, 0)]))[0], None);
    }

    fn counts(algorithm: Algorithm, table: &Table, picks: usize) -> Vec<usize> {
        let (mut picker, mut rng, mut out) = (Picker::default(), SeededRng::new(3), vec![0; table.0.len()]);
        (0..picks).for_each(|_| out[picker.pick(algorithm, table, 7, &mut rng).unwrap()] += 1);
        out
    }

    #[test]
    fn shares() {
        let equal = Table(vec![(true, 1, 0), (false, 1, 0), (true, 1, 0)]);
        assert_eq!(counts(Algorithm::RoundRobin, &equal, 100), [50, 0, 50]);
        let weighted = Table(vec![(true, 5, 0), (true, 1, 0), (true, 4, 0)]);
        assert_eq!(counts(Algorithm::RoundRobin, &weighted, 100), [50, 10, 40]);
        let random = counts(Algorithm::WeightedRandom, &weighted, 10_000);
        assert!((4700..5300).contains(&random[0]) && (800..1200).contains(&random[1]), "{random:?}");
        let loads = Table(vec![(true, 1, 3), (true, 1, 1), (true, 1, 1)]);
        assert_eq!(counts(Algorithm::LeastOutstandingRequests, &loads, 10), [0, 5, 5]);
        assert_eq!([warmed(1000, 0, 30), warmed(1000, 15_000_000, 30), warmed(1000, 30_000_000, 30)], [1, 500, 1000]);
    }

    proptest! {
        /// Never an ineligible one, and none only when there is none.
        #[test]
        fn only_eligible(table in proptest::collection::vec((any::<bool>(), 1u32..10, 0u32..5), 0..12), kind in 0..5usize) {
            use Algorithm::*;
            let algorithm = [RoundRobin, LeastOutstandingRequests, WeightedRandom, PowerOfTwo, ConsistentHash][kind];
            let (table, mut picker, mut rng) = (Table(table), Picker::default(), SeededRng::new(9));
            for _ in 0..20 {
                match picker.pick(algorithm, &table, 7, &mut rng) {
                    Some(i) => prop_assert!(table.eligible(i)),
                    None => prop_assert!(!table.0.iter().any(|t| t.0)),
                }
            }
        }
    }
}
