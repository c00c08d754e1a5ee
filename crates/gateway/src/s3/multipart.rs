//! Multipart uploads: create, parts, copies of parts, list, complete, abort.

use super::access::{Grants, allow};
use super::acl::Permission;
use super::ask::{Ask, arn};
use super::list::{checksum_type, display_of};
use super::objects::{checksum_fields, object_checksum, set_checksum};
use super::ranges::{copy_range, unquoted};
use super::seal::{CustomerKey, SealingKey};
use super::upload::{PUT_BYTES_MAX, Received, Upload};
use super::write::{COPY_BYTES_MAX, Stored, write_conditions};
use super::{S3, empty_reply, sse, xml_reply};
use crate::answer::{Reply, set};
use aws_protocol::AwsError;
use aws_protocol::s3::checksum::{Algorithm, Checksum, composite, full_object, multipart_etag};
use aws_protocol::s3::{self, decode_xml, encode_xml, errors};
use objectstore::message::{IndexAnswer, IndexCall, PARTS_MAX};
use objectstore::record::{Data, NewVersion, ObjectChecksum, PartRecord, UploadId, UploadRecord};
use platform::Rng;
use std::rc::Rc;

/// S3: every part but the last.
const PART_BYTES_MIN: u64 = 5 << 20;
/// S3 since December 2025.
const OBJECT_BYTES_MAX: u64 = 50 << 40;
const LIST_PARTS_MAX: u32 = 1000;

