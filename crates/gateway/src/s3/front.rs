//! HTTP's side of S3: from a request's head to an [`Ask`], its body to an [`Upload`], and an error to a reply.

use super::S3;
use super::access::expect_owner;
use super::access_log::Draft;
use super::ask::{Ask, Identity, User};
use super::multipart::PART_BYTES_MAX;
use super::upload::{Framing, PUT_BYTES_MAX, Upload};
use crate::answer::{Reply, set};
use crate::body::ReplyBody;
use crate::identity::Lookup;
use crate::through::Through;
use aws_protocol::AwsError;
use aws_protocol::s3::checksum::Algorithm;
use aws_protocol::s3::chunked::Decoder;
use aws_protocol::s3::{DEFAULT_BASE_HOSTS, Operation, Route, error_xml, errors, is_header, route};
use aws_protocol::sigv4::{self, AuthError, ChunkSigner, Claim, HttpRequest, PayloadKind};
use hyper::Method;
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderName;
use platform::Clock;
use std::net::IpAddr;
use std::rc::Rc;
use types::{AccountId, TimestampMs};

/// XML bodies: a thousand keys of a kilobyte each, escaped, is the largest that anybody needs.
const SMALL_BODY_BYTES_MAX: u64 = 4 << 20;
/// AWS: the headers of a PUT request, 8 KB.
const HEADERS_BYTES_MAX: usize = 8 << 10;

/// A request's head, taken over from hyper.
pub struct Head {
    pub parts: hyper::http::request::Parts,
    pub request_id: String,
    pub from: IpAddr,
    /// The VPC endpoint that it came through, if any.
    pub through: Option<Rc<Through>>,
}

/// An answer, and what the audit trail tells of it.
pub struct Served {
    pub reply: Reply,
    pub error: Option<AwsError>,
    /// None: the request was refused before it was known who asks for what.
    pub ask: Option<Ask>,
    pub bucket: Option<Rc<super::bucket::Bucket>>,
    pub agent: String,
    pub bytes_in: Option<u64>,
    pub request_id: String,
    pub host_id: String,
    /// Refused for its account's rate.
    pub throttled: bool,
}

/// Who a key belongs to, and its secret.
pub type FindKey<'a> = crate::identity::Find<'a, Rc<User>>;
/// Whether an account that has proven itself comes too often.
pub type Admit<'a> = &'a dyn Fn(&AccountId) -> bool;

/// Is this request for S3? By the service of its signature; without one by its look: S3's requests name a bucket in the
/// path or the host, the others' are all at `/`.
pub fn is_for_s3(
    claim: &Result<Claim, AuthError>,
    method: &Method,
    path: &str,
    query: &str,
    host: Option<&str>,
    authorization: Option<&str>,
) -> bool {
    match claim {
        Ok(claim) => claim.service == "s3",
        Err(AuthError::Version2) => true,
        Err(_) if authorization.is_some_and(|a| a.contains("/s3/aws4_request") || a.starts_with("AWS ")) => true,
        Err(_) if query.contains("%2Fs3%2Faws4_request") || query.contains("/s3/aws4_request") => true,
        Err(e) => {
            let bare = HttpRequest { method: "GET", path: "/", query: "", headers: &[] };
            let virtual_hosted = route(&bare, host, DEFAULT_BASE_HOSTS).is_ok_and(|r| r.bucket.is_some());
            let listing = method == Method::OPTIONS || (method == Method::GET && !query.contains("Action="));
            path != "/" || virtual_hosted || (listing && matches!(e, AuthError::Missing))
        }
    }
}

