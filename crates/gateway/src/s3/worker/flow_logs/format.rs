//! Lines of flow logs and the names of their files. Pure.
//!
//! Source: "Flow log records" and "Flow log files", VPC User Guide.

use super::super::trail::file::stamp;
use std::net::IpAddr;
use types::{Ipv4Cidr, TimestampMs};
use wire::flow::{FIELDS, FlowLine, FlowLogConfig, FlowSums, FlowWhat, Traffic, direction_name};
use wire::net::Direction;

/// What a line needs besides its record.
pub struct Place<'a> {
    pub region: &'a str,
    /// Of the host where it was counted.
    pub zone: &'a str,
    pub services: &'a [(Ipv4Cidr, String)],
}

/// Whether a record is a log's to deliver.
pub fn wants(log: &FlowLogConfig, line: &FlowLine) -> bool {
    let traffic = match &line.what {
        FlowWhat::Flow(sums) => match log.traffic {
            Traffic::All => true,
            Traffic::Accept => sums.accepted,
            Traffic::Reject => !sums.accepted,
        },
        FlowWhat::NoData | FlowWhat::SkipData => true,
    };
    traffic && log.resource.covers(line.vpc, line.subnet, line.interface) && line.last_ms >= log.created.0
}

/// The first line of a file.
pub fn header(log: &FlowLogConfig) -> String {
    log.fields.join(" ")
}

pub fn line(log: &FlowLogConfig, line: &FlowLine, place: &Place) -> String {
    let words: Vec<String> = log.fields.iter().map(|name| field(log, line, place, name).unwrap_or("-".into())).collect();
    words.join(" ")
}

/// The highest version of any of the log's fields.
fn version(log: &FlowLogConfig) -> u8 {
    let of = |name: &String| FIELDS.iter().find(|(known, _)| known == name).map(|(_, version)| *version);
    log.fields.iter().filter_map(of).max().unwrap_or(2)
}

/// None: there is nothing to say.
fn field(log: &FlowLogConfig, line: &FlowLine, place: &Place, name: &str) -> Option<String> {
    // What is known without any packet.
    match name {
        "version" => return Some(version(log).to_string()),
        "account-id" => return Some(log.account.to_string()),
        "interface-id" => return Some(line.interface.to_string()),
        "start" => return Some((line.first_ms / 1000).to_string()),
        "end" => return Some((line.last_ms / 1000).to_string()),
        "vpc-id" => return Some(line.vpc.to_string()),
        "subnet-id" => return Some(line.subnet.to_string()),
        "instance-id" => return line.instance.map(|i| i.to_string()),
        "region" => return Some(place.region.to_owned()),
        "az-id" => return Some(place.zone.to_owned()),
        "log-status" => {
            let status = match line.what {
                FlowWhat::Flow(_) => "OK",
                FlowWhat::NoData => "NODATA",
                FlowWhat::SkipData => "SKIPDATA",
            };
            return Some(status.to_owned());
        }
        _ => {}
    }
    let FlowWhat::Flow(sums) = &line.what else { return None };
    match name {
        "srcaddr" => Some(own(line, sums, Direction::Egress, sums.source).to_string()),
        "dstaddr" => Some(own(line, sums, Direction::Ingress, sums.destination).to_string()),
        "pkt-srcaddr" => Some(sums.source.to_string()),
        "pkt-dstaddr" => Some(sums.destination.to_string()),
        "srcport" => Some(sums.source_port.to_string()),
        "dstport" => Some(sums.destination_port.to_string()),
        "protocol" => Some(sums.protocol.to_string()),
        "packets" => Some(sums.packets.to_string()),
        "bytes" => Some(sums.bytes.to_string()),
        "action" => Some(if sums.accepted { "ACCEPT" } else { "REJECT" }.to_owned()),
        "tcp-flags" => Some(sums.tcp_flags.to_string()),
        "type" => Some(if sums.source.is_ipv4() { "IPv4" } else { "IPv6" }.to_owned()),
        "pkt-src-aws-service" => service(place, sums.source),
        "pkt-dst-aws-service" => service(place, sums.destination),
        "flow-direction" => Some(direction_name(sums.direction).to_owned()),
        "traffic-path" => sums.path.map(|p| p.to_string()),
        // There are no local zones, wavelengths or outposts.
        _ => None,
    }
}

