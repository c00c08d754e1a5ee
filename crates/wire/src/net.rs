//! The network part of a host's configuration: everything a card needs to forward packets with nobody to ask.
//!
//! Complete for the VPCs that have a port on the host, and for those that these reach by a peering or a transit gateway: their
//! interfaces (who is where), groups, network ACLs, route tables. The switch compiles it into per-port tables. Shapes follow
//! the EC2 API's meaning, not its spelling. A router without a guest (a NAT gateway) is a port too.
//!
//! The two IP families are two networks over the same interfaces: rules, routes and addresses of IPv6 stand in lists of their
//! own (`..6`). What holds for both (a rule that names a group, for all protocols) stands in both.

use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, Ipv6Addr};
use types::{
    Generation, HostId, InstanceId, InterfaceId, Ipv4Cidr, Ipv6Cidr, MacAddr, NatGatewayId, NetworkAclId, PeeringId,
    PrefixListId, RouteTableId, SecurityGroupId, SecurityGroupRuleId, SubnetId, TransitGatewayId, Vni, VpcEndpointId, VpcId,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetConfig {
    pub format: u16,
    pub host: HostId,
    /// The host configuration's generation.
    pub generation: Generation,
    /// This host's VXLAN address.
    pub underlay: Ipv4Addr,
    pub vpcs: Vec<VpcConfig>,
    pub ports: Vec<PortConfig>,
    pub internet: InternetConfig,
    /// What gateway endpoints lead to.
    #[serde(default)]
    pub services: Vec<ServiceConfig>,
    /// What the resolvers of all these VPCs answer beside their own zones.
    #[serde(default)]
    pub names: Vec<NameConfig>,
}

impl NetConfig {
    /// Of a host with no port.
    pub fn empty(host: HostId, underlay: Ipv4Addr, generation: Generation) -> Self {
        let (vpcs, ports, services, names) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let internet = InternetConfig::default();
        Self { format: crate::FORMAT, host, generation, underlay, vpcs, ports, internet, services, names }
    }
}

/// A name in the outside's zones, such as a load balancer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameConfig {
    /// Lower case, without the last dot: `web-1234567890.us-east-1.elb.amazonaws.com`. It stands for itself alone.
    pub name: String,
    /// In no order; a resolver turns them with each answer. Those beyond the eighth are not told.
    pub addresses: Vec<Ipv4Addr>,
}

/// A service of the region that guests reach by TCP without leaving their VPC: each card hands the connections on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceConfig {
    /// `s3`
    pub name: String,
    /// `s3.us-east-1.amazonaws.com`: the VPC's resolver answers this name, and every name under it, with `addresses`.
    pub domain: String,
    /// What its prefix list holds as /32. In no VPC's CIDR, of no interface.
    pub addresses: Vec<Ipv4Addr>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcConfig {
    pub id: VpcId,
    pub vni: Vni,
    pub cidrs: Vec<Ipv4Cidr>,
    #[serde(default)]
    pub cidrs6: Vec<Ipv6Cidr>,
    /// An internet gateway is attached: who is outside may open connections to its IPv6 addresses, if the rules allow it.
    #[serde(default)]
    pub open6: bool,
    /// enableDnsSupport: the resolver at base+2 and 169.254.169.253 answers.
    pub dns_support: bool,
    /// enableDnsHostnames.
    pub dns_hostnames: bool,
    /// The private zone, `ec2.internal` in us-east-1, else `<region>.compute.internal`.
    pub domain: String,
    /// Every interface of the VPC, on all hosts. With `directories`: those of this document's ports, and those that routes name.
    pub interfaces: Vec<InterfaceEntry>,
    /// Not empty: the VPC is large. What is not in `interfaces` is asked of these VXLAN addresses, the first one first, when a
    /// packet needs it ([`crate::directory`]).
    #[serde(default)]
    pub directories: Vec<Ipv4Addr>,
    pub security_groups: Vec<SecurityGroupConfig>,
    pub route_tables: Vec<RouteTableConfig>,
    #[serde(default)]
    pub network_acls: Vec<NetworkAclConfig>,
    /// Those that its groups' rules name. Routes to a prefix list are written out.
    #[serde(default)]
    pub prefix_lists: Vec<PrefixListConfig>,
    /// Active ones. The peer is in `vpcs` too.
    #[serde(default)]
    pub peerings: Vec<PeeringConfig>,
    /// The transit gateways that it is attached to, each with the routes of the table its attachment is associated with.
    #[serde(default)]
    pub transit: Vec<TransitConfig>,
    /// Gateway endpoints: what `RouteTarget::Endpoint` leads to.
    #[serde(default)]
    pub endpoints: Vec<EndpointConfig>,
    /// Nodes of network load balancers, wherever they are: the hosts of their targets know them too.
    #[serde(default)]
    pub balancers: Vec<NetworkBalancer>,
}

