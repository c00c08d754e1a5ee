//! May they? Bucket policies, ACLs, ownership, public access blocks and the payer, as S3 combines them.
//!
//! A request of the bucket owner's account is allowed by the caller's own policies or the bucket's; of another account it
//! needs both, or an ACL's grant for the second; of nobody an Allow of the bucket policy or an ACL's grant. Explicit deny wins.
//! Source: "How Amazon S3 authorizes a request", S3 User Guide.
//!
//! Every request comes by here, so nothing is made that nobody reads: only the condition keys that a policy bearing on the
//! request mentions ([`super::keys`]), and of the decision only what [`Decided`] needs to be put in words later.

use super::acl::{Acl, Permission};
use super::ask::{Ask, Identity, arn};
use super::bucket::{Bucket, Ownership, PublicAccess};
use super::keys::{self, Brought};
use aws_protocol::AwsError;
use aws_protocol::s3::{Operation, errors};
use iam::caller::Circumstances;
use iam::{Asked, Bundle, Context, Decision, DenyReason, Effect, Gate, Policy, Principal, Request, Rule, Source, catalog};
use objectstore::record::VersionRecord;
use wire::identity::{PrincipalKind as CallerKind, Trace};

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

/// A service of AWS's that calls by itself.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    /// `cloudtrail.amazonaws.com`
    pub name: &'a str,
    /// What it works for.
    pub source_arn: &'a str,
    pub source_account: &'a str,
}

/// The last question of a request and its answer, for the audit trail. Words are made of it only when somebody asks.
#[derive(Debug, Clone)]
pub struct Decided {
    pub action: &'static str,
    pub resource: Box<str>,
    pub allowed: bool,
    decision: Decision,
    /// The name of the bucket policy's statement that decided.
    sid: Option<Box<str>>,
}

impl Decided {
    pub fn trace(&self, who: &Identity) -> Trace {
        let because = match (self.allowed, self.decision.is_allowed(), who) {
            (true, false, _) => "an access control list grants it".to_owned(),
            (false, true, _) => "the settings of the bucket or the owner of the object withhold it".to_owned(),
            (_, _, Identity::User(user)) => user.bundle.because(self.action, self.sid.as_deref(), self.decision),
            (_, _, Identity::Anonymous) => nobody().because(self.action, self.sid.as_deref(), self.decision),
        };
        Trace { action: self.action.to_owned(), resource: self.resource.to_string(), allowed: self.allowed, because }
    }
}

fn nobody() -> Bundle {
    Bundle::of(Principal::anonymous())
}

const ACCOUNT_DIGITS: usize = 12;
/// Reading or writing the policy itself: the owner's account can always.
const ROOT_ALWAYS: [&str; 3] = ["s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"];

/// Decides `action` on `resource`.
pub fn allow(ask: &Ask, bucket: &Bucket, action: &'static str, resource: &str, grants: Grants<'_>) -> Result<(), AwsError> {
    allow_with(ask, bucket, action, resource, grants, &Brought::default())
}

