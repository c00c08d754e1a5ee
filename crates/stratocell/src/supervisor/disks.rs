//! Faults of storage nodes' disks: full (a file that the node looks at), or with flipped bits.

use platform::{DataDir, Rng, Settings, disk};
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use types::StorageId;

/// The file beside a node's segments that limits their size (see `objectstore::node::role`).
const LIMIT_FILE: &str = "limit";
/// Bits that one fault flips.
const FLIPS: u64 = 16;
/// A segment's own head is left alone: rot there is one more case of a lost file, which killing and wiping shows.
const HEAD_BYTES: u64 = 4096;

/// Makes these disks full, and all others not. What cannot be written is told in the log: the fault is listed even so.
pub fn fill(dir: &DataDir, settings: &Settings, full: &BTreeSet<StorageId>) {
    for node in &settings.storage {
        let home = dir.storage(&node.id);
        let limit = home.join(LIMIT_FILE);
        let outcome = if full.contains(&node.id) {
            disk::create_private_dir(&home).and_then(|()| disk::write_atomic(&limit, b"0\n"))
        } else {
            disk::remove_file(&limit)
        };
        if let Err(error) = outcome {
            tracing::error!(node = %node.id, %error, "the fault disk-full cannot be set or healed");
        }
    }
}

/// Flips bits anywhere in what the node keeps.
pub fn corrupt(home: &Path, rng: &mut impl Rng) -> io::Result<()> {
    let mut segments: Vec<(std::path::PathBuf, u64)> = std::fs::read_dir(home)?
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().starts_with("seg-") && !e.file_name().to_string_lossy().ends_with(".idx"))
        .filter_map(|e| Some((e.path(), e.metadata().ok()?.len())))
        .filter(|(_, bytes)| *bytes > HEAD_BYTES)
        .collect();
    segments.sort();
    if segments.is_empty() {
        return Err(io::Error::other("it keeps nothing yet that could be corrupted"));
    }
    for _ in 0..FLIPS {
        let (path, bytes) = &segments[rng.below(segments.len() as u64) as usize];
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let at = HEAD_BYTES + rng.below(bytes - HEAD_BYTES);
        let mut byte = [0];
        file.read_exact_at(&mut byte, at)?;
        byte[0] ^= 1 << rng.below(8);
        file.write_all_at(&byte, at)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::tests::example;
    use platform::SeededRng;

    #[test]
    fn bits_flip_and_disks_fill_and_empty_again() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::new(temp.path());
        let settings = example(1, 1, 1);
        let id = settings.storage[0].id.clone();
        let home = dir.storage(&id);
        fill(&dir, &settings, &[id.clone()].into());
        assert_eq!(std::fs::read(home.join(LIMIT_FILE)).unwrap(), b"0\n");
        fill(&dir, &settings, &BTreeSet::new());
        assert!(!home.join(LIMIT_FILE).exists());
        assert!(corrupt(&home, &mut SeededRng::new(1)).is_err());
        std::fs::write(home.join("seg-1"), vec![0; 9000]).unwrap();
        corrupt(&home, &mut SeededRng::new(1)).unwrap();
        let bytes = std::fs::read(home.join("seg-1")).unwrap();
        let flipped = bytes.iter().map(|b| b.count_ones()).sum::<u32>();
        assert!((1..=16).contains(&flipped) && bytes[..4096].iter().all(|b| *b == 0));
    }
}
