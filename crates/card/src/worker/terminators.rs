//! The worker's share in ports that a process stands behind ([`crate::terminator`]).

use super::Worker;
use std::net::IpAddr;
use types::InterfaceId;
use wire::net::NetConfig;

impl Worker {
    /// A batch of frames of each, as of guests.
    pub(super) fn transmit_terminated(&mut self) {
        if !std::mem::take(&mut self.terminators_ready) {
            return;
        }
        let now_ms = self.now_ms();
        self.out.now_ms = now_ms;
        self.out.terminators.heard();
        let more = self.out.terminators.take(&mut self.terminated);
        for (port, frame) in self.terminated.drain(..) {
            self.scratch.set(&frame);
            self.switch.from_port(port, &mut self.scratch, now_ms, &mut self.out);
        }
        self.terminators_ready = more;
    }

    pub(super) fn apply_terminators(&mut self, config: &NetConfig) {
        let switch = &self.switch;
        let ports = config.ports.iter().filter(|p| p.terminator.is_some() && p.nat.is_none());
        let wanted = ports.filter_map(|p| Some((switch.port(p.id)?, p)));
        self.out.terminators.apply(wanted, &self.options.balancer_socket);
    }

    /// The process behind an interface asks for a connection.
    pub(super) fn dial(&mut self, n: u32, interface: InterfaceId, to: IpAddr, port: u16) -> Result<(), String> {
        let index = self.switch.port(interface).filter(|index| self.out.terminators.has(*index));
        let index = index.ok_or("no process stands behind that interface of this host")?;
        let Some(client) = self.clients.remove(&n) else { return Ok(()) };
        match self.out.terminators.dial(index, client.into_stream(&self.poller), to, port) {
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
