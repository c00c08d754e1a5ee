//! The rules of security groups: authorise, revoke, modify, describe.

use super::lookup::{Listing, RULE_CODES, find, many, one, required};
use super::permission::{self, Draft, drafts, to_ip_permissions};
use super::{prefix_list, quota, security_group};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{RulePeer, SecurityGroup, SecurityGroupRule};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeSet;
use std::rc::Rc;
use types::SecurityGroupRuleId;

/// Rules by permission, and what else an operation takes.
macro_rules! permissions_and {
    ($($other:literal),*) => {
        &[
            "GroupId",
            "IpPermissions.N.FromPort",
            "IpPermissions.N.ToPort",
            "IpPermissions.N.IpProtocol",
            "IpPermissions.N.IpRanges.*",
            "IpPermissions.N.Ipv6Ranges.*",
            "IpPermissions.N.PrefixListIds.*",
            "IpPermissions.N.Groups.N.Description",
            "IpPermissions.N.Groups.N.GroupId",
            "IpPermissions.N.Groups.N.GroupName",
            "IpPermissions.N.Groups.N.UserId",
            "IpPermissions.N.Groups.N.VpcId",
            "IpPermissions.N.Groups.N.VpcPeeringConnectionId",
            $($other),*
        ]
    };
}

/// The parameters of before there were permissions: one rule, and only for ingress.
#[derive(Debug, Default)]
struct Flat {
    cidr: Option<String>,
    protocol: Option<String>,
    from_port: Option<i32>,
    to_port: Option<i32>,
    group_name: Option<String>,
    group_owner: Option<String>,
}

pub fn register(table: &mut Table) {
    let tags = &["security-group-rule"];
    let flat_authorize = permissions_and!(
        "GroupName",
        "CidrIp",
        "FromPort",
        "ToPort",
        "IpProtocol",
        "SourceSecurityGroupName",
        "SourceSecurityGroupOwnerId"
    );
    let flat_revoke = permissions_and!(
        "GroupName",
        "CidrIp",
        "FromPort",
        "ToPort",
        "IpProtocol",
        "SourceSecurityGroupName",
        "SourceSecurityGroupOwnerId",
        "SecurityGroupRuleId.N"
    );
    table.op::<ec2::AuthorizeSecurityGroupIngressRequest>(flat_authorize, tags, authorize_ingress);
    table.op::<ec2::AuthorizeSecurityGroupEgressRequest>(permissions_and!(), tags, authorize_egress);
    table.op::<ec2::RevokeSecurityGroupIngressRequest>(flat_revoke, &[], revoke_ingress);
    table.op::<ec2::RevokeSecurityGroupEgressRequest>(permissions_and!("SecurityGroupRuleId.N"), &[], revoke_egress);
    let descriptions = permissions_and!(
        "GroupName",
        "SecurityGroupRuleDescription.N.SecurityGroupRuleId",
        "SecurityGroupRuleDescription.N.Description"
    );
    table.op::<ec2::UpdateSecurityGroupRuleDescriptionsIngressRequest>(descriptions, &[], describe_ingress_anew);
    table.op::<ec2::UpdateSecurityGroupRuleDescriptionsEgressRequest>(descriptions, &[], describe_egress_anew);
    table.op::<ec2::ModifySecurityGroupRulesRequest>(
        &[
            "GroupId",
            "SecurityGroupRule.N.SecurityGroupRuleId",
            "SecurityGroupRule.N.SecurityGroupRule.IpProtocol",
            "SecurityGroupRule.N.SecurityGroupRule.FromPort",
            "SecurityGroupRule.N.SecurityGroupRule.ToPort",
            "SecurityGroupRule.N.SecurityGroupRule.CidrIpv4",
            "SecurityGroupRule.N.SecurityGroupRule.CidrIpv6",
            "SecurityGroupRule.N.SecurityGroupRule.PrefixListId",
            "SecurityGroupRule.N.SecurityGroupRule.ReferencedGroupId",
            "SecurityGroupRule.N.SecurityGroupRule.Description",
        ],
        &[],
        modify,
    );
    table.op::<ec2::DescribeSecurityGroupRulesRequest>(&["SecurityGroupRuleId.N"], &[], describe);
}

