//! The worker lays down what a next life goes on with, and goes on with what the last has laid down ([`crate::keeping`]).

use super::Worker;
use crate::heir::HeirError;
use crate::keeping::UNDERLAY;
use crate::port::Attachment;
use crate::underlay::Underlay;
use platform::keeper::Entry;
use std::collections::HashSet;
use std::io;
use std::net::Ipv4Addr;
use types::InterfaceId;
use vswitch::PortIndex;

impl Worker {
    /// A VMM's messages.
    pub(super) fn hear(&mut self, n: u32) {
        self.unsettle(n);
        self.with_slot(n, |slot, poller| slot.transmit |= slot.attachment.serve(poller));
        self.keep(n);
    }

    /// Something about the port's connection is about to change. Of one that a next life may find as it was, nothing will:
    /// it is closed.
    pub(super) fn unsettle(&mut self, n: u32) {
        let Some(Some(slot)) = self.out.slots.get_mut(n as usize) else { return };
        if !self.options.keeping.forget(&slot.id.to_string()) {
            slot.attachment.disconnect(&self.poller);
        }
    }

    pub(super) fn keep(&mut self, n: u32) {
        let Some(Some(slot)) = self.out.slots.get(n as usize) else { return };
        let mut fds = Vec::new();
        match slot.attachment.settled(&mut fds) {
            Ok(Some(state)) => match serde_json::to_vec(&state) {
                Ok(bytes) => self.options.keeping.put(&slot.id.to_string(), &bytes, &fds),
                Err(error) => tracing::warn!(port = %slot.id, %error, "a guest's connection cannot be laid down"),
            },
            Ok(None) => {}
            Err(error) => tracing::warn!(port = %slot.id, %error, "a guest's connection cannot be laid down"),
        }
    }

    fn keep_underlay(&mut self) {
        let Some(underlay) = &self.out.underlay else { return };
        match underlay.try_clone_fd() {
            Ok(fd) => self.options.keeping.put(UNDERLAY, underlay.address().to_string().as_bytes(), &[fd]),
            Err(error) => tracing::warn!(%error, "the underlay socket cannot be laid down"),
        }
    }

    /// This card has taken another's place: what that one has laid down is not what it left.
    pub(super) fn keep_anew(&mut self) {
        self.options.keeping.distrust();
        self.keep_all();
    }

    /// What is not laid down yet is, and what is not here any more goes.
    pub(super) fn keep_all(&mut self) {
        if !self.options.keeping.has(UNDERLAY) {
            self.keep_underlay();
        }
        let mut wanted = HashSet::new();
        if self.out.underlay.is_some() {
            wanted.insert(UNDERLAY.to_owned());
        }
        for n in 0..self.out.slots.len() {
            let Some(slot) = self.out.slots[n].as_ref().filter(|s| s.attachment.is_connected()) else { continue };
            let name = slot.id.to_string();
            if !self.options.keeping.has(&name) {
                self.keep(n as u32);
            }
            wanted.insert(name);
        }
        self.options.keeping.forget_others(|name| wanted.contains(name));
    }

    /// The socket of the last life, or another.
    pub(super) fn open_underlay(&mut self, address: Ipv4Addr) -> io::Result<Underlay> {
        let left = self.options.keeping.take(UNDERLAY).filter(|e| e.bytes == address.to_string().as_bytes());
        match left.and_then(|e| e.fds.into_iter().next()) {
            Some(fd) => Ok(Underlay::adopt(address, fd)),
            // Whoever holds one of the address keeps it from being bound.
            None if !self.options.keeping.forget(UNDERLAY) => Err(io::ErrorKind::WouldBlock.into()),
            None => Underlay::bind(address),
        }
    }

    /// Listens for the port's VMM, and goes on with its connection to the last life. True: there was one.
    pub(super) fn attach(&mut self, index: PortIndex, id: InterfaceId) -> io::Result<(Attachment, bool)> {
        let mut attachment = Attachment::listen(index.0, &(self.options.port_socket)(id), &self.poller)?;
        let Some(Entry { bytes, fds }) = self.options.keeping.take(&id.to_string()) else { return Ok((attachment, false)) };
        let state = serde_json::from_slice(&bytes).map_err(HeirError::from);
        match state.and_then(|state| attachment.resume(state, fds, &self.poller)) {
            Ok(guest) => {
                self.switch.attach(index, guest);
                Ok((attachment, true))
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(port = %id, error, "a guest's connection cannot be continued: its VMM will connect again");
                self.options.keeping.forget(&id.to_string());
                attachment.disconnect(&self.poller);
                Ok((attachment, false))
            }
        }
    }
}
