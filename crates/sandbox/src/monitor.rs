//! The monitor's life: starts the guest, copies its console, gives its cards to the host's card process, takes commands.
//!
//! ```text
//!  start ──► running ── reboot(2), `reset` ──► start
//!              │  ├──── power off ──► off: the process stays and says so, until it is killed
//!              │  └──── takes more disk than its own ──► off
//!              ├─────── ends otherwise ──► the monitor ends, as a crashed VMM would
//!              └─────── SIGTERM ──► the guest is ended, then the monitor
//! ```
//! A command is one word in one connection: `status`, `power`, `reset`, `plug ETHN …`, `unplug INTERFACE`; so is its answer.

use crate::card::{self, Card};
use crate::disk;
use crate::jail;
use crate::spec::{self, Spec};
use crate::sys::{self, Ended, PollFd};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::{Duration, Instant};

/// A guest that is asked to restart and does not is ended.
const RESET_MAX: Duration = Duration::from_secs(8);
/// For a client of the control socket, which is our own user.
const TALK_MAX: Duration = Duration::from_millis(200);
const RECONNECT_EVERY: Duration = Duration::from_millis(200);
const MEASURE_EVERY: Duration = Duration::from_secs(2);
/// The host's disk has so much less free than at the last look: it is worth one.
const MEASURE_BYTES: u64 = 16 << 20;
const MEASURE_FILES: u64 = 1024;
/// What a sandbox may add to a full disk, so that it can be started to be emptied.
const SLACK_BYTES: u64 = 16 << 20;
const COMMAND_BYTES_MAX: usize = 1024;

struct Guest {
    pid: i32,
    pidfd: OwnedFd,
    terminal: File,
    cards: Vec<Card>,
}

struct Monitor {
    spec: Spec,
    end: OwnedFd,
    control: UnixListener,
    console: UnixListener,
    client: Option<UnixStream>,
    log: File,
    /// `None`: it has switched itself off.
    guest: Option<Guest>,
    /// When a guest that was asked to restart is ended.
    reset_at: Option<Instant>,
    connect_at: Instant,
    measure_at: Instant,
    /// Free bytes and inodes of the host's disk at the last measurement.
    free: (u64, u64),
    bytes_max: u64,
}

