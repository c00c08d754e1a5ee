//! The product's VMMs: the seam of this module on QEMU and on sandboxes' monitors, the image store and root disks.
//!
//! A guest's process is known by `qemu.pid` or `sandbox.pid` in its directory, and, should the agent have died before it wrote
//! that, by its command line. Which driver an instance has is said once, when it is started, and known by that file then.

use super::console;
use super::vmm::{self, Place, Seen, Vmm, VmmError};
use crate::accel::{self, Probe};
use crate::hypervisor::qemu::Qemu;
use crate::hypervisor::sandbox::{self, Sandbox};
use crate::hypervisor::{self, Hypervisor, HypervisorError, VmSpec};
use crate::image::{self, Image, ImageError};
use platform::process::ProcessId;
use platform::{Clock, DataDir, SystemClock};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};
use types::{InstanceId, InterfaceId};
use wire::host::Isolation;

/// From the process to a guest that runs; a busy machine takes seconds.
const START_MAX: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// A sandbox is there in tens of milliseconds.
const LOOK_AGAIN_SANDBOX: Duration = Duration::from_millis(1);
const GIB: u64 = 1 << 30;

pub struct Hypervisors {
    images: PathBuf,
    /// Those that were looked for: finding out whether one is still the same means to read all that it is made of.
    found: Mutex<HashMap<String, Image>>,
    run: PathBuf,
    accel_cache: PathBuf,
    probe: Mutex<Option<Probe>>,
    /// Looking, ending and finding need no probe; only the first start settles how QEMU is run.
    looker: Qemu,
    starter: OnceLock<Qemu>,
    sandbox: Sandbox,
    known: Mutex<HashMap<InstanceId, Run>>,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    isolation: Isolation,
    process: ProcessId,
    started_ms: u64,
}

fn pid_file(isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::Machine => "qemu.pid",
        Isolation::Sandbox => "sandbox.pid",
    }
}

/// A machine's disk, a sandbox's directory.
fn root(place: &Place, isolation: Isolation) -> PathBuf {
    place.dir.join(match isolation {
        Isolation::Machine => "root.img",
        Isolation::Sandbox => "root",
    })
}

const BOTH: [Isolation; 2] = [Isolation::Machine, Isolation::Sandbox];

fn definite(e: impl std::fmt::Display) -> VmmError {
    VmmError::Definite(e.to_string())
}

/// An error and what it came from.
fn sentence(e: &dyn std::error::Error) -> String {
    e.source().map_or_else(|| e.to_string(), |s| format!("{e}: {s}"))
}

impl Hypervisors {
    pub fn new(dir: &DataDir) -> Self {
        let vmm = Self {
            images: dir.images(),
            found: Mutex::default(),
            run: dir.run(),
            accel_cache: dir.images().join("accel.json"),
            probe: Mutex::default(),
            looker: Qemu::new(false),
            starter: OnceLock::new(),
            sandbox: Sandbox::new(&dir.images()),
            known: Mutex::default(),
        };
        vmm.find_lost();
        vmm
    }

    fn qemu(&self) -> &Qemu {
        self.starter.get().unwrap_or(&self.looker)
    }

    fn driver(&self, isolation: Isolation) -> &dyn Hypervisor {
        match isolation {
            Isolation::Machine => self.qemu(),
            Isolation::Sandbox => &self.sandbox,
        }
    }

    /// The driver of a guest that runs.
    fn driver_of(&self, place: &Place) -> Result<&dyn Hypervisor, VmmError> {
        let run = self.run_of(place).ok_or_else(|| VmmError::Unknown("it does not run".to_owned()))?;
        Ok(self.driver(run.isolation))
    }

    fn find_lost(&self) {
        for isolation in BOTH {
            let found = self.driver(isolation).find_all(&self.run);
            let mut known = self.known.lock().unwrap_or_else(|e| e.into_inner());
            for (id, process) in found {
                known.entry(id).or_insert(Run { isolation, process, started_ms: started_ms(process) });
            }
        }
    }

    fn image(&self, name: &str) -> Result<Image, VmmError> {
        let mut found = self.found.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(image) = found.get(name).filter(|i| i.root.exists()) {
            return Ok(image.clone());
        }
        let image = image::ensure(&self.images, name).map_err(|e: ImageError| VmmError::Image(sentence(&e)))?;
        found.insert(name.to_owned(), image.clone());
        Ok(image)
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
        let (isolation, process) = BOTH.iter().find_map(|isolation| {
            let process = ProcessId::read_file(&place.dir.join(pid_file(*isolation)))?;
            process.is_alive().then_some((*isolation, process))
        })?;
        let run = Run { isolation, process, started_ms: started_ms(process) };
        known.insert(place.id, run);
        Some(run)
    }

    fn forget(&self, id: InstanceId) {
        self.known.lock().unwrap_or_else(|e| e.into_inner()).remove(&id);
    }
}

impl Vmm for Hypervisors {
    fn acceleration(&self) -> vmm::Acceleration {
        let mut problems = self.sandbox.problems();
        let name = match self.probe() {
            Ok(probe) => {
                if probe.acceleration == hypervisor::Acceleration::Tcg {
                    let slow = "guests run under software emulation, several times slower";
                    problems.push(format!("{slow}: {}", probe.reason));
                }
                probe.acceleration.as_str()
            }
            Err(e) => {
                problems.push(e.to_string());
                "none"
            }
        };
        vmm::Acceleration { name: name.to_owned(), problems }
    }

