//! DescribeInstanceTypes and DescribeInstanceTypeOfferings: the whole member set, as clients read it without asking whether
//! a member is there.

use super::lists;
use super::types::{self, Family, Size};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::ec2::network::zone::zone_id;
use crate::filter::Filters;
use crate::page::page;
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeMap;

pub fn register(table: &mut Table) {
    table.op::<ec2::DescribeInstanceTypesRequest>(&["InstanceType.N", "IncludeUnsupportedInRegion"], &[], describe);
    table.op::<ec2::DescribeInstanceTypeOfferingsRequest>(&["LocationType"], &[], offerings);
}

const FILTERS: &[&str] = &[
    "auto-recovery-supported",
    "bare-metal",
    "burstable-performance-supported",
    "current-generation",
    "dedicated-hosts-supported",
    "ebs-info.ebs-optimized-support",
    "ebs-info.encryption-support",
    "ebs-info.nvme-support",
    "free-tier-eligible",
    "hibernation-supported",
    "hypervisor",
    "instance-storage-supported",
    "instance-type",
    "memory-info.size-in-mib",
    "network-info.efa-supported",
    "network-info.ena-support",
    "network-info.encryption-in-transit-supported",
    "network-info.ipv4-addresses-per-interface",
    "network-info.ipv6-supported",
    "network-info.maximum-network-interfaces",
    "network-info.network-performance",
    "processor-info.supported-architecture",
    "processor-info.sustained-clock-speed-in-ghz",
    "supported-boot-mode",
    "supported-root-device-type",
    "supported-usage-class",
    "supported-virtualization-type",
    "vcpu-info.default-cores",
    "vcpu-info.default-threads-per-core",
    "vcpu-info.default-vcpus",
    "vcpu-info.valid-cores",
    "vcpu-info.valid-threads-per-core",
];

fn describe(_ctx: &mut Ctx, r: Authorized<ec2::DescribeInstanceTypesRequest>) -> OpResult<ec2::DescribeInstanceTypesResult> {
    let wanted = r.instance_types.clone().unwrap_or_default();
    let unknown: Vec<&str> = wanted.iter().map(String::as_str).filter(|n| types::find(n).is_none()).collect();
    if !unknown.is_empty() {
        return Err(AwsError::new(
            "InvalidInstanceType",
            format!("The following supplied instance types do not exist: [{}]", lists::clip(&unknown.join(", "))),
        )
        .into());
    }
    let infos = types::all().filter(|(_, s)| wanted.is_empty() || wanted.iter().any(|w| w == s.name)).map(|(f, s)| info(f, s));
    let mut infos = Filters::new(&r.filters)?.select(infos, |_| BTreeMap::new(), field, FILTERS)?;
    infos.sort_by(|a, b| a.instance_type.cmp(&b.instance_type));
    let name = |i: &ec2::InstanceTypeInfo| i.instance_type.clone().unwrap_or_default();
    let (infos, next_token) = page(infos, r.max_results, &r.next_token, !wanted.is_empty(), name)?;
    Ok(ec2::DescribeInstanceTypesResult { instance_types: Some(infos), next_token })
}

fn offerings(
    ctx: &mut Ctx,
    r: Authorized<ec2::DescribeInstanceTypeOfferingsRequest>,
) -> OpResult<ec2::DescribeInstanceTypeOfferingsResult> {
    let location_type = r.location_type.clone().unwrap_or_else(|| "region".into());
    let locations: Vec<String> = match location_type.as_str() {
        "region" => vec![ctx.settings.region.to_string()],
        "availability-zone" => ctx.settings.zones().into_iter().map(ToString::to_string).collect(),
        "availability-zone-id" => ctx.settings.zones().into_iter().map(|z| zone_id(ctx.settings, z)).collect(),
        other => {
            return Err(AwsError::invalid_value(
                "LocationType",
                other,
                "Expected region, availability-zone or availability-zone-id.",
            )
            .into());
        }
    };
    let all = types::all().flat_map(|(_, s)| {
        locations.iter().map(|l| ec2::InstanceTypeOffering {
            instance_type: Some(s.name.to_owned()),
            location: Some(l.clone()),
            location_type: Some(location_type.clone()),
        })
    });
    let field = |o: &ec2::InstanceTypeOffering, name: &str| match name {
        "instance-type" => Some(o.instance_type.iter().cloned().collect()),
        "location" => Some(o.location.iter().cloned().collect()),
        _ => None,
    };
    let names = &["instance-type", "location"];
    let mut found = Filters::new(&r.filters)?.select(all, |_| BTreeMap::new(), field, names)?;
    let key = |o: &ec2::InstanceTypeOffering| {
        format!("{} {}", o.instance_type.clone().unwrap_or_default(), o.location.clone().unwrap_or_default())
    };
    found.sort_by_key(key);
    let (found, next_token) = page(found, r.max_results, &r.next_token, false, key)?;
    Ok(ec2::DescribeInstanceTypeOfferingsResult { instance_type_offerings: Some(found), next_token })
}

