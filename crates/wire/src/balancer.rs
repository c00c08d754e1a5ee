//! A load balancer as data: listeners, rules, target groups, certificates, limits. Complete, immutable, versioned.
//!
//! The region compiles it from ELBv2 resources and pushes it to the balancer's processes; `stratocell lb --config FILE`
//! reads the same document from a file (JSON). Shapes follow ELBv2's meaning and its names for values; what AWS leaves
//! to itself (retries, breaker, bulkheads, shedding) is here with the seeds' numbers as defaults. Whether a document makes
//! sense is decided by the crate `balancer`, which refuses a bad one whole, with the reason, and keeps the one it has.
//!
//! An unknown member is refused, not ignored: a balancer that skipped a condition would send requests to the wrong place.
//!
//! ```text
//!  BalancerConfig
//!   ├─ certificates (sealed, or files)      by ARN from listeners
//!   ├─ listeners ── rules ── conditions AND'ed, values OR'ed ── actions
//!   └─ target groups ── targets             by ARN from forward actions
//! ```

mod group;
mod logs;
mod oidc;
mod status;

pub use group::*;
pub use logs::*;
pub use oidc::*;
pub use status::*;

use crate::kms::Hex;
use crate::{Applied, method};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::path::PathBuf;
use types::Generation;

/// One load balancer, for one process of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalancerConfig {
    pub format: u16,
    pub generation: Generation,
    /// As in access logs: `app/my-balancer/50dc6c495c0c9188`.
    pub name: String,
    /// The zone of the process that reads this; targets of other zones are used where `cross_zone` says so.
    #[serde(default)]
    pub zone: Option<String>,
    #[serde(default)]
    pub attributes: Attributes,
    #[serde(default)]
    pub certificates: Vec<Certificate>,
    /// Of HTTPS listeners' session tickets: the first seals, all open. None: each process makes its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ticket_keys: Vec<TicketKey>,
    pub listeners: Vec<Listener>,
    pub target_groups: Vec<TargetGroup>,
}

/// AWS's load balancer attributes, and the limits of the process. Defaults are AWS's where AWS has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Attributes {
    /// `idle_timeout.timeout_seconds`: nothing was read or written for so long, on either side. 1 to 4000.
    pub idle_timeout_seconds: u32,
    /// `client_keep_alive.seconds`: a client's connection is closed after so long, whatever it does. 60 to 604,800.
    pub client_keep_alive_seconds: u32,
    /// `routing.http.desync_mitigation_mode`
    pub desync_mitigation: DesyncMitigation,
    /// `routing.http.drop_invalid_header_fields.enabled`: names outside `[-A-Za-z0-9]` are removed.
    pub drop_invalid_header_fields: bool,
    /// `routing.http.preserve_host_header.enabled`; else the target sees its own address and port.
    pub preserve_host_header: bool,
    /// `routing.http.xff_header_processing.mode`
    pub xff_header_processing: XffMode,
    /// `routing.http.xff_client_port.enabled`
    pub xff_client_port: bool,
    /// `routing.http.x_amzn_tls_version_and_cipher_suite.enabled`
    pub tls_version_and_cipher_headers: bool,
    /// `routing.http2.enabled`: offered by ALPN on HTTPS listeners.
    pub http2: bool,
    /// `load_balancing.cross_zone.enabled`
    pub cross_zone: bool,
    /// Lines in AWS's format are appended here. None: no access log.
    pub access_log: Option<PathBuf>,
    /// Of a node on a host: logs into buckets.
    pub log_delivery: Option<LogDelivery>,
    /// The head of a request must have come within this time from its connection's opening, or from its first byte.
    pub head_timeout_ms: u32,
    /// Client connections at once, all listeners together; further ones wait in the backlog.
    pub connections_max: u32,
    /// Requests at once of one HTTP/2 connection. AWS: 128.
    pub http2_streams_max: u32,
    /// A request body up to this many bytes is kept so that the request can be sent again; a longer one is sent once.
    pub replay_bytes_max: u32,
    pub shedding: Shedding,
}

