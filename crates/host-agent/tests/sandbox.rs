//! Real sandboxes, without a network: what they are, what they may not, how they begin and end. The attempts to get out are
//! made inside, and seen to fail there, each for its own reason.

use host_agent::hypervisor::sandbox::{self, Sandbox};
use host_agent::hypervisor::{Acceleration, Hypervisor, Nic, Seen, VmSpec};
use host_agent::image;
use platform::process::ProcessId;
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// One image for all tests of this program, for each user; a directory that outlives them is the target's.
fn images() -> &'static Path {
    static IMAGES: OnceLock<PathBuf> = OnceLock::new();
    let kind = if sandbox::users().is_some() { "shifted" } else { "own" };
    IMAGES.get_or_init(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sandbox-images-{kind}")))
}

/// A place for one sandbox. What runs in it ends with the value.
struct Box {
    dir: tempfile::TempDir,
    spec: VmSpec,
    driver: Sandbox,
    monitor: Option<ProcessId>,
}

impl Box {
    /// With a script as PID 1, or with the image's init.
    fn new(script: Option<&str>) -> Self {
        // Short: sockets' paths have a limit.
        let dir = tempfile::Builder::new().prefix("sb-").tempdir_in("/tmp").unwrap();
        let id = types::InstanceId::from_random(u128::from_le_bytes(*unique().first_chunk().unwrap()));
        let at = |name: &str| dir.path().join(name);
        let spec = VmSpec {
            id,
            vcpus: 1,
            memory_mib: 32,
            image: image::ensure(images(), "micro").unwrap(),
            root_disk: at("root"),
            root_disk_gib: 1,
            hostname: "ip-10-0-0-5.ec2.internal".to_owned(),
            nics: vec![],
            nics_max: 1,
            console_socket: at("tty"),
            console_log: at("console.log"),
            qmp_socket: at(&format!("{id}.qmp")),
            vmm_log: at("vmm.log"),
            acceleration: Acceleration::Tcg,
        };
        let mut driver = Sandbox::new(images());
        if let Some(script) = script {
            driver.argv = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        }
        Self { dir, spec, driver, monitor: None }
    }

    fn start(&mut self) -> ProcessId {
        let monitor = self.driver.start(&self.spec).unwrap();
        self.monitor = Some(monitor);
        monitor
    }

    fn seen(&self) -> Seen {
        self.driver.look(self.monitor.unwrap(), &self.spec.qmp_socket)
    }

    fn console(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.spec.console_log).unwrap_or_default()).into_owned()
    }

    fn says(&self, what: &str) {
        let start = Instant::now();
        while !self.console().contains(what) {
            let vmm = std::fs::read_to_string(&self.spec.vmm_log).unwrap_or_default();
            assert!(start.elapsed() < PATIENCE, "no {what:?} in {}\n{vmm}", self.console());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn first(&self) -> ProcessId {
        ProcessId::read_file(&self.dir.path().join("guest.pid")).unwrap()
    }
}

impl Drop for Box {
    fn drop(&mut self) {
        if let Some(monitor) = self.monitor {
            let _ = self.driver.kill(monitor);
        }
        self.driver.end(self.spec.id, &self.spec.root_disk).unwrap();
        platform::disk::remove_tree(&self.spec.root_disk).unwrap();
    }
}

/// Bytes that no other test has.
fn unique() -> [u8; 16] {
    let mut bytes = [0; 16];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom").unwrap(), &mut bytes).unwrap();
    bytes
}

/// Runs `script` as PID 1 until it has printed `done`; what it printed before.
fn inside(script: &str) -> String {
    let mut b = Box::new(Some(&format!("{script}\necho do''ne\nwhile :; do sleep 1000; done")));
    b.start();
    b.says("done");
    b.console().replace('\r', "")
}

#[test]
fn a_sandbox_sees_its_own_and_nothing_else() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    let out = inside(&format!(
        "echo me=$$ id=$(id -u):$(id -g) host=$(hostname)
        echo processes=$(ls -d /proc/[0-9]* | wc -l)
        echo cards=$(ls /sys/class/net | tr '\\n' ' ')
        ls {} 2>&1; ls /root/.ssh 2>&1
        echo mounts=$(grep -c /dev/vda /proc/mounts)
        touch /etc/mine && echo wrote=$(ls -l /etc/mine | cut -d' ' -f1)
        kill -0 {} 2>&1
        cat /proc/kcore | wc -c; cat /proc/sysrq-trigger | wc -c
        grep -E '^(NoNewPrivs|Seccomp|CapBnd)' /proc/self/status | tr '\\t' ' '",
        secret.path().display(),
        std::process::id(),
    ));
    for line in ["me=1 id=0:0 host=ip-10-0-0-5.ec2.internal", "cards=lo", "wrote=-rw", "NoNewPrivs: 1", "Seccomp: 2"] {
        assert!(out.contains(line), "{line}: {out}");
    }
    // Itself and what it just started.
    let processes: u32 = out.lines().find_map(|l| l.strip_prefix("processes=")).unwrap().parse().unwrap();
    assert!(processes < 6, "{out}");
    assert!(out.contains("No such file") && out.contains("No such process"), "{out}");
    // CAP_SYS_ADMIN is the 21st, CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_PTRACE the 16th, 17th, 19th.
    let kept = out.lines().find_map(|l| l.strip_prefix("CapBnd: ")).unwrap();
    let kept = u64::from_str_radix(kept, 16).unwrap();
    assert_eq!(kept & (1 << 21 | 1 << 16 | 1 << 17 | 1 << 19), 0, "{out}");
}

