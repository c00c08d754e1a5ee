//! Inventories: lists of a bucket's objects as objects, once a day or week, with a manifest.
//!
//! ```text
//!  PREFIX/SOURCE/ID/data/UUID.csv.gz   …    PREFIX/SOURCE/ID/2026-01-31T00-00Z/manifest.json, manifest.checksum
//! ```
//! The checksum is written last: when it is there, the period is done. Source: "Cataloging and analyzing your data with S3
//! Inventory". The files are gzip in form but not compressed (stored blocks): no compressor is among our libraries.

use super::{Failure, PAUSE, VERSIONS_PER_CALL, Worker, bucket_of_arn, later};
use crate::s3::acl::Acl;
use crate::s3::bucket::{Bucket, document, lock_mode_name};
use crate::s3::lifecycle::{expires_at, rules};
use crate::s3::notify::url_encoded;
use crate::s3::ranges::timestamp;
use aws_protocol::s3::checksum::{Algorithm, Checksum, Hasher};
use aws_protocol::s3::{InventoryConfiguration, LifecycleRule, decode_xml};
use iam::canonical_user_id;
use objectstore::message::{Found, IndexAnswer, IndexCall, ListQuery, VersionsQuery};
use objectstore::record::{BucketId, Data, Encryption, VersionId, VersionRecord};
use platform::Rng;
use serde_json::json;
use std::collections::HashMap;
use std::rc::Rc;
use tokio::time::Instant;
use types::TimestampMs;

/// Rows of one file.
const ROWS_MAX: u64 = 1_000_000;
/// Of a stored block of deflate; 65,535 is the format's.
const BLOCK_BYTES: usize = 60 << 10;
/// Inventories of which it is remembered that they are done; beyond that all are looked up again.
const DONE_MAX: usize = 100_000;
/// From the start of 1970, a Thursday, to the first Sunday: weekly inventories are of Sundays.
const SUNDAY_DAYS: u64 = 3;

type Done = HashMap<(BucketId, String), TimestampMs>;

/// The period that `now` is in began then.
fn period_start(now: TimestampMs, weekly: bool, day_ms: u64) -> TimestampMs {
    let (length, shift) = if weekly { (7 * day_ms, SUNDAY_DAYS * day_ms) } else { (day_ms, 0) };
    TimestampMs((now.0.saturating_sub(shift) / length * length) + shift)
}

/// A file's rows on their way: gzip of stored blocks (RFC 1952, RFC 1951 section 3.2.4).
struct Gzip {
    crc: Hasher,
    bytes: u64,
}

impl Gzip {
    const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

    fn new() -> Self {
        Self { crc: Hasher::new(Algorithm::Crc32), bytes: 0 }
    }

    /// At most 65,535 bytes.
    fn block(&mut self, data: &[u8]) -> Vec<u8> {
        self.crc.update(data);
        self.bytes += data.len() as u64;
        let length = data.len() as u16;
        let mut out = vec![0];
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(data);
        out
    }

    fn end(self) -> Vec<u8> {
        let mut out = vec![1, 0, 0, 0xff, 0xff];
        // The hasher's bytes are in the order of the network, gzip's are not.
        out.extend(self.crc.finish().bytes().iter().rev());
        out.extend_from_slice(&(self.bytes as u32).to_le_bytes());
        out
    }
}

/// What a configuration asks for.
struct Plan<'b> {
    bucket: &'b Bucket,
    all_versions: bool,
    fields: Vec<String>,
    rules: Vec<LifecycleRule>,
    day_ms: u64,
}

