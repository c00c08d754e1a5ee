//! Finds the guests' kernel: a tree as a Debian or Ubuntu kernel package unpacks to (`boot/vmlinuz-*`, `lib/modules/*`).

use super::ImageError;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules that a guest needs, in the order of loading. What is built into the kernel is simply not found.
///
/// `button` and `evdev` carry the host's request to shut down; the rest are the disk and the network cards. The primary card
/// is on mmio, whose devices are found before those of PCI: so it is `eth0`.
const MODULES: [&str; 12] = [
    "virtio_ring",
    "virtio",
    "virtio_mmio",
    "virtio_pci_legacy_dev",
    "virtio_pci_modern_dev",
    "virtio_pci",
    "virtio_blk",
    "failover",
    "net_failover",
    "virtio_net",
    "button",
    "evdev",
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelTree {
    pub vmlinuz: PathBuf,
    /// In the order of loading.
    pub modules: Vec<PathBuf>,
}

/// Where a kernel tree may be, the most specific first.
pub fn candidates() -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = Vec::new();
    if let Some(dir) = std::env::var_os("STRATOCELL_KERNEL_DIR") {
        // Named by the user: nothing else is looked at, so that a typing error is seen.
        return vec![dir.into()];
    }
    if let Ok(exe) = std::env::current_exe() {
        // target/release/stratocell and target/debug/deps/test-binary both find target/guest-kernel.
        dirs.extend(exe.ancestors().skip(1).take(3).map(|d| d.join("guest-kernel")));
    }
    if let Some(home) = std::env::var_os("HOME") {
        dirs.push(Path::new(&home).join(".cache/stratocell/guest-kernel"));
    }
    dirs
}

pub fn find() -> Result<KernelTree, ImageError> {
    let candidates = candidates();
    candidates.iter().find_map(|dir| open(dir)).ok_or(ImageError::NoKernel { looked_in: candidates })
}

/// The newest kernel in `dir` that has its modules beside it.
fn open(dir: &Path) -> Option<KernelTree> {
    let mut versions: Vec<String> = fs::read_dir(dir.join("boot"))
        .ok()?
        .flatten()
        .filter_map(|e| Some(e.file_name().to_str()?.strip_prefix("vmlinuz-")?.to_owned()))
        .collect();
    versions.sort();
    versions.into_iter().rev().find_map(|version| {
        let root = dir.join("lib/modules").join(&version);
        let mut found = Vec::new();
        collect(&root, 0, &mut found);
        let modules: Vec<PathBuf> =
            MODULES.iter().filter_map(|name| found.iter().find(|p| module_name(p) == *name).cloned()).collect();
        let vmlinuz = dir.join("boot").join(format!("vmlinuz-{version}"));
        root.is_dir().then_some(KernelTree { vmlinuz, modules })
    })
}

fn module_name(path: &Path) -> String {
    path.file_stem().map(|s| s.to_string_lossy().replace('-', "_")).unwrap_or_default()
}

/// Uncompressed modules under `dir`. (Ubuntu's `.ko.zst` are loaded by no plain finit_module; its virtio drivers are built in.)
fn collect(dir: &Path, depth: u32, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for e in entries.flatten() {
        let path = e.path();
        match e.file_type() {
            Ok(t) if t.is_dir() && depth < 12 => collect(&path, depth + 1, found),
            Ok(t) if t.is_file() && path.extension().is_some_and(|x| x == "ko") => found.push(path),
            _ => {}
        }
    }
}
