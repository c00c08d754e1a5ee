//! Names and texts that are made from other things: host names, zone ids, times as sentences show them.

use std::net::Ipv4Addr;
use types::{AzName, InstanceId, RegionName, TimestampMs};

fn dashed(ip: Ipv4Addr) -> String {
    ip.to_string().replace('.', "-")
}

/// `ip-10-0-0-5.ec2.internal`; outside us-east-1 `ip-10-0-0-5.eu-west-1.compute.internal`.
pub fn private_dns(region: &RegionName, ip: Ipv4Addr) -> String {
    format!("ip-{}.{}", dashed(ip), internal_domain(region))
}

/// `i-0123456789abcdef0.ec2.internal`
pub fn resource_dns(region: &RegionName, instance: InstanceId) -> String {
    format!("{instance}.{}", internal_domain(region))
}

fn internal_domain(region: &RegionName) -> String {
    if region.as_str() == "us-east-1" { "ec2.internal".to_owned() } else { format!("{region}.compute.internal") }
}

/// `ec2-198-18-0-5.compute-1.amazonaws.com`
pub fn public_dns(region: &RegionName, ip: Ipv4Addr) -> String {
    let zone = if region.as_str() == "us-east-1" { "compute-1".to_owned() } else { format!("{region}.compute") };
    format!("ec2-{}.{zone}.amazonaws.com", dashed(ip))
}

/// `use1-az1` of `us-east-1a`. AWS shuffles letters per account; here a is always az1.
pub fn zone_id(az: &AzName) -> String {
    let text = az.as_str();
    let (region, letter) = text.split_at(text.len() - 1);
    let mut parts: Vec<&str> = region.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    let mut short = String::new();
    for (i, part) in parts.iter().enumerate() {
        short.push_str(match *part {
            "northeast" => "ne",
            "southeast" => "se",
            "northwest" => "nw",
            "southwest" => "sw",
            p if i == 0 => p,
            p => p.get(..1).unwrap_or_default(),
        });
    }
    let index = letter.bytes().next().map_or(0, |b| u32::from(b.saturating_sub(b'a')) + 1);
    format!("{short}{number}-az{index}")
}

/// `2026-01-01 00:00:00 GMT`
pub fn gmt(at: TimestampMs) -> String {
    let t = jiff::Timestamp::from_second((at.0 / 1000) as i64).unwrap_or(jiff::Timestamp::MAX);
    format!("{} GMT", t.to_string().trim_end_matches('Z').replace('T', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_ec2_makes_them() {
        let home: RegionName = "us-east-1".parse().unwrap();
        let other: RegionName = "eu-west-1".parse().unwrap();
        let ip = Ipv4Addr::new(10, 0, 0, 5);
        assert_eq!(private_dns(&home, ip), "ip-10-0-0-5.ec2.internal");
        assert_eq!(private_dns(&other, ip), "ip-10-0-0-5.eu-west-1.compute.internal");
        assert_eq!(public_dns(&home, Ipv4Addr::new(198, 18, 0, 5)), "ec2-198-18-0-5.compute-1.amazonaws.com");
        assert_eq!(public_dns(&other, Ipv4Addr::new(198, 18, 0, 5)), "ec2-198-18-0-5.eu-west-1.compute.amazonaws.com");
        for (az, id) in [("us-east-1a", "use1-az1"), ("eu-central-1c", "euc1-az3"), ("ap-southeast-2b", "apse2-az2"), ("us-gov-west-1a", "usgw1-az1")] {
            assert_eq!(zone_id(&az.parse().unwrap()), id);
        }
        assert_eq!(gmt(TimestampMs(1_767_225_600_123)), "2026-01-01 00:00:00 GMT");
    }
}
