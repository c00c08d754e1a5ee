//! What hangs on an object and is small: tags, ACL, retention, legal hold. And a bucket's ACL.

use super::access::{Grants, allow, allow_with};
use super::acl::{Acl, Permission};
use super::ask::{Ask, arn};
use super::bucket::{Bucket, Ownership, document, lock_mode, lock_mode_name};
use super::config::tag_pairs;
use super::headers::{OBJECT_TAGS_MAX, checked_tags};
use super::keys::Brought;
use super::read::marker_error;
use super::remove::bypass;
use super::write::checked_retention;
use super::{S3, empty_reply, xml_reply};
use crate::answer::Reply;
use aws_protocol::AwsError;
use aws_protocol::s3::{self, decode_xml, encode_xml, errors};
use objectstore::message::{IndexCall, VersionChange};
use objectstore::record::{Retention, VersionRecord};
use std::rc::Rc;

impl S3 {
    /// The object's version that the request is about; a delete marker has none of this.
    async fn version_for(
        &self,
        ask: &Ask,
        action: &'static str,
        version_action: &'static str,
        permission: Option<Permission>,
    ) -> Result<(Rc<Bucket>, Rc<VersionRecord>), AwsError> {
        self.version_with(ask, action, version_action, permission, &Brought::default()).await
    }

    /// The same of a request whose body bears on the decision.
    async fn version_with(
        &self,
        ask: &Ask,
        action: &'static str,
        version_action: &'static str,
        permission: Option<Permission>,
        brought: &Brought<'_>,
    ) -> Result<(Rc<Bucket>, Rc<VersionRecord>), AwsError> {
        let wanted = ask.version()?;
        let (bucket, found) = self.lookup(ask, &ask.bucket, &ask.key, wanted).await?;
        let action = if wanted.is_some() { version_action } else { action };
        let resource = arn(&ask.bucket, Some(&ask.key));
        let Some(version) = found.filter(|v| !v.delete_marker || wanted.is_some()) else {
            allow(ask, &bucket, action, &resource, Grants::None)?;
            return Err(wanted.map_or_else(|| errors::no_such_key(&ask.key), |id| errors::no_such_version(&ask.key, id)));
        };
        let grants = permission.map_or(Grants::Tagged(&version), |p| Grants::Object(&version, p));
        allow_with(ask, &bucket, action, &resource, grants, brought)?;
        if version.delete_marker {
            return Err(marker_error(ask, &version));
        }
        Ok((bucket, version))
    }

    async fn change(&self, ask: &Ask, change: VersionChange) -> Result<(), AwsError> {
        let event = match (&change, ask.op) {
            (VersionChange::Tags(_), s3::Operation::DeleteObjectTagging) => "ObjectTagging:Delete",
            (VersionChange::Tags(_), _) => "ObjectTagging:Put",
            (VersionChange::Acl(_), _) => "ObjectAcl:Put",
            _ => "",
        };
        let cause = ask.cause(event);
        let call = IndexCall::Change { bucket: ask.bucket.clone(), key: ask.key.clone(), version: ask.version()?, change, cause };
        self.index(ask, call).await.map(|_| ())
    }

    fn marked(&self, mut reply: Reply, bucket: &Bucket, version: &VersionRecord) -> Reply {
        self.set_version(&mut reply, bucket, version.id);
        reply
    }

    // ------------------------------------------------------------------------------------------------------ tags

    pub(super) async fn get_tags(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let (bucket, v) = self.version_for(ask, "s3:GetObjectTagging", "s3:GetObjectVersionTagging", None).await?;
        let tag = |(k, v): &(String, String)| s3::Tag { key: Some(k.clone()), value: Some(v.clone()) };
        let mut tags: Vec<_> = v.object.tags.iter().collect();
        tags.sort();
        let out = s3::GetObjectTaggingOutput { tag_set: Some(tags.into_iter().map(tag).collect()) };
        Ok(self.marked(xml_reply(200, encode_xml("Tagging", &out)), &bucket, &v))
    }