impl Plan<'_> {
    fn schema(&self) -> String {
        let mut columns = vec!["Bucket", "Key"];
        if self.all_versions {
            columns.extend(["VersionId", "IsLatest", "IsDeleteMarker"]);
        }
        columns.extend(self.fields.iter().map(String::as_str));
        columns.join(", ")
    }

    fn row(&self, key: &str, latest: bool, record: &VersionRecord) -> String {
        let mut cells = vec![self.bucket.record.name.clone(), url_encoded(key)];
        if self.all_versions {
            let id = if record.id == VersionId::Null { String::new() } else { record.id.to_string() };
            cells.extend([id, latest.to_string(), record.delete_marker.to_string()]);
        }
        cells.extend(self.fields.iter().map(|f| self.cell(f, key, latest, record)));
        let quoted: Vec<String> = cells.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
        format!("{}\n", quoted.join(","))
    }

    fn cell(&self, field: &str, key: &str, latest: bool, record: &VersionRecord) -> String {
        let o = &record.object;
        let iso = |t: TimestampMs| timestamp(t).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        let object = !record.delete_marker;
        match field {
            "LastModifiedDate" => iso(record.modified),
            "ObjectOwner" => canonical_user_id(&o.owner),
            "Size" if object => o.bytes.to_string(),
            "StorageClass" if object => o.storage_class.clone(),
            "ETag" if object => o.etag.clone(),
            "IsMultipartUploaded" if object => (o.etag.contains('-') || matches!(o.data, Data::Parts { .. })).to_string(),
            "ReplicationStatus" if object => o.replication.clone().unwrap_or_default(),
            "EncryptionStatus" if object => match o.encryption {
                Encryption::S3 => "SSE-S3",
                Encryption::Kms { .. } | Encryption::Envelope { .. } => "SSE-KMS",
                Encryption::Customer { .. } => "SSE-C",
            }
            .to_owned(),
            "BucketKeyStatus" if object => match o.encryption {
                Encryption::Kms { bucket_key: true, .. } | Encryption::Envelope { bucket_key: true, .. } => "ENABLED",
                _ => "DISABLED",
            }
            .to_owned(),
            "ObjectLockRetainUntilDate" => o.retention.map(|r| iso(r.until)).unwrap_or_default(),
            "ObjectLockMode" => o.retention.map(|r| lock_mode_name(r.mode).to_owned()).unwrap_or_default(),
            "ObjectLockLegalHoldStatus" if object => if o.legal_hold { "ON" } else { "OFF" }.to_owned(),
            "ChecksumAlgorithm" => o.checksum.as_ref().map(|c| c.algorithm.clone()).unwrap_or_default(),
            "ObjectAccessControlList" if object => acl_cell(&Acl::of(o.acl.as_deref(), &o.owner)),
            "LifecycleExpirationDate" if object && latest => {
                expires_at(&self.rules, key, o, record.modified, self.day_ms).map(|(at, _)| iso(at)).unwrap_or_default()
            }
            _ => String::new(),
        }
    }
}

/// Base64 of the ACL in JSON, as inventories have it.
fn acl_cell(acl: &Acl) -> String {
    use crate::s3::acl::Grantee;
    use base64::Engine;
    let grant = |g: &crate::s3::acl::Grant| match &g.grantee {
        Grantee::User(id) => json!({ "canonicalId": id, "type": "Canonical", "permission": g.permission.name() }),
        Grantee::Group(uri) => json!({ "uri": uri, "type": "Group", "permission": g.permission.name() }),
    };
    let grants: Vec<serde_json::Value> = acl.grants.iter().map(grant).collect();
    let text = json!({ "version": "2022-11-10", "status": "AVAILABLE", "grants": grants }).to_string();
    base64::engine::general_purpose::STANDARD.encode(text)
}

impl Worker {
    pub(super) async fn take_inventories(self: &Rc<Self>) {
        let mut done = Done::new();
        loop {
            let began = Instant::now();
            if let Err(error) = self.take_all(&mut done).await {
                tracing::debug!(%error, "inventories wait");
                tokio::time::sleep(PAUSE).await;
            }
            tokio::time::sleep_until(began + self.pass()).await;
        }
    }

