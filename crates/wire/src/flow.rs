//! Flow records on their way: written down by a card, taken by whoever delivers flow logs to buckets; and the flow logs that the
//! control plane pushes to the latter.
//!
//! A record is a line of text with the columns of [`COLUMNS`]: in the card's spool, in the answer to [`TakeFlowRecords`], and for
//! whoever looks at a host's flows.

use crate::net::Direction;
use crate::{Applied, method};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::net::IpAddr;
use std::str::FromStr;
use types::{
    AccountId, CellId, FlowLogId, Generation, InstanceId, InterfaceId, Ipv4Cidr, NetworkAclId, SecurityGroupRuleId, SubnetId,
    TimestampMs, VpcId,
};

/// What a line holds; `-` where there is nothing.
pub const COLUMNS: &str = "interface vpc subnet instance address first-ms last-ms status direction source source-port destination \
     destination-port protocol packets bytes tcp-flags path rule acl";

/// One line: what an interface did in an aggregation interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowLine {
    pub interface: InterfaceId,
    pub vpc: VpcId,
    pub subnet: SubnetId,
    pub instance: Option<InstanceId>,
    /// The interface's primary private address.
    pub address: IpAddr,
    /// Since 1970.
    pub first_ms: u64,
    pub last_ms: u64,
    pub what: FlowWhat,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowWhat {
    Flow(FlowSums),
    /// There was no traffic.
    NoData,
    /// There was more than could be written down.
    SkipData,
}

/// Packets of one flow in one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowSums {
    pub accepted: bool,
    pub direction: Direction,
    pub source: IpAddr,
    /// 0 unless TCP or UDP.
    pub source_port: u16,
    pub destination: IpAddr,
    pub destination_port: u16,
    pub protocol: u8,
    pub packets: u64,
    /// IP headers included.
    pub bytes: u64,
    pub tcp_flags: u8,
    /// The way out, as EC2 numbers it: 1 the VPC, 4 peering, 7 a gateway endpoint, 8 an internet gateway.
    pub path: Option<u8>,
    /// The security group rule that decided.
    pub rule: Option<SecurityGroupRuleId>,
    /// The ACL that judged, and its entry (`None`: `*`).
    pub acl: Option<(NetworkAclId, Option<u16>)>,
}

struct OrDash<T>(Option<T>);

impl<T: Display> Display for OrDash<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("-"),
        }
    }
}

impl Display for FlowLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (interface, vpc, subnet, instance) = (self.interface, self.vpc, self.subnet, OrDash(self.instance));
        write!(f, "{interface} {vpc} {subnet} {instance} {} {} {} ", self.address, self.first_ms, self.last_ms)?;
        let sums = match &self.what {
            FlowWhat::Flow(sums) => sums,
            FlowWhat::NoData => return f.write_str("NODATA - - - - - - - - - - - -"),
            FlowWhat::SkipData => return f.write_str("SKIPDATA - - - - - - - - - - - -"),
        };
        let (status, direction) = (if sums.accepted { "ACCEPT" } else { "REJECT" }, direction_name(sums.direction));
        write!(f, "{status} {direction} {} {} ", sums.source, sums.source_port)?;
        write!(f, "{} {} {} ", sums.destination, sums.destination_port, sums.protocol)?;
        write!(f, "{} {} {} {} {} ", sums.packets, sums.bytes, sums.tcp_flags, OrDash(sums.path), OrDash(sums.rule))?;
        match sums.acl {
            None => f.write_str("-"),
            Some((acl, None)) => write!(f, "{acl}/*"),
            Some((acl, Some(entry))) => write!(f, "{acl}/{entry}"),
        }
    }
}

/// `ingress`, `egress`
pub fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    }
}

/// Not a line of [`COLUMNS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadFlowLine;

impl Display for BadFlowLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a flow record")
    }
}

impl std::error::Error for BadFlowLine {}

fn some<T: FromStr>(word: &str) -> Result<T, BadFlowLine> {
    word.parse().map_err(|_| BadFlowLine)
}

