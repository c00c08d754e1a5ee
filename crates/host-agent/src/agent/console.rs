//! The end of a guest's serial log.

use platform::rpc::RpcError;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use wire::host::{ConsoleReply, ConsoleRequest};

pub const BYTES_MAX: u64 = 1 << 20;
/// What goes into the reason of a failure.
const LAST_BYTES: u64 = 2048;
const LAST_LINES: usize = 5;

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

/// The last lines in one, for the reason of a failure.
pub fn last_lines(dir: &Path) -> String {
    let bytes = tail(dir, LAST_BYTES).map(|(b, _)| b).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

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
