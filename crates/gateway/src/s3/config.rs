//! A bucket's documents: put, get, delete. A document is parsed, checked, and kept as the XML that is given back.
//!
//! One table ([`kind`]) says of each document its action, its root element, its check, and the error when it is not there.

use super::access::{Grants, allow};
use super::ask::{Ask, arn};
use super::bucket::{Bucket, document};
use super::{S3, empty_reply, xml_reply};
use crate::answer::{Reply, plain};
use aws_protocol::s3::{self, Operation, decode_xml, encode_xml, errors};
use aws_protocol::{AwsError, Shape};
use objectstore::record::{BucketRecord, Versioning};
use platform::Rng;

mod check;

pub use check::tag_pairs;

type Get = fn(&str) -> AwsError;

/// A kind of document.
struct Kind {
    name: &'static str,
    put: &'static str,
    get: &'static str,
    delete: &'static str,
    /// Parses and checks a body, and writes the canonical form.
    read: fn(&[u8]) -> Result<String, AwsError>,
    /// The error of a bucket without it, or else what it answers.
    absent: Result<&'static str, Get>,
}

fn read_as<T: Shape>(root: &str, body: &[u8], check: fn(&T) -> Result<(), AwsError>) -> Result<String, AwsError> {
    if body.is_empty() {
        return Err(errors::missing_request_body());
    }
    let value: T = decode_xml(&[root], body)?;
    check(&value)?;
    Ok(encode_xml(root, &value))
}

macro_rules! kinds {
    ($($variants:pat => $name:expr, $root:literal, $shape:ty, $check:expr, $put:literal, $get:literal, $delete:literal, $absent:expr;)*) => {
        fn kind(op: Operation) -> Option<Kind> {
            use Operation::*;
            Some(match op {
                $($variants => Kind {
                    name: $name,
                    put: $put,
                    get: $get,
                    delete: $delete,
                    read: |body| read_as::<$shape>($root, body, $check),
                    absent: $absent,
                },)*
                _ => return None,
            })
        }
    };
}

kinds! {
    PutBucketCors | GetBucketCors | DeleteBucketCors => document::CORS, "CORSConfiguration", s3::CORSConfiguration, check::cors,
        "s3:PutBucketCORS", "s3:GetBucketCORS", "s3:PutBucketCORS", Err(|b| errors::no_such_cors_configuration(b));
    PutBucketWebsite | GetBucketWebsite | DeleteBucketWebsite => document::WEBSITE, "WebsiteConfiguration", s3::WebsiteConfiguration, check::website,
        "s3:PutBucketWebsite", "s3:GetBucketWebsite", "s3:DeleteBucketWebsite", Err(|b| errors::no_such_website_configuration(b));
    PutBucketLifecycleConfiguration | GetBucketLifecycleConfiguration | DeleteBucketLifecycle => document::LIFECYCLE, "LifecycleConfiguration", s3::BucketLifecycleConfiguration, check::lifecycle,
        "s3:PutLifecycleConfiguration", "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration", Err(|b| errors::no_such_lifecycle_configuration(b));
    PutBucketEncryption | GetBucketEncryption | DeleteBucketEncryption => document::ENCRYPTION, "ServerSideEncryptionConfiguration", s3::ServerSideEncryptionConfiguration, check::encryption,
        "s3:PutEncryptionConfiguration", "s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration", Ok(DEFAULT_ENCRYPTION);
    PutBucketTagging | GetBucketTagging | DeleteBucketTagging => document::TAGGING, "Tagging", s3::Tagging, check::bucket_tags,
        "s3:PutBucketTagging", "s3:GetBucketTagging", "s3:PutBucketTagging", Err(|b| errors::no_such_tag_set(b));
    PutPublicAccessBlock | GetPublicAccessBlock | DeletePublicAccessBlock => document::PUBLIC_ACCESS, "PublicAccessBlockConfiguration", s3::PublicAccessBlockConfiguration, |_| Ok(()),
        "s3:PutBucketPublicAccessBlock", "s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock", Err(|b| errors::no_such_public_access_block_configuration(b));
    PutBucketOwnershipControls | GetBucketOwnershipControls | DeleteBucketOwnershipControls => document::OWNERSHIP, "OwnershipControls", s3::OwnershipControls, check::ownership,
        "s3:PutBucketOwnershipControls", "s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls", Err(|b| errors::ownership_controls_not_found(b));
    PutBucketLogging | GetBucketLogging => document::LOGGING, "BucketLoggingStatus", s3::BucketLoggingStatus, |_| Ok(()),
        "s3:PutBucketLogging", "s3:GetBucketLogging", "", Ok(EMPTY_LOGGING);
    PutBucketNotificationConfiguration | GetBucketNotificationConfiguration => document::NOTIFICATION, "NotificationConfiguration", s3::NotificationConfiguration, check::notification,
        "s3:PutBucketNotification", "s3:GetBucketNotification", "", Ok(EMPTY_NOTIFICATION);
    PutBucketReplication | GetBucketReplication | DeleteBucketReplication => document::REPLICATION, "ReplicationConfiguration", s3::ReplicationConfiguration, check::replication,
        "s3:PutReplicationConfiguration", "s3:GetReplicationConfiguration", "s3:PutReplicationConfiguration", Err(|b| errors::replication_configuration_not_found(b));
    PutBucketRequestPayment | GetBucketRequestPayment => document::PAYER, "RequestPaymentConfiguration", s3::RequestPaymentConfiguration, |_| Ok(()),
        "s3:PutBucketRequestPayment", "s3:GetBucketRequestPayment", "", Ok(OWNER_PAYS);
    PutBucketAccelerateConfiguration | GetBucketAccelerateConfiguration => document::ACCELERATE, "AccelerateConfiguration", s3::AccelerateConfiguration, check::accelerate,
        "s3:PutAccelerateConfiguration", "s3:GetAccelerateConfiguration", "", Ok(EMPTY_ACCELERATE);
    PutObjectLockConfiguration | GetObjectLockConfiguration => document::OBJECT_LOCK, "ObjectLockConfiguration", s3::ObjectLockConfiguration, check::object_lock,
        "s3:PutBucketObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration", "", Err(|b| errors::object_lock_configuration_not_found(b));
}