impl S3 {
    pub(super) async fn create_upload(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        self.allow_put(ask, &bucket, &ask.key)?;
        let customer = sse::customer_key(ask)?;
        let (object, _) = self.new_version(ask, &bucket, customer.as_ref()).await?;
        let algorithm = match ask.filled("x-amz-checksum-algorithm") {
            None => None,
            Some(name) => Some(Algorithm::from_name(name).ok_or_else(|| {
                errors::invalid_request("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
            })?),
        };
        let full = match (ask.filled("x-amz-checksum-type"), algorithm) {
            (None, None) => true,
            (None, Some(a)) => a == Algorithm::Crc64Nvme,
            (Some(_), None) => {
                return Err(errors::invalid_request(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
                ));
            }
            (Some("FULL_OBJECT"), Some(a)) if a.combines() => true,
            (Some("COMPOSITE"), Some(a)) if a != Algorithm::Crc64Nvme => false,
            (Some(kind @ ("FULL_OBJECT" | "COMPOSITE")), Some(a)) => {
                return Err(errors::invalid_request(format!(
                    "The {kind} checksum type cannot be used with the {} checksum algorithm.",
                    a.name().to_ascii_lowercase()
                )));
            }
            (Some(other), _) => {
                return Err(errors::invalid_request(format!("Value for x-amz-checksum-type header is invalid: {other}")));
            }
        };
        let id = UploadId(self.rng.borrow_mut().u128());
        let upload = UploadRecord {
            id,
            key: ask.key.clone(),
            initiated: ask.now,
            initiator: ask.who.arn().to_owned(),
            object: object.clone(),
            checksum_algorithm: algorithm.map(|a| a.name().to_owned()),
            checksum_full_object: full,
        };
        self.index(ask, IndexCall::CreateUpload { bucket: ask.bucket.clone(), upload }).await?;
        let out = s3::CreateMultipartUploadOutput {
            bucket: Some(ask.bucket.clone()),
            key: Some(ask.key.clone()),
            upload_id: Some(id.to_string()),
        };
        let mut reply = xml_reply(200, encode_xml("InitiateMultipartUploadResult", &out));
        for (name, value) in sse::headers(&object.encryption) {
            set(&mut reply, name, &value);
        }
        if let Some(algorithm) = algorithm {
            set(&mut reply, "x-amz-checksum-algorithm", algorithm.name());
            set(&mut reply, "x-amz-checksum-type", checksum_type(!full));
        }
        self.mark_abortion(&mut reply, &bucket, &ask.key, ask.now);
        Ok(reply)
    }

    fn upload_id(&self, ask: &Ask) -> Result<UploadId, AwsError> {
        let text = ask.params.get("uploadId").unwrap_or("");
        text.parse().map_err(|_| errors::no_such_upload(text))
    }

    pub(super) async fn upload_of(&self, ask: &Ask) -> Result<UploadRecord, AwsError> {
        let upload = self.upload_id(ask)?;
        let call = IndexCall::GetUpload { bucket: ask.bucket.clone(), key: ask.key.clone(), upload };
        match self.index(ask, call).await? {
            IndexAnswer::Upload(upload) => Ok(upload),
            _ => Err(errors::internal_error()),
        }
    }

    /// What an upload's parts have to be like, known before their body is read.
    pub(super) async fn part_of(&self, ask: &Ask) -> Result<(u16, UploadRecord, Option<Algorithm>), AwsError> {
        let number = part_number(ask)?;
        // Asked at once; what comes of the upload is nobody's business before he is allowed.
        let (bucket, upload) = tokio::join!(self.bucket(ask), self.upload_of(ask));
        allow(ask, &*bucket?, "s3:PutObject", &arn(&ask.bucket, Some(&ask.key)), Grants::Bucket(Permission::Write))?;
        let upload = upload?;
        let algorithm = upload.checksum_algorithm.as_deref().and_then(Algorithm::from_name);
        Ok((number, upload, algorithm))
    }

    pub(super) async fn upload_part(
        self: &Rc<Self>,
        ask: &Ask,
        number: u16,
        upload: &UploadRecord,
        body: Upload,
    ) -> Result<Reply, AwsError> {
        let customer = sse::customer_key(ask)?;
        let sealing = self.part_sealing(ask, upload, customer.as_ref())?;
        let (stored, received) = self.store(body, &upload.object, sealing).await?;
        let part = part_record(ask, number, &stored, &received);
        self.put_part(ask, &stored, upload.id, part.clone()).await?;
        let mut reply = empty_reply(200);
        set(&mut reply, "etag", &format!("\"{}\"", part.etag));
        if received.declared || upload.checksum_algorithm.is_some() {
            set_checksum(&mut reply, part.checksum.as_ref());
            reply.headers_mut().remove("x-amz-checksum-type");
        }
        for (name, value) in sse::headers(&upload.object.encryption) {
            set(&mut reply, name, &value);
        }
        Ok(reply)
    }

    pub(super) async fn upload_part_copy(self: &Rc<Self>, ask: &Ask) -> Result<Reply, AwsError> {
        let (number, upload, algorithm) = self.part_of(ask).await?;
        let customer = sse::customer_key(ask)?;
        let sealing = self.part_sealing(ask, &upload, customer.as_ref())?;
        let source = self.copy_source(ask).await?;
        let total = source.version.object.bytes;
        let range = match ask.filled("x-amz-copy-source-range") {
            None => 0..total,
            Some(header) => copy_range(header, total).ok_or_else(|| {
                let well_formed = copy_range(header, u64::MAX).is_some();
                if well_formed {
                    errors::invalid_argument(format!("Range specified is not valid for source object of size: {total}"), "x-amz-copy-source-range", header)
                } else {
                    errors::invalid_argument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy", "x-amz-copy-source-range", header)
                }
            })?,
        };
        if range.end - range.start > COPY_BYTES_MAX {
            return Err(errors::invalid_request(format!(
                "The specified copy source is larger than the maximum allowable size for a copy source: {COPY_BYTES_MAX}"
            )));
        }
        let layout = self.layout(&upload.object.storage_class);
        let wanted = algorithm.unwrap_or(Algorithm::Crc64Nvme);
        let (stored, received) = self.copy_bytes(ask, &source, range, layout, &sealing, wanted).await?;
        let part = part_record(ask, number, &stored, &received);
        self.put_part(ask, &stored, upload.id, part.clone()).await?;
        let mut out =
            s3::CopyPartResult { e_tag: Some(format!("\"{}\"", part.etag)), last_modified: Some(ask.now), ..Default::default() };
        if algorithm.is_some() {
            checksum_fields!(out, &part.checksum);
        }
        let mut reply = xml_reply(200, encode_xml("CopyPartResult", &out));
        source.mark(&mut reply);
        for (name, value) in sse::headers(&upload.object.encryption) {
            set(&mut reply, name, &value);
        }
        Ok(reply)
    }

    /// What seals the keys of an upload's parts: the data key made at its beginning, for which S3 asks kms:Decrypt.
    fn part_sealing(&self, ask: &Ask, upload: &UploadRecord, customer: Option<&CustomerKey>) -> Result<Rc<SealingKey>, AwsError> {
        check_part_key(upload, customer)?;
        let place = (ask.bucket.as_str(), ask.key.as_str());
        self.sealing_of(ask, place, &upload.object.encryption, customer, sse::Judged::Yes)
    }

    async fn put_part(self: &Rc<Self>, ask: &Ask, stored: &Stored, upload: UploadId, part: PartRecord) -> Result<(), AwsError> {
        let call = IndexCall::PutPart { bucket: ask.bucket.clone(), session: stored.session, key: ask.key.clone(), upload, part };
        self.index(ask, call).await.map(|_| ()).inspect_err(|e| {
            if e.status < 500
                && let Some(blob) = &stored.blob
            {
                self.discard(blob.clone());
            }
        })
    }

    pub(super) async fn list_parts(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:ListMultipartUploadParts", &arn(&ask.bucket, Some(&ask.key)), Grants::Bucket(Permission::Read))?;
        let upload = self.upload_of(ask).await?;
        let limit = ask.params.number("max-parts", LIST_PARTS_MAX)?.unwrap_or(LIST_PARTS_MAX);
        let after = ask.params.number("part-number-marker", u32::from(PARTS_MAX))?.unwrap_or(0) as u16;
        let (parts, more) = if limit == 0 {
            (Vec::new(), false)
        } else {
            let (bucket, key) = (ask.bucket.clone(), ask.key.clone());
            let call = IndexCall::Parts { bucket, key, upload: upload.id, after, limit: limit as u16 };
            match self.index(ask, call).await? {
                IndexAnswer::Parts { parts, more } => (parts, more),
                _ => return Err(errors::internal_error()),
            }
        };
        let last = parts.last().map_or(0, |p| p.number);
        let bound = upload.checksum_algorithm.is_some();
        let one = |p: PartRecord| {
            let mut part = s3::Part {
                part_number: Some(i32::from(p.number)),
                last_modified: Some(p.modified),
                e_tag: Some(format!("\"{}\"", p.etag)),
                size: Some(p.bytes as i64),
                ..Default::default()
            };
            if bound {
                checksum_fields!(part, &p.checksum);
            }
            part
        };
        let out = s3::ListPartsOutput {
            bucket: Some(ask.bucket.clone()),
            key: Some(ask.key.clone()),
            upload_id: Some(upload.id.to_string()),
            part_number_marker: Some(i32::from(after)),
            next_part_number_marker: Some(i32::from(last)),
            max_parts: Some(limit as i32),
            is_truncated: Some(more),
            parts: Some(parts.into_iter().map(one).collect()),
            initiator: Some(s3::Initiator { id: Some(upload.initiator.clone()), display_name: display_of(&upload.initiator) }),
            owner: Some(self.owner(&upload.object.owner)),
            storage_class: Some(upload.object.storage_class.clone()),
            checksum_type: bound.then(|| checksum_type(!upload.checksum_full_object).to_owned()),
            checksum_algorithm: upload.checksum_algorithm,
        };
        let mut reply = xml_reply(200, encode_xml("ListPartsResult", &out));
        self.mark_abortion(&mut reply, &bucket, &ask.key, upload.initiated);
        Ok(reply)
    }

    pub(super) async fn abort_upload(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:AbortMultipartUpload", &arn(&ask.bucket, Some(&ask.key)), Grants::Bucket(Permission::Write))?;
        let upload = self.upload_id(ask)?;
        self.index(ask, IndexCall::AbortUpload { bucket: ask.bucket.clone(), key: ask.key.clone(), upload }).await?;
        Ok(empty_reply(204))
    }

    pub(super) async fn complete_upload(self: &Rc<Self>, ask: &Ask, body: &[u8]) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:PutObject", &arn(&ask.bucket, Some(&ask.key)), Grants::Bucket(Permission::Write))?;
        let chosen = chosen(body, ask)?;
        let conditions = write_conditions(ask)?;
        let id = self.upload_id(ask)?;
        let upload = match self.upload_of(ask).await {
            Ok(upload) => upload,
            // A retry of a completion that was not heard of: the index knows whether it is the same.
            Err(e) if e.is("NoSuchUpload") => return self.completed_before(ask, &bucket, id, &chosen, e).await,
            Err(e) => return Err(e),
        };
        if let Some(customer) = sse::customer_key(ask)? {
            check_part_key(&upload, Some(&customer))?;
        }
        let parts = self.all_parts(ask, id).await?;
        let mut whole = Whole::new(&upload);
        let mut named = Vec::with_capacity(chosen.len());
        for (n, want) in chosen.iter().enumerate() {
            let missing = || errors::invalid_part(id, want.number, &want.etag);
            let part = parts.binary_search_by_key(&want.number, |p| p.number).map(|at| &parts[at]).map_err(|_| missing())?;
            if part.etag != want.etag {
                return Err(missing());
            }
            if n + 1 < chosen.len() && part.bytes < PART_BYTES_MIN {
                return Err(errors::entity_too_small(part.bytes, PART_BYTES_MIN)
                    .with("PartNumber", want.number.to_string())
                    .with("ETag", &*want.etag));
            }
            whole.add(part, want, &upload)?;
            named.push((want.number, part.etag.clone()));
        }
        if whole.bytes > OBJECT_BYTES_MAX {
            return Err(errors::entity_too_large(whole.bytes, OBJECT_BYTES_MAX));
        }
        if let Some(size) = ask.filled("x-amz-mp-object-size")
            && size.parse() != Ok(whole.bytes)
        {
            return Err(errors::invalid_request(
                "The provided 'x-amz-mp-object-size' header value does not match what was computed.",
            ));
        }
        let (etag, checksum) = whole.finish(ask, &upload)?;
        let mut object = upload.object.clone();
        object.data = Data::Parts { upload: id, count: named.len() as u16 };
        object.bytes = whole.bytes;
        object.etag = etag;
        object.checksum = checksum;
        let call = IndexCall::CompleteUpload {
            bucket: ask.bucket.clone(),
            session: self.session().await?,
            key: ask.key.clone(),
            upload: id,
            parts: named,
            conditions,
            object: object.clone(),
            cause: ask.cause("ObjectCreated:CompleteMultipartUpload"),
        };
        let IndexAnswer::Put { id: version, .. } = self.index(ask, call).await? else { return Err(errors::internal_error()) };
        self.completed(ask, &bucket, &object, version)
    }

