//! What a role's trust policy, with the caller's own policies, says of taking it on.

use crate::context::Ctx;
use crate::rows::Role;
use ::iam::{Asked, Bundle, Context, Decision, Policy, PolicyKind, Principal, PrincipalKind, Rule};
use aws_protocol::AwsError;
use std::collections::BTreeMap;
use std::rc::Rc;
use types::AccountId;
use wire::identity::Trace;

/// The role of that very ARN: names are found without regard to case, ARNs are not.
pub fn role(ctx: &Ctx, account: &AccountId, name: &str, arn: &str) -> Option<Rc<Role>> {
    ctx.db.get::<Role>(account, name.to_lowercase()).filter(|r| r.arn() == arn)
}

/// Condition keys of taking on a role.
#[derive(Debug, Clone, Default)]
pub struct Circumstance<'a> {
    pub session_name: &'a str,
    pub external_id: Option<&'a str>,
    pub source_identity: Option<&'a str>,
    pub mfa: bool,
    /// All of the new session.
    pub tags: Option<&'a BTreeMap<String, String>>,
    pub transitive: &'a [String],
    /// Keys of an identity provider.
    pub of_provider: Vec<(String, Vec<String>)>,
}

impl Circumstance<'_> {
    fn add_to(&self, c: &mut Context) {
        c.set("sts:RoleSessionName", self.session_name);
        if let Some(id) = self.external_id {
            c.set("sts:ExternalId", id);
        }
        if let Some(identity) = self.source_identity {
            c.set("sts:SourceIdentity", identity);
        }
        if self.mfa {
            c.set("aws:MultiFactorAuthPresent", "true");
            c.set("aws:MultiFactorAuthAge", "0");
        }
        if let Some(tags) = self.tags.filter(|t| !t.is_empty()) {
            tags.iter().for_each(|(key, value)| c.set(&format!("aws:RequestTag/{key}"), value.as_str()));
            c.set_many("aws:TagKeys", tags.keys().map(String::as_str));
        }
        c.set_many("sts:TransitiveTagKeys", self.transitive.iter().map(String::as_str));
        for (key, values) in &self.of_provider {
            match values.as_slice() {
                [one] => c.set(key, one.as_str()),
                many => c.set_many(key, many.iter().map(String::as_str)),
            }
        }
    }
}

/// Asks about `action` on the role. `bundle`: of whoever wants it; `context`: its global keys.
pub fn decide(bundle: &Bundle, context: &Context, action: &str, role: &Role, now: &Circumstance) -> (Decision, Trace) {
    let arn = role.arn();
    let mut context = context.clone();
    now.add_to(&mut context);
    context.set("aws:ResourceAccount", role.account.as_str());
    for (key, value) in &role.tags {
        context.set(&format!("aws:ResourceTag/{key}"), value.as_str());
        context.set(&format!("iam:ResourceTag/{key}"), value.as_str());
    }
    // One that cannot be read trusts nobody.
    let policy = Policy::parse(&role.trust, PolicyKind::Trust).ok();
    let asked = Asked {
        action,
        resource: &arn,
        resource_account: Some(role.account.as_str()),
        resource_policy: policy.as_ref(),
        rule: Rule::Required,
        context: &context,
    };
    let decision = bundle.decide(&asked);
    (decision, bundle.trace(&asked, decision))
}

/// Refuses unless the caller may take on the role, and give the session what it wants to have.
///
/// # Errors
/// `AccessDenied`, in one sentence for roles that exist and roles that do not.
pub fn require(ctx: &mut Ctx, role: Option<&Role>, arn: &str, now: &Circumstance) -> Result<(), AwsError> {
    let mut actions = vec!["sts:AssumeRole"];
    actions.extend(now.tags.is_some_and(|t| !t.is_empty()).then_some("sts:TagSession"));
    actions.extend(now.source_identity.map(|_| "sts:SetSourceIdentity"));
    let context = ctx.who.bundle.context(ctx.caller, &ctx.who.at);
    for action in actions {
        let allowed = role.is_some_and(|role| {
            let (decision, trace) = decide(ctx.who.bundle, &context, action, role, now);
            ctx.traces.push(trace);
            decision.is_allowed()
        });
        if !allowed {
            let who = &ctx.caller.arn;
            return Err(denied(format!("User: {who} is not authorized to perform: {action} on resource: {arn}")));
        }
    }
    Ok(())
}

/// The same for whoever bears a provider's word instead of credentials: without policies of its own, the role's trust in the
/// provider decides. `action`: by which it comes.
///
/// # Errors
/// `AccessDenied`, likewise.
pub fn require_of_bearer(
    ctx: &mut Ctx,
    bearer: Principal,
    action: &'static str,
    role: Option<Rc<Role>>,
    now: &Circumstance,
) -> Result<Rc<Role>, AwsError> {
    let mut context = Context::of(&bearer);
    context.set_time(ctx.now);
    context.set("aws:SourceIp", ctx.who.at.source_ip);
    context.set("aws:RequestedRegion", ctx.who.at.region);
    let bundle = Bundle::of(bearer);
    let mut actions = vec![action];
    actions.extend(now.tags.is_some_and(|t| !t.is_empty()).then_some("sts:TagSession"));
    actions.extend(now.source_identity.map(|_| "sts:SetSourceIdentity"));
    for action in actions {
        let allowed = role.as_ref().is_some_and(|role| {
            let (decision, trace) = decide(&bundle, &context, action, role, now);
            ctx.traces.push(trace);
            decision.is_allowed()
        });
        if !allowed {
            return Err(denied(format!("Not authorized to perform {action}")));
        }
    }
    role.ok_or_else(|| denied(format!("Not authorized to perform {action}")))
}

/// Somebody of an identity provider.
pub fn bearer(provider_arn: String, user_id: String) -> Principal {
    Principal { account: None, arn: provider_arn, user_id, canonical_id: String::new(), kind: PrincipalKind::Federated }
}

pub fn denied(sentence: impl Into<String>) -> AwsError {
    AwsError::new("AccessDenied", sentence).with_status(403)
}