    fn prepare(&self, place: &Place, spec: &vmm::VmSpec) -> Result<(), VmmError> {
        let root = root(place, spec.isolation);
        let image = self.image(&spec.image)?;
        let made = match spec.isolation {
            Isolation::Machine if root.exists() => return Ok(()),
            Isolation::Machine => crate::disk::create(&image.root, &root, u64::from(spec.root_disk_gib) * GIB),
            Isolation::Sandbox => sandbox::make_root(&root, sandbox::users()),
        };
        made.map_err(|e| VmmError::Definite(format!("the root disk cannot be made: {e}")))
    }

    fn start(&self, place: &Place, spec: &vmm::VmSpec) -> Result<ProcessId, VmmError> {
        let image = self.image(&spec.image)?;
        let isolation = spec.isolation;
        let acceleration = match isolation {
            Isolation::Machine => {
                let probe = self.probe()?;
                self.starter.get_or_init(|| Qemu::new(probe.sandbox));
                probe.acceleration
            }
            // Nothing is emulated or accelerated.
            Isolation::Sandbox => hypervisor::Acceleration::Tcg,
        };
        let driver = self.driver(isolation);
        let spec = VmSpec {
            id: place.id,
            vcpus: spec.vcpus,
            memory_mib: spec.memory_mib,
            image,
            root_disk: root(place, isolation),
            root_disk_gib: spec.root_disk_gib,
            hostname: spec.hostname.clone(),
            nics: spec.nics.iter().map(nic).collect(),
            nics_max: spec.nics_max as usize,
            console_socket: place.console_socket.clone(),
            console_log: place.dir.join("console.log"),
            qmp_socket: place.qmp_socket.clone(),
            vmm_log: place.dir.join("qemu.log"),
            acceleration,
        };
        self.forget(place.id);
        let process = driver.start(&spec).map_err(|e: HypervisorError| VmmError::Definite(sentence(&e)))?;
        let run = Run { isolation, process, started_ms: SystemClock::new().wall().0 };
        self.known.lock().unwrap_or_else(|e| e.into_inner()).insert(place.id, run);
        let written = process.write_file(&place.dir.join(pid_file(isolation)));
        written.map_err(|e| VmmError::Unknown(format!("its pid file: {e}")))?;
        let begun = Instant::now();
        loop {
            match driver.look(process, &spec.qmp_socket) {
                hypervisor::Seen::Running | hypervisor::Seen::Off => return Ok(process),
                hypervisor::Seen::Dead => {
                    self.forget(place.id);
                    // One that was started by an agent that died at once may hold the disk.
                    self.find_lost();
                    let log = hypervisor::qemu::tail(&spec.vmm_log);
                    return Err(VmmError::Definite(format!("the VMM ended at once: {log}")));
                }
                hypervisor::Seen::Mute | hypervisor::Seen::Broken if begun.elapsed() < START_MAX => {
                    std::thread::sleep(match isolation {
                        Isolation::Machine => LOOK_AGAIN,
                        Isolation::Sandbox => LOOK_AGAIN_SANDBOX,
                    });
                }
                seen => return Err(VmmError::Unknown(format!("the VMM does not run its guest ({seen:?})"))),
            }
        }
    }

    fn observe(&self, place: &Place) -> Seen {
        let Some(Run { isolation, process, started_ms }) = self.run_of(place) else { return Seen::NotRunning };
        console::bound(&place.dir);
        match self.driver(isolation).look(process, &place.qmp_socket) {
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
        self.driver_of(place)?.press_power(&place.qmp_socket).map_err(|e| VmmError::Unknown(sentence(&e)))
    }

    fn reset(&self, place: &Place) -> Result<(), VmmError> {
        self.driver_of(place)?.reset(&place.qmp_socket).map_err(|e| VmmError::Unknown(sentence(&e)))
    }

    fn plug(&self, place: &Place, card: &vmm::Nic) -> Result<(), VmmError> {
        self.driver_of(place)?.plug(&place.qmp_socket, &nic(card)).map_err(|e| VmmError::Unknown(sentence(&e)))
    }

    fn unplug(&self, place: &Place, interface: InterfaceId) -> Result<(), VmmError> {
        self.driver_of(place)?.unplug(&place.qmp_socket, interface).map_err(|e| VmmError::Unknown(sentence(&e)))
    }

    fn kill(&self, place: &Place) -> Result<(), VmmError> {
        let run = self.run_of(place);
        if let Some(run) = run {
            self.driver(run.isolation).kill(run.process).map_err(|e| VmmError::Unknown(format!("it cannot be killed: {e}")))?;
            // Reaps it, if it was our child.
            self.driver(run.isolation).look(run.process, &place.qmp_socket);
        }
        // What runs in a sandbox dies after its monitor.
        let ended = self.sandbox.end(place.id, &root(place, Isolation::Sandbox));
        ended.map_err(|e| VmmError::Unknown(format!("what runs in it cannot be killed: {e}")))?;
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
    hypervisor::Nic { interface: n.interface, socket: n.socket.clone(), mac: n.mac, mtu: n.mtu }
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
