//! Choosing a cell: zone, shard, health, room; then the roomier of two.
//!
//! Rules, in this order:
//! * A launch goes to the cells of its account's shard and to no other, whether these are full, impaired or lost: what leaves
//!   the shard could take what it does to a cell (a poisonous request, a flood) to all cells. The one exception is what is
//!   tied to a cell already ([`Launch::only`]: a stopped instance's disk, a reservation's slots, a cluster's neighbours).
//! * Cells that are heard and told of room for the whole launch come first: the roomier of two at random.
//! * What is told is too low on purpose, so that a cell that told of less is not full for sure: such cells come next.
//! * Cells that are silent come last, as it may be the region that is cut off.

use super::shard::{ShardSettings, Shards};
use super::summary::{Rung, Summary, rungs};
use crate::cell::{Account, Pools};
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
    /// The one cell that will do.
    pub only: Option<&'a CellId>,
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

/// What is known of a cell, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It told of room for the whole launch.
    Roomy,
    /// It told of less, or has not told yet.
    Doubtful,
    /// Its word has stopped.
    Impaired,
}

/// A cell to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub cell: CellId,
    pub standing: Standing,
    /// As of [`Pick`], which may be too low; `None` of one that has not told yet.
    pub fits: Option<u32>,
}

/// Why no cell: counts over the account's cells in the zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoCell {
    pub zone_closed: bool,
    pub cells: u32,
    pub impaired: u32,
    pub full: u32,
    pub tried: u32,
    /// [`Launch::only`].
    pub only: Option<CellId>,
}

impl fmt::Display for NoCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { zone_closed, cells, impaired, full, tried, only } = self;
        if *zone_closed {
            return f.write_str("the zone takes no launches now");
        }
        if let Some(cell) = only {
            write!(f, "only cell {cell} will do; ")?;
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
    ladder: Vec<Rung>,
}

