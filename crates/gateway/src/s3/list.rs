//! ListBuckets, ListObjects (both), ListObjectVersions, ListMultipartUploads: the index's pages in S3's words.
//! Their entries, which are many: [`entries`].

mod entries;

use super::access::{Grants, allow, allow_own};
use super::acl::Permission;
use super::ask::{Ask, Identity};
use super::bucket::Bucket;
use super::keys::Brought;
use super::{S3, UPDATES_MAX, xml_reply};
use crate::answer::Reply;
use aws_protocol::s3::{self, encode_xml, errors};
use aws_protocol::{AwsError, Shape, write_text};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entries::Entries;
use iam::canonical_user_id;
use objectstore::message::{IndexAnswer, IndexCall, LIST_MAX, ListPage, ListQuery, UploadsQuery, VersionsPage, VersionsQuery};
use objectstore::record::{UploadId, VersionId};
use std::rc::Rc;
use types::AccountId;

/// AWS: at most 10,000 buckets a page.
const BUCKETS_MAX: u32 = 10_000;

/// `encoding-type=url`: keys in replies are encoded as forms are, slashes kept.
#[derive(Clone, Copy)]
struct Encoding(bool);

impl Encoding {
    fn of(ask: &Ask) -> Result<Self, AwsError> {
        match ask.params.filled("encoding-type") {
            None => Ok(Self(false)),
            Some("url") => Ok(Self(true)),
            Some(other) => Err(errors::invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", other)),
        }
    }

    fn text(self, s: &str) -> String {
        if !self.0 {
            return s.to_owned();
        }
        let mut out = String::with_capacity(s.len());
        percent(s, &mut out);
        out
    }

    /// The same as XML's text.
    fn write(self, s: &str, out: &mut String) {
        // What percent-encoding leaves means nothing to XML.
        if self.0 { percent(s, out) } else { write_text(s, out) }
    }

    fn name(self) -> Option<String> {
        self.0.then(|| "url".to_owned())
    }
}

fn percent(s: &str, out: &mut String) {
    for &b in s.as_bytes() {
        // As forms are encoded, but for the slash.
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'*' | b'/') {
            out.push(char::from(b));
        } else if b == b' ' {
            out.push('+');
        } else {
            let digit = |d: u8| char::from(b"0123456789ABCDEF"[usize::from(d)]);
            out.extend(['%', digit(b >> 4), digit(b & 15)]);
        }
    }
}

fn may_list(ask: &Ask, bucket: &Bucket) -> Result<(), AwsError> {
    allow(ask, bucket, "s3:ListBucket", &super::ask::arn(&ask.bucket, None), Grants::Bucket(Permission::Read))
}

fn query(ask: &Ask, after: &str, limit: u32) -> ListQuery {
    ListQuery {
        prefix: ask.params.get("prefix").unwrap_or("").to_owned(),
        delimiter: ask.params.get("delimiter").unwrap_or("").to_owned(),
        after: after.to_owned(),
        limit,
        whole: false,
        bucket: None,
    }
}

impl S3 {
    pub(super) fn owner(&self, account: &AccountId) -> s3::Owner {
        let id = canonical_user_id(account);
        s3::Owner { display_name: self.display_name_of(&id), id: Some(id) }
    }

    pub(super) async fn list_buckets(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let Identity::User(principal) = &ask.who else { return Err(errors::access_denied()) };
        allow_own(ask, "s3:ListAllMyBuckets", "*", &Brought::default())?;
        let limit = ask.params.number("max-buckets", BUCKETS_MAX)?;
        if limit == Some(0) {
            return Err(errors::invalid_argument("max-buckets must be an integer between 1 and 10000", "max-buckets", "0"));
        }
        let prefix = ask.params.get("prefix").unwrap_or("").to_owned();
        let after = match ask.params.filled("continuation-token") {
            None => String::new(),
            Some(token) => open_token(token)?,
        };
        let call = IndexCall::ListBuckets {
            owner: principal.account.clone(),
            prefix: prefix.clone(),
            after,
            limit: limit.unwrap_or(BUCKETS_MAX),
        };
        let IndexAnswer::Buckets { buckets, next } = self.index(ask, call).await? else { return Err(errors::internal_error()) };
        let wanted_region = ask.params.filled("bucket-region").is_none_or(|r| r == self.region);
        let one = |b: objectstore::record::BucketRecord| s3::Bucket {
            bucket_arn: Some(super::ask::arn(&b.name, None)),
            name: Some(b.name),
            creation_date: Some(b.created),
            bucket_region: Some(self.region.clone()),
        };
        let out = s3::ListBucketsOutput {
            buckets: Some(if wanted_region { buckets.into_iter().map(one).collect() } else { Vec::new() }),
            owner: Some(self.owner(&principal.account)),
            continuation_token: next.map(|n| seal_token(&n)),
            prefix: Some(prefix).filter(|p| !p.is_empty()),
        };
        Ok(xml_reply(200, encode_xml("ListAllMyBucketsResult", &out)))
    }

