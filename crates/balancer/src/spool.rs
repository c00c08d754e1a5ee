//! Logs of a node on a host: files that its agent hands to whoever delivers them into buckets ([`wire::balancer::LogFile`]).
//!
//! ```text
//!  lines ──► TIME-NODE-RANDOM.open ──(interval over, 4 MiB, another bucket)──► TIME-NODE-RANDOM.log ──► taken, removed by the agent
//! ```
//! What a process left open when it died is closed by its successor or its agent. All files together are bounded: over it the
//! oldest go, counted. Blocking, all of it.

use crate::log::stamp;
use crate::logs::Kind;
use platform::disk;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use wire::balancer::{LogBucket, LogDelivery, LogHead, log_folder};

/// A file is closed when it has so much.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// Of a node.
const SPOOL_BYTES_MAX: u64 = 64 << 20;
pub const OPEN: &str = "open";
pub const CLOSED: &str = "log";

#[derive(Debug)]
struct Segment {
    path: PathBuf,
    file: File,
    bytes: u64,
    until_ms: u64,
    to: LogBucket,
}

#[derive(Debug)]
pub struct Spool {
    dir: PathBuf,
    /// The node's interface, in its files' names.
    node: String,
    open: BTreeMap<Kind, Segment>,
    /// Files that went for want of room.
    pub lost_files: u64,
}

/// What a file is for.
pub struct Destination<'a> {
    pub delivery: &'a LogDelivery,
    /// `app/web/50dc6c495c0c9188`
    pub name: &'a str,
}

impl Destination<'_> {
    fn bucket(&self, kind: Kind) -> Option<&LogBucket> {
        match kind {
            Kind::Access => self.delivery.access.as_ref(),
            Kind::Connection => self.delivery.connection.as_ref(),
        }
    }

    /// "Access log files" and "Connection log files" in the user guide of Application Load Balancers.
    fn head(&self, kind: Kind, to: &LogBucket, until_ms: u64, random: u64) -> LogHead {
        let LogDelivery { account, region, address, .. } = self.delivery;
        let at = stamp(until_ms);
        let (day, end) = (at[..10].replace('-', "/"), format!("{}T{}Z", at[..10].replace('-', ""), at[11..16].replace(':', "")));
        let start = if kind == Kind::Connection { "conn_log." } else { "" };
        let id = self.name.replace('/', ".");
        let folder = format!("{}elasticloadbalancing/{region}/{day}/", log_folder(to, account));
        let word = base36(random);
        let key = format!("{folder}{start}{account}_elasticloadbalancing_{region}_{id}_{end}_{address}_{word}.log.gz");
        let arn = format!("arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/{}", self.name);
        LogHead { account: account.clone(), arn, bucket: to.bucket.clone(), key }
    }
}

/// Eight of `[0-9a-z]`.
fn base36(mut random: u64) -> String {
    let digit = |_| {
        let d = (random % 36) as u32;
        random /= 36;
        char::from_digit(d, 36).unwrap_or('0')
    };
    (0..8).map(digit).collect()
}

