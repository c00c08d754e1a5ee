//! A sandbox's own files: the directory of its overlay's upper layer, on the host's disk. They stay when it is stopped, as a
//! machine's disk does.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, lchown};
use std::path::{Path, PathBuf};

/// A path that is longer is not followed but begun anew at the top: the kernel takes names of up to 4,096 bytes.
const PATH_BYTES_MAX: usize = 2048;

/// Makes `root` with its four parts. What is there already stays.
pub fn make(root: &Path, users: Option<(u32, u32)>) -> io::Result<()> {
    let create = |dir: &Path, mode| match fs::create_dir(dir) {
        Ok(()) => {
            fs::set_permissions(dir, Permissions::from_mode(mode))?;
            users.map_or(Ok(()), |(first, _)| lchown(dir, Some(first), Some(first)))
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e),
    };
    create(root, 0o700)?;
    // The upper layer's top is the guest's "/".
    for (part, mode) in [("upper", 0o755), ("work", 0o700), ("lower", 0o700), ("merged", 0o700)] {
        create(&root.join(part), mode)?;
    }
    Ok(())
}

/// Removes everything, whatever a guest has put there: directories without permissions, nested beyond what a path can name.
pub fn remove(root: &Path) -> io::Result<()> {
    let mut todo: Vec<PathBuf> = vec![root.to_owned()];
    let mut moved = 0u64;
    while let Some(dir) = todo.last().cloned() {
        let before = todo.len();
        match fs::symlink_metadata(&dir) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                todo.pop();
                continue;
            }
            Err(e) => return Err(e),
            Ok(_) => {}
        }
        fs::set_permissions(&dir, Permissions::from_mode(0o700))?;
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            let mut path = entry.path();
            if !entry.file_type()?.is_dir() {
                fs::remove_file(&path)?;
                continue;
            }
            if path.as_os_str().len() > PATH_BYTES_MAX {
                moved += 1;
                let near = root.join(format!("moved-{moved}"));
                // A directory that may not be written may not be moved either: its `..` changes.
                fs::set_permissions(&path, Permissions::from_mode(0o700))?;
                fs::rename(&path, &near)?;
                path = near;
            }
            todo.push(path);
        }
        if todo.len() == before {
            fs::remove_dir(&dir)?;
            todo.pop();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_guest_left_is_removed_however_deep_and_closed() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        make(&root, None).unwrap();
        fs::write(root.join("upper/kept"), b"1").unwrap();
        make(&root, None).unwrap();
        assert!(root.join("upper/kept").exists());
        let closed = root.join("work/work");
        fs::create_dir(&closed).unwrap();
        fs::write(closed.join("x"), b"").unwrap();
        fs::set_permissions(&closed, Permissions::from_mode(0o0)).unwrap();
        // Made from the bottom: no path from the top names it.
        let name = "d".repeat(200);
        for n in 0..40 {
            let outer = root.join(format!("upper/{n}"));
            fs::create_dir_all(outer.join(&name)).unwrap();
            if n > 0 {
                fs::rename(root.join(format!("upper/{}", n - 1)), outer.join(&name).join("in")).unwrap();
            }
        }
        std::os::unix::fs::symlink("/", root.join("upper/link")).unwrap();
        remove(&root).unwrap();
        assert!(!root.exists());
        remove(&root).unwrap();
    }
}
