//! Lanes: durable queues of jobs on this machine's disk, one for each thing that may be slow by itself (a webhook, a
//! bucket's replication). A job is in its lane before its event is acknowledged, so nothing is lost, and what is slow holds up
//! nobody else.
//!
//! ```text
//!  NAME.7.log   one job a line (JSON), appended and fsynced      NAME.pos   "7 1234": done up to there
//! ```
//! When most of a file is done the rest moves to the next number; a position that names the new file makes the old one
//! rubbish. A line that a crash cut short is cut off: its event was not acknowledged. Blocking: called beside the thread.

use platform::disk;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Jobs that wait, together; beyond that new ones are refused.
pub const BACKLOG_BYTES_MAX: u64 = 64 << 20;
/// Done bytes in front of the rest that make a new file worth it.
const DONE_BYTES_MAX: u64 = 4 << 20;
/// A line is no job beyond this.
const LINE_BYTES_MAX: usize = 256 << 10;

#[derive(Debug)]
pub struct Lane {
    dir: PathBuf,
    name: String,
    number: u64,
    file: File,
    /// Of the file, all whole lines.
    length: u64,
    /// Done up to here.
    at: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Put {
    Taken,
    Full,
}

impl Lane {
    /// `name`: letters, digits and dashes.
    pub fn open(dir: &Path, name: &str) -> io::Result<Self> {
        disk::create_private_dir(dir)?;
        let position = std::fs::read_to_string(dir.join(format!("{name}.pos"))).unwrap_or_default();
        let mut words = position.split_whitespace().map(str::parse::<u64>);
        let (number, at) = match (words.next(), words.next()) {
            (Some(Ok(number)), Some(Ok(at))) => (number, at),
            _ => (0, 0),
        };
        for other in names(dir)?.into_iter().filter(|(n, number_of)| n == name && *number_of != number) {
            disk::remove_file(&path(dir, name, other.1))?;
        }
        let file = open(&path(dir, name, number))?;
        let length = whole_lines(&file)?;
        file.set_len(length)?;
        disk::sync_dir(dir)?;
        Ok(Self { dir: dir.to_owned(), name: name.to_owned(), number, file, length, at: at.min(length) })
    }

    pub fn backlog_bytes(&self) -> u64 {
        self.length - self.at
    }

    /// Durable when it is answered. All of them or none.
    pub fn put<J: Serialize>(&mut self, jobs: &[J]) -> io::Result<Put> {
        let mut lines = Vec::new();
        for job in jobs {
            serde_json::to_writer(&mut lines, job)?;
            lines.push(b'\n');
        }
        if self.backlog_bytes() + lines.len() as u64 > BACKLOG_BYTES_MAX {
            return Ok(Put::Full);
        }
        // A write that failed halfway is written over by the next.
        self.file.write_all_at(&lines, self.length)?;
        self.file.sync_data()?;
        self.length += lines.len() as u64;
        Ok(Put::Taken)
    }

    /// The next jobs, at most `max`, and where the lane will be when they are done. Lines that are none are passed over.
    pub fn next<J: DeserializeOwned>(&self, max: usize) -> io::Result<(Vec<J>, u64)> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(self.at))?;
        let mut reader = BufReader::new(file.take(self.length - self.at));
        let (mut jobs, mut at, mut line) = (Vec::new(), self.at, Vec::new());
        while jobs.len() < max {
            line.clear();
            let read = reader.read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            at += read as u64;
            match serde_json::from_slice(&line) {
                Ok(job) if read <= LINE_BYTES_MAX => jobs.push(job),
                outcome => tracing::error!(lane = self.name, error = ?outcome.err(), "a line is no job"),
            }
        }
        Ok((jobs, at))
    }

    /// Everything before `at` is done.
    pub fn done(&mut self, at: u64) -> io::Result<()> {
        self.at = at;
        let whole = self.at == self.length;
        if self.at >= DONE_BYTES_MAX || (whole && self.at > 0) {
            return self.renew();
        }
        self.write_position()
    }

    fn renew(&mut self) -> io::Result<()> {
        let next = self.number + 1;
        let mut rest = vec![0; (self.length - self.at) as usize];
        self.file.read_exact_at(&mut rest, self.at)?;
        let to = path(&self.dir, &self.name, next);
        disk::remove_file(&to)?;
        let mut file = open(&to)?;
        file.write_all(&rest)?;
        file.sync_data()?;
        disk::sync_dir(&self.dir)?;
        let old = self.number;
        (self.number, self.at, self.length, self.file) = (next, 0, rest.len() as u64, file);
        self.write_position()?;
        disk::remove_file(&path(&self.dir, &self.name, old))
    }

    fn write_position(&self) -> io::Result<()> {
        let text = format!("{} {}\n", self.number, self.at);
        disk::write_atomic(&self.dir.join(format!("{}.pos", self.name)), text.as_bytes())
    }

    /// Removes a lane that has nothing to do.
    pub fn remove(self) -> io::Result<()> {
        disk::remove_file(&path(&self.dir, &self.name, self.number))?;
        disk::remove_file(&self.dir.join(format!("{}.pos", self.name)))
    }
}

