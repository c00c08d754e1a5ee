//! `IpPermissions`: what requests and replies say of many rules at once, to and from single rules.
//!
//! A permission is a protocol, a port range and any number of peers; a rule has one peer. Rules read from a permission have
//! no id yet: see [`Draft`].

use super::lookup::{Resource, find};
use super::{peering, prefix_list, security_group};
use crate::context::Ctx;
use crate::rows::{RulePeer, SecurityGroup, SecurityGroupRule};
use aws_protocol::{AwsError, ec2};
use types::{AccountId, Ipv4Cidr, Ipv6Cidr, PrefixListId, SecurityGroupId, SecurityGroupRuleId};

const DESCRIPTION_CHARS_MAX: usize = 255;

/// A rule that a request describes.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub protocol: String,
    pub from_port: i32,
    pub to_port: i32,
    pub peer: RulePeer,
    pub description: Option<String>,
}

impl Draft {
    /// Descriptions do not tell rules apart.
    pub fn is_same(&self, rule: &SecurityGroupRule) -> bool {
        (self.protocol.as_str(), self.from_port, self.to_port) == (rule.protocol.as_str(), rule.from_port, rule.to_port)
            && self.peer == rule.peer
    }

    pub fn into_rule(self, id: SecurityGroupRuleId, egress: bool) -> SecurityGroupRule {
        let Draft { protocol, from_port, to_port, peer, description } = self;
        SecurityGroupRule { id, egress, protocol, from_port, to_port, peer, description }
    }

    /// As EC2's errors name a rule.
    pub fn sentence(&self) -> String {
        let peer = match &self.peer {
            RulePeer::Ipv4(cidr) => cidr.to_string(),
            RulePeer::Ipv6(cidr) => cidr.to_string(),
            RulePeer::Group(id) | RulePeer::PeerGroup { group: id, .. } => id.to_string(),
            RulePeer::PrefixList(id) => id.to_string(),
        };
        let protocol = if self.protocol == "-1" { "ALL".to_owned() } else { self.protocol.to_uppercase() };
        let ports = match self.protocol.as_str() {
            "tcp" | "udp" => format!(", from port: {}, to port: {}", self.from_port, self.to_port),
            "icmp" | "icmpv6" => format!(", type: {}, code: {}", self.from_port, self.to_port),
            _ => String::new(),
        };
        format!("peer: {peer}, {protocol}{ports}, ALLOW")
    }
}

/// Protocol and ports in their one spelling: names for the four that have one, else the number; -1 where there is no port.
pub fn normalise(protocol: Option<&str>, from: Option<i32>, to: Option<i32>) -> Result<(String, i32, i32), AwsError> {
    let Some(given) = protocol.filter(|p| !p.is_empty()) else {
        let message = "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.";
        return Err(AwsError::invalid_parameter_value(message));
    };
    let name = match given.to_ascii_lowercase().as_str() {
        "-1" | "all" => "-1".to_owned(),
        "tcp" | "6" => "tcp".to_owned(),
        "udp" | "17" => "udp".to_owned(),
        "icmp" | "1" => "icmp".to_owned(),
        "icmpv6" | "58" => "icmpv6".to_owned(),
        other => match other.parse::<u8>() {
            Ok(number) => number.to_string(),
            Err(_) => {
                let message =
                    format!("Invalid value '{}' for IP protocol. Unknown protocol.", other.chars().take(32).collect::<String>());
                return Err(AwsError::invalid_parameter_value(message));
            }
        },
    };
    let ranged = |low: i32, high: i32, what: &str, v: i32| {
        if (low..=high).contains(&v) {
            Ok(v)
        } else {
            Err(AwsError::invalid_parameter_value(format!("{what} ({v}) out of range")))
        }
    };
    match name.as_str() {
        "tcp" | "udp" => {
            let (Some(from), Some(to)) = (from, to) else {
                let message = "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.";
                return Err(AwsError::invalid_parameter_value(message));
            };
            let from = ranged(0, 65535, "TCP/UDP port", from)?;
            let to = ranged(0, 65535, "TCP/UDP port", to)?;
            if from > to {
                let message = format!("Invalid {} port range ({from}:{to})", name.to_uppercase());
                return Err(AwsError::invalid_parameter_value(message));
            }
            Ok((name, from, to))
        }
        "icmp" | "icmpv6" => {
            let kind = ranged(-1, 255, "ICMP type", from.unwrap_or(-1))?;
            let code = ranged(-1, 255, "ICMP code", to.unwrap_or(-1))?;
            if kind == -1 && code != -1 {
                let message = format!("ICMP code ({code}) requires an ICMP type");
                return Err(AwsError::invalid_parameter_value(message));
            }
            Ok((name, kind, code))
        }
        // Ports are sent (Terraform) and mean nothing.
        _ => Ok((name, -1, -1)),
    }
}

