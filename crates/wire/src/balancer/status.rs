//! What a balancer's process sees of its listeners and targets.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;
use types::Generation;

/// What a balancer's process sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalancerStatus {
    pub name: String,
    pub generation: Generation,
    pub listeners: Vec<ListenerStatus>,
    pub target_groups: Vec<TargetGroupStatus>,
    pub connections: u64,
    pub requests: u64,
    /// Why requests were refused, shed, tried again: reason -> count since start.
    pub counters: BTreeMap<String, u64>,
    /// The last document that was refused, and why. None once a good one came.
    pub refused: Option<String>,
    /// Public keys (PEM) by id, of `x-amzn-oidc-data`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub oidc_keys: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerStatus {
    pub arn: String,
    pub addresses: Vec<std::net::SocketAddr>,
    /// Why it does not listen.
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetGroupStatus {
    pub arn: String,
    /// Every target is unhealthy, so all are used.
    pub fail_open: bool,
    pub targets: Vec<TargetStatus>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetStatus {
    pub id: String,
    pub address: IpAddr,
    pub port: u16,
    pub zone: Option<String>,
    pub state: TargetState,
    /// AWS's code: `Target.Timeout`; none when healthy.
    pub reason: Option<String>,
    /// AWS's sentence: `Health checks failed with these codes: [503]`.
    pub description: Option<String>,
    pub since_unix_ms: u64,
    pub in_flight: u32,
    pub requests: u64,
    /// Of the last requests' times to the answer's head, microseconds; within 7 %.
    pub p50_us: u64,
    pub p99_us: u64,
    pub breaker: BreakerState,
    /// Its requests fail much more often than the other targets'.
    #[serde(default)]
    pub anomalous: bool,
    /// It gets fewer requests for that.
    #[serde(default)]
    pub mitigated: bool,
}

/// AWS's TargetHealthStateEnum, as far as a balancer's process knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetState {
    Initial,
    Healthy,
    Unhealthy,
    /// No listener forwards to the group.
    Unused,
    Draining,
    /// Health checks are off.
    Unavailable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    Closed,
    Open,
    HalfOpen,
}