#[test]
fn ways_out_are_closed() {
    let out = inside(
        "try() { what=$1; shift; \"$@\" >/dev/null 2>/tmp/e && echo \"$what: OPEN\" || echo \"$what: closed $(head -c 200 /tmp/e)\"; }
        try mount mount -t tmpfs t /mnt
        try proc mount -t proc p /mnt
        try remount mount -o remount,rw /proc/sys
        try unmask umount /proc/kcore
        try namespaces unshare -m true
        try users unshare -U true
        try node mknod /tmp/sda b 8 0
        try host-node mknod /tmp/mem c 1 1
        try sysctl sh -c 'echo 1 > /proc/sys/kernel/panic'
        try sysrq sh -c 'echo b > /proc/sysrq-trigger && grep -q b /proc/sysrq-trigger'
        try hostname hostname other
        try clock sh -c 'date -s 2030-01-01; test $(date +%Y) = 2030'
        try chroot chroot /proc/1/root/../../.. ls /work
        try priority nice -n -20 true
        try module insmod /etc/passwd
        try swap swapon /etc/passwd
        try raw-device cat /dev/vda
        try write-sys sh -c 'echo 1 > /sys/class/net/lo/mtu'
        try release sh -c 'echo x > /sys/fs/cgroup/release_agent'
        echo routes=$(ip route | wc -l)",
    );
    let closed = out.lines().filter(|l| l.contains(": closed")).count();
    assert!(!out.contains("OPEN"), "{out}");
    assert_eq!(closed, 19, "{out}");
    assert!(out.contains("routes=0"), "{out}");
}

#[test]
fn what_would_hurt_the_host_runs_into_a_limit() {
    let out = inside(
        "dd if=/dev/zero of=/tmp/full bs=1M count=4096 2>&1 | grep -o 'No space left on device'; ls -l /tmp/full | awk '{print \"tmp=\" $5}'
        rm /tmp/full
        dd if=/dev/zero of=/root/big bs=1M seek=2048 count=1 2>&1 | cat
        rm -f /root/big
        n=0; while [ $n -lt 400 ]; do sleep 1000 & n=$((n+1)); done 2>&1 | head -1
        echo alive",
    );
    assert!(out.contains("No space left on device"), "{out}");
    let bytes: u64 = out.lines().find_map(|l| l.strip_prefix("tmp=")).unwrap().parse().unwrap();
    assert!(bytes <= 16 << 20, "half of its memory: {out}");
    assert!(out.contains("File size limit exceeded"), "{out}");
    assert!(out.contains("can't fork") && out.contains("alive"), "{out}");
}

