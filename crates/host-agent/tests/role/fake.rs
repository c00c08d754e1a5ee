//! A VMM whose guests are `sleep` processes. Files steer it: `hang` in the data directory names a point at which a call
//! stays for ever; `off`, `deaf`, `broken` in an instance's directory are a guest that is off, ignores the power button,
//! or cannot be started. `journal` says what happened.

use host_agent::agent::vmm::{Acceleration, Nic, Place, Seen, VmSpec, Vmm, VmmError};
use platform::process::ProcessId;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use types::InterfaceId;

pub struct SleepVmm {
    pub root: PathBuf,
}

fn unknown(e: std::io::Error) -> VmmError {
    VmmError::Unknown(e.to_string())
}

impl SleepVmm {
    fn at(&self, point: &str) {
        let here = || std::fs::read_to_string(self.root.join("hang")).is_ok_and(|p| p == point);
        if here() {
            std::fs::write(self.root.join("hung"), point).unwrap();
        }
        while here() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn journal(&self, line: &str) {
        let mut f = std::fs::OpenOptions::new().create(true).append(true).open(self.root.join("journal")).unwrap();
        f.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

fn process(dir: &Path) -> Option<ProcessId> {
    ProcessId::read_file(&dir.join("qemu.pid")).filter(|p| p.is_alive())
}

impl Vmm for SleepVmm {
    fn acceleration(&self) -> Acceleration {
        Acceleration { name: "sleep".to_owned(), problems: Vec::new() }
    }

    fn prepare(&self, place: &Place, _spec: &VmSpec) -> Result<(), VmmError> {
        self.at("before prepare");
        std::fs::write(place.dir.join("root.img"), b"disk").map_err(unknown)?;
        self.journal(&format!("prepare {}", place.id));
        self.at("after prepare");
        Ok(())
    }

    fn start(&self, place: &Place, spec: &VmSpec) -> Result<ProcessId, VmmError> {
        self.at("before start");
        assert!(process(&place.dir).is_none(), "a second process");
        assert!(!spec.nics.is_empty() && place.dir.join("root.img").exists());
        let mut log =
            std::fs::OpenOptions::new().create(true).append(true).open(place.dir.join("console.log")).map_err(unknown)?;
        log.write_all(b"hello from the guest\n").map_err(unknown)?;
        if self.root.join("broken").exists() {
            return Err(VmmError::Definite("it is broken".to_owned()));
        }
        platform::disk::remove_file(&place.dir.join("off")).map_err(unknown)?;
        let mut command = Command::new("sleep");
        command.arg("1000").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let child = command.spawn().map_err(unknown)?;
        let id = ProcessId::of(child.id()).unwrap();
        self.journal(&format!("start {} {}", place.id, serde_json::to_string(&id).unwrap()));
        id.write_file(&place.dir.join("qemu.pid")).map_err(unknown)?;
        self.at("after start");
        Ok(id)
    }

    fn observe(&self, place: &Place) -> Seen {
        match process(&place.dir) {
            Some(_) if place.dir.join("off").exists() => Seen::GuestShutdown,
            Some(process) => Seen::Running { process, started_ms: 1 },
            None => Seen::NotRunning,
        }
    }

    fn request_shutdown(&self, place: &Place) -> Result<(), VmmError> {
        self.at("before shutdown");
        if !place.dir.join("deaf").exists() {
            std::fs::write(place.dir.join("off"), b"").map_err(unknown)?;
        }
        self.journal(&format!("shutdown {}", place.id));
        self.at("after shutdown");
        Ok(())
    }

    fn plug(&self, place: &Place, nic: &Nic) -> Result<(), VmmError> {
        self.at("before plug");
        self.journal(&format!("plug {} {}", place.id, nic.interface));
        self.at("after plug");
        Ok(())
    }

    fn unplug(&self, place: &Place, interface: InterfaceId) -> Result<(), VmmError> {
        self.at("before unplug");
        self.journal(&format!("unplug {} {interface}", place.id));
        self.at("after unplug");
        Ok(())
    }

    fn reset(&self, place: &Place) -> Result<(), VmmError> {
        self.at("before reset");
        self.journal(&format!("reset {}", place.id));
        self.at("after reset");
        Ok(())
    }

    fn kill(&self, place: &Place) -> Result<(), VmmError> {
        self.at("before kill");
        if let Some(p) = process(&place.dir) {
            p.signal(libc::SIGKILL).map_err(unknown)?;
            while p.is_alive() {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        self.at("after kill");
        Ok(())
    }

    fn remove(&self, place: &Place) -> Result<(), VmmError> {
        self.at("before remove");
        self.journal(&format!("remove {}", place.id));
        self.at("after remove");
        Ok(())
    }
}
