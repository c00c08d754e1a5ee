//! Rules: made, shown, changed, put in order, deleted. The default rule of a listener has no row: it is the listener's action.

use super::arn::{self, Found, RuleOf, find_listener, find_rule};
use super::check::{new_id, page, tags, unsupported, validation, within};
use super::listener::{rule_at, with_rules};
use super::rows::{Listener, LoadBalancer, Rule};
use super::{action, condition, usage};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::quota::table as quota;
use aws_protocol::{AwsError, elbv2 as api};
use std::collections::{BTreeMap, BTreeSet};

const PRIORITY_MAX: i32 = 50_000;

pub fn register(table: &mut Table) {
    table.op::<api::CreateRuleInput>(
        &["ListenerArn", "Priority", "Conditions.member.N.*", "Actions.member.N.*", "Tags.member.N.Key", "Tags.member.N.Value"],
        &[],
        create,
    );
    table.op::<api::ModifyRuleInput>(&["RuleArn", "Conditions.member.N.*", "Actions.member.N.*", "ResetTransforms"], &[], modify);
    table.op::<api::DescribeRulesInput>(&["ListenerArn", "RuleArns.member.N", "Marker", "PageSize"], &[], describe);
    table.op::<api::DeleteRuleInput>(&["RuleArn"], &[], delete);
    table.op::<api::SetRulePrioritiesInput>(
        &["RulePriorities.member.N.RuleArn", "RulePriorities.member.N.Priority"],
        &[],
        set_priorities,
    );
}

fn priority(asked: Option<i32>) -> Result<u32, AwsError> {
    within("Priority", asked.ok_or_else(|| validation("A priority must be specified"))?, 1..=PRIORITY_MAX)
}

fn in_use(priority: u32) -> AwsError {
    AwsError::new("PriorityInUse", format!("Priority '{priority}' is currently in use"))
}

fn not_the_default(arn: &str, what: &str) -> AwsError {
    AwsError::new("OperationNotPermitted", format!("Default rule '{arn}' cannot be {what}"))
}

fn create(ctx: &mut Ctx, r: Authorized<api::CreateRuleInput>) -> OpResult<api::CreateRuleOutput> {
    let (b, l) = find_listener(ctx, &r.listener_arn)?;
    with_rules(&b)?;
    let priority = priority(r.priority)?;
    let conditions = condition::of(ctx, r.conditions.as_ref())?;
    let action = action::of(ctx, &b, l.protocol, r.actions.as_ref(), None)?;
    let tags = tags(&r.tags)?;
    if rule_at(ctx, &l, priority).is_some() {
        return Err(in_use(priority).into());
    }
    let count: usize = usage::listeners(ctx.db, &b).iter().map(|l| usage::rules(ctx.db, l).len()).sum();
    if count >= ctx.quota(&quota::RULES_PER_APPLICATION) {
        let sentence = format!("The maximum number of rules has been reached on load balancer '{}'", b.name);
        return Err(AwsError::new("TooManyRules", sentence).into());
    }
    let rule = Rule { account: l.account.clone(), id: new_id(ctx), listener: l.id.clone(), priority, conditions, action, tags };
    ctx.db.put(rule.clone());
    Ok(api::CreateRuleOutput { rules: Some(vec![shown(ctx, &b, &l, &rule)]) })
}

fn modify(ctx: &mut Ctx, r: Authorized<api::ModifyRuleInput>) -> OpResult<api::ModifyRuleOutput> {
    let arn = r.rule_arn.as_deref().unwrap_or_default();
    let RuleOf { balancer, listener, rule } = find_rule(ctx, arn)?;
    let Found::Rule(old) = rule else { return Err(not_the_default(arn, "modified").into()) };
    if r.transforms.is_some() {
        return Err(unsupported("Transforms", "requests are forwarded as they are.").into());
    }
    let mut rule = (*old).clone();
    if r.conditions.is_some() {
        rule.conditions = condition::of(ctx, r.conditions.as_ref())?;
    }
    if r.actions.is_some() {
        rule.action = action::of(ctx, &balancer, listener.protocol, r.actions.as_ref(), Some(&old.action))?;
    }
    ctx.db.put(rule.clone());
    Ok(api::ModifyRuleOutput { rules: Some(vec![shown(ctx, &balancer, &listener, &rule)]) })
}

