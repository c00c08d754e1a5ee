//! System calls that the standard library does not offer, each as a safe function. x86-64 and aarch64 Linux agree on all
//! structures here; numbers are x86-64's.

use std::ffi::{CString, c_char, c_int, c_long, c_ulong, c_void};
use std::io::{self, Error};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
    fn mount(src: *const c_char, target: *const c_char, fstype: *const c_char, flags: c_ulong, data: *const c_void) -> c_int;
    fn umount2(target: *const c_char, flags: c_int) -> c_int;
    fn ioctl(fd: c_int, request: c_ulong, ...) -> c_int;
    fn fork() -> c_int;
    fn _exit(status: c_int) -> !;
    fn kill(pid: c_int, signal: c_int) -> c_int;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn setns(fd: c_int, kind: c_int) -> c_int;
    fn setgroups(size: usize, list: *const u32) -> c_int;
    fn sethostname(name: *const c_char, len: usize) -> c_int;
    fn prctl(option: c_int, ...) -> c_int;
    fn setrlimit(resource: c_int, limit: *const [u64; 2]) -> c_int;
    fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int;
    fn bind(fd: c_int, addr: *const c_void, addr_len: u32) -> c_int;
    fn setsockopt(fd: c_int, level: c_int, name: c_int, value: *const c_void, bytes: u32) -> c_int;
    fn send(fd: c_int, buf: *const c_void, len: usize, flags: c_int) -> isize;
    fn recv(fd: c_int, buf: *mut c_void, len: usize, flags: c_int) -> isize;
    fn sendmsg(fd: c_int, msg: *const MsgHdr, flags: c_int) -> isize;
    fn recvmsg(fd: c_int, msg: *mut MsgHdr, flags: c_int) -> isize;
    fn poll(fds: *mut PollFd, count: c_ulong, timeout_ms: c_int) -> c_int;
    fn dup2(old: c_int, new: c_int) -> c_int;
    fn statvfs(path: *const c_char, buf: *mut [u64; 14]) -> c_int;
    fn execve(path: *const c_char, argv: *const *const c_char, envp: *const *const c_char) -> c_int;
    fn sigprocmask(how: c_int, set: *const SigSet, old: *mut SigSet) -> c_int;
    fn signalfd(fd: c_int, set: *const SigSet, flags: c_int) -> c_int;
    fn signal(signum: c_int, handler: usize) -> usize;
}

pub const SIGHUP: i32 = 1;
pub const SIGINT: i32 = 2;
pub const SIGKILL: i32 = 9;
pub const SIGUSR2: i32 = 12;
pub const SIGTERM: i32 = 15;
const SIGPIPE: i32 = 13;
const SIGCHLD: u64 = 17;

pub const MS_RDONLY: u64 = 1;
pub const MS_NOSUID: u64 = 2;
pub const MS_NODEV: u64 = 4;
pub const MS_NOEXEC: u64 = 8;
pub const MS_REMOUNT: u64 = 32;
pub const MS_BIND: u64 = 4096;
pub const MS_REC: u64 = 16384;
pub const MS_PRIVATE: u64 = 1 << 18;

pub const CLONE_NEWNS: u64 = 0x0002_0000;
pub const CLONE_NEWCGROUP: u64 = 0x0200_0000;
pub const CLONE_NEWUTS: u64 = 0x0400_0000;
pub const CLONE_NEWIPC: u64 = 0x0800_0000;
pub const CLONE_NEWUSER: u64 = 0x1000_0000;
pub const CLONE_NEWPID: u64 = 0x2000_0000;
pub const CLONE_NEWNET: u64 = 0x4000_0000;

#[repr(C)]
pub struct PollFd {
    pub fd: RawFd,
    pub events: i16,
    pub revents: i16,
}

pub const POLLIN: i16 = 1;

#[repr(C)]
struct IoVec {
    base: *mut c_void,
    len: usize,
}

#[repr(C)]
struct MsgHdr {
    name: *mut c_void,
    name_len: u32,
    iov: *mut IoVec,
    iov_len: usize,
    control: *mut c_void,
    control_len: usize,
    flags: c_int,
}