pub fn run(spec: Spec) -> Result<(), String> {
    sys::ignore_broken_pipes();
    let listen = |path: &Path| -> io::Result<UnixListener> {
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    let at = |path: &Path| {
        let path = path.display().to_string();
        move |e: io::Error| format!("{path}: {e}")
    };
    let log = File::options().append(true).create(true).open(&spec.log).map_err(at(&spec.log))?;
    let upper = spec.root.join("upper");
    let own = spec.disk_mib << 20;
    let bytes_max = own.max(disk::measure(&upper, own + own / 2).bytes.saturating_add(SLACK_BYTES));
    let mut monitor = Monitor {
        control: listen(&spec.control).map_err(at(&spec.control))?,
        console: listen(&spec.console).map_err(at(&spec.console))?,
        client: None,
        log,
        end: sys::hear(sys::SIGTERM).map_err(|e| format!("signals: {e}"))?,
        guest: None,
        reset_at: None,
        connect_at: Instant::now(),
        measure_at: Instant::now() + MEASURE_EVERY,
        free: sys::free(&upper.to_string_lossy()).unwrap_or_default(),
        bytes_max,
        spec,
    };
    let served = monitor.start().and_then(|()| monitor.serve());
    monitor.power_cut();
    monitor.leave_groups();
    served
}

impl Monitor {
    fn start(&mut self) -> Result<(), String> {
        let guest = start(&self.spec)?;
        self.guest = Some(guest);
        self.reset_at = None;
        self.connect_at = Instant::now();
        Ok(())
    }

    fn serve(&mut self) -> Result<(), String> {
        loop {
            let mut fds = vec![watch(self.control.as_raw_fd()), watch(self.console.as_raw_fd())];
            fds.push(watch(self.end.as_raw_fd()));
            fds.push(watch(self.client.as_ref().map_or(-1, AsRawFd::as_raw_fd)));
            fds.push(watch(self.guest.as_ref().map_or(-1, |g| g.terminal.as_raw_fd())));
            fds.push(watch(self.guest.as_ref().map_or(-1, |g| g.pidfd.as_raw_fd())));
            let cards = self.guest.iter().flat_map(|g| &g.cards);
            fds.extend(cards.map(|c| watch(c.connection.as_ref().map_or(-1, AsRawFd::as_raw_fd))));
            sys::wait_readable(&mut fds, self.timeout_ms()).map_err(|e| format!("poll: {e}"))?;
            let heard = |n: usize| fds[n].revents != 0;
            if heard(2) {
                return Ok(());
            }
            if heard(3) {
                self.hear_client();
            }
            if heard(4) {
                self.hear_guest();
            }
            if let Some(g) = &mut self.guest {
                for (card, polled) in g.cards.iter_mut().zip(&fds[6..]) {
                    if polled.revents != 0 {
                        card.heard();
                    }
                }
            }
            if heard(5) {
                self.ended()?;
            }
            if heard(1)
                && let Ok((stream, _)) = self.console.accept()
            {
                // The newest one reads along.
                self.client = stream.set_nonblocking(true).is_ok().then_some(stream);
            }
            if heard(0)
                && let Ok((stream, _)) = self.control.accept()
            {
                let _ = self.command(stream);
            }
            self.due();
        }
    }

    /// Idle, it wakes for nothing but the disk.
    fn timeout_ms(&self) -> i32 {
        let waiting = self.guest.iter().flat_map(|g| &g.cards).any(|c| c.connection.is_none());
        let connect = waiting.then_some(self.connect_at);
        let measure = self.guest.as_ref().map(|_| self.measure_at);
        let due = [connect, self.reset_at, measure].into_iter().flatten().min();
        due.map_or(-1, |at| at.saturating_duration_since(Instant::now()).as_millis() as i32 + 1)
    }

    fn due(&mut self) {
        let now = Instant::now();
        let Some(guest) = &mut self.guest else { return };
        if now >= self.connect_at {
            for card in guest.cards.iter_mut().filter(|c| c.connection.is_none()) {
                card.connect();
                self.connect_at = now + RECONNECT_EVERY;
            }
        }
        if self.reset_at.is_some_and(|at| now >= at) {
            sys::send_signal(guest.pid, sys::SIGKILL);
        }
        if now >= self.measure_at {
            self.measure_at = now + MEASURE_EVERY;
            self.measure();
        }
    }

    /// Only when the disk has become fuller: counting a thousand sandboxes' files every few seconds costs more than it finds.
    fn measure(&mut self) {
        let upper = self.spec.root.join("upper");
        let Ok(free) = sys::free(&upper.to_string_lossy()) else { return };
        if free.0 + MEASURE_BYTES > self.free.0 && free.1 + MEASURE_FILES > self.free.1 {
            // What was given back since is not ours to use up unseen.
            self.free = (self.free.0.max(free.0), self.free.1.max(free.1));
            return;
        }
        self.free = free;
        let used = disk::measure(&upper, self.bytes_max);
        if used.exceeds(self.bytes_max) {
            let why = format!("the disk is full: {} KiB in {} files; switched off", used.bytes >> 10, used.files);
            self.say(&why);
            self.power_cut();
        }
    }

    /// A line on the guest's console.
    fn say(&mut self, line: &str) {
        let _ = self.log.write_all(format!("\r\nstratocell: {line}\r\n").as_bytes());
    }

    fn power_cut(&mut self) {
        if let Some(guest) = self.guest.take() {
            sys::send_signal(guest.pid, sys::SIGKILL);
            let _ = sys::wait(guest.pid);
        }
    }

    /// Who was killed leaves them to the agent.
    fn leave_groups(&self) {
        for group in self.spec.cgroups.iter().filter_map(|file| file.parent()) {
            let _ = fs::remove_dir(group);
        }
    }

    fn hear_guest(&mut self) {
        let Some(guest) = &mut self.guest else { return };
        let mut bytes = [0; 4096];
        // EIO: nobody has it open at the moment.
        let n = match guest.terminal.read(&mut bytes) {
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
            Err(_) => return std::thread::sleep(Duration::from_millis(1)),
        };
        let _ = self.log.write_all(&bytes[..n]);
        if let Some(client) = &mut self.client
            && client.write_all(&bytes[..n]).is_err()
        {
            // It does not read: it is not waited for.
            self.client = None;
        }
    }

    fn hear_client(&mut self) {
        let Some(client) = &mut self.client else { return };
        let mut bytes = [0; 512];
        match client.read(&mut bytes) {
            Ok(0) => self.client = None,
            Ok(n) => {
                if let Some(guest) = &mut self.guest {
                    // A line that nobody reads is full some time.
                    let _ = guest.terminal.write_all(&bytes[..n]);
                }
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => self.client = None,
        }
    }

    fn ended(&mut self) -> Result<(), String> {
        let Some(guest) = &self.guest else { return Ok(()) };
        let how = sys::wait(guest.pid).map_err(|e| format!("wait: {e}"))?;
        // The last words.
        for _ in 0..64 {
            self.hear_guest();
        }
        self.guest = None;
        match how {
            _ if self.reset_at.is_some() => self.start(),
            // As reboot(2) ends a PID namespace.
            Ended::Signal(sys::SIGHUP) => self.start(),
            Ended::Signal(sys::SIGINT) => Ok(()),
            other => Err(format!("PID 1 ended: {other:?}")),
        }
    }

    fn command(&mut self, mut stream: UnixStream) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(TALK_MAX))?;
        stream.set_write_timeout(Some(TALK_MAX))?;
        let mut line = Vec::new();
        let mut bytes = [0; COMMAND_BYTES_MAX];
        while !line.contains(&b'\n') && line.len() < COMMAND_BYTES_MAX {
            match stream.read(&mut bytes)? {
                0 => break,
                n => line.extend_from_slice(&bytes[..n]),
            }
        }
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        let answer = match self.answer(&line) {
            Ok(word) => word.to_owned(),
            Err(why) => format!("error: {why}"),
        };
        stream.write_all(format!("{answer}\n").as_bytes())
    }

    fn answer(&mut self, line: &str) -> Result<&'static str, String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let state = match (&self.guest, self.reset_at) {
            (Some(_), None) => "running",
            (Some(_), Some(_)) => "resetting",
            (None, _) => "off",
        };
        match (word, &mut self.guest) {
            ("status", _) => Ok(state),
            ("power", Some(guest)) => {
                sys::send_signal(guest.pid, sys::SIGUSR2);
                Ok("ok")
            }
            ("power", None) => Ok("ok"),
            ("reset", Some(guest)) => {
                sys::send_signal(guest.pid, sys::SIGTERM);
                self.reset_at = Some(Instant::now() + RESET_MAX);
                Ok("ok")
            }
            ("reset", None) => self.start().map(|()| "ok"),
            ("plug", Some(guest)) => plug(guest, rest, self.spec.packet_socket).map(|()| "ok"),
            ("unplug", Some(guest)) => {
                // The device goes with its last descriptor; the card process lets go of its own when the connection ends.
                guest.cards.retain(|c| c.spec.interface != rest);
                Ok("ok")
            }
            ("plug" | "unplug", None) => Err("it is switched off".to_owned()),
            _ => Err(format!("{word:?} is not a command")),
        }
    }
}

