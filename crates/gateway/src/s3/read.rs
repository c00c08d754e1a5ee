//! GetObject, HeadObject, GetObjectAttributes.

use super::access::{Grants, allow, allow_missing};
use super::acl::Permission;
use super::ask::{Ask, arn};
use super::bucket::Bucket;
use super::headers::OVERRIDES;
use super::objects::{checksum_fields, describe, set_checksum};
use super::ranges::{Ranged, Verdict, format_http_date, range};
use super::seal::SealingKey;
use super::{S3, empty_reply, restore, sse, xml_reply};
use crate::answer::{Reply, set};
use crate::body::ReplyBody;
use aws_protocol::AwsError;
use aws_protocol::s3::{self, encode_xml, errors};
use hyper::Method;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use objectstore::message::{IndexAnswer, IndexCall};
use objectstore::record::{BlobRef, Data, ObjectChecksum, VersionRecord};
use std::io;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

/// How long a client may leave the next bytes of its reply lying.
const CLIENT_STALL: Duration = Duration::from_secs(300);
/// Objects up to this size are read whole before the reply begins.
const WHOLE_BYTES_MAX: u64 = 256 << 10;

/// What of an object a reader asked for.
struct Span {
    status: u16,
    bytes: Range<u64>,
    /// How many there are, where one was asked for.
    parts: Option<u16>,
    /// Of these bytes, if it is known.
    checksum: Option<ObjectChecksum>,
}

impl S3 {
    pub(super) async fn get_object(self: &Rc<Self>, ask: &Ask) -> Result<Reply, AwsError> {
        let wanted = ask.version()?;
        let (bucket, found) = self.lookup(ask, &ask.bucket, &ask.key, wanted).await?;
        let version = self.readable(ask, &bucket, found, "s3:GetObject", "s3:GetObjectVersion")?;
        sse::refuse_on_read(ask)?;
        if ask.method == Method::GET && !restore::is_readable(&version.object, ask.now) {
            return Err(errors::invalid_object_state(&version.object.storage_class));
        }
        let customer = sse::customer_key(ask)?;
        sse::check_key(&version.object.encryption, customer.as_ref())?;
        match ask.conditions().check(&version.object.etag, version.modified) {
            Verdict::Go => {}
            Verdict::Failed => return Err(errors::precondition_failed(failed_condition(ask))),
            Verdict::NotModified => {
                let mut reply = empty_reply(304);
                describe(&mut reply, ask, &bucket, &version);
                for header in ["content-type", "content-encoding", "content-language", "content-disposition"] {
                    reply.headers_mut().remove(header);
                }
                return Ok(reply);
            }
        }
        let total = version.object.bytes;
        let place = (ask.bucket.as_str(), ask.key.as_str());
        // What is said of an object needs no key, its bytes do.
        let sealing = match ask.method {
            Method::HEAD => None,
            _ => Some(self.sealing_of(ask, place, &version.object.encryption, customer.as_ref(), sse::Judged::Yes)?),
        };
        let Span { status, bytes: span, parts, checksum } = self.span(ask, &version).await?;
        let mut reply = empty_reply(status);
        describe(&mut reply, ask, &bucket, &version);
        if wanted.is_none() {
            self.mark_expiration(&mut reply, &bucket, &ask.key, &version.object, version.modified);
        }
        self.overrides(ask, &mut reply)?;
        if let Some(parts) = parts {
            set(&mut reply, "x-amz-mp-parts-count", &parts.to_string());
        }
        if status == 206 {
            set(&mut reply, "content-range", &format!("bytes {}-{}/{total}", span.start, span.end.max(1) - 1));
        }
        if ask.header("x-amz-checksum-mode").is_some_and(|m| m.eq_ignore_ascii_case("enabled")) {
            set_checksum(&mut reply, checksum.as_ref());
        }
        let bytes = span.end - span.start;
        reply.headers_mut().insert(hyper::header::CONTENT_LENGTH, HeaderValue::from(bytes));
        let Some(sealing) = sealing else {
            *reply.body_mut() = ReplyBody::Head { bytes };
            return Ok(reply);
        };
        *reply.body_mut() = self.bytes(ask, &version, span, sealing).await?;
        Ok(reply)
    }

