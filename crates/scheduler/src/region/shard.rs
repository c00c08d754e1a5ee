//! Shuffle shards: each account has a few cells of each zone, by rendezvous hashing of its id.
//!
//! Who has which cell follows from the account, its salt and the zone's cells alone. A new cell takes its share from all
//! others and moves nothing else; a lost one moves only those who had it, one cell each. Two accounts may have only
//! `overlap_max` cells in common: an assignment that breaks this tries another salt, which the caller keeps durably with the
//! account. What a shard protects is in docs/scheduling.md: no other account loses *all* of its cells, many lose some.

use crate::cell::Account;
use crate::rng::{mix, stable_hash};
use std::collections::BTreeMap;
use types::{AzName, CellId};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShardSettings {
    /// Cells of an account in each zone (all, when the zone has fewer).
    pub size: usize,
    /// Cells of a zone that two accounts may have in common.
    pub overlap_max: usize,
    /// How many salts are tried before the least bad one is taken, visibly.
    pub tries_max: u32,
}

impl Default for ShardSettings {
    fn default() -> Self {
        Self { size: 8, overlap_max: 4, tries_max: 32 }
    }
}

/// An account's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// To be kept with the account: the same salt gives the same cells.
    pub salt: u32,
    pub cells: BTreeMap<AzName, Vec<CellId>>,
    /// No salt kept the bound: the zone has too few cells for so many accounts.
    pub crowded: bool,
}

#[derive(Debug, Clone)]
pub struct Shards {
    settings: ShardSettings,
    zones: BTreeMap<AzName, Vec<CellId>>,
    accounts: BTreeMap<Account, Shard>,
    /// How many accounts have a set of `overlap_max + 1` cells (by hash): more than one breaks the bound.
    sets: BTreeMap<u64, u32>,
}

impl Shards {
    pub fn new(settings: ShardSettings) -> Self {
        Self { settings, zones: BTreeMap::new(), accounts: BTreeMap::new(), sets: BTreeMap::new() }
    }

    pub fn of(&self, account: Account) -> Option<&Shard> {
        self.accounts.get(&account)
    }

    pub fn accounts(&self) -> impl Iterator<Item = (Account, &Shard)> {
        self.accounts.iter().map(|(a, s)| (*a, s))
    }

    /// Accounts for which no salt kept the bound.
    pub fn crowded(&self) -> usize {
        self.accounts.values().filter(|s| s.crowded).count()
    }

    /// The zone's cells from now on. Accounts keep their salt where the bound allows; those that moved are returned.
    pub fn set_cells(&mut self, zone: &AzName, cells: &[CellId]) -> Vec<Account> {
        let mut cells = cells.to_vec();
        cells.sort();
        cells.dedup();
        self.zones.insert(zone.clone(), cells);
        let before = std::mem::take(&mut self.accounts);
        self.sets.clear();
        let mut moved = Vec::new();
        for (account, old) in before {
            if self.assign(account, old.salt).cells != old.cells {
                moved.push(account);
            }
        }
        moved
    }

    /// The account's shard, made now if it has none. `salt`: the one that was kept for it, else 0.
    pub fn assign(&mut self, account: Account, salt: u32) -> &Shard {
        if !self.accounts.contains_key(&account) {
            let shard = self.find(account, salt);
            for set in self.sets_of(&shard.cells) {
                *self.sets.entry(set).or_default() += 1;
            }
            self.accounts.insert(account, shard);
        }
        &self.accounts[&account]
    }

    pub fn remove(&mut self, account: Account) {
        let Some(shard) = self.accounts.remove(&account) else { return };
        for set in self.sets_of(&shard.cells) {
            if let Some(n) = self.sets.get_mut(&set) {
                *n -= 1;
                if *n == 0 {
                    self.sets.remove(&set);
                }
            }
        }
    }

    fn find(&self, account: Account, first: u32) -> Shard {
        let mut best: Option<(usize, Shard)> = None;
        for salt in first..first.saturating_add(self.settings.tries_max.max(1)) {
            let cells: BTreeMap<AzName, Vec<CellId>> =
                self.zones.iter().map(|(zone, all)| (zone.clone(), choose(account, salt, all, self.settings.size))).collect();
            let broken = self.sets_of(&cells).iter().filter(|set| self.sets.contains_key(set)).count();
            if best.as_ref().is_none_or(|(n, _)| broken < *n) {
                best = Some((broken, Shard { salt, cells, crowded: broken > 0 }));
            }
            if broken == 0 {
                break;
            }
        }
        best.map(|(_, shard)| shard).unwrap_or(Shard { salt: first, cells: BTreeMap::new(), crowded: false })
    }

    /// Hashes of all sets of `overlap_max + 1` cells. A zone whose cells are all in every shard has no bound to keep.
    fn sets_of(&self, cells: &BTreeMap<AzName, Vec<CellId>>) -> Vec<u64> {
        let mut out = Vec::new();
        for (zone, cells) in cells {
            let all = self.zones.get(zone).map_or(0, Vec::len);
            if all > self.settings.size {
                let hashes: Vec<u64> = cells.iter().map(|c| stable_hash(c.as_str().as_bytes())).collect();
                subsets(&hashes, self.settings.overlap_max + 1, stable_hash(zone.as_str().as_bytes()), &mut out);
            }
        }
        out
    }
}

/// Sums of hashes do not depend on the order within a set.
fn subsets(from: &[u64], of: usize, sum: u64, out: &mut Vec<u64>) {
    if of == 0 {
        out.push(mix(sum));
        return;
    }
    for (i, hash) in from.iter().enumerate() {
        if from.len() - i < of {
            break;
        }
        subsets(&from[i + 1..], of - 1, sum.wrapping_add(*hash), out);
    }
}

/// The `size` cells that score highest for the account (rendezvous hashing, Thaler and Ravishankar 1998), by name.
fn choose(account: Account, salt: u32, cells: &[CellId], size: usize) -> Vec<CellId> {
    let seed = mix(account.0 ^ mix(u64::from(salt)));
    let mut scored: Vec<(u64, &CellId)> = cells.iter().map(|c| (mix(seed ^ stable_hash(c.as_str().as_bytes())), c)).collect();
    scored.sort_unstable_by(|a, b| b.cmp(a));
    let mut out: Vec<CellId> = scored.into_iter().take(size).map(|(_, c)| c.clone()).collect();
    out.sort();
    out
}

/// How many sets of `k` of `n` there are.
pub(super) fn choices(n: u32, k: u32) -> f64 {
    (0..k).map(|i| f64::from(n - i) / f64::from(k - i)).product()
}

/// How likely two random shards of `k` of `n` cells share exactly `shared` (hypergeometric). 0 where that is impossible.
pub fn overlap_probability(n: u32, k: u32, shared: u32) -> f64 {
    if k > n || shared > k || k - shared > n - k {
        return 0.0;
    }
    choices(k, shared) * choices(n - k, k - shared) / choices(n, k)
}

/// How likely any two of `accounts` have exactly the same shard (birthday), when nothing is enforced.
pub fn same_probability(n: u32, k: u32, accounts: f64) -> f64 {
    -(-accounts * (accounts - 1.0) / 2.0 / choices(n, k)).exp_m1()
}
