//! The worker leaves its place to an heir, or takes that of a running one ([`crate::heir`] is the talk between them).
//!
//! What goes along: guests' connections with their rings, the underlay socket, the listening sockets, what the switch knows,
//! counters. What does not: connections to the card's own services (metadata, forwarder, endpoints) and those
//! that end at terminators. Their stacks are new, and
//! answer what goes on with one by a reset.

use super::{Command, Flows, Worker, WorkerOptions};
use crate::device::DeviceCounters;
use crate::heir::{self, Fds, Heir, HeirError, Payload};
use crate::poller::Token;
use crate::port::{Attachment, AttachmentState};
use crate::slot::Slot;
use crate::underlay::Underlay;
use crate::worker::flows::Window;
use serde::{Deserialize, Serialize};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use types::{Generation, InterfaceId};
use vmm_sys_util::eventfd::EventFd;
use vswitch::{PortIndex, Switch};
use wire::net::NetConfig;

/// What an heir compiles before the card stands still.
#[derive(Serialize, Deserialize)]
pub struct Prospect {
    pub seed: u64,
    pub config: Arc<NetConfig>,
}

/// The card's part of the state, in JSON; the switch's comes after it.
#[derive(Serialize, Deserialize)]
struct CardState {
    underlay: Option<UnderlayState>,
    underlay_down: u64,
    received: u64,
    truncated: u64,
    forward_refused: u64,
    endpoint_refused: u64,
    records_unqueued: u64,
    tokens_issued: u64,
    windows: Vec<(InterfaceId, Window)>,
    slots: Vec<SlotState>,
}

#[derive(Serialize, Deserialize)]
struct UnderlayState {
    address: std::net::Ipv4Addr,
    sent: u64,
    send_drops: u64,
}

#[derive(Serialize, Deserialize)]
struct SlotState {
    id: InterfaceId,
    attachment: AttachmentState,
    counters: DeviceCounters,
    frames_before: u64,
    requests: u64,
    refusals: u64,
    full: u64,
}

impl Worker {
    pub(super) fn prospect(&self) -> Option<Prospect> {
        Some(Prospect { seed: self.switch.seed(), config: self.config.clone()? })
    }

    /// Stands still until the heir has begun (`Ok`: this one must not touch anything any more) or has failed.
    pub(super) fn leave_to(&mut self, stream: &UnixStream, compiled: Generation) -> Result<(), HeirError> {
        if self.switch.generation() != compiled {
            return Err(HeirError::Changed(compiled));
        }
        let began = std::time::Instant::now();
        self.flush();
        self.log_flows(self.now_ms());
        let payload = self.pack()?;
        heir::give(stream, &payload)?;
        tracing::info!(still_us = began.elapsed().as_micros() as u64, bytes = payload.bytes.len(), "handed over");
        Ok(())
    }

    fn pack(&self) -> Result<Payload, HeirError> {
        let mut fds: Vec<OwnedFd> = vec![self.forward.as_fd().try_clone_to_owned()?];
        let underlay = match &self.out.underlay {
            Some(u) => {
                fds.push(u.try_clone_fd()?);
                Some(UnderlayState { address: u.address(), sent: u.sent, send_drops: u.send_drops })
            }
            None => None,
        };
        let mut slots = Vec::new();
        for slot in self.out.slots.iter().flatten() {
            let services = slot.services.as_ref();
            slots.push(SlotState {
                id: slot.id,
                attachment: slot.attachment.pack(&mut fds)?,
                counters: slot.attachment.device.counters.clone(),
                frames_before: slot.frames_before,
                requests: services.map_or(0, |s| s.imds.requests),
                refusals: services.map_or(0, |s| s.imds.refusals),
                full: services.map_or(0, |s| s.doors.full),
            });
        }
        let card = CardState {
            underlay,
            underlay_down: self.out.underlay_down,
            received: self.inbox.received,
            truncated: self.inbox.truncated,
            forward_refused: self.forward_refused,
            endpoint_refused: self.endpoint_refused,
            records_unqueued: self.flows.skipped,
            tokens_issued: self.options.tokens.issued(),
            windows: self.flows.windows.iter().map(|(id, w)| (*id, w.clone())).collect(),
            slots,
        };
        let card = serde_json::to_vec(&card)?;
        let bytes = [&(card.len() as u64).to_le_bytes()[..], &card, &self.switch.export()].concat();
        Ok(Payload { bytes, fds })
    }

