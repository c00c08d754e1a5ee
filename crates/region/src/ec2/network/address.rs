//! Public addresses: elastic ones, which their account holds until it releases them, and automatic ones, which an
//! interface has while its instance runs.

use super::interface::{interfaces_of, primary_interface};
use super::interface_attach::several_interfaces;
use super::lookup::{ASSOCIATION_CODES, Listing, find, many, one, required};
use super::{public_ip, quota};
use crate::context::{Authorized, Ctx, OpError, OpResult};
use crate::db::Db;
use crate::dispatch::Table;
use crate::rows::{Address, AddressAssociation, Instance, InstanceState, Interface, InternetGateway};
use crate::tags;
use aws_protocol::{AwsError, ec2};
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::{AddressAssociationId, AllocationId, InterfaceId};

pub fn register(table: &mut Table) {
    table.op::<ec2::AllocateAddressRequest>(&["Domain", "NetworkBorderGroup"], &["elastic-ip"], allocate);
    table.op::<ec2::AssociateAddressRequest>(
        &["AllocationId", "PublicIp", "InstanceId", "NetworkInterfaceId", "PrivateIpAddress", "AllowReassociation"],
        &[],
        associate,
    );
    table.op::<ec2::DisassociateAddressRequest>(&["AssociationId", "PublicIp"], &[], disassociate);
    table.op::<ec2::ReleaseAddressRequest>(&["AllocationId", "PublicIp", "NetworkBorderGroup"], &[], release);
    table.op::<ec2::DescribeAddressesRequest>(&["AllocationId.N", "PublicIp.N"], &[], describe);
    table.op::<ec2::DescribeAddressesAttributeRequest>(&["AllocationId.N", "Attribute"], &[], describe_attribute);
    // DomainName, a reverse name, is refused: nobody outside would resolve it.
    table.op::<ec2::ModifyAddressAttributeRequest>(&["AllocationId"], &[], modify_attribute);
    table.op::<ec2::ResetAddressAttributeRequest>(&["AllocationId", "Attribute"], &[], reset_attribute);
}

/// The public address that stands for a private one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AssociatedAddress {
    pub public_ip: Ipv4Addr,
    /// `None`: an automatic address.
    pub elastic: Option<(AllocationId, AddressAssociationId)>,
}

/// An elastic address goes before an automatic one.
pub fn associated(db: &Db, interface: &Interface, private_ip: Ipv4Addr) -> Option<AssociatedAddress> {
    let elastic = db.list::<Address>(&interface.account).find_map(|a| {
        let here = a.association.as_ref().filter(|x| x.interface == interface.id && x.private_ip == private_ip)?;
        Some(AssociatedAddress { public_ip: a.public_ip, elastic: Some((a.allocation, here.id)) })
    });
    elastic.or_else(|| {
        let public_ip = interface.auto_public_ip.filter(|_| interface.ipv4.first() == Some(&private_ip))?;
        Some(AssociatedAddress { public_ip, elastic: None })
    })
}

/// The public address of the interface's primary address.
pub fn public_ip_of(db: &Db, interface: &Interface) -> Option<Ipv4Addr> {
    associated(db, interface, *interface.ipv4.first()?).map(|a| a.public_ip)
}

/// The instance starts: gives the interface a public address if it is one that gets one and has none. The address that it
/// has now.
pub fn assign_auto_public_ip(ctx: &mut Ctx, interface: InterfaceId) -> OpResult<Option<Ipv4Addr>> {
    let account = ctx.caller.account.clone();
    let Some(row) = ctx.db.get::<Interface>(&account, interface) else { return Ok(None) };
    let has = public_ip_of(ctx.db, &row);
    if has.is_some() || !row.associate_public_ip {
        return Ok(has);
    }
    let ip = public_ip::take(ctx, interface.to_string())?;
    ctx.db.update::<Interface>(&account, interface, |i| i.auto_public_ip = Some(ip));
    Ok(Some(ip))
}