const DEFAULT_ENCRYPTION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>";
const EMPTY_LOGGING: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BucketLoggingStatus xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>";
const EMPTY_NOTIFICATION: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<NotificationConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>";
const EMPTY_ACCELERATE: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AccelerateConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>";
const OWNER_PAYS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<RequestPaymentConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Payer>BucketOwner</Payer></RequestPaymentConfiguration>";

/// What the request does with a document; by the operation's name, which is how S3 names them all.
enum Deed {
    Put,
    Get,
    Delete,
}

/// "You can't use lifecycle configurations with MFA-enabled buckets", S3 User Guide.
fn no_lifecycle_with_mfa() -> AwsError {
    let sentence = "Lifecycle configuration on MFA-enabled buckets is not supported.";
    AwsError::new("InvalidBucketState", sentence).with_status(409)
}

impl S3 {
    /// None: the operation is not on a document.
    pub(super) async fn configure(&self, ask: &Ask, body: &[u8]) -> Option<Result<Reply, AwsError>> {
        let kind = kind(ask.op)?;
        let name = ask.op.name();
        let deed = if name.starts_with("Put") {
            Deed::Put
        } else if name.starts_with("Get") {
            Deed::Get
        } else {
            Deed::Delete
        };
        Some(self.configure_kind(ask, &kind, deed, body).await)
    }

