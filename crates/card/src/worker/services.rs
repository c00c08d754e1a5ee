//! The worker's share in the host's services: the metadata service, the forwarder and guests' connections to services, over
//! each port's own stack.

use super::Worker;
use crate::endpoint;
use crate::forward::{self, Client};
use platform::Clock;
use smoltcp::iface::SocketHandle;
use std::net::Ipv4Addr;
use std::os::unix::net::UnixStream;
use vswitch::PortIndex;
use wire::card::ForwardRequest;

impl Worker {
    /// The metadata service and the forwarder, on every port where something came in or is due.
    pub(super) fn run_services(&mut self) {
        let now_ms = self.now_ms();
        let now_s = self.clock.wall().0 / 1000;
        for n in 0..self.out.slots.len() {
            let Some(slot) = &mut self.out.slots[n] else { continue };
            if !slot.services_wake && slot.services_due_ms.is_none_or(|due| due > now_ms) {
                continue;
            }
            slot.services_wake = false;
            let Some(services) = &mut slot.services else {
                slot.services_due_ms = None;
                continue;
            };
            services.stack.poll(now_ms);
            self.take_in(n as u32);
            let Some(slot) = &mut self.out.slots[n] else { continue };
            slot.serve_metadata(&self.options.tokens, now_s, now_ms);
            self.pump_clients(n as u32);
            self.send_from_services(n, now_ms);
        }
        self.drop_late_clients(now_ms);
    }

    /// Hands on the connections to services that have come in.
    fn take_in(&mut self, n: u32) {
        let Some(Some(slot)) = self.out.slots.get_mut(n as usize) else { return };
        let Some(services) = &mut slot.services else { return };
        for (handle, address) in services.doors.entered(&mut services.stack) {
            let Err(reason) = self.hand_over(n, handle, address) else { continue };
            tracing::debug!(reason, "a connection to a service is reset");
            self.endpoint_refused += 1;
            if let Some(Some(slot)) = self.out.slots.get_mut(n as usize)
                && let Some(services) = &mut slot.services
            {
                services.doors.handed -= 1;
                services.stack.tcp(handle).abort();
                services.stack.retire(handle);
            }
        }
    }

