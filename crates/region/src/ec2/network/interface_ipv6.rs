//! IPv6 addresses of interfaces: which ones a new interface gets, and those that come and go later.
//!
//! Source: AssignIpv6Addresses and UnassignIpv6Addresses in the EC2 API reference; "Subnet sizing for IPv6" in the VPC user
//! guide for the reserved ones.

use super::address::check_unmanaged;
use super::interface_addresses::PER_INTERFACE_MAX;
use super::interface_attach::size_of;
use super::lookup::{find, required};
use crate::context::{Authorized, Ctx, OpResult};
use crate::dispatch::Table;
use crate::rows::{Interface, Subnet};
use aws_protocol::{AwsError, ec2};
use std::collections::BTreeSet;
use std::net::Ipv6Addr;
use types::Ipv6Cidr;

/// "The first four IPv6 addresses and the last IPv6 address in each subnet CIDR block are not available."
const RESERVED_FIRST: u64 = 4;

pub fn register(table: &mut Table) {
    table.op::<ec2::AssignIpv6AddressesRequest>(&["NetworkInterfaceId", "Ipv6AddressCount", "Ipv6Addresses.N"], &[], assign);
    table.op::<ec2::UnassignIpv6AddressesRequest>(&["NetworkInterfaceId", "Ipv6Addresses.N"], &[], unassign);
}

/// The IPv6 addresses that a request wants for a new interface.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted6 {
    pub named: Vec<Ipv6Addr>,
    /// Random ones. `None`: as the subnet says.
    pub count: Option<usize>,
}

impl Wanted6 {
    /// From the two parameters that CreateNetworkInterface and RunInstances have for it.
    pub fn read(count: Option<i32>, named: &Option<Vec<ec2::InstanceIpv6Address>>) -> Result<Self, AwsError> {
        let text = |a: &ec2::InstanceIpv6Address| {
            let text = a.ipv6_address.as_deref().ok_or_else(|| AwsError::missing_parameter("Ipv6Addresses.Ipv6Address"))?;
            parse(text)
        };
        let named = named.iter().flatten().map(text).collect::<Result<Vec<_>, _>>()?;
        if count.is_some() && !named.is_empty() {
            return Err(both());
        }
        if let Some(twice) = named.iter().enumerate().find(|(n, ip)| named[..*n].contains(ip)) {
            return Err(AwsError::invalid_parameter_value(format!("The address {} is specified more than once.", twice.1)));
        }
        let count = count.map(|n| {
            usize::try_from(n)
                .map_err(|_| AwsError::invalid_value("ipv6AddressCount", &n.to_string(), "It must not be negative."))
        });
        Ok(Self { named, count: count.transpose()? })
    }

    /// How many an interface of the subnet gets.
    fn total(&self, subnet: &Subnet) -> usize {
        let by_itself = if self.named.is_empty() { usize::from(subnet.assign_ipv6) } else { 0 };
        self.named.len().saturating_add(self.count.unwrap_or(by_itself))
    }

    pub fn check_count(&self, subnet: &Subnet, max: usize) -> Result<(), AwsError> {
        check_count(self.total(subnet), max)
    }

    /// Addresses of the subnet's block that nobody has.
    pub fn choose(&self, ctx: &mut Ctx, subnet: &Subnet) -> Result<Vec<Ipv6Addr>, AwsError> {
        let total = self.total(subnet);
        if total == 0 {
            return Ok(Vec::new());
        }
        let block = block_of(subnet)?;
        let mut used = used(ctx, subnet);
        for ip in &self.named {
            check_place(block, *ip)?;
            if !used.insert(*ip) {
                return Err(AwsError::new("InvalidIPAddress.InUse", format!("Address {ip} is in use.")));
            }
        }
        let mut chosen = self.named.clone();
        while chosen.len() < total {
            chosen.push(free(ctx, block, &mut used));
        }
        Ok(chosen)
    }
}

fn both() -> AwsError {
    AwsError::invalid_parameter_combination("IPv6 addresses and IPv6 address count may not be specified on the same request")
}

fn parse(text: &str) -> Result<Ipv6Addr, AwsError> {
    let shown: String = text.chars().take(64).collect();
    text.parse().map_err(|_| AwsError::invalid_parameter_value(format!("invalid value for parameter ipv6-address: {shown}")))
}

pub fn check_count(count: usize, max: usize) -> Result<(), AwsError> {
    if count > max {
        let message = format!("Number of IPv6 addresses ({count}) exceeds the limit of the network interface ({max}).");
        return Err(AwsError::new("PrivateIpAddressLimitExceeded", message));
    }
    Ok(())
}

fn block_of(subnet: &Subnet) -> Result<Ipv6Cidr, AwsError> {
    subnet.ipv6.as_ref().map(|c| c.cidr).ok_or_else(|| {
        AwsError::invalid_parameter_value(format!("The subnet '{}' does not contain any IPv6 CIDR block ranges", subnet.id))
    })
}

