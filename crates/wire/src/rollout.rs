//! Rollouts: another program for the processes of a region, in waves. The supervisor keeps these documents and shows them as
//! they are.

use crate::{Empty, method};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use types::{CellId, HostId};

/// A program that the supervisor keeps, by the SHA-256 of its file, in hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    pub sha256: String,
    /// What it says of itself.
    pub version: String,
}

/// What an operator may choose. The defaults are those of the founding documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RolloutPlan {
    /// The first host. Without it: the one with the fewest instances of the canary cell.
    pub one_box: Option<HostId>,
    /// Without it: the cell with the fewest instances.
    pub canary_cell: Option<CellId>,
    /// Without it: the cell with the most instances of the others.
    pub production_cell: Option<CellId>,
    /// How many of the region's cells have the program after each of the waves that follow, in percent; the last is 100.
    pub regional_percent: Vec<u8>,
    pub bake_seconds: BakeSeconds,
    /// A process that was given the program answers within this time.
    pub start_seconds: u32,
    /// What is not heard of for so long is missing.
    pub missing_seconds: u32,
    pub thresholds: Thresholds,
}

/// How long each wave is watched before the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BakeSeconds {
    pub one_box: u32,
    pub canary_cell: u32,
    pub production_canary: u32,
    pub regional: u32,
}

/// More than this ends a rollout. Shares, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// Processes with the new program that ended by themselves.
    pub failures: f64,
    /// Launches on hosts with the new program, above the share of the other hosts.
    pub launch_failures: f64,
    /// API requests without an answer, above the share before the wave.
    pub api_errors: f64,
    /// How much longer the slowest hundredth of answers may take than of the same roles with the old program.
    pub p99_increase: f64,
    /// An increase below this many milliseconds is the machine's own noise.
    pub p99_floor_ms: u32,
    /// Of answers, and of requests: with fewer there is nothing to compare.
    pub samples_min: u32,
}

impl Default for RolloutPlan {
    fn default() -> Self {
        Self {
            one_box: None,
            canary_cell: None,
            production_cell: None,
            regional_percent: vec![10, 25, 50, 100],
            bake_seconds: BakeSeconds::default(),
            start_seconds: 60,
            missing_seconds: 30,
            thresholds: Thresholds::default(),
        }
    }
}

impl Default for BakeSeconds {
    fn default() -> Self {
        Self { one_box: 900, canary_cell: 3_600, production_canary: 7_200, regional: 3_600 }
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { failures: 0.001, launch_failures: 0.01, api_errors: 0.0005, p99_increase: 0.2, p99_floor_ms: 20, samples_min: 100 }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wave {
    /// `one-box`, `canary-cell`, `production-canary`, `10 %`, …
    pub name: String,
    /// In the order of their replacement.
    pub processes: Vec<String>,
    pub bake_s: u32,
    /// The next wave needs an operator's approval.
    pub approval: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "kebab-case")]
pub enum Phase {
    /// The wave's processes get the program, one after the other; `since_ms`: the last of those that have.
    Updating {
        wave: usize,
        since_ms: u64,
    },
    /// They are watched.
    Baking {
        wave: usize,
        since_ms: u64,
    },
    /// The wave is good, and the next needs an approval. It is watched on.
    Awaiting {
        wave: usize,
    },
    /// All get the old program again, the last one first.
    RollingBack {
        since_ms: u64,
    },
    Done,
    RolledBack,
}

impl Phase {
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::RolledBack)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rollout {
    /// 1, 2, …
    pub id: u64,
    pub program: Program,
    /// What all ran before; `None`: the supervisor's own program.
    pub before: Option<Program>,
    pub plan: RolloutPlan,
    pub waves: Vec<Wave>,
    #[serde(flatten)]
    pub phase: Phase,
    /// The processes that are to run the program, in the order in which they got it.
    pub updated: Vec<String>,
    pub approved: bool,
    pub started_ms: u64,
    pub ended_ms: Option<u64>,
    /// Why it was halted.
    pub reason: Option<String>,
}

/// What was measured of a role with one of the two programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// `agent`, `cell`, …
    pub role: String,
    /// With the new program; else with the old one.
    pub new: bool,
    pub asked: u64,
    pub missed: u64,
    /// Upper bounds within a tenth.
    pub p50_us: u64,
    pub p99_us: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rollouts {
    /// Oldest first.
    pub rollouts: Vec<Rollout>,
    /// Of the one that is under way.
    pub figures: Vec<Figure>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolloutRequest {
    /// The program's file, absolute. It is copied.
    pub program: PathBuf,
    pub plan: RolloutPlan,
    /// No approval will be asked for.
    pub approved: bool,
}

method!(StartRollout, "supervisor/StartRollout", RolloutRequest => Rollout);
method!(GetRollouts, "supervisor/Rollouts", Empty => Rollouts);
method!(ApproveRollout, "supervisor/ApproveRollout", Empty => Rollout);
method!(
    /// Everything gets the old program again.
    AbortRollout, "supervisor/AbortRollout", Empty => Rollout
);