    /// The version that a reader means, if he may read it; the errors of those that are not there.
    pub(super) fn readable(
        &self,
        ask: &Ask,
        bucket: &Bucket,
        found: Option<Rc<VersionRecord>>,
        action: &'static str,
        version_action: &'static str,
    ) -> Result<Rc<VersionRecord>, AwsError> {
        let wanted = ask.version()?;
        let action = if wanted.is_some() { version_action } else { action };
        let resource = arn(&ask.bucket, Some(&ask.key));
        let marker = found.clone().filter(|v| v.delete_marker);
        let Some(version) = found.filter(|v| !v.delete_marker || wanted.is_some()) else {
            // Whether a key is there is told to those who may list it.
            if let Err(unlisted) = allow_missing(ask, bucket, &ask.bucket, &ask.key) {
                allow(ask, bucket, action, &resource, Grants::Bucket(Permission::Read))?;
                return Err(unlisted);
            }
            return Err(match wanted {
                Some(id) => errors::no_such_version(&ask.key, id),
                None => match marker {
                    Some(marker) => errors::no_such_key(&ask.key)
                        .with("x-amz-delete-marker", "true")
                        .with("x-amz-version-id", marker.id.to_string()),
                    None => errors::no_such_key(&ask.key),
                },
            });
        };
        allow(ask, bucket, action, &resource, Grants::Object(&version, Permission::Read))?;
        if version.delete_marker {
            return Err(marker_error(ask, &version));
        }
        Ok(version)
    }

    async fn span(&self, ask: &Ask, version: &VersionRecord) -> Result<Span, AwsError> {
        let total = version.object.bytes;
        let header = ask.header("range");
        let whole = |status| Span { status, bytes: 0..total, parts: None, checksum: version.object.checksum.clone() };
        let Some(number) = ask.params.get("partNumber") else {
            return match range(header, total) {
                Ranged::Whole => Ok(whole(200)),
                Ranged::Part(bytes) => Ok(Span { status: 206, bytes, parts: None, checksum: None }),
                Ranged::Unsatisfiable => Err(errors::invalid_range(header.unwrap_or(""), total)),
            };
        };
        let number: u16 = number.parse().ok().filter(|n| (1..=10_000).contains(n)).ok_or_else(|| {
            errors::invalid_argument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", number)
        })?;
        if header.is_some() {
            return Err(errors::invalid_request("Cannot specify both Range header and partNumber query parameter"));
        }
        match &version.object.data {
            Data::Parts { upload, count } => {
                let parts = self.manifest(ask, (&ask.bucket, &ask.key), *upload, &(0..total.max(1))).await?;
                // The n-th of those that are there: numbers of a completed upload may have gaps.
                match parts.get(usize::from(number) - 1) {
                    Some((begin, part)) => {
                        let kind = version.object.checksum.as_ref().map(|c| (&c.algorithm, c.composite));
                        // A part's own checksum, told to be of the kind of the whole's.
                        let checksum = part.checksum.clone().zip(kind).filter(|(c, (algorithm, _))| c.algorithm == **algorithm);
                        Ok(Span {
                            status: 206,
                            bytes: *begin..begin + part.bytes,
                            parts: Some(*count),
                            checksum: checksum.map(|(c, (_, composite))| ObjectChecksum { composite, ..c }),
                        })
                    }
                    None => Err(errors::invalid_part_number(number, count)),
                }
            }
            _ if number == 1 => Ok(whole(206)),
            _ => Err(errors::invalid_part_number(number, 1)),
        }
    }