    fn completed(
        &self,
        ask: &Ask,
        bucket: &super::bucket::Bucket,
        object: &NewVersion,
        version: objectstore::record::VersionId,
    ) -> Result<Reply, AwsError> {
        let checksum = object.checksum.as_ref();
        let host = ask.header("host").unwrap_or("localhost");
        let mut out = s3::CompleteMultipartUploadOutput {
            location: Some(format!("http://{host}/{}/{}", ask.bucket, ask.key)),
            bucket: Some(ask.bucket.clone()),
            key: Some(ask.key.clone()),
            e_tag: Some(format!("\"{}\"", object.etag)),
            checksum_type: checksum.map(|c| checksum_type(c.composite).to_owned()),
            ..Default::default()
        };
        checksum_fields!(out, checksum);
        let mut reply = xml_reply(200, encode_xml("CompleteMultipartUploadResult", &out));
        self.mark_made(&mut reply, ask, bucket, version, object);
        Ok(reply)
    }

    /// The upload is gone. If the key's current version came of it, with these parts, the answer is the same again.
    async fn completed_before(
        &self,
        ask: &Ask,
        bucket: &super::bucket::Bucket,
        id: UploadId,
        chosen: &[Chosen],
        otherwise: AwsError,
    ) -> Result<Reply, AwsError> {
        let (_, found) = self.lookup(ask, &ask.bucket, &ask.key, None).await?;
        let Some(version) = found else { return Err(otherwise) };
        match version.object.data {
            Data::Parts { upload, count } if upload == id && usize::from(count) == chosen.len() => {
                self.completed(ask, bucket, &version.object, version.id)
            }
            _ => Err(otherwise),
        }
    }