fn text(s: &str) -> Option<String> {
    Some(s.to_owned())
}

fn texts(list: &[&str]) -> Option<Vec<String>> {
    Some(list.iter().map(|s| (*s).to_owned()).collect())
}

fn supported(yes: bool) -> Option<String> {
    text(if yes { "supported" } else { "unsupported" })
}

pub fn info(family: &Family, s: &Size) -> ec2::InstanceTypeInfo {
    let cores = s.vcpus as i32 / family.threads_per_core;
    // The small sizes of t2 also run 32-bit kernels.
    let i386 = !family.nitro && !family.sandbox && s.memory_mib <= 4096;
    // The sizes from which on an enclave can have a core of its own.
    let enclaves = family.enclaves && s.vcpus >= 4;
    ec2::InstanceTypeInfo {
        instance_type: text(s.name),
        current_generation: Some(true),
        free_tier_eligible: Some(matches!(s.name, "t2.micro" | "t3.micro")),
        supported_usage_classes: texts(&["on-demand", "spot"]),
        supported_root_device_types: texts(&["ebs"]),
        supported_virtualization_types: texts(if family.sandbox { &["sandbox"] } else { &["hvm"] }),
        bare_metal: Some(false),
        hypervisor: text(family.hypervisor()),
        processor_info: Some(ec2::ProcessorInfo {
            manufacturer: text(family.manufacturer),
            supported_architectures: texts(if i386 { &["i386", "x86_64"] } else { &["x86_64"] }),
            sustained_clock_speed_in_ghz: Some(family.clock_ghz),
            ..Default::default()
        }),
        v_cpu_info: Some(ec2::VCpuInfo {
            default_v_cpus: Some(s.vcpus as i32),
            default_cores: Some(cores),
            default_threads_per_core: Some(family.threads_per_core),
            // Cores and threads cannot be chosen here (CpuOptions is refused): what is, is what is valid.
            valid_cores: Some(vec![cores]),
            valid_threads_per_core: Some(vec![family.threads_per_core]),
        }),
        memory_info: Some(ec2::MemoryInfo { size_in_mib: Some(i64::from(s.memory_mib)) }),
        instance_storage_supported: Some(false),
        ebs_info: Some(ec2::EbsInfo {
            ebs_optimized_support: text(if family.nitro { "default" } else { "unsupported" }),
            encryption_support: supported(true),
            ebs_optimized_info: s.ebs.map(|e| ec2::EbsOptimizedInfo {
                baseline_bandwidth_in_mbps: Some(e.mbps),
                baseline_throughput_in_mbps: Some(f64::from(e.mbps) / 8.0),
                baseline_iops: Some(e.iops),
                maximum_bandwidth_in_mbps: Some(e.mbps_max),
                maximum_throughput_in_mbps: Some(f64::from(e.mbps_max) / 8.0),
                maximum_iops: Some(e.iops_max),
            }),
            nvme_support: text(if family.nitro { "required" } else { "unsupported" }),
            maximum_ebs_attachments: Some(if family.nitro { 27 } else { 39 }),
            attachment_limit_type: text(if family.nitro { "shared" } else { "dedicated" }),
            ..Default::default()
        }),
        network_info: Some(network(family, s)),
        placement_group_info: Some(ec2::PlacementGroupInfo {
            supported_strategies: texts(if family.burstable {
                &["partition", "spread"]
            } else {
                &["cluster", "partition", "spread"]
            }),
        }),
        hibernation_supported: Some(s.memory_mib <= 153_600),
        burstable_performance_supported: Some(family.burstable),
        dedicated_hosts_supported: Some(family.dedicated_hosts),
        auto_recovery_supported: Some(true),
        // Nothing is booted in a sandbox.
        supported_boot_modes: texts(match (family.sandbox, family.nitro) {
            (true, _) => &[],
            (false, true) => &["legacy-bios", "uefi"],
            (false, false) => &["legacy-bios"],
        }),
        nitro_enclaves_support: supported(enclaves),
        nitro_tpm_support: supported(family.nitro),
        nitro_tpm_info: family.nitro.then(|| ec2::NitroTpmInfo { supported_versions: texts(&["2.0"]) }),
        phc_support: supported(false),
        reboot_migration_support: supported(false),
        ..Default::default()
    }
}