pub fn ipv4_peer(text: &str) -> Result<RulePeer, AwsError> {
    let cidr: Ipv4Cidr = text.parse().map_err(|_| malformed(text))?;
    Ok(RulePeer::Ipv4(cidr.canonical()))
}

pub fn ipv6_peer(text: &str) -> Result<RulePeer, AwsError> {
    let cidr: Ipv6Cidr = text.parse().map_err(|_| malformed(text))?;
    Ok(RulePeer::Ipv6(cidr.canonical()))
}

pub fn list_peer(ctx: &Ctx, id: &str) -> Result<RulePeer, AwsError> {
    Ok(RulePeer::PrefixList(prefix_list::usable(ctx, id)?))
}

/// What the rules of one direction count for against the quota, which is "enforced separately for IPv4 rules and IPv6 rules":
/// the more of the two. One that names a group counts for both.
pub fn weight<'a>(rules: impl Iterator<Item = &'a SecurityGroupRule>, list: impl Fn(PrefixListId) -> (usize, bool)) -> usize {
    let mut counts = [0, 0];
    for rule in rules {
        match &rule.peer {
            RulePeer::Ipv4(_) => counts[0] += 1,
            RulePeer::Ipv6(_) => counts[1] += 1,
            RulePeer::Group(_) | RulePeer::PeerGroup { .. } => counts.iter_mut().for_each(|c| *c += 1),
            RulePeer::PrefixList(id) => {
                let (entries, ipv6) = list(*id);
                counts[usize::from(ipv6)] += entries;
            }
        }
    }
    counts[0].max(counts[1])
}

fn malformed(text: &str) -> AwsError {
    AwsError::invalid_parameter_value(format!("CIDR block {} is malformed", text.chars().take(64).collect::<String>()))
}

/// A group of the same VPC as `of`, by id or name; or, by id, of a VPC on the other side of an active peering.
pub fn group_peer(ctx: &Ctx, of: &SecurityGroup, pair: &ec2::UserIdGroupPair) -> Result<RulePeer, AwsError> {
    let group = match (pair.group_id.as_deref(), pair.group_name.as_deref()) {
        (Some(id), _) => {
            if let Some(there) = named_by_rule(of, id, pair) {
                return Ok(there);
            }
            of_account(ctx, id, pair.user_id.as_deref())?
        }
        (None, Some(name)) => match pair.user_id.as_deref().filter(|user| *user != of.account.as_str()) {
            None => security_group::by_name(ctx, of.vpc, name).ok_or_else(|| no_such_group(name))?,
            Some(_) => return Err(no_such_group(name)),
        },
        (None, None) => return Err(AwsError::missing_parameter("GroupId")),
    };
    let different = || {
        let message = "You have specified two resources that belong to different networks.";
        AwsError::new("InvalidGroup.NotFound", message)
    };
    if pair.vpc_id.as_deref().is_some_and(|vpc| vpc != group.vpc.to_string()) {
        return Err(different());
    }
    if group.vpc == of.vpc {
        return match &pair.vpc_peering_connection_id {
            None => Ok(RulePeer::Group(group.id)),
            Some(_) => Err(different()),
        };
    }
    let (peering, _) = peering::active_of(ctx.db, of.vpc).find(|(_, peer)| peer.vpc == group.vpc).ok_or_else(different)?;
    if pair.vpc_peering_connection_id.as_deref().is_some_and(|id| id != peering.to_string()) {
        return Err(different());
    }
    Ok(RulePeer::PeerGroup { group: group.id, account: group.account.clone(), vpc: group.vpc, peering })
}