#[test]
fn a_full_disk_switches_it_off() {
    let script = "i=0; while :; do dd if=/dev/zero of=/root/f$i bs=1M count=64 2>/dev/null; i=$((i+1)); done";
    let mut b = Box::new(Some(script));
    // Half of a gigabyte is there before, and found again after.
    b.start();
    wait_until("the end", || b.seen() == Seen::Off);
    assert!(b.console().contains("the disk is full"), "{}", b.console());
    assert!(!b.first().is_alive());
}

#[test]
fn the_images_init_powers_off_restarts_and_keeps_its_files() {
    let mut b = Box::new(None);
    let monitor = b.start();
    assert_eq!(b.driver.find_all(b.dir.path()), [(b.spec.id, monitor)]);
    b.says("no network card");
    b.says(":~# ");
    let mut console = UnixStream::connect(&b.spec.console_socket).unwrap();
    let mut type_line = |line: &str| console.write_all(format!("{line}\n").as_bytes()).unwrap();
    type_line("echo ke''pt > /root/file; stat -c 'owner=%u' /home/ec2-user; echo ty''ped");
    b.says("typed");
    if sandbox::users().is_some() {
        b.says("owner=1000");
    }
    let before = b.first();
    b.driver.reset(&b.spec.qmp_socket).unwrap();
    assert_ne!(b.first(), before, "another PID 1 under the same monitor");
    assert!(!before.is_alive() && monitor.is_alive());
    wait_until("the shell", || b.console().matches(":~# ").count() >= 3);
    type_line("cat /root/file; reboot");
    wait_until("the guest's own restart", || b.console().matches("no network card").count() == 3);
    assert!(b.console().contains("kept"));
    b.driver.press_power(&b.spec.qmp_socket).unwrap();
    wait_until("off", || b.seen() == Seen::Off);
    assert!(monitor.is_alive(), "it says so until it is ended");
    b.driver.kill(monitor).unwrap();
    assert_eq!(b.seen(), Seen::Dead);

    b.driver.argv = ["/bin/sh", "-c", "cat /root/file; echo ag''ain; exec sleep 1000"].map(str::to_owned).to_vec();
    let monitor = b.start();
    b.says("again");
    assert_eq!(b.console().matches("kept").count(), 2);
    // A monitor that dies takes its guest along.
    let first = b.first();
    assert!(first.is_alive());
    b.driver.kill(monitor).unwrap();
    wait_until("PID 1's end", || !first.is_alive());
}

#[test]
fn a_guest_that_crashes_ends_its_monitor_and_a_wrong_one_says_why() {
    let mut b = Box::new(Some("echo go''ne; exit 3"));
    let monitor = b.start();
    wait_until("the end", || b.seen() == Seen::Dead);
    assert!(!monitor.is_alive() && b.console().contains("gone"));
    assert!(std::fs::read_to_string(&b.spec.vmm_log).unwrap().contains("PID 1 ended: Status(3)"));
    b.driver.argv = vec!["/bin/nothing".to_owned()];
    b.start();
    wait_until("the end", || b.seen() == Seen::Dead);
    let log = std::fs::read_to_string(&b.spec.vmm_log).unwrap();
    assert!(log.contains("/bin/nothing: No such file"), "{log}");
}

#[test]
fn a_monitor_that_is_asked_to_end_leaves_nothing() {
    let mut b = Box::new(Some("trap '' TERM; (trap '' TERM; while :; do sleep 1000; done) & echo be''gun; wait; wait"));
    let monitor = b.start();
    b.says("begun");
    let first = b.first();
    let groups = std::fs::read_to_string(format!("/proc/{}/cgroup", first.pid)).unwrap();
    assert!(monitor.signal(libc::SIGTERM).unwrap());
    wait_until("the end", || b.seen() == Seen::Dead);
    assert!(!first.is_alive());
    for line in groups.lines().filter(|l| l.contains(&b.spec.id.to_string())) {
        let (controller, path) = line.split_once(':').and_then(|(_, rest)| rest.split_once(':')).unwrap();
        let at = Path::new("/sys/fs/cgroup").join(controller.split(',').next().unwrap()).join(path.trim_start_matches('/'));
        assert!(!at.exists(), "{}", at.display());
    }
}