/// Room for one SCM_RIGHTS message: a cmsghdr (length, level, type) and descriptors.
#[repr(C, align(8))]
struct Control([u8; 16 + 4 * FDS_MAX]);
pub const FDS_MAX: usize = 32;

fn check(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(Error::last_os_error()) } else { Ok(result) }
}

fn check_long(result: c_long) -> io::Result<c_long> {
    if result < 0 { Err(Error::last_os_error()) } else { Ok(result) }
}

fn c_string(s: &str) -> io::Result<CString> {
    CString::new(s).map_err(|_| Error::from(io::ErrorKind::InvalidInput))
}

/// A file system, or (`MS_BIND`) a place of another; a remount takes no source.
pub fn mount_fs(source: &str, target: &str, fstype: &str, flags: u64, data: &str) -> io::Result<()> {
    let (source, target, fstype, data) = (c_string(source)?, c_string(target)?, c_string(fstype)?, c_string(data)?);
    // SAFETY: four NUL-terminated strings that live until the call returns.
    check(unsafe { mount(source.as_ptr(), target.as_ptr(), fstype.as_ptr(), flags, data.as_ptr().cast()) }).map(drop)
}

/// Makes the working directory, which is a mount, the root, and lets go of everything of the old one.
pub fn become_root() -> io::Result<()> {
    const SYS_PIVOT_ROOT: c_long = 155;
    const MNT_DETACH: c_int = 2;
    // SAFETY: static NUL-terminated strings.
    unsafe {
        // Both at one place: the old root lies over the new one and is taken away from there (pivot_root(2), "Notes").
        check_long(syscall(SYS_PIVOT_ROOT, c".".as_ptr(), c".".as_ptr()))?;
        check(umount2(c".".as_ptr(), MNT_DETACH))?;
    }
    std::env::set_current_dir("/")
}

/// A process in new namespaces; `0` in it. Memory is copied, as by fork. Our program has one thread.
pub fn clone_into(namespaces: u64) -> io::Result<i32> {
    const SYS_CLONE: c_long = 56;
    let none: c_long = 0;
    // SAFETY: without CLONE_VM and with a null stack this is fork: both go on with copies of everything.
    check_long(unsafe { syscall(SYS_CLONE, (namespaces | SIGCHLD) as c_long, none, none, none, none) }).map(|p| p as i32)
}

/// Runs `child` in a process of its own and ends it with what that returns.
pub fn fork_into(child: impl FnOnce() -> i32) -> io::Result<i32> {
    // SAFETY: there is one thread, so no lock can be held by a thread that the child does not have.
    let pid = check(unsafe { fork() })?;
    if pid == 0 {
        let status = child();
        end_now(status);
    }
    Ok(pid)
}

/// Ends this process without anything that the standard library does at an end.
pub fn end_now(status: i32) -> ! {
    // SAFETY: takes an integer and does not return.
    unsafe { _exit(status) }
}

pub fn send_signal(pid: i32, signal: i32) {
    // SAFETY: no memory is passed.
    unsafe { kill(pid, signal) };
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Status(i32),
    Signal(i32),
}

/// Waits for a child of ours.
pub fn wait(pid: i32) -> io::Result<Ended> {
    let mut status = 0;
    loop {
        // SAFETY: `status` is a valid place for one int.
        match check(unsafe { waitpid(pid, &mut status, 0) }) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
            Ok(_) if status & 0x7f == 0 => return Ok(Ended::Status(status >> 8 & 0xff)),
            Ok(_) => return Ok(Ended::Signal(status & 0x7f)),
        }
    }
}

/// Becomes readable when the process ends.
pub fn pidfd(pid: i32) -> io::Result<OwnedFd> {
    const SYS_PIDFD_OPEN: c_long = 434;
    let flags: c_long = 0;
    // SAFETY: returns a new descriptor (close-on-exec) that nothing else owns.
    unsafe { Ok(OwnedFd::from_raw_fd(check_long(syscall(SYS_PIDFD_OPEN, c_long::from(pid), flags))? as RawFd)) }
}

pub fn enter(namespace: &std::fs::File) -> io::Result<()> {
    // SAFETY: an open descriptor; 0 allows any kind.
    check(unsafe { setns(namespace.as_raw_fd(), 0) }).map(drop)
}

