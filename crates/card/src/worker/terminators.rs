//! The worker's share in ports that a process stands behind ([`crate::terminator`]).

use super::Worker;
use crate::slot::Outlet;
use std::net::IpAddr;
use types::InterfaceId;
use vswitch::PortIndex;
use wire::net::NetConfig;

impl Worker {
    /// A batch of frames of each, as of guests.
    pub(super) fn transmit_terminated(&mut self) {
        if !std::mem::take(&mut self.terminators_ready) {
            return;
        }
        let now_ms = self.now_ms();
        self.terminators.heard();
        let (switch, scratch, slots) = (&mut self.switch, &mut self.scratch, &mut self.slots);
        let (underlay, underlay_down) = (&mut self.underlay, &mut self.underlay_down);
        let more = self.terminators.take(|port: PortIndex, frame, terminators| {
            let underlay = underlay.as_mut();
            let mut out = Outlet { slots, terminators, underlay, underlay_down, seed: 0, now_ms };
            scratch.set(frame);
            switch.from_port(port, scratch, now_ms, &mut out);
        });
        self.terminators_ready = more;
    }

    pub(super) fn apply_terminators(&mut self, config: &NetConfig) {
        let switch = &self.switch;
        let ports = config.ports.iter().filter(|p| p.terminator.is_some() && p.nat.is_none());
        let wanted = ports.filter_map(|p| Some((switch.port(p.id)?, p)));
        self.terminators.apply(wanted, &self.options.balancer_socket);
    }

    /// The process behind an interface asks for a connection.
    pub(super) fn dial(&mut self, n: u32, interface: InterfaceId, to: IpAddr, port: u16) -> Result<(), String> {
        let index = self.switch.port(interface).filter(|index| self.terminators.has(*index));
        let index = index.ok_or("no process stands behind that interface of this host")?;
        let Some(client) = self.clients.remove(&n) else { return Ok(()) };
        match self.terminators.dial(index, client.into_stream(&self.poller), to, port) {
            Ok(()) => Ok(()),
            Err((reason, stream)) => {
                let now_ms = self.now_ms();
                if let Ok(client) = crate::forward::Client::new(n, stream, &self.poller, now_ms) {
                    self.clients.insert(n, client);
                }
                Err(reason)
            }
        }
    }
}
