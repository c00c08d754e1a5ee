//! Serial logs: their end, for people; their size, for the host. A guest writes them and may write without end.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

/// A log that has grown to this is cut to its last `LOG_BYTES_KEPT`.
const LOG_BYTES_MAX: u64 = 4 << 20;
const LOG_BYTES_KEPT: u64 = 1 << 20;

/// The newest bytes of a log and when it was last written; empty when there is none.
pub fn tail(path: &Path, bytes_max: u64) -> io::Result<(Vec<u8>, u64)> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(e) => return Err(e),
    };
    let meta = file.metadata()?;
    let want = bytes_max.min(meta.len()).min(LOG_BYTES_MAX);
    let mut bytes = vec![0; want as usize];
    let mut filled = 0;
    // The log may shrink while it is read.
    while filled < bytes.len() {
        match file.read_at(&mut bytes[filled..], meta.len() - want + filled as u64)? {
            0 => break,
            n => filled += n,
        }
    }
    bytes.truncate(filled);
    Ok((bytes, (meta.mtime() as u64) * 1000 + (meta.mtime_nsec() as u64) / 1_000_000))
}

/// The last few lines, for the reason of a failure.
pub fn last_lines(path: &Path) -> String {
    let bytes = tail(path, 2048).map(|(b, _)| b).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    lines[lines.len().saturating_sub(4)..].join(" | ").chars().take(600).collect()
}

/// Keeps a log from filling the host's disk. The VMM appends, so it goes on at the new end; what it writes during the
/// few microseconds of the cut may be lost.
pub fn bound(path: &Path) {
    if fs::metadata(path).is_ok_and(|m| m.len() > LOG_BYTES_MAX)
        && let Err(error) = cut(path)
    {
        tracing::warn!(path = %path.display(), %error, "a serial log cannot be cut");
    }
}

fn cut(path: &Path) -> io::Result<()> {
    let (kept, _) = tail(path, LOG_BYTES_KEPT)?;
    let file = OpenOptions::new().write(true).open(path)?;
    file.write_all_at(&kept, 0)?;
    file.set_len(kept.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_logs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.log");
        assert_eq!(tail(&path, 10).unwrap(), (Vec::new(), 0));
        fs::write(&path, "one\r\n\r\ntwo\r\nthree\r\nfour\r\nfive\r\n").unwrap();
        assert_eq!(tail(&path, 6).unwrap().0, b"five\r\n");
        assert_eq!(last_lines(&path), "two | three | four | five");
        let mut long = vec![b'x'; LOG_BYTES_MAX as usize + 1];
        long.extend_from_slice(b"end");
        fs::write(&path, &long).unwrap();
        bound(&path);
        assert_eq!(fs::metadata(&path).unwrap().len(), LOG_BYTES_KEPT);
        assert!(tail(&path, 100).unwrap().0.ends_with(b"xend"));
    }
}