fn used(ctx: &Ctx, subnet: &Subnet) -> BTreeSet<Ipv6Addr> {
    let here = ctx.db.list::<Interface>(&subnet.account).filter(|i| i.subnet == subnet.id);
    here.flat_map(|i| i.ipv6.clone()).collect()
}

/// Position in the block, a /64.
fn offset(ip: Ipv6Addr) -> u64 {
    ip.to_bits() as u64
}

fn check_place(block: Ipv6Cidr, ip: Ipv6Addr) -> Result<(), AwsError> {
    if !block.contains(ip) {
        let message = format!("Address {ip} does not fall within the subnet's address range");
        return Err(AwsError::invalid_parameter_value(message));
    }
    if offset(ip) < RESERVED_FIRST || ip == block.last() {
        return Err(AwsError::invalid_parameter_value(format!("Address {ip} is in subnet's reserved address range")));
    }
    Ok(())
}

/// Any free address, and marks it used. That all 2^64 are in use does not happen.
fn free(ctx: &mut Ctx, block: Ipv6Cidr, used: &mut BTreeSet<Ipv6Addr>) -> Ipv6Addr {
    loop {
        let ip = Ipv6Addr::from_bits(block.first().to_bits() | u128::from(ctx.rng().u64()));
        if check_place(block, ip).is_ok() && used.insert(ip) {
            return ip;
        }
    }
}

fn assign(ctx: &mut Ctx, req: Authorized<ec2::AssignIpv6AddressesRequest>) -> OpResult<ec2::AssignIpv6AddressesResult> {
    let row = find::<Interface>(ctx, required(&req.network_interface_id, "NetworkInterfaceId")?)?;
    check_unmanaged(&row)?;
    let subnet = find::<Subnet>(ctx, &row.subnet.to_string())?;
    let named = req.ipv6_addresses.as_deref().unwrap_or_default();
    let named = named.iter().map(|text| parse(text)).collect::<Result<BTreeSet<_>, _>>()?;
    let count = match (named.is_empty(), req.ipv6_address_count) {
        (false, Some(_)) => return Err(both().into()),
        (true, None) => return Err(AwsError::missing_parameter("Ipv6Addresses or Ipv6AddressCount").into()),
        (false, None) => 0,
        (true, Some(n)) => usize::try_from(n)
            .ok()
            .filter(|n| *n > 0)
            .ok_or_else(|| AwsError::invalid_value("ipv6AddressCount", &n.to_string(), "It must be at least 1."))?,
    };
    // Those that it has already are given to it again without effect.
    let new = Wanted6 { named: named.iter().copied().filter(|ip| !row.ipv6.contains(ip)).collect(), count: Some(count) };
    let max = size_of(ctx, &row).map_or(PER_INTERFACE_MAX, |s| s.ipv6_per_interface());
    check_count(row.ipv6.len().saturating_add(new.total(&subnet)), max)?;
    block_of(&subnet)?;
    let given = new.choose(ctx, &subnet)?;
    ctx.db.update::<Interface>(&row.account, row.id, |i| i.ipv6.extend(&given));
    let shown = if named.is_empty() { given } else { named.into_iter().collect() };
    Ok(ec2::AssignIpv6AddressesResult {
        assigned_ipv6_addresses: Some(shown.iter().map(Ipv6Addr::to_string).collect()),
        assigned_ipv6_prefixes: None,
        network_interface_id: Some(row.id.to_string()),
    })
}

fn unassign(ctx: &mut Ctx, req: Authorized<ec2::UnassignIpv6AddressesRequest>) -> OpResult<ec2::UnassignIpv6AddressesResult> {
    let row = find::<Interface>(ctx, required(&req.network_interface_id, "NetworkInterfaceId")?)?;
    check_unmanaged(&row)?;
    let named = req.ipv6_addresses.as_deref().unwrap_or_default();
    if named.is_empty() {
        return Err(AwsError::missing_parameter("Ipv6Addresses").into());
    }
    let gone = named.iter().map(|text| parse(text)).collect::<Result<BTreeSet<_>, _>>()?;
    let list = gone.iter().map(Ipv6Addr::to_string).collect::<Vec<_>>();
    if gone.iter().any(|ip| !row.ipv6.contains(ip)) {
        let message = format!("Some of [{}] are not assigned to interface {}", list.join(", "), row.id);
        return Err(AwsError::invalid_parameter_value(message).into());
    }
    ctx.db.update::<Interface>(&row.account, row.id, |i| i.ipv6.retain(|ip| !gone.contains(ip)));
    Ok(ec2::UnassignIpv6AddressesResult {
        network_interface_id: Some(row.id.to_string()),
        unassigned_ipv6_addresses: Some(list),
        unassigned_ipv6_prefixes: None,
    })
}
