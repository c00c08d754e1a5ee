//! Places that are shared fairly: who has fewer gets the next, and nobody can take them all. Pure; [`super::gate`] waits.
//!
//! A holder may have as many places as are free ("dynamic thresholds", Choudhury and Hahne, IEEE/ACM ToN 1998): one alone
//! gets half of them, two a third each, so that a newcomer always finds one while the others go on. All who have not shown
//! who they are are one holder, with a quarter of that. Beyond its share a holder's requests wait in its own queue; a place
//! that becomes free goes to the holder with the fewest.

use std::collections::{BTreeMap, VecDeque};
use types::AccountId;

/// Who shares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// Requests without a known key, and those whose signature was wrong.
    Nobody,
    Account(AccountId),
}

/// A request that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    Admitted,
    Queued(Ticket),
    /// The holder's queue is full.
    Refused,
}

#[derive(Debug, Default)]
struct Share {
    active: usize,
    queue: VecDeque<Ticket>,
}

#[derive(Debug)]
pub struct Pool {
    places_max: usize,
    /// Of one holder.
    queue_max: usize,
    active: usize,
    /// Those with a place or in a queue.
    shares: BTreeMap<Holder, Share>,
    next: u64,
}

impl Pool {
    pub fn new(places_max: usize, queue_max: usize) -> Self {
        Self { places_max, queue_max, active: 0, shares: BTreeMap::new(), next: 0 }
    }

    fn has_room(&self, holder: &Holder, active: usize) -> bool {
        let free = self.places_max - self.active;
        match holder {
            Holder::Account(_) => active < free,
            // Where there are few places, one.
            Holder::Nobody => active < free.div_ceil(4).min(free),
        }
    }

    pub fn arrive(&mut self, holder: &Holder) -> Arrival {
        let share = self.shares.get(holder);
        let (active, queued) = share.map_or((0, 0), |s| (s.active, s.queue.len()));
        if queued == 0 && self.has_room(holder, active) {
            self.active += 1;
            self.shares.entry(holder.clone()).or_default().active += 1;
            return Arrival::Admitted;
        }
        if queued >= self.queue_max {
            return Arrival::Refused;
        }
        let ticket = Ticket(self.next);
        self.next += 1;
        self.shares.entry(holder.clone()).or_default().queue.push_back(ticket);
        Arrival::Queued(ticket)
    }

    /// A place is given back; these get one.
    pub fn leave(&mut self, holder: &Holder) -> Vec<Ticket> {
        if let Some(share) = self.shares.get_mut(holder).filter(|s| s.active > 0) {
            share.active -= 1;
            self.active -= 1;
        }
        self.tidy(holder);
        let mut admitted = Vec::new();
        while self.active < self.places_max {
            let waiting = self.shares.iter().filter(|(h, s)| !s.queue.is_empty() && self.has_room(h, s.active));
            // The fewest; then who waits longest.
            let next = waiting.min_by_key(|(_, s)| (s.active, s.queue.front().copied())).map(|(h, _)| h.clone());
            let Some(share) = next.and_then(|h| self.shares.get_mut(&h)) else { break };
            share.active += 1;
            self.active += 1;
            admitted.extend(share.queue.pop_front());
        }
        admitted
    }

    /// No longer waits; false: it has got a place meanwhile.
    pub fn give_up(&mut self, holder: &Holder, ticket: Ticket) -> bool {
        let queue = self.shares.get_mut(holder).map(|s| &mut s.queue);
        let found = queue.and_then(|q| Some((q.iter().position(|t| *t == ticket)?, q)));
        let waited = found.is_some_and(|(at, queue)| queue.remove(at).is_some());
        self.tidy(holder);
        waited
    }

    fn tidy(&mut self, holder: &Holder) {
        if self.shares.get(holder).is_some_and(|s| s.active == 0 && s.queue.is_empty()) {
            self.shares.remove(holder);
        }
    }

