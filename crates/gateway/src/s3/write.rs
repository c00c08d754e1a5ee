//! PutObject, CopyObject, and what every writer needs: the new version from the headers, the blob from the bytes.

use super::access::{Grants, allow, allow_missing, allow_with, expect_owner};
use super::acl::{Acl, GRANT_HEADERS, Permission};
use super::ask::{Ask, arn};
use super::bucket::{Bucket, Ownership, document, lock_mode};
use super::digest::{self, Digests};
use super::headers;
use super::keys::Brought;
use super::objects::{blank, checksum_fields, object_checksum, set_checksum};
use super::ranges::{Verdict, http_date, unquoted};
use super::read::Source;
use super::seal::{CustomerKey, SealingKey};
use super::upload::{Received, Upload};
use super::{S3, UPDATES_MAX, empty_reply, sse, write_error, xml_reply};
use crate::answer::{Reply, set};
use aws_protocol::AwsError;
use aws_protocol::s3::checksum::Algorithm;
use aws_protocol::s3::{self, encode_xml, errors};
use objectstore::message::{IndexAnswer, IndexCall, WriteConditions};
use objectstore::record::{BlobRef, Data, NewVersion, Retention, VersionId, VersionRecord};
use objectstore::{Layout, SessionId};
use std::ops::Range;
use std::rc::Rc;
use types::TimestampMs;

/// S3: the largest source of one CopyObject, and of one UploadPartCopy.
pub const COPY_BYTES_MAX: u64 = 5 << 30;
/// S3: a redirect location's length.
const REDIRECT_BYTES_MAX: usize = 2048;

/// A blob that is written, or being written.
pub struct Stored {
    pub session: SessionId,
    /// None: no bytes.
    pub blob: Option<BlobRef>,
    pub bytes: u64,
}

impl Stored {
    pub fn data(&self) -> Data {
        self.blob.clone().map_or(Data::None, Data::Blob)
    }
}

impl S3 {
    pub(super) async fn put_object(self: &Rc<Self>, ask: &Ask, upload: Upload) -> Result<Reply, AwsError> {
        let prepare = async |bucket: &Bucket| {
            self.allow_put(ask, bucket, &ask.key)?;
            let conditions = write_conditions(ask)?;
            let customer = sse::customer_key(ask)?;
            Ok((conditions, self.new_version(ask, bucket, customer.as_ref()).await?))
        };
        let (mut bucket, (mut conditions, (mut object, sealing))) = self.by_known_bucket(ask, prepare).await?;
        let (stored, received) = self.store(upload, &object, sealing).await?;
        object.data = stored.data();
        object.bytes = stored.bytes;
        object.etag = received.md5.to_hex();
        object.checksum = Some(object_checksum(received.checksum));
        let event = "ObjectCreated:Put";
        let mut judged = 0;
        let id = loop {
            conditions.bucket = Some(bucket.version);
            if let Some(id) = self.commit_if_unchanged(ask, &stored, object.clone(), conditions.clone(), event).await? {
                break id;
            }
            judged += 1;
            match self.judged_again(ask, &bucket, &mut object).await {
                Ok(fresh) if judged < UPDATES_MAX => bucket = fresh,
                outcome => {
                    self.discard_stored(&stored);
                    return Err(outcome.err().unwrap_or_else(errors::operation_aborted));
                }
            }
        };
        let mut reply = empty_reply(200);
        set(&mut reply, "etag", &format!("\"{}\"", object.etag));
        set_checksum(&mut reply, object.checksum.as_ref());
        self.mark_made(&mut reply, ask, &bucket, id, &object);
        if received.bytes != stored.bytes {
            return Err(errors::internal_error());
        }
        Ok(reply)
    }

