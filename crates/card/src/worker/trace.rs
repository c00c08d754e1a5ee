//! The worker's answer to what would become of a packet.

use super::Worker;
use std::net::IpAddr;
use wire::trace::{Step, TraceFrom, TraceReply, TraceRequest};

impl Worker {
    /// `None`: the interface, or the public address, is not on this host.
    pub(super) fn trace(&self, request: &TraceRequest) -> Option<TraceReply> {
        let (switch, probe) = (&self.switch, &request.probe);
        let steps = match (request.from, &request.answer) {
            (TraceFrom::Guest { interface }, None) => switch.trace(switch.port(interface)?, probe),
            (TraceFrom::Guest { interface }, Some(passed)) => switch.trace_answer(switch.port(interface)?, probe, passed),
            (TraceFrom::Service { interface }, _) => switch.trace_service_answer(switch.port(interface)?, probe),
            (TraceFrom::Host { underlay, vni, interface }, answer) => {
                let port = match interface {
                    Some(id) => switch.port(id)?,
                    None => switch.public_port(probe.destination)?,
                };
                match answer {
                    None => switch.trace_arrival(port, underlay, vni, probe),
                    Some(passed) => switch.trace_answer_arrival(port, underlay, vni, probe, passed),
                }
            }
        };
        let arrived = match steps.last() {
            Some(Step::Delivered { interface, packet }) => {
                let ports = self.config.iter().flat_map(|c| &c.ports);
                ports.filter(|p| p.id == *interface).any(|p| match packet.destination {
                    IpAddr::V4(to) => p.ipv4.contains(&to),
                    IpAddr::V6(to) => p.ipv6.contains(&to),
                })
            }
            _ => false,
        };
        let steps = steps.into_iter().map(|s| s.map_reason(|r| r.name().to_owned())).collect();
        Some(TraceReply { generation: switch.generation(), steps, arrived })
    }
}