impl Picker {
    pub fn new(settings: ShardSettings) -> Self {
        Self {
            shards: Shards::new(settings),
            cells: BTreeMap::new(),
            zones: BTreeMap::new(),
            closed: BTreeSet::new(),
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

    /// The cell lives, whatever it says. False: of an unknown cell.
    pub fn beat(&mut self, cell: &CellId, now: TimestampMs) -> bool {
        let Some(cell) = self.cells.get_mut(cell) else { return false };
        if now.0.saturating_sub(cell.heard.0) > IMPAIRED_AFTER_MS {
            cell.since = now;
        }
        cell.heard = now;
        if cell.health == CellHealth::Unknown {
            cell.health = CellHealth::Healthy;
        }
        true
    }

    /// False: of an unknown cell, or older than what is known.
    pub fn hear(&mut self, summary: Summary, now: TimestampMs) -> bool {
        let known =
            self.cells.get(&summary.cell).is_none_or(|c| c.summary.as_ref().is_some_and(|s| s.sequence >= summary.sequence));
        if known || !self.beat(&summary.cell, now) {
            return false;
        }
        if let Some(cell) = self.cells.get_mut(&summary.cell) {
            cell.sent_vcpus = 0;
            cell.summary = Some(summary);
        }
        true
    }

    /// The cell numbers its summaries anew: what it told is forgotten.
    pub fn forget_summary(&mut self, cell: &CellId) {
        if let Some(cell) = self.cells.get_mut(cell) {
            cell.summary = None;
        }
    }

    pub fn cells(&self) -> impl Iterator<Item = &CellId> {
        self.cells.keys()
    }

    /// When the cell was heard last; `None` of one that never was.
    pub fn heard(&self, cell: &CellId) -> Option<TimestampMs> {
        self.cells.get(cell).filter(|c| c.health != CellHealth::Unknown).map(|c| c.heard)
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

    /// So much goes to the cell: counted until its next summary.
    pub fn sent(&mut self, cell: &CellId, vcpus: u64) {
        if let Some(cell) = self.cells.get_mut(cell) {
            cell.sent_vcpus += vcpus;
        }
    }

    /// A cell that told of room for the launch. What is sent there is counted until the cell's next summary.
    ///
    /// # Errors
    /// Why none of the account's cells does.
    pub fn pick(&mut self, launch: &Launch, now: TimestampMs, rng: &mut Rng) -> Result<Pick, NoCell> {
        let (mut stands, why) = self.survey(launch, now)?;
        stands.retain(|c| c.standing == Standing::Roomy);
        let at = roomier(&stands, rng).ok_or(why)?;
        let Choice { cell, fits, .. } = stands[at].clone();
        self.sent(&cell, u64::from(launch.size.vcpus) * u64::from(launch.count));
        Ok(Pick { cell, fits: fits.unwrap_or(0), choices: stands.len() as u32 })
    }

    /// All cells that may be tried, in the order in which to try them. Nothing is counted as sent.
    ///
    /// # Errors
    /// The zone is closed, or all have been tried.
    pub fn order(&mut self, launch: &Launch, now: TimestampMs, rng: &mut Rng) -> Result<Vec<Choice>, NoCell> {
        let (mut rest, why) = self.survey(launch, now)?;
        // Of those that are not drawn the roomiest first, of equals any; those that have not told by name.
        rest.sort_by_cached_key(|c| (c.standing, std::cmp::Reverse(c.fits), c.fits.map(|_| rng.u64())));
        let mut roomy: Vec<Choice> = rest.extract_if(.., |c| c.standing == Standing::Roomy).collect();
        let mut out = Vec::with_capacity(roomy.len() + rest.len());
        while let Some(at) = roomier(&roomy, rng) {
            out.push(roomy.swap_remove(at));
        }
        out.append(&mut rest);
        if out.is_empty() { Err(why) } else { Ok(out) }
    }

    /// The account's cells of the zone that were not tried yet, by name, and the count of all.
    fn survey(&mut self, launch: &Launch, now: TimestampMs) -> Result<(Vec<Choice>, NoCell), NoCell> {
        let zone_closed = self.closed.contains(launch.zone);
        let mut why = NoCell { zone_closed, only: launch.only.cloned(), ..NoCell::default() };
        if zone_closed {
            return Err(why);
        }
        let in_zone = |c: &&CellId| self.zones.get(launch.zone).is_some_and(|z| z.contains(*c));
        let cells: Vec<CellId> = match launch.only {
            Some(cell) => Some(cell).filter(in_zone).cloned().into_iter().collect(),
            None => self.shards.assign(launch.account, 0).cells.get(launch.zone).cloned().unwrap_or_default(),
        };
        why.cells = cells.len() as u32;
        let mut out = Vec::with_capacity(cells.len());
        for id in cells {
            let Some(cell) = self.cells.get(&id) else { continue };
            let silent = now.0.saturating_sub(cell.heard.0) > IMPAIRED_AFTER_MS;
            let told = cell.summary.as_ref().map(|s| s.fits(launch.size, launch.pools, &self.ladder));
            let sent = cell.sent_vcpus.checked_div(u64::from(launch.size.vcpus)).unwrap_or(0);
            let fits = told.map(|n| u64::from(n).saturating_sub(sent) as u32);
            let standing = match cell.health {
                _ if launch.tried.contains(&id) => {
                    why.tried += 1;
                    continue;
                }
                CellHealth::Healthy if !silent && fits >= Some(launch.count.max(1)) => Standing::Roomy,
                CellHealth::Healthy if !silent => Standing::Doubtful,
                // A region that has just begun has heard of nobody.
                CellHealth::Unknown => Standing::Doubtful,
                CellHealth::Healthy | CellHealth::Impaired => Standing::Impaired,
            };
            why.full += u32::from(standing == Standing::Doubtful && cell.health == CellHealth::Healthy);
            why.impaired += u32::from(standing == Standing::Impaired || cell.health == CellHealth::Unknown);
            out.push(Choice { cell: id, standing, fits });
        }
        Ok((out, why))
    }
}

/// Of two at random the roomier: balanced without all launches of a second going to one (Mitzenmacher 2001).
fn roomier(of: &[Choice], rng: &mut Rng) -> Option<usize> {
    let mut draw = || rng.below(of.len() as u64) as usize;
    let (one, other) = (draw(), draw());
    let key = |at: usize| of.get(at).map(|c| (c.fits, &c.cell));
    key(one).max(key(other))?;
    Some(if key(one) >= key(other) { one } else { other })
}