fn or_dash<T: FromStr>(word: &str) -> Result<Option<T>, BadFlowLine> {
    if word == "-" { Ok(None) } else { some(word).map(Some) }
}

impl FromStr for FlowLine {
    type Err = BadFlowLine;

    fn from_str(line: &str) -> Result<Self, BadFlowLine> {
        let words: Vec<&str> = line.split(' ').collect();
        let [interface, vpc, subnet, instance, address, first, last, status, rest @ ..] = words.as_slice() else {
            return Err(BadFlowLine);
        };
        let [direction, source, source_port, destination, destination_port, protocol, packets, bytes, flags, path, rule, acl] =
            rest
        else {
            return Err(BadFlowLine);
        };
        let sums = |accepted| {
            Ok(FlowWhat::Flow(FlowSums {
                accepted,
                direction: match *direction {
                    "ingress" => Direction::Ingress,
                    "egress" => Direction::Egress,
                    _ => return Err(BadFlowLine),
                },
                source: some(source)?,
                source_port: some(source_port)?,
                destination: some(destination)?,
                destination_port: some(destination_port)?,
                protocol: some(protocol)?,
                packets: some(packets)?,
                bytes: some(bytes)?,
                tcp_flags: some(flags)?,
                path: or_dash(path)?,
                rule: or_dash(rule)?,
                acl: match acl.split_once('/') {
                    None => or_dash::<NetworkAclId>(acl)?.map(|acl| (acl, None)),
                    Some((acl, "*")) => Some((some(acl)?, None)),
                    Some((acl, entry)) => Some((some(acl)?, Some(some(entry)?))),
                },
            }))
        };
        Ok(Self {
            interface: some(interface)?,
            vpc: some(vpc)?,
            subnet: some(subnet)?,
            instance: or_dash(instance)?,
            address: some(address)?,
            first_ms: some(first)?,
            last_ms: some(last)?,
            what: match *status {
                "ACCEPT" => sums(true)?,
                "REJECT" => sums(false)?,
                "NODATA" => FlowWhat::NoData,
                "SKIPDATA" => FlowWhat::SkipData,
                _ => return Err(BadFlowLine),
            },
        })
    }
}

