//! What the region remembers: one struct a kind of row, with the fields that the API shows or the data plane needs.
//!
//! Rows hold the user's intent and what has been observed of it; derived things (a cell's document, a describe reply) are
//! computed. Ids are typed; what the API spells as free text stays text.

pub use crate::acm::rows::AcmCertificate;
use crate::db::{Db, Row, system_account};
pub use crate::ec2::compute::rows::{
    CapacityChoice, CapacityReservation, CapacityState, DedicatedHost, GroupPlace, InstanceTenancy, LaunchTemplate,
    PlacementGroup, SpotLaunch, SpotPrices, SpotRequest, SpotState, TemplateVersion,
};
use crate::ec2::network::block::Block;
pub use crate::ec2::network::rows::{
    AclEntry, DhcpOptions, EgressOnlyGateway, FlowLog, NatAddress, NatGateway, NatState, NetworkAcl, Peering, PeeringSide,
    PeeringState, PrefixEntry, PrefixList, RouterPlace, SubnetIpv6, TransitAttachment, TransitGateway, TransitRouteRow,
    TransitRouteTable, VpcCidr, VpcEndpoint, VpcIpv6,
};
pub use crate::elb::rows::{BalancerNode, Listener, LoadBalancer, Rule, Target, TargetGroup, TrustStore};
pub use crate::iam::rows::{
    AccessKey, AccountSettings, CredentialReport, DeletionTask, Group, InstanceProfile, LastUse, LoginProfile, ManagedPolicy,
    MfaDevice, OidcProvider, Role, SamlProvider, ServerCertificate, SessionKey, SshKey, User,
};
pub use crate::kms::rows::{KmsAlias, KmsGrant, KmsKey};
pub use crate::quota::rows::{QuotaRequest, QuotaValue};
pub use crate::sts::rows::{InstanceSession, OidcKeys, ProfileAssociation};
pub use crate::trail::rows::Trail;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use types::{
    AccountId, AddressAssociationId, AllocationId, AzName, CapacityReservationId, CellId, DhcpOptionsId,
    EgressOnlyInternetGatewayId, HostId, InstanceId, InterfaceAttachmentId, InterfaceId, InternetGatewayId, Ipv4Cidr, Ipv6Cidr,
    KeyPairId, MacAddr, NatGatewayId, NetworkAclId, PeeringId, PrefixListId, ReservationId, RouteTableAssociationId,
    RouteTableId, SecurityGroupId, SecurityGroupRuleId, SubnetId, TimestampMs, TransitGatewayId, Vni, VolumeId,
    VpcCidrAssociationId, VpcEndpointId, VpcId,
};
use wire::audit::AuditHead;
use wire::host::Reachability;

type Loader = fn(&mut Db, &[u8]) -> Result<(), serde_json::Error>;

macro_rules! rows {
    ($($t:ident $kind:literal by $account:expr, $id:expr;)*) => {
        $(impl Row for $t {
            const KIND: &'static str = $kind;
            fn account(&self) -> &AccountId { let f: fn(&$t) -> &AccountId = $account; f(self) }
            fn id(&self) -> String { let f: fn(&$t) -> String = $id; f(self) }
        })*
        /// How to read each kind back at start-up.
        pub(crate) static LOADERS: &[(&str, Loader)] = &[$(($kind, Db::load_row::<$t>)),*];
    };
}

