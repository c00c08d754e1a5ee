//! A real guest, without a network: the image is made, boots, is shut down by its power button, and keeps its disk.

use host_agent::hypervisor::{Acceleration, Hypervisor, Seen, VmSpec, qemu::Qemu};
use host_agent::{disk, image};
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// Guests boot in 2 to 3 s under emulation on a quiet machine; a busy one may take many times that.
const PATIENCE: Duration = Duration::from_secs(120);

fn wait_until(what: &str, mut done: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
    start.elapsed()
}

fn console(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

#[test]
fn a_guest_boots_stops_and_finds_its_files_again() {
    let dir = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let image = image::ensure(&dir.path().join("images"), "micro").unwrap();
    let built = started.elapsed();
    let again = Instant::now();
    assert_eq!(image, image::ensure(&dir.path().join("images"), "micro").unwrap());
    println!("image made in {built:?}, found again in {:?}", again.elapsed());

    let root_disk = dir.path().join("root.img");
    disk::create(&image.root, &root_disk, 2 << 30).unwrap();
    let id = types::InstanceId::from_random(u128::from(std::process::id()));
    let spec = VmSpec {
        id,
        vcpus: 1,
        memory_mib: 256,
        image,
        root_disk,
        root_disk_gib: 2,
        hostname: String::new(),
        nics: vec![],
        nics_max: 3,
        console_socket: dir.path().join("tty"),
        console_log: dir.path().join("console.log"),
        qmp_socket: dir.path().join(format!("{id}.qmp")),
        vmm_log: dir.path().join("qemu.log"),
        acceleration: Acceleration::Tcg,
    };
    let qemu = Qemu::new(Qemu::sandbox_works());

    let process = qemu.start(&spec).unwrap();
    let _guard = Guard(process);
    assert_eq!(qemu.find_all(dir.path()), [(id, process)]);
    let to_boot = wait_until("the first milestone", || console(&spec.console_log).contains("stratocell: boot"));
    let to_ready = wait_until("ready", || console(&spec.console_log).contains("stratocell: ready"));
    println!("first milestone after {to_boot:?}, ready after {:?}", to_boot + to_ready);
    assert_eq!(qemu.look(process, &spec.qmp_socket), Seen::Running);

    // The serial line is interactive: a shell waits there.
    wait_until("the shell", || console(&spec.console_log).contains("~# "));
    let mut tty = UnixStream::connect(&spec.console_socket).unwrap();
    tty.write_all(b"echo kept-$((40+2)) > /root/note; df -m / | tail -1; id\n").unwrap();
    wait_until("the shell's answer", || console(&spec.console_log).contains("uid=0"));
    drop(tty);

    qemu.press_power(&spec.qmp_socket).unwrap();
    let down = wait_until("the guest to switch itself off", || qemu.look(process, &spec.qmp_socket) == Seen::Off);
    println!("switched off after {down:?}");
    qemu.kill(process).unwrap();
    assert_eq!(qemu.look(process, &spec.qmp_socket), Seen::Dead);
    assert!(qemu.find_all(dir.path()).is_empty());

    std::fs::remove_file(&spec.console_log).unwrap();
    let process = qemu.start(&spec).unwrap();
    let _guard = Guard(process);
    wait_until("the shell", || console(&spec.console_log).contains("~# "));
    let mut tty = UnixStream::connect(&spec.console_socket).unwrap();
    tty.write_all(b"cat /root/note\n").unwrap();
    wait_until("the file of the first run", || console(&spec.console_log).contains("kept-42"));
    // A client that does not read would hold the guest's serial line up.
    drop(tty);

    // A reset starts the kernel again without a new process.
    qemu.reset(&spec.qmp_socket).unwrap();
    wait_until("the second boot", || console(&spec.console_log).matches("stratocell: ready").count() == 2);
    assert_eq!(qemu.look(process, &spec.qmp_socket), Seen::Running);
    if std::env::var_os("SHOW_CONSOLE").is_some() {
        println!("{}", console(&spec.console_log));
    }
    qemu.kill(process).unwrap();
}

/// Ends the guest also when an assertion fails.
struct Guard(platform::process::ProcessId);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.signal(9);
    }
}
