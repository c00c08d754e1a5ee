//! `logs [role] [-f]`: the ends of the processes' logs, and what comes after. `logs --flows HOST`: the host's flow records.

use super::print;
use crate::error::CliError;
use platform::DataDir;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use types::HostId;

/// Read from the end of a log to find its last lines.
const TAIL_BYTES_MAX: u64 = 1 << 20;
/// Read from one log before the next has its turn.
const READ_BYTES_MAX: u64 = 256 << 10;
const LOOK_INTERVAL: Duration = Duration::from_millis(150);

struct Log {
    name: String,
    path: PathBuf,
    at: u64,
}

pub fn run(dir: &DataDir, role: Option<&str>, follow: bool, lines: usize) -> Result<ExitCode, CliError> {
    let mut logs = find(dir);
    if let Some(role) = role {
        let known = logs.iter().map(|l| l.name.as_str()).collect::<Vec<_>>().join(", ");
        logs.retain(|l| l.name == role);
        if logs.is_empty() {
            return Err(CliError::refused(format!("there is no log of \"{role}\": there are {known}")));
        }
    }
    let prefix = logs.len() > 1;
    for log in &mut logs {
        let text = log.tail(lines).map_err(CliError::io(format!("read {}", log.path.display())))?;
        show(log, &text, prefix)?;
    }
    if !follow {
        return Ok(ExitCode::SUCCESS);
    }
    loop {
        std::thread::sleep(LOOK_INTERVAL);
        for log in &mut logs {
            let text = log.news().map_err(CliError::io(format!("read {}", log.path.display())))?;
            show(log, &text, prefix)?;
        }
    }
}

/// The last records of a host's spool, with the names of their columns.
pub fn flows(dir: &DataDir, host: &HostId, lines: usize) -> Result<ExitCode, CliError> {
    let spool = dir.flows(host);
    let read = |what: &Path| CliError::io(format!("read {}", what.display()));
    let segments = match card::flow_spool::segment_files(&spool) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(CliError::refused(format!("there are no flow records of a host \"{host}\"")));
        }
        other => other.map_err(read(&spool))?,
    };
    let mut texts = Vec::new();
    let mut found = 0;
    for segment in segments.iter().rev() {
        if found >= lines {
            break;
        }
        match std::fs::read_to_string(segment) {
            Ok(text) => {
                found += text.lines().count();
                texts.push(text);
            }
            // Its room was needed meanwhile.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(read(segment)(e)),
        }
    }
    let mut out = wire::flow::COLUMNS.to_owned();
    let all = texts.iter().rev().flat_map(|t| t.lines());
    for line in all.skip(found.saturating_sub(lines)) {
        out.push('\n');
        out.push_str(line);
    }
    out.push('\n');
    print(&out).map(|_| ExitCode::SUCCESS)
}

fn find(dir: &DataDir) -> Vec<Log> {
    let mut logs: Vec<Log> = std::fs::read_dir(dir.logs())
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|e| {
            let name = e.file_name().to_str()?.strip_suffix(".log")?.to_owned();
            Some(Log { name, path: e.path(), at: 0 })
        })
        .collect();
    logs.sort_by(|a, b| a.name.cmp(&b.name));
    logs
}

fn show(log: &Log, text: &str, prefix: bool) -> Result<(), CliError> {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if prefix {
            out.push_str(&format!("{:<14} | ", log.name));
        }
        // A guest's or a peer's bytes must not steer the terminal.
        out.extend(line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }));
        out.push('\n');
    }
    print(&out).map(|_| ())
}

impl Log {
    fn tail(&mut self, lines: usize) -> std::io::Result<String> {
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES_MAX)))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES_MAX).read_to_end(&mut bytes)?;
        self.at = length;
        let text = String::from_utf8_lossy(&bytes);
        let all: Vec<&str> = text.lines().collect();
        Ok(all[all.len().saturating_sub(lines)..].join("\n"))
    }

    /// Whole lines that were added; a log that has become shorter was set aside and begins anew.
    fn news(&mut self) -> std::io::Result<String> {
        let mut file = File::open(&self.path)?;
        if file.metadata()?.len() < self.at {
            self.at = 0;
        }
        file.seek(SeekFrom::Start(self.at))?;
        let mut bytes = Vec::new();
        file.take(READ_BYTES_MAX).read_to_end(&mut bytes)?;
        let whole = match bytes.iter().rposition(|b| *b == b'\n') {
            Some(end) => end + 1,
            None if bytes.len() as u64 == READ_BYTES_MAX => bytes.len(),
            None => 0,
        };
        self.at += whole as u64;
        Ok(String::from_utf8_lossy(&bytes[..whole]).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn ends_and_news_are_whole_lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.log");
        let mut f = std::fs::OpenOptions::new().create(true).append(true).open(&path).unwrap();
        f.write_all(b"a\nb\nc\n").unwrap();
        let mut log = Log { name: "x".into(), path, at: 0 };
        assert_eq!(log.tail(2).unwrap(), "b\nc");
        f.write_all(b"d\nhal").unwrap();
        assert_eq!((log.news().unwrap(), log.news().unwrap()), ("d\n".to_owned(), String::new()));
        f.write_all(b"f\n").unwrap();
        assert_eq!(log.news().unwrap(), "half\n");
        f.set_len(0).unwrap();
        f.write_all(b"n\n").unwrap();
        assert_eq!(log.news().unwrap(), "n\n");
    }
}
