//! The packet engine of one host's switch: frames in, verdicts out. No sockets, no clock, no threads, no async.
//!
//! The card owns a [`Switch`] and feeds it frames of guests ([`Switch::from_port`]) and VXLAN datagrams of other hosts
//! ([`Switch::from_underlay`]); what leaves comes out through a [`Sink`]. Every packet ends in exactly one of: deliver to a
//! port, a datagram to another host, a frame for the card's own services, a reply to the port that asked, or one counted
//! [`DropReason`].
//!
//! ```text
//! guest ─ from_port ─ parse ─ flow hit ───────────────────────────────────── action ─┬─ underlay (VXLAN)
//!                       └─ miss: anti-spoof, services, egress rules, route, NAT ──────┤
//! host ── from_underlay ─ VNI, sender, DNAT ─────────────────────────────────────────┴─ port: ingress rules ─ deliver
//! ```
//!
//! A port's flow table is keyed in the guest's view (local, remote), so one entry serves both directions, holds the state
//! of the connection and the composed action. Entries carry the configuration's epoch: a change bumps it, and a stale
//! hit walks the layers again. `README.md` in this crate holds the decisions (TTL, timeouts, limits).

mod acl;
mod balanced;
pub mod build;
mod compile;
mod config;
mod conntrack;
mod drop;
mod egress;
mod egress6;
mod family;
mod flow;
mod flow_log;
mod fragment;
mod frame;
pub mod fuzz;
mod ingress;
mod ip;
mod kept;
pub mod maglev;
mod nat;
mod nat_gateway;
mod nat_table;
mod network_balancer;
pub mod parse;
pub mod parse6;
mod peers;
mod port;
mod rate;
mod resolve;
mod route;
mod security;
mod services;
mod slab;
mod state;
mod switch;
mod table;
mod trace;
pub mod vxlan;

pub use config::ConfigError;
pub use drop::{DropCounts, DropReason};
pub use flow::{FLOW_BYTES, FLOW6_BYTES, FlowView};
pub use flow_log::FlowRecord;
pub use frame::FrameBuf;
pub use kept::{KeptWords, kept_bytes};
pub use nat_table::{NAT_ENTRY_BYTES, NAT_PORTS_PER_DESTINATION, NatStats};
pub use port::{PortIndex, PortStats};
pub use resolve::ResolveStats;
pub use state::{STATE_FORMAT, StateError};
pub use switch::{Options, Sink, Switch};
pub use trace::{Probe, Step};

use types::MacAddr;

/// The link address of everything that is not the guest itself: gateway, peers, services. The same on every port.
pub const ROUTER_MAC: MacAddr = MacAddr([0x02, 0x53, 0x54, 0x52, 0x00, 0x01]);

/// TCP to this address goes to [`Sink::local`]: the metadata service (port 80), and the answers to connections that the
/// host's services opened to the guest from this address.
pub const METADATA_ADDRESS: std::net::Ipv4Addr = std::net::Ipv4Addr::new(169, 254, 169, 254);

/// The resolver's second address; the first is the VPC's base + 2.
pub const RESOLVER_ADDRESS: std::net::Ipv4Addr = std::net::Ipv4Addr::new(169, 254, 169, 253);

/// The metadata service by IPv6, as [`METADATA_ADDRESS`].
pub const METADATA_ADDRESS6: std::net::Ipv6Addr = std::net::Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// The resolver by IPv6.
pub const RESOLVER_ADDRESS6: std::net::Ipv6Addr = std::net::Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253);

/// The router's address on every link: EUI-64 (RFC 4291, appendix A) of [`ROUTER_MAC`].
pub const ROUTER_ADDRESS6: std::net::Ipv6Addr = link_local(ROUTER_MAC);

/// The link-local address that EUI-64 makes of a link address: the only one that a guest may use.
pub const fn link_local(mac: MacAddr) -> std::net::Ipv6Addr {
    let [a, b, c, d, e, f] = mac.0;
    std::net::Ipv6Addr::from_octets([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f])
}

/// What an internet gateway carries at most, as in EC2.
pub const INTERNET_MTU: u16 = 1500;
