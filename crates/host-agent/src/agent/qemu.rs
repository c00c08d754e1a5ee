//! The product's VMM: the seam of this module on QEMU, the image store and root disks.
//!
//! A guest's process is known by `qemu.pid` in its directory, and, should the agent have died before it wrote that, by
//! its command line.

use super::console;
use super::vmm::{self, Place, Seen, Vmm, VmmError};
use crate::accel::{self, Probe};
use crate::hypervisor::qemu::Qemu;
use crate::hypervisor::{self, Hypervisor, HypervisorError, VmSpec};
use crate::image::{self, Image, ImageError};
use platform::process::ProcessId;
use platform::{Clock, DataDir, SystemClock};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};
use types::{InstanceId, InterfaceId};

/// From the process to a guest that runs; a busy machine takes seconds.
const START_MAX: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
const PID_FILE: &str = "qemu.pid";
const GIB: u64 = 1 << 30;

pub struct QemuVmm {
    images: PathBuf,
    run: PathBuf,
    accel_cache: PathBuf,
    probe: Mutex<Option<Probe>>,
    /// Looking, ending and finding need no probe; only the first start settles how QEMU is run.
    looker: Qemu,
    starter: OnceLock<Qemu>,
    known: Mutex<HashMap<InstanceId, Run>>,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    process: ProcessId,
    started_ms: u64,
}

fn definite(e: impl std::fmt::Display) -> VmmError {
    VmmError::Definite(e.to_string())
}

/// An error and what it came from.
fn sentence(e: &dyn std::error::Error) -> String {
    e.source().map_or_else(|| e.to_string(), |s| format!("{e}: {s}"))
}

impl QemuVmm {
    pub fn new(dir: &DataDir) -> Self {
        let vmm = Self {
            images: dir.images(),
            run: dir.run(),
            accel_cache: dir.images().join("accel.json"),
            probe: Mutex::default(),
            looker: Qemu::new(false),
            starter: OnceLock::new(),
            known: Mutex::default(),
        };
        vmm.find_lost();
        vmm
    }

    fn qemu(&self) -> &Qemu {
        self.starter.get().unwrap_or(&self.looker)
    }

    fn find_lost(&self) {
        let found = self.qemu().find_all(&self.run);
        let mut known = self.known.lock().unwrap_or_else(|e| e.into_inner());
        for (id, process) in found {
            known.entry(id).or_insert(Run { process, started_ms: started_ms(process) });
        }
    }

    fn image(&self, name: &str) -> Result<Image, VmmError> {
        image::ensure(&self.images, name).map_err(|e: ImageError| VmmError::Image(sentence(&e)))
    }

    fn probe(&self) -> Result<Probe, VmmError> {
        let mut held = self.probe.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(probe) = &*held {
            return Ok(probe.clone());
        }
        let image = self.image("micro")?;
        let probe = accel::probe(&image, &self.accel_cache).map_err(definite)?;
        *held = Some(probe.clone());
        Ok(probe)
    }

    fn run_of(&self, place: &Place) -> Option<Run> {
        let mut known = self.known.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(run) = known.get(&place.id) {
            return Some(*run);
        }
        let process = ProcessId::read_file(&place.dir.join(PID_FILE)).filter(|p| p.is_alive())?;
        let run = Run { process, started_ms: started_ms(process) };
        known.insert(place.id, run);
        Some(run)
    }

    fn forget(&self, id: InstanceId) {
        self.known.lock().unwrap_or_else(|e| e.into_inner()).remove(&id);
    }
}

impl Vmm for QemuVmm {
    fn acceleration(&self) -> vmm::Acceleration {
        match self.probe() {
            Ok(probe) => {
                let name = probe.acceleration.as_str().to_owned();
                let slow = probe.acceleration == hypervisor::Acceleration::Tcg;
                let problem =
                    slow.then(|| format!("guests run under software emulation, several times slower: {}", probe.reason));
                vmm::Acceleration { name, problem }
            }
            Err(e) => vmm::Acceleration { name: "none".to_owned(), problem: Some(e.to_string()) },
        }
    }

    fn prepare(&self, place: &Place, spec: &vmm::VmSpec) -> Result<(), VmmError> {
        let root = place.dir.join("root.img");
        if root.exists() {
            return Ok(());
        }
        let image = self.image(&spec.image)?;
        crate::disk::create(&image.root, &root, u64::from(spec.root_disk_gib) * GIB)
            .map_err(|e| VmmError::Definite(format!("the root disk cannot be made: {e}")))
    }

