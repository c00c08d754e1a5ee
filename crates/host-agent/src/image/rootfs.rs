//! The guest's root file system: busybox with its applets, dropbear with its libraries, and the few files of /etc.

use super::{ImageError, run_tool};
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The template's size. A root disk is a copy that is extended; the guest grows its file system on the first boot.
const TEMPLATE_MIB: u32 = 256;

/// `ec2-user`, as in the passwd file below.
const USER: u32 = 1000;

const DIRS: [&str; 22] = [
    "bin",
    "sbin",
    "usr/bin",
    "usr/sbin",
    "usr/lib",
    "lib",
    "lib64",
    "etc",
    "etc/dropbear",
    "root",
    "home/ec2-user",
    "var/log",
    "var/lib/stratocell",
    "var/www",
    "var/tmp",
    "tmp",
    "proc",
    "sys",
    "dev",
    "run",
    "mnt",
    "opt",
];

const FILES: [(&str, &str); 9] = [
    ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nec2-user:x:1000:1000:EC2 user:/home/ec2-user:/bin/sh\n"),
    ("etc/group", "root:x:0:\ntty:x:5:\nec2-user:x:1000:\n"),
    // No password opens anything; keys do.
    ("etc/shadow", "root:*:19000:0:99999:7:::\nec2-user:*:19000:0:99999:7:::\n"),
    ("etc/shells", "/bin/sh\n"),
    ("etc/hosts", "127.0.0.1 localhost\n"),
    ("etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"),
    ("etc/profile", "export PATH=/usr/sbin:/usr/bin:/sbin:/bin\nPS1='\\u@\\h:\\w\\$ '\n[ \"$(id -u)\" != 0 ] || umask 022\n"),
    ("etc/os-release", "NAME=\"Stratocell micro\"\nID=stratocell-micro\nPRETTY_NAME=\"Stratocell micro image\"\n"),
    ("etc/motd", "Stratocell micro image: busybox on the distribution's cloud kernel.\n"),
];

/// The programs that go in, as found on this machine.
#[derive(Debug, Clone)]
pub struct Programs {
    pub busybox: PathBuf,
    /// dropbear, dropbearkey, dbclient, with their places in the guest.
    pub ssh: Vec<(PathBuf, &'static str)>,
    /// Shared libraries of `ssh`, at the same absolute paths in the guest.
    pub libraries: Vec<PathBuf>,
}

impl Programs {
    pub fn find() -> Result<Self, ImageError> {
        let busybox = which("busybox").ok_or(ImageError::Missing { what: "busybox", package: "busybox-static" })?;
        let bytes = read(&busybox)?;
        // A dynamically linked program names its loader near its beginning.
        if bytes.iter().take(4096).copied().collect::<Vec<u8>>().windows(8).any(|w| w == b"ld-linux") {
            return Err(ImageError::Missing { what: "a static busybox", package: "busybox-static" });
        }
        let missing = ImageError::Missing { what: "dropbear", package: "dropbear-bin" };
        let mut ssh = Vec::new();
        for (name, place) in [("dropbear", "usr/sbin/dropbear"), ("dropbearkey", "usr/bin/dropbearkey")] {
            match which(name) {
                Some(path) => ssh.push((path, place)),
                None => return Err(missing),
            }
        }
        ssh.extend(which("dbclient").map(|p| (p, "usr/bin/dbclient")));
        let mut libraries = Vec::new();
        for (program, _) in &ssh {
            let out = run_tool("ldd", "libc-bin", Command::new("ldd").arg(program))?;
            libraries.extend(parse_ldd(&out));
        }
        libraries.sort();
        libraries.dedup();
        Ok(Self { busybox, ssh, libraries })
    }

    /// All files, for the content hash.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let ssh = self.ssh.iter().map(|(p, _)| p.as_path());
        std::iter::once(self.busybox.as_path()).chain(ssh).chain(self.libraries.iter().map(PathBuf::as_path))
    }
}

/// `libz.so.1 => /lib/x/libz.so.1 (0x…)` and `/lib64/ld-linux-x86-64.so.2 (0x…)`; the vDSO has no path.
fn parse_ldd(out: &str) -> Vec<PathBuf> {
    out.lines()
        .filter_map(|l| {
            let l = l.rsplit("=> ").next().unwrap_or(l).trim();
            let path = l.split(" (").next()?;
            path.starts_with('/').then(|| PathBuf::from(path))
        })
        .collect()
}

fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':').chain(["/bin", "/usr/bin", "/sbin", "/usr/sbin"]).map(|d| Path::new(d).join(name)).find(|p| p.is_file())
}

fn read(path: &Path) -> Result<Vec<u8>, ImageError> {
    fs::read(path).map_err(|source| ImageError::Io { path: path.to_owned(), source })
}

/// Makes `tree` and from it the ext4 template `image`. Needs no root: mke2fs copies the tree in by itself.
pub fn build(programs: &Programs, tree: &Path, image: &Path) -> Result<(), ImageError> {
    let applets = run_tool("busybox", "busybox-static", Command::new(&programs.busybox).arg("--list-full"))?;
    fill(programs, &applets, tree).map_err(|source| ImageError::Io { path: tree.to_owned(), source })?;
    let mut mke2fs = Command::new(which("mke2fs").unwrap_or_else(|| "mke2fs".into()));
    mke2fs.args(["-q", "-F", "-t", "ext4", "-b", "4096", "-I", "256", "-L", "root", "-m", "1", "-J", "size=8"]);
    // The file is sparse, so what is not written reads as zeros: nothing has to be initialised.
    mke2fs.args(["-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0", "-d"]);
    mke2fs.arg(tree).arg(image).arg(format!("{TEMPLATE_MIB}M"));
    run_tool("mke2fs", "e2fsprogs", &mut mke2fs).map(drop)
}

/// Makes the tree what sandboxes see: with our init, and owned by those whom they take for root and the user. Where there is
/// nobody but us, we are root.
pub fn share(tree: &Path, init: &[u8], users: Option<(u32, u32)>) -> io::Result<()> {
    let place = tree.join("sbin/init");
    fs::write(&place, init)?;
    fs::set_permissions(&place, fs::Permissions::from_mode(0o755))?;
    let Some((root, _)) = users else { return Ok(()) };
    own(tree, root)?;
    own(&tree.join("home/ec2-user"), root + USER)
}

fn own(dir: &Path, user: u32) -> io::Result<()> {
    lchown(dir, Some(user), Some(user))?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() { own(&entry.path(), user)? } else { lchown(entry.path(), Some(user), Some(user))? }
    }
    Ok(())
}

fn fill(programs: &Programs, applets: &str, tree: &Path) -> io::Result<()> {
    for dir in DIRS {
        fs::create_dir_all(tree.join(dir))?;
    }
    for (name, mode) in [("tmp", 0o1777), ("var/tmp", 0o1777), ("root", 0o700), ("home/ec2-user", 0o700)] {
        fs::set_permissions(tree.join(name), fs::Permissions::from_mode(mode))?;
    }
    install(&programs.busybox, &tree.join("bin/busybox"))?;
    for (program, place) in &programs.ssh {
        install(program, &tree.join(place))?;
    }
    for library in &programs.libraries {
        // At the path by which the loader finds it; the file may be reached by links here.
        install(library, &tree.join(library.strip_prefix("/").unwrap_or(library)))?;
    }
    for applet in applets.lines().map(str::trim).filter(|a| !a.is_empty()) {
        // PID 1 is ours.
        if matches!(applet, "sbin/init" | "linuxrc" | "bin/busybox") || applet.contains("..") || applet.starts_with('/') {
            continue;
        }
        let link = tree.join(applet);
        if let Some(dir) = link.parent() {
            fs::create_dir_all(dir)?;
        }
        if fs::symlink_metadata(&link).is_err() {
            symlink("/bin/busybox", &link)?;
        }
    }
    for (name, text) in FILES {
        fs::write(tree.join(name), text)?;
        let mode = if name == "etc/shadow" { 0o600 } else { 0o644 };
        fs::set_permissions(tree.join(name), fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

fn install(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(dir) = to.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::copy(from, to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o755))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ldd_output() {
        let out = "\tlinux-vdso.so.1 (0x00007ffd)\n\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n";
        let want = ["/lib/x86_64-linux-gnu/libz.so.1", "/lib64/ld-linux-x86-64.so.2"].map(PathBuf::from);
        assert_eq!(parse_ldd(out), want);
    }
}
