//! System calls that the standard library does not offer, each as a safe function. The only file here with `unsafe`.

use std::ffi::{CString, c_char, c_int, c_long, c_ulong, c_void};
use std::io::{self, Error};
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

unsafe extern "C" {
    fn mount(src: *const c_char, target: *const c_char, fstype: *const c_char, flags: c_ulong, data: *const c_char) -> c_int;
    fn syscall(number: c_long, ...) -> c_long;
    fn reboot(how: c_int) -> c_int;
    fn sync();
    fn fork() -> c_int;
    fn kill(pid: c_int, signal: c_int) -> c_int;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn setsid() -> c_int;
    fn ioctl(fd: c_int, request: c_ulong, ...) -> c_int;
    fn sethostname(name: *const c_char, len: usize) -> c_int;
    fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int;
    fn sendto(fd: c_int, buf: *const c_void, len: usize, flags: c_int, addr: *const c_void, addr_len: u32) -> isize;
    fn recv(fd: c_int, buf: *mut c_void, len: usize, flags: c_int) -> isize;
    fn bind(fd: c_int, addr: *const c_void, addr_len: u32) -> c_int;
    fn poll(fds: *mut PollFd, count: c_ulong, timeout_ms: c_int) -> c_int;
    fn sigprocmask(how: c_int, set: *const SigSet, old: *mut SigSet) -> c_int;
    fn signalfd(fd: c_int, set: *const SigSet, flags: c_int) -> c_int;
}

/// glibc's `sigset_t`: 1024 bits, signal n is bit n-1.
#[repr(C)]
struct SigSet([u64; 16]);

#[repr(C)]
pub struct PollFd {
    pub fd: RawFd,
    pub events: i16,
    pub revents: i16,
}

pub const POLLIN: i16 = 1;
pub const SIGINT: i32 = 2;
pub const SIGKILL: i32 = 9;
pub const SIGUSR1: i32 = 10;
pub const SIGUSR2: i32 = 12;
pub const SIGTERM: i32 = 15;
pub const SIGCHLD: i32 = 17;

pub const MS_NOSUID: u64 = 2;
pub const MS_NODEV: u64 = 4;
pub const MS_REMOUNT: u64 = 32;
pub const MS_RDONLY: u64 = 1;
pub const MS_NOATIME: u64 = 1024;
pub const MS_MOVE: u64 = 8192;

fn check(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(Error::last_os_error()) } else { Ok(result) }
}

fn c_string(s: &str) -> io::Result<CString> {
    CString::new(s).map_err(|_| Error::from(io::ErrorKind::InvalidInput))
}

/// mount(2). `data` are the file system's own options.
pub fn mount_fs(source: &str, target: &str, fstype: &str, flags: u64, data: &str) -> io::Result<()> {
    let (source, target, fstype, data) = (c_string(source)?, c_string(target)?, c_string(fstype)?, c_string(data)?);
    // SAFETY: four NUL-terminated strings that live until the call returns.
    check(unsafe { mount(source.as_ptr(), target.as_ptr(), fstype.as_ptr(), flags, data.as_ptr()) }).map(drop)
}

/// finit_module(2) with no parameters.
pub fn load_module(path: &Path) -> io::Result<()> {
    const SYS_FINIT_MODULE: c_long = 313;
    let file = std::fs::File::open(path)?;
    // SAFETY: an open descriptor and a static NUL-terminated string.
    let result = unsafe { syscall(SYS_FINIT_MODULE, file.as_raw_fd() as c_long, c"".as_ptr(), 0 as c_long) };
    if result < 0 { Err(Error::last_os_error()) } else { Ok(()) }
}