rows! {
    Counter "counter" by |_| system(), |r| r.name.clone();
    ImpairedZone "impaired-zone" by |_| system(), |r| r.az.to_string();
    Account "account" by |r| &r.id, |r| r.id.to_string();
    AccessKey "access-key" by |r| &r.account, |r| r.access_key.clone();
    User "user" by |r| &r.account, |r| r.name.to_lowercase();
    Group "group" by |r| &r.account, |r| r.name.to_lowercase();
    Role "role" by |r| &r.account, |r| r.name.to_lowercase();
    ManagedPolicy "policy" by |r| &r.account, |r| r.name.to_lowercase();
    InstanceProfile "instance-profile" by |r| &r.account, |r| r.name.to_lowercase();
    LastUse "last-use" by |r| &r.account, |r| r.id.clone();
    AccountSettings "account-settings" by |r| &r.account, |r| r.account.to_string();
    LoginProfile "login-profile" by |r| &r.account, |r| r.user_id.clone();
    MfaDevice "mfa-device" by |r| &r.account, |r| r.name.to_lowercase();
    OidcProvider "oidc-provider" by |r| &r.account, |r| r.url.clone();
    SamlProvider "saml-provider" by |r| &r.account, |r| r.name.to_lowercase();
    ServerCertificate "server-certificate" by |r| &r.account, |r| r.name.to_lowercase();
    SshKey "ssh-key" by |r| &r.account, |r| r.id.clone();
    DeletionTask "deletion-task" by |r| &r.account, |r| r.id.clone();
    CredentialReport "credential-report" by |r| &r.account, |r| r.account.to_string();
    AuditHead "audit-head" by |_| system(), |r| crate::audit::row_id(r);
    OidcKeys "oidc-keys" by |_| system(), |r| r.url.clone();
    InstanceSession "instance-session" by |r| &r.account, |r| r.instance.to_string();
    SessionKey "session-key" by |_| system(), |r| format!("{:010}", r.id);
    IdempotencyToken "client-token" by |r| &r.account, |r| format!("{}/{}", r.operation, r.token);
    TagSet "tags" by |r| &r.account, |r| r.resource.clone();
    Vpc "vpc" by |r| &r.account, |r| r.id.to_string();
    Subnet "subnet" by |r| &r.account, |r| r.id.to_string();
    NetworkAcl "network-acl" by |r| &r.account, |r| r.id.to_string();
    NatGateway "nat-gateway" by |r| &r.account, |r| r.id.to_string();
    DhcpOptions "dhcp-options" by |r| &r.account, |r| r.id.to_string();
    PrefixList "prefix-list" by |r| &r.account, |r| r.id.to_string();
    FlowLog "flow-log" by |r| &r.account, |r| r.id.to_string();
    VpcEndpoint "vpc-endpoint" by |r| &r.account, |r| r.id.to_string();
    TransitGateway "transit-gateway" by |r| &r.account, |r| r.id.to_string();
    TransitAttachment "transit-attachment" by |r| &r.account, |r| r.id.to_string();
    TransitRouteTable "transit-route-table" by |r| &r.account, |r| r.id.to_string();
    // Of two accounts.
    Peering "vpc-peering" by |_| system(), |r| r.id.to_string();
    RouteTable "route-table" by |r| &r.account, |r| r.id.to_string();
    InternetGateway "internet-gateway" by |r| &r.account, |r| r.id.to_string();
    EgressOnlyGateway "egress-only-internet-gateway" by |r| &r.account, |r| r.id.to_string();
    SecurityGroup "security-group" by |r| &r.account, |r| r.id.to_string();
    Interface "interface" by |r| &r.account, |r| r.id.to_string();
    Address "address" by |r| &r.account, |r| r.allocation.to_string();
    PublicIp "public-ip" by |_| system(), |r| r.ip.to_string();
    KeyPair "key-pair" by |r| &r.account, |r| r.id.to_string();
    LaunchTemplate "launch-template" by |r| &r.account, |r| r.id.to_string();
    TemplateVersion "launch-template-version" by |r| &r.account, |r| TemplateVersion::key(r.template, r.number);
    PlacementGroup "placement-group" by |r| &r.account, |r| r.id.to_string();
    CapacityReservation "capacity-reservation" by |r| &r.account, |r| r.id.to_string();
    DedicatedHost "dedicated-host" by |r| &r.account, |r| r.id.to_string();
    SpotRequest "spot-request" by |r| &r.account, |r| r.id.to_string();
    SpotPrices "spot-prices" by |_| system(), |r| r.az.to_string();
    Instance "instance" by |r| &r.account, |r| r.id.to_string();
    LoadBalancer "load-balancer" by |r| &r.account, |r| r.id.clone();
    BalancerNode "load-balancer-node" by |r| &r.account, |r| r.interface.to_string();
    Listener "listener" by |r| &r.account, |r| r.id.clone();
    Rule "listener-rule" by |r| &r.account, |r| r.id.clone();
    TargetGroup "target-group" by |r| &r.account, |r| r.id.clone();
    Target "target" by |r| &r.account, |r| r.key();
    TrustStore "trust-store" by |r| &r.account, |r| r.id.clone();
    AcmCertificate "certificate" by |r| &r.account, |r| r.id.clone();
    Trail "trail" by |r| &r.account, |r| r.name.clone();
    QuotaValue "quota" by |r| &r.account, |r| r.quota.clone();
    QuotaRequest "quota-request" by |r| &r.account, |r| r.id.clone();
    KmsKey "kms-key" by |r| &r.account, |r| r.id.clone();
    KmsAlias "kms-alias" by |r| &r.account, |r| r.name.clone();
    KmsGrant "kms-grant" by |r| &r.account, |r| format!("{}/{}", r.key, r.grant.id);
}

