//! The interfaces that a launch asks for: new ones and existing ones, the primary one first.
//!
//! Source of the rules: RunInstances and InstanceNetworkInterfaceSpecification in the EC2 API reference, and "Multiple network
//! interfaces" in the EC2 User Guide.

use super::types::Size;
use crate::context::{Ctx, OpResult};
use crate::ec2::network::interface::description;
use crate::ec2::network::interface_addresses::{Addresses, check_count};
use crate::ec2::network::interface_attach::{check_interfaces, device_index, in_use, network_card};
use crate::ec2::network::interface_ipv6::{self, Wanted6};
use crate::ec2::network::lookup::find;
use crate::ec2::network::{NewAttachment, NewInterface, find_launch_subnet, make_interface, resolve_groups};
use crate::rows::{AttachmentStatus, Interface, Subnet};
use ::types::{InstanceId, InterfaceId, SecurityGroupId};
use aws_protocol::{AwsError, ec2};
use std::rc::Rc;

type Spec = ec2::InstanceNetworkInterfaceSpecification;

/// One interface of a launch.
pub struct Wanted {
    device_index: u32,
    delete_on_termination: bool,
    pub subnet: Rc<Subnet>,
    what: What,
}

enum What {
    New(New),
    Existing(Rc<Interface>),
}

struct New {
    addresses: Addresses,
    ipv6: Wanted6,
    groups: Vec<SecurityGroupId>,
    description: String,
    associate_public_ip: bool,
}