    async fn configure_kind(&self, ask: &Ask, kind: &Kind, deed: Deed, body: &[u8]) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        let action = match deed {
            Deed::Put => kind.put,
            Deed::Get => kind.get,
            Deed::Delete => kind.delete,
        };
        allow(ask, &bucket, action, &arn(&ask.bucket, None), Grants::None)?;
        match deed {
            Deed::Get => match (bucket.document(kind.name), kind.absent) {
                (Some(text), _) => Ok(xml_reply(200, text.to_owned())),
                (None, Ok(text)) => Ok(xml_reply(200, text.to_owned())),
                (None, Err(error)) => Err(error(&ask.bucket)),
            },
            Deed::Put => {
                let mut text = (kind.read)(body)?;
                self.check_put(ask, kind.name, &bucket, &text).await?;
                if kind.name == document::LIFECYCLE {
                    text = self.with_rule_ids(&text)?;
                }
                self.update_bucket(ask, |record| {
                    if kind.name == document::OBJECT_LOCK {
                        record.object_lock = true;
                    }
                    if kind.name == document::LIFECYCLE && record.mfa_delete {
                        return Err(no_lifecycle_with_mfa());
                    }
                    record.documents.insert(kind.name.to_owned(), text.clone());
                    Ok(())
                })
                .await?;
                Ok(empty_reply(200))
            }
            Deed::Delete => {
                self.update_bucket(ask, |record| {
                    record.documents.remove(kind.name);
                    Ok(())
                })
                .await?;
                Ok(empty_reply(204))
            }
        }
    }

    /// Rules without an id get one, as S3 gives it.
    fn with_rule_ids(&self, text: &str) -> Result<String, AwsError> {
        const ROOT: &str = "LifecycleConfiguration";
        let mut config: s3::BucketLifecycleConfiguration = decode_xml(&[ROOT], text.as_bytes())?;
        for rule in config.rules.iter_mut().flatten().filter(|r| r.id.as_deref().unwrap_or("").is_empty()) {
            rule.id = Some(format!("{:032x}", self.rng.borrow_mut().u128()));
        }
        Ok(encode_xml(ROOT, &config))
    }

    /// What a document alone cannot tell: whether it fits its bucket.
    async fn check_put(&self, ask: &Ask, name: &str, bucket: &Bucket, text: &str) -> Result<(), AwsError> {
        match name {
            // Since November 2023 a bucket that exists can be locked too.
            document::OBJECT_LOCK if bucket.record.versioning != Versioning::Enabled => Err(AwsError::new(
                "InvalidBucketState",
                "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
            )
            .with_status(409)),
            document::REPLICATION if bucket.record.versioning != Versioning::Enabled => {
                Err(errors::invalid_request("Versioning must be 'Enabled' on the bucket to apply a replication configuration"))
            }
            document::OWNERSHIP => {
                let enforced = text.contains("BucketOwnerEnforced");
                if enforced && !bucket.acl().is_owner_only(&bucket.owner_canonical()) {
                    return Err(errors::invalid_bucket_acl_with_object_ownership());
                }
                Ok(())
            }
            document::LOGGING => {
                let status: s3::BucketLoggingStatus = decode_xml(&["BucketLoggingStatus"], text.as_bytes())?;
                let Some(enabled) = status.logging_enabled else { return Ok(()) };
                let target = enabled.target_bucket.unwrap_or_default();
                if enabled.target_grants.is_some_and(|g| !g.is_empty()) {
                    return Err(errors::not_implemented_because(
                        "TargetGrants are not implemented: use a bucket policy on the target bucket.",
                    ));
                }
                match self.bucket_named(ask, &target).await {
                    Ok(t) if t.record.owner == bucket.record.owner => Ok(()),
                    _ => Err(errors::invalid_target_bucket_for_logging(target)),
                }
            }
            _ => Ok(()),
        }
    }

    // ------------------------------------------------------------------------------------------------ versioning

    pub(super) async fn put_versioning(&self, ask: &Ask, body: &[u8]) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:PutBucketVersioning", &arn(&ask.bucket, None), Grants::None)?;
        let wanted: s3::VersioningConfiguration = decode_xml(&["VersioningConfiguration"], body)?;
        let mfa = match wanted.mfa_delete.as_deref() {
            None => bucket.record.mfa_delete,
            Some("Enabled") => true,
            Some("Disabled") => false,
            Some(_) => return Err(errors::malformed_xml()),
        };
        let state = match wanted.status.as_deref() {
            Some("Enabled") => Versioning::Enabled,
            Some("Suspended") => Versioning::Suspended,
            _ => return Err(errors::illegal_versioning_configuration()),
        };
        if mfa || bucket.record.mfa_delete {
            self.require_mfa(ask, &bucket).await?;
        }
        self.update_bucket(ask, |record| {
            // Set since: the code was not for that.
            if record.mfa_delete && !bucket.record.mfa_delete {
                return Err(errors::operation_aborted());
            }
            if mfa && record.documents.contains_key(document::LIFECYCLE) {
                return Err(no_lifecycle_with_mfa());
            }
            if state == Versioning::Suspended && (record.object_lock || record.documents.contains_key(document::REPLICATION)) {
                return Err(AwsError::new(
                    "InvalidBucketState",
                    "An Object Lock or replication configuration is present on this bucket, so the versioning state cannot be changed.",
                )
                .with_status(409));
            }
            (record.versioning, record.mfa_delete) = (state, mfa);
            Ok(())
        })
        .await?;
        Ok(empty_reply(200))
    }

    pub(super) async fn get_versioning(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:GetBucketVersioning", &arn(&ask.bucket, None), Grants::None)?;
        let status = match bucket.record.versioning {
            Versioning::Unversioned => None,
            Versioning::Enabled => Some("Enabled".to_owned()),
            Versioning::Suspended => Some("Suspended".to_owned()),
        };
        let mfa_delete = bucket.record.mfa_delete.then(|| "Enabled".to_owned());
        let out = s3::GetBucketVersioningOutput { status, mfa_delete };
        Ok(xml_reply(200, encode_xml("VersioningConfiguration", &out)))
    }

    // ---------------------------------------------------------------------------------------------------- policy

    pub(super) async fn put_policy(&self, ask: &Ask, body: &[u8]) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:PutBucketPolicy", &arn(&ask.bucket, None), Grants::None)?;
        let text = std::str::from_utf8(body).map_err(|_| errors::malformed_policy("Policies must be valid JSON"))?;
        if text.len() > iam::BUCKET_POLICY_BYTES_MAX {
            return Err(AwsError::new("PolicyTooLarge", "Policy exceeds the maximum allowed document size."));
        }
        let policy = iam::Policy::parse(text, iam::PolicyKind::Resource).map_err(|e| errors::malformed_policy(e.s3_message()))?;
        check::policy(&policy, &ask.bucket)?;
        if bucket.public_access().block_policy && policy.is_public() {
            return Err(errors::access_denied_because(
                "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
            ));
        }
        self.update_bucket(ask, |record| {
            record.documents.insert(document::POLICY.to_owned(), text.to_owned());
            Ok(())
        })
        .await?;
        Ok(empty_reply(204))
    }

    pub(super) async fn get_policy(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:GetBucketPolicy", &arn(&ask.bucket, None), Grants::None)?;
        let text = bucket.document(document::POLICY).ok_or_else(|| errors::no_such_bucket_policy(&ask.bucket))?;
        Ok(plain(200, "application/json", text.to_owned()))
    }

    pub(super) async fn delete_policy(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:DeleteBucketPolicy", &arn(&ask.bucket, None), Grants::None)?;
        self.update_bucket(ask, |record: &mut BucketRecord| {
            record.documents.remove(document::POLICY);
            Ok(())
        })
        .await?;
        Ok(empty_reply(204))
    }

    pub(super) async fn policy_status(&self, ask: &Ask) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        allow(ask, &bucket, "s3:GetBucketPolicyStatus", &arn(&ask.bucket, None), Grants::None)?;
        let acl_public = bucket.ownership() != super::bucket::Ownership::BucketOwnerEnforced
            && !bucket.public_access().ignore_acls
            && bucket.acl().is_public();
        let is_public = match bucket.policy().map_err(|_| errors::internal_error())? {
            Some(policy) => policy.is_public() || acl_public,
            None if acl_public => true,
            None => return Err(errors::no_such_bucket_policy(&ask.bucket)),
        };
        Ok(xml_reply(200, encode_xml("PolicyStatus", &s3::PolicyStatus { is_public: Some(is_public) })))
    }

    // ------------------------------------------------------------------------------------------------- inventory

    pub(super) async fn inventory(&self, ask: &Ask, body: &[u8]) -> Result<Reply, AwsError> {
        let bucket = self.bucket(ask).await?;
        let put = matches!(ask.op, Operation::PutBucketInventoryConfiguration | Operation::DeleteBucketInventoryConfiguration);
        let action = if put { "s3:PutInventoryConfiguration" } else { "s3:GetInventoryConfiguration" };
        allow(ask, &bucket, action, &arn(&ask.bucket, None), Grants::None)?;
        let id = ask.params.get("id").unwrap_or("");
        let name = format!("{}{id}", document::INVENTORY);
        match ask.op {
            Operation::PutBucketInventoryConfiguration => {
                let config: s3::InventoryConfiguration = decode_xml(&["InventoryConfiguration"], body)?;
                check::inventory(&config, id)?;
                let text = encode_xml("InventoryConfiguration", &config);
                self.update_bucket(ask, |record| {
                    let others = record.documents.keys().filter(|k| k.starts_with(document::INVENTORY) && **k != name).count();
                    if others >= check::INVENTORIES_MAX {
                        return Err(errors::too_many_configurations());
                    }
                    record.documents.insert(name.clone(), text.clone());
                    Ok(())
                })
                .await?;
                Ok(empty_reply(204))
            }
            Operation::DeleteBucketInventoryConfiguration => {
                self.update_bucket(ask, |record| {
                    record.documents.remove(&name).map(|_| ()).ok_or_else(|| errors::no_such_configuration(&ask.bucket))
                })
                .await?;
                Ok(empty_reply(204))
            }
            Operation::GetBucketInventoryConfiguration => {
                let text = bucket.document(&name).ok_or_else(|| errors::no_such_configuration(&ask.bucket))?;
                Ok(xml_reply(200, text.to_owned()))
            }
            _ => {
                let all = bucket.record.documents.iter().filter(|(k, _)| k.starts_with(document::INVENTORY));
                let list = all.filter_map(|(_, text)| decode_xml(&["InventoryConfiguration"], text.as_bytes()).ok()).collect();
                let out = s3::ListBucketInventoryConfigurationsOutput {
                    inventory_configuration_list: Some(list),
                    is_truncated: Some(false),
                    ..Default::default()
                };
                Ok(xml_reply(200, encode_xml("ListInventoryConfigurationsResult", &out)))
            }
        }
    }
}
