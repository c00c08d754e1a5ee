//! Can this machine run guests on its processor (KVM)? A device node proves nothing: a guest is really run, and its first
//! console line is waited for. The answer is kept until the machine is booted again or the kernel changes.

use crate::hypervisor::Acceleration;
use crate::hypervisor::qemu::{self, Qemu};
use crate::image::Image;
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A guest under KVM prints its first line within a tenth of this.
const BOOT_TIMEOUT: Duration = Duration::from_secs(5);

/// What was found out, with the reason in a sentence for `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    pub acceleration: Acceleration,
    pub reason: String,
    /// QEMU's system call filter works here.
    pub sandbox: bool,
    /// For which boot of the machine and which image this holds.
    key: String,
}

/// Probes, or returns what `cache` holds for this boot and image. Several agents may ask at once: one of them probes.
pub fn probe(image: &Image, cache: &Path) -> io::Result<Probe> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let key = format!("{} {}", boot.trim(), image.hash);
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(cache.with_extension("lock"))?;
    lock.lock()?;
    let held = fs::read(cache).ok().and_then(|b| serde_json::from_slice::<Probe>(&b).ok());
    if let Some(held) = held.filter(|h| h.key == key) {
        return Ok(held);
    }
    let sandbox = Qemu::sandbox_works();
    let (acceleration, reason) = match try_kvm(image) {
        Ok(after) => (Acceleration::Kvm, format!("a guest ran under KVM within {} ms", after.as_millis())),
        Err(reason) => (Acceleration::Tcg, reason),
    };
    let probe = Probe { acceleration, reason, sandbox, key };
    platform::disk::write_atomic(cache, &serde_json::to_vec(&probe)?)?;
    Ok(probe)
}

/// Boots the image's kernel under KVM; how long it took, or why it is not possible.
fn try_kvm(image: &Image) -> Result<Duration, String> {
    match OpenOptions::new().read(true).write(true).open("/dev/kvm") {
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err("this machine has no /dev/kvm".to_owned()),
        Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
            return Err("/dev/kvm may not be opened: add yourself to the group kvm".to_owned());
        }
        Err(e) => return Err(format!("/dev/kvm cannot be opened: {e}")),
    }
    let started = Instant::now();
    let mut child = Command::new(qemu::PROGRAM)
        .args(["-machine", "microvm,acpi=on", "-accel", "kvm", "-cpu", "host", "-m", "128M", "-nodefaults", "-no-user-config"])
        .args(["-display", "none", "-no-reboot", "-serial", "stdio", "-append", "console=ttyS0 panic=-1"])
        .arg("-kernel")
        .arg(&image.kernel)
        .arg("-initrd")
        .arg(&image.initrd)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{} cannot be run: {e}", qemu::PROGRAM))?;
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let reader = std::thread::spawn(move || {
        let seen = stdout.is_some_and(|out| contains(out, b"stratocell: boot"));
        let _ = sender.send(seen);
    });
    let seen = receiver.recv_timeout(BOOT_TIMEOUT);
    let took = started.elapsed();
    let _ = child.kill();
    let _ = child.wait();
    let _ = reader.join();
    match seen {
        Ok(true) => Ok(took),
        Ok(false) => {
            let mut text = String::new();
            let _ = stderr.map(|e| e.take(4096).read_to_string(&mut text));
            let line = text.lines().find(|l| !l.trim().is_empty()).unwrap_or("it ended without a word").trim().to_owned();
            Err(format!("/dev/kvm exists but QEMU cannot use it: {line}"))
        }
        Err(_) => Err(format!("/dev/kvm exists but a guest under it did not boot within {} s", BOOT_TIMEOUT.as_secs())),
    }
}

/// Reads until `word` comes or the stream ends.
fn contains(mut stream: impl Read, word: &[u8]) -> bool {
    let mut seen = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(len @ 1..) = stream.read(&mut chunk) {
        seen.extend_from_slice(&chunk[..len]);
        if seen.windows(word.len()).any(|w| w == word) {
            return true;
        }
        let keep = seen.len().saturating_sub(word.len());
        seen.drain(..keep);
    }
    false
}
