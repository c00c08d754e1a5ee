//! May they? Bucket policies, ACLs, ownership, public access blocks and the payer, as S3 combines them.
//!
//! A request of the bucket owner's account is allowed by its own identity (every principal is its account's administrator
//! until users have policies) unless the bucket policy denies it; of another account or of nobody it needs an Allow of the
//! bucket policy or a grant of an ACL. Explicit deny wins. Source: "How Amazon S3 authorizes a request", S3 User Guide.

use super::acl::{Acl, Permission};
use super::ask::{Ask, Identity};
use super::bucket::{Bucket, Ownership, PublicAccess};
use aws_protocol::AwsError;
use aws_protocol::s3::errors;
use iam::canonical_user_id;
use iam::{Context, Effect, Principal, PrincipalKind};
use objectstore::record::VersionRecord;

/// The owner that the request expects the bucket to have, in this header, is the one it has.
pub fn expect_owner(ask: &Ask, header: &str, bucket: &Bucket) -> Result<(), AwsError> {
    let Some(expected) = ask.filled(header) else { return Ok(()) };
    if expected.len() != ACCOUNT_DIGITS || !expected.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AwsError::new(
            "InvalidBucketOwnerAWSAccountID",
            "The value of the expected bucket owner parameter must be an AWS account ID.",
        ));
    }
    if bucket.record.owner.as_str() == expected { Ok(()) } else { Err(errors::access_denied()) }
}