    pub(super) async fn list_objects(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let (bucket, ()) = self.by_known_bucket(ask, async |bucket| may_list(ask, bucket)).await?;
        let encoding = Encoding::of(ask)?;
        let limit = ask.params.number("max-keys", LIST_MAX)?.unwrap_or(LIST_MAX);
        let marker = ask.params.get("marker").unwrap_or("");
        let page = self.page(ask, bucket, query(ask, marker, limit)).await?;
        let delimiter = ask.params.filled("delimiter");
        let truncated = page.next.is_some();
        let prefix = ask.params.get("prefix").unwrap_or("");
        let out = s3::ListObjectsOutput {
            is_truncated: Some(truncated),
            marker: Some(encoding.text(marker)),
            // S3 names it only where the client could not know it itself.
            next_marker: page.next.as_deref().filter(|_| delimiter.is_some()).map(|n| encoding.text(n)),
            contents: None,
            name: Some(ask.bucket.clone()),
            // The one word that S3 does not encode in this version, and clients do not decode.
            prefix: Some(prefix.to_owned()),
            delimiter: delimiter.map(|d| encoding.text(d)),
            max_keys: Some(limit as i32),
            common_prefixes: prefixes(&page.prefixes, encoding),
            encoding_type: encoding.name(),
        };
        self.objects(&out, encoding, true, &page)
    }

    pub(super) async fn list_objects_v2(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let (bucket, ()) = self.by_known_bucket(ask, async |bucket| may_list(ask, bucket)).await?;
        let encoding = Encoding::of(ask)?;
        let limit = ask.params.number("max-keys", LIST_MAX)?.unwrap_or(LIST_MAX);
        let start_after = ask.params.get("start-after");
        let token = ask.params.get("continuation-token");
        let after = match token {
            Some(token) if !token.is_empty() => open_token(token)?,
            // An empty token is the beginning.
            _ => start_after.unwrap_or("").to_owned(),
        };
        let with_owner = ask.params.get("fetch-owner") == Some("true");
        let page = self.page(ask, bucket, query(ask, &after, limit)).await?;
        let prefix = ask.params.get("prefix").unwrap_or("");
        let out = s3::ListObjectsV2Output {
            is_truncated: Some(page.next.is_some()),
            key_count: Some((page.rows.len() + page.prefixes.len()) as i32),
            next_continuation_token: page.next.as_deref().map(seal_token),
            continuation_token: token.map(str::to_owned),
            contents: None,
            name: Some(ask.bucket.clone()),
            prefix: Some(encoding.text(prefix)),
            delimiter: ask.params.filled("delimiter").map(|d| encoding.text(d)),
            max_keys: Some(limit as i32),
            common_prefixes: prefixes(&page.prefixes, encoding),
            encoding_type: encoding.name(),
            start_after: start_after.map(|s| encoding.text(s)),
        };
        self.objects(&out, encoding, with_owner, &page)
    }

    /// `bucket`: by which the caller may list.
    async fn page(&self, ask: &Ask, mut bucket: Rc<Bucket>, query: ListQuery) -> Result<ListPage, AwsError> {
        if query.limit == 0 {
            may_list(ask, &*self.bucket(ask).await?)?;
            return Ok(ListPage::default());
        }
        for _ in 0..UPDATES_MAX {
            let query = ListQuery { bucket: Some(bucket.version), ..query.clone() };
            match self.index_if_unchanged(ask, IndexCall::List { bucket: ask.bucket.clone(), query }).await? {
                Some(IndexAnswer::List(page)) => return Ok(page),
                Some(_) => return Err(errors::internal_error()),
                None => bucket = self.bucket(ask).await?,
            }
            may_list(ask, &bucket)?;
        }
        Err(errors::operation_aborted())
    }