impl S3 {
    /// Answers a request whole, errors and all.
    pub async fn serve(
        self: &Rc<Self>,
        head: Head,
        body: Incoming,
        claim: Result<Claim, AuthError>,
        find: FindKey<'_>,
        admit: Admit<'_>,
    ) -> Served {
        let Head { parts, request_id, from, through } = head;
        let now = self.clock.wall();
        let path = parts.uri.path().to_owned();
        let method = parts.method.clone();
        let host_id = host_id(&request_id);
        let header = |name: &str| parts.headers.get(name).and_then(|o| o.to_str().ok()).map(str::to_owned);
        let origin = header("origin");
        // A preflight's own verdict stands.
        let asked_method = header("access-control-request-method").filter(|_| method != Method::OPTIONS);
        let draft = Draft::new(&parts, now);
        let (mut ask, mut throttled) = (None, false);
        let outcome = self
            .work(parts, &request_id, &host_id, (from, through), now, body, claim, find, admit, &draft, &mut ask, &mut throttled)
            .await;
        let (mut reply, error, bucket) = match outcome {
            Ok((reply, bucket)) => (reply, None, bucket),
            Err((e, bucket)) => (self.error(&e, &request_id, &host_id, &path, &method), Some(e), bucket),
        };
        if let (Some(origin), Some(bucket)) = (origin, &bucket) {
            super::cors::mark(&mut reply, bucket, &origin, asked_method.as_deref().unwrap_or(method.as_str()));
        }
        set(&mut reply, "x-amz-request-id", &request_id);
        set(&mut reply, "x-amz-id-2", &host_id);
        if let Some(bucket) = &bucket {
            self.access_log.record(&draft, &reply, error.as_ref(), bucket, &request_id, &host_id, from);
        }
        Served { reply, error, ask, bucket, agent: draft.agent, bytes_in: draft.bytes_in, request_id, host_id, throttled }
    }

    /// Takes back an answer whose object would be one too many on its way out.
    pub fn crowded(&self, served: &mut Served, method: &Method) {
        let e = errors::slow_down();
        let path = served.ask.as_ref().map_or("", |a| &a.path);
        served.reply = self.error(&e, &served.request_id, &served.host_id, path, method);
        set(&mut served.reply, "x-amz-request-id", &served.request_id);
        set(&mut served.reply, "x-amz-id-2", &served.host_id);
        served.error = Some(e);
        served.throttled = true;
    }

