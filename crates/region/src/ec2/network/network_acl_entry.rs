//! The entries of network ACLs: numbered, the lowest that matches decides, behind all the one that denies (`*`, 32767).
//!
//! Source: "Custom network ACLs" and "Network ACL rules" in the VPC user guide, CreateNetworkAclEntry in the API reference.

use super::block::{Block, parse_cidr};
use super::lookup::{find, required};
use super::quota;
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{AclEntry, NetworkAcl, Vpc};
use aws_protocol::{AwsError, ec2};
use std::net::{Ipv4Addr, Ipv6Addr};
use types::{Ipv4Cidr, Ipv6Cidr};
use wire::net::{Direction, NetworkAclEntry, ProtocolMatch};

/// The rule that is behind all others and denies.
const LAST_RULE: i32 = 32767;
/// The same of IPv6, where the VPC has it.
const LAST_RULE6: i32 = 32768;
const TCP: &str = "6";
const UDP: &str = "17";
pub(super) const ICMP: &str = "1";
pub(super) const ICMP6: &str = "58";

const ENTRY: &[&str] = &[
    "NetworkAclId",
    "RuleNumber",
    "Protocol",
    "RuleAction",
    "Egress",
    "CidrBlock",
    "Ipv6CidrBlock",
    "Icmp.Type",
    "Icmp.Code",
    "PortRange.From",
    "PortRange.To",
];

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateNetworkAclEntryRequest>(ENTRY, &[], create);
    table.op::<ec2::ReplaceNetworkAclEntryRequest>(ENTRY, &[], replace);
    table.op::<ec2::DeleteNetworkAclEntryRequest>(&["NetworkAclId", "RuleNumber", "Egress"], &[], delete);
}

/// `cidr`: the entry's. `icmp`: the number of its family's ICMP.
pub(super) fn to_wire<C>(entry: &AclEntry, cidr: C, icmp: &str) -> Option<NetworkAclEntry<C>> {
    let (from, to) = entry.ports.unwrap_or((0, u16::MAX));
    let protocol = match entry.protocol.as_str() {
        "-1" => ProtocolMatch::All,
        TCP => ProtocolMatch::Tcp { from, to },
        UDP => ProtocolMatch::Udp { from, to },
        own if own == icmp => {
            let (kind, code) = entry.icmp.unwrap_or((-1, -1));
            ProtocolMatch::Icmp { kind: u8::try_from(kind).ok(), code: u8::try_from(code).ok() }
        }
        number => ProtocolMatch::Other(number.parse().ok()?),
    };
    let direction = if entry.egress { Direction::Egress } else { Direction::Ingress };
    Some(NetworkAclEntry { number: entry.number, direction, allow: entry.allow, protocol, cidr })
}