/// The lanes that have a file.
pub fn lanes(dir: &Path) -> io::Result<Vec<String>> {
    let mut out: Vec<String> = names(dir)?.into_iter().map(|(name, _)| name).collect();
    out.sort();
    out.dedup();
    Ok(out)
}

fn names(dir: &Path) -> io::Result<Vec<(String, u64)>> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let mut out = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let Some((stem, number)) = name.strip_suffix(".log").and_then(|n| n.rsplit_once('.')) else { continue };
        if let Ok(number) = number.parse() {
            out.push((stem.to_owned(), number));
        }
    }
    Ok(out)
}

fn path(dir: &Path, name: &str, number: u64) -> PathBuf {
    dir.join(format!("{name}.{number}.log"))
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).mode(0o600).open(path)
}

/// Bytes up to and with the last line's end.
fn whole_lines(file: &File) -> io::Result<u64> {
    let mut end = file.metadata()?.len();
    let mut piece = [0; 4096];
    while end > 0 {
        let begin = end.saturating_sub(piece.len() as u64);
        let part = &mut piece[..(end - begin) as usize];
        file.read_exact_at(part, begin)?;
        if let Some(at) = part.iter().rposition(|b| *b == b'\n') {
            return Ok(begin + at as u64 + 1);
        }
        end = begin;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(lane: &Lane, max: usize) -> (Vec<u32>, u64) {
        lane.next(max).unwrap()
    }

    #[test]
    fn jobs_come_in_order_and_once_they_are_done_not_again() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("lanes");
        let mut lane = Lane::open(&dir, "a").unwrap();
        assert_eq!(lane.put(&[1u32, 2, 3]).unwrap(), Put::Taken);
        let (jobs, at) = take(&lane, 2);
        assert_eq!(jobs, [1, 2]);
        // Not done: they come again, also after a crash.
        drop(lane);
        let mut lane = Lane::open(&dir, "a").unwrap();
        assert_eq!(take(&lane, 2).0, [1, 2]);
        lane.done(at).unwrap();
        drop(lane);
        let mut lane = Lane::open(&dir, "a").unwrap();
        assert_eq!(lanes(&dir).unwrap(), ["a"]);
        let (jobs, at) = take(&lane, 9);
        assert_eq!(jobs, [3]);
        lane.done(at).unwrap();
        assert_eq!((take(&lane, 9).0, lane.backlog_bytes()), (vec![], 0));
        lane.put(&[4u32]).unwrap();
        drop(lane);
        let lane = Lane::open(&dir, "a").unwrap();
        assert_eq!(take(&lane, 9).0, [4]);
        lane.remove().unwrap();
        assert!(lanes(&dir).unwrap().is_empty() && !dir.join("a.pos").exists());
    }

    #[test]
    fn a_torn_line_is_cut_off() {
        let temp = tempfile::tempdir().unwrap();
        let mut lane = Lane::open(temp.path(), "a").unwrap();
        lane.put(&["x".repeat(5000)]).unwrap();
        let file = path(temp.path(), "a", 0);
        drop(lane);
        OpenOptions::new().append(true).open(&file).unwrap().write_all("\"y".repeat(3000).as_bytes()).unwrap();
        let mut lane = Lane::open(temp.path(), "a").unwrap();
        lane.put(&["z"]).unwrap();
        let (jobs, _): (Vec<String>, _) = lane.next(9).unwrap();
        assert_eq!(jobs, ["x".repeat(5000), "z".to_owned()]);
    }

    #[test]
    fn a_file_that_is_mostly_done_is_left_behind_and_a_full_lane_refuses() {
        let temp = tempfile::tempdir().unwrap();
        let mut lane = Lane::open(temp.path(), "a").unwrap();
        let big = vec!["b".repeat(200 << 10); 30];
        let mut put = 0;
        while lane.put(&big).unwrap() == Put::Taken {
            put += big.len();
        }
        assert!(lane.backlog_bytes() > BACKLOG_BYTES_MAX - (7 << 20));
        let (jobs, at): (Vec<String>, _) = lane.next(25).unwrap();
        lane.done(at).unwrap();
        assert_eq!((lane.number, lane.at), (1, 0));
        assert_eq!(names(temp.path()).unwrap(), [("a".to_owned(), 1)]);
        let (rest, _): (Vec<String>, _) = lane.next(10_000).unwrap();
        assert_eq!(jobs.len() + rest.len(), put);
    }
}