fn reboot_now(how: c_int) -> ! {
    // SAFETY: no memory is passed; the call only concerns the kernel's own state.
    unsafe { reboot(how) };
    // Only reached when the kernel refuses; PID 1 must not return.
    loop {
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
}

pub fn power_off() -> ! {
    reboot_now(0x4321_fedc)
}

pub fn restart() -> ! {
    reboot_now(0x0123_4567)
}

pub fn sync_disks() {
    // SAFETY: takes no arguments.
    unsafe { sync() }
}

/// Asks the kernel to turn Ctrl-Alt-Del into a SIGINT to PID 1 instead of an immediate reset.
pub fn catch_ctrl_alt_del() {
    // SAFETY: no memory is passed.
    unsafe { reboot(0) };
}

/// Runs `child` in a new process and returns its pid. The caller must be single-threaded, which this program always is.
pub fn fork_into(child: impl FnOnce()) -> io::Result<i32> {
    // SAFETY: there is one thread, so no lock can be held by a thread that the child does not have.
    let pid = check(unsafe { fork() })?;
    if pid == 0 {
        unblock_signals();
        child();
        std::process::exit(0);
    }
    Ok(pid)
}

pub fn send_signal(pid: i32, signal: i32) {
    // SAFETY: no memory is passed.
    unsafe { kill(pid, signal) };
}

/// One child that has ended, if any. `Err` when there is no child at all.
pub fn reap() -> io::Result<Option<i32>> {
    let mut status = 0;
    // SAFETY: `status` is a valid place for one int.
    let pid = check(unsafe { waitpid(-1, &mut status, 1) })?;
    Ok((pid != 0).then_some(pid))
}

/// Makes `command` the leader of a session of its own; with `terminal`, its standard input is the session's terminal.
pub fn in_new_session(command: &mut Command, terminal: bool) {
    const TIOCSCTTY: c_ulong = 0x540e;
    // SAFETY: between fork and exec only system calls are made, and no memory is allocated.
    unsafe {
        command.pre_exec(move || {
            // PID 1's blocked signals would be inherited: a server that never hears SIGCHLD never ends a session.
            unblock_signals();
            check(setsid())?;
            if terminal { check(ioctl(0, TIOCSCTTY, 1 as c_int)).map(drop) } else { Ok(()) }
        });
    }
}

pub fn set_hostname(name: &str) -> io::Result<()> {
    // SAFETY: pointer and length of one live string.
    check(unsafe { sethostname(name.as_ptr().cast(), name.len()) }).map(drop)
}

/// Grows a mounted ext4 to `blocks` blocks.
pub fn ext4_resize(mount_point: &std::fs::File, blocks: u64) -> io::Result<()> {
    const EXT4_IOC_RESIZE_FS: c_ulong = 0x4008_6610;
    // SAFETY: the request reads one u64 through the pointer.
    check(unsafe { ioctl(mount_point.as_raw_fd(), EXT4_IOC_RESIZE_FS, &blocks) }).map(drop)
}

/// A signalfd for `signals`, which are blocked from now on.
pub fn signal_fd(signals: &[i32]) -> io::Result<OwnedFd> {
    let mut set = SigSet([0; 16]);
    for s in signals {
        set.0[0] |= 1 << (s - 1);
    }
    // SAFETY: `set` is a whole sigset_t; a null old set is allowed; signalfd gives a new descriptor that nothing else owns.
    unsafe {
        check(sigprocmask(0, &set, std::ptr::null_mut()))?;
        Ok(OwnedFd::from_raw_fd(check(signalfd(-1, &set, 0o2_000_000 | 0o4000))?))
    }
}

fn unblock_signals() {
    let set = SigSet([0; 16]);
    // SAFETY: as in `signal_fd`.
    unsafe { sigprocmask(2, &set, std::ptr::null_mut()) };
}

/// poll(2); an interrupted call counts as "nothing happened".
pub fn wait_readable(fds: &mut [PollFd], timeout_ms: i32) -> io::Result<()> {
    // SAFETY: pointer and length of one slice of the C layout.
    match check(unsafe { poll(fds.as_mut_ptr(), fds.len() as c_ulong, timeout_ms) }) {
        Err(e) if e.kind() != io::ErrorKind::Interrupted => Err(e),
        _ => Ok(()),
    }
}

/// `struct ifreq`: the name, then a union of 24 bytes.
#[repr(C, align(8))]
struct IfReq {
    name: [u8; 16],
    data: [u8; 24],
}

/// An interface and the ioctls that configure it.
pub struct Interface {
    socket: OwnedFd,
    name: [u8; 16],
}

const SIOCGIFFLAGS: c_ulong = 0x8913;
const SIOCSIFFLAGS: c_ulong = 0x8914;
const SIOCSIFADDR: c_ulong = 0x8916;
const SIOCSIFNETMASK: c_ulong = 0x891c;
const SIOCSIFMTU: c_ulong = 0x8922;
const SIOCGIFHWADDR: c_ulong = 0x8927;
const SIOCGIFINDEX: c_ulong = 0x8933;
const SIOCADDRT: c_ulong = 0x890b;
const SIOCDELRT: c_ulong = 0x890c;

impl Interface {
    pub fn open(name: &str) -> io::Result<Self> {
        let mut fixed = [0; 16];
        let len = name.len().min(15);
        fixed[..len].copy_from_slice(&name.as_bytes()[..len]);
        // SAFETY: socket() gives a new descriptor that nothing else owns. AF_INET, SOCK_DGRAM | SOCK_CLOEXEC.
        let socket = unsafe { OwnedFd::from_raw_fd(check(socket(2, 2 | 0o2_000_000, 0))?) };
        Ok(Self { socket, name: fixed })
    }

    fn request(&self, request: c_ulong, data: [u8; 24]) -> io::Result<[u8; 24]> {
        let mut req = IfReq { name: self.name, data };
        // SAFETY: every request used here reads and writes at most one struct ifreq.
        check(unsafe { ioctl(self.socket.as_raw_fd(), request, &mut req) })?;
        Ok(req.data)
    }

    pub fn index(&self) -> io::Result<i32> {
        let d = self.request(SIOCGIFINDEX, [0; 24])?;
        Ok(i32::from_ne_bytes([d[0], d[1], d[2], d[3]]))
    }

    pub fn mac(&self) -> io::Result<[u8; 6]> {
        let d = self.request(SIOCGIFHWADDR, [0; 24])?;
        Ok([d[2], d[3], d[4], d[5], d[6], d[7]])
    }

    pub fn up(&self) -> io::Result<()> {
        let mut d = self.request(SIOCGIFFLAGS, [0; 24])?;
        d[0] |= 1;
        self.request(SIOCSIFFLAGS, d).map(drop)
    }

    pub fn set_mtu(&self, mtu: u16) -> io::Result<()> {
        let mut d = [0; 24];
        d[..4].copy_from_slice(&i32::from(mtu).to_ne_bytes());
        self.request(SIOCSIFMTU, d).map(drop)
    }

    pub fn set_address(&self, addr: Ipv4Addr, mask: Ipv4Addr) -> io::Result<()> {
        for (request, ip) in [(SIOCSIFADDR, addr), (SIOCSIFNETMASK, mask)] {
            let mut d = [0; 24];
            d[..16].copy_from_slice(&sockaddr_in(ip));
            self.request(request, d)?;
        }
        Ok(())
    }

    /// Adds the default route through `gateway`, replacing one that goes there already.
    pub fn set_default_route(&self, gateway: Ipv4Addr) -> io::Result<()> {
        // struct rtentry on a 64-bit machine: pad1, dst, gateway, genmask, flags (u16), ..., 120 bytes in all.
        #[repr(C, align(8))]
        struct RtEntry([u8; 120]);
        let mut r = RtEntry([0; 120]);
        r.0[8..24].copy_from_slice(&sockaddr_in(Ipv4Addr::UNSPECIFIED));
        r.0[24..40].copy_from_slice(&sockaddr_in(gateway));
        r.0[40..56].copy_from_slice(&sockaddr_in(Ipv4Addr::UNSPECIFIED));
        r.0[56..58].copy_from_slice(&3u16.to_ne_bytes()); // RTF_UP | RTF_GATEWAY
        // SAFETY: both requests read one struct rtentry whose device pointer is null.
        unsafe {
            ioctl(self.socket.as_raw_fd(), SIOCDELRT, &r);
            check(ioctl(self.socket.as_raw_fd(), SIOCADDRT, &r)).map(drop)
        }
    }
}

fn sockaddr_in(ip: Ipv4Addr) -> [u8; 16] {
    let mut s = [0; 16];
    s[..2].copy_from_slice(&2u16.to_ne_bytes());
    s[4..8].copy_from_slice(&ip.octets());
    s
}

/// A packet socket for IPv4 on one interface: whole IP packets in, whole IP packets out to the broadcast address.
/// DHCP needs it because the kernel's UDP takes no packets before the interface has an address.
pub struct PacketSocket {
    fd: OwnedFd,
    broadcast: [u8; 20],
}

impl PacketSocket {
    pub fn open(index: i32) -> io::Result<Self> {
        let protocol = 0x0800u16.to_be();
        // struct sockaddr_ll: family, protocol, index, hatype, pkttype, halen, addr.
        let mut ll = [0u8; 20];
        ll[..2].copy_from_slice(&17u16.to_ne_bytes());
        ll[2..4].copy_from_slice(&protocol.to_ne_bytes());
        ll[4..8].copy_from_slice(&index.to_ne_bytes());
        ll[11] = 6;
        ll[12..18].fill(0xff);
        // SAFETY: socket() gives a new descriptor; bind reads 20 bytes of a live array. AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC.
        let fd = unsafe {
            let fd = OwnedFd::from_raw_fd(check(socket(17, 2 | 0o2_000_000, c_int::from(protocol)))?);
            check(bind(fd.as_raw_fd(), ll.as_ptr().cast(), 20))?;
            fd
        };
        Ok(Self { fd, broadcast: ll })
    }

    pub fn broadcast(&self, packet: &[u8]) -> io::Result<()> {
        let addr = self.broadcast.as_ptr().cast();
        // SAFETY: pointer and length of two live slices.
        let sent = unsafe { sendto(self.fd.as_raw_fd(), packet.as_ptr().cast(), packet.len(), 0, addr, 20) };
        if sent < 0 { Err(Error::last_os_error()) } else { Ok(()) }
    }

    /// The next packet within `timeout_ms`, as a prefix of `buf`.
    pub fn receive<'a>(&self, buf: &'a mut [u8], timeout_ms: i32) -> io::Result<Option<&'a [u8]>> {
        let mut fds = [PollFd { fd: self.fd.as_raw_fd(), events: POLLIN, revents: 0 }];
        wait_readable(&mut fds, timeout_ms)?;
        if fds[0].revents == 0 {
            return Ok(None);
        }
        // SAFETY: pointer and length of one live slice.
        let len = unsafe { recv(self.fd.as_raw_fd(), buf.as_mut_ptr().cast(), buf.len(), 0) };
        if len < 0 { Err(Error::last_os_error()) } else { Ok(buf.get(..len as usize)) }
    }
}

