//! Sandboxes: guests that share the host's kernel, each under a monitor of its own (crates/sandbox, embedded here).
//!
//! The driver makes what the monitor needs (its program on disk, the root's directories, control groups), starts it, and
//! talks to it by one word a connection. What isolates a sandbox is written in crates/sandbox/src/main.rs.

mod cgroup;
mod root;

pub use root::make as make_root;

use super::{Hypervisor, HypervisorError, Nic, Seen, VmSpec};
use cgroup::Groups;
use platform::process::ProcessId;
use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use types::{InstanceId, InterfaceId};

/// A static program made by build.rs from crates/sandbox.
const MONITOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sandbox"));
const PROGRAM: &str = "stratocell-sandbox";
/// Sandboxes' root and the users after it, where we may choose: an owner of nothing on the host.
const FIRST_USER: u32 = 0x7000_0000;
const USERS: u32 = 65_536;
/// A monitor that answers, answers at once; one that starts its guest takes as long as that.
const TALK_MAX: Duration = Duration::from_millis(500);
/// Beyond the monitor's own patience with a guest that does not restart.
const RESET_MAX: Duration = Duration::from_secs(12);
const GONE_MAX: Duration = Duration::from_secs(5);
/// PID 1's identity, beside the root's directory.
const GUEST_PID: &str = "guest.pid";

/// The host's user that is root in sandboxes, and how many follow it. `None`: we may not choose and are it ourselves.
pub fn users() -> Option<(u32, u32)> {
    let own = |file| fs::read_to_string(file).is_ok_and(|map: String| covers(&map));
    // SAFETY: cannot fail and touches no memory.
    let root = unsafe { libc::geteuid() } == 0;
    (root && own("/proc/self/uid_map") && own("/proc/self/gid_map")).then_some((FIRST_USER, USERS))
}

/// Lines of `first inside, first outside, how many`.
fn covers(map: &str) -> bool {
    map.lines().any(|line| {
        let n: Vec<u64> = line.split_whitespace().filter_map(|w| w.parse().ok()).collect();
        matches!(n[..], [first, _, count] if first <= u64::from(FIRST_USER) && first + count >= u64::from(FIRST_USER + USERS))
    })
}

#[derive(Debug)]
pub struct Sandbox {
    /// Where the program lies, made at the first use.
    images: PathBuf,
    groups: Groups,
    /// By a pair of virtual cards also where TAPs can be had.
    pub packet_socket: bool,
    /// PID 1 and its arguments: the image's init, or what a test wants to see there.
    pub argv: Vec<String>,
    /// Our own children: they must be waited for, or they stay as zombies until we end.
    children: Mutex<HashMap<u32, Child>>,
}

impl Sandbox {
    /// Monitors' program is kept in `images`.
    pub fn new(images: &Path) -> Self {
        let tun = OpenOptions::new().read(true).write(true).open("/dev/net/tun");
        Self {
            images: images.to_owned(),
            groups: Groups::find(),
            packet_socket: tun.is_err(),
            argv: vec!["/sbin/init".to_owned()],
            children: Mutex::default(),
        }
    }

