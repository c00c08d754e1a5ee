//! VPCs and what is in them: subnets, groups, routes, gateways, interfaces, addresses.
//!
//! One module a resource. Each finds rows through [`lookup`], which knows the resource's error codes; a reply is computed
//! from the rows each time. What other parts call (launching, the compiler) is re-exported here.

use crate::dispatch::Table;
use crate::quota::table as quota;

pub mod address;
pub mod block;
pub mod default_vpc;
pub mod dhcp_options;
mod egress_only_gateway;
pub mod endpoint;
pub mod flow_log;
mod flow_log_check;
pub mod interface;
pub mod interface_addresses;
pub mod interface_attach;
pub mod interface_attributes;
pub mod interface_ipv6;
pub mod interface_view;
pub mod internet_gateway;
pub mod lookup;
pub mod nat_gateway;
pub mod nat_router;
pub mod network_acl;
mod network_acl_entry;
pub mod peering;
mod peering_view;
pub mod permission;
pub mod prefix_list;
pub mod public_ip;
pub mod route;
pub mod route_table;
pub mod rows;
pub mod security_group;
pub mod security_group_reference;
pub mod security_group_rule;
pub mod subnet;
pub mod subnet_ipv6;
#[cfg(test)]
pub(crate) mod tests;
pub mod transit_attachment;
pub mod transit_gateway;
pub mod transit_route;
pub mod transit_table;
pub mod vpc;
pub mod vpc_cidr;
mod vpc_ipv6;
pub mod zone;

pub use address::{assign_auto_public_ip, public_ip_of, release_auto_public_ip};
pub use default_vpc::create_default_vpc;
pub use interface::{NewAttachment, NewInterface, delete_interface, make_interface};
pub use interface_view::{to_ec2_interface, to_instance_interface};
pub use route_table::route_table_of;
pub use security_group::resolve_groups;
pub use subnet::{find_launch_subnet, launch_zones};

pub fn register(table: &mut Table) {
    vpc::register(table);
    default_vpc::register(table);
    dhcp_options::register(table);
    network_acl::register(table);
    network_acl_entry::register(table);
    nat_gateway::register(table);
    peering::register(table);
    peering_view::register(table);
    vpc_cidr::register(table);
    prefix_list::register(table);
    endpoint::register(table);
    flow_log::register(table);
    transit_gateway::register(table);
    transit_attachment::register(table);
    transit_table::register(table);
    transit_route::register(table);
    subnet::register(table);
    subnet_ipv6::register(table);
    security_group::register(table);
    security_group_rule::register(table);
    security_group_reference::register(table);
    route_table::register(table);
    route::register(table);
    internet_gateway::register(table);
    egress_only_gateway::register(table);
    interface::register(table);
    interface_addresses::register(table);
    interface_ipv6::register(table);
    interface_attach::register(table);
    interface_attributes::register(table);
    interface_view::register(table);
    address::register(table);
}