impl Flat {
    fn into_permission(self) -> Option<ec2::IpPermission> {
        let Flat { cidr, protocol, from_port, to_port, group_name, group_owner } = self;
        if group_name.is_none() && cidr.is_none() && protocol.is_none() {
            return None;
        }
        let by_group = group_name.is_some();
        let pair =
            group_name.map(|name| ec2::UserIdGroupPair { group_name: Some(name), user_id: group_owner, ..Default::default() });
        Some(ec2::IpPermission {
            // A source group without a protocol meant all traffic.
            ip_protocol: protocol.or_else(|| by_group.then(|| "-1".to_owned())),
            from_port,
            to_port,
            ip_ranges: cidr.map(|c| vec![ec2::IpRange { cidr_ip: Some(c), description: None }]),
            user_id_group_pairs: pair.map(|p| vec![p]),
            ..Default::default()
        })
    }
}

/// What a request describes, by permissions or flat.
fn requested(
    ctx: &Ctx,
    group: &SecurityGroup,
    permissions: &Option<Vec<ec2::IpPermission>>,
    flat: Flat,
) -> Result<Vec<Draft>, AwsError> {
    let mut all = permissions.clone().unwrap_or_default();
    match (flat.into_permission(), all.is_empty()) {
        (Some(one), true) => all.push(one),
        (Some(_), false) => {
            let message =
                "The parameter ipPermissions may not be used together with cidrIp, ipProtocol or sourceSecurityGroupName.";
            return Err(AwsError::invalid_parameter_combination(message));
        }
        (None, _) => {}
    }
    if all.is_empty() {
        return Err(AwsError::missing_parameter("IpPermissions"));
    }
    drafts(ctx, group, &all)
}

macro_rules! flat {
    ($req:ident) => {
        Flat {
            cidr: $req.cidr_ip.clone(),
            protocol: $req.ip_protocol.clone(),
            from_port: $req.from_port,
            to_port: $req.to_port,
            group_name: $req.source_security_group_name.clone(),
            group_owner: $req.source_security_group_owner_id.clone(),
        }
    };
}

