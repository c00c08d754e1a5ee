//! Makes the host's instances what the document says: looks, asks [`decide`], applies, and says what is true.
//!
//! Everything here blocks for a bounded time and runs on a blocking thread; there is one pass at a time.

use crate::accel::Probe;
use crate::console;
use crate::decide::{self, Action, Failures, Observed, Why};
use crate::hypervisor::{Hypervisor, Nic, Seen, VmSpec, qemu};
use crate::image::Image;
use crate::record::{self, Record};
use platform::DataDir;
use platform::process::ProcessId;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use types::{HostId, InstanceId};
use wire::card::CardStatus;
use wire::host::{Capacity, Desired, HostConfig, InstanceConfig, InstanceReport, Reachability, VmState};

/// Whether guests can be run here at all.
#[derive(Debug, Clone)]
pub enum Machine {
    /// Image and acceleration are being looked into.
    Pending,
    Ready(Box<(Image, Probe)>),
    /// The sentence for the user.
    Impossible(String),
}

/// One step for one instance usually makes the next one possible at once: disk, start; kill, destroy.
const STEPS_MAX: usize = 4;

/// What the agent remembers of an instance between passes; all of it can be lost.
#[derive(Debug, Default)]
struct Vm {
    process: Option<ProcessId>,
    process_since: u64,
    has_run: bool,
    pressed_at: Option<u64>,
    failures: Failures,
}

/// What a pass is told.
#[derive(Debug)]
pub struct Inputs<'a> {
    pub config: Option<&'a HostConfig>,
    pub card: Option<&'a CardStatus>,
    pub machine: &'a Machine,
    /// Milliseconds of a monotonic clock.
    pub now: u64,
    pub wall_ms: u64,
}

#[derive(Debug)]
pub struct Outcome {
    pub instances: Vec<InstanceReport>,
    pub problems: Vec<String>,
    /// Something is on its way: look again soon.
    pub busy: bool,
}

pub struct Reconciler {
    data: DataDir,
    host: HostId,
    vmm: Box<dyn Hypervisor>,
    vms: BTreeMap<InstanceId, Vm>,
    adopted: bool,
}

impl Reconciler {
    pub fn new(data: DataDir, host: HostId, vmm: Box<dyn Hypervisor>) -> Self {
        Self { data, host, vmm, vms: BTreeMap::new(), adopted: false }
    }

    /// Confine guests that are started from now on (once it is known that it works on this machine).
    pub fn set_sandbox(&mut self, on: bool) {
        self.vmm.set_sandbox(on);
    }

    /// Finds the guests of a previous agent again, and ends those that have lost their disk.
    fn adopt(&mut self, now: u64) {
        let instances = self.data.instances(&self.host);
        record::sweep(&instances);
        let mut found: BTreeMap<InstanceId, ProcessId> = self.vmm.find_all(&instances).into_iter().collect();
        for id in record::list(&instances) {
            // The command line is the better witness; the pid file is for guests whose command line cannot be read.
            if let Some(p) = ProcessId::read_file(&self.path(id, "qemu.pid")).filter(|p| p.is_alive()) {
                found.entry(id).or_insert(p);
            }
        }
        for (id, process) in found {
            match Record::load(&self.data.instance(&self.host, &id)) {
                Some(record) => {
                    tracing::info!(instance = %id, pid = process.pid, "adopted");
                    let has_run = record.reachable;
                    self.vms.insert(id, Vm { process: Some(process), process_since: now, has_run, ..Vm::default() });
                }
                None => {
                    tracing::warn!(instance = %id, pid = process.pid, "a guest without a disk is ended");
                    if let Err(error) = self.vmm.kill(process) {
                        tracing::error!(instance = %id, %error, "it cannot be ended");
                    }
                }
            }
        }
        self.adopted = true;
    }

