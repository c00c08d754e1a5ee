//! The instance types, as AWS publishes them (EC2 user guide, "Amazon EC2 instance types": specifications of general
//! purpose, compute optimised and memory optimised instances; DescribeInstanceTypes of us-east-1).
//!
//! `sb1` is not AWS's: its instances are sandboxes (crates/sandbox). Their vCPUs are the most that they take, not what is kept for
//! them, and a quota does not count them.
//!
//! A family says what all its sizes have in common, a size the rest. What follows from both is computed by
//! [`super::describe_types`].

use wire::host::Isolation;
use wire::net::RateLimit;

/// What the sizes of a family share.
#[derive(Debug, PartialEq)]
pub struct Family {
    pub name: &'static str,
    pub manufacturer: &'static str,
    pub clock_ghz: f64,
    pub threads_per_core: i32,
    pub burstable: bool,
    /// Nitro (else Xen): NVMe, ENA, EBS optimisation, UEFI.
    pub nitro: bool,
    /// Ours, not AWS's: guests of the host's kernel, no virtual machines.
    pub sandbox: bool,
    pub encryption_in_transit: bool,
    pub dedicated_hosts: bool,
    /// What a burstable network card reaches, Gbit/s.
    pub network_peak_gbps: f64,
    pub enclaves: bool,
    pub sizes: &'static [Size],
}

/// EBS bandwidth: baseline and maximum, Mbit/s and operations a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ebs {
    pub mbps: i32,
    pub iops: i32,
    pub mbps_max: i32,
    pub iops_max: i32,
}

#[derive(Debug, PartialEq)]
pub struct Size {
    /// `t3.micro`
    pub name: &'static str,
    pub vcpus: u32,
    pub memory_mib: u32,
    pub interfaces_max: i32,
    pub ipv4_per_interface: i32,
    pub network: &'static str,
    pub network_gbps: f64,
    pub ebs: Option<Ebs>,
}

impl Family {
    pub fn isolation(&self) -> Isolation {
        if self.sandbox { Isolation::Sandbox } else { Isolation::Machine }
    }

    /// What EC2 calls the thing between guest and host.
    pub fn hypervisor(&self) -> &'static str {
        match (self.sandbox, self.nitro) {
            (true, _) => "sandbox",
            (false, true) => "nitro",
            (false, false) => "xen",
        }
    }
}

impl Size {
    /// As many as of IPv4, for all types here ("IP addresses per network interface per instance type", EC2 User Guide).
    pub fn ipv6_per_interface(&self) -> usize {
        self.ipv4_per_interface as usize
    }
}