    fn overrides(&self, ask: &Ask, reply: &mut Reply) -> Result<(), AwsError> {
        for (parameter, header) in OVERRIDES {
            let Some(value) = ask.params.get(parameter) else { continue };
            if ask.signed_at.is_none() {
                return Err(errors::invalid_request(
                    "Request specific response headers cannot be used for anonymous GET requests.",
                ));
            }
            set(reply, header, value);
        }
        Ok(())
    }

    /// The body: small ones whole, large ones as they come.
    pub(super) async fn bytes(
        self: &Rc<Self>,
        ask: &Ask,
        version: &Rc<VersionRecord>,
        span: Range<u64>,
        sealing: Rc<SealingKey>,
    ) -> Result<ReplyBody, AwsError> {
        let bytes = span.end - span.start;
        let pieces = self.pieces(ask, (&ask.bucket, &ask.key), &version.object.data, &span).await?;
        let mut source = Source::new(self.clone(), pieces, sealing);
        if bytes == 0 {
            return Ok(ReplyBody::empty());
        }
        // The first bytes decide between an error and a reply.
        let first = source.next().await.transpose()?.unwrap_or_default();
        if first.len() as u64 == bytes {
            return Ok(first.into());
        }
        if bytes <= WHOLE_BYTES_MAX {
            let mut all = Vec::with_capacity(bytes as usize);
            all.extend_from_slice(&first);
            while let Some(piece) = source.next().await {
                all.extend_from_slice(&piece?);
            }
            return if all.len() as u64 == bytes { Ok(Bytes::from(all).into()) } else { Err(errors::internal_error()) };
        }
        let (sender, body) = ReplyBody::stream(bytes);
        tokio::task::spawn_local(async move {
            let mut piece = Some(Ok(first));
            while let Some(next) = piece {
                let failed = next.is_err();
                let next = next.map_err(|e: AwsError| io::Error::other(e.to_string()));
                // A client that takes nothing for so long has gone; its reply ends short, so its connection is closed.
                let sent = tokio::time::timeout(CLIENT_STALL, sender.send(next)).await;
                if !matches!(sent, Ok(Ok(()))) || failed {
                    return;
                }
                piece = source.next().await;
            }
        });
        Ok(body)
    }

