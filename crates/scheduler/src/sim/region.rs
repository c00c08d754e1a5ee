//! The region: rows of instances, durable; a picker, which a restart forgets and summaries fill again.

use super::cell::Around;
use super::message::{CellNo, Claim, HostNo, Message, Node};
use super::settings::Settings;
use crate::cell::{Account, Group};
use crate::load::shapes::Shape;
use crate::region::{Launch, Picker};
use std::collections::{BTreeMap, BTreeSet};
use types::{AzName, CellId, InstanceId, TimestampMs};

const CLAIM_MS: u64 = 2_000;
const AGAIN_MS: u64 = 2_000;
/// How many cells a launch tries.
const TRIES_MAX: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Claiming,
    Starting,
    Running,
    Ending,
}

#[derive(Debug)]
pub(super) struct Row {
    pub claim: Claim,
    pub zone: usize,
    pub cell: CellNo,
    pub host: HostNo,
    hold: u64,
    pub phase: Phase,
    tried: Vec<CellId>,
    next: u64,
    launched: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub launched: u64,
    pub running: u64,
    pub ended: u64,
    pub failed: BTreeMap<&'static str, u64>,
    pub picks: u64,
    pub refused_by_cells: u64,
    /// From launch to running, ms.
    pub took: Vec<u32>,
}

pub(super) struct Region {
    pub picker: Picker,
    zones: Vec<AzName>,
    cells: Vec<(CellId, usize)>,
    numbers: BTreeMap<CellId, CellNo>,
    pub rows: BTreeMap<InstanceId, Row>,
    /// Where a placement group's first launch of a zone went: the others go there too.
    groups: BTreeMap<(Group, usize), CellId>,
    due: BTreeSet<(u64, InstanceId)>,
    pub counts: Counts,
}

fn picker(settings: &Settings, zones: &[AzName], cells: &[(CellId, usize)]) -> Picker {
    let mut picker = Picker::new(settings.shards);
    for (n, zone) in zones.iter().enumerate() {
        let here: Vec<CellId> = cells.iter().filter(|(_, z)| *z == n).map(|(c, _)| c.clone()).collect();
        picker.set_cells(zone, &here);
    }
    picker
}

impl Region {
    pub fn new(settings: &Settings, zones: Vec<AzName>, cells: Vec<(CellId, usize)>) -> Self {
        let mut picker = picker(settings, &zones, &cells);
        for account in 0..settings.accounts {
            picker.shards.assign(Account(account + 1), 0);
        }
        let numbers = cells.iter().enumerate().map(|(n, (c, _))| (c.clone(), n as CellNo)).collect();
        Self {
            picker,
            zones,
            cells,
            numbers,
            rows: BTreeMap::new(),
            groups: BTreeMap::new(),
            due: BTreeSet::new(),
            counts: Counts::default(),
        }
    }

    /// The process dies and starts: rows and salts are in its store, the rest is not.
    pub fn restart(&mut self, settings: &Settings) {
        let salts: Vec<(Account, u32)> = self.picker.shards.accounts().map(|(a, s)| (a, s.salt)).collect();
        self.picker = picker(settings, &self.zones, &self.cells);
        for (account, salt) in salts {
            self.picker.shards.assign(account, salt);
        }
        let placed = self.rows.values().filter(|r| r.phase != Phase::Claiming);
        let cell = |r: &Row| self.cells[r.cell as usize].0.clone();
        self.groups = placed.filter_map(|r| Some(((r.claim.group?, r.zone), cell(r)))).collect();
    }

    pub fn shard(&self, account: Account) -> BTreeSet<CellNo> {
        let cells = self.picker.shards.of(account).into_iter().flat_map(|s| s.cells.values().flatten());
        cells.filter_map(|c| self.numbers.get(c).copied()).collect()
    }

    pub fn zone_of(&self, cell: CellNo) -> usize {
        self.cells[cell as usize].1
    }