/// What a monitor says to a card's port: its header, and the descriptor beside it.
fn attached(listener: &UnixListener) -> (UnixStream, std::fs::File) {
    let (stream, _) = listener.accept().unwrap();
    let mut header = [0u8; 12];
    #[repr(C, align(8))]
    struct Control([u8; 64]);
    let mut control = Control([0; 64]);
    let mut iov = libc::iovec { iov_base: header.as_mut_ptr().cast(), iov_len: header.len() };
    // SAFETY: an all-zero msghdr is a valid value; it points to live buffers of the stated lengths; the kernel fills `control` with
    // one SCM_RIGHTS message, whose descriptor is new and owned by nobody else.
    let device = unsafe {
        let mut msg: libc::msghdr = std::mem::zeroed();
        (msg.msg_iov, msg.msg_iovlen) = (&mut iov, 1);
        (msg.msg_control, msg.msg_controllen) = (control.0.as_mut_ptr().cast(), control.0.len() as _);
        assert_eq!(libc::recvmsg(stream.as_raw_fd(), &mut msg, libc::MSG_CMSG_CLOEXEC), 12);
        let fd = libc::CMSG_DATA(libc::CMSG_FIRSTHDR(&msg)).cast::<i32>().read_unaligned();
        std::fs::File::from_raw_fd(fd)
    };
    assert_eq!(header, [0x01, 0, 0x43, 0x53, 1, 0, 0, 0, 0, 0, 0, 0]);
    (stream, device)
}

/// Asks 10.0.0.5 for its link address until it answers.
fn asks_for_its_address(mut device: &std::fs::File, mac: [u8; 6]) {
    let asker = [2, 0, 0, 0, 0, 1];
    let mut question =
        [&[0xff; 6][..], &asker, &[8, 6, 0, 1, 8, 0, 6, 4, 0, 1], &asker, &[10, 0, 0, 1], &[0; 6], &[10, 0, 0, 5]].concat();
    question.resize(60, 0);
    let mut frame = [0; 2048];
    wait_until("an answer", || {
        // An error: the guest has not brought it up yet.
        let _ = device.write(&question);
        while let Ok(n) = std::io::Read::read(&mut device, &mut frame) {
            if n >= 42 && frame[12..14] == [8, 6] && frame[20..22] == [0, 2] {
                assert_eq!((&frame[..6], &frame[6..12], &frame[28..32]), (&asker[..], &mac[..], &[10, 0, 0, 5][..]));
                return true;
            }
        }
        false
    });
}

#[test]
fn its_cards_carry_frames_to_whoever_holds_the_port() {
    for packet_socket in [false, true] {
        if !packet_socket && Sandbox::new(images()).packet_socket {
            // TAPs cannot be had by this user: then there is only the other way.
            continue;
        }
        let mut b = Box::new(Some(
            "ip link set eth0 up; ip addr add 10.0.0.5/24 dev eth0; cat /sys/class/net/eth0/mtu; echo u''p; exec sleep 1000",
        ));
        b.driver.packet_socket = packet_socket;
        let mac = [6, 0, 0, 0, 0, 5];
        let socket = b.dir.path().join("port");
        let card = |n: u128, socket: &Path| Nic {
            interface: types::InterfaceId::from_random(n),
            socket: socket.to_owned(),
            mac: types::MacAddr(mac),
            mtu: 9001,
        };
        b.spec.nics = vec![card(1, &socket)];
        // Nobody is there when it starts: it is asked again.
        b.start();
        b.says("up");
        assert!(b.console().contains("9001"));
        let listener = UnixListener::bind(&socket).unwrap();
        for _ in 0..2 {
            // The second time as after a card that was killed.
            let (_stream, device) = attached(&listener);
            asks_for_its_address(&device, mac);
        }
        // One more while it runs, which is there and gone.
        let second = b.dir.path().join("second");
        let listener = UnixListener::bind(&second).unwrap();
        let nic = card(2, &second);
        b.driver.plug(&b.spec.qmp_socket, &nic).unwrap();
        b.driver.plug(&b.spec.qmp_socket, &nic).unwrap();
        let (mut stream, device) = attached(&listener);
        drop(device);
        b.driver.unplug(&b.spec.qmp_socket, nic.interface).unwrap();
        assert_eq!(std::io::Read::read(&mut stream, &mut [0]).unwrap(), 0, "taken back");
    }
}