/// What a rule of the group names already, be it stale: so that it can be revoked.
fn named_by_rule(of: &SecurityGroup, id: &str, pair: &ec2::UserIdGroupPair) -> Option<RulePeer> {
    let id: SecurityGroupId = id.parse().ok()?;
    let said = |given: &Option<String>, is: String| given.as_ref().is_none_or(|g| *g == is);
    of.rules.iter().map(|r| &r.peer).find_map(|peer| match peer {
        RulePeer::PeerGroup { group, account, vpc, peering }
            if *group == id
                && said(&pair.user_id, account.to_string())
                && said(&pair.vpc_id, vpc.to_string())
                && said(&pair.vpc_peering_connection_id, peering.to_string()) =>
        {
            Some(peer.clone())
        }
        _ => None,
    })
}

/// The caller's group, or that of the account that the request names with it.
fn of_account(ctx: &Ctx, id: &str, user: Option<&str>) -> Result<std::rc::Rc<SecurityGroup>, AwsError> {
    let Some(user) = user.filter(|user| *user != ctx.caller.account.as_str()) else { return find::<SecurityGroup>(ctx, id) };
    let parsed: SecurityGroupId = SecurityGroup::CODES.parse(id)?;
    let account: AccountId = user.parse().map_err(|_| no_such_group(id))?;
    ctx.db.get::<SecurityGroup>(&account, parsed).ok_or_else(|| no_such_group(id))
}

/// Of a peering that a rule names.
pub fn peering_status(ctx: &Ctx, id: types::PeeringId) -> String {
    peering::get(ctx.db, id).map_or("deleted", |p| p.state_at(ctx.now).name()).to_owned()
}

fn no_such_group(id: &str) -> AwsError {
    AwsError::not_found("InvalidGroup.NotFound", "security group", id)
}

pub fn description(given: &Option<String>) -> Result<Option<String>, AwsError> {
    let Some(text) = given.as_deref().filter(|d| !d.is_empty()) else { return Ok(None) };
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    if text.chars().count() > DESCRIPTION_CHARS_MAX || !text.chars().all(allowed) {
        let message = "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*";
        return Err(AwsError::invalid_parameter_value(message));
    }
    Ok(Some(text.to_owned()))
}

/// The rules that permissions stand for, in order. `of` is the group that they are, or are to be, rules of.
pub fn drafts(ctx: &Ctx, of: &SecurityGroup, permissions: &[ec2::IpPermission]) -> Result<Vec<Draft>, AwsError> {
    let mut out: Vec<Draft> = Vec::new();
    for p in permissions {
        let (protocol, from_port, to_port) = normalise(p.ip_protocol.as_deref(), p.from_port, p.to_port)?;
        let mut peers = Vec::new();
        for r in p.ip_ranges.iter().flatten() {
            peers.push((ipv4_peer(r.cidr_ip.as_deref().unwrap_or_default())?, &r.description));
        }
        for r in p.ipv6_ranges.iter().flatten() {
            peers.push((ipv6_peer(r.cidr_ipv6.as_deref().unwrap_or_default())?, &r.description));
        }
        for pair in p.user_id_group_pairs.iter().flatten() {
            peers.push((group_peer(ctx, of, pair)?, &pair.description));
        }
        for list in p.prefix_list_ids.iter().flatten() {
            peers.push((list_peer(ctx, list.prefix_list_id.as_deref().unwrap_or_default())?, &list.description));
        }
        if peers.is_empty() {
            let message =
                "The request must contain the parameter ipRanges, ipv6Ranges, prefixListIds, or groups for each permission";
            return Err(AwsError::new("MissingParameter", message));
        }
        for (peer, text) in peers {
            let draft = Draft { protocol: protocol.clone(), from_port, to_port, peer, description: description(text)? };
            let same = |d: &Draft| Draft { description: None, ..d.clone() } == Draft { description: None, ..draft.clone() };
            if out.iter().any(same) {
                return Err(AwsError::invalid_parameter_value("The same permission must not appear multiple times"));
            }
            out.push(draft);
        }
    }
    Ok(out)
}

