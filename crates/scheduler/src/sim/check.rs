//! What must hold, watched from outside: what hosts really run, what the region promised its users.
//!
//! Knows nothing of deciders and their books. Every violation is kept with its time; a run without any is a good one.

use super::message::{CellNo, HostNo};
use crate::cell::Account;
use crate::room::Room;
use std::collections::{BTreeMap, BTreeSet};
use types::InstanceId;

const KEPT_MAX: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub at_ms: u64,
    pub rule: &'static str,
    pub what: String,
}

type Place = (CellNo, HostNo);

#[derive(Debug, Default)]
pub(super) struct Checker {
    pub now: u64,
    pub violations: Vec<Violation>,
    pub broken: u64,
    runs: BTreeMap<InstanceId, (Place, Room)>,
    used: BTreeMap<Place, Room>,
    generations: BTreeMap<Place, u64>,
    leases: BTreeMap<CellNo, (u64, u8)>,
    commits: BTreeMap<CellNo, u64>,
    cells_of: BTreeMap<Account, BTreeSet<CellNo>>,
    /// Stopped because its host lost power, and when.
    lost: BTreeMap<InstanceId, u64>,
    /// How long things took to come back, ms.
    pub back: BTreeMap<&'static str, Vec<u64>>,
    pub counted: BTreeMap<&'static str, u64>,
    /// How often each rule was looked at: none of them may be vacuous.
    pub looked: BTreeMap<&'static str, u64>,
}

impl Checker {
    fn rule(&mut self, rule: &'static str, holds: bool, what: impl FnOnce() -> String) {
        *self.looked.entry(rule).or_default() += 1;
        if !holds {
            self.broken += 1;
            if self.violations.len() < KEPT_MAX {
                self.violations.push(Violation { at_ms: self.now, rule, what: what() });
            }
        }
    }

    pub fn starts(&mut self, place: Place, instance: InstanceId, room: Room, total: Room) {
        let before = self.runs.insert(instance, (place, room));
        self.rule("never two copies", before.is_none(), || format!("{instance} starts on {place:?} and runs on {before:?}"));
        if let Some(at) = self.lost.remove(&instance) {
            self.recovered("an instance whose host lost power runs again", self.now - at);
        }
        let used = self.used.entry(place).or_default();
        *used = used.plus(room);
        let used = *used;
        self.rule("never oversold", total.holds(used), || format!("{place:?} holds {used} of {total}"));
    }

    pub fn stops(&mut self, place: Place, instance: InstanceId) {
        if let Some((at, room)) = self.runs.get(&instance).copied()
            && at == place
        {
            self.runs.remove(&instance);
            let used = self.used.entry(place).or_default();
            *used = used.minus(room);
        }
    }

    /// Its host lost power.
    pub fn loses(&mut self, place: Place, instance: InstanceId) {
        self.stops(place, instance);
        self.lost.insert(instance, self.now);
    }

    pub fn recovered(&mut self, what: &'static str, after_ms: u64) {
        self.back.entry(what).or_default().push(after_ms);
    }

    pub fn count(&mut self, what: &'static str) {
        *self.counted.entry(what).or_default() += 1;
    }

    /// Cells that an account's instances were placed in.
    pub fn cells_of(&self) -> &BTreeMap<Account, BTreeSet<CellNo>> {
        &self.cells_of
    }

    pub fn applies(&mut self, place: Place, generation: u64) {
        let before = self.generations.insert(place, generation).unwrap_or(0);
        self.rule("generations grow", generation > before, || format!("{place:?} applies {generation} after {before}"));
    }

    /// A controller became leader.
    pub fn leads(&mut self, cell: CellNo, epoch: u64, controller: u8) {
        let before = self.leases.insert(cell, (epoch, controller));
        let grew = before.is_none_or(|(e, _)| epoch > e);
        self.rule("leases are exclusive", grew, || format!("cell {cell}: epoch {epoch} of {controller} after {before:?}"));
    }

    /// A cell's store took a commit.
    pub fn commits(&mut self, cell: CellNo, epoch: u64, controller: u8) {
        let newest = self.leases.get(&cell).copied();
        let last = self.commits.insert(cell, epoch).unwrap_or(0);
        let holds = newest == Some((epoch, controller)) && epoch >= last;
        self.rule("only the leader writes", holds, || format!("cell {cell}: {controller} in epoch {epoch}, lease {newest:?}"));
    }

    /// An account's instance was placed in a cell.
    pub fn placed(&mut self, account: Account, cell: CellNo, shard: &BTreeSet<CellNo>) {
        self.cells_of.entry(account).or_default().insert(cell);
        self.rule("within the shard", shard.contains(&cell), || {
            format!("account {} in cell {cell}, not of {shard:?}", account.0)
        });
    }

    /// Members of a spread group may not share a rack.
    pub fn spread(&mut self, racks: &[(CellNo, u32)], group: u64) {
        let distinct = racks.iter().collect::<BTreeSet<_>>().len();
        self.rule("groups are spread", distinct == racks.len(), || format!("group {group}: racks {racks:?}"));
    }

    /// At rest: what the region has as running, and where.
    pub fn at_rest(&mut self, promised: &BTreeMap<InstanceId, Option<Place>>) {
        for (instance, place) in promised {
            let runs = self.runs.get(instance).map(|(p, _)| *p);
            self.rule("nothing is lost", runs.is_some(), || format!("{instance} runs nowhere; the region: {place:?}"));
            let agreed = runs.is_none() || runs == *place;
            self.rule("the region knows where", agreed, || format!("{instance} runs on {runs:?}; the region: {place:?}"));
        }
        let orphans: Vec<InstanceId> = self.runs.keys().filter(|i| !promised.contains_key(i)).copied().collect();
        let runs = self.runs.len();
        self.rule("nothing is orphaned", orphans.is_empty(), || {
            format!("{} of {runs} running: {:?}", orphans.len(), &orphans[..1])
        });
    }

    pub fn rest(&mut self, rule: &'static str, holds: bool, what: impl FnOnce() -> String) {
        self.rule(rule, holds, what);
    }

    pub fn runs(&self) -> usize {
        self.runs.len()
    }
}