/// Becomes root of the user namespace: user, group and no other groups.
pub fn become_user_zero(drop_groups: bool) -> io::Result<()> {
    const SYS_SETRESUID: c_long = 117;
    const SYS_SETRESGID: c_long = 119;
    let zero: c_long = 0;
    // SAFETY: integers and an empty list.
    unsafe {
        if drop_groups {
            check(setgroups(0, std::ptr::null()))?;
        }
        check_long(syscall(SYS_SETRESGID, zero, zero, zero))?;
        check_long(syscall(SYS_SETRESUID, zero, zero, zero)).map(drop)
    }
}

pub fn set_hostname(name: &str) -> io::Result<()> {
    // SAFETY: pointer and length of one live string.
    check(unsafe { sethostname(name.as_ptr().cast(), name.len()) }).map(drop)
}

/// Killed when the thread that made us ends.
pub fn die_with_parent() -> io::Result<()> {
    const PR_SET_PDEATHSIG: c_int = 1;
    // SAFETY: integers only.
    check(unsafe { prctl(PR_SET_PDEATHSIG, SIGKILL as c_ulong) }).map(drop)
}

pub fn no_new_privileges() -> io::Result<()> {
    const PR_SET_NO_NEW_PRIVS: c_int = 38;
    // SAFETY: integers only.
    check(unsafe { prctl(PR_SET_NO_NEW_PRIVS, 1 as c_ulong, 0 as c_ulong, 0 as c_ulong, 0 as c_ulong) }).map(drop)
}

/// Takes a capability away from this process and all that it starts, for ever. One that the kernel does not know is no loss.
pub fn drop_from_bounding_set(capability: u64) -> io::Result<()> {
    const PR_CAPBSET_DROP: c_int = 24;
    // SAFETY: integers only.
    match check(unsafe { prctl(PR_CAPBSET_DROP, capability as c_ulong, 0 as c_ulong, 0 as c_ulong, 0 as c_ulong) }) {
        Err(e) if e.raw_os_error() == Some(22) => Ok(()),
        other => other.map(drop),
    }
}

/// One instruction of the classic BPF machine.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    pub code: u16,
    pub jt: u8,
    pub jf: u8,
    pub k: u32,
}

/// From here on each system call passes the program, also those of programs that are started.
pub fn filter_system_calls(program: &[Instruction]) -> io::Result<()> {
    const SYS_SECCOMP: c_long = 317;
    #[repr(C)]
    struct Program {
        len: u16,
        filter: *const Instruction,
    }
    let program = Program { len: program.len() as u16, filter: program.as_ptr() };
    let (set_mode_filter, flags): (c_long, c_long) = (1, 0);
    // SAFETY: the kernel copies `len` instructions from a live slice.
    check_long(unsafe { syscall(SYS_SECCOMP, set_mode_filter, flags, &raw const program) }).map(drop)
}

#[derive(Debug, Clone, Copy)]
pub enum Limit {
    FileBytes = 1,
    CoreBytes = 4,
    Processes = 6,
    OpenFiles = 7,
    LockedBytes = 8,
    AddressSpaceBytes = 9,
    QueueBytes = 12,
}

pub fn limit(what: Limit, most: u64) -> io::Result<()> {
    let both = [most, most];
    // SAFETY: the kernel reads two words.
    check(unsafe { setrlimit(what as c_int, &both) }).map(drop)
}

/// Replaces this program.
pub fn execute(argv: &[String], environment: &[&str]) -> Error {
    let run = || -> io::Result<()> {
        let words = argv.iter().map(|w| c_string(w)).collect::<io::Result<Vec<_>>>()?;
        let env = environment.iter().map(|w| c_string(w)).collect::<io::Result<Vec<_>>>()?;
        let null = std::iter::once(std::ptr::null());
        let pointers: Vec<_> = words.iter().map(|w| w.as_ptr()).chain(null.clone()).collect();
        let env_pointers: Vec<_> = env.iter().map(|w| w.as_ptr()).chain(null).collect();
        let program = words.first().ok_or(io::ErrorKind::InvalidInput)?;
        // SAFETY: NUL-terminated strings and null-terminated lists that live through the call.
        check(unsafe { execve(program.as_ptr(), pointers.as_ptr(), env_pointers.as_ptr()) }).map(drop)
    };
    run().err().unwrap_or_else(Error::last_os_error)
}

