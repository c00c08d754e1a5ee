//! The programs that roles start from besides the supervisor's own: copies by the hash of their contents.
//!
//! `programs/<sha256>/stratocell`, 0700 in directories of 0700. The contents are compared with the name before a start; not again
//! while the kernel says that nobody has touched the file since (inode, size, both times).

use aws_lc_rs::digest::{Context, SHA256};
use platform::{DataDir, disk};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;
use wire::rollout::Program;

/// This very program, also when its file was replaced since (a new build).
pub const OWN_PROGRAM: &str = "/proc/self/exe";
/// A debug build has a tenth of it.
const BYTES_MAX: u64 = 4 << 30;
const VERSION_MAX: Duration = Duration::from_secs(10);
const BUSY_PAUSE: Duration = Duration::from_millis(10);
const VERSION_BYTES_MAX: usize = 128;

/// What a role starts from: `None` is the supervisor's own.
pub type Choice = Option<Program>;

/// The same file with the same contents, as far as the kernel knows.
type Untouched = (u64, u64, u64, i64, i64, i64, i64);

pub struct Programs {
    dir: PathBuf,
    checked: RefCell<BTreeMap<String, Untouched>>,
}

impl Programs {
    pub fn new(dir: &DataDir) -> Rc<Self> {
        Rc::new(Self { dir: dir.programs(), checked: RefCell::default() })
    }

    fn path(&self, sha256: &str) -> PathBuf {
        self.dir.join(sha256).join("stratocell")
    }

    /// The file to start, which is what its name says.
    pub async fn ready(&self, choice: &Choice) -> io::Result<PathBuf> {
        let Some(program) = choice else { return Ok(PathBuf::from(OWN_PROGRAM)) };
        let path = self.path(&program.sha256);
        let stamp = untouched(&path)?;
        if self.checked.borrow().get(&program.sha256) == Some(&stamp) {
            return Ok(path);
        }
        let found = blocking({
            let path = path.clone();
            move || sha256(&mut File::open(path)?, io::sink())
        });
        let found = found.await?;
        if found != program.sha256 {
            return Err(io::Error::other(format!("{} is not what it was: it has the SHA-256 {found}", path.display())));
        }
        self.checked.borrow_mut().insert(found, stamp);
        Ok(path)
    }

    /// Copies a program and asks it for its version.
    pub async fn import(&self, from: PathBuf) -> io::Result<Program> {
        let dir = self.dir.clone();
        let sha256 = blocking(move || {
            let source = File::open(&from)?;
            let meta = source.metadata()?;
            if !meta.is_file() || meta.len() > BYTES_MAX {
                return Err(io::Error::other(format!("{} is no file of at most {BYTES_MAX} bytes", from.display())));
            }
            disk::create_private_dir(&dir)?;
            let coming = dir.join(".coming");
            disk::remove_file(&coming)?;
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o700).open(&coming)?;
            let sha256 = sha256(&mut source.take(BYTES_MAX), &mut file)?;
            file.sync_all()?;
            drop(file);
            let home = dir.join(&sha256);
            disk::create_private_dir(&home)?;
            std::fs::rename(&coming, home.join("stratocell"))?;
            disk::sync_dir(&home)?;
            disk::sync_dir(&dir)?;
            Ok(sha256)
        });
        let sha256 = sha256.await?;
        let version = version(&self.path(&sha256)).await?;
        Ok(Program { sha256, version })
    }

    /// Removes all but these.
    pub fn keep_only(&self, kept: &[&str]) {
        for entry in std::fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if kept.iter().any(|k| name == *k) {
                continue;
            }
            self.checked.borrow_mut().remove(name.to_string_lossy().as_ref());
            let removed = if entry.path().is_dir() { disk::remove_tree(&entry.path()) } else { disk::remove_file(&entry.path()) };
            if let Err(error) = removed {
                tracing::warn!(program = ?name, %error, "a program that nobody runs any more stays");
            }
        }
    }
}

/// The SHA-256 of the supervisor's own program.
pub async fn own() -> io::Result<String> {
    blocking(|| sha256(&mut File::open(OWN_PROGRAM)?, io::sink())).await
}

/// What a program says of itself with `--version`, without its name.
pub async fn version(path: &Path) -> io::Result<String> {
    let mut command = tokio::process::Command::new(path);
    command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).env_clear().kill_on_drop(true);
    let asked = async {
        loop {
            match command.output().await {
                // A process that was started while the copy was written may have it open for a moment.
                Err(e) if e.kind() == io::ErrorKind::ExecutableFileBusy => tokio::time::sleep(BUSY_PAUSE).await,
                out => return out,
            }
        }
    };
    let out = tokio::time::timeout(VERSION_MAX, asked).await;
    let out = out.map_err(|_| io::Error::other("it did not say its version in time"))??;
    let text = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    match text.strip_prefix("stratocell ") {
        Some(version) if out.status.success() && version.len() <= VERSION_BYTES_MAX && !version.contains('\n') => {
            Ok(version.to_owned())
        }
        _ => Err(io::Error::other("it is no stratocell program: its --version does not say so")),
    }
}

fn untouched(path: &Path) -> io::Result<Untouched> {
    let m = std::fs::metadata(path)?;
    Ok((m.dev(), m.ino(), m.size(), m.mtime(), m.mtime_nsec(), m.ctime(), m.ctime_nsec()))
}

/// Of all that comes, which is also written.
fn sha256(from: &mut impl Read, mut to: impl Write) -> io::Result<String> {
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 20];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(hex::encode(context.finish())),
            n => {
                context.update(&buffer[..n]);
                to.write_all(&buffer[..n])?;
            }
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test]
    async fn a_program_is_what_its_name_says_or_is_not_started() {
        let temp = tempfile::tempdir().unwrap();
        let programs = Programs::new(&DataDir::new(temp.path().join("d")));
        std::fs::create_dir(temp.path().join("d")).unwrap();
        let source = temp.path().join("source");
        std::fs::write(&source, "#!/bin/sh\necho stratocell 7.1-test\n").unwrap();
        let program = programs.import(source.clone()).await.unwrap();
        assert_eq!(program.version, "7.1-test");
        let path = programs.ready(&Some(program.clone())).await.unwrap();
        let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o700, 0o700));
        assert_eq!(programs.ready(&None).await.unwrap(), Path::new(OWN_PROGRAM));

        // Altered after it was checked: by a tail, or in place.
        let good = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&good[..], b"x"].concat()).unwrap();
        let refused = programs.ready(&Some(program.clone())).await.unwrap_err().to_string();
        assert!(refused.contains("is not what it was"), "{refused}");
        std::fs::write(&path, &good).unwrap();
        assert!(programs.ready(&Some(program.clone())).await.is_ok());

        // What is no program of ours is refused.
        for bad in ["#!/bin/sh\necho other 1\n", "#!/bin/sh\necho stratocell 1; exit 1\n", "\u{1}\u{2}"] {
            std::fs::write(&source, bad).unwrap();
            assert!(programs.import(source.clone()).await.is_err(), "{bad}");
        }
        assert!(programs.import(temp.path().to_owned()).await.is_err(), "a directory");
        programs.keep_only(&[&program.sha256]);
        assert_eq!(std::fs::read_dir(temp.path().join("d/programs")).unwrap().count(), 1);
        assert!(programs.ready(&Some(program)).await.is_ok());
        assert_eq!(own().await.unwrap().len(), 64);
    }
}