    /// The bucket was changed since a PUT was judged by it: may the caller still, and what is the object by the bucket as it is
    /// now? Its bytes are sealed already, so a bucket whose encryption is another is a reason to begin again.
    async fn judged_again(&self, ask: &Ask, before: &Bucket, object: &mut NewVersion) -> Result<Rc<Bucket>, AwsError> {
        let bucket = self.bucket(ask).await?;
        self.allow_put(ask, &bucket, &ask.key)?;
        if bucket.document(document::ENCRYPTION) != before.document(document::ENCRYPTION) {
            return Err(errors::service_unavailable());
        }
        let fresh = self.described(ask, &bucket)?;
        let NewVersion { data, bytes, etag, checksum, encryption, .. } = object.clone();
        *object = NewVersion { data, bytes, etag, checksum, encryption, ..fresh };
        Ok(bucket)
    }

    /// May he put an object here, and with these headers?
    pub(super) fn allow_put(&self, ask: &Ask, bucket: &Bucket, key: &str) -> Result<(), AwsError> {
        let resource = arn(&ask.bucket, Some(key));
        let write = Grants::Bucket(Permission::Write);
        allow(ask, bucket, "s3:PutObject", &resource, write)?;
        let has = |name: &str| ask.filled(name).is_some();
        if has("x-amz-acl") || GRANT_HEADERS.iter().any(|(header, _)| has(header)) {
            allow(ask, bucket, "s3:PutObjectAcl", &resource, write)?;
        }
        if has("x-amz-tagging") {
            allow(ask, bucket, "s3:PutObjectTagging", &resource, write)?;
        }
        if has("x-amz-object-lock-mode") || has("x-amz-object-lock-retain-until-date") {
            allow(ask, bucket, "s3:PutObjectRetention", &resource, Grants::None)?;
        }
        if has("x-amz-object-lock-legal-hold") {
            allow(ask, bucket, "s3:PutObjectLegalHold", &resource, Grants::None)?;
        }
        Ok(())
    }

    /// What the headers make of an object, and what seals its keys; data, size and digests come later.
    pub(super) async fn new_version(
        &self,
        ask: &Ask,
        bucket: &Bucket,
        customer: Option<&CustomerKey>,
    ) -> Result<(NewVersion, Rc<SealingKey>), AwsError> {
        let mut object = self.described(ask, bucket)?;
        let protection = self.protect(ask, bucket, Some(&ask.key), customer).await?;
        object.encryption = protection.encryption;
        Ok((object, protection.sealing))
    }

    fn described(&self, ask: &Ask, bucket: &Bucket) -> Result<NewVersion, AwsError> {
        let mut object = blank(ask, bucket);
        object.headers = headers::system(ask);
        object.metadata = headers::metadata(ask)?;
        object.tags = ask.filled("x-amz-tagging").map(headers::tags_of_header).transpose()?.unwrap_or_default();
        object.storage_class = headers::storage_class(ask)?;
        object.website_redirect = redirect(ask)?;
        self.set_owner_and_acl(ask, bucket, &mut object)?;
        (object.retention, object.legal_hold) = lock_headers(ask, bucket)?;
        object.replication = super::replicate::pending(bucket, &ask.key, &object.tags);
        Ok(object)
    }

    /// The object's owner and ACL, by what the bucket's ownership controls make of them.
    pub(super) fn set_owner_and_acl(&self, ask: &Ask, bucket: &Bucket, object: &mut NewVersion) -> Result<(), AwsError> {
        let owner = &bucket.record.owner;
        let writer = ask.who.account().unwrap_or(owner).clone();
        let acl = Acl::from_headers(ask, &writer, Some(owner), self)?;
        let canned = ask.filled("x-amz-acl");
        match bucket.ownership() {
            Ownership::BucketOwnerEnforced => {
                let harmless = matches!(canned, None | Some("bucket-owner-full-control"))
                    && acl.as_ref().is_none_or(|a| canned.is_some() || a.is_owner_only(&bucket.owner_canonical()));
                if !harmless {
                    return Err(errors::access_control_list_not_supported());
                }
                object.owner = owner.clone();
                object.acl = None;
                return Ok(());
            }
            Ownership::BucketOwnerPreferred if canned == Some("bucket-owner-full-control") => object.owner = owner.clone(),
            _ => object.owner = writer,
        }
        if let Some(acl) = &acl
            && bucket.public_access().block_acls
            && acl.is_public()
        {
            return Err(errors::access_denied_because(
                "public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.",
            ));
        }
        object.acl = acl
            .map(|a| if object.owner == *owner && canned == Some("bucket-owner-full-control") { Acl::private(owner) } else { a })
            .map(|a| a.store());
        Ok(())
    }