/// The kernel's word that network cards have come, gone or changed (rtnetlink, group RTMGRP_LINK).
pub struct LinkEvents {
    fd: OwnedFd,
}

impl LinkEvents {
    pub fn open() -> io::Result<Self> {
        // struct sockaddr_nl: family, pad, pid, groups.
        let mut nl = [0u8; 12];
        nl[..2].copy_from_slice(&16u16.to_ne_bytes());
        nl[8..12].copy_from_slice(&1u32.to_ne_bytes());
        // SAFETY: socket() gives a new descriptor; bind reads 12 bytes of a live array. AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC
        // | SOCK_NONBLOCK, NETLINK_ROUTE.
        let fd = unsafe {
            let fd = OwnedFd::from_raw_fd(check(socket(16, 3 | 0o2_000_000 | 0o4000, 0))?);
            check(bind(fd.as_raw_fd(), nl.as_ptr().cast(), 12))?;
            fd
        };
        Ok(Self { fd })
    }

    /// Until something has happened, or `timeout_ms` are over. What it was is looked up elsewhere.
    pub fn wait(&self, timeout_ms: i32) {
        let mut fds = [PollFd { fd: self.fd.as_raw_fd(), events: POLLIN, revents: 0 }];
        let _ = wait_readable(&mut fds, timeout_ms);
        let mut buf = [0u8; 8192];
        // SAFETY: pointer and length of one live array. An error (also: too many events were lost) ends the loop.
        while unsafe { recv(self.fd.as_raw_fd(), buf.as_mut_ptr().cast(), buf.len(), 0) } > 0 {}
    }
}
