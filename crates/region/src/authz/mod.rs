//! May the caller? Every question of authorisation of the region, before an operation runs and inside it.
//!
//! ```text
//!  dispatch ─► before: the catalogue's needs ─► targets (ec2, iam, elb, ...: names become ARNs, rows become condition keys) ─┐
//!  operation that finds its resource itself, or whose resource has a policy ─► Ctx::authorize, Ctx::judge ─────────────┴─► iam
//! ```
//!
//! A resource is asked about before it is looked up for the caller, by the ARN that it would have: whoever may not ask is not
//! told whether it exists. The first No ends the request.

mod ec2;
mod elb;
#[cfg(test)]
mod elb_tests;
mod given;
mod iam;
mod other;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk;

pub use given::Given;

use crate::context::Ctx;
use ::iam::catalog::{Judged, Need, On, Row, When};
use ::iam::{Asked, Context, Decision, Policy, Rule};
use aws_protocol::{AwsError, Protocol};
use types::AccountId;

/// Condition keys and their values.
#[derive(Debug, Clone, Default)]
pub struct Keys(Vec<(String, Vec<String>)>);

impl Keys {
    pub fn set(&mut self, key: impl Into<String>, value: impl ToString) {
        self.0.push((key.into(), vec![value.to_string()]));
    }

    pub fn set_many(&mut self, key: impl Into<String>, values: impl IntoIterator<Item = String>) {
        self.0.push((key.into(), values.into_iter().collect()));
    }

    /// `aws:ResourceTag/…`, and the same under the service's own name where it has one.
    pub fn resource_tags<'t>(&mut self, own: Option<&str>, tags: impl IntoIterator<Item = (&'t String, &'t String)>) {
        for (key, value) in tags {
            self.set(format!("aws:ResourceTag/{key}"), value);
            if let Some(own) = own {
                self.set(format!("{own}:ResourceTag/{key}"), value);
            }
        }
    }

    /// `aws:RequestTag/…` and `aws:TagKeys`. A tag without a value has a key only.
    pub fn request_tags(&mut self, tags: &[(String, Option<String>)]) {
        for (key, value) in tags {
            if let Some(value) = value {
                self.set(format!("aws:RequestTag/{key}"), value);
            }
        }
        if !tags.is_empty() {
            self.set_many("aws:TagKeys", tags.iter().map(|(k, _)| k.clone()));
        }
    }
}

/// A resource that a request names.
#[derive(Debug, Clone)]
pub struct Target {
    pub arn: String,
    pub keys: Keys,
}

impl Target {
    pub fn new(arn: impl Into<String>) -> Self {
        Self { arn: arn.into(), keys: Keys::default() }
    }
}

/// One question. `Ask::new` asks what identity policies decide about a resource of the caller's account.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    pub action: &'a str,
    pub resource: &'a str,
    /// Who owns the resource; none: the caller's account.
    pub owner: Option<&'a AccountId>,
    /// The policy on the resource.
    pub policy: Option<&'a Policy>,
    pub rule: Rule,
    /// Beside the global ones.
    pub keys: Keys,
}

impl<'a> Ask<'a> {
    pub fn new(action: &'a str, resource: &'a str) -> Self {
        Self { action, resource, owner: None, policy: None, rule: Rule::Optional, keys: Keys::default() }
    }
}

