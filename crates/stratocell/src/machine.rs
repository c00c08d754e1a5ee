//! What this machine has and lacks: sizes for hosts, one-line degradations for `up`, numbered findings for `doctor`.

use crate::setup::Machine;
use platform::{DataDir, Settings};
use serde::Serialize;
use std::ffi::CString;
use std::fs::OpenOptions;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Ok,
    /// Works, with less speed or reach.
    Degraded,
    /// Something will not work.
    Missing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub level: Level,
    pub what: String,
    /// The command that cures it; empty when nothing is wrong.
    pub fix: String,
}

/// What was observed; the judgement is [`judge`].
#[derive(Debug, Clone)]
pub struct Facts {
    pub qemu: Option<PathBuf>,
    pub busybox: Option<PathBuf>,
    pub kernel: Option<PathBuf>,
    pub mke2fs: Option<PathBuf>,
    pub dropbear: Option<PathBuf>,
    pub ssh: Option<PathBuf>,
    /// Err: why /dev/kvm cannot be used.
    pub kvm: Result<(), String>,
    pub tun: Result<(), String>,
    pub user_namespaces: Result<(), String>,
    pub unprivileged_port_start: u16,
    pub root: bool,
    pub ping_allowed: bool,
    pub ipv6: bool,
    pub disk_free_gib: u64,
    pub memory_mib: u64,
    pub port: u16,
    pub port_taken: bool,
}

impl Facts {
    /// Looks at everything but user namespaces, which take a process to try.
    pub fn gather(dir: &DataDir, port: u16) -> Self {
        // SAFETY: these cannot fail and touch no memory.
        let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
        let machine = sizes(dir.root());
        Self {
            qemu: in_path("qemu-system-x86_64"),
            busybox: in_path("busybox"),
            kernel: guest_kernel(),
            mke2fs: in_path("mke2fs").or_else(|| in_sbin("mke2fs")),
            dropbear: in_path("dropbear").or_else(|| in_sbin("dropbear")),
            ssh: in_path("ssh"),
            kvm: opens("/dev/kvm"),
            tun: opens("/dev/net/tun"),
            user_namespaces: Ok(()),
            unprivileged_port_start: sysctl("net/ipv4/ip_unprivileged_port_start").and_then(|s| s.parse().ok()).unwrap_or(1024),
            root: uid == 0,
            ping_allowed: uid == 0 || sysctl("net/ipv4/ping_group_range").is_some_and(|r| in_range(&r, gid)),
            ipv6: std::net::UdpSocket::bind((std::net::Ipv6Addr::LOCALHOST, 0)).is_ok(),
            disk_free_gib: machine.disk_free_gib,
            memory_mib: machine.memory_mib,
            port,
            port_taken: port != 0 && std::net::TcpListener::bind(("127.0.0.1", port)).is_err(),
        }
    }

    pub fn with_user_namespaces(mut self) -> Self {
        self.user_namespaces = try_user_namespace();
        self
    }
}