    fn error(&self, e: &AwsError, request_id: &str, host_id: &str, path: &str, method: &Method) -> Reply {
        let bodiless = method == Method::HEAD || e.status == 304;
        let text = if bodiless { String::new() } else { error_xml(e, request_id, host_id, path) };
        let mut reply = super::xml_reply(e.status, text);
        if bodiless {
            *reply.body_mut() = ReplyBody::empty();
        }
        for (name, value) in e.details.iter().filter(|(name, _)| is_header(name)) {
            set(&mut reply, name, value);
        }
        if let Some(size) = e.detail("ActualObjectSize").filter(|_| e.status == 416) {
            set(&mut reply, "content-range", &format!("bytes */{size}"));
        }
        if e.status == 503 {
            set(&mut reply, "retry-after", "1");
        }
        // Without a body it is the only way to learn which region the request should have been signed for.
        if method == Method::HEAD && matches!(e.status, 400 | 403 | 404) {
            set(&mut reply, "x-amz-bucket-region", &self.region);
        }
        reply
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one request, taken apart once")]
    async fn work(
        self: &Rc<Self>,
        parts: hyper::http::request::Parts,
        request_id: &str,
        host_id: &str,
        (from, through): (IpAddr, Option<Rc<Through>>),
        now: TimestampMs,
        body: Incoming,
        claim: Result<Claim, AuthError>,
        find: FindKey<'_>,
        admit: Admit<'_>,
        draft: &Draft,
        asked: &mut Option<Ask>,
        throttled: &mut bool,
    ) -> Result<(Reply, Option<Rc<super::bucket::Bucket>>), (AwsError, Option<Rc<super::bucket::Bucket>>)> {
        let bare = |e: AwsError| (e, None);
        let all = latin(&parts.headers);
        let pairs: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let http = HttpRequest {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or(""),
            headers: &pairs,
        };
        let host = parts.headers.get("host").and_then(|h| h.to_str().ok()).or(parts.uri.host());
        let size: usize = pairs.iter().map(|(n, v)| n.len() + v.len()).sum();
        if size > HEADERS_BYTES_MAX {
            return Err(bare(errors::request_header_section_too_large(HEADERS_BYTES_MAX)));
        }
        let Route { operation, bucket, key, params, website, virtual_hosted } =
            route(&http, host, DEFAULT_BASE_HOSTS).map_err(bare)?;
        let mut proof = None;
        let mut version2 = None;
        let who = match claim {
            // Browsers ask about a presigned URL without its method and headers: nothing is proven, nothing needs to be.
            _ if operation == Operation::CorsPreflight => Identity::Anonymous,
            Err(AuthError::Missing) => Identity::Anonymous,
            Err(AuthError::Version2) => {
                let of_host = bucket.as_deref().filter(|_| virtual_hosted);
                let mut lookup = Lookup::new(find, sigv4::v2::session_token(&http));
                let proven = sigv4::v2::verify(&http, of_host, now, |key| lookup.secret(key));
                let (proven, user) = lookup.whose(proven).map_err(|e| bare(e.to_s3(&http)))?;
                version2 = Some((proven.presigned, proven.signed_at));
                Identity::User(user)
            }
            Err(e) => return Err(bare(e.to_s3(&http))),
            Ok(claim) => {
                let mut lookup = Lookup::new(find, claim.session_token.clone());
                let proven = claim.verify_head(&http, &self.region, now, |key| lookup.secret(key));
                let (proven, user) = lookup.whose(proven).map_err(|e| bare(e.to_s3(&http)))?;
                proof = Some((proven.signer.presigned, proven.signer.signed_at, proven.payload, proven.chain));
                Identity::User(user)
            }
        };
        let ask = &*asked.insert(Ask {
            id: request_id.to_owned(),
            host_id: host_id.to_owned(),
            op: operation,
            bucket: bucket.unwrap_or_default(),
            key: key.unwrap_or_default(),
            params,
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or("").to_owned(),
            headers: parts.headers.clone(),
            who,
            from,
            through,
            region: self.region.clone(),
            now,
            presigned: proof.as_ref().map(|p| p.0).or(version2.map(|v| v.0)).unwrap_or(false),
            signed_at: proof.as_ref().map(|p| p.1).or(version2.map(|v| v.1)),
            website,
            decided: Default::default(),
        });
        draft.learn(ask);
        if let Identity::User(user) = &ask.who
            && !admit(&user.caller.account)
        {
            *throttled = true;
            return Err(bare(errors::slow_down()));
        }
        if ask.website {
            let reply = self.website(ask).await;
            return Ok((reply, self.cached(&ask.bucket)));
        }
        known_headers(ask).map_err(bare)?;
        if ask.filled("x-amz-expected-bucket-owner").is_some()
            && !matches!(operation, Operation::CreateBucket | Operation::ListBuckets)
        {
            let bucket = self.bucket(ask).await.map_err(bare)?;
            expect_owner(ask, "x-amz-expected-bucket-owner", &bucket).map_err(|e| (e, Some(bucket)))?;
        }
        let payload = proof.map(|p| (p.2, p.3));
        let result = self.operate(ask, body, payload, find).await;
        let bucket = self.cached(&ask.bucket);
        match result {
            Ok(mut reply) => {
                let charged = ask.header("x-amz-request-payer") == Some("requester");
                if charged && bucket.as_ref().is_some_and(|b| b.requester_pays()) {
                    set(&mut reply, "x-amz-request-charged", "requester");
                }
                Ok((reply, bucket))
            }
            Err(e) => Err((e, bucket)),
        }
    }

    async fn operate(
        self: &Rc<Self>,
        ask: &Ask,
        body: Incoming,
        payload: Option<(PayloadKind, ChunkSigner)>,
        find: FindKey<'_>,
    ) -> Result<Reply, AwsError> {
        use Operation::*;
        let framing = |ask: &Ask| framing(ask, payload);
        match ask.op {
            PutObject => {
                let upload = Upload::new((&self.uploads, &self.hashing), ask, body, framing(ask)?, PUT_BYTES_MAX, None)?;
                return self.put_object(ask, upload).await;
            }
            UploadPart => {
                let (number, record, algorithm) = self.part_of(ask).await?;
                let upload = Upload::new((&self.uploads, &self.hashing), ask, body, framing(ask)?, PART_BYTES_MAX, algorithm)?;
                return self.upload_part(ask, number, &record, upload).await;
            }
            PostObject => return self.post_object(ask, body, find).await,
            GetObject | HeadObject => return self.get_object(ask).await,
            CopyObject => return self.copy_object(ask).await,
            UploadPartCopy => return self.upload_part_copy(ask).await,
            DeleteObject => return self.delete_object(ask).await,
            CorsPreflight => return self.preflight(ask).await,
            ListBuckets => return self.list_buckets(ask).await,
            HeadBucket => return self.head_bucket(ask).await,
            DeleteBucket => return self.delete_bucket(ask).await,
            GetBucketLocation => return self.bucket_location(ask).await,
            ListObjects => return self.list_objects(ask).await,
            ListObjectsV2 => return self.list_objects_v2(ask).await,
            ListObjectVersions => return self.list_versions(ask).await,
            ListMultipartUploads => return self.list_uploads(ask).await,
            CreateMultipartUpload => return self.create_upload(ask).await,
            AbortMultipartUpload => return self.abort_upload(ask).await,
            ListParts => return self.list_parts(ask).await,
            GetObjectAttributes => return self.object_attributes(ask).await,
            GetBucketVersioning => return self.get_versioning(ask).await,
            GetBucketPolicy => return self.get_policy(ask).await,
            DeleteBucketPolicy => return self.delete_policy(ask).await,
            GetBucketPolicyStatus => return self.policy_status(ask).await,
            GetObjectTagging => return self.get_tags(ask).await,
            DeleteObjectTagging => return self.delete_tags(ask).await,
            GetObjectAcl => return self.get_object_acl(ask).await,
            GetBucketAcl => return self.get_bucket_acl(ask).await,
            GetObjectRetention => return self.get_retention(ask).await,
            GetObjectLegalHold => return self.get_legal_hold(ask).await,
            GetObjectTorrent => {
                return Err(errors::not_implemented_because("Torrents are not implemented; S3 itself has withdrawn them."));
            }
            SelectObjectContent => {
                return Err(errors::not_implemented_because("S3 Select is not implemented; S3 itself is closed to new users."));
            }
            _ => {}
        }
        let body = self.small_body(ask, body, framing(ask)?).await?;
        if let Some(result) = self.configure(ask, &body).await {
            return result;
        }
        match ask.op {
            CreateBucket => self.create_bucket(ask, &body).await,
            DeleteObjects => self.delete_objects(ask, &body).await,
            CompleteMultipartUpload => self.complete_upload(ask, &body).await,
            PutBucketVersioning => self.put_versioning(ask, &body).await,
            PutBucketPolicy => self.put_policy(ask, &body).await,
            PutObjectTagging => self.put_tags(ask, &body).await,
            PutObjectAcl => self.put_object_acl(ask, &body).await,
            PutBucketAcl => self.put_bucket_acl(ask, &body).await,
            PutObjectRetention => self.put_retention(ask, &body).await,
            PutObjectLegalHold => self.put_legal_hold(ask, &body).await,
            RestoreObject => self.restore_object(ask, &body).await,
            PutBucketInventoryConfiguration
            | GetBucketInventoryConfiguration
            | DeleteBucketInventoryConfiguration
            | ListBucketInventoryConfigurations => self.inventory(ask, &body).await,
            other => Err(errors::not_implemented_because(format!("{} is not implemented.", other.name()))),
        }
    }

    /// A body that is read whole before anything happens. Without a length there is none.
    async fn small_body(&self, ask: &Ask, body: Incoming, framing: Framing) -> Result<Bytes, AwsError> {
        let none = ask.header("content-length").is_none_or(|l| l == "0") && ask.header("transfer-encoding").is_none();
        if none {
            return Ok(Bytes::new());
        }
        let upload =
            Upload::new((&self.uploads, &self.hashing), ask, body, framing, SMALL_BODY_BYTES_MAX, None).map_err(too_long)?;
        upload.whole().await.map(|(bytes, _)| bytes).map_err(too_long)
    }
}

/// Headers that promise what is not kept here. The others that S3 has are read where they mean something.
const REFUSED: [&str; 4] =
    ["x-amz-write-offset-bytes", "x-amz-bucket-namespace", "x-amz-rename-source", "x-amz-fwd-header-x-amz-checksum-type"];
/// What follows `x-amz-checksum-` without being an algorithm.
const CHECKSUM_WORDS: [&str; 3] = ["algorithm", "type", "mode"];

/// # Errors
/// `NotImplemented` for a header that would be without effect.
fn known_headers(ask: &Ask) -> Result<(), AwsError> {
    for name in ask.headers.keys().map(HeaderName::as_str) {
        let unknown_checksum = name
            .strip_prefix("x-amz-checksum-")
            .is_some_and(|rest| !CHECKSUM_WORDS.contains(&rest) && !Algorithm::CHECKSUMS.iter().any(|a| a.header() == name));
        if unknown_checksum || REFUSED.contains(&name) {
            return Err(errors::not_implemented().with("Header", name));
        }
    }
    match ask.filled("x-amz-optional-object-attributes") {
        None | Some("RestoreStatus") => Ok(()),
        Some(other) => {
            Err(errors::invalid_argument("Invalid attribute name specified", "x-amz-optional-object-attributes", other))
        }
    }
}

/// A document that is too long is not an object that is too large.
fn too_long(e: AwsError) -> AwsError {
    if e.is("EntityTooLarge") { errors::max_message_length_exceeded(SMALL_BODY_BYTES_MAX) } else { e }
}

fn framing(ask: &Ask, payload: Option<(PayloadKind, ChunkSigner)>) -> Result<Framing, AwsError> {
    let (kind, signer) = match payload {
        Some((kind, signer)) => (kind, Some(signer)),
        // Nobody signed; the body may be framed even so.
        None => match ask.filled("x-amz-content-sha256").and_then(PayloadKind::parse) {
            Some(kind @ PayloadKind::StreamingUnsignedTrailer) => (kind, None),
            Some(PayloadKind::StreamingSigned { .. }) => return Err(errors::access_denied()),
            _ => (PayloadKind::Unsigned, None),
        },
    };
    match kind {
        PayloadKind::Sha256(hash) => Ok(Framing::Plain { sha256: Some(hash) }),
        PayloadKind::Unsigned => Ok(Framing::Plain { sha256: None }),
        PayloadKind::StreamingSigned { .. } | PayloadKind::StreamingUnsignedTrailer => {
            let length = ask.filled("x-amz-decoded-content-length").ok_or_else(errors::missing_content_length)?;
            let length =
                length.parse().map_err(|_| errors::invalid_argument("Invalid length", "x-amz-decoded-content-length", length))?;
            Decoder::new(kind, signer, length, ask.filled("x-amz-trailer")).map(|d| Framing::Chunked(Box::new(d)))
        }
    }
}

/// Headers as text for signatures: bytes beyond ASCII stand as they are in UTF-8, else as Latin-1.
pub fn latin(all: &hyper::HeaderMap) -> Vec<(String, String)> {
    let text = |v: &hyper::header::HeaderValue| match std::str::from_utf8(v.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => v.as_bytes().iter().map(|b| char::from(*b)).collect(),
    };
    all.iter().map(|(n, v)| (n.as_str().to_owned(), text(v))).collect()
}

/// `x-amz-id-2`: S3's second request id, longer and of no meaning to anybody outside.
fn host_id(request_id: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(request_id)
}
