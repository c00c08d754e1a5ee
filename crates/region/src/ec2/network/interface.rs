//! Network interfaces: made when an instance launches, gone when it is terminated.

use super::lookup::Resource;
use super::{address, public_ip, quota};
use crate::context::{Ctx, OpResult};
use crate::db::{Db, Row};
use crate::rows::{Interface, InterfaceAttachment, SecurityGroup, Subnet, TagSet, Vpc};
use aws_protocol::AwsError;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::{AccountId, InstanceId, InterfaceAttachmentId, InterfaceId, Ipv4Cidr, MacAddr, SecurityGroupId, SubnetId};

/// AWS keeps the first four addresses of a subnet (network, router, resolver, reserve) and the last (broadcast).
const RESERVED_FIRST: u64 = 4;
pub const RESERVED_ADDRESSES: u64 = RESERVED_FIRST + 1;

/// A new instance's interface.
#[derive(Debug, Clone)]
pub struct LaunchInterface {
    pub subnet: Rc<Subnet>,
    /// `None`: one of the subnet's free addresses.
    pub private_ip: Option<Ipv4Addr>,
    /// Empty: the VPC's default group.
    pub groups: Vec<SecurityGroupId>,
    /// `None`: as the subnet says, for the primary interface.
    pub associate_public_ip: Option<bool>,
    pub description: String,
    pub delete_on_termination: bool,
    pub device_index: u32,
    pub instance: InstanceId,
    pub source_dest_check: bool,
}

/// Makes an interface with its addresses, the automatic public one included.
pub fn launch_interface(ctx: &mut Ctx, spec: LaunchInterface) -> OpResult<Interface> {
    let account = ctx.caller.account.clone();
    let subnet = spec.subnet;
    let Some(vpc) = ctx.db.get::<Vpc>(&account, subnet.vpc) else {
        return Err(Vpc::CODES.not_found(&subnet.vpc.to_string()).into());
    };
    let (mut total, mut used, mut macs) = (0, BTreeSet::new(), BTreeSet::new());
    for i in ctx.db.list::<Interface>(&account) {
        total += 1;
        if i.vpc == vpc.id {
            macs.insert(i.mac);
        }
        if i.subnet == subnet.id {
            used.extend(i.ipv4.iter().copied());
        }
    }
    if total >= ctx.quota(&quota::INTERFACES) {
        let message = "The maximum number of network interfaces has been reached.";
        return Err(AwsError::new("NetworkInterfaceLimitExceeded", message).into());
    }
    let groups = members_of(ctx, &vpc, &subnet, spec.groups)?;
    let private_ip = match spec.private_ip {
        Some(ip) => check_address(&subnet, &used, ip)?,
        None => free_address(ctx, &subnet, &used)?,
    };
    let mut mac = MacAddr::from_random(ctx.rng().u64());
    while macs.contains(&mac) {
        mac = MacAddr::from_random(ctx.rng().u64());
    }
    let id = ctx.new_id(InterfaceId::from_random);
    let attachment = ctx.new_id(InterfaceAttachmentId::from_random);
    ctx.db.put(Interface {
        account: account.clone(),
        id,
        vpc: vpc.id,
        subnet: subnet.id,
        az: subnet.az.clone(),
        mac,
        ipv4: vec![private_ip],
        groups,
        description: spec.description,
        source_dest_check: spec.source_dest_check,
        attachment: Some(InterfaceAttachment {
            id: attachment,
            instance: spec.instance,
            device_index: spec.device_index,
            delete_on_termination: spec.delete_on_termination,
            attached: ctx.now,
        }),
        auto_public_ip: None,
        nat_gateway: None,
        associate_public_ip: spec.associate_public_ip.unwrap_or(subnet.map_public_ip_on_launch && spec.device_index == 0),
    });
    address::assign_auto_public_ip(ctx, id)?;
    match ctx.db.get::<Interface>(&account, id) {
        Some(row) => Ok((*row).clone()),
        None => Err(AwsError::internal("The new interface is gone.").into()),
    }
}