    pub(super) async fn object_attributes(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let (bucket, found) = self.lookup(ask, &ask.bucket, &ask.key, ask.version()?).await?;
        let version = self.readable(ask, &bucket, found, "s3:GetObject", "s3:GetObjectVersion")?;
        let action = if ask.version()?.is_some() { "s3:GetObjectVersionAttributes" } else { "s3:GetObjectAttributes" };
        let read = Grants::Object(&version, Permission::Read);
        allow(ask, &bucket, action, &arn(&ask.bucket, Some(&ask.key)), read)?;
        let customer = sse::customer_key(ask)?;
        sse::check_key(&version.object.encryption, customer.as_ref())?;
        let asked: Vec<&str> = ask
            .headers
            .get_all("x-amz-object-attributes")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .map(str::trim)
            .filter(|a| !a.is_empty())
            .collect();
        if asked.is_empty() {
            return Err(errors::invalid_request(
                "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
            ));
        }
        const KNOWN: [&str; 5] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];
        if asked.iter().any(|a| !KNOWN.contains(a)) {
            return Err(errors::invalid_argument(
                "Invalid attribute name specified.",
                "x-amz-object-attributes",
                &asked.join(","),
            ));
        }
        let wants = |name| asked.contains(&name);
        let o = &version.object;
        let mut out = s3::GetObjectAttributesOutput {
            e_tag: wants("ETag").then(|| o.etag.clone()),
            storage_class: wants("StorageClass").then(|| o.storage_class.clone()),
            object_size: wants("ObjectSize").then_some(o.bytes as i64),
            ..Default::default()
        };
        if wants("Checksum")
            && let Some(checksum) = &o.checksum
        {
            let mut shape = s3::Checksum {
                checksum_type: Some(super::list::checksum_type(checksum.composite).to_owned()),
                ..Default::default()
            };
            checksum_fields!(shape, Some(checksum));
            out.checksum = Some(shape);
        }
        if let (true, Data::Parts { upload, count }) = (wants("ObjectParts"), &o.data) {
            let number = |header: &str| ask.filled(header).and_then(|v| v.parse::<u16>().ok());
            let (after, limit) =
                (number("x-amz-part-number-marker").unwrap_or(0), number("x-amz-max-parts").unwrap_or(1000).min(1000));
            let (bucket, key) = (ask.bucket.clone(), ask.key.clone());
            let call = IndexCall::Parts { bucket, key, upload: *upload, after, limit };
            let IndexAnswer::Parts { parts, more } = self.index(ask, call).await? else {
                return Err(errors::internal_error());
            };
            let last = parts.last().map_or(after, |p| p.number);
            let one = |p: objectstore::record::PartRecord| {
                let mut part =
                    s3::ObjectPart { part_number: Some(i32::from(p.number)), size: Some(p.bytes as i64), ..Default::default() };
                checksum_fields!(part, &p.checksum);
                part
            };
            // S3 lists the parts only of uploads with checksums of their own.
            let listed = o.checksum.as_ref().is_some_and(|c| c.composite);
            out.object_parts = Some(s3::GetObjectAttributesParts {
                total_parts_count: Some(i32::from(*count)),
                part_number_marker: Some(i32::from(after)),
                next_part_number_marker: Some(i32::from(last)),
                max_parts: Some(i32::from(limit)),
                is_truncated: Some(more),
                parts: listed.then(|| parts.into_iter().map(one).collect()),
            });
        }
        let mut reply = xml_reply(200, encode_xml("GetObjectAttributesResponse", &out));
        set(&mut reply, "last-modified", &format_http_date(version.modified));
        self.set_version(&mut reply, &bucket, version.id);
        Ok(reply)
    }
}

/// The bytes of several blobs, one after the other.
pub struct Source {
    s3: Rc<S3>,
    pieces: std::vec::IntoIter<(BlobRef, Range<u64>)>,
    reader: Option<super::Reader>,
    sealing: Rc<SealingKey>,
}

impl Source {
    /// `sealing` opens the blobs' keys.
    pub fn new(s3: Rc<S3>, pieces: Vec<(BlobRef, Range<u64>)>, sealing: Rc<SealingKey>) -> Self {
        Self { s3, pieces: pieces.into_iter(), reader: None, sealing }
    }

    pub async fn next(&mut self) -> Option<Result<Bytes, AwsError>> {
        loop {
            if let Some(reader) = &mut self.reader {
                match reader.next().await {
                    Some(Ok(bytes)) if bytes.is_empty() => continue,
                    Some(Ok(bytes)) => return Some(Ok(bytes)),
                    Some(Err(e)) => {
                        tracing::error!(error = %e, "an object cannot be read");
                        return Some(Err(super::read_error(&e)));
                    }
                    None => self.reader = None,
                }
            }
            let (blob, range) = self.pieces.next()?;
            match super::objects::open(&blob, &self.sealing) {
                Ok(key) => self.reader = Some(self.s3.data.reader(&blob, &key, range)),
                Err(e) => return Some(Err(e)),
            }
        }
    }
}

/// What is said of a version that is a delete marker.
pub fn marker_error(ask: &Ask, version: &VersionRecord) -> AwsError {
    errors::version_is_delete_marker(ask.method.as_str())
        .with("x-amz-delete-marker", "true")
        .with("x-amz-version-id", version.id.to_string())
        .with("allow", "DELETE")
        .with("last-modified", format_http_date(version.modified))
}

/// The header of the condition that failed, as the error names it.
fn failed_condition(ask: &Ask) -> &'static str {
    if ask.filled("if-match").is_some() { "If-Match" } else { "If-Unmodified-Since" }
}
