//! `Switch::trace` says beforehand what becomes of a packet: followed over the hosts, and held against what did become of it.

use crate::generate::{EDGE, Iface, Network, underlay};
use crate::lab::why;
use crate::verdict::{End, L4, Packet, TTL, Tcp, dropped};
use types::*;
use vswitch::{Step, Switch};

/// What was foretold of a packet.
pub struct Foretold {
    end: End,
    /// By a NAT gateway, whose choice of a port is not known before.
    translated: bool,
}

/// What the traces of all hosts on the way say; `None`: nothing (it is no packet that begins a connection, or its TTL, which
/// traces do not know, may end it).
pub fn foretell(net: &Network, switches: &[Switch], of: InterfaceId, packet: Packet) -> Option<Foretold> {
    if matches!(packet.l4, L4::Tcp { tcp, .. } if tcp != Tcp::Syn) {
        return None;
    }
    // To itself by its public address: without ports, what comes back in is of the connection that just went out.
    let own = |i: &Iface| i.port.id == of && i.port.public.iter().any(|m| m.public == packet.dst);
    if matches!(packet.l4, L4::Other(_)) && net.ports.iter().any(own) {
        return None;
    }
    let iface = |id: InterfaceId| net.ports.iter().find(|i| i.port.id == id);
    let (mut at, mut hops, mut translated) = (iface(of)?.host?, 0, false);
    let mut sender = of;
    let mut steps = switches[at].trace(switches[at].port(of)?, &probe(packet));
    loop {
        let gateways = steps.iter().filter(|s| matches!(s, Step::Nat { .. })).count();
        translated |= gateways > 0;
        hops += gateways;
        if hops + 1 >= usize::from(TTL) {
            return None;
        }
        let end = match steps.last()? {
            Step::Dropped(reason) => dropped(why(*reason), None),
            Step::Service { .. } => End::Service { of: sender },
            Step::Delivered { interface, packet: p } => {
                let (p, y) = (read(p, packet), iface(*interface)?);
                if !y.port.ipv4.contains(&p.dst) {
                    // An instance that routes.
                    hops += 1;
                    sender = *interface;
                    steps = switches[at].trace(switches[at].port(sender)?, &probe(p));
                    continue;
                }
                End::Delivered { to: *interface, packet: p }
            }
            Step::Sent { underlay: to, packet: p, .. } if *to == EDGE => End::Outside(read(p, packet)),
            Step::Sent { underlay: to, vni, interface, packet: p } => {
                let from = underlay(at);
                at = (0..net.hosts).find(|h| underlay(*h) == *to)?;
                let public = || net.ports.iter().find(|i| i.port.public.iter().any(|m| m.public == p.destination));
                let to = interface.or_else(|| public().map(|i| i.port.id))?;
                steps = switches[at].trace_arrival(switches[at].port(to)?, from, *vni, p);
                continue;
            }
            other => panic!("{other:?} is no end"),
        };
        return Some(Foretold { end, translated });
    }
}

impl Foretold {
    pub fn came_true(&self, end: &End) -> bool {
        match (&self.end, end) {
            (End::Dropped(a), End::Dropped(b)) => a.iter().map(|(w, _)| w).eq(b.iter().map(|(w, _)| w)),
            (End::Delivered { to: a, packet: p }, End::Delivered { to: b, packet: q }) => a == b && self.alike(*p, *q),
            (End::Outside(p), End::Outside(q)) => self.alike(*p, *q),
            (a, b) => a == b,
        }
    }

    pub fn end(&self) -> End {
        self.end.clone()
    }

    fn alike(&self, p: Packet, q: Packet) -> bool {
        p == Packet { l4: if self.translated { q.l4.with_from(p.l4.port()) } else { q.l4 }, ..q }
    }
}

fn probe(p: Packet) -> vswitch::Probe {
    let (protocol, source_port, destination_port) = match p.l4 {
        L4::Tcp { from, to, .. } => (6, from, to),
        L4::Udp { from, to } => (17, from, to),
        L4::Echo { id, request } => (1, id, if request { 0x0800 } else { 0 }),
        L4::Other(n) => (n, 0, 0),
    };
    vswitch::Probe { source: p.src, destination: p.dst, protocol, source_port, destination_port }
}

/// A traced packet, which is of the same kind as `like`.
fn read(p: &vswitch::Probe, like: Packet) -> Packet {
    let l4 = match like.l4 {
        L4::Tcp { tcp, .. } => L4::Tcp { from: p.source_port, to: p.destination_port, tcp },
        L4::Udp { .. } => L4::Udp { from: p.source_port, to: p.destination_port },
        L4::Echo { request, .. } => L4::Echo { id: p.source_port, request },
        other => other,
    };
    Packet { src: p.source, dst: p.destination, l4 }
}
