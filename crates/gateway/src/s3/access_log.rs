//! Server access logs, the gateway's half: a record a request, spooled to the local disk. `worker` puts them into buckets.
//!
//! ```text
//!  reply ─► record ─► buffer (bounded) ─► every second: BUCKET.open, fsync ─► 5 s or 1 MiB: BUCKET~TIME~UNIQUE.log ─► worker
//! ```
//! A crash loses what is in the buffer, at most a second's records; what is dropped is counted. Delivery is at least once.
//! Source: "Amazon S3 server access log format", S3 User Guide.

use super::ask::{Ask, Identity};
use super::bucket::{Bucket, document};
use super::notify::url_encoded;
use super::ranges::timestamp;
use crate::answer::Reply;
use aws_protocol::AwsError;
use aws_protocol::s3::Operation;
use hyper::body::Body;
use iam::canonical_user_id;
use platform::{Rng, SystemRng, disk};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use types::TimestampMs;

/// Records in memory; further ones are dropped.
const RECORDS_MAX: usize = 20_000;
/// So many are written down before their time.
const RECORDS_EARLY: usize = 2_000;
/// All files of the spool together; beyond that records are dropped.
const SPOOL_BYTES_MAX: u64 = 256 << 20;
/// A file is handed to the worker at this size or age.
const FILE_BYTES_MAX: u64 = 1 << 20;
const FILE_AGE_MAX: Duration = Duration::from_secs(5);
const ROUND: Duration = Duration::from_secs(1);
/// Of a request's line, referrer or agent in a record.
const FIELD_CHARS_MAX: usize = 2_048;
/// Separates the parts of a spool file's name; no bucket's name has it.
const SEPARATOR: char = '~';
const OPEN: &str = "open";
const READY: &str = "log";

/// What is known of a request before and while it is worked on.
pub struct Draft {
    began: Instant,
    at: TimestampMs,
    line: String,
    referrer: String,
    pub agent: String,
    host: String,
    pub bytes_in: Option<u64>,
    known: RefCell<Option<Known>>,
}

struct Known {
    requester: String,
    operation: String,
    key: String,
    version: String,
    auth: &'static str,
}

impl Draft {
    pub fn new(parts: &hyper::http::request::Parts, at: TimestampMs) -> Self {
        let header = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("-").to_owned();
        Self {
            began: Instant::now(),
            at,
            line: format!("{} {} {:?}", parts.method, parts.uri, parts.version),
            referrer: header("referer"),
            agent: header("user-agent"),
            host: header("host"),
            bytes_in: header("content-length").parse().ok(),
            known: RefCell::default(),
        }
    }

    /// Who asks for what.
    pub fn learn(&self, ask: &Ask) {
        let requester = match &ask.who {
            Identity::Anonymous => "-".to_owned(),
            Identity::User(p) if p.arn.ends_with(":root") => canonical_user_id(&p.account),
            Identity::User(p) => p.arn.clone(),
        };
        let auth = match (&ask.who, ask.presigned) {
            (Identity::Anonymous, _) => "-",
            (_, true) => "QueryString",
            (_, false) => "AuthHeader",
        };
        *self.known.borrow_mut() = Some(Known {
            requester,
            operation: operation(ask.op, ask.method.as_str(), ask.website),
            key: if ask.key.is_empty() { "-".to_owned() } else { url_encoded(&ask.key) },
            version: ask.params.filled("versionId").unwrap_or("-").to_owned(),
            auth,
        });
    }
}