fn delete(ctx: &mut Ctx, r: Authorized<api::DeleteRuleInput>) -> OpResult<api::DeleteRuleOutput> {
    let arn = r.rule_arn.as_deref().unwrap_or_default();
    match find_rule(ctx, arn)?.rule {
        Found::Default => Err(not_the_default(arn, "deleted").into()),
        Found::Rule(rule) => {
            ctx.db.delete::<Rule>(&rule.account, &rule.id);
            Ok(api::DeleteRuleOutput {})
        }
    }
}

/// All change together: rules may take each other's numbers.
fn set_priorities(ctx: &mut Ctx, r: Authorized<api::SetRulePrioritiesInput>) -> OpResult<api::SetRulePrioritiesOutput> {
    let mut wanted: BTreeMap<String, u32> = BTreeMap::new();
    let mut of = Vec::new();
    for pair in r.rule_priorities.iter().flatten() {
        let arn = pair.rule_arn.as_deref().unwrap_or_default();
        let RuleOf { balancer, listener, rule } = find_rule(ctx, arn)?;
        let Found::Rule(rule) = rule else {
            return Err(AwsError::new("OperationNotPermitted", format!("Default rule '{arn}' has no priority")).into());
        };
        let priority = priority(pair.priority)?;
        if wanted.insert(rule.id.clone(), priority).is_some() {
            return Err(validation("A rule can be named once").into());
        }
        of.push((balancer, listener, rule));
    }
    let listeners: BTreeSet<&String> = of.iter().map(|(_, l, _)| &l.id).collect();
    if listeners.len() > 1 {
        return Err(validation("The rules must belong to the same listener").into());
    }
    let Some((_, listener, _)) = of.first() else { return Err(validation("A rule priority must be specified").into()) };
    let mut taken = BTreeSet::new();
    for rule in usage::rules(ctx.db, listener) {
        let priority = wanted.get(&rule.id).copied().unwrap_or(rule.priority);
        if !taken.insert(priority) {
            return Err(in_use(priority).into());
        }
    }
    let mut out = Vec::new();
    for (b, l, rule) in &of {
        let rule = Rule { priority: wanted[&rule.id], ..(**rule).clone() };
        out.push(shown(ctx, b, l, &rule));
        ctx.db.put(rule);
    }
    Ok(api::SetRulePrioritiesOutput { rules: Some(out) })
}

fn describe(ctx: &mut Ctx, r: Authorized<api::DescribeRulesInput>) -> OpResult<api::DescribeRulesOutput> {
    let arns = r.rule_arns.as_deref().unwrap_or_default();
    let mut out: Vec<(String, api::Rule)> = match (&r.listener_arn, arns) {
        (Some(_), []) => {
            let (b, l) = find_listener(ctx, &r.listener_arn)?;
            let rules = usage::rules(ctx.db, &l);
            let of_rows = rules.iter().map(|rule| (format!("{:05}", rule.priority), shown(ctx, &b, &l, rule)));
            of_rows.chain([("default".to_owned(), shown_default(ctx, &b, &l))]).collect()
        }
        (None, [_, ..]) => {
            let mut out = Vec::new();
            for arn in arns {
                let RuleOf { balancer, listener, rule } = find_rule(ctx, arn)?;
                let rule = match rule {
                    Found::Rule(rule) => shown(ctx, &balancer, &listener, &rule),
                    Found::Default => shown_default(ctx, &balancer, &listener),
                };
                out.push((arn.clone(), rule));
            }
            out
        }
        _ => return Err(validation("You must specify either rule ARNs or a listener ARN").into()),
    };
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out.dedup_by(|a, b| a.0 == b.0);
    let (rules, next_marker) = page(out, &r.marker, r.page_size, |(key, _)| key.clone())?;
    Ok(api::DescribeRulesOutput { rules: Some(rules.into_iter().map(|(_, r)| r).collect()), next_marker })
}

fn shown(ctx: &Ctx, b: &LoadBalancer, l: &Listener, rule: &Rule) -> api::Rule {
    api::Rule {
        actions: Some(action::shown(&rule.action)),
        conditions: Some(rule.conditions.iter().map(condition::shown).collect()),
        is_default: Some(false),
        priority: Some(rule.priority.to_string()),
        rule_arn: Some(arn::rule(ctx.settings, b, l, &rule.id)),
        transforms: Some(Vec::new()),
    }
}

fn shown_default(ctx: &Ctx, b: &LoadBalancer, l: &Listener) -> api::Rule {
    api::Rule {
        actions: Some(action::shown(&l.action)),
        conditions: Some(Vec::new()),
        is_default: Some(true),
        priority: Some("default".to_owned()),
        rule_arn: Some(arn::rule(ctx.settings, b, l, &l.default_rule)),
        transforms: Some(Vec::new()),
    }
}
