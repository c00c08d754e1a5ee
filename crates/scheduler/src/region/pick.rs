//! Choosing a cell: zone, group, shard, health, room; then the emptier of two.

use super::shard::{ShardSettings, Shards};
use super::summary::{Rung, Summary, rungs};
use crate::cell::{Account, Group, Pools};
use crate::rng::Rng;
use crate::room::Room;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use types::{AzName, CellId, TimestampMs};

/// A cell whose last summary is older gets no launches. Summaries come about once a second.
pub const IMPAIRED_AFTER_MS: u64 = 3_500;
/// Heard from for so long without a gap, a cell that was impaired gets launches again.
const HEALTHY_AFTER_MS: u64 = 2_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellHealth {
    /// Never heard from.
    Unknown,
    Healthy,
    Impaired,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthChange {
    pub cell: CellId,
    pub to: CellHealth,
}

#[derive(Debug, Clone)]
struct CellState {
    summary: Option<Summary>,
    heard: TimestampMs,
    /// Since when summaries come without a gap.
    since: TimestampMs,
    health: CellHealth,
    /// vCPUs that were sent there after its last summary.
    sent_vcpus: u64,
}

#[derive(Debug, Clone)]
pub struct Launch<'a> {
    pub account: Account,
    pub zone: &'a AzName,
    pub size: Room,
    pub pools: Pools,
    pub count: u32,
    /// Members of a placement group are in one cell of a zone: the cell of the first.
    pub group: Option<Group>,
    /// Cells that refused this launch already.
    pub tried: &'a [CellId],
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    pub cell: CellId,
    /// How many of the size fit there by what the cell told, less what was sent since.
    pub fits: u32,
    /// How many cells would have done.
    pub choices: u32,
}

/// Why no cell: counts over the account's cells in the zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoCell {
    pub zone_closed: bool,
    pub cells: u32,
    pub impaired: u32,
    pub full: u32,
    pub tried: u32,
    /// The cell of the placement group, which is the only one that would do.
    pub group_cell: Option<CellId>,
}

impl fmt::Display for NoCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { zone_closed, cells, impaired, full, tried, group_cell } = self;
        if *zone_closed {
            return f.write_str("the zone takes no launches now");
        }
        if let Some(cell) = group_cell {
            write!(f, "the placement group is in cell {cell}; ")?;
        }
        write!(f, "of {cells} cells {full} have no room for it, {impaired} are impaired, {tried} refused it just now")
    }
}

#[derive(Debug, Clone)]
pub struct Picker {
    pub shards: Shards,
    cells: BTreeMap<CellId, CellState>,
    zones: BTreeMap<AzName, BTreeSet<CellId>>,
    closed: BTreeSet<AzName>,
    groups: BTreeMap<(Group, AzName), CellId>,
    ladder: Vec<Rung>,
}

impl Picker {
    pub fn new(settings: ShardSettings) -> Self {
        Self {
            shards: Shards::new(settings),
            cells: BTreeMap::new(),
            zones: BTreeMap::new(),
            closed: BTreeSet::new(),
            groups: BTreeMap::new(),
            ladder: rungs(),
        }
    }

    /// The zone's cells from now on. Returns the accounts whose shards moved.
    pub fn set_cells(&mut self, zone: &AzName, cells: &[CellId]) -> Vec<Account> {
        let before = self.zones.insert(zone.clone(), cells.iter().cloned().collect()).unwrap_or_default();
        for gone in before.iter().filter(|c| !cells.contains(c)) {
            self.cells.remove(gone);
        }
        for cell in cells {
            self.cells.entry(cell.clone()).or_insert(CellState {
                summary: None,
                heard: TimestampMs(0),
                since: TimestampMs(0),
                health: CellHealth::Unknown,
                sent_vcpus: 0,
            });
        }
        self.groups.retain(|(_, z), cell| z != zone || cells.contains(cell));
        self.shards.set_cells(zone, cells)
    }

    /// An operator's word: no launches in the zone until it is opened again.
    pub fn set_zone_open(&mut self, zone: &AzName, open: bool) {
        if open {
            self.closed.remove(zone)
        } else {
            self.closed.insert(zone.clone())
        };
    }

