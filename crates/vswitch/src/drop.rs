//! Why a packet was dropped. One reason a packet, counted at the port (where one is known) and at the switch.

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum DropReason { $($(#[$doc])* $variant,)* }

        impl DropReason {
            pub const ALL: &'static [DropReason] = &[$(DropReason::$variant,)*];
            pub const COUNT: usize = Self::ALL.len();

            /// The name in statistics.
            pub fn name(self) -> &'static str {
                match self { $(DropReason::$variant => $name,)* }
            }
        }
    };
}

reasons! {
    /// The port has no configuration (yet, or any more).
    UnknownPort = "unknown-port",
    RuntFrame = "runt-frame",
    /// Neither ARP nor IP.
    Ethertype = "ethertype",
    /// The port has no IPv6 addresses; or it is a NAT gateway's, which translates none.
    Ipv6 = "ipv6",
    /// An IPv6 extension header that is not known, not where it belongs, or one too many.
    ExtensionHeader = "extension-header",
    NeighborMalformed = "neighbor-malformed",
    /// The sender's address is not the port's, or the link address is not: cache poisoning.
    NeighborSpoofed = "neighbor-spoofed",
    /// A guest that advertises: itself as a router, a better way, or any address.
    AdvertisementSpoofed = "advertisement-spoofed",
    /// Nothing to answer: a probe of the port's own address, an announcement of it, an address outside the subnet.
    NeighborIgnored = "neighbor-ignored",
    /// Of multicast groups (MLD): there are none.
    MulticastListener = "multicast-listener",
    /// From outside, to a VPC that only goes out, and for nothing that was asked for.
    EgressOnly = "egress-only",
    SourceMacSpoofed = "source-mac-spoofed",
    SourceIpSpoofed = "source-ip-spoofed",
    /// Broadcast that is neither ARP nor DHCP.
    Broadcast = "broadcast",
    Multicast = "multicast",
    ArpMalformed = "arp-malformed",
    /// The sender's fields are not the port's: cache poisoning.
    ArpSpoofed = "arp-spoofed",
    /// Nothing to answer: a probe or announcement of the port's own address, a reply, an address outside the subnet.
    ArpIgnored = "arp-ignored",
    IpMalformed = "ip-malformed",
    /// Source routes and their kin do not cross the switch.
    IpOptions = "ip-options",
    L4Malformed = "l4-malformed",
    /// A first fragment too short to hold the whole TCP, UDP or ICMP header (RFC 1858).
    FragmentTiny = "fragment-tiny",
    /// A later fragment whose first one was not seen or not let through.
    FragmentUnknown = "fragment-unknown",
    FragmentOverlap = "fragment-overlap",
    FragmentToService = "fragment-to-service",
    OverMtu = "over-mtu",
    DhcpMalformed = "dhcp-malformed",
    /// Release, decline, or meant for another server.
    DhcpIgnored = "dhcp-ignored",
    /// A guest that answers as a DHCP server.
    DhcpServerSpoofed = "dhcp-server-spoofed",
    DnsMalformed = "dns-malformed",
    DnsDisabled = "dns-disabled",
    /// To the subnet's gateway, but neither echo nor DHCP.
    ToGateway = "to-gateway",
    /// To the resolver, but not DNS over UDP.
    ToResolver = "to-resolver",
    /// To a link-local address that has no service.
    LinkLocal = "link-local",
    MetadataDisabled = "metadata-disabled",
    SecurityGroupEgress = "security-group-egress",
    SecurityGroupIngress = "security-group-ingress",
    /// The ACL of the subnet that it would enter.
    NetworkAclIngress = "network-acl-ingress",
    /// The ACL of the subnet that it would leave.
    NetworkAclEgress = "network-acl-egress",
    /// The port's token buckets are empty.
    RateLimited = "rate-limited",
    /// An ICMP error about no tracked flow.
    IcmpUnrelated = "icmp-unrelated",
    /// The port has as many flows as it may, and none that is idle enough to give way.
    FlowTableFull = "flow-table-full",
    NoRoute = "no-route",
    Blackhole = "blackhole",
    /// Through a peering with a source that is not the VPC's: nothing goes on from elsewhere.
    BeyondPeering = "beyond-peering",
    /// No route in the transit gateway's table, or a table of the far VPC that is not there.
    TransitNoRoute = "transit-no-route",
    TransitBlackhole = "transit-blackhole",
    /// From a transit gateway to an internet gateway, peering, endpoint or another transit gateway.
    BeyondTransit = "beyond-transit",
    /// From another VPC with an address of the VPC that it would enter.
    OverlappingSource = "overlapping-source",
    /// To an endpoint's service, but not TCP.
    EndpointProtocol = "endpoint-protocol",
    /// To an endpoint's service through a NAT gateway or from an instance that routes for others.
    EndpointNotOwn = "endpoint-not-own",
    /// Neither TCP, UDP nor ICMP echo.
    NatProtocol = "nat-protocol",
    /// A NAT gateway translates fragments of UDP only.
    NatFragment = "nat-fragment",
    /// To a NAT gateway's address, for no connection of its.
    NatNoEntry = "nat-no-entry",
    /// All ports towards this destination are in use: ErrorPortAllocation.
    NatPortsExhausted = "nat-ports-exhausted",
    NatTableFull = "nat-table-full",
    /// A load balancer's listener has no target.
    BalancerNoTarget = "balancer-no-target",
    /// To a load balancer's node, for no connection of its.
    BalancerNoEntry = "balancer-no-entry",
    /// The target would not tell the connection from another one of the same client's port.
    BalancerCollision = "balancer-collision",
    BalancerTableFull = "balancer-table-full",
    /// Through too many NAT gateways and load balancers.
    NatLoop = "nat-loop",
    /// The TTL ran out at a NAT gateway.
    TtlExpired = "ttl-expired",
    /// The route leads back to the port that sent it.
    Hairpin = "hairpin",
    /// A directory would have to say who has the address: none answered in time, or another packet waits for the answer.
    Unresolved = "unresolved",
    /// The port asks for more addresses than it may, or the host does.
    ResolveLimit = "resolve-limit",
    /// On the directories' VNI, but from none, or not a message.
    DirectoryMessage = "directory-message",
    /// No interface of the VPC has the address.
    NoSuchDestination = "no-such-destination",
    /// The interface is on no host at present.
    DestinationNotPlaced = "destination-not-placed",
    /// The target port checks destinations and the packet is not for one of its addresses.
    DestinationNotPort = "destination-not-port",
    /// Loopback, "this network", class E, multicast.
    MartianDestination = "martian-destination",
    NoPublicAddress = "no-public-address",
    PublicAddressUnowned = "public-address-unowned",
    NoEdge = "no-edge",
    VxlanMalformed = "vxlan-malformed",
    UnknownUnderlaySource = "unknown-underlay-source",
    UnknownVni = "unknown-vni",
    VniNotOfSender = "vni-not-of-sender",
    /// The inner source is not an interface at the sending host.
    InnerSourceSpoofed = "inner-source-spoofed",
    /// No port of this host has the inner destination.
    NoSuchPort = "no-such-port",
}

/// A counter for each [`DropReason`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropCounts([u64; DropReason::COUNT]);

impl Default for DropCounts {
    fn default() -> Self {
        Self([0; DropReason::COUNT])
    }
}

impl DropCounts {
    pub(crate) fn count(&mut self, reason: DropReason) {
        self.0[reason as usize] += 1;
    }

    pub(crate) fn set(&mut self, reason: DropReason, n: u64) {
        self.0[reason as usize] = n;
    }

    pub fn get(&self, reason: DropReason) -> u64 {
        self.0[reason as usize]
    }

    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The reasons that have happened.
    pub fn iter(&self) -> impl Iterator<Item = (DropReason, u64)> + '_ {
        DropReason::ALL.iter().map(|&r| (r, self.get(r))).filter(|(_, n)| *n > 0)
    }
}