/// `REST.GET.OBJECT` and the like.
fn operation(op: Operation, method: &str, website: bool) -> String {
    use Operation::*;
    let (verb, what) = match op {
        _ if website => return format!("WEBSITE.{method}.OBJECT"),
        GetObject | HeadObject | PutObject | DeleteObject | PostObject => (method, "OBJECT"),
        CopyObject => ("COPY", "OBJECT"),
        DeleteObjects => ("POST", "MULTI_OBJECT_DELETE"),
        RestoreObject => ("POST", "OBJECT_RESTORE"),
        CreateMultipartUpload | ListMultipartUploads => (method, "UPLOADS"),
        CompleteMultipartUpload | AbortMultipartUpload | ListParts => (method, "UPLOAD"),
        UploadPart => (method, "PART"),
        UploadPartCopy => ("COPY", "PART"),
        ListObjects | ListObjectsV2 | CreateBucket | HeadBucket | DeleteBucket => (method, "BUCKET"),
        ListObjectVersions => (method, "BUCKETVERSIONS"),
        ListBuckets => ("GET", "SERVICE"),
        GetBucketLocation => (method, "LOCATION"),
        GetBucketVersioning | PutBucketVersioning => (method, "VERSIONING"),
        GetBucketPolicy | PutBucketPolicy | DeleteBucketPolicy => (method, "BUCKETPOLICY"),
        GetBucketAcl | PutBucketAcl | GetObjectAcl | PutObjectAcl => (method, "ACL"),
        GetObjectTagging | PutObjectTagging | DeleteObjectTagging => (method, "OBJECT_TAGGING"),
        GetBucketLogging | PutBucketLogging => (method, "LOGGING_STATUS"),
        CorsPreflight => ("OPTIONS", "PREFLIGHT"),
        _ => return format!("REST.{method}.{}", snake(op.name())),
    };
    format!("REST.{verb}.{what}")
}

/// `PutBucketLifecycleConfiguration`: `BUCKET_LIFECYCLE_CONFIGURATION`.
fn snake(name: &str) -> String {
    let what = ["Get", "Put", "Delete", "List"].iter().find_map(|v| name.strip_prefix(v)).unwrap_or(name);
    let mut out = String::new();
    for c in what.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}

/// A field within quotes: nothing in it ends the quotes or the line.
fn quoted(text: &str) -> String {
    let inner: String = text.chars().take(FIELD_CHARS_MAX).map(|c| if c == '"' || c.is_control() { '_' } else { c }).collect();
    format!("\"{inner}\"")
}

fn or_dash(n: Option<u64>) -> String {
    n.filter(|n| *n > 0).map_or_else(|| "-".to_owned(), |n| n.to_string())
}

pub struct AccessLog {
    dir: PathBuf,
    buffer: RefCell<Vec<(String, String)>>,
    dropped: Cell<u64>,
    wake: tokio::sync::Notify,
}

impl AccessLog {
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, buffer: RefCell::default(), dropped: Cell::new(0), wake: tokio::sync::Notify::new() }
    }

    #[expect(clippy::too_many_arguments, reason = "the two ends of one request")]
    pub fn record(
        &self,
        draft: &Draft,
        reply: &Reply,
        error: Option<&AwsError>,
        bucket: &Bucket,
        request_id: &str,
        host_id: &str,
        from: IpAddr,
    ) {
        // A status without the element means that logging is off.
        if !bucket.document(document::LOGGING).is_some_and(|d| d.contains("<LoggingEnabled>")) {
            return;
        }
        let known = draft.known.borrow();
        let Some(known) = known.as_ref() else { return };
        let mut buffer = self.buffer.borrow_mut();
        if buffer.len() >= RECORDS_MAX {
            self.dropped.set(self.dropped.get() + 1);
            return;
        }
        let head = draft.line.starts_with("HEAD ");
        let sent = if head { None } else { reply.body().size_hint().exact() };
        let header = |name: &str| reply.headers().get(name).and_then(|v| v.to_str().ok());
        let total = header("content-range").and_then(|r| r.rsplit('/').next()?.parse().ok());
        let size = total.or(if draft.line.starts_with("PUT ") { draft.bytes_in } else { sent });
        let took = draft.began.elapsed().as_millis();
        let version = header("x-amz-version-id").unwrap_or(&known.version);
        let line = format!(
            "{} {} [{}] {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} - {} {} - - -\n",
            bucket.owner_canonical(),
            bucket.record.name,
            timestamp(draft.at).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            from,
            known.requester,
            request_id,
            known.operation,
            known.key,
            quoted(&draft.line),
            reply.status().as_u16(),
            error.map_or("-", |e| &e.code),
            or_dash(sent),
            or_dash(size),
            took,
            took,
            quoted(&draft.referrer),
            quoted(&draft.agent),
            version,
            host_id,
            if known.auth == "-" { "-" } else { "SigV4" },
            known.auth,
            draft.host,
        );
        buffer.push((bucket.record.name.clone(), line));
        if buffer.len() == RECORDS_EARLY {
            self.wake.notify_one();
        }
    }

    /// Writes records down for as long as the process lives.
    pub async fn keep_spooling(&self) {
        let dir = self.dir.clone();
        let mut spool = tokio::task::spawn_blocking(move || Spool::open(dir)).await.ok();
        let mut told = 0;
        while let Some(mut held) = spool.take() {
            let _ = tokio::time::timeout(ROUND, self.wake.notified()).await;
            let records = std::mem::take(&mut *self.buffer.borrow_mut());
            let count = records.len() as u64;
            let worked = tokio::task::spawn_blocking(move || {
                let outcome = held.write(records);
                (held, outcome)
            });
            let Ok((back, outcome)) = worked.await else { return };
            spool = Some(back);
            if let Err(error) = outcome {
                self.dropped.set(self.dropped.get() + count);
                tracing::warn!(%error, "access logs cannot be written down");
            }
            if self.dropped.get() != told {
                told = self.dropped.get();
                tracing::warn!(dropped = told, "access log records were dropped");
            }
        }
    }
}