    /// False: of an unknown cell, or older than what is known.
    pub fn hear(&mut self, summary: Summary, now: TimestampMs) -> bool {
        let Some(cell) = self.cells.get_mut(&summary.cell) else { return false };
        if cell.summary.as_ref().is_some_and(|s| s.sequence >= summary.sequence) {
            return false;
        }
        if now.0.saturating_sub(cell.heard.0) > IMPAIRED_AFTER_MS {
            cell.since = now;
        }
        cell.heard = now;
        cell.sent_vcpus = 0;
        if cell.health == CellHealth::Unknown {
            cell.health = CellHealth::Healthy;
        }
        cell.summary = Some(summary);
        true
    }

    /// Call it about once a second; what changed.
    pub fn tick(&mut self, now: TimestampMs) -> Vec<HealthChange> {
        let mut out = Vec::new();
        for (id, cell) in &mut self.cells {
            let silent = now.0.saturating_sub(cell.heard.0) > IMPAIRED_AFTER_MS;
            let to = match cell.health {
                CellHealth::Healthy if silent => CellHealth::Impaired,
                CellHealth::Impaired if !silent && now.0.saturating_sub(cell.since.0) >= HEALTHY_AFTER_MS => CellHealth::Healthy,
                same => same,
            };
            if to != cell.health {
                cell.health = to;
                out.push(HealthChange { cell: id.clone(), to });
            }
        }
        out
    }

    pub fn health(&self, cell: &CellId) -> CellHealth {
        self.cells.get(cell).map_or(CellHealth::Unknown, |c| c.health)
    }

    /// The group has no more members in the zone.
    pub fn forget_group(&mut self, group: Group, zone: &AzName) {
        self.groups.remove(&(group, zone.clone()));
    }

    /// For a region that was built anew: where the group's members are.
    pub fn set_group(&mut self, group: Group, zone: &AzName, cell: &CellId) {
        self.groups.insert((group, zone.clone()), cell.clone());
    }

    /// A cell for the launch. What is sent there is counted until the cell's next summary; a group is tied to the cell.
    ///
    /// # Errors
    /// Why none of the account's cells does.
    pub fn pick(&mut self, launch: &Launch, now: TimestampMs, rng: &mut Rng) -> Result<Pick, NoCell> {
        let mut why = NoCell { zone_closed: self.closed.contains(launch.zone), ..NoCell::default() };
        if why.zone_closed {
            return Err(why);
        }
        let shard = self.shards.assign(launch.account, 0).cells.get(launch.zone).cloned().unwrap_or_default();
        let group = launch.group.map(|g| (g, launch.zone.clone()));
        why.group_cell = group.as_ref().and_then(|g| self.groups.get(g)).cloned();
        let choices: Vec<&CellId> = match &why.group_cell {
            Some(cell) => vec![cell],
            None => shard.iter().collect(),
        };
        why.cells = choices.len() as u32;
        let mut fit: Vec<(u32, &CellId)> = Vec::with_capacity(choices.len());
        for id in choices {
            let Some(cell) = self.cells.get(id) else { continue };
            let fresh = cell.health == CellHealth::Healthy && now.0.saturating_sub(cell.heard.0) <= IMPAIRED_AFTER_MS;
            let told = cell.summary.as_ref().map_or(0, |s| s.fits(launch.size, launch.pools, &self.ladder));
            let sent = cell.sent_vcpus.checked_div(u64::from(launch.size.vcpus)).unwrap_or(0);
            let left = u64::from(told).saturating_sub(sent) as u32;
            if launch.tried.contains(id) {
                why.tried += 1;
            } else if !fresh {
                why.impaired += 1;
            } else if left < launch.count.max(1) {
                why.full += 1;
            } else {
                fit.push((left, id));
            }
        }
        // The roomier of two at random: balanced without all launches of a second going to one (Mitzenmacher 2001).
        let draw = |rng: &mut Rng| fit.get(rng.below(fit.len() as u64) as usize).copied();
        let (one, other) = (draw(rng), draw(rng));
        let Some((left, id)) = one.max(other) else { return Err(why) };
        let pick = Pick { cell: id.clone(), fits: left, choices: fit.len() as u32 };
        if let Some(cell) = self.cells.get_mut(&pick.cell) {
            cell.sent_vcpus += u64::from(launch.size.vcpus) * u64::from(launch.count);
        }
        if let Some(group) = group {
            self.groups.entry(group).or_insert_with(|| pick.cell.clone());
        }
        Ok(pick)
    }
}
