//! Private addresses of interfaces: which ones a new interface gets, and secondary ones that come and go.
//!
//! The primary address, the first of the row, stays for the interface's life.

use super::address::check_unmanaged;
use super::interface_attach::size_of;
use super::lookup::{find, required};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{Address, Interface, Subnet};
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::rc::Rc;
use types::Ipv4Cidr;

/// AWS keeps the first four addresses of a subnet (network, router, resolver, reserve) and the last (broadcast).
const RESERVED_FIRST: u64 = 4;
pub const RESERVED_ADDRESSES: u64 = RESERVED_FIRST + 1;
/// Of an interface that is on no instance: what the largest types allow. Source: "IP addresses per network interface per
/// instance type", EC2 User Guide.
pub const PER_INTERFACE_MAX: usize = 50;

pub fn register(table: &mut Table) {
    table.op::<ec2::AssignPrivateIpAddressesRequest>(
        &["NetworkInterfaceId", "PrivateIpAddress.N", "SecondaryPrivateIpAddressCount", "AllowReassignment"],
        &[],
        assign,
    );
    table.op::<ec2::UnassignPrivateIpAddressesRequest>(&["NetworkInterfaceId", "PrivateIpAddress.N"], &[], unassign);
}

/// The private addresses that a request wants for a new interface.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// `None`: one of the subnet's free addresses.
    pub primary: Option<Ipv4Addr>,
    pub secondary: Vec<Ipv4Addr>,
    /// Free ones, besides.
    pub secondary_count: usize,
}

impl Addresses {
    /// From the three parameters that CreateNetworkInterface and RunInstances have for it.
    pub fn read(
        one: &Option<String>,
        many: &Option<Vec<ec2::PrivateIpAddressSpecification>>,
        secondary_count: Option<i32>,
    ) -> Result<Self, AwsError> {
        let mut primary = one.as_deref().map(parse).transpose()?;
        let mut secondary = Vec::new();
        for spec in many.iter().flatten() {
            let text = spec.private_ip_address.as_deref();
            let ip = parse(text.ok_or_else(|| AwsError::missing_parameter("PrivateIpAddresses.PrivateIpAddress"))?)?;
            if spec.primary != Some(true) {
                secondary.push(ip);
            } else if primary.replace(ip).is_some() {
                let message = "Only one primary private IP address can be specified.";
                return Err(AwsError::invalid_parameter_combination(message));
            }
        }
        let secondary_count = match secondary_count {
            None => 0,
            Some(_) if !secondary.is_empty() => {
                let message = "A count of secondary private IP addresses and specific ones may not be specified together.";
                return Err(AwsError::invalid_parameter_combination(message));
            }
            Some(n) => usize::try_from(n).map_err(|_| {
                AwsError::invalid_value("secondaryPrivateIpAddressCount", &n.to_string(), "It must not be negative.")
            })?,
        };
        Ok(Self { primary, secondary, secondary_count })
    }

    /// Whether an address is named, which only one interface can have.
    pub fn names_any(&self) -> bool {
        self.primary.is_some() || !self.secondary.is_empty()
    }

    pub fn check_count(&self, max: usize) -> Result<(), AwsError> {
        check_count(1 + self.secondary.len().saturating_add(self.secondary_count), max)
    }

    /// Addresses of the subnet that nobody has, the primary one first.
    pub fn choose(&self, ctx: &mut Ctx, subnet: &Subnet) -> Result<Vec<Ipv4Addr>, AwsError> {
        let mut used = used(ctx, subnet);
        let mut take = |ip: Ipv4Addr| {
            check_address(subnet, &used, ip)?;
            used.insert(ip);
            Ok::<_, AwsError>(ip)
        };
        let primary = self.primary.map(&mut take).transpose()?;
        let secondary = self.secondary.iter().map(|ip| take(*ip)).collect::<Result<Vec<_>, _>>()?;
        let mut chosen = vec![match primary {
            Some(ip) => ip,
            None => free_address(ctx, subnet, &used)?,
        }];
        chosen.extend(secondary);
        used.extend(&chosen);
        for _ in 0..self.secondary_count {
            let ip = free_address(ctx, subnet, &used)?;
            used.insert(ip);
            chosen.push(ip);
        }
        Ok(chosen)
    }
}

