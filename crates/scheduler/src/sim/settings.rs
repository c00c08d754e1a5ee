//! What is simulated.

use super::faults::Script;
use super::net::Network;
use crate::load::Arrival;
use crate::load::shapes::{Fleet, MIXED, MIXES, Mix};
use crate::region::ShardSettings;

#[derive(Debug, Clone)]
pub struct Settings {
    pub seed: u64,
    pub zones: u32,
    pub cells_a_zone: u32,
    pub hosts_a_cell: u32,
    pub hosts_a_rack: u32,
    pub fleet: Fleet,
    pub accounts: u64,
    pub shards: ShardSettings,
    pub load: Load,
    /// Before the run, hosts are filled to this share of vCPUs, in thousandths.
    pub filled_permille: u32,
    /// Virtual time with load and faults; then all is healed, and as much time as `settle_ms` is given to come to rest.
    pub run_ms: u64,
    pub settle_ms: u64,
    pub network: Network,
    pub script: Script,
    /// How often a quiet host reports, and a cell.
    pub report_ms: u64,
    pub summary_ms: u64,
    /// Of a thousand launches, how many are members of spread groups (racks).
    pub grouped_permille: u32,
    /// A host that is silent for so long is switched off and its instances started elsewhere.
    pub dead_after_ms: u64,
}

#[derive(Debug, Clone)]
pub enum Load {
    /// Launches a second of a mix; from `storm.0` to `storm.1` ms `storm.2` times as many.
    Mix {
        mix: Mix,
        a_second: f64,
        storm: Option<(u64, u64, f64)>,
    },
    Trace(Vec<Arrival>),
}

impl Settings {
    /// Small enough to run a hundred of them in seconds; everything breaks in it.
    pub fn chaos(seed: u64) -> Self {
        let run_ms = 120_000;
        Self {
            seed,
            zones: 2,
            cells_a_zone: 3,
            hosts_a_cell: 12,
            hosts_a_rack: 3,
            fleet: MIXED,
            accounts: 10,
            shards: ShardSettings { size: 2, overlap_max: 2, tries_max: 16 },
            load: Load::Mix { mix: MIXES[1], a_second: 5.0, storm: Some((40_000, 50_000, 10.0)) },
            filled_permille: 450,
            run_ms,
            settle_ms: 60_000,
            network: Network::chaotic(),
            script: Script::random(seed, run_ms, 2, 3, 12, 3),
            report_ms: 1_000,
            summary_ms: 1_000,
            grouped_permille: 100,
            dead_after_ms: 15_000,
        }
    }

    /// A quiet region of this size, on a good network.
    pub fn calm(seed: u64, zones: u32, cells_a_zone: u32, hosts_a_cell: u32) -> Self {
        let hosts = f64::from(zones * cells_a_zone * hosts_a_cell);
        Self {
            seed,
            zones,
            cells_a_zone,
            hosts_a_cell,
            hosts_a_rack: 40,
            fleet: MIXED,
            accounts: 1_000,
            shards: ShardSettings { size: 4, overlap_max: 3, tries_max: 16 },
            load: Load::Mix { mix: MIXES[1], a_second: hosts / 200.0, storm: None },
            filled_permille: 600,
            run_ms: 120_000,
            settle_ms: 60_000,
            network: Network::good(),
            script: Script::default(),
            report_ms: if hosts > 20_000.0 { 30_000 } else { 2_000 },
            summary_ms: if hosts > 20_000.0 { 3_000 } else { 1_000 },
            grouped_permille: 20,
            dead_after_ms: if hosts > 20_000.0 { 90_000 } else { 15_000 },
        }
    }
}
