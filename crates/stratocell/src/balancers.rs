//! Load balancers as `status` and `lb status` show them: their names, and where to reach each zone's node from this machine.

use crate::tree::alias_ports;
use serde::Serialize;
use std::fmt::Write;
use std::net::Ipv4Addr;
use types::{AzName, HostId, InterfaceId};
use wire::api::RegionStatus;
use wire::edge::EdgeStatus;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Balancer {
    pub account: String,
    /// `app/web/50dc6c495c0c9188`
    pub name: String,
    pub state: String,
    /// Resolved within VPCs; from this machine the nodes' aliases lead to them.
    pub dns_name: String,
    pub nodes: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    pub zone: AzName,
    pub interface: InterfaceId,
    pub host: Option<HostId>,
    pub private_ip: Ipv4Addr,
    pub public_ip: Option<Ipv4Addr>,
    pub alias: Option<Ipv4Addr>,
    pub alias_ports: Vec<String>,
    /// The name gives its address.
    pub named: bool,
}

pub fn rows(region: &RegionStatus, edge: Option<&EdgeStatus>) -> Vec<Balancer> {
    let alias = |public: Option<Ipv4Addr>| edge?.aliases.iter().find(|a| Some(a.public) == public.map(Into::into));
    let node = |n: &wire::api::BalancerNodeSummary| Node {
        zone: n.zone.clone(),
        interface: n.interface,
        host: n.host.clone(),
        private_ip: n.private_ip,
        public_ip: n.public_ip,
        alias: alias(n.public_ip).map(|a| a.alias),
        alias_ports: alias(n.public_ip).map(alias_ports).unwrap_or_default(),
        named: n.named,
    };
    let one = |b: &wire::api::BalancerSummary| Balancer {
        account: b.account.to_string(),
        name: b.name.clone(),
        state: b.state.clone(),
        dns_name: b.dns_name.clone(),
        nodes: b.nodes.iter().map(node).collect(),
    };
    region.balancers.iter().map(one).collect()
}

pub fn line(b: &Balancer) -> String {
    format!("load balancer {}  {}  {}", b.name, b.state, b.dns_name)
}

pub fn node_line(n: &Node) -> String {
    let mut line = format!("{}  {}", n.zone, n.private_ip);
    if let Some(public) = n.public_ip {
        let _ = write!(line, "  {public}");
    }
    if let Some(alias) = n.alias {
        let ports =
            if n.alias_ports.is_empty() { "no open ports".to_owned() } else { format!("ports {}", n.alias_ports.join(", ")) };
        let _ = write!(line, "  alias {alias} ({ports})");
    }
    if let Some(host) = &n.host {
        let _ = write!(line, "  on {host}");
    }
    if !n.named {
        line.push_str("  not in the name's answer");
    }
    line
}
