//! Which cell of a zone gets a launch: what cells told of themselves, and the account's shard.
//!
//! ```text
//!  cells ── report (health, room) ──► Cells ◄── Question::Cells ── an operation
//!                                       └─────► order of cells ──► claims, one after the other
//! ```
//! The rules are the scheduler's ([`scheduler::region::Picker`]); nothing here is stored but the salt of each account's shard,
//! which its row has. A process that has just begun has heard of nobody: it asks the cells of the shard by name.

use crate::db::Db;
use crate::rows::Account;
use platform::Settings;
use platform::settings::ShardSettings;
use scheduler::cell::{Account as Number, Class, Pools};
use scheduler::region::{Choice, IMPAIRED_AFTER_MS, LADDER, Launch, Picker, Standing, Summary};
use scheduler::{Rng, Room};
use std::collections::{BTreeMap, BTreeSet};
use types::{AccountId, AzName, CellId, HostId, TimestampMs};
use wire::cell::{CellReport, HostHealth};
use wire::host::Capacity;

/// How many salts are tried for a shard that keeps the bound.
const SALTS_MAX: u32 = 32;

/// A launch, as the choice of its cells sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The id of its first instance, or of the reservation: another launch is another question.
    pub first: String,
    pub account: AccountId,
    pub zone: AzName,
    pub size: Capacity,
    pub count: u32,
    /// The one cell that will do: where the rest of its placement group is.
    pub only: Option<CellId>,
}

/// A cell to try, and why it is tried in this place, for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub cell: CellId,
    pub why: String,
}

#[derive(Debug, Clone)]
pub struct Cells {
    picker: Picker,
    /// Of which run of its controller the last word of a cell was.
    runs: BTreeMap<CellId, u64>,
    /// Hosts that their cells have not heard for long.
    silent: BTreeMap<CellId, BTreeSet<HostId>>,
    rng: Rng,
}

impl Default for Cells {
    /// Of a region without cells.
    fn default() -> Self {
        Self::new(&ShardSettings::default(), Vec::new(), 0)
    }
}

impl Cells {
    /// `seed` decides which of two cells is drawn, nothing else.
    pub fn of(settings: &Settings, seed: u64) -> Self {
        let cells = |zone: &AzName| settings.cells.iter().filter(|c| c.az == *zone).map(|c| c.id.clone()).collect();
        let zones = settings.zones().into_iter().map(|z| (z.clone(), cells(z))).collect();
        Self::new(&settings.shards, zones, seed)
    }

    fn new(shards: &ShardSettings, zones: Vec<(AzName, Vec<CellId>)>, seed: u64) -> Self {
        let size = usize::from(shards.cells_per_account.max(1));
        let settings = scheduler::region::ShardSettings { size, overlap_max: size / 2, tries_max: SALTS_MAX };
        let mut picker = Picker::new(settings);
        zones.iter().for_each(|(zone, cells)| drop(picker.set_cells(zone, cells)));
        Self { picker, runs: BTreeMap::new(), silent: BTreeMap::new(), rng: Rng::new(seed) }
    }

    /// The salt of the account's shard from now on: `kept` if that keeps the bound still.
    pub fn assign(&mut self, account: &AccountId, kept: u32) -> u32 {
        let shard = self.picker.shards.assign(number(account), kept);
        if shard.crowded {
            tracing::warn!(%account, "no set of cells keeps the bound of what two accounts have in common");
        }
        shard.salt
    }

    /// Of an account that came to nothing.
    pub fn forget(&mut self, account: &AccountId) {
        self.picker.shards.remove(number(account));
    }

    /// Accounts that have more cells in common with another one than is meant.
    pub fn crowded(&self) -> usize {
        self.picker.shards.crowded()
    }

    /// The account's cells of the zone, those that are impaired last.
    pub fn shard(&self, account: &AccountId, zone: &AzName, now: TimestampMs) -> Vec<CellId> {
        let shard = self.picker.shards.of(number(account)).and_then(|s| s.cells.get(zone));
        let mut cells = shard.cloned().unwrap_or_default();
        cells.sort_by_key(|c| self.is_impaired(c, now));
        cells
    }

