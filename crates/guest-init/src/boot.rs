//! From the initrd to the root disk: pseudo file systems, kernel modules, the root file system, and into it.

use crate::{say, sys};
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, lchown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Which step failed. The text ends up on the console, the only place where anybody can see it.
#[derive(Debug)]
pub struct BootError {
    step: String,
    cause: io::Error,
}

impl fmt::Display for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.cause)
    }
}

fn step<T>(name: &str, result: io::Result<T>) -> Result<T, BootError> {
    result.map_err(|cause| BootError { step: name.to_owned(), cause })
}

/// The user of the machine image beside root, as on Amazon Linux.
pub const USER: (&str, u32) = ("ec2-user", 1000);

const ROOT_DEVICE: &str = "/dev/vda";

/// Everything up to the moment when the root disk is `/`.
pub fn to_root_disk() -> Result<(), BootError> {
    for (source, dir, flags) in [("proc", "/proc", 0), ("sysfs", "/sys", 0), ("devtmpfs", "/dev", sys::MS_NOSUID)] {
        let _ = fs::create_dir_all(dir);
        step(dir, sys::mount_fs(source, dir, source, flags, ""))?;
    }
    say(format_args!("boot"));
    load_modules();
    wait_for(ROOT_DEVICE)?;
    step("/root", fs::create_dir_all("/newroot"))?;
    step("mount the root disk", sys::mount_fs(ROOT_DEVICE, "/newroot", "ext4", sys::MS_NOATIME, ""))?;
    for dir in ["proc", "sys", "dev"] {
        let target = format!("/newroot/{dir}");
        let _ = fs::create_dir_all(&target);
        step(dir, sys::mount_fs(&format!("/{dir}"), &target, "", sys::MS_MOVE, ""))?;
    }
    step("enter the root disk", std::env::set_current_dir("/newroot"))?;
    step("move the root", sys::mount_fs(".", "/", "", sys::MS_MOVE, ""))?;
    step("change root", std::os::unix::fs::chroot("."))?;
    step("change directory", std::env::set_current_dir("/"))?;
    for (source, dir, flags, data) in [
        ("devpts", "/dev/pts", sys::MS_NOSUID, "gid=5,mode=620,ptmxmode=666"),
        ("tmpfs", "/dev/shm", sys::MS_NOSUID | sys::MS_NODEV, "mode=1777"),
        ("tmpfs", "/run", sys::MS_NOSUID | sys::MS_NODEV, "mode=755"),
    ] {
        let _ = fs::create_dir_all(dir);
        step(dir, sys::mount_fs(source, dir, source, flags, data))?;
    }
    own_everything();
    Ok(())
}

/// Loads `/modules/*.ko` in the order of their names. A module that does not load is named and skipped: which ones are
/// needed depends on the machine type, and a missing root disk is reported by itself.
fn load_modules() {
    let mut files: Vec<PathBuf> = match fs::read_dir("/modules") {
        Ok(dir) => dir.flatten().map(|e| e.path()).collect(),
        Err(_) => return,
    };
    files.sort();
    for file in files {
        match sys::load_module(&file) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => say(format_args!("module {}: {e}", file.display())),
            _ => {
                // The initrd is memory that would stay in use for ever.
                let _ = fs::remove_file(&file);
            }
        }
    }
}

fn wait_for(path: &str) -> Result<(), BootError> {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !Path::new(path).exists() {
        if Instant::now() > deadline {
            return step(&format!("wait for {path}"), Err(io::ErrorKind::TimedOut.into()));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

/// The image was made without root, so its files belong to whoever made it. Hands them to root, once per disk.
fn own_everything() {
    const DONE: &str = "/var/lib/stratocell/owned";
    if Path::new(DONE).exists() {
        return;
    }
    if fs::symlink_metadata("/bin/busybox").is_ok_and(|m| m.uid() != 0) {
        chown_tree(Path::new("/"), 0);
    }
    chown_tree(&Path::new("/home").join(USER.0), USER.1);
    let _ = fs::create_dir_all("/var/lib/stratocell").and_then(|()| fs::write(DONE, ""));
}

fn chown_tree(dir: &Path, owner: u32) {
    let Ok(top) = fs::symlink_metadata(dir) else { return };
    let _ = lchown(dir, Some(owner), Some(owner));
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        match entry.metadata() {
            // Other file systems (proc, dev, …) are not part of the image.
            Ok(m) if m.is_dir() && m.dev() == top.dev() => chown_tree(&entry.path(), owner),
            Ok(m) if m.dev() == top.dev() => {
                let _ = lchown(entry.path(), Some(owner), Some(owner));
            }
            _ => {}
        }
    }
}

/// Grows the root file system to the size of its disk, as cloud-init's growpart does. Quick when there is nothing to do.
pub fn grow_root() {
    let size = |path: &str| fs::read_to_string(path).ok().and_then(|s| s.trim().parse::<u64>().ok());
    let Some(sectors) = size("/sys/class/block/vda/size") else { return };
    let Ok(root) = fs::File::open("/") else { return };
    // The image is made with 4 KiB blocks. The kernel refuses to "grow" to the present size with no harm done.
    if let Err(e) = sys::ext4_resize(&root, sectors / 8) {
        say(format_args!("the root disk was not grown: {e}"));
    }
}