    /// (places taken, requests that wait)
    pub fn load(&self) -> (usize, usize) {
        (self.active, self.shares.values().map(|s| s.queue.len()).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::{Rng, SeededRng};

    fn account(n: u64) -> Holder {
        Holder::Account(format!("{n:012}").parse().unwrap())
    }

    /// How many get a place at once.
    fn fill(pool: &mut Pool, holder: &Holder) -> usize {
        (0..1000).filter(|_| pool.arrive(holder) == Arrival::Admitted).count()
    }

    #[test]
    fn one_gets_half_and_a_newcomer_always_finds_a_place() {
        let mut pool = Pool::new(128, 10);
        let mut got = vec![fill(&mut pool, &account(1))];
        got.extend((2..=7).map(|n| fill(&mut pool, &account(n))));
        assert_eq!(got, [64, 32, 16, 8, 4, 2, 1]);
        let mut pool = Pool::new(128, 10);
        assert_eq!(fill(&mut pool, &Holder::Nobody), 26, "a quarter of what is free: a fifth of all");
        assert_eq!(fill(&mut pool, &account(1)), 51);
        assert_eq!(Pool::new(1, 0).arrive(&Holder::Nobody), Arrival::Admitted);
    }

    #[test]
    fn a_free_place_goes_to_who_has_fewest_and_in_turn() {
        let mut pool = Pool::new(8, 10);
        let (greedy, modest) = (account(1), account(2));
        // Its queue is full too, and has waited longest.
        assert_eq!(fill(&mut pool, &greedy), 4);
        assert_eq!([pool.arrive(&modest), pool.arrive(&modest)], [Arrival::Admitted; 2]);
        assert_eq!(pool.arrive(&account(3)), Arrival::Admitted);
        let (Arrival::Queued(first), Arrival::Queued(second)) = (pool.arrive(&modest), pool.arrive(&modest)) else { panic!() };
        assert_eq!(pool.leave(&greedy), [], "two are free, and both have two or more");
        assert_eq!(pool.leave(&account(3)), [first]);
        assert!(pool.give_up(&modest, second) && !pool.give_up(&modest, second) && !pool.give_up(&modest, first));
        assert_eq!(pool.load(), (6, 10));
        assert_eq!(pool.leave(&modest), [], "three are free, and it has three");
        assert_eq!(pool.leave(&modest), [Ticket(0)]);
    }

    #[test]
    fn a_full_queue_refuses_and_everything_ends_empty() {
        let mut pool = Pool::new(2, 3);
        assert_eq!(pool.arrive(&account(1)), Arrival::Admitted);
        assert_eq!((0..5).filter(|_| matches!(pool.arrive(&account(1)), Arrival::Queued(_))).count(), 3);
        assert_eq!(pool.arrive(&account(1)), Arrival::Refused);
        for _ in 0..4 {
            pool.leave(&account(1));
        }
        assert_eq!((pool.load(), pool.shares.len()), ((0, 0), 0));
        assert_eq!(pool.leave(&account(1)), [], "nothing is given back that was not taken");
        assert_eq!(pool.load(), (0, 0));
    }

    #[test]
    fn whatever_happens_places_are_conserved_and_nobody_waits_for_nothing() {
        let mut rng = SeededRng::new(7);
        let mut pool = Pool::new(16, 8);
        let mut active: BTreeMap<Holder, usize> = BTreeMap::new();
        let mut waiting: BTreeMap<Ticket, Holder> = BTreeMap::new();
        for _ in 0..20_000 {
            let holder = if rng.below(5) == 0 { Holder::Nobody } else { account(rng.below(4)) };
            match rng.below(3) {
                0 => match pool.arrive(&holder) {
                    Arrival::Admitted => *active.entry(holder).or_default() += 1,
                    Arrival::Queued(ticket) => drop(waiting.insert(ticket, holder)),
                    Arrival::Refused => assert_eq!(waiting.values().filter(|h| **h == holder).count(), 8),
                },
                1 if active.get(&holder).is_some_and(|n| *n > 0) => {
                    *active.get_mut(&holder).unwrap() -= 1;
                    for ticket in pool.leave(&holder) {
                        *active.entry(waiting.remove(&ticket).unwrap()).or_default() += 1;
                    }
                }
                _ => {
                    if let Some((ticket, holder)) = waiting.iter().next().map(|(t, h)| (*t, h.clone())) {
                        assert!(pool.give_up(&holder, ticket));
                        waiting.remove(&ticket);
                    }
                }
            }
            let taken: usize = active.values().sum();
            assert_eq!(pool.load(), (taken, waiting.len()));
            assert!(taken <= 16);
            if taken == 0 {
                assert!(waiting.is_empty());
            }
        }
    }

    /// A thousand services a second; one account wants ten thousand, the other three hundred, and neither waits longer than
    /// half a second. Time in milliseconds, one service each.
    #[test]
    fn at_ten_times_the_capacity_a_modest_account_has_what_it_wants() {
        let (greedy, modest) = (account(1), account(2));
        let mut pool = Pool::new(32, 128);
        let mut rng = SeededRng::new(1);
        let (mut serving, mut waiting) = (VecDeque::new(), BTreeMap::new());
        let mut served: BTreeMap<Holder, u64> = BTreeMap::new();
        let (mut wanted, mut longest) = (0, 0);
        for now in 0..20_000u64 {
            let mut arrivals: Vec<&Holder> = vec![&greedy; 10];
            if rng.below(1000) < 300 {
                wanted += 1;
                arrivals.insert(rng.below(11) as usize, &modest);
            }
            for holder in arrivals {
                match pool.arrive(holder) {
                    Arrival::Admitted => serving.push_back((holder.clone(), now)),
                    Arrival::Queued(ticket) => drop(waiting.insert(ticket, (holder.clone(), now))),
                    Arrival::Refused => {}
                }
            }
            let late: Vec<_> = waiting.iter().filter(|(_, (_, since))| now - since > 500).map(|(t, w)| (*t, w.clone())).collect();
            for (ticket, (holder, _)) in late {
                assert!(pool.give_up(&holder, ticket));
                waiting.remove(&ticket);
            }
            // The server takes them in order, one a millisecond.
            if let Some((holder, since)) = serving.pop_front() {
                if holder == modest {
                    longest = longest.max(now - since);
                }
                *served.entry(holder.clone()).or_default() += 1;
                for ticket in pool.leave(&holder) {
                    serving.push_back(waiting.remove(&ticket).unwrap());
                }
            }
        }
        assert!(served[&modest] + 20 >= wanted, "{} of {wanted}", served[&modest]);
        assert!(served[&greedy] > 13_000, "nothing is left unused: {}", served[&greedy]);
        assert!(longest < 60, "{longest} ms");
    }
}