    fn hand_over(&mut self, n: u32, handle: SocketHandle, address: Ipv4Addr) -> Result<(), &'static str> {
        if self.clients.values().filter(|c| c.handed).count() >= endpoint::HANDED_MAX {
            return Err("the card has as many as it may");
        }
        let slot = self.out.slots.get_mut(n as usize).and_then(Option::as_mut).ok_or("the port is gone")?;
        let source = slot.services.as_ref().and_then(|s| s.stack.remote(handle)).ok_or("the guest is gone")?;
        let word = endpoint::word(slot.network(), slot.config(), source, address).ok_or("no endpoint leads there")?;
        let (near, far) = UnixStream::pair().map_err(|_| "no descriptors are left")?;
        far.set_nonblocking(true).map_err(|_| "its socket cannot be set up")?;
        let number = self.next_client.wrapping_add(1);
        let client = Client::of_guest(number, near, &self.poller, n, handle).map_err(|_| "its socket cannot be watched")?;
        self.options.handed.try_send((word, far)).map_err(|_| "too many wait to be handed on")?;
        self.next_client = number;
        self.clients.insert(number, client);
        Ok(())
    }

    /// Polls the port's stack again and sends what it has for the guest.
    fn send_from_services(&mut self, n: usize, now_ms: u64) {
        let mut frames = Vec::new();
        if let Some(slot) = self.out.slots[n].as_mut()
            && let Some(s) = &mut slot.services
        {
            s.stack.poll(now_ms);
            frames.extend(std::iter::from_fn(|| s.stack.output()));
            let due = s.stack.due_ms(now_ms).into_iter().chain(s.imds.due_ms(&mut s.stack)).min();
            // What is due at once is at least a turn away: a full queue must not keep the thread spinning.
            slot.services_due_ms = due.map(|at| at.max(now_ms + 1));
        }
        self.out.now_ms = now_ms;
        for frame in frames {
            self.scratch.set(&frame);
            self.switch.from_service(PortIndex(n as u32), &mut self.scratch, now_ms, &mut self.out);
        }
    }

    pub(super) fn accept_clients(&mut self) {
        let now_ms = self.now_ms();
        // Some at a time; the socket stays ready.
        for _ in 0..16 {
            let Ok((stream, _)) = self.forward.accept() else { return };
            if self.clients.values().filter(|c| !c.handed).count() >= forward::CLIENTS_MAX {
                self.forward_refused += 1;
                continue;
            }
            self.next_client = self.next_client.wrapping_add(1);
            match Client::new(self.next_client, stream, &self.poller, now_ms) {
                Ok(client) => drop(self.clients.insert(self.next_client, client)),
                Err(error) => tracing::warn!(%error, "cannot take a forward client"),
            }
        }
    }

    pub(super) fn client_ready(&mut self, n: u32) {
        let Some(client) = self.clients.get_mut(&n) else { return };
        match client.request() {
            Ok(None) => {}
            Ok(Some(request)) => match self.open_forward(n, request) {
                Ok(()) => {}
                Err(reason) => self.refuse_client(n, &reason),
            },
            Err(reason) => self.refuse_client(n, &reason),
        }
        match self.clients.get(&n).and_then(Client::slot) {
            Some(slot) => self.with_slot(slot, |s, _| s.services_wake = true),
            None => self.pump_client(n),
        }
    }

    fn refuse_client(&mut self, n: u32, reason: &str) {
        self.forward_refused += 1;
        if let Some(client) = self.clients.get_mut(&n) {
            client.refuse(reason);
        }
    }

    fn open_forward(&mut self, n: u32, request: ForwardRequest) -> Result<(), String> {
        if let Some(to) = request.to {
            return self.dial(n, request.interface, to, request.port);
        }
        let now_ms = self.now_ms();
        let at = self.out.slots.iter().position(|s| s.as_ref().is_some_and(|s| s.id == request.interface));
        let (at, slot) = at.and_then(|at| Some((at, self.out.slots[at].as_mut()?))).ok_or("no such interface on this host")?;
        if !slot.attachment.device.usable() {
            return Err("the instance's network is not up".to_owned());
        }
        let services = slot.services(now_ms);
        services.imds.open(&mut services.stack, false, now_ms);
        let handle = services.stack.connect(request.port, forward::BUFFER_BYTES).map_err(|e| e.to_string())?;
        slot.services_wake = true;
        if let Some(client) = self.clients.get_mut(&n) {
            client.connecting(at as u32, handle);
        }
        Ok(())
    }

    fn pump_clients(&mut self, slot: u32) {
        let of_slot: Vec<u32> = self.clients.iter().filter(|(_, c)| c.slot() == Some(slot)).map(|(n, _)| *n).collect();
        for n in of_slot {
            self.pump_client(n);
        }
    }

    fn pump_client(&mut self, n: u32) {
        let Some(client) = self.clients.get_mut(&n) else { return };
        let slot = client.slot();
        let services = slot.and_then(|s| self.out.slots.get_mut(s as usize)?.as_mut()?.services.as_mut());
        let handle = client.handle();
        if !client.pump(services.map(|s| &mut s.stack), &self.poller) {
            self.forget_client(n, slot, handle);
        }
    }

    /// The client goes; its TCP socket is left to the stack until it is closed.
    fn forget_client(&mut self, n: u32, slot: Option<u32>, handle: Option<SocketHandle>) {
        let handed = self.clients.remove(&n).is_some_and(|c| c.handed);
        let slot = slot.and_then(|s| self.out.slots.get_mut(s as usize)?.as_mut());
        if let (Some(slot), Some(handle)) = (slot, handle) {
            slot.services_wake = true;
            if let Some(services) = &mut slot.services {
                services.doors.handed -= usize::from(handed);
                services.stack.retire(handle);
            }
        }
    }

    fn drop_late_clients(&mut self, now_ms: u64) {
        let late: Vec<u32> = self.clients.iter().filter(|(_, c)| c.is_late(now_ms)).map(|(n, _)| *n).collect();
        for n in late {
            let Some(client) = self.clients.get_mut(&n) else { continue };
            let (slot, handle) = (client.slot(), client.handle());
            client.refuse("the guest did not answer in time");
            client.pump(None, &self.poller);
            self.forget_client(n, slot, handle);
        }
    }
}