/// Rows of these kinds are compiled into the directory of identities.
pub(crate) const IDENTITY_KINDS: &[&str] =
    &["account", "account-settings", "access-key", "user", "group", "role", "policy", "mfa-device"];

/// Rows of these kinds say where interfaces are.
pub(crate) const PLACEMENT_KINDS: &[&str] = &[Interface::KIND, Instance::KIND, NatGateway::KIND, BalancerNode::KIND];

fn system() -> &'static AccountId {
    static SYSTEM: std::sync::LazyLock<AccountId> = std::sync::LazyLock::new(system_account);
    &SYSTEM
}

/// A number that only grows: `vni`, `public-ip-cursor`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counter {
    pub name: String,
    pub value: u64,
}

/// A zone that an operator has declared impaired, see [`crate::zones`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImpairedZone {
    pub az: AzName,
    pub since: TimestampMs,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub created: TimestampMs,
    /// Which cells its launches may go to follows from this, its id and the zones' cells ([`crate::cells`]).
    #[serde(default)]
    pub shard_salt: u32,
}

/// The remembered answer to a request with a ClientToken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdempotencyToken {
    pub account: AccountId,
    pub operation: String,
    pub token: String,
    /// SHA-256 of the other parameters.
    pub parameters: String,
    /// The reply's body, with the first request's id.
    pub reply: String,
    pub request_id: String,
    pub at: TimestampMs,
}

/// The tags of one resource, whatever its kind. No row when it has none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TagSet {
    pub account: AccountId,
    /// `vpc-0123…`
    pub resource: String,
    pub tags: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vpc {
    pub account: AccountId,
    pub id: VpcId,
    pub cidr: Ipv4Cidr,
    pub cidr_association: VpcCidrAssociationId,
    /// Besides `cidr`.
    #[serde(default)]
    pub more_cidrs: Vec<VpcCidr>,
    #[serde(default)]
    pub ipv6: Vec<VpcIpv6>,
    pub is_default: bool,
    pub vni: Vni,
    /// `None`: DHCP tells neither domain nor resolvers.
    pub dhcp_options: Option<DhcpOptionsId>,
    pub dns_support: bool,
    pub dns_hostnames: bool,
    pub address_usage_metrics: bool,
    /// `default` or `dedicated`
    pub tenancy: String,
    pub main_route_table: RouteTableId,
    pub default_security_group: SecurityGroupId,
    pub default_network_acl: NetworkAclId,
}

impl Vpc {
    /// All its blocks, the first one first.
    pub fn cidrs(&self) -> Vec<Ipv4Cidr> {
        std::iter::once(self.cidr).chain(self.more_cidrs.iter().map(|c| c.cidr)).collect()
    }

    pub fn cidrs6(&self) -> Vec<Ipv6Cidr> {
        self.ipv6.iter().map(|c| c.cidr).collect()
    }

