//! Power: the ACPI button by which the host asks for a shutdown, and the shutdown itself.

use crate::{in_sandbox, say, sys};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    PowerOff,
    Restart,
}

/// The input devices; one of them is the power button.
pub fn open_buttons() -> Vec<File> {
    const O_NONBLOCK: i32 = 0o4000;
    let Ok(dir) = fs::read_dir("/dev/input") else { return Vec::new() };
    dir.flatten()
        .filter(|e| e.file_name().as_encoded_bytes().starts_with(b"event"))
        .filter_map(|e| fs::OpenOptions::new().read(true).custom_flags(O_NONBLOCK).open(e.path()).ok())
        .collect()
}

/// Reads what there is; true when the power key went down.
pub fn pressed(button: &mut File) -> bool {
    const EV_KEY: u16 = 1;
    const KEY_POWER: u16 = 116;
    // struct input_event: two 8-byte times, type, code, value.
    let mut events = [0u8; 24 * 16];
    let Ok(len) = button.read(&mut events) else { return false };
    events[..len]
        .chunks_exact(24)
        .any(|e| u16::from_ne_bytes([e[16], e[17]]) == EV_KEY && u16::from_ne_bytes([e[18], e[19]]) == KEY_POWER && e[20] == 1)
}

/// Ends every process, writes everything out and stops the machine.
pub fn end(how: Ending) -> ! {
    say(format_args!("{}", if how == Ending::PowerOff { "power off" } else { "restart" }));
    sys::send_signal(-1, sys::SIGTERM);
    // Shells ignore SIGTERM; a second is enough for daemons that want to write something.
    let deadline = Instant::now() + Duration::from_millis(1000);
    while Instant::now() < deadline && others_running() {
        let _ = sys::reap();
        std::thread::sleep(Duration::from_millis(10));
    }
    sys::send_signal(-1, sys::SIGKILL);
    if in_sandbox() {
        // Its files are the host's: neither is a write-out needed, nor is there a disk to close.
        end_machine(how);
    }
    sys::sync_disks();
    if let Err(e) = sys::mount_fs("", "/", "", sys::MS_REMOUNT | sys::MS_RDONLY, "") {
        say(format_args!("the root disk stays writable: {e}"));
    }
    end_machine(how)
}

fn end_machine(how: Ending) -> ! {
    match how {
        Ending::PowerOff => sys::power_off(),
        Ending::Restart => sys::restart(),
    }
}

/// Is there a process other than PID 1, kernel threads and shells (which never end on SIGTERM)?
fn others_running() -> bool {
    let Ok(dir) = fs::read_dir("/proc") else { return false };
    dir.flatten().any(|e| {
        let name = e.file_name();
        let Some(pid) = name.to_str().and_then(|n| n.parse::<u32>().ok()) else { return false };
        let command = fs::read(e.path().join("cmdline")).unwrap_or_default();
        let program = command.split(|b| *b == 0).next().unwrap_or_default();
        pid != 1 && !command.is_empty() && !program.ends_with(b"sh")
    })
}