/// The instance stops: its automatic public address goes back to the pool.
pub fn release_auto_public_ip(db: &mut Db, interface: &Interface) {
    let Some(row) = db.get::<Interface>(&interface.account, interface.id) else { return };
    if let Some(ip) = row.auto_public_ip {
        public_ip::give_back(db, ip);
        db.update::<Interface>(&interface.account, interface.id, |i| i.auto_public_ip = None);
    }
}

/// The interface goes away: no elastic address points to it any more.
pub fn disassociate_all(db: &mut Db, interface: &Interface) {
    let here = |a: &Rc<Address>| a.association.as_ref().is_some_and(|x| x.interface == interface.id);
    let addresses: Vec<_> = db.list::<Address>(&interface.account).filter(here).collect();
    for a in addresses {
        db.update::<Address>(&a.account, a.allocation, |a| a.association = None);
    }
}

/// Whether a VPC has addresses that an internet gateway maps.
pub fn vpc_has_public_addresses(db: &Db, account: &types::AccountId, vpc: types::VpcId) -> bool {
    db.list::<Interface>(account).any(|i| i.vpc == vpc && i.ipv4.iter().any(|ip| associated(db, &i, *ip).is_some()))
}

fn allocate(ctx: &mut Ctx, req: Authorized<ec2::AllocateAddressRequest>) -> OpResult<ec2::AllocateAddressResult> {
    if let Some(domain) = req.domain.as_deref().filter(|d| *d != "vpc") {
        return Err(AwsError::invalid_value("domain", domain, "Expected vpc.").into());
    }
    check_border_group(ctx, &req.network_border_group)?;
    let account = ctx.caller.account.clone();
    if ctx.db.list::<Address>(&account).count() >= ctx.quota(&quota::ADDRESSES) {
        let message = "The maximum number of addresses has been reached.";
        return Err(AwsError::new("AddressLimitExceeded", message).into());
    }
    let allocation = ctx.new_id(AllocationId::from_random);
    let ip = public_ip::take(ctx, allocation.to_string())?;
    ctx.tag(allocation, tags::specified(&req.tag_specifications, "elastic-ip")?)?;
    ctx.db.put(Address { account, allocation, public_ip: ip, association: None });
    Ok(ec2::AllocateAddressResult {
        allocation_id: Some(allocation.to_string()),
        domain: Some("vpc".to_owned()),
        network_border_group: Some(ctx.settings.region.to_string()),
        public_ip: Some(ip.to_string()),
        public_ipv4_pool: Some("amazon".to_owned()),
        ..Default::default()
    })
}

fn check_border_group(ctx: &Ctx, group: &Option<String>) -> Result<(), AwsError> {
    match group.as_deref() {
        Some(g) if g != ctx.settings.region.as_str() => {
            Err(AwsError::invalid_value("networkBorderGroup", g, "This region has one network border group, itself."))
        }
        _ => Ok(()),
    }
}

/// The address that a request names by allocation or, as of old, by itself.
fn named(ctx: &Ctx, allocation: &Option<String>, public_ip: &Option<String>) -> Result<Rc<Address>, AwsError> {
    match (allocation.as_deref(), public_ip.as_deref()) {
        (Some(_), Some(_)) => {
            Err(AwsError::invalid_parameter_combination("You may specify public IP or allocation id, but not both"))
        }
        (Some(id), None) => find::<Address>(ctx, id),
        (None, Some(ip)) => by_ip(ctx, ip),
        (None, None) => Err(AwsError::missing_parameter("AllocationId")),
    }
}

fn by_ip(ctx: &Ctx, text: &str) -> Result<Rc<Address>, AwsError> {
    let ip: Ipv4Addr = text.parse().map_err(|_| AwsError::invalid_value("publicIp", text, "This is not an IPv4 address."))?;
    let found = ctx.db.list::<Address>(&ctx.caller.account).find(|a| a.public_ip == ip);
    found.ok_or_else(|| AwsError::new("InvalidAddress.NotFound", format!("Address '{ip}' not found.")))
}