    pub(super) async fn put_tags(&self, ask: &Ask, body: &[u8]) -> Result<Reply, AwsError> {
        let read = || -> Result<_, AwsError> {
            let tagging: s3::Tagging = decode_xml(&["Tagging"], body)?;
            checked_tags(tag_pairs(tagging.tag_set.as_deref().unwrap_or_default())?, OBJECT_TAGS_MAX)
        };
        let tags = read();
        let brought = Brought { tags: Some(tags.as_deref().unwrap_or_default()), ..Brought::default() };
        let (bucket, v) = self.version_with(ask, "s3:PutObjectTagging", "s3:PutObjectVersionTagging", None, &brought).await?;
        let tags = tags?;
        self.change(ask, VersionChange::Tags(tags)).await?;
        Ok(self.marked(empty_reply(200), &bucket, &v))
    }

    pub(super) async fn delete_tags(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let (bucket, v) = self.version_for(ask, "s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging", None).await?;
        self.change(ask, VersionChange::Tags(Vec::new())).await?;
        Ok(self.marked(empty_reply(204), &bucket, &v))
    }

    // ------------------------------------------------------------------------------------------------------ ACLs

    pub(super) async fn get_object_acl(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let (bucket, v) = self.version_for(ask, "s3:GetObjectAcl", "s3:GetObjectVersionAcl", Some(Permission::ReadAcp)).await?;
        let acl = match bucket.ownership() {
            Ownership::BucketOwnerEnforced => Acl::private(&bucket.record.owner),
            _ => Acl::of(v.object.acl.as_deref(), &v.object.owner),
        };
        Ok(self.marked(xml_reply(200, encode_xml("AccessControlPolicy", &acl.to_xml(self))), &bucket, &v))
    }

    pub(super) async fn put_object_acl(&self, ask: &Ask, body: &[u8]) -> Result<Reply, AwsError> {
        let (bucket, v) = self.version_for(ask, "s3:PutObjectAcl", "s3:PutObjectVersionAcl", Some(Permission::WriteAcp)).await?;
        let old = Acl::of(v.object.acl.as_deref(), &v.object.owner);
        let acl = match Acl::from_headers(ask, &v.object.owner, Some(&bucket.record.owner), self)? {
            Some(_) if !body.is_empty() => return Err(errors::unexpected_content()),
            Some(acl) => acl,
            None if body.is_empty() => return Err(errors::missing_security_header("x-amz-acl")),
            None => Acl::from_xml(decode_xml(&["AccessControlPolicy"], body)?, &old.owner, self)?,
        };
        check_acl(ask, &bucket, &acl)?;
        self.change(ask, VersionChange::Acl(Some(acl.store()))).await?;
        Ok(self.marked(empty_reply(200), &bucket, &v))
    }

    pub(super) async fn get_bucket_acl(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:GetBucketAcl", &arn(&ask.bucket, None), Grants::Bucket(Permission::ReadAcp))?;
        Ok(xml_reply(200, encode_xml("AccessControlPolicy", &bucket.acl().to_xml(self))))
    }