/// The files. Blocking.
struct Spool {
    dir: PathBuf,
    /// When each open file was begun.
    open: BTreeMap<String, Instant>,
    rng: SystemRng,
}

impl Spool {
    /// Files of a predecessor are handed over as they are.
    fn open(dir: PathBuf) -> Self {
        let mut spool = Self { dir, open: BTreeMap::new(), rng: SystemRng::new() };
        for (path, _) in files(&spool.dir, OPEN) {
            if let Some(bucket) = path.file_stem().and_then(|s| s.to_str()).map(str::to_owned) {
                spool.open.insert(bucket, Instant::now());
            }
        }
        let left: Vec<String> = spool.open.keys().cloned().collect();
        for bucket in left {
            if let Err(error) = spool.hand_over(&bucket) {
                tracing::warn!(%error, bucket, "an access log stays where it is");
            }
        }
        spool
    }

    fn write(&mut self, records: Vec<(String, String)>) -> io::Result<()> {
        let mut by_bucket: BTreeMap<String, String> = BTreeMap::new();
        for (bucket, line) in records {
            by_bucket.entry(bucket).or_default().push_str(&line);
        }
        if !by_bucket.is_empty() {
            disk::create_private_dir(&self.dir)?;
            let held: u64 = [OPEN, READY].iter().flat_map(|kind| files(&self.dir, kind)).map(|(_, bytes)| bytes).sum();
            if held > SPOOL_BYTES_MAX {
                return Err(io::Error::new(io::ErrorKind::StorageFull, "the spool of access logs is full"));
            }
        }
        for (bucket, lines) in by_bucket {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(self.path(&bucket))?;
            file.write_all(lines.as_bytes())?;
            file.sync_data()?;
            self.open.entry(bucket.clone()).or_insert_with(Instant::now);
            if file.metadata()?.len() >= FILE_BYTES_MAX {
                self.hand_over(&bucket)?;
            }
        }
        let old: Vec<String> =
            self.open.iter().filter(|(_, begun)| begun.elapsed() >= FILE_AGE_MAX).map(|(b, _)| b.clone()).collect();
        old.iter().try_for_each(|bucket| self.hand_over(bucket))
    }

    fn path(&self, bucket: &str) -> PathBuf {
        self.dir.join(format!("{bucket}.{OPEN}"))
    }

    fn hand_over(&mut self, bucket: &str) -> io::Result<()> {
        self.open.remove(bucket);
        let ms = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_millis());
        let unique = format!("{:016X}", self.rng.u64());
        let ready = format!("{bucket}{SEPARATOR}{ms}{SEPARATOR}{unique}.{READY}");
        std::fs::rename(self.path(bucket), self.dir.join(ready))?;
        disk::sync_dir(&self.dir)
    }
}

