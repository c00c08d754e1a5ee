//! From a fresh process in fresh namespaces to PID 1 of a sandbox: its cards, its files, its terminal, and what it may not.

use crate::card;
use crate::filter;
use crate::spec::Spec;
use crate::sys::{self, Aligned, Limit};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::os::unix::net::UnixStream;

/// All of them together make the difference between "root" and root.
pub const NAMESPACES: u64 = sys::CLONE_NEWUSER
    | sys::CLONE_NEWNS
    | sys::CLONE_NEWPID
    | sys::CLONE_NEWNET
    | sys::CLONE_NEWUTS
    | sys::CLONE_NEWIPC
    | sys::CLONE_NEWCGROUP;

/// To PID 1 to be: its users are mapped, its control groups are set.
pub const GO: u8 = b'g';
/// From it: the terminal's and the cards' descriptors are beside this.
pub const MADE: u8 = b'm';
/// From it: why it could not become PID 1, in words.
pub const FAILED: u8 = b'e';

const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];
/// What the kernel shows of itself and takes orders by (as runc masks them, opencontainers/runtime-spec "maskedPaths").
const MASKED_FILES: [&str; 9] = [
    "proc/kcore",
    "proc/keys",
    "proc/key-users",
    "proc/kallsyms",
    "proc/kmsg",
    "proc/latency_stats",
    "proc/sched_debug",
    "proc/sysrq-trigger",
    "proc/timer_list",
];
const MASKED_DIRS: [&str; 15] = [
    "sys/firmware",
    "sys/block",
    "sys/bus",
    "sys/dev",
    "sys/fs",
    "sys/hypervisor",
    "sys/kernel",
    "sys/module",
    "sys/power",
    "proc/acpi",
    "proc/asound",
    "proc/driver",
    "proc/fs",
    "proc/irq",
    "proc/scsi",
];

/// What a system has use for inside of its namespaces (capabilities(7), by number): files' owners and modes, signals, users,
/// ports below 1024, the network, chroot, reboot (of itself), file capabilities. Not CAP_SYS_ADMIN: what the launcher mounted
/// stays mounted.
const KEPT: [u64; 13] = [0, 1, 3, 4, 5, 6, 7, 8, 10, 12, 13, 18, 22];
const CAPABILITIES: u64 = 64;

const O_NOCTTY: i32 = 0o400;
const O_NONBLOCK: i32 = 0o4000;
const TIOCSPTLCK: u64 = 0x4004_5431;
const TIOCGPTPEER: u64 = 0x5441;

const ENVIRONMENT: [&str; 5] =
    ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=vt100", "container=stratocell", "STRATOCELL_SANDBOX=1"];

fn step<T>(what: &str, result: io::Result<T>) -> Result<T, String> {
    result.map_err(|e| format!("{what}: {e}"))
}

/// Never returns to the caller's program: it becomes PID 1 or ends, having told why.
pub fn enter(spec: &Spec, socket: &UnixStream) -> ! {
    let Err(why) = become_first(spec, socket);
    let text = [&[FAILED], why.as_bytes()].concat();
    let _ = sys::send_with_fds(socket, &text, &[]);
    sys::end_now(1)
}

fn become_first(spec: &Spec, mut socket: &UnixStream) -> Result<std::convert::Infallible, String> {
    step("die with the monitor", sys::die_with_parent())?;
    let mut word = [0];
    step("wait for the monitor", socket.read_exact(&mut word))?;
    let cards = spec.cards.iter().enumerate().map(|(n, c)| card::make(&format!("eth{n}"), c, spec.packet_socket));
    let cards = step("network cards", cards.collect::<io::Result<Vec<OwnedFd>>>())?;

    // What is reached by names that only the host's user may follow comes first.
    step("private mounts", sys::mount_fs("", "/", "", sys::MS_REC | sys::MS_PRIVATE, ""))?;
    step("the root's directory", std::env::set_current_dir(&spec.root))?;
    step("the image", sys::mount_fs(&spec.image.to_string_lossy(), "lower", "", sys::MS_BIND, ""))?;
    step("become root", sys::become_user_zero(spec.users.is_some()))?;
    // A change of user has taken it back.
    step("die with the monitor", sys::die_with_parent())?;
    let layers = "lowerdir=lower,upperdir=upper,workdir=work,userxattr";
    step("the root", sys::mount_fs("overlay", "merged", "overlay", sys::MS_NODEV | sys::MS_NOSUID, layers))?;
    step("enter the root", std::env::set_current_dir("merged"))?;
    step("mounts", mounts(spec))?;
    let (master, terminal) = step("terminal", terminal())?;
    step("masks", mask())?;
    let made: Vec<RawFd> = std::iter::once(&master).chain(&cards).map(AsRawFd::as_raw_fd).collect();
    step("tell the monitor", sys::send_with_fds(socket, &[MADE], &made))?;
    drop((master, cards));
    step("change the root", sys::become_root())?;
    step("hostname", sys::set_hostname(&spec.hostname))?;

    // No session of its own: a leader would make the first terminal that it opens its own, and no shell could have it.
    step("standard streams", sys::be_standard_streams(&terminal))?;
    drop(terminal);
    sys::heed_all_signals();
    step("limits", limits(spec))?;
    for capability in (0..CAPABILITIES).filter(|c| !KEPT.contains(c)) {
        step("capabilities", sys::drop_from_bounding_set(capability))?;
    }
    step("no new privileges", sys::no_new_privileges())?;
    step("system call filter", sys::filter_system_calls(&filter::program()))?;
    let words = ENVIRONMENT;
    Err(format!("{}: {}", spec.argv[0], sys::execute(&spec.argv, &words)))
}

