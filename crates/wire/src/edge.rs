//! Region to edge: which public addresses stand where, and which ports to listen on for them.

use crate::{Applied, Empty, method};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use types::{Generation, InstanceId, Ipv4Cidr, Ipv6Cidr};

/// Whom guests see when somebody on this machine connects through an alias (RFC 5737, TEST-NET-2). No guest can reach it.
pub const OUTSIDE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
/// The machine's own address on the device of `up --host-route`.
pub const HOST_ROUTE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 2);
/// [`OUTSIDE`] by IPv6 (RFC 9637, documentation: carried by no network).
pub const OUTSIDE6: Ipv6Addr = Ipv6Addr::new(0x3fff, 0xfff, 0, 0, 0, 0, 0, 1);
/// [`HOST_ROUTE`] by IPv6.
pub const HOST_ROUTE6: Ipv6Addr = Ipv6Addr::new(0x3fff, 0xfff, 0, 0, 0, 0, 0, 2);

/// [`OUTSIDE`] of the family of a public address.
pub fn outside(of: IpAddr) -> IpAddr {
    if of.is_ipv4() { OUTSIDE.into() } else { OUTSIDE6.into() }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeConfig {
    pub format: u16,
    pub generation: Generation,
    pub pool: Ipv4Cidr,
    pub addresses: Vec<EdgeAddress>,
    /// What the IPv6 blocks of VPCs are cut from: no guest reaches it through the edge, as `pool`.
    #[serde(default)]
    pub pool6: Option<Ipv6Cidr>,
    /// IPv6 addresses that a route leads outside from. Ports only where that is an internet gateway: nobody comes in through
    /// an egress-only one.
    #[serde(default)]
    pub addresses6: Vec<EdgeAddress<Ipv6Addr>>,
    /// VXLAN addresses of all hosts: what comes from elsewhere is dropped.
    pub hosts: Vec<Ipv4Addr>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeAddress<A = Ipv4Addr> {
    pub public: A,
    /// The VXLAN address of the host that owns it.
    pub underlay: Ipv4Addr,
    pub instance: Option<InstanceId>,
    /// Ports that the groups open to the outside: the alias listens on these (at most 64; wide ranges are left to `forward`).
    pub tcp_ports: Vec<u16>,
    pub udp_ports: Vec<u16>,
}

method!(PushEdgeConfig, "edge/PushConfig", EdgeConfig => Applied);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeStatus {
    pub generation: Generation,
    pub aliases: Vec<AliasStatus>,
    /// The TAP of `up --host-route`, when asked for.
    pub host_route: Option<String>,
    pub connections: u64,
    pub drops: BTreeMap<String, u64>,
    pub problems: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasStatus {
    pub public: IpAddr,
    #[serde(default)]
    pub instance: Option<InstanceId>,
    /// 127.18.x.y for 198.18.x.y. An address of IPv6 has one of 127.20.0.0/15 for as long as the edge listens for it.
    pub alias: Ipv4Addr,
    /// (the instance's port, the port that listens: differs where the system keeps ports below 1024 for root)
    pub tcp: Vec<(u16, u16)>,
    pub udp: Vec<(u16, u16)>,
}

method!(GetEdgeStatus, "edge/Status", Empty => EdgeStatus);

/// Ports that an alias listens on at most, a protocol.
pub const ALIAS_PORTS_MAX: usize = 64;