    pub fn preload(&mut self, claim: Claim, cell: CellNo, host: HostNo) {
        let (zone, phase) = (self.zone_of(cell), Phase::Running);
        self.rows.insert(
            claim.instance,
            Row { claim, zone, cell, host, hold: 0, phase, tried: Vec::new(), next: u64::MAX, launched: 0 },
        );
    }

    pub fn launch(
        &mut self,
        instance: InstanceId,
        account: Account,
        zone: usize,
        shape: Shape,
        group: Option<Group>,
        around: &mut Around,
    ) {
        self.counts.launched += 1;
        let claim = Claim { instance, attempt: 0, account, size: shape.size, pools: shape.pools, group };
        let phase = Phase::Claiming;
        let row = Row { claim, zone, cell: 0, host: 0, hold: 0, phase, tried: Vec::new(), next: 0, launched: around.now };
        self.rows.insert(instance, row);
        self.claim(instance, around);
    }

    /// Asks the next cell, or gives up.
    fn claim(&mut self, instance: InstanceId, around: &mut Around) {
        let Some(row) = self.rows.get_mut(&instance) else { return };
        self.due.remove(&(row.next, instance));
        let group = row.claim.group.map(|g| (g, row.zone));
        let launch = Launch {
            account: row.claim.account,
            zone: &self.zones[row.zone],
            size: row.claim.size,
            pools: row.claim.pools,
            count: 1,
            only: group.and_then(|g| self.groups.get(&g)),
            tried: &row.tried,
        };
        let picked = match row.tried.len() {
            tries if tries >= TRIES_MAX => Err("all cells that were tried refused"),
            _ => self.picker.pick(&launch, TimestampMs(around.now), around.rng).map_err(|why| match why {
                w if w.zone_closed => "the zone was closed",
                w if w.impaired == w.cells => "no cell of the shard was healthy",
                w if w.tried > 0 => "no further cell had room",
                _ => "no cell of the shard told of room",
            }),
        };
        match picked {
            Ok(pick) => {
                self.counts.picks += 1;
                if let Some(group) = group {
                    self.groups.entry(group).or_insert_with(|| pick.cell.clone());
                }
                row.claim.attempt += 1;
                (row.cell, row.phase, row.next) = (self.numbers[&pick.cell], Phase::Claiming, around.now + CLAIM_MS);
                self.due.insert((row.next, instance));
                around.out.to(Node::Cell(row.cell), Message::Claim(row.claim));
            }
            Err(reason) => {
                // Nothing runs: a cell that may hold room for it gives that back by itself.
                self.rows.remove(&instance);
                *self.counts.failed.entry(reason).or_default() += 1;
            }
        }
    }

    /// The user ends it.
    pub fn end(&mut self, instance: InstanceId, around: &mut Around) {
        let Some(row) = self.rows.get_mut(&instance) else { return };
        match row.phase {
            Phase::Claiming => {
                self.due.remove(&(row.next, instance));
                self.rows.remove(&instance);
                *self.counts.failed.entry("ended by its user before it had room").or_default() += 1;
            }
            Phase::Starting | Phase::Running => {
                row.phase = Phase::Ending;
                self.again(instance, around);
            }
            Phase::Ending => {}
        }
    }

    /// Says to the cell what is wanted, now and until it is so.
    fn again(&mut self, instance: InstanceId, around: &mut Around) {
        let Some(row) = self.rows.get_mut(&instance) else { return };
        self.due.remove(&(row.next, instance));
        row.next = around.now + AGAIN_MS;
        self.due.insert((row.next, instance));
        let (attempt, host, hold) = (row.claim.attempt, row.host, row.hold);
        let message = match row.phase {
            Phase::Ending => Message::End { instance, attempt },
            _ => Message::Run { instance, attempt, host, hold },
        };
        around.out.to(Node::Cell(row.cell), message);
    }

