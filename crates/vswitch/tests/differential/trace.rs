//! `Switch::trace` says beforehand what becomes of a packet: followed over the hosts, and held against what did become of it.

use crate::generate::{EDGE, Iface, Network, underlay};
use crate::lab::why;
use crate::six;
use crate::verdict::{End, L4, Packet, TTL, Tcp, dropped};
use crate::views::{self, v4};
use types::*;
use vswitch::{DropReason, Step, Switch};
use wire::net::Direction;
use wire::trace::{Connection, Passed, Translation};

/// What was foretold of a packet.
pub struct Foretold {
    end: End,
    /// By a NAT gateway, whose choice of a port is not known before.
    translated: bool,
    /// For its answer.
    pub passed: Passed,
}

/// What the traces of all hosts on the way say; `None`: nothing (it is no packet that begins a connection, or its TTL, which
/// traces do not know, may end it).
pub fn foretell(net: &Network, switches: &[Switch], of: InterfaceId, packet: Packet) -> Option<Foretold> {
    if matches!(packet.l4, L4::Tcp { tcp, .. } if tcp != Tcp::Syn) {
        return None;
    }
    // To itself by its public address: without ports, what comes back in is of the connection that just went out.
    let own = |i: &Iface| i.port.id == of && i.port.public.iter().any(|m| packet.dst == m.public);
    if matches!(packet.l4, L4::Other(_)) && net.ports.iter().any(own) {
        return None;
    }
    follow(net, switches, Some(of), packet, None)
}

/// The same of an answer, from a guest or from outside, to a packet that was foretold and got through.
pub fn foretell_answer(
    net: &Network,
    switches: &[Switch],
    of: Option<InterfaceId>,
    packet: Packet,
    passed: &Passed,
) -> Option<Foretold> {
    follow(net, switches, of, packet, Some(passed))
}

fn follow(
    net: &Network,
    switches: &[Switch],
    of: Option<InterfaceId>,
    packet: Packet,
    answer: Option<&Passed>,
) -> Option<Foretold> {
    let iface = |id: InterfaceId| net.ports.iter().find(|i| i.port.id == id);
    let owner = |p: &vswitch::Probe| {
        let six = six::outside(net).into_iter().find(|(_, a, _)| p.destination == *a).map(|(id, ..)| id);
        net.ports.iter().find(|i| six == Some(i.port.id) || i.port.public.iter().any(|m| p.destination == m.public))
    };
    let leave = |at: usize, id: InterfaceId, p: &vswitch::Probe| {
        let port = switches[at].port(id)?;
        Some(match answer {
            None => switches[at].trace(port, p),
            Some(passed) => switches[at].trace_answer(port, p, passed),
        })
    };
    let enter = |at: usize, id: InterfaceId, from, vni, p: &vswitch::Probe| {
        let port = switches[at].port(id)?;
        Some(match answer {
            None => switches[at].trace_arrival(port, from, vni, p),
            Some(passed) => switches[at].trace_answer_arrival(port, from, vni, p, passed),
        })
    };
    let first = probe(packet);
    let (mut at, mut hops, mut sender) = (iface(of.or_else(|| Some(owner(&first)?.port.id))?)?.host?, 0, of);
    let mut steps = match of {
        Some(of) => leave(at, of, &first)?,
        None => enter(at, owner(&first)?.port.id, EDGE, Vni::INTERNET.get(), &first)?,
    };
    let (mut passed, mut sent) = (Passed::default(), first);
    loop {
        for step in &steps {
            match step {
                Step::Nat { interface, source, .. } => {
                    let (inside, inside_port) = (v4(sent.source), sent.source_port);
                    passed.translations.push(Translation { interface: *interface, inside, inside_port, outside: *source });
                    sent.source = (*source).into();
                    hops += 1;
                }
                Step::SecurityGroups { interface, rule: Some(_), .. } => {
                    let (source, destination) = (sent.source, sent.destination);
                    passed.connections.push(Connection { interface: *interface, source, destination });
                }
                Step::PublicAddress { public, direction: Direction::Egress, .. } => sent.source = (*public).into(),
                Step::PublicAddress { private, direction: Direction::Ingress, .. } => sent.destination = (*private).into(),
                Step::NatBack { .. } => hops += 1,
                Step::Delivered { packet, .. } | Step::Sent { packet, .. } => sent = *packet,
                _ => {}
            }
        }
        if hops + 1 >= usize::from(TTL) {
            return None;
        }
        let end = match steps.last()? {
            // The gateway that does not know a connection answers with a reset.
            Step::Dropped(DropReason::NatNoEntry) if answer.is_some() => return None,
            Step::Dropped(reason) => dropped(why(*reason), None),
            Step::Service { .. } => End::Service { of: sender? },
            Step::Delivered { interface, packet: p } => {
                let (p, y) = (read(p, packet), iface(*interface)?);
                if !views::has(&y.port, p.dst) {
                    // An instance that routes.
                    hops += 1;
                    sender = Some(*interface);
                    steps = leave(at, *interface, &probe(p))?;
                    continue;
                }
                End::Delivered { to: *interface, packet: p }
            }
            Step::Sent { underlay: to, packet: p, .. } if *to == EDGE => End::Outside(read(p, packet)),
            Step::Sent { underlay: to, vni, interface, packet: p } => {
                let from = underlay(at);
                at = (0..net.hosts).find(|h| underlay(*h) == *to)?;
                let to = interface.or_else(|| Some(owner(p)?.port.id))?;
                steps = enter(at, to, from, *vni, p)?;
                continue;
            }
            other => panic!("{other:?} is no end"),
        };
        return Some(Foretold { end, translated: !passed.translations.is_empty(), passed });
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
        L4::Echo { id, request } if p.is_six() => (58, id, if request { 0x8000 } else { 0x8100 }),
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