/// Every check with its verdict and, where something is wrong, the fix.
pub fn judge(f: &Facts) -> Vec<Finding> {
    use Level::*;
    let mut all = Vec::new();
    let mut add = |level, what: String, fix: &str| {
        all.push(Finding { level, what, fix: if level == Ok { String::new() } else { fix.to_owned() } });
    };
    let found = |p: &Option<PathBuf>, name: &str| match p {
        Some(p) => (Ok, format!("{name}: {}", p.display())),
        None => (Missing, format!("{name} is not installed")),
    };
    let (level, what) = found(&f.qemu, "QEMU");
    add(
        level,
        format!("{what}{}", if level == Ok { "" } else { ": instances cannot start" }),
        "sudo apt-get install qemu-system-x86",
    );
    let (level, what) = found(&f.busybox, "busybox (static)");
    add(level, what, "sudo apt-get install busybox-static");
    let (level, what) = found(&f.kernel, "guest kernel");
    add(level, what, "run `make build` in the source tree, which fetches it, or name one with STRATOCELL_KERNEL_DIR");
    let (level, what) = found(&f.mke2fs, "mke2fs (makes the guests' disks)");
    add(level, what, "sudo apt-get install e2fsprogs");
    let (level, what) = found(&f.dropbear, "dropbear (the guests' ssh server)");
    add(level, what, "sudo apt-get install dropbear-bin");
    let (level, what) = found(&f.ssh, "ssh client");
    add(if level == Ok { Ok } else { Degraded }, what, "sudo apt-get install openssh-client");
    match &f.kvm {
        Result::Ok(()) => add(Ok, "/dev/kvm can be opened (whether guests run under it is tried at the first launch)".into(), ""),
        Err(e) => add(
            Degraded,
            format!("no hardware acceleration: /dev/kvm: {e}; guests run under software emulation, about ten times slower"),
            if e.contains("ermission") {
                "sudo usermod -aG kvm $USER   (then log in again)"
            } else {
                "enable virtualisation in the firmware, or nested virtualisation on the hypervisor; then sudo modprobe kvm_intel || sudo modprobe kvm_amd"
            },
        ),
    }
    match &f.tun {
        Result::Ok(()) => add(Ok, "/dev/net/tun can be opened".into(), ""),
        Err(e) => add(
            Degraded,
            format!("/dev/net/tun: {e}; --host-route is not available"),
            "sudo modprobe tun && sudo chmod 666 /dev/net/tun",
        ),
    }
    match &f.user_namespaces {
        Result::Ok(()) => add(Ok, "user namespaces work".into(), ""),
        Err(e) => add(
            Degraded,
            format!("user namespaces cannot be made: {e}"),
            "sudo sysctl -w kernel.unprivileged_userns_clone=1; on Ubuntu 24.04 and later: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    }
    if f.root || f.unprivileged_port_start <= 22 {
        add(Ok, "ports below 1024 can be listened on".into(), "");
    } else {
        add(
            Degraded,
            format!(
                "ports below {} are root's: the loopback aliases of instances use other ports (see `stratocell status`)",
                f.unprivileged_port_start
            ),
            "sudo sysctl -w net.ipv4.ip_unprivileged_port_start=22",
        );
    }
    if f.ping_allowed {
        add(Ok, "ICMP echo to the outside is allowed".into(), "");
    } else {
        add(
            Degraded,
            "ICMP echo sockets are not allowed: instances cannot ping the outside".into(),
            "sudo sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"",
        );
    }
    if f.ipv6 {
        add(Ok, "IPv6 works on this machine".into(), "");
    } else {
        add(
            Degraded,
            "no IPv6 on this machine: instances reach nothing outside by it (from here they are reached, by loopback aliases)"
                .into(),
            "sudo sysctl -w net.ipv6.conf.all.disable_ipv6=0   (or boot without ipv6.disable=1)",
        );
    }
    let level = if f.disk_free_gib < 1 {
        Missing
    } else if f.disk_free_gib < 5 {
        Degraded
    } else {
        Ok
    };
    add(
        level,
        format!("{} GiB free for the data directory", f.disk_free_gib),
        "free some space, or name another place with --data-dir",
    );
    let level = if f.memory_mib < 1024 {
        Missing
    } else if f.memory_mib < 4096 {
        Degraded
    } else {
        Ok
    };
    add(level, format!("{} MiB of memory", f.memory_mib), "use fewer hosts (--azs, --hosts-per-cell) and small instance types");
    if f.port_taken {
        add(
            Missing,
            format!("port {} on 127.0.0.1 is taken by another program", f.port),
            "stratocell up --port 0   (or another free port)",
        );
    } else {
        add(Ok, if f.port == 0 { "any free port is used".to_owned() } else { format!("port {} is free, or ours", f.port) }, "");
    }
    all
}

/// One line each for `up`: what is degraded here, most important first.
pub fn degraded(settings: &Settings) -> Vec<String> {
    let facts = Facts { port_taken: false, ..Facts::gather(&DataDir::new("/"), 0) };
    let mut findings: Vec<Finding> = judge(&facts).into_iter().filter(|f| f.level != Level::Ok).collect();
    findings.retain(|f| !f.what.contains("/dev/net/tun") || settings.host_route);
    findings.retain(|f| !f.what.contains("for the data directory"));
    findings.sort_by_key(|f| std::cmp::Reverse(f.level));
    findings.into_iter().map(|f| format!("{}   fix: {}", f.what, f.fix)).collect()
}

/// Cores, memory, and the free space of the file system that holds (or will hold) `path`.
pub fn sizes(path: &Path) -> Machine {
    let memory_mib = std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|t| t.lines().find_map(|l| l.strip_prefix("MemTotal:")?.trim().trim_end_matches(" kB").parse::<u64>().ok()))
        .map_or(2048, |kib| kib / 1024);
    let existing = path.ancestors().find(|p| p.exists()).unwrap_or(Path::new("/"));
    let disk_free_gib = CString::new(existing.as_os_str().as_bytes()).map_or(0, |c| {
        // SAFETY: statvfs is plain data for which zeros are a valid value.
        let mut s: libc::statvfs = unsafe { std::mem::zeroed() };
        // SAFETY: the path is a C string and `s` is writable; both live through the call.
        if unsafe { libc::statvfs(c.as_ptr(), &mut s) } == 0 { (s.f_bavail * s.f_frsize) >> 30 } else { 0 }
    });
    Machine { cores: std::thread::available_parallelism().map_or(1, |n| n.get() as u32), memory_mib, disk_free_gib }
}

/// The port that the gateway really listens on.
pub fn gateway_port(dir: &DataDir) -> Option<u16> {
    std::fs::read_to_string(dir.run().join("gateway.port")).ok()?.trim().parse().ok()
}

/// Whether `GET path` on 127.0.0.1 answers 200 within a moment.
pub async fn http_ok(port: u16, path: &str) -> bool {
    let exchange = async {
        let mut s = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        s.write_all(format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").as_bytes()).await.ok()?;
        let mut head = [0u8; 12];
        s.read_exact(&mut head).await.ok()?;
        Some(head == *b"HTTP/1.1 200")
    };
    tokio::time::timeout(Duration::from_millis(500), exchange).await.ok().flatten().unwrap_or(false)
}

pub fn in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|d| d.join(program)).find(|p| p.is_file())
}