/// What a request needs, beside its policy's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grants<'a> {
    /// ACLs cannot give it.
    None,
    /// The same, of an object whose tags a policy may ask for.
    Tagged(&'a VersionRecord),
    Bucket(Permission),
    /// On an object that exists.
    Object(&'a VersionRecord, Permission),
}

const ACCOUNT_DIGITS: usize = 12;
/// Reading or writing the policy itself: the owner's account can always.
const ROOT_ALWAYS: [&str; 3] = ["s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"];

/// Decides `action` on `resource`.
pub fn allow(ask: &Ask, bucket: &Bucket, action: &str, resource: &str, grants: Grants<'_>) -> Result<(), AwsError> {
    let tags = ask.filled("x-amz-tagging").and_then(|t| super::headers::tags_of_header(t).ok());
    allow_tags(ask, bucket, action, resource, grants, &tags.unwrap_or_default())
}

/// The same of a request whose new tags are elsewhere than in its header.
pub fn allow_tags(
    ask: &Ask,
    bucket: &Bucket,
    action: &str,
    resource: &str,
    grants: Grants<'_>,
    tags: &[(String, String)],
) -> Result<(), AwsError> {
    let public = bucket.public_access();
    let own = ask.who.account() == Some(&bucket.record.owner);
    if bucket.requester_pays() && !own && ask.header("x-amz-request-payer") != Some("requester") {
        return Err(errors::access_denied());
    }
    let Ok(policy) = bucket.policy() else {
        // Its owner can put another in its place, and his root user can do everything.
        let root = principal(&ask.who).kind == PrincipalKind::Root;
        let allowed = own && (root || ROOT_ALWAYS.contains(&action));
        return if allowed { Ok(()) } else { Err(denied(ask, action, resource, true)) };
    };
    let says = policy.map_or(Effect::Silent, |p| policy_says(p, ask, bucket, action, resource, grants, tags));
    let allowed = match says {
        Effect::Deny(_) => own && ROOT_ALWAYS.contains(&action),
        // A public policy of a restricted bucket speaks to the owner's account only.
        Effect::Allow(_) if !own && public.restrict && policy.is_some_and(iam::Policy::is_public) => false,
        Effect::Allow(_) => true,
        Effect::Silent => granted(ask, bucket, own, public, grants),
    };
    if allowed { Ok(()) } else { Err(denied(ask, action, resource, matches!(says, Effect::Deny(_)))) }
}

fn granted(ask: &Ask, bucket: &Bucket, own: bool, public: PublicAccess, grants: Grants<'_>) -> bool {
    let acls = bucket.ownership() != Ownership::BucketOwnerEnforced;
    let ignore_public = public.ignore_acls || public.restrict;
    match grants {
        Grants::None | Grants::Tagged(_) => own,
        Grants::Bucket(permission) => own || (acls && bucket.acl().grants(&ask.who, permission, ignore_public)),
        Grants::Object(version, permission) => {
            let owned = ask.who.account() == Some(&version.object.owner);
            let acl =
                || Acl::of(version.object.acl.as_deref(), &version.object.owner).grants(&ask.who, permission, ignore_public);
            // With ACLs an object is its writer's, also against the bucket's owner.
            if acls { (own && owned) || acl() } else { own }
        }
    }
}

fn policy_says(
    policy: &iam::Policy,
    ask: &Ask,
    bucket: &Bucket,
    action: &str,
    resource: &str,
    grants: Grants<'_>,
    tags: &[(String, String)],
) -> Effect {
    let principal = principal(&ask.who);
    let mut context = Context::of(&principal);
    context.set_time(ask.now);
    context.set("aws:SecureTransport", "false");
    context.set("aws:SourceIp", ask.from.to_string());
    context.set("aws:ResourceAccount", bucket.record.owner.as_str());
    context.set("s3:ResourceAccount", bucket.record.owner.as_str());
    for (key, header) in [
        ("aws:Referer", "referer"),
        ("aws:UserAgent", "user-agent"),
        ("s3:x-amz-acl", "x-amz-acl"),
        ("s3:x-amz-content-sha256", "x-amz-content-sha256"),
        ("s3:x-amz-copy-source", "x-amz-copy-source"),
        ("s3:x-amz-grant-full-control", "x-amz-grant-full-control"),
        ("s3:x-amz-grant-read", "x-amz-grant-read"),
        ("s3:x-amz-grant-read-acp", "x-amz-grant-read-acp"),
        ("s3:x-amz-grant-write", "x-amz-grant-write"),
        ("s3:x-amz-grant-write-acp", "x-amz-grant-write-acp"),
        ("s3:x-amz-metadata-directive", "x-amz-metadata-directive"),
        ("s3:x-amz-server-side-encryption", "x-amz-server-side-encryption"),
        ("s3:x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-aws-kms-key-id"),
        ("s3:x-amz-server-side-encryption-customer-algorithm", "x-amz-server-side-encryption-customer-algorithm"),
        ("s3:x-amz-storage-class", "x-amz-storage-class"),
        ("s3:x-amz-website-redirect-location", "x-amz-website-redirect-location"),
        ("s3:object-lock-mode", "x-amz-object-lock-mode"),
        ("s3:object-lock-retain-until-date", "x-amz-object-lock-retain-until-date"),
        ("s3:object-lock-legal-hold", "x-amz-object-lock-legal-hold"),
        ("s3:x-amz-object-ownership", "x-amz-object-ownership"),
        ("s3:if-match", "if-match"),
        ("s3:if-none-match", "if-none-match"),
    ] {
        if let Some(value) = ask.filled(header) {
            context.set(key, value);
        }
    }
    for (key, parameter) in
        [("s3:prefix", "prefix"), ("s3:delimiter", "delimiter"), ("s3:max-keys", "max-keys"), ("s3:VersionId", "versionId")]
    {
        if let Some(value) = ask.params.get(parameter) {
            context.set(key, value);
        }
    }
    if let Some(signed_at) = ask.signed_at {
        context.set("s3:signatureversion", "AWS4-HMAC-SHA256");
        context.set("s3:authType", if ask.presigned { "REST-QUERY-STRING" } else { "REST-HEADER" });
        context.set("s3:signatureAge", ask.now.0.saturating_sub(signed_at.0).to_string());
    }
    if !tags.is_empty() {
        context.set_many("s3:RequestObjectTagKeys", tags.iter().map(|(k, _)| k.as_str()));
        for (key, value) in tags {
            context.set(&format!("s3:RequestObjectTag/{key}"), value.as_str());
        }
    }
    if let Grants::Object(version, _) | Grants::Tagged(version) = grants {
        for (key, value) in &version.object.tags {
            context.set(&format!("s3:ExistingObjectTag/{key}"), value.as_str());
        }
    }
    let request = iam::Request {
        principal: &principal,
        action,
        resource,
        resource_account: Some(bucket.record.owner.as_str()),
        context: &context,
    };
    policy.decide(&request)
}

/// The identity in the policy language's terms.
pub fn principal(who: &Identity) -> Principal {
    let Identity::User(p) = who else { return Principal::anonymous() };
    let kind = match p.arn.rsplit_once('/') {
        Some((head, name)) if head.contains(":user") => PrincipalKind::User { name: name.to_owned() },
        _ => PrincipalKind::Root,
    };
    Principal {
        account: Some(p.account.clone()),
        arn: p.arn.clone(),
        user_id: p.user_id.clone(),
        canonical_id: canonical_user_id(&p.account),
        kind,
    }
}

/// S3 says since 2024 who may not do what, but tells strangers nothing.
fn denied(ask: &Ask, action: &str, resource: &str, explicit: bool) -> AwsError {
    match &ask.who {
        Identity::Anonymous => errors::access_denied(),
        Identity::User(p) => errors::access_denied_because(format!(
            "User: {} is not authorized to perform: {action} on resource: \"{resource}\" because {}",
            p.arn,
            if explicit {
                "of an explicit deny in a resource-based policy".to_owned()
            } else {
                format!("no resource-based policy allows the {action} action")
            }
        )),
    }
}
