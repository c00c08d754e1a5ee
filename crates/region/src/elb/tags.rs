//! Tags of load balancers, target groups, listeners, rules and trust stores.

use super::arn::{self, Found};
use super::check::{tags, tags_fit, validation};
use super::rows::{Listener, LoadBalancer, Rule, TargetGroup, TrustStore};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use aws_protocol::{AwsError, elbv2 as api};
use std::collections::BTreeMap;

type Tags = BTreeMap<String, String>;

/// AWS: resources of one request.
const LISTED_MAX: usize = 20;

pub fn register(table: &mut Table) {
    table.op::<api::AddTagsInput>(&["ResourceArns.member.N", "Tags.member.N.Key", "Tags.member.N.Value"], &[], add);
    table.op::<api::RemoveTagsInput>(&["ResourceArns.member.N", "TagKeys.member.N"], &[], remove);
    table.op::<api::DescribeTagsInput>(&["ResourceArns.member.N"], &[], describe);
}

/// A resource that has tags.
enum Tagged {
    Balancer(std::rc::Rc<LoadBalancer>),
    Group(std::rc::Rc<TargetGroup>),
    Listener(std::rc::Rc<Listener>),
    TrustStore(std::rc::Rc<TrustStore>),
    Rule(std::rc::Rc<Rule>),
    /// Of this listener.
    DefaultRule(std::rc::Rc<Listener>),
}

fn find(ctx: &Ctx, resource: &str) -> Result<Tagged, AwsError> {
    let kind = resource.split(':').nth(5).and_then(|r| r.split('/').next()).unwrap_or_default();
    let arn = Some(resource.to_owned());
    Ok(match kind {
        "loadbalancer" => Tagged::Balancer(arn::find_balancer(ctx, &arn)?),
        "targetgroup" => Tagged::Group(arn::find_group(ctx, &arn)?),
        "listener" => Tagged::Listener(arn::find_listener(ctx, &arn)?.1),
        "truststore" => Tagged::TrustStore(arn::find_trust_store(ctx, &arn)?),
        "listener-rule" => {
            let found = arn::find_rule(ctx, resource)?;
            match found.rule {
                Found::Rule(rule) => Tagged::Rule(rule),
                Found::Default => Tagged::DefaultRule(found.listener),
            }
        }
        _ => return Err(validation(format!("'{resource}' is not the ARN of a resource that has tags"))),
    })
}

impl Tagged {
    fn tags(&self) -> &Tags {
        match self {
            Self::Balancer(b) => &b.tags,
            Self::Group(g) => &g.tags,
            Self::Listener(l) => &l.tags,
            Self::TrustStore(t) => &t.tags,
            Self::Rule(r) => &r.tags,
            Self::DefaultRule(l) => &l.default_rule_tags,
        }
    }

    fn put(&self, ctx: &mut Ctx, tags: Tags) {
        match self {
            Self::Balancer(b) => ctx.db.put(LoadBalancer { tags, ..(**b).clone() }),
            Self::Group(g) => ctx.db.put(TargetGroup { tags, ..(**g).clone() }),
            Self::Listener(l) => ctx.db.put(Listener { tags, ..(**l).clone() }),
            Self::TrustStore(t) => ctx.db.put(TrustStore { tags, ..(**t).clone() }),
            Self::Rule(r) => ctx.db.put(Rule { tags, ..(**r).clone() }),
            Self::DefaultRule(l) => ctx.db.put(Listener { default_rule_tags: tags, ..(**l).clone() }),
        }
    }
}

/// For condition keys, before an operation runs. Empty for what is not there.
pub fn at(ctx: &Ctx, arn: &str) -> Tags {
    find(ctx, arn).map(|t| t.tags().clone()).unwrap_or_default()
}

fn resources(arns: &Option<Vec<String>>) -> Result<&[String], AwsError> {
    match arns.as_deref().unwrap_or_default() {
        [] => Err(validation("A resource ARN must be specified")),
        many if many.len() > LISTED_MAX => Err(validation(format!("At most {LISTED_MAX} resource ARNs can be specified"))),
        some => Ok(some),
    }
}

fn add(ctx: &mut Ctx, r: Authorized<api::AddTagsInput>) -> OpResult<api::AddTagsOutput> {
    let new = tags(&r.tags)?;
    for arn in resources(&r.resource_arns)? {
        let found = find(ctx, arn)?;
        let mut all = found.tags().clone();
        all.extend(new.clone());
        tags_fit(&all)?;
        found.put(ctx, all);
    }
    Ok(api::AddTagsOutput {})
}

fn remove(ctx: &mut Ctx, r: Authorized<api::RemoveTagsInput>) -> OpResult<api::RemoveTagsOutput> {
    for arn in resources(&r.resource_arns)? {
        let found = find(ctx, arn)?;
        let mut all = found.tags().clone();
        for key in r.tag_keys.iter().flatten() {
            all.remove(key);
        }
        found.put(ctx, all);
    }
    Ok(api::RemoveTagsOutput {})
}

fn describe(ctx: &mut Ctx, r: Authorized<api::DescribeTagsInput>) -> OpResult<api::DescribeTagsOutput> {
    let shown = |arn: &String| {
        let tag = |(k, v): (&String, &String)| api::Tag { key: Some(k.clone()), value: Some(v.clone()) };
        let tags = find(ctx, arn)?.tags().iter().map(tag).collect();
        Ok(api::TagDescription { resource_arn: Some(arn.clone()), tags: Some(tags) })
    };
    let tag_descriptions = resources(&r.resource_arns)?.iter().map(shown).collect::<Result<_, AwsError>>()?;
    Ok(api::DescribeTagsOutput { tag_descriptions: Some(tag_descriptions) })
}
