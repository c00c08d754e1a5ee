//! Gateway and control plane: authenticated API requests up, credentials down; the cell's reports to the region.

use crate::cell::CellReport;
pub use crate::identity::Principal;
use crate::identity::Trace;
use crate::kms::Hex;
use crate::{Applied, Empty, method};
use serde::{Deserialize, Serialize};
use types::{AccountId, AzName, Generation};

/// A request whose signature the gateway has verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiRequest {
    pub request_id: String,
    pub principal: Principal,
    /// The credential scope's service: `ec2`, `sts`, `ssm`.
    pub service: String,
    pub access_key: String,
    pub source_ip: String,
    #[serde(default)]
    pub user_agent: String,
    pub protocol: ApiProtocol,
    /// Form: the body or, with GET, the query string, as received. JSON: the body.
    pub body: String,
    /// JSON 1.1: the operation from X-Amz-Target.
    pub target: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApiProtocol {
    /// Form-encoded (ec2 and query: the service decides which).
    Form,
    Json11,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiReply {
    pub status: u16,
    pub content_type: String,
    /// Extra headers, such as x-amzn-errortype.
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// How each question of authorisation was decided.
    #[serde(default)]
    pub traces: Vec<Trace>,
}

method!(Api, "region/Api", ApiRequest => ApiReply);
method!(
    /// Cell controller to region.
    ReportCell, "region/CellReport", CellReport => Applied
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateAccountRequest {
    pub name: String,
    /// Chosen at random when absent.
    pub account: Option<AccountId>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountCredentials {
    pub name: String,
    pub account: AccountId,
    pub access_key: String,
    pub secret_key: String,
}

impl std::fmt::Debug for AccountCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountCredentials").field("name", &self.name).field("account", &self.account).finish_non_exhaustive()
    }
}

/// Keys of an identity provider, for AssumeRoleWithWebIdentity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcKeysRequest {
    /// The provider's URL.
    pub issuer: String,
    /// A JWK set (RFC 7517); none: the keys are taken away.
    pub jwks: Option<String>,
}

/// How many of the keys can sign tokens here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcKeysReply {
    pub usable: usize,
}

/// An object that a caller of the region names: read in its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectQuestion {
    pub caller: Principal,
    pub source_ip: String,
    pub user_agent: String,
    pub bucket: String,
    pub key: String,
    /// None: the newest.
    pub version: Option<String>,
    /// A larger one is refused, `EntityTooLarge`.
    pub bytes_max: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectAnswer {
    Read(Hex),
    /// In S3's words.
    Refused {
        code: String,
        message: String,
    },
}

method!(
    /// To the gateway.
    ReadObject, "gateway/ReadObject", ObjectQuestion => ObjectAnswer
);
method!(SetOidcKeys, "region/SetOidcKeys", OidcKeysRequest => OidcKeysReply);
method!(CreateAccount, "region/CreateAccount", CreateAccountRequest => AccountCredentials);