/// Egress first, by number, as EC2 shows them.
pub(super) fn to_ec2_entries(ctx: &Ctx, acl: &NetworkAcl) -> Vec<ec2::NetworkAclEntry> {
    let last = |egress| ec2::NetworkAclEntry {
        cidr_block: Some(Ipv4Cidr::ALL.to_string()),
        egress: Some(egress),
        protocol: Some("-1".to_owned()),
        rule_action: Some("deny".to_owned()),
        rule_number: Some(LAST_RULE),
        ..Default::default()
    };
    let has_ipv6 = ctx.db.get::<Vpc>(&acl.account, acl.vpc).is_some_and(|v| !v.ipv6.is_empty());
    let last6 = |egress| ec2::NetworkAclEntry {
        cidr_block: None,
        ipv6_cidr_block: Some(Ipv6Cidr::ALL.to_string()),
        rule_number: Some(LAST_RULE6),
        ..last(egress)
    };
    let shown = |e: &AclEntry| ec2::NetworkAclEntry {
        cidr_block: e.cidr.v4().map(|c| c.to_string()),
        ipv6_cidr_block: e.cidr.v6().map(|c| c.to_string()),
        egress: Some(e.egress),
        icmp_type_code: e.icmp.map(|(kind, code)| ec2::IcmpTypeCode { code: Some(code), r#type: Some(kind) }),
        port_range: e.ports.map(|(from, to)| ec2::PortRange { from: Some(from.into()), to: Some(to.into()) }),
        protocol: Some(e.protocol.clone()),
        rule_action: Some(if e.allow { "allow" } else { "deny" }.to_owned()),
        rule_number: Some(e.number.into()),
    };
    let mut out = Vec::new();
    for egress in [true, false] {
        out.extend(acl.entries.iter().filter(|e| e.egress == egress).map(shown));
        out.push(last(egress));
        out.extend(has_ipv6.then(|| last6(egress)));
    }
    out
}

fn number(given: Option<i32>) -> Result<u16, AwsError> {
    let number = given.ok_or_else(|| AwsError::missing_parameter("RuleNumber"))?;
    match u16::try_from(number) {
        Ok(n) if (1..LAST_RULE).contains(&number) => Ok(n),
        _ => Err(AwsError::invalid_value("ruleNumber", &number.to_string(), "Must be between 1 and 32766.")),
    }
}

/// What of a request makes an entry.
struct Given<'a> {
    number: Option<i32>,
    egress: Option<bool>,
    protocol: &'a Option<String>,
    action: &'a Option<String>,
    cidr: &'a Option<String>,
    cidr6: &'a Option<String>,
    ports: &'a Option<ec2::PortRange>,
    icmp: &'a Option<ec2::IcmpTypeCode>,
}

macro_rules! given {
    ($req:ident) => {
        Given {
            number: $req.rule_number,
            egress: $req.egress,
            protocol: &$req.protocol,
            action: &$req.rule_action,
            cidr: &$req.cidr_block,
            cidr6: &$req.ipv6_cidr_block,
            ports: &$req.port_range,
            icmp: &$req.icmp_type_code,
        }
    };
}

fn entry(given: &Given) -> Result<AclEntry, AwsError> {
    let number = number(given.number)?;
    let egress = given.egress.ok_or_else(|| AwsError::missing_parameter("Egress"))?;
    let allow = match required(given.action, "RuleAction")? {
        "allow" => true,
        "deny" => false,
        other => return Err(AwsError::invalid_value("ruleAction", other, "Expected allow or deny.")),
    };
    let cidr = match (given.cidr, given.cidr6) {
        (Some(_), Some(_)) => {
            let message = "Only one of CidrBlock and Ipv6CidrBlock may be specified.";
            return Err(AwsError::invalid_parameter_combination(message));
        }
        (None, Some(text)) => Block::V6(parse_cidr::<Ipv6Addr>(text, "ipv6CidrBlock")?.canonical()),
        (_, None) => Block::V4(parse_cidr::<Ipv4Addr>(required(given.cidr, "CidrBlock")?, "cidrBlock")?.canonical()),
    };
    let protocol = protocol(required(given.protocol, "Protocol")?)?;
    let (mut ports, mut icmp) = (None, None);
    match protocol.as_str() {
        TCP | UDP => ports = Some(port_range(given.ports)?),
        // "Required if specifying protocol 1 (ICMP) or protocol 58 (ICMPv6) with an IPv6 CIDR block."
        ICMP if !cidr.is_v6() => icmp = Some(icmp_type(given.icmp)?),
        ICMP6 if cidr.is_v6() => icmp = Some(icmp_type(given.icmp)?),
        // Ports and types of other protocols mean nothing, in EC2 too.
        _ => {}
    }
    Ok(AclEntry { egress, number, allow, protocol, cidr, ports, icmp })
}

fn protocol(given: &str) -> Result<String, AwsError> {
    Ok(match given.to_ascii_lowercase().as_str() {
        "-1" | "all" => "-1".to_owned(),
        "tcp" => TCP.to_owned(),
        "udp" => UDP.to_owned(),
        "icmp" => ICMP.to_owned(),
        "icmpv6" => ICMP6.to_owned(),
        number => match number.parse::<u8>() {
            Ok(n) => n.to_string(),
            Err(_) => {
                let shown: String = given.chars().take(32).collect();
                let message = format!("Invalid value '{shown}' for IP protocol. Unknown protocol.");
                return Err(AwsError::invalid_parameter_value(message));
            }
        },
    })
}

fn port_range(given: &Option<ec2::PortRange>) -> Result<(u16, u16), AwsError> {
    let (from, to) = given.as_ref().map_or((None, None), |r| (r.from, r.to));
    let port = |v: Option<i32>, name: &str| {
        let v = v.ok_or_else(|| AwsError::missing_parameter(name))?;
        u16::try_from(v).map_err(|_| AwsError::invalid_parameter_value(format!("TCP/UDP port ({v}) out of range")))
    };
    let (from, to) = (port(from, "PortRange.From")?, port(to, "PortRange.To")?);
    if from > to {
        return Err(AwsError::invalid_parameter_value(format!("Invalid TCP/UDP port range ({from}:{to})")));
    }
    Ok((from, to))
}

fn icmp_type(given: &Option<ec2::IcmpTypeCode>) -> Result<(i32, i32), AwsError> {
    let (kind, code) = given.as_ref().map_or((None, None), |i| (i.r#type, i.code));
    let number = |v: Option<i32>, name: &str, what: &str| {
        let v = v.ok_or_else(|| AwsError::missing_parameter(name))?;
        if (-1..=255).contains(&v) { Ok(v) } else { Err(AwsError::invalid_parameter_value(format!("{what} ({v}) out of range"))) }
    };
    let (kind, code) = (number(kind, "Icmp.Type", "ICMP type")?, number(code, "Icmp.Code", "ICMP code")?);
    if kind == -1 && code != -1 {
        return Err(AwsError::invalid_parameter_value(format!("ICMP code ({code}) requires an ICMP type")));
    }
    Ok((kind, code))
}

fn no_such_entry(number: u16) -> AwsError {
    let message = format!("The network acl entry identified by {number} does not exist.");
    AwsError::new("InvalidNetworkAclEntry.NotFound", message)
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateNetworkAclEntryRequest>) -> OpResult<()> {
    let acl = find::<NetworkAcl>(ctx, required(&req.network_acl_id, "NetworkAclId")?)?;
    let entry = entry(&given!(req))?;
    let same_way = || acl.entries.iter().filter(|e| e.egress == entry.egress);
    if same_way().any(|e| e.number == entry.number) {
        let message = format!("The network acl entry identified by {} already exists.", entry.number);
        return Err(AwsError::new("NetworkAclEntryAlreadyExists", message).into());
    }
    // "This quota is enforced separately for IPv4 rules and IPv6 rules."
    if same_way().filter(|e| e.cidr.is_v6() == entry.cidr.is_v6()).count() >= ctx.quota(&quota::ENTRIES_PER_NETWORK_ACL) {
        let message = "The maximum number of network ACL entries has been reached.";
        return Err(AwsError::new("NetworkAclEntryLimitExceeded", message).into());
    }
    ctx.db.update::<NetworkAcl>(&acl.account, acl.id, |a| {
        a.entries.push(entry);
        a.entries.sort_by_key(|e| (e.egress, e.number));
    });
    Ok(())
}

fn replace(ctx: &mut Ctx, req: Authorized<ec2::ReplaceNetworkAclEntryRequest>) -> OpResult<()> {
    let acl = find::<NetworkAcl>(ctx, required(&req.network_acl_id, "NetworkAclId")?)?;
    let entry = entry(&given!(req))?;
    let at = acl.entries.iter().position(|e| (e.egress, e.number) == (entry.egress, entry.number));
    let at = at.ok_or_else(|| no_such_entry(entry.number))?;
    ctx.db.update::<NetworkAcl>(&acl.account, acl.id, |a| a.entries[at] = entry);
    Ok(())
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteNetworkAclEntryRequest>) -> OpResult<()> {
    let acl = find::<NetworkAcl>(ctx, required(&req.network_acl_id, "NetworkAclId")?)?;
    let number = number(req.rule_number)?;
    let egress = req.egress.ok_or_else(|| AwsError::missing_parameter("Egress"))?;
    if !acl.entries.iter().any(|e| (e.egress, e.number) == (egress, number)) {
        return Err(no_such_entry(number).into());
    }
    ctx.db.update::<NetworkAcl>(&acl.account, acl.id, |a| a.entries.retain(|e| (e.egress, e.number) != (egress, number)));
    Ok(())
}
