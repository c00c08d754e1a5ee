//! The seam to the virtual machine monitor, and what passes through it: QEMU for machines, and for sandboxes a monitor of our
//! own (crates/sandbox), which isolates by the host's kernel.
//!
//! A driver starts a guest as a process that outlives the agent, finds it again, looks at it, and ends it. All calls block
//! for a bounded time; the reconciler makes them on a blocking thread.

mod hotplug;
pub mod qemu;
mod qmp;
pub mod sandbox;
mod tsc;

use crate::image::Image;
use platform::process::ProcessId;
use std::io;
use std::path::PathBuf;
use types::{InstanceId, InterfaceId, MacAddr};

/// How a guest's instructions are executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Acceleration {
    Kvm,
    Tcg,
}

impl Acceleration {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kvm => "kvm",
            Self::Tcg => "tcg",
        }
    }
}

/// Everything that a run of a guest needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VmSpec {
    pub id: InstanceId,
    pub vcpus: u32,
    pub memory_mib: u32,
    /// What is booted, or shared.
    pub image: Image,
    /// A disk's file, or a sandbox's directory.
    pub root_disk: PathBuf,
    pub root_disk_gib: u32,
    /// Empty: the guest finds it out by itself.
    pub hostname: String,
    /// The primary one first.
    pub nics: Vec<Nic>,
    /// As many as it may come to have while it runs.
    pub nics_max: usize,
    /// Unix socket of the serial line (a sandbox: of its terminal).
    pub console_socket: PathBuf,
    /// What the guest printed, of all runs.
    pub console_log: PathBuf,
    /// QEMU's machine protocol, or the sandbox's monitor.
    pub qmp_socket: PathBuf,
    /// The VMM's own messages.
    pub vmm_log: PathBuf,
    pub acceleration: Acceleration,
}

/// A network card, connected to a socket on which the card process listens: by vhost-user, or by a descriptor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nic {
    pub interface: InterfaceId,
    pub socket: PathBuf,
    pub mac: MacAddr,
    pub mtu: u16,
}

/// What a look at a guest's process shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// No process.
    Dead,
    /// The process is there but does not answer on its control socket (still starting, or stuck).
    Mute,
    /// The guest's CPUs run.
    Running,
    /// The guest has switched itself off; the process waits to be ended.
    Off,
    /// The VMM has stopped the guest because of an error (out of disk space, for one).
    Broken,
}

#[derive(Debug, thiserror::Error)]
pub enum HypervisorError {
    #[error("{program} is missing: install the package {package} (`make deps` does)")]
    Missing { program: &'static str, package: &'static str },
    #[error("the VMM cannot be started")]
    Spawn(#[source] io::Error),
    #[error("the VMM ended at once: {0}")]
    Ended(String),
    #[error("the VMM's control socket: {0}")]
    Control(String),
    #[error("{path}")]
    Io { path: PathBuf, source: io::Error },
}

pub trait Hypervisor: Send + Sync {
    /// Starts the guest's process and returns as soon as it lives. The process belongs to no one: it outlives the caller.
    fn start(&self, spec: &VmSpec) -> Result<ProcessId, HypervisorError>;
    fn look(&self, process: ProcessId, qmp_socket: &std::path::Path) -> Seen;
    /// Presses the power button.
    fn press_power(&self, qmp_socket: &std::path::Path) -> Result<(), HypervisorError>;
    /// Restarts the guest in its process: in good order if it answers to its power button within some seconds.
    fn reset(&self, qmp_socket: &std::path::Path) -> Result<(), HypervisorError>;
    /// Gives the guest a network card more. One that it has already is left as it is.
    fn plug(&self, qmp_socket: &std::path::Path, nic: &Nic) -> Result<(), HypervisorError>;
    /// Takes a network card away. A guest that does not let go of it within some seconds keeps a dead one.
    fn unplug(&self, qmp_socket: &std::path::Path, interface: InterfaceId) -> Result<(), HypervisorError>;
    /// Ends the process now.
    fn kill(&self, process: ProcessId) -> io::Result<()>;
    /// Processes of guests whose control socket lies in `run_dir`, by instance: for adoption after the agent was away.
    fn find_all(&self, run_dir: &std::path::Path) -> Vec<(InstanceId, ProcessId)>;
}
