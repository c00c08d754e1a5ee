//! Security groups. Their rules are in [`super::security_group_rule`].

use super::lookup::{Listing, Resource, find, many, one, required};
use super::permission::{permission_field, to_ip_permissions};
use super::{prefix_list, quota, security_group_reference, vpc};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{Interface, RulePeer, SecurityGroup, SecurityGroupRule, Vpc};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;
use types::{Ipv4Cidr, Ipv6Cidr, SecurityGroupId, SecurityGroupRuleId, VpcId};
use wire::net::{Direction, PeerMatch, ProtocolMatch, SecurityGroupConfig, SecurityRule};

const NAME_CHARS_MAX: usize = 255;

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateSecurityGroupRequest>(&["GroupName", "GroupDescription", "VpcId"], &["security-group"], create);
    table.op::<ec2::DeleteSecurityGroupRequest>(&["GroupId", "GroupName"], &[], delete);
    table.op::<ec2::DescribeSecurityGroupsRequest>(&["GroupId.N", "GroupName.N"], &[], describe);
}

/// A group for the switch: each rule in the lists of the families whose packets can match it. Stale ones match none.
pub fn to_wire(db: &Db, group: &SecurityGroup) -> SecurityGroupConfig {
    let list6 = |id| prefix_list::is_ipv6(db, &group.account, id);
    let alive = || group.rules.iter().filter(|r| !security_group_reference::is_stale(db, r));
    let peer4 = |peer: &RulePeer| match peer {
        RulePeer::Ipv4(cidr) => Some(PeerMatch::Cidr(*cidr)),
        RulePeer::PrefixList(id) => (!list6(*id)).then_some(PeerMatch::PrefixList(*id)),
        RulePeer::Group(id) | RulePeer::PeerGroup { group: id, .. } => Some(PeerMatch::Group(*id)),
        RulePeer::Ipv6(_) => None,
    };
    let peer6 = |peer: &RulePeer| match peer {
        RulePeer::Ipv6(cidr) => Some(PeerMatch::Cidr(*cidr)),
        RulePeer::PrefixList(id) => list6(*id).then_some(PeerMatch::PrefixList(*id)),
        RulePeer::Group(id) | RulePeer::PeerGroup { group: id, .. } => Some(PeerMatch::Group(*id)),
        RulePeer::Ipv4(_) => None,
    };
    SecurityGroupConfig {
        id: group.id,
        rules: alive().filter_map(|r| rule_to_wire(r, "icmp", peer4(&r.peer)?)).collect(),
        rules6: alive().filter_map(|r| rule_to_wire(r, "icmpv6", peer6(&r.peer)?)).collect(),
    }
}

/// `icmp`: what the family's ICMP is called. `None`: it is a rule of the other one's.
fn rule_to_wire<C>(rule: &SecurityGroupRule, icmp: &str, peer: PeerMatch<C>) -> Option<SecurityRule<C>> {
    let port = |p: i32| u16::try_from(p).ok();
    let protocol = match rule.protocol.as_str() {
        "-1" => ProtocolMatch::All,
        "tcp" => ProtocolMatch::Tcp { from: port(rule.from_port)?, to: port(rule.to_port)? },
        "udp" => ProtocolMatch::Udp { from: port(rule.from_port)?, to: port(rule.to_port)? },
        own if own == icmp => {
            ProtocolMatch::Icmp { kind: u8::try_from(rule.from_port).ok(), code: u8::try_from(rule.to_port).ok() }
        }
        "icmp" | "icmpv6" => return None,
        number => ProtocolMatch::Other(number.parse().ok()?),
    };
    let direction = if rule.egress { Direction::Egress } else { Direction::Ingress };
    Some(SecurityRule { id: rule.id, direction, protocol, peer })
}

fn allow_all(id: SecurityGroupRuleId, egress: bool, peer: RulePeer) -> SecurityGroupRule {
    SecurityGroupRule { id, egress, protocol: "-1".to_owned(), from_port: -1, to_port: -1, peer, description: None }
}

/// Every VPC's `default`: members reach each other and the world.
pub(super) fn new_default_group(ctx: &mut Ctx, vpc: &Vpc) {
    let id = vpc.default_security_group;
    let mut rules = vec![allow_all(ctx.new_id(SecurityGroupRuleId::from_random), false, RulePeer::Group(id))];
    rules.extend(open_egress(ctx, vpc));
    ctx.db.put(SecurityGroup {
        account: vpc.account.clone(),
        id,
        vpc: vpc.id,
        name: "default".to_owned(),
        description: "default VPC security group".to_owned(),
        rules,
    });
}

/// What a new group lets out: everything, of the families that the VPC has.
fn open_egress(ctx: &mut Ctx, vpc: &Vpc) -> Vec<SecurityGroupRule> {
    let peers = [Some(RulePeer::Ipv4(Ipv4Cidr::ALL)), (!vpc.ipv6.is_empty()).then_some(RulePeer::Ipv6(Ipv6Cidr::ALL))];
    peers.into_iter().flatten().map(|peer| allow_all(ctx.new_id(SecurityGroupRuleId::from_random), true, peer)).collect()
}

