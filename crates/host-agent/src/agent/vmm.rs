//! The seam to the virtual machine monitor: QEMU and sandboxes in the product ([`super::product`]), `sleep` processes in tests.
//!
//! Every call may block (seconds) and is made on the blocking pool, at most one at a time for one instance. Every call
//! is idempotent: an agent that was killed in the middle of one makes it again after its restart.

use platform::process::ProcessId;
use std::path::PathBuf;
use types::{InstanceId, InterfaceId, MacAddr};
use wire::host::Isolation;

/// Where an instance lies: all that is needed to find it again after a restart of the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub id: InstanceId,
    /// `root.img` or `root`, `console.log`, `qemu.pid` or `sandbox.pid`, `state.json`, `qemu.log`
    pub dir: PathBuf,
    pub console_socket: PathBuf,
    pub qmp_socket: PathBuf,
}

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VmSpec {
    pub isolation: Isolation,
    pub image: String,
    pub vcpus: u32,
    pub memory_mib: u32,
    pub root_disk_gib: u32,
    /// As DHCP and metadata tell it.
    pub hostname: String,
    /// By device index.
    pub nics: Vec<Nic>,
    /// As many as it may come to have while it runs.
    pub nics_max: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nic {
    pub interface: InterfaceId,
    pub mac: MacAddr,
    pub mtu: u16,
    /// The card listens.
    pub socket: PathBuf,
}

/// What is seen of an instance's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    NotRunning,
    Running {
        process: ProcessId,
        started_ms: u64,
    },
    /// The process lives, but the guest's CPUs do not run, or it does not answer.
    Paused {
        process: ProcessId,
        started_ms: u64,
    },
    /// The guest switched itself off. The process may linger until [`Vmm::kill`].
    GuestShutdown,
}

impl Seen {
    pub fn process(self) -> Option<(ProcessId, u64)> {
        match self {
            Self::Running { process, started_ms } | Self::Paused { process, started_ms } => Some((process, started_ms)),
            Self::NotRunning | Self::GuestShutdown => None,
        }
    }
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum VmmError {
    /// The image cannot be had on this host; also a sentence for `status`.
    #[error("{0}")]
    Image(String),
    /// It did not happen, and why.
    #[error("{0}")]
    Definite(String),
    /// It may have happened: the next look tells.
    #[error("{0}")]
    Unknown(String),
}

/// What guests run under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceleration {
    /// `tcg`, `kvm`
    pub name: String,
    /// Why it is not better, and what is weaker of sandboxes.
    pub problems: Vec<String>,
}

pub trait Vmm: Send + Sync + 'static {
    /// Finds out at start, once; may take seconds.
    fn acceleration(&self) -> Acceleration;
    /// Makes the root disk from the image; a whole one is left as it is.
    fn prepare(&self, place: &Place, spec: &VmSpec) -> Result<(), VmmError>;
    /// Starts a process that outlives the agent. Not called while one runs.
    fn start(&self, place: &Place, spec: &VmSpec) -> Result<ProcessId, VmmError>;
    /// A process that does not answer within a second is [`Seen::Paused`].
    fn observe(&self, place: &Place) -> Seen;
    /// Asks the guest to switch itself off, and does not wait for it.
    fn request_shutdown(&self, place: &Place) -> Result<(), VmmError>;
    /// Restarts the guest in its process.
    fn reset(&self, place: &Place) -> Result<(), VmmError>;
    /// Gives the running guest a network card more.
    fn plug(&self, place: &Place, nic: &Nic) -> Result<(), VmmError>;
    /// Takes one away: with the guest's consent if it gives it within some seconds. It carries nothing any more when this
    /// returns `Ok`.
    fn unplug(&self, place: &Place, interface: InterfaceId) -> Result<(), VmmError>;
    /// No process is left when it returns `Ok`.
    fn kill(&self, place: &Place) -> Result<(), VmmError>;
    /// Removes what lies outside the instance's directory (sockets). The process is gone already.
    fn remove(&self, place: &Place) -> Result<(), VmmError>;
}
