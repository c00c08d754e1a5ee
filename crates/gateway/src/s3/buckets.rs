//! CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation.

use super::access::{Grants, allow, allow_own};
use super::acl::{Acl, GRANT_HEADERS, Permission};
use super::ask::{Ask, Identity, arn};
use super::bucket::document;
use super::config::tag_pairs;
use super::headers::{BUCKET_TAGS_MAX, checked_tags};
use super::keys::Brought;
use super::{S3, empty_reply, xml_reply};
use crate::answer::{Reply, set};
use aws_protocol::AwsError;
use aws_protocol::s3::{self, decode_xml, encode_xml, errors, location_xml, validate_new_bucket_name};
use objectstore::message::IndexCall;
use objectstore::record::{BucketId, BucketRecord, Versioning};
use std::collections::BTreeMap;
use types::AccountId;
use wire::quota::S3_BUCKETS;

/// Of one page of an account's buckets.
const BUCKETS_PAGE_MAX: u32 = 10_000;

impl S3 {
    pub(super) async fn create_bucket(&self, ask: &Ask, body: &[u8]) -> Result<Reply, AwsError> {
        let Identity::User(principal) = &ask.who else { return Err(errors::access_denied()) };
        validate_new_bucket_name(&ask.bucket)?;
        let config: s3::CreateBucketConfiguration =
            if body.is_empty() { Default::default() } else { decode_xml(&["CreateBucketConfiguration"], body)? };
        allow_create(ask, &config)?;
        let mut documents = BTreeMap::new();
        if !body.is_empty() {
            if config.location.is_some() || config.bucket.is_some() {
                return Err(errors::not_implemented_because("Directory buckets are not implemented."));
            }
            self.check_location(config.location_constraint.as_deref())?;
            let tags = checked_tags(tag_pairs(config.tags.as_deref().unwrap_or_default())?, BUCKET_TAGS_MAX)?;
            if !tags.is_empty() {
                let tag = |(k, v): (String, String)| s3::Tag { key: Some(k), value: Some(v) };
                let tagging = s3::Tagging { tag_set: Some(tags.into_iter().map(tag).collect()) };
                documents.insert(document::TAGGING.to_owned(), encode_xml("Tagging", &tagging));
            }
        } else {
            self.check_location(None)?;
        }
        let ownership = match ask.filled("x-amz-object-ownership") {
            None => self.default_ownership.clone(),
            Some(o) if s3::OBJECT_OWNERSHIP_VALUES.contains(&o) => Some(o.to_owned()),
            Some(other) => {
                return Err(errors::invalid_argument("Invalid x-amz-object-ownership header", "x-amz-object-ownership", other));
            }
        };
        let acl = Acl::from_headers(ask, &principal.account, None, self)?;
        if let Some(ownership) = &ownership {
            if ownership == "BucketOwnerEnforced" && acl.as_ref().is_some_and(|a| a.grants.len() > 1 || a.is_public()) {
                return Err(errors::invalid_bucket_acl_with_object_ownership());
            }
            let rule = s3::OwnershipControlsRule { object_ownership: Some(ownership.clone()) };
            let controls = s3::OwnershipControls { rules: Some(vec![rule]) };
            documents.insert(document::OWNERSHIP.to_owned(), encode_xml("OwnershipControls", &controls));
        }
        if let Some(acl) = &acl {
            documents.insert(document::ACL.to_owned(), acl.store());
        }
        if self.block_public_access {
            let all = Some(true);
            let block = s3::PublicAccessBlockConfiguration {
                block_public_acls: all,
                ignore_public_acls: all,
                block_public_policy: all,
                restrict_public_buckets: all,
            };
            documents.insert(document::PUBLIC_ACCESS.to_owned(), encode_xml("PublicAccessBlockConfiguration", &block));
        }
        let object_lock = ask.flag("x-amz-bucket-object-lock-enabled");
        if object_lock {
            let lock = s3::ObjectLockConfiguration { object_lock_enabled: Some("Enabled".to_owned()), rule: None };
            documents.insert(document::OBJECT_LOCK.to_owned(), encode_xml("ObjectLockConfiguration", &lock));
        }
        let bucket = BucketRecord {
            id: BucketId(0),
            name: ask.bucket.clone(),
            owner: principal.account.clone(),
            created: ask.now,
            versioning: if object_lock { Versioning::Enabled } else { Versioning::Unversioned },
            mfa_delete: false,
            object_lock,
            documents,
        };
        self.check_bucket_quota(ask, &principal.account).await?;
        match self.index(ask, IndexCall::CreateBucket { bucket }).await {
            Ok(_) => {}
            // In us-east-1, and only there, making one's own bucket again succeeds and changes nothing but the ACL.
            Err(e) if e.is("BucketAlreadyOwnedByYou") && self.region == "us-east-1" => {
                if let Some(acl) = &acl {
                    self.update_bucket(ask, |record| {
                        record.documents.insert(document::ACL.to_owned(), acl.store());
                        Ok(())
                    })
                    .await?;
                }
            }
            Err(e) => return Err(e),
        }
        let mut reply = empty_reply(200);
        set(&mut reply, "location", &format!("/{}", ask.bucket));
        set(&mut reply, "x-amz-bucket-arn", &arn(&ask.bucket, None));
        Ok(reply)
    }