impl Ctx<'_> {
    /// Refuses unless the caller's policies allow `action` on a resource of its own account. `more` are condition keys beside
    /// the global ones. For operations that learn only inside what they are about.
    pub fn authorize(&mut self, action: &str, resource: &str, more: &[(&str, &str)]) -> Result<(), AwsError> {
        let mut ask = Ask::new(action, resource);
        more.iter().for_each(|(key, value)| ask.keys.set(*key, value));
        self.require(&ask)
    }

    /// The same with all that can bear on it.
    pub fn require(&mut self, ask: &Ask) -> Result<(), AwsError> {
        let (decision, context) = self.decide(ask);
        match decision {
            Decision::Allow { .. } => Ok(()),
            Decision::Deny(reason) => {
                let asked = asked(ask, &context);
                let mut sentence = self.who.bundle.refusal(&asked, reason);
                if self.protocol == Some(Protocol::Ec2)
                    && let Some(encoded) = crate::sts::message::encode(self, &asked, reason)
                {
                    sentence.push_str(&format!(". Encoded authorization failure message: {encoded}"));
                }
                Err(self.refusal(sentence))
            }
        }
    }

    /// Whether the caller may, for those who have a say after it (grants, other accounts' answers). The decision is noted.
    pub fn judge(&mut self, ask: &Ask) -> Decision {
        self.decide(ask).0
    }

    fn decide(&mut self, ask: &Ask) -> (Decision, Context) {
        let mut context = self.who.bundle.context(self.caller, &self.who.at);
        context.set("aws:ResourceAccount", ask.owner.unwrap_or(&self.caller.account).as_str());
        let service = ask.action.split(':').next().unwrap_or_default();
        for (key, values) in &ask.keys.0 {
            debug_assert!(::iam::catalog::is_known_key(service, key), "{} has {key}, which the catalogue lacks", ask.action);
            match values.as_slice() {
                [one] => context.set(key, one.as_str()),
                many => context.set_many(key, many.iter().map(String::as_str)),
            }
        }
        let asked = asked(ask, &context);
        let decision = self.who.bundle.decide(&asked);
        self.traces.push(self.who.bundle.trace(&asked, decision));
        (decision, context)
    }

    /// `iam:PassRole`: may the caller give this role to that service, for `resource`?
    pub fn pass_role(&mut self, role: &crate::rows::Role, service: &str, resource: &str) -> Result<(), AwsError> {
        let arn = role.arn();
        let mut ask = Ask::new("iam:PassRole", &arn);
        ask.keys = iam::passed(role, service, resource);
        self.require(&ask)
    }

    /// A refusal as the operation's protocol words it.
    pub fn refusal(&self, sentence: String) -> AwsError {
        AwsError::access_denied(self.protocol.unwrap_or(Protocol::Query), sentence)
    }
}

fn asked<'a>(ask: &Ask<'a>, context: &'a Context) -> Asked<'a> {
    Asked {
        action: ask.action,
        resource: ask.resource,
        resource_account: ask.owner.map(AccountId::as_str),
        resource_policy: ask.policy,
        rule: ask.rule,
        context,
    }
}

/// Asks everything that the request names. Nothing of it has been looked at yet beyond its form.
pub(crate) fn before(ctx: &mut Ctx, row: &Row, given: &Given) -> Result<(), AwsError> {
    if row.judged != Judged::Before {
        return Ok(());
    }
    for need in row.needs {
        if let When::If(parameter) = need.when
            && !given.has(parameter)
        {
            continue;
        }
        for on in need.on() {
            for target in targets(ctx, row, need, &on, given) {
                let mut ask = Ask::new(need.action, &target.arn);
                ask.keys = target.keys;
                ctx.require(&ask)?;
            }
        }
    }
    for (created, target) in ec2::tagged_at_creation(ctx, row, given) {
        let mut ask = Ask::new("ec2:CreateTags", &target.arn);
        ask.keys = target.keys;
        ask.keys.set("ec2:CreateAction", created);
        ctx.require(&ask)?;
    }
    Ok(())
}

fn targets(ctx: &Ctx, row: &Row, need: &Need, on: &On, given: &Given) -> Vec<Target> {
    let service = need.action.split(':').next().unwrap_or_default();
    match service {
        "ec2" => ec2::targets(ctx, row, on, given),
        "iam" => iam::targets(ctx, row, on, given),
        "elasticloadbalancing" | "acm" => elb::targets(ctx, row, need, on, given),
        service => other::targets(ctx, service, on, given),
    }
}

/// The ARN of a resource of the caller's account in this region.
fn arn(ctx: &Ctx, service: &str, kind: &str, name: &str) -> String {
    ::iam::catalog::arn(service, kind, ctx.settings.region.as_str(), ctx.caller.account.as_str(), name)
}