    /// Takes the place of the card at the other end. With an error that one goes on; when it returns, this one must run.
    pub(super) fn take_over(
        options: WorkerOptions,
        commands: Receiver<Command>,
        wake: EventFd,
        stream: UnixStream,
    ) -> Result<(Self, UnixStream), HeirError> {
        let (heir, prospect) = Heir::begin(stream)?;
        let prospect: Prospect = serde_json::from_slice(&prospect.bytes)?;
        let config = prospect.config;
        let mut switch = Switch::new(vswitch::Options::new(prospect.seed));
        switch.configure(&config, 0)?;
        let Payload { bytes, fds } = heir.prepared()?;
        let began = std::time::Instant::now();
        let (card_bytes, rest) = bytes.split_first_chunk().ok_or(HeirError::Payload("it is empty"))?;
        let (card, state) = usize::try_from(u64::from_le_bytes(*card_bytes))
            .ok()
            .and_then(|n| rest.split_at_checked(n))
            .ok_or(HeirError::Payload("it ends too early"))?;
        let card: CardState = serde_json::from_slice(card)?;
        let switch = switch.import(state)?;
        let mut fds = Fds::new(fds);
        let forward = UnixListener::from(fds.take()?);
        let mut worker = Self::new(options, commands, wake, forward, switch)?;
        worker.adopt(card, config, fds)?;
        heir.ready()?;
        tracing::info!(us = began.elapsed().as_micros() as u64, "took over");
        worker.keep_anew();
        // The other one writes there no more.
        if let Some(words) = worker.options.kept.take() {
            worker.switch.keep_in(words);
        }
        Ok((worker, heir.into_stream()))
    }

    fn adopt(&mut self, card: CardState, config: Arc<NetConfig>, mut fds: Fds) -> Result<(), HeirError> {
        self.ahead_ms = self.switch.now_ms().saturating_sub(self.now_ms());
        let now_ms = self.now_ms();
        if let Some(u) = card.underlay {
            let mut underlay = Underlay::adopt(u.address, fds.take()?);
            (underlay.sent, underlay.send_drops) = (u.sent, u.send_drops);
            self.poller.add(underlay.fd(), Token::Underlay)?;
            self.out.underlay = Some(underlay);
        }
        self.out.underlay_down = card.underlay_down;
        (self.inbox.received, self.inbox.truncated) = (card.received, card.truncated);
        (self.forward_refused, self.endpoint_refused) = (card.forward_refused, card.endpoint_refused);
        self.options.tokens.go_on_from(card.tokens_issued);
        self.flows = Flows::new(self.options.flows.clone());
        self.flows.windows = card.windows.into_iter().collect();
        self.flows.skipped = card.records_unqueued;
        for s in card.slots {
            let index = self.switch.port(s.id).ok_or(HeirError::Payload("a port that is not in the configuration"))?;
            let at = config.ports.iter().position(|p| p.id == s.id);
            let at = at.ok_or(HeirError::Payload("a port that is not in the configuration"))?;
            let path = (self.options.port_socket)(s.id);
            let mut attachment = Attachment::adopt(index.0, &path, s.attachment, &mut fds, &self.poller)?;
            attachment.device.counters = s.counters;
            let mut slot = Slot::new(s.id, attachment, config.clone(), at);
            slot.frames_before = s.frames_before;
            // What came in meanwhile made no kick that this one hears.
            slot.transmit = true;
            if s.requests + s.full > 0 {
                let services = slot.services(now_ms);
                (services.imds.requests, services.imds.refusals, services.doors.full) = (s.requests, s.refusals, s.full);
            }
            let PortIndex(n) = index;
            let size = self.out.slots.len().max(n as usize + 1);
            self.out.slots.resize_with(size, || None);
            self.out.slots[n as usize] = Some(slot);
        }
        self.apply_terminators(&config);
        self.config = Some(config);
        fds.end()
    }
}
