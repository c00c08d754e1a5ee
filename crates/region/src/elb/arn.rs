//! ARNs: made of rows, and back to rows. Rows of other accounts do not exist here.

use super::check::validation;
use super::rows::{Listener, LoadBalancer, Rule, TargetGroup, TrustStore};
use crate::context::Ctx;
use crate::db::Db;
use aws_protocol::AwsError;
use platform::Settings;
use std::rc::Rc;
use types::AccountId;

fn arn(settings: &Settings, account: &AccountId, kind: &str, path: &str) -> String {
    ::iam::catalog::arn("elasticloadbalancing", kind, settings.region.as_str(), account.as_str(), path)
}

pub fn balancer(settings: &Settings, b: &LoadBalancer) -> String {
    arn(settings, &b.account, "loadbalancer", &b.path())
}

pub fn group(settings: &Settings, g: &TargetGroup) -> String {
    arn(settings, &g.account, "targetgroup", &format!("{}/{}", g.name, g.id))
}

pub fn listener(settings: &Settings, b: &LoadBalancer, l: &Listener) -> String {
    arn(settings, &b.account, "listener", &format!("{}/{}", b.path(), l.id))
}

pub fn trust_store(settings: &Settings, t: &TrustStore) -> String {
    arn(settings, &t.account, "truststore", &format!("{}/{}", t.name, t.id))
}

pub fn find_trust_store(ctx: &Ctx, arn: &Option<String>) -> Result<Rc<TrustStore>, AwsError> {
    let arn = arn.as_deref().unwrap_or_default();
    let found = ctx.db.get::<TrustStore>(&ctx.caller.account, id("truststore", "trust store", arn)?);
    let found = found.filter(|t| trust_store(ctx.settings, t) == arn);
    found.ok_or_else(|| AwsError::new("TrustStoreNotFound", format!("Trust store '{arn}' not found")))
}

/// Of a rule's id, as the default rule has no row.
pub fn rule(settings: &Settings, b: &LoadBalancer, l: &Listener, id: &str) -> String {
    arn(settings, &b.account, "listener-rule", &format!("{}/{}/{id}", b.path(), l.id))
}

/// The last part of an ARN of this kind.
fn id<'a>(kind: &str, what: &str, arn: &'a str) -> Result<&'a str, AwsError> {
    let words: Vec<&str> = arn.splitn(6, ':').collect();
    let resource = match words.as_slice() {
        ["arn", "aws", "elasticloadbalancing", _, _, resource] => resource.strip_prefix(kind).and_then(|r| r.strip_prefix('/')),
        _ => None,
    };
    resource.and_then(|r| r.rsplit('/').next()).ok_or_else(|| validation(format!("'{arn}' is not a valid {what} ARN")))
}

pub fn balancer_not_found(arn: &str) -> AwsError {
    AwsError::new("LoadBalancerNotFound", format!("Load balancer '{arn}' not found"))
}

/// None: there is none of that ARN (any more).
pub fn get_balancer(ctx: &Ctx, arn: &str) -> Result<Option<Rc<LoadBalancer>>, AwsError> {
    let found = ctx.db.get::<LoadBalancer>(&ctx.caller.account, id("loadbalancer", "load balancer", arn)?);
    Ok(found.filter(|b| balancer(ctx.settings, b) == arn))
}

pub fn find_balancer(ctx: &Ctx, arn: &Option<String>) -> Result<Rc<LoadBalancer>, AwsError> {
    let arn = arn.as_deref().unwrap_or_default();
    get_balancer(ctx, arn)?.ok_or_else(|| balancer_not_found(arn))
}

pub fn get_group(ctx: &Ctx, arn: &str) -> Result<Option<Rc<TargetGroup>>, AwsError> {
    let found = ctx.db.get::<TargetGroup>(&ctx.caller.account, id("targetgroup", "target group", arn)?);
    Ok(found.filter(|g| group(ctx.settings, g) == arn))
}

/// By an ARN that a row holds.
pub fn group_of(db: &Db, account: &AccountId, arn: &str) -> Option<Rc<TargetGroup>> {
    db.get::<TargetGroup>(account, arn.rsplit('/').next()?)
}

pub fn groups_not_found() -> AwsError {
    AwsError::new("TargetGroupNotFound", "One or more target groups not found")
}

pub fn find_group(ctx: &Ctx, arn: &Option<String>) -> Result<Rc<TargetGroup>, AwsError> {
    get_group(ctx, arn.as_deref().unwrap_or_default())?.ok_or_else(groups_not_found)
}

/// A listener and what it belongs to.
pub type Of<T> = (Rc<LoadBalancer>, T);

pub fn get_listener(ctx: &Ctx, arn: &str) -> Result<Option<Of<Rc<Listener>>>, AwsError> {
    let found = ctx.db.get::<Listener>(&ctx.caller.account, id("listener", "listener", arn)?);
    let Some(l) = found else { return Ok(None) };
    let Some(b) = ctx.db.get::<LoadBalancer>(&l.account, &l.balancer) else { return Ok(None) };
    Ok((listener(ctx.settings, &b, &l) == arn).then_some((b, l)))
}

pub fn find_listener(ctx: &Ctx, arn: &Option<String>) -> Result<Of<Rc<Listener>>, AwsError> {
    let found = get_listener(ctx, arn.as_deref().unwrap_or_default())?;
    found.ok_or_else(|| AwsError::new("ListenerNotFound", "One or more listeners not found"))
}

/// A rule with a row, or a listener's default rule.
pub enum Found {
    Rule(Rc<Rule>),
    Default,
}

pub struct RuleOf {
    pub balancer: Rc<LoadBalancer>,
    pub listener: Rc<Listener>,
    pub rule: Found,
}

pub fn find_rule(ctx: &Ctx, arn: &str) -> Result<RuleOf, AwsError> {
    let none = || AwsError::new("RuleNotFound", "One or more rules not found");
    let own = id("listener-rule", "rule", arn)?;
    let account = &ctx.caller.account;
    let (listener, found) = match ctx.db.get::<Rule>(account, own) {
        Some(r) => (ctx.db.get::<Listener>(account, &r.listener), Found::Rule(r)),
        None => (ctx.db.list::<Listener>(account).find(|l| l.default_rule == own), Found::Default),
    };
    let listener = listener.ok_or_else(none)?;
    let balancer = ctx.db.get::<LoadBalancer>(account, &listener.balancer).ok_or_else(none)?;
    if rule(ctx.settings, &balancer, &listener, own) != arn {
        return Err(none());
    }
    Ok(RuleOf { balancer, listener, rule: found })
}