    pub(super) fn layout(&self, class: &str) -> Layout {
        if headers::is_coded(class) { self.coded } else { Layout::REPLICATED }
    }

    /// Takes a body in as a blob. When it fails, nothing of it is visible and what was written is removed.
    pub(super) async fn store(
        self: &Rc<Self>,
        mut upload: Upload,
        object: &NewVersion,
        sealing: Rc<SealingKey>,
    ) -> Result<(Stored, Received), AwsError> {
        let Some(first) = upload.next().await? else {
            let received = upload.finish().await?;
            return Ok((self.nothing().await?, received));
        };
        let mut sink = self.sink(self.layout(&object.storage_class), &sealing).await?;
        sink.write(first).await?;
        while let Some(piece) = upload.next().await? {
            sink.write(piece).await?;
        }
        // The last chunk is on its way while the digests are finished.
        let (received, stored) = tokio::join!(upload.finish(), sink.finish());
        match (received, stored) {
            (Ok(received), Ok(stored)) => Ok((stored, received)),
            (Err(e), Ok(stored)) => {
                self.discard_stored(&stored);
                Err(e)
            }
            (received, Err(e)) => Err(received.err().unwrap_or(e)),
        }
    }

    fn discard_stored(self: &Rc<Self>, stored: &Stored) {
        if let Some(blob) = &stored.blob {
            self.discard(blob.clone());
        }
    }

    /// A write without bytes still belongs to a session.
    pub(super) async fn nothing(&self) -> Result<Stored, AwsError> {
        Ok(Stored { session: self.session().await?, blob: None, bytes: 0 })
    }

    pub(super) async fn sink(self: &Rc<Self>, layout: Layout, sealing: &SealingKey) -> Result<Sink, AwsError> {
        let id = self.new_blob().await?;
        let (key, sealed_key) = sealing.new_data_key(id, &mut *self.rng.borrow_mut());
        let writer = self.data.writer(id, layout, &key);
        let blob = BlobRef { id, bytes: 0, layout, sealed_key };
        Ok(Sink { s3: self.clone(), writer: Some(writer), blob })
    }

    /// Makes a version visible.
    pub(super) async fn commit(
        self: &Rc<Self>,
        ask: &Ask,
        stored: &Stored,
        object: NewVersion,
        conditions: WriteConditions,
        event: &str,
    ) -> Result<VersionId, AwsError> {
        self.commit_if_unchanged(ask, stored, object, conditions, event).await?.ok_or_else(errors::operation_aborted)
    }

    /// The same; none: the bucket is not of the version that the conditions name, and what is stored is still the caller's.
    async fn commit_if_unchanged(
        self: &Rc<Self>,
        ask: &Ask,
        stored: &Stored,
        object: NewVersion,
        conditions: WriteConditions,
        event: &str,
    ) -> Result<Option<VersionId>, AwsError> {
        let call = IndexCall::Put {
            bucket: ask.bucket.clone(),
            session: stored.session,
            key: ask.key.clone(),
            conditions,
            object,
            cause: ask.cause(event),
        };
        match self.index_if_unchanged(ask, call).await {
            Ok(Some(IndexAnswer::Put { id, .. })) => Ok(Some(id)),
            Ok(Some(_)) => Err(errors::internal_error()),
            Ok(None) => Ok(None),
            Err(e) => {
                // With an unknown outcome the version may be visible: then its blob must stay.
                if e.status < 500 {
                    self.discard_stored(stored);
                }
                Err(e)
            }
        }
    }

    // ------------------------------------------------------------------------------------------------------ copy