    pub fn hear(&mut self, report: &CellReport, now: TimestampMs) {
        self.picker.beat(&report.cell, now);
        let silent = report.hosts.iter().filter(|h| h.health == HostHealth::Silent).map(|h| h.host.clone());
        self.silent.insert(report.cell.clone(), silent.collect());
        if let Some(room) = report.room.as_ref().filter(|r| r.ladder == LADDER) {
            if self.runs.insert(report.cell.clone(), room.run) != Some(room.run) {
                self.picker.forget_summary(&report.cell);
            }
            self.picker.hear(
                Summary {
                    cell: report.cell.clone(),
                    zone: report.az.clone(),
                    at: now,
                    sequence: room.sequence,
                    slots: room.classes.iter().map(|c| (Class(c.class), c.slots.clone())).collect(),
                    empty: room.classes.iter().map(|c| (Class(c.class), c.empty)).collect(),
                    spot_price: BTreeMap::new(),
                },
                now,
            );
        }
        for change in self.picker.tick(now) {
            tracing::info!(cell = %change.cell, to = ?change.to, "a cell's health for launches");
        }
    }

    /// `false` before its first report: a control plane that has just begun has heard of nobody.
    pub fn is_impaired(&self, cell: &CellId, now: TimestampMs) -> bool {
        self.picker.heard(cell).is_some_and(|at| now.0.saturating_sub(at.0) > IMPAIRED_AFTER_MS)
    }

    /// Whether the host has not been heard of for long, by its cell or because its cell is not.
    pub fn is_silent(&self, cell: &CellId, host: &HostId, now: TimestampMs) -> bool {
        self.is_impaired(cell, now) || self.silent.get(cell).is_some_and(|hosts| hosts.contains(host))
    }

    pub fn impaired(&self, now: TimestampMs) -> Vec<CellId> {
        self.picker.cells().filter(|c| self.is_impaired(c, now)).cloned().collect()
    }

    /// A claim goes to the cell: counted until its next word.
    pub fn sent(&mut self, cell: &CellId, size: Capacity, count: usize) {
        self.picker.sent(cell, u64::from(size.vcpus) * count as u64);
    }

    /// The cells to try, in this order; none when the only one that will do is not in the zone.
    pub fn order(&mut self, wanted: &Wanted, now: TimestampMs) -> Vec<Candidate> {
        let size = Room { vcpus: wanted.size.vcpus, memory_mib: wanted.size.memory_mib, ..Room::default() };
        let launch = Launch {
            account: number(&wanted.account),
            zone: &wanted.zone,
            size,
            pools: Pools::ANY,
            count: wanted.count,
            only: wanted.only.as_ref(),
            tried: &[],
        };
        let order = self.picker.order(&launch, now, &mut self.rng).unwrap_or_default();
        let roomy = order.iter().filter(|c| c.standing == Standing::Roomy).count();
        let all: BTreeSet<&str> = order.iter().map(|c| c.cell.as_str()).collect();
        let all: Vec<&str> = all.into_iter().collect();
        order.iter().map(|c| Candidate { cell: c.cell.clone(), why: why(c, wanted, &all, roomy) }).collect()
    }
}

fn why(choice: &Choice, wanted: &Wanted, all: &[&str], roomy: usize) -> String {
    let Choice { cell, standing, fits } = choice;
    if wanted.only.is_some() {
        return format!("{cell}: the rest of its placement group is there");
    }
    let of = match all {
        [_] => format!("{cell}: the account's only cell of {}", wanted.zone),
        all => format!("{cell}: of the account's cells of {} ({})", wanted.zone, all.join(", ")),
    };
    let told = match fits {
        Some(n) => format!("which told of room for {n}"),
        None => "which has not told of its room yet".to_owned(),
    };
    match standing {
        Standing::Roomy if all.len() == 1 => format!("{of}, {told}"),
        Standing::Roomy => format!("{of}, {told}; of {roomy} that told of enough the roomier of two at random"),
        Standing::Doubtful if fits.is_none() || all.len() == 1 => format!("{of}, {told}"),
        Standing::Doubtful => format!("{of}, {told} (too low on purpose: asked after those that told of enough)"),
        Standing::Impaired => format!("{of}, although its reports have stopped"),
    }
}

/// Shards are of numbers; an account's id is one of twelve digits.
fn number(account: &AccountId) -> Number {
    Number(account.as_str().bytes().fold(0, |n, b| n * 10 + u64::from(b.wrapping_sub(b'0'))))
}

/// At a start: each account's shard as it was, the oldest accounts first; salts that had to change are put into their rows.
pub fn assign_all(db: &mut Db, settings: &Settings, seed: u64) {
    db.cells = Cells::of(settings, seed);
    let mut accounts: Vec<_> = db.all::<Account>().collect();
    accounts.sort_by_key(|a| (a.created, a.id.clone()));
    for account in accounts {
        let salt = db.cells.assign(&account.id, account.shard_salt);
        if salt != account.shard_salt {
            db.update::<Account>(&account.id, &account.id, |a| a.shard_salt = salt);
        }
    }
}

#[cfg(test)]
pub mod tests;