fn watch(fd: RawFd) -> PollFd {
    PollFd { fd, events: sys::POLLIN, revents: 0 }
}

/// A guest that has become PID 1 of its namespaces.
fn start(spec: &Spec) -> Result<Guest, String> {
    let (ours, theirs) = UnixStream::pair().map_err(|e| format!("sockets: {e}"))?;
    let pid = sys::clone_into(jail::NAMESPACES).map_err(|e| format!("namespaces cannot be made: {e}"))?;
    if pid == 0 {
        drop(ours);
        jail::enter(spec, &theirs);
    }
    drop(theirs);
    let begun = begin(spec, pid, ours);
    if begun.is_err() {
        sys::send_signal(pid, sys::SIGKILL);
        let _ = sys::wait(pid);
    }
    begun
}

fn begin(spec: &Spec, pid: i32, mut socket: UnixStream) -> Result<Guest, String> {
    map_users(spec, pid).map_err(|e| format!("users cannot be mapped: {e}"))?;
    for group in &spec.cgroups {
        fs::write(group, pid.to_string()).map_err(|e| format!("{}: {e}", group.display()))?;
    }
    let pidfd = sys::pidfd(pid).map_err(|e| format!("pidfd: {e}"))?;
    let identity = identity(pid).ok_or("PID 1 ended at once")?;
    write_whole(&spec.pid_file, &identity).map_err(|e| format!("{}: {e}", spec.pid_file.display()))?;
    socket.write_all(&[jail::GO]).map_err(|_| "PID 1 ended at once".to_owned())?;
    let mut word = [0; 512];
    let (n, fds) = sys::receive_with_fds(&socket, &mut word).map_err(|e| format!("PID 1: {e}"))?;
    refused(&word[..n])?;
    let mut fds = fds.into_iter();
    let terminal = fds.next().ok_or("PID 1 has no terminal")?;
    let cards: Vec<Card> =
        spec.cards.iter().enumerate().zip(fds).map(|((n, c), device)| Card::new(c.clone(), n, device)).collect();
    if cards.len() != spec.cards.len() {
        return Err("PID 1 lacks a card".to_owned());
    }
    // The end of the stream: its program has begun.
    let n = socket.read(&mut word).map_err(|e| format!("PID 1: {e}"))?;
    refused(&word[..n])?;
    Ok(Guest { pid, pidfd, terminal: terminal.into(), cards })
}