fn associate(ctx: &mut Ctx, req: Authorized<ec2::AssociateAddressRequest>) -> OpResult<ec2::AssociateAddressResult> {
    let address = named(ctx, &req.allocation_id, &req.public_ip)?;
    let interface = target(ctx, &req)?;
    check_unmanaged(&interface)?;
    let private_ip = match req.private_ip_address.as_deref() {
        None => interface.ipv4.first().copied(),
        Some(text) => interface.ipv4.iter().find(|ip| ip.to_string() == text).copied(),
    };
    let Some(private_ip) = private_ip else {
        let text = req.private_ip_address.clone().unwrap_or_default();
        let sentence = format!("This address is not assigned to the network interface {}.", interface.id);
        return Err(AwsError::invalid_value("privateIpAddress", &text, &sentence).into());
    };
    if let Some(now) = address.association.as_ref().filter(|x| x.interface == interface.id && x.private_ip == private_ip) {
        return Ok(ec2::AssociateAddressResult { association_id: Some(now.id.to_string()) });
    }
    let attached = |g: &Rc<InternetGateway>| g.vpc == Some(interface.vpc);
    if !ctx.db.list::<InternetGateway>(&ctx.caller.account).any(|g| attached(&g)) {
        let message = format!("Network {} is not attached to any internet gateway", interface.vpc);
        return Err(AwsError::new("Gateway.NotAttached", message).into());
    }
    // Reassociation is the rule; a caller may forbid it.
    let there = associated(ctx.db, &interface, private_ip).and_then(|a| a.elastic);
    if req.allow_reassociation == Some(false) {
        let taken = address.association.as_ref().map(|x| (address.allocation.to_string(), x.id));
        let taken = taken.or(there.map(|(_, association)| (interface.id.to_string(), association)));
        if let Some((resource, association)) = taken {
            let message = format!("resource {resource} is already associated with associate-id {association}");
            return Err(AwsError::new("Resource.AlreadyAssociated", message).into());
        }
    }
    let account = ctx.caller.account.clone();
    if let Some((allocation, _)) = there {
        ctx.db.update::<Address>(&account, allocation, |a| a.association = None);
    }
    let before = address.association.clone();
    if let Some(held) = before.as_ref().and_then(|x| ctx.db.get::<Interface>(&account, x.interface)) {
        check_unmanaged(&held)?;
    }
    let id = ctx.new_id(AddressAssociationId::from_random);
    let association = AddressAssociation { id, interface: interface.id, private_ip };
    ctx.db.update::<Address>(&account, address.allocation, |a| a.association = Some(association));
    if interface.ipv4.first() == Some(&private_ip) {
        release_auto_public_ip(ctx.db, &interface);
    }
    if let Some(before) = before {
        restore_auto_public_ip(ctx, before.interface)?;
    }
    Ok(ec2::AssociateAddressResult { association_id: Some(id.to_string()) })
}

/// The addresses of a NAT gateway or a load balancer come and go with it.
pub fn check_unmanaged(interface: &Interface) -> Result<(), AwsError> {
    if !interface.is_managed() {
        return Ok(());
    }
    Err(AwsError::new("AuthFailure", "You do not have permission to access the specified resource.").with_status(403))
}

fn target(ctx: &Ctx, req: &ec2::AssociateAddressRequest) -> Result<Rc<Interface>, AwsError> {
    match (req.instance_id.as_deref(), req.network_interface_id.as_deref()) {
        (None, None) => Err(AwsError::missing_parameter("InstanceId or NetworkInterfaceId")),
        (Some(_), Some(_)) => Err(AwsError::invalid_parameter_combination(
            "You may specify either an instance or a network interface, but not both",
        )),
        (None, Some(id)) => find::<Interface>(ctx, id),
        (Some(id), None) => {
            let instance = find::<Instance>(ctx, id)?;
            if matches!(instance.state, InstanceState::ShuttingDown | InstanceState::Terminated) {
                let message = format!("The instance '{id}' is not in a valid state for this operation.");
                return Err(AwsError::new("InvalidInstanceID", message));
            }
            if interfaces_of(ctx.db, &instance.account, instance.id).len() > 1 {
                return Err(several_interfaces(instance.id));
            }
            primary_interface(ctx.db, &instance.account, instance.id)
                .ok_or_else(|| AwsError::new("InvalidInstanceID", format!("Instance '{id}' has no network interface.")))
        }
    }
}