    async fn take_all(&self, done: &mut Done) -> Result<(), Failure> {
        let mut after = String::new();
        loop {
            let (buckets, next) = self.buckets_with(after, document::INVENTORY).await?;
            for bucket in &buckets {
                let all = bucket.record.documents.iter().filter(|(name, _)| name.starts_with(document::INVENTORY));
                for (name, text) in all {
                    let Ok(config) = decode_xml::<InventoryConfiguration>(&["InventoryConfiguration"], text.as_bytes()) else {
                        continue;
                    };
                    if config.is_enabled != Some(true) {
                        continue;
                    }
                    let weekly = config.schedule.as_ref().and_then(|s| s.frequency.as_deref()) == Some("Weekly");
                    let start = period_start(self.now(), weekly, self.s3.day_ms);
                    let of = (bucket.record.id, name.clone());
                    if done.get(&of) == Some(&start) {
                        continue;
                    }
                    match self.take_one(bucket, &config, start).await {
                        Ok(true) => self.count("inventory/written"),
                        Ok(false) => {}
                        Err(Failure::Refused(why)) => self.count(&format!("inventory/failed-{why}")),
                        Err(e) => return Err(e),
                    }
                    if done.len() >= DONE_MAX {
                        done.clear();
                    }
                    done.insert(of, start);
                }
            }
            match next {
                Some(name) => after = name,
                None => return Ok(()),
            }
        }
    }

    /// False: it was there.
    async fn take_one(&self, bucket: &Bucket, config: &InventoryConfiguration, start: TimestampMs) -> Result<bool, Failure> {
        let to = config.destination.as_ref().and_then(|d| d.s3_bucket_destination.as_ref());
        let to = to.ok_or(Failure::Refused("configuration"))?;
        let name = to.bucket.as_deref().and_then(bucket_of_arn).ok_or(Failure::Refused("configuration"))?;
        let target = self.bucket_of(name).await?;
        if target.record.owner != bucket.record.owner {
            return Err(Failure::Refused("denied"));
        }
        let prefix = to.prefix.as_deref().filter(|p| !p.is_empty()).map(|p| format!("{p}/")).unwrap_or_default();
        let home = format!("{prefix}{}/{}", bucket.record.name, config.id.as_deref().unwrap_or(""));
        let folder = format!("{home}/{}", timestamp(start).strftime("%Y-%m-%dT%H-%MZ"));
        let checksum_key = format!("{folder}/manifest.checksum");
        let call = IndexCall::Lookup { bucket: name.to_owned(), known: 0, key: checksum_key.clone(), version: None };
        if let IndexAnswer::Lookup { found: Found::Version { record, .. }, .. } = self.call(call).await?
            && !record.delete_marker
        {
            return Ok(false);
        }
        let plan = Plan {
            bucket,
            all_versions: config.included_object_versions.as_deref() == Some("All"),
            fields: config.optional_fields.clone().unwrap_or_default(),
            rules: rules(bucket),
            day_ms: self.s3.day_ms,
        };
        let wanted = config.filter.as_ref().and_then(|f| f.prefix.clone()).unwrap_or_default();
        let files = self.write_files(&plan, &target, &home, wanted).await?;
        let manifest = json!({
            "sourceBucket": bucket.record.name,
            "destinationBucket": format!("arn:aws:s3:::{name}"),
            "version": "2016-11-30",
            "creationTimestamp": start.0.to_string(),
            "fileFormat": "CSV",
            "fileSchema": plan.schema(),
            "files": files,
        })
        .to_string();
        let sum = Checksum::of(Algorithm::Md5, manifest.as_bytes()).to_hex();
        let manifest_key = format!("{folder}/manifest.json");
        self.put_object(&target, &manifest_key, "application/json", manifest.into_bytes()).await?;
        self.put_object(&target, &checksum_key, "text/plain", sum.into_bytes()).await?;
        Ok(true)
    }

