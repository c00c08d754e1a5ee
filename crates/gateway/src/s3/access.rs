//! May they? Bucket policies, ACLs, ownership, public access blocks and the payer, as S3 combines them.
//!
//! A request of the bucket owner's account is allowed by the caller's own policies or the bucket's; of another account it
//! needs both, or an ACL's grant for the second; of nobody an Allow of the bucket policy or an ACL's grant. Explicit deny wins. Source: "How Amazon S3 authorizes a request", S3 User Guide.

use super::acl::{Acl, Permission};
use super::ask::{Ask, Identity};
use super::bucket::{Bucket, Ownership, PublicAccess};
use aws_protocol::AwsError;
use aws_protocol::s3::errors;
use iam::caller::Circumstances;
use iam::{Asked, Bundle, Context, Decision, DenyReason, Gate, Principal, Rule, Source};
use objectstore::record::VersionRecord;
use wire::identity::PrincipalKind as CallerKind;

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
    let mut context = context(ask, Some(bucket), grants, tags);
    if action == "s3:ListBucket" && !ask.key.is_empty() {
        // May the key be listed? Asked of one that is not there.
        context.set("s3:prefix", ask.key.as_str());
    }
    let asked = |policy| Asked {
        action,
        resource,
        resource_account: Some(bucket.record.owner.as_str()),
        resource_policy: policy,
        rule: Rule::Optional,
        context: &context,
    };
    let Ok(policy) = bucket.policy() else {
        // Its owner can put another in its place, and his root user can do everything.
        let asked = asked(None);
        let open = matches!(&ask.who, Identity::User(u) if u.kind == CallerKind::Root) || ROOT_ALWAYS.contains(&action);
        let allowed = own && open && decide(&ask.who, &asked).is_allowed();
        return if allowed { Ok(()) } else { Err(errors::access_denied()) };
    };
    let asked_all = asked(policy);
    let decision = decide(&ask.who, &asked_all);
    let allowed = match decision {
        Decision::Deny(DenyReason::Explicit { source: Source::Resource, .. }) => {
            own && ROOT_ALWAYS.contains(&action) && decide(&ask.who, &asked(None)).is_allowed()
        }
        // A public policy of a restricted bucket speaks to the owner's account only.
        Decision::Allow { .. } if !own && public.restrict && policy.is_some_and(iam::Policy::is_public) => {
            granted(ask, &ask.who, bucket, own, public, grants)
        }
        Decision::Allow { by: Some((Source::Resource, _)) } => true,
        // By its own account's policies: ACLs may still withhold what others own.
        Decision::Allow { .. } if own => granted(ask, &ask.who, bucket, own, public, grants),
        Decision::Allow { .. } => true,
        // Its own account lets it: the bucket's may do so by an ACL.
        Decision::Deny(DenyReason::Implicit(Gate::Resource)) => granted(ask, &ask.who, bucket, own, public, grants),
        // What everybody may, nobody's account need allow.
        Decision::Deny(DenyReason::Implicit(Gate::NoAllow)) => granted(ask, &Identity::Anonymous, bucket, false, public, grants),
        Decision::Deny(_) => false,
    };
    if allowed { Ok(()) } else { Err(denied(ask, &asked_all, decision)) }
}

/// Decides what no bucket's documents bear on: making buckets, listing them.
pub fn allow_own(ask: &Ask, action: &str, resource: &str) -> Result<(), AwsError> {
    let context = context(ask, None, Grants::None, &[]);
    let asked =
        Asked { action, resource, resource_account: None, resource_policy: None, rule: Rule::Optional, context: &context };
    let decision = decide(&ask.who, &asked);
    if decision.is_allowed() { Ok(()) } else { Err(denied(ask, &asked, decision)) }
}

fn decide(who: &Identity, asked: &Asked) -> Decision {
    match who {
        Identity::User(user) => user.bundle.decide(asked),
        Identity::Anonymous => Bundle::of(Principal::anonymous()).decide(asked),
    }
}

fn granted(ask: &Ask, who: &Identity, bucket: &Bucket, own: bool, public: PublicAccess, grants: Grants<'_>) -> bool {
    let acls = bucket.ownership() != Ownership::BucketOwnerEnforced;
    let ignore_public = public.ignore_acls || public.restrict;
    match grants {
        Grants::None | Grants::Tagged(_) => own,
        Grants::Bucket(permission) => own || (acls && bucket.acl().grants(who, permission, ignore_public)),
        Grants::Object(version, permission) => {
            let owned = ask.who.account() == Some(&version.object.owner);
            let acl = || Acl::of(version.object.acl.as_deref(), &version.object.owner).grants(who, permission, ignore_public);
            // With ACLs an object is its writer's, also against the bucket's owner.
            if acls { (own && owned) || acl() } else { own }
        }
    }
}

/// Every condition key of the request.
fn context(ask: &Ask, bucket: Option<&Bucket>, grants: Grants<'_>, tags: &[(String, String)]) -> Context {
    let from = ask.from.to_string();
    let at = Circumstances {
        now: ask.now,
        source_ip: &from,
        user_agent: ask.filled("user-agent").unwrap_or_default(),
        region: &ask.region,
    };
    let mut context = match &ask.who {
        Identity::User(user) => user.bundle.context(&user.caller, &at),
        Identity::Anonymous => iam::caller::anonymous(&at),
    };
    if let Some(bucket) = bucket {
        context.set("aws:ResourceAccount", bucket.record.owner.as_str());
        context.set("s3:ResourceAccount", bucket.record.owner.as_str());
    }
    for (key, header) in [
        ("aws:Referer", "referer"),
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
    context
}

/// S3 says since 2024 who may not do what, but tells strangers nothing.
fn denied(ask: &Ask, asked: &Asked, decision: Decision) -> AwsError {
    match (&ask.who, decision) {
        (Identity::User(user), Decision::Deny(reason)) => {
            let (who, action, resource) = (&user.arn, asked.action, asked.resource);
            let why = reason.message(action);
            errors::access_denied_because(format!(
                "User: {who} is not authorized to perform: {action} on resource: \"{resource}\" {why}"
            ))
        }
        _ => errors::access_denied(),
    }
}