    /// Of both families.
    pub fn blocks(&self) -> Vec<Block> {
        self.cidrs().into_iter().map(Block::V4).chain(self.cidrs6().into_iter().map(Block::V6)).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subnet {
    pub account: AccountId,
    pub id: SubnetId,
    pub vpc: VpcId,
    pub az: AzName,
    pub cidr: Ipv4Cidr,
    #[serde(default)]
    pub ipv6: Option<SubnetIpv6>,
    /// New interfaces get an IPv6 address; only where there is a block.
    #[serde(default)]
    pub assign_ipv6: bool,
    pub map_public_ip_on_launch: bool,
    pub default_for_az: bool,
    /// `None`: the VPC's default one.
    #[serde(default)]
    pub network_acl: Option<NetworkAclId>,
    pub network_acl_association: types::NetworkAclAssociationId,
    /// ip-name or resource-name
    pub hostname_type: String,
    pub resource_name_dns_a: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteTable {
    pub account: AccountId,
    pub id: RouteTableId,
    pub vpc: VpcId,
    /// The local route first.
    pub routes: Vec<RouteRow>,
    #[serde(default)]
    pub prefix_routes: Vec<PrefixRoute>,
    pub associations: Vec<RouteTableAssociation>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteRow {
    pub destination: Block,
    pub target: RouteRowTarget,
}

/// A route to all that a prefix list holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrefixRoute {
    pub list: PrefixListId,
    pub target: RouteRowTarget,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteRowTarget {
    Local,
    /// Detached or deleted gateways leave their routes behind as blackholes.
    InternetGateway(InternetGatewayId),
    /// Of IPv6 only.
    EgressOnly(EgressOnlyInternetGatewayId),
    Interface(InterfaceId),
    NatGateway(NatGatewayId),
    Peering(PeeringId),
    TransitGateway(TransitGatewayId),
    /// Only to its service's prefix list.
    Endpoint(VpcEndpointId),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteTableAssociation {
    pub id: RouteTableAssociationId,
    /// `None`: this is the VPC's main table.
    pub subnet: Option<SubnetId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InternetGateway {
    pub account: AccountId,
    pub id: InternetGatewayId,
    pub vpc: Option<VpcId>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroup {
    pub account: AccountId,
    pub id: SecurityGroupId,
    pub vpc: VpcId,
    pub name: String,
    pub description: String,
    pub rules: Vec<SecurityGroupRule>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    pub id: SecurityGroupRuleId,
    pub egress: bool,
    /// As EC2 shows it: `-1`, `tcp`, `udp`, `icmp`, or a protocol number.
    pub protocol: String,
    /// Port, ICMP type, or -1.
    pub from_port: i32,
    pub to_port: i32,
    pub peer: RulePeer,
    pub description: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RulePeer {
    Ipv4(Ipv4Cidr),
    Ipv6(Ipv6Cidr),
    Group(SecurityGroupId),
    PrefixList(PrefixListId),
    /// Of the VPC on a peering's other side; stale once the group or the peering is gone.
    PeerGroup {
        group: SecurityGroupId,
        account: AccountId,
        vpc: VpcId,
        peering: PeeringId,
    },
}

/// A network interface (ENI).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interface {
    pub account: AccountId,
    pub id: InterfaceId,
    pub vpc: VpcId,
    pub subnet: SubnetId,
    pub az: AzName,
    pub mac: MacAddr,
    /// Primary first.
    pub ipv4: Vec<Ipv4Addr>,
    #[serde(default)]
    pub ipv6: Vec<Ipv6Addr>,
    pub groups: Vec<SecurityGroupId>,
    pub description: String,
    pub source_dest_check: bool,
    pub attachment: Option<InterfaceAttachment>,
    /// A public address of the pool that lives as long as the instance runs (not an elastic one).
    pub auto_public_ip: Option<Ipv4Addr>,
    /// Whether it gets such an address each time its instance starts.
    #[serde(default)]
    pub associate_public_ip: bool,
    /// It is this NAT gateway's: no user manages it.
    #[serde(default)]
    pub nat_gateway: Option<NatGatewayId>,
    /// It is this load balancer's (`app/NAME/ID`): no user manages it.
    #[serde(default)]
    pub load_balancer: Option<String>,
}

impl Interface {
    /// Whether a service keeps it: users can neither change nor delete it.
    pub fn is_managed(&self) -> bool {
        self.nat_gateway.is_some() || self.load_balancer.is_some()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InterfaceAttachment {
    pub id: InterfaceAttachmentId,
    pub instance: InstanceId,
    pub device_index: u32,
    pub delete_on_termination: bool,
    pub attached: TimestampMs,
    #[serde(default)]
    pub status: AttachmentStatus,
}

/// ```text
/// attaching ──seen in the machine──► attached ──detach──► detaching ──no longer seen──► no attachment
/// ```
/// A machine that does not run gets and loses its interfaces at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttachmentStatus {
    Attaching,
    #[default]
    Attached,
    Detaching,
}

impl AttachmentStatus {
    pub fn name(self) -> &'static str {
        match self {
            Self::Attaching => "attaching",
            Self::Attached => "attached",
            Self::Detaching => "detaching",
        }
    }
}

/// An elastic IP address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Address {
    pub account: AccountId,
    pub allocation: AllocationId,
    pub public_ip: Ipv4Addr,
    pub association: Option<AddressAssociation>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AddressAssociation {
    pub id: AddressAssociationId,
    pub interface: InterfaceId,
    pub private_ip: Ipv4Addr,
}

/// A public address that is in use, by whoever: the guard against giving it out twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublicIp {
    pub ip: Ipv4Addr,
    pub owner: AccountId,
    /// `eipalloc-…` or `eni-…`
    pub held_by: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyPair {
    pub account: AccountId,
    pub id: KeyPairId,
    pub name: String,
    /// `rsa` or `ed25519`
    pub kind: String,
    pub fingerprint: String,
    /// The OpenSSH line, without comment.
    pub public_key: String,
    pub created: TimestampMs,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    pub account: AccountId,
    pub id: InstanceId,
    pub reservation: ReservationId,
    pub launch_index: u32,
    pub image: String,
    pub instance_type: String,
    pub key_name: Option<String>,
    pub state: InstanceState,
    pub state_reason: Option<StateReason>,
    /// `User initiated (2026-01-01 00:00:00 GMT)` and the like.
    pub transition_reason: String,
    /// Base64, as given.
    pub user_data: Option<String>,
    pub launched: TimestampMs,
    pub client_token: Option<String>,
    pub az: AzName,
    pub vpc: VpcId,
    pub subnet: SubnetId,
    /// By device index. Empty once terminated.
    pub interfaces: Vec<InterfaceId>,
    /// Where the last claim placed it; `None` while stopped or terminated… the disk stays on `host` while stopped.
    pub cell: CellId,
    pub host: HostId,
    pub underlay: Ipv4Addr,
    /// The last claim's hold, which the cell's document names.
    #[serde(default)]
    pub hold: u64,
    /// Why the region chose this cell, for the operator.
    #[serde(default)]
    pub cell_why: String,
    /// Why the cell chose this host, the same.
    #[serde(default)]
    pub placed_why: String,
    pub root_volume: VolumeId,
    pub root_disk_gib: u32,
    /// `gp2` or `gp3`
    #[serde(default = "gp3")]
    pub volume_type: String,
    /// CPU credits of burstable types: `standard` or `unlimited`.
    #[serde(default)]
    pub cpu_credits: Option<String>,
    /// ip-name or resource-name, from the launch.
    #[serde(default = "ip_name")]
    pub hostname_type: String,
    /// See `wire::host::InstanceConfig`.
    pub boot: u64,
    pub reboot: u64,
    /// `stop` or `terminate`
    pub shutdown_behavior: String,
    pub disable_api_termination: bool,
    pub disable_api_stop: bool,
    pub monitoring: bool,
    pub metadata: MetadataOptions,
    #[serde(default)]
    pub profile: Option<ProfileAssociation>,
    #[serde(default)]
    pub group: Option<GroupPlace>,
    /// Which capacity reservations it may be in.
    #[serde(default)]
    pub capacity: CapacityChoice,
    /// Whose slot it is in, from its launch or start until it has stopped.
    #[serde(default)]
    pub slot_of: Option<CapacityReservationId>,
    #[serde(default)]
    pub tenancy: InstanceTenancy,
    /// To its dedicated host.
    #[serde(default)]
    pub affinity: bool,
    /// `None`: it is on demand.
    #[serde(default)]
    pub spot: Option<SpotLaunch>,
    pub reachability: Reachability,
    /// When reachability last changed.
    pub reachability_since: TimestampMs,
    /// Whether the host's reports come: the system status check.
    #[serde(default = "yes")]
    pub host_reports: bool,
    /// When `host_reports` last changed.
    #[serde(default)]
    pub host_reports_since: TimestampMs,
    /// For the sweep that forgets terminated instances after an hour.
    pub terminated: Option<TimestampMs>,
    /// `MaintenanceOptions.AutoRecovery` is `disabled`: it waits for its host.
    #[serde(default)]
    pub recovery_disabled: bool,
    /// When its host failed last and it was placed on another one.
    #[serde(default)]
    pub recovered: Option<Recovered>,
    /// Hosts one of which has its disk, until it was seen to run on its present one.
    #[serde(default)]
    pub disk_on: Vec<HostId>,
}

/// An instance's way from a failed host to another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovered {
    pub from: HostId,
    /// When the host was not heard any more.
    pub failed: TimestampMs,
    /// When it was placed on another one.
    pub placed: TimestampMs,
    /// When it was seen to run there.
    pub running: Option<TimestampMs>,
}

fn gp3() -> String {
    "gp3".to_owned()
}

fn ip_name() -> String {
    "ip-name".to_owned()
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetadataOptions {
    /// HttpTokens=required
    pub tokens_required: bool,
    pub hop_limit: u8,
    pub enabled: bool,
    pub instance_tags: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StateReason {
    pub code: String,
    pub message: String,
}

/// ```text
/// pending ──► running ◄──► stopping ──► stopped ──► pending (start)
///    │           │             │           │
///    └───────────┴─► shutting-down ◄───────┘
///                          └─► terminated
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceState {
    Pending,
    Running,
    ShuttingDown,
    Terminated,
    Stopping,
    Stopped,
}

impl InstanceState {
    pub const ALL: [InstanceState; 6] =
        [Self::Pending, Self::Running, Self::ShuttingDown, Self::Terminated, Self::Stopping, Self::Stopped];

    /// The API's number (InstanceState$Code, low byte).
    pub fn code(self) -> i32 {
        match self {
            Self::Pending => 0,
            Self::Running => 16,
            Self::ShuttingDown => 32,
            Self::Terminated => 48,
            Self::Stopping => 64,
            Self::Stopped => 80,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::ShuttingDown => "shutting-down",
            Self::Terminated => "terminated",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }
}