fn network(family: &Family, s: &Size) -> ec2::NetworkInfo {
    ec2::NetworkInfo {
        network_performance: text(s.network),
        maximum_network_interfaces: Some(s.interfaces_max),
        maximum_network_cards: Some(1),
        default_network_card_index: Some(0),
        network_cards: Some(vec![ec2::NetworkCardInfo {
            network_card_index: Some(0),
            network_performance: text(s.network),
            maximum_network_interfaces: Some(s.interfaces_max),
            baseline_bandwidth_in_gbps: Some(s.network_gbps),
            peak_bandwidth_in_gbps: Some(types::network_peak_gbps(family, s)),
            ..Default::default()
        }]),
        ipv4_addresses_per_interface: Some(s.ipv4_per_interface),
        ipv6_addresses_per_interface: Some(s.ipv6_per_interface() as i32),
        ipv6_supported: Some(true),
        ena_support: text(if family.nitro { "required" } else { "unsupported" }),
        efa_supported: Some(false),
        encryption_in_transit_supported: Some(family.encryption_in_transit),
        ena_srd_supported: Some(false),
        bandwidth_weightings: Some(Vec::new()),
        flexible_ena_queues_support: supported(false),
        ..Default::default()
    }
}

fn field(i: &ec2::InstanceTypeInfo, name: &str) -> Option<Vec<String>> {
    fn one<T: ToString>(v: Option<T>) -> Vec<String> {
        v.map(|v| v.to_string()).into_iter().collect()
    }
    fn many<T: ToString>(v: Option<&Vec<T>>) -> Vec<String> {
        v.into_iter().flatten().map(ToString::to_string).collect()
    }
    let (ebs, net) = (i.ebs_info.as_ref(), i.network_info.as_ref());
    let (cpu, vcpu) = (i.processor_info.as_ref(), i.v_cpu_info.as_ref());
    Some(match name {
        "auto-recovery-supported" => one(i.auto_recovery_supported),
        "bare-metal" => one(i.bare_metal),
        "burstable-performance-supported" => one(i.burstable_performance_supported),
        "current-generation" => one(i.current_generation),
        "dedicated-hosts-supported" => one(i.dedicated_hosts_supported),
        "ebs-info.ebs-optimized-support" => one(ebs.and_then(|e| e.ebs_optimized_support.as_ref())),
        "ebs-info.encryption-support" => one(ebs.and_then(|e| e.encryption_support.as_ref())),
        "ebs-info.nvme-support" => one(ebs.and_then(|e| e.nvme_support.as_ref())),
        "free-tier-eligible" => one(i.free_tier_eligible),
        "hibernation-supported" => one(i.hibernation_supported),
        "hypervisor" => one(i.hypervisor.as_ref()),
        "instance-storage-supported" => one(i.instance_storage_supported),
        "instance-type" => one(i.instance_type.as_ref()),
        "memory-info.size-in-mib" => one(i.memory_info.as_ref().and_then(|m| m.size_in_mib)),
        "network-info.efa-supported" => one(net.and_then(|n| n.efa_supported)),
        "network-info.ena-support" => one(net.and_then(|n| n.ena_support.as_ref())),
        "network-info.encryption-in-transit-supported" => one(net.and_then(|n| n.encryption_in_transit_supported)),
        "network-info.ipv4-addresses-per-interface" => one(net.and_then(|n| n.ipv4_addresses_per_interface)),
        "network-info.ipv6-supported" => one(net.and_then(|n| n.ipv6_supported)),
        "network-info.maximum-network-interfaces" => one(net.and_then(|n| n.maximum_network_interfaces)),
        "network-info.network-performance" => one(net.and_then(|n| n.network_performance.as_ref())),
        "processor-info.supported-architecture" => many(cpu.and_then(|c| c.supported_architectures.as_ref())),
        "processor-info.sustained-clock-speed-in-ghz" => one(cpu.and_then(|c| c.sustained_clock_speed_in_ghz)),
        "supported-boot-mode" => many(i.supported_boot_modes.as_ref()),
        "supported-root-device-type" => many(i.supported_root_device_types.as_ref()),
        "supported-usage-class" => many(i.supported_usage_classes.as_ref()),
        "supported-virtualization-type" => many(i.supported_virtualization_types.as_ref()),
        "vcpu-info.default-cores" => one(vcpu.and_then(|v| v.default_cores)),
        "vcpu-info.default-threads-per-core" => one(vcpu.and_then(|v| v.default_threads_per_core)),
        "vcpu-info.default-vcpus" => one(vcpu.and_then(|v| v.default_v_cpus)),
        "vcpu-info.valid-cores" => many(vcpu.and_then(|v| v.valid_cores.as_ref())),
        "vcpu-info.valid-threads-per-core" => many(vcpu.and_then(|v| v.valid_threads_per_core.as_ref())),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_every_member_that_clients_read() {
        for (f, s) in types::all() {
            let i = info(f, s);
            for name in FILTERS {
                let values = field(&i, name).unwrap();
                let none = f.sandbox && name == &"supported-boot-mode";
                assert_eq!(values.is_empty(), none, "{}: {name}", s.name);
            }
            assert!(i.placement_group_info.is_some() && i.network_info.as_ref().unwrap().network_cards.is_some());
        }
    }
}