    async fn all_parts(&self, ask: &Ask, upload: UploadId) -> Result<Vec<PartRecord>, AwsError> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let call = IndexCall::Parts { bucket: ask.bucket.clone(), key: ask.key.clone(), upload, after, limit: 1000 };
            let IndexAnswer::Parts { parts, more } = self.index(ask, call).await? else { return Err(errors::internal_error()) };
            after = parts.last().map_or(after, |p| p.number);
            all.extend(parts);
            if !more {
                return Ok(all);
            }
        }
    }
}

fn part_record(ask: &Ask, number: u16, stored: &Stored, received: &Received) -> PartRecord {
    PartRecord {
        number,
        modified: ask.now,
        etag: received.md5.to_hex(),
        blob: stored.blob.clone(),
        bytes: stored.bytes,
        checksum: Some(object_checksum(received.checksum)),
    }
}

pub fn part_number(ask: &Ask) -> Result<u16, AwsError> {
    let text = ask.params.get("partNumber").unwrap_or("");
    let number = text.parse().ok().filter(|n| (1..=PARTS_MAX).contains(n));
    number.ok_or_else(|| {
        errors::invalid_argument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", text)
    })
}

fn check_part_key(upload: &UploadRecord, customer: Option<&CustomerKey>) -> Result<(), AwsError> {
    use objectstore::record::Encryption::Customer;
    match (&upload.object.encryption, customer) {
        (Customer { .. }, None) => Err(errors::invalid_request(
            "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.",
        )),
        (Customer { key_md5 }, Some(given)) if *key_md5 != given.md5 => {
            Err(errors::invalid_request("The provided encryption parameters did not match the ones used originally."))
        }
        (Customer { .. }, Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => Err(errors::invalid_request(
            "The multipart upload initiate did not request encryption. Please resend the request without sending encryption parameters.",
        )),
    }
}

/// A part as the request names it.
struct Chosen {
    number: u16,
    etag: String,
    checksum: Option<(Algorithm, String)>,
}

fn chosen(body: &[u8], ask: &Ask) -> Result<Vec<Chosen>, AwsError> {
    if body.is_empty() {
        return Err(errors::malformed_xml());
    }
    let request: s3::CompletedMultipartUpload = decode_xml(&["CompleteMultipartUpload", "CompletedMultipartUpload"], body)?;
    let parts = request.parts.unwrap_or_default();
    if parts.is_empty() || parts.len() > usize::from(PARTS_MAX) {
        return Err(errors::malformed_xml());
    }
    let mut out: Vec<Chosen> = Vec::with_capacity(parts.len());
    for p in parts {
        let (Some(number), Some(etag)) = (p.part_number, p.e_tag) else { return Err(errors::malformed_xml()) };
        let number = u16::try_from(number).ok().filter(|n| (1..=PARTS_MAX).contains(n)).ok_or_else(|| {
            errors::invalid_argument(
                "Part number must be an integer between 1 and 10000, inclusive",
                "partNumber",
                &number.to_string(),
            )
        })?;
        if out.last().is_some_and(|last| last.number >= number) {
            return Err(errors::invalid_part_order(ask.params.get("uploadId").unwrap_or("")));
        }
        let checksums = [
            (Algorithm::Crc32, p.checksum_crc32),
            (Algorithm::Crc32c, p.checksum_crc32_c),
            (Algorithm::Crc64Nvme, p.checksum_crc64_nvme),
            (Algorithm::Sha1, p.checksum_sha1),
            (Algorithm::Sha256, p.checksum_sha256),
        ];
        let checksum = checksums.into_iter().find_map(|(a, v)| Some((a, v?)));
        out.push(Chosen { number, etag: unquoted(&etag).to_ascii_lowercase(), checksum });
    }
    Ok(out)
}

/// Size, ETag and checksum of the parts together.
struct Whole {
    bytes: u64,
    md5s: Vec<Checksum>,
    algorithm: Algorithm,
    checksums: Vec<(Checksum, u64)>,
}

impl Whole {
    fn new(upload: &UploadRecord) -> Self {
        let algorithm = upload.checksum_algorithm.as_deref().and_then(Algorithm::from_name).unwrap_or(Algorithm::Crc64Nvme);
        Self { bytes: 0, md5s: Vec::new(), algorithm, checksums: Vec::new() }
    }

    fn add(&mut self, part: &PartRecord, want: &Chosen, upload: &UploadRecord) -> Result<(), AwsError> {
        self.bytes += part.bytes;
        let md5 = hex::decode(&part.etag).ok().and_then(|b| Checksum::new(Algorithm::Md5, &b));
        self.md5s.push(md5.ok_or_else(errors::internal_error)?);
        let have = part.checksum.as_ref();
        if let Some((algorithm, value)) = &want.checksum
            && !have.is_some_and(|c| c.algorithm == algorithm.name() && c.value == *value)
        {
            return Err(errors::invalid_part(upload.id, want.number, &want.etag));
        }
        if want.checksum.is_none() && upload.checksum_algorithm.is_some() && !upload.checksum_full_object {
            return Err(errors::invalid_request(format!(
                "The upload was created using a {} checksum. The complete request must include the checksum for each part. It was missing for part {} in the request.",
                self.algorithm.name().to_ascii_lowercase(),
                want.number
            )));
        }
        // A part whose client chose another algorithm of its own leaves the whole without a checksum.
        let own = have.filter(|c| c.algorithm == self.algorithm.name());
        if let Some(checksum) = own.and_then(|c| Checksum::from_header_value(self.algorithm, &c.value).ok()) {
            self.checksums.push((checksum, part.bytes));
        }
        Ok(())
    }

    fn finish(&self, ask: &Ask, upload: &UploadRecord) -> Result<(String, Option<ObjectChecksum>), AwsError> {
        let etag = multipart_etag(&self.md5s).ok_or_else(errors::internal_error)?;
        let complete = self.checksums.len() == self.md5s.len();
        let checksum = if !complete {
            None
        } else if upload.checksum_full_object {
            full_object(self.algorithm, self.checksums.iter().copied()).map(object_checksum)
        } else {
            let parts: Vec<Checksum> = self.checksums.iter().map(|(c, _)| *c).collect();
            composite(self.algorithm, &parts).map(|value| ObjectChecksum {
                algorithm: self.algorithm.name().to_owned(),
                value,
                composite: true,
            })
        };
        if let Some(kind) = ask.filled("x-amz-checksum-type")
            && kind != checksum_type(!upload.checksum_full_object)
        {
            return Err(errors::invalid_request(format!(
                "The upload was created using the {} checksum mode. The complete request must use the same checksum mode.",
                checksum_type(!upload.checksum_full_object)
            )));
        }
        for algorithm in Algorithm::CHECKSUMS {
            let Some(sent) = ask.filled(algorithm.header()) else { continue };
            let same = checksum.as_ref().is_some_and(|c| c.algorithm == algorithm.name() && c.value == sent);
            if !same {
                return Err(errors::bad_checksum(algorithm.name()));
            }
        }
        Ok((etag, checksum))
    }
}

/// The largest part.
pub const PART_BYTES_MAX: u64 = PUT_BYTES_MAX;
