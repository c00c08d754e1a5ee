//! QEMU's `microvm`: no firmware menus, virtio devices on mmio; and, for the network cards that come and go, a PCI Express
//! port each. Every option here has a reason; those that cure a hang or a crash say so. Measured with QEMU 7.2.

use super::qmp::{Qmp, RunState};
use super::{Acceleration, Hypervisor, HypervisorError, Nic, Seen, VmSpec, hotplug, tsc};
use platform::process::ProcessId;
use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use types::{InstanceId, InterfaceId};

pub const PROGRAM: &str = "qemu-system-x86_64";
const PACKAGE: &str = "qemu-system-x86";

/// A VMM that answers, answers at once; one that is busy starting is asked again later.
pub(super) const QMP_TIMEOUT: Duration = Duration::from_millis(500);

/// How long a guest may take to switch itself off for a reboot before the reset line is pulled.
const REBOOT_PATIENCE: Duration = Duration::from_secs(8);

/// System call filter: QEMU may no longer make processes or gain privileges.
const SANDBOX: &str = "on,obsolete=deny,elevateprivileges=deny,spawn=deny";

#[derive(Debug, Default)]
pub struct Qemu {
    /// Pass `-sandbox`: only where it was seen to work.
    pub sandbox: bool,
    /// Our own children: they must be waited for, or they stay as zombies until we end. Adopted ones are not here.
    children: Mutex<HashMap<u32, Child>>,
}

impl Qemu {
    pub fn new(sandbox: bool) -> Self {
        Self { sandbox, children: Mutex::default() }
    }