/// The interface's side of a flow of IPv4 is its primary address, whichever of its addresses the packets had.
fn own(line: &FlowLine, sums: &FlowSums, when: Direction, packet: IpAddr) -> IpAddr {
    if sums.direction == when && packet.is_ipv4() { line.address } else { packet }
}

fn service(place: &Place, address: IpAddr) -> Option<String> {
    let IpAddr::V4(address) = address else { return None };
    let fits = place.services.iter().filter(|(cidr, _)| cidr.contains(address));
    fits.max_by_key(|(cidr, _)| cidr.prefix_len()).map(|(_, name)| name.clone())
}

/// `AWSLogs/ACCOUNT/vpcflowlogs/REGION/2026/01/31/ACCOUNT_vpcflowlogs_REGION_fl-1_20260131T1200Z_HASH.log.gz`
pub fn key(log: &FlowLogConfig, region: &str, at: TimestampMs, hash: &str) -> String {
    let account = &log.account;
    let prefix = if log.prefix.is_empty() { String::new() } else { format!("{}/", log.prefix) };
    let (folder, day, hour) = if log.hive {
        (
            format!("aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}"),
            stamp(at, "year=%Y/month=%m/day=%d"),
            stamp(at, "/hour=%H"),
        )
    } else {
        (format!("{account}/vpcflowlogs/{region}"), stamp(at, "%Y/%m/%d"), stamp(at, "/%H"))
    };
    let hour = if log.per_hour { hour } else { String::new() };
    let (id, minute) = (log.id, stamp(at, "%Y%m%dT%H%MZ"));
    format!("{prefix}AWSLogs/{folder}/{day}{hour}/{account}_vpcflowlogs_{region}_{id}_{minute}_{hash}.log.gz")
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use types::{FlowLogId, InstanceId, InterfaceId, SubnetId, VpcId};
    use wire::flow::FlowResource;

    pub fn log(resource: FlowResource) -> FlowLogConfig {
        FlowLogConfig {
            id: FlowLogId::from_random(0xf),
            account: "123456789012".parse().unwrap(),
            resource,
            traffic: Traffic::All,
            bucket: "logs".into(),
            prefix: "p".into(),
            fields: FIELDS.iter().filter(|(_, v)| *v == 2).map(|(n, _)| (*n).to_owned()).collect(),
            hive: false,
            per_hour: false,
            created: TimestampMs(1000),
        }
    }

    pub fn flow(what: FlowWhat) -> FlowLine {
        FlowLine {
            interface: InterfaceId::from_random(1),
            vpc: VpcId::from_random(2),
            subnet: SubnetId::from_random(3),
            instance: Some(InstanceId::from_random(4)),
            address: IpAddr::from([10, 0, 0, 5]),
            first_ms: 1_700_000_000_123,
            last_ms: 1_700_000_059_999,
            what,
        }
    }

    pub fn sums(direction: Direction) -> FlowSums {
        let (own, other) = ((IpAddr::from([10, 0, 0, 6]), 80), (IpAddr::from([198, 18, 0, 7]), 5000));
        let (source, destination) = if direction == Direction::Ingress { (other, own) } else { (own, other) };
        FlowSums {
            accepted: true,
            direction,
            source: source.0,
            source_port: source.1,
            destination: destination.0,
            destination_port: destination.1,
            protocol: 6,
            packets: 3,
            bytes: 132,
            tcp_flags: 3,
            path: (direction == Direction::Egress).then_some(8),
            rule: None,
            acl: None,
        }
    }

    fn place(services: &[(Ipv4Cidr, String)]) -> Place<'_> {
        Place { region: "us-east-1", zone: "use1-az1", services }
    }

    fn vpc_log() -> FlowLogConfig {
        log(FlowResource::Vpc(VpcId::from_random(2)))
    }

    #[test]
    fn the_default_format() {
        let log = vpc_log();
        assert_eq!(
            header(&log),
            "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
        );
        for (what, text) in [
            (
                FlowWhat::Flow(sums(Direction::Ingress)),
                "2 123456789012 eni-00000000000000001 198.18.0.7 10.0.0.5 5000 80 6 3 132 1700000000 1700000059 ACCEPT OK",
            ),
            (
                FlowWhat::Flow(FlowSums { accepted: false, ..sums(Direction::Egress) }),
                "2 123456789012 eni-00000000000000001 10.0.0.5 198.18.0.7 80 5000 6 3 132 1700000000 1700000059 REJECT OK",
            ),
            (FlowWhat::NoData, "2 123456789012 eni-00000000000000001 - - - - - - - 1700000000 1700000059 - NODATA"),
            (FlowWhat::SkipData, "2 123456789012 eni-00000000000000001 - - - - - - - 1700000000 1700000059 - SKIPDATA"),
        ] {
            assert_eq!(line(&log, &flow(what), &place(&[])), text);
        }
    }

    #[test]
    fn every_field() {
        let own: Vec<String> = FIELDS.iter().filter(|(_, v)| *v > 2).map(|(n, _)| (*n).to_owned()).collect();
        let own = FlowLogConfig { fields: [vec!["version".to_owned()], own].concat(), ..vpc_log() };
        let services = [("198.18.0.0/15".parse().unwrap(), "EC2".to_owned())];
        let text = |what, place: &Place| line(&own, &flow(what), place);
        let names = "5 vpc-00000000000000002 subnet-00000000000000003 i-00000000000000004";
        assert_eq!(
            text(FlowWhat::Flow(sums(Direction::Egress)), &place(&services)),
            format!("{names} 3 IPv4 10.0.0.6 198.18.0.7 us-east-1 use1-az1 - - - EC2 egress 8")
        );
        assert_eq!(
            text(FlowWhat::Flow(sums(Direction::Ingress)), &place(&services)),
            format!("{names} 3 IPv4 198.18.0.7 10.0.0.6 us-east-1 use1-az1 - - EC2 - ingress -")
        );
        assert_eq!(text(FlowWhat::NoData, &place(&services)), format!("{names} - - - - us-east-1 use1-az1 - - - - - -"));
        let third = FlowLogConfig { fields: vec!["version".into(), "type".into()], ..own };
        assert_eq!(line(&third, &flow(FlowWhat::NoData), &place(&[])), "3 -");
    }

    #[test]
    fn whose_records() {
        let (accept, reject) = (sums(Direction::Ingress), FlowSums { accepted: false, ..sums(Direction::Ingress) });
        let lines = [FlowWhat::Flow(accept), FlowWhat::Flow(reject), FlowWhat::NoData].map(flow);
        let wanted = |log: &FlowLogConfig| lines.each_ref().map(|l| wants(log, l));
        let traffic = |traffic| FlowLogConfig { traffic, ..vpc_log() };
        assert_eq!(wanted(&traffic(Traffic::All)), [true, true, true]);
        assert_eq!(wanted(&traffic(Traffic::Accept)), [true, false, true]);
        assert_eq!(wanted(&traffic(Traffic::Reject)), [false, true, true]);
        for (resource, is_own) in [
            (FlowResource::Vpc(VpcId::from_random(3)), false),
            (FlowResource::Subnet(SubnetId::from_random(3)), true),
            (FlowResource::Subnet(SubnetId::from_random(2)), false),
            (FlowResource::Interface(InterfaceId::from_random(1)), true),
            (FlowResource::Interface(InterfaceId::from_random(2)), false),
        ] {
            assert_eq!(wanted(&log(resource)), [is_own; 3], "{resource}");
        }
        assert_eq!(
            wanted(&FlowLogConfig { created: TimestampMs(1_700_000_060_000), ..vpc_log() }),
            [false; 3],
            "before its time"
        );
    }

    #[test]
    fn names_of_files() {
        let (log, at) = (vpc_log(), TimestampMs(1_700_000_000_000));
        let file = "123456789012_vpcflowlogs_us-east-1_fl-0000000000000000f_20231114T2213Z_0123abcd.log.gz";
        for (hive, per_hour, folder) in [
            (false, false, "123456789012/vpcflowlogs/us-east-1/2023/11/14"),
            (false, true, "123456789012/vpcflowlogs/us-east-1/2023/11/14/22"),
            (true, false, "aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2023/month=11/day=14"),
            (
                true,
                true,
                "aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2023/month=11/day=14/hour=22",
            ),
        ] {
            let log = FlowLogConfig { hive, per_hour, ..log.clone() };
            assert_eq!(key(&log, "us-east-1", at, "0123abcd"), format!("p/AWSLogs/{folder}/{file}"));
        }
        let bare = FlowLogConfig { prefix: String::new(), ..log };
        assert!(key(&bare, "us-east-1", at, "0").starts_with("AWSLogs/123456789012/"));
    }
}
