//! The end of a guest's serial log.

use platform::rpc::RpcError;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use wire::host::{ConsoleReply, ConsoleRequest};

pub const BYTES_MAX: u64 = 1 << 20;
/// What goes into the reason of a failure.
const LAST_BYTES: u64 = 2048;
const LAST_LINES: usize = 5;
/// A log that has grown to this is cut to its last [`BYTES_MAX`]: a guest may write without end, and the disk is the host's.
const LOG_BYTES_MAX: u64 = 4 << 20;

/// The newest bytes and when the log last grew (wall clock); nothing if there is no log yet.
fn tail(dir: &Path, bytes_max: u64) -> io::Result<(Vec<u8>, u64)> {
    let mut file = match File::open(dir.join("console.log")) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(e) => return Err(e),
    };
    let meta = file.metadata()?;
    let from = meta.len().saturating_sub(bytes_max);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    if from > 0 {
        // The rest of a character that was cut in two.
        let cut = bytes.iter().take(3).take_while(|b| **b & 0xc0 == 0x80).count();
        bytes.drain(..cut);
    }
    let updated = meta.modified()?.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64);
    Ok((bytes, updated))
}

pub async fn read(dir: PathBuf, request: ConsoleRequest) -> Result<ConsoleReply, RpcError> {
    let bytes_max = request.bytes_max.min(BYTES_MAX);
    let read = tokio::task::spawn_blocking(move || if dir.is_dir() { tail(&dir, bytes_max).map(Some) } else { Ok(None) }).await;
    match read {
        Ok(Ok(Some((bytes, updated_ms)))) => Ok(ConsoleReply { text: String::from_utf8_lossy(&bytes).into_owned(), updated_ms }),
        Ok(Ok(None)) => Err(RpcError::remote("no-such-instance", format!("{} is not on this host", request.instance))),
        Ok(Err(e)) => Err(RpcError::remote("io", format!("the serial log cannot be read: {e}"))),
        Err(e) => Err(RpcError::remote("io", e.to_string())),
    }
}

/// A line of the host's own in the log, where whoever reads it should know. What cannot be written is not worth more.
pub fn say(dir: &Path, line: &str) {
    let log = std::fs::OpenOptions::new().append(true).open(dir.join("console.log"));
    if let Err(e) = log.and_then(|mut log| log.write_all(format!("\r\nstratocell: {line}\r\n").as_bytes())) {
        tracing::debug!(error = %e, line, "not said in the serial log");
    }
}

/// The last lines in one, for the reason of a failure.
pub fn last_lines(dir: &Path) -> String {
    let bytes = tail(dir, LAST_BYTES).map(|(b, _)| b).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join(" | ")
}

/// Keeps a log from filling the host's disk. The VMM appends, so it goes on at the new end; what the guest writes during the
/// moment of the cut may be lost.
pub fn bound(dir: &Path) {
    let path = dir.join("console.log");
    let too_long = std::fs::metadata(&path).is_ok_and(|m| m.len() > LOG_BYTES_MAX);
    if too_long && let Err(error) = cut(dir, &path) {
        tracing::warn!(path = %path.display(), %error, "a serial log cannot be cut");
    }
}

fn cut(dir: &Path, path: &Path) -> io::Result<()> {
    let (kept, _) = tail(dir, BYTES_MAX)?;
    let file = File::options().write(true).open(path)?;
    file.write_all_at(&kept, 0)?;
    file.set_len(kept.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_is_cut_to_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console.log");
        bound(dir.path());
        let mut long = vec![b'x'; LOG_BYTES_MAX as usize];
        std::fs::write(&path, &long).unwrap();
        bound(dir.path());
        assert_eq!(std::fs::metadata(&path).unwrap().len(), LOG_BYTES_MAX);
        long.extend_from_slice(b"end");
        std::fs::write(&path, &long).unwrap();
        bound(dir.path());
        assert_eq!(std::fs::metadata(&path).unwrap().len(), BYTES_MAX);
        assert!(tail(dir.path(), 4).unwrap().0.ends_with(b"xend"));
    }

    #[test]
    fn the_tail_is_cut_at_a_character() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(tail(dir.path(), 10).unwrap(), (Vec::new(), 0));
        std::fs::write(dir.path().join("console.log"), "one\n\ntwo é\nthree\n").unwrap();
        assert_eq!(tail(dir.path(), 100).unwrap().0, "one\n\ntwo é\nthree\n".as_bytes());
        assert_eq!(tail(dir.path(), 8).unwrap().0, b"\nthree\n");
        assert_eq!(last_lines(dir.path()), "one | two é | three");
    }
}
