//! PID 1's life after the boot: one poll loop over signals, the power button and messages of the network child.
//!
//! ```text
//!  Starting ── 'k' keys are in place ──► sshd        ── 'r' ready, or 10 s ──► serial shell
//!  any state ── button, SIGUSR2, SIGTERM, SIGINT ──► power::end
//! ```

use crate::power::{self, Ending};
use crate::services::{self, Service};
use crate::{boot, in_sandbox, network, say, sys};
use std::io::Read;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// What the network child tells PID 1, one byte each.
pub const KEYS_READY: u8 = b'k';
pub const ALL_READY: u8 = b'r';

/// The serial shell does not wait longer than this for the network.
const SHELL_AFTER: Duration = Duration::from_secs(10);

pub fn run() -> ! {
    if !in_sandbox() {
        sys::catch_ctrl_alt_del();
    }
    let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let _ = sys::set_hostname(if name.trim().is_empty() { "localhost" } else { name.trim() });
    let signals = sys::signal_fd(&[sys::SIGCHLD, sys::SIGTERM, sys::SIGINT, sys::SIGUSR1, sys::SIGUSR2]).ok();
    let Ok((mut from_network, to_init)) = std::io::pipe() else {
        say(format_args!("no pipe: no network"));
        power::end(Ending::PowerOff)
    };
    let network_pid = sys::fork_into(|| network::run(to_init)).unwrap_or(0);
    // The parent's copy of the pipe's write end went into the closure and is closed by now.
    if !in_sandbox()
        && let Err(e) = sys::fork_into(boot::grow_root)
    {
        say(format_args!("fork: {e}"));
    }
    let mut buttons = power::open_buttons();
    let mut sshd = Service::new("sshd", services::start_sshd);
    let mut shell = Service::new("serial shell", services::start_shell);
    let started = Instant::now();
    let mut network_talks = true;

    loop {
        if started.elapsed() >= SHELL_AFTER {
            shell.wanted = true;
        }
        let now = Instant::now();
        let due = [sshd.keep_running(now), shell.keep_running(now)].into_iter().flatten().min();
        let shell_due = (!shell.wanted).then(|| SHELL_AFTER.saturating_sub(started.elapsed()));
        let timeout = due.into_iter().chain(shell_due).min().map_or(-1, |d| d.as_millis() as i32 + 1);

        let mut fds: Vec<sys::PollFd> = Vec::with_capacity(2 + buttons.len());
        let fd = |fd| sys::PollFd { fd, events: sys::POLLIN, revents: 0 };
        fds.push(fd(signals.as_ref().map_or(-1, AsRawFd::as_raw_fd)));
        // A negative descriptor is skipped by poll; without it a closed pipe would wake us for ever.
        fds.push(fd(if network_talks { from_network.as_raw_fd() } else { -1 }));
        fds.extend(buttons.iter().map(|b| fd(b.as_raw_fd())));
        let _ = sys::wait_readable(&mut fds, timeout);

        if fds[0].revents != 0
            && let Some(how) = signals.as_ref().and_then(read_signals)
        {
            power::end(how);
        }
        if fds[1].revents != 0 {
            let mut bytes = [0u8; 16];
            let len = from_network.read(&mut bytes).unwrap_or(0);
            network_talks = len != 0;
            sshd.wanted |= bytes[..len].contains(&KEYS_READY);
            shell.wanted |= bytes[..len].contains(&ALL_READY) || len == 0;
        }
        for (button, polled) in buttons.iter_mut().zip(&fds[2..]) {
            if polled.revents != 0 && power::pressed(button) {
                power::end(Ending::PowerOff);
            }
        }
        while let Ok(Some(pid)) = sys::reap() {
            sshd.ended(pid);
            shell.ended(pid);
            if pid == network_pid {
                say(format_args!("the network process ended: the lease will not be renewed"));
            }
        }
    }
}

/// Drains the signalfd; what to do if one of the signals asks for an end. Their meaning is busybox's.
fn read_signals(fd: &std::os::fd::OwnedFd) -> Option<Ending> {
    let mut file = std::fs::File::from(fd.try_clone().ok()?);
    let mut ending = None;
    let mut info = [0u8; 128];
    while let Ok(128) = file.read(&mut info) {
        match i32::from_ne_bytes([info[0], info[1], info[2], info[3]]) {
            sys::SIGUSR1 | sys::SIGUSR2 => ending = Some(Ending::PowerOff),
            sys::SIGTERM | sys::SIGINT => ending = Some(Ending::Restart),
            _ => {}
        }
    }
    ending
}
