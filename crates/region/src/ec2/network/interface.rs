//! Network interfaces: made by themselves or with an instance, and gone when they are deleted or their instance is.
//!
//! Beside this file: their addresses ([`super::interface_addresses`], [`super::interface_ipv6`]), attaching and detaching
//! ([`super::interface_attach`]), their attributes ([`super::interface_attributes`]), and how replies show them
//! ([`super::interface_view`]).

use super::interface_addresses::{Addresses, PER_INTERFACE_MAX};
pub use super::interface_addresses::{RESERVED_ADDRESSES, check_address, free_address};
use super::interface_ipv6::Wanted6;
use super::interface_view::to_ec2_interface;
use super::lookup::{Resource, find, required};
use super::{address, public_ip, quota};
use crate::context::{Authorized, Ctx, OpResult};
use crate::db::{Db, Row};
use crate::dispatch::Table;
use crate::rows::{AttachmentStatus, Interface, InterfaceAttachment, SecurityGroup, Subnet, TagSet, Vpc};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeSet;
use std::rc::Rc;
use types::{AccountId, InstanceId, InterfaceAttachmentId, InterfaceId, MacAddr, SecurityGroupId, SubnetId};

pub fn register(table: &mut Table) {
    table.op::<ec2::CreateNetworkInterfaceRequest>(
        &[
            "SubnetId",
            "Description",
            "SecurityGroupId.N",
            "PrivateIpAddress",
            "PrivateIpAddresses.N.Primary",
            "PrivateIpAddresses.N.PrivateIpAddress",
            "SecondaryPrivateIpAddressCount",
            "Ipv6AddressCount",
            "Ipv6Addresses.N.Ipv6Address",
        ],
        &["network-interface"],
        create,
    );
    table.op::<ec2::DeleteNetworkInterfaceRequest>(&["NetworkInterfaceId"], &[], delete);
}

fn create(ctx: &mut Ctx, req: Authorized<ec2::CreateNetworkInterfaceRequest>) -> OpResult<ec2::CreateNetworkInterfaceResult> {
    let subnet = find::<Subnet>(ctx, required(&req.subnet_id, "SubnetId")?)?;
    let addresses = Addresses::read(&req.private_ip_address, &req.private_ip_addresses, req.secondary_private_ip_address_count)?;
    addresses.check_count(PER_INTERFACE_MAX)?;
    let ipv6 = Wanted6::read(req.ipv6_address_count, &req.ipv6_addresses)?;
    ipv6.check_count(&subnet, PER_INTERFACE_MAX)?;
    let groups = named_groups(req.groups.as_deref().unwrap_or_default())?;
    let new = NewInterface {
        subnet,
        addresses,
        ipv6,
        groups,
        description: description(req.description.clone().unwrap_or_default())?,
        source_dest_check: true,
        associate_public_ip: false,
        attachment: None,
    };
    let row = make_interface(ctx, new)?;
    ctx.tag(row.id, tags::specified(&req.tag_specifications, "network-interface")?)?;
    Ok(ec2::CreateNetworkInterfaceResult {
        client_token: Some(req.client_token.clone().unwrap_or_default()),
        network_interface: Some(to_ec2_interface(ctx, &row)),
    })
}