    fn start(&self, place: &Place, spec: &vmm::VmSpec) -> Result<ProcessId, VmmError> {
        let image = self.image(&spec.image)?;
        let probe = self.probe()?;
        let qemu = self.starter.get_or_init(|| Qemu::new(probe.sandbox));
        let spec = VmSpec {
            id: place.id,
            vcpus: spec.vcpus,
            memory_mib: spec.memory_mib,
            kernel: image.kernel,
            initrd: image.initrd,
            root_disk: place.dir.join("root.img"),
            nics: spec.nics.iter().map(nic).collect(),
            nics_max: spec.nics_max as usize,
            console_socket: place.console_socket.clone(),
            console_log: place.dir.join("console.log"),
            qmp_socket: place.qmp_socket.clone(),
            vmm_log: place.dir.join("qemu.log"),
            acceleration: probe.acceleration,
        };
        self.forget(place.id);
        let process = qemu.start(&spec).map_err(|e: HypervisorError| VmmError::Definite(sentence(&e)))?;
        let run = Run { process, started_ms: SystemClock::new().wall().0 };
        self.known.lock().unwrap_or_else(|e| e.into_inner()).insert(place.id, run);
        process.write_file(&place.dir.join(PID_FILE)).map_err(|e| VmmError::Unknown(format!("its pid file: {e}")))?;
        let begun = Instant::now();
        loop {
            match qemu.look(process, &spec.qmp_socket) {
                hypervisor::Seen::Running | hypervisor::Seen::Off => return Ok(process),
                hypervisor::Seen::Dead => {
                    self.forget(place.id);
                    // One that was started by an agent that died at once may hold the disk.
                    self.find_lost();
                    let log = hypervisor::qemu::tail(&spec.vmm_log);
                    return Err(VmmError::Definite(format!("the VMM ended at once: {log}")));
                }
                hypervisor::Seen::Mute | hypervisor::Seen::Broken if begun.elapsed() < START_MAX => {
                    std::thread::sleep(LOOK_AGAIN);
                }
                seen => return Err(VmmError::Unknown(format!("the VMM does not run its guest ({seen:?})"))),
            }
        }
    }

    fn observe(&self, place: &Place) -> Seen {
        let Some(Run { process, started_ms }) = self.run_of(place) else { return Seen::NotRunning };
        console::bound(&place.dir);
        match self.qemu().look(process, &place.qmp_socket) {
            hypervisor::Seen::Dead => {
                self.forget(place.id);
                Seen::NotRunning
            }
            hypervisor::Seen::Running => Seen::Running { process, started_ms },
            hypervisor::Seen::Mute | hypervisor::Seen::Broken => Seen::Paused { process, started_ms },
            hypervisor::Seen::Off => Seen::GuestShutdown,
        }
    }

    fn request_shutdown(&self, place: &Place) -> Result<(), VmmError> {
        self.qemu().press_power(&place.qmp_socket).map_err(|e| VmmError::Unknown(sentence(&e)))
    }

    fn reset(&self, place: &Place) -> Result<(), VmmError> {
        self.qemu().reset(&place.qmp_socket).map_err(|e| VmmError::Unknown(sentence(&e)))
    }

    fn plug(&self, place: &Place, card: &vmm::Nic) -> Result<(), VmmError> {
        self.qemu().plug(&place.qmp_socket, &nic(card)).map_err(|e| VmmError::Unknown(sentence(&e)))
    }

    fn unplug(&self, place: &Place, interface: InterfaceId) -> Result<(), VmmError> {
        self.qemu().unplug(&place.qmp_socket, interface).map_err(|e| VmmError::Unknown(sentence(&e)))
    }

    fn kill(&self, place: &Place) -> Result<(), VmmError> {
        if let Some(run) = self.run_of(place) {
            self.qemu().kill(run.process).map_err(|e| VmmError::Unknown(format!("it cannot be killed: {e}")))?;
            // Reaps it, if it was our child.
            self.qemu().look(run.process, &place.qmp_socket);
        }
        self.forget(place.id);
        Ok(())
    }

    fn remove(&self, place: &Place) -> Result<(), VmmError> {
        for socket in [&place.console_socket, &place.qmp_socket] {
            platform::disk::remove_file(socket).map_err(|e| VmmError::Unknown(format!("{}: {e}", socket.display())))?;
        }
        Ok(())
    }
}

fn nic(n: &vmm::Nic) -> hypervisor::Nic {
    hypervisor::Nic { interface: n.interface, socket: n.socket.clone(), mac: n.mac }
}

/// When a process was started, by the wall clock as it is now.
fn started_ms(process: ProcessId) -> u64 {
    // SAFETY: sysconf takes an integer and touches no memory.
    let hertz = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as u64;
    let uptime = std::fs::read_to_string("/proc/uptime").ok();
    let uptime_s: f64 = uptime.and_then(|u| u.split(' ').next()?.parse().ok()).unwrap_or(0.0);
    let age_ms = ((uptime_s * 1000.0) as u64).saturating_sub(process.start_ticks * 1000 / hertz);
    SystemClock::new().wall().0.saturating_sub(age_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_of_now_was_started_now() {
        let now = SystemClock::new().wall().0;
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let started = started_ms(ProcessId::of(child.id()).unwrap());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(started.abs_diff(now) < 5_000, "{started} {now}");
    }
}
