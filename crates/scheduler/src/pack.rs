//! How well hosts are filled: this crate's decider beside simpler rules, and beside what no rule can beat.
//!
//! A cell is brought to four fifths by arrivals and departures, kept there until its instances were exchanged once over,
//! then filled without departures until the first request is refused. Measured is the share in use of the dimension that is
//! fullest, then. The bound: the same requests in the same order, until a linear program says that nobody could place them
//! ([`Bound::fits`]).

mod bound;
mod conflict;
mod policy;
mod simplex;

pub use bound::Bound;
pub use conflict::conflicts;
pub use policy::Policy;

use crate::cell::Account;
use crate::cell::{Decider, Request};
use crate::load::shapes::{Fleet, Mix, Shape};
use crate::load::{Departures, lifetime_ms};
use crate::rng::Rng;
use crate::room::Room;
use policy::Fleeting;
use std::fmt;
use types::{InstanceId, TimestampMs};

#[derive(Debug, Clone, Copy)]
pub struct Study {
    pub fleet: Fleet,
    pub mix: Mix,
    pub hosts: u32,
    pub seed: u64,
}

#[derive(Debug, Clone, Default)]
pub struct Packed {
    /// Use of the fullest dimension at the first refusal, in percent: of the rule, and of the bound for the same requests.
    pub used: f64,
    pub bound: f64,
    /// Free vCPUs at that moment on hosts with less than 2 GiB a free vCPU, in percent of all.
    pub stranded: f64,
    pub placed: u64,
}

impl Study {
    /// A request that an empty host could take.
    fn draw(&self, rng: &mut Rng) -> Shape {
        loop {
            let shape = self.mix.draw(rng);
            if self.fleet.takes(&shape) {
                return shape;
            }
        }
    }

    /// The bound goes on with the same requests, until even in parts they do not fit: what is in use before that, in percent. The
    /// first of them is in it.
    fn most(&self, start: Bound, rng: &mut Rng) -> f64 {
        let mut next: Vec<Shape> = Vec::new();
        let mut after = |n: usize| {
            while next.len() < n {
                next.push(self.draw(rng));
                lifetime_ms(rng);
            }
            let mut bound = start.clone();
            next[..n].iter().for_each(|s| bound.take(s));
            bound
        };
        // How many more fit, and how many do not.
        let (mut fits, mut not) = (None, 0);
        while after(not).fits() {
            (fits, not) = (Some(not), not * 2 + 1);
        }
        let Some(mut fits) = fits else { return 0.0 };
        while not - fits > 1 {
            let n = fits.midpoint(not);
            if after(n).fits() { fits = n } else { not = n }
        }
        after(fits).used() * 100.0
    }

    pub fn run(&self, policy: Policy) -> Packed {
        let mut rng = Rng::new(self.seed);
        let mut cell = Fleeting::new(policy, self.fleet, self.hosts, self.seed);
        let mut bound = Bound::new(self.fleet, self.hosts);
        let mut departures: Departures<(InstanceId, Shape)> = Departures::default();
        let (mut now, mut churned, mut out) = (0u64, 0u64, Packed::default());
        let mut number = 0u64;
        let mut steady = 0u64;
        loop {
            let fullest = bound.used();
            if fullest >= 0.8 && churned < steady.max(u64::from(self.hosts)) {
                steady = steady.max(departures.len() as u64);
                if let Some((gone, shape)) = departures.pop() {
                    cell.release(gone);
                    bound.release(&shape);
                    churned += 1;
                }
                continue;
            }
            number += 1;
            now += 1000;
            let shape = self.draw(&mut rng);
            let lifetime = lifetime_ms(&mut rng);
            let id = InstanceId::from_random(u128::from(number));
            if !cell.place(id, &shape) {
                if fullest < 0.8 {
                    // A rare shape whose own classes are full: the mix asks more of them than the fleet has. It goes elsewhere.
                    continue;
                }
                (out.used, out.stranded) = (bound.used() * 100.0, cell.stranded() * 100.0);
                bound.take(&shape);
                break;
            }
            out.placed += 1;
            bound.take(&shape);
            departures.add(now + lifetime, (id, shape));
        }
        out.bound = self.most(bound, &mut rng).max(out.used);
        out
    }
}

/// What moves win: a cell after churn and a long ebb, its empty hosts before and after.
#[derive(Debug, Clone, Default)]
pub struct Defragmented {
    pub hosts: u32,
    pub used_percent: f64,
    pub empty_before: u32,
    /// (moves allowed, moves made, empty hosts after).
    pub after: Vec<(usize, usize, u32)>,
}

pub fn defragment(study: &Study, budgets: &[usize]) -> Defragmented {
    let mut rng = Rng::new(study.seed);
    let mut decider = Decider::default();
    for n in 0..study.hosts {
        decider.add_host(study.fleet.host("a1", n, study.hosts));
    }
    let mut live: Vec<InstanceId> = Vec::new();
    let mut number = 0u64;
    let place = |decider: &mut Decider, rng: &mut Rng, live: &mut Vec<InstanceId>, number: &mut u64| {
        *number += 1;
        let shape = study.mix.draw(rng);
        let id = InstanceId::from_random(u128::from(*number));
        let request = Request { pools: shape.pools, ..Request::new(Account(1), shape.size) };
        let placed = decider.decide(id, &request, TimestampMs(0)).is_ok();
        if placed {
            live.push(id);
        }
        placed
    };
    while place(&mut decider, &mut rng, &mut live, &mut number) {}
    // The ebb: seven of ten end, by chance.
    let keep = live.len() * 3 / 10;
    while live.len() > keep {
        let gone = live.swap_remove(rng.below(live.len() as u64) as usize);
        decider.release(gone);
    }
    let empty = |d: &Decider| d.hosts().filter(|h| d.on_host(*h).is_empty()).count() as u32;
    let vcpus =
        |f: fn(&Decider, crate::cell::HostIx) -> Room| decider.hosts().map(|h| f64::from(f(&decider, h).vcpus)).sum::<f64>();
    let used_percent = 100.0 * (1.0 - vcpus(Decider::free) / vcpus(Decider::total));
    let mut out = Defragmented { hosts: study.hosts, used_percent, empty_before: empty(&decider), after: Vec::new() };
    for budget in budgets {
        let mut trial = decider.clone();
        let moves = trial.defragment(*budget, TimestampMs(0));
        let made = moves.iter().filter(|m| trial.moved(m.instance, m.to)).count();
        out.after.push((*budget, made, empty(&trial)));
    }
    out
}

impl fmt::Display for Defragmented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hosts, used_percent, empty_before, .. } = self;
        writeln!(f, "{hosts} hosts, {used_percent:.1} % of vCPUs used after an ebb, {empty_before} hosts empty\n")?;
        writeln!(f, "| moves allowed | moves made | hosts empty after |\n|---|---|---|")?;
        self.after.iter().try_for_each(|(budget, made, empty)| writeln!(f, "| {budget} | {made} | {empty} |"))
    }
}
