//! What reading and writing objects have in common: the headers that describe a version, and its bytes.

use super::ask::Ask;
use super::bucket::{Bucket, lock_mode_name};
use super::headers::value;
use super::ranges::{format_http_date, timestamp};
use super::seal::SealingKey;
use super::{S3, sse};
use crate::answer::{Reply, set};
use aws_protocol::AwsError;
use aws_protocol::s3::checksum::{Algorithm, Checksum};
use aws_protocol::s3::errors;
use objectstore::data::DataKey;
use objectstore::message::{Found, IndexAnswer, IndexCall, PARTS_MAX};
use objectstore::record::{
    BlobRef, Data, Encryption, NewVersion, ObjectChecksum, PartRecord, UploadId, VersionId, VersionRecord, Versioning,
};
use std::ops::Range;
use std::rc::Rc;

/// Rows of one call for a manifest.
const PARTS_PER_CALL: u16 = 1000;

impl S3 {
    /// The bucket and a version of a key, of one moment. A current delete marker is a version here.
    pub(super) async fn lookup(
        &self,
        ask: &Ask,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
    ) -> Result<(Rc<Bucket>, Option<Rc<VersionRecord>>), AwsError> {
        let known = self.cached(bucket);
        let call = IndexCall::Lookup {
            bucket: bucket.to_owned(),
            known: known.as_ref().map_or(0, |b| b.version),
            key: key.to_owned(),
            version,
        };
        let IndexAnswer::Lookup { bucket: fresh, found } = self.index_of(ask, call, bucket, key, version).await? else {
            return Err(errors::internal_error());
        };
        let bucket = match (fresh, known) {
            (Some(fresh), _) => self.remember(fresh),
            (None, Some(known)) => known,
            (None, None) => return Err(errors::internal_error()),
        };
        match found {
            Found::Version { record, .. } => Ok((bucket, Some(Rc::new(*record)))),
            Found::NoKey | Found::NoVersion => Ok((bucket, None)),
        }
    }

    /// The parts of a completed upload that hold `range`, each with where it begins in the whole.
    pub(super) async fn manifest(
        &self,
        ask: &Ask,
        (bucket, key): (&str, &str),
        upload: UploadId,
        range: &Range<u64>,
    ) -> Result<Vec<(u64, PartRecord)>, AwsError> {
        let (mut out, mut at, mut after) = (Vec::new(), 0, 0);
        loop {
            let call = IndexCall::Parts { bucket: bucket.to_owned(), key: key.to_owned(), upload, after, limit: PARTS_PER_CALL };
            let IndexAnswer::Parts { parts, more } = self.index(ask, call).await? else {
                return Err(errors::internal_error());
            };
            for part in parts {
                after = part.number;
                let (begin, end) = (at, at + part.bytes);
                at = end;
                if begin < range.end && end > range.start {
                    out.push((begin, part));
                }
            }
            if !more || at >= range.end || after >= PARTS_MAX {
                return Ok(out);
            }
        }
    }

    /// Which bytes of which blobs make up `range` of a version of this bucket and key.
    pub(super) async fn pieces(
        &self,
        ask: &Ask,
        at: (&str, &str),
        data: &Data,
        range: &Range<u64>,
    ) -> Result<Vec<(BlobRef, Range<u64>)>, AwsError> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        match data {
            Data::None => Ok(Vec::new()),
            Data::Blob(blob) => Ok(vec![(blob.clone(), range.clone())]),
            Data::Parts { upload, .. } => {
                let parts = self.manifest(ask, at, *upload, range).await?;
                let cut = |(begin, part): (u64, PartRecord)| {
                    let within = range.start.max(begin) - begin..range.end.min(begin + part.bytes) - begin;
                    part.blob.map(|blob| (blob, within))
                };
                Ok(parts.into_iter().filter_map(cut).collect())
            }
        }
    }

    /// What the reply to a write says of the version that it made.
    pub(super) fn mark_made(&self, reply: &mut Reply, ask: &Ask, bucket: &Bucket, id: VersionId, object: &NewVersion) {
        for (name, value) in sse::headers(&object.encryption) {
            set(reply, name, &value);
        }
        self.mark_expiration(reply, bucket, &ask.key, object, ask.now);
        // A bucket with suspended versioning says nothing of the version "null" that it makes, only of one it has.
        if bucket.record.versioning == Versioning::Enabled {
            self.set_version(reply, bucket, id);
        }
    }

    /// `x-amz-version-id`, where the bucket has versions.
    pub(super) fn set_version(&self, reply: &mut Reply, bucket: &Bucket, id: VersionId) {
        if bucket.is_versioned() {
            set(reply, "x-amz-version-id", &id.to_string());
        }
    }
}