/// File systems of its own, in the new root where we stand.
fn mounts(spec: &Spec) -> io::Result<()> {
    const STRICT: u64 = sys::MS_NOSUID | sys::MS_NODEV | sys::MS_NOEXEC;
    let part = |n: u64| (spec.memory_mib << 10) / n;
    sys::mount_fs("proc", "proc", "proc", STRICT, "")?;
    sys::mount_fs("sysfs", "sys", "sysfs", STRICT | sys::MS_RDONLY, "")?;
    sys::mount_fs("tmpfs", "dev", "tmpfs", sys::MS_NOSUID | sys::MS_NOEXEC, "mode=755,size=64k,nr_inodes=128")?;
    for name in DEVICES {
        let target = format!("dev/{name}");
        File::create(&target)?;
        sys::mount_fs(&format!("/{target}"), &target, "", sys::MS_BIND, "")?;
    }
    for (name, target) in
        [("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2"), ("ptmx", "pts/ptmx")]
    {
        symlink(target, format!("dev/{name}"))?;
    }
    fs::create_dir("dev/pts")?;
    fs::create_dir("dev/shm")?;
    // The group tty exists where there is more than one.
    let tty = if spec.users.is_some() { ",gid=5" } else { "" };
    let pts = format!("newinstance,ptmxmode=0666,mode=0620{tty}");
    sys::mount_fs("devpts", "dev/pts", "devpts", sys::MS_NOSUID | sys::MS_NOEXEC, &pts)?;
    for (dir, kib, mode) in [("dev/shm", part(4), "1777"), ("run", part(8), "755"), ("tmp", part(2), "1777")] {
        let data = format!("mode={mode},size={kib}k,nr_inodes={}", kib.max(256));
        sys::mount_fs("tmpfs", dir, "tmpfs", sys::MS_NOSUID | sys::MS_NODEV, &data)?;
    }
    Ok(())
}

/// A terminal of the sandbox's own: the monitor's end and PID 1's, which is also its console and serial line.
fn terminal() -> io::Result<(OwnedFd, OwnedFd)> {
    let master = File::options().read(true).write(true).custom_flags(O_NOCTTY | O_NONBLOCK).open("dev/pts/ptmx")?;
    sys::control(&master, TIOCSPTLCK, &mut Aligned([0; 8]))?;
    let fd = sys::control_number(&master, TIOCGPTPEER, (O_NOCTTY | 2) as u64)?;
    // SAFETY: TIOCGPTPEER opens a new descriptor, which nothing else owns.
    let terminal = unsafe { OwnedFd::from_raw_fd(fd) };
    for name in ["dev/console", "dev/ttyS0"] {
        File::create(name)?;
        // The first of its own terminals.
        sys::mount_fs("dev/pts/0", name, "", sys::MS_BIND, "")?;
    }
    Ok((master.into(), terminal))
}

fn mask() -> io::Result<()> {
    let absent = |result: io::Result<()>| match result {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    };
    for file in MASKED_FILES {
        absent(sys::mount_fs("dev/null", file, "", sys::MS_BIND, ""))?;
    }
    let nothing = sys::MS_RDONLY | sys::MS_NOSUID | sys::MS_NODEV | sys::MS_NOEXEC;
    sys::mount_fs("tmpfs", MASKED_DIRS[0], "tmpfs", nothing, "size=4k,nr_inodes=2,mode=555")?;
    for dir in &MASKED_DIRS[1..] {
        absent(sys::mount_fs(MASKED_DIRS[0], dir, "", sys::MS_BIND, ""))?;
    }
    // The kernel's settings are read, those of its own network written.
    for dir in ["proc/sys", "proc/bus"] {
        absent(sys::mount_fs(dir, dir, "", sys::MS_BIND, ""))?;
        absent(sys::mount_fs("", dir, "", sys::MS_REMOUNT | sys::MS_BIND | nothing, ""))?;
    }
    sys::mount_fs("proc/sys/net", "proc/sys/net", "", sys::MS_BIND, "")?;
    sys::mount_fs("", "proc/sys/net", "", sys::MS_REMOUNT | sys::MS_BIND | nothing & !sys::MS_RDONLY, "")
}

fn limits(spec: &Spec) -> io::Result<()> {
    sys::limit(Limit::CoreBytes, 0)?;
    sys::limit(Limit::OpenFiles, 4096)?;
    sys::limit(Limit::LockedBytes, 64 << 10)?;
    sys::limit(Limit::QueueBytes, 64 << 10)?;
    sys::limit(Limit::FileBytes, spec.disk_mib << 20)?;
    sys::limit(Limit::Processes, spec.processes_max)?;
    if spec.limit_address_space {
        sys::limit(Limit::AddressSpaceBytes, spec.memory_mib << 20)?;
    }
    Ok(())
}