    /// What is weaker here than it could be, in sentences.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !self.groups.complete() {
            problems.push(
                "sandbox instances: no control groups may be made here, so memory is limited for each process only (run as root)"
                    .to_owned(),
            );
        }
        if users().is_none() {
            problems.push("sandbox instances: there is no user in them beside root (run as root)".to_owned());
        }
        if self.packet_socket {
            problems.push(
                "sandbox instances: /dev/net/tun may not be opened: their cards are pairs, half of which is seen inside"
                    .to_owned(),
            );
        }
        problems
    }

    /// The monitor's program, written when it is not there.
    fn program(&self) -> io::Result<PathBuf> {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, MONITOR);
        let dir = self.images.join(format!("sandbox-{}", hex::encode(&hash.as_ref()[..8])));
        let program = dir.join(PROGRAM);
        if !program.exists() {
            fs::create_dir_all(&dir)?;
            // Several agents may do so at once: each by a name of its own.
            let partial = dir.join(format!("{PROGRAM}.{}", std::process::id()));
            fs::write(&partial, MONITOR)?;
            fs::set_permissions(&partial, fs::Permissions::from_mode(0o755))?;
            fs::File::open(&partial)?.sync_all()?;
            fs::rename(&partial, &program)?;
        }
        Ok(program)
    }

    fn arguments(&self, spec: &VmSpec, groups: &[PathBuf]) -> Vec<String> {
        let path = |name: &str, path: &Path| format!("{name}={}", path.display());
        let mut words = vec![
            format!("guest={}", spec.id),
            path("control", &spec.qmp_socket),
            path("console", &spec.console_socket),
            path("log", &spec.console_log),
            path("pid-file", &pid_file(&spec.root_disk)),
            path("image", &spec.image.files),
            path("root", &spec.root_disk),
            format!("hostname={}", if spec.hostname.is_empty() { "localhost" } else { &spec.hostname }),
            format!("memory-mib={}", spec.memory_mib),
            format!("disk-mib={}", u64::from(spec.root_disk_gib) << 10),
            format!("processes-max={}", processes_max(spec.memory_mib)),
        ];
        let yes = |name: &str| format!("{name}=yes");
        words.extend((!self.groups.counts_memory()).then(|| yes("limit-address-space")));
        words.extend(self.packet_socket.then(|| yes("packet-socket")));
        words.extend(users().map(|(first, count)| format!("users={first}+{count}")));
        words.extend(groups.iter().map(|g| path("cgroup", g)));
        words.extend(spec.nics.iter().map(|n| format!("card={}", card(n))));
        words.extend(self.argv.iter().map(|a| format!("argv={a}")));
        words
    }

    fn reap(&self) {
        let mut children = self.children.lock().unwrap_or_else(|e| e.into_inner());
        children.retain(|_, child| !matches!(child.try_wait(), Ok(Some(_))));
    }

    /// Ends what ran in the sandbox with the directory `root`, whose monitor is gone. Nothing of it is left then. (PID 1 is
    /// gone when all in its namespace are.)
    pub fn end(&self, id: InstanceId, root: &Path) -> io::Result<()> {
        if let Some(first) = ProcessId::read_file(&pid_file(root)) {
            self.kill(first)?;
        }
        self.groups.remove(id);
        Ok(())
    }
}

/// Of one sandbox.
fn processes_max(memory_mib: u32) -> u32 {
    (memory_mib * 4).clamp(128, 32_768)
}

fn pid_file(root: &Path) -> PathBuf {
    root.with_file_name(GUEST_PID)
}

fn card(nic: &Nic) -> String {
    format!("{},{},{},{}", nic.interface, nic.mac, nic.mtu, nic.socket.display())
}

/// One word to a monitor, and its answer.
fn ask(socket: &Path, word: &str, patience: Duration) -> Result<String, HypervisorError> {
    let talk = || -> io::Result<String> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(TALK_MAX))?;
        stream.write_all(format!("{word}\n").as_bytes())?;
        let mut answer = String::new();
        stream.take(1024).read_to_string(&mut answer)?;
        Ok(answer.trim().to_owned())
    };
    let answer = talk().map_err(|e| HypervisorError::Control(e.to_string()))?;
    match answer.strip_prefix("error: ") {
        Some(why) => Err(HypervisorError::Control(why.to_owned())),
        None => Ok(answer),
    }
}

