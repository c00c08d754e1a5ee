//! Faults begin and end; whom they reach is noted.

use super::World;
use crate::cell::Account;
use crate::sim::faults::Fault;
use crate::sim::message::{CellNo, HostNo};
use crate::sim::report::Blast;
use std::collections::BTreeSet;

impl World<'_> {
    fn hosts_of(&self, fault: Fault) -> Vec<(CellNo, HostNo)> {
        let all = self.settings.hosts_a_cell;
        let rack = |cell: u32, rack: u32| {
            let first = rack * self.settings.hosts_a_rack;
            (first..(first + self.settings.hosts_a_rack).min(all)).map(|h| (cell, h)).collect()
        };
        match fault {
            Fault::Host { cell, host } | Fault::CutFromCell { cell, host } => vec![(cell, host)],
            Fault::Rack { cell, rack: r } | Fault::CutRack { cell, rack: r } => rack(cell, r),
            Fault::Zone { zone } => self.cells_in(zone).into_iter().flat_map(|c| (0..all).map(move |h| (c, h))).collect(),
            _ => Vec::new(),
        }
    }

    fn cells_in(&self, zone: u32) -> Vec<CellNo> {
        (0..self.cells.len() as CellNo).filter(|c| self.region.zone_of(*c) == zone as usize).collect()
    }

    /// Cells that cannot take launches because of it.
    fn cells_of(&self, fault: Fault) -> Vec<CellNo> {
        match fault {
            Fault::Controller { cell } | Fault::Pause { cell } | Fault::Store { cell } | Fault::CutFromRegion { cell } => {
                vec![cell]
            }
            Fault::Zone { zone } => self.cells_in(zone),
            _ => Vec::new(),
        }
    }

    pub(super) fn begin(&mut self, i: usize) {
        let fault = self.settings.script.0[i].fault;
        self.fold(4 << 32 | i as u64);
        let before = self.check.runs();
        match fault {
            Fault::Host { .. } | Fault::Rack { .. } | Fault::Zone { .. } => {
                for (c, h) in self.hosts_of(fault) {
                    *self.off.entry((c, h)).or_default() += 1;
                    self.hosts[c as usize][h as usize].lose_power(&mut self.check);
                }
            }
            _ => {}
        }
        let now = self.now;
        let mut taken = Vec::new();
        match fault {
            Fault::Controller { cell } => taken.push((cell, self.cells[cell as usize].crash_leader(now))),
            Fault::Pause { cell } => taken.push((cell, self.cells[cell as usize].pause_leader(now))),
            Fault::Store { cell } => {
                self.cells[cell as usize].lose_store(now);
            }
            Fault::CutFromRegion { cell } => {
                self.cuts.region_cell.insert(cell);
            }
            Fault::CutFromCell { .. } | Fault::CutRack { .. } => self.cuts.cell_host.extend(self.hosts_of(fault)),
            Fault::Zone { zone } => {
                for cell in self.cells_in(zone) {
                    // Both controllers: the first leads, then its standby would.
                    taken.extend(self.cells[cell as usize].crash_all(now).map(|who| (cell, who)));
                    self.cuts.region_cell.insert(cell);
                }
            }
            Fault::Region => self.region.restart(self.settings),
            Fault::Host { .. } | Fault::Rack { .. } => {}
        }
        self.taken.insert(i, taken);
        let hit: BTreeSet<CellNo> = self.cells_of(fault).into_iter().collect();
        let shards = (1..=self.settings.accounts).map(|a| self.region.shard(Account(a)));
        let (mut with, mut without) = (0, 0);
        for shard in shards.filter(|_| !hit.is_empty()) {
            with += u64::from(!shard.is_disjoint(&hit));
            without += u64::from(!shard.is_empty() && shard.is_subset(&hit));
        }
        self.report.blasts.push(Blast {
            at_ms: self.now,
            fault: fault.to_string(),
            instances_stopped: (before - self.check.runs()) as u64,
            accounts_with_a_hit_cell: with,
            accounts_without_another: without,
        });
    }

    pub(super) fn heal(&mut self, i: usize) {
        let fault = self.settings.script.0[i].fault;
        self.fold(5 << 32 | i as u64);
        for (cell, who) in self.taken.remove(&i).unwrap_or_default() {
            self.cells[cell as usize].revive(who);
        }
        match fault {
            Fault::CutFromRegion { cell } => {
                self.cuts.region_cell.remove(&cell);
            }
            Fault::Zone { zone } => {
                for cell in self.cells_in(zone) {
                    self.cuts.region_cell.remove(&cell);
                }
            }
            Fault::CutFromCell { .. } | Fault::CutRack { .. } => {
                for place in self.hosts_of(fault) {
                    self.cuts.cell_host.remove(&place);
                }
            }
            _ => {}
        }
        if matches!(fault, Fault::Host { .. } | Fault::Rack { .. } | Fault::Zone { .. }) {
            for (c, h) in self.hosts_of(fault) {
                let off = self.off.entry((c, h)).or_default();
                *off = off.saturating_sub(1);
                if *off == 0 {
                    self.power_on(c, h);
                }
            }
        }
    }

    pub(super) fn repair(&mut self) {
        for c in 0..self.cells.len() as CellNo {
            (0..2).for_each(|who| self.cells[c as usize].revive(who));
            (0..self.settings.hosts_a_cell).for_each(|h| self.power_on(c, h));
        }
    }

    fn power_on(&mut self, c: CellNo, h: HostNo) {
        let host = &mut self.hosts[c as usize][h as usize];
        host.gain_power(self.now, &mut self.check);
        self.call(c, h);
    }
}