/// The standard streams become `fd`.
pub fn be_standard_streams(fd: &OwnedFd) -> io::Result<()> {
    for n in 0..3 {
        // SAFETY: two descriptors; the copy is not closed at exec.
        check(unsafe { dup2(fd.as_raw_fd(), n) })?;
    }
    Ok(())
}

/// glibc's `sigset_t`: 1024 bits, signal n is bit n-1.
#[repr(C)]
struct SigSet([u64; 16]);

/// Becomes readable when `signal` is sent to us, which does nothing else from now on.
pub fn hear(signal: i32) -> io::Result<OwnedFd> {
    let mut set = SigSet([0; 16]);
    set.0[0] = 1 << (signal - 1);
    // SAFETY: `set` is a whole sigset_t; a null old set is allowed; signalfd gives a new descriptor that nothing else owns.
    unsafe {
        check(sigprocmask(0, &set, std::ptr::null_mut()))?;
        Ok(OwnedFd::from_raw_fd(check(signalfd(-1, &set, 0o2_000_000 | 0o4000))?))
    }
}

/// A broken pipe is an error, not the end.
pub fn ignore_broken_pipes() {
    const SIG_IGN: usize = 1;
    // SAFETY: a constant handler.
    unsafe { signal(SIGPIPE, SIG_IGN) };
}

/// As a program expects them at its start.
pub fn heed_all_signals() {
    const SIG_DFL: usize = 0;
    const SIG_SETMASK: c_int = 2;
    let none = SigSet([0; 16]);
    // SAFETY: a constant handler; a whole sigset_t, and a null old set is allowed.
    unsafe {
        signal(SIGPIPE, SIG_DFL);
        sigprocmask(SIG_SETMASK, &none, std::ptr::null_mut());
    }
}

/// poll(2); an interrupted call counts as "nothing happened".
pub fn wait_readable(fds: &mut [PollFd], timeout_ms: i32) -> io::Result<()> {
    // SAFETY: pointer and length of one slice of the C layout.
    match check(unsafe { poll(fds.as_mut_ptr(), fds.len() as c_ulong, timeout_ms) }) {
        Err(e) if e.kind() != io::ErrorKind::Interrupted => Err(e),
        _ => Ok(()),
    }
}

/// A request that reads and writes at most `data`.
pub fn control<const N: usize>(fd: &impl AsRawFd, request: u64, data: &mut Aligned<N>) -> io::Result<i32> {
    // SAFETY: every request used here reads and writes at most the structure that `data` is as long as.
    check(unsafe { ioctl(fd.as_raw_fd(), request, data) })
}

#[repr(C, align(8))]
pub struct Aligned<const N: usize>(pub [u8; N]);

/// The other ioctls: a number as their argument.
pub fn control_number(fd: &impl AsRawFd, request: u64, value: u64) -> io::Result<i32> {
    // SAFETY: requests with a number touch no memory of ours.
    check(unsafe { ioctl(fd.as_raw_fd(), request, value) })
}

/// A socket, close-on-exec and non-blocking.
pub fn open_socket(domain: i32, kind: i32, protocol: i32) -> io::Result<OwnedFd> {
    // SAFETY: returns a new descriptor that nothing else owns.
    unsafe { Ok(OwnedFd::from_raw_fd(check(socket(domain, kind | 0o2_000_000 | 0o4000, protocol))?)) }
}

pub fn bind_to(fd: &OwnedFd, address: &[u8]) -> io::Result<()> {
    // SAFETY: pointer and length of one live slice.
    check(unsafe { bind(fd.as_raw_fd(), address.as_ptr().cast(), address.len() as u32) }).map(drop)
}

pub fn set_option(fd: &OwnedFd, level: i32, name: i32, value: i32) -> io::Result<()> {
    // SAFETY: the kernel reads one int.
    check(unsafe { setsockopt(fd.as_raw_fd(), level, name, (&raw const value).cast(), 4) }).map(drop)
}