fn files(dir: &Path, kind: &str) -> Vec<(PathBuf, u64)> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let is = |path: &Path| path.extension().is_some_and(|e| e == kind);
    let all = entries.filter_map(|e| e.ok()).filter(|e| is(&e.path()));
    let mut out: Vec<(PathBuf, u64)> = all.map(|e| (e.path(), e.metadata().map_or(0, |m| m.len()))).collect();
    out.sort();
    out
}

/// A spooled file that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spooled {
    pub path: PathBuf,
    pub bucket: String,
    pub at: TimestampMs,
    pub unique: String,
}

/// What is ready, oldest first within a bucket.
pub fn spooled(dir: &Path, max: usize) -> Vec<Spooled> {
    let parse = |path: PathBuf| {
        let mut parts = path.file_stem()?.to_str()?.split(SEPARATOR);
        let (bucket, at, unique) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?, parts.next()?.to_owned());
        Some(Spooled { path, bucket, at: TimestampMs(at), unique })
    };
    files(dir, READY).into_iter().filter_map(|(path, _)| parse(path)).take(max).collect()
}

/// The name of a log in its bucket: simple, or partitioned by the source and the day.
pub fn object_name(prefix: &str, partition: Option<(&str, &str, &str)>, at: TimestampMs, unique: &str) -> String {
    let at = timestamp(at);
    match partition {
        None => format!("{prefix}{}-{unique}", at.strftime("%Y-%m-%d-%H-%M-%S")),
        Some((account, region, source)) => format!(
            "{prefix}{account}/{region}/{source}/{}/{}-{unique}",
            at.strftime("%Y/%m/%d"),
            at.strftime("%Y-%m-%d-%H-%M-%S")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations() {
        use Operation::*;
        for (op, method, website, wanted) in [
            (GetObject, "GET", false, "REST.GET.OBJECT"),
            (HeadObject, "HEAD", false, "REST.HEAD.OBJECT"),
            (GetObject, "GET", true, "WEBSITE.GET.OBJECT"),
            (CopyObject, "PUT", false, "REST.COPY.OBJECT"),
            (DeleteObjects, "POST", false, "REST.POST.MULTI_OBJECT_DELETE"),
            (ListObjectsV2, "GET", false, "REST.GET.BUCKET"),
            (GetBucketCors, "GET", false, "REST.GET.BUCKET_CORS"),
        ] {
            assert_eq!(operation(op, method, website), wanted);
        }
        assert_eq!(quoted("a\"b\nc"), "\"a_b_c\"");
    }

    #[test]
    fn names_of_logs() {
        let at = TimestampMs(1_700_000_000_000);
        assert_eq!(object_name("p/", None, at, "AB"), "p/2023-11-14-22-13-20-AB");
        let parted = object_name("p/", Some(("123456789012", "us-east-1", "src")), at, "AB");
        assert_eq!(parted, "p/123456789012/us-east-1/src/2023/11/14/2023-11-14-22-13-20-AB");
    }

    #[test]
    fn what_a_crash_leaves_is_handed_over() {
        let temp = tempfile::tempdir().unwrap();
        let record = |n: u32| vec![("bkt".to_owned(), format!("line {n}\n")), ("other.bkt".to_owned(), format!("o {n}\n"))];
        let mut spool = Spool::open(temp.path().join("logs"));
        spool.write(record(1)).unwrap();
        spool.write(record(2)).unwrap();
        assert_eq!(spooled(&spool.dir, 9), []);
        let dir = spool.dir.clone();
        drop(spool);
        Spool::open(dir.clone());
        let ready = spooled(&dir, 9);
        let names: Vec<&str> = ready.iter().map(|s| s.bucket.as_str()).collect();
        assert_eq!(names, ["bkt", "other.bkt"]);
        assert_eq!(std::fs::read_to_string(&ready[0].path).unwrap(), "line 1\nline 2\n");
    }
}