    /// The index makes the bucket without counting: of several that are made at once, some may go beyond the quota.
    async fn check_bucket_quota(&self, ask: &Ask, account: &AccountId) -> Result<(), AwsError> {
        let Some(quotas) = &self.quotas else { return Ok(()) };
        let quota = quotas.held().value(account, S3_BUCKETS);
        let (mut count, mut after) = (0, String::new());
        loop {
            let call = IndexCall::ListBuckets { owner: account.clone(), prefix: String::new(), after, limit: BUCKETS_PAGE_MAX };
            let answer = self.index(ask, call).await?;
            let objectstore::message::IndexAnswer::Buckets { buckets, next } = answer else {
                return Err(errors::internal_error());
            };
            // One's own once more is no further one.
            if buckets.iter().any(|b| b.name == ask.bucket) {
                return Ok(());
            }
            count += buckets.len() as u64;
            match next {
                Some(next) => after = next,
                None if count >= quota => return Err(errors::too_many_buckets()),
                None => return Ok(()),
            }
        }
    }

    /// The constraint must name this region; us-east-1 is named by leaving it out.
    fn check_location(&self, constraint: Option<&str>) -> Result<(), AwsError> {
        match constraint.filter(|c| !c.is_empty()) {
            None if self.region == "us-east-1" => Ok(()),
            None => Err(errors::illegal_location_constraint()),
            Some(c) if c == self.region => Ok(()),
            Some(c) if !s3::BUCKET_LOCATION_CONSTRAINT_VALUES.contains(&c) => Err(errors::invalid_location_constraint(c)),
            Some(c) => Err(AwsError::new(
                "IllegalLocationConstraintException",
                format!("The {c} location constraint is incompatible for the region specific endpoint this request was sent to."),
            )),
        }
    }

    pub(super) async fn head_bucket(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:ListBucket", &arn(&ask.bucket, None), Grants::Bucket(Permission::Read))?;
        let mut reply = empty_reply(200);
        set(&mut reply, "x-amz-bucket-region", &self.region);
        set(&mut reply, "x-amz-bucket-arn", &arn(&ask.bucket, None));
        set(&mut reply, "x-amz-access-point-alias", "false");
        Ok(reply)
    }

    pub(super) async fn delete_bucket(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:DeleteBucket", &arn(&ask.bucket, None), Grants::None)?;
        self.index(ask, IndexCall::DeleteBucket { name: ask.bucket.clone() }).await?;
        self.forget(&ask.bucket);
        Ok(empty_reply(204))
    }

    pub(super) async fn bucket_location(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:GetBucketLocation", &arn(&ask.bucket, None), Grants::Bucket(Permission::Read))?;
        Ok(xml_reply(200, location_xml(&self.region)))
    }
}

/// Making a bucket, and what it begins with. Source: "Permissions" of CreateBucket, S3 API Reference.
fn allow_create(ask: &Ask, config: &s3::CreateBucketConfiguration) -> Result<(), AwsError> {
    let tags = tag_pairs(config.tags.as_deref().unwrap_or_default())?;
    let brought = Brought { location: config.location_constraint.as_deref(), bucket_tags: &tags, ..Brought::default() };
    let ask_for = |action| allow_own(ask, action, &arn(&ask.bucket, None), &brought);
    ask_for("s3:CreateBucket")?;
    // "If your request … doesn't specify any ACLs, or sets the ACL to private, only the s3:CreateBucket permission is required."
    let granted = GRANT_HEADERS.iter().any(|(header, _)| ask.filled(header).is_some());
    if granted || ask.filled("x-amz-acl").is_some_and(|acl| acl != "private") {
        ask_for("s3:PutBucketAcl")?;
    }
    if ask.flag("x-amz-bucket-object-lock-enabled") {
        ask_for("s3:PutBucketObjectLockConfiguration")?;
        ask_for("s3:PutBucketVersioning")?;
    }
    if ask.filled("x-amz-object-ownership").is_some() {
        ask_for("s3:PutBucketOwnershipControls")?;
    }
    if !tags.is_empty() {
        ask_for("s3:TagResource")?;
    }
    Ok(())
}
