//! Files that survive a power cut: write to a temporary file, fsync, rename, fsync the directory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

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

/// A path that is longer is not followed but begun anew at the top: the kernel takes names of up to 4,096 bytes.
const PATH_BYTES_MAX: usize = 2048;

/// Removes a tree; one that is not there is removed already. Guests may have filled it: with directories without permissions,
/// nested beyond what a path can name, more than there are descriptors.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    let mut todo: Vec<PathBuf> = vec![path.to_owned()];
    let mut moved = 0u64;
    while let Some(dir) = todo.last().cloned() {
        let deeper = todo.len();
        match fs::symlink_metadata(&dir) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                todo.pop();
                continue;
            }
            Err(e) => return Err(e),
            Ok(meta) if !meta.is_dir() => return Err(io::ErrorKind::NotADirectory.into()),
            Ok(meta) => open_up(&dir, &meta)?,
        }
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            let mut at = entry.path();
            if !entry.file_type()?.is_dir() {
                remove_file(&at)?;
                continue;
            }
            if at.as_os_str().len() > PATH_BYTES_MAX + path.as_os_str().len() {
                moved += 1;
                let near = path.join(format!(".removed-{moved}"));
                // One that may not be written may not be moved either: its `..` changes.
                open_up(&at, &entry.metadata()?)?;
                fs::rename(&at, &near)?;
                at = near;
            }
            todo.push(at);
        }
        if todo.len() == deeper {
            fs::remove_dir(&dir)?;
            todo.pop();
        }
    }
    Ok(())
}

/// Lets us into a directory that its owner, which we are or may act for, has closed.
fn open_up(dir: &Path, meta: &fs::Metadata) -> io::Result<()> {
    if meta.mode() & 0o700 == 0o700 { Ok(()) } else { fs::set_permissions(dir, fs::Permissions::from_mode(0o700)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_removed_however_deep_and_closed() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        let closed = root.join("closed");
        fs::create_dir_all(&closed).unwrap();
        fs::write(closed.join("x"), b"").unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o0)).unwrap();
        // Made from the bottom: no path from the top names it.
        let name = "d".repeat(200);
        for n in 0..40 {
            let outer = root.join(format!("{n}"));
            fs::create_dir_all(outer.join(&name)).unwrap();
            if n > 0 {
                fs::rename(root.join(format!("{}", n - 1)), outer.join(&name).join("in")).unwrap();
            }
        }
        let kept = dir.path().join("kept");
        fs::create_dir(&kept).unwrap();
        std::os::unix::fs::symlink(&kept, root.join("link")).unwrap();
        remove_tree(&root).unwrap();
        assert!(!root.exists() && kept.exists());
        remove_tree(&root).unwrap();
        fs::write(&root, b"").unwrap();
        assert_eq!(remove_tree(&root).unwrap_err().kind(), io::ErrorKind::NotADirectory);
    }

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