fn delete(ctx: &mut Ctx, req: Authorized<ec2::DeleteNetworkInterfaceRequest>) -> OpResult<()> {
    let row = find::<Interface>(ctx, required(&req.network_interface_id, "NetworkInterfaceId")?)?;
    if row.attachment.is_some() || row.is_managed() {
        // The code that EC2 gives, though its list of codes has InvalidNetworkInterface.InUse first.
        let message = format!("Network interface '{}' is currently in use.", row.id);
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    delete_interface(ctx.db, &row.account, row.id);
    Ok(())
}

/// "Constraints: Up to 255 characters in length" is what the console says of names; EC2 takes as much of a description.
const DESCRIPTION_CHARS_MAX: usize = 255;

pub fn description(text: String) -> Result<String, AwsError> {
    if text.chars().count() > DESCRIPTION_CHARS_MAX {
        let message = format!("The description has more than {DESCRIPTION_CHARS_MAX} characters.");
        return Err(AwsError::invalid_parameter_value(message));
    }
    Ok(text)
}

pub fn named_groups(ids: &[String]) -> Result<Vec<SecurityGroupId>, AwsError> {
    ids.iter().map(|id| SecurityGroup::CODES.parse(id)).collect()
}

/// A new interface.
#[derive(Debug, Clone)]
pub struct NewInterface {
    pub subnet: Rc<Subnet>,
    pub addresses: Addresses,
    pub ipv6: Wanted6,
    /// Empty: the VPC's default group.
    pub groups: Vec<SecurityGroupId>,
    pub description: String,
    pub source_dest_check: bool,
    /// Whether it gets a public address each time its instance starts.
    pub associate_public_ip: bool,
    /// The instance that is being launched with it.
    pub attachment: Option<NewAttachment>,
}

#[derive(Debug, Clone, Copy)]
pub struct NewAttachment {
    pub instance: InstanceId,
    pub device_index: u32,
    pub delete_on_termination: bool,
}

impl NewAttachment {
    pub fn row(self, ctx: &mut Ctx, status: AttachmentStatus) -> InterfaceAttachment {
        InterfaceAttachment {
            id: ctx.new_id(InterfaceAttachmentId::from_random),
            instance: self.instance,
            device_index: self.device_index,
            delete_on_termination: self.delete_on_termination,
            attached: ctx.now,
            status,
        }
    }
}

/// Makes an interface with its addresses, and the automatic public one.
pub fn make_interface(ctx: &mut Ctx, spec: NewInterface) -> OpResult<Interface> {
    let account = ctx.caller.account.clone();
    let subnet = spec.subnet;
    let Some(vpc) = ctx.db.get::<Vpc>(&account, subnet.vpc) else {
        return Err(Vpc::CODES.not_found(&subnet.vpc.to_string()).into());
    };
    let (mut total, mut macs) = (0, BTreeSet::new());
    for i in ctx.db.list::<Interface>(&account) {
        total += 1;
        if i.vpc == vpc.id {
            macs.insert(i.mac);
        }
    }
    if total >= ctx.quota(&quota::INTERFACES) {
        let message = "The maximum number of network interfaces has been reached.";
        return Err(AwsError::new("NetworkInterfaceLimitExceeded", message).into());
    }
    let groups = members_of(ctx, &vpc, &subnet, spec.groups)?;
    let ipv4 = spec.addresses.choose(ctx, &subnet)?;
    let ipv6 = spec.ipv6.choose(ctx, &subnet)?;
    let mut mac = MacAddr::from_random(ctx.rng().u64());
    while macs.contains(&mac) {
        mac = MacAddr::from_random(ctx.rng().u64());
    }
    let id = ctx.new_id(InterfaceId::from_random);
    let attachment = spec.attachment.map(|a| a.row(ctx, AttachmentStatus::Attached));
    let row = Interface {
        account: account.clone(),
        id,
        vpc: vpc.id,
        subnet: subnet.id,
        az: subnet.az.clone(),
        mac,
        ipv4,
        ipv6,
        groups,
        description: spec.description,
        source_dest_check: spec.source_dest_check,
        attachment,
        auto_public_ip: None,
        associate_public_ip: spec.associate_public_ip,
        nat_gateway: None,
        load_balancer: None,
    };
    ctx.db.put(row.clone());
    address::assign_auto_public_ip(ctx, id)?;
    Ok(ctx.db.get::<Interface>(&account, id).map_or(row, |r| (*r).clone()))
}

/// The groups that an interface in `subnet` is a member of: as asked, each once.
pub fn members_of(ctx: &Ctx, vpc: &Vpc, subnet: &Subnet, wanted: Vec<SecurityGroupId>) -> Result<Vec<SecurityGroupId>, AwsError> {
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