impl Spool {
    /// # Errors
    /// As the system says.
    pub fn open(dir: &Path, node: &str) -> io::Result<Self> {
        disk::create_private_dir(dir)?;
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == OPEN) {
                std::fs::rename(&path, path.with_extension(CLOSED))?;
            }
        }
        Ok(Self { dir: dir.to_owned(), node: node.to_owned(), open: BTreeMap::new(), lost_files: 0 })
    }

    /// Appends lines, where the document wants them somewhere.
    ///
    /// # Errors
    /// As the system says; the lines are lost.
    pub fn write(&mut self, kind: Kind, lines: &str, to: &Destination<'_>, now_ms: u64, random: u64) -> io::Result<()> {
        self.turn(now_ms, Some(to))?;
        let Some(bucket) = to.bucket(kind) else { return Ok(()) };
        let mut segment = match self.open.remove(&kind) {
            Some(segment) => segment,
            None => self.begin(kind, bucket, to, now_ms, random)?,
        };
        segment.file.write_all(lines.as_bytes())?;
        segment.bytes += lines.len() as u64;
        let full = segment.bytes >= FILE_BYTES_MAX;
        self.open.insert(kind, segment);
        if full { self.close(kind) } else { Ok(()) }
    }

    fn begin(&mut self, kind: Kind, bucket: &LogBucket, to: &Destination<'_>, now_ms: u64, random: u64) -> io::Result<Segment> {
        self.make_room()?;
        let interval_ms = u64::from(to.delivery.interval_seconds.max(1)) * 1000;
        let until_ms = (now_ms / interval_ms + 1) * interval_ms;
        let mut head = serde_json::to_vec(&to.head(kind, bucket, until_ms, random))?;
        head.push(b'\n');
        let path = self.dir.join(format!("{now_ms:015}-{}-{random:016x}.{OPEN}", self.node));
        let mut file = OpenOptions::new().create_new(true).append(true).mode(0o600).open(&path)?;
        file.write_all(&head)?;
        Ok(Segment { path, file, bytes: head.len() as u64, until_ms, to: bucket.clone() })
    }

    /// Closes what is over, or goes elsewhere now.
    ///
    /// # Errors
    /// As the system says.
    pub fn turn(&mut self, now_ms: u64, to: Option<&Destination<'_>>) -> io::Result<()> {
        // A clock that was set back must not keep a file open.
        let far_ms = to.map_or(0, |t| 2 * 1000 * u64::from(t.delivery.interval_seconds.max(1)));
        let over = |(kind, s): (&Kind, &Segment)| {
            let elsewhere = to.and_then(|t| t.bucket(*kind)) != Some(&s.to);
            (elsewhere || now_ms >= s.until_ms || now_ms + far_ms < s.until_ms).then_some(*kind)
        };
        let over: Vec<Kind> = self.open.iter().filter_map(over).collect();
        over.into_iter().try_for_each(|kind| self.close(kind))
    }

    fn close(&mut self, kind: Kind) -> io::Result<()> {
        let Some(segment) = self.open.remove(&kind) else { return Ok(()) };
        segment.file.sync_data()?;
        std::fs::rename(&segment.path, segment.path.with_extension(CLOSED))
    }

    /// The oldest go while there is too much.
    fn make_room(&mut self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.dir)? {
            let entry = entry?;
            // One that was taken meanwhile.
            let Ok(meta) = entry.metadata() else { continue };
            files.push((entry.path(), meta.len()));
        }
        files.sort();
        let mut bytes: u64 = files.iter().map(|(_, len)| len).sum();
        for (path, len) in files.into_iter().filter(|(p, _)| p.extension().is_some_and(|e| e == CLOSED)) {
            if bytes + FILE_BYTES_MAX <= SPOOL_BYTES_MAX {
                break;
            }
            disk::remove_file(&path)?;
            self.lost_files += 1;
            bytes -= len;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery() -> LogDelivery {
        let bucket = |prefix: &str| Some(LogBucket { bucket: "logs".into(), prefix: prefix.into() });
        LogDelivery {
            account: "123456789012".parse().unwrap(),
            region: "us-east-1".into(),
            address: "10.0.1.5".parse().unwrap(),
            interval_seconds: 300,
            access: bucket("p"),
            connection: bucket(""),
        }
    }

    fn files(dir: &Path) -> Vec<(String, String)> {
        let mut out: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
        out.sort();
        let ending = |p: &PathBuf| p.extension().unwrap().to_str().unwrap().to_owned();
        out.iter().map(|p| (ending(p), std::fs::read_to_string(p).unwrap())).collect()
    }

    fn head(text: &str) -> LogHead {
        serde_json::from_str(text.lines().next().unwrap()).unwrap()
    }

    #[test]
    fn files_have_their_names_from_the_start() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(dir.path(), "eni-1").unwrap();
        let d = delivery();
        let to = Destination { delivery: &d, name: "app/web/0123456789abcdef" };
        // 2026-11-26T06:58:20Z
        let now = 1_795_676_300_000;
        spool.write(Kind::Access, "a\n", &to, now, 1).unwrap();
        spool.write(Kind::Access, "b\n", &to, now + 5_000, 2).unwrap();
        spool.write(Kind::Connection, "c\n", &to, now + 6_000, 37).unwrap();
        let found = files(dir.path());
        assert!(found.len() == 2 && found.iter().all(|(e, _)| e == OPEN), "{found:?}");
        assert!(found[0].1.ends_with("}\na\nb\n"));
        let stem = "123456789012_elasticloadbalancing_us-east-1_app.web.0123456789abcdef_20261126T0700Z_10.0.1.5";
        let folder = "AWSLogs/123456789012/elasticloadbalancing/us-east-1/2026/11/26";
        assert_eq!(head(&found[0].1).key, format!("p/{folder}/{stem}_10000000.log.gz"));
        assert_eq!(head(&found[1].1).key, format!("{folder}/conn_log.{stem}_11000000.log.gz"));
        assert_eq!(
            head(&found[0].1).arn,
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/0123456789abcdef"
        );
        // The interval is over.
        spool.turn(now + 100_000, Some(&to)).unwrap();
        assert!(files(dir.path()).iter().all(|(e, _)| e == CLOSED));
        // Another bucket, then none.
        spool.write(Kind::Access, "d\n", &to, now + 101_000, 3).unwrap();
        let mut other = delivery();
        other.access = Some(LogBucket { bucket: "others".into(), prefix: String::new() });
        let other_to = Destination { delivery: &other, name: to.name };
        spool.write(Kind::Access, "e\n", &other_to, now + 102_000, 4).unwrap();
        assert_eq!(files(dir.path()).iter().filter(|(e, _)| e == CLOSED).count(), 3);
        spool.turn(now + 103_000, None).unwrap();
        spool.write(Kind::Connection, "f\n", &to, now + 104_000, 5).unwrap();
        // The next process closes what this one leaves.
        drop(spool);
        Spool::open(dir.path(), "eni-1").unwrap();
        let found = files(dir.path());
        assert!(found.len() == 5 && found.iter().all(|(e, _)| e == CLOSED), "{found:?}");
        assert_eq!(head(&found[3].1).bucket, "others");
    }

    #[test]
    fn the_oldest_go_when_there_is_too_much() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(dir.path(), "eni-1").unwrap();
        let d = delivery();
        let to = Destination { delivery: &d, name: "app/web/0123456789abcdef" };
        let lines = "x".repeat(FILE_BYTES_MAX as usize);
        for n in 0..20 {
            spool.write(Kind::Access, &lines, &to, 1_000_000 + n, n).unwrap();
        }
        let found = files(dir.path());
        let bytes: usize = found.iter().map(|(_, t)| t.len()).sum();
        assert!(bytes as u64 <= SPOOL_BYTES_MAX && found.len() as u64 + spool.lost_files == 20 && found.len() >= 14);
    }
}
