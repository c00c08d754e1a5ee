//! The network part of a host's configuration: everything a card needs to forward packets with nobody to ask.
//!
//! Complete for the VPCs that have a port on the host: their interfaces (who is where), groups, route tables. The switch
//! compiles it into per-port tables. Shapes follow the EC2 API's meaning, not its spelling.

use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use types::{
    Generation, HostId, InstanceId, InterfaceId, Ipv4Cidr, MacAddr, RouteTableId, SecurityGroupId, SecurityGroupRuleId, SubnetId,
    Vni, VpcId,
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
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcConfig {
    pub id: VpcId,
    pub vni: Vni,
    pub cidrs: Vec<Ipv4Cidr>,
    /// enableDnsSupport: the resolver at base+2 and 169.254.169.253 answers.
    pub dns_support: bool,
    /// enableDnsHostnames.
    pub dns_hostnames: bool,
    /// The private zone, `ec2.internal` in us-east-1, else `<region>.compute.internal`.
    pub domain: String,
    /// Every interface of the VPC, on all hosts.
    pub interfaces: Vec<InterfaceEntry>,
    pub security_groups: Vec<SecurityGroupConfig>,
    pub route_tables: Vec<RouteTableConfig>,
}

/// An interface as others see it: where to send what is for it, and which groups it is a member of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceEntry {
    pub id: InterfaceId,
    pub mac: MacAddr,
    /// Primary first.
    pub ipv4: Vec<Ipv4Addr>,
    pub groups: Vec<SecurityGroupId>,
    /// The VXLAN address of its host; `None` while it is on none (a stopped instance, an unattached interface).
    pub underlay: Option<Ipv4Addr>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupConfig {
    pub id: SecurityGroupId,
    pub rules: Vec<SecurityRule>,
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
pub struct SecurityRule {
    pub id: SecurityGroupRuleId,
    pub direction: Direction,
    pub protocol: ProtocolMatch,
    pub peer: PeerMatch,
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
    /// `None` is -1: every type, every code.
    Icmp {
        kind: Option<u8>,
        code: Option<u8>,
    },
    /// Another IP protocol, by number, all ports.
    Other(u8),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeerMatch {
    Cidr(Ipv4Cidr),
    /// The private addresses of the interfaces that are members of the group.
    Group(SecurityGroupId),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableConfig {
    pub id: RouteTableId,
    /// The longest prefix wins.
    pub routes: Vec<Route>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub destination: Ipv4Cidr,
    pub target: RouteTarget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteTarget {
    /// Within the VPC.
    Local,
    InternetGateway,
    /// Its target is gone: drop.
    Blackhole,
    /// To an interface of the VPC (an instance that routes; its source/destination check must be off).
    Interface(InterfaceId),
}

/// A virtual network card on this host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortConfig {
    pub id: InterfaceId,
    pub vpc: VpcId,
    pub subnet: SubnetId,
    pub subnet_cidr: Ipv4Cidr,
    pub mac: MacAddr,
    /// Primary first.
    pub ipv4: Vec<Ipv4Addr>,
    /// Public addresses, one to one: what the internet gateway translates.
    pub public: Vec<PublicMapping>,
    pub groups: Vec<SecurityGroupId>,
    pub route_table: RouteTableId,
    pub source_dest_check: bool,
    pub mtu: u16,
    pub dhcp: DhcpConfig,
    /// `None`: this port has no metadata service.
    pub metadata: Option<MetadataConfig>,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetConfig {
    /// The pool that public addresses come from. An address of it that is not in `addresses` has no owner: drop.
    pub pool: Option<Ipv4Cidr>,
    /// Public addresses in use and the hosts that own them.
    pub addresses: Vec<PublicAddress>,
    /// The edge's VXLAN address: takes what goes outside the pool and sends what comes from outside.
    pub edge: Option<Ipv4Addr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAddress {
    pub address: Ipv4Addr,
    pub underlay: Ipv4Addr,
}