    pub fn pass(&mut self, inputs: &Inputs<'_>) -> Outcome {
        if !self.adopted {
            self.adopt(inputs.now);
        }
        let wanted: BTreeMap<InstanceId, &InstanceConfig> =
            inputs.config.iter().flat_map(|c| &c.instances).map(|i| (i.id, i)).collect();
        let on_disk = record::list(&self.data.instances(&self.host));
        let ids: BTreeSet<InstanceId> = wanted.keys().chain(self.vms.keys()).copied().chain(on_disk).collect();
        let mut outcome = Outcome { instances: Vec::new(), problems: Vec::new(), busy: false };
        for id in ids {
            let wanted = wanted.get(&id).copied();
            let observed = self.settle(id, wanted, inputs);
            let report = self.report(id, wanted, &observed, inputs);
            if wanted.is_none() && report.state == VmState::Gone {
                // Neither wanted nor here; what may lie here is a directory that never got its record.
                self.vms.remove(&id);
                let _ = record::destroy(&self.data.instances(&self.host), id);
                continue;
            }
            if observed.seen == Seen::Broken {
                outcome.problems.push(format!("{id} was paused by an error of its disk (is the file system full?)"));
            }
            outcome.busy |= matches!(report.state, VmState::Starting | VmState::Stopping) || observed.pressed_at.is_some();
            outcome.instances.push(report);
        }
        outcome
    }

    /// Looks and acts until there is nothing to do for the moment.
    fn settle(&mut self, id: InstanceId, wanted: Option<&InstanceConfig>, inputs: &Inputs<'_>) -> Observed {
        let mut observed = self.observe(id, wanted, inputs);
        for _ in 0..STEPS_MAX {
            let Some(action) = decide::decide(wanted, &observed, inputs.now) else { break };
            tracing::info!(instance = %id, ?action, "acts");
            if let Err(reason) = self.apply(id, wanted, action, inputs) {
                tracing::warn!(instance = %id, ?action, reason, "failed");
                let boot = wanted.map_or(0, |w| w.boot);
                self.vms.entry(id).or_default().failures.add(boot, inputs.now, reason);
                return self.observe(id, wanted, inputs);
            }
            observed = self.observe(id, wanted, inputs);
        }
        observed
    }

    fn observe(&mut self, id: InstanceId, wanted: Option<&InstanceConfig>, inputs: &Inputs<'_>) -> Observed {
        let record = Record::load(&self.data.instance(&self.host, &id));
        let startable = match (inputs.machine, wanted, inputs.config) {
            (Machine::Pending, _, _) => false,
            // The attempt fails, and says why.
            (Machine::Impossible(_), _, _) => true,
            (Machine::Ready(_), Some(w), Some(c)) => self.nics(w, c).is_some_and(|nics| nics.iter().all(|n| n.socket.exists())),
            (Machine::Ready(_), _, _) => false,
        };
        let qmp = self.data.qmp_socket(&id);
        let (console_log, vmm_log) = (self.path(id, "console.log"), self.path(id, "qemu.log"));
        let vm = self.vms.entry(id).or_default();
        let seen = vm.process.map_or(Seen::Dead, |p| self.vmm.look(p, &qmp));
        match seen {
            Seen::Dead => {
                if vm.process.take().is_some() {
                    // Nobody here ended it. Soon after its start that is a failure; later it is bad luck, and starts afresh.
                    let lived = inputs.now.saturating_sub(vm.process_since);
                    let boot = wanted.map_or(0, |w| w.boot);
                    if lived >= decide::PROVEN_AFTER_MS {
                        vm.failures = Failures::default();
                    } else {
                        let words = [qemu::tail(&vmm_log), console::last_lines(&console_log)].join(" | ");
                        vm.failures.add(boot, inputs.now, format!("the VMM ended after {lived} ms: {words}"));
                    }
                    tracing::warn!(instance = %id, lived_ms = lived, "the VMM died");
                }
                vm.pressed_at = None;
            }
            Seen::Running | Seen::Off | Seen::Broken => {
                vm.has_run = true;
                if inputs.now.saturating_sub(vm.process_since) >= decide::PROVEN_AFTER_MS {
                    vm.failures = Failures::default();
                }
            }
            Seen::Mute => {}
        }
        Observed {
            record,
            seen,
            process_since: vm.process_since,
            has_run: vm.has_run,
            pressed_at: vm.pressed_at,
            failures: vm.failures.clone(),
            startable,
        }
    }