/// A place in a card's spool: in front of its line of that number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowPosition {
    /// Which spool; another one when the host's disk is.
    pub spool: String,
    pub next: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowRequest {
    /// Where to read. `None`: from the beginning.
    pub at: Option<FlowPosition>,
    /// What is before it is taken over for good.
    pub kept: Option<FlowPosition>,
    /// Of all lines together; at least one line comes, if there is one.
    pub bytes_max: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowReply {
    /// [`FlowLine`]s.
    pub lines: Vec<String>,
    /// Behind them: what to ask for next.
    pub next: FlowPosition,
    /// Lines between what was asked for and the first, gone for want of room.
    pub lost: u64,
}

method!(
    /// Lines stay until room is needed, so asking twice from the same position gives the same lines, and perhaps more.
    TakeFlowRecords, "card/TakeFlowRecords", FlowRequest => FlowReply
);

/// The fields that a flow log may have, and the version that each came with ("Flow log records", VPC User Guide). Those of version
/// 2, in this order, are the default format.
pub const FIELDS: &[(&str, u8)] = &[
    ("version", 2),
    ("account-id", 2),
    ("interface-id", 2),
    ("srcaddr", 2),
    ("dstaddr", 2),
    ("srcport", 2),
    ("dstport", 2),
    ("protocol", 2),
    ("packets", 2),
    ("bytes", 2),
    ("start", 2),
    ("end", 2),
    ("action", 2),
    ("log-status", 2),
    ("vpc-id", 3),
    ("subnet-id", 3),
    ("instance-id", 3),
    ("tcp-flags", 3),
    ("type", 3),
    ("pkt-srcaddr", 3),
    ("pkt-dstaddr", 3),
    ("region", 4),
    ("az-id", 4),
    ("sublocation-type", 4),
    ("sublocation-id", 4),
    ("pkt-src-aws-service", 5),
    ("pkt-dst-aws-service", 5),
    ("flow-direction", 5),
    ("traffic-path", 5),
];

/// All flow logs of the region. Kept in a ledger by its receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLogSnapshot {
    pub format: u16,
    pub generation: Generation,
    pub logs: Vec<FlowLogConfig>,
    /// Zone ids of the cells.
    pub zones: BTreeMap<CellId, String>,
    /// What addresses outside the VPCs belong to: `S3`, `EC2`.
    pub services: Vec<(Ipv4Cidr, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLogConfig {
    pub id: FlowLogId,
    pub account: AccountId,
    pub resource: FlowResource,
    pub traffic: Traffic,
    pub bucket: String,
    /// Empty, or without a slash at its end.
    pub prefix: String,
    /// Names of fields, in their order.
    pub fields: Vec<String>,
    pub hive: bool,
    pub per_hour: bool,
    /// What ended before is not its own.
    pub created: TimestampMs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlowResource {
    Vpc(VpcId),
    Subnet(SubnetId),
    Interface(InterfaceId),
}

impl FlowResource {
    pub fn covers(self, vpc: VpcId, subnet: SubnetId, interface: InterfaceId) -> bool {
        match self {
            Self::Vpc(id) => id == vpc,
            Self::Subnet(id) => id == subnet,
            Self::Interface(id) => id == interface,
        }
    }
}

impl Display for FlowResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vpc(id) => id.fmt(f),
            Self::Subnet(id) => id.fmt(f),
            Self::Interface(id) => id.fmt(f),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Traffic {
    Accept,
    Reject,
    All,
}

method!(PushFlowLogs, "s3-worker/FlowLogs", FlowLogSnapshot => Applied);

method!(
    /// May flow logs be delivered there? `arn` of the question is of no log: it is the one that their delivery has.
    CheckFlowLogBucket, "s3-worker/CheckFlowLogBucket", crate::trail::BucketQuestion => crate::trail::BucketVerdict
);

method!(
    /// Which of these cannot be delivered at present, and why: `Access error`.
    GetFlowLogErrors, "s3-worker/FlowLogErrors", Vec<FlowLogId> => BTreeMap<FlowLogId, String>
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let sums = FlowSums {
            accepted: false,
            direction: Direction::Ingress,
            source: IpAddr::from([10, 0, 0, 9]),
            source_port: 5000,
            destination: IpAddr::from([10, 0, 0, 10]),
            destination_port: 80,
            protocol: 6,
            packets: 3,
            bytes: u64::MAX,
            tcp_flags: 2,
            path: None,
            rule: None,
            acl: Some((NetworkAclId::from_random(7), None)),
        };
        let other = FlowSums {
            accepted: true,
            path: Some(8),
            rule: Some(SecurityGroupRuleId::from_random(8)),
            acl: Some((NetworkAclId::from_random(7), Some(100))),
            direction: Direction::Egress,
            ..sums.clone()
        };
        for (instance, what) in [
            (Some(InstanceId::from_random(4)), FlowWhat::Flow(FlowSums { acl: None, ..sums.clone() })),
            (None, FlowWhat::Flow(sums)),
            (None, FlowWhat::Flow(other)),
            (None, FlowWhat::NoData),
            (None, FlowWhat::SkipData),
        ] {
            let line = FlowLine {
                interface: InterfaceId::from_random(1),
                vpc: VpcId::from_random(2),
                subnet: SubnetId::from_random(3),
                instance,
                address: IpAddr::from([10, 0, 0, 10]),
                first_ms: 1,
                last_ms: 2,
                what,
            };
            let text = line.to_string();
            assert_eq!(text.split(' ').count(), COLUMNS.split_whitespace().count());
            assert_eq!(text.parse(), Ok(line));
            let (shorter, _) = text.rsplit_once(' ').unwrap();
            assert_eq!(shorter.parse::<FlowLine>(), Err(BadFlowLine));
            assert_eq!(format!("{text} -").parse::<FlowLine>(), Err(BadFlowLine));
        }
        assert_eq!("".parse::<FlowLine>(), Err(BadFlowLine));
    }
}