/// For `status`: what the region knows, without going through the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionStatus {
    pub accounts: Vec<(AccountId, String)>,
    pub cells: Vec<CellReport>,
    pub instances: Vec<InstanceSummary>,
    /// Zones that an operator has declared impaired: they take no new launches.
    #[serde(default)]
    pub impaired: Vec<AzName>,
    /// Cells whose reports have stopped: launches try others first.
    #[serde(default)]
    pub impaired_cells: Vec<types::CellId>,
    /// What else of users' stands on hosts.
    #[serde(default)]
    pub routers: Vec<RouterSummary>,
    /// What their nodes say of themselves is in the cells' reports.
    #[serde(default)]
    pub balancers: Vec<BalancerSummary>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalancerSummary {
    pub account: AccountId,
    /// `app/web/50dc6c495c0c9188`
    pub name: String,
    pub dns_name: String,
    /// `provisioning` or `active`
    pub state: String,
    /// A zone each.
    pub nodes: Vec<BalancerNodeSummary>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalancerNodeSummary {
    pub zone: AzName,
    pub interface: types::InterfaceId,
    pub host: Option<types::HostId>,
    pub private_ip: std::net::Ipv4Addr,
    pub public_ip: Option<std::net::Ipv4Addr>,
    /// Its address is among those that the name gives.
    pub named: bool,
}

/// A load balancer's node or a NAT gateway, and the host that carries its packets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouterSummary {
    pub account: AccountId,
    /// `load balancer app/web` or a NAT gateway's id
    pub name: String,
    pub host: types::HostId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceSummary {
    pub account: AccountId,
    pub instance: types::InstanceId,
    pub interface: Option<types::InterfaceId>,
    pub state: String,
    pub host: Option<types::HostId>,
    pub private_ip: Option<std::net::Ipv4Addr>,
    pub public_ip: Option<std::net::Ipv4Addr>,
    pub name: Option<String>,
    /// Its root volume, which lies on its host.
    #[serde(default)]
    pub volume: Option<types::VolumeId>,
    /// Why the region chose its cell, of its last launch or start.
    #[serde(default)]
    pub cell_why: String,
    /// Why its cell chose this host.
    #[serde(default)]
    pub placed_why: String,
    /// Why a spot instance was told to go, when, and for whose launch.
    #[serde(default)]
    pub interrupted: Option<String>,
}

method!(GetRegionStatus, "region/Status", Empty => RegionStatus);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneRequest {
    pub zone: AzName,
    /// `true`: no new launches there.
    pub impaired: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneReply {
    /// `false`: it was so already.
    pub changed: bool,
    /// Of the region, after the change.
    pub impaired: Vec<AzName>,
}

method!(
    /// The operator's: durable when it answers.
    SetZone, "region/SetZone", ZoneRequest => ZoneReply
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayStatus {
    pub credentials: Generation,
    pub requests: u64,
    pub denied: u64,
    pub region_unreachable: u64,
    /// Requests that were not answered by the control plane, by reason.
    #[serde(default)]
    pub refused: std::collections::BTreeMap<String, u64>,
    #[serde(default)]
    pub s3_requests: u64,
    #[serde(default)]
    pub audit: crate::audit::AuditStatus,
    /// The generation of KMS's keys.
    #[serde(default)]
    pub keys: Generation,
    #[serde(default)]
    pub kms_requests: u64,
    /// Key materials that were unsealed for use.
    #[serde(default)]
    pub kms_unsealings: u64,
    /// By account and class, such as `ec2/read`; `nobody` is who has not shown an account, `others` those beyond the first
    /// thousand.
    #[serde(default)]
    pub accounts: std::collections::BTreeMap<String, std::collections::BTreeMap<String, CallCounters>>,
    #[serde(default)]
    pub load: Load,
}

/// What came of requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCounters {
    pub admitted: u64,
    /// Refused for their rate.
    pub throttled: u64,
    /// Refused because their account had its share of what there is.
    pub crowded: u64,
}

/// What the gateway is doing now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    pub connections: u64,
    /// Connections that were closed to make room, so far.
    pub connections_evicted: u64,
    /// Requests that are being read.
    pub bodies: u64,
    pub calls: u64,
    pub calls_waiting: u64,
    pub objects: u64,
    pub objects_waiting: u64,
    /// Objects on their way in, and out.
    pub uploads: u64,
    pub streams: u64,
    /// Refusals that were held back for a while, so far; and those that ended their connection.
    pub refusals_late: u64,
    pub refusals_closed: u64,
}

/// What the object store's background work has come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3WorkerStatus {
    /// The newest event that was taken over from the index.
    pub events_upto: u64,
    /// Bytes that wait in lanes (webhooks, replications, restorations).
    pub backlog_bytes: u64,
    /// By what happened, such as `lifecycle/expired` or `webhook/dropped`.
    pub counters: std::collections::BTreeMap<String, u64>,
}
method!(GetS3WorkerStatus, "s3-worker/Status", Empty => S3WorkerStatus);

method!(GetGatewayStatus, "gateway/Status", Empty => GatewayStatus);
