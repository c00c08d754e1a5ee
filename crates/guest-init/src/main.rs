//! The guest's init: PID 1 of the built-in machine image.
//!
//! Not a crate like the others: it has no dependencies, and host-agent's build script also compiles this file alone, statically,
//! with `rustc`. It comes from the initrd, never from the guest's disk, so a guest that was stopped under one release and is
//! started under another runs the init that belongs to its host.
//!
//! In a sandbox (crates/sandbox) there is neither initrd nor disk nor button: what the boot makes is there already.
//!
//! ```text
//!  PID 1  mounts, modules, root disk ──► poll loop: zombies, power button, signals, respawn of sshd and the serial shell
//!    └─ network child: link, DHCP ─► metadata ─► keys, hostname ─► user data ─► renews the lease for ever
//!         ├─ cards child: a child for each other network card ─► DHCP, its routing table, its addresses
//!         └─ user data child: runs the script once per instance id
//! ```
//!
//! What it prints on the console with the prefix `stratocell:` is read by people and by tests.

mod boot;
mod dhcp;
mod dhcp6;
mod imds;
mod network;
mod network6;
mod power;
mod secondary;
mod services;
mod supervise;
mod sys;
mod userdata;

/// Prints a milestone on the console. Failing to print is never a reason to stop.
pub(crate) fn say(line: std::fmt::Arguments<'_>) {
    use std::io::Write;
    // One write, so that lines of several processes do not mix; \r because the serial line is in raw mode now and then.
    let text = format!("stratocell: {line}\r\n");
    let _ = std::io::stdout().lock().write_all(text.as_bytes()).and_then(|()| std::io::stdout().flush());
}

/// Whether the kernel is the host's.
pub(crate) fn in_sandbox() -> bool {
    std::env::var_os("STRATOCELL_SANDBOX").is_some()
}

/// Seconds since PID 1 was started: by a kernel of its own, at once.
pub(crate) fn uptime() -> f64 {
    let text = |path| std::fs::read_to_string(path).unwrap_or_default();
    let kernel: f64 = text("/proc/uptime").split(' ').next().and_then(|s| s.parse().ok()).unwrap_or(0.0);
    let start = || text("/proc/1/stat").rsplit_once(") ")?.1.split(' ').nth(19)?.parse::<f64>().ok();
    // Ticks of a hundredth of a second, on every Linux of this architecture.
    if in_sandbox() { kernel - start().unwrap_or(0.0) / 100.0 } else { kernel }
}

fn main() {
    if std::process::id() != 1 {
        eprintln!("this is the init of a Stratocell guest: it runs as PID 1 only");
        std::process::exit(2);
    }
    if !in_sandbox()
        && let Err(e) = boot::to_root_disk()
    {
        say(format_args!("cannot start: {e}"));
        // Leave the reason on the console for a moment, then power off: the host sees a machine that stopped, not one that hangs.
        std::thread::sleep(std::time::Duration::from_secs(1));
        sys::power_off();
    }
    supervise::run()
}