/// The groups that an interface in `subnet` is a member of: as asked, each once.
fn members_of(ctx: &Ctx, vpc: &Vpc, subnet: &Subnet, wanted: Vec<SecurityGroupId>) -> Result<Vec<SecurityGroupId>, AwsError> {
    if wanted.is_empty() {
        return Ok(vec![vpc.default_security_group]);
    }
    let mut groups = Vec::new();
    for id in wanted {
        let group = ctx.db.get::<SecurityGroup>(&vpc.account, id);
        let group = group.ok_or_else(|| SecurityGroup::CODES.not_found(&id.to_string()))?;
        if group.vpc != vpc.id {
            let message = format!("Security group {id} and subnet {} belong to different networks.", subnet.id);
            return Err(AwsError::new("InvalidParameter", message));
        }
        if !groups.contains(&id) {
            groups.push(id);
        }
    }
    if groups.len() > ctx.quota(&quota::SECURITY_GROUPS_PER_INTERFACE) {
        let message = "You have exceeded the maximum number of security groups allowed per network interface.";
        return Err(AwsError::new("SecurityGroupsPerInterfaceLimitExceeded", message));
    }
    Ok(groups)
}

pub(super) fn check_address(subnet: &Subnet, used: &BTreeSet<Ipv4Addr>, ip: Ipv4Addr) -> Result<Ipv4Addr, AwsError> {
    if !subnet.cidr.contains(ip) {
        let message = format!("Address {ip} does not fall within the subnet's address range");
        return Err(AwsError::invalid_parameter_value(message));
    }
    if !is_assignable(subnet.cidr, ip) {
        return Err(AwsError::invalid_parameter_value(format!("Address {ip} is in subnet's reserved address range")));
    }
    if used.contains(&ip) {
        return Err(AwsError::new("InvalidIPAddress.InUse", format!("Address {ip} is in use.")));
    }
    Ok(ip)
}

fn is_assignable(cidr: Ipv4Cidr, ip: Ipv4Addr) -> bool {
    let offset = u64::from(u32::from(ip)) - u64::from(u32::from(cidr.first()));
    offset >= RESERVED_FIRST && ip != cidr.last()
}

/// Any free address: from a random place on, so that neighbours do not tell when they were made.
pub(super) fn free_address(ctx: &mut Ctx, subnet: &Subnet, used: &BTreeSet<Ipv4Addr>) -> Result<Ipv4Addr, AwsError> {
    let count = subnet.cidr.size() - RESERVED_ADDRESSES;
    let start = ctx.rng().below(count);
    (0..count)
        .filter_map(|step| subnet.cidr.nth(RESERVED_FIRST + (start + step) % count))
        .find(|ip| !used.contains(ip))
        .ok_or_else(|| {
            AwsError::new(
                "InsufficientFreeAddressesInSubnet",
                format!(
                    "There are not enough free addresses in subnet '{}' to satisfy the requested number of instances.",
                    subnet.id
                ),
            )
        })
}

/// How many addresses of each subnet are taken.
pub fn addresses_used(db: &Db, account: &AccountId, subnet: SubnetId) -> u64 {
    db.list::<Interface>(account).filter(|i| i.subnet == subnet).map(|i| i.ipv4.len() as u64).sum()
}

/// The interface is gone: its public address goes back to the pool, elastic ones back to their owner, unassociated.
pub fn delete_interface(db: &mut Db, account: &AccountId, id: InterfaceId) {
    let Some(interface) = db.get::<Interface>(account, id) else { return };
    address::disassociate_all(db, &interface);
    if let Some(ip) = interface.auto_public_ip {
        public_ip::give_back(db, ip);
    }
    db.delete::<TagSet>(account, interface.id());
    db.delete::<Interface>(account, id);
}

/// The interface that stands for an instance where only the instance is named.
pub fn primary_interface(db: &Db, account: &AccountId, instance: InstanceId) -> Option<Rc<Interface>> {
    interfaces_of(db, account, instance).into_iter().next()
}

/// By device index.
pub fn interfaces_of(db: &Db, account: &AccountId, instance: InstanceId) -> Vec<Rc<Interface>> {
    let index = |i: &Interface| i.attachment.as_ref().map(|a| (a.instance, a.device_index));
    let mut all: Vec<_> =
        db.list::<Interface>(account).filter(|i| index(i).is_some_and(|(owner, _)| owner == instance)).collect();
    all.sort_by_key(|i| index(i));
    all
}
