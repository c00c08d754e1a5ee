//! PostObject: a browser's form. Its fields are what a PUT has in headers; who asks is in them too.

use super::ask::{Ask, Identity};
use super::digest::{Digests, of};
use super::front::FindKey;
use super::objects::{object_checksum, set_checksum};
use super::upload::PUT_BYTES_MAX;
use super::write::{Sink, Stored};
use super::{S3, empty_reply, sse, xml_reply};
use crate::answer::{Reply, set};
use crate::identity::Lookup;
use aws_protocol::AwsError;
use aws_protocol::s3::checksum::{Algorithm, Checksum};
use aws_protocol::s3::form_data::{Parser, State};
use aws_protocol::s3::post_policy::{LengthRange, PostForm, Versions, authorize};
use aws_protocol::s3::{KEY_BYTES_MAX, errors};
use aws_protocol::sigv4::HttpRequest;
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use objectstore::message::WriteConditions;
use std::rc::Rc;
use std::time::Duration;

const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// The body's frames, in order.
struct Frames(Incoming);

impl Frames {
    async fn next(&mut self) -> Result<Option<Bytes>, AwsError> {
        loop {
            match tokio::time::timeout(IDLE_TIMEOUT, self.0.frame()).await {
                Err(_) => return Err(errors::request_timeout()),
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => return Err(errors::incomplete_body()),
                Ok(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }
}

impl S3 {
    pub(super) async fn post_object(self: &Rc<Self>, ask: &Ask, body: Incoming, find: FindKey<'_>) -> Result<Reply, AwsError> {
        let mut parser = Parser::new(ask.header("content-type").unwrap_or(""))?;
        let mut frames = Frames(body);
        // Fields first; what is left of the frame in which they end is the file's.
        let mut rest = loop {
            let Some(frame) = frames.next().await? else {
                return Err(parser.finish().map_or_else(|e| e.to_aws(), |()| errors::malformed_post_request()));
            };
            let (state, used) = parser.feed(&frame, &mut |_| {}).map_err(|e| e.to_aws())?;
            match state {
                State::More => {}
                State::FileBegins => break frame.slice(used..),
                State::Done => return Err(errors::malformed_post_request()),
            }
        };
        let form = PostForm::new(parser.fields(), parser.file())?;
        let mut lookup = Lookup::new(find, form.get("x-amz-security-token").map(str::to_owned));
        let authorized = authorize(&form, &ask.bucket, &self.region, ask.now, Versions::V2AndV4, |key| lookup.secret(key));
        // A form's errors are S3's already: only the unknown key is another's word with a token.
        let authorized =
            authorized.map_err(|e| if e.is("InvalidAccessKeyId") && lookup.has_token() { errors::invalid_token() } else { e })?;
        let length = authorized.as_ref().map_or(LengthRange { min: 0, max: PUT_BYTES_MAX }, |a| a.length);
        let who = match &authorized {
            Some(_) => {
                let bare = HttpRequest { method: "POST", path: "/", query: "", headers: &[] };
                Identity::User(lookup.whose(Ok(())).map_err(|e| e.to_s3(&bare))?.1)
            }
            None => ask.who.clone(),
        };
        let file_type = parser.file().content_type.clone();
        let put = as_put(ask, &form, who, file_type)?;
        let bucket = self.bucket(&put).await?;
        self.allow_put(&put, &bucket, &put.key)?;
        let customer = sse::customer_key(&put)?;
        let (mut object, sealing) = self.new_version(&put, &bucket, customer.as_ref()).await?;
        if let Some(tagging) = form.get("tagging") {
            let parsed: aws_protocol::s3::Tagging = aws_protocol::s3::decode_xml(&["Tagging"], tagging.as_bytes())?;
            let tags = super::config::tag_pairs(parsed.tag_set.as_deref().unwrap_or_default())?;
            object.tags = super::headers::checked_tags(tags, super::headers::OBJECT_TAGS_MAX)?;
        }
        let expected = expected_checksum(&form)?;
        let algorithm = expected.map_or(Algorithm::Crc64Nvme, |e| e.algorithm);
        let mut digests = Digests::new(&self.hashing, [Algorithm::Md5, algorithm]);
        let mut sink: Option<Sink> = None;
        loop {
            let mut pieces: Vec<Bytes> = Vec::new();
            let (state, _) = parser.feed(&rest, &mut |p| pieces.push(Bytes::copy_from_slice(p))).map_err(|e| e.to_aws())?;
            for piece in pieces {
                if digests.bytes + piece.len() as u64 > length.max {
                    return Err(errors::entity_too_large(digests.bytes + piece.len() as u64, length.max));
                }
                digests.update(piece.clone()).await;
                match &mut sink {
                    Some(sink) => sink.write(piece).await?,
                    None => {
                        let layout = self.layout(&object.storage_class);
                        sink.insert(self.sink(layout, &sealing).await?).write(piece).await?;
                    }
                }
            }
            if state == State::Done {
                break;
            }
            match frames.next().await? {
                Some(frame) => rest = frame,
                None => break,
            }
        }
        parser.finish().map_err(|e| e.to_aws())?;
        // What follows the file is read, so that the client hears the answer.
        while frames.next().await?.is_some() {}
        let bytes = digests.bytes;
        length.check(bytes)?;
        let all = digests.finish().await;
        let (Some(md5), Some(checksum)) = (of(&all, Algorithm::Md5), of(&all, algorithm)) else {
            return Err(errors::internal_error());
        };
        if let Some(expected) = expected.filter(|e| e.bytes() != checksum.bytes()) {
            return Err(checksum.mismatch(&expected));
        }
        let stored: Stored = match sink {
            Some(sink) => sink.finish().await?,
            None => self.nothing().await?,
        };
        object.data = stored.data();
        object.bytes = bytes;
        object.etag = md5.to_hex();
        object.checksum = Some(object_checksum(checksum));
        let etag = format!("\"{}\"", object.etag);
        let id = self.commit(&put, &stored, object.clone(), WriteConditions::default(), "ObjectCreated:Post").await?;
        let mut reply = self.posted(&put, &form, &etag);
        set(&mut reply, "etag", &etag);
        set_checksum(&mut reply, object.checksum.as_ref());
        self.mark_made(&mut reply, &put, &bucket, id, &object);
        Ok(reply)
    }

    fn posted(&self, put: &Ask, form: &PostForm, etag: &str) -> Reply {
        let host = put.header("host").unwrap_or("localhost");
        let location = format!("http://{host}/{}/{}", put.bucket, escape(&put.key));
        let redirect = form.get("success_action_redirect").or(form.get("redirect"));
        if let Some(to) = redirect.filter(|to| to.starts_with("http://") || to.starts_with("https://")) {
            let sign = if to.contains('?') { '&' } else { '?' };
            let mut reply = empty_reply(303);
            let query = format!("bucket={}&key={}&etag={}", escape(&put.bucket), escape(&put.key), escape(etag));
            set(&mut reply, "location", &format!("{to}{sign}{query}"));
            return reply;
        }
        let mut reply = match form.get("success_action_status") {
            Some("200") => empty_reply(200),
            Some("201") => {
                let xml = |s: &str| s.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                xml_reply(
                    201,
                    format!(
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{}</Location><Bucket>{}</Bucket><Key>{}</Key><ETag>{}</ETag></PostResponse>",
                        xml(&location),
                        xml(&put.bucket),
                        xml(&put.key),
                        etag.replace('"', "&quot;")
                    ),
                )
            }
            _ => empty_reply(204),
        };
        set(&mut reply, "location", &location);
        reply
    }
}

/// The form as the PUT that it stands for.
fn as_put(ask: &Ask, form: &PostForm, who: Identity, file_type: Option<String>) -> Result<Ask, AwsError> {
    let key = form.get("key").unwrap_or("").to_owned();
    if key.len() > KEY_BYTES_MAX {
        return Err(errors::key_too_long(key.len(), KEY_BYTES_MAX));
    }
    let mut headers = HeaderMap::new();
    for name in ["host", "user-agent", "referer", "origin"] {
        if let Some(value) = ask.headers.get(name) {
            headers.insert(name, value.clone());
        }
    }
    for (name, value) in form.iter() {
        let name = if name == "acl" { "x-amz-acl" } else { name };
        let wanted = super::headers::SYSTEM.contains(&name) || (name.starts_with("x-amz-") && !PROOF.contains(&name));
        if !wanted {
            continue;
        }
        let header = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_bytes(value.as_bytes()).ok());
        let (header, value) = header.ok_or_else(|| errors::invalid_argument("The field is no header", name, value))?;
        headers.append(header, value);
    }
    if !headers.contains_key("content-type")
        && let Some(value) = file_type.and_then(|t| HeaderValue::from_str(&t).ok())
    {
        headers.insert("content-type", value);
    }
    Ok(Ask {
        id: ask.id.clone(),
        host_id: ask.host_id.clone(),
        op: ask.op,
        bucket: ask.bucket.clone(),
        key,
        params: ask.params.clone(),
        method: ask.method.clone(),
        path: ask.path.clone(),
        query: ask.query.clone(),
        headers,
        signed_at: matches!(who, Identity::User(_)).then_some(ask.now),
        who,
        from: ask.from,
        through: ask.through.clone(),
        region: ask.region.clone(),
        now: ask.now,
        presigned: false,
        website: false,
        decided: Default::default(),
    })
}

/// Fields that prove who signed.
const PROOF: [&str; 5] = ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token"];

fn expected_checksum(form: &PostForm) -> Result<Option<Checksum>, AwsError> {
    for algorithm in Algorithm::CHECKSUMS {
        if let Some(value) = form.get(algorithm.header()) {
            return Checksum::from_header_value(algorithm, value).map(Some);
        }
    }
    Ok(None)
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for &b in text.as_bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b'/') {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}