impl Default for Attributes {
    fn default() -> Self {
        Self {
            idle_timeout_seconds: 60,
            client_keep_alive_seconds: 3600,
            desync_mitigation: DesyncMitigation::Defensive,
            drop_invalid_header_fields: false,
            preserve_host_header: true,
            xff_header_processing: XffMode::Append,
            xff_client_port: false,
            tls_version_and_cipher_headers: false,
            http2: true,
            cross_zone: true,
            access_log: None,
            log_delivery: None,
            head_timeout_ms: 15_000,
            connections_max: 50_000,
            http2_streams_max: 128,
            replay_bytes_max: 64 << 10,
            shedding: Shedding::default(),
        }
    }
}

/// What becomes of requests that are read differently by different servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DesyncMitigation {
    /// Everything that has one safe reading is forwarded (rewritten to it); AWS's `monitor`.
    Monitor,
    /// Ambiguous ones are rewritten and their connection is closed afterwards; severe ones are refused (400).
    Defensive,
    /// What RFC 9110 and 9112 do not allow is refused (400).
    Strictest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum XffMode {
    Append,
    Preserve,
    Remove,
}

/// Requests that would wait too long for a place at their target are answered 503 with Retry-After (CoDel's idea: what
/// counts is that the delay stays above the target for a whole interval, not that it peaks).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shedding {
    pub delay_target_ms: u32,
    pub interval_ms: u32,
    /// Requests that wait for a place, a target group.
    pub queue_max: u32,
    pub retry_after_seconds: u32,
}

impl Default for Shedding {
    fn default() -> Self {
        Self { delay_target_ms: 100, interval_ms: 500, queue_max: 1024, retry_after_seconds: 1 }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    pub arn: String,
    pub source: CertificateSource,
}

/// Where the PEM is. Names for SNI are read from the certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum CertificateSource {
    /// From the region: the chain, leaf first, and its private key (PKCS#8 PEM) sealed under the region's root key.
    Sealed { chain_pem: String, sealed_key: Hex },
    /// For a balancer on its own.
    Files { chain_file: PathBuf, key_file: PathBuf },
}

/// What a certificate's private key is sealed for, by its ARN.
pub fn certificate_purpose(arn: &str) -> String {
    format!("balancer certificate {arn}")
}

/// What a ticket key is sealed for, by its id.
pub fn ticket_key_purpose(id: &str) -> String {
    format!("balancer ticket key {id}")
}

/// 32 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum TicketKey {
    /// From the region.
    Sealed { id: String, sealed_key: Hex },
    /// For balancers on their own, as `openssl rand 32` makes it.
    File { key_file: PathBuf },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    pub arn: String,
    pub protocol: ListenerProtocol,
    /// Where to listen; none: every address of the process.
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
    /// 1 to 65,535; 0 in tests: any, told by the status.
    pub port: u16,
    /// HTTPS and TLS listeners only, and always there.
    #[serde(default)]
    pub tls: Option<ListenerTls>,
    /// Application listeners: 0 to 100 rules, priorities unique. Network listeners: none.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// What is done when no rule matches.
    pub default_action: Action,
    /// Network listeners, `tcp.idle_timeout.seconds`: 60 to 6000. UDP: 120, always.
    #[serde(default = "tcp_idle_timeout_seconds")]
    pub tcp_idle_timeout_seconds: u32,
}