/// An interface that lost its elastic address gets an automatic one again, if it is one that gets one and runs, and its
/// instance has no other interface. With an empty pool it stays without: losing the elastic one must not fail for that.
fn restore_auto_public_ip(ctx: &mut Ctx, interface: InterfaceId) -> OpResult<()> {
    let account = ctx.caller.account.clone();
    let Some(row) = ctx.db.get::<Interface>(&account, interface) else { return Ok(()) };
    let instance = row.attachment.as_ref().and_then(|a| ctx.db.get::<Instance>(&account, a.instance));
    let up = |i: &Instance| matches!(i.state, InstanceState::Pending | InstanceState::Running);
    if !instance.is_some_and(|i| up(&i) && i.interfaces == [interface]) {
        return Ok(());
    }
    match assign_auto_public_ip(ctx, interface) {
        Err(OpError::Aws(e)) if e.is(public_ip::POOL_IS_EMPTY) => Ok(()),
        other => other.map(drop),
    }
}

fn disassociate(ctx: &mut Ctx, req: Authorized<ec2::DisassociateAddressRequest>) -> OpResult<()> {
    let address = match (req.association_id.as_deref(), req.public_ip.as_deref()) {
        (Some(_), Some(_)) => {
            return Err(
                AwsError::invalid_parameter_combination("You may specify public IP or association id, but not both").into()
            );
        }
        (None, Some(ip)) => by_ip(ctx, ip)?,
        (_, None) => {
            let id = required(&req.association_id, "AssociationId")?;
            let has = |a: &Rc<Address>| a.association.as_ref().is_some_and(|x| x.id.to_string() == id);
            let found = ctx.db.list::<Address>(&ctx.caller.account).find(has);
            found.ok_or_else(|| ASSOCIATION_CODES.not_found(id))?
        }
    };
    let Some(association) = address.association.clone() else {
        let message = format!("Address '{}' is not associated.", address.public_ip);
        return Err(AwsError::new("InvalidAssociationID.NotFound", message).into());
    };
    if let Some(interface) = ctx.db.get::<Interface>(&address.account, association.interface) {
        check_unmanaged(&interface)?;
    }
    ctx.db.update::<Address>(&address.account, address.allocation, |a| a.association = None);
    restore_auto_public_ip(ctx, association.interface)
}

fn release(ctx: &mut Ctx, req: Authorized<ec2::ReleaseAddressRequest>) -> OpResult<()> {
    check_border_group(ctx, &req.network_border_group)?;
    let address = named(ctx, &req.allocation_id, &req.public_ip)?;
    if address.association.is_some() {
        return Err(AwsError::new("InvalidIPAddress.InUse", format!("Address {} is in use.", address.public_ip)).into());
    }
    public_ip::give_back(ctx.db, address.public_ip);
    ctx.untag(address.allocation);
    ctx.db.delete::<Address>(&address.account, address.allocation);
    Ok(())
}

const FILTERS: &[&str] = &[
    "allocation-id",
    "association-id",
    "domain",
    "instance-id",
    "network-border-group",
    "network-interface-id",
    "network-interface-owner-id",
    "private-ip-address",
    "public-ip",
];