/// The VPC got IPv6: "If you've modified the outbound rules for your security group, we do not automatically add an outbound
/// rule for IPv6 traffic when you associate an IPv6 block with your VPC" (VPC user guide); to the others we do.
pub(super) fn open_egress6(ctx: &mut Ctx, vpc: &Vpc) {
    let is_new = |g: &Rc<SecurityGroup>| {
        let mut egress = g.rules.iter().filter(|r| r.egress);
        let open = |r: &SecurityGroupRule| r.protocol == "-1" && r.peer == RulePeer::Ipv4(Ipv4Cidr::ALL);
        g.vpc == vpc.id && egress.next().is_some_and(open) && egress.next().is_none()
    };
    for g in ctx.db.list::<SecurityGroup>(&vpc.account).filter(is_new).collect::<Vec<_>>() {
        let rule = allow_all(ctx.new_id(SecurityGroupRuleId::from_random), true, RulePeer::Ipv6(Ipv6Cidr::ALL));
        ctx.db.update::<SecurityGroup>(&g.account, g.id, |g| g.rules.push(rule));
    }
}

fn check_text(parameter: &str, text: &str) -> Result<(), AwsError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    if text.is_empty() || text.chars().count() > NAME_CHARS_MAX || !text.chars().all(allowed) {
        let sentence = "Valid are 1 to 255 of: a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*";
        return Err(AwsError::invalid_value(parameter, text, sentence));
    }
    Ok(())
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateSecurityGroupRequest>) -> OpResult<ec2::CreateSecurityGroupResult> {
    let name = required(&req.group_name, "GroupName")?.trim();
    let description = required(&req.description, "GroupDescription")?;
    check_text("GroupName", name)?;
    check_text("GroupDescription", description)?;
    if name.starts_with("sg-") {
        return Err(AwsError::invalid_value("GroupName", name, "Group names may not be in the format sg-*.").into());
    }
    if name.eq_ignore_ascii_case("default") {
        return Err(AwsError::invalid_parameter_value("Cannot use reserved security group name: default").into());
    }
    let vpc = match req.vpc_id.as_deref() {
        Some(id) => find::<Vpc>(ctx, id)?,
        None => vpc::default_vpc(ctx).ok_or_else(|| AwsError::new("VPCIdNotSpecified", "No default VPC for this user"))?,
    };
    let mut count = 0;
    for other in ctx.db.list::<SecurityGroup>(&vpc.account) {
        count += 1;
        if other.vpc == vpc.id && other.name == name {
            let message = format!("The security group '{name}' already exists for VPC '{}'", vpc.id);
            return Err(AwsError::new("InvalidGroup.Duplicate", message).into());
        }
    }
    if count >= ctx.quota(&quota::SECURITY_GROUPS) {
        let message = "The maximum number of security groups has been reached.";
        return Err(AwsError::new("SecurityGroupLimitExceeded", message).into());
    }
    let id = ctx.new_id(SecurityGroupId::from_random);
    let rules = open_egress(ctx, &vpc);
    ctx.tag(id, tags::specified(&req.tag_specifications, "security-group")?)?;
    ctx.db.put(SecurityGroup {
        account: vpc.account.clone(),
        id,
        vpc: vpc.id,
        name: name.to_owned(),
        description: description.to_owned(),
        rules,
    });
    Ok(ec2::CreateSecurityGroupResult {
        group_id: Some(id.to_string()),
        security_group_arn: Some(ctx.arn(&format!("security-group/{id}"))),
        tags: ctx.tag_list(id),
    })
}

/// The group that a request names by id or, in the default VPC, by name.
pub(super) fn named(ctx: &Ctx, id: &Option<String>, name: &Option<String>) -> Result<Rc<SecurityGroup>, AwsError> {
    match (id.as_deref(), name.as_deref()) {
        (Some(id), None) => find::<SecurityGroup>(ctx, id),
        (None, Some(name)) => {
            let vpc = vpc::default_vpc(ctx).ok_or_else(vpc::no_default_vpc)?;
            by_name(ctx, vpc.id, name).ok_or_else(|| {
                let message = format!("The security group '{name}' does not exist in default VPC '{}'", vpc.id);
                AwsError::new(SecurityGroup::CODES.not_found, message)
            })
        }
        (Some(_), Some(_)) => {
            Err(AwsError::invalid_parameter_combination("You may specify a group ID or a group name, but not both"))
        }
        (None, None) => Err(AwsError::missing_parameter("GroupId")),
    }
}

pub(super) fn by_name(ctx: &Ctx, vpc: VpcId, name: &str) -> Option<Rc<SecurityGroup>> {
    ctx.db.list::<SecurityGroup>(&ctx.caller.account).find(|g| g.vpc == vpc && g.name == name)
}

