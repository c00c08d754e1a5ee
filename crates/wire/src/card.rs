//! Host agent to card.

use crate::net::NetConfig;
use crate::{Applied, method};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use types::{Generation, InterfaceId, VpcEndpointId, VpcId};

method!(
    /// To the card. Same rules of generation as [`crate::host::PushHostConfig`].
    PushNetConfig, "card/PushConfig", NetConfig => Applied
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardStatus {
    pub generation: Generation,
    pub flows: u64,
    pub ports: Vec<PortStatus>,
    /// Card-wide drops by reason (`unknown-underlay-source`, `vni-not-of-sender`, …).
    pub drops: BTreeMap<String, u64>,
    /// What it knows of large VPCs, and how it came to know: `entries`, `bytes`, `queries`, `held`, …
    #[serde(default)]
    pub resolver: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortStatus {
    pub id: InterfaceId,
    /// A VMM is attached and its driver has started the rings.
    pub link_up: bool,
    /// From the guest.
    pub tx_frames: u64,
    pub tx_bytes: u64,
    /// To the guest.
    pub rx_frames: u64,
    pub rx_bytes: u64,
    /// Drops by reason.
    pub drops: BTreeMap<String, u64>,
    /// Milliseconds since the guest last sent a frame; `None`: never since the card started.
    pub guest_seen_ms_ago: Option<u64>,
    /// The guest has taken its address by DHCP or answered ARP for it since it was attached.
    pub guest_configured: bool,
    pub metadata_requests: u64,
    /// Of a NAT gateway: its metrics, by CloudWatch's names.
    #[serde(default)]
    pub nat: BTreeMap<String, u64>,
}

method!(GetCardStatus, "card/Status", crate::Empty => CardStatus);

/// What a card says of a guest's connection that it hands on to who serves it (`platform::handover`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// [`crate::net::ServiceConfig::name`]
    pub service: String,
    /// Of the guest, within its VPC.
    pub source: Ipv4Addr,
    pub source_port: u16,
    pub vpc: VpcId,
    pub endpoint: VpcEndpointId,
    /// The endpoint's; `None`: everything may pass.
    pub policy: Option<String>,
}

/// What a card says of a connection to a port with a [`crate::net::TerminatorConfig`], to the process behind it (`platform::handover`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    pub interface: InterfaceId,
    /// Within the VPC, or a public address of the outside.
    pub remote: SocketAddr,
    /// The port's address that was connected to.
    pub local: SocketAddr,
}

/// First line (JSON) on the card's forward socket; the card answers with one line of [`ForwardReply`], then bytes flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForwardRequest {
    pub interface: InterfaceId,
    pub port: u16,
    /// Not to the interface's own guest: from the interface (which has a terminator) to this address, at `port`.
    #[serde(default)]
    pub to: Option<IpAddr>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardReply {
    Ok,
    Error(String),
}
