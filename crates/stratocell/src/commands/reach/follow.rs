//! A packet's way over the hosts: each card on it is asked what it would do, as far as that card goes.

use super::super::RPC_TIMEOUT;
use crate::error::CliError;
use platform::rpc::{Client, RpcError};
use platform::{DataDir, Identity, Settings};
use std::net::{IpAddr, Ipv4Addr};
use types::{HostId, InterfaceId};
use wire::net::Direction;
use wire::trace::{Connection, Passed, Probe, Step, Trace, TraceFrom, TraceRequest, Translation};

/// Hosts and guests that route: more is a loop.
const HOPS_MAX: usize = 32;

pub struct Region<'a> {
    pub dir: &'a DataDir,
    pub me: &'a Identity,
    pub settings: &'a Settings,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Delivered(InterfaceId),
    /// A service of the host answers.
    Service,
    /// Through the edge.
    Outside,
    Dropped(String),
    /// Nobody knows: a loop, a host that is none.
    Lost(String),
}

#[derive(Debug, Clone)]
pub struct Leg {
    pub steps: Vec<(HostId, Step)>,
    pub end: End,
    /// Where it ended.
    pub host: HostId,
    /// As it was there.
    pub packet: Probe,
    /// For its answer.
    pub passed: Passed,
}

impl Leg {
    /// What was decided before the last step.
    pub fn before_last(&self) -> Option<&Step> {
        self.steps.len().checked_sub(2).map(|n| &self.steps[n].1)
    }
}

impl Region<'_> {
    /// `answer`: the packet answers one that got through.
    pub async fn follow(&self, host: &HostId, from: TraceFrom, probe: Probe, answer: Option<Passed>) -> Result<Leg, CliError> {
        let mut leg = Leg { steps: Vec::new(), end: End::Service, host: host.clone(), packet: probe, passed: Passed::default() };
        let mut from = from;
        for _ in 0..HOPS_MAX {
            let request = TraceRequest { from, probe: leg.packet, answer: answer.clone() };
            let reply = match self.card(&leg.host).call::<Trace>(&request, RPC_TIMEOUT).await {
                Ok(reply) => reply,
                Err(RpcError::Remote { code, .. }) if code == "not-here" => {
                    leg.end = End::Lost(format!("host {} does not have the interface (yet)", leg.host));
                    return Ok(leg);
                }
                Err(source) => {
                    return Err(CliError::Unanswered { what: format!("ask the card of host {}", leg.host), source });
                }
            };
            for step in &reply.steps {
                leg.take(step);
            }
            match reply.steps.last() {
                Some(Step::Dropped(reason)) => leg.end = End::Dropped(reason.clone()),
                Some(Step::Service { .. }) => leg.end = End::Service,
                Some(Step::Delivered { interface, .. }) if reply.arrived => leg.end = End::Delivered(*interface),
                // Its guest routes; that it does is what the source/destination check being off says.
                Some(Step::Delivered { interface, .. }) => {
                    from = TraceFrom::Guest { interface: *interface };
                    continue;
                }
                Some(Step::Sent { underlay, .. }) if *underlay == self.settings.edge_underlay => leg.end = End::Outside,
                Some(Step::Sent { underlay, vni, interface, .. }) => {
                    let sender = self.address_of(&leg.host);
                    match (self.host_at(*underlay), sender) {
                        (Some(next), Some(sender)) => {
                            leg.host = next;
                            from = TraceFrom::Host { underlay: sender, vni: *vni, interface: *interface };
                            continue;
                        }
                        _ => leg.end = End::Lost(format!("no host has the VXLAN address {underlay}")),
                    }
                }
                _ => leg.end = End::Lost(format!("host {} has decided nothing", leg.host)),
            }
            return Ok(leg);
        }
        leg.end = End::Lost(format!("it goes on after {HOPS_MAX} hosts and guests that route: a loop"));
        Ok(leg)
    }

    fn card(&self, host: &HostId) -> Client {
        Client::new(self.me, self.dir.card_socket(host))
    }

    fn host_at(&self, underlay: Ipv4Addr) -> Option<HostId> {
        self.settings.cells.iter().flat_map(|c| &c.hosts).find(|h| h.underlay == underlay).map(|h| h.id.clone())
    }

    fn address_of(&self, host: &HostId) -> Option<Ipv4Addr> {
        self.settings.cells.iter().flat_map(|c| &c.hosts).find(|h| h.id == *host).map(|h| h.underlay)
    }
}

impl Leg {
    /// Notes a step and what it makes of the packet.
    fn take(&mut self, step: &Step) {
        match step {
            Step::Nat { interface, source, .. } => {
                if let IpAddr::V4(inside) = self.packet.source {
                    let inside_port = self.packet.source_port;
                    self.passed.translations.push(Translation { interface: *interface, inside, inside_port, outside: *source });
                }
                self.packet.source = (*source).into();
            }
            Step::SecurityGroups { interface, rule: Some(_), .. } => {
                let Probe { source, destination, .. } = self.packet;
                self.passed.connections.push(Connection { interface: *interface, source, destination });
            }
            Step::Balanced { interface, target, port } => {
                if let IpAddr::V4(inside) = self.packet.destination {
                    let inside_port = self.packet.destination_port;
                    self.passed.translations.push(Translation { interface: *interface, inside, inside_port, outside: *target });
                }
                (self.packet.destination, self.packet.destination_port) = ((*target).into(), *port);
            }
            Step::BalancedBack { source, port, .. } => {
                (self.packet.source, self.packet.source_port) = ((*source).into(), *port);
            }
            Step::NatBack { destination, .. } => self.packet.destination = (*destination).into(),
            Step::PublicAddress { public, direction: Direction::Egress, .. } => self.packet.source = (*public).into(),
            Step::PublicAddress { private, direction: Direction::Ingress, .. } => self.packet.destination = (*private).into(),
            Step::Delivered { packet, .. } | Step::Sent { packet, .. } => self.packet = *packet,
            _ => {}
        }
        self.steps.push((self.host.clone(), step.clone()));
    }
}