/// A blob's own key.
pub fn open(blob: &BlobRef, sealing: &SealingKey) -> Result<DataKey, AwsError> {
    sealing.open_data_key(blob.id, &blob.sealed_key).ok_or_else(|| {
        tracing::error!(blob = %blob.id, "an object's key cannot be opened");
        errors::internal_error()
    })
}

/// The reply headers that describe a version, for GET and HEAD.
pub fn describe(reply: &mut Reply, ask: &Ask, bucket: &Bucket, version: &VersionRecord) {
    let o = &version.object;
    let mut put = |name: &str, text: &str| {
        if let (Ok(name), Some(value)) = (hyper::header::HeaderName::from_bytes(name.as_bytes()), value(text)) {
            reply.headers_mut().insert(name, value);
        }
    };
    put("last-modified", &format_http_date(version.modified));
    put("etag", &format!("\"{}\"", o.etag));
    put("accept-ranges", "bytes");
    for (name, text) in &o.headers {
        put(name, text);
    }
    for (name, text) in &o.metadata {
        put(&format!("x-amz-meta-{name}"), text);
    }
    if bucket.is_versioned() {
        put("x-amz-version-id", &version.id.to_string());
    }
    if o.storage_class != "STANDARD" {
        put("x-amz-storage-class", &o.storage_class);
    }
    if let Some(to) = &o.website_redirect {
        put("x-amz-website-redirect-location", to);
    }
    if !o.tags.is_empty() {
        put("x-amz-tagging-count", &o.tags.len().to_string());
    }
    if let Some(retention) = o.retention {
        put("x-amz-object-lock-mode", lock_mode_name(retention.mode));
        put("x-amz-object-lock-retain-until-date", &timestamp(retention.until).to_string());
    }
    if o.legal_hold {
        put("x-amz-object-lock-legal-hold", "ON");
    }
    if let Some(status) = &o.replication {
        put("x-amz-replication-status", status);
    }
    if let Some(restore) = super::restore::header(o, ask.now) {
        put("x-amz-restore", &restore);
    }
    for (name, text) in sse::headers(&o.encryption) {
        put(name, &text);
    }
}

/// The checksum's headers, where they are asked for.
pub fn set_checksum(reply: &mut Reply, checksum: Option<&ObjectChecksum>) {
    let Some(c) = checksum else { return };
    if let Some(algorithm) = Algorithm::from_name(&c.algorithm) {
        set(reply, algorithm.header(), &c.value);
        set(reply, "x-amz-checksum-type", super::list::checksum_type(c.composite));
    }
}

pub fn object_checksum(of: Checksum) -> ObjectChecksum {
    ObjectChecksum { algorithm: of.algorithm.name().to_owned(), value: of.to_base64(), composite: false }
}

/// Sets the fields of a generated shape that carry a checksum.
macro_rules! checksum_fields {
    ($shape:expr, $checksum:expr) => {
        if let Some(c) = $checksum {
            let value = Some(c.value.clone());
            match c.algorithm.as_str() {
                "CRC32" => $shape.checksum_crc32 = value,
                "CRC32C" => $shape.checksum_crc32_c = value,
                "CRC64NVME" => $shape.checksum_crc64_nvme = value,
                "SHA1" => $shape.checksum_sha1 = value,
                "SHA256" => $shape.checksum_sha256 = value,
                _ => {}
            }
        }
    };
}
pub(crate) use checksum_fields;

/// An object without bytes or checksum, to be filled in.
pub fn blank(ask: &Ask, bucket: &Bucket) -> NewVersion {
    NewVersion {
        data: Data::None,
        bytes: 0,
        etag: String::new(),
        owner: ask.who.account().unwrap_or(&bucket.record.owner).clone(),
        headers: Vec::new(),
        metadata: Vec::new(),
        tags: Vec::new(),
        acl: None,
        checksum: None,
        storage_class: "STANDARD".to_owned(),
        encryption: Encryption::S3,
        retention: None,
        legal_hold: false,
        website_redirect: None,
        replication: None,
        restore: None,
    }
}