/// The groups that a launch names, all of `vpc`. None named: none.
pub fn resolve_groups(ctx: &Ctx, vpc: VpcId, ids: &[String], names: &[String]) -> OpResult<Vec<SecurityGroupId>> {
    let mut groups = Vec::new();
    for id in ids {
        let group = find::<SecurityGroup>(ctx, id)?;
        if group.vpc != vpc {
            let message = format!("Security group {} and VPC {vpc} belong to different networks.", group.id);
            return Err(AwsError::new("InvalidParameter", message).into());
        }
        groups.push(group.id);
    }
    for name in names {
        let group = by_name(ctx, vpc, name).ok_or_else(|| {
            AwsError::new(SecurityGroup::CODES.not_found, format!("The security group '{name}' does not exist in VPC '{vpc}'"))
        })?;
        groups.push(group.id);
    }
    Ok(groups)
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteSecurityGroupRequest>) -> OpResult<ec2::DeleteSecurityGroupResult> {
    let group = named(ctx, &req.group_id, &req.group_name)?;
    if group.name == "default" {
        let message = format!("the specified group: \"{}\" name: \"default\" cannot be deleted by a user", group.id);
        return Err(AwsError::new("CannotDelete", message).into());
    }
    let member = ctx.db.list::<Interface>(&group.account).any(|i| i.groups.contains(&group.id));
    let refers = |g: Rc<SecurityGroup>| g.id != group.id && g.rules.iter().any(|r| r.peer == RulePeer::Group(group.id));
    if member || ctx.db.list::<SecurityGroup>(&group.account).any(refers) {
        return Err(AwsError::dependency_violation(format!("resource {} has a dependent object", group.id)).into());
    }
    for rule in &group.rules {
        ctx.untag(rule.id);
    }
    ctx.untag(group.id);
    ctx.db.delete::<SecurityGroup>(&group.account, group.id);
    Ok(ec2::DeleteSecurityGroupResult { group_id: Some(group.id.to_string()), r#return: Some(true) })
}

const FILTERS: &[&str] = &[
    "description",
    "egress.ip-permission.cidr",
    "egress.ip-permission.from-port",
    "egress.ip-permission.group-id",
    "egress.ip-permission.group-name",
    "egress.ip-permission.ipv6-cidr",
    "egress.ip-permission.prefix-list-id",
    "egress.ip-permission.protocol",
    "egress.ip-permission.to-port",
    "egress.ip-permission.user-id",
    "group-id",
    "group-name",
    "ip-permission.cidr",
    "ip-permission.from-port",
    "ip-permission.group-id",
    "ip-permission.group-name",
    "ip-permission.ipv6-cidr",
    "ip-permission.prefix-list-id",
    "ip-permission.protocol",
    "ip-permission.to-port",
    "ip-permission.user-id",
    "owner-id",
    "vpc-id",
];

fn describe(ctx: &mut Ctx, req: Authorized<ec2::DescribeSecurityGroupsRequest>) -> OpResult<ec2::DescribeSecurityGroupsResult> {
    let mut ids = req.group_ids.clone().unwrap_or_default();
    for name in req.group_names.iter().flatten() {
        ids.push(named(ctx, &None, &Some(name.clone()))?.id.to_string());
    }
    let listing = Listing { ids: &Some(ids), filters: &req.filters, max_results: req.max_results, next_token: &req.next_token };
    let (rows, next_token) = listing.rows::<SecurityGroup>(ctx, FILTERS, |g, name| match name {
        "description" => one(&g.description),
        "group-id" => one(g.id),
        "group-name" => one(&g.name),
        "owner-id" => one(&g.account),
        "vpc-id" => one(g.vpc),
        name if FILTERS.contains(&name) => {
            let (egress, rest) = match name.strip_prefix("egress.") {
                Some(rest) => (true, rest),
                None => (false, name),
            };
            let rules = g.rules.iter().filter(|r| r.egress == egress);
            many(rules.filter_map(|r| permission_field(ctx, g, r, rest.strip_prefix("ip-permission.")?)))
        }
        _ => None,
    })?;
    let security_groups = rows.iter().map(|g| to_ec2_group(ctx, g)).collect();
    Ok(ec2::DescribeSecurityGroupsResult { security_groups: Some(security_groups), next_token })
}

fn to_ec2_group(ctx: &Ctx, g: &SecurityGroup) -> ec2::SecurityGroup {
    ec2::SecurityGroup {
        description: Some(g.description.clone()),
        group_id: Some(g.id.to_string()),
        group_name: Some(g.name.clone()),
        ip_permissions: Some(to_ip_permissions(ctx, g, g.rules.iter().filter(|r| !r.egress))),
        ip_permissions_egress: Some(to_ip_permissions(ctx, g, g.rules.iter().filter(|r| r.egress))),
        owner_id: Some(g.account.to_string()),
        security_group_arn: Some(ctx.arn(&format!("security-group/{}", g.id))),
        tags: ctx.tag_list(g.id),
        vpc_id: Some(g.vpc.to_string()),
    }
}
