//! DeleteObject and DeleteObjects.

use super::access::{Grants, allow};
use super::acl::Permission;
use super::ask::{Ask, arn};
use super::bucket::Bucket;
use super::ranges::{http_date, unquoted};
use super::{S3, empty_reply, index_error, xml_reply};
use crate::answer::{Reply, set};
use aws_protocol::AwsError;
use aws_protocol::s3::{self, KEY_BYTES_MAX, decode_xml, encode_xml, errors};
use objectstore::message::{DELETES_MAX, DeleteConditions, DeleteItem, Deleted, IndexAnswer, IndexCall, IndexError};
use objectstore::record::VersionId;

impl S3 {
    pub(super) async fn delete_object(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        let version = ask.version()?;
        allow_delete(ask, &bucket, &ask.key, version)?;
        if version.is_some() && bucket.record.mfa_delete {
            self.require_mfa(ask, &bucket).await?;
        }
        let conditions = DeleteConditions {
            if_match: ask.filled("if-match").map(|e| unquoted(e).to_owned()),
            modified: ask.filled("x-amz-if-match-last-modified-time").and_then(http_date),
            bytes: ask.filled("x-amz-if-match-size").and_then(|s| s.parse().ok()),
            current: None,
        };
        let bypass = bypass(ask, &bucket, &ask.key)?;
        let item = DeleteItem { key: ask.key.clone(), version, conditions };
        let mut results = self.delete(ask, &bucket, vec![item], bypass, "ObjectRemoved:Delete").await?;
        let deleted = results.pop().ok_or_else(errors::internal_error)?.map_err(|e| index_error(&e, ask, &ask.key, version))?;
        let mut reply = empty_reply(204);
        if deleted.delete_marker {
            set(&mut reply, "x-amz-delete-marker", "true");
        }
        if let Some(id) = deleted.version.filter(|_| bucket.is_versioned() || version.is_some()) {
            set(&mut reply, "x-amz-version-id", &id.to_string());
        }
        Ok(reply)
    }

    async fn delete(
        &self,
        ask: &Ask,
        bucket: &Bucket,
        items: Vec<DeleteItem>,
        bypass_governance: bool,
        event: &str,
    ) -> Result<Vec<Result<Deleted, IndexError>>, AwsError> {
        let call = IndexCall::Delete {
            bucket: ask.bucket.clone(),
            items,
            owner: ask.who.account().unwrap_or(&bucket.record.owner).clone(),
            bypass_governance,
            cause: ask.cause(event),
        };
        match self.index(ask, call).await? {
            IndexAnswer::Deleted(results) => Ok(results),
            _ => Err(errors::internal_error()),
        }
    }

    pub(super) async fn delete_objects(&self, ask: &Ask, body: &[u8]) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        let promised = ask.headers.keys().any(|n| n == "content-md5" || n.as_str().starts_with("x-amz-checksum-"))
            || ask.header("x-amz-trailer").is_some();
        if !promised {
            return Err(errors::invalid_request("Missing required header for this request: Content-MD5"));
        }
        let request: s3::Delete = decode_xml(&["Delete"], body)?;
        let objects = request.objects.unwrap_or_default();
        if objects.is_empty() || objects.len() > DELETES_MAX {
            return Err(errors::malformed_xml());
        }
        // In the order of the request: what the index is asked, and what is refused before.
        let mut items = Vec::new();
        let mut refused = Vec::new();
        let mut proven = None;
        let mut bypassing = ask.flag("x-amz-bypass-governance-retention");
        for object in objects {
            let key = object.key.unwrap_or_default();
            let version = match object.version_id.as_deref() {
                None | Some("") => Ok(None),
                Some(text) => text.parse().map(Some),
            };
            let checked = match version {
                _ if key.is_empty() => Err(AwsError::new("UserKeyMustBeSpecified", "The key must be specified.")),
                _ if key.len() > KEY_BYTES_MAX => Err(errors::key_too_long(key.len(), KEY_BYTES_MAX)),
                Err(_) => Err(errors::no_such_version(&key, object.version_id.as_deref().unwrap_or(""))),
                Ok(version) => allow_delete(ask, &bucket, &key, version).map(|()| version),
            };
            // One code is for all of the request's versions.
            let checked = match checked {
                Ok(Some(version)) if bucket.record.mfa_delete => {
                    if proven.is_none() {
                        proven = Some(self.require_mfa(ask, &bucket).await);
                    }
                    proven.clone().unwrap_or(Ok(())).map(|()| Some(version))
                }
                checked => checked,
            };
            match checked {
                Ok(version) => {
                    bypassing &= bypass(ask, &bucket, &key).unwrap_or(false);
                    let conditions = DeleteConditions {
                        if_match: object.e_tag.as_deref().map(|e| unquoted(e).to_owned()),
                        modified: object.last_modified_time,
                        bytes: object.size.and_then(|s| u64::try_from(s).ok()),
                        current: None,
                    };
                    items.push(DeleteItem { key, version, conditions });
                }
                Err(e) => refused.push((key, object.version_id, e)),
            }
        }
        let asked: Vec<(String, Option<VersionId>)> = items.iter().map(|i| (i.key.clone(), i.version)).collect();
        let results = if items.is_empty() {
            Vec::new()
        } else {
            self.delete(ask, &bucket, items, bypassing, "ObjectRemoved:Delete").await?
        };
        let (mut deleted, mut failed) = (Vec::new(), Vec::new());
        for ((key, version), result) in asked.into_iter().zip(results) {
            match result {
                Ok(done) => deleted.push(s3::DeletedObject {
                    key: Some(key),
                    version_id: version.map(|v| v.to_string()),
                    delete_marker: done.delete_marker.then_some(true),
                    delete_marker_version_id: done.version.filter(|_| done.delete_marker).map(|v| v.to_string()),
                }),
                Err(e) => {
                    let e = index_error(&e, ask, &key, version);
                    failed.push(failure(key, version.map(|v| v.to_string()), &e));
                }
            }
        }
        failed.extend(refused.into_iter().map(|(key, version, e)| failure(key, version, &e)));
        let quiet = request.quiet == Some(true);
        let out = s3::DeleteObjectsOutput { deleted: (!quiet).then_some(deleted), errors: Some(failed) };
        Ok(xml_reply(200, encode_xml("DeleteResult", &out)))
    }
}

fn failure(key: String, version: Option<String>, e: &AwsError) -> s3::Error {
    s3::Error { key: Some(key), version_id: version, code: Some(e.code.to_string()), message: Some(e.message.clone()) }
}

fn allow_delete(ask: &Ask, bucket: &Bucket, key: &str, version: Option<VersionId>) -> Result<(), AwsError> {
    let action = if version.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
    allow(ask, bucket, action, &arn(&ask.bucket, Some(key)), Grants::Bucket(Permission::Write))
}

/// The header alone does nothing: it needs its own permission.
pub fn bypass(ask: &Ask, bucket: &Bucket, key: &str) -> Result<bool, AwsError> {
    if !ask.flag("x-amz-bypass-governance-retention") {
        return Ok(false);
    }
    allow(ask, bucket, "s3:BypassGovernanceRetention", &arn(&ask.bucket, Some(key)), Grants::None).map(|()| true)
}
