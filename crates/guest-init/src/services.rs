//! The two services that PID 1 keeps running: the SSH server and the shell on the serial line.

use crate::{say, sys};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A process that is started again when it ends, at most once a second.
pub struct Service {
    name: &'static str,
    start: fn() -> io::Result<u32>,
    pub wanted: bool,
    pid: Option<u32>,
    not_before: Option<Instant>,
    failures: u32,
}

impl Service {
    pub fn new(name: &'static str, start: fn() -> io::Result<u32>) -> Self {
        Self { name, start, wanted: false, pid: None, not_before: None, failures: 0 }
    }

    /// Starts the service if it should run and does not. Returns how long to wait before asking again.
    pub fn keep_running(&mut self, now: Instant) -> Option<Duration> {
        if !self.wanted || self.pid.is_some() {
            return None;
        }
        if let Some(wait) = self.not_before.map(|t| t.saturating_duration_since(now)).filter(|d| !d.is_zero()) {
            return Some(wait);
        }
        self.not_before = Some(now + Duration::from_secs(1));
        match (self.start)() {
            Ok(pid) => {
                self.pid = Some(pid);
                None
            }
            Err(e) => {
                // Named once: the console is read by people.
                if self.failures == 0 {
                    say(format_args!("{} does not start: {e}", self.name));
                }
                self.failures += 1;
                Some(Duration::from_secs(1))
            }
        }
    }

    pub fn ended(&mut self, pid: i32) {
        if self.pid == u32::try_from(pid).ok() {
            self.pid = None;
        }
    }
}

const HOST_KEY: &str = "/etc/dropbear/dropbear_ed25519_host_key";

/// dropbear, keys only. The host key is made on the first boot and lives on the root disk.
pub fn start_sshd() -> io::Result<u32> {
    if !Path::new(HOST_KEY).exists() {
        fs::create_dir_all("/etc/dropbear")?;
        let fresh = format!("{HOST_KEY}.new");
        let _ = fs::remove_file(&fresh);
        let made = Command::new("/usr/bin/dropbearkey").args(["-t", "ed25519", "-f", &fresh]).output()?;
        if !made.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned()));
        }
        let public = String::from_utf8_lossy(&made.stdout).lines().find(|l| l.starts_with("ssh-")).map(str::to_owned);
        File::open(&fresh)?.sync_all()?;
        fs::rename(&fresh, HOST_KEY)?;
        // On the console, as EC2's images do, so that a careful user can compare it.
        if let Some(key) = public {
            say(format_args!("host key {key}"));
        }
    }
    let log = OpenOptions::new().create(true).append(true).open("/var/log/sshd.log")?;
    let mut command = Command::new("/usr/sbin/dropbear");
    // -s: no passwords. -j -k are not given: forwarding is allowed, as by OpenSSH's default.
    command.args(["-F", "-E", "-s", "-r", HOST_KEY, "-p", "22", "-P", "/run/dropbear.pid"]);
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    environment(&mut command);
    sys::in_new_session(&mut command, false);
    Ok(command.spawn()?.id())
}

/// A root shell on the serial line: whoever may open the instance's console may administer the instance.
pub fn start_shell() -> io::Result<u32> {
    let tty = OpenOptions::new().read(true).write(true).open("/dev/ttyS0")?;
    let mut command = Command::new("/bin/sh");
    command.arg("-l").current_dir("/root");
    command.stdin(tty.try_clone()?).stdout(tty.try_clone()?).stderr(tty);
    environment(&mut command);
    command.env("TERM", "vt100");
    sys::in_new_session(&mut command, true);
    Ok(command.spawn()?.id())
}

/// What a login would set.
pub fn environment(command: &mut Command) {
    command.env_clear();
    for (name, value) in [("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), ("HOME", "/root"), ("USER", "root"), ("SHELL", "/bin/sh")] {
        command.env(name, value);
    }
}