fn authorize_ingress(
    ctx: &mut Ctx,
    req: Authorized<ec2::AuthorizeSecurityGroupIngressRequest>,
) -> OpResult<ec2::AuthorizeSecurityGroupIngressResult> {
    let group = security_group::named(ctx, &req.group_id, &req.group_name)?;
    let drafts = requested(ctx, &group, &req.ip_permissions, flat!(req))?;
    let security_group_rules = Some(authorize(ctx, &group, false, drafts, &req.tag_specifications)?);
    Ok(ec2::AuthorizeSecurityGroupIngressResult { r#return: Some(true), security_group_rules })
}

fn authorize_egress(
    ctx: &mut Ctx,
    req: Authorized<ec2::AuthorizeSecurityGroupEgressRequest>,
) -> OpResult<ec2::AuthorizeSecurityGroupEgressResult> {
    let group = security_group::named(ctx, &req.group_id, &None)?;
    let drafts = requested(ctx, &group, &req.ip_permissions, Flat::default())?;
    let security_group_rules = Some(authorize(ctx, &group, true, drafts, &req.tag_specifications)?);
    Ok(ec2::AuthorizeSecurityGroupEgressResult { r#return: Some(true), security_group_rules })
}

/// Adds all rules or none.
fn authorize(
    ctx: &mut Ctx,
    group: &SecurityGroup,
    egress: bool,
    drafts: Vec<Draft>,
    tag_specifications: &Option<Vec<ec2::TagSpecification>>,
) -> Result<Vec<ec2::SecurityGroupRule>, AwsError> {
    let tags = tags::specified(tag_specifications, "security-group-rule")?;
    let mut group = group.clone();
    let mut added = Vec::new();
    for draft in drafts {
        if group.rules.iter().any(|r| r.egress == egress && draft.is_same(r)) {
            let message = format!("the specified rule \"{}\" already exists", draft.sentence());
            return Err(AwsError::new("InvalidPermission.Duplicate", message));
        }
        let rule = draft.into_rule(ctx.new_id(SecurityGroupRuleId::from_random), egress);
        ctx.tag(rule.id, tags.clone())?;
        group.rules.push(rule.clone());
        added.push(rule);
    }
    let weight = |id| prefix_list::weight(ctx.db, &group.account, id);
    let count = permission::weight(group.rules.iter().filter(|r| r.egress == egress), weight);
    if count > ctx.quota(&quota::RULES_PER_SECURITY_GROUP) {
        let message = "The maximum number of rules per security group has been reached.";
        return Err(AwsError::new("RulesPerSecurityGroupLimitExceeded", message));
    }
    ctx.db.put(group.clone());
    Ok(added.iter().map(|r| to_ec2_rule(ctx, &group, r)).collect())
}

/// What revoking did: the rules that went, and what was asked for and was not there.
type Revoked = (Vec<ec2::RevokedSecurityGroupRule>, Vec<ec2::IpPermission>);

fn revoke_ingress(
    ctx: &mut Ctx,
    req: Authorized<ec2::RevokeSecurityGroupIngressRequest>,
) -> OpResult<ec2::RevokeSecurityGroupIngressResult> {
    let group = revoked_group(ctx, &req.group_id, &req.group_name, &req.security_group_rule_ids)?;
    let wanted = wanted(ctx, &group, false, &req.security_group_rule_ids, &req.ip_permissions, flat!(req))?;
    let (revoked, unknown) = revoke(ctx, &group, false, wanted)?;
    Ok(ec2::RevokeSecurityGroupIngressResult {
        r#return: Some(true),
        revoked_security_group_rules: Some(revoked),
        unknown_ip_permissions: Some(unknown),
    })
}

fn revoke_egress(
    ctx: &mut Ctx,
    req: Authorized<ec2::RevokeSecurityGroupEgressRequest>,
) -> OpResult<ec2::RevokeSecurityGroupEgressResult> {
    let group = security_group::named(ctx, &req.group_id, &None)?;
    let wanted = wanted(ctx, &group, true, &req.security_group_rule_ids, &req.ip_permissions, Flat::default())?;
    let (revoked, unknown) = revoke(ctx, &group, true, wanted)?;
    Ok(ec2::RevokeSecurityGroupEgressResult {
        r#return: Some(true),
        revoked_security_group_rules: Some(revoked),
        unknown_ip_permissions: Some(unknown),
    })
}

/// Rules named by id tell their group by themselves.
fn revoked_group(
    ctx: &Ctx,
    id: &Option<String>,
    name: &Option<String>,
    rule_ids: &Option<Vec<String>>,
) -> Result<Rc<SecurityGroup>, AwsError> {
    match rule_ids.iter().flatten().next() {
        Some(rule) if id.is_none() && name.is_none() => {
            let parsed: SecurityGroupRuleId = RULE_CODES.parse(rule)?;
            let has = |g: &Rc<SecurityGroup>| g.rules.iter().any(|r| r.id == parsed);
            ctx.db.list::<SecurityGroup>(&ctx.caller.account).find(has).ok_or_else(|| RULE_CODES.not_found(rule))
        }
        _ => security_group::named(ctx, id, name),
    }
}

/// The rules that a request is about: their ids, and the drafts that no rule fits.
type Wanted = (BTreeSet<SecurityGroupRuleId>, Vec<Draft>);

fn wanted(
    ctx: &Ctx,
    group: &SecurityGroup,
    egress: bool,
    rule_ids: &Option<Vec<String>>,
    permissions: &Option<Vec<ec2::IpPermission>>,
    flat: Flat,
) -> Result<Wanted, AwsError> {
    let mut ids = BTreeSet::new();
    if rule_ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
        if permissions.as_ref().is_some_and(|p| !p.is_empty()) || flat.into_permission().is_some() {
            let message = "Rules may be given by securityGroupRuleIds or by ipPermissions, but not both.";
            return Err(AwsError::invalid_parameter_combination(message));
        }
        for id in rule_ids.iter().flatten() {
            let parsed: SecurityGroupRuleId = RULE_CODES.parse(id)?;
            let rule = group.rules.iter().find(|r| r.id == parsed && r.egress == egress);
            ids.insert(rule.ok_or_else(|| RULE_CODES.not_found(id))?.id);
        }
        return Ok((ids, Vec::new()));
    }
    let mut unknown = Vec::new();
    for draft in requested(ctx, group, permissions, flat)? {
        match group.rules.iter().find(|r| r.egress == egress && draft.is_same(r)) {
            Some(rule) => {
                ids.insert(rule.id);
            }
            None => unknown.push(draft),
        }
    }
    Ok((ids, unknown))
}

fn no_such_rule() -> AwsError {
    AwsError::new("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
}

fn revoke(ctx: &mut Ctx, group: &SecurityGroup, egress: bool, (ids, unknown): Wanted) -> Result<Revoked, AwsError> {
    // In the default VPC unknown rules are told, elsewhere they are an error (RevokeSecurityGroupIngress, API reference).
    let lenient = super::vpc::default_vpc(ctx).is_some_and(|v| v.id == group.vpc);
    if !unknown.is_empty() && !lenient {
        return Err(no_such_rule());
    }
    let (gone, kept): (Vec<_>, Vec<_>) = group.rules.iter().cloned().partition(|r| ids.contains(&r.id));
    for rule in &gone {
        ctx.untag(rule.id);
    }
    ctx.db.update::<SecurityGroup>(&group.account, group.id, |g| g.rules = kept);
    let id = SecurityGroupRuleId::from_random(0);
    let unknown: Vec<_> = unknown.into_iter().map(|d| d.into_rule(id, egress)).collect();
    let revoked = gone.iter().map(|r| {
        let peer = Peer::of(r);
        ec2::RevokedSecurityGroupRule {
            cidr_ipv4: peer.ipv4,
            cidr_ipv6: peer.ipv6,
            description: r.description.clone(),
            from_port: Some(r.from_port),
            group_id: Some(group.id.to_string()),
            ip_protocol: Some(r.protocol.clone()),
            is_egress: Some(r.egress),
            prefix_list_id: peer.list,
            referenced_group_id: peer.group,
            security_group_rule_id: Some(r.id.to_string()),
            to_port: Some(r.to_port),
        }
    });
    Ok((revoked.collect(), to_ip_permissions(ctx, group, unknown.iter())))
}

#[derive(Default)]
struct Peer {
    ipv4: Option<String>,
    ipv6: Option<String>,
    group: Option<String>,
    list: Option<String>,
}

impl Peer {
    fn of(rule: &SecurityGroupRule) -> Self {
        match &rule.peer {
            RulePeer::Ipv4(cidr) => Self { ipv4: Some(cidr.to_string()), ..Self::default() },
            RulePeer::Ipv6(cidr) => Self { ipv6: Some(cidr.to_string()), ..Self::default() },
            RulePeer::PrefixList(id) => Self { list: Some(id.to_string()), ..Self::default() },
            RulePeer::Group(id) | RulePeer::PeerGroup { group: id, .. } => {
                Self { group: Some(id.to_string()), ..Self::default() }
            }
        }
    }
}

fn modify(ctx: &mut Ctx, req: Authorized<ec2::ModifySecurityGroupRulesRequest>) -> OpResult<ec2::ModifySecurityGroupRulesResult> {
    let group = find::<SecurityGroup>(ctx, required(&req.group_id, "GroupId")?)?;
    let mut rules = group.rules.clone();
    for update in req.security_group_rules.iter().flatten() {
        let id = required(&update.security_group_rule_id, "SecurityGroupRule.N.SecurityGroupRuleId")?;
        let parsed: SecurityGroupRuleId = RULE_CODES.parse(id)?;
        let at = rules.iter().position(|r| r.id == parsed).ok_or_else(|| RULE_CODES.not_found(id))?;
        let new = update.security_group_rule.clone().unwrap_or_default();
        let draft = modified(ctx, &group, &new)?;
        let egress = rules[at].egress;
        if rules.iter().any(|r| r.id != parsed && r.egress == egress && draft.is_same(r)) {
            let message = format!("the specified rule \"{}\" already exists", draft.sentence());
            return Err(AwsError::new("InvalidPermission.Duplicate", message).into());
        }
        rules[at] = draft.into_rule(parsed, egress);
    }
    ctx.db.update::<SecurityGroup>(&group.account, group.id, |g| g.rules = rules);
    Ok(ec2::ModifySecurityGroupRulesResult { r#return: Some(true) })
}

fn modified(ctx: &Ctx, group: &SecurityGroup, new: &ec2::SecurityGroupRuleRequest) -> Result<Draft, AwsError> {
    let (protocol, from_port, to_port) = permission::normalise(new.ip_protocol.as_deref(), new.from_port, new.to_port)?;
    let mut peers = Vec::new();
    peers.extend(new.cidr_ipv4.as_deref().map(permission::ipv4_peer));
    peers.extend(new.cidr_ipv6.as_deref().map(permission::ipv6_peer));
    peers.extend(new.prefix_list_id.as_deref().map(|id| permission::list_peer(ctx, id)));
    peers.extend(new.referenced_group_id.as_ref().map(|id| {
        let pair = ec2::UserIdGroupPair { group_id: Some(id.clone()), ..Default::default() };
        permission::group_peer(ctx, group, &pair)
    }));
    if peers.len() > 1 {
        let message = "Only one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId may be specified.";
        return Err(AwsError::invalid_parameter_combination(message));
    }
    let missing = || AwsError::missing_parameter("CidrIpv4, CidrIpv6, PrefixListId or ReferencedGroupId");
    let peer = peers.pop().unwrap_or_else(|| Err(missing()))?;
    Ok(Draft { protocol, from_port, to_port, peer, description: permission::description(&new.description)? })
}

fn describe_ingress_anew(
    ctx: &mut Ctx,
    req: Authorized<ec2::UpdateSecurityGroupRuleDescriptionsIngressRequest>,
) -> OpResult<ec2::UpdateSecurityGroupRuleDescriptionsIngressResult> {
    let group = security_group::named(ctx, &req.group_id, &req.group_name)?;
    set_descriptions(ctx, &group, false, &req.ip_permissions, &req.security_group_rule_descriptions)?;
    Ok(ec2::UpdateSecurityGroupRuleDescriptionsIngressResult { r#return: Some(true) })
}

fn describe_egress_anew(
    ctx: &mut Ctx,
    req: Authorized<ec2::UpdateSecurityGroupRuleDescriptionsEgressRequest>,
) -> OpResult<ec2::UpdateSecurityGroupRuleDescriptionsEgressResult> {
    let group = security_group::named(ctx, &req.group_id, &req.group_name)?;
    set_descriptions(ctx, &group, true, &req.ip_permissions, &req.security_group_rule_descriptions)?;
    Ok(ec2::UpdateSecurityGroupRuleDescriptionsEgressResult { r#return: Some(true) })
}

/// A description that is left out is removed.
fn set_descriptions(
    ctx: &mut Ctx,
    group: &SecurityGroup,
    egress: bool,
    permissions: &Option<Vec<ec2::IpPermission>>,
    by_id: &Option<Vec<ec2::SecurityGroupRuleDescription>>,
) -> Result<(), AwsError> {
    let mut rules = group.rules.clone();
    let given = |p: bool| p.then_some(());
    match (given(permissions.as_ref().is_some_and(|p| !p.is_empty())), given(by_id.as_ref().is_some_and(|d| !d.is_empty()))) {
        (None, None) => return Err(AwsError::missing_parameter("IpPermissions")),
        (Some(()), Some(())) => {
            let message = "Rules may be given by securityGroupRuleDescriptions or by ipPermissions, but not both.";
            return Err(AwsError::invalid_parameter_combination(message));
        }
        (Some(()), None) => {
            for draft in drafts(ctx, group, permissions.as_deref().unwrap_or_default())? {
                let rule = rules.iter_mut().find(|r| r.egress == egress && draft.is_same(r)).ok_or_else(no_such_rule)?;
                rule.description = draft.description;
            }
        }
        (None, Some(())) => {
            for d in by_id.iter().flatten() {
                let id = required(&d.security_group_rule_id, "SecurityGroupRuleDescription.N.SecurityGroupRuleId")?;
                let parsed: SecurityGroupRuleId = RULE_CODES.parse(id)?;
                let rule = rules.iter_mut().find(|r| r.egress == egress && r.id == parsed);
                rule.ok_or_else(|| RULE_CODES.not_found(id))?.description = permission::description(&d.description)?;
            }
        }
    }
    ctx.db.update::<SecurityGroup>(&group.account, group.id, |g| g.rules = rules);
    Ok(())
}

const FILTERS: &[&str] = &["group-id", "security-group-rule-id"];

fn describe(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeSecurityGroupRulesRequest>,
) -> OpResult<ec2::DescribeSecurityGroupRulesResult> {
    let mut rules: Vec<(Rc<SecurityGroup>, SecurityGroupRule)> = Vec::new();
    for g in ctx.db.list::<SecurityGroup>(&ctx.caller.account) {
        rules.extend(g.rules.iter().map(|r| (g.clone(), r.clone())));
    }
    rules.sort_by_key(|(_, r)| r.id);
    let listing = Listing {
        ids: &req.security_group_rule_ids,
        filters: &req.filters,
        max_results: req.max_results,
        next_token: &req.next_token,
    };
    if listing.names_ids() {
        let mut ids = BTreeSet::new();
        for id in req.security_group_rule_ids.iter().flatten() {
            let parsed: SecurityGroupRuleId = RULE_CODES.parse(id)?;
            if !rules.iter().any(|(_, r)| r.id == parsed) {
                return Err(RULE_CODES.not_found(id).into());
            }
            ids.insert(parsed);
        }
        rules.retain(|(_, r)| ids.contains(&r.id));
    }
    let field = |(g, r): &(Rc<SecurityGroup>, SecurityGroupRule), name: &str| match name {
        "group-id" => one(g.id),
        "security-group-rule-id" => many([r.id]),
        _ => None,
    };
    let (rows, next_token) = listing.select(rules, |(_, r)| ctx.tags(r.id), FILTERS, field, |(_, r)| r.id.to_string())?;
    let security_group_rules = rows.iter().map(|(g, r)| to_ec2_rule(ctx, g, r)).collect();
    Ok(ec2::DescribeSecurityGroupRulesResult { security_group_rules: Some(security_group_rules), next_token })
}

fn to_ec2_rule(ctx: &Ctx, g: &SecurityGroup, r: &SecurityGroupRule) -> ec2::SecurityGroupRule {
    let peer = Peer::of(r);
    ec2::SecurityGroupRule {
        cidr_ipv4: peer.ipv4,
        cidr_ipv6: peer.ipv6,
        description: r.description.clone(),
        from_port: Some(r.from_port),
        group_id: Some(g.id.to_string()),
        group_owner_id: Some(g.account.to_string()),
        ip_protocol: Some(r.protocol.clone()),
        is_egress: Some(r.egress),
        prefix_list_id: peer.list,
        referenced_group_info: peer.group.map(|id| match &r.peer {
            RulePeer::PeerGroup { account, vpc, peering, .. } => ec2::ReferencedSecurityGroup {
                group_id: Some(id),
                peering_status: Some(permission::peering_status(ctx, *peering)),
                user_id: Some(account.to_string()),
                vpc_id: Some(vpc.to_string()),
                vpc_peering_connection_id: Some(peering.to_string()),
            },
            _ => ec2::ReferencedSecurityGroup { group_id: Some(id), user_id: Some(g.account.to_string()), ..Default::default() },
        }),
        security_group_rule_arn: Some(ctx.arn(&format!("security-group-rule/{}", r.id))),
        security_group_rule_id: Some(r.id.to_string()),
        tags: ctx.tag_list(r.id),
        to_port: Some(r.to_port),
    }
}
