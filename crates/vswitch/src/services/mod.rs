//! What the host answers in place of the network: ARP, neighbour discovery, DHCP, DNS, echo to the gateway, "fragmentation needed", RST. Each writes
//! its reply into the caller's buffer, or says why there is none. They need nothing but the port's own tables, so they go on
//! with everything else dead.

pub(crate) mod arp;
pub(crate) mod dhcp;
pub(crate) mod dhcp6;
pub(crate) mod dns;
pub(crate) mod icmp;
pub(crate) mod icmp6;
pub(crate) mod nd;
pub(crate) mod tcp;

/// What kind of reply was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Arp,
    Neighbor,
    /// A router advertisement.
    Router,
    DhcpOffer,
    DhcpAck,
    DhcpNak,
    Dns,
    DnsRefused,
    Echo,
    TooBig,
}