    pub fn tick(&mut self, around: &mut Around) {
        self.picker.tick(TimestampMs(around.now));
        while let Some((at, instance)) = self.due.first().copied()
            && at <= around.now
        {
            self.due.pop_first();
            let Some(row) = self.rows.get_mut(&instance) else { continue };
            match row.phase {
                Phase::Claiming => {
                    row.tried.push(self.cells[row.cell as usize].0.clone());
                    self.claim(instance, around);
                }
                Phase::Starting | Phase::Ending => self.again(instance, around),
                Phase::Running => {}
            }
        }
    }

    pub fn hear(&mut self, from: CellNo, message: &Message, around: &mut Around) {
        match message {
            Message::Summary(summary) => {
                self.picker.hear((**summary).clone(), TimestampMs(around.now));
            }
            Message::AskRows { token } => {
                let rows = self.rows.values().filter(|r| r.cell == from && r.phase != Phase::Claiming);
                let rows = rows.map(|r| (r.claim, r.host, r.phase != Phase::Ending)).collect();
                around.out.to(Node::Cell(from), Message::Rows { token: *token, rows });
            }
            Message::Placed { instance, attempt, host, hold } => {
                if let Some(row) = self.current(*instance, *attempt, from)
                    && row.phase == Phase::Claiming
                {
                    (row.phase, row.host, row.hold) = (Phase::Starting, *host, *hold);
                    let account = row.claim.account;
                    let shard = self.shard(account);
                    around.check.placed(account, from, &shard);
                    self.again(*instance, around);
                }
            }
            Message::Short { instance, attempt } => {
                if let Some(row) = self.current(*instance, *attempt, from)
                    && row.phase == Phase::Claiming
                {
                    self.counts.refused_by_cells += 1;
                    self.try_next(*instance, from, around);
                }
            }
            Message::Refused { instance, attempt } => {
                if let Some(row) = self.current(*instance, *attempt, from) {
                    match row.phase {
                        Phase::Claiming => {}
                        Phase::Starting | Phase::Running => {
                            row.tried.clear();
                            self.claim(*instance, around);
                        }
                        Phase::Ending => self.forget(*instance),
                    }
                }
            }
            Message::Running { instance, attempt, host, moved } => {
                if let Some(row) = self.current(*instance, *attempt, from) {
                    if *moved && row.phase != Phase::Ending {
                        let (instance, attempt, host, hold) = (*instance, *attempt, *host, row.hold);
                        around.out.to(Node::Cell(from), Message::Run { instance, attempt, host, hold });
                    }
                    row.host = *host;
                    if row.phase == Phase::Starting {
                        row.phase = Phase::Running;
                        row.tried.clear();
                        let (next, took) = (row.next, around.now - row.launched);
                        self.due.remove(&(next, *instance));
                        self.counts.running += 1;
                        self.counts.took.push(took as u32);
                    }
                }
            }
            Message::Gone { instance, attempt } => {
                if let Some(row) = self.current(*instance, *attempt, from) {
                    match row.phase {
                        Phase::Ending => self.forget(*instance),
                        // The cell ended what the region wants: never. The checker finds it, as it stays promised.
                        _ => around.check.count("gone although wanted"),
                    }
                }
            }
            _ => {}
        }
    }

    fn current(&mut self, instance: InstanceId, attempt: u32, from: CellNo) -> Option<&mut Row> {
        self.rows.get_mut(&instance).filter(|r| r.claim.attempt == attempt && r.cell == from)
    }

    fn try_next(&mut self, instance: InstanceId, from: CellNo, around: &mut Around) {
        if let Some(row) = self.rows.get_mut(&instance) {
            row.tried.push(self.cells[from as usize].0.clone());
            self.claim(instance, around);
        }
    }

    fn forget(&mut self, instance: InstanceId) {
        if let Some(row) = self.rows.remove(&instance) {
            self.due.remove(&(row.next, instance));
            self.counts.ended += 1;
        }
    }
}