    pub(super) async fn copy_object(self: &Rc<Self>, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        self.allow_put(ask, &bucket, &ask.key)?;
        let conditions = write_conditions(ask)?;
        let customer = sse::customer_key(ask)?;
        let source = self.copy_source(ask).await?;
        if source.version.object.bytes > COPY_BYTES_MAX {
            return Err(errors::invalid_request(format!(
                "The specified copy source is larger than the maximum allowable size for a copy source: {COPY_BYTES_MAX}"
            )));
        }
        let from = &source.version.object;
        let directive = |name: &str| match ask.filled(name) {
            None | Some("COPY") => Ok(false),
            Some("REPLACE") => Ok(true),
            Some(other) => Err(errors::invalid_argument(
                match name {
                    "x-amz-tagging-directive" => "Unknown tagging directive.",
                    _ => "Unknown metadata directive.",
                },
                name,
                other,
            )),
        };
        let (replace, replace_tags) = (directive("x-amz-metadata-directive")?, directive("x-amz-tagging-directive")?);
        let (mut object, sealing) = self.new_version(ask, &bucket, customer.as_ref()).await?;
        let in_place = source.bucket == ask.bucket && source.key == ask.key && source.named.is_none();
        let same_class = object.storage_class == from.storage_class || ask.filled("x-amz-storage-class").is_none();
        let encrypted_anew = ask.filled("x-amz-server-side-encryption").is_some() || customer.is_some();
        if in_place && !replace && same_class && object.website_redirect.is_none() && !encrypted_anew {
            return Err(errors::invalid_request(
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
            ));
        }
        if !replace {
            object.headers.clone_from(&from.headers);
            object.metadata.clone_from(&from.metadata);
        }
        if !replace_tags {
            self.allow_copied_tags(ask, &bucket, &source)?;
            object.tags.clone_from(&from.tags);
        }
        let algorithm = match ask.filled("x-amz-checksum-algorithm") {
            Some(name) => Algorithm::from_name(name).ok_or_else(|| {
                errors::invalid_request("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
            })?,
            None => from
                .checksum
                .as_ref()
                .filter(|c| !c.composite)
                .and_then(|c| Algorithm::from_name(&c.algorithm))
                .unwrap_or(Algorithm::Crc64Nvme),
        };
        let (stored, received) =
            self.copy_bytes(ask, &source, 0..from.bytes, self.layout(&object.storage_class), &sealing, algorithm).await?;
        object.data = stored.data();
        object.bytes = stored.bytes;
        object.etag = received.md5.to_hex();
        object.checksum = Some(object_checksum(received.checksum));
        let id = self.commit(ask, &stored, object.clone(), conditions, "ObjectCreated:Copy").await?;
        let mut out = s3::CopyObjectResult {
            e_tag: Some(format!("\"{}\"", object.etag)),
            last_modified: Some(ask.now),
            checksum_type: Some(super::list::checksum_type(false).to_owned()),
            ..Default::default()
        };
        checksum_fields!(out, &object.checksum);
        let mut reply = xml_reply(200, encode_xml("CopyObjectResult", &out));
        source.mark(&mut reply);
        self.mark_made(&mut reply, ask, &bucket, id, &object);
        Ok(reply)
    }

    /// The version that `x-amz-copy-source` names, which the caller may read.
    pub(super) async fn copy_source(&self, ask: &Ask) -> Result<CopySource, AwsError> {
        let named_by = s3::CopySource::parse(ask.filled("x-amz-copy-source").unwrap_or(""))?;
        let (name, key) = (named_by.bucket.as_str(), named_by.key.as_str());
        let named: Option<VersionId> = match &named_by.version {
            None => None,
            Some(id) => {
                Some(id.parse().map_err(|_| errors::invalid_argument("Invalid version id specified", "x-amz-copy-source", id))?)
            }
        };
        let (bucket, found) = self.lookup(ask, name, key, named).await?;
        expect_owner(ask, "x-amz-source-expected-bucket-owner", &bucket)?;
        let resource = arn(name, Some(key));
        let action = if named.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
        let Some(version) = found.filter(|v| !v.delete_marker || named.is_some()) else {
            allow(ask, &bucket, action, &resource, Grants::Bucket(Permission::Read))?;
            allow_missing(ask, &bucket, name, key)?;
            return Err(named.map_or_else(|| errors::no_such_key(key), |id| errors::no_such_version(key, id)));
        };
        allow(ask, &bucket, action, &resource, Grants::Object(&version, Permission::Read))?;
        if version.delete_marker {
            return Err(errors::invalid_request(
                "The source of a copy request may not specifically refer to a delete marker by version id.",
            ));
        }
        if !super::restore::is_readable(&version.object, ask.now) {
            return Err(errors::invalid_object_state(&version.object.storage_class));
        }
        if ask.copy_conditions().check(&version.object.etag, version.modified) != Verdict::Go {
            return Err(errors::precondition_failed("x-amz-copy-source-If-*"));
        }
        let customer = sse::source_customer_key(ask)?;
        sse::check_key(&version.object.encryption, customer.as_ref())?;
        let encryption = &version.object.encryption;
        let sealing = self.sealing_of(ask, (name, key), encryption, customer.as_ref(), sse::Judged::Yes)?;
        let versioned = bucket.is_versioned();
        Ok(CopySource { bucket: name.to_owned(), home: bucket, key: key.to_owned(), named, version, sealing, versioned })
    }

    /// A source's tags are read and written like any others. Source: "Permissions" of CopyObject, S3 API Reference.
    fn allow_copied_tags(&self, ask: &Ask, to: &Bucket, source: &CopySource) -> Result<(), AwsError> {
        let tags = &source.version.object.tags;
        if tags.is_empty() {
            return Ok(());
        }
        let read = if source.named.is_some() { "s3:GetObjectVersionTagging" } else { "s3:GetObjectTagging" };
        allow(ask, &source.home, read, &arn(&source.bucket, Some(&source.key)), Grants::Tagged(&source.version))?;
        let brought = Brought { tags: Some(tags), ..Brought::default() };
        let write = Grants::Bucket(Permission::Write);
        allow_with(ask, to, "s3:PutObjectTagging", &arn(&ask.bucket, Some(&ask.key)), write, &brought)
    }

    pub(super) async fn copy_bytes(
        self: &Rc<Self>,
        ask: &Ask,
        source: &CopySource,
        range: Range<u64>,
        layout: Layout,
        sealing: &SealingKey,
        algorithm: Algorithm,
    ) -> Result<(Stored, Received), AwsError> {
        let object = &source.version.object;
        let pieces = self.pieces(ask, (&source.bucket, &source.key), &object.data, &range).await?;
        let mut bytes = Source::new(self.clone(), pieces, source.sealing.clone());
        let mut digests = Digests::new(&self.hashing, [Algorithm::Md5, algorithm]);
        let mut sink: Option<Sink> = None;
        while let Some(piece) = bytes.next().await {
            let piece = piece?;
            digests.update(piece.clone()).await;
            match &mut sink {
                Some(sink) => sink.write(piece).await?,
                None => sink.insert(self.sink(layout, sealing).await?).write(piece).await?,
            }
        }
        let bytes = digests.bytes;
        if bytes != range.end - range.start {
            return Err(errors::internal_error());
        }
        let all = digests.finish().await;
        let of = |a| digest::of(&all, a).ok_or_else(errors::internal_error);
        let received = Received { bytes, md5: of(Algorithm::Md5)?, checksum: of(algorithm)?, declared: false };
        let stored = match sink {
            Some(sink) => sink.finish().await?,
            None => self.nothing().await?,
        };
        Ok((stored, received))
    }
}

/// What a copy reads.
pub struct CopySource {
    pub bucket: String,
    pub home: Rc<Bucket>,
    pub key: String,
    /// The version that the header names.
    pub named: Option<VersionId>,
    pub version: Rc<VersionRecord>,
    sealing: Rc<SealingKey>,
    versioned: bool,
}

impl CopySource {
    pub fn mark(&self, reply: &mut Reply) {
        if self.versioned {
            set(reply, "x-amz-copy-source-version-id", &self.version.id.to_string());
        }
    }
}

/// A blob being written. Dropped before `finish`, what was written of it is removed.
pub struct Sink {
    s3: Rc<S3>,
    writer: Option<super::Writer>,
    blob: BlobRef,
}

impl Sink {
    pub async fn write(&mut self, piece: hyper::body::Bytes) -> Result<(), AwsError> {
        self.blob.bytes += piece.len() as u64;
        let writer = self.writer.as_mut().ok_or_else(errors::internal_error)?;
        writer.write(piece).await.map_err(|e| write_error(&e))
    }

