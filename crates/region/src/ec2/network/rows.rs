//! Rows of what surrounds a VPC's subnets: network ACLs, NAT gateways, peerings, DHCP options,
//! further CIDR blocks, prefix lists, endpoints, transit gateways.

use super::block::Block;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use types::{
    AccountId, AllocationId, CellId, DhcpOptionsId, EgressOnlyInternetGatewayId, FlowLogId, HostId, InterfaceId, Ipv4Cidr,
    Ipv6Cidr, NatGatewayId, NetworkAclId, PeeringId, PrefixListId, RouteTableId, SubnetCidrAssociationId, SubnetId, TimestampMs,
    TransitAttachmentId, TransitGatewayId, TransitRouteTableId, VpcCidrAssociationId, VpcEndpointId, VpcId,
};
use wire::flow::{FlowResource, Traffic};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkAcl {
    pub account: AccountId,
    pub id: NetworkAclId,
    pub vpc: VpcId,
    pub is_default: bool,
    /// By direction (ingress first) and number.
    pub entries: Vec<AclEntry>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AclEntry {
    pub egress: bool,
    /// 1..=32766
    pub number: u16,
    pub allow: bool,
    /// `-1` or an IP protocol number, as EC2 shows it.
    pub protocol: String,
    pub cidr: Block,
    /// Of TCP and UDP.
    pub ports: Option<(u16, u16)>,
    /// Type and code of the family's ICMP; -1 is any.
    pub icmp: Option<(i32, i32)>,
}

/// A CIDR block of a VPC besides its first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VpcCidr {
    pub association: VpcCidrAssociationId,
    pub cidr: Ipv4Cidr,
}

/// An IPv6 block of a VPC: a /56 of the region's pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VpcIpv6 {
    pub association: VpcCidrAssociationId,
    pub cidr: Ipv6Cidr,
}

/// The IPv6 block of a subnet: a /64 of one of its VPC's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubnetIpv6 {
    pub association: SubnetCidrAssociationId,
    pub cidr: Ipv6Cidr,
}

/// Lets IPv6 out of its VPC, and back only what was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EgressOnlyGateway {
    pub account: AccountId,
    pub id: EgressOnlyInternetGatewayId,
    pub vpc: VpcId,
}

/// What DHCP tells besides addresses. `None`: the option is not sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DhcpOptions {
    pub account: AccountId,
    pub id: DhcpOptionsId,
    pub domain_name: Option<String>,
    /// `AmazonProvidedDNS` or addresses.
    pub domain_name_servers: Vec<String>,
}

/// ```text
/// pending ──► available ──► deleting ──► deleted        failed: it never was
///    └────────────────────────▲
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NatState {
    Pending,
    Available,
    Deleting,
    Deleted,
    Failed,
}