impl Hypervisor for Sandbox {
    fn start(&self, spec: &VmSpec) -> Result<ProcessId, HypervisorError> {
        self.reap();
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| HypervisorError::Io { path, source }
        };
        for socket in [&spec.console_socket, &spec.qmp_socket] {
            platform::disk::remove_file(socket).map_err(io(socket))?;
        }
        // A guest whose monitor was killed dies with it, but in its own time.
        self.end(spec.id, &spec.root_disk).map_err(io(&spec.root_disk))?;
        root::make(&spec.root_disk, users()).map_err(io(&spec.root_disk))?;
        let groups = self.groups.make(spec.id, spec.vcpus, spec.memory_mib, processes_max(spec.memory_mib));
        let groups = groups.map_err(|(path, source)| HypervisorError::Io { path, source })?;
        let program = self.program().map_err(io(&self.images))?;
        let mut log = OpenOptions::new();
        let log = log.create(true).write(true).truncate(true).mode(0o600).open(&spec.vmm_log).map_err(io(&spec.vmm_log))?;
        let mut command = Command::new(program);
        command.args(self.arguments(spec, &groups)).env_clear().current_dir("/");
        command.stdin(Stdio::null()).stdout(log.try_clone().map_err(io(&spec.vmm_log))?).stderr(log);
        // SAFETY: between fork and exec only setsid is called, which is async-signal-safe.
        unsafe {
            command.pre_exec(|| if libc::setsid() < 0 { Err(io::Error::last_os_error()) } else { Ok(()) });
        }
        let mut child = command.spawn().map_err(HypervisorError::Spawn)?;
        let Some(process) = ProcessId::of(child.id()) else {
            let _ = child.wait();
            return Err(HypervisorError::Ended(super::qemu::tail(&spec.vmm_log)));
        };
        self.children.lock().unwrap_or_else(|e| e.into_inner()).insert(process.pid, child);
        Ok(process)
    }

    fn look(&self, process: ProcessId, control: &Path) -> Seen {
        self.reap();
        if !process.is_alive() {
            return Seen::Dead;
        }
        match ask(control, "status", TALK_MAX).as_deref() {
            Ok("running" | "resetting") => Seen::Running,
            Ok("off") => Seen::Off,
            Ok(_) | Err(_) => Seen::Mute,
        }
    }

    fn press_power(&self, control: &Path) -> Result<(), HypervisorError> {
        ask(control, "power", TALK_MAX).map(drop)
    }

    fn reset(&self, control: &Path) -> Result<(), HypervisorError> {
        ask(control, "reset", RESET_MAX)?;
        let asked = Instant::now();
        while ask(control, "status", RESET_MAX)? != "running" {
            if asked.elapsed() > RESET_MAX {
                return Err(HypervisorError::Control("it does not restart".to_owned()));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn plug(&self, control: &Path, nic: &Nic) -> Result<(), HypervisorError> {
        ask(control, &format!("plug {}", card(nic)), GONE_MAX).map(drop)
    }

    fn unplug(&self, control: &Path, interface: InterfaceId) -> Result<(), HypervisorError> {
        ask(control, &format!("unplug {interface}"), GONE_MAX).map(drop)
    }

    fn kill(&self, process: ProcessId) -> io::Result<()> {
        process.signal(libc::SIGKILL)?;
        let asked = Instant::now();
        while process.is_alive() {
            self.reap();
            if asked.elapsed() > GONE_MAX {
                return Err(io::ErrorKind::TimedOut.into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    fn find_all(&self, run_dir: &Path) -> Vec<(InstanceId, ProcessId)> {
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        entries
            .flatten()
            .filter_map(|e| e.file_name().to_str()?.parse::<u32>().ok())
            .filter_map(|pid| {
                let id = guest_of(&fs::read(format!("/proc/{pid}/cmdline")).ok()?, run_dir)?;
                // PID 1 to be has its monitor's arguments for a moment.
                let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
                let nested = status.lines().any(|l| l.starts_with("NSpid:") && l.split_whitespace().count() > 2);
                (!nested).then_some(())?;
                Some((id, ProcessId::of(pid)?))
            })
            .collect()
    }
}

/// The instance whose sandbox a command line runs, if its control socket lies in `run_dir`.
fn guest_of(cmdline: &[u8], run_dir: &Path) -> Option<InstanceId> {
    let words: Vec<&str> = cmdline.split(|b| *b == 0).map(|w| std::str::from_utf8(w).unwrap_or_default()).collect();
    if Path::new(words.first()?).file_name()? != PROGRAM {
        return None;
    }
    let value = |name: &str| words.iter().find_map(|w| w.strip_prefix(name)?.strip_prefix('='));
    let id: InstanceId = value("guest")?.parse().ok()?;
    (Path::new(value("control")?).parent()? == run_dir).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_that_hold_the_users_and_such_that_do_not() {
        assert!(covers("         0          0 4294967295\n"));
        assert!(!covers("0 1000 1\n") && !covers("") && !covers("0 100000 65536\n1 2\n"));
    }

    #[test]
    fn finds_only_its_own_sandboxes() {
        let line = b"/d/images/sandbox-1/stratocell-sandbox\0guest=i-0123456789abcdef0\0control=/run/i-0123456789abcdef0.qmp\0";
        assert!(guest_of(line, Path::new("/run")).is_some());
        assert_eq!(guest_of(line, Path::new("/ru")), None);
        assert_eq!(guest_of(b"vi\0guest=i-0123456789abcdef0\0control=/run/x\0", Path::new("/run")), None);
        assert_eq!(guest_of(b"", Path::new("/run")), None);
    }
}
