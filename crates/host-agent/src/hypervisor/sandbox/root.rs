//! A sandbox's own files: the directory of its overlay's upper layer, on the host's disk. They stay when it is stopped, as a
//! machine's disk does.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, lchown};
use std::path::Path;

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