    /// Whether this QEMU and kernel accept the system call filter. Runs an empty machine for some tens of milliseconds.
    pub fn sandbox_works() -> bool {
        let args = ["-machine", "none", "-nodefaults", "-display", "none", "-sandbox", SANDBOX, "-monitor", "stdio"];
        let Ok(mut child) =
            Command::new(PROGRAM).args(args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
        else {
            return false;
        };
        if let Some(mut stdin) = child.stdin.take() {
            let _ = io::Write::write_all(&mut stdin, b"quit\n");
        }
        child.wait().is_ok_and(|s| s.success())
    }

    fn reap(&self) {
        let mut children = self.children.lock().unwrap_or_else(|e| e.into_inner());
        children.retain(|_, child| !matches!(child.try_wait(), Ok(Some(_))));
    }
}

/// The arguments after the program's name.
pub fn command_line(spec: &VmSpec, sandbox: bool, tsc_khz: u64) -> Vec<String> {
    let mut args: Vec<String> = Vec::with_capacity(64);
    let mut add = |name: &str, value: String| {
        args.push(name.to_owned());
        args.push(value);
    };
    // The name is how a lost process is found again.
    add("-name", format!("guest={}", spec.id));
    // virtio-mmio knows no hot plug. The primary card, which stays for ever, is there; the others are on PCI.
    let slots = spec.nics_max.max(spec.nics.len()).saturating_sub(1);
    let pci = if slots > 0 { ",pcie=on" } else { "" };
    match spec.acceleration {
        // Without KVM's clock the guest needs the CMOS clock for the date.
        Acceleration::Tcg => {
            add("-machine", format!("microvm,memory-backend=mem,acpi=on,rtc=on{pci}"));
            // A bounded translation cache: the default is an eighth of the machine's memory for each guest.
            add("-accel", "tcg,tb-size=64".to_owned());
            // Five-level page tables only make emulated address translation longer.
            add("-cpu", "max,la57=off".to_owned());
        }
        Acceleration::Kvm => {
            add("-machine", format!("microvm,memory-backend=mem,acpi=on{pci}"));
            add("-accel", "kvm".to_owned());
            add("-cpu", "host".to_owned());
        }
    }
    add("-smp", spec.vcpus.to_string());
    add("-m", format!("{}M", spec.memory_mib));
    // The card maps the guest's memory, so it must be a shareable file.
    add("-object", format!("memory-backend-memfd,id=mem,size={}M,share=on", spec.memory_mib));
    // microvm's virtio-mmio is legacy by default, which vhost-user back ends refuse.
    add("-global", "virtio-mmio.force-legacy=false".to_owned());
    add("-kernel", spec.image.kernel.display().to_string());
    add("-initrd", spec.image.initrd.display().to_string());
    add("-append", kernel_command_line(spec.acceleration, tsc_khz));
    // cache=writeback: a guest's flush becomes fdatasync on the host.
    add("-drive", format!("file={},format=raw,if=none,id=root,cache=writeback,discard=unmap", escape(&spec.root_disk)));
    add("-device", "virtio-blk-device,drive=root".to_owned());
    for slot in 1..=slots {
        // Its I/O ports would find no room.
        add("-device", format!("pcie-root-port,id={},chassis={slot},slot={slot},io-reserve=0", hotplug::slot(slot)));
    }
    for (i, nic) in spec.nics.iter().enumerate() {
        let names = hotplug::Names::of(nic.interface);
        // reconnect: the card may be restarted under a running guest.
        add("-chardev", format!("socket,id={},path={},reconnect=1", names.chardev, escape(&nic.socket)));
        add("-netdev", format!("vhost-user,id={},chardev={}", names.netdev, names.chardev));
        let device = match i {
            0 => "virtio-net-device".to_owned(),
            // vectors=0: QEMU 7.2 crashes on vhost-user with MSI-X under emulation. romfile=: no network boot.
            _ => format!("virtio-net-pci,bus={},vectors=0,romfile=", hotplug::slot(i)),
        };
        add("-device", format!("{device},id={},netdev={},mac={}", names.device, names.netdev, nic.mac));
    }
    add(
        "-chardev",
        format!(
            "socket,id=tty,path={},server=on,wait=off,logfile={},logappend=on",
            escape(&spec.console_socket),
            escape(&spec.console_log)
        ),
    );
    add("-serial", "chardev:tty".to_owned());
    add("-chardev", format!("socket,id=qmp,path={},server=on,wait=off", escape(&spec.qmp_socket)));
    add("-mon", "chardev=qmp,mode=control".to_owned());
    add("-display", "none".to_owned());
    if sandbox {
        add("-sandbox", SANDBOX.to_owned());
    }
    // -no-shutdown: a guest that switches itself off leaves a process that says so.
    args.extend(["-nodefaults", "-no-user-config", "-no-shutdown"].map(str::to_owned));
    args
}

/// `tsc_early_khz` cures the hang of microvm guests on a busy host; `panic=-1` turns a kernel panic into a restart;
/// `ds=Ec2` tells cloud-init where it is; `pcie_ports=native` lets Linux drive the ports' hot plug though microvm's ACPI,
/// which has no MCFG table, does not hand it over.
fn kernel_command_line(acceleration: Acceleration, tsc_khz: u64) -> String {
    let common = "console=ttyS0 panic=-1 reboot=t random.trust_cpu=on net.ifnames=0 edd=off pcie_ports=native ds=Ec2 ci.ds=Ec2";
    match acceleration {
        // Speculation is not emulated, so its mitigations cost much and protect nothing.
        Acceleration::Tcg => format!("{common} tsc_early_khz={tsc_khz} mitigations=off"),
        Acceleration::Kvm => format!("{common} tsc_early_khz={tsc_khz}"),
    }
}

/// A comma in an option's value is written twice.
fn escape(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}

impl Hypervisor for Qemu {
    fn start(&self, spec: &VmSpec) -> Result<ProcessId, HypervisorError> {
        self.reap();
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| HypervisorError::Io { path, source }
        };
        // Left by a predecessor; QEMU would refuse to bind.
        for socket in [&spec.console_socket, &spec.qmp_socket] {
            platform::disk::remove_file(socket).map_err(io(socket))?;
        }
        let log = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&spec.vmm_log)
            .map_err(io(&spec.vmm_log))?;
        let mut command = Command::new(PROGRAM);
        command.args(command_line(spec, self.sandbox, tsc::khz()));
        command.stdin(Stdio::null()).stdout(log.try_clone().map_err(io(&spec.vmm_log))?).stderr(log);
        // A session of its own: signals to the agent's process group (Ctrl-C, a closed terminal) do not reach it.
        // SAFETY: between fork and exec only setsid is called, which is async-signal-safe.
        unsafe {
            command.pre_exec(|| if libc::setsid() < 0 { Err(io::Error::last_os_error()) } else { Ok(()) });
        }
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(HypervisorError::Missing { program: PROGRAM, package: PACKAGE });
            }
            Err(e) => return Err(HypervisorError::Spawn(e)),
        };
        let Some(process) = ProcessId::of(child.id()) else {
            let _ = child.wait();
            return Err(HypervisorError::Ended(tail(&spec.vmm_log)));
        };
        self.children.lock().unwrap_or_else(|e| e.into_inner()).insert(process.pid, child);
        Ok(process)
    }

    fn look(&self, process: ProcessId, qmp_socket: &Path) -> Seen {
        self.reap();
        if !process.is_alive() {
            return Seen::Dead;
        }
        match Qmp::connect(qmp_socket, QMP_TIMEOUT).and_then(|mut q| q.status()) {
            Ok(RunState::Running) => Seen::Running,
            Ok(RunState::Shutdown) => Seen::Off,
            Ok(RunState::Error) => Seen::Broken,
            Ok(RunState::Transient) | Err(_) => Seen::Mute,
        }
    }

    fn press_power(&self, qmp_socket: &Path) -> Result<(), HypervisorError> {
        Qmp::connect(qmp_socket, QMP_TIMEOUT)?.execute("system_powerdown").map(drop)
    }

    fn reset(&self, qmp_socket: &Path) -> Result<(), HypervisorError> {
        // By the power button first, so that the guest writes out what it has; then the machine is restarted in its process.
        self.press_power(qmp_socket)?;
        let pressed = Instant::now();
        let off = loop {
            match Qmp::connect(qmp_socket, QMP_TIMEOUT).and_then(|mut q| q.status()) {
                Ok(RunState::Shutdown) => break true,
                _ if pressed.elapsed() > REBOOT_PATIENCE => break false,
                _ => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        let mut qmp = Qmp::connect(qmp_socket, QMP_TIMEOUT)?;
        qmp.execute("system_reset")?;
        // A guest that had switched itself off stands still.
        if off { qmp.execute("cont").map(drop) } else { Ok(()) }
    }

    fn plug(&self, qmp_socket: &Path, nic: &Nic) -> Result<(), HypervisorError> {
        hotplug::plug(qmp_socket, nic)
    }

    fn unplug(&self, qmp_socket: &Path, interface: InterfaceId) -> Result<(), HypervisorError> {
        hotplug::unplug(qmp_socket, interface)
    }

    fn kill(&self, process: ProcessId) -> io::Result<()> {
        process.signal(libc::SIGKILL)?;
        // It is gone when the kernel has torn it down; a second is long for that.
        for _ in 0..200 {
            self.reap();
            if !process.is_alive() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(io::ErrorKind::TimedOut.into())
    }

    fn find_all(&self, run_dir: &Path) -> Vec<(InstanceId, ProcessId)> {
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        entries
            .flatten()
            .filter_map(|e| e.file_name().to_str()?.parse::<u32>().ok())
            .filter_map(|pid| {
                let id = guest_of(&fs::read(format!("/proc/{pid}/cmdline")).ok()?, run_dir)?;
                Some((id, ProcessId::of(pid)?))
            })
            .collect()
    }
}

/// The instance whose guest a command line runs, if its control socket lies in `run_dir`.
fn guest_of(cmdline: &[u8], run_dir: &Path) -> Option<InstanceId> {
    let words: Vec<&str> = cmdline.split(|b| *b == 0).map(|w| std::str::from_utf8(w).unwrap_or_default()).collect();
    let program = Path::new(words.first()?).file_name()?.to_str()?;
    if !program.starts_with("qemu-system") {
        return None;
    }
    let id: InstanceId = words.windows(2).find(|w| w[0] == "-name")?[1].strip_prefix("guest=")?.parse().ok()?;
    let socket = format!("path={},", escape(&run_dir.join(format!("{id}.qmp"))));
    words.iter().any(|w| w.contains(&socket)).then_some(id)
}

/// The last lines of a small log, for an error message.
pub(crate) fn tail(path: &Path) -> String {
    let text = fs::read(path).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    lines[lines.len().saturating_sub(4)..].join(" | ").chars().take(600).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hypervisor::Nic;
    use crate::image::Image;

    fn spec(acceleration: Acceleration, nics: usize) -> VmSpec {
        VmSpec {
            id: "i-0123456789abcdef0".parse().unwrap(),
            vcpus: 2,
            memory_mib: 256,
            image: Image::at(Path::new("/img"), "0".into()),
            root_disk: "/i/a,b/root.img".into(),
            root_disk_gib: 1,
            hostname: String::new(),
            nics: (0..nics)
                .map(|i| Nic {
                    interface: InterfaceId::from_random(i as u128),
                    socket: format!("/run/eni-{i}").into(),
                    mac: format!("06:00:00:00:00:0{i}").parse().unwrap(),
                    mtu: 9001,
                })
                .collect(),
            nics_max: nics,
            console_socket: "/run/i.tty".into(),
            console_log: "/i/console.log".into(),
            qmp_socket: "/run/i-0123456789abcdef0.qmp".into(),
            vmm_log: "/i/qemu.log".into(),
            acceleration,
        }
    }

    /// name, acceleration, cards, sandbox, what must be there, what must not
    #[test]
    fn command_lines() {
        type Row<'a> = (&'a str, Acceleration, usize, bool, &'a [&'a str], &'a [&'a str]);
        let rows: [Row; 4] = [
            (
                "every guest",
                Acceleration::Tcg,
                0,
                false,
                &[
                    "-name guest=i-0123456789abcdef0",
                    "-smp 2",
                    "-m 256M",
                    "memory-backend-memfd,id=mem,size=256M,share=on",
                    "-global virtio-mmio.force-legacy=false",
                    "file=/i/a,,b/root.img,format=raw,if=none,id=root,cache=writeback",
                    "path=/run/i.tty,server=on,wait=off,logfile=/i/console.log,logappend=on",
                    "-nodefaults -no-user-config -no-shutdown",
                    "ds=Ec2",
                ],
                &["-sandbox", "vhost-user", "-no-reboot", "-daemonize", "pcie=on"],
            ),
            (
                "emulated",
                Acceleration::Tcg,
                0,
                false,
                &["-accel tcg", "tsc_early_khz=2600000", "mitigations=off", "rtc=on"],
                &["kvm"],
            ),
            ("accelerated", Acceleration::Kvm, 0, false, &["-accel kvm", "-cpu host"], &["mitigations=off", "tcg"]),
            (
                "two cards",
                Acceleration::Tcg,
                2,
                true,
                &[
                    "-machine microvm,memory-backend=mem,acpi=on,rtc=on,pcie=on",
                    "-device pcie-root-port,id=slot1,chassis=1,slot=1",
                    "-device virtio-net-device,id=eni-00000000000000000,netdev=net-eni-00000000000000000,mac=06:00:00:00:00:00",
                    "-chardev socket,id=card-eni-00000000000000001,path=/run/eni-1,reconnect=1 \
                     -netdev vhost-user,id=net-eni-00000000000000001,chardev=card-eni-00000000000000001 \
                     -device virtio-net-pci,bus=slot1,vectors=0,romfile=,id=eni-00000000000000001,\
                     netdev=net-eni-00000000000000001,mac=06:00:00:00:00:01",
                    "-sandbox on",
                ],
                &[],
            ),
        ];
        for (name, acceleration, nics, sandbox, present, absent) in rows {
            let line = command_line(&spec(acceleration, nics), sandbox, 2_600_000).join(" ");
            for p in present {
                assert!(line.contains(p), "{name}: {p} not in {line}");
            }
            for a in absent {
                assert!(!line.contains(a), "{name}: {a} in {line}");
            }
        }
    }

    #[test]
    fn finds_only_its_own_guests() {
        let spec = spec(Acceleration::Tcg, 0);
        let args = command_line(&spec, false, 1);
        let cmdline = |program: &str| [&[program.to_owned()], &args[..]].concat().join("\0").into_bytes();
        assert_eq!(guest_of(&cmdline("/usr/bin/qemu-system-x86_64"), Path::new("/run")), Some(spec.id));
        assert_eq!(guest_of(&cmdline("/usr/bin/qemu-system-x86_64"), Path::new("/other")), None);
        assert_eq!(guest_of(&cmdline("vi"), Path::new("/run")), None);
        assert_eq!(guest_of(b"", Path::new("/run")), None);
    }
}