    pub(super) async fn put_bucket_acl(&self, ask: &Ask, body: &[u8]) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:PutBucketAcl", &arn(&ask.bucket, None), Grants::Bucket(Permission::WriteAcp))?;
        let acl = match Acl::from_headers(ask, &bucket.record.owner, None, self)? {
            Some(_) if !body.is_empty() => return Err(errors::unexpected_content()),
            Some(acl) => acl,
            None if body.is_empty() => return Err(errors::missing_security_header("x-amz-acl")),
            None => Acl::from_xml(decode_xml(&["AccessControlPolicy"], body)?, &bucket.owner_canonical(), self)?,
        };
        check_acl(ask, &bucket, &acl)?;
        self.update_bucket(ask, |record| {
            record.documents.insert(document::ACL.to_owned(), acl.store());
            Ok(())
        })
        .await?;
        Ok(empty_reply(200))
    }

    // ------------------------------------------------------------------------------------------------------ lock

    fn lockable(bucket: &Bucket) -> Result<(), AwsError> {
        if bucket.record.object_lock {
            Ok(())
        } else {
            Err(errors::invalid_request("Bucket is missing Object Lock Configuration"))
        }
    }

    pub(super) async fn get_retention(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let (bucket, v) = self.version_for(ask, "s3:GetObjectRetention", "s3:GetObjectRetention", None).await?;
        Self::lockable(&bucket)?;
        let Some(r) = v.object.retention else { return Err(errors::no_such_object_lock_configuration(&ask.key)) };
        let out = s3::ObjectLockRetention { mode: Some(lock_mode_name(r.mode).to_owned()), retain_until_date: Some(r.until) };
        Ok(xml_reply(200, encode_xml("Retention", &out)))
    }

    pub(super) async fn put_retention(&self, ask: &Ask, body: &[u8]) -> Result<Reply, AwsError> {
        let read = || -> Result<_, AwsError> {
            let wanted: s3::ObjectLockRetention = decode_xml(&["Retention"], body)?;
            match (wanted.mode.as_deref(), wanted.retain_until_date) {
                (None, None) => Ok(None),
                (Some(mode), Some(until)) => {
                    let mode = lock_mode(mode).ok_or_else(errors::malformed_xml)?;
                    checked_retention(Retention { mode, until }, ask.now).map(Some)
                }
                _ => Err(errors::malformed_xml()),
            }
        };
        let retention = read();
        let brought = Brought { retention: retention.clone().ok().flatten(), ..Brought::default() };
        let (bucket, v) = self.version_with(ask, "s3:PutObjectRetention", "s3:PutObjectRetention", None, &brought).await?;
        Self::lockable(&bucket)?;
        let retention = retention?;
        let bypass = bypass(ask, &bucket, &ask.key)?;
        self.change(ask, VersionChange::Retention { retention, bypass }).await?;
        Ok(self.marked(empty_reply(200), &bucket, &v))
    }

    pub(super) async fn get_legal_hold(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let (bucket, v) = self.version_for(ask, "s3:GetObjectLegalHold", "s3:GetObjectLegalHold", None).await?;
        Self::lockable(&bucket)?;
        let status = if v.object.legal_hold { "ON" } else { "OFF" };
        let out = s3::ObjectLockLegalHold { status: Some(status.to_owned()) };
        Ok(xml_reply(200, encode_xml("LegalHold", &out)))
    }

    pub(super) async fn put_legal_hold(&self, ask: &Ask, body: &[u8]) -> Result<Reply, AwsError> {
        let read = || -> Result<_, AwsError> {
            let wanted: s3::ObjectLockLegalHold = decode_xml(&["LegalHold", "ObjectLockLegalHold"], body)?;
            match wanted.status.as_deref() {
                Some("ON") => Ok(true),
                Some("OFF") => Ok(false),
                _ => Err(errors::malformed_xml()),
            }
        };
        let on = read();
        let brought = Brought { legal_hold: on.as_ref().ok().copied(), ..Brought::default() };
        let (bucket, v) = self.version_with(ask, "s3:PutObjectLegalHold", "s3:PutObjectLegalHold", None, &brought).await?;
        Self::lockable(&bucket)?;
        let on = on?;
        self.change(ask, VersionChange::LegalHold(on)).await?;
        Ok(self.marked(empty_reply(200), &bucket, &v))
    }
}

/// What ownership controls and public access blocks leave of ACLs: without them only the one that says so can be set.
fn check_acl(ask: &Ask, bucket: &Bucket, acl: &Acl) -> Result<(), AwsError> {
    if bucket.ownership() == Ownership::BucketOwnerEnforced {
        let harmless = match ask.filled("x-amz-acl") {
            Some(canned) => canned == "bucket-owner-full-control",
            None => acl.is_owner_only(&bucket.owner_canonical()),
        };
        if !harmless {
            return Err(errors::access_control_list_not_supported());
        }
    }
    if bucket.public_access().block_acls && acl.is_public() {
        return Err(errors::access_denied_because(
            "public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.",
        ));
    }
    Ok(())
}
