//! What the region remembers of load balancers. Actions and conditions are kept as balancers read them.

use crate::ec2::network::rows::RouterPlace;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::{AccountId, AllocationId, AzName, InterfaceId, SecurityGroupId, SubnetId, TimestampMs, VpcId};
use wire::balancer::{Action, Condition, ListenerProtocol, ProtocolVersion, TargetProtocol, TicketKey};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Application,
    Network,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Network => "network",
        }
    }

    /// In ARNs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Application => "app",
            Self::Network => "net",
        }
    }
}

/// ```text
/// provisioning ──every node is seen with its document──► active        deletion: no row
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Provisioning,
    Active,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Active => "active",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadBalancer {
    pub account: AccountId,
    /// 16 hexadecimal digits.
    pub id: String,
    pub name: String,
    pub kind: Kind,
    pub internet_facing: bool,
    pub vpc: VpcId,
    /// Empty: a network load balancer that was made without any.
    pub groups: Vec<SecurityGroupId>,
    pub state: State,
    pub created: TimestampMs,
    /// Those that were set; the others have their defaults.
    pub attributes: BTreeMap<String, String>,
    pub tags: BTreeMap<String, String>,
    /// Of a network load balancer: keys the choice of targets.
    #[serde(default)]
    pub seed: [u64; 2],
    /// Of its nodes' session tickets: the one that seals, the one that will, the one that did. Sealed under the root key.
    #[serde(default)]
    pub ticket_keys: Vec<TicketKey>,
    /// When the first of them began to seal.
    #[serde(default)]
    pub tickets_turned: TimestampMs,
}

impl LoadBalancer {
    /// `app/NAME/ID`: in ARNs, names of interfaces and access logs.
    pub fn path(&self) -> String {
        format!("{}/{}/{}", self.kind.word(), self.name, self.id)
    }
}

/// ```text
/// pending ──seen──► up ──► draining ──no connection left, or its time over──► ending ──not seen any more──► no row, no interface
///    └────────────────────────────────────────────────────────────────────────▲
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeState {
    Pending,
    Up,
    /// Takes no new connections; those that it has may end.
    Draining,
    Ending,
}

impl NodeState {
    /// Its load balancer has it.
    pub fn is_wanted(self) -> bool {
        matches!(self, Self::Pending | Self::Up)
    }
}

/// What a draining node is still told; its load balancer may be gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drain {
    pub until: TimestampMs,
    /// [`LoadBalancer::path`]
    pub name: String,
    pub attributes: wire::balancer::Attributes,
}

/// A load balancer in one zone: an interface, and a process behind it. It outlives its load balancer until it is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BalancerNode {
    pub account: AccountId,
    pub interface: InterfaceId,
    /// [`LoadBalancer::id`]
    pub balancer: String,
    pub kind: Kind,
    pub subnet: SubnetId,
    pub az: AzName,
    /// An elastic address that the user gave.
    pub allocation: Option<AllocationId>,
    pub state: NodeState,
    pub place: Option<RouterPlace>,
    /// While it drains.
    #[serde(default)]
    pub drain: Option<Drain>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    pub account: AccountId,
    pub id: String,
    /// [`LoadBalancer::id`]
    pub balancer: String,
    pub protocol: ListenerProtocol,
    pub port: u16,
    pub tls: Option<Tls>,
    pub action: ActionRow,
    /// The id of the rule `default`, which is the action above.
    pub default_rule: String,
    pub attributes: BTreeMap<String, String>,
    pub tags: BTreeMap<String, String>,
    #[serde(default)]
    pub default_rule_tags: BTreeMap<String, String>,
}

/// Of HTTPS and TLS listeners.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tls {
    pub policy: String,
    /// An ARN, as those below.
    pub default_certificate: String,
    pub certificates: Vec<String>,
    pub alpn: Option<String>,
    /// Mutual authentication: clients' certificates are handed to targets.
    #[serde(default)]
    pub passthrough: bool,
    /// Or held against a trust store.
    #[serde(default)]
    pub verify: Option<Verify>,
}

/// Mutual authentication, mode `verify`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verify {
    /// [`TrustStore::id`]
    pub trust_store: String,
    pub ignore_expiry: bool,
    pub advertise: bool,
}

/// Authorities whose clients are let in, and what they have revoked. The objects that these were read from are not looked at again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrustStore {
    pub account: AccountId,
    pub id: String,
    pub name: String,
    /// PEM, as given.
    pub authorities: String,
    pub revocations: Vec<RevocationList>,
    /// The last list's number; numbers are not used again.
    pub last_revocation: i64,
    pub tags: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevocationList {
    pub id: i64,
    pub pem: String,
    pub entries: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionRow {
    /// As given; with one action it means nothing.
    pub order: Option<i32>,
    /// The same of the sign-in before it.
    #[serde(default)]
    pub sign_in_order: Option<i32>,
    /// Its target groups are named by ARN.
    pub action: Action,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub account: AccountId,
    pub id: String,
    /// [`Listener::id`]
    pub listener: String,
    /// 1..=50,000, one rule each.
    pub priority: u32,
    pub conditions: Vec<Condition>,
    pub action: ActionRow,
    pub tags: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetType {
    Instance,
    Ip,
}

impl TargetType {
    pub fn name(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Ip => "ip",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetGroup {
    pub account: AccountId,
    pub id: String,
    pub name: String,
    pub protocol: TargetProtocol,
    /// Of HTTP and HTTPS groups.
    pub version: Option<ProtocolVersion>,
    pub port: u16,
    pub vpc: VpcId,
    pub kind: TargetType,
    pub check: Check,
    pub attributes: BTreeMap<String, String>,
    pub tags: BTreeMap<String, String>,
}

/// How the health of targets is learnt, in AWS's words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// HTTP, HTTPS or TCP.
    pub protocol: String,
    /// A number or `traffic-port`.
    pub port: String,
    /// Not of TCP, as the matcher.
    pub path: Option<String>,
    /// HTTP codes, or gRPC codes.
    pub matcher: Option<String>,
    pub interval_seconds: u32,
    pub timeout_seconds: u32,
    pub healthy_threshold: u32,
    pub unhealthy_threshold: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    pub account: AccountId,
    /// [`TargetGroup::id`]
    pub group: String,
    /// `i-…` or an address.
    pub id: String,
    pub port: u16,
    /// As given: a zone, or `all`.
    pub zone: Option<String>,
    /// Deregistered: gone at this time.
    pub draining_until: Option<TimestampMs>,
    /// Of a network group: what nodes said last.
    #[serde(default)]
    pub healthy: bool,
}

impl Target {
    /// Unique in the account.
    pub fn key(&self) -> String {
        Self::key_of(&self.group, &self.id, self.port)
    }

    pub fn key_of(group: &str, id: &str, port: u16) -> String {
        format!("{group}/{id}/{port}")
    }
}