/// Where host agents look for the guests' kernel: a tree as a kernel package unpacks to.
fn guest_kernel() -> Option<PathBuf> {
    let env = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let dirs: Vec<PathBuf> = match env("STRATOCELL_KERNEL_DIR") {
        Some(dir) => vec![dir],
        None => {
            let exe = std::env::current_exe().ok();
            let beside = exe.iter().flat_map(|e| e.ancestors().skip(1).take(3)).map(|d| d.join("guest-kernel"));
            beside.chain(env("HOME").map(|h| h.join(".cache/stratocell/guest-kernel"))).collect()
        }
    };
    dirs.into_iter().find_map(|dir| {
        let kernels = std::fs::read_dir(dir.join("boot")).ok()?;
        kernels.flatten().map(|e| e.path()).find(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("vmlinuz-")))
    })
}

/// System programs are not on every user's PATH.
fn in_sbin(program: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/sbin"].iter().map(|d| Path::new(d).join(program)).find(|p| p.is_file())
}

fn opens(device: &str) -> Result<(), String> {
    OpenOptions::new().read(true).write(true).open(device).map(|_| ()).map_err(|e| e.to_string())
}

fn sysctl(name: &str) -> Option<String> {
    Some(std::fs::read_to_string(Path::new("/proc/sys").join(name)).ok()?.trim().to_owned())
}

fn in_range(range: &str, gid: u32) -> bool {
    let mut ends = range.split_whitespace().filter_map(|n| n.parse::<u32>().ok());
    matches!((ends.next(), ends.next()), (Some(from), Some(to)) if (from..=to).contains(&gid))
}

fn try_user_namespace() -> Result<(), String> {
    let unshare = in_path("unshare").ok_or("unshare(1) is not installed, so this was not tried")?;
    let out = std::process::Command::new(unshare).args(["-Urn", "true"]).output().map_err(|e| e.to_string())?;
    if out.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&out.stderr).trim().to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Facts {
        let p = || Some(PathBuf::from("/usr/bin/x"));
        Facts {
            qemu: p(),
            busybox: p(),
            kernel: p(),
            mke2fs: p(),
            dropbear: p(),
            ssh: p(),
            kvm: Ok(()),
            tun: Ok(()),
            user_namespaces: Ok(()),
            unprivileged_port_start: 0,
            root: false,
            ping_allowed: true,
            ipv6: true,
            disk_free_gib: 50,
            memory_mib: 8192,
            port: 4566,
            port_taken: false,
        }
    }

    #[test]
    fn a_good_machine_has_no_findings_and_each_lack_has_its_fix() {
        assert!(judge(&good()).iter().all(|f| f.level == Level::Ok && f.fix.is_empty()));
        for (facts, word) in [
            (Facts { qemu: None, ..good() }, "qemu"),
            (Facts { busybox: None, ..good() }, "busybox"),
            (Facts { kernel: None, ..good() }, "make build"),
            (Facts { mke2fs: None, ..good() }, "e2fsprogs"),
            (Facts { dropbear: None, ..good() }, "dropbear"),
            (Facts { kvm: Err("Permission denied (os error 13)".into()), ..good() }, "kvm"),
            (Facts { tun: Err("x".into()), ..good() }, "tun"),
            (Facts { user_namespaces: Err("x".into()), ..good() }, "apparmor"),
            (Facts { unprivileged_port_start: 1024, ..good() }, "ip_unprivileged_port_start"),
            (Facts { ping_allowed: false, ..good() }, "ping_group_range"),
            (Facts { ipv6: false, ..good() }, "disable_ipv6"),
            (Facts { disk_free_gib: 0, ..good() }, "--data-dir"),
            (Facts { memory_mib: 512, ..good() }, "--azs"),
            (Facts { port_taken: true, ..good() }, "--port"),
        ] {
            let bad: Vec<_> = judge(&facts).into_iter().filter(|f| f.level != Level::Ok).collect();
            assert_eq!(bad.len(), 1, "{word}: {bad:?}");
            assert!(bad[0].fix.contains(word), "{bad:?}");
        }
    }

    #[test]
    fn group_ranges() {
        assert!(in_range("0\t2147483647", 1000) && !in_range("1\t0", 0) && !in_range("", 0));
    }
}
