//! The built-in machine image "micro": the distribution's cloud kernel, busybox, dropbear and our own init.
//!
//! Made at first use from what is installed on this machine, without root and without a network, into
//! `images/micro-<hash of everything that goes in>/{vmlinuz,initrd,root.img,files}`. Agents of several hosts share the
//! directory: a lock file makes one of them build, and the finished image appears by a rename.

mod cpio;
mod kernel;
mod rootfs;

use crate::hypervisor::sandbox;
use kernel::KernelTree;
use rootfs::Programs;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The guest's PID 1, a static program made by build.rs from crates/guest-init.
const INIT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/guest-init"));

/// Goes into the hash: raise it when the way an image is put together changes.
const RECIPE: &[u8] = b"micro 3";

#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    #[error(
        "no guest kernel in {}: run `make deps` (scripts/fetch-guest-kernel.sh) or set STRATOCELL_KERNEL_DIR",
        list(looked_in)
    )]
    NoKernel { looked_in: Vec<PathBuf> },
    #[error("{what} is missing: install the package {package} (`make deps` does)")]
    Missing { what: &'static str, package: &'static str },
    #[error("{tool} failed: {message}")]
    Tool { tool: &'static str, message: String },
    #[error("cannot use {path}")]
    Io { path: PathBuf, source: io::Error },
    #[error("there is no image called {0:?} on this host")]
    Unknown(String),
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// An image that is ready for use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    pub kernel: PathBuf,
    pub initrd: PathBuf,
    /// The root disk's template: a sparse ext4 file.
    pub root: PathBuf,
    /// The same files as a tree, with our init: what sandboxes have in common.
    pub files: PathBuf,
    /// Names the contents.
    pub hash: String,
}

impl Image {
    pub(crate) fn at(dir: &Path, hash: String) -> Self {
        let name = |n| dir.join(n);
        Self { kernel: name("vmlinuz"), initrd: name("initrd"), root: name("root.img"), files: name("files"), hash }
    }
}

/// The image called `name`, made if this is the first use.
pub fn ensure(images: &Path, name: &str) -> Result<Image, ImageError> {
    if name != "micro" {
        return Err(ImageError::Unknown(name.chars().take(64).collect()));
    }
    let kernel = kernel::find()?;
    let programs = Programs::find()?;
    let hash = content_hash(&kernel, &programs)?;
    let dir = images.join(format!("micro-{hash}"));
    let image = Image::at(&dir, hash);
    if dir.is_dir() {
        return Ok(image);
    }
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| ImageError::Io { path, source }
    };
    fs::create_dir_all(images).map_err(io(images))?;
    let lock_path = images.join("micro.lock");
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path).map_err(io(&lock_path))?;
    // Held until `lock` is dropped, also if we die.
    lock.lock().map_err(io(&lock_path))?;
    if dir.is_dir() {
        return Ok(image);
    }
    // Under the lock nobody else builds, so what lies here is a dead builder's.
    let work = images.join("micro.partial");
    platform::disk::remove_tree(&work).map_err(io(&work))?;
    fs::create_dir_all(&work).map_err(io(&work))?;
    let built = build(&kernel, &programs, &work);
    if let Err(e) = built {
        let _ = platform::disk::remove_tree(&work);
        return Err(e);
    }
    fs::rename(&work, &dir).and_then(|()| platform::disk::sync_dir(images)).map_err(io(&dir))?;
    tracing::info!(image = %dir.display(), "machine image made");
    Ok(image)
}

fn build(kernel: &KernelTree, programs: &Programs, work: &Path) -> Result<(), ImageError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| ImageError::Io { path, source }
    };
    fs::copy(&kernel.vmlinuz, work.join("vmlinuz")).map_err(io(&kernel.vmlinuz))?;
    let initrd = initrd(kernel)?;
    fs::write(work.join("initrd"), initrd).map_err(io(work))?;
    rootfs::build(programs, &work.join("files"), &work.join("root.img"))?;
    let files = work.join("files");
    rootfs::share(&files, INIT, sandbox::users()).map_err(io(&files))?;
    for name in ["vmlinuz", "initrd", "root.img"] {
        let path = work.join(name);
        File::open(&path).and_then(|f| f.sync_all()).map_err(io(&path))?;
    }
    Ok(())
}

/// Not compressed: under emulation, inflating costs more than reading twice the bytes.
fn initrd(kernel: &KernelTree) -> Result<Vec<u8>, ImageError> {
    let mut archive = cpio::Archive::default();
    for dir in ["dev", "proc", "sys", "modules", "newroot"] {
        archive.dir(dir);
    }
    archive.char_device("dev/console", 0o600, (5, 1));
    archive.file("init", 0o755, INIT);
    for (i, path) in kernel.modules.iter().enumerate() {
        let bytes = fs::read(path).map_err(|source| ImageError::Io { path: path.clone(), source })?;
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        archive.file(&format!("modules/{i:02}-{name}"), 0o644, &bytes);
    }
    Ok(archive.finish())
}

fn content_hash(kernel: &KernelTree, programs: &Programs) -> Result<String, ImageError> {
    let mut hash = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    hash.update(RECIPE);
    hash.update(INIT);
    let modules = kernel.modules.iter().map(PathBuf::as_path);
    for path in std::iter::once(kernel.vmlinuz.as_path()).chain(modules).chain(programs.files()) {
        let bytes = fs::read(path).map_err(|source| ImageError::Io { path: path.to_owned(), source })?;
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update(&(bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    Ok(hex::encode(&hash.finish().as_ref()[..8]))
}

/// Runs a program to its end and returns its standard output.
fn run_tool(tool: &'static str, package: &'static str, command: &mut Command) -> Result<String, ImageError> {
    let out = match command.stdin(std::process::Stdio::null()).output() {
        Ok(out) => out,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(ImageError::Missing { what: tool, package }),
        Err(e) => return Err(ImageError::Tool { tool, message: e.to_string() }),
    };
    if !out.status.success() {
        let message = String::from_utf8_lossy(&out.stderr).trim().chars().take(500).collect();
        return Err(ImageError::Tool { tool, message });
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}