/// The same of a request that brings more than its headers say.
pub fn allow_with(
    ask: &Ask,
    bucket: &Bucket,
    action: &'static str,
    resource: &str,
    grants: Grants<'_>,
    brought: &Brought<'_>,
) -> Result<(), AwsError> {
    pass_endpoint(ask, Some(bucket), action, resource, grants, brought)?;
    let public = bucket.public_access();
    let own = ask.who.account() == Some(&bucket.record.owner);
    if bucket.requester_pays() && !own && ask.header("x-amz-request-payer") != Some("requester") {
        return Err(errors::access_denied());
    }
    let policy = bucket.policy();
    let context = context(ask, Some(bucket), policy.ok().flatten(), grants, brought);
    let asked = |policy| Asked {
        action,
        resource,
        resource_account: Some(bucket.record.owner.as_str()),
        resource_policy: policy,
        rule: Rule::Optional,
        context: &context,
    };
    let Ok(policy) = policy else {
        // Its owner can put another in its place, and his root user can do everything.
        let asked = asked(None);
        let open = matches!(&ask.who, Identity::User(u) if u.kind == CallerKind::Root) || ROOT_ALWAYS.contains(&action);
        let decision = decide(&ask.who, &asked);
        let allowed = own && open && decision.is_allowed();
        note(ask, action, &asked, decision, allowed);
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
    note(ask, action, &asked_all, decision, allowed);
    if allowed { Ok(()) } else { Err(denied(ask, &asked_all, decision)) }
}

/// May the caller be told that there is no such key? Who may list it may.
pub fn allow_missing(ask: &Ask, bucket: &Bucket, name: &str, key: &str) -> Result<(), AwsError> {
    let brought = Brought { missing: Some(key), ..Brought::default() };
    allow_with(ask, bucket, "s3:ListBucket", &arn(name, None), Grants::Bucket(Permission::Read), &brought)
}

/// Decides what no bucket's documents bear on: making buckets, listing them.
pub fn allow_own(ask: &Ask, action: &'static str, resource: &str, brought: &Brought<'_>) -> Result<(), AwsError> {
    pass_endpoint(ask, None, action, resource, Grants::None, brought)?;
    let context = context(ask, None, None, Grants::None, brought);
    let asked =
        Asked { action, resource, resource_account: None, resource_policy: None, rule: Rule::Optional, context: &context };
    let decision = decide(&ask.who, &asked);
    note(ask, action, &asked, decision, decision.is_allowed());
    if decision.is_allowed() { Ok(()) } else { Err(denied(ask, &asked, decision)) }
}

/// What comes through a VPC's endpoint, the endpoint's policy must allow too: "An endpoint policy does not override or replace
/// identity-based policies or resource-based policies" (PrivateLink guide).
fn pass_endpoint(
    ask: &Ask,
    bucket: Option<&Bucket>,
    action: &str,
    resource: &str,
    grants: Grants<'_>,
    brought: &Brought<'_>,
) -> Result<(), AwsError> {
    let Some(judge) = ask.through.as_ref().and_then(|t| t.policy.as_ref()) else { return Ok(()) };
    let effect = judge.as_ref().map_or(Effect::Silent, |policy| {
        let context = context(ask, bucket, Some(policy), grants, brought);
        let anonymous = Principal::anonymous();
        let principal = if let Identity::User(user) = &ask.who { &user.bundle.principal } else { &anonymous };
        let resource_account = bucket.map(|b| b.record.owner.as_str());
        policy.decide(&Request { principal, action, resource, resource_account, context: &context })
    });
    let why = match (effect, &ask.who) {
        (Effect::Allow(_), _) => return Ok(()),
        (_, Identity::Anonymous) => return Err(errors::access_denied()),
        (Effect::Deny(_), _) => "with an explicit deny in a VPC endpoint policy".to_owned(),
        (Effect::Silent, _) => format!("because no VPC endpoint policy allows the {action} action"),
    };
    let who = ask.who.arn();
    let sentence = format!("User: {who} is not authorized to perform: {action} on resource: \"{resource}\" {why}");
    Err(errors::access_denied_because(sentence))
}

/// May a service of AWS's do this with the bucket, on behalf of a resource of an account's? Only the bucket's policy says so.
pub fn allows_service(bucket: &Bucket, ask: &Ask, service: &Service, action: &str, resource: &str) -> bool {
    let Ok(Some(policy)) = bucket.policy() else { return false };
    let bundle = Bundle::of(Principal::service(service.name));
    let at = Circumstances { now: ask.now, source_ip: "127.0.0.1", user_agent: service.name, region: &ask.region, through: None };
    let context = bundle.context_for(None, &at, Some(policy), |key, context| match key {
        "aws:sourcearn" => context.set(key, service.source_arn),
        "aws:sourceaccount" => context.set(key, service.source_account),
        "s3:x-amz-acl" => context.set(key, "bucket-owner-full-control"),
        _ => {}
    });
    let asked = Asked {
        action,
        resource,
        resource_account: Some(bucket.record.owner.as_str()),
        resource_policy: Some(policy),
        rule: Rule::Required,
        context: &context,
    };
    bundle.decide(&asked).is_allowed()
}

fn note(ask: &Ask, action: &'static str, asked: &Asked, decision: Decision, allowed: bool) {
    debug_assert!(is_documented(ask.op, action), "{} asks for {action}, which the catalogue does not say", ask.op.name());
    let statement = decision.statement().filter(|(source, _)| *source == Source::Resource);
    let sid = statement.and_then(|(_, n)| asked.resource_policy?.statements().nth(n)?.sid()).map(Into::into);
    *ask.decided.borrow_mut() = Some(Decided { action, resource: asked.resource.into(), allowed, decision, sid });
}

fn is_documented(op: Operation, action: &str) -> bool {
    let needs = catalog::find("s3", op.name()).map_or(&[][..], |row| row.needs);
    needs.iter().any(|n| n.action == action) || catalog::REPLICATION_ACTIONS.contains(&action)
}

fn decide(who: &Identity, asked: &Asked) -> Decision {
    match who {
        Identity::User(user) => user.bundle.decide(asked),
        Identity::Anonymous => nobody().decide(asked),
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

/// The condition keys of the request that somebody may look at.
fn context(ask: &Ask, bucket: Option<&Bucket>, policy: Option<&Policy>, grants: Grants<'_>, brought: &Brought<'_>) -> Context {
    let from = ask.from.to_string();
    let at = Circumstances {
        now: ask.now,
        source_ip: &from,
        user_agent: ask.filled("user-agent").unwrap_or_default(),
        region: &ask.region,
        through: ask.through(),
    };
    let existing = if let Grants::Object(version, _) | Grants::Tagged(version) = grants { Some(version) } else { None };
    let own = |key: &str, context: &mut Context| keys::fill(ask, bucket, existing, brought, key, context);
    match &ask.who {
        Identity::User(user) => user.bundle.context_for(Some(&user.caller), &at, policy, own),
        Identity::Anonymous => nobody().context_for(None, &at, policy, own),
    }
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