    fn apply(
        &mut self,
        id: InstanceId,
        wanted: Option<&InstanceConfig>,
        action: Action,
        inputs: &Inputs<'_>,
    ) -> Result<(), String> {
        match (action, wanted) {
            (Action::Prepare, Some(w)) => self.prepare(w, inputs),
            (Action::Start, Some(w)) => self.start(w, inputs),
            (Action::Prepare | Action::Start, None) => Err("nobody wants it".to_owned()),
            (Action::PressPower, _) => {
                // Pressed or not, the clock runs: a guest that cannot be asked is cut off when its time is over.
                self.vms.entry(id).or_default().pressed_at = Some(inputs.now);
                if let Err(error) = self.vmm.press_power(&self.data.qmp_socket(&id)) {
                    tracing::warn!(instance = %id, %error, "the power button cannot be pressed");
                }
                Ok(())
            }
            (Action::Kill(why), _) => self.kill(id, why, wanted, inputs.now),
            (Action::Destroy, _) => {
                record::destroy(&self.data.instances(&self.host), id).map_err(|e| format!("its directory cannot be removed: {e}"))?;
                for socket in [self.data.console_socket(&id), self.data.qmp_socket(&id)] {
                    let _ = platform::disk::remove_file(&socket);
                }
                self.vms.remove(&id);
                Ok(())
            }
        }
    }

    fn prepare(&self, wanted: &InstanceConfig, inputs: &Inputs<'_>) -> Result<(), String> {
        let (image, _) = ready(inputs.machine)?;
        if wanted.image != "micro" {
            return Err(format!("there is no image called {:?} on this host", wanted.image));
        }
        let dir = self.data.instance(&self.host, &wanted.id);
        let make = || {
            // A half-made predecessor may lie here; it never ran.
            platform::disk::remove_tree(&dir)?;
            platform::disk::create_private_dir(&dir)?;
            crate::disk::create(&image.root, &dir.join("root.img"), u64::from(wanted.root_disk_gib) << 30)?;
            let size =
                Capacity { vcpus: wanted.vcpus, memory_mib: wanted.memory_mib, disk_gib: wanted.root_disk_gib };
            let record = Record::fresh(size);
            record.save(&dir)
        };
        make().map_err(|e: std::io::Error| format!("its root disk cannot be made: {e}"))
    }

    fn start(&mut self, wanted: &InstanceConfig, inputs: &Inputs<'_>) -> Result<(), String> {
        let (image, probe) = ready(inputs.machine)?;
        let id = wanted.id;
        let dir = self.data.instance(&self.host, &id);
        let nics = inputs.config.and_then(|c| self.nics(wanted, c)).ok_or("its network ports are not configured")?;
        let old = Record::load(&dir).ok_or("its record cannot be read")?;
        // Written first: should we die now, the next agent finds no process and starts this same run.
        let record = Record {
            boot: wanted.boot.max(old.boot),
            reboot: wanted.reboot.max(old.reboot),
            off_by_guest: false,
            reachable: false,
            started_ms: inputs.wall_ms,
            // An instance may have changed its type while it was stopped.
            size: Capacity { vcpus: wanted.vcpus, memory_mib: wanted.memory_mib, ..old.size },
            format: record::FORMAT,
        };
        record.save(&dir).map_err(|e| format!("its record cannot be written: {e}"))?;
        let spec = VmSpec {
            id,
            vcpus: wanted.vcpus,
            memory_mib: wanted.memory_mib,
            kernel: image.kernel.clone(),
            initrd: image.initrd.clone(),
            root_disk: dir.join("root.img"),
            nics,
            console_socket: self.data.console_socket(&id),
            console_log: dir.join("console.log"),
            qmp_socket: self.data.qmp_socket(&id),
            vmm_log: dir.join("qemu.log"),
            acceleration: probe.acceleration,
        };
        let process = self.vmm.start(&spec).map_err(|e| sentence(&e))?;
        let vm = self.vms.entry(id).or_default();
        vm.process = Some(process);
        vm.process_since = inputs.now;
        vm.has_run = false;
        vm.pressed_at = None;
        // Without it the process is still found by its command line.
        if let Err(error) = process.write_file(&dir.join("qemu.pid")) {
            tracing::warn!(instance = %id, %error, "no pid file");
        }
        Ok(())
    }

