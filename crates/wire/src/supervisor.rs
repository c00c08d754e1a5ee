//! The command line and the supervisor of one machine's processes (`stratocell up`).

use crate::{Empty, method};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use types::{Generation, HostId};

/// What is between the roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transport {
    /// SHA-256 of the authority's certificate, in hex.
    pub authority: String,
    /// How long a certificate lives, in seconds; it is renewed at half of that.
    pub leaf_life_s: u64,
    /// What protects object data behind the mutual handshake: `kernel` or `tls`.
    pub bulk_frames: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupervisorStatus {
    pub version: String,
    pub pid: u32,
    pub started_ms: u64,
    /// Every role answers (except those that a fault holds down).
    pub ready: bool,
    pub endpoint: String,
    pub processes: Vec<ProcessStatus>,
    pub faults: Vec<FaultStatus>,
    /// One sentence each: what is degraded and how to fix it.
    pub degraded: Vec<String>,
    pub transport: Transport,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessStatus {
    /// `gateway`, `control-plane`, `edge`, `cell-a1`, `agent-a1-h1`, `card-a1-h1`
    pub name: String,
    pub pid: Option<u32>,
    pub state: ProcessState,
    pub restarts: u32,
    pub started_ms: u64,
    /// Why it ended last.
    pub last_exit: Option<String>,
    pub rss_kib: u64,
    /// Of the program that starts as it.
    pub version: String,
    /// That program's SHA-256, if it is not the supervisor's own.
    pub program: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProcessState {
    Starting,
    Running,
    Backoff,
    Paused,
    /// Held down by a fault.
    Down,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultStatus {
    pub target: String,
    pub kind: String,
    pub since_ms: u64,
    /// Heals by itself then.
    #[serde(default)]
    pub until_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRequest {
    pub target: String,
    pub kind: String,
    /// It heals by itself after so many seconds; a fault that is in force already takes this time over.
    #[serde(default)]
    pub for_s: Option<u64>,
}

/// A successor for a host's card, which takes its place while packets flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpgradeRequest {
    pub host: HostId,
    /// The program's file, absolute: also of another version.
    pub program: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upgraded {
    pub old_pid: u32,
    pub new_pid: u32,
}

/// Is this host off?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PowerQuestion {
    pub host: HostId,
    /// The number of the question, greater than that of any document that the host was given.
    pub number: Generation,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostPower {
    /// No process of it is left, and none starts until it is let to. Its ledger holds an empty document of the question's
    /// number by now: also when it comes back this moment, it starts nothing by an older one.
    Off,
    /// It is not, or that cannot be said for certain; why.
    On(String),
    /// It holds a newer document than the question's number: ask by a greater one.
    Newer(Generation),
}

method!(
    /// Asked of the supervisor, who can switch this machine's hosts off, by the host's cell. It switches nothing off itself.
    ConfirmOff, "supervisor/ConfirmOff", PowerQuestion => HostPower
);
method!(GetSupervisorStatus, "supervisor/Status", Empty => SupervisorStatus);
method!(InjectFault, "supervisor/InjectFault", FaultRequest => FaultStatus);
method!(
    /// `None`: all. Answers with the faults that were healed.
    HealFault, "supervisor/HealFault", Option<String> => Vec<FaultStatus>
);
method!(
    /// Asked by the operator of every role that is called by RPC: the connections and calls that it refused since it began, by
    /// reason; those of which there were none are left out.
    GetRefusals, "role/Refusals", Empty => BTreeMap<String, u64>
);
method!(UpgradeCard, "supervisor/UpgradeCard", UpgradeRequest => Upgraded);
method!(Shutdown, "supervisor/Shutdown", Empty => Empty);