/// Port numbers are shown for the protocols that have them.
fn shown_port(protocol: &str, port: i32) -> Option<i32> {
    matches!(protocol, "tcp" | "udp" | "icmp" | "icmpv6").then_some(port)
}

/// Rules as EC2 shows them in a group: those with the same protocol and ports together.
pub fn to_ip_permissions<'a>(
    ctx: &Ctx,
    group: &SecurityGroup,
    rules: impl Iterator<Item = &'a SecurityGroupRule>,
) -> Vec<ec2::IpPermission> {
    let mut out: Vec<ec2::IpPermission> = Vec::new();
    for rule in rules {
        let (from, to) = (shown_port(&rule.protocol, rule.from_port), shown_port(&rule.protocol, rule.to_port));
        let same = |p: &ec2::IpPermission| {
            p.ip_protocol.as_deref() == Some(rule.protocol.as_str()) && (p.from_port, p.to_port) == (from, to)
        };
        let at = out.iter().position(same).unwrap_or(out.len());
        if at == out.len() {
            out.push(ec2::IpPermission {
                from_port: from,
                ip_protocol: Some(rule.protocol.clone()),
                ip_ranges: Some(Vec::new()),
                ipv6_ranges: Some(Vec::new()),
                prefix_list_ids: Some(Vec::new()),
                to_port: to,
                user_id_group_pairs: Some(Vec::new()),
            });
        }
        let description = rule.description.clone();
        match &rule.peer {
            RulePeer::Ipv4(cidr) => {
                let range = ec2::IpRange { cidr_ip: Some(cidr.to_string()), description };
                out[at].ip_ranges.get_or_insert_default().push(range);
            }
            RulePeer::Ipv6(cidr) => {
                let range = ec2::Ipv6Range { cidr_ipv6: Some(cidr.to_string()), description };
                out[at].ipv6_ranges.get_or_insert_default().push(range);
            }
            RulePeer::Group(id) => {
                let pair = ec2::UserIdGroupPair {
                    description,
                    group_id: Some(id.to_string()),
                    user_id: Some(group.account.to_string()),
                    ..Default::default()
                };
                out[at].user_id_group_pairs.get_or_insert_default().push(pair);
            }
            RulePeer::PrefixList(id) => {
                let list = ec2::PrefixListId { description, prefix_list_id: Some(id.to_string()) };
                out[at].prefix_list_ids.get_or_insert_default().push(list);
            }
            RulePeer::PeerGroup { group, account, vpc, peering } => {
                let pair = ec2::UserIdGroupPair {
                    description,
                    group_id: Some(group.to_string()),
                    peering_status: Some(peering_status(ctx, *peering)),
                    user_id: Some(account.to_string()),
                    vpc_id: Some(vpc.to_string()),
                    vpc_peering_connection_id: Some(peering.to_string()),
                    ..Default::default()
                };
                out[at].user_id_group_pairs.get_or_insert_default().push(pair);
            }
        }
    }
    out
}

/// What a rule has for the filter `ip-permission.<name>`.
pub fn permission_field(ctx: &Ctx, of: &SecurityGroup, rule: &SecurityGroupRule, name: &str) -> Option<String> {
    match (name, &rule.peer) {
        ("cidr", RulePeer::Ipv4(cidr)) => Some(cidr.to_string()),
        ("ipv6-cidr", RulePeer::Ipv6(cidr)) => Some(cidr.to_string()),
        ("group-id", RulePeer::Group(id) | RulePeer::PeerGroup { group: id, .. }) => Some(id.to_string()),
        ("group-name", RulePeer::Group(id)) => ctx.db.get::<SecurityGroup>(&of.account, id).map(|g| g.name.clone()),
        ("user-id", RulePeer::Group(_)) => Some(of.account.to_string()),
        ("user-id", RulePeer::PeerGroup { account, .. }) => Some(account.to_string()),
        ("prefix-list-id", RulePeer::PrefixList(id)) => Some(id.to_string()),
        ("from-port", _) => shown_port(&rule.protocol, rule.from_port).map(|p| p.to_string()),
        ("to-port", _) => shown_port(&rule.protocol, rule.to_port).map(|p| p.to_string()),
        ("protocol", _) => Some(rule.protocol.clone()),
        _ => None,
    }
}