    fn kill(&mut self, id: InstanceId, why: Why, wanted: Option<&InstanceConfig>, now: u64) -> Result<(), String> {
        let dir = self.data.instance(&self.host, &id);
        if why == Why::GuestOff
            && let Some(record) = Record::load(&dir)
        {
            let off = Record { off_by_guest: true, ..record };
            off.save(&dir).map_err(|e| format!("its record cannot be written: {e}"))?;
        }
        let words = console::last_lines(&dir.join("console.log"));
        let vm = self.vms.entry(id).or_default();
        if let Some(process) = vm.process {
            self.vmm.kill(process).map_err(|e| format!("its process {} does not end: {e}", process.pid))?;
        }
        vm.process = None;
        vm.pressed_at = None;
        vm.has_run = false;
        if why == Why::NeverRan {
            vm.failures.add(wanted.map_or(0, |w| w.boot), now, format!("the guest did not begin to run: {words}"));
        }
        let _ = platform::disk::remove_file(&dir.join("qemu.pid"));
        Ok(())
    }

    fn report(&self, id: InstanceId, wanted: Option<&InstanceConfig>, seen: &Observed, inputs: &Inputs<'_>) -> InstanceReport {
        let dir = self.data.instance(&self.host, &id);
        let state = decide::state(wanted, seen);
        let record = seen.record.as_ref();
        let running = matches!(seen.seen, Seen::Running | Seen::Mute | Seen::Broken);
        let started_ms = record.filter(|_| running).map_or(0, |r| r.started_ms);
        let first = wanted.and_then(|w| w.interfaces.first());
        let port = inputs.card.and_then(|c| c.ports.iter().find(|p| Some(&p.id) == first));
        let reachability = decide::reachability(&state, seen, port, inputs.wall_ms.saturating_sub(started_ms));
        if reachability == Reachability::Ok
            && let Some(record) = record.filter(|r| !r.reachable)
            && let Err(error) = (Record { reachable: true, ..record.clone() }).save(&dir)
        {
            tracing::warn!(instance = %id, %error, "its record cannot be written");
        }
        console::bound(&dir.join("console.log"));
        // A run that is refused or was called off before it began is answered for by its own counter.
        let answered = matches!(state, VmState::Failed { .. } | VmState::Stopped { by_guest: false } | VmState::Gone);
        let wanted_boot = wanted.filter(|_| answered).map_or(0, |w| w.boot);
        let size = match (record, wanted) {
            (Some(r), _) => r.size,
            (None, Some(w)) if w.desired != Desired::Terminated => {
                Capacity { vcpus: w.vcpus, memory_mib: w.memory_mib, disk_gib: w.root_disk_gib }
            }
            (None, _) => Capacity::default(),
        };
        InstanceReport {
            id,
            state,
            boot: record.map_or(0, |r| r.boot).max(wanted_boot),
            reboot: record.map_or(0, |r| r.reboot),
            reachability,
            started_ms,
            pid: self.vms.get(&id).and_then(|v| v.process).map(|p| p.pid),
            size,
        }
    }

    /// The instance's cards, in order; `None` while the document lacks one of its ports.
    fn nics(&self, wanted: &InstanceConfig, config: &HostConfig) -> Option<Vec<Nic>> {
        let nic = |id| {
            let port = config.net.ports.iter().find(|p| p.id == id)?;
            Some(Nic { socket: self.data.port_socket(&id), mac: port.mac })
        };
        wanted.interfaces.iter().map(|id| nic(*id)).collect()
    }

    fn path(&self, id: InstanceId, name: &str) -> PathBuf {
        self.data.instance(&self.host, &id).join(name)
    }
}

fn ready(machine: &Machine) -> Result<&(Image, Probe), String> {
    match machine {
        Machine::Ready(both) => Ok(both),
        Machine::Impossible(reason) => Err(reason.clone()),
        Machine::Pending => Err("the machine image is being made".to_owned()),
    }
}

/// An error with its causes.
pub fn sentence(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(c) = cause {
        text = format!("{text}: {c}");
        cause = c.source();
    }
    text
}
