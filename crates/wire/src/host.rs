//! Cell controller to host agent (what should run) and back (what does).

use crate::balancer::{BalancerConfig, BalancerStatus};
use crate::net::NetConfig;
use crate::{Applied, FORMAT, method};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use types::{CellId, Generation, HostId, InstanceId, InterfaceId};

/// Everything a host needs, complete: kept in its ledger, enough to come back with alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostConfig {
    pub format: u16,
    pub host: HostId,
    pub cell: CellId,
    pub generation: Generation,
    pub instances: Vec<InstanceConfig>,
    pub net: NetConfig,
    /// Load balancers' nodes: a process each.
    #[serde(default)]
    pub balancers: Vec<BalancerNode>,
    /// Of instances that were moved here from hosts that failed.
    #[serde(default)]
    pub moved_disks: Vec<MovedDisk>,
}

impl HostConfig {
    /// Nothing is to run on the host. What it has is kept.
    pub fn empty(host: HostId, cell: CellId, underlay: Ipv4Addr, generation: Generation) -> Self {
        let net = NetConfig::empty(host.clone(), underlay, generation);
        let (instances, balancers, moved_disks) = (Vec::new(), Vec::new(), Vec::new());
        Self { format: FORMAT, host, cell, generation, instances, net, balancers, moved_disks }
    }
}

/// An instance whose host failed, and which has not been seen to run since: what it has on a disk is in the directory of one of
/// the hosts that it was on. The host that it is on now takes that over; the others neither use nor remove it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedDisk {
    pub instance: InstanceId,
    pub from: Vec<HostId>,
}

/// A load balancer's node: a process of its own (the bulkhead), standing in the VPC by a port that the card terminates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalancerNode {
    /// A port of [`NetConfig::ports`] with a terminator. It names the process, too.
    pub interface: InterfaceId,
    pub config: BalancerConfig,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceConfig {
    pub id: InstanceId,
    pub desired: Desired,
    /// The image's name in the host's image store: `micro`.
    pub image: String,
    pub vcpus: u32,
    pub memory_mib: u32,
    pub root_disk_gib: u32,
    /// Interfaces by device index; each is a port of `net.ports` while the instance should run.
    pub interfaces: Vec<InterfaceId>,
    /// How many interfaces it may come to have while it runs; never fewer than it has.
    #[serde(default)]
    pub interfaces_max: u32,
    /// Grows by one with each start that the user asks for. A stopped guest is started again only when this has grown or
    /// it died without having been asked to.
    pub boot: u64,
    /// Grows by one with each RebootInstances.
    pub reboot: u64,
    /// What happens when the guest switches itself off.
    pub on_guest_shutdown: GuestShutdown,
    #[serde(default)]
    pub isolation: Isolation,
}

/// What stands between a guest and its host. Fixed by the instance's type, and for its life on a host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// A machine of its own, under QEMU.
    #[default]
    Machine,
    /// The host's kernel: namespaces, a system call filter, limits. Weaker.
    Sandbox,
}

impl Isolation {
    /// Of `vcpus`, those that nobody else can have: a sandbox's are the most that it takes of cores that all share.
    pub fn kept_vcpus(self, vcpus: u32) -> u32 {
        match self {
            Self::Machine => vcpus,
            Self::Sandbox => 0,
        }
    }
}

impl InstanceConfig {
    /// What it holds of its host.
    pub fn size(&self) -> Capacity {
        Capacity { vcpus: self.isolation.kept_vcpus(self.vcpus), memory_mib: self.memory_mib, disk_gib: self.root_disk_gib }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Desired {
    Running,
    /// Not running; the root disk is kept. `force` in [`InstanceConfig`] is not needed: the agent waits a bounded time for the guest.
    Stopped,
    /// Gone: process, disk and all. The only word that destroys anything.
    Terminated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuestShutdown {
    Stop,
    Terminate,
}

method!(
    /// To the host agent. Refused when older than what the host has (`stale-generation`), or the same generation with other contents.
    PushHostConfig, "agent/PushConfig", HostConfig => Applied
);

/// What is true on a host now. Sent on every change and about once a second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostReport {
    pub format: u16,
    pub host: HostId,
    /// Random per start of the host agent.
    pub incarnation: u64,
    /// Grows with each report of one incarnation.
    pub sequence: u64,
    pub applied: Generation,
    /// The generation that the card forwards by.
    pub card_applied: Generation,
    pub capacity: Capacity,
    pub instances: Vec<InstanceReport>,
    /// `tcg`, `kvm`: what guests run under on this host.
    pub acceleration: String,
    /// Sentences for `status`: what is degraded here.
    pub problems: Vec<String>,
    #[serde(default)]
    pub balancers: Vec<BalancerReport>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalancerReport {
    pub interface: InterfaceId,
    /// `None`: the process does not answer (yet).
    pub status: Option<BalancerStatus>,
    pub pid: Option<u32>,
    /// Why there is no process, or why it does not have the newest document.
    pub problem: Option<String>,
}

/// What the host can give in all (not what is left).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    pub vcpus: u32,
    pub memory_mib: u32,
    pub disk_gib: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceReport {
    pub id: InstanceId,
    pub state: VmState,
    /// The `boot` and `reboot` counters that the guest's present run has fulfilled. Not running: those of its last run;
    /// given up (`Failed`): those of the run that could not be started.
    pub boot: u64,
    pub reboot: u64,
    pub reachability: Reachability,
    /// When the present run began; 0 while not running.
    pub started_ms: u64,
    pub pid: Option<u32>,
    /// The size it holds, so that a cell that lost its store can count again.
    pub size: Capacity,
    /// Those that the present run's machine has, whatever is wanted; not running: those of its last run.
    #[serde(default)]
    pub interfaces: Vec<InterfaceId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VmState {
    /// Being made: image, disk, ports, process.
    Starting,
    /// The VMM says that the guest's CPUs run and its network card is attached.
    Running,
    Stopping,
    /// Not running, disk kept. `by_guest`: it switched itself off.
    Stopped {
        by_guest: bool,
    },
    /// Nothing of it is left on this host.
    Gone,
    /// Given up after repeated definite failures; the reason is for the user.
    Failed {
        reason: String,
    },
}

/// The instance status check: does the guest answer on its network?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reachability {
    Initializing,
    Ok,
    Impaired,
    NotApplicable,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleRequest {
    pub instance: InstanceId,
    pub bytes_max: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleReply {
    /// The newest `bytes_max` of the serial log, as UTF-8 with replacement characters.
    pub text: String,
    pub updated_ms: u64,
}

method!(
    /// To the host agent: the end of an instance's serial log.
    Console, "agent/Console", ConsoleRequest => ConsoleReply
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentStatus {
    pub report: HostReport,
    /// Whether the last report reached the cell controller.
    pub cell_reachable: bool,
}
method!(GetAgentStatus, "agent/Status", crate::Empty => AgentStatus);