fn describe(ctx: &mut Ctx, req: Authorized<ec2::DescribeAddressesRequest>) -> OpResult<ec2::DescribeAddressesResult> {
    let mut ids = req.allocation_ids.clone().unwrap_or_default();
    for ip in req.public_ips.iter().flatten() {
        ids.push(by_ip(ctx, ip)?.allocation.to_string());
    }
    let listing = Listing { ids: &Some(ids), filters: &req.filters, max_results: None, next_token: &None };
    let (rows, _) = listing.rows::<Address>(ctx, FILTERS, |a, name| {
        let association = a.association.as_ref();
        match name {
            "allocation-id" => one(a.allocation),
            "association-id" => many(association.map(|x| x.id)),
            "domain" => one("vpc"),
            "instance-id" => many(association.and_then(|x| instance_of(ctx.db, a, x))),
            "network-border-group" => one(&ctx.settings.region),
            "network-interface-id" => many(association.map(|x| x.interface)),
            "network-interface-owner-id" => many(association.map(|_| &a.account)),
            "private-ip-address" => many(association.map(|x| x.private_ip)),
            "public-ip" => one(a.public_ip),
            _ => None,
        }
    })?;
    Ok(ec2::DescribeAddressesResult { addresses: Some(rows.iter().map(|a| to_ec2_address(ctx, a)).collect()) })
}

fn instance_of(db: &Db, a: &Address, association: &AddressAssociation) -> Option<String> {
    let interface = db.get::<Interface>(&a.account, association.interface)?;
    interface.attachment.as_ref().map(|x| x.instance.to_string())
}

fn to_ec2_address(ctx: &Ctx, a: &Address) -> ec2::Address {
    let association = a.association.as_ref();
    ec2::Address {
        allocation_id: Some(a.allocation.to_string()),
        association_id: association.map(|x| x.id.to_string()),
        domain: Some("vpc".to_owned()),
        instance_id: association.and_then(|x| instance_of(ctx.db, a, x)),
        network_border_group: Some(ctx.settings.region.to_string()),
        network_interface_id: association.map(|x| x.interface.to_string()),
        network_interface_owner_id: association.map(|_| a.account.to_string()),
        private_ip_address: association.map(|x| x.private_ip.to_string()),
        public_ip: Some(a.public_ip.to_string()),
        public_ipv4_pool: Some("amazon".to_owned()),
        tags: ctx.tag_list(a.allocation),
        ..Default::default()
    }
}

/// Reverse names: there are none, but the question must be answered.
fn describe_attribute(
    ctx: &mut Ctx,
    req: Authorized<ec2::DescribeAddressesAttributeRequest>,
) -> OpResult<ec2::DescribeAddressesAttributeResult> {
    if let Some(attribute) = req.attribute.as_deref().filter(|a| *a != "domain-name") {
        return Err(AwsError::invalid_value("attribute", attribute, "Expected domain-name.").into());
    }
    for id in req.allocation_ids.iter().flatten() {
        find::<Address>(ctx, id)?;
    }
    Ok(ec2::DescribeAddressesAttributeResult { addresses: Some(Vec::new()), next_token: None })
}

fn modify_attribute(
    ctx: &mut Ctx,
    req: Authorized<ec2::ModifyAddressAttributeRequest>,
) -> OpResult<ec2::ModifyAddressAttributeResult> {
    find::<Address>(ctx, required(&req.allocation_id, "AllocationId")?)?;
    Err(AwsError::missing_parameter("DomainName").into())
}

/// It has no reverse name before, and none after.
fn reset_attribute(
    ctx: &mut Ctx,
    req: Authorized<ec2::ResetAddressAttributeRequest>,
) -> OpResult<ec2::ResetAddressAttributeResult> {
    let address = find::<Address>(ctx, required(&req.allocation_id, "AllocationId")?)?;
    match required(&req.attribute, "Attribute")? {
        "domain-name" => {}
        other => return Err(AwsError::invalid_value("attribute", other, "Expected domain-name.").into()),
    }
    let shown = ec2::AddressAttribute {
        allocation_id: Some(address.allocation.to_string()),
        public_ip: Some(address.public_ip.to_string()),
        ..Default::default()
    };
    Ok(ec2::ResetAddressAttributeResult { address: Some(shown) })
}
