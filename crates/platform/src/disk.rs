//! Files that survive a power cut: write to a temporary file, fsync, rename, fsync the directory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Replaces `path` with `bytes` (mode 0600). When this returns, either the old or the new contents survive any crash,
/// and the new ones do if it returned `Ok`.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().ok_or_else(|| io::Error::other("a file needs a directory"))?;
    let name = path.file_name().ok_or_else(|| io::Error::other("a file needs a name"))?;
    // One name a process: a leftover of a crash is overwritten by the next writer, never read.
    let tmp = dir.join(format!(".{}.tmp{}", name.to_string_lossy(), std::process::id()));
    let written = (|| {
        let mut f = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&tmp)?;
        f.write_all(bytes)?;
        f.sync_all()?;
        fs::rename(&tmp, path)?;
        sync_dir(dir)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&tmp);
    }
    written
}

/// Makes the file `path` of `bytes` (mode 0600), unless there is one: then that stays, whoever was faster, and the answer is
/// `false`. When this returns, the file that is there is complete and survives any crash.
pub fn create_atomic(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let dir = path.parent().ok_or_else(|| io::Error::other("a file needs a directory"))?;
    let name = path.file_name().ok_or_else(|| io::Error::other("a file needs a name"))?;
    let thread = format!("{:?}", std::thread::current().id());
    let tmp = dir.join(format!(".{}.new{}{thread}", name.to_string_lossy(), std::process::id()));
    let made = (|| {
        let mut f = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&tmp)?;
        f.write_all(bytes)?;
        f.sync_all()?;
        match fs::hard_link(&tmp, path) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(e),
        }
    })();
    remove_file(&tmp)?;
    sync_dir(dir)?;
    made
}

/// Makes renames and creations in `dir` durable.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Creates a directory and its parents, for the owner alone (0700).
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Removes a file; one that is not there is removed already.
pub fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Removes a tree; one that is not there is removed already.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_who_create_a_file_one_does_and_all_read_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let barrier = std::sync::Barrier::new(8);
        let one = |n: u8| {
            barrier.wait();
            (create_atomic(&path, &[n; 32]).unwrap(), fs::read(&path).unwrap())
        };
        let all: Vec<(bool, Vec<u8>)> = std::thread::scope(|s| {
            let threads: Vec<_> = (0..8)
                .map(|n| {
                    let one = &one;
                    s.spawn(move || one(n))
                })
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(all.iter().filter(|(made, _)| *made).count(), 1);
        assert!(all.iter().all(|(_, read)| *read == all[0].1 && read.len() == 32));
        assert!(!create_atomic(&path, b"late").unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
