//! What the worker keeps for each port of the switch, and the way out of the switch into it.

use crate::endpoint::Doors;
use crate::imds::server::Server;
use crate::imds::token::Tokens;
use crate::port::Attachment;
use crate::share::Share;
use crate::stack::Stack;
use crate::terminator::Terminators;
use crate::underlay::Underlay;
use platform::{Rng, SystemRng};
use std::net::Ipv4Addr;
use std::sync::Arc;
use types::InterfaceId;
use vswitch::{PortIndex, Sink};
use wire::net::{NetConfig, PortConfig};

/// The host's own services towards one guest. Made at first use, so that an idle port costs nothing.
pub struct Services {
    pub stack: Stack,
    pub imds: Server,
    pub doors: Doors,
}

pub struct Slot {
    pub id: InterfaceId,
    pub attachment: Attachment,
    pub services: Option<Services>,
    /// What the switch had counted from this port when the present VMM connected.
    pub frames_before: u64,
    /// Something waits in the stack.
    pub services_wake: bool,
    /// When the stack wants to be polled though nothing came.
    pub services_due_ms: Option<u64>,
    /// The transmit ring has (or may have) more.
    pub transmit: bool,
    /// Until when what is in the transmit ring exceeds the guest's rate.
    pub held_until_ms: Option<u64>,
    pub share: Share,
    /// Frames were delivered since the last interrupt.
    pub delivered: bool,
    config: Arc<NetConfig>,
    at: usize,
}

impl Slot {
    pub fn new(id: InterfaceId, attachment: Attachment, config: Arc<NetConfig>, at: usize) -> Self {
        Self {
            id,
            attachment,
            services: None,
            frames_before: 0,
            services_wake: false,
            services_due_ms: None,
            transmit: false,
            held_until_ms: None,
            share: Share::default(),
            delivered: false,
            config,
            at,
        }
    }

    /// There is something to take from the transmit ring.
    pub fn has_frames(&self, now_ms: u64) -> bool {
        self.transmit && self.held_until_ms.is_none_or(|until| until <= now_ms)
    }

    /// The port's part of the configuration. `at` is its place in the list, which was checked.
    pub fn config(&self) -> &PortConfig {
        &self.config.ports[self.at]
    }

    pub fn network(&self) -> &NetConfig {
        &self.config
    }

    /// True: the guest's address changed and the services' connections are gone.
    pub fn reconfigure(&mut self, config: Arc<NetConfig>, at: usize) -> bool {
        self.config = config;
        self.at = at;
        self.held_until_ms = None;
        let guest = self.config().ipv4.first().copied();
        let changed = self.services.as_ref().is_some_and(|s| Some(s.stack.guest()) != guest);
        if changed {
            self.services = None;
        }
        changed
    }

    /// The services, made now if need be.
    pub fn services(&mut self, now_ms: u64) -> &mut Services {
        let guest = self.config().ipv4.first().copied().unwrap_or(Ipv4Addr::UNSPECIFIED);
        self.services.get_or_insert_with(|| Services {
            // What its sequence numbers and ports begin with.
            stack: Stack::new(guest, SystemRng::new().u64(), now_ms),
            imds: Server::default(),
            doors: Doors::default(),
        })
    }

    /// Lets the metadata service work on what is in the stack.
    pub fn serve_metadata(&mut self, tokens: &Tokens, now_s: u64, now_ms: u64) {
        if let Some(s) = &mut self.services {
            s.imds.serve(&mut s.stack, (&self.config.ports, self.at), tokens, now_s, now_ms);
        }
    }
}

/// Whether a guest attaches to the port. A NAT gateway is the switch's own, a terminator the card's.
pub fn has_guest(port: &PortConfig) -> bool {
    port.nat.is_none() && port.terminator.is_none()
}

/// Where the switch's packets go.
pub struct Outlet {
    /// By [`PortIndex`].
    pub slots: Vec<Option<Slot>>,
    pub terminators: Terminators,
    pub underlay: Option<Underlay>,
    /// Datagrams for other hosts while the underlay socket is not there.
    pub underlay_down: u64,
    /// Of what is being done.
    pub now_ms: u64,
}

impl Outlet {
    fn slot(&mut self, port: PortIndex) -> Option<&mut Slot> {
        self.slots.get_mut(port.0 as usize)?.as_mut()
    }
}

impl Sink for Outlet {
    fn deliver(&mut self, port: PortIndex, frame: &[u8]) {
        match self.slot(port) {
            Some(slot) => slot.delivered |= slot.attachment.device.deliver(&[frame]),
            None => self.terminators.deliver(port, frame),
        }
    }

    fn underlay(&mut self, to: Ipv4Addr, datagram: &[u8], _entropy: u16) {
        match &mut self.underlay {
            Some(underlay) => underlay.send_to(to, datagram, self.now_ms),
            None => self.underlay_down += 1,
        }
    }

    fn local(&mut self, port: PortIndex, frame: &[u8]) {
        let now_ms = self.now_ms;
        // Of IPv6 there is the metadata service alone.
        if frame.get(12..14) == Some(&[0x86, 0xdd]) {
            if let Some(slot) = self.slot(port) {
                let services = slot.services(now_ms);
                services.imds.open(&mut services.stack, true, now_ms);
                services.stack.input(frame);
                slot.services_wake = true;
            }
            return;
        }
        let Some(&destination) = frame.get(30..).and_then(|f| f.first_chunk::<4>()) else { return };
        let destination = Ipv4Addr::from(destination);
        if let Some(slot) = self.slot(port) {
            let services = slot.services(now_ms);
            if destination == vswitch::METADATA_ADDRESS {
                services.imds.open(&mut services.stack, false, now_ms);
            } else {
                services.doors.knock(&mut services.stack, destination, frame);
            }
            services.stack.input(frame);
            slot.services_wake = true;
        }
    }
}