pub fn parse(text: &str) -> Result<Ipv4Addr, AwsError> {
    text.parse().map_err(|_| AwsError::invalid_parameter_value(format!("invalid value for parameter address: {text}")))
}

pub fn check_count(count: usize, max: usize) -> Result<(), AwsError> {
    if count > max {
        let message = "Number of private addresses will exceed limit.";
        return Err(AwsError::new("PrivateIpAddressLimitExceeded", message));
    }
    Ok(())
}

fn used(ctx: &Ctx, subnet: &Subnet) -> BTreeSet<Ipv4Addr> {
    let here = ctx.db.list::<Interface>(&subnet.account).filter(|i| i.subnet == subnet.id);
    here.flat_map(|i| i.ipv4.clone()).collect()
}

fn check_place(subnet: &Subnet, ip: Ipv4Addr) -> Result<(), AwsError> {
    if !subnet.cidr.contains(ip) {
        let message = format!("Address {ip} does not fall within the subnet's address range");
        return Err(AwsError::invalid_parameter_value(message));
    }
    if !is_assignable(subnet.cidr, ip) {
        return Err(AwsError::invalid_parameter_value(format!("Address {ip} is in subnet's reserved address range")));
    }
    Ok(())
}

/// Whether an interface of the subnet can get it.
pub fn check_address(subnet: &Subnet, used: &BTreeSet<Ipv4Addr>, ip: Ipv4Addr) -> Result<Ipv4Addr, AwsError> {
    check_place(subnet, ip)?;
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
pub fn free_address(ctx: &mut Ctx, subnet: &Subnet, used: &BTreeSet<Ipv4Addr>) -> Result<Ipv4Addr, AwsError> {
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

fn assign(ctx: &mut Ctx, req: Authorized<ec2::AssignPrivateIpAddressesRequest>) -> OpResult<ec2::AssignPrivateIpAddressesResult> {
    let row = find::<Interface>(ctx, required(&req.network_interface_id, "NetworkInterfaceId")?)?;
    check_unmanaged(&row)?;
    let subnet = find::<Subnet>(ctx, &row.subnet.to_string())?;
    let max = size_of(ctx, &row).map_or(PER_INTERFACE_MAX, |s| s.ipv4_per_interface as usize);
    let mut wanted = Vec::new();
    match (req.private_ip_addresses.as_deref().filter(|a| !a.is_empty()), req.secondary_private_ip_address_count) {
        (Some(_), Some(_)) => {
            let message = "privateIpAddress and secondaryPrivateIpAddressCount may not be specified together";
            return Err(AwsError::invalid_parameter_combination(message).into());
        }
        (None, None) => {
            return Err(AwsError::missing_parameter("PrivateIpAddress or SecondaryPrivateIpAddressCount").into());
        }
        (Some(named), None) => {
            for text in named {
                let ip = parse(text)?;
                check_place(&subnet, ip)?;
                if !wanted.contains(&ip) {
                    wanted.push(ip);
                }
            }
        }
        (None, Some(n)) => {
            let count = usize::try_from(n).ok().filter(|n| *n > 0).ok_or_else(|| {
                AwsError::invalid_value("secondaryPrivateIpAddressCount", &n.to_string(), "It must be at least 1.")
            })?;
            check_count(row.ipv4.len() + count, max)?;
            let mut used = used(ctx, &subnet);
            for _ in 0..count {
                let ip = free_address(ctx, &subnet, &used)?;
                used.insert(ip);
                wanted.push(ip);
            }
        }
    }
    // Those that it has already are given to it again without effect.
    let new: Vec<Ipv4Addr> = wanted.iter().copied().filter(|ip| !row.ipv4.contains(ip)).collect();
    check_count(row.ipv4.len() + new.len(), max)?;
    take_over(ctx, &row, &new, req.allow_reassignment == Some(true))?;
    ctx.db.update::<Interface>(&row.account, row.id, |i| i.ipv4.extend(&new));
    let shown = |ip: &Ipv4Addr| ec2::AssignedPrivateIpAddress { private_ip_address: Some(ip.to_string()) };
    Ok(ec2::AssignPrivateIpAddressesResult {
        network_interface_id: Some(row.id.to_string()),
        assigned_private_ip_addresses: Some(wanted.iter().map(shown).collect()),
        assigned_ipv4_prefixes: None,
    })
}

/// Takes addresses from the interfaces of the subnet that have them. Their elastic addresses come along: "When a secondary
/// private IPv4 address is reassigned to another interface, [it] retains its association" (EC2 User Guide, "Secondary IP
/// addresses").
fn take_over(ctx: &mut Ctx, row: &Interface, addresses: &[Ipv4Addr], allowed: bool) -> Result<(), AwsError> {
    let holds = |i: &Rc<Interface>| i.subnet == row.subnet && i.id != row.id && i.ipv4.iter().any(|ip| addresses.contains(ip));
    let holders: Vec<Rc<Interface>> = ctx.db.list::<Interface>(&row.account).filter(holds).collect();
    if holders.is_empty() {
        return Ok(());
    }
    let list = || addresses.iter().map(Ipv4Addr::to_string).collect::<Vec<_>>().join(", ");
    if !allowed {
        let message = format!("Some of [{}] are assigned, but move is not allowed.", list());
        return Err(AwsError::invalid_parameter_value(message));
    }
    if holders.iter().any(|i| i.ipv4.first().is_some_and(|ip| addresses.contains(ip))) {
        let message = format!("Some of [{}] are primary addresses, which cannot be reassigned.", list());
        return Err(AwsError::invalid_parameter_value(message));
    }
    for holder in holders {
        ctx.db.update::<Interface>(&row.account, holder.id, |i| i.ipv4.retain(|ip| !addresses.contains(ip)));
        let moves = |a: &Rc<Address>| {
            a.association.as_ref().is_some_and(|x| x.interface == holder.id && addresses.contains(&x.private_ip))
        };
        for a in ctx.db.list::<Address>(&row.account).filter(moves).collect::<Vec<_>>() {
            ctx.db.update::<Address>(&row.account, a.allocation, |a| {
                if let Some(x) = &mut a.association {
                    x.interface = row.id;
                }
            });
        }
    }
    Ok(())
}

fn unassign(ctx: &mut Ctx, req: Authorized<ec2::UnassignPrivateIpAddressesRequest>) -> OpResult<()> {
    let row = find::<Interface>(ctx, required(&req.network_interface_id, "NetworkInterfaceId")?)?;
    check_unmanaged(&row)?;
    let named = req.private_ip_addresses.as_deref().unwrap_or_default();
    if named.is_empty() {
        return Err(AwsError::missing_parameter("PrivateIpAddress").into());
    }
    let gone = named.iter().map(|text| parse(text)).collect::<Result<BTreeSet<_>, _>>()?;
    let list = || gone.iter().map(Ipv4Addr::to_string).collect::<Vec<_>>().join(", ");
    if row.ipv4.first().is_some_and(|ip| gone.contains(ip)) {
        let message = format!("Some of [{}] are primary addresses, which cannot be unassigned.", list());
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    if gone.iter().any(|ip| !row.ipv4.contains(ip)) {
        let message = format!("Some of [{}] are not assigned to interface {}", list(), row.id);
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    // "When you unassign a secondary private IPv4 address from an interface, the associated Elastic IP address is disassociated."
    let theirs = |a: &Rc<Address>| a.association.as_ref().is_some_and(|x| x.interface == row.id && gone.contains(&x.private_ip));
    for a in ctx.db.list::<Address>(&row.account).filter(theirs).collect::<Vec<_>>() {
        ctx.db.update::<Address>(&row.account, a.allocation, |a| a.association = None);
    }
    ctx.db.update::<Interface>(&row.account, row.id, |i| i.ipv4.retain(|ip| !gone.contains(ip)));
    Ok(())
}