fn tcp_idle_timeout_seconds() -> u32 {
    350
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ListenerProtocol {
    #[serde(rename = "HTTP")]
    Http,
    #[serde(rename = "HTTPS")]
    Https,
    #[serde(rename = "TCP")]
    Tcp,
    #[serde(rename = "UDP")]
    Udp,
    #[serde(rename = "TCP_UDP")]
    TcpUdp,
    #[serde(rename = "TLS")]
    Tls,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerTls {
    /// A name of AWS's, `ELBSecurityPolicy-TLS13-1-2-Res-2021-06`. What the balancer cannot do exactly is refused.
    #[serde(default = "security_policy")]
    pub policy: String,
    /// For clients that send no name, or one that no certificate has.
    pub default_certificate: String,
    /// Further ones, by SNI.
    #[serde(default)]
    pub certificates: Vec<String>,
    /// TLS listeners: HTTP1Only, HTTP2Only, HTTP2Optional, HTTP2Preferred, None.
    #[serde(default)]
    pub alpn_policy: Option<String>,
    /// Of clients' certificates; off when absent.
    #[serde(default)]
    pub mutual_authentication: Option<MutualAuthentication>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "kebab-case", deny_unknown_fields)]
pub enum MutualAuthentication {
    /// Whatever chain the client shows is handed to the target, which judges it.
    Passthrough,
    /// A connection needs a certificate that one of the trust store's authorities has signed.
    Verify {
        /// The authorities, PEM.
        authorities_pem: String,
        /// IgnoreClientCertificateExpiry
        #[serde(default)]
        ignore_expiry: bool,
        /// AdvertiseTrustStoreCaNames: a client is told the authorities' names.
        #[serde(default)]
        advertise: bool,
        /// Revocation lists, PEM. Of an authority without one nothing is revoked.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        revocations_pem: Vec<String>,
    },
}

fn security_policy() -> String {
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06".to_owned()
}

/// Rules are tried by priority, lowest first; the first whose conditions all hold decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub arn: String,
    /// 1 to 50,000
    pub priority: u32,
    /// AND
    pub conditions: Vec<Condition>,
    pub action: Action,
}

/// One condition holds when one of its values does. `*` stands for any characters, `?` for exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Condition {
    /// Without regard to case, without the port.
    HostHeader { values: Vec<String> },
    /// Of the path alone, by case.
    PathPattern { values: Vec<String> },
    /// The value without regard to case.
    HttpHeader { name: String, values: Vec<String> },
    /// Exactly, by case; no wildcards.
    HttpRequestMethod { values: Vec<String> },
    /// Without regard to case; a value without a key matches any key's.
    QueryString { values: Vec<QueryValue> },
    /// Networks, `192.0.2.0/24` or `2001:db8::/32`; of the connection, never of X-Forwarded-For.
    SourceIp { values: Vec<String> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryValue {
    #[serde(default)]
    pub key: Option<String>,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// HTTPS listeners: users sign in first.
    AuthenticateOidc {
        oidc: Box<Oidc>,
        /// None of this kind.
        then: Box<Action>,
    },
    Forward {
        /// 1 to 5 for application listeners, 1 for network listeners. Weights 0 to 999.
        groups: Vec<WeightedGroup>,
        /// A client stays with its group for so long: 1 to 604,800 seconds.
        #[serde(default)]
        stickiness_seconds: Option<u32>,
    },
    /// Each part may hold `#{protocol}`, `#{host}`, `#{port}`, `#{path}`, `#{query}` (AWS's defaults are exactly these).
    Redirect {
        #[serde(default)]
        protocol: Option<String>,
        #[serde(default)]
        host: Option<String>,
        #[serde(default)]
        port: Option<String>,
        /// With the leading `/`; `#{path}` stands for the request's without it.
        #[serde(default)]
        path: Option<String>,
        /// Without the `?`.
        #[serde(default)]
        query: Option<String>,
        /// 301 or 302
        status: u16,
    },
    FixedResponse {
        /// 2xx, 4xx or 5xx
        status: u16,
        #[serde(default)]
        content_type: Option<String>,
        /// At most 1024 bytes.
        #[serde(default)]
        body: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightedGroup {
    pub group: String,
    #[serde(default = "one")]
    pub weight: u32,
}

fn one() -> u32 {
    1
}

method!(PushBalancerConfig, "balancer/PushConfig", BalancerConfig => Applied);
method!(GetBalancerStatus, "balancer/Status", crate::Empty => BalancerStatus);

#[cfg(test)]
mod tests;