fn refused(word: &[u8]) -> Result<(), String> {
    match word.split_first() {
        Some((&jail::FAILED, why)) => Err(String::from_utf8_lossy(why).into_owned()),
        _ => Ok(()),
    }
}

fn map_users(spec: &Spec, pid: i32) -> io::Result<()> {
    let proc = |file: &str| format!("/proc/{pid}/{file}");
    let (users, groups) = match spec.users {
        Some((first, count)) => (format!("0 {first} {count}"), format!("0 {first} {count}")),
        None => {
            use std::os::unix::fs::MetadataExt;
            let me = fs::metadata("/proc/self")?;
            fs::write(proc("setgroups"), "deny")?;
            (format!("0 {} 1", me.uid()), format!("0 {} 1", me.gid()))
        }
    };
    fs::write(proc("gid_map"), groups)?;
    fs::write(proc("uid_map"), users)
}

/// As the agent writes process identities: pid and start time.
fn identity(pid: i32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let ticks: u64 = stat.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()?;
    Some(format!("{{\"pid\":{pid},\"start_ticks\":{ticks}}}"))
}

fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let partial = path.with_extension("partial");
    fs::write(&partial, text)?;
    fs::rename(&partial, path)
}

/// A card more, in the running guest's network namespace. One that it has already is left as it is.
fn plug(guest: &mut Guest, text: &str, packet_socket: bool) -> Result<(), String> {
    let spec = spec::card(text)?;
    if guest.cards.iter().any(|c| c.spec.interface == spec.interface) {
        return Ok(());
    }
    let number = (0..).find(|n| guest.cards.iter().all(|c| c.number != *n)).unwrap_or_default();
    let (mut ours, theirs) = UnixStream::pair().map_err(|e| e.to_string())?;
    let namespace = |name: &str| File::open(format!("/proc/{}/ns/{name}", guest.pid));
    let child = sys::fork_into(|| {
        let made = namespace("net").and_then(|net| {
            sys::enter(&namespace("user")?)?;
            sys::enter(&net)?;
            card::make(&format!("eth{number}"), &spec, packet_socket)
        });
        match made {
            Ok(device) => drop(sys::send_with_fds(&theirs, &[jail::MADE], &[device.as_raw_fd()])),
            Err(e) => drop((&theirs).write_all(&[&[jail::FAILED], e.to_string().as_bytes()].concat())),
        }
        0
    });
    let child = child.map_err(|e| e.to_string())?;
    drop(theirs);
    let mut word = [0; 256];
    let received = sys::receive_with_fds(&ours, &mut word).map_err(|e| e.to_string());
    let _ = ours.read(&mut [0]);
    let _ = sys::wait(child);
    let (n, mut fds) = received?;
    refused(&word[..n])?;
    let device = fds.pop().ok_or("the card was not made")?;
    guest.cards.push(Card::new(spec, number, device));
    Ok(())
}