    /// The reply to a listing of objects: `shell` with the page's entries.
    fn objects(&self, shell: &impl Shape, encoding: Encoding, with_owner: bool, page: &ListPage) -> Result<Reply, AwsError> {
        let owner_of = |account: &str| self.owner_of(account);
        let entries = Entries::new(encoding, with_owner.then_some(&owner_of));
        // `Contents` come before the bucket's name.
        let body = entries.within(("ListBucketResult", shell), "<Name>", &page.rows, Entries::object)?;
        Ok(xml_reply(200, body))
    }

    fn owner_of(&self, account: &str) -> Option<s3::Owner> {
        Some(self.owner(&account.parse().ok()?))
    }

    pub(super) async fn list_versions(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        let resource = super::ask::arn(&ask.bucket, None);
        allow(ask, &bucket, "s3:ListBucketVersions", &resource, Grants::Bucket(Permission::Read))?;
        let encoding = Encoding::of(ask)?;
        let limit = ask.params.number("max-keys", LIST_MAX)?.unwrap_or(LIST_MAX);
        let marker = ask.params.get("key-marker").unwrap_or("");
        // Clients that page in a loop begin with two empty markers.
        let version_marker = ask.params.get("version-id-marker").filter(|v| !(v.is_empty() && marker.is_empty()));
        let after_version: Option<VersionId> = match version_marker {
            None => None,
            Some(_) if marker.is_empty() => {
                return Err(errors::invalid_argument(
                    "A version-id marker cannot be specified without a key marker.",
                    "version-id-marker",
                    version_marker.unwrap_or(""),
                ));
            }
            Some("") => return Err(errors::invalid_argument("A version-id marker cannot be empty.", "version-id-marker", "")),
            Some(text) => Some(
                text.parse().map_err(|_| errors::invalid_argument("Invalid version id specified", "version-id-marker", text))?,
            ),
        };
        let query = VersionsQuery { list: query(ask, marker, limit), after_version };
        let page = if limit == 0 {
            VersionsPage::default()
        } else {
            match self.index(ask, IndexCall::ListVersions { bucket: ask.bucket.clone(), query }).await? {
                IndexAnswer::Versions(page) => page,
                _ => return Err(errors::internal_error()),
            }
        };
        let (next_key, next_version) = page.next.map_or((None, None), |(k, v)| (Some(k), v));
        let out = s3::ListObjectVersionsOutput {
            is_truncated: Some(next_key.is_some()),
            key_marker: Some(encoding.text(marker)),
            version_id_marker: Some(version_marker.unwrap_or("").to_owned()),
            next_key_marker: next_key.map(|k| encoding.text(&k)),
            next_version_id_marker: next_version.map(|v| v.to_string()),
            versions: None,
            delete_markers: None,
            name: Some(ask.bucket.clone()),
            prefix: Some(encoding.text(ask.params.get("prefix").unwrap_or(""))),
            delimiter: ask.params.filled("delimiter").map(|d| encoding.text(d)),
            max_keys: Some(limit as i32),
            common_prefixes: prefixes(&page.prefixes, encoding),
            encoding_type: encoding.name(),
        };
        let owner_of = |account: &str| self.owner_of(account);
        // Objects and markers stand together in their order, which the shape's two lists cannot say.
        let entries = Entries::new(encoding, Some(&owner_of));
        let body = entries.within(("ListVersionsResult", &out), "<CommonPrefixes>", &page.rows, Entries::version)?;
        Ok(xml_reply(200, body))
    }

