//! Target groups: who gets requests, how one is chosen, how its health is known, what keeps its failures to itself.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;

fn one() -> u32 {
    1
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetGroup {
    pub arn: String,
    pub protocol: TargetProtocol,
    /// HTTP and HTTPS groups.
    #[serde(default)]
    pub version: ProtocolVersion,
    /// One that is no longer here is deregistered: it gets nothing new at once, and ends within the delay.
    pub targets: Vec<Target>,
    #[serde(default)]
    pub algorithm: Algorithm,
    /// `load_balancing.algorithm.anomaly_mitigation`; with `weighted_random` only.
    #[serde(default)]
    pub anomaly_mitigation: bool,
    #[serde(default)]
    pub stickiness: Option<Stickiness>,
    /// `slow_start.duration_seconds`: 0 (off), or 30 to 900. Round robin only.
    #[serde(default)]
    pub slow_start_seconds: u32,
    /// `deregistration_delay.timeout_seconds`: 0 to 3600.
    #[serde(default = "deregistration_delay_seconds")]
    pub deregistration_delay_seconds: u32,
    #[serde(default)]
    pub health_check: HealthCheck,
    #[serde(default)]
    pub resilience: Resilience,
    /// Network groups.
    #[serde(default)]
    pub network: NetworkGroup,
}

fn deregistration_delay_seconds() -> u32 {
    300
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TargetProtocol {
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

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProtocolVersion {
    #[default]
    #[serde(rename = "HTTP1")]
    Http1,
    /// Over TLS by ALPN, else with prior knowledge (h2c).
    #[serde(rename = "HTTP2")]
    Http2,
    /// As HTTP2; health by gRPC status.
    #[serde(rename = "GRPC")]
    Grpc,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// As registered: `i-0abc…`, an address, anything in a file. With the port it is unique in its group.
    pub id: String,
    pub address: IpAddr,
    pub port: u16,
    #[serde(default)]
    pub zone: Option<String>,
    /// 1 to 999: its share beside the others'.
    #[serde(default = "one")]
    pub weight: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    #[default]
    RoundRobin,
    LeastOutstandingRequests,
    WeightedRandom,
    /// The less loaded of two that are drawn. Not AWS's, as the next.
    PowerOfTwo,
    /// By the client's address: the same target as long as it is there, also from other nodes. Who has a quarter more than its
    /// share of the requests in flight is passed over.
    ConsistentHash,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Stickiness {
    /// A cookie of the balancer's, AWSALB.
    LbCookie { duration_seconds: u32 },
    /// As long as the application's own cookie `name`, AWSALBAPP-0.
    AppCookie { name: String, duration_seconds: u32 },
    /// Network groups: by the client's address.
    SourceIp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkGroup {
    /// `preserve_client_ip.enabled`
    pub preserve_client_ip: bool,
    /// `proxy_protocol_v2.enabled`
    pub proxy_protocol_v2: bool,
    /// `deregistration_delay.connection_termination.enabled`
    pub terminate_connections: bool,
    /// `target_health_state.unhealthy.connection_termination.enabled`
    pub terminate_unhealthy: bool,
    /// The packet engine forwards to its targets, which are checked here.
    pub checked: bool,
}

impl Default for NetworkGroup {
    fn default() -> Self {
        Self {
            preserve_client_ip: true,
            proxy_protocol_v2: false,
            terminate_connections: false,
            terminate_unhealthy: true,
            checked: false,
        }
    }
}

/// Active checks, and what passive observation may do. Times to detect: interval x threshold + timeout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HealthCheck {
    /// Off: every target counts as healthy.
    pub enabled: bool,
    pub protocol: HealthProtocol,
    /// None: the target's own, `traffic-port`.
    pub port: Option<u16>,
    /// HTTP(S): a path with its query. gRPC: `/package.service/method`, AWS's `/AWS.ALB/healthcheck` when it is empty.
    pub path: String,
    /// HTTP(S): `200`, `200-299`, `200,202`. gRPC: status codes, `12`, `0-99`.
    pub matcher: String,
    /// 5 to 300; the jitter of 0-20 % is added to it.
    pub interval_seconds: u32,
    /// 2 to 120
    pub timeout_seconds: u32,
    /// 2 to 10, both.
    pub healthy_threshold: u32,
    pub unhealthy_threshold: u32,
    /// Consecutive failures of real requests (5xx, connect errors, timeouts) that demote a target until active checks
    /// confirm or clear it. 0: off.
    pub passive_failures: u32,
    /// Of the targets that were healthy, at most so many hundredths may be out of use at once by passive observation.
    pub passive_share_max_percent: u32,
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self {
            enabled: true,
            protocol: HealthProtocol::Http,
            port: None,
            path: "/".to_owned(),
            matcher: "200".to_owned(),
            interval_seconds: 30,
            timeout_seconds: 5,
            healthy_threshold: 5,
            unhealthy_threshold: 2,
            passive_failures: 5,
            passive_share_max_percent: 50,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HealthProtocol {
    #[serde(rename = "HTTP")]
    Http,
    #[serde(rename = "HTTPS")]
    Https,
    #[serde(rename = "TCP")]
    Tcp,
    /// HTTP/2 with a gRPC status in the trailers.
    #[serde(rename = "GRPC")]
    Grpc,
}

/// What keeps one group's failure away from the others. Defaults: seed 002.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resilience {
    /// A target's breaker opens at this share of errors ...
    pub breaker_error_percent: u32,
    /// ... among at least so many requests of the last ten seconds,
    pub breaker_requests_min: u32,
    /// stays open for so long,
    pub breaker_open_ms: u32,
    /// and closes when so many probes in a row went well.
    pub breaker_probes: u32,
    /// Sent again at once, to another target: the connection was refused.
    pub connect_retries: u32,
    /// Idempotent requests that were answered 502, 503 or 504, or whose connection broke.
    pub response_retries: u32,
    /// Idempotent requests that were not answered in time; the last try has half as much time again.
    pub timeout_retries: u32,
    pub backoff_base_ms: u32,
    pub backoff_max_ms: u32,
    /// Retries that may be made for each hundred requests (and ten a second, so that a quiet group can try again).
    pub retry_budget_percent: u32,
    pub connect_timeout_ms: u32,
    /// From the request's last byte to the answer's head. None: the idle timeout decides, as AWS's does.
    pub response_timeout_ms: Option<u32>,
    /// The bulkhead: connections to one target at once,
    pub connections_max: u32,
    /// and requests in flight to one target.
    pub requests_max: u32,
    /// Connections kept open without a request, a target.
    pub idle_connections_max: u32,
    pub idle_connection_seconds: u32,
}

impl Default for Resilience {
    fn default() -> Self {
        Self {
            breaker_error_percent: 50,
            breaker_requests_min: 20,
            breaker_open_ms: 30_000,
            breaker_probes: 5,
            connect_retries: 3,
            response_retries: 2,
            timeout_retries: 1,
            backoff_base_ms: 100,
            backoff_max_ms: 5_000,
            retry_budget_percent: 20,
            connect_timeout_ms: 10_000,
            response_timeout_ms: None,
            connections_max: 500,
            requests_max: 500,
            idle_connections_max: 100,
            idle_connection_seconds: 50,
        }
    }
}