impl NatState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
            Self::Failed => "failed",
        }
    }

    /// Whether it is to translate.
    pub fn is_wanted(self) -> bool {
        matches!(self, Self::Pending | Self::Available)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NatGateway {
    pub account: AccountId,
    pub id: NatGatewayId,
    pub vpc: VpcId,
    pub subnet: SubnetId,
    /// Its row is gone once this one is deleted or failed.
    pub interface: Option<InterfaceId>,
    /// Connectivity type private.
    pub private: bool,
    pub state: NatState,
    /// Code and sentence.
    pub failure: Option<(String, String)>,
    pub created: TimestampMs,
    pub deleted: Option<TimestampMs>,
    /// As they were given; kept to be shown after its end.
    pub addresses: Vec<NatAddress>,
    /// The host that translates.
    pub place: Option<RouterPlace>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NatAddress {
    pub private_ip: Option<Ipv4Addr>,
    pub allocation: Option<AllocationId>,
    pub public_ip: Option<Ipv4Addr>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouterPlace {
    pub cell: CellId,
    pub host: HostId,
    pub underlay: Ipv4Addr,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Peering {
    pub id: PeeringId,
    pub requester: PeeringSide,
    pub accepter: PeeringSide,
    pub state: PeeringState,
    /// When it came into this state.
    pub since: TimestampMs,
    /// Of a request that nobody has answered.
    pub expires: TimestampMs,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeeringSide {
    pub account: AccountId,
    pub vpc: VpcId,
    /// As they were at its end, to be shown when the VPC is gone; empty before.
    pub cidrs: Vec<Ipv4Cidr>,
    #[serde(default)]
    pub cidrs6: Vec<Ipv6Cidr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeeringState {
    PendingAcceptance,
    Active,
    Rejected,
    Expired,
    Failed,
    Deleted { by_requester: bool },
}

impl PeeringState {
    pub fn name(self) -> &'static str {
        match self {
            Self::PendingAcceptance => "pending-acceptance",
            Self::Active => "active",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Deleted { .. } => "deleted",
        }
    }
}

/// A customer-managed prefix list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrefixList {
    pub account: AccountId,
    pub id: PrefixListId,
    pub name: String,
    /// Its entries are of IPv6.
    #[serde(default)]
    pub ipv6: bool,
    pub max_entries: u32,
    /// From 1.
    pub version: i64,
    /// By CIDR.
    pub entries: Vec<PrefixEntry>,
    /// Earlier versions, oldest first.
    pub history: Vec<(i64, Vec<PrefixEntry>)>,
    /// `create-complete`, `modify-complete`, `restore-complete`
    pub state: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrefixEntry {
    pub cidr: Block,
    pub description: Option<String>,
}

/// A gateway endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VpcEndpoint {
    pub account: AccountId,
    pub id: VpcEndpointId,
    pub vpc: VpcId,
    /// `s3`
    pub service: String,
    pub route_tables: Vec<RouteTableId>,
    pub created: TimestampMs,
    /// As it was given; none: the one that allows everything.
    #[serde(default)]
    pub policy: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowLog {
    pub account: AccountId,
    pub id: FlowLogId,
    pub resource: FlowResource,
    pub traffic: Traffic,
    /// `arn:aws:s3:::bucket/prefix/`, as it was given.
    pub destination: String,
    pub bucket: String,
    /// Empty, or without a slash at its end.
    pub prefix: String,
    /// `${version} ${account-id}`
    pub format: String,
    /// Of one aggregation interval: 60 or 600.
    pub seconds: u16,
    pub hive: bool,
    pub per_hour: bool,
    pub created: TimestampMs,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransitGateway {
    pub account: AccountId,
    pub id: TransitGatewayId,
    pub description: String,
    pub asn: i64,
    pub created: TimestampMs,
    /// Where new attachments are associated; none: nowhere.
    pub association_table: Option<TransitRouteTableId>,
    /// Where new attachments are propagated to; none: nowhere.
    pub propagation_table: Option<TransitRouteTableId>,
}

/// Of a VPC of the gateway's account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransitAttachment {
    pub account: AccountId,
    pub id: TransitAttachmentId,
    pub gateway: TransitGatewayId,
    pub vpc: VpcId,
    /// At most one a zone.
    pub subnets: Vec<SubnetId>,
    /// The table that routes what comes from the VPC.
    pub table: Option<TransitRouteTableId>,
    /// IPv6 passes, both ways.
    #[serde(default)]
    pub ipv6: bool,
    /// Has an effect only where the gateway allows it too, which none does.
    pub group_references: bool,
    pub created: TimestampMs,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransitRouteTable {
    pub account: AccountId,
    pub id: TransitRouteTableId,
    pub gateway: TransitGatewayId,
    pub created: TimestampMs,
    /// Attachments whose VPCs' blocks are routes here.
    pub propagations: Vec<TransitAttachmentId>,
    /// Static ones.
    pub routes: Vec<TransitRouteRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransitRouteRow {
    pub destination: Block,
    /// None: a blackhole.
    pub attachment: Option<TransitAttachmentId>,
}
