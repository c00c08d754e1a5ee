//! How much of the host's disk a sandbox's own files take. A directory has no size of its own to run into.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// As mke2fs would give inodes: one for each 16 KiB.
const BYTES_PER_FILE: u64 = 16 << 10;
/// A name that is longer than the kernel takes at once hides what is below it.
const DEPTH_MAX: usize = 512;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    pub bytes: u64,
    pub files: u64,
    /// Some could not be counted.
    pub hidden: bool,
}

impl Use {
    pub fn exceeds(self, bytes_max: u64) -> bool {
        self.hidden || self.bytes > bytes_max || self.files > (bytes_max / BYTES_PER_FILE).max(1024)
    }
}

/// Counts what lies below `dir`, and stops when that is more than `bytes_max` allows. What vanishes meanwhile counts nothing.
pub fn measure(dir: &Path, bytes_max: u64) -> Use {
    let mut found = Use { bytes: 0, files: 0, hidden: false };
    let mut todo: Vec<(PathBuf, usize)> = vec![(dir.to_owned(), 0)];
    while let Some((dir, depth)) = todo.pop() {
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => {
                found.hidden = true;
                continue;
            }
        };
        for entry in entries.flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            found.files += 1;
            // A file with several names is counted as often; the guest has the lesser part of that.
            found.bytes += meta.blocks() * 512;
            if meta.is_dir() {
                found.hidden |= depth >= DEPTH_MAX;
                todo.push((entry.path(), depth + 1));
            }
        }
        if found.exceeds(bytes_max) {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_below_is_counted_until_it_is_too_much() {
        let dir = std::env::temp_dir().join(format!("sandbox-disk-{}", std::process::id()));
        fs::create_dir_all(dir.join("a/b")).unwrap();
        fs::write(dir.join("a/b/c"), vec![1; 100_000]).unwrap();
        let found = measure(&dir, 1 << 20);
        assert_eq!(found.files, 3);
        assert!((100_000..200_000).contains(&found.bytes) && !found.exceeds(1 << 20), "{found:?}");
        assert!(measure(&dir, 50_000).exceeds(50_000));
        fs::remove_dir_all(&dir).unwrap();
        assert_eq!(measure(&dir, 1), Use { bytes: 0, files: 0, hidden: false });
    }
}
