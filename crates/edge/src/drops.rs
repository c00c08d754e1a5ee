//! Why the edge dropped a packet or refused a connection. One counter a reason; `edge/Status` shows those that happened.

use std::cell::Cell;
use std::collections::BTreeMap;

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Drop { $($(#[$doc])* $variant,)* }

        impl Drop {
            const ALL: &'static [Drop] = &[$(Drop::$variant,)*];

            pub fn name(self) -> &'static str {
                match self { $(Drop::$variant => $name,)* }
            }
        }
    };
}

reasons! {
    /// The datagram's sender is none of the configured hosts.
    UnknownUnderlaySource = "unknown-underlay-source",
    VxlanMalformed = "vxlan-malformed",
    /// Another network than [`types::Vni::INTERNET`]: no VPC reaches the edge.
    UnknownVni = "unknown-vni",
    Ethertype = "ethertype",
    PacketMalformed = "packet-malformed",
    /// TCP, UDP or ICMP whose checksum does not match.
    Checksum = "checksum",
    /// The sending host does not own the packet's source address.
    SourceNotOwned = "source-not-owned",
    /// To the edge's own address, but of no connection that it opened.
    NoFlow = "no-flow",
    /// A public address that is nobody's (any more), as the destination of what comes from outside.
    NoOwner = "no-owner",
    /// Loopback, "this network", link-local.
    ToLocal = "to-local",
    ToMulticast = "to-multicast",
    ToReserved = "to-reserved",
    /// The pool's addresses are reached directly, not through the edge.
    ToPool = "to-pool",
    /// The cloud's own underlay.
    ToUnderlay = "to-underlay",
    /// To the address of `--host-route`, which is not in use here.
    NoHostRoute = "no-host-route",
    /// Neither TCP, UDP nor an echo request.
    Protocol = "protocol",
    /// Datagrams in fragments are not put together here.
    Fragment = "fragment",
    /// An ICMP error, of which sockets outside cannot be told.
    IcmpError = "icmp-error",
    /// A connection's queue is full: TCP sends again.
    QueueFull = "queue-full",
    /// The system took no more (socket buffer full, or an error).
    SendFailed = "send-failed",
    ConnectionsMax = "connections-max",
    FlowsMax = "flows-max",
    /// The system refused a socket for an outbound flow.
    SocketFailed = "socket-failed",
    /// A packet from the machine's own route with another source or destination than it may have.
    HostRouteAddress = "host-route-address",
    /// The instance (or the destination outside) refused the connection.
    ConnectRefused = "connect-refused",
    ConnectTimeout = "connect-timeout",
}

/// A counter for each [`Drop`].
#[derive(Debug)]
pub struct Drops(Vec<Cell<u64>>);

impl Drops {
    pub fn new() -> Self {
        Self(Drop::ALL.iter().map(|_| Cell::new(0)).collect())
    }

    pub fn count(&self, reason: Drop) {
        let counter = &self.0[reason as usize];
        counter.set(counter.get() + 1);
    }

    /// Those that have happened.
    pub fn report(&self) -> BTreeMap<String, u64> {
        Drop::ALL.iter().map(|&d| (d.name().to_owned(), self.0[d as usize].get())).filter(|(_, n)| *n > 0).collect()
    }
}