const fn size(
    name: &'static str,
    (vcpus, memory_mib): (u32, u32),
    (interfaces_max, ipv4_per_interface): (i32, i32),
    (network, network_gbps): (&'static str, f64),
    ebs: Option<(i32, i32, i32, i32)>,
) -> Size {
    let ebs = match ebs {
        Some((mbps, iops, mbps_max, iops_max)) => Some(Ebs { mbps, iops, mbps_max, iops_max }),
        None => None,
    };
    Size { name, vcpus, memory_mib, interfaces_max, ipv4_per_interface, network, network_gbps, ebs }
}

const GIB: u32 = 1024;
const LOW: &str = "Low to Moderate";
const UP5: &str = "Up to 5 Gigabit";
const UP10: &str = "Up to 10 Gigabit";
const UP12: &str = "Up to 12.5 Gigabit";

pub static FAMILIES: &[Family] = &[
    Family {
        name: "t2",
        manufacturer: "Intel",
        clock_ghz: 2.3,
        threads_per_core: 1,
        burstable: true,
        nitro: false,
        sandbox: false,
        encryption_in_transit: false,
        dedicated_hosts: false,
        network_peak_gbps: 1.024,
        enclaves: false,
        sizes: &[
            size("t2.nano", (1, 512), (2, 2), (LOW, 0.032), None),
            size("t2.micro", (1, GIB), (2, 2), (LOW, 0.064), None),
            size("t2.small", (1, 2 * GIB), (3, 4), (LOW, 0.128), None),
            size("t2.medium", (2, 4 * GIB), (3, 6), (LOW, 0.256), None),
            size("t2.large", (2, 8 * GIB), (3, 12), (LOW, 0.512), None),
            size("t2.xlarge", (4, 16 * GIB), (3, 15), ("Moderate", 0.75), None),
            size("t2.2xlarge", (8, 32 * GIB), (3, 15), ("Moderate", 1.0), None),
        ],
    },
    Family {
        name: "t3",
        manufacturer: "Intel",
        clock_ghz: 2.5,
        threads_per_core: 2,
        burstable: true,
        nitro: true,
        sandbox: false,
        encryption_in_transit: false,
        dedicated_hosts: true,
        network_peak_gbps: 5.0,
        enclaves: false,
        sizes: &[
            size("t3.nano", (2, 512), (2, 2), (UP5, 0.032), Some((43, 250, 2085, 11800))),
            size("t3.micro", (2, GIB), (2, 2), (UP5, 0.064), Some((87, 500, 2085, 11800))),
            size("t3.small", (2, 2 * GIB), (3, 4), (UP5, 0.128), Some((174, 1000, 2085, 11800))),
            size("t3.medium", (2, 4 * GIB), (3, 6), (UP5, 0.256), Some((347, 2000, 2085, 11800))),
            size("t3.large", (2, 8 * GIB), (3, 12), (UP5, 0.512), Some((695, 4000, 2780, 15700))),
            size("t3.xlarge", (4, 16 * GIB), (4, 15), (UP5, 1.024), Some((695, 4000, 2780, 15700))),
            size("t3.2xlarge", (8, 32 * GIB), (4, 15), (UP5, 2.048), Some((695, 4000, 2780, 15700))),
        ],
    },
    Family {
        name: "t3a",
        manufacturer: "AMD",
        clock_ghz: 2.2,
        threads_per_core: 2,
        burstable: true,
        nitro: true,
        sandbox: false,
        encryption_in_transit: false,
        dedicated_hosts: false,
        network_peak_gbps: 5.0,
        enclaves: false,
        sizes: &[
            size("t3a.nano", (2, 512), (2, 2), (UP5, 0.032), Some((45, 250, 2085, 11800))),
            size("t3a.micro", (2, GIB), (2, 2), (UP5, 0.064), Some((90, 500, 2085, 11800))),
            size("t3a.small", (2, 2 * GIB), (2, 4), (UP5, 0.128), Some((175, 1000, 2085, 11800))),
            size("t3a.medium", (2, 4 * GIB), (3, 6), (UP5, 0.256), Some((350, 2000, 2085, 11800))),
            size("t3a.large", (2, 8 * GIB), (3, 12), (UP5, 0.512), Some((695, 4000, 2780, 15700))),
            size("t3a.xlarge", (4, 16 * GIB), (4, 15), (UP5, 1.024), Some((695, 4000, 2780, 15700))),
            size("t3a.2xlarge", (8, 32 * GIB), (4, 15), (UP5, 2.048), Some((695, 4000, 2780, 15700))),
        ],
    },
    Family {
        name: "m5",
        manufacturer: "Intel",
        clock_ghz: 3.1,
        threads_per_core: 2,
        burstable: false,
        nitro: true,
        sandbox: false,
        encryption_in_transit: false,
        dedicated_hosts: true,
        network_peak_gbps: 10.0,
        enclaves: true,
        sizes: &[
            size("m5.large", (2, 8 * GIB), (3, 10), (UP10, 0.75), Some((650, 3600, 4750, 18750))),
            size("m5.xlarge", (4, 16 * GIB), (4, 15), (UP10, 1.25), Some((1150, 6000, 4750, 18750))),
            size("m5.2xlarge", (8, 32 * GIB), (4, 15), (UP10, 2.5), Some((2300, 12000, 4750, 18750))),
            size("m5.4xlarge", (16, 64 * GIB), (8, 30), (UP10, 5.0), Some((4750, 18750, 4750, 18750))),
            size("m5.8xlarge", (32, 128 * GIB), (8, 30), ("10 Gigabit", 10.0), Some((6800, 30000, 6800, 30000))),
            size("m5.12xlarge", (48, 192 * GIB), (8, 30), ("12 Gigabit", 12.0), Some((9500, 40000, 9500, 40000))),
            size("m5.16xlarge", (64, 256 * GIB), (15, 50), ("20 Gigabit", 20.0), Some((13600, 60000, 13600, 60000))),
            size("m5.24xlarge", (96, 384 * GIB), (15, 50), ("25 Gigabit", 25.0), Some((19000, 80000, 19000, 80000))),
        ],
    },
    Family {
        name: "m6i",
        manufacturer: "Intel",
        clock_ghz: 3.5,
        threads_per_core: 2,
        burstable: false,
        nitro: true,
        sandbox: false,
        encryption_in_transit: true,
        dedicated_hosts: true,
        network_peak_gbps: 12.5,
        enclaves: true,
        sizes: &[
            size("m6i.large", (2, 8 * GIB), (3, 10), (UP12, 0.781), Some((650, 3600, 10000, 40000))),
            size("m6i.xlarge", (4, 16 * GIB), (4, 15), (UP12, 1.562), Some((1250, 6000, 10000, 40000))),
            size("m6i.2xlarge", (8, 32 * GIB), (4, 15), (UP12, 3.125), Some((2500, 12000, 10000, 40000))),
            size("m6i.4xlarge", (16, 64 * GIB), (8, 30), (UP12, 6.25), Some((5000, 20000, 10000, 40000))),
            size("m6i.8xlarge", (32, 128 * GIB), (8, 30), ("12.5 Gigabit", 12.5), Some((10000, 40000, 10000, 40000))),
            size("m6i.12xlarge", (48, 192 * GIB), (8, 30), ("18.75 Gigabit", 18.75), Some((15000, 60000, 15000, 60000))),
            size("m6i.16xlarge", (64, 256 * GIB), (15, 50), ("25 Gigabit", 25.0), Some((20000, 80000, 20000, 80000))),
            size("m6i.24xlarge", (96, 384 * GIB), (15, 50), ("37.5 Gigabit", 37.5), Some((30000, 120000, 30000, 120000))),
            size("m6i.32xlarge", (128, 512 * GIB), (15, 50), ("50 Gigabit", 50.0), Some((40000, 160000, 40000, 160000))),
        ],
    },
    Family {
        name: "c5",
        manufacturer: "Intel",
        clock_ghz: 3.4,
        threads_per_core: 2,
        burstable: false,
        nitro: true,
        sandbox: false,
        encryption_in_transit: false,
        dedicated_hosts: true,
        network_peak_gbps: 10.0,
        enclaves: true,
        sizes: &[
            size("c5.large", (2, 4 * GIB), (3, 10), (UP10, 0.75), Some((650, 4000, 4750, 20000))),
            size("c5.xlarge", (4, 8 * GIB), (4, 15), (UP10, 1.25), Some((1150, 6000, 4750, 20000))),
            size("c5.2xlarge", (8, 16 * GIB), (4, 15), (UP10, 2.5), Some((2300, 10000, 4750, 20000))),
            size("c5.4xlarge", (16, 32 * GIB), (8, 30), (UP10, 5.0), Some((4750, 20000, 4750, 20000))),
            size("c5.9xlarge", (36, 72 * GIB), (8, 30), ("12 Gigabit", 12.0), Some((9500, 40000, 9500, 40000))),
            size("c5.12xlarge", (48, 96 * GIB), (8, 30), ("12 Gigabit", 12.0), Some((9500, 40000, 9500, 40000))),
            size("c5.18xlarge", (72, 144 * GIB), (15, 50), ("25 Gigabit", 25.0), Some((19000, 80000, 19000, 80000))),
            size("c5.24xlarge", (96, 192 * GIB), (15, 50), ("25 Gigabit", 25.0), Some((19000, 80000, 19000, 80000))),
        ],
    },
    Family {
        name: "c6i",
        manufacturer: "Intel",
        clock_ghz: 3.5,
        threads_per_core: 2,
        burstable: false,
        nitro: true,
        sandbox: false,
        encryption_in_transit: true,
        dedicated_hosts: true,
        network_peak_gbps: 12.5,
        enclaves: true,
        sizes: &[
            size("c6i.large", (2, 4 * GIB), (3, 10), (UP12, 0.781), Some((650, 3600, 10000, 40000))),
            size("c6i.xlarge", (4, 8 * GIB), (4, 15), (UP12, 1.562), Some((1250, 6000, 10000, 40000))),
            size("c6i.2xlarge", (8, 16 * GIB), (4, 15), (UP12, 3.125), Some((2500, 12000, 10000, 40000))),
            size("c6i.4xlarge", (16, 32 * GIB), (8, 30), (UP12, 6.25), Some((5000, 20000, 10000, 40000))),
            size("c6i.8xlarge", (32, 64 * GIB), (8, 30), ("12.5 Gigabit", 12.5), Some((10000, 40000, 10000, 40000))),
            size("c6i.12xlarge", (48, 96 * GIB), (8, 30), ("18.75 Gigabit", 18.75), Some((15000, 60000, 15000, 60000))),
            size("c6i.16xlarge", (64, 128 * GIB), (15, 50), ("25 Gigabit", 25.0), Some((20000, 80000, 20000, 80000))),
            size("c6i.24xlarge", (96, 192 * GIB), (15, 50), ("37.5 Gigabit", 37.5), Some((30000, 120000, 30000, 120000))),
            size("c6i.32xlarge", (128, 256 * GIB), (15, 50), ("50 Gigabit", 50.0), Some((40000, 160000, 40000, 160000))),
        ],
    },
    Family {
        name: "r5",
        manufacturer: "Intel",
        clock_ghz: 3.1,
        threads_per_core: 2,
        burstable: false,
        nitro: true,
        sandbox: false,
        encryption_in_transit: false,
        dedicated_hosts: true,
        network_peak_gbps: 10.0,
        enclaves: true,
        sizes: &[
            size("r5.large", (2, 16 * GIB), (3, 10), (UP10, 0.75), Some((650, 3600, 4750, 18750))),
            size("r5.xlarge", (4, 32 * GIB), (4, 15), (UP10, 1.25), Some((1150, 6000, 4750, 18750))),
            size("r5.2xlarge", (8, 64 * GIB), (4, 15), (UP10, 2.5), Some((2300, 12000, 4750, 18750))),
            size("r5.4xlarge", (16, 128 * GIB), (8, 30), (UP10, 5.0), Some((4750, 18750, 4750, 18750))),
            size("r5.8xlarge", (32, 256 * GIB), (8, 30), ("10 Gigabit", 10.0), Some((6800, 30000, 6800, 30000))),
            size("r5.12xlarge", (48, 384 * GIB), (8, 30), ("12 Gigabit", 12.0), Some((9500, 40000, 9500, 40000))),
            size("r5.16xlarge", (64, 512 * GIB), (15, 50), ("20 Gigabit", 20.0), Some((13600, 60000, 13600, 60000))),
            size("r5.24xlarge", (96, 768 * GIB), (15, 50), ("25 Gigabit", 25.0), Some((19000, 80000, 19000, 80000))),
        ],
    },
    Family {
        name: "sb1",
        manufacturer: "Stratocell",
        clock_ghz: 2.5,
        threads_per_core: 1,
        burstable: false,
        nitro: false,
        sandbox: true,
        encryption_in_transit: false,
        dedicated_hosts: false,
        network_peak_gbps: 5.0,
        enclaves: false,
        sizes: &[
            size("sb1.nano", (1, 16), (2, 2), (UP5, 0.032), None),
            size("sb1.micro", (1, 64), (2, 2), (UP5, 0.064), None),
            size("sb1.small", (1, 128), (2, 4), (UP5, 0.128), None),
            size("sb1.medium", (1, 256), (3, 6), (UP5, 0.256), None),
            size("sb1.large", (2, 512), (3, 10), (UP5, 0.512), None),
            size("sb1.xlarge", (4, GIB), (4, 15), (UP5, 1.024), None),
        ],
    },
];

/// Every type, by family and size.
pub fn all() -> impl Iterator<Item = (&'static Family, &'static Size)> {
    FAMILIES.iter().flat_map(|f| f.sizes.iter().map(move |s| (f, s)))
}

pub fn find(name: &str) -> Option<(&'static Family, &'static Size)> {
    all().find(|(_, s)| s.name == name)
}

/// How long a type with a baseline below its peak may use the peak. "Instances can use burst bandwidth for a limited time,
/// typically from 5 to 60 minutes" (EC2 User Guide, "Amazon EC2 instance network bandwidth"): the least of it.
const BURST_SECONDS: u64 = 300;
/// Of a type whose baseline is its peak: what a token bucket must hold so that a sender may be late.
const SLACK_MS: u64 = 100;
/// AWS does not publish limits of packets a second. Chosen: what fills the peak with packets of 1,250 bytes, and for
/// small types what lets them talk to others in small packets.
const PACKETS_PER_GBIT: f64 = 100_000.0;
const PACKETS_PER_SECOND_MIN: u64 = 100_000;

/// What the network card reaches for a while, Gbit/s.
pub fn network_peak_gbps(family: &Family, size: &Size) -> f64 {
    let fixed = size.network.ends_with("Gigabit") && !size.network.starts_with("Up to");
    if fixed { size.network_gbps } else { family.network_peak_gbps }
}

/// The limits of an instance, all of its interfaces together, each direction (EC2 User Guide, "Amazon EC2 instance network
/// bandwidth": the bandwidth is the instance's).
pub fn rate(family: &Family, size: &Size) -> RateLimit {
    let bytes = |gbps: f64| (gbps * 1e9 / 8.0) as u64;
    let (baseline, peak) = (bytes(size.network_gbps), bytes(network_peak_gbps(family, size)));
    let packets_per_second = ((network_peak_gbps(family, size) * PACKETS_PER_GBIT) as u64).max(PACKETS_PER_SECOND_MIN);
    RateLimit {
        bytes_per_second: baseline,
        burst_bytes: (peak.saturating_sub(baseline) * BURST_SECONDS).max(baseline * SLACK_MS / 1000),
        packets_per_second,
        burst_packets: packets_per_second,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_catalogue_is_consistent() {
        let mut names = BTreeSet::new();
        for (family, s) in all() {
            assert!(names.insert(s.name), "{} twice", s.name);
            assert_eq!(s.name.split_once('.').unwrap().0, family.name);
            assert_eq!(s.vcpus % family.threads_per_core as u32, 0, "{}", s.name);
            assert!(family.sandbox || s.memory_mib % 512 == 0, "{}", s.name);
            assert_eq!(s.ebs.is_some(), family.nitro, "{}", s.name);
            if let Some(e) = s.ebs {
                assert!(e.mbps <= e.mbps_max && e.iops <= e.iops_max, "{}", s.name);
            }
            let ratio = match family.name {
                "m5" | "m6i" => 4,
                "c5" | "c6i" => 2,
                "r5" => 8,
                _ => 0,
            };
            if ratio > 0 {
                assert_eq!(s.memory_mib, s.vcpus * ratio * GIB, "{}", s.name);
            }
            if let Some(peak) = s.network.strip_prefix("Up to ") {
                let peak: f64 = peak.strip_suffix(" Gigabit").unwrap().parse().unwrap();
                assert_eq!(peak, family.network_peak_gbps, "{}", s.name);
                assert!(s.network_gbps < peak, "{}", s.name);
            } else if let Some(rate) = s.network.strip_suffix(" Gigabit") {
                assert_eq!(rate.parse::<f64>().unwrap(), s.network_gbps, "{}", s.name);
            }
        }
        for family in FAMILIES {
            let grows = |f: fn(&Size) -> f64| family.sizes.windows(2).all(|w| f(&w[0]) <= f(&w[1]));
            assert!(grows(|s| f64::from(s.vcpus)) && grows(|s| f64::from(s.memory_mib)), "{}", family.name);
            assert!(grows(|s| s.network_gbps) && grows(|s| f64::from(s.interfaces_max)), "{}", family.name);
            assert!(grows(|s| f64::from(s.ebs.map_or(0, |e| e.mbps))), "{}", family.name);
        }
        assert!(find("t3.micro").is_some() && find("t3.huge").is_none());
    }
}