/// A network load balancer's node. What comes to a listener's port of its interface goes on to a target, with the client's
/// address kept; the target's host sends the answers back the same way. IPv4 only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkBalancer {
    /// In `interfaces`. Its first address is the node's. Without security groups everything passes it.
    pub interface: InterfaceId,
    /// Keys the choice of targets, for all of its life: who knows it can choose a target.
    pub seed: [u64; 2],
    /// Protocol and port of each are different.
    pub listeners: Vec<NetworkListener>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkListener {
    pub protocol: Transport,
    pub port: u16,
    /// A connection that is idle for longer is forgotten: TCP 60 to 6000 (answered; else 60), UDP 120.
    pub idle_seconds: u16,
    /// A client's connections have the same target, whatever their ports.
    pub by_client: bool,
    /// Targets see the client's address; else the node's own, with a port of its choice. UDP: always.
    pub keeps_client: bool,
    /// Connections to a target that is not in `targets` any more end with their next packet; else they go on.
    pub ends_removed: bool,
    /// The same of one that is unhealthy while others are healthy.
    pub ends_unhealthy: bool,
    /// Those that the node may use; address and port of each are different.
    pub targets: Vec<NetworkTarget>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    Tcp,
    Udp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkTarget {
    /// Where the node's route table leads to.
    pub address: Ipv4Addr,
    pub port: u16,
    /// Its share beside the others'; at least 1.
    pub weight: u16,
    pub state: TargetState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetState {
    Healthy,
    /// Gets new connections when no target is healthy.
    Unhealthy,
    /// No new connections; those that it has go on.
    Draining,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAclConfig {
    pub id: NetworkAclId,
    /// The lowest number that matches decides; none: denied (the entry `*`).
    pub entries: Vec<NetworkAclEntry>,
    #[serde(default)]
    pub entries6: Vec<NetworkAclEntry<Ipv6Cidr>>,
}

/// Judges every packet that crosses the edge of a subnet, replies included (it knows no connections): `Ingress` what enters
/// the subnet, `Egress` what leaves it. Not what stays inside, nor DHCP, neighbour discovery, the resolver, the metadata service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAclEntry<C = Ipv4Cidr> {
    /// 1..=32766
    pub number: u16,
    pub direction: Direction,
    pub allow: bool,
    pub protocol: ProtocolMatch,
    /// The source of what enters, the destination of what leaves.
    pub cidr: C,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixListConfig {
    pub id: PrefixListId,
    /// Of one family: the other list is empty.
    pub entries: Vec<Ipv4Cidr>,
    #[serde(default)]
    pub entries6: Vec<Ipv6Cidr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeeringConfig {
    pub id: PeeringId,
    pub peer: VpcId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitConfig {
    pub id: TransitGatewayId,
    /// The longest prefix wins. Static routes before propagated ones of the same destination: only one is here.
    pub routes: Vec<TransitRoute>,
    #[serde(default)]
    pub routes6: Vec<TransitRoute<Ipv6Cidr>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitRoute<C = Ipv4Cidr> {
    pub destination: C,
    pub target: TransitTarget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransitTarget {
    Blackhole,
    /// Into a VPC, where the route table of the attachment's subnet takes over.
    Vpc {
        vpc: VpcId,
        table: RouteTableId,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointConfig {
    pub id: VpcEndpointId,
    /// [`ServiceConfig::name`]
    pub service: String,
    /// Its policy as it was written; `None`: everything may pass. Who serves judges by it.
    #[serde(default)]
    pub policy: Option<String>,
}

/// An interface as others see it: where to send what is for it, and which groups it is a member of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceEntry {
    pub id: InterfaceId,
    pub mac: MacAddr,
    /// Primary first.
    pub ipv4: Vec<Ipv4Addr>,
    #[serde(default)]
    pub ipv6: Vec<Ipv6Addr>,
    pub groups: Vec<SecurityGroupId>,
    /// The VXLAN address of its host; `None` while it is on none (a stopped instance, an unattached interface).
    pub underlay: Option<Ipv4Addr>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupConfig {
    pub id: SecurityGroupId,
    pub rules: Vec<SecurityRule>,
    #[serde(default)]
    pub rules6: Vec<SecurityRule<Ipv6Cidr>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Towards the instance.
    Ingress,
    /// From the instance.
    Egress,
}

/// One allowing rule (there are no denying ones). What no rule allows is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityRule<C = Ipv4Cidr> {
    pub id: SecurityGroupRuleId,
    pub direction: Direction,
    pub protocol: ProtocolMatch,
    pub peer: PeerMatch<C>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProtocolMatch {
    /// IpProtocol -1.
    All,
    /// Destination ports, inclusive.
    Tcp {
        from: u16,
        to: u16,
    },
    Udp {
        from: u16,
        to: u16,
    },
    /// `None` is -1: every type, every code. In lists of IPv6 it is ICMPv6 (58).
    Icmp {
        kind: Option<u8>,
        code: Option<u8>,
    },
    /// Another IP protocol, by number, all ports.
    Other(u8),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeerMatch<C = Ipv4Cidr> {
    Cidr(C),
    /// The addresses (the list's family, private ones) of the interfaces that are members of the group: one of the VPC, or of a peer.
    Group(SecurityGroupId),
    PrefixList(PrefixListId),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableConfig {
    pub id: RouteTableId,
    /// The longest prefix wins.
    pub routes: Vec<Route>,
    #[serde(default)]
    pub routes6: Vec<Route<Ipv6Cidr>>,
}

/// The interfaces that routes lead to.
pub fn routers(tables: &[RouteTableConfig]) -> std::collections::BTreeSet<InterfaceId> {
    let targets = |t: &RouteTableConfig| {
        let (v4, v6) = (t.routes.iter().map(|r| r.target), t.routes6.iter().map(|r| r.target));
        v4.chain(v6).collect::<Vec<_>>()
    };
    let targets = tables.iter().flat_map(targets);
    targets
        .filter_map(|target| match target {
            RouteTarget::Interface(id) | RouteTarget::NatGateway(id) => Some(id),
            _ => None,
        })
        .collect()
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route<C = Ipv4Cidr> {
    pub destination: C,
    pub target: RouteTarget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteTarget {
    /// Within the VPC.
    Local,
    InternetGateway,
    /// Of IPv6: to the outside, and back only what was asked for.
    EgressOnlyInternetGateway,
    /// Its target is gone: drop.
    Blackhole,
    /// To an interface of the VPC (an instance that routes; its source/destination check must be off).
    Interface(InterfaceId),
    /// To the interface of a NAT gateway of the VPC.
    NatGateway(InterfaceId),
    /// To the interface of the peer VPC that has the address, and nowhere beyond.
    Peering(PeeringId),
    TransitGateway(TransitGatewayId),
    /// To a service, by the card.
    Endpoint(VpcEndpointId),
}

/// A virtual network card on this host, or a NAT gateway's interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortConfig {
    pub id: InterfaceId,
    pub vpc: VpcId,
    pub subnet: SubnetId,
    pub subnet_cidr: Ipv4Cidr,
    /// A /64; the router's address in it is its first.
    #[serde(default)]
    pub subnet_cidr6: Option<Ipv6Cidr>,
    pub mac: MacAddr,
    /// Primary first.
    pub ipv4: Vec<Ipv4Addr>,
    /// What DHCPv6 gives, one after the other. The link-local address (EUI-64 of `mac`) is always its own.
    #[serde(default)]
    pub ipv6: Vec<Ipv6Addr>,
    /// Public addresses, one to one: what the internet gateway translates.
    pub public: Vec<PublicMapping>,
    pub groups: Vec<SecurityGroupId>,
    pub route_table: RouteTableId,
    /// Of its subnet; `None`: everything passes the subnet's edge.
    #[serde(default)]
    pub network_acl: Option<NetworkAclId>,
    pub source_dest_check: bool,
    pub mtu: u16,
    pub dhcp: DhcpConfig,
    /// `None`: this port has no metadata service.
    pub metadata: Option<MetadataConfig>,
    /// Set: no guest is here; the switch itself translates what comes. Groups and metadata are then empty.
    #[serde(default)]
    pub nat: Option<NatConfig>,
    /// Set: no guest is here; the card's own stack ends TCP connections for a process on the host. Groups hold as for a guest.
    #[serde(default)]
    pub terminator: Option<TerminatorConfig>,
    /// `None`: not limited.
    #[serde(default)]
    pub rate: Option<RateLimit>,
    /// Set: `rate` is that of this instance, the same for all of its ports, which use the same buckets. `None`: the port's own.
    #[serde(default)]
    pub rate_of: Option<InstanceId>,
    /// Flow logs want this port's records: seconds of one aggregation interval, 60 or 600.
    #[serde(default)]
    pub flow_log_seconds: Option<u16>,
}

/// A NAT gateway. Connections leave by the port's `ipv4` addresses, which `public` maps to the outside for a public one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatConfig {
    pub id: NatGatewayId,
    /// Connectivity type private: no internet gateway behind it, what it sends is routed by its route table.
    pub private: bool,
}

/// A port that a process stands behind, such as a load balancer's node. Connections that come in are handed on to it
/// ([`crate::card::Entered`]); it asks the card to open those that go out ([`crate::card::ForwardRequest::to`]). Both are packets
/// like any guest's: routes, groups and ACLs decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminatorConfig {
    /// TCP ports that are listened at, on each of the port's addresses. Others are answered with a reset.
    pub listen: Vec<u16>,
}

/// Token buckets of an instance, or of one interface, each direction its own. What a guest sends beyond them waits in its ring;
/// what is for it, or of a port without a ring, is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    pub bytes_per_second: u64,
    /// The bucket's size: how much may pass at once after a pause.
    pub burst_bytes: u64,
    pub packets_per_second: u64,
    pub burst_packets: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicMapping {
    pub private: Ipv4Addr,
    pub public: Ipv4Addr,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhcpConfig {
    /// `ip-10-0-0-5`
    pub hostname: String,
    /// Option 15.
    pub domain: String,
    /// Option 6; the VPC's resolver (base+2) unless the DHCP options say otherwise.
    pub dns_servers: Vec<Ipv4Addr>,
    pub lease_seconds: u32,
}

/// What the instance metadata service (169.254.169.254) tells this instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataConfig {
    pub instance: InstanceId,
    /// The device index of this port's interface. What follows about names, addresses and groups is of this interface.
    #[serde(default)]
    pub device_number: u32,
    pub reservation: String,
    pub account: String,
    pub image: String,
    pub instance_type: String,
    pub region: String,
    pub availability_zone: String,
    pub availability_zone_id: String,
    /// `ip-10-0-0-5.ec2.internal`
    pub local_hostname: String,
    pub public_hostname: Option<String>,
    pub public_ipv4: Option<Ipv4Addr>,
    pub launch_index: u32,
    pub launch_time_ms: u64,
    pub security_groups: Vec<String>,
    pub vpc_cidrs: Vec<Ipv4Cidr>,
    #[serde(default)]
    pub ipv6: Vec<Ipv6Addr>,
    #[serde(default)]
    pub subnet_cidr6: Option<Ipv6Cidr>,
    #[serde(default)]
    pub vpc_cidrs6: Vec<Ipv6Cidr>,
    /// (key name, OpenSSH line)
    pub public_keys: Vec<(String, String)>,
    /// Base64 as RunInstances received it.
    pub user_data: Option<String>,
    /// HttpTokens=required: no IMDSv1.
    pub tokens_required: bool,
    /// HttpPutResponseHopLimit, 1..=64.
    pub hop_limit: u8,
    /// HttpEndpoint=enabled.
    pub enabled: bool,
    /// InstanceMetadataTags=enabled: the tags shown under meta-data/tags/instance.
    pub tags: Option<Vec<(String, String)>>,
    #[serde(default)]
    pub profile: Option<InstanceProfile>,
    /// `None`: it is on demand.
    #[serde(default)]
    pub spot: Option<SpotLife>,
}

/// What a spot instance is told of its end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotLife {
    /// What will be done to it (`terminate`, `stop`) and when, milliseconds since 1970. Its cell says so.
    pub notice: Option<(String, u64)>,
}

/// The instance profile of an instance, under meta-data/iam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    pub arn: String,
    /// `AIPA…`
    pub id: String,
    /// When it was given to the instance, or its credentials were last made anew, milliseconds since 1970.
    pub updated_ms: u64,
    /// Name of its role; none: the profile has none.
    pub role: Option<String>,
    /// None: EC2 may not take on the role.
    pub credentials: Option<InstanceCredentials>,
}

/// Never logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceCredentials {
    pub access_key: String,
    pub secret_key: String,
    pub token: String,
    pub expires_ms: u64,
}

impl std::fmt::Debug for InstanceCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut f = f.debug_struct("InstanceCredentials");
        f.field("access_key", &self.access_key).field("expires_ms", &self.expires_ms).finish_non_exhaustive()
    }
}

/// The outside of the VPCs: public addresses and the way to them, carried on [`Vni::INTERNET`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetConfig {
    /// The pool that public addresses come from. An address of it that is not in `addresses` has no owner: drop.
    pub pool: Option<Ipv4Cidr>,
    /// Public addresses in use and the hosts that own them.
    pub addresses: Vec<PublicAddress>,
    /// The pool that VPCs' IPv6 blocks are cut from, as `pool`.
    #[serde(default)]
    pub pool6: Option<Ipv6Cidr>,
    /// IPv6 addresses of interfaces whose subnets have a way outside (internet gateway, egress-only or not).
    #[serde(default)]
    pub addresses6: Vec<PublicAddress<Ipv6Addr>>,
    /// The edge's VXLAN address: takes what goes outside the pool and sends what comes from outside.
    pub edge: Option<Ipv4Addr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAddress<A = Ipv4Addr> {
    pub address: A,
    pub underlay: Ipv4Addr,
}