pub fn exchange(fd: &OwnedFd, request: &[u8], answer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: pointers and lengths of two live slices.
    unsafe {
        if send(fd.as_raw_fd(), request.as_ptr().cast(), request.len(), 0) < 0 {
            return Err(Error::last_os_error());
        }
        let n = recv(fd.as_raw_fd(), answer.as_mut_ptr().cast(), answer.len(), 0);
        usize::try_from(n).map_err(|_| Error::last_os_error())
    }
}

/// Sends `bytes`, which are few, with descriptors beside them.
pub fn send_with_fds(socket: &impl AsRawFd, bytes: &[u8], fds: &[RawFd]) -> io::Result<()> {
    if fds.len() > FDS_MAX {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut control = Control([0; 16 + 4 * FDS_MAX]);
    let used = 16 + 4 * fds.len();
    control.0[..8].copy_from_slice(&used.to_ne_bytes());
    // SOL_SOCKET, SCM_RIGHTS
    control.0[8..12].copy_from_slice(&1i32.to_ne_bytes());
    control.0[12..16].copy_from_slice(&1i32.to_ne_bytes());
    for (fd, place) in fds.iter().zip(control.0[16..].chunks_exact_mut(4)) {
        place.copy_from_slice(&fd.to_ne_bytes());
    }
    let mut iov = IoVec { base: bytes.as_ptr().cast_mut().cast(), len: bytes.len() };
    let with = if fds.is_empty() { (std::ptr::null_mut(), 0) } else { (control.0.as_mut_ptr().cast(), used.next_multiple_of(8)) };
    let message = MsgHdr {
        name: std::ptr::null_mut(),
        name_len: 0,
        iov: &mut iov,
        iov_len: 1,
        control: with.0,
        control_len: with.1,
        flags: 0,
    };
    const MSG_NOSIGNAL: c_int = 0x4000;
    // SAFETY: `message` points to live buffers of the stated lengths; the control message is laid out as cmsg(3) says.
    let n = unsafe { sendmsg(socket.as_raw_fd(), &message, MSG_NOSIGNAL) };
    match usize::try_from(n) {
        Ok(n) if n == bytes.len() => Ok(()),
        Ok(_) => Err(io::ErrorKind::WriteZero.into()),
        Err(_) => Err(Error::last_os_error()),
    }
}

/// The next bytes, and the descriptors that came beside them.
pub fn receive_with_fds(socket: &impl AsRawFd, buf: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
    let mut control = Control([0; 16 + 4 * FDS_MAX]);
    let mut iov = IoVec { base: buf.as_mut_ptr().cast(), len: buf.len() };
    let mut message = MsgHdr {
        name: std::ptr::null_mut(),
        name_len: 0,
        iov: &mut iov,
        iov_len: 1,
        control: control.0.as_mut_ptr().cast(),
        control_len: control.0.len(),
        flags: 0,
    };
    const MSG_CMSG_CLOEXEC: c_int = 0x4000_0000;
    // SAFETY: as above; the kernel writes at most the stated lengths.
    let n = unsafe { recvmsg(socket.as_raw_fd(), &mut message, MSG_CMSG_CLOEXEC) };
    let n = usize::try_from(n).map_err(|_| Error::last_os_error())?;
    let mut fds = Vec::new();
    if message.control_len >= 16 {
        let len = control.0.first_chunk().map_or(0, |b| usize::from_ne_bytes(*b)).min(control.0.len());
        for word in control.0.get(16..len).unwrap_or_default().chunks_exact(4) {
            let fd = i32::from_ne_bytes([word[0], word[1], word[2], word[3]]);
            // SAFETY: SCM_RIGHTS is all that our peers send; each descriptor is new here and owned by nobody else.
            fds.push(unsafe { OwnedFd::from_raw_fd(fd) });
        }
    }
    Ok((n, fds))
}

/// Free bytes and free inodes of the file system at `path`.
pub fn free(path: &str) -> io::Result<(u64, u64)> {
    let path = c_string(path)?;
    // struct statvfs of 64-bit Linux: bsize, frsize, blocks, bfree, bavail, files, ffree, ... in 112 bytes.
    let mut s = [0; 14];
    // SAFETY: a NUL-terminated string and room for the whole structure.
    check(unsafe { statvfs(path.as_ptr(), &mut s) })?;
    Ok((s[1] * s[3], s[6]))
}
