//! What breaks, when, for how long.

use crate::rng::Rng;
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No power, for a time.
    Host {
        cell: u32,
        host: u32,
    },
    Rack {
        cell: u32,
        rack: u32,
    },
    /// All hosts and controllers of the zone, and its links to the region.
    Zone {
        zone: u32,
    },
    /// The leading controller's process is gone, for a time.
    Controller {
        cell: u32,
    },
    /// It stands still and then goes on as if nothing had happened.
    Pause {
        cell: u32,
    },
    /// The cell's store is lost, with the leader.
    Store {
        cell: u32,
    },
    CutFromRegion {
        cell: u32,
    },
    CutFromCell {
        cell: u32,
        host: u32,
    },
    CutRack {
        cell: u32,
        rack: u32,
    },
    /// The region's process dies and starts again at once.
    Region,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { cell, host } => write!(f, "host {host} of cell {cell}: no power"),
            Self::Rack { cell, rack } => write!(f, "rack {rack} of cell {cell}: no power"),
            Self::Zone { zone } => write!(f, "zone {zone}: no power"),
            Self::Controller { cell } => write!(f, "controller of cell {cell}: killed"),
            Self::Pause { cell } => write!(f, "controller of cell {cell}: paused"),
            Self::Store { cell } => write!(f, "store of cell {cell}: lost"),
            Self::CutFromRegion { cell } => write!(f, "cell {cell}: cut off from the region"),
            Self::CutFromCell { cell, host } => write!(f, "host {host}: cut off from cell {cell}"),
            Self::CutRack { cell, rack } => write!(f, "rack {rack}: cut off from cell {cell}"),
            Self::Region => write!(f, "region: restarted"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub from_ms: u64,
    pub to_ms: u64,
    pub fault: Fault,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script(pub Vec<Planned>);

impl Script {
    /// A fault every few seconds, each healed before `run_ms`.
    pub fn random(seed: u64, run_ms: u64, zones: u32, cells_a_zone: u32, hosts: u32, hosts_a_rack: u32) -> Self {
        let mut rng = Rng::new(seed ^ 0xfa17);
        let mut out = Vec::new();
        let mut at = 5_000;
        while at + 5_000 < run_ms {
            let cell = rng.below(u64::from(zones * cells_a_zone)) as u32;
            let host = rng.below(u64::from(hosts)) as u32;
            let rack = host / hosts_a_rack;
            let fault = match rng.below(20) {
                0..4 => Fault::Host { cell, host },
                4 => Fault::Rack { cell, rack },
                5..8 => Fault::Controller { cell },
                8..10 => Fault::Pause { cell },
                10..12 => Fault::Store { cell },
                12..14 => Fault::CutFromRegion { cell },
                14..17 => Fault::CutFromCell { cell, host },
                17 => Fault::CutRack { cell, rack },
                18 => Fault::Region,
                _ if rng.chance(300) => Fault::Zone { zone: rng.below(u64::from(zones)) as u32 },
                _ => Fault::Host { cell, host },
            };
            let long = if rng.chance(300) { 60_000 } else { 8_000 };
            out.push(Planned { from_ms: at, to_ms: (at + 500 + rng.below(long)).min(run_ms), fault });
            at += rng.below(6_000);
        }
        Self(out)
    }
}