    async fn write_files(
        &self,
        plan: &Plan<'_>,
        target: &Bucket,
        home: &str,
        prefix: String,
    ) -> Result<Vec<serde_json::Value>, Failure> {
        let mut files = Vec::new();
        let mut pages = Pages { after: Some((String::new(), None)), prefix };
        let mut page = Vec::new().into_iter();
        loop {
            let mut writing = self.write_object(target).await?;
            writing.write(Gzip::HEAD.to_vec().into()).await?;
            let (mut gzip, mut rows, mut block) = (Gzip::new(), 0u64, String::new());
            while rows < ROWS_MAX {
                let Some((key, latest, record)) = page.next() else {
                    match pages.next(self, plan).await? {
                        Some(more) => {
                            page = more.into_iter();
                            continue;
                        }
                        None => break,
                    }
                };
                let row = plan.row(&key, latest, &record);
                if block.len() + row.len() > BLOCK_BYTES {
                    writing.write(gzip.block(std::mem::take(&mut block).as_bytes()).into()).await?;
                }
                block.push_str(&row);
                rows += 1;
            }
            if !block.is_empty() {
                writing.write(gzip.block(block.as_bytes()).into()).await?;
            }
            writing.write(gzip.end().into()).await?;
            let uuid = crate::handle::uuid(self.s3.rng.borrow_mut().u128());
            let key = format!("{home}/data/{uuid}.csv.gz");
            let written = writing.finish(&key, "application/octet-stream").await?;
            self.count_many("inventory/rows", rows);
            files.push(json!({ "key": key, "size": written.bytes, "MD5checksum": written.md5 }));
            if rows < ROWS_MAX {
                return Ok(files);
            }
        }
    }
}

/// A bucket's objects or versions, page after page.
struct Pages {
    after: Option<(String, Option<VersionId>)>,
    prefix: String,
}

type Row = (String, bool, VersionRecord);

impl Pages {
    async fn next(&mut self, worker: &Worker, plan: &Plan<'_>) -> Result<Option<Vec<Row>>, Failure> {
        let Some((after, after_version)) = self.after.take() else { return Ok(None) };
        worker.pages.take(1).await;
        let bucket = plan.bucket.record.name.clone();
        let list =
            ListQuery { prefix: self.prefix.clone(), after, limit: VERSIONS_PER_CALL, whole: true, ..ListQuery::default() };
        if plan.all_versions {
            let call = IndexCall::ListVersions { bucket, query: VersionsQuery { list, after_version } };
            let IndexAnswer::Versions(page) = worker.call(call).await? else { return Err(later()) };
            self.after = page.next;
            return Ok(Some(page.rows.records()?));
        }
        let IndexAnswer::List(page) = worker.call(IndexCall::List { bucket, query: list }).await? else { return Err(later()) };
        self.after = page.next.map(|key| (key, None));
        Ok(Some(page.rows.records()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        const DAY: u64 = 86_400_000;
        for (now, weekly, day, wanted) in [
            (5 * DAY + 7, false, DAY, 5 * DAY),
            (5 * DAY + 7, true, DAY, 3 * DAY),
            (10 * DAY, true, DAY, 10 * DAY),
            (10 * DAY - 1, true, DAY, 3 * DAY),
            (2_500, false, 1000, 2_000),
        ] {
            assert_eq!(period_start(TimestampMs(now), weekly, day), TimestampMs(wanted), "{now} {weekly}");
        }
    }

    #[test]
    fn stored_gzip_has_the_form_of_rfc_1952() {
        let mut gzip = Gzip::new();
        let mut file = Gzip::HEAD.to_vec();
        file.extend(gzip.block(b"1234"));
        file.extend(gzip.block(b"56789"));
        file.extend(gzip.end());
        let stored = b"\x00\x04\x00\xfb\xff1234\x00\x05\x00\xfa\xff56789\x01\x00\x00\xff\xff";
        // The check value of CRC-32 over 123456789, and its length.
        assert_eq!(file, [&Gzip::HEAD[..], stored, &[0x26, 0x39, 0xf4, 0xcb, 9, 0, 0, 0]].concat());
    }
}