    pub(super) async fn list_uploads(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        let resource = super::ask::arn(&ask.bucket, None);
        allow(ask, &bucket, "s3:ListBucketMultipartUploads", &resource, Grants::Bucket(Permission::Read))?;
        let encoding = Encoding::of(ask)?;
        let limit = ask.params.number("max-uploads", LIST_MAX)?.unwrap_or(LIST_MAX);
        let marker = ask.params.get("key-marker").unwrap_or("");
        // Without a key marker the upload marker is ignored.
        let upload_marker = ask.params.filled("upload-id-marker").filter(|_| !marker.is_empty());
        let after_upload: Option<UploadId> = upload_marker
            .map(|text| text.parse().map_err(|_| errors::invalid_argument("Invalid uploadId marker", "upload-id-marker", text)))
            .transpose()?;
        let query = UploadsQuery { list: query(ask, marker, limit), after_upload };
        let (uploads, groups, next) = if limit == 0 {
            (Vec::new(), Vec::new(), None)
        } else {
            match self.index(ask, IndexCall::ListUploads { bucket: ask.bucket.clone(), query }).await? {
                IndexAnswer::Uploads { uploads, prefixes, next } => (uploads, prefixes, next),
                _ => return Err(errors::internal_error()),
            }
        };
        let one = |u: objectstore::record::UploadRecord| s3::MultipartUpload {
            upload_id: Some(u.id.to_string()),
            key: Some(encoding.text(&u.key)),
            initiated: Some(u.initiated),
            storage_class: Some(u.object.storage_class),
            owner: Some(self.owner(&u.object.owner)),
            initiator: Some(s3::Initiator { id: Some(u.initiator.clone()), display_name: display_of(&u.initiator) }),
            checksum_type: u.checksum_algorithm.as_ref().map(|_| checksum_type(!u.checksum_full_object).to_owned()),
            checksum_algorithm: u.checksum_algorithm,
        };
        let truncated = next.is_some();
        let (next_key, next_upload) = next.map_or((None, None), |(k, u)| (Some(k), Some(u)));
        let out = s3::ListMultipartUploadsOutput {
            bucket: Some(ask.bucket.clone()),
            key_marker: Some(encoding.text(marker)),
            upload_id_marker: Some(upload_marker.unwrap_or("").to_owned()),
            next_key_marker: Some(next_key.map(|k| encoding.text(&k)).unwrap_or_default()),
            prefix: Some(encoding.text(ask.params.get("prefix").unwrap_or(""))),
            delimiter: ask.params.filled("delimiter").map(|d| encoding.text(d)),
            next_upload_id_marker: Some(next_upload.map(|u| u.to_string()).unwrap_or_default()),
            max_uploads: Some(limit as i32),
            is_truncated: Some(truncated),
            uploads: Some(uploads.into_iter().map(one).collect()),
            common_prefixes: prefixes(&groups, encoding),
            encoding_type: encoding.name(),
        };
        Ok(xml_reply(200, encode_xml("ListMultipartUploadsResult", &out)))
    }
}

/// The last part of an ARN.
pub fn display_of(arn: &str) -> Option<String> {
    arn.rsplit(['/', ':']).next().map(str::to_owned)
}

pub fn checksum_type(composite: bool) -> &'static str {
    if composite { "COMPOSITE" } else { "FULL_OBJECT" }
}

fn prefixes(all: &[String], encoding: Encoding) -> Option<Vec<s3::CommonPrefix>> {
    Some(all.iter().map(|p| s3::CommonPrefix { prefix: Some(encoding.text(p)) }).collect())
}

/// Continuation tokens are opaque to clients; they carry the key to go on behind.
fn seal_token(key: &str) -> String {
    format!("1{}", URL_SAFE_NO_PAD.encode(key))
}

fn open_token(token: &str) -> Result<String, AwsError> {
    let key = token.strip_prefix('1').and_then(|t| URL_SAFE_NO_PAD.decode(t).ok()).and_then(|b| String::from_utf8(b).ok());
    key.ok_or_else(|| errors::invalid_argument("The continuation token provided is incorrect", "continuation-token", token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_back_or_refused() {
        for key in ["", "a/b", "é\u{0}"] {
            assert_eq!(open_token(&seal_token(key)).unwrap(), key);
        }
        for bad in ["x", "1!", "1_w", "2YQ"] {
            assert!(open_token(bad).unwrap_err().is("InvalidArgument"), "{bad}");
        }
        assert_eq!(Encoding(true).text("a b/ü+*~"), "a+b/%C3%BC%2B*%7E");
    }
}
