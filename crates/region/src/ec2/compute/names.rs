//! Names and texts that are made from other things: host names, times as sentences show them.

use crate::ec2::network::zone::{private_dns_name, private_domain};
use crate::rows::Instance;
use platform::Settings;
use std::net::Ipv4Addr;
use types::TimestampMs;

/// `ip-10-0-0-5.ec2.internal`, or `i-0123456789abcdef0.ec2.internal` in subnets that name by resource.
pub fn private_name(settings: &Settings, row: &Instance, ip: Ipv4Addr) -> String {
    if row.hostname_type == "resource-name" {
        format!("{}.{}", row.id, private_domain(settings))
    } else {
        private_dns_name(settings, ip)
    }
}

/// `ec2-198-18-0-5.compute-1.amazonaws.com`
pub fn public_dns(settings: &Settings, ip: Ipv4Addr) -> String {
    let zone = match settings.region.as_str() {
        "us-east-1" => "compute-1".to_owned(),
        region => format!("{region}.compute"),
    };
    format!("ec2-{}.{zone}.amazonaws.com", ip.to_string().replace('.', "-"))
}

/// `2026-01-01 00:00:00 GMT`
pub fn gmt(at: TimestampMs) -> String {
    let t = jiff::Timestamp::from_second((at.0 / 1000) as i64).unwrap_or(jiff::Timestamp::MAX);
    format!("{} GMT", t.to_string().trim_end_matches('Z').replace('T', " "))
}

/// `2026-01-01T00:00:00.000Z`, as filters compare times.
pub fn iso(at: TimestampMs) -> String {
    let t = jiff::Timestamp::from_millisecond(at.0 as i64).unwrap_or(jiff::Timestamp::MAX);
    format!("{t:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_ec2_writes_them() {
        assert_eq!(gmt(TimestampMs(1_767_225_600_123)), "2026-01-01 00:00:00 GMT");
        assert_eq!(iso(TimestampMs(1_767_225_600_123)), "2026-01-01T00:00:00.123Z");
    }
}
