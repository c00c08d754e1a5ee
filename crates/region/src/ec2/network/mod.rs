//! VPCs and what is in them: subnets, groups, routes, gateways, interfaces, addresses.

use crate::dispatch::Table;

pub fn register(_table: &mut Table) {}