/// By device index: the first one is 0. `zone`: where, if the request says so.
pub fn read(ctx: &Ctx, r: &ec2::RunInstancesRequest, zone: Option<&str>, size: &Size) -> OpResult<Vec<Wanted>> {
    let specs = specs(r)?;
    let alone = specs.len() == 1;
    let mut wanted = Vec::new();
    for spec in &specs {
        wanted.push(one(ctx, r, spec, zone, alone, size)?);
    }
    wanted.sort_by_key(|w| w.device_index);
    check_interfaces(wanted.len(), size)?;
    if wanted.windows(2).any(|w| w[0].device_index == w[1].device_index) {
        return Err(AwsError::invalid_parameter_value("Each network interface requires a unique device index.").into());
    }
    if wanted[0].device_index != 0 {
        let message = "When specifying network interfaces, you must include a device at index 0.";
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    if wanted.iter().any(|w| w.subnet.az != wanted[0].subnet.az) {
        let message = "Network interfaces of one instance must be in the same availability zone.";
        return Err(AwsError::invalid_parameter_combination(message).into());
    }
    let ids = |w: &Wanted| match &w.what {
        What::Existing(i) => Some(i.id),
        What::New(_) => None,
    };
    let existing: Vec<InterfaceId> = wanted.iter().filter_map(ids).collect();
    if existing.iter().enumerate().any(|(n, id)| existing[..n].contains(id)) {
        return Err(AwsError::invalid_parameter_value("A network interface is named twice.").into());
    }
    if r.max_count.is_some_and(|n| n > 1) {
        if !existing.is_empty() {
            let message = "A network interface ID can be specified only when one instance is launched";
            return Err(AwsError::invalid_parameter_combination(message).into());
        }
        if wanted.iter().any(|w| matches!(&w.what, What::New(n) if n.addresses.names_any() || !n.ipv6.named.is_empty())) {
            let message = "A private IP address can be specified only when one instance is launched";
            return Err(AwsError::invalid_parameter_combination(message).into());
        }
    }
    Ok(wanted)
}

/// `NetworkInterface.N`, which excludes the instance-level parameters that say the same; without it, what these say.
fn specs(r: &ec2::RunInstancesRequest) -> Result<Vec<Spec>, AwsError> {
    let specs = r.network_interfaces.clone().unwrap_or_default();
    if specs.is_empty() {
        return Ok(vec![Spec {
            device_index: Some(0),
            subnet_id: r.subnet_id.clone(),
            groups: r.security_group_ids.clone(),
            private_ip_address: r.private_ip_address.clone(),
            ipv6_address_count: r.ipv6_address_count,
            ipv6_addresses: r.ipv6_addresses.clone(),
            ..Default::default()
        }]);
    }
    let both = |what: &str| {
        AwsError::invalid_parameter_combination(format!(
            "Network interfaces and an instance-level {what} may not be specified on the same request"
        ))
    };
    if r.subnet_id.is_some() {
        return Err(both("subnet ID"));
    }
    if r.security_group_ids.is_some() || r.security_groups.is_some() {
        return Err(both("security groups"));
    }
    if r.private_ip_address.is_some() {
        return Err(both("private address"));
    }
    if r.ipv6_address_count.is_some() || r.ipv6_addresses.is_some() {
        return Err(both("IPv6 address"));
    }
    Ok(specs)
}

fn one(ctx: &Ctx, r: &ec2::RunInstancesRequest, spec: &Spec, zone: Option<&str>, alone: bool, size: &Size) -> OpResult<Wanted> {
    let index = spec.device_index.ok_or_else(|| AwsError::missing_parameter("NetworkInterface.DeviceIndex"))?;
    let device_index = device_index(index)?;
    network_card(spec.network_card_index)?;
    if spec.associate_public_ip_address.is_some() {
        let message = if !alone {
            "The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces."
        } else if device_index != 0 {
            "The associatePublicIPAddress parameter can only be specified for the network interface with DeviceIndex 0."
        } else if spec.network_interface_id.is_some() {
            "The associatePublicIPAddress parameter cannot be specified for a network interface with an ID."
        } else {
            ""
        };
        if !message.is_empty() {
            return Err(AwsError::invalid_parameter_combination(message).into());
        }
    }
    if let Some(id) = &spec.network_interface_id {
        return existing(ctx, spec, id, device_index, zone, size);
    }
    let subnet = find_launch_subnet(ctx, spec.subnet_id.as_deref(), zone)?;
    let ids = spec.groups.clone().unwrap_or_default();
    let names = r.security_groups.clone().unwrap_or_default();
    let groups = resolve_groups(ctx, subnet.vpc, &ids, &names)?;
    let addresses =
        Addresses::read(&spec.private_ip_address, &spec.private_ip_addresses, spec.secondary_private_ip_address_count)?;
    addresses.check_count(size.ipv4_per_interface as usize)?;
    let ipv6 = Wanted6::read(spec.ipv6_address_count, &spec.ipv6_addresses)?;
    ipv6.check_count(&subnet, size.ipv6_per_interface())?;
    // With several interfaces an instance gets no automatic public address.
    let associate_public_ip = alone && spec.associate_public_ip_address.unwrap_or(subnet.map_public_ip_on_launch);
    let description = description(spec.description.clone().unwrap_or_default())?;
    Ok(Wanted {
        device_index,
        delete_on_termination: spec.delete_on_termination.unwrap_or(true),
        subnet,
        what: What::New(New { addresses, ipv6, groups, description, associate_public_ip }),
    })
}

fn existing(ctx: &Ctx, spec: &Spec, id: &str, device_index: u32, zone: Option<&str>, size: &Size) -> OpResult<Wanted> {
    let new_only = [
        ("a subnet ID", spec.subnet_id.is_some()),
        ("security groups", spec.groups.as_ref().is_some_and(|g| !g.is_empty())),
        ("a private address", spec.private_ip_address.is_some() || spec.private_ip_addresses.is_some()),
        ("a secondary private address count", spec.secondary_private_ip_address_count.is_some()),
        ("IPv6 addresses", spec.ipv6_address_count.is_some() || spec.ipv6_addresses.is_some()),
        ("a description", spec.description.is_some()),
    ];
    if let Some((what, _)) = new_only.iter().find(|(_, given)| *given) {
        let message = format!("A network interface may not specify both a network interface ID and {what}");
        return Err(AwsError::invalid_parameter_combination(message).into());
    }
    let interface = find::<Interface>(ctx, id)?;
    if interface.attachment.is_some() || interface.is_managed() {
        return Err(in_use(&interface).into());
    }
    check_count(interface.ipv4.len(), size.ipv4_per_interface as usize)?;
    interface_ipv6::check_count(interface.ipv6.len(), size.ipv6_per_interface())?;
    let subnet = find_launch_subnet(ctx, Some(&interface.subnet.to_string()), zone)?;
    Ok(Wanted {
        device_index,
        delete_on_termination: spec.delete_on_termination.unwrap_or(false),
        subnet,
        what: What::Existing(interface),
    })
}

/// An instance's interfaces.
pub struct Made {
    /// By device index.
    pub all: Vec<InterfaceId>,
    pub new: Vec<InterfaceId>,
}

/// Makes the new ones and attaches the existing ones.
pub fn make(ctx: &mut Ctx, wanted: &[Wanted], instance: InstanceId) -> OpResult<Made> {
    let mut made = Made { all: Vec::new(), new: Vec::new() };
    for w in wanted {
        let attachment = NewAttachment { instance, device_index: w.device_index, delete_on_termination: w.delete_on_termination };
        match &w.what {
            What::Existing(interface) => {
                let row = attachment.row(ctx, AttachmentStatus::Attached);
                ctx.db.update::<Interface>(&interface.account, interface.id, |i| i.attachment = Some(row));
                made.all.push(interface.id);
            }
            What::New(new) => {
                let spec = NewInterface {
                    subnet: w.subnet.clone(),
                    addresses: new.addresses.clone(),
                    ipv6: new.ipv6.clone(),
                    groups: new.groups.clone(),
                    description: new.description.clone(),
                    source_dest_check: true,
                    associate_public_ip: new.associate_public_ip,
                    attachment: Some(attachment),
                };
                let id = make_interface(ctx, spec)?.id;
                made.all.push(id);
                made.new.push(id);
            }
        }
    }
    Ok(made)
}