    pub async fn finish(mut self) -> Result<Stored, AwsError> {
        let writer = self.writer.take().ok_or_else(errors::internal_error)?;
        match writer.finish().await {
            Ok(written) => {
                let blob = BlobRef { bytes: written.bytes, ..self.blob.clone() };
                Ok(Stored { session: blob.id.session, bytes: blob.bytes, blob: Some(blob) })
            }
            Err(e) => {
                self.s3.discard(self.blob.clone());
                Err(write_error(&e))
            }
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if self.writer.take().is_some() {
            self.s3.discard(self.blob.clone());
        }
    }
}

/// `If-Match` and `If-None-Match` of a write.
pub fn write_conditions(ask: &Ask) -> Result<WriteConditions, AwsError> {
    let none_match = ask.filled("if-none-match");
    if none_match.is_some_and(|v| v != "*") {
        return Err(errors::not_implemented().with("Header", "If-None-Match"));
    }
    let if_match = ask.filled("if-match").map(|v| unquoted(v).to_owned());
    if if_match.is_some() && none_match.is_some() {
        return Err(errors::not_implemented().with("Header", "If-None-Match"));
    }
    Ok(WriteConditions { if_match, if_absent: none_match.is_some(), bucket: None })
}

fn redirect(ask: &Ask) -> Result<Option<String>, AwsError> {
    let Some(to) = ask.filled("x-amz-website-redirect-location") else { return Ok(None) };
    if !to.starts_with('/') && !to.starts_with("http://") && !to.starts_with("https://") {
        return Err(errors::invalid_argument(
            "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
            "x-amz-website-redirect-location",
            to,
        ));
    }
    if to.len() > REDIRECT_BYTES_MAX {
        return Err(errors::invalid_argument(
            "The length of website redirect location cannot exceed 2,048 characters.",
            "x-amz-website-redirect-location",
            to,
        ));
    }
    Ok(Some(to.to_owned()))
}

/// Retention and legal hold: of the headers, else the bucket's default.
pub fn lock_headers(ask: &Ask, bucket: &Bucket) -> Result<(Option<Retention>, bool), AwsError> {
    let [mode, until, hold] = ["mode", "retain-until-date", "legal-hold"].map(|h| ask.filled(&format!("x-amz-object-lock-{h}")));
    if (mode.is_some() || until.is_some() || hold.is_some()) && !bucket.record.object_lock {
        return Err(errors::invalid_request("Bucket is missing Object Lock Configuration"));
    }
    let retention = match (mode, until) {
        (None, None) => bucket.default_retention(ask.now).filter(|_| bucket.record.object_lock),
        (Some(mode), Some(until)) => {
            let mode = lock_mode(mode)
                .ok_or_else(|| errors::invalid_argument("Unknown wormMode directive.", "x-amz-object-lock-mode", mode))?;
            let until = http_date(until).ok_or_else(|| {
                errors::invalid_argument(
                    "The retain until date must be provided in ISO 8601 format",
                    "x-amz-object-lock-retain-until-date",
                    until,
                )
            })?;
            Some(checked_retention(Retention { mode, until }, ask.now)?)
        }
        _ => {
            return Err(errors::invalid_argument(
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
                "x-amz-object-lock-mode",
                "",
            ));
        }
    };
    let hold = match hold {
        None | Some("OFF") => false,
        Some("ON") => true,
        Some(other) => {
            return Err(errors::invalid_argument(
                "Legal Hold must be either of 'ON' or 'OFF'",
                "x-amz-object-lock-legal-hold",
                other,
            ));
        }
    };
    Ok((retention, hold))
}

pub fn checked_retention(retention: Retention, now: TimestampMs) -> Result<Retention, AwsError> {
    if retention.until <= now {
        return Err(errors::invalid_argument(
            "The retain until date must be in the future!",
            "x-amz-object-lock-retain-until-date",
            "",
        ));
    }
    Ok(retention)
}
